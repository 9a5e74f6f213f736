"""The order of work: article -> sentences -> names -> parse -> two readers -> acts -> reports.

1. Layout: title, date line and page furniture are known; sentences are split inside paragraphs.
2. Names: one pass of the gazetteer over the article; titles, names and appositions are joined to units.
3. Gate: only sentences that can hold an event (two parties, or one and a pronoun or "the two sides") are parsed.
4. Readers: the rules read each parsed sentence (`predicates`), the network reads it with their findings (`learned`).
5. Acts: what the network is sure of, with what the rules know of its clause (`settle`).
6. Reports: dates (`when`), place, issues, quantities; sentences about one act are joined to one report.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from math import log
from operator import itemgetter

from spacy.tokens import Doc

from events import codebook
from events.extract.actors import Memory, Named, Token, Unit, sector_of, units_of
from events.extract.clauses import Clauses
from events.extract.dates import DateMention, dates_in
from events.extract.fields import (
    BEFORE,
    Before,
    Kept,
    Option,
    Someone,
    actor_options,
    chance,
    choose,
    date_options,
    fields,
    place_options,
)
from events.extract.issues import NEAR, Heard, domain_features, issues_in, whole
from events.extract.learned import Earlier, Past, Read, Sentence, describe, network
from events.extract.places import Spot, spots
from events.extract.predicates import Act, Focus, Ref, misread, read_sentence
from events.extract.quantities import quantities_in
from events.extract.settle import settle
from events.extract.when import announced, bind, of_the_telling
from events.gazetteer import Gazetteer, Mention, gazetteer, is_state, sovereign_of
from events.language import parse, tokenize
from events.read.layout import Dateline, dateline, furniture, timestamp
from events.schema import Actor, Article, Issue, Place, Quantity, Report, Side, Span, Status, report_id_of

__all__ = ["Coding", "RuleExtractor"]

VERSION = "0.6"
# A sentence longer than this is a list or a table; it is cut into pieces so that parsing stays linear.
MAX_TOKENS = 120
MAX_CHARACTERS = 8_000
# Parsing is twice as fast with some 60 sentences at a time as with the 8 of one article (tests/bench.py).
ARTICLES_TOGETHER = 16
# A domain without a named issue counts where the network is at least so sure of it. Swept 0.5 to 0.8 on the dev part.
# How likely a person or body must be to take part in an act, by its kind, settled on the dev part of the gold: those
# without a name never do.
ACTOR_SURE = {
    "person": 0.3, "office": 0.2, "role": 1.1, "body": 0.8, "organisation": 0.7, "stranger": 0.5, "strange body": 0.7,
}  # fmt: skip
_BOTH: tuple[Side, ...] = ("source", "target")
# Where so many issues are named, what is only heard between the lines is left out.
NAMED_ENOUGH = 3
DOMAIN_SURE = 0.35  # how likely a domain must be; settled on the dev part of the gold
# Sentences before one that names nobody, in which it may find its two parties.
CONTEXT = 4
# As many, where it does not even say "the two sides".
NAMELESS = 1
_BY_PHONE = re.compile(
    r"phon|\bcall|\br[aiu]ng|\bvideo|\bline\b|\bconversation|\bspoke|\btalked", re.IGNORECASE
)
# A telling that is less sure than this share of what a report needs says nothing of an act that is told again.
WEAK = 0.6
# An act recalled from more than a week before publication is background (codebook, "Status").
BACKGROUND_DAYS = 7

_SENTENCE_END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s|$)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Sgt|Adm|Capt|Gov|Sen|Rep|St|No|vs|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|"
    r"Oct|Nov|Dec|approx|Hon|Rev|Jr|Sr|Co|Inc|Ltd|Corp|etc|e\.g|i\.e)|\b[A-Z](?:\.[A-Z])*)\.$"
)
_PRONOUNS = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|its|their|both|counterparts?|colleagues?|(?:two|both|the) "
    r"(?:sides|countries|leaders|parties|nations|states|neighbou?rs|ministers|presidents|governments|capitals|pair))\b",
    re.IGNORECASE,
)
_SIDES = re.compile(
    r"\b(?:they|both|their|them|the pair|the two|(?:two|both|the) "
    r"(?:sides|countries|leaders|parties|nations|states|neighbou?rs|ministers|presidents|governments|capitals|delegations))\b",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"\b[^\W\d_a-z][\w'’-]+")
_WORD = re.compile(r"[^\W\d_]+")
_PAST_HINT = re.compile(
    r"\b(?:previously|in recent years|in recent months|in the past|years ago|earlier this year|last year|historically|"
    r"for decades|decades ago|once)\b",
    re.IGNORECASE,
)
_PRESS_SERVICE = re.compile(r"\bpress (?:service|office|department|release)\b", re.IGNORECASE)
# Issues that say no more than that two parties have relations; they give way to any other.
# What an act is about by its very kind; its words are those of the act.
_IMPLIED_ISSUES = {
    ("ASSAULT", None): "armed conflict",
    ("RETREAT", "ceasefire"): "ceasefire",
    ("AGREE", "settle"): "ceasefire",
    ("MOBILIZE", None): "military build-up",
    ("SANCTION", "expel"): "expulsion of diplomats",
    ("SANCTION", "withdraw"): "diplomatic relations",
    ("THREATEN", "expel"): "expulsion of diplomats",
    ("THREATEN", "relations"): "diplomatic relations",
    ("THREATEN", "violence"): "armed conflict",
    ("COERCE", "cyber"): "cyber-attacks",
    ("CONSULT", "visit"): "high-level contacts",
    ("REJECT", "meet"): "high-level contacts",
}
_GENERIC_ISSUES = frozenset({"bilateral relations", "bilateral cooperation", "diplomatic contacts"})


# What the parser reads for parties: names that it knows well.
_READ_AS = {
    "state": "Russia China France Germany Iran Israel Japan Egypt India Canada".split(),
    "adjective": "Russian Chinese French German Iranian Israeli Japanese Egyptian Indian Canadian".split(),
    "person": "Putin Bush Blair Powell Clinton Obama Arafat Sharon Annan Rumsfeld".split(),
}


@dataclass(slots=True)
class _Sentence:
    index: int
    start: int
    end: int
    title: bool
    headline: bool = False  # written without articles and full stop, as titles are
    units: list[Unit] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    clauses: Clauses | None = None  # its parse, where it passed the gate
    heads: list[int] = field(default_factory=list)  # the words of its acts
    dates: list[DateMention] | None = None  # once asked for, as the spots
    spots: list[Spot] | None = None

    def help_parser(self, doc: Doc) -> bool:
        """Put an auxiliary before verbs that the parser missed; say whether there were any."""
        places = misread(doc, self.units)
        if places:
            units: list[Unit] = []
            for i, unit in enumerate(self.units):
                if i in places:
                    auxiliary, form = places[i]
                    units += [Unit(unit.start, unit.start, auxiliary), replace(unit, form=form)]
                else:
                    units.append(unit)
            self.units = units
        return bool(places)


@dataclass(slots=True)
class _Draft:
    """A report in the making: one act for one pair of parties, with every sentence that tells it."""

    source: Ref
    target: Ref
    act: Act
    sentence: _Sentence
    spans: dict[str, list[Span]]
    issues: dict[str, Issue]
    actors: list[Actor]
    quantities: list[Quantity]
    day: date | None
    precision: str
    basis: str
    planned: date | None
    status: Status
    place: Place | None
    attributed: str | None
    sentences: list[_Sentence]
    sure: dict[str, float]  # how likely date and place are right
    about: dict[str, dict[str, float]]  # features of the domains
    told: int = 1


def implied_issue(act: Act) -> str | None:
    """Return the issue that acts of this type and mode always have."""
    name = _IMPLIED_ISSUES.get((act.event_type, act.mode)) or _IMPLIED_ISSUES.get((act.event_type, None))
    return name if name in codebook.issues() else None


def sentences_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a paragraph as offsets; abbreviations and initials do not end one."""
    at = start
    for m in _SENTENCE_END.finditer(text, start, end):
        piece = text[at : m.end()]
        rest = text[m.end() : m.end() + 3].lstrip()
        if m.group(0)[0] == "." and _ABBREVIATION.search(piece.rstrip("\"”’')]")):
            continue
        if rest[:1].islower():
            continue
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield at + lead, m.end()
        at = m.end()
    tail = text[at:end]
    if tail.strip():
        lead = len(tail) - len(tail.lstrip())
        yield at + lead, at + len(tail.rstrip())


def _simplified(sentence: _Sentence) -> list[Unit]:
    """Return the units as the parser reads them.

    The first party of a sentence is read as Russia (Russian, Putin), the second as China and so on, so that no
    country is read better than another. In headlines a comma between parties is "and".
    """
    units = sentence.units
    order: dict[str, int] = {}
    out = []
    for i, unit in enumerate(units):
        form = unit.form
        if (
            sentence.headline
            and form == ","
            and 0 < i < len(units) - 1
            and units[i - 1].kind == "party"
            and units[i + 1].kind == "party"
            and i <= 3
        ):
            form = "and"
        elif len(unit.codes) == 1 and unit.kind in {"party", "adjective"} and unit.via != "people":
            names = _READ_AS[
                "adjective" if unit.kind == "adjective" else "person" if unit.via == "person" else "state"
            ]
            form = names[order.setdefault(unit.codes[0], len(order)) % len(names)]
        out.append(unit if form == unit.form else replace(unit, form=form))
    return out


class RuleExtractor:
    """The extractor of two readers, rules and network; stateless between articles, so one serves a whole run."""

    name = "rules"
    version = VERSION

    def __init__(self) -> None:
        self.gaz: Gazetteer = gazetteer()

    def reports(self, article: Article) -> list[Report]:
        """Return the reports of an English article, in the order in which it tells them."""
        return next(self.stream([article]))

    def stream(self, articles: Iterable[Article]) -> Iterator[list[Report]]:
        """Yield the reports of each article, in order.

        Sentences of several articles are parsed together, which is faster than article by article.
        """
        iterator = iter(articles)
        while chunk := list(islice(iterator, ARTICLES_TOGETHER)):
            codings = self.read(chunk)
            sentences = [s for coding in codings for s in coding.described()]
            readings = iter(network().read(sentences))
            for coding in codings:
                yield coding.reports(list(islice(readings, len(coding.chosen))))

    def read(self, articles: Sequence[Article]) -> list[Coding]:
        """Return the articles with the sentences that may hold an event parsed and read by the rules."""
        codings = [Coding(article, self.gaz) for article in articles]
        chosen = [sentence for coding in codings for sentence in coding.prepare()]
        docs = list(parse([(u.form, u.space) for u in _simplified(s)] for s in chosen))
        # the parser's traps: those sentences are parsed once more, with "has" before the verb
        again = [i for i, doc in enumerate(docs) if chosen[i].help_parser(doc)]
        for i, doc in zip(
            again, parse([(u.form, u.space) for u in _simplified(chosen[i])] for i in again), strict=True
        ):
            docs[i] = doc
        parsed = iter(docs)
        for coding in codings:
            coding.take(list(islice(parsed, len(coding.chosen))))
        return codings

    def warm_up(self) -> None:
        """Load names and model now rather than with the first article."""
        list(parse([[("Warm", True), ("up", False)]]))


class Coding:
    """One article being coded."""

    def __init__(self, article: Article, gaz: Gazetteer) -> None:
        self.article = article
        self.gaz = gaz
        self.text = article.text
        self.furniture = furniture(self.text)
        self.dateline: Dateline | None = dateline(self.text)
        self.today = self._reference_day()
        self.memory = Memory()
        self.all: list[_Sentence] = []
        self.chosen: list[_Sentence] = []
        self.clauses: list[Clauses] = []  # of the chosen sentences, as the acts
        self.acts: list[list[Act]] = []
        self.seen: list[Sentence] = []
        self.kept: dict[str, list[Kept]] = {"date": [], "place": [], "actors": []}
        self.mentions = [
            m
            for m in sorted(gaz.settle(gaz.find(self.text), self.text), key=lambda m: m.start)
            if not self._hidden(m.start)
            and not (self.dateline and self.dateline.start <= m.start < self.dateline.end)
        ]

    def _hidden(self, position: int) -> bool:
        return any(s <= position < e for s, e in self.furniture)

    def _reference_day(self) -> date | None:
        if self.article.published:
            try:
                return date.fromisoformat(self.article.published[:10])
            except ValueError:
                pass
        stamp = timestamp(self.text)
        if stamp is not None:
            return stamp
        if self.dateline and self.dateline.year and self.dateline.month and self.dateline.day:
            return date(self.dateline.year, self.dateline.month, self.dateline.day)
        return None

    # -- sentences

    def sentences(self) -> list[_Sentence]:
        """Return the sentences of the text, without page furniture and date line; a title is one."""
        found: list[_Sentence] = []
        position = 0
        for line in self.text.splitlines(keepends=True):
            start, end = position, position + len(line.rstrip("\r\n"))
            position += len(line)
            if not line.strip() or self._hidden(start):
                continue
            if self.dateline and start <= self.dateline.start < end:
                start = self.dateline.end
            title = start < self.article.body_start
            pieces = [(start, end)] if title else list(sentences_of(self.text, start, end))
            for s, e in pieces:
                bare = e - s < 120 and self.text[e - 1] not in ".!?…:;,\"”’'"
                found.append(_Sentence(len(found), s, e, title, headline=title or bare))
        return found

    def tokens(self, sentence: _Sentence) -> list[Token]:
        """Tokens with offsets into the article, cut where a name begins or ends inside one."""
        cuts = sorted({p for m in sentence.mentions for p in (m.start, m.end)})
        out: list[Token] = []
        end = min(sentence.end, sentence.start + MAX_CHARACTERS)
        for _, begin, stop, space in tokenize(self.text[sentence.start : end]):
            s, e = begin + sentence.start, stop + sentence.start
            at = s
            for p in [*cuts[bisect_right(cuts, s) : bisect_left(cuts, e)], e]:
                out.append(Token(self.text[at:p], at, p, space and p == e))
                at = p
        return out[: MAX_TOKENS * 4]

    def prepare(self) -> list[_Sentence]:
        """Return the sentences that pass the gate, their names joined to units."""
        sentences = self.all = self.sentences()
        starts = [m.start for m in self.mentions]
        for sentence in sentences:
            inside = self.mentions[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]
            sentence.mentions = [m for m in inside if m.end <= sentence.end]
        named = [s for s in sentences if s.mentions or self.surnames(s)]
        tokens = {s.index: self.tokens(s) for s in named}
        # people first, so that a surname in the headline finds its owner in the body
        for sentence in sorted(named, key=lambda s: s.title):
            if sentence.mentions:
                units_of(tokens[sentence.index], sentence.mentions, self.memory, self.gaz, self.today)
        self.memory.roles.clear()
        told: list[set[str]] = []
        for sentence in sentences:
            if sentence.index in tokens or self.follows(sentence, told):
                given = tokens.get(sentence.index) or self.tokens(sentence)
                units = units_of(given, sentence.mentions, self.memory, self.gaz, self.today)
                sentence.units = units[:MAX_TOKENS]
            codes = {code for unit in sentence.units for code in unit.codes}
            if sentence.units and self.passes(sentence, codes, told):
                self.chosen.append(sentence)
            told.append(codes)
        return self.chosen

    def surnames(self, sentence: _Sentence) -> bool:
        """Whether a sentence names somebody by a surname that an official or a person of the article bears."""
        words = _CAPITALISED.findall(self.text, sentence.start, sentence.end)
        return any(word in self.memory.people or self.gaz.is_family_name(word) for word in words)

    def follows(self, sentence: _Sentence, told: list[set[str]]) -> bool:
        """Whether a sentence without a name may speak of two parties named before.

        "The two sides also agreed" may reach back further than "The talks broke up without a date".
        """
        near = set().union(*told[-CONTEXT:]) if told else set()
        if len(near) < 2:
            return False
        if _SIDES.search(self.text, sentence.start, sentence.end):
            return True
        words = _WORD.findall(self.text, sentence.start, sentence.end)
        just = set().union(*told[-NAMELESS:])
        return len(just) > 1 and not network().telling.isdisjoint(w.lower() for w in words)

    def passes(self, sentence: _Sentence, codes: set[str], told: list[set[str]]) -> bool:
        """The gate: two parties; one, and a word that may stand for another; or words for two named before."""
        if len(codes) >= 2:
            return True
        if not codes:
            return self.follows(sentence, told)
        if any(
            unit.kind == "word"
            and unit.form[:1].isupper()
            and (place := self.gaz.place(self.text[unit.start : unit.end])) is not None
            and place.country not in codes
            for unit in sentence.units[1:]
        ):
            return True  # a city may stand for its state ("Russia hits Odesa")
        others = set().union(*told) - codes if told else set()
        return bool(others)

    # -- acts to drafts

    def take(self, docs: list[Doc]) -> None:
        """Read the parses of the chosen sentences, in order."""
        focus = Focus()
        self.clauses, self.acts = [], []
        for sentence, doc in zip(self.chosen, docs, strict=True):
            clauses, acts = read_sentence(doc, sentence.units, focus, headline=sentence.headline)
            self.clauses.append(clauses)
            sentence.clauses = clauses
            self.acts.append(acts)

    def described(self) -> list[Sentence]:
        """Return the chosen sentences as the network reads them."""
        self.seen = [
            describe(clauses, acts, self.earlier(sentence))
            for sentence, clauses, acts in zip(self.chosen, self.clauses, self.acts, strict=True)
        ]
        return self.seen

    def earlier(self, sentence: _Sentence) -> list[Earlier]:
        """Return the parties that the sentences before name, the nearest first, each where it was named last."""
        found: dict[str, Earlier] = {}
        before = self.all[max(0, sentence.index - CONTEXT) : sentence.index]
        titles = [s for s in self.all[: max(0, sentence.index - CONTEXT)] if s.title]
        for other in (*reversed(before), *reversed(titles)):
            parties = [u for u in other.units if u.kind != "word" and u.codes]
            for n, unit in enumerate(parties):
                for code, (start, end) in zip(unit.codes, unit.spans, strict=False):
                    known = sovereign_of(code)
                    if known not in found:
                        ref = Ref(known, start, end, unit)
                        via = unit.via if unit.kind == "party" else unit.kind
                        back = sentence.index - other.index
                        found[known] = Earlier(ref, via, back, n == 0, other.title)
        return list(found.values())

    def reports(self, readings: list[Read]) -> list[Report]:
        """Return the reports of the acts that the network found, in the order of the sentences."""
        drafts: list[_Draft] = []
        press = self.attribution(self.all)
        told: list[Past] = []
        self.listen(readings)
        for sentence, seen, found in zip(self.chosen, self.seen, readings, strict=True):
            near = [act for act in told if sentence.index - act.sentence <= CONTEXT]
            network().recall(seen, found.readings, near, sentence.index)
            acts = settle(seen, found.readings)
            sentence.heads = sorted({act.head for act in acts})
            for act in acts:
                sources, targets = (frozenset(r.code for r in refs) for refs in (act.sources, act.targets))
                told.append(Past(sentence.index, act.event_type, act.symmetric, sources, targets))
                drafts.extend(self.drafts(act, sentence, press))
        return self.finish(self.join(drafts))

    def attribution(self, sentences: list[_Sentence]) -> str | None:
        """The party whose press service or statement the article gives as its source."""
        pattern = re.compile(
            r"\b(?:reported|announced|said|according to|told reporters|said in a statement)\b", re.IGNORECASE
        )
        for sentence in sentences:
            if sentence.title or not pattern.search(self.text, sentence.start, sentence.end):
                continue
            m = re.search(
                r"\bpress (?:service|office|secretary|release)\b",
                self.text[sentence.start : sentence.end],
                re.IGNORECASE,
            )
            if m is None:
                continue
            at = sentence.start + m.start()
            near = sorted(
                (u for u in sentence.units if u.kind == "party"),
                key=lambda u: min(abs(u.start - at), abs(u.end - at)),
            )
            if near and near[0].codes:
                return near[0].codes[0]
        return None

    def drafts(self, act: Act, sentence: _Sentence, press: str | None) -> Iterator[_Draft]:
        """Yield a draft for each pair of parties of an act."""
        pairs: list[tuple[Ref, Ref]] = []
        if act.symmetric and act.joint:
            refs = act.sources[:5]
            pairs = [(a, b) for i, a in enumerate(refs) for b in refs[i + 1 :]]
        else:
            pairs = [(a, b) for a in act.sources[:3] for b in act.targets[:3] if a.code != b.code]
        for a, b in pairs:
            source, target = (a, b) if not act.symmetric or a.code < b.code else (b, a)
            if self.likely(act, source.code, target.code) >= WEAK * network().least:
                yield self.draft(act, source, target, sentence, press)

    @staticmethod
    def likely(act: Act, source: str, target: str) -> float:
        """Return how often acts of two parties that were read so surely are right."""
        return network().confidence(
            act.event_type,
            round(act.score, 2),  # as calibrate.py sees them
            round(act.sure.get(source, act.score), 2),
            round(act.sure.get(target, act.score), 2),
        )

    def draft(
        self,
        act: Act,
        source: Ref,
        target: Ref,
        sentence: _Sentence,
        press: str | None,
    ) -> _Draft:
        """Return an act of a pair of parties with all that its sentence says of it."""
        when, plan, date_sure = self.dates_of(act, sentence)
        planned = plan.day if plan is not None and (self.today is None or plan.day >= self.today) else None
        status: Status = "denied" if act.denied else "occurred"
        spans: dict[str, list[Span]] = {
            "source": [self.span(source.start, source.end)],
            "target": [self.span(target.start, target.end)],
            "event_type": [self.span(s, e) for s, e in act.trigger],
            "status": [self.span(s, e) for s, e in act.status_words],
        }
        day, precision, basis = self.today, "day", "publication"
        if when is not None:
            day, precision, basis = when.day, when.precision, "text"
            spans["date"] = [self.span(when.start, when.end)]
        elif plan is not None:
            spans["date"] = [self.span(plan.start, plan.end)]
        elif self.dateline and self.today:
            spans["date"] = [self.span(*self.dateline.date_span)] if self.dateline.date_span else []
        if status == "occurred" and basis == "text" and day is not None and self.long_ago(day, precision):
            status = "background"
        if status == "occurred" and basis == "publication":
            if act.background:
                status, day = "background", None
                past = _PAST_HINT.search(self.text, act.start, act.end)
                if past is not None:
                    spans["status"].append(self.span(past.start(), past.end()))
        where, place_sure = self.place_of(act, sentence)
        if where is not None:
            spans["place"] = [self.span(where.start, where.end)]
        about = self.about(act, sentence)
        issues = self.issues_of(act, sentence, self.agenda(act, sentence) or self.domains(about))
        attributed = act.attributed.code if act.attributed else press
        return _Draft(
            source=source,
            target=target,
            act=act,
            sentence=sentence,
            spans=spans,
            issues=issues,
            actors=self.actors(act, source, target, sentence),
            quantities=quantities_in(self.text, sentence.start, sentence.end),
            day=day,
            precision=precision,
            basis=basis,
            planned=planned,
            status=status,
            place=where.place if where else None,
            attributed=attributed,
            sentences=[sentence],
            sure={"date": date_sure, "place": place_sure},
            about=about,
        )

    def listen(self, readings: list[Read]) -> None:
        """Gather what each sentence is about."""
        self.heard = [Heard(s.title, issues_in(self.text, s.start, s.end)) for s in self.all]
        for sentence, found in zip(self.chosen, readings, strict=True):
            units = sentence.units
            self.heard[sentence.index].topics = {
                t.domain: (t.probability, units[t.token].start, units[t.token].end) for t in found.topics
            }
        self.whole = whole(self.heard)

    def about(self, act: Act, sentence: _Sentence) -> dict[str, dict[str, float]]:
        """Return the features of the domains for an act."""
        implied = implied_issue(act)
        kind = f"{act.event_type}.{act.mode}" if act.mode else act.event_type
        domain = codebook.issues()[implied].domain if implied else None
        clause = (act.trigger[0][0], act.end)
        prior = fields()["domains"]
        return domain_features(self.heard, sentence.index, clause, kind, domain, prior, self.whole)

    def agenda(self, act: Act, sentence: _Sentence) -> set[str]:
        """Return what was talked about: the domains of issues that are named behind the word for the talks."""
        if act.event_type != "CONSULT":
            return set()
        return {i.domain for i in self.heard[sentence.index].named if i.start >= act.trigger[0][0]}

    def issues_of(self, act: Act, sentence: _Sentence, domains: set[str]) -> dict[str, Issue]:
        """The issues of these domains that the act's own sentence names, or the next that name one, or none by name."""
        known = codebook.issues()
        implied = implied_issue(act)
        own = self.heard[sentence.index]
        found = {i.issue: i for i in own.named if i.domain in domains}
        start, end = act.trigger[0]
        if implied is not None and known[implied].domain in domains:
            found.setdefault(implied, Issue(implied, known[implied].domain, start, end))
        near = self.heard[max(0, sentence.index - NEAR) : sentence.index + 1 + NEAR]
        for domain in domains - {i.domain for i in found.values()}:
            if domain in own.topics:
                _, start, end = own.topics[domain]
            elif other := [i for h in (*near, *self.heard) for i in h.named if i.domain == domain]:
                found.setdefault(other[0].issue, other[0])
                continue
            else:
                heard = max(self.heard, key=lambda h: h.sure(domain))
                _, start, end = heard.topics.get(domain, (0.0, *act.trigger[0]))
            name = codebook.general_issue(domain)
            found.setdefault(name, Issue(name, domain, start, end))
        return found

    @staticmethod
    def domains(features: dict[str, dict[str, float]]) -> set[str]:
        """Return the domains of an act: those that are likely, at least the likeliest."""
        weights = fields()["domains"]
        odds = {
            d: sum(weights.get(name, 0.0) * x for name, x in told.items()) for d, told in features.items()
        }
        least = log(DOMAIN_SURE / (1 - DOMAIN_SURE))
        return {d for d, value in odds.items() if value >= least} or {max(odds, key=lambda d: odds[d])}

    def long_ago(self, day: date, precision: str) -> bool:
        """Whether an act of this day is recalled rather than reported."""
        if self.today is None:
            return False
        if precision == "year":
            return day.year < self.today.year
        if precision == "month":
            return (self.today.year - day.year) * 12 + self.today.month - day.month >= 1
        return (self.today - day).days > BACKGROUND_DAYS

    def dates_in(self, sentence: _Sentence) -> list[DateMention]:
        """The dates of a sentence; without a day to count from only full ones tell anything."""
        if sentence.dates is None:
            ref = self.today or date.max.replace(year=2000)
            found = dates_in(self.text, sentence.start, sentence.end, ref, last=self.day_before(sentence))
            if self.today is None:
                found = [d for d in found if re.search(r"(?:19|20)\d\d", self.text[d.start : d.end])]
            sentence.dates = found
        return sentence.dates

    def day_before(self, sentence: _Sentence) -> date | None:
        """The day that was named last before a sentence."""
        for other in self.before(sentence)[:1]:
            days = [d.day for d in self.dates_in(other) if d.precision == "day"]
            return days[-1] if days else self.day_before(other)
        return None

    def before(self, sentence: _Sentence) -> list[_Sentence]:
        """The sentences just before, the nearest first."""
        return self.all[max(0, sentence.index - BEFORE) : sentence.index][::-1]

    def dates_of(self, act: Act, sentence: _Sentence) -> tuple[DateMention | None, DateMention | None, float]:
        """Return (the day of the act, the day of what it announces, how likely the first is right)."""
        if sentence.clauses is None:
            return None, None, 0.5
        mentions, options, plan = self.days(act, sentence, sentence.clauses)
        best, sure = choose("date", options)
        if best == len(mentions):
            return None, plan, sure
        self.keep("date", act, mentions[best].start)
        return mentions[best], plan, sure

    def days(
        self, act: Act, sentence: _Sentence, clauses: Clauses
    ) -> tuple[list[DateMention], list[Option], DateMention | None]:
        """Return (the dates that may be the act's, the options for `choose`, the day of what it announces)."""
        ref = self.today or date.max.replace(year=2000)
        latest = self.today or date.max  # without a day of its own an article may tell of any
        found = self.dates_in(sentence)
        announces = act.event_type in {"AGREE", "THREATEN"}
        plan: DateMention | None = None
        others = []
        for b in bind(clauses, act, found):
            to_come = announces and (b.plan or (b.score >= 3.0 and announced(clauses, act)))
            if not to_come and not (b.mention.day > latest and b.mention.precision == "day"):
                continue
            others.append(b.mention)
            if announces and plan is None:
                later = [
                    d
                    for d in dates_in(self.text, sentence.start, sentence.end, ref, future=True)
                    if d.start == b.mention.start and d.day >= ref
                ]
                plan = later[0] if later else None
        own = [
            d for d in found if d not in others and d.day <= latest and not of_the_telling(clauses, act, d)
        ]
        before = self.dates_before(sentence)
        options = date_options(clauses, act, sentence.heads, own, before, self.kept["date"], self.today)
        return [*own, *(b.found for b in before)], options, plan

    def dates_before(self, sentence: _Sentence) -> list[Before[DateMention]]:
        """The days that the sentences just before name, that are not to come, and that of the first act told."""
        ref = self.today or date.max
        found = [
            Before(d, sentence.index - other.index, other.title)
            for other in self.before(sentence)
            for d in self.dates_in(other)
            if d.day <= ref
        ]
        if self.kept["date"]:
            start = self.kept["date"][0].what
            for other in self.all[: max(0, sentence.index - BEFORE)]:
                found.extend(
                    Before(d, BEFORE + 1, other.title) for d in other.dates or () if d.start == start
                )
        return found

    def spots_in(self, sentence: _Sentence) -> list[Spot]:
        """Return the places that a sentence names."""
        if sentence.spots is None:
            doc = sentence.clauses.doc if sentence.clauses else None
            sentence.spots = spots(self.text, sentence.units, self.gaz, doc)
        return sentence.spots

    def spots_before(self, sentence: _Sentence) -> list[Before[Spot]]:
        """The places that the sentences just before name."""
        return [
            Before(s, sentence.index - other.index, other.title)
            for other in self.before(sentence)
            for s in self.spots_in(other)
        ]

    def place_of(self, act: Act, sentence: _Sentence) -> tuple[Spot | None, float]:
        """Return the place of the act, as far as its sentence or those before name it, and how likely it is right."""
        if sentence.clauses is None:
            return None, 0.5
        found, options = self.places(act, sentence, sentence.clauses)
        best, sure = choose("place", options)
        if best == len(found):
            return None, sure
        self.keep("place", act, found[best].start)
        return found[best], sure

    def places(self, act: Act, sentence: _Sentence, clauses: Clauses) -> tuple[list[Spot], list[Option]]:
        """Return (the places that may be the act's, the options for `choose`)."""
        own, before = self.spots_in(sentence), self.spots_before(sentence)
        options = place_options(clauses, act, sentence.heads, own, before, self.kept["place"])
        return [*own, *(b.found for b in before)], options

    def keep(self, field: str, act: Act, what: int | str) -> None:
        """Remember what an act took, for those told after it."""
        parties = frozenset(ref.code for ref in (*act.sources, *act.targets))
        self.kept[field].append(Kept(parties, act.event_type, what))

    def span(self, start: int, end: int) -> Span:
        """Return these characters of the article with their words."""
        return Span(start, end, self.text[start:end])

    def actors(self, act: Act, source: Ref, target: Ref, sentence: _Sentence) -> list[Actor]:
        """The persons and bodies of either side that take part, the likeliest first; other parties named are third."""
        found: dict[tuple[str, Side], tuple[float, Actor]] = {}
        if sentence.clauses is not None:
            people, options = self.people(act, source, target, sentence, sentence.clauses)
            for one, option in zip(people, options, strict=True):
                sure = chance("actors", option)
                key = (one.named.name, one.side)
                if sure >= ACTOR_SURE[one.kind] and sure > found.get(key, (0.0,))[0]:
                    found[key] = sure, self.actor(one.named, one.ref.code, one.side)
            for one in people:  # a stranger is of one side
                rows = sorted(
                    (found[one.named.name, s] for s in _BOTH if (one.named.name, s) in found),
                    key=itemgetter(0),
                )
                if one.near and len(rows) > 1:
                    del found[one.named.name, rows[0][1].side]
            for name, _ in found:
                self.keep("actors", act, name)
        ranked = sorted(found.values(), key=lambda pair: -pair[0])
        return [*(actor for _, actor in ranked), *self.thirds(source, target, sentence)]

    def people(
        self, act: Act, source: Ref, target: Ref, sentence: _Sentence, clauses: Clauses
    ) -> tuple[list[Someone], list[Option]]:
        """Return (the persons and bodies of the two parties here and just before, the option of each to take part)."""
        sides: dict[str, tuple[Side, Ref]] = {
            target.code: ("target", target),
            source.code: ("source", source),
        }
        found: list[Someone] = []
        for other in (sentence, *self.before(sentence)):
            here = other is sentence
            known = {one.named.name for one in found}
            for at, unit in enumerate(other.units):
                named = self.named(unit)
                if named is None or _PRESS_SERVICE.search(named.name) or (not here and named.name in known):
                    continue  # a press service is the source of the report, no actor
                codes = unit.codes[:1] if unit.codes else tuple(sides)
                for code in codes:
                    if code not in sides:
                        continue
                    side, ref = sides[code]
                    kind = self.kind_of(named, unit)
                    near = "" if unit.codes else self.near(other, at, code, sides)
                    back = sentence.index - other.index
                    found.append(
                        Someone(named, unit, side, kind, ref, at if here else None, back, other.title, near)
                    )
        return found, actor_options(clauses, act, sentence.heads, found, self.kept["actors"])

    def named(self, unit: Unit) -> Named | None:
        """Return who is named in a unit: a person, a body, an organisation that is a party itself, a stranger."""
        if (
            unit.kind == "party"
            and unit.named is None
            and unit.via == "organisation"
            and not is_state(unit.codes[0])
        ):
            start, end = unit.spans[0]
            name = self.text[start:end]
            return Named(name, None, name, "IGO", start, end)
        return unit.named if unit.kind in {"party", "word"} else None

    @staticmethod
    def near(sentence: _Sentence, at: int, code: str, sides: Mapping[str, object]) -> str:
        """Return whose parties are named next to a word: "mine", "other", "third" or "-", before and behind."""

        def whose(units: Iterable[Unit]) -> str:
            for unit in units:
                if unit.kind != "word" and unit.codes:
                    return (
                        "mine" if code in unit.codes else "other" if set(unit.codes) & set(sides) else "third"
                    )
            return "-"

        return f"{whose(reversed(sentence.units[:at]))} {whose(sentence.units[at + 1 :])}"

    def kind_of(self, named: Named, unit: Unit) -> str:
        """Return the kind of a person or body, as `Someone` has it."""
        if unit.kind == "word":
            return "strange body" if named.role is None else "stranger"
        if unit.named is None:
            return "organisation"
        if named.role is None:
            return "body"
        if named.name.casefold().endswith(named.role.casefold()):
            return "role"
        last = named.name.split()[-1]
        return "person" if last in self.text[named.start : named.end] else "office"

    def thirds(self, source: Ref, target: Ref, sentence: _Sentence) -> Iterator[Actor]:
        """Yield the organisations and groups that the sentence names beside the two sides."""
        for unit in sentence.units:
            if unit.kind != "party" or not unit.codes or unit.codes[0] in {source.code, target.code}:
                continue
            code, named = unit.codes[0], unit.named
            if (named and _PRESS_SERVICE.search(named.name)) or self.of_both(code, source.code, target.code):
                continue
            if named is not None and unit.via in {"organisation", "group"}:
                yield self.actor(named, code, "third")
            elif named is None and unit.via == "organisation" and not is_state(code):
                name = self.text[unit.spans[0][0] : unit.spans[0][1]]
                yield Actor(name, None, name, code, "IGO", "third", *unit.spans[0])

    def of_both(self, code: str, a: str, b: str) -> bool:
        """Whether an organisation consists of just these two ("the Union State" of Russia and Belarus)."""
        return not is_state(code) and self.gaz.members(code, self.today or date.today()) == {a, b}

    @staticmethod
    def actor(named: Named, code: str, side: Side) -> Actor:
        """Return who is named as an actor of a party."""
        sector = named.sector or sector_of(named.role or named.name)
        if not is_state(code):
            sector = "IGO"
        return Actor(named.name, named.role, named.organisation, code, sector, side, named.start, named.end)

    # -- one report an act

    def join(self, drafts: list[_Draft]) -> list[_Draft]:
        """Fold drafts about the same act into one; the body's sentence is the anchor where the title only announces."""
        joined: list[_Draft] = []
        for draft in drafts:
            for other in joined:
                if self.same(draft, other):
                    self.fold(other, draft)
                    break
            else:
                joined.append(draft)
        return joined

    @staticmethod
    def same(a: _Draft, b: _Draft) -> bool:
        """Whether two drafts tell one act."""
        if {a.source.code, a.target.code} != {b.source.code, b.target.code}:
            return False
        if a.act.event_type != b.act.event_type:
            return False
        if a.act.symmetric == b.act.symmetric:
            if a.source.code != b.source.code:
                return False
        elif {a.act.mode, b.act.mode} & {"visit"} == set():
            return False
        if (a.status == "denied") != (b.status == "denied"):
            return False
        if a.basis == "text" and b.basis == "text" and a.day != b.day:
            if a.precision == b.precision or a.status != b.status:
                return False
        if a.status != b.status and "background" in {a.status, b.status}:
            return False
        if a.place and b.place and a.place.name != b.place.name and a.place.precision == b.place.precision:
            return a.sentence.title or b.sentence.title
        return True

    @staticmethod
    def fold(into: _Draft, other: _Draft) -> None:
        """Add what the other draft knows of the act."""
        into.told += 1
        into.sentences.append(other.sentence)
        if into.sentence.title and not other.sentence.title:
            into.act = replace(into.act, mode=other.act.mode)  # a title is too short to tell how
            into.sentence = other.sentence
            into.spans["source"], into.spans["target"] = (
                other.spans["source"] + into.spans["source"],
                other.spans["target"] + into.spans["target"],
            )
        for name, spans in other.spans.items():
            have = into.spans.setdefault(name, [])
            have.extend(s for s in spans if s not in have)
        for issue in other.issues.values():
            into.issues.setdefault(issue.issue, issue)
        known = {(a.name, a.side) for a in into.actors}
        into.actors.extend(a for a in other.actors if (a.name, a.side) not in known)
        seen = {(q.kind, q.value) for q in into.quantities}
        into.quantities.extend(q for q in other.quantities if (q.kind, q.value) not in seen)
        if into.basis == "publication" and other.basis == "text":
            into.day, into.precision, into.basis = other.day, other.precision, other.basis
            into.status = other.status
            into.sure["date"] = other.sure["date"]
        if into.place is None and other.place is not None:
            into.sure["place"] = other.sure["place"]
        into.planned = into.planned or other.planned
        into.place = into.place or other.place
        into.attributed = into.attributed or other.attributed
        if other.act.mode == "visit":
            into.act = replace(into.act, mode="visit", symmetric=False)
            into.source, into.target = other.source, other.target
        into.act = replace(
            into.act,
            mode=into.act.mode or other.act.mode,
            score=max(into.act.score, other.act.score),
            sure={**other.act.sure, **into.act.sure},
        )

    # -- reports

    def finish(self, drafts: Sequence[_Draft]) -> list[Report]:
        """Return the reports that the network is sure enough of."""
        self.inherit_places(drafts)
        reports: list[Report] = []
        ordinals: dict[tuple[int, frozenset[str]], int] = {}
        for draft in drafts:
            dyad = frozenset({draft.source.code, draft.target.code})
            key = (draft.sentence.index, dyad)
            ordinals[key] = ordinals.get(key, -1) + 1
            reports.append(self.report(draft, ordinals[key]))
        return [report for report in reports if (report.confidence or 0.0) >= network().least]

    @staticmethod
    def inherit_places(drafts: Sequence[_Draft]) -> None:
        """What two parties say and sign at one meeting happens where they meet."""
        for draft in drafts:
            if draft.place is not None or draft.act.event_type not in {"CONSULT", "SUPPORT"}:
                continue
            for other in drafts:
                if (
                    other.place is not None
                    and other.act.event_type == "CONSULT"
                    and {other.source.code, other.target.code} == {draft.source.code, draft.target.code}
                    and (other.day, other.status) == (draft.day, draft.status)
                    and draft.status == "occurred"
                ):
                    draft.place, draft.sure["place"] = other.place, other.sure["place"]
                    draft.spans["place"] = list(other.spans.get("place", ()))
                    break

    def report(self, draft: _Draft, ordinal: int) -> Report:
        """Return the draft as a report; `ordinal` counts those of its dyad in its sentence."""
        act = draft.act
        kind = codebook.event_type(act.event_type)
        mode = act.mode if act.mode in kind.modes else None
        if mode == "phone" and not any(_BY_PHONE.search(self.text, s.start, s.end) for s in draft.sentences):
            mode = None  # nothing says so
        sentence = self.span(draft.sentence.start, draft.sentence.end)
        fields = self.confidence(draft)
        # an act told twice, once the other way round, has folded the sides of both tellings into one
        sides: dict[str, Side] = {draft.target.code: "target", draft.source.code: "source"}
        actors: dict[tuple[str, str], Actor] = {}
        for actor in draft.actors:
            side = actor.side if actor.side == "third" else sides.get(actor.country or "", actor.side)
            actors.setdefault((actor.name, side), replace(actor, side=side))
        return Report(
            report_id=report_id_of(
                self.article.article_id, sentence.text, (draft.source.code, draft.target.code), ordinal
            ),
            article_id=self.article.article_id,
            source=draft.source.code,
            target=draft.target.code,
            symmetric=act.symmetric,
            event_type=act.event_type,
            mode=mode,
            quad_class=kind.quad_class,
            intensity=codebook.intensity(act.event_type, mode),
            status=draft.status,
            planned_for=draft.planned.isoformat() if draft.planned else None,
            date=draft.day.isoformat() if draft.day else None,
            date_precision=draft.precision,  # type: ignore[arg-type]
            date_basis=draft.basis,  # type: ignore[arg-type]
            place=draft.place,
            actors=tuple(actors.values()),
            issues=self.issues(draft),
            quantities=tuple(draft.quantities),
            attributed_to=draft.attributed,
            evidence={name: tuple(spans) for name, spans in draft.spans.items()},
            sentence=sentence,
            confidence=round(self.likely(act, draft.source.code, draft.target.code), 2),
            confidence_by_field=fields,
            extractor=RuleExtractor.name,
            extractor_version=RuleExtractor.version,
        )

    @staticmethod
    def issues(draft: _Draft) -> tuple[Issue, ...]:
        """Return the issues of a draft, the named ones first."""
        found = sorted(
            draft.issues.values(),
            key=lambda i: (i.issue == codebook.general_issue(i.domain), i.start, i.issue),
        )
        specific = [i for i in found if i.issue not in _GENERIC_ISSUES]
        named = [i for i in specific if i.issue != codebook.general_issue(i.domain)]
        return tuple(named if len(named) >= NAMED_ENOUGH else specific or found)

    @staticmethod
    def confidence(draft: _Draft) -> dict[str, float]:
        """How sure each field is: the network's probabilities for act and parties, brought down to how often it is right.

        For the rest, how often such values were right on the dev part of the gold.
        """
        share = network().shares
        sure = draft.sure
        return {
            "source": round(share["parties"] * draft.act.sure.get(draft.source.code, draft.act.score), 2),
            "target": round(share["parties"] * draft.act.sure.get(draft.target.code, draft.act.score), 2),
            "event_type": round(share["act"] * draft.act.score, 2),
            "date": round(share["date"] * sure["date"], 2),
            "place": round(share["place"] * sure["place"], 2),
            "status": share[f"status {draft.status}"],
            "actors": share["actors"],
            "issues": share["issues"],
        }
