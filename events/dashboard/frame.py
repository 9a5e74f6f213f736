"""What all pages share: theme, head with chips, cards, captions, states without data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from events.briefing.frames import Framed, source_line
from events.charts import words
from events.charts.legends import Legend
from events.charts.remarks import MARK, Remarks
from events.charts.theme import DARK, LIGHT, Theme
from events.dashboard import answers, borders, controls, desk, export, lists, markup, signing
from events.schema import Selection, View

__all__ = [
    "Card",
    "caption",
    "card",
    "chips",
    "head",
    "no_match",
    "samples",
    "samples_note",
    "theme",
]

_NEWS = 8  # new events listed under the badge

_PLOTLY = {
    "displayModeBar": False,
    "scrollZoom": False,
    "responsive": True,
}


def theme() -> Theme:
    """Return the colours of the theme that the reader's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def head(
    title: str,
    subtitle: str,
    *,
    add: bool = False,
    view: bool = True,
    tools: Callable[[], None] | None = None,
) -> None:
    """Draw a page’s title, beside it the page’s own `tools`, what is new, and the button that saves the view.

    Not that button without `view`; with `add` the way to more articles. What the last click on the desk said, or could not do, is told here.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.html(markup.head(title, subtitle))
        if tools is not None:
            tools()
        if view:
            _news()
            if signing.may_write() and st.button(
                "Save view", icon=":material/bookmark:", key="save_view", shortcut="S"
            ):
                desk.save()
        if tools is not signing.show and not signing.may_write():
            signing.show()
        if add:
            st.page_link("app_pages/add.py", label="Add articles", icon=":material/add:")
    signing.write_cookie()
    if told := st.session_state.pop("_desk_told", None):
        st.toast(markup.plain(told))
    if wrong := st.session_state.pop("_desk_error", None):
        st.error(markup.plain(wrong))


def _news() -> None:
    """Say how many events came in since the reader's last visit, and which watches call."""
    visit = desk.last_visit()
    if visit.version is None or visit.when is None:
        return
    selection = controls.selection()
    new = answers.count_new(selection, visit.version)
    watches = desk.desk().watches()
    calling = {key: n for key, n in desk.calls(watches, visit).items() if n >= watches[key].threshold}
    if not new and not calling:
        return
    since = desk.since(visit.when)
    label = f"{words.number(new)} new {since}"
    if calling:
        label += f" · {words.plural(len(calling), 'watch', 'watches')}"
    with st.popover(label, icon=":material/notifications:", type="tertiary", key="news"):
        for key, n in calling.items():
            st.button(
                f"**{markup.plain(watches[key].name)}**: {words.plural(n, 'new event')}",
                key=f"call_{key}",
                icon=":material/visibility:",
                help=f"Calls from {watches[key].threshold} on; open it",
                on_click=desk.open_view,
                args=(View("", "overview", watches[key].selection, "", ""),),
            )
        events = answers.new(selection, visit.version, limit=_NEWS)
        if len(events):
            st.html(lists.newest(events, theme()))
        st.html(markup.caption([words.showing(len(events), new, "new event"), f"for {signing.profile()}"]))
        st.button("Mark all as seen", key="news_seen", on_click=desk.seen)


def chips(selection: Selection) -> None:
    """Draw what differs from the default, each with a button that takes it back."""
    filters = words.filters(selection)
    found = filters + words.data(selection)
    if not found:
        return
    with st.container(horizontal=True, gap="xsmall", key="chips", vertical_alignment="center"):
        for name, value, behind in found:
            st.button(
                f"{name} **{markup.plain(value)}** ✕",
                key=f"chip_{behind.replace('|', '_')}",
                help=f"Remove this filter: {name.lower()}",
                on_click=controls.reset,
                args=(behind,),
            )
        if filters:
            st.button("Reset all", key="reset", type="tertiary", on_click=controls.reset_all)


def caption(
    selection: Selection, n: int, *, of: str = "", marks: str = "", showing: str = "", boundary: str = ""
) -> list[str]:
    """Return a caption's parts in order: period, n, filters, cut, marks, dataset and version, boundary."""
    counts = answers.counts(selection)
    said = words.caption(selection, (counts.first, counts.last), n, of=of, showing=showing, marks=marks)
    return [*said, source(selection), boundary]


def source(selection: Selection) -> str:
    """Return dataset, store version and how much of it people have judged; samples are always marked."""
    dataset = controls.dataset_name(selection)
    name = "Entente samples" if dataset == "samples" else words.dataset(dataset)
    judged = 0 if selection.as_coded else answers.judged(dataset)
    reviewed = f", {words.plural(judged, 'report')} reviewed" if judged else ""
    return f"{name}, version {answers.version()}{reviewed}"


class Card:
    """A card while it is drawn; what is drawn in it by its methods, its ⋯ menu can take out of the house."""

    def __init__(self, title: str, subtitle: str, under: Sequence[str]) -> None:
        self._title, self._subtitle, self._under = title, subtitle, tuple(under)
        self._legend: Callable[[Theme], Legend] | None = None
        self._remarks = Remarks()
        self.framed: Callable[[], Framed] | None = None
        self.told: Callable[[], dict[str, Any]] | None = None

    def chart(
        self,
        draw: Callable[[Theme], go.Figure],
        *,
        key: str,
        alt: str,
        on_select: Callable[[], None] | None = None,
        height: Literal["content", "stretch"] = "content",
        sized: Callable[[tuple[int, int]], go.Figure] | None = None,
        about: str = "",
        under: Sequence[str] = (),
    ) -> None:
        """Draw a figure with our settings; `alt` says what it is, the finding, two numbers and the period.

        `on_select` is called when the reader clicks on a mark; the choice is under `key` in the session's state. With height "stretch" it is as high as its container. `sized` draws it for a
        picture of another size; `about` and `under` are the subtitle and caption of the picture, where they are not the
        card's.
        """
        figure = draw(theme())
        if on_select is None:
            st.plotly_chart(figure, theme=None, key=key, config=_settings(), alt=alt, height=height)
        else:
            st.plotly_chart(
                figure,
                theme=None,
                key=key,
                config=_settings(),
                alt=alt,
                on_select=on_select,
                selection_mode="points",
            )
        self._take(sized or (lambda _: draw(LIGHT)), alt, about, under)

    @staticmethod
    def brush(figure: go.Figure, *, key: str, alt: str, on_select: Callable[[], None]) -> None:
        """Draw a strip on which a span can be dragged; `on_select` is called then. It is in no picture."""
        st.plotly_chart(
            figure,
            theme=None,
            key=key,
            config=_settings(),
            alt=alt,
            on_select=on_select,
            selection_mode="box",
        )

    def clicked(
        self, figure: go.Figure, *, key: str, alt: str, sized: Callable[[tuple[int, int]], go.Figure]
    ) -> str:
        """Draw a figure as high as its container; return the customdata of the mark that is chosen, "" for none.

        `sized` draws it for a picture.
        """
        state: Any = st.plotly_chart(
            figure,
            theme=None,
            key=key,
            config=_settings(),
            alt=alt,
            height="stretch",
            on_select="rerun",
            selection_mode="points",
        )
        self._take(sized, alt)
        points = state["selection"]["points"]
        chosen = points[0].get("customdata", "") if points else ""
        return str(chosen[0] if isinstance(chosen, list) and chosen else chosen or "")

    def key(self, legend: Callable[[Theme], Legend]) -> None:
        """Draw the key of the chart."""
        st.html(markup.legend(legend(theme())))
        self._legend = legend

    def remarks(self, remarks: Remarks) -> None:
        """Draw the words of the analysts' notes whose letters stand in the chart."""
        told = [f"{MARK} {remark.letter}\u2002{remark.words}" for remark in remarks.shown]
        told += [remarks.cut] if remarks.cut else []
        if told:
            st.html("".join(map(markup.caption_line, told)))
        self._remarks = remarks

    def _take(
        self,
        draw: Callable[[tuple[int, int]], go.Figure],
        alt: str,
        about: str = "",
        under: Sequence[str] = (),
    ) -> None:
        """Remember how the card's chart is drawn for a picture, in light colours."""
        selection = controls.selection()
        origin, sample = source(selection), samples(selection)
        parts = [part for part in (under or self._under) if part]
        at = parts.index(origin) if origin in parts else len(parts)
        when = answers.last_commit()
        stated = source_line(origin, date.fromisoformat(when[:10]) if when else None)

        def framed() -> Framed:
            return Framed(
                draw,
                self._title,
                about or self._subtitle,
                notes=tuple(parts[:at]),
                source=(stated, *parts[at + 1 :]),
                key=self._legend(LIGHT) if self._legend else (),
                alt=alt,
                sample=sample,
                remarks=self._remarks,
            )

        self.framed = framed
        self.told = answers.facts(selection)


@contextmanager
def card(
    key: str,
    title: str,
    subtitle: str,
    *,
    hint: str = "",
    table: Callable[[], pd.DataFrame] | pd.DataFrame | None = None,
    how: str = "",
    under: Sequence[str] = (),
) -> Iterator[Card]:
    """Draw a card: its finding, what is drawn, the ⋯ menu, the caption last.

    `hint` says what a click does, and stays on the page. The menu takes out the chart that is drawn by the card's
    methods, the `table` behind it, the address of the view, and `how` it is computed.
    """
    with st.container(key=f"card_{key}"):
        st.html(markup.card_head(title, f"{subtitle}; {hint}" if hint else subtitle))
        menu = st.container(key=f"more_{key}")
        drawn = Card(title, subtitle, under)
        yield drawn
        if drawn.framed is not None or table is not None or how:
            with menu:
                export.menu(key, title, framed=drawn.framed, table=table, how=how, told=drawn.told)
        if under:
            st.html(markup.caption(under))


def _settings() -> dict[str, Any]:
    """Return plotly's settings: borders come from our own static folder, also under a base path."""
    return {**_PLOTLY, "topojsonURL": borders.address()}


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
