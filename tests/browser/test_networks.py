"""Clicks that only a browser makes: a square of the matrix, a dot of the network, a tile, a row of the actors."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def mark(page, chart: str, trace: str, match: str) -> tuple[float, float]:
    """Return where the middle of a mark stands in the window: of `trace`, whose customdata contains `match`."""
    # While a click is answered, the old chart may still stand beside the new one.
    page.wait_for_function(
        f"""(() => {{
            const plots = document.querySelectorAll('.st-key-{chart} .js-plotly-plot');
            return plots.length === 1 && !!plots[0]._fullLayout?.xaxis?.d2p;
        }})()"""
    )
    page.locator(f".st-key-{chart} .js-plotly-plot").scroll_into_view_if_needed()
    place = page.evaluate(
        """([chart, trace, match]) => {
            const plot = document.querySelector(`.st-key-${chart} .js-plotly-plot`);
            const found = plot.data.find(t => t.name === trace);
            const at = found.customdata.findIndex(c => String(c) === match);
            const {xaxis, yaxis} = plot._fullLayout, size = plot.getBoundingClientRect();
            return [size.left + xaxis._offset + xaxis.d2p(found.x[at]), size.top + yaxis._offset + yaxis.d2p(found.y[at])];
        }""",
        [chart, trace, match],
    )
    return place[0], place[1]


def test_a_square_opens_its_panel_and_the_panel_the_evidence(visit):
    page = visit(size=(1440, 1200)).open("network")
    page.locator(".st-key-card_cell .en-ct").wait_for()
    page.mouse.click(*mark(page, "matrix", "cells", "RUS,UKR"))
    title = page.locator(".st-key-card_cell .en-ct", has_text="Russia → Ukraine")
    title.wait_for()
    page.wait_for_function("location.search.includes('cell=RUS-UKR')")
    page.mouse.click(*mark(page, "matrix", "cells", "BRA,CHN"))
    page.locator(".st-key-card_cell .en-ct", has_text="Brazil → China: cooperation outweighs").wait_for()
    page.locator(".st-key-list_cell button").first.click()
    drawer = page.locator("[role=dialog]")
    drawer.get_by_text("Event 1 of 5 on this page").wait_for()
    drawer.locator(".en-ct", has_text="Brazil → China").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".st-key-filter_cell button").click()
    page.get_by_role("button", name=re.compile("Dyad Brazil – China")).wait_for()
    page.wait_for_function("location.search.includes('dyad=BRA-CHN')")


def test_a_dot_of_the_network_opens_the_partys_panel(visit):
    page = visit(size=(1440, 1200)).open("network?shape=Network")
    page.mouse.click(*mark(page, "network", "parties", "NATO"))
    page.locator(".st-key-card_party .en-ct", has_text="NATO").wait_for()
    page.wait_for_function("location.search.includes('node=NATO')")
    page.locator(".st-key-open_party_RUS button").click()
    page.locator(".st-key-card_link .en-ct", has_text="NATO – Russia").wait_for()


def test_a_tile_of_the_treemap_filters_and_takes_it_back(visit):
    page = visit(size=(1440, 1600)).open("issues")
    tile = page.locator(".st-key-treemap .treemaplayer g.slice", has_text="tariffs").last.locator(
        "path.surface"
    )
    tile.wait_for()
    tile.scroll_into_view_if_needed()
    tile.click(force=True)
    page.get_by_role("button", name=re.compile("Issue tariffs")).wait_for()
    page.wait_for_function("location.search.includes('about=tariffs')")
    page.wait_for_function("document.querySelectorAll('.st-key-treemap .js-plotly-plot').length === 1")
    # a click on a chart that is about to be drawn anew is lost
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(1000)
    tile.click(force=True)
    page.wait_for_function("!location.search.includes('about')")


def test_a_search_leads_to_a_profile_and_its_evidence(visit):
    page = visit(size=(1440, 1200)).open("actors")
    page.get_by_label("Search names, posts, organisations").fill("ruiz")
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('find_actor=ruiz')")
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.wait_for()
    page.wait_for_timeout(500)
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 37 * 1.5)
    page.wait_for_function("decodeURIComponent(location.search).includes('actor=ana+ruiz|')")
    page.locator(".st-key-card_profile .en-ct", has_text="Ana Ruiz: always as foreign minister").wait_for()
    page.locator(".st-key-list_actor button").first.click()
    drawer = page.locator("[role=dialog]")
    drawer.locator(".en-article .en-actor").first.wait_for()
    assert "Ana Ruiz" in drawer.inner_text()


@pytest.mark.parametrize("path", ["network", "network?shape=Network", "issues", "actors"])
@pytest.mark.parametrize("width", [820, 390])
def test_narrow_windows_do_not_scroll_sideways(visit, path, width):
    page = visit(size=(width, 900)).open(path)
    page.locator("[class*='st-key-card_'] .js-plotly-plot").first.wait_for(state="attached")
    over = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"
    )
    assert over <= 1
    assert page.locator("[data-testid=stException]").count() == 0
