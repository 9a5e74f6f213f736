"""The panel beside a matrix, a network or a list: one dyad or one party, with the way to its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import pandas as pd
import streamlit as st

from events import analytics
from events.briefing import relation
from events.charts import issues, timelines, words
from events.charts.theme import GLYPHS, TOO_FEW
from events.dashboard import answers, controls, drawer, frame, markup
from events.schema import Selection

__all__ = ["choice", "dyad", "dyad_link", "event_buttons", "open_evidence", "party"]

TOP = 5
_OPEN = "_panel_event"
_OWN = {"a", "b", "cell", "pick", "at", "zoom", "around"}  # what a page says of itself, not of the filters

HOW_PANEL = (
    "The balance is the share of events in cooperation less the share in conflict, from −1 to +1, with a 90% "
    "interval: the share has a Beta distribution whose prior is what the dyads of the store have in common, as on the "
    "page Dyad. The mean is that of PLOVER’s intensity. Below five events neither is "
    "written. The events listed are those that most reports tell, then the most intense, then the newest."
)


def choice(key: str, part: str = "customdata") -> Any:
    """Return the `customdata` of the mark that was just clicked in the chart of this key, None where none was.

    A treemap tells `id` instead.
    """
    state = st.session_state.get(key)
    points = state["selection"]["points"] if state else []
    found = next((point.get(part) for point in points if point.get(part) is not None), None)
    return found[0] if isinstance(found, list) and len(found) == 1 else found


def _remember(ids: tuple[str, ...], position: int) -> None:
    st.session_state[_OPEN] = (ids, position)


def event_buttons(events: pd.DataFrame, *, key: str, both: bool = True) -> None:
    """List events as buttons: day, glyph, act, issue; a click opens the evidence (see `open_evidence`).

    Without `both`, the parties are left out, as where they stand in the card's title.
    """
    ids = tuple(map(str, events["event_id"]))
    with st.container(key=f"list_{key}", gap=None):
        for position, row in enumerate(events.itertuples(index=False)):
            row_: Any = row
            when = words.imprecise_day(row_.date, row_.date_precision) if pd.notna(row_.date) else "no date"
            who = (
                f"**{markup.plain(words.dyad(row_.source, row_.target, symmetric=row_.symmetric))}** "
                if both
                else ""
            )
            arrow = " of both sides" if row_.symmetric and not both else ""
            about = f" · {markup.plain(words.shorten(row_.issues[0], 40))}" if len(row_.issues) else ""
            st.button(
                f"{GLYPHS[row_.quad_class]} {who}{words.marked_act(row_)}{arrow}{about} · {markup.plain(when)}",
                key=f"open_{key}_{position}",
                type="tertiary",
                width="stretch",
                help="; ".join(filter(None, ("Read the evidence", words.weak_note([row_])))),
                on_click=_remember,
                args=(ids, position),
            )


def open_evidence() -> None:
    """Open the drawer where an event was just chosen; call it last on the page."""
    chosen = st.session_state.pop(_OPEN, None)
    if chosen:
        ids, position = chosen
        drawer.open_at(position)
        drawer.show(ids)


def _balance(selection: Selection, conflict_share: float, events: int) -> tuple[float, float, float]:
    """Return the balance of so many events with its interval, as the page Dyad has it."""
    conflict = conflict_share * events
    row = analytics.balance([events - conflict], [conflict], relation.prior(answers, selection)).iloc[0]
    return float(row["balance"]), float(row["low"]), float(row["high"])


def _verdict(selection: Selection, conflict_share: float | None, events: int) -> str:
    """Return which side outweighs, where the interval of the balance says so."""
    if conflict_share is None or events < TOO_FEW:
        return words.plural(events, "event")
    _, low, high = _balance(selection, conflict_share, events)
    if low > 0:
        return "cooperation outweighs"
    return "conflict outweighs" if high < 0 else "neither side outweighs"


def _numbers(
    selection: Selection, events: int, mean: float | None, share: float | None
) -> list[tuple[str, str, str]]:
    """Return balance, mean intensity and number of events, as headline figures."""
    assert share is not None  # noqa: S101 there is an event, so there is a share
    value, low, high = _balance(selection, share, events)
    return [
        (
            "Balance",
            words.intensity(value, 2),
            f"90%: {words.intensity(low, 2)}, {words.intensity(high, 2)}",
        ),
        ("Mean intensity", words.intensity(mean), "−10 to +10"),
        ("Events", words.number(events), f"{words.percent(share)} in conflict"),
    ]


def _trend(card: frame.Card, selection: Selection, *, key: str) -> None:
    """Draw the events over time, in bars wide enough for the panel; a thin tail is left out, and said."""
    counts = answers.counts(selection)
    if counts.first is None:
        return
    whole = bool(selection.start or selection.end)
    unit = issues.unit_for(counts.first, counts.last)
    kept, _ = issues.window(answers.by_period(selection, unit), whole=whole)
    unit = issues.unit_for(kept["period"].min().date(), counts.last)
    periods, before = issues.window(answers.by_period(selection, unit), whole=whole)
    left_out = f"; {words.plural(before, 'earlier event')} not drawn" if before else ""
    what = f"Events by {unit}, cooperation above zero, conflict below"
    st.html(markup.caption_line(what + left_out))
    card.chart(
        # The names at the right end need the room above in so low a chart.
        lambda theme: timelines.by_class(periods, theme, unit=unit, height=190).update_layout(
            margin={"t": 18}
        ),
        key=f"trend_{key}",
        alt=timelines.alt(periods, unit),
        about=what,
        under=frame.caption(selection, timelines.dated(periods), marks=left_out.removeprefix("; ")),
    )


def _few(events: int) -> None:
    number = words.count_word(events)
    st.html(
        markup.empty(
            f"{number} {'event' if events == 1 else 'events'}: too few for an index.",
            "It is listed below." if events == 1 else "They are listed below.",
        )
    )


def dyad(selection: Selection, source: str, target: str, *, symmetric: bool, key: str) -> None:
    """Draw the panel of a dyad, or of one of its directions: figures, trend, top events, ways on."""
    direction: Literal["both", "a_to_b"] = "both" if symmetric else "a_to_b"
    asked = replace(selection, dyad=(source, target), direction=direction)
    found = answers.headline(asked)
    names = words.dyad(source, target, symmetric=symmetric)
    top = answers.salient(asked, TOP)
    with frame.card(
        key,
        f"{names}: {_verdict(selection, found.conflict_share, found.events)}",
        "Both directions together" if symmetric else "Acts of the first towards the second, and of both",
        table=top.drop(columns=["actors"]),
        how=HOW_PANEL,
        under=[words.showing(len(top), found.events, "event"), frame.source(selection)],
    ) as card:
        if found.events == 0:
            st.html(markup.empty("No events match.", "Choose another square."))
            return
        if found.events < TOO_FEW:
            _few(found.events)
        else:
            st.html(
                markup.figures(_numbers(selection, found.events, found.mean_intensity, found.conflict_share))
            )
            _trend(card, asked, key=key)
        st.html(markup.caption_line("Most told events; choose one to read its evidence"))
        event_buttons(top, key=key, both=symmetric)
        with st.container(horizontal=True, key=f"ways_{key}"):
            dyad_link(source, target)
            value = f"{source}-{target}"
            if selection.dyad != (source, target):
                st.button(
                    "Filter by this dyad",
                    key=f"filter_{key}",
                    icon=":material/filter_alt:",
                    on_click=controls.only_dyad,
                    args=(value,),
                )


def dyad_link(a: str, b: str) -> None:
    """Draw the way to the page of a dyad, which keeps the filters."""
    kept = {name: st.query_params.get_all(name) for name in st.query_params if name not in _OWN}
    st.page_link(
        "app_pages/dyad.py",
        label="Open the dyad",
        icon=":material/swap_horiz:",
        query_params={**kept, "a": a, "b": b},
    )


def party(
    selection: Selection, code: str, dyads: pd.DataFrame, *, key: str, open_dyad: Callable[[str], None]
) -> None:
    """Draw the panel of a party: figures, its busiest partners (a click calls `open_dyad` with "A-B"), filter.

    `dyads`: a, b, events, mean_intensity, conflict_share of the selection, the busiest first.
    """
    own = dyads[(dyads["a"] == code) | (dyads["b"] == code)]
    firm = own[own["events"] >= TOO_FEW]
    tense = int((firm["conflict_share"] > 0.5).sum())
    total = int(own["events"].sum())
    name = words.short_name(code)
    title = (
        f"{name}: conflict outweighs with {tense} of {words.plural(len(firm), 'partner')}"
        if len(firm)
        else f"{name} and its partners"
    )
    with frame.card(
        key,
        title,
        f"Partners of five events or more; {words.plural(len(own), 'partner')} in all"
        if len(firm)
        else words.plural(len(own), "partner"),
        table=own,
        how=HOW_PANEL,
        under=[words.showing(min(len(own), TOP + 3), len(own), "partner"), frame.source(selection)],
    ) as card:
        share = float((own["conflict_share"] * own["events"]).sum() / total)
        mean = float((own["mean_intensity"] * own["events"]).sum() / total)
        if total >= TOO_FEW:
            st.html(markup.figures(_numbers(selection, total, mean, share)))
        _trend(card, replace(selection, parties=(code,)), key=key)
        st.html(markup.caption_line("Busiest partners, with mean intensity; choose one to see the dyad"))
        with st.container(key=f"list_{key}", gap=None):
            for row in own.head(TOP + 3).itertuples(index=False):
                row_: Any = row
                other = row_.b if row_.a == code else row_.a
                mean_ = words.intensity(row_.mean_intensity) if row_.events >= TOO_FEW else "too few"
                st.button(
                    f"**{markup.plain(words.short_name(other))}** {markup.plain(mean_)} · "
                    f"{words.plural(row_.events, 'event')}",
                    key=f"open_{key}_{other}",
                    type="tertiary",
                    width="stretch",
                    on_click=open_dyad,
                    args=(f"{row_.a}-{row_.b}",),
                )
        if selection.parties != (code,):
            st.button(
                "Filter by this party",
                key=f"filter_{key}",
                icon=":material/filter_alt:",
                on_click=controls.only_party,
                args=(code,),
            )
