"""Events: search, sort and page through the selected events; the open one stands beside them with its words."""

from __future__ import annotations

import streamlit as st

from events import search
from events.charts import words
from events.dashboard import answers, browse, controls, drawer, frame, keys, lists, markup, table

MOST = 100_000  # events in one download: some 60 MB, which the server holds in memory

selection = controls.selection()
counts = answers.counts(selection)
total = lists.listed(selection, counts)
page = browse.listed(selection, total)
names = browse.columns(beside=page.open_id is not None)
sorting = page.sorting


def _seek() -> None:
    st.session_state["words"] = st.session_state["seek"] or ""


def _tools() -> None:
    """Draw the search, the choice of columns and the downloads."""
    st.session_state["seek"] = st.session_state["words"]
    st.text_input(
        "Search",
        key="seek",
        type="search",
        icon=":material/search:",
        placeholder="Search words, names, places  /",
        label_visibility="collapsed",
        max_chars=200,
        on_change=_seek,
        width=290,
    )
    with st.popover("Columns", icon=":material/view_column:"):
        st.pills(
            "Columns", list(table.CELLS), selection_mode="multi", key="columns", on_change=browse.keep_columns
        )
        st.html(
            markup.caption_line(
                "None chosen: as many as fit. A click on a column’s head sorts by date, intensity, outlets or confidence."
            )
        )
        st.selectbox(
            "Sort",
            list(browse.ORDERS),
            format_func=lambda name: browse.ORDERS[name].label.removeprefix("by ").capitalize(),
            key="order",
        )
    with st.popover("Download", icon=":material/download:", type="primary"):
        shown = len(page.events)
        st.download_button(
            f"These {shown} rows and {len(names)} columns, CSV" if shown > 1 else "As shown, CSV",
            data=lambda: browse.page_csv(page, names),
            file_name="entente-events-shown.csv",
            mime="text/csv",
            key="csv_shown",
            on_click="ignore",
            type="tertiary",
            disabled=not shown,
        )
        st.download_button(
            f"All {total:,} events, every field, CSV",
            data=answers.events_csv(selection, order=sorting.by, descending=sorting.descending),
            file_name="entente-events.csv",
            mime="text/csv",
            key="csv_all",
            on_click="ignore",
            type="tertiary",
            disabled=not 0 < total <= MOST,
        )
        st.download_button(
            f"All {words.plural(counts.reports, 'report')}, PLOVER names, JSONL",
            data=answers.plover_lines(selection),
            file_name="entente-events-plover.jsonl",
            mime="application/jsonl",
            key="jsonl_all",
            on_click="ignore",
            type="tertiary",
            disabled=not 0 < total <= MOST,
        )
        st.download_button(
            "The events with period, filters and version, ZIP",
            data=answers.packed(
                answers.events_csv(selection, order=sorting.by, descending=sorting.descending),
                selection,
                "entente-events.csv",
            ),
            file_name="entente-events.zip",
            mime="application/zip",
            key="zip_all",
            on_click="ignore",
            type="tertiary",
            disabled=not 0 < total <= MOST,
            help="The CSV and, beside it, what it holds; an import reads the zip as it is",
        )
        st.download_button(
            "The reports with period, filters and version, ZIP",
            data=answers.packed(answers.plover_lines(selection), selection, "entente-events-plover.jsonl"),
            file_name="entente-events-plover.zip",
            mime="application/zip",
            key="zip_reports",
            on_click="ignore",
            type="tertiary",
            disabled=not 0 < total <= MOST,
            help="The JSON lines and, beside them, what they hold",
        )
        if total > MOST:
            st.html(
                markup.caption_line(f"More than {MOST:,} events: take them by `python -m events export`.")
            )


found = "event matches" if total == 1 else "events match"
frame.head("Events", f"{total:,} {found} · sorted {sorting.label}", tools=_tools)
controls.publish("order", "newest")
keys.focus_by_slash("seek")
frame.samples_note(selection)
frame.chips(selection)

if problem := search.problem(selection.search):
    st.html(markup.caption_line(problem))
if frame.no_match(selection):
    st.stop()

with st.container(key="browse"):
    left, right = st.columns([1.22, 1], gap="small")
with left, st.container(key="listing"):
    browse.show(selection, page, names)
if page.open_id is not None:
    with right, st.container(key="drawer"):
        drawer.beside(page)
else:
    answers.prepare_index()
