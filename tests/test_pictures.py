"""Pictures by the installed Chrome: what they hold, who gets which, and what happens where Chrome fails."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import plotly.graph_objects as go
import pytest
from PIL import Image

from events.briefing import frames, pictures
from events.briefing.frames import SIZES, Framed
from events.charts.borders import simplified
from events.charts.theme import FONT, LIGHT, base_figure
from events.errors import NoChrome, PictureError
from events.reference import data_path

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Moscow and Ankara " + "argue about gas, grain and the straits and then agree 🤝 " * 5


def needs_chrome() -> None:
    if pictures.chrome() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chrome or Chromium is installed; CI must run these tests")
        pytest.skip("no Chrome or Chromium is installed")


@pytest.fixture(scope="module", autouse=True)
def ended():
    yield
    pictures.close()


@pytest.fixture
def chrome():
    needs_chrome()


chromed = pytest.mark.usefixtures("chrome")


def line(name: str = "one", ground: str = "rgba(0,0,0,0)") -> go.Figure:
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[2, 1, 3]))
    return figure.update_layout(
        font={"family": FONT}, annotations=[{"text": name, "x": 2, "y": 2}], paper_bgcolor=ground
    )


def slow() -> go.Figure:
    """A figure that takes Chrome more than a second."""
    numbers = list(range(12_000))
    return go.Figure(go.Scatter(x=numbers, y=[n % 97 for n in numbers], mode="markers", text="slow"))


def framed(title: str = "A finding", **values) -> Framed:
    return Framed(lambda _: line(), title, "What is drawn", ("n = 5 events",), ("Source: Entente",), **values)


def texts(svg: bytes) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def image(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@chromed
def test_a_figure_becomes_png_svg_and_pdf():
    png = image(pictures.render(line(), "png", width=300, height=200, scale=1.5))
    assert png.size == (450, 300)
    assert png.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    svg = pictures.render(line("Türkiye"), "svg", width=300, height=200)
    assert ET.fromstring(svg).get("width") == "300"
    assert "Türkiye" in texts(svg)
    pdf = pictures.render(line(), "pdf", width=300, height=200)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 1


@chromed
def test_a_transparent_ground_lets_through():
    png = image(pictures.render(line(), "png", width=100, height=80, scale=1, background=""))
    assert png.mode == "RGBA"
    assert png.getpixel((1, 1))[3] == 0
    white = image(pictures.render(line(), "png", width=100, height=80, scale=1))
    assert white.convert("RGBA").getpixel((1, 1)) == (255, 255, 255, 255)


@chromed
def test_the_faces_that_are_used_travel_in_svg_and_pdf():
    plain = pictures.render(line("Ankara"), "svg")
    assert plain.count(b"@font-face") == 1
    assert b'font-family:"IBM Plex Sans"' in plain
    assert b"url(data:font/woff2;base64," in plain
    assert pictures.render(line("Москва → Türkiye ğ"), "svg").count(b"@font-face") == 4
    assert b"IBMPlexSans" in pictures.render(line("Ankara"), "pdf")


@chromed
def test_our_face_is_drawn_and_not_a_substitute():
    ours = pictures.render(line("Wagner mmm iii"), "png")
    other = pictures.render(line("Wagner mmm iii").update_layout(font={"family": "Noto Sans"}), "png")
    assert ours != other


@chromed
def test_twenty_at_once_each_get_their_own():
    tones = [(12 * n, 255 - 12 * n, 40) for n in range(20)]

    def drawn(n: int):
        red, green, blue = tones[n]
        if n % 2:
            return texts(pictures.render(line(f"picture {n}"), "svg", width=200, height=150))
        figure = line(ground=f"rgb({red},{green},{blue})")
        return (
            image(pictures.render(figure, "png", width=200, height=150, scale=1))
            .convert("RGB")
            .getpixel((2, 2))
        )

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(drawn, range(20)))
    for n, got in enumerate(found):
        assert (f"picture {n}" in got) if n % 2 else got == tones[n]


def ended_by_force() -> int:
    """Kill the running Chrome with all its children."""
    process = pictures._service._session.browser.subprocess
    os.killpg(process.pid, signal.SIGKILL)
    return process.pid


@chromed
def test_chrome_killed_in_mid_export_is_started_again():
    pictures.render(line(), "png")
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(pictures.render, slow(), "svg") for _ in range(2)]
        waiting.append(pool.submit(pictures.render, line("kept"), "svg"))
        time.sleep(0.4)
        first = ended_by_force()
        assert all(made.result(90).startswith(b"<?xml") for made in waiting)
        assert "kept" in texts(waiting[2].result())
    assert pictures._service._session.browser.subprocess.pid != first


@chromed
def test_chrome_killed_again_and_again_is_told():
    pictures.render(line(), "png")
    over = threading.Event()

    def killer() -> None:
        while not over.is_set():
            session = pictures._service._session
            if session is not None and pictures._service._busy and not session.gone.done():
                with suppress(OSError):
                    os.killpg(session.browser.subprocess.pid, signal.SIGKILL)
            time.sleep(0.02)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        with pytest.raises(PictureError, match="Chrome ended twice"):
            pictures.render(slow(), "png")
    finally:
        over.set()
        thread.join()
    assert pictures.render(line(), "png").startswith(b"\x89PNG")


def test_no_chrome_is_told_at_once(monkeypatch):
    pictures.close()
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    began = time.perf_counter()
    assert pictures.chrome() is None
    with pytest.raises(NoChrome, match="HTML and CSV need none"):
        pictures.render(line(), "png")
    pictures.warm()
    assert time.perf_counter() - began < 2
    assert pictures._service is None


def test_what_is_no_chrome_is_told(monkeypatch, tmp_path):
    pictures.close()
    broken = tmp_path / "chrome"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(broken))
    with pytest.raises(PictureError, match=r"does not start"):
        pictures.render(line(), "png")


@chromed
def test_a_picture_that_takes_too_long_is_told_and_the_next_is_made(monkeypatch):
    pictures.render(line(), "png")
    monkeypatch.setattr(pictures, "_TIMEOUT", 0.01)
    with pytest.raises(PictureError, match="not ready after"):
        pictures.render(slow(), "png")
    monkeypatch.setattr(pictures, "_TIMEOUT", 60.0)
    assert pictures.render(line(), "png").startswith(b"\x89PNG")


@chromed
def test_a_figure_that_cannot_be_drawn_is_told():
    with pytest.raises(PictureError, match="could not be drawn"):
        pictures.take({"figure": None, "width": 10, "height": 10, "frame": None}, "png")
    with pytest.raises(PictureError, match="not as gif"):
        pictures.render(line(), "gif")


@chromed
def test_the_end_of_the_process_ends_chrome():
    code = (
        "from events.briefing import pictures; import plotly.graph_objects as go;"
        "pictures.render(go.Figure(), 'png'); s = pictures._service._session;"
        "print(s.browser.subprocess.pid, s.folder)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True,
        cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    assert told.stderr == ""
    pid, folder = told.stdout.split()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    assert not Path(folder).exists()


@chromed
def test_the_page_may_not_reach_the_network():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/a.png"
    try:
        figure = line().add_layout_image(source=address, x=0, y=1, sizex=1, sizey=1)
        with suppress(PictureError):
            pictures.render(figure, "png")
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@chromed
def test_a_map_is_drawn_with_our_borders():
    figure = base_figure(LIGHT, height=326)
    figure.add_choropleth(locations=["XKX", "SGP", "RUS"], z=[1, 2, 3], showscale=False)
    figure.update_geos(fitbounds=False, resolution=50, projection_type="natural earth")
    drawn = ET.fromstring(pictures.render(figure, "svg"))
    shapes = [node for node in drawn.iter(f"{SVG}path") if "choroplethlocation" in (node.get("class") or "")]
    assert len(shapes) == 3
    assert all(len(node.get("d") or "") > 20 for node in shapes)


# In a frame


@chromed
def test_the_frame_says_what_from_what_when_and_how_many():
    kept = framed(alt="A line.", sample=True)
    said = texts(frames.picture(kept, "svg"))
    for wanted in (
        "A finding",
        "What is drawn",
        "n = 5 events",
        "Source: Entente",
        "Entente",
        "Sample data",
        "Entente sample data",
    ):
        assert wanted in said
    assert "Sample data" not in texts(frames.picture(framed(), "svg"))


@pytest.mark.parametrize("size", SIZES)
@chromed
def test_pictures_have_the_sizes_of_their_use(size):
    given = SIZES[size]
    assert image(frames.picture(framed(), "png", size=size, scale=1)).size == (given.width, given.height)


@chromed
def test_a_long_title_is_cut_with_an_ellipsis_and_stays_whole_for_readers_of_the_file():
    title = LONG[:300]
    drawn = ET.fromstring(frames.picture(framed(title), "svg"))
    lines = [node for node in drawn.iter(f"{SVG}text") if "Serif" in (node.get("font-family") or "")]
    assert 2 <= len(lines) <= 3
    assert drawn.find(f"{SVG}title").text == title
    huge = texts(frames.picture(framed("word " * 400), "svg"))
    assert [text for text in huge if text.startswith("word")][2].endswith("…")
    unbroken = texts(frames.picture(framed("W" * 300), "svg"))
    assert "".join(text for text in unbroken if set(text) <= {"W", "…"}).startswith("W" * 80)


@chromed
def test_emoji_are_not_torn():
    family = "👨‍👩‍👧‍👦"
    said = "".join(texts(frames.picture(framed(family * 60), "svg")))
    assert set(said.split("What is drawn")[0]) <= set(family + "…")
    assert said.split("What is drawn")[0].rstrip("…").replace(family, "") == ""


@chromed
def test_letters_that_no_font_has_are_told(caplog):
    pictures.render(line("Москва → Türkiye العربية \u0378"), "svg")  # U+0378 is no letter
    assert [record.getMessage().split(";")[0] for record in caplog.records] == [
        "no font on this computer has \u0378"
    ]


@chromed
def test_letters_that_run_to_the_left_are_written_so():
    drawn = ET.fromstring(frames.picture(framed("روسيا وتركيا"), "svg"))
    title = next(node for node in drawn.iter(f"{SVG}text") if node.text == "روسيا وتركيا")
    assert (title.get("direction"), title.get("text-anchor")) == ("rtl", "end")


@chromed
def test_markup_in_titles_stays_text():
    hostile = "<script>alert(1)</script>&\"' ]]>"
    svg = frames.picture(framed(hostile), "svg")
    assert hostile in texts(svg)
    assert list(ET.fromstring(svg).iter(f"{SVG}script")) == []


def test_simplified_borders_keep_their_neighbours():
    world = json.loads(data_path("geo/world_50m.json").read_bytes())
    plain = simplified(world, 0.04)
    assert plain["objects"] == world["objects"]
    assert len(plain["arcs"]) == len(world["arcs"])
    for before, after in zip(world["arcs"], plain["arcs"], strict=True):
        assert list(after[0]) == list(before[0])
        assert [sum(step[i] for step in after) for i in (0, 1)] == [
            sum(step[i] for step in before) for i in (0, 1)
        ]
    assert sum(map(len, plain["arcs"])) < 0.6 * sum(map(len, world["arcs"]))
    square = {"arcs": [[[0, 0], [1, 0.01], [2, 0], [2, 2]]]}
    assert simplified(square, 0.1)["arcs"] == [[(0, 0), (2, 0), (2, 2)]]
    assert simplified(square, 0.001)["arcs"] == [[(0, 0), (1, 0.01), (2, 0), (2, 2)]]
