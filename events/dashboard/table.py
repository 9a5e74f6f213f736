"""The table of events: a page of rows, straight on the canvas; a chosen row opens its evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from events.charts import words
from events.charts.rows import records
from events.charts.theme import GLYPHS
from events.dashboard import answers, frame, markup, paging
from events.schema import Selection

__all__ = ["CELLS", "CONFIG", "NARROW", "PAGE", "SEVEN", "USUAL", "rows", "show"]

PAGE = 50  # rows a page: one screen of scrolling, and a query of a few milliseconds


def _day(value: date | None) -> str:
    return words.day(value) if pd.notna(value) else ""


def _people(event: Any) -> str:
    names = dict.fromkeys(actor["name"] for actor in event.actors if actor["side"] != "third")
    return words.listing(names, keep=1)


# How a cell is written, from a row of `queries.events`.
CELLS: dict[str, Callable[[Any], Any]] = {
    "Date": lambda e: words.imprecise_day(e.date, e.date_precision) if pd.notna(e.date) else "–",
    "Dyad": lambda e: words.dyad(e.source, e.target, symmetric=e.symmetric, names=False),
    "Act": lambda e: f"{GLYPHS[e.quad_class]} {words.marked_act(e)}",
    "Intensity": lambda e: words.intensity(e.intensity),
    "Issues": lambda e: words.listing((name.removesuffix(", in general") for name in e.issues), keep=1),
    "Place": lambda e: e.place_name or "",
    "Actors": _people,
    "Status": lambda e: e.status,
    "Outlets": lambda e: int(e.outlets),
    "Conf.": lambda e: "" if pd.isna(e.confidence) else f"{e.confidence:.2f}",
    "Source": lambda e: words.short_name(e.source),
    "Target": lambda e: words.short_name(e.target),
    "Mode": lambda e: (e.mode or "").replace("-", " "),
    "Planned for": lambda e: _day(e.planned_for),
    "Reports": lambda e: int(e.reports),
    "First reported": lambda e: _day(e.first_reported),
    "Sentence": lambda e: words.shorten(e.sentence or "", 300),
    "Event": lambda e: e.event_id,
}
SEVEN = ("Date", "Dyad", "Act", "Intensity", "Issues", "Outlets", "Conf.")
"""The columns that fit beside the drawer."""
USUAL = ("Date", "Dyad", "Act", "Intensity", "Issues", "Place", "Status", "Outlets", "Conf.")


def rows(events: pd.DataFrame, columns: Sequence[str] = USUAL) -> pd.DataFrame:
    """Return the table as it is shown: one row an event, in words."""
    told = records(events)
    return pd.DataFrame({name: [CELLS[name](event) for event in told] for name in columns})


def _text(width: int, **more: Any) -> Any:
    return st.column_config.TextColumn(width=width, **more)


CONFIG: dict[str, Any] = {
    "Date": _text(94),
    "Dyad": _text(100),
    "Act": _text(100),
    "Intensity": _text(72, alignment="right"),
    "Issues": _text(150),
    "Place": _text(120),
    "Actors": _text(170),
    "Status": _text(92),
    "Outlets": st.column_config.NumberColumn(width=62),
    "Conf.": _text(56, alignment="right"),
    "Source": _text(120),
    "Target": _text(120),
    "Mode": _text(100),
    "Planned for": _text(96),
    "Reports": st.column_config.NumberColumn(width=66),
    "First reported": _text(104),
    "Sentence": _text(420),
    "Event": _text(170),
}


NARROW = {
    "Date": _text(92),
    "Dyad": _text(96),
    "Act": _text(98),
    "Intensity": _text(64, alignment="right"),
    "Issues": _text(96),
    "Outlets": st.column_config.NumberColumn(width=56),
    "Conf.": _text(48, alignment="right"),
}
"""The seven beside the drawer: 550 pixels, which is what it leaves at 1440."""


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
    paging.begin_anew("table", repr((selection, answers.version())))
    page = min(paging.page_number(), max(pages, 1))
    events = answers.events(selection, limit=PAGE, offset=(page - 1) * PAGE)
    state = st.dataframe(
        rows(events),
        hide_index=True,
        column_config=CONFIG | {"Issues": _text(260)},
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
            paging.turn_pages(page, pages)
    st.html(
        markup.caption(frame.caption(selection, total, showing=words.showing(len(events), total, "event")))
    )
    picked = state["selection"]["rows"]
    ids = tuple(map(str, events["event_id"]))
    if not picked or picked[0] >= len(ids):
        return None
    drop_choice()  # the drawer holds the choice now: the same row can be chosen again, and no other takes its place
    return ids, picked[0]
