"""Events over time: volume by quad class, cooperation up and conflict down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.theme import GLYPHS, Theme, base_figure

__all__ = [
    "DAYS",
    "UNITS",
    "Unit",
    "alt",
    "by_class",
    "dated",
    "period_name",
    "steps",
    "title",
    "undated",
    "unit_for",
]

Unit = Literal["week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("week", "month", "quarter", "year")

DAYS = {"week": 7, "month": 30, "quarter": 91, "year": 365}
"""Days of a period, roughly: how wide a bar is, and how many there are room for."""

_MOST_BARS = 80  # in a card 705 px wide a bar with its gap is then 7 px: thinner ones blur

_FEWEST_BARS = 16

_UP = ("material cooperation", "verbal cooperation")  # from zero outwards: deeds nearest zero
_DOWN = ("material conflict", "verbal conflict")

_NAMES = {
    "material cooperation": "cooperation done",
    "verbal cooperation": "cooperation said",
    "verbal conflict": "conflict said",
    "material conflict": "conflict done",
}


def unit_for(
    first: date | None, last: date | None, *, most: int = _MOST_BARS, among: Sequence[Unit] = UNITS
) -> Unit:
    """Return the finest of these units that draws this span in at most so many bars; the month of an open span."""
    if first is None or last is None:
        return "month"
    days = (last - first).days + 1
    return next((unit for unit in among if days / DAYS[unit] <= most), "year")


def steps(first: date, last: date) -> tuple[Unit, list[tuple[date, date]]]:
    """Return a unit, at least a month, and its periods (first day, last day) from `first` to `last`.

    At most 80 (more where they are years), so that a slider has a place for each; periods without events are
    among them.
    """
    last = min(last, date(9998, 12, 31))  # the calendar ends a year later
    unit: Unit = next((u for u in UNITS[1:] if (last - first).days / DAYS[u] <= _MOST_BARS), "year")
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    number = first.year * 12 + (first.month - 1) // months * months
    found = []
    while (start := date(number // 12, number % 12 + 1, 1)) <= last:
        number += months
        found.append((start, date(number // 12, number % 12 + 1, 1) - timedelta(days=1)))
    return unit, found


def period_name(start: date, unit: Unit) -> str:
    """Write the period that starts on this day: week of 10 Aug 2026, Aug 2026, Jul – Sep 2026, 2026."""
    if unit == "week":
        return f"week of {words.day(start)}"
    if unit == "month":
        return f"{start:%b %Y}"
    if unit == "quarter":
        last = start.replace(month=start.month + 2)
        return f"{start:%b} – {last:%b %Y}"
    return str(start.year)


def _wide(periods: pd.DataFrame) -> pd.DataFrame:
    """Return one row a period (index: its first day), one column a quad class, zero where there is none."""
    table = periods.assign(period=pd.to_datetime(periods["period"])).pivot_table(
        index="period", columns="quad_class", values="events", aggfunc="sum", fill_value=0, observed=True
    )
    return table.reindex(columns=[*_UP, *_DOWN], fill_value=0).sort_index()


def _length(unit: Unit, start: pd.Timestamp) -> int:
    """Return the length of a period in milliseconds."""
    offset = {
        "week": pd.DateOffset(weeks=1),
        "month": pd.DateOffset(months=1),
        "quarter": pd.DateOffset(months=3),
        "year": pd.DateOffset(years=1),
    }[unit]
    return int((start + offset - start).total_seconds() * 1000)


def by_class(periods: pd.DataFrame, theme: Theme, *, unit: Unit, height: int = 236) -> go.Figure:
    """Draw the events of each period by quad class.

    `periods`: period (first day), quad_class, events. Cooperation stands above zero, conflict below, deeds
    nearest zero; the classes are named at the right end.
    """
    table = _wide(periods)
    figure = base_figure(theme, height=height, barmode="relative", bargap=0, hovermode="x unified")
    lengths = [_length(unit, start) for start in table.index]
    starts = [start.date() for start in table.index]
    middles = [
        start + pd.Timedelta(milliseconds=ms / 2) for start, ms in zip(table.index, lengths, strict=True)
    ]
    for name in (*_UP, *_DOWN):
        sign = 1 if name in _UP else -1
        values = [int(value) for value in table[name]]
        figure.add_trace(
            go.Bar(
                x=[middle.isoformat() for middle in middles],
                y=[sign * value for value in values],
                width=[0.86 * ms for ms in lengths],
                marker={"color": theme.classes[name], "line": {"width": 0}},
                customdata=values,
                hovertemplate=f"{GLYPHS[name]} {_NAMES[name]} %{{customdata}}<extra></extra>",
                name=name,
            )
        )
    up = int(table[list(_UP)].sum(axis=1).max()) if len(table) else 0
    down = int(table[list(_DOWN)].sum(axis=1).max()) if len(table) else 0
    # The smaller side keeps 30% of the height, so that the names at the right end have room.
    top, bottom = max(up, 0.45 * down, 1) * 1.06, max(down, 0.45 * up, 1) * 1.06
    ticks = _ticks(top, bottom)
    figure.update_yaxes(
        range=[-bottom, top],
        tickvals=ticks,
        ticktext=[words.number(abs(value)) for value in ticks],
        ticklen=0,
        ticklabelstandoff=6,
    )
    figure.add_hline(y=0, line={"color": theme.muted, "width": 1})
    figure.update_xaxes(
        type="date",
        nticks=6,
        tickformat=_tick_format(starts, unit),
        ticklen=0,
        ticklabelstandoff=6,
        hoverformat={
            "week": "week of %-d %b %Y",
            "month": "%b %Y",
            "quarter": "quarter, %b %Y",
            "year": "%Y",
        }[unit],
        unifiedhovertitle={"text": "<b>%{x}</b>"},
    )
    if starts:
        end = table.index[-1] + pd.Timedelta(milliseconds=lengths[-1])
        # A few bars keep their width instead of filling the card.
        air = max(_FEWEST_BARS * pd.Timedelta(days=DAYS[unit]) - (end - table.index[0]), pd.Timedelta(0)) / 2
        figure.update_xaxes(range=[(table.index[0] - air).isoformat(), (end + air).isoformat()])
    for text, colour, shift in (
        ("<b>Cooperation</b>", theme.cooperation_text, 46),
        ("○ said", theme.classes["verbal cooperation"], 29),
        ("● done", theme.classes["material cooperation"], 12),
        ("◆ done", theme.classes["material conflict"], -12),
        ("◇ said", theme.classes["verbal conflict"], -29),
        ("<b>Conflict</b>", theme.conflict_text, -46),
    ):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=8,
            y=0,
            yref="y",
            yshift=shift,
            text=text,
            showarrow=False,
            font={"size": 11.5, "color": colour},
        )
    figure.update_layout(margin={"l": 38, "r": 88, "t": 6, "b": 42})
    return figure


def _tick_format(starts: list[date], unit: Unit) -> str:
    """Return how ticks name time: days, months or years, by the length of the axis."""
    days = (starts[-1] - starts[0]).days if starts else 0
    if unit == "year" or days > 2200:
        return "%Y"
    return "%-d %b\n%Y" if unit == "week" and days < 100 else "%b\n%Y"


def _ticks(top: float, bottom: float) -> list[int]:
    """Return up to six whole values from -bottom to top, zero among them."""
    rough = max((top + bottom) / 5, 1)
    tens = 10 ** math.floor(math.log10(rough))
    step = next(int(s * tens) for s in (1, 2, 2.5, 5, 10) if s * tens >= rough and s * tens == int(s * tens))
    return [value * step for value in range(-int(bottom // step), int(top // step) + 1)]


# A change of the share of conflict is called one from this many standard errors on (99%, two-sided).
_CLEAR = 2.58
_WORTH = 0.05  # a smaller change, however certain, is no news
_ENOUGH = 30  # events in each half of the span


def title(periods: pd.DataFrame, unit: Unit) -> str:
    """Return the finding: how conflict's share changed from the earlier half of the span to the later.

    Where it did not clearly change: the neutral title "Events by week".
    """
    neutral = f"Events by {unit}"
    table = _wide(periods)
    if len(table) < 6:
        return neutral
    middle = table.index[0] + (table.index[-1] - table.index[0]) / 2
    halves = [table[table.index <= middle], table[table.index > middle]]
    totals = [int(half.to_numpy().sum()) for half in halves]
    if min(totals) < _ENOUGH:
        return neutral
    shares = [half[list(_DOWN)].to_numpy().sum() / total for half, total in zip(halves, totals, strict=True)]
    pooled = (shares[0] * totals[0] + shares[1] * totals[1]) / sum(totals)
    error = math.sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
    change = abs(shares[1] - shares[0])
    if change < _WORTH or change / error < _CLEAR:
        return neutral
    verb = "rose" if shares[1] > shares[0] else "fell"
    return f"Conflict {verb} from {words.percent(shares[0])} to {words.percent(shares[1])} of events"


def dated(periods: pd.DataFrame) -> int:
    """Return the number of events that the chart draws."""
    return int(periods["events"].sum())


def undated(events: int, periods: pd.DataFrame, unit: Unit) -> str:
    """Return what the chart leaves out of so many events, and how it cuts time."""
    missing = events - dated(periods)
    note = f"{words.plural(missing, 'event')} without a date left out" if missing > 0 else ""
    return ", ".join(filter(None, ("weeks start on Monday" if unit == "week" else "", note)))


def alt(periods: pd.DataFrame, unit: Unit) -> str:
    """Return the chart in words: total, the busiest period, conflict's share."""
    table = _wide(periods)
    if table.empty:
        return f"Events by {unit}: none."
    totals = table.sum(axis=1)
    peak: Any = totals.idxmax()
    share = table[list(_DOWN)].to_numpy().sum() / totals.sum()
    return (
        f"Events by {unit}, cooperation above zero and conflict below. "
        f"{words.plural(totals.sum(), 'event')} from {words.day(table.index[0])} to "
        f"{words.day(table.index[-1])}, {words.percent(share)} in conflict; most in "
        f"{period_name(peak.date(), unit)}: {int(totals.max())}."
    )
