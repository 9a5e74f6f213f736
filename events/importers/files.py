"""Which format a file has, and its rows in our codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from events.errors import InputError, UnreadableInput
from events.importers import acled, entente, gdelt, icews, polecat, ucdp
from events.importers.coding import Coded
from events.importers.papers import FORMATS, Paper, paper
from events.importers.source import Head, head_of, opened

__all__ = ["read", "recognised"]

# A file whose first block has more bad rows than this share is taken for another format, or for broken.
MOST_BAD = 0.5


def _recognises(name: str, head: Head) -> bool:
    if name in {"gdelt1", "gdelt2"}:
        return gdelt.recognises(head, name)
    return bool(_reader(name).recognises(head))


def _reader(name: str) -> Any:
    return {
        "gdelt1": gdelt, "gdelt2": gdelt, "icews": icews, "polecat": polecat, "acled": acled, "ucdp": ucdp,
        "entente": entente,
    }[name]  # fmt: skip


def _told(head: Head, wanted: str | None) -> Paper:
    """Return the paper of a file's format; raises InputError where it is none, or not the wanted one."""
    found = next((name for name in FORMATS if _recognises(name, head)), None)
    asked = {"gdelt1", "gdelt2"} if wanted == "gdelt" else {wanted}
    if found is None:
        columns = f" Its first row: {', '.join(head.header[:8])[:200]}" if head.header else ""
        raise InputError(
            f"is none of the formats that can be imported ({', '.join(FORMATS)}), or its header is broken.{columns}",
            source=head.file,
        )
    if wanted is not None and found not in asked:
        raise InputError(
            f"looks like {paper(found).name}, not like {wanted}; import it as {found}, or as auto",
            source=head.file,
        )
    return paper(found)


def recognised(path: Path, wanted: str | None = None) -> Paper:
    """Return the paper of a file's format (of the first member of a zip), told by its content.

    Raises InputError where it is none of ours, or not the `wanted` one ("gdelt" is either of its versions).
    """
    with opened(path) as streams:
        for name, stream in streams:
            return _told(_head(name, stream), wanted)
    raise UnreadableInput("is an empty zip file", source=str(path))


def _head(name: str, stream: BinaryIO) -> Head:
    head = head_of(name, stream)
    if head.kind != "parquet":
        return head
    try:
        stream.seek(0)
        names = pq.read_schema(stream).names
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(f"is a broken Parquet file ({error})", source=name) from error
    return Head(name, "parquet", (), frozenset(names))


def read(
    paths: Sequence[Path], wanted: str | None = None
) -> Iterator[tuple[Paper, Head, Coded] | InputError]:
    """Yield the rows of these files in our codes, block by block, each with its paper and its file's head.

    A file that is none of the formats, or not the wanted one, or that breaks off, yields an InputError; blocks
    before were whole, and the next file follows.
    """
    if wanted is not None and wanted != "gdelt":
        paper(wanted)
    for path in paths:
        try:
            yield from _read(path, wanted)
        except InputError as error:
            yield error


def _read(path: Path, wanted: str | None) -> Iterator[tuple[Paper, Head, Coded]]:
    with opened(path) as streams, opened(path) as again:
        for (name, stream), (_, fresh) in zip(streams, again, strict=True):
            head = _head(name, stream)
            told = _told(head, wanted)
            first = True
            for coded in _reader(told.format).coded_blocks(head, fresh, told):
                if first and coded.rows and len(coded.rejected) > coded.rows * MOST_BAD:
                    why = coded.rejected[0]
                    raise InputError(
                        f"looks like {told.name}, but {len(coded.rejected):,} of its first {coded.rows:,} rows are "
                        f"not: line {why.line} {why.reason}. Nothing of this file was imported",
                        source=name,
                    )
                first = False
                yield told, head, coded


def unread(told: Paper, head: Head) -> list[str]:
    """Return the columns of a file's header that the paper neither reads nor ignores."""
    names = sorted(head.keys) if head.kind == "parquet" else list(head.header)
    if head.kind == "json" or not (set(names) & set(told.read)):
        return []
    return [name for name in names if name not in told.read and name not in told.ignored]
