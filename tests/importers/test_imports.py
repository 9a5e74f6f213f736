"""Other people's data in a store: folded, flagged, resumable, each a data set of its own."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable, write_deltalake
from typer.testing import CliRunner

from events import imports
from events.cli import app
from events.errors import InputError
from events.export import write
from events.imports import bring
from events.queries import Queries
from events.schema import CodedArticle, Selection
from events.store import Store
from tests import made_files as made
from tests.store_helpers import make_article, make_report, own

ROOT = Path(__file__).resolve().parents[2]
REAL = os.environ.get("ENTENTE_REAL_FILES", "")
"""A folder with real files of other publishers, which are not ours to ship."""


def written(folder: Path, text: str, name: str = "day.export.CSV") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def everything(store: Store, dataset: str = "GDELT") -> tuple:
    """What a data set answers: counts, events by dyad, flags."""
    ask, asked = Queries(store), Selection(dataset=dataset)
    return ask.count(asked), ask.by_dyad(asked).to_dict("list"), ask.by_flag(asked).to_dict("list")


def test_an_import_is_a_data_set_of_its_own_beside_coded_articles(store, tmp_path):
    article = make_article("Ankara and Athens talked.")
    item = CodedArticle(article, (make_report(article, "GRC", "TUR"),))
    store.add([item], own(item))
    (done,) = bring([written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1)]))], store, dataset="GDELT March")
    assert (done.rows, done.reports, done.events, done.rejected) == (1, 1, 1, 0)
    assert store.datasets() == {"GDELT March": 1, "articles": 1}
    ask = Queries(store)
    assert ask.count().events == 1
    assert ask.count(Selection(dataset="GDELT March")).events == 1
    (report,) = ask.event("GDELT March:1").report_ids
    assert report == "GDELT March:1"


def test_a_report_says_where_it_comes_from_and_claims_no_words_and_no_confidence(store, tmp_path):
    bring([written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1)]))], store)
    ask = Queries(store)
    event = ask.event("GDELT:1")
    report = event.report
    assert report.confidence is None
    assert not any(report.evidence.values())
    assert (report.extractor, report.article) == ("GDELT 2.0 events", "1")
    assert (report.place.name, report.place.country, report.place.precision) == ("Athens", "GRC", "city")
    assert [(a.name, a.country, a.sector, a.side) for a in report.actors] == [
        ("GREECE", "GRC", "GOV", "source"), ("TURKEY", "TUR", "GOV", "target"),
    ]  # fmt: skip
    article = ask.article(event.article_ids[0]).article
    assert article.title == ""  # the address has no words
    assert (article.url, article.outlet, article.text) == (
        "https://news.example.org/a",
        "news.example.org",
        "",
    )
    assert ask.count(Selection(dataset="GDELT", min_confidence=0.1)).events == 0


def test_an_article_is_called_by_the_words_of_its_address_or_its_story(store, tmp_path):
    url = "https://www.example.org/world/2020/greece-and-turkey-meet-1234567.html"
    bring(
        [
            written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1, url=url)])),
            written(tmp_path, made.ICEWS + made.icews_row(), "i"),
            written(tmp_path, made.UCDP + made.ucdp_row(), "u"),
        ],
        store,
    )
    titles = {
        name: Queries(store).articles(dataset=name)["title"].tolist() for name in ("GDELT", "ICEWS", "UCDP")
    }
    assert titles == {
        "GDELT": ["greece and turkey meet"],
        "ICEWS": ["Story 7"],
        "UCDP": ["Shells fall on a town"],
    }


def test_mirrored_and_repeated_rows_are_one_event_with_all_kept(store, tmp_path):
    rows = [
        made.gdelt_row(1, 0, 1, "040"),
        made.gdelt_row(2, 1, 0, "040"),  # the mirror
        made.gdelt_row(3, 0, 1, "040", place=1),  # at another place, in the same article
        made.gdelt_row(4, 0, 1, "040", url="https://b.example.org/b"),  # another outlet, the same town
        made.gdelt_row(5, 0, 1, "112"),  # another act
        made.gdelt_row(6, 1, 0, "112", url="https://b.example.org/b"),  # answered in another article
        made.gdelt_row(7, 2, 3, "042"),
        made.gdelt_row(8, 3, 2, "043"),  # the host's side of it
    ]
    (done,) = bring([written(tmp_path, made.gdelt2(rows))], store)
    assert (done.reports, done.events) == (8, 5 - 1)
    ask = Queries(store)
    met = ask.event("GDELT:1")
    assert sorted(met.report_ids) == ["GDELT:1", "GDELT:2", "GDELT:3", "GDELT:4"]
    assert met.report.symmetric
    assert "mirrored" in met.report.flags
    visit = ask.event("GDELT:7")
    assert sorted(visit.report_ids) == ["GDELT:7", "GDELT:8"]
    assert (visit.report.source, visit.report.target, visit.report.symmetric) == ("RUS", "UKR", False)
    assert ask.event("GDELT:5").report_ids == ("GDELT:5",)
    reasons = ask.memberships("GDELT:1").set_index("report_id")["reason"].to_dict()
    assert reasons["GDELT:2"] == "the same act the other way round"
    assert reasons["GDELT:4"] == "the same act on the same day in the same town"


def test_rows_that_come_later_join_the_stored_event_of_their_act(store, tmp_path):
    first = [made.gdelt_row(1, 0, 1, "040"), made.gdelt_row(3, 2, 3, "190")]
    later = [made.gdelt_row(2, 1, 0, "040"), made.gdelt_row(4, 0, 1, "040", url="https://b.example.org/b")]
    bring([written(tmp_path, made.gdelt2(first), "1")], store)
    (done,) = bring([written(tmp_path, made.gdelt2(later), "2")], store)
    assert (done.reports, done.articles) == (2, 1)
    assert sorted(Queries(store).event("GDELT:1").report_ids) == ["GDELT:1", "GDELT:2", "GDELT:4"]
    counts = Queries(store).count(Selection(dataset="GDELT"))
    assert (counts.events, counts.reports, counts.articles) == (2, 4, 2)


def test_importing_again_in_any_order_doubles_nothing(store, tmp_path):
    rows = [
        made.gdelt_row(
            n, n % 3, 3 + n % 4, ("040", "112", "190")[n % 3], url=f"https://x.example.org/{n // 4}"
        )
        for n in range(1, 60)
    ]
    bring([written(tmp_path, made.gdelt2(rows))], store)
    before = everything(store)
    (again,) = bring([written(tmp_path, made.gdelt2(rows[::-1] + rows[:5]), "again")], store)
    assert (again.reports, again.stored) == (0, 64)
    assert everything(store) == before


def test_batches_of_any_size_come_to_the_same(tmp_path, monkeypatch):
    path = tmp_path / "long.export.CSV"
    made.many_gdelt(path, 600)
    found = []
    for number, (size, block) in enumerate(((100_000, 8 << 20), (40, 20_000))):
        monkeypatch.setattr(imports, "BATCH", size)
        monkeypatch.setattr("events.importers.source.BLOCK_BYTES", block)
        store = Store(tmp_path / f"store{number}")
        bring([path], store)
        counts, dyads, _ = everything(store)
        found.append(
            (
                counts.reports,
                counts.articles,
                counts.outlets,
                counts.dyads,
                counts.first,
                counts.last,
                dyads["a"] is not None,
            )
        )
        if number:
            assert store.version() > 1
    assert len(set(found)) == 1


FLAGGED = {
    "place_name": made.gdelt_row(1, 0, 4, name="CHRISTCHURCH", kind=""),
    "dated_back": made.gdelt_row(
        1, 0, 1, day=pd.Timestamp("2019-03-04").date(), added=pd.Timestamp("2020-03-04").date()
    ),
    "centroid": made.gdelt_row(1, 0, 1, geo="1"),
    "one_source": made.gdelt_row(1, 0, 1, sources=1),
}


@pytest.mark.parametrize("flag", FLAGGED)
def test_doubtful_rows_are_flagged_counted_and_can_be_hidden_or_sought(flag, store, tmp_path):
    sound = made.gdelt_row(2, 2, 3, "190", sources=5, url="https://b.example.org/b")
    (done,) = bring([written(tmp_path, made.gdelt2([FLAGGED[flag], sound]))], store)
    assert done.flags[flag] == 1
    ask = Queries(store)
    assert set(ask.by_flag(Selection(dataset="GDELT"))["flag"]) == set(done.flags)
    for asked, number in ((Selection(flagged=(flag,)), "GDELT:1"), (Selection(unflagged=(flag,)), "GDELT:2")):
        found = ask.events(Selection(dataset="GDELT", flagged=asked.flagged, unflagged=asked.unflagged))
        assert list(found["event_id"]) == [number]
        assert (
            ask.count(Selection(dataset="GDELT", flagged=asked.flagged, unflagged=asked.unflagged)).events
            == 1
        )


def test_plain_days_names_and_groups_are_not_flagged(store, tmp_path):
    rows = [
        made.gdelt_row(1, 0, 1, sources=4, name="GREEK", kind="", added=pd.Timestamp("2020-03-06").date()),
        made.gdelt_row(
            2,
            2,
            3,
            sources=4,
            name="THE KREMLIN",
            kind="",
            added=pd.Timestamp("2020-03-04").date(),
            url="https://b.example.org/b",
        ),
    ]
    (done,) = bring([written(tmp_path, made.gdelt2(rows))], store)
    assert not done.flags


def test_an_article_of_many_rows_or_places_is_flagged(store, tmp_path):
    many = [made.gdelt_row(n, 0, 1 + n % 9, sources=3) for n in range(1, 23)]
    places = [
        made.gdelt_row(100 + n, 2, 3, "190", place=n, url="https://p.example.org", sources=3)
        for n in range(4)
    ]
    few = [made.gdelt_row(200 + n, 4, 5, place=n, url="https://f.example.org", sources=3) for n in range(3)]
    (done,) = bring([written(tmp_path, made.gdelt2(many + places + few))], store)
    assert done.flags["fan_out"] == 26


def test_bad_rows_go_to_a_file_with_file_row_and_reason(store, tmp_path):
    bad = made.gdelt_row(2, 0, 1)
    bad[26], bad[6] = "=9+9", "=HYPERLINK()"
    rows = [made.gdelt_row(1, 0, 1), bad, made.gdelt_row(3, 2, 3)]
    (done,) = bring([written(tmp_path, made.gdelt2(rows))], store, rejected_to=tmp_path / "rejected.csv")
    assert (done.reports, done.rejected) == (2, 1)
    with (tmp_path / "rejected.csv").open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert (row["file"], row["row"]) == ("day.export.CSV", "2")
    assert "CAMEO" in row["reason"]
    assert "HYPERLINK" in row["text"]


def test_a_broken_file_among_good_ones_is_told_and_the_others_are_kept(store, tmp_path):
    good = [written(tmp_path, made.gdelt2([made.gdelt_row(n, 0, 1)]), f"{n}") for n in (1, 2)]
    odd = written(tmp_path, "hello, world\n", "odd.txt")
    (done,) = bring([good[0], odd, good[1]], store)
    assert done.reports == 2
    assert [error.source for error in done.refused] == ["odd.txt"]


def test_nothing_is_written_where_nothing_can_be_read(store, tmp_path):
    with pytest.raises(InputError, match=r"odd\.txt"):
        bring([written(tmp_path, "hello, world\n", "odd.txt")], store)
    with pytest.raises(InputError, match="looks like GDELT"):
        bring([written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1)]))], store, wanted="icews")
    with pytest.raises(InputError, match="no format"):
        bring([written(tmp_path, "x")], store, wanted="cameo")
    assert store.version() == 0
    assert not Path(store.location).exists()


@pytest.mark.parametrize("name", ["articles", "samples", "", "../up", "a" * 99, "x\ny"])
def test_data_sets_of_ours_and_odd_names_are_refused(name, store, tmp_path):
    with pytest.raises(InputError):
        bring([written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1)]))], store, dataset=name)


def test_two_formats_do_not_share_a_data_set(store, tmp_path):
    paths = [
        written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1)]), "a"),
        written(tmp_path, made.ICEWS + made.icews_row(), "b"),
    ]
    (done,) = bring(paths, store, dataset="both")
    assert (done.reports, [error.source for error in done.refused]) == (1, ["b"])


def test_columns_that_nobody_knows_and_empty_ones_raise_an_alarm(store, tmp_path):
    header = made.ICEWS.rstrip("\n") + "\tMood\n"
    rows = "".join(
        made.icews_row(n, story=str(n)).replace("\tDaily\t", "\t\t").rstrip("\n") + "\tgood\n"
        for n in range(300)
    )
    (done,) = bring([written(tmp_path, header + rows)], store)
    assert any("Mood" in alarm for alarm in done.alarms)
    assert any(alarm.startswith("Publisher is filled in 0% of rows") for alarm in done.alarms)


def test_other_readers_events_of_one_id_stay_apart(store, tmp_path):
    path = written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1)]))
    bring([path], store, dataset="one")
    bring([path], store, dataset="two")
    assert everything(store, "one")[0].events == everything(store, "two")[0].events == 1


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_our_exports_come_back(kind, store, tmp_path):
    rows = [
        made.gdelt_row(n, n % 3, 3 + n % 4, ("040", "112", "190")[n % 3], url=f"https://x.example.org/{n}")
        for n in range(1, 30)
    ]
    bring([written(tmp_path, made.gdelt2(rows))], store)
    out = tmp_path / f"out.{kind}"
    write(Queries(store), Selection(dataset="GDELT"), out, kind)
    other = Store(tmp_path / "other")
    (done,) = bring([out], other, dataset="back")
    assert (done.rejected, done.alarms) == (0, [])
    (was, dyads, _), (now, others, _) = everything(store), everything(other, "back")
    assert (now.events, now.dyads, now.first, now.last) == (was.events, was.dyads, was.first, was.last)
    assert others == dyads


def test_facts_answer_as_the_reports_do(store, tmp_path):
    """Flags are in both: a store without facts answers the same."""
    bring([written(tmp_path, made.gdelt2([*FLAGGED.values()][:3]))], store)
    from dataclasses import replace

    with_facts = Queries(store)
    without = Queries(store)
    without.snapshot = replace(without.snapshot, facts_version=None, cells_version=None)
    for asked in (
        Selection(dataset="GDELT", flagged=("centroid",)),
        Selection(dataset="GDELT", unflagged=("centroid",)),
    ):
        assert without.count(asked) == with_facts.count(asked)
        assert without.by_flag(asked).to_dict("list") == with_facts.by_flag(asked).to_dict("list")


def test_a_store_from_before_the_flags_answers_and_takes_an_import(tmp_path):
    """Reports and facts were kept without flags: they read as unflagged, and rows with flags join them."""
    store = Store(tmp_path / "store")
    article = make_article("Ankara and Athens talked.")
    item = CodedArticle(article, (make_report(article, "GRC", "TUR"),))
    store.add([item], own(item))
    for table, column in (("reports", "flags"), ("facts", "flag_names")):
        rows = DeltaTable(f"{store.location}/{table}").to_pyarrow_table().drop_columns([column])
        Path(store.location, table).rename(tmp_path / f"gone-{table}")
        DeltaTable.create(f"{store.location}/{table}", schema=rows.schema, partition_by=["year"])
        write_deltalake(f"{store.location}/{table}", rows, mode="append")
    store = Store(store.location)
    (event,) = Queries(store).events()["event_id"]
    assert Queries(store).event(event).report.flags == ()
    assert Queries(store).count(Selection(unflagged=("centroid",))).events == 1
    bring([written(tmp_path, made.gdelt2([FLAGGED["centroid"]]))], store)
    store.compact()
    store = Store(store.location)
    assert Queries(store).count(Selection(unflagged=("centroid",))).events == 1
    assert Queries(store).count(Selection(dataset="GDELT", flagged=("centroid",))).events == 1
    assert Queries(store).event(event).report.confidence == 0.5


def test_a_killed_run_is_run_again_with_nothing_doubled(tmp_path):
    path = tmp_path / "long.export.CSV"
    made.many_gdelt(path, 9_000)
    whole = Store(tmp_path / "whole")
    bring([path], whole)
    store = Store(tmp_path / "store")
    program = (
        "import sys; from pathlib import Path; from events import imports; from events.store import Store;"
        "import events.importers.source as source; imports.BATCH = 300; source.BLOCK_BYTES = 300_000;"
        "imports.bring([Path(sys.argv[1])], Store(sys.argv[2]))"
    )
    for commits in (2, 5):
        run = subprocess.Popen([sys.executable, "-c", program, str(path), store.location], cwd=ROOT)
        ends = time.monotonic() + 120
        while store.version() < commits and run.poll() is None and time.monotonic() < ends:
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
    part = everything(store)[0]
    assert 0 < part.reports < everything(whole)[0].reports
    bring([path], store)
    found, wanted = everything(store), everything(whole)
    assert found[0] == wanted[0]
    assert found[1] == wanted[1]
    ids = Queries(store).store.connect().sql("SELECT report_id FROM reports").fetchall()
    assert max(Counter(ids).values()) == 1


def test_the_command_tells_a_summary_and_ends_with_3_where_rows_are_bad(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = made.gdelt_row(2, 0, 1)
    bad[26] = "999"
    path = written(tmp_path, made.gdelt2([made.gdelt_row(1, 0, 1), bad, made.gdelt_row(3, 0, None)]))
    answer = CliRunner().invoke(
        app, ["import", "gdelt", str(path), "--to", str(tmp_path / "store"), "--dataset", "mine"]
    )
    assert answer.exit_code == 3
    told = answer.stderr
    assert "3 rows read, 1 reports in 1 events added" in told
    assert "1 a party on one side alone" in told
    assert "line 2: unknown CAMEO code '999'" in told
    assert (tmp_path / "rejected.csv").exists()
    assert Store(tmp_path / "store").datasets() == {"mine": 1}


def test_compaction_and_vacuum_are_commands(store, tmp_path):
    for n in range(3):
        bring([written(tmp_path, made.gdelt2([made.gdelt_row(n, 0, 1 + n)]), str(n))], store)
    before = everything(store)
    for words in (["compact"], ["vacuum", "--hours", "0"]):
        answer = CliRunner().invoke(app, [*words, "--store", store.location])
        assert answer.exit_code == 0, answer.stderr
    assert everything(store) == before


@pytest.mark.skipif(not REAL, reason="ENTENTE_REAL_FILES names no folder of real files")
@pytest.mark.parametrize(
    ("name", "rows", "reports", "events"),
    [
        ("gdelt2-20191024143000.export.CSV", 2111, 418, 180),
        ("gdelt1-20141124.export.CSV.zip", 100, 3, 3),
        ("icews-events.2018.sample.tab", 3705, 1730, 836),
        ("ucdp-ged-sample.csv", 1000, 18, 18),
    ],
)
def test_real_files_come_in_without_a_bad_row(name, rows, reports, events, store):
    (done,) = bring([Path(REAL, name)], store)
    assert (done.rows, done.reports, done.events, done.rejected, done.unknown_codes) == (
        rows,
        reports,
        events,
        0,
        0,
    )
    assert not done.alarms
