"""Build `entente-symbols.woff2`: the marks of the charts, which the Latin files of IBM Plex lack.

Circles, diamonds and triangles are drawn here, with equal areas and on one centre line, so that a mark
weighs the same in text as on a chart; arrows and dashes come from IBM Plex Sans Regular (OFL 1.1, npm
`@ibm/plex-sans`). The result is a Modified Version under the OFL and therefore has another name.

    python data/build/symbol_font.py PLEX_SANS_REGULAR.woff2 OUT.woff2

Needs fonttools and brotli.
"""

from __future__ import annotations

import sys
from math import sqrt
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

Point = tuple[float, float]

WIDTH = 700  # advance of every drawn mark, of 1000 units an em
CENTRE: Point = (350, 349)  # half the height of Plex's capitals
RADIUS = 250
DIAGONAL = RADIUS * sqrt(3.14159 / 2)  # a diamond of the circle's area
STROKE = 74
FROM_PLEX = "→←↔↑↓↗↘↙↖⇄–−≤≥≈≠"
COPYRIGHT = (
    "Copyright 2018 IBM Corp. (arrows and dashes, from IBM Plex Sans). "
    "Copyright 2026 The Entente authors (circles, diamonds, triangles, cross)."
)


def circle(pen: Any, radius: float, *, hole: bool = False) -> None:
    """Draw a circle about the centre, clockwise, or counter-clockwise for a hole."""
    x, y = CENTRE
    k = 0.5522847 * radius
    turns = [(x, y + radius), (x + radius, y), (x, y - radius), (x - radius, y)]
    curves = [
        ((x + k, y + radius), (x + radius, y + k), turns[1]),
        ((x + radius, y - k), (x + k, y - radius), turns[2]),
        ((x - k, y - radius), (x - radius, y - k), turns[3]),
        ((x - radius, y + k), (x - k, y + radius), turns[0]),
    ]
    pen.moveTo(turns[0])
    for curve in curves:
        pen.curveTo(*((2 * x - px, py) if hole else (px, py) for px, py in curve))
    pen.closePath()


def polygon(pen: Any, points: list[Point], *, hole: bool = False) -> None:
    """Draw a closed polygon given clockwise; a hole runs the other way."""
    ordered = points[::-1] if hole else points
    pen.moveTo(ordered[0])
    for point in ordered[1:]:
        pen.lineTo(point)
    pen.closePath()


def diamond(half: float) -> list[Point]:
    """Return the corners of a diamond about the centre, clockwise from the top."""
    x, y = CENTRE
    return [(x, y + half), (x + half, y), (x, y - half), (x - half, y)]


def triangle(side: float, turn: str, *, centre: Point = CENTRE) -> list[Point]:
    """Return the corners of an equilateral triangle pointing `up`, `down` or `right`, clockwise."""
    x, y = centre
    long, short = side / sqrt(3), side / sqrt(3) / 2
    shift = side * 0.07  # the eye's centre lies between the centroid and the middle of the box
    if turn == "up":
        return [(x, y + long - shift), (x + side / 2, y - short - shift), (x - side / 2, y - short - shift)]
    if turn == "down":
        return [(x, y - long + shift), (x - side / 2, y + short + shift), (x + side / 2, y + short + shift)]
    return [(x + long - shift, y), (x - short - shift, y - side / 2), (x - short - shift, y + side / 2)]


def draw(mark: str, pen: Any) -> None:
    """Draw one of our own marks."""
    x, y = CENTRE
    if mark in "●○":
        circle(pen, RADIUS)
        if mark == "○":
            circle(pen, RADIUS - STROKE, hole=True)
    elif mark in "◆◇":
        polygon(pen, diamond(DIAGONAL))
        if mark == "◇":
            polygon(pen, diamond(DIAGONAL - STROKE * sqrt(2)), hole=True)
    elif mark in "▲▼▶":
        polygon(pen, triangle(600, {"▲": "up", "▼": "down", "▶": "right"}[mark]))
    elif mark in "▾▿":
        polygon(pen, triangle(430, "down"))
        if mark == "▿":
            # same turn and centre, inset by the stroke on each side
            inner = triangle(430 - 2 * sqrt(3) * STROKE * 0.75, "down", centre=(x, y + 430 * 0.07 * 0.45))
            polygon(pen, inner, hole=True)
    elif mark == "✕":
        arm, half = 215.0, STROKE / sqrt(2) / 1.05
        a, b = arm, half
        polygon(
            pen,
            [
                (x - a, y + a - b), (x - a + b, y + a), (x, y + b), (x + a - b, y + a), (x + a, y + a - b),
                (x + b, y), (x + a, y - a + b), (x + a - b, y - a), (x, y - b), (x - a + b, y - a),
                (x - a, y - a + b), (x - b, y),
            ],
        )


def build(plex_path: str, out_path: str) -> list[str]:
    """Write the font; return the code points that it covers, as CSS writes them."""
    plex = TTFont(plex_path)
    outlines, cmap = plex.getGlyphSet(), plex.getBestCmap()
    glyphs: dict[str, Any] = {".notdef": TTGlyphPen(None).glyph()}
    widths: dict[str, int] = {".notdef": 500}
    codes: dict[int, str] = {}
    for mark in "●○◆◇▲▼▶▾▿✕" + FROM_PLEX:
        if mark in FROM_PLEX and ord(mark) not in cmap:
            continue
        name = f"uni{ord(mark):04X}"
        pen = TTGlyphPen(None)
        if mark in FROM_PLEX:
            source = cmap[ord(mark)]
            recording = DecomposingRecordingPen(outlines)
            outlines[source].draw(recording)
            recording.replay(pen)
            widths[name] = outlines[source].width
        else:
            draw(mark, Cu2QuPen(pen, max_err=0.5))
            widths[name] = WIDTH
        glyphs[name], codes[ord(mark)] = pen.glyph(), name
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap(codes)
    font.setupGlyf(glyphs)
    table = font.font["glyf"]
    font.setupHorizontalMetrics({n: (w, getattr(table[n], "xMin", 0) or 0) for n, w in widths.items()})
    font.setupHorizontalHeader(ascent=1025, descent=-275)
    font.setupNameTable(
        {
            "copyright": COPYRIGHT,
            "familyName": "Entente Symbols",
            "styleName": "Regular",
            "uniqueFontIdentifier": "EntenteSymbols-Regular-1",
            "fullName": "Entente Symbols",
            "version": "Version 1.000",
            "psName": "EntenteSymbols-Regular",
            "licenseDescription": "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
            "licenseInfoURL": "http://scripts.sil.org/OFL",
        },
    )
    font.setupOS2(sTypoAscender=780, sTypoDescender=-220, sTypoLineGap=300, usWinAscent=1025, usWinDescent=275)
    font.setupPost()
    font.font["head"].created = font.font["head"].modified = 3_850_000_000  # the same input gives the same bytes
    font.font.recalcTimestamp = False
    font.font.flavor = "woff2"
    font.save(out_path)
    return [f"U+{code:04X}" for code in sorted(codes)]


if __name__ == "__main__":
    print(",".join(build(sys.argv[1], sys.argv[2])))
