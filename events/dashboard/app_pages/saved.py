"""Views and notes: what readers keep, with files to pass it on."""

from __future__ import annotations

import streamlit as st

from events.charts import words
from events.dashboard import controls, desk, frame, markup, saved

selection = controls.selection()
frame.head("Views and notes", "What you and your colleagues keep with this store")
frame.chips(selection)
saved.undo()

kept = desk.desk()
saved.unreadable(kept.unreadable())
views, watches, notes = kept.views(), kept.watches(), kept.notes()
with st.container(key="stacks"):
    main, side = st.columns([2.15, 1], gap="small")
with main:
    with st.container(key="card_views"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key="views_head"):
            st.html(
                markup.card_head("Saved views", "A page with its filters; open it, or pass it on as a file"),
                width="stretch",
            )
            saved.file_out(len(views) + len(watches) + len(notes))
            saved.take_in()
        saved.views(views, desk.titles())
        if len(views) > 1:
            st.html(markup.caption([words.plural(len(views), "view")]))
    with st.container(key="card_notes"):
        st.html(markup.card_head("Notes", "On a day, a dyad or an event; the newest first"))
        saved.notes(notes)
with side:
    with st.container(key="card_watches"):
        st.html(markup.card_head("Watchlist", "Filters that call when enough new events came in"))
        saved.watches(watches)
    with st.container(key="card_reader"):
        saved.reader()
