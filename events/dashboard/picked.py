"""What is chosen on the map: a party, a dyad or a place; and the panel that tells of it.

The choice is "RUS", "RUS-UKR", a place's key or "" for nothing. It stands in the URL, and a click on the map, a row of
the panel or a link sets it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from events.charts import maps, words
from events.charts import places as layers
from events.charts.geometry import View
from events.charts.rows import records
from events.charts.theme import TOO_FEW
from events.dashboard import answers, controls, frame, lists, markup, panels
from events.gazetteer import gazetteer
from events.schema import Selection

__all__ = ["PICK", "Shown", "choose", "chosen", "is_pick", "page_is_due", "panel", "run_page", "turns"]

PARTNERS = 5
NEWEST = 4

PICK = "pick"
"""The choice's name in the URL and in the session."""

_TURNS, _DUE = "_map_round", "_map_apply"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the map shows: its selection and tables, the part of the world, whose partners fill it ("": nobody's)."""

    selection: Selection
    dyads: pd.DataFrame
    places: pd.DataFrame
    view: View
    viewpoint: str


def chosen() -> str:
    """Return what is chosen."""
    return st.session_state.get(PICK) or ""


def turns() -> int:
    """Return how often something was chosen otherwise than on the map, which is drawn anew after each."""
    return int(st.session_state.get(_TURNS, 0))


def run_page() -> None:
    """Have the whole page run once more: what was just set is a filter of all its parts (for a callback)."""
    st.session_state[_DUE] = True


def page_is_due() -> bool:
    """Say whether the whole page is to run, and forget it."""
    return bool(st.session_state.pop(_DUE, False))


def _known(code: str) -> bool:
    names = gazetteer()
    return code in names.states() or code in names.organisations()


def is_pick(value: str) -> bool:
    """Say whether a value can be a choice."""
    return not value or _known(value) or controls.pair(value) is not None or layers.name_of(value) is not None


def choose(pick: str) -> None:
    """Choose a party, a dyad or a place other than by a click on the map, which is then drawn anew."""
    st.session_state[PICK] = pick
    st.session_state[_TURNS] = turns() + 1


def _look_from(code: str) -> None:
    st.session_state["viewpoint"] = code
    choose("")


def _filter_party(code: str) -> None:
    controls.only_party(code)
    run_page()


def _filter_dyad(value: str) -> None:
    controls.only_dyad(value)
    run_page()


def panel(shown: Shown) -> None:
    """Draw what is chosen: its figures, its partners or kinds of acts, its newest events; else where to begin."""
    picked = chosen()
    dyad, place = controls.pair(picked), layers.name_of(picked)
    if dyad:
        _dyad(shown, *dyad)
    elif place:
        _place(shown, picked, *place)
    elif picked:
        _party(shown, picked)
    else:
        _nothing(shown)


def _numbers(events: int, mean: float, share: float) -> str:
    if events < TOO_FEW:
        return f"{words.plural(events, 'event')}: too few for a mean"
    return (
        f"{words.plural(events, 'event')} · mean {words.intensity(mean)} · {words.percent(share)} in conflict"
    )


def _close() -> None:
    st.button(
        "Close", icon=":material/close:", key="pick_close", type="tertiary", on_click=choose, args=("",)
    )


def _party(shown: Shown, code: str) -> None:
    name = words.short_name(code)
    partners = answers.partners(code, shown.selection)
    own = answers.by_state(shown.selection)
    row = next(iter(records(own[own["party"] == code])), None)
    line = (
        _numbers(row.events, row.mean_intensity, row.conflict_share) if row else "No events in this selection"
    )
    cut = words.showing(min(len(partners), PARTNERS), len(partners), "partner")
    with frame.card(
        "pick", name, line, table=partners if row else None, under=[cut, frame.source(shown.selection)]
    ):
        with st.container(horizontal=True, gap="xsmall", key="pick_do"):
            if row:
                st.button(
                    "Only this", icon=":material/filter_alt:", key="pick_filter", on_click=_filter_party, args=(code,),
                    help=f"Show only events of {name} on every page",
                )  # fmt: skip
                if shown.viewpoint != code:
                    st.button(
                        "See from here", icon=":material/visibility:", key="pick_from", on_click=_look_from,
                        args=(code,), help=f"Fill every other state by its relation with {name}",
                    )  # fmt: skip
            _close()
        if row:
            st.html(markup.part("Busiest partners"))
            _rows([(_key(code, p.party), words.short_name(p.party), p.events, p.mean_intensity)
                   for p in records(partners.head(PARTNERS))])  # fmt: skip
            _newest(shown, party=code)


def _dyad(shown: Shown, a: str, b: str) -> None:
    a, b = sorted((a, b))
    first, second = words.short_name(a), words.short_name(b)
    every = answers.by_dyad(shown.selection)
    row = next(iter(records(every[(every["a"] == a) & (every["b"] == b)])), None)
    line = (
        _numbers(row.events, row.mean_intensity, row.conflict_share) if row else "No events in this selection"
    )
    only = replace(shown.selection, dyad=(a, b), direction="both")
    with frame.card("pick", f"{first} – {second}", line, under=[frame.source(shown.selection)]):
        with st.container(horizontal=True, gap="xsmall", key="pick_do"):
            if row:
                st.button(
                    "Only this", icon=":material/filter_alt:", key="pick_filter", on_click=_filter_dyad,
                    args=(f"{a}-{b}",), help=f"Show only events between {first} and {second} on every page",
                )  # fmt: skip
            _close()
        panels.dyad_link(a, b)
        if row:
            st.html(markup.directions(first, second, row.a_to_b, row.b_to_a, row.symmetric))
            st.html(markup.part("What they do"))
            st.html(lists.types(answers.by_type(only), frame.theme()))
            _newest(replace(shown, selection=only))
            with st.container(horizontal=True, gap="xsmall", key="pick_sides"):
                for code in (a, b):
                    st.button(
                        words.short_name(code),
                        key=f"side_{code}",
                        type="tertiary",
                        on_click=choose,
                        args=(code,),
                    )


def _place(shown: Shown, key: str, name: str, country: str | None, precision: str) -> None:
    rows = shown.places
    same = (rows["name"] == name) & (rows["precision"] == precision)
    row = next(
        (r for r in records(rows[same]) if layers.place_key(r.name, r.country, r.precision) == key), None
    )
    known = {
        "city": "The city; no more exact place is told",
        "site": "The site itself",
        "region": "Somewhere in this region",
        "state": "Somewhere in this state",
    }.get(precision, "")
    with frame.card("pick", words.place(name, country), known, under=[frame.source(shown.selection)]):
        with st.container(horizontal=True, gap="xsmall", key="pick_do"):
            if country and _known(country):
                st.button(
                    words.short_name(country), key="pick_country", icon=":material/flag:", on_click=choose, args=(country,),
                )  # fmt: skip
            _close()
        if row:
            st.html(markup.block(escape(_numbers(row.events, row.mean_intensity, row.conflict_share))))
            _newest(shown, place=(name, country, precision))
        else:
            st.html(markup.block("No events here in this selection."))


def _nothing(shown: Shown) -> None:
    on_map = maps.on_map(shown.dyads, shown.view)
    where = "" if shown.view.name == "World" else f" in this view of {shown.view.name}"
    cut = words.showing(min(len(on_map), PARTNERS), len(on_map), "dyad")
    with frame.card(
        "pick",
        "Choose a state or an arc",
        "Click on the map, or take one of the busiest dyads",
        under=[cut + where, frame.source(shown.selection)],
    ):
        if on_map.empty:
            st.html(markup.block("No dyad ends here in this selection."))
        _rows(
            [
                (
                    _key(row.a, row.b),
                    f"{words.short_name(row.a)} – {words.short_name(row.b)}",
                    row.events,
                    row.mean_intensity,
                )
                for row in records(on_map.head(PARTNERS))
            ]
        )
        if not on_map.empty:
            _newest(shown, party=shown.viewpoint)


def _key(a: str, b: str) -> str:
    return "-".join(sorted((a, b)))


def _rows(rows: list[tuple[str, str, int, float]]) -> None:
    """Draw dyads as buttons that choose them: name, number of events, mean intensity."""
    with st.container(key="pick_rows", gap=None):
        for key, name, events, mean in rows:
            tone = "gray" if events < TOO_FEW or abs(mean) < 0.05 else "orange" if mean < 0 else "blue"
            value = words.intensity(mean) if events >= TOO_FEW else "few"
            st.button(
                f"**{markup.plain(name)}** :gray[{words.number(events)}] :{tone}[{value}]",
                key=f"pickrow_{key}", type="tertiary", width="stretch", on_click=choose, args=(key,),
                help=f"Choose {name}: {words.plural(events, 'event')}",
            )  # fmt: skip


def _newest(shown: Shown, **narrowed: Any) -> None:
    newest = answers.newest(shown.selection, limit=NEWEST, **narrowed)
    if len(newest):
        st.html(markup.part("Newest events; choose one to read its evidence"))
        panels.event_buttons(newest, key="newest")
