"""Briefings: each file is opened again with its library and compared with the store; recipes make them again."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation
from pptx.util import Emu
from typer.testing import CliRunner

from events.briefing import pictures, recipe, writer
from events.briefing.content import build
from events.briefing.package import settled
from events.briefing.recipe import KINDS, MOST, Part, Recipe, load, read, shipped, standard, write
from events.briefing.web import page
from events.cli import app
from events.errors import InputError, NoChrome, PictureError, StoreError
from events.queries import Queries
from events.schema import Actor, CodedArticle, Issue, Note, Place, Selection
from events.store import Store
from events.views import Desk
from tests import large_store
from tests.store_helpers import make_article, make_report, own

FIRST = date(2023, 1, 2)
FORMULA = '=HYPERLINK("http://evil.example","x")'
SCRIPT = "</script><script>alert(1)</script>"
DYAD = Selection(dyad=("GRC", "TUR"))
SHORT = Recipe(DYAD, (Part("chronology"),))


def told(
    number: int, day: date, source: str, target: str, kind: str, *, url: str | None = None, **values
) -> CodedArticle:
    title = values.pop("title", f"Title {number}")
    article = replace(
        make_article(
            f"{source} and {target}, number {number}.", day.isoformat(), f"Outlet {number % 4}", title
        ),
        url=url or f"https://news.example/{number}",
    )
    return CodedArticle(
        article, (make_report(article, source, target, kind, date=day.isoformat(), **values),)
    )


def year() -> list[CodedArticle]:
    """A dyad that falls out after half a year, with meetings, places, plans, hostile words, and two other dyads."""
    items = []
    athens = Place("Athens", "GRC", 37.98, 23.73, "city")
    people = (
        Actor("Ana Ruiz", "minister", None, "GRC", "GOV", "source", 0, 2),
        Actor("Can Demir", "envoy", None, "TUR", "GOV", "target", 0, 2),
    )
    for week in range(52):
        day = FIRST + timedelta(days=7 * week)
        for act in range(3):
            calm = week < 26 or act == 2
            source, target = ("GRC", "TUR") if act == 0 else ("TUR", "GRC")
            items.append(
                told(
                    len(items), day + timedelta(days=act), source, target, "SUPPORT" if calm else "SANCTION",
                    confidence=0.4 if act == 1 else 0.9, place=athens if act == 0 else None,
                    issues=(Issue("tariffs", "trade", 0, 3),) if act else (Issue("gas supplies", "energy", 0, 3),),
                )
            )  # fmt: skip
        if week % 10 == 0:
            items.append(
                told(len(items), day, "GRC", "TUR", "CONSULT", symmetric=True, actors=people, confidence=0.9)
            )
    items.append(told(900, FIRST, "GRC", "TUR", "AGREE", planned_for="2099-03-01"))
    items.append(
        told(901, FIRST, "TUR", "GRC", "ACCUSE", title=SCRIPT, url="javascript:alert(2)", status="background")
    )
    items.append(
        told(
            902, FIRST, "FRA", "DEU", "SUPPORT", title=FORMULA, place=Place(FORMULA, "FRA", 48.0, 2.0, "city")
        )
    )
    items += [told(910 + n, FIRST + timedelta(days=n), "FRA", "TUR", "ACCUSE") for n in range(6)]
    return items


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    folder = tmp_path_factory.mktemp("briefing") / "store"
    items = year()
    made = Store(folder)
    made.add(items, own(*items))
    Desk(str(folder)).keep(
        Note("Talks broke off", "Mara Hahn", "2024-01-01T00:00:00+00:00", date="2023-07-10")
    )
    return made


@pytest.fixture
def queries(store) -> Queries:
    return Queries(store)


@pytest.fixture
def chromeless(monkeypatch):
    monkeypatch.setattr(pictures, "chrome", lambda: None)


def deck_of(data: bytes):
    return Presentation(io.BytesIO(data))


def texts(slide) -> str:
    found = []
    for shape in slide.shapes:
        if shape.has_text_frame:
            found.append(shape.text_frame.text)
        if getattr(shape, "has_table", False) and shape.has_table:
            found += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(found)


def charts(slide) -> list:
    found = [shape for shape in slide.shapes if getattr(shape, "has_chart", False) and shape.has_chart]
    for shape in slide.shapes:
        if shape.shape_type == 6:  # a group
            found += [
                inner for inner in shape.shapes if getattr(inner, "has_chart", False) and inner.has_chart
            ]
    return found


def slide_of(deck, title: str):
    return next(slide for slide in deck.slides if slide.shapes.title.text.startswith(title))


# Recipes


@pytest.mark.parametrize("name", ["country", "dyad", "issue", "weekly"])
def test_shipped_recipes_are_read_and_written_round(name):
    found = load(name)
    assert read(write(found)) == found
    assert found.parts


def test_four_recipes_ship():
    assert set(shipped()) == {"dyad", "country", "issue", "weekly"}


def test_a_recipe_with_everything_goes_round():
    whole = Recipe(
        Selection(
            dyad=("GRC", "TUR"), direction="a_to_b", start=date(2023, 1, 1), event_types=("CONSULT",), min_confidence=0.5,
            store_version=3, dataset="articles",
        ),
        (Part("text", 'A "title"\\', "A note\nof two lines \U0001f600", "One.\n\nTwo\ttabs.", 9), Part("map", measure="share of conflict")),
        "Emoji \U0001f9ca " + "x" * 280, "Line", "house.pptx", "Letter",
    )  # fmt: skip
    assert read(write(whole)) == whole
    moving = Recipe(Selection(parties=("GRC",)), (Part("index"),), days=90)
    assert read(write(moving)) == moving


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "is not valid TOML"),
        ("title = 3\n[[section]]\nkind = 'map'", "title: is a text"),
        ("colour = 'red'\n[[section]]\nkind = 'map'", "colour: there is no such key"),
        ("[[section]]\nkind = 'mpa'", "section 1, kind: 'mpa' is not known; one of headline, map"),
        ("[[section]]\ntitle = 'x'", "section 1, kind: is missing"),
        ("[[section]]\nkind = 'map'\n[[section]]\nkind = 'index'\nmots = 3", "section 2, mots: there is no such key"),
        ("[[section]]\nkind = 'chronology'\nmost = 0", "section 1, most: a number from 1 on"),
        ("[[section]]\nkind = 'map'\nmeasure = 'colour'", "section 1, measure: 'colour' is not known"),
        ("paper = 'A3'\n[[section]]\nkind = 'map'", "paper: 'A3' is not known; one of A4, Letter"),
        ("store = 'newest'\n[[section]]\nkind = 'map'", 'store: "latest" or the number'),
        ("[selection]\ndyad = ['GRC']\n[[section]]\nkind = 'map'", "selection: the filter 'dyad'"),
        ("[selection]\nparties = ['XXX']\n[[section]]\nkind = 'map'", "selection: unknown party 'XXX'"),
        ("[selection]\nwho = ['GRC']\n[[section]]\nkind = 'map'", "selection: there is no filter 'who'"),
        ("[selection]\ndays = 7\nstart = 2024-01-01\n[[section]]\nkind = 'map'", "selection, days: stands in place"),
        ("[selection]\ndays = 0\n[[section]]\nkind = 'map'", "selection, days: a number of days"),
        ("title = 'only'", "section: a briefing has 1 to 40 sections"),
        (f"title = '{'x' * 301}'\n[[section]]\nkind = 'map'", "title: has at most 300 characters, this one 301"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_names_the_key(text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read(text, source="mine.toml")


def test_a_missing_recipe_names_those_that_ship(tmp_path):
    with pytest.raises(InputError, match="country, dyad, issue, weekly"):
        load(tmp_path / "none.toml")


# The plain structure


def test_every_statement_leads_to_events_and_articles_of_the_store(queries):
    made = build(standard(DYAD), queries)
    events = queries.events(DYAD).set_index("event_id")
    cited = {note.event_id: note for note in made.notes}
    assert set(cited) <= set(events.index)
    assert [note.number for note in made.notes] == list(range(1, len(made.notes) + 1))
    sources = queries.sources(list(cited))
    for row in sources.itertuples():
        assert row.article_id in {article.article_id for article in cited[row.event_id].articles}
    used = [n for s in made.sections for f in s.facts for n in f.notes] + [
        line.note for s in made.sections for line in s.lines
    ]
    used += [n for s in made.sections if s.table for n in s.table.notes.values()]
    assert set(used) == {note.number for note in made.notes}


def test_notes_are_numbered_in_the_order_of_reading(queries):
    made = build(standard(DYAD), queries)
    order: list[int] = []
    for section in made.sections:
        order += [n for fact in section.facts for n in fact.notes]
        order += [line.note for line in section.lines]
        order += list(section.table.notes.values()) if section.table else []
    assert list(dict.fromkeys(order)) == sorted(set(order))


def test_numbers_are_those_of_the_store(queries):
    made = build(standard(DYAD), queries)
    counts = queries.count(DYAD)
    assert (made.counts.events, made.counts.articles, made.counts.outlets) == (
        counts.events,
        counts.articles,
        counts.outlets,
    )
    assert (
        f"n = {counts.events} events from {counts.articles} articles of {counts.outlets} outlets"
        in made.basis
    )
    by_kind = {section.kind: section for section in made.sections}
    assert (
        sum(abs(v or 0) for s in by_kind["timeline"].visual.plot.series for v in s.amounts) == counts.events
    )
    lanes = queries.by_lane(DYAD, "domain")
    assert (
        sum(abs(v or 0) for s in by_kind["issues"].visual.plot.series for v in s.amounts)
        == lanes["events"].sum()
    )
    assert by_kind["index"].title.startswith("Relations fell from")
    assert by_kind["coming"].lines[0].entry.when == "1 Mar 2099"
    assert "below confidence 0.50" in " ".join(by_kind["evidence"].caption)
    assert any(
        r.text == "Talks broke off" and r.letter == "a"
        for r in build(standard(DYAD), queries, Desk(queries.store.location).note_frame())
        .sections[1]
        .remarks.shown
    )


def test_low_confidence_and_recalled_events_are_marked(queries):
    made = build(Recipe(DYAD, (Part("chronology", most=400),)), queries)
    lines = made.sections[0].lines
    events = queries.events(DYAD).set_index("event_id")
    for line in lines:
        caveats = " ".join(line.entry.caveats)
        assert ("low confidence" in caveats) == (events.loc[line.event_id, "confidence"] < 0.5)
        assert ("recalled" in caveats) == (events.loc[line.event_id, "status"] == "background")
    assert len(lines) == len(events)


def test_nothing_of_an_article_is_told_but_as_a_quotation(queries):
    made = build(standard(DYAD), queries)
    for section in made.sections:
        for line in section.lines:
            assert ", number " not in line.entry.text
        if section.table:
            for row in section.table.rows:
                for cell in row:
                    assert ", number " not in cell or (cell.startswith("“") and cell.endswith("”"))


def test_a_decision_of_an_analyst_is_marked(tmp_path):
    from events import merges

    made = Store(tmp_path / "store")
    items = [told(n, FIRST + timedelta(days=n), "GRC", "TUR", "CONSULT", confidence=0.9) for n in range(8)]
    made.add(items, own(*items))
    first, second = (item.reports[0].report_id for item in items[:2])
    merges.merge(made, first, second, why="one talk", by="Mara")
    section = build(Recipe(DYAD, (Part("chronology", most=20),)), Queries(made)).sections[0]
    marked = {line.event_id for line in section.lines if "corrected by an analyst" in line.entry.caveats}
    assert marked == {first}


def test_an_empty_selection_says_what_to_do(queries):
    with pytest.raises(
        InputError, match=r"no events match \(dyad Iceland – Fiji\) out of \d+; widen the period"
    ):
        build(standard(Selection(dyad=("ISL", "FJI"))), queries)


def test_few_events_are_listed_not_measured(queries):
    made = build(standard(Selection(dyad=("DEU", "FRA"))), queries)
    by_kind = {section.kind: section for section in made.sections}
    assert "too few to measure" in by_kind["index"].empty
    assert by_kind["index"].visual is None
    assert len(by_kind["chronology"].lines) == 1


def test_days_count_back_from_the_newest_event(queries):
    made = build(Recipe(Selection(parties=("TUR",)), (Part("chronology"),), days=7), queries)
    assert made.selection.end == queries.count().last
    assert made.selection.start == made.selection.end - timedelta(days=6)


def test_five_thousand_events_are_cut_and_the_cut_is_told(queries):
    made = build(Recipe(DYAD, (Part("chronology", most=5_000), Part("chronology", most=20))), queries)
    assert "Showing 20 of" in " ".join(made.sections[1].caption)
    assert len(made.sections[1].lines) == 20


# Slides


@pytest.fixture(scope="module")
def deck_data(store):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pictures, "chrome", lambda: None)
        return writer.make(standard(DYAD), store, "pptx")


def test_slides_are_wide_one_message_each_with_notes(deck_data, queries):
    deck = deck_of(deck_data)
    assert round(Emu(deck.slide_width).inches / Emu(deck.slide_height).inches, 2) == 1.78
    counts = queries.count(DYAD)
    assert len(deck.slides) >= 10
    for number, slide in enumerate(deck.slides, start=1):
        assert slide.shapes.title.text
        whole = texts(slide)
        assert f"{number} of {len(deck.slides)}" in whole
        assert "store version 1" in whole
        assert f"{counts.events} events from" in slide.notes_slide.notes_text_frame.text
    told_notes = "\n".join(slide.notes_slide.notes_text_frame.text for slide in deck.slides)
    assert "https://news.example/" in told_notes
    assert "Talks broke off" in told_notes
    assert "javascript:" not in told_notes


def test_charts_of_slides_are_native_with_the_stores_numbers(deck_data, queries):
    deck = deck_of(deck_data)
    timeline = next(
        slide for slide in deck.slides for c in charts(slide) if len(c.chart.plots[0].series) == 4
    )
    chart = charts(timeline)[0].chart
    assert (
        sum(abs(v or 0) for s in chart.plots[0].series for v in tuple(s.values)) == queries.count(DYAD).events
    )
    index = charts(slide_of(deck, "Relations fell"))[0].chart
    names = [s.name for s in index.plots[0].series]
    assert "index, above 0" in names
    assert "index, below 0" in names
    by_type = queries.by_lane(DYAD, "type")
    mirror = next(
        c.chart
        for slide in deck.slides
        for c in charts(slide)
        if "Greece → Türkiye" in [s.name for s in c.chart.plots[0].series]
    )
    assert -sum(mirror.plots[0].series[0].values) == by_type.loc[by_type["by"] == "a", "events"].sum()
    workbook = load_workbook(io.BytesIO(index.part.chart_workbook.xlsx_part.blob))
    assert workbook.active.max_row > 10


def test_key_events_stand_numbered_in_lanes_over_the_columns(deck_data, queries):
    deck = deck_of(deck_data)
    section = next(s for s in build(standard(DYAD), queries).sections if s.kind == "timeline")
    slide = slide_of(deck, section.title)
    group = next(shape for shape in slide.shapes if shape.shape_type == 6)
    lanes = next(shape for shape in group.shapes if shape.name == "Lanes")
    drawn = [series for series in lanes.chart.plots[0].series if "inside" not in series.name]
    points = sum(len(list(series.values)) for series in drawn)
    assert points == len(section.visual.plot.bare_dots) > 50
    named = {s.text_frame.text for s in group.shapes if s.name.startswith("Name of lane")}
    assert named == set(section.visual.plot.lanes) == {"trade", "energy"}
    numbers = [s for s in group.shapes if s.name.startswith("Key event")]
    assert [s.text_frame.text for s in numbers] == [str(line.number) for line in section.lines]
    for shape in numbers:  # each lies in the lanes, which lie over the columns
        assert lanes.top <= shape.top + shape.height / 2 <= lanes.top + lanes.height
        assert lanes.left - 1e5 <= shape.left + shape.width / 2 <= lanes.left + lanes.width + 1e5
    columns = next(shape for shape in group.shapes if shape.name == "Chart")
    assert lanes.top + lanes.height <= columns.top + 10


def test_every_chart_picture_and_table_has_alternative_text(deck_data):
    for slide in deck_of(deck_data).slides:
        for shape in slide.shapes:
            if getattr(shape, "has_table", False) and shape.has_table:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")
        for chart in charts(slide):
            assert len(chart._element.xpath(".//p:cNvPr")[0].get("descr")) > 40


def test_nothing_lies_outside_a_slide(deck_data):
    deck = deck_of(deck_data)
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.name == "Watermark":
                continue
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width + 10
            assert shape.top + shape.height <= deck.slide_height + 10, shape.name


def test_without_chrome_the_map_is_a_table_and_says_so(deck_data):
    slide = next(s for s in deck_of(deck_data).slides if "needs Chrome" in texts(s))
    assert "Athens, Greece" in texts(slide)


@pytest.mark.usefixtures("chromeless")
def test_the_same_recipe_at_the_same_version_makes_the_same_bytes(store):
    asked = Recipe(
        replace(DYAD, store_version=1), tuple(map(Part, ("index", "issues", "chronology", "evidence")))
    )
    for kind in ("pptx", "docx", "html", "xlsx", "csv", "parquet", "jsonl", "geojson"):
        one, two = (writer.make(asked, Store(store.location), kind) for _ in range(2))
        assert one == two, kind


def test_package_times_are_those_of_the_store(deck_data, queries):
    when = datetime.fromisoformat(queries.snapshot.when)
    assert deck_of(deck_data).core_properties.created.replace(tzinfo=UTC, microsecond=0) == when.replace(
        microsecond=0
    )
    with zipfile.ZipFile(io.BytesIO(deck_data)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {when.year}
    assert settled(deck_data, when) == deck_data


@pytest.mark.usefixtures("chromeless")
def test_a_long_title_and_emoji_stay_whole(store):
    title = "Ice \U0001f9ca " + "very long title " * 18
    asked = replace(
        standard(DYAD),
        title=title.strip()[:300],
        parts=(Part("index", title=title.strip()[:300], note="N" * 900),),
    )
    deck = deck_of(writer.make(asked, store, "pptx"))
    assert deck.slides[1].shapes.title.text == title.strip()[:300]
    assert Document(io.BytesIO(writer.make(asked, store, "docx"))).paragraphs[0].text == title.strip()[:300]


@pytest.mark.usefixtures("chromeless")
def test_a_template_of_the_house_is_used_and_a_broken_one_is_told(store, tmp_path):
    house = Presentation()
    house.slide_width = Emu(12192000)
    path = tmp_path / "house.pptx"
    house.save(path)
    deck = deck_of(writer.make(replace(SHORT, template=str(path)), store, "pptx"))
    assert deck.slide_width == 12192000
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be used as a template"):
        writer.make(replace(SHORT, template=str(path)), store, "pptx")


# Documents and pages


@pytest.mark.usefixtures("chromeless")
def test_the_document_has_headings_tables_captions_and_footnotes(store, queries):
    data = writer.make(standard(DYAD), store, "docx")
    document = Document(io.BytesIO(data))
    made = build(standard(DYAD), queries)
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == [section.title for section in made.sections]
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert any(text.startswith("Table ") for text in captions)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    chronology = next(s for s in made.sections if s.kind == "chronology")
    for line in chronology.lines:
        assert any(cell.startswith(line.entry.told) for cell in cells)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        notes = archive.read("word/footnotes.xml").decode()
        body = archive.read("word/document.xml").decode()
        links = archive.read("word/_rels/footnotes.xml.rels").decode()
    assert notes.count("<w:footnote ") == len(made.notes) + 2
    assert re.findall(r'<w:footnoteReference w:id="(\d+)"', body) == [str(n.number) for n in made.notes]
    for note in made.notes:
        assert note.event_id in notes
    assert "https://news.example/" in links
    assert "javascript:" not in links
    assert document.sections[0].page_width.mm == pytest.approx(210, abs=1)
    letter = Document(io.BytesIO(writer.make(replace(SHORT, paper="Letter"), store, "docx")))
    assert letter.sections[0].page_width.inches == pytest.approx(8.5, abs=0.05)


def test_the_page_stands_alone_and_escapes_everything(queries):
    made = build(standard(DYAD), queries)
    text = page(made)
    assert SCRIPT not in text
    assert "javascript:alert" not in text
    body = text[text.index("<main>") : text.index("</main>")]
    assert not re.search(r'(?:src|href)="(?!#|data:|https://news\.example/)', body)
    assert "default-src 'none'" in text
    assert "font/woff2;base64" in text
    assert f'"events":{made.counts.events}' in text
    for line in next(s for s in made.sections if s.kind == "chronology").lines:
        assert line.entry.told in text
    assert text.count('<li id="n') == len(made.notes)
    assert "@page{size:A4" in text.replace("\n", "")


@pytest.mark.usefixtures("chromeless")
def test_samples_are_marked_in_every_format(tmp_path):
    made = Store(tmp_path / "store")
    items = year()
    made.add(items, own(*items), dataset="samples")
    asked = Recipe(DYAD, (Part("index"), Part("chronology")))
    for slide in deck_of(writer.make(asked, made, "pptx")).slides:
        assert "SAMPLE DATA" in texts(slide)
    document = Document(io.BytesIO(writer.make(asked, made, "docx")))
    assert "SAMPLE DATA" in document.sections[0].header.paragraphs[0].text
    assert "SAMPLE DATA" in writer.make(asked, made, "html").decode()
    assert load_workbook(io.BytesIO(writer.make(asked, made, "xlsx")))["README"]["A2"].value == "SAMPLE DATA"
    assert json.loads(writer.make(asked, made, "geojson"))["metadata"]["sample_data"] is True


# Data


def test_the_workbook_holds_exactly_the_events_and_runs_nothing(store, queries):
    whole = Selection()
    book = load_workbook(io.BytesIO(writer.make(replace(SHORT, selection=whole), store, "xlsx")))
    assert book.sheetnames == ["README", "Events", "Articles", "Notes", "Codebook"]
    rows = list(book["Events"].iter_rows(values_only=True))
    events = queries.events(whole)
    assert {row[0] for row in rows[1:]} == set(events["event_id"])
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not (isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@")))
    assert any(FORMULA in str(cell.value) for row in book["Articles"].iter_rows() for cell in row)
    links = [cell.hyperlink.target for row in book["Articles"].iter_rows() for cell in row if cell.hyperlink]
    assert links
    assert all(link.startswith("https://news.example/") for link in links)
    readme = " ".join(str(cell) for row in book["README"].iter_rows(values_only=True) for cell in row if cell)
    assert "Store version" in readme
    assert "[[section]]" in readme
    dates = [row[1] for row in rows[1:]]
    assert all(isinstance(day, datetime) for day in dates)


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "geojson"])
def test_data_files_hold_exactly_the_events(store, queries, kind):
    data = writer.make(SHORT, store, kind)
    events = set(queries.events(DYAD)["event_id"])
    if kind == "csv":
        found = pd.read_csv(io.BytesIO(data))
        assert set(found["event_id"]) == events
        assert set(found["store_version"]) == {1}
    elif kind == "parquet":
        table = pq.read_table(io.BytesIO(data))
        assert set(table["event_id"].to_pylist()) == events
        assert json.loads(table.schema.metadata[b"entente"])["store_version"] == 1
    elif kind == "jsonl":
        lines = [json.loads(line) for line in data.decode().splitlines()]
        assert {line["id"] for line in lines} == events
        assert {"actor", "recipient", "event", "quad_code"} <= set(lines[0])
    else:
        found = json.loads(data)
        assert {feature["id"] for feature in found["features"]} == events
        placed = [f for f in found["features"] if f["geometry"]]
        assert len(placed) == int(queries.by_place(DYAD)["events"].sum())
        assert found["metadata"]["filters"] == {"Dyad": "Greece – Türkiye"}


# Files and faults


@pytest.mark.usefixtures("chromeless")
def test_a_file_is_whole_or_not_there(store, tmp_path, monkeypatch):
    to = tmp_path / "brief.pptx"
    writer.save(SHORT, store, to)
    before = to.read_bytes()

    def fail(*_):
        raise StoreError("gone")

    monkeypatch.setattr(writer, "made", fail)
    with pytest.raises(StoreError):
        writer.save(SHORT, store, to)
    assert to.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["brief.pptx"]


def test_an_unknown_ending_or_folder_is_told(store, tmp_path):
    with pytest.raises(InputError, match=r"no format is known by the ending '.ppt'"):
        writer.save(SHORT, store, tmp_path / "brief.ppt")
    with pytest.raises(InputError, match="there is no such folder"):
        writer.save(SHORT, store, tmp_path / "none" / "brief.pptx")


@pytest.mark.parametrize("kind", ["csv", "docx", "xlsx"])
def test_a_folder_that_may_not_be_written_is_told(store, tmp_path, kind):
    tmp_path.chmod(0o500)
    folder = tmp_path if os.geteuid() else Path("/proc")  # root may write everywhere but there
    with pytest.raises(InputError, match=r"cannot be written .*choose another place"):
        writer.save(SHORT, store, folder / f"brief.{kind}")
    assert not list(tmp_path.iterdir())


def printer(folder: Path, script: str) -> str:
    """Write what stands in for Chrome: a script that is given the file to print to as $out."""
    path = folder / "chrome"
    find = 'for a in "$@"; do case "$a" in --print-to-pdf=*) out="${a#--print-to-pdf=}";; esac; done\n'
    path.write_text(f"#!/bin/sh\n{find}{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_chrome_killed_while_it_prints_is_started_again(store, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    mark = tmp_path / "died"
    once = f'[ -e {mark} ] && {{ printf "%%PDF-1.4 D:20200101000000 %%%%EOF\\n" > "$out"; exit 0; }}\ntouch {mark}; printf "%%PDF-1.4 half" > "$out"; kill -9 $$'
    monkeypatch.setenv("BROWSER_PATH", printer(tmp_path, once))
    to = tmp_path / "out" / "brief.pdf"
    writer.save(SHORT, store, to)
    assert mark.exists()
    assert to.read_bytes().endswith(b"%%EOF\n")


def test_chrome_killed_at_every_print_is_told_and_leaves_nothing(store, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    half = 'printf "%%PDF-1.4 half" > "$out"; echo "out of memory" >&2; kill -9 $$'
    monkeypatch.setenv("BROWSER_PATH", printer(tmp_path, half))
    with pytest.raises(PictureError, match=r"did not print to the end \(out of memory\)"):
        writer.save(SHORT, store, tmp_path / "out" / "brief.pdf")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.usefixtures("chromeless")
@pytest.mark.parametrize("kind", [kind for kind in writer.FORMATS if kind != "pdf"])
def test_a_title_of_300_letters_and_emoji_goes_into_every_format(store, tmp_path, kind):
    title = ("\U0001f9ca\U0001f468\u200d\U0001f469\u200d\U0001f467 Kälte, холод, برد, 寒冷 " * 12)[
        :300
    ].strip()
    to = tmp_path / f"brief.{kind}"
    writer.save(replace(SHORT, title=title), store, to)
    data = to.read_bytes()
    if kind == "pptx":
        assert deck_of(data).slides[0].shapes.title.text == title
    elif kind == "docx":
        assert Document(io.BytesIO(data)).paragraphs[0].text == title
    elif kind == "xlsx":
        assert load_workbook(io.BytesIO(data))["README"]["A1"].value == title
    elif kind == "html":
        assert title in data.decode()
    elif kind == "geojson":
        assert json.loads(data)["name"] == title
    elif kind == "parquet":
        assert json.loads(pq.read_table(to).schema.metadata[b"entente"])["title"] == title
    else:
        assert json.loads((tmp_path / f"brief.{kind}-metadata.json").read_text("utf-8"))["dc:title"] == title


@pytest.mark.usefixtures("chromeless")
def test_twenty_briefings_at_once_each_say_their_own(store):
    kinds = ("pptx", "docx", "csv", "xlsx")

    def own_words(number: int) -> str:
        asked = replace(SHORT, title=f"Briefing {number}")
        made = writer.made(asked, store, kinds[number % 4], "x")
        if number % 4 == 0:
            return deck_of(made.data).slides[0].shapes.title.text
        if number % 4 == 1:
            return Document(io.BytesIO(made.data)).paragraphs[0].text
        if number % 4 == 2:
            return json.loads(made.description)["dc:title"]
        return load_workbook(io.BytesIO(made.data))["README"]["A1"].value

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(own_words, range(20))) == [f"Briefing {number}" for number in range(20)]


@pytest.mark.usefixtures("chromeless")
def test_five_thousand_events_make_a_chronology_that_says_what_it_cut(tmp_path):
    large = large_store.make(str(tmp_path / "large"), 48_000)
    asked = Queries(large)
    dyads = asked.by_dyad(limit=1)
    selection = Selection(dyad=(dyads["a"].iloc[0], dyads["b"].iloc[0]))
    n = asked.count(selection).events
    assert n > 5_000
    wanted = Recipe(selection, (Part("chronology", most=5_000),))
    document = Document(io.BytesIO(writer.make(wanted, large, "docx")))
    assert len(document.tables[0].rows) == MOST
    assert any(f"Showing {MOST} of {n:,} events" in p.text for p in document.paragraphs)
    deck = deck_of(writer.make(wanted, large, "pptx"))
    assert len(deck.slides) == 4
    assert f"Showing 24 of {MOST} lines on slides" in texts(deck.slides[1])


@pytest.mark.usefixtures("chromeless")
def test_a_pdf_without_chrome_says_so(store, tmp_path):
    assert "needs Chrome" in writer.needs_chrome("pdf")
    with pytest.raises(NoChrome):
        writer.save(SHORT, store, tmp_path / "brief.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("chromeless")
def test_every_kind_of_section_is_written_for_every_selection(store):
    for selection in (DYAD, Selection(parties=("TUR",)), Selection(issues=("tariffs",))):
        asked = Recipe(
            selection, tuple(Part(kind, text="Own words." if kind == "text" else "") for kind in KINDS)
        )
        deck = deck_of(writer.make(asked, store, "pptx"))
        assert len(deck.slides) > 8
        assert Document(io.BytesIO(writer.make(asked, store, "docx"))).tables


@pytest.mark.usefixtures("chromeless")
def test_the_command_line_makes_a_briefing_and_tells_what_is_wrong(store, tmp_path):
    to = tmp_path / "brief.csv"
    base = ["brief", "dyad", "--store", store.location, "--out"]
    done = CliRunner().invoke(
        app, [*base, str(to), "--dyad", "GRC-TUR", "--from", "2023-03-01", "--to", "2023-03-31"]
    )
    assert done.exit_code == 0, done.output
    found = pd.read_csv(to)
    assert set(found["date"].str[:7]) == {"2023-03"}
    for more, message in (
        (["--dyad", "ISL-FJI"], "no events match"),
        (["--issue", "nothing"], "unknown issue"),
        (["--from", "2024-02-31"], "YYYY-MM-DD"),
    ):
        failed = CliRunner().invoke(app, [*base, str(tmp_path / "x.csv"), *more])
        assert message in str(failed.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brief.csv", "brief.csv-metadata.json"]


@pytest.mark.slow
@pytest.mark.skipif(pictures.chrome() is None, reason="no Chrome is installed")
def test_with_chrome_the_map_is_a_picture_and_the_page_is_printed(store, queries):
    asked = Recipe(DYAD, (Part("map"), Part("index"), Part("chronology")))
    deck = deck_of(writer.make(asked, store, "pptx"))
    pictured = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictured) == 1
    assert pictured[0].image.size == (1400, 676)
    document = Document(io.BytesIO(writer.make(asked, store, "docx")))
    assert len(document.inline_shapes) == 2
    for shape in document.inline_shapes:
        assert len(shape._inline.docPr.get("descr")) > 40
    printed = writer.make(asked, store, "pdf")
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 20_000
    assert queries.snapshot.when[:10].replace("-", "").encode() in printed


def test_the_recipes_folder_is_what_the_reader_knows():
    assert all(isinstance(path, Path) and path.suffix == ".toml" for path in recipe.shipped().values())
