"""Bytes to text: what kind of file it is, by content first and name second, and in which encoding."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import PurePosixPath
from typing import Literal

import charset_normalizer

from events.errors import UnreadableInput

__all__ = ["HEAD", "Kind", "decode", "kind_of"]

Kind = Literal[
    "text",
    "markdown",
    "html",
    "jsonl",
    "json",
    "csv",
    "zip",
    "pdf",
    "docx",
    "mail",
    "mbox",
    "feed",
    "sitemap",
]

# Bytes looked at to tell the kind of a file.
HEAD = 65_536

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "old Word, Excel or Outlook files, and encrypted documents, are not read; save it as DOCX, EML or text",
    ),
    (b"{\\rtf", "RTF is not read; save it as text"),
    (b"\x1f\x8b", "gzip is not read; unpack it first"),
    (b"BZh", "bzip2 is not read; unpack it first"),
    (b"\xfd7zXZ", "xz is not read; unpack it first"),
    (b"7z\xbc\xaf", "7z is not read; unpack it first"),
    (b"Rar!", "RAR is not read; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd is not read; unpack it first"),
    (b"PAR1", "Parquet is not read as articles; export it as JSON lines"),
    (b"SQLite format 3", "SQLite is not read; export the articles as CSV or JSON lines"),
    (b"\x89PNG", "this is a picture; text in pictures is not read"),
    (b"\xff\xd8\xff", "this is a picture; text in pictures is not read"),
    (b"GIF8", "this is a picture; text in pictures is not read"),
    (b"\x7fELF", "this is a program, not an article"),
)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings that newsrooms' files are found in; a free guess would offer EBCDIC.
_ENCODINGS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "iso8859_2"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
]
# English text saved by an old word processor has a few curly quotes and accents beyond ASCII, seldom more.
_FEW_FOREIGN_BYTES = 0.03
# Control characters in a text; random bytes have a tenth.
_MANY_CONTROLS = 0.005
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HTML_HEAD = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_ROOT = re.compile(
    r"\s*(?:<\?.{0,2000}?\?>\s*|<!--.{0,5000}?-->\s*|<!DOCTYPE[^>\[]{0,500}(?:\[.{0,20000}?\]\s*)?>\s*)*"
    r"<(?:\w+:)?(rss|feed|RDF|urlset|sitemapindex)[\s>]",
    re.DOTALL,
)
_MBOX_HEAD = re.compile(rb"\s*From [^\r\n]{3,200}\d{4}[^\r\n]{0,40}\r?\n>?[A-Za-z][\w-]{1,60}:")
_MAIL_HEAD = re.compile(rb"(?:[A-Za-z][\w-]{0,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+\r?\n")
# A page saved as text may begin with "Date:" and "From:"; only mail programs write these.
_MAIL_SURE = re.compile(rb"^(?:Message-ID|MIME-Version|Received|Return-Path):", re.IGNORECASE | re.MULTILINE)
_HTML_TAGS = re.compile(
    r"<(?:p|div|article|section|h[1-6]|a|span|br|table|ul|script|meta|main|img)\b[^>]*>", re.IGNORECASE
)


def _encoding_mark(data: bytes) -> str | None:
    return next((name for mark, name in _BOMS if data.startswith(mark)), None)


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Return the text of these bytes: by byte order mark, as UTF-8, as `declared`, or by the best guess.

    Raises UnreadableInput for binary data and where no encoding fits.
    """
    mark = _encoding_mark(data)
    if mark is not None:
        try:
            return data.decode(mark).lstrip("\ufeff")
        except UnicodeDecodeError as error:
            raise UnreadableInput(f"the text is broken at byte {error.start}; save it as UTF-8") from error
    if b"\0" in data:
        raise UnreadableInput(
            "it holds NUL bytes, so it is not text in UTF-8; save the article as UTF-8 text"
        )
    for name in ("utf-8", declared):
        if not name:
            continue
        try:
            return _checked(data.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    text = _guess(data)
    if text is None:
        raise UnreadableInput("its encoding is not recognised; save it as UTF-8 text")
    return _checked(text)


def _checked(text: str) -> str:
    if len(_CONTROLS.findall(text[:HEAD])) > _MANY_CONTROLS * max(len(text[:HEAD]), 200):
        raise UnreadableInput("it is binary, not text; save the article as UTF-8 text")
    return text


def _guess(data: bytes) -> str | None:
    foreign = sum(byte > 127 for byte in data[:HEAD]) / max(len(data[:HEAD]), 1)
    if foreign <= _FEW_FOREIGN_BYTES:
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            pass
    best = charset_normalizer.from_bytes(data[:HEAD], cp_isolation=_ENCODINGS).best()
    if best is None:
        return None
    try:
        return data.decode(best.encoding)
    except UnicodeDecodeError:
        return None


def kind_of(head: bytes, name: str) -> Kind:
    """Return the kind of a file from its first bytes and its name.

    Raises UnreadableInput, with advice, for an empty file and for kinds that are not read.
    """
    if not head.strip():
        raise UnreadableInput("it is empty; leave it out, or save the article again")
    for signature, advice in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableInput(advice)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _office_or_zip(head, name)
    if b"%PDF-" in head[:1024]:  # some writers put a few bytes before it
        return "pdf"
    suffix = PurePosixPath(name.lower()).suffix
    mark = _encoding_mark(head)
    if suffix in {".jsonl", ".ndjson"}:
        return "jsonl"
    if _MBOX_HEAD.match(head):
        return "mbox"
    if _is_mail(head, suffix):
        return "mail"
    if mark is None and b"\0" in head:
        raise UnreadableInput("it is binary (it holds NUL bytes), not text; save the article as UTF-8 text")
    words = head.decode(mark or "utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if re.match(r"\{\s*[\"}]", words):
        return _object_or_lines(words, suffix)
    if re.match(r"\[\s*[\{\]]", words) or suffix == ".json":
        return "json"
    if (root := _XML_ROOT.match(words)) is not None:
        return "sitemap" if root[1].lower() in {"urlset", "sitemapindex"} else "feed"
    if _HTML_HEAD.match(words) or suffix in {".html", ".htm", ".xhtml"}:
        return "html"
    if words.startswith("<") and len(_HTML_TAGS.findall(words)) >= 3:
        return "html"
    if suffix in {".csv", ".tsv", ".tab"} or (
        suffix not in {".txt", ".md", ".markdown"} and _is_table(words)
    ):
        return "csv"
    return "markdown" if suffix in {".md", ".markdown"} else "text"


def _is_mail(head: bytes, suffix: str) -> bool:
    found = _MAIL_HEAD.match(head)
    if found is None:
        return False
    return suffix == ".eml" or _MAIL_SURE.search(found[0]) is not None


def _office_or_zip(head: bytes, name: str) -> Kind:
    suffix = PurePosixPath(name.lower()).suffix
    if b"word/" in head or suffix in {".docx", ".docm"}:
        return "docx"
    if b"mimetypeapplication/" in head or suffix in {".odt", ".epub", ".xlsx", ".pptx"}:
        raise UnreadableInput("office documents and e-books are not read; save it as text")
    if b"[Content_Types].xml" in head[:200]:
        raise UnreadableInput("office documents are not read; save it as text")
    return "zip"


def _object_or_lines(words: str, suffix: str) -> Kind:
    first, newline, rest = words.partition("\n")
    if not newline:
        return "json" if suffix == ".json" else "jsonl"
    try:
        json.loads(first)
    except ValueError:
        return "jsonl" if rest.lstrip().startswith("{") and suffix != ".json" else "json"
    except RecursionError:
        return "jsonl"
    return "jsonl"


def _is_table(words: str) -> bool:
    header = words.partition("\n")[0]
    for mark in (",", ";", "\t"):
        cells = [cell.strip(" \"'\r").lower() for cell in header.split(mark)]
        if (
            len(cells) > 1
            and {"text", "body", "content"} & set(cells)
            and all(len(cell) < 40 for cell in cells)
        ):
            return True
    return False
