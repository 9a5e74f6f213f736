"""Articles in, events in the store: the way that the CLI and the dashboard share.

Part of the roof: it hands what the west wing made to the store of the east wing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from events import cluster, pipeline
from events.read import Rejected
from events.reference import data_path
from events.schema import Article, CodedArticle, Report
from events.store import Store

__all__ = ["SAMPLES", "Summary", "take_in", "take_in_samples"]

# Articles a commit. A kill loses at most so many, uncommitted; 50 keeps a commit's cost below a tenth of the coding.
BATCH = 50
SAMPLES = "samples"
"""Name of the data set of bundled samples."""


@dataclass(slots=True)
class Summary:
    """What a run took in: counts, and the reason for everything left out."""

    read: int = 0
    coded: int = 0
    reports: int = 0
    duplicates: int = 0
    uncoded: list[tuple[str, str]] = field(default_factory=list)  # (origin or title, why)
    rejected: list[Rejected] = field(default_factory=list)
    version: int = 0
    seconds: float = 0.0


def _batches(items: Iterable[Article | Rejected], size: int) -> Iterator[list[Article | Rejected]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _known(store: Store, reports: Sequence[Report], dataset: str) -> list[cluster.Known]:
    """The stored reports that may tell the same acts as these."""
    days = [date.fromisoformat(r.date) for r in reports if r.date]
    if not days:
        return []
    dyads = {(r.source, r.target) for r in reports}
    # every member of an event that may be joined: its days lie no further apart than DAYS_APART
    margin = timedelta(days=2 * cluster.DAYS_APART)
    rows = store.candidates(dyads, min(days) - margin, max(days) + margin, dataset=dataset).to_pylist()
    return [
        cluster.Known(
            row["event_id"],
            row["article_id"],
            row["source"],
            row["target"],
            row["symmetric"],
            row["event_type"],
            row["status"],
            row["date"],
            row["place"],
        )
        for row in rows
    ]


def save(store: Store, coded: Sequence[CodedArticle], *, dataset: str = "articles") -> int:
    """Fold the reports into events and commit them with their articles; return the new store version."""
    reports = [report for item in coded for report in item.reports]
    with store.writing():  # nobody commits between looking for the events to join and joining them
        assignments = cluster.assign(reports, _known(store, reports, dataset))
        return store.add(coded, assignments, dataset=dataset).version


def take_in(
    items: Iterable[Article | Rejected],
    store: Store,
    *,
    dataset: str = "articles",
    extractor: pipeline.Extractor | None = None,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Code articles and commit them batch by batch; stored articles are skipped, bad items are kept in the summary.

    Every committed batch stands, whatever happens later; running again goes on where a killed run stopped.
    """
    summary = Summary(version=store.version())
    began = time.monotonic()
    for batch in _batches(items, BATCH):
        articles: dict[str, Article] = {}
        for item in batch:
            if isinstance(item, Rejected):
                summary.rejected.append(item)
                continue
            summary.read += 1
            if item.article_id in articles:
                summary.duplicates += 1
            articles.setdefault(item.article_id, item)
        stored = store.has_articles(articles)
        summary.duplicates += len(stored)
        fresh = [article for key, article in articles.items() if key not in stored]
        coded = list(pipeline.code(fresh, extractor))
        for done in coded:
            if done.skipped:
                summary.uncoded.append((done.article.origin or done.article.title, done.skipped))
            else:
                summary.coded += 1
                summary.reports += len(done.reports)
        if coded:
            summary.version = save(store, coded, dataset=dataset)
        summary.seconds = time.monotonic() - began
        if progress is not None:
            progress(summary)
    return summary


def take_in_samples(store: Store, *, progress: Callable[[Summary], None] | None = None) -> Summary:
    """Code the bundled sample articles into the store as the data set "samples"."""
    from events.read import read  # noqa: PLC0415  the readers load trafilatura, which only intake of files needs

    return take_in(read([data_path("samples/articles.jsonl")]), store, dataset=SAMPLES, progress=progress)
