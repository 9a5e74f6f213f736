"""Briefing: from the events at hand to slides, a document or pages, each with its sources."""

from __future__ import annotations

import streamlit as st

from events.briefing.recipe import heading
from events.dashboard import builder, controls, frame, markup
from events.errors import InputError

sidebar = controls.selection()
place = st.container()
selection, days = builder.about()
recipe = builder.made(selection, days)

with place:
    frame.head(
        "Briefing",
        f"{heading(recipe)}: slides, documents and pages that say what they rest on",
        view=False,
    )
    frame.samples_note(sidebar)
    frame.chips(sidebar)

briefing, problem = None, ""
if recipe.parts:
    try:
        briefing = builder.built(recipe)
    except InputError as error:
        problem = str(error)
else:
    problem = "no section is chosen; tick one on the left"

with st.container(key="stacks_brief"):
    left, middle, right = st.columns([1.15, 2, 1.15], gap="small")

with left, st.container(key="card_sections"):
    builder.choose_sections(selection)

section = builder.shown(briefing)
with middle, st.container(key="card_preview"):
    if problem:
        st.html(markup.empty("Nothing to brief on.", f"{problem[0].upper()}{problem[1:]}."))
    elif briefing is None or section is None:
        st.html(markup.empty("This section is off.", "Tick it on the left, or choose another one."))
    else:
        builder.preview(briefing, section)

with right:
    with st.container(key="card_files"):
        builder.export(recipe, briefing)
    with st.container(key="card_words"):
        builder.texts(section)
