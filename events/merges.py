"""What people decide on which reports are one act: merge two events, take a report out, undo either.

A decision is one commit of the store with a row of `assignments` for each report that it moved: who, why, when,
and the event it left. Nothing is rewritten. An event's id is that of a report in it, its founder; where the
founder leaves, the others go on under the id of another of them. The id of an event that was merged leads to
the event that holds its founder now (`Queries.event`). Clustering moves no stored report, so that a decision
stands, whatever is added later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from events.errors import InputError, StoreError
from events.queries import Queries
from events.schema import Assignment, Event
from events.store import Store

__all__ = ["Decision", "merge", "split", "undo"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: the store version that holds it, and the reports it moved, with their event now."""

    version: int
    moved: Mapping[str, str]


def merge(store: Store, into: str, other: str, *, why: str, by: str) -> Decision:
    """Put all reports of the event `other` into the event `into`; ids of merged events and of reports will do.

    Raises StoreError where either is unknown, they are one event or of two data sets; InputError without `why`.
    """
    with store.writing():
        kept, gone = _event(store, into), _event(store, other)
        if kept.event_id == gone.event_id:
            raise StoreError(f"{into} and {other} are one event already: {kept.event_id}")
        return _decide(
            store,
            dict.fromkeys(gone.report_ids, kept.event_id),
            action="merge",
            reason="merged",
            why=why,
            by=by,
            grounds={"rule": "merged", "from": gone.event_id},
        )


def split(store: Store, report_id: str, *, why: str, by: str, event_id: str | None = None) -> Decision:
    """Take a report out of its event, into one of its own.

    Where it founded the event, it keeps the event's id and the other reports go on under another of theirs.
    `event_id`, where given, is the event that it must be in. Raises StoreError where the report is unknown,
    elsewhere, or alone in its event; InputError without `why`.
    """
    with store.writing():
        event = _event(store, report_id)
        if report_id not in event.report_ids:
            raise StoreError(f"{report_id} is no report of the store {store.location}")
        if event_id is not None and event.event_id != event_id:
            raise StoreError(f"report {report_id} is in event {event.event_id} now, no longer in {event_id}")
        rest = [r for r in event.report_ids if r != report_id]
        if not rest:
            raise StoreError(f"report {report_id} is alone in its event; there is nothing to take it out of")
        founded = report_id == event.event_id
        return _decide(
            store,
            dict.fromkeys(rest, rest[0]) if founded else {report_id: report_id},
            action="split",
            reason="left behind as the founding report was taken out" if founded else "taken out",
            why=why,
            by=by,
            grounds={"rule": "split", "from": event.event_id, "report": report_id},
        )


def undo(store: Store, version: int, *, why: str, by: str) -> Decision:
    """Put the reports that the decision of a store version moved back where they were; an undo can be undone.

    Reports that have joined an event since follow its founding report. Raises StoreError where that version
    holds no decision or a later one has moved its reports again; InputError without `why`.
    """
    with store.writing():
        moved = store.moved(version)
        if not moved:
            raise StoreError(f"version {version} of the store {store.location} moved no report")
        rows = store.assignments(moved)
        back: dict[str, str] = {}
        for report_id, told in rows.groupby("report_id"):
            last = int(told["commit"].max())
            if last != version:
                raise StoreError(f"report {report_id} was moved again by version {last}; undo that one first")
            before = told[told["commit"] < version].iloc[-1]
            back[str(report_id)] = str(before["event_id"])
        return _decide(
            store,
            back,
            action="undo",
            reason=f"back where it was before version {version}",
            why=why,
            by=by,
            grounds={"rule": "undone", "version": version},
        )


def _event(store: Store, event_id: str) -> Event:
    found = Queries(store).event(event_id)
    if found is None:
        raise StoreError(
            f"the store {store.location} has no event {event_id}; copy its id from the drawer or an export"
        )
    return found


def _decide(
    store: Store,
    moves: dict[str, str],
    *,
    action: str,
    reason: str,
    why: str,
    by: str,
    grounds: dict[str, Any],
) -> Decision:
    """Commit the moves; whoever is left in an event without its founder goes where the founder goes."""
    if not why.strip() or not by.strip():
        raise InputError("a decision on events is kept with who made it and why; give both")
    for report_id, event_id in list(moves.items()):
        left = Queries(store).event(report_id)
        if left is not None and left.event_id == report_id != event_id:
            moves |= {r: event_id for r in left.report_ids if r not in moves}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    told = f"{reason} by {by.strip()}: {why.strip()}"
    version = store.move(
        [Assignment(report, event, told, by.strip(), now, grounds) for report, event in moves.items()],
        action=action,
    )
    return Decision(version, moves)
