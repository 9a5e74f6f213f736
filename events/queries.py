"""Every question to the store, as ibis expressions that DuckDB answers.

An event is the reports assigned to one event id. Its values are those of the report that founded it (of its
most confident report, where the founding one is not in it). A `Selection` picks events by these values; the
counts of reports, articles and outlets run over all reports of the events picked.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import ibis
import pandas as pd
import pyarrow as pa

from events import codebook
from events.errors import StoreError, UnknownCode
from events.gazetteer import gazetteer
from events.reference import table
from events.schema import REPORT_SCHEMA, CodedArticle, Event, Selection
from events.store import STORED, Snapshot, Store, article_of, report_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Counts", "Headline", "Queries", "Unit", "predicate", "validate"]

Unit = Literal["week", "month", "quarter", "year"]

_LETTERS: dict[Unit, str] = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}

CONFLICT = tuple(name for name in codebook.QUAD_CLASSES if name.endswith("conflict"))

# The views that `Store.connect` makes, unbound: an expression compiles to SQL without a connection.
VIEWS = {name: ibis.table(ibis.Schema.from_pyarrow(schema), name=name) for name, schema in STORED.items()}

# What every condition and count may need of an event. An expression costs time by its columns, so a question
# takes no others along than those it answers with.
KEYS = (
    "report_id", "event_id", "article_id", "dataset", "source", "target", "symmetric", "event_type",
    "quad_class", "intensity", "status", "date", "year", "confidence",
)  # fmt: skip
VALUES = (
    *KEYS, "date_precision", "date_basis", "mode", "planned_for", "place", "actors", "issues", "sentence",
)  # fmt: skip

# Rows of a batch of an export: about 10 MB, as a report is about 2 kB with its evidence.
EXPORT_BATCH = 5_000


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
    ):
        for value in values:
            if value not in known:
                raise UnknownCode(kind, value, hint="see the tables in data/codebook and data/gazetteer")


def predicate(selection: Selection, events: Any, *, undated: bool = False) -> Any:
    """Return the ibis condition that a table of events must meet to be in the selection.

    `events` has the columns of the table `reports`; `title` too where the selection searches, and `outlets`
    (a number) where it asks for more than one. Undated background counts only with `undated`.
    The dataset and the store version are not looked at: they choose the table.
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
        met.append(e.issues.filter(lambda i: i["issue"].isin(selection.issues)).length() > 0)
    if selection.domains:
        met.append(e.issues.filter(lambda i: i["domain"].isin(selection.domains)).length() > 0)
    if selection.sectors:
        met.append(e.actors.filter(lambda a: a["sector"].isin(selection.sectors)).length() > 0)
    if selection.attributed_to:
        met.append(e.attributed_to == selection.attributed_to)
    if selection.min_confidence > 0:
        met.append(e.confidence >= selection.min_confidence)
    if selection.min_outlets > 1:
        met.append(e.outlets >= selection.min_outlets)
    if selection.states_only:
        met.append(e.source.isin(sorted(state_codes())) & e.target.isin(sorted(state_codes())))
    if selection.search.strip():
        met.append(_holds(e.sentence["text"], selection.search) | _holds(e.title, selection.search))
    return ibis.and_(*met) if met else ibis.literal(True)


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


def _holds(text: Any, search: str) -> Any:
    """Whether `text` contains `search`, in any case; what UTF-8 or SQL cannot carry is found nowhere."""
    wanted = search.strip()
    if "\x00" in wanted or any("\ud800" <= c <= "\udfff" for c in wanted):
        return ibis.literal(False)
    return text.lower().contains(ibis.literal(wanted).lower()).fill_null(False)


class Queries:
    """The questions, asked of one version of a store (None: the newest when this object was made).

    Cheap to make and safe to share by threads: each thread asks by a cursor of its own. A selection's
    `store_version`, where set, wins. Every question checks the selection's codes and raises UnknownCode;
    StoreError where the store cannot be read. An empty store answers with empty frames of the same columns.
    """

    def __init__(self, store: Store, version: int | None = None) -> None:
        self.store = store
        self.snapshot = store.snapshot(version)
        self._mine = threading.local()

    @property
    def version(self) -> int:
        """The store version that is asked."""
        return self.snapshot.version

    # Events

    def events(
        self,
        selection: Selection | None = None,
        limit: int | None = None,
        offset: int = 0,
        *,
        newest_first: bool = True,
    ) -> pd.DataFrame:
        """Return the events, one a row, by date (undated ones last).

        Columns: event_id, date (datetime64, NaT where unknown), date_precision, date_basis, source, target,
        symmetric, event_type, mode, quad_class, intensity, status, planned_for (datetime64), place_name,
        place_country, place_lat, place_lon, place_precision, issues, domains (sorted lists of names), actors
        (list of dicts), confidence, reports, articles, outlets (numbers), outlet_names (sorted list),
        first_reported (datetime64), article_id, sentence (text), dataset.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, VALUES, undated=True)
        day = ibis.desc(found.date, nulls_first=False) if newest_first else found.date.asc(nulls_first=False)
        return _frame(
            t.run(
                self._told(t, found.order_by(day, found.event_id).limit(limit, offset=offset), newest_first)
            )
        )

    def coming(self, selection: Selection | None = None, today: date | None = None) -> pd.DataFrame:
        """Return the events that plan an act for `today` (None: the local day) or later, the soonest first.

        Columns as in `events`. The selection's period is not applied: it is about when acts took place.
        """
        asked = replace(selection or Selection(), start=None, end=None)
        t = self._tables(asked)
        found = self._found(t, asked, VALUES, undated=True)
        told = self._told(t, found.filter(found.planned_for >= (today or date.today())), newest_first=True)
        return _frame(t.run(told.order_by(told.planned_for, told.event_id)))

    def count(self, selection: Selection | None = None) -> Counts:
        """Return how many events, reports, articles, outlets and dyads the selection holds, and its days."""
        asked = selection or Selection()
        t = self._tables(asked)
        listed = self._found(t, asked, undated=True)
        counted = (listed.status != "background") | ~listed.date.isnull()  # noqa: PD003 ibis knows no isna
        pair = ibis.least(listed.source, listed.target) + " " + ibis.greatest(listed.source, listed.target)
        found = listed.filter(counted)
        events = t.one(
            listed.aggregate(
                events=listed.count(where=counted),
                dyads=pair.nunique(where=counted),
                first=listed.date.min(),
                last=listed.date.max(),
                undated=listed.count(where=~counted),
            )
        )
        told = t.reports("event_id", "article_id", "outlet").semi_join(found.select("event_id"), "event_id")
        reports = t.one(
            told.aggregate(
                reports=told.count(), articles=told.article_id.nunique(), outlets=told.outlet.nunique()
            )
        )
        return Counts(**events, **reports)

    def headline(self, selection: Selection | None = None) -> Headline:
        """Return the mean intensity and the share of events in conflict."""
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked)
        return Headline(**t.one(found.aggregate(events=found.count(), **_means(found))))

    # What is new, what changed

    def new(
        self, selection: Selection | None = None, since: int = 0, limit: int | None = None
    ) -> pd.DataFrame:
        """Return the events that came into the store after its version `since`; columns as in `events`.

        New is an event whose founding report is: another report of a known act is no news.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = _since(self._found(t, asked, VALUES, undated=True), since)
        day = ibis.desc(found.date, nulls_first=False)
        return _frame(
            t.run(self._told(t, found.order_by(day, found.event_id).limit(limit), newest_first=True))
        )

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

    # Counts of events

    def by_state(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return party, events, mean_intensity, conflict_share; the busiest first.

        An event counts once for each of its two parties; organisations are parties too.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked)
        sides = found.select(
            "intensity", "quad_class", party=ibis.array([found.source, found.target]).unnest()
        )
        each = sides.group_by("party").aggregate(events=sides.count(), **_means(sides))
        return _frame(t.run(each.order_by(each.events.desc(), each.party)))

    def by_dyad(self, selection: Selection | None = None, limit: int | None = None) -> pd.DataFrame:
        """Return a, b (alphabetical), events, mean_intensity, conflict_share, a_to_b, b_to_a, symmetric.

        The busiest first. `events` is the sum of the last three: a symmetric event is in `symmetric` alone.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked)
        pairs = _paired(found)
        one_way = ~pairs.symmetric
        each = pairs.group_by("a", "b").aggregate(
            events=pairs.count(),
            **_means(pairs),
            a_to_b=pairs.count(where=one_way & (pairs.source == pairs.a)),
            b_to_a=pairs.count(where=one_way & (pairs.source == pairs.b)),
            symmetric=pairs.count(where=pairs.symmetric),
        )
        return _frame(t.run(each.order_by(each.events.desc(), each.a, each.b).limit(limit)))

    def by_period(self, selection: Selection | None = None, unit: Unit = "month") -> pd.DataFrame:
        """Return period (datetime64, its first day; weeks begin on Monday), quad_class, events; by period.

        Periods without events are left out. Undated events are not counted; an event known to the month or
        year alone counts in the period of its first day.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked)
        dated = found.filter(~found.date.isnull())  # noqa: PD003 ibis knows no isna
        dated = dated.select("quad_class", period=dated.date.truncate(_LETTERS[unit]).cast("date"))
        each = dated.group_by("period", "quad_class").aggregate(events=dated.count())
        return _frame(t.run(each.order_by("period", "quad_class")))

    def by_type(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return event_type, quad_class, events, mean_intensity; the most frequent first."""
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked)
        each = found.group_by("event_type", "quad_class").aggregate(
            events=found.count(), mean_intensity=found.intensity.mean()
        )
        return _frame(t.run(each.order_by(each.events.desc(), each.event_type)))

    def by_domain(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return domain, events, mean_intensity, conflict_share; the most frequent first.

        An event counts once in each of its domains.
        """
        asked = selection or Selection()
        t = self._tables(asked)
        found = self._found(t, asked, (*KEYS, "issues"))
        named = found.select("intensity", "quad_class", domain=_names(found.issues, "domain").unnest())
        each = named.group_by("domain").aggregate(events=named.count(), **_means(named))
        return _frame(t.run(each.order_by(each.events.desc(), each.domain)))

    def parties(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return code and n (events), the most frequent first, for a select box.

        The selection's own parties and dyad are not applied, so that others can be chosen.
        """
        asked = replace(selection or Selection(), parties=(), dyad=None)
        return self.by_state(asked)[["party", "events"]].rename(columns={"party": "code", "events": "n"})

    # Datasets, articles, single records

    def datasets(self) -> dict[str, int]:
        """Return the number of articles by dataset."""
        return self.store.datasets(self.version)

    def dataset(self, selection: Selection | None = None) -> str:
        """Return the dataset that the selection shows: its own, else "articles" where there are any.

        Else "samples", else (an import alone) the largest.
        """
        if selection and selection.dataset:
            return selection.dataset
        version = selection.store_version if selection else None
        known = self.store.datasets(self.version if version is None else version)
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
    ) -> pd.DataFrame:
        """Return the articles, the newest first.

        With a selection, only those that tell one of its events. `search` looks in titles and texts. Columns:
        article_id, title, outlet, outlet_country, published (datetime64, the day), language, url, origin,
        reports (number), skipped (why it was not coded, None where it was), dataset.
        """
        asked = selection or Selection()
        t = self._tables(replace(asked, dataset=dataset) if dataset else asked)
        a = t.articles(*(name for name in STORED["articles"].names if name != "text" or search.strip()))
        if search.strip():
            a = a.filter(_holds(a.title, search) | _holds(a.text, search))
        if selection is not None:
            found = self._found(t, asked, undated=True).select("event_id")
            told = t.reports("event_id", "article_id").semi_join(found, "event_id")
            a = a.semi_join(told, "article_id")
        reports = t.reports("article_id")
        counted = reports.group_by("article_id").aggregate(reports=reports.count())
        joined = a.left_join(counted, "article_id")
        listed = joined.select(
            "article_id", "title", "outlet", "outlet_country",
            joined.published.substr(0, 10).try_cast("date").name("published"),
            "language", "url", "origin",
            joined.reports.fill_null(0).name("reports"),
            "skipped", "dataset",
        )  # fmt: skip
        newest = ibis.desc(listed.published, nulls_first=False)
        return _frame(t.run(listed.order_by(newest, listed.article_id).limit(limit, offset=offset)))

    def article(self, article_id: str) -> CodedArticle | None:
        """Return an article of any dataset with its reports in the order of the text; None where unknown."""
        t = self._everything()
        articles = t.articles(*STORED["articles"].names)
        rows = t.run(articles.filter(articles.article_id == article_id)).to_pylist()
        if not rows:
            return None
        told = t.reports(*REPORT_SCHEMA.names)
        reports = t.run(told.filter(told.article_id == article_id)).to_pylist()
        reports.sort(key=lambda row: (row["sentence"]["start"], row["report_id"]))
        return article_of(rows[0], map(report_of, reports))

    def event(self, event_id: str) -> Event | None:
        """Return an event of any dataset; None where unknown.

        The id of an event that was merged into another, or of any report, leads to the event it is in now.
        """
        t = self._everything()
        told = t.reports(*REPORT_SCHEMA.names, "event_id")
        rows = t.run(told.filter(told.event_id == event_id)).to_pylist()
        if not rows:
            moved = t.run(told.filter(told.report_id == event_id).select("event_id")).to_pylist()
            return self.event(moved[0]["event_id"]) if moved else None
        rows.sort(key=lambda row: (row["report_id"] != event_id, -row["confidence"], row["report_id"]))
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
        told, assigned = t.reports("report_id", "event_id"), VIEWS["assignments"]
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
        t = self._tables(asked)
        found = self._found(t, asked, undated=True).select("event_id")
        told = t.reports(*REPORT_SCHEMA.names, "event_id").semi_join(found, "event_id")
        ordered = told.order_by(told.date.asc(nulls_first=False), told.event_id, told.report_id)
        sql = ibis.to_sql(ordered, dialect="duckdb")
        schema = REPORT_SCHEMA.append(pa.field("event_id", pa.string()))
        cursor = self.store.connect(self._snapshot(asked))  # its own: it stays busy between two batches
        for batch in cursor.sql(sql).to_arrow_reader(EXPORT_BATCH):
            yield pa.Table.from_batches([batch]).cast(schema).combine_chunks().to_batches()[0]

    # How it is done

    def _snapshot(self, selection: Selection) -> Snapshot:
        asked = selection.store_version
        return self.snapshot if asked in {None, self.version} else self.store.snapshot(asked)

    def _tables(self, selection: Selection) -> _Tables:
        validate(selection)
        return replace(self._at(self._snapshot(selection)), dataset=self.dataset(selection))

    def _everything(self) -> _Tables:
        return self._at(self.snapshot)

    def _at(self, snapshot: Snapshot) -> _Tables:
        """Return this thread's tables at a snapshot."""
        kept: dict[int, _Tables] = self._mine.__dict__.setdefault("kept", {})
        if snapshot.version not in kept:
            kept[snapshot.version] = _Tables(self.store.connect(snapshot), snapshot.plain)
        return kept[snapshot.version]

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
        """Return the heads of the selected events."""
        wanted = {
            "issues": selection.issues or selection.domains,
            "actors": selection.sectors,
            "attributed_to": selection.attributed_to,
            "sentence": selection.search.strip(),
        }
        taken = dict.fromkeys((*columns, *(name for name, is_on in wanted.items() if is_on)))
        heads, conditions = self._heads(t, tuple(taken))
        if conditions and (wanted["sentence"] or selection.min_outlets > 1):
            heads, conditions = heads.filter(*conditions), []
        if wanted["sentence"]:
            heads = heads.left_join(t.articles("article_id", "title").drop("dataset"), "article_id").drop(
                "article_id_right"
            )
        if selection.min_outlets > 1:
            reports = t.reports("report_id", "event_id", "outlet")
            joined = reports.filter(reports.report_id != reports.event_id).select("event_id")
            reports = reports.semi_join(joined, "event_id")  # a founder alone has one outlet
            several = reports.group_by("event_id").aggregate(outlets=reports.outlet.nunique())
            heads = heads.join(several.filter(several.outlets >= selection.min_outlets), "event_id")
        return heads.filter(*conditions, predicate(selection, heads, undated=undated))

    @staticmethod
    def _told(t: _Tables, heads: Any, newest_first: bool) -> Any:
        """Return heads as the frame of `events`, with the counts over all their reports."""
        reports = t.reports("event_id", "article_id", "outlet", "published").semi_join(
            heads.select("event_id"), "event_id"
        )
        counted = reports.group_by("event_id").aggregate(
            reports=reports.count(),
            articles=reports.article_id.nunique(),
            outlets=reports.outlet.nunique(),
            outlet_names=reports.outlet.collect(distinct=True).sort(),
            first_reported=reports.published.substr(0, 10).try_cast("date").min(),
        )
        e = heads.drop("outlets") if "outlets" in heads.columns else heads
        e = e.join(counted, "event_id")
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
        day = ibis.desc(told.date, nulls_first=False) if newest_first else told.date.asc(nulls_first=False)
        return told.order_by(day, told.event_id)


@dataclass(frozen=True, slots=True)
class _Tables:
    """The views that `Store.connect` made for one thread, cut down to a dataset (None: all of them).

    The tables are unbound: an expression compiles to SQL without a connection, and the cursor runs it.
    """

    cursor: Any
    plain: bool
    dataset: str | None = None

    def articles(self, *columns: str) -> Any:
        """Return these columns of the dataset's articles."""
        table = self.table("articles", columns)
        return table.filter(*self.within(table))

    def reports(self, *columns: str) -> Any:
        """Return these columns of the dataset's reports."""
        table = self.table("reports", columns)
        return table.filter(*self.within(table))

    def within(self, table: Any) -> list[Any]:
        """Return the condition that a row is of the dataset."""
        return [table.dataset == self.dataset if self.dataset else ibis.literal(True)]

    @staticmethod
    def table(name: str, columns: tuple[str, ...]) -> Any:
        """Return these columns, and the dataset, of a table; not yet cut down."""
        return VIEWS[name].select(*dict.fromkeys((*columns, "dataset")))

    def run(self, question: Any) -> pa.Table:
        """Answer an ibis expression as an Arrow table; raises StoreError where a file is gone."""
        try:
            return self.cursor.sql(str(ibis.to_sql(question, dialect="duckdb"))).to_arrow_table()
        except duckdb.IOException as error:
            raise StoreError(
                f"cannot read the store's files: {error}; if a vacuum deleted them, ask for a newer version"
            ) from error

    def one(self, question: Any) -> dict[str, Any]:
        """Answer an expression of one row."""
        row: dict[str, Any] = self.run(question).to_pylist()[0]
        return row


def _means(events: Any) -> dict[str, Any]:
    return {
        "mean_intensity": events.intensity.mean(),
        "conflict_share": events.quad_class.isin(CONFLICT).cast("float64").mean(),
    }


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
    for field in answer.schema:
        values = answer.column(field.name)
        if pa.types.is_temporal(field.type):
            columns[field.name] = values.cast(pa.timestamp("us")).to_pandas()
        elif pa.types.is_nested(field.type):
            items = values.to_pylist()
            listed = [item or [] for item in items] if pa.types.is_list(field.type) else items
            columns[field.name] = pd.Series(listed, dtype=object)
        else:
            columns[field.name] = values.to_pandas()
    return pd.DataFrame(columns)
