"""The report card: how often the coder is right on the reader's own material, and how far reviewers agree."""

from __future__ import annotations

from html import escape

import streamlit as st

from events import codebook, review
from events.charts import words
from events.charts.theme import Theme
from events.dashboard import answers, lists, markup
from events.review import Agreement, Card, Share

__all__ = ["agreement_html", "caption", "fields_html", "own", "title", "types_html"]

_FIELDS = {
    "act": "An act at all",
    "source": "Source",
    "target": "Target",
    "symmetric": "Of both sides",
    "event_type": "Event type",
    "mode": "Mode",
    "status": "Status",
    "date": "Date",
    "date_precision": "Precision of the date",
    "planned_for": "Planned for",
    "place": "Place",
    "attributed_to": "Attributed to",
    "issues": "Issues",
    "actors": "Actors",
}


@st.cache_data(max_entries=8, show_spinner=False)
def _card(location: str, version: int, dataset: str | None) -> Card:  # noqa: ARG001 a newer version has a longer log
    return review.card(answers.store(), dataset=dataset)


def own(dataset: str | None = None) -> Card:
    """Return the report card of the store that is shown, of all its data sets or one."""
    return _card(answers.store().location, answers.newest_version(), dataset)


def title(card: Card) -> str:
    """Return the finding: the share right of all, else that nothing, or too little, was judged."""
    share = card.overall if card.overall.n else None
    if not card.n:
        return "Nothing judged at random yet"
    if share is None or share.value is None:
        return f"{words.plural(card.n, 'report')} judged in samples of every type"
    return f"{share.value:.0%} of the coder’s events are right (90%: {share.low:.0%} to {share.high:.0%})"


def caption(card: Card) -> list[str]:
    """Return what the figures stand on."""
    if not card.n:
        return []
    days = [words.parse_day((stamp or "")[:10]) for stamp in (card.first, card.last)]
    return [
        words.span(days[0], days[1]),
        f"n = {words.plural(card.n, 'report')} of random samples, judged by {words.listing(card.reviewers)}",
        f"all types together: n = {card.overall.n:,}, of samples of events" if card.overall.n else "",
        "right: the act is told, by these parties in this direction, of this type",
        "lines: Wilson intervals of 90%",
        f"coded by {words.listing(card.coders)}",
    ]


def _bar(share: Share) -> str:
    value = share.value or 0.0
    return (
        f'<div class="en-f1" role="img" aria-label="{value:.2f}, between {share.low:.2f} and {share.high:.2f}">'
        f'<i style="width:{100 * value:.0f}%"></i>'
        f'<u style="left:{100 * share.low:.0f}%;width:{100 * (share.high - share.low):.0f}%"></u></div>'
    )


def _cells(share: Share) -> str:
    return (
        f"<td>{_bar(share)}</td>"
        f'<td class="en-r"><b>{share.value or 0.0:.2f}</b></td>'
        f'<td class="en-r">{share.low:.2f}–{share.high:.2f}</td><td class="en-r">{share.n:,}</td>'
    )


def _table(first: str, body: str) -> str:
    head = (
        f'<tr><th>{first}</th><th style="width:34%">With 90% interval</th><th class="en-r">Right</th>'
        '<th class="en-r">90%</th><th class="en-r">n</th></tr>'
    )
    return f'<div class="en"><table class="en-table"><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def types_html(card: Card, theme: Theme) -> str:
    """Return the precision of each coded type as a bar with its interval and n, the best first."""
    types = codebook.event_types()
    ranked = sorted(card.types.items(), key=lambda item: (-(item[1].value or 0.0), -item[1].n, item[0]))
    return _table(
        "Coded as",
        "".join(
            f"<tr><td>{lists.glyph(types[name].quad_class, theme)}&nbsp;<b>{escape(words.act(name))}</b></td>"
            f"{_cells(share)}</tr>"
            for name, share in ranked
        ),
    )


def fields_html(card: Card) -> str:
    """Return how often each value is right where the text tells an act."""
    return _table(
        "Field",
        "".join(
            f"<tr><td>{escape(_FIELDS[name])}</td>{_cells(share)}</tr>" for name, share in card.fields.items()
        ),
    )


def agreement_html(rows: list[Agreement]) -> str:
    """Return alpha with its interval, kappa and how many were judged alike, by field."""

    def told(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}".replace("-", "−")

    body = "".join(
        f'<tr><td>{escape(_FIELDS[row.field])}</td><td class="en-r"><b>{told(row.alpha)}</b></td>'
        f'<td class="en-r">{"" if row.low is None or row.high is None else f"{told(row.low)} to {told(row.high)}"}</td>'
        f'<td class="en-r">{told(row.kappa)}</td><td class="en-r">{row.same:,} of {row.reports:,}</td></tr>'
        for row in rows
        if row.reports
    )
    head = (
        '<tr><th>Field</th><th class="en-r">α</th><th class="en-r">90%</th>'
        '<th class="en-r">κ</th><th class="en-r">Alike</th></tr>'
    )
    return markup.block(f'<table class="en-table"><thead>{head}</thead><tbody>{body}</tbody></table>')
