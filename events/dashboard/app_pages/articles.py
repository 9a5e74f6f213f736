"""Articles: the list, and the way to each."""

from __future__ import annotations

import streamlit as st

from events.charts import words
from events.dashboard import answers, controls, frame, lists, markup

selection = controls.selection()
dataset = controls.dataset_name(selection)
stored = answers.datasets().get(dataset, 0)

frame.head(
    "Articles",
    f"{words.plural(stored, 'article')} stored; choose one to read it with its evidence",
    add=not frame.samples(selection),
)
frame.samples_note(selection)
frame.chips(selection)

if not stored:
    with st.container(key="card_empty"):
        st.html(markup.empty("No articles yet.", "Paste one or upload files: txt, html, jsonl, csv, zip."))
    st.stop()

find, which = st.columns([2, 1.2], vertical_alignment="bottom")
search = find.text_input(
    "Search titles and texts", key="find", bind="query-params", icon=":material/search:", max_chars=200
)
selected_only = False
if words.filters(selection):
    selected_only = which.toggle(
        "Only articles of the selected events", True, key="only", bind="query-params"
    )

found = answers.articles(
    selection=selection if selected_only else None,
    search=search or "",
    dataset=dataset,
    limit=lists.ARTICLES + 1,
)
shown = found.head(lists.ARTICLES)
if shown.empty:
    with st.container(key="card_empty"):
        st.html(markup.empty("No articles match.", "Change the search, or take a filter back above."))
    st.stop()

state = st.dataframe(
    lists.article_rows(shown),
    hide_index=True,
    column_config=lists.ARTICLE_COLUMNS,
    height="content" if len(shown) <= 16 else 37 * 17 + 3,
    row_height=37,
    on_select="rerun",
    selection_mode="single-row",
    key="articles",
    alt=f"Table of {words.plural(len(shown), 'article')}, newest first",
)
more = f"Showing the newest {len(shown):,}; search to find others" if len(found) > len(shown) else ""
st.html(markup.caption([more or words.plural(len(shown), "article"), frame.source(selection)]))
picked = state["selection"]["rows"]
if picked and picked[0] < len(shown):
    own = {"id", "report", "find", "only", *controls.BOUND}
    kept = {key: st.query_params.get_all(key) for key in st.query_params if key not in own}
    chosen = {"id": shown["article_id"].iloc[picked[0]]}
    st.switch_page("app_pages/article.py", query_params=kept | chosen)
