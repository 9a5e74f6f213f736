"""Pages to articles: plain text as it is pasted, Markdown, and HTML. Furniture goes, the date line stays."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from events.errors import UnreadableInput
from events.outlets import outlet_of
from events.read.decode import decode
from events.read.layout import Dateline, dateline, furniture, header_of, stamp_of
from events.read.limits import MAX_PAGE, MAX_TEXT, TOO_LONG
from events.read.records import article_of
from events.read.stamps import check, normalise

if TYPE_CHECKING:
    from datetime import date

    from events.schema import Article

__all__ = ["article_from_html", "article_from_text", "paragraphs", "too_deep"]

_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\u0085\x0b\x0c]")
_SENTENCE_END = re.compile(r"[.!?…:][\"”’')\]]*$")
# A headline is seldom longer; a first line beyond is a paragraph.
LONGEST_TITLE = 200
# Hard-wrapped text is set in at most a hundred columns.
WIDEST_COLUMN = 100
# Names in brackets after the place that are no agency's own.
_NO_OUTLET = re.compile(
    r"(?:(?:news|wire|press)?\s*(?:agency|agencies|services?|desk|reports?)|newsdesk|staff|"
    r"own correspondent|.*\btime)",
    re.IGNORECASE,
)
_DATE_KEYS = {"published", "publication date", "pub date", "published date", "date", "posted"}
_OUTLET_KEYS = {"source", "outlet", "publisher", "newspaper"}
_URL_KEYS = {"url", "link"}


@dataclass(slots=True)
class _Page:
    """What the lines of a page told about its article."""

    title: str = ""
    published: str | None = None
    outlet: str | None = None
    url: str | None = None
    lines: list[str] = field(default_factory=list)  # without furniture, "" between paragraphs


def _clean(text: str) -> str:
    """Return the text in NFC with plain line ends and spaces and without invisible characters."""
    text = _SPACES.sub(" ", _BREAKS.sub("\n", unicodedata.normalize("NFC", text)))
    return "\n".join(line.rstrip() for line in _INVISIBLE.sub("", text.replace("\t", "    ")).split("\n"))


def _date_value(value: str, today: date, line: Dateline | None) -> str | None:
    """Return a "Published:" line's date in ISO; a doubtful order is settled by the date line or refused."""
    numeric = re.match(r"\d{1,2}[-/]\d{1,2}[-/]\d{4}", value)
    if numeric and line is not None and line.month and line.day:
        first, second = (int(n) for n in re.findall(r"\d+", numeric[0])[:2])
        if first != second and (line.month, line.day) in {(first, second), (second, first)}:
            return normalise(value, today, order="month" if line.month == first else "day")
    try:
        return normalise(value, today)
    except ValueError:
        stamp = stamp_of(f"Published: {value}")
        if numeric is None and stamp is None:
            return None  # words such as "Date: 5 March" say too little to rely on, and no harm
        if numeric is None and stamp is not None:
            check(stamp.day, today)
            return stamp.iso()
        raise


def _split(text: str, today: date) -> _Page:
    page = _Page()
    hidden = {start for start, _ in furniture(text)}
    line_of_date = dateline(text)
    if line_of_date is not None and line_of_date.agency and not _NO_OUTLET.fullmatch(line_of_date.agency):
        page.outlet = line_of_date.agency
    position = 0
    for raw in text.split("\n"):
        start = position + len(raw) - len(raw.lstrip())
        position += len(raw) + 1
        words = raw.strip()
        header = header_of(words) if words else None
        if header is not None:
            key, value = header
            if key in _DATE_KEYS and page.published is None:
                page.published = _date_value(value, today, line_of_date)
            elif key in _OUTLET_KEYS and start in hidden:
                page.outlet = value.rstrip(".")
            elif key in _URL_KEYS and page.url is None:
                page.url = value
            elif key in {"title", "headline"} and not page.title and not any(page.lines):
                page.title = value
                continue
        if start not in hidden or not words:
            page.lines.append(words)
    if page.published is None:
        stamp = stamp_of(text)
        if stamp is not None:
            check(stamp.day, today)
            page.published = stamp.iso()
    if (
        page.published is None
        and line_of_date
        and line_of_date.year
        and line_of_date.month
        and line_of_date.day
    ):
        day = _day_of(line_of_date)
        check(day, today)
        page.published = day.isoformat()
    return page


def _day_of(line: Dateline) -> date:
    stamp = stamp_of(f"Published: {line.year}-{line.month:02}-{line.day:02}")
    if stamp is None:
        raise ValueError(f"there is no day {line.year}-{line.month}-{line.day}; correct the date line")
    return stamp.day


def _take_title(lines: list[str]) -> str:
    """Return the first line if it reads like a headline, and take it off the lines; else ""."""
    at = next((i for i, line in enumerate(lines) if line), None)
    if at is None:
        return ""
    first, rest = lines[at], [line for line in lines[at + 1 :] if line]
    if not rest or len(first) > LONGEST_TITLE or not any(c.isalpha() for c in first):
        return ""
    blank_after = not lines[at + 1]
    ended = re.search(r"[.…][\"”’')\]]*$", first) is not None
    # a headline seldom ends in a full stop; before a date line it does where the outlet's style wants it
    if dateline(first + "\n") is not None or (ended and (not blank_after or dateline(rest[0]) is None)):
        return ""
    if not blank_after and first.endswith((",", ";", ":")):
        return ""
    block = lines[at : next((i for i in range(at, len(lines)) if not lines[i]), len(lines))]
    if not blank_after and (rest[0][:1].islower() or (len(block) > 2 and _is_wrapped(block))):
        return ""  # the first line of a hard-wrapped paragraph
    del lines[: at + 1]
    return first


def _is_wrapped(block: list[str]) -> bool:
    """Return whether lines are one paragraph set in a column: all about as wide, few ending a sentence."""
    widest = max((len(line) for line in block), default=0)
    if len(block) < 2 or widest > WIDEST_COLUMN:
        return False
    open_ends = sum(not _SENTENCE_END.search(line) for line in block[:-1])
    return all(len(line) >= 0.6 * widest for line in block[:-1]) and 2 * open_ends >= len(block) - 1


def paragraphs(lines: list[str]) -> str:
    """Return the lines as paragraphs with an empty line between; hard-wrapped lines are joined."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    made: list[str] = []
    for block in blocks:
        if _is_wrapped(block):
            made.append(" ".join(block))
        else:
            made.extend(block)
    return "\n\n".join(re.sub(r" {2,}", " ", paragraph) for paragraph in made)


def _plain_markdown(text: str) -> str:
    """Return Markdown as plain text: front matter as header lines, headings, emphasis, links as words."""
    front = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if front:
        head = re.sub(r"^(\w[\w ]*:\s*)[\"'](.*)[\"']\s*$", r"\1\2", front[1], flags=re.MULTILINE)
        text = f"{head}\n\n{text[front.end() :]}"
    text = re.sub(r"!\[[^\[\]\n]{0,300}\]\([^)\n]{0,500}\)", "", text)
    text = re.sub(r"\[([^\[\]\n]{1,300})\]\([^)\n]{0,500}\)", r"\1", text)
    text = re.sub(r"^ {0,3}(?:#{1,6}\s+|>\s?)", "", text, flags=re.MULTILINE)
    text = re.sub(r"^( {0,3})[*+-]\s+", r"\1", text, flags=re.MULTILINE)
    return re.sub(r"(\*\*|__|\*|_|`)(?=\S)([^*_`\n]+?)(?<=\S)\1(?!\w)", r"\2", text)


def article_from_text(
    text: str,
    *,
    today: date,
    origin: str,
    title: str = "",
    published: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
    markdown: bool = False,
) -> Article:
    """Return the article of a page pasted or saved as text; what is given counts before what the page says.

    The text is title, newline and paragraphs. Raises UnreadableInput, with advice, for a page without an
    article, one that is too long, or a date of publication that cannot be.
    """
    if len(text) > 2 * MAX_TEXT:
        raise UnreadableInput(TOO_LONG)
    if not text.strip():
        raise UnreadableInput("it is empty; leave it out, or paste the article's words")
    cleaned = _clean(_plain_markdown(_BREAKS.sub("\n", text)) if markdown else text)
    head = " ".join(_clean(title).split())
    try:
        given = normalise(published, today) if published and published.strip() else None
        # a title given apart stands first, so that the page's first line is looked at as any other
        page = _split(f"{head}\n\n{cleaned}" if head else cleaned, today)
    except ValueError as error:
        raise UnreadableInput(str(error)) from error
    if head and head in page.lines:
        page.lines = page.lines[page.lines.index(head) + 1 :]
    head = head or page.title or _take_title(page.lines)
    first = next((i for i, line in enumerate(page.lines) if line), None)
    if first is not None and page.lines[first].casefold() == head.casefold():
        del page.lines[: first + 1]
    body = paragraphs(page.lines)
    if not any(c.isalpha() for c in body):
        raise UnreadableInput(
            "no article was found in it, only a title or page furniture; paste its words as text"
        )
    return article_of(
        body,
        today=today,
        origin=origin,
        title=head,
        published=given or page.published,
        outlet=outlet or page.outlet,
        url=url or page.url,
    )


# -- HTML

_PUBLISHED_META = (
    re.compile(
        r"<meta[^>]{0,200}?(?:property|name|itemprop)\s*=\s*[\"'](?:article:published_time|"
        r"og:article:published_time|"
        r"datePublished|dc\.date\.issued|dc\.date|date|pubdate|publish-date|"
        r"parsely-pub-date)[\"'][^>]{0,200}?"
        r"content\s*=\s*[\"']([^\"']{4,40})[\"']",
        re.IGNORECASE,
    ),
    re.compile(r"[\"']datePublished[\"']\s*:\s*[\"']([^\"']{4,40})[\"']"),
    re.compile(r"<time[^>]{0,200}?datetime\s*=\s*[\"']([^\"']{4,40})[\"']", re.IGNORECASE),
)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE)
# A tree deeper than this is an attack or broken: pages of real outlets nest 30 to 60 deep.
DEEPEST = 1000
_TAG = re.compile(r"<(/?)([a-z][\w:-]*)", re.IGNORECASE)
# Elements that never close, and those that the next one of their kind closes.
_FLAT = frozenset(
    {
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("p", "li", "dt", "dd", "tr", "td", "th", "option"),
    }
)
_RAW = frozenset({"script", "style", "textarea", "title"})


def too_deep(page: str) -> bool:
    """Return whether the elements of a page are nested deeper than any honest page's."""
    depth, position = 0, 0
    while tag := _TAG.search(page, position):
        position, name = tag.end(), tag[2].lower()
        if name in _RAW and not tag[1]:
            close = re.compile(rf"</{name}", re.IGNORECASE).search(page, position)
            if close is None:
                return False
            position = close.end()
        elif name not in _FLAT:
            depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def _published_in(page: str, fallback: str | None, today: date) -> str | None:
    """Return the date that the page's own data give, else what was read from its words and address."""
    for pattern in _PUBLISHED_META:
        found = pattern.search(page)
        if found is None:
            continue
        stamp = stamp_of(f"Published: {found[1]}")
        if stamp is not None:
            check(stamp.day, today)
            return stamp.iso()
    return fallback


def article_from_html(
    data: bytes,
    *,
    today: date,
    origin: str,
    declared: str | None = None,
    url: str | None = None,
    outlet: str = "",
) -> Article:
    """Return the article of a web page: text without scripts, menus and comments, title, date, site and address.

    `declared` is the encoding that the server named, `url` where the page was found: the address that the page
    gives itself counts only where it is of the same site. A page of a registered outlet bears its name, another the
    name it gives itself, else `outlet`, else that of its host: an agency in the date line is whom it quotes.
    Raises UnreadableInput, with advice, for a page without an article, too large, or nested beyond sense.
    """
    # a second of import that the other formats do without
    from trafilatura import bare_extraction  # noqa: PLC0415

    if len(data) > MAX_PAGE:
        raise UnreadableInput(f"the page is larger than {MAX_PAGE:,} bytes; save the article alone as text")
    told = _DECLARED.search(data[:4096])
    page = decode(data, declared=declared or (told[1].decode("ascii") if told else None))
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page)  # lxml refuses text that names an encoding
    if too_deep(page):
        raise UnreadableInput(f"its HTML is nested more than {DEEPEST} deep; save the article as text")
    found = bare_extraction(page, with_metadata=True, include_comments=False, include_tables=False)
    if found is None or isinstance(found, dict) or not (found.text or "").strip():
        raise UnreadableInput("no article text was found in the page; save the article itself as text")
    try:
        published = _published_in(page, found.date, today)
    except ValueError as error:
        raise UnreadableInput(str(error)) from error
    address = _address(found.url, url)
    known = outlet_of(address)
    return article_from_text(
        found.text or "",
        today=today,
        origin=origin,
        title=found.title or "",
        published=published,
        outlet=known.name
        if known
        else found.sitename or outlet or (url and _site(urlsplit(url).hostname or "")),
        url=address,
    )


def _address(told: str | None, found: str | None) -> str | None:
    """Return the address that a page gives itself, if its site may speak for it; else where it was found."""
    if not found or not told:
        return told or found
    try:
        ours, theirs = (_site(urlsplit(words).hostname or "") for words in (found, urljoin(found, told)))
    except ValueError:
        return found
    same = ours == theirs or ours.endswith(f".{theirs}") or theirs.endswith(f".{ours}")
    return urljoin(found, told) if same and "." in theirs else found


def _site(host: str) -> str:
    return re.sub(r"^(?:www\d?|m|amp|mobile|edition|en)\.(?=.*\.)", "", host.lower())
