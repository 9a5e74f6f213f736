"""Reports of one act become one event, and each assignment says why.

Two reports tell one act when dyad, direction, type and status agree, the days on which it may have happened
meet, and nothing else contradicts: kind of act, place, persons, subject, numbers, planned day. Where a day is
only known roughly, something must also speak for it. Two reports of one article are two acts: the extractor has
already joined its sentences. Two printings of one text (`texts`) tell the same act where they tell it in the same
sentence. The founding report lends the event its id.

A stored event is taken as it is, whoever put it together: a report may join it, nothing leaves it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from events.cluster.texts import Copies
from events.gazetteer import gazetteer
from events.schema import Actor, Assignment, DateBasis, DatePrecision, Issue, Place, Quantity, Report

__all__ = ["COPY_DAYS", "FOUNDED", "Known", "assign", "reach"]

FOUNDED = "founded the event"
KEPT = "stays where it is stored"

# A newspaper that reprints a wire story dates the act by its own day; over a long weekend, four days later.
COPY_DAYS = 4
# Share of words that two sentences of one story have in common where they are the same one, lightly edited.
SAME_SENTENCE = 0.75
# A city and a site in it, or two names of one place, lie at most so far apart; a region's centre and its towns.
NEAR_KM, REGION_KM = 25.0, 200.0
# Early tolls are corrected upwards; other numbers are rounded.
TOLL_RATIO, ROUNDING = 3.0, 0.1
TOLLS = frozenset({"killed", "injured", "detained"})
# Modes that newsrooms use for one another: a strike is a drone's here and an air raid there.
BLURRED = frozenset({"ASSAULT", "ACCUSE", "THREATEN", "REQUEST", "REJECT", "MOBILIZE", "PROTEST"})
# Words against another on one subject are another act than words on the next; a talk has many subjects.
ABOUT_ONE_THING = frozenset({"ACCUSE", "AGREE", "CONCEDE", "REJECT", "REQUEST", "SUPPORT", "THREATEN"})
# An act at a place that we know no coordinates of: its name still tells it from one elsewhere.
AT_A_PLACE = frozenset({"ASSAULT", "COERCE", "MOBILIZE", "PROTEST"})
# Share of words from which two sentences speak of one act although their verbs were coded as different modes.
ALIKE = 0.5
# Sentences of an event that the next one is compared with.
WORDINGS = 5
# What must speak for one act where its day is known to the week, or more roughly.
ROUGH_EVIDENCE = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What clustering needs to know of a report: the new ones, and those that are already in an event."""

    report_id: str
    event_id: str
    article_id: str
    outlet: str | None
    source: str
    target: str
    symmetric: bool
    event_type: str
    mode: str | None
    status: str
    day: date | None
    precision: DatePrecision
    basis: DateBasis
    planned_for: date | None
    place: Place | None
    actors: tuple[Actor, ...]
    issues: tuple[Issue, ...]
    quantities: tuple[Quantity, ...]
    sentence: str

    @classmethod
    def of(cls, report: Report, outlet: str | None = None, event_id: str | None = None) -> Known:
        """Return what is needed of a report; its event is its own where none is given."""
        return cls(
            report_id=report.report_id,
            event_id=event_id or report.report_id,
            article_id=report.article_id,
            outlet=outlet,
            source=report.source,
            target=report.target,
            symmetric=report.symmetric,
            event_type=report.event_type,
            mode=report.mode,
            status=report.status,
            day=date.fromisoformat(report.date) if report.date else None,
            precision=report.date_precision,
            basis=report.date_basis,
            planned_for=date.fromisoformat(report.planned_for) if report.planned_for else None,
            place=report.place,
            actors=report.actors,
            issues=report.issues,
            quantities=report.quantities,
            sentence=report.sentence.text,
        )

    @property
    def dyad(self) -> tuple[str, str, str]:
        """The two parties in alphabetical order and the type: reports of one act share it."""
        return min(self.source, self.target), max(self.source, self.target), self.event_type


def _days(known: Known) -> tuple[date, date] | None:
    """The first and the last day on which the act may have happened; None where no day is known.

    A newsroom that names no day dates an act by the day it prints it, or writes on the morning after.
    """
    day = known.day
    if day is None:
        return None
    if known.precision == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    if known.precision == "month":
        after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        return date(day.year, day.month, 1), after - timedelta(days=1)
    if known.precision == "week":
        return day - timedelta(days=6), day + timedelta(days=6)
    return (day, day) if known.basis == "text" else (day - timedelta(days=1), day)


def reach(report: Report) -> tuple[date, date] | None:
    """Return the first and the last day of the stored reports that may share an event with this one.

    None for an undated report, which joins none.
    """
    days = _days(Known.of(report))
    margin = timedelta(days=2 * COPY_DAYS)  # a copy, and the last printing of its event beyond it
    return (days[0] - margin, days[1] + margin) if days else None


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def _people(known: Known, side: str) -> frozenset[str]:
    """The surnames of the persons (who have a role; bodies have none) on a side, in plain letters."""
    return frozenset(
        _plain(a.name).split()[-1] for a in known.actors if a.role and a.side == side and a.name.strip()
    )


def _general(issue: str) -> bool:
    return issue.endswith(", in general")


def _kilometres(a: Place, b: Place) -> float | None:
    """The great-circle distance; None where a place has no coordinates."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    x, y = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((y - x) / 2) ** 2
        + math.cos(x) * math.cos(y) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(min(1.0, math.sqrt(half)))


def _same_place(a: Place, b: Place) -> bool:
    """Whether the two may be one place: a name, a site in its city, a city in its region or state."""
    if _plain(a.name) == _plain(b.name):
        return True
    if a.country and b.country and a.country != b.country:
        return False
    if "state" in {a.precision, b.precision}:
        return a.country == b.country
    apart = _kilometres(a, b)
    if a.precision == b.precision == "region":
        return False
    if "region" in {a.precision, b.precision}:
        return apart is None or apart <= REGION_KM
    return apart is not None and apart <= NEAR_KM


def _same_number(a: Quantity, b: Quantity) -> bool:
    low, high = sorted((abs(a.value), abs(b.value)))
    return high <= low * TOLL_RATIO if a.kind in TOLLS else high - low <= high * ROUNDING


def _comparable(mine: Iterable[Quantity], theirs: Sequence[Quantity]) -> list[tuple[Quantity, Quantity]]:
    return [(a, b) for a in mine for b in theirs if (a.kind, a.unit) == (b.kind, b.unit)]


_WORD = re.compile(r"\w+")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_plain(text)))


def _same_sentence(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether two sentences are one: most words in common, and every number."""
    if not a or not b or len(a & b) < SAME_SENTENCE * len(a | b):
        return False
    return {w for w in a if w[0].isdigit()} == {w for w in b if w[0].isdigit()}


_SPOT = re.compile(
    r"(?:\b(?:in|at|on|near|of|off|outside|around|over|across)(?: the)? |['’]s )((?:[A-Z][\w’'-]*[ -]?)+)"
)
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december".split()
)


@lru_cache(maxsize=4096)
def _spots(sentence: str) -> frozenset[str]:
    """The names that a sentence gives to a place, parties and the calendar left out ("strikes on Tyre")."""
    spots = {_plain(found.group(1)).removesuffix("'s").strip(" -") for found in _SPOT.finditer(sentence)}
    names = {_plain(mention.text) for mention in gazetteer().find(sentence) if mention.codes}
    return frozenset(
        spot for spot in spots if spot.split()[0] not in _CALENDAR and not any(name in spot for name in names)
    )


@dataclass(slots=True)
class _Act:
    """An act as the reports of an event tell it so far, pooled: a new report is compared once, not with each.

    Days are pooled by their common part, so that reports a day apart from each other do not chain.
    """

    event_id: str
    first: Known
    low: date
    high: date
    articles: set[str] = field(default_factory=set)
    members: int = 0
    modes: set[str] = field(default_factory=set)
    ways: set[tuple[str, str, bool]] = field(default_factory=set)
    places: list[Place] = field(default_factory=list)
    people: dict[str, set[str]] = field(default_factory=lambda: {"source": set(), "target": set()})
    issues: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    spots: set[str] = field(default_factory=set)
    words: list[frozenset[str]] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    planned: set[date] = field(default_factory=set)

    def add(self, known: Known) -> None:
        days = _days(known)
        if days and max(self.low, days[0]) <= min(self.high, days[1]):
            self.low, self.high = max(self.low, days[0]), min(self.high, days[1])
        self.articles.add(known.article_id)
        self.members += 1
        if known.mode:
            self.modes.add(known.mode)
        self.ways.add((known.source, known.target, known.symmetric))
        if known.place and known.place not in self.places:
            self.places.append(known.place)
        for side in self.people:
            self.people[side] |= _people(known, side)
        self.issues |= {i.issue for i in known.issues if not _general(i.issue)}
        self.domains |= {i.domain for i in known.issues if not _general(i.issue)}
        self.spots |= _spots(known.sentence)
        if len(self.words) < WORDINGS:
            self.words.append(_words(known.sentence))
        seen = {(q.kind, q.unit, q.value) for q in self.quantities}
        self.quantities += [q for q in known.quantities if (q.kind, q.unit, q.value) not in seen]
        if known.planned_for:
            self.planned.add(known.planned_for)

    def _goes_the_same_way(self, new: Known) -> bool:
        """Same source and target; a visit is also told as a meeting of both."""
        if {(new.source, new.target, new.symmetric)} >= self.ways:
            return True
        visit = new.event_type == "CONSULT" and "visit" in {new.mode, *self.modes}
        one_way = {
            (s, t)
            for s, t, symmetric in (*self.ways, (new.source, new.target, new.symmetric))
            if not symmetric
        }
        return visit and len(one_way) == 1 and bool(self.places or new.place or self._shared_people(new))

    def _shared_people(self, new: Known) -> set[str]:
        mine = self.people["source"] | self.people["target"]
        return mine & (_people(new, "source") | _people(new, "target"))

    def differs(self, new: Known) -> bool:
        """Whether a report tells another act than this one."""
        days = _days(new)
        return (
            days is None
            or days[0] > self.high
            or days[1] < self.low
            or new.article_id in self.articles
            or (new.status == "denied") != (self.first.status == "denied")
            or not self._goes_the_same_way(new)
            or self._contradicts(new)
        )

    def _contradicts(self, new: Known) -> bool:
        if (
            new.mode
            and self.modes - {new.mode}
            and new.event_type not in BLURRED
            and not self._worded_alike(new)
        ):
            return True
        if new.planned_for and self.planned and new.planned_for not in self.planned:
            return True
        if new.place and not all(_same_place(new.place, place) for place in self.places):
            return True
        for side, mine in self.people.items():
            theirs = _people(new, side)
            if mine and theirs and not mine & theirs:
                return True
        if new.event_type in ABOUT_ONE_THING:
            domains = {i.domain for i in new.issues if not _general(i.issue)}
            if domains and self.domains and not domains & self.domains:
                return True
        if new.event_type in AT_A_PLACE and not (new.place and self.places):
            spots = _spots(new.sentence)
            if spots and self.spots and not spots & self.spots:
                return True
        numbers = _comparable(new.quantities, self.quantities)
        return any(
            not any(_same_number(a, b) for a, b in numbers if a.kind == kind)
            for kind in {a.kind for a, _ in numbers}
        )

    def _worded_alike(self, new: Known) -> bool:
        words = _words(new.sentence)
        return any(len(words & mine) >= ALIKE * len(words | mine) for mine in self.words)

    def shared(self, new: Known) -> dict[str, Any]:
        """What a report and the act have in common beyond dyad, type and days."""
        found: dict[str, Any] = {}
        if new.place and any(_plain(new.place.name) == _plain(p.name) for p in self.places):
            found["place"] = new.place.name
        if people := self._shared_people(new):
            found["people"] = sorted(people)
        numbers = [a for a, b in _comparable(new.quantities, self.quantities) if a.value == b.value]
        if numbers:
            found["quantities"] = sorted({f"{q.value:g} {q.kind}" for q in numbers})
        if issues := self.issues & {i.issue for i in new.issues}:
            found["issues"] = sorted(issues)
        return found

    def days_apart(self, new: Known) -> int:
        return abs(((new.day or self.low) - (self.first.day or self.low)).days)


@dataclass(frozen=True, slots=True)
class _Match:
    """A way for a report into an event; the greatest `rank` wins."""

    rank: tuple[float, int, int, int]
    act: _Act
    grounds: dict[str, Any]
    reason: str


def _by_act(act: _Act, new: Known) -> _Match | None:
    if act.differs(new):
        return None
    shared = act.shared(new)
    days = _days(new)
    rough = max((days[1] - days[0]).days if days else 0, (act.high - act.low).days) > 1
    if rough and len(shared) < ROUGH_EVIDENCE:
        return None
    apart = act.days_apart(new)
    grounds = {"rule": "same act", "report": act.first.report_id, "days_apart": apart, **shared}
    return _Match((0.0, len(shared), -apart, act.members), act, grounds, _sentence(apart, rough, shared))


def _sentence(apart: int, rough: bool, shared: dict[str, Any]) -> str:
    when = "days that can be one" if rough else "same day" if apart == 0 else "a day apart"
    parts = []
    if "place" in shared:
        parts.append(f", both in {shared['place']}")
    if "people" in shared:
        parts.append(f", both name {_listed(name.title() for name in shared['people'])}")
    if "quantities" in shared:
        parts.append(f", both tell of {_listed(shared['quantities'])}")
    if "issues" in shared:
        parts.append(f", both about {_listed(shared['issues'])}")
    return f"same dyad, direction and type; {when}{''.join(parts)}"


def _listed(names: Iterable[str]) -> str:
    some = list(names)
    return " and ".join(filter(None, (", ".join(some[:-1]), some[-1])))


def _by_text(act: _Act, told: Known, new: Known, share: float, of: str) -> _Match | None:
    """The way of a printing of the same text, in the same sentence as the report `told` of the act."""
    if new.article_id in act.articles or new.day is None or told.day is None:
        return None
    if (new.source, new.target, new.symmetric, new.status) != (
        told.source,
        told.target,
        told.symmetric,
        told.status,
    ):
        return None
    apart = abs((new.day - told.day).days)
    days = _days(new)
    met = days is not None and days[0] <= act.high and act.low <= days[1]
    # one outlet prints a bulletin of the same words every day; another prints yesterday's story
    reprinted = apart <= COPY_DAYS and bool(new.outlet and told.outlet and new.outlet != told.outlet)
    if not (met or reprinted):
        return None
    where = f"in {told.outlet}" if told.outlet else "in another article"
    grounds = {
        "rule": "same text", "report": told.report_id, "article": of, "share": round(share, 3), "days_apart": apart,
    }  # fmt: skip
    return _Match(
        (share, 0, -apart, act.members),
        act,
        grounds,
        f"same text as {where} ({share:.0%} of shingles), same sentence",
    )


class _Events:
    """All acts seen so far, found by dyad and day, and by text."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._by_event: dict[str, list[_Act]] = defaultdict(list)
        self._by_day: dict[tuple[str, str, str], dict[date, dict[int, _Act]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._rough: dict[tuple[str, str, str], dict[int, _Act]] = defaultdict(dict)
        # sentences by text and dyad: a story printed a thousand times holds each of its sentences once
        self._told: dict[tuple[str, tuple[str, str, str]], list[tuple[frozenset[str], Known, _Act]]] = (
            defaultdict(list)
        )

    def put(self, known: Known, act: _Act | None = None) -> None:
        """Put a report into an act of its event: this one, the first that it does not contradict, or a new one."""
        days = _days(known)
        if days is None:
            return
        acts = self._by_event[known.event_id]
        if act is None:
            act = next((a for a in acts if not a.differs(known)), None)
        if act is None:
            act = _Act(known.event_id, known, *days)
            acts.append(act)
            if (days[1] - days[0]).days > 14:
                self._rough[known.dyad][id(act)] = act
            else:
                for ahead in range((days[1] - days[0]).days + 1):
                    self._by_day[known.dyad][days[0] + timedelta(days=ahead)][id(act)] = act
        act.add(known)
        words = _words(known.sentence)
        told = self._told[self._copies.of(known.article_id).of, known.dyad]
        if not any(a is act and words == w for w, _, a in told):
            told.append((words, known, act))

    def match(self, new: Known) -> _Match | None:
        """Return the best way into an event, None where there is none."""
        days = _days(new)
        if days is None:
            return None
        found: list[_Match | None] = []
        copy = self._copies.of(new.article_id)
        words = _words(new.sentence)
        for sentence, told, act in self._told.get((copy.of, new.dyad), ()):
            if _same_sentence(words, sentence):
                share = self._copies.of(told.article_id).share if copy.of == new.article_id else copy.share
                found.append(_by_text(act, told, new, share, told.article_id))
        near: dict[int, _Act] = dict(self._rough[new.dyad])
        by_day = self._by_day[new.dyad]
        for ahead in range((days[1] - days[0]).days + 1):
            near |= by_day.get(days[0] + timedelta(days=ahead), {})
        found += [_by_act(act, new) for act in near.values()]
        return max(filter(None, found), key=lambda match: match.rank, default=None)


def assign(
    reports: Sequence[Report],
    known: Collection[Known] = (),
    *,
    copies: Copies | None = None,
    outlets: dict[str, str | None] | None = None,
    now: datetime | None = None,
) -> list[Assignment]:
    """Return one assignment for each report, in order: to an event of `known`, of an earlier report, or its own.

    `known` are the stored reports that may tell the same acts (`reach`), `copies` the groups of articles that
    print one text, `outlets` the outlet of each article. `now` (UTC) stamps the assignments. Reports that are
    `known` keep their event. Time is linear to the reports where the acts of a dyad and day are few.
    """
    stamp = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    events = _Events(copies or Copies())
    for entry in known:
        events.put(entry)
    kept = {entry.report_id: entry.event_id for entry in known}
    assignments = []
    for report in reports:
        new = Known.of(report, (outlets or {}).get(report.article_id))
        if report.report_id in kept:
            event_id = kept[report.report_id]
            assignments.append(Assignment(report.report_id, event_id, KEPT, "rules", stamp, {"rule": "kept"}))
            continue
        match = events.match(new)
        if match is None:
            events.put(new)
            assignments.append(
                Assignment(report.report_id, report.report_id, FOUNDED, "rules", stamp, {"rule": "founded"})
            )
            continue
        event_id = match.act.event_id
        events.put(Known.of(report, new.outlet, event_id), match.act)
        assignments.append(
            Assignment(report.report_id, event_id, match.reason, "rules", stamp, match.grounds)
        )
    return assignments
