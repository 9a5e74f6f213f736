"""The page Review: one report at a time with its words, the keys that judge it, the form that corrects it, the log.

A judgement is a commit of the store, so every chart shows it at the next look. What is read in a random sample is
shown as the coder gave it, whoever judged it before: two people's words on it are then independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from events import codebook, judgements, review
from events.charts import words
from events.charts.rows import records
from events.dashboard import (
    about,
    answers,
    controls,
    evidence,
    frame,
    marking,
    markup,
    provenance,
    report_card,
    signing,
)
from events.dashboard.drawer import sentence_of
from events.errors import EntenteError, InputError
from events.gazetteer import gazetteer
from events.judgements import Standing
from events.opinions import Opinions
from events.review import KINDS, Kind
from events.schema import Article, Report, Selection, Span

__all__ = ["cards", "log", "queues"]

_FIRST: Kind = "confidence"  # the queue that is never empty at first
LISTED = 50  # reports of a queue that are looked up at once
LOGGED = 12  # commits listed beside the report

_KEY, _AT, _OPEN, _SAID, _WRONG = "_judge", "_judge_at", "_judge_open", "_judge_said", "_judge_wrong"
_STATUSES = ("occurred", "denied", "background")
_PRECISIONS = ("day", "week", "month", "year")
_PLACES = ("site", "city", "region", "state")
_WORDS = {"event_type": "act", "source": "source", "target": "target", "date": "date", "place": "place"}
_WHY_NOT = (
    "No such act",
    "Not between these two",
    "Hypothetical or demanded",
    "Told of the past",
    "Twice in the text",
)

_ABOUT = {
    "reopened": "Judged before; a newer coder now reads something else than it did, and than the person said",
    "disagreement": "Reports of one event, reviewers or a second reader say different things",
    "missed": "Acts that a second reader alone has, in the articles selected: accepting adds the event",
    "confidence": "What the coder is least sure of, in the events selected",
    "impact": "Doubtful events that pull their dyad’s mean furthest, in the events selected",
    "random": "Drawn by chance from the events selected, the same for everybody; the report card counts these alone",
}


@st.cache_data(max_entries=32, show_spinner=False)
def _queue(
    location: str,  # noqa: ARG001 another store, or a newer version of it, has another queue
    version: int,  # noqa: ARG001
    read: int,  # noqa: ARG001 as much as second readers have read
    kind: Kind,
    asked: str,  # noqa: ARG001
    by: str,
    size: int,
    seed: int,
    *,
    each: bool,
    _selection: Selection,
) -> pd.DataFrame:
    return review.queue(answers.store(), kind, _selection, by=by, limit=size, seed=seed, each=each)


@st.cache_data(max_entries=64, show_spinner=False)
def _coded(location: str, version: int, report_id: str) -> Report | None:  # noqa: ARG001 by store and version
    return answers.store().coded_reports([report_id]).get(report_id)


@st.cache_data(max_entries=64, show_spinner=False)
def _proposed(location: str, read: int, report_id: str) -> Report | None:  # noqa: ARG001 by what was read
    return review.proposal(answers.store(), report_id)


@st.cache_data(max_entries=8, show_spinner=False)
def _folded(location: str, version: int, by: str | None) -> dict[str, Standing]:  # noqa: ARG001
    return review.standings(answers.store(), by=by)


def _here() -> tuple[str, int]:
    return answers.store().location, answers.newest_version()


def _read() -> int:
    return Opinions(answers.store().location).version


# The queue


def queues() -> None:
    """Draw the choice of a queue, the report that is next in it, and beside it the form or the log."""
    who = signing.who()
    kind: Kind = controls.chosen("queue", [_FIRST, *(kind for kind in KINDS if kind != _FIRST)])
    with st.container(horizontal=True, vertical_alignment="bottom", key="queue_row"):
        st.segmented_control(
            "Queue",
            list(KINDS),
            label_visibility="collapsed",
            wrap=True,
            format_func=KINDS.__getitem__,
            key="queue",
            required=True,
            on_change=_restart,
        )
        size, seed, each = _drawing() if kind == "random" else (LISTED, 1, False)
    controls.publish("queue", _FIRST)
    st.html(markup.caption_line(_ABOUT[kind]))
    _tell()
    selection = controls.selection()
    frame_ = _queue(
        *_here(), _read(), kind, repr(selection), who or "", size, seed, each=each, _selection=selection
    )
    sample = review.sample_name(selection, seed, size, each=each) if kind == "random" else None
    asked = st.query_params.get("judge")
    pending = [str(key) for key in frame_.loc[~frame_["done"], "report_id"]]
    current = _current(list(map(str, frame_["report_id"])), pending, asked)
    if kind == "random" and len(frame_):
        done = len(frame_) - len(pending)
        st.progress(
            done / len(frame_), f"{done:,} of {words.plural(len(frame_), 'report')} judged by {who or 'you'}"
        )
    with st.container(key="stacks"):
        left, right = st.columns([2.15, 1], gap="small")
    with left:
        if current is None:
            _nothing(kind, who, judged=bool(len(frame_)))
        else:
            row = frame_[frame_["report_id"] == current]
            why = str(row["why"].iloc[0]) if len(row) else "asked for"
            _item(current, pending, why, sample, who)
    with right:
        _side(current, pending, sample, who)


def _drawing() -> tuple[int, int, bool]:
    """Draw the settings of the random sample."""
    with st.popover("Sample", icon=":material/casino:", key="sample_settings"):
        each = st.toggle(
            "So many of every type",
            key="each",
            bind="query-params",
            help="Rare types get figures of their own; the share right over all types is then not counted.",
        )
        size = st.number_input("Reports", 5, 1000, 50, 5, key="draw", bind="query-params")
        seed = st.number_input(
            "Seed", 1, 9999, 1, key="seed", bind="query-params", help="Another seed draws others."
        )
    return int(size), int(seed), bool(each)


def _current(every: list[str], pending: list[str], asked: str | None) -> str | None:
    """Return the report to show: the one asked for by the address, the one at hand, else the next one."""
    if asked and st.session_state.get("_judge_asked") != asked:
        st.session_state["_judge_asked"] = asked
        st.session_state[_KEY] = asked
    key = st.session_state.get(_KEY)
    if key and (key in every or key == asked):
        return str(key)
    if not pending:
        return None
    at = min(int(st.session_state.get(_AT, 0)), len(pending) - 1)
    st.session_state[_KEY], st.session_state[_AT] = pending[at], at
    return pending[at]


def _restart() -> None:
    _go(None, 0)


def _go(key: str | None, at: int = 0) -> None:
    """Go on to this report (a callback), by default to the next of the queue."""
    st.session_state[_KEY], st.session_state[_AT] = key, at
    st.session_state[_OPEN] = ""
    st.query_params.pop("judge", None)


def _open(form: str) -> None:
    st.session_state[_OPEN] = "" if st.session_state.get(_OPEN) == form else form


def _tell() -> None:
    if said := st.session_state.pop(_SAID, None):
        st.toast(markup.plain(said))
    if wrong := st.session_state.pop(_WRONG, None):
        st.error(markup.plain(wrong))


def _nothing(kind: Kind, who: str | None, *, judged: bool) -> None:
    with st.container(key="card_empty"):
        if judged:
            st.html(
                markup.empty("Every report of this sample is judged.", "The report card has the figures.")
            )
        elif kind in {"reopened", "disagreement"}:
            st.html(markup.empty("Nothing to settle.", "Go on with low confidence, or a random sample."))
        elif kind == "missed":
            st.html(
                markup.empty(
                    "No act that a second reader alone has.",
                    "A language model that reads these articles may find some.",
                )
            )
            st.page_link("app_pages/opinion.py", label="Second opinion", icon=":material/psychology_alt:")
        else:
            st.html(markup.empty("No report of this selection is left to judge.", "Widen the filters."))
        if _last(who) is not None:
            _undo_button(who)


# One report


def _shown(report_id: str, sample: str | None, who: str | None) -> tuple[Report, Report, Article] | None:
    """Return a report as it stands for this reader, as coded, and its article; None where it is gone."""
    folded = _folded(*_here(), who or "" if sample else None)
    coded = _coded(*_here(), report_id)
    if coded is None and report_id not in folded:
        coded = _proposed(answers.store().location, _read(), report_id)
    try:
        shown = review.as_it_stands(report_id, coded, folded)
    except EntenteError:
        return None
    held = answers.article(shown.article_id)
    return None if held is None else (shown, coded or shown, held.article)


def _item(report_id: str, pending: list[str], why: str, sample: str | None, who: str | None) -> None:
    """Draw a report with the keys that judge it."""
    found = _shown(report_id, sample, who)
    if found is None:
        with st.container(key="card_empty"):
            st.html(markup.empty("This report is no longer in the store.", "Go on to the next one."))
            st.button("Next", key="judge_next", on_click=_go, args=(None,))
        return
    shown, coded, article = found
    at = pending.index(report_id) if report_id in pending else None
    after = [key for key in pending if key != report_id]
    place = min(at or 0, max(len(after) - 1, 0))
    following = after[place] if after else None
    theme = frame.theme()
    with st.container(key="card_judge"):
        where = f"{at + 1} of {len(pending):,} to judge" if at is not None else "Judged, or not in this queue"
        with st.container(
            key="judge_place", horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall"
        ):
            st.html(markup.caption_line(f"{where} · {why}"), width="stretch")
            _steps(pending, at)
        standing = _folded(*_here(), who or "" if sample else None).get(report_id)
        held = answers.article(shown.article_id)
        known = held.reports if held is not None else ()
        proposed = standing is None and report_id not in {report.report_id for report in known}
        _keys(report_id, following, place, sample, who, proposed=proposed)
        st.html(markup.event_sentence(shown, sentence_of(shown), theme))
        if standing is not None:
            st.html(markup.caption_line(_stands(standing, shown, coded)))
        if proposed:
            st.html(markup.caption_line(_beside(shown, known)))
        if st.session_state.get(_OPEN) in {"edit", "add"}:
            _mark(article, report_id, shown)
        else:
            spans = evidence.marks(shown, article, known if proposed else ())
            folded, cut = evidence.article_html(article, spans, whole=False)
            whole = cut and st.toggle("Show whole article", key=f"judge_whole_{report_id}")
            st.html(evidence.article_html(article, spans)[0] if whole else folded)
            if not article.text:
                st.html(
                    markup.caption_line(f"The data set ({shown.extractor}) gives no words for this event.")
                )
        st.html(markup.block(evidence.fields_html(shown)))
        st.html(
            markup.caption(
                [
                    f"“{words.shorten(article.title, 90)}”" if article.title else "",
                    article.outlet or "outlet unknown",
                    words.day(words.parse_day(article.published)),
                    f"{shown.extractor} {shown.extractor_version}",
                    words.confidence(coded.confidence),
                    f"report {report_id}",
                ]
            )
        )


def _beside(shown: Report, known: Sequence[Report]) -> str:
    """Return in words what the coder has of the article in which a second reader alone has this act."""
    if not known:
        return f"Read by {shown.extractor} alone: the coder has no act in this article"
    place = shown.sentence
    here = [r for r in known if r.sentence.start < place.end and place.start < r.sentence.end]
    told = dict.fromkeys(
        f"{words.dyad(r.source, r.target, symmetric=r.symmetric)}, {words.act(r.event_type).lower()}"
        for r in here
    )
    if told:
        return f"Read by {shown.extractor} alone: of these words the coder has {words.listing(told, keep=3)}"
    acts = words.plural(len(known), "other act")
    return f"Read by {shown.extractor} alone: the coder has {acts} of this article, none of these words"


def _stands(standing: Standing, shown: Report, coded: Report) -> str:
    """Return in words what was judged of a report, and by whom."""
    when = words.day(words.parse_day(standing.when[:10]))
    changed = [
        name.replace("_", " ")
        for name in judgements.FIELDS
        if not judgements.same(name, judgements.value_of(shown, name), judgements.value_of(coded, name))
    ]
    told = {
        "rejected": "rejected: it counts nowhere",
        "added": "added: the coder had missed it",
        "accepted": f"corrected: {', '.join(changed)}" if changed else "accepted as coded",
        "edited": f"corrected: {', '.join(changed)}",
    }[standing.verdict]
    return (
        f"{told[:1].upper() + told[1:]} · {standing.by}, {when}{f' · {standing.why}' if standing.why else ''}"
    )


def _keys(
    report_id: str, following: str | None, place: int, sample: str | None, who: str | None, *, proposed: bool
) -> None:  # fmt: skip
    """Draw the buttons, each with its key; of an act that is `proposed`, to accept and to edit is to add."""
    barred = not signing.may_write()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="judge_keys"):
        st.button(
            "Add act" if proposed else "Accept", key="judge_accept", shortcut="A", type="primary",
            icon=":material/check:", disabled=barred,
            help="The coder missed it: it becomes an event, and counts in every chart." if proposed else None,
            on_click=_judge, args=(lambda: review.accept(answers.store(), report_id, by=who or "", sample=sample), following, place, "Added" if proposed else "Accepted"),
        )  # fmt: skip
        st.button(
            "Edit, add" if proposed else "Edit", key="judge_edit", shortcut="E", icon=":material/edit:",
            disabled=barred, on_click=_open, args=("edit",),
        )  # fmt: skip
        st.button(
            "No act" if proposed else "Reject", key="judge_reject", shortcut="X", icon=":material/block:", disabled=barred,
            help="The text tells no such act: it is kept that you said so, and not asked again." if proposed
            else "The text tells no such act: the report counts nowhere. Can be undone.",
            on_click=_judge, args=(lambda: review.reject(answers.store(), report_id, by=who or "", sample=sample), following, place, "Rejected"),
        )  # fmt: skip
        st.button(
            "Missed", key="judge_add", shortcut="M", icon=":material/add:", disabled=barred,
            help="Add an act that the article tells and the coder has not.", on_click=_open, args=("add",),
        )  # fmt: skip
        _undo_button(who)
        with st.popover("More", key="judge_more", disabled=barred):
            _more(report_id, following, place, sample, who or "", proposed=proposed)
    signing.bars("judge")


def _undo_button(who: str | None) -> None:
    st.button(
        "Undo", key="judge_undo", shortcut="U", icon=":material/undo:",
        disabled=not signing.may_write() or _last(who) is None,
        help="Take back your last judgement", on_click=_undo, args=(_last(who), who),
    )  # fmt: skip


def _steps(pending: list[str], at: int | None) -> None:
    """Draw the ways to the reports before and after, without judging."""
    st.button(
        "Back", key="judge_back", shortcut="K", type="tertiary", icon=":material/keyboard_arrow_up:",
        disabled=not at, on_click=_step, args=(pending, (at or 0) - 1),
    )  # fmt: skip
    st.button(
        "Skip", key="judge_skip", shortcut="J", type="tertiary", icon=":material/keyboard_arrow_down:",
        disabled=not pending or at == len(pending) - 1, on_click=_step, args=(pending, 0 if at is None else at + 1),
    )  # fmt: skip


def _step(pending: list[str], at: int) -> None:
    _go(pending[at], at)


def _more(
    report_id: str, following: str | None, place: int, sample: str | None, by: str, *, proposed: bool
) -> None:
    """Draw what is rarer: a reason for the rejection, the whole event, merging, taking out."""
    event = answers.event(report_id)
    others = len(event.report_ids) - 1 if event else 0
    st.selectbox("Reason", _WHY_NOT, key=f"why_not_{report_id}", accept_new_options=True)
    st.button(
        "Reject with this reason", key=f"judge_reject_why_{report_id}", on_click=_judge,
        args=(lambda: review.reject(answers.store(), report_id, by=by, sample=sample, why=st.session_state[f"why_not_{report_id}"] or ""), following, place, "Rejected"),
    )  # fmt: skip
    if others and sample is None:
        st.button(
            f"Reject all {others + 1} reports of the event", key=f"judge_whole_event_{report_id}", on_click=_judge,
            args=(lambda: review.reject(answers.store(), report_id, by=by, whole=True, why=st.session_state[f"why_not_{report_id}"] or ""), following, place, "Event rejected"),
        )  # fmt: skip
        st.button(
            "Take it out of its event", key=f"judge_split_{report_id}",
            help="It tells another act than the other reports: it gets an event of its own",
            on_click=_judge, args=(lambda: review.split(answers.store(), report_id, by=by, why="tells another act"), report_id, place, "Taken out"),
        )  # fmt: skip
    if proposed:
        return
    st.text_input(
        "Same act as event", key=f"same_as_{report_id}", placeholder="Id of an event or a report",
        help="The id stands in the drawer of the page Events; the two become one event.",
    )  # fmt: skip
    st.button(
        "Make them one event", key=f"judge_merge_{report_id}",
        on_click=_judge, args=(lambda: review.merge(answers.store(), st.session_state[f"same_as_{report_id}"].strip(), report_id, by=by, why="the same act"), report_id, place, "Merged"),
    )  # fmt: skip


def _judge(deed: Callable[[], Any], following: str | None, at: int, said: str) -> None:
    """Do it (a callback), go on to the next report, and show the store as it then is; keep what went wrong."""
    try:
        signing.guard()
        deed()
    except EntenteError as error:
        st.session_state[_WRONG] = str(error)
    else:
        _go(following, at)
        st.session_state[_SAID] = f"{said}. U takes it back."
    answers.refresh()


def _last(who: str | None) -> int | None:
    """Return the newest commit of this person's that still counts and is no undo."""
    log_ = answers.judgements()
    mine = log_[(log_["by"] == who) & ~log_["undone"].astype(bool) & (log_["action"] != "undo")]
    return int(mine["commit"].iloc[0]) if len(mine) else None


def _undo(commit: int | None, who: str | None) -> None:
    if commit is None or who is None:
        return
    log_ = answers.judgements()
    row = log_[log_["commit"] == commit].iloc[0]
    _judge(lambda: review.undo(answers.store(), commit, by=who), str(row["report_id"]), 0, "Taken back")
    st.session_state[_SAID] = "Taken back."


# Beside it: the form, or the log


def _side(current: str | None, pending: list[str], sample: str | None, who: str | None) -> None:
    form = st.session_state.get(_OPEN)
    found = _shown(current, sample, who) if current and form and who else None
    if found is None or current is None:
        log(LOGGED)
        return
    after = [key for key in pending if key != current]
    at = min(pending.index(current) if current in pending else 0, max(len(after) - 1, 0))
    following = after[at] if after else None
    if form == "edit":
        _edit(found[0], found[2], following, at, sample, who or "")
    else:
        _add(found[0], found[2], current, who or "")


def _mark(article: Article, report_id: str, shown: Report) -> None:
    """Draw the text in which words are marked, and the buttons that take them for a field."""
    near = max(0, shown.sentence.start - 1500)
    start = article.text.rfind("\n", 0, near) + 1 if near else 0
    end = article.text.find("\n", min(len(article.text), shown.sentence.end + 1500))
    form = st.session_state[_OPEN]
    st.html(markup.caption_line("Click the first and the last word, then say what they tell"))
    chosen = st.container(key="mark_for", horizontal=True, vertical_alignment="center", gap="xsmall")
    span = marking.words_of(
        article, key=f"marking_{report_id}_{form}", start=start, end=end if end > 0 else None
    )
    with chosen:
        for name, label in _WORDS.items():
            st.button(
                label.capitalize(), key=f"mark_{name}", disabled=span is None,
                on_click=_take_words, args=(f"{form}_words_{name}_{report_id}", span),
            )  # fmt: skip
        if span:
            st.html(markup.block(f"“{escape(words.shorten(span.text, 60))}”"))


def _take_words(key: str, span: Span | None) -> None:
    if span is not None:
        st.session_state[key] = span.text
        st.session_state[f"{key}_at"] = span.start


def _choose(label: str, key: str, options: list[Any], value: Any, **more: Any) -> Any:
    """Draw a select box that begins with a value, also one that is not among the options."""
    every = options if value in options else [value, *options]
    return st.selectbox(label, every, index=every.index(value), key=key, **more)


def _parties() -> list[str]:
    names = gazetteer()
    return sorted([*names.states(), *names.organisations()], key=words.short_name)


def _act(form: str, key: str, shown: Report) -> None:
    """Draw the choice of type and mode, with their definitions."""
    kind = _choose(
        "Type", f"{form}_type_{key}", list(codebook.event_types()), shown.event_type,
        format_func=lambda name: f"{words.act(name)} ({codebook.event_type(name).quad_class})",
    )  # fmt: skip
    entry = codebook.event_type(kind)
    st.html(markup.caption_line(entry.definition))
    modes = [None, *entry.modes]
    mode = _choose(
        "Mode", f"{form}_mode_{key}_{kind}", modes, shown.mode if shown.mode in modes else None,
        format_func=lambda name: "None" if name is None else name.replace("-", " ").capitalize(),
    )  # fmt: skip
    if mode:
        st.html(markup.caption_line(entry.modes[mode].definition))
    with st.popover("Codebook", icon=":material/menu_book:", type="tertiary", key=f"{form}_codebook"):
        st.html(about.types_html(frame.theme()))


def _who_whom(form: str, key: str, shown: Report) -> None:
    parties = _parties()
    one, two = st.columns(2, gap="small")
    with one:
        _choose("Source", f"{form}_source_{key}", parties, shown.source, format_func=words.short_name)
    with two:
        _choose("Target", f"{form}_target_{key}", parties, shown.target, format_func=words.short_name)
    st.checkbox("Of both sides", value=shown.symmetric, key=f"{form}_symmetric_{key}")


def _when(form: str, key: str, shown: Report) -> None:
    one, two = st.columns(2, gap="small")
    with one:
        st.text_input("Date", value=shown.date or "", key=f"{form}_date_{key}", placeholder="YYYY-MM-DD")
    with two:
        _choose("Known to the", f"{form}_precision_{key}", list(_PRECISIONS), shown.date_precision)
    _choose("Status", f"{form}_status_{key}", list(_STATUSES), shown.status, format_func=str.capitalize)


def _edit(
    shown: Report, article: Article, following: str | None, at: int, sample: str | None, by: str
) -> None:
    """Draw the form with every field of a report."""
    key = shown.report_id
    with st.container(key="card_form"):
        st.html(markup.card_head("Correct this report", "What you leave is taken for right"))
        _act("edit", key, shown)
        _who_whom("edit", key, shown)
        _when("edit", key, shown)
        st.multiselect(
            "Issues", sorted(codebook.issues()), default=list(dict.fromkeys(i.issue for i in shown.issues)),
            key=f"edit_issues_{key}", format_func=lambda name: f"{name} ({codebook.issues()[name].domain})",
        )  # fmt: skip
        with st.expander("Place, plan, who says so", key=f"edit_more_{key}"):
            place = shown.place
            st.text_input("Place", value=place.name if place else "", key=f"edit_place_{key}")
            one, two = st.columns(2, gap="small")
            countries = [None, *_parties()]
            with one:
                _choose(
                    "In", f"edit_country_{key}", countries, place.country if place else None,
                    format_func=lambda code: "Unknown" if code is None else words.short_name(code),
                )  # fmt: skip
            with two:
                _choose(
                    "Known to the",
                    f"edit_place_precision_{key}",
                    list(_PLACES),
                    place.precision if place else "city",
                )
            st.text_input(
                "Planned for",
                value=shown.planned_for or "",
                key=f"edit_planned_{key}",
                placeholder="YYYY-MM-DD",
            )
            _choose(
                "Attributed to", f"edit_said_{key}", countries, shown.attributed_to,
                format_func=lambda code: "Nobody" if code is None else words.short_name(code),
            )  # fmt: skip
        with st.expander("Actors", key=f"edit_who_{key}"):
            st.data_editor(
                _actor_rows(shown),
                num_rows="dynamic",
                hide_index=True,
                key=f"edit_actors_{key}",
                column_config={
                    "side": st.column_config.SelectboxColumn("side", options=["source", "target", "third"]),
                    "sector": st.column_config.SelectboxColumn("sector", options=list(codebook.sectors())),
                },
            )
        with st.expander("Words", key=f"edit_spans_{key}"):
            _words_inputs("edit", key, shown, list(_WORDS))
        st.text_input("Why", key=f"edit_why_{key}", max_chars=500)
        with st.container(horizontal=True):
            st.button(
                "Save", key="edit_save", type="primary", shortcut="Ctrl+Enter", icon=":material/save:",
                on_click=_judge, args=(lambda: _save_edit(shown, article, sample, by), following, at, "Corrected"),
            )  # fmt: skip
            st.button("Cancel", key="edit_cancel", shortcut="Esc", on_click=_open, args=("edit",))


def _actor_rows(shown: Report) -> pd.DataFrame:
    names = ("name", "role", "organisation", "country", "sector", "side")
    rows = [{name: getattr(actor, name) for name in names} for actor in shown.actors]
    return pd.DataFrame(rows, columns=list(names), dtype=object)


def _words_inputs(form: str, key: str, shown: Report | None, names: list[str]) -> None:
    for name in names:
        known = shown.evidence.get(name, ()) if shown else ()
        widget = f"{form}_words_{name}_{key}"
        st.session_state.setdefault(widget, known[0].text if known else "")
        st.text_input(
            f"Words of the {_WORDS[name]}", key=widget, help="Letter by letter as the article has them"
        )


def _spans(form: str, key: str, article: Article, near: int, shown: Report | None) -> dict[str, list[Span]]:
    """Return the words that were marked anew, by field; raises InputError where the article has them not."""
    found = {}
    for name in _WORDS:
        text = str(st.session_state.get(f"{form}_words_{name}_{key}") or "").strip()
        known = [span.text for span in shown.evidence.get(name, ())] if shown else []
        if text and text not in known[:1]:
            place = st.session_state.get(f"{form}_words_{name}_{key}_at", near)
            found[name] = [judgements.words_at(article, text, near=place)]
    return found


def _save_edit(shown: Report, article: Article, sample: str | None, by: str) -> None:
    state, key = st.session_state, shown.report_id
    kind = state[f"edit_type_{key}"]
    values: dict[str, Any] = {
        "event_type": kind,
        "mode": state[f"edit_mode_{key}_{kind}"],
        "source": state[f"edit_source_{key}"],
        "target": state[f"edit_target_{key}"],
        "symmetric": bool(state[f"edit_symmetric_{key}"]),
        "date": (state[f"edit_date_{key}"] or "").strip() or None,
        "date_precision": state[f"edit_precision_{key}"],
        "status": state[f"edit_status_{key}"],
        "planned_for": (state[f"edit_planned_{key}"] or "").strip() or None,
        "attributed_to": state[f"edit_said_{key}"],
        "place": _place(shown, key),
        "issues": [_issue(name, shown, article) for name in state[f"edit_issues_{key}"]],
        "actors": _actors(shown, state.get(f"edit_actors_{key}")),
    }
    changed = {
        name: value
        for name, value in values.items()
        if not judgements.same(name, value, judgements.value_of(shown, name))
    }
    spans = _spans("edit", key, article, shown.sentence.start, shown)
    changed |= {name: values[name] for name in spans if name in values}
    review.edit(
        answers.store(), key, changed, by=by, why=state[f"edit_why_{key}"] or "", spans=spans, sample=sample
    )


def _place(shown: Report, key: str) -> dict[str, Any] | None:
    state = st.session_state
    name = (state[f"edit_place_{key}"] or "").strip()
    if not name:
        return None
    known = shown.place
    kept = known is not None and known.name == name and known.country == state[f"edit_country_{key}"]
    return {
        "name": name,
        "country": state[f"edit_country_{key}"],
        "lat": known.lat if kept and known else None,
        "lon": known.lon if kept and known else None,
        "precision": state[f"edit_place_precision_{key}"],
    }


def _issue(name: str, shown: Report, article: Article) -> dict[str, Any]:
    """Return an issue with the words that bear it: those it had, else the first of its terms in the text."""
    for issue in shown.issues:
        if issue.issue == name:
            return {"issue": name, "start": issue.start, "end": issue.end}
    low = article.text.casefold() if article.text.casefold().__len__() == len(article.text) else ""
    places = [(low.find(term), len(term)) for term in codebook.issues()[name].terms if term in low]
    start, length = min(places, default=(0, 0))
    return {"issue": name, "start": start, "end": start + length}


def _actors(shown: Report, edits: Any) -> list[dict[str, Any]]:
    """Return the actors of the table as it was changed; the words of those that keep their name stay."""
    rows = judgements.value_of(shown, "actors")
    told = edits or {}
    for at, change in (told.get("edited_rows") or {}).items():
        named = change.get("name", rows[int(at)]["name"])
        rows[int(at)] |= change | ({} if named == rows[int(at)]["name"] else {"start": None, "end": None})
    gone = {int(at) for at in told.get("deleted_rows") or ()}
    kept = [row for at, row in enumerate(rows) if at not in gone]
    return kept + [{"side": "source", **row} for row in told.get("added_rows") or () if row.get("name")]


def _add(shown: Report, article: Article, current: str, by: str) -> None:
    """Draw the form for an act that the coder missed in this article."""
    key = current
    with st.container(key="card_form"):
        st.html(markup.card_head("Add a missed act", "The words that tell it must stand in the article"))
        _words_inputs("add", key, None, ["event_type", "source", "target"])
        _act("add", key, shown)
        _who_whom("add", key, shown)
        _when("add", key, shown)
        st.text_input("Why", key=f"add_why_{key}", max_chars=500)
        with st.container(horizontal=True):
            st.button(
                "Add", key="add_save", type="primary", shortcut="Ctrl+Enter", icon=":material/add:",
                on_click=_judge, args=(lambda: _save_add(shown, article, current, by), current, 0, "Added"),
            )  # fmt: skip
            st.button("Cancel", key="add_cancel", shortcut="Esc", on_click=_open, args=("add",))


def _save_add(shown: Report, article: Article, key: str, by: str) -> None:
    state = st.session_state
    kind = state[f"add_type_{key}"]
    spans = _spans("add", key, article, shown.sentence.start, None)
    if "event_type" not in spans:
        raise InputError("mark the words that tell the act, letter by letter as the article has them")
    review.add(
        answers.store(),
        article.article_id,
        {
            "event_type": kind,
            "mode": state[f"add_mode_{key}_{kind}"],
            "source": state[f"add_source_{key}"],
            "target": state[f"add_target_{key}"],
            "symmetric": bool(state[f"add_symmetric_{key}"]),
            "date": (state[f"add_date_{key}"] or "").strip() or None,
            "date_precision": state[f"add_precision_{key}"],
            "status": state[f"add_status_{key}"],
        },
        spans,
        by=by,
        why=state[f"add_why_{key}"] or "",
    )
    for name in _WORDS:
        state.pop(f"add_words_{name}_{key}", None)


# The log and the report card


def log(most: int) -> None:
    """Draw what was judged last, the newest first, each with its undo."""
    who = signing.who()
    listed = answers.judgements()
    with st.container(key="card_log"):
        people = listed.loc[listed["action"] != "undo", "by"].value_counts()
        st.html(
            markup.card_head(
                f"{words.plural(len(listed), 'judgement')}", "The log: nothing in it is overwritten"
            )
        )
        if listed.empty:
            st.html(
                markup.empty("Nothing judged yet.", "A accepts, E edits, X rejects, M adds what was missed.")
            )
            return
        for row in records(listed.head(most)):
            with st.container(
                horizontal=True, vertical_alignment="center", wrap=False, key=f"logged_{row.commit}"
            ):
                st.html(markup.block(provenance.judgement(row)), width="stretch")
                if not row.undone and who is not None:
                    st.button(
                        "Undo", key=f"log_undo_{row.commit}", type="tertiary", on_click=_undo, args=(int(row.commit), who)
                    )  # fmt: skip
        told = words.listing(f"{name} {count}" for name, count in people.items())
        st.html(markup.caption([words.showing(min(most, len(listed)), len(listed), "judgement"), told]))


def cards() -> None:
    """Draw the report card: precision by type and field, and how far reviewers agree."""
    dataset = controls.dataset_name(controls.selection())
    card = report_card.own(dataset)
    theme = frame.theme()
    with st.container(key="stacks_card"):
        left, right = st.columns([1, 1], gap="small")
    with left, st.container(key="card_types"):
        st.html(
            markup.card_head(
                report_card.title(card), "Precision of each coded type on what was drawn by chance and judged"
            )
        )
        if card.n:
            st.html(report_card.types_html(card, theme))
            st.html(markup.caption([*report_card.caption(card), words.dataset(dataset)]))
        else:
            st.html(
                markup.empty(
                    "No figures yet.",
                    "Judge the reports of a random sample: thirty give a first, wide interval.",
                )
            )
    with right:
        if card.fields:
            with st.container(key="card_by_field"):
                st.html(markup.card_head("What is right by field", "Of the judged reports that tell an act"))
                st.html(report_card.fields_html(card))
        with st.container(key="card_agreement"):
            people, rows = review.agreement(answers.store())
            if not people:
                st.html(markup.card_head("Agreement of reviewers", "Two people on the same sample"))
                st.html(
                    markup.empty(
                        "One reviewer so far.", "A second one who takes the same sample is read blind."
                    )
                )
                return
            st.html(
                markup.card_head(_agreed(rows), f"{words.listing(people)} on the same reports, read blind")
            )
            st.html(report_card.agreement_html(rows))
            st.html(
                markup.caption(
                    [
                        f"Krippendorff’s α of all, Cohen’s κ of {people[0]} and {people[1]}",
                        "values after the act: reports that nobody rejected",
                        "–: all gave one value",
                        "90% by resampling reports",
                    ]
                )
            )


def _agreed(rows: list[review.Agreement]) -> str:
    kind = next((row for row in rows if row.field == "event_type"), None)
    if kind is None or kind.alpha is None:
        return "Agreement of reviewers"
    return f"Reviewers agree on the type with α {kind.alpha:.2f}".replace("-", "−")
