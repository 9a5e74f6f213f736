"""What all pages share: theme, head with chips, cards, captions, states without data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from events.charts import words
from events.charts.theme import DARK, LIGHT, Theme
from events.dashboard import answers, controls, markup
from events.export import csv_of
from events.schema import Selection

__all__ = ["caption", "card", "chart", "chips", "head", "no_match", "samples", "samples_note", "theme"]

# The topojson is fetched from our own static folder; the relative URL also holds under a base path.
_PLOTLY = {
    "topojsonURL": "app/static/topojson/",
    "displayModeBar": False,
    "scrollZoom": False,
    "responsive": True,
}


def theme() -> Theme:
    """Return the colours of the theme that the reader's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def head(title: str, subtitle: str, *, add: bool = False) -> None:
    """Draw a page's title, with the way to more articles where `add`."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, key="head"):
        st.html(markup.head(title, subtitle))
        if add:
            st.page_link("app_pages/add.py", label="Add articles", icon=":material/add:")


def chips(selection: Selection) -> None:
    """Draw what differs from the default, each with a button that takes it back."""
    filters = words.filters(selection)
    found = filters + words.data(selection)
    if not found:
        return
    with st.container(horizontal=True, gap="xsmall", key="chips", vertical_alignment="center"):
        for name, value, behind in found:
            st.button(
                f"{name} **{_plain(value)}** ✕",
                key=f"chip_{behind.replace('|', '_')}",
                help=f"Remove this filter: {name.lower()}",
                on_click=controls.reset,
                args=(behind,),
            )
        if filters:
            st.button("Reset all", key="reset", type="tertiary", on_click=controls.reset_all)


def _plain(text: str) -> str:
    """Return the text with markdown's characters escaped."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|~$:<>&" else c for c in text)


def caption(
    selection: Selection, n: int, *, of: str = "", marks: str = "", showing: str = "", boundary: str = ""
) -> list[str]:
    """Return a caption's parts in order: period, n, filters, cut, marks, dataset and version, boundary."""
    counts = answers.counts(selection)
    period = words.span(selection.start or counts.first, selection.end or counts.last) if n else ""
    kept = [f"{name.lower()} {value}" for name, value, _ in words.filters(selection) if name != "Period"]
    return [
        period,
        f"n = {words.plural(n, 'event')}{f' {of}' if of else ''}",
        ", ".join(kept),
        showing,
        marks,
        source(selection),
        boundary,
    ]


def source(selection: Selection) -> str:
    """Return dataset and store version; samples are always marked."""
    name = "Entente samples" if samples(selection) else controls.dataset_name(selection).capitalize()
    return f"{name}, version {answers.version()}"


@contextmanager
def card(
    key: str,
    title: str,
    subtitle: str,
    *,
    table: Callable[[], pd.DataFrame] | pd.DataFrame | None = None,
    how: str = "",
    under: Sequence[str] = (),
) -> Iterator[Any]:
    """Draw a card: its finding, what is drawn, the ⋯ menu (CSV, how it is computed), the caption last."""
    with st.container(key=f"card_{key}"):
        st.html(markup.card_head(title, subtitle))
        if table is not None or how:
            with st.container(key=f"more_{key}"):
                _menu(key, title, table, how)
        yield
        if under:
            st.html(markup.caption(under))


def _menu(key: str, title: str, table: Callable[[], pd.DataFrame] | pd.DataFrame | None, how: str) -> None:
    with st.popover("•••", type="tertiary", help=f"More: {title}"):
        if table is not None:
            frame = table() if callable(table) else table
            st.download_button(
                "Table (CSV)",
                data=lambda: csv_of(frame).encode("utf-8-sig"),
                file_name=f"entente-{key.replace('_', '-')}.csv",
                mime="text/csv",
                key=f"csv_{key}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )
        if how:
            st.markdown(f"**How this is computed.** {how}")


def chart(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw a figure with our settings; `alt` says what it is, the finding, two numbers and the period."""
    st.plotly_chart(figure, theme=None, key=key, config=_PLOTLY, alt=alt)


def no_match(selection: Selection) -> bool:
    """Say so where nothing matches, naming the filter that hides most; True if nothing matches."""
    if answers.counts(selection).events:
        return False
    with st.container(key="card_empty"):
        found = words.filters(selection)
        if not found:
            _nothing_yet(selection)
            return True
        gains = [(_without(selection, behind), name, value, behind) for name, value, behind in found]
        events, name, value, behind = max(gains, key=lambda gain: gain[0])
        whole = answers.counts(Selection(dataset=selection.dataset)).events
        message = (
            f"{name} {value} leaves 0 of {events:,}." if events else f"Together they leave 0 of {whole:,}."
        )
        st.html(markup.empty("No events match.", message))
        with st.container(horizontal=True, horizontal_alignment="center"):
            if events:
                label = f"Remove {name.lower()} ({words.plural(events, 'event')})"
                st.button(label, key="relax", on_click=controls.reset, args=(behind,))
            st.button("Reset all", key="relax_all", type="tertiary", on_click=controls.reset_all)
    return True


def _nothing_yet(selection: Selection) -> None:
    """Say that the dataset holds no events, and how to add some."""
    held = answers.datasets().get(controls.dataset_name(selection), 0)
    hint = "Add articles to see who did what to whom, when and where."
    if held:
        hint = (
            f"{words.plural(held, 'article')} stored, none tells an act of one party towards another. {hint}"
        )
    st.html(markup.empty("No events yet.", hint))
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.page_link("app_pages/add.py", label="Add articles", icon=":material/add:")


def _without(selection: Selection, behind: str) -> int:
    default = Selection()
    values = {name: getattr(default, name) for name in behind.split("|")}
    return int(answers.counts(replace(selection, **values)).events)


def samples(selection: Selection) -> bool:
    """Say whether the bundled samples are shown."""
    return controls.dataset_name(selection) == "samples"


def samples_note(selection: Selection) -> None:
    """Say that these are samples, with the way to real articles."""
    if not samples(selection) or not answers.datasets():
        return
    with st.container(horizontal=True, key="samples_note", vertical_alignment="center"):
        st.markdown("**These are samples.** Add an article, and they step aside.", width="content")
        st.page_link("app_pages/add.py", label="Add articles", icon=":material/add:")
