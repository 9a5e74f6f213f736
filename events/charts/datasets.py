"""Two data sets side by side: their events by day or week on one scale, and how often each stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.theme import Theme, base_figure

if TYPE_CHECKING:
    from datetime import date

__all__ = ["FEW", "alt", "share", "title", "twins"]

Step = Literal["day", "week"]

FEW = 5
"""From so many events of each data set on a share is told."""

_BARS = 160  # periods that are drawn one by one; more are drawn as lines


def twins(
    spans: pd.DataFrame, names: tuple[str, str], theme: Theme, *, step: Step, height: int = 400
) -> go.Figure:
    """Draw the events of each period of data set A above those of B, on one scale: cooperation up, conflict down.

    `spans`: period, a, b, conflict_a, conflict_b.
    """
    figure = base_figure(theme, height=height, barmode="relative", bargap=0, hovermode="x")
    axis = {key: value for key, value in figure.layout.yaxis.to_plotly_json().items()}  # noqa: C416 a copy
    figure.update_layout(yaxis2=axis)
    up = max(1, *((spans[n] - spans[f"conflict_{n}"]).max() if len(spans) else 0 for n in "ab"))
    down = max(1, *(spans[f"conflict_{n}"].max() if len(spans) else 0 for n in "ab"))
    top, bottom = max(up, 0.4 * down) * 1.08, max(down, 0.4 * up) * 1.08
    wide = 86_400_000 * (1 if step == "day" else 7)
    middles = spans["period"] + pd.Timedelta(milliseconds=wide / 2)
    for name, label, which, domain in (
        ("a", names[0], "y", (0.54, 0.95)),
        ("b", names[1], "y2", (0.0, 0.41)),
    ):
        conflict = spans[f"conflict_{name}"]
        cooperation = spans[name] - conflict
        for values, colour, text, sign in (
            (cooperation, theme.cooperation, "cooperation", 1),
            (conflict, theme.conflict, "conflict", -1),
        ):
            figure.add_trace(
                go.Bar(
                    x=[moment.isoformat() for moment in middles],
                    y=[sign * int(value) for value in values],
                    width=[0.86 * wide] * len(spans) if len(spans) <= _BARS else [wide] * len(spans),
                    marker={"color": colour, "line": {"width": 0}},
                    customdata=[int(value) for value in values],
                    hovertemplate=f"{_plain(label)}, {text}: %{{customdata}}<extra></extra>",
                    yaxis=which,
                    name=f"{label} {text}",
                )
            )
        ticks = _ticks(top, bottom)
        figure.update_layout(
            {
                "yaxis" if which == "y" else "yaxis2": {
                    "domain": domain,
                    "range": [-bottom, top],
                    "tickvals": ticks,
                    "ticktext": [words.number(abs(tick)) for tick in ticks],
                    "ticklabelstandoff": 6,
                }
            }
        )
        figure.add_shape(
            type="line",
            xref="paper",
            x0=0,
            x1=1,
            yref=which,
            y0=0,
            y1=0,
            line={"color": theme.muted, "width": 1},
        )
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=domain[1], yref="paper", yanchor="bottom", yshift=2,
            text=f"<b>{_plain(label)}</b>", showarrow=False, font={"size": 12, "color": theme.text},
        )  # fmt: skip
        for text, colour, at in (
            ("cooperation", theme.cooperation_text, 10),
            ("conflict", theme.conflict_text, -10),
        ):
            figure.add_annotation(
                x=1, xref="paper", xanchor="left", xshift=8, y=0, yref=which, yshift=at, text=text, showarrow=False,
                font={"size": 11.5, "color": colour},
            )  # fmt: skip
    days = int((spans["period"].iloc[-1] - spans["period"].iloc[0]).days) if len(spans) else 0
    figure.update_xaxes(
        type="date",
        nticks=6,
        tickformat="%Y" if days > 2200 else "%b\n%Y" if days > 100 else "%-d %b\n%Y",
        ticklabelstandoff=6,
        anchor="y2",
        hoverformat="%-d %b %Y" if step == "day" else "week of %-d %b %Y",
    )
    if len(spans):
        end = spans["period"].iloc[-1] + pd.Timedelta(milliseconds=wide)
        air = max(pd.Timedelta(milliseconds=16 * wide) - (end - spans["period"].iloc[0]), pd.Timedelta(0)) / 2
        figure.update_xaxes(range=[(spans["period"].iloc[0] - air).isoformat(), (end + air).isoformat()])
    figure.update_layout(margin={"l": 38, "r": 88, "t": 4, "b": 42})
    return figure


def _plain(text: str) -> str:
    """Return a name that plotly does not take for markup."""
    return text.replace("<", "‹").replace(">", "›")


def _ticks(top: float, bottom: float) -> list[int]:
    """Return zero and one or two whole values on either side."""
    step = max(1, int(max(top, bottom) / 2))
    if step > 10:
        step = step // 5 * 5
    return [value * step for value in range(-int(bottom // step), int(top // step) + 1)]


def share(shared: int, told: int) -> str:
    """Write the share of events with a counterpart: "62%", or "3 of 4" where they are few."""
    return f"{shared} of {told}" if told < FEW else words.percent(shared / told)


def title(comparison: Any, names: tuple[str, str]) -> str:
    """Return the finding: whether the two rise and fall together, where the interval says so, else the neutral one."""
    neutral = f"{names[0]} and {names[1]} by {comparison.step}"
    rank = comparison.rank
    if rank.value is None or rank.low <= 0 <= rank.high:
        return neutral
    r = words.intensity(rank.value, 2)
    if rank.value < 0:
        return f"Where {names[0]} has more events, {names[1]} has fewer ({r})"
    if rank.low > 0.5:
        return f"{names[0]} and {names[1]} rise and fall together ({r})"
    return f"{names[0]} and {names[1]} move together, loosely ({r})"


def alt(comparison: Any, names: tuple[str, str], first: date, last: date) -> str:
    """Return the chart in words: totals, periods that both have, period."""
    a, b = comparison.told
    return (
        f"Events by {comparison.step} of {names[0]} above and {names[1]} below, cooperation up and conflict down, from "
        f"{words.day(first)} to {words.day(last)}: {words.plural(a, 'event')} and {words.plural(b, 'event')}; in "
        f"{words.plural(comparison.both, comparison.step)} both have one."
    )
