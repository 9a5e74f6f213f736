"""Files, folders, archives and standard input to articles; bytes of each kind to their reader."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from events.errors import UnreadableInput
from events.read.decode import HEAD, Kind, decode, kind_of
from events.read.documents import docx_text, pdf_text
from events.read.feeds import from_feed
from events.read.limits import MAX_FILE, MAX_MEMBERS, MAX_RATIO, MAX_TEXT, MAX_UNPACKED, TOO_LONG, Rejected
from events.read.mail import article_from_mail, flat_html, messages_of
from events.read.pages import article_from_html, article_from_text
from events.read.press import MARKS, from_press, is_press
from events.read.records import Given, from_csv, from_json, from_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

__all__ = ["from_bytes", "from_kind", "from_path", "from_stdin"]

STDIN = "standard input"
# What zipfile and its decompressors raise on archives that lie about themselves.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")


class _Stream:
    """A binary stream whose first bytes were already taken, read on as if they had not been."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readline(self, limit: int, /) -> bytes:
        """Return the next line, or its first `limit` bytes; b"" at the end."""
        if not self._head:
            return self._rest.readline(limit)
        cut = self._head.find(b"\n") + 1 or len(self._head)
        line, self._head = self._head[: min(cut, limit)], self._head[min(cut, limit) :]
        if line.endswith(b"\n") or len(line) >= limit:
            return line
        return line + self._rest.readline(limit - len(line))

    def read(self, limit: int) -> bytes:
        """Return up to `limit` bytes, fewer only at the end."""
        taken, self._head = self._head[:limit], self._head[limit:]
        return taken + _read(self._rest, limit - len(taken))


def _read(stream: BinaryIO, limit: int) -> bytes:
    parts: list[bytes] = []
    while limit > 0 and (part := stream.read(min(limit, 1 << 20))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def from_stdin(origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the articles of standard input; JSON lines are streamed."""
    yield from _from_stream(sys.stdin.buffer, STDIN, "", origin, today, size=None)


def _from_stream(
    stream: BinaryIO, source: str, name: str, origin: str, today: date, *, size: int | None
) -> Iterator[Given | Rejected]:
    head = _read(stream, HEAD)
    try:
        kind = kind_of(head, name)
    except UnreadableInput as error:
        yield Rejected.of(error, source)
        return
    joined = _Stream(head, stream)
    # UTF-16 and UTF-32 have no line ends that bytes show
    if kind == "jsonl" and not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        yield from from_lines(joined, source, origin, today)
        return
    data = b"" if size is not None and size > MAX_FILE else joined.read(MAX_FILE + 1)
    if not data or len(data) > MAX_FILE:
        yield _too_large(source)
        return
    yield from from_kind(kind, data, source, origin, today)


def _too_large(source: str) -> Rejected:
    return Rejected(
        source,
        None,
        f"it is larger than {MAX_FILE // 1_000_000} MB; split it, or write one article a line (.jsonl)",
    )


def from_kind(
    kind: Kind,
    data: bytes,
    source: str,
    origin: str,
    today: date,
    *,
    declared: str | None = None,
    url: str | None = None,
    outlet: str = "",
) -> Iterator[Given | Rejected]:
    """Yield the articles of bytes of a known kind.

    `declared` is the encoding and `url` where they were found, `outlet` who prints them if a page does not say.
    """
    if kind == "zip":
        yield Rejected(source, None, "an archive inside an archive is not opened; unpack it first")
    elif kind == "sitemap":
        yield Rejected(source, None, "a sitemap lists pages and holds none; give its web address instead")
    elif kind == "feed":
        yield from from_feed(data, source, origin, today)
    elif kind == "csv":
        yield from from_csv(data, source, origin, today)
    elif kind == "json":
        yield from from_json(data, source, origin, today)
    elif kind == "jsonl":
        yield from _lines_of(data, source, origin, today)
    elif kind == "mbox":
        yield from _from_mbox(data, source, origin, today)
    elif (
        kind in {"text", "markdown"} and len(data) > 4 * MAX_TEXT and not MARKS.search(data)
    ):  # no encoding takes more than four bytes for a character
        yield Rejected(source, None, TOO_LONG)
    else:
        try:
            yield from _from_document(kind, data, source, origin, today, declared, url, outlet)
        except UnreadableInput as error:
            yield Rejected.of(error, source)


def _from_document(
    kind: Kind,
    data: bytes,
    source: str,
    origin: str,
    today: date,
    declared: str | None,
    url: str | None,
    outlet: str,
) -> Iterator[Given | Rejected]:
    """Yield the one article of a document, or all of an export of a press database; raises UnreadableInput."""
    title = ""
    if kind == "mail":
        yield article_from_mail(data, today=today, origin=origin), ""
        return
    if kind == "pdf":
        title, text = pdf_text(data)
    elif kind == "docx":
        title, text = docx_text(data)
        text = text if is_press(text) else text.replace("\n", "\n\n")
    elif kind != "html":
        text = decode(data, declared=declared)
    elif MARKS.search(data) and is_press(flat := flat_html(decode(data, declared=declared))):
        text = flat
    else:
        yield (
            article_from_html(data, today=today, origin=origin, declared=declared, url=url, outlet=outlet),
            "",
        )
        return
    text = text.replace("\r\n", "\n")
    if is_press(text):
        yield from from_press(text, source, origin, today)
        return
    article = article_from_text(
        text, today=today, origin=origin, title=title, url=url, markdown=kind == "markdown"
    )
    yield article, ""


def _from_mbox(data: bytes, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    try:
        for row, message in enumerate(messages_of(data), start=1):
            try:
                yield article_from_mail(message, today=today, origin=origin), ""
            except UnreadableInput as error:
                yield Rejected(source, row, f"message {row}: {error.message}")
    except UnreadableInput as error:
        yield Rejected.of(error, source)


def _lines_of(data: bytes, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        try:
            data = decode(data).encode("utf-8", errors="surrogatepass")
        except UnreadableInput as error:
            yield Rejected.of(error, source)
            return
    yield from from_lines(io.BytesIO(data), source, origin, today)


def from_bytes(data: bytes, name: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the articles of a file given as bytes."""
    source = PurePosixPath(name.replace("\\", "/")).name or "upload"
    if data.startswith(_ZIPPED):
        try:
            zipped = kind_of(data[:HEAD], source) == "zip"
        except UnreadableInput as error:
            yield Rejected.of(error, source)
            return
        if zipped:
            yield from _from_zip(io.BytesIO(data), source, origin, today)
            return
    yield from _from_stream(io.BytesIO(data), source, source, origin, today, size=len(data))


# -- archives


def _from_zip(file: BinaryIO | Path, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        yield Rejected(source, None, f"the archive is broken ({error}); pack it again")
        return
    with archive:
        members = [
            m for m in archive.infolist() if not m.filename.endswith("/") and not _hidden_member(m.filename)
        ]
        if len(members) > MAX_MEMBERS:
            yield Rejected(source, None, f"the archive holds more than {MAX_MEMBERS:,} files; split it")
            return
        if not members:
            yield Rejected(source, None, "the archive holds no files; pack it again")
            return
        left = MAX_UNPACKED
        for member in sorted(members, key=lambda m: m.filename):
            name = f"{source}/{member.filename}"
            refusal = _refusal(member, left)
            if refusal:
                yield Rejected(name, None, refusal)
                continue
            try:
                with archive.open(member) as stream:
                    data = _read(stream, MAX_FILE + 1)  # type: ignore[arg-type]
            except _BROKEN as error:
                yield Rejected(name, None, f"it cannot be unpacked ({error}); pack the archive again")
                continue
            left -= len(data)
            if len(data) > MAX_FILE:
                yield _too_large(name)
                continue
            try:
                kind = kind_of(data[:HEAD], member.filename)
            except UnreadableInput as error:
                yield Rejected.of(error, name)
                continue
            yield from from_kind(kind, data, name, f"{origin}/{member.filename}", today)


def _hidden_member(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in parts)


def _refusal(member: zipfile.ZipInfo, left: int) -> str | None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if not path.parts:
        return "it has no name; pack the archive again"
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "its path leads out of the archive; pack it again with plain names"
    if member.flag_bits & 0x1:
        return "it is encrypted; unpack the archive with its password first"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a link, not a file; pack the file itself"
    if member.file_size > MAX_FILE:
        return _too_large("").message
    if member.file_size > 1_000_000 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        return f"it unpacks to more than {MAX_RATIO} times its size, like a bomb; unpack it first"
    if member.file_size > left:
        return f"the archive unpacks to more than {MAX_UNPACKED // 1_000_000} MB; split it"
    return None


# -- files and folders


def from_path(path: Path, origin: str | None, today: date) -> Iterator[Given | Rejected]:
    """Yield the articles of a file, or of all files below a folder, sorted, hidden ones left out."""
    try:
        is_folder = path.is_dir()
    except OSError as error:
        yield Rejected(str(path), None, _why(error))
        return
    if not is_folder:
        yield from _from_file(path, origin or path.name, today)
        return
    count = 0
    for inner in _walk(path, path.resolve()):
        count += 1
        if isinstance(inner, Rejected):
            yield inner
        else:
            where = PurePosixPath(path.resolve().name, *inner.relative_to(path).parts)
            yield from _from_file(inner, origin or str(where), today)
    if not count:
        yield Rejected(str(path), None, "the folder holds no files; name the files or another folder")


def _walk(folder: Path, root: Path) -> Iterator[Path | Rejected]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield Rejected(str(folder), None, _why(error))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            target = entry.resolve()
            if not target.is_relative_to(root):
                yield Rejected(
                    str(entry), None, "it is a link that leads out of the folder; name its target itself"
                )
            continue  # a link inside the folder: its target is read under its own name
        if entry.is_dir():
            yield from _walk(entry, root)
        else:
            yield entry


def _from_file(path: Path, origin: str, today: date) -> Iterator[Given | Rejected]:
    source = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            yield Rejected(
                source, None, "it is no regular file (a pipe or a device); pipe it in and name the source -"
            )
            return
        stream = path.open("rb")
    except OSError as error:
        yield Rejected(source, None, _why(error))
        return
    with stream:
        head = stream.read(HEAD)
        stream.seek(0)
        if head.startswith(_ZIPPED):
            try:
                zipped = kind_of(head, path.name) == "zip"
            except UnreadableInput as error:
                yield Rejected.of(error, source)
                return
            if zipped:
                yield from _from_zip(stream, source, origin, today)
                return
        yield from _from_stream(stream, source, path.name, origin, today, size=status.st_size)


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "it does not exist; check the name and the folder"
    if isinstance(error, PermissionError):
        return "it may not be read; give yourself permission to read it"
    return f"it cannot be read ({error.strerror or error}); check the name and the disk"
