"""The headline figures of any selection in words: each with its interval, or what it was before."""

from __future__ import annotations

from typing import Any

from events import movers
from events.charts import words
from events.queries import Counts, Headline

__all__ = ["coverage", "whole"]


def coverage(counts: Counts) -> str:
    """Return "from 3,912 articles of 64 outlets"."""
    return f"from {words.plural(counts.articles, 'article')} of {words.outlets(counts.outlets)}"


def whole(
    counts: Counts,
    figures: Headline,
    spread: dict[str, Any],
    before: tuple[Counts, Headline] | None = None,
) -> list[tuple[str, str, str]]:
    """Return the five headline figures: name, figure, line below.

    `spread` as `Queries.spread` answers. The line holds the interval; where the period `before` had events, also the change since.
    """
    few = counts.events < movers.FEWEST
    around = (
        movers.mean_interval(spread["mean_intensity"], spread["intensity_sd"], counts.events)
        if counts.events
        else None
    )
    interval = f"90%: {words.intensity(around[0])}, {words.intensity(around[1])}" if around else ""
    share = movers.share_interval(figures.conflict_share or 0.0, counts.events) if counts.events else None
    between = f"90%: {words.percent(share[0])}, {words.percent(share[1])}" if share else ""
    below = [
        f"from {words.plural(counts.reports, 'report')}"
        + (f"; {words.number(counts.undated)} more undated" if counts.undated else ""),
        "of few events" if few else interval or "−10 conflict, +10 cooperation",
        between or "of events, words and deeds",
        "pairs with an event",
    ]
    if before is not None and before[0].events:
        old, earlier = before
        change = 100 * (counts.events / old.events - 1)
        percent = (
            f"{words.intensity(change, 1 if abs(change) < 10 else 0)}%" if old.events >= movers.FEWEST else ""
        )
        below = [
            f"{percent} from {words.number(old.events)}".strip(),
            f"from {words.intensity(earlier.mean_intensity)}" + (f" ({interval})" if interval else ""),
            f"from {words.percent(earlier.conflict_share)}" + (f" ({between})" if between else ""),
            f"from {words.number(old.dyads)}",
        ]
    return [
        ("Events", words.number(counts.events), below[0]),
        ("Mean intensity", words.intensity(figures.mean_intensity), below[1]),
        ("Share in conflict", words.percent(figures.conflict_share), below[2]),
        ("Active dyads", words.number(counts.dyads), below[3]),
        (
            "Coverage",
            words.number(counts.articles),
            ("article from " if counts.articles == 1 else "articles from ")
            + words.plural(counts.outlets, "outlet"),
        ),
    ]
