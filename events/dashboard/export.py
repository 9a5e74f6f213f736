"""The ⋯ menu of a card: its chart as a picture or a page, its table, the address of the view, how it is computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import pandas as pd
import streamlit as st

from events import sidecar
from events.briefing import frames, pictures
from events.briefing.frames import SIZES, Framed, Ground
from events.briefing.pictures import Kind
from events.export import csv_of

__all__ = ["address", "menu"]

_MIME = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
    "csv": "text/csv",
    "zip": "application/zip",
}
_OWN_COMPUTER = {"localhost", "127.0.0.1", "::1"}

Table: TypeAlias = Callable[[], pd.DataFrame] | pd.DataFrame


@st.fragment
def menu(
    key: str,
    title: str,
    *,
    framed: Callable[[], Framed] | None,
    table: Table | None,
    how: str,
    told: Callable[[], dict[str, Any]] | None = None,
) -> None:
    """Draw the button with three dots, and what it offers once it is open; nothing is made before a click asks for it."""
    box = st.popover(
        "•••", type="tertiary", help=f"More: {title}", key=f"menu_{key}", on_change="rerun", width="content"
    )
    if not box.open:
        return
    with box, st.container(key=f"menubody_{key}", width=440, gap="small"):
        if framed is not None:
            _chart(key, title, framed)
        with st.container(horizontal=True, gap="small", key=f"files_{key}"):
            if framed is not None:
                _file(key, title, "html", "Web page", lambda: frames.page(framed()).encode())
            if table is not None:
                _file(key, title, "csv", "Table (CSV)", lambda: _csv(table))
                if framed is not None and told is not None:
                    name = f"{_name(title) or key}.csv"
                    _file(
                        key,
                        title,
                        "zip",
                        "With its caption (ZIP)",
                        lambda: _packed(name, table, framed, told),
                    )
        if framed is not None:
            st.caption("The web page works without network, and saves PNG and SVG in the reader’s browser.")
        where = address()
        if where:
            own = urlsplit(where).hostname in _OWN_COMPUTER
            st.markdown(
                "**Link to this view**"
                + (", on this computer; Save view makes a file to send" if own else "")
            )
            st.code(where, language=None, wrap_lines=True)
        if how:
            st.markdown(f"**How this is computed.** {how}")


def _chart(key: str, title: str, framed: Callable[[], Framed]) -> None:
    """Draw what makes a picture: its size, its ground and its formats; said beforehand where no Chrome makes them."""
    if pictures.chrome() is None:
        st.markdown("**PNG, SVG and PDF need Chrome on this server.** The web page below needs none.")
        return
    pictures.warm()
    if fontless := framed().lacking:
        st.caption(fontless)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"format_{key}"):
        size = st.selectbox(
            "Size", list(SIZES), format_func=lambda name: SIZES[name].name, key=f"size_{key}", width=150
        )
        clear = st.checkbox("Transparent", key=f"clear_{key}")
    ground: Ground = "transparent" if clear else "white"

    def made(kind: Kind) -> Callable[[], bytes]:
        return lambda: frames.picture(framed(), kind, size=size, ground=ground)

    with st.container(horizontal=True, gap="small", key=f"pictures_{key}"):
        for kind in pictures.KINDS:
            _file(key, title, kind, kind.upper(), made(kind))


def _file(key: str, title: str, ending: str, label: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        label,
        data=make,
        file_name=f"{_name(title) or key}.{ending}",
        mime=_MIME[ending],
        key=f"{ending}_{key}",
        on_click="ignore",
        icon=":material/download:",
    )


def _csv(table: Table) -> bytes:
    return csv_of(table() if callable(table) else table).encode("utf-8-sig")


def _packed(
    name: str, table: Table, framed: Callable[[], Framed], told: Callable[[], dict[str, Any]]
) -> bytes:
    """Return the table and, beside it, its caption, period, filters and store version."""
    frame, chart, data = table() if callable(table) else table, framed(), _csv(table)
    facts = {"caption": " · ".join(filter(None, chart.notes))} | told()
    columns = sidecar.meanings(map(str, frame.columns))
    return sidecar.packed(
        name, data, sidecar.described(name, data, facts, title=chart.title, columns=columns)
    )


def _name(title: str) -> str:
    """Return the title as a file's name: entente-conflict-outweighs-cooperation."""
    plain = re.sub(r"[^\w]+", "-", title.lower()).strip("-")
    return f"entente-{plain[:60].rstrip('-')}" if plain else ""


def address() -> str:
    """Return the address that restores this view, "" where the browser did not tell it."""
    base = (st.context.url or "").split("?")[0]
    if not base:
        return ""
    asked = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return f"{base}?{urlencode(asked)}" if asked else base
