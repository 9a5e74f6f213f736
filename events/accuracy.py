"""How often the coder is right, by event type and field: measured by the evaluation gate, bundled as a file.

`tests/evaluation/gate.py --update` writes `data/models/reader/accuracy.json` from the test part of the gold,
hand-coded text that nobody looked at while the coder was worked on. A type is read by its own figure: a weak
one is marked wherever it is shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from events.errors import DataError
from events.reference import data_path

__all__ = ["FILE", "WEAK", "Accuracy", "Figure", "Share", "accuracy", "caution"]

FILE = "models/reader/accuracy.json"
WEAK = 0.5
"""A type is weak where the interval of its F1 reaches below this: it is misread often, or hardly measured."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Precision, recall and F1 (0 to 1), the 95 % interval of F1, how many the gold holds and the coder gave."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float
    gold: int
    coded: int

    @property
    def weak(self) -> bool:
        """Whether the interval of F1 reaches below `WEAK`."""
        return self.low < WEAK


@dataclass(frozen=True, slots=True)
class Share:
    """Share right (0 to 1) of n values, with its 95 % interval."""

    right: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The figures of one part of the gold: `types` by event type, `sets` and `shares` by what is scored."""

    part: str
    texts: int
    gold_reports: int
    types: dict[str, Figure]
    sets: dict[str, Figure]
    shares: dict[str, Share]
    calibration_error: float


@cache
def accuracy() -> Accuracy:
    """Return the measured figures; raises DataError where the file is missing or broken."""
    try:
        told: dict[str, Any] = json.loads(data_path(FILE).read_text(encoding="utf-8"))
        return Accuracy(
            part=told["part"],
            texts=told["texts"],
            gold_reports=told["gold_reports"],
            types={name: Figure(**values) for name, values in told["types"].items()},
            sets={name: Figure(**values) for name, values in told["sets"].items()},
            shares={name: Share(**values) for name, values in told["shares"].items()},
            calibration_error=told["calibration_error"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"data/{FILE} is broken: {error}; write it again with the evaluation gate") from error


def caution(event_type: str) -> str:
    """Return what to keep in mind of a weak type: "weak: F1 0.43 (0.31–0.56) on 64 test reports"; "" for others."""
    figure = accuracy().types.get(event_type)
    if figure is None or not figure.weak:
        return ""
    return f"weak: F1 {figure.f1:.2f} ({figure.low:.2f}–{figure.high:.2f}) on {figure.gold} test reports"
