"""Articles: the list, and the way to each."""

from __future__ import annotations

import streamlit as st

from events import search
from events.charts import words
from events.dashboard import answers, controls, frame, keys, lists, markup, paging

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

row = st.container(horizontal=True, vertical_alignment="center", key="find_row")
with row:
    find = st.text_input(
        "Search titles and texts",
        key="find",
        bind="query-params",
        type="search",
        icon=":material/search:",
        placeholder="Search titles and texts  /",
        label_visibility="collapsed",
        max_chars=200,
        width=330,
    )
keys.focus_by_slash("find")
if problem := search.problem(find or ""):
    st.html(markup.caption_line(problem))
if find:
    answers.await_index(find)
else:
    answers.prepare_index()

selected_only = False
if words.filters(selection):
    with row:
        selected_only = st.toggle(
            "Only articles of the selected events", True, key="only", bind="query-params", width="content"
        )
asked = {"selection": selection if selected_only else None, "search": find or "", "dataset": dataset}
sources = answers.outlets(**asked)
every = {kind: int(sources["articles" if kind == "any" else kind].sum()) for kind in lists.CODING}
coding = controls.chosen("coding", [kind for kind in lists.CODING if kind == "any" or every[kind]])
outlets = ["*", *sources["outlet"]]
outlet = controls.chosen("outlet", outlets)
with row:
    st.segmented_control(
        "Coding",
        [kind for kind in lists.CODING if kind == "any" or every[kind]],
        format_func=lambda kind: f"{lists.CODING[kind]} {every[kind]:,}",
        key="coding",
        required=True,
        label_visibility="collapsed",
    )
    if len(outlets) > 2:
        st.selectbox(
            "Outlet",
            outlets,
            format_func=lambda name: (
                f"Any of {words.outlets(len(sources))}" if name == "*" else name or "Outlet unknown"
            ),
            key="outlet",
            label_visibility="collapsed",
            width=230,
        )
controls.publish("coding", "any")
controls.publish("outlet", "*")

of = sources if outlet == "*" else sources[sources["outlet"] == outlet]
total = int(of["articles" if coding == "any" else coding].sum())
paging.begin_anew("articles", repr((asked, coding, outlet)))
pages = max(-(-total // lists.ARTICLES), 1)
number = min(paging.page_number(), pages)
shown = answers.articles(
    **asked,
    coding=coding,
    outlet=None if outlet == "*" else outlet,
    limit=lists.ARTICLES,
    offset=(number - 1) * lists.ARTICLES,
)
if shown.empty:
    with st.container(key="card_empty"):
        st.html(markup.empty("No articles match.", "Change the search, or take a filter back above."))
    st.stop()

with st.container(key="stacks"):
    main, side = st.columns([2.15, 1], gap="small")
with main, st.container(key="listing"):
    state = st.dataframe(
        lists.article_rows(shown),
        hide_index=True,
        column_config=lists.ARTICLE_COLUMNS,
        height="content" if len(shown) <= 14 else 37 * 15 + 3,
        row_height=37,
        on_select="rerun",
        selection_mode="single-row",
        key=f"articles_{number}_{total}",
        alt=f"Table of {len(shown)} of {words.plural(total, 'article')}, newest first",
    )
    if pages > 1:
        paging.turn_pages(number, pages)
    first = (number - 1) * lists.ARTICLES + 1
    cut = f"Showing {first:,}–{first + len(shown) - 1:,} of {words.plural(total, 'article')}"
    st.html(
        markup.caption(
            [cut if pages > 1 else words.plural(total, "article"), "newest first", frame.source(selection)]
        )
    )
with side:
    with frame.card(
        "sources",
        "Sources",
        "Articles by outlet, and what they told",
        table=sources,
        under=[
            words.showing(min(len(sources), lists.OUTLETS), len(sources), "outlet"),
            frame.source(selection),
        ],
    ):
        st.html(lists.outlet_rows(sources))
    if every["skipped"]:
        with frame.card(
            "reasons",
            f"{words.plural(every['skipped'], 'article')} not read",
            "Kept as they came, and why they were not coded",
        ):
            st.html(lists.reason_rows(answers.uncoded(**asked)))
picked = state["selection"]["rows"]
if picked and picked[0] < len(shown):
    own = {"id", "report", "find", "only", "coding", "outlet", "p", *controls.BOUND}
    kept = {key: st.query_params.get_all(key) for key in st.query_params if key not in own}
    chosen = {"id": shown["article_id"].iloc[picked[0]]}
    st.switch_page("app_pages/article.py", query_params=kept | chosen)
