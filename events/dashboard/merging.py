"""The reports of an event in the drawer: why each is in it, a way to take one out, and to undo what was decided."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pandas as pd
import streamlit as st

from events import merges
from events.charts import words
from events.dashboard import answers, markup, provenance, signing
from events.errors import EntenteError
from events.schema import Article, Event, Report

__all__ = ["show"]

_BY = "_decided_by"
_SAID = "_merging_said"
_UNDONE_HERE = "taken back in the dashboard"


def show(event: Event, pairs: list[tuple[Report, Article]]) -> None:
    """Draw the list of the event's reports with the reason of each, then what people decided on them.

    Nothing is drawn for an event of one report on which nobody decided anything.
    """
    told = answers.memberships(event.event_id)
    decisions = _decisions(told)
    if len(pairs) < 2 and not decisions and _SAID not in st.session_state:
        return
    st.html(markup.block('<h2 class="en-ct">Reports</h2><p class="en-cs">Why each is in this event</p>'))
    if said := st.session_state.pop(_SAID, None):
        st.html(markup.block(f'<p role="alert">{escape(said)}</p>'))
    reasons = provenance.reasons(told, event.event_id)
    for report, article in pairs:
        with st.container(
            horizontal=True, vertical_alignment="center", wrap=False, key=f"in_{report.report_id}"
        ):
            st.html(markup.block(_line(_name(article), reasons.get(report.report_id, ""))))
            if len(pairs) > 1:
                _taking_out(report, event)
    if decisions:
        st.html(markup.block('<p class="en-cs">Decided by people</p>'))
    for version, head, reason, may_undo in decisions:
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"decided_{version}"):
            st.html(markup.block(_line(head, reason)))
            if may_undo and signing.may_write():
                st.button(
                    "Undo",
                    key=f"undo_{version}",
                    help="Put the reports back where they were; this can be undone too",
                    on_click=_undo,
                    args=(version,),
                )


def _name(article: Article) -> str:
    return f"{article.outlet or 'Outlet unknown'}, {words.day(words.parse_day(article.published))}"


def _line(head: str, reason: str) -> str:
    return f"<b>{escape(head)}</b><br>{escape(reason[:1].upper() + reason[1:])}"


def _decisions(told: pd.DataFrame) -> list[tuple[int, str, str, bool]]:
    """Return the decisions of people, the newest first: version, head line, reason, whether it can be undone.

    One that moved reports which a later one moved again cannot: that one must be undone first.
    """
    moved = told[told["moved"]]
    last = told.groupby("report_id")["commit"].max()
    return [
        (
            int(str(version)),
            (
                f"{words.day(words.parse_day(str(rows['when'].iloc[0])[:10]))}, "
                f"{words.plural(len(rows), 'report')} moved, store version {version}"
            ),
            str(rows["reason"].iloc[0]),
            bool((rows["report_id"].map(last) == version).all()),
        )
        for version, rows in sorted(moved.groupby("commit"), key=lambda item: -int(str(item[0])))
    ]


def _taking_out(report: Report, event: Event) -> None:
    key = report.report_id
    if not signing.may_write():
        return
    with st.popover("Take out"):
        st.html(markup.caption_line("It tells another act: it gets an event of its own. This can be undone."))
        st.text_input("Why", key=f"why_{key}", placeholder="Another strike, a day later")
        if not signing.is_login():
            st.text_input("Your name", key=f"by_{key}", value=st.session_state.get(_BY, ""))
        st.button(
            "Take it out",
            key=f"out_{key}",
            type="primary",
            on_click=_take_out,
            args=(key, event.event_id),
        )


def _take_out(report_id: str, event_id: str) -> None:
    why = st.session_state[f"why_{report_id}"]
    by = st.session_state.get(f"by_{report_id}", "")
    st.session_state[_BY] = by
    _decide(lambda who: merges.split(answers.store(), report_id, why=why, by=who, event_id=event_id), by)


def _undo(version: int) -> None:
    by = st.session_state.get(_BY) or "the dashboard"
    _decide(lambda who: merges.undo(answers.store(), version, why=_UNDONE_HERE, by=who), by)


def _decide(decision: Callable[[str], merges.Decision], typed: str) -> None:
    """Run a decision, show the store as it then is, and keep what went wrong for the next drawing.

    The account signs where a login is set up, else the name that was `typed`.
    """
    try:
        account = signing.guard()
        decision(account if signing.is_login() else typed)
    except EntenteError as error:
        st.session_state[_SAID] = str(error)
    answers.refresh()
