"""The ⋯ menu of a card: what it offers once it is open, and what it says where no Chrome is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from events.briefing import pictures
from events.dashboard import export
from events.schema import CodedArticle, Issue, Place
from events.store import Store
from tests.store_helpers import make_article, make_report, own

DASHBOARD = Path(__file__).resolve().parents[2] / "events" / "dashboard"
PAGES = {
    "overview": ("map", "periods"),
    "map": ("map",),
    "timeline": ("timeline",),
    "dyad": ("index", "mirror", "issues"),
    "network": ("matrix", "cell"),
    "issues": ("multiples", "topics", "treemap"),
}
"""Cards with a chart, by page."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("menu") / "store"
    items = []
    for number in range(40):
        day = f"2024-{1 + number % 9:02}-{1 + number % 27:02}"
        source, target = (("RUS", "UKR"), ("UKR", "RUS"), ("FRA", "DEU"))[number % 3]
        article = make_article(f"{source} and {target}, article {number}.", day, f"Outlet {number % 4}")
        report = make_report(
            article, source, target, ("CONSULT", "ACCUSE", "SUPPORT")[number % 3], date=day, confidence=0.9,
            place=Place("Kyiv", "UKR", 50.45, 30.52, "city"), issues=(Issue("tariffs", "trade", 0, 3),),
        )  # fmt: skip
        items.append(CodedArticle(article, (report,)))
    Store(place).add(items, own(*items))
    return place


@pytest.fixture
def start(monkeypatch, folder):
    monkeypatch.setenv("ENTENTE_STORE", str(folder))

    def run(page: str, *menus: str) -> AppTest:
        app = AppTest.from_file(str(DASHBOARD / "main.py"), default_timeout=60)
        for name in menus:
            app.session_state[f"menu_{name}"] = True
        app.switch_page(str(DASHBOARD / "app_pages" / f"{page}.py"))
        app.run()
        assert not app.exception
        return app

    return run


def offered(app: AppTest, card: str) -> list[str]:
    """What the open menu of a card offers as files, by ending."""
    keys = [button.key for button in app.get("download_button")]
    return [key.removesuffix(f"_{card}") for key in keys if key.endswith(f"_{card}")]


def test_a_closed_menu_holds_nothing(start):
    app = start("overview")
    assert not offered(app, "map")
    assert not app.get("code")


@pytest.mark.parametrize("page", PAGES)
def test_every_chart_can_be_taken_out(start, monkeypatch, page):
    monkeypatch.setattr(pictures, "chrome", lambda: "/usr/bin/chrome")
    monkeypatch.setattr(pictures, "warm", lambda: None)
    app = start(page, *PAGES[page])
    for card in PAGES[page]:
        assert offered(app, card) == ["png", "svg", "pdf", "html", "csv", "zip"]
        assert app.selectbox(f"size_{card}").options[0] == "Slide, 16:9"


def test_without_chrome_the_menu_says_so_beforehand(start, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    app = start("overview", "periods")
    assert offered(app, "periods") == ["html", "csv", "zip"]
    assert any("need Chrome on this server" in text.value for text in app.markdown)


def test_a_list_offers_its_table_alone(start):
    app = start("overview", "dyads")
    assert offered(app, "dyads") == ["csv"]


def test_the_address_restores_the_view(monkeypatch):
    monkeypatch.setattr(type(st.context), "url", property(lambda _: "http://host/dyad"))
    app = AppTest.from_string(
        "import streamlit as st\nfrom events.dashboard.export import address\nst.text(address())"
    )
    app.query_params["class"] = ["verbal conflict", "material conflict"]
    app.run()
    assert app.text[0].value == "http://host/dyad?class=verbal+conflict&class=material+conflict"


def test_files_are_named_by_what_they_show():
    assert export._name("Russia – Türkiye: −0.4") == "entente-russia-türkiye-0-4"
    assert export._name("🤝") == ""
    assert len(export._name("word " * 100)) <= 68
