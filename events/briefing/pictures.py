"""Figures become PNG, SVG and PDF: one service a process, which drives an installed Chrome or Chromium.

The page in Chrome holds plotly.js, our fonts, our borders and `draw.js`, and may not reach the network. Chrome is
started at the first picture, started again where it was killed, and ended where nothing was asked of it for a while
and at the end of the process. It is driven by choreographer, the driver below kaleido; kaleido itself loads its page
anew after each picture, knows neither our fonts nor our borders, and its shared server mixes up callers.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, TypeVar

import plotly
import plotly.graph_objects as go
from choreographer import Browser
from choreographer.browsers import Chromium
from choreographer.errors import (
    BrowserClosedError,
    BrowserFailedError,
    ChannelClosedError,
    ChromeNotFoundError,
    DevtoolsProtocolError,
)

from events.briefing.fonts import faces
from events.charts.borders import borders, simplified
from events.errors import NoChrome, PictureError
from events.reference import borders_file, data_path

__all__ = ["KINDS", "Kind", "chrome", "close", "plot", "render", "take", "warm"]

Kind = Literal["png", "svg", "pdf"]
KINDS: tuple[Kind, ...] = ("png", "svg", "pdf")

PLOT = (705, 420)
"""Width and height of a figure that tells none."""

_TABS = 2
_TIMEOUT = 40.0  # seconds for one picture; the largest map takes two on a busy machine
_START = 40.0  # seconds for Chrome to come up
_IDLE = 300.0  # seconds without a picture after which Chrome is ended: it holds some 400 MB
_FAR = 0.06  # degrees: two fifths of a pixel of a map of the world on a slide at scale 2
_DPI = 96
_log = logging.getLogger(__name__)
# What the driver has to say of a Chrome that ends is told by our errors, where it matters.
logging.getLogger("choreographer").setLevel(logging.CRITICAL + 1)
_PARTS = Path(__file__).parent
_Result = TypeVar("_Result")

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src file: 'unsafe-inline' 'unsafe-eval';
 style-src 'unsafe-inline'; font-src data:; img-src data: blob:; connect-src data: blob:">
<style>html,body{margin:0;padding:0}@page{margin:0}svg{display:block}</style>
<script src="%PLOTLY%"></script><script src="assets.js"></script><script src="draw.js"></script></head><body></body></html>
"""
_IS_LOADED = "document.readyState === 'complete' && typeof ententeDraw === 'object'"
# Drawn and taken apart by one function, so that a tab is never left with another's picture.
_DRAW = """async function(text, asText) {
  try {
    const spec = JSON.parse(text);
    document.body.replaceChildren();
    const svg = await ententeDraw.picture(spec);
    document.body.replaceChildren(svg);
    document.title = spec.title || "";
    return JSON.stringify({svg: asText ? ententeDraw.text(svg) : "", missing: ententeDraw.missing(svg)});
  } catch (error) { return JSON.stringify({error: String(error && (error.message || error))}); }
}"""


class _GoneError(Exception):
    """Chrome ended while a picture was made."""


def _look(work: asyncio.Future[Any]) -> None:
    """Look at the error of what nobody waits for any more, lest asyncio report it as forgotten."""
    if not work.cancelled():
        work.exception()


class _Chrome(Chromium):
    """Chrome that looks nothing up and updates nothing."""

    def get_cli(self) -> Sequence[str]:
        return [
            *super().get_cli(),
            "--disable-background-networking",
            "--disable-default-apps",
            "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--force-color-profile=srgb",
            "--font-render-hinting=none",
            "--hide-scrollbars",
        ]


def chrome() -> str | None:
    """Return the path of the Chrome or Chromium that would be used, None where none is installed.

    The environment variable BROWSER_PATH names another than the one that is found.
    """
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named if Path(named).is_file() else None
    return Chromium.find_browser(skip_local=False)


def _borders_stamp() -> tuple[str, int]:
    """Return what changes where other borders are to be drawn."""
    path = borders_file()
    return str(path or ""), path.stat().st_mtime_ns if path is not None and path.is_file() else 0


def _assets() -> str:
    """Return the script that gives the page its borders, also those for views of the whole world, and its fonts."""
    world = json.loads(borders().world or data_path("geo/world_50m.json").read_bytes())
    packed = [asdict(face) for face in faces()]
    return (
        f"window.ententeWorld={json.dumps(world)};window.ententeWorldFar={json.dumps(simplified(world, _FAR))};"
        f"window.ententeFaces={json.dumps(packed)};"
    )


class _Session:
    """One running Chrome with its tabs, used by the service's loop alone."""

    def __init__(self, path: str, stamp: tuple[str, int]) -> None:
        self.stamp = stamp
        # A Chrome in a snap sees no /tmp, and of the home no hidden folders.
        shown = Path.home() if "snap" in Path(path).parts else None
        self.folder = Path(tempfile.mkdtemp(prefix="entente-pictures-", dir=shown))
        self.browser = Browser(path, browser_cls=_Chrome, tmp_dir=str(self.folder))
        self.free: asyncio.Queue[tuple[Any, str]] = asyncio.Queue()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watch: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start Chrome and load the page into its tabs."""
        script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        (self.folder / "assets.js").write_text(_assets(), encoding="utf-8")
        shutil.copyfile(_PARTS / "draw.js", self.folder / "draw.js")
        index = self.folder / "index.html"
        index.write_text(_PAGE.replace("%PLOTLY%", script.as_uri()), encoding="utf-8")
        await self.browser.open()
        self._watch = asyncio.create_task(self._watch_process())
        await self._tab(index.as_uri())

    async def _watch_process(self) -> None:
        """Tell when the process has ended, however it did."""
        while self.browser.subprocess.poll() is None:  # noqa: ASYNC110  a process sets no event
            await asyncio.sleep(0.1)
        self._lost()

    def _lost(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)

    async def _crashed(self, _event: Any) -> None:
        self._lost()

    async def _tab(self, address: str) -> None:
        """Load the page into the tab that Chrome opened, then into further ones."""
        first = self.browser.get_tab()
        tabs = [first] if first is not None else []
        while len(tabs) < _TABS:
            tabs.append(await self.browser.create_tab("", window=True))
        for tab in tabs:
            tab.subscribe("Inspector.targetCrashed", self._crashed)
            await self._ask(tab, "Inspector.enable")
            await self._ask(tab, "Page.enable")
            await self._ask(tab, "Page.navigate", url=address)
            await self._loaded(tab)
            await self._ask(
                tab,
                "Runtime.evaluate",
                expression="ententeDraw.ready(window.ententeFaces)",
                awaitPromise=True,
            )
            window = await self._ask(tab, "Runtime.evaluate", expression="window")
            self.free.put_nowait((tab, window["result"]["objectId"]))

    async def _loaded(self, tab: Any) -> None:
        """Wait until the page is there: the event of loading may be that of the empty page before it."""
        while True:
            answer = await self._or_gone(
                asyncio.ensure_future(
                    tab.send_command("Runtime.evaluate", {"expression": _IS_LOADED, "returnByValue": True})
                )
            )
            if answer.get("result", {}).get("result", {}).get("value") is True:
                return
            await asyncio.sleep(0.02)  # the caller sets the limit

    async def _or_gone(self, work: asyncio.Future[_Result]) -> _Result:
        """Wait for a task or for the end of Chrome, whichever comes first."""
        work.add_done_callback(_look)
        try:
            waited: set[asyncio.Future[Any]] = {work, self.gone}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if not work.done():
            work.cancel()
            raise _GoneError
        if work.cancelled():  # the driver cancels what waits where its pipe closes
            raise _GoneError
        error = work.exception()
        if isinstance(error, BrowserClosedError | BrowserFailedError | ChannelClosedError):
            raise _GoneError from error
        return work.result()

    async def _ask(self, tab: Any, command: str, **params: Any) -> dict[str, Any]:
        """Send one command of the DevTools protocol and return its result."""
        answer = await self._or_gone(asyncio.ensure_future(tab.send_command(command, params)))
        if "error" in answer:
            raise PictureError(f"Chrome refused {command}: {answer['error'].get('message', answer['error'])}")
        result: dict[str, Any] = answer["result"]
        if "exceptionDetails" in result:
            raise PictureError(f"the picture could not be drawn: {result['exceptionDetails'].get('text')}")
        return result

    async def take(self, spec: Mapping[str, Any], kind: Kind, scale: float) -> bytes:
        """Draw and return a picture, in the first tab that is free."""
        tab, window = await self._or_gone(asyncio.ensure_future(self.free.get()))
        width, height = int(spec["width"]), int(spec["height"])
        try:
            if kind == "png":  # before it is drawn, so that it is drawn once
                await self._ask(
                    tab,
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=height,
                    deviceScaleFactor=scale,
                    mobile=False,
                )
                clear = {} if spec.get("background") else {"color": {"r": 0, "g": 0, "b": 0, "a": 0}}
                await self._ask(tab, "Emulation.setDefaultBackgroundColorOverride", **clear)
            drawn = await self._ask(
                tab,
                "Runtime.callFunctionOn",
                functionDeclaration=_DRAW,
                objectId=window,
                arguments=[{"value": json.dumps(spec, ensure_ascii=False)}, {"value": kind == "svg"}],
                awaitPromise=True,
                returnByValue=True,
            )
            told = json.loads(drawn["result"]["value"])
            if "error" in told:
                raise PictureError(f"the picture could not be drawn: {told['error']}")
            if told["missing"]:
                _log.warning(
                    "no font on this computer has %s; install fonts-noto-cjk, fonts-noto-core or "
                    "fonts-noto-color-emoji",
                    " ".join(told["missing"][:12]),
                )
            if kind == "svg":
                return str(told["svg"]).encode()
            if kind == "pdf":
                paper = float(spec.get("paper") or width * 25.4 / _DPI) / 25.4  # inches wide
                shrink = paper * _DPI / width
                printed = await self._ask(
                    tab, "Page.printToPDF", printBackground=True, paperWidth=paper, scale=shrink,
                    paperHeight=paper * height / width + 0.002, pageRanges="1",
                    marginTop=0, marginBottom=0, marginLeft=0, marginRight=0,
                )  # fmt: skip
                return base64.b64decode(printed["data"])
            shot = await self._ask(tab, "Page.captureScreenshot", format="png", optimizeForSpeed=True)
            return base64.b64decode(shot["data"])
        finally:
            self.free.put_nowait((tab, window))

    async def close(self) -> None:
        """End Chrome and remove what it left; never raises."""
        self._lost()
        if self._watch is not None:
            self._watch.cancel()
        with suppress(Exception, asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(self.browser.close())), 2)
        self.kill()

    def kill(self) -> None:
        """End the processes at once: they have nothing to save."""
        process = getattr(self.browser, "subprocess", None)
        if process is not None and process.poll() is None:
            with suppress(OSError):
                if hasattr(os, "killpg"):  # Chrome leads a session of its own
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(2)
        for _ in range(20):  # its children may write for a moment longer
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                break
            time.sleep(0.05)


class _Service:
    """The loop in its own thread, the one Chrome, and who waits for it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="entente-pictures", daemon=True)
        self._thread.start()
        self._session: _Session | None = None
        self._opening = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._busy = 0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def call(self, work: Coroutine[Any, Any, _Result], patience: float) -> _Result:
        """Run a coroutine on the loop and wait for it, from any thread."""
        waiting: Future[_Result] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result(patience)
        except (FutureTimeoutError, CancelledError) as error:
            waiting.cancel()
            raise PictureError("the picture took too long; try again, or take a smaller one") from error

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the loop, from any thread, without waiting for it."""
        asyncio.run_coroutine_threadsafe(work, self._loop)

    async def picture(self, spec: Mapping[str, Any], kind: Kind, scale: float) -> bytes:
        """Return a picture; where Chrome ends meanwhile, start it anew and try once more."""
        self._busy += 1
        if self._idle is not None:
            self._idle.cancel()
        try:
            for last in (False, True):
                session = await self._running()
                try:
                    return await asyncio.wait_for(session.take(spec, kind, scale), _TIMEOUT)
                except TimeoutError as error:
                    await self._drop(session)
                    raise PictureError(
                        f"the picture was not ready after {_TIMEOUT:.0f} s; choose fewer events or a smaller size"
                    ) from error
                except (_GoneError, DevtoolsProtocolError) as error:
                    await self._drop(session)
                    if last:
                        raise PictureError(
                            "Chrome ended twice while the picture was made; is there memory enough?"
                        ) from error
            raise AssertionError
        finally:
            self._busy -= 1
            if not self._busy:
                self._rest_later()

    async def _running(self) -> _Session:
        """Return the running Chrome, started where there is none, or where it has ended or knows old borders."""
        async with self._opening:
            stamp = _borders_stamp()
            session = self._session
            if session is not None and not session.gone.done() and session.stamp == stamp:
                return session
            if session is not None and session.gone.done():
                await self._drop(session)
            elif session is not None:  # its pictures are being made; it goes with the last of them
                self._session, old = None, session
                self._loop.call_later(_TIMEOUT, lambda: asyncio.ensure_future(old.close(), loop=self._loop))
            path = chrome()
            if path is None:
                raise NoChrome
            try:
                session = _Session(path, stamp)
            except ChromeNotFoundError as error:
                raise NoChrome from error
            try:
                await asyncio.wait_for(session.open(), _START)
            except (TimeoutError, _GoneError, BrowserFailedError, BrowserClosedError, OSError) as error:
                await session.close()
                raise PictureError(f"Chrome at {path} does not start ({error or 'it ended'})") from error
            except BaseException:
                await session.close()
                raise
            self._session = session
            # Last in, first out: Chrome must have ended before the library clears its folder.
            atexit.unregister(self.kill)
            atexit.register(self.kill)
            return session

    async def warm(self) -> None:
        """Start Chrome where it does not run; what is wrong is told by the first picture."""
        with suppress(PictureError):
            await self._running()
            self._rest_later()

    def _rest_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.call_later(
            _IDLE, lambda: asyncio.ensure_future(self._rest(), loop=self._loop)
        )

    async def _drop(self, session: _Session) -> None:
        """Let go of a Chrome that has ended, or does not answer."""
        if self._session is session:
            self._session = None
        session.kill()
        await session.close()

    async def _rest(self) -> None:
        if not self._busy:
            await self._end()

    async def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def close(self) -> None:
        """End Chrome and the loop."""
        with suppress(Exception):
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(6)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)

    def kill(self) -> None:
        """End Chrome at once, at the end of the process."""
        if self._session is not None:
            self._session.kill()


_lock = threading.Lock()
_service: _Service | None = None


def _shared() -> _Service:
    global _service  # noqa: PLW0603  one Chrome a process
    with _lock:
        if _service is None:
            _service = _Service()
        return _service


def close() -> None:
    """End Chrome, where it runs; the next picture starts it again."""
    global _service
    with _lock:
        service, _service = _service, None
    if service is not None:
        atexit.unregister(service.kill)
        service.close()


def warm() -> None:
    """Start Chrome in the background, so that it runs by the time a picture is asked for."""
    if chrome() is not None:
        _shared().later(_shared().warm())


def plot(figure: go.Figure) -> dict[str, Any]:
    """Return a figure's data and layout as plain JSON values."""
    plain: dict[str, Any] = json.loads(figure.to_json())
    return {"data": plain.get("data", []), "layout": plain.get("layout", {})}


def take(spec: Mapping[str, Any], kind: Kind, *, scale: float = 2) -> bytes:
    """Return the picture of a spec of `draw.js` as PNG, SVG or PDF; any number of threads may call at once.

    `scale`: pixels of a PNG for one of the spec. Raises NoChrome where none is installed, PictureError where the
    picture could not be made.
    """
    if kind not in KINDS:
        raise PictureError(f"pictures are made as {', '.join(KINDS)}, not as {kind}")
    if chrome() is None:
        raise NoChrome
    return _shared().call(_shared().picture(spec, kind, scale), 2 * (_TIMEOUT + _START) + 10 * _TIMEOUT)


def render(
    figure: go.Figure,
    kind: Kind = "png",
    *,
    width: int | None = None,
    height: int | None = None,
    scale: float = 2,
    background: str = "#FFFFFF",
    alt: str = "",
) -> bytes:
    """Return a figure alone, without title and source, as PNG, SVG or PDF.

    `width` and `height` in CSS pixels (default: the figure's own), a PNG has `scale` times as many; `background` "" is
    transparent. Raises NoChrome where no Chrome is installed, PictureError where the picture could not be made.
    """
    spec = {
        "figure": plot(figure),
        "width": int(width or figure.layout.width or PLOT[0]),
        "height": int(height or figure.layout.height or PLOT[1]),
        "background": background,
        "alt": alt,
        "frame": None,
    }
    return take(spec, kind, scale=scale)
