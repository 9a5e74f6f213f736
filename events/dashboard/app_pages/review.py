"""Review: people judge what was coded; each judgement is kept, signed, counts at once and can be undone."""

from __future__ import annotations

import streamlit as st

from events.dashboard import answers, controls, frame, markup, reviewing, signing

selection = controls.selection()
frame.head(
    "Review",
    "Read the words, judge the coding: every figure shows it at once, and nothing is overwritten",
    view=False,
    tools=signing.show,
)
frame.chips(selection)
frame.samples_note(selection)
if not answers.newest_version():
    with st.container(key="card_empty"):
        st.html(
            markup.empty("Nothing to review yet.", "Add articles; what is read in them can be judged here.")
        )
    st.page_link("app_pages/add.py", label="Add articles", icon=":material/add:")
    st.stop()
queue, card, log = st.tabs(["Queue", "Report card", "Log"], key="review_tab", on_change="rerun")
with queue:
    if queue.open:
        reviewing.queues()
with card:
    if card.open:
        reviewing.cards()
with log:
    if log.open:
        reviewing.log(200)
