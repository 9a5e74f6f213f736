"""Which of the dates, places, persons and bodies that an article names are those of an act: choices that were learned.

For its date and its place each act has options: what its own sentence names, what the sentences just before name, and
none of them. Of the persons and bodies of its parties each is asked for by itself whether it takes part. An option is
a list of features; a table of weights (`data/models/reader/fields.json`, made by `events.extract.train.fields`) adds up
to its odds. The features name no country.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Generic, TypeVar

from events.errors import DataError
from events.extract.actors import Named, Unit
from events.extract.clauses import SAY, Act, Clauses, Ref
from events.extract.dates import DateMention
from events.extract.places import Spot, of_a_thing, told_there
from events.extract.when import ago, closeness
from events.reference import DATA
from events.schema import Side

__all__ = [
    "BEFORE",
    "Before",
    "Kept",
    "Option",
    "Someone",
    "actor_options",
    "chance",
    "choose",
    "date_options",
    "fields",
    "place_options",
]

# Sentences before the act's own from which a date or a place may be taken.
BEFORE = 3

Option = Sequence[str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Before(Generic[T]):
    """A date or a place of a sentence before, by how many sentences before."""

    found: T
    back: int
    title: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What an act of a sentence before took: its parties, its type and what it took.

    Dates and places are known by where their words stand, actors by their names.
    """

    parties: frozenset[str]
    event_type: str
    what: int | str


@dataclass(frozen=True, slots=True)
class Someone:
    """A person or body of one of an act's parties, who may take part in it."""

    named: Named
    unit: Unit
    side: Side
    # "person", "office" (a person known by the office alone), "role" (nobody knows who), "body", "organisation" (the
    # party itself); "stranger" or "strange body" where nothing says whose
    kind: str
    ref: Ref  # the party, as the act has it
    at: int | None  # the word of the act's sentence, None where only sentences before name it
    back: int = 0  # sentences before
    title: bool = False
    near: str = ""  # of a stranger: whose party is named next, before and behind


@cache
def fields() -> dict[str, dict[str, float]]:
    """Return the weights by field ("date", "place") and feature; raises DataError where the file is missing."""
    path = DATA / "models/reader/fields.json"
    if not path.is_file():
        raise DataError(f"{path} is missing; restore it with `git checkout data/`")
    loaded: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def choose(field: str, options: Sequence[Option]) -> tuple[int, float]:
    """Return the likeliest option and its probability; the last option stands for none."""
    weights = fields()[field]
    odds = [sum(weights.get(feature, 0.0) for feature in option) for option in options]
    best = max(range(len(odds)), key=lambda i: odds[i])
    return best, 1 / sum(math.exp(value - odds[best]) for value in odds)


def chance(field: str, option: Option) -> float:
    """Return the probability of an option that is asked for by itself."""
    weights = fields()[field]
    return 1 / (1 + math.exp(-max(-30.0, sum(weights.get(feature, 0.0) for feature in option))))


def _link(clauses: Clauses, act: Act, at: int, heads: Sequence[int]) -> list[str]:
    """Return the features of how a phrase at word `at` hangs on the act; `heads` are the words of all acts here."""
    doc = clauses.doc
    node = doc[at]
    near = closeness(clauses, act, at, things=True)
    strict = closeness(clauses, act, at)
    score = "no" if near is None else f"{near[0]:.1f}{'p' if near[1] else ''}{'' if strict else 't'}"
    up = [node.i, *(t.i for t in node.ancestors)]
    mine = [act.head, *(t.i for t in doc[act.head].ancestors)]
    meet = next((i for i in up if i in set(mine)), None)
    rise = [doc[i].dep_ for i in mine[: mine.index(meet)]] if meet is not None else ["?"]
    fall = [doc[i].dep_ for i in up[: up.index(meet)]] if meet is not None else ["?"]
    verb = next((t for t in node.ancestors if t.pos_ in {"VERB", "AUX"}), None)
    above = (
        "none"
        if verb is None
        else "act"
        if verb.i == act.head
        else "say"
        if verb.lemma_.lower() in SAY
        else "verb"
    )
    if verb is not None and verb.i != act.head and verb.i in heads:
        above = "other act"
    gap = at - act.head
    apart = abs(gap)
    size = apart if apart < 4 else 4 if apart < 7 else 5 if apart < 12 else 6 if apart < 20 else 7
    others = [h for h in heads if h != act.head]
    closer = sum(abs(h - at) < apart for h in others)
    between = sum(
        min(h, act.head) < max(h, act.head) and min(at, act.head) < h < max(at, act.head) for h in others
    )
    case = clauses.case(node) or "-"
    noun = "n" if doc[act.head].pos_ not in {"VERB", "AUX"} else "v"
    head = node.head
    hangs = "self" if head.i == at else "act" if head.i == act.head else head.pos_
    return [
        f"near {score}",
        f"path {' '.join(rise[:3])} v {' '.join(fall[:3])}",
        f"steps {min(len(rise), 4)} {min(len(fall), 4)}",
        f"above {above}",
        f"above {above} {noun} {len(others) > 0}",
        f"gap {'+' if gap > 0 else '-'}{size}",
        f"closer {min(closer, 2)} {min(between, 2)}",
        f"case {case}",
        f"case {case} {node.dep_} {hangs}",
        f"case {case} near {score}",
        f"hangs {hangs} {node.dep_}",
    ]


def _recalled(act: Act, back: int, what: int | str, kept: Sequence[Kept], *, title: bool) -> list[str]:
    """Return the features of what a sentence before names; `kept` are what acts took so far."""
    parties = {ref.code for ref in (*act.sources, *act.targets)}
    took = [k for k in kept if k.what == what]
    same = [k for k in took if parties <= k.parties or k.parties <= parties]
    share = (
        "same"
        if same
        else "part"
        if any(k.parties & parties for k in took)
        else "other"
        if took
        else "nobody"
    )
    newest = "newest" if kept and kept[-1].what == what else ""
    kind = "type" if any(k.event_type == act.event_type for k in same) else ""
    return [
        f"back {back}{'t' if title else ''}",
        f"took {share} {newest} {kind}",
        f"took {share} {act.event_type}",
        f"back {min(back, 2)} {share} {newest}",
    ]


def _word(clauses: Clauses, start: int, end: int) -> int | None:
    """Return the word of a phrase that the others hang on."""
    inside = [i for i, unit in enumerate(clauses.units) if unit.start < end and start < unit.end]
    for i in inside:
        token = clauses.doc[i]
        if token.head.i not in inside and not (token.dep_ == "case" and len(inside) > 1):
            return i
    return inside[-1] if inside else None


def date_options(
    clauses: Clauses,
    act: Act,
    heads: Sequence[int],
    own: Sequence[DateMention],
    before: Sequence[Before[DateMention]],
    kept: Sequence[Kept],
    today: date | None,
) -> list[Option]:
    """Return the options for the day of an act: those of its own sentence, of those before, the day of publication."""
    options: list[Option] = []
    count = min(len(own), 3)
    for mention in own:
        at = _word(clauses, mention.start, mention.end)
        told = [
            f"own {count}",
            f"own {act.event_type}",
            f"precision {mention.precision}",
            f"ago {ago(mention, today)}",
            f"counted {mention.counted}",
        ]
        linked = [] if at is None else _link(clauses, act, at, heads)
        crossed = [f"{count > 1} {f}" for f in linked[:1]]
        if mention.counted == "after":  # dates its clause, where the act must stand
            crossed += [f"after {f}" for f in linked[:4]]
        options.append([*told, *linked, *crossed])
    options.extend(
        [
            *_recalled(act, b.back, b.found.start, kept, title=b.title),
            f"before {count > 0} {b.found.precision}",
            f"before {ago(b.found, today)}",
            f"before counted {b.found.counted}",
        ]
        for b in before
    )
    noun = clauses.doc[act.head].pos_ not in {"VERB", "AUX"}
    options.append(
        [
            "none",
            f"none {count}",
            f"none {act.event_type}",
            f"none {count > 0} {noun}",
            f"none {act.background} {count}",
            f"none {count} {min(len(before), 2)}",
        ]
    )
    return options


def place_options(
    clauses: Clauses,
    act: Act,
    heads: Sequence[int],
    own: Sequence[Spot],
    before: Sequence[Before[Spot]],
    kept: Sequence[Kept],
) -> list[Option]:
    """Return the options for the place of an act: those of its own sentence, of those before, none."""
    options: list[Option] = []
    sources, targets = ({ref.code for ref in refs} for refs in (act.sources, act.targets))
    kind = f"{act.event_type}{'.visit' if act.mode == 'visit' else ''}"
    noun = clauses.doc[act.head].pos_ not in {"VERB", "AUX"}
    parties = {
        (ref.start, ref.end): code for refs, code in ((act.sources, "S"), (act.targets, "T")) for ref in refs
    }

    def whose(spot: Spot) -> str:
        country = spot.place.country
        side = "B" if act.symmetric else "S" if country in sources else "T"
        return side if country in sources | targets else "-" if country else "?"

    for spot in own:
        linked = _link(clauses, act, spot.at, heads)
        actor = parties.get((spot.start, spot.end), "")
        actor = "B" if actor and act.symmetric else actor
        sort = f"{spot.kind} {spot.preposition}"
        options.append(
            [
                f"own {min(len(own), 3)}",
                f"sort {sort}",
                f"sort {sort} {kind}",
                f"sort {spot.kind} actor {actor} {kind}",
                f"precision {spot.place.precision}",
                f"precision {spot.place.precision} {kind}",
                f"whose {whose(spot)} {kind}",
                f"whose {whose(spot)} {spot.preposition}",
                f"thing {of_a_thing(clauses, act, spot.at, spot.preposition)}",
                f"told {told_there(clauses, act, spot.at)} {kind}",
                *linked,
                f"{linked[0]} {spot.preposition}",
                f"{linked[0]} {kind}",
                f"{linked[3]} {spot.preposition}",
            ]
        )
    for b in before:
        spot = b.found
        options.append(
            [
                *_recalled(act, b.back, spot.start, kept, title=b.title),
                f"before {len(own) > 0} {spot.kind} {spot.preposition}",
                f"before {spot.kind} {kind}",
                f"before whose {whose(spot)} {kind}",
                f"before {noun} {kind}",
                f"before sort {spot.kind} {spot.preposition} {kind}",
            ]
        )
    options.append(
        [
            "none",
            f"none {min(len(own), 2)}",
            f"none {kind}",
            f"none {kind} {len(own) > 0} {noun}",
            f"none {min(len(own), 2)} {min(len(before), 3)}",
            f"none {act.background}",
        ]
    )
    return options


def actor_options(
    clauses: Clauses, act: Act, heads: Sequence[int], people: Sequence[Someone], kept: Sequence[Kept]
) -> list[Option]:
    """Return the option of each person or body to take part in the act."""
    options: list[Option] = []
    parties = {ref.code for ref in (*act.sources, *act.targets)}
    for one in people:
        kind = one.kind
        side = "B" if act.symmetric else one.side[0]
        rivals = [p for p in people if p.side == one.side and p.named.name != one.named.name]
        persons = sum(p.at is not None and p.kind in {"person", "office"} for p in rivals)
        bodies = sum(p.at is not None and p.kind == "body" for p in rivals)
        unit = one.ref.unit
        stands = (
            "self"
            if unit is one.unit or (one.at is not None and one.named.start <= one.ref.start < one.named.end)
            else "before"
            if one.ref.start < 0
            else unit.via
            if unit is not None
            else "word"
        )
        act_kind = f"{act.event_type}{'.visit' if act.mode == 'visit' else ''}"
        told = [
            f"all {kind}",
            f"sector {one.named.sector} {kind}",
            f"noun {one.unit.noun}",
            f"stands {stands} {kind}",
            f"stands {stands} {kind} {side}",
            f"type {act_kind} {kind}",
            f"type {act_kind} {kind} {side}",
            f"rivals {min(persons, 2)} {min(bodies, 2)} {kind} {one.at is None}",
            f"status {act.background} {act.denied} {kind}",
        ]
        if one.near:
            told += [f"near {one.near}", f"near {one.near} {kind} {side}", f"near {one.near} {stands}"]
            rival = next((p for p in people if p.named is one.named and p.side != one.side), None)
            others = [
                p for p in people if rival is not None and p.side == rival.side and p.named is not one.named
            ]
            held = sum(p.at is not None and p.kind in {"person", "office", "body"} for p in others)
            told.append(f"left {min(persons + bodies, 2)} {min(held, 2)} {kind}")
        if one.at is None:
            took = _recalled(act, one.back, one.named.name, kept, title=one.title)
            options.append(
                [*told, "before", f"before {stands} {persons > 0} {kind}", *took, f"{took[1]} {stands}"]
            )
            continue
        linked = _link(clauses, act, one.at, heads)
        word = clauses.doc[one.at]
        says = word.dep_.startswith("nsubj") and word.head.lemma_.lower() in SAY and word.head.i != act.head
        before = [k for k in kept if k.what == one.named.name and k.parties & parties]
        options.append(
            [
                *told,
                f"says {says} {kind}",
                f"says {says} {stands} {side}",
                f"took {min(len(before), 2)} {kind}",
                *linked,
                *(f"{kind} {side} {f}" for f in linked),
                *(f"{stands} {f}" for f in linked[:4]),
            ]
        )
    return options
