"""Who may import whom: the house's law as a table. A new arrow fails here first."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EVENTS = ROOT / "events"

CELLAR = ("errors", "reference", "spark", "codebook", "accuracy", "schema", "gazetteer", "outlets")
WEST = ("read", "language", "extract", "cluster", "importers", "pipeline")
EAST = (
    "facts", "store", "engines", "search", "queries", "review", "analytics", "agreement", "charts", "briefing", "sidecar", "export",
    "merges", "movers", "views", "opinions", "coders", "judgements", "judged",
)  # fmt: skip
ROOF = ("cli", "watch", "asking", "intake", "imports", "dashboard", "__main__", "__init__")

# Libraries that only some rooms may know.
ONLY = {
    "torch": {"extract"},
    "transformers": {"extract"},
    "onnxruntime": {"extract"},
    "openai": {"extract"},
    "httpx2": {"extract"},
    "streamlit": {"dashboard"},
    "rensa": {"cluster"},
    "spacy": {"language", "extract"},
    "deltalake": {"store"},
    "duckdb": {"store", "engines"},
    "ibis": {"queries", "engines"},
    "sqlite3": {"opinions", "search", "views", "watch"},
    "pyspark": {"spark", "engines", "pipeline"},
    "plotly": {"charts", "dashboard", "briefing"},
    "choreographer": {"briefing"},
    "docx": {"briefing", "read"},
    "xlsxwriter": {"briefing"},
    "pptx": {"briefing"},
    "trafilatura": {"read"},
    "typer": {"cli"},
    "rich": {"cli"},
    "urllib.request": {"read"},
    "requests": {"read"},
    "httpx": {"read"},
    "httpcore2": {"read"},
    "feedparser": {"read"},
    "protego": {"read"},
    "pypdf": {"read"},
    "socket": {"read"},
}


def rooms_allowed(room: str) -> set[str]:
    if room in CELLAR:
        return set(CELLAR[: CELLAR.index(room)])
    if room in WEST:
        return {*CELLAR, *WEST}
    if room in EAST:
        return {*CELLAR, *EAST} - ({"analytics"} if room == "charts" else set())
    return {*CELLAR, *WEST, *EAST, *ROOF}


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def room_of(path: Path) -> str:
    return path.relative_to(EVENTS).parts[0].removesuffix(".py")


FILES = sorted(p for p in EVENTS.rglob("*.py"))


def test_every_room_has_its_floor():
    known = {*CELLAR, *WEST, *EAST, *ROOF}
    assert {room_of(p) for p in FILES} <= known


def test_the_drawing_for_contributors_has_every_room():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"\w+", text.split("```")[1]))
    assert {*CELLAR, *WEST, *EAST, *ROOF} - {"__main__", "__init__"} <= drawn


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(EVENTS)))
def test_arrows_point_down(path: Path):
    room = room_of(path)
    allowed = rooms_allowed(room) | {room}
    for name in imports(path):
        parts = name.split(".")
        if (
            parts[0] == "events"
            and len(parts) > 1
            and (EVENTS / parts[1]).with_suffix(".py").exists() | (EVENTS / parts[1]).is_dir()
        ):
            assert parts[1] in allowed, f"{room} may not import {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(EVENTS)))
def test_libraries_stay_in_their_rooms(path: Path):
    room = room_of(path)
    for name in imports(path):
        for library, rooms in ONLY.items():
            if name == library or name.startswith(library + "."):
                assert room in rooms, f"{room} may not import {library}"


def test_no_circles_between_rooms():
    arrows: dict[str, set[str]] = {}
    for path in FILES:
        room = room_of(path)
        if room in {"__init__", "__main__"}:
            continue
        for name in imports(path):
            parts = name.split(".")
            if (
                parts[0] == "events"
                and len(parts) > 1
                and parts[1] != room
                and parts[1] in {*CELLAR, *WEST, *EAST, *ROOF}
            ):
                arrows.setdefault(room, set()).add(parts[1])
    done: set[str] = set()

    def visit(room: str, trail: tuple[str, ...]) -> None:
        assert room not in trail, f"circle: {' -> '.join((*trail, room))}"
        if room in done:
            return
        for nxt in arrows.get(room, ()):
            visit(nxt, (*trail, room))
        done.add(room)

    for room in list(arrows):
        visit(room, ())
