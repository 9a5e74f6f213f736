"""The reader that has learned: which words of a sentence carry an act, and who does it to whom.

A small network (`data/models/reader`, its card beside it) reads the units of a parsed sentence. Names of parties
are hidden from it, so that it cannot know one country from another: it sees words, word senses, the parse and
what the reader of rules made of it. For each word it gives the probabilities of the sixteen event types (or none),
of modes and statuses; for each pair of such a word and a party the probabilities of the party's role.
`events.extract.train` makes the network; this module only runs it, with numpy.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from events.errors import DataError
from events.extract.actors import Unit
from events.extract.clauses import Act, Clauses, Ref, distinct
from events.extract.encoder import Encoder
from events.extract.lexicon import hints, noun_classes, prior, verb_classes, verb_frames
from events.reference import DATA, table

__all__ = [
    "COLUMNS",
    "LINKS",
    "Earlier",
    "Network",
    "Past",
    "Read",
    "Reading",
    "Sentence",
    "Topic",
    "describe",
    "earlier_features",
    "link_features",
    "network",
]

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

COLUMNS = (
    "norm", "lemma", "suffix", "cluster", "tag", "dep", "head", "headdep", "kind", "marks", "lexicon", "rule",
    "object", "governor", "before", "after", "hint1", "hint2", "hint3", "headhint", "prior1", "prior2",
    "objectprior", "company",
)  # fmt: skip
"""The features of a token that are looked up in a table each; word senses and the parser's vector come beside them."""
LINKS = ("path", "chain", "distance", "case", "kind", "rule", "order", "voice", "crossed")
"""The features of a pair of a word and a party."""

NEIGHBOURS = ("previous", "next", "head", "subject", "object", "oblique")
SENSES_MOST = 12
# A sentence that names more parties is a list; the rest is left out, so that time stays linear.
PARTICIPANTS = 24
# A sentence that names so many parties needs none from before.
NAMED_MOST = 2
# Parties from before, at most.
EARLIER = 6
_MARK_DEPS = frozenset("aux aux:pass mark cop advmod neg cc det compound:prt expl".split())
_MARK_WORDS = frozenset(
    "will would could may might should must can shall 'll wo ca not n't never no to if unless whether lest that before after "
    "while without by be been was were is are has have had having being did do does neither nor yet still once ago "
    "previously earlier already again soon later".split()
)
_LIGHT = frozenset("DET ADJ ADV NUM PRON PROPN AUX PUNCT".split())
_CANDIDATES = frozenset("VERB NOUN ADJ AUX PROPN ADV X".split())
_HEADS = frozenset({"VERB", "NOUN", "AUX", "ADJ"})
_NOTHING: frozenset[str] = frozenset()
_PRONOUNS = frozenset("he she it they him her them both we us his its their our i".split())
_PLURAL_SIDES = frozenset(
    "sides countries parties nations states leaders ministers presidents governments neighbours neighbors counterparts pair "
    "two both capitals delegations officials foes allies".split()
)


@dataclass(frozen=True, slots=True)
class Participant:
    """A word of the sentence that stands for one or more parties."""

    token: int
    refs: tuple[Ref, ...]
    kind: str  # via of its unit, "adjective", "pair", "pronoun", "place" or "earlier"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A party that sentences before name and this one does not."""

    ref: Ref
    via: str
    back: int  # sentences since it was named last
    first: bool  # whether it was the first party of that sentence
    title: bool  # whether that sentence is the title


@dataclass(frozen=True, slots=True)
class Past:
    """An act of a sentence before, as far as who is meant now may hang on it."""

    sentence: int
    event_type: str
    symmetric: bool
    sources: frozenset[str]
    targets: frozenset[str]

    def role(self, code: str) -> str:
        """Return "B", "S", "T" or "" for a party."""
        if self.symmetric and code in self.sources:
            return "B"
        return "S" if code in self.sources else "T" if code in self.targets else ""


@dataclass(slots=True)
class Sentence:
    """A parsed sentence as the network sees it."""

    clauses: Clauses
    acts: list[Act]
    columns: list[tuple[str, ...]]  # one tuple a token, as COLUMNS
    senses: list[tuple[int, ...]]
    neighbours: list[tuple[int, ...]]  # token numbers, -1 for none, as NEIGHBOURS
    participants: list[Participant]
    candidates: list[int]  # tokens that may carry an act
    words: list[str]  # as the encoder reads them, parties by their stand-ins
    earlier: list[Earlier] = field(default_factory=list)  # the nearest first
    ways: dict[int, list[int]] = field(
        default_factory=dict
    )  # token -> itself and those above it, as asked for


@dataclass(slots=True)
class Reading:
    """What the network makes of one word: an act with who does it to whom."""

    token: int
    event_type: str
    mode: str | None
    status: str
    score: float
    roles: list[tuple[Participant, Floats]]
    vector: Floats  # of the word after all layers


@dataclass(frozen=True, slots=True)
class Topic:
    """A domain that a sentence is about, with the word that shows it most."""

    domain: str
    probability: float
    token: int


@dataclass(slots=True)
class Read:
    """A sentence as the network understood it."""

    readings: list[Reading]
    topics: list[Topic]


@cache
def _senses() -> dict[tuple[str, str], tuple[int, ...]]:
    return {
        (row["lemma"], row["pos"]): tuple(int(n) for n in row["senses"].split())[:SENSES_MOST]
        for row in table("lexicon/senses.csv")
    }


@lru_cache(maxsize=100_000)
def _senses_of(lemma: str, tag: str, particle: str) -> tuple[int, ...]:
    pos = "v" if tag.startswith("V") else "n" if tag.startswith("N") else ""
    if not pos:
        return ()
    known = _senses()
    if particle and (found := known.get((f"{lemma} {particle}", "v"))):
        return found
    return known.get((lemma, pos), ()) or (known.get((lemma.rstrip("s"), pos), ()) if pos == "n" else ())


@lru_cache(maxsize=100_000)
def _lexicon_of(lemma: str, tag: str, particle: str) -> str:
    """What the lexicon knows of a word, as one string."""
    if tag.startswith("V"):
        frames = verb_frames(lemma, particle) or verb_frames(lemma)
        if frames:
            return "v:" + "|".join(dict.fromkeys(f.event_type for f in frames))
        classes = verb_classes(lemma, particle)
        return "l:" + "|".join(classes) if classes else ""
    classes = noun_classes(lemma)
    return "n:" + "|".join(classes) if classes else ""


def _digits(word: str) -> str:
    return "0" if any(c.isdigit() for c in word) else word


def _hidden(clauses: Clauses, i: int) -> str:
    unit = clauses.units[i]
    if unit.kind == "word":
        return ""
    if unit.kind != "party":
        return f"<{unit.kind}>"
    return f"<{unit.via}:{unit.noun}>" if unit.noun and unit.via in {"body", "people"} else f"<{unit.via}>"


def _spoken(unit: Unit, word: str) -> str:
    """Return a word as the encoder reads it: "Saudis" and "Italians" are one."""
    return "Russians" if unit.kind == "party" and unit.via == "people" else word


def _participants(clauses: Clauses) -> list[Participant]:
    found: list[Participant] = []
    for token in clauses.doc:
        unit = clauses.units[token.i]
        if unit.kind != "word":
            kind = unit.via if unit.kind == "party" else unit.kind
            if refs := tuple(distinct(clauses.refs_of_unit(unit))):
                found.append(Participant(token.i, refs, kind))
            continue
        low = token.lower_
        refs = ()
        if low in _PRONOUNS:
            refs = tuple(
                clauses.possessor(token) if low in {"his", "its", "their", "our"} else clauses.pronoun(token)
            )
            if not refs and low == "her":
                refs = tuple(clauses.possessor(token))
        elif low in _PLURAL_SIDES:
            refs = tuple(clauses.sides(token))
        if refs:
            found.append(Participant(token.i, tuple(distinct(refs)), "pronoun"))
    taken = {p.token for p in found}
    codes = {ref.code for p in found for ref in p.refs}
    for i, ref in clauses.places(codes):
        if i not in taken:
            found.append(Participant(i, (ref,), "place"))
    return found[:PARTICIPANTS]


def _company(participants: Sequence[Participant], earlier: Sequence[Earlier]) -> str:
    """Return how many parties a sentence names, and how many those before did where it names fewer than two."""
    named = len({ref.code for p in participants if p.kind != "place" for ref in p.refs})
    return f"{named}+{min(len(earlier), 3)}" if named < NAMED_MOST else "2"


def describe(clauses: Clauses, acts: list[Act], earlier: Sequence[Earlier] = ()) -> Sentence:
    """Return a parsed sentence as the network sees it.

    `acts` are those that the reader of rules found, `earlier` the parties that the sentences before named; they are
    looked at where the sentence names fewer than two itself.
    """
    tokens = list(clauses.doc)
    size = len(tokens)
    words = [t.lower_ for t in tokens]
    tags = [t.tag_ for t in tokens]
    coarse = [t.pos_ for t in tokens]
    deps = [t.dep_ for t in tokens]
    heads = [t.head.i for t in tokens]
    below: list[list[int]] = [[] for _ in tokens]
    for i, head in enumerate(heads):
        if head != i:
            below[head].append(i)
    hidden = [_hidden(clauses, i) for i in range(size)]
    lemmas = [h or _digits(t.lemma_.lower()) for h, t in zip(hidden, tokens, strict=True)]
    particles = [
        clauses.particle(t) if p in {"VERB", "AUX"} else "" for t, p in zip(tokens, coarse, strict=True)
    ]
    lexicon = [
        "" if h else _lexicon_of(*known) for h, *known in zip(hidden, lemmas, tags, particles, strict=True)
    ]
    hinted = hints(
        ["" if h else m for h, m in zip(hidden, lemmas, strict=True)],
        [bool(h) or p in _LIGHT for h, p in zip(hidden, coarse, strict=True)],
        [
            frozenset(lemmas[d] for c in below[i] if c > i for d in (c, *below[c]))
            if coarse[i] in _HEADS
            else _NOTHING
            for i in range(size)
        ],
    )
    told = [
        [f"{name}{min(int(score), 4)}" for score, name in here[:3]] + [""] * (3 - len(here))
        for here in hinted
    ]
    priors = [() if h else prior(m) for h, m in zip(hidden, lemmas, strict=True)]
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for act in acts:
        for n, span in enumerate(act.trigger):
            found[span].append(act.event_type if n == 0 else act.event_type.lower())
    clusters = clauses.doc.vocab.vectors.key2row
    participants = _participants(clauses)
    here = {ref.code for p in participants if p.kind != "place" for ref in p.refs}
    recalled = [e for e in earlier if e.ref.code not in here][:EARLIER] if len(here) < NAMED_MOST else []
    company = _company(participants, recalled)
    columns = []
    senses = []
    neighbours: list[tuple[int, ...]] = []
    for i, token in enumerate(tokens):
        head = heads[i]
        root = head == i
        subject = obj = oblique = -1
        marks = []
        for c in below[i]:
            dep = deps[c]
            if subject < 0 and dep.startswith("nsubj"):
                subject = c
            elif obj < 0 and dep in {"obj", "iobj", "xcomp", "ccomp"}:
                obj = c
            elif oblique < 0 and dep.startswith(("obl", "nmod")):
                oblique = c
            if dep in _MARK_DEPS and (words[c] in _MARK_WORDS or dep in {"aux", "mark"}):
                marks.append(words[c])
        low = hidden[i] or _digits(words[i])
        columns.append(
            (
                low,
                lemmas[i],
                "" if hidden[i] else low[-3:],
                hidden[i] or str(clusters.get(token.lower, "")),
                tags[i],
                deps[i],
                "" if root else lemmas[head],
                "ROOT" if root else f"{deps[i]}>{coarse[head]}",
                hidden[i] or coarse[i],
                " ".join(marks[:4]),
                lexicon[i],
                "|".join(sorted(found[span])) if (span := clauses.span(token)) in found else "",
                lemmas[obj] if obj >= 0 else "",
                lexicon[head] if not root else lexicon[obj] if obj >= 0 else "",
                lemmas[i - 1] if i else "^",
                lemmas[i + 1] if i + 1 < size else "$",
                *told[i],
                told[head][0] if not root else told[obj][0] if obj >= 0 else "",
                priors[i][0] if priors[i] else "",
                priors[i][1] if len(priors[i]) > 1 else "",
                next((priors[n][0] for n in (obj, oblique) if n >= 0 and priors[n]), ""),
                company,
            )
        )
        senses.append(() if hidden[i] else _senses_of(lemmas[i], tags[i], particles[i]))
        neighbours.append((i - 1, i + 1 if i + 1 < size else -1, -1 if root else head, subject, obj, oblique))
    candidates = [
        i for i, unit in enumerate(clauses.units) if unit.kind == "word" and coarse[i] in _CANDIDATES
    ]
    return Sentence(
        clauses,
        acts,
        columns,
        senses,
        neighbours,
        participants,
        candidates,
        [_spoken(unit, t.text) for unit, t in zip(clauses.units, tokens, strict=True)],
        recalled,
    )


def _steps(sentence: Sentence, i: int) -> list[int]:
    """Return a word and those above it, up to the root."""
    found = sentence.ways.get(i)
    if found is None:
        token = sentence.clauses.doc[i]
        found = [i]
        while token.head.i != token.i and len(found) < 13:
            token = token.head
            found.append(token.i)
        sentence.ways[i] = found
    return found


def _apart(sentence: Sentence, a: int, b: int) -> int:
    """Return the number of arcs between two words."""
    up, down = _steps(sentence, a), _steps(sentence, b)
    return next((n + up.index(i) for n, i in enumerate(down) if i in up), 99)


def link_features(sentence: Sentence, token: int, participant: Participant) -> tuple[str, ...]:
    """Return the features of a pair of a word and a party, as LINKS."""
    doc = sentence.clauses.doc
    up, down = _steps(sentence, token), _steps(sentence, participant.token)
    above = set(up)
    meet = next((i for i in down if i in above), -1)
    case = sentence.clauses.case(doc[participant.token])
    if meet < 0:
        path = chain = "far"
    else:
        rise = [doc[i].dep_ for i in up[: up.index(meet)]]
        fall = []
        for i in down[: down.index(meet)]:
            word = sentence.clauses.case(doc[i])
            fall.append(f"{doc[i].dep_}:{word}" if word else doc[i].dep_)
        fall.reverse()
        chain = "^" + " ".join(rise[:4]) + " v " + " ".join(f.split(":", 1)[0] for f in fall[:4])
        path = "^" + " ".join(rise[:3]) + " v " + " ".join(fall[:3])
        if len(rise) + len(fall) > 5:
            path = f"long {len(rise)} {fall[-1] if fall else ''}"
    crossed = 9
    if meet >= 0:
        way = [*up[1 : up.index(meet)], *down[1 : down.index(meet)]]
        way += [meet] if meet not in {token, participant.token} else []
        crossed = sum(1 for i in way if doc[i].pos_ in {"VERB", "AUX"})
    apart = _apart(sentence, token, participant.token)
    nearer = sum(1 for p in sentence.participants if _apart(sentence, token, p.token) < apart)
    gap = participant.token - token
    size = abs(gap)
    bucket = size if size < 6 else 6 if size < 9 else 7 if size < 14 else 8
    between = sum(
        1
        for p in sentence.participants
        if min(token, participant.token) < p.token < max(token, participant.token)
    )
    rule = []
    spot = sentence.clauses.span(doc[token])
    codes = {ref.code for ref in participant.refs}
    for act in sentence.acts:
        near = "=" if spot in act.trigger else "~"
        left = bool(codes & {r.code for r in act.sources})
        right = bool(codes & {r.code for r in act.targets})
        role = "B" if act.symmetric and left and right else "S" if left else "T" if right else "N"
        rule.append(f"{near}{role}")
    exact = sorted(r for r in rule if r[0] == "=") or sorted(set(rule))
    sentence_participants = [p.token for p in sentence.participants]
    place = (
        sentence_participants.index(participant.token) if participant.token in sentence_participants else 9
    )
    kind = (
        sentence.columns[participant.token][8]
        if participant.kind != "pronoun"
        else f"pronoun:{doc[participant.token].lower_}"
    )
    if participant.kind == "place":
        kind = "place"
    passive = "p" if any(c.dep_ in {"aux:pass", "nsubj:pass"} for c in doc[token].children) else "a"
    return (
        path,
        chain,
        f"{'+' if gap > 0 else '-'}{bucket}:{min(between, 3)}",
        f"{doc[participant.token].dep_}:{case}",
        kind,
        " ".join(exact[:3]),
        f"{min(place, 4)}/{min(len(sentence_participants), 5)}",
        f"{passive}{doc[token].tag_}{'+' if gap > 0 else '-'}{doc[participant.token].dep_}",
        f"{min(crossed, 3)} {min(nearer, 4)}",
    )


def earlier_features(
    sentence: Sentence, token: int, rank: int, past: Sequence[Past], index: int
) -> tuple[str, ...]:
    """Return the features of a pair of a word and the party of this rank in `earlier`, as LINKS.

    `past` are the acts of the sentences before, the latest last; `index` is the number of this sentence.
    """
    earlier = sentence.earlier[rank]
    code = earlier.ref.code
    here = {ref.code for p in sentence.participants if p.kind != "place" for ref in p.refs}
    last = next((act for act in reversed(past) if act.role(code)), None)
    role = last.role(code) if last else "-"
    since = min(index - last.sentence, 4) if last else 0
    partner = "-"
    for act in reversed(past):
        others = (act.sources | act.targets) - {code}
        if not act.role(code):
            continue
        if shared := others & here:
            partner = f"here{act.role(next(iter(shared)))}"
            break
        partner = "before" if partner == "-" else partner
    newest = past[-1] if past else None
    doc = sentence.clauses.doc
    units = sentence.clauses.units
    subject = obj = "-"
    for child in doc[token].children:
        unit = units[child.i]
        kind = "party" if unit.kind != "word" else "pron" if child.pos_ == "PRON" else "word"
        if child.dep_.startswith("nsubj"):
            subject = kind + ("p" if child.dep_.endswith("pass") else "")
        elif child.dep_ in {"obj", "iobj", "obl"} and obj == "-":
            obj = kind
    count = len(sentence.earlier)
    return (
        f"earlier {min(earlier.back, 5)}{'t' if earlier.title else ''}",
        f"earlier {role}{since} {newest.role(code) if newest else '-'}",
        f"earlier {'first' if earlier.first else 'later'} {min(len(here), 2)}",
        f"earlier {partner}",
        f"earlier {earlier.via}",
        f"earlier {last.event_type if last else '-'} {role}",
        f"earlier {min(rank, 4)}/{min(count, 5)}",
        f"earlier {doc[token].tag_}{doc[token].dep_} {role}",
        f"earlier {subject} {obj}",
    )


def _log_odds(p: float) -> float:
    p = min(max(p, 0.01), 0.99)
    return math.log(p / (1 - p))


def maxout(x: Floats) -> Floats:
    """Return the larger of each two neighbouring columns."""
    out: Floats = np.maximum(x[:, ::2], x[:, 1::2])
    return out


def norm(x: Floats, scale: Floats, shift: Floats) -> Floats:
    """Return the rows of x with mean 0 and deviation 1, scaled and shifted."""
    centred = x - x.mean(axis=1, keepdims=True)
    out: Floats = centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5) * scale + shift
    return out


def softmax(x: Floats) -> Floats:
    """Return the rows of x as probabilities."""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    out: Floats = e / e.sum(axis=1, keepdims=True)
    return out


class Network:
    """The trained network with its vocabularies; `read` runs it over sentences."""

    def __init__(self, folder: Path = DATA / "models/reader") -> None:
        if not (folder / "settings.json").is_file():
            raise DataError(f"the network {folder} is missing; restore it with `git checkout data/`")
        settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        self.types: list[str] = settings["types"]  # "none" first
        self.modes: list[str] = settings["modes"]  # "TYPE" or "TYPE.mode"
        self.statuses: list[str] = settings["statuses"]
        self.domains: list[str] = settings["domains"]
        self.threshold: float = settings["threshold"]
        self.role_threshold: float = settings["role_threshold"]
        self.vocab: dict[str, dict[str, int]] = {
            name: {word: i + 1 for i, word in enumerate(words)}
            for name, words in settings["vocabulary"].items()
        }
        self.sense_rows: dict[int, int] = {n: i + 1 for i, n in enumerate(settings["senses"])}
        with np.load(folder / "weights.npz") as stored:
            self.w: dict[str, Floats] = {name: stored[name].astype(np.float32) for name in stored.files}
        self.calibration: dict[str, float] = settings["calibration"]
        self.shares: dict[str, float] = settings["shares"]  # how often other fields were right
        self.least: float = settings["least"]  # reports less likely to be right than this are not made
        self.layers: int = settings["layers"]
        self.telling = frozenset(settings["telling"])  # words that often carry an act
        self.encoder = Encoder(folder)
        self._fold()

    def _fold(self) -> None:
        """Multiply the tables with the first layer once, so that a sentence only adds up rows."""
        mix = self.w.pop("mix_w")
        at = 0
        for name in (*COLUMNS, "senses"):
            rows = self.w.pop(f"embed_{name}")
            self.w[f"fold_{name}"] = rows @ mix[at : at + rows.shape[1]]
            at += rows.shape[1]
        self.w["fold_parser"] = self.w.pop("parser") @ mix[at:]

    def confidence(self, event_type: str, word: float, source: float, target: float) -> float:
        """Return how often reports read so surely were right, by what was measured on the dev part of the gold.

        `word` is the probability of the act, `source` and `target` those of their roles.
        """
        c = self.calibration
        odds = (
            c["bias"]
            + c["word"] * _log_odds(word)
            + c["role"] * _log_odds(min(source, target))
            + c.get(event_type, 0.0)
        )
        return 1 / (1 + math.exp(-odds))

    # -- sentences to numbers

    def encode(self, sentences: Sequence[Sentence]) -> tuple[Ints, Ints, Ints, Floats, Floats]:
        """Return (columns, senses, neighbours, parser's and encoder's vectors) of all tokens, sentence after sentence."""
        tables = [self.vocab[name] for name in COLUMNS]
        rows: list[list[int]] = []
        senses: list[list[int]] = []
        neighbours: list[list[int]] = []
        at = 0
        for sentence in sentences:
            for columns, words, near in zip(
                sentence.columns, sentence.senses, sentence.neighbours, strict=True
            ):
                rows.append([known.get(value, 0) for known, value in zip(tables, columns, strict=True)])
                found = [r for n in words if (r := self.sense_rows.get(n))]
                senses.append(found + [0] * (SENSES_MOST - len(found)))
                neighbours.append([at + n if n >= 0 else -1 for n in near])
            at += len(sentence.columns)
        vectors = np.concatenate([np.asarray(s.clauses.doc.tensor, dtype=np.float32) for s in sentences])
        return (
            np.array(rows, dtype=np.int32),
            np.array(senses, dtype=np.int32),
            np.array(neighbours, dtype=np.int32),
            vectors,
            self.encoder.vectors([s.words for s in sentences]),
        )

    def forward(
        self, columns: Ints, senses: Ints, neighbours: Ints, vectors: Floats, context: Floats
    ) -> Floats:
        """Return the vectors of the tokens after all layers."""
        w = self.w
        x = vectors @ w["fold_parser"] + context @ w["encoder"] + w["mix_b"]
        for i, name in enumerate(COLUMNS):
            x += w[f"fold_{name}"][columns[:, i]]
        held = (senses > 0).astype(np.float32)
        share = held / np.maximum(held.sum(axis=1, keepdims=True), 1)
        told = np.flatnonzero(held[:, 0])
        x[told] += np.einsum("ij,ijk->ik", share[told], w["fold_senses"][senses[told]])
        x = norm(maxout(x), w["mix_g"], w["mix_s"])
        for layer in range(self.layers):
            padded = np.concatenate([x, np.zeros((1, x.shape[1]), dtype=np.float32)])
            near = padded[neighbours].reshape(x.shape[0], -1)
            y = maxout(np.concatenate([x, near], axis=1) @ w[f"l{layer}_w"] + w[f"l{layer}_b"])
            x = x + norm(y, w[f"l{layer}_g"], w[f"l{layer}_s"])
        return x

    # -- numbers to acts

    def read(self, sentences: Sequence[Sentence]) -> list[Read]:
        """Return for each sentence the acts that the network finds, in the order of their words, and its topics."""
        if not sentences:
            return []
        w = self.w
        x = self.forward(*self.encode(sentences))
        hidden = maxout(x @ w["trigger_w"] + w["trigger_b"])
        types = softmax(hidden @ w["type_w"] + w["type_b"])
        out: list[list[Reading]] = []
        pairs: list[tuple[int, int]] = []
        wanted: list[Reading] = []
        features: list[list[int]] = []
        kinds: list[int] = []
        spots: list[Reading] = []
        tables = [self.vocab[f"link_{name}"] for name in LINKS]
        at = 0
        for sentence in sentences:
            found: list[Reading] = []
            for i in sentence.candidates:
                row = types[at + i]
                if 1 - row[0] < self.threshold / 4:
                    continue
                best = int(row[1:].argmax()) + 1
                reading = Reading(i, self.types[best], None, "occurred", float(1 - row[0]), [], x[at + i])
                found.append(reading)
                spots.append(reading)
                for participant in sentence.participants:
                    pairs.append((at + i, at + participant.token))
                    kinds.append(best)
                    features.append(
                        [
                            t.get(v, 0)
                            for t, v in zip(tables, link_features(sentence, i, participant), strict=True)
                        ]
                    )
                    wanted.append(reading)
                    reading.roles.append((participant, np.zeros(4, dtype=np.float32)))
            out.append(found)
            at += len(sentence.columns)
        if spots:
            self._judge(hidden, out, sentences)
        if pairs:
            left, right = np.array(pairs).T
            f = np.array(features)
            y = x[left] @ w["link_t"] + x[right] @ w["link_p"] + w["embed_act"][np.array(kinds)] + w["link_b"]
            for i, name in enumerate(LINKS):
                y = y + w[f"link_{name}"][f[:, i]]
            roles = softmax(maxout(y) @ w["role_w"] + w["role_b"])
            seen: dict[int, int] = defaultdict(int)
            for reading, row in zip(wanted, roles, strict=True):
                n = seen[id(reading)]
                reading.roles[n] = (reading.roles[n][0], row)
                seen[id(reading)] = n + 1
        return [Read(found, topics) for found, topics in zip(out, self._topics(x, sentences), strict=True)]

    def recall(
        self, sentence: Sentence, readings: Sequence[Reading], past: Sequence[Past], index: int
    ) -> None:
        """Add to the readings the roles of the parties that only the sentences before name.

        `past` are the acts of the sentences before, the latest last; `index` is the number of this sentence.
        """
        if not sentence.earlier or not readings:
            return
        w = self.w
        tables = [self.vocab[f"link_{name}"] for name in LINKS]
        for reading in readings:
            y = np.repeat(
                (
                    reading.vector @ w["link_t"]
                    + w["embed_act"][self.types.index(reading.event_type)]
                    + w["link_b"]
                )[None],
                len(sentence.earlier),
                axis=0,
            )
            for rank in range(len(sentence.earlier)):
                values = earlier_features(sentence, reading.token, rank, past, index)
                for name, known, value in zip(LINKS, tables, values, strict=True):
                    y[rank] += w[f"link_{name}"][known.get(value, 0)]
            rows = softmax(maxout(y) @ w["role_w"] + w["role_b"])
            for earlier, row in zip(sentence.earlier, rows, strict=True):
                reading.roles.append((Participant(-1, (earlier.ref,), "earlier"), row))

    def _topics(self, x: Floats, sentences: Sequence[Sentence]) -> list[list[Topic]]:
        heat, value = x @ self.w["domain_q"], x @ self.w["domain_v"]
        out = []
        at = 0
        for sentence in sentences:
            end = at + len(sentence.columns)
            share = softmax(np.ascontiguousarray(heat[at:end].T)).T
            part = share * value[at:end]
            odds = part.sum(axis=0) + self.w["domain_b"]
            sure = 1 / (1 + np.exp(-odds))
            words = [
                t.i
                for t in sentence.clauses.doc
                if t.pos_ in {"NOUN", "VERB", "ADJ", "PROPN"} and sentence.clauses.units[t.i].kind == "word"
            ]
            topics = []
            for d in np.flatnonzero(sure > 0.1) if words else ():
                best = max(words, key=lambda i: float(part[i, d]))
                topics.append(Topic(self.domains[d], float(sure[d]), best))
            out.append(sorted(topics, key=lambda t: -t.probability))
            at = end
        return out

    def _judge(self, hidden: Floats, out: list[list[Reading]], sentences: Sequence[Sentence]) -> None:
        """Fill in modes and statuses."""
        w = self.w
        at = 0
        for found, sentence in zip(out, sentences, strict=True):
            for reading in found:
                h = hidden[at + reading.token]
                status = h @ w["status_w"] + w["status_b"]
                reading.status = self.statuses[int(status.argmax())]
                mode = h @ w["mode_w"] + w["mode_b"]
                own = [
                    i
                    for i, name in enumerate(self.modes)
                    if name == reading.event_type or name.startswith(reading.event_type + ".")
                ]
                if own:
                    name = self.modes[max(own, key=lambda i: mode[i])]
                    reading.mode = name.partition(".")[2] or None
            at += len(sentence.columns)


@cache
def network() -> Network:
    """Return the one network of this process (loaded on first use)."""
    return Network()
