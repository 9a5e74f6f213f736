"""The page Map by its values: what is drawn, what a click tells, what the address keeps."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from events.dashboard import atlas, borders
from events.reference import data_path
from events.schema import CodedArticle, Place
from events.store import Store
from tests.store_helpers import make_article, make_report, own

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"
KYIV = Place("Kyiv", "UKR", 50.45, 30.52, "city")
DONBAS = Place("Donbas", "UKR", 48.2, 37.8, "region")
FRANCE = Place("France", "FRA", 48.85, 2.35, "state")
SOMEWHERE = Place("a base", "UKR", None, None, "site")


def told(number: int, day: str, source: str, target: str, kind: str, **values) -> CodedArticle:
    article = make_article(f"{source} and {target}, {number} ({kind}).", day, f"Outlet {number % 3}")
    return CodedArticle(article, (make_report(article, source, target, kind, date=day, **values),))


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """Russia towards Ukraine 6 (five in Kyiv), Ukraine towards Russia 1, France and Germany 2, NATO 5, US 1."""
    folder = tmp_path_factory.mktemp("map") / "store"
    coded = [told(n, f"2024-01-{n + 1:02}", "RUS", "UKR", "ASSAULT", place=KYIV) for n in range(5)]
    coded += [
        told(10, "2024-02-03", "RUS", "UKR", "AID", place=DONBAS),
        told(11, "2024-02-04", "UKR", "RUS", "ACCUSE", place=SOMEWHERE),
        told(12, "2024-03-01", "DEU", "FRA", "CONSULT", symmetric=True, place=FRANCE),
        told(13, "2024-03-02", "FRA", "DEU", "SUPPORT"),
        told(14, "2024-03-05", "USA", "UKR", "AID"),
    ]
    coded += [told(20 + n, f"2024-04-{n + 1:02}", "NATO", "UKR", "SUPPORT") for n in range(5)]
    Store(folder).add(coded, own(*coded))
    return folder


@pytest.fixture
def page(filled, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(filled))
    return run


def run(**query) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = value
    return whole(at.switch_page("app_pages/map.py").run())


def whole(at: AppTest) -> AppTest:
    assert not at.exception, at.exception
    return at


def html(at: AppTest) -> str:
    return "\n".join(e.proto.body for e in at.get("html") if not e.proto.body.startswith("<style"))


def figure(at: AppTest) -> dict:
    return json.loads(at.get("plotly_chart")[0].proto.spec)


def traces(at: AppTest) -> dict[str, dict]:
    return {trace["name"]: trace for trace in figure(at)["data"]}


def click_map(at: AppTest, code: str) -> AppTest:
    at.session_state["atlas"] = {
        "selection": {"points": [{"customdata": code}], "point_indices": [0], "box": [], "lasso": []}
    }
    return whole(at.run())


def press(at: AppTest, key: str) -> AppTest:
    return whole(at.button(key=key).click().run())


def titles(at: AppTest) -> list[str]:
    return re.findall(r'<h2 class="en-ct">(.*?)</h2><p class="en-cs">(.*?)</p>', html(at))


def test_states_arcs_and_seats_are_the_stores(page):
    drawn = traces(page())
    assert dict(zip(drawn["states"]["locations"], drawn["states"]["z"], strict=True)) == {"UKR": 4, "RUS": 1}
    assert set(drawn["few events"]["locations"]) == {"FRA", "DEU", "USA"}
    assert drawn["organisations"]["customdata"] == ["NATO"]
    assert sorted(drawn["direction"]["customdata"]) == ["DEU-FRA", "NATO-UKR", "RUS-UKR", "UKR-USA"]
    assert "FRA" in drawn["other states"]["locations"]
    assert "BRA" in drawn["other states"]["locations"]
    assert "places" not in drawn
    assert not set(drawn["other states"]["locations"]) & set(drawn["states"]["locations"])


def test_the_caption_says_what_was_cut_and_whose_borders_these_are(page):
    text = html(page(places="true"))
    assert "n = 15 events from 15 articles of 3 outlets" in text
    assert "Showing 4 dyads and 3 of 4 places, 8 of 15 events tell a place" in text
    assert "Boundaries: visionscarto / Natural Earth, not an endorsement" in text


def test_places_are_drawn_no_more_exactly_than_they_are_told(page):
    drawn = traces(page(places="true"))
    assert drawn["places"]["customdata"] == ["@city|UKR|Kyiv"]
    assert drawn["places"]["marker"]["symbol"] == ["diamond"]
    assert drawn["regions"]["customdata"] == ["@region|UKR|Donbas"]
    assert "somewhere in this region" in drawn["regions"]["text"][0]
    assert drawn["whole states"]["locations"] == ["FRA"]  # the middle of the land, not the capital
    assert "lon" not in drawn["whole states"]
    assert drawn["whole states"]["marker"]["symbol"] == "circle-open"
    assert not any("a base" in text for trace in drawn.values() for text in trace.get("text", ()))


def test_layers_can_be_switched(page):
    drawn = traces(page(arcs="false", seats="false", fill="false", places="true"))
    assert set(drawn) == {"other states", "states", "regions", "whole states", "places"}
    assert drawn["states"]["locations"] == []


@pytest.mark.parametrize(
    ("measure", "z"),
    [("mean intensity", {"RUS": 1}), ("number of events", {"RUS": 2, "NATO": 2, "USA": 0}), ("share of conflict", {"RUS": 4})],
)  # fmt: skip
def test_from_one_viewpoint_the_others_are_filled_by_their_relation_with_it(page, measure, z):
    at = page(viewpoint="UKR", measure=measure)
    drawn = traces(at)
    assert drawn["viewpoint"]["locations"] == ["UKR"]
    got = dict(zip(drawn["states"]["locations"], drawn["states"]["z"], strict=True))
    assert got == {code: value for code, value in z.items() if code != "NATO"}
    assert sorted(drawn["direction"]["customdata"]) == ["NATO-UKR", "RUS-UKR", "UKR-USA"]
    assert "Ukraine" in titles(at)[0][1]


def test_an_organisation_is_a_viewpoint_too(page):
    at = page(viewpoint="NATO")
    drawn = traces(at)
    assert drawn["viewpoint"]["marker"]["symbol"] == "square"
    assert drawn["states"]["locations"] == ["UKR"]
    assert "n = 5 events of NATO" in html(at)


def test_a_click_on_a_state_tells_of_it_and_can_filter_everything(page):
    at = click_map(page(), "UKR")
    assert titles(at)[1] == ("Ukraine", "13 events · mean −0.2 · 46% in conflict")
    rows = [button.label for button in at.button if (button.key or "").startswith("pickrow_")]
    assert rows == [
        "**Russia** :gray[7] :orange[−5.4]",
        "**NATO** :gray[5] :blue[+5.0]",
        "**US** :gray[1] :gray[few]",
    ]
    before = figure(at)
    at = click_map(at, "RUS")
    assert titles(at)[1][0] == "Russia"
    assert figure(at) == before  # the chart stays, and with it the reader's zoom
    press(at, "pick_filter")
    assert at.multiselect(key="party").value == ["RUS"]
    assert "parties Russia" in html(at)
    assert "n = 7 events" in html(at)


def test_a_click_on_an_arc_tells_of_the_dyad_and_leads_to_its_page(page):
    at = click_map(page(sure="0.2"), "RUS-UKR")
    assert titles(at)[1] == ("Russia – Ukraine", "7 events · mean −5.4 · 86% in conflict")
    text = html(at)
    assert re.search(r"Russia → Ukraine</div><div class=\"en-num\">6<", text)
    assert re.search(r"Ukraine → Russia</div><div class=\"en-num\">1<", text)
    links = [link.proto for link in at.get("page_link") if link.proto.label == "Open the dyad"]
    assert len(links) == 1
    assert "a=RUS&b=UKR" in links[0].query_string
    press(at, "pick_filter")
    assert "dyad Russia – Ukraine" in html(at)
    assert "n = 7 events" in html(at)
    press(at, "chip_dyad_direction")
    assert "n = 15 events" in html(at)


def test_a_click_on_a_place_lists_what_happened_there(page):
    at = click_map(page(places="true"), "@city|UKR|Kyiv")
    assert titles(at)[1] == ("Kyiv, Ukraine", "The city; no more exact place is told")
    assert "5 events · mean −9.0 · 100% in conflict" in html(at)
    newest = [button.label for button in at.button if (button.key or "").startswith("open_newest_")]
    assert newest[0] == "◆ **Russia → Ukraine** Assault · 5 Jan 2024"
    assert len(newest) == 4
    press(at, "open_newest_0")
    assert "Event 1 of 4 on this page" in html(at)


def test_a_row_of_the_panel_chooses_without_a_mouse_on_the_map(page):
    at = press(page(), "pickrow_RUS-UKR")
    assert titles(at)[1][0] == "Russia – Ukraine"
    drawn = traces(at)
    assert drawn["states"]["selectedpoints"] == []
    assert [drawn["direction"]["customdata"][i] for i in drawn["direction"]["selectedpoints"]] == ["RUS-UKR"]
    press(at, "pick_close")
    assert titles(at)[1][0] == "Choose a state or an arc"
    assert "selectedpoints" not in traces(at)["states"]


def test_the_address_restores_the_view(page):
    at = page(
        measure="share of conflict",
        viewpoint="UKR",
        region="Europe",
        at="2024-01-01",
        pick="NATO-UKR",
        zoom="2",
    )
    geo = figure(at)["layout"]["geo"]
    assert geo["projection"]["type"] == "azimuthal equal area"
    assert at.selectbox(key="measure").value == "share of conflict"
    assert at.select_slider(key="at").value == "2024-01-01"
    assert titles(at)[1] == ("NATO – Ukraine", "No events in this selection")
    assert "Jan 2024" in titles(at)[0][0]
    assert "n = 5 events" in html(at)


@pytest.mark.parametrize("query", [{"pick": "XXX"}, {"pick": "RUS-RUS"}, {"pick": "<script>"}, {"zoom": "99"},
                                   {"region": "Moon"}, {"at": "1800-01-01"}, {"dyad": "A-B"}, {"around": "@"}])  # fmt: skip
def test_what_nobody_knows_in_the_address_is_left_out(page, query):
    at = page(**query)
    assert titles(at)[1][0] == "Choose a state or an arc"
    assert "n = 15 events" in html(at)
    assert figure(at)["layout"]["geo"]["projection"]["type"] == "natural earth"


def test_regions_are_drawn_about_their_own_middle_and_zoom_about_what_is_chosen(page):
    at = page(region="Europe")
    geo = figure(at)["layout"]["geo"]
    assert geo["projection"]["rotation"] == {"lon": 15.0, "lat": 52.5}
    assert "arcs are all 4 dyads" in titles(at)[0][1]
    at = press(click_map(at, "UKR"), "zoom_in")
    closer = figure(at)["layout"]["geo"]
    assert closer["projection"]["rotation"]["lon"] == pytest.approx(30.52, abs=0.1)
    assert closer["projection"]["scale"] > geo["projection"]["scale"]
    at = press(at, "zoom_out")
    assert figure(at)["layout"]["geo"] == geo


def test_the_slider_shows_one_period_and_can_keep_it(page):
    at = page()
    assert at.select_slider(key="at").options == [
        "Whole period",
        "Jan 2024",
        "Feb 2024",
        "Mar 2024",
        "Apr 2024",
    ]
    at = press(press(at, "later"), "later")
    assert titles(at)[0][0].startswith("Feb 2024: ")
    assert "n = 2 events" in html(at)
    assert traces(at)["direction"]["customdata"] == ["RUS-UKR"]
    press(at, "keep_period")
    assert "n = 2 events" in html(at)
    assert str(at.date_input(key="from").value) == "2024-02-01"
    assert at.button(key="chip_start_end")


def test_play_steps_by_its_clock_and_stops_at_the_end(page, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(atlas.time, "monotonic", lambda: now[0])
    at = press(page(), "play")
    assert figure(at)["layout"]["geo"]["resolution"] == 110  # drawn in half the time
    seen = [at.select_slider(key="at").value]
    whole(at.run())  # a run for another reason moves nothing
    assert at.select_slider(key="at").value == seen[0]
    for _ in range(4):
        now[0] += atlas.PACE
        whole(at.run())
        seen.append(at.select_slider(key="at").value)
    assert seen == ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-04-01"]
    assert at.button(key="play").label == "Play"
    assert figure(at)["layout"]["geo"]["resolution"] == 50


def test_the_table_holds_what_the_map_draws(page):
    at = page()
    rows = at.dataframe[0].value
    assert rows.iloc[0].to_dict() == {
        "Party": "Ukraine", "Events": 13, "Mean intensity": "−0.2", "In conflict": "46%"
    }  # fmt: skip
    assert len(rows) == 6
    at.segmented_control(key="map_table_kind").set_value("Places").run()
    places = whole(at).dataframe[0].value
    assert places["Known to the"].tolist() == ["city", "region", "state", "site"]


def test_the_alt_text_names_the_busiest_dyads(page):
    alt = page(viewpoint="UKR").get("plotly_chart")[0].proto.alt
    assert alt.startswith("World map of mean intensity with Ukraine by state, 3 parties.")
    assert "Russia and Ukraine: 7 events, mean intensity −5.4." in alt


def test_an_empty_store_says_how_to_begin(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    at = run()
    assert "No events yet." in html(at)
    assert not at.get("plotly_chart")


@pytest.mark.usefixtures("page")
def test_a_wrong_borders_file_is_told_in_plain_words(tmp_path, monkeypatch):
    wrong = tmp_path / "mine.json"
    wrong.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    monkeypatch.setenv("ENTENTE_BORDERS", str(wrong))
    at = AppTest.from_file(str(MAIN), default_timeout=120).run()
    at.switch_page("app_pages/map.py").run()
    assert not at.exception
    assert "This page could not be shown" in html(at)
    assert "is FeatureCollection, not a TopoJSON Topology" in html(at)
    assert str(wrong) in html(at)


def test_an_operators_borders_are_served_and_named(page, tmp_path, monkeypatch):
    monkeypatch.setattr(borders, "_STATIC", tmp_path)
    world = json.loads(data_path("geo/world_50m.json").read_text(encoding="utf-8"))
    world["note"] = "Ministry of Maps"
    (tmp_path / "mine.json").write_text(json.dumps(world), encoding="utf-8")
    monkeypatch.setenv("ENTENTE_BORDERS", str(tmp_path / "mine.json"))
    at = page()
    address = json.loads(at.get("plotly_chart")[0].proto.config)["topojsonURL"]
    folder = address.removeprefix("app/static/topojson/").rstrip("/")
    assert folder.startswith("own-")
    assert (
        json.loads((tmp_path / folder / "world_50m.json").read_text(encoding="utf-8"))["type"] == "Topology"
    )
    assert "Boundaries: Ministry of Maps" in html(at)
    assert "visionscarto" not in html(at)
    at.switch_page("app_pages/about.py").run()
    assert any("Ministry of Maps" in text.value for text in at.markdown)
