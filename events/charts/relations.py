"""Relations over time: index with band and regimes, lanes of events, volume, coverage, both directions by type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from html import escape
from itertools import groupby, pairwise
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from events.charts import remarks, sentences, words
from events.charts.rows import records
from events.charts.theme import GLYPHS, SYMBOLS, Theme, base_figure
from events.charts.timelines import Unit, period_name
from events.codebook import QUAD_CLASSES, event_types

__all__ = [
    "BESIDE",
    "FEW",
    "LANES",
    "MARKS",
    "Story",
    "alarm_line",
    "alarms_title",
    "alt",
    "binned",
    "issues_alt",
    "issues_figure",
    "issues_title",
    "jitter",
    "lane_label",
    "lanes_for",
    "lanes_of",
    "middle",
    "mirror",
    "mirror_alt",
    "mirror_title",
    "navigator",
    "relations_figure",
    "remarks_of",
    "title",
]

FEW = 5
"""Below so many events nothing is said of a tendency."""

MARKS = 400
"""Of more marks the lanes draw none, but one a period and kind."""
LANES = 8

_INDEX, _LANE, _VOLUME, _COVERAGE, _AXIS, _GAP = 236, 26, 112, 44, 40, 14  # heights in px
_DOT = 12.5  # px of the largest mark of several events
BESIDE = 0.24
"""How far from a lane's middle the marks of several events stand, in lanes."""
_LEFT, _RIGHT = 92, 12
_LABEL_ROW = 17
_STRIP = 48
_WIDTH = 420  # px of the plot: labels are placed so that they keep apart in a narrow window too
_CHARACTER = 6.4
_NOTE, _NOTES = 34, 16  # px that the letters of some notes take, and their row

_GOOD = tuple(name for name in QUAD_CLASSES if name.endswith("cooperation"))


@dataclass(frozen=True, slots=True)
class Story:
    """What the chart of a relation is drawn from; each table's columns are those of the function named.

    `index`: `analytics.relation_index`. `spans`: `analytics.regimes`. `keys`: `analytics.key_events`. `marks`:
    `queries.salient`, at most 400 of them drawn. `bins`: `queries.by_lane` by `bin_unit`, drawn in their place where
    marks would be more than that. `lanes`: names of lanes from the top, of kind `lane` (domain, type or issue).
    `volume`: period, cooperation, conflict. `alarms`: `analytics.alerts`. `notes`: date, text, by.
    """

    index: pd.DataFrame
    spans: pd.DataFrame
    keys: pd.DataFrame
    marks: pd.DataFrame
    lanes: tuple[str, ...]
    unit: Unit
    lane: str = "domain"
    bins: pd.DataFrame | None = None
    bin_unit: Unit = "month"
    volume: pd.DataFrame | None = None
    volume_title: str = ""
    coverage: bool = False
    alarms: pd.DataFrame | None = None
    notes: pd.DataFrame | None = None
    names: tuple[str, str] = ("", "")


def lane_label(lane: str, name: str) -> str:
    """Return a lane's name as it is shown."""
    if lane == "domain":
        return name.upper() if name == "wmd" else name
    return words.act(name) if lane == "type" else name


def lanes_of(by_lane: pd.DataFrame, *, most: int = LANES) -> tuple[str, ...]:
    """Return the lanes with most events, the most frequent first (`by_lane`: columns lane, events)."""
    totals = by_lane.groupby("lane")["events"].sum()
    ranked = totals.reset_index().sort_values(["events", "lane"], ascending=[False, True])
    return tuple(ranked["lane"].head(most))


# The index


def _end(start: pd.Timestamp, unit: Unit) -> pd.Timestamp:
    """Return the first day after a period."""
    step = {"week": {"weeks": 1}, "month": {"months": 1}, "quarter": {"months": 3}, "year": {"years": 1}}
    return start + pd.DateOffset(**step[unit])


def middle(start: pd.Timestamp, unit: Unit) -> pd.Timestamp:
    """Return the middle of the period that begins then."""
    return start + (_end(start, unit) - start) / 2


def _middles(periods: pd.Series, unit: Unit) -> list[pd.Timestamp]:
    return [middle(start, unit) for start in periods]


def _gaps(index: pd.DataFrame, unit: Unit) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return from when to when the store holds nothing."""
    found = []
    for is_gap, run in groupby(records(index), key=lambda row: bool(row.gap)):
        rows = list(run)
        if is_gap:
            found.append((rows[0].period, _end(rows[-1].period, unit)))
    return found


def _runs(index: pd.DataFrame, unit: Unit) -> list[list[tuple[pd.Timestamp, Any]]]:
    """Return the stretches over which the index is known, as (middle of the period, row)."""
    pairs = list(zip(_middles(index["period"], unit), records(index), strict=True))
    return [
        list(run) for known, run in groupby(pairs, key=lambda pair: not math.isnan(pair[1].balance)) if known
    ]


def _line(index: pd.DataFrame, unit: Unit) -> dict[str, tuple[list[Any], list[float | None]]]:
    """Return the index as three broken lines: above zero, below zero, and of too few events."""
    lines: dict[str, tuple[list[Any], list[float | None]]] = {
        name: ([], []) for name in ("cooperation", "conflict", "few")
    }
    for run in _runs(index, unit):
        last = ""
        for (x0, one), (x1, two) in pairwise(run):
            pieces = [(x0, one.balance, x1, two.balance)]
            if one.balance * two.balance < 0:
                at = one.balance / (one.balance - two.balance)
                cross = x0 + (x1 - x0) * at
                pieces = [(x0, one.balance, cross, 0.0), (cross, 0.0, x1, two.balance)]
            for xa, ya, xb, yb in pieces:
                kind = "few" if one.few or two.few else "cooperation" if ya + yb >= 0 else "conflict"
                xs, ys = lines[kind]
                if kind != last:
                    xs.extend([None, xa])
                    ys.extend([None, ya])
                xs.append(xb)
                ys.append(yb)
                last = kind
        if len(run) == 1:
            x, row = run[0]
            xs, ys = lines["few"]
            half = (_end(row.period, unit) - row.period) / 2
            xs.extend([None, x - half, x + half])
            ys.extend([None, row.balance, row.balance])
    return lines


def _draw_index(figure: go.Figure, story: Story, theme: Theme) -> None:
    index, unit = story.index, story.unit
    for run in _runs(index, unit):
        xs = [x for x, _ in run]
        figure.add_trace(
            go.Scatter(
                x=[*xs, *xs[::-1]],
                y=[*(row.high for _, row in run), *(row.low for _, row in reversed(run))],
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=_tint(theme.muted, 0.2),
                hoverinfo="skip",
                name="band",
            )
        )
    for kind, (xs, ys) in _line(index, unit).items():
        colour = {"cooperation": theme.cooperation, "conflict": theme.conflict, "few": theme.faint}[kind]
        figure.add_trace(
            go.Scatter(
                x=xs, y=ys, mode="lines", name=f"index, {kind}", hoverinfo="skip",
                line={"color": colour, "width": 1.6 if kind == "few" else 2.4},
            )
        )  # fmt: skip
    known = index[index["balance"].notna()]
    figure.add_trace(
        go.Scatter(
            x=_middles(known["period"], unit),
            y=list(known["balance"]),
            mode="markers",
            marker={"size": 9, "opacity": 0},
            name="index",
            hovertemplate="%{customdata}<extra></extra>",
            customdata=[
                f"<b>{period_name(row.period.date(), unit)}</b><br>index "
                f"{words.intensity(row.balance, 2)} (90%: {words.intensity(row.low, 2)}, "
                f"{words.intensity(row.high, 2)})<br>{words.plural(row.cooperation, 'cooperative event')}, "
                f"{words.number(row.conflict)} conflictual"
                + (f"<br>rests on {row.weight:.1f} events: too few to tell" if row.few else "")
                for row in records(known)
            ],
        )
    )
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, yref="y", y0=0, y1=0,
        line={"color": theme.muted, "width": 1}, layer="below",
    )  # fmt: skip
    _draw_spans(figure, story, theme)


def _draw_spans(figure: go.Figure, story: Story, theme: Theme) -> None:
    """Draw each regime's mean as a dotted line with its value on it, at the beginning."""
    width = _span_of(story)[1] - _span_of(story)[0]
    for row in records(story.spans):
        if row.events < FEW:
            continue
        last = _end(row.end, story.unit)
        figure.add_shape(
            type="line", x0=row.start, x1=last, y0=row.balance, y1=row.balance, yref="y",
            line={"color": theme.text, "width": 1, "dash": "dot"},
        )  # fmt: skip
        near = story.index[
            (story.index["period"] >= row.start) & (story.index["period"] < row.start + width * 0.14)
        ]
        up = not near["balance"].mean() > row.balance  # on the side where the index does not run
        figure.add_annotation(
            x=row.start,
            y=row.balance,
            yref="y",
            text=f"<b>{words.intensity(row.balance, 2)}</b>",
            showarrow=False,
            xanchor="left",
            xshift=6,
            yanchor="bottom" if up else "top",
            yshift=1 if up else -1,
            font={"size": 12, "color": theme.sign_text(row.balance)},
            bgcolor=_tint(theme.card, 0.75),
            borderpad=1,
        )


def _tint(colour: str, opacity: float) -> str:
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{opacity})"


# Lanes


def jitter(event_id: str) -> float:
    """Return how far from its lane's middle an event is drawn, in lanes: the same in -0.2..+0.2 for the same event."""
    return (blake2b(event_id.encode(), digest_size=2).digest()[0] / 255 - 0.5) * 0.4


def hover(event: Any) -> str:
    """Return what a mark says: day, glyph and class, the event as a sentence, its words, its sources."""
    quote = "<br>".join(escape(line) for line in wrap(words.shorten(event.sentence or "", 260), 62))
    told = "<br>".join(escape(line) for line in wrap(sentences.tell(event), 62))
    names = list(event.outlet_names)
    source = words.listing(map(escape, names), keep=2) if names else "outlet unknown"
    return (
        f"<b>{escape(words.imprecise_day(event.date, event.date_precision))}</b> "
        f"{GLYPHS[event.quad_class]} {event.quad_class} {words.intensity(event.intensity)}<br>{told}"
        + (f"<br>“{quote}”" if quote else "")
        + (f"<br>{weak}" if (weak := words.weak_note([event])) else "")
        + f"<br>{source}"
    )


def binned(bins: pd.DataFrame) -> pd.DataFrame:
    """Return what the bins draw: lane, period, kind (cooperation or conflict), events, done, mean_intensity.

    `bins`: period, lane, quad_class, events, intensity_sum, in any number of rows a period.
    """
    table = bins.assign(
        kind=bins["quad_class"].isin(_GOOD).map({True: "cooperation", False: "conflict"}),
        done=bins["events"].where(bins["quad_class"].str.startswith("material"), 0),
    )
    sums = table.groupby(["lane", "period", "kind"], as_index=False)[
        ["events", "done", "intensity_sum"]
    ].sum()
    sums["mean_intensity"] = sums["intensity_sum"] / sums["events"]
    return sums.drop(columns="intensity_sum")


def _draw_bins(figure: go.Figure, story: Story, theme: Theme, axis: str) -> None:
    """Draw two marks a period in each lane: cooperation above its middle, conflict below, by their numbers."""
    assert story.bins is not None  # noqa: S101 the caller looked
    at = {name: len(story.lanes) - 1 - i for i, name in enumerate(story.lanes)}
    table = binned(story.bins[story.bins["lane"].isin(at)])
    most = max(float(table["events"].max()), 1.0) if len(table) else 1.0
    for name in QUAD_CLASSES:
        kind, hollow = name.split()[1], name.startswith("verbal")
        rows = table[(table["kind"] == kind) & ((2 * table["done"] < table["events"]) == hollow)]
        colour = theme.classes[name]
        figure.add_trace(
            go.Scatter(
                x=_middles(rows["period"], story.bin_unit),
                y=[at[lane] + (BESIDE if kind == "cooperation" else -BESIDE) for lane in rows["lane"]],
                yaxis=axis,
                mode="markers",
                name=name,
                marker={
                    "symbol": SYMBOLS[name],
                    "size": [max(_DOT * math.sqrt(n / most), 4.5) for n in rows["events"]],
                    "color": colour,
                    "opacity": 1,
                    "line": {"width": 1.2 if hollow else 0.5, "color": colour if hollow else theme.card},
                },
                unselected={"marker": {"opacity": 0.55}},
                customdata=[[f"{row.period:%Y-%m-%d}", row.lane, kind] for row in records(rows)],
                text=[_bin_hover(row, story) for row in records(rows)],
                hovertemplate="%{text}<extra></extra>",
            )
        )


def _bin_hover(row: Any, story: Story) -> str:
    """Return what a mark of several events says: when, in which lane, how many, how many of them deeds."""
    when = period_name(row.period.date(), story.bin_unit)
    adjective = {"cooperation": "cooperative", "conflict": "conflictual"}[row.kind]
    return (
        f"<b>{when[0].upper()}{when[1:]}</b>, {escape(lane_label(story.lane, row.lane))}<br>"
        f"{words.plural(row.events, f'{adjective} event')}, {words.number(row.done)} of them done; "
        f"mean intensity {words.intensity(row.mean_intensity)}<br>Click to read those told most"
    )


def _draw_lanes(figure: go.Figure, story: Story, theme: Theme, axis: str) -> None:
    """Draw one mark an event in each of its lanes, deeds over words."""
    at = {name: len(story.lanes) - 1 - i for i, name in enumerate(story.lanes)}
    drawn = story.marks[story.marks["date"].notna()].head(MARKS)
    order = sorted(QUAD_CLASSES, key=lambda name: name.startswith("material"))
    told = {row.event_id: hover(row) for row in records(drawn)}
    for name in order:
        xs, ys, ids = [], [], []
        for row in records(drawn[drawn["quad_class"] == name]):
            for lane in lanes_for(row, story.lane):
                if lane in at:
                    xs.append(row.date)
                    ys.append(at[lane] + jitter(row.event_id))
                    ids.append(row.event_id)
        hollow = name.startswith("verbal")
        figure.add_trace(
            go.Scatter(
                x=xs,
                y=ys,
                yaxis=axis,
                mode="markers",
                name=name,
                marker={
                    "symbol": SYMBOLS[name],
                    "size": 7.5 if "conflict" in name else 7,
                    "color": theme.classes[name],
                    "line": {
                        "width": 1.4 if hollow else 0.8,
                        "color": theme.classes[name] if hollow else theme.card,
                    },
                },
                unselected={"marker": {"opacity": 0.55}},
                customdata=[[i] for i in ids],
                text=[told[i] for i in ids],
                hovertemplate="%{text}<extra></extra>",
            )
        )


def lanes_for(row: Any, lane: str) -> Sequence[str]:
    """Return the lanes of this kind that an event stands in."""
    return [row.event_type] if lane == "type" else row.domains if lane == "domain" else row.issues


# The whole


def _span_of(story: Story) -> tuple[pd.Timestamp, pd.Timestamp]:
    return story.index["period"].iloc[0], _end(story.index["period"].iloc[-1], story.unit)


def _label(event: Any) -> str:
    """Return a key event in a few words for the head of the chart: its act, and where."""
    mode = event.mode if isinstance(event.mode, str) else None
    act = words.act(event.event_type, mode).replace(" (", ": ").removesuffix(")")
    where = event.place_name if isinstance(event.place_name, str) else ""
    return words.shorten(f"{act}, {where}" if where else act, 24)


def relations_figure(story: Story, theme: Theme) -> go.Figure:
    """Draw, from the top: numbered key events, the index with its band and regimes, lanes, volume, coverage.

    What the story has none of is left out. Gaps are shaded and labelled "no feed", and break line and band; change
    points are solid lines through everything, other key events dotted ones, alarms triangles, notes letters at the foot.
    """
    panels = [("index", _INDEX)]
    if story.lanes:
        panels.append(("lanes", _LANE * len(story.lanes) + 6))
    if story.volume is not None:
        panels.append(("volume", _VOLUME))
    if story.coverage:
        panels.append(("coverage", _COVERAGE))
    if remarks_of(story).every:
        panels.append(("notes", _NOTES))
    top = 4 + (2 * _LABEL_ROW + 4 if len(story.keys) else 6)
    inner = sum(height for _, height in panels) + _GAP * (len(panels) - 1)
    figure = base_figure(
        theme,
        height=top + inner + _AXIS,
        hovermode="closest",
        bargap=0,
        barmode="relative",
        margin={"l": _LEFT, "r": _RIGHT, "t": top, "b": _AXIS},
    )
    axes, below = {}, float(inner)
    for number, (name, height) in enumerate(panels):
        axes[name] = "y" if number == 0 else f"y{number + 1}"
        figure.update_layout(
            {
                f"yaxis{'' if number == 0 else number + 1}": {
                    "domain": [max((below - height) / inner, 0), below / inner],
                    "fixedrange": True, "showline": False, "zeroline": False, "ticklen": 0,
                    "gridcolor": theme.grid, "color": theme.muted, "ticklabelstandoff": 8,
                    "tickfont": {"size": 11.5, "color": theme.muted},
                }
            }
        )  # fmt: skip
        below -= height + _GAP
    first, last = _span_of(story)
    for start, end in _gaps(story.index, story.unit):
        figure.add_shape(
            type="rect", x0=max(start, first), x1=end, yref="paper", y0=0, y1=1,
            fillcolor=theme.gap, line={"width": 0}, layer="below",
        )  # fmt: skip
        if (end - start) / (last - first) * _WIDTH > 10:
            figure.add_annotation(
                x=start + (end - start) / 2, y=-0.9, yref="y", text="no feed", showarrow=False,
                font={"size": 11, "color": theme.faint},
            )  # fmt: skip
    _draw_index(figure, story, theme)
    figure.update_layout(
        yaxis={
            "range": [-1.04, 1.04],
            "tickvals": [-1, -0.5, 0, 0.5, 1],
            "ticktext": ["−1", "−0.5", "0", "+0.5", "+1"],
        }
    )
    if "lanes" in axes:
        draw = _draw_lanes if story.bins is None else _draw_bins
        draw(figure, story, theme, axes["lanes"])
        names = [words.shorten(lane_label(story.lane, name), 14) for name in story.lanes]
        figure.layout[axes["lanes"].replace("y", "yaxis")].update(
            range=[-0.6, len(names) - 0.4], tickvals=list(range(len(names)))[::-1], ticktext=names,
            tickfont={"size": 12, "color": theme.text},
        )  # fmt: skip
    if story.volume is not None:
        _draw_volume(figure, story, theme, axes["volume"])
    if "coverage" in axes:
        _draw_coverage(figure, story, theme, axes["coverage"])
    if "notes" in axes:
        _draw_notes(figure, story, theme, axes["notes"])
    days = (last - first).days
    figure.update_xaxes(
        type="date", range=[first, last], fixedrange=True, nticks=7, ticklen=4, tickcolor=theme.line, ticklabelstandoff=2,
        showline=True, anchor=list(axes.values())[-1], hoverformat="%-d %b %Y",
        tickformat="%Y" if days > 2200 else "%-d %b\n%Y" if days < 100 else "%b\n%Y",
    )  # fmt: skip
    _draw_keys(figure, story, theme)
    return figure


def navigator(index: pd.DataFrame, unit: Unit, theme: Theme) -> go.Figure:
    """Draw the strip under the chart on which a span is brushed: events by period, on the same axis of time.

    It is a chart of its own, since where dragging selects a span no mark can be clicked on.
    """
    figure = base_figure(
        theme, height=_STRIP, hovermode="closest", bargap=0, dragmode="select", selectdirection="h",
        margin={"l": _LEFT, "r": _RIGHT, "t": 2, "b": 4},
    )  # fmt: skip
    starts = list(index["period"])
    figure.add_trace(
        go.Bar(
            x=_middles(index["period"], unit),
            y=list(index["events"]),
            width=[0.9 * (_end(start, unit) - start).total_seconds() * 1000 for start in starts],
            marker={"color": _tint(theme.faint, 0.45), "line": {"width": 0}},
            unselected={"marker": {"opacity": 0.4}},
            name="events",
            customdata=[period_name(start.date(), unit) for start in starts],
            hovertemplate="<b>%{customdata}</b><br>%{y:,} events<extra></extra>",
        )
    )
    figure.update_yaxes(
        range=[0, max(float(index["events"].max()), 1.0) * 1.05], visible=False, fixedrange=True
    )
    figure.add_annotation(
        xref="paper", yref="paper", x=0, y=0.5, xanchor="right", yanchor="middle", xshift=-8, text="drag a span",
        showarrow=False, font={"size": 11.5, "color": theme.muted},
    )  # fmt: skip
    figure.update_xaxes(
        type="date", range=[starts[0], _end(starts[-1], unit)], fixedrange=True, showticklabels=False, ticklen=0, showline=True,
        hoverformat="%-d %b %Y",
    )  # fmt: skip
    return figure


def _draw_volume(figure: go.Figure, story: Story, theme: Theme, axis: str) -> None:
    volume = story.volume if story.volume is not None else pd.DataFrame()
    middles = _middles(volume["period"], story.unit)
    widths = [0.86 * (_end(start, story.unit) - start).total_seconds() * 1000 for start in volume["period"]]
    for name, sign, colour in (("cooperation", 1, theme.cooperation), ("conflict", -1, theme.conflict)):
        values = [float(value) for value in volume[name].fillna(0)]
        figure.add_trace(
            go.Bar(
                x=middles, y=[sign * value for value in values], width=widths, yaxis=axis,
                marker={"color": colour, "line": {"width": 0}}, name=f"volume, {name}",
                customdata=[
                    f"<b>{period_name(start.date(), story.unit)}</b><br>{name}: {value:,.1f}".removesuffix(".0")
                    for start, value in zip(volume["period"], values, strict=True)
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    high, low = (float(volume[name].max()) for name in ("cooperation", "conflict"))
    high, low = (0.0 if math.isnan(value) else value for value in (high, low))
    most = max(high, low, 1.0)
    step = _round(most)
    ticks = [-step, 0, step]
    figure.layout[axis.replace("y", "yaxis")].update(
        range=[-max(low, 0.4 * most, step) * 1.12, max(high, 0.4 * most, step) * 1.12],
        tickvals=ticks, ticktext=[f"{abs(tick):,g}" for tick in ticks],
    )  # fmt: skip
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, yref=axis, y0=0, y1=0, line={"color": theme.muted, "width": 1}
    )
    _panel_title(figure, story.volume_title, axis, theme)
    if story.alarms is not None:
        for kind, sign in (("cooperation", 1), ("conflict", -1)):
            rows = story.alarms[story.alarms["kind"] == kind]
            heights = volume.set_index("period")[kind]
            figure.add_trace(
                go.Scatter(
                    x=_middles(rows["period"], story.unit),
                    y=[sign * float(heights.get(period, 0)) for period in rows["period"]],
                    yaxis=axis, mode="markers", name=f"unusual {kind}",
                    marker={
                        "symbol": "triangle-up-open" if sign > 0 else "triangle-down-open", "size": 8,
                        "color": theme.text, "line": {"width": 1.3, "color": theme.text},
                    },
                    customdata=[
                        f"<b>Unusually much {kind}</b>, {period_name(row.period.date(), story.unit)}<br>"
                        f"{words.plural(row.events, 'event')}; {_expected(row.expected)} expected, p = {row.p:.2g}"
                        for row in records(rows)
                    ],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )  # fmt: skip


def _panel_title(figure: go.Figure, text: str, axis: str, theme: Theme) -> None:
    figure.add_annotation(
        xref="paper", x=0, xanchor="left", xshift=4, yref=f"{axis} domain", y=1, yanchor="bottom", yshift=-3,
        text=text, showarrow=False, font={"size": 11, "color": theme.muted}, bgcolor=_tint(theme.card, 0.8),
    )  # fmt: skip


def _round(most: float) -> float:
    """Return a round number of at most `most` and more than a third of it."""
    tens = 10.0 ** math.floor(math.log10(most))
    return next(step * tens for step in (5, 2, 1) if step * tens <= most)


def _draw_coverage(figure: go.Figure, story: Story, theme: Theme, axis: str) -> None:
    index = story.index
    widths = [(_end(start, story.unit) - start).total_seconds() * 1000 for start in index["period"]]
    figure.add_trace(
        go.Bar(
            x=_middles(index["period"], story.unit), y=list(index["stored"]), width=widths, yaxis=axis,
            marker={"color": theme.land_edge, "line": {"width": 0}}, name="coverage",
            customdata=[period_name(start.date(), story.unit) for start in index["period"]],
            hovertemplate="<b>%{customdata}</b><br>%{y:,} events of all dyads stored<extra></extra>",
        )
    )  # fmt: skip
    most = max(float(index["stored"].max()), 1.0)
    step = _round(most)
    figure.layout[axis.replace("y", "yaxis")].update(
        range=[0, most * 1.1], tickvals=[0, step], ticktext=["0", f"{step:,g}"]
    )
    _panel_title(figure, f"Coverage: events of all dyads stored, by {story.unit}", axis, theme)


def _draw_keys(figure: go.Figure, story: Story, theme: Theme) -> None:
    """Draw change points, key events and their numbered labels on two rows."""
    first, last = _span_of(story)
    opened = [row.start for row in records(story.spans)][1:]
    for at in opened:
        figure.add_shape(
            type="line", x0=at, x1=at, yref="paper", y0=0, y1=1, line={"color": theme.text, "width": 1.1}
        )
    rows = records(story.keys)
    at_of = [
        max((start for start in opened if row.opens and start <= row.date), default=row.date) for row in rows
    ]
    places = [(at - first) / (last - first) * _WIDTH for at in at_of]
    ends = [-math.inf, -math.inf]
    for number, (row, at, x) in enumerate(zip(rows, at_of, places, strict=True)):
        if not row.opens:
            figure.add_shape(
                type="line", x0=at, x1=at, yref="paper", y0=0, y1=1,
                line={"color": theme.muted, "width": 0.8, "dash": "dot"},
            )  # fmt: skip
        level = number % 2
        size = (len(_label(row)) + 2) * _CHARACTER
        right = places[number + 2] if number + 2 < len(rows) else _WIDTH + 8
        left = x - 3
        if x + size > right - 8 and x - size + 3 >= ends[level] + 8:
            left = x - size + 3  # no room to the right of the line, but to its left
        fits = left < x - 4 or x + size <= right - 8
        text = f"<b>{row.number}</b>" + (f" {escape(_label(row))}" if fits else "")
        ends[level] = left + (size if fits else 2 * _CHARACTER)
        figure.add_annotation(
            x=at,
            xanchor="left" if left >= x - 4 else "right",
            xshift=-4 if left >= x - 4 else 4,
            yref="paper",
            y=1,
            yanchor="bottom",
            yshift=4 + _LABEL_ROW * (1 - level),
            text=text,
            showarrow=False,
            font={"size": 12, "color": theme.text},
            hovertext=escape(sentences.tell(row)),
        )


def remarks_of(story: Story) -> remarks.Remarks:
    """Return the analysts' notes of the time that is drawn."""
    return remarks.among(story.notes, *_span_of(story))


def _draw_notes(figure: go.Figure, story: Story, theme: Theme, axis: str) -> None:
    """Draw the letters of analysts' notes, those of near ones together; their words stand under the chart."""
    figure.layout[axis.replace("y", "yaxis")].update(range=[0, 1], visible=False)
    first, last = _span_of(story)
    for group in remarks.grouped(remarks_of(story), (last - first) * (_NOTE / _WIDTH)):
        at, letters = group[0].day, remarks.label(group)
        told = [line for remark in group for line in wrap(remark.words, 60)]
        turned = (last - at) / (last - first) * _WIDTH < _NOTE  # no room to the right of the mark
        figure.add_annotation(
            x=at, xanchor="right" if turned else "left", xshift=6 if turned else -6, yref=axis, y=0.5,
            yanchor="middle", showarrow=False,
            text=(f"{letters} {remarks.MARK}" if turned else f"{remarks.MARK} {letters}").strip(),
            font={"size": 12, "color": theme.text}, hovertext="<br>".join(map(escape, told)),
        )  # fmt: skip


# What the chart says


_FIRM = 0.5  # width of an interval around zero from which on nothing is known


def title(spans: pd.DataFrame, unit: Unit, subject: str = "Relations") -> str:
    """Return the finding: the largest lasting changes of the balance, or that there was none.

    Neutral where the whole has fewer than five events.
    """
    if spans.empty or int(spans["events"].sum()) < FEW:
        return f"Relation index by {unit}"
    if len(spans) == 1:
        row = spans.iloc[0]
        if row["low"] <= 0 <= row["high"]:
            firm = row["high"] - row["low"] < _FIRM
            return (
                "No lasting change: cooperation and conflict in balance"
                if firm
                else f"No lasting change to be seen in {words.plural(row['events'], 'event')}"
            )
        tone = "cooperation" if row["balance"] > 0 else "conflict"
        return f"No lasting change: more {tone} throughout ({words.intensity(row['balance'], 2)})"
    moved = spans.assign(before=spans["balance"].shift()).iloc[1:]
    largest = moved.sort_values("change", key=abs, ascending=False).head(2).sort_values("start")
    said = [
        f"{'rose' if row.change > 0 else 'fell'} from {words.intensity(row.before, 2)} to "
        f"{words.intensity(row.balance, 2)} in {row.start:%b %Y}"
        for row in records(largest)
    ]
    if len(said) == 2 and largest["balance"].iloc[0] == largest["before"].iloc[1]:
        row = largest.iloc[1]
        verb = "rose" if row["change"] > 0 else "fell"
        said[1] = f"{verb} to {words.intensity(row['balance'], 2)} in {row['start']:%b %Y}"
    whole = ", ".join(said)
    text = f"{subject} {whole}"
    if len(text) > 76:
        biggest = moved.sort_values("change", key=abs, ascending=False).iloc[0]
        verb = "rose" if biggest["change"] > 0 else "fell"
        text = (
            f"{subject} {verb} from {words.intensity(biggest['before'], 2)} to "
            f"{words.intensity(biggest['balance'], 2)} in {biggest['start']:%b %Y}"
        )
    return text


def alt(story: Story) -> str:
    """Return the chart in words: the finding, the last value with its interval, the period, its gaps."""
    known = story.index[story.index["balance"].notna()]
    first, last = _span_of(story)
    who = f" of {' and '.join(story.names)}" if all(story.names) else ""
    text = f"Relation index{who}, {words.span(first.date(), (last - pd.Timedelta(days=1)).date())}. "
    text += f"{title(story.spans, story.unit)}. "
    if len(known):
        row = known.iloc[-1]
        text += (
            f"Last value {words.intensity(row['balance'], 2)} "
            f"(90%: {words.intensity(row['low'], 2)}, {words.intensity(row['high'], 2)}). "
        )
    gaps = len(_gaps(story.index, story.unit))
    text += f"{words.plural(gaps, 'gap')} without any feed." if gaps else "No gaps in the feed."
    return text + remarks_of(story).alt


# Both directions by type


def mirror(
    by_type: pd.DataFrame, theme: Theme, names: tuple[str, str], *, height: int | None = None
) -> go.Figure:
    """Draw A's acts to the left and B's to the right, by type in order of intensity, on one scale.

    `by_type`: columns lane (event type), by, events, intensity_sum (`queries.by_lane`). Symmetric acts stand on
    neither side.
    """
    table = _both(by_type)
    entries = event_types()
    types = sorted(table.index, key=lambda name: (-entries[name].intensity, name))
    row = 23
    figure = base_figure(
        theme, height=height or 50 + row * max(len(types), 1), bargap=0.3, hovermode="closest"
    )
    most = max(float(table[["a", "b"]].to_numpy().max(initial=0)), 1.0)
    for side, axis in (("a", "x"), ("b", "x2")):
        values = [int(table.loc[name, side]) for name in types]
        figure.add_trace(
            go.Bar(
                y=[words.act(name) for name in types], x=values, xaxis=axis, orientation="h", name=side,
                marker={"color": [theme.classes[entries[name].quad_class] for name in types], "line": {"width": 0}},
                text=[words.number(value) if value else "" for value in values], textposition="outside",
                textfont={"size": 11.5, "color": theme.muted}, cliponaxis=False,
                customdata=[entries[name].quad_class for name in types],
                hovertemplate="%{y}: %{x:,} (%{customdata})<extra></extra>",
            )
        )  # fmt: skip
        part = by_type[by_type["by"] == side]
        n = int(part["events"].sum())
        mean = float(part["intensity_sum"].sum()) / n if n else math.nan
        here, there = names if side == "a" else names[::-1]
        measured = f"{words.plural(n, 'event')}" + (
            f", mean <span style='color:{theme.sign_text(mean)}'>{words.intensity(mean)}</span>"
            if n >= FEW else ""
        )  # fmt: skip
        left = side == "a"
        acting = f"{here} → {there}" if len(here + there) <= 16 else f"{words.shorten(here, 16)} acts"
        figure.add_annotation(
            xref="paper", yref="paper", x=0 if left else 1, xanchor="left" if left else "right", y=1,
            yanchor="bottom", yshift=6, showarrow=False, align="left" if left else "right",
            text=f"<b>{escape(acting)}</b><br>{measured}",
            font={"size": 12, "color": theme.text},
        )  # fmt: skip
    for name in types:
        figure.add_annotation(
            xref="paper", x=0.5, xanchor="center", y=words.act(name), text=words.act(name), showarrow=False,
            font={"size": 11.5, "color": theme.text},
        )  # fmt: skip
    room = most * 1.26
    common = {"showticklabels": False, "showgrid": False, "ticklen": 0, "zeroline": False, "fixedrange": True}
    figure.update_layout(
        margin={"l": 4, "r": 4, "t": 46, "b": 4},
        xaxis={**common, "domain": [0, 0.385], "range": [room, 0]},
        xaxis2={**common, "domain": [0.615, 1], "range": [0, room], "anchor": "y"},
        yaxis={"autorange": "reversed", "showticklabels": False, "showgrid": False, "ticklen": 0},
    )
    return figure


def _both(by_type: pd.DataFrame) -> pd.DataFrame:
    """Return the number of events by type (index), columns a, b and both."""
    table = by_type.pivot_table(index="lane", columns="by", values="events", aggfunc="sum", fill_value=0)
    table = table.reindex(columns=["a", "b", "both"], fill_value=0)
    return table[(table["a"] > 0) | (table["b"] > 0)]


_CLEAR = 2.58  # standard errors: 99%, two-sided
_ENOUGH = 20  # directed events of each side


def mirror_title(by_type: pd.DataFrame, names: tuple[str, str]) -> str:
    """Return the finding: whose acts are the more conflictual, where that is clear; else a neutral title."""
    n, share = {}, {}
    for side in "ab":
        part = by_type[by_type["by"] == side]
        n[side] = int(part["events"].sum())
        bad = int(part.loc[~part["quad_class"].isin(_GOOD), "events"].sum())
        share[side] = bad / n[side] if n[side] else 0.0
    if min(n.values()) >= _ENOUGH:
        pooled = sum(share[s] * n[s] for s in "ab") / sum(n.values())
        error = math.sqrt(max(pooled * (1 - pooled), 1e-9) * sum(1 / n[s] for s in "ab"))
        if abs(share["a"] - share["b"]) > _CLEAR * error:
            worse = "a" if share["a"] > share["b"] else "b"
            other = "b" if worse == "a" else "a"
            actor, partner = names if worse == "a" else names[::-1]
            return (
                f"{actor} is the more conflictual side: {words.percent(share[worse])} of its acts, "
                f"{words.percent(share[other])} of {possessive(partner)}"
            )
    return "Who does what to whom"


def mirror_alt(by_type: pd.DataFrame, names: tuple[str, str]) -> str:
    """Return the chart in words: numbers of both directions and the commonest type of each."""
    said = []
    for side, actor in zip("ab", names, strict=True):
        part = by_type[by_type["by"] == side].groupby("lane")["events"].sum()
        most = (
            f", most of all {words.act(str(part.idxmax())).lower()} ({int(part.max())})" if len(part) else ""
        )
        said.append(f"{actor} {words.plural(int(part.sum()), 'event')}{most}")
    both = int(by_type.loc[by_type["by"] == "both", "events"].sum())
    return f"Events by type and direction: {'; '.join(said)}; {both} of both sides. {mirror_title(by_type, names)}."


def possessive(name: str) -> str:
    """Return the name with its ’s."""
    return f"{name}’" if name.endswith("s") and not name.isupper() else f"{name}’s"


# Issues


def issues_figure(
    by_period: pd.DataFrame, periods: tuple[pd.Timestamp, pd.Timestamp], lanes: Sequence[str], theme: Theme, *, unit: Unit,
    lane: str = "domain",
) -> go.Figure:  # fmt: skip
    """Draw one row a domain or issue: its events over time, cooperation up and conflict down, with both totals.

    `by_period`: columns period, lane, quad_class, events (`queries.by_lane`). All rows have one scale.
    """
    row = 46
    height = row * max(len(lanes), 1) + 30
    figure = base_figure(theme, height=height, bargap=0.1, barmode="relative", hovermode="closest")
    good = by_period["quad_class"].isin(_GOOD)
    sides = {
        "cooperation": (by_period[good], 1, theme.cooperation, theme.cooperation_text),
        "conflict": (by_period[~good], -1, theme.conflict, theme.conflict_text),
    }
    counts = {
        (name, side): part[part["lane"] == name].groupby("period")["events"].sum()
        for name in lanes
        for side, (part, *_) in sides.items()
    }
    most = max([1.0, *(float(found.max()) for found in counts.values() if len(found))])
    first, last = periods[0], _end(periods[1], unit)
    for number, name in enumerate(lanes):
        axis = "" if number == 0 else str(number + 1)
        top = 1 - number * row / (height - 30)
        figure.update_layout(
            {
                f"yaxis{axis}": {
                    "domain": [max(top - (row - 6) / (height - 30), 0), min(top, 1)], "range": [-most, most],
                    "fixedrange": True, "showgrid": False, "zeroline": False, "ticklen": 0, "tickvals": [0],
                    "ticktext": [escape(words.shorten(lane_label(lane, name), 15))], "ticklabelstandoff": 8,
                    "tickfont": {"size": 12, "color": theme.text},
                }
            }
        )  # fmt: skip
        figure.add_shape(
            type="line", xref="paper", x0=0, x1=1, yref=f"y{axis}", y0=0, y1=0,
            line={"color": theme.line, "width": 1}, layer="below",
        )  # fmt: skip
        for side, (_, sign, colour, ink) in sides.items():
            found = counts[name, side]
            figure.add_trace(
                go.Bar(
                    x=_middles(pd.Series(found.index), unit), y=[sign * int(v) for v in found], yaxis=f"y{axis}",
                    width=[(_end(p, unit) - p).total_seconds() * 880 for p in found.index],
                    marker={"color": colour, "line": {"width": 0}}, name=f"{name}, {side}",
                    customdata=[
                        f"<b>{escape(lane_label(lane, name))}</b>, {period_name(p.date(), unit)}<br>"
                        f"{words.plural(int(v), 'event')} of {side}"
                        for p, v in found.items()
                    ],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )  # fmt: skip
            total = int(found.sum())
            figure.add_annotation(
                xref="paper", x=1, xanchor="left", xshift=8, yref=f"y{axis}", y=0, yshift=8 * sign,
                text=f"{'+' if sign > 0 else words.MINUS}{total:,}" if total else "0", showarrow=False,
                font={"size": 11.5, "color": ink if total else theme.faint},
            )  # fmt: skip
    days = (last - first).days
    figure.update_xaxes(
        type="date", range=[first, last], nticks=4, ticklen=0, ticklabelstandoff=6,
        anchor=f"y{len(lanes)}" if len(lanes) > 1 else "y",
        tickformat="%Y" if days > 1500 else "%-d %b" if days < 100 else "%b %Y",
    )  # fmt: skip
    figure.update_layout(margin={"l": 104, "r": 48, "t": 2, "b": 28})
    return figure


_OWN = 0.7  # share of a lane's events from which it is called a field of one kind
_IN_LANE = 5


def issues_title(by_lane: pd.DataFrame, lane: str = "domain") -> str:
    """Return the finding: over what they quarrel most and on what they work together most; else a neutral title."""
    good = by_lane["quad_class"].isin(_GOOD)
    table = pd.DataFrame(
        {
            "good": by_lane[good].groupby("lane")["events"].sum(),
            "bad": by_lane[~good].groupby("lane")["events"].sum(),
        }
    ).fillna(0)
    n = table["good"] + table["bad"]
    quarrel = table[(n >= _IN_LANE) & (table["bad"] >= _OWN * n)].sort_values("bad", ascending=False)
    work = table[(n >= _IN_LANE) & (table["good"] >= _OWN * n)].sort_values("good", ascending=False)
    said = [
        f"{verb} {lane_label(lane, str(found.index[0]))}"
        for verb, found in (("quarrel over", quarrel), ("work together on", work))
        if len(found)
    ]
    return f"They {', '.join(said)}" if said else "Issues over time"


def issues_alt(by_lane: pd.DataFrame, lane: str = "domain") -> str:
    """Return the chart in words: cooperation and conflict of the three most frequent lanes."""
    good = by_lane["quad_class"].isin(_GOOD)
    said = [
        f"{lane_label(lane, name)} {int(by_lane.loc[good & (by_lane['lane'] == name), 'events'].sum())} cooperative, "
        f"{int(by_lane.loc[~good & (by_lane['lane'] == name), 'events'].sum())} conflictual"
        for name in lanes_of(by_lane, most=3)
    ]
    return f"Events by {lane} over time: {'; '.join(said)}. {issues_title(by_lane, lane)}."


def alarms_title(alarms: pd.DataFrame, unit: Unit) -> str:
    """Return the finding: the most unusual period."""
    row = alarms.iloc[0]
    return f"Unusually much {row['kind']}: {period_name(row['period'].date(), unit)}"


def _expected(number: float) -> str:
    """Write a number that was expected no more exactly than it deserves: 5.2, 2,294."""
    return f"{number:.1f}" if number < 100 else words.number(number)


def alarm_line(row: Any, unit: Unit) -> str:
    """Return an alert as a line: the period, the number of events and what was usual."""
    name = period_name(row.period.date(), unit)
    kind = {"cooperation": "cooperative", "conflict": "conflictual"}[row.kind]
    return (
        f"{name[0].upper()}{name[1:]}: {words.plural(row.events, f'{kind} event')}, {_expected(row.expected)} expected, "
        f"up to {words.number(row.usual)} usual."
    )
