"""A chart with its words, as it leaves the house: title, subtitle, key, caption and source around the figure.

The frame is drawn by `draw.js`, in Chrome for PNG, SVG and PDF, and in the reader's browser for what is saved from an
exported HTML page. White ground and light colours always; sample data carry a watermark.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Literal

import plotly
import plotly.graph_objects as go

from events.briefing import pictures
from events.briefing.fonts import faces, lacking
from events.briefing.pictures import Kind
from events.charts import words
from events.charts.borders import borders
from events.charts.legends import Legend, Steps
from events.charts.remarks import MARK, Remarks
from events.charts.theme import FONT, LIGHT, SERIF
from events.reference import data_path

__all__ = [
    "SIZES",
    "Framed",
    "Ground",
    "Size",
    "page",
    "picture",
    "plotly_script",
    "script_json",
    "source_line",
]

Ground = Literal["white", "transparent"]
_BRAND = "Entente"
_WATERMARK, _STAMP = "Entente sample data", "Sample data"


@dataclass(frozen=True, slots=True)
class Size:
    """A format of pictures: pixels of the whole and of its letters; `paper` is the width of a PDF in mm."""

    name: str
    width: int
    height: int
    title: int
    subtitle: int
    label: int
    source: int
    margin: int
    paper: float

    @property
    def scale(self) -> float:
        """How much larger the chart's own letters (12 px on a page of the dashboard) are drawn."""
        return self.label / 12

    @property
    def room(self) -> int:
        """Pixels between the margins."""
        return self.width - 2 * self.margin


SIZES = {
    "slide": Size("Slide, 16:9", 1600, 900, 36, 20, 17, 15, 70, 338.7),
    "half": Size("Half slide", 800, 720, 26, 17, 15, 13, 40, 169.3),
    "page": Size("Page, 160 mm", 1240, 780, 26, 17, 15, 13, 60, 160),
    "web": Size("Web", 1200, 675, 30, 18, 15, 13, 60, 317.5),
}
"""The formats by name."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A chart and its words.

    `draw` returns the figure in light colours; it is given the width and height in CSS pixels that it may fill,
    before the whole is enlarged, and may draw to another height. `notes` are period, n, filters and what else the
    caption says, `source` says from what and when, and whose borders. `remarks` are the analysts' notes whose letters
    stand in the figure. `sample` puts a watermark behind the figure.
    """

    draw: Callable[[tuple[int, int]], go.Figure]
    title: str
    subtitle: str = ""
    notes: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    key: Legend = ()
    alt: str = ""
    sample: bool = False
    remarks: Remarks = field(default_factory=Remarks)

    @property
    def lacking(self) -> str:
        """What this computer has no font for among the chart's words, "" where all is well."""
        return lacking(
            " ".join((self.title, self.subtitle, *self.notes, *(r.words for r in self.remarks.shown)))
        )


def source_line(source: str, when: date | None) -> str:
    """Return "Source: Entente samples, store version 12, 22 Nov 2026" of what captions say on the page."""
    name = source.replace(", version ", ", store version ")
    if not name.startswith(_BRAND):
        name = f"{_BRAND}, {name[:1].lower()}{name[1:]}"
    return f"Source: {name}" + (f", {words.day(when)}" if when else "")


def _fixed(figure: go.Figure) -> tuple[int, int] | None:
    """Return the size that a figure was laid out for, where it must keep its shape."""
    meta = figure.layout.meta
    size = meta.get("size") if isinstance(meta, dict) else None
    return (int(size[0]), int(size[1])) if size else None


def _spec(framed: Framed, size: Size, ground: Ground, brand: str = _BRAND) -> dict[str, Any]:
    """Return what `draw.js` draws."""
    head = size.margin + size.title * 2.4 + size.subtitle * 2.4 + 30
    foot = size.margin + size.source * 4
    space = (round(size.room / size.scale), round((size.height - head - foot) / size.scale))
    figure = framed.draw(space)
    fixed = _fixed(figure)
    return {
        "figure": pictures.plot(figure),
        "width": size.width,
        "height": size.height,
        "paper": size.paper,
        "background": LIGHT.card if ground == "white" else "",
        "alt": framed.alt,
        "title": framed.title,
        "frame": {
            "title": framed.title,
            "subtitle": framed.subtitle,
            "key": [_item(item) for item in framed.key],
            "notes": " · ".join(part for part in framed.notes if part),
            "source": " · ".join(part for part in framed.source if part),
            "remarks": [
                {"mark": f"{MARK} {remark.letter}", "text": remark.words} for remark in framed.remarks.shown
            ],
            "cut": framed.remarks.cut,
            "brand": brand,
            "watermark": _WATERMARK if framed.sample else "",
            "stamp": _STAMP if framed.sample else "",
            "sizes": {
                "margin": size.margin,
                "top": round(size.margin * 0.72),
                "bottom": round(size.margin * 0.6),
                "title": size.title,
                "subtitle": size.subtitle,
                "label": size.label,
                "source": size.source,
                "key": size.source,
            },
            "tones": {"text": LIGHT.text, "muted": LIGHT.muted, "faint": LIGHT.faint, "line": LIGHT.line},
            "fonts": {"sans": FONT, "serif": SERIF},
            "native": {
                "width": fixed[0] if fixed else space[0],
                "height": fixed[1] if fixed else int(figure.layout.height or space[1]),
                "fixed": fixed is not None,
            },
        },
    }


def _item(item: Any) -> dict[str, Any]:
    if isinstance(item, Steps):
        return {"mark": "scale", "colours": item.colours, "edges": item.edges}
    return asdict(item)


def picture(
    framed: Framed, kind: Kind, *, size: str = "slide", ground: Ground = "white", scale: float = 2
) -> bytes:
    """Return a chart with its words as PNG, SVG or PDF, in one of `SIZES`.

    Raises NoChrome where no Chrome is installed, PictureError where the picture could not be made.
    """
    return pictures.take(_spec(framed, SIZES[size], ground), kind, scale=scale)


@cache
def plotly_script() -> str:
    """Return plotly.js, safe inside a script element."""
    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return path.read_text(encoding="utf-8").replace("</script", "<\\/script")


def script_json(value: Any) -> str:
    """Return JSON that may stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def page(framed: Framed, *, size: str = "web") -> str:
    """Return one HTML page that shows the chart with its words, answers the pointer, and needs no network.

    It holds plotly.js, the fonts and, for a map, the borders; its buttons save PNG and SVG in the reader's browser.
    """
    spec = _spec(framed, SIZES[size], "white")
    is_map = any(name.startswith("geo") for name in spec["figure"]["layout"])
    assets = ""
    if is_map:
        world = json.loads(borders().world or data_path("geo/world_50m.json").read_bytes())
        assets = f"window.ententeWorld={script_json(world)};"
    draw = (Path(__file__).parent / "draw.js").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; font-src data:; img-src data: blob:\">"
        f"<title>{escape(framed.title)}</title>"
        f'<meta name="description" content="{escape(framed.alt)}">'
        f"<style>{_page_style()}</style></head><body>"
        '<main id="view" role="group"></main>'
        '<p id="save"><button data-kind="png">Save PNG</button> <button data-kind="svg">Save SVG</button></p>'
        f"<script>{assets}</script><script>{plotly_script()}</script><script>{draw}</script>"
        f"<script>ententePage({script_json(spec)},{script_json([asdict(face) for face in faces()])});</script>"
        "</body></html>\n"
    )


def _page_style() -> str:
    return (
        f"html,body{{margin:0;background:{LIGHT.canvas}}}"
        f"main{{max-width:1200px;margin:24px auto 0;background:{LIGHT.card};border:1px solid {LIGHT.line};"
        "border-radius:8px;position:relative;overflow:hidden}"
        "main svg{display:block;width:100%;height:auto}"
        f"p{{max-width:1200px;margin:10px auto 24px;font:14px {FONT}}}"
        f"button{{font:inherit;color:{LIGHT.text};background:{LIGHT.card};border:1px solid {LIGHT.line};"
        "border-radius:6px;padding:6px 12px;min-height:32px;cursor:pointer}"
        f"button:focus-visible{{outline:2px solid {LIGHT.accent};outline-offset:2px}}"
        "@media print{html,body{background:none}main{border:0;margin:0}#save{display:none}}"
    )
