"""Coded rows -> the tables of articles and reports that a store takes in.

Ids are made of the data set's name and of what the publisher calls the row, so that the same row is the same
report in whatever file, order or batch it comes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from events import codebook
from events.importers.coding import distinct, mapped
from events.importers.papers import Paper
from events.importers.triage import folded
from events.schema import ARTICLE_SCHEMA, CONFIDENCE_FIELDS, REPORT_SCHEMA

__all__ = ["Batch", "batched", "identified"]


# A title is cut at so many characters, and read from an address only where that has so many words.
MOST_TITLE = 160
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles and reports (with `event_id` and `reason`) of some rows, and how many of them carry each flag."""

    articles: pa.Table
    reports: pa.Table
    flags: Counter[str]
    events: int


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=10).hexdigest()


def identified(rows: pa.Table, told: Paper, dataset: str) -> pa.Table:
    """Return coded rows with `report_id` and `article_id`; of rows with one id the first alone."""
    report = pc.binary_join_element_wise(dataset, rows.column("key"), ":")
    named = pc.coalesce(rows.column("article"), rows.column("key"))
    article, _ = mapped(named, lambda text: _hash(f"imported\x1f{dataset}\x1f{text}"), pa.string())
    rows = rows.append_column("report_id", report).append_column("article_id", article)
    if not told.folds:
        place = rows.column_names.index("whole")
        rows = rows.set_column(place, "whole", pa.repeat(True, rows.num_rows))
    ids, places = distinct(rows.column("report_id"))
    if len(ids) == rows.num_rows:
        return rows
    _, first = np.unique(places, return_index=True)
    return rows.take(pa.array(np.sort(first)))


def batched(rows: pa.Table, known: pa.Table | None, told: Paper, dataset: str) -> Batch:
    """Return identified rows as tables; `known` holds the stored events that they may belong to."""
    rows = rows.combine_chunks()
    events, reasons, mirrored, both = folded(rows, known)
    flags = _with_mirrored(_array(rows, "flags"), mirrored)
    reports = _reports(rows, both, flags, told)
    reports["dataset"] = pa.repeat(dataset, rows.num_rows)
    reports["event_id"], reports["reason"] = events, reasons
    table = pa.table({name: reports[name] for name in (*REPORT_SCHEMA.names, "event_id", "reason")})
    counted = Counter(
        {str(v["values"]): int(v["counts"]) for v in pc.value_counts(flags.flatten()).to_pylist()}
    )
    return Batch(_articles(rows, dataset), table, counted, len(pc.unique(events)))


def _array(rows: pa.Table, name: str) -> pa.Array:
    values = rows.column(name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _with_mirrored(flags: pa.Array, mirrored: np.ndarray) -> pa.Array:
    """Return the lists of flags, with "mirrored" added where it is so."""
    lengths = pc.fill_null(pc.list_value_length(flags), 0).to_numpy(zero_copy_only=False)
    total = lengths + mirrored
    offsets = np.concatenate([[0], np.cumsum(total)]).astype(np.int32)
    own = np.repeat(np.arange(len(lengths)), lengths)
    within = np.arange(len(own)) - np.repeat(np.concatenate([[0], np.cumsum(lengths)])[:-1], lengths)
    values = np.empty(int(offsets[-1]), dtype=object)
    values[offsets[own] + within] = flags.flatten().to_numpy(zero_copy_only=False)
    values[offsets[1:][mirrored] - 1] = "mirrored"
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.string()))


@cache
def _kinds() -> dict[str, tuple[str, float]]:
    """Return quad class and intensity by type and mode."""
    return {
        f"{kind.name}\t{mode}": (kind.quad_class, codebook.intensity(kind.name, mode or None))
        for kind in codebook.event_types().values()
        for mode in ("", *kind.modes)
    }


def _reports(rows: pa.Table, both: pa.Array, flags: pa.Array, told: Paper) -> dict[str, Any]:
    number = rows.num_rows
    source, target = _array(rows, "source"), _array(rows, "target")
    turned = pc.and_(
        both, pc.greater(source, target)
    )  # an act of both sides stands in the order of the alphabet
    kind, mode = _array(rows, "event_type"), _array(rows, "mode")
    typed = pc.binary_join_element_wise(kind, pc.fill_null(mode, ""), "\t")
    text = pc.fill_null(_array(rows, "text"), "")
    first = pc.if_else(turned, target, source)
    second = pc.if_else(turned, source, target)
    sides = {
        side: {part: pc.if_else(turned, _array(rows, f"{other}_{part}"), _array(rows, f"{side}_{part}")) for part in ("name", "sector")}
        for side, other in (("source", "target"), ("target", "source"))
    }  # fmt: skip
    day = _array(rows, "date")
    zero = pa.repeat(pa.scalar(0, pa.int32()), number)
    known = pc.is_valid(_array(rows, "place_name"))
    return {
        "report_id": rows.column("report_id"),
        "article_id": rows.column("article_id"),
        "source": first,
        "target": second,
        "symmetric": both,
        "event_type": kind,
        "mode": mode,
        "quad_class": mapped(typed, lambda t: _kinds()[t][0], pa.string())[0],
        "intensity": mapped(typed, lambda t: _kinds()[t][1], pa.float64())[0],
        "status": pc.coalesce(_array(rows, "status"), "occurred"),
        "planned_for": rows.column("planned_for"),
        "date": day,
        "date_precision": rows.column("date_precision"),
        "date_basis": rows.column("date_basis"),
        "place": _struct(
            "place",
            [
                _array(rows, "place_name"),
                _array(rows, "place_country"),
                _array(rows, "lat"),
                _array(rows, "lon"),
                pc.coalesce(_array(rows, "place_precision"), "state"),
            ],
            pc.invert(known),
        ),
        "actors": _actors(first, second, sides, number),
        "issues": _issues(_array(rows, "issues")),
        "quantities": _killed(_array(rows, "killed")),
        "attributed_to": pa.nulls(number, pa.string()),
        "evidence": _evidence(number),
        # no offsets: the words are shown, but nothing in an article is marked by them
        "sentence": _struct("sentence", [zero, zero, text]),
        "confidence": rows.column("confidence"),
        "confidence_by_field": _struct(
            "confidence_by_field", [pa.nulls(number, pa.float64())] * len(CONFIDENCE_FIELDS)
        ),
        "extractor": pa.repeat(told.name, number),
        "extractor_version": pa.repeat(f"mapping {told.version}", number),
        "article": rows.column("key"),
        "outlet": rows.column("outlet"),
        "published": rows.column("published"),
        "flags": flags,
        "year": pc.fill_null(pc.cast(pc.year(day), pa.int32()), 0),
    }


def _struct(name: str, parts: list[Any], mask: Any = None) -> pa.Array:
    kind = REPORT_SCHEMA.field(name).type
    cast = [pc.cast(part, kind.field(at).type) for at, part in enumerate(parts)]
    return pa.StructArray.from_arrays(cast, fields=list(kind), mask=mask)


def _items(kind: pa.DataType, parts: list[Any], present: np.ndarray, each: int) -> pa.Array:
    """Return lists of structs: of `each` candidates a row, in turn, those that are present."""
    counts = present.reshape(-1, each).sum(axis=1) if len(present) else np.zeros(0, int)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    mask = pa.array(present)
    inner = kind.value_type
    cast = [pc.cast(part.filter(mask), inner.field(at).type) for at, part in enumerate(parts)]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(cast, fields=list(inner)))


def _actors(source: pa.Array, target: pa.Array, sides: dict[str, dict[str, Any]], number: int) -> pa.Array:
    kind = REPORT_SCHEMA.field("actors").type
    turn = pa.array(
        np.arange(2 * number).reshape(2, number).T.ravel()
    )  # source and target of each row in turn

    def woven(a: Any, b: Any) -> pa.Array:
        return pa.concat_arrays([_plain(a), _plain(b)]).take(turn)

    name = woven(sides["source"]["name"], sides["target"]["name"])
    sector = woven(sides["source"]["sector"], sides["target"]["sector"])
    side = woven(pa.repeat("source", number), pa.repeat("target", number))
    nothing = pa.nulls(2 * number, pa.string())
    zero = pa.repeat(pa.scalar(0, pa.int32()), 2 * number)
    present = pc.is_valid(name).to_numpy(zero_copy_only=False)
    return _items(kind, [name, nothing, nothing, woven(source, target), sector, side, zero, zero], present, 2)


def _plain(values: Any) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _issues(names: pa.Array) -> pa.Array:
    kind = REPORT_SCHEMA.field("issues").type
    flat = pc.list_flatten(names) if len(names) else pa.array([], pa.string())
    lengths = pc.fill_null(pc.list_value_length(names), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    domains, _ = mapped(flat, lambda name: codebook.issues()[name].domain, pa.string())
    zero = pa.repeat(pa.scalar(0, pa.int32()), len(flat))
    items = pa.StructArray.from_arrays([flat, domains, zero, zero], fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def _killed(dead: pa.Array) -> pa.Array:
    kind = REPORT_SCHEMA.field("quantities").type
    number = len(dead)
    present = pc.fill_null(pc.greater(dead, 0), False).to_numpy(zero_copy_only=False)
    zero = pa.repeat(pa.scalar(0, pa.int32()), number)
    parts = [pa.repeat("killed", number), dead, pa.nulls(number, pa.string()), zero, zero]
    return _items(kind, parts, present, 1)


def _evidence(number: int) -> pa.Array:
    kind = REPORT_SCHEMA.field("evidence").type
    return pa.StructArray.from_arrays([pa.nulls(number, part.type) for part in kind], fields=list(kind))


def _titles(rows: pa.Table) -> pa.Array:
    """Return what to call each article: its headline, else the words of its address, else the number of its story."""
    slug, _ = mapped(rows.column("url"), _slug, pa.string())
    text, _ = mapped(
        rows.column("text"), lambda t: t.split("\n")[0].strip()[:MOST_TITLE] or None, pa.string()
    )
    story = pc.binary_join_element_wise("Story", rows.column("article"), " ")
    named = pc.coalesce(text, slug, pc.if_else(pc.is_null(rows.column("url")), story, None))
    return pc.fill_null(named, "")


def _slug(url: str) -> str | None:
    """Return the words of an address: "…/world/greece-and-turkey-meet.html" is "greece and turkey meet"."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    parts = (re.sub(r"\.\w{2,5}$", "", part) for part in path.split("/"))
    words = max(
        (re.findall(r"[^\W\d_]{2,}|(?<!\d)\d{1,4}(?!\d)", part) for part in parts), key=len, default=[]
    )
    return " ".join(words)[:MOST_TITLE] if len(words) >= FEWEST_WORDS else None


def _articles(rows: pa.Table, dataset: str) -> pa.Table:
    """Return the articles of the rows, one a row of the table, as the first of their rows tells them."""
    _, places = distinct(rows.column("article_id"))
    _, first = np.unique(places, return_index=True)
    own = rows.take(pa.array(np.sort(first)))
    number = own.num_rows
    values: dict[str, Any] = {
        "article_id": own.column("article_id"),
        "dataset": pa.repeat(dataset, number),
        "title": _titles(own),
        "published": own.column("published"),
        "outlet": own.column("outlet"),
        "outlet_country": pa.nulls(number, pa.string()),
        "language": pa.nulls(number, pa.string()),
        "url": own.column("url"),
        "retrieved": pa.repeat(datetime.now(UTC).isoformat(timespec="seconds"), number),
        "origin": own.column("file"),
        "skipped": pa.nulls(number, pa.string()),
        "text": pc.fill_null(own.column("text"), ""),
    }
    return pa.table(values).select(ARTICLE_SCHEMA.names).cast(ARTICLE_SCHEMA)
