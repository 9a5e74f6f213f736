"""Records to articles: JSON lines, JSON arrays and tables. The text of a record is kept verbatim."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from events.errors import UnreadableInput
from events.outlets import outlet_of
from events.read.decode import decode
from events.read.language import language_of
from events.read.layout import dateline, stamp_of
from events.read.limits import MAX_LINE, MAX_TEXT, TOO_LONG, Rejected
from events.read.stamps import Order, check, normalise, order_of
from events.schema import Article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Given", "article_from_json", "article_of", "from_csv", "from_json", "from_lines", "utc_today"]

Given = tuple[Article, str]
"""An article and the id that the input gave it, "" where it gave none."""

# Our own key first; the others are what foreign exports call the same thing.
_ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "article_id", "articleid", "doc_id", "docid", "uid", "guid"),
    "text": (
        "text",
        "body",
        "content",
        "article",
        "full_text",
        "fulltext",
        "article_text",
        "article_body",
        "story",
        "maintext",
    ),
    "title": ("title", "headline", "heading"),
    "published": (
        *(
            "published",
            "date",
            "published_at",
            "publishedat",
            "publication_date",
            "publish_date",
            "date_published",
        ),
        *("datepublished", "pub_date", "pubdate", "date_publish", "datetime", "timestamp"),
    ),
    "url": ("url", "link", "source_url", "web_url"),
    "outlet": (
        "outlet",
        "source",
        "publisher",
        "newspaper",
        "sitename",
        "site_name",
        "source_name",
        "publication",
    ),
    "outlet_country": ("outlet_country",),
    "language": ("language", "lang"),
}
_LISTS = ("articles", "items", "records", "results", "data", "documents")


class Lines(Protocol):
    """Bytes that are read line by line."""

    def readline(self, limit: int, /) -> bytes:
        """Return the next line, or its first `limit` bytes; b"" at the end."""
        ...


def utc_today() -> date:
    """Return the day it is now, in UTC."""
    return datetime.now(UTC).date()


def _key(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().strip("\ufeff").lower())


def article_of(
    body: str,
    *,
    today: date,
    origin: str,
    title: str = "",
    published: str | None = None,
    url: str | None = None,
    outlet: str | None = None,
    outlet_country: str | None = None,
    language: str | None = None,
) -> Article:
    """Return the article of a verbatim body; date line and time stamp give the date where none is given.

    Raises UnreadableInput for a text without words, too long, or with characters that no encoding holds.
    """
    if not any(c.isalpha() for c in body):
        raise UnreadableInput('it has no text; leave it out, or put the article\'s words under "text"')
    if len(body) + len(title) > MAX_TEXT:
        raise UnreadableInput(TOO_LONG)
    for part in (body, title):
        if "\0" in part or re.search(r"[\ud800-\udfff]", part):
            raise UnreadableInput(
                "the text holds broken characters (NUL or half a pair); save it as UTF-8 again"
            )
    where = url if url and re.match(r"https?://\S+$", url) else None
    known = outlet_of(where, outlet)
    return Article.of(
        body,
        title=title,
        url=where,
        outlet=outlet or (known.name if known else None),
        outlet_country=outlet_country or (known.country if known else None),
        language=language or language_of(body),
        retrieved=datetime.now(UTC).isoformat(timespec="seconds"),
        origin=origin,
        published=published or _date_in(f"{title}\n{body}" if title else body, today),
    )


def _date_in(text: str, today: date) -> str | None:
    stamp = stamp_of(text)
    if stamp is not None:
        day, iso = stamp.day, stamp.iso()
    else:
        line = dateline(text)
        if line is None or not (line.year and line.month and line.day):
            return None
        day = date(line.year, line.month, line.day)
        iso = day.isoformat()
    try:
        check(day, today)
    except ValueError as error:
        raise UnreadableInput(str(error)) from error
    return iso


def _find(values: Mapping[str, Any], field: str) -> Any:
    for alias in _ALIASES[field]:
        if values.get(alias) not in (None, ""):
            return values[alias]
    return None


def _words(values: Mapping[str, Any], field: str) -> str:
    value = _find(values, field)
    if isinstance(value, dict):  # news interfaces write {"source": {"id": ..., "name": ...}}
        value = value.get("name") or value.get("title")
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool) and field == "id":
        return str(value)
    if not isinstance(value, str):
        raise UnreadableInput(f'"{field}" must be a string, not {type(value).__name__}; put it in quotes')
    return value


def article_from_json(
    values: Mapping[str, Any],
    *,
    source: str | None = None,
    row: int | None = None,
    origin: str = "",
    today: date | None = None,
    order: Order | None = None,
) -> Given:
    """Return the article of a record and the id that the record gives it ("" without one).

    Keys are those of the published format or their usual foreign names; all but the text are optional. The
    text is verbatim: title, a newline and the text, or the text alone. `order` says how a date such as
    03/04/2021 is meant. Raises UnreadableInput, naming `source` and `row`, for a record that is no article.
    """
    plain = {_key(str(name)): value for name, value in values.items()}
    try:
        return _article(plain, origin, today or utc_today(), order), _words(plain, "id")
    except UnreadableInput as error:
        raise UnreadableInput(error.message, source=source, row=row) from error


def _article(plain: Mapping[str, Any], origin: str, today: date, order: Order | None) -> Article:
    body = _words(plain, "text")
    if not body.strip():
        names = ", ".join(sorted(plain)[:12]) or "none"
        raise UnreadableInput(f'it has no text (keys found: {names}); put the article\'s words under "text"')
    given = _words(plain, "published").strip()
    try:
        published = normalise(given, today, order=order) if given else None
    except ValueError as error:
        raise UnreadableInput(str(error)) from error
    language = _words(plain, "language").strip().lower()
    return article_of(
        body,
        today=today,
        origin=origin,
        title=_words(plain, "title"),
        published=published,
        url=_words(plain, "url").strip() or None,
        outlet=_words(plain, "outlet").strip() or None,
        outlet_country=_words(plain, "outlet_country").strip() or None,
        language=language if re.fullmatch(r"[a-z]{2}", language) else None,
    )


def _record(
    values: object, source: str, row: int, origin: str, today: date, order: Order | None = None
) -> Given | Rejected:
    if not isinstance(values, dict):
        kind = "an array" if isinstance(values, list) else "a bare value"
        return Rejected(source, row, f'it is {kind}, not an object; write {{"text": "..."}}')
    try:
        return article_from_json(values, source=source, row=row, origin=origin, today=today, order=order)
    except UnreadableInput as error:
        return Rejected.of(error, source, row)


def from_lines(lines: Lines, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the article of each line of JSON; holds one line at a time, skips blank ones."""
    row, empty = 0, True
    while line := lines.readline(MAX_LINE + 1):
        row += 1
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while (rest := lines.readline(1_000_000)) and not rest.endswith(b"\n"):
                pass
            yield Rejected(
                source, row, f"the line is longer than {MAX_LINE:,} bytes; write one article a line"
            )
            empty = False
            continue
        if not line.strip():
            continue
        empty = False
        try:
            values = json.loads(decode(line))
        except UnreadableInput as error:
            yield Rejected.of(error, source, row)
        except RecursionError:
            yield Rejected(source, row, "the JSON is nested too deeply; write one flat object a line")
        except ValueError as error:
            why = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
            yield Rejected(
                source, row, f'broken JSON ({why}); write one object a line, such as {{"text": "..."}}'
            )
        else:
            yield _record(values, source, row, origin, today)
    if empty:
        yield Rejected(source, None, "it is empty; leave it out, or save the articles again")


def from_json(data: bytes, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the articles of a JSON document: an array of records, an object that holds one, or one record."""
    try:
        values = json.loads(decode(data))
    except UnreadableInput as error:
        yield Rejected.of(error, source)
        return
    except RecursionError:
        yield Rejected(source, None, "the JSON is nested too deeply; write an array of flat objects")
        return
    except ValueError as error:
        at = error.lineno if isinstance(error, json.JSONDecodeError) else None
        why = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        yield Rejected(source, at, f"broken JSON ({why}); mend it, or write one object a line (.jsonl)")
        return
    if isinstance(values, dict) and not _find({_key(str(k)): v for k, v in values.items()}, "text"):
        inner = next((values[name] for name in _LISTS if isinstance(values.get(name), list)), None)
        values = values if inner is None else inner
    items: Sequence[object] = values if isinstance(values, list) else [values]
    if not items:
        yield Rejected(source, None, "the array is empty; leave it out, or save the articles again")
    for row, item in enumerate(items, start=1):
        yield _record(item, source, row, origin, today)


# -- tables


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return which column carries which field, by the order of the aliases."""
    names = [_key(name) for name in header]
    return {
        field: next(names.index(alias) for alias in aliases if alias in names)
        for field, aliases in _ALIASES.items()
        if any(alias in names for alias in aliases)
    }


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    options = [next(csv.reader([first], delimiter=mark), []) for mark in (",", ";", "\t", "|")]
    best = max(
        range(4), key=lambda i: ("text" in _columns(options[i]), len(_columns(options[i])), len(options[i]))
    )
    return ",;\t|"[best]


def from_csv(data: bytes, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the article of each row of a table with a header; `row` is the line on which the row ends."""
    try:
        text = decode(data)
    except UnreadableInput as error:
        yield Rejected.of(error, source)
        return
    mark = _delimiter(text)
    # One cell may hold a whole article; the module's own limit is 131,072 characters.
    csv.field_size_limit(max(MAX_TEXT, csv.field_size_limit()))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    header: list[str] = []
    try:
        header = next((cells for cells in rows if any(cell.strip() for cell in cells)), [])
    except csv.Error as error:
        yield Rejected(source, rows.line_num, f"the table breaks off here ({error}); is a quote left open?")
        return
    columns = _columns(header)
    if "text" not in columns:
        found = ", ".join(name.strip() or "(unnamed)" for name in header[:20]) or "none"
        yield Rejected(
            source, rows.line_num, f'no column of text (columns found: {found}); name one of them "text"'
        )
        return
    order = _order_in(text, mark, columns.get("published"))
    count = 0
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Rejected(
                source, rows.line_num, f"the table breaks off here ({error}); is a quote left open?"
            )
            return
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if len(cells) > len(header):
            yield Rejected(
                source,
                rows.line_num,
                f"it has {len(cells)} cells under {len(header)} columns; quote cells that hold {mark!r}",
            )
            continue
        values = {field: cells[at] for field, at in columns.items() if at < len(cells)}
        yield _record(values, source, rows.line_num, origin, today, order)
    if not count:
        yield Rejected(source, None, "the table has a header but no rows; leave it out, or save it again")


def _order_in(text: str, mark: str, column: int | None) -> Order | None:
    """Return how the whole column writes its numeric dates, None where it tells nothing or both ways."""
    if column is None:
        return None
    orders: set[Order] = set()
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            if column < len(cells) and (way := order_of(cells[column])):
                orders.add(way)
    except csv.Error:
        pass  # told, with its line, where the rows are read
    return orders.pop() if len(orders) == 1 else None
