"""An article's text as HTML with the words behind one report marked; every character of it is escaped.

A longer span holds a shorter one; spans that cross are cut there, and the tag stands at the last piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from events import codebook
from events.charts import words
from events.codebook import sectors
from events.schema import EVIDENCE_FIELDS, Actor, Article, Report

__all__ = ["Mark", "article_html", "fields_html", "marks"]

_SIDE_TAG = {"source": "A", "target": "B", "third": "third"}

_NEIGHBOURS = 1  # paragraphs shown on each side of the coded ones while the article is folded


@dataclass(frozen=True, slots=True)
class Mark:
    """Words `text[start:end]` that bear `field`; `tag` says so in the text."""

    start: int
    end: int
    field: str
    tag: str


def _tag(field: str) -> str:
    return {"source": "A", "target": "B", "event_type": "act", "date": "when", "place": "where"}.get(
        field, field
    )


def marks(report: Report, article: Article, others: Sequence[Report] = ()) -> list[Mark]:
    """Return the marks of a report, in reading order, and the sentences of the article's other reports.

    A field "other" means: these words carry another event, which the tag names. Spans outside the text go.
    """
    found = {
        Mark(span.start, span.end, field, _tag(field))
        for field in EVIDENCE_FIELDS
        for span in report.evidence.get(field, ())
    }
    found |= {Mark(a.start, a.end, "actor", _SIDE_TAG[a.side]) for a in report.actors}
    found |= {Mark(i.start, i.end, "issue", i.domain) for i in report.issues}
    found |= {Mark(q.start, q.end, "quantity", "n") for q in report.quantities}
    own = [(report.sentence.start, report.sentence.end), *((m.start, m.end) for m in found)]
    for other in others:
        span = other.sentence
        if all(span.end <= start or end <= span.start for start, end in own):
            names = words.dyad(other.source, other.target, symmetric=other.symmetric, names=False)
            found.add(
                Mark(span.start, span.end, "other", f"another event: {names}, {words.act(other.event_type)}")
            )
    inside = [m for m in found if 0 <= m.start < m.end <= len(article.text)]
    return sorted(inside, key=lambda m: (m.start, -m.end, m.field, m.tag))


def _open(mark: Mark) -> str:
    return f'<span class="en-mark en-{mark.field}">'


def _close(mark: Mark, *, last: bool) -> str:
    return f'<sup class="en-tag">{escape(mark.tag)}</sup></span>' if last else "</span>"


def _render(text: str, start: int, end: int, spans: Sequence[Mark]) -> str:
    """Return `text[start:end]` with nested marks; a mark that leaves the range gets its tag where it ends."""
    out: list[str] = []
    at = start
    waiting = [m for m in spans if m.start < end and m.end > start]
    while waiting:
        head, *rest = sorted(waiting, key=lambda m: (max(m.start, start), -m.end, m.field))
        left, right = max(head.start, at), min(head.end, end)
        out.append(escape(text[at:left]))
        inner = [m for m in rest if m.start < right]
        out.append(_open(head))
        out.append(_render(text, left, right, inner))
        out.append(_close(head, last=head.end <= end))
        waiting = [m for m in rest if m.end > right]
        start = at = right
    out.append(escape(text[at:end]))
    return "".join(out)


def _paragraphs(article: Article) -> list[tuple[int, int]]:
    """Return the lines of the text that hold more than space, as offsets."""
    spans, at = [], 0
    for line in article.text.split("\n"):
        if line.strip():
            spans.append((at, at + len(line)))
        at += len(line) + 1
    return spans


def article_html(article: Article, spans: Sequence[Mark], *, whole: bool = True) -> tuple[str, bool]:
    """Return the article as HTML and whether paragraphs were left out.

    With `whole=False` only the title, the marked paragraphs and their neighbours are shown.
    """
    paragraphs = _paragraphs(article)
    bearing = [m for m in spans if m.field != "other"]
    shown: set[int] = set()
    for number, (start, end) in enumerate(paragraphs):
        if whole or any(m.start < end and m.end > start for m in bearing):
            shown |= set(range(number - _NEIGHBOURS, number + _NEIGHBOURS + 1))
    out: list[str] = []
    gap = False
    for number, (start, end) in enumerate(paragraphs):
        is_title = article.body_start > 0 and end < article.body_start
        if number not in shown and not is_title:
            gap = True
            continue
        if gap and out and out[-1] != _GAP:
            out.append(_GAP)
        gap = False
        kind = "en-title" if is_title else "en-p"
        out.append(f'<p class="{kind}" dir="auto">{_render(article.text, start, end, spans)}</p>')
    if gap and out:
        out.append(_GAP)
    cut = any(number not in shown for number in range(len(paragraphs)))
    return f'<div class="en-article">{"".join(out)}</div>', cut


_GAP = '<p class="en-cut">…</p>'


def _row(field: str, tag: str, value: str, confidence: float | None) -> str:
    bar = ""
    if confidence is not None:
        bar = (
            '<span class="en-bar" aria-hidden="true">'
            f'<span style="width:{100 * confidence:.0f}%"></span></span>'
            f'<span class="en-conf">{confidence:.2f}</span>'
        )
    return (
        f'<div class="en-field"><span class="en-mark en-{field} en-lone">'
        f'<span class="en-tag">{escape(tag)}</span>'
        f'</span><span class="en-value">{escape(value)}</span><span class="en-sure">{bar}</span></div>'
    )


def _who(actor: Actor) -> str:
    """Write an actor: name, role, country, sector; what the name already says is not said twice."""
    parts = [actor.role, actor.country, sectors().get(actor.sector or "", actor.sector)]
    return ", ".join([actor.name, *(part for part in parts if part and part not in actor.name)])


def fields_html(report: Report) -> str:
    """Return the legend of the marks, which is also the list of coded values with their confidence."""
    sure = report.confidence_by_field
    both = " – of both sides" if report.symmetric else ""
    when = "no date"
    if report.date:
        when = words.imprecise_day(words.parse_day(report.date), report.date_precision)
        when += ", from the text" if report.date_basis == "text" else ", the day of publication"
    rows = [
        _row("source", "A", words.short_name(report.source) + both, sure.get("source")),
        _row("target", "B", words.short_name(report.target) + both, sure.get("target")),
        _row("event_type", "act", words.act(report.event_type, report.mode), sure.get("event_type")),
        _row("date", "when", when, sure.get("date")),
    ]
    if report.place:
        place = words.place(report.place.name, report.place.country)
        rows.append(_row("place", "where", f"{place} ({report.place.precision})", sure.get("place")))
    if report.status != "occurred":
        rows.append(_row("status", "status", report.status, sure.get("status")))
    if report.planned_for:
        rows.append(
            _row("date", "when", f"planned for {words.day(words.parse_day(report.planned_for))}", None)
        )
    if report.actors:
        people = {_who(a): None for a in report.actors}
        rows.append(_row("actor", "who", " · ".join(people), sure.get("actors")))
    if report.issues:
        names = {f"{i.issue} ({i.domain})": None for i in report.issues}
        rows.append(_row("issue", "about", " · ".join(names), sure.get("issues")))
    if report.quantities:
        amounts = {
            " ".join(filter(None, (words.quantity(q.value), q.unit, q.kind))): None for q in report.quantities
        }
        rows.append(_row("quantity", "n", " · ".join(amounts), None))
    rows += [
        _row("status", "flag", f"{flag.name}. {flag.definition}", None)
        for code, flag in codebook.flags().items()
        if code in report.flags
    ]
    return f'<div class="en-fields">{"".join(rows)}</div>'
