"""Sentences with their codes -> what the network learns from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from events import codebook
from events.errors import InputError
from events.extract.learned import Participant, Sentence, describe, link_features
from events.extract.rules import RuleExtractor
from events.gazetteer import sovereign_of
from events.schema import Article

__all__ = ["Example", "Gold", "Told", "examples", "read_tsv"]

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


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with its events."""

    text: str
    events: tuple[Gold, ...]
    domains: tuple[str, ...] = ()  # empty where nobody said


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


def _event(text: str, where: str) -> Gold:
    m = _EVENT.match(text.strip())
    if m is None:
        raise InputError(f"{where}: cannot read the event {text!r}; see events/extract/train/__init__.py")
    parties = m["parties"]
    symmetric = ">" not in parties
    left, _, right = parties.partition(">")
    sources = tuple(sovereign_of(c) for c in re.split("[=,]", left))
    targets = sources if symmetric else tuple(sovereign_of(c) for c in right.split(","))
    return Gold(sources, targets, symmetric, m["type"], m["mode"], m["status"] or "occurred", m["trigger"])


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


def _head(sentence: Sentence, start: int, end: int) -> int | None:
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


def _role(participant: Participant, gold: Gold) -> int:
    codes = {ref.code for ref in participant.refs}
    left, right = bool(codes & set(gold.sources)), bool(codes & set(gold.targets))
    if gold.symmetric:
        return 3 if left else 0
    return 3 if left and right else 1 if left else 2 if right else 0


def label(sentence: Sentence, events: Sequence[Gold], text: str, offset: int) -> Example:
    """Return the sentence with the labels of the events whose words it holds."""
    example = Example(sentence, events=tuple(events))
    for gold in events:
        at = text.find(gold.trigger)
        head = _head(sentence, offset + at, offset + at + len(gold.trigger))
        codes = {ref.code for p in sentence.participants for ref in p.refs}
        if head is None or not codes & {*gold.sources, *gold.targets}:  # one party may be understood
            example.lost += 1
            continue
        if head not in example.acts:
            mode = f"{gold.event_type}.{gold.mode}" if gold.mode else gold.event_type
            example.acts[head] = (gold.event_type, mode, gold.status)
        elif example.acts[head][0] != gold.event_type:
            continue
        for n, participant in enumerate(sentence.participants):
            role = _role(participant, gold)
            example.roles[head, n] = max(role, example.roles.get((head, n), 0))
    for head in example.acts:
        for n, participant in enumerate(sentence.participants):
            example.roles.setdefault((head, n), 0)
            example.links[head, n] = link_features(sentence, head, participant)
    return example


def examples(told: Sequence[Told], extractor: RuleExtractor | None = None) -> Iterator[Example]:
    """Yield an example for each sentence that passes the gate; an event that has none is counted as lost on the last."""
    extractor = extractor or RuleExtractor()
    for first in range(0, len(told), 256):
        chunk = told[first : first + 256]
        articles = [Article.of(t.text, published=WRITTEN) for t in chunk]
        for item, coding in zip(chunk, extractor.read(articles), strict=True):
            body = coding.article.body_start
            placed: set[int] = set()
            made = []
            for part, clauses, acts in zip(coding.chosen, coding.clauses, coding.acts, strict=True):
                mine = [
                    g
                    for n, g in enumerate(item.events)
                    if n not in placed and part.start <= body + item.text.find(g.trigger) < part.end
                ]
                placed |= {n for n, g in enumerate(item.events) if g in mine}
                made.append(label(describe(clauses, acts), mine, item.text, body))
            if not made:
                continue
            for example in made:
                example.domains = item.domains if example.acts else ()
            made[-1].lost += len(item.events) - len(placed)
            yield from made
