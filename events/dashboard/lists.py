"""What the pages write in words and rows: scope, figures, dyads, events, how things are computed."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from events.briefing.figures import coverage, whole
from events.charts import words
from events.charts.rows import records
from events.charts.theme import GLYPHS, Theme
from events.dashboard import answers, markup
from events.schema import Article, CodedArticle, Report, Selection

__all__ = [
    "ARTICLES",
    "ARTICLE_COLUMNS",
    "CODING",
    "DYADS",
    "NEWEST",
    "OUTLETS",
    "article_line",
    "article_rows",
    "article_title",
    "coverage",
    "doubt",
    "glyph",
    "headline",
    "map_rows",
    "newest",
    "scope",
    "types",
]

DYADS = 6
NEWEST = 4
TYPES = 4

HOW_MAP = (
    "Each event counts once for each of its two parties. The fill is the mean of the events’ PLOVER intensity "
    "in nine fixed steps (an edge belongs to the milder step), or their number, or the share in the two "
    "conflict classes. Means and shares are drawn from five events on. Arcs are the dyads with most events "
    "that have a capital or seat; orange where the mean intensity is below zero, blue above."
)
HOW_PERIODS = (
    "Events by the day of the act, in whole weeks (from Monday), months, quarters or years, whichever draws "
    "the period in at most 80 bars. The title names a change of conflict’s share only where the later half "
    "of the period differs from the earlier by more than 2.58 standard errors, with 30 events in each half."
)
HOW_DYADS = "Events of two parties in either direction or of both; the mean is that of PLOVER’s intensity."


def scope(selection: Selection, counts: Any, before: Selection | None = None) -> str:
    """Return the line under a page's title: who, when, and with which period it is compared."""
    who = words.listing(map(words.short_name, selection.parties)) or "All parties"
    if not counts.events:
        return who
    start, end = selection.start or counts.first, selection.end or counts.last
    compared = ""
    if before is not None and before.start and before.end:
        days = (before.end - before.start).days + 1
        which = (
            f"the {words.plural(days, 'day')} before" if days <= 366 else words.span(before.start, before.end)
        )
        compared = f" · compared with {which}"
    return f"{who} · {words.span(start, end, long=True)}{compared}"


def listed(selection: Selection, counts: Any) -> int:
    """Return how many events the table lists: undated ones too, where no period is set."""
    return int(counts.events + (0 if selection.start or selection.end else counts.undated))


def headline(
    selection: Selection, counts: Any, before: Selection | None = None
) -> list[tuple[str, str, str]]:
    """Return the five headline figures: name, figure, line below (its interval, the change since `before`)."""
    earlier = (answers.counts(before), answers.headline(before)) if before is not None else None
    return whole(counts, answers.headline(selection), answers.spread(selection), earlier)


def glyph(quad_class: str, theme: Theme) -> str:
    """Return the glyph of a quad class in its colour, as HTML with its name for screen readers."""
    return (
        f'<span class="en-glyph" style="color:{theme.classes[quad_class]}" role="img" '
        f'aria-label="{quad_class}" title="{quad_class}">{GLYPHS[quad_class]}</span>'
    )


def doubt(event: Any) -> str:
    """Return the sign of an event of a weak type as HTML, with what was measured of the type; "" for the others."""
    weak = words.weakness(event)
    if not weak:
        return ""
    told = f"{words.act(event.event_type)} is {weak}: read the words"
    return f'<span class="en-doubt" role="img" aria-label="{escape(told)}" title="{escape(told)}">{words.DOUBT}</span>'


def types(frame: pd.DataFrame, theme: Theme) -> str:
    """Return the most frequent event types as rows: glyph, act, number."""
    items = [
        f"<div>{glyph(row.quad_class, theme)} {escape(words.act(row.event_type))}</div>"
        f'<div class="en-num">{row.events:,}</div>'
        for row in records(frame.head(TYPES))
    ]
    return markup.rows(items, kind="en-2")


def map_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what the map draws as a table in words: parties or places by name, intensity with its sign."""
    named: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "party": ("Party", words.short_name),
        "a": ("A", words.short_name),
        "b": ("B", words.short_name),
        "name": ("Place", str),
        "country": ("Country", lambda code: words.short_name(code) if code else ""),
        "precision": ("Known to the", str),
        "events": ("Events", int),
        "mean_intensity": ("Mean intensity", words.intensity),
        "conflict_share": ("In conflict", words.percent),
        "given": ("Acts given", int),
        "received": ("Acts received", int),
        "a_to_b": ("A → B", int),
        "b_to_a": ("B → A", int),
        "symmetric": ("Of both", int),
    }
    return pd.DataFrame(
        {
            title: [write(value) for value in frame[column]]
            for column, (title, write) in named.items()
            if column in frame
        }
    )


def newest(frame: pd.DataFrame, theme: Theme) -> str:
    """Return events as rows: day, glyph, dyad, act, issue, outlets."""
    items = []
    old = any(row.date.year != answers.today().year for row in records(frame) if pd.notna(row.date))
    for row in records(frame):
        when = words.day(row.date, year=old) if pd.notna(row.date) else "no date"
        about = [escape(words.act(row.event_type, row.mode)) + doubt(row)]
        if row.place_name:
            about.append(escape(row.place_name))
        if len(row.issues):
            about.append(escape(row.issues[0]))
        about.append(words.outlets(int(row.outlets)))
        items.append(
            f"<time>{escape(when)}</time>{glyph(row.quad_class, theme)}"
            f"<div><strong>{escape(words.dyad(row.source, row.target, symmetric=row.symmetric))}</strong>"
            f"<p>{' · '.join(about)}</p></div>"
        )
    return markup.rows(items, kind="en-3 en-years" if old else "en-3")


ARTICLES = 50  # rows a page of the list of articles
OUTLETS = 12  # rows of the list of sources


def article_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the list of articles as it is shown: date, title, outlet, number of events, why not coded."""
    return pd.DataFrame(
        {
            "Date": [words.day(d) if pd.notna(d) else "–" for d in frame["published"]],
            "Title": [words.shorten(title or "Without a title", 140) for title in frame["title"]],
            "Outlet": [outlet or "" for outlet in frame["outlet"]],
            "Events": [int(n) for n in frame["reports"]],
            "Coding": [
                why or ("coded" if n else "coded: no event found")
                for why, n in zip(frame["skipped"], frame["reports"], strict=True)
            ],
        }
    )


CODING = {"any": "All", "events": "With events", "none": "No event", "skipped": "Not read"}
"""The names of `queries.Coding`."""


def outlet_rows(frame: pd.DataFrame) -> str:
    """Return the busiest sources as rows: outlet, its days, articles and how many of them tell events."""
    items = []
    for row in records(frame.head(OUTLETS)):
        first, last = (day if pd.notna(day) else None for day in (row.first, row.last))
        days = words.span(first, last) if first else "no date"
        items.append(
            f"<div><strong>{escape(words.shorten(row.outlet or 'Outlet unknown', 80))}</strong>"
            f"<p>{escape(days)} · {row.events:,} with events"
            f"{f', {row.skipped:,} not read' if row.skipped else ''}</p></div>"
            f'<div class="en-num">{row.articles:,}<small>{words.plural(int(row.reports), "report")}</small></div>'
        )
    return markup.rows(items, kind="en-2")


def reason_rows(frame: pd.DataFrame) -> str:
    """Return why articles were not read, as rows."""
    items = [
        f"<div>{escape(row.reason)}</div><div class='en-num'>{row.articles:,}</div>"
        for row in records(frame.head(OUTLETS))
    ]
    return markup.rows(items, kind="en-2")


ARTICLE_COLUMNS = {
    "Date": st.column_config.TextColumn(width=92),
    "Title": st.column_config.TextColumn(width=262),
    "Outlet": st.column_config.TextColumn(width=112),
    "Events": st.column_config.NumberColumn(width=60),
    "Coding": st.column_config.TextColumn(width=178),
}


def no_events(coded: CodedArticle) -> str:
    """Say why an article has no events."""
    why = coded.skipped or "the text tells no act of one party towards another."
    return why[:1].upper() + why[1:]


def article_title(article: Article) -> str:
    """Return the title as the page's head, cut where it is very long (the whole stands in the text)."""
    return words.shorten(article.title or "Without a title", 160)


def article_line(article: Article) -> str:
    """Return outlet, day and origin of an article."""
    parts = [
        article.outlet or "outlet unknown",
        words.day(words.parse_day(article.published)),
        f"from {article.origin}" if article.origin else "",
    ]
    return " · ".join(part for part in parts if part)


def report_line(report: Report) -> list[str]:
    """Return what stands under a report's fields: who said so, who coded it, how sure."""
    return [
        f"attributed to {words.short_name(report.attributed_to)}" if report.attributed_to else "",
        words.confidence(report.confidence),
        f"{report.extractor} {report.extractor_version}",
        f"report {report.report_id}",
    ]


def upload_rows(coded: list[CodedArticle], stored: set[str]) -> pd.DataFrame:
    """Return uploaded articles as they are shown before saving."""
    return pd.DataFrame(
        {
            "Article": [
                words.shorten(c.article.title or c.article.origin or "Without a title", 80) for c in coded
            ],
            "Date": [words.day(words.parse_day(c.article.published)) for c in coded],
            "Events": [len(c.reports) for c in coded],
            "Note": [
                "already stored"
                if c.article.article_id in stored
                else c.skipped or ("" if c.reports else "no event found")
                for c in coded
            ],
        }
    )
