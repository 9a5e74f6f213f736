"""Measures of relations: balance, intensity, coverage, change points, alerts. DataFrame in, DataFrame out.

An event counts once, however many reports tell it. **Cooperation** and **conflict** are the events of the two
cooperative and the two conflictual quad classes; their **balance** is (cooperation - conflict) / (cooperation +
conflict), from -1 to +1. How strong the acts are (mean PLOVER intensity, -10 to +10) and how many there are
(volume) are told apart from it. A period of which the store holds nothing at all is a gap, never a zero.

    queries.series, queries.coverage  ->  over_time  ->  relation_index, rates, regimes, alerts
    queries.by_dyad                   ->  prior      ->  (what the index of a dyad with few events is drawn to)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special, stats

from events import codebook

if TYPE_CHECKING:
    from events.queries import Unit

__all__ = [
    "DAYS",
    "FEW",
    "FLAT",
    "HALF_LIFE",
    "LEVEL",
    "Prior",
    "Rates",
    "alerts",
    "balance",
    "causes",
    "change",
    "days_of",
    "earlier",
    "key_events",
    "main_part",
    "over_time",
    "periods",
    "prior",
    "rates",
    "regimes",
    "relation_index",
    "start_of",
    "totals",
    "unit_for",
]

FEW = 5
"""Below so many events a balance or a mean is drawn grey: it says little."""

LEVEL = 0.90
"""Coverage of every interval."""

HALF_LIFE = 4.0
"""Periods after which an event weighs half in the relation index."""

COOPERATION = tuple(name for name in codebook.QUAD_CLASSES if name.endswith("cooperation"))

_FREQUENCY = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}
_LETTER = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
DAYS = {"week": 7, "month": 30.4, "quarter": 91.3, "year": 365.25}


@dataclass(frozen=True, slots=True)
class Prior:
    """What a dyad's index is before its own events: a Beta distribution, as numbers of events of each kind."""

    cooperation: float
    conflict: float
    dyads: int = 0  # how many dyads it was taken from

    @property
    def balance(self) -> float:
        """The balance that the index of a dyad without events has."""
        return (self.cooperation - self.conflict) / (self.cooperation + self.conflict)

    @property
    def strength(self) -> float:
        """How many events the prior weighs as much as."""
        return self.cooperation + self.conflict


FLAT = Prior(1.0, 1.0)
"""The uniform distribution: used where too few dyads are known to learn from."""

_STRENGTH = (1.0, 10.0)  # events: a dyad's own ten weigh at least as much as all the other dyads
_ENOUGH_DYADS = 10


def prior(dyads: pd.DataFrame) -> Prior:
    """Return what the dyads of a store have in common, for `relation_index` to lean on where a dyad has few events.

    `dyads`: columns events and conflict_share, one row a dyad. Empirical Bayes: the two parameters of a Beta
    distribution by the moments of a beta-binomial (Kleinman 1973, JASA 68:46-54), its strength held between 1
    and 10 events. With fewer than ten dyads: `FLAT`.
    """
    n = dyads["events"].to_numpy(dtype=float)
    if len(n) < _ENOUGH_DYADS:
        return FLAT
    total = n.sum()
    share = 1 - dyads["conflict_share"].to_numpy(dtype=float)
    mean = float((n * share).sum() / total)
    if not 0 < mean < 1:
        return FLAT
    spread = float((n * (share - mean) ** 2).sum())
    weights = float((1 - n / total).sum())
    room = mean * (1 - mean) * (float((n * (1 - n / total)).sum()) - weights)
    alike = (spread - mean * (1 - mean) * weights) / room if room > 0 else 0.0
    low, high = _STRENGTH
    strength = high if alike <= 0 else float(np.clip((1 - alike) / alike, low, high))
    return Prior(mean * strength, (1 - mean) * strength, len(n))


def balance(cooperation: Any, conflict: Any, given: Prior = FLAT) -> pd.DataFrame:
    """Return balance, low, high for numbers of events (arrays or columns; discounted ones are welcome).

    The share of cooperation p has the distribution Beta(a + cooperation, b + conflict), a and b those of
    `given`; the balance is 2 E[p] - 1 and the interval 2 q - 1 of p's quantiles q at 5% and 95%.
    """
    a = np.asarray(cooperation, dtype=float) + given.cooperation
    b = np.asarray(conflict, dtype=float) + given.conflict
    tail = (1 - LEVEL) / 2
    return pd.DataFrame(
        {
            "balance": 2 * a / (a + b) - 1,
            "low": 2 * special.betaincinv(a, b, tail) - 1,
            "high": 2 * special.betaincinv(a, b, 1 - tail) - 1,
        }
    )


def totals(series: pd.DataFrame, given: Prior = FLAT) -> pd.DataFrame:
    """Return one row for each who acts ("a", "b", "both") and one for "all", by the columns of `queries.series`.

    Index: by. Columns: events, cooperation, conflict, balance, low, high (as `balance` has them), mean_intensity,
    intensity_low, intensity_high (Student's t interval of a mean; NaN with fewer than two events).
    """
    rows = {}
    for who in ("a", "b", "both", "all"):
        part = series if who == "all" else series[series["by"] == who]
        good = part["quad_class"].isin(COOPERATION)
        n, total, squares = (
            float(part[name].sum()) for name in ("events", "intensity_sum", "intensity_squares")
        )
        mean = total / n if n else math.nan
        half = math.nan
        if n > 1:
            deviation = math.sqrt(max(squares - n * mean**2, 0.0) / (n - 1))
            half = float(stats.t.ppf(1 - (1 - LEVEL) / 2, n - 1)) * deviation / math.sqrt(n)
        cooperation = int(part.loc[good, "events"].sum())
        rows[who] = {
            "events": int(n),
            "cooperation": cooperation,
            "conflict": int(n) - cooperation,
            "mean_intensity": mean,
            "intensity_low": max(mean - half, -10.0),
            "intensity_high": min(mean + half, 10.0),
        }
    found = pd.DataFrame.from_dict(rows, orient="index")
    measured = balance(found["cooperation"], found["conflict"], given).set_index(found.index)
    return found.join(measured).rename_axis("by")


def change(now: pd.Series, before: pd.Series) -> tuple[float, float, float]:
    """Return by how much the balance of `now` differs from that of `before`, with its interval.

    Both are rows of `totals` or `regimes`. The two are taken as independent and their difference as normal,
    with variances read off the widths of the two intervals.
    """
    difference = float(now["balance"] - before["balance"])
    half = math.hypot(*((float(row["high"]) - float(row["low"])) / 2 for row in (now, before)))
    return difference, difference - half, difference + half


_MOST = 160  # periods: finer ones could not be told apart in a card


def unit_for(first: date | None, last: date | None, events: int) -> Unit:
    """Return the finest unit that cuts the span into at most 160 periods with one event each on average.

    Quarters where even those hold less, unless they are too many.
    """
    if first is None or last is None:
        return "month"
    days = (last - first).days + 1
    units: tuple[Unit, ...] = ("week", "month", "quarter")
    for unit in units:
        periods = days / DAYS[unit]
        if periods <= _MOST and (events >= periods or unit == "quarter"):
            return unit
    return "year"


def start_of(day: Any, unit: Unit) -> pd.Timestamp:
    """Return the first day of the period in which a day lies (weeks begin on Monday)."""
    return pd.Timestamp(day).to_period(_LETTER[unit]).start_time


def periods(first: Any, last: Any, unit: Unit) -> pd.DatetimeIndex:
    """Return the first days of all periods from that of one day to that of another."""
    return pd.date_range(start_of(first, unit), start_of(last, unit), freq=_FREQUENCY[unit])


def days_of(period: Any, unit: Unit) -> tuple[date, date]:
    """Return the first and the last day of the period in which a day lies."""
    found = pd.Timestamp(period).to_period(_LETTER[unit])
    return found.start_time.date(), found.end_time.date()


_STRAY = 0.02  # of the events
_LONG = 1 / 3  # of the time
_FOR_STRAYS = 10  # events: of fewer none is a stray


def main_part(by_year: pd.DataFrame) -> date | None:
    """Return from when on a chart of everything should start, so that a few old events do not squeeze the rest.

    `by_year`: columns period (first day of a year), events. The latest year before which at most 2% of the events
    (or a single one) lie, if it comes after at least a third of the whole time; None where there is none.
    """
    events = by_year.groupby("period")["events"].sum().sort_index()
    if len(events) < 2 or events.sum() < _FOR_STRAYS:
        return None
    whole = events.index[-1] - events.index[0]
    before = events.cumsum().shift(fill_value=0)
    late = events.index[(before <= max(_STRAY * events.sum(), 1)).to_numpy()]
    return late[-1].date() if len(late) and late[-1] - events.index[0] >= whole * _LONG else None


def earlier(day: date, unit: Unit) -> date:
    """Return the day from which counts are needed for the index and the alerts of a period that starts on `day`."""
    return day - min(timedelta(days=math.ceil((_HISTORY + 1) * DAYS[unit])), day - date.min)


def over_time(
    series: pd.DataFrame,
    covered: pd.DataFrame,
    unit: Unit,
    start: date | None = None,
    end: date | None = None,
) -> pd.DataFrame:
    """Return one row for every period from the first to the last, those without events included.

    `series` as `queries.series` answers with a unit, `covered` as `queries.coverage`. From `start` to `end`; where
    they are None, from the first to the last period with an event. Columns: period (first day), cooperation,
    conflict, events, intensity_sum, stored and same (events of all dyads, and those of the same outlets), gap
    (nothing of any dyad is stored). In a gap the counts are NaN: unknown, not zero.
    """
    columns = ["period", "cooperation", "conflict", "events", "intensity_sum", "stored", "same", "gap"]
    first, last = start or series["period"].min(), end or series["period"].max()
    if pd.isna(first) or pd.isna(last):
        return pd.DataFrame(columns=columns)
    grid = periods(first, last, unit)
    good = series["quad_class"].isin(COOPERATION)
    by_kind = series.assign(
        cooperation=series["events"].where(good, 0), conflict=series["events"].where(~good, 0)
    )
    counts = by_kind.groupby("period")[["cooperation", "conflict", "events", "intensity_sum"]].sum()
    held = covered.set_index("period")[["stored", "same"]]
    table = counts.reindex(grid, fill_value=0).astype(float).join(held.reindex(grid, fill_value=0))
    table["gap"] = (table["stored"] == 0) & (table["events"] == 0)
    table.loc[table["gap"], ["cooperation", "conflict", "events", "intensity_sum"]] = np.nan
    return table.rename_axis("period").reset_index()[columns]


def relation_index(table: pd.DataFrame, given: Prior = FLAT, *, half_life: float = HALF_LIFE) -> pd.DataFrame:
    """Return the rows of `over_time` with the relation index: balance, low, high, weight, few.

    Exponential smoothing (EWMA) of the two counts: an event weighs half after `half_life` periods, so the value of
    a period knows nothing of later ones. With the Beta distribution of `balance` this is the filter for binomial
    series of Harvey and Fernandes (1989, J. of Business & Economic Statistics 7:407-422). `weight` is the
    discounted number of events behind a value, `few` says that it is below 5. In gaps, and where `weight` is
    below one, nothing is known: NaN.
    """
    fade = 0.5 ** (1 / half_life)
    kept = {"cooperation": 0.0, "conflict": 0.0}
    smooth: dict[str, list[float]] = {name: [] for name in kept}
    for row in table[list(kept)].fillna(0.0).to_dict("records"):
        for name, value in row.items():
            kept[str(name)] = kept[str(name)] * fade + float(value)
            smooth[str(name)].append(kept[str(name)])
    weight = np.add(smooth["cooperation"], smooth["conflict"])
    found = balance(smooth["cooperation"], smooth["conflict"], given)
    found.loc[(weight < 1 - 1e-9) | table["gap"].to_numpy(dtype=bool), :] = np.nan
    return table.assign(weight=weight, few=weight < FEW, **{name: found[name] for name in found})


@dataclass(frozen=True, slots=True)
class Rates:
    """Volume over time: events, or events per 1,000 stored ones; `reason` says why not the latter, "" if so."""

    table: pd.DataFrame  # period, cooperation, conflict (NaN in gaps)
    per_thousand: bool
    reason: str


_NEARLY_ALL = 0.8  # of what the same outlets tell: its share of it cannot move much
_ENOUGH_STORED = 50  # events a period of the same outlets: their number is then known to some 14%


def rates(table: pd.DataFrame, unit: Unit) -> Rates:
    """Return the volume of `over_time` per 1,000 events that the same outlets told of all dyads in the period.

    Raw numbers, with the reason, where these outlets tell fewer than 50 events in a median period (a rate would
    show how their few other events change), and where the selection is over 80% of what they tell. Such a rate cancels growth of the feed, as the normalised counts of
    GDELT and ICEWS users do; it does not cancel a change of what outlets care about.
    """
    columns = ["period", "cooperation", "conflict"]
    known = table[~table["gap"].astype(bool)]
    usual = float(known["same"].median()) if len(known) else 0.0
    if usual < _ENOUGH_STORED:
        reason = (
            f"raw numbers: the same outlets tell {usual:,.0f} events of all dyads in a median {unit}, "
            f"and a rate would need {_ENOUGH_STORED}"
        )
        return Rates(table[columns], per_thousand=False, reason=reason)
    if known["events"].sum() > _NEARLY_ALL * known["same"].sum():
        reason = "raw numbers: the selection is nearly all that its outlets tell"
        return Rates(table[columns], per_thousand=False, reason=reason)
    scale = 1000 / table["same"].where(table["same"] > 0).to_numpy(dtype=float)
    scaled = table[columns].assign(
        cooperation=table["cooperation"] * scale, conflict=table["conflict"] * scale
    )
    return Rates(scaled, per_thousand=True, reason="")


# Measured on series of 120 periods without any change (0.5 to 20 events a period, balance 0 to 0.6, independent
# and clustered acts): this keeps those with a false change point at or below 5%; `tests/test_analytics.py` holds it.
_PENALTY = 6.0


def regimes(table: pd.DataFrame, given: Prior = FLAT) -> pd.DataFrame:
    """Return the spans between which the balance changed for good, one a row; the second begins at a change point.

    The best cut of the whole series by penalised likelihood: each span has its own share of cooperation (binomial),
    each cut costs 6, no span has fewer than five events. Searched exactly by optimal partitioning (Jackson and others
    2005, IEEE Signal Processing Letters 12:105-108), of which PELT (Killick, Fearnhead and Eckley 2012, JASA
    107:1590-1598) is the pruned form. Acts come in clusters: likelihoods are divided by their overdispersion,
    estimated from neighbouring periods, where a lasting change adds little.

    Columns: start (first day; that of the first period with an event after the cut), end (first day of the last
    period), periods, cooperation, conflict, events, balance, low, high, and change (of the balance, from the span
    before; NaN in the first). Empty without events.
    """
    columns = [
        "start",
        "end",
        "periods",
        "cooperation",
        "conflict",
        "events",
        "balance",
        "low",
        "high",
        "change",
    ]
    busy = table[table["events"].fillna(0) > 0].reset_index(drop=True)
    if busy.empty:
        return pd.DataFrame(columns=columns)
    good, bad = (busy[name].to_numpy(dtype=float) for name in ("cooperation", "conflict"))
    cuts = [0, *_cuts(good, bad), len(busy)]
    rows = []
    for begin, end in pairwise(cuts):
        rows.append(
            {
                "start": busy["period"].iloc[begin],
                "end": busy["period"].iloc[end - 1],
                "periods": end - begin,
                "cooperation": int(good[begin:end].sum()),
                "conflict": int(bad[begin:end].sum()),
            }
        )
    found = pd.DataFrame(rows)
    found["events"] = found["cooperation"] + found["conflict"]
    found = found.join(balance(found["cooperation"], found["conflict"], given))
    found["change"] = found["balance"].diff()
    return found[columns]


def _cuts(good: np.ndarray, bad: np.ndarray) -> list[int]:
    """Return where the best segmentation cuts, as positions of first periods of a new span."""
    scale = _overdispersion(good, bad)
    sums = [np.concatenate(([0.0], np.cumsum(part))) for part in (good, bad)]
    length = len(good)
    best = np.full(length + 1, np.inf)
    best[0] = -_PENALTY
    came = np.zeros(length + 1, dtype=int)
    for end in range(1, length + 1):
        g, b = (part[end] - part[:end] for part in sums)
        n = g + b
        cost = (special.xlogy(n, n) - special.xlogy(g, g) - special.xlogy(b, b)) / scale
        cost[n < FEW] = np.inf
        ways = best[:end] + cost + _PENALTY
        came[end] = int(np.argmin(ways))
        best[end] = ways[came[end]]
    if not np.isfinite(best[length]):
        return []
    cuts = []
    at = int(came[length])
    while at:
        cuts.append(at)
        at = int(came[at])
    return cuts[::-1]


_INDEPENDENT = (
    4  # pairs of independent acts that are added, so that a break among few pairs does not hide itself
)


def _overdispersion(good: np.ndarray, bad: np.ndarray) -> float:
    """Return by how much neighbouring periods differ more than independent acts would: at least 1.

    The mean over pairs of neighbours of Pearson's chi-squared of their two shares, which is 1 on average for
    independent acts; pairs all of one kind tell nothing and do not count.
    """
    n = good + bad
    both = n[1:] + n[:-1]
    pooled = (good[1:] + good[:-1]) / both
    variance = pooled * (1 - pooled) * (1 / n[1:] + 1 / n[:-1]) * both / (both - 1)
    told = variance > 0
    squared = (good[1:] / n[1:] - good[:-1] / n[:-1]) ** 2
    chi = squared[told] / variance[told]
    return max(1.0, float((chi.sum() + _INDEPENDENT) / (len(chi) + _INDEPENDENT)))


_HISTORY = 26  # periods that a period is compared with
_LEAST_HISTORY = 8
_RARE = 0.01  # of periods like the past ones
_LEAST = 3  # events: fewer are never an alarm


def alerts(table: pd.DataFrame, *, history: int = _HISTORY) -> pd.DataFrame:
    """Return the periods with far more cooperation or conflict than the dyad's own past, the rarest first.

    A count is compared with the same dyad's counts of the 26 periods before (at least 8; gaps left out) as in the
    surveillance of outbreaks (Farrington and others 1996, J. Royal Statistical Society A 159:547-563; negative binomial:
    Noufaily and others 2013, Statistics in Medicine 32:1206-1222): mean m, half an event added for what has never
    happened; variance v; if v > m, a negative binomial with size m^2 / (v - m), else a Poisson distribution. An alert
    is a count of three or more whose upper tail P(at least so many) is below 0.01.

    Columns: period, kind ("cooperation" or "conflict"), events, expected (m), usual (the 99% quantile), p.
    """
    columns = ["period", "kind", "events", "expected", "usual", "p"]
    known = table[~table["gap"].astype(bool)]
    rows = []
    for kind in ("cooperation", "conflict"):
        counts = known[kind].to_numpy(dtype=float)
        for at in range(_LEAST_HISTORY, len(counts)):
            seen, past = counts[at], counts[max(0, at - history) : at]
            if seen < _LEAST:
                continue
            mean = (past.sum() + 0.5) / len(past)
            spread = float(past.var(ddof=1))
            if spread > mean:
                size = mean**2 / (spread - mean)
                model = stats.nbinom(size, size / (size + mean))
            else:
                model = stats.poisson(mean)
            p = float(model.sf(seen - 1))
            if p < _RARE:
                rows.append(
                    {
                        "period": known["period"].iloc[at],
                        "kind": kind,
                        "events": int(seen),
                        "expected": mean,
                        "usual": int(model.ppf(1 - _RARE)),
                        "p": p,
                    }
                )
    return pd.DataFrame(rows, columns=columns).sort_values(["p", "period"], ignore_index=True)


def causes(period: pd.Timestamp, kind: str, events: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """Return the events of a kind in a period, out of those of `queries.salient`: most reports first, then strongest."""
    if events.empty:
        return events
    good = events["quad_class"].isin(COOPERATION)
    at = pd.to_datetime(events["date"]).dt.to_period(_LETTER[unit]).dt.start_time
    found = events[(at == period) & (good if kind == "cooperation" else ~good)]
    strength = found["intensity"].abs()
    return (
        found.assign(_s=strength)
        .sort_values(["reports", "_s", "date"], ascending=[False, False, True])
        .drop(columns="_s")
    )


def key_events(
    events: pd.DataFrame, spans: pd.DataFrame, unit: Unit, *, most: int = 5, apart: pd.Timedelta
) -> pd.DataFrame:
    """Return the events to number in a chart, by date: those that opened a regime, then the most told ones.

    `events` as `queries.salient` lists them (most reports first), `spans` as `regimes`. A change point is opened by the
    first choice of `causes` in its period: an event of the side to which the balance moved. The rest of `most` is filled
    in the order of `events`, no two nearer than `apart`. Columns as `events`, with number (1, 2, ...) and opens (whether it opened a regime).
    """
    dated = events[events["date"].notna()]
    chosen: dict[str, bool] = {}
    for row in spans.iloc[1:].sort_values("change", key=abs, ascending=False).head(most).to_dict("records"):
        kind = "cooperation" if row["change"] > 0 else "conflict"
        found = causes(row["start"], kind, dated, unit)
        if len(found):
            chosen[str(found["event_id"].iloc[0])] = True
    if len(dated):
        days = pd.to_datetime(dated["date"])
        by_id = dict(zip(dated["event_id"], days, strict=True))
        for event_id, day in by_id.items():
            if len(chosen) >= most:
                break
            if all(abs(day - by_id[other]) > apart for other in chosen):
                chosen[str(event_id)] = False
    picked = dated[dated["event_id"].isin(chosen)].sort_values(["date", "event_id"])
    return picked.assign(
        number=range(1, len(picked) + 1), opens=[chosen[str(i)] for i in picked["event_id"]]
    ).reset_index(drop=True)
