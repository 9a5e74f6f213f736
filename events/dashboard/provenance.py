"""Where an event comes from: its reports and how they came together, as HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from events.charts import words
from events.charts.rows import records
from events.charts.theme import GLYPHS, Theme
from events.schema import Article, Report

__all__ = ["differences", "history_html", "judgement", "judgements_html", "reasons", "reports_html"]


def differences(report: Report, agreed: Report) -> list[str]:
    """Return in words where a report differs from the event's agreed values."""
    found = []
    if (report.event_type, report.mode) != (agreed.event_type, agreed.mode):
        found.append(words.act(report.event_type, report.mode).lower())
    if report.date != agreed.date:
        found.append(words.imprecise_day(words.parse_day(report.date), report.date_precision))
    ours, theirs = report.place, agreed.place
    if ours and (theirs is None or ours.name != theirs.name):
        found.append(words.place(ours.name, ours.country))
    if report.status != agreed.status:
        found.append(report.status)
    return found


def reasons(memberships: pd.DataFrame, event_id: str) -> dict[str, str]:
    """Return why each report is in the event, by its id; where it was put back, why it had come there first."""
    here = [row for row in records(memberships) if row.event_id == event_id]
    put_back = [json.loads(row.grounds or "{}").get("rule") == "undone" for row in here]
    newest_last = sorted(zip(here, put_back, strict=True), key=lambda pair: not pair[1])
    return {row.report_id: row.reason for row, _ in newest_last}


def reports_html(
    pairs: Sequence[tuple[Report, Article]], agreed: Report, why: dict[str, str], theme: Theme
) -> str:
    """Return all reports of an event: outlet and day, the article's title as a link, why it was merged."""
    items = []
    for report, article in pairs:
        link = "article?" + urlencode({"id": article.article_id, "report": report.report_id})
        title = words.shorten(article.title or "Without a title", 160)
        apart = differences(report, agreed)
        lines = [
            f"says {escape(', '.join(apart))}" if apart else "",
            f"attributed to {escape(words.short_name(report.attributed_to))}" if report.attributed_to else "",
            words.confidence(report.confidence),
            escape(f"{report.extractor} {report.extractor_version}"),
        ]
        items.append(
            f'<div class="en-row en-told"><div><strong>{escape(article.outlet or "outlet unknown")}</strong> · '
            f"{escape(words.day(words.parse_day(article.published)))}"
            f'<p><span style="color:{theme.classes[report.quad_class]}" aria-hidden="true">'
            f"{GLYPHS[report.quad_class]}</span> "
            f'<a href="{escape(link)}" target="_self">{escape(title)}</a></p>'
            f"<blockquote>{escape(words.shorten(report.sentence.text, 400))}</blockquote>"
            f"<p>{' · '.join(line for line in lines if line)}</p>"
            f'<p class="en-why">{escape(_why(why.get(report.report_id, "")))}</p></div></div>'
        )
    return f'<div class="en">{"".join(items)}</div>'


def _why(reason: str) -> str:
    if not reason:
        return "No reason is kept for it"
    return "The event’s first report" if reason == "founded the event" else f"Merged: {reason}"


def history_html(memberships: pd.DataFrame, event_id: str, outlets: dict[str, str]) -> str:
    """Return how the event came about: every report that founded, joined or left it, the oldest first."""
    items = []
    for row in records(memberships):
        who = outlets.get(row.report_id, "")
        report = f"the report of {who}" if who else f"report {words.short_id(row.report_id)}"
        if row.event_id != event_id:
            said = f"{report} was in event {words.short_id(row.event_id)}"
        elif row.report_id == event_id:
            said = f"{report} founded the event"
        else:
            said = f"{report} joined"
        reason = "" if row.reason == "founded the event" else row.reason
        items.append(
            f'<div class="en-row en-years en-3"><time>{escape(words.day(words.parse_day(row.when)))}</time><span></span>'
            f"<div><strong>{escape(said[:1].upper() + said[1:])}</strong>"
            f"<p>{escape(' · '.join(part for part in (reason, f'by {row.by}', f'store version {row.commit}') if part))}"
            "</p></div></div>"
        )
    return f'<div class="en">{"".join(items)}</div>'


def judgements_html(log: pd.DataFrame) -> str:
    """Return what people judged of an event's reports, the newest first, as HTML."""
    rows = "".join(f'<div class="en-row">{judgement(row)}</div>' for row in records(log))
    return f'<div class="en"><h2 class="en-ct">Judged by people</h2>{rows}</div>'


_DEEDS = {
    "accept": "Accepted", "edit": "Corrected", "reject": "Rejected", "add": "Added", "doubt": "Doubted",
    "merge": "Merged", "split": "Taken out", "undo": "Took back",
}  # fmt: skip


def judgement(row: Any) -> str:
    """Return a row of `review.history` as HTML: what was done, by whom and when, which values, why."""
    deed = f"Took back version {row.refers:.0f}" if row.action == "undo" else _DEEDS[row.action]
    who = f"{row.by}, {words.time_of(row.when)}"
    more = [row.what, "" if row.action == "undo" else row.why, "random sample" if row.sample else ""]
    style = ' style="text-decoration:line-through"' if row.undone else ""
    lines = [f"<b{style}>{escape(deed)}</b>", *(escape(part) for part in more if part)]
    return f'{"<br>".join(lines)}<br><span class="en-conf">{escape(who)}</span>'
