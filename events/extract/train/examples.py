"""Sentences with their codes -> what the network learns from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from events import codebook
from events.errors import InputError
from events.extract.learned import Past, Sentence, earlier_features, link_features
from events.extract.rules import CONTEXT, RuleExtractor
from events.gazetteer import sovereign_of
from events.schema import Article

__all__ = [
    "Example",
    "Gold",
    "Told",
    "article_of",
    "examples",
    "head_of",
    "label",
    "read_passages",
    "read_tsv",
]

# Share of a passage's acts that what follows does not know of, as the reader will miss some.
UNHEARD = 0.25

# The day as of which the sentences are read: it settles who is in office.
WRITTEN = "2025-06-15"

_EVENT = re.compile(
    r"^(?P<parties>[A-Z0-9_>=,]+) (?P<type>[A-Z]+)(?:\.(?P<mode>[a-z-]+))?"
    r'(?: \[(?P<status>denied|background)\])? "(?P<trigger>[^"]+)"$'
)


@dataclass(frozen=True, slots=True)
class Gold:
    """One event of a line of codes."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    symmetric: bool
    event_type: str
    mode: str | None
    status: str
    trigger: str
    domains: tuple[str, ...] = ()
    date: str | None = None  # words of the text; of passages only, as the place
    place_name: str | None = None
    left: tuple[str, ...] = ()  # words of those who take part for the source, or the first party
    right: tuple[str, ...] = ()  # and for the others
    after: str = ""  # words before the trigger, where it stands more than once

    def of(self, code: str) -> tuple[str, ...]:
        """Return the words of those who take part for a party."""
        first = self.sources[:1] if self.symmetric else self.sources
        return self.left if code in first else self.right

    def stands(self, text: str) -> int:
        """Return where the trigger stands in the text, -1 if nowhere."""
        return text.find(self.trigger, text.find(self.after) + len(self.after) if self.after else 0)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence or a passage with its events."""

    text: str
    events: tuple[Gold, ...]
    domains: tuple[str, ...] = ()  # empty where nobody said
    published: str = WRITTEN


@dataclass(slots=True)
class Example:
    """A parsed sentence with labels: token -> (type, mode, status), (token, participant) -> role."""

    sentence: Sentence
    acts: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    roles: dict[tuple[int, int], int] = field(default_factory=dict)  # second: place among the participants
    links: dict[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)
    events: tuple[Gold, ...] = ()
    domains: tuple[str, ...] = ()
    lost: int = 0  # events whose words or parties were not found


def _parties(text: str) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Return (sources, targets, symmetric) of "A>B" or "A=B"."""
    symmetric = ">" not in text
    left, _, right = text.partition(">")
    sources = tuple(sovereign_of(c) for c in re.split("[=,]", left))
    return sources, sources if symmetric else tuple(sovereign_of(c) for c in right.split(",")), symmetric


def _event(text: str, where: str) -> Gold:
    m = _EVENT.match(text.strip())
    if m is None:
        raise InputError(f"{where}: cannot read the event {text!r}; see events/extract/train/__init__.py")
    return Gold(*_parties(m["parties"]), m["type"], m["mode"], m["status"] or "occurred", m["trigger"])


def read_passages(paths: Iterable[Path]) -> Iterator[Told]:
    """Yield the passages of JSON Lines files; raises InputError, naming the line, where one cannot be read."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                told = json.loads(line)
                events = tuple(
                    replace(
                        Gold(*_parties(e["parties"]), e["type"], e["mode"], e["status"], e["trigger"]),
                        domains=tuple(e["domains"]),
                        date=e["date"],
                        place_name=e["place"],
                        left=tuple(e.get("source_actors", ())),
                        right=tuple(e.get("target_actors", ())),
                        after=e.get("trigger_after", ""),
                    )
                    for e in told["events"]
                )
                yield Told(told["text"], events, published=told["published"])
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path.name}, line {number}: {error!r}") from error


def read_tsv(paths: Iterable[Path]) -> Iterator[Told]:
    """Yield the sentences of files of training sentences; raises InputError, naming the line, where one cannot be read."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            text, *rest = line.split("\t")
            where = f"{path.name}, line {number}"
            if len(rest) not in {1, 2}:
                raise InputError(
                    f"{where}: {len(rest)} tabs; text, tab, codes and perhaps tab, domains are wanted"
                )
            codes = rest[0]
            domains = tuple(d.strip() for d in rest[1].split(",") if d.strip()) if len(rest) > 1 else ()
            if unknown := set(domains) - set(codebook.domains()):
                raise InputError(f"{where}: unknown domains {', '.join(sorted(unknown))}")
            events = () if codes.strip() == "-" else tuple(_event(e, where) for e in codes.split(" ; "))
            yield Told(text, events, domains)


def head_of(sentence: Sentence, start: int, end: int) -> int | None:
    """Return the word of a span that the others hang on, names left out."""
    clauses = sentence.clauses
    inside = [
        t.i
        for t in clauses.doc
        if clauses.units[t.i].kind == "word"
        and clauses.units[t.i].start < end
        and clauses.units[t.i].end > start
    ]
    fit = [i for i in inside if i in set(sentence.candidates)]
    for i in fit:
        if clauses.doc[i].head.i not in inside or clauses.doc[i].head.i == i:
            return i
    return fit[0] if fit else None


def _role(codes: set[str], gold: Gold) -> int:
    left, right = bool(codes & set(gold.sources)), bool(codes & set(gold.targets))
    if gold.symmetric:
        return 3 if left else 0
    return 3 if left and right else 1 if left else 2 if right else 0


def label(
    sentence: Sentence,
    events: Sequence[Gold],
    text: str,
    offset: int,
    past: Sequence[Past] = (),
    index: int = 0,
) -> Example:
    """Return the sentence with the labels of the events whose words it holds; `past` are the acts of those before it."""
    example = Example(sentence, events=tuple(events))
    codes = [{ref.code for ref in p.refs} for p in sentence.participants]
    codes += [{e.ref.code} for e in sentence.earlier]
    for gold in events:
        at = gold.stands(text)
        head = head_of(sentence, offset + at, offset + at + len(gold.trigger))
        if head is None or not set().union(*codes) & {*gold.sources, *gold.targets}:  # one may be understood
            example.lost += 1
            continue
        if head not in example.acts:
            mode = f"{gold.event_type}.{gold.mode}" if gold.mode else gold.event_type
            example.acts[head] = (gold.event_type, mode, gold.status)
        elif example.acts[head][0] != gold.event_type:
            continue
        for n, known in enumerate(codes):
            example.roles[head, n] = max(_role(known, gold), example.roles.get((head, n), 0))
    named = len(sentence.participants)
    for head in example.acts:
        for n in range(len(codes)):
            example.roles.setdefault((head, n), 0)
            example.links[head, n] = (
                link_features(sentence, head, sentence.participants[n])
                if n < named
                else earlier_features(sentence, head, n - named, past, index)
            )
    return example


def article_of(told: Told) -> Article:
    """Return a sentence or passage as an article; a first line by itself is its title."""
    title, line, body = told.text.partition("\n")
    return Article.of(body if line else title, title=title if line else "", published=told.published)


def _heard(gold: Gold) -> bool:
    return hashlib.blake2b(gold.trigger.encode(), digest_size=2).digest()[0] >= UNHEARD * 256


def examples(told: Sequence[Told], extractor: RuleExtractor | None = None) -> Iterator[Example]:
    """Yield an example for each sentence that passes the gate; an event that has none is counted as lost on the last."""
    extractor = extractor or RuleExtractor()
    for first in range(0, len(told), 256):
        chunk = told[first : first + 256]
        articles = [article_of(t) for t in chunk]
        for item, coding in zip(chunk, extractor.read(articles), strict=True):
            body = coding.article.text.find(item.text)
            placed: set[int] = set()
            made = []
            past: list[Past] = []
            for part, sentence in zip(coding.chosen, coding.described(), strict=True):
                mine = [
                    n
                    for n, g in enumerate(item.events)
                    if n not in placed and part.start <= body + g.stands(item.text) < part.end
                ]
                placed.update(mine)
                events = [item.events[n] for n in mine]
                near = [act for act in past if part.index - act.sentence <= CONTEXT]
                made.append(label(sentence, events, item.text, body, near, part.index))
                past += [
                    Past(part.index, g.event_type, g.symmetric, frozenset(g.sources), frozenset(g.targets))
                    for g in events
                    if _heard(g)
                ]
            if not made:
                continue
            for example in made:
                own = {d for g in example.events for d in g.domains}
                example.domains = (item.domains or tuple(sorted(own))) if example.acts else ()
            made[-1].lost += len(item.events) - len(placed)
            yield from made
