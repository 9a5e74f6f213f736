"""The paper of each format: what is read, what is ignored, what to expect, how it is mapped, who made it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from events.errors import InputError

__all__ = ["FORMATS", "Loss", "Paper", "paper"]

FORMATS = ("gdelt2", "gdelt1", "icews", "polecat", "acled", "ucdp", "entente")
"""The formats that can be read, by the name of their paper."""

# Alarms on fill rates need as many rows: below, a share says little.
ENOUGH = 200


@dataclass(frozen=True, slots=True)
class Loss:
    """What the mapping loses or bends: the field and one sentence."""

    field: str
    note: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What `<format>.toml` says; `fill` holds the least share of rows with a value, by column read."""

    format: str
    name: str
    dataset: str  # the data set's name where the user gives none
    producer: str
    url: str
    licence: str
    citation: str
    tried: str
    to: str  # what the rows are mapped to, with its version
    version: str  # of the mapping
    read: tuple[str, ...]
    ignored: tuple[str, ...]
    fill: dict[str, float]
    losses: tuple[Loss, ...]
    folds: bool  # whether rows may tell one act several times

    def unfilled(self, rows: int, filled: dict[str, int]) -> list[str]:
        """Return a sentence for each column that is emptier than the paper expects, given counts of values."""
        if rows < ENOUGH:
            return []
        return [
            f"{column} is filled in {filled.get(column, 0) / rows:.0%} of rows, at least {least:.0%} were expected"
            for column, least in self.fill.items()
            if filled.get(column, 0) / rows < least
        ]


@cache
def paper(name: str) -> Paper:
    """Return the paper of a format; raises InputError for one that there is none of."""
    if name not in FORMATS:
        raise InputError(f"there is no format {name!r}; choose one of {', '.join(FORMATS)}, or auto")
    told = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    return Paper(
        format=name,
        name=told["name"],
        dataset=told["dataset"],
        producer=told["producer"],
        url=told["url"],
        licence=told["licence"],
        citation=told["citation"],
        tried=told["tried"],
        to=told["mapping"]["to"],
        version=told["mapping"]["version"],
        read=tuple(told["columns"]["read"]),
        ignored=tuple(told["columns"]["ignored"]),
        fill={column: float(least) for column, least in told["fill"].items()},
        losses=tuple(Loss(loss["field"], loss["note"]) for loss in told["mapping"]["loss"]),
        folds=bool(told["mapping"]["folds"]),
    )
