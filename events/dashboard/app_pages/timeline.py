"""Timeline: the selection over time: index, lanes, volume and coverage; brush a span to look at it alone."""

from __future__ import annotations

import streamlit as st

from events.charts import relations as charts
from events.charts import words
from events.dashboard import answers, controls, desk, drawer, frame, lists, markup, relations, table

selection = controls.selection()
theme = frame.theme()
lane = controls.chosen("lane", relations.LANE_KINDS)
answers.ahead(selection, "count")
answers.ahead(selection, "by_lane", lane=lane, unit=None)
answers.ahead(selection, "events", limit=table.PAGE, offset=0, order="date", descending=True)
counts = answers.counts(selection)

frame.head("Timeline", lists.scope(selection, counts))
frame.samples_note(selection)
frame.chips(selection)

if frame.no_match(selection):
    st.stop()

picked = told = None
if counts.first:
    told = relations.tell(selection, counts, lane=lane, whole=True, notes=desk.notes_on(selection))
    story, unit = told.story, told.story.unit
    with frame.card(
        "timeline",
        charts.title(told.spans, unit, "Balance"),
        f"Relation index of the selection, −1 to +1, by {unit}, smoothed (half-life 4 {unit}s), with 90% band; "
        f"{relations.marks_are(told, lane)}; volume; coverage",
        hint="click a mark to read it, drag across the strip below to look at a span alone",
        table=told.story.index,
        how=relations.HOW_INDEX,
        under=frame.caption(
            selection,
            counts.events,
            of=lists.coverage(counts),
            showing=relations.marks_note(told, counts.events),
            marks="; ".join(filter(None, (relations.gaps_note(told), told.rates.reason))),
        ),
    ) as card:
        card.chart(
            lambda tones: charts.relations_figure(story, tones),
            key="timeline",
            alt=charts.alt(told.story),
            on_select=lambda: relations.chosen("timeline"),
        )
        card.brush(
            charts.navigator(told.story.index, unit, theme),
            key="brush",
            alt=f"Events by {unit} in all; drag across them to look at a span alone",
            on_select=lambda: relations.chosen("brush"),
        )
        relations.chart_foot(card, told)
    picked = relations.alarms(selection, told)
else:
    st.html(
        markup.empty("No dated events.", f"{words.plural(counts.undated, 'event')} without a date below.")
    )

chosen = table.show(selection, lists.listed(selection, counts))
if chosen:
    ids, position = chosen
    drawer.open_at(position)
    drawer.show(ids)
else:
    relations.opened(selection, told, *(picked or ((), None)))
