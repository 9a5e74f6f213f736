"""GDELT 2.0 and 1.0 event files: tab-separated, without a header, 61, 58 or 57 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from events.importers.coding import (
    Coded,
    Verdicts,
    as_floats,
    cameo,
    column,
    country,
    equals,
    mapped,
    nulls,
    own_names,
    same,
    sector_of,
    told_of,
    ymd,
)
from events.importers.papers import Paper
from events.importers.source import Block, Head, Rejected, tab_blocks
from events.importers.triage import dated_back, fan_out, flags_of

__all__ = ["code", "coded_blocks", "recognises"]


def _actor(side: str) -> list[str]:
    return [
        f"{side}{name}"
        for name in (
            "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code",
            "Type1Code", "Type2Code", "Type3Code",
        )
    ]  # fmt: skip


def _geo(side: str, *, second: bool) -> list[str]:
    names = [
        "Type",
        "FullName",
        "CountryCode",
        "ADM1Code",
        *(["ADM2Code"] if second else []),
        "Lat",
        "Long",
        "FeatureID",
    ]
    return [f"{side}Geo_{name}" for name in names]


def _columns(*, second: bool) -> list[str]:
    return [
        "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate", *_actor("Actor1"), *_actor("Actor2"),
        "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions",
        "NumSources", "NumArticles", "AvgTone",
        *(name for side in ("Actor1", "Actor2", "Action") for name in _geo(side, second=second)),
        "DATEADDED", "SOURCEURL",
    ]  # fmt: skip


COLUMNS = {61: _columns(second=True), 58: _columns(second=False), 57: _columns(second=False)[:-1]}
"""Names of the columns by their number: 2.0; 1.0; 1.0 before April 2013."""

# Types of a place: 1 state, 2 state of the USA, 3 town in the USA, 4 town elsewhere, 5 province elsewhere.
_PRECISION = {"1": "state", "2": "region", "3": "city", "4": "city", "5": "region"}


def recognises(head: Head, format_name: str) -> bool:
    """Say whether these are rows of GDELT 2.0 ("gdelt2") or 1.0 ("gdelt1")."""
    wide = (61,) if format_name == "gdelt2" else (58, 57)
    digits = 14 if format_name == "gdelt2" else 8
    if head.kind != "tab":
        return False
    fitting = sum(_fits(row, wide, digits) for row in head.rows)
    return fitting > len(head.rows) / 2


def _fits(row: tuple[str, ...], wide: tuple[int, ...], digits: int) -> bool:
    if len(row) not in wide:
        return False
    added = row[COLUMNS[len(row)].index("DATEADDED")]
    day, number, year = row[1], row[0], row[3]
    return (
        number.isdigit()
        and len(day) == 8
        and day.startswith(year)
        and added.isdigit()
        and len(added) == digits
    )


def coded_blocks(head: Head, stream: BinaryIO, told: Paper) -> Iterator[Coded]:
    """Yield the coded rows of a file."""
    width = next(len(row) for row in head.rows if len(row) in COLUMNS)
    names = COLUMNS[width]
    wanted = [name for name in told.read if name in names]
    for block in tab_blocks(head.file, stream, names, wanted, skip=0):
        yield code(block)


def code(block: Block) -> Coded:
    """Return a block of GDELT's rows in our codes."""
    verdicts = Verdicts(block)
    verdicts.reject(_bad_numbers(block), "GLOBALEVENTID {} is no number: not a row of GDELT", "GLOBALEVENTID")
    sides = {}
    for side in ("Actor1", "Actor2"):
        party, odd = _party(block, side)
        verdicts.reject(odd, f"unknown country code {{}} in {side}CountryCode", f"{side}CountryCode")
        sides[side] = party
    a, b = sides["Actor1"], sides["Actor2"]
    day, bad = mapped(block.table.column("SQLDATE"), ymd, pa.date32())
    verdicts.reject(bad | nulls(day), "the day {} is none (SQLDATE)", "SQLDATE")
    kind, bad = mapped(column(block, "EventCode"), lambda c: cameo(c)[0], pa.string())
    verdicts.reject(bad | nulls(column(block, "EventCode")), "unknown CAMEO code {}", "EventCode")
    url = column(block, "SOURCEURL")
    place = column(block, "ActionGeo_FullName")
    many = fan_out(url, place)  # of all rows of the article, also of those that name one party
    verdicts.leave(nulls(a) & nulls(b), "no party on either side")
    verdicts.leave(nulls(a) | nulls(b), "a party on one side alone")
    verdicts.leave(same(a, b), "both sides of one party")
    verdicts.leave(nulls(kind), "a comment, which PLOVER has no type for")
    slim = verdicts.kept()
    keep = pa.array(verdicts.keep)
    a, b, day, kind = (values.filter(keep) for values in (a, b, day, kind))
    rows = Verdicts(slim)
    columns, unknown = _columns_of(slim, a, b, day, kind, many[verdicts.keep], rows)
    made = rows.coded(columns)
    return verdicts.and_then(made, unknown)


def _columns_of(
    block: Block, a: pa.Array, b: pa.Array, day: pa.Array, kind: pa.Array, many: np.ndarray, rows: Verdicts
) -> tuple[dict[str, Any], list[Rejected]]:
    """Return the columns of `CODED` for rows between two parties, and unknown codes that do not count against them."""
    code_of = column(block, "EventCode")
    flipped, _ = mapped(code_of, lambda c: cameo(c)[3], pa.bool_())
    lat, bad = as_floats(column(block, "ActionGeo_Lat"))
    rows.reject(bad, "the latitude {} is no number", "ActionGeo_Lat")
    lon, bad = as_floats(column(block, "ActionGeo_Long"))
    rows.reject(bad, "the longitude {} is no number", "ActionGeo_Long")
    spot = column(block, "ActionGeo_Type")
    where = column(block, "ActionGeo_CountryCode")
    country_of_place, odd = mapped(where, lambda c: country("fips", c), pa.string())
    unknown = told_of(block, odd, "ActionGeo_CountryCode", "FIPS code")
    added, _ = mapped(block.table.column("DATEADDED"), lambda t: ymd(t[:8]), pa.date32())
    url = column(block, "SOURCEURL")
    names = {side: column(block, f"{side}Name") for side in ("Actor1", "Actor2")}
    sectors = {}
    for side in ("Actor1", "Actor2"):
        sectors[side], odd = mapped(
            column(block, f"{side}Type1Code"), lambda c: sector_of("cameo", c), pa.string()
        )
        unknown += told_of(block, odd, f"{side}Type1Code", "actor type")
    flags = flags_of(
        {
            "place_name": _from_place(block, "Actor1", a) | _from_place(block, "Actor2", b),
            "fan_out": many,
            "dated_back": dated_back(day, added),
            "centroid": pc.is_in(spot, value_set=pa.array(["1", "2", "5"])).to_numpy(zero_copy_only=False),
            "one_source": equals(column(block, "NumSources"), "1"),
        },
        block.table.num_rows,
    )
    turn = flipped.fill_null(False)
    return {
        "key": block.table.column("GLOBALEVENTID"),
        "source": pc.if_else(turn, b, a),
        "target": pc.if_else(turn, a, b),
        "flipped": turn,
        "symmetric": mapped(code_of, lambda c: cameo(c)[2], pa.bool_())[0],
        "event_type": kind,
        "mode": mapped(code_of, lambda c: cameo(c)[1], pa.string())[0],
        "date": day,
        "date_precision": pa.repeat("day", block.table.num_rows),
        "date_basis": pa.repeat("text", block.table.num_rows),
        "place_name": mapped(column(block, "ActionGeo_FullName"), lambda n: n.partition(",")[0], pa.string())[
            0
        ],
        "place_country": country_of_place,
        "lat": lat,
        "lon": lon,
        "place_precision": mapped(spot, _PRECISION.get, pa.string())[0],
        "source_name": pc.if_else(turn, names["Actor2"], names["Actor1"]),
        "source_sector": pc.if_else(turn, sectors["Actor2"], sectors["Actor1"]),
        "target_name": pc.if_else(turn, names["Actor1"], names["Actor2"]),
        "target_sector": pc.if_else(turn, sectors["Actor1"], sectors["Actor2"]),
        "article": url,
        "url": url,
        "outlet": mapped(url, _outlet, pa.string())[0],
        "published": pc.cast(added, pa.string()),
        "flags": flags,
    }, unknown


def _bad_numbers(block: Block) -> np.ndarray:
    ids = column(block, "GLOBALEVENTID")
    found: np.ndarray = ~pc.fill_null(pc.utf8_is_digit(ids), False).to_numpy(zero_copy_only=False)
    return found


def _party(block: Block, side: str) -> tuple[pa.Array, np.ndarray]:
    """Return the party of a side: an organisation that is named, else the state; and which codes nobody knows."""
    group, _ = mapped(column(block, f"{side}KnownGroupCode"), _group, pa.string())
    state, odd = mapped(column(block, f"{side}CountryCode"), lambda c: country("cameo", c), pa.string())
    return pc.coalesce(group, state), odd


def _group(code: str) -> str | None:
    """Return the organisation of a known group; None for a group that is no party (TAL, KDP, ...)."""
    try:
        return country("cameo group", code)
    except KeyError:
        return None


def _from_place(block: Block, side: str, party: pa.Array) -> np.ndarray:
    """Return where an actor has no type, group or faith, and a name that is not its state's: a place made an actor."""
    plain = np.ones(block.table.num_rows, bool)
    for name in ("KnownGroupCode", "EthnicCode", "Religion1Code", "Type1Code"):
        plain &= nulls(column(block, f"{side}{name}"))
    named = pc.binary_join_element_wise(party, pc.fill_null(column(block, f"{side}Name"), ""), "\t")
    foreign, _ = mapped(named, _is_foreign, pa.bool_())
    found: np.ndarray = plain & pc.fill_null(foreign, False).to_numpy(zero_copy_only=False)
    return found


def _is_foreign(named: str) -> bool:
    party, _, name = named.partition("\t")
    return bool(name) and name not in own_names(party)


def _outlet(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
