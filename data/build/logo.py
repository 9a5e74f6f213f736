"""Draw the logo and the icon: two arcs that meet no more than they must, and the name in outlines.

An SVG used as a picture cannot load web fonts, so the letters are paths, taken from IBM Plex Sans SemiBold.

    python data/build/logo.py PLEX_SANS_SEMIBOLD.woff2 events/dashboard/static/

Needs fonttools and brotli. `icon.png` is `icon.svg` drawn at 64 pixels.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

CONFLICT = {"light": "#C4611A", "dark": "#E8873A"}
COOPERATION = {"light": "#3B7FC0", "dark": "#5E9ADB"}
INK = {"light": "#171C22", "dark": "#E9EBEE"}
SIZE, BASELINE, LEFT = 24.0, 24.6, 41.0  # of the word, in the units of a 32 high picture


def mark(theme: str) -> str:
    """Return the two arcs with their dots, in a 32 x 32 square."""
    orange, blue = CONFLICT[theme], COOPERATION[theme]
    return (
        f'<g fill="none" stroke-width="3.1" stroke-linecap="round">'
        f'<path d="M3.9 23.4C4.4 13.6 9.2 7.4 18.2 6.3" stroke="{orange}"/>'
        f'<path d="M28.1 8.6C27.6 18.4 22.8 24.6 13.8 25.7" stroke="{blue}"/></g>'
        f'<circle cx="19.6" cy="6.1" r="3.3" fill="{orange}"/><circle cx="12.4" cy="25.9" r="3.3" fill="{blue}"/>'
    )


def word(font_path: str, text: str) -> tuple[str, float]:
    """Return the path of the word and where it ends."""
    font = TTFont(font_path)
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    scale, x = SIZE / font["head"].unitsPerEm, LEFT
    pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.2f}".rstrip("0").rstrip("."))
    for letter in text:
        glyph = glyphs[cmap[ord(letter)]]
        glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, x, BASELINE)))
        x += glyph.width * scale - 0.12
    return pen.getCommands(), x


def main(font_path: str, out: Path) -> None:
    """Write logo_light.svg, logo_dark.svg and icon.svg."""
    path, end = word(font_path, "Entente")
    width = round(end + 1, 1)
    for theme in ("light", "dark"):
        (out / f"logo_{theme}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 32" width="{width}" height="32" '
            f'role="img" aria-label="Entente"><title>Entente</title>{mark(theme)}'
            f'<path d="{path}" fill="{INK[theme]}"/></svg>\n',
            encoding="utf-8",
        )
    (out / "icon.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="64" height="64" role="img" '
        f'aria-label="Entente"><title>Entente</title>{mark("light")}</svg>\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
