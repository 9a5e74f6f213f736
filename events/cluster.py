"""Reports of one act become one event.

Two reports tell the same act when dyad, direction, type and status agree, their days lie close together and
their places do not contradict each other. Two reports of one article are two acts: the extractor has already
joined its sentences. The founding report lends the event its id; each assignment says why it was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from events.schema import Assignment, Report

__all__ = ["Known", "assign"]

# Newsrooms date an act by the day they print it: the same act differs by a day between outlets and time zones.
# Two days already join the daily rounds of one set of talks.
DAYS_APART = 1


@dataclass(frozen=True, slots=True)
class Known:
    """What clustering needs to know of a report that is already in an event."""

    event_id: str
    article_id: str
    source: str
    target: str
    symmetric: bool
    event_type: str
    status: str
    day: date | None
    place: str | None


def _known(report: Report, event_id: str) -> Known:
    return Known(
        event_id,
        report.article_id,
        report.source,
        report.target,
        report.symmetric,
        report.event_type,
        report.status,
        date.fromisoformat(report.date) if report.date else None,
        report.place.name if report.place else None,
    )


def _reason(new: Known, old: Known) -> str | None:
    """Why the two are one act; None where they are not."""
    if new.article_id == old.article_id or new.event_type != old.event_type:
        return None
    if (new.source, new.target, new.symmetric) != (old.source, old.target, old.symmetric):
        return None
    if (new.status == "denied") != (old.status == "denied"):
        return None
    if new.day is None or old.day is None:
        return None
    apart = abs((new.day - old.day).days)
    if apart > DAYS_APART:
        return None
    if new.place and old.place and new.place != old.place:
        return None
    when = "same day" if apart == 0 else "a day apart"
    where = f", both in {new.place}" if new.place and new.place == old.place else ""
    return f"same dyad, direction and type; {when}{where}"


def assign(
    reports: Sequence[Report], known: Iterable[Known] = (), *, now: datetime | None = None
) -> list[Assignment]:
    """Return one assignment for each report, in order: to an event of `known`, of an earlier report, or its own.

    A report joins an event only where it tells the same act as every report already in it, so that days and
    places do not chain. `known` are the reports stored for the same dyads and days. `now` (UTC) stamps the
    assignments.
    """
    stamp = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    by_dyad: dict[tuple[str, str, str], dict[str, list[Known]]] = defaultdict(lambda: defaultdict(list))
    for entry in known:
        by_dyad[entry.source, entry.target, entry.event_type][entry.event_id].append(entry)
    assignments = []
    for report in reports:
        new = _known(report, report.report_id)
        events = by_dyad[new.source, new.target, new.event_type]
        event_id, reason = report.report_id, "founded the event"
        best: int | None = None
        for candidate, members in events.items():
            reasons = [_reason(new, member) for member in members]
            if None in reasons:
                continue
            apart = max(abs(((m.day or date.min) - (new.day or date.min)).days) for m in members)
            if best is None or apart < best:
                best, event_id, reason = apart, candidate, str(reasons[0])
        assignments.append(Assignment(report.report_id, event_id, reason, "rules", stamp))
        events[event_id].append(_known(report, event_id))
    return assignments
