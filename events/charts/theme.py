"""Colours, glyphs and the plotly template, light and dark.

Orange means conflict and blue cooperation, and neither is ever decoration. Circle = cooperation, diamond =
conflict, filled = done, hollow = said, so that the four quad classes read without colour.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from events.codebook import QUAD_CLASSES

__all__ = [
    "DARK",
    "EDGES",
    "FONT",
    "GLYPHS",
    "LIGHT",
    "MONO",
    "SERIF",
    "SYMBOLS",
    "TOO_FEW",
    "EvidenceTone",
    "Theme",
    "base_figure",
    "intensity_step",
    "step_range",
]

FONT = "IBM Plex Sans, Noto Sans, sans-serif"
SERIF = "IBM Plex Serif, Noto Serif, serif"
MONO = "IBM Plex Mono, Noto Sans Mono, monospace"

EDGES = (-10, -8, -5, -3, -1, 1, 3, 5, 8, 10)
"""Edges of the nine steps of intensity: they part the PLOVER types; an edge belongs to the milder step."""

TOO_FEW = 5
"""From so many events on a mean or a share is drawn; below, marks are grey or hollow and say the number."""

GLYPHS = dict(zip(QUAD_CLASSES, "●○◇◆", strict=True))
SYMBOLS = dict(zip(QUAD_CLASSES, ("circle", "circle-open", "diamond-open", "diamond"), strict=True))


@dataclass(frozen=True, slots=True)
class EvidenceTone:
    """How the words behind one field are marked in a text: tint, ink of tag and line, kind of line, tag."""

    tint: str
    ink: str
    line: str
    tag: str


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours as hex values; `steps` run from conflict (-4) to cooperation (+4)."""

    name: Literal["light", "dark"]
    canvas: str
    card: str
    sidebar: str
    text: str
    muted: str
    faint: str
    line: str
    grid: str
    gap: str
    accent: str
    accent_ink: str
    conflict: str
    conflict_text: str
    cooperation: str
    cooperation_text: str
    land: str
    land_edge: str
    steps: tuple[str, ...]
    classes: dict[str, str]
    evidence: dict[str, EvidenceTone]

    def step_colour(self, value: float) -> str:
        """Return the fill of this intensity."""
        return self.steps[intensity_step(value) + 4]

    def sign_text(self, value: float) -> str:
        """Return the text colour of this intensity: conflict, cooperation, or neutral near zero."""
        if abs(value) < 0.05:
            return self.text
        return self.conflict_text if value < 0 else self.cooperation_text


def intensity_step(value: float) -> int:
    """Return the step -4..+4 of an intensity in -10..+10; an edge belongs to the milder step."""
    return min(bisect_left(EDGES[5:], abs(value)), 4) * (1 if value > 0 else -1)


def step_range(step: int) -> tuple[int, int]:
    """Return the edges between which the intensities of a step -4..+4 lie."""
    return EDGES[step + 4], EDGES[step + 5]


def _evidence(*rows: tuple[str, str, str, str, str]) -> dict[str, EvidenceTone]:
    return {field: EvidenceTone(tint, ink, line, tag) for field, tint, ink, line, tag in rows}


LIGHT = Theme(
    name="light",
    canvas="#F6F5F1",
    card="#FFFFFF",
    sidebar="#EFEDE7",
    text="#171C22",
    muted="#565E69",
    faint="#626973",
    line="#DEDBD3",
    grid="#ECE9E3",
    gap="#F1EFEA",
    accent="#2B3440",
    accent_ink="#FFFFFF",
    conflict="#C4611A",
    conflict_text="#A84A0C",
    cooperation="#3B7FC0",
    cooperation_text="#1F66A8",
    land="#EFEDE8",
    land_edge="#C9C5BC",
    steps=(
        "#8C3800",
        "#C4611A",
        "#E89B52",
        "#F6D2A9",
        "#D9D7D2",
        "#B7D1EA",
        "#79ABD9",
        "#3B7FC0",
        "#0E4C86",
    ),
    classes=dict(zip(QUAD_CLASSES, ("#0E4C86", "#3B82C4", "#CF6A1B", "#8C3800"), strict=True)),
    evidence=_evidence(
        ("source", "#E9DFF8", "#5B2E91", "solid", "A"),
        ("target", "#CDEDE6", "#0A5F55", "solid", "B"),
        ("event_type", "#FAEBA8", "#6B5200", "double", "act"),
        ("date", "#E4E9CF", "#4D5A14", "dotted", "when"),
        ("place", "#D5EED4", "#1E6526", "dashed", "where"),
        ("actor", "#FBDDE8", "#97184F", "solid", "who"),
        ("issue", "#E2E6EC", "#3F4D60", "dotted", "about"),
        ("quantity", "#EBDDD2", "#6A3D1C", "solid", "n"),
        ("status", "#F7D9D6", "#8E231B", "dashed", "status"),
    ),
)

DARK = Theme(
    name="dark",
    canvas="#0F1317",
    card="#171C23",
    sidebar="#0B0E12",
    text="#E9EBEE",
    muted="#A3ABB6",
    faint="#8A93A0",
    line="#2B323C",
    grid="#232A33",
    gap="#1D232B",
    accent="#AEB8C6",
    accent_ink="#0F1317",
    conflict="#E8873A",
    conflict_text="#F0974E",
    cooperation="#5E9ADB",
    cooperation_text="#7DB3EA",
    land="#252C35",
    land_edge="#3A434F",
    steps=(
        "#FFAA5C",
        "#E8873A",
        "#B0642A",
        "#70472B",
        "#4A515B",
        "#2F506F",
        "#3C72A6",
        "#5E9ADB",
        "#9CCBFF",
    ),
    classes=dict(zip(QUAD_CLASSES, ("#9CCBFF", "#5E97D1", "#CF7F3E", "#FFAA5C"), strict=True)),
    evidence=_evidence(
        ("source", "#3A2A55", "#CDB4F5", "solid", "A"),
        ("target", "#123F3A", "#7FDCCB", "solid", "B"),
        ("event_type", "#4A3F0C", "#F2D664", "double", "act"),
        ("date", "#363D17", "#CBD88A", "dotted", "when"),
        ("place", "#1D4223", "#8FDB95", "dashed", "where"),
        ("actor", "#551F38", "#F7A8C6", "solid", "who"),
        ("issue", "#303A47", "#B7C4D6", "dotted", "about"),
        ("quantity", "#47301F", "#E2B897", "solid", "n"),
        ("status", "#551F1B", "#F5A69E", "dashed", "status"),
    ),
)


def base_figure(theme: Theme, *, height: int, **layout: Any) -> go.Figure:
    """Return an empty figure in our look: transparent paper, no legend, hover in the card's colour.

    A chart that is laid out in pixels says for which size: `meta={"size": [width, height]}`.
    """
    axis = {
        "automargin": False,
        "color": theme.muted,
        "gridcolor": theme.grid,
        "linecolor": theme.line,
        "tickfont": {"size": 11.5, "color": theme.muted},
        "showline": False,
        "zeroline": False,
        "fixedrange": True,
    }
    figure = go.Figure()
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 12, "color": theme.text},
        hoverlabel={
            "bgcolor": theme.card,
            "bordercolor": theme.line,
            "font": {"family": FONT, "size": 12, "color": theme.text},
            "align": "left",
        },
        showlegend=False,
        dragmode=False,
        xaxis={**axis, "showgrid": False},
        yaxis=axis,
        separators=".,",
    )
    figure.update_layout(**layout)
    return figure
