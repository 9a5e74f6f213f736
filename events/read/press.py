"""Exports of press databases: many articles in one text, each with its head, told apart by what each layout repeats.

Four layouts are known, named for what they look like: "numbered" ("3 of 25 DOCUMENTS" above each article),
"body" (a line "Body" after the head, "End of Document" after the article), "document" (words, day, paper,
language on lines of their own, "Document" and a number below), and "fields" (HD, PD, SN, LP, TD before each part).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.errors import UnreadableInput
from events.read.limits import Rejected
from events.read.pages import paragraphs
from events.read.records import article_of
from events.read.stamps import MONTH, WEEKDAY, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from events.read.records import Given
    from events.schema import Article

__all__ = ["MARKS", "from_press", "is_press"]

MARKS = re.compile(
    rb"\bof\s+\d+\s+DOCUMENTS?\b|\bEnd of Document\b|\bDocument\s+[A-Z0-9]{14,32}\b|\bLOAD-DATE:",
    re.IGNORECASE,
)
"""What the bytes of an export hold at least once; worth the closer look of `is_press`."""

_NUMBERED = re.compile(
    r"^[ \t]*(?:Document\s+)?\d+\s+of\s+\d+(?:\s+DOCUMENTS?)?[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_NUMBERED_SURE = re.compile(r"^[ \t]*\d+\s+of\s+\d+\s+DOCUMENTS?[ \t]*$", re.MULTILINE)
_END = re.compile(r"^[ \t]*End of Document[ \t]*$", re.MULTILINE)
_BODY = re.compile(r"^[ \t]*Body[ \t]*:?[ \t]*$", re.MULTILINE)
_DOCUMENT = re.compile(
    r"^[ \t]*(?:AN[ \t]+)?Document[ \t]+(?=[A-Z]*\d)([A-Z][A-Z0-9]{13,31})[ \t]*$", re.MULTILINE
)
_HD = re.compile(r"^HD(?:[ \t]+|$)", re.MULTILINE)

_DATE = re.compile(
    rf"(?:(?P<md>{MONTH}\s+\d{{1,2}},?\s+\d{{4}})|(?P<dm>\d{{1,2}}\s+{MONTH}\s+\d{{4}})|(?P<iso>\d{{4}}-\d{{2}}-\d{{2}}))"
    rf"(?:,?\s+{WEEKDAY})?(?:,?\s+\d{{1,2}}:\d{{2}}.{{0,20}})?",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[\d,.]+\s+words", re.IGNORECASE)
_LABEL = re.compile(r"(?P<key>[A-Z][A-Za-z]*(?:[-/ ][A-Za-z]+){0,2}):(?:\s+(?P<value>.*)|\s*)$")
_HEAD_LABELS = frozenset(
    "byline section length dateline highlight headline title source copyright link url load-date language graphic "
    "publication-type publication type subject company organization geographic person ticker industry series "
    "correction distribution journal-code document-type acc-no notes word count anchor columnist category".split()
)
_COPYRIGHT = re.compile(r"(?:copyright\b|\(c\)\s|©).*", re.IGNORECASE)
# Below the article: what the database says of it.
_TAIL = re.compile(
    r"(?:LOAD-DATE|LANGUAGE|PUBLICATION-TYPE|GRAPHIC|SUBJECT|COMPANY|ORGANIZATION|GEOGRAPHIC|PERSON|TICKER|INDUSTRY|"
    r"JOURNAL-CODE|DISTRIBUTION|ACC-NO|CORRECTION-DATE|DOCUMENT-TYPE|URL)\s*:.*|Load-Date\s*:.*|Classification|"
    r"Publication-Type\s*:.*",
)


@dataclass(slots=True)
class _Item:
    """An article as an export tells it."""

    title: str = ""
    outlet: str = ""
    day: str = ""
    url: str = ""
    number: str = ""  # the database's own
    dateline: str = ""
    lines: list[str] = field(default_factory=list)


def is_press(text: str) -> bool:
    """Return whether a text is an export of a press database: its marks stand on lines of their own."""
    return bool(
        _NUMBERED_SURE.search(text)
        or (_END.search(text) and _BODY.search(text))
        or (_DOCUMENT.search(text) and (_HD.search(text) or re.search(rf"^[ \t]*{_WORDS.pattern}[ \t]*$", text, re.MULTILINE)))
    )  # fmt: skip


def from_press(text: str, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the article of each document of an export and the database's number of it ("" without one).

    A document that is no article (no text, no such day) comes back as Rejected; `row` is its place in the export.
    """
    for row, item in enumerate(_items(text), start=1):
        try:
            yield _article(item, origin, today), item.number
        except UnreadableInput as error:
            yield Rejected(
                source,
                row,
                f"document {row} of the export{f' ({item.title[:60]})' if item.title else ''}: {error.message}",
            )


def _article(item: _Item, origin: str, today: date) -> Article:
    try:
        published = normalise(item.day, today) if item.day else None
    except ValueError as error:
        raise UnreadableInput(str(error)) from error
    body = paragraphs([line.strip() for line in item.lines])
    place = item.dateline.strip().rstrip(".")
    if place and not body.startswith(place.split(",")[0]):
        body = f"{place} - {body}"  # a date line kept apart belongs to the article: it says where
    return article_of(
        body,
        today=today,
        origin=origin,
        title=item.title,
        published=published,
        url=item.url or None,
        outlet=item.outlet or None,
    )


def _items(text: str) -> Iterator[_Item]:
    if _NUMBERED_SURE.search(text):
        for part in _NUMBERED_SURE.split(text)[1:]:
            yield _numbered(part.split("\n"))
    elif _END.search(text):
        for part in _END.split(text):
            if _BODY.search(part):
                yield _with_body(part)
    else:
        before = 0
        for found in _DOCUMENT.finditer(text):
            part = text[before : found.start()]
            item = _fields(part) if _HD.search(part) else _plain(part.split("\n"))
            item.number = found[1]
            before = found.end()
            yield item


def _label(line: str) -> tuple[str, str] | None:
    found = _LABEL.match(line.strip())
    if found is None or found["key"].lower() not in _HEAD_LABELS:
        return None
    return found["key"].lower(), (found["value"] or "").strip()


def _outlet(line: str) -> str:
    return re.sub(
        r"\s*\((?:online|print|english)\)\s*$", "", " ".join(line.split()), flags=re.IGNORECASE
    ).rstrip(".")


def _is_date(line: str) -> re.Match[str] | None:
    return _DATE.match(line.strip())


def _day(found: re.Match[str]) -> str:
    return found["md"] or found["dm"] or found["iso"]


# -- "3 of 25 DOCUMENTS": paper and day in the middle of their lines, then the headline, labels, the article


def _numbered(lines: Sequence[str]) -> _Item:
    item, at = _Item(), 0
    while at < len(lines):  # the head, down to the day
        words = lines[at].strip()
        at += 1
        found = _is_date(words)
        if found:
            item.day = _day(found)
            break
        if words and not item.outlet and not _COPYRIGHT.fullmatch(words):
            item.outlet = _outlet(words)
    while at < len(lines) and lines[at].strip():  # the edition stands right below the day
        at += 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    title: list[str] = []
    while at < len(lines) and lines[at].strip() and _label(lines[at]) is None:
        title.append(lines[at].strip())
        at += 1
    item.title = " ".join(title)
    _labelled(item, lines[at:])
    return item


def _labelled(item: _Item, lines: Sequence[str]) -> None:
    """Take the labels above an article, its lines, and what is of use of the labels below it."""
    at, open_label = 0, ""
    while at < len(lines):  # labels above, each up to a blank line
        words = lines[at].strip()
        label = _label(words)
        if label:
            open_label = label[0]
            _take(item, *label)
        elif not words:
            open_label = ""
        elif not open_label and not _COPYRIGHT.fullmatch(words):
            break
        elif open_label == "headline":
            item.title = f"{item.title} {words}".strip()
        at += 1
    body = list(lines[at:])
    end = next((n for n, line in enumerate(body) if _TAIL.fullmatch(line.strip())), len(body))
    for line in body[end:]:
        label = _label(line)
        if label and label[0] == "url":
            _take(item, *label)
    item.lines = [line for line in body[:end] if not _COPYRIGHT.fullmatch(line.strip())]


def _take(item: _Item, key: str, value: str) -> None:
    if key in {"headline", "title"} and not item.title:
        item.title = value
    elif key in {"url", "link"} and value.startswith("http"):
        item.url = value
    elif key == "dateline":
        item.dateline = value


# -- headline, paper, day, copyright, labels, "Body", the article, "End of Document"


def _with_body(part: str) -> _Item:
    found = _BODY.search(part)
    assert found is not None  # noqa: S101  the caller looked
    head = [line.strip() for line in part[: found.start()].split("\n") if line.strip()]
    # what stands above the day is headline and paper; a page's own furniture stands before a form feed
    head = [line for line in head if not _NUMBERED.fullmatch(line) and not re.fullmatch(r"Page \d+.*", line)]
    item = _Item()
    day = next((n for n, line in enumerate(head) if _is_date(line)), None)
    above = [line for line in head[:day] if _label(line) is None] if day is not None else head[:1]
    if day is not None:
        item.day = _day(_DATE.match(head[day]))  # type: ignore[arg-type]
        if len(above) > 1:
            item.outlet = _outlet(above.pop())
    item.title = " ".join(above)
    for line in head[day + 1 if day is not None else 1 :]:
        label = _label(line)
        if label:
            _take(item, *label)
    body = part[found.end() :].split("\n")
    end = next((n for n, line in enumerate(body) if _TAIL.fullmatch(line.strip())), len(body))
    item.lines = body[:end]
    return item


# -- headline, author, words, day, hour, paper, code, language, copyright, the article, "Document X"


def _plain(lines: Sequence[str]) -> _Item:
    item = _Item()
    words = next((n for n, line in enumerate(lines) if _WORDS.fullmatch(line.strip())), None)
    if words is None:
        item.lines = list(lines)
        return item
    above = [line.strip() for line in lines[:words]]
    blocks = [block for block in re.split(r"\n{2,}", "\n".join(above)) if block.strip()]
    last = [line for line in blocks[-1].split("\n") if line] if blocks else []
    if len(last) > 1 and re.match(r"(?:by|von|par)\b", last[-1], re.IGNORECASE):
        last.pop()
    # a section's name of a word or two may stand above the headline
    if len(last) > 1 and len(last[0].split()) <= 3 and len(last[1].split()) > 3:
        last = last[1:]
    item.title = " ".join(last)
    at = words + 1
    while at < len(lines):
        line = lines[at].strip()
        found = _is_date(line)
        if not line:
            if item.day:
                at += 1
                break
        elif found and not item.day:
            item.day = _day(found)
        elif item.day and not item.outlet and not re.match(r"\d{1,2}:\d{2}", line):
            item.outlet = _outlet(line)
        at += 1
    item.lines = [line for line in lines[at:] if not _COPYRIGHT.fullmatch(line.strip())]
    return item


# -- HD, BY, WC, PD, SN, LA, CY, LP, TD before each part

_CODE = re.compile(
    r"^(HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD|CT|RF|CO|IN|NS|RE|IPC|IPD|PUB|AN|SE|CLM|ART|VOL)(?:[ \t]+(.*))?$"
)


def _fields(part: str) -> _Item:
    values: dict[str, list[str]] = {}
    code = ""
    lines = part[_HD.search(part).start() :].split("\n")  # type: ignore[union-attr]
    for line in lines:
        found = _CODE.match(line)
        if found:
            code = found[1]
            values.setdefault(code, []).append(found[2] or "")
        elif code:
            values[code].append(line)
    one = {code: " ".join(" ".join(rest).split()) for code, rest in values.items()}
    found = _is_date(one.get("PD", ""))
    return _Item(
        title=one.get("HD", ""),
        outlet=_outlet(one.get("SN", "")),
        day=_day(found) if found else "",
        lines=[*values.get("LP", []), "", *values.get("TD", [])],
    )
