"""A second opinion from the question to the log: what it would cost, the run, what it did. The CLI's and the dashboard's.

Part of the roof: it takes articles from the store of the east wing to the language model of the west wing, and what that
read to the log of opinions. Each article is logged as it is read: a run that was killed goes on where it stopped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import pandas as pd

from events.errors import EndpointError
from events.extract import llm
from events.extract.llm import LlmExtractor, Settings
from events.opinions import Opinions
from events.queries import Queries
from events.schema import Article, Opinion, Selection
from events.store import Store

__all__ = ["Estimate", "Plan", "Summary", "ask", "plan"]

# Articles held at a time.
_BATCH = 50
# So many articles in a row that fail are no matter of the articles.
GIVE_UP = 5

# Where nothing was measured yet. Characters a token: of English, by the tokenizers in use. Tokens of an answer: measured on
# the bundled samples, of which an event in the shape that is asked for has 660 characters.
_CHARACTERS = 4
_EVENT_TOKENS = 165
_ANSWER_TOKENS = 10
# Tokens a second that a model writes and reads: of a small one on one graphics card, and slower than any that is rented.
_WRITES, _READS = 40, 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will take: `articles` to read, of which `kept` have answers that cost nothing.

    `cost` is None where no price is known, `seconds` are of the whole run; `measured` says on how many articles that this
    model read before it rests, 0 where it is assumed.
    """

    articles: int
    kept: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    currency: str | None
    seconds: float
    measured: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The articles that a run will read, in order, and what that takes; `read` were read by this version before."""

    article_ids: tuple[str, ...]
    read: int
    estimate: Estimate


@dataclass(slots=True)
class Summary:
    """What a run did so far. `stopped` says why it ended before its last article."""

    total: int = 0
    done: int = 0
    reports: int = 0
    refused: int = 0
    kept: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # (title, why)
    tokens_in: int = 0  # of what was asked, without answers that were kept
    tokens_out: int = 0
    counted: bool = True
    cost: float | None = None
    currency: str | None = None
    seconds: float = 0.0
    stopped: str | None = None


def plan(
    store: Store, settings: Settings, selection: Selection | None = None, *, limit: int | None = None
) -> Plan:
    """Return what a run over the selected articles (see `Queries.to_read`) would read and take; nothing is asked.

    With `limit` so many articles at most, those that were read before not counted.
    """
    opinions, queries = Opinions(store.location), Queries(store)
    extractor = LlmExtractor(settings, opinions.replies)
    known = opinions.has_read(extractor.name, extractor.version)
    read = len(queries.to_read(selection, among=known)) if known else 0
    todo = queries.to_read(selection, limit, without=known)
    todo = todo[todo["characters"] > 0]  # of imported events no text is kept
    ids = tuple(todo["article_id"])
    kept = (
        {item.article_id for item in _articles(queries, ids) if extractor.is_kept(item)}
        if opinions.replies.is_dir()
        else set()
    )
    asked = todo[~todo["article_id"].isin(kept)]
    return Plan(ids, read, _estimate(settings, opinions, asked, len(kept)))


def _estimate(settings: Settings, opinions: Opinions, asked: pd.DataFrame, kept: int) -> Estimate:
    number = len(asked)
    pace = opinions.pace(llm.coder_of(settings.model))
    if pace is not None:
        each = {name: value / pace["articles"] for name, value in pace.items()}
        tokens_in, tokens_out, seconds = (
            each[name] * number for name in ("tokens_in", "tokens_out", "seconds")
        )
    else:
        characters = int(asked["characters"].sum())
        reports = int(asked["reports"].sum())
        tokens_in = (number * llm.overhead() + characters) / _CHARACTERS
        tokens_out = float(number * _ANSWER_TOKENS + reports * _EVENT_TOKENS)
        seconds = tokens_in / _READS + tokens_out / _WRITES
    price = settings.price
    return Estimate(
        articles=number + kept,
        kept=kept,
        tokens_in=round(tokens_in),
        tokens_out=round(tokens_out),
        cost=price.of(tokens_in, tokens_out) if price else None,
        currency=price.currency if price else None,
        seconds=seconds / max(1, min(settings.parallel, number)),
        measured=int(pace["articles"]) if pace else 0,
    )


def _articles(queries: Queries, ids: tuple[str, ...]) -> Iterator[Article]:
    for at in range(0, len(ids), _BATCH):
        for coded in queries.coded(ids[at : at + _BATCH]):
            yield coded.article


def ask(
    store: Store,
    settings: Settings,
    article_ids: tuple[str, ...],
    *,
    progress: Callable[[Summary], None] | None = None,
    stop: threading.Event | None = None,
) -> Summary:
    """Have the articles read and log each; return what was done. Nothing is raised for an article that fails.

    `stop` ends the run between two requests. What ends it before its time (the key, the model, no answer at all, `stop`) is
    told in the summary.
    """
    opinions, queries = Opinions(store.location), Queries(store)
    extractor = LlmExtractor(settings, opinions.replies)
    extractor.endpoint.stop = stop or extractor.endpoint.stop
    summary = Summary(total=len(article_ids), currency=settings.price.currency if settings.price else None)
    began, failures = time.monotonic(), 0
    waiting = _articles(queries, article_ids)
    running: dict[Future[Opinion], Article] = {}
    pool = ThreadPoolExecutor(settings.parallel, thread_name_prefix="opinion")
    try:
        while summary.stopped is None:
            while len(running) < settings.parallel and (article := next(waiting, None)) is not None:
                running[pool.submit(extractor.read, article)] = article
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                article = running.pop(future)
                try:
                    opinion = future.result()
                except EndpointError as error:
                    summary.stopped = summary.stopped or str(error)
                    continue
                opinions.add([opinion])
                _count(summary, opinion, article)
                failures = failures + 1 if opinion.failed else 0
                if failures >= GIVE_UP:
                    summary.stopped = f"{failures} articles in a row could not be read: {opinion.failed}"
                summary.seconds = time.monotonic() - began
                if progress is not None:
                    progress(summary)
    finally:
        extractor.endpoint.stop.set()  # whatever is under way ends at its next piece
        pool.shutdown(cancel_futures=True)
        for future, article in running.items():  # what was answered meanwhile is paid for
            if not future.cancelled() and future.exception() is None:
                opinions.add([future.result()])
                _count(summary, future.result(), article)
        extractor.close()
        summary.seconds = time.monotonic() - began
    return summary


def _count(summary: Summary, opinion: Opinion, article: Article) -> None:
    summary.done += 1
    summary.reports += len(opinion.reports)
    summary.refused += len(opinion.refused)
    if opinion.failed:
        summary.failed.append((article.title or article.article_id, opinion.failed))
    if opinion.cached:
        summary.kept += 1
        return
    summary.tokens_in += opinion.tokens_in
    summary.tokens_out += opinion.tokens_out
    summary.counted = summary.counted and opinion.counted
    if opinion.cost is not None:
        summary.cost = (summary.cost or 0.0) + opinion.cost
