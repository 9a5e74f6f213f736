"""The corridor of the west wing: articles in, coded articles out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import islice
from multiprocessing import get_context
from typing import Protocol

from events.extract import RuleExtractor
from events.schema import Article, CodedArticle, Report

__all__ = ["LANGUAGES", "Extractor", "code", "code_article", "default_extractor"]

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
