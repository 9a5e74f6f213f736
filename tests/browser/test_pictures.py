"""Every page opened, looked over and pictured: light, dark, narrow, and over a store without anything in it.

The pictures are kept outside the repository: in the folder that ENTENTE_SCREENSHOTS names, else in
`entente-screenshots` among the system's temporary files.
"""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "overview": "", "map": "map", "timeline": "timeline", "dyad": "dyad?a=RUS&b=UKR", "matrix": "network",
    "network": "network?shape=Network", "issues": "issues", "actors": "actors", "reporters": "reporters", "events": "events",
    "articles": "articles", "add": "add", "about": "about", "saved": "saved",
}  # fmt: skip

SIDEWAYS = "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth })()"


def looked_over(seen, kind: str) -> None:
    for name, path in PAGES.items():
        page = seen.open(path)
        seen.settle()
        assert page.locator("[data-testid=stException]").count() == 0, name
        assert page.evaluate(SIDEWAYS) <= 1, f"{name} scrolls sideways"
        assert seen.picture(f"{name}_{kind}").stat().st_size > 10_000, name


@pytest.mark.parametrize(
    ("kind", "theme", "size"),
    [("light", "light", (1440, 900)), ("dark", "dark", (1440, 900)), ("narrow", "light", (820, 1100))],
)
def test_every_page_is_drawn(visit, kind, theme, size):
    looked_over(visit(theme, size), kind)


def test_every_page_says_what_to_do_where_there_is_nothing(visit, empty_address):
    seen = visit(at=empty_address)
    looked_over(seen, "empty")
    for path in ("", "map", "timeline", "dyad", "network", "issues", "actors", "reporters", "events"):
        seen.open(path)
        seen.page.get_by_text("No events yet.").first.wait_for()
