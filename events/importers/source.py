"""Files of other data sets -> blocks of rows as text columns, each row with its line; bad rows are told apart.

Plain files, gzip and zip are opened by content and read as a stream: memory does not grow with the file. A tab
file is cut at line ends and parsed by Arrow; a block that Arrow cannot read is looked at line by line.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from events.errors import InputError, UnreadableInput
from events.reference import SIDECAR

__all__ = [
    "Block", "Head", "Rejected", "comma_blocks", "head_of", "json_blocks", "opened", "parquet_blocks",
    "tab_blocks",
]  # fmt: skip

# Bytes of a tab file that are parsed at once: some 20,000 rows of GDELT.
BLOCK_BYTES = 8 << 20
# Rows of a comma or JSON file that are handed on at once.
BLOCK_ROWS = 20_000
# Rows at the head of a file by which its format is told.
HEAD_LINES = 25
# A line longer than this is no row of a table.
LINE_BYTES = 4 << 20

GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was set aside: its file, its line (None: the file as a whole), why, and its text."""

    file: str
    line: int | None
    reason: str
    text: str = ""


@dataclass(slots=True)
class Block:
    """Some rows of a file as text columns (null for empty), with their lines; and those that are no rows."""

    file: str
    table: pa.Table  # string columns by name, and `line`
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file: what its format is told by."""

    file: str
    kind: str  # "parquet", "json", "tab", "comma"
    rows: tuple[tuple[str, ...], ...]  # of a table; the first may be a header
    keys: frozenset[str] = frozenset()  # of a Parquet file's columns or the first JSON object

    @property
    def header(self) -> tuple[str, ...]:
        """The cells of the first row, without a byte order mark and spaces."""
        return tuple(cell.strip().lstrip("\ufeff") for cell in self.rows[0]) if self.rows else ()


def _text(raw: bytes) -> str:
    """Return bytes as text: UTF-8, else Latin-1, which some publishers write."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@contextmanager
def opened(path: Path) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Give the streams of a file with their names: one, or one for each member of a zip.

    Raises InputError where the file cannot be opened.
    """
    with ExitStack() as stack:
        try:
            handle: BinaryIO = stack.enter_context(path.open("rb"))
            first = handle.read(4)
            handle.seek(0)
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror}); check the name", source=str(path)
            ) from error
        if first == ZIP:
            try:
                archive = stack.enter_context(zipfile.ZipFile(handle))
                names = [
                    entry
                    for entry in archive.infolist()
                    if not (entry.is_dir() or entry.filename.endswith(SIDECAR))
                ]
            except zipfile.BadZipFile as error:
                raise UnreadableInput("is a broken zip file; download it anew", source=str(path)) from error
            yield (
                (f"{path.name}/{entry.filename}", stack.enter_context(archive.open(entry)))  # type: ignore[misc]
                for entry in names
            )
        elif first[:2] == GZIP:
            yield iter([(path.name, stack.enter_context(gzip.open(handle)))])  # type: ignore[list-item]
        else:
            yield iter([(path.name, handle)])


@contextmanager
def _whole(name: str) -> Iterator[None]:
    """Turn what a broken stream raises into an InputError that says so."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, OSError) as error:
        raise UnreadableInput(
            f"cannot be unpacked or read to its end ({error}); download it anew. What was imported before is kept",
            source=name,
        ) from error


def head_of(name: str, stream: BinaryIO) -> Head:
    """Return the head of a stream; raises UnreadableInput where it is empty or no text."""
    with _whole(name):
        raw = stream.read(1 << 18)
    if not raw.strip():
        raise UnreadableInput("is empty; there is nothing to import", source=name)
    if raw.startswith(PARQUET):
        return Head(name, "parquet", ())
    lines = raw.split(b"\n")
    if len(lines) > 1 and len(raw) == 1 << 18:
        lines.pop()  # it may be cut
    texts = [_text(line.rstrip(b"\r")) for line in lines[:HEAD_LINES] if line.strip()]
    first = texts[0].lstrip("\ufeff").lstrip() if texts else ""
    if first.startswith("{"):
        try:
            value = json.loads(first)
        except ValueError:
            value = None
        if isinstance(value, dict):
            return Head(name, "json", (), frozenset(value))
    if sum(byte < 9 for byte in raw[:4096]) > len(raw[:4096]) // 20:
        raise UnreadableInput("is no text: none of the formats that can be imported", source=name)
    if "\t" in first:
        return Head(name, "tab", tuple(tuple(text.split("\t")) for text in texts))
    try:
        rows = tuple(tuple(row) for row in csv.reader(texts))
    except csv.Error as error:
        raise UnreadableInput(f"is no table ({error})", source=name) from error
    return Head(name, "comma", rows)


# Tab-separated


def tab_blocks(
    name: str, stream: BinaryIO, names: Sequence[str], wanted: Sequence[str], *, skip: int
) -> Iterator[Block]:
    """Yield the rows of a tab-separated stream with these columns, of them the wanted ones, in blocks.

    `skip` lines at the beginning are a header. A row may have further empty cells at its end; one with another
    number of cells is set aside, and so is one that holds NUL bytes.
    """
    at, rest = 1, b""
    while True:
        with _whole(name):
            raw = stream.read(BLOCK_BYTES)
        data = rest + raw
        if raw:
            cut = data.rfind(b"\n") + 1
            if not cut:
                if len(data) > LINE_BYTES:
                    raise UnreadableInput("holds a line that never ends; it is no table", source=name, row=at)
                rest = data
                continue
            data, rest = data[:cut], data[cut:]
        else:
            rest = b""
        if skip and data:
            _, _, data = data.partition(b"\n")
            skip, at = skip - 1, at + 1
        if data:
            lines = data.count(b"\n") + (not data.endswith(b"\n"))
            yield _tab_block(name, data, lines, at, names, wanted)
            at += lines
        if not raw:
            return


def _tab_block(
    name: str, data: bytes, lines: int, at: int, names: Sequence[str], wanted: Sequence[str]
) -> Block:
    table = None if b"\0" in data else _parsed(data, names, wanted)
    if table is not None and table.num_rows == lines:
        return Block(name, table.append_column("line", pa.array(range(at, at + lines), pa.int64())))
    good, numbers, rejected = [], [], []
    for number, line in enumerate(data.split(b"\n")[:lines], at):
        fitted = _fitted(line.rstrip(b"\r"), len(names))
        if isinstance(fitted, str):
            rejected.append(Rejected(name, number, fitted, _text(line[:2000])))
        elif fitted:
            good.append(fitted)
            numbers.append(number)
    table = _parsed(b"\n".join(good), names, wanted) if good else None
    if table is None or table.num_rows != len(good):
        table = pa.table({column: pa.array([], pa.string()) for column in wanted})
        rejected += [
            Rejected(name, n, "cannot be read as a row of a table", _text(g)[:2000])
            for n, g in zip(numbers, good, strict=True)
        ]
        numbers = []
    return Block(name, table.append_column("line", pa.array(numbers, pa.int64())), rejected)


def _fitted(line: bytes, width: int) -> bytes | str:
    """Return the line with as many cells as asked for, "" bytes for an empty one, or why it is no row."""
    if not line.strip():
        return b""
    if b"\0" in line:
        return "holds NUL bytes"
    cells = line.count(b"\t") + 1
    if cells > width:
        kept = line
        while cells > width and kept.endswith(b"\t"):
            kept, cells = kept[:-1], cells - 1
        line = kept
    if cells != width:
        return f"has {cells} cells, {width} were expected"
    line = line.replace(b"\r", b" ")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        line = line.decode("latin-1").encode("utf-8")
    return line


def _parsed(data: bytes, names: Sequence[str], wanted: Sequence[str]) -> pa.Table | None:
    """Return the wanted columns of tab-separated rows as text; None where Arrow cannot read them all."""
    try:
        table = pa_csv.read_csv(
            pa.py_buffer(data),
            read_options=pa_csv.ReadOptions(column_names=list(names), block_size=len(data) // 2 + (1 << 16)),
            parse_options=pa_csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.combine_chunks()


# Comma-separated


def comma_blocks(
    name: str, stream: BinaryIO, names: Sequence[str], wanted: Sequence[str], *, skip: int
) -> Iterator[Block]:
    """Yield the rows of a comma-separated stream (quotes may hold line ends), as `tab_blocks` does."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    reader = csv.reader(text, strict=True)  # else an open quote would swallow the next row
    places = [names.index(column) for column in wanted]
    rows: list[list[str]] = []
    lines: list[int] = []
    rejected: list[Rejected] = []
    line = 1
    while True:
        try:
            with _whole(name):
                row = next(reader, None)
        except csv.Error as error:
            reason = f"cannot be read ({error}): a quote that never closes, or one in the wrong place"
            rejected.append(Rejected(name, line, reason))
            line = reader.line_num + 1
            continue
        if row is None:
            break
        began, line = line, reader.line_num + 1
        if skip:
            skip -= 1
            continue
        if not any(row):
            continue
        while len(row) > len(names) and not row[-1]:
            row.pop()
        if len(row) != len(names):
            reason = f"has {len(row)} cells, {len(names)} were expected"
            rejected.append(Rejected(name, began, reason, ",".join(row)[:2000]))
        elif any("\0" in cell for cell in row):
            rejected.append(Rejected(name, began, "holds NUL bytes", ",".join(row)[:2000]))
        else:
            rows.append([row[place] for place in places])
            lines.append(began)
        if len(rows) >= BLOCK_ROWS:
            yield _block_of(name, wanted, rows, lines, rejected)
            rows, lines, rejected = [], [], []
    text.detach()
    if rows or rejected:
        yield _block_of(name, wanted, rows, lines, rejected)


def _block_of(
    name: str, wanted: Sequence[str], rows: list[list[str]], lines: list[int], rejected: list[Rejected]
) -> Block:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    table = pa.table(
        {column: pa.array([_clean(c) for c in cells], pa.string()) for column, cells in zip(wanted, columns, strict=True)}
        | {"line": pa.array(lines, pa.int64())}
    )  # fmt: skip
    return Block(name, table, list(rejected))


def _clean(cell: str) -> str | None:
    """Return a cell without bytes that were no UTF-8; None for an empty one."""
    if not cell:
        return None
    if cell.isascii():
        return cell
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return cell.encode("utf-8", "surrogateescape").decode("latin-1")
    return cell


# JSON lines and Parquet


def json_blocks(name: str, stream: BinaryIO) -> Iterator[tuple[list[tuple[int, Any]], list[Rejected]]]:
    """Yield the objects of JSON lines with their lines, in blocks, and the lines that are none."""
    good: list[tuple[int, Any]] = []
    rejected: list[Rejected] = []
    number = 0
    while True:
        with _whole(name):
            line = stream.readline(LINE_BYTES)
        if not line:
            break
        number += 1
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if isinstance(value, dict):
            good.append((number, value))
        else:
            rejected.append(Rejected(name, number, "is no JSON object", _text(line[:2000])))
        if len(good) + len(rejected) >= BLOCK_ROWS:
            yield good, rejected
            good, rejected = [], []
    if good or rejected:
        yield good, rejected


def parquet_blocks(name: str, stream: IO[bytes]) -> Iterator[pa.Table]:
    """Yield the rows of a Parquet file in blocks; raises UnreadableInput where it is broken."""
    try:
        opened_file = pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(f"is a broken Parquet file ({error})", source=name) from error
    batches = opened_file.iter_batches(BLOCK_ROWS)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableInput(f"is a broken Parquet file ({error})", source=name) from error
        if batch is None:
            return
        yield pa.Table.from_batches([batch])
