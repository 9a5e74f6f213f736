"""The parts of the page "Views and notes": lists with what can be done to each row, files, the reader."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import streamlit as st

from events.charts import words
from events.dashboard import answers, controls, desk, markup, signing
from events.errors import InputError
from events.gazetteer import gazetteer
from events.schema import Note, View, Watch

__all__ = ["file_out", "notes", "reader", "take_in", "undo", "unreadable", "views", "watches"]

_ROWS = 100
_DELETED, _ROUND = "_desk_deleted", "_desk_round"


def _row(title: str, line: str) -> None:
    st.html(
        f'<div class="en en-kept"><strong>{escape(title)}</strong><p>{escape(line)}</p></div>',
        width="stretch",
    )


def _drop(key: str, name: str) -> None:
    def drop() -> bool:
        desk.desk().drop(key)
        return True

    if desk.write(drop):
        st.session_state[_DELETED] = (key, name)


def _restore() -> None:
    key, name = st.session_state.pop(_DELETED)
    if desk.write(lambda: desk.desk().restore(key)):
        st.session_state["_desk_told"] = f"“{name}” is back."


def undo() -> None:
    """Offer to bring back what was deleted last."""
    if _DELETED not in st.session_state:
        return
    _, name = st.session_state[_DELETED]
    with st.container(horizontal=True, vertical_alignment="center", key="undo_line"):
        st.markdown(f"“{markup.plain(words.shorten(name, 60))}” is deleted.", width="content")
        st.button("Undo", key="undo", icon=":material/undo:", on_click=_restore)
        st.button(
            "Leave it", key="undo_not", type="tertiary", on_click=st.session_state.pop, args=(_DELETED,)
        )


def unreadable(found: dict[str, str]) -> None:
    """Tell of records that cannot be shown, with the reason of each."""
    if found:
        reasons = words.listing(dict.fromkeys(found.values()))
        st.html(markup.caption_line(f"{words.plural(len(found), 'record')} kept but not shown: {reasons}"))


def _rename(key: str, name: str) -> None:
    if not signing.may_write():
        return
    with st.popover("Rename", type="tertiary", key=f"rename_{key}"):
        new = st.text_input("New name", value=name, key=f"name_{key}", max_chars=120)

        def rename() -> None:
            desk.write(lambda: desk.desk().rename(key, new or ""))

        st.button("Rename", key=f"rename_go_{key}", on_click=rename, disabled=not (new or "").strip())


def _delete(key: str, name: str) -> None:
    if signing.may_write():
        st.button(
            "Delete", key=f"drop_{key}", type="tertiary", on_click=_drop, args=(key, name), help="It can be undone"
        )  # fmt: skip


def _made(by: str, when: str) -> str:
    day = words.parse_day(when)
    return " · ".join(part for part in (by, words.day(day) if day else "") if part)


def views(found: dict[str, View], titles: dict[str, str]) -> None:
    """Draw the saved views; `titles` gives the pages' names as they are shown."""
    if not found:
        st.html(
            markup.empty(
                "No views yet.", "Set the filters on a page and choose Save view; it will wait for you here."
            )
        )
    for key, view in list(found.items())[:_ROWS]:
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"kept_{key}"):
            line = [titles.get(view.page, "Overview"), desk.summary(view.selection, view.state)]
            _row(view.name, " · ".join([*line, _made(view.by, view.when)]))
            st.button("Open", key=f"open_{key}", on_click=desk.open_view, args=(view,))
            _rename(key, view.name)
            _delete(key, view.name)


def file_out(n: int) -> None:
    """Offer everything on the desk as a file."""
    st.download_button(
        "Export all",
        data=lambda: desk.desk().export().encode(),
        file_name=f"entente-views-{datetime.now(UTC):%Y-%m-%d}.json",
        mime="application/json",
        key="desk_out",
        on_click="ignore",
        icon=":material/download:",
        disabled=not n,
        help="Views, watches and notes in one small file, to keep or to mail",
    )


def take_in() -> None:
    """Take in a file that a colleague exported."""
    if not signing.may_write():
        return
    with st.popover("Import", icon=":material/upload:", key="desk_in"):
        given = st.file_uploader(
            "File of views, watches and notes",
            type=["json"],
            key=f"desk_file_{st.session_state.get(_ROUND, 0)}",
            max_upload_size=2,
        )
        if given is None:
            return
        try:
            signing.guard()
            taken = desk.desk().take_in(given.getvalue(), source=given.name)
        except InputError as error:
            st.error(markup.plain(f"{error}. What you have is as it was."))
            return
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
        known = f"; {taken.known} were here already" if taken.known else ""
        st.session_state["_desk_told"] = f"{words.plural(taken.added, 'record')} taken in{known}."
        st.rerun()


def watches(found: dict[str, Watch]) -> None:
    """Draw the watches with what is new on each, and the way to add one for the filters as they are."""
    visit = desk.last_visit()
    new = desk.calls(found, visit)
    for key, watch in list(found.items())[:_ROWS]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"kept_{key}"):
            calling = new[key] >= watch.threshold
            news = f"{words.number(new[key])} new" + (f" {desk.since(visit.when)}" if visit.when else "")
            _row(
                f"{'▲ ' if calling else ''}{watch.name}",
                f"{news} · calls from {watch.threshold} · {desk.summary(watch.selection)}",
            )
            view = View(watch.name, "overview", watch.selection, "", "")
            st.button("Open", key=f"open_{key}", on_click=desk.open_view, args=(view,))
            _delete(key, watch.name)
    if signing.bars("watch filters"):
        return
    selection = controls.selection()
    with st.popover("Watch these filters", icon=":material/visibility:", key="watch_new"):
        st.markdown(f"{markup.plain(desk.summary(selection))}")
        name = st.text_input("Name", key="watch_name", max_chars=120)
        least = st.number_input(
            "Call from so many new events",
            1,
            100_000,
            1,
            key="watch_from",
            help="Counted since your last visit",
        )

        def keep() -> None:
            watch = Watch(name or "", selection, int(least), signing.profile(), desk.stamp())
            if desk.write(lambda: desk.desk().keep(watch)):
                st.session_state["watch_name"] = ""
                st.session_state["_desk_told"] = f"“{watch.name}” is watched."

        st.button("Watch", key="watch_keep", on_click=keep, disabled=not (name or "").strip())


def notes(found: dict[str, Note]) -> None:
    """Draw the notes, the newest first, and the way to add one on a date or a dyad."""
    if not signing.bars("add notes"):
        _add_note()
    if not found:
        st.html(
            markup.empty("No notes yet.", "A note on a day stands in the timeline and travels with exports.")
        )
    for key, note in list(found.items())[:_ROWS]:
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"kept_{key}"):
            about = [
                words.day(words.parse_day(note.date)) if note.date else "",
                words.dyad(*note.dyad, symmetric=True) if note.dyad else "",
                "an event" if note.event_id else "",
            ]
            _row(note.text, " · ".join(part for part in (*about, _made(note.by, note.when)) if part))
            if note.event_id:
                _event(key, note.event_id)
            name = words.shorten(note.text, 40)
            _delete(key, name)


def _add_note() -> None:
    """Draw the way to add a note on a date or a dyad."""
    with st.popover("Add a note", icon=":material/edit_note:", key="note_new"):
        text = st.text_area("Note", key="note_text", max_chars=4000)
        day = st.date_input(
            "On the day", value=None, key="note_day", format="YYYY-MM-DD", min_value="1800-01-01"
        )
        names = gazetteer()
        codes = sorted([*names.states(), *names.organisations()], key=words.short_name)
        pair = st.multiselect(
            "On the dyad",
            codes,
            format_func=words.short_name,
            key="note_dyad",
            max_selections=2,
            select_all=False,
        )

        def keep() -> None:
            dyad = (pair[0], pair[1]) if len(pair) == 2 else None
            note = Note(text or "", signing.profile(), desk.stamp(), day.isoformat() if day else None, dyad)
            if desk.write(lambda: desk.desk().keep(note)):
                for key, value in (("note_text", ""), ("note_day", None), ("note_dyad", [])):
                    st.session_state[key] = value

        ready = bool((text or "").strip()) and len(pair) != 1
        st.button("Keep note", key="note_keep", on_click=keep, disabled=not ready)


def _event(key: str, event_id: str) -> None:
    """Draw the way to the event of a note, where it is still there."""
    event = answers.event(event_id)
    if event is not None:
        with st.container(key=f"to_{key}", width="content"):
            st.page_link(
                "app_pages/article.py",
                label="Evidence",
                query_params={"id": event.report.article_id, "report": event.report.report_id},
            )


def reader() -> None:
    """Draw who reads: the name that stands on views and notes, and that has a last visit of its own."""
    visit = desk.last_visit()
    st.html(
        markup.card_head(
            signing.profile(),
            f"Last visit: {words.time_of(visit.when)}, store version {visit.version}"
            if visit.when
            else "First visit: what comes in from now on will be new"
            if signing.may_write()
            else "You read; whoever logs in keeps views, watches and notes",
        )
    )
    if signing.is_login():
        if signing.may_write():  # else the page's head has the login
            signing.show()
        return
    with st.popover("Change name", type="tertiary", key="reader_change"):
        name = st.text_input(
            "Your name", key="reader_name", max_chars=80,
            help="Stands on your views and notes. It is kept in this browser and on this computer.",
        )  # fmt: skip

        def change() -> None:
            signing.name_reader(name or "")
            st.session_state["reader_name"] = ""

        st.button("That is me", key="reader_go", on_click=change, disabled=not (name or "").strip())
