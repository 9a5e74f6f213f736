"""How far two data sets agree on what took place: their days set side by side. DataFrame in, DataFrame out.

    queries.by_day (of each)  ->  compare  ->  spans, what both have, what one alone has

An event has a **counterpart** where the other data set has an event of the same dyad and the same sign
(cooperation or conflict) within a day: coders differ in types and in the day of the story, so nothing finer is asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

__all__ = ["APART", "FEWEST", "Comparison", "Rank", "compare", "overlap"]

# Days that two events of one act may lie apart: publishers date by the act, or by the story of the day after.
APART = 1

# Below so many periods in which either data set has an event, no rank correlation is told.
FEWEST = 10

# Two-sided 90%, as all our intervals.
_Z = 1.645

Step = Literal["day", "week"]


@dataclass(frozen=True, slots=True)
class Rank:
    """Spearman's correlation of events by period, with its 90% interval; None where there are too few periods."""

    value: float | None
    low: float | None
    high: float | None
    periods: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two data sets over the days that both cover; `spans` and `alone` are frames.

    `spans`: period (datetime64), a, b (events), conflict_a, conflict_b; every period of the common days.
    `alone`: which ("a" or "b"), date, a, b (the dyad), sign, events: groups of a day without a counterpart.
    `told`, `shared` count the events of each that lie in the common days, and those with a counterpart.
    """

    first: date
    last: date
    step: Step
    spans: pd.DataFrame
    alone: pd.DataFrame
    told: tuple[int, int]
    shared: tuple[int, int]
    imprecise: tuple[int, int]  # events known to the week, month or year alone: not compared
    rank: Rank
    both: int  # periods in which both have an event
    only: tuple[int, int]  # periods in which one alone has
    same_sign: int  # of `both`: those in which both lean to the same side


def overlap(
    a: tuple[date | None, date | None], b: tuple[date | None, date | None]
) -> tuple[date, date] | None:
    """Return the days that two spans (first, last) have in common; None where there are none."""
    if a[0] is None or b[0] is None or a[1] is None or b[1] is None:
        return None
    first, last = max(a[0], b[0]), min(a[1], b[1])
    return (first, last) if first <= last else None


def compare(a: pd.DataFrame, b: pd.DataFrame, first: date, last: date, step: Step) -> Comparison:
    """Compare the days of two data sets (frames of `queries.by_day`) from `first` to `last`, both included."""
    days = [_days(frame, first, last) for frame in (a, b)]
    imprecise = tuple(
        int(frame.loc[(frame["date_precision"] != "day") & _within(frame, first, last), "events"].sum())
        for frame in (a, b)
    )
    marked = [_with_counterpart(days[0], days[1]), _with_counterpart(days[1], days[0])]
    spans = _spans(days[0], days[1], first, last, step)
    has_a, has_b = spans["a"] > 0, spans["b"] > 0
    lean_a = np.sign(spans["a"] - 2 * spans["conflict_a"])
    lean_b = np.sign(spans["b"] - 2 * spans["conflict_b"])
    alone = pd.concat(
        [frame.loc[~frame["shared"]].assign(which=which) for which, frame in zip("ab", marked, strict=True)]
    )
    return Comparison(
        first=first,
        last=last,
        step=step,
        spans=spans,
        alone=alone.sort_values(["events", "date"], ascending=[False, False])[
            ["which", "date", "a", "b", "sign", "events"]
        ].reset_index(drop=True),
        told=(int(days[0]["events"].sum()), int(days[1]["events"].sum())),
        shared=tuple(int(frame.loc[frame["shared"], "events"].sum()) for frame in marked),  # type: ignore[arg-type]
        imprecise=imprecise,  # type: ignore[arg-type]
        rank=_rank(spans),
        both=int((has_a & has_b).sum()),
        only=(int((has_a & ~has_b).sum()), int((has_b & ~has_a).sum())),
        same_sign=int((has_a & has_b & (lean_a == lean_b)).sum()),
    )


def _within(frame: pd.DataFrame, first: date, last: date) -> pd.Series:
    return frame["date"].between(pd.Timestamp(first), pd.Timestamp(last))


def _days(frame: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Return date, a, b, sign, events of the events whose day is known."""
    kept = frame[(frame["date_precision"] == "day") & _within(frame, first, last)]
    kept = kept.assign(date=pd.to_datetime(kept["date"]))
    sign = kept["quad_class"].astype(str).str.rsplit(" ", n=1).str[-1]
    return (
        kept.assign(sign=sign)
        .groupby(["date", "a", "b", "sign"], as_index=False, observed=True)["events"]
        .sum()
    )


def _with_counterpart(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the groups of a day with `shared`: whether the other data set has one of the same dyad and sign nearby."""
    near = {
        (day + timedelta(days=apart), a, b, sign)
        for day, a, b, sign in zip(other["date"], other["a"], other["b"], other["sign"], strict=True)
        for apart in range(-APART, APART + 1)
    }
    keys = zip(own["date"], own["a"], own["b"], own["sign"], strict=True)
    return own.assign(shared=np.fromiter((key in near for key in keys), bool, len(own)))


def _spans(a: pd.DataFrame, b: pd.DataFrame, first: date, last: date, step: Step) -> pd.DataFrame:
    frequency = "D" if step == "day" else "W-MON"
    start = pd.Timestamp(first)
    start = start if step == "day" else start - pd.Timedelta(days=start.day_of_week)
    periods = pd.DatetimeIndex(
        pd.date_range(start, pd.Timestamp(last), freq=frequency, unit="us"), name="period"
    )
    columns = {}
    for name, frame in (("a", a), ("b", b)):
        own = (
            frame["date"]
            if step == "day"
            else frame["date"] - pd.to_timedelta(frame["date"].dt.day_of_week, unit="D")
        )
        for column, kept in (
            (name, frame["events"]),
            (f"conflict_{name}", frame["events"].where(frame["sign"] == "conflict", 0)),
        ):
            columns[column] = kept.groupby(own).sum().reindex(periods, fill_value=0).astype(int)
    made = pd.DataFrame(columns, index=periods)[["a", "b", "conflict_a", "conflict_b"]]
    return made.reset_index()


def _rank(spans: pd.DataFrame) -> Rank:
    """Return the correlation over the periods in which either has an event: common silence proves nothing."""
    some = spans[(spans["a"] > 0) | (spans["b"] > 0)]
    number = len(some)
    if number < FEWEST or some["a"].nunique() < 2 or some["b"].nunique() < 2:
        return Rank(None, None, None, number)
    value = float(stats.spearmanr(some["a"], some["b"]).statistic)
    if abs(value) >= 1:
        return Rank(value, value, value, number)
    half = _Z * math.sqrt((1 + value**2 / 2) / (number - 3))  # Bonett and Wright 2000
    middle = math.atanh(value)
    return Rank(value, math.tanh(middle - half), math.tanh(middle + half), number)
