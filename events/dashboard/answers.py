"""The store's answers by name, for the pages; `questions` keeps them, so that a rerun asks nothing twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from events import sidecar
from events.charts.timelines import Unit
from events.charts.words import number
from events.dashboard import markup
from events.dashboard.questions import Questions
from events.engines import engine_name
from events.errors import EntenteError
from events.export import csv_of, json_lines
from events.judgements import fold
from events.queries import Lane, Order, Queries, Teller
from events.reference import default_store
from events.review import history
from events.schema import CodedArticle, Event, Selection
from events.search import index_of, parse
from events.store import Store

__all__ = [
    "actor_counterparts",
    "actor_events",
    "actor_names",
    "actor_parties",
    "actor_posts",
    "actor_types",
    "actors",
    "ahead",
    "article",
    "articles",
    "await_index",
    "by_day",
    "by_direction",
    "by_domain",
    "by_dyad",
    "by_dyad_topic",
    "by_flag",
    "by_issue",
    "by_lane",
    "by_period",
    "by_place",
    "by_state",
    "by_type",
    "commits",
    "count_new",
    "counts",
    "coverage",
    "dataset",
    "datasets",
    "dyad_issues",
    "dyad_periods",
    "dyad_spread",
    "dyad_types",
    "event",
    "events",
    "events_csv",
    "facts",
    "headline",
    "hold",
    "judged",
    "judgements",
    "last_commit",
    "meetings",
    "memberships",
    "new",
    "newest",
    "newest_version",
    "outlets",
    "packed",
    "parties",
    "partners",
    "plover_lines",
    "position",
    "prepare_index",
    "reading",
    "refresh",
    "salient",
    "series",
    "sources",
    "spread",
    "store",
    "tellers",
    "today",
    "uncoded",
    "version",
]

Dyads = tuple[tuple[str, str], ...]

_VERSION = "_store_version"
_NEWEST = "_newest_version"
_PLACE = "_reading"
_PATIENCE = 2.0  # seconds before a question says what it reads


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(location: str) -> Store:
    return Store(location)


def store() -> Store:
    """Return the store that this dashboard shows (environment variable ENTENTE_STORE, else data/store)."""
    return _open(default_store())


def refresh() -> None:
    """Look up the store's newest version: one run of the script shows one version throughout."""
    st.session_state[_VERSION] = st.session_state[_NEWEST] = store().version()


def hold(version: int | None) -> None:
    """Show this earlier store version in the rest of the run; None: the newest."""
    st.session_state[_VERSION] = newest_version() if version is None else version


def newest_version() -> int:
    """Return the newest store version as this run found it."""
    number: int = st.session_state[_NEWEST]
    return number


def version() -> int:
    """Return the store version that this run shows, 0 for an empty store."""
    number: int = st.session_state[_VERSION]
    return number


@st.cache_resource(show_spinner=False)
def _questions() -> Questions:
    return Questions()


def today() -> date:
    """Return the day by UTC, which the store's times are in."""
    return datetime.now(UTC).date()


def reading() -> None:
    """Make the place where long questions say what they read; at the same spot in each run of the script."""
    with st.container(key="reading"):
        st.session_state[_PLACE] = st.empty()


def _ask(question: str, **arguments: Any) -> Any:
    place = st.session_state[_PLACE]
    told = 0.0

    def waiting(seconds: float, share: float | None) -> None:
        nonlocal told
        told = seconds
        if seconds < _PATIENCE:
            place.empty()  # nothing to see, but here Streamlit ends a run whose filters have changed
        else:
            spark = engine_name() == "spark"
            place.html(markup.reading(_reports(default_store(), version()), share, spark=spark))

    try:
        return _questions().ask(store(), version(), question, arguments, waiting)
    finally:
        if told >= _PATIENCE:
            place.empty()


def ahead(selection: Selection, *questions: str, **arguments: Any) -> None:
    """Begin to answer these questions about a selection, which the page is going to ask one by one.

    `arguments` are those of the last of them, as the page will give them.
    """
    asked: list[tuple[str, dict[str, Any]]] = [(question, {"selection": selection}) for question in questions]
    asked[-1][1].update(arguments)
    _questions().ahead(store(), version(), asked)


@st.cache_data(max_entries=8, show_spinner=False)
def _reports(location: str, at: int) -> int:
    """Return how many reports the store holds at a version."""
    log = _open(location).versions()
    return int(log.loc[log["version"] <= at, "reports"].sum())


def events(
    selection: Selection,
    *,
    limit: int | None = None,
    offset: int = 0,
    order: Order = "date",
    descending: bool = True,
) -> pd.DataFrame:
    """Return the events in order, the newest first; columns as `queries.Queries.events` names them."""
    asked = {"selection": selection, "limit": limit, "offset": offset}
    return _texts(_ask("events", **asked, order=order, descending=descending))


def position(selection: Selection, event_id: str, *, order: Order, descending: bool) -> int | None:
    """Return how many events are listed before this one; None where the selection does not hold it."""
    asked = {"selection": selection, "event_id": event_id}
    found: int | None = _ask("position", **asked, order=order, descending=descending)
    return found


def events_csv(
    selection: Selection, *, order: Order = "date", descending: bool = True
) -> Callable[[], bytes]:
    """Return what makes the CSV of all these events in this order, for a download button.

    Streamlit calls it in a thread that has no session: store and version are bound here.
    """
    location, at = default_store(), version()

    def make() -> bytes:
        found = Queries(_open(location), at).events(selection, order=order, descending=descending)
        return csv_of(_texts(found)).encode("utf-8-sig")

    return make


def plover_lines(selection: Selection) -> Callable[[], bytes]:
    """Return what makes the reports of all these events as JSON lines in PLOVER's names, as `events_csv` does."""
    location, at = default_store(), version()
    return lambda: "".join(json_lines(Queries(_open(location), at), selection, plover=True)).encode()


def facts(selection: Selection) -> Callable[[], dict[str, Any]]:
    """Return what tells the `sidecar.facts` of a selection, for a download button."""
    location, at = default_store(), version()
    return lambda: sidecar.facts_of(Queries(_open(location), at), selection)


def packed(make: Callable[[], bytes], selection: Selection, name: str) -> Callable[[], bytes]:
    """Return what makes a zip of the file that `make` makes, and of what stands beside it (`events.sidecar`)."""
    told = facts(selection)

    def pack() -> bytes:
        data = make()
        head = data[:10_000].decode("utf-8-sig", "replace").split("\n", 1)[0] if name.endswith(".csv") else ""
        columns = sidecar.meanings(head.split(",")) if head else None
        return sidecar.packed(name, data, sidecar.described(name, data, told(), columns=columns))

    return pack


def memberships(event_id: str) -> pd.DataFrame:
    """Return why each report is or was in the event; columns as in `queries.Queries.memberships`."""
    return _texts(_ask("memberships", event_id=event_id))


_indexing: dict[tuple[str, int, str], threading.Thread] = {}
_indexing_guard = threading.Lock()


def prepare_index(words: str = "") -> threading.Thread | None:
    """Begin to bring the search index up to this version, unless it is; returns the thread at work."""
    kind = parse(words).kind
    index, snapshot = index_of(store()), store().snapshot(version())
    if index.is_ready(snapshot, kind):
        return None

    def work() -> None:
        with suppress(EntenteError):  # the search itself meets the same, and says so on its page
            index.update(snapshot, kind)

    with _indexing_guard:
        known = _indexing.get(key := (store().location, snapshot.version, kind))
        if known is None or not known.is_alive():
            known = _indexing[key] = threading.Thread(target=work, name="index", daemon=True)
            known.start()
    return known


def await_index(words: str) -> None:
    """Wait until this can be searched for, with a bar where that takes more than a moment."""
    at_work = prepare_index(words)
    if at_work is None:
        return
    at_work.join(0.4)
    if not at_work.is_alive():
        return
    bar = st.progress(0.0, "Preparing the search")
    while at_work.is_alive():
        seen, total = index_of(store()).progress
        if total:
            bar.progress(seen / total, f"Preparing the search: {seen / total:.0%} of {number(total)} texts")
        at_work.join(0.3)
    bar.empty()


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with None where a column of text is empty (pandas has NaN, which is a number)."""
    for name in frame.columns[[isinstance(kind, pd.StringDtype) for kind in frame.dtypes]]:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame


def counts(selection: Selection) -> Any:
    """Return how many events, reports, articles, outlets and dyads, with the first and the last day."""
    return _ask("count", selection=selection)


def headline(selection: Selection) -> Any:
    """Return mean intensity and share in conflict."""
    return _ask("headline", selection=selection)


def spread(selection: Selection) -> dict[str, Any]:
    """Return events, mean_intensity and intensity_sd."""
    found: dict[str, Any] = _ask("spread", selection=selection)
    return found


def dyad_spread(selection: Selection) -> pd.DataFrame:
    """Return a, b, events, mean_intensity, intensity_sd."""
    frame: pd.DataFrame = _ask("dyad_spread", selection=selection)
    return frame


def dyad_types(selection: Selection, dyads: Dyads) -> pd.DataFrame:
    """Return a, b, event_type, events, mean_intensity of these dyads."""
    frame: pd.DataFrame = _ask("dyad_types", selection=selection, dyads=dyads)
    return frame


def dyad_issues(selection: Selection, dyads: Dyads) -> pd.DataFrame:
    """Return a, b, issue, events of these dyads."""
    frame: pd.DataFrame = _ask("dyad_issues", selection=selection, dyads=dyads)
    return frame


def dyad_periods(selection: Selection, dyads: Dyads, unit: Unit) -> pd.DataFrame:
    """Return a, b, period, events of these dyads."""
    frame: pd.DataFrame = _ask("dyad_periods", selection=selection, dyads=dyads, unit=unit)
    return frame


def by_state(selection: Selection) -> pd.DataFrame:
    """Return party, events, mean_intensity, conflict_share."""
    frame: pd.DataFrame = _ask("by_state", selection=selection)
    return frame


def by_dyad(selection: Selection, limit: int | None = None) -> pd.DataFrame:
    """Return a, b, events, mean_intensity, conflict_share, a_to_b, b_to_a, symmetric; the busiest first."""
    frame: pd.DataFrame = _ask("by_dyad", selection=selection, limit=limit)
    return frame


def by_direction(selection: Selection, among: tuple[str, ...]) -> pd.DataFrame:
    """Return source, target, events, mean_intensity, conflict_share between these parties."""
    frame: pd.DataFrame = _ask("by_direction", selection=selection, among=among)
    return frame


def by_domain(selection: Selection) -> pd.DataFrame:
    """Return domain, events, mean_intensity, conflict_share; the most frequent first."""
    frame: pd.DataFrame = _ask("by_domain", selection=selection)
    return frame


def by_issue(selection: Selection) -> pd.DataFrame:
    """Return domain, issue, events, mean_intensity, conflict_share; the most frequent first."""
    frame: pd.DataFrame = _ask("by_issue", selection=selection)
    return frame


def by_dyad_topic(selection: Selection, topic: str, dyads: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """Return a, b, topic, events, mean_intensity, conflict_share of these dyads; `topic`: domain or issue."""
    frame: pd.DataFrame = _ask("by_dyad_topic", selection=selection, topic=topic, dyads=dyads)
    return frame


def actors(selection: Selection, search: str, limit: int) -> pd.DataFrame:
    """Return the actors; columns as `queries.Queries.actors` names them."""
    return _texts(_ask("actors", selection=selection, search=search, limit=limit))


def actor_names(actor: str, selection: Selection) -> pd.DataFrame:
    """Return name, country, sector, events: each way in which an actor is written."""
    return _texts(_ask("actor_names", actor=actor, selection=selection))


def actor_posts(actor: str, selection: Selection) -> pd.DataFrame:
    """Return role, organisation, country, month, events, mean_intensity of an actor."""
    return _texts(_ask("actor_posts", actor=actor, selection=selection))


def actor_counterparts(actor: str, selection: Selection, limit: int) -> pd.DataFrame:
    """Return who stands on the other side of an actor's events; columns as the query names them."""
    return _texts(_ask("actor_counterparts", actor=actor, selection=selection, limit=limit))


def actor_parties(actor: str, selection: Selection) -> pd.DataFrame:
    """Return own, other, events, mean_intensity, conflict_share of an actor."""
    frame: pd.DataFrame = _ask("actor_parties", actor=actor, selection=selection)
    return frame


def actor_types(actor: str, selection: Selection) -> pd.DataFrame:
    """Return event_type, quad_class, events, mean_intensity of an actor's events."""
    frame: pd.DataFrame = _ask("actor_types", actor=actor, selection=selection)
    return frame


def actor_events(actor: str, selection: Selection, limit: int) -> pd.DataFrame:
    """Return an actor's newest events; columns as `queries.Queries.events` names them."""
    return _texts(_ask("actor_events", actor=actor, selection=selection, limit=limit))


def by_period(selection: Selection, unit: Unit) -> pd.DataFrame:
    """Return period (first day), quad_class, events."""
    frame: pd.DataFrame = _ask("by_period", selection=selection, unit=unit)
    return frame


def by_day(selection: Selection) -> pd.DataFrame:
    """Return date, date_precision, a, b, quad_class, events: the days of a dyad or a party."""
    frame: pd.DataFrame = _ask("by_day", selection=selection)
    return frame


def by_flag(selection: Selection) -> pd.DataFrame:
    """Return flag, events; an event counts once for each of its flags."""
    frame: pd.DataFrame = _ask("by_flag", selection=selection)
    return frame


def by_type(selection: Selection) -> pd.DataFrame:
    """Return event_type, quad_class, events, mean_intensity; the most frequent first."""
    frame: pd.DataFrame = _ask("by_type", selection=selection)
    return frame


def by_place(selection: Selection, limit: int | None = None) -> pd.DataFrame:
    """Return name, country, lat, lon, precision, events, mean_intensity, conflict_share; the busiest first."""
    return _texts(_ask("by_place", selection=selection, limit=limit))


def partners(party: str, selection: Selection) -> pd.DataFrame:
    """Return the party's partners: party, events, mean_intensity, conflict_share, given, received, symmetric."""
    frame: pd.DataFrame = _ask("partners", party=party, selection=selection)
    return frame


def newest(selection: Selection, **narrowed: Any) -> pd.DataFrame:
    """Return the newest events of a party or a place; arguments as in `queries.Queries.newest`."""
    return _texts(_ask("newest", selection=selection, **narrowed))


def parties(selection: Selection) -> pd.DataFrame:
    """Return code and n, the most frequent first."""
    frame: pd.DataFrame = _ask("parties", selection=selection)
    return frame


def new(selection: Selection, since: int, limit: int | None = None) -> pd.DataFrame:
    """Return the events that came into the store after its version `since`, the newest first."""
    return _texts(_ask("new", selection=selection, since=since, limit=limit))


def count_new(selection: Selection, since: int) -> int:
    """Return how many events came into the store after its version `since`."""
    number: int = 0 if since >= version() else _ask("count_new", selection=selection, since=since)
    return number


def coming(selection: Selection, today: date) -> pd.DataFrame:
    """Return the events whose planned day is today or later."""
    return _texts(_ask("coming", selection=selection, today=today))


def series(selection: Selection, unit: Unit | None = None) -> pd.DataFrame:
    """Return who acts, how and how strongly; columns as `queries.Queries.series` names them."""
    frame: pd.DataFrame = _ask("series", selection=selection, unit=unit)
    return frame


def coverage(selection: Selection, unit: Unit) -> pd.DataFrame:
    """Return what the store holds of all dyads: period, stored, same."""
    frame: pd.DataFrame = _ask("coverage", selection=selection, unit=unit)
    return frame


def by_lane(selection: Selection, lane: Lane, unit: Unit | None = None) -> pd.DataFrame:
    """Return events by domain, type or issue; columns as `queries.Queries.by_lane` names them."""
    frame: pd.DataFrame = _ask("by_lane", selection=selection, lane=lane, unit=unit)
    return frame


def salient(selection: Selection, limit: int, *, strongest: bool = True) -> pd.DataFrame:
    """Return the events with most reports; columns as in `events`."""
    return _texts(_ask("salient", selection=selection, limit=limit, strongest=strongest))


def sources(event_ids: tuple[str, ...]) -> pd.DataFrame:
    """Return the articles that tell these events: event_id, article_id, title, outlet, published, url."""
    return _texts(_ask("sources", event_ids=event_ids))


def meetings(selection: Selection, limit: int) -> pd.DataFrame:
    """Return who of A meets whom of B; columns as `queries.Queries.meetings` names them."""
    return _texts(_ask("meetings", selection=selection, limit=limit))


def articles(**arguments: Any) -> pd.DataFrame:
    """Return the list of articles; arguments as in `queries.Queries.articles`."""
    return _texts(_ask("articles", **arguments))


def outlets(**arguments: Any) -> pd.DataFrame:
    """Return what each outlet brought; arguments as in `queries.Queries.outlets`."""
    return _texts(_ask("outlets", **arguments))


def tellers(selection: Selection, by: Teller) -> pd.DataFrame:
    """Return how outlets tell the events, by their country, kind or one by one; as `queries.Queries.tellers`."""
    return _texts(_ask("tellers", selection=selection, by=by))


def uncoded(**arguments: Any) -> pd.DataFrame:
    """Return why articles were not read, and how many; arguments as in `queries.Queries.uncoded`."""
    return _texts(_ask("uncoded", **arguments))


def article(article_id: str) -> CodedArticle | None:
    """Return an article with its reports; None where the store has none of this id."""
    found: CodedArticle | None = _ask("article", article_id=article_id)
    return found


def event(event_id: str) -> Event | None:
    """Return an event with its reports' ids; None where the store has none of this id."""
    found: Event | None = _ask("event", event_id=event_id)
    return found


def dataset() -> str:
    """Return the dataset that is shown where none is chosen."""
    name: str = _ask("dataset", selection=None)
    return name


def datasets() -> dict[str, int]:
    """Return the number of articles by dataset."""
    return store().datasets(version())


@st.cache_data(max_entries=8, show_spinner=False)
def _commits(location: str, at: int) -> dict[int, str]:  # noqa: ARG001 a newer version has another log
    log = _open(location).versions().sort_values("version", ascending=False)
    return {int(n): str(when) for n, when in zip(log["version"], log["when"], strict=True)}


def commits(most: int) -> dict[int, str]:
    """Return the store's newest versions with the time of each (ISO, UTC), the newest first."""
    return dict(list(_commits(default_store(), newest_version()).items())[:most])


@st.cache_data(max_entries=8, show_spinner=False)
def _judged(location: str, at: int) -> dict[str, int]:
    return dict(Counter(said.dataset for said in fold(_open(location).judgements(at)).values()))


def judged(dataset: str) -> int:
    """Return how many reports of a data set people have judged, in the version that is shown."""
    return _judged(default_store(), version()).get(dataset, 0)


@st.cache_data(max_entries=8, show_spinner=False)
def _judgements(location: str, at: int) -> pd.DataFrame:  # noqa: ARG001 a newer version has a longer log
    return history(_open(location))


def judgements() -> pd.DataFrame:
    """Return the log of judgements, the newest first; columns as in `review.history`."""
    return _judgements(default_store(), newest_version())


def last_commit() -> str | None:
    """Return when the version that is shown was written (ISO, UTC), None for an empty store."""
    return _commits(default_store(), newest_version()).get(version())
