"""The Dyad and Timeline pages by their values, run headless from the dashboard's main script."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from events.charts import relations as charts
from events.codebook import QUAD_CLASSES
from events.dashboard import relations
from events.schema import Actor, CodedArticle, Issue, Place
from events.store import Store
from tests.dashboard.test_pages import HOSTILE, figures, html, run
from tests.store_helpers import make_article, make_report, own

FIRST = date(2024, 1, 1)


def told(number: int, day: date, source: str, target: str, kind: str, **values) -> CodedArticle:
    article = make_article(
        f"{source}, {target}, {number}.", day.isoformat(), f"Outlet {number % 3}", f"Title {number}"
    )
    return CodedArticle(
        article, (make_report(article, source, target, kind, date=day.isoformat(), **values),)
    )


def crisis() -> list[CodedArticle]:
    """A dyad at peace for 20 weeks, then in conflict for 20: three acts a week, with a week without any feed."""
    items = []
    for week in range(40):
        if week == 10:
            continue
        for act in range(3):
            day = FIRST + timedelta(days=7 * week + act)
            calm = (act < 2) if week < 20 else (act == 2 and week % 3 == 0)
            source, target = ("GRC", "TUR") if act == 0 else ("TUR", "GRC")
            items.append(
                told(
                    len(items), day, source, target, ("SUPPORT" if calm else "SANCTION"), confidence=0.9,
                    issues=(Issue("tariffs", "trade", 0, 3),) if act else (Issue("gas supplies", "energy", 0, 3),),
                    place=Place("Athens", "GRC", 37.98, 23.73, "city") if act == 0 else None,
                )
            )  # fmt: skip
    people = (
        Actor("Ana Ruiz", "minister", None, "GRC", "GOV", "source", 0, 2),
        Actor("Can Demir", "envoy", None, "TUR", "GOV", "target", 0, 2),
    )
    day = FIRST + timedelta(days=3)
    items.append(told(500, day, "GRC", "TUR", "CONSULT", symmetric=True, actors=people))
    items.append(
        told(501, day, "GRC", "TUR", "AGREE", planned_for=(date.today() + timedelta(days=40)).isoformat())
    )
    items += [told(600 + n, day, "FRA", "TUR", "ACCUSE") for n in range(2)]
    items.append(told(700, day, "FRA", "ITA", "THREATEN", place=Place(HOSTILE, "ITA", None, None, "region")))
    return items


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("relations") / "store"
    items = crisis()
    Store(folder).add(items, own(*items))
    return folder


@pytest.fixture
def page(filled, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(filled))
    return run


def spec(at: AppTest, part: str) -> dict:
    """The figure whose alternative text begins so."""
    found = next(c for c in at.get("plotly_chart") if c.proto.alt.startswith(part))
    return json.loads(found.proto.spec)


def trace(figure: dict, name: str) -> dict:
    return next(t for t in figure["data"] if t.get("name") == name)


def test_the_dyad_answers_the_five_questions(page):
    at = page("dyad", a="GRC", b="TUR")
    text = html(at)
    assert "Greece and Türkiye</h1>" in text
    assert "Since 20 May 2024 mostly conflictual" in text
    assert re.search(r"Relations fell from \+0\.\d\d to −0\.\d\d in May 2024", text)
    shown = figures(at)
    assert shown["Events"] == "119 | from 119 reports"
    assert shown["GRC → TUR | TUR → GRC"].startswith("40\u00a0|\u00a078 | and 1 of both; ")
    assert shown["Since 20 May 2024"].startswith("−0.7")
    assert "▼" in shown["Since 20 May 2024"]
    assert re.match(r"−0\.\d\d \| 90%: −0\.\d\d, −0\.\d\d", shown["Balance"])


def test_the_index_chart_draws_the_gap_the_break_and_every_mark(page):
    figure = spec(page("dyad", a="GRC", b="TUR"), "Relation index of Greece and Türkiye")
    rectangles = [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    assert [(s["x0"][:10], s["x1"][:10]) for s in rectangles] == [("2024-03-11", "2024-03-18")]
    solid = [
        s for s in figure["layout"]["shapes"]
        if s["type"] == "line" and s["x0"] == s["x1"] and "dash" not in s["line"]
    ]  # fmt: skip
    assert [s["x0"][:10] for s in solid] == ["2024-05-20"]
    marks = [t for t in figure["data"] if t.get("name") in {"material conflict", "verbal cooperation"}]
    assert sum(len(t["customdata"]) for t in marks) == 117  # the two without an issue are in no lane


def test_lanes_and_unit_are_the_readers_choice_and_in_the_url(page):
    at = page("dyad", a="GRC", b="TUR")
    at.selectbox(key="lane").set_value("type").run()
    at.selectbox(key="unit").set_value("month").run()
    assert not at.exception
    figure = spec(at, "Relation index")
    assert figure["layout"]["yaxis2"]["ticktext"][0] == "Sanction"
    assert at.query_params["lane"] == "type"
    assert at.query_params["unit"] == "month"
    assert "by month, smoothed" in html(at)


def test_both_directions_and_the_fields_of_conflict(page):
    at = page("dyad", a="GRC", b="TUR")
    mirror = spec(at, "Events by type and direction")
    assert mirror["data"][0]["y"] == ["Support", "Agree", "Sanction"]
    assert sum(mirror["data"][0]["x"]) == 40
    assert sum(mirror["data"][1]["x"]) == 78
    assert "1 of 119 acts are of both" in html(at)
    issues = spec(at, "Events by domain over time")
    assert issues["layout"]["yaxis"]["ticktext"] == ["trade"]


def test_meetings_places_and_what_is_coming(page):
    text = html(page("dyad", a="GRC", b="TUR"))
    assert "Ana Ruiz – Can Demir" in text
    assert "minister, envoy" in text
    assert "Athens, Greece" in text
    assert "Greece declared its readiness to cooperate with Türkiye" in text
    assert "What is coming" in text


def test_the_chronology_tells_sentences_with_footnotes_to_articles(page):
    at = page("dyad", a="GRC", b="TUR")
    text = html(at)
    assert text.count('class="en en-chron"') >= 8
    assert "Showing 8 of 119 events" in text
    assert "imposed sanctions on" in text
    notes = [b for b in at.button if (b.key or "").startswith("chron_") and b.key != "chron_more"]
    assert [b.label for b in notes[:3]] == ["1", "2", "3"]
    assert "<b>1</b><div>Outlet" in text
    at.button(key="chron_more").click().run()
    assert "Showing 16 of 119 events" in html(at)


def test_a_footnote_opens_the_evidence(page):
    at = page("dyad", a="GRC", b="TUR")
    note = next(b for b in at.button if (b.key or "").startswith("chron_") and b.key != "chron_more")
    note.click().run()
    assert not at.exception
    text = html(at)
    assert "Event 1 of 8 on this page" in text
    assert 'class="en-mark en-source"' in text


def test_a_click_on_a_mark_opens_its_evidence(page):
    at = page("dyad", a="GRC", b="TUR")
    event_id = trace(spec(at, "Relation index"), "material conflict")["customdata"][0][0]
    at.session_state["_clicked_event"] = (event_id,)
    at.run()
    assert f"Event {event_id}" in html(at)


def test_swapping_turns_the_page_round(page):
    at = page("dyad", a="GRC", b="TUR")
    at.button(key="swap").click().run()
    assert "Türkiye and Greece</h1>" in html(at)
    assert figures(at)["TUR → GRC | GRC → TUR"].startswith("78\u00a0|\u00a040 | ")
    assert at.query_params["a"] == "TUR"


def test_the_pair_comes_from_the_sidebar_or_is_the_busiest(page):
    assert "Greece and Türkiye</h1>" in html(page("dyad"))
    at = page("dyad", party=["FRA", "ITA"])
    assert "France and Italy</h1>" in html(at)
    at = page("dyad", party="FRA")
    assert "France and Türkiye</h1>" in html(at)


def test_few_events_have_no_index_and_are_listed(page):
    at = page("dyad", a="FRA", b="TUR")
    text = html(at)
    assert "Two events: too few for an index." in text
    assert text.count('class="en en-chron"') == 2
    assert not [c for c in at.get("plotly_chart") if c.proto.alt.startswith("Relation index")]


def test_no_event_names_partners_and_filters(page):
    at = page("dyad", a="FRA", b="GRC")
    assert "No events between France and Greece." in html(at)
    links = [link.proto.label for link in at.get("page_link")]
    assert "Türkiye (2)" in links
    at = page("dyad", a="GRC", b="TUR", sure="0.95")
    assert "The filters leave 0 of 119 of this dyad." in html(at)
    at.button(key="relax_all").click().run()
    assert figures(at)["Events"] == "119 | from 119 reports"


def test_the_period_before_is_beside_the_figures(page):
    at = page("dyad", a="GRC", b="TUR", **{"from": "2024-05-20", "to": "2024-09-30"})
    shown = figures(at)
    assert shown["Events"] == "58 | from 58 reports, before 54"
    assert "▼" in shown["Balance"]
    assert "before +0.3" in shown["Balance"]


def test_another_dyad_or_period_is_set_beside_it(page):
    at = page("dyad", a="GRC", b="TUR", vs="Another period", vs_from="2024-01-01", vs_to="2024-03-31")
    text = html(at)
    assert "1 Jan – 31 Mar 2024" in text
    assert "<th" in text
    assert re.search(r"<td[^>]*>Events</td><td[^>]*>119</td><td[^>]*>38</td>", text)
    at = page("dyad", a="GRC", b="TUR", vs="Another dyad", c="FRA", d="TUR")
    assert re.search(r"<td[^>]*>Events</td><td[^>]*>119</td><td[^>]*>2</td>", html(at))
    assert "No clear difference" in html(at)


def test_a_bloc_stands_for_its_members_on_request(page):
    at = page("dyad", a="EU", b="TUR")
    assert "No events between EU and Türkiye." in html(at)
    at.toggle(key="members").set_value(True).run()
    assert not at.exception
    assert figures(at)["Events"] == "121 | from 121 reports"  # Greece and France
    assert "organisations with their members" in html(at)


def test_the_timeline_draws_index_lanes_volume_and_coverage(page):
    at = page("timeline")
    figure = spec(at, "Relation index, ")
    assert sum(trace(figure, "volume, cooperation")["y"]) - sum(trace(figure, "volume, conflict")["y"]) == 122
    assert sum(trace(figure, "coverage")["y"]) == 122
    strip = spec(at, "Events by week in all")
    assert strip["layout"]["dragmode"] == "select"  # on a chart of its own: else no mark could be clicked on
    assert strip["layout"]["xaxis"]["range"] == figure["layout"]["xaxis"]["range"]
    assert sum(n or 0 for n in strip["data"][0]["y"]) == 122
    assert figure["layout"]["dragmode"] is False
    assert "raw numbers: the same outlets tell 3 events of all dyads in a median week" in html(at)
    assert "Balance fell from" in html(at)
    assert len(at.dataframe[0].value) == 50


def chart_state(**selection) -> SimpleNamespace:
    return SimpleNamespace(session_state={"chart": {"selection": selection}})


def test_a_brushed_span_becomes_the_period(page, monkeypatch):
    box = {"x": ["2024-06-30 12:00", "2024-03-04 01:02:03.5"]}
    fake = chart_state(points=[], box=[box])
    with monkeypatch.context() as patch:
        patch.setattr(relations, "st", fake)
        relations.chosen("chart")
    assert (fake.session_state["from"], fake.session_state["to"]) == (date(2024, 3, 4), date(2024, 6, 30))
    at = page("timeline", **{"from": "2024-03-04", "to": "2024-06-30"})
    assert "4 March – 30 June 2024" in html(at)
    assert trace(spec(at, "Relation index, "), "coverage")["y"][:2] == [3, 0]


def test_a_click_on_one_mark_is_remembered(monkeypatch):
    one, two = {"customdata": ["e1"]}, {"customdata": ["e2"]}
    several = {"customdata": ["2024-03-01", "trade", "conflict"]}
    for points, wanted in (
        ([one], ("e1",)),
        ([one, one], ("e1",)),
        ([several], ("2024-03-01", "trade", "conflict")),
        ([one, two], None),
        ([{"x": 1}], None),
        ([], None),
    ):
        fake = chart_state(points=points, box=[])
        monkeypatch.setattr(relations, "st", fake)
        relations.chosen("chart")
        assert fake.session_state.get("_clicked_event") == wanted


def test_of_many_events_the_lanes_draw_periods_that_open_their_events(page, monkeypatch):
    monkeypatch.setattr(charts, "MARKS", 100)
    at = page("timeline")
    figure = spec(at, "Relation index, ")
    marks = [t for t in figure["data"] if t.get("name") in QUAD_CLASSES]
    drawn = {tuple(data): text for t in marks for data, text in zip(t["customdata"], t["text"], strict=True)}
    assert (
        "<b>Week of 20 May 2024</b>, trade<br>2 conflictual events, 2 of them done"
        in drawn["2024-05-20", "trade", "conflict"]
    )
    assert sum(int(text.split("<br>")[1].split()[0]) for text in drawn.values()) == 117
    [energy] = [t for t in marks if ["2024-01-01", "energy", "cooperation"] in t["customdata"]]
    assert energy["name"] == "verbal cooperation"  # that is how most of them are done
    assert (
        "one mark a week and lane for cooperation, one for conflict, by number of events (the largest 2)"
        in html(at)
    )
    at.session_state["_clicked_event"] = ("2024-05-20", "trade", "conflict")
    at.run()
    assert "Event 1 of 2 of conflict, trade, week of 20 May 2024, those told most first" in html(at)


def test_a_mark_of_several_events_keeps_the_filters(page, monkeypatch):
    monkeypatch.setattr(charts, "MARKS", 30)
    at = page("timeline", about="trade", **{"class": "material conflict"})
    at.session_state["_clicked_event"] = ("2024-05-20", "energy", "conflict")
    at.run()
    assert not at.exception
    assert "Event 1 of" not in html(at)  # no event of that week is of both domains
    at.session_state["_clicked_event"] = ("2024-05-20", "trade", "conflict")
    at.run()
    assert "Event 1 of 2 of conflict, trade" in html(at)


def test_unusual_weeks_list_the_events_that_made_them(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    items = [told(n, FIRST + timedelta(days=7 * n), "GRC", "TUR", "ACCUSE") for n in range(20)]
    items += [told(100 + n, FIRST + timedelta(days=7 * 19 + 1), "TUR", "GRC", "SANCTION") for n in range(6)]
    Store(tmp_path / "store").add(items, own(*items))
    at = run("dyad", a="GRC", b="TUR")
    text = html(at)
    assert "Unusually much conflict: week of 13 May 2024" in text
    assert "Week of 13 May 2024: 7 conflictual events, 1.0 expected" in text
    buttons = [b for b in at.button if (b.key or "").startswith("alarm0_")]
    assert len(buttons) == 3
    buttons[0].click().run()
    assert "Event 1 of 3 on this page" in html(at)


def test_an_empty_store_asks_for_articles(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    assert "No events yet." in html(run("timeline"))
    assert "No events yet." in html(run("dyad"))


def test_hostile_places_stay_text(page):
    text = html(page("dyad", a="FRA", b="ITA"))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_overview_leads_to_the_dyad(page):
    links = [link.proto for link in page().get("page_link")]
    assert any(link.label == "Greece – Türkiye" and "a=GRC" in str(link) for link in links)
