"""Recipes: a briefing as a small TOML that makes it again, next week or at the same store version.

title = "Greece and Türkiye"       # all of these may be left out
subtitle = "For the Monday meeting"
store = "latest"                   # or the number of a store version: then the briefing never changes
paper = "A4"                       # or "Letter"
template = "house.pptx"            # slides in your own design; documents take a .docx in the same way

[selection]                        # filters by the names of schema.Selection
dyad = ["GRC", "TUR"]
start = 2024-01-01
days = 90                          # in place of start and end: counted back from the newest event

[[section]]
kind = "index"                     # one of KINDS, in the order in which they shall stand
title = "Calm since the spring"    # in place of the finding that is written by rule
note = "Ask for the Aegean figures."
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from events.charts import maps, words
from events.charts.maps import Measure
from events.errors import EntenteError, InputError
from events.reference import DATA, data_path
from events.schema import Selection
from events.views import selection_from, selection_values

__all__ = [
    "KINDS",
    "MOST",
    "Part",
    "Recipe",
    "clean",
    "heading",
    "load",
    "read",
    "shipped",
    "standard",
    "write",
]

KINDS: dict[str, str] = {
    "headline": "Headline figures",
    "map": "Map",
    "network": "Network",
    "timeline": "Timeline",
    "index": "Relation index",
    "directions": "Who does what to whom",
    "issues": "Issue mix",
    "pairs": "Pairs of actors",
    "chronology": "Chronology",
    "coming": "What is coming",
    "evidence": "Evidence",
    "method": "Method",
    "text": "Own text",
}
"""The kinds of sections, with the names that the builder shows."""

MOST = 500
"""Rows of a chronology or of the evidence at most: beyond, a spreadsheet is the right form."""

_TITLE, _TEXT, _FILE = 300, 8_000, 200_000
_DAYS = 36_600

Paper = Literal["A4", "Letter"]
PAPERS: tuple[Paper, ...] = ("A4", "Letter")


@dataclass(frozen=True, slots=True)
class Part:
    """One section as the recipe asks for it; "" and None stand for what is written by rule."""

    kind: str
    title: str = ""
    note: str = ""
    text: str = ""
    most: int | None = None
    measure: Measure | None = None  # of a map


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a briefing is made from. `days` counts back from the newest event and wins over the selection's days."""

    selection: Selection
    parts: tuple[Part, ...]
    title: str = ""
    subtitle: str = ""
    template: str = ""  # a file of the house's own design, "" for ours
    paper: Paper = "A4"
    days: int | None = None

    @property
    def store_version(self) -> int | None:
        """The store version that is asked; None for the newest."""
        return self.selection.store_version


_UNFIT = re.compile(r"[^\n\t -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return text that XML, TOML and spreadsheets can carry: no control characters, no half characters."""
    if not _UNFIT.search(text):
        return text
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        c
        for c in whole
        if c in "\n\t" or (c >= " " and c not in "\x7f\ufffe\uffff" and not "\x80" <= c <= "\x9f")
    )


def load(path: Path | str) -> Recipe:
    """Return the recipe in a file, or the shipped one of this name; raises InputError naming the key that is wrong."""
    named = Path(path)
    if not named.suffix and not named.exists() and str(path) in shipped():
        named = shipped()[str(path)]
    try:
        if named.stat().st_size > _FILE:
            raise InputError(f"more than {_FILE // 1000} kB: this is no recipe", source=str(named))
        text = named.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("is no UTF-8 text; a recipe is a TOML file", source=str(named)) from None
    except OSError as error:
        known = ", ".join(shipped())
        raise InputError(
            f"cannot be read ({error.strerror}); name a file, or one of the shipped recipes: {known}",
            source=str(named),
        ) from error
    recipe = read(text, source=str(named))
    if recipe.template and not Path(recipe.template).is_absolute():
        recipe = replace(recipe, template=str(named.parent / recipe.template))
    return recipe


def shipped() -> dict[str, Path]:
    """Return the recipes that come with Entente, by name."""
    return {
        path.stem: data_path(f"recipes/{path.name}") for path in sorted((DATA / "recipes").glob("*.toml"))
    }


def read(text: str, *, source: str = "the recipe") -> Recipe:
    """Return the recipe of this TOML; raises InputError naming the key that is wrong."""
    if len(text) > _FILE:
        raise InputError(f"more than {_FILE // 1000} kB: this is no recipe", source=source)
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"is not valid TOML: {error}", source=source) from None
    given = _Keys(told, source, "")
    values = dict(given.table("selection"))
    days = values.pop("days", None)
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 0 < days <= _DAYS):
        raise InputError(
            f"selection, days: a number of days from 1 to {_DAYS:,}, not {days!r}", source=source
        )
    if days is not None and {"start", "end"} & set(values):
        raise InputError(
            "selection, days: stands in place of start and end; leave one of them out", source=source
        )
    if "store_version" in values:
        raise InputError(
            "selection, store_version: write it as store = ... at the head of the recipe", source=source
        )
    try:
        selection = selection_from(values)
    except EntenteError as error:
        raise InputError(f"selection: {getattr(error, 'message', error)}", source=source) from None
    store = given.take("store", "latest")
    if store != "latest" and (isinstance(store, bool) or not isinstance(store, int) or not 0 < store < 10**9):
        raise InputError(f'store: "latest" or the number of a store version, not {store!r}', source=source)
    sections = given.take("section", [])
    if not isinstance(sections, list) or not all(isinstance(item, dict) for item in sections):
        raise InputError("section: each section begins with [[section]]", source=source)
    if not 0 < len(sections) <= 40:
        raise InputError(
            "section: a briefing has 1 to 40 sections, each beginning with [[section]]", source=source
        )
    recipe = Recipe(
        selection=replace(selection, store_version=None if store == "latest" else store),
        parts=tuple(_part(item, number, source) for number, item in enumerate(sections, start=1)),
        title=given.text("title", _TITLE),
        subtitle=given.text("subtitle", _TITLE),
        template=given.text("template", _TITLE),
        paper=given.one_of("paper", PAPERS) or "A4",  # type: ignore[arg-type]
        days=days,
    )
    given.all_taken()
    return recipe


def _part(values: dict[str, Any], number: int, source: str) -> Part:
    given = _Keys(dict(values), source, f"section {number}, ")
    kind = given.one_of("kind", tuple(KINDS))
    if not kind:
        raise InputError(f"section {number}, kind: is missing; one of {', '.join(KINDS)}", source=source)
    most = given.take("most", None)
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        raise InputError(f"section {number}, most: a number from 1 on, not {most!r}", source=source)
    part = Part(
        kind=kind,
        title=given.text("title", _TITLE),
        note=given.text("note", _TEXT),
        text=given.text("text", _TEXT),
        most=most,
        measure=given.one_of("measure", maps.MEASURES) or None,  # type: ignore[arg-type]
    )
    given.all_taken()
    return part


class _Keys:
    """The keys of one table of a recipe, each taken once; what is left over is unknown."""

    def __init__(self, values: dict[str, Any], source: str, where: str) -> None:
        self.values, self.source, self.where = dict(values), source, where

    def take(self, key: str, default: Any) -> Any:
        return self.values.pop(key, default)

    def table(self, key: str) -> dict[str, Any]:
        value = self.take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"is a table: write [{key}] and its filters below")
        return value

    def text(self, key: str, most: int) -> str:
        value = self.take(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, f"is a text in quotation marks, not {value!r:.60}")
        if len(value) > most:
            raise self.wrong(key, f"has at most {most:,} characters, this one {len(value):,}")
        return clean(value).strip()

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        value = self.take(key, "")
        if value and value not in known:
            raise self.wrong(key, f"{value!r:.60} is not known; one of {', '.join(known)}")
        return str(value)

    def all_taken(self) -> None:
        if self.values:
            raise self.wrong(next(iter(self.values)), "there is no such key; see the recipes in data/recipes")

    def wrong(self, key: str, message: str) -> InputError:
        return InputError(f"{self.where}{key}: {message}", source=self.source)


def write(recipe: Recipe) -> str:
    """Return the recipe as TOML that `read` takes for the same recipe."""
    lines = [
        f"{key} = {_toml(value)}"
        for key, value in (
            ("title", recipe.title),
            ("subtitle", recipe.subtitle),
            ("template", recipe.template),
        )
        if value
    ]
    lines.append(f"store = {_toml(recipe.store_version or 'latest')}")
    lines.append(f"paper = {_toml(recipe.paper)}")
    values = selection_values(replace(recipe.selection, store_version=None))
    lines += ["", "[selection]"]
    for key, value in values.items():
        if not (recipe.days and key in {"start", "end"}):
            lines.append(f"{key} = {value if key in {'start', 'end'} else _toml(value)}")
    if recipe.days:
        lines.append(f"days = {recipe.days}")
    for part in recipe.parts:
        lines += ["", "[[section]]", f"kind = {_toml(part.kind)}"]
        lines += [
            f"{key} = {_toml(value)}"
            for key in ("title", "note", "text", "most", "measure")
            if (value := getattr(part, key))
        ]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """Return a JSON value as TOML: a basic string of TOML reads like one of JSON."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def standard(selection: Selection, *, days: int | None = None) -> Recipe:
    """Return the usual sections for a selection: those of a dyad, of a state or region, or of an issue."""
    dyad: tuple[str, ...] = ("headline", "index", "timeline", "directions", "issues", "pairs", "map")
    wider: tuple[str, ...] = ("headline", "map", "timeline", "index", "issues", "pairs")
    if len(selection.parties) != 1:  # the network of one state is a star: its pairs say the same
        wider = (*wider, "network")
    kinds = (*(dyad if selection.dyad else wider), "chronology", "coming", "evidence", "method")
    return Recipe(selection, tuple(Part(kind) for kind in kinds), days=days)


def heading(recipe: Recipe) -> str:
    """Return the briefing's title: as given, else whom and what it is about."""
    if recipe.title:
        return recipe.title
    selection = recipe.selection
    if selection.dyad:
        return " and ".join(map(words.short_name, selection.dyad))
    about = [*selection.issues, *selection.domains]
    who = words.listing(map(words.short_name, selection.parties))
    told = ": ".join(filter(None, (who, words.listing(about))))
    return f"{told[0].upper()}{told[1:]}" if told else "All parties"
