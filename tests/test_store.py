from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from filelock import FileLock

from events.errors import StoreError
from events.queries import Queries
from events.schema import Assignment, CodedArticle, Selection
from events.store import DERIVED, STORED, Store
from tests.store_helpers import NOW, full_report, make_article, make_report, own, simple

ROOT = Path(__file__).resolve().parents[1]

WRITER = """
import sys
from pathlib import Path
from events.store import Store
from tests.store_helpers import own, simple
store, first, last, step = Store(sys.argv[1]), *map(int, sys.argv[2:5])
for start in range(first, last, step):
    batch = [simple(n) for n in range(start, min(start + step, last))]
    store.add(batch, own(*batch))
    if start == first:
        Path(sys.argv[5]).touch()
"""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def writer(store: Store, first: int, last: int, step: int, flag: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(WRITER),
            store.location,
            str(first),
            str(last),
            str(step),
            str(flag),
        ],
        cwd=ROOT,
    )


def add(store, *items, **values):
    return store.add(items, own(*items), **values)


def whole(store: Store) -> tuple[int, int, int]:
    """Articles, reports, assignments of the newest version; agrees with the commits, has no doubles."""
    cursor = store.connect()
    numbers = []
    for name, key in (("articles", "article_id"), ("reports", "report_id"), ("assignments", "report_id")):
        rows, distinct = cursor.execute(f"SELECT count(*), count(DISTINCT {key}) FROM {name}").fetchone()
        assert rows == distinct
        numbers.append(rows)
    log = store.versions()
    assert numbers[0] == log["articles"].sum()
    assert numbers[1] == numbers[2] == log["reports"].sum()
    assert cursor.execute(
        "SELECT count(*) FROM reports ANTI JOIN articles USING (article_id)"
    ).fetchone() == (0,)
    return tuple(numbers)


def test_empty_store_answers_and_makes_nothing(store):
    assert store.version() == 0
    assert store.is_empty()
    assert store.datasets() == {}
    assert store.has_articles(["a"]) == set()
    assert store.files("reports") == []
    assert list(store.versions().columns) == ["version", "when", "action", "articles", "reports"]
    assert store.versions().empty
    assert store.candidates([("TUR", "GRC", date(2000, 1, 1), date(2030, 1, 1))]) == []
    assert store.outlets(["a"]) == store.texts(["a"]) == {}
    assert store.assignments(["a"]).empty
    assert not Path(store.location).exists()


def test_add_counts_and_lists(store):
    added = add(store, simple(1), simple(2))
    assert (added.version, added.articles, added.reports, added.duplicates) == (1, 2, 4, 0)
    assert add(store, simple(3), dataset="samples").version == 2
    assert store.datasets() == {"articles": 2, "samples": 1}
    assert store.versions()[["version", "action", "articles", "reports"]].to_numpy().tolist() == [
        [1, "add", 2, 4],
        [2, "add", 1, 2],
    ]
    assert store.has_articles([simple(n).article.article_id for n in (1, 3, 4)]) == {
        simple(n).article.article_id for n in (1, 3)
    }
    assert whole(store) == (3, 6, 6)


def test_the_same_article_twice_changes_nothing(store):
    add(store, simple(1))
    again = add(store, simple(1))
    assert (again.version, again.articles, again.reports, again.duplicates) == (1, 0, 0, 1)
    assert store.version() == 1
    twice = add(store, simple(2), simple(2), simple(1))
    assert (twice.version, twice.articles, twice.duplicates) == (2, 1, 2)
    assert whole(store) == (2, 4, 4)


def test_an_article_without_reports_is_kept_with_its_reason(store):
    item = CodedArticle(make_article("Привет"), (), "written in Russian; only English is coded")
    add(store, item)
    assert Queries(store).article(item.article.article_id) == item


def test_round_trip_is_exact(store):
    article = make_article(
        "Bombs fell \x00 on “Kyiv”.\r\n\t😀", title="Raid", published="2024-01-02T03:04:05+02:00"
    )
    article = replace(
        article, url="https://x.test/?a='b'", outlet_country="GBR", language="en", retrieved=NOW
    )
    bare = make_report(article, "BLR", "UKR", ordinal=1, date=None, status="background", evidence={})
    bare = replace(bare, sentence=article.span(1, 4), confidence_by_field={})
    item = CodedArticle(article, (full_report(article), bare))
    add(store, item)
    assert Queries(store).article(article.article_id) == item
    assert Queries(store).event(bare.report_id).report == bare


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i: (i, []), "no assignment"),
        (
            lambda i: (replace(i, reports=(replace(i.reports[0], article_id="other"),)), None),
            "names article other",
        ),
        (lambda i: (replace(i, reports=(i.reports[0], i.reports[0])), None), "have one id"),
        (lambda i: (replace(i, reports=(replace(i.reports[0], date="May 3"),)), None), "YYYY-MM-DD"),
        (lambda i: (replace(i, reports=(replace(i.reports[0], evidence={"mood": ()}),)), None), "mood"),
        (lambda i: (replace(i, article=replace(i.article, title="\ud800")), None), "does not fit"),
        (
            lambda i: (i, [*own(i), Assignment("nobody", "e", "", "test", NOW)]),
            "neither in this batch nor stored",
        ),
    ],
)
def test_what_does_not_fit_is_refused_whole(store, change, message):
    add(store, simple(1))
    item, assignments = change(simple(2))
    with pytest.raises(StoreError, match=message):
        store.add(
            [simple(3), item],
            own(simple(3), item) if assignments is None else [*own(simple(3)), *assignments],
        )
    assert store.version() == 1
    assert whole(store) == (1, 2, 2)
    add(store, simple(2))
    assert whole(store) == (2, 4, 4)


def test_an_event_lies_in_one_dataset(store):
    add(store, simple(1), dataset="samples")
    item = simple(2)
    event = simple(1).reports[0].report_id
    with pytest.raises(StoreError, match="cluster each dataset by itself"):
        store.add([item], [replace(a, event_id=event) for a in own(item)])
    assert store.version() == 1


ALWAYS = (date(1900, 1, 1), date(2100, 1, 1))


def near(store: Store, *windows: tuple, **values) -> list[str]:
    return [report.report_id for report, _, _ in store.candidates(windows, **values)]


def test_candidates(store):
    add(store, simple(1), simple(2))
    add(store, simple(11), dataset="samples")
    one, two = simple(1), simple(2)
    day = date(2011, 3, 2)
    found = store.candidates([("TUR", "GRC", day, day), ("GRC", "TUR", day, day), ("FRA", "DEU", day, day)])
    assert {report.report_id: (report, outlet, event) for report, outlet, event in found} == {
        report.report_id: (report, "Daily", report.report_id) for report in one.reports
    }
    assert len(near(store, ("TUR", "GRC", *ALWAYS))) == 4
    both = {r.report_id for r in (*one.reports, *two.reports)}
    other = date.fromisoformat(two.reports[0].date)
    assert set(near(store, ("TUR", "GRC", day, day), ("TUR", "GRC", other, other))) == both
    assert len(near(store, ("TUR", "GRC", date(1900, 1, 1), date(2011, 12, 31)))) == 2
    assert len(near(store, ("TUR", "GRC", *ALWAYS), dataset="samples")) == 2
    assert near(store, ("TUR", "FRA", *ALWAYS)) == near(store) == []


def test_candidates_of_a_rough_date_come_from_its_year_on_and_undated_never(store):
    article = make_article("Raid.")
    undated = make_report(article, "RUS", "NATO", ordinal=3, date=None, status="background")
    month = make_report(article, "RUS", "NATO", ordinal=4, date="2023-03-01", date_precision="month")
    add(store, CodedArticle(article, (full_report(article), undated, month)))
    assert near(store, ("RUS", "NATO", *ALWAYS)) == [month.report_id, full_report(article).report_id]
    assert near(store, ("RUS", "NATO", date(2023, 12, 20), date(2023, 12, 28))) == [
        month.report_id,
        full_report(article).report_id,
    ]
    assert near(store, ("RUS", "NATO", date(2024, 1, 20), date(2024, 12, 28))) == []


def test_a_moved_report_follows_its_newest_assignment(store):
    one, two = simple(1), simple(2)
    add(store, one, two)
    moved, to = two.reports[0].report_id, one.reports[0].report_id
    assert store.add([], [Assignment(moved, to, "merged", "analyst", NOW)]).version == 2
    assert store.add([], [Assignment(moved, to, "merged", "analyst", NOW)]).version == 2  # again: nothing new
    rows = {report.report_id: event for report, _, event in store.candidates([("GRC", "TUR", *ALWAYS)])}
    assert rows[moved] == to
    merged = Queries(store).event(moved)
    assert (merged.event_id, merged.report_ids) == (to, (to, moved))
    assert Queries(store).count().events == 3
    assert Queries(store, 1).count().events == 4
    store.add([], [Assignment(moved, moved, "split", "analyst", NOW)])  # same second: the later commit counts
    assert Queries(store).count().events == 4
    assert Queries(store).event(moved).report == two.reports[0]


def test_older_versions_stay_readable_until_vacuum(store):
    for number in range(3):
        add(store, simple(number))
    assert store.compact() > 0
    assert store.versions()["action"].tolist() == ["add", "add", "add", "compact"]
    assert [Queries(store, v).count().events for v in range(5)] == [0, 2, 4, 6, 6]
    assert store.vacuum() == 0  # all is younger than a week
    assert Queries(store, 2).count().events == 4
    assert store.vacuum(retention_hours=0) > 0
    assert whole(store) == (3, 6, 6)
    with pytest.raises(StoreError, match="ask for a newer version"):
        Store(store.location).files("articles", 2)
    with pytest.raises(StoreError, match="ask for a newer version"):
        Queries(store, 2).count()
    with pytest.raises(StoreError, match="no version 99"):
        store.files("articles", 99)
    add(store, simple(9))
    assert whole(store) == (4, 8, 8)


def test_small_files_are_merged_by_themselves(store, monkeypatch):
    monkeypatch.setattr("events.store.MAX_SMALL_FILES", 5)
    for number in range(12):
        add(store, simple(number))
    assert "compact" in set(store.versions()["action"])
    assert len(store.files("articles")) <= 6
    assert len(DeltaTable(f"{store.location}/commits").file_uris()) <= 6
    assert whole(store) == (12, 24, 24)
    assert Queries(store, 7).version == 7


@pytest.mark.parametrize("after", ["reports", "assignments", "articles"])
def test_killed_before_the_commit_row(store, monkeypatch, after):
    add(store, simple(1))
    append = Store._append

    class Killed(BaseException):
        pass

    def append_and_die(self, table, rows):
        append(self, table, rows)
        if table == after:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_append", append_and_die)
        for _ in range(2):  # the second finds what the first left
            with pytest.raises(Killed):
                add(store, simple(2))
    assert whole(Store(store.location)) == (1, 2, 2)
    assert store.version() == 1
    assert add(store, simple(2)).articles == 1
    assert whole(store) == (2, 4, 4)
    assert add(store, simple(2)).articles == 0


@pytest.mark.parametrize("made", range(4))
def test_killed_while_the_tables_were_made(store, monkeypatch, made):
    create, calls = DeltaTable.create, []

    def create_or_die(*arguments, **values):
        if len(calls) == made:
            raise KeyboardInterrupt
        calls.append(1)
        return create(*arguments, **values)

    with monkeypatch.context() as patch:
        patch.setattr("events.store.DeltaTable.create", create_or_die)
        with pytest.raises(KeyboardInterrupt):
            add(store, simple(1))
    assert store.is_empty()
    assert Queries(store).count().events == 0
    add(store, simple(1))
    assert whole(store) == (1, 2, 2)


@pytest.mark.parametrize("seed", range(3))
def test_sigkill_loses_no_commit_and_a_rerun_completes(store, tmp_path, seed):
    flag = tmp_path / "flag"
    moment = random.Random(seed)
    for _ in range(2):
        flag.unlink(missing_ok=True)
        process = writer(store, 0, 1000, 20, flag)
        while not flag.exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(moment.uniform(0.0, 0.8))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        before = whole(store)
        assert before[1] == 2 * before[0] >= 40
    add_all = [simple(n) for n in range(1000)]
    done = add(store, *add_all)
    assert done.duplicates >= before[0]
    assert whole(store) == (1000, 2000, 2000)
    assert add(store, *add_all).articles == 0


def test_two_processes_and_a_thread_lose_nothing(store, tmp_path):
    processes = [writer(store, 100 * n, 100 * n + 40, 8, tmp_path / f"flag{n}") for n in (1, 2)]
    seen = []

    def write():
        for number in range(5):
            add(store, simple(number), simple(100 + number))

    thread = threading.Thread(target=write)
    thread.start()
    while thread.is_alive() or any(process.poll() is None for process in processes):
        counts = Queries(store).count()
        assert counts.reports == 2 * counts.articles  # never half a batch
        seen.append(counts.articles)
    thread.join()
    assert [process.returncode for process in processes] == [0, 0]
    assert seen == sorted(seen)
    assert whole(store) == (85, 170, 170)


def test_a_held_lock_names_its_holder(store):
    add(store, simple(1))
    impatient = Store(store.location, lock_timeout=0.05)
    with (
        FileLock(Path(store.location, ".lock")),
        pytest.raises(StoreError, match=rf"process {os.getpid()} on .* try again"),
    ):
        add(impatient, simple(2))
    assert store.version() == 1
    add(impatient, simple(2))


def test_what_is_no_store_is_told(tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(StoreError, match="is a file, not a store"):
        Store(file).version()
    with pytest.raises(StoreError, match="is a file, not a store"):
        add(Store(file), simple(1))
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_text("x")
    with pytest.raises(StoreError, match="not a store: it holds other files"):
        add(Store(folder), simple(1))
    assert [entry.name for entry in folder.iterdir()] == ["cat.jpg"]
    for odd in ("a%20b", "[a]", "a^b"):
        with pytest.raises(StoreError, match="choose another folder"):
            Store(tmp_path / odd)
    with pytest.raises(StoreError, match="cannot make the folder /proc/nowhere"):
        add(Store("/proc/nowhere"), simple(1))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission_is_told(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="no permission to write"):
        add(Store(folder), simple(1))


def test_a_lost_file_or_table_is_told(store):
    add(store, simple(1))
    Path(store.files("reports")[0]).unlink()
    with pytest.raises(StoreError, match="backup"):
        Queries(store).count()
    other = Store(Path(store.location).with_name("other"))
    add(other, simple(1))
    Path(other.location, "commits").rename(Path(other.location).with_name("gone"))
    with pytest.raises(StoreError, match="lost its table `commits`"):
        other.version()
    with pytest.raises(StoreError, match="lost its table `commits`"):
        add(other, simple(2))


def test_a_store_made_anew_under_an_open_one(store):
    add(store, simple(1))
    assert Queries(store).count().articles == 1
    Path(store.location).rename(Path(store.location).with_name("old"))
    add(Store(store.location), simple(2), simple(3))
    assert Queries(store).count().articles == 2


@pytest.mark.parametrize("name", ["a b ö", "year=3", "what? *", "it's", "né—ж"])
def test_odd_names_of_folders(tmp_path, name):
    store = Store(tmp_path / name / "store")
    add(store, simple(1))
    add(store, simple(2))
    assert whole(store) == (2, 4, 4)
    assert all(Path(path).is_file() for path in store.files("reports"))
    assert Queries(store).events()["date"].dt.year.tolist() == [2012, 2012, 2011, 2011]


def test_writes_only_in_its_folder(store, tmp_path):
    add(store, simple(1))
    assert {entry.name for entry in tmp_path.iterdir()} == {"store"}
    assert {entry.name for entry in Path(store.location).iterdir()} == {
        *STORED,
        *DERIVED,
        "commits",
        ".lock",
        ".lock-holder",
    }


def test_default_place(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "mine"))
    assert Store().location == str(tmp_path / "mine")
    assert Store(f"file://{tmp_path}/mine").location == str(tmp_path / "mine")
    assert not Store("s3://bucket/store/").is_local


def test_the_way_to_object_stores(store):
    """The same answers without paths on a disk, as on an object store: pyarrow reads, nobody locks."""
    add(store, simple(1))
    remote = Store(store.location)
    remote.is_local = False
    add(remote, simple(2), simple(1))
    assert whole(remote) == (2, 4, 4)
    assert Queries(remote).events().equals(Queries(store).events())
    assert remote.has_articles([simple(2).article.article_id]) != set()
    assert remote.versions()["version"].tolist() == [1, 2]


def test_tables_have_plain_protocol_and_schemas(store):
    add(store, simple(1))
    for name, schema in STORED.items():
        opened = DeltaTable(f"{store.location}/{name}")
        assert opened.protocol().min_reader_version == 1
        assert sorted(pa.schema(opened.schema().to_arrow()).names) == sorted(schema.names)
    assert all("year=2011" in path for path in store.files("reports"))


def test_a_protocol_we_do_not_read_is_refused(store, monkeypatch):
    add(store, simple(1))
    protocol = DeltaTable(f"{store.location}/reports").protocol()
    monkeypatch.setattr(DeltaTable, "protocol", lambda _: protocol._replace(min_reader_version=3))
    with pytest.raises(StoreError, match="deletion vectors"):
        Store(store.location).files("reports")


def test_selection_asks_an_older_version(store):
    add(store, simple(1))
    add(store, simple(2))
    assert Queries(store).count(Selection(store_version=1)).articles == 1
