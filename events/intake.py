"""Articles in, events in the store: the way that the CLI and the dashboard share.

Part of the roof: it hands what the west wing made to the store of the east wing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import islice

from events import cluster, pipeline
from events.read import Rejected
from events.reference import data_path
from events.schema import Article, Assignment, CodedArticle, Report, article_id_of
from events.store import Store

__all__ = [
    "SAMPLES",
    "Recoded",
    "Summary",
    "recode",
    "save",
    "take_in",
    "take_in_on_spark",
    "take_in_samples",
]

# Articles a commit. A kill loses at most so many, uncommitted; 50 keeps a commit's cost below a tenth of the coding.
BATCH = 50
# On a cluster articles come faster than small commits can be made: one of 1,000 takes little longer than one of 50.
COMMIT = 1_000
# Sketches that a run keeps, about 3 kB each.
SKETCHES = 10_000
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


class Sketches:
    """The sketches of articles that were just looked at, so that a run makes each but once."""

    def __init__(self) -> None:
        self._kept: dict[str, cluster.Sketch] = {}

    def groups(self, store: Store, coded: Sequence[CodedArticle], known: Iterable[str]) -> cluster.Copies:
        """Return which of these articles, and of the stored ones that are `known`, print one text."""
        stored = list(dict.fromkeys(known))
        texts = store.texts(key for key in stored if key not in self._kept)
        copies = cluster.Copies()
        for key in stored:
            copies.add(key, self._sketch(key, texts.get(key, "")))
        for item in coded:
            if item.reports:
                copies.add(item.article.article_id, self._sketch(item.article.article_id, item.article.text))
        while len(self._kept) > SKETCHES:
            del self._kept[next(iter(self._kept))]
        return copies

    def _sketch(self, article_id: str, text: str) -> cluster.Sketch:
        made = self._kept.pop(article_id, None) or cluster.sketch(text)
        self._kept[article_id] = made  # the last used go last
        return made


def _known(store: Store, reports: Sequence[Report], dataset: str) -> list[cluster.Known]:
    """The stored reports that may tell the same acts as these."""
    windows = [(r.source, r.target, *days) for r in reports if (days := cluster.reach(r))]
    return [cluster.Known.of(*found) for found in store.candidates(windows, dataset=dataset)]


def save(
    store: Store,
    coded: Sequence[CodedArticle],
    *,
    dataset: str = "articles",
    sketches: Sketches | None = None,
) -> int:
    """Fold the reports into events and commit them with their articles; return the new store version."""
    reports = [report for item in coded for report in item.reports]
    outlets = {item.article.article_id: item.article.outlet for item in coded}
    with store.writing():  # nobody commits between looking for the events to join and joining them
        known = _known(store, reports, dataset)
        copies = (sketches or Sketches()).groups(store, coded, (k.article_id for k in known))
        assignments = cluster.assign(reports, known, copies=copies, outlets=outlets)
        return store.add(coded, assignments, dataset=dataset).version


def _by_outlet(
    articles: Iterable[Article], store: Store, under_way: dict[str, str | None]
) -> Iterator[Article]:
    """Yield the articles; one whose text another outlet has printed comes with an id of its own.

    The text is the id of an article, and a wire story that a second newspaper prints is a second article.
    `under_way` holds the outlets of articles that are about to be stored.
    """
    items = list(articles)
    stored = store.outlets(a.article_id for a in items) | under_way
    first: dict[str, str | None] = {}
    for article in items:
        printed = stored.get(article.article_id, first.setdefault(article.article_id, article.outlet))
        if article.outlet and printed and article.outlet != printed:
            yield replace(article, article_id=article_id_of(article.text, article.outlet))
        else:
            yield article


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

    def begin(articles: Sequence[Article]) -> Future[list[CodedArticle]]:
        done: Future[list[CodedArticle]] = Future()
        done.set_result(list(pipeline.code(articles, extractor)))
        return done

    return _take_in(items, store, begin, dataset=dataset, progress=progress)


def take_in_on_spark(
    items: Iterable[Article | Rejected],
    store: Store,
    *,
    dataset: str = "articles",
    cluster: pipeline.Cluster | None = None,
    commit: int = COMMIT,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Do as `take_in`, with the articles coded on a Spark cluster; the store ends up with the same.

    The driver reads the articles, folds their reports into events and is the one writer, while the next articles are
    coded. `commit` articles are committed at a time. A run that is killed loses what was not committed: at most three
    jobs of `Cluster.size`. Raises SparkError where Spark cannot run, or gives a job up.
    """
    coder = cluster or pipeline.Cluster()
    try:
        return _take_in(
            items,
            store,
            coder.begin,
            dataset=dataset,
            progress=progress,
            commit=commit,
            at_once=coder.size,
            ahead=2,
        )
    finally:
        coder.close()


def _take_in(
    items: Iterable[Article | Rejected],
    store: Store,
    begin: Callable[[Sequence[Article]], Future[list[CodedArticle]]],
    *,
    dataset: str,
    progress: Callable[[Summary], None] | None,
    commit: int = BATCH,
    at_once: int = 0,
    ahead: int = 0,
) -> Summary:
    """Take in batches of `commit` items each, which `begin` codes `at_once` or more, so many times `ahead`."""
    summary, sketches = Summary(version=store.version()), Sketches()
    began = time.monotonic()
    held: list[list[Article]] = []
    coding: deque[tuple[list[int], Future[list[CodedArticle]]]] = deque()
    under_way: dict[str, str | None] = {}  # articles that are not stored yet, with their outlets

    def send() -> None:
        coding.append(([len(part) for part in held], begin([article for part in held for article in part])))
        held.clear()

    def finish(sizes: list[int], job: Future[list[CodedArticle]]) -> None:
        coded = job.result()
        for done in coded:
            if done.skipped:
                summary.uncoded.append((done.article.origin or done.article.title, done.skipped))
            else:
                summary.coded += 1
                summary.reports += len(done.reports)
        parts = iter(coded)
        for size in filter(None, sizes):
            part = list(islice(parts, size))
            summary.version = save(store, part, dataset=dataset, sketches=sketches)
        for done in coded:
            under_way.pop(done.article.article_id, None)
        summary.seconds = time.monotonic() - began
        if progress is not None:
            progress(summary)

    for given in _batches(items, commit):
        articles: dict[str, Article] = {}
        summary.rejected += [item for item in given if isinstance(item, Rejected)]
        for item in _by_outlet((item for item in given if isinstance(item, Article)), store, under_way):
            summary.read += 1
            if item.article_id in articles:
                summary.duplicates += 1
            articles.setdefault(item.article_id, item)
        known = store.has_articles(articles) | (articles.keys() & under_way.keys())
        summary.duplicates += len(known)
        fresh = [article for key, article in articles.items() if key not in known]
        under_way |= {article.article_id: article.outlet for article in fresh}
        held.append(fresh)
        if sum(map(len, held)) >= at_once:
            send()
        while len(coding) > ahead:
            finish(*coding.popleft())
    if held:
        send()
    while coding:
        finish(*coding.popleft())
    return summary


@dataclass(slots=True)
class Recoded:
    """What coding a data set again did: articles read, reports now, and how many of these were not there before."""

    articles: int = 0
    reports: int = 0
    new: int = 0
    version: int = 0


def recode(
    store: Store,
    *,
    dataset: str = "articles",
    extractor: pipeline.Extractor | None = None,
    progress: Callable[[Recoded], None] | None = None,
) -> Recoded:
    """Code the stored articles of a data set again, with this version of the coder; all or nothing.

    Reports keep their events, and what people judged of them; a report that was not there before joins an event as
    if its article had just come in.
    """
    done = Recoded()
    # What the batches before found new is not stored yet; by dyad, as only reports of one can tell one act.
    known: dict[frozenset[str], list[cluster.Known]] = {}

    def batches() -> Iterator[tuple[list[CodedArticle], list[Assignment]]]:
        for articles in store.stored_articles(dataset):
            coded = list(pipeline.code(articles, extractor))
            reports = [report for item in coded for report in item.reports]
            there = store.whereabouts(report.report_id for report in reports)
            fresh = [report for report in reports if report.report_id not in there]
            outlets = {item.article.article_id: item.article.outlet for item in coded}
            stored = _known(store, fresh, dataset)
            copies = Sketches().groups(store, coded, (k.article_id for k in stored))
            before = [k for dyad in {_dyad(r) for r in fresh} for k in known.get(dyad, ())]
            assigned = cluster.assign(fresh, [*stored, *before], copies=copies, outlets=outlets)
            event = {a.report_id: a.event_id for a in assigned}
            for r in fresh:
                told = cluster.Known.of(r, outlets[r.article_id], event[r.report_id])
                known.setdefault(_dyad(r), []).append(told)
            done.articles += len(coded)
            done.reports += len(reports)
            done.new += len(fresh)
            if progress is not None:
                progress(done)
            yield coded, assigned

    with store.writing():
        done.version = store.recode(batches(), dataset=dataset).version
    return done


def _dyad(report: Report) -> frozenset[str]:
    return frozenset((report.source, report.target))


def take_in_samples(store: Store, *, progress: Callable[[Summary], None] | None = None) -> Summary:
    """Code the bundled sample articles into the store as the data set "samples"."""
    from events.read import read  # noqa: PLC0415  the readers load trafilatura, which only intake of files needs

    return take_in(read([data_path("samples/articles.jsonl")]), store, dataset=SAMPLES, progress=progress)
