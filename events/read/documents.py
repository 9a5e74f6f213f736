"""Documents to articles: PDF with a text layer, and Word's DOCX."""

from __future__ import annotations

import io
import logging
import re
import time
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

from events.errors import UnreadableInput
from events.read.limits import MAX_PAGES, MAX_RATIO, MAX_TEXT, MAX_WORD, PDF_SECONDS, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["docx_text", "pdf_text"]

# Letters a page below which a PDF with pictures is taken for a scan: a page of print has two thousand, a
# scanner's own stamp some forty.
FEW_LETTERS = 60
# Share of a column's width below which a line that ends a sentence also ends its paragraph.
SHORT_LINE = 0.85
# Lines at the head and at the foot of a page that may be running titles and page numbers.
EDGE = 3

_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*$")
_PAGE_NUMBER = re.compile(r"(?:page\s+)?[-–—\s]*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
# What browsers print at the edges: day, hour and title above, address and page below.
_PRINTED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4},\s+\d{1,2}:\d{2}.*|(?:https?|file)://\S+\s+\d+/\d+")


# -- PDF


def pdf_text(data: bytes) -> tuple[str, str]:
    """Return the title that a PDF gives itself ("" without one) and its text, without running titles.

    Raises UnreadableInput, with advice, for a scan, an encrypted file, a broken one, and one that is too long.
    """
    # half a second of import that the other formats do without
    import pypdf  # noqa: PLC0415
    from pypdf.errors import DependencyError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every flaw that it mends
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
        title = "" if locked or reader.metadata is None else str(reader.metadata.title or "")
    except DependencyError as error:
        raise UnreadableInput("it is encrypted; print it to a new PDF, or save it as text") from error
    except Exception as error:  # a hostile file may raise anything
        raise UnreadableInput(
            f"the PDF is broken ({type(error).__name__}); open it and print it to a new PDF"
        ) from error
    if locked:
        raise UnreadableInput("it is encrypted; save it without its password first")
    if count > MAX_PAGES:
        raise UnreadableInput(f"it has more than {MAX_PAGES} pages; split it into its articles")
    pages, letters, pictures, began = [], 0, 0, time.monotonic()
    for number in range(count):
        try:
            page = reader.pages[number]
            lines = _page_lines(page.extract_text())
            pictures += _has_picture(page)
        except Exception as error:  # a hostile file may raise anything
            raise UnreadableInput(
                f"page {number + 1} of the PDF is broken ({type(error).__name__}); open it and print it to a new PDF"
            ) from error
        letters += sum(c.isalpha() for line in lines for c in line)
        if letters > MAX_TEXT:
            raise UnreadableInput(TOO_LONG)
        if time.monotonic() - began > PDF_SECONDS:
            raise UnreadableInput(
                f"reading the PDF takes more than {PDF_SECONDS} s; split it, or save it as text"
            )
        pages.append(lines)
    if letters < FEW_LETTERS * max(pictures, 1):
        raise UnreadableInput(
            "it is a scan: it holds pictures of pages and no text; run text recognition (OCR) on it first"
            if pictures
            else "it holds no text; run text recognition (OCR) on it first, or save the article as text"
        )
    lines = [line for page in _without_edges(pages) for line in page]
    title = " ".join(title.split())
    return _take_title(title, lines), _paragraphs(lines)


def _page_lines(text: str) -> list[str]:
    # ligatures are a matter of type: "ﬁ" is "fi"
    plain = re.sub(r"[\ufb00-\ufb06]", lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return [line.rstrip() for line in plain.replace("\0", "").split("\n")]


def _has_picture(page: Any) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources else None
    if not objects:
        return False
    return any(inner.get_object().get("/Subtype") == "/Image" for inner in objects.get_object().values())


def _without_edges(pages: Sequence[list[str]]) -> list[list[str]]:
    """Return the pages without page numbers and lines that stand at the edge of most pages."""

    def same(line: str) -> str:
        return re.sub(r"\d+", "#", " ".join(line.split())).casefold()

    counts: dict[str, int] = {}
    for page in pages:
        for line in {same(page[at]) for at in _edges(page)}:
            counts[line] = counts.get(line, 0) + 1
    running = {line for line, n in counts.items() if len(pages) > 2 and n > len(pages) / 2}
    kept = []
    for page in pages:
        full = [at for at, line in enumerate(page) if line.strip()]
        gone: set[int] = set()
        for edge in (full[:EDGE], full[: -EDGE - 1 : -1]):
            for at in edge:  # from the edge inwards, as far as it goes
                words = page[at].strip()
                if not (same(words) in running or _PAGE_NUMBER.fullmatch(words) or _PRINTED.fullmatch(words)):
                    break
                gone.add(at)
        kept.append([line for at, line in enumerate(page) if at not in gone])
    return kept


def _edges(page: list[str]) -> list[int]:
    full = [at for at, line in enumerate(page) if line.strip()]
    return list(dict.fromkeys([*full[:EDGE], *full[-EDGE:]]))


def _take_title(title: str, lines: list[str]) -> str:
    """Return the title if the document's first lines say it, and take it off them; else ""."""
    plain = re.sub(r"\W+", "", title).casefold()
    if not plain:
        return ""
    for at in range(min(len(lines), 12)):
        for end in range(at + 1, min(at + 5, len(lines) + 1)):
            told = re.sub(r"\W+", "", "".join(lines[at:end])).casefold()
            # the file's own title often has the outlet behind it
            if len(told) >= 12 and (
                told == plain or (plain.startswith(told) and len(told) > 0.6 * len(plain))
            ):
                words = " ".join(" ".join(lines[at:end]).split())
                del lines[at:end]
                return words
    return ""


def _paragraphs(lines: Sequence[str]) -> str:
    """Return lines of print as paragraphs: a paragraph ends at a blank line, or at a short line that ends a sentence."""
    paragraphs: list[str] = []
    current = ""
    for at, line in enumerate(lines):
        words = line.strip()
        if not words:
            paragraphs, current = [*paragraphs, current], ""
            continue
        if current.endswith("-") and words[:1].islower() and current[-2:-1].isalpha():
            current = current[:-1] + words
        else:
            current = f"{current} {words}" if current else words
        around = [len(other.strip()) for other in lines[max(0, at - 3) : at + 4]]
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        heading = at < 4 and not _SENTENCE_END.search(words) and len(words) < SHORT_LINE * max(around)
        if (_SENTENCE_END.search(words) and len(words) < SHORT_LINE * max(around)) or (
            heading and following[:1].isupper()
        ):
            paragraphs, current = [*paragraphs, current], ""
    return "\n\n".join(" ".join(words.split()) for words in [*paragraphs, current] if words)


# -- DOCX

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BROKEN_PACKAGE = (KeyError, ValueError, LookupError, AttributeError, OSError, RuntimeError, SyntaxError)


def docx_text(data: bytes) -> tuple[str, str]:
    """Return the title that a Word document gives itself ("" without one) and its text, a paragraph a line (a blank one where the writer left one).

    Deleted words are left out, inserted ones kept. Raises UnreadableInput, with advice, for a broken document and
    one that unpacks beyond sense.
    """
    # a third of a second of import that the other formats do without
    from docx import Document  # noqa: PLC0415
    from docx.opc.exceptions import OpcError  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableInput(
            f"the document is broken ({error}); open it in Word and save it again"
        ) from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_WORD or any(
        m.file_size > 1_000_000 and m.file_size > MAX_RATIO * max(m.compress_size, 1) for m in members
    ):
        raise UnreadableInput("it unpacks to far more than its size, like a bomb; save it as text")
    if any(member.flag_bits & 0x1 for member in members):
        raise UnreadableInput("it is encrypted; save it without its password first")
    try:
        document = Document(io.BytesIO(data))
        title = document.core_properties.title or ""
        lines = list(_word_lines(document.element.body))
    except (*_BROKEN_PACKAGE, OpcError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableInput(
            f"the document is broken ({type(error).__name__}); open it in Word and save it again"
        ) from error
    return _take_title(" ".join(title.split()), lines), "\n".join(lines)


def _word_lines(body: Any) -> Iterator[str]:
    """Yield each paragraph; text boxes stand once, tables cell by cell."""
    for paragraph in body.iter(f"{_W}p"):
        if any(above.tag == _FALLBACK for above in paragraph.iterancestors()):
            continue
        yield from "".join(_runs(paragraph)).split("\n")


def _runs(paragraph: Any) -> Iterator[str]:
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr"):
        owner = next((above for above in node.iterancestors() if above.tag == f"{_W}p"), None)
        if owner is not paragraph:
            continue  # a text box inside the paragraph has paragraphs of its own
        if node.tag == f"{_W}t":
            yield node.text or ""
        elif node.getparent().tag == f"{_W}r":
            yield "\t" if node.tag == f"{_W}tab" else "\n"
