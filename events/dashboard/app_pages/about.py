"""About the data: codebook, measured accuracy, method, crosswalk, model cards, sources, limits, versions."""

from __future__ import annotations

import streamlit as st

from events.charts import words
from events.dashboard import about, answers, borders, bringing, frame, markup, report_card, telling

frame.head(
    "About the data",
    "What an event is, how well it is read, where the reference data come from, and what not to read into them",
    view=False,
)
st.html(about.contents_html())
theme = frame.theme()

with st.container(key="stacks"):
    text, side = st.columns([2.15, 1], gap="small")
with text:
    with st.container(key="card_codebook"):
        st.html(about.anchor("codebook"))
        st.html(
            markup.card_head(
                "Sixteen types of events", "PLOVER types by quad class, with intensity from −10 to +10"
            )
        )
        st.html(about.types_html(theme))
        st.html(
            markup.caption(
                ["Types and intensities after PLOVER 2.0; where our coding rules differ, they win"]
            )
        )
    with st.container(key="card_accuracy"):
        st.html(about.anchor("accuracy"))
        st.html(markup.card_head(about.accuracy_title(), "F1 of each type with direction, the best first"))
        st.html(about.accuracy_html(theme))
        st.html(markup.caption(about.accuracy_caption()))
    with st.container(key="card_fields"):
        st.html(
            markup.card_head(
                "What is right by field", "Of the same texts; dates and places of reports that were found"
            )
        )
        st.html(about.fields_html())
    with st.container(key="card_own"):
        mine = report_card.own()
        st.html(markup.card_head("On your own material", report_card.title(mine)))
        if mine.n:
            st.html(report_card.types_html(mine, theme))
            st.html(markup.caption(report_card.caption(mine)))
        else:
            st.html(
                markup.caption_line(
                    "Judge a random sample, and each type’s precision on your texts stands here."
                )
            )
        st.page_link(
            "app_pages/review.py",
            label="Judge a random sample",
            icon=":material/rule:",
            query_params={"queue": "random"},
        )
    with st.container(key="card_method"):
        st.html(about.anchor("method"))
        st.html(markup.card_head("Method and formulas", "How each figure is made"))
        st.html(about.method_html())
    with st.container(key="card_issues"):
        st.html(about.anchor("issues"))
        st.html(markup.card_head("Domains and issues", "What an act is about; the list of issues is open"))
        st.html(about.domains_html())
    with st.container(key="crosswalk"):
        st.html(about.anchor("crosswalk"))
        st.html(
            markup.card_head(
                "CAMEO to PLOVER", "For those who bring CAMEO data: every code and where it goes"
            )
        )
        st.dataframe(
            about.crosswalk(),
            hide_index=True,
            height=37 * 9 + 3,
            row_height=37,
            key="cameo",
            alt="Table of 318 CAMEO codes with their PLOVER types and modes",
        )
    with st.container(key="card_imports"):
        st.html(about.anchor("imports"))
        st.html(
            markup.card_head(
                "Other data sets",
                "What can be imported, under which licence, and what the mapping to PLOVER loses",
            )
        )
        st.html(bringing.papers_html())
    with st.container(key="card_outlets"):
        registered = telling.registry()
        st.html(about.anchor("outlets"))
        st.html(
            markup.card_head(
                f"{words.plural(len(registered), 'outlet')} of "
                f"{words.plural(registered['Country'].nunique(), 'country', 'countries')}",
                "The registry behind “Who reports it”: country is that which runs or funds an outlet, else where it is edited",
            )
        )
        st.html(markup.block(telling.kinds_html()))
        st.dataframe(
            registered,
            hide_index=True,
            height=37 * 9 + 3,
            row_height=37,
            key="outlets",
            alt=f"Table of {len(registered)} outlets with country, kind and domains",
        )
        st.html(
            markup.caption(
                ["From general knowledge, without a source to cite", "Correct it in data/outlets/outlets.csv"]
            )
        )
        st.page_link("app_pages/reporters.py", label="Who reports it", icon=":material/newspaper:")
    with st.container(key="card_cards"):
        st.html(about.anchor("cards"))
        st.html(markup.card_head("Model cards", "Data, scores and limits of what is shipped"))
        for path, title in about.CARDS:
            with st.expander(title, on_change="rerun", key=f"model_{title[-4:]}") as card:
                if card.open:
                    st.markdown(about.card_text(path))
    with st.container(key="card_sources"):
        st.html(about.anchor("sources"))
        st.html(markup.card_head("Sources", "Every bundled file, with its producer and licence"))
        st.html(about.sources_html())
with side:
    for key, title, body in (*about.NOTES, ("borders", "Boundaries", borders.policy())):
        with st.container(key=f"card_{key}"):
            st.html(markup.card_head(title, ""))
            st.markdown(body)
    with st.container(key="card_versions"):
        st.html(markup.card_head("Store", f"Version {answers.version()}"))
        st.html(about.versions_html(answers.store().versions(), answers.datasets()))
