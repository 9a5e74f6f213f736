"""The corridor of the west wing: articles in, coded articles out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Protocol

from events.extract import RuleExtractor
from events.schema import Article, CodedArticle, Report

__all__ = ["LANGUAGES", "Extractor", "code", "code_article", "default_extractor"]

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

    def reports(self, article: Article) -> list[Report]:
        """Return the reports of an English article."""
        ...


@cache
def default_extractor() -> Extractor:
    """Return the rule extractor, made once a process (about two seconds)."""
    return RuleExtractor()


def code_article(article: Article, extractor: Extractor | None = None) -> CodedArticle:
    """Return the article with its reports, or with the reason why it was not coded (its language)."""
    if article.language and article.language != "en":
        name = LANGUAGES.get(article.language, f"the language {article.language!r}")
        return CodedArticle(
            article, (), f"written in {name}; only English is coded. Add a translation to code it."
        )
    return CodedArticle(article, tuple((extractor or default_extractor()).reports(article)))


def code(articles: Iterable[Article], extractor: Extractor | None = None) -> Iterator[CodedArticle]:
    """Code articles one by one, in order, in constant memory."""
    chosen = extractor or default_extractor()
    for article in articles:
        yield code_article(article, chosen)
