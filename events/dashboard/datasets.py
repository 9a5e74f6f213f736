"""The page that compares two data sets on one dyad, one state, or all they have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import escape
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from events import agreement
from events.agreement import Comparison, compare, overlap
from events.charts import datasets as charts
from events.charts import words
from events.charts.rows import records
from events.dashboard import answers, controls, frame, markup
from events.queries import Counts
from events.schema import Selection

__all__ = ["HOW", "show"]

# Dyads that are offered where none is chosen, and groups that are listed as standing alone.
_OFFERED = 6
_LISTED = 12
# Without a dyad or a party every pair's days would be read: up to so many events that is quick.
_MOST = 300_000

_STEPS = ("week", "day")

HOW = (
    "Only days that both data sets cover are compared, and only events known to the day. An event has a counterpart where "
    "the other data set has one of the same dyad and the same sign (cooperation or conflict) at most "
    f"{words.plural(agreement.APART, 'day')} apart. The correlation is Spearman’s over the {{step}}s in which either has an "
    "event, with a 90% interval after Bonett and Wright (2000); days in a row are not independent, so the true interval is "
    "wider. Agreement shows that two data sets see the same, not that they are right: both may read the same agencies."
)


def show() -> None:
    """Draw the page."""
    selection = controls.selection()
    held = [name for name, number in answers.datasets().items() if number]
    frame.head("Compare data sets", _scope(selection))
    if len(held) < 2:
        with st.container(key="card_empty"):
            st.html(
                markup.empty(
                    "One data set is not enough.",
                    "Import GDELT, ICEWS, POLECAT, ACLED or UCDP files, and see them beside your own articles.",
                )
            )
            with st.container(horizontal=True, horizontal_alignment="center"):
                st.page_link("app_pages/add.py", label="Add data", icon=":material/add:")
        return
    names, step = _choose(held, selection)
    frame.chips(selection)
    asked = tuple(replace(selection, dataset=name) for name in names)
    counts = tuple(answers.counts(one) for one in asked)
    covered = tuple(answers.counts(Selection(dataset=name)) for name in names)
    common = _common(selection, covered)
    _figures(names, counts, covered)
    if not all(one.events for one in counts):
        missing = " and ".join(name for name, one in zip(names, counts, strict=True) if not one.events)
        other = (
            "take the dyad off to see what both have" if selection.dyad else "choose one of the dyads below"
        )
        _nothing(f"No events in {missing}.", f"Widen the filters, or {other}.")
    elif common is None:
        _nothing(
            "No day in common.",
            f"{names[0]} holds {_span(covered[0])}, {names[1]} {_span(covered[1])}.",
        )
    elif not (selection.dyad or selection.parties) and max(one.events for one in counts) > _MOST:
        _nothing("Choose a dyad or a party.", "All pairs at once are too many to lay side by side.")
    else:
        days = tuple(answers.by_day(replace(one, start=common[0], end=common[1])) for one in asked)
        _sides(selection, names, compare(days[0], days[1], *common, step))
    if not selection.dyad:
        _dyads(names, asked)


def _scope(selection: Selection) -> str:
    if selection.dyad:
        return f"{' and '.join(map(words.short_name, selection.dyad))}, as two data sets tell it"
    if selection.parties:
        return f"{words.listing(map(words.short_name, selection.parties))}, as two data sets tell it"
    return "What two data sets tell of the same days; choose a dyad or a party in the sidebar"


def _choose(held: list[str], selection: Selection) -> tuple[tuple[str, str], agreement.Step]:
    """Draw the choice of the two and of the step; return it."""
    shown = controls.dataset_name(selection)
    ours = [shown, *(name for name in held if name != shown)] if shown in held else held
    a = controls.chosen("seta", ours)
    b = controls.chosen("setb", [name for name in ours if name != a])
    step = controls.chosen("step", _STEPS)
    left, right, last = st.columns([1, 1, 0.8], gap="small", vertical_alignment="bottom")
    left.selectbox("Data set A", ours, key="seta", format_func=words.dataset)
    right.selectbox("Data set B", [name for name in ours if name != a], key="setb", format_func=words.dataset)
    last.selectbox("By", _STEPS, key="step", format_func=str.capitalize)
    controls.publish("seta", ours[0])
    controls.publish("setb", next(name for name in ours if name != a))
    controls.publish("step", _STEPS[0])
    return (a, b), "day" if step == "day" else "week"


def _common(selection: Selection, covered: tuple[Counts, ...]) -> tuple[date, date] | None:
    """Return the days that both data sets cover, within the selection's period."""
    both = overlap(*((one.first, one.last) for one in covered))
    if both is None:
        return None
    first, last = max(filter(None, (both[0], selection.start))), min(filter(None, (both[1], selection.end)))
    return (first, last) if first <= last else None


def _span(counts: Counts) -> str:
    return words.span(counts.first, counts.last) if counts.first else "no dated events"


def _figures(names: tuple[str, str], counts: tuple[Counts, ...], covered: tuple[Counts, ...]) -> None:
    st.html(
        markup.figures(
            (
                words.dataset(name),
                words.number(one.events),
                f"events · {words.plural(one.reports, 'report')} · {_span(whole)}",
            )
            for name, one, whole in zip(names, counts, covered, strict=True)
        )
    )


def _nothing(message: str, hint: str) -> None:
    with st.container(key="card_nothing"):
        st.html(markup.empty(message, hint))


def _sides(selection: Selection, names: tuple[str, str], found: Comparison) -> None:
    """Draw the two series, what they agree on, and what one alone has."""
    called = (words.dataset(names[0]), words.dataset(names[1]))
    under = _caption(selection, called, found)
    how = HOW.format(step=found.step)
    with st.container(key="stacks_sides"):
        series, side = st.columns([2.15, 1], gap="small")
    with (
        series,
        frame.card(
            "twins",
            charts.title(found, called),
            f"Events by {found.step} on one scale, cooperation up, conflict down, on the days that both data sets cover",
            table=found.spans.rename(
                columns={
                    "a": called[0],
                    "b": called[1],
                    "conflict_a": f"{called[0]} conflict",
                    "conflict_b": f"{called[1]} conflict",
                }
            ),
            how=how,
            under=under,
        ) as card,
    ):
        card.chart(
            lambda tones: charts.twins(found.spans, called, tones, step=found.step),
            key="twins",
            alt=charts.alt(found, called, found.first, found.last),
        )
    with (
        side,
        frame.card(
            "agreement",
            _agreement_title(found, called),
            f"By {found.step} and by event, the days in common",
            how=how,
            under=[
                words.span(found.first, found.last),
                f"n = {found.told[0]:,} and {found.told[1]:,} events",
            ],
        ),
    ):
        st.html(_agreement_html(found, called))
    _alone(selection, names, found)


def _caption(selection: Selection, called: tuple[str, str], found: Comparison) -> list[str]:
    left = sum(found.imprecise)
    return [
        words.span(found.first, found.last),
        f"n = {words.plural(found.told[0], 'event')} in {called[0]}, {found.told[1]:,} in {called[1]}",
        words.narrowed(selection),
        f"{words.plural(left, 'event')} known to the week, month or year left out" if left else "",
        f"{called[0]} and {called[1]}, version {answers.version()}",
    ]


def _agreement_title(found: Comparison, called: tuple[str, str]) -> str:
    a, b = found.told
    if min(a, b) < charts.FEW:
        return "Too few events to tell how far they agree"
    return (
        f"{charts.share(found.shared[0], a)} of {called[0]} and {charts.share(found.shared[1], b)} of {called[1]} "
        "have a counterpart"
    )


def _agreement_html(found: Comparison, called: tuple[str, str]) -> str:
    rank = found.rank
    step = found.step
    told = [
        (f"{called[0]}: events with a counterpart", charts.share(found.shared[0], found.told[0])),
        (f"{called[1]}: events with a counterpart", charts.share(found.shared[1], found.told[1])),
        (f"{step.capitalize()}s with events in both", f"{found.both:,} of {len(found.spans):,}"),
        (f"{step.capitalize()}s in {called[0]} alone", f"{found.only[0]:,}"),
        (f"{step.capitalize()}s in {called[1]} alone", f"{found.only[1]:,}"),
        ("In both, and to the same side", f"{found.same_sign:,} of {found.both:,}"),
        (
            f"Rank correlation by {step}"
            + (
                f" (90%: {words.intensity(rank.low, 2)}, {words.intensity(rank.high, 2)})"
                if rank.value is not None
                else ""
            ),
            words.intensity(rank.value, 2) if rank.value is not None else f"n = {rank.periods}, too few",
        ),
    ]
    body = "".join(
        f'<tr><td>{escape(name)}</td><td class="en-r"><b>{escape(value)}</b></td></tr>'
        for name, value in told
    )
    return f'<div class="en"><table class="en-table"><tbody>{body}</tbody></table></div>'


def _alone(selection: Selection, names: tuple[str, str], found: Comparison) -> None:
    """List what one data set has and the other has not, the largest groups first, each with its events a click away."""
    with st.container(key="stacks_alone"):
        columns = st.columns(2, gap="small")
    for which, name, column in zip("ab", names, columns, strict=True):
        own = found.alone[found.alone["which"] == which]
        told = found.told["ab".index(which)]
        lonely = told - found.shared["ab".index(which)]
        with (
            column,
            frame.card(
                f"alone_{which}",
                f"{words.plural(lonely, 'event')} in {words.dataset(name)} alone"
                if lonely
                else f"Nothing in {words.dataset(name)} alone",
                "Dyads and days without a counterpart, those with most events first",
                table=own.drop(columns="which"),
                under=[
                    words.showing(min(len(own), _LISTED), len(own), "group"),
                    f"of {words.plural(told, 'event')}",
                    f"{words.dataset(name)}, version {answers.version()}",
                ],
            ),
        ):
            if own.empty:
                st.html(markup.empty("None.", "Each event has a counterpart in the other data set."))
            else:
                st.html(_alone_html(own.head(_LISTED), name, selection))


def _alone_html(rows: pd.DataFrame, name: str, selection: Selection) -> str:
    theme = frame.theme()
    lines = []
    for row in records(rows):
        day = row.date.date()
        asked = replace(
            selection,
            dataset=name,
            start=day,
            end=day,
            dyad=(row.a, row.b),
            direction="both",
            parties=(),
        )
        told = controls.parameters(asked)
        link = "events?" + urlencode([(key, value) for key, values in told.items() for value in values])
        tone = theme.conflict_text if row.sign == "conflict" else theme.cooperation_text
        lines.append(
            f'<tr><td>{escape(words.day(day))}</td><td><a href="{escape(link, quote=True)}" target="_self">'
            f"{escape(words.dyad(row.a, row.b, symmetric=True))}</a></td>"
            f'<td style="color:{tone}">{row.sign}</td><td class="en-r">{row.events:,}</td></tr>'
        )
    header = '<tr><th>Day</th><th>Dyad</th><th>Side</th><th class="en-r">Events</th></tr>'
    return f'<div class="en"><table class="en-table"><thead>{header}</thead><tbody>{"".join(lines)}</tbody></table></div>'


def _dyads(names: tuple[str, str], asked: tuple[Selection, ...]) -> None:
    """Offer the dyads that both data sets have, those with most events in the smaller of the two first."""
    a, b = (answers.by_dyad(one) for one in asked)
    both = a[["a", "b", "events"]].merge(b[["a", "b", "events"]], on=["a", "b"], suffixes=("_a", "_b"))
    if both.empty:
        return
    both = both.assign(least=both[["events_a", "events_b"]].min(axis=1)).sort_values(
        ["least", "a", "b"], ascending=[False, True, True]
    )
    with (
        frame.card(
            "dyads",
            f"{words.plural(len(both), 'dyad')} in both",
            "Choose one to compare the two data sets on it",
            table=both.drop(columns="least").rename(columns={"events_a": names[0], "events_b": names[1]}),
            under=[words.showing(min(len(both), _OFFERED), len(both), "dyad")],
        ),
        st.container(horizontal=True, gap="small"),
    ):
        for row in records(both.head(_OFFERED)):
            st.button(
                f"{words.dyad(row.a, row.b, symmetric=True)} ({row.events_a:,} and {row.events_b:,})",
                key=f"on_{row.a}_{row.b}",
                on_click=_on(row.a, row.b),
            )


def _on(a: str, b: str) -> Callable[[], None]:
    return lambda: controls.only_dyad(f"{a}-{b}")
