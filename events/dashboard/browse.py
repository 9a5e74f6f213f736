"""The list of the Events page: what it is sorted by, its columns, its page, and which event is open.

Order, columns, page and open event stand in the URL, so that a link opens the same event in the same list.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pandas as pd
import streamlit as st

from events.charts import words
from events.dashboard import answers, controls, frame, markup, paging, table
from events.export import csv_of
from events.queries import Order
from events.schema import Selection

__all__ = [
    "ORDERS",
    "PAGE",
    "Listed",
    "Sorting",
    "close",
    "columns",
    "keep_columns",
    "listed",
    "order",
    "page_csv",
    "show",
    "step",
]

PAGE = 50  # rows a page: a screen of scrolling, and few enough to be read whole


class Sorting(NamedTuple):
    """What events are sorted by, which end comes first, and how that is called."""

    by: Order
    descending: bool
    label: str
    turned: str  # the order that the other end first has


ORDERS: dict[str, Sorting] = {
    "newest": Sorting("date", True, "by date, newest first", "oldest"),
    "oldest": Sorting("date", False, "by date, oldest first", "newest"),
    "conflict": Sorting("intensity", False, "by intensity, conflict first", "cooperation"),
    "cooperation": Sorting("intensity", True, "by intensity, cooperation first", "conflict"),
    "outlets": Sorting("outlets", True, "by outlets, most first", "single"),
    "single": Sorting("outlets", False, "by outlets, fewest first", "outlets"),
    "surest": Sorting("confidence", True, "by confidence, highest first", "doubtful"),
    "doubtful": Sorting("confidence", False, "by confidence, lowest first", "surest"),
}
_BY_COLUMN = {"Date": "newest", "Intensity": "conflict", "Outlets": "outlets", "Conf.": "surest"}

_GOTO, _FOLLOWED, _HEAD = "_events_goto", "_events_followed", "_events_head"


class Listed(NamedTuple):
    """A page of the list: its events, how many come before them and in all, and which event is open where."""

    events: pd.DataFrame
    offset: int
    total: int
    open_id: str | None
    position: int | None  # of the open event among all; None where the list does not hold it
    sorting: Sorting


def order() -> Sorting:
    """Return what the list is sorted by."""
    return ORDERS[controls.chosen("order", list(ORDERS))]


def columns(*, beside: bool) -> tuple[str, ...]:
    """Return the columns shown: the reader's, else as many as fit (`beside` the drawer or alone)."""
    given = [name for name in st.query_params.get_all("columns") if name in table.CELLS]
    if given != st.session_state.get("columns"):
        st.session_state["columns"] = given
    picked = given
    if picked:
        return tuple(name for name in table.CELLS if name in picked)
    return table.SEVEN if beside else (*table.USUAL[:6], "Actors", *table.USUAL[6:])


def keep_columns() -> None:
    """Put the columns chosen into the URL, which they are read from."""
    st.query_params["columns"] = list(st.session_state["columns"] or ())


def step(position: int) -> None:
    """Open the event at this position of the list (for a button); the page follows."""
    st.session_state[_GOTO] = position


def close() -> None:
    """Close the open event (for a button)."""
    st.query_params.pop("event", None)


def listed(selection: Selection, total: int) -> Listed:
    """Return the page to show: the one turned to, or that of an event just opened by a link or a key."""
    sorting = order()
    shown = repr((selection, sorting, answers.version()))
    paging.begin_anew("events", shown)
    goto = st.session_state.pop(_GOTO, None)
    if goto is not None:
        goto = min(max(int(goto), 0), total - 1)
        events = _page(selection, goto // PAGE, sorting)
        if goto % PAGE < len(events):
            st.query_params["event"] = str(events["event_id"].iloc[goto % PAGE])
            paging.turn_to(goto // PAGE + 1)
            st.session_state[_FOLLOWED] = (st.query_params["event"], shown)
    open_id = st.query_params.get("event") or None
    if open_id and st.session_state.get(_FOLLOWED) != (open_id, shown):
        st.session_state[_FOLLOWED] = (open_id, shown)
        found = answers.position(selection, open_id, order=sorting.by, descending=sorting.descending)
        if found is not None:
            paging.turn_to(found // PAGE + 1)
    number = min(paging.page_number(), max(-(-total // PAGE), 1))
    events = _page(selection, number - 1, sorting)
    offset = (number - 1) * PAGE
    position = None
    if open_id:
        ids = list(events["event_id"])
        position = (
            offset + ids.index(open_id)
            if open_id in ids
            else answers.position(selection, open_id, order=sorting.by, descending=sorting.descending)
        )
    return Listed(events, offset, total, open_id, position, sorting)


def _page(selection: Selection, number: int, sorting: Sorting) -> pd.DataFrame:
    return answers.events(
        selection, limit=PAGE, offset=number * PAGE, order=sorting.by, descending=sorting.descending
    )


def page_csv(page: Listed, names: tuple[str, ...]) -> bytes:
    """Return the rows shown as CSV: the same columns in the same order, formulas neutralised."""
    return csv_of(table.rows(page.events, names)).encode("utf-8-sig")


def _picked(key: str, ids: list[str]) -> None:
    """Take in a click on the table: a row opens its event (or closes it), a column's head sorts by it.

    A second click on a head comes from the same table where the first is still at work: it lets go of the column, and
    changes nothing of the rows.
    """
    picked = st.session_state[key]["selection"]
    before = st.session_state.pop(_HEAD, None)
    column = next(iter(picked["columns"]), "")
    if not column and before and before[0] == key and picked["rows"] == _wanted(ids):
        column = before[1]
    elif column:
        st.session_state[_HEAD] = (key, column)
    if column:
        name = _BY_COLUMN.get(column)
        if name:
            now = order()
            st.session_state["order"] = now.turned if now.by == ORDERS[name].by else name
        return
    if picked["rows"] and picked["rows"][0] < len(ids):
        st.query_params["event"] = ids[picked["rows"][0]]
        st.session_state[_FOLLOWED] = (st.query_params["event"], paging.listed("events"))
    else:
        close()


def _wanted(ids: list[str]) -> list[int]:
    """Return which of these rows is that of the open event, as the table has it."""
    open_id = st.query_params.get("event")
    return [ids.index(open_id)] if open_id in ids else []


def show(selection: Selection, page: Listed, names: tuple[str, ...]) -> None:
    """Draw the table with its key, its pages and its caption."""
    sorting = page.sorting
    ids = [str(event_id) for event_id in page.events["event_id"]]
    digest = hashlib.blake2b(repr((selection, sorting, answers.version())).encode(), digest_size=6)
    key = f"events_{digest.hexdigest()}_{page.offset}"
    wanted = _wanted(ids)
    known = st.session_state.get(key)
    if known is None or known["selection"]["rows"] != wanted or known["selection"]["columns"]:
        st.session_state[key] = {"selection": {"rows": wanted, "columns": []}}
    marks = {
        name: f"{name} {'↓' if sorting.descending else '↑'}"
        for name, first in _BY_COLUMN.items()
        if ORDERS[first].by == sorting.by
    }
    widths = table.CONFIG | (table.NARROW if page.open_id else {})
    st.dataframe(
        table.rows(page.events, names),
        hide_index=True,
        column_config={name: widths[name] | {"label": marks.get(name, name)} for name in names},
        height="content" if len(ids) <= 14 else 37 * 15 + 3,
        row_height=37,
        on_select=lambda: _picked(key, ids),
        selection_mode=["single-row", "single-column"],
        key=key,
        alt=f"Table of {len(ids)} of {words.plural(page.total, 'event')}, sorted {sorting.label}",
    )
    with st.container(key="events_foot", horizontal=True, vertical_alignment="center"):
        st.html(markup.glyph_key(frame.theme()))
        pages = max(-(-page.total // PAGE), 1)
        if pages > 1:
            paging.turn_pages(page.offset // PAGE + 1, pages)
    first, last = page.offset + 1, page.offset + len(ids)
    showing = (
        f"Showing {first:,}–{last:,} of {page.total:,} events" if pages > 1 else f"All {page.total:,} events"
    )
    st.html(
        markup.caption(
            [
                showing,
                f"sorted {sorting.label}",
                words.narrowed(selection),
                frame.source(selection),
            ]
        )
    )
