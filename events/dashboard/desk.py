"""What is new for whoever reads, and what they keep: saved views, watches, notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from events.charts import words
from events.dashboard import answers, controls, markup, signing
from events.errors import EntenteError
from events.reference import default_store
from events.schema import Event, Note, Selection, View, Watch
from events.views import Desk, Visit

__all__ = [
    "address",
    "attempt",
    "calls",
    "desk",
    "go",
    "keep_view",
    "last_visit",
    "note_on_event",
    "notes_on",
    "open_view",
    "page_name",
    "pages",
    "save",
    "seen",
    "since",
    "stamp",
    "summary",
    "titles",
    "write",
]

_VISIT, _PAGES, _PAGE, _GO = "_visit", "_pages", "_page", "_go"


def desk() -> Desk:
    """Return the desk of the store that is shown."""
    return Desk(default_store())


def stamp() -> str:
    """Return the time now (ISO, UTC), as records carry it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def attempt(action: Callable[[], Any]) -> Any:
    """Do this, and tell in words what went wrong: a callback has no page to put an error on."""
    try:
        return action()
    except EntenteError as error:
        st.session_state["_desk_error"] = str(error)
        return None


def write(action: Callable[[], Any]) -> Any:
    """Do this as `attempt` does, for a reader who may write; nothing is kept for another."""

    def guarded() -> Any:
        signing.guard()
        return action()

    return attempt(guarded)


# What is new


def last_visit() -> Visit:
    """Return what this reader had seen before this visit; where the desk cannot be read or written: nothing."""
    kept = st.session_state.get(_VISIT)
    who, newest = signing.profile(), answers.newest_version()
    if not newest or not signing.may_write():
        return Visit(None, None)  # an empty store makes no folder, and nothing is kept of a guest
    if kept is None or kept[:2] != (who, newest):
        try:
            visit = desk().visit(who, newest)
        except EntenteError:
            visit = (
                kept[2] if kept else Visit(None, None)
            )  # a store that may only be read still shows its pages
        st.session_state[_VISIT] = kept = (who, newest, visit)
    found: Visit = kept[2]
    return found


def seen() -> None:
    """Take everything for seen."""
    who, newest = signing.profile(), answers.newest_version()
    visit = write(lambda: desk().seen(who, newest))
    if visit is not None:
        st.session_state[_VISIT] = (who, newest, visit)


def since(stamp_: str, now: datetime | None = None) -> str:
    """Write when the last visit was: "since 09:12 UTC", "since Thursday", "since 12 Nov", "since 12 Nov 2025"."""
    then, today = datetime.fromisoformat(stamp_), now or datetime.now(UTC)
    days = (today.date() - then.date()).days
    if days <= 0:
        return f"since {then:%H:%M} UTC"
    if days < 7:
        return f"since {then:%A}"
    return f"since {words.day(then.date(), year=then.year != today.year)}"


def calls(watches: dict[str, Watch], visit: Visit) -> dict[str, int]:
    """Return the number of new events since that visit by watch, in the order of the watches."""
    if visit.version is None:
        return dict.fromkeys(watches, 0)
    return {key: answers.count_new(watch.selection, visit.version) for key, watch in watches.items()}


# Views


def pages(found: dict[str, Any], now: Any) -> None:
    """Remember the pages by name, and which is shown: main.py says it once a run."""
    st.session_state[_PAGES] = found
    st.session_state[_PAGE] = next((name for name, page in found.items() if page is now), "overview")


def page_name() -> str:
    """Return the name of the page that is shown."""
    return str(st.session_state.get(_PAGE, "overview"))


def titles() -> dict[str, str]:
    """Return the titles of the pages by name."""
    return {name: page.title for name, page in st.session_state.get(_PAGES, {}).items()}


def address(view: View) -> dict[str, list[str]]:
    """Return the URL's parameters of a view that `controls.adopt` does not bring there by itself."""
    told = controls.parameters(view.selection)
    for key, value in view.state:
        if key not in controls.DEFAULTS:
            told.setdefault(key, []).append(value)
    return {key: values for key, values in told.items() if key not in controls.BOUND}


def open_view(view: View) -> None:
    """Set the sidebar to a view and ask for its page (a callback); `go` leads there."""
    controls.adopt(view.selection, dict(view.state))
    st.session_state[_GO] = view


def go() -> None:
    """Go to the page of the view that was just opened."""
    view: View | None = st.session_state.pop(_GO, None)
    if view is None:
        return
    known = st.session_state.get(_PAGES, {})
    page = known.get(view.page) or known.get("overview")
    if page is not None:
        st.switch_page(page, query_params=address(view))


def summary(selection: Selection, state: tuple[tuple[str, str], ...] = ()) -> str:
    """Write a Selection in a line: its filters, a period that moves along, the data."""
    moving = {"30 d": "last 30 days", "90 d": "last 90 days", "1 y": "last year"}.get(
        dict(state).get("period", "")
    )
    parts = [moving] if moving else []
    for name, value, _ in [*words.filters(selection), *words.data(selection)]:
        if not (moving and name == "Period"):
            parts.append(value if name in {"Period", "Dyad", "Parties"} else f"{name.lower()} {value}")
    return " · ".join(parts) or "everything"


@st.dialog("Save this view", width="small")
def save() -> None:
    """Ask for a name and keep the page with its filters."""
    selection = controls.selection()
    state = controls.page_state()
    st.markdown(f"Page and filters as they are now: {markup.plain(summary(selection, state))}.")
    name = st.text_input(
        "Name", key="view_name", max_chars=120, placeholder="For instance: Aegean, last 90 days"
    )
    fixed = st.toggle(
        f"Keep the data of now (version {answers.version()})",
        value=selection.store_version is not None,
        key="view_fixed",
        help="Off: the view shows new events as they come in.",
    )
    if st.button("Save view", type="primary", key="view_save", disabled=not (name or "").strip()):
        try:
            keep_view(name or "", selection, state, fixed=fixed)
        except EntenteError as error:
            st.error(markup.plain(str(error)))
            return
        st.rerun()


def keep_view(name: str, selection: Selection, state: tuple[tuple[str, str], ...], *, fixed: bool) -> None:
    """Keep this page under a name and say so; `fixed` keeps the store version that is shown. Raises InputError."""
    signing.guard()
    asked = replace(selection, store_version=answers.version() if fixed else None)
    kept = desk().keep(View(name, page_name(), asked, signing.profile(), stamp(), state))
    st.session_state["_desk_told"] = f"Saved as “{desk().views()[kept].name}”. It is under Views and notes."


def notes_on(selection: Selection) -> pd.DataFrame | None:
    """Return the notes for a chart of this selection: date, text, by, ...; None where the desk cannot be read."""
    try:
        return desk().note_frame(selection)
    except EntenteError:
        return None


def note_on_event(event: Event, key: str) -> None:
    """Draw the notes on an event, and the way to add one."""
    own = [note for note in desk().notes().values() if note.event_id == event.event_id]
    for note in own:
        st.markdown(
            f"**{markup.plain(note.by)}**, {words.day(words.parse_day(note.when))}: {markup.plain(note.text)}"
        )
    if signing.bars("add a note"):
        return
    with st.popover("Add a note", icon=":material/edit_note:", type="tertiary", key=f"note_on_{key}"):
        text = st.text_area("Note on this event", key=f"note_text_{key}", max_chars=4000)
        report = event.report

        def keep() -> None:
            dyad = (report.source, report.target)
            note = Note(
                text or "", signing.profile(), stamp(), date=report.date, dyad=dyad, event_id=event.event_id
            )
            if write(lambda: desk().keep(note)):
                st.session_state[f"note_text_{key}"] = ""

        st.button("Keep note", key=f"note_keep_{key}", on_click=keep, disabled=not (text or "").strip())
