"""What two data sets agree on, by their days."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from events.agreement import compare, overlap

FIRST, LAST = date(2024, 1, 1), date(2024, 1, 28)


def days(*rows: tuple) -> pd.DataFrame:
    """Rows of day in January 2024, dyad, quad class, events, and precision where it is not the day."""
    made = [
        (pd.Timestamp(2024, 1, row[0]), row[4] if len(row) > 4 else "day", *row[1].split("-"), row[2], row[3])
        for row in rows
    ]
    return pd.DataFrame(made, columns=["date", "date_precision", "a", "b", "quad_class", "events"])


@pytest.mark.parametrize(
    ("a", "b", "common"),
    [
        (
            (date(2020, 1, 1), date(2021, 1, 1)),
            (date(2020, 6, 1), date(2022, 1, 1)),
            (date(2020, 6, 1), date(2021, 1, 1)),
        ),
        (
            (date(2020, 1, 1), date(2020, 1, 1)),
            (date(2020, 1, 1), date(2020, 1, 1)),
            (date(2020, 1, 1), date(2020, 1, 1)),
        ),
        ((date(2020, 1, 1), date(2020, 2, 1)), (date(2020, 3, 1), date(2020, 4, 1)), None),
        ((None, None), (date(2020, 1, 1), date(2020, 1, 2)), None),
    ],
)
def test_only_days_that_both_cover_are_common(a, b, common):
    assert overlap(a, b) == common


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        ((5, "GRC-TUR", "verbal conflict", 1), True),  # another class, the same sign
        ((6, "GRC-TUR", "material conflict", 1), True),  # a day later
        ((4, "GRC-TUR", "material conflict", 9), True),
        ((7, "GRC-TUR", "material conflict", 1), False),
        ((5, "GRC-TUR", "verbal cooperation", 1), False),
        ((5, "CYP-TUR", "material conflict", 1), False),
        ((5, "GRC-TUR", "material conflict", 1, "month"), False),
    ],
)
def test_a_counterpart_has_the_dyad_the_sign_and_a_day_at_most_one_apart(other, shared):
    found = compare(days((5, "GRC-TUR", "material conflict", 2)), days(other), FIRST, LAST, "day")
    assert found.told[0] == 2
    assert found.shared[0] == (2 if shared else 0)
    assert len(found.alone[found.alone["which"] == "a"]) == (0 if shared else 1)


def test_events_outside_the_common_days_and_imprecise_ones_are_left_out_and_counted():
    a = days(
        (3, "GRC-TUR", "verbal conflict", 4, "month"),
        (30, "GRC-TUR", "verbal conflict", 5),
        (2, "GRC-TUR", "verbal conflict", 1),
    )
    found = compare(a, days(), FIRST, LAST, "day")
    assert found.told == (1, 0)
    assert found.imprecise == (4, 0)


@pytest.mark.parametrize(("step", "periods"), [("day", 28), ("week", 4)])
def test_periods_run_through_silence_and_weeks_begin_on_monday(step, periods):
    a = days((1, "GRC-TUR", "verbal conflict", 1), (9, "GRC-TUR", "verbal cooperation", 3))
    b = days((10, "GRC-TUR", "verbal cooperation", 1), (20, "GRC-TUR", "material conflict", 2))
    found = compare(a, b, FIRST, LAST, step)
    assert len(found.spans) == periods
    assert found.spans["period"].iloc[0] == pd.Timestamp(FIRST)
    assert (found.spans["a"].sum(), found.spans["conflict_a"].sum(), found.spans["conflict_b"].sum()) == (
        4,
        1,
        2,
    )
    assert (found.both, found.only, found.same_sign) == ((0, (2, 2), 0) if step == "day" else (1, (1, 1), 1))


def test_the_rank_correlation_is_spearmans_where_either_has_events():
    dice = np.random.default_rng(3)
    counts = dice.poisson(3, 28) + 1
    a = days(*((n + 1, "GRC-TUR", "verbal conflict", int(value)) for n, value in enumerate(counts)))
    b = days(
        *(
            (n + 1, "GRC-TUR", "verbal conflict", int(value))
            for n, value in enumerate(counts + dice.poisson(2, 28))
        )
    )
    found = compare(a, b, FIRST, LAST, "day").rank
    assert found.value == pytest.approx(stats.spearmanr(a["events"], b["events"]).statistic)
    assert found.low < found.value < found.high
    assert found.periods == 28


def test_few_periods_or_a_flat_series_tell_no_correlation():
    a = days(*((n, "GRC-TUR", "verbal conflict", n) for n in range(1, 9)))
    assert compare(a, a, FIRST, LAST, "day").rank.value is None
    flat = days(*((n, "GRC-TUR", "verbal conflict", 1) for n in range(1, 20)))
    assert compare(flat, flat, FIRST, LAST, "day").rank.value is None


def test_nothing_at_all_is_compared_without_an_error():
    found = compare(days(), days(), FIRST, LAST, "week")
    assert (found.told, found.shared, found.both) == ((0, 0), (0, 0), 0)
    assert found.alone.empty
