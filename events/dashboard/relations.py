"""What the Dyad and Timeline pages share: the pair, the story of a relation, its figures, chronology and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import escape
from typing import Any, Literal

import pandas as pd
import streamlit as st

from events import analytics
from events.analytics import Prior
from events.charts import relations, sentences, words
from events.charts.relations import Story
from events.charts.rows import records
from events.charts.theme import Theme
from events.charts.timelines import Unit, period_name
from events.codebook import QUAD_CLASSES
from events.dashboard import answers, controls, drawer, frame, lists, markup
from events.gazetteer import gazetteer
from events.queries import Lane
from events.schema import Selection

__all__ = [
    "CHRONOLOGY",
    "HOW_INDEX",
    "HOW_ISSUES",
    "HOW_MIRROR",
    "LANE_KINDS",
    "ROWS",
    "Told",
    "alarms",
    "chart_foot",
    "chosen",
    "chronicle",
    "chronology",
    "coarse",
    "compare",
    "compare_box",
    "dyad_links",
    "figures",
    "gaps_note",
    "have_members",
    "marks_are",
    "marks_note",
    "meeting_rows",
    "named",
    "nothing_between",
    "opened",
    "pair",
    "pair_boxes",
    "periods",
    "place_rows",
    "show_more",
    "source_rows",
    "subtitle",
    "tell",
    "to_dyad",
]

ORDER: tuple[Unit, ...] = ("week", "month", "quarter", "year")
UNITS: tuple[Literal["auto"] | Unit, ...] = ("auto", *ORDER)
LANE_KINDS: tuple[Lane, ...] = ("domain", "type", "issue")
CHRONOLOGY = 8  # events of the chronology at first; "Show more" adds as many
FIRST = 60  # events from which key events and the first chronology are chosen: asked for once
_AT_CHANGE = 30  # events of a period of change, among which the one that opens it is chosen
KEYS = 5  # numbered events in the chart
_APART = 0.06  # of the time shown: numbers in the chart do not touch
ROWS = 5  # of lists in cards
ALARMS = 4
CAUSES = 3
_BINS = 60  # periods in a lane: of marks some 12 px wide
_OPENED = 50  # events that a mark of several opens

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


# The pair

_SEEN = "_pair_seen"


def have_members(code: str) -> bool:
    """Say whether a party is an organisation whose members are known."""
    return bool(gazetteer().memberships(code))


def _partner(code: str, selection: Selection, parties: Sequence[str]) -> str:
    """Return the party with which this one has most events."""
    dyads = answers.by_dyad(replace(selection, parties=(code,), dyad=None), 1)
    if dyads.empty:
        return next(other for other in parties if other != code)
    row = dyads.iloc[0]
    return str(row["b"] if row["a"] == code else row["a"])


def _swap() -> None:
    state = st.session_state
    state["a"], state["b"] = state["b"], state["a"]


def pair(selection: Selection) -> tuple[str, str]:
    """Return A and B: as the URL says, else one or two parties of the sidebar, else the busiest dyad.

    Call `pair_boxes` in the same run: it draws the boxes that choose them.
    """
    state = st.session_state
    every = _parties(selection)
    wanted = selection.parties[:2] if len(selection.parties) in {1, 2} else ()
    if state.get(_SEEN) != wanted:
        state[_SEEN] = wanted
        if wanted:
            state["a"] = wanted[0]
            state["b"] = wanted[1] if len(wanted) == 2 else _partner(wanted[0], selection, every)
    if "a" not in state or "b" not in state:
        dyads = answers.by_dyad(replace(selection, parties=()), 1)
        state["a"], state["b"] = (dyads.iloc[0]["a"], dyads.iloc[0]["b"]) if len(dyads) else every[:2]
    a = controls.chosen("a", every)
    if state["b"] == a:
        state["b"] = _partner(a, replace(selection, parties=()), every)
    b = controls.chosen("b", [code for code in every if code != a])
    return a, b


def _parties(selection: Selection) -> list[str]:
    """Return every party: those with events first, the most frequent first, then the rest by name."""
    counted = answers.parties(Selection(dataset=selection.dataset))
    known = list(counted["code"])
    names = gazetteer()
    rest = {*names.states(), *names.organisations()} - set(known)
    return [*known, *sorted(rest, key=words.short_name)]


def pair_boxes(selection: Selection) -> None:
    """Draw the two boxes and the button that swaps them."""
    every = _parties(selection)
    for key, options in (("a", every), ("b", [code for code in every if code != st.session_state["a"]])):
        st.selectbox(
            "Party A" if key == "a" else "Party B",
            options,
            format_func=words.short_name,
            key=key,
            persist_state="session",
            label_visibility="collapsed",
            width=168,
            filter_mode="contains",
        )
        controls.publish(key, "")
        if key == "a":
            st.button(
                "⇄", key="swap", type="tertiary", on_click=_swap,
                help="Swap the two parties",
            )  # fmt: skip


def named(selection: Selection) -> tuple[str, str]:
    """Return the names of A and B."""
    a, b = selection.dyad or ("", "")
    return words.short_name(a), words.short_name(b)


def to_dyad(a: str, b: str, label: str) -> None:
    """Draw a link to the Dyad page of this pair."""
    st.page_link("app_pages/dyad.py", label=label, query_params={"a": a, "b": b})


# The story


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


def prior(selection: Selection) -> Prior:
    """Return what all dyads of the dataset have in common."""
    return analytics.prior(answers.by_dyad(Selection(dataset=selection.dataset, statuses=selection.statuses)))


_GAPPY = 0.15  # share of gaps from which a coarser unit is taken


def unit_of(selection: Selection, first: date, last: date, events: int) -> Unit:
    """Return the unit that the reader chose in the box "unit", else the finest that suits the span and its feed."""
    chosen = controls.chosen("unit", UNITS)
    if chosen != "auto":
        return chosen
    wanted = analytics.unit_for(first, last, events)
    for unit in ORDER[ORDER.index(wanted) : -1]:
        held = answers.coverage(selection, unit)["period"]
        fed = int(held.between(analytics.start_of(first, unit), pd.Timestamp(last)).sum())
        periods = len(analytics.periods(first, last, unit))
        if fed >= (1 - _GAPPY) * periods:
            return unit
    return ORDER[-1]


def tell(
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
        start = analytics.main_part(answers.series(selection, "year"))
    cut = unit or unit_of(selection, start or counts.first, end or counts.last, counts.events)
    given = prior(selection)
    longer = replace(selection, start=analytics.earlier(start, cut)) if start else selection
    past = analytics.over_time(
        answers.series(longer, cut), answers.coverage(longer, cut), cut, longer.start, end
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
    lanes = relations.lanes_of(answers.by_lane(selection, lane)) if lane else ()
    bins, bin_unit = _bins(since_start, lane, lanes, drawn, cut) if lane else (None, cut)
    story = Story(
        index=drawn,
        spans=spans,
        keys=_keys(since_start, spans, table, cut) if lane else pd.DataFrame(),
        marks=answers.salient(since_start, relations.MARKS, strongest=False)
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
    return Told(story, analytics.totals(answers.series(selection), given), rates, alarms, given)


def _bins(
    selection: Selection, lane: Lane, lanes: Sequence[str], index: pd.DataFrame, unit: Unit
) -> tuple[pd.DataFrame | None, Unit]:
    """Return the lanes' events by period, and by which, where one mark an event would be too many; else None."""
    wider = coarse(unit, index, _BINS)
    table = answers.by_lane(selection, lane, wider)
    table = table[table["lane"].isin(lanes)]
    return (table if table["events"].sum() > relations.MARKS else None), wider


def _measure(rates: analytics.Rates, unit: Unit) -> str:
    return f"per 1,000 events of the same outlets, by {unit}" if rates.per_thousand else f"events by {unit}"


def _keys(selection: Selection, spans: pd.DataFrame, table: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """Return the events to number; those of the periods of change are asked for apart, lest they be cut."""
    changes = [_within(selection, row.start, unit) for row in records(spans.iloc[1:])]
    for part in changes:
        answers.ahead(part, "salient", limit=_AT_CHANGE, strongest=True)
    events = [answers.salient(selection, FIRST), *(answers.salient(part, _AT_CHANGE) for part in changes)]
    every = pd.concat([part for part in events if len(part)] or events[:1], ignore_index=True)
    apart = (table["period"].iloc[-1] - table["period"].iloc[0]) * _APART
    return analytics.key_events(every.drop_duplicates("event_id"), spans, unit, most=KEYS, apart=apart)


def _within(selection: Selection, period: pd.Timestamp, unit: Unit) -> Selection:
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


def chart_foot(told: Told, theme: Theme) -> None:
    """Draw what stands under the chart: its key, and the boxes that choose lanes and unit."""
    story = told.story
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", key="chartfoot"):
        st.html(
            markup.relation_key(
                theme,
                marks=bool(story.lanes),
                changes=len(story.spans) > 1,
                keys=bool(len(story.keys)) and not story.keys["opens"].all(),
            )
        )
        st.selectbox(
            "Lanes",
            LANE_KINDS,
            format_func=lambda kind: f"Lanes by {kind}",
            key="lane",
            label_visibility="collapsed",
            width=152,
        )
        st.selectbox(
            "Unit of time",
            UNITS,
            format_func=lambda unit: f"By {story.unit} (auto)" if unit == "auto" else f"By {unit}",
            key="unit",
            label_visibility="collapsed",
            width=152,
        )
    controls.publish("lane", LANE_KINDS[0])
    controls.publish("unit", UNITS[0])


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


# Headline figures


def figures(selection: Selection, told: Told, counts: Any) -> list[tuple[str, str, str]]:
    """Return the five headline figures of a dyad: name, figure, interval and what it was in the period before."""
    all_, before = told.totals.loc["all"], _before(selection)
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
            (_interval(all_["low"], all_["high"], 2) + was) if enough else "too few events",
        ),
        _now(told),
        (
            "Mean intensity",
            words.intensity(all_["mean_intensity"]),
            (_interval(all_["intensity_low"], all_["intensity_high"], 1) + mean_was)
            if enough
            else "of few events",
        ),
        (
            f"{a} → {b} | {b} → {a}",
            f"{words.number(out)}\u00a0|\u00a0{words.number(back)}",
            f"and {words.number(both)} of both; {words.percent(share)} in conflict",
        ),
    ]


def _interval(low: float, high: float, digits: int) -> str:
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
        f"{_interval(last['low'], last['high'], 2)}; {moved} on the time before",
    )


def _before(selection: Selection) -> pd.Series | None:
    """Return the totals of the period before this one, of equal length; None without a period or events."""
    if selection.start is None:
        return None
    end = selection.end or answers.counts(selection).last
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
    found = analytics.totals(answers.series(earlier), prior(selection)).loc["all"]
    return found if found["events"] >= analytics.FEW else None


_VAGUE = 0.5  # width of an interval around zero from which on no tone is told


def subtitle(selection: Selection, told: Told, counts: Any) -> str:
    """Return the line under the title: how it stands, since when, over what most."""
    if counts.events < analytics.FEW or told.spans.empty:
        return lists.scope(replace(selection, parties=selection.dyad or ()), counts)
    last = told.spans.iloc[-1]
    if len(told.spans) == 1 and last["low"] <= 0 <= last["high"] and last["high"] - last["low"] > _VAGUE:
        return lists.scope(replace(selection, parties=selection.dyad or ()), counts)
    tone = (
        "mixed" if last["low"] <= 0 <= last["high"]
        else "mostly cooperative" if last["balance"] > 0 else "mostly conflictual"
    )  # fmt: skip
    whole = len(told.spans) == 1
    since = "Throughout" if whole else f"Since {words.day(last['start'], long=True)}"
    top = [relations.lane_label("domain", name) for name in told.story.lanes[:3]]
    over = f"; most acts concern {', '.join(top[:-1])} and {top[-1]}" if len(top) == 3 else ""
    return f"{since} {tone}, balance {words.intensity(last['balance'], 2)}{over}"


# Evidence

_CLICKED = "_clicked_event"


def chosen(key: str) -> None:
    """Take what the reader chose in this chart: a span that was brushed becomes the Selection's period.

    A mark that was clicked on is remembered for `opened`.
    """
    state = st.session_state.get(key) or {"selection": {}}
    if boxes := state["selection"].get("box") or []:
        ends = sorted(str(x)[:10] for x in boxes[0]["x"])
        st.session_state["from"], st.session_state["to"] = (
            date.fromisoformat(day) for day in (ends[0], ends[-1])
        )
        return
    points = state["selection"].get("points") or []
    marks = {tuple(point["customdata"]) for point in points if isinstance(point.get("customdata"), list)}
    if len(marks) == 1:
        st.session_state[_CLICKED] = marks.pop()


def opened(selection: Selection, told: Told | None, events: Sequence[str], position: int | None) -> None:
    """Open the drawer at the event that was chosen in a list, or at the mark that was clicked on."""
    mark = st.session_state.pop(_CLICKED, None)
    if position is not None:
        drawer.open_at(position)
        drawer.show(tuple(events))
    elif mark and told:
        ids, of = ((mark[0],), "") if len(mark) == 1 else _behind(selection, told.story, *mark)
        if ids:
            drawer.open_at(0)
            drawer.show(ids, of)


def _of_kind(selection: Selection, kind: str) -> Selection:
    """Return the selection's events of cooperation, or those of conflict."""
    wanted = selection.quad_classes or QUAD_CLASSES
    return replace(selection, quad_classes=tuple(name for name in wanted if name.endswith(kind)))


def _behind(
    selection: Selection, story: Story, period: str, lane: str, kind: str
) -> tuple[tuple[str, ...], str]:
    """Return the events of a mark that stands for several, those told most first, and what they are."""
    within = _of_kind(_within(selection, pd.Timestamp(period), story.bin_unit), kind)
    field = {"domain": "domains", "type": "event_types", "issue": "issues"}[story.lane]
    wanted = getattr(selection, field)
    if wanted and lane not in wanted:  # an event is here by another domain or issue than the filter's
        every = answers.salient(within, relations.MARKS)
        ids = tuple(row.event_id for row in records(every) if lane in getattr(row, field))[:_OPENED]
    else:
        alone: dict[str, Any] = {field: (lane,)}
        every = answers.salient(replace(within, **alone), _OPENED)
        ids = tuple(every["event_id"])
    when = period_name(pd.Timestamp(period).date(), story.bin_unit)
    return ids, f"of {kind}, {relations.lane_label(story.lane, lane)}, {when}, those told most first"


# Lists


def chronology(
    events: pd.DataFrame,
    keys: pd.DataFrame,
    key: str = "chron",
    *,
    planned: bool = False,
    notes: Mapping[str, str] | None = None,
) -> int | None:
    """Draw events as dated sentences, each with a button of footnotes; return the one that was chosen.

    Numbers of `keys` (as in the chart) stand before them. With `planned` the day is that of the plan. `notes` are
    the footnotes by event, where this is part of a longer list.
    """
    theme = frame.theme()
    numbers = dict(zip(keys["event_id"], keys["number"], strict=True)) if len(keys) else {}
    notes = _footnotes(events) if notes is None else notes
    chosen = None
    for at, row in enumerate(records(events)):
        when = words.day(row.planned_for) if planned else words.imprecise_day(row.date, row.date_precision)
        told = sentences.tell(row, place=False)
        place = row.place_name if isinstance(row.place_name, str) else ""
        with st.container(
            horizontal=True, wrap=False, key=f"row_{key}_{at}", vertical_alignment="top", gap="small"
        ):
            st.html(
                markup.chronicle(
                    numbers.get(row.event_id),
                    when,
                    lists.glyph(row.quad_class, theme),
                    told,
                    place,
                    doubt=lists.doubt(row.event_type),
                    narrow=planned,
                )
            )
            if st.button(
                notes[row.event_id], key=f"{key}_{row.event_id}", type="tertiary",
                help=f"Read the evidence: {words.plural(row.articles, 'article')}",
            ):  # fmt: skip
                chosen = at
    return chosen


_NOTES = 3  # numbers of footnotes after a sentence


def _footnotes(events: pd.DataFrame) -> dict[str, str]:
    """Return the numbers of the articles behind each event, in the order of the list; an article has one number."""
    found = answers.sources(tuple(events["event_id"]))
    by_event = {event_id: list(part["article_id"]) for event_id, part in found.groupby("event_id")}
    numbers: dict[str, int] = {}
    notes = {}
    for event_id in events["event_id"]:
        articles = by_event.get(event_id, [])
        shown = [numbers.setdefault(article, len(numbers) + 1) for article in articles[:_NOTES]]
        rest = len(articles) - len(shown)
        notes[event_id] = " ".join(map(str, shown)) + (f" +{rest}" if rest > 0 else "") or "evidence"
    return notes


def source_rows(events: pd.DataFrame) -> str:
    """Return the articles behind the footnotes as numbered rows."""
    found = answers.sources(tuple(events["event_id"]))
    by_event = dict(iter(found.groupby("event_id")))
    seen: dict[str, Any] = {}
    for event_id in events["event_id"]:
        for row in records(by_event[event_id].head(_NOTES)) if event_id in by_event else []:
            seen.setdefault(row.article_id, row)
    items = [
        f"<b>{number}</b><div>{escape(row.outlet or 'outlet unknown')}, "
        f"{escape(words.day(row.published))}<p>{escape(words.shorten(row.title or 'Without a title', 120))}</p></div>"
        for number, row in enumerate(seen.values(), 1)
    ]
    return markup.rows(items, kind="en-note")


def meeting_rows(frame_: pd.DataFrame) -> str:
    """Return who meets whom as rows: two names with their roles, how often, when last."""
    items = [
        f"<div><strong>{escape(row.a_name)} – {escape(row.b_name)}</strong>"
        f"<p>{escape(', '.join(filter(None, (row.a_role, row.b_role))))}</p></div>"
        f'<div class="en-num">{row.events:,}<small>last {escape(words.day(row.last))}</small></div>'
        for row in records(frame_)
    ]
    return markup.rows(items, kind="en-2")


def place_rows(frame_: pd.DataFrame) -> str:
    """Return places as rows: name and precision, number of events, mean intensity from five events on."""
    theme = frame.theme()
    items = []
    for row in records(frame_):
        enough = row.events >= analytics.FEW
        mean = words.intensity(row.mean_intensity) if enough else "–"
        ink = theme.sign_text(row.mean_intensity) if enough else theme.muted
        items.append(
            f"<div><strong>{escape(words.place(row.name, row.country))}</strong>"
            f"<p>{escape(row.precision or '')}</p></div>"
            f'<div class="en-num"><span style="color:{ink}">{mean}</span>'
            f"<small>{words.plural(row.events, 'event')}</small></div>"
        )
    return markup.rows(items, kind="en-2")


def dyad_links(dyads: pd.DataFrame) -> None:
    """Draw the busiest dyads as rows whose names lead to their Dyad pages."""
    theme = frame.theme()
    for at, row in enumerate(records(dyads.head(lists.DYADS))):
        parts = [
            f"→ {row.a_to_b:,}" if row.a_to_b else "",
            f"← {row.b_to_a:,}" if row.b_to_a else "",
            f"– {row.symmetric:,}" if row.symmetric else "",
        ]
        with st.container(horizontal=True, wrap=False, key=f"dyadrow_{at}", gap="small"):
            with st.container(gap=None, key=f"dyadname_{at}"):
                to_dyad(row.a, row.b, f"{words.short_name(row.a)} – {words.short_name(row.b)}")
                st.html(markup.block(f"<p>{escape(' · '.join(filter(None, parts)))}</p>"))
            st.html(
                markup.block(
                    f'<div class="en-num"><span style="color:{theme.sign_text(row.mean_intensity)}">'
                    f"{words.intensity(row.mean_intensity)}</span>"
                    f"<small>{words.plural(row.events, 'event')}</small></div>"
                ),
                width="content",
            )


def chronicle(selection: Selection, told: Told, most: int) -> pd.DataFrame:
    """Return the events of the chronology, by date: those numbered in the chart, then those told most."""
    keys = told.story.keys
    told_most = answers.salient(selection, max(most, FIRST)).head(most)
    parts = [part for part in (keys, told_most) if len(part)]
    every = pd.concat(parts, ignore_index=True).drop_duplicates("event_id").head(max(most, len(keys)))
    return every.sort_values(["date", "event_id"], ignore_index=True)


def show_more() -> None:
    """Let the chronology show as many events again."""
    st.session_state["chronology_rows"] = st.session_state.get("chronology_rows", CHRONOLOGY) + CHRONOLOGY


def alarms(selection: Selection, told: Told) -> tuple[list[str], int] | None:
    """Draw the periods with unusually many events and the events behind them; return the one that was chosen.

    Nothing is drawn where nothing was unusual.
    """
    unit = told.story.unit
    found = told.alarms.head(ALARMS).sort_values("period")
    if found.empty:
        return None
    chosen = None
    with frame.card(
        "alarms",
        relations.alarms_title(told.alarms, unit),
        f"More cooperation or conflict in a {unit} than in 99% of those like the 26 before, and what it was",
        table=told.alarms,
        how=HOW_INDEX,
        under=[words.showing(len(found), len(told.alarms), f"unusual {unit}"), frame.source(selection)],
    ):
        rows = records(found)
        asked = [_of_kind(_within(selection, row.period, unit), row.kind) for row in rows]
        for part in asked:
            answers.ahead(part, "salient", limit=CAUSES, strongest=True)
        causes = [answers.salient(part, CAUSES) for part in asked]
        notes = _footnotes(pd.concat(causes, ignore_index=True))
        for at, (row, events) in enumerate(zip(rows, causes, strict=True)):
            st.html(
                markup.block(
                    f"<strong>{escape(relations.alarm_line(row, unit))}</strong> "
                    f"{escape(words.showing(len(events), row.events, 'event'))}"
                )
            )
            picked = chronology(events, pd.DataFrame(), f"alarm{at}", notes=notes)
            if picked is not None:
                chosen = list(events["event_id"]), picked
    return chosen


# Where there is nothing, and comparing


def nothing_between(selection: Selection) -> None:
    """Say that the pair has no event, with the filters to reset or the partners that A has events with."""
    a, _ = selection.dyad or ("", "")
    name_a, name_b = named(selection)
    whole = Selection(dyad=selection.dyad, members=selection.members, dataset=selection.dataset)
    events = answers.counts(whole).events
    with st.container(key="card_empty"):
        if events:
            st.html(markup.empty("No events match.", f"The filters leave 0 of {events:,} of this dyad."))
            with st.container(horizontal=True, horizontal_alignment="center"):
                st.button("Reset all", key="relax_all", type="tertiary", on_click=controls.reset_all)
            return
        partners = answers.by_dyad(Selection(parties=(a,), dataset=selection.dataset), 4)
        hint = f"{name_a} has events with:" if len(partners) else "Choose two other parties above."
        st.html(markup.empty(f"No events between {name_a} and {name_b}.", hint))
        with st.container(horizontal=True, horizontal_alignment="center"):
            for row in records(partners):
                other = row.b if row.a == a else row.a
                to_dyad(a, other, f"{words.short_name(other)} ({row.events:,})")


COMPARE = ("Nothing", "Another dyad", "Another period")


def compare_box(selection: Selection) -> Selection | None:
    """Draw the box that chooses what to compare with; return that Selection, None where there is none."""
    with st.popover("Compare", icon=":material/add:"):
        kind = st.segmented_control(
            "Compare with", COMPARE, default=COMPARE[0], key="vs", bind="query-params", required=True
        )
        if kind == COMPARE[1]:
            every = _parties(selection)
            a, b = selection.dyad or ("", "")
            st.session_state.setdefault("c", a)
            c = controls.chosen("c", every)
            rest = [code for code in every if code != c and {c, code} != {a, b}]
            d = controls.chosen("d", rest)
            for key, options in (("c", every), ("d", rest)):
                st.selectbox(
                    "First party" if key == "c" else "Second party",
                    options,
                    format_func=words.short_name,
                    key=key,
                    persist_state="session",
                    filter_mode="contains",
                )
                controls.publish(key, "")
            return replace(selection, dyad=(c, d))
        if kind == COMPARE[2]:
            left, right = st.columns(2, wrap=False)
            start, end = (
                column.date_input(
                    label,
                    value=None,
                    format="YYYY-MM-DD",
                    min_value=date(1800, 1, 1),
                    key=key,
                    bind="query-params",
                )
                for column, label, key in ((left, "From", "vs_from"), (right, "To", "vs_to"))
            )
            if start and end and start <= end:
                return replace(selection, start=start, end=end)
            st.caption("Choose both days of the other period.")
    return None


def compare(selection: Selection, told: Told, other: Selection) -> None:
    """Draw the card that sets a second dyad or period beside this one, on the same scale."""
    same_dyad = other.dyad == selection.dyad
    story, theme = told.story, frame.theme()
    first = story.index["period"].iloc[0].date()
    last = analytics.days_of(story.index["period"].iloc[-1], story.unit)[1]
    counts, ours = answers.counts(other), answers.counts(selection)
    shown = selection.start or ours.first, selection.end or ours.last
    here, there = (
        (words.span(*shown), words.span(other.start, other.end))
        if same_dyad
        else (" – ".join(named(selection)), " – ".join(named(other)))
    )
    if counts.first is None:
        with st.container(key="card_compare"):
            st.html(markup.empty(f"No events: {there}.", "Choose another dyad or period to compare with."))
        return
    second = tell(other, counts, unit=story.unit, span=None if same_dyad else (first, last))
    one, two = told.totals.loc["all"], second.totals.loc["all"]
    _, low, high = analytics.change(one, two)
    clear = min(one["events"], two["events"]) >= analytics.FEW and (low > 0 or high < 0)
    verdict = f"{here}: {'more' if low > 0 else 'less'} cooperative" if clear else "No clear difference"
    with frame.card(
        "compare",
        verdict,
        f"{there} beside {here}: relation index by {story.unit}, same scale, with 90% band",
        table=second.story.index,
        how=HOW_INDEX,
        under=frame.caption(other, counts.events, of=lists.coverage(counts), marks=gaps_note(second)),
    ):
        st.html(compare_rows(told, second, (here, there)))
        frame.chart(
            relations.relations_figure(second.story, theme),
            key="compare_chart",
            alt=relations.alt(second.story),
        )


def compare_rows(one: Told, other: Told, names: tuple[str, str]) -> str:
    """Return the figures of two dyads or periods side by side, with the difference of their balances."""
    first, second = one.totals.loc["all"], other.totals.loc["all"]
    difference, low, high = analytics.change(first, second)
    rows = [
        ("Events", *(words.number(row["events"]) for row in (first, second)), ""),
        (
            "Balance",
            *(words.intensity(row["balance"], 2) for row in (first, second)),
            f"{words.intensity(difference, 2)} ({_interval(low, high, 2)})",
        ),
        (
            "Mean intensity",
            *(words.intensity(row["mean_intensity"]) for row in (first, second)),
            words.intensity(first["mean_intensity"] - second["mean_intensity"]),
        ),
        (
            "Share in conflict",
            *(words.percent(row["conflict"] / row["events"] if row["events"] else None) for row in (first, second)),
            "",
        ),
    ]  # fmt: skip
    return markup.table(("", *names, "Difference"), rows)
