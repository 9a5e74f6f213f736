"""What an exported table is, in a small file beside it: `events.csv` has `events.csv-metadata.json`.

CSV and JSON lines have no place for it that every reader would skip, so the tables stay plain and what they are stands
beside them, by the name and in the words of the W3C's "Metadata Vocabulary for Tabular Data": title, source, columns
with their meanings. Our own facts are its note: dataset, store version, period, filters, numbers, the selection as a
recipe has it, and the SHA-256 of the table, by which `python -m events import` tells a table that is no longer whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from events import __version__
from events.charts import words
from events.errors import InputError
from events.queries import Counts, Queries
from events.reference import SIDECAR
from events.schema import Selection
from events.views import selection_values

__all__ = ["COLUMNS", "Origin", "beside", "described", "facts", "facts_of", "meanings", "origins", "packed"]

COLUMNS: dict[str, str] = {
    "event_id": "Id of the event; leads to it in the dashboard and in the JSON lines",
    "date": "Day of the act; empty where unknown",
    "date_precision": "How exactly the day is known: day, week, month, year",
    "date_basis": "Whether the text names the day or it follows from the day of publication",
    "source": "Party that acts: ISO 3166-1 alpha-3, or the code of an organisation",
    "target": "Party that is acted upon",
    "symmetric": "Whether both act at once; then source and target have no order",
    "event_type": "PLOVER type",
    "mode": "PLOVER mode, empty where there is none",
    "quad_class": "Material or verbal, cooperation or conflict",
    "intensity": "−10 (conflict) to +10 (cooperation)",
    "status": "occurred, denied, or background (recalled by a later article)",
    "planned_for": "Day for which the act is planned",
    "place_name": "Where the act took place",
    "place_country": "Country of the place",
    "place_lat": "Latitude in degrees",
    "place_lon": "Longitude in degrees",
    "place_precision": "How exactly the place is known: site, city, region, state",
    "issues": "What the act is about",
    "domains": "The fields that these issues belong to",
    "actors": "Named people and bodies of both sides",
    "confidence": "How sure the coding is, 0 to 1",
    "reports": "Reports that tell the act",
    "articles": "Articles that do",
    "outlets": "Outlets that do",
    "outlet_names": "Their names",
    "first_reported": "Day of the earliest article",
    "article_id": "Article of the report whose values these are",
    "sentence": "Words of that article, a quotation",
    "dataset": "Dataset of the store",
    "told": "The act as a sentence, written from the coded fields",
    "store_version": "Store version that was asked",
}
"""The columns of exported events, with their meaning."""

_LARGEST = 1_000_000  # bytes of a description


def beside(table: Path) -> Path:
    """Return the path of the description of a table."""
    return table.with_name(table.name + SIDECAR)


def facts(
    selection: Selection, counts: Counts, *, dataset: str, version: int, day: date | None
) -> dict[str, Any]:
    """Return what the events of a selection are: source, dataset, store version, its date, period, numbers, filters.

    `day` is that of the store version. `selection` holds what differs from the default, as a recipe writes it; events
    without a date are counted apart, and are in the table.
    """
    name = "Entente samples" if dataset == "samples" else f"Entente, dataset {dataset}"
    return {
        "source": f"{name}, store version {version}" + (f", {words.day(day)}" if day else ""),
        "dataset": dataset,
        "sample_data": dataset == "samples",
        "store_version": version,
        "date": day.isoformat() if day else None,
        "period": words.span(selection.start or counts.first, selection.end or counts.last, long=True)
        if counts.events
        else "",
        "events": counts.events,
        "undated_events": counts.undated,
        "reports": counts.reports,
        "articles": counts.articles,
        "outlets": counts.outlets,
        "filters": {name: value for name, value, _ in words.filters(selection)},
        "selection": selection_values(selection),
        "software": f"Entente {__version__}",
    }


def facts_of(queries: Queries, selection: Selection) -> dict[str, Any]:
    """Return the `facts` of what these queries answer about a selection."""
    version = selection.store_version
    held = queries.snapshot if version in {None, queries.version} else queries.store.snapshot(version)
    return facts(
        selection, queries.count(selection), dataset=queries.dataset(selection), version=held.version,
        day=datetime.fromisoformat(held.when).date() if held.when else None,
    )  # fmt: skip


def meanings(columns: Iterable[str]) -> dict[str, str]:
    """Return columns with their meanings, "" where there is none to tell."""
    return {name: COLUMNS.get(name, "") for name in columns}


def described(
    name: str,
    table: bytes | Path,
    told: Mapping[str, Any],
    *,
    title: str = "",
    columns: Mapping[str, str] | None = None,
) -> str:
    """Return the description of a table as JSON text.

    `name` is the table's file name, `told` its `facts`, `columns` the meaning of its columns in their order.
    """
    digest = hashlib.sha256(table).hexdigest() if isinstance(table, bytes) else _digest(table.open("rb"))
    filters = "; ".join(f"{key.lower()} {value}" for key, value in told["filters"].items())
    whole: dict[str, Any] = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dc:title": title or "Events",
        "dc:description": f"{_numbers(told)}, {told['period'] or 'no period'}; filters: {filters or 'none'}"
        + ("; sample data, not for use" if told["sample_data"] else ""),
        "dc:source": told["source"],
        "dc:date": told["date"],
    }
    if columns:
        whole["tableSchema"] = {
            "columns": [
                {"titles": column, **({"dc:description": meaning} if meaning else {})}
                for column, meaning in columns.items()
            ]
        }
    whole["notes"] = [{**told, "sha256": digest}]
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def packed(name: str, table: bytes, description: str) -> bytes:
    """Return a zip of a table and its description, for who can take one file only; an import reads it as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in ((name, table), (name + SIDECAR, description.encode())):
            archive.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _numbers(told: Mapping[str, Any]) -> str:
    undated = f" and {words.number(told['undated_events'])} undated" if told["undated_events"] else ""
    return (
        f"{words.plural(told['events'], 'event')}{undated} in {words.plural(told['reports'], 'report')} of "
        f"{words.plural(told['articles'], 'article')} of {words.outlets(told['outlets'])}"
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table comes from, as its description says; `fault` says where the two do not fit, "" where they do."""

    file: str
    said: str
    fault: str = ""


def origins(path: Path) -> list[Origin]:
    """Return what stands beside a table, or beside the tables in a zip, of our descriptions; none where there is none."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                held = {entry.filename: entry for entry in archive.infolist()}
                return [
                    _origin(f"{path.name}/{name}", archive.read(held[name + SIDECAR]), _digest(archive.open(entry)))
                    for name, entry in held.items()
                    if name + SIDECAR in held and held[name + SIDECAR].file_size <= _LARGEST
                ]  # fmt: skip
        described_in = beside(path)
        if not described_in.is_file() or described_in.stat().st_size > _LARGEST:
            return []
        return [_origin(path.name, described_in.read_bytes(), _digest(path.open("rb")))]
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"its description cannot be read ({error})", source=str(path)) from error


def _digest(handle: Any) -> str:
    with handle:
        found = hashlib.sha256()
        while block := handle.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def _origin(file: str, text: bytes, digest: str) -> Origin:
    try:
        whole = json.loads(text)
        told = whole["notes"][0]
        kept = str(told["sha256"])
        said = f"{whole['dc:source']}: {whole['dc:description']}"
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return Origin(
            file, "", "its description is not as Entente writes it; period and filters are not known"
        )
    fault = "" if kept == digest else "is not as it was exported: rows may be missing or changed"
    return Origin(file, " ".join(said.split())[:600], fault)
