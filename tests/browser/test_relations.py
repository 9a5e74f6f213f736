"""Real clicks on the Dyad and Timeline pages: pick a dyad and read its evidence, brush a span, click a mark."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def settled(page) -> None:
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")


def pick(page, label: str, name: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(name)
    page.get_by_role("option", name=name, exact=True).first.click()


def test_three_clicks_from_the_overview_to_the_words(visit):
    page = visit(size=(1440, 1400)).open()
    page.get_by_role("link", name="Russia – Ukraine").click()
    page.get_by_role("heading", name="Russia and Ukraine").wait_for()
    page.wait_for_url(re.compile(r"/dyad\?.*a=RUS&b=UKR"))
    page.locator(".st-key-index .scatterlayer .point").first.wait_for()
    assert "7" in page.locator(".en-fig b").first.inner_text()
    page.locator("[class*='st-key-chron_'] button").first.click()
    drawer = page.locator("[role=dialog]")
    drawer.locator(".en-article .en-source").first.wait_for()
    assert "Event 1 of 7 on this page" in drawer.inner_text()
    assert "owned" not in page.title()


def test_a_picked_pair_is_in_the_address_and_comes_back(visit):
    page = visit().open("dyad?a=RUS&b=UKR")
    page.get_by_role("heading", name="Russia and Ukraine").wait_for()
    pick(page, "Party B", "NATO")
    page.get_by_role("heading", name="Russia and NATO").wait_for()
    page.wait_for_function("location.search.includes('b=NATO')")
    page.get_by_role("button", name="⇄").click()
    page.get_by_role("heading", name="NATO and Russia").wait_for()
    page.wait_for_function("location.search.includes('a=NATO')")
    page.reload()
    page.get_by_role("heading", name="NATO and Russia").wait_for()


def test_a_brushed_span_is_the_period_of_every_page(visit):
    page = visit(size=(1440, 1200)).open("timeline")
    area = page.locator(".st-key-brush .nsewdrag").first
    area.wait_for()
    settled(page)
    box = area.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=8)
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=8)
    page.mouse.up()
    page.get_by_role("button", name=re.compile("Period")).first.wait_for()
    page.wait_for_function(
        "location.search.includes('from=2024-03-') && location.search.includes('to=2024-03-')"
    )
    chip = page.get_by_role(
        "button", name=re.compile(r"Period \d+ – \d+ Mar 2024|Period \d+ Mar – \d+ Mar 2024")
    )
    chip.wait_for()
    page.get_by_role("link", name="Overview", exact=True).click()
    page.locator(".st-key-card_map").wait_for()
    assert 0 < int(page.locator(".en-fig b").first.inner_text()) < 28


def test_a_click_on_a_mark_opens_its_words(visit):
    page = visit(size=(1440, 1200)).open("dyad?a=RUS&b=UKR")
    mark = page.locator(".st-key-index .scatterlayer .point").last
    mark.wait_for()
    settled(page)
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(".st-key-index .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    drawer = page.locator("[role=dialog]")
    drawer.locator(".en-article .en-source").first.wait_for()
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    page.get_by_role("button", name="⇄").click()
    page.get_by_role("heading", name="Ukraine and Russia").wait_for()
    page.wait_for_timeout(1500)
    assert drawer.count() == 0  # it does not come back by itself


def test_a_click_on_a_mark_of_the_timeline_opens_its_words(visit):
    page = visit(size=(1440, 1200)).open("timeline")
    mark = page.locator(".st-key-timeline .scatterlayer .trace:has(path.point)").last.locator(".point").last
    mark.wait_for()
    settled(page)
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(".st-key-timeline .hoverlayer .hovertext").first.wait_for()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("[role=dialog] .en-article .en-source").first.wait_for()
    assert "from=" not in page.url


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 820])
def test_no_sideways_scroll_and_no_label_cut_off(visit, theme, width):
    page = visit(theme, size=(width, 1000)).open("dyad?a=RUS&b=UKR")
    page.locator(".st-key-index .scatterlayer .point").first.wait_for(state="attached")
    settled(page)
    over = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"
    )
    assert over <= 1
    cut = page.evaluate(
        """(() => { const svg = document.querySelector('.st-key-index .main-svg').getBoundingClientRect();
        return [...document.querySelectorAll('.st-key-index .annotation-text, .st-key-index .ytick text')]
        .map(t => [t.textContent, t.getBoundingClientRect()])
        .filter(([, r]) => r.left < svg.left - 1 || r.right > svg.right + 1).map(([t]) => t) })()"""
    )
    assert cut == []
