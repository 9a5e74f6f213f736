"""The events behind a briefing as data: a workbook (XLSX), CSV, Parquet, PLOVER lines, places (GeoJSON).

All hold exactly the events of the selection, and each says what they are: the workbook on its first sheet, GeoJSON
and Parquet in their metadata, CSV in its columns `dataset` and `store_version`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from events import __version__
from events.accuracy import accuracy
from events.briefing.content import Briefing
from events.briefing.package import settled
from events.briefing.recipe import clean, write
from events.charts import words
from events.charts.rows import records
from events.charts.sentences import tell
from events.codebook import event_types
from events.errors import InputError
from events.export import csv_of, json_lines, neutral
from events.queries import Queries

__all__ = ["COLUMNS", "KINDS", "about", "table"]

KINDS = ("xlsx", "csv", "parquet", "jsonl", "geojson")

COLUMNS: dict[str, str] = {
    "event_id": "Id of the event; leads to it in the dashboard and in the JSON lines",
    "date": "Day of the act; empty where unknown",
    "date_precision": "How exactly the day is known: day, week, month, year",
    "date_basis": "Whether the text names the day or it follows from the day of publication",
    "source": "Party that acts: ISO 3166-1 alpha-3, or the code of an organisation",
    "target": "Party that is acted upon",
    "symmetric": "Whether both act at once; then source and target have no order",
    "event_type": "PLOVER type",
    "mode": "PLOVER mode, empty where there is none",
    "quad_class": "Material or verbal, cooperation or conflict",
    "intensity": "−10 (conflict) to +10 (cooperation)",
    "status": "occurred, denied, or background (recalled by a later article)",
    "planned_for": "Day for which the act is planned",
    "place_name": "Where the act took place",
    "place_country": "Country of the place",
    "place_lat": "Latitude in degrees",
    "place_lon": "Longitude in degrees",
    "place_precision": "How exactly the place is known: site, city, region, state",
    "issues": "What the act is about",
    "domains": "The fields that these issues belong to",
    "actors": "Named people and bodies of both sides",
    "confidence": "How sure the coding is, 0 to 1",
    "reports": "Reports that tell the act",
    "articles": "Articles that do",
    "outlets": "Outlets that do",
    "outlet_names": "Their names",
    "first_reported": "Day of the earliest article",
    "article_id": "Article of the report whose values these are",
    "sentence": "Words of that article, a quotation",
    "dataset": "Dataset of the store",
    "told": "The act as a sentence, written from the coded fields",
    "store_version": "Store version that was asked",
}
"""The columns of the events, with their meaning."""

_MOST_ROWS = 1_048_000  # rows of a sheet
_MOST_TEXT = 32_000  # characters of a cell
_LINKS = 60_000  # that Excel takes on a sheet
_WIDE = {
    "sentence": 60,
    "told": 60,
    "actors": 34,
    "issues": 30,
    "title": 60,
    "url": 40,
    "event_id": 22,
    "article_id": 22,
}


def about(briefing: Briefing) -> dict[str, Any]:
    """Return what the data are: title, source, dataset, store version, period, numbers, filters, date."""
    b = briefing
    return {
        "title": b.title,
        "source": b.source,
        "dataset": b.dataset,
        "sample_data": b.samples,
        "store_version": b.version,
        "date": b.made.date().isoformat(),
        "period": b.days,
        "events": b.counts.events,
        "articles": b.counts.articles,
        "outlets": b.counts.outlets,
        "filters": {name: value for name, value, _ in words.filters(b.selection)},
        "software": f"Entente {__version__}",
    }


def table(briefing: Briefing, queries: Queries, kind: str) -> bytes:
    """Return the briefing's events in this format (one of `KINDS`); raises InputError for more rows than it takes."""
    if kind == "jsonl":
        return "".join(json_lines(queries, briefing.selection, plover=True)).encode("utf-8")
    events = queries.events(briefing.selection)
    events = events.assign(told=[tell(row) for row in records(events)], store_version=briefing.version)
    if kind == "csv":
        return csv_of(events).encode("utf-8-sig")
    if kind == "parquet":
        return _parquet(briefing, events)
    if kind == "geojson":
        return _geojson(briefing, events)
    return _workbook(briefing, queries, events)


def _parquet(briefing: Briefing, events: pd.DataFrame) -> bytes:
    made = pa.Table.from_pandas(events, preserve_index=False)
    told = {b"entente": json.dumps(about(briefing), ensure_ascii=False).encode()}
    out = io.BytesIO()
    pq.write_table(
        made.replace_schema_metadata({**(made.schema.metadata or {}), **told}), out, compression="zstd"
    )
    return out.getvalue()


def _geojson(briefing: Briefing, events: pd.DataFrame) -> bytes:
    """Return the events as features; one without a known place has no geometry."""
    features = []
    for row in events.to_dict("records"):
        known = not (pd.isna(row["place_lat"]) or pd.isna(row["place_lon"]))
        features.append(
            {
                "type": "Feature",
                "id": row["event_id"],
                "geometry": {
                    "type": "Point",
                    "coordinates": [round(row["place_lon"], 5), round(row["place_lat"], 5)],
                }
                if known
                else None,
                "properties": {
                    str(name): _plain(value)
                    for name, value in row.items()
                    if name not in {"place_lat", "place_lon"}
                },
            }
        )
    whole = {
        "type": "FeatureCollection",
        "name": briefing.title,
        "metadata": about(briefing),
        "features": features,
    }
    return (json.dumps(whole, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    """Return a value of a frame as JSON has it."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return value.item() if hasattr(value, "item") else value


# The workbook


def _workbook(briefing: Briefing, queries: Queries, events: pd.DataFrame) -> bytes:
    if len(events) > _MOST_ROWS:
        raise InputError(
            f"{words.number(len(events))} events are more than a sheet takes ({_MOST_ROWS:,}); use Parquet or CSV"
        )
    book = Workbook(write_only=True)
    _readme(book, briefing)
    _sheet(
        book,
        "Events",
        list(COLUMNS),
        (tuple(getattr(row, name) for name in COLUMNS) for row in records(events)),
    )
    sources = queries.sources(list(events["event_id"]))
    heads = ["event_id", "article_id", "title", "outlet", "published", "url"]
    _sheet(book, "Articles", heads, (tuple(getattr(row, name) for name in heads) for row in records(sources)))
    lines = [(note.number, note.event_id, note.text) for note in briefing.notes]
    _sheet(book, "Notes", ["note", "event_id", "told"], lines)
    measured = accuracy().types
    rows = []
    for name, entry in event_types().items():
        figure = measured.get(name)
        rows.append(
            (name, "", entry.quad_class, entry.intensity, entry.definition, figure.f1 if figure else None)
        )
        rows += [
            (name, mode.name, entry.quad_class, mode.intensity, mode.definition, None)
            for mode in entry.modes.values()
        ]
    _sheet(
        book, "Codebook", ["event_type", "mode", "quad_class", "intensity", "definition", "measured F1"], rows
    )
    b = briefing
    book.properties.title, book.properties.creator, book.properties.description = (
        b.title[:255],
        "Entente",
        b.source,
    )
    book.properties.lastModifiedBy = "Entente"
    out = io.BytesIO()
    book.save(out)
    return settled(out.getvalue(), b.made)


def _readme(book: Any, briefing: Briefing) -> None:
    sheet = book.create_sheet("README")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 110
    b = briefing
    rows: list[tuple[str, str]] = [
        (b.title, ""),
        *([("SAMPLE DATA", "Shown to tell what a briefing looks like; not for use")] if b.samples else []),
        ("Source", b.source),
        ("Dataset", b.dataset),
        ("Store version", str(b.version)),
        ("Date of that version", words.time_of(b.made.isoformat())),
        ("Period", b.days),
        (
            "Numbers",
            f"{b.counts.events:,} events from {b.counts.articles:,} articles of {b.counts.outlets:,} outlets",
        ),
        *((f"Filter: {name.lower()}", value) for name, value, _ in words.filters(b.selection)),
        ("Formulas", "A text that a spreadsheet might run as a formula has an apostrophe before it"),
        ("", ""),
        ("Sheet", "What it holds"),
        (
            "Events",
            f"One row an event ({b.counts.events + (0 if b.selection.start or b.selection.end else b.counts.undated):,} rows; undated background among them)",
        ),
        ("Articles", "The articles that tell them, one row for each event and article"),
        ("Notes", "The footnotes of the briefing, by number"),
        ("Codebook", "Event types and modes, with intensity, definition and measured accuracy"),
        ("", ""),
        ("Column of Events", "Meaning"),
        *COLUMNS.items(),
        ("", ""),
        ("Recipe", "Makes the briefing again: python -m events brief RECIPE.toml --out brief.pptx"),
        *(("", line) for line in write(b.recipe).splitlines()),
    ]
    for number, row in enumerate(rows):
        cells = [_cell(sheet, value) for value in row]
        cells[0].font = Font(bold=True, size=14 if number == 0 else 11)
        cells[1].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, head in enumerate(heads, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDE.get(head, 14)
    titles = [_cell(sheet, head) for head in heads]
    for cell in titles:
        cell.font = Font(bold=True)
    sheet.append(titles)
    count = 0
    linked = heads.index("url") if "url" in heads else -1
    for row in rows:
        cells = [_cell(sheet, value) for value in row]
        if (
            linked >= 0
            and count < _LINKS
            and str(row[linked]).lower().startswith(("http://", "https://"))
            and len(row[linked]) < 2_000
        ):
            cells[linked].hyperlink = clean(row[linked])
        sheet.append(cells)
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{count + 1}"


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell: days as days, numbers as numbers, text as text that no spreadsheet runs."""
    if isinstance(value, list | tuple):
        value = "; ".join(str(v.get("name", v)) if isinstance(v, dict) else str(v) for v in value)
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, neutral(clean(value)[:_MOST_TEXT]))
        cell.data_type = "s"
        return cell
    if value is None or pd.isna(value):
        return WriteOnlyCell(sheet, None)
    if isinstance(value, datetime | date):
        day = value.date() if isinstance(value, datetime) else value
        if day.year < 1901:  # Excel's calendar begins in 1900
            return WriteOnlyCell(sheet, day.isoformat())
        cell = WriteOnlyCell(sheet, day)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return WriteOnlyCell(sheet, value.item() if hasattr(value, "item") else value)
