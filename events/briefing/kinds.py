"""The charts that a Selection alone can ask for, each with its words, as the pages of the dashboard show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import pandas as pd
import plotly.graph_objects as go

from events.briefing import frames, relation
from events.briefing.frames import Framed
from events.charts import actors, issues, legends, maps, matrices, networks, relations, timelines, words
from events.charts.borders import borders
from events.charts.remarks import Remarks
from events.charts.theme import LIGHT
from events.errors import InputError
from events.gazetteer import is_state
from events.queries import Counts, Queries
from events.schema import Selection

__all__ = ["KINDS", "Chart", "chart"]

_TOPICS, _DYADS = 14, 12


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that was asked for: framed for a picture or a page, and the table behind it."""

    framed: Framed
    table: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who is asked what; `counts` are those of the selection, which holds at least one event."""

    queries: Queries
    selection: Selection
    counts: Counts
    notes: pd.DataFrame | None = None  # the analysts' notes on dates

    @property
    def first(self) -> date | None:
        """The first day that is drawn."""
        return self.selection.start or self.counts.first

    @property
    def last(self) -> date | None:
        """The last day that is drawn."""
        return self.selection.end or self.counts.last

    def framed(
        self,
        draw: Callable[[tuple[int, int]], go.Figure],
        title: str,
        subtitle: str,
        *,
        n: int | None = None,
        of: str = "",
        showing: str = "",
        marks: str = "",
        boundary: str = "",
        key: legends.Legend = (),
        alt: str = "",
        remarks: Remarks = Remarks(),  # noqa: B008 frozen and empty
    ) -> Framed:
        """Frame a figure; `n` events are drawn, where it is not all of them."""
        counts, dataset = self.counts, self.queries.dataset(self.selection)
        sample = dataset == "samples"
        name = "Entente samples" if sample else dataset.capitalize()
        when = (
            datetime.fromisoformat(self.queries.snapshot.when).date() if self.queries.snapshot.when else None
        )
        coverage = f"from {words.plural(counts.articles, 'article')} of {words.outlets(counts.outlets)}"
        return Framed(
            draw,
            title,
            subtitle,
            notes=tuple(
                words.caption(
                    self.selection,
                    (counts.first, counts.last),
                    counts.events if n is None else n,
                    of=of or (coverage if n is None else ""),
                    showing=showing,
                    marks=marks,
                )
            ),
            source=(frames.source_line(f"{name}, version {self.queries.version}", when), boundary),
            key=key,
            alt=alt,
            sample=sample,
            remarks=remarks,
        )


def _map(asked: _Asked) -> Chart:
    states, dyads = asked.queries.by_state(asked.selection), asked.queries.by_dyad(asked.selection)
    drawn = maps.busiest(dyads)
    measure: maps.Measure = "mean intensity"
    framed = asked.framed(
        lambda space: maps.world(states, drawn, LIGHT, measure=measure, size=maps.fitted(space)),
        maps.title(dyads, measure),
        maps.subtitle(measure, len(drawn), len(dyads)),
        marks=maps.marks_note(drawn),
        boundary=borders().note,
        key=legends.world(
            maps.key(states, measure, LIGHT), LIGHT, **maps.key_numbers(states, drawn, measure)
        ),
        alt=maps.alt(states, dyads, measure),
    )
    return Chart(framed, states)


def _timeline(asked: _Asked) -> Chart:
    unit = timelines.unit_for(asked.first, asked.last)
    periods = asked.queries.by_period(asked.selection, unit)
    framed = asked.framed(
        lambda _: timelines.by_class(periods, LIGHT, unit=unit),
        timelines.title(periods, unit),
        f"Events by {unit} and class: deeds dark, words light; cooperation up, conflict down",
        n=timelines.dated(periods),
        marks=timelines.undated(asked.counts.events, periods, unit),
        alt=timelines.alt(periods, unit),
    )
    return Chart(framed, periods)


def _index(asked: _Asked) -> Chart:
    selection, counts = asked.selection, asked.counts
    if counts.first is None or counts.events < relations.FEW:
        raise InputError(
            f"{words.plural(counts.events, 'event')}: too few for an index, which needs {relations.FEW} dated ones; "
            "widen the period, or take the kind timeline"
        )
    told = relation.tell(asked.queries, selection, counts, lane="domain", notes=asked.notes)
    story = told.story
    framed = asked.framed(
        lambda _: relations.relations_figure(story, LIGHT),
        relations.title(told.spans, story.unit, "Relations" if selection.dyad else "Balance"),
        f"Relation index: balance of cooperation and conflict, −1 to +1, by {story.unit}, smoothed "
        f"(half-life 4 {story.unit}s), with 90% band; below, one mark an event by domain",
        showing=relation.marks_note(told, counts.events),
        marks=relation.gaps_note(told),
        key=legends.relation(
            LIGHT,
            marks=bool(story.lanes),
            changes=len(story.spans) > 1,
            keys=bool(len(story.keys)) and not story.keys["opens"].all(),
        ),
        alt=relations.alt(story),
        remarks=relations.remarks_of(story),
    )
    return Chart(framed, story.index)


def _matrix(asked: _Asked) -> Chart:
    every = [str(code) for code in asked.queries.by_state(asked.selection)["party"] if is_state(str(code))]
    parties = every[: matrices.MOST]
    cells = asked.queries.by_direction(asked.selection, tuple(parties))
    cells = cells[cells["source"] != cells["target"]]
    if cells.empty:
        raise InputError("no events among states in this selection; leave out --party or widen the period")
    parties, groups = matrices.arrange(parties, cells, matrices.ORDERS[0], asked.last or date.today())
    dyads = asked.queries.by_dyad(asked.selection)
    among = dyads[dyads["a"].isin(parties) & dyads["b"].isin(parties) & (dyads["a"] != dyads["b"])]
    framed = asked.framed(
        lambda _: matrices.matrix(parties, cells, LIGHT, groups=groups),
        matrices.title(parties, cells, symmetric=False),
        "Mean intensity, −10 to +10: rows act, columns are acted on",
        n=int(among["events"].sum()),
        of="among them",
        showing=words.showing(len(parties), len(every), "state"),
        marks="acts of both sides count in both directions",
        key=legends.squares(LIGHT),
        alt=matrices.alt(parties, cells, symmetric=False),
    )
    return Chart(framed, cells)


def _network(asked: _Asked) -> Chart:
    drawn = networks.network(asked.queries.by_dyad(asked.selection))
    edges = tuple(zip(drawn.edges["a"], drawn.edges["b"], map(int, drawn.edges["events"]), strict=True))
    places = cache(lambda space: networks.layout(edges, space))
    framed = asked.framed(
        lambda space: networks.draw(drawn, places(space), LIGHT, size=space),
        networks.title(drawn),
        "Dots are parties, lines dyads; orange where conflict outweighs, blue where cooperation does",
        n=int(drawn.edges["events"].sum()) if len(drawn.edges) else 0,
        showing=words.showing(len(drawn.edges), drawn.all_edges, "dyad"),
        marks="squares are organisations; unlinked groups stand at the foot",
        key=legends.links(LIGHT),
        alt=networks.alt(drawn),
    )
    return Chart(framed, drawn.edges)


def _issues(asked: _Asked) -> Chart:
    whole = bool(asked.selection.start or asked.selection.end)
    unit = issues.unit_for(asked.first, asked.last)
    periods = asked.queries.by_lane(asked.selection, "domain", unit)
    if periods.empty:
        raise _no_issue()
    if not whole:  # the axis begins where events do in number, so the unit may be finer
        kept, _ = issues.window(periods, whole=False)
        unit = issues.unit_for(kept["period"].min().date(), asked.counts.last)
        periods = asked.queries.by_lane(asked.selection, "domain", unit)
    drawn, before = issues.window(periods, whole=whole)
    names = issues.order(drawn)
    framed = asked.framed(
        lambda _: issues.multiples(drawn, LIGHT, unit=unit),
        issues.title_multiples(drawn),
        f"Events by {unit} in each domain: cooperation above zero, conflict below",
        showing=words.showing(min(len(names), issues.DOMAINS), len(names), "domain"),
        marks=f"{words.plural(before, 'earlier mention')} not drawn" if before else "",
        alt=issues.alt_multiples(drawn, unit),
    )
    return Chart(framed, periods)


def _no_issue() -> InputError:
    return InputError("no event of this selection names an issue; choose other parties or a longer period")


def _treemap(asked: _Asked) -> Chart:
    table, by_domain = asked.queries.by_issue(asked.selection), asked.queries.by_domain(asked.selection)
    if table.empty:
        raise _no_issue()
    framed = asked.framed(
        lambda _: issues.treemap(table, LIGHT),
        issues.title_treemap(by_domain, asked.counts.events),
        "Domains and their issues by number of events; the colours are families of domains",
        marks="an event counts once in each of its issues",
        alt=issues.alt_treemap(by_domain),
    )
    return Chart(framed, table)


def _topics(asked: _Asked) -> Chart:
    selection = asked.selection
    busiest = asked.queries.by_dyad(selection, _DYADS)
    pairs = (
        (selection.dyad,)
        if selection.dyad
        else tuple((str(a), str(b)) for a, b in zip(busiest["a"], busiest["b"], strict=True) if a != b)
    )
    cells = asked.queries.by_dyad_topic(selection, "domain", pairs)
    if cells.empty:
        raise _no_issue()
    totals = cells.groupby("topic")["events"].sum()
    topics = sorted(map(str, totals.index), key=lambda name: (-totals[name], name))
    showing = words.showing(min(len(topics), _TOPICS), len(topics), "domain")
    alt = issues.alt_topics(cells, min(len(topics), _TOPICS), len(pairs))
    if selection.dyad:
        framed = asked.framed(
            lambda _: issues.mirror(cells, LIGHT, most=_TOPICS),
            issues.title_mirror(cells, *selection.dyad),
            "Events by domain: conflict left, cooperation right",
            showing=showing,
            alt=alt,
        )
        return Chart(framed, cells)
    framed = asked.framed(
        lambda _: issues.heat(topics[:_TOPICS], pairs, cells, LIGHT),
        issues.title_topics(cells),
        "Mean intensity of the busiest dyads by domain, −10 to +10",
        showing=" · ".join(filter(None, (showing, words.showing(len(pairs), asked.counts.dyads, "dyad")))),
        key=legends.squares(LIGHT),
        alt=alt,
    )
    return Chart(framed, cells)


def _types(asked: _Asked) -> Chart:
    selection = asked.selection
    if selection.dyad:
        names = relation.named(selection)
        by_type = asked.queries.by_lane(selection, "type")
        directed = int(by_type.loc[by_type["by"] != "both", "events"].sum())
        both = int(by_type.loc[by_type["by"] == "both", "events"].sum())
        if not directed:
            raise InputError("no act of one side alone in this selection; take the kind timeline")
        framed = asked.framed(
            lambda _: relations.mirror(by_type, LIGHT, names),
            relations.mirror_title(by_type, names),
            f"Events by type and direction; {words.number(both)} of "
            f"{words.plural(asked.counts.events, 'act')} are of both and on neither side",
            n=directed,
            of="of one side",
            alt=relations.mirror_alt(by_type, names),
        )
        return Chart(framed, by_type)
    by_type = asked.queries.by_type(selection)
    top = by_type.iloc[0]
    shown = min(len(by_type), actors.TYPES)
    framed = asked.framed(
        lambda _: actors.types(by_type, LIGHT),
        "Events by type",
        "Number of events of each PLOVER type, the most frequent first; blue cooperation, orange conflict",
        showing=words.showing(shown, len(by_type), "type"),
        alt=f"Events by type. Most frequent: {words.act(str(top['event_type']))}, "
        f"{words.plural(int(top['events']), 'event')}.",
    )
    return Chart(framed, by_type)


KINDS: dict[str, Callable[[_Asked], Chart]] = {
    "map": _map,
    "timeline": _timeline,
    "index": _index,
    "matrix": _matrix,
    "network": _network,
    "issues": _issues,
    "topics": _topics,
    "treemap": _treemap,
    "types": _types,
}
"""The kinds of charts by name."""


def chart(kind: str, queries: Queries, selection: Selection, notes: pd.DataFrame | None = None) -> Chart:
    """Return the chart of this kind of a selection.

    `notes`: the analysts' notes on dates (`views.Desk.note_frame`), which a chart over time carries. Raises InputError for an unknown kind, where no event matches, and where too few do for this kind.
    """
    if kind not in KINDS:
        raise InputError(f"there is no chart {kind!r}; choose one of {', '.join(KINDS)}")
    counts = queries.count(selection)
    if not counts.events:
        chosen = ", ".join(f"{name.lower()} {value}" for name, value, _ in words.filters(selection))
        raise InputError(
            f"no events match ({chosen}); widen the selection" if chosen else "the store holds no events yet"
        )
    return KINDS[kind](_Asked(queries, selection, counts, notes))
