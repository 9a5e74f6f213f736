"""A recipe asked of one store version: the briefing as plain data, which writers turn into documents.

Every statement rests on coded fields. What it leads back to is numbered: note n is one event, with the articles
that tell it, and the same in every format. Nothing here depends on the clock: "today" is the day of the store version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from events import __version__, analytics
from events.accuracy import accuracy, caution
from events.briefing import figures, relation
from events.briefing.recipe import MOST, Part, Recipe, clean, heading
from events.charts import borders, lanes, maps, networks, places, plots, relations, remarks, timelines, words
from events.charts.geometry import REGIONS, WORLD, Frame, View
from events.charts.plots import Mark, Plot, Series
from events.charts.remarks import Remarks
from events.charts.rows import records
from events.charts.sentences import LOW_CONFIDENCE, Entry, entry, prose_name
from events.charts.theme import GLYPHS, LIGHT
from events.codebook import event_types
from events.errors import InputError
from events.queries import Counts, Queries
from events.schema import Selection

__all__ = [
    "Briefing",
    "Cited",
    "Fact",
    "Line",
    "Note",
    "Section",
    "Table",
    "Visual",
    "build",
    "key_item",
    "resolve",
]

# What a briefing consists of


@dataclass(frozen=True, slots=True)
class Cited:
    """An article behind a note; `url` only where it is an http address."""

    article_id: str
    title: str
    outlet: str
    published: str  # "3 Mar 2024", "" where unknown
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: one event, the first articles that tell it, and how many more do."""

    number: int
    event_id: str
    articles: tuple[Cited, ...]
    more: int

    @property
    def text(self) -> str:
        """The note as a line, without its number."""
        told = "; ".join(
            ", ".join(
                filter(
                    None,
                    (a.outlet or "outlet unknown", f"“{a.title}”" if a.title else "", a.published, a.url),
                )
            )
            for a in self.articles
        )
        rest = f"; {words.plural(self.more, 'more article')}" if self.more else ""
        return f"{told or 'no article'}{rest} (event {self.event_id})"


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with what it says; `sign` colours it (−1 conflict, +1 cooperation), `notes` lead to events."""

    figure: str
    text: str
    sign: int = 0
    name: str = ""
    notes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An event as a line of a chronology; `number` is its number in the chart."""

    entry: Entry
    quad_class: str
    event_id: str
    note: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a head; `align` has l or r, `widths` shares of the width.

    `notes`: number of the note by row; it stands in column `noted`.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str
    widths: tuple[float, ...]
    notes: Mapping[int, int] = field(default_factory=dict)
    noted: int = 0


@dataclass(frozen=True, slots=True)
class Visual:
    """A chart: `plot` where it can be drawn natively, `figure` where it is a picture (or the richer form of the plot).

    `table` holds its numbers, `key` says what its marks mean, `size` is that of the figure in px, `under` goes into
    the caption where the figure is drawn in place of the plot.
    """

    alt: str
    table: Table
    plot: Plot | None = None
    figure: go.Figure | None = None
    size: tuple[int, int] = (760, 360)
    key: str = ""
    under: str = ""
    geo: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One message: its finding as title, what is drawn, what it rests on. Writers leave out what is empty."""

    kind: str
    title: str
    subtitle: str
    caption: tuple[str, ...]
    note: str = ""  # the author's own words
    facts: tuple[Fact, ...] = ()
    visual: Visual | None = None
    table: Table | None = None
    lines: tuple[Line, ...] = ()
    paragraphs: tuple[str, ...] = ()
    details: tuple[str, ...] = ()  # longer text for documents and the notes of slides
    remarks: Remarks = field(default_factory=Remarks)  # analysts' notes on dates, lettered as in the chart
    empty: str = ""  # said where there is nothing to show

    @property
    def drawn_caption(self) -> tuple[str, ...]:
        """The caption where the section's figure is drawn in place of its plot."""
        under = self.visual.under if self.visual else ""
        return (*self.caption[:-1], under, self.caption[-1]) if under else self.caption


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing, ready to be written."""

    recipe: Recipe
    selection: Selection  # as asked, with its days
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    source: str  # "Entente samples, store version 4, 27 Nov 2026"
    basis: str  # period, n, filters
    dataset: str
    samples: bool
    version: int
    made: datetime  # when the store version was written (UTC)
    counts: Counts

    @property
    def days(self) -> str:
        """The period that is covered, in words."""
        return words.span(
            self.selection.start or self.counts.first, self.selection.end or self.counts.last, long=True
        )


# Asking


def resolve(recipe: Recipe, queries: Queries) -> Selection:
    """Return the recipe's selection with its days: `days` counts back from the dataset's newest event."""
    selection = recipe.selection
    if recipe.days is None:
        return selection
    last = queries.count(Selection(dataset=selection.dataset, store_version=selection.store_version)).last
    if last is None:
        return selection
    return replace(selection, start=last - timedelta(days=recipe.days - 1), end=last)


def build(recipe: Recipe, queries: Queries, notes: pd.DataFrame | None = None) -> Briefing:
    """Return the briefing that the recipe asks for, from the store version of `queries`.

    `notes`: the analysts' notes on dates (`views.Desk.note_frame`). Raises InputError where no event matches, with
    what to change.
    """
    selection = resolve(recipe, queries)
    counts = queries.count(selection)
    if not counts.events:
        asked = ", ".join(f"{name.lower()} {value}" for name, value, _ in words.filters(selection))
        whole = queries.count(Selection(dataset=selection.dataset)).events
        raise InputError(
            f"no events match ({asked or 'no filter is set'}) out of {words.number(whole)}; "
            "widen the period or take a filter away"
        )
    work = _Work(recipe, queries, selection, counts, notes if notes is not None else pd.DataFrame())
    sections = tuple(work.section(part) for part in recipe.parts)
    return Briefing(
        recipe=recipe,
        selection=selection,
        title=clean(heading(recipe)),
        subtitle=clean(recipe.subtitle) or work.days,
        sections=sections,
        notes=work.footnotes(),
        source=work.source,
        basis=work.basis,
        dataset=work.dataset,
        samples=work.samples,
        version=work.snapshot.version,
        made=work.made,
        counts=counts,
    )


CHRONOLOGY, EVIDENCE, ROWS, PLANS = 16, 12, 12, 12
_MAP, _NETWORK = (700, 330), (760, 400)  # px: a page's column, so that letters are read on it and on slides
_NOTED = 3  # articles in a note
_SLOTS = 60  # columns of a chart: thinner ones blur on a slide
_MIXED = 10  # domains in the mix
_POOL = 400  # events from which facts are cited: asked for once
_WORDS = 220  # characters of a quotation
_STEPS: dict[timelines.Unit, tuple[int, ...]] = {
    "week": (1, 2, 4, 13, 26, 52), "month": (1, 2, 3, 6, 12), "quarter": (1, 2, 4), "year": (1, 2, 5),
}  # fmt: skip
_NEAR = 0.08  # of the time shown: letters of notes within it stand together


class _Memory:
    """The store's answers, so that what two sections ask is asked once; the frames are not to be changed."""

    def __init__(self, queries: Queries) -> None:
        self.asked, self.kept = queries, dict[Any, Any]()

    def __getattr__(self, name: str) -> Any:
        question = getattr(self.asked, name)
        if not callable(question):
            return question

        def ask(*given: Any, **named: Any) -> Any:
            key = repr((name, given, sorted(named.items())))
            if key not in self.kept:
                self.kept[key] = question(*given, **named)
            return self.kept[key]

        return ask


class _Work:
    """One briefing in the making: the questions that several sections ask, and the notes given so far."""

    def __init__(
        self, recipe: Recipe, queries: Queries, selection: Selection, counts: Counts, notes: pd.DataFrame
    ) -> None:
        self.recipe, self.selection, self.counts = recipe, selection, counts
        self.queries: Any = _Memory(queries)
        version = selection.store_version
        self.snapshot = (
            queries.snapshot if version in {None, queries.version} else queries.store.snapshot(version)
        )
        self.made = datetime.fromisoformat(self.snapshot.when)
        self.dataset = queries.dataset(selection)
        self.samples = self.dataset == "samples"
        self.analysts = (
            notes.assign(text=notes["text"].map(clean), by=notes["by"].map(clean)) if len(notes) else notes
        )
        self.remarked = False
        self.cited: dict[str, int] = {}

    # What all sections say

    @property
    def today(self) -> date:
        return self.made.date()

    @property
    def days(self) -> str:
        return words.span(
            self.selection.start or self.counts.first, self.selection.end or self.counts.last, long=True
        )

    @property
    def source(self) -> str:
        name = "Entente samples" if self.samples else f"Entente, dataset {self.dataset}"
        return f"Source: {name}, store version {self.snapshot.version}, {words.day(self.today)}"

    @property
    def basis(self) -> str:
        kept = [
            f"{name.lower()} {value}" for name, value, _ in words.filters(self.selection) if name != "Period"
        ]
        first, last = self.selection.start or self.counts.first, self.selection.end or self.counts.last
        return " · ".join(filter(None, (words.span(first, last), f"n = {self.numbers()}", ", ".join(kept))))

    def numbers(self, events: int | None = None) -> str:
        """Return "n events from m articles of k outlets"."""
        n = self.counts.events if events is None else events
        return f"{words.plural(n, 'event')} {figures.coverage(self.counts)}"

    def caption(self, *more: str, events: int | None = None) -> tuple[str, ...]:
        """Return what a section rests on, as parts: period and n, filters, what was cut, source."""
        basis = self.basis
        if events is not None and events != self.counts.events:
            basis = basis.replace(
                f"n = {self.numbers()}", f"n = {words.plural(events, 'event')} of {self.numbers()}"
            )
        return tuple(filter(None, (basis, *more, self.source)))

    # Notes

    def cite(self, events: pd.DataFrame | list[Any]) -> tuple[int, ...]:
        """Return the numbers of the notes on these events, giving new ones where they have none yet."""
        rows = records(events) if isinstance(events, pd.DataFrame) else events
        return tuple(self.cited.setdefault(row.event_id, len(self.cited) + 1) for row in rows)

    def footnotes(self) -> tuple[Note, ...]:
        if not self.cited:
            return ()
        found = self.queries.sources(list(self.cited))
        by_event = {str(key): records(part) for key, part in found.groupby("event_id")}
        return tuple(
            Note(number, event_id, tuple(_cited(row) for row in rows[:_NOTED]), max(len(rows) - _NOTED, 0))
            for event_id, number in self.cited.items()
            for rows in [by_event.get(event_id, [])]
        )

    @cached_property
    def decided(self) -> Callable[[str], bool]:
        """Whether an analyst has merged or split an event: asked only where that ever happened."""
        if not self.snapshot.moves:
            return lambda _: False

        def by_hand(event_id: str) -> bool:
            told = self.queries.memberships(event_id)
            return bool((told["moved"].astype(bool) & (told["by"] != "rules")).any())

        return by_hand

    # Measures

    @cached_property
    def told(self) -> relation.Told:
        notes = self.analysts if len(self.analysts) else None
        return relation.tell(self.queries, self.selection, self.counts, lane="domain", notes=notes)

    @cached_property
    def few(self) -> bool:
        return self.counts.events < analytics.FEW

    @cached_property
    def by_lane(self) -> pd.DataFrame:
        return self.queries.by_lane(self.selection, "domain")

    @cached_property
    def pool(self) -> pd.DataFrame:
        """The events that most reports tell, then the strongest: what facts and lists cite is taken from them."""
        return self.queries.salient(
            self.selection, max(_POOL, *(part.most or 0 for part in self.recipe.parts))
        )

    def among(self, met: Callable[[Any], bool], most: int = 2, **narrower: Any) -> list[Any]:
        """Return the first of the pool that meet a condition; with `narrower` filters, the store is asked where none does."""
        found = [row for row in records(self.pool) if met(row)][:most]
        if not found and narrower:
            found = records(self.queries.salient(replace(self.selection, **narrower), most))
        return found

    # Sections

    def section(self, part: Part) -> Section:
        made: Section = getattr(self, f"_{part.kind}")(part)
        if part.title:
            made = replace(made, title=part.title)
        if self.few and made.empty:
            made = replace(made, visual=None)
        return replace(made, note=part.note)

    def _few_section(self, part: Part, title: str) -> Section:
        n = words.count_word(self.counts.events)
        return Section(
            part.kind, title, "", self.caption(),
            empty=f"{n} {'event' if self.counts.events == 1 else 'events'}: too few to measure. The chronology lists them.",
        )  # fmt: skip

    def _headline(self, part: Part) -> Section:
        if self.selection.dyad:
            shown = relation.figures(self.queries, self.selection, self.told, self.counts)
        else:
            before = self._before()
            shown = figures.whole(
                self.counts,
                self.queries.headline(self.selection),
                self.queries.spread(self.selection),
                before,
            )
        facts = tuple(Fact(figure, below, _firm(figure, below), name) for name, figure, below in shown)
        told = self.pool.head(3)
        lines = self._lines(told.sort_values(["date", "event_id"]))
        return Section(
            part.kind, self._verdict(), "Each figure with its 90% interval; below, the events that most reports tell",
            self.caption(), facts=facts, lines=lines,
        )  # fmt: skip

    def _before(self) -> tuple[Counts, Any] | None:
        start, end = self.selection.start, self.selection.end or self.counts.last
        if start is None or end is None or (start - date.min).days <= (end - start).days + 1:
            return None
        earlier = replace(
            self.selection, start=start - (end - start) - timedelta(days=1), end=start - timedelta(days=1)
        )
        counts = self.queries.count(earlier)
        return (counts, self.queries.headline(earlier)) if counts.events else None

    def _verdict(self) -> str:
        """Return which of cooperation and conflict outweighs, where the interval says so."""
        row = analytics.totals(
            self.queries.series(self.selection), relation.prior(self.queries, self.selection)
        ).loc["all"]
        if row["events"] < analytics.FEW:
            return "Headline figures"
        balance = words.intensity(row["balance"], 2)
        if row["low"] > 0:
            return f"Cooperation outweighs conflict: balance {balance}"
        if row["high"] < 0:
            return f"Conflict outweighs cooperation: balance {balance}"
        return "Neither cooperation nor conflict clearly outweighs"

    def _map(self, part: Part) -> Section:
        if self.selection.dyad:
            return self._places(part)
        measure = part.measure or maps.MEASURES[0]
        size = _MAP
        dyads = self.queries.by_dyad(self.selection)
        viewpoint = self.selection.parties[0] if len(self.selection.parties) == 1 else ""
        if viewpoint:
            states = self.queries.partners(viewpoint, self.selection)
            title = maps.viewpoint_title(viewpoint, states, measure)
        else:
            states = self.queries.by_state(self.selection)
            title = maps.title(dyads, measure)
        drawn = maps.busiest(dyads)
        view = _view([(row.a, row.b) for row in records(drawn)], pd.DataFrame())
        drawn = maps.busiest(dyads, view=view)
        figure = maps.world(
            states, drawn, LIGHT, measure=measure, size=size, view=view, viewpoint=viewpoint, seats=True
        )
        top = states.head(ROWS)
        table = Table(
            ("Party", "Events", "Mean intensity", "In conflict"),
            tuple(
                (words.short_name(row.party), words.number(row.events), _mean(row), words.percent(row.conflict_share))
                for row in records(top)
            ),
            "lrrr", (3, 1, 1.4, 1.2),
        )  # fmt: skip
        subtitle = maps.subtitle(measure, len(drawn), len(dyads), viewpoint=viewpoint)
        facts = tuple(
            Fact(
                _mean(row), f"{words.short_name(row.a)} and {words.short_name(row.b)}: {words.plural(row.events, 'event')}, "
                f"{words.percent(row.conflict_share)} in conflict", _sign(_mean(row)),
                notes=self.cite(self._of_pair(row)),
            )
            for row in records(dyads.head(3))
        )  # fmt: skip
        key = maps.key(states, measure, LIGHT)
        visual = Visual(
            maps.alt(states, dyads, measure, viewpoint=viewpoint, period=self.days), table, figure=figure, size=(_MAP[0], _MAP[1] + 8),
            key=_map_key(key), geo=True,
        )  # fmt: skip
        return Section(
            part.kind, title, subtitle,
            self.caption(words.showing(len(top), len(states), "partner" if viewpoint else "state or organisation") if len(top) < len(states) else "", maps.marks_note(drawn), borders.borders().note),
            facts=facts, visual=visual,
        )  # fmt: skip

    def _of_pair(self, pair: Any) -> list[Any]:
        return self.among(lambda row: {row.source, row.target} == {pair.a, pair.b})

    def _places(self, part: Part) -> Section:
        """The map of a dyad: where its acts took place."""
        found = self.queries.by_place(self.selection)
        title = "Where it takes place"
        placed = int(found["events"].sum())
        if len(found) and found["events"].iloc[0] >= max(analytics.FEW, 0.4 * placed):
            row = found.iloc[0]
            title = f"{words.percent(row['events'] / placed)} of the acts with a place took place in {row['name']}"
        if found.empty:
            return Section(
                part.kind, title, "", self.caption(), empty="No article says where these acts took place."
            )
        drawn = places.drawn(found)
        dyad = self.selection.dyad or ("", "")
        view = _view([dyad], drawn)
        drawn = places.drawn(found, view)
        dyads = maps.busiest(self.queries.by_dyad(self.selection), 1, view)
        figure = maps.world(
            pd.DataFrame(columns=["party", "events", "mean_intensity", "conflict_share"]).astype({"events": int}),
            dyads, LIGHT, size=_MAP, view=view, fill=False, places=drawn,
        )  # fmt: skip
        top = found.head(ROWS)
        table = Table(
            ("Place", "Known to the", "Events", "Mean intensity"),
            tuple(
                (words.place(row.name, row.country), str(row.precision), words.number(row.events), _mean(row))
                for row in records(top)
            ),
            "llrr", (3, 1.3, 1, 1.4),
        )  # fmt: skip
        facts = tuple(
            Fact(
                words.number(row.events),
                f"{'event' if row.events == 1 else 'events'} in {words.place(row.name, row.country)}"
                + (f", mean intensity {words.intensity(row.mean_intensity)}" if row.events >= analytics.FEW else ""),
                notes=self.cite(
                    self.among(
                        _at(row)
                    )
                ),
            )
            for row in records(found.head(3))
        )  # fmt: skip
        named = ", ".join(
            f"{words.place(row.name, row.country)} ({row.events})" for row in records(top.head(3))
        )
        visual = Visual(
            f"Map of the places of {self.numbers(placed)}. Most: {named}.", table, figure=figure, size=(_MAP[0], _MAP[1] + 8), geo=True,
            key="● mostly cooperation  ◆ mostly conflict  ○ fewer than five events; rings and discs: somewhere in the state or region",
        )  # fmt: skip
        return Section(
            part.kind, title, "Places of the acts, by number of events; an act without a named place is not shown",
            self.caption(words.showing(len(top), len(found), "place"), borders.borders().note, events=placed),
            facts=facts, visual=visual,
        )  # fmt: skip

    def _network(self, part: Part) -> Section:
        dyads = self.queries.by_dyad(self.selection)
        given = networks.network(dyads.head(120))
        title = networks.title(given)
        if len(given.edges) < 3:
            return Section(
                part.kind, title, "", self.caption(), empty="Fewer than three pairs: nothing to link."
            )
        size = _NETWORK
        edges = [(row.a, row.b, int(row.events)) for row in records(given.edges)]
        figure = networks.draw(given, networks.layout(edges, size), LIGHT, size=size)
        top = list(given.degree.items())[:ROWS]
        table = Table(
            ("Party", "Partners", "Events"),
            tuple((words.short_name(code), str(n), words.number(given.nodes.get(code, 0))) for code, n in top),
            "lrr", (3, 1, 1),
        )  # fmt: skip
        facts = tuple(
            Fact(str(n), f"{'party has' if n == 1 else 'parties have'} events with {prose_name(code)}", notes=self.cite(self.among(_of_party(code))))
            for code, n in top[:3]
        )  # fmt: skip
        visual = Visual(
            networks.alt(given), table, figure=figure, size=size,
            key="Lines: pairs with events, wider with more; blue: cooperation outweighs, orange: conflict, grey: fewer than five events",
        )  # fmt: skip
        return Section(
            part.kind, title, "Who has events with whom", self.caption(words.showing(len(given.edges), len(dyads), "pair")),
            facts=facts, visual=visual,
        )  # fmt: skip

    def _timeline(self, part: Part) -> Section:
        if self.counts.first is None or self.counts.last is None:
            return self._few_section(part, "Events over time")
        start = self.told.story.index["period"].iloc[0].date()
        last = self.selection.end or self.counts.last
        unit: timelines.Unit = next(
            (u for u in timelines.UNITS if (last - start).days / analytics.DAYS[u] <= _SLOTS), "year"
        )
        shown = replace(self.selection, start=start)
        periods = self.queries.by_period(shown, unit)
        grid = analytics.periods(start, last, unit)
        good = ("material cooperation", "verbal cooperation")
        sides = []
        for name in (*good, "material conflict", "verbal conflict"):
            counted = (
                periods[periods["quad_class"] == name]
                .set_index("period")["events"]
                .reindex(grid, fill_value=0)
            )
            sign = 1 if name in good else -1
            sides.append(Series(name, tuple(sign * int(v) for v in counted), LIGHT.classes[name]))
        high = max(a + b for a, b in zip(sides[0].amounts, sides[1].amounts, strict=True))  # type: ignore[operator]
        low = min(a + b for a, b in zip(sides[2].amounts, sides[3].amounts, strict=True))  # type: ignore[operator]
        keys = self.told.story.keys
        marks = tuple(
            Mark(float(grid.get_loc(analytics.start_of(row.date, unit))), str(row.number), bool(row.opens))
            for row in records(keys)
            if analytics.start_of(row.date, unit) in grid
        )
        bottom, top, ticks = plots.rounded(min(low * 1.02, -1.0), max(high * 1.02, 1.0))
        told = self.remarks()
        story = self.told.story
        dots = lanes.dots(story, lambda day: _place(day, grid, unit))
        plot = Plot(
            "columns", tuple(_period(day, unit) for day in grid), tuple(sides), bottom, top, ticks,
            steps=_STEPS[unit], marks=() if dots else marks, notes=_letters(told, grid, unit), dots=dots,
            lanes=tuple(words.shorten(relations.lane_label("domain", name), 14) for name in story.lanes) if dots else (),
        )  # fmt: skip
        totals = [sum(abs(v or 0) for v in side.amounts) for side in sides]
        table = Table(
            ("Period", *(side.name.capitalize() for side in sides)),
            tuple(
                (name, *(words.number(abs(side.amounts[at] or 0)) for side in sides))
                for at, name in enumerate(plot.categories)
                if any(side.amounts[at] for side in sides)
            ),
            "lrrrr", (2, 1.2, 1.2, 1.2, 1.2),
        )  # fmt: skip
        drawn = int(sum(totals))
        left = self.counts.events - drawn
        return Section(
            part.kind, timelines.title(periods, unit),
            ("Key events, numbered, among the events of each domain; below, " if dots else "")
            + f"{'events' if dots else 'Events'} by {unit} and class: cooperation up, conflict down",
            self.caption(
                f"{words.plural(left, 'earlier or undated event')} not drawn" if left > 0 else "",
                relation.marks_note(self.told, self.counts.events) if dots else "",
                events=drawn,
            ),
            visual=Visual(
                timelines.alt(periods, unit), table, plot=plot,
                key="\n".join(f"{side.colour}|{side.name}|{GLYPHS[side.name] if dots else ''}" for side in sides),
            ),
            lines=self._lines(keys, numbered=True), remarks=told,
        )  # fmt: skip

    def _index(self, part: Part) -> Section:
        title = relations.title(self.told.spans, self.told.story.unit)
        if self.few or self.told.spans.empty:
            return self._few_section(part, title)
        story, spans = self.told.story, self.told.spans
        index, unit = story.index, story.unit
        grid = list(index["period"])
        facts = []
        for row in records(spans.tail(3).iloc[::-1]):
            n = words.plural(row.events, "event")
            first = len(spans) == 1 or row.start == spans["start"].iloc[0]
            moved = "" if first else f"; {words.intensity(row.change, 2)} on the time before"
            since = (
                "over the whole period"
                if len(spans) == 1
                else f"from {_on(row.start, unit)} to {_on(row.end, unit)}"
            )
            facts.append(
                Fact(
                    words.intensity(row.balance, 2),
                    f"{since} (90%: {words.intensity(row.low, 2)}, {words.intensity(row.high, 2)}), {n}{moved}",
                    _clear(row.low, row.high),
                    notes=self.cite(self._openers(row, unit)),
                )
            )
        known = index[index["balance"].notna()]
        if len(known):
            row = known.iloc[-1]
            facts.append(
                Fact(
                    words.intensity(row["balance"], 2),
                    f"the latest value, {timelines.period_name(row['period'].date(), unit)} "
                    f"(90%: {words.intensity(row['low'], 2)}, {words.intensity(row['high'], 2)})"
                    + (", resting on few events" if row["few"] else ""),
                    _clear(row["low"], row["high"]),
                )
            )
        at = {day: place for place, day in enumerate(grid)}
        opened = {row.start: "" for row in records(spans.iloc[1:])}
        marks = []
        for row in records(story.keys):
            start = analytics.start_of(row.date, unit)
            if row.opens and start in opened:
                opened[start] = str(row.number)
            elif start in at:
                marks.append(Mark(float(at[start]), str(row.number)))
        marks += [Mark(float(at[day]), label, solid=True) for day, label in opened.items() if day in at]
        told = self.remarks()
        plot = Plot(
            "line", tuple(_period(day, unit) for day in grid), _index_series(index, spans), -1.0, 1.0,
            (-1.0, -0.5, 0.0, 0.5, 1.0), signed=True, marks=tuple(sorted(marks, key=lambda mark: mark.at)),
            steps=_STEPS[unit], notes=_letters(told, pd.DatetimeIndex(grid), unit),
        )  # fmt: skip
        table = Table(
            ("From", "To", "Events", "Balance", "90% interval", "Change"),
            tuple(
                (
                    _on(row.start, unit), _on(row.end, unit), words.number(row.events), words.intensity(row.balance, 2),
                    f"{words.intensity(row.low, 2)}, {words.intensity(row.high, 2)}",
                    "" if pd.isna(row.change) else words.intensity(row.change, 2),
                )
                for row in records(spans)
            ),
            "llrrrr", (1.5, 1.5, 1, 1, 1.6, 1),
        )  # fmt: skip
        # The lanes stand in the timeline, the words of notes once: without them here, no letters either.
        figure = relations.relations_figure(
            replace(story, lanes=(), notes=story.notes if told.every else None), LIGHT
        )
        return Section(
            part.kind, title,
            f"Relation index: balance of cooperation and conflict, −1 to +1, by {unit}, smoothed (half-life 4 {unit}s)",
            self.caption(relation.gaps_note(self.told)),
            facts=tuple(facts[:4]), remarks=told,
            visual=Visual(
                relations.alt(story), table, plot=plot, figure=figure, size=(860, int(figure.layout.height)),
                key=f"{LIGHT.cooperation}|more cooperation\n{LIGHT.conflict}|more conflict\n{LIGHT.faint}|few events\n"
                f"{LIGHT.land_edge}|90% interval\n{LIGHT.text}|change points (whole lines), key events",
            ),
            details=(relation.HOW_INDEX,),
        )  # fmt: skip

    def _openers(self, row: Any, unit: timelines.Unit) -> pd.DataFrame:
        """The events that most reports tell in the first period of a regime."""
        return self.queries.salient(relation.within(self.selection, row.start, unit), 2)

    def _directions(self, part: Part) -> Section:
        if not self.selection.dyad:
            return self._pairs(part)
        names = relation.named(self.selection)
        by_type = self.queries.by_lane(self.selection, "type")
        title = relations.mirror_title(by_type, names)
        counted = by_type.pivot_table(
            index="lane", columns="by", values="events", aggfunc="sum", fill_value=0
        )
        counted = counted.reindex(columns=["a", "b", "both"], fill_value=0)
        both = int(counted["both"].sum())
        shown = counted[(counted["a"] > 0) | (counted["b"] > 0)]
        if shown.empty:
            return Section(
                part.kind,
                title,
                "",
                self.caption(),
                empty="All acts are of both sides at once: none has a direction.",
            )
        entries = event_types()
        kinds = sorted(shown.index, key=lambda name: (-entries[name].intensity, name))
        colours = tuple(LIGHT.classes[entries[name].quad_class] for name in kinds)
        most = max(float(shown[["a", "b"]].to_numpy().max()), 1.0)
        plot = Plot(
            "bars", tuple(words.act(name) for name in kinds),
            tuple(
                Series(name, tuple(sign * int(shown.loc[kind, side]) for kind in kinds), LIGHT.faint, colours=colours)
                for side, sign, name in (("a", -1, f"{names[0]} → {names[1]}"), ("b", 1, f"{names[1]} → {names[0]}"))
            ),
            -most * 1.2, most * 1.2, (), labels=True, left=f"{names[0]} → {names[1]}", right=f"{names[1]} → {names[0]}",
        )  # fmt: skip
        table = Table(
            ("Act", plot.left, plot.right, "Of both"),
            tuple(
                (words.act(name), *(words.number(int(counted.loc[name, side])) for side in ("a", "b", "both")))
                for name in sorted(counted.index, key=lambda name: (-entries[name].intensity, name))
            ),
            "lrrr", (2, 1.4, 1.4, 1),
        )  # fmt: skip
        facts = self._direction_facts(by_type, counted, names, both)
        directed = int(shown[["a", "b"]].to_numpy().sum())
        return Section(
            part.kind, title, f"Events by type and direction, {names[0]} and {names[1]}",
            self.caption("acts of both sides stand on neither", events=directed), facts=facts,
            visual=Visual(
                relations.mirror_alt(by_type, names), table, plot=plot,
                key="\n".join(f"{LIGHT.classes[name]}|{name}" for name in LIGHT.classes),
            ),
            details=(relation.HOW_MIRROR,),
        )  # fmt: skip

    def _direction_facts(
        self, by_type: pd.DataFrame, counted: pd.DataFrame, names: tuple[str, str], both: int
    ) -> tuple[Fact, ...]:
        facts = []
        gap = (counted["a"] - counted["b"]).abs()
        kind = str(gap.idxmax())
        a, b = int(counted.loc[kind, "a"]), int(counted.loc[kind, "b"])
        if a != b:
            sign = 1 if event_types()[kind].quad_class.endswith("cooperation") else -1
            actor, other = names if a > b else names[::-1]
            facts.append(
                Fact(
                    f"{max(a, b):,} : {min(a, b):,}",
                    f"acts of type {words.act(kind).lower()} by {actor} towards {other}, and the reverse: the widest gap",
                    sign,
                    notes=self.cite(
                        self.among(
                            lambda row: (
                                row.event_type == kind
                                and not row.symmetric
                                and words.short_name(row.source) == actor
                            ),
                            event_types=(kind,),
                            direction="a_to_b" if a > b else "b_to_a",
                        )
                    ),
                )
            )
        for side, (actor, other) in zip("ab", (names, names[::-1]), strict=True):
            part = by_type[by_type["by"] == side]
            n = int(part["events"].sum())
            if n >= analytics.FEW:
                mean = float(part["intensity_sum"].sum()) / n
                facts.append(
                    Fact(
                        words.intensity(mean), f"mean intensity of the {n:,} acts of {actor} towards {other}", _sign(words.intensity(mean)),
                        notes=self.cite(
                            self.among(
                                _acted_by(actor),
                                1, direction="a_to_b" if side == "a" else "b_to_a",
                            )
                        ),
                    )
                )  # fmt: skip
        if both:
            share = words.percent(both / self.counts.events)
            facts.append(
                Fact(
                    words.number(both), f"acts of both sides at once, {share} of all, counted on neither side"
                )
            )
        return tuple(facts[:4])

    def _issues(self, part: Part) -> Section:
        title = relations.issues_title(self.by_lane, "domain")
        title = "What it is about" if title == "Issues over time" else title
        lanes = relations.lanes_of(self.by_lane, most=_MIXED)
        if not lanes:
            return Section(
                part.kind, title, "", self.caption(), empty="No act of these names what it is about."
            )
        good = self.by_lane["quad_class"].str.endswith("cooperation")
        sums = {
            sign: self.by_lane[good if sign > 0 else ~good]
            .groupby("lane")["events"]
            .sum()
            .reindex(lanes, fill_value=0)
            for sign in (-1, 1)
        }
        most = max(float(max(counted.max() for counted in sums.values())), 1.0)
        plot = Plot(
            "bars", tuple(relations.lane_label("domain", name).capitalize() if name != "wmd" else "WMD" for name in lanes),
            (
                Series("Conflict", tuple(-int(v) for v in sums[-1]), LIGHT.conflict),
                Series("Cooperation", tuple(int(v) for v in sums[1]), LIGHT.cooperation),
            ),
            -most * 1.2, most * 1.2, (), labels=True, left="Conflict", right="Cooperation",
        )  # fmt: skip
        issues = self.queries.by_issue(self.selection)
        top = issues.head(ROWS)
        table = Table(
            ("Issue", "Domain", "Events", "Mean intensity", "In conflict"),
            tuple(
                (row.issue, relations.lane_label("domain", row.domain), words.number(row.events), _mean(row), words.percent(row.conflict_share))
                for row in records(top)
            ),
            "llrrr", (2.6, 1.4, 0.9, 1.2, 1.1),
        )  # fmt: skip
        facts = tuple(
            Fact(
                words.number(row.events),
                f"{'event' if row.events == 1 else 'events'} on {row.issue}, {words.percent(row.conflict_share)} in conflict",
                _clear(0.5 - row.conflict_share, 0.5 - row.conflict_share) if row.events >= analytics.FEW else 0,
                notes=self.cite(self.among(_about(row.issue), issues=(row.issue,))),
            )
            for row in records(issues[~issues["issue"].str.endswith(", in general")].head(3))
        )  # fmt: skip
        return Section(
            part.kind, title, "Events by domain: conflict left, cooperation right",
            self.caption(words.showing(len(lanes), self.by_lane["lane"].nunique(), "domain"), "an event with two domains counts in both"),
            facts=facts,
            visual=Visual(relations.issues_alt(self.by_lane, "domain"), table, plot=plot),
            details=(relation.HOW_ISSUES,),
        )  # fmt: skip

    def _pairs(self, part: Part) -> Section:
        if self.selection.dyad:
            met = self.queries.meetings(self.selection)
            title = "Who meets whom"
            if met.empty:
                return Section(
                    part.kind,
                    title,
                    "",
                    self.caption(),
                    empty="No article names people of both sides in one meeting.",
                )
            shown = met.head(part.most or ROWS)
            if met["events"].iloc[0] >= 3 and (
                len(met) == 1 or met["events"].iloc[0] > met["events"].iloc[1]
            ):
                row = met.iloc[0]
                title = (
                    f"{row['a_name']} and {row['b_name']} met most often: {words.times(int(row['events']))}"
                )
            a, b = relation.named(self.selection)
            table = Table(
                (a, b, "Meetings", "Last"),
                tuple((_who(row.a_name, row.a_role), _who(row.b_name, row.b_role), words.number(row.events), words.day(row.last)) for row in records(shown)),
                "llrr", (3, 3, 1, 1.3),
                notes=dict(enumerate(self.cite(shown))),
            )  # fmt: skip
            return Section(
                part.kind, title, "Meetings, visits and calls of named people; a pair counts once an event",
                self.caption(words.showing(len(shown), len(met), "pair")), table=table,
            )  # fmt: skip
        dyads = self.queries.by_dyad(self.selection)
        shown = dyads.head(part.most or ROWS)
        title = "Busiest pairs"
        if len(dyads) > 1 and dyads["events"].iloc[0] > dyads["events"].iloc[1]:
            first = dyads.iloc[0]
            names = f"{words.short_name(first['a'])} and {words.short_name(first['b'])}"
            title = f"{names} have most events: {words.number(first['events'])} of {words.number(self.counts.events)}"
        notes = {}
        for at, row in enumerate(records(shown)):
            if found := self.cite(self._of_pair(row)[:1]):
                notes[at] = found[0]
        table = Table(
            ("Pair", "Events", "Mean intensity", "In conflict", "→", "←", "Of both"),
            tuple(
                (
                    f"{words.short_name(row.a)} – {words.short_name(row.b)}", words.number(row.events), _mean(row),
                    words.percent(row.conflict_share), words.number(row.a_to_b), words.number(row.b_to_a), words.number(row.symmetric),
                )
                for row in records(shown)
            ),
            "lrrrrrr", (3, 0.9, 1.4, 1.1, 0.7, 0.7, 0.9), notes=notes,
        )  # fmt: skip
        return Section(
            part.kind, title, "Events of two parties; → acts of the first, ← of the second",
            self.caption(words.showing(len(shown), len(dyads), "pair")), table=table,
        )  # fmt: skip

    def _chronology(self, part: Part) -> Section:
        most = min(part.most or CHRONOLOGY, MOST)
        if self.counts.first is None:
            events = self.queries.events(self.selection, limit=most)
        else:
            events = relation.chronicle(self.queries, self.selection, self.told, most)
        lines = self._lines(events, numbered=True)
        return Section(
            part.kind, "Chronology",
            "Written from coded fields, none quoted; the raised numbers lead to the articles",
            self.caption(
                words.showing(len(lines), self.counts.events, "event"),
                "chosen by number of reports, then by strength" if len(lines) < self.counts.events else "",
            ),
            lines=lines, remarks=self.remarks(drawn=False),
        )  # fmt: skip

    def _coming(self, part: Part) -> Section:
        found = self.queries.coming(self.selection, self.today)
        shown = found.head(min(part.most or PLANS, MOST))
        title = "What is coming"
        if len(found):
            title = f"{words.count_word(len(found))} planned {'act' if len(found) == 1 else 'acts'}, the next on {words.day(found['planned_for'].iloc[0])}"
        return Section(
            part.kind, title, f"Acts that articles announce for {words.day(self.today)} or later",
            self.caption(words.showing(len(shown), len(found), "plan"), "the period does not apply to plans"),
            lines=self._lines(shown, planned=True),
            empty="" if len(found) else "Nothing planned: no article tells of a coming act.",
        )  # fmt: skip

    def _evidence(self, part: Part) -> Section:
        found = self.pool.head(min(part.most or EVIDENCE, MOST)).sort_values(["date", "event_id"])
        rows = []
        for row in records(found):
            told = entry(row, corrected=self.decided(row.event_id))
            outlets = words.listing(row.outlet_names, keep=2) or "outlet unknown"
            quoted = (
                f"“{words.shorten(' '.join(_text(row.sentence).split()), _WORDS)}”"
                if _text(row.sentence)
                else ""
            )
            rows.append(
                (
                    told.when,
                    f"{words.dyad(row.source, row.target, symmetric=row.symmetric)}: {words.act(row.event_type, _text(row.mode) or None)}"
                    + (f" [{'; '.join(told.caveats)}]" if told.caveats else ""),
                    quoted, f"{row.confidence:.2f}", outlets,
                )
            )  # fmt: skip
        low = (
            self.queries.count(self.selection).events
            - self.queries.count(
                replace(self.selection, min_confidence=max(LOW_CONFIDENCE, self.selection.min_confidence))
            ).events
        )
        table = Table(
            ("Date", "Act as coded", "Words of the article (quotation)", "Conf.", "Outlets"), tuple(rows), "lllrl",
            (1.4, 2, 4.2, 0.6, 1.4), notes=dict(enumerate(self.cite(found))), noted=1,
        )  # fmt: skip
        return Section(
            part.kind, f"Evidence: {self.numbers()}", "The events that most reports tell, with the words behind them",
            self.caption(
                words.showing(len(rows), self.counts.events, "event"),
                f"{words.plural(low, 'event')} below confidence {LOW_CONFIDENCE:.2f}" if low else "",
            ),
            table=table,
        )  # fmt: skip

    def _method(self, part: Part) -> Section:
        measured = accuracy()
        weak = [words.act(name).lower() for name in event_types() if caution(name)]
        filters = (
            "; ".join(f"{name.lower()} {value}" for name, value, _ in words.filters(self.selection)) or "none"
        )
        return Section(
            part.kind, "How this was made", "What an event is, how it is measured, how to make this again", self.caption(),
            paragraphs=(
                ("An event is one act of one party towards another, told by one or more articles, and coded from their words: "
                "who, what, to whom, when, where and on what issue. It counts once, however many articles tell it."),
                ("Acts are of the sixteen PLOVER types; intensity runs from −10 (conflict) to +10 (cooperation). "
                "The balance is (cooperation − conflict) / all events, from −1 to +1. Intervals hold 90%."),
                f"Coding is automatic. On {measured.texts:,} hand-coded test texts its accuracy was measured by type"
                + (f"; weak, so read the evidence before you count: {', '.join(weak)}." if weak else "."),
                f"Data: {self.source.removeprefix('Source: ')}; {self.numbers()}; {self.days}. Filters: {filters}.",
                f"Events below confidence {LOW_CONFIDENCE:.2f}, denied and recalled ones, and those that an analyst merged or split, are marked.",
                ("The same recipe at the same store version makes the same briefing again: "
                f"python -m events brief RECIPE.toml --out brief.pptx (Entente {__version__}, store = {self.snapshot.version})."),
            ),
            details=(borders.borders().policy,),
        )  # fmt: skip

    def _text(self, part: Part) -> Section:
        paragraphs = tuple(line.strip() for line in part.text.splitlines() if line.strip())
        return Section(
            part.kind, part.title or "Assessment", "", self.caption(), paragraphs=paragraphs,
            empty="" if paragraphs else "No text was written for this section.",
        )  # fmt: skip

    # Parts of sections

    def _lines(
        self, events: pd.DataFrame, *, numbered: bool = False, planned: bool = False
    ) -> tuple[Line, ...]:
        if events.empty:
            return ()
        keys = self.told.story.keys if numbered and self.counts.first is not None else pd.DataFrame()
        numbers = dict(zip(keys["event_id"], keys["number"], strict=True)) if len(keys) else {}
        return tuple(
            Line(
                entry(row, corrected=self.decided(row.event_id), planned=planned),
                row.quad_class, row.event_id, self.cite([row])[0], numbers.get(row.event_id),
            )
            for row in records(events)
        )  # fmt: skip

    def remarks(self, *, drawn: bool = True) -> Remarks:
        """Return the analysts' notes for the first section that asks; in a briefing they stand once.

        `drawn`: those of the time that the index draws, else those of the whole selection.
        """
        if self.analysts.empty or self.remarked:
            return Remarks()
        self.remarked = True
        return relations.remarks_of(self.told.story) if drawn else remarks.among(self.analysts)


# Small helpers


def _place(day: pd.Timestamp, grid: pd.DatetimeIndex, unit: timelines.Unit) -> float | None:
    """Return where a day lies on an axis of periods, 0 in the middle of the first; None outside of it."""
    start = pd.Timestamp(analytics.start_of(day, unit))
    if start not in grid:
        return None
    first, last = analytics.days_of(start, unit)
    at = (pd.Timestamp(day) - pd.Timestamp(first)) / (
        pd.Timestamp(last) - pd.Timestamp(first) + pd.Timedelta(days=1)
    )
    return float(grid.get_loc(start) - 0.5 + at)


def _letters(told: Remarks, grid: pd.DatetimeIndex, unit: timelines.Unit) -> tuple[Mark, ...]:
    """Return the letters of analysts' notes as marks, those of near ones together."""
    if not told.every or len(grid) < 2:
        return ()
    near = (grid[-1] - grid[0]) * _NEAR
    found = (
        (_place(group[0].day, grid, unit), remarks.label(group)) for group in remarks.grouped(told, near)
    )
    return tuple(Mark(at, label) for at, label in found if at is not None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _cited(row: Any) -> Cited:
    url = _text(row.url).strip()
    return Cited(
        row.article_id,
        clean(words.shorten(" ".join(_text(row.title).split()), 160)),
        clean(_text(row.outlet)),
        words.day(row.published) if pd.notna(row.published) else "",
        clean(url) if url.lower().startswith(("http://", "https://")) and len(url) <= 2_000 else "",
    )


def _who(name: str, role: Any) -> str:
    return f"{name}, {role}" if _text(role) else name


def _mean(row: Any) -> str:
    return words.intensity(row.mean_intensity) if row.events >= analytics.FEW else "–"


def _sign(figure: str) -> int:
    return 1 if figure.startswith("+") else -1 if figure.startswith(words.MINUS) else 0


def _at(place: Any) -> Callable[[Any], bool]:
    return lambda row: (row.place_name, row.place_precision) == (place.name, place.precision)


def _of_party(code: str) -> Callable[[Any], bool]:
    return lambda row: code in {row.source, row.target}


def _acted_by(name: str) -> Callable[[Any], bool]:
    return lambda row: not row.symmetric and words.short_name(row.source) == name


def _about(issue: str) -> Callable[[Any], bool]:
    return lambda row: issue in row.issues


def _firm(figure: str, below: str) -> int:
    """Return the sign of a headline figure, 0 where its interval, as it is written, holds zero."""
    found = re.search(r"90%: (.)[^,]*, (.)", below)
    return 0 if found and found[1] != found[2] else _sign(figure)


def _clear(low: float, high: float) -> int:
    """Return the sign that an interval leaves no doubt about, 0 where it holds zero."""
    return 1 if low > 0 else -1 if high < 0 else 0


def _on(day: Any, unit: timelines.Unit) -> str:
    return words.day(day) if unit == "week" else timelines.period_name(pd.Timestamp(day).date(), unit)


def _period(day: pd.Timestamp, unit: timelines.Unit) -> str:
    """Return the short name of a period for an axis."""
    if unit == "week":
        return words.day(day)
    if unit == "quarter":
        return f"Q{day.quarter} {day.year}"
    return f"{day:%b %Y}" if unit == "month" else str(day.year)


def _index_series(index: pd.DataFrame, spans: pd.DataFrame) -> tuple[Series, ...]:
    """Return the index as lines: above and below zero, of few events, its band, and the mean of each regime."""
    values = [None if pd.isna(v) else float(v) for v in index["balance"]]
    lines: dict[str, list[float | None]] = {
        name: [None] * len(values) for name in ("few", "cooperation", "conflict")
    }
    few = [bool(v) for v in index["few"]]
    for at, value in enumerate(values):
        if value is None:
            continue
        nxt = values[at + 1] if at + 1 < len(values) else None
        alone = nxt is None and (at == 0 or values[at - 1] is None)
        if nxt is None and not alone:
            continue
        thin = few[at] or (nxt is not None and few[at + 1])
        name = (
            "few"
            if thin
            else "cooperation"
            if value + (nxt if nxt is not None else value) >= 0
            else "conflict"
        )
        lines[name][at] = value
        if nxt is not None:
            lines[name][at + 1] = nxt
    band = [
        Series(
            f"{side} end of the 90% interval",
            tuple(None if pd.isna(v) else round(float(v), 4) for v in index[side]),
            LIGHT.land_edge, 1.0,
        )
        for side in ("low", "high")
    ]  # fmt: skip
    means: list[float | None] = [None] * len(values)
    periods = list(index["period"])
    for row in records(spans):
        for at, day in enumerate(periods):
            if row.start <= day <= row.end:
                means[at] = round(float(row.balance), 4)
    colours = {"few": LIGHT.faint, "cooperation": LIGHT.cooperation, "conflict": LIGHT.conflict}
    names = {"few": "index, few events", "cooperation": "index, above 0", "conflict": "index, below 0"}
    drawn = [
        Series(
            names[name],
            tuple(None if v is None else round(v, 4) for v in found),
            colours[name],
            1.6 if name == "few" else 2.4,
        )
        for name, found in lines.items()
        if any(v is not None for v in found)
    ]
    return (*band, Series("mean of the regime", tuple(means), LIGHT.text, 1.0, dash=True), *drawn)


def key_item(line: str) -> tuple[str, str, str]:
    """Return what a line of a key says: colour, name, glyph ("" for a box); of a text alone the first."""
    colour, name, glyph, *_ = (*line.split("|"), "", "")
    return colour, name, glyph


def _map_key(key: maps.Key) -> str:
    """Return the key of a map: one line a box, "colour|text"."""
    if len(key.edges) == len(key.colours):
        return "\n".join(f"{colour}|{name}" for colour, name in zip(key.colours, key.edges, strict=True))
    texts = [f"{low} to {high}" for low, high in zip(key.edges[:-1], key.edges[1:], strict=True)]
    return "\n".join(f"{colour}|{name}" for colour, name in zip(key.colours, texts, strict=True))


def _view(pairs: list[tuple[str, str]], drawn: pd.DataFrame) -> View:
    """Return the smallest part of the world that shows these parties' seats and places; else the whole."""
    seats = [seat for pair in pairs for code in pair if code and (seat := maps.middle(code))]
    seats += [
        (float(row.lon), float(row.lat)) for row in records(drawn) if len(drawn) and not pd.isna(row.lat)
    ]
    for view in sorted(REGIONS.values(), key=lambda view: view.half or 1000.0):
        frame = Frame(*_MAP, view)
        if view.half and seats and all(_well_inside(frame, *seat) for seat in seats):
            return view
    return WORLD


_RIM = 0.09  # of a map's width and height, in which a label would be cut


def _well_inside(frame: Frame, lon: float, lat: float) -> bool:
    """Say whether a point lies on the map and not at its rim."""
    x, y = frame.project(lon, lat)
    return (
        frame.shows(lon, lat)
        and _RIM * frame.width < x < (1 - _RIM) * frame.width
        and _RIM * frame.height < y < (1 - _RIM) * frame.height
    )
