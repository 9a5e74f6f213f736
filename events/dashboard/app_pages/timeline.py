"""Timeline: the selection over time: index, lanes, volume and coverage; brush a span to look at it alone."""

from __future__ import annotations

import streamlit as st

from events.charts import relations as charts
from events.charts import words
from events.dashboard import answers, controls, desk, drawer, frame, lists, markup, relations, table

selection = controls.selection()
counts = answers.counts(selection)

frame.head("Timeline", lists.scope(selection, counts))
frame.samples_note(selection)
frame.chips(selection)

if frame.no_match(selection):
    st.stop()

picked = None
lane = controls.chosen("lane", relations.LANE_KINDS)
if counts.first:
    told = relations.tell(selection, counts, lane=lane, whole=True, notes=desk.notes_on(selection))
    unit = told.story.unit
    with frame.card(
        "timeline",
        charts.title(told.spans, unit, "Balance"),
        f"Relation index of the selection, −1 to +1, by {unit}, smoothed (half-life 4 {unit}s), with 90% band; "
        f"one mark an event by {lane}; volume; coverage",
        hint="drag to look at a span alone",
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
            lambda tones: charts.relations_figure(told.story, tones),
            key="timeline",
            alt=charts.alt(told.story),
            on_select=lambda: relations.brushed("timeline"),
            brush=True,
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
    relations.opened(*(picked or ((), None)))
