"""Issues: domains over time, topics by dyad, the treemap; a click filters and never leaves the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from events.charts import issues, legends, words
from events.dashboard import answers, controls, frame, lists, markup, panels

DYADS = 12
TOPICS = 14

HOW_MULTIPLES = (
    "An event counts once in each of its domains, by the day of the act, in whole months, quarters or years, so that "
    "at most 44 bars are drawn. All small charts have one scale. The title names the domains with most and least "
    "conflict only where their shares differ by more than 2.58 standard errors, with 30 events in each."
)
HOW_TOPICS = (
    "An event counts once in each of its domains (or issues). The fill is the mean of PLOVER’s intensity, in nine "
    "fixed steps from five events on; below, the square is pale and holds the sign alone."
)
HOW_TREEMAP = (
    "The area is the number of events that name an issue; an event counts once in each of its issues, so a domain’s "
    "area may exceed its events. The four colours are families of domains, and say nothing of conflict."
)


def pick_domain() -> None:
    """Filter by the domain of the clicked bar; a second click takes it back."""
    found = panels.choice("multiples")
    if isinstance(found, str):
        controls.toggle_about(found)


def pick_tile() -> None:
    """Filter by the clicked domain or issue; a second click takes it back."""
    topic = issues.topic_of(str(panels.choice("treemap", "id") or ""))
    if topic:
        controls.toggle_about(topic)


def pick_square() -> None:
    """Filter by the clicked square's topic and dyad."""
    found = panels.choice("topics")
    if isinstance(found, list) and len(found) == 2:
        st.session_state["about"] = []
        controls.toggle_about(str(found[0]))
        controls.only_dyad(str(found[1]).replace(" ", "-"))


def pick_bar() -> None:
    """Filter by the topic of the clicked bar; a second click takes it back."""
    found = panels.choice("mirror")
    if isinstance(found, str):
        controls.toggle_about(found)


selection = controls.selection()
counts = answers.counts(selection)

frame.head("Issues", lists.scope(selection, counts))
frame.samples_note(selection)
frame.chips(selection)
if frame.no_match(selection):
    st.stop()

picked = (*selection.domains, *selection.issues)
unit = issues.unit_for(selection.start or counts.first, selection.end or counts.last)
periods = answers.by_lane(selection, "domain", unit)
whole = bool(selection.start or selection.end)
if not whole and len(periods):
    # The axis begins where events do in number, so the unit may be finer than that of the whole span.
    kept, _ = issues.window(periods, whole=False)
    unit = issues.unit_for(kept["period"].min().date(), counts.last)
    periods = answers.by_lane(selection, "domain", unit)
drawn, before = issues.window(periods, whole=whole)
names = issues.order(drawn)

with frame.card(
    "multiples",
    issues.title_multiples(drawn),
    f"Events by {unit} in each domain: cooperation above zero, conflict below",
    hint="click to filter",
    table=periods,
    how=HOW_MULTIPLES,
    under=frame.caption(
        selection,
        counts.events,
        showing=words.showing(min(len(names), issues.DOMAINS), len(names), "domain"),
        marks=f"{words.plural(before, 'earlier mention')} not drawn" if before else "",
    ),
) as card:
    if drawn.empty:
        st.html(markup.empty("No event names an issue.", "The issues are coded where a text names them."))
    else:
        card.chart(
            lambda tones: issues.multiples(drawn, tones, unit=unit, chosen=picked),
            key="multiples",
            alt=issues.alt_multiples(drawn, unit),
            on_select=pick_domain,
        )

with st.container(key="stacks"):
    main, side = st.columns([1.35, 1], gap="small")

with main:
    level: Literal["domain", "issue"] = controls.chosen("topic", ("domain", "issue"))
    if selection.dyad:
        pairs: tuple[tuple[str, str], ...] = (selection.dyad,)
    else:
        busiest = answers.by_dyad(selection, DYADS)
        pairs = tuple((str(a), str(b)) for a, b in zip(busiest["a"], busiest["b"], strict=True) if a != b)
    cells = answers.by_dyad_topic(selection, level, pairs)
    totals = cells.groupby("topic")["events"].sum()
    topics = sorted(map(str, totals.index), key=lambda name: (-totals[name], name))
    noun = "domain" if level == "domain" else "issue"
    with frame.card(
        "topics",
        issues.title_mirror(cells, *selection.dyad) if selection.dyad else issues.title_topics(cells),
        f"Events by {noun}: conflict left, cooperation right"
        if selection.dyad
        else f"Mean intensity of the busiest dyads by {noun}, −10 to +10",
        hint="click to filter",
        table=cells,
        how=HOW_TOPICS,
        under=frame.caption(
            selection,
            counts.events,
            showing=" · ".join(
                part
                for part in (
                    words.showing(min(len(topics), TOPICS), len(topics), noun),
                    "" if selection.dyad else words.showing(len(pairs), counts.dyads, "dyad"),
                )
                if part
            ),
        ),
    ) as card:
        if cells.empty:
            st.html(markup.empty("No event names an issue.", "Choose other parties or a longer period."))
        elif selection.dyad:
            card.chart(
                lambda tones: issues.mirror(cells, tones, most=TOPICS),
                key="mirror",
                alt=issues.alt_topics(cells, len(topics), 1),
                on_select=pick_bar,
            )
        else:
            card.chart(
                lambda tones: issues.heat(topics[:TOPICS], pairs, cells, tones),
                key="topics",
                alt=issues.alt_topics(cells, min(len(topics), TOPICS), len(pairs)),
                on_select=pick_square,
            )
            card.key(legends.squares)
        st.selectbox(
            "Rows", ("domain", "issue"), key="topic", width=150,
            format_func={"domain": "Domains", "issue": "Issues"}.__getitem__, label_visibility="collapsed",
        )  # fmt: skip
    controls.publish("topic", "domain")

with side:
    every = replace(selection, domains=(), issues=())
    table = answers.by_issue(every)
    by_domain = answers.by_domain(every)
    events = answers.counts(every).events
    with frame.card(
        "treemap",
        issues.title_treemap(by_domain, events),
        "Domains and their issues by number of events",
        hint="click to filter, again to take it back",
        table=table,
        how=HOW_TREEMAP,
        under=frame.caption(
            every, events, marks="all issues, so that another can be chosen" if picked else ""
        ),
    ) as card:
        if table.empty:
            st.html(markup.empty("No event names an issue.", "The issues are coded where a text names them."))
        else:
            card.chart(
                lambda tones: issues.treemap(table, tones, chosen=picked),
                key="treemap",
                alt=issues.alt_treemap(by_domain),
                on_select=pick_tile,
            )
