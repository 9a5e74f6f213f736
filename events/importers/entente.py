"""Our own exports: events as CSV or Parquet (one row an event), reports as JSON lines in our keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from events import codebook
from events.errors import InputError, UnknownCode
from events.gazetteer import Gazetteer
from events.importers.coding import CODED, Coded, Verdicts, as_floats, column, mapped, nulls, same, ymd
from events.importers.papers import Paper
from events.importers.source import Block, Head, Rejected, comma_blocks, json_blocks, parquet_blocks
from events.schema import Report

__all__ = ["coded_blocks", "recognises"]

_NEEDED = {"event_id", "date", "source", "target", "symmetric", "event_type", "quad_class", "status"}
_REPORT = {"report_id", "article_id", "source", "target", "event_type", "sentence"}


def recognises(head: Head) -> bool:
    """Say whether this is an export of ours."""
    if head.kind == "parquet":
        return head.keys >= _NEEDED
    if head.kind == "json":
        return head.keys >= _REPORT
    return head.kind == "comma" and set(head.header) >= _NEEDED


def coded_blocks(head: Head, stream: BinaryIO, told: Paper) -> Iterator[Coded]:
    """Yield the coded rows of a file."""
    if head.kind == "json":
        for good, rejected in json_blocks(head.file, stream):
            yield _reports(head.file, good, rejected)
        return
    if head.kind == "parquet":
        line = 1
        for rows in parquet_blocks(head.file, stream):
            yield _events(_as_text(head.file, rows, line, told.read))
            line += rows.num_rows
        return
    wanted = [name for name in told.read if name in head.header]
    for block in comma_blocks(head.file, stream, head.header, wanted, skip=1):
        yield _events(block)


def _as_text(file: str, rows: pa.Table, line: int, wanted: Sequence[str]) -> Block:
    """Return rows of a Parquet file as a CSV would hold them, their number in the place of a line."""
    columns: dict[str, pa.Array] = {"line": pa.array(range(line, line + rows.num_rows), pa.int64())}
    for name in wanted:
        if name in rows.column_names:
            columns[name] = pa.array([_cell(value) for value in rows.column(name).to_pylist()], pa.string())
    return Block(file, pa.table(columns))


def _cell(value: Any) -> str | None:
    if value is None or value == "" or value != value:  # noqa: PLR0124 NaN
        return None
    if isinstance(value, list):
        return "; ".join(str(item["name"] if isinstance(item, dict) else item) for item in value) or None
    return value.isoformat()[:10] if isinstance(value, datetime | date) else str(value)


@cache
def _parties() -> frozenset[str]:
    return frozenset({*Gazetteer.states(), *Gazetteer.organisations()})


def _party(code: str) -> str:
    if code not in _parties():
        raise KeyError(code)
    return code


def _events(block: Block) -> Coded:
    verdicts = Verdicts(block)
    verdicts.reject(nulls(column(block, "event_id")), "has no event_id")
    sides = {}
    for side in ("source", "target"):
        sides[side], bad = mapped(column(block, side), _party, pa.string())
        verdicts.reject(bad | nulls(sides[side]), f"unknown party {{}} ({side})", side)
    verdicts.reject(same(sides["source"], sides["target"]), "source and target are one party: {}", "source")
    kind = column(block, "event_type")
    _, bad = mapped(kind, lambda name: codebook.event_type(name).name, pa.string())
    verdicts.reject(bad | nulls(kind), "unknown event type {}", "event_type")
    typed = pc.binary_join_element_wise(pc.fill_null(kind, ""), pc.fill_null(column(block, "mode"), ""), "\t")
    mode, bad = mapped(typed, _mode, pa.string())
    verdicts.reject(bad, "unknown mode {}", "mode")
    day, bad = mapped(column(block, "date"), _day, pa.date32())
    verdicts.reject(bad, "the date {} is no day", "date")
    planned, bad = mapped(column(block, "planned_for"), _day, pa.date32())
    verdicts.reject(bad, "the date {} is no day (planned_for)", "planned_for")
    status, bad = mapped(column(block, "status"), _status, pa.string())
    verdicts.reject(bad | nulls(status), "unknown status {}", "status")
    symmetric, bad = mapped(column(block, "symmetric"), _yes, pa.bool_())
    verdicts.reject(bad | nulls(symmetric), "symmetric is True or False, not {}", "symmetric")
    numbers = {}
    for name in ("place_lat", "place_lon", "confidence"):
        numbers[name], bad = as_floats(column(block, name))
        verdicts.reject(bad, f"{name} {{}} is no number", name)
    issues, bad = mapped(column(block, "issues"), _issues, pa.list_(pa.string()))
    verdicts.reject(bad, "an unknown issue in {}", "issues")
    n = verdicts.rows
    return verdicts.coded(
        {
            "key": column(block, "event_id"),
            "source": sides["source"],
            "target": sides["target"],
            "flipped": pa.repeat(False, n),
            "symmetric": symmetric,
            "event_type": kind,
            "mode": mode,
            "date": day,
            "date_precision": pc.coalesce(column(block, "date_precision"), "day"),
            "date_basis": pc.coalesce(column(block, "date_basis"), "text"),
            "place_name": column(block, "place_name"),
            "place_country": column(block, "place_country"),
            "lat": numbers["place_lat"],
            "lon": numbers["place_lon"],
            "place_precision": column(block, "place_precision"),
            "article": column(block, "article_id"),
            "outlet": mapped(column(block, "outlet_names"), lambda o: o.split("; ")[0], pa.string())[0],
            "published": column(block, "first_reported"),
            "text": column(block, "sentence"),
            "issues": issues,
            "status": status,
            "planned_for": planned,
            "confidence": numbers["confidence"],
            "whole": pa.repeat(True, n),
        }
    )


def _mode(typed: str) -> str | None:
    kind, _, mode = typed.partition("\t")
    if not mode or kind not in codebook.event_types():
        return None
    codebook.intensity(kind, mode)
    return mode


def _day(text: str) -> date:
    return ymd(text[:10])


def _status(text: str) -> str:
    if text not in {"occurred", "denied", "background"}:
        raise KeyError(text)
    return text


def _yes(text: str) -> bool:
    return {"True": True, "true": True, "False": False, "false": False}[text]


def _issues(text: str) -> list[str]:
    names = [name.strip().removeprefix("'") for name in text.split("; ") if name.strip()]
    if unknown := [name for name in names if name not in codebook.issues()]:
        raise KeyError(unknown[0])
    return names


def _reports(file: str, good: Sequence[tuple[int, Any]], rejected: list[Rejected]) -> Coded:
    """Return reports, each checked by the record that it is."""
    rows, bad, filled = [], list(rejected), 0
    for line, values in good:
        try:
            report = Report.from_json(values)
            _party(report.source), _party(report.target)
            codebook.intensity(report.event_type, report.mode)
            rows.append(_row(file, line, report))
        except (InputError, UnknownCode, KeyError, TypeError, ValueError, AttributeError) as error:
            bad.append(Rejected(file, line, f"is no report of ours: {error}", str(values)[:2000]))
    filled = len(rows)
    table = pa.Table.from_pylist(rows, schema=CODED)
    return Coded(file, len(good) + len(rejected), table, rejected=bad, filled={"report_id": filled})


def _row(file: str, line: int, report: Report) -> dict[str, Any]:
    place = report.place
    named = {side: next((a for a in report.actors if a.side == side), None) for side in ("source", "target")}
    return {
        "file": file,
        "line": line,
        "key": report.report_id,
        "source": report.source,
        "target": report.target,
        "flipped": False,
        "symmetric": bool(report.symmetric),
        "event_type": report.event_type,
        "mode": report.mode,
        "date": ymd(report.date) if report.date else None,
        "date_precision": report.date_precision,
        "date_basis": report.date_basis,
        "place_name": place and place.name,
        "place_country": place and place.country,
        "lat": place and place.lat,
        "lon": place and place.lon,
        "place_precision": place and place.precision,
        **{f"{side}_name": actor and actor.name for side, actor in named.items()},
        **{f"{side}_sector": actor and actor.sector for side, actor in named.items()},
        "article": report.article_id,
        "published": report.date,
        "text": report.sentence.text,
        "killed": next((q.value for q in report.quantities if q.kind == "killed"), None),
        "issues": [issue.issue for issue in report.issues if issue.issue in codebook.issues()],
        "status": report.status,
        "planned_for": ymd(report.planned_for) if report.planned_for else None,
        "confidence": report.confidence,
        "flags": list(report.flags),
    }
