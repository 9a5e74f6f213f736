"""The pages of a long list: which one is shown stands in the URL, and another list begins at its first."""

from __future__ import annotations

import streamlit as st

__all__ = ["begin_anew", "listed", "page_number", "turn_pages", "turn_to"]

_LAST = "_paged_"


def begin_anew(name: str, shown: str) -> None:
    """Go back to the first page where what the list of this name holds (said in `shown`) is not what it last held."""
    last = listed(name)
    if last is not None and last != shown:
        turn_to(1)
    st.session_state[_LAST + name] = shown


def listed(name: str) -> str | None:
    """Return what the list of this name held when `begin_anew` was last called, None before."""
    last: str | None = st.session_state.get(_LAST + name)
    return last


def page_number() -> int:
    """Return the page that the URL names, counted from 1."""
    given = st.query_params.get("p", "")
    return max(int(given), 1) if given.isascii() and given.isdecimal() and len(given) < 8 else 1


def turn_pages(number: int, pages: int) -> None:
    """Draw the pages with `number` chosen; a click puts the page into the URL."""
    name = f"pages_{number}_{pages}"  # a new one for each page: keys and links turn pages too
    st.pagination(
        pages,
        default=number,
        key=name,
        on_change=lambda: turn_to(st.session_state[name]),
        max_visible_pages=5,
    )


def turn_to(number: int) -> None:
    """Put a page into the URL, which is read in the next run."""
    if number > 1:
        st.query_params["p"] = str(number)
    else:
        st.query_params.pop("p", None)
