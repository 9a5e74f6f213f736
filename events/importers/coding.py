"""What all readers share: the code tables, columns mapped by their distinct values, and the coded rows.

A reader goes over a block column by column. `Verdicts` keeps, for each row, the first reason why it is set aside
(bad: it goes to the file of rejected rows) or left out (sound, but no act of one party towards another).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from events import codebook
from events.errors import UnknownCode
from events.gazetteer import Gazetteer, party_code
from events.importers.source import Block, Rejected
from events.reference import column_list, table

__all__ = [
    "CODED", "Coded", "Verdicts", "as_floats", "assembled", "cameo", "column", "country", "distinct", "equals", "mapped",
    "named_party", "nulls", "own_names", "same", "sector_of", "told_of", "without", "ymd",
]  # fmt: skip

CODED = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("key", pa.string()),  # what tells the row from every other of its data set
        ("source", pa.string()),
        ("target", pa.string()),
        ("flipped", pa.bool_()),  # the row had source and target the other way round
        ("symmetric", pa.bool_()),
        ("event_type", pa.string()),
        ("mode", pa.string()),
        ("date", pa.date32()),
        ("date_precision", pa.string()),
        ("date_basis", pa.string()),
        ("place_name", pa.string()),
        ("place_country", pa.string()),
        ("lat", pa.float64()),
        ("lon", pa.float64()),
        ("place_precision", pa.string()),
        ("source_name", pa.string()),
        ("source_sector", pa.string()),
        ("target_name", pa.string()),
        ("target_sector", pa.string()),
        ("article", pa.string()),  # what tells the article from others: an address, the number of a story
        ("url", pa.string()),
        ("outlet", pa.string()),
        ("published", pa.string()),
        ("text", pa.string()),  # the words that the row holds, where it holds any
        ("killed", pa.float64()),
        ("issues", pa.list_(pa.string())),
        ("status", pa.string()),  # null: occurred
        ("planned_for", pa.date32()),
        ("confidence", pa.float64()),
        ("whole", pa.bool_()),  # the row is an event of its own and is never folded into another
        ("flags", pa.list_(pa.string())),
    ]
)
"""A row of another data set in our codes, before it becomes a report. Null stands for what the row does not say."""


@dataclass(slots=True)
class Coded:
    """What a reader made of a block: rows of `CODED`, and what became of the others."""

    file: str
    rows: int
    table: pa.Table
    left: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)
    filled: dict[str, int] = field(default_factory=dict)
    unknown: list[Rejected] = field(default_factory=list)  # codes that nobody knows in rows that were kept


class Verdicts:
    """The first reason against each row of a block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.rows = block.table.num_rows
        self.keep: np.ndarray = np.ones(self.rows, bool)
        self.left: Counter[str] = Counter()
        self.rejected: list[Rejected] = list(block.rejected)

    def leave(self, mask: np.ndarray, reason: str) -> None:
        """Leave out the rows of the mask that nothing was said against yet."""
        now = mask & self.keep
        if number := int(now.sum()):
            self.left[reason] += number
            self.keep &= ~now

    def reject(self, mask: np.ndarray, reason: str, column: str = "") -> None:
        """Set the rows of the mask aside; `{}` in the reason stands for the value of the column."""
        now = np.flatnonzero(mask & self.keep)
        if not len(now):
            return
        self.keep[now] = False
        bad = self.block.table.take(pa.array(now))
        names = [name for name in bad.column_names if name != "line"]
        for row in bad.to_pylist():
            text = "\t".join("" if row[name] is None else str(row[name]) for name in names)
            value = row.get(column)
            told = reason.replace("{}", repr(value)) if column else reason
            self.rejected.append(Rejected(self.block.file, row["line"], told, text[:2000]))

    def kept(self) -> Block:
        """Return the rows that nothing was said against, as a block to go on with."""
        return Block(self.block.file, self.block.table.filter(pa.array(self.keep)).combine_chunks())

    def and_then(self, made: Coded, unknown: Sequence[Rejected] = ()) -> Coded:
        """Return what was made of the kept rows, with what these verdicts said of the others before."""
        return Coded(
            self.block.file,
            self.rows + len(self.block.rejected),
            made.table,
            self.left + made.left,
            [*self.rejected, *made.rejected],
            self._filled(),
            list(unknown),
        )

    def _filled(self) -> dict[str, int]:
        table = self.block.table
        return {
            name: self.rows - table.column(name).null_count for name in table.column_names if name != "line"
        }

    def coded(self, columns: Mapping[str, Any]) -> Coded:
        """Return the kept rows of these columns (names of `CODED`; the others are null)."""
        mask = pa.array(self.keep)
        number = int(self.keep.sum())
        given = {
            "file": pa.repeat(self.block.file, self.rows),
            "line": self.block.table.column("line"),
        } | dict(columns)
        made = []
        for part in CODED:
            if part.name not in given:
                made.append(pa.nulls(number, part.type))
                continue
            values = given[part.name]
            if isinstance(values, pa.ChunkedArray):
                values = values.combine_chunks()
            made.append(pc.cast(values.filter(mask), part.type))
        total = self.rows + len(self.block.rejected)
        table = pa.Table.from_arrays(made, schema=CODED)
        return Coded(self.block.file, total, table, self.left, self.rejected, self._filled())


def assembled(parts: Sequence[Coded]) -> pa.Table:
    """Return the rows of several blocks as one table."""
    return pa.concat_tables([part.table for part in parts]).combine_chunks() if parts else CODED.empty_table()


# Columns


def column(block: Block, name: str) -> pa.Array:
    """Return a column of a block, of nulls where this file has none."""
    if name not in block.table.column_names:
        return pa.nulls(block.table.num_rows, pa.string())
    values = block.table.column(name)
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def without(block: Block, words: Sequence[str]) -> Block:
    """Return a block in which these words ("NA", "None") are empty cells."""
    gone = pa.array(list(words))
    table = block.table
    for place, name in enumerate(table.column_names):
        if name != "line":
            values = column(block, name)
            table = table.set_column(place, name, pc.if_else(pc.is_in(values, value_set=gone), None, values))
    return Block(block.file, table, block.rejected)


def nulls(values: pa.Array) -> np.ndarray:
    """Return which values are null."""
    found: np.ndarray = pc.is_null(values).to_numpy(zero_copy_only=False)
    return found


def same(a: pa.Array, b: pa.Array) -> np.ndarray:
    """Return which values are equal; null equals nothing."""
    found: np.ndarray = pc.fill_null(pc.equal(a, b), False).to_numpy(zero_copy_only=False)
    return found


def equals(values: pa.Array, value: str | float) -> np.ndarray:
    """Return which values are this one; null is not."""
    found: np.ndarray = pc.fill_null(pc.equal(values, value), False).to_numpy(zero_copy_only=False)
    return found


def told_of(block: Block, mask: np.ndarray, name: str, what: str) -> list[Rejected]:
    """Return a line for each row of the mask: its code is unknown, and the row is kept without it."""
    picked = pa.array(mask)
    lines = block.table.column("line").filter(picked).to_pylist()
    values = column(block, name).filter(picked).to_pylist()
    return [
        Rejected(block.file, line, f"unknown {what} {value!r} in {name}; the row is kept without it")
        for line, value in zip(lines, values, strict=True)
    ]


def distinct(column: pa.Array | pa.ChunkedArray) -> tuple[list[Any], np.ndarray]:
    """Return the distinct values of a column and, for each row, the place of its own (None counts as one)."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column.dictionary_encode(null_encoding="encode")
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False)


def mapped(
    column: pa.Array | pa.ChunkedArray, of: Callable[[Any], Any], kind: pa.DataType
) -> tuple[pa.Array, np.ndarray]:
    """Return a column with each value replaced by what the function says, and which rows it did not know.

    The function is asked once for each distinct value; it raises KeyError or ValueError for one that it does not
    know. Null stays null.
    """
    values, places = distinct(column)
    known: list[Any] = []
    bad = np.zeros(len(values), bool)
    for at, value in enumerate(values):
        if value is None:
            known.append(None)
            continue
        try:
            known.append(of(value))
        except (KeyError, ValueError, UnknownCode):
            known.append(None)
            bad[at] = True
    return pa.array(known, kind).take(pa.array(places)), bad[places]


def as_floats(column: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Return a column of text as numbers, and which rows hold none."""
    try:
        values = pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        return mapped(column, _number, pa.float64())
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values, np.zeros(len(values), bool)


def _number(text: str) -> float:
    value = float(text)
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 not a number
        raise ValueError(text)
    return value


def ymd(text: str) -> date:
    """Return the day of "20191024" or "2019-10-24"; raises ValueError."""
    plain = text.replace("-", "")
    if len(plain) != 8 or not plain.isdigit():
        raise ValueError(text)
    day = date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    if day.year < 1800:
        raise ValueError(text)
    return day


# Codes


@cache
def _countries() -> dict[str, dict[str, list[tuple[str, str, str]]]]:
    """Return party, first and last day of validity by scheme and code."""
    found: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    for row in table("importers/countries.csv"):
        spell = (row["party"], row["from"], row["to"])
        found.setdefault(row["scheme"], {}).setdefault(row["code"], []).append(spell)
    return found


def country(scheme: str, code: str, day: date | None = None) -> str | None:
    """Return the party of a code of a scheme ("cameo", "cameo group", "fips", "gw", "iso", "name").

    None for a region or another code that stands for no party. Raises KeyError for a code that nobody knows.
    """
    known = _countries().get(scheme, {})
    if code in known:
        on = day.isoformat() if day else "9999"
        for party, first, last in known[code]:
            if (not first or first <= on) and (not last or on <= last):
                return party or None
        return known[code][-1][0] or None
    if scheme in {"cameo", "iso"} and code in Gazetteer.states():
        return code
    if scheme == "name":
        try:
            return party_code(code)
        except UnknownCode as error:
            raise KeyError(code) from error
    raise KeyError(code)


def named_party(name: str) -> str | None:
    """Return the organisation of this name, None where it is none: "European Union", "Europol"."""
    for text in (name, name.partition("(")[0].strip(), _inside(name)):
        if text and text in _organisations():
            return _organisations()[text]
    return None


def _inside(name: str) -> str:
    return name.rpartition("(")[2].rstrip(") ") if "(" in name else ""


@cache
def _organisations() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in table("gazetteer/organisations.csv"):
        for name in (row["name"], *column_list(row["aliases"]), *column_list(row["organs"])):
            found.setdefault(name, row["code"])
    return found


@cache
def _sectors() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in table("importers/sectors.csv"):
        found.setdefault(row["scheme"], {})[row["code"]] = row["sector"]
    return found


def sector_of(scheme: str, code: str) -> str | None:
    """Return our sector of a scheme's code, None where we have none for it; raises KeyError for an unknown code."""
    return _sectors()[scheme][code] or None


def knows_sector(scheme: str, code: str) -> bool:
    """Say whether the scheme has this code."""
    return code in _sectors()[scheme]


# CAMEO codes of acts that both sides do at once: they are one event without direction, as our codebook has it.
_MUTUAL = frozenset({"036", "040", "041", "044", "046", "057", "06", "060", "061", "062", "063", "064"})


def cameo(code: str) -> tuple[str | None, str | None, bool, bool]:
    """Return type, mode, whether both sides act, whether source and target change places, of a CAMEO code.

    Type None: a mere comment. Raises UnknownCode.
    """
    kind, mode = codebook.cameo_to_plover(code)
    return kind, mode, code in _MUTUAL, code == "043"


@cache
def own_names(code: str) -> frozenset[str]:
    """Return how a state is called in capitals: its names, its people, its capital and seats of power."""
    for row in table("gazetteer/states.csv"):
        if row["code"] == code:
            names = [row["name"], row["official_name"], row["capital"]]
            for column in ("aliases", "demonyms", "adjectives", "capital_aliases", "seats"):
                names += column_list(row[column])
            plain = {name.upper() for name in names if name}
            return frozenset(plain | {f"THE {name}" for name in plain})
    return frozenset()
