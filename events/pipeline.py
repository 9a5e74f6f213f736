"""The corridor of the west wing: articles in, coded articles out."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd
import pyarrow as pa

from events import spark
from events.errors import SparkError
from events.extract import RuleExtractor
from events.schema import Article, CodedArticle, Report

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["LANGUAGES", "Cluster", "Extractor", "code", "code_article", "default_extractor"]

# Articles held at a time; a multiple of what the extractor parses together.
CHUNK = 32
LANGUAGES = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "kk": "Kazakh", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mn": "Mongolian", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Names of languages for messages, by ISO 639-1."""


class Extractor(Protocol):
    """Whatever turns an article into reports."""

    name: str
    version: str

    def stream(self, articles: Iterable[Article]) -> Iterator[list[Report]]:
        """Yield the reports of each English article, in order."""
        ...


@cache
def default_extractor() -> Extractor:
    """Return the extractor that ships, made once a process (about a second)."""
    return RuleExtractor()


def code_article(article: Article, extractor: Extractor | None = None) -> CodedArticle:
    """Return the article with its reports, or with the reason why it was not coded (its language)."""
    return next(code([article], extractor))


def _why_not(article: Article) -> str | None:
    """Return why an article is not coded, None where it is."""
    if not article.language or article.language == "en":
        return None
    name = LANGUAGES.get(article.language, f"the language {article.language!r}")
    return f"written in {name}; only English is coded. Add a translation to code it."


def code(
    articles: Iterable[Article], extractor: Extractor | None = None, *, processes: int = 1
) -> Iterator[CodedArticle]:
    """Yield each article with its reports, or with the reason why it was not coded, in order.

    Memory is constant: a few articles are coded at a time. With more than one of `processes` the default extractor
    works in so many processes of its own; an `extractor` that is given stays in this one.
    """
    iterator = iter(articles)
    chunks = iter(lambda: list(islice(iterator, CHUNK)), [])
    if processes <= 1 or extractor is not None:
        for chunk in chunks:
            yield from _code_chunk(chunk, extractor)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        ahead: deque[Future[list[CodedArticle]]] = deque()
        for chunk in chunks:
            ahead.append(pool.submit(_code_chunk, chunk))
            if len(ahead) > 2 * processes:
                yield from ahead.popleft().result()
        while ahead:
            yield from ahead.popleft().result()


def _code_chunk(chunk: list[Article], extractor: Extractor | None = None) -> list[CodedArticle]:
    chosen = extractor or default_extractor()
    coded = _coded([article for article in chunk if _why_not(article) is None], chosen)
    return [CodedArticle(a, (), why) if (why := _why_not(a)) else next(coded) for a in chunk]


def _coded(articles: list[Article], extractor: Extractor) -> Iterator[CodedArticle]:
    """Code articles together; where one of them breaks the extractor, one by one, so that only that one is left out."""
    try:
        reports = list(extractor.stream(articles))
    except Exception:  # noqa: BLE001  whatever it is, the other articles are coded, and the one is named below
        reports = []
    if len(reports) == len(articles):
        for article, found in zip(articles, reports, strict=True):
            yield CodedArticle(article, tuple(found))
        return
    for article in articles:
        try:
            yield CodedArticle(article, tuple(next(iter(extractor.stream([article])))))
        except Exception as error:  # noqa: BLE001  told to the reader as the reason why it is not coded
            yield CodedArticle(
                article,
                (),
                f"the coder failed on it ({type(error).__name__}: {error}); please report this article",
            )


# More than one machine

# Articles a task: some seconds of work, so that a lost worker costs little and its start-up is soon forgotten.
TASK = 64
# Tasks that a job has for each core, so that none waits long for the slowest.
TASKS_A_CORE = 4
# Articles a job: those, and what comes back, are held by the driver (about 10 kB each).
MOST = 32_768


class Cluster:
    """The coder on a Spark cluster: the same function as here, over partitions of articles.

    Each Python worker loads the model once and keeps it from task to task. A task whose worker is lost is done
    again elsewhere, and only whole jobs come back: nothing is lost and nothing comes twice.
    """

    def __init__(self, session: SparkSession | None = None) -> None:
        self._session: Any = (session or spark.session()).newSession()
        # a large table is cut into tasks by its batches, a small one by `leafNodeDefaultParallelism`
        self._session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(TASK))
        self._jobs = ThreadPoolExecutor(2, thread_name_prefix="entente-spark")

    @property
    def size(self) -> int:
        """How many articles keep the cluster busy for a while: what to hand to `begin` at a time."""
        cores = int(self._session.sparkContext.defaultParallelism)
        return min(MOST, TASK * TASKS_A_CORE * max(1, cores))

    def begin(self, articles: Sequence[Article]) -> Future[list[CodedArticle]]:
        """Begin to code articles; the result has each of them, in order, with its reports.

        Two jobs run beside each other, so that one fills the cores that the end of the other leaves. The result
        raises SparkError where Spark gives the job up.
        """
        return self._jobs.submit(self._code, list(articles))

    def close(self) -> None:
        """End the threads that wait for jobs; jobs that have not begun are dropped."""
        self._jobs.shutdown(wait=False, cancel_futures=True)

    def _code(self, articles: list[Article]) -> list[CodedArticle]:
        if not articles:
            return []
        sent = pa.table({
            "number": pa.array(range(len(articles)), pa.int64()),
            "article": pa.array((json.dumps(asdict(article)) for article in articles), pa.large_string()),
        })  # fmt: skip
        self._session.conf.set("spark.sql.leafNodeDefaultParallelism", str(-(-len(articles) // TASK)))
        try:
            coded = (
                self._session.createDataFrame(sent)
                .mapInPandas(_code_frames, "number long, skipped string, reports string")
                .toArrow()
            )
        except spark.failures() as error:
            raise SparkError(
                f"Spark gave the coding up: {str(error).strip().splitlines()[0]}; what was committed to the store is "
                "kept, and the same command goes on from there"
            ) from error
        found = {row["number"]: row for row in coded.to_pylist()}
        return [
            CodedArticle(
                article,
                tuple(Report.from_json(values) for values in json.loads(found[number]["reports"])),
                found[number]["skipped"],
            )
            for number, article in enumerate(articles)
        ]


def _code_frames(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Code the articles of a task; runs on the workers."""
    for frame in frames:
        articles = [Article(**json.loads(values)) for values in frame["article"]]
        coded = list(code(articles))
        yield pd.DataFrame({
            "number": frame["number"],
            "skipped": pd.Series([done.skipped for done in coded], frame.index, dtype=object),
            "reports": [json.dumps([asdict(report) for report in done.reports]) for done in coded],
        })  # fmt: skip
