"""One person's or body's posts over time, and in which ways they act."""

from __future__ import annotations

import math
import re
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.rows import records
from events.charts.theme import GLYPHS, Theme, base_figure
from events.gazetteer import party_name

__all__ = ["LANES", "TYPES", "alt_posts", "by_post", "post", "posts", "title_posts", "types"]

LANES = 8
"""Posts that are drawn."""

TYPES = 8
"""Types that are drawn."""

# Words before a post that tell of the moment, not of the post; and words that name no post at all.
_BEFORE = re.compile(
    r"^(?:(?:and|the|then|now|visiting|newly|elected|incoming|new|acting)\b[ -]*)+", re.IGNORECASE
)
_NO_POST = {"counterpart", "leader", "head", "side", "official", "chief", "top official"}


def post(role: str | None, organisation: str | None, country: str | None) -> str:
    """Write a post: "foreign minister, Russia"; the organisation where no role is told; "no post named"."""
    name = _role(role)
    where = words.short_name(country) if country else ""
    if not name:
        name = organisation or ""
        if not name:
            return f"no post named, {where}" if where else "no post named"
    if where and where not in name and party_name(country or "") not in name:
        return f"{name}, {where}"
    return name


def _role(role: Any) -> str:
    if not isinstance(role, str):
        return ""
    name = _BEFORE.sub("", role.strip()).replace("-", " ").lower()
    return "" if name in _NO_POST else name


def by_post(months: pd.DataFrame) -> pd.DataFrame:
    """Return post, month, events, mean_intensity: posts in words, spellings of one taken together.

    `months`: role, organisation, country, month, events, mean_intensity.
    """
    named = months.assign(
        post=[
            post(row.role, row.organisation if isinstance(row.organisation, str) else None,
                 row.country if isinstance(row.country, str) else None)
            for row in records(months)
        ],
        total=months["mean_intensity"] * months["events"],
    )  # fmt: skip
    grouped = named.groupby(["post", "month"], as_index=False, dropna=False)[["events", "total"]].sum()
    grouped["mean_intensity"] = grouped["total"] / grouped["events"]
    return grouped.drop(columns="total")


def _order(table: pd.DataFrame) -> list[str]:
    """Return the posts by their first month; those of which no month is known last."""
    first = table.groupby("post")["month"].min()
    count = table.groupby("post")["events"].sum()
    kept = sorted(count.index, key=lambda name: (-count[name], name))[:LANES]
    far = pd.Timestamp.max
    return sorted(kept, key=lambda name: (first[name] if pd.notna(first[name]) else far, name))


def posts(table: pd.DataFrame, theme: Theme) -> go.Figure:
    """Draw a lane for each post (as `by_post` gives them), from its first event to its last.

    A dot is a month's events, its area their number, its colour their mean intensity.
    """
    names = _order(table)
    figure = base_figure(theme, height=34 * len(names) + 44, hovermode="closest")
    largest = max(int(table["events"].max()), 1)
    for lane, name in enumerate(names):
        own = table[(table["post"] == name) & table["month"].notna()].sort_values("month")
        if own.empty:
            continue
        span = [own["month"].iloc[0].isoformat(), own["month"].iloc[-1].isoformat()]
        figure.add_trace(
            go.Scatter(
                x=span, y=[lane, lane], mode="lines", line={"color": theme.line, "width": 6}, hoverinfo="skip",
                name="span",
            )
        )  # fmt: skip
        rows = records(own)
        figure.add_trace(
            go.Scatter(
                x=[row.month.isoformat() for row in rows],
                y=[lane] * len(rows),
                mode="markers",
                marker={
                    "size": [round(7 + 9 * math.sqrt(row.events / largest), 1) for row in rows],
                    "color": [theme.step_colour(row.mean_intensity) for row in rows],
                    "line": {"color": theme.land_edge, "width": 0.8},
                    "opacity": 1,
                },
                hovertext=[
                    f"<b>{escape(name)}</b><br>{row.month:%b %Y}: {words.plural(row.events, 'event')}, mean intensity "
                    f"{words.intensity(row.mean_intensity)}"
                    for row in rows
                ],
                hovertemplate="%{hovertext}<extra></extra>",
                name="events",
            )
        )
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=[escape(words.shorten(name, 30)) for name in names],
        range=[len(names) - 0.5, -0.5], showgrid=False, ticklen=0, ticklabelstandoff=8,
        tickfont={"size": 12, "color": theme.text},
    )  # fmt: skip
    dated = table["month"].dropna()
    if len(dated):
        air = max((dated.max() - dated.min()) * 0.04, pd.Timedelta(days=60))
        figure.update_xaxes(range=[(dated.min() - air).isoformat(), (dated.max() + air).isoformat()])
        months = (dated.max().year - dated.min().year) * 12 + dated.max().month - dated.min().month
        figure.update_xaxes(tickformat="%Y" if months > 30 else "%b %Y", dtick="M1" if months < 3 else None)
    figure.update_xaxes(type="date", nticks=6, ticklen=0, ticklabelstandoff=6)
    figure.update_layout(margin={"l": 204, "r": 12, "t": 4, "b": 28})
    return figure


def title_posts(table: pd.DataFrame) -> str:
    """Return how many posts the events name, to stand after the actor's name."""
    named = [name for name in table["post"].unique() if not str(name).startswith("no post named")]
    if not named:
        return "named without a post"
    if len(named) == 1:
        return words.shorten(f"always as {named[0]}", 60)
    return f"named in {len(named)} posts"


def alt_posts(name: str, table: pd.DataFrame) -> str:
    """Return the lanes in words."""
    parts = []
    for lane in _order(table)[:3]:
        own = table[table["post"] == lane]
        first, last = own["month"].min(), own["month"].max()
        when = f", {first:%b %Y} to {last:%b %Y}" if pd.notna(first) else ""
        parts.append(f"{lane}: {words.plural(own['events'].sum(), 'event')}{when}")
    return f"Posts of {name} over time. {'; '.join(parts)}."


def types(table: pd.DataFrame, theme: Theme) -> go.Figure:
    """Draw an actor's events by type. `table`: event_type, quad_class, events, the most frequent first."""
    rows = records(table.head(TYPES))
    figure = base_figure(theme, height=24 * max(len(rows), 2) + 12, bargap=0.28)
    figure.add_trace(
        go.Bar(
            x=[row.events for row in rows],
            y=list(range(len(rows))),
            orientation="h",
            marker={"color": [theme.classes[row.quad_class] for row in rows], "line": {"width": 0}},
            text=[f"{row.events:,}" for row in rows],
            textposition="outside",
            textfont={"size": 11.5, "color": theme.muted},
            cliponaxis=False,
            hovertext=[
                f"{GLYPHS[row.quad_class]} {words.act(row.event_type)}, {row.quad_class}: "
                f"{words.plural(row.events, 'event')}"
                for row in rows
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            name="types",
        )
    )
    figure.update_xaxes(visible=False, range=[0, 1.16 * max((row.events for row in rows), default=1)])
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[f"{GLYPHS[row.quad_class]} {words.act(row.event_type)}" for row in rows],
        range=[max(len(rows), 2) - 0.5, -0.5], showgrid=False, ticklen=0, ticklabelstandoff=6,
        tickfont={"size": 12, "color": theme.text},
    )  # fmt: skip
    figure.update_layout(margin={"l": 104, "r": 8, "t": 2, "b": 6})
    return figure
