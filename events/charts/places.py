"""Where acts took place, no more exactly than it is told, and the seats of organisations.

A city or a site is a dot where it lies. A region is a pale disc, a state a ring at the middle of its land:
both say "somewhere here", and neither is a pin.
"""

from __future__ import annotations

import math
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.geometry import WORLD, Frame, View
from events.charts.rows import records
from events.charts.theme import TOO_FEW, Theme
from events.gazetteer import gazetteer
from events.reference import table

__all__ = ["MAX_PLACES", "drawable", "drawn", "name_of", "place_key", "points", "seats", "wide"]

MAX_PLACES = 1_500
"""Places on one map: so many are drawn in about a second and a half, in 0.4 MB."""

_POINTS = ("city", "site")
_SIZE = {"region": 22, "state": 26}
_NEAR = 0.6  # degrees: organisations that sit no further apart share one square


def place_key(name: str, country: str | None, precision: str) -> str:
    """Return the key of a place: "@city|UKR|Kyiv"."""
    return f"@{precision}|{country or ''}|{name}"


def name_of(key: str) -> tuple[str, str | None, str] | None:
    """Return name, country and precision of a place's key; None for what is none."""
    parts = key.removeprefix("@").split("|", 2)
    if not key.startswith("@") or len(parts) != 3:
        return None
    return parts[2], parts[1] or None, parts[0]


def _sovereign_shape(country: str | None) -> bool:
    """Say whether the map has a shape for the country, so that a ring can stand at the middle of its land."""
    apart = {row["code"] for row in table("geo/points.csv")}
    state = gazetteer().states().get(country or "")
    return state is not None and state.kind != "former" and country not in apart


def drawable(places: pd.DataFrame) -> pd.DataFrame:
    """Return the places of which it is known where they lie; `places` as `Queries.by_place` returns them."""
    known = places["lat"].notna() & places["lon"].notna()
    return places[known | ((places["precision"] == "state") & places["country"].map(_sovereign_shape))]


def drawn(places: pd.DataFrame, view: View = WORLD, limit: int = MAX_PLACES) -> pd.DataFrame:
    """Return the places that the map draws: the busiest of those that lie in this view."""
    known = drawable(places)
    if view.half:
        frame = Frame(705, 318, view)
        inside = [
            pd.isna(lat) or frame.shows(lon, lat) for lon, lat in zip(known["lon"], known["lat"], strict=True)
        ]
        known = known[pd.Series(inside, known.index, dtype=bool)]
    return known.head(limit)


def _tone(row: Any, theme: Theme) -> str:
    if row.events < TOO_FEW or abs(row.mean_intensity) < 0.05:
        return theme.faint
    return theme.conflict if row.mean_intensity < 0 else theme.cooperation


def _pale(tone: str, opacity: float) -> str:
    """Return a colour that lets the map below be seen."""
    red, green, blue = (int(tone[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _disc(row: Any, theme: Theme) -> tuple[str, str]:
    """Return fill and edge of a region's disc; one of few events is all but unseen until one points at it."""
    tone, few = _tone(row, theme), row.events < TOO_FEW
    return _pale(tone, 0.1 if few else 0.3), _pale(tone, 0.35 if few else 1)


def _symbol(row: Any) -> str:
    return "diamond" if row.events >= TOO_FEW and row.mean_intensity <= -0.05 else "circle"


def _hover(row: Any) -> str:
    mean = (
        f", mean {words.intensity(row.mean_intensity)}" if row.events >= TOO_FEW else ", too few for a mean"
    )
    known = {
        "city": "city",
        "site": "site",
        "region": "somewhere in this region",
        "state": "somewhere in this state",
    }[row.precision]
    return f"<b>{escape(words.place(row.name, row.country))}</b> · {known}<br>{words.plural(row.events, 'event')}{mean}"


def _trace(rows: list[Any], name: str, where: dict[str, Any], marker: dict[str, Any]) -> go.Scattergeo:
    return go.Scattergeo(
        **where,
        mode="markers",
        marker=marker,
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        text=[_hover(row) for row in rows],
        customdata=[place_key(row.name, row.country, row.precision) for row in rows],
        hovertemplate="%{text}<extra></extra>",
        name=name,
    )


def _at(rows: list[Any]) -> dict[str, Any]:
    return {"lon": [round(row.lon, 3) for row in rows], "lat": [round(row.lat, 3) for row in rows]}


def _rows(places: pd.DataFrame) -> list[Any]:
    return records(places[["name", "country", "lat", "lon", "precision", "events", "mean_intensity"]])


def wide(figure: go.Figure, places: pd.DataFrame, theme: Theme) -> None:
    """Draw regions as pale discs and states as rings at the middle of their land (below the arcs)."""
    every = _rows(places)
    regions = [row for row in every if row.precision == "region"]
    if regions:
        figure.add_trace(
            _trace(
                regions,
                "regions",
                _at(regions),
                {
                    "size": _SIZE["region"],
                    "color": [_disc(row, theme)[0] for row in regions],
                    "opacity": 1,
                    "line": {"color": [_disc(row, theme)[1] for row in regions], "width": 1},
                },
            )
        )
    rings = [row for row in every if row.precision == "state"]
    for shaped in (True, False):
        rows = [row for row in rings if _sovereign_shape(row.country) == shaped]
        if rows:
            figure.add_trace(
                _trace(
                    rows,
                    "whole states",
                    {"locations": [row.country for row in rows]} if shaped else _at(rows),
                    {
                        "size": _SIZE["state"],
                        "symbol": "circle-open",
                        "color": [
                            _pale(_tone(row, theme), 0.6 if row.events < TOO_FEW else 1) for row in rows
                        ],
                        "opacity": 1,
                        "line": {"width": 1.6},
                    },
                )
            )


def points(figure: go.Figure, places: pd.DataFrame, theme: Theme) -> None:
    """Draw cities and sites as dots, diamonds where conflict outweighs; their size grows with the events."""
    rows = [row for row in _rows(places) if row.precision in _POINTS]
    if not rows:
        return
    largest = max(row.events for row in rows)
    rows.reverse()  # the busiest on top
    figure.add_trace(
        _trace(
            rows,
            "places",
            _at(rows),
            {
                "size": [round(4.5 + 8 * math.sqrt(row.events / largest), 1) for row in rows],
                "symbol": [_symbol(row) for row in rows],
                "color": [_tone(row, theme) for row in rows],
                "opacity": 1,
                "line": {"color": theme.card, "width": 0.8},
            },
        )
    )


def seats(figure: go.Figure, organisations: pd.DataFrame, theme: Theme, *, viewpoint: str = "") -> None:
    """Draw organisations as squares at their seats; those that share a seat share a square.

    `organisations`: party, events, mean_intensity, conflict_share, tone (the fill); the busiest first.
    """
    known = gazetteer().organisations()
    at: list[tuple[float, float, list[Any]]] = []
    for row in records(organisations):
        entry = known.get(row.party)
        if entry is None or entry.lat is None or entry.lon is None:
            continue
        near = [rows for lon, lat, rows in at if math.hypot(lon - entry.lon, lat - entry.lat) < _NEAR]
        if near:
            near[0].append(row)
        else:
            at.append((entry.lon, entry.lat, [row]))
    own = known.get(viewpoint)
    if own is not None and own.lat is not None and own.lon is not None:
        figure.add_trace(
            go.Scattergeo(
                lon=[own.lon],
                lat=[own.lat],
                mode="markers",
                marker={"symbol": "square", "size": 13, "color": theme.accent, "line": {"width": 0}},
                hoverinfo="skip",
                name="viewpoint",
            )
        )
    if not at:
        return
    figure.add_trace(
        go.Scattergeo(
            lon=[lon for lon, _, _ in at],
            lat=[lat for _, lat, _ in at],
            mode="markers",
            marker={
                "symbol": "square",
                "size": 9,
                "color": [rows[0].tone for _, _, rows in at],
                "opacity": 1,
                "line": {"color": theme.text, "width": 1},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            text=[
                "<br>".join(
                    f"<b>{words.short_name(row.party)}</b> {words.plural(row.events, 'event')}"
                    + (f", mean {words.intensity(row.mean_intensity)}" if row.events >= TOO_FEW else "")
                    for row in rows
                )
                for _, _, rows in at
            ],
            customdata=[rows[0].party for _, _, rows in at],
            hovertemplate="%{text}<extra></extra>",
            name="organisations",
        )
    )
