"""Where things fall on the world map: the Natural Earth projection, arcs between capitals, room for labels.

Positions in pixels are computed for a nominal map; plotly scales the map with its card, so labels are laid
out with a little air.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["LATITUDES", "ROTATION", "Arc", "Frame", "Label", "arc", "place_labels"]

ROTATION = 11.0
"""Longitude in the middle of the map: Chukotka stays whole."""

LATITUDES = (-56.0, 83.0)
"""Latitudes that the map shows."""

_POINTS = 25  # points along an arc: no corner is seen at 1,600 px
_ARROW_AT = 2 / 3


def _natural_earth(lam: float, phi: float) -> tuple[float, float]:
    """Project longitude (relative to the middle) and latitude, both in radians."""
    p2 = phi * phi
    p4 = p2 * p2
    x = lam * (0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4)))
    y = phi * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))
    return x, y


@dataclass(frozen=True, slots=True)
class Frame:
    """A map of this size in pixels; `project` gives pixels from the upper left corner."""

    width: float
    height: float

    @property
    def scale(self) -> float:
        """Pixels per unit of the projection."""
        wide = 2 * _natural_earth(math.pi, 0)[0]
        tall = (
            _natural_earth(0, math.radians(LATITUDES[1]))[1]
            - _natural_earth(0, math.radians(LATITUDES[0]))[1]
        )
        return min(self.width / wide, self.height / tall)

    def project(self, lon: float, lat: float) -> tuple[float, float]:
        """Return x, y in pixels."""
        lam = (lon - ROTATION + 180) % 360 - 180
        x, y = _natural_earth(math.radians(lam), math.radians(lat))
        middle = sum(_natural_earth(0, math.radians(edge))[1] for edge in LATITUDES) / 2
        return self.width / 2 + x * self.scale, self.height / 2 - (y - middle) * self.scale

    def invert(self, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of a pixel (Newton's method on the latitude)."""
        middle = sum(_natural_earth(0, math.radians(edge))[1] for edge in LATITUDES) / 2
        target = middle - (y - self.height / 2) / self.scale
        phi = target
        for _ in range(12):
            here = _natural_earth(0, phi)[1]
            slope = (_natural_earth(0, phi + 1e-5)[1] - here) / 1e-5
            phi -= (here - target) / slope
        lam = (x - self.width / 2) / self.scale / _natural_earth(1, phi)[0]
        return (math.degrees(lam) + ROTATION + 180) % 360 - 180, math.degrees(phi)


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


def _box(x: float, y: float, text: str) -> _Box:
    half = len(text) * _CHARACTER / 2
    return x - half, y - _HALF_HEIGHT, x + half, y + _HALF_HEIGHT


def _inside(points: Iterable[tuple[float, float]], box: _Box, air: float = 0.0) -> int:
    return sum(box[0] - air <= x <= box[2] + air and box[1] - air <= y <= box[3] + air for x, y in points)


def _apart(a: _Box, b: _Box) -> bool:
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def _between(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    return [
        (start[0] + (end[0] - start[0]) * i / 12, start[1] + (end[1] - start[1]) * i / 12)
        for i in range(1, 12)
    ]


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
    dot_pixels = [frame.project(*dot) for dot in dots]
    arc_pixels = {id(item): [frame.project(*point) for point in item.points] for item in arcs}
    every_arc = [pixel for pixels in arc_pixels.values() for pixel in pixels]
    boxes: list[_Box] = []
    leaders: list[list[tuple[float, float]]] = []
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
                far = number >= near
                leader = _between(_nearest_edge(box, (ax, ay)), (ax, ay)) if far else []
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
