"""Matrix and network, issues, actors: their values, run headless, and what their charts say by rule."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from events.charts import actors, issues, matrices, networks
from events.charts.theme import DARK, LIGHT
from events.codebook import domains
from events.schema import Actor, CodedArticle, Issue
from events.store import Store
from tests.dashboard.test_pages import HOSTILE, chart, html, run
from tests.store_helpers import make_article, make_report, own


def told(number: int, source: str, target: str, kind: str, people=(), about=(), **values) -> CodedArticle:
    day = f"20{10 + number % 12}-0{1 + number % 9}-1{number % 10}"
    article = make_article(f"Text {number}: {source} and {target}.", day, "Daily")
    named = tuple(Actor(*person, 0, 3) for person in people)
    topics = tuple(Issue(*topic, 0, 3) for topic in about)
    report = make_report(article, source, target, kind, date=day, actors=named, issues=topics, **values)
    return CodedArticle(article, (report,))


LAVROV = ("Sergei Lavrov", "Foreign Minister", "Ministry of Foreign Affairs", "RUS", "GOV", "source")
LAVROV_TOO = ("Sergey Lavrov", "envoy", "United Nations", "RUS", "GOV", "source")
KERRY = ("John Kerry", "secretary of state", "State Department", "USA", "GOV", "target")
ARMY = ("Russian army", None, None, "RUS", "MIL", "source")
STRANGE = (HOSTILE, HOSTILE, None, "FRA", "GOV", "source")
TRADE, CYBER = ("tariffs", "trade"), ("cyber, in general", "cyber")


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """Six events USA -> RUS, five and one of both sides RUS -> USA, two FRA -> DEU, one with hostile names."""
    folder = tmp_path_factory.mktemp("networks") / "store"
    coded = [
        *(told(n, "USA", "RUS", "SANCTION", about=[TRADE, CYBER]) for n in range(6)),
        *(told(n, "RUS", "USA", "AGREE", [LAVROV, KERRY], [TRADE]) for n in range(6, 9)),
        told(9, "RUS", "USA", "CONSULT", [LAVROV_TOO, KERRY], symmetric=True),
        told(10, "RUS", "USA", "CONSULT", [LAVROV, LAVROV_TOO, KERRY]),
        told(11, "RUS", "USA", "ASSAULT", [ARMY], [CYBER]),
        *(told(n, "FRA", "DEU", "SUPPORT", about=[TRADE]) for n in range(12, 14)),
        told(14, "FRA", "DEU", "ACCUSE", [STRANGE], [(HOSTILE, "trade")]),
    ]
    Store(folder).add(coded, own(*coded))
    return folder


@pytest.fixture
def page(filled, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(filled))
    return run


def traces(at, number: int) -> dict:
    return {trace.get("name"): trace for trace in chart(at, number)["data"]}


def buttons(at, part: str) -> list[str]:
    return [button.label for button in at.button if part in (button.key or "")]


def test_the_matrix_shows_each_direction_with_its_sign(page):
    cells = traces(page("network"), 0)["cells"]
    said = {tuple(pair): text for pair, text in zip(cells["customdata"], cells["text"], strict=True)}
    assert said == {("USA", "RUS"): "−4.8", ("RUS", "USA"): "+0.6", ("FRA", "DEU"): "+"}


def test_both_directions_together_are_symmetric(page):
    cells = traces(page("network", ways="both"), 0)["cells"]
    said = {tuple(pair): text for pair, text in zip(cells["customdata"], cells["text"], strict=True)}
    assert said[("USA", "RUS")] == said[("RUS", "USA")] == "−2.7"


def test_the_panel_follows_the_cell_of_the_url(page):
    at = page("network", cell="RUS-USA")
    assert "Russia → US: neither side outweighs" in html(at)
    assert "<b>6</b>" in html(at)
    assert len(buttons(at, "open_cell_")) == 5
    assert buttons(at, "open_cell_")[0].startswith("◆ Assault · cyber")
    few = html(page("network", cell="FRA-DEU"))
    assert "Three events: too few for an index." in few


def test_an_unknown_cell_falls_back_to_the_busiest(page):
    assert "USA" not in html(page("network", cell="XXX-<b>"))
    assert "US → Russia: conflict outweighs" in html(page("network", cell="XXX-<b>"))


def test_a_button_of_the_panel_filters_everything_by_the_dyad(page):
    at = page("network", cell="FRA-DEU")
    at.button(key="filter_cell").click().run()
    assert not at.exception
    assert any("France – Germany" in button.label for button in at.button)
    assert "n = 3 events" in html(at)
    at.button(key="chip_dyad_direction").click().run()
    assert "n = 15 events" in html(at)


def test_an_event_of_the_panel_opens_its_evidence(page):
    at = page("network", cell="FRA-DEU")
    at.button(key="open_cell_0").click().run()
    assert not at.exception
    assert "Event 1 of 3 on this page" in html(at)


def test_a_blocs_members_are_those_of_the_day(page):
    at = page("network", who="EU")
    assert "members on" in html(at)
    assert "GBR" in matrices.members("EU", date(2019, 1, 1), ["GBR"])[0]
    assert "GBR" not in matrices.members("EU", date(2021, 1, 1), ["GBR"])[0]


def test_the_network_draws_dyads_and_names_a_party(page):
    at = page("network", shape="Network", node="RUS")
    drawn = traces(at, 0)
    assert sorted(drawn["middles"]["customdata"]) == ["DEU FRA", "RUS USA"]
    assert set(drawn["parties"]["customdata"]) == {"RUS", "USA", "FRA", "DEU"}
    assert "Russia: conflict outweighs with 1 of 1 partner" in html(at)
    at.button(key="open_party_USA").click().run()
    assert "Russia – US" in html(at)


def test_domains_over_time_and_their_title(page):
    at = page("issues")
    drawn = traces(at, 0)
    assert sum(drawn["cyber down"]["y"]) == -7
    assert sum(drawn["trade up"]["y"]) == 5
    assert sum(drawn["trade down"]["y"]) == -7
    assert set(drawn["trade up"]["customdata"]) == {"trade"}


def test_the_squares_of_topics_by_dyad(page):
    cells = traces(page("issues"), 1)["cells"]
    said = {tuple(pair): text for pair, text in zip(cells["customdata"], cells["text"], strict=True)}
    assert said[("trade", "RUS USA")] == "−3.2"
    assert said[("cyber", "RUS USA")] == "−6.4"
    assert said[("trade", "DEU FRA")] == "+"


def test_one_dyad_has_its_topics_in_a_mirror(page):
    at = page("issues", dyad="RUS-USA")
    drawn = traces(at, 1)
    assert dict(zip(drawn["conflict"]["customdata"], drawn["conflict"]["x"], strict=True)) == {
        "trade": -6,
        "cyber": -7,
    }
    assert drawn["cooperation"]["x"] == [3, 0] or drawn["cooperation"]["x"] == [0, 3]
    assert "Russia and US quarrel over cyber" in html(at)


def test_the_treemap_keeps_all_issues_under_a_filter_and_frames_the_chosen(page):
    at = page("issues", about="cyber")
    tree = traces(at, 2)["issues"]
    edges = dict(zip(tree["customdata"], tree["marker"]["line"]["width"], strict=False))
    assert {"trade", "cyber"} <= set(tree["customdata"])
    assert edges["cyber"] == 3
    assert edges["trade"] == 1.5
    assert "&lt;script&gt;" in json.dumps(tree["labels"])
    assert "<script" not in json.dumps([tree["labels"], tree["hovertext"]])


def test_actors_are_one_person_under_two_spellings(page):
    table = page("actors").dataframe[0].value
    assert table[table["Name"] == "Sergei Lavrov"].to_numpy().tolist() == [
        ["Sergei Lavrov", "Envoy", "Russia", "GOV", 5]
    ]
    assert not table["Name"].str.contains("Sergey").any()


def test_search_finds_spelling_post_and_nothing(page):
    assert page("actors", find_actor="sergey").dataframe[0].value["Name"].to_list() == ["Sergei Lavrov"]
    assert page("actors", find_actor="state dep").dataframe[0].value["Name"].to_list() == ["John Kerry"]
    at = page("actors", find_actor="\x00nobody")
    assert not at.dataframe
    assert "No actors match." in html(at)


def test_the_sector_filter_lists_the_military_alone(page):
    assert page("actors", sector_of="MIL").dataframe[0].value["Name"].to_list() == ["Russian army"]


def test_a_profile_tells_posts_meetings_and_spellings(page):
    at = page("actors", actor="Sergei Lavrov")
    text = html(at)
    assert "Sergei Lavrov: named in 2 posts" in text
    assert "also written Sergey Lavrov" in text
    assert [label.split("**")[1] for label in buttons(at, "met_")] == ["John Kerry"]
    assert "met twice" in buttons(at, "met_")[0]
    assert "Acts for Russia" in text
    lanes = chart(at, 0)["layout"]["yaxis"]["ticktext"]
    assert sorted(lanes) == ["envoy, Russia", "foreign minister, Russia"]
    at.button(key="met_John Kerry").click().run()
    assert "John Kerry: always as secretary of state, US" in html(at)


def test_a_hostile_actor_is_shown_harmlessly(page):
    at = page("actors", actor=f"{HOSTILE.lower()}|FRA")
    assert "<script" not in html(at)
    assert "<script" not in json.dumps(chart(at, 0))
    assert not page("actors", actor="x" * 400).exception


def test_an_empty_store_says_so_on_each_page(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    for name in ("network", "issues", "actors"):
        assert "No events yet." in html(run(name))


CELLS = pd.DataFrame(
    [
        ("USA", "CHN", 9, -4.0, 0.9),
        ("CHN", "USA", 6, -1.0, 0.6),
        ("FRA", "USA", 3, 5.0, 0.0),
        ("USA", "FRA", 7, 3.0, 0.1),
    ],
    columns=["source", "target", "events", "mean_intensity", "conflict_share"],
)


def test_similar_parties_stand_together():
    rows = [(a, b, 9, value, 0.5) for a, b, value in (
        ("RUS", "UKR", -9.0), ("BLR", "UKR", -8.0), ("USA", "UKR", 8.0), ("GBR", "UKR", 7.0), ("RUS", "BLR", 6.0),
        ("USA", "GBR", 6.0), ("RUS", "USA", -5.0), ("BLR", "GBR", -5.0),
    )]  # fmt: skip
    cells = pd.DataFrame(rows, columns=CELLS.columns)
    parties = ["RUS", "USA", "UKR", "GBR", "BLR"]
    order, groups = matrices.arrange(parties, cells, "similarity", date(2024, 1, 1))
    assert sorted(order) == sorted(parties)
    assert abs(order.index("RUS") - order.index("BLR")) == 1
    assert abs(order.index("USA") - order.index("GBR")) == 1
    assert groups == []
    again, _ = matrices.arrange(parties, cells, "similarity", date(2024, 1, 1))
    assert again == order


def test_sorted_by_bloc_with_membership_of_the_day():
    order, groups = matrices.arrange(["GBR", "RUS", "DEU", "NATO"], CELLS, "bloc", date(2024, 1, 1))
    assert order[-1] == "NATO"
    assert [(g.name, g.size) for g in groups][-1] == ("Organisations", 1)
    assert matrices.bloc_of("GBR", date(2010, 1, 1)) == "EU" or "Europe" in matrices.bloc_of(
        "GBR", date(2010, 1, 1)
    )
    assert matrices.bloc_of("GBR", date(2024, 1, 1)) == "NATO"


def test_pale_squares_and_readable_numbers():
    figure = matrices.matrix(["USA", "CHN", "FRA"], CELLS, LIGHT, chosen=("USA", "CHN"))
    fill = next(trace for trace in figure.data if trace.name == "fill")
    assert fill.z[0][1] == 2
    assert fill.z[2][0] == 9  # three events: pale
    assert len([shape for shape in figure.layout.shapes if shape.type == "rect"]) == 1
    for theme in (LIGHT, DARK):
        for step in theme.steps:
            text = matrices.ink(step)
            lighter, darker = sorted((matrices._luminance(step), matrices._luminance(text)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_matrix_title_is_neutral_on_thin_data():
    assert matrices.title(["USA", "CHN", "FRA"], CELLS, symmetric=False) == "Mean intensity by direction"
    many = pd.DataFrame(
        [(f"P{i}", "X", 9, -2.0 if i < 9 else 2.0, 0.5) for i in range(12)], columns=CELLS.columns
    )
    parties = ["X", *(f"P{i}" for i in range(12))]
    assert (
        matrices.title(parties, many, symmetric=False)
        == "Conflict outweighs cooperation in 9 of 12 directions"
    )


EDGES = [("RUS", "UKR", 40), ("RUS", "USA", 30), ("USA", "CHN", 20), ("CHN", "RUS", 9), ("PER", "ECU", 3)]


def test_the_layout_is_the_same_for_the_same_data_in_any_order():
    one = networks.layout(EDGES, (700, 500))
    assert networks.layout(EDGES[::-1], (700, 500)) == one
    assert set(one) == {"RUS", "UKR", "USA", "CHN", "PER", "ECU"}
    assert all(0 <= x <= 700 and 0 <= y <= 500 for x, y in one.values())
    assert one["USA"][0] < one["CHN"][0]  # east stays right
    assert min(one["PER"][1], one["ECU"][1]) > max(one[code][1] for code in ("RUS", "USA", "CHN", "UKR"))
    assert networks.layout([], (700, 500)) == {}


def test_the_network_is_cut_and_its_labels_keep_apart():
    from events.gazetteer import gazetteer

    codes = sorted(gazetteer().states())[:200]
    rows = [(codes[i], codes[(i * 7 + k) % 200], 200 - i, -1.0, 0.6) for i in range(200) for k in (1, 2, 3)]
    dyads = pd.DataFrame(
        [(min(r[:2]), max(r[:2]), *r[2:]) for r in rows if r[0] != r[1]],
        columns=["a", "b", "events", "mean_intensity", "conflict_share"],
    ).drop_duplicates(["a", "b"])
    given = networks.network(dyads)
    assert len(given.nodes) <= networks.MOST_NODES
    assert len(given.edges) <= networks.MOST_EDGES < given.all_edges
    edges = list(zip(given.edges["a"], given.edges["b"], given.edges["events"], strict=True))
    size = (700, 560)
    figure = networks.draw(given, networks.layout(edges, size), LIGHT, size=size)
    assert len(figure.to_json()) < 300_000
    labels = next(trace for trace in figure.data if trace.name == "labels")
    assert len(labels.text) > 10
    for width in (size[0], 470):  # in a narrow card dots stand closer, and labels are as wide
        boxes = []
        for x, y, text, at, mark in zip(
            labels.x, labels.y, labels.text, labels.textposition, labels.marker.size, strict=True
        ):
            half, r = len(text) * 3.1, mark / 2
            below, side = at.split()
            middle = x * width / size[0] + {"left": -r - half, "center": 0, "right": r + half}[side]
            up = y + {"top": -r - 8, "middle": 0, "bottom": r + 8}[below]
            boxes.append((middle - half, up - 6, middle + half, up + 6))
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_every_domain_has_a_familys_colour():
    assert sum(len(names) for names in issues.families().values()) == len(domains()) == 22
    assert len({issues.family_colour(name, LIGHT) for name in domains()}) == 4
    assert issues.family_colour("of an import", DARK) == issues.family_colour("law", DARK)


@pytest.mark.parametrize(
    ("tile", "topic"),
    [
        ("i:trade/tariffs", "tariffs"),
        ("i:trade/a/b", "a/b"),
        ("d:trade", "trade"),
        ("o:trade", "trade"),
        ("f:order", ""),
    ],
)
def test_a_tile_leads_to_its_topic(tile, topic):
    assert issues.topic_of(tile) == topic


def test_a_thin_tail_does_not_stretch_the_axis():
    days = pd.to_datetime(["1946-01-01", "2020-01-01", "2021-01-01"])
    periods = pd.DataFrame(
        {"lane": "trade", "period": days, "quad_class": "verbal conflict", "events": [1, 99, 60]}
    )
    kept, before = issues.window(periods, whole=False)
    assert (len(kept), before) == (2, 1)
    assert issues.window(periods, whole=True)[1] == 0


def test_titles_of_issues_say_only_what_the_numbers_bear():
    def rows(domain, up, down):
        day = pd.Timestamp("2024-01-01")
        return [(domain, day, "verbal cooperation", up), (domain, day, "verbal conflict", down)]

    def frame(*parts):
        return pd.DataFrame(
            [row for part in parts for row in part], columns=["lane", "period", "quad_class", "events"]
        )

    clear = frame(rows("trade", 90, 10), rows("rights", 10, 90), rows("law", 50, 50), rows("energy", 50, 50))
    assert issues.title_multiples(clear) == "Rights has most conflict (90%), trade and finance least (10%)"
    even = frame(rows("trade", 52, 48), rows("rights", 48, 52), rows("law", 50, 50), rows("energy", 50, 50))
    assert issues.title_multiples(even) == "Events by domain over time"


@pytest.mark.parametrize(
    ("role", "organisation", "country", "said"),
    [
        ("visiting President", "Presidency", "USA", "president, US"),
        ("secretary-general", "NATO", "NATO", "secretary general, NATO"),
        ("counterpart", None, "TUR", "no post named, Türkiye"),
        (None, "State Department", "USA", "State Department, US"),
        (None, None, None, "no post named"),
        ("andean envoy", None, None, "andean envoy"),
    ],
)
def test_posts_are_written_one_way(role, organisation, country, said):
    assert actors.post(role, organisation, country) == said
