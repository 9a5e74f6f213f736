"""Doubtful rows are flagged; rows that tell one act several times are put into one event, all kept.

A flag is a reason to look twice, never a reason to drop: what each means stands in `data/codebook/flags.csv`.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from events.importers.coding import distinct

__all__ = ["dated_back", "fan_out", "flags_of", "folded"]

# One article gives more than so many rows, or rows at more than so many places. In a real quarter of an hour of
# GDELT (2,111 rows) 12 of 425 articles exceed the first and 41 the second.
MANY_ROWS = 20
MANY_PLACES = 3

_JOINED = "\x1f"


def flags_of(masks: dict[str, np.ndarray], rows: int) -> pa.Array:
    """Return the flags of each row as a list, in the order of the masks."""
    names = list(masks)
    hits = np.column_stack([masks[name] for name in names]) if names else np.zeros((rows, 0), bool)
    offsets = np.concatenate([[0], np.cumsum(hits.sum(axis=1))]).astype(np.int32)
    which = np.nonzero(hits)[1]
    values = pa.array(names, pa.string()).take(pa.array(which)) if names else pa.array([], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def fan_out(article: pa.Array, place: pa.Array) -> np.ndarray:
    """Return which rows are of an article that gives many rows, or rows at many places."""
    _, articles = distinct(article)
    _, places = distinct(place)
    number = int(articles.max(initial=-1)) + 1
    rows = np.bincount(articles, minlength=number)
    width = int(places.max(initial=-1)) + 1
    known = pc.is_valid(place).to_numpy(zero_copy_only=False)
    pairs = np.unique(articles[known].astype(np.int64) * max(width, 1) + places[known])
    at = np.bincount(pairs // max(width, 1), minlength=number)
    many = (rows > MANY_ROWS) | (at > MANY_PLACES)
    found: np.ndarray = many[articles] & pc.is_valid(article).to_numpy(zero_copy_only=False)
    return found


def dated_back(day: pa.Array, reported: pa.Array) -> np.ndarray:
    """Return which rows are dated exactly a day, a week, a month or whole years before they were reported."""
    days, at = distinct(day)
    others, by = distinct(reported)
    asked: dict[tuple[int, int], bool] = {}
    pairs = at.astype(np.int64) * len(others) + by
    unique, places = np.unique(pairs, return_inverse=True)
    for pair in unique.tolist():
        i, j = divmod(pair, len(others))
        asked[i, j] = _exactly_before(days[i], others[j])
    return np.fromiter(asked.values(), bool, len(asked))[places]


def _exactly_before(day: date | None, reported: date | None) -> bool:
    if day is None or reported is None or day >= reported:
        return False
    if (reported - day).days in {1, 7}:
        return True
    months = (reported.year - day.year) * 12 + reported.month - day.month
    return day.day == reported.day and (months == 1 or months % 12 == 0)


def folded(rows: pa.Table, known: pa.Table | None = None) -> tuple[pa.Array, pa.Array, np.ndarray, pa.Array]:
    """Return event, reason, whether it has a mirrored twin, and whether both sides act, of each row.

    `rows` has report_id, article_id (null: of no article), date, source, target, flipped, symmetric, event_type,
    mode, place_name, place_country, place_precision, whole; `known` the stored events that they may belong to (as
    `Store.founders` gives them). One act is: one article, day, dyad, type and mode; or one day, dyad, direction,
    type, mode and named town in different articles. The first row founds the event.
    """
    number = rows.num_rows
    here = np.arange(number)
    forth = pc.less_equal(rows.column("source"), rows.column("target")).to_numpy(zero_copy_only=False)
    flipped = rows.column("flipped").to_numpy()
    parted = pc.fill_null(rows.column("whole"), False).to_numpy(zero_copy_only=False)
    has_article = pc.is_valid(rows.column("article_id")).to_numpy(zero_copy_only=False) & ~parted
    told = _key(rows, ("article_id", "date", "a", "b", "event_type", "mode"))
    acts, act = distinct(told)
    act = np.where(has_article, act, len(acts) + here)
    original = forth ^ flipped
    mirrored = _both(act, original)
    both = rows.column("symmetric").to_numpy() | _both(act, forth)
    leader = _first(act)
    towns = (
        pc.equal(rows.column("place_precision"), "city").fill_null(False).to_numpy(zero_copy_only=False)
        & ~parted
    )
    way = pa.array(np.where(both, "both", np.where(forth, "forth", "back")).tolist(), pa.string())
    with_way = rows.append_column("way", way)
    where = ("date", "a", "b", "way", "event_type", "mode", "place_name", "place_country")
    spots, spot = distinct(_key(with_way, where))
    leads = (leader == here) & towns
    spot = np.where(leads, spot, len(spots) + here)
    top = _first(spot)[leader]
    events = rows.column("report_id").combine_chunks().take(pa.array(top))
    reasons = np.where(
        top == here,
        "founded the event",
        np.where(
            leader == top, "the same act in the same article", "the same act on the same day in the same town"
        ),
    )
    reasons = np.where(
        (top != here) & mirrored & (leader == top), "the same act the other way round", reasons
    )
    if known is not None and known.num_rows:
        events, reasons = _rejoined(rows, with_way, told, events, reasons, known, has_article, towns)
    return events, pa.array(reasons.tolist(), pa.string()), mirrored, pa.array(both)


def _rejoined(
    rows: pa.Table,
    with_way: pa.Table,
    told: pa.Array,
    events: pa.Array,
    reasons: np.ndarray,
    known: pa.Table,
    has_article: np.ndarray,
    towns: np.ndarray,
) -> tuple[pa.Array, np.ndarray]:
    """Return event and reason of each row, where stored events may hold the act already."""
    stored = known.column("event_id").to_pylist()
    by_article = dict(
        zip(
            _key(known, ("article_id", "date", "a", "b", "event_type", "mode")).to_pylist(),
            stored,
            strict=True,
        )
    )
    forth = pc.less_equal(known.column("source"), known.column("target"))
    way = pc.if_else(known.column("symmetric"), "both", pc.if_else(forth, "forth", "back"))
    where = ("date", "a", "b", "way", "event_type", "mode", "place_name", "place_country")
    by_town = dict(zip(_key(known.append_column("way", way), where).to_pylist(), stored, strict=True))
    moved: dict[str, tuple[str, str]] = {}
    listed = events.to_pylist()
    for at, (own, act, spot) in enumerate(
        zip(
            rows.column("report_id").to_pylist(),
            told.to_pylist(),
            _key(with_way, where).to_pylist(),
            strict=True,
        )
    ):
        if listed[at] != own:
            continue
        if has_article[at] and act in by_article:
            moved[own] = by_article[act], "the same act in the same article"
        elif towns[at] and spot in by_town:
            moved[own] = by_town[spot], "the same act on the same day in the same town"
    if not moved:
        return events, reasons
    said = reasons.tolist()
    for at, event in enumerate(listed):
        if event in moved:
            listed[at] = moved[event][0]
            if said[at] == "founded the event":
                said[at] = moved[event][1]
    return pa.array(listed, pa.string()), np.array(said, dtype=object)


def _key(rows: pa.Table, names: tuple[str, ...]) -> pa.Array:
    """Return these columns of each row as one text; a and b are the dyad without its direction."""
    source, target = rows.column("source"), rows.column("target")
    parts = []
    for name in names:
        if name in {"a", "b"}:
            lesser = pc.less_equal(source, target)
            values = pc.if_else(lesser, source, target) if name == "a" else pc.if_else(lesser, target, source)
        else:
            values = rows.column(name)
        parts.append(pc.fill_null(pc.cast(values, pa.string()), ""))
    joined = pc.binary_join_element_wise(*parts, _JOINED)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _first(groups: np.ndarray) -> np.ndarray:
    """Return, for each row, the first row of its group."""
    _, first, places = np.unique(groups, return_index=True, return_inverse=True)
    return first[places]


def _both(groups: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Return which rows are of a group that has rows of either side."""
    _, places = np.unique(groups, return_inverse=True)
    number = np.bincount(places)
    of_side = np.bincount(places, weights=side)
    return ((of_side > 0) & (of_side < number))[places]
