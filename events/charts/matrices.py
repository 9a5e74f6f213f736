"""Squares of rows and columns filled by mean intensity: states by states, topics by dyads; each can be clicked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.rows import records
from events.charts.theme import FONT, TOO_FEW, Theme, base_figure, intensity_step
from events.gazetteer import gazetteer, is_state, party_name
from events.reference import table

__all__ = [
    "BLOCS",
    "MOST",
    "ORDERS",
    "Cell",
    "Group",
    "Order",
    "alt",
    "arrange",
    "bloc_of",
    "blocs",
    "both_ways",
    "ink",
    "matrix",
    "members",
    "squares",
    "title",
]

MOST = 20
"""Rows and columns of a matrix."""

Order = Literal["similarity", "bloc", "events"]
ORDERS: tuple[Order, ...] = ("similarity", "bloc", "events")

# Where a state stands in a matrix sorted by bloc: with the first of these that it is a member of.
_HOMES = (
    *("EU", "CSTO", "NATO", "ASEAN", "GCC", "ARAB_LEAGUE", "ECOWAS", "AU", "CARICOM", "OAS", "SAARC", "PIF", "SCO"),
)  # fmt: skip

BLOCS = (
    *("EU", "NATO", "ASEAN", "G7", "G20", "BRICS", "SCO", "CSTO", "EAEU", "CIS", "AU", "ECOWAS", "SADC"),
    *("ARAB_LEAGUE", "GCC", "OIC", "OPEC", "OAS", "MERCOSUR", "CARICOM", "SAARC", "PIF", "APEC", "QUAD"),
    *("VISEGRAD", "FIVE_EYES", "AES", "OSCE", "OECD"),
)
"""Organisations whose members can be chosen as rows and columns, the best known first."""

_ORGANISATIONS = "Organisations"
_CLEAR = 0.6  # share of the firm cells from which the title names one side
_FIRM = 10  # firm cells from which it may


@dataclass(frozen=True, slots=True)
class Cell:
    """One square: its row and column, how many events, their mean intensity, what the pointer says."""

    row: str
    column: str
    events: int
    mean_intensity: float
    hover: str


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring rows (and columns) with a name: a bloc, or a region."""

    name: str
    size: int


def blocs(day: date) -> dict[str, int]:
    """Return the blocs that had two members or more on a day, with their number."""
    found = {code: len(gazetteer().members(code, day)) for code in BLOCS}
    return {code: number for code, number in found.items() if number > 1}


def members(bloc: str, day: date, busiest: Sequence[str]) -> tuple[list[str], int]:
    """Return a bloc's members of that day, the busiest first and cut at MOST, and how many there are."""
    every = gazetteer().members(bloc, day)
    rank = {code: place for place, code in enumerate(busiest)}
    order = sorted(every, key=lambda code: (rank.get(code, len(rank)), code))
    return order[:MOST], len(every)


def bloc_of(code: str, day: date) -> str:
    """Return where a party stands in a matrix sorted by bloc: the name of a bloc, or its region."""
    if not is_state(code):
        return _ORGANISATIONS
    for bloc in _HOMES:
        if code in gazetteer().members(bloc, day):
            return words.short_name(bloc)
    return _regions().get(code, "Others")


@cache
def _regions() -> dict[str, str]:
    return {row["code"]: row["subregion"] or row["region"] for row in table("gazetteer/states.csv")}


def arrange(
    parties: Sequence[str], cells: pd.DataFrame, order: Order, day: date
) -> tuple[list[str], list[Group]]:
    """Return the parties in order (as given: the busiest first), and the groups where sorted by bloc.

    `cells`: source, target, events, mean_intensity. Similar parties have similar relations with the others:
    the order is that of the Fiedler vector of the cosine similarity of their rows and columns.
    """
    if order == "bloc":
        homes = {code: bloc_of(code, day) for code in parties}
        size = {name: list(homes.values()).count(name) for name in homes.values()}
        names = sorted(size, key=lambda name: (name == _ORGANISATIONS, -size[name], name))
        ordered = [code for name in names for code in parties if homes[code] == name]
        return ordered, [Group(name, size[name]) for name in names]
    if order == "similarity" and len(parties) > 2:
        return _by_similarity(list(parties), cells), []
    return list(parties), []


def _by_similarity(parties: list[str], cells: pd.DataFrame) -> list[str]:
    place = {code: number for number, code in enumerate(parties)}
    n = len(parties)
    profile = np.zeros((n, 2 * n))
    for row in records(cells):
        if row.source in place and row.target in place:
            a, b = place[row.source], place[row.target]
            weight = math.log1p(row.events)
            profile[a, b] += row.mean_intensity * weight
            profile[b, n + a] += row.mean_intensity * weight
    length = np.linalg.norm(profile, axis=1)
    unit = profile / np.where(length > 0, length, 1)[:, None]
    alike = np.clip((unit @ unit.T + 1) / 2, 0, 1)
    np.fill_diagonal(alike, 0)
    laplacian = np.diag(alike.sum(axis=1)) - alike
    _, vectors = np.linalg.eigh(laplacian)
    fiedler = np.round(vectors[:, 1], 9)
    if fiedler[0] > 0:  # the busiest party stands in the upper half, whatever sign the solver chose
        fiedler = -fiedler
    return [parties[i] for i in sorted(range(n), key=lambda i: (fiedler[i], i))]


def both_ways(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the symmetric view from dyads (a, b, events, mean_intensity, conflict_share)."""
    kept = ["a", "b", "events", "mean_intensity", "conflict_share"]
    forth = cells[kept].rename(columns={"a": "source", "b": "target"})
    back = cells[kept].rename(columns={"a": "target", "b": "source"})
    both = pd.concat([forth, back], ignore_index=True)
    return both[both["source"] != both["target"]]


def _channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    red, green, blue = (_channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_BLACK = "#000000"


def ink(colour: str) -> str:
    """Return the text colour, white or black, that reads better on this fill."""
    ground = _luminance(colour) + 0.05
    return "#FFFFFF" if 1.05 / ground > ground / (_luminance(_BLACK) + 0.05) else _BLACK


def _sign(value: float) -> str:
    return "+" if value > 0.05 else words.MINUS if value < -0.05 else "0"


def squares(
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    cells: Sequence[Cell],
    theme: Theme,
    *,
    chosen: tuple[str, str] | None = None,
    groups: Sequence[Group] = (),
    diagonal: bool = False,
    left: int = 120,
    digits: int | None = None,
) -> go.Figure:
    """Draw squares: `rows` and `columns` are names by key, in order from the top and from the left.

    Each square holds its mean intensity with the sign, in one of nine steps of colour; one of fewer than five
    events is pale and holds the sign alone. The click's `customdata` is [row, column]. `chosen` is framed;
    `groups` part rows and columns alike; `diagonal` puts a dot where a party would meet itself.
    """
    n, m = len(rows), len(columns)
    size = 29 if n > 12 else 32
    top = 14 + round(5.4 * max((len(name) for name in columns.values()), default=0))  # the names stand aslant
    height = top + n * size + 8
    figure = base_figure(theme, height=height, hovermode="closest")
    row_at = {key: number for number, key in enumerate(rows)}
    column_at = {key: number for number, key in enumerate(columns)}
    fills: list[list[int | None]] = [[None] * m for _ in range(n)]
    for cell in cells:
        fills[row_at[cell.row]][column_at[cell.column]] = (
            9 if cell.events < TOO_FEW else intensity_step(cell.mean_intensity) + 4
        )
    colours = (*theme.steps, theme.land)
    scale = [[edge / 10, colour] for i, colour in enumerate(colours) for edge in (i, i + 1)]
    figure.add_trace(
        go.Heatmap(
            z=fills, x=list(range(m)), y=list(range(n)), zmin=-0.5, zmax=9.5, colorscale=scale,
            showscale=False, xgap=2, ygap=2, hoverinfo="skip", name="fill",
        )
    )  # fmt: skip
    places = 1 if m <= 14 else 0
    texts, inks = [], []
    for cell in cells:
        few = cell.events < TOO_FEW
        value = words.intensity(cell.mean_intensity, places if digits is None else digits)
        texts.append(_sign(cell.mean_intensity) if few else value)
        inks.append(theme.muted if few else ink(theme.step_colour(cell.mean_intensity)))
    figure.add_trace(
        go.Scatter(
            x=[column_at[cell.column] for cell in cells],
            y=[row_at[cell.row] for cell in cells],
            mode="markers+text",
            marker={"symbol": "square", "size": size - 4, "color": theme.text, "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            text=texts,
            textposition="middle center",
            textfont={"family": FONT, "size": 11, "color": inks},
            hovertext=[cell.hover for cell in cells],
            hovertemplate="%{hovertext}<extra></extra>",
            customdata=[[cell.row, cell.column] for cell in cells],
            name="cells",
        )
    )
    if diagonal:
        for number in range(min(n, m)):
            figure.add_shape(
                type="circle", xsizemode="pixel", ysizemode="pixel", xanchor=number, yanchor=number,
                x0=-2, x1=2, y0=-2, y1=2, fillcolor=theme.land_edge, line={"width": 0},
            )  # fmt: skip
    if chosen and chosen[0] in row_at and chosen[1] in column_at:
        _frame(figure, column_at[chosen[1]], row_at[chosen[0]], {"color": theme.text, "width": 2.2})
    at = 0
    for group in groups[:-1]:
        at += group.size
        line = {"color": theme.faint, "width": 1}
        figure.add_shape(type="line", x0=-0.5, x1=m - 0.5, y0=at - 0.5, y1=at - 0.5, line=line)
        figure.add_shape(type="line", x0=at - 0.5, x1=at - 0.5, y0=-0.5, y1=n - 0.5, line=line)
    right = 14
    if groups:
        right = 108
        at = 0
        for group in groups:
            figure.add_annotation(
                x=m - 0.5, y=at + (group.size - 1) / 2, xanchor="left", xshift=8, showarrow=False, align="left",
                text=_wrapped(group.name), font={"size": 11, "color": theme.muted},
            )  # fmt: skip
            at += group.size
    label = {"size": 11.5, "color": theme.text}
    figure.update_xaxes(
        side="top", tickvals=list(range(m)), ticktext=list(columns.values()), tickangle=-50, tickfont=label,
        range=[-0.5, m - 0.5], showgrid=False, ticklen=0, ticklabelstandoff=4,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(n)), ticktext=list(rows.values()), tickfont=label,
        range=[n - 0.5, -0.5], showgrid=False, ticklen=0, ticklabelstandoff=6,
    )  # fmt: skip
    figure.update_layout(margin={"l": left, "r": max(right, 44), "t": top, "b": 8})
    return figure


def _wrapped(name: str) -> str:
    """Return a group's name on two lines where it is long."""
    if len(name) <= 16 or " " not in name:
        return name
    head, _, tail = name.rpartition(" ")
    return f"{head}<br>{tail}"


def _frame(figure: go.Figure, x: int, y: int, line: dict[str, Any]) -> None:
    edge = 0.47
    figure.add_shape(
        type="rect", x0=x - edge, x1=x + edge, y0=y - edge, y1=y + edge, line=line,
        fillcolor="rgba(0,0,0,0)", layer="above",
    )  # fmt: skip


def matrix(
    parties: Sequence[str],
    cells: pd.DataFrame,
    theme: Theme,
    *,
    symmetric: bool = False,
    chosen: tuple[str, str] | None = None,
    groups: Sequence[Group] = (),
) -> go.Figure:
    """Draw who acts (rows) on whom (columns), or with `symmetric` both directions in one.

    `cells`: source, target, events, mean_intensity, conflict_share, of these parties alone.
    """
    names = {code: words.shorten(words.short_name(code), 20) for code in parties}
    drawn = [
        Cell(row.source, row.target, int(row.events), float(row.mean_intensity), _hover(row, symmetric))
        for row in records(_among(parties, cells))
    ]
    return squares(names, names, drawn, theme, chosen=chosen, groups=groups, diagonal=True)


def _among(parties: Sequence[str], cells: pd.DataFrame) -> pd.DataFrame:
    return cells[cells["source"].isin(list(parties)) & cells["target"].isin(list(parties))]


def _hover(row: Any, symmetric: bool) -> str:
    few = f"<br>fewer than {TOO_FEW}: the sign alone" if row.events < TOO_FEW else ""
    return (
        f"<b>{words.dyad(row.source, row.target, symmetric=symmetric)}</b><br>"
        f"{words.plural(row.events, 'event')}, mean intensity {words.intensity(row.mean_intensity)}<br>"
        f"{words.percent(row.conflict_share)} in conflict{few}"
    )


def title(parties: Sequence[str], cells: pd.DataFrame, *, symmetric: bool) -> str:
    """Return the finding: which side outweighs in how many squares; neutral where fewer than ten are firm."""
    noun = "dyads" if symmetric else "directions"
    neutral = f"Mean intensity by {'dyad' if symmetric else 'direction'}"
    found = _among(parties, cells)
    if symmetric:
        found = found[found["source"] < found["target"]]
    firm = found[found["events"] >= TOO_FEW]
    if len(firm) < _FIRM:
        return neutral
    tense, calm = int((firm["mean_intensity"] < 0).sum()), int((firm["mean_intensity"] > 0).sum())
    if max(tense, calm) < _CLEAR * len(firm):
        return neutral
    one, other, number = (
        ("Conflict", "cooperation", tense) if tense > calm else ("Cooperation", "conflict", calm)
    )
    return f"{one} outweighs {other} in {number} of {len(firm)} {noun}"


def alt(parties: Sequence[str], cells: pd.DataFrame, *, symmetric: bool) -> str:
    """Return the matrix in words: its size, the busiest square, the most hostile and the friendliest firm ones."""
    found = _among(parties, cells)
    who = f"{len(parties)} by {len(parties)} parties"
    parts = [f"Matrix of {who}, {'both directions together' if symmetric else 'rows act on columns'}."]
    firm = found[found["events"] >= TOO_FEW].sort_values("mean_intensity", kind="stable")
    for name, rows in (("Lowest", firm.head(1)), ("Highest", firm.tail(1))):
        parts += [
            f"{name}: {party_name(row.source)} towards {party_name(row.target)}, "
            f"{words.intensity(row.mean_intensity)}, {words.plural(row.events, 'event')}."
            for row in records(rows)
        ]
    return " ".join(parts)
