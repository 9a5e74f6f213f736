"""Sources become articles: pages, documents, mail, feeds, exports, records, folders of these, web addresses, paste.

`read` streams whatever it is given. What is no article comes back as a `Rejected` in its place, with a
message that says what to do; the good items beside it are kept, and bad content never raises.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import UnreadableInput
from events.read.limits import Rejected
from events.read.pages import article_from_text
from events.read.records import Given, article_from_json, from_lines, utc_today
from events.read.sources import STDIN, from_bytes, from_path, from_stdin
from events.read.web import Visitor, from_address, is_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from events.schema import Article

__all__ = [
    "Given",
    "Rejected",
    "Visitor",
    "article_from_json",
    "is_address",
    "read",
    "read_address",
    "read_bytes",
    "read_given",
    "read_lines",
    "read_text",
]


def read_given(
    sources: Iterable[str | Path],
    *,
    dataset_hint: str | None = None,
    today: date | None = None,
    visitor: Visitor | None = None,
) -> Iterator[Given | Rejected]:
    """Yield (article, the id that the input gave it or "") for each article of the sources, else Rejected.

    `sources` are files, folders (read through, sorted, hidden files left out), web addresses (of a page, a document,
    a feed or a sitemap; fetched by `visitor`) and "-" for standard input.
    `dataset_hint` becomes the origin of the articles in place of their file's name. `today` bounds the dates
    of publication (default: now, UTC).
    """
    day, guest = today or utc_today(), visitor or Visitor()
    for source in sources:
        if isinstance(source, str) and is_address(source):
            yield from from_address(source, today=day, visitor=guest, origin=dataset_hint or "")
        elif str(source) == "-":
            yield from from_stdin(dataset_hint or "standard input", day)
        elif "\0" in str(source) or not str(source):
            yield Rejected(
                repr(source), None, "this is no file name; name a file, a folder or - for standard input"
            )
        else:
            yield from from_path(Path(source), dataset_hint, day)


def read_lines(source: str | Path, *, today: date | None = None) -> Iterator[Given | Rejected]:
    """Yield (article, given id) for each line of a JSON-lines file, or of standard input for "-", else Rejected.

    Streams in constant memory. Raises UnreadableInput where there is no such file or it cannot be opened.
    """
    day = today or utc_today()
    if str(source) == "-":
        yield from from_lines(sys.stdin.buffer, STDIN, STDIN, day)
        return
    path = Path(source)
    if not path.is_file():
        raise UnreadableInput(
            "there is no such file; give a JSONL file, or - for standard input", source=str(source)
        )
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UnreadableInput(f"it cannot be opened ({error.strerror})", source=str(source)) from error
    with stream:
        yield from from_lines(stream, str(source), path.name, day)


def read(
    sources: Iterable[str | Path], *, dataset_hint: str | None = None, today: date | None = None
) -> Iterator[Article | Rejected]:
    """Yield the articles of the sources in order, and Rejected for what is none; see `read_given`."""
    for item in read_given(sources, dataset_hint=dataset_hint, today=today):
        yield item if isinstance(item, Rejected) else item[0]


def read_bytes(data: bytes, name: str, *, today: date | None = None) -> Iterator[Article | Rejected]:
    """Yield the articles of an uploaded file, recognised by content and name as on disk."""
    for item in from_bytes(data, name, name, today or utc_today()):
        yield item if isinstance(item, Rejected) else item[0]


def read_address(
    url: str, *, today: date | None = None, visitor: Visitor | None = None, limit: int = 20
) -> Iterator[Article | Rejected]:
    """Yield the articles at a web address: of a page or document, or the newest `limit` of a feed or sitemap."""
    for item in from_address(url, today=today, visitor=visitor, limit=limit):
        yield item if isinstance(item, Rejected) else item[0]


def read_text(
    text: str,
    *,
    title: str = "",
    published: str | date | None = None,
    outlet: str | None = None,
    url: str | None = None,
    origin: str = "paste",
    today: date | None = None,
) -> Article | Rejected:
    """Return the article of pasted text; what is given counts before what the text says of itself."""
    given = published.isoformat() if isinstance(published, date) else published
    try:
        return article_from_text(
            text,
            today=today or utc_today(),
            origin=origin,
            title=title,
            published=given,
            outlet=outlet,
            url=url,
        )
    except UnreadableInput as error:
        return Rejected.of(error, "pasted text")
