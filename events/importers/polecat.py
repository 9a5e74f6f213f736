"""POLECAT event files: tab-separated, a header of 40 names or more, lists parted by semicolons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from events import codebook
from events.gazetteer import Gazetteer
from events.importers.coding import (
    Coded,
    Verdicts,
    as_floats,
    column,
    country,
    distinct,
    mapped,
    named_party,
    nulls,
    sector_of,
    told_of,
    without,
    ymd,
)
from events.importers.papers import Paper
from events.importers.source import Block, Head, Rejected, tab_blocks
from events.importers.triage import dated_back, flags_of
from events.reference import table

__all__ = ["coded_blocks", "recognises"]

_NEEDED = {
    "Event ID",
    "Event Date",
    "Event Type",
    "Event Mode",
    "Contexts",
    "Actor Country",
    "Recipient Country",
}

# Names that stand in the header of some files without a column of their own below.
_WITHOUT_COLUMN = ("Headline",)

# Types that both sides do, unless one is named as guest, host or third party.
_MUTUAL = frozenset({"CONSULT", "COOPERATE"})

_UNIT = "\x1f"


def recognises(head: Head) -> bool:
    """Say whether the header is that of POLECAT."""
    return head.kind == "tab" and set(head.header) >= _NEEDED


def coded_blocks(head: Head, stream: BinaryIO, told: Paper) -> Iterator[Coded]:
    """Yield the coded rows of a file."""
    names = _names(head)
    wanted = [name for name in told.read if name in names]
    for block in tab_blocks(head.file, stream, names, wanted, skip=1):
        yield _code(without(block, ("None", "NA")))


def _names(head: Head) -> list[str]:
    """Return the names of the columns that the rows have: empty names at the end and names without a column go."""
    names = list(head.header)
    while names and not names[-1]:
        names.pop()
    widths = [len(row) for row in head.rows[1:]]
    if widths and min(widths) < len(names):
        for name in _WITHOUT_COLUMN:
            if name in names and len(names) > min(widths):
                names.remove(name)
    return names


def _code(block: Block) -> Coded:
    verdicts = Verdicts(block)
    verdicts.reject(nulls(column(block, "Event ID")), "has no Event ID")
    day, bad = mapped(column(block, "Event Date"), lambda t: ymd(t[:10]), pa.date32())
    verdicts.reject(bad | nulls(day), "the day {} is none (Event Date)", "Event Date")
    kind, bad = mapped(column(block, "Event Type"), _type, pa.string())
    verdicts.reject(bad | nulls(kind), "unknown event type {}", "Event Type")
    sides = {}
    for side in ("Actor", "Recipient"):
        codes = column(block, f"{side} Country")
        named = pc.binary_join_element_wise(
            pc.fill_null(codes, ""), pc.fill_null(column(block, f"{side} Name"), ""), _UNIT
        )
        sides[side], bad = mapped(named, _parties, pa.string())
        verdicts.reject(bad, f"unknown country in {{}} ({side} Country)", f"{side} Country")
    both = pc.binary_join_element_wise(
        pc.fill_null(sides["Actor"], ""), pc.fill_null(sides["Recipient"], ""), pc.fill_null(kind, ""),
        pc.fill_null(column(block, "Event Mode"), ""), _UNIT,
    )  # fmt: skip
    texts, places = distinct(both)
    dyads = [_dyads(text) for text in texts]
    number = np.array([len(found) for found in dyads])[places] if dyads else np.zeros(0, int)
    nobody = pc.equal(sides["Actor"], "").to_numpy(zero_copy_only=False)
    verdicts.leave((number == 0) & nobody, "no party on either side")
    verdicts.leave(number == 0, "no two parties")
    keep = verdicts.keep
    each = np.flatnonzero(keep)
    spread = np.repeat(each, number[each])
    slim = Block(block.file, block.table.take(pa.array(spread)))
    flat = [dyad for at in each for dyad in dyads[places[at]]]
    day, kind = (values.take(pa.array(spread)) for values in (day, kind))
    made, unknown = _rows(slim, flat, day, kind, spread)
    return verdicts.and_then(made, unknown)


def _rows(
    slim: Block, dyads: Sequence[tuple[str, str, bool]], day: pa.Array, kind: pa.Array, spread: np.ndarray
) -> tuple[Coded, list[Rejected]]:
    rows = Verdicts(slim)
    n = slim.table.num_rows
    lat, bad = as_floats(column(slim, "Latitude"))
    rows.reject(bad, "the latitude {} is no number", "Latitude")
    lon, bad = as_floats(column(slim, "Longitude"))
    rows.reject(bad, "the longitude {} is no number", "Longitude")
    typed = pc.binary_join_element_wise(kind, pc.fill_null(column(slim, "Event Mode"), ""), _UNIT)
    mode, odd = mapped(typed, _mode, pa.string())
    unknown = told_of(slim, odd, "Event Mode", "mode")
    where, odd = mapped(column(slim, "Country"), _place_country, pa.string())
    unknown += told_of(slim, odd, "Country", "country")
    contexts, odd = mapped(column(slim, "Contexts"), _issues, pa.list_(pa.string()))
    unknown += told_of(slim, odd, "Contexts", "context")
    sectors = {}
    for side in ("Actor", "Recipient"):
        name = f"Primary {side} Sector"
        sectors[side], odd = mapped(column(slim, name), lambda s: sector_of("polecat", s), pa.string())
        unknown += told_of(slim, odd, name, "sector")
    published, _ = mapped(column(slim, "Publication Date"), lambda t: ymd(t[:10]), pa.date32())
    city, province = column(slim, "City"), column(slim, "Province")
    order = np.arange(n) - np.searchsorted(spread, spread)
    ordinal = pa.array([str(value) for value in order.tolist()], pa.string())
    a, b, mutual = (
        (pa.array(values) for values in zip(*dyads, strict=True))
        if dyads
        else (pa.array([], pa.string()),) * 3
    )
    made = rows.coded(
        {
            "key": pc.binary_join_element_wise(column(slim, "Event ID"), ordinal, "-"),
            "source": a,
            "target": b,
            "flipped": pa.repeat(False, n),
            "symmetric": pc.cast(mutual, pa.bool_()) if dyads else pa.array([], pa.bool_()),
            "event_type": kind,
            "mode": mode,
            "date": day,
            "date_precision": pa.repeat("day", n),
            "date_basis": pa.repeat("text", n),
            "place_name": pc.coalesce(column(slim, "Placename"), city, province, column(slim, "Country")),
            "place_country": where,
            "lat": lat,
            "lon": lon,
            "place_precision": pc.if_else(pc.is_valid(city), "city", pc.if_else(pc.is_valid(province), "region", "state")),
            "source_name": pc.coalesce(column(slim, "Actor Name"), column(slim, "Actor Name Raw")),
            "source_sector": sectors["Actor"],
            "target_name": pc.coalesce(column(slim, "Recipient Name"), column(slim, "Recipient Name Raw")),
            "target_sector": sectors["Recipient"],
            "outlet": column(slim, "Source"),
            "published": pc.cast(published, pa.string()),
            "article": column(slim, "Event ID"),
            "issues": contexts,
            "flags": flags_of(
                {
                    "dated_back": dated_back(day, published),
                    "centroid": nulls(city) & ~nulls(lat),
                },
                n,
            ),
        }
    )  # fmt: skip
    return made, unknown


def _type(text: str) -> str:
    name = text.strip().upper()
    if name not in codebook.event_types():
        raise KeyError(text)
    return name


def _parties(named: str) -> str:
    """Return the parties of a list of countries, or of the name where there is no country, parted by semicolons."""
    codes, _, name = named.partition(_UNIT)
    named_codes = (code.strip() for code in codes.split(";"))
    found = [party for code in named_codes if code and code != "None" and (party := country("iso", code))]
    if not found:
        found = [body for part in name.split(";") if (body := named_party(part.strip()))]
    return ";".join(dict.fromkeys(found))


def _dyads(text: str) -> list[tuple[str, str, bool]]:
    """Return source, target and whether both sides act, of each pair that a row tells of."""
    actors, recipients, kind, mode = text.split(_UNIT)
    left, right = ([code for code in part.split(";") if code] for part in (actors, recipients))
    mutual = kind in _MUTUAL and mode not in {"visit", "third-party"}
    if not right:  # no host, no recipient: the actors met
        return [(a, b, True) for a, b in combinations(left, 2)] if kind in _MUTUAL else []
    return [
        (a, b, mutual)
        for a in left
        for b in right
        if a != b and not (mutual and a in right and b in left and a > b)
    ]


@cache
def _aliases() -> dict[tuple[str, str], str]:
    return {(row["event_type"], row["polecat"]): row["mode"] for row in table("importers/modes.csv")}


def _mode(typed: str) -> str | None:
    kind, _, told = typed.partition(_UNIT)
    name = told.split(";")[0].strip().lower().replace("_", "-").replace(" ", "-")
    if not name:
        return None
    if (kind, name) in _aliases() or (kind, told.strip()) in _aliases():
        return _aliases().get((kind, name), _aliases().get((kind, told.strip()), "")) or None
    if name not in codebook.event_type(kind).modes:
        raise KeyError(told)
    return name


def _place_country(text: str) -> str | None:
    return text if text in Gazetteer.states() else country("name", text)


@cache
def _contexts() -> dict[str, str]:
    return {row["context"]: row["domain"] for row in table("importers/contexts.csv")}


def _issues(text: str) -> list[str]:
    """Return the general issue of each context that has a domain of ours."""
    names = [
        part.strip().lower().replace("-", "_").replace(" ", "_") for part in text.split(";") if part.strip()
    ]
    domains = dict.fromkeys(_contexts()[name] for name in names)
    return [codebook.general_issue(domain) for domain in domains if domain]
