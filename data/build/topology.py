"""TopoJSON helpers of the map builder: arcs, rings, areas, label points, merging of neighbours."""

from __future__ import annotations

from collections import defaultdict
from math import cos, hypot, radians, sin
from typing import Any

__all__ = ["Arcs", "Point", "Ring", "area_km2", "contains", "label_point", "merge", "ring_points"]

Point = tuple[float, float]  # lon, lat in degrees
Ring = list[int]  # numbers of arcs; ~n is arc n backwards

EARTH_KM = 6371.0


class Arcs:
    """The arcs of a topology as lines of [lon, lat]; a negative number gives the arc backwards."""

    def __init__(self, topology: dict[str, Any]) -> None:
        (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
        self._lines: list[list[Point]] = []
        for arc in topology["arcs"]:
            x = y = 0
            line = []
            for dx, dy in arc:
                x, y = x + dx, y + dy
                line.append((x * sx + tx, y * sy + ty))
            self._lines.append(line)

    def __getitem__(self, number: int) -> list[Point]:
        return self._lines[number] if number >= 0 else self._lines[~number][::-1]


def ring_points(ring: Ring, arcs: Arcs) -> list[Point]:
    """Return the closed line of a ring (first point = last point)."""
    points: list[Point] = []
    for number in ring:
        points.extend(arcs[number][1 if points else 0 :])
    return points


def area_km2(points: list[Point]) -> float:
    """Return the area on the sphere of a closed line, in square kilometres (no sign)."""
    total = 0.0
    for (lon1, lat1), (lon2, lat2) in zip(points, points[1:], strict=False):
        step = (lon2 - lon1 + 540) % 360 - 180  # the shorter way over the antimeridian
        total += radians(step) * (2 + sin(radians(lat1)) + sin(radians(lat2)))
    return abs(total) * EARTH_KM**2 / 2


def contains(points: list[Point], lon: float, lat: float) -> bool:
    """Say whether the point lies inside a closed line."""
    inside = False
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def label_point(polygons: list[list[Ring]], arcs: Arcs) -> Point:
    """Return the point of the largest polygon that lies furthest from its edges: room for a label."""
    largest = max(polygons, key=lambda polygon: area_km2(ring_points(polygon[0], arcs)))
    lines = [ring_points(ring, arcs) for ring in largest]
    lats = [lat for _, lat in lines[0]]
    low, high = min(lats), max(lats)
    squeeze = cos(radians((low + high) / 2))
    best, room = lines[0][0], -1.0
    for step in range(1, 48):
        lat = low + (high - low) * step / 48
        cuts = sorted(
            (x2 - x1) * (lat - y1) / (y2 - y1) + x1
            for line in lines
            for (x1, y1), (x2, y2) in zip(line, line[1:], strict=False)
            if (y1 > lat) != (y2 > lat)
        )
        for west, east in zip(cuts[::2], cuts[1::2], strict=False):
            for share in (0.35, 0.5, 0.65):
                lon = west + (east - west) * share
                if min(lon - west, east - lon) * squeeze <= room:
                    continue
                clear = min(hypot((x - lon) * squeeze, y - lat) for line in lines for x, y in line)
                if clear > room:
                    best, room = (lon, lat), clear
    return best


def merge(polygons: list[list[Ring]], arcs: Arcs) -> list[list[Ring]]:
    """Return the polygons with the borders between them taken out (arcs used in both directions)."""
    used = {arc for polygon in polygons for ring in polygon for arc in ring}
    keep, open_arcs = [], defaultdict(list)
    for polygon in polygons:
        if any(~arc in used for ring in polygon for arc in ring):
            for ring in polygon:
                for arc in ring:
                    if ~arc not in used:
                        open_arcs[arcs[arc][0]].append(arc)
        else:
            keep.append(polygon)
    rings: list[Ring] = []
    while open_arcs:
        start = next(iter(open_arcs))
        chain: Ring = []
        here = start
        while not chain or here != start:
            arc = open_arcs[here].pop()
            if not open_arcs[here]:
                del open_arcs[here]
            chain.append(arc)
            here = arcs[arc][-1]
        rings.append(chain)
    rings.sort(key=lambda ring: -area_km2(ring_points(ring, arcs)))
    merged: list[list[Ring]] = []
    for ring in rings:
        lon, lat = ring_points(ring, arcs)[0]
        home = next((p for p in merged if contains(ring_points(p[0], arcs), lon, lat)), None)
        if home is None:
            merged.append([ring])
        else:
            home.append(ring)
    return keep + merged
