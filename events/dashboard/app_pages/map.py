"""Map: states by a measure or by their relation with one, dyads, places, seats; what a click tells; the table."""

from __future__ import annotations

import streamlit as st

from events.dashboard import answers, atlas, controls, frame, lists

selection = controls.selection()
counts = answers.counts(selection)

frame.head("Map", lists.scope(selection, counts), add=not frame.samples(selection))
frame.samples_note(selection)
frame.chips(selection)

if frame.no_match(selection):
    st.stop()

atlas.show(selection, counts)
