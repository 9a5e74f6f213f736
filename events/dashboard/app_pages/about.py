"""About the data: codebook, sources, boundaries, limits, versions."""

from __future__ import annotations

import streamlit as st

from events.dashboard import about, answers, frame, markup

frame.head(
    "About the data",
    "What an event is, where the reference data come from, and what not to read into them",
    view=False,
)

with st.container(key="stacks"):
    text, side = st.columns([2.15, 1], gap="small")
with text:
    with st.container(key="card_codebook"):
        st.html(
            markup.card_head(
                "Sixteen types of events", "PLOVER types by quad class, with intensity from −10 to +10"
            )
        )
        st.html(about.types_html(frame.theme()))
        st.html(
            markup.caption(
                ["Types and intensities after PLOVER 2.0; where our coding rules differ, they win"]
            )
        )
    with st.container(key="card_sources"):
        st.html(markup.card_head("Sources", "Every bundled file, with its producer and licence"))
        st.html(about.sources_html())
with side:
    for key, title, body in about.NOTES:
        with st.container(key=f"card_{key}"):
            st.html(markup.card_head(title, ""))
            st.markdown(body)
    with st.container(key="card_versions"):
        st.html(markup.card_head("Store", f"Version {answers.version()}"))
        st.html(about.versions_html(answers.store().versions(), answers.datasets()))
