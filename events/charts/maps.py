"""The world map: states filled by one measure, arcs of the busiest dyads above them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.geometry import LATITUDES, ROTATION, Arc, Frame, arc, place_labels
from events.charts.rows import records
from events.charts.theme import FONT, Theme, base_figure, intensity_step, step_range
from events.gazetteer import gazetteer, is_state
from events.reference import table

__all__ = [
    "BOUNDARY_NOTE",
    "MEASURES",
    "TOO_FEW",
    "Key",
    "Measure",
    "alt",
    "busiest",
    "key",
    "key_numbers",
    "marks_note",
    "subtitle",
    "title",
    "world",
]

Measure = Literal["mean intensity", "number of events", "share of conflict"]
MEASURES: tuple[Measure, ...] = ("mean intensity", "number of events", "share of conflict")

BOUNDARY_NOTE = "Boundaries: visionscarto / Natural Earth, not an endorsement"

TOO_FEW = 5
"""From so many events on a mean or a share is drawn; below, a hollow ring says that there are some."""

MAX_ARCS = 25
MAX_LABELS = 7
ONE_WAY = 0.6  # share of the directed and symmetric events from which an arc gets an arrow instead of a dot
CLEAR_MAJORITY = 0.6  # share of the firm dyads from which the title names one side
SIZE = (705, 318)  # the map in the Overview's card at 1,440 px
_LABEL_SIZE = (
    600,
    271,
)  # labels are placed as on this map, so that they keep apart where the card is narrower

_COUNT_LIGHT = ("#DEDCD6", "#BDBFC0", "#929AA4", "#626C79", "#2B3440")
_COUNT_DARK = ("#39424D", "#515C69", "#6F7A87", "#929DAA", "#BBC5D0")
_SHARE_STEPS = (3, 1, 0, -1, -3)  # steps of intensity lent to shares of conflict 0-20-40-60-80-100%


@dataclass(frozen=True, slots=True)
class Key:
    """The map's key: boxes from left to right, and what stands at their edges or under them."""

    colours: tuple[str, ...]
    edges: tuple[str, ...]  # one more than colours where they stand at the edges, else as many


def _count_breaks(largest: int) -> tuple[int, ...]:
    """Return the first count of each of up to five classes: 1, 2, 5, 10, 25 ... in even ratios."""
    if largest <= 5:
        return tuple(range(1, largest + 1))
    breaks = [1]
    for k in range(1, 5):
        rough = max(largest, 2) ** (k / 5)
        tens = 10 ** math.floor(math.log10(rough))
        nice = min((1, 2, 5, 10), key=lambda step: abs(math.log(rough / (step * tens)))) * tens
        if nice > breaks[-1]:
            breaks.append(int(nice))
    return tuple(breaks)


def _fill(states: pd.DataFrame, measure: Measure, theme: Theme) -> tuple[pd.Series, tuple[str, ...]]:
    """Return the class of each state (0, 1, ...; NA: not filled) and the colours of the classes."""
    if measure == "number of events":
        breaks = _count_breaks(int(states["events"].max()) if len(states) else 1)
        ramp = _COUNT_LIGHT if theme.name == "light" else _COUNT_DARK
        colours = tuple(ramp[round(i * 4 / max(len(breaks) - 1, 1))] for i in range(len(breaks)))
        classes = pd.Series(
            [sum(n >= first for first in breaks) - 1 for n in states["events"]], states.index, dtype="Int64"
        )
        return classes, colours
    if measure == "share of conflict":
        values = (states["conflict_share"] * 5).fillna(0).clip(0, 4.999).astype(int)
        colours = tuple(theme.steps[step + 4] for step in _SHARE_STEPS)
    else:
        values = states["mean_intensity"].fillna(0).map(lambda value: intensity_step(value) + 4).astype(int)
        colours = theme.steps
    return values.astype("Int64").where(states["events"] >= TOO_FEW), colours


def key(states: pd.DataFrame, measure: Measure, theme: Theme) -> Key:
    """Return the key of the map that `world` draws of these states."""
    _, colours = _fill(states, measure, theme)
    if measure == "mean intensity":
        return Key(colours, (*tuple(words.intensity(step_range(s)[0], 0) for s in range(-4, 5)), "+10"))
    if measure == "share of conflict":
        return Key(colours, ("0%", "20%", "40%", "60%", "80%", "100%"))
    largest = int(states["events"].max()) if len(states) else 1
    breaks = _count_breaks(largest)
    names = [str(a) if b - a == 1 else f"{a}–{b - 1}" for a, b in pairwise(breaks)]
    return Key(colours, (*names, str(breaks[-1]) if breaks[-1] == largest else f"{breaks[-1]}+"))


@cache
def _points() -> dict[str, tuple[float, float]]:
    """Return lon, lat of states and territories that the map has no polygon for."""
    return {row["code"]: (float(row["lon"]), float(row["lat"])) for row in table("geo/points.csv")}


def _seat(code: str) -> tuple[float, float] | None:
    """Return lon, lat of a party's capital or seat; None where it has none."""
    entry = gazetteer().states().get(code) or gazetteer().organisations().get(code)
    if entry is None or entry.lat is None or entry.lon is None:
        return None
    return entry.lon, entry.lat


def busiest(dyads: pd.DataFrame, limit: int = MAX_ARCS) -> pd.DataFrame:
    """Return the dyads that the map draws as arcs: the busiest whose parties both have a seat on the map."""
    placed = [bool(_seat(a) and _seat(b)) for a, b in zip(dyads["a"], dyads["b"], strict=True)]
    order = dyads[pd.Series(placed, dyads.index, dtype=bool)]
    return order.sort_values("events", ascending=False, kind="stable").head(limit)


def _number_of(row: Any) -> str:
    return f"{words.plural(row.events, 'event')}, mean intensity {words.intensity(row.mean_intensity)}"


def _state_hover(states: pd.DataFrame) -> list[str]:
    return [
        f"<b>{words.short_name(row.party)}</b><br>{_number_of(row)}<br>"
        f"{words.percent(row.conflict_share)} in conflict"
        + (f"<br>fewer than {TOO_FEW}: no mean is drawn" if row.events < TOO_FEW else "")
        for row in records(states)
    ]


def _label(row: Any) -> str:
    """Name a dyad on the map, with its mean intensity where that is of enough events."""
    names = f"{words.short_name(row.a)} – {words.short_name(row.b)}"
    return f"{names} {words.intensity(row.mean_intensity)}" if row.events >= TOO_FEW else names


def _dyad_hover(row: Any) -> str:
    a, b = words.short_name(row.a), words.short_name(row.b)
    return (
        f"<b>{a} – {b}</b><br>{_number_of(row)}<br>"
        f"{a} → {b}: {row.a_to_b} · {b} → {a}: {row.b_to_a} · of both: {row.symmetric}"
    )


def _states(figure: go.Figure, states: pd.DataFrame, measure: Measure, theme: Theme) -> None:
    """Fill the states; those too small for a polygon become dots, those with too few events hollow rings."""
    mapped = [code for code, state in gazetteer().states().items() if state.kind != "former"]
    known = states[states["party"].isin(mapped)].reset_index(drop=True)
    classes, colours = _fill(known, measure, theme)
    hover = pd.Series(_state_hover(known), known.index, dtype=object)
    points = known["party"].isin(list(_points()))
    filled = classes.notna()
    count = len(colours)
    scale = [[edge / count, colour] for i, colour in enumerate(colours) for edge in (i, i + 1)]
    drawn = filled & ~points
    figure.add_trace(
        go.Choropleth(
            locations=known.loc[drawn, "party"].tolist(),
            z=[int(value) for value in classes[drawn]],
            zmin=-0.5,
            zmax=count - 0.5,
            colorscale=scale,
            showscale=False,
            marker={"line": {"color": theme.card, "width": 0.5}},
            text=hover[drawn].tolist(),
            customdata=known.loc[drawn, "party"].tolist(),
            hovertemplate="%{text}<extra></extra>",
            name="states",
        )
    )
    dots = known[filled & points]
    if len(dots):
        figure.add_trace(
            go.Scattergeo(
                lon=[_points()[code][0] for code in dots["party"]],
                lat=[_points()[code][1] for code in dots["party"]],
                mode="markers",
                marker={
                    "size": 7,
                    "color": [colours[int(value)] for value in classes[dots.index]],
                    "line": {"color": theme.land_edge, "width": 0.8},
                },
                text=hover[dots.index].tolist(),
                customdata=dots["party"].tolist(),
                hovertemplate="%{text}<extra></extra>",
                name="small states",
            )
        )
    few = known[~filled]
    for rows, where in (
        (few[~few["party"].isin(list(_points()))], "polygon"),
        (few[few["party"].isin(list(_points()))], "point"),
    ):
        if rows.empty:
            continue
        place: dict[str, Any] = (
            {"locations": rows["party"].tolist()}
            if where == "polygon"
            else {
                "lon": [_points()[code][0] for code in rows["party"]],
                "lat": [_points()[code][1] for code in rows["party"]],
            }
        )
        figure.add_trace(
            go.Scattergeo(
                **place,
                mode="markers",
                marker={"size": 6, "symbol": "circle-open", "color": theme.faint, "line": {"width": 1.1}},
                text=hover[rows.index].tolist(),
                customdata=rows["party"].tolist(),
                hovertemplate="%{text}<extra></extra>",
                name="few events",
            )
        )


def _line(figure: go.Figure, points: Any, colour: str, width: float, name: str, opacity: float = 1.0) -> None:
    figure.add_trace(
        go.Scattergeo(
            lon=[round(lon, 2) for lon, _ in points],
            lat=[round(lat, 2) for _, lat in points],
            mode="lines",
            line={"color": colour, "width": width},
            opacity=opacity,
            hoverinfo="skip",
            name=name,
        )
    )


def _arcs(figure: go.Figure, dyads: pd.DataFrame, theme: Theme, frame: Frame) -> None:
    rows = records(dyads)
    if not rows:
        return
    largest = max(row.events for row in rows)
    drawn: list[tuple[Any, Arc]] = []
    marks: list[dict[str, Any]] = []
    for row in reversed(rows):  # the busiest are drawn last, on top
        start, end = _seat(row.a), _seat(row.b)
        if start is None or end is None:
            continue
        curve = arc(start, end)
        drawn.append((row, curve))
        width = 0.9 + 3 * math.sqrt(row.events / largest)
        colour = theme.conflict if row.mean_intensity < 0 else theme.cooperation
        _line(figure, curve.points, theme.card, width + 1.8, "halo")
        _line(figure, curve.points, colour, width, "arc", 0.95)
        share = max(row.a_to_b, row.b_to_a) / row.events
        if share >= ONE_WAY:
            lon, lat, angle = curve.arrow(frame, towards_end=row.a_to_b >= row.b_to_a)
            mark = {"symbol": "triangle-up", "size": 9, "angle": angle}
        else:
            lon, lat = curve.at(0.5)
            mark = {"symbol": "circle", "size": 6.5, "angle": 0.0}
        marks.append({**mark, "lon": lon, "lat": lat, "colour": colour, "row": row})
    figure.add_trace(
        go.Scattergeo(
            lon=[mark["lon"] for mark in marks],
            lat=[mark["lat"] for mark in marks],
            mode="markers",
            marker={
                "symbol": [mark["symbol"] for mark in marks],
                "size": [mark["size"] for mark in marks],
                "angle": [round(mark["angle"], 1) for mark in marks],
                "angleref": "up",
                "color": [mark["colour"] for mark in marks],
                "opacity": 1,
                "line": {"color": theme.card, "width": 0.8},
            },
            text=[_dyad_hover(mark["row"]) for mark in marks],
            customdata=[f"{mark['row'].a}-{mark['row'].b}" for mark in marks],
            hovertemplate="%{text}<extra></extra>",
            name="direction",
        )
    )
    ends = {code: seat for row in rows for code in (row.a, row.b) if (seat := _seat(code))}
    for symbol, codes in (
        ("circle", [code for code in ends if is_state(code)]),
        ("square", [code for code in ends if not is_state(code)]),
    ):
        figure.add_trace(
            go.Scattergeo(
                lon=[ends[code][0] for code in codes],
                lat=[ends[code][1] for code in codes],
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": 4.5 if symbol == "circle" else 5.5,
                    "color": theme.text,
                    "opacity": 1,
                    "line": {"color": theme.card, "width": 0.8},
                },
                text=[words.short_name(code) for code in codes],
                hovertemplate="%{text}<extra></extra>",
                name="capitals" if symbol == "circle" else "seats",
            )
        )
    by_row = {id(row): curve for row, curve in drawn}
    wanted = [(_label(row), own) for row in rows[:MAX_LABELS] if (own := by_row.get(id(row)))]
    labels = place_labels(wanted, [curve for _, curve in drawn], list(ends.values()), Frame(*_LABEL_SIZE))
    for label in labels:
        if label.leader:
            _line(figure, label.leader, theme.text, 0.9, "leader")
    if labels:
        figure.add_trace(
            go.Scattergeo(
                lon=[round(label.lon, 2) for label in labels],
                lat=[round(label.lat, 2) for label in labels],
                mode="text",
                text=[f"<b>{label.text}</b>" for label in labels],
                textfont={
                    "family": FONT,
                    "size": 11.5,
                    "color": theme.text,
                    "shadow": ", ".join(f"0 0 {blur}px {theme.card}" for blur in (1, 2, 3, 3, 4, 4)),
                },
                hoverinfo="skip",
                name="labels",
            )
        )


def world(
    states: pd.DataFrame,
    dyads: pd.DataFrame,
    theme: Theme,
    *,
    measure: Measure = "mean intensity",
    size: tuple[int, int] = SIZE,
) -> go.Figure:
    """Draw the map.

    `states`: party, events, mean_intensity, conflict_share (organisations in it are left out). `dyads`: a, b,
    events, mean_intensity, a_to_b, b_to_a, symmetric; all that are given are drawn as arcs (see `busiest`).
    """
    figure = base_figure(theme, height=size[1] + 8)
    _states(figure, states, measure, theme)
    _arcs(figure, dyads, theme, Frame(*size))
    figure.update_geos(
        projection={"type": "natural earth", "rotation": {"lon": ROTATION}},
        lataxis={"range": list(LATITUDES)},
        fitbounds=False,
        resolution=50,
        showframe=False,
        bgcolor="rgba(0,0,0,0)",
        showland=True,
        landcolor=theme.land,
        showcountries=True,
        countrycolor=theme.land_edge,
        countrywidth=0.5,
        showcoastlines=True,
        coastlinecolor=theme.land_edge,
        coastlinewidth=0.4,
        showocean=False,
        showlakes=False,
        showrivers=False,
        domain={"x": [0, 1], "y": [0, 1]},
    )
    figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 4})
    return figure


def title(dyads: pd.DataFrame, measure: Measure) -> str:
    """Return the map's finding; a neutral title where fewer than ten dyads have five events."""
    if measure == "number of events":
        return "Events by state"
    neutral = "Mean intensity by state" if measure == "mean intensity" else "Share of conflict by state"
    firm = dyads[dyads["events"] >= TOO_FEW]
    if len(firm) < 10:
        return neutral
    tense = int((firm["mean_intensity"] < 0).sum())
    calm = int((firm["mean_intensity"] > 0).sum())
    if max(tense, calm) < CLEAR_MAJORITY * len(firm):
        return neutral
    if tense > calm:
        return f"Conflict outweighs cooperation in {tense} of {len(firm)} dyads"
    return f"Cooperation outweighs conflict in {calm} of {len(firm)} dyads"


def subtitle(measure: Measure, arcs: int, dyads: int) -> str:
    """Return what the map draws: the measure, its unit, and how many dyads are arcs."""
    what = {
        "mean intensity": "Mean intensity of each state’s events, −10 conflict to +10 cooperation",
        "number of events": "Events of each state",
        "share of conflict": "Share of each state’s events in conflict",
    }[measure]
    if not arcs:
        return what
    if arcs == 1:
        return f"{what}; the arc is {'the only' if dyads == 1 else 'one'} dyad"
    return (
        f"{what}; arcs are {f'the {arcs} busiest of {dyads:,}' if arcs < dyads else f'all {dyads:,}'} dyads"
    )


def marks_note(dyads: pd.DataFrame) -> str:
    """Return what the caption says of the arcs."""
    if dyads.empty:
        return ""
    return "arrow where 60% or more goes one way, else a dot; squares are seats of organisations"


def key_numbers(states: pd.DataFrame, dyads: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    """Return what the key says beside its boxes: `few` (rings), `fewest` and `most` (events of the arcs)."""
    few = measure != "number of events" and bool((states["events"] < TOO_FEW).any())
    return {
        "few": f"1–{TOO_FEW - 1} events" if few else "",
        "fewest": None if dyads.empty else int(dyads["events"].min()),
        "most": None if dyads.empty else int(dyads["events"].max()),
    }


def alt(states: pd.DataFrame, dyads: pd.DataFrame, measure: Measure) -> str:
    """Return the map in words for those who cannot see it."""
    lines = [f"World map of {measure} by state, {words.plural(len(states), 'party', 'parties')}."]
    lines += [
        f"{words.short_name(row.a)} and {words.short_name(row.b)}: {_number_of(row)}."
        for row in records(busiest(dyads, 2))
    ]
    return " ".join(lines)
