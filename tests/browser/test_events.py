"""The page of events in a browser: search, order, the open event by keys, columns, downloads, hostile words."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def opened(visit, path: str = "events", size=(1440, 900), theme: str = "light"):
    page = visit(theme, size).open(path)
    page.locator(".st-key-listing [data-testid=stDataFrame] canvas").first.wait_for()
    return page


def click(page, x: float, y: float) -> None:
    """Click into the table, `x` and `y` in pixels from its corner, once it has come to rest."""
    page.locator(".st-key-listing [data-testid=stDataFrame]").first.click(position={"x": x, "y": y})


def row(page, number: int) -> None:
    click(page, 16, 37 * (number + 0.5))


def head(page, words: str) -> None:
    page.locator(".en-sub", has_text=words).first.wait_for()


def test_the_slash_leads_to_the_search_and_enter_searches(visit):
    page = opened(visit)
    head(page, "28 events match")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.closest('.st-key-seek')")
    page.keyboard.type("Ruíz act*")
    page.keyboard.press("Enter")
    page.get_by_text("No events match.").wait_for()
    page.locator(".st-key-seek input").fill('report "7"')
    page.keyboard.press("Enter")
    head(page, "1 event matches")
    page.wait_for_function("location.search.includes('words=')")
    page.locator(".st-key-reset button").click()
    head(page, "28 events match")
    assert page.locator(".st-key-seek input").input_value() == ""


def drawn(page, words: str) -> None:
    """Wait for the table itself: the line above it is drawn anew some time before."""
    page.locator(f".st-key-listing div[aria-label*='{words}']").wait_for()
    page.locator(".st-key-listing [data-testid=stDataFrame] canvas").first.wait_for()


def test_a_head_of_a_column_sorts_in_the_store(visit):
    page = opened(visit)
    click(page, 40, 18)
    head(page, "sorted by date, oldest first")
    page.wait_for_function("location.search.includes('order=oldest')")
    drawn(page, "oldest first")
    click(page, 40, 18)
    head(page, "sorted by date, newest first")
    page.wait_for_function("!location.search.includes('order')")


def test_a_row_opens_beside_the_table_and_keys_lead_on(visit):
    page = opened(visit)
    row(page, 3)
    drawer = page.locator(".st-key-drawer")
    drawer.get_by_text("Event 3 of 28").wait_for()
    drawer.locator(".en-article .en-source").first.wait_for()
    table = page.locator(".st-key-listing").bounding_box()
    beside = drawer.bounding_box()
    assert beside["x"] > table["x"] + table["width"]
    assert 0.42 < beside["width"] / (beside["x"] + beside["width"] - table["x"]) < 0.48
    page.keyboard.press("j")
    drawer.get_by_text("Event 4 of 28").wait_for()
    page.keyboard.press("k")
    drawer.get_by_text("Event 3 of 28").wait_for()
    drawer.get_by_role("button", name="Next event").click()
    drawer.get_by_text("Event 4 of 28").wait_for()
    address = page.url
    assert "event=" in address
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    assert "event=" not in page.url
    row(page, 4)
    drawer.get_by_text("Event 4 of 28").wait_for()
    row(page, 4)  # the chosen row again: closed
    drawer.wait_for(state="detached")
    again = opened(visit, address.rsplit("/", 1)[1], theme="dark")
    again.locator(".st-key-drawer").get_by_text("Event 4 of 28").wait_for()


def test_keys_do_nothing_while_one_writes(visit):
    page = opened(visit)
    row(page, 2)
    page.locator(".st-key-drawer").get_by_text("Event 2 of 28").wait_for()
    page.locator(".st-key-seek input").click()
    page.keyboard.type("jjk/")
    page.wait_for_timeout(1000)
    assert page.locator(".st-key-seek input").input_value() == "jjk/"
    assert page.locator(".st-key-drawer").get_by_text("Event 2 of 28").count() == 1


def test_reports_and_history_of_the_open_event(visit):
    page = opened(visit)
    row(page, 1)
    drawer = page.locator(".st-key-drawer")
    drawer.get_by_role("tab", name="Reports").click()
    drawer.get_by_text("1 report of 1 outlet").wait_for()
    drawer.get_by_text("The event’s first report").wait_for()
    drawer.get_by_role("tab", name="History").click()
    drawer.get_by_text("founded the event").wait_for()
    page.keyboard.press("j")
    drawer.get_by_text("Event 2 of 28").wait_for()
    drawer.get_by_text("founded the event").wait_for()  # the tab stays open


def test_a_narrow_window_opens_a_dialog_at_the_right(visit):
    page = opened(visit, size=(1000, 900))
    row(page, 1)
    drawer = page.locator(".st-key-drawer")
    drawer.locator(".en-article").wait_for()
    box = drawer.bounding_box()
    assert box["x"] + box["width"] == pytest.approx(1000, abs=2)
    assert box["y"] == pytest.approx(0, abs=1)
    assert drawer.evaluate("e => getComputedStyle(e).position") == "fixed"
    over = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"
    )
    assert over <= 1
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")


def download(page, name: str) -> str:
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name=re.compile(name)).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8-sig")


def test_a_download_holds_what_is_shown(visit):
    page = opened(
        visit, "events?columns=Event&columns=Dyad&columns=Outlets&columns=Sentence&party=BRA&order=oldest"
    )
    head(page, "7 events match")
    shown = list(csv.reader(io.StringIO(download(page, "7 rows and 4 columns"))))
    assert shown[0] == ["Dyad", "Outlets", "Sentence", "Event"]
    assert [r[0] for r in shown[1:]] == ["BRA → CHN"] * 7
    assert shown[1][2].startswith("Foreign Minister Ana Ruiz of BRA spoke to CHN")
    page.reload()
    page.locator(".st-key-listing canvas").first.wait_for()
    every = list(csv.DictReader(io.StringIO(download(page, "every field"))))
    assert [r["event_id"] for r in every] == [r[3] for r in shown[1:]]
    page.reload()
    page.locator(".st-key-listing canvas").first.wait_for()
    lines = [json.loads(line) for line in download(page, "PLOVER").splitlines()]
    assert {line["id"] for line in lines} == {r[3] for r in shown[1:]}
    assert {line["event"] for line in lines} == {"AID"}
    assert lines[0]["cite_info"]["title"].startswith("Report 3 <script>")


def test_columns_are_chosen_and_kept_in_the_address(visit):
    page = opened(visit)
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_test_id("stPopoverBody").get_by_text("Sentence", exact=True).click()
    page.wait_for_function("location.search.includes('columns=Sentence')")


def test_hostile_words_are_shown_as_words(visit):
    page = opened(visit)
    row(page, 1)
    drawer = page.locator(".st-key-drawer")
    drawer.locator(".en-title").wait_for()
    assert "<script>document.title='owned'</script>" in drawer.locator(".en-title").inner_text()
    drawer.get_by_role("tab", name="Reports").click()
    drawer.locator(".en-told a").wait_for()
    assert "<script>" in drawer.locator(".en-told a").inner_text()
    assert "owned" not in page.title()
    over = drawer.evaluate("e => e.scrollWidth - e.clientWidth")
    assert over <= 1
