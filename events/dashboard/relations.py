"""What the Dyad and Timeline pages share: the pair, the story of a relation, its figures, chronology and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any, Literal

import pandas as pd
import streamlit as st

from events import analytics
from events.briefing import relation
from events.briefing.relation import (
    HOW_INDEX,
    HOW_ISSUES,
    HOW_MIRROR,
    Told,
    coarse,
    gaps_note,
    marks_are,
    marks_note,
    named,
    periods,
)
from events.charts import legends, relations, sentences, words
from events.charts.relations import Story
from events.charts.rows import records
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

UNITS: tuple[Literal["auto"] | Unit, ...] = ("auto", *relation.ORDER)
LANE_KINDS: tuple[Lane, ...] = ("domain", "type", "issue")
CHRONOLOGY = 8  # events of the chronology at first; "Show more" adds as many
ROWS = 5  # of lists in cards
ALARMS = 4
CAUSES = 3
_OPENED = 50  # events that a mark of several opens


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
    every = list(controls.parties(selection.dataset))
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


def pair_boxes(selection: Selection) -> None:
    """Draw the two boxes and the button that swaps them."""
    every = list(controls.parties(selection.dataset))
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


def to_dyad(a: str, b: str, label: str) -> None:
    """Draw a link to the Dyad page of this pair."""
    st.page_link("app_pages/dyad.py", label=label, query_params={"a": a, "b": b})


# The story


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
    """Measure a relation as `relation.tell` does, by the unit that the reader chose in the box "unit"."""
    if unit is None:
        chosen = controls.chosen("unit", UNITS)
        unit = None if chosen == "auto" else chosen
    return relation.tell(
        answers, selection, counts, lane=lane, unit=unit, span=span, whole=whole, notes=notes
    )


def chart_foot(card: frame.Card, told: Told) -> None:
    """Draw what stands under the chart: its key, and the boxes that choose lanes and unit."""
    story = told.story
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", key="chartfoot"):
        card.key(
            lambda theme: legends.relation(
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
    card.remarks(relations.remarks_of(story))
    controls.publish("lane", LANE_KINDS[0])
    controls.publish("unit", UNITS[0])


# Headline figures


def figures(selection: Selection, told: Told, counts: Any) -> list[tuple[str, str, str]]:
    """Return the five headline figures of a dyad: name, figure, interval and what it was in the period before."""
    return relation.figures(answers, selection, told, counts)


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
    within = _of_kind(relation.within(selection, pd.Timestamp(period), story.bin_unit), kind)
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
                    doubt=lists.doubt(row),
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
    return relation.chronicle(answers, selection, told, most)


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
        asked = [_of_kind(relation.within(selection, row.period, unit), row.kind) for row in rows]
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
            every = list(controls.parties(selection.dataset))
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
    story = told.story
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
    ) as card:
        st.html(compare_rows(told, second, (here, there)))
        card.chart(
            lambda theme: relations.relations_figure(second.story, theme),
            key="compare_chart",
            alt=relations.alt(second.story),
            about=f"{there}: relation index by {story.unit}, with 90% band",
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
            f"{words.intensity(difference, 2)} ({relation.interval(low, high, 2)})",
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
