"""Charts: what is drawn is what the table says, in our colours, small enough to send."""

from __future__ import annotations

import json
import math
import re
from datetime import date

import pandas as pd
import pytest

from events.charts import geometry, maps, timelines, words
from events.charts.theme import DARK, LIGHT, intensity_step, step_range
from events.codebook import QUAD_CLASSES, event_types
from events.gazetteer import gazetteer
from events.schema import Selection

STATES = pd.DataFrame(
    [
        ("RUS", 40, -3.4, 0.7),
        ("USA", 25, 1.2, 0.4),
        ("CHN", 4, 9.0, 0.0),
        ("DNK", 6, 10.0, 0.0),
        ("GIB", 9, -2.0, 0.5),
        ("NATO", 30, -5.0, 0.9),
        ("SUN", 8, -6.0, 1.0),
    ],
    columns=["party", "events", "mean_intensity", "conflict_share"],
)
DYADS = pd.DataFrame(
    [
        ("RUS", "USA", 20, -4.0, 0.8, 14, 4, 2),
        ("CHN", "USA", 8, 2.0, 0.2, 2, 2, 4),
        ("NATO", "RUS", 5, -3.0, 0.6, 1, 4, 0),
        ("BRICS", "RUS", 4, 3.0, 0.0, 0, 0, 4),
    ],
    columns=["a", "b", "events", "mean_intensity", "conflict_share", "a_to_b", "b_to_a", "symmetric"],
)


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def periods(rows):
    return pd.DataFrame(rows, columns=["period", "quad_class", "events"])


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (-10, -4),
        (-8, -3),
        (-8.1, -4),
        (-3, -1),
        (-3.1, -2),
        (-1, 0),
        (0, 0),
        (1, 0),
        (2.5, 1),
        (5, 2),
        (6.5, 3),
        (10, 4),
    ],
)
def test_an_edge_belongs_to_the_milder_step(value, step):
    assert intensity_step(value) == step
    low, high = step_range(step)
    assert low <= value <= high


def test_the_edges_part_the_plover_types():
    steps = {name: intensity_step(entry.intensity) for name, entry in event_types().items()}
    assert steps["ACCUSE"] == steps["REJECT"] == -1
    assert steps["SANCTION"] == steps["COERCE"] == steps["MOBILIZE"] == -3
    assert steps["ASSAULT"] == -4
    assert steps["SUPPORT"] == steps["CONCEDE"] == 2
    assert steps["AID"] == steps["COOPERATE"] == 4


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_and_marks_are_seen_on_their_ground(theme):
    for tone in (theme.text, theme.muted, theme.faint, theme.conflict_text, theme.cooperation_text):
        assert contrast(tone, theme.card) >= 4.5
        assert contrast(tone, theme.canvas) >= 4.5
    for mark in (*theme.classes.values(), theme.conflict, theme.cooperation):
        assert contrast(mark, theme.card) >= 3
    for tone in theme.evidence.values():
        assert contrast(theme.text, tone.tint) >= 4.5
        assert contrast(tone.ink, tone.tint) >= 4.5


def test_states_are_filled_by_step_from_five_events_on():
    figure = maps.world(STATES, DYADS.head(0), LIGHT)
    (filled,) = traces(figure, "states")
    assert dict(zip(filled.locations, filled.z, strict=True)) == {"RUS": 2, "USA": 5, "DNK": 8}
    scale = {round(edge * 9): colour for edge, colour in filled.colorscale[::2]}
    assert [scale[i] for i in range(9)] == list(LIGHT.steps)
    (rings,) = traces(figure, "few events")
    assert list(rings.locations) == ["CHN"]
    (dots,) = traces(figure, "small states")
    assert list(dots.customdata) == ["GIB"]
    assert dots.marker.color == (LIGHT.steps[3],)
    assert "mean intensity −3.4" in filled.text[0]


def test_counts_are_filled_from_one_event_on_in_neutral_colours():
    figure = maps.world(STATES, DYADS.head(0), LIGHT, measure="number of events")
    (filled,) = traces(figure, "states")
    assert set(filled.locations) == {"RUS", "USA", "CHN", "DNK"}
    assert not traces(figure, "few events")
    assert not {colour for _, colour in filled.colorscale} & set(LIGHT.steps)
    assert maps.key(STATES, "number of events", LIGHT).edges == ("1", "2–4", "5–9", "10–19", "20+")


def test_the_share_of_conflict_is_blue_below_and_orange_above_half():
    (filled,) = traces(maps.world(STATES, DYADS.head(0), LIGHT, measure="share of conflict"), "states")
    z = dict(zip(filled.locations, filled.z, strict=True))
    colours = [colour for _, colour in filled.colorscale[::2]]
    assert colours[z["RUS"]] == LIGHT.steps[3]
    assert colours[z["DNK"]] == LIGHT.steps[7]
    assert colours[z["USA"]] == LIGHT.steps[4]


def test_arcs_take_the_sign_the_volume_and_the_direction():
    drawn = maps.busiest(DYADS)
    assert list(drawn["a"] + drawn["b"]) == ["RUSUSA", "CHNUSA", "NATORUS"]  # BRICS has no seat
    figure = maps.world(STATES, drawn, LIGHT)
    arcs = traces(figure, "arc")
    assert [arc.line.color for arc in arcs] == [LIGHT.conflict, LIGHT.cooperation, LIGHT.conflict]
    assert [round(arc.line.width, 2) for arc in arcs] == [2.4, 2.8, 3.9]
    (marks,) = traces(figure, "direction")
    assert list(marks.customdata) == ["NATO-RUS", "CHN-USA", "RUS-USA"]
    assert list(marks.marker.symbol) == ["triangle-up", "circle", "triangle-up"]
    (seats,) = traces(figure, "seats")
    assert list(seats.text) == ["NATO"]
    (labels,) = traces(figure, "labels")
    assert any("Russia – US −4.0" in text for text in labels.text)


def test_the_map_asks_no_server_for_its_land():
    layout = maps.world(STATES, maps.busiest(DYADS), LIGHT).layout
    assert layout.geo.fitbounds is False
    assert layout.geo.resolution == 50
    assert layout.geo.projection.rotation.lon == 11
    assert tuple(layout.geo.lataxis.range) == (-56, 83)


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([(8, -1.0)] * 12, "Conflict outweighs cooperation in 12 of 12 dyads"),
        ([(8, -1.0)] * 4 + [(8, 2.0)] * 8, "Cooperation outweighs conflict in 8 of 12 dyads"),
        ([(8, -1.0)] * 6 + [(8, 2.0)] * 6, "Mean intensity by state"),
        ([(8, -1.0)] * 9, "Mean intensity by state"),
        ([(4, -1.0)] * 40, "Mean intensity by state"),
    ],
)
def test_the_maps_title_claims_no_more_than_the_dyads_bear(rows, title):
    assert maps.title(pd.DataFrame(rows, columns=["events", "mean_intensity"]), "mean intensity") == title


def test_cooperation_stands_above_zero_and_conflict_below():
    table = periods(
        [
            (date(2024, 1, 1), "material cooperation", 3),
            (date(2024, 1, 1), "material conflict", 2),
            (date(2024, 2, 1), "verbal conflict", 5),
            (date(2024, 2, 1), "verbal cooperation", 1),
        ]
    )
    figure = timelines.by_class(table, LIGHT, unit="month")
    drawn = {bar.name: list(bar.y) for bar in figure.data}
    assert drawn == {
        "material cooperation": [3, 0],
        "verbal cooperation": [0, 1],
        "material conflict": [-2, 0],
        "verbal conflict": [0, -5],
    }
    assert [bar.name for bar in figure.data][:2] == ["material cooperation", "verbal cooperation"]
    assert {bar.name: bar.marker.color for bar in figure.data} == LIGHT.classes
    assert timelines.dated(table) == 11
    low, high = figure.layout.yaxis.range
    assert low < -5 < 3 < high
    assert all("−" not in text and "-" not in text for text in figure.layout.yaxis.ticktext)


@pytest.mark.parametrize(
    ("first", "last", "unit"),
    [
        (date(2024, 1, 1), date(2024, 1, 1), "week"),
        (date(2024, 1, 1), date(2025, 6, 1), "week"),
        (date(2020, 1, 1), date(2025, 6, 1), "month"),
        (date(2009, 1, 1), date(2025, 6, 1), "quarter"),
        (date(1945, 1, 1), date(2025, 6, 1), "year"),
        (None, None, "month"),
    ],
)
def test_the_unit_follows_the_span(first, last, unit):
    assert timelines.unit_for(first, last) == unit


@pytest.mark.parametrize(
    ("early", "late", "title"),
    [
        ((30, 10), (12, 28), "Conflict rose from 25% to 70% of events"),
        ((10, 30), (28, 12), "Conflict fell from 75% to 30% of events"),
        ((20, 20), (19, 21), "Events by month"),
        ((3, 1), (1, 3), "Events by month"),
    ],
)
def test_a_change_is_told_only_where_the_numbers_bear_it(early, late, title):
    rows = [
        (date(2024, month, 1), name, n)
        for month in range(1, 9)
        for name, n in zip(
            ("verbal cooperation", "verbal conflict"), early if month < 5 else late, strict=True
        )
    ]
    assert timelines.title(periods(rows), "month") == title


def test_a_figure_of_everything_is_sent_in_less_than_a_megabyte():
    codes = [code for code, state in gazetteer().states().items() if state.kind == "state"]
    states = pd.DataFrame(
        [(code, 50, (i % 20) - 10, 0.5) for i, code in enumerate(codes)], columns=list(STATES.columns)
    )
    pairs = pd.DataFrame(
        [(codes[i], codes[-i - 1], 100 - i, -1.0 if i % 2 else 1.0, 0.5, 50, 40, 10 - i) for i in range(60)],
        columns=list(DYADS.columns),
    )
    map_json = maps.world(states, maps.busiest(pairs), DARK).to_json()
    weeks = [
        (week.date(), name, 9)
        for week in pd.date_range("2024-01-01", periods=80, freq="7D")
        for name in QUAD_CLASSES
    ]
    bars_json = timelines.by_class(periods(weeks), DARK, unit="week").to_json()
    for text in (map_json, bars_json):
        assert len(text.encode()) < 1_000_000
        assert "NaN" not in text
        json.loads(text)


def test_empty_tables_draw_empty_figures():
    assert not traces(maps.world(STATES.head(0), DYADS.head(0), LIGHT), "arc")
    assert timelines.by_class(periods([]), LIGHT, unit="month").layout.height
    assert timelines.title(periods([]), "month") == "Events by month"


# Geometry


def test_projection_and_its_inverse_agree():
    frame = geometry.Frame(705, 318)
    for lon, lat in [(0, 0), (37.6, 55.8), (-77, 38.9), (179, -20), (-168, 65), (11, 82)]:
        back = frame.invert(*frame.project(lon, lat))
        assert math.isclose((back[0] - lon + 180) % 360 - 180, 0, abs_tol=1e-3)
        assert math.isclose(back[1], lat, abs_tol=1e-3)


def test_arcs_bulge_north_and_go_the_shorter_way_round():
    across = geometry.arc((116.4, 39.9), (-77.0, 38.9))
    longitudes = [lon for lon, _ in across.points]
    assert max(longitudes) - min(longitudes) < 180
    assert across.points[-1] == (283.0, 38.9)
    assert across.at(0.5)[1] > 45
    short = geometry.arc((30.5, 50.5), (30.5, 50.5))
    assert set(short.points) == {(30.5, 50.5)}
    assert all(lat <= 82 for _, lat in geometry.arc((20, 78), (100, 80)).points)


def test_an_arrow_points_towards_its_target():
    east = geometry.arc((0, 0), (40, 0))
    frame = geometry.Frame(705, 318)
    assert 90 < east.arrow(frame, towards_end=True)[2] < 135
    assert -135 < east.arrow(frame, towards_end=False)[2] < -90


def test_a_label_stays_within_the_world():
    """Beside the world lies nothing, but what is put there has no longitude: it would jump to the other edge."""
    across = geometry.arc((116.4, 39.9), (-75.7, 45.4))
    everywhere = [(lon, lat) for lon in range(-180, 180, 4) for lat in range(-56, 84, 3)]
    frame = geometry.Frame(600, 271)
    assert geometry.place_labels([("US – Russia", across)], [across], everywhere, frame) == []
    assert len(geometry.place_labels([("US – Russia", across)], [across], [], frame)) == 1


def test_labels_cover_neither_dots_nor_each_other():
    seats = {
        "RUS": (37.6, 55.8),
        "UKR": (30.5, 50.5),
        "BLR": (27.6, 53.9),
        "POL": (21.0, 52.2),
        "TUR": (32.9, 39.9),
    }
    arcs = [geometry.arc(seats["RUS"], seat) for code, seat in seats.items() if code != "RUS"]
    frame = geometry.Frame(600, 271)
    labels = geometry.place_labels(
        [(f"Russia – State {i} −1.0", arc) for i, arc in enumerate(arcs)], arcs, list(seats.values()), frame
    )
    assert len(labels) == 4
    boxes = []
    for label in labels:
        x, y = frame.project(label.lon, label.lat)
        half = len(label.text) * 3.2
        boxes.append((x - half, y - 7, x + half, y + 7))
        assert not any(boxes[-1][0] < dx < boxes[-1][2] and boxes[-1][1] < dy < boxes[-1][3]
                       for dx, dy in (frame.project(*seat) for seat in seats.values()))  # fmt: skip
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


# Words


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (words.number(12481), "12,481"),
        (words.number(10_200_000), "10.2 million"),
        (words.plural(1, "event"), "1 event"),
        (words.intensity(-6.94), "−6.9"),
        (words.intensity(2.5), "+2.5"),
        (words.intensity(-0.04), "0.0"),
        (words.intensity(None), "–"),
        (words.percent(0.456), "46%"),
        (words.percent(float("nan")), "–"),
        (words.day(date(2016, 8, 23)), "23 Aug 2016"),
        (words.day(pd.NaT), "no date"),
        (words.imprecise_day(date(2016, 8, 1), "month"), "Aug 2016"),
        (words.imprecise_day(date(2016, 8, 23), "week"), "about 23 Aug 2016"),
        (words.span(date(2026, 8, 25), date(2026, 11, 22)), "25 Aug – 22 Nov 2026"),
        (words.span(date(2025, 8, 25), date(2026, 11, 22)), "25 Aug 2025 – 22 Nov 2026"),
        (words.span(None, None), "all dates"),
        (words.dyad("RUS", "TUR", symmetric=False), "Russia → Türkiye"),
        (words.dyad("RUS", "TUR", symmetric=True), "Russia – Türkiye"),
        (words.act("CONSULT", "third-party"), "Consult (third party)"),
        (words.listing("abcde", keep=3), "a, b, c +2"),
        (words.time_of("2026-11-22T18:40:00+00:00"), "22 Nov 2026, 18:40 UTC"),
        (words.shorten("one two three", 9), "one two…"),
        (words.showing(5, 38, "dyad"), "Showing 5 of 38 dyads"),
        (words.parse_day("2016-08-23T10:00:00+00:00"), date(2016, 8, 23)),
        (words.parse_day("nonsense"), None),
    ],
)
def test_numbers_dates_and_names_are_written_as_in_a_briefing(written, wanted):
    assert written == wanted


def test_only_filters_that_differ_from_the_default_are_named():
    assert words.filters(Selection()) == []
    chosen = Selection(
        parties=("BLR",), start=date(2016, 1, 1), end=date(2016, 12, 31), min_confidence=0.6, states_only=True
    )
    assert words.filters(chosen) == [
        ("Period", "1 Jan – 31 Dec 2016", "start|end"),
        ("Parties", "Belarus", "parties"),
        ("Parties", "states only", "states_only"),
        ("Confidence", "≥ 0.60", "min_confidence"),
    ]


def test_every_colour_of_a_figure_is_a_token():
    figure = maps.world(STATES, maps.busiest(DYADS), DARK).to_json()
    tokens = set(re.findall(r"#[0-9A-Fa-f]{6}", repr(DARK)))
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", figure)) <= tokens
