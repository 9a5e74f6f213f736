"""A whole review in a browser: by keys alone, with the charts looked at in between."""

from __future__ import annotations

import pytest

from events import review
from events.queries import Queries
from events.schema import Selection
from events.store import Store
from tests.browser.conftest import served, told
from tests.store_helpers import own

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def own_store(tmp_path):
    """A store of its own, since here something is written."""
    folder = tmp_path / "store"
    coded = [told(n, *("RUS", "UKR", "ACCUSE") if n % 2 else ("USA", "CHN", "CONSULT")) for n in range(1, 9)]
    Store(folder).add(coded, own(*coded))
    return folder


def types(folder, **asked) -> dict[str, int]:
    frame = Queries(Store(folder)).by_type(Selection(**asked))
    return dict(zip(frame["event_type"], map(int, frame["events"]), strict=True))


def test_a_review_by_keys_changes_the_charts_and_can_be_taken_back(visit, own_store):
    with served(own_store) as at:
        look = visit("light", (1440, 900), at)
        page = look.open("review?queue=confidence")
        place = page.locator(".st-key-judge_place")
        place.get_by_text("1 of 8 to judge").wait_for()
        assert not page.title().startswith("owned")
        # who signs
        page.locator(".st-key-signer button").click()
        page.locator(".st-key-signer_name input").fill("Ana")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Signed by Ana").wait_for()
        page.keyboard.press("Escape")
        # accept by key
        page.locator(".en-h1").click()
        page.keyboard.press("a")
        place.get_by_text("1 of 7 to judge").wait_for()
        # edit the type by key, and mark the act's words by two clicks
        page.keyboard.press("e")
        page.locator(".st-key-card_form").get_by_text("Correct this report").wait_for()
        words = page.locator(".word")
        words.filter(has_text="spoke").click()
        page.locator(".st-key-mark_for").get_by_text("“spoke”").wait_for()
        box = page.locator("[class*=st-key-edit_type_] input")
        box.click()
        box.fill("Threaten")
        page.keyboard.press("Enter")
        page.locator(".st-key-card_form .en-foot", has_text="Warns of harm").first.wait_for()
        page.locator(".st-key-edit_save button").click()
        place.get_by_text("1 of 6 to judge").wait_for()
        assert types(own_store)["THREATEN"] == 1
        # reject by key, and take it back by key
        page.locator(".en-h1").click()
        page.keyboard.press("x")
        place.get_by_text("1 of 5 to judge").wait_for()
        assert sum(types(own_store).values()) == 7
        page.keyboard.press("u")
        page.locator(".st-key-card_log").get_by_text("Took back version").wait_for()
        assert sum(types(own_store).values()) == 8
        look.settle()
        look.picture("review")
        # the charts say so at once
        page = look.open("overview")
        page.locator(".en-cap", has_text="2 reports reviewed").first.wait_for()
        page.locator(".en-fig", has_text="8").first.wait_for()
        page = look.open("events?type=THREATEN")
        page.locator(".en-sub", has_text="1 event match").first.wait_for()
        # as coded nothing of it is there
        page = look.open("events?type=THREATEN&coded=true")
        page.get_by_text("No events match.").wait_for()
        look.settle()
        page.locator(".st-key-chip_as_coded button").first.click()
        page.locator(".en-sub", has_text="1 event match").first.wait_for()
        log = review.history(Store(own_store))
        assert list(log["action"]) == ["undo", "reject", "edit", "accept"]
        assert set(log["by"]) == {"Ana"}
        assert not look.external
        assert not look.errors
