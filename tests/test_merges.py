"""What people decide on events: merged, split, undone; nothing lost, nothing remade."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from events import merges
from events.errors import InputError, StoreError
from events.intake import take_in
from events.queries import Queries
from events.schema import Article, Assignment, CodedArticle, Report, Selection
from events.store import STORED, Store
from tests.store_helpers import NOW, make_article, make_report, own

ROOT = Path(__file__).resolve().parents[1]
OUTLETS = ("Daily", "Herald", "Tribune", "Courier")


class OneAct:
    """Codes every article as the same sanction."""

    name, version = "double", "1"

    def stream(self, articles: Iterable[Article]) -> Iterator[list[Report]]:
        for article in articles:
            yield [make_report(article, "TUR", "GRC", "SANCTION", date="2024-05-14")]


def told(outlet: str, number: int = 0) -> Article:
    return make_article(f"{outlet} told it in words of its own, number {number}.", "2024-05-15", outlet)


def report_of(article: Article) -> str:
    return make_report(article, "TUR", "GRC", "SANCTION").report_id


@pytest.fixture
def store(tmp_path) -> Store:
    """One event told by four outlets."""
    made = Store(tmp_path / "store")
    take_in([told(outlet) for outlet in OUTLETS], made, extractor=OneAct())
    return made


IDS = [report_of(told(outlet)) for outlet in OUTLETS]
FOUNDER, SECOND, THIRD, FOURTH = IDS
BY = {"why": "another act", "by": "Ana"}


def groups(store: Store) -> set[frozenset[str]]:
    """The events as sets of reports; every event has its founder in it, and every id leads to its event."""
    rows = store.connect().execute("SELECT report_id, event_id FROM reports").fetchall()
    found: dict[str, set[str]] = {}
    for report, event in rows:
        found.setdefault(event, set()).add(report)
    for event, reports in found.items():
        assert event in reports
        assert all(Queries(store).event(report).event_id == event or report in found for report in reports)
    assert Queries(store).count().events == len(found)
    return {frozenset(reports) for reports in found.values()}


def parts(*sets: Iterable[str]) -> set[frozenset[str]]:
    return {frozenset(reports) for reports in sets}


def test_a_report_is_taken_out_and_put_back_and_out_again(store):
    assert groups(store) == parts(IDS)
    out = merges.split(store, THIRD, **BY)
    assert groups(store) == parts([FOUNDER, SECOND, FOURTH], [THIRD])
    back = merges.undo(store, out.version, **BY)
    assert groups(store) == parts(IDS)
    merges.undo(store, back.version, **BY)
    assert groups(store) == parts([FOUNDER, SECOND, FOURTH], [THIRD])


def test_who_why_and_when_are_kept_and_nothing_is_rewritten(store):
    before = store.assignments(IDS)
    done = merges.split(store, THIRD, why=" another act ", by="Ana")
    after = store.assignments(IDS)
    assert after.iloc[: len(before)].equals(before)
    (row,) = after.iloc[len(before) :].to_dict("records")
    assert (row["report_id"], row["event_id"], row["by"]) == (THIRD, THIRD, "Ana")
    assert row["reason"] == "taken out by Ana: another act"
    assert json.loads(row["grounds"]) == {"rule": "split", "from": FOUNDER, "report": THIRD}
    assert (row["commit"], row["moved"]) == (done.version, True)
    assert row["when"] >= before["when"].max()
    assert store.versions()["action"].tolist() == ["add", "split"]
    assert Queries(store, 1).count().events == 1  # the earlier version still says what it said


def test_the_others_go_on_where_the_founder_is_taken_out(store):
    out = merges.split(store, FOUNDER, **BY)
    assert groups(store) == parts([FOUNDER], [SECOND, THIRD, FOURTH])
    assert Queries(store).event(FOUNDER).report_ids == (FOUNDER,)
    merges.undo(store, out.version, **BY)
    assert groups(store) == parts(IDS)
    assert Queries(store).event(FOUNDER).event_id == FOUNDER


def test_the_id_of_a_merged_event_leads_to_the_one_that_stays(store):
    merges.split(store, SECOND, **BY)
    merges.split(store, THIRD, **BY)
    done = merges.merge(store, SECOND, THIRD, why="one after all", by="Ben")
    assert groups(store) == parts([FOUNDER, FOURTH], [SECOND, THIRD])
    assert Queries(store).event(THIRD).event_id == SECOND
    assert json.loads(store.assignments([THIRD])["grounds"].iloc[-1]) == {"rule": "merged", "from": THIRD}
    merges.merge(store, FOUNDER, THIRD, **BY)  # by the id that was merged: its whole event goes
    assert groups(store) == parts(IDS)
    assert {Queries(store).event(i).event_id for i in IDS} == {FOUNDER}
    with pytest.raises(StoreError, match="moved again by version 5"):
        merges.undo(store, done.version, **BY)
    merges.undo(store, 5, **BY)
    assert groups(store) == parts([FOUNDER, FOURTH], [SECOND, THIRD])


def test_a_report_that_joined_later_follows_the_founder_back(store):
    out = merges.split(store, FOUNDER, **BY)
    late = make_article("A late voice.", "2024-05-15", "Evening")
    report = make_report(late, "TUR", "GRC", "SANCTION", date="2024-05-14")
    item = CodedArticle(late, (report,))
    rest = out.moved[SECOND]
    store.add([item], [Assignment(report.report_id, rest, "joined", "rules", NOW)])
    merges.undo(store, out.version, **BY)
    assert groups(store) == parts([*IDS, report.report_id])


@pytest.mark.parametrize("again", ["the same articles", "more articles", "copies of the one taken out"])
def test_adding_does_not_remake_what_was_undone(store, again):
    merges.split(store, THIRD, **BY)
    apart = [told(outlet) for outlet in OUTLETS]
    if again == "more articles":
        apart = [told(outlet, 1) for outlet in OUTLETS]
    if again == "copies of the one taken out":
        apart = [Article.of(told("Tribune").text, published="2024-05-15", outlet="Evening")]
    take_in(apart, store, extractor=OneAct())
    found = groups(store)
    assert not any({FOUNDER, THIRD} <= group for group in found)
    assert any({FOUNDER, SECOND, FOURTH} <= group for group in found)


def test_a_report_joins_an_event_that_people_merged(store):
    other = make_article("Another act.", "2024-07-02", "Daily")
    report = make_report(other, "TUR", "GRC", "SANCTION", date="2024-07-01")
    item = CodedArticle(other, (report,))
    store.add([item], own(item))
    merges.merge(store, FOUNDER, report.report_id, **BY)
    take_in([told("Evening")], store, extractor=OneAct())
    assert groups(store) == parts([*IDS, report.report_id, report_of(told("Evening"))])


@pytest.mark.parametrize(
    ("decide", "error", "message"),
    [
        (lambda s: merges.split(s, "nobody", **BY), StoreError, "no event nobody"),
        (lambda s: merges.split(s, THIRD, event_id=SECOND, **BY), StoreError, "no longer in"),
        (lambda s: merges.merge(s, FOUNDER, SECOND, **BY), StoreError, "one event already"),
        (lambda s: merges.merge(s, FOUNDER, "nobody", **BY), StoreError, "no event nobody"),
        (lambda s: merges.undo(s, 1, **BY), StoreError, "version 1 .* moved no report"),
        (lambda s: merges.undo(s, 99, **BY), StoreError, "version 99 .* moved no report"),
        (lambda s: merges.split(s, THIRD, why=" ", by="Ana"), InputError, "who made it and why"),
        (lambda s: merges.split(s, THIRD, why="so", by=""), InputError, "who made it and why"),
    ],
)
def test_what_cannot_be_decided_changes_nothing(store, decide, error, message):
    with pytest.raises(error, match=message):
        decide(store)
    assert store.version() == 1


def test_a_report_alone_stays(store):
    merges.split(store, THIRD, **BY)
    with pytest.raises(StoreError, match="alone in its event"):
        merges.split(store, THIRD, **BY)


def test_events_of_two_data_sets_stay_two(store):
    take_in([told("Evening")], store, dataset="samples", extractor=OneAct())
    with pytest.raises(StoreError, match="two data sets"):
        merges.merge(store, FOUNDER, report_of(told("Evening")), **BY)
    assert store.version() == 2


def test_a_decision_killed_before_its_commit_row_never_was(store, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_commit", die)
        for _ in range(2):
            with pytest.raises(Killed):
                merges.split(store, THIRD, **BY)
    assert groups(Store(store.location)) == parts(IDS)
    assert len(store.assignments(IDS)) == len(IDS)
    merges.split(store, THIRD, **BY)
    assert groups(store) == parts([FOUNDER, SECOND, FOURTH], [THIRD])
    assert len(store.assignments(IDS)) == len(IDS) + 1


TWO = """
import sys
from events import merges
from events.errors import StoreError
from events.store import Store
try:
    merges.split(Store(sys.argv[1]), sys.argv[2], why="w", by=sys.argv[3], event_id=sys.argv[4])
    print("done")
except StoreError as error:
    print(error)
"""


def test_two_processes_that_take_the_same_report_out_take_it_once(store):
    command = [sys.executable, "-c", textwrap.dedent(TWO), store.location, THIRD]
    runs = [
        subprocess.Popen([*command, who, FOUNDER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for who in "AB"
    ]
    said = sorted(run.communicate(timeout=240)[0].strip() for run in runs)
    assert said == ["done", f"report {THIRD} is in event {THIRD} now, no longer in {FOUNDER}"]
    assert store.version() == 2
    assert groups(store) == parts([FOUNDER, SECOND, FOURTH], [THIRD])


def test_a_store_of_the_version_before_opens_and_learns(tmp_path):
    """Its assignments have no grounds: they read as none, and new rows bring them."""
    store = Store(tmp_path / "store")
    take_in([told("Daily"), told("Herald")], store, extractor=OneAct())
    rows = store.connect().sql("SELECT * FROM assignments").to_arrow_table().drop_columns(["grounds"])
    old = pa.schema([field for field in STORED["assignments"] if field.name != "grounds"])
    folder = Path(store.location, "assignments")
    folder.rename(tmp_path / "gone")
    DeltaTable.create(str(folder), schema=old)
    write_deltalake(str(folder), rows.cast(old), mode="append")
    opened = Store(store.location)
    assert set(opened.assignments([FOUNDER, SECOND])["grounds"]) == {""}
    assert groups(opened) == parts([FOUNDER, SECOND])
    remote = Store(store.location)
    remote.is_local = False  # the way to object stores
    assert set(remote.assignments([FOUNDER, SECOND])["grounds"]) == {""}
    merges.split(opened, SECOND, **BY)
    assert groups(opened) == parts([FOUNDER], [SECOND])
    assert opened.assignments([SECOND])["grounds"].tolist()[0] == ""
    assert json.loads(opened.assignments([SECOND])["grounds"].iloc[-1])["rule"] == "split"
    assert (
        remote.assignments([SECOND])["grounds"].tolist() == opened.assignments([SECOND])["grounds"].tolist()
    )
    take_in([told("Tribune")], opened, extractor=OneAct())
    assert Queries(opened).count(Selection()).reports == 3


def test_memberships_tell_who_is_in_and_who_was(store):
    merges.split(store, THIRD, **BY)
    rows = Queries(store).memberships(FOUNDER)
    assert set(rows["report_id"]) == set(IDS)
    assert dict(zip(rows["report_id"], rows["now"], strict=True))[THIRD] == THIRD
    assert rows[rows["report_id"] == THIRD]["event_id"].tolist() == [FOUNDER, THIRD]
    assert Queries(store).memberships("nobody").empty
