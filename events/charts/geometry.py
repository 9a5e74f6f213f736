"""Where things fall on the map: the world and its regions in projection, arcs between capitals, room for labels.

Positions in pixels are computed for a nominal map; plotly scales the map with its card, so labels are laid
out with a little air.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "ASPECT",
    "LATITUDES",
    "MAX_ZOOM",
    "REGIONS",
    "ROTATION",
    "WORLD",
    "Arc",
    "Frame",
    "Label",
    "View",
    "arc",
    "place_labels",
    "zoomed",
]

ROTATION = 11.0
"""Longitude in the middle of the map: Chukotka stays whole."""

LATITUDES = (-56.0, 83.0)
"""Latitudes that the map shows."""

ASPECT = 705 / 318
"""Width of a map by its height: that of the world between these latitudes."""

MAX_ZOOM = 6

_ZOOM = 1.6  # a step closer shows 1 / 1.6 of the height
_POINTS = 25  # points along an arc: no corner is seen at 1,600 px
_ARROW_AT = 2 / 3


def _natural_earth(lam: float, phi: float) -> tuple[float, float]:
    """Project longitude (relative to the middle) and latitude, both in radians."""
    p2 = phi * phi
    p4 = p2 * p2
    x = lam * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4)))
    y = phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))
    return x, y


def _equal_area(lam: float, phi: float, phi0: float) -> tuple[float, float]:
    """Project longitude relative to the middle, latitude, the middle's latitude: Lambert's azimuthal map."""
    near = math.sin(phi0) * math.sin(phi) + math.cos(phi0) * math.cos(phi) * math.cos(lam)
    k = math.sqrt(2 / max(1 + near, 1e-6))
    x = k * math.cos(phi) * math.sin(lam)
    y = k * (math.cos(phi0) * math.sin(phi) - math.sin(phi0) * math.cos(phi) * math.cos(lam))
    return x, y


@dataclass(frozen=True, slots=True)
class View:
    """The part of the world that a map shows: its middle, and half its height in degrees.

    The whole world (`half` 0) is drawn in Natural Earth. A part of it is drawn by Lambert's azimuthal
    equal-area projection about its own middle, so that shapes stay true at any latitude.
    """

    name: str
    lon: float
    lat: float
    half: float

    def project(self, lon: float, lat: float) -> tuple[float, float]:
        """Return x, y in units of the projection, from the middle of the map."""
        lam = math.radians((lon - self.lon + 180) % 360 - 180)
        if self.half:
            return _equal_area(lam, math.radians(lat), math.radians(self.lat))
        x, y = _natural_earth(lam, math.radians(lat))
        return x, y - _MIDDLE

    def invert(self, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of what `project` gives (Natural Earth: Newton's method)."""
        if self.half:
            phi0, rho = math.radians(self.lat), math.hypot(x, y)
            if rho == 0:
                return self.lon, self.lat
            c = 2 * math.asin(min(rho / 2, 1.0))
            phi = math.asin(math.cos(c) * math.sin(phi0) + y * math.sin(c) * math.cos(phi0) / rho)
            across = rho * math.cos(phi0) * math.cos(c) - y * math.sin(phi0) * math.sin(c)
            lam = math.atan2(x * math.sin(c), across)
        else:
            target = phi = y + _MIDDLE
            for _ in range(12):
                here = _natural_earth(0, phi)[1]
                slope = (_natural_earth(0, phi + 1e-5)[1] - here) / 1e-5
                phi -= (here - target) / slope
            lam = x / _natural_earth(1, phi)[0]
        return (math.degrees(lam) + self.lon + 180) % 360 - 180, math.degrees(phi)

    def geo(self) -> dict[str, Any]:
        """Return projection, middle and ranges as the properties of plotly's geo subplot."""
        if not self.half:
            return {
                "projection": {"type": "natural earth", "rotation": {"lon": self.lon}},
                "lataxis": {"range": list(LATITUDES)},
            }
        (west, east), (south, north), scale = _window(self)
        return {
            "projection": {
                "type": "azimuthal equal area",
                "rotation": {"lon": self.lon, "lat": self.lat},
                "scale": round(scale, 4),
            },
            "center": {"lon": self.lon, "lat": self.lat},
            "lonaxis": {"range": [round(west, 3), round(east, 3)]},
            "lataxis": {"range": [round(south, 3), round(north, 3)]},
        }


_MIDDLE = sum(_natural_earth(0, math.radians(edge))[1] for edge in LATITUDES) / 2

WORLD = View("World", ROTATION, sum(LATITUDES) / 2, 0.0)

REGIONS: dict[str, View] = {
    view.name: view
    for view in (
        WORLD,
        View("Europe", 15.0, 52.5, 19.0),
        View("Middle East", 45.0, 28.5, 15.5),
        View("Caucasus and Central Asia", 57.0, 43.0, 12.5),
        View("South Asia", 78.0, 22.0, 17.0),
        View("East Asia", 122.0, 36.0, 18.0),
        View("Southeast Asia", 114.0, 7.0, 19.0),
        View("Pacific", 165.0, -12.0, 32.0),
        View("Africa", 18.0, 1.5, 38.0),
        View("North America", -97.0, 44.0, 29.0),
        View("Central America", -80.0, 17.0, 13.0),
        View("South America", -62.0, -22.0, 36.0),
    )
}
"""The parts of the world to choose from, by name; the middle and height are set by eye."""


def zoomed(region: View, steps: int, around: tuple[float, float] | None = None) -> View:
    """Return the region seen so many steps closer (0: as it is), about a point (lon, lat) or its own middle."""
    if steps <= 0:
        return region
    whole = (LATITUDES[1] - LATITUDES[0]) / 2
    lon, lat = around or (region.lon, region.lat)
    half = (region.half or whole * 0.75) / _ZOOM**steps
    return replace(region, lon=lon, lat=max(-60.0, min(lat, 65.0)), half=half)


@cache
def _window(view: View) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return the ranges of longitude and latitude, and the scale, that make plotly draw this view.

    Plotly fits a box of longitudes and latitudes into the card and then scales it: the box must have the
    shape of the card, or bands stay empty beside it.
    """
    tall = 6.0  # a box so small reaches the shape of the card at any latitude; the scale does the rest
    south, north = view.lat - tall, view.lat + tall

    def extent(wide: float) -> tuple[float, float]:
        corners = [
            (-wide + 2 * wide * i / 4, edge)
            for edge, order in ((north, 1), (south, -1))
            for i in range(5)[::order]
        ]
        pixels = []
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
            pixels += [view.project(view.lon + lon, lat) for lon, lat in _great_circle(a, b)]
        xs, ys = zip(*pixels, strict=True)
        return max(xs) - min(xs), max(ys) - min(ys)

    low, high = 1.0, 100.0
    for _ in range(40):
        wide = (low + high) / 2
        x, y = extent(wide)
        low, high = (wide, high) if x / y < ASPECT else (low, wide)
    height = extent(low)[1]
    scale = height / (4 * math.sin(math.radians(view.half) / 2))
    return (view.lon - low, view.lon + low), (south, north), scale


def _great_circle(a: tuple[float, float], b: tuple[float, float]) -> list[tuple[float, float]]:
    """Return points along the great circle from one (lon, lat) to another, the end left out."""
    vectors = []
    for lon, lat in (a, b):
        lam, phi = math.radians(lon), math.radians(lat)
        vectors.append((math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)))
    turn = math.acos(max(-1.0, min(1.0, sum(p * q for p, q in zip(*vectors, strict=True)))))
    if turn == 0:
        return [a]
    found = []
    for i in range(8):
        p, q = math.sin((1 - i / 8) * turn) / math.sin(turn), math.sin(i / 8 * turn) / math.sin(turn)
        x, y, z = (p * u + q * v for u, v in zip(*vectors, strict=True))
        found.append((math.degrees(math.atan2(y, x)), math.degrees(math.asin(max(-1.0, min(1.0, z))))))
    return found


@dataclass(frozen=True, slots=True)
class Frame:
    """A map of this size in pixels; `project` gives pixels from the upper left corner."""

    width: float
    height: float
    view: View = WORLD

    @property
    def scale(self) -> float:
        """Pixels per unit of the projection."""
        if self.view.half:
            return self.height / (4 * math.sin(math.radians(self.view.half) / 2))
        wide = 2 * _natural_earth(math.pi, 0)[0]
        tall = 2 * (_natural_earth(0, math.radians(LATITUDES[1]))[1] - _MIDDLE)
        return min(self.width / wide, self.height / tall)

    def project(self, lon: float, lat: float) -> tuple[float, float]:
        """Return x, y in pixels."""
        x, y = self.view.project(lon, lat)
        return self.width / 2 + x * self.scale, self.height / 2 - y * self.scale

    def invert(self, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of a pixel."""
        return self.view.invert((x - self.width / 2) / self.scale, (self.height / 2 - y) / self.scale)

    def shows(self, lon: float, lat: float) -> bool:
        """Say whether a point lies on the map."""
        x, y = self.project(lon, lat)
        return 0 <= x <= self.width and 0 <= y <= self.height


@dataclass(frozen=True, slots=True)
class Arc:
    """An arc as points (lon, lat), bulging north; longitudes may pass 180 so that the line does not jump."""

    points: tuple[tuple[float, float], ...]

    def at(self, share: float) -> tuple[float, float]:
        """Return the point at this share of the way."""
        return self.points[round(share * (len(self.points) - 1))]

    def arrow(self, frame: Frame, *, towards_end: bool) -> tuple[float, float, float]:
        """Return lon, lat and angle (degrees clockwise from up) of an arrow two thirds along."""
        points = self.points if towards_end else self.points[::-1]
        index = round(_ARROW_AT * (len(points) - 1))
        x0, y0 = frame.project(*points[index - 1])
        x1, y1 = frame.project(*points[index + 1])
        return *points[index], math.degrees(math.atan2(x1 - x0, y0 - y1))


def arc(start: tuple[float, float], end: tuple[float, float]) -> Arc:
    """Return the arc between two points (lon, lat): a quadratic Bezier curve, the shorter way round."""
    x0, y0 = start
    x2, y2 = end
    x2 += 360 if x2 - x0 < -180 else -360 if x2 - x0 > 180 else 0
    dx, dy = x2 - x0, y2 - y0
    length = math.hypot(dx, dy)
    if length == 0:
        return Arc(((x0, y0),) * _POINTS)
    height = max(0.2 * length, min(7.0, 0.9 * length))
    nx, ny = -dy / length, dx / length
    if ny < 0 or (ny == 0 and nx < 0):
        nx, ny = -nx, -ny
    cx, cy = (x0 + x2) / 2 + nx * height, min((y0 + y2) / 2 + ny * height, 80.0)
    steps = [i / (_POINTS - 1) for i in range(_POINTS)]
    return Arc(
        tuple(
            (
                (1 - t) ** 2 * x0 + 2 * t * (1 - t) * cx + t * t * x2,
                (1 - t) ** 2 * y0 + 2 * t * (1 - t) * cy + t * t * y2,
            )
            for t in steps
        )
    )


@dataclass(frozen=True, slots=True)
class Label:
    """A label's middle (lon, lat) and, where it lies off its arc, the leader line to it."""

    text: str
    lon: float
    lat: float
    leader: tuple[tuple[float, float], tuple[float, float]] | None


_CHARACTER = 6.5  # mean width of IBM Plex Sans 600 at 11.5 px, with a little air
_HALF_HEIGHT = 8.0
_Box = tuple[float, float, float, float]
_Points = npt.NDArray[np.float64]  # x, y by row


def _box(x: float, y: float, text: str) -> _Box:
    half = len(text) * _CHARACTER / 2
    return x - half, y - _HALF_HEIGHT, x + half, y + _HALF_HEIGHT


def _inside(points: _Points, box: _Box, air: float = 0.0) -> int:
    x, y = points[:, 0], points[:, 1]
    within = (x >= box[0] - air) & (x <= box[2] + air) & (y >= box[1] - air) & (y <= box[3] + air)
    return int(np.count_nonzero(within))


def _points(points: Sequence[tuple[float, float]]) -> _Points:
    return np.array(points, dtype=float).reshape(-1, 2)


def _apart(a: _Box, b: _Box) -> bool:
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def _between(start: tuple[float, float], end: tuple[float, float]) -> _Points:
    return np.linspace(start, end, 13)[1:-1]


def _nearest_edge(box: _Box, point: tuple[float, float]) -> tuple[float, float]:
    return min(max(point[0], box[0] + 6), box[2] - 6), min(max(point[1], box[1]), box[3])


def place_labels(
    wanted: Sequence[tuple[str, Arc]],
    arcs: Sequence[Arc],
    dots: Sequence[tuple[float, float]],
    frame: Frame,
) -> list[Label]:
    """Find room for labels, the most important first; one that finds none is left out.

    A label covers no dot and no other label, and as few arcs as can be; leader lines cross no label.
    """
    dot_pixels = _points([frame.project(*dot) for dot in dots])
    every_arc = _points([frame.project(*point) for item in arcs for point in item.points])
    boxes: list[_Box] = []
    leaders: list[_Points] = []
    placed: list[Label] = []
    for text, own in wanted:
        own_pixels = [frame.project(*point) for point in own.points]
        half = len(text) * _CHARACTER / 2
        best: tuple[float, float, float, tuple[float, float] | None] | None = None
        for share in (0.5, 0.4, 0.6, 0.3, 0.7):
            ax, ay = own_pixels[round(share * (len(own_pixels) - 1))]
            offsets = [(0.0, -11.0), (0.0, 12.0), (half + 7, 0.0), (-half - 7, 0.0)]
            offsets += [(sx * half * k, sy * 11.0) for k in (0.6, 1.0) for sx in (1, -1) for sy in (-1, 1)]
            near = len(offsets)
            for radius in (28.0, 42.0, 56.0):
                offsets += [
                    (
                        radius * math.cos(turn) + math.copysign(half * 0.7, math.cos(turn)),
                        radius * math.sin(turn),
                    )
                    for turn in (i * math.pi / 8 for i in range(16))
                ]
            for number, (dx, dy) in enumerate(offsets):
                x, y = ax + dx, ay + dy
                box = _box(x, y, text)
                if box[0] < 2 or box[2] > frame.width - 2 or box[1] < 2 or box[3] > frame.height - 2:
                    continue
                if _inside(dot_pixels, box, 4.0) or not all(_apart(box, other) for other in boxes):
                    continue
                if any(_inside(line, box) for line in leaders):
                    continue
                if abs(frame.project(*frame.invert(x, y))[0] - x) > 1:  # beyond the edge of the world
                    continue
                far = number >= near
                leader = _between(_nearest_edge(box, (ax, ay)), (ax, ay)) if far else _points([])
                if any(_inside(leader, other) for other in boxes):
                    continue
                cost = 3.0 * _inside(every_arc, box, 2.0) + (22 + math.hypot(dx, dy) / 3 if far else number)
                cost += 10.0 * abs(share - 0.5)
                if best is None or cost < best[0]:
                    best = (cost, x, y, (ax, ay) if far else None)
        if best is None:
            continue
        _, x, y, anchor = best
        box = _box(x, y, text)
        boxes.append(box)
        line = None
        if anchor is not None:
            edge = _nearest_edge(box, anchor)
            leaders.append(_between(edge, anchor))
            line = (frame.invert(*edge), frame.invert(*anchor))
        placed.append(Label(text, *frame.invert(x, y), line))
    return placed
