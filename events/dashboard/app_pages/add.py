"""Add articles: paste one, upload many, or name their web addresses."""

from __future__ import annotations

import streamlit as st

from events.dashboard import adding, bringing, frame

frame.head(
    "Add articles",
    "Paste one, upload many, name their web address, or bring in other data sets; you see what comes before anything is saved",
    view=False,
)

adding.watch()
pasted, uploaded, named, brought = st.tabs(
    ["Paste", "Files", "Web addresses", "Other data sets"], on_change="rerun", key="add_by"
)
with pasted:
    if pasted.open:
        adding.paste()
with uploaded:
    if uploaded.open:
        adding.files()
with named:
    if named.open:
        adding.addresses()
with brought:
    if brought.open:
        bringing.files()
