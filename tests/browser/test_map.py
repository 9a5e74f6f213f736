"""The page Map in a browser: a click on a state, on an arc, regions, both themes, no other host asked."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATES = ".st-key-atlas .choroplethlayer path"


def drawn(page) -> None:
    page.wait_for_function(f"document.querySelectorAll(`{STATES}`).length > 200")
    page.wait_for_function(
        "[...document.querySelectorAll('.st-key-atlas .scattergeo path.js-line')].length > 6"
    )


def middle_of(page, code: str) -> tuple[float, float]:
    """Return the pixel where plotly puts the label point of a state."""
    found = page.evaluate(
        """code => {
          const plot = document.querySelector('.st-key-atlas .js-plotly-plot');
          const geo = plot._fullLayout.geo._subplot;
          const at = geo.topojson.objects.countries.geometries.find(g => g.id === code).properties.ct;
          const box = plot.getBoundingClientRect();
          const [x, y] = geo.projection(at);
          return [box.x + x, box.y + y];
        }""",
        code,
    )
    return found[0], found[1]


def click(page, x: float, y: float) -> None:
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)  # plotly looks for what is below the pointer a moment after it moved
    page.mouse.click(x, y)


def test_a_click_on_a_state_and_on_an_arc_fills_the_panel(visit):
    page = visit(size=(1440, 1000)).open("map")
    drawn(page)
    click(page, *middle_of(page, "BRA"))
    panel = page.locator(".st-key-card_pick")
    panel.get_by_role("heading", name="Brazil", exact=True).wait_for()
    assert "7 events · mean +10.0 · 0% in conflict" in panel.inner_text()
    page.wait_for_function("location.search.includes('pick=BRA')")

    spot = page.evaluate(
        """() => {
          const plot = document.querySelector('.st-key-atlas .js-plotly-plot');
          const trace = plot.data.find(t => t.name === 'arcs to click');
          const i = trace.customdata.indexOf('CHN-USA') + 1;
          const box = plot.getBoundingClientRect();
          const [x, y] = plot._fullLayout.geo._subplot.projection([trace.lon[i], trace.lat[i]]);
          return [box.x + x, box.y + y];
        }"""
    )
    click(page, *spot)
    panel.get_by_role("heading", name="China – US", exact=True).wait_for()
    assert "a=CHN&b=USA" in panel.get_by_role("link", name="Open the dyad").get_attribute("href")
    panel.get_by_role("button", name="Only this").click()
    page.get_by_role("button", name=re.compile("Dyad China – US")).wait_for()
    page.wait_for_function("location.search.includes('dyad=CHN-USA')")
    page.get_by_role("link", name="Overview", exact=True).click()
    page.wait_for_function("document.querySelector('.en-fig b')?.innerText === '7'")


def test_a_choice_keeps_the_chart_and_a_region_changes_its_projection(visit):
    page = visit(size=(1440, 1000)).open("map")
    drawn(page)
    page.evaluate("document.querySelector('.st-key-atlas .js-plotly-plot').mark = 'same'")
    click(page, *middle_of(page, "BRA"))
    page.locator(".st-key-card_pick").get_by_role("heading", name="Brazil", exact=True).wait_for()
    assert page.evaluate("document.querySelector('.st-key-atlas .js-plotly-plot').mark") == "same"
    page.locator(".st-key-region input").click()
    page.get_by_role("option", name="Europe", exact=True).click()
    page.wait_for_function(
        "document.querySelector('.st-key-atlas .js-plotly-plot')?._fullLayout?.geo?.projection.type"
        " === 'azimuthal equal area'"
    )
    page.wait_for_function("location.search.includes('region=Europe')")
    page.reload()
    page.wait_for_function(
        "document.querySelector('.st-key-atlas .js-plotly-plot')?._fullLayout?.geo?.projection.rotation.lon === 15"
    )
    page.locator(".st-key-card_pick").get_by_role("heading", name="Brazil", exact=True).wait_for()


@pytest.mark.parametrize(("theme", "width", "land"), [("dark", 1280, "#252C35"), ("light", 820, "#EFEDE8")])
def test_the_map_fills_its_card_in_both_themes_and_on_a_tablet(visit, theme, width, land):
    page = visit(theme, size=(width, 1000)).open("map?places=true")
    drawn(page)
    assert page.evaluate(
        "document.querySelector('.st-key-atlas .js-plotly-plot')._fullLayout.geo.landcolor"
    ).lower() in {land.lower()}
    box = page.locator(".st-key-atlas .js-plotly-plot").bounding_box()
    card = page.locator(".st-key-card_map").bounding_box()
    assert card["width"] - box["width"] < 45
    assert box["width"] / box["height"] == pytest.approx(705 / 318, rel=0.02)
    over = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"
    )
    assert over <= 1


def test_without_motion_the_slider_steps_by_hand_alone(visit):
    page = visit(size=(1440, 1000)).open("map")
    drawn(page)
    page.get_by_role("button", name="Later").wait_for()
    assert page.locator(".st-key-map_play").first.is_hidden()
    page.emulate_media(reduced_motion="no-preference")
    page.locator(".st-key-play button").first.click()
    page.get_by_role("button", name="Keep as filter").wait_for()
    page.wait_for_function("location.search.includes('at=2024-03-01')")
    page.locator(".st-key-play").get_by_text("Play").first.wait_for()  # at the end it stops by itself


def test_the_borders_policy_is_one_click_away(visit):
    page = visit(size=(1440, 1000)).open("map")
    page.get_by_role("button", name="Borders").click()
    page.get_by_text("endorse no claim").wait_for()
