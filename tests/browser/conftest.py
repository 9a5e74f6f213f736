"""A dashboard on a free port over a small store, and a Chromium that may talk to it alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from events.schema import Actor, CodedArticle, Issue, Place, Span
from events.store import Store
from tests.store_helpers import make_article, make_report, own

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What plotly.js throws when a text is laid out in a chart that the page has just replaced (seen once in
# five full runs); the new chart is drawn all the same, and each test looks at what it shows.
PLOTLY_RACES = ("reading 'typesetMath'",)
STARTED = 60  # seconds; a cold start takes five
PICTURES = Path(os.environ.get("ENTENTE_SCREENSHOTS") or Path(tempfile.gettempdir()) / "entente-screenshots")
TALLEST = 4000  # pixels of a picture: longer pages are cut


def no_browser(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; CI must run the browser tests")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        no_browser("no Chrome or Chromium is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        no_browser("the package playwright is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def told(number: int, source: str, target: str, kind: str) -> CodedArticle:
    title = f"Report {number} <script>document.title='owned'</script>"
    body = f"KYIV, March {number}. Foreign Minister Ana Ruiz of {source} spoke to {target} on Monday about tariffs."
    article = make_article(body, f"2024-03-{number:02}", f"Outlet {number % 3}", title)
    text = article.text

    def at(words: str) -> Span:
        start = text.index(words, article.body_start)
        return Span(start, start + len(words), words)

    name, issue = at("Ana Ruiz"), at("tariffs")
    report = make_report(
        article,
        source,
        target,
        kind,
        sentence=at(body.split(". ", 1)[1]),
        evidence={
            "source": (at("Foreign Minister Ana Ruiz"),),
            "target": (at(target),),
            "event_type": (at("spoke"),),
            "date": (at("on Monday"),),
            "place": (at("KYIV"),),
        },
        actors=(Actor("Ana Ruiz", "Foreign Minister", None, source, "GOV", "source", name.start, name.end),),
        issues=(Issue("tariffs", "trade", issue.start, issue.end),),
        place=Place("Kyiv", "UKR", 50.45, 30.52, "city"),
        confidence=0.8,
    )
    return CodedArticle(article, (report,))


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "store"
    pairs = [
        ("RUS", "UKR", "ASSAULT"),
        ("USA", "CHN", "CONSULT"),
        ("NATO", "RUS", "ACCUSE"),
        ("BRA", "CHN", "AID"),
    ]
    coded = [told(n, *pairs[n % len(pairs)]) for n in range(1, 29)]
    Store(folder).add(coded, own(*coded))
    return folder


@contextmanager
def served(store: Path) -> Iterator[str]:
    """Run the dashboard over a store; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"),
        "--server.headless", "true", "--server.port", str(port),
    ]  # fmt: skip
    log = (store.parent / "server.log").open("w+", encoding="utf-8")
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "ENTENTE_STORE": str(store)}, stdout=log, stderr=log
    )
    url = f"http://localhost:{port}"
    try:
        for _ in range(STARTED * 4):
            if server.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.25)
        else:
            log.seek(0)
            pytest.fail(f"the dashboard did not start: {log.read()}")
        yield url
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture(scope="session")
def address(store):
    with served(store) as url:
        yield url


@pytest.fixture
def empty_address(tmp_path):
    with served(tmp_path / "store") as url:
        yield url


class Visit:
    """A page with a record of what it asked of other hosts and of what its scripts could not do."""

    def __init__(self, browser, address: str, theme: str, size: tuple[int, int]) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, reduced_motion="reduce"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.address = address
        self.external: list[str] = []
        self.errors: list[str] = []
        self.context.route("**/*", self.guard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def guard(self, route) -> None:
        url = route.request.url
        if url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            route.continue_()
        else:
            self.external.append(url)
            route.abort()

    def open(self, path: str = ""):
        self.page.goto(f"{self.address}/{path}")
        self.page.locator(".en-h1").first.wait_for()
        return self.page

    def settle(self) -> None:
        """Wait until the script has run and charts are drawn."""
        self.page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
        self.page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")

    def picture(self, name: str) -> Path:
        """Keep a picture of the page from head to foot, for whoever judges how it looks."""
        width = self.page.viewport_size["width"]
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self.page.set_viewport_size({"width": width, "height": max(900, min(height + 20, TALLEST))})
        self.page.wait_for_timeout(400)  # charts are as high as their cards again
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": width, "height": 900})
        return path


@pytest.fixture
def visit(chromium, address):
    made: list[Visit] = []

    def make(theme: str = "light", size: tuple[int, int] = (1440, 900), at: str = "") -> Visit:
        made.append(Visit(chromium, at or address, theme, size))
        return made[-1]

    yield make
    for item in made:
        item.context.close()
        assert not item.external, "the dashboard asked other hosts"
        assert [e for e in item.errors if not any(known in e for known in PLOTLY_RACES)] == []
