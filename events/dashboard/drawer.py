"""The drawer beside the table: one event as its articles tell it, with the words behind every value."""

from __future__ import annotations

import streamlit as st

from events.accuracy import caution
from events.charts import words
from events.charts.theme import GLYPHS
from events.dashboard import answers, controls, desk, evidence, frame, markup, merging
from events.schema import Article, Report

__all__ = ["choose", "open_at", "report_choice", "show", "show_report"]


def report_choice(reports: list[tuple[Report, Article]], *, key: str) -> tuple[Report, Article]:
    """Let the reader choose one of several reports; return the only one without asking."""
    if len(reports) == 1:
        return reports[0]
    names = [
        f"{words.dyad(r.source, r.target, symmetric=r.symmetric)}, {words.act(r.event_type, r.mode)} · "
        f"{a.outlet or 'outlet unknown'}, {words.day(words.parse_day(a.published))}"
        for r, a in reports
    ]
    chosen = st.selectbox(
        f"{words.plural(len(reports), 'report')}",
        range(len(reports)),
        format_func=lambda i: names[i],
        key=key,
    )
    return reports[chosen or 0]


def choose(reports: list[Report]) -> Report:
    """Let the reader choose a report of the article (bound to the URL), the first one at first."""
    by_id = {r.report_id: r for r in reports}
    names = {
        r.report_id: f"{GLYPHS[r.quad_class]} {words.dyad(r.source, r.target, symmetric=r.symmetric)}, "
        f"{words.act(r.event_type, r.mode).lower()}"
        for r in reports
    }
    picked = controls.chosen("report", list(by_id))
    st.selectbox(
        f"{words.plural(len(reports), 'event')} in this article",
        list(by_id),
        format_func=names.__getitem__,
        key="report",
    )
    controls.publish("report", reports[0].report_id)
    return by_id[picked]


def show_report(report: Report, article: Article, others: list[Report], *, key: str) -> None:
    """Draw the marked text of a report, then the legend that lists its values with their confidence."""
    theme = frame.theme()
    spans = evidence.marks(report, article, others)
    folded, cut = evidence.article_html(article, spans, whole=False)
    whole = False
    if cut:
        whole = st.toggle("Show whole article", key=f"whole_{key}")
    st.html(evidence.article_html(article, spans)[0] if whole else folded)
    st.html(f'<div class="en">{evidence.fields_html(report)}</div>')
    parts = [
        f"“{words.shorten(article.title, 90)}”" if article.title else "",
        article.outlet or "outlet unknown",
        words.day(words.parse_day(article.published)),
        f"attributed to {words.short_name(report.attributed_to)}" if report.attributed_to else "",
        f"{report.extractor} {report.extractor_version}",
        f"confidence {report.confidence:.2f}",
    ]
    st.html(markup.caption(parts))
    st.html(
        f'<div class="en en-foot"><span style="color:{theme.faint}">Report {report.report_id}</span></div>'
    )


_AT = "_drawer_at"


def open_at(position: int) -> None:
    """Choose which of the page's events the drawer shows."""
    st.session_state[_AT] = position


@st.dialog("Evidence", width=680, position="right", on_dismiss="rerun")
def show(event_ids: tuple[str, ...]) -> None:
    """Open the drawer at the event that `open_at` chose; K and J (or the buttons) lead to its neighbours."""
    at = min(st.session_state.get(_AT, 0), len(event_ids) - 1)
    event_id = event_ids[at]
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html(markup.caption_line(f"Event {at + 1} of {len(event_ids)} on this page"))
        st.button(
            "Previous", key="drawer_up", icon=":material/keyboard_arrow_up:", type="tertiary", shortcut="K",
            disabled=at == 0, on_click=open_at, args=(at - 1,),
        )  # fmt: skip
        st.button(
            "Next", key="drawer_down", icon=":material/keyboard_arrow_down:", type="tertiary", shortcut="J",
            disabled=at == len(event_ids) - 1, on_click=open_at, args=(at + 1,),
        )  # fmt: skip
    event = answers.event(event_id)
    if event is None:
        st.markdown(
            "**This event is no longer in the store.** It may have been merged; choose it in the table again."
        )
        return
    pairs: list[tuple[Report, Article]] = []
    siblings: dict[str, list[Report]] = {}
    for article_id in event.article_ids:
        coded = answers.article(article_id)
        if coded is None:
            continue
        for report in coded.reports:
            if report.report_id in event.report_ids:
                pairs.append((report, coded.article))
                siblings[report.report_id] = [r for r in coded.reports if r.report_id != report.report_id]
    if not pairs:
        st.markdown(
            "**The articles of this event are missing from the store.** Add them again to read the evidence."
        )
        return
    pairs.sort(key=lambda pair: (pair[0].report_id != event.event_id, pair[1].published or ""))
    agreed = event.report
    st.html(markup.event_head(agreed, event, frame.theme()))
    if weak := caution(agreed.event_type):
        st.html(markup.caption_line(f"{words.act(agreed.event_type)} is {weak}: read the words."))
    report, article = report_choice(pairs, key=f"report_{event_id}")
    show_report(report, article, siblings[report.report_id], key=report.report_id)
    desk.note_on_event(event, key=event_id)
    st.page_link(
        "app_pages/article.py",
        label="Open the article",
        icon=":material/article:",
        query_params={"id": article.article_id, "report": report.report_id},
    )
    st.page_link(
        "app_pages/dyad.py",
        label=f"All between {words.short_name(agreed.source)} and {words.short_name(agreed.target)}",
        icon=":material/swap_horiz:",
        query_params={"a": agreed.source, "b": agreed.target},
    )
    merging.show(event, pairs)
