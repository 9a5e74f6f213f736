"""The pages by their values, run headless from the dashboard's main script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from events.schema import Article, CodedArticle, Issue, Place, Span
from events.store import Store
from tests.store_helpers import make_article, make_report, own, simple

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & **bold** ✕ \u202e"


def dated(day: str, source: str, target: str, kind: str, outlet: str = "Daily", **values) -> CodedArticle:
    article = make_article(f"{source} and {target} on {day} ({kind}).", day, outlet, title=f"{kind} of {day}")
    return CodedArticle(article, (make_report(article, source, target, kind, date=day, **values),))


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """Eight events of three dyads, one article without events, one in German, one hostile."""
    folder = tmp_path_factory.mktemp("dashboard") / "store"
    kyiv = Place("Kyiv", "UKR", 50.45, 30.52, "city")
    coded = [
        dated("2024-01-05", "RUS", "UKR", "ASSAULT", place=kyiv, confidence=0.9),
        dated("2024-01-06", "RUS", "UKR", "THREATEN", confidence=0.4),
        dated("2024-02-06", "UKR", "RUS", "ACCUSE", confidence=0.8),
        dated("2024-02-10", "RUS", "UKR", "ASSAULT", outlet="Wire", confidence=0.8),
        dated("2024-03-01", "FRA", "DEU", "CONSULT", symmetric=True, confidence=0.7),
        dated(
            "2024-03-02", "DEU", "FRA", "SUPPORT", confidence=0.7, issues=(Issue("tariffs", "trade", 0, 3),)
        ),
        dated("2024-04-01", "NATO", "UKR", "AID", confidence=0.9),
        dated("2023-12-01", "RUS", "UKR", "ACCUSE", confidence=0.9, status="background"),
        CodedArticle(
            make_article("Ein deutscher Text.", "2024-04-02"), (), "written in German; only English is coded"
        ),
        CodedArticle(make_article("Nothing happened.", "2024-04-03", title="Calm")),
        hostile(),
    ]
    Store(folder).add(coded, own(*coded))
    return folder


def hostile() -> CodedArticle:
    text = f"{HOSTILE}\nParis {HOSTILE} warned Rome.\n\nA second paragraph."
    article = Article(
        article_id="a" * 20,
        text=text,
        title=HOSTILE,
        published="2022-05-01",
        outlet=HOSTILE,
        url="javascript:alert(3)",
    )
    start = text.index("Paris")
    words = Span(start, start + 5, "Paris")
    sentence = Span(start, text.index("Rome.") + 5, text[start : text.index("Rome.") + 5])
    report = make_report(
        article, "FRA", "ITA", "THREATEN", date="2022-05-01", sentence=sentence,
        evidence={"source": (words,), "event_type": (Span(start, start + 9, text[start : start + 9]),)},
        place=Place(HOSTILE, "ITA", None, None, "region"), confidence=0.9,
    )  # fmt: skip
    return CodedArticle(article, (report,))


@pytest.fixture
def page(filled, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(filled))
    return run


def run(path: str = "", **query) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    if path:  # else the overview is drawn
        at.switch_page(f"app_pages/{path}.py")
    at.run()
    assert not at.exception, at.exception
    return at


def html(at: AppTest) -> str:
    return "\n".join(
        element.proto.body for element in at.get("html") if not element.proto.body.startswith("<style")
    )


def figures(at: AppTest) -> dict[str, str]:
    found = re.findall(r'<div class="en-fig"><span>(.*?)</span><b>(.*?)</b><span>(.*?)</span>', html(at))
    return {name: f"{figure} | {below}" for name, figure, below in found}


def chart(at: AppTest, number: int) -> dict:
    return json.loads(at.get("plotly_chart")[number].proto.spec)


def click(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def test_the_headline_figures_are_the_stores(page):
    assert figures(page()) == {
        "Events": "9 | from 9 reports",
        "Mean intensity": "−1.5 | 90%: −5.4, +2.4",
        "Share in conflict": "67% | 90%: 40%, 86%",
        "Active dyads": "4 | pairs with an event",
        "Coverage": "9 | articles from 3 outlets",
    }


def test_map_and_bars_draw_the_selection(page):
    at = page()
    drawn = {trace.get("name"): trace for trace in chart(at, 0)["data"]}
    assert drawn["states"]["locations"] == ["UKR", "RUS"]
    assert drawn["seats"]["text"] == ["NATO"]
    bars = chart(at, 1)["data"]
    assert sum(abs(y) for bar in bars for y in bar["y"]) == 9
    assert json.loads(at.get("plotly_chart")[0].proto.config)["topojsonURL"] == "app/static/topojson/"
    assert "Ukraine" in at.get("plotly_chart")[0].proto.alt


def test_the_table_lists_events_newest_first(page):
    table = page().dataframe[0].value
    assert table.iloc[:3, :4].to_numpy().tolist() == [
        ["1 Apr 2024", "NATO → UKR", "● Aid", "+10.0"],
        ["2 Mar 2024", "DEU → FRA", "○ Support", "+5.0"],
        ["1 Mar 2024", "FRA – DEU", "○ Consult", "+2.5"],
    ]


def test_filters_come_from_the_url_as_codes(page):
    at = page(party=["RUS", "NOBODY"], **{"class": "material conflict"}, sure="0.85")
    assert at.multiselect(key="party").value == ["RUS"]
    assert figures(at)["Events"] == "1 | from 1 report"
    labels = [button.label for button in at.button]
    assert any(label.startswith("Parties **Russia**") for label in labels)
    assert any(label.startswith("Class **material conflict**") for label in labels)
    assert any(label.startswith("Confidence **≥ 0\\.85**") for label in labels)


def test_a_chip_takes_its_filter_back_and_reset_takes_all(page):
    at = page(party="RUS", sure="0.85")
    assert figures(at)["Events"] == "2 | from 2 reports"
    click(at, "chip_min_confidence")
    assert figures(at)["Events"] == "5 | from 5 reports"
    click(at, "reset")
    assert figures(at)["Events"] == "9 | from 9 reports"
    assert not [button for button in at.button if (button.key or "").startswith("chip_")]


def test_the_sidebar_narrows_every_part(page):
    at = page()
    at.multiselect(key="about").set_value(["trade"]).run()
    assert figures(at)["Events"] == "1 | from 1 report"
    at.multiselect(key="about").set_value([]).run()
    at.toggle(key="states").set_value(True).run()
    assert figures(at)["Events"] == "8 | from 8 reports"
    at.pills(key="status").set_value(["occurred"]).run()
    assert figures(at)["Events"] == "7 | from 7 reports"


def test_the_period_counts_back_from_the_newest_event(page):
    at = page(period="90 d")
    assert figures(at)["Events"] == "7 | from 1"
    assert "3 January – 1 April 2024" in html(at)


def test_nothing_found_names_the_filter_to_relax(page):
    at = page(party="FRA", **{"class": "material conflict"})
    assert "No events match." in html(at)
    assert "Class material conflict leaves 0 of 3." in html(at)
    click(at, "relax")
    assert figures(at)["Events"] == "3 | from 3 reports"


def test_captions_say_period_number_filters_version_and_boundaries(page):
    text = html(page(party="RUS"))
    assert "1 Dec 2023 – 10 Feb 2024 · n = 5 events from 5 articles of 2 outlets · parties Russia · " in text
    assert "Articles, version 1 · Boundaries: visionscarto / Natural Earth, not an endorsement" in text


def test_an_empty_store_says_how_to_begin(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "none"))
    at = run()
    assert "No events yet." in html(at)
    assert not at.get("plotly_chart")
    assert "No articles yet." in html(run("articles"))


def test_samples_are_marked_and_step_aside(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    store = Store(tmp_path / "store")
    sample = dated("2020-01-01", "TUR", "GRC", "ACCUSE")
    store.add([sample], own(sample), dataset="samples")
    at = run()
    assert "Entente samples, version 1" in html(at)
    assert any("These are samples." in element.value for element in at.markdown)
    real = dated("2021-01-01", "IND", "CHN", "CONSULT")
    store.add([real], own(real))
    at = run()
    assert "Entente samples" not in html(at)
    assert figures(at)["Events"] == "1 | from 1 report"
    at = run(data="samples")
    assert "Entente samples, version 2" in html(at)


def test_a_store_that_cannot_be_read_is_told_in_plain_words(tmp_path, monkeypatch):
    (tmp_path / "letter.txt").write_text("not a store", encoding="utf-8")
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "letter.txt"))
    at = AppTest.from_file(str(MAIN), default_timeout=60).run()
    assert not at.exception
    assert "The store could not be read" in html(at)


def test_the_list_of_articles_says_what_was_coded_and_why_not(page):
    table = page("articles").dataframe[0].value.set_index("Title")
    assert table.loc["Calm", "Coding"] == "coded: no event found"
    assert table.loc["AID of 2024-04-01", "Events"] == 1
    assert "written in German" in " ".join(table["Coding"])
    assert len(table) == 11


def test_an_article_shows_its_words_and_fields(page, filled):
    store = Store(filled)
    assert store.version() == 1
    article = dated("2024-01-05", "RUS", "UKR", "ASSAULT").article
    at = page("articles", id=article.article_id)
    at.switch_page("app_pages/article.py").run()
    text = html(at)
    assert not at.exception
    assert "ASSAULT of 2024-01-05" in text
    assert 'class="en-mark en-source"' in text
    assert "Kyiv, Ukraine (city)" in text
    assert "5 Jan 2024, the day of publication" in text


def test_a_link_leads_to_one_event_of_an_article(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    coded = simple(3)
    Store(tmp_path / "store").add([coded], own(coded))
    first, second = coded.reports
    at = run("articles", id=coded.article.article_id, report=second.report_id)
    at.switch_page("app_pages/article.py").run()
    assert "Türkiye → Greece: accuse" in html(at)
    at.selectbox(key="report").set_value(first.report_id).run()
    assert "Greece – Türkiye: consult" in html(at)


def test_hostile_text_stays_text(page):
    at = page("articles", id="a" * 20)
    at.switch_page("app_pages/article.py").run()
    text = html(at)
    assert not at.exception
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not at.get("link_button")
    assert "<script" not in html(page())


def test_an_unknown_article_is_no_error(page):
    at = page("articles", id="nothing")
    at.switch_page("app_pages/article.py").run()
    assert not at.exception
    assert "No article of this id is in the store" in html(at)


def test_about_lists_the_sixteen_types_and_the_sources(page):
    text = html(page("about"))
    assert len(re.findall(r"</span>&nbsp;<b>", text[: text.index("F1 with 95% interval")])) == 16
    assert "Assault" in text
    assert "−9.0" in text


def test_pasting_previews_and_saves(tmp_path, monkeypatch):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    at = run("add")
    at.text_area(key="paste_text").set_value(
        "Ankara expels Greek diplomats\nANKARA, May 6, 2024. Türkiye expelled two Greek diplomats on Monday."
    ).run()
    assert not at.exception
    assert "1 event found" in html(at)
    assert "Türkiye → Greece: sanction (expel)" in html(at)
    assert Store(tmp_path / "store").version() == 0
    click(at, "save_paste")
    assert Store(tmp_path / "store").datasets() == {"articles": 1}
    assert "1 report from 1 article · store version 1" in html(at)
    assert at.text_area(key="paste_text").value == ""
    at.switch_page("app_pages/overview.py").run()
    assert figures(at)["Events"] == "1 | from 1 report"


@pytest.mark.parametrize("text", ["", "   \n  "])
def test_nothing_pasted_asks_for_a_text(tmp_path, monkeypatch, text):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "store"))
    at = run("add")
    at.text_area(key="paste_text").set_value(text).run()
    assert "The events appear here." in html(at)
    assert not [button for button in at.button if button.key == "save_paste"]
