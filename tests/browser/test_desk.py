"""In the browser: an address copied whole, views saved, mailed and opened, a reader remembered, what is new."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from events.store import Store
from events.views import Desk
from tests.browser.conftest import told
from tests.store_helpers import own

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def figure(page) -> str:
    return page.locator(".en-fig b").first.inner_text()


def chips(page) -> list[str]:
    return sorted(page.locator("[class*=st-key-chip_] button p").all_inner_texts())


def leave(page) -> None:
    """Close an open popover or list."""
    page.keyboard.press("Escape")


def test_a_copied_address_restores_the_view(visit):
    page = visit().open()
    page.locator(".st-key-party input").fill("Russ")
    page.get_by_role("option", name=re.compile("Russia")).click()
    leave(page)
    page.get_by_role("button", name=re.compile("Parties Russia")).wait_for()
    page.get_by_text("Mat. conf.").click()
    page.get_by_role("button", name=re.compile("Class material conflict")).wait_for()
    page.locator(".st-key-filters details summary").click()
    page.locator(".st-key-words input").fill("tariffs")
    page.locator(".st-key-words input").press("Enter")
    page.locator(".st-key-outlets button").last.wait_for()
    page.get_by_role("button", name=re.compile("Words")).first.wait_for()
    page.locator(".st-key-measure input").click()
    page.get_by_role("option", name="Share of conflict").click()
    page.wait_for_function("location.search.includes('measure')")
    page.wait_for_function("location.search.includes('words=tariffs')")
    address, shown, events = page.url, chips(page), figure(page)
    assert events == "7"
    other = visit().open(address.split("/", 3)[3])
    other.get_by_role("button", name=re.compile("Words")).first.wait_for()
    other.get_by_text("Share of each state’s events in conflict").first.wait_for()
    assert chips(other) == shown
    assert figure(other) == events
    other.wait_for_timeout(1500)
    query = sorted(address.split("?")[1].split("&"))
    assert sorted(other.url.split("?")[1].split("&")) == query


def test_a_view_is_saved_mailed_and_opened_elsewhere(visit, store):
    page = visit().open("?party=CHN&sure=0.5&measure=number+of+events")
    page.get_by_role("button", name=re.compile("Parties China")).wait_for()
    page.keyboard.press("s")
    dialog = page.locator("[role=dialog]")
    dialog.locator(".st-key-view_name input").fill("China <b>")
    dialog.locator(".st-key-view_name input").press("Enter")
    dialog.get_by_role("button", name="Save view").click()
    dialog.wait_for(state="detached")
    page.get_by_text("Saved as “China <b>”").wait_for()
    (view,) = Desk(str(store)).views().values()
    assert view.selection.parties == ("CHN",)
    assert dict(view.state) == {"measure": "number of events"}

    page = visit().open("saved")
    page.get_by_text("China <b>").wait_for()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="Export all").click()
    mailed = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert [r["name"] for r in json.loads(mailed)["records"]] == ["China <b>"]
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("No views yet.").wait_for()
    page.get_by_role("button", name="Import").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "views.json", "mimeType": "application/json", "buffer": b'{"format": "other"}'}
    )
    page.get_by_text("no file of views").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "views.json", "mimeType": "application/json", "buffer": mailed.encode()}
    )
    page.get_by_text("1 record taken in").wait_for()
    page.locator("[class*=st-key-open_] button").first.click()
    page.get_by_role("heading", name="Overview").wait_for()
    page.get_by_role("button", name=re.compile("Parties China")).wait_for()
    page.get_by_role("button", name=re.compile("Confidence ≥ 0.50")).wait_for()
    page.locator(".st-key-card_map .en-cs", has_text="Events of each state").wait_for()
    page.wait_for_function("['party=CHN','sure=0.5','measure='].every(x => location.search.includes(x))")
    assert figure(page) == "14"


def test_a_reader_is_remembered_and_told_what_is_new(visit, store):
    seen = visit()
    page = seen.open("saved")
    page.get_by_role("button", name="Change name").click()
    page.locator(".st-key-reader_name input").fill("Ana Ruiz")
    page.locator(".st-key-reader_name input").press("Enter")
    page.get_by_role("button", name="That is me").click()
    page.get_by_role("heading", name="Ana Ruiz").wait_for()
    page.wait_for_function("document.cookie.includes('entente_reader=Ana%20Ruiz')")
    desk = Desk(str(store))
    version = Store(store).version()
    desk.seen("Ana Ruiz", version)
    extra = told(30, "BRA", "CHN", "AID")
    Store(store).add(
        [extra], own(extra), dataset="extra"
    )  # a dataset of its own: other tests count the first
    page.reload()
    page.get_by_role("heading", name="Ana Ruiz").wait_for()
    page.goto(f"{seen.address}/?data=extra")
    badge = page.get_by_role("button", name=re.compile("1 new since"))
    badge.wait_for()
    badge.click()
    page.get_by_text("Brazil → China").first.wait_for()
    page.get_by_role("button", name="Mark all as seen").click()
    badge.wait_for(state="detached")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_desk_and_the_accuracy_are_readable_in_both_themes(visit, theme):
    page = visit(theme).open("about")
    page.get_by_role("link", name="Accuracy by type").click()
    page.wait_for_function(
        "Math.abs(document.querySelector('#about-accuracy').getBoundingClientRect().top) < 300"
    )
    bar, ground = (
        page.locator(s).first.evaluate("e => getComputedStyle(e).backgroundColor")
        for s in (".en-f1 i", ".en-f1")
    )
    assert bar != ground
    page.locator(".en-more summary").first.click()
    assert page.locator(".en-more dd").first.is_visible()
    page = visit(theme).open("saved")
    assert page.locator("[data-testid=stException]").count() == 0
    page.get_by_text("Watchlist").wait_for()
