"""The events of a relation as dots in lanes, on an axis that counts periods: for plots that slides draw natively."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from events.charts import relations
from events.charts.plots import Dot
from events.charts.relations import Story
from events.charts.rows import records

__all__ = ["dots"]

_ONE, _MOST, _LEAST = 7.5, 13.0, 4.5  # px of one event's mark, and of the marks of several

Place = Callable[[pd.Timestamp], float | None]
"""Where a day lies on the axis, None where it is not drawn."""


def dots(story: Story, place: Place) -> tuple[Dot, ...]:
    """Return a dot for each event in each of its lanes, or one a period and kind where there are too many; then the key events.

    A key event has one dot, in the first of its lanes that is drawn, at the upper end where none is.
    """
    drawn = _marks(story, place) if story.bins is None else _bins(story, place)
    keys = []
    for row in records(story.keys):
        at = place(pd.Timestamp(row.date))
        if at is not None:
            lane = next((story.lanes.index(name) for name in _lanes(row, story) if name in story.lanes), 0)
            keys.append(Dot(at, lane, row.quad_class, _MOST, number=str(row.number)))
    return (*drawn, *keys)


def _lanes(row: Any, story: Story) -> tuple[str, ...]:
    return tuple(relations.lanes_for(row, story.lane))


def _marks(story: Story, place: Place) -> tuple[Dot, ...]:
    found = []
    for row in records(
        story.marks[story.marks["date"].notna()].head(relations.MARKS) if len(story.marks) else story.marks
    ):
        at = place(pd.Timestamp(row.date))
        if at is not None:
            found += [
                Dot(at, story.lanes.index(name), row.quad_class, _ONE, relations.jitter(row.event_id))
                for name in _lanes(row, story)
                if name in story.lanes
            ]
    return tuple(found)


def _bins(story: Story, place: Place) -> tuple[Dot, ...]:
    assert story.bins is not None  # noqa: S101 the caller looked
    table = relations.binned(story.bins[story.bins["lane"].isin(story.lanes)])
    most = max(float(table["events"].max()), 1.0) if len(table) else 1.0
    found = []
    for row in records(table):
        at = place(relations.middle(row.period, story.bin_unit))
        if at is None:
            continue
        kind = "material" if 2 * row.done >= row.events else "verbal"
        found.append(
            Dot(
                at, story.lanes.index(row.lane), f"{kind} {row.kind}", max(_MOST * math.sqrt(row.events / most), _LEAST),
                relations.BESIDE if row.kind == "cooperation" else -relations.BESIDE,
            )
        )  # fmt: skip
    return tuple(found)
