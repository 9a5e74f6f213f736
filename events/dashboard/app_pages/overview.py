"""Overview: headline figures, the map, events over time, what changed, what is coming, newest events, the table."""

from __future__ import annotations

import streamlit as st

from events.charts import legends, maps, timelines, words
from events.charts.theme import LIGHT
from events.dashboard import (
    answers,
    borders,
    changes,
    controls,
    drawer,
    frame,
    lists,
    markup,
    relations,
    table,
)

selection = controls.selection()
theme = frame.theme()
answers.ahead(selection, "count", "by_state", "headline")
answers.ahead(selection, "by_dyad", limit=None)
answers.ahead(selection, "events", limit=table.PAGE, offset=0, order="date", descending=True)
counts = answers.counts(selection)

before = changes.before(selection)
frame.head("Overview", lists.scope(selection, counts, before))
frame.samples_note(selection)
frame.chips(selection)

if frame.no_match(selection):
    st.stop()

with st.container(key="card_figures"):
    st.html(markup.figures(lists.headline(selection, counts, before)))

states, dyads = answers.by_state(selection), answers.by_dyad(selection)
drawn = maps.busiest(dyads)
with st.container(key="stacks"):
    main, side = st.columns([2.15, 1], gap="small")

with main:
    measure = controls.chosen("measure", maps.MEASURES)
    with frame.card(
        "map",
        maps.title(dyads, measure),
        maps.subtitle(measure, len(drawn), len(dyads)),
        table=states,
        how=lists.HOW_MAP,
        under=frame.caption(
            selection,
            counts.events,
            of=lists.coverage(counts),
            marks=maps.marks_note(drawn),
            boundary=borders.note(),
        ),
    ) as card:
        with st.container(key="map_box"):
            card.chart(
                lambda tones: maps.world(states, drawn, tones, measure=measure),
                key="map",
                alt=maps.alt(states, dyads, measure),
                height="stretch",
                sized=lambda space: maps.world(
                    states, drawn, LIGHT, measure=measure, size=maps.fitted(space)
                ),
            )
        with st.container(horizontal=True, wrap=False, key="mapkey"):
            card.key(
                lambda tones: legends.world(
                    maps.key(states, measure, tones), tones, **maps.key_numbers(states, drawn, measure)
                )
            )
            st.selectbox(
                "Measure of the map",
                maps.MEASURES,
                format_func=str.capitalize,
                key="measure",
                label_visibility="collapsed",
                width=178,
            )
        controls.publish("measure", maps.MEASURES[0])

    unit = timelines.unit_for(selection.start or counts.first, selection.end or counts.last)
    periods = answers.by_period(selection, unit)
    with frame.card(
        "periods",
        timelines.title(periods, unit),
        f"Events by {unit} and class: deeds dark, words light; cooperation up, conflict down",
        table=periods,
        how=lists.HOW_PERIODS,
        under=frame.caption(
            selection, timelines.dated(periods), marks=timelines.undated(counts.events, periods, unit)
        ),
    ) as card:
        card.chart(
            lambda tones: timelines.by_class(periods, tones, unit=unit),
            key="periods",
            alt=timelines.alt(periods, unit),
        )

with side:
    pair = changes.halves(selection, counts)
    moved = changes.moving(pair) if pair else None
    if pair and moved is not None and len(moved):
        with frame.card(
            "movers",
            "What changed most",
            "Change in mean intensity, largest first"
            if before
            else f"Mean intensity since {words.day(pair[0].start)} against before",
            table=moved,
            how=changes.HOW_MOVERS,
            under=[
                words.showing(min(len(moved), changes.MOVERS), len(moved), "dyad beyond its 90% interval")
                if len(moved) == 1
                else f"Showing {min(len(moved), changes.MOVERS)} of {len(moved):,} dyads beyond their 90% interval",
                "n ≥ 5 in each period",
                "lines: events",
                frame.source(selection),
            ],
        ):
            st.html(changes.mover_rows(moved, pair, counts, theme))
    if moved is None or len(moved) < changes.MOVERS:
        with frame.card(
            "dyads",
            "Busiest dyads",
            "Mean intensity; acts of the first (→), the second (←), of both (–)",
            table=dyads,
            how=lists.HOW_DYADS,
            under=[
                "no dyad changed beyond its 90% interval"
                if pair and moved is not None and not len(moved)
                else "",
                words.showing(min(len(dyads), lists.DYADS), len(dyads), "dyad"),
                frame.source(selection),
            ],
        ):
            relations.dyad_links(dyads)
    planned = answers.coming(selection, answers.today())
    if len(planned):
        with frame.card(
            "coming",
            "What is coming",
            "Planned acts named in the texts",
            table=planned,
            how=changes.HOW_COMING,
            under=[
                words.showing(min(len(planned), changes.COMING), len(planned), "planned act"),
                frame.source(selection),
            ],
        ):
            st.html(changes.coming(planned))
    newest = answers.events(selection, limit=table.PAGE).head(lists.NEWEST)
    with frame.card(
        "newest",
        "Newest events",
        changes.freshness(selection),
        table=newest,
        under=[words.showing(len(newest), counts.events, "event"), frame.source(selection)],
    ):
        st.html(lists.newest(newest, theme))

chosen = table.show(selection, lists.listed(selection, counts))
if chosen:
    event_ids, position = chosen
    drawer.open_at(position)
    drawer.show(event_ids)
