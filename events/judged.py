"""What people judged, to measure the coder by and to teach it: gold for the evaluation gate, passages for the trainer.

    gold      one JSON object an article, as `tests/evaluation/gold/*.jsonl` has them (`gate.py --gold FILE`)
    passages  one JSON object a passage, as `data/training/passages.jsonl` (`python -m events.extract.train --also FILE`)

Both take articles alone in which **every** report was judged: what nobody judged would be counted as wrong, or
taught as no act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from events.judgements import Standing
from events.queries import Queries
from events.review import standings
from events.schema import Article, CodedArticle, Report, Span
from events.store import Store

__all__ = ["gold", "passages"]

PASSAGE = 2_500  # characters; longer articles are cut at their paragraphs


def gold(store: Store, *, dataset: str | None = None, partly: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the judged articles with the acts they tell, in the format of the gold; of one data set, or all.

    With `partly` articles in which some report was not judged come too: such a report is marked optional, which
    costs nothing whether it is found or not.
    """
    queries = Queries(store)
    for held, unjudged in _articles(store, queries, dataset, partly=partly):
        article = held.article
        yield {
            "id": article.article_id,
            "style": "review",
            "outlet": article.outlet,
            "published": article.published,
            "title": article.title if article.body_start else "",
            "text": article.text[article.body_start :],
            "reports": [_gold(report, optional=report.report_id in unjudged) for report in held.reports],
        }


def _articles(
    store: Store, queries: Queries, dataset: str | None, *, partly: bool
) -> Iterator[tuple[CodedArticle, set[str]]]:
    """Yield the articles as they stand after review, each with the ids of its reports that nobody judged."""
    folded = standings(store)
    about: dict[str, list[Standing]] = {}
    for standing in folded.values():
        if dataset is None or standing.dataset == dataset:
            about.setdefault(standing.article_id, []).append(standing)
    for article_id in sorted(about):
        coded = queries.article(article_id, as_coded=True)
        held = queries.article(article_id)
        if coded is None or held is None or not held.article.text:
            continue
        unjudged = {report.report_id for report in coded.reports} - set(folded)
        if partly or not unjudged:
            yield held, unjudged


def _gold(report: Report, *, optional: bool) -> dict[str, Any]:
    anchor = report.evidence.get("event_type") or (report.sentence,)
    return {
        **{
            name: getattr(report, name)
            for name in ("source", "target", "symmetric", "event_type", "mode", "status")
        },
        **{name: getattr(report, name) for name in ("date", "date_precision", "date_basis", "planned_for")},
        "place": {"name": report.place.name, "country": report.place.country} if report.place else None,
        "actors": [
            {name: getattr(actor, name) for name in ("name", "role", "country", "sector", "side")}
            for actor in report.actors
        ],
        "domains": sorted({issue.domain for issue in report.issues}),
        "attributed_to": report.attributed_to,
        "anchor": anchor[0].text,
        "optional": optional,
    }


def passages(store: Store, *, dataset: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield passages of the judged articles with their acts, in the format of the training passages.

    An act without words of its own is in none: then its passage is left out, as it would teach that there is no act.
    Passages in which every report was rejected are kept: they teach what is no act.
    """
    queries = Queries(store)
    denied: dict[str, list[Report]] = {}  # also acts that a second coder alone had
    for standing in standings(store).values():
        if standing.verdict == "rejected" and (report := standing.told) is not None:
            denied.setdefault(standing.article_id, []).append(report)
    for held, _ in _articles(store, queries, dataset, partly=False):
        article = held.article
        told = [report.sentence for report in (*held.reports, *denied.get(article.article_id, ()))]
        for start, end in _cuts(article):
            if not any(start <= span.start < end for span in told):
                continue
            own = [report for report in held.reports if start <= report.sentence.start < end]
            text = _flat(article, start, end)
            acts = [act for report in own if (act := _act(report, text, article, start)) is not None]
            if len(acts) == len(own):
                yield {"text": text, "published": (article.published or "")[:10], "events": acts}


def _cuts(article: Article) -> Iterator[tuple[int, int]]:
    """Yield the passages of an article as offsets: whole paragraphs, together no longer than a passage may be."""
    start, end = 0, 0
    for match in re.finditer(r"[^\n]+\n*", article.text):
        if end > article.body_start and match.end() - start > PASSAGE:
            yield start, end
            start = end
        end = match.end()
    if end > start:
        yield start, end


def _flat(article: Article, start: int, end: int) -> str:
    """Return a passage with its title on a line and the rest on another: the trainer takes a first line for a title."""
    if start == 0 and article.body_start:
        return f"{article.title}\n{_line(article.text[article.body_start : end])}"
    return _line(article.text[start:end])


def _line(text: str) -> str:
    return " ".join(text.split())


def _act(report: Report, text: str, article: Article, start: int) -> dict[str, Any] | None:
    """Return a report as an act of a passage; None where its words are not known, or do not stand in it."""
    spans = report.evidence.get("event_type") or ()
    trigger = _line(spans[0].text) if spans else ""
    after = _before(text, trigger, article, start, spans[0]) if trigger else None
    if after is None:
        return None
    sign = "=" if report.symmetric else ">"
    actors: Mapping[str, list[str]] = {
        side: [actor.name for actor in report.actors if actor.side == side] for side in ("source", "target")
    }
    return {
        "parties": f"{report.source}{sign}{report.target}",
        "type": report.event_type,
        "mode": report.mode,
        "status": report.status,
        "trigger": trigger,
        **({"trigger_after": after} if after else {}),
        **{name: _words(report, name) for name in ("date", "place")},
        "source_actors": actors["source"],
        "target_actors": actors["target"],
        "domains": sorted({issue.domain for issue in report.issues}),
    }


def _words(report: Report, name: str) -> str | None:
    spans = report.evidence.get(name) or ()
    return _line(spans[0].text) if spans else None


def _before(text: str, trigger: str, article: Article, start: int, span: Span) -> str | None:
    """Return words before the trigger by which it is found, "" where it stands but once, None where it does not."""
    earlier = _flat(article, start, span.start).count(trigger) if span.start > start else 0
    place = text.find(trigger)
    for _ in range(earlier):
        place = text.find(trigger, place + 1)
    if place < 0 or not earlier:
        return "" if place >= 0 else None
    before = text[:place].split(" ")
    for words in range(2, len(before) + 1):
        tail = " ".join(before[-words:]).strip()
        if text.count(tail) == 1:
            return tail
    return None
