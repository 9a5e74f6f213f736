"""An actor's profile: posts over time, for whom they act, whom they met, what they do, where it says so."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from events.charts import actors as charts
from events.charts import words
from events.charts.rows import records
from events.charts.theme import Theme
from events.codebook import sectors
from events.dashboard import answers, frame, markup, panels
from events.schema import Selection

__all__ = ["LONGEST", "of_sector", "pick", "post_of", "show", "table_key"]

LONGEST = 300  # characters of an actor's id: a name of a text may be anything
MET = 8
NEWEST = 6
TOWARDS = 6

HOW_POSTS = (
    "A lane is a post as the reports write it, with the party it is held for; a dot is a month’s events, its colour "
    "their mean intensity in nine steps. An official whom the gazetteer knows is one person in all spellings and "
    "posts; anyone else is one name (accents and case apart) of one party."
)
HOW_MET = (
    "Who is named on the other side of the actor’s events. Met: events of the type consult, that is meetings, visits "
    "and calls. Each event counts once."
)
HOW_PARTIES = "The actor’s events by the party on whose side they stand and the party on the other side."
HOW_TYPES = "The actor’s events by PLOVER type, on whichever side they stand."


def of_sector(selection: Selection, sector: str) -> Selection:
    """Return the selection with actors of this sector alone."""
    return replace(selection, sectors=(sector,))


def post_of(row: Any) -> str:
    """Return an actor's newest post for the table, without the party, which has a column of its own."""
    text = charts.post(row.role, row.organisation, None)
    return "" if text == "no post named" else words.shorten(text[:1].upper() + text[1:], 19)


def table_key(selection: Selection, search: str) -> str:
    """Return the table's name: another selection, search or version is another table, with no row chosen."""
    shown = repr((selection, search, answers.version())).encode()
    return f"actors_{hashlib.blake2b(shown, digest_size=6).hexdigest()}"


def pick(key: str, ids: tuple[str, ...]) -> None:
    """Take the actor of the chosen row."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        st.session_state["actor"] = ids[rows[0]]


def choose(actor: str) -> None:
    """Show this actor's profile (for a button's on_click)."""
    st.session_state["actor"] = actor


def show(selection: Selection, actor: str, theme: Theme, beside: Any) -> None:
    """Draw the profile of an actor within the selection: its head in `beside`, the rest below in two stacks."""
    names = answers.actor_names(actor, selection)
    if names.empty:
        with beside, st.container(key="card_profile"):
            who = actor.rpartition("|")[0] or actor
            st.html(
                markup.empty(
                    f"{words.shorten(who, 80)} is not named in the selected events.",
                    "Choose another name, or take a filter back.",
                )
            )
        return
    months = answers.actor_posts(actor, selection)
    table = charts.by_post(months)
    kinds = answers.actor_types(actor, selection)
    events = int(kinds["events"].sum())
    others = answers.actor_counterparts(actor, selection, 200)
    name = str(names["name"].iloc[0]) if "|" in actor else actor
    lanes = table["post"].nunique()
    with beside:
        with frame.card(
            "profile",
            f"{words.shorten(name, 50)}: {charts.title_posts(table)}",
            _line(names, actor),
            table=months,
            how=HOW_POSTS,
            under=frame.caption(
                selection, events, showing=words.showing(min(lanes, charts.LANES), lanes, "post")
            ),
        ) as card:
            st.html(markup.figures(_figures(kinds, events, others, table)))
            what = "Posts over time; a dot is a month’s events, coloured by their mean intensity"
            st.html(markup.caption_line(what))
            card.chart(
                lambda tones: charts.posts(table, tones),
                key="posts",
                alt=charts.alt_posts(name, table),
                about=what,
            )
        _met(others, selection)
    with st.container(key="stacks_profile"):
        left, right = st.columns([1.06, 1], gap="small")
    with left:
        with frame.card(
            "types",
            _types_title(kinds, events),
            f"Events of {words.shorten(name, 50)} by type, on either side",
            table=kinds,
            how=HOW_TYPES,
            under=[
                words.showing(min(len(kinds), charts.TYPES), len(kinds), "type"),
                frame.source(selection),
            ],
        ) as card:
            card.chart(
                lambda tones: charts.types(kinds, tones),
                key="types",
                alt=f"Events of {name} by type: "
                + ", ".join(f"{words.act(row.event_type)} {row.events}" for row in records(kinds.head(3))),
            )
        _parties(actor, selection, theme)
    with right:
        newest = answers.actor_events(actor, selection, NEWEST)
        with frame.card(
            "actor_events",
            "Newest events",
            "By the day of the act; choose one to read its evidence",
            under=[words.showing(len(newest), events, "event"), frame.source(selection)],
        ):
            panels.event_buttons(newest, key="actor")


def _line(names: pd.DataFrame, actor: str) -> str:
    """Return for whom an actor acts, their sectors and the other ways in which the reports write them."""
    parties = [words.short_name(code) for code in dict.fromkeys(names["country"]) if code]
    kinds = [sectors().get(code, code) for code in dict.fromkeys(names["sector"]) if code]
    written = [name for name in dict.fromkeys(names["name"]) if name != actor]
    also = written if "|" not in actor else written[1:]
    parts = [
        f"acts for {words.listing(parties)}" if parties else "",
        words.listing(kinds).lower(),
        f"also written {words.shorten(words.listing(also), 80)}" if also else "",
    ]
    line = " · ".join(part for part in parts if part)
    return line[:1].upper() + line[1:]


def _figures(
    kinds: pd.DataFrame, events: int, others: pd.DataFrame, table: pd.DataFrame
) -> list[tuple[str, str, str]]:
    mean = float((kinds["mean_intensity"] * kinds["events"]).sum() / events)
    first, last = table["month"].min(), table["month"].max()
    span = "" if pd.isna(first) else f"{first:%b %Y}" if first == last else f"{first:%b %Y} – {last:%b %Y}"
    met = int((others["met"] > 0).sum())
    return [
        ("Events", words.number(events), span),
        (
            "Mean intensity",
            words.intensity(mean) if events >= 5 else "–",
            "−10 to +10" if events >= 5 else "too few events",
        ),
        ("Met", words.number(met), "named counterparts"),
    ]


def _met(others: pd.DataFrame, selection: Selection) -> None:
    if others.empty:
        return
    met = others[others["met"] > 0]
    shown = (met if len(met) else others).head(MET)
    top = records(shown.head(1))[0]
    clear = len(met) and top.met >= 3 and (len(met) == 1 or top.met > met["met"].iloc[1])
    title = (
        f"Met {words.shorten(top.name, 40)} most often"
        if clear
        else "Whom they met"
        if len(met)
        else "Who is on the other side"
    )
    total = len(met) or len(others)
    with frame.card(
        "met", title, "Meetings, visits and calls; the last one; choose a name to see the profile",
        table=others.drop(columns="total"), how=HOW_MET,
        under=[words.showing(len(shown), total, "counterpart"), frame.source(selection)],
    ), st.container(key="list_met", gap=None):  # fmt: skip
        for row in records(shown):
            post = charts.post(row.role, None, row.country)
            said = [] if post == "no post named" else [post.removeprefix("no post named, ")]
            if row.met:
                said.append(f"met {words.times(row.met)}")
                if pd.notna(row.last_met):
                    said.append(f"last {words.day(row.last_met)}")
            else:
                said.append(words.plural(row.events, "event"))
            st.button(
                f"**{markup.plain(words.shorten(row.name, 48))}** {markup.plain(' · '.join(said))}",
                key=f"met_{row.actor}",
                type="tertiary",
                width="stretch",
                on_click=choose,
                args=(row.actor,),
            )


def _parties(actor: str, selection: Selection, theme: Theme) -> None:
    parties = answers.actor_parties(actor, selection)
    if parties.empty:
        return
    several = len(set(parties["own"])) > 1
    items = []
    for row in records(parties.head(TOWARDS)):
        few = row.events < 5
        said = [
            f"for {words.short_name(row.own)}" if several else "",
            "" if few else f"{words.percent(row.conflict_share)} in conflict",
        ]
        tone = theme.muted if few else theme.sign_text(row.mean_intensity)
        items.append(
            f"<div><strong>{escape(words.short_name(row.other))}</strong>"
            f"<p>{escape(' · '.join(part for part in said if part))}</p></div>"
            f'<div class="en-num"><span style="color:{tone}">'
            f"{'' if few else words.intensity(row.mean_intensity)}</span>"
            f"<small>{words.plural(row.events, 'event')}</small></div>"
        )
    own = parties.groupby("own")["events"].sum().sort_values(ascending=False)
    title = f"Acts for {words.listing(map(words.short_name, own.index), keep=2)}"
    with frame.card(
        "towards", title, "Parties on the other side; mean intensity from five events on",
        table=parties, how=HOW_PARTIES,
        under=[_parties_shown(len(parties)), frame.source(selection)],
    ):  # fmt: skip
        st.html(markup.rows(items, kind="en-2"))


def _parties_shown(number: int) -> str:
    if number > TOWARDS:
        return f"Showing {TOWARDS} of {number:,} parties"
    return f"All {number} parties" if number > 1 else ""


def _types_title(kinds: pd.DataFrame, events: int) -> str:
    """Return the most frequent type where it makes half of ten events or more; else a neutral title."""
    top = records(kinds.head(1))[0]
    if events >= 10 and 2 * top.events >= events:
        return f"{words.act(top.event_type)} is {words.percent(top.events / events)} of the events"
    return "What they do"
