"""The events behind a briefing as data: a workbook (XLSX), CSV, Parquet, PLOVER lines, places (GeoJSON).

All hold exactly the events of the selection, and each says what they are: the workbook on its first sheet, GeoJSON
and Parquet in their metadata, CSV and JSON lines in a description that stands beside them.
"""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from events.accuracy import accuracy
from events.briefing.content import Briefing
from events.briefing.recipe import clean, write
from events.charts import words
from events.charts.rows import records
from events.charts.sentences import tell
from events.codebook import event_types
from events.errors import InputError
from events.export import csv_of, json_lines, neutral, parquet_of
from events.queries import Queries
from events.sidecar import COLUMNS, described, facts, meanings

__all__ = ["DESCRIBED", "KINDS", "about", "description", "table"]

KINDS = ("xlsx", "csv", "parquet", "jsonl", "geojson")
DESCRIBED = frozenset({"csv", "jsonl"})
"""Kinds that have no place for what they are: a description stands beside them (`events.sidecar`)."""

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
    """Return what the data are: the title, and the `sidecar.facts` of the events."""
    b = briefing
    told = facts(b.selection, b.counts, dataset=b.dataset, version=b.version, day=b.made.date())
    return {"title": b.title, **told, "period": b.days}


def description(briefing: Briefing, kind: str, data: bytes, name: str) -> str:
    """Return what stands beside a file of this kind and name, "" where the file says itself what it is."""
    if kind not in DESCRIBED:
        return ""
    columns = meanings(COLUMNS) if kind == "csv" else None
    return described(name, data, about(briefing), title=briefing.title, columns=columns)


def table(briefing: Briefing, queries: Queries, kind: str) -> bytes:
    """Return the briefing's events in this format (one of `KINDS`); raises InputError for more rows than it takes."""
    if kind == "jsonl":
        return "".join(json_lines(queries, briefing.selection, plover=True)).encode("utf-8")
    events = queries.events(briefing.selection)
    events = events.assign(told=[tell(row) for row in records(events)], store_version=briefing.version)
    if kind == "csv":
        return csv_of(events).encode("utf-8-sig")
    if kind == "parquet":
        return parquet_of(events, about(briefing))
    if kind == "geojson":
        return _geojson(briefing, events)
    return _workbook(briefing, queries, events)


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
    b, out = briefing, io.BytesIO()
    # Rows are written out one by one, and no text is taken for a formula, a number or an address.
    book = Workbook(
        out,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False},
    )  # fmt: skip
    book.set_properties(
        {"title": b.title[:255], "author": "Entente", "comments": b.source, "created": b.made.replace(tzinfo=None)}
    )  # fmt: skip
    _readme(book, briefing)
    _sheet(book, "Events", events[list(COLUMNS)])
    heads = ["event_id", "article_id", "title", "outlet", "published", "url"]
    _sheet(book, "Articles", queries.sources(list(events["event_id"]))[heads])
    lines = [(note.number, note.event_id, note.text) for note in briefing.notes]
    _sheet(book, "Notes", pd.DataFrame(lines, columns=["note", "event_id", "told"]))
    measured = accuracy().types
    rows: list[tuple[Any, ...]] = []
    for name, entry in event_types().items():
        figure = measured.get(name)
        rows.append(
            (name, "", entry.quad_class, entry.intensity, entry.definition, figure.f1 if figure else None)
        )
        rows += [
            (name, mode.name, entry.quad_class, mode.intensity, mode.definition, None)
            for mode in entry.modes.values()
        ]
    codebook = ["event_type", "mode", "quad_class", "intensity", "definition", "measured F1"]
    _sheet(book, "Codebook", pd.DataFrame(rows, columns=codebook))
    book.close()
    return out.getvalue()


def _readme(book: Any, briefing: Briefing) -> None:
    sheet = book.add_worksheet("README")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
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
    bold = book.add_format({"bold": True, "font_size": 11})
    for number, (name, text) in enumerate(rows):
        sheet.write_string(
            number, 0, _text(name), book.add_format({"bold": True, "font_size": 14}) if number == 0 else bold
        )
        sheet.write_string(number, 1, _text(text), wrapped)


def _sheet(book: Any, name: str, table: pd.DataFrame) -> None:
    """Write a table with a head that stays, a filter, and addresses that can be clicked."""
    sheet = book.add_worksheet(name)
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    heads = [str(head) for head in table.columns]
    for x, head in enumerate(heads):
        sheet.set_column(x, x, _WIDE.get(head, 14))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table), len(heads) - 1)
    for x, head in enumerate(heads):
        sheet.write_string(0, x, head, bold)
    columns = [_cells(table[head]) for head in heads]
    linked = heads.index("url") if "url" in heads else -1
    put_text, put_number = sheet.write_string, sheet.write_number
    for y, row in enumerate(zip(*columns, strict=True), start=1):
        for x, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, str):
                if (
                    x == linked
                    and y <= _LINKS
                    and len(value) < 2_000
                    and value.lower().startswith(("http://", "https://"))
                ):
                    sheet.write_url(y, x, value, string=value)
                else:
                    put_text(y, x, value)
            elif isinstance(value, _Day):
                put_number(y, x, value, day)
            elif isinstance(value, bool):
                sheet.write_boolean(y, x, value)
            else:
                put_number(y, x, value)


class _Day(int):
    """A day as a workbook counts it."""


_ZERO = date(1899, 12, 30)  # day 0 of a workbook, from March 1900 on


def _cells(column: pd.Series) -> list[Any]:
    """Return a column as cells: days as days, numbers as numbers, text as text that no spreadsheet runs, None for none."""
    known: dict[str, str] = {}

    def cell(value: Any) -> Any:
        if isinstance(value, list | tuple) or hasattr(value, "tolist"):
            value = value.tolist() if hasattr(value, "tolist") else value
            if isinstance(value, list | tuple):
                value = "; ".join(str(v.get("name", v)) if isinstance(v, dict) else str(v) for v in value)
        if isinstance(value, str):
            found = known.get(value)
            if found is None:
                found = _text(value)
                if len(known) < _KNOWN:
                    known[value] = found
            return found
        if value is None or value is pd.NA or value != value:  # noqa: PLR0124 NaN and NaT
            return None
        if isinstance(value, datetime | date):
            found_day = value.date() if isinstance(value, datetime) else value
            # Excel's calendar begins in 1900.
            return found_day.isoformat() if found_day.year < 1901 else _Day((found_day - _ZERO).days)
        return value

    return [cell(value) for value in column]


_KNOWN = 5_000  # texts of a column that are remembered: names and codes come again and again


def _text(text: str) -> str:
    """Return a text as a cell takes it."""
    return neutral(clean(text)[:_MOST_TEXT])
