"""ICEWS event files from Dataverse: tab-separated, 20 columns, countries by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from events.importers.coding import (
    Coded,
    Verdicts,
    as_floats,
    cameo,
    column,
    country,
    knows_sector,
    mapped,
    named_party,
    nulls,
    same,
    sector_of,
    told_of,
    without,
    ymd,
)
from events.importers.papers import Paper
from events.importers.source import Block, Head, tab_blocks
from events.importers.triage import flags_of

__all__ = ["coded_blocks", "recognises"]

_NEEDED = {
    "Event ID",
    "Event Date",
    "Source Name",
    "Source Country",
    "CAMEO Code",
    "Target Name",
    "Target Country",
}

# Of the sectors of one actor, in random order, the first of these that is there counts.
_RANK = ("SPY", "MIL", "JUD", "LEG", "REB", "OPP", "MED", "BUS", "NGO", "IGO", "GOV", "CVL")


def recognises(head: Head) -> bool:
    """Say whether the header is that of ICEWS."""
    return head.kind == "tab" and set(head.header) >= _NEEDED


def coded_blocks(head: Head, stream: BinaryIO, told: Paper) -> Iterator[Coded]:
    """Yield the coded rows of a file."""
    wanted = [name for name in told.read if name in head.header]
    for block in tab_blocks(head.file, stream, head.header, wanted, skip=1):
        yield _code(without(block, ("NA", "NULL")))


def _code(block: Block) -> Coded:
    verdicts = Verdicts(block)
    number = column(block, "Event ID")
    digits = pc.fill_null(pc.utf8_is_digit(number), False).to_numpy(zero_copy_only=False)
    verdicts.reject(~digits, "Event ID {} is no number: not a row of ICEWS", "Event ID")
    day, bad = mapped(column(block, "Event Date"), _day, pa.date32())
    verdicts.reject(bad | nulls(day), "the day {} is none (Event Date)", "Event Date")
    code_of = column(block, "CAMEO Code")
    kind, bad = mapped(code_of, lambda c: cameo(c)[0], pa.string())
    verdicts.leave(nulls(code_of), "no CAMEO code")
    verdicts.reject(bad, "unknown CAMEO code {}", "CAMEO Code")
    sides = {}
    for side in ("Source", "Target"):
        state, bad = mapped(column(block, f"{side} Country"), lambda c: country("name", c), pa.string())
        verdicts.reject(bad, f"unknown country {{}} in {side} Country", f"{side} Country")
        body, _ = mapped(column(block, f"{side} Name"), named_party, pa.string())
        sides[side] = pc.if_else(nulls(column(block, f"{side} Country")), body, state)
    a, b = sides["Source"], sides["Target"]
    verdicts.leave(nulls(a) & nulls(b), "no party on either side")
    verdicts.leave(nulls(a) | nulls(b), "a party on one side alone")
    verdicts.leave(same(a, b), "both sides of one party")
    verdicts.leave(nulls(kind), "a comment, which PLOVER has no type for")
    slim = verdicts.kept()
    keep = pa.array(verdicts.keep)
    a, b, day, kind, code_of = (values.filter(keep) for values in (a, b, day, kind, code_of))
    rows = Verdicts(slim)
    lat, bad = as_floats(column(slim, "Latitude"))
    rows.reject(bad, "the latitude {} is no number", "Latitude")
    lon, bad = as_floats(column(slim, "Longitude"))
    rows.reject(bad, "the longitude {} is no number", "Longitude")
    place_country, odd = mapped(column(slim, "Country"), lambda c: country("name", c), pa.string())
    unknown = told_of(slim, odd, "Country", "country")
    sectors = {}
    for side in ("Source", "Target"):
        name = f"{side} Sectors"
        sectors[side], _ = mapped(column(slim, name), _sector, pa.string())
    city, province = column(slim, "City"), column(slim, "Province")
    turn = mapped(code_of, lambda c: cameo(c)[3], pa.bool_())[0]
    n = slim.table.num_rows
    story, sentence = column(slim, "Story ID"), pc.fill_null(column(slim, "Sentence Number"), "")
    known = ~nulls(lat)
    made = rows.coded(
        {
            # an Event ID of before 2014 may come twice: only together with these it is one row
            "key": pc.binary_join_element_wise(
                column(slim, "Event ID"),
                pc.cast(day, pa.string()),
                pc.fill_null(story, ""),
                sentence,
                a,
                b,
                code_of,
                "-",
            ),
            "source": pc.if_else(turn, b, a),
            "target": pc.if_else(turn, a, b),
            "flipped": turn,
            "symmetric": mapped(code_of, lambda c: cameo(c)[2], pa.bool_())[0],
            "event_type": kind,
            "mode": mapped(code_of, lambda c: cameo(c)[1], pa.string())[0],
            "date": day,
            "date_precision": pa.repeat("day", n),
            "date_basis": pa.repeat("publication", n),
            "place_name": pc.coalesce(city, province, column(slim, "Country")),
            "place_country": place_country,
            "lat": lat,
            "lon": lon,
            "place_precision": pc.if_else(
                pc.is_valid(city), "city", pc.if_else(pc.is_valid(province), "region", "state")
            ),
            "source_name": pc.if_else(turn, column(slim, "Target Name"), column(slim, "Source Name")),
            "source_sector": pc.if_else(turn, sectors["Target"], sectors["Source"]),
            "target_name": pc.if_else(turn, column(slim, "Source Name"), column(slim, "Target Name")),
            "target_sector": pc.if_else(turn, sectors["Source"], sectors["Target"]),
            "article": story,
            "outlet": column(slim, "Publisher"),
            "published": pc.cast(day, pa.string()),
            "flags": flags_of({"centroid": nulls(city) & known}, n),
        }
    )
    return verdicts.and_then(made, unknown)


def _day(text: str) -> date:
    """Return the day of "2018-06-01", or of "6/1/2018" as the file of 2017 has it."""
    if "/" not in text:
        return ymd(text)
    month, day, year = text.partition(" ")[0].split("/")
    return date(int(year), int(month), int(day))


def _sector(text: str) -> str | None:
    """Return the most telling of our sectors for a list of theirs."""
    names = [name.strip().strip('"') for name in text.split(",")]
    ours = {sector_of("icews", name) for name in names if knows_sector("icews", name)}
    return next((sector for sector in _RANK if sector in ours), None)
