"""Addresses to articles: a page, a feed, a sitemap or a document on the web, fetched as a polite guest does.

A guest asks a host no faster than it may, heeds robots.txt for what no person named one by one, comes back after
the pause that the server asks for, and gives up after a few tries.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from events.errors import FetchError, UnreadableInput
from events.outlets import outlet_of
from events.read.decode import HEAD, kind_of
from events.read.feeds import Entry, Listing, article_from_entry, feed_of, gunzip, sitemap_of
from events.read.fetch import Fetched, Fetcher, normal_address
from events.read.limits import Rejected
from events.read.records import Given, utc_today
from events.read.sources import from_kind
from events.read.stamps import normalise

if TYPE_CHECKING:
    from events.schema import Article

__all__ = [
    "Visitor",
    "address_key",
    "entry_items",
    "from_address",
    "is_address",
    "listing_of",
    "page_of",
    "retry_seconds",
]

# Seconds between two requests to one host. News sites serve hundreds a second; search engines ask once or twice.
PAUSE = 2.0
# A host that asks for a longer pause between requests than this is asked as slowly as this.
LONGEST_PAUSE = 60.0
TRIES = 3
BACK_OFF = 2.0  # seconds before the second try; each further one waits four times as long
# A server that asks for a longer pause is left alone until the next pass.
LONGEST_WAIT = 60.0
ROBOTS_KEPT = 24 * 3600.0  # seconds, as RFC 9309 has it
ROBOTS_SIZE = 500_000  # bytes that are looked at, as RFC 9309 has it
# Sitemaps within sitemaps, and how many of them are opened: the newest come first.
SITEMAPS = 5
_NAME = "Entente"

# What newsletters and networks hang on an address to see who clicks.
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|ref_?src|ref|cmp(?:id)?|ocid|at_\w+|ito|"
    r"smid|smtyp|taid|ns_\w+|xtor)=.*",
    re.IGNORECASE,
)


def is_address(source: str) -> bool:
    """Return whether a source is named by its web address."""
    return re.match(r"https?://", source.strip(), re.IGNORECASE) is not None


def address_key(url: str) -> str:
    """Return what two addresses of one article have in common: no scheme, "www.", tracking, or slash at the end."""
    try:
        parts = urlsplit(normal_address(url))
    except FetchError:
        return url.strip()
    kept = [item for item in parts.query.split("&") if item and not _TRACKING.fullmatch(item)]
    host = re.sub(r"^(?:www|m|amp)\.(?=.*\.)", "", parts.netloc)
    return urlunsplit(("", host, parts.path.rstrip("/"), "&".join(sorted(kept)), "")).removeprefix("//")


@dataclass(slots=True)
class Visitor:
    """Fetches politely; keeps what robots.txt says and when each host was last asked."""

    fetcher: Fetcher = field(default_factory=Fetcher)
    pause: float = PAUSE
    tries: int = TRIES
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _robots: dict[str, tuple[float, Protego | None]] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, robots: bool = True) -> Fetched:
        """Return what an address answers, after the host's pause, and after trying again where that may help.

        Raises FetchError as `Fetcher.get` does, and where `robots` is set and robots.txt asks us to stay away.
        """
        here = normal_address(url)
        rules = self._rules(here) if robots else None
        if rules is not None and not rules.can_fetch(here, _NAME):
            raise FetchError("the site's robots.txt asks programs to leave this page alone", source=url)
        delay = float((rules.crawl_delay(_NAME) if rules is not None else None) or 0)
        pause = max(self.pause, min(delay, LONGEST_PAUSE))
        for attempt in range(1, self.tries + 1):
            self._wait(urlsplit(here).netloc, pause)
            try:
                return self.fetcher.get(here, headers=headers)
            except FetchError as error:
                wait = retry_seconds(error.retry_after)
                if not error.passing or attempt == self.tries or (wait or 0) > LONGEST_WAIT:
                    raise
                self.sleep(wait if wait is not None else BACK_OFF * 4 ** (attempt - 1))
        raise AssertionError  # the last try returns or raises

    def _wait(self, host: str, pause: float) -> None:
        last = self._asked.get(host)
        if last is not None and (rest := last + pause - self.clock()) > 0:
            self.sleep(rest)
        self._asked[host] = self.clock()

    def _rules(self, url: str) -> Protego | None:
        """Return what robots.txt of the address' host says, None where it says nothing.

        Raises FetchError where it cannot be had: then nobody may tell whether we may come (RFC 9309, 2.3.1.4).
        """
        parts = urlsplit(url)
        origin = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        kept = self._robots.get(origin)
        if kept is not None and self.clock() - kept[0] < ROBOTS_KEPT:
            return kept[1]
        self._wait(parts.netloc, 0)
        rules: Protego | None = None
        try:
            body = self.fetcher.get(f"{origin}/robots.txt").body[:ROBOTS_SIZE]
        except FetchError as error:
            if error.status is None or error.status >= 500 or error.status == 429:
                raise FetchError(
                    f"its robots.txt could not be read ({error.message})",
                    source=url,
                    status=error.status,
                    passing=error.passing,
                    retry_after=error.retry_after,
                ) from error
        else:
            rules = Protego.parse(body.decode("utf-8", errors="replace"))
        self._robots[origin] = (self.clock(), rules)
        return rules


def retry_seconds(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, None where it asks for none or cannot be read."""
    if not value:
        return None
    if value.strip().isdigit():
        return min(float(value), 1e7)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


# -- what an address holds


def listing_of(
    url: str, visitor: Visitor, *, fetched: Fetched | None = None, robots: bool = True
) -> Listing | None:
    """Return what a feed or a sitemap at this address lists, sitemaps within it opened; None for anything else.

    Raises FetchError and UnreadableInput, with advice.
    """
    answer = fetched or visitor.get(url, robots=robots)
    body = gunzip(answer.body) if answer.body.startswith(b"\x1f\x8b") else answer.body
    kind = kind_of(body[:HEAD], urlsplit(answer.url).path)
    if kind == "feed":
        return feed_of(body, answer.url)
    if kind != "sitemap":
        return None
    first = sitemap_of(body, answer.url)
    if not first.more:
        return first
    entries: list[Entry] = list(first.entries)
    failed: FetchError | UnreadableInput | None = None
    for inner in first.more[:SITEMAPS]:
        try:
            answer = visitor.get(inner, robots=robots)
            body = gunzip(answer.body) if answer.body.startswith(b"\x1f\x8b") else answer.body
            entries += sitemap_of(body, answer.url).entries
        except (FetchError, UnreadableInput) as error:
            failed = error
    if not entries and failed is not None:
        raise failed
    entries.sort(key=lambda entry: entry.published or "", reverse=True)
    return Listing(first.title, tuple(entries))


def page_of(
    fetched: Fetched, *, today: date, origin: str = "", entry: Entry | None = None, outlet: str = ""
) -> tuple[Given | Rejected, ...]:
    """Return the articles of a fetched page or document; what it does not say of itself is as its feed has it."""
    body = fetched.body
    try:
        if body.startswith(b"\x1f\x8b"):
            body = gunzip(body)
        kind = kind_of(body[:HEAD], urlsplit(fetched.url).path)
    except UnreadableInput as error:
        return (Rejected.of(error, fetched.url),)
    made = from_kind(
        kind,
        body,
        fetched.url,
        origin or fetched.url,
        today,
        declared=fetched.charset,
        url=fetched.url,
        outlet=(entry.outlet if entry else None) or outlet,
    )
    return tuple(_told(item, fetched.url, entry, today) for item in made)


def _told(item: Given | Rejected, url: str, entry: Entry | None, today: date) -> Given | Rejected:
    if isinstance(item, Rejected):
        return item
    article, given = item
    published = article.published
    if published is None and entry is not None and entry.published:
        try:
            published = normalise(entry.published, today)
        except ValueError:
            published = None  # a day that cannot be is no day; the article is dated by its words
    return replace(article, url=article.url or url, published=published), given


def from_address(
    url: str, *, today: date | None = None, visitor: Visitor | None = None, limit: int = 20, origin: str = ""
) -> Iterator[Given | Rejected]:
    """Yield the articles at an address: one of a page or document, the newest `limit` of a feed or sitemap.

    The address itself is fetched as a browser would; what it lists, only where robots.txt allows.
    """
    day, guest = today or utc_today(), visitor or Visitor()
    try:
        fetched = guest.get(url, robots=False)
        listing = listing_of(url, guest, fetched=fetched)
    except (FetchError, UnreadableInput) as error:
        yield Rejected.of(error, url)
        return
    if listing is None:
        yield from page_of(fetched, today=day, origin=origin)
        return
    if not listing.entries:
        yield Rejected(url, None, "it lists no articles; try again later")
    for entry in listing.entries[:limit]:
        try:
            yield from entry_items(entry, guest, today=day, origin=origin, outlet=listing.title)
        except FetchError as error:
            yield Rejected.of(error, entry.url)
    if len(listing.entries) > limit:
        yield Rejected(
            url,
            None,
            f"it lists {len(listing.entries):,} articles, of which the first {limit} were read; "
            "watch it to get them all",
        )


def entry_items(
    entry: Entry, visitor: Visitor, *, today: date, origin: str = "", outlet: str = ""
) -> tuple[Given | Rejected, ...]:
    """Return the articles of what a feed lists: of its page, else of the words that the feed itself carries.

    Raises FetchError where the page may be had later.
    """
    error: FetchError | UnreadableInput
    try:
        found = page_of(visitor.get(entry.url), today=today, origin=origin, entry=entry, outlet=outlet)
        if not all(isinstance(item, Rejected) for item in found):
            return found
        error = UnreadableInput(next(item.message for item in found if isinstance(item, Rejected)))
    except FetchError as caught:
        error = caught
        if caught.passing:
            raise
    try:
        article: Article = article_from_entry(entry, today=today, origin=origin or entry.url, outlet=outlet)
    except UnreadableInput:
        return (Rejected.of(error, entry.url),)
    known = outlet_of(entry.url)
    return ((replace(article, outlet=known.name) if known else article, ""),)
