"""Plain charts said as data: lines, columns and bars that a slide draws natively and a page by plotly.

A `Plot` has one place on its axis for each category, all equally wide, so that marks can be set by counting.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Literal

import plotly.graph_objects as go

from events.charts import words
from events.charts.remarks import MARK
from events.charts.theme import SYMBOLS, Theme, base_figure

__all__ = ["LANE", "Dot", "Mark", "Plot", "Series", "draw", "label_step", "nice_ticks", "rounded"]


LANE = 27
"""Height of a lane in px."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: a value for each category (None: nothing is known), its colour, and how a line is drawn.

    `colours`, where given, has one for each category, in place of `colour`.
    """

    name: str
    amounts: tuple[float | None, ...]
    colour: str
    width: float = 2.4  # px of a line
    dash: bool = False
    colours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across a chart at a place of its axis (0: the middle of the first category), with a label above it."""

    at: float
    label: str
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """An event, or some, in a lane: its place on the axis, its lane from the top, its class, its width in px.

    `aside` moves it off the lane's middle, in lanes; `number` is that of a key event.
    """

    at: float
    lane: int
    quad_class: str
    size: float
    aside: float = 0.0
    number: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart as data. `ticks` are the values named on its axis of values; `signed` writes + and − before them.

    `lanes` stand over columns on the same axis, with `dots` in them; `notes` are the letters of analysts' notes at the foot.
    columns and bars are stacked from zero, so that negative values go down or left; without `signed` their minus
    is not shown. bars list the categories from the top.
    """

    kind: Literal["line", "columns", "bars"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    low: float
    high: float
    ticks: tuple[float, ...]
    signed: bool = False
    labels: bool = False  # values at the ends of bars
    marks: tuple[Mark, ...] = ()
    steps: tuple[int, ...] = (
        1,
        2,
        5,
    )  # by which the names of its axis may go on; then by multiples of the last
    left: str = ""  # what stands over the negative side of bars
    right: str = ""
    lanes: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()
    notes: tuple[Mark, ...] = ()

    @property
    def bare_dots(self) -> tuple[Dot, ...]:
        """The dots without a number, deeds last, so that they lie over words."""
        found = (dot for dot in self.dots if not dot.number)
        return tuple(sorted(found, key=lambda dot: dot.quad_class.startswith("material")))


def nice_ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Return whole round values from low to high, zero among them, at most so many and one."""
    span = max(high - low, 1)
    step = next(
        base * 10**power for power in range(12) for base in (1, 2, 5) if span / (base * 10**power) <= most
    )
    first = -int(-low // step) if low < 0 else 0
    return tuple(float(n * step) for n in range(first, int(high // step) + 1))


def rounded(low: float, high: float) -> tuple[float, float, tuple[float, ...]]:
    """Return the ends of an axis and the values named on it: the ends are named too, as a slide counts from them."""
    ticks = nice_ticks(low, high)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    first, last = math.floor(low / step) * step, math.ceil(high / step) * step
    return first, last, tuple(first + n * step for n in range(round((last - first) / step) + 1))


def label_step(plot: Plot, most: int = 8) -> int:
    """Return how many categories to go on from one that is named to the next: a step of the plot's, so that names do not touch."""
    least = max(1, -(-len(plot.categories) // most))
    whole = -(-least // plot.steps[-1]) * plot.steps[-1]
    return next((step for step in plot.steps if step >= least), whole)


def tick_text(value: float, plot: Plot) -> str:
    """Write a value of the axis."""
    if plot.signed:
        return "0" if value == 0 else words.intensity(value, 1).replace(".0", "")
    return words.number(abs(value))


def draw(plot: Plot, theme: Theme, *, height: int = 320, width: int = 760) -> go.Figure:
    """Draw a plot: the page's form of the chart that a slide has natively; its lanes make it higher."""
    height += LANE * len(plot.lanes)
    figure = base_figure(theme, height=height, width=width, barmode="relative", bargap=0.28, hovermode=False)
    bars = plot.kind == "bars"
    places = list(range(len(plot.categories)))
    for one in plot.series:
        if plot.kind == "line":
            figure.add_trace(
                go.Scatter(
                    x=places, y=list(one.amounts), mode="lines", name=one.name, connectgaps=False,
                    line={"color": one.colour, "width": one.width, "dash": "dot" if one.dash else "solid"},
                )
            )  # fmt: skip
            continue
        values = [value or 0 for value in one.amounts]
        numbers = [words.number(abs(value)) if plot.labels and value else "" for value in values]
        figure.add_trace(
            go.Bar(
                x=values if bars else places, y=places if bars else values, orientation="h" if bars else "v",
                name=one.name, marker={"color": list(one.colours) or one.colour, "line": {"width": 0}},
                text=numbers, textposition="outside", textfont={"size": 12, "color": theme.muted}, cliponaxis=False,
            )
        )  # fmt: skip
    axis = {
        "range": [plot.low, plot.high], "tickvals": list(plot.ticks),
        "ticktext": [tick_text(value, plot) for value in plot.ticks], "ticklen": 0, "ticklabelstandoff": 6,
    }  # fmt: skip
    if bars:
        figure.update_xaxes(**axis, showgrid=True, gridcolor=theme.grid)
        figure.update_yaxes(
            range=[len(places) - 0.5, -0.5], tickvals=places, ticklen=0, ticklabelstandoff=8, showgrid=False,
            ticktext=[escape(words.shorten(name, 26)) for name in plot.categories],
            tickfont={"size": 12.5, "color": theme.text},
        )  # fmt: skip
        figure.add_vline(x=0, line={"color": theme.muted, "width": 1})
        figure.update_layout(margin={"l": 176, "r": 24, "t": 30 if plot.left or plot.right else 6, "b": 28})
        for text, side in ((plot.left, 0), (plot.right, 1)):
            if text:
                figure.add_annotation(
                    xref="paper", x=side, xanchor="right" if side else "left", yref="paper", y=1,
                    yanchor="bottom", yshift=8, text=f"<b>{escape(text)}</b>", showarrow=False,
                    font={"size": 12.5, "color": theme.text},
                )  # fmt: skip
        return figure
    named = places[:: label_step(plot)]
    figure.update_yaxes(**axis)
    figure.update_xaxes(
        range=[-0.5, max(len(places), 1) - 0.5], tickvals=named, ticklen=4, tickcolor=theme.line,
        ticktext=[escape(plot.categories[place]) for place in named], showline=True, ticklabelstandoff=4,
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": theme.muted, "width": 1})
    for mark in plot.marks:
        figure.add_shape(
            type="line", x0=mark.at, x1=mark.at, yref="paper", y0=0, y1=1,
            line={"color": theme.text if mark.solid else theme.muted, "width": 1.1 if mark.solid else 0.8,
                  "dash": "solid" if mark.solid else "dot"},
        )  # fmt: skip
        figure.add_annotation(
            x=mark.at, yref="paper", y=1, yanchor="bottom", yshift=3, text=f"<b>{escape(mark.label)}</b>",
            showarrow=False, font={"size": 12.5, "color": theme.text},
        )  # fmt: skip
    _draw_notes(figure, plot, theme)
    top, foot = 26 if plot.marks else 8, 34 + (14 if plot.notes else 0)
    figure.update_layout(margin={"l": 104 if plot.lanes else 44, "r": 16, "t": top, "b": foot})
    if plot.lanes:
        _draw_lanes(figure, plot, theme, height - top - foot)
    return figure


def _draw_notes(figure: go.Figure, plot: Plot, theme: Theme) -> None:
    """Draw the letters of notes between the plot and the names of its axis."""
    for note in plot.notes:
        figure.add_annotation(
            x=note.at, yref="paper", y=0, yanchor="top", yshift=-22, xanchor="left", xshift=-6, showarrow=False,
            text=f"{MARK} {escape(note.label)}".strip(), font={"size": 12, "color": theme.text},
        )  # fmt: skip


def _draw_lanes(figure: go.Figure, plot: Plot, theme: Theme, inner: int) -> None:
    """Draw lanes over the columns: a mark an event, or some, and the numbers of key events."""
    most = len(plot.lanes)
    share = LANE * most / inner
    figure.update_layout(
        yaxis={"domain": [0, 1 - share - 0.04]},
        yaxis2={
            "domain": [1 - share, 1], "range": [-0.5, most - 0.5], "tickvals": list(range(most))[::-1],
            "ticktext": [escape(name) for name in plot.lanes], "ticklen": 0, "ticklabelstandoff": 8, "gridcolor": theme.grid,
            "tickfont": {"size": 12.5, "color": theme.text}, "zeroline": False, "anchor": "x",
        },
    )  # fmt: skip
    for name, symbol in SYMBOLS.items():
        dots = [dot for dot in plot.bare_dots if dot.quad_class == name]
        hollow, colour = name.startswith("verbal"), theme.classes[name]
        figure.add_trace(
            go.Scatter(
                x=[dot.at for dot in dots], y=[most - 1 - dot.lane + dot.aside for dot in dots], yaxis="y2", mode="markers",
                name=name,
                marker={"symbol": symbol, "size": [dot.size for dot in dots], "color": colour, "opacity": 1,
                        "line": {"width": 1.3 if hollow else 0.6, "color": colour if hollow else theme.card}},
            )
        )  # fmt: skip
    keys = [dot for dot in plot.dots if dot.number]
    figure.add_trace(
        go.Scatter(
            x=[dot.at for dot in keys], y=[most - 1 - dot.lane for dot in keys], yaxis="y2", mode="markers+text", name="key events",
            text=[f"<b>{dot.number}</b>" for dot in keys], textfont={"size": 11.5, "color": theme.accent_ink}, cliponaxis=False,
            marker={"symbol": "circle", "size": 18, "color": theme.accent, "opacity": 1, "line": {"width": 1.5, "color": theme.card}},
        )
    )  # fmt: skip
