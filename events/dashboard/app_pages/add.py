"""Add articles: paste one or upload many."""

from __future__ import annotations

import streamlit as st

from events.dashboard import adding, bringing, frame

frame.head(
    "Add articles", "Paste one, or upload many; you see what is coded before anything is saved", view=False
)

adding.watch()
pasted, uploaded, brought = st.tabs(["Paste", "Files", "Other data sets"], on_change="rerun", key="way")
with pasted:
    if pasted.open:
        adding.paste()
with uploaded:
    if uploaded.open:
        adding.files()
with brought:
    if brought.open:
        bringing.files()
