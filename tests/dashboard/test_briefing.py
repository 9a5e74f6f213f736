"""The page Briefing by its values, run headless from the dashboard's main script."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from docx import Document
from pptx import Presentation

from events.briefing import pictures, recipe, writer
from events.dashboard import builder
from events.schema import Selection
from tests.dashboard.test_pages import html, run
from tests.dashboard.test_relations import filled as filled  # noqa: PLC0414  the same store


@pytest.fixture
def page(filled, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(filled))
    monkeypatch.setattr(pictures, "chrome", lambda: None)
    return lambda **query: run("briefing", **query)


def made(at, kind: str) -> bytes:
    at.selectbox(key="brief_kind").set_value(kind).run()
    at.button(key="brief_make").click().run()
    assert not at.exception
    return at.session_state["_brief_file"][3].data


def names(at) -> list[str]:
    return [
        b.label.strip("*") for b in at.button if (b.key or "").startswith("part_") and b.key[5:].isdigit()
    ]


def test_a_dyad_is_previewed_section_by_section(page):
    at = page(on="dyad", a="GRC", b="TUR")
    assert "Greece and Türkiye: slides" in html(at)
    assert names(at)[:3] == ["Headline figures", "Relation index", "Timeline"]
    assert "from 119 reports" in html(at)
    at.button(key="part_1").click().run()
    assert "Relations fell from" in html(at)
    assert at.get("plotly_chart")[0].proto.alt.startswith("Relation index of Greece and Türkiye")
    assert at.query_params["on"] == "dyad"


def test_sections_are_reordered_turned_off_and_worded_and_the_slides_follow(page):
    at = page(on="dyad", a="GRC", b="TUR")
    at.button(key="down_0").click().run()
    assert names(at)[:2] == ["Relation index", "Headline figures"]
    for number, name in enumerate(names(at)):
        if name not in {"Relation index", "Chronology"}:
            at.checkbox(key=f"part_on_{number}").uncheck().run()
    at.button(key="part_0").click().run()
    at.text_input(key="part_text_0_index_0_title").set_value("Colder since May \U0001f9ca").run()
    at.text_input(key="brief_title_0").set_value("A crisis").run()
    assert "A crisis: slides" in html(at)
    deck = Presentation(io.BytesIO(made(at, "pptx")))
    assert [slide.shapes.title.text for slide in deck.slides][:2] == [
        "A crisis",
        "Colder since May \U0001f9ca",
    ]
    assert len(deck.slides) == 4  # the chronology has two


def test_a_state_an_issue_and_the_filters_are_briefed_on(page):
    at = page(on="state", of="FRA")
    assert "n = 3 events" in html(at)
    at = page(on="issue", issue="tariffs")
    assert "Tariffs: slides" in html(at)
    at = page(party="ITA")
    assert "n = 1 event " in html(at)


def test_an_empty_selection_says_so_and_makes_no_file(page):
    at = page(party="ISL")
    assert "No events match" in html(at)
    assert at.button(key="brief_make").disabled


def test_without_chrome_the_page_says_so_beforehand(page):
    at = page(on="dyad", a="GRC", b="TUR")
    at.selectbox(key="brief_kind").set_value("pdf").run()
    assert at.button(key="brief_make").disabled
    assert any("needs Chrome" in caption.value for caption in at.caption)
    document = Document(io.BytesIO(made(at, "docx")))
    assert any("needs Chrome" in paragraph.text for paragraph in document.paragraphs)


def test_what_goes_wrong_is_told_and_leaves_no_file(page, monkeypatch):
    at = page(on="dyad", a="GRC", b="TUR")

    def fail(*_):
        raise writer.InputError("the disk is full")

    monkeypatch.setattr(writer, "made", fail)
    at.button(key="brief_make").click().run()
    assert not at.exception
    assert "_brief_file" not in at.session_state
    assert any("the disk is full" in error.value.replace("\\", "") for error in at.error)


def test_a_recipe_is_saved_and_loaded(page):
    at = page(on="dyad", a="GRC", b="TUR")
    at.text_input(key="brief_title_0").set_value("Mine").run()
    at.button(key="part_add").click().run()
    at.text_area(key="part_text_1_text_0_text").set_value("First.\nSecond.").run()
    state = at.session_state["_brief"]
    kept = builder.Recipe(
        Selection(dyad=("GRC", "TUR")),
        tuple(
            builder.Part(p["kind"], p["title"], p["note"], p["text"], p["most"], p["measure"])
            for p in state["parts"]
        ),
        state["title"],
    )
    assert recipe.read(recipe.write(kept)) == kept
    at.button(key="brief_ship_weekly").click().run()
    assert not at.exception
    assert at.selectbox(key="on").value == "recipe"
    assert names(at)[:2] == ["Headline figures", "Chronology"]
    assert at.text_input(key="brief_title_1").value == "South America: the week"


def test_a_name_that_is_all_emoji_still_makes_a_file_name():
    assert builder.name_for(None) == "briefing"
    assert builder.name_for(SimpleNamespace(title="Greece and Türkiye \U0001f9ca")) == "greece-and-turkiye"
    assert builder.name_for(SimpleNamespace(title="\U0001f9ca")) == "briefing"
