"""UCDP Georeferenced Event Dataset: comma-separated, 49 columns, with or without a header."""

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
    column,
    country,
    equals,
    mapped,
    nulls,
    same,
    told_of,
    without,
    ymd,
)
from events.importers.papers import Paper
from events.importers.source import Block, Head, comma_blocks
from events.importers.triage import flags_of

__all__ = ["coded_blocks", "recognises"]

COLUMNS = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id",
    "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a",
    "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office",
    "source_date", "source_headline", "source_original", "where_prec", "where_coordinates", "where_description",
    "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians",
    "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip
"""The columns in their order, for files without a header."""

_NEEDED = {"id", "type_of_violence", "date_start", "date_end", "gwnoa", "gwnob", "side_a", "side_b", "best"}

# Precision of the place: 1 the very spot, 2 within 25 km, 3 district, 4 province, 5 line or area, 6 state, 7 sea, air.
_PLACES = {"1": "site", "2": "city", "3": "region", "4": "region", "5": "region", "6": "state", "7": "state"}
# Precision of the date: 1 the day, 2 two to six days, 3 a week, 4 eight to thirty days, 5 more.
_DATES = {"1": "day", "2": "week", "3": "week", "4": "month", "5": "year"}


def recognises(head: Head) -> bool:
    """Say whether the header is UCDP's, or the rows are."""
    if head.kind != "comma":
        return False
    return set(head.header) >= _NEEDED or _bare(head)


def _bare(head: Head) -> bool:
    fitting = [
        row for row in head.rows if len(row) == len(COLUMNS) and _fits(dict(zip(COLUMNS, row, strict=True)))
    ]
    return len(fitting) > len(head.rows) / 2


def _fits(row: dict[str, str]) -> bool:
    return (
        row["type_of_violence"].removesuffix(".0") in {"1", "2", "3"}
        and len(row["date_start"]) >= 10
        and row["date_start"][4:5] == "-"
    )


def coded_blocks(head: Head, stream: BinaryIO, told: Paper) -> Iterator[Coded]:
    """Yield the coded rows of a file."""
    headed = set(head.header) >= _NEEDED
    names = head.header if headed else COLUMNS
    wanted = [name for name in told.read if name in names]
    for block in comma_blocks(head.file, stream, names, wanted, skip=int(headed)):
        yield _code(without(block, ("NA", "NULL")))


def _code(block: Block) -> Coded:
    verdicts = Verdicts(block)
    number, bad = mapped(column(block, "id"), _whole, pa.string())
    verdicts.reject(bad | nulls(number), "id {} is no number: not a row of UCDP", "id")
    day, bad = mapped(column(block, "date_start"), _day, pa.date32())
    verdicts.reject(bad | nulls(day), "the day {} is none (date_start)", "date_start")
    last, bad = mapped(column(block, "date_end"), _day, pa.date32())
    verdicts.reject(bad | nulls(last), "the day {} is none (date_end)", "date_end")
    violence, bad = mapped(column(block, "type_of_violence"), _kind, pa.string())
    verdicts.reject(bad | nulls(violence), "unknown type of violence {}", "type_of_violence")
    sides = {}
    days = pc.fill_null(pc.cast(day, pa.string()), "")
    for side in ("gwnoa", "gwnob"):
        dated = pc.binary_join_element_wise(column(block, side), days, "\t")
        sides[side], bad = mapped(dated, _state, pa.string())
        verdicts.reject(bad, f"unknown Gleditsch-Ward number {{}} in {side}", side)
    a, b = sides["gwnoa"], sides["gwnob"]
    verdicts.leave(~equals(violence, "1"), "violence without a state on both sides (types 2 and 3)")
    verdicts.leave(nulls(a) | nulls(b), "a state against a group, not another state")
    verdicts.leave(same(a, b), "both sides of one party")
    slim = verdicts.kept()
    keep = pa.array(verdicts.keep)
    a, b, day, last, number = (values.filter(keep) for values in (a, b, day, last, number))
    rows = Verdicts(slim)
    lat, bad = as_floats(column(slim, "latitude"))
    rows.reject(bad, "the latitude {} is no number", "latitude")
    lon, bad = as_floats(column(slim, "longitude"))
    rows.reject(bad, "the longitude {} is no number", "longitude")
    dead, bad = as_floats(column(slim, "best"))
    rows.reject(bad, "the number {} of deaths is none (best)", "best")
    when = pc.binary_join_element_wise(
        pc.cast(day, pa.string()),
        pc.cast(last, pa.string()),
        pc.fill_null(column(slim, "date_prec"), ""),
        "\t",
    )
    place = pc.binary_join_element_wise(
        pc.fill_null(column(slim, "country_id"), ""), pc.cast(day, pa.string()), "\t"
    )
    place_country, odd = mapped(place, lambda c: _state(c) if not c.startswith("\t") else None, pa.string())
    n = slim.table.num_rows
    precision, _ = mapped(column(slim, "where_prec"), lambda p: _PLACES[_whole(p)], pa.string())
    sources, _ = as_floats(column(slim, "number_of_sources"))
    made = rows.coded(
        {
            "key": number,
            "source": a,
            "target": b,
            "flipped": pa.repeat(False, n),
            "symmetric": pa.repeat(True, n),
            "event_type": pa.repeat("ASSAULT", n),
            "date": day,
            "date_precision": mapped(when, _precision, pa.string())[0],
            "date_basis": pa.repeat("text", n),
            "place_name": pc.coalesce(
                column(slim, "where_coordinates"), column(slim, "adm_1"), column(slim, "country")
            ),
            "place_country": place_country,
            "lat": lat,
            "lon": lon,
            "place_precision": precision,
            "source_name": column(slim, "side_a"),
            "source_sector": pa.repeat("MIL", n),
            "target_name": column(slim, "side_b"),
            "target_sector": pa.repeat("MIL", n),
            "article": number,
            "outlet": mapped(
                column(slim, "source_office"), lambda o: o.split(";")[0].strip() or None, pa.string()
            )[0],
            "published": mapped(column(slim, "source_date"), _published, pa.string())[0],
            "text": column(slim, "source_headline"),
            "killed": dead,
            "flags": flags_of(
                {"centroid": equals(precision, "state"), "one_source": equals(sources, 1.0)}, n
            ),
        }
    )
    return verdicts.and_then(made, told_of(slim, odd, "country_id", "Gleditsch-Ward number"))


def _whole(text: str) -> str:
    """Return "365" of "365" or "365.0"; raises ValueError."""
    value = float(text)
    if value != int(value):
        raise ValueError(text)
    return str(int(value))


def _kind(text: str) -> str:
    kind = _whole(text)
    if kind not in {"1", "2", "3"}:
        raise ValueError(text)
    return kind


def _state(dated: str) -> str | None:
    """Return the state of "365<tab>2022-11-14"; several numbers (a coalition) stand for the first."""
    numbers, _, day = dated.partition("\t")
    first = numbers.replace(";", ",").split(",")[0].strip()
    return country("gw", _whole(first), date.fromisoformat(day) if day else None)


def _day(text: str) -> date:
    return ymd(text[:10])


def _precision(when: str) -> str:
    first, last, told = when.split("\t")
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    by_span = "day" if days < 1 else "week" if days < 8 else "month" if days < 32 else "year"
    order = ("day", "week", "month", "year")
    by_code = _DATES.get(_whole(told), "year") if told else "day"
    return max(by_span, by_code, key=order.index)


def _published(text: str) -> str | None:
    """Return the earliest of several days of reports, None where none is a day."""
    days = []
    for part in text.split(";"):
        try:
            days.append(ymd(part.strip()[:10]).isoformat())
        except ValueError:
            continue
    return min(days, default=None)
