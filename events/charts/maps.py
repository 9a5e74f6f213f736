"""The map: states filled by one measure, arcs of the busiest dyads above them, places and seats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from events.charts import places as layers
from events.charts import words
from events.charts.geometry import WORLD, Arc, Frame, View, arc, place_labels
from events.charts.rows import records
from events.charts.theme import FONT, TOO_FEW, Theme, base_figure, intensity_step, step_range
from events.gazetteer import gazetteer, is_state
from events.reference import table

__all__ = [
    "BOUNDARY_NOTE",
    "MEASURES",
    "Key",
    "Measure",
    "alt",
    "busiest",
    "fitted",
    "key",
    "key_numbers",
    "marks_note",
    "middle",
    "on_map",
    "subtitle",
    "title",
    "viewpoint_title",
    "world",
]

Measure = Literal["mean intensity", "number of events", "share of conflict"]
MEASURES: tuple[Measure, ...] = ("mean intensity", "number of events", "share of conflict")

BOUNDARY_NOTE = "Boundaries: visionscarto / Natural Earth, not an endorsement"

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


def on_map(dyads: pd.DataFrame, view: View = WORLD) -> pd.DataFrame:
    """Return the dyads whose parties both have a seat, one of them in the part of the world that is shown."""
    frame = Frame(*SIZE, view)
    placed = []
    for a, b in zip(dyads["a"], dyads["b"], strict=True):
        start, end = _seat(a), _seat(b)
        both = start is not None and end is not None
        placed.append(both and (not view.half or any(frame.shows(*seat) for seat in (start, end) if seat)))
    return dyads[pd.Series(placed, dyads.index, dtype=bool)]


def busiest(dyads: pd.DataFrame, limit: int = MAX_ARCS, view: View = WORLD) -> pd.DataFrame:
    """Return the dyads that the map draws as arcs: the busiest of those that `on_map` returns."""
    return on_map(dyads, view).sort_values("events", ascending=False, kind="stable").head(limit)


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


_SELECTED = {
    "selected": {"marker": {"opacity": 1}},
    "unselected": {"marker": {"opacity": 1}},
}  # a chosen arc, place or seat does not fade the others: the fill of the states does


def _drawn_apart(view: View) -> set[str]:
    """Return the states that a dot stands for; in a region their own shape is seen as well."""
    return set(_points()) if not view.half else set()


def _scale(colours: tuple[str, ...]) -> list[list[Any]]:
    count = len(colours)
    return [[edge / count, colour] for i, colour in enumerate(colours) for edge in (i, i + 1)]


def _filled(
    codes: list[str], classes: list[int], colours: tuple[str, ...], hover: list[str], theme: Theme, name: str
) -> go.Choropleth:
    return go.Choropleth(
        locations=codes,
        z=classes,
        zmin=-0.5,
        zmax=len(colours) - 0.5,
        colorscale=_scale(colours),
        showscale=False,
        marker={"line": {"color": theme.card, "width": 0.5}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0.45}},
        text=hover,
        customdata=codes,
        hovertemplate="%{text}<extra></extra>",
        name=name,
    )


def _where(codes: list[str], *, points: bool) -> dict[str, Any]:
    """Return where markers of states stand: at the label point of their shape, or at a point of their own."""
    if not points:
        return {"locations": codes}
    return {"lon": [_points()[code][0] for code in codes], "lat": [_points()[code][1] for code in codes]}


def _states(
    figure: go.Figure,
    states: pd.DataFrame,
    fill: tuple[pd.Series, tuple[str, ...]],
    theme: Theme,
    view: View,
    *,
    clickable: bool,
) -> None:
    """Fill the states; those too small for a polygon become dots, those with too few events hollow rings."""
    mapped = [code for code, state in gazetteer().states().items() if state.kind != "former"]
    on = states["party"].isin(mapped)
    known, colours = states[on].reset_index(drop=True), fill[1]
    classes = fill[0][on].reset_index(drop=True)
    hover = pd.Series(_state_hover(known), known.index, dtype=object)
    points = known["party"].isin(list(_points()))
    filled = classes.notna()
    drawn = filled & ~known["party"].isin(_drawn_apart(view))
    if clickable:
        rest = dict(zip(known.loc[~filled, "party"], hover[~filled], strict=True))
        rest |= {
            code: f"<b>{words.short_name(code)}</b><br>no events"
            for code in mapped
            if code not in set(known["party"])
        }
        figure.add_trace(
            _filled(list(rest), [0] * len(rest), (theme.land,), list(rest.values()), theme, "other states")
        )
    figure.add_trace(
        _filled(
            known.loc[drawn, "party"].tolist(),
            [int(value) for value in classes[drawn]],
            colours,
            hover[drawn].tolist(),
            theme,
            "states",
        )
    )
    dots = known[filled & points]
    if len(dots):
        figure.add_trace(
            go.Scattergeo(
                **_where(dots["party"].tolist(), points=True),
                mode="markers",
                marker={
                    "size": 7,
                    "color": [colours[int(value)] for value in classes[dots.index]],
                    "line": {"color": theme.land_edge, "width": 0.8},
                },
                **_SELECTED,
                text=hover[dots.index].tolist(),
                customdata=dots["party"].tolist(),
                hovertemplate="%{text}<extra></extra>",
                name="small states",
            )
        )
    few = known[~filled]
    for apart in (False, True):
        rows = few[few["party"].isin(list(_points())) == apart]
        if rows.empty:
            continue
        figure.add_trace(
            go.Scattergeo(
                **_where(rows["party"].tolist(), points=apart),
                mode="markers",
                marker={"size": 6, "symbol": "circle-open", "color": theme.faint, "line": {"width": 1.1}},
                **_SELECTED,
                text=hover[rows.index].tolist(),
                customdata=rows["party"].tolist(),
                hovertemplate="%{text}<extra></extra>",
                name="few events",
            )
        )


def _viewpoint(figure: go.Figure, code: str, theme: Theme) -> None:
    """Draw a neutral line around the state from whose viewpoint the others are filled."""
    hover = [f"<b>{words.short_name(code)}</b><br>the viewpoint"]
    if not is_state(code):
        return
    outlined = _filled([code], [0], (theme.card,), hover, theme, "viewpoint")
    outlined.marker.line = {"color": theme.accent, "width": 1.6}
    outlined.unselected.marker.opacity = 1
    figure.add_trace(outlined)
    if code in _points():
        figure.add_trace(
            go.Scattergeo(
                **_where([code], points=True),
                mode="markers",
                marker={"size": 8, "color": theme.accent, "line": {"color": theme.card, "width": 0.8}},
                **_SELECTED,
                text=hover,
                customdata=[code],
                hovertemplate="%{text}<extra></extra>",
                name="viewpoint",
            )
        )


_Stroke = tuple[float, str, list[tuple[float, float]]]  # width, colour, points


def _lines(
    figure: go.Figure, strokes: list[_Stroke], width: float, colour: str, name: str, opacity: float = 1.0
) -> None:
    """Draw lines of one width and colour as one trace, with a gap after each."""
    lon: list[float | None] = []
    lat: list[float | None] = []
    for _, _, points in strokes:
        lon += [*(round(x, 2) for x, _ in points), None]
        lat += [*(round(y, 2) for _, y in points), None]
    figure.add_trace(
        go.Scattergeo(
            lon=lon[:-1],
            lat=lat[:-1],
            mode="lines",
            line={"color": colour, "width": width},
            opacity=opacity,
            hoverinfo="skip",
            name=name,
        )
    )


def _line(figure: go.Figure, points: Any, colour: str, width: float, name: str) -> None:
    _lines(figure, [(width, colour, list(points))], width, colour, name)


def _strokes(figure: go.Figure, strokes: list[_Stroke], theme: Theme) -> None:
    """Draw the arcs over halos in the card's colour, the thickest last.

    Up to 25 each is a trace of its own. More are gathered in steps of width, as plotly takes time by trace.
    """
    if len(strokes) <= MAX_ARCS:
        for width, colour, points in strokes:
            _line(figure, points, theme.card, width + 1.8, "halo")
            _lines(figure, [(width, colour, points)], width, colour, "arc", 0.95)
        return
    gathered: dict[float, list[_Stroke]] = {}
    for stroke in strokes:
        gathered.setdefault(round(2 * stroke[0]) / 2, []).append(stroke)
    for width, group in sorted(gathered.items()):
        _lines(figure, group, width + 1.8, theme.card, "halo")
        for colour in dict.fromkeys(colour for _, colour, _ in group):
            _lines(figure, [s for s in group if s[1] == colour], width, colour, "arc", 0.95)


_REACH = 6  # pixels from a mark's edge that a click may miss it by; plotly's 20 take clicks meant for a state
_HIT = 14  # size of an unseen mark in pixels
_APART = _HIT + 2 * _REACH  # of the marks along an arc, so that a click anywhere on it is taken


def _hits(figure: go.Figure, drawn: list[tuple[Any, Arc]], frame: Frame) -> None:
    """Lay unseen marks along the arcs: plotly takes clicks on marks alone, not on lines."""
    marks = []
    for row, curve in drawn:
        pixels = [frame.project(*point) for point in curve.points]
        length = sum(min(math.dist(a, b), frame.width / 4) for a, b in pairwise(pixels))
        steps = min(max(round(length / _APART), 2), len(curve.points) - 1)
        marks += [(row, *curve.at(i / steps)) for i in range(1, steps)]
    figure.add_trace(
        go.Scattergeo(
            lon=[round(lon, 2) for _, lon, _ in marks],
            lat=[round(lat, 2) for _, _, lat in marks],
            mode="markers",
            marker={"size": _HIT, "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            text=[f"<b>{_label(row)}</b><br>{words.plural(row.events, 'event')}" for row, _, _ in marks],
            customdata=[f"{row.a}-{row.b}" for row, _, _ in marks],
            hovertemplate="%{text}<extra></extra>",
            name="arcs to click",
        )
    )


def _arcs(
    figure: go.Figure, dyads: pd.DataFrame, theme: Theme, frame: Frame, *, clickable: bool
) -> tuple[list[tuple[str, Arc]], list[Arc], list[tuple[float, float]]]:
    """Draw the arcs with direction and ends; return the labels wanted, the arcs and the ends."""
    rows = records(dyads)
    if not rows:
        return [], [], []
    largest = max(row.events for row in rows)
    drawn: list[tuple[Any, Arc]] = []
    strokes: list[_Stroke] = []
    marks: list[dict[str, Any]] = []
    many = len(rows) > MAX_ARCS
    for row in reversed(rows):  # the busiest are drawn last, on top
        start, end = _seat(row.a), _seat(row.b)
        if start is None or end is None:
            continue
        curve = arc(start, end)
        drawn.append((row, curve))
        colour = theme.conflict if row.mean_intensity < 0 else theme.cooperation
        strokes.append((0.9 + 3 * math.sqrt(row.events / largest), colour, list(curve.points)))
        share = max(row.a_to_b, row.b_to_a) / row.events
        if share >= ONE_WAY:
            lon, lat, angle = curve.arrow(frame, towards_end=row.a_to_b >= row.b_to_a)
            mark = {"symbol": "triangle-up", "size": 7 if many else 9, "angle": angle}
        else:
            lon, lat = curve.at(0.5)
            mark = {"symbol": "circle", "size": 4.5 if many else 6.5, "angle": 0.0}
        marks.append({**mark, "lon": lon, "lat": lat, "colour": colour, "row": row})
    _strokes(figure, strokes, theme)
    if clickable:
        _hits(figure, drawn, frame)
    figure.add_trace(
        go.Scattergeo(
            lon=[round(mark["lon"], 2) for mark in marks],
            lat=[round(mark["lat"], 2) for mark in marks],
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
            selected={"marker": {"opacity": 1, "size": 14}},
            unselected={"marker": {"opacity": 1}},
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
                    "size": (3.5 if many else 4.5) if symbol == "circle" else 5.5,
                    "color": theme.text,
                    "opacity": 1,
                    "line": {"color": theme.card, "width": 0.8},
                },
                **_SELECTED,
                text=[words.short_name(code) for code in codes],
                customdata=codes,
                hovertemplate="%{text}<extra></extra>",
                name="capitals" if symbol == "circle" else "seats",
            )
        )
    by_row = {id(row): curve for row, curve in drawn}
    wanted = [(_label(row), own) for row in rows[:MAX_LABELS] if (own := by_row.get(id(row)))]
    return wanted, [curve for _, curve in drawn], list(ends.values())


def _labels(
    figure: go.Figure,
    wanted: list[tuple[str, Arc]],
    arcs: list[Arc],
    ends: list[tuple[float, float]],
    theme: Theme,
    view: View,
) -> None:
    """Name the busiest dyads where there is room."""
    labels = place_labels(wanted, arcs, ends, Frame(*_LABEL_SIZE, view))
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
                unselected={"textfont": {"color": theme.text}},
                hoverinfo="skip",
                name="labels",
            )
        )


def _choose(figure: go.Figure, picked: str) -> None:
    """Show what is chosen as plotly shows it after a click: the fill of all other states is paler."""
    for trace in figure.data:
        if trace.customdata is None:
            continue
        mine = [i for i, code in enumerate(trace.customdata) if code == picked]
        if mine or trace.type == "choropleth":
            trace.selectedpoints = mine


def fitted(space: tuple[int, int]) -> tuple[int, int]:
    """Return the size of the largest map that has room in this space, its shape kept."""
    width = min(space[0], round((space[1] - 8) * SIZE[0] / SIZE[1]))
    return width, round(width * SIZE[1] / SIZE[0])


def world(
    states: pd.DataFrame,
    dyads: pd.DataFrame,
    theme: Theme,
    *,
    measure: Measure = "mean intensity",
    size: tuple[int, int] = SIZE,
    view: View = WORLD,
    viewpoint: str = "",
    fill: bool = True,
    places: pd.DataFrame | None = None,
    seats: bool = False,
    clickable: bool = False,
    picked: str = "",
    detail: Literal[110, 50] = 50,
) -> go.Figure:
    """Draw the map.

    `states`: party, events, mean_intensity, conflict_share (organisations are squares at their seats with
    `seats`, else left out). `dyads`: a, b, events, mean_intensity, a_to_b, b_to_a, symmetric; all that are
    given are drawn as arcs (see `busiest`). `places`: as `places.drawn` returns them. `viewpoint` is the party
    of which `states` holds the partners. With `clickable` every state, arc, place and seat takes clicks and
    carries its code, dyad ("RUS-UKR") or place in `customdata`; `picked` is the one that is chosen. `detail` is
    the borders' scale (1 : 50 or 110 million): the coarser are drawn in half the time.
    """
    figure = base_figure(theme, height=size[1] + 8)
    shown = states[states["party"] != viewpoint].reset_index(drop=True)
    classes, colours = _fill(shown, measure, theme)
    if fill:
        _states(figure, shown, (classes, colours), theme, view, clickable=clickable)
    else:
        _states(figure, shown.head(0), (classes.head(0), colours), theme, view, clickable=clickable)
    if viewpoint:
        _viewpoint(figure, viewpoint, theme)
    if places is not None:
        layers.wide(figure, places, theme)
    wanted, arcs, ends = _arcs(figure, dyads, theme, Frame(*size, view), clickable=clickable)
    if places is not None:
        layers.points(figure, places, theme)
    if seats:
        tones = [theme.land if pd.isna(value) else colours[int(value)] for value in classes]
        rows = shown.assign(tone=tones)[~shown["party"].isin(list(gazetteer().states()))]
        layers.seats(figure, rows, theme, viewpoint=viewpoint)
    _labels(figure, wanted, arcs, ends, theme, view)
    if picked:
        _choose(figure, picked)
    figure.update_geos(
        **view.geo(),
        fitbounds=False,
        resolution=detail,
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
    figure.update_layout(margin={"l": 0, "r": 0, "t": 4, "b": 4}, meta={"size": [size[0], size[1] + 8]})
    if clickable:
        figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, dragmode="pan", hoverdistance=_REACH)
    return figure


def viewpoint_title(code: str, partners: pd.DataFrame, measure: Measure) -> str:
    """Return the finding of the map seen from one party; neutral below five partners of five events.

    `partners`: party, events, mean_intensity, as `queries.Queries.partners` returns them.
    """
    name = words.short_name(code)
    if measure == "number of events":
        return f"Who {name} deals with"
    firm = partners[partners["events"] >= TOO_FEW]
    tense, calm = (int((firm["mean_intensity"] * sign > 0).sum()) for sign in (-1, 1))
    if len(firm) < 5 or max(tense, calm) < CLEAR_MAJORITY * len(firm):
        return f"{name} and its partners"
    if tense > calm:
        return f"{name}: conflict outweighs with {tense} of {len(firm)} partners"
    return f"{name}: cooperation outweighs with {calm} of {len(firm)} partners"


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
        return f"Conflict outweighs cooperation in {tense:,} of {len(firm):,} dyads"
    return f"Cooperation outweighs conflict in {calm:,} of {len(firm):,} dyads"


def subtitle(measure: Measure, arcs: int, dyads: int, *, viewpoint: str = "") -> str:
    """Return what the map draws: the measure, its unit, and how many dyads are arcs."""
    if viewpoint:
        name = words.short_name(viewpoint)
        what = {
            "mean intensity": f"Mean intensity of {name}’s events with each party, −10 to +10",
            "number of events": f"Events of {name} with each party",
            "share of conflict": f"Share of {name}’s events with each party in conflict",
        }[measure]
    else:
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


def middle(code: str, other: str = "") -> tuple[float, float] | None:
    """Return lon, lat of a party's seat, or of the middle of the arc of two; None where there is none."""
    start, end = _seat(code), _seat(other) if other else None
    if start is None or not other:
        return start
    return None if end is None else arc(start, end).at(0.5)


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


def alt(
    states: pd.DataFrame, dyads: pd.DataFrame, measure: Measure, *, viewpoint: str = "", period: str = ""
) -> str:
    """Return the map in words for those who cannot see it."""
    whose = f" with {words.short_name(viewpoint)}" if viewpoint else ""
    when = f", {period}" if period else ""
    lines = [
        f"World map of {measure}{whose} by state, {words.plural(len(states), 'party', 'parties')}{when}."
    ]
    lines += [
        f"{words.short_name(row.a)} and {words.short_name(row.b)}: {_number_of(row)}."
        for row in records(busiest(dyads, 2))
    ]
    return " ".join(lines)
