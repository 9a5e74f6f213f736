"""Analysts' notes on dates: their letters stand in charts, their words under them, in every format."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pandas as pd
import pytest
from docx import Document
from pptx import Presentation

from events.briefing import frames, kinds, pictures, writer
from events.briefing.content import build
from events.briefing.recipe import Part, Recipe
from events.briefing.web import page
from events.charts import remarks
from events.queries import Queries
from events.schema import CodedArticle, Issue, Note, Selection
from events.store import Store
from events.views import Desk
from tests.store_helpers import make_article, make_report, own

FIRST = date(2023, 1, 2)
DYAD = Selection(dyad=("GRC", "TUR"))
EVIL = "<script>alert(1)</script> & “quotes”"


def notes(*days: str) -> pd.DataFrame:
    return pd.DataFrame({"date": days, "text": [f"Note of {day}" for day in days], "by": "Mara Hahn"})


def test_the_latest_notes_have_letters_in_the_order_of_their_days():
    found = remarks.among(notes("2024-03-01", "2024-01-01", "2024-02-01"), most=2)
    assert [(r.letter, f"{r.day:%b}") for r in found.every] == [("", "Jan"), ("a", "Feb"), ("b", "Mar")]
    assert found.cut == "Showing 2 of 3 notes, the latest of the period drawn"
    assert found.shown[0].words == "1 Feb 2024: Note of 2024-02-01 (Mara Hahn)"


def test_notes_outside_the_period_are_not_drawn_but_counted():
    first, end = pd.Timestamp("2024-01-10"), pd.Timestamp("2024-02-10")
    found = remarks.among(notes("2024-01-01", "2024-01-10", "2024-02-09", "2024-02-10"), first, end)
    assert [f"{r.day:%d %b}" for r in found.every] == ["10 Jan", "09 Feb"]
    assert found.cut.startswith("Showing 2 of 4 notes")
    assert remarks.among(None).cut == remarks.among(notes("2024-01-01")).cut == ""


def test_notes_of_near_days_share_a_mark():
    found = remarks.among(notes("2024-01-01", "2024-01-02", "2024-01-03", "2024-02-01", "2024-02-02"), most=4)
    groups = remarks.grouped(found, pd.Timedelta(days=5))
    assert [remarks.label(group) for group in groups] == ["a, b", "c, d"]
    assert (
        remarks.label(remarks.grouped(remarks.among(notes(*["2024-01-01"] * 4)), pd.Timedelta(days=1))[0])
        == "a–d"
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    items = []
    for week in range(40):
        day = (FIRST + timedelta(days=7 * week)).isoformat()
        article = make_article(f"GRC and TUR, number {week}.", day, f"Outlet {week % 3}")
        report = make_report(
            article, "GRC", "TUR", "SUPPORT" if week % 3 else "ACCUSE", date=day, confidence=0.9,
            issues=(Issue("tariffs", "trade", 0, 3),),
        )  # fmt: skip
        items.append(CodedArticle(article, (report,)))
    made = Store(tmp_path_factory.mktemp("remarks") / "store")
    made.add(items, own(*items))
    desk = Desk(made.location)
    for number in range(10):
        text = EVIL if number == 9 else f"Word {number} " + "and so on " * 30
        desk.keep(
            Note(text, "Ana Ruiz", "2024-01-01T00:00:00+00:00", date=f"2023-0{1 + number // 2}-1{number}")
        )
    return made


@pytest.fixture(scope="module")
def made(store):
    asked = Recipe(DYAD, (Part("timeline"), Part("index"), Part("chronology")))
    return build(asked, Queries(store), Desk(store.location).note_frame())


def test_a_briefing_tells_notes_once_where_their_letters_stand(made):
    timeline, index, chronology = made.sections
    assert [r.letter for r in timeline.remarks.shown] == list("abcdefgh")
    assert [mark.label for mark in timeline.visual.plot.notes]
    assert not index.remarks.every
    assert not index.visual.plot.notes
    assert not any("▿" in a.text for a in index.visual.figure.layout.annotations)
    assert not chronology.remarks.every


def test_the_page_tells_notes_escaped(made):
    whole = page(made)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “quotes” (Ana Ruiz)" in whole
    assert "<script>alert(1)" not in whole
    assert "Showing 8 of 10 notes, the latest of the period drawn" in whole


def test_slides_and_document_tell_notes(store, monkeypatch):
    monkeypatch.setattr(pictures, "chrome", lambda: None)
    asked = Recipe(DYAD, (Part("index"),))
    given = Desk(store.location).note_frame()
    deck = Presentation(io.BytesIO(writer.make(asked, store, "pptx", given)))
    slide = deck.slides[1]
    shapes = [*slide.shapes, *(s for group in slide.shapes if group.shape_type == 6 for s in group.shapes)]
    said = [s.text_frame.text for s in shapes if s.has_text_frame]
    assert any(re.fullmatch(r"▿ [a-h].*", text) for text in said)
    listed = "\n".join(text for text in said if "Ana Ruiz" in text or "…" in text)
    assert listed.count("▿") == 8
    assert any("Showing 8 of 10 notes" in text for text in said)
    assert f"Analyst’s note h, 19 May 2023: {EVIL} (Ana Ruiz)" in slide.notes_slide.notes_text_frame.text
    document = Document(io.BytesIO(writer.make(asked, store, "docx", given)))
    lines = [p.text for p in document.paragraphs if p.text.startswith("▿")]
    assert [line[:3] for line in lines] == [f"▿ {letter}" for letter in "abcdefgh"]
    assert lines[-1].endswith(f"{EVIL} (Ana Ruiz)")


def test_an_exported_chart_has_its_notes_in_words(store):
    drawn = kinds.chart("index", Queries(store), DYAD, Desk(store.location).note_frame(DYAD)).framed
    assert [r.letter for r in drawn.remarks.shown] == list("abcdefgh")
    assert f"h, 19 May 2023: {EVIL} (Ana Ruiz)" in drawn.alt
    whole = frames.page(drawn)
    assert "alert(1)" in whole
    assert "<script>alert(1)" not in whole


@pytest.mark.skipif(pictures.chrome() is None, reason="no Chrome is installed")
@pytest.mark.parametrize("size", frames.SIZES)
def test_in_a_picture_no_line_leaves_the_frame_or_meets_the_caption(store, size):
    from xml.etree import ElementTree as ET

    drawn = kinds.chart("index", Queries(store), DYAD, Desk(store.location).note_frame(DYAD)).framed
    svg = ET.fromstring(frames.picture(drawn, "svg", size=size))
    name = "{http://www.w3.org/2000/svg}"
    own_texts = [node for node in svg if node.tag == f"{name}text"]
    heads = {(node.text or ""): float(node.get("y")) for node in own_texts}
    assert "Analysts’ notes. Showing 8 of 10 notes, the latest of the period drawn" in heads
    marks = [node for node in own_texts if re.fullmatch(r"▿ [a-h]", node.text or "")]
    assert len(marks) == 8
    source = next(y for text, y in heads.items() if text.startswith("Source:"))
    period = next(y for text, y in heads.items() if "n = 40 events" in text)
    assert max(float(node.get("y")) for node in marks) < period <= source
    cut = [node for node in own_texts if (node.text or "").endswith("…")]
    assert cut
    assert all(node.find(f"{name}title").text.endswith("(Ana Ruiz)") for node in cut)
