"""The predicate lexicon: which verbs and nouns carry which act, read from `data/lexicon/`.

- `verbs.csv`: verbs that are an act by themselves, with the places of source and target in their clause;
- `verb_classes.csv`, `noun_classes.csv`, `compositions.csv`: light verbs and the acts their objects name
  ("hold" + talks = CONSULT, "cancel" + talks = REJECT meet, "lift" + sanctions = RETREAT);
- `phrases.csv`: a phrase book of what newsrooms call such acts, with weights; a hint, not a rule;
- `nominals.csv`: nouns that are an act by themselves ("talks between", "strikes on").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from events.errors import DataError
from events.reference import column_list, table

__all__ = ["Frame", "compose", "hints", "nominal", "noun_classes", "prior", "verb_classes", "verb_frames"]

Direction = Literal["directed", "symmetric", "guest-first"]


def _direction(cell: str) -> Direction:
    for known in get_args(Direction):
        if cell == known:
            return cast("Direction", known)
    raise DataError(f"data/lexicon: unknown direction {cell!r}; one of {', '.join(get_args(Direction))}")


@dataclass(frozen=True, slots=True)
class Frame:
    """An act with the places of its parties: "subj", "obj", "poss" or a preposition."""

    event_type: str
    mode: str | None
    direction: Direction
    source: tuple[str, ...]
    target: tuple[str, ...]


@cache
def _verbs() -> dict[tuple[str, str], tuple[Frame, ...]]:
    frames: dict[tuple[str, str], list[Frame]] = defaultdict(list)
    for row in table("lexicon/verbs.csv"):
        frames[row["lemma"], row["particle"]].append(
            Frame(
                row["event_type"],
                row["mode"] or None,
                _direction(row["direction"]),
                tuple(column_list(row["source"])),
                tuple(column_list(row["target"])),
            )
        )
    return {key: tuple(value) for key, value in frames.items()}


def verb_frames(lemma: str, particle: str = "") -> tuple[Frame, ...]:
    """Return the frames of a verb (with its particle), the first listed first; empty where it carries no act."""
    return _verbs().get((lemma, particle), ()) if particle else _verbs().get((lemma, ""), ())


@cache
def _verb_classes() -> dict[tuple[str, str], tuple[str, ...]]:
    classes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in table("lexicon/verb_classes.csv"):
        classes[row["lemma"], row["particle"]].append(row["verb_class"])
    return {key: tuple(value) for key, value in classes.items()}


def verb_classes(lemma: str, particle: str = "") -> tuple[str, ...]:
    """Return the classes of a light verb."""
    return _verb_classes().get((lemma, particle), ()) or (
        _verb_classes().get((lemma, ""), ()) if particle else ()
    )


@cache
def _noun_classes() -> dict[str, tuple[str, ...]]:
    classes: dict[str, list[str]] = defaultdict(list)
    for row in table("lexicon/noun_classes.csv"):
        classes[row["lemma"]].append(row["noun_class"])
    return {key: tuple(value) for key, value in classes.items()}


def noun_classes(lemma: str) -> tuple[str, ...]:
    """Return the classes of a noun that names an act or the thing acted on."""
    found = _noun_classes().get(lemma)
    if found is None and lemma.endswith("s"):
        found = _noun_classes().get(lemma[:-1])
    return found or ()


@cache
def _compositions() -> dict[tuple[str, str], tuple[str, str | None, Direction]]:
    return {
        (row["verb_class"], row["noun_class"]): (
            row["event_type"],
            row["mode"] or None,
            _direction(row["direction"]),
        )
        for row in table("lexicon/compositions.csv")
    }


def compose(verb: tuple[str, ...], noun: tuple[str, ...]) -> list[tuple[str, str | None, Direction, str]]:
    """Return (event type, mode, direction, noun class) of what a light verb and its object may make, the likeliest first."""
    table_of = _compositions()
    return [
        (*table_of[verb_class, noun_class], noun_class)
        for verb_class in verb
        for noun_class in noun
        if (verb_class, noun_class) in table_of
    ]


@cache
def _nominals() -> dict[str, Frame]:
    return {
        row["noun"]: Frame(
            row["event_type"],
            row["mode"] or None,
            _direction(row["direction"]),
            tuple(column_list(row["source"])),
            tuple(column_list(row["target"])),
        )
        for row in table("lexicon/nominals.csv")
    }


def nominal(lemma: str) -> Frame | None:
    """Return the frame of a noun that is an act by itself, by its own entry or that of its class."""
    entries = _nominals()
    if lemma in entries:
        return entries[lemma]
    for noun_class in noun_classes(lemma):
        if noun_class in entries:
            return entries[noun_class]
    return None


@cache
def _phrases() -> dict[str, tuple[tuple[tuple[str, ...], str, int], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], str, int]]] = defaultdict(list)
    for row in table("lexicon/phrases.csv"):
        first, *rest = row["phrase"].split()
        found[first].append((tuple(rest), row["event_type"], int(row["weight"])))
    return {first: tuple(entries) for first, entries in found.items()}


_LIGHT_WORDS = frozenset(
    "to of on in at for from with by against over into onto out off up down back away about as be a an the and or not "
    "no its it their his her one other own upon under through across after before between toward towards".split()
)
# Words between those of a phrase: "lifted [the last] ban on".
_BETWEEN_MOST = 4
_PARTICLES = frozenset({"off", "out", "down", "up", "back", "away", "over", "in"})


@cache
def _priors() -> dict[str, tuple[str, ...]]:
    """Return what the phrase book as a whole says of a word: its types, the likeliest first, with their share as a letter."""
    counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in table("lexicon/phrases.csv"):
        words = [w for w in row["phrase"].split() if w not in _LIGHT_WORDS]
        for word in words:
            counts[word][row["event_type"]] += int(row["weight"]) / len(words)
    found = {}
    for word, types in counts.items():
        total = sum(types.values())
        ranked = sorted(types.items(), key=lambda item: -item[1])[:3]
        found[word] = tuple(
            f"{name}{'a' if n / total > 0.7 else 'b' if n / total > 0.4 else 'c'}"
            for name, n in ranked
            if n / total > 0.15
        )
    return found


def prior(lemma: str) -> tuple[str, ...]:
    """Return the types of all phrases that hold a word, the likeliest first ("SANCTIONb"); empty for unknown words."""
    return _priors().get(lemma, ())


def hints(
    lemmas: Sequence[str], light: Sequence[bool], below: Sequence[frozenset[str]]
) -> list[list[tuple[float, str]]]:
    """Return for each word what the phrase book makes of phrases that begin or end there: (weight, type), the best first.

    `light` says which words may stand between those of a phrase (articles, adjectives, adverbs, names), `below`
    which words hang on each: the words of a phrase may also stand anywhere among those. A type in lower case
    stands at the last word of a longer phrase.
    """
    size = len(lemmas)
    book = _phrases()
    found: list[dict[str, float]] = [{} for _ in lemmas]
    for i, lemma in enumerate(lemmas):
        hang = below[i]
        for rest, event_type, weight in book.get(lemma, ()):
            at = i
            for word in rest:
                limit = at + 1 + _BETWEEN_MOST
                at += 1
                while at < size and at <= limit and lemmas[at] != word and (light[at] or word in _PARTICLES):
                    at += 1
                if at >= size or lemmas[at] != word:
                    at = -1
                    break
            if at < 0:
                content = [word for word in rest if word not in _LIGHT_WORDS]
                if not content or not all(word in hang for word in content):
                    continue
                score = weight + 1.2 * len(content)
                found[i][event_type] = max(score, found[i].get(event_type, 0.0))
                continue
            score = weight + 1.5 * len(rest)
            found[i][event_type] = max(score, found[i].get(event_type, 0.0))
            if rest:
                low = event_type.lower()
                found[at][low] = max(score, found[at].get(low, 0.0))
    return [sorted(((score, name) for name, score in here.items()), reverse=True) for here in found]
