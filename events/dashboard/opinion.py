"""The page of the second coder: which model, what a run takes, how far it agrees with the rules, and where not."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from events import asking, coders
from events.charts import coders as charts
from events.charts import words
from events.charts.rows import records
from events.coders import Pair
from events.dashboard import answers, controls, evidence, frame, markup, signing
from events.errors import EntenteError, InputError
from events.extract import llm
from events.extract.llm import Settings
from events.opinions import Opinions
from events.queries import Queries
from events.schema import Article, Report, Selection
from events.store import Store

__all__ = ["HOW", "show"]

HOW = (
    "Two reports of one article are a pair where they are of the same dyad, in whatever direction, and of the same words. "
    "The share says in how many pairs both give the same value; of lists (actors, issues) it is the mean overlap, what both name "
    "through what either names. Its 90% interval is Wilson’s (1927), that of lists, of acts found by both and of kappa comes from "
    f"drawing the articles {coders.DRAWS:,} times anew. Kappa is Cohen’s (1960): agreement beyond what the coders’ habits would give by "
    "chance, 0 none, 1 all. Acts found by both are counted as positive agreement, 2·both / (rules + model). Agreement shows that two "
    "coders read alike, not that they are right."
)

_LISTED = 300  # disagreements in the table
_REASONS = 8  # refused values that are listed
_CONFUSED = 5  # pairs of types that are listed
_FIRST = 25  # articles that are offered for a first run
_WHICH = {"all": "All", "both": "Values differ", "first": "Rules alone", "second": "Model alone"}


class Run:
    """A run at work in a thread of its own: a click elsewhere stops the page's script, but not the run."""

    def __init__(self, store: Store, settings: Settings, article_ids: tuple[str, ...]) -> None:
        self.model, self.host = settings.model, settings.host
        self.summary = asking.Summary(total=len(article_ids))
        self.error: Exception | None = None
        self.stop = threading.Event()
        self._work = (store, settings, article_ids)
        self._thread = threading.Thread(target=self._run, name="opinion", daemon=True)
        self._thread.start()

    @property
    def at_work(self) -> bool:
        """Whether the run has not ended yet."""
        return self._thread.is_alive()

    def _run(self) -> None:
        store, settings, article_ids = self._work
        try:
            self.summary = asking.ask(store, settings, article_ids, progress=self._hear, stop=self.stop)
        except Exception as error:  # noqa: BLE001  told on the page, which has a reader
            self.error = error

    def _hear(self, summary: asking.Summary) -> None:
        self.summary = replace(summary)


@st.cache_resource(show_spinner=False)
def _runs() -> dict[str, Run]:
    """Return the newest run of each store: all readers see the same one, and nobody starts a second beside it."""
    return {}


@st.cache_resource(max_entries=4, show_spinner="Comparing the coders")
def _compared(location: str, at: int, log: int, coder: str, selection: Selection) -> list[Pair]:  # noqa: ARG001 what it depends on
    return coders.compared(answers.store(), coder, selection)


@st.cache_data(max_entries=16, show_spinner=False)
def _agreement(location: str, at: int, log: int, coder: str, selection: Selection) -> coders.Agreement:
    return coders.agreement(_compared(location, at, log, coder, selection))


@st.cache_data(max_entries=16, show_spinner=False)
def _plan(
    location: str,  # noqa: ARG001 what it depends on
    at: int,  # noqa: ARG001
    log: int,  # noqa: ARG001
    told: str,  # noqa: ARG001 the settings, without the key
    selection: Selection,
    limit: int,
    _settings: Settings,
) -> asking.Plan:
    return asking.plan(answers.store(), _settings, selection, limit=limit)


@st.cache_data(max_entries=8, show_spinner=False)
def _titles(location: str, at: int, article_ids: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001 what it depends on
    return {key: title for key, (title, _) in Queries(answers.store()).titles(article_ids).items()}


@st.cache_data(max_entries=8, show_spinner=False)
def _refusals(location: str, log: int, coder: str) -> tuple[list[str], dict[str, str]]:  # noqa: ARG001
    """Return why values were refused, and why articles could not be read, by id."""
    opinions = Opinions(location)
    refused = [why for opinion in opinions.read(coder).values() for why in opinion.refused]
    return refused, opinions.failures(coder)


def show() -> None:
    """Draw the page."""
    selection = controls.selection()
    frame.head(
        "Second opinion",
        "A language model reads what the rules have read; its reports are kept apart and counted in no chart",
        view=False,
    )
    frame.chips(selection)
    opinions = Opinions(answers.store().location)
    try:
        configured, wrong = llm.settings(), ""
    except InputError as error:
        configured, wrong = None, str(error)
    known = opinions.coders()
    run = _runs().get(opinions.folder.as_posix())
    if configured is None and known.empty:
        _not_configured(wrong)
        return
    coder = _coder(list(known["coder"]), configured)
    read = known[known["coder"] == coder]
    if len(read):
        _figures(opinions, coder, records(read)[0], selection)
    # of the two stacks the shorter one takes the refused values
    below = (
        bool(len(read)) and len(coders.confusions(_compared(*_key(opinions), coder, selection))) < _CONFUSED
    )
    with st.container(key="stacks_opinion"):
        left, right = st.columns([2.15, 1], gap="small")
    with right:
        if configured is None:
            _not_configured(wrong)
        else:
            _model(configured)
            _ask(opinions, configured, selection, run)
        if not below and len(read):
            _refused(opinions, coder)
    with left:
        if len(read):
            _fields(opinions, coder, selection)
            _confusions(opinions, coder, selection)
            if below:
                _refused(opinions, coder)
        else:
            _nothing_read(coder)
    if len(read):
        _differences(opinions, coder, selection)


def _coder(known: list[str], configured: Settings | None) -> str:
    """Return the coder that is shown: the configured one, unless the reader chooses another that has read."""
    own = [llm.coder_of(configured.model)] if configured else []
    names = list(dict.fromkeys([*(name for name in own if name in known), *known])) or own
    if len(names) < 2:
        return names[0]
    coder = controls.chosen("coder", names)
    st.selectbox("Second coder", names, key="coder", width=420)
    controls.publish("coder", names[0])
    return coder


def _not_configured(wrong: str) -> None:
    """Say what a second opinion is, and how to have one."""
    with st.container(key="card_configure"):
        st.html(
            markup.card_head(
                "The settings cannot be used" if wrong else "No language model is configured",
                wrong or "Nothing is sent anywhere until one is",
            )
        )
        st.html(
            markup.block(
                '<p class="en-cs">Any server that speaks OpenAI’s protocol will do: Ollama, vLLM and LM Studio on your own '
                "computer, or a service. It reads articles that the rules have read, by the same codebook; every value must quote "
                "the article word for word, or it is dropped. You see what a run takes before anything is sent.</p>"
                f'<p class="en-cs">Write <span class="en-mono">{escape(str(llm.config_file()))}</span>, or set '
                '<span class="en-mono">ENTENTE_LLM_URL</span>, <span class="en-mono">ENTENTE_LLM_MODEL</span> and '
                '<span class="en-mono">ENTENTE_LLM_KEY</span> before the dashboard starts:</p>'
            )
        )
        st.code(llm.EXAMPLE, language="toml", wrap_lines=True)


def _nothing_read(coder: str) -> None:
    with st.container(key="card_nothing"):
        st.html(
            markup.empty(
                f"{coder.removeprefix('llm ')} has read nothing yet.",
                "After a first run you see here how far it agrees with the rules, field by field.",
            )
        )


def _figures(opinions: Opinions, coder: str, read: Any, selection: Selection) -> None:
    """Draw what was read and found; `read` is the coder's row of `Opinions.coders`."""
    found = _agreement(*_key(opinions), coder, selection)
    tokens = f"{read.tokens_in:,} tokens in, {read.tokens_out:,} out"
    spent = ("Tokens", words.number(read.tokens_in + read.tokens_out), f"{tokens}; no price set")
    if not pd.isna(read.cost):
        spent = ("Spent", words.money(read.cost, read.currency), tokens)
    st.html(
        markup.figures(
            [
                ("Articles read", words.number(read.articles), f"{read.failed:,} failed"),
                ("Acts by both", words.number(found.both), f"in {words.plural(found.articles, 'article')}"),
                ("Rules alone", words.number(found.only_first), "acts that the model lacks"),
                (
                    "Model alone",
                    words.number(found.only_second),
                    f"{words.plural(read.refused, 'value')} refused",
                ),
                spent,
            ]
        )
    )


def _key(opinions: Opinions) -> tuple[str, int, int]:
    return answers.store().location, answers.version(), opinions.version


def _model(configured: Settings) -> None:
    """Tell the settings, without the key, and try the connection."""
    price = configured.price
    where = "on this computer or network" if configured.is_here else "articles leave this network"
    told = [
        ("Model", configured.model),
        ("Server", f"{configured.host} ({where})"),
        ("Key", "set" if configured.key else "none"),
        (
            "Price",
            f"{price.input:g} in, {price.output:g} out, {price.currency} a million tokens"
            if price
            else "not set",
        ),
        ("At a time", words.plural(configured.parallel, "article")),
        ("Prompt", llm.version()),
    ]
    with st.container(key="card_model"):
        st.html(markup.card_head("The model", "From the settings file and the environment"))
        st.html(
            markup.rows(
                [f"<div>{escape(name)}</div><div>{escape(value)}</div>" for name, value in told],
                kind="en-coming",
            )
        )
        if configured.doubt:
            st.html(markup.caption_line(configured.doubt))
        if signing.may_write() and st.button("Test the connection", icon=":material/cable:", key="test_llm"):
            with st.spinner("Asking for one sentence"):
                try:
                    reply, way = llm.try_connection(configured)
                except EntenteError as error:
                    st.session_state["_llm_test"] = (False, str(error))
                else:
                    how = {
                        "schema": "by JSON schema",
                        "object": "as a JSON object",
                        "plain": "in words alone",
                    }[way]
                    st.session_state["_llm_test"] = (True, f"Answers {how}, in {reply.seconds:.1f} s.")
        if tried := st.session_state.get("_llm_test"):
            if tried[0]:
                st.html(markup.caption_line(tried[1]))
            else:
                st.error(markup.plain(tried[1]))


def _ask(opinions: Opinions, configured: Settings, selection: Selection, run: Run | None) -> None:
    """Draw the card that runs: the estimate and the consent, then the progress, then what was done."""
    with st.container(key="card_ask"):
        if run is not None and run.at_work:
            _progress()
            return
        if run is not None:
            _done(run)
        limit = int(
            st.number_input(
                "Articles to read", min_value=1, max_value=100_000, value=_FIRST, step=25, key="opinion_limit",
                help="A random sample of the articles that the sidebar selects; more adds to it, and none is read twice.",
            )
        )  # fmt: skip
        planned = _plan(*_key(opinions), repr(configured), selection, limit, configured)
        estimate = planned.estimate
        if not planned.article_ids:
            read = (
                f"All {planned.read:,} were read by this model and prompt."
                if planned.read
                else "The sidebar selects no article with a text."
            )
            st.html(markup.empty("Nothing to read.", read))
            return
        st.html(
            markup.rows(
                [
                    f"<div>{escape(name)}</div><div>{escape(value)}</div>"
                    for name, value in _estimated(planned)
                ],
                kind="en-coming",
            )
        )
        basis = (
            f"As measured on {words.plural(estimate.measured, 'article')} before"
            if estimate.measured
            else "Assumed before the first run: 4 characters a token, 40 tokens a second"
        )
        st.html(markup.caption_line(basis))
        if signing.bars("have articles read"):
            return
        number = words.plural(estimate.articles, "article")
        agreed = st.checkbox(
            f"Send {number} to {markup.plain(configured.host)}",
            key=f"opinion_agree_{len(planned.article_ids)}",
        )
        if st.button(
            f"Read {number}",
            type="primary",
            icon=":material/psychology_alt:",
            key="opinion_run",
            disabled=not agreed,
        ):
            signing.guard()
            _runs()[opinions.folder.as_posix()] = Run(answers.store(), configured, planned.article_ids)
            st.rerun()


def _estimated(planned: asking.Plan) -> list[tuple[str, str]]:
    e = planned.estimate
    kept = f", {e.kept:,} with answers that are kept" if e.kept else ""
    before = f", {planned.read:,} read before" if planned.read else ""
    return [
        ("Articles", f"{e.articles:,}{kept}{before}"),
        ("Tokens", f"about {_about(e.tokens_in)} in, {_about(e.tokens_out)} out"),
        ("Cost", f"about {words.money(e.cost, e.currency)}" if e.cost is not None else "no price set"),
        ("Time", f"about {words.duration(e.seconds)}"),
    ]


def _about(value: int) -> str:
    return f"{round(value, 2 - len(str(value))) if value >= 100 else value:,}"


@st.fragment(run_every=1.0)
def _progress() -> None:
    """Show a run at work, with the way to stop it; when it has ended, the page is drawn anew."""
    run = _runs().get(Opinions(answers.store().location).folder.as_posix())
    if run is None or not run.at_work:
        st.rerun()
        return
    done = run.summary
    st.html(
        markup.card_head(f"{run.model} is reading", f"{done.done:,} of {words.plural(done.total, 'article')}")
    )
    st.progress(done.done / max(done.total, 1))
    spent = f" · {words.money(done.cost, done.currency)}" if done.cost is not None else ""
    st.html(
        markup.caption_line(
            f"{words.plural(done.reports, 'report')} · {words.plural(done.refused, 'value')} refused · "
            f"{len(done.failed):,} failed · {done.tokens_in:,} tokens in, {done.tokens_out:,} out{spent}"
        )
    )
    stopping = run.stop.is_set()
    st.button(
        "Stopping" if stopping else "Stop",
        icon=":material/stop:",
        key="opinion_stop",
        disabled=stopping or not signing.may_write(),
        on_click=_stop,
        args=(run,),
    )


def _stop(run: Run) -> None:
    if signing.may_write():
        run.stop.set()


def _done(run: Run) -> None:
    """Tell what the last run did."""
    done = run.summary
    title = f"{words.plural(done.done, 'article')} read, {words.plural(done.reports, 'report')}"
    about = "" if done.counted else "about "
    cost = f", {words.money(done.cost, done.currency)}" if done.cost is not None else ""
    kept = f"{done.kept:,} from answers that were kept; " if done.kept else ""
    st.html(
        markup.card_head(
            title,
            f"{kept}{about}{done.tokens_in:,} tokens in, {done.tokens_out:,} out{cost}, {words.duration(done.seconds)}; "
            f"{words.plural(done.refused, 'value')} refused, {words.plural(len(done.failed), 'article')} failed",
        )
    )
    if run.error is not None:
        st.error(markup.plain(f"The run broke down: {run.error}"))
    elif done.stopped:
        st.warning(markup.plain(f"Ended early: {done.stopped}"))


def _fields(opinions: Opinions, coder: str, selection: Selection) -> None:
    found = _agreement(*_key(opinions), coder, selection)
    rows = charts.table(found)
    kept = [f"{name.lower()} {value}" for name, value, _ in words.filters(selection)]
    with frame.card(
        "agreement",
        charts.title(found),
        f"Share of pairs with the same value, by field, with 90% intervals: the rules and {coder.removeprefix('llm ')}",
        table=rows,
        how=HOW,
        under=[
            f"n = {words.plural(found.both, 'act')} that both report, in {words.plural(found.articles, 'article')}",
            ", ".join(kept),
            "actors and issues: mean overlap",
            frame.source(selection),
        ],
    ) as card:
        if rows["low"].isna().all():
            st.html(
                markup.empty(
                    f"{words.plural(found.both, 'act')} that both report: too few for shares.",
                    "Have more articles read; the cases below can be judged already.",
                )
            )
            return
        card.chart(lambda tones: charts.agreement(rows, tones), key="agreement", alt=charts.alt(found, coder))


def _confusions(opinions: Opinions, coder: str, selection: Selection) -> None:
    """List which types the two give to one act where they differ."""
    rows = coders.confusions(_compared(*_key(opinions), coder, selection))
    if rows.empty:
        return
    acts = int(rows["acts"].sum())
    top = records(rows.head(_CONFUSED))
    with frame.card(
        "confusions",
        f"{words.plural(acts, 'act')} of another type",
        "What the rules and the model call the same words, the most frequent first",
        table=rows.rename(columns={"first": "rules", "second": "model"}),
        under=[words.showing(len(top), len(rows), "pairing"), frame.source(selection)],
    ):
        lines = [
            (
                f"{words.act(row.first)} by the rules, {words.act(row.second).lower()} by the model",
                f"{row.acts:,}",
            )
            for row in top
        ]
        st.html(markup.table(("Types", "Acts"), lines))


def _differences(opinions: Opinions, coder: str, selection: Selection) -> None:
    """List where the two differ, the weightiest first; the chosen case with the words of both."""
    cases = coders.differences(_compared(*_key(opinions), coder, selection))
    kinds = Counter(map(_which, cases))
    which = controls.chosen("which", tuple(_WHICH))
    shown = [case for case in cases if which in {"all", _which(case)}]
    with frame.card(
        "cases",
        f"{words.plural(len(cases), 'act')} on which they differ" if cases else "They differ on nothing",
        "What one alone has, then by type, direction, status, date; choose one to read the words of both",
        table=lambda: coders.disagreements(answers.store(), coder, selection),
        under=[
            words.showing(min(len(shown), _LISTED), len(shown), "case") if shown else "",
            "Neither coder is taken to be right",
            frame.source(selection),
        ],
    ):
        if not cases:
            return
        numbers = {"all": len(cases)} | kinds
        st.segmented_control(
            "Which differences", tuple(_WHICH), key="which", label_visibility="collapsed",
            format_func=lambda name: f"{_WHICH[name]} ({numbers.get(name, 0):,})",
        )  # fmt: skip
        controls.publish("which", "all")
        if not shown:
            st.html(markup.empty("None of this kind.", "Choose another."))
            return
        location, at, _ = _key(opinions)
        listed = shown[:_LISTED]
        titles = _titles(location, at, tuple(sorted({case.article_id for case in listed})))
        state = st.dataframe(
            _listed(listed, titles),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            row_height=37,
            height=min(37 * (min(len(shown), _LISTED) + 1) + 2, 372),
            key=f"cases_{which}",
            column_config={
                "Article": st.column_config.TextColumn(width=230),
                "Rules": st.column_config.TextColumn(width=260),
                "Model": st.column_config.TextColumn(width=260),
                "Differs in": st.column_config.TextColumn(width=130),
            },
            alt="Table of the acts on which rules and model differ",
        )
        picked = state["selection"]["rows"]
        case = shown[picked[0] if picked and picked[0] < len(shown) else 0]
        coded = answers.article(case.article_id)
        if coded is not None:
            _side_by_side(case, coded.article, coder)


def _which(case: Pair) -> str:
    return "second" if case.first is None else "first" if case.second is None else "both"


def _listed(cases: list[Pair], titles: dict[str, str]) -> pd.DataFrame:
    """Return the cases as they are listed."""
    return pd.DataFrame(
        {
            "Article": [
                words.shorten(titles.get(case.article_id) or "Without a title", 70) for case in cases
            ],
            "Rules": [_act(case.first) for case in cases],
            "Model": [_act(case.second) for case in cases],
            "Differs in": [
                ", ".join(field.label.lower() for field in coders.differing(case))
                or _WHICH[_which(case)].lower()
                for case in cases
            ],
        }
    )


def _act(report: Report | None) -> str:
    if report is None:
        return "–"
    status = "" if report.status == "occurred" else f" ({report.status})"
    names = words.dyad(report.source, report.target, symmetric=report.symmetric)
    return f"{names}: {words.act(report.event_type, report.mode).lower()}{status}"


def _side_by_side(case: Pair, article: Article, coder: str) -> None:
    """Draw the words and the fields of both readings of an act."""
    apart = [field.label.lower() for field in coders.differing(case)]
    st.html(
        markup.part(
            f"“{words.shorten(article.title or 'Without a title', 90)}”"
            + (f": differs in {words.listing(apart, keep=6)}" if apart else "")
        )
    )
    asked = case.first or case.second
    if asked is not None:
        st.page_link(
            "app_pages/review.py",
            label="Judge this report" if case.first else "Missed by the rules? Judge it",
            icon=":material/rule:",
            query_params={
                "queue": "disagreement" if case.first else "missed",
                "judge": asked.report_id,
            },
        )
    with st.container(key="stacks_case"):
        columns = st.columns(2, gap="medium")
    names = ("Rules", coder.removeprefix("llm "))
    for name, report, column in zip(names, (case.first, case.second), columns, strict=True):
        with column:
            st.html(markup.part(name))
            if report is None:
                other = case.first or case.second
                st.html(
                    markup.empty(
                        f"{name}: no such act.",
                        "The sentence was read, and no act of this dyad was found in it.",
                    )
                )
                spans = evidence.marks(other, article)[:0] if other else []
                sentence = other.sentence if other else None
                around = (
                    [evidence.Mark(sentence.start, sentence.end, "other", "the other’s sentence")]
                    if sentence
                    else spans
                )
                st.html(evidence.article_html(article, around)[0])
                continue
            st.html(markup.report_head(report, frame.theme()))
            st.html(evidence.article_html(article, evidence.marks(report, article), whole=False)[0])
            st.html(markup.block(evidence.fields_html(report)))
            st.html(
                markup.caption(
                    [f"{report.extractor} {report.extractor_version}", words.confidence(report.confidence)]
                )
            )


def _refused(opinions: Opinions, coder: str) -> None:
    """List what the model said without words of the article, and the articles that could not be read."""
    location, at, log = _key(opinions)
    refused, failures = _refusals(location, log, coder)
    if not refused and not failures:
        return
    with st.container(key="card_refused"):
        st.html(
            markup.card_head(
                f"{words.plural(len(refused), 'value')} refused, {words.plural(len(failures), 'article')} failed",
                "Dropped: what the article or the codebook does not bear out",
            )
        )
        lines = [f"<tr><td>{escape(why)}</td></tr>" for why in refused[:_REASONS]]
        titles = _titles(location, at, tuple(failures)[:_REASONS])
        for article_id, why in list(failures.items())[:_REASONS]:
            name = titles.get(article_id) or article_id
            lines.append(f"<tr><td>{escape(words.shorten(name, 70))}: not read: {escape(why)}</td></tr>")
        st.html(markup.block(f'<table class="en-table"><tbody>{"".join(lines)}</tbody></table>'))
        if len(refused) > _REASONS or failures:
            st.html(
                markup.caption(
                    [words.showing(min(len(refused), _REASONS), len(refused), "refused value") if refused else "",
                     "Failed articles are read again with the next run" if failures else ""]
                )
            )  # fmt: skip
