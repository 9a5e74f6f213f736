"""Feeds and sitemaps watched: what is new in them is fetched, coded and stored, pass by pass.

What a pass needs to know of the last one (each feed's ETag and Last-Modified, which addresses were taken or given
up, who asked for a pause) lies beside the store, in `<store>/watch/watch.sqlite3`; for a store at an object store's
address in the folder `watch` of $ENTENTE_DESK, else of data/store. An address counts as taken once its article is committed: a pass that is stopped
loses nothing, and the next one goes on.
"""

from __future__ import annotations

import re
import sqlite3
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from events.errors import FetchError, InputError, UnreadableInput
from events.intake import Summary, take_in
from events.pipeline import Extractor
from events.read import Rejected, Visitor, is_address
from events.read.feeds import Entry, Listing
from events.read.fetch import Fetcher
from events.read.records import Given, utc_today
from events.read.stamps import normalise
from events.read.web import LONGEST_WAIT, address_key, entry_items, listing_of, retry_seconds
from events.reference import beside
from events.schema import Article
from events.store import Store

__all__ = ["Feed", "Feeds", "Pass", "Watcher", "every", "load"]

LIMIT = 50
"""Articles that a pass takes of one feed, the newest first; the rest come with the next passes."""

# Passes after which an article that fails is given up.
GIVEN_UP = 5
SHORTEST = 60.0  # seconds between two passes


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed or sitemap to watch."""

    url: str
    outlet: str = ""  # counts before what the pages say
    limit: int = LIMIT
    since: date | None = None  # articles that the feed dates before are left alone
    match: str = ""  # a regular expression that the address or the title must hold


@dataclass(frozen=True, slots=True)
class Feeds:
    """What a feeds.toml asks for."""

    feeds: tuple[Feed, ...]
    pause: float = 2.0  # seconds between two requests to one host
    dataset: str = "articles"
    allow: tuple[tuple[str, int], ...] = ()  # servers of one's own inside a private network


def every(words: str) -> float:
    """Return the seconds of "90s", "15m", "2h" or "1d"; raises InputError for anything else and under a minute."""
    found = re.fullmatch(r"\s*(\d{1,5})\s*([smhd])\s*", words)
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]] if found else 0
    if seconds < SHORTEST:
        raise InputError(f"a span of a minute or more is written 15m, 2h or 1d, not {words!r}")
    return float(seconds)


def load(path: str | Path) -> Feeds:
    """Return what a feeds.toml asks for; raises InputError, naming the entry, for what it cannot mean."""
    source = str(path)
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            'there is no such file; write one with [[feed]] and url = "https://..."', source=source
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"it cannot be read as TOML ({error})", source=source) from error
    entries = told.pop("feed", [])
    if not isinstance(entries, list) or not entries:
        raise InputError('it names no feed; write [[feed]] and url = "https://..."', source=source)
    known = {f.name for f in fields(Feeds)} - {"feeds"}
    if unknown := set(told) - known:
        raise InputError(
            f"it has unknown keys {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}",
            source=source,
        )
    feeds = tuple(_feed(entry, number, source) for number, entry in enumerate(entries, start=1))
    if len({address_key(feed.url) for feed in feeds}) < len(feeds):
        raise InputError("it names a feed twice; take one of them out", source=source)
    pause: Any = told.get("pause", 2.0)
    dataset: Any = told.get("dataset", "articles")
    if isinstance(pause, bool) or not isinstance(pause, int | float) or not 0 <= pause <= 3600:
        raise InputError(f"pause is a number of seconds from 0 to 3600, not {pause!r}", source=source)
    if not isinstance(dataset, str) or not dataset.strip():
        raise InputError("dataset is a name in quotes", source=source)
    return Feeds(feeds, float(pause), dataset.strip(), _allowed(told.get("allow", []), source))


def _feed(entry: object, number: int, source: str) -> Feed:
    if not isinstance(entry, dict):
        raise InputError(f"feed {number} is no table; write [[feed]]", source=source)
    known = {f.name for f in fields(Feed)}
    if unknown := set(entry) - known:
        raise InputError(f"feed {number} has unknown keys {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}", source=source)  # fmt: skip
    url = entry.get("url")
    if not isinstance(url, str) or not is_address(url):
        raise InputError(f'feed {number} needs url = "https://..."', source=source)
    values: dict[str, Any] = {"url": url.strip()}
    if (since := entry.get("since")) is not None:
        if isinstance(since, datetime) or not isinstance(since, date | str):
            raise InputError(f"since of feed {number} is a day such as 2024-05-01", source=source)
        try:
            values["since"] = date.fromisoformat(since) if isinstance(since, str) else since
        except ValueError:
            raise InputError(f"since of feed {number} is a day such as 2024-05-01", source=source) from None
    for name, kind in (("outlet", str), ("limit", int), ("match", str)):
        if (value := entry.get(name)) is not None:
            if type(value) is not kind or (isinstance(value, int) and not 1 <= value <= 5000):
                raise InputError(f"{name} of feed {number} is not {value!r}", source=source)
            values[name] = value
    try:
        re.compile(values.get("match", ""))
    except re.error as error:
        raise InputError(
            f"match of feed {number} is no regular expression ({error})", source=source
        ) from error
    return Feed(**values)


def _allowed(items: object, source: str) -> tuple[tuple[str, int], ...]:
    if not isinstance(items, list):
        raise InputError('allow is a list such as ["10.0.0.5:8080"]', source=source)
    made = []
    for item in items:
        host, _, port = str(item).rpartition(":")
        try:
            made.append((str(ip_address(host.strip("[]"))), int(port)))
        except ValueError:
            raise InputError(f'allow lists numeric addresses with their port, such as "10.0.0.5:8080", not {item!r}', source=source) from None  # fmt: skip
    return tuple(made)


@dataclass(slots=True)
class Pass:
    """What one pass did; every failure is listed with its address and what to do."""

    feeds: int = 0
    unchanged: int = 0
    listed: int = 0
    known: int = 0  # taken or given up in an earlier pass, or listed twice
    left: int = 0  # for a later pass: beyond the limit
    taken: Summary = field(default_factory=Summary)
    failed: list[Rejected] = field(default_factory=list)
    given_up: int = 0  # of the failures: not tried again
    seconds: float = 0.0

    def told(self) -> list[str]:
        """Return the summary, a line a matter; the failures follow, one a line."""
        t = self.taken
        lines = [
            (
                f"{self.feeds} feeds: {self.unchanged} unchanged, {self.listed} articles listed, {self.known} known, "
                f"{self.left} left for the next pass"
            ),
            (
                f"{t.read} articles fetched: {t.coded} coded with {t.reports} reports, {t.duplicates} already there, "
                f"{len(t.uncoded)} kept uncoded"
            ),
            f"{len(self.failed)} failures, {self.given_up} of them given up; store version {t.version}, {self.seconds:.1f} s",
        ]
        return [
            *lines,
            *(f"failed: {item}" for item in self.failed),
            *(f"kept, not coded: {o}: {why}" for o, why in t.uncoded),
        ]


_TABLES = """
CREATE TABLE IF NOT EXISTS feeds (
    url TEXT PRIMARY KEY, etag TEXT, modified TEXT, checked TEXT, not_before REAL NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, state TEXT NOT NULL, tries INTEGER NOT NULL, at TEXT NOT NULL);
"""


class Watcher:
    """Watches feeds into a store; `visitor` and `clock` stand in for the network and the time of day."""

    def __init__(
        self,
        feeds: Feeds,
        store: Store,
        *,
        visitor: Visitor | None = None,
        extractor: Extractor | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.feeds = feeds
        self.store = store
        self._visitor = visitor or Visitor(Fetcher(allowed=feeds.allow), pause=feeds.pause)
        self._extractor = extractor
        self._clock = clock
        self.path = beside(store.location) / "watch" / "watch.sqlite3"

    def once(self, *, progress: Callable[[str], None] | None = None) -> Pass:
        """Take what is new in every feed; raises InputError where another watch of this store is at work."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_suffix(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                "another watch of this store is at work; let it end, or name another store",
                source=str(self.path.parent),
            ) from None
        done, began = Pass(), time.monotonic()
        done.taken.version = self.store.version()
        try:
            for feed in self.feeds.feeds:
                if progress is not None:
                    progress(feed.url)
                self._take(feed, done)
        finally:
            done.seconds = time.monotonic() - began
            lock.release()
        return done

    # One feed

    def _take(self, feed: Feed, done: Pass) -> None:
        done.feeds += 1
        state = self._feed_state(feed.url)
        if state["not_before"] > self._clock():
            again = datetime.fromtimestamp(state["not_before"], UTC).isoformat(timespec="minutes")
            done.failed.append(Rejected(feed.url, None, f"the server asked to be left alone until {again}"))
            return
        try:
            asked = {
                name: value
                for name, value in (
                    ("If-None-Match", state["etag"]),
                    ("If-Modified-Since", state["modified"]),
                )
                if value
            }
            answer = self._visitor.get(feed.url, headers=asked)
            if answer.status == 304:
                done.unchanged += 1
                self._keep_feed(feed.url, state["etag"], state["modified"])
                return
            listing = listing_of(feed.url, self._visitor, fetched=answer)
        except (FetchError, UnreadableInput) as error:
            done.failed.append(Rejected.of(error, feed.url))
            self._keep_failure(feed.url, error)
            return
        if listing is None:
            why = "it is no RSS or Atom feed and no sitemap; check the address in a browser"
            done.failed.append(Rejected(feed.url, None, why))
            return
        whole = self._take_listed(feed, listing, done)
        # as long as something is left to do, the feed is read again in full
        told = answer.headers if whole else {}
        self._keep_feed(feed.url, told.get("etag"), told.get("last-modified"))

    def _take_listed(self, feed: Feed, listing: Listing, done: Pass) -> bool:
        """Fetch, code and commit what is new of a listing; say whether nothing is left for a later pass."""
        fresh, whole = self._fresh(feed, listing, done), True
        if len(fresh) > feed.limit:
            done.left += len(fresh) - feed.limit
            fresh, whole = fresh[: feed.limit], False
        articles: list[Article] = []
        states: list[tuple[str, str, int]] = []
        keys: set[str] = set()
        for at, (key, entry, tries) in enumerate(fresh, start=1):
            given_up = tries + 1 >= GIVEN_UP
            try:
                items = entry_items(
                    entry,
                    self._visitor,
                    today=utc_today(),
                    origin=feed.url,
                    outlet=feed.outlet or listing.title,
                )
            except FetchError as error:
                done.failed.append(Rejected.of(error, entry.url))
                done.given_up += given_up
                states.append((key, "given up" if given_up else "failed", tries + 1))
                whole = whole and given_up
                if (retry_seconds(error.retry_after) or 0) > LONGEST_WAIT:
                    whole, done.left = False, done.left + len(fresh) - at
                    break  # the host asks for a long pause
                continue
            taken = [item for item in items if not isinstance(item, Rejected)]
            done.failed += [item for item in items if isinstance(item, Rejected)]
            if not taken:
                done.given_up += 1
                states.append((key, "given up", tries + 1))
                continue
            again = {address_key(article.url) for article, _ in taken if article.url} - {key}
            if (again and all(self._known(again))) or again & keys:
                done.known += 1  # another address of an article that is here
            else:
                articles += [_named(item, feed) for item in taken]
            keys |= {key, *again}
            states += [(k, "taken", tries + 1) for k in {key, *again}]
        if articles:
            summary = take_in(articles, self.store, dataset=self.feeds.dataset, extractor=self._extractor)
            _add(done.taken, summary)
        self._keep_pages(states)
        return whole

    def _fresh(self, feed: Feed, listing: Listing, done: Pass) -> list[tuple[str, Entry, int]]:
        wanted = re.compile(feed.match)
        seen: set[str] = set()
        fresh = []
        with self._open() as base:
            for entry in listing.entries:
                if not is_address(entry.url):
                    done.failed.append(
                        Rejected(feed.url, None, f"an entry names no page ({entry.title[:80] or 'untitled'})")
                    )
                    continue
                if feed.match and not (wanted.search(entry.url) or wanted.search(entry.title)):
                    continue
                if feed.since and (day := _day(entry)) is not None and day < feed.since:
                    continue
                done.listed += 1
                key = address_key(entry.url)
                row = base.execute("SELECT state, tries FROM pages WHERE key = ?", (key,)).fetchone()
                if key in seen or (row is not None and row[0] != "failed"):
                    done.known += 1
                else:
                    fresh.append((key, entry, row[1] if row else 0))
                seen.add(key)
        stored = self.store.has_urls(entry.url for _, entry, _ in fresh)
        kept = [item for item in fresh if item[0] not in {address_key(url) for url in stored}]
        done.known += len(fresh) - len(kept)
        return kept

    # What is kept between passes

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=20)) as base, base:
            base.executescript(_TABLES)
            yield base

    def _feed_state(self, url: str) -> Mapping[str, Any]:
        with self._open() as base:
            row = base.execute(
                "SELECT etag, modified, not_before FROM feeds WHERE url = ?", (url,)
            ).fetchone()
        return dict(zip(("etag", "modified", "not_before"), row or (None, None, 0.0), strict=True))

    def _keep_feed(self, url: str, etag: str | None, modified: str | None) -> None:
        with self._open() as base:
            base.execute(
                "INSERT OR REPLACE INTO feeds (url, etag, modified, checked) VALUES (?, ?, ?, ?)",
                (url, etag, modified, self._now()),
            )

    def _keep_failure(self, url: str, error: FetchError | UnreadableInput) -> None:
        wait = retry_seconds(error.retry_after) if isinstance(error, FetchError) else None
        with self._open() as base:
            base.execute("INSERT OR IGNORE INTO feeds (url) VALUES (?)", (url,))
            base.execute(
                "UPDATE feeds SET checked = ?, failures = failures + 1, not_before = ? WHERE url = ?",
                (self._now(), self._clock() + (wait or 0) if wait else 0, url),
            )

    def _keep_pages(self, states: Sequence[tuple[str, str, int]]) -> None:
        with self._open() as base:
            base.executemany(
                "INSERT OR REPLACE INTO pages (key, state, tries, at) VALUES (?, ?, ?, ?)",
                [(*state, self._now()) for state in states],
            )

    def _known(self, keys: set[str]) -> list[bool]:
        with self._open() as base:
            return [
                base.execute("SELECT 1 FROM pages WHERE key = ? AND state = 'taken'", (key,)).fetchone()
                is not None
                for key in keys
            ]

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")


def _day(entry: Entry) -> date | None:
    try:
        return date.fromisoformat(normalise(entry.published or "", date.max.replace(year=9000))[:10])
    except ValueError:
        return None


def _named(item: Given, feed: Feed) -> Article:
    article, _ = item
    return replace(article, outlet=feed.outlet) if feed.outlet else article


def _add(total: Summary, summary: Summary) -> None:
    total.read += summary.read
    total.coded += summary.coded
    total.reports += summary.reports
    total.duplicates += summary.duplicates
    total.uncoded += summary.uncoded
    total.rejected += summary.rejected
    total.version = summary.version
    total.seconds += summary.seconds
