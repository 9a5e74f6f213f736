"""ACLED exports: comma-separated with a header, old and new columns, states inside the names of actors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from events.importers.coding import (
    Coded,
    Verdicts,
    as_floats,
    column,
    country,
    equals,
    mapped,
    named_party,
    nulls,
    same,
    sector_of,
    told_of,
    ymd,
)
from events.importers.papers import Paper
from events.importers.source import Block, Head, comma_blocks, tab_blocks
from events.importers.triage import flags_of
from events.reference import table

__all__ = ["coded_blocks", "recognises"]

_NEEDED = {"event_date", "event_type", "sub_event_type", "actor1", "actor2"}
_IDS = ("event_id_cnty", "data_id", "event_id_no_cnty")

# A state: after "of", before the years of its regime, as in: Military Forces of Iran (1989-) Guard Corps.
_REGIME = re.compile(r"\bof (?:the )?(?P<state>[^()]+?) \(\d{4}-(?:\d{4})?\)")
# A state at the end, in brackets, as in: Protesters (Iran).
_PEOPLE = re.compile(r"\((?P<state>[^()]*[^()\d-][^()]*)\)$")

_TIMES = {"1": "day", "2": "week", "3": "month"}
_PLACES = {"1": "city", "2": "region", "3": "region"}


def recognises(head: Head) -> bool:
    """Say whether the header is that of ACLED."""
    names = set(head.header)
    return head.kind in {"comma", "tab"} and names >= _NEEDED and not names.isdisjoint(_IDS)


def coded_blocks(head: Head, stream: BinaryIO, told: Paper) -> Iterator[Coded]:
    """Yield the coded rows of a file."""
    wanted = [name for name in told.read if name in head.header]
    blocks = comma_blocks if head.kind == "comma" else tab_blocks
    for block in blocks(head.file, stream, head.header, wanted, skip=1):
        yield _code(block)


def _code(block: Block) -> Coded:
    verdicts = Verdicts(block)
    key = pc.coalesce(*(column(block, name) for name in _IDS))
    verdicts.reject(nulls(key), "has no id of an event")
    day, bad = mapped(column(block, "event_date"), _day, pa.date32())
    verdicts.reject(bad | nulls(day), "the day {} is none (event_date)", "event_date")
    sub = column(block, "sub_event_type")
    _, bad = mapped(sub, lambda s: _kinds()[s], pa.list_(pa.string()))
    verdicts.reject(bad | nulls(sub), "unknown sub-event type {}", "sub_event_type")
    kind, _ = mapped(sub, lambda s: _kinds()[s][0], pa.string())
    a, b = (mapped(column(block, name), _party, pa.string())[0] for name in ("actor1", "actor2"))
    verdicts.leave(nulls(a) & nulls(b), "no party on either side")
    verdicts.leave(nulls(a) | nulls(b), "a party on one side alone")
    verdicts.leave(same(a, b), "both sides of one party")
    verdicts.leave(nulls(kind), "a development that PLOVER has no type for")
    slim = verdicts.kept()
    keep = pa.array(verdicts.keep)
    a, b, day, kind, key = (values.filter(keep) for values in (a, b, day, kind, key))
    rows = Verdicts(slim)
    lat, bad = as_floats(column(slim, "latitude"))
    rows.reject(bad, "the latitude {} is no number", "latitude")
    lon, bad = as_floats(column(slim, "longitude"))
    rows.reject(bad, "the longitude {} is no number", "longitude")
    dead, bad = as_floats(column(slim, "fatalities"))
    rows.reject(bad, "the number {} of deaths is none (fatalities)", "fatalities")
    where, odd = mapped(column(slim, "country"), lambda c: country("name", c), pa.string())
    unknown = told_of(slim, odd, "country", "country")
    sectors = {}
    for side in ("inter1", "inter2"):
        sectors[side], odd = mapped(column(slim, side), lambda c: sector_of("acled", c), pa.string())
        unknown += told_of(slim, odd, side, "kind of actor")
    sub = column(slim, "sub_event_type")
    source = column(slim, "source")
    n = slim.table.num_rows
    mode, _ = mapped(sub, lambda s: _kinds()[s][1] or None, pa.string())
    one = pc.fill_null(pc.invert(pc.match_substring(source, ";")), False).to_numpy(zero_copy_only=False)
    made = rows.coded(
        {
            "key": key,
            "source": a,
            "target": b,
            "flipped": pa.repeat(False, n),
            "symmetric": mapped(sub, lambda s: _kinds()[s][2] == "yes", pa.bool_())[0],
            "event_type": kind,
            "mode": mode,
            "date": day,
            "date_precision": pc.coalesce(
                mapped(column(slim, "time_precision"), _TIMES.get, pa.string())[0], "day"
            ),
            "date_basis": pa.repeat("text", n),
            "place_name": column(slim, "location"),
            "place_country": where,
            "lat": lat,
            "lon": lon,
            "place_precision": pc.coalesce(
                mapped(column(slim, "geo_precision"), _PLACES.get, pa.string())[0], "city"
            ),
            "source_name": column(slim, "actor1"),
            "source_sector": sectors["inter1"],
            "target_name": column(slim, "actor2"),
            "target_sector": sectors["inter2"],
            "article": key,
            "outlet": mapped(source, lambda s: s.split(";")[0].strip() or None, pa.string())[0],
            "published": pc.cast(day, pa.string()),
            "text": column(slim, "notes"),
            "killed": dead,
            "whole": pa.repeat(True, n),
            "flags": flags_of({"centroid": equals(column(slim, "geo_precision"), "3"), "one_source": one}, n),
        }
    )
    return verdicts.and_then(made, unknown)


@cache
def _kinds() -> dict[str, tuple[str | None, str, str]]:
    """Return type, mode and whether both sides act, by sub-event type."""
    return {
        row["sub_event_type"]: (row["event_type"] or None, row["mode"], row["both"])
        for row in table("importers/acled.csv")
    }


def _day(text: str) -> date:
    """Return the day of "2025-05-16", "16-05-2025", "16 May 2025" or "16 May, 2025"; raises ValueError."""
    plain = text.strip().replace(",", "")
    if plain[4:5] == "-":
        return ymd(plain[:10])
    for form in ("%d %B %Y", "%d %b %Y", "%d-%m-%Y", "%d-%B-%Y", "%d-%b-%Y"):
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    raise ValueError(text)


def _party(actor: str) -> str | None:
    """Return the state or organisation that an actor is of, None for one of neither."""
    for pattern in (_REGIME, _PEOPLE):
        if found := pattern.search(actor):
            try:
                return country("name", found["state"].strip())
            except KeyError:
                continue
    return named_party(actor.partition(":")[0].strip())
