"""A relation as measured: index, regimes, key events, totals and headline figures, for pages and briefings alike.

Whoever answers is a `Source`: the store's `Queries`, or the dashboard's memory of their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol

import pandas as pd

from events import analytics
from events.analytics import Prior
from events.charts import relations, words
from events.charts.relations import Story
from events.charts.rows import records
from events.charts.timelines import Unit
from events.queries import Lane
from events.schema import Selection

__all__ = [
    "HOW_INDEX",
    "HOW_ISSUES",
    "HOW_MIRROR",
    "ORDER",
    "Source",
    "Told",
    "chronicle",
    "coarse",
    "figures",
    "gaps_note",
    "interval",
    "marks_are",
    "marks_note",
    "named",
    "periods",
    "prior",
    "tell",
    "unit_for",
    "within",
]

FIRST = 60  # events from which key events and the first chronology are chosen: asked for once
KEYS = 5  # numbered events in the chart
ORDER: tuple[Unit, ...] = ("week", "month", "quarter", "year")
_AT_CHANGE = 30  # events of a period of change, among which the one that opens it is chosen
_BINS = 60  # periods in a lane: of marks some 12 px wide
_APART = 0.06  # of the time shown: numbers in the chart do not touch

HOW_INDEX = (
    "Each event counts once. The relation index is (cooperation − conflict) / (cooperation + conflict) of the numbers of "
    "events, from −1 to +1; how strong they are is told apart, by the mean intensity. Both numbers are smoothed "
    "exponentially (EWMA): an event weighs half after four periods, and no value knows of later ones. The share of "
    "cooperation has a Beta distribution whose prior is what the dyads of the store have in common (empirical Bayes, "
    "Kleinman 1973), so that few events are drawn towards it; the band is the 90% interval. The line is grey where "
    "fewer than five events lie behind a value, and broken where fewer than one does. Periods of which the store holds "
    "nothing of any dyad are shaded, never counted as zero. Change points: the cut of the series with the best "
    "penalised binomial likelihood, corrected for acts that come in clusters (optimal partitioning, Jackson and others "
    "2005; the optimum that PELT finds, Killick and others 2012); in simulated series without a change at most 5% get one. "
    "Triangles: more events of a kind than in 99% of periods like the 26 before (negative binomial, Noufaily and "
    "others 2013)."
)
HOW_MIRROR = (
    "Events by type and by who acts on whom; acts of both sides at once stand on neither side. One scale for both. "
    "The title names a side only where its share of conflict is higher by more than 2.58 standard errors, with 20 events "
    "of each side."
)
HOW_ISSUES = (
    "An event counts once in each of its domains (or issues). All rows have one scale. The title names the field with most "
    "conflict, and that with most cooperation, among those with five events of which 70% are of that kind."
)


class Source(Protocol):
    """What a relation is measured from; the questions are those of `queries.Queries`."""

    def series(self, selection: Selection, unit: Unit | None = None) -> pd.DataFrame:
        """Who acts, how and how strongly."""

    def coverage(self, selection: Selection, unit: Unit) -> pd.DataFrame:
        """What is held of all dyads."""

    def by_dyad(self, selection: Selection, limit: int | None = None) -> pd.DataFrame:
        """Events by dyad."""

    def by_lane(self, selection: Selection, lane: Lane, unit: Unit | None = None) -> pd.DataFrame:
        """Events by domain, type or issue."""

    def salient(self, selection: Selection, limit: int, *, strongest: bool = True) -> pd.DataFrame:
        """The events with most reports."""


def named(selection: Selection) -> tuple[str, str]:
    """Return the names of A and B of the selection's dyad."""
    a, b = selection.dyad or ("", "")
    return words.short_name(a), words.short_name(b)


@dataclass(frozen=True, slots=True)
class Told:
    """A relation as it was measured: the chart's story, the totals, the rates, and what they rest on."""

    story: Story
    totals: pd.DataFrame
    rates: analytics.Rates
    alarms: pd.DataFrame
    given: Prior

    @property
    def spans(self) -> pd.DataFrame:
        """The regimes."""
        return self.story.spans


def prior(source: Source, selection: Selection) -> Prior:
    """Return what all dyads of the dataset have in common."""
    return analytics.prior(source.by_dyad(Selection(dataset=selection.dataset, statuses=selection.statuses)))


_GAPPY = 0.15  # share of gaps from which a coarser unit is taken


def unit_for(source: Source, selection: Selection, first: date, last: date, events: int) -> Unit:
    """Return the finest unit that suits the span and its feed."""
    wanted = analytics.unit_for(first, last, events)
    for unit in ORDER[ORDER.index(wanted) : -1]:
        held = source.coverage(selection, unit)["period"]
        fed = int(held.between(analytics.start_of(first, unit), pd.Timestamp(last)).sum())
        cuts = len(analytics.periods(first, last, unit))
        if fed >= (1 - _GAPPY) * cuts:
            return unit
    return ORDER[-1]


def tell(
    source: Source,
    selection: Selection,
    counts: Any,
    *,
    lane: Lane | None = None,
    unit: Unit | None = None,
    span: tuple[date | None, date | None] | None = None,
    whole: bool = False,
    notes: pd.DataFrame | None = None,
) -> Told:
    """Measure a relation over its period, or over `span`.

    With `lane` its events are told too, with `whole` volume and coverage (the Timeline's panels). `notes`: date,
    text, by.
    """
    start, end = span or (selection.start, selection.end)
    if start is None:
        start = analytics.main_part(source.series(selection, "year"))
    cut = unit or unit_for(source, selection, start or counts.first, end or counts.last, counts.events)
    given = prior(source, selection)
    longer = replace(selection, start=analytics.earlier(start, cut)) if start else selection
    past = analytics.over_time(
        source.series(longer, cut), source.coverage(longer, cut), cut, longer.start, end
    )
    since = analytics.start_of(start, cut) if start else pd.Timestamp.min
    table = past[past["period"] >= since].reset_index(drop=True)
    index = analytics.relation_index(past, given)  # it remembers what came before the period
    alarms = analytics.alerts(past)
    alarms = alarms[alarms["period"] >= since].reset_index(drop=True)
    spans = analytics.regimes(table, given)
    rates = analytics.rates(table, cut)
    drawn = index[index["period"] >= since].reset_index(drop=True)
    since_start = replace(selection, start=start)
    lanes = relations.lanes_of(source.by_lane(selection, lane)) if lane else ()
    bins, bin_unit = _bins(source, since_start, lane, lanes, drawn, cut) if lane else (None, cut)
    story = Story(
        index=drawn,
        spans=spans,
        keys=_keys(source, since_start, spans, table, cut) if lane else pd.DataFrame(),
        marks=source.salient(since_start, relations.MARKS, strongest=False)
        if lane and bins is None
        else pd.DataFrame(),
        lanes=lanes,
        unit=cut,
        lane=lane or "domain",
        bins=bins,
        bin_unit=bin_unit,
        volume=rates.table if whole else None,
        volume_title=f"Volume: cooperation above, conflict below, {_measure(rates, cut)}",
        coverage=whole,
        alarms=alarms if whole else None,
        notes=notes,
        names=named(selection) if selection.dyad else ("", ""),
    )
    return Told(story, analytics.totals(source.series(selection), given), rates, alarms, given)


def _bins(
    source: Source, selection: Selection, lane: Lane, lanes: Sequence[str], index: pd.DataFrame, unit: Unit
) -> tuple[pd.DataFrame | None, Unit]:
    """Return the lanes' events by period, and by which, where one mark an event would be too many; else None."""
    wider = coarse(unit, index, _BINS)
    table = source.by_lane(selection, lane, wider)
    table = table[table["lane"].isin(lanes)]
    return (table if table["events"].sum() > relations.MARKS else None), wider


def _measure(rates: analytics.Rates, unit: Unit) -> str:
    return f"per 1,000 events of the same outlets, by {unit}" if rates.per_thousand else f"events by {unit}"


def _keys(
    source: Source, selection: Selection, spans: pd.DataFrame, table: pd.DataFrame, unit: Unit
) -> pd.DataFrame:
    """Return the events to number; those of the periods of change are asked for apart, lest they be cut."""
    events = [source.salient(selection, FIRST)]
    starts = (row.start for row in records(spans.iloc[1:]))
    events += [source.salient(within(selection, start, unit), _AT_CHANGE) for start in starts]
    every = pd.concat([part for part in events if len(part)] or events[:1], ignore_index=True)
    apart = (table["period"].iloc[-1] - table["period"].iloc[0]) * _APART
    return analytics.key_events(every.drop_duplicates("event_id"), spans, unit, most=KEYS, apart=apart)


def within(selection: Selection, period: pd.Timestamp, unit: Unit) -> Selection:
    """Return the selection cut down to one period."""
    first, last = analytics.days_of(period, unit)
    return replace(
        selection,
        start=max(first, selection.start) if selection.start else first,
        end=min(last, selection.end) if selection.end else last,
    )


def gaps_note(told: Told) -> str:
    """Return what shading and grey mean, where the chart has them."""
    index = told.story.index
    counted = told.totals.loc["all", "events"]
    drawn = int(index["events"].sum())
    parts = (
        [f"{words.plural(counted - drawn, 'earlier or undated event')} not drawn"] if drawn < counted else []
    )
    parts += ["shaded: nothing of any dyad is stored"] if index["gap"].any() else []
    if (index["few"].astype(bool) & index["balance"].notna()).any():
        parts.append("grey: fewer than five events behind the value")
    return ", ".join(parts)


def marks_are(told: Told, lane: Lane) -> str:
    """Return what a mark of the lanes is."""
    return (
        f"one mark an event by {lane}"
        if told.story.bins is None
        else f"events by {lane} and {told.story.bin_unit}"
    )


def marks_note(told: Told, events: int) -> str:
    """Return how many marks of how many events are drawn, and by which rule."""
    if told.story.bins is not None:
        most = relations.binned(told.story.bins)["events"].max()
        return (
            f"one mark a {told.story.bin_unit} and lane for cooperation, one for conflict, by number of events "
            f"(the largest {words.number(most)}), filled where most are deeds"
        )
    drawn = int(told.story.marks["date"].notna().sum()) if len(told.story.marks) else 0
    if drawn >= events:
        return f"{words.plural(drawn, 'mark')}, one an event in each of its lanes"
    return f"{drawn:,} of {events:,} events marked, those with most reports first"


def coarse(unit: Unit, index: pd.DataFrame, most: int = 40) -> Unit:
    """Return the unit that draws this span in at most so many periods: forty bars in a narrow card."""
    days = (index["period"].iloc[-1] - index["period"].iloc[0]).days
    for wider in ORDER[ORDER.index(unit) :]:
        if days / analytics.DAYS[wider] <= most:
            return wider
    return "year"


def periods(index: pd.DataFrame, unit: Unit) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first days of the first and the last period of the chart, in this unit."""
    ends = index["period"].iloc[[0, -1]]
    first, last = (analytics.start_of(day, unit) for day in ends)
    return first, last


def figures(source: Source, selection: Selection, told: Told, counts: Any) -> list[tuple[str, str, str]]:
    """Return the five headline figures of a dyad: name, figure, interval and what it was in the period before."""
    all_, before = told.totals.loc["all"], _before(source, selection, told, counts)
    enough = all_["events"] >= analytics.FEW
    was = f", before {words.intensity(before['balance'], 2)}" if before is not None else ""
    mean_was = f", before {words.intensity(before['mean_intensity'])}" if before is not None else ""
    arrow = ""
    if before is not None and enough:
        _, low, high = analytics.change(all_, before)
        arrow = " ▲" if low > 0 else " ▼" if high < 0 else ""
    a, b = selection.dyad or ("", "")
    out, back, both = (int(told.totals.loc[who, "events"]) for who in ("a", "b", "both"))
    share = all_["conflict"] / all_["events"] if all_["events"] else None
    return [
        (
            "Events",
            words.number(all_["events"]),
            f"from {words.plural(counts.reports, 'report')}"
            + (f", before {words.number(before['events'])}" if before is not None else ""),
        ),
        (
            "Balance",
            (words.intensity(all_["balance"], 2) + arrow) if enough else "–",
            (interval(all_["low"], all_["high"], 2) + was) if enough else "too few events",
        ),
        _now(told),
        (
            "Mean intensity",
            words.intensity(all_["mean_intensity"]),
            (interval(all_["intensity_low"], all_["intensity_high"], 1) + mean_was)
            if enough
            else "of few events",
        ),
        (
            f"{a} → {b} | {b} → {a}",
            f"{words.number(out)}\u00a0|\u00a0{words.number(back)}",
            f"and {words.number(both)} of both; {words.percent(share)} in conflict",
        ),
    ]


def interval(low: float, high: float, digits: int) -> str:
    """Write a 90% interval; "no interval" where there is none."""
    if pd.isna(low) or pd.isna(high):
        return "no interval"
    return f"90%: {words.intensity(low, digits)}, {words.intensity(high, digits)}"


def _now(told: Told) -> tuple[str, str, str]:
    """Return the figure of the last regime: its balance, since when, by how much it differs from the one before."""
    spans = told.spans
    if len(spans) < 2:
        return "Lasting changes", "none", "over the whole period"
    last = spans.iloc[-1]
    moved = words.intensity(last["change"], 2)
    return (
        f"Since {words.day(last['start'])}",
        words.intensity(last["balance"], 2) + (" ▲" if last["change"] > 0 else " ▼"),
        f"{interval(last['low'], last['high'], 2)}; {moved} on the time before",
    )


def _before(source: Source, selection: Selection, told: Told, counts: Any) -> pd.Series | None:
    """Return the totals of the period before this one, of equal length; None without a period or events."""
    if selection.start is None:
        return None
    end = selection.end or counts.last
    if end is None:
        return None
    length = end - selection.start
    try:
        earlier = replace(
            selection,
            start=selection.start - length - timedelta(days=1),
            end=selection.start - timedelta(days=1),
        )
    except OverflowError:  # before the year 1
        return None
    found = analytics.totals(source.series(earlier), told.given).loc["all"]
    return found if found["events"] >= analytics.FEW else None


def chronicle(source: Source, selection: Selection, told: Told, most: int) -> pd.DataFrame:
    """Return the events of the chronology, by date: those numbered in the chart, then those told most."""
    keys = told.story.keys
    told_most = source.salient(selection, max(most, FIRST)).head(most)
    parts = [part for part in (keys, told_most) if len(part)]
    every = pd.concat(parts, ignore_index=True).drop_duplicates("event_id").head(max(most, len(keys)))
    return every.sort_values(["date", "event_id"], ignore_index=True)
