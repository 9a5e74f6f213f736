"""Other data sets in a browser: brought in on the page Add, compared on theirs; and who reports it, by a click."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from events.store import Store
from tests import made_files as made
from tests.browser.conftest import served
from tests.store_helpers import CodedArticle, make_article, make_report, own

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DAYS = [date(2018, 6, 1) + timedelta(days=n) for n in range(30)]


def gdelt() -> str:
    """A day's export of GDELT 2.0 in its own columns: thirty acts, a row with an unknown code, one of one side alone."""
    rows = [
        made.gdelt_row(n, 0, 1, "190", day=day, url=f"https://a.example.org/{n}", place=n % 3)
        for n, day in enumerate(DAYS, 1)
    ]
    bad = made.gdelt_row(98, 0, 1)
    bad[26] = "999"
    return made.gdelt2([*rows, bad, made.gdelt_row(99, 0, None)])


def icews() -> str:
    return made.ICEWS + "".join(
        made.icews_row(n, day=day.isoformat(), code="190", story=str(n))
        for n, day in enumerate(DAYS, 1)
        if n % 3
    )


def test_files_are_brought_in_and_two_data_sets_compared(visit, tmp_path):
    (tmp_path / "20180630.export.CSV").write_text(gdelt(), encoding="utf-8")
    (tmp_path / "events.2018.tab").write_text(icews(), encoding="utf-8")
    (tmp_path / "odd.csv").write_text("hello,world\n1,2\n", encoding="utf-8")
    store = tmp_path / "store"
    with served(store) as at:
        look = visit("light", (1440, 900), at)
        page = look.open("add")
        page.get_by_role("tab", name="Other data sets").click()
        page.locator("input[type=file]").set_input_files(
            [tmp_path / name for name in ("20180630.export.CSV", "events.2018.tab", "odd.csv")]
        )
        page.get_by_text("2 files recognised").wait_for()
        page.get_by_text("cannot be used").wait_for()
        assert Store(store).is_empty()
        look.settle()
        look.picture("add_recognised_light")
        page.locator(".st-key-bring button").click()
        page.get_by_text("30 events of GDELT imported").wait_for()
        page.get_by_text("20 events of ICEWS imported").wait_for()
        page.get_by_text("line 31: unknown CAMEO code").wait_for()
        look.settle()
        look.picture("add_brought_light")
        assert Store(store).datasets() == {"GDELT": 30, "ICEWS": 20}
        # the two beside each other, as a link says it
        page = look.open("datasets?data=GDELT&dyad=GRC-TUR")
        page.get_by_text("Greece and Türkiye, as two data sets tell it").wait_for()
        page.wait_for_function("document.querySelectorAll('.js-plotly-plot .bars path').length > 4")
        look.settle()
        look.picture("datasets_light")
        # a day in the place of a week, in the address too
        page.locator(".st-key-step input").click()
        page.get_by_role("option", name="Day").click()
        page.wait_for_url("**step=day**")
        # without a dyad those that both have are offered, and a click chooses one
        page = look.open("datasets?data=GDELT")
        page.locator(".st-key-on_GRC_TUR button").click()
        page.get_by_text("Greece and Türkiye, as two data sets tell it").wait_for()
        page.wait_for_url("**dyad=GRC-TUR**")


def told(number: int, outlet: str, kind: str) -> CodedArticle:
    article = make_article(f"Russia and Ukraine, article {number}.", f"2024-01-{number % 28 + 1:02}", outlet)
    return CodedArticle(article, (make_report(article, "RUS", "UKR", kind, date=article.published),))


@pytest.fixture
def tellers(tmp_path):
    coded = [told(n, "TASS", "CONSULT") for n in range(8)]
    coded += [told(n, "Reuters", "ASSAULT" if n % 7 else "ACCUSE") for n in range(20, 30)]
    Store(tmp_path / "store").add(coded, own(*coded))
    with served(tmp_path / "store") as at:
        yield at


def test_a_click_on_a_row_of_who_reports_it_filters_and_a_second_takes_it_back(visit, tellers):
    look = visit("light", (1440, 900), tellers)
    page = look.open("reporters")
    bars = page.locator(".st-key-tellers .bars path")
    bars.nth(1).wait_for()
    look.settle()
    look.picture("reporters_light")
    counts = page.locator(".st-key-card_tellers .en-cap, .st-key-card_tellers .en-foot").last
    assert "18 events" in counts.inner_text()
    box = bars.nth(0).bounding_box()  # the outlets of the United Kingdom tell most
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chip = page.get_by_role("button", name="Reported from UK")
    chip.wait_for()
    page.wait_for_url("**from_country=GBR**")
    page.get_by_text("10 events").first.wait_for()
    look.settle()
    box = page.locator(".st-key-tellers .bars path").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chip.wait_for(state="detached")
    page.get_by_text("18 events").first.wait_for()
