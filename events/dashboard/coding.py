"""The dashboard's way into the west wing: pasted text and uploads become coded articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import PurePath

import streamlit as st

from events import intake, pipeline
from events.dashboard import answers
from events.intake import Summary
from events.read import Rejected, read_bytes, read_text
from events.schema import Article, CodedArticle

__all__ = [
    "Rejected",
    "Summary",
    "articles_of",
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


def save(items: Iterable[Article | Rejected], progress: Callable[[Summary], None] | None = None) -> Summary:
    """Code the articles and commit them to the store; `progress` hears after each batch."""
    return intake.take_in(items, answers.store(), progress=progress)
