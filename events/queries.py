"""Every question to the store, as ibis expressions that DuckDB answers, or Spark (see `engines`).

What people judged of reports counts at once, unless a selection asks for the values `as_coded`. An event is the
reports assigned to one event id. Its values are those of the report that founded it (of its
most confident report, where the founding one is not in it). A `Selection` picks events by these values; the
counts of reports, articles and outlets run over all reports of the events picked.

**Three sources answer.** A count over whole months comes from the cells, other questions from the facts, and
what facts do not keep (actors, sentences, evidence) from the reports, of the events found alone. A store of an
earlier version, which keeps neither, answers the same from its reports. So a question says `_found` (the events,
one a row) or `_cells` (groups of events to add up), and never which source.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from events import codebook
from events.engines import Engine, EngineName, engine, engine_name, strip_accents
from events.errors import UnknownCode
from events.facts import FACT_SCHEMA, MARK
from events.gazetteer import gazetteer, people
from events.outlets import KINDS, outlet_of
from events.reference import table
from events.schema import REPORT_SCHEMA, CodedArticle, Event, Selection
from events.search import index_of
from events.store import STORED, TABLES, Snapshot, Store, article_of, report_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

__all__ = [
    "Coding",
    "Counts",
    "Headline",
    "Lane",
    "Order",
    "Queries",
    "Teller",
    "Unit",
    "predicate",
    "validate",
]

Unit = Literal["week", "month", "quarter", "year"]
Coding = Literal["any", "events", "none", "skipped"]
Lane = Literal["domain", "type", "issue"]
Order = Literal["date", "intensity", "outlets", "confidence"]
Teller = Literal["country", "kind", "outlet"]

_LETTERS: dict[Unit, Literal["W", "M", "Q", "Y"]] = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}

CONFLICT = tuple(name for name in codebook.QUAD_CLASSES if name.endswith("conflict"))

# The tables that an engine shows, unbound: an expression compiles to SQL without a connection.
VIEWS = {name: ibis.table(ibis.Schema.from_pyarrow(schema), name=name) for name, schema in TABLES.items()}

# What every condition and count may need of an event. An expression costs time by its columns, so a question
# takes no others along than those it answers with.
KEYS = (
    "report_id", "event_id", "article_id", "dataset", "source", "target", "symmetric", "event_type",
    "quad_class", "intensity", "status", "date", "year", "confidence",
)  # fmt: skip
VALUES = (
    *KEYS, "date_precision", "date_basis", "mode", "planned_for", "place", "actors", "issues", "sentence",
)  # fmt: skip

# What a fact does not say of its event: looked up in the reports, for the events found alone.
RICH = frozenset(VALUES) - set(FACT_SCHEMA.names)

# What a fact says of its report, not of the event.
OWN = frozenset({"report_id", "article_id", "report_year", "article_no", "outlet", "published", "founds"})

# What a cell, or a group of events taken for one, says.
CELL = ("source", "target", "symmetric", "event_type", "quad_class", "status", "date")

# What is known of an event to find its rows.
LYING = ("event_id", "year", "date", "source", "target")

# Versions of which a thread keeps its engine: the newest, and one that somebody looks back to.
KEPT_VERSIONS = 4

# Fewer events of a dyad have no mean to be far from.
FEW_EVENTS = 5

# Ids that a question lists one by one.
FEW = 1_000

# Events whose reports are held in memory rather than looked up again: some 10 MB.
HELD = 25_000

# Rows of a batch of an export: about 10 MB, as a report is about 2 kB with its evidence.
EXPORT_BATCH = 5_000

# Tables of ours that an engine keeps for its thread: a question joins with four at most.
GIVEN = 16

# Answers of the index kept as ids of events: 20 MB where a million events match.
MATCHES_KEPT = 8
_matches: OrderedDict[tuple[str, str, int, str, str, str], pa.Table] = OrderedDict()
_matches_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a selection holds; `first` and `last` are the days of its earliest and latest act."""

    events: int
    reports: int
    articles: int
    outlets: int
    dyads: int
    first: date | None
    last: date | None
    undated: int  # undated background: listed by `events` where no period is set, counted nowhere else


@dataclass(frozen=True, slots=True)
class Headline:
    """Means over events: intensity (-10 to +10), share in conflict (0 to 1); None where there are none."""

    events: int
    mean_intensity: float | None
    conflict_share: float | None


@cache
def state_codes() -> frozenset[str]:
    """Return the codes of states and territories, former ones included."""
    return frozenset(row["code"] for row in table("gazetteer/states.csv"))


@cache
def _party_codes() -> frozenset[str]:
    return state_codes() | {row["code"] for row in table("gazetteer/organisations.csv")}


def validate(selection: Selection) -> None:
    """Raise UnknownCode where the selection names a code that no table of ours lists."""
    for kind, values, known in (
        ("party", (*selection.parties, *(selection.dyad or ())), _party_codes()),
        ("party", (selection.attributed_to,) if selection.attributed_to else (), _party_codes()),
        ("event type", selection.event_types, codebook.event_types()),
        ("quad class", selection.quad_classes, codebook.QUAD_CLASSES),
        ("issue", selection.issues, codebook.issues()),
        ("domain", selection.domains, codebook.domains()),
        ("sector", selection.sectors, codebook.sectors()),
        ("status", selection.statuses, ("occurred", "denied", "background")),
        ("country of outlets", selection.outlet_countries, state_codes()),
        ("kind of outlets", selection.outlet_kinds, KINDS),
        ("flag", (*selection.flagged, *selection.unflagged), codebook.flags()),
    ):
        for value in values:
            if value not in known:
                raise UnknownCode(kind, value, hint="see the tables in data/codebook and data/gazetteer")


def predicate(selection: Selection, events: Any, *, undated: bool = False) -> Any:
    """Return the ibis condition that a table of events must meet to be in the selection.

    `events` has the columns of the table `reports`, or the flat lists of `facts` in the place of issues and
    actors; `outlets` (a number) too where the selection asks for more than one. Undated background counts only
    with `undated`.
    The dataset, the store version, the search and who reports are not looked at: they choose the rows of the table.
    """
    e = events
    met: list[Any] = []
    if selection.statuses:
        met.append(e.status.isin(selection.statuses))
    if not undated:
        met.append((e.status != "background") | ~e.date.isnull())  # noqa: PD003 ibis knows no isna
    if selection.start:
        met.append((e.year >= selection.start.year) & (e.date >= selection.start))
    if selection.end:
        met.append((e.year <= selection.end.year) & (e.date <= selection.end))
    if selection.parties:
        sides = (
            _acts_for(e[side], selection.parties, e, members=selection.members)
            for side in ("source", "target")
        )
        met.append(ibis.or_(*sides))
    if selection.dyad:
        met.append(_between(selection, e))
    if selection.event_types:
        met.append(e.event_type.isin(selection.event_types))
    if selection.quad_classes:
        met.append(e.quad_class.isin(selection.quad_classes))
    if selection.issues:
        met.append(_any_of(e, "issue_names", "issues", "issue", selection.issues))
    if selection.domains:
        met.append(_any_of(e, "domains", "issues", "domain", selection.domains))
    if selection.sectors:
        met.append(_any_of(e, "sectors", "actors", "sector", selection.sectors))
    if selection.flagged:
        met.append(_is_flagged(e, selection.flagged))
    if selection.unflagged:
        met.append(~_is_flagged(e, selection.unflagged))
    if selection.attributed_to:
        met.append(e.attributed_to == selection.attributed_to)
    if selection.min_confidence > 0:
        met.append(e.confidence >= selection.min_confidence)
    if selection.min_outlets > 1:
        met.append(e.outlets >= selection.min_outlets)
    if selection.states_only:
        met.append(e.source.isin(sorted(state_codes())) & e.target.isin(sorted(state_codes())))
    return ibis.and_(*met) if met else ibis.literal(True)


def _any_of(e: Any, flat: str, nested: str, key: str, wanted: tuple[str, ...]) -> Any:
    """Whether one of these names is in the flat list, or (where there is none) in the list of structs."""
    if flat in e.columns:
        return ibis.or_(*(e[flat].contains(f"{MARK}{name}{MARK}") for name in wanted))
    return e[nested].filter(lambda item: item[key].isin(wanted)).length() > 0


def _is_flagged(e: Any, wanted: tuple[str, ...]) -> Any:
    """Whether an event carries one of these flags."""
    if "flag_names" in e.columns:
        return ibis.or_(*(e.flag_names.contains(f"{MARK}{name}{MARK}") for name in wanted)).fill_null(False)
    return (e.flags.filter(lambda name: name.isin(wanted)).length() > 0).fill_null(False)


def _between(selection: Selection, e: Any) -> Any:
    """Whether an event is of the dyad and goes this way; a symmetric one goes both ways."""
    forth, back = _ways(selection, e)
    if selection.direction == "both":
        return forth | back
    return (forth if selection.direction == "a_to_b" else back) | (e.symmetric & (forth | back))


def _ways(selection: Selection, e: Any) -> tuple[Any, Any]:
    """Whether an event's source is of A and its target of B, and the other way round.

    With members, a state that is one of the two does not stand for the other too, and acts within a bloc (of two
    allies, of whom one is in both blocs) are left out.
    """
    a, b = selection.dyad or ("", "")
    from_a, to_a, from_b, to_b = (
        _acts_for(party, (code,), e, members=selection.members, without=other)
        for code, other in ((a, b), (b, a))
        for party in (e.source, e.target)
    )
    forth, back = from_a & to_b, from_b & to_a
    if selection.members:
        apart = ~(from_a & to_a) & ~(from_b & to_b)
        forth, back = forth & apart, back & apart
    return forth, back


def _acts_for(
    party: Any, codes: tuple[str, ...], e: Any, *, members: bool, without: str | None = None
) -> Any:
    """Whether a party is one of these or, with `members`, a member (but `without`) of one on the day of the event."""
    same = party.isin(codes)
    if not members:
        return same
    spells: dict[tuple[date, date | None], list[str]] = {}
    for code in codes:
        for state, first, last in gazetteer().memberships(code):
            if state != without:
                spells.setdefault((first, last), []).append(state)
    met = [same]
    for (first, last), states in spells.items():
        inside = party.isin(states)
        if first != date.min:
            inside &= (e.date >= first).fill_null(False)
        if last:
            inside &= (e.date <= last).fill_null(False)
        met.append(inside)
    return ibis.or_(*met)


def _sayable(text: str) -> bool:
    """Say whether UTF-8 and SQL can carry this text."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class Queries:
    """The questions, asked of one version of a store (None: the newest when this object was made).

    Cheap to make and safe to share by threads: each thread asks an engine of its own. A selection's
    `store_version`, where set, wins. Every question checks the selection's codes and raises UnknownCode;
    StoreError where the store cannot be read. An empty store answers with empty frames of the same columns.
    """

    def __init__(self, store: Store, version: int | None = None, *, engine: EngineName | None = None) -> None:
        self.store = store
        self.snapshot = store.snapshot(version)
        self._engine = engine or engine_name()
        self._mine = threading.local()
        self._asking: dict[int, Engine] = {}  # the engine that each thread asks, for others to look at

    @property
    def version(self) -> int:
        """The store version that is asked."""
        return self.snapshot.version

    # A question that runs in another thread

    def progress(self, thread: int) -> float | None:
        """Return the share (0 to 1) that is done of what this thread asks now, None where the engine cannot tell."""
        asked = self._asking.get(thread)
        return None if asked is None else asked.progress()

    def interrupt(self, thread: int) -> None:
        """Make the question that this thread asks now end with an error."""
        if (asked := self._asking.get(thread)) is not None:
            asked.interrupt()

    def close(self) -> None:
        """Let go of the engines of other threads; each keeps its own until it ends."""
        self._asking.clear()

    # Events

    def events(
        self,
        selection: Selection | None = None,
        limit: int | None = None,
        offset: int = 0,
        *,
        order: Order = "date",
        descending: bool = True,
    ) -> pd.DataFrame:
        """Return the events, one a row, in order (undated ones last); equals the newest first, then by id.

        Columns: event_id, date (datetime64, NaT where unknown), date_precision, date_basis, source, target,
        symmetric, event_type, mode, quad_class, intensity, status, planned_for (datetime64), place_name,
        place_country, place_lat, place_lon, place_precision, issues, domains (sorted lists of names), actors
        (list of dicts), confidence, reports, articles, outlets (numbers), outlet_names (sorted list),
        first_reported (datetime64), article_id, sentence (text), dataset.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        if t.summed:
            ids = self._page(t, asked, limit, offset, order, descending=descending)
            return _frame(self._told_facts(t, ids, order, descending=descending))
        page = self._found(t, asked, VALUES, undated=True)
        if (
            limit is not None or offset
        ):  # only the page's rows are read whole: to sort them all so takes seconds
            ranked = self._ranked(t, asked, order)
            keys = t.run(ranked.order_by(_order(ranked, order, descending)).limit(limit, offset=offset))
            years = sorted(
                {day.year if day else 0 for day in keys["date"].to_pylist()}
            )  # other files stay shut
            page = page.filter(page.year.isin(years)).semi_join(
                t.given(keys.select(["event_id"]), "page"), "event_id"
            )
        return _frame(self._told(t, page, order, descending=descending))

    def position(
        self,
        event_id: str,
        selection: Selection | None = None,
        *,
        order: Order = "date",
        descending: bool = True,
    ) -> int | None:
        """Return how many events `events` lists before this one; None where the selection does not hold it."""
        asked = selection or Selection()
        t = self._tables(asked)
        ranked = self._ranked(t, asked, order)
        place = ibis.row_number().over(ibis.window(order_by=_order(ranked, order, descending)))
        numbered = ranked.select("event_id", place=place)
        rows = t.run(numbered.filter(numbered.event_id == event_id)).to_pylist()
        return int(rows[0]["place"]) if rows else None

    def coming(self, selection: Selection | None = None, today: date | None = None) -> pd.DataFrame:
        """Return the events that plan an act for `today` (None: the local day) or later, the soonest first.

        Columns as in `events`. The selection's period is not applied: it is about when acts took place.
        """
        asked = replace(selection or Selection(), start=None, end=None)
        t = self._tables(asked)
        found = self._found(t, asked, (*_listing(t), "planned_for"), undated=True)
        told = self._told(t, found.filter(found.planned_for >= (today or date.today())))
        return _frame(told.sort_by([("planned_for", "ascending"), ("event_id", "ascending")]))

    def count(self, selection: Selection | None = None) -> Counts:
        """Return how many events, reports, articles, outlets and dyads the selection holds, and its days."""
        asked = selection or Selection()
        t = self._tables(asked)
        if t.summed and not _apart(asked):
            return self._count_facts(t, asked)
        listed = self._found(t, asked, ("event_id", "source", "target", "status", "date"), undated=True)
        counted = _counted(listed)
        events = t.one(
            listed.aggregate(
                events=listed.count(where=counted),
                dyads=_pair(listed).nunique(where=counted),
                first=listed.date.min(),
                last=listed.date.max(),
                undated=listed.count(where=~counted),
            )
        )
        told = t.told("event_id", "article_id", "outlet")
        told = told.semi_join(listed.filter(counted).select("event_id"), "event_id")
        reports = t.one(
            told.aggregate(
                reports=told.count(), articles=told.article_id.nunique(), outlets=told.outlet.nunique()
            )
        )
        return Counts(**events, **reports)

    def _count_facts(self, t: _Tables, asked: Selection) -> Counts:
        """Return the counts by groups of reports, and what cannot be added up by one reading of the facts."""
        groups = []
        for part, monthly in _parts(asked):
            if monthly:
                told = t.table("cells", (*CELL, "year", "events", "reports"))
                told = told.filter(*t.within(told), predicate(part, told, undated=True))
            else:
                told = _kept(t, part, ("founds",))
                told = told.filter(predicate(part, told, undated=True)).mutate(
                    events=ibis._.founds.cast("int64"), reports=ibis.literal(1, "int64")
                )
            groups.append(told.select("source", "target", "events", "reports", counted=_counted(told)))
        rows = ibis.union(*groups) if len(groups) > 1 else groups[0]
        pairs = rows.group_by("source", "target").aggregate(
            events=_total(rows.events, where=rows.counted),
            reports=_total(rows.reports, where=rows.counted),
            undated=_total(rows.events, where=~rows.counted),
        )
        added = t.one(
            pairs.aggregate(
                events=_total(pairs.events),
                reports=_total(pairs.reports),
                undated=_total(pairs.undated),
                dyads=_pair(pairs).nunique(where=pairs.events > 0),
            )
        )
        told = _kept(t, asked, ("article_no", "outlet"))
        told = told.filter(predicate(asked, told))
        read = t.one(
            told.aggregate(
                articles=t.distinct_articles(told.article_no),
                outlets=told.outlet.nunique(),
                first=told.date.min(),
                last=told.date.max(),
            )
        )
        return Counts(**added, **read)

    def headline(self, selection: Selection | None = None) -> Headline:
        """Return the mean intensity and the share of events in conflict."""
        asked = selection or Selection()
        t = self._tables(asked)
        cells = self._cells(t, asked)
        return Headline(**t.one(cells.aggregate(**_sums(cells))))

    # What is new, what changed

    def new(
        self, selection: Selection | None = None, since: int = 0, limit: int | None = None
    ) -> pd.DataFrame:
        """Return the events that came into the store after its version `since`; columns as in `events`.

        New is an event whose founding report is: another report of a known act is no news.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = _since(self._found(t, asked, _listing(t), undated=True), since)
        day = ibis.desc(found.date, nulls_first=False)
        return _frame(self._told(t, found.order_by(day, found.event_id).limit(limit)))

    def count_new(self, selection: Selection | None = None, since: int = 0) -> int:
        """Return how many events `new` lists."""
        asked = selection or Selection()
        t = self._tables(asked)
        found = _since(self._found(t, asked, undated=True), since)
        return int(t.one(found.aggregate(n=found.count()))["n"])

    def spread(self, selection: Selection | None = None) -> dict[str, Any]:
        """Return events, mean_intensity and intensity_sd (of the sample, None below two events)."""
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked)
        return t.one(found.aggregate(**_spread(found)))

    def dyad_spread(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return a, b (alphabetical), events, mean_intensity, intensity_sd (of the sample), by dyad."""
        asked = selection or Selection()
        t = self._tables(asked)
        pairs = _paired(self._found(t, asked))
        each = pairs.group_by("a", "b").aggregate(**_spread(pairs))
        return _frame(t.run(each.order_by("a", "b")))

    def dyad_types(self, selection: Selection, dyads: tuple[tuple[str, str], ...]) -> pd.DataFrame:
        """Return a, b, event_type, events, mean_intensity of these dyads (a before b in the alphabet)."""
        t = self._tables(selection)
        pairs = _among(_paired(self._found(t, selection)), dyads)
        each = pairs.group_by("a", "b", "event_type").aggregate(
            events=pairs.count(), mean_intensity=pairs.intensity.mean()
        )
        return _frame(t.run(each.order_by("a", "b", each.events.desc(), "event_type")))

    def dyad_issues(self, selection: Selection, dyads: tuple[tuple[str, str], ...]) -> pd.DataFrame:
        """Return a, b, issue, events of these dyads; an event counts once in each of its issues."""
        t = self._tables(selection)
        pairs = _among(_paired(self._found(t, selection, (*KEYS, "issues"))), dyads)
        named = pairs.select("a", "b", issue=_names(pairs.issues, "issue").unnest())
        each = named.group_by("a", "b", "issue").aggregate(events=named.count())
        return _frame(t.run(each.order_by("a", "b", each.events.desc(), "issue")))

    def dyad_periods(
        self, selection: Selection, dyads: tuple[tuple[str, str], ...], unit: Unit = "week"
    ) -> pd.DataFrame:
        """Return a, b, period (datetime64, its first day), events of these dyads; empty periods left out."""
        t = self._tables(selection)
        pairs = _among(_paired(self._found(t, selection)), dyads)
        dated = pairs.filter(~pairs.date.isnull())  # noqa: PD003 ibis knows no isna
        dated = dated.select("a", "b", period=dated.date.truncate(_LETTERS[unit]).cast("date"))
        each = dated.group_by("a", "b", "period").aggregate(events=dated.count())
        return _frame(t.run(each.order_by("a", "b", "period")))

    def to_review(
        self,
        selection: Selection | None = None,
        by: Literal["confidence", "impact", "divided", "random"] = "confidence",
        *,
        limit: int = 50,
        skip: Collection[str] = (),
        seed: int = 1,
        each: bool = False,
    ) -> pd.DataFrame:
        """Return the events that are worth a look: event_id, report_id (whose values they take), event_type, ...

        ... confidence, score, reports (how many tell it; of "divided" alone), the highest score first. `by` says what
        the score is: confidence 1 - confidence; impact the chance of being wrong (1 - confidence, a half where it was
        never measured) times the distance of the intensity from the mean of the dyad (of all events, where that has
        fewer than five), which is how far it pulls the dyad's mean; divided how many types and statuses the event's
        reports give, where they differ; random a draw by chance that `seed` alone decides (equal scores; `each`:
        so many of every type). Events led by a report in `skip` are left out.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked).select(
            "event_id", "report_id", "event_type", "confidence", "intensity", "source", "target"
        )
        if by == "impact":
            found = found.mutate(a=_pair(found))
            every, own = ibis.window(), ibis.window(group_by="a")
            mean = ibis.ifelse(
                found.intensity.count().over(own) < FEW_EVENTS,
                found.intensity.mean().over(every),
                found.intensity.mean().over(own),
            )
            wrong = (1.0 - found.confidence).fill_null(0.5)
            found = found.mutate(score=wrong * (found.intensity - mean).abs())
        elif by == "confidence":
            found = found.filter(~found.confidence.isnull())  # noqa: PD003 ibis knows no isna
            found = found.mutate(score=1.0 - found.confidence)
        found = found.mutate(reports=ibis.literal(1, "int64"))
        if by == "divided":
            told = t.reports("event_id", "event_type", "status")
            told = told.semi_join(found.select("event_id"), "event_id").group_by("event_id")
            several = told.aggregate(
                number=lambda r: r.count(),
                readings=lambda r: r.event_type.nunique() + r.status.nunique() - 2,
            )
            found = found.join(several.filter(several.readings > 0), "event_id")
            found = found.mutate(score=found.readings.cast("float64"), reports=found.number)
        if by == "random":
            drawn = md5(ibis.literal(f"{seed} ") + found.event_id)
            found = found.mutate(score=ibis.literal(1.0), drawn=drawn)
            if each:
                place = ibis.row_number().over(ibis.window(group_by="event_type", order_by=found.drawn))
                found = found.mutate(place=place).filter(lambda row: row.place < limit)
            order: list[Any] = [found.drawn, found.event_id]
        else:
            order = [found.score.desc(), found.event_id]
        if skip:
            known = t.given(pa.table({"report_id": pa.array(sorted(skip), pa.string())}), "judged")
            found = found.anti_join(known, "report_id")
        listed = found.order_by(order).select(
            "event_id", "report_id", "event_type", "confidence", "score", "reports"
        )
        return _frame(t.run(listed if each and by == "random" else listed.limit(limit)))

    # Counts of events

    def by_state(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return party, events, mean_intensity, conflict_share; the busiest first.

        An event counts once for each of its two parties; organisations are parties too.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        cells = self._cells(t, asked)
        pairs = cells.group_by("source", "target", "quad_class").aggregate(
            events=cells.events.sum(), intensity=cells.intensity.sum()
        )
        sides = pairs.select(
            "events", "intensity", "quad_class", party=ibis.array([pairs.source, pairs.target]).unnest()
        )
        each = sides.group_by("party").aggregate(**_sums(sides)).filter(lambda row: row.events > 0)
        return _frame(t.run(each.order_by(each.events.desc(), each.party)))

    def by_dyad(self, selection: Selection | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return a, b (alphabetical), events, mean_intensity, conflict_share, a_to_b, b_to_a, symmetric.

        The busiest first. `events` is the sum of the last three: a symmetric event is in `symmetric` alone.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        cells = self._cells(t, asked)
        pairs = _paired(cells)
        one_way = ~pairs.symmetric
        each = (
            pairs.group_by("a", "b")
            .aggregate(
                **_sums(pairs),
                a_to_b=_total(pairs.events, where=one_way & (pairs.source == pairs.a)),
                b_to_a=_total(pairs.events, where=one_way & (pairs.source == pairs.b)),
                symmetric=_total(pairs.events, where=pairs.symmetric),
            )
            .filter(lambda row: row.events > 0)
        )
        return _frame(t.run(each.order_by(each.events.desc(), each.a, each.b).limit(limit)))

    def partners(self, party: str, selection: Selection | None = None) -> pd.DataFrame:
        """Return party, events, mean_intensity, conflict_share, given, received, symmetric; the busiest first.

        One row for each other party of an event with `party`: `given` are acts of `party` towards it,
        `received` acts of the other towards `party`, `symmetric` acts of both.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._cells(t, asked)
        own = found.filter((found.source == party) | (found.target == party))
        other = ibis.ifelse(own.source == party, own.target, own.source)
        sides = own.select("events", "intensity", "quad_class", "symmetric", "source", party=other)
        each = sides.group_by("party").aggregate(
            **_sums(sides),
            given=_total(sides.events, where=~sides.symmetric & (sides.source == party)),
            received=_total(sides.events, where=~sides.symmetric & (sides.source != party)),
            symmetric=_total(sides.events, where=sides.symmetric),
        )
        each = each.filter(each.events > 0)
        return _frame(t.run(each.order_by(each.events.desc(), each.party)))

    def by_period(self, selection: Selection | None = None, unit: Unit = "month") -> pd.DataFrame:
        """Return period (datetime64, its first day; weeks begin on Monday), quad_class, events; by period.

        Periods without events are left out. Undated events are not counted; an event known to the month or
        year alone counts in the period of its first day.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        cells = self._cells(t, asked, daily=unit == "week")
        dated = _cut(cells, unit).select("quad_class", "events", "period")
        each = dated.group_by("period", "quad_class").aggregate(events=_total(dated.events))
        return _frame(t.run(each.filter(each.events > 0).order_by("period", "quad_class")))

    def by_day(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return date (datetime64), date_precision, a, b (alphabetical), quad_class, events; by day.

        Undated events are not counted; ask it of a dyad or a party, as it has a row for each dyad and day.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        pairs = _paired(self._found(t, asked, (*KEYS, "date_precision")))
        dated = pairs.filter(~pairs.date.isnull())  # noqa: PD003 ibis knows no isna
        each = dated.group_by("date", "date_precision", "a", "b", "quad_class").aggregate(
            events=dated.count()
        )
        return _frame(t.run(each.order_by("date", "a", "b", "quad_class", "date_precision")))

    def by_type(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return event_type, quad_class, events, mean_intensity; the most frequent first."""
        asked = selection or Selection()
        t = self._tables(asked)
        cells = self._cells(t, asked)
        each = cells.group_by("event_type", "quad_class").aggregate(**_sums(cells)).drop("conflict_share")
        each = each.filter(each.events > 0)
        return _frame(t.run(each.order_by(each.events.desc(), each.event_type)))

    def by_domain(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return domain, events, mean_intensity, conflict_share; the most frequent first.

        An event counts once in each of its domains.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        named = self._by_names(t, self._found(t, asked, _topics(t)), "domain")
        each = named.group_by("domain").aggregate(**_sums(named))
        return _frame(t.run(each.order_by(each.events.desc(), each.domain)))

    def by_direction(
        self, selection: Selection | None = None, among: tuple[str, ...] | None = None
    ) -> pd.DataFrame:
        """Return source, target, events, mean_intensity, conflict_share; the busiest first.

        An event of both sides counts in each direction. With `among`, only events between two of these parties.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._cells(t, asked)
        if among is not None:
            found = found.filter(found.source.isin(among) & found.target.isin(among))
        ways = found.group_by("source", "target", "symmetric").aggregate(
            events=_total(found.events),
            total=found.intensity.sum(),
            conflict=_total(found.events, where=found.quad_class.isin(CONFLICT)),
        )
        ways = ways.filter(ways.events > 0)
        both = ways.filter(ways.symmetric)
        back = both.select(
            source=both.target, target=both.source, symmetric=both.symmetric,
            events=both.events, total=both.total, conflict=both.conflict,
        )  # fmt: skip
        ways = ways.union(back)
        each = ways.group_by("source", "target").aggregate(
            events=ways.events.sum(),
            mean_intensity=ways.total.sum() / ways.events.sum(),
            conflict_share=ways.conflict.sum() / ways.events.sum(),
        )
        return _frame(t.run(each.order_by(each.events.desc(), each.source, each.target)))

    def by_issue(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return domain, issue, events, mean_intensity, conflict_share; the most frequent first.

        An event counts once in each of its issues.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, ("issues", "intensity", "quad_class"))
        pairs = found.issues.map(lambda i: ibis.struct({"domain": i["domain"], "issue": i["issue"]})).unique()
        items = found.select("intensity", "quad_class", item=pairs.unnest())
        named = items.select(
            "intensity", "quad_class", domain=items["item"]["domain"], issue=items["item"]["issue"]
        )
        named = named.mutate(events=1)
        each = named.group_by("domain", "issue").aggregate(**_sums(named))
        return _frame(t.run(each.order_by(each.events.desc(), each.domain, each.issue)))

    def by_dyad_topic(
        self,
        selection: Selection | None = None,
        topic: Literal["domain", "issue"] = "domain",
        dyads: tuple[tuple[str, str], ...] = (),
    ) -> pd.DataFrame:
        """Return a, b (alphabetical), topic, events, mean_intensity, conflict_share of these dyads.

        `topic` names domains or issues; an event counts once in each of its own. The most frequent first.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, (*_topics(t), "source", "target"))
        among = sorted({party for pair in dyads for party in pair})
        found = found.filter(
            found.source.isin(among) & found.target.isin(among)
        )  # quicker than to look at pairs
        a, b = ibis.least(found.source, found.target), ibis.greatest(found.source, found.target)
        wanted = [f"{min(pair)} {max(pair)}" for pair in dyads]
        found = found.mutate(a=a, b=b).filter((a + " " + b).isin(wanted))
        named = self._by_names(t, found, topic, "a", "b").rename(topic=topic)
        each = named.group_by("a", "b", "topic").aggregate(**_sums(named))
        return _frame(t.run(each.order_by(each.events.desc(), each.a, each.b, each.topic)))

    def parties(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return code and n (events), the most frequent first, for a select box.

        The selection's own parties and dyad are not applied, so that others can be chosen.
        """
        asked = replace(selection or Selection(), parties=(), dyad=None)
        return self.by_state(asked)[["party", "events"]].rename(columns={"party": "code", "events": "n"})

    # Actors: a person whom the gazetteer knows is one under all spellings and posts, anyone else is a name
    # (accents and case apart) with a country. Their id `actor` is the known name, else "name|country".

    def actors(
        self, selection: Selection | None = None, search: str = "", limit: int | None = 100
    ) -> pd.DataFrame:
        """Return the actors named in the selected events, the most frequent first.

        Columns: actor (their id), name, role, organisation, country, sector (those of the newest event that
        gives a post, else of the newest), events, first, last (datetime64), total (how many actors there are
        before the limit). Where the selection has sectors, only actors of these. `search` looks in names in
        all spellings, posts and organisations; a party's code finds its actors.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        each = self._unfolded(self._found(t, asked, (*KEYS, "actors")))
        if asked.sectors:
            each = each.filter(each.sector.isin(asked.sectors))
        wanted = search.strip()
        hit: Any = ibis.literal(not wanted)
        like: Any = None
        if wanted and _sayable(wanted):
            like = _folded(ibis.literal(wanted))
            hit = ibis.or_(*(_folded(text).contains(like) for text in (each.role, each.organisation)))
            hit = hit.fill_null(False) | (each.country == wanted.upper()).fill_null(False)
        # Names are folded and joined after the first grouping: there are far fewer of them than events.
        each = each.mutate(hit=hit, post=_post_of(each))
        written = each.group_by("name", "country").aggregate(
            events=each.event_id.nunique(), first=each.date.min(), last=each.date.max(),
            post=each.post.max(), hit=each.hit.any(),
        )  # fmt: skip
        written = self._known(t, written)
        if like is not None:
            found = _folded(written.person).contains(like) | _folded(written.name).contains(like)
            written = written.mutate(hit=written.hit | found)
        people = written.group_by("actor").aggregate(
            name=written.person.min(),
            events=written.events.sum(),
            first=written["first"].min(),
            last=written["last"].max(),
            post=written.post.max(),
            hit=written.hit.any(),
            names=written.name.collect(distinct=True),
        )
        people = people.filter(people.hit).drop("hit")
        people = people.mutate(total=people.count().over(ibis.window()))
        listed = t.run(people.order_by(people.events.desc(), people.actor).limit(limit))
        answer = _frame(listed)
        self._recount(t, asked, answer)
        answer = _with_posts(answer.drop(columns="names"))
        return answer.sort_values(["events", "actor"], ascending=[False, True], ignore_index=True)

    def _recount(self, t: _Tables, selection: Selection, actors: pd.DataFrame) -> None:
        """Count the events of actors with several spellings anew, so that one that has two of them counts once."""
        several = actors[actors["names"].map(len) > 1]
        if several.empty:
            return
        each = self._unfolded(self._found(t, selection, (*KEYS, "actors")))
        each = each.filter(each.name.isin(sorted({name for names in several["names"] for name in names})))
        if selection.sectors:
            each = each.filter(each.sector.isin(selection.sectors))
        each = self._known(t, each)
        exact = t.run(each.group_by("actor").aggregate(events=each.event_id.nunique())).to_pylist()
        events = {row["actor"]: row["events"] for row in exact}
        actors.loc[several.index, "events"] = [events[actor] for actor in several["actor"]]

    def actor_names(self, actor: str, selection: Selection | None = None) -> pd.DataFrame:
        """Return name, country, sector, events of an actor: each way in which the reports write them."""
        t, mine = self._mine_alone(actor, selection)
        each = mine.group_by("name", "country", "sector").aggregate(events=mine.event_id.nunique())
        return _frame(t.run(each.order_by(each.events.desc(), each.name, each.country, each.sector)))

    def actor_posts(self, actor: str, selection: Selection | None = None) -> pd.DataFrame:
        """Return role (lower case), organisation, country, month (datetime64), events, mean_intensity.

        One row for each post and month in which an actor is named in an event; an event without a date has
        no month (NaT). By month; an event counts once in each post.
        """
        t, mine = self._mine_alone(actor, selection)
        mine = mine.mutate(role=mine.role.lower(), month=mine.date.truncate("M").cast("date"))
        each = mine.group_by("role", "organisation", "country", "month").aggregate(
            events=mine.event_id.nunique(), mean_intensity=mine.intensity.mean()
        )
        return _frame(
            t.run(
                each.order_by(each.month.asc(nulls_first=False), each.role, each.organisation, each.country)
            )
        )

    def actor_counterparts(
        self, actor: str, selection: Selection | None = None, limit: int | None = 20
    ) -> pd.DataFrame:
        """Return who stands on the other side of an actor's events: actor, name, role, country, ...

        ... met (events of type CONSULT: meetings, visits, calls), last_met (datetime64), events (of all
        types), last (datetime64), total (before the limit). Those met most often first.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        own = self._with_actor(t, asked, actor)
        side = own.actors.filter(lambda a: _is_actor(a, actor)).map(lambda a: a["side"])[0]
        named = self._named(t, own.mutate(own_side=side), "own_side")
        others = named.filter((named.side != "third") & (named.own_side != "third"))
        others = others.filter((others.side != others.own_side) & (others.actor != actor))
        meeting = others.event_type == "CONSULT"
        each = others.group_by("actor").aggregate(
            name=others.person.min(),
            post=others.post.max(),
            met=others.event_id.nunique(where=meeting),
            last_met=others.date.max(where=meeting),
            events=others.event_id.nunique(),
            last=others.date.max(),
        )
        each = each.mutate(total=each.count().over(ibis.window()))
        order = (each.met.desc(), each.events.desc(), each.actor)
        answer = _with_posts(_frame(t.run(each.order_by(*order).limit(limit))))
        return answer.drop(columns=["organisation", "sector"])

    def actor_parties(self, actor: str, selection: Selection | None = None) -> pd.DataFrame:
        """Return own (the party on whose side an actor stands), other, events, mean_intensity, conflict_share.

        Events in which the actor is a third party to the act are left out. The most frequent first.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        own = self._with_actor(t, asked, actor)
        side = own.actors.filter(lambda a: _is_actor(a, actor)).map(lambda a: a["side"])[0]
        sided = own.mutate(side=side)
        sided = sided.filter(sided.side != "third")
        first = sided.side == "source"
        sided = sided.select(
            "intensity", "quad_class",
            own=ibis.ifelse(first, sided.source, sided.target),
            other=ibis.ifelse(first, sided.target, sided.source),
        )  # fmt: skip
        sided = sided.mutate(events=1)
        each = sided.group_by("own", "other").aggregate(**_sums(sided))
        return _frame(t.run(each.order_by(each.events.desc(), each.own, each.other)))

    def actor_types(self, actor: str, selection: Selection | None = None) -> pd.DataFrame:
        """Return event_type, quad_class, events, mean_intensity of an actor's events; the most frequent first."""
        asked = selection or Selection()
        t = self._tables(asked)
        own = self._with_actor(t, asked, actor)
        each = own.group_by("event_type", "quad_class").aggregate(
            events=own.count(), mean_intensity=own.intensity.mean()
        )
        return _frame(t.run(each.order_by(each.events.desc(), each.event_type)))

    def actor_events(
        self, actor: str, selection: Selection | None = None, limit: int | None = None
    ) -> pd.DataFrame:
        """Return an actor's events, the newest first (undated ones last); columns as in `events`."""
        asked = selection or Selection()
        t = self._tables(asked)
        own = self._with_actor(t, asked, actor, (*VALUES,))
        chosen = own.order_by(ibis.desc(own.date, nulls_first=False), own.event_id).limit(limit)
        return _frame(self._told(t, chosen))

    def _with_actor(
        self, t: _Tables, selection: Selection, actor: str, columns: tuple[str, ...] = (*KEYS, "actors")
    ) -> Any:
        """Return the heads of the selected events that name an actor."""
        found = self._found(t, selection, columns)
        return found.filter(found.actors.filter(lambda a: _is_actor(a, actor)).length() > 0)

    def _mine_alone(self, actor: str, selection: Selection | None) -> tuple[_Tables, Any]:
        """Return the tables, and one row for each time that an event names an actor."""
        asked = selection or Selection()
        t = self._tables(asked)
        named = self._named(t, self._with_actor(t, asked, actor))
        return t, named.filter(named.actor == actor)

    def _named(self, t: _Tables, found: Any, *more: str) -> Any:
        """Return one row for each actor of each event, with `actor` (their id), `person` and `post`."""
        each = self._known(t, self._unfolded(found, *more))
        return each.mutate(post=_post_of(each))

    @staticmethod
    def _unfolded(found: Any, *more: str) -> Any:
        """Return one row for each actor of each event, as its report writes them."""
        kept = ("event_id", "date", "event_type", "intensity", *more)
        each = found.select(*kept, item=found.actors.unnest())
        return each.select(*kept, *(each["item"][key].name(key) for key in ("name", "side", *_POST)))

    @staticmethod
    def _known(t: _Tables, named: Any) -> Any:
        """Return rows that have `name` and `country` with `actor` (an id) and `person` (the name to show)."""
        t.engine.register("people", _people())
        each = named.mutate(folded=_folded(named.name)).left_join(_PEOPLE, [("folded", "written")])
        other = each.folded + "|" + each.country.fill_null("")
        return each.mutate(
            actor=ibis.coalesce(each.known, other), person=ibis.coalesce(each.known, each.name)
        ).drop("written", "known", "folded")

    # Relations over time

    def series(self, selection: Selection | None = None, unit: Unit | None = None) -> pd.DataFrame:
        """Return who acts, how and how strongly: by, quad_class, events, intensity_sum, intensity_squares.

        With a unit also period (datetime64, its first day) as first column, undated events left out. `by` is "a"
        where A of the selection's dyad acts on B, "b" where B acts on A, "both" for symmetric events; without a
        dyad "a" stands for every directed event. The last two are the sums of the intensities and of their squares.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = _sided(asked, self._found(t, asked))
        keys = ["by", "quad_class"]
        if unit:
            found, keys = _cut(found, unit), ["period", *keys]
        each = found.group_by(keys).aggregate(
            events=found.count(),
            intensity_sum=found.intensity.sum(),
            intensity_squares=(found.intensity * found.intensity).sum(),
        )
        return _frame(t.run(each.order_by(keys)))

    def coverage(self, selection: Selection | None = None, unit: Unit = "month") -> pd.DataFrame:
        """Return what the store holds of all dyads: period (datetime64, its first day), stored, same.

        `stored` counts the events of the dataset; `same` those of them that were founded by a report of an outlet
        that founded an event of the selection too (all, where these name no outlet). Of the selection only dataset,
        period and statuses restrict the count. Periods without an event are left out.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        names = (*KEYS, "outlet")
        told = self._found(t, asked, names)
        told = told.filter(~told.outlet.isnull()).select("outlet").distinct()  # noqa: PD003 ibis knows no isna
        everything = Selection(
            start=asked.start, end=asked.end, statuses=asked.statuses, dataset=asked.dataset
        )
        held = _cut(self._found(t, everything, names), unit).select("period", "outlet")
        each = held.group_by("period").aggregate(stored=held.count(), same=held.count())
        if t.one(told.aggregate(outlets=told.count()))["outlets"]:
            marked = held.left_join(told.mutate(known=True), "outlet")
            each = marked.group_by("period").aggregate(
                stored=marked.count(), same=marked.count(where=marked.known)
            )
        return _frame(t.run(each.order_by("period")))

    def by_lane(
        self,
        selection: Selection | None = None,
        lane: Lane = "domain",
        unit: Unit | None = None,
    ) -> pd.DataFrame:
        """Return lane (a domain, event type or issue), quad_class, by (as in `series`), events, intensity_sum.

        With a unit also period (datetime64, its first day) as first column, undated events left out. An event
        counts once in each of its domains or issues; one without any is in none.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        wanted = (*CELL, "intensity") if lane == "type" else (*_topics(t), *CELL)
        found = _sided(asked, self._found(t, asked, wanted))
        found = _cut(found, unit) if unit else found
        keys = ["period"] if unit else []
        if lane == "type":
            named = found.mutate(lane=found.event_type, events=1)
        else:
            named = self._by_names(t, found, lane, *keys, "by").rename(lane=lane)
        keys = [*keys, "lane", "quad_class", "by"]
        each = named.group_by(keys).aggregate(
            events=_total(named.events), intensity_sum=named.intensity.sum()
        )
        return _frame(t.run(each.order_by(keys)))

    def salient(
        self, selection: Selection | None = None, limit: int = 400, *, strongest: bool = True
    ) -> pd.DataFrame:
        """Return the events that most reports tell; columns as in `events`.

        Among those with equally many the most intense come first, then the newest or, unless `strongest`, a
        selection by chance (the same each time), which stands for the rest.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, (*_listing(t), "intensity"))
        ranked = found.select(*LYING, strength=found.intensity.abs())
        ranked = ranked.left_join(self._more(t, asked), "event_id").drop("event_id_right")
        then = [ranked.strength.desc(), _sorted(ranked.date, descending=True)] if strongest else []
        # An event id is a hash: in its order the rest is drawn by chance, the same each time.
        ranked = ranked.order_by(ranked.more.fill_null(0).desc(), *then, ranked.event_id).limit(limit)
        ids = t.run(ranked.select(*LYING))
        told = (
            self._told_facts(t, ids, "date", descending=True)
            if t.summed
            else self._told(t, found.filter(found.event_id.isin(ids["event_id"].to_pylist())))
        )
        rank = {event_id: at for at, event_id in enumerate(ids["event_id"].to_pylist())}
        return _frame(told).sort_values("event_id", key=lambda column: column.map(rank), ignore_index=True)

    def sources(self, event_ids: Sequence[str]) -> pd.DataFrame:
        """Return the articles that tell these events, of any dataset, the earliest of each event first.

        Columns: event_id, article_id, title, outlet, published (datetime64, the day), url.
        """
        t = self._everything()
        told = t.told("event_id", "article_id")
        pairs = told.filter(told.event_id.isin(list(event_ids))).select("event_id", "article_id").distinct()
        a = t.articles("article_id", "title", "outlet", "published", "url")
        listed = pairs.join(a, "article_id").select(
            "event_id", "article_id", "title", "outlet",
            a.published.substr(0, 10).try_cast("date").name("published"), "url",
        )  # fmt: skip
        first = listed.published.asc(nulls_first=False)
        return _frame(t.run(listed.order_by(listed.event_id, first, listed.article_id)))

    def meetings(self, selection: Selection, limit: int | None = None) -> pd.DataFrame:
        """Return who of A meets, visits or calls whom of B, by the named actors of the dyad's CONSULT events.

        Columns: a_name, a_role, b_name, b_role (roles as last told), events, last (datetime64), event_id (of the
        last); the most frequent first. The selection must have a dyad.
        """
        t = self._tables(selection)
        asked = replace(selection, event_types=("CONSULT",))
        if selection.event_types and "CONSULT" not in selection.event_types:
            asked = replace(asked, quad_classes=("material conflict",))  # no CONSULT is one: nothing is found
        found = _sided(asked, self._found(t, asked, (*KEYS, "actors")), who="first")
        named = found.select("event_id", "date", "first", actor=found.actors.unnest())
        named = named.select(
            "event_id", "date", "first", *(named.actor[k].name(k) for k in ("name", "role", "side"))
        )
        is_a = (named.side == "source") == (named["first"] == "a")
        people = named.filter(named.side.isin(("source", "target"))).mutate(is_a=is_a)
        left, right = (
            people.filter(people.is_a if side == "a" else ~people.is_a).select(
                "event_id", **{f"{side}_name": people.name, f"{side}_role": people.role}
            )
            for side in "ab"
        )
        when = people.select("event_id", "date").distinct()
        pairs = left.join(right, "event_id").join(when, "event_id").distinct()
        each = pairs.group_by("a_name", "b_name").aggregate(
            a_role=pairs.a_role.argmax(pairs.date),
            b_role=pairs.b_role.argmax(pairs.date),
            events=pairs.event_id.nunique(),
            last=pairs.date.max(),
            event_id=pairs.event_id.argmax(pairs.date),
        )
        told = each.select("a_name", "a_role", "b_name", "b_role", "events", "last", "event_id")
        newest = ibis.desc(told["last"], nulls_first=False)
        return _frame(t.run(told.order_by(told.events.desc(), newest, "a_name", "b_name").limit(limit)))

    # Places

    def by_place(self, selection: Selection | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return name, country, lat, lon, precision, events, mean_intensity, conflict_share; the busiest first.

        Precision is site, city, region or state: how exactly it is told where an act took place. Events of
        unknown place are left out; lat and lon are NaN where nobody knows where a place lies.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, (*KEYS, "place"))
        told = found.filter(~found.place["name"].isnull())  # noqa: PD003 ibis knows no isna
        placed = told.mutate(events=1).select(
            "events",
            "intensity",
            "quad_class",
            *(told.place[n].name(n) for n in ("name", "country", "precision", "lat", "lon")),
        )
        each = placed.group_by("name", "country", "precision").aggregate(
            lat=placed.lat.median(), lon=placed.lon.median(), **_sums(placed)
        )
        columns = ("name", "country", "lat", "lon", "precision", "events", "mean_intensity", "conflict_share")
        ordered = each.order_by(each.events.desc(), each.name, each.country, each.precision)
        return _frame(t.run(ordered.select(*columns).limit(limit)))

    def newest(
        self,
        selection: Selection | None = None,
        *,
        party: str = "",
        place: tuple[str, str | None, str] | None = None,
        limit: int = 5,
    ) -> pd.DataFrame:
        """Return the newest of the selected events that a party takes part in, or of a place.

        `place` is name, country and precision, as `by_place` has them. Columns as in `events`.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, (*_listing(t), "source", "target", "date", "place"))
        if party:
            found = found.filter((found.source == party) | (found.target == party))
        if place:
            name, country, precision = place
            here = found.place
            same = here["country"].isnull() if country is None else here["country"] == country  # noqa: PD003
            found = found.filter((here["name"] == name) & (here["precision"] == precision) & same)
        found = found.order_by(ibis.desc(found.date, nulls_first=False), found.event_id).limit(limit)
        return _frame(self._told(t, found))

    # Datasets, articles, single records

    def by_flag(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return flag, events; the most frequent first. An event counts once for each of its flags."""
        asked = selection or Selection()
        t = self._tables(asked)
        if t.summed:
            found = self._found(t, asked, ("event_id", "flag_names"))
            named = found.group_by("flag_names").aggregate(n=found.count())
            named = named.select("n", flag=named.flag_names.split(MARK).unnest())
        else:
            found = self._found(t, asked, (*KEYS, "flags"))
            named = found.select(flag=found.flags.unnest(), n=ibis.literal(1, "int64"))
        named = named.filter(named.flag.fill_null("") != "")
        each = named.group_by("flag").aggregate(events=_total(named.n))
        return _frame(t.run(each.order_by(each.events.desc(), each.flag)))

    def datasets(self) -> dict[str, int]:
        """Return the number of articles by dataset."""
        return self.store.datasets(self.snapshot)

    def dataset(self, selection: Selection | None = None) -> str:
        """Return the dataset that the selection shows: its own, else "articles" where there are any.

        Else "samples", else (an import alone) the largest.
        """
        if selection and selection.dataset:
            return selection.dataset
        known = self.store.datasets(self._snapshot(selection or Selection()))
        for name in ("articles", "samples"):
            if known.get(name):
                return name
        return max(known, key=lambda name: known[name], default="articles")

    def articles(
        self,
        selection: Selection | None = None,
        search: str = "",
        dataset: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        *,
        coding: Coding = "any",
        outlet: str | None = None,
    ) -> pd.DataFrame:
        """Return the articles, the newest first.

        With a selection, only those that tell one of its events. `search` looks in titles and texts. `coding`
        takes those with events, those read without one, or those not read; `outlet` "" those of none. Columns:
        article_id, title, outlet, outlet_country, published (datetime64, the day), language, url, origin,
        reports (number), skipped (why it was not coded, None where it was), dataset.
        """
        t, found = self._articles(selection, search, dataset)
        newest = (ibis.desc("published", nulls_first=False), "article_id")
        by_facts = t.summed and selection is not None and coding in {"any", "events"}
        if by_facts:  # what tells an event has a fact, which says its day and its outlet
            found = self._telling(t, selection or Selection(), "article_no", "published", "outlet")
            if search.strip():
                matching = self._matching(t, selection or Selection(), search, "article_id")
                found = found.semi_join(matching, "article_id")
        if outlet is not None:
            found = found.filter(found.outlet.fill_null("") == outlet)
        if coding != "any" and not by_facts:
            listed = self._with_reports(t, found)
            listed = listed.filter(_coded(listed)[coding])
            return _frame(t.run(listed.order_by(*newest).limit(limit, offset=offset)))
        # the page is found by its days, before titles are read and reports counted
        if by_facts:
            day = None if limit is None else _last_day(t, found, limit + offset)
            found = found if day is None else found.filter(found.published >= day)
            found = found.select("article_id", "published").distinct()
        page = found.select("article_id", "published").order_by(*newest).limit(limit, offset=offset)
        ids = t.run(page)
        read, told = t.articles(*_LISTED), None
        read = read.filter(*_one_of(read, "article_id", ids))
        if ids.num_rows and not ids.column("published").null_count:  # ISO dates sort as texts do
            last = pc.min(ids.column("published")).as_py()
            read = read.filter(read.published >= last.isoformat())
            told = (last, pc.max(ids.column("published")).as_py())
        read = _with_day(read.semi_join(t.given(ids, "page"), "article_id"))
        return _frame(t.run(self._with_reports(t, read, told).order_by(*newest)))

    def outlets(
        self, selection: Selection | None = None, search: str = "", dataset: str | None = None
    ) -> pd.DataFrame:
        """Return what each outlet brought, the busiest first; arguments as in `articles`.

        Columns: outlet ("" where unknown), articles, events, none, skipped (articles with events, read without
        one, not read), reports, first, last (datetime64, days of publication).
        """
        t, found = self._articles(selection, search, dataset)
        listed = self._with_reports(t, found)
        coded = _coded(listed)
        each = listed.group_by(outlet=listed.outlet.fill_null("")).aggregate(
            articles=listed.count(),
            **{kind: listed.count(where=coded[kind]) for kind in ("events", "none", "skipped")},
            reports=listed.reports.sum(),
            first=listed.published.min(),
            last=listed.published.max(),
        )
        return _frame(t.run(each.order_by(each.articles.desc(), each.outlet)))

    def tellers(self, selection: Selection | None = None, by: Teller = "country") -> pd.DataFrame:
        """Return how outlets tell the selected events, by their country, their kind or one by one; the busiest first.

        The values are those of each outlet's own reports: an event counts once in each row that tells it, with the
        mean of the intensities that its reports there give, and in conflict where at least half of them do.
        Columns: teller (a code, a kind, or an outlet's name; "", the last, for what the registry does not know, by
        outlet for what says no name), country and kind (only by outlet, else ""), events, reports, articles, outlets (numbers), mean_intensity, intensity_sd,
        conflict (events), first (the day of its first report, datetime64), shared (events that another teller of the
        registry tells too), ahead (those of them on whose first day of report it reports), gap and gap_sd (over the
        shared events, how much higher its intensity is than the mean of the others').
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, ("event_id",) if t.summed else KEYS).select("event_id")
        reports = t.reports("event_id", "article_id", "outlet", "published", "intensity", "quad_class")
        few = t.one(found.aggregate(events=found.count()))["events"] <= HELD
        rows = _with_teller(t, reports.semi_join(found, "event_id"), few=few)
        rows = rows.mutate(
            day=rows.published.substr(0, 10).try_cast("date"),
            against=rows.quad_class.isin(CONFLICT).cast("float64"),
        )
        whom = {"country": ("country",), "kind": ("kind",), "outlet": ("teller", "country", "kind")}[by]
        each = rows.group_by("event_id", *whom).aggregate(
            intensity=rows.intensity.mean(), against=rows.against.mean(), day=rows.day.min()
        )
        known = each.filter(each.country != "" if by == "outlet" else each[whom[0]] != "")
        firsts = known.group_by("event_id").aggregate(
            tellers=known.count(), first_day=known.day.min(), total=known.intensity.sum()
        )
        joined = each.left_join(firsts, "event_id")
        # an outlet's last is its kind, "" where the registry does not know it
        joined = joined.mutate(both=(joined.tellers > 1).fill_null(False) & (joined[whom[-1]] != ""))
        others = (joined.total - joined.intensity) / (joined.tellers - 1)
        joined = joined.mutate(gap=ibis.ifelse(joined.both, joined.intensity - others, None))
        counted = joined.group_by(*whom).aggregate(
            events=joined.count(),
            mean_intensity=joined.intensity.mean(),
            intensity_sd=joined.intensity.std(how="sample"),
            conflict=joined.count(where=joined.against >= 0.5),
            first=joined.day.min(),
            shared=joined.count(where=joined.both),
            ahead=joined.count(where=joined.both & (joined.day == joined.first_day)),
            gap=joined.gap.mean(),
            gap_sd=joined.gap.std(how="sample"),
        )
        sizes = rows.group_by(*whom).aggregate(
            reports=rows.count(), articles=rows.article_id.nunique(), outlets=rows.teller.nunique()
        )
        told = counted.inner_join(sizes, list(whom))
        named = {name: told[name] if by == "outlet" else ibis.literal("") for name in ("country", "kind")}
        columns = (
            *("events", "reports", "articles", "outlets", "mean_intensity", "intensity_sd"),
            *("conflict", "first", "shared", "ahead", "gap", "gap_sd"),
        )
        listed = told.select(teller=told[whom[0]], **named, **{name: told[name] for name in columns})
        order = (listed.teller == "", listed.events.desc(), listed.teller)
        return _frame(t.run(listed.order_by(*order)))

    def uncoded(
        self, selection: Selection | None = None, search: str = "", dataset: str | None = None
    ) -> pd.DataFrame:
        """Return why articles were not read: reason, articles; the most frequent first. Arguments as in `articles`."""
        t, found = self._articles(selection, search, dataset)
        listed = self._with_reports(t, found)
        left = listed.filter(_coded(listed)["skipped"])
        each = left.group_by(reason=left.skipped).aggregate(articles=left.count())
        return _frame(t.run(each.order_by(each.articles.desc(), each.reason)))

    def _articles(self, selection: Selection | None, search: str, dataset: str | None) -> tuple[_Tables, Any]:
        """Return the articles asked for, with `published` as a day; `_with_reports` counts their reports."""
        asked = selection or Selection()
        t = self._tables(replace(asked, dataset=dataset) if dataset else asked)
        a = t.articles(*_LISTED)
        if search.strip():
            a = a.semi_join(self._matching(t, asked, search, "article_id"), "article_id")
        if selection is not None:
            a = a.semi_join(self._telling(t, asked), "article_id")
        return t, _with_day(a)

    @staticmethod
    def _with_reports(t: _Tables, articles: Any, days: tuple[date, date] | None = None) -> Any:
        """Return articles with `reports`, how many each has, in the columns of `articles`.

        `days` are the first and the last that they were published on, where known.
        """
        told = t.told("article_id", "published")
        if days and t.summed:  # a fact has the day of its article
            told = told.filter(told.published.between(*days))
        reports = told.semi_join(articles.select("article_id"), "article_id")
        counted = reports.group_by("article_id").aggregate(reports=reports.count())
        joined = articles.left_join(counted, "article_id")
        return joined.select(
            "article_id", "title", "outlet", "outlet_country", "published", "language", "url", "origin",
            joined.reports.fill_null(0).name("reports"),
            "skipped", "dataset",
        )  # fmt: skip

    def _telling(self, t: _Tables, asked: Selection, *columns: str) -> Any:
        """Return the reports of the selected events: article_id and these columns."""
        names = ("article_id", *columns)
        if t.summed and not _apart(asked):
            told = _kept(t, asked, names)
            return told.filter(predicate(asked, told, undated=True)).select(*names)
        found = self._found(t, asked, ("event_id",) if t.summed else KEYS, undated=True).select("event_id")
        return t.told("event_id", *names).semi_join(found, "event_id").select(*names)

    def article(self, article_id: str, *, as_coded: bool = False) -> CodedArticle | None:
        """Return an article of any dataset with its reports in the order of the text; None where unknown."""
        t = self._at(self.snapshot, as_coded=as_coded)
        articles = t.articles(*STORED["articles"].names)
        rows = t.run(articles.filter(articles.article_id == article_id)).to_pylist()
        if not rows:
            return None
        reports = self._whole(t, "article_id", article_id)
        reports.sort(key=lambda row: (row["sentence"]["start"], row["report_id"]))
        return article_of(rows[0], map(report_of, reports))

    def coded(self, article_ids: Collection[str]) -> list[CodedArticle]:
        """Return those of these articles that are stored, of any dataset, each with its reports as coded; by id."""
        if not article_ids:
            return []
        t = self._at(self.snapshot, as_coded=True)
        wanted = t.given(_ids(article_ids), "coded")
        kept = t.told("article_id", "report_id", "year" if not t.summed else "report_year")
        found = t.run(kept.semi_join(wanted, "article_id"))
        reports = t.reports(*REPORT_SCHEMA.names, "event_id")
        years = found.column(found.column_names[2]).unique().to_pylist()
        told = reports.filter(reports.year.isin(years)).semi_join(wanted, "article_id") if years else None
        by_article: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in t.run(told).to_pylist() if told is not None else ():
            by_article[row["article_id"]].append(row)
        articles = t.articles(*STORED["articles"].names).semi_join(wanted, "article_id")
        coded = []
        for row in t.run(articles.order_by("article_id")).to_pylist():
            own = sorted(
                by_article[row["article_id"]], key=lambda r: (r["sentence"]["start"], r["report_id"])
            )
            coded.append(article_of(row, map(report_of, own)))
        return coded

    def to_read(
        self,
        selection: Selection | None = None,
        limit: int | None = None,
        *,
        without: Collection[str] = (),
        among: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Return the articles that a second coder may read: those read by the first that tell a selected event.

        Where the selection says no more than a period, those published in it, also without an event. The order is
        that of the ids, which are as good as random and stay: the first n are a random sample, and more add to
        it. `without` leaves out articles, `among` takes no others. Columns: article_id, published (datetime64),
        characters (0 where the text is not kept), reports (of the first coder).
        """
        asked = selection or Selection()
        period = Selection(
            start=asked.start, end=asked.end, dataset=asked.dataset, store_version=asked.store_version
        )
        t, found = self._articles(None if asked == period else asked, "", self.dataset(asked))
        if asked == period:
            if asked.start:
                found = found.filter(found.published >= asked.start)
            if asked.end:
                found = found.filter(found.published <= asked.end)
        found = found.filter(found.skipped.isnull())  # noqa: PD003 ibis has this one alone
        if among is not None:
            found = found.semi_join(t.given(_ids(among), "among"), "article_id")
        if without:
            found = found.anti_join(t.given(_ids(without), "without"), "article_id")
        # texts are long: only those of the articles that are taken are measured
        page = t.run(found.select("article_id", "published").order_by("article_id").limit(limit))
        taken = t.given(page, "to_read")
        texts = t.articles("article_id", "text")
        texts = texts.filter(*_one_of(texts, "article_id", page)).semi_join(taken, "article_id")
        lengths = texts.select("article_id", characters=texts.text.length().cast("int64").fill_null(0))
        counted = self._with_reports(t, found.semi_join(taken, "article_id")).select(
            "article_id", "published", "reports"
        )
        joined = counted.join(lengths, "article_id")
        return _frame(
            t.run(joined.select("article_id", "published", "characters", "reports").order_by("article_id"))
        )

    def titles(self, article_ids: Collection[str]) -> dict[str, tuple[str, str | None]]:
        """Return title and address of these articles, by id."""
        t = self._everything()
        wanted = t.given(_ids(article_ids), "titles")
        rows = t.run(t.articles("article_id", "title", "url").semi_join(wanted, "article_id")).to_pylist()
        return {row["article_id"]: (row["title"] or "", row["url"]) for row in rows}

    def event(self, event_id: str) -> Event | None:
        """Return an event of any dataset; None where unknown.

        The id of an event that was merged into another, or of any report, leads to the event it is in now.
        """
        t = self._everything()
        rows = self._whole(t, "event_id", event_id)
        if not rows:
            told = t.told("report_id", "event_id")
            moved = t.run(told.filter(told.report_id == event_id).select("event_id")).to_pylist()
            into = moved[0]["event_id"] if moved else event_id
            return None if into == event_id else self.event(into)
        rows.sort(
            key=lambda row: (row["report_id"] != event_id, -(row["confidence"] or 0.0), row["report_id"])
        )
        return Event(
            event_id=event_id,
            report=report_of(rows[0]),
            report_ids=tuple(row["report_id"] for row in rows),
            article_ids=tuple(dict.fromkeys(row["article_id"] for row in rows)),
            outlets=tuple(sorted({row["outlet"] for row in rows if row["outlet"]})),
            first_reported=min((row["published"][:10] for row in rows if row["published"]), default=None),
        )

    def memberships(self, event_id: str) -> pd.DataFrame:
        """Return why each report is or was in an event, every assignment a row, the oldest first.

        Of all reports that are in it, or ever were; columns as in `Store.assignments`, and `now`, the event that
        the report is in.
        """
        t = self._everything()
        told, assigned = t.told("report_id", "event_id"), VIEWS["assignments"]
        here = told.filter(told.event_id == event_id).select("report_id")
        once = assigned.filter(assigned.event_id == event_id).select("report_id")
        ids = t.run(here.union(once, distinct=True))["report_id"].to_pylist()
        frame = self.store.assignments(ids, self.version)
        now = t.run(told.filter(told.report_id.isin(ids))).to_pylist() if ids else []
        frame["now"] = frame["report_id"].map({row["report_id"]: row["event_id"] for row in now})
        return frame

    def reports(self, selection: Selection | None = None) -> Iterator[pa.RecordBatch]:
        """Yield every report of the selected events for an export, by date, in batches of 5,000 rows.

        Columns: those of `schema.REPORT_SCHEMA`, then event_id.
        """
        asked = selection or Selection()
        snapshot = self._snapshot(asked)
        own = engine(
            self._engine, self.store, snapshot, corrected=not asked.as_coded
        )  # busy between two batches
        t = replace(self._tables(asked), engine=own, names={})
        found = self._found(t, asked, undated=True).select("event_id")
        told = t.reports(*REPORT_SCHEMA.names, "event_id").semi_join(found, "event_id")
        ordered = told.order_by(told.date.asc(nulls_first=False), told.event_id, told.report_id)
        schema = REPORT_SCHEMA.append(pa.field("event_id", pa.string()))
        yield from own.batches(own.sql(ordered), schema, EXPORT_BATCH)

    # How it is done

    def _snapshot(self, selection: Selection) -> Snapshot:
        asked = selection.store_version
        return self.snapshot if asked in {None, self.version} else self.store.snapshot(asked)

    def _tables(self, selection: Selection) -> _Tables:
        validate(selection)
        tables = self._at(self._snapshot(selection), as_coded=selection.as_coded)
        return replace(tables, dataset=self.dataset(selection))

    def _everything(self) -> _Tables:
        return self._at(self.snapshot)

    def _at(self, snapshot: Snapshot, *, as_coded: bool = False) -> _Tables:
        """Return this thread's tables at a snapshot: with what people judged laid over, or `as_coded`."""
        kept: dict[tuple[int, bool], _Tables] = self._mine.__dict__.setdefault("kept", {})
        key = (snapshot.version, as_coded and bool(snapshot.judgements_version))
        if key not in kept:
            while len(kept) >= KEPT_VERSIONS:
                kept.pop(next(iter(kept)))
            made = engine(self._engine, self.store, snapshot, corrected=not as_coded)
            kept[key] = _Tables(made, snapshot if as_coded else self.store.corrected(snapshot))
        self._asking[threading.get_ident()] = kept[key].engine
        return kept[key]

    @staticmethod
    def _whole(t: _Tables, column: str, value: str) -> list[dict[str, Any]]:
        """Return all columns of the reports that have this value, which facts tell of too."""
        reports = t.reports(*REPORT_SCHEMA.names, "event_id")
        met = [reports[column] == value]
        if t.summed:  # where they are is quickly known; all the years' reports are slow to search
            facts = _kept(t, Selection(), ("report_id", "report_year", column))
            found = t.run(facts.filter(facts[column] == value).select("report_id", "report_year"))
            if not found.num_rows:
                return []
            met = [
                reports.year.isin(found.column("report_year").unique().to_pylist()),
                reports.report_id.isin(found.column("report_id").to_pylist()),
            ]
        rows: list[dict[str, Any]] = t.run(reports.filter(*met)).to_pylist()
        return rows

    @staticmethod
    def _heads(t: _Tables, columns: tuple[str, ...]) -> tuple[Any, list[Any]]:
        """Return a table and the conditions under which it has one report an event: whose values it takes."""
        if t.plain:
            reports = t.table("reports", columns)
            return reports, [*t.within(reports), reports.report_id == reports.event_id]
        reports = t.reports(*columns)
        founders = reports.filter(reports.report_id == reports.event_id)
        others = reports.filter(reports.report_id != reports.event_id)
        others = others.anti_join(founders.select("event_id"), "event_id")
        best = ibis.row_number().over(
            ibis.window(group_by=others.event_id, order_by=[others.confidence.desc(), others.report_id])
        )
        ranked = others.mutate(rank=best)
        return founders.union(ranked.filter(ranked["rank"] == 0).drop("rank")), []

    def _found(
        self, t: _Tables, selection: Selection, columns: tuple[str, ...] = KEYS, *, undated: bool = False
    ) -> Any:
        """Return the selected events, one a row, with these columns of `reports` (and of `facts`, where kept)."""
        # where no report was moved, the reports of founders are themselves the events: nothing need be joined
        whole = t.plain and not RICH.isdisjoint(columns) and selection.min_outlets <= 1
        ask = self._found_facts if t.summed and not whole else self._found_reports
        return ask(t, selection, columns, undated)

    def _found_facts(self, t: _Tables, selection: Selection, columns: tuple[str, ...], undated: bool) -> Any:
        rich = RICH.intersection(columns)
        slim = [name for name in columns if name not in rich]
        by = ("report_id", "report_year") if rich else ()
        facts = _kept(t, selection, (*slim, *by, "founds", "event_id", "outlet_no"))
        plain = predicate(replace(selection, min_outlets=1), facts, undated=undated)
        told = facts.outlet_no == selection.min_outlets  # one row of an event that so many outlets tell
        if selection.min_outlets <= 1:
            heads = facts.filter(facts.founds, plain)
        elif OWN.isdisjoint((*slim, *by)):
            heads = facts.filter(told, plain)
        else:
            heads = facts.filter(facts.founds, plain)
            heads = heads.semi_join(facts.filter(told, plain).select("event_id"), "event_id")
        if selection.search.strip():
            heads = heads.semi_join(self._matching(t, selection, selection.search, "event_id"), "event_id")
        if selection.outlet_countries or selection.outlet_kinds:
            heads = heads.semi_join(self._reported(t, selection), "event_id")
        if rich:
            heads = heads.join(t.details(*sorted(rich)), by)
        return heads.select(*dict.fromkeys((*columns, "dataset", *by)))

    def _found_reports(
        self, t: _Tables, selection: Selection, columns: tuple[str, ...], undated: bool
    ) -> Any:
        wanted = {
            "issues": selection.issues or selection.domains,
            "actors": selection.sectors,
            "attributed_to": selection.attributed_to,
            "flags": selection.flagged or selection.unflagged,
        }
        taken = dict.fromkeys((*KEYS, *columns, *(name for name, is_on in wanted.items() if is_on)))
        heads, conditions = self._heads(t, tuple(taken))
        if conditions and _apart(selection):
            heads, conditions = heads.filter(*conditions), []
        if selection.search.strip():
            heads = heads.semi_join(self._matching(t, selection, selection.search, "event_id"), "event_id")
        if selection.outlet_countries or selection.outlet_kinds:
            heads = heads.semi_join(self._reported(t, selection), "event_id")
        if selection.min_outlets > 1:
            reports = t.reports("report_id", "event_id", "outlet")
            joined = reports.filter(reports.report_id != reports.event_id).select("event_id")
            several = _several(reports.semi_join(joined, "event_id"), selection)
            heads = heads.join(several, "event_id")
        return heads.filter(*conditions, predicate(selection, heads, undated=undated))

    def _cells(self, t: _Tables, selection: Selection, *, daily: bool = False) -> Any:
        """Return groups of the selected events: the columns of `CELL`, then events, intensity (their sum).

        `date` is a day of the group's month, the very day with `daily`. Some hold no event: look at the sums.
        """
        if not t.summed:
            return _as_cells(self._found_reports(t, selection, KEYS, undated=False))
        parts = _parts(selection, daily=daily)
        found = [
            self._monthly(t, part)
            if monthly
            else _as_cells(self._found_facts(t, part, (*CELL, "intensity"), undated=False))
            for part, monthly in parts
        ]
        return ibis.union(*found) if len(found) > 1 else found[0]

    @staticmethod
    def _monthly(t: _Tables, selection: Selection) -> Any:
        cells = t.table("cells", (*CELL, "year", "events", "intensity"))
        return cells.filter(*t.within(cells), predicate(selection, cells)).select(
            *CELL, "events", "intensity"
        )

    def _ranked(self, t: _Tables, asked: Selection, order: Order) -> Any:
        """Return the selected events by what `_order` sorts by: the columns of `LYING`, and the column named."""
        columns = dict.fromkeys((*LYING, order))
        if order != "outlets":
            return self._found(t, asked, (*columns,), undated=True).select(*columns)
        if t.summed:
            found = self._found(t, asked, (*LYING, "outlet_no"), undated=True)
            told = t.told("event_id", "outlet_no", "founds")
            told = told.filter(~told.founds & (told.outlet_no > 0))
            several = told.group_by("event_id").aggregate(number=told.outlet_no.max())
            every = found.left_join(several, "event_id")
            outlets = ibis.greatest(every.number.fill_null(0), every.outlet_no).cast("int64")
            return every.select(*LYING, outlets=outlets)
        found = self._found(t, asked, (*KEYS, "outlet"), undated=True)
        found = found.select(*LYING, "outlet")
        reports = t.reports("report_id", "event_id", "outlet")
        joined = reports.filter(reports.report_id != reports.event_id).select("event_id")
        reports = reports.semi_join(joined, "event_id")  # a founder alone has one outlet, or none
        several = reports.group_by("event_id").aggregate(number=reports.outlet.nunique())
        every = found.left_join(several, "event_id")
        alone = (~every.outlet.isnull()).cast("int64")  # noqa: PD003 ibis knows no isna
        return every.select(*LYING, outlets=ibis.coalesce(every.number, alone))

    def _page(
        self, t: _Tables, asked: Selection, limit: int | None, offset: int, order: Order, *, descending: bool
    ) -> pa.Table:
        """Return a page of the selected events, in the columns of `LYING`."""
        found = self._ranked(t, asked, order)
        if limit and order == "date":  # days alone are quickly read: the last of the page spares others' ids
            days = self._found(t, asked, ("date",), undated=True)
            first = days.order_by(_sorted(days.date, descending)).limit(limit, offset=offset)
            bound = first.date.min() if descending else first.date.max()
            undated = first.count(where=first.date.isnull())  # noqa: PD003 ibis knows no isna
            last = t.one(first.aggregate(day=bound, undated=undated))
            if last["day"] and not last["undated"]:
                day = last["day"]
                found = found.filter(
                    (found.year >= day.year) & (found.date >= day)
                    if descending
                    else (found.year <= day.year) & (found.date <= day)
                )
        page = found.order_by(_order(found, order, descending)).limit(limit, offset=offset)
        return t.run(page.select(*LYING))

    def _matching(self, t: _Tables, asked: Selection, words: str, column: str) -> Any:
        """Return the ids (`event_id` or `article_id`) of what holds the words.

        An event is found where any of its reports is: by its sentence, or by its article.
        """
        snapshot = self._snapshot(asked)
        index = index_of(self.store)
        coding = f"{column} {'as coded' if asked.as_coded else 'corrected'}"
        key = (self.store.location, index.made, snapshot.version, snapshot.when, coding, words)
        with _matches_guard:
            ids = _matches.get(key)
        if ids is None:  # the questions of a page ask for the same
            found_by, ids = index.find(words, snapshot)
            if found_by != column:
                everywhere = replace(t, dataset=None)
                found = everywhere.given(ids, words)
                reports = everywhere.told(column, found_by).semi_join(found, found_by)
                ids = t.run(reports.select(column).distinct())
            with _matches_guard:
                _matches[key] = ids
                while len(_matches) > MATCHES_KEPT:
                    _matches.popitem(last=False)
        return t.given(ids, f"{column} {words}")

    def _reported(self, t: _Tables, selection: Selection) -> Any:
        """Return the ids of the events that an outlet of the selection's countries and kinds reports."""
        words = " ".join(("outlets", *selection.outlet_countries, *selection.outlet_kinds, t.dataset or ""))
        snapshot = self._snapshot(selection)
        key = (self.store.location, "", snapshot.version, snapshot.when or "", "outlets", words)
        with _matches_guard:
            ids = _matches.get(key)
        if ids is None:  # the questions of a page ask for the same
            told = _with_teller(t, t.told("event_id", "article_id", "outlet"))
            for column, wanted in (("country", selection.outlet_countries), ("kind", selection.outlet_kinds)):
                told = told.filter(told[column].isin(wanted)) if wanted else told
            ids = t.run(told.select("event_id").distinct())
            with _matches_guard:
                _matches[key] = ids
                while len(_matches) > MATCHES_KEPT:
                    _matches.popitem(last=False)
        return t.given(ids, words)

    @staticmethod
    def _more(t: _Tables, selection: Selection) -> Any:
        """Return event_id and `more`, by which events are ranked: how many reports besides the leading one tell it.

        Most events have that alone and are left out, where facts say so.
        """
        if t.summed:
            told = _kept(t, selection, ("founds", "event_id"))
            told = told.filter(
                ~told.founds, predicate(replace(selection, search="", min_outlets=1), told, undated=True)
            )
        else:
            told = t.reports("event_id")
        more = told.group_by("event_id").aggregate(number=told.count())
        return more.select("event_id", more=more.number - (0 if t.summed else 1))

    @staticmethod
    def _by_names(t: _Tables, found: Any, key: str, *also: str) -> Any:
        """Return events by the names of their issues or domains: the name, `also`, quad_class, events, intensity."""
        if not t.summed:
            return found.select(
                *also, "quad_class", "intensity", events=1, **{key: _names(found.issues, key).unnest()}
            )
        flat = "domains" if key == "domain" else "issue_names"
        sets = found.group_by(
            flat, "quad_class", *also
        ).aggregate(  # far fewer than events: they are parted after
            events=found.count(), intensity=found.intensity.sum()
        )
        named = sets.select(
            *also, "quad_class", "intensity", "events", **{key: sets[flat].split(MARK).unnest()}
        )
        return named.filter(named[key] != "")

    def _told(self, t: _Tables, heads: Any, order: Order = "date", *, descending: bool = True) -> pa.Table:
        """Return these events, in order, as the table of `events`, with the counts over all their reports.

        `heads` has at least the columns of `_listing`.
        """
        if not t.summed:
            return self._told_reports(t, heads, order, descending=descending)
        ids = t.run(heads.select(*LYING))
        return self._told_facts(t, ids, order, descending=descending)

    @staticmethod
    def _told_facts(t: _Tables, ids: pa.Table, order: Order, *, descending: bool) -> pa.Table:
        """Return these events (in the columns of `LYING`) as `_told` does, reading only where they are."""
        facts, reports = VIEWS["facts"], VIEWS["reports"]
        near = facts.filter(*_near(facts, ids), *_one_of(facts, "event_id", ids))
        page = t.run(near.select(*_PAGE.names))
        led = page.filter(pc.field("founds")).select(["report_id", "report_year", "date", "source", "target"])
        led = led.rename_columns(["report_id", "year", "date", "source", "target"])
        details = reports.filter(*_near(reports, led), *_one_of(reports, "report_id", led))
        details = t.run(details.select("report_id", *sorted(RICH)))
        for name, rows in (("wanted", ids.select(["event_id"])), ("page", page), ("details", details)):
            t.engine.register(name, rows)
        answer = t.engine.answer(*_page_sql(t.engine.sql, order, descending))
        for name in ("wanted", "page", "details"):
            t.engine.unregister(name)
        return answer

    @staticmethod
    def _told_reports(t: _Tables, heads: Any, order: Order, *, descending: bool) -> pa.Table:
        """Return heads as the table of `events`, with the counts over all their reports."""
        reports = t.reports("event_id", "article_id", "outlet", "published").semi_join(
            heads.select("event_id"), "event_id"
        )
        counted = _coverage(reports, reports.published.substr(0, 10).try_cast("date"))
        e = heads.drop("outlets") if "outlets" in heads.columns else heads
        return t.run(_listed(e.join(counted, "event_id"), order, descending=descending))


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables that an engine shows to one thread, cut down to a dataset (None: all of them).

    The tables are unbound: an expression compiles to SQL without a connection, and the engine runs it.
    """

    engine: Engine
    snapshot: Snapshot
    dataset: str | None = None
    names: dict[str, None] = field(default_factory=dict)  # of the tables given to the engine, the newest last

    @property
    def plain(self) -> bool:
        """Whether every report sits where it was first put, in an event that has its founding report."""
        return self.snapshot.plain

    @property
    def summed(self) -> bool:
        """Whether there are facts and cells."""
        return self.snapshot.summed

    def articles(self, *columns: str) -> Any:
        """Return these columns of the dataset's articles."""
        table = self.table("articles", columns)
        return table.filter(*self.within(table))

    def reports(self, *columns: str) -> Any:
        """Return these columns of the dataset's reports."""
        table = self.table("reports", columns)
        return table.filter(*self.within(table))

    def told(self, *columns: str) -> Any:
        """Return these columns of the dataset's reports, from the facts where they are kept."""
        if not self.summed:
            return self.reports(*columns)
        return _kept(self, Selection(), columns)

    def details(self, *columns: str) -> Any:
        """Return these columns of all reports, with report_id and report_year to join facts by."""
        return VIEWS["reports"].select("report_id", *columns, report_year=VIEWS["reports"].year)

    def within(self, table: Any) -> list[Any]:
        """Return the condition that a row is of the dataset."""
        return [table.dataset == self.dataset if self.dataset else ibis.literal(True)]

    @staticmethod
    def table(name: str, columns: tuple[str, ...]) -> Any:
        """Return these columns, and the dataset, of a table; not yet cut down."""
        return VIEWS[name].select(*dict.fromkeys((*columns, "dataset")))

    def given(self, rows: pa.Table, name: str) -> Any:
        """Return a table of ours, called by any name, for this thread to join with."""
        known = f"given_{hashlib.blake2b(name.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"
        self.engine.register(known, rows)
        self.names.pop(known, None)
        self.names[known] = None
        while len(self.names) > GIVEN:  # each search gives one, of up to 20 MB
            oldest = next(iter(self.names))
            del self.names[oldest]
            self.engine.unregister(oldest)
        return ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=known)

    def distinct_articles(self, number: Any) -> Any:
        """Return how many articles have these numbers, which run from 0 without gaps."""
        return self.engine.different(number, max(self.snapshot.numbered or 0, 1) - 1)

    def run(self, question: Any) -> pa.Table:
        """Answer an ibis expression as an Arrow table; raises StoreError where a file is gone."""
        return self.engine.answer(self.engine.sql(question), question.schema().to_pyarrow())

    def one(self, question: Any) -> dict[str, Any]:
        """Answer an expression of one row."""
        row: dict[str, Any] = self.run(question).to_pylist()[0]
        return row


_LISTED = tuple(name for name in STORED["articles"].names if name != "text")


# Reports of which the newest are sorted to find a page's last day; a page further down is found without one.
DEEP = 100_000


def _last_day(t: _Tables, reports: Any, articles: int) -> date | None:
    """Return a day since which at least so many articles were published, None where it is not quickly known.

    `reports` has article_no and published. Days and numbers are quick to read: they spare the ids of all others.
    """
    most = 2 * articles
    while most <= DEEP:
        newest = reports.select("article_no", "published").order_by(
            _sorted(reports.published, descending=True)
        )
        newest = newest.limit(most)
        found = t.one(
            newest.aggregate(
                day=newest.published.min(),
                dated=newest.published.count(),
                articles=newest.article_no.nunique(),
            )
        )
        if found["dated"] < most:  # all of them, or down to those without a day
            return None
        if found["articles"] >= articles:
            day: date = found["day"]
            return day
        most *= 4
    return None


def _with_day(articles: Any) -> Any:
    """Return articles with the day of publication in the place of its text, null where that is no date."""
    return articles.mutate(published=articles.published.substr(0, 10).try_cast("date"))


def _kept(t: _Tables, selection: Selection, columns: tuple[str, ...]) -> Any:
    """Return these columns of the dataset's facts, and those that the selection's conditions look at."""
    looked_at = {
        "issue_names": selection.issues,
        "domains": selection.domains,
        "sectors": selection.sectors,
        "flag_names": selection.flagged or selection.unflagged,
        "attributed_to": selection.attributed_to,
        "confidence": selection.min_confidence > 0,
        "event_type": selection.event_types,
        "quad_class": selection.quad_classes,
        "symmetric": selection.dyad,
    }
    always = ("status", "date", "year", "source", "target")
    facts = t.table("facts", (*columns, *always, *(name for name, is_on in looked_at.items() if is_on)))
    return facts.filter(*t.within(facts))


def _apart(selection: Selection) -> bool:
    """Whether events must be looked up by more than their own values: words, the number of outlets, who they are."""
    return bool(
        selection.search.strip()
        or selection.min_outlets > 1
        or selection.outlet_countries
        or selection.outlet_kinds
    )


def _with_teller(t: _Tables, reports: Any, *, few: bool = False) -> Any:
    """Return reports with who prints them, by the registry of outlets: `teller` (its name), `country`, `kind`.

    `reports` has article_id and outlet. An outlet that is not registered has "" as country and kind, and is called
    as its articles call it, else by its host; "" where they say nothing. Where they are `few`, they are held: else
    reports and articles are read twice.
    """
    pages = t.articles("article_id", "url")
    pages = pages.select("article_id", host=pages.url.lower().re_extract(r"^https?://([^/:?#@]+)", 1))
    joined = reports.left_join(pages, "article_id")
    rows = joined.select(*reports.columns, "host").mutate(
        outlet=ibis._.outlet.fill_null(""), host=ibis._.host.fill_null("")
    )
    if few:
        rows = t.given(t.run(rows), "rows with hosts")
    told = t.run(rows.select("outlet", "host").distinct()).to_pylist()
    known = []
    for row in told:
        found = outlet_of(row["host"] or None, row["outlet"] or None)
        name = found.name if found else row["outlet"] or row["host"].removeprefix("www.")
        known.append(
            {
                **row,
                "teller": name,
                "country": found.country if found else "",
                "kind": found.kind if found else "",
            }
        )
    columns = ("outlet", "host", "teller", "country", "kind")
    schema = pa.schema([(name, pa.string()) for name in columns])
    return rows.inner_join(t.given(pa.Table.from_pylist(known, schema), "tellers"), ["outlet", "host"])


def _listing(t: _Tables) -> tuple[str, ...]:
    """Return the columns of `_found` that `_told` needs."""
    return LYING if t.summed else VALUES


def _topics(t: _Tables) -> tuple[str, ...]:
    """Return the columns of `_found` that `_by_names` needs, and the date."""
    return ("date", "intensity", "quad_class", *(("domains", "issue_names") if t.summed else ("issues",)))


def _counted(events: Any) -> Any:
    """Whether an event is counted: all but undated background, which is only listed."""
    return (events.status != "background") | ~events.date.isnull()  # noqa: PD003 ibis knows no isna


def _pair(events: Any) -> Any:
    """Return the dyad without its direction, as one text."""
    return ibis.least(events.source, events.target) + " " + ibis.greatest(events.source, events.target)


def _several(reports: Any, selection: Selection) -> Any:
    """Return the ids of the events that as many outlets told as the selection asks for, with that number."""
    several = reports.group_by("event_id").aggregate(outlets=reports.outlet.nunique())
    return several.filter(several.outlets >= selection.min_outlets)


def _as_cells(events: Any) -> Any:
    """Return events as cells of one event each."""
    return events.select(*CELL, events=ibis.literal(1, "int64"), intensity=events.intensity)


def _parts(selection: Selection, *, daily: bool = False) -> list[tuple[Selection, bool]]:
    """Return the selection cut into periods, each with whether cells can answer it: then it is whole months."""
    fine = (
        selection.issues or selection.domains or selection.sectors or selection.attributed_to
        or selection.min_confidence > 0 or _apart(selection)
        or selection.flagged or selection.unflagged
    )  # fmt: skip
    if (
        daily or fine or (selection.members and (selection.parties or selection.dyad))
    ):  # members join on a day
        return [(selection, False)]
    start, end = selection.start, selection.end
    first = start if start is None or start.day == 1 else _next_month(start)
    after = None if end is None else (end + timedelta(days=1)).replace(day=1)
    if first and after and first >= after:
        return [(selection, False)]
    parts = [(replace(selection, start=first, end=after and after - timedelta(days=1)), True)]
    if start and first and start < first:
        parts.append((replace(selection, end=first - timedelta(days=1)), False))
    if end and after and end >= after:
        parts.append((replace(selection, start=after), False))
    return parts


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _total(events: Any, where: Any = None) -> Any:
    """Return a sum of numbers of events, 0 where there are none."""
    return events.sum(where=where).fill_null(0)


def _sums(cells: Any) -> dict[str, Any]:
    """Return the number of events of cells, their mean intensity and the share in conflict."""
    events = _total(cells.events)
    some = events.nullif(0)
    return {
        "events": events,
        "mean_intensity": cells.intensity.sum() / some,
        "conflict_share": _total(cells.events, where=cells.quad_class.isin(CONFLICT)) / some,
    }


def _coverage(reports: Any, published: Any) -> Any:
    """Return what an event's reports come to: their number, articles, outlets, first day."""
    return reports.group_by("event_id").aggregate(
        reports=reports.count(),
        articles=reports.article_id.nunique(),
        outlets=reports.outlet.nunique(),
        outlet_names=reports.outlet.collect(distinct=True).sort(),
        first_reported=published.min(),
    )


def _ids(article_ids: Collection[str]) -> pa.Table:
    """Return articles' ids as a table to join with."""
    return pa.table({"article_id": pa.array(sorted(article_ids), pa.string())})


def _one_of(table: Any, name: str, rows: pa.Table) -> list[Any]:
    """Return the condition that a column holds one of the values in these rows, where they are few.

    DuckDB looks at listed values before it reads a row's other columns.
    """
    values = pc.unique(rows.column(name)).to_pylist()
    return [table[name].isin(values or [None])] if len(values) <= FEW else []


def _near(table: Any, rows: pa.Table) -> list[Any]:
    """Return the conditions that a row lies where one of these rows does.

    Facts lie in files by year, sorted by source, target and date. DuckDB leaves out unread what is not between two
    values, not what is none of a list; and days and codes are quicker to read than ids.
    """
    met = _one_of(table, "year", rows)
    for name in ("source", "target", "date"):
        values = rows.column(name)
        if len(values) and not values.null_count:
            first, last = pc.min(values).as_py(), pc.max(values).as_py()
            met += [table[name] >= first, table[name] <= last]
    return met


# What a list of events shows of a fact: each column that is read costs time.
_PAGE = pa.schema(
    [field for field in FACT_SCHEMA if field.name not in {
        "article_no", "outlet_no", "attributed_to", "issue_names", "domains", "sectors", "flag_names",
    }]
)  # fmt: skip


@cache
def _page_sql(spoken: Callable[[Any], str], order: Order, descending: bool) -> tuple[str, pa.Schema]:
    """Return the SQL of `events`, as an engine speaks it, and the schema of its answer.

    Its tables are `wanted` (ids), `page` (facts) and `details` (of the reports that lead).
    """
    tables = {
        "wanted": ibis.schema({"event_id": "string"}),
        "page": ibis.Schema.from_pyarrow(_PAGE),
        "details": VIEWS["reports"].select("report_id", *sorted(RICH)).schema(),
    }
    wanted, page, details = (ibis.table(schema, name=name) for name, schema in tables.items())
    told = page.semi_join(wanted, "event_id")
    heads = told.filter(told.founds).drop("published", "outlet")
    joined = heads.join(_coverage(told, told.published), "event_id").join(details, "report_id")
    listed = _listed(joined, order, descending=descending)
    return spoken(listed), listed.schema().to_pyarrow()


def _listed(e: Any, order: Order, *, descending: bool) -> Any:
    """Return events with their coverage in the columns of `Queries.events`."""
    told = e.select(
        "event_id", "date", "date_precision", "date_basis", "source", "target", "symmetric", "event_type",
        "mode", "quad_class", "intensity", "status", "planned_for",
        *(e.place[name].name(f"place_{name}") for name in ("name", "country", "lat", "lon", "precision")),
        _names(e.issues, "issue").name("issues"),
        _names(e.issues, "domain").name("domains"),
        "actors", "confidence", "reports", "articles", "outlets",
        "outlet_names",
        "first_reported", "article_id", e.sentence["text"].name("sentence"), "dataset",
    )  # fmt: skip
    return told.order_by(_order(told, order, descending))


# Who an actor is

_POST = ("role", "organisation", "country", "sector")
_UNIT = "\x1f"  # stands between the parts of a post: the unit separator, which no text contains

_PEOPLE = ibis.table({"written": "string", "known": "string"}, name="people")


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def md5(text: str) -> str:  # type: ignore[empty-body]
    """Return the MD5 of a text in hex (the engine's own function): an order by chance that is always the same."""


def _folded(name: Any) -> Any:
    return strip_accents(name.strip().lower())


@cache
def _people() -> pa.Table:
    """Return the officials' names by the ways of writing them, for a join."""
    known = people()
    return pa.table({"written": list(known), "known": list(known.values())})


@cache
def _spellings() -> dict[str, list[str]]:
    """Return the ways of writing an official's name, by the name."""
    found: dict[str, list[str]] = {}
    for written, name in people().items():
        found.setdefault(name, []).append(written)
    return found


def _is_actor(item: Any, actor: str) -> Any:
    """Whether a struct of `actors` is this actor."""
    if actor in _spellings():
        return _folded(item["name"]).isin(_spellings()[actor])
    name, _, country = actor.rpartition("|")
    return (_folded(item["name"]) == name) & (item["country"].fill_null("") == country)


def _post_of(each: Any) -> Any:
    """Return a post as one text whose greatest is the newest: whether it has a role, date, role and so on."""
    has_role = ibis.ifelse(each.role.isnull(), "0", "1")  # noqa: PD003 ibis knows no isna
    parts = (each[key].fill_null("") for key in _POST)
    return ibis.literal(_UNIT).join([has_role, each.date.cast("string").fill_null(""), *parts])


def _with_posts(actors: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with role, organisation, country and sector, after the name, in place of `post`."""
    posts = [_read_post(post) for post in actors["post"]]
    frame = actors.drop(columns="post")
    for place, column in enumerate(_POST):
        frame.insert(2 + place, column, pd.Series([post[place] for post in posts], frame.index, dtype=object))
    return frame


def _read_post(post: str) -> list[str | None]:
    """Return role, organisation, country and sector of a post as `_post_of` writes it."""
    parts: list[str | None] = [part or None for part in post.split(_UNIT)[2 : 2 + len(_POST)]]
    return parts + [None] * (len(_POST) - len(parts))


def _cut(events: Any, unit: Unit) -> Any:
    """Return the dated events with `period`, the first day of theirs."""
    dated = events.filter(~events.date.isnull())  # noqa: PD003 ibis knows no isna
    return dated.mutate(period=dated.date.truncate(_LETTERS[unit]).cast("date"))


def _sided(selection: Selection, events: Any, who: str = "by") -> Any:
    """Return the events with who acts: "a", "b", or "both" for a symmetric one.

    With `who` another name than "by": "a" or "b", whichever the source of the event is of.
    """
    side = ibis.ifelse(_ways(selection, events)[1], "b", "a") if selection.dyad else ibis.literal("a")
    return events.mutate(**{who: ibis.ifelse(events.symmetric, "both", side) if who == "by" else side})


def _coded(articles: Any) -> dict[str, Any]:
    """Return the conditions that an article has events, was read without one, was not read."""
    was_read = articles.skipped.isnull()  # noqa: PD003 ibis knows no isna
    return {
        "events": articles.reports > 0,
        "none": was_read & (articles.reports == 0),
        "skipped": ~was_read & (articles.reports == 0),
    }


def _sorted(column: Any, descending: bool) -> Any:
    """Return a column to sort by, its nulls last."""
    return ibis.desc(column, nulls_first=False) if descending else column.asc(nulls_first=False)


def _order(events: Any, order: Order, descending: bool) -> list[Any]:
    """Return what to sort events by, so that no two are equal."""
    keys = [_sorted(events[order], descending)]
    if order != "date":
        keys.append(_sorted(events.date, descending=True))
    return [*keys, events.event_id]


def _since(found: Any, since: int) -> Any:
    """Return those whose founding report came into the store after this version."""
    a = VIEWS["assignments"]
    founders = a.filter((a["commit"] > since) & (a.report_id == a.event_id) & ~a.moved)
    return found.semi_join(founders.select("event_id"), "event_id")


def _spread(events: Any) -> dict[str, Any]:
    return {
        "events": events.count(),
        "mean_intensity": events.intensity.mean(),
        "intensity_sd": events.intensity.std(how="sample"),
    }


def _paired(events: Any) -> Any:
    """Return the events with their parties as a and b, in the order of the alphabet."""
    return events.mutate(
        a=ibis.least(events.source, events.target), b=ibis.greatest(events.source, events.target)
    )


def _among(pairs: Any, dyads: tuple[tuple[str, str], ...]) -> Any:
    met = [(pairs.a == min(dyad)) & (pairs.b == max(dyad)) for dyad in dyads]
    return pairs.filter(ibis.or_(*met) if met else ibis.literal(False))


def _names(items: Any, key: str) -> Any:
    """Return the distinct, sorted values of `key` in a list of structs."""
    return items.map(lambda item: item[key]).unique().sort()


def _frame(answer: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a frame: dates as datetime64, lists as Python lists, structs as dicts."""
    columns: dict[str, Any] = {}
    for told in answer.schema:
        values = answer.column(told.name)
        if pa.types.is_temporal(told.type):
            columns[told.name] = values.cast(pa.timestamp("us")).to_pandas()
        elif pa.types.is_nested(told.type):
            items = values.to_pylist()
            listed = [item or [] for item in items] if pa.types.is_list(told.type) else items
            columns[told.name] = pd.Series(listed, dtype=object)
        else:
            columns[told.name] = values.to_pandas()
    return pd.DataFrame(columns)
