"""How far two coders of the same articles agree, field by field, and where they do not.

    Queries.coded (the first coder)  ┐
    Opinions.read (the second)       ┴─►  pairs  ─►  agreement: a row a field      disagreements: a row a case

Two reports of one article are a **pair** where they are of the same dyad, in whatever direction, and of the same words: the
sentence of one holds the words of the other's act. Of several that could be, the pairing is taken that has most in
common (type, direction, status), each report at most once (Kuhn 1955). A report without a partner one coder alone has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from events.movers import FEWEST, share_interval
from events.opinions import Opinions
from events.queries import Queries
from events.schema import Report, Selection
from events.store import Store

__all__ = [
    "FIELDS",
    "Agreement",
    "Field",
    "Pair",
    "agreement",
    "compared",
    "differing",
    "disagreements",
    "newest",
    "pairs",
]

# Draws of articles for the intervals that have no formula; their ends are known to about a hundredth then.
DRAWS = 1_000
_SEED = 1  # so that the same reports give the same interval
_ENDS = (5, 95)  # percentiles: two-sided 90%, as all our intervals

# Weight of an act that one coder alone has; those of the fields are in FIELDS.
ALONE = 5

# Articles that are compared at a time.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """An act as both coders report it; None where one coder has it alone."""

    article_id: str
    first: Report | None
    second: Report | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is compared: how much of it two reports share, 0 to 1, None where neither has it."""

    name: str
    label: str
    measure: str  # what the share means, in a few words
    shared: Callable[[Report, Report], float | None]
    category: Callable[[Report], str] | None = (
        None  # for Cohen's kappa; None where there are no fixed categories
    )
    weight: int = 1  # of a difference, in the order of disagreements


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two coders agree. `fields`: a row a field with the columns below.

    field, label, measure, n (pairs in which either has it), share (0 to 1; mean overlap for lists), low, high (90%
    interval: Wilson 1927; for lists by drawing articles anew), kappa (Cohen 1960, None where it makes no sense),
    kappa_low, kappa_high (90%, by drawing articles anew).
    `found`: of all acts that either reports, the share that both do, as positive agreement 2·both / (first + second).
    """

    articles: int
    both: int
    only_first: int
    only_second: int
    found: float | None
    found_low: float | None
    found_high: float | None
    fields: pd.DataFrame


def _direction(report: Report) -> str:
    if report.symmetric:
        return "both sides"
    return "first to second" if report.source < report.target else "second to first"


def _equal(read: Callable[[Report], object]) -> Callable[[Report, Report], float | None]:
    return lambda a, b: float(read(a) == read(b))


def _overlap(read: Callable[[Report], frozenset[str]]) -> Callable[[Report, Report], float | None]:
    def shared(a: Report, b: Report) -> float | None:
        one, other = read(a), read(b)
        return len(one & other) / len(one | other) if one | other else None

    return shared


def _mode(a: Report, b: Report) -> float | None:
    if a.event_type != b.event_type or (a.mode is None and b.mode is None):
        return None
    return float(a.mode == b.mode)


def _place(a: Report, b: Report) -> float | None:
    if a.place is None and b.place is None:
        return None
    if a.place is None or b.place is None:
        return 0.0
    return float((a.place.name.casefold(), a.place.country) == (b.place.name.casefold(), b.place.country))


FIELDS = (
    Field("event_type", "Event type", "same of 16 types", _equal(lambda r: r.event_type), lambda r: r.event_type, 4),
    Field("quad_class", "Quad class", "same of 4 classes", _equal(lambda r: r.quad_class), lambda r: r.quad_class, 3),
    Field("direction", "Direction", "same side acts, or both", _equal(_direction), _direction, 4),
    Field("status", "Status", "occurred, denied or background", _equal(lambda r: r.status), lambda r: r.status, 3),
    Field("mode", "Mode", "same mode, where the types agree", _mode),
    Field("date", "Date", "same day and precision", _equal(lambda r: (r.date, r.date and r.date_precision)), None, 2),
    Field("place", "Place", "same place, where either names one", _place, None, 1),
    Field(
        "actors", "Actors", "overlap of the people and bodies named",
        _overlap(lambda r: frozenset(f"{a.side} {a.name.casefold()}" for a in r.actors)),
    ),
    Field("issues", "Issues", "overlap of the domains", _overlap(lambda r: frozenset(i.domain for i in r.issues))),
)  # fmt: skip
"""The fields that are compared, in the order in which they are shown."""


def _words(report: Report) -> tuple[tuple[int, int], ...]:
    return tuple((s.start, s.end) for s in report.evidence.get("event_type", ()))


def _meets(a: Report, b: Report) -> bool:
    """Whether two reports speak of the same words: sentences that overlap, or one that holds the other's act."""

    def inside(spans: Iterable[tuple[int, int]], report: Report) -> bool:
        return any(start < report.sentence.end and end > report.sentence.start for start, end in spans)

    return inside([(a.sentence.start, a.sentence.end), *_words(a)], b) or inside(_words(b), a)


def _likeness(a: Report, b: Report) -> float:
    """How much speaks for two reports that meet being one act: below 1 nothing but dyad and words."""
    near = any(s < e2 and e > s2 for s, e in _words(a) for s2, e2 in _words(b))
    return (
        1.0
        + 8 * near
        + 4 * (a.event_type == b.event_type)
        + 2 * (a.quad_class == b.quad_class)
        + 2 * (_direction(a) == _direction(b))
        + (a.status == b.status)
        + 0.5 * (a.sentence.start == b.sentence.start)
    )


def pairs(article_id: str, first: Sequence[Report], second: Sequence[Report]) -> list[Pair]:
    """Return the reports of one article by two coders as pairs, in the order of the text."""
    scores = np.zeros((len(first), len(second)))
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            if {a.source, a.target} == {b.source, b.target} and _meets(a, b):
                scores[i, j] = _likeness(a, b)
    rows, columns = linear_sum_assignment(scores, maximize=True)
    joined = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if scores[i, j] > 0}
    found = [Pair(article_id, a, second[joined[i]] if i in joined else None) for i, a in enumerate(first)]
    found += [Pair(article_id, None, b) for j, b in enumerate(second) if j not in joined.values()]
    return sorted(found, key=lambda pair: (pair.first or pair.second).sentence.start)  # type: ignore[union-attr]


def differing(pair: Pair) -> list[Field]:
    """Return the fields in which the two reports of a pair differ; none where one is missing."""
    if pair.first is None or pair.second is None:
        return []
    shares = [(field, field.shared(pair.first, pair.second)) for field in FIELDS]
    found = [field for field, share in shares if share is not None and share < 1]
    names = {field.name for field in found}
    return [field for field in found if field.name != "quad_class" or "event_type" not in names]


def agreement(found: Sequence[Pair]) -> Agreement:
    """Return how far the coders agree over these pairs; articles in which neither reports anything count for nothing."""
    matched = [(p.article_id, p.first, p.second) for p in found if p.first and p.second]
    only_first = sum(pair.second is None for pair in found)
    only_second = sum(pair.first is None for pair in found)
    articles = sorted({pair.article_id for pair in found})
    number = {article_id: i for i, article_id in enumerate(articles)}
    draws = _draws(len(articles))

    def interval(parts: np.ndarray, wholes: np.ndarray) -> tuple[float | None, float | None]:
        """Return the interval of sum(parts) / sum(wholes), each a sum by article."""
        if len(articles) < FEWEST or wholes.sum() < FEWEST:
            return None, None
        drawn = draws @ wholes
        return _ends((draws @ parts)[drawn > 0] / drawn[drawn > 0])

    both_by, one_by = np.zeros(len(articles)), np.zeros(len(articles))
    for pair in found:
        (both_by if pair.first and pair.second else one_by)[number[pair.article_id]] += 1
    total = 2 * len(matched) + only_first + only_second
    low, high = interval(2 * both_by, 2 * both_by + one_by)
    rows = []
    for field in FIELDS:
        told = [(a, share) for a, x, y in matched if (share := field.shared(x, y)) is not None]
        n = len(told)
        share = sum(value for _, value in told) / n if n else None
        row = {"field": field.name, "label": field.label, "measure": field.measure, "n": n, "share": share}
        if field.name in {"actors", "issues"}:
            parts, wholes = np.zeros(len(articles)), np.zeros(len(articles))
            for article_id, value in told:
                parts[number[article_id]] += value
                wholes[number[article_id]] += 1
            ends = interval(parts, wholes)
        else:
            ends = (share_interval(share, n) if share is not None else None) or (None, None)
        kappa = _kappa(field, matched, number, draws)
        rows.append(
            row | dict(zip(("low", "high"), ends, strict=True)) | dict(zip(_KAPPA, kappa, strict=True))
        )
    return Agreement(
        articles=len(articles),
        both=len(matched),
        only_first=only_first,
        only_second=only_second,
        found=2 * len(matched) / total if total else None,
        found_low=low,
        found_high=high,
        fields=pd.DataFrame(rows),
    )


_KAPPA = ("kappa", "kappa_low", "kappa_high")


def _draws(articles: int) -> np.ndarray:
    """Return how often each article is drawn in each of `DRAWS` draws of as many with replacement."""
    if not articles:
        return np.zeros((DRAWS, 0))
    return (
        np.random.default_rng(_SEED)
        .multinomial(articles, np.full(articles, 1 / articles), size=DRAWS)
        .astype(float)
    )


def _ends(values: np.ndarray) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, _ENDS)
    return (
        (float(low), float(high)) if low < high else (None, None)
    )  # all articles alike: drawing them tells nothing


def _kappa(
    field: Field, matched: Sequence[tuple[str, Report, Report]], number: dict[str, int], draws: np.ndarray
) -> tuple[float | None, float | None, float | None]:
    """Return Cohen's kappa of a field with its interval; None where it has no categories, or only one came up."""
    if field.category is None or len(matched) < FEWEST:
        return None, None, None
    names = sorted({field.category(report) for _, x, y in matched for report in (x, y)})
    place = {name: i for i, name in enumerate(names)}
    tables = np.zeros((len(number), len(names), len(names)))
    for article_id, x, y in matched:
        tables[number[article_id], place[field.category(x)], place[field.category(y)]] += 1
    value = _kappas(tables.sum(axis=0)[None])[0]
    if np.isnan(value):
        return None, None, None
    drawn = (draws @ tables.reshape(len(number), -1)).reshape(-1, len(names), len(names))
    return (float(value), *(_ends(_kappas(drawn)) if len(number) >= FEWEST else (None, None)))


def _kappas(tables: np.ndarray) -> np.ndarray:
    """Return (observed − expected) / (1 − expected) of each table of counts; NaN where that is 0 / 0."""
    total = tables.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.trace(tables, axis1=1, axis2=2) / total
        expected = (tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1) / total**2
        return np.asarray(np.where(expected < 1, (observed - expected) / (1 - expected), np.nan))


def newest(store: Store) -> str | None:
    """Return the second coder that read last, None where none has."""
    names = Opinions(store.location).coders()["coder"]
    return str(names.iloc[0]) if len(names) else None


def compared(store: Store, coder: str, selection: Selection | None = None) -> list[Pair]:
    """Return the pairs of all articles that the coder has read, beside the store's own reports.

    With `selection` only of the articles that `Queries.to_read` takes for it. Articles no longer stored are left out.
    """
    read = Opinions(store.location).read(coder)
    queries = Queries(store)
    if selection is not None:
        asked = set(queries.to_read(selection, among=read)["article_id"])
        read = {key: opinion for key, opinion in read.items() if key in asked}
    ids, found = sorted(read), []
    for at in range(0, len(ids), _BATCH):
        for coded in queries.coded(ids[at : at + _BATCH]):
            key = coded.article.article_id
            found += pairs(key, coded.reports, read[key].reports)
    return found


def confusions(found: Iterable[Pair]) -> pd.DataFrame:
    """Return which types the coders give to one act where they differ: first, second, acts; the most frequent first."""
    counted = Counter(
        (pair.first.event_type, pair.second.event_type)
        for pair in found
        if pair.first and pair.second and pair.first.event_type != pair.second.event_type
    )
    rows = [(first, second, n) for (first, second), n in counted.most_common()]
    return pd.DataFrame(rows, columns=["first", "second", "acts"])


def differences(found: Iterable[Pair]) -> list[Pair]:
    """Return the pairs in which the coders differ, or that one alone has; the weightiest first, then as they come."""
    apart = [pair for pair in found if pair.first is None or pair.second is None or differing(pair)]
    return sorted(apart, key=lambda pair: -_weight(pair))


def _weight(pair: Pair) -> int:
    """How much a difference matters: an act that one coder does not have at all, more than any of its values but two."""
    return ALONE if pair.first is None or pair.second is None else sum(f.weight for f in differing(pair))


def disagreements(store: Store, coder: str | None = None, selection: Selection | None = None) -> pd.DataFrame:
    """Return where a second coder (None: the one that read last) and the store's reports differ, the weightiest first.

    Columns: report_id (of the first coder's report; where only the second has one, of that), which ("both": the
    values differ, "first" or "second": that coder alone has it), article_id, a, b (the dyad), event_type (of
    report_id's report), fields (names of the fields that differ, "" where one alone has it), weight (for ordering),
    first_id, second_id (None where that coder has none), coder.
    """
    chosen = coder if coder is not None else newest(store)
    rows = []
    for pair in differences(compared(store, chosen, selection)) if chosen else ():
        fields = differing(pair)
        report = pair.first or pair.second
        if report is None:
            continue
        alone = pair.first is None or pair.second is None
        rows.append(
            (
                report.report_id, "both" if not alone else "first" if pair.first else "second", pair.article_id,
                *sorted((report.source, report.target)), report.event_type, ", ".join(f.name for f in fields),
                _weight(pair),
                pair.first.report_id if pair.first else None, pair.second.report_id if pair.second else None, chosen,
            )
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=_CASES).astype({"first_id": object, "second_id": object})
    return frame.where(frame.notna(), None)


_CASES = [
    "report_id", "which", "article_id", "a", "b", "event_type", "fields", "weight", "first_id", "second_id", "coder",
]  # fmt: skip
