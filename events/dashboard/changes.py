"""What changed, what is coming, how fresh: the side of the overview, and the period it compares with."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta
from html import escape
from typing import Any

import pandas as pd

from events import movers
from events.charts import timelines, words
from events.charts.rows import records
from events.charts.theme import Theme
from events.dashboard import answers, controls, lists, markup
from events.schema import Selection

__all__ = [
    "COMING",
    "HOW_COMING",
    "HOW_MOVERS",
    "MOVERS",
    "before",
    "coming",
    "freshness",
    "halves",
    "mover_rows",
    "moving",
]

MOVERS = 5
COMING = 4
_STALE = 7  # days without a newer event after which we say so

HOW_MOVERS = (
    "The mean PLOVER intensity of each dyad’s events in this period, less that of the period of the same length "
    "before (where no period is set: of the later half of all events, less that of the earlier). Shown are dyads "
    "with five events in each whose 90% interval leaves out zero. The interval is Welch’s, with each variance "
    "moderated by the pooled one (Smyth 2004), so that a few equal acts are not taken for certainty. The types "
    "named are those whose share and intensity make up most of the change. Among many dyads, one in ten passes by "
    "chance alone: read the largest first, and their evidence."
)
HOW_COMING = "Acts that an article announces for a day that has not passed, by that day."


def before(selection: Selection) -> Selection | None:
    """Return the Selection of the period of the same length just before; None where no period is set."""
    start, end = selection.start, selection.end
    if start is None:
        return None
    last = answers.counts(replace(selection, start=None, end=None)).last
    end = end or last
    if end is None or end < start:
        return None
    length = (end - start).days + 1
    if (start - date.min).days <= length:
        return None
    return replace(selection, start=start - timedelta(days=length), end=start - timedelta(days=1))


def halves(selection: Selection, counts: Any) -> tuple[Selection, Selection] | None:
    """Return the two Selections that movers compare, the later first; None where there is nothing to compare."""
    earlier = before(selection)
    if earlier is not None:
        return selection, earlier
    middle = _median(answers.by_period(selection, "month"))
    if middle is None or counts.first is None or counts.first >= middle:
        return None
    return replace(selection, start=middle), replace(selection, end=middle - timedelta(days=1))


def _median(months: pd.DataFrame) -> date | None:
    """Return the first day of the month that best parts the events into halves; None below two months."""
    total = months.groupby("period")["events"].sum().sort_index().cumsum()
    if len(total) < 2:
        return None
    passed = total.shift(1).iloc[1:]  # events before each month but the first
    later: Any = (passed - total.iloc[-1] / 2).abs().idxmin()
    found: date = later.date()
    return found


def moving(pair: tuple[Selection, Selection]) -> pd.DataFrame:
    """Return the dyads that moved beyond their interval, as `movers.movers` orders them."""
    found = movers.movers(answers.dyad_spread(pair[0]), answers.dyad_spread(pair[1]))
    return found[found["clear"]].reset_index(drop=True)


def _of(frame: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    return frame[(frame["a"] == a) & (frame["b"] == b)]


def mover_rows(found: pd.DataFrame, pair: tuple[Selection, Selection], counts: Any, theme: Theme) -> str:
    """Return the first movers as rows: names, what drove the change, a line of events, the change."""
    top = found.head(MOVERS)
    dyads = tuple((row.a, row.b) for row in records(top))
    types = [answers.dyad_types(side, dyads) for side in pair]
    issues = answers.dyad_issues(pair[0], dyads)
    whole = replace(pair[0], start=pair[1].start)
    first, last = whole.start or counts.first, whole.end or counts.last
    unit = timelines.unit_for(first, last)
    periods = answers.dyad_periods(whole, dyads, unit)
    items = []
    for row in records(top):
        drove = movers.reasons(_of(types[0], row.a, row.b), _of(types[1], row.a, row.b), row.before)
        about = list(_of(issues, row.a, row.b)["issue"].head(1))
        why = [f"{words.act(name)}\u00a0{now:,} (from\u00a0{then:,})" for name, now, then in drove]
        line = _line(_of(periods, row.a, row.b), first, last, unit, theme)
        names = f"{words.short_name(row.a)} – {words.short_name(row.b)}"
        arrow = "▼" if row.change < 0 else "▲"
        interval = f"90%: {words.intensity(row.low)}, {words.intensity(row.high)}"
        items.append(
            f"<strong>{escape(names)}</strong>"
            f'<img src="{line}" alt="" width="62" height="22">'
            f'<div class="en-num"><span style="color:{theme.sign_text(row.change)}" title="{interval}">{arrow} '
            f"{words.intensity(row.change)}</span>"
            f"<small>{words.intensity(row.before)} → {words.intensity(row.now)}</small></div>"
            f"<p>{escape(' · '.join([*why, *about]))}</p>"
        )
    return markup.rows(items, kind="en-mover")


def _line(periods: pd.DataFrame, first: date, last: date, unit: timelines.Unit, theme: Theme) -> str:
    """Return a line of events by period as a picture (an inline svg would be dropped)."""
    starts = pd.date_range(
        pd.Timestamp(first).to_period(_PANDAS[unit]).start_time, pd.Timestamp(last), freq=_STEPS[unit]
    )
    counted = periods.set_index("period")["events"]
    values = [int(counted.get(start, 0)) for start in starts] or [0]
    if len(values) == 1:
        values *= 2
    top = max(*values, 1)
    points = [(2 + 54 * i / (len(values) - 1), 19 - 16 * v / top) for i, v in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="62" height="22" fill="none">'
        f'<polyline points="{path}" stroke="{theme.muted}" stroke-width="1.4"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{theme.muted}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


_PANDAS: dict[str, str] = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
_STEPS: dict[str, str] = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}


def coming(frame: pd.DataFrame) -> str:
    """Return planned acts as rows: the day, who and what, where."""
    items = []
    for row in records(frame.head(COMING)):
        act = [escape(words.act(row.event_type, row.mode)) + lists.doubt(row)]
        if row.place_name:
            act.append(escape(words.place(row.place_name, row.place_country)))
        act.append(words.outlets(int(row.outlets)))
        names = words.dyad(row.source, row.target, symmetric=row.symmetric)
        items.append(
            f"<time>{escape(words.day(row.planned_for, year=row.planned_for.year != answers.today().year))}</time>"
            f"<div><strong>{escape(names)}</strong><p>{' · '.join(act)}</p></div>"
        )
    return markup.rows(items, kind="en-coming")


def freshness(selection: Selection) -> str:
    """Return when the store was last written, and how old its newest event is where that is more than a week."""
    when = answers.last_commit()
    parts = [f"Updated {words.time_of(when)}"] if when else []
    newest = answers.counts(Selection(dataset=selection.dataset)).last
    if newest and controls.dataset_name(selection) != "samples":
        age = (answers.today() - newest).days
        if age > _STALE:
            parts.append(f"newest event is {words.plural(age, 'day')} old")
    return "; ".join(parts) or "By the day of the act"
