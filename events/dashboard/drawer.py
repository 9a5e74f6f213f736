"""The drawer beside the table: one event as its articles tell it, with the words behind every value."""

from __future__ import annotations

from html import escape
from types import SimpleNamespace

import streamlit as st

from events.charts import sentences, words
from events.charts.theme import GLYPHS
from events.dashboard import answers, browse, controls, desk, evidence, frame, markup, merging, provenance
from events.dashboard.browse import Listed
from events.schema import Article, Event, Report

__all__ = ["beside", "choose", "open_at", "report_choice", "sentence_of", "show", "show_report"]


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
    if not article.text:
        st.html(
            markup.block(
                f'<p class="en-cs">The data set ({escape(report.extractor)}) gives no words for this event.</p>'
            )
        )
    st.html(f'<div class="en">{evidence.fields_html(report)}</div>')
    parts = [
        f"“{words.shorten(article.title, 90)}”" if article.title else "",
        article.outlet or "outlet unknown",
        words.day(words.parse_day(article.published)),
        f"attributed to {words.short_name(report.attributed_to)}" if report.attributed_to else "",
        f"{report.extractor} {report.extractor_version}",
        words.confidence(report.confidence),
    ]
    st.html(markup.caption(parts))
    st.html(
        f'<div class="en en-foot"><span style="color:{theme.faint}">Report {report.report_id}</span></div>'
    )


Told = tuple[Event, list[tuple[Report, Article]], dict[str, list[Report]]]


def _reports(event_id: str) -> Told | None:
    """Return an event, its reports (the founding one first) and what else their articles tell; None, said, if gone."""
    event = answers.event(event_id)
    if event is None:
        st.markdown(
            "**This event is no longer in the store.** It may have been merged; choose it in the table again."
        )
        return None
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
        return None
    pairs.sort(key=lambda pair: (pair[0].report_id != event.event_id, pair[1].published or ""))
    return event, pairs, siblings


def beside(page: Listed) -> None:
    """Draw the open event of a list, with the keys to its neighbours: K, J, and Esc to close."""
    theme = frame.theme()
    at, event_id = page.position, page.open_id or ""
    with st.container(key="drawer_keys", horizontal=True, vertical_alignment="center", wrap=False):
        st.html(markup.drawer_line(at, page.total, event_id))
        st.button(
            "Previous event", key="drawer_up", icon=":material/keyboard_arrow_up:", type="tertiary", shortcut="K",
            disabled=not at, on_click=browse.step, args=((at or 0) - 1,),
        )  # fmt: skip
        st.button(
            "Next event", key="drawer_down", icon=":material/keyboard_arrow_down:", type="tertiary", shortcut="J",
            disabled=at is None or at + 1 >= page.total, on_click=browse.step, args=((at or 0) + 1,),
        )  # fmt: skip
        st.button(
            "Close", key="drawer_close", icon=":material/close:", type="tertiary", shortcut="Esc",
            on_click=browse.close,
        )  # fmt: skip
    told = _reports(event_id)
    if told is None:
        return
    event, pairs, siblings = told
    agreed = event.report
    st.html(markup.event_sentence(agreed, sentence_of(agreed), theme))
    if weak := words.weakness(agreed):
        st.html(markup.caption_line(f"{words.act(agreed.event_type)} is {weak}: read the words."))
    judged = answers.judgements()
    judged = judged[judged["report_id"].isin(event.report_ids)]
    if len(mine := judged[~judged["undone"].astype(bool) & (judged["action"] != "undo")]):
        last = mine.iloc[0]
        st.html(
            markup.caption_line(f"Reviewed by {last['by']}, {words.day(words.parse_day(last['when'][:10]))}")
        )
    reading, reports, history = st.tabs(
        ["Evidence", "Reports", "History"], key="drawer_tab", on_change="rerun"
    )
    with reading:
        if reading.open:
            report, article = report_choice(pairs, key=f"report_{event_id}")
            show_report(report, article, siblings[report.report_id], key=report.report_id)
            with st.container(horizontal=True, key="drawer_links"):
                _links(report, article)
            desk.note_on_event(event, key=event.event_id)
    with reports:
        if reports.open:
            why = provenance.reasons(answers.memberships(event.event_id), event.event_id)
            count = f"{words.plural(len(pairs), 'report')} of {words.outlets(len(event.outlets))}"
            st.html(markup.caption_line(count))
            st.html(provenance.reports_html(pairs, agreed, why, theme))
    with history:
        if history.open:
            outlets = {report.report_id: article.outlet or "" for report, article in pairs}
            st.html(provenance.history_html(answers.memberships(event.event_id), event.event_id, outlets))
            merging.show(event, pairs)
            if len(judged):
                st.html(provenance.judgements_html(judged))


def sentence_of(report: Report) -> str:
    """Return the act of a report as a sentence without its place and its full stop."""
    event = SimpleNamespace(
        source=report.source, target=report.target, symmetric=report.symmetric, event_type=report.event_type,
        mode=report.mode, status=report.status, issues=list(dict.fromkeys(i.issue.removesuffix(", in general") for i in report.issues)),
        place_name=None, actors=(),
    )  # fmt: skip
    return sentences.tell(event, issues=3, place=False).removesuffix(".")


def _links(report: Report, article: Article) -> None:
    st.page_link(
        "app_pages/article.py",
        label="Open the article",
        icon=":material/article:",
        query_params={"id": article.article_id, "report": report.report_id},
    )
    st.page_link(
        "app_pages/review.py",
        label="Judge this report",
        icon=":material/rule:",
        query_params={"judge": report.report_id},
    )
    if article.url and article.url.startswith(("https://", "http://")):
        st.link_button("Read at the outlet", article.url, icon=":material/open_in_new:", type="tertiary")
    st.page_link(
        "app_pages/dyad.py",
        label=f"All between {words.short_name(report.source)} and {words.short_name(report.target)}",
        icon=":material/swap_horiz:",
        query_params={"a": report.source, "b": report.target},
    )


_AT = "_drawer_at"


def open_at(position: int) -> None:
    """Choose which of the page's events the drawer shows."""
    st.session_state[_AT] = position


@st.dialog("Evidence", width=680, position="right", on_dismiss="rerun")
def show(event_ids: tuple[str, ...], of: str = "") -> None:
    """Open the drawer at the event that `open_at` chose; K and J (or the buttons) lead to its neighbours.

    `of` says which events these are; "on this page" where it does not.
    """
    at = min(st.session_state.get(_AT, 0), len(event_ids) - 1)
    event_id = event_ids[at]
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html(markup.caption_line(f"Event {at + 1} of {len(event_ids)} {of or 'on this page'}"))
        st.button(
            "Previous", key="drawer_up", icon=":material/keyboard_arrow_up:", type="tertiary", shortcut="K",
            disabled=at == 0, on_click=open_at, args=(at - 1,),
        )  # fmt: skip
        st.button(
            "Next", key="drawer_down", icon=":material/keyboard_arrow_down:", type="tertiary", shortcut="J",
            disabled=at == len(event_ids) - 1, on_click=open_at, args=(at + 1,),
        )  # fmt: skip
    told = _reports(event_id)
    if told is None:
        return
    event, pairs, siblings = told
    agreed = event.report
    st.html(markup.event_head(agreed, event, frame.theme()))
    if weak := words.weakness(agreed):
        st.html(markup.caption_line(f"{words.act(agreed.event_type)} is {weak}: read the words."))
    report, article = report_choice(pairs, key=f"report_{event_id}")
    show_report(report, article, siblings[report.report_id], key=report.report_id)
    desk.note_on_event(event, key=event_id)
    _links(report, article)
    merging.show(event, pairs)
