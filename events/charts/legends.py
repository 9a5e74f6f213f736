"""The keys of charts as data: steps of a fill, and marks with what they mean. Pages and pictures draw them alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from events.charts import words
from events.charts.maps import Key
from events.charts.theme import EDGES, TOO_FEW, Theme

__all__ = ["Item", "Legend", "Mark", "Steps", "links", "relation", "squares", "world"]

Mark = Literal[
    "", "circle", "ring", "diamond", "lozenge", "land", "few", "seat", "dot", "disc", "round", "line", "rule",
    "dotted", "arcs",
]  # fmt: skip
"""Kinds of marks: glyphs of the classes (circle, ring, diamond, lozenge), parts of maps, lines."""


@dataclass(frozen=True, slots=True)
class Item:
    """One mark in its colour with its meaning; "" is a text alone."""

    mark: Mark
    text: str
    colour: str = ""
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a fill from left to right; the edges stand between them where there is one more of them."""

    colours: tuple[str, ...]
    edges: tuple[str, ...]


Legend = Sequence[Item | Steps]


def world(
    key: Key,
    theme: Theme,
    *,
    few: str,
    fewest: int | None,
    most: int | None,
    places: bool = False,
    seats: bool = False,
) -> Legend:
    """Return the key of a map: the boxes of the fill, pale land and rings, the width of arcs, places, seats."""
    items: list[Item | Steps] = [
        Steps(key.colours, key.edges),
        Item("land", "none", theme.land, theme.land_edge),
    ]
    if few:
        items.append(Item("few", few, theme.faint))
    if fewest is not None and most is not None:
        scale = f"{fewest:,} → {most:,} events" if most > fewest else f"{most:,} events"
        items.append(Item("arcs", scale, theme.muted))
    if seats:
        items.append(Item("seat", "organisations", theme.text))
    if places:
        items += [
            Item("dot", "in this city or site", theme.cooperation),
            Item("disc", "in this region", theme.cooperation),
            Item("round", "in this state", theme.cooperation),
        ]
    return items


def squares(theme: Theme) -> Legend:
    """Return the key of squares of mean intensity: nine steps, pale for few events, empty for none."""
    return [
        Steps(theme.steps, (*(words.intensity(edge, 0) for edge in EDGES[:-1]), "+10")),
        Item("land", f"1–{TOO_FEW - 1} events: the sign alone", theme.land, theme.land_edge),
        Item("", "empty: no events"),
    ]


def links(theme: Theme) -> Legend:
    """Return the key of a network: colours and width of its lines."""
    return [
        Item("line", "conflict outweighs", theme.conflict),
        Item("line", "cooperation outweighs", theme.cooperation),
        Item("line", "neither", theme.faint),
        Item("line", f"1–{TOO_FEW - 1} events", theme.land_edge),
        Item("", "wider: more events"),
    ]


def relation(theme: Theme, *, marks: bool, changes: bool, keys: bool) -> Legend:
    """Return the key of a relation's chart: glyphs of its events, change points, key events."""
    colours = theme.classes
    items = []
    if marks:
        items += [
            Item("circle", "cooperation done", colours["material cooperation"]),
            Item("ring", "said", colours["verbal cooperation"]),
            Item("diamond", "conflict done", colours["material conflict"]),
            Item("lozenge", "said", colours["verbal conflict"]),
        ]
    if changes:
        items.append(Item("rule", "change point", theme.text))
    if keys:
        items.append(Item("dotted", "key event", theme.muted))
    return items
