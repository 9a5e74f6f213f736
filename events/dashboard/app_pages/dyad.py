"""Dyad: what goes on between A and B, over what, since when, whether it gets worse, and where it says so."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from events.charts import relations as charts
from events.charts import sentences, tellers, words
from events.charts.rows import records
from events.dashboard import answers, controls, desk, frame, lists, markup, relations, telling
from events.schema import Selection

sidebar = controls.selection()
theme = frame.theme()
a, b = relations.pair(sidebar)
with_members = sidebar.members and (relations.have_members(a) or relations.have_members(b))
selection = replace(sidebar, parties=(), dyad=(a, b), members=with_members)
lane = controls.chosen("lane", relations.LANE_KINDS)
answers.ahead(selection, "count")
answers.ahead(selection, "by_lane", lane=lane, unit=None)
counts = answers.counts(selection)
name_a, name_b = names = relations.named(selection)

told = relations.tell(selection, counts, lane=lane, notes=desk.notes_on(selection)) if counts.first else None
if told:  # beside the drawing of the charts
    answers.ahead(selection, "meetings", limit=40)
    answers.ahead(selection, "tellers", by="country")

heading = " and ".join(map(sentences.prose_name, (a, b)))
line = (
    relations.subtitle(selection, told, counts)
    if told
    else lists.scope(replace(selection, parties=(a, b)), counts)
)
compared: list[Selection | None] = []


def pair_tools() -> None:
    """Draw the two boxes of the pair and what to compare it with."""
    with st.container(
        horizontal=True, vertical_alignment="center", width="content", key="pairboxes", gap="small"
    ):
        relations.pair_boxes(sidebar)
        compared.append(relations.compare_box(selection))
        st.page_link(
            "app_pages/briefing.py",
            label="Brief",
            icon=":material/slideshow:",
            query_params={"on": "dyad", "a": a, "b": b},
        )


frame.head(f"{heading[0].upper()}{heading[1:]}", line, tools=pair_tools)
other = compared[0]
if relations.have_members(a) or relations.have_members(b):
    blocs = " and ".join(words.short_name(code) for code in (a, b) if relations.have_members(code))
    if not sidebar.members:
        st.button(
            f"Count acts of the members of {blocs} too",
            key="with_members",
            type="tertiary",
            icon=":material/add:",
            on_click=controls.with_members,
            help="Each state counts on the days on which it is a member; acts within a bloc are left out.",
        )
frame.samples_note(selection)
frame.chips(replace(sidebar, parties=()))

if told is None:
    if not frame.no_match(
        Selection(dataset=sidebar.dataset)
    ):  # the store holds something, but not of this pair
        relations.nothing_between(selection)
    st.stop()

opened: tuple[list[str], int | None] = ([], None)
story, index = told.story, told.story.index
few = counts.events < charts.FEW

if not few:
    with st.container(key="card_figures"):
        st.html(markup.figures(relations.figures(selection, told, counts)))

with st.container(key="stacks"):
    main, side = st.columns([2.15, 1], gap="small")

with main:
    if few:
        with st.container(key="card_few"):
            number = ("", "One event", "Two events", "Three events", "Four events")[counts.events]
            st.html(markup.empty(f"{number}: too few for an index.", "Listed below, with the evidence."))
    else:
        with frame.card(
            "index",
            charts.title(told.spans, told.story.unit),
            f"Relation index: balance of cooperation and conflict, −1 to +1, by {told.story.unit}, smoothed "
            f"(half-life 4 {told.story.unit}s), with 90% band; below, {relations.marks_are(told, lane)}",
            hint="click one to read it",
            table=index,
            how=relations.HOW_INDEX,
            under=frame.caption(
                selection,
                counts.events,
                of=lists.coverage(counts),
                showing=relations.marks_note(told, counts.events),
                marks=relations.gaps_note(told),
            ),
        ) as card:
            card.chart(
                lambda tones: charts.relations_figure(story, tones),
                key="index",
                alt=charts.alt(told.story),
                on_select=lambda: relations.chosen("index"),
            )
            relations.chart_foot(card, told)
    if other:
        relations.compare(selection, told, other)
    shown = st.session_state.get("chronology_rows", relations.CHRONOLOGY)
    events = relations.chronicle(selection, told, shown)
    with frame.card(
        "chronology",
        "Chronology",
        "Key events in order; numbers as in the chart, footnotes open the evidence",
        table=events.drop(columns=["actors", "issues", "domains", "outlet_names"]),
        under=[
            words.showing(len(events), counts.events, "event"),
            "chosen by number of reports, then by strength" if len(events) < counts.events else "",
            "written from coded fields, none quoted",
            words.weak_note(records(events)),
            frame.source(selection),
        ],
    ):
        chosen = relations.chronology(events, pd.DataFrame() if few else told.story.keys)
        if chosen is not None:
            opened = (list(events["event_id"]), chosen)
        if len(events) < counts.events:
            st.button("Show more", key="chron_more", type="tertiary", on_click=relations.show_more)
        with st.expander("Articles behind the footnotes"):
            st.html(relations.source_rows(events))
    opened = (None if few else relations.alarms(selection, told)) or opened

with side:
    by_type = answers.by_lane(selection, "type")
    directed = by_type[by_type["by"] != "both"]
    symmetric = int(by_type.loc[by_type["by"] == "both", "events"].sum())
    of_both = (
        f"{words.number(symmetric)} of {words.plural(counts.events, 'act')} are of both and on neither side"
    )
    with frame.card(
        "mirror",
        charts.mirror_title(by_type, names),
        f"Events by type and direction; {of_both}",
        table=by_type,
        how=relations.HOW_MIRROR,
        under=frame.caption(selection, int(directed["events"].sum()), of="of one side"),
    ) as card:
        if directed.empty:
            st.html(markup.empty("No act of one side alone.", "All are acts of both sides."))
        else:
            card.chart(
                lambda tones: charts.mirror(by_type, tones, names),
                key="mirror",
                alt=charts.mirror_alt(by_type, names),
            )
    by_lane = answers.by_lane(selection, lane)
    if len(by_lane) and not few:
        lanes = charts.lanes_of(by_lane)
        total = by_lane["lane"].nunique()
        coarse = relations.coarse(told.story.unit, index)
        over = answers.by_lane(selection, lane, coarse)
        noun = {"domain": "domain", "type": "type", "issue": "issue"}[lane]
        with frame.card(
            "issues",
            charts.issues_title(by_lane, lane),
            f"Events by {noun} and {coarse}: cooperation above, conflict below",
            table=over,
            how=relations.HOW_ISSUES,
            under=[
                words.showing(len(lanes), total, noun),
                "" if lane == "type" else f"an event with two {noun}s counts in both",
                frame.source(selection),
            ],
        ) as card:
            card.chart(
                lambda tones: charts.issues_figure(
                    over, relations.periods(index, coarse), lanes, tones, unit=coarse, lane=lane
                ),
                key="issues_chart",
                alt=charts.issues_alt(by_lane, lane),
            )
    met = answers.meetings(selection, 40)
    if len(met):
        with frame.card(
            "meetings",
            "Who meets whom",
            f"Meetings, visits and calls of named people: {name_a} left, {name_b} right",
            table=met,
            how="People named on the two sides of an event of type Consult; a pair counts once an event.",
            under=[
                words.showing(min(len(met), relations.ROWS), len(met), "pair") if len(met) < 40 else
                f"Showing the {relations.ROWS} most frequent pairs",
                frame.source(selection),
            ],
        ):  # fmt: skip
            st.html(relations.meeting_rows(met.head(relations.ROWS)))
    where = answers.by_place(selection, 200)
    if len(where):
        with frame.card(
            "places",
            "Where it takes place",
            "Places of the acts, with their precision; mean intensity from five events on",
            table=where,
            under=[
                words.showing(min(len(where), relations.ROWS), len(where), "place"),
                f"{words.number(int(where['events'].sum()))} of {words.plural(counts.events, 'event')} name a place",
                frame.source(selection),
            ],
        ):
            st.html(relations.place_rows(where.head(relations.ROWS)))
    by_country = telling.told_by(selection, "country")
    if countries := int((by_country["teller"] != "").sum()):
        with frame.card(
            "tellers",
            tellers.title(telling.first(by_country), "country"),
            "Who reports it: events told, share in conflict, mean intensity",
            table=by_country,
            how=telling.HOW,
            under=[
                words.showing(min(countries, telling.SHORT), countries, "country", "countries"),
                telling.known_note(by_country),
                frame.source(selection),
            ],
        ):
            st.html(markup.block(telling.short_html(by_country)))
            st.page_link(
                "app_pages/reporters.py",
                label="Compare outlets",
                icon=":material/newspaper:",
                query_params={"dyad": f"{a}-{b}"},
            )
    coming = answers.coming(selection, answers.today())
    with frame.card(
        "coming", "What is coming", "Acts planned for today or later", under=[
            words.showing(min(len(coming), relations.ROWS), len(coming), "plan"), frame.source(selection)
        ],
    ):  # fmt: skip
        if coming.empty:
            st.html(markup.empty("Nothing planned.", "No article tells of a coming act of the two."))
        else:
            plans = coming.head(relations.ROWS)
            chosen = relations.chronology(plans, pd.DataFrame(), "plan", planned=True)
            if chosen is not None:
                opened = (list(plans["event_id"]), chosen)

relations.opened(selection, told, *opened)
