"""Actors: who is named in the events, in which posts, for whom they act and whom they met."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from events import codebook
from events.charts import words
from events.dashboard import answers, controls, frame, lists, markup, panels, profiles

LISTED = 200

selection = controls.selection()
theme = frame.theme()
counts = answers.counts(selection)

frame.head("Actors", lists.scope(selection, counts))
frame.samples_note(selection)
frame.chips(selection)
if frame.no_match(selection):
    st.stop()

with st.container(horizontal=True, key="actor_controls", vertical_alignment="bottom"):
    search = st.text_input(
        "Search names, posts, organisations", key="find_actor", bind="query-params", icon=":material/search:",
        max_chars=100, width=330,
    )  # fmt: skip
    sectors = ("any", *codebook.sectors())
    sector = controls.chosen("sector_of", sectors)
    st.selectbox(
        "Sector", sectors, key="sector_of", width=250,
        format_func=lambda code: "Any sector" if code == "any" else codebook.sectors()[code],
    )  # fmt: skip
controls.publish("sector_of", "any")

asked = selection if sector == "any" else profiles.of_sector(selection, sector)
found = answers.actors(asked, search or "", LISTED)
total = int(found["total"].iloc[0]) if len(found) else 0

with st.container(key="stacks"):
    main, side = st.columns([1.06, 1], gap="small")

with main:
    if found.empty:
        with st.container(key="card_empty"):
            if search or sector != "any":
                st.html(
                    markup.empty(
                        "No actors match.", "Change the search or the sector, or take a filter back."
                    )
                )
            else:
                st.html(markup.empty("No actors are named.", "The selected events tell of parties alone."))
    else:
        ids = tuple(map(str, found["actor"]))
        shown = pd.DataFrame(
            {
                "Name": list(found["name"]),
                "Post": [profiles.post_of(row) for row in found.itertuples(index=False)],
                "Party": [words.short_name(code) if code else "" for code in found["country"]],
                "Sector": [code or "" for code in found["sector"]],
                "Events": [int(n) for n in found["events"]],
            }
        )
        key = profiles.table_key(asked, search or "")
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "Name": st.column_config.TextColumn(width=142),
                "Post": st.column_config.TextColumn(width=132),
                "Party": st.column_config.TextColumn(width=84),
                "Sector": st.column_config.TextColumn(width=58),
                "Events": st.column_config.NumberColumn(width=58),
            },
            height="content" if len(shown) <= 16 else 37 * 17 + 3,
            row_height=37,
            on_select=partial(profiles.pick, key, ids),
            selection_mode="single-row",
            key=key,
            alt=f"Table of {words.plural(len(shown), 'actor')}, the most frequent first",
        )
        st.html(
            markup.caption(
                frame.caption(asked, counts.events, showing=words.showing(len(shown), total, "actor"))
                if sector == "any"
                else [
                    words.showing(len(shown), total, "actor"),
                    f"sector {codebook.sectors()[sector].lower()}",
                    frame.source(asked),
                ]
            )
        )

held = controls.held("actor", lambda value: len(value) <= profiles.LONGEST)
controls.publish("actor", "")
focus = held or (str(found["actor"].iloc[0]) if len(found) else "")

if focus:
    profiles.show(asked, focus, theme, side)

panels.open_evidence()
