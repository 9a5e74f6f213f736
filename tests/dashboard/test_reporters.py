"""The page Who reports it, the card of that name on the page Dyad, the filter, and adding by web address."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from events.charts import tellers
from events.charts.theme import LIGHT
from events.dashboard import coding, telling
from events.queries import Queries
from events.read import Rejected, Visitor
from events.schema import Article, CodedArticle, Selection
from events.store import Store
from tests.made_documents import BODY, TITLE
from tests.store_helpers import make_article, make_report, own

MAIN = Path(__file__).resolve().parents[2] / "events" / "dashboard" / "main.py"
HOSTILE = "<script>alert(1)</script> & **bold**"


def told(number: int, outlet: str, kind: str) -> CodedArticle:
    article = make_article(f"Russia and Ukraine, article {number}.", f"2024-01-{number % 28 + 1:02}", outlet)
    report = make_report(article, "RUS", "UKR", kind, date=article.published)
    return CodedArticle(article, (report,))


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """Eight Russian tellings of talks, eight British of assaults, one of an outlet with a hostile name."""
    folder = tmp_path_factory.mktemp("reporters") / "store"
    coded = [told(n, "TASS", "CONSULT" if n else "AID") for n in range(8)]
    coded += [told(n, "Reuters", "ASSAULT" if n % 7 else "ACCUSE") for n in range(20, 28)]
    coded += [told(40, HOSTILE, "ASSAULT")]
    Store(folder).add(coded, own(*coded))
    return folder


@pytest.fixture
def page(filled, monkeypatch):
    def run(name: str, **query: str) -> AppTest:
        monkeypatch.setenv("ENTENTE_STORE", str(filled))
        at = AppTest.from_file(str(MAIN), default_timeout=90)
        at.switch_page(f"app_pages/{name}.py")
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, at.exception
        return at

    return run


def html(at: AppTest) -> str:
    return "\n".join(item.value if hasattr(item, "value") else item.proto.body for item in at.get("html"))


def test_countries_are_compared_with_their_intervals(page):
    at = page("reporters")
    said = html(at)
    assert "Outlets of the United Kingdom tell more conflict than outlets of Russia" in said
    assert "the registry knows the outlets of 16 of 17 reports" in said
    spec = json.loads(at.get("plotly_chart")[0].proto.spec)
    bars = next(trace for trace in spec["data"] if trace["name"] == "events")
    assert [list(map(int, bars["text"])), bars["customdata"]] == [[8, 8, 1], ["GBR", "RUS", ""]]
    assert "Not in the registry" in at.get("plotly_chart")[0].proto.spec


def test_one_by_one_names_are_escaped(page):
    at = page("reporters", told_by="outlet")
    said = html(at)
    assert "Reuters" in said
    assert "<script>alert(1)" not in said
    assert "<script>alert(1)" not in at.get("plotly_chart")[0].proto.spec
    assert "&lt;script&gt;" in said


def test_the_selection_is_cut_to_what_a_country_reports(page):
    filtered = page("reporters", from_country="GBR")
    assert filtered.session_state["_selection"].outlet_countries == ("GBR",)
    assert "8 events" in html(filtered)
    assert "reported from UK" in html(filtered)


def test_kinds_filter_other_pages_too(page):
    at = page("events", from_kind="state")
    assert at.session_state["_selection"].outlet_kinds == ("state",)
    assert "8 events" in html(at) or "n = 8" in html(at)


def test_a_filter_that_leaves_nothing_says_so(page):
    assert "No events match." in html(page("reporters", from_country="FRA"))


def test_the_dyad_page_tells_who_reports_it(page):
    said = html(page("dyad", dyad="RUS-UKR"))
    assert "Who reports it" in said
    assert "Outlets of" in said


@pytest.mark.parametrize("by", ["country", "kind", "outlet"])
def test_the_chart_draws_none_one_and_all(filled, by):
    table = Queries(Store(filled)).tellers(Selection(), by)
    nothing = table.assign(
        **dict.fromkeys(("mean_low", "mean_high", "share_low", "share_high"), float("nan"))
    )
    for count in (0, 1, len(table)):
        part = nothing.head(count)
        assert len(tellers.figure(part, by, LIGHT).to_json()) > 100
        assert tellers.title(part, by)
        assert tellers.alt(part, by).startswith("Who reports it.")
        assert telling.known_note(part)


# -- adding by web address


def test_addresses_are_read_previewed_and_saved(monkeypatch, tmp_path):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "fresh"))
    found = Article.of(
        "\n\n".join(BODY), title=TITLE, published="2024-05-14", url="https://a.example/1", outlet="A"
    )
    asked: list[str] = []

    def read(url: str, *, limit: int, visitor: Visitor):
        asked.append(url)
        assert (limit, visitor.tries) == (coding.LISTED, 1)
        yield (
            replace(found, origin=url)
            if url.endswith("1")
            else Rejected(url, None, "there is <b>no</b> such page")
        )

    monkeypatch.setattr(coding, "read_address", read)
    at = AppTest.from_file(str(MAIN), default_timeout=90)
    at.session_state["add_by"] = "Web addresses"
    at.switch_page("app_pages/add.py").run()
    assert not at.exception
    at.text_area(key="web_urls").set_value("https://a.example/1\n\nhttps://a.example/2\nhttps://a.example/1")
    at.run()
    at.button(key="read_web").click().run()
    assert not at.exception
    assert asked == ["https://a.example/1", "https://a.example/2"]
    said = html(at)
    assert "there is &lt;b&gt;no&lt;/b&gt; such page" in said
    assert "1 article" in said
    assert Store(tmp_path / "fresh").is_empty()
    at.button(key="save_web").click().run()
    assert not at.exception
    assert Store(tmp_path / "fresh").has_articles([found.article_id]) == {found.article_id}


def test_the_registry_stands_on_the_page_about_the_data(page):
    table = telling.registry()
    assert len(table) >= 250
    assert table["Outlet"].nunique() > 0.95 * len(table)  # an outlet of several domains has one row
    shown = html(page("about"))
    assert f"{len(table)} outlets of {table['Country'].nunique()} countries" in shown
    assert "run or controlled by a government" in shown
