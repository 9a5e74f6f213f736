"""The table of events: a page of rows, straight on the canvas; a chosen row opens its evidence."""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

from events.charts import words
from events.charts.theme import GLYPHS
from events.dashboard import answers, frame, markup
from events.schema import Selection

__all__ = ["PAGE", "rows", "show"]

PAGE = 50  # rows a page: one screen of scrolling, and a query of a few milliseconds


def rows(events: pd.DataFrame) -> pd.DataFrame:
    """Return the table as it is shown: one row an event, in words."""
    return pd.DataFrame(
        {
            "Date": [
                words.imprecise_day(d, p) if pd.notna(d) else "–"
                for d, p in zip(events["date"], events["date_precision"], strict=True)
            ],
            "Dyad": [
                words.dyad(s, t, symmetric=both, names=False)
                for s, t, both in zip(events["source"], events["target"], events["symmetric"], strict=True)
            ],
            "Act": [
                f"{GLYPHS[q]} {words.act(t)}"
                for q, t in zip(events["quad_class"], events["event_type"], strict=True)
            ],
            "Intensity": [words.intensity(value) for value in events["intensity"]],
            "Issues": [words.listing(items, keep=1) for items in events["issues"]],
            "Place": [name or "" for name in events["place_name"]],
            "Status": list(events["status"]),
            "Outlets": [int(n) for n in events["outlets"]],
            "Conf.": [f"{value:.2f}" for value in events["confidence"]],
        }
    )


_COLUMNS = {
    "Date": st.column_config.TextColumn(width=96),
    "Dyad": st.column_config.TextColumn(width=96),
    "Act": st.column_config.TextColumn(width=104),
    "Intensity": st.column_config.TextColumn(width=72, alignment="right"),
    "Issues": st.column_config.TextColumn(width=260),
    "Place": st.column_config.TextColumn(width=130),
    "Status": st.column_config.TextColumn(width=92),
    "Outlets": st.column_config.NumberColumn(width=64),
    "Conf.": st.column_config.TextColumn(width=60, alignment="right"),
}


_ROUND = "_table_round"


def drop_choice() -> None:
    """Let the table begin anew, with no row chosen, when it is next drawn."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _table_key(selection: Selection, page: int) -> str:
    """Return the table's name: another selection, page or store version is another table, with no row chosen."""
    shown = hashlib.blake2b(repr((selection, answers.version())).encode(), digest_size=6).hexdigest()
    return f"events_{shown}_{page}_{st.session_state.get(_ROUND, 0)}"


def show(selection: Selection, total: int) -> tuple[tuple[str, ...], int] | None:
    """Draw the table with its pages; return the page's events and which was just chosen, None if none was."""
    theme = frame.theme()
    with st.container(key="events_head", horizontal=True, vertical_alignment="bottom"):
        st.html(markup.card_head("Events", "Newest first; choose a row to read its evidence"))
        st.download_button(
            "All as CSV",
            data=answers.events_csv(selection),
            file_name="entente-events.csv",
            mime="text/csv",
            key="csv_events",
            on_click="ignore",
            icon=":material/download:",
        )
    pages = -(-total // PAGE)
    page = min(st.session_state.get("page") or 1, max(pages, 1))
    events = answers.events(selection, limit=PAGE, offset=(page - 1) * PAGE)
    state = st.dataframe(
        rows(events),
        hide_index=True,
        column_config=_COLUMNS,
        height="content" if len(events) <= 12 else 37 * 13 + 3,
        row_height=37,
        on_select="rerun",
        selection_mode="single-row",
        key=_table_key(selection, page),
        alt=f"Table of {len(events)} of {words.plural(total, 'event')}, newest first",
    )
    left, right = st.columns([2, 1], vertical_alignment="center")
    left.html(markup.glyph_key(theme))
    if pages > 1:
        with right, st.container(horizontal_alignment="right"):
            st.pagination(pages, key="page")
    st.html(
        markup.caption(frame.caption(selection, total, showing=words.showing(len(events), total, "event")))
    )
    picked = state["selection"]["rows"]
    ids = tuple(map(str, events["event_id"]))
    if not picked or picked[0] >= len(ids):
        return None
    drop_choice()  # the drawer holds the choice now: the same row can be chosen again, and no other takes its place
    return ids, picked[0]
