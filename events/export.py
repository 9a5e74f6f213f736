"""Events of a selection as files: CSV and Parquet (one row an event), JSONL (one report a line, our keys or PLOVER's).

A file is written under a temporary name and then renamed: no half file is left behind.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from events import __version__
from events.errors import InputError
from events.gazetteer import party_name
from events.queries import Queries
from events.schema import Report, Selection
from events.sidecar import beside, described, facts_of, meanings

__all__ = ["csv_cell", "csv_of", "json_lines", "neutral", "parquet_of", "plover_record", "replacing", "write"]

# A cell that starts so may be run as a formula by a spreadsheet; a leading apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\n")
_QUAD_CODES = {
    "verbal cooperation": 1,
    "material cooperation": 2,
    "verbal conflict": 3,
    "material conflict": 4,
}
"""PLOVER's quad codes."""


def neutral(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_cell(value: Any) -> Any:
    """Return a value as a cell of a CSV file: lists joined by "; ", formulas neutralised."""
    if isinstance(value, list | tuple) or hasattr(value, "tolist"):
        value = "; ".join(str(v.get("name", v)) if isinstance(v, dict) else str(v) for v in value)
    if isinstance(value, str):
        return neutral(value.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n"))
    return value


def csv_of(events: pd.DataFrame) -> str:
    """Return events as CSV text: lists joined by "; ", formulas neutralised, dates ISO."""
    plain = events.copy()
    for name in plain.columns:
        if plain[name].dtype == object or pd.api.types.is_string_dtype(plain[name]):
            plain[name] = plain[name].map(csv_cell)
    plain.columns = [csv_cell(name) for name in plain.columns]  # a column may bear a data set's name
    return str(plain.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n"))


def parquet_of(events: pd.DataFrame, told: dict[str, Any]) -> bytes:
    """Return events as a Parquet file that says in its metadata, under `entente`, what they are (`sidecar.facts`)."""
    made = pa.Table.from_pandas(events, preserve_index=False)
    held = {**(made.schema.metadata or {}), b"entente": json.dumps(told, ensure_ascii=False).encode()}
    out = io.BytesIO()
    pq.write_table(made.replace_schema_metadata(held), out, compression="zstd")
    return out.getvalue()


def plover_record(
    report: Report, *, outlet: str | None = None, url: str | None = None, title: str = ""
) -> dict[str, Any]:
    """Return a report in the names of PLOVER's JSON standard (manual 2.0, chapter 6).

    Our own fields that the standard does not know (status, evidence, confidence) stand under `entente`.
    """

    def side(code: str, which: str) -> dict[str, Any]:
        named = [a for a in report.actors if a.side == which]
        return {
            "code": code,
            "sector": named[0].sector if named else None,
            "entity_text": party_name(code),
            "identifier_text": "; ".join(a.name for a in named) or None,
        }

    dead = [q.value for q in report.quantities if q.kind == "killed"]
    injured = [q.value for q in report.quantities if q.kind == "injured"]
    arrested = [q.value for q in report.quantities if q.kind == "detained"]
    place = report.place
    return {
        "id": report.report_id,
        "date": report.date,
        "has_event": True,
        "actor": [side(report.source, "source")]
        + ([side(report.target, "target")] if report.symmetric else []),
        "recipient": [] if report.symmetric else [side(report.target, "target")],
        "event": report.event_type,
        "mode": report.mode,
        "context": sorted({i.domain for i in report.issues}),
        "quad_code": _QUAD_CODES[report.quad_class],
        "event_scale": report.intensity,
        "event_text": " ".join(s.text for s in report.evidence.get("event_type", ())),
        "event_loc": None
        if place is None
        else {
            "extracted_place": " ".join(s.text for s in report.evidence.get("place", ())) or place.name,
            "resolved_place": place.name,
            "country_code": place.country,
            "lat": place.lat,
            "lon": place.lon,
        },
        "size": {
            "dead": max(dead, default=None),
            "injured": max(injured, default=None),
            "arrested": max(arrested, default=None),
        },
        "text": report.sentence.text,
        "cite_info": {"publication": outlet, "url": url, "title": title},
        "coder": f"Entente {report.extractor} {report.extractor_version}",
        "coded_date": None,
        "comment": None,
        "entente": {
            "article_id": report.article_id,
            "status": report.status,
            "planned_for": report.planned_for,
            "date_precision": report.date_precision,
            "date_basis": report.date_basis,
            "attributed_to": report.attributed_to,
            "confidence": report.confidence,
            "issues": [i.issue for i in report.issues],
            "symmetric": report.symmetric,
            "version": __version__,
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return value


def _records(queries: Queries, selection: Selection, *, plover: bool) -> Iterator[dict[str, Any]]:
    """The reports behind the selected events as JSON objects, in our keys or in PLOVER's, with their data set."""
    keys = set(Report.__dataclass_fields__)
    for batch in queries.reports(selection):
        told = queries.titles(set(batch.column("article_id").to_pylist())) if plover else {}
        for row in batch.to_pylist():
            values = {name: _plain(value) for name, value in row.items() if name in keys}
            values["article"] = values.get("article") or values["article_id"]
            report = Report.from_json(values)
            if not plover:
                yield report.to_json() | {"dataset": row["dataset"]}
                continue
            title, url = told.get(report.article_id, ("", None))
            record = plover_record(report, outlet=row["outlet"], url=url, title=title)
            record["entente"]["dataset"] = row["dataset"]
            yield record


def json_lines(queries: Queries, selection: Selection, *, plover: bool = False) -> Iterator[str]:
    """Yield the reports behind the selected events, by date, as lines of JSON: in our keys or in PLOVER's."""
    for record in _records(queries, selection, plover=plover):
        yield json.dumps(record, ensure_ascii=False) + "\n"


@contextmanager
def replacing(to: Path, *, named: Path | None = None) -> Iterator[Path]:
    """Give a temporary file beside `to` that takes its place when all went well, and goes away when not.

    Raises InputError where the file cannot be written, which names the file `named` in place of this one.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{to.name[:80]}.", suffix=".part", dir=to.parent)
        os.close(handle)
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror}); choose another place", source=str(named or to)
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(to)
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror}); choose another place", source=str(named or to)
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def write(queries: Queries, selection: Selection, to: Path, kind: str) -> int:
    """Write the selection to a file and return how many events (CSV, Parquet) or reports (JSONL) it holds.

    `kind` is csv, parquet, jsonl or plover. What the file holds (period, filters, store version, ...) stands in Parquet's
    own metadata, and in a description beside the others (`events.sidecar`). Raises InputError where the file cannot be written.
    """
    told = facts_of(queries, selection)
    with ExitStack() as stack:
        # The description is entered first: it takes its place last, and none where the file itself does not.
        aside = None if kind == "parquet" else stack.enter_context(replacing(beside(to), named=to))
        temporary = stack.enter_context(replacing(to))
        n, columns = _written(queries, selection, temporary, kind, told)
        if aside is not None:
            text = described(to.name, temporary, told, columns=meanings(columns))
            aside.write_text(text, encoding="utf-8")
    return n


def _written(
    queries: Queries, selection: Selection, temporary: Path, kind: str, told: dict[str, Any]
) -> tuple[int, list[str]]:
    """Write the file itself; return how many rows it holds and its columns, none for lines of JSON."""
    if kind in {"csv", "parquet"}:
        frame = queries.events(selection)
        if kind == "csv":
            temporary.write_text(csv_of(frame), encoding="utf-8")
        else:
            temporary.write_bytes(parquet_of(frame, told))
        return len(frame), list(frame.columns)
    n = 0
    with temporary.open("w", encoding="utf-8", newline="\n") as handle:
        for line in json_lines(queries, selection, plover=kind == "plover"):
            handle.write(line)
            n += 1
    return n, []
