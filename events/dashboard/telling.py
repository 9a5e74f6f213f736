"""What the page “Who reports it” and the card of that name share: the tellers with their intervals, and their table."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from events import movers
from events.charts import tellers, words
from events.charts.rows import records
from events.dashboard import answers, markup
from events.outlets import KINDS, OutletKind, outlets
from events.schema import Selection

__all__ = [
    "HOW",
    "KNOWN",
    "LISTED",
    "SHORT",
    "first",
    "kinds_html",
    "known_note",
    "registry",
    "short_html",
    "table_html",
    "told_by",
]

LISTED = 40  # rows of the table
SHORT = 6  # of the short one

HOW = (
    "An article belongs to the outlet that the registry of outlets (data/outlets/outlets.csv) has for its address, "
    "else for the name that it gives. An event counts once in each row that tells it, with the mean of the intensities "
    "that this row’s own reports give; it is in conflict where at least half of them are. Bars are 90% intervals: of "
    "the mean Student’s, of the share Wilson’s (1927), none below five events. Outlets choose what they tell, so the "
    "means compare choices too; “same events” compares like with like: over the events that others tell as well, how "
    "much higher or lower this row’s intensity is than theirs. Ahead: of these, on how many it reported on the first "
    "day of any report; several may be."
)
KNOWN = "Kinds: state, run or controlled by a government; public, its independence laid down by law; agency; private."

_KINDS: dict[OutletKind, str] = {
    "state": "run or controlled by a government",
    "public": "publicly owned or funded, its independence laid down by law",
    "agency": "a news agency that is neither",
    "private": "all others",
}


def told_by(selection: Selection, by: tellers.By) -> pd.DataFrame:
    """Return the tellers as `answers.tellers`, with the intervals of mean and share (NaN below five events)."""
    table = answers.tellers(selection, by)
    nothing = (float("nan"), float("nan"))
    means: list[tuple[float, float]] = []
    shares: list[tuple[float, float]] = []
    gaps: list[tuple[float, float]] = []
    for row in records(table):
        means.append(movers.mean_interval(row.mean_intensity, row.intensity_sd, row.events) or nothing)
        shares.append(movers.share_interval(row.conflict / row.events, row.events) or nothing)
        gap = None if pd.isna(row.gap) else movers.mean_interval(row.gap, row.gap_sd, row.shared)
        gaps.append(gap or nothing)
    for names, found in (
        (("mean_low", "mean_high"), means),
        (("share_low", "share_high"), shares),
        (("gap_low", "gap_high"), gaps),
    ):
        for at, column in enumerate(names):
            table[column] = pd.Series([pair[at] for pair in found], index=table.index, dtype="float64")
    return table


def known_note(by_country: pd.DataFrame) -> str:
    """Say how many of the reports are of outlets that the registry knows."""
    every = int(by_country["reports"].sum())
    known = int(by_country.loc[by_country["teller"] != "", "reports"].sum())
    return f"the registry knows the outlets of {words.number(known)} of {words.plural(every, 'report')}"


def first(table: pd.DataFrame) -> pd.DataFrame:
    """Return the tellers of the registry that the short table lists."""
    return table[table["teller"] != ""].head(SHORT)


def short_html(table: pd.DataFrame) -> str:
    """Return the first countries of the registry in a line each: events, share in conflict, mean intensity."""
    lines = [
        [
            f"{tellers.name(row.teller, 'country')}\n{words.outlets(row.outlets)}",
            words.number(row.events),
            "–" if row.events < movers.FEWEST else words.percent(row.conflict / row.events),
            "–" if row.events < movers.FEWEST else words.intensity(row.mean_intensity),
        ]
        for row in records(first(table))
    ]
    return markup.table(("Outlets of", "Events", "Conflict", "Mean"), lines)


def _with_range(value: str, low: float, high: float, write: Callable[[float], str]) -> str:
    return value if pd.isna(low) else f"{value}\n{write(low)} to {write(high)}"


def table_html(table: pd.DataFrame, by: tellers.By) -> str:
    """Return the tellers in numbers, a row each; below five events no mean and no share."""
    lines = []
    for row in records(table.head(LISTED)):
        few = row.events < movers.FEWEST
        under = words.outlets(row.outlets)
        if by == "outlet":
            under = f"{words.short_name(row.country)}, {row.kind}" if row.country else "not in the registry"
        share = words.percent(row.conflict / row.events)
        gap = words.intensity(row.gap) if row.shared >= movers.FEWEST else "–"
        lines.append(
            [
                f"{tellers.name(row.teller, by)}\n{under}",
                f"{words.number(row.events)}\n{words.plural(row.articles, 'article')}",
                "–" if few else _with_range(share, row.share_low, row.share_high, words.percent),
                "–"
                if few
                else _with_range(
                    words.intensity(row.mean_intensity), row.mean_low, row.mean_high, words.intensity
                ),
                _with_range(gap, row.gap_low, row.gap_high, words.intensity),
                f"{words.number(row.ahead)} of {words.number(row.shared)}" if row.shared else "–",
                words.day(row.first) if pd.notna(row.first) else "no date",
            ]
        )
    head = (
        {"country": "Country", "kind": "Kind", "outlet": "Outlet"}[by],
        *("Events", "Conflict", "Mean", "Same events", "Ahead", "First report"),
    )
    return markup.table(head, lines)


def registry() -> pd.DataFrame:
    """Return the registry of outlets as it is read: Outlet, Country, Kind, Domains; by country and name."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for outlet in outlets().values():
        key = (words.short_name(outlet.country), outlet.name, outlet.kind)
        found.setdefault(key, []).append(outlet.domain)
    rows = [
        (name, country, kind, ", ".join(found[country, name, kind])) for country, name, kind in sorted(found)
    ]
    return pd.DataFrame(rows, columns=["Outlet", "Country", "Kind", "Domains"])


def kinds_html() -> str:
    """Return what each kind of outlet means, with how many of the registry are of it, of how many countries."""
    table = registry()
    lines = [
        [
            f"{kind.capitalize()}\n{_KINDS[kind]}",
            words.number(len(own := table[table["Kind"] == kind])),
            words.number(own["Country"].nunique()),
        ]
        for kind in KINDS
    ]
    return markup.table(("Kind", "Outlets", "Countries"), lines)
