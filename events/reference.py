"""The one door to `data/`: where its files lie, and their tables.

Every bundled file has its paper in `data/SOURCES.toml` (producer, licence, citation, sha256, rows).
Tables are read once per process and shared; treat them as read-only.
"""

from __future__ import annotations

import csv
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from events.errors import DataError

__all__ = [
    "DATA",
    "SIDECAR",
    "Source",
    "beside",
    "borders_file",
    "column_list",
    "data_path",
    "default_store",
    "sources",
    "store_folder",
    "table",
]

DATA = Path(__file__).resolve().parent.parent / "data"
"""The folder of bundled reference data."""


@dataclass(frozen=True, slots=True)
class Source:
    """The paper of one file under `data/`: who made it, under which licence, and what it should look like."""

    path: str  # relative to data/, with forward slashes
    title: str
    producer: str
    licence: str
    citation: str
    version: str
    accessed: str  # ISO date
    url: str  # "" for our own work
    sha256: str
    rows: int | None  # None for files that are no table


SIDECAR = "-metadata.json"
"""What the file that describes a table has after the table's name (W3C, Metadata Vocabulary for Tabular Data)."""


def data_path(name: str) -> Path:
    """Return the path of the bundled file `name` (relative to `data/`); raises DataError where it is missing."""
    path = DATA / name
    if not path.is_file():
        raise DataError(f"the bundled file data/{name} is missing; restore it with `git checkout data/`")
    return path


def default_store() -> str:
    """Return the store's folder or URL: the environment variable ENTENTE_STORE, else `data/store`."""
    return os.environ.get("ENTENTE_STORE") or str(DATA / "store")


def store_folder(store: str) -> Path | None:
    """Return the folder of a store that is named by a path or a file:// address, None for an object store's."""
    if store.startswith("file://"):
        return Path(unquote(store.removeprefix("file://")))
    return None if "://" in store else Path(store).expanduser()


def beside(store: str) -> Path:
    """Return the folder for what is kept beside the tables of a store: the store's own, where that is a folder.

    For an object store: the environment variable ENTENTE_DESK, else `data/store`.
    """
    return store_folder(store) or Path(os.environ.get("ENTENTE_DESK") or DATA / "store")


def borders_file() -> Path | None:
    """Return the operator's own borders: the environment variable ENTENTE_BORDERS, else None (ours are drawn)."""
    named = os.environ.get("ENTENTE_BORDERS", "").strip()
    return Path(named).expanduser() if named else None


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the CSV `data/<name>` as dicts of strings, in file order ("" for an empty cell).

    Raises DataError, naming the line, where a row has more or fewer cells than the header.
    """
    with data_path(name).open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise DataError(f"data/{name}, line {reader.line_num}: wrong number of cells")
            rows.append(row)
    return tuple(rows)


def column_list(cell: str) -> list[str]:
    """Return the items of a list cell (`a|b|c`), stripped, empty ones left out."""
    return [item.strip() for item in cell.split("|") if item.strip()]


@cache
def sources() -> tuple[Source, ...]:
    """Return the papers of all bundled files, in the order of `data/SOURCES.toml`."""
    document = tomllib.loads(data_path("SOURCES.toml").read_text(encoding="utf-8"))
    return tuple(
        Source(
            path=entry["path"],
            title=entry["title"],
            producer=entry["producer"],
            licence=entry["licence"],
            citation=entry["citation"],
            version=str(entry["version"]),
            accessed=str(entry["accessed"]),
            url=entry.get("url", ""),
            sha256=entry["sha256"],
            rows=entry.get("rows"),
        )
        for entry in document["file"]
    )
