"""Measures of relations on cases that were computed by hand, and on series whose truth is known."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from events import analytics
from events.analytics import FLAT, Prior

GOOD, SAID, ACCUSED, BAD = (
    "material cooperation",
    "verbal cooperation",
    "verbal conflict",
    "material conflict",
)


def series(*rows):
    """Rows: period or None, by, quad class, events, sum and sum of squares of intensity."""
    names = ["period", "by", "quad_class", "events", "intensity_sum", "intensity_squares"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(period=pd.to_datetime(frame["period"]))


def covered(*rows):
    frame = pd.DataFrame(rows, columns=["period", "stored", "same"])
    return frame.assign(period=pd.to_datetime(frame["period"]))


def weeks(cooperation, conflict, *, same=100):
    """A table as `over_time` returns it; None in a list is a gap."""
    gap = [value is None for value in cooperation]
    good, bad = (
        [math.nan if value is None else float(value) for value in part] for part in (cooperation, conflict)
    )
    return pd.DataFrame(
        {
            "period": pd.date_range("2024-01-01", periods=len(good), freq="W-MON"),
            "cooperation": good,
            "conflict": bad,
            "events": np.add(good, bad),
            "intensity_sum": 0.0,
            "stored": [0 if g else 200 for g in gap],
            "same": [0 if g else same for g in gap],
            "gap": gap,
        }
    )


def test_the_balance_is_that_of_the_counts_drawn_to_the_prior():
    found = analytics.balance([8, 0], [2, 0], FLAT)
    assert found["balance"].tolist() == pytest.approx([2 * 9 / 12 - 1, 0])  # (8 + 1) / (10 + 2)
    assert found["low"][1] == pytest.approx(-0.9)  # of the uniform distribution: 5% and 95%
    assert found["high"][1] == pytest.approx(0.9)
    assert found["low"][0] == pytest.approx(2 * stats.beta(9, 3).ppf(0.05) - 1)


def test_few_events_are_drawn_further_than_many():
    given = Prior(6, 2)
    few, many = analytics.balance([0, 0], [1, 100], given)["balance"]
    assert few == pytest.approx(2 * 6 / 9 - 1)
    assert many == pytest.approx(2 * 6 / 108 - 1)
    assert given.balance == pytest.approx(0.5)
    assert given.strength == 8


def test_the_prior_needs_ten_dyads_and_keeps_its_strength_in_bounds():
    def of(shares, n=20):
        return analytics.prior(pd.DataFrame({"events": n, "conflict_share": shares}))

    assert of([0.5] * 9) == FLAT
    assert of([0.0] * 12) == FLAT  # nothing to learn from: all of one kind
    alike = of([0.25] * 12)
    assert (alike.cooperation, alike.conflict, alike.dyads) == pytest.approx((7.5, 2.5, 12))
    apart = of([0.0, 1.0] * 6)
    assert (apart.cooperation, apart.conflict) == pytest.approx((0.5, 0.5))


def test_the_prior_finds_the_strength_that_the_dyads_were_drawn_with():
    chance = np.random.default_rng(1)
    n = chance.integers(5, 60, 800)
    share = chance.binomial(n, chance.beta(3, 2, 800)) / n
    found = analytics.prior(pd.DataFrame({"events": n, "conflict_share": 1 - share}))
    assert found.cooperation == pytest.approx(3, abs=0.6)
    assert found.conflict == pytest.approx(2, abs=0.5)


def test_totals_by_hand():
    found = analytics.totals(
        series(
            (None, "a", BAD, 2, -18.0, 162.0),  # -9, -9
            (None, "a", SAID, 1, 3.0, 9.0),
            (None, "b", ACCUSED, 1, -3.0, 9.0),
            (None, "both", SAID, 2, 5.0, 12.5),  # 2.5, 2.5
        )
    )
    assert found["events"].to_dict() == {"a": 3, "b": 1, "both": 2, "all": 6}
    assert found["conflict"].to_dict() == {"a": 2, "b": 1, "both": 0, "all": 3}
    assert found.loc["a", "mean_intensity"] == pytest.approx(-5)
    deviation = np.std([-9, -9, 3], ddof=1)
    half = stats.t.ppf(0.95, 2) * deviation / math.sqrt(3)
    assert found.loc["a", "intensity_high"] == pytest.approx(-5 + half)
    assert found.loc["a", "intensity_low"] == -10  # the scale ends there
    assert math.isnan(found.loc["b", "intensity_low"])
    assert found.loc["all", "balance"] == pytest.approx(0)


def test_totals_of_nothing_are_empty_not_an_error():
    found = analytics.totals(series())
    assert found.loc["all", "events"] == 0
    assert math.isnan(found.loc["all", "mean_intensity"])


def test_a_change_is_the_difference_with_both_uncertainties():
    row = {"balance": 0.5, "low": 0.2, "high": 0.8}
    other = {"balance": -0.1, "low": -0.5, "high": 0.3}
    difference, low, high = analytics.change(pd.Series(row), pd.Series(other))
    assert difference == pytest.approx(0.6)
    assert (low, high) == pytest.approx((0.1, 1.1))  # sqrt(0.3^2 + 0.4^2) = 0.5


@pytest.mark.parametrize(
    ("days", "events", "unit"),
    [(30, 100, "week"), (700, 100, "week"), (700, 99, "month"), (4000, 400, "month"), (4000, 20, "quarter"), (20000, 9, "year")],
)  # fmt: skip
def test_the_unit_is_the_finest_that_the_events_fill(days, events, unit):
    assert (
        analytics.unit_for(
            date(2000, 1, 1), date.fromordinal(date(2000, 1, 1).toordinal() + days - 1), events
        )
        == unit
    )


def test_periods_without_events_are_zero_and_without_any_feed_unknown():
    table = analytics.over_time(
        series(("2024-01-01", "a", GOOD, 2, 20.0, 200.0), ("2024-01-22", "b", BAD, 1, -9.0, 81.0)),
        covered(("2024-01-01", 9, 5), ("2024-01-08", 4, 2), ("2024-01-22", 3, 3)),
        "week",
        date(2023, 12, 27),
        date(2024, 1, 23),
    )
    assert table["period"].dt.date.tolist() == [date(2023, 12, 25), date(2024, 1, 1), date(2024, 1, 8),
                                                date(2024, 1, 15), date(2024, 1, 22)]  # fmt: skip
    assert table["gap"].tolist() == [True, False, False, True, False]
    assert table["events"].tolist()[1:3] == [2, 0]
    assert table["events"].isna().tolist() == [True, False, False, True, False]
    assert table["conflict"].tolist()[4] == 1
    assert table["same"].tolist() == [0, 5, 2, 0, 3]
    assert analytics.over_time(series(), covered(), "week").empty


def test_the_index_halves_an_event_after_its_half_life_and_breaks_in_gaps():
    table = weeks([8, 0, 0, None, 0], [0, 0, 0, None, 4])
    found = analytics.relation_index(table, FLAT, half_life=1)
    assert found["weight"].tolist() == pytest.approx([8, 4, 2, 1, 4.5])
    assert found["balance"][0] == pytest.approx(2 * 9 / 10 - 1)
    assert found["balance"][1] == pytest.approx(2 * 5 / 6 - 1)
    assert math.isnan(found["balance"][3])
    assert found["balance"][4] == pytest.approx(2 * (0.5 + 1) / (4.5 + 2) - 1)
    assert found["few"].tolist() == [False, True, True, True, True]
    assert (found["low"] <= found["balance"])[found["balance"].notna()].all()


def test_the_index_knows_nothing_before_the_first_event_and_nothing_of_later_ones():
    table = weeks([0, 5, 1, 1], [0, 0, 3, 0])
    found = analytics.relation_index(table)
    assert math.isnan(found["balance"][0])
    assert found["balance"][1] == pytest.approx(analytics.relation_index(table.head(2))["balance"][1])


def test_rates_are_per_thousand_of_the_same_outlets_or_say_why_not():
    found = analytics.rates(weeks([2, None, 4], [1, None, 0], same=200), "week")
    assert found.per_thousand
    assert found.reason == ""
    assert found.table["cooperation"].tolist()[::2] == [10, 20]
    assert math.isnan(found.table["cooperation"][1])
    raw = analytics.rates(weeks([2, 4], [1, 0], same=12), "week")
    assert not raw.per_thousand
    assert raw.table["cooperation"].tolist() == [2, 4]
    assert "12 events of all dyads in a median week" in raw.reason
    all_of_it = analytics.rates(weeks([60, 55], [20, 30], same=90), "week")
    assert "nearly all" in all_of_it.reason


def test_one_break_is_found_where_it_is():
    table = weeks([6] * 20 + [1] * 20, [1] * 20 + [6] * 20)
    found = analytics.regimes(table, FLAT)
    assert found["start"].dt.date.tolist() == [date(2024, 1, 1), date(2024, 5, 20)]
    assert found["periods"].tolist() == [20, 20]
    assert found["balance"].tolist() == pytest.approx([2 * 121 / 142 - 1, 2 * 21 / 142 - 1])
    assert found["change"].tolist()[1] == pytest.approx(found["balance"][1] - found["balance"][0])


def test_a_break_after_silence_begins_with_the_first_event():
    table = weeks([9, 9, 9, 0, None, 0, 0, 0], [0, 0, 0, 0, None, 9, 9, 9])
    assert analytics.regimes(table)["start"].dt.date.tolist() == [date(2024, 1, 1), date(2024, 2, 5)]


def test_no_regime_rests_on_fewer_than_five_events():
    found = analytics.regimes(weeks([9, 0, 9, 9], [0, 4, 0, 0]))
    assert len(found) == 1
    assert analytics.regimes(weeks([1], [1]))["events"].tolist() == [2]
    assert analytics.regimes(weeks([0, None], [0, None])).empty


def best_by_trying(good, bad):
    """The cheapest cut in two or three, found by trying all, with the cost written out anew."""
    scale = analytics._overdispersion(good, bad)

    def cost(a, b):
        g, k = good[a:b].sum(), bad[a:b].sum()
        if g + k < analytics.FEW:
            return math.inf
        return -sum(n * math.log(n / (g + k)) for n in (g, k) if n) / scale

    n = len(good)
    ways = {(): cost(0, n)}
    for i in range(1, n):
        ways[i,] = cost(0, i) + cost(i, n) + analytics._PENALTY
        for j in range(i + 1, n):
            ways[i, j] = cost(0, i) + cost(i, j) + cost(j, n) + 2 * analytics._PENALTY
    return list(min(ways, key=ways.get))


def test_the_search_finds_the_cheapest_cut():
    chance = np.random.default_rng(5)
    cuts = set()
    for _ in range(25):
        shares = np.repeat(chance.choice([0.1, 0.5, 0.9], 3), 6)
        n = chance.integers(3, 12, 18)
        good = chance.binomial(n, shares).astype(float)
        wanted = best_by_trying(good, n - good)
        found = analytics._cuts(good, n - good)
        cuts.add(len(found))
        if len(found) <= 2:
            assert found == wanted
    assert {1, 2} <= cuts


def test_series_without_a_change_rarely_get_one():
    chance = np.random.default_rng(11)
    for clustered in (False, True):
        for rate in (0.5, 5.0):
            false = 0
            for _ in range(150):
                stories = chance.poisson(rate / (2.5 if clustered else 1), 120)
                good, bad = np.zeros(120), np.zeros(120)
                for week, count in enumerate(stories):
                    for _ in range(count):
                        size = chance.integers(1, 5) if clustered else 1
                        (good if chance.random() < 0.7 else bad)[week] += size
                busy = good + bad > 0
                false += bool(analytics._cuts(good[busy], bad[busy]))
            assert false <= 0.05 * 150


def test_a_large_change_is_found_in_clustered_acts_too():
    chance = np.random.default_rng(12)
    hits = 0
    for _ in range(40):
        good, bad = np.zeros(120), np.zeros(120)
        for week in range(120):
            for _ in range(chance.poisson(2)):
                kind = good if chance.random() < (0.85 if week < 60 else 0.35) else bad
                kind[week] += chance.integers(1, 5)
        busy = good + bad > 0
        hits += bool(analytics._cuts(good[busy], bad[busy]))
    assert hits >= 36


def test_an_alert_is_rare_by_the_dyads_own_past():
    table = weeks([1] * 12, [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 1, 9])
    found = analytics.alerts(table)
    assert found[["kind", "events"]].to_numpy().tolist() == [["conflict", 9]]
    past = np.array([0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 1])
    mean = (past.sum() + 0.5) / 11
    assert past.var(ddof=1) < mean  # not more scattered than a Poisson distribution
    assert found["expected"][0] == pytest.approx(mean)
    assert found["p"][0] == pytest.approx(stats.poisson(mean).sf(8))
    assert found["usual"][0] == stats.poisson(mean).ppf(0.99)


def test_a_scattered_past_makes_an_alert_harder():
    calm = weeks([0] * 12, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 9])
    wild = weeks([0] * 12, [0, 9, 0, 0, 8, 0, 0, 9, 0, 0, 0, 9])
    assert len(analytics.alerts(calm)) == 1
    assert all(analytics.alerts(wild)["period"] != wild["period"].iloc[-1])


def test_no_alert_without_a_past_nor_below_three_events():
    assert analytics.alerts(weeks([0] * 5, [0, 0, 0, 0, 50])).empty
    assert analytics.alerts(weeks([0] * 12, [0] * 11 + [2])).empty
    assert len(analytics.alerts(weeks([0] * 12, [0] * 11 + [3]))) == 1
    gaps = weeks([None] * 11 + [0], [None] * 11 + [30])
    assert analytics.alerts(gaps).empty


def told(*rows):
    frame = pd.DataFrame(rows, columns=["event_id", "date", "quad_class", "intensity", "reports"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


EVENTS = told(
    ("e1", "2024-05-21", GOOD, 9.0, 9),
    ("e2", "2024-05-22", BAD, -9.0, 3),
    ("e3", "2024-05-23", BAD, -6.0, 3),
    ("e4", "2024-05-29", BAD, -9.0, 2),
    ("e5", None, BAD, -9.0, 2),
    ("e6", "2024-01-02", SAID, 2.0, 1),
)


def test_causes_are_the_events_of_that_kind_in_that_period():
    week = pd.Timestamp("2024-05-20")
    assert analytics.causes(week, "conflict", EVENTS, "week")["event_id"].tolist() == ["e2", "e3"]
    assert analytics.causes(week, "cooperation", EVENTS, "week")["event_id"].tolist() == ["e1"]


def test_key_events_open_regimes_and_keep_apart():
    spans = analytics.regimes(weeks([6] * 20 + [1] * 20, [1] * 20 + [6] * 20))
    found = analytics.key_events(EVENTS, spans, "week", most=3, apart=pd.Timedelta(days=4))
    assert found["event_id"].tolist() == ["e6", "e2", "e4"]  # e1 and e3 are too near to e2
    assert found["number"].tolist() == [1, 2, 3]
    assert found["opens"].tolist() == [False, True, False]
    assert analytics.key_events(EVENTS.head(0), spans, "week", apart=pd.Timedelta(days=4)).empty


def test_a_few_old_events_do_not_squeeze_the_chart():
    def by_year(**counts):
        return pd.DataFrame(
            {
                "period": pd.to_datetime([f"{year[1:]}-01-01" for year in counts]),
                "events": list(counts.values()),
            }
        )

    assert analytics.main_part(by_year(y1946=1, y2014=40, y2026=60)) == date(2014, 1, 1)
    assert analytics.main_part(by_year(y1946=9, y2014=40, y2026=60)) is None
    assert analytics.main_part(by_year(y2013=1, y2014=40, y2026=60)) is None
    assert analytics.main_part(by_year(y1946=1, y2014=3)) is None
    assert analytics.main_part(by_year()) is None


def test_days_of_periods():
    assert analytics.days_of("2024-02-15", "week") == (date(2024, 2, 12), date(2024, 2, 18))
    assert analytics.days_of("2024-02-15", "quarter") == (date(2024, 1, 1), date(2024, 3, 31))
    assert analytics.earlier(date(2024, 2, 15), "week") == date(2023, 8, 10)
    assert analytics.earlier(date(1, 1, 9), "year") == date.min
