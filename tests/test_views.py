"""The desk: nothing is lost, bad files change nothing, visits are told apart."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from events.errors import InputError, StoreError
from events.schema import Note, Selection, View, Watch
from events.store import Store
from events.views import Desk, Taken, Visit, selection_from, selection_values
from tests.store_helpers import own, simple

FULL = Selection(
    parties=("RUS", "UKR"),
    members=True,
    dyad=("GRC", "TUR"),
    direction="a_to_b",
    start=date(2020, 1, 2),
    end=date(2021, 3, 4),
    event_types=("AID",),
    quad_classes=("material cooperation",),
    issues=("tariffs",),
    domains=("trade",),
    sectors=("GOV",),
    statuses=("denied",),
    attributed_to="FRA",
    min_confidence=0.35,
    min_outlets=3,
    outlet_countries=("QAT",),
    outlet_kinds=("state", "agency"),
    flagged=("fan_out",),
    unflagged=("centroid",),
    states_only=True,
    search='a "quoted" <b>word</b> ✕',
    dataset="samples",
    store_version=7,
    as_coded=True,
)
WHEN = "2026-11-26T10:00:00+00:00"


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(str(tmp_path / "store"))


def view(name: str = "Aegean", **values) -> View:
    return View(name, "overview", Selection(parties=("GRC",)), "Ana", WHEN, **values)


def test_every_field_of_a_selection_survives_the_file():
    for field in fields(Selection):
        assert getattr(FULL, field.name) != getattr(Selection(), field.name), f"{field.name} is not tried"
    assert selection_from(json.loads(json.dumps(selection_values(FULL)))) == FULL
    assert selection_values(Selection()) == {}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"parties": ["NOBODY"]}, "NOBODY"),
        ({"members": 1}, "members"),
        ({"parties": "RUS"}, "parties"),
        ({"parties": [["RUS"]]}, "parties"),
        ({"dyad": ["RUS"]}, "dyad"),
        ({"dyad": ["RUS", "RUS"]}, "two different"),
        ({"direction": "up"}, "direction"),
        ({"start": "yesterday"}, "start"),
        ({"start": "2024-02-01", "end": "2024-01-01"}, "ends before"),
        ({"min_confidence": 7}, "min_confidence"),
        ({"min_confidence": True}, "min_confidence"),
        ({"min_outlets": 0}, "min_outlets"),
        ({"states_only": "yes"}, "states_only"),
        ({"search": "x" * 201}, "search"),
        ({"colour": "red"}, "colour"),
        ([], "object"),
    ],
)
def test_what_cannot_be_a_selection_is_told(values, told):
    with pytest.raises(InputError, match=told):
        selection_from(values)


def test_looking_creates_nothing(desk):
    assert desk.views() == desk.watches() == desk.notes() == {}
    assert desk.note_frame().empty
    assert desk.profiles() == []
    assert not desk.path.parent.parent.exists()


def test_views_are_kept_renamed_deleted_and_brought_back(desk):
    kept = replace(view(), selection=FULL, state=(("measure", "share of conflict"), ("period", "90 d")))
    first = desk.keep(kept)
    second = desk.keep(view())
    assert {v.name for v in desk.views().values()} == {"Aegean", "Aegean (2)"}
    assert desk.views()[first] == kept
    assert desk.rename(second, "  Baltic ") == "Baltic"
    assert desk.rename(second, "Aegean") == "Aegean (2)"
    assert desk.rename(first, "Aegean") == "Aegean"
    desk.drop(first)
    assert list(desk.views()) == [second]
    desk.rename(second, "Aegean")
    assert desk.restore(first)
    assert {v.name for v in desk.views().values()} == {"Aegean", "Aegean (2)"}
    assert desk.views()[first].selection == FULL
    assert not desk.restore("unknown")
    with pytest.raises(InputError, match="no longer saved"):
        desk.rename("unknown", "x")


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_view_needs_a_name(desk, name):
    with pytest.raises(InputError, match="name"):
        desk.keep(view(name))
    assert desk.views() == {}


def test_an_exported_file_is_taken_in_once(desk, tmp_path):
    desk.keep(view())
    desk.keep(Watch("Aegean", Selection(dyad=("GRC", "TUR")), 5, "Ana", WHEN))
    desk.keep(Note("Talks planned", "Ana", WHEN, date="2024-05-06", dyad=("GRC", "TUR")))
    text = desk.export()
    other = Desk(str(tmp_path / "other"))
    assert other.take_in(text) == Taken(3, 0)
    assert other.take_in(text.encode()) == Taken(0, 3)
    assert list(other.views().values()) == list(desk.views().values())
    assert list(other.watches().values()) == list(desk.watches().values())
    assert list(other.notes().values()) == list(desk.notes().values())
    key = next(iter(desk.views()))
    assert [r["kind"] for r in json.loads(desk.export({key}))["records"]] == ["view"]


def good_file(**changes) -> dict:
    record = {"kind": "view", "name": "A", "page": "overview", "selection": {}, "by": "", "when": WHEN}
    return {"format": "entente desk", "version": 1, "records": [record | changes]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("\x00\x01", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[]", "no file of views"),
        ('{"format": "entente desk"}', "no file of views"),
        (json.dumps(good_file() | {"version": 2}), "newer Entente"),
        (json.dumps(good_file(kind="bomb")), "record 1: this is no view"),
        (json.dumps(good_file(selection={"parties": ["XXX"]})), "record 1: unknown party"),
        (json.dumps(good_file(name=["A"])), "record 1"),
        (json.dumps(good_file(page=7)), "record 1"),
        (json.dumps(good_file(state=[["a"]])), "record 1"),
        (json.dumps(good_file(evil=1)), "unknown words: evil"),
        (json.dumps({"format": "entente desk", "version": 1, "records": [{"kind": "view", "name": "A", "selection": {}}]}), "lacks"),
        (json.dumps(good_file(kind="watch", threshold=0) | {}), "record 1"),
        ("x" * 2_000_001, "2 MB"),
    ],
)  # fmt: skip
def test_a_bad_file_changes_nothing_and_says_why(desk, text, told):
    desk.keep(view())
    before = desk.export()
    with pytest.raises(InputError, match=told):
        desk.take_in(text, source="mail.json")
    assert desk.export() == before


def test_one_bad_record_keeps_all_of_its_file_out(desk):
    told = good_file()
    told["records"].append({"kind": "note", "text": "", "by": "", "when": WHEN})
    with pytest.raises(InputError, match=r"record 2.*nothing was taken in"):
        desk.take_in(json.dumps(told))
    assert desk.views() == {}


def test_notes_for_a_chart_follow_the_selection(desk):
    for day, dyad in (("2024-01-05", ("GRC", "TUR")), ("2024-02-01", None), ("2023-01-01", ("FRA", "DEU"))):
        desk.keep(Note(f"On {day}", "Ana", WHEN, date=day, dyad=dyad))
    desk.keep(Note("No date", "Ana", WHEN, event_id="e" * 20))
    frame = desk.note_frame()
    assert frame[["text", "by", "dyad"]].to_numpy().tolist() == [
        ["On 2023-01-01", "Ana", "FRA–DEU"],
        ["On 2024-01-05", "Ana", "GRC–TUR"],
        ["On 2024-02-01", "Ana", ""],
    ]
    assert str(frame["date"].dtype).startswith("datetime64")
    assert desk.note_frame(Selection(start=date(2024, 1, 1)))["text"].tolist() == [
        "On 2024-01-05",
        "On 2024-02-01",
    ]
    assert desk.note_frame(Selection(parties=("FRA",)))["text"].tolist() == ["On 2023-01-01", "On 2024-02-01"]
    assert desk.note_frame(Selection(dyad=("TUR", "GRC")))["text"].tolist() == [
        "On 2024-01-05",
        "On 2024-02-01",
    ]
    assert desk.note_frame(Selection(end=date(2020, 1, 1))).empty


@pytest.mark.parametrize("day", ["tomorrow", "2024-13-01", 7])
def test_a_note_has_a_date_or_none(desk, day):
    with pytest.raises(InputError, match="date"):
        desk.keep(Note("x", "Ana", WHEN, date=day))


def test_a_visit_remembers_the_one_before(desk):
    now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    assert desk.visit("ana", 3, now) == Visit(None, None)
    assert desk.visit("ana", 4, now + timedelta(minutes=10)) == Visit(None, None)
    later = now + timedelta(hours=5)
    seen = (now + timedelta(minutes=10)).isoformat(timespec="seconds")
    assert desk.visit("ana", 9, later) == Visit(4, seen)
    assert desk.visit("ana", 9, later + timedelta(minutes=20)) == Visit(4, seen)  # a reload is no new visit
    assert desk.visit("ben", 9, later) == Visit(None, None)
    assert desk.seen("ana", 9, later).version == 9
    assert desk.visit("ana", 10, later + timedelta(minutes=5)).version == 9
    assert desk.visit("ana", 2, later + timedelta(days=9)).version == 2  # a store made anew
    assert desk.profiles() == ["ana", "ben"]


def test_a_damaged_file_is_told_and_left_alone(desk):
    desk.path.parent.mkdir(parents=True)
    desk.path.write_bytes(b"no database" * 100)
    for ask in (desk.views, lambda: desk.keep(view())):
        with pytest.raises(StoreError, match="damaged"):
            ask()
    assert desk.path.read_bytes() == b"no database" * 100


def test_a_view_of_a_code_that_is_gone_hides_no_other(desk):
    key, other = desk.keep(view()), desk.keep(view("Other"))
    with closing(sqlite3.connect(desk.path)) as db, db:
        db.execute("UPDATE log SET record = replace(record, 'GRC', 'ATLANTIS') WHERE id = ?", (key,))
    assert list(desk.views()) == [other]
    assert list(desk.unreadable()) == [key]
    assert "ATLANTIS" in desk.unreadable()[key]
    assert json.loads(desk.export())["records"][0]["name"] == "Other"
    desk.rename(other, "Another")
    with closing(sqlite3.connect(desk.path)) as db, db:
        db.execute("UPDATE log SET record = replace(record, 'ATLANTIS', 'GRC') WHERE id = ?", (key,))
    assert [v.name for v in desk.views().values()] == ["Aegean", "Another"]  # nothing of it was lost
    assert desk.unreadable() == {}


def test_a_desk_may_be_there_before_its_store(desk):
    desk.keep(view())
    folder = desk.path.parent.parent
    assert Store(folder).version() == 0
    coded = simple(1)
    Store(folder).add([coded], own(coded))
    assert Store(folder).version() == 1
    assert len(desk.views()) == 1


def test_a_store_at_an_url_keeps_its_desk_in_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_DESK", str(tmp_path))
    assert Desk("s3://bucket/store").path == tmp_path / "desk" / "desk.sqlite3"


def test_a_store_at_a_file_address_keeps_its_desk_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_DESK", str(tmp_path / "elsewhere"))
    named = f"file://{tmp_path}/my%20store"
    assert Desk(named).path == Path(Store(named).location) / "desk" / "desk.sqlite3"


WRITER = """
import sys
from events.schema import Selection, View
from events.views import Desk
desk = Desk(sys.argv[1])
for n in range(20):
    desk.keep(View("same", "overview", Selection(), sys.argv[2], "2026-01-01"))
"""


def test_several_processes_lose_nothing(desk):
    root = Path(__file__).resolve().parents[1]
    folder = str(desk.path.parent.parent)
    runs = [subprocess.Popen([sys.executable, "-c", WRITER, folder, str(n)], cwd=root) for n in range(3)]
    assert [run.wait(120) for run in runs] == [0, 0, 0]
    assert len({v.name for v in desk.views().values()}) == 60


def test_the_log_forgets_nothing(desk):
    key = desk.keep(view())
    desk.rename(key, "B")
    desk.drop(key)
    with sqlite3.connect(desk.path) as db:
        rows = db.execute("SELECT record IS NULL FROM log WHERE id = ? ORDER BY number", (key,)).fetchall()
    db.close()
    assert rows == [(0,), (0,), (1,)]
