"""What only a browser shows: the map drawn offline, fonts, clicks, narrow windows, both themes."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAND = ".st-key-map .choroplethlayer path, .st-key-map .layer.land path"


def colour(page, selector: str, name: str) -> str:
    return page.eval_on_selector(selector, f"e => getComputedStyle(e)['{name}']")


@pytest.mark.parametrize(("theme", "canvas"), [("light", "rgb(246, 245, 241)"), ("dark", "rgb(15, 19, 23)")])
def test_the_overview_is_drawn_offline_in_both_themes(visit, theme, canvas):
    page = visit(theme).open()
    page.wait_for_function(f"document.querySelectorAll(`{LAND}`).length > 3")
    page.locator(".st-key-map text", has_text="China – US").first.wait_for()
    assert page.locator(".st-key-map path.js-line, .st-key-map .scattergeo path").count() > 6
    page.locator(".st-key-periods .bars path").first.wait_for()
    assert colour(page, ".stApp", "backgroundColor") == canvas
    assert page.locator(".en-fig b").first.inner_text() == "28"


def test_the_fonts_are_ours(visit):
    page = visit().open()
    page.wait_for_function(
        "['600 27px \"IBM Plex Serif\"','400 14px \"IBM Plex Sans\"'].every(f => document.fonts.check(f))"
    )
    loaded = page.evaluate(
        "document.fonts.ready.then(s => [...s].filter(f => f.status === 'loaded').map(f => f.family + ' ' + f.weight))"
    )
    assert {"IBM Plex Serif 600", "IBM Plex Sans 100 700"} <= {name.replace('"', "") for name in loaded}


def test_a_row_opens_its_evidence_and_the_next_one(visit):
    seen = visit(size=(1440, 1800))
    page = seen.open()
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 37 * 1.5)
    drawer = page.locator("[role=dialog]")
    drawer.locator(".en-article .en-source").first.wait_for()
    assert "Event 1 of 28 on this page" in drawer.inner_text()
    assert drawer.locator(".en-source .en-actor").count() == 1  # the shorter span nests inside the longer
    assert "<script>" in drawer.locator(".en-title").inner_text()
    drawer.get_by_role("button", name="Next").click()
    drawer.get_by_text("Event 2 of 28 on this page").wait_for()
    drawer.get_by_text("Open the article").click()
    page.get_by_text("event in this article").wait_for()
    assert "owned" not in page.title()
    assert "id=" in page.url


def test_filters_live_in_the_url_and_in_chips(visit):
    page = visit().open("?party=RUS&sure=0.5")
    page.get_by_role("button", name=re.compile("Parties Russia")).wait_for()
    assert page.locator(".en-fig b").first.inner_text() == "14"
    page.get_by_role("button", name=re.compile("Parties Russia")).click()
    page.wait_for_function("document.querySelector('.en-fig b').innerText === '28'")
    page.wait_for_function("!location.search.includes('party')")
    page.get_by_role("link", name="Articles", exact=True).click()
    page.get_by_text("28 articles stored").wait_for()
    page.wait_for_function("location.search.includes('sure=0.5')")


@pytest.mark.parametrize("width", [820, 390])
def test_a_narrow_window_has_one_stack_and_no_sideways_scroll(visit, width):
    page = visit(size=(width, 900)).open()
    page.locator(".st-key-card_dyads").wait_for()
    page.locator(".st-key-periods .bars path").first.wait_for(state="attached")
    over = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"
    )
    assert over <= 1
    charts, lists = (page.locator(f".st-key-card_{name}").bounding_box() for name in ("map", "dyads"))
    assert abs(charts["x"] - lists["x"]) < 2


@pytest.mark.parametrize("path", ["reporters", "articles", "add", "about", "article?id=none"])
def test_each_page_opens_at_its_own_address(visit, path):
    page = visit().open(path)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator(".stSidebar").get_by_role("link", name="Overview").count() == 1


def test_the_four_rules_that_no_theme_key_reaches(visit):
    page = visit("dark").open("add")
    page.locator(".st-key-paste_text textarea").fill(
        "OSLO, May 6, 2024. Norway expelled two Russian diplomats on Monday."
    )
    page.locator(".st-key-read_paste button").click()
    save = page.locator(".st-key-save_paste button")
    save.wait_for()
    assert save.evaluate("e => getComputedStyle(e).color") == "rgb(15, 19, 23)"
    page = visit("dark").open("?party=RUS")
    tag = page.locator(".stMultiSelect [data-tag]").first
    tag.wait_for()
    assert tag.evaluate("e => getComputedStyle(e).color") == "rgb(15, 19, 23)"
    assert page.locator(".st-key-more_map button > div > div[aria-hidden=true]").first.is_hidden()
    assert colour(page, ".stMainBlockContainer", "paddingLeft") == "35px"


def row_of(page, number: int) -> None:
    """Click the box of a row of the (first) table."""
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 37 * (number + 0.5))


def test_the_table_is_downloaded_with_formulas_made_harmless(visit):
    page = visit(size=(1440, 1800)).open()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="All as CSV").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 28
    assert {"event_id", "date", "source", "target", "event_type", "sentence", "dataset"} <= set(rows[0])
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row.values())


def test_a_closed_drawer_stays_closed_when_a_filter_changes(visit):
    page = visit(size=(1440, 1800)).open()
    row_of(page, 2)
    drawer = page.locator("[role=dialog]")
    drawer.locator(".en-article").first.wait_for()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    page.get_by_text("Verb. conf.").click()
    page.get_by_role("button", name=re.compile("Class")).first.wait_for()
    page.wait_for_timeout(2500)
    assert drawer.count() == 0
    row_of(page, 1)  # and a row can be chosen again
    drawer.locator(".en-article").first.wait_for()


def test_opening_an_article_keeps_the_filters(visit):
    page = visit().open("articles?party=CHN&class=verbal+cooperation")
    page.get_by_role("button", name=re.compile("Parties")).first.wait_for()
    row_of(page, 1)
    page.wait_for_url(re.compile(r"/article\?.*id="))
    page.get_by_text("All articles").wait_for()
    assert "party=CHN" in page.url
    assert "class=verbal" in page.url
