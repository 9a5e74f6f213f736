"""Who reports it: how outlets of different countries, of different kinds, or one by one tell the same selection."""

from __future__ import annotations

import math
from html import escape
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from events.charts import words
from events.charts.rows import records
from events.charts.sentences import prose_name
from events.charts.theme import TOO_FEW, Theme, base_figure

__all__ = ["SHOWN", "By", "alt", "figure", "name", "title"]

By = Literal["country", "kind", "outlet"]

SHOWN = 14
"""Rows that are drawn."""

ROW = 30  # px


def name(teller: str, by: By) -> str:
    """Write a row's name: "Türkiye", "State outlets", an outlet's own; "Not in the registry"."""
    if not teller:
        return "Outlet unknown" if by == "outlet" else "Not in the registry"
    if by == "country":
        return words.short_name(teller)
    return words.outlet_kind(teller).capitalize() if by == "kind" else teller


def _whose(row: Any, by: By) -> str:
    """Write whose telling it is, within a sentence: "outlets of Türkiye", "state outlets", "TASS"."""
    if by == "country":
        return f"outlets of {prose_name(row.teller)}"
    return words.outlet_kind(row.teller) if by == "kind" else str(row.teller)


def _apart(table: pd.DataFrame) -> tuple[Any, Any] | None:
    """Return the two rows whose means lie furthest apart, the higher first, if their intervals do not touch."""
    known = [row for row in records(table) if row.teller and not math.isnan(row.mean_low)]
    pairs = [(a, b) for a in known for b in known if a.mean_low > b.mean_high]
    return max(pairs, key=lambda pair: pair[0].mean_intensity - pair[1].mean_intensity, default=None)


def title(table: pd.DataFrame, by: By) -> str:
    """Return the finding: who tells it as clearly more hostile than whom; else how many tell it.

    `table` is what `Queries.tellers` answers, with mean_low, mean_high, share_low, share_high (NaN below five events).
    """
    known = table[table["teller"] != ""]
    what = {"country": ("country", "countries"), "kind": ("kind of outlets", "kinds of outlets"), "outlet": ("outlet", "outlets")}[by]  # fmt: skip
    of = "Outlets of " if by == "country" else ""
    if known.empty:
        return "No outlet of the registry tells it"
    if found := _apart(table):
        mild, sharp = (_whose(row, by) for row in found)
        said = f"{sharp[0].upper()}{sharp[1:]} tell more conflict than {mild}"
        if by == "outlet":
            said = f"{sharp} tells more conflict than {mild}"
        if len(said) <= 74:
            return said
    compared = known[known["mean_low"].notna()]
    if len(compared) > 1:
        return _counted(len(compared), what, of, "tell it alike, within the intervals")
    return _counted(len(known), what, of, "tells it" if len(known) == 1 and not of else "tell it")


def _counted(count: int, what: tuple[str, str], of: str, told: str) -> str:
    number = words.count_word(count)
    number = number.lower() if of else number
    return f"{of}{number} {what[count != 1]} {told}"


def alt(table: pd.DataFrame, by: By) -> str:
    """Return the chart in words: its first rows with events, mean intensity and share in conflict."""
    parts = [
        f"{name(row.teller, by)}: {words.plural(row.events, 'event')}, mean intensity {words.intensity(row.mean_intensity)}, "
        f"{words.percent(row.conflict / row.events)} in conflict"
        for row in records(table.head(4))
    ]
    return f"Who reports it. {'; '.join(parts)}."


def figure(table: pd.DataFrame, by: By, theme: Theme, *, chosen: tuple[str, ...] = ()) -> go.Figure:
    """Draw a row for each teller: events as bars, share in conflict and mean intensity as dots with their intervals.

    A mark's customdata is its teller. Below five events the dots are grey and have no interval.
    """
    rows = records(table.head(SHOWN))
    places = list(range(len(rows)))
    base = base_figure(theme, height=ROW * max(len(rows), 2) + 62, bargap=0.5, hovermode="closest")
    axes = {"x": base.layout.xaxis.to_plotly_json(), "y": base.layout.yaxis.to_plotly_json()}
    drawn = make_subplots(
        rows=1, cols=3, shared_yaxes=True, column_widths=[0.26, 0.34, 0.4], horizontal_spacing=0.06
    )
    drawn.update_layout(base.layout)
    drawn.update_xaxes(**{k: v for k, v in axes["x"].items() if k not in {"domain", "anchor"}})
    drawn.update_yaxes(**{k: v for k, v in axes["y"].items() if k not in {"domain", "anchor"}})
    hover = [_hover(row, by) for row in rows]
    shared = {
        "customdata": [row.teller for row in rows],
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    most = max((row.events for row in rows), default=1)
    drawn.add_trace(
        go.Bar(
            x=[row.events for row in rows], y=places, orientation="h", name="events",
            marker={"color": [theme.accent if row.teller in chosen else theme.muted for row in rows], "line": {"width": 0}},
            text=[words.number(row.events) for row in rows], textposition="outside", cliponaxis=False,
            textfont={"size": 11.5, "color": theme.muted}, **shared,
        ),
        row=1, col=1,
    )  # fmt: skip
    share = [(row.conflict / row.events * 100, row.share_low * 100, row.share_high * 100) for row in rows]
    mean = [(row.mean_intensity, row.mean_low, row.mean_high) for row in rows]
    for column, values, label in ((2, share, "share"), (3, mean, "mean")):
        spans = [(low, high, place) for place, (_, low, high) in enumerate(values) if not math.isnan(low)]
        drawn.add_trace(
            go.Scatter(
                x=[end for low, high, _ in spans for end in (low, high, None)],
                y=[end for _, _, place in spans for end in (place, place, None)],
                mode="lines", line={"color": theme.muted, "width": 2}, hoverinfo="skip", name=f"{label} interval",
            ),
            row=1, col=column,
        )  # fmt: skip
        colours = [
            theme.land_edge
            if row.events < TOO_FEW
            else theme.conflict
            if label == "share"
            else theme.step_colour(row.mean_intensity)
            for row in rows
        ]
        drawn.add_trace(
            go.Scatter(
                x=[value for value, _, _ in values], y=places, mode="markers", name=label,
                marker={"size": 11, "color": colours, "line": {"color": theme.muted, "width": 1}, "opacity": 1},
                **shared,
            ),
            row=1, col=column,
        )  # fmt: skip
    for column, text in ((1, "Events"), (2, "Share in conflict"), (3, "Mean intensity")):
        axis = "" if column == 1 else str(column)
        drawn.add_annotation(
            xref=f"x{axis} domain", x=0, yref="paper", y=1, yanchor="bottom", yshift=8, xanchor="left", text=text,
            showarrow=False, font={"size": 12, "color": theme.muted},
        )  # fmt: skip
    drawn.update_xaxes(visible=False, range=[0, most * 1.3], row=1, col=1)
    drawn.update_xaxes(
        range=[-4, 104], tickvals=[0, 50, 100], ticktext=["0%", "50%", "100%"], showgrid=True, gridcolor=theme.grid,
        ticklen=0, ticklabelstandoff=6, row=1, col=2,
    )  # fmt: skip
    drawn.update_xaxes(
        range=[-10.4, 10.4], tickvals=[-10, -5, 0, 5, 10], ticktext=["", "−5", "0", "+5", ""], showgrid=True,
        gridcolor=theme.grid, ticklen=0, ticklabelstandoff=6, zeroline=True, zerolinecolor=theme.muted, zerolinewidth=1,
        row=1, col=3,
    )  # fmt: skip
    drawn.update_yaxes(
        range=[max(len(rows), 2) - 0.5, -0.5], showgrid=False, ticklen=0, ticklabelstandoff=8, tickvals=places,
        ticktext=[escape(words.shorten(name(row.teller, by), 24)) for row in rows],
        tickfont={"size": 12.5, "color": theme.text},
    )  # fmt: skip
    drawn.update_layout(margin={"l": 158, "r": 12, "t": 30, "b": 28})
    return drawn


def _hover(row: Any, by: By) -> str:
    few = row.events < TOO_FEW
    band = "" if few else f" ({words.intensity(row.mean_low)} to {words.intensity(row.mean_high)})"
    return (
        f"<b>{escape(name(row.teller, by))}</b><br>{words.plural(row.events, 'event')} in {words.plural(row.articles, 'article')}"
        f"{f' of {words.outlets(row.outlets)}' if by != 'outlet' else ''}<br>"
        f"mean intensity {words.intensity(row.mean_intensity)}{band}<br>{words.percent(row.conflict / row.events)} in conflict"
    )
