"""The page of events by its values: search, order, pages, columns, the open event."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from events.dashboard import browse
from events.schema import CodedArticle
from events.store import Store
from tests.dashboard.test_pages import HOSTILE, dated, hostile, html, run
from tests.store_helpers import make_article, make_report, own

KINDS = ("ASSAULT", "CONSULT", "ACCUSE", "AID")


def numbered(number: int) -> CodedArticle:
    """Event `number` of 120: days apart, every third told of grain, types and confidence in turn."""
    day = f"2024-{1 + number // 28:02}-{1 + number % 28:02}"
    about = "grain" if number % 3 == 0 else "steel"
    article = make_article(
        f"Russia and Ukraine, {about}, act {number}.", day, f"Outlet {number % 5}", f"Act {number}"
    )
    report = make_report(
        article, "RUS", "UKR", KINDS[number % 4], date=day, confidence=0.5 + (number % 50) / 100,
        sentence=article.span(article.body_start, len(article.text)),
    )  # fmt: skip
    return CodedArticle(article, (report,))


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("events") / "store"
    coded = [numbered(n) for n in range(120)]
    again = make_article("Again: act 7 was told by others.", "2024-01-09", "Herald", "Told again")
    told = make_report(again, "RUS", "UKR", KINDS[3], date="2024-01-08", confidence=0.4)
    twice = CodedArticle(again, (told,))
    first = coded[7].reports[0].report_id
    assigned = [
        replace(a, event_id=first, reason="same dyad, direction and type; same day")
        if a.report_id == told.report_id
        else a
        for a in own(*coded, twice)
    ]
    Store(folder).add([*coded, twice], assigned)
    return folder


@pytest.fixture
def page(many, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(many))
    return lambda **query: run("events", **query)


def event_id(number: int) -> str:
    return numbered(number).reports[0].report_id


def table(at):
    return at.dataframe[0].value


def press(at, key: str):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def test_a_page_of_the_newest(page):
    at = page()
    shown = table(at)
    assert len(shown) == 50
    assert shown["Date"].iloc[0] == "8 May 2024"
    assert shown.iloc[0].to_dict() == {
        "Date": "8 May 2024", "Dyad": "RUS → UKR", "Act": "● Aid", "Intensity": "+10.0", "Issues": "", "Place": "",
        "Actors": "", "Status": "occurred", "Outlets": 1, "Conf.": "0.69",
    }  # fmt: skip
    assert "120 events match · sorted by date, newest first" in html(at)
    assert "Showing 1–50 of 120 events" in html(at)


def test_pages_are_cut_in_the_store(page):
    at = page(p="3")
    assert len(table(at)) == 20
    assert table(at)["Date"].iloc[-1] == "1 Jan 2024"
    assert "Showing 101–120 of 120 events" in html(at)
    for odd in ("0", "-1", "99", "x", "9" * 30, "²"):
        assert len(table(page(p=odd))) in {20, 50}


@pytest.mark.parametrize(
    ("order", "column", "first"),
    [
        ("oldest", "Date", "1 Jan 2024"),
        ("conflict", "Intensity", "−9.0"),
        ("cooperation", "Intensity", "+10.0"),
        ("outlets", "Outlets", 2),
        ("single", "Outlets", 1),
        ("surest", "Conf.", "0.99"),
        ("doubtful", "Conf.", "0.50"),
        ("'; DROP", "Date", "8 May 2024"),
    ],
)
def test_orders(page, order, column, first):
    at = page(order=order)
    assert table(at)[column].iloc[0] == first
    if order == "outlets":
        assert table(at)["Outlets"].tolist()[1] == 1


def test_search_narrows_and_says_what_it_cannot_find(page):
    at = page(words="grain")
    assert "40 events match" in html(at)
    assert at.text_input(key="seek").value == "grain"
    at.text_input(key="seek").set_value('"grain act 9"').run()
    assert "1 event matches" in html(at)
    assert at.text_input(key="words").value == '"grain act 9"'
    at.text_input(key="seek").set_value("%%").run()
    assert "“%%” holds no word to look for." in html(at)
    assert "No events match." in html(at)
    at.text_input(key="seek").set_value("").run()
    assert "120 events match" in html(at)


def test_a_new_filter_begins_at_the_first_page(page):
    at = page(p="3")
    at.text_input(key="seek").set_value("steel").run()
    assert "Showing 1–50 of 80 events" in html(at)


def test_columns_are_the_readers(page):
    at = page(columns=["Event", "Date", "Nonsense"])
    assert list(table(at).columns) == ["Date", "Event"]
    at = page(event=event_id(7))
    assert list(table(at).columns) == ["Date", "Dyad", "Act", "Intensity", "Issues", "Outlets", "Conf."]


def test_a_link_opens_an_event_on_its_page(page):
    at = page(event=event_id(7))
    text = html(at)
    assert "Event 113 of 120" in text
    assert "Showing 101–120 of 120 events" in text
    assert "Russia gave aid to Ukraine" in text
    assert "8 Jan 2024 · intensity" in text
    assert "confidence 0.57" in text
    assert 'class="en-mark en-source"' in text


def test_next_and_previous_cross_pages_and_stop_at_the_ends(page):
    at = page(event=event_id(70))
    assert "Event 50 of 120" in html(at)
    press(at, "drawer_down")
    assert "Event 51 of 120" in html(at)
    assert "Showing 51–100 of 120 events" in html(at)
    press(at, "drawer_up")
    assert "Showing 1–50 of 120 events" in html(at)
    press(at, "drawer_close")
    assert "Event 50 of 120" not in html(at)
    assert page(event=event_id(119)).button(key="drawer_up").disabled
    assert page(event=event_id(0)).button(key="drawer_down").disabled


def test_an_open_event_that_a_filter_hides_stays_open(page):
    at = page(event=event_id(7), words="grain")
    assert "Not in this list" in html(at)
    assert at.button(key="drawer_down").disabled
    assert "Russia gave aid to Ukraine" in html(at)


def test_an_unknown_event_is_no_error(page):
    at = page(event="<script>nothing</script>")
    assert "no longer in the store" in "".join(element.value for element in at.markdown)
    assert "<script" not in html(at)
    press(at, "drawer_close")
    assert "Not in this list" not in html(at)


def tab(at, name: str):
    at.session_state["drawer_tab"] = name
    at.run()
    assert not at.exception
    return html(at)


def test_all_reports_with_their_outlets_and_why_merged(page):
    at = page(event=event_id(7))
    reports = tab(at, "Reports")
    assert "2 reports of 2 outlets" in reports
    assert "<strong>Outlet 2</strong>" in reports
    assert "<strong>Herald</strong>" in reports
    assert "The event’s first report" in reports
    assert "Merged: same dyad, direction and type; same day" in reports
    history = tab(at, "History")
    assert "The report of Outlet 2 founded the event" in history
    assert "The report of Herald joined" in history


def test_hostile_words_stay_words(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    huge = dated("2023-01-01", "FRA", "ITA", "ACCUSE", outlet="x" * 10_000)
    coded = [hostile(), huge]
    Store(tmp_path / "store").add(coded, own(*coded))
    at = run("events", event=coded[0].reports[0].report_id)
    for name in ("Evidence", "Reports", "History"):
        text = tab(at, name)
        assert "<script" not in text
        assert "<img src=x" not in text
    assert "&lt;script&gt;" in tab(at, "Reports")
    assert HOSTILE not in text
    at = run("events", event=coded[1].reports[0].report_id)
    assert re.search("x{10000}", tab(at, "Reports"))


def test_an_empty_store_has_no_events(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    at = run("events", event="x", p="4", words="y")
    assert "No events" in html(at)
    assert not (tmp_path / "none").exists()


def test_a_second_click_on_a_head_turns_the_order_back(monkeypatch):
    state = {"table": {"selection": {"rows": [], "columns": ["Date"]}}}
    monkeypatch.setattr(browse, "st", SimpleNamespace(session_state=state, query_params={}))
    monkeypatch.setattr(browse, "order", lambda: browse.ORDERS[state.get("order", "newest")])

    def click(rows=(), columns=()):
        state["table"] = {"selection": {"rows": list(rows), "columns": list(columns)}}
        browse._picked("table", ["e0", "e1"])

    click(columns=["Date"])
    assert state["order"] == "oldest"
    click()  # the same table lets go of its column: the first click was still at work
    assert state["order"] == "newest"
    click(rows=[1])
    assert browse.st.query_params == {"event": "e1"}
    click(rows=[1], columns=["Dyad"])  # no list is sorted by dyads
    click(rows=[])  # the chosen row again
    assert browse.st.query_params == {}
    assert state["order"] == "newest"


def test_the_table_of_other_pages_turns_its_pages_in_the_address(many, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(many))
    at = run("timeline", p="3")
    assert len(table(at)) == 20
    at.query_params["class"] = "material conflict"
    at.run()
    assert len(table(at)) == 30  # other events begin at their first page
    assert "p" not in at.query_params
