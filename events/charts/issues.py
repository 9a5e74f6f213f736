"""What acts are about: domains over time, the treemap of domains and issues, topics by dyad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from html import escape

import pandas as pd
import plotly.graph_objects as go

from events.charts import timelines, words
from events.charts.matrices import Cell, ink, squares
from events.charts.rows import records
from events.charts.theme import TOO_FEW, Theme, base_figure
from events.charts.timelines import Unit, period_name
from events.codebook import QUAD_CLASSES, domains

__all__ = [
    "DOMAINS",
    "alt_multiples",
    "alt_topics",
    "alt_treemap",
    "families",
    "family_colour",
    "heat",
    "label",
    "mirror",
    "multiples",
    "order",
    "title_mirror",
    "title_multiples",
    "title_topics",
    "title_treemap",
    "topic_of",
    "unit_for",
    "window",
]

DOMAINS = 12
"""Small multiples that are drawn."""

_COLUMNS = 4
_MOST_BARS = 44  # in a quarter of a card 705 px wide a bar is then 3 px
_BEFORE = 0.01  # share of the events that may lie before the axis begins
_ISSUES = 4  # issues of a domain that the treemap names; the rest are "other"

_FAMILIES = {
    "light": {"security": "#6B4C8F", "order": "#5F6B7A", "economy": "#1F7A6B", "society": "#A8456B"},
    "dark": {"security": "#B79BDD", "order": "#A9B4C2", "economy": "#5FC2AE", "society": "#E88FB0"},
}


def families() -> dict[str, list[str]]:
    """Return the domains by family: security, order, economy, society."""
    found: dict[str, list[str]] = {}
    for name, entry in domains().items():
        found.setdefault(entry.family, []).append(name)
    return found


def family_colour(domain: str, theme: Theme) -> str:
    """Return the colour of a domain's family; one that the codebook does not list is of order."""
    entry = domains().get(domain)
    return _FAMILIES[theme.name][entry.family if entry else "order"]


def label(topic: str) -> str:
    """Return a domain's or an issue's name as charts write it."""
    entry = domains().get(topic)
    if entry:
        return entry.label
    return topic[:1].upper() + topic[1:]


def unit_for(first: date | None, last: date | None) -> Unit:
    """Return the unit, a month or longer, that draws this span in at most 44 bars."""
    return timelines.unit_for(first, last, most=_MOST_BARS, among=timelines.UNITS[1:])


def window(periods: pd.DataFrame, *, whole: bool) -> tuple[pd.DataFrame, int]:
    """Return the periods that are drawn and how many counts lie before them.

    Where no period is chosen (`whole` is False), a thin tail of one in a hundred does not stretch the axis.
    """
    if whole or periods.empty:
        return periods, 0
    totals = periods.groupby("period")["events"].sum().sort_index()
    first = totals.index[(totals.cumsum() > _BEFORE * totals.sum()).to_numpy().argmax()]
    kept = periods[periods["period"] >= first]
    return kept, int(periods["events"].sum() - kept["events"].sum())


def _sides(periods: pd.DataFrame) -> pd.DataFrame:
    """Return lane (a domain), period, up (cooperation) and down (conflict)."""
    against = periods["quad_class"].isin(QUAD_CLASSES[2:])
    wide = periods.assign(up=periods["events"].where(~against, 0), down=periods["events"].where(against, 0))
    return wide.groupby(["lane", "period"], as_index=False, observed=True)[["up", "down"]].sum()


def order(periods: pd.DataFrame) -> list[str]:
    """Return the domains, the most frequent first."""
    totals = periods.groupby("lane")["events"].sum()
    return [str(name) for name in sorted(totals.index, key=lambda name: (-totals[name], name))]


def multiples(
    periods: pd.DataFrame, theme: Theme, *, unit: Unit, chosen: Sequence[str] = (), columns: int = _COLUMNS
) -> go.Figure:
    """Draw each domain's events over time, cooperation above zero and conflict below, all on one scale.

    `periods`: period, lane (a domain), quad_class, events (`queries.by_lane`). A bar's click has the domain as `customdata`. Domains in
    `chosen` have their name in bold, the others in faint.
    """
    names = order(periods)[:DOMAINS]
    sides = _sides(periods[periods["lane"].isin(names)])
    rows = max(math.ceil(len(names) / columns), 1)
    tall, gap, top = 84, 34, 26
    height = top + rows * tall + (rows - 1) * gap + 26
    figure = base_figure(theme, height=height, barmode="relative", bargap=0.12, hovermode="closest")
    highest = max(int(sides["up"].max()) if len(sides) else 1, 1)
    lowest = max(int(sides["down"].max()) if len(sides) else 1, 1)
    plot = height - top - 26
    starts = sorted(periods["period"].unique())
    ends = [pd.Timestamp(starts[0]), pd.Timestamp(starts[-1]) + pd.Timedelta(days=timelines.DAYS[unit])]
    ticks = _year_ticks(ends[0], ends[1])
    middle = pd.Timedelta(days=timelines.DAYS[unit] / 2)
    for number, name in enumerate(names):
        row, column = divmod(number, columns)
        axis = "" if number == 0 else str(number + 1)
        left = column / columns + (0.012 if column else 0.0)
        right = (column + 1) / columns - 0.016
        above = 1 - (row * (tall + gap)) / plot
        below = above - tall / plot
        own = sides[sides["lane"] == name]
        for side, colour, sign in (("up", theme.cooperation, 1), ("down", theme.conflict, -1)):
            figure.add_trace(
                go.Bar(
                    x=[(period + middle).isoformat() for period in own["period"]],
                    y=[sign * int(value) for value in own[side]],
                    width=[0.86 * timelines.DAYS[unit] * 86_400_000] * len(own),
                    marker={"color": colour, "line": {"width": 0}, "opacity": 1},
                    unselected={"marker": {"opacity": 1}},
                    xaxis=f"x{axis}",
                    yaxis=f"y{axis}",
                    customdata=[name] * len(own),
                    hovertext=[
                        f"<b>{escape(label(name))}</b>, {period_name(row_.period.date(), unit)}<br>"
                        f"{words.number(row_.up)} cooperation, {words.number(row_.down)} conflict"
                        for row_ in records(own)
                    ],
                    hovertemplate="%{hovertext}<extra></extra>",
                    name=f"{name} {side}",
                )
            )
        last_row = number + columns >= len(names)
        figure.layout[f"xaxis{axis}"] = {
            "domain": [left, right], "anchor": f"y{axis}", "type": "date", "showgrid": False, "fixedrange": True,
            "range": [ends[0].isoformat(), ends[1].isoformat()], "tickvals": [t.isoformat() for t in ticks],
            "ticktext": [f"{t:%Y}" for t in ticks] if last_row else [""] * len(ticks), "ticklen": 0,
            "tickfont": {"size": 11, "color": theme.muted}, "zeroline": False, "tickangle": 0,
        }  # fmt: skip
        figure.layout[f"yaxis{axis}"] = {
            "domain": [max(below, 0), above], "anchor": f"x{axis}", "range": [-lowest * 1.05, highest * 1.05],
            "fixedrange": True, "showgrid": False, "zeroline": True, "zerolinecolor": theme.muted,
            "zerolinewidth": 1, "tickvals": [-lowest, highest] if column == 0 else [],
            "ticktext": [words.number(lowest), words.number(highest)], "ticklen": 0, "ticklabelstandoff": 4,
            "tickfont": {"size": 11, "color": theme.muted},
        }  # fmt: skip
        total = int(own["up"].sum() + own["down"].sum())
        text = escape(words.shorten(label(name), 22))
        faint = bool(chosen) and name not in chosen
        figure.add_annotation(
            x=left, y=above, xref="paper", yref="paper", xanchor="left", yanchor="bottom", showarrow=False,
            text=f"{'' if faint else '<b>'}{text}{'' if faint else '</b>'}  {words.number(total)}",
            font={"size": 12, "color": theme.faint if faint else theme.text}, yshift=3,
        )  # fmt: skip
    figure.update_layout(margin={"l": 34, "r": 4, "t": top, "b": 26})
    return figure


def _year_ticks(first: pd.Timestamp, last: pd.Timestamp) -> list[pd.Timestamp]:
    """Return the first days of one or two years within the span: neighbouring charts have room for no more."""
    years = list(range(first.year + (first.day_of_year > 1), last.year + 1))
    if not years:
        return [first]
    step = max(math.ceil(len(years) / 2), 1)
    return [pd.Timestamp(year=year, month=1, day=1) for year in years[::step]]


def title_multiples(periods: pd.DataFrame) -> str:
    """Return which domain is the most contested and which the most cooperative; else a neutral title."""
    neutral = "Events by domain over time"
    sides = _sides(periods).groupby("lane")[["up", "down"]].sum()
    sides["n"] = sides["up"] + sides["down"]
    firm = sides[sides["n"] >= 30]
    if len(firm) < 4:
        return neutral
    share = firm["down"] / firm["n"]
    worst, best = str(share.idxmax()), str(share.idxmin())
    if not _apart(share[worst], firm["n"][worst], share[best], firm["n"][best]):
        return neutral
    return (
        f"{label(worst)} has most conflict ({words.percent(share[worst])}), "
        f"{label(best).lower()} least ({words.percent(share[best])})"
    )


def _apart(high: float, n_high: float, low: float, n_low: float) -> bool:
    """Say whether two shares differ by more than 2.58 standard errors (99%, two-sided)."""
    pooled = (high * n_high + low * n_low) / (n_high + n_low)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / n_high + 1 / n_low))
    return (high - low) / error > 2.58


def alt_multiples(periods: pd.DataFrame, unit: Unit) -> str:
    """Return the small multiples in words."""
    names = order(periods)
    totals = periods.groupby("lane")["events"].sum()
    top = ", ".join(f"{label(name)} {words.number(totals[name])}" for name in names[:3])
    return (
        f"Events by {unit} in {min(len(names), DOMAINS)} domains, cooperation above zero and conflict below. "
        f"Most frequent: {top}."
    )


def treemap(issues: pd.DataFrame, theme: Theme, *, chosen: Sequence[str] = ()) -> go.Figure:
    """Draw domains and their issues by number of events, coloured by the four families.

    `issues`: domain, issue, events, mean_intensity, conflict_share. A click tells the tile's `id`, of which
    `topic_of` makes the domain or the issue. `chosen` ones are framed.
    """
    kinds = families()
    ids, labels, parents, values, colours, data, hover, edges = [], [], [], [], [], [], [], []

    def add(key: str, name: str, parent: str, n: int, colour: str, picked: str, said: str) -> None:
        ids.append(key)
        labels.append(name)
        parents.append(parent)
        values.append(n)
        colours.append(colour)
        data.append(picked)
        hover.append(said)
        edges.append(picked in chosen and picked != "")

    known = {name: family for family, names in kinds.items() for name in names}
    whole = issues.assign(family=[known.get(name, "order") for name in issues["domain"]])
    for family, of_family in whole.groupby("family", observed=True):
        n = int(of_family["events"].sum())
        add(f"f:{family}", str(family).capitalize(), "", n, theme.card, "", f"{family}: {n:,}")
        for domain, of_domain in of_family.groupby("domain", observed=True):
            n = int(of_domain["events"].sum())
            colour = family_colour(str(domain), theme)
            add(
                f"d:{domain}", label(str(domain)), f"f:{family}", n, colour, str(domain),
                f"<b>{escape(label(str(domain)))}</b><br>{words.plural(n, 'mention')}",
            )  # fmt: skip
            rows = records(of_domain.sort_values(["events", "issue"], ascending=[False, True]))
            for row in rows[:_ISSUES]:
                add(
                    f"i:{domain}/{row.issue}", _issue_name(row.issue), f"d:{domain}", int(row.events), colour, row.issue,
                    f"<b>{escape(label(row.issue))}</b><br>{words.plural(row.events, 'event')}, "
                    f"{words.percent(row.conflict_share)} in conflict",
                )  # fmt: skip
            if rest := rows[_ISSUES:]:
                n = sum(int(row.events) for row in rest)
                add(
                    f"o:{domain}", f"{len(rest)} other", f"d:{domain}", n, colour, str(domain),
                    f"<b>{len(rest)} other issues</b><br>{words.plural(n, 'event')}",
                )  # fmt: skip
    figure = base_figure(theme, height=min(240 + 8 * len(issues), 610))
    figure.add_trace(
        go.Treemap(
            ids=ids, labels=labels, parents=parents, values=values, customdata=data, branchvalues="total",
            marker={
                "colors": colours,
                "line": {
                    "color": [theme.text if framed else theme.card for framed in edges],
                    "width": [3 if framed else 1.5 for framed in edges],
                },
                "pad": {"t": 19, "l": 2, "r": 2, "b": 2},
                "cornerradius": 3,
            },
            textfont={
                "size": 12,
                "color": [theme.muted if key.startswith("f:") else ink(colour) for key, colour in zip(ids, colours, strict=True)],
            },
            texttemplate=[
                "%{label}"
                if key.startswith("f:")
                else "%{label} %{value:,}"
                if key.startswith("d:")
                else "%{label}<br>%{value:,}"
                for key in ids
            ],
            hovertext=hover, hovertemplate="%{hovertext}<extra></extra>", pathbar={"visible": False},
            tiling={"packing": "squarify", "pad": 1, "squarifyratio": 1.3}, sort=True, textposition="top left",
            root={"color": "rgba(0,0,0,0)"}, name="issues",
        )
    )  # fmt: skip
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0}, uniformtext={"minsize": 9.5, "mode": "hide"}
    )
    return figure


def topic_of(tile: str) -> str:
    """Return the domain or issue of a tile's id, "" for a family's; what is summed up as other is its domain."""
    kind, _, name = tile.partition(":")
    if kind == "i":
        return name.partition("/")[2]
    return name if kind in {"d", "o"} else ""


def _short(domain: str) -> str:
    """Return a domain's name for the head of its tile: one word."""
    return domain.upper() if len(domain) == 3 and domain != "law" else domain.capitalize()


def _issue_name(issue: str) -> str:
    """Return an issue within its domain on short lines: "in general" instead of "trade, in general"."""
    text = "in general" if issue.endswith(", in general") else issue
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < 11:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(escape(line) for line in lines)


def title_treemap(by_domain: pd.DataFrame, events: int) -> str:
    """Return the most frequent domain with its share, where it clearly leads; else a neutral title."""
    if len(by_domain) < 2 or events < 30:
        return "Domains and issues"
    first, second = by_domain["events"].iloc[:2]
    if first < 1.2 * second:
        return "Domains and issues"
    return (
        f"{label(by_domain['domain'].iloc[0])} is in {words.percent(first / events)} of events, most of all"
    )


def alt_treemap(by_domain: pd.DataFrame) -> str:
    """Return the treemap in words."""
    top = ", ".join(f"{label(row.domain)} {words.number(row.events)}" for row in records(by_domain.head(3)))
    return f"Treemap of {words.plural(len(by_domain), 'domain')} and their issues by events. Largest: {top}."


def heat(
    topics: Sequence[str],
    dyads: Sequence[tuple[str, str]],
    cells: pd.DataFrame,
    theme: Theme,
    *,
    chosen: tuple[str, str] | None = None,
) -> go.Figure:
    """Draw topics (rows) by dyads (columns) by mean intensity; `cells`: a, b, topic, events and so on.

    A click's `customdata` is [topic, "A B"].
    """
    rows = {topic: escape(words.shorten(label(topic), 24)) for topic in topics}
    columns = {f"{a} {b}": f"{words.short_name(a)} – {words.short_name(b)}" for a, b in dyads}
    drawn = [
        Cell(
            row.topic,
            f"{row.a} {row.b}",
            int(row.events),
            float(row.mean_intensity),
            f"<b>{escape(label(row.topic))}</b>, {columns[f'{row.a} {row.b}']}<br>{words.plural(row.events, 'event')}, mean "
            f"intensity {words.intensity(row.mean_intensity)}, {words.percent(row.conflict_share)} in conflict",
        )
        for row in records(cells)
        if row.topic in rows and f"{row.a} {row.b}" in columns
    ]
    return squares(rows, columns, drawn, theme, chosen=chosen, left=158)


def title_topics(cells: pd.DataFrame) -> str:
    """Return the lowest of the firm squares; neutral where fewer than five are firm or it is not hostile."""
    firm = cells[cells["events"] >= TOO_FEW]
    if len(firm) < 5:
        return "What dyads deal with"
    worst = records(firm.sort_values(["mean_intensity", "a", "b", "topic"]).head(1))[0]
    if worst.mean_intensity >= -1:
        return "What dyads deal with"
    names = f"{words.short_name(worst.a)} – {words.short_name(worst.b)}"
    return (
        f"{names} on {label(worst.topic).lower()} is lowest of {len(firm)} squares, "
        f"{words.intensity(worst.mean_intensity)}"
    )


def alt_topics(cells: pd.DataFrame, topics: int, dyads: int) -> str:
    """Return the squares in words."""
    parts = [f"{words.plural(topics, 'topic')} by {words.plural(dyads, 'dyad')}, filled by mean intensity."]
    parts += [
        f"{words.short_name(row.a)} and {words.short_name(row.b)}, {label(row.topic).lower()}: "
        f"{words.plural(row.events, 'event')}, {words.intensity(row.mean_intensity)}."
        for row in records(cells.head(2))
    ]
    return " ".join(parts)


def mirror(cells: pd.DataFrame, theme: Theme, *, most: int = 14) -> go.Figure:
    """Draw one dyad's topics: conflict to the left, cooperation to the right. `cells` as for `heat`.

    A bar's click has the topic as `customdata`.
    """
    rows = records(cells.head(most))
    names = [escape(words.shorten(label(row.topic), 26)) for row in rows]
    down = [round(row.events * row.conflict_share) for row in rows]
    up = [row.events - bad for row, bad in zip(rows, down, strict=True)]
    figure = base_figure(theme, height=24 * max(len(rows), 3) + 16, barmode="relative", bargap=0.25)
    for values, sign, colour, tone, side in (
        (down, -1, theme.conflict, theme.conflict_text, words.MINUS),
        (up, 1, theme.cooperation, theme.cooperation_text, "+"),
    ):
        figure.add_trace(
            go.Bar(
                x=[sign * value for value in values],
                y=list(range(len(rows))),
                orientation="h",
                marker={"color": colour, "line": {"width": 0}},
                unselected={"marker": {"opacity": 1}},
                text=[f"{side}{value:,}" if value else "" for value in values],
                textposition="outside",
                textfont={"size": 11.5, "color": tone},
                cliponaxis=False,
                customdata=[row.topic for row in rows],
                hovertext=[
                    f"<b>{escape(label(row.topic))}</b><br>{words.plural(row.events, 'event')}, mean intensity "
                    f"{words.intensity(row.mean_intensity)}"
                    for row in rows
                ],
                hovertemplate="%{hovertext}<extra></extra>",
                name="conflict" if sign < 0 else "cooperation",
            )
        )
    widest = max([*down, *up, 1])
    figure.add_vline(x=0, line={"color": theme.muted, "width": 1})
    figure.update_xaxes(visible=False, range=[-1.3 * widest, 1.3 * widest])
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=names, range=[max(len(rows), 3) - 0.5, -0.5], showgrid=False,
        tickfont={"size": 12, "color": theme.text}, ticklen=0, ticklabelstandoff=6,
    )  # fmt: skip
    figure.update_layout(margin={"l": 172, "r": 10, "t": 4, "b": 8})
    return figure


def title_mirror(cells: pd.DataFrame, a: str, b: str) -> str:
    """Return what two parties quarrel over and what they agree on, where five events or more say so."""
    firm = cells[cells["events"] >= TOO_FEW]
    names = f"{words.short_name(a)} and {words.short_name(b)}"
    bad = firm[firm["conflict_share"] > 0.5].sort_values(["conflict_share", "events"], ascending=False)
    good = firm[firm["conflict_share"] < 0.5].sort_values(
        ["conflict_share", "events"], ascending=[True, False]
    )
    if bad.empty and good.empty:
        return f"What {names} deal with"
    parts = []
    if not bad.empty:
        parts.append(f"quarrel over {label(bad['topic'].iloc[0]).lower()}")
    if not good.empty:
        parts.append(f"agree on {label(good['topic'].iloc[0]).lower()}")
    return f"{names} {', '.join(parts)}"
