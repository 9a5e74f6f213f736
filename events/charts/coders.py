"""How far two coders agree, field by field: shares with their intervals, and Cohen's kappa beside them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from events.charts import words
from events.charts.rows import records
from events.charts.theme import TOO_FEW, Theme, base_figure

if TYPE_CHECKING:
    from events.coders import Agreement

__all__ = ["agreement", "alt", "table", "title"]

_FOUND = "Act found by both"
_ROW = 33  # pixels


def table(found: Agreement) -> pd.DataFrame:
    """Return the rows of the chart: acts found by both, then the fields; columns as `Agreement.fields`, without `field`."""
    total = found.both + found.only_first + found.only_second
    first = {
        "label": _FOUND, "measure": "of all acts that either reports, counted twice where both do", "n": total,
        "share": found.found, "low": found.found_low, "high": found.found_high,
        "kappa": None, "kappa_low": None, "kappa_high": None,
    }  # fmt: skip
    rows = [first, *found.fields.drop(columns="field").to_dict("records")]
    numbers = ["share", "low", "high", "kappa", "kappa_low", "kappa_high"]
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))


def agreement(rows: pd.DataFrame, theme: Theme) -> go.Figure:
    """Draw each share (of `table`) as a square on its interval, with n and kappa to the right; below five pairs only n."""
    figure = base_figure(theme, height=_ROW * len(rows) + 58, hovermode="closest")
    for at, row in enumerate(records(rows)):
        known = row.n >= TOO_FEW and not pd.isna(row.share)
        if known:
            if not pd.isna(row.low):
                figure.add_trace(
                    go.Scatter(
                        x=[row.low, row.high], y=[at, at], mode="lines", hoverinfo="skip",
                        line={"color": theme.muted, "width": 2},
                    )
                )  # fmt: skip
            figure.add_trace(
                go.Scatter(
                    x=[row.share], y=[at], mode="markers", hovertemplate=f"{escape(_told(row))}<extra></extra>",
                    marker={"symbol": "square", "size": 9, "color": theme.text},
                )
            )  # fmt: skip
        beside = [words.percent(row.share) if known else "too few", f"{row.n:,}", _kappa(row)]
        for text, shift in zip(beside, _SHIFTS, strict=True):
            figure.add_annotation(
                x=1, xref="paper", xanchor="right", xshift=shift, y=at, showarrow=False, text=text,
                font={"size": 12, "color": theme.text if shift == _SHIFTS[0] and known else theme.muted},
            )  # fmt: skip
    for text, shift in zip(("same", "n", "kappa (90%)"), _SHIFTS, strict=True):
        figure.add_annotation(
            x=1, xref="paper", xanchor="right", xshift=shift, y=-0.95, showarrow=False, text=text,
            font={"size": 11.5, "color": theme.faint},
        )  # fmt: skip
    figure.update_xaxes(
        range=[-0.015, 1.015], tickvals=[0, 0.5, 1], ticktext=["0%", "50%", "100%"], tickangle=0,
        showgrid=True, gridcolor=theme.grid, ticklen=0, ticklabelstandoff=6,
    )  # fmt: skip
    figure.update_yaxes(
        range=[len(rows) - 0.45, -1.25], tickvals=list(range(len(rows))), ticklen=0, ticklabelstandoff=10,
        ticktext=[escape(label) for label in rows["label"]], tickfont={"size": 12.5, "color": theme.text},
        showgrid=False, zeroline=False,
    )  # fmt: skip
    figure.update_layout(margin={"l": 124, "r": _SHIFTS[-1] + 4, "t": 2, "b": 30}, showlegend=False)
    return figure


_SHIFTS = (54, 96, 212)  # right ends of the three columns, pixels from the plot's edge


def _kappa(row: Any) -> str:
    if pd.isna(row.kappa):
        return "–"
    ends = "" if pd.isna(row.kappa_low) else f" ({row.kappa_low:.2f}, {row.kappa_high:.2f})"
    return f"{row.kappa:.2f}{ends}".replace("-", words.MINUS)


def _told(row: Any) -> str:
    ends = "" if pd.isna(row.low) else f" (90%: {words.percent(row.low)}, {words.percent(row.high)})"
    return f"{row.label}: {words.percent(row.share)}{ends}, {row.measure}; n = {row.n:,}"


def title(found: Agreement) -> str:
    """Return the finding: how many of the shared acts have the same type, where there are enough; else the neutral one."""
    row = found.fields.set_index("field").loc["event_type"]
    if row["n"] < TOO_FEW:
        return "Agreement of rules and model by field"
    return f"Both give {words.percent(row['share'])} of the acts that both report the same type"


def alt(found: Agreement, coder: str) -> str:
    """Return the chart in words."""
    rows = [row for row in records(table(found)) if row.n >= TOO_FEW]
    told = "; ".join(f"{row.label} {words.percent(row.share)}" for row in rows)
    return (
        f"Agreement of the rules and {coder} by field, with 90% intervals, over {words.plural(found.both, 'act')} that both "
        f"report: {told or 'too few to tell'}."
    )
