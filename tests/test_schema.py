"""The records keep their keys, their ids and their shape."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date

import pyarrow as pa
import pytest

from events.errors import InputError
from events.schema import (
    ARTICLE_SCHEMA,
    ASSIGNMENT_SCHEMA,
    CONFIDENCE_FIELDS,
    EVIDENCE_FIELDS,
    REPORT_SCHEMA,
    Article,
    Assignment,
    Report,
    Selection,
    Span,
    article_id_of,
    report_id_of,
)
from tests.store_helpers import full_report, make_article, make_report

KEYS = (
    "report_id article_id article source target symmetric event_type mode quad_class intensity status "
    "planned_for date date_precision date_basis place actors issues quantities attributed_to evidence "
    "sentence confidence confidence_by_field extractor extractor_version"
).split()
ARTICLE = make_article("Ankara and Athens talked on Tuesday.", title="Talks")


def through_json(report: Report) -> dict:
    return json.loads(json.dumps(report.to_json(), ensure_ascii=False))


REPORTS = {"full": full_report(ARTICLE), "plain": make_report(ARTICLE, "GRC", "TUR")}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_survives_json(name):
    values = through_json(REPORTS[name])
    back = Report.from_json(values)
    assert through_json(back) == values
    assert {f: spans for f, spans in back.evidence.items() if spans} == {
        f: spans for f, spans in REPORTS[name].evidence.items() if spans
    }
    assert replace(back, evidence={}) == replace(REPORTS[name], evidence={})


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_the_published_keys_in_order(name):
    values = REPORTS[name].to_json()
    assert list(values) == KEYS
    assert list(values["evidence"]) == list(EVIDENCE_FIELDS)


@pytest.mark.parametrize("key", [k for k in KEYS if k != "article"])
def test_a_missing_key_is_named(key):
    values = through_json(REPORTS["full"])
    del values[key]
    with pytest.raises(InputError, match=f"lacks {key}"):
        Report.from_json(values)


def test_the_given_id_may_be_missing_and_unknown_keys_are_named():
    values = through_json(REPORTS["full"])
    del values["article"]
    assert Report.from_json(values).article == ""
    with pytest.raises(InputError, match="unknown keys code, score"):
        Report.from_json(values | {"score": 1, "code": "x"})


SAME_TEXT = [
    ("Ankara and Athens talked.", "ankara AND athens talked"),
    ("Ankara and Athens talked.", "  Ankara\u00a0and\n\nAthens — talked!  "),
    ("ﬁve ships", "five ships"),
    ("The “envoy” left.", 'The "envoy" left.'),
]
OTHER_TEXT = [
    ("Ankara and Athens talked.", "Athens and Ankara talked."),
    ("Two ships left.", "2 ships left."),
    ("Посол уехал.", "Посол приехал."),
    ("a b", "ab"),
]


@pytest.mark.parametrize(("one", "other"), SAME_TEXT)
def test_article_ids_do_not_hang_on_case_space_and_punctuation(one, other):
    assert article_id_of(one) == article_id_of(other)


@pytest.mark.parametrize(("one", "other"), OTHER_TEXT)
def test_article_ids_tell_other_words_apart(one, other):
    assert article_id_of(one) != article_id_of(other)


def test_ids_are_the_same_in_every_process_and_version():
    # A store keeps these: a change here loses its duplicates and the judgements of its analysts.
    article = article_id_of("Ankara and Athens talked.")
    assert article == "f804db247c1f45827ecd"
    assert report_id_of(article, "Ankara and Athens talked.", ("TUR", "GRC"), 0) == "7ea698adc2177b9be44e"


def test_report_ids_hang_on_article_anchor_dyad_and_ordinal_alone():
    base = report_id_of("a", "They  met\n today.", ("TUR", "GRC"), 0)
    assert base == report_id_of("a", "They met today.", ("GRC", "TUR"), 0)
    others = {
        report_id_of("b", "They met today.", ("GRC", "TUR"), 0),
        report_id_of("a", "They met.", ("GRC", "TUR"), 0),
        report_id_of("a", "They met today.", ("GRC", "CYP"), 0),
        report_id_of("a", "They met today.", ("GRC", "TUR"), 1),
    }
    assert len(others | {base}) == 5


def test_coding_anew_keeps_the_report_id():
    first = make_report(ARTICLE, "GRC", "TUR", "CONSULT", symmetric=True)
    again = make_report(
        ARTICLE,
        "TUR",
        "GRC",
        "ACCUSE",
        status="denied",
        date="2020-01-01",
        confidence=0.1,
        extractor_version="9",
    )
    assert first.report_id == again.report_id


@pytest.mark.parametrize(
    ("title", "body", "text", "start"),
    [
        ("Talks", "They met.", "Talks\nThey met.", 6),
        ("", "They met.", "They met.", 0),
        ("They met.", "They met.", "They met.\nThey met.", 10),
    ],
)
def test_the_text_of_an_article_is_title_newline_body(title, body, text, start):
    article = Article.of(body, title=title)
    assert (article.text, article.body_start) == (text, start)
    assert article.text[article.body_start :] == body
    assert article.article_id == article_id_of(text)


def test_a_span_holds_its_words():
    span = ARTICLE.span(6, 12)
    assert span == Span(6, 12, "Ankara")
    assert ARTICLE.text[span.start : span.end] == span.text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"start": date(2024, 2, 1), "end": date(2024, 1, 1)},
            "ends before it starts: 2024-02-01 to 2024-01-01",
        ),
        ({"min_confidence": -0.1}, "between 0 and 1, not -0.1"),
        ({"min_confidence": 1.5}, "between 0 and 1, not 1.5"),
        ({"min_confidence": float("nan")}, "between 0 and 1"),
    ],
)
def test_a_selection_that_cannot_be_meant_is_refused(values, message):
    with pytest.raises(InputError, match=message):
        Selection(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"start": date(2024, 1, 1), "end": date(2024, 1, 1)},
        {"start": date(2024, 1, 1)},
        {"min_confidence": 0.0},
        {"min_confidence": 1.0},
    ],
)
def test_bounds_of_a_selection_are_included(values):
    selection = Selection(**values)
    assert hash(selection) == hash(Selection(**values))
    assert selection.statuses == ("occurred", "background")


def report_row(report: Report) -> dict:
    """A row of the table: the JSON object with its days as dates, and the columns of the article."""
    values = report.to_json()
    days = {k: date.fromisoformat(values[k]) if values[k] else None for k in ("date", "planned_for")}
    return values | days | {"dataset": "articles", "outlet": "Daily", "published": "2024-01-01", "year": 2024}


@pytest.mark.parametrize("name", REPORTS)
def test_the_arrow_schema_takes_a_report_and_gives_it_back(name):
    report = REPORTS[name]
    assert set(report_row(report)) | {"flags"} == set(REPORT_SCHEMA.names)
    found = pa.Table.from_pylist([report_row(report)], schema=REPORT_SCHEMA).to_pylist()[0]
    values = {k: v.isoformat() if isinstance(v, date) else v for k, v in found.items() if k in KEYS}
    back = Report.from_json(values)
    assert json.dumps(back.to_json()) == json.dumps(report.to_json())


def test_arrow_schemas_have_a_column_for_every_field():
    assert {f.name for f in fields(Article)} | {"dataset", "skipped"} == set(ARTICLE_SCHEMA.names)
    assert [f.name for f in fields(Assignment)] == ASSIGNMENT_SCHEMA.names
    confidence = REPORT_SCHEMA.field("confidence_by_field").type
    assert [confidence.field(i).name for i in range(confidence.num_fields)] == list(CONFIDENCE_FIELDS)
