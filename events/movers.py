"""What changed between two periods, with intervals: means, shares, and the dyads that moved most.

A mean of intensities changes by chance, the more the fewer events bear it. So each change has a 90 % interval,
and a dyad counts as moved only where its interval leaves out zero.
"""

from __future__ import annotations

import math

import pandas as pd

__all__ = ["FEWEST", "mean_interval", "movers", "reasons", "share_interval"]

FEWEST = 5  # events of a dyad in each period, below which nothing is said of it
Z = 1.645  # two-sided 90 %
PRIOR = 4.0  # events' worth of the pooled variance that each dyad's own is mixed with


def mean_interval(mean: float, sd: float | None, n: int) -> tuple[float, float] | None:
    """Return the 90 % interval of a mean over n events, None below five events."""
    if sd is None or math.isnan(sd) or n < FEWEST:
        return None
    half = _quantile(n - 1) * sd / math.sqrt(n)
    return mean - half, mean + half


def share_interval(share: float, n: int) -> tuple[float, float] | None:
    """Return the 90 % interval of a share (0 to 1) of n events (Wilson 1927), None below five events."""
    if n < FEWEST:
        return None
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)  # not a hair beyond, for want of digits


def movers(now: pd.DataFrame, before: pd.DataFrame, *, fewest: int = FEWEST) -> pd.DataFrame:
    """Return the dyads by the size of the change of their mean intensity, the clear ones first.

    `now` and `before`: a, b, events, mean_intensity, intensity_sd, as `Queries.dyad_spread` answers. Columns:
    a, b, events, events_before, now, before (mean intensity), change, low, high (90 % interval), clear (bool).
    Dyads with fewer than `fewest` events in a period are left out.

    The variance of each dyad and period is moderated: s² = ((n − 1)·s² + 4·s²_pooled) / (n + 3), as in Smyth
    (2004), so that five equal acts are not taken for certainty; the interval is Welch's with the moderated
    degrees of freedom.
    """
    both = now.merge(before, on=["a", "b"], suffixes=("", "_before"))
    both = both[(both["events"] >= fewest) & (both["events_before"] >= fewest)].reset_index(drop=True)
    pooled = _pooled(pd.concat([now, before], ignore_index=True))
    lows, highs, changes = [], [], []
    for row in both.itertuples():
        sides = []
        for n, sd in ((row.events, row.intensity_sd), (row.events_before, row.intensity_sd_before)):
            variance = ((n - 1) * sd**2 + PRIOR * pooled) / (n - 1 + PRIOR)
            sides.append((variance / n, n - 1 + PRIOR))
        error = sum(part for part, _ in sides)
        freedom = error**2 / sum(part**2 / free for part, free in sides) if error else 1.0
        half = _quantile(freedom) * math.sqrt(error)
        change = row.mean_intensity - row.mean_intensity_before
        changes.append(change)
        lows.append(change - half)
        highs.append(change + half)
    told = pd.DataFrame(
        {
            "a": both["a"],
            "b": both["b"],
            "events": both["events"].astype("int64"),
            "events_before": both["events_before"].astype("int64"),
            "now": both["mean_intensity"].astype("float64"),
            "before": both["mean_intensity_before"].astype("float64"),
            "change": pd.Series(changes, dtype="float64"),
            "low": pd.Series(lows, dtype="float64"),
            "high": pd.Series(highs, dtype="float64"),
        }
    )
    told["clear"] = (told["low"] > 0) | (told["high"] < 0)
    order = told.assign(size=told["change"].abs()).sort_values(
        ["clear", "size", "a", "b"], ascending=[False, False, True, True]
    )
    return order.drop(columns="size").reset_index(drop=True)


def reasons(
    now: pd.DataFrame, before: pd.DataFrame, mean_before: float, *, most: int = 2
) -> list[tuple[str, int, int]]:
    """Return the event types that drove a dyad's change: (type, events now, events before), the strongest first.

    `now` and `before`: event_type, events, mean_intensity of this dyad. A type's part in the change of the mean
    is the change of its share of the events times the distance of its intensity from the mean before, plus its
    share now times the change of its own intensity; the parts add up to the change. Types that pulled the other
    way are left out.
    """
    n, m = int(now["events"].sum()), int(before["events"].sum())
    if not n or not m:
        return []
    new = {row.event_type: (int(row.events), float(row.mean_intensity)) for row in now.itertuples()}
    old = {row.event_type: (int(row.events), float(row.mean_intensity)) for row in before.itertuples()}
    parts = {}
    for name in {*new, *old}:
        n_now, level = new.get(name, (0, old[name][1] if name in old else 0.0))
        n_old, level_before = old.get(name, (0, level))
        parts[name] = (n_now / n - n_old / m) * (level_before - mean_before) + n_now / n * (
            level - level_before
        )
    whole = sum(parts.values())
    along = [name for name, part in parts.items() if part * whole > 0 and abs(part) >= 0.15 * abs(whole)]
    along.sort(key=lambda name: (-abs(parts[name]), name))
    return [(name, new.get(name, (0, 0.0))[0], old.get(name, (0, 0.0))[0]) for name in along[:most]]


def _pooled(frame: pd.DataFrame) -> float:
    """Return the variance within dyads, pooled over all that have two events."""
    several = frame[frame["events"] > 1]
    weight = (several["events"] - 1).sum()
    return float(((several["events"] - 1) * several["intensity_sd"] ** 2).sum() / weight) if weight else 0.0


def _quantile(freedom: float) -> float:
    """Return the 95 % quantile of Student's t (Cornish and Fisher's expansion; within 2 % from three degrees on)."""
    z = Z
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
