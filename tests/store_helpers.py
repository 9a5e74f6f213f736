"""Coded articles made by hand, for the tests of the store and the queries."""

from __future__ import annotations

from datetime import UTC, datetime

from events.codebook import event_type as type_entry
from events.schema import (
    Actor,
    Article,
    Assignment,
    CodedArticle,
    Issue,
    Place,
    Quantity,
    Report,
    Span,
    report_id_of,
)

NOW = datetime(2024, 6, 1, tzinfo=UTC).isoformat()


def make_report(
    article: Article, source: str, target: str, kind: str = "CONSULT", /, *, ordinal: int = 0, **values
) -> Report:
    """One report of the article; `values` replace what is not given."""
    entry = type_entry(kind)
    sentence = values.pop("sentence", article.span(0, len(article.text)))
    fields = {
        "report_id": report_id_of(article.article_id, sentence.text, (source, target), ordinal),
        "article_id": article.article_id,
        "source": source,
        "target": target,
        "symmetric": False,
        "event_type": kind,
        "mode": None,
        "quad_class": entry.quad_class,
        "intensity": entry.intensity,
        "status": "occurred",
        "planned_for": None,
        "date": (article.published or "2024-01-01")[:10],
        "date_precision": "day",
        "date_basis": "publication",
        "place": None,
        "actors": (),
        "issues": (),
        "quantities": (),
        "attributed_to": None,
        "evidence": {"source": (article.span(0, 1),), "target": (), "event_type": (article.span(1, 3),)},
        "sentence": sentence,
        "confidence": 0.5,
        "confidence_by_field": {"source": 0.9, "event_type": 0.25},
        "extractor": "rules",
        "extractor_version": "1",
        "article": "",
    }
    return Report(**(fields | values))


def make_article(
    text: str, published: str | None = "2024-01-01", outlet: str | None = "Daily", title: str = ""
) -> Article:
    return Article.of(text, title=title, published=published, outlet=outlet, origin="test")


def own(*items: CodedArticle) -> list[Assignment]:
    """Every report founds an event of its own."""
    return [
        Assignment(r.report_id, r.report_id, "founded the event", "test", NOW)
        for item in items
        for r in item.reports
    ]


def simple(number: int, **values) -> CodedArticle:
    """Article `number` with two reports."""
    article = make_article(
        f"Article {number}: Ankara and Athens talked.", f"20{10 + number % 10}-03-0{1 + number % 9}"
    )
    return CodedArticle(
        article,
        (
            make_report(article, "GRC", "TUR", symmetric=True, **values),
            make_report(article, "TUR", "GRC", "ACCUSE", ordinal=1, **values),
        ),
    )


def full_report(article: Article) -> Report:
    """A report with every field filled."""
    return make_report(
        article,
        "NATO",
        "RUS",
        "ASSAULT",
        mode="aerial",
        intensity=-9.5,
        status="background",
        planned_for="2025-02-03",
        date="2023-12-24",
        date_precision="week",
        date_basis="text",
        place=Place("Kyiv", "UKR", 50.45, 30.52, "city"),
        actors=(
            Actor("Ana Ruiz", "minister", None, "ESP", "GOV", "source", 0, 3),
            Actor("a band", None, None, None, None, "third", 4, 6),
        ),
        issues=(Issue("air defence", "defence", 0, 4), Issue("tariffs", "trade", 5, 9)),
        quantities=(Quantity("killed", 3.0, None, 0, 1), Quantity("money", 1e9, "EUR", 2, 3)),
        attributed_to="UKR",
        evidence={"source": (Span(0, 1, article.text[0]),), "date": (), "status": (article.span(1, 3),)},
        confidence=1 / 3,
        confidence_by_field={"actors": 0.1, "issues": 1.0},
        article="given-7",
    )
