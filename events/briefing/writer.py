"""A briefing as a file: the writer that its ending asks for, and nothing left behind where it fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from events.briefing import data, paper, pictures, slides, web
from events.briefing.content import Briefing, Visual, build, resolve
from events.briefing.fonts import lacking
from events.briefing.recipe import Recipe
from events.errors import EntenteError, InputError, NoChrome
from events.export import replacing
from events.queries import Queries
from events.schema import Selection
from events.sidecar import beside
from events.store import Store
from events.views import Desk

__all__ = ["FORMATS", "Made", "made", "make", "needs_chrome", "notes_of", "save", "without_font"]

FORMATS: dict[str, str] = {
    "pptx": "Slides (PowerPoint)",
    "docx": "Document (Word)",
    "pdf": "Pages (PDF)",
    "html": "Page (HTML, offline)",
    "xlsx": "Events (Excel)",
    "csv": "Events (CSV)",
    "parquet": "Events (Parquet)",
    "jsonl": "Reports (JSON lines, PLOVER)",
    "geojson": "Places (GeoJSON)",
}
"""What can be written, by the file's ending."""

SCALE = 2  # pixels of a picture for one of the figure


def needs_chrome(kind: str) -> str:
    """Return what a missing Chrome takes from this format, "" where nothing or where Chrome is there."""
    if pictures.chrome() is not None:
        return ""
    return {
        "pdf": "PDF needs Chrome or Chromium on this computer; HTML prints as well.",
        "pptx": "Without Chrome or Chromium maps and networks become tables; charts stay native.",
        "docx": "Without Chrome or Chromium figures become tables.",
    }.get(kind, "")


def notes_of(store: Store, selection: Selection) -> pd.DataFrame | None:
    """Return the analysts' notes on dates that travel with a briefing; None where they cannot be read."""
    with suppress(EntenteError):
        return Desk(store.location).note_frame(selection)
    return None


def without_font(briefing: Briefing) -> str:
    """Return what this computer has no font for among a briefing's words, with what to install; "" where all is well."""
    told = [briefing.title, briefing.subtitle, *(note.text for note in briefing.notes)]
    for section in briefing.sections:
        told += [section.title, section.note, *section.paragraphs, *(r.words for r in section.remarks.shown)]
        told += [line.entry.text for line in section.lines]
        told += [cell for row in (section.table.rows if section.table else ()) for cell in row]
    return lacking(" ".join(told))


@dataclass(frozen=True, slots=True)
class Made:
    """A file; the text of its description where one belongs beside it (`events.sidecar`); for which letters it lacks a font."""

    data: bytes
    description: str = ""
    lacking: str = ""


def make(recipe: Recipe, store: Store, kind: str, notes: pd.DataFrame | None = None) -> bytes:
    """Return the briefing as a file of this kind; raises InputError for an unknown kind or an empty selection.

    NoChrome for a PDF where no Chrome is installed, PictureError where a picture could not be made.
    """
    return made(recipe, store, kind, f"brief.{kind}", notes).data


def made(recipe: Recipe, store: Store, kind: str, name: str, notes: pd.DataFrame | None = None) -> Made:
    """Return the briefing as `make` does, with the description that belongs beside a file of this name."""
    if kind not in FORMATS:
        raise InputError(f"a briefing is written as {', '.join(FORMATS)}, not as {kind!r}")
    if kind == "pdf" and pictures.chrome() is None:
        raise NoChrome
    queries = Queries(store, recipe.store_version)
    given = notes if notes is not None else notes_of(store, resolve(recipe, queries))
    briefing = build(recipe, queries, given)
    if kind in data.KINDS:
        table = data.table(briefing, queries, kind)
        return Made(table, data.description(briefing, kind, table, name))
    writers: dict[str, Callable[[Briefing], bytes]] = {
        "pptx": lambda made: slides.slides(made, picture),
        "docx": lambda made: paper.document(made, picture),
        "html": lambda made: web.page(made).encode("utf-8"),
        "pdf": web.printed,
    }
    return Made(writers[kind](briefing), lacking=without_font(briefing) if kind == "pdf" else "")


def picture(visual: Visual) -> bytes | None:
    """Draw a figure as PNG; None where no Chrome is installed."""
    if pictures.chrome() is None:
        return None
    figure = web.figure_of(visual)
    height = int(figure.layout.height or visual.size[1])
    return pictures.render(figure, "png", width=visual.size[0], height=height, scale=SCALE)


def save(recipe: Recipe, store: Store, to: Path) -> str:
    """Write the briefing to a file, in the format of its ending; a file that is there stays until all went well.

    Returns for which letters the file lacks a font, "" where all is well.

    Beside CSV and JSON lines stands what they are (`events.sidecar`).

    Raises InputError where the ending is unknown, no event matches or the file cannot be written.
    """
    kind = to.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(
            f"no format is known by the ending {to.suffix!r}; use one of {known}", source=str(to)
        )
    if not to.parent.is_dir():
        raise InputError("cannot be written (there is no such folder); choose another place", source=str(to))
    with ExitStack() as stack:
        # The description is entered first: it takes its place last, and none where the file itself does not.
        aside = stack.enter_context(replacing(beside(to), named=to)) if kind in data.DESCRIBED else None
        temporary = stack.enter_context(replacing(to))
        written = made(recipe, store, kind, to.name)
        temporary.write_bytes(written.data)
        if aside is not None:
            aside.write_text(written.description, encoding="utf-8")
    return written.lacking
