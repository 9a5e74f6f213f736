"""The parts of the page Map: its settings, the map, the slider, the table below. What is chosen has `picked`."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from events.charts import legends, maps, timelines, words
from events.charts import places as layers
from events.charts.geometry import MAX_ZOOM, REGIONS, View, zoomed
from events.charts.theme import LIGHT, Theme
from events.dashboard import answers, borders, controls, frame, lists, markup, panels, picked
from events.errors import EntenteError
from events.schema import Selection

__all__ = ["show"]

PACE = 1.6  # seconds a step of the slider: a map of 200 arcs is drawn in about one
ARCS = (25, 50, 100, 200)
TABLE = 500  # rows of each table below the map; its CSV has all

_SIZE = (1000, 451)  # the map at 1,680 px, where arrows and labels are laid out

HOW = (
    f"{lists.HOW_MAP} Seen from one party, each other party is filled by the events between the two. Places are "
    "drawn no more exactly than the articles tell: a city or site as a dot, a region as a pale disc, a state as "
    "a ring at the middle of its land; a diamond means that conflict outweighs. Squares are organisations at "
    "their seats. A region is drawn by Lambert’s equal-area projection about its own middle."
)

_SEED, _CLICK = "_map_seed", "_map_click"
_PLAYING, _STEPPED = "_map_playing", "_map_stepped"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page's own settings say."""

    measure: maps.Measure
    viewpoint: str
    view: View
    fill: bool
    arcs: int  # at most; 0: none
    places: bool
    seats: bool
    period: tuple[date, date] | None
    unit: timelines.Unit


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The tables that the map draws, and those that they are cut from."""

    selection: Selection
    counts: Any
    states: pd.DataFrame
    dyads: pd.DataFrame
    arcs: pd.DataFrame
    places: pd.DataFrame
    dots: pd.DataFrame


def show(selection: Selection, counts: Any) -> None:
    """Draw the page below its head; only this part runs again after a click, a step or a setting."""
    playing = bool(st.session_state.get(_PLAYING))
    st.fragment(_body, run_every=PACE if playing else None)(selection, counts)


def _body(selection: Selection, counts: Any) -> None:
    try:
        _parts(selection, counts)
    except EntenteError as error:  # a fragment's errors do not reach the page's frame
        st.html(markup.head("This page could not be shown", str(error)))
        st.button("Try again", type="primary", key="map_again")


def _parts(selection: Selection, counts: Any) -> None:
    if picked.page_is_due():
        st.rerun()
    steps = timelines.steps(counts.first, counts.last) if counts.first else ("year", [])
    _advance(steps[1])
    asked = _settings(selection, *steps)
    drawn = _ask(selection, asked)
    with st.container(key="stacks"):
        main, side = st.columns([2.75, 1], gap="small")
    with main:
        _map(asked, drawn, steps[1])
        _table(asked, drawn)
    with side:
        picked.panel(picked.Shown(drawn.selection, drawn.dyads, drawn.places, asked.view, asked.viewpoint))
    _ask_ahead(selection, asked, steps[1])
    panels.open_evidence()


# What is asked


def _settings(selection: Selection, unit: timelines.Unit, periods: list[tuple[date, date]]) -> _Asked:
    """Draw the settings above the map and return what they say; the slider stands below the map."""
    parties = answers.by_state(selection)["party"].tolist()
    controls.held(picked.PICK, picked.is_pick)
    measure = controls.chosen("measure", maps.MEASURES)
    viewpoint = controls.chosen("viewpoint", ["", *parties])
    region = controls.chosen("region", list(REGIONS))
    at = controls.chosen("at", ["", *(first.isoformat() for first, _ in periods)])
    steps = controls.held("zoom", lambda value: not value or value in map(str, range(1, MAX_ZOOM + 1)))
    around = controls.held("around", picked.is_pick)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="map_settings"):
        st.selectbox(
            "Measure",
            maps.MEASURES,
            format_func=str.capitalize,
            key="measure",
            persist_state="session",
            width=190,
        )
        st.selectbox(
            "Seen from",
            ["", *parties],
            format_func=lambda code: words.short_name(code) if code else "Everyone",
            key="viewpoint",
            persist_state="session",
            help="One party’s relation with every other.",
            width=190,
        )
        st.selectbox(
            "Region", list(REGIONS), key="region", persist_state="session", width=210, on_change=_reset_zoom
        )
        with st.container(horizontal=True, wrap=False, gap="xsmall", width="content", key="map_zoom"):
            closer = int(steps or 0)
            st.button(
                "Closer", icon=":material/zoom_in:", key="zoom_in", help="Closer: about what is chosen, else the middle",
                disabled=closer >= MAX_ZOOM, on_click=_zoom, args=(closer + 1,),
            )  # fmt: skip
            st.button(
                "Wider", icon=":material/zoom_out:", key="zoom_out", help="Wider",
                disabled=closer == 0, on_click=_zoom, args=(closer - 1,),
            )  # fmt: skip
        with st.popover("Layers", icon=":material/layers:"):
            fill = st.toggle("States by measure", True, key="fill", bind="query-params")
            arcs = st.toggle("Dyads as arcs", True, key="arcs", bind="query-params")
            most = st.select_slider(
                "Arcs at most", ARCS, 50, key="most", bind="query-params", disabled=not arcs
            )
            places = st.toggle("Places of events", False, key="places", bind="query-params")
            seats = st.toggle("Organisations at their seats", True, key="seats", bind="query-params")
    controls.publish("measure", maps.MEASURES[0])
    controls.publish("viewpoint", "")
    controls.publish("region", "World")
    for key in ("at", "zoom", "around", picked.PICK):
        controls.publish(key, "")
    return _Asked(
        measure=measure,
        viewpoint=viewpoint,
        view=zoomed(REGIONS[region], closer, _point(around, selection)),
        fill=fill,
        arcs=int(most) if arcs else 0,
        places=places,
        seats=seats,
        period=next((period for period in periods if period[0].isoformat() == at), None),
        unit=unit,
    )


def _point(pick: str, selection: Selection) -> tuple[float, float] | None:
    """Return lon, lat of what is chosen; None where nothing is, or where nobody knows where it lies."""
    if not pick:
        return None
    place = layers.name_of(pick)
    if place is None:
        return maps.middle(*(controls.pair(pick) or (pick,)))
    rows = answers.by_place(selection)
    here = rows[(rows["name"] == place[0]) & (rows["precision"] == place[2]) & rows["lat"].notna()]
    return None if here.empty else (float(here["lon"].iloc[0]), float(here["lat"].iloc[0]))


def _within(selection: Selection, period: tuple[date, date] | None) -> Selection:
    """Return the selection cut down to a period of the slider."""
    if period is None:
        return selection
    first, last = period
    return replace(
        selection,
        start=max(first, selection.start or first),
        end=min(last, selection.end or last),
    )


def _ask_ahead(selection: Selection, asked: _Asked, periods: list[tuple[date, date]]) -> None:
    """Begin to answer what the next step of the slider draws, while the reader looks at this one."""
    if not (st.session_state.get(_PLAYING) and asked.period):
        return
    after = periods[periods.index(asked.period) + 1 :][:1]
    if after:
        coming = _within(selection, after[0])
        answers.ahead(coming, "count", "by_state")
        answers.ahead(coming, "by_dyad", limit=None)
        answers.ahead(coming, "by_place", limit=None)


def _ask(selection: Selection, asked: _Asked) -> _Drawn:
    """Ask the store for what the map draws."""
    selection = _within(selection, asked.period)
    dyads = answers.by_dyad(selection)
    states = answers.by_state(selection)
    if asked.viewpoint:
        states = answers.partners(asked.viewpoint, selection)
        dyads = dyads[(dyads["a"] == asked.viewpoint) | (dyads["b"] == asked.viewpoint)]
    places = answers.by_place(selection)
    return _Drawn(
        selection=selection,
        counts=answers.counts(selection),
        states=states,
        dyads=dyads,
        arcs=maps.busiest(dyads, asked.arcs, asked.view),
        places=places,
        dots=layers.drawn(places, asked.view) if asked.places else places.head(0),
    )


# Clicks


def _zoom(steps: int) -> None:
    st.session_state["zoom"] = str(steps) if steps else ""
    about = picked.chosen()
    if about or not steps:
        st.session_state["around"] = about if steps else ""


def _reset_zoom() -> None:
    st.session_state["zoom"] = st.session_state["around"] = ""


def _filter_period(first: date, last: date) -> None:
    controls.only_period(first, last)
    st.session_state["at"] = ""
    st.session_state[_PLAYING] = False
    picked.run_page()


# Time


def _advance(periods: list[tuple[date, date]]) -> None:
    """Move the slider on while it plays; a run for another reason, soon after a step, moves nothing."""
    state = st.session_state
    if not state.get(_PLAYING) or time.monotonic() - state.get(_STEPPED, 0.0) < PACE / 2:
        return
    state[_STEPPED] = time.monotonic()
    if not _step(periods, 1):
        state[_PLAYING] = False
        st.rerun()


def _step(periods: list[tuple[date, date]], by: int) -> bool:
    """Move the slider by one period; False where it stands at the end."""
    codes = ["", *(first.isoformat() for first, _ in periods)]
    at = st.session_state.get("at") or ""
    place = (codes.index(at) if at in codes else 0) + by
    if not 0 <= place < len(codes):
        return False
    st.session_state["at"] = codes[place]
    return True


def _go(periods: list[tuple[date, date]], by: int) -> None:
    _step(periods, by)


def _play(periods: list[tuple[date, date]]) -> None:
    state = st.session_state
    state[_PLAYING] = not state.get(_PLAYING)
    picked.run_page()  # so that its clock is set or stopped
    if state[_PLAYING]:
        if state.get("at") in {"", None, periods[-1][0].isoformat()}:
            state["at"] = periods[0][0].isoformat()
        state[_STEPPED] = time.monotonic()


def _slider(asked: _Asked, periods: list[tuple[date, date]]) -> None:
    if not periods:
        return
    names = {first.isoformat(): timelines.period_name(first, asked.unit) for first, _ in periods}
    playing = bool(st.session_state.get(_PLAYING))
    at = st.session_state.get("at") or ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="map_time"):
        with st.container(key="map_play", width="content"):
            st.button(
                "Pause" if playing else "Play", icon=f":material/{'pause' if playing else 'play_arrow'}:",
                key="play", help="Step through the periods by itself", on_click=_play, args=(periods,),
            )  # fmt: skip
        st.button(
            "Earlier", icon=":material/chevron_left:", key="earlier", help="One period earlier",
            disabled=not at, on_click=_go, args=(periods, -1),
        )  # fmt: skip
        st.select_slider(
            "Period of the map",
            ["", *names],
            format_func=lambda code: names.get(code, "Whole period"),
            key="at",
            label_visibility="collapsed",
            persist_state="session",
        )
        st.button(
            "Later", icon=":material/chevron_right:", key="later", help="One period later",
            disabled=at == periods[-1][0].isoformat(), on_click=_go, args=(periods, 1),
        )  # fmt: skip
        if asked.period:
            st.button(
                "Keep as filter", key="keep_period", type="tertiary", on_click=_filter_period, args=asked.period,
                help="Show only this period on every page",
            )  # fmt: skip


# The map


def _map(asked: _Asked, drawn: _Drawn, periods: list[tuple[date, date]]) -> None:
    name = timelines.period_name(asked.period[0], asked.unit) if asked.period else ""
    on_map = maps.on_map(drawn.dyads, asked.view)
    title = (
        maps.viewpoint_title(asked.viewpoint, drawn.states, asked.measure)
        if asked.viewpoint
        else maps.title(drawn.dyads, asked.measure)
    )
    what = maps.subtitle(asked.measure, len(drawn.arcs), len(on_map), viewpoint=asked.viewpoint)
    if name:
        title = f"{name}: {title if asked.viewpoint else title[0].lower() + title[1:]}"
    with frame.card(
        "map",
        title,
        what,
        table=drawn.states,
        how=HOW,
        under=frame.caption(
            drawn.selection,
            _number(asked, drawn),
            of=f"of {words.short_name(asked.viewpoint)}" if asked.viewpoint else lists.coverage(drawn.counts),
            showing=_showing(asked, drawn, on_map),
            marks=maps.marks_note(drawn.arcs),
            boundary=borders.note(),
        ),
    ) as card:
        with st.container(key="atlas_box"):
            click = card.clicked(
                _figure(asked, drawn),
                key="atlas",
                alt=maps.alt(drawn.states, on_map, asked.measure, viewpoint=asked.viewpoint, period=name),
                sized=lambda space: _world(asked, drawn, LIGHT, maps.fitted(space)),
            )
        _take(click)
        with st.container(horizontal=True, wrap=False, key="mapkey"):
            card.key(
                lambda theme: legends.world(
                    maps.key(drawn.states, asked.measure, theme),
                    theme,
                    **maps.key_numbers(drawn.states, drawn.arcs, asked.measure),
                    places=asked.places,
                    seats=asked.seats,
                )
            )
            with st.popover("Borders", type="tertiary"):
                st.markdown(borders.policy())
        _slider(asked, periods)


def _figure(asked: _Asked, drawn: _Drawn) -> go.Figure:
    """Return the map, the same one until something else than what is chosen changes.

    A click must not change the chart, or the reader's zoom and choice are lost: it shows what was chosen when
    it was last drawn anew, and the browser shows what is chosen since.
    """
    state, theme = st.session_state, frame.theme()
    detail = borders.detail() if state.get(_PLAYING) else 50
    drawn_for = (repr(drawn.selection), answers.version(), asked, theme.name, picked.turns(), detail)
    if state.get(_SEED, (None,))[0] != drawn_for:
        now = picked.chosen()
        figure = _world(asked, drawn, theme, _SIZE, clickable=True, picked=now, detail=detail)
        state[_SEED] = (drawn_for, now, figure)
        state[_CLICK] = now
    return state[_SEED][2]


def _world(asked: _Asked, drawn: _Drawn, theme: Theme, size: tuple[int, int], **clicks: Any) -> go.Figure:
    """Draw the map that is asked for at this size."""
    return maps.world(
        drawn.states,
        drawn.arcs,
        theme,
        measure=asked.measure,
        size=size,
        view=asked.view,
        viewpoint=asked.viewpoint,
        fill=asked.fill,
        places=drawn.dots if asked.places else None,
        seats=asked.seats,
        **clicks,
    )


def _number(asked: _Asked, drawn: _Drawn) -> int:
    """Return of how many events the map tells: of the viewpoint's alone, where there is one."""
    return int(drawn.states["events"].sum()) if asked.viewpoint else int(drawn.counts.events)


def _take(click: str) -> None:
    """Take a click on the map that is new; a click on what is chosen lets go of it."""
    before = st.session_state.get(_CLICK, "")
    if click == before or (not click and st.session_state.get(_SEED, (None, ""))[1] == before):
        return
    st.session_state[_CLICK] = click
    st.session_state[picked.PICK] = click if picked.is_pick(click) else ""
    controls.publish(picked.PICK, "")


def _showing(asked: _Asked, drawn: _Drawn, on_map: pd.DataFrame) -> str:
    """Return what is drawn of what there is, and what the map has no room or no place for."""
    cut, notes = [], []
    if asked.arcs:
        cut.append(_of(len(drawn.arcs), len(drawn.dyads), "dyad"))
        apart = len(drawn.dyads) - len(on_map)
        if apart and len(drawn.arcs) == len(on_map):
            notes.append(f"{words.plural(apart, 'dyad')} without a seat on this map")
    if asked.places:
        cut.append(_of(len(drawn.dots), len(drawn.places), "place"))
        told = int(drawn.places["events"].sum())
        notes.append(f"{words.number(told)} of {words.plural(drawn.counts.events, 'event')} tell a place")
    return ", ".join([f"Showing {' and '.join(cut)}", *notes]) if cut else ""


def _of(shown: int, every: int, noun: str) -> str:
    return f"{shown:,} of {words.plural(every, noun)}" if shown < every else words.plural(every, noun)


# The table


def _table(asked: _Asked, drawn: _Drawn) -> None:
    with st.expander("Same as table", key="map_table"):
        kinds = ["States and organisations", "Dyads", "Places"]
        kind = st.segmented_control(
            "Table",
            kinds,
            default=kinds[0],
            required=True,
            key="map_table_kind",
            label_visibility="collapsed",
        )
        rows = {kinds[0]: drawn.states, kinds[1]: drawn.dyads, kinds[2]: drawn.places}[kind or kinds[0]]
        st.dataframe(lists.map_rows(rows.head(TABLE)), hide_index=True, width="stretch", key="map_rows")
        noun = {"States and organisations": "party", "Dyads": "dyad", "Places": "place"}[kind or kinds[0]]
        shown = words.showing(min(len(rows), TABLE), len(rows), noun)
        st.html(markup.caption(frame.caption(drawn.selection, _number(asked, drawn), showing=shown)))
