"""Article: the text with the words behind one of its events."""

from __future__ import annotations

import streamlit as st

from events.dashboard import answers, drawer, evidence, frame, lists, markup

wanted = st.query_params.get("id", "")
coded = answers.article(wanted) if wanted else None
if coded is None:
    frame.head("Article", "No article of this id is in the store", view=False)
    st.page_link("app_pages/articles.py", label="All articles", icon=":material/arrow_back:")
    st.stop()

article, reports = coded.article, list(coded.reports)
with st.container(horizontal=True, key="article_links"):
    st.page_link("app_pages/articles.py", label="All articles", icon=":material/arrow_back:")
    if article.url and article.url.startswith(("https://", "http://")):
        st.link_button("Read at the outlet", article.url, icon=":material/open_in_new:", type="tertiary")
frame.head(lists.article_title(article), lists.article_line(article))

with st.container(key="stacks"):
    text, side = st.columns([1.45, 1], gap="small")
if not reports:
    with side, st.container(key="card_report"):
        st.html(markup.card_head("No events", lists.no_events(coded)))
    with text, st.container(key="card_text"):
        st.html(evidence.article_html(article, [])[0])
    st.stop()

with side, st.container(key="card_report"):
    report = drawer.choose(reports)
    st.html(markup.report_head(report, frame.theme()))
    st.html(markup.block(evidence.fields_html(report)))
    st.html(markup.caption(lists.report_line(report)))
with text, st.container(key="card_text"):
    others = [other for other in reports if other.report_id != report.report_id]
    st.html(evidence.article_html(article, evidence.marks(report, article, others))[0])
