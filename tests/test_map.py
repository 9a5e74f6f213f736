"""The map's parts: regions in projection, places as exact as told, many arcs in little room, other borders."""

from __future__ import annotations

import json
import math
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from events.charts import geometry, maps, places, timelines
from events.charts.borders import borders, read_borders
from events.charts.theme import DARK, LIGHT
from events.errors import InputError
from events.gazetteer import gazetteer
from events.reference import data_path, table

STATES = ["party", "events", "mean_intensity", "conflict_share"]
DYADS = ["a", "b", "events", "mean_intensity", "conflict_share", "a_to_b", "b_to_a", "symmetric"]
PLACES = ["name", "country", "lat", "lon", "precision", "events", "mean_intensity", "conflict_share"]


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def many():
    """Every state, 400 dyads, 5,000 places."""
    codes = [code for code, state in gazetteer().states().items() if state.kind == "state"]
    orgs = [code for code, entry in gazetteer().organisations().items() if entry.lat is not None]
    states = pd.DataFrame(
        [(c, 50, (i % 20) - 10.0, 0.5) for i, c in enumerate([*codes, *orgs])], columns=STATES
    )
    pairs = [tuple(sorted((codes[i % 190], codes[(i * 7 + 3 + i // 190) % 190]))) for i in range(500)]
    pairs = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]][:400]
    dyads = pd.DataFrame(
        [(a, b, 500 - i, -1.0 if i % 2 else 1.0, 0.5, 400 - i, 60, 40) for i, (a, b) in enumerate(pairs)],
        columns=DYADS,
    )
    towns = table("gazetteer/places.csv")[:5000]
    where = pd.DataFrame(
        [
            (t["name"], t["country"], float(t["lat"]), float(t["lon"]), "city", 5000 - i, -2.0, 0.5)
            for i, t in enumerate(towns)
        ],
        columns=PLACES,
    )
    return states, dyads, where


def test_two_hundred_arcs_and_thousands_of_places_are_sent_in_less_than_a_megabyte():
    states, dyads, where = many()
    dots = places.drawn(where)
    assert (len(where), len(dots)) == (5000, places.MAX_PLACES)
    arcs = maps.busiest(dyads, 200)
    assert len(arcs) == 200
    figure = maps.world(
        states, arcs, DARK, places=dots, seats=True, clickable=True, picked="RUS", viewpoint="USA"
    )
    text = figure.to_json()
    assert len(text.encode()) < 1_000_000
    assert "NaN" not in text
    assert len(figure.data) < 60  # plotly takes time by trace


def test_many_arcs_are_gathered_by_width_and_sign_and_none_is_lost():
    states, dyads, _ = many()
    figure = maps.world(states, maps.busiest(dyads, 120), LIGHT, clickable=True)
    lines = [trace for trace in figure.data if trace.name == "arc"]
    assert {trace.line.color for trace in lines} == {LIGHT.conflict, LIGHT.cooperation}
    assert sum(1 + list(trace.lon).count(None) for trace in lines) == 120
    widths = [trace.line.width for trace in lines]
    assert widths == sorted(widths)
    hits = traces(figure)["arcs to click"]
    assert len(set(hits.customdata)) == 120
    assert hits.marker.opacity == 0


@pytest.mark.parametrize("name", [name for name in geometry.REGIONS if name != "World"])
def test_a_region_fills_the_card_and_comes_back_from_its_pixels(name):
    view = geometry.REGIONS[name]
    frame = geometry.Frame(705, 318, view)
    assert frame.project(view.lon, view.lat) == pytest.approx((352.5, 159))
    assert frame.project(view.lon, view.lat + view.half)[1] == pytest.approx(0, abs=0.5)
    assert frame.project(view.lon, view.lat - view.half)[1] == pytest.approx(318, abs=0.5)
    for x, y in ((0, 0), (705, 0), (705, 318), (100, 250)):
        lon, lat = frame.invert(x, y)
        assert frame.project(lon, lat) == pytest.approx((x, y), abs=0.01)

    # Equal areas: a square of a degree has the same number of pixels in the middle and at the edge.
    def area(lon, lat):
        (x0, y0), (x1, y1), (x2, y2) = (
            frame.project(lon + a, lat + b) for a, b in ((0, 0), (0.1, 0), (0, 0.1))
        )
        return abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / math.cos(math.radians(lat + 0.05))

    lon, lat = frame.invert(650, 60)
    assert area(lon, lat) == pytest.approx(area(view.lon, view.lat), rel=0.01)
    geo = view.geo()
    assert geo["projection"]["rotation"] == {"lon": view.lon, "lat": view.lat}


def test_zoom_shows_less_about_a_point_and_nothing_else_at_step_nought():
    europe = geometry.REGIONS["Europe"]
    assert geometry.zoomed(europe, 0, (30, 50)) == europe
    closer = geometry.zoomed(europe, 2, (30, 50))
    assert (closer.lon, closer.lat) == (30, 50)
    assert closer.half == pytest.approx(europe.half / 1.6**2)
    assert geometry.zoomed(geometry.WORLD, 1).half > 0


def test_a_region_draws_the_dyads_that_end_in_it():
    _, dyads, _ = many()
    inside = maps.on_map(dyads, geometry.REGIONS["Europe"])
    frame = geometry.Frame(*maps.SIZE, geometry.REGIONS["Europe"])
    assert 0 < len(inside) < len(dyads)
    for row in inside.itertuples():
        assert any(frame.shows(*maps.middle(code)) for code in (row.a, row.b))
    assert len(maps.on_map(dyads)) == len(dyads)


WHERE = pd.DataFrame(
    [
        ("Kyiv", "UKR", 50.45, 30.52, "city", 9, -5.0, 0.9),
        ("Paris", "FRA", 48.85, 2.35, "city", 6, 4.0, 0.1),
        ("a bridge", "UKR", 45.3, 36.5, "site", 2, -9.0, 1.0),
        ("Donbas", "UKR", 48.2, 37.8, "region", 5, -5.0, 1.0),
        ("Mali", "MLI", 12.64, -8.0, "state", 8, -3.0, 0.7),
        ("Malta", "MLT", 35.9, 14.5, "state", 5, 3.0, 0.0),
        ("nowhere", None, float("nan"), float("nan"), "region", 3, 0.0, 0.0),
    ],
    columns=PLACES,
)


def test_a_place_is_never_a_false_pin():
    assert "nowhere" not in set(places.drawn(WHERE)["name"])
    figure = maps.world(
        pd.DataFrame(columns=STATES), pd.DataFrame(columns=DYADS), LIGHT, places=places.drawn(WHERE)
    )
    drawn = {}
    for trace in figure.data:
        drawn.setdefault(trace.name, []).append(trace)
    (dots,) = drawn["places"]
    assert list(dots.customdata) == ["@site|UKR|a bridge", "@city|FRA|Paris", "@city|UKR|Kyiv"]
    assert list(dots.marker.symbol) == ["circle", "circle", "diamond"]
    assert list(dots.marker.color) == [LIGHT.faint, LIGHT.cooperation, LIGHT.conflict]
    (disc,) = drawn["regions"]
    assert disc.marker.size > 20
    assert disc.marker.color[0].startswith("rgba(")
    rings = drawn["whole states"]
    assert [list(ring.locations or ()) for ring in rings] == [
        ["MLI"],
        [],
    ]  # the middle of the land, not Bamako
    assert all(ring.marker.symbol == "circle-open" for ring in rings)


def test_a_places_key_comes_back_whole():
    for name, country, precision in (("Kyiv", "UKR", "city"), ("a|b", None, "region")):
        assert places.name_of(places.place_key(name, country, precision)) == (name, country, precision)
    assert places.name_of("RUS") is None
    assert places.name_of("@") is None


def test_organisations_that_share_a_seat_share_a_square():
    states = pd.DataFrame(
        [("NATO", 30, -5.0, 0.9), ("EU", 9, 2.0, 0.1), ("AU", 3, 2.0, 0.1), ("RUS", 9, 1.0, 0.2)],
        columns=STATES,
    )
    figure = maps.world(states, pd.DataFrame(columns=DYADS), LIGHT, seats=True)
    squares = traces(figure)["organisations"]
    assert list(squares.customdata) == ["NATO", "AU"]
    assert "NATO" in squares.text[0]
    assert "European Union" in squares.text[0] or "EU" in squares.text[0]
    assert list(squares.marker.color) == [LIGHT.steps[2], LIGHT.land]
    assert squares.marker.symbol == "square"


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([("RUS", 9, -2.0)] * 6, "Ukraine: conflict outweighs with 6 of 6 partners"),
        (
            [("RUS", 9, 2.0)] * 4 + [("FRA", 9, -2.0)] * 2,
            "Ukraine: cooperation outweighs with 4 of 6 partners",
        ),
        ([("RUS", 9, 2.0)] * 3 + [("FRA", 9, -2.0)] * 3, "Ukraine and its partners"),
        ([("RUS", 9, -2.0)] * 4, "Ukraine and its partners"),
        ([("RUS", 4, -2.0)] * 9, "Ukraine and its partners"),
    ],
)
def test_the_title_from_one_viewpoint_claims_no_more_than_its_partners_bear(rows, title):
    partners = pd.DataFrame(rows, columns=["party", "events", "mean_intensity"])
    assert maps.viewpoint_title("UKR", partners, "mean intensity") == title


@pytest.mark.parametrize(
    ("first", "last", "unit", "number"),
    [
        (date(2024, 2, 10), date(2024, 12, 31), "month", 11),
        (date(2010, 5, 1), date(2024, 1, 1), "quarter", 56),
        (date(1946, 1, 1), date(2026, 1, 4), "year", 81),
        (date(2024, 1, 31), date(2024, 1, 31), "month", 1),
        (date(9999, 12, 1), date(9999, 12, 31), "month", 0),
    ],
)
def test_the_sliders_periods_are_whole_and_without_gaps(first, last, unit, number):
    found, periods = timelines.steps(first, last)
    assert (found, len(periods)) == (unit, number)
    if periods:
        assert periods[0][0] <= first <= periods[0][1]
        assert periods[-1][0] <= last <= periods[-1][1]
    for (_, end), (start, _) in pairwise(periods):
        assert (start - end).days == 1


# Borders


def world() -> dict:
    return json.loads(data_path("geo/world_50m.json").read_text(encoding="utf-8"))


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "mine.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_our_borders_are_drawn_unless_a_file_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("ENTENTE_BORDERS", raising=False)
    assert borders().world is None
    assert "endorse no claim" in borders().policy
    own = world()
    own["note"] = "Ministry of Maps, 2026"
    del own["objects"]["ocean"]
    monkeypatch.setenv("ENTENTE_BORDERS", str(written(tmp_path, own)))
    chosen = borders()
    assert chosen.note == "Boundaries: Ministry of Maps, 2026"
    served = json.loads(chosen.world or b"")
    assert served["objects"]["ocean"]["geometries"] == []
    assert len(served["objects"]["countries"]["geometries"]) == 239


def lacking(change):
    topology = world()
    change(topology)
    return topology


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("nonsense", "is no JSON (line 1"),
        ([], "is list, not a TopoJSON Topology"),
        ({"type": "FeatureCollection"}, "is FeatureCollection, not a TopoJSON Topology"),
        ({"type": "Topology", "objects": {}}, "lacks objects.countries, objects.land, objects.coastlines"),
        (lacking(lambda t: t["objects"].pop("land")), "lacks objects.land"),
        (lacking(lambda t: t.pop("arcs")), "lacks its arcs"),
        (lacking(lambda t: t["objects"]["countries"]["geometries"][4].update(id="840")), "'840', which is no ISO"),
        (
            lacking(lambda t: t["objects"]["countries"]["geometries"][0].update(properties={})),
            "country ABW lacks its label point",
        ),
        (lacking(lambda t: t["arcs"].pop()), "names an arc that the file does not hold"),
        (
            lacking(lambda t: t["objects"]["countries"].update(geometries=t["objects"]["countries"]["geometries"][:9])),
            "has 9 countries",
        ),
    ],
)  # fmt: skip
def test_a_wrong_borders_file_says_what_is_wrong(tmp_path, content, told):
    path = written(tmp_path, content)
    with pytest.raises(InputError) as error:
        read_borders(path)
    assert told in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_or_binary_borders_file_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_borders(tmp_path / "none.json")
    (tmp_path / "x.png").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(InputError, match="no UTF-8"):
        read_borders(tmp_path / "x.png")


def test_the_name_of_a_place_is_a_text_and_no_markup():
    rows = pd.DataFrame({
        "name": ["<a href='https://x.example'>Kyiv</a>"], "country": ["UKR"], "lat": [50.4], "lon": [30.5],
        "precision": ["city"], "events": [7], "mean_intensity": [-2.0],
    })  # fmt: skip
    figure = maps.world(many()[0].head(0), many()[1].head(0), LIGHT, places=rows)
    (text,) = traces(figure)["places"].text
    assert text.startswith("<b>&lt;a href=")
