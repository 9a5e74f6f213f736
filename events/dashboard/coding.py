"""The dashboard's way into the west wing: pasted text and uploads become coded articles."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import PurePath

import streamlit as st

from events import intake, pipeline
from events.dashboard import answers, signing
from events.intake import Summary
from events.read import Rejected, Visitor, read_address, read_bytes, read_text
from events.read.fetch import Fetcher, Limits
from events.schema import Article, CodedArticle
from events.store import Store

__all__ = [
    "Fetching",
    "Rejected",
    "Saving",
    "Summary",
    "articles_of",
    "fetch",
    "from_paste",
    "from_uploads",
    "preview",
    "rejected_of",
    "save",
]


def from_paste(
    text: str, *, title: str = "", published: date | None = None, outlet: str = "", url: str = ""
) -> Article | Rejected:
    """Return the article that was pasted, or why it is none."""
    return read_text(
        text,
        title=title.strip(),
        published=published.isoformat() if published else None,
        outlet=outlet.strip() or None,
        url=url.strip() or None,
        origin="paste",
    )


def from_uploads(files: Sequence[tuple[str, bytes]]) -> list[Article | Rejected]:
    """Return the articles of uploaded files (name, content) in order, and what cannot be used."""
    return [item for name, content in files for item in read_bytes(content, PurePath(name).name)]


# Articles read of a feed or a sitemap: with the pauses between them, a quarter of a minute.
LISTED = 10


class Fetching:
    """Addresses being read in a thread of their own, so that a click elsewhere does not begin them anew."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.urls = list(urls)
        self.items: list[Article | Rejected] = []
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            # a person waits: a server that fails is not asked again and again
            visitor = Visitor(Fetcher(limits=Limits(seconds=20)), tries=1)
            for url in self.urls:
                for item in read_address(url, limit=LISTED, visitor=visitor):
                    self.items.append(item)
        except Exception as error:  # noqa: BLE001  raised again by the page, which has a reader
            self.error = error

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds; say whether all is read."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


def fetch(urls: Sequence[str]) -> Fetching:
    """Begin to read web addresses: pages, documents, feeds, sitemaps; raises InputError for who may not write."""
    signing.guard()
    return Fetching(urls)


def articles_of(items: Iterable[Article | Rejected]) -> list[Article]:
    """Return the articles among the items, each once."""
    found = {item.article_id: item for item in items if not isinstance(item, Rejected)}
    return list(found.values())


def rejected_of(items: Iterable[Article | Rejected]) -> list[Rejected]:
    """Return the items that are no articles."""
    return [item for item in items if isinstance(item, Rejected)]


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={Article: repr})
def preview(article: Article) -> CodedArticle:
    """Return the article as it would be coded; nothing is stored."""
    return pipeline.code_article(article)


class Saving:
    """A save at work in a thread of its own: a click elsewhere stops the page's script, but not the save."""

    def __init__(self, articles: Sequence[Article], store: Store) -> None:
        self.articles = articles
        self.summary = Summary()
        self.error: Exception | None = None
        self._store = store
        self._thread = threading.Thread(target=self._run, name="save", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.summary = intake.take_in(self.articles, self._store, progress=self._hear)
        except Exception as error:  # noqa: BLE001  raised again by the page, which has a reader
            self.error = error

    def _hear(self, summary: Summary) -> None:
        self.summary = summary

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds; say whether the save has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


def save(articles: Sequence[Article]) -> Saving:
    """Begin to code the articles and to commit them to the store; raises InputError for who may not write."""
    signing.guard()
    return Saving(articles, answers.store())
