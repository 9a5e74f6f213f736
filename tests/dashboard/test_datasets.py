"""The page that compares two data sets, and the way other data sets come in, by their values."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from events.agreement import compare
from events.charts import datasets as charts
from events.charts.theme import DARK, LIGHT
from events.errors import StoreError
from events.importers import FORMATS, paper
from events.imports import bring
from events.store import Store
from tests import made_files as made

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """GDELT and ICEWS of Greece and Türkiye over thirty days; ICEWS begins later and lacks every third."""
    folder = tmp_path_factory.mktemp("datasets")
    days = [date(2018, 6, 1) + timedelta(days=n) for n in range(30)]
    rows = [
        made.gdelt_row(n, 0, 1, "190", day=day, url=f"https://a.example.org/{n}", place=n % 3)
        for n, day in enumerate(days, 1)
    ]
    (folder / "g").write_text(made.gdelt2(rows), encoding="utf-8")
    told = [
        made.icews_row(n, day=day.isoformat(), code="190", story=str(n))
        for n, day in enumerate(days, 1)
        if n > 5 and n % 3
    ]
    (folder / "i").write_text(made.ICEWS + "".join(told), encoding="utf-8")
    bring([folder / "g", folder / "i"], Store(folder / "store"))
    return folder / "store"


@pytest.fixture
def page(filled, monkeypatch):
    def open_page(name: str, **parameters: str) -> AppTest:
        monkeypatch.setenv("ENTENTE_STORE", str(filled))
        at = AppTest.from_file(str(MAIN), default_timeout=120)
        for key, value in parameters.items():
            at.query_params[key] = value
        at.switch_page(f"app_pages/{name}.py").run()
        assert not at.exception, at.exception[0].stack_trace
        return at

    return open_page


def text(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def test_the_page_tells_how_far_two_data_sets_agree(page):
    at = page("datasets", data="GDELT", dyad="GRC-TUR")
    shown = text(at)
    assert "Greece and Türkiye, as two data sets tell it" in shown
    assert "GDELT: events with a counterpart" in shown
    assert "6 Jun – 29 Jun 2018" in shown or "7 Jun – 29 Jun 2018" in shown
    assert len(at.get("plotly_chart")) == 1
    assert {box.label: box.value for box in at.selectbox}["Data set B"] == "ICEWS"


def test_a_dyad_can_be_chosen_where_none_is(page):
    at = page("datasets", data="GDELT")
    (button,) = [b for b in at.button if b.key == "on_GRC_TUR"]
    button.click().run()
    assert at.session_state["dyad"] == "GRC-TUR"
    assert not [b for b in at.button if b.key == "on_GRC_TUR"]


def test_no_events_and_no_common_days_are_said(page):
    assert "No events in GDELT and ICEWS." in text(page("datasets", data="GDELT", dyad="FRA-DEU"))
    at = page("datasets", data="GDELT", to="2018-06-02")
    assert "No" in text(at)
    assert not at.get("plotly_chart")


def test_one_data_set_alone_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    at = AppTest.from_file(str(MAIN), default_timeout=120).run()
    at.switch_page("app_pages/datasets.py").run()
    assert not at.exception
    assert "One data set is not enough." in text(at)


def test_the_papers_are_on_the_page_about_the_data(page):
    shown = text(page("about"))
    for name in FORMATS:
        assert paper(name).losses[0].note.split("“")[0].split("'")[0][:40] in shown
    assert "made-up files only" in shown


def test_flags_of_imported_events_can_be_hidden(page):
    at = page("events", data="GDELT", unflag="one_source")
    assert at.session_state["_selection"].unflagged == ("one_source",)
    assert [b.label for b in at.button if b.key == "chip_unflagged"] == ["Without **one source only** ✕"]


def test_an_imported_event_without_words_is_shown(page):
    at = page("events", data="GDELT", event="GDELT:3")
    assert not at.exception
    at = page("articles", data="GDELT")
    assert not at.exception


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_both_panels_have_one_scale_and_conflict_stands_below(theme):
    a = pd.DataFrame({
        "date": pd.to_datetime(["2024-01-02", "2024-01-09"]), "date_precision": "day", "a": "GRC", "b": "TUR",
        "quad_class": ["verbal conflict", "verbal cooperation"], "events": [7, 2],
    })  # fmt: skip
    found = compare(a, a.assign(events=[1, 1]), date(2024, 1, 1), date(2024, 1, 31), "week")
    figure = charts.twins(found.spans, ("<b>A</b>", "B"), theme, step="week")
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    conflict = next(trace for trace in figure.data if trace.name == "<b>A</b> conflict")
    assert min(conflict.y) == -7
    assert not any("<b>A</b>" in (note.text or "").replace("<b>‹", "") for note in figure.layout.annotations)
    assert figure.to_json()
    assert charts.title(found, ("A", "B")) == "A and B by week"
    assert "9 events and 2 events" in charts.alt(found, ("A", "B"), found.first, found.last)


def test_an_empty_comparison_is_an_empty_figure():
    none = pd.DataFrame(
        {
            "date": pd.to_datetime([]),
            "date_precision": [],
            "a": [],
            "b": [],
            "quad_class": pd.Series([], dtype=str),
            "events": [],
        }
    )
    found = compare(none, none, date(2024, 1, 1), date(2024, 1, 2), "day")
    assert charts.twins(found.spans, ("A", "B"), LIGHT, step="day").to_json()


def test_files_are_recognised_imported_and_summed_up(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    at = AppTest.from_file(str(MAIN), default_timeout=120).run()
    at.switch_page("app_pages/add.py")
    at.session_state["add_by"] = "Other data sets"
    at.run()
    assert (
        "Up to 200 MB a file; longer ones on the computer itself: python -m events import auto FILES"
        in text(at)
    )
    bad = made.gdelt_row(2, 0, 1)
    bad[26] = "<b>999</b>"
    good = made.gdelt2([made.gdelt_row(1, 0, 1), bad, made.gdelt_row(3, 0, None)])
    files = [("<i>day.CSV", good.encode(), "text/csv"), ("odd.csv", b"hello,world\n1,2\n", "text/csv")]
    at.file_uploader(key="bring_0").set_value(files).run()
    assert not at.exception, at.exception[0].stack_trace
    assert "1 file recognised" in text(at)
    assert "odd.csv" in text(at)
    assert "<i>day" not in text(at)
    assert Store(tmp_path / "store").version() == 0
    at.text_input(key="bring_name_0").set_value("March").run()
    at.button(key="bring").click().run()
    assert not at.exception, at.exception[0].stack_trace
    shown = text(at)
    assert "1 event of March imported" in shown
    assert "a party on one side alone" in shown
    assert "line 2: unknown CAMEO code" in shown
    assert "<b>999" not in shown
    assert Store(tmp_path / "store").datasets() == {"March": 1}


def test_what_was_stored_before_an_import_broke_off_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    monkeypatch.setattr("events.imports.BATCH", 1)
    load, calls = Store.load, []

    def once(self, *given, **named):
        calls.append(named)
        if len(calls) > 1:
            raise StoreError("the disk is full")
        return load(self, *given, **named)

    monkeypatch.setattr(Store, "load", once)
    at = AppTest.from_file(str(MAIN), default_timeout=120).run()
    at.switch_page("app_pages/add.py")
    at.session_state["add_by"] = "Other data sets"
    at.run()
    days = [made.gdelt2([made.gdelt_row(n, 0, 1)]).encode() for n in (1, 2)]
    files = [(f"{n}.CSV", day, "text/csv") for n, day in enumerate(days)]
    at.file_uploader(key="bring_0").set_value(files).run()
    at.button(key="bring").click().run()
    assert not at.exception, at.exception[0].stack_trace
    shown = text(at)
    assert "The import broke off" in shown
    assert "the disk is full" in shown
    assert "1 event of GDELT imported" in shown
    assert "Nothing was imported" not in shown
