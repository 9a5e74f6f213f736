"""What changed: intervals by hand, and the parts that types have in a change."""

from __future__ import annotations

import math
import statistics

import pandas as pd
import pytest

from events.movers import _quantile, mean_interval, movers, reasons, share_interval


def spread(*rows: tuple) -> pd.DataFrame:
    """Dyads as (a, b, intensities)."""
    return pd.DataFrame(
        [
            (
                a,
                b,
                len(values),
                statistics.fmean(values),
                statistics.stdev(values) if len(values) > 1 else math.nan,
            )
            for a, b, values in rows
        ],
        columns=["a", "b", "events", "mean_intensity", "intensity_sd"],
    )


@pytest.mark.parametrize(
    ("freedom", "t"), [(3, 2.3534), (4, 2.1318), (9, 1.8331), (30, 1.6973), (1000, 1.6464)]
)
def test_the_quantile_is_students(freedom, t):
    assert _quantile(freedom) == pytest.approx(t, rel=0.02)


def test_the_interval_of_a_mean_by_hand():
    # n 16, sd 4: error 1, t of 15 degrees 1.7531
    low, high = mean_interval(-1.0, 4.0, 16)
    assert (low, high) == pytest.approx((-2.753, 0.753), abs=0.003)
    assert mean_interval(-1.0, 4.0, 4) is None
    assert mean_interval(-1.0, math.nan, 16) is None
    assert mean_interval(-1.0, None, 16) is None


def test_the_interval_of_a_share_by_hand():
    # n 50, p .6, z² 2.706: middle (.6 + .02706)/1.05412 = .5949, half 1.645/1.05412 · sqrt(.0048 + .000271) = .1111
    assert share_interval(0.6, 50) == pytest.approx((0.4838, 0.7060), abs=5e-4)
    assert share_interval(0.0, 5)[0] == pytest.approx(0.0, abs=1e-12)
    assert share_interval(1.0, 5)[1] == pytest.approx(1.0, abs=1e-12)
    assert share_interval(1.0, 4) is None


def test_movers_are_ordered_by_change_the_clear_ones_first():
    now = spread(
        ("CHN", "USA", [-5, -6, -5, -7, -5, -6] * 4),
        ("FRA", "DEU", [3, 2, 3, 4, 3] * 4),
        ("GRC", "TUR", [-9, 9, -9, 9, -9]),
        ("IND", "PAK", [1, 1, 1, 1]),
    )
    before = spread(
        ("CHN", "USA", [1, 2, 1, 3, 2, 1] * 4),
        ("FRA", "DEU", [2, 2, 3, 2, 1] * 4),
        ("GRC", "TUR", [9, -9, 9, 9, 9]),
        ("IND", "PAK", [-9] * 30),
    )
    found = movers(now, before)
    assert found[["a", "b", "clear"]].to_numpy().tolist()[0] == ["CHN", "USA", True]
    assert set(found["a"]) == {"CHN", "FRA", "GRC"}  # four events are too few
    wide = found.set_index("a").loc["GRC"]
    assert not wide["clear"]
    assert wide["low"] < 0 < wide["high"]
    assert abs(wide["change"]) > abs(found.set_index("a").loc["FRA", "change"])
    first = found.iloc[0]
    assert first["change"] == pytest.approx(first["now"] - first["before"])
    assert first["low"] < first["change"] < first["high"]


def test_five_equal_acts_are_no_certainty():
    noise = ("CHN", "USA", [-9, 9] * 20)
    now, before = spread(("GRC", "TUR", [1] * 5), noise), spread(("GRC", "TUR", [2] * 5), noise)
    assert not movers(now, before).set_index("a").loc["GRC", "clear"]


def test_no_dyads_give_no_movers():
    nothing = spread().astype({"events": "int64", "mean_intensity": "float64", "intensity_sd": "float64"})
    assert movers(nothing, nothing).empty
    assert list(movers(nothing, nothing).columns) == [
        "a", "b", "events", "events_before", "now", "before", "change", "low", "high", "clear",
    ]  # fmt: skip


def kinds(**counts: tuple[int, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, n, level) for name, (n, level) in counts.items()],
        columns=["event_type", "events", "mean_intensity"],
    )


def test_reasons_are_the_types_that_drove_the_change():
    before = kinds(CONSULT=(8, 2.5), ASSAULT=(2, -9.0))
    now = kinds(CONSULT=(2, 2.5), ASSAULT=(8, -9.0))
    assert reasons(now, before, 0.2) == [("ASSAULT", 8, 2), ("CONSULT", 2, 8)]
    # one more praise among many attacks is no reason for a fall
    now = kinds(ASSAULT=(9, -9.0), SUPPORT=(1, 5.0))
    assert [name for name, _, _ in reasons(now, before, 0.2)] == ["ASSAULT", "CONSULT"]
    assert reasons(kinds(), before, 0.2) == []
