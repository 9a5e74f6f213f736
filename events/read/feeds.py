"""RSS and Atom feeds and sitemaps: which articles a site has, and where."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from lxml import etree

from events.errors import UnreadableInput
from events.read.limits import MAX_ENTRIES, MAX_FILE, Rejected
from events.read.mail import flat_html
from events.read.pages import article_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from events.read.records import Given
    from events.schema import Article

__all__ = ["Entry", "Listing", "article_from_entry", "feed_of", "from_feed", "gunzip", "sitemap_of"]

# Feeds name entities of their own only to attack the reader.
_ENTITY = re.compile(rb"<!(?:ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a feed or a sitemap lists it; "" and None where it does not tell."""

    url: str
    title: str = ""
    published: str | None = None  # as written there
    outlet: str | None = None
    html: str = ""  # the words that the feed itself carries


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed or a sitemap lists, the newest first as far as it tells; `more` are further sitemaps."""

    title: str
    entries: tuple[Entry, ...]
    more: tuple[str, ...] = ()


def gunzip(data: bytes) -> bytes:
    """Return the bytes of a gzip file; raises UnreadableInput where it is broken or unpacks beyond MAX_FILE."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            made = stream.read(MAX_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableInput("the gzip file is broken; try again later") from error
    if len(made) > MAX_FILE:
        raise UnreadableInput(f"it unpacks to more than {MAX_FILE // 1_000_000} MB")
    return made


def _refuse_entities(data: bytes) -> None:
    if _ENTITY.search(data[:100_000]):
        raise UnreadableInput("it defines XML entities, which no honest feed needs; it is not read")


def feed_of(data: bytes, url: str = "") -> Listing:
    """Return what a feed lists, addresses made whole by that of the feed.

    A feed that is broken in places is read as far as it goes. Raises UnreadableInput for what is no feed.
    """
    import feedparser  # noqa: PLC0415  a tenth of a second of import that the other formats do without

    _refuse_entities(data)
    # a stream, since feedparser would take bytes that look like an address or a file's name for one
    try:
        found: Any = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it raises whatever its parsers raise
        raise UnreadableInput("the feed is broken; open its address in a browser to see") from error
    if not found.get("version") and not found.entries:
        raise UnreadableInput("it is no RSS or Atom feed; check the address in a browser")
    entries = []
    for item in found.entries[:MAX_ENTRIES]:
        content = max((c.get("value") or "" for c in item.get("content") or ()), key=len, default="")
        summary = item.get("summary") or ""
        source = item.get("source") or {}
        link = str(item.get("link") or "")
        entries.append(
            Entry(
                url=urljoin(url, link) if link else "",
                title=" ".join(_plain(str(item.get("title") or "")).split()),
                published=str(item.get("published") or item.get("updated") or "") or None,
                outlet=str(source.get("title") or "") or None,
                html=content if len(content) > len(summary) else summary,
            )
        )
    return Listing(" ".join(_plain(str(found.feed.get("title") or "")).split()), tuple(entries))


def _plain(words: str) -> str:
    if "<" not in words and "&" not in words:
        return words
    try:
        return flat_html(f"<div>{words}</div>")
    except UnreadableInput:
        return ""


def article_from_entry(entry: Entry, *, today: date, origin: str, outlet: str = "") -> Article:
    """Return the article of the words that a feed carries, for want of its page.

    Raises UnreadableInput for an entry without words, or with a day that cannot be.
    """
    words = flat_html(f"<div>{entry.html}</div>") if entry.html.strip() else ""
    if not any(c.isalpha() for c in words):
        raise UnreadableInput("the feed carries no words of it; give the address of the page")
    return article_from_text(
        words,
        today=today,
        origin=origin,
        title=entry.title,
        published=entry.published,
        outlet=entry.outlet or outlet or None,
        url=entry.url or None,
    )


def from_feed(data: bytes, source: str, origin: str, today: date) -> Iterator[Given | Rejected]:
    """Yield the articles of a feed that was saved as a file, as far as the feed carries their words."""
    try:
        listing = feed_of(data)
    except UnreadableInput as error:
        yield Rejected.of(error, source)
        return
    if not listing.entries:
        yield Rejected(source, None, "the feed lists no articles; try again later")
    for row, entry in enumerate(listing.entries, start=1):
        try:
            yield article_from_entry(entry, today=today, origin=origin, outlet=listing.title), ""
        except UnreadableInput as error:
            yield Rejected(source, row, f"entry {row}: {error.message}")


def sitemap_of(data: bytes, url: str = "") -> Listing:
    """Return the pages that a sitemap lists, the last changed first, with the news sitemaps' title, day and outlet.

    Raises UnreadableInput for what is no sitemap; one that breaks off is read as far as it goes.
    """
    _refuse_entities(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableInput("it is no sitemap; check the address in a browser") from error
    name = "" if root is None else _local(root)
    if name not in {"urlset", "sitemapindex"}:
        raise UnreadableInput("it is no sitemap; check the address in a browser")
    entries, more = [], []
    for node in root:
        told: dict[str, str] = {}
        for inner in node.iter():
            told.setdefault(_local(inner), " ".join((inner.text or "").split()))
        where = told.get("loc", "")
        if not where:
            continue
        changed = told.get("publication_date") or told.get("lastmod") or ""
        if name == "sitemapindex":
            more.append((changed, urljoin(url, where)))
        else:
            entries.append(
                (
                    changed,
                    Entry(
                        url=urljoin(url, where),
                        title=told.get("title", ""),
                        published=told.get("publication_date") or None,
                        outlet=told.get("name") or None,
                    ),
                )
            )
        if len(entries) >= MAX_ENTRIES:
            break
    entries.sort(key=lambda pair: pair[0], reverse=True)
    more.sort(key=lambda pair: pair[0], reverse=True)
    return Listing("", tuple(entry for _, entry in entries), tuple(where for _, where in more))


def _local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2].lower() if isinstance(node.tag, str) else ""
