"""The drawer tells why reports are one event, takes one out, and takes that back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from events.intake import take_in
from events.queries import Queries
from events.schema import Article, CodedArticle
from events.store import Store
from tests.store_helpers import make_article, make_report, own

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"
HOSTILE = "<img src=x onerror=alert(1)>"
OUTLETS = ("Daily", "Herald", HOSTILE)


class OneAct:
    """Codes every article as the same sanction."""

    name, version = "double", "1"

    def stream(self, articles):
        for article in articles:
            yield [make_report(article, "TUR", "GRC", "SANCTION", date="2024-05-14")]


def told(outlet: str) -> Article:
    return make_article(f"{outlet} told it.", "2024-05-15", outlet)


IDS = [make_report(told(outlet), "TUR", "GRC", "SANCTION").report_id for outlet in OUTLETS]


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    made = Store(tmp_path / "store")
    take_in([told(outlet) for outlet in OUTLETS], made, extractor=OneAct())
    return made


@pytest.fixture
def drawer(monkeypatch):
    """Run the dashboard with the drawer open at an event, as when its row in the table is chosen."""

    def opened(event: str) -> AppTest:
        monkeypatch.setattr("events.dashboard.table.show", lambda *_: ((event,), 0))
        at = AppTest.from_file(str(MAIN), default_timeout=120).run()
        assert not at.exception, at.exception
        return at

    return opened


def html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def take_out(at: AppTest, report: str, why: str = "a day later", by: str = "Ana") -> None:
    at.text_input(key=f"why_{report}").set_value(why)
    at.text_input(key=f"by_{report}").set_value(by)
    at.button(key=f"out_{report}").click().run()
    assert not at.exception, at.exception


def test_each_report_says_why_it_is_in_the_event(store, drawer):
    at = drawer(IDS[0])
    text = html(at)
    assert "3 reports" in text
    assert "<b>Daily, 15 May 2024</b><br>Founded the event" in text
    assert "<b>Herald, 15 May 2024</b><br>Same dyad, direction and type; same day" in text
    assert HOSTILE not in text
    assert "&lt;img src=x" in text
    assert "Decided by people" not in text
    assert store.version() == 1


def test_a_report_is_taken_out_and_put_back(store, drawer):
    at = drawer(IDS[0])
    take_out(at, IDS[1])
    assert Queries(store).event(IDS[1]).report_ids == (IDS[1],)
    assert "2 reports" in html(at)
    assert "Taken out by Ana: a day later" in html(at)
    at.button(key="undo_2").click().run()
    assert set(Queries(store).event(IDS[0]).report_ids) == set(IDS)
    assert "3 reports" in html(at)
    assert "Back where it was before version 2 by Ana" in html(at)
    assert "<b>Herald, 15 May 2024</b><br>Same dyad, direction and type; same day" in html(at)
    assert [b.key for b in at.button if (b.key or "").startswith("undo_")] == ["undo_3"]  # the newest alone
    at.button(key="undo_3").click().run()
    assert Queries(store).event(IDS[1]).report_ids == (IDS[1],)
    assert store.versions()["action"].tolist() == ["add", "split", "undo", "undo"]


def test_the_report_taken_out_tells_so_in_its_own_event(store, drawer):
    take_out(drawer(IDS[0]), IDS[1])
    assert store.version() == 2
    text = html(drawer(IDS[1]))
    assert "1 report" in text
    assert "Taken out by Ana: a day later" in text


def test_a_decision_without_a_reason_is_not_made(store, drawer):
    at = drawer(IDS[0])
    take_out(at, IDS[1], why="")
    assert "kept with who made it and why" in html(at)
    assert store.version() == 1


def test_what_another_has_decided_meanwhile_is_told(store, drawer):
    from events import merges

    at = drawer(IDS[0])
    merges.split(store, IDS[1], why="first", by="Ben")
    take_out(at, IDS[1])
    assert f"report {IDS[1]} is in event {IDS[1]} now" in html(at)
    assert "Taken out by Ben: first" in html(at)
    assert store.version() == 2


def test_an_event_of_one_report_has_no_list(tmp_path, monkeypatch, drawer):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    article = told("Daily")
    item = CodedArticle(article, (make_report(article, "TUR", "GRC", "SANCTION"),))
    Store(tmp_path / "store").add([item], own(item))
    assert "Why each is in this event" not in html(drawer(IDS[0]))


def test_a_report_put_back_says_why_it_had_come_there_first(store):
    from events import merges
    from events.dashboard import provenance

    taken = merges.split(store, IDS[1], why="first", by="Ben")
    merges.undo(store, taken.version, why="not so", by="Ben")
    told = provenance.reasons(Queries(store).memberships(IDS[0]), IDS[0])
    assert told[IDS[0]] == "founded the event"
    assert told[IDS[1]].startswith("same dyad, direction and type")
