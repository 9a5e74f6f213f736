"""How a parsed sentence hangs together: who its phrases stand for, what a verb's subject and object are, its mood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc, Token

from events.extract.actors import Unit
from events.extract.lexicon import noun_classes, verb_classes
from events.gazetteer import gazetteer, sovereign_of

__all__ = [
    "CONDITION",
    "DENY",
    "FUTURE",
    "HARM",
    "MODALS",
    "READY",
    "REFUSE",
    "REQUEST",
    "SAY",
    "SIDES",
    "THREATEN",
    "WISH",
    "Act",
    "Clauses",
    "Focus",
    "Ref",
    "Span",
    "distinct",
]

Span = tuple[int, int]

_AT_PLACE = frozenset("meet speak gather visit sit stand appear talk address arrive".split())
_TOPIC = frozenset("about on over regarding concerning against of for by from".split())
SAY = frozenset(
    "say tell announce report state claim declare add note confirm insist allege reveal maintain argue believe stress "
    "emphasise emphasize underline disclose acknowledge explain suggest indicate write tweet post remark comment".split()
)
DENY = frozenset({"deny", "refute", "disavow"})
_PLAN = frozenset("plan intend prepare schedule expect set due slate decide".split())
READY = frozenset("ready willing prepared".split())
_PROMISE = frozenset("agree pledge promise vow offer commit propose undertake volunteer".split())
WISH = frozenset(
    "apply want hope seek consider wish aim try attempt mull weigh discuss contemplate fail hesitate need".split()
)
REFUSE = frozenset("refuse decline reject".split())
THREATEN = frozenset("threaten warn vow".split())
REQUEST = frozenset(
    "urge ask demand call request press appeal order tell invite exhort implore pressure push beg".split()
)
MODALS = frozenset("could may might can should must would".split())
FUTURE = frozenset("will shall 'll wo ’ll".split())
CONDITION = frozenset("if unless whether lest".split())
SIDES = frozenset(
    "side sides country countries party parties nation nations both two counterpart pair duo "
    "state states leader leaders minister ministers president presidents official officials "
    "delegation delegations neighbour neighbours neighbor neighbors diplomat diplomats expert experts "
    "ally allies capital capitals government governments foe foes".split()
)
HARM = frozenset({"ASSAULT", "COERCE", "MOBILIZE", "SANCTION", "PROTEST"})
_MANY = frozenset(
    "thousand thousands hundred hundreds dozen dozens number group crowd million million member members scores "
    "series couple handful majority".split()
)


@dataclass(frozen=True, slots=True)
class Ref:
    """A party with the words that name it."""

    code: str
    start: int
    end: int
    unit: Unit | None = None


@dataclass(slots=True)
class Act:
    """One act read in one sentence, before dates, place and issues."""

    event_type: str
    mode: str | None
    symmetric: bool
    sources: list[Ref]
    targets: list[Ref]
    trigger: list[Span]
    start: int  # of the clause, in characters
    end: int
    future: bool = False
    denied: bool = False
    background: bool = False
    attributed: Ref | None = None
    score: float = 0.8
    nominal: bool = False
    status_words: list[Span] = field(default_factory=list)
    scope: frozenset[int] = frozenset()  # units among which the act's own place may stand
    joint: bool = False  # sources and targets were one list ("Lavrov and Fidan met")
    participants: list[Ref] = field(default_factory=list)
    sure: dict[str, float] = field(default_factory=dict)  # party -> how likely it is source or target
    head: int = 0  # the unit that carries the act


@dataclass(slots=True)
class Focus:
    """What the article spoke of last, for pronouns and "the two sides"."""

    person: Ref | None = None
    party: Ref | None = None
    pair: tuple[Ref, Ref] | None = None
    doer: Ref | None = None  # source of the last act


def distinct(refs: Iterable[Ref]) -> list[Ref]:
    """Return the refs once for each party, territories as their sovereign, in order."""
    seen: dict[str, Ref] = {}
    for ref in refs:
        code = sovereign_of(ref.code)
        seen.setdefault(code, ref if code == ref.code else replace(ref, code=code))
    return list(seen.values())


class Clauses:
    """One parsed sentence with the units behind its tokens, read against the focus of the article."""

    def __init__(self, doc: Doc, units: Sequence[Unit], focus: Focus, *, headline: bool) -> None:
        self.doc = doc
        self.units = units
        self.focus = focus
        self.headline = headline
        self.used: set[int] = set()

    # -- tokens

    def unit(self, token: Token) -> Unit:
        """Return the unit behind a token."""
        return self.units[token.i]

    def span(self, token: Token) -> Span:
        """Return the characters of a token in the article."""
        return (self.unit(token).start, self.unit(token).end)

    def lemma(self, token: Token) -> str:
        """Return the lemma of a token; for a joined role or body its head noun."""
        unit = self.unit(token)
        return unit.noun if unit.kind == "party" and unit.noun else token.lemma_.lower()

    def case(self, token: Token) -> str:
        """Return the preposition of a noun phrase ("with", "before" for "ahead of"), "" without one."""
        words = [c.lower_ for c in token.children if c.dep_ in {"case", "mark"}]
        fixed = [
            g.lower_ for c in token.children if c.dep_ == "case" for g in c.children if g.dep_ == "fixed"
        ]
        joined = " ".join(words + fixed)
        if "according" in joined:
            return "according"
        if "ahead" in joined:
            return "before"
        if "together" in joined or ("along" in joined and "with" in joined):
            return "with"
        if joined in {"on to", "out of"}:
            return words[-1]
        return words[0] if words else ""

    def coordinated(self, token: Token) -> Iterator[Token]:
        """Yield a token and all that is coordinated with it."""
        yield token
        for child in token.children:
            if child.dep_ == "conj":
                yield from self.coordinated(child)

    def clause(self, token: Token) -> tuple[int, int]:
        """Characters of the clause headed by a token, without other clauses coordinated to it."""
        skip = {c.i for c in token.children if c.dep_ in {"conj", "parataxis"} and c.pos_ in {"VERB", "AUX"}}
        inner = [
            t for t in token.subtree if not any(a.i in skip for a in [t, *t.ancestors] if a.i != token.i)
        ]
        return (min(self.unit(t).start for t in inner), max(self.unit(t).end for t in inner))

    # -- parties

    def refs_of_unit(self, unit: Unit) -> list[Ref]:
        """Return the parties of a unit with their words."""
        return [Ref(code, s, e, unit) for code, (s, e) in zip(unit.codes, unit.spans, strict=True)]

    def parties(self, token: Token, *, expand: bool = True) -> list[Ref]:
        """The parties that a noun phrase stands for as actors, its coordination included."""
        found: list[Ref] = []
        for t in self.coordinated(token) if expand else (token,):
            unit = self.unit(t)
            if unit.kind == "party":
                found.extend(self.refs_of_unit(unit))
                continue
            low = t.lower_
            if t.pos_ == "PRON" or low in {"he", "she", "it", "they", "both", "him", "her", "them"}:
                found.extend(self.pronoun(t))
                continue
            if t.lemma_.lower() in SIDES and self.unit(t).kind == "word":
                found.extend(self.sides(t))
            if t.lemma_.lower() in _MANY:
                for child in t.children:
                    if child.dep_ == "nmod" and self.case(child) == "of":
                        found.extend(self.parties(child))
            for child in t.children:
                if child.dep_ in {"appos", "flat", "nmod:desc"} and self.unit(child).kind == "party":
                    found.extend(self.refs_of_unit(self.unit(child)))
        return distinct(found)

    def pronoun(self, token: Token) -> list[Ref]:
        """Return the parties that a pronoun takes up: in its own sentence first, else in the article's focus."""
        low = token.lower_
        s, e = self.span(token)
        if low in {"i", "we", "us", "me"}:
            return [replace(ref, start=s, end=e) for ref in self.speakers(token)]
        here = self.antecedent(token)
        if here:
            return [replace(ref, start=s, end=e) for ref in here]
        if low in {"he", "she", "him", "her"} and self.focus.person:
            return [replace(self.focus.person, start=s, end=e)]
        if low == "it" and self.focus.party and self.focus.party.code != "":
            return [replace(self.focus.party, start=s, end=e)]
        if low in {"they", "both", "them"} and self.focus.pair:
            return [replace(ref, start=s, end=e) for ref in self.focus.pair]
        if low == "they" and self.focus.party:
            return [replace(self.focus.party, start=s, end=e)]
        return []

    def speakers(self, token: Token) -> list[Ref]:
        """Return who says "we": the party whose words the sentence gives, else the person spoken of last."""
        saying = [t for t in token.ancestors if t.lemma_.lower() in SAY]
        saying += [t for t in self.doc if t.lemma_.lower() in SAY and t not in saying]
        for verb in saying:
            for subject in self.subjects(verb):
                if self.unit(subject).kind == "party":
                    return self.refs_of_unit(self.unit(subject))[:1]
        return [self.focus.person] if self.focus.person else []

    def antecedent(self, token: Token) -> list[Ref]:
        """The party that a pronoun takes up within its own sentence."""
        low = token.lower_
        subject = token.dep_ in {"nsubj", "nsubj:pass"}
        own = {r.code for r in self.subject_before(token)} if not subject else set()
        for i in range(token.i - 1, -1, -1):
            unit = self.units[i]
            other = self.doc[i]
            if unit.kind != "party" or self.case(other) in {"in", "at", "near"}:
                continue
            if low in {"he", "she", "him", "her"} and unit.via not in {"person", "body"}:
                continue
            if low == "it" and unit.via == "person":
                continue
            if (
                low in {"they", "them", "both"}
                and len(unit.codes) < 2
                and not any(c.dep_ == "conj" for c in other.children)
                and subject
            ):
                continue
            if subject and other.dep_ not in {"nsubj", "nsubj:pass", "ROOT"}:
                continue
            refs = self.parties_plain(other)
            if not subject:
                refs = [r for r in refs if r.code not in own]
            if refs:
                return refs
        return []

    def places(self, near: Iterable[str]) -> list[tuple[int, Ref]]:
        """Return (token, state) for the cities and regions named, which may stand for the state they lie in."""
        found: list[tuple[int, Ref]] = []
        near = set(near)
        i = 1
        while i < len(self.units):
            if not self._capital(i):
                i += 1
                continue
            for length in (3, 2, 1):
                if i + length > len(self.units) or not all(self._capital(j) for j in range(i, i + length)):
                    continue
                name = "".join(u.form + " " * u.space for u in self.units[i : i + length]).strip()
                place = gazetteer().place(name, near=near)
                if place is not None and place.country:
                    start, end = self.units[i].start, self.units[i + length - 1].end
                    found.append((i + length - 1, Ref(sovereign_of(place.country), start, end)))
                    i += length - 1
                    break
            i += 1
        return found

    def _capital(self, i: int) -> bool:
        return self.units[i].kind == "word" and self.units[i].form[:1].isupper()

    def parties_plain(self, token: Token) -> list[Ref]:
        """Return the parties of a phrase and its coordination, without looking through pronouns."""
        return distinct(
            r
            for t in self.coordinated(token)
            if self.unit(t).kind == "party"
            for r in self.refs_of_unit(self.unit(t))
        )

    def sides(self, token: Token) -> list[Ref]:
        """As in "The two sides", "both countries": the pair that is spoken of."""
        words = {
            c.lower_ for c in token.subtree if c.dep_ in {"det", "nummod", "amod", "det:predet", "advmod"}
        }
        plural = token.tag_ in {"NNS", "NNPS"} or token.lower_ in {"both", "two", "pair", "duo"}
        if self.focus.pair and plural and words & {"the", "both", "two", "neighbouring", "neighboring"}:
            s, e = self.span(token)
            return [replace(ref, start=s, end=e) for ref in self.focus.pair]
        if self.focus.pair and token.lower_ in {"pair", "duo"}:
            s, e = self.span(token)
            return [replace(ref, start=s, end=e) for ref in self.focus.pair]
        return []

    def owners(self, token: Token) -> list[Ref]:
        """Whose thing a noun is: "Russian strikes", "Iran's tanker", "companies from China", "strikes by Israel"."""
        found: list[Ref] = []
        for t in self.coordinated(token):
            for child in t.children:
                unit = self.unit(child)
                if child.dep_ in {
                    "amod",
                    "compound",
                    "nmod:poss",
                    "nmod",
                    "flat",
                    "nmod:unmarked",
                    "det:poss",
                }:
                    if child.dep_ == "nmod" and self.case(child) not in {"of", "by", "from", ""}:
                        continue
                    if unit.kind in {"adjective", "party", "pair"}:
                        found.extend(self.refs_of_unit(unit))
                    elif child.dep_ == "nmod:poss":
                        found.extend(self.possessor(child))
                    elif child.dep_ in {"compound", "nmod"}:
                        found.extend(self.owners(child))
                    for c in child.children:
                        if c.dep_ == "conj" and self.unit(c).kind in {"adjective", "party"}:
                            found.extend(self.refs_of_unit(self.unit(c)))
        # an adjective that the parser hung elsewhere but that stands right before the noun
        if not found and token.i and self.units[token.i - 1].kind == "adjective":
            found.extend(self.refs_of_unit(self.units[token.i - 1]))
        return distinct(found)

    def possessor(self, token: Token) -> list[Ref]:
        """Return whose thing is meant by "his", "its", "their" or a noun in the genitive."""
        if token.lower_ in {"his", "her", "its", "their"}:
            s, e = self.span(token)
            here = self.subject_before(token)
            if token.lower_ == "their" and self.focus.pair and not here:
                return [replace(r, start=s, end=e) for r in self.focus.pair]
            ref = (
                here[0]
                if here
                else (self.focus.person if token.lower_ in {"his", "her"} else self.focus.party)
            )
            return [replace(ref, start=s, end=e)] if ref else []
        return self.parties(token)

    def subject_before(self, token: Token) -> list[Ref]:
        """The party that is the subject of the clause around a token."""
        for verb in token.ancestors:
            for child in verb.children:
                if child.dep_ in {"nsubj", "nsubj:pass"} and child.i < token.i:
                    unit = self.unit(child)
                    if unit.kind == "party":
                        return self.refs_of_unit(unit)
        return []

    def things(self, token: Token) -> list[Ref]:
        """Parties of a noun phrase, or else those whose thing it is."""
        return self.parties(token) or self.owners(token)

    # -- clause structure

    def passive(self, verb: Token) -> bool:
        """Say whether a verb is passive, participles behind a noun and in headlines included."""
        if any(c.dep_ in {"nsubj:pass", "aux:pass", "csubj:pass"} for c in verb.children):
            return True
        if verb.dep_ == "acl" and verb.tag_ == "VBN":
            return True
        if verb.dep_ == "conj" and verb.tag_ == "VBN" and verb.head.pos_ == "VERB":
            own = any(c.dep_ in {"nsubj", "aux"} for c in verb.children)
            return not own and self.passive(verb.head)
        return bool(
            self.headline
            and verb.tag_ == "VBN"
            and any(
                c.dep_ == "obl:agent" or (c.dep_ == "obl" and self.case(c) == "by") for c in verb.children
            )
        )

    def subjects(self, verb: Token, depth: int = 0) -> list[Token]:
        """Tokens that are the (surface) subject of a verb, through coordination, control and relative clauses."""
        if depth > 4:
            return []
        own = [c for c in verb.children if c.dep_ in {"nsubj", "nsubj:pass"}]
        if own:
            if verb.dep_ == "acl:relcl" and own[0].lower_ in {"which", "who", "that"}:
                if own[0].lower_ == "who" and self.unit(verb.head).kind != "party":
                    # "talks with the president, who is on a visit": who is the person just named
                    before = [t for t in self.doc[: own[0].i] if self.unit(t).kind == "party"]
                    return before[-1:] or [verb.head]
                return [verb.head]
            named = [t for t in own if self.unit(t).kind == "party"]
            return named[-1:] or own[:1]
        bare = [
            c
            for c in verb.children
            if c.dep_ in {"obl:unmarked", "nmod:unmarked", "dislocated"}
            and c.i < verb.i
            and (self.unit(c).kind == "party" or c.lemma_.lower() in SIDES)
        ]
        if bare:
            return bare[:1]  # "the two sides exchanged views", with the subject read as a time
        head = verb.head
        if verb.dep_ == "conj" and head.pos_ in {"VERB", "AUX", "ADJ"}:
            return self.subjects(head, depth + 1)
        if verb.dep_ == "xcomp":
            if head.lemma_.lower() in REQUEST | {
                "force",
                "allow",
                "order",
                "help",
                "let",
                "compel",
                "enable",
            }:
                objects = [c for c in head.children if c.dep_ in {"obj", "iobj"}]
                if objects:
                    return objects[:1]
            return self.subjects(head, depth + 1)
        if verb.dep_ in {"advcl", "ccomp", "parataxis"} and head.pos_ in {"VERB", "AUX", "ADJ"}:
            if verb.dep_ == "ccomp" and verb.tag_ not in {"VB", "VBG"}:
                return []
            return self.subjects(head, depth + 1)
        if verb.dep_ in {"acl", "acl:relcl"}:
            if verb.tag_ == "VBN":
                return [head]
            if verb.tag_ in {"VBG", "VB"} or verb.dep_ == "acl:relcl":
                if noun_classes(self.lemma(head)) and verb.tag_ == "VB":
                    return [c for c in head.children if c.dep_ == "nmod:poss"][:1]
                return [head]
        return []

    def agents(self, verb: Token) -> list[Token]:
        """Return the tokens of "by" behind a passive."""
        return [
            c for c in verb.children if c.dep_ == "obl:agent" or (c.dep_ == "obl" and self.case(c) == "by")
        ]

    def objects(self, verb: Token) -> list[Token]:
        """Return the objects of a verb as the parser, or the words before it, have them."""
        found = [c for c in verb.children if c.dep_ in {"obj", "iobj"}]
        if (
            not found
            and verb.dep_ == "amod"
            and verb.head.i > verb.i
            and any(c.dep_ == "nsubj" for c in verb.children)
        ):
            return [verb.head]  # "lifted sanctions", read as sanctions that were lifted
        if not found and (particle := self.particle(verb)):
            return [
                c for c in verb.children if c.dep_ == "obl" and self.case(c) == particle
            ]  # "shot down a bomber"
        if not found and verb.i + 1 < len(self.doc) and self.units[verb.i + 1].kind == "party":
            after = self.doc[verb.i + 1]
            if after.head.i == verb.i and after.dep_ in {"flat", "compound", "nmod", "appos", "nmod:desc"}:
                return [after]
        return found

    def roles(self, verb: Token) -> tuple[list[Token], list[Token]]:
        """(deep subject, deep object) tokens of a verb, passives turned round."""
        if self.passive(verb):
            return self.agents(verb), self.subjects(verb)
        objects = self.objects(verb)
        if verb.dep_ == "acl:relcl":
            own = [c for c in verb.children if c.dep_ in {"nsubj"}]
            if own and own[0].lower_ not in {"which", "who", "that"} and not objects:
                objects = [verb.head]
        return self.subjects(verb), objects

    def slot(self, verb: Token, name: str, extra: Iterable[Token] = ()) -> list[Token]:
        """Tokens in a place of the clause: a preposition's, of the verb or of the given nouns."""
        found = [c for c in verb.children if c.dep_.startswith("obl") and self.case(c) == name]
        for noun in extra:
            found.extend(c for c in noun.children if c.dep_.startswith("nmod") and self.case(c) == name)
            for t in self.coordinated(noun):
                if t.i != noun.i:
                    found.extend(c for c in t.children if c.dep_.startswith("nmod") and self.case(c) == name)
        # a name right behind the preposition counts, whatever the parser hung it on
        if not any(self.parties(t) for t in found):
            inside = {t.i for t in verb.subtree}
            for t in self.doc:
                if t.lower_ == name and t.i in inside and t.i > verb.i and t.i + 1 < len(self.doc):
                    j = t.i + 1
                    while j < len(self.doc) - 1 and self.doc[j].lower_ in {
                        "the",
                        "his",
                        "her",
                        "its",
                        "their",
                        "a",
                        "an",
                    }:
                        j += 1
                    if self.units[j].kind == "party" and not self.clause_between(verb, t):
                        return [self.doc[j]]
        # "the border with X", "talks in Ankara with X": one noun further in
        if not found:
            for noun in [*extra, *[c for c in verb.children if c.dep_.startswith("obl")]]:
                for inner in noun.children:
                    if inner.dep_.startswith("nmod"):
                        if self.case(inner) == name:
                            found.append(inner)
                        found.extend(
                            c for c in inner.children if c.dep_.startswith("nmod") and self.case(c) == name
                        )
        return found

    def clause_between(self, verb: Token, token: Token) -> bool:
        """Whether another verb stands between a verb and a later word."""
        return any(t.pos_ == "VERB" for t in self.doc[verb.i + 1 : token.i])

    # -- tense, modality, attribution

    def auxiliaries(self, verb: Token) -> set[str]:
        """Return the auxiliaries of a verb in lower case; a coordinated verb shares those of the first."""
        own = {c.lower_ for c in verb.children if c.dep_ in {"aux", "aux:pass"}}
        if not own and verb.dep_ == "conj" and verb.head.pos_ == "VERB" and verb.tag_ in {"VB", "VBN"}:
            return self.auxiliaries(verb.head)
        return own

    def negated(self, verb: Token) -> Token | None:
        """Return the word that negates a verb, None where it is not negated."""
        for c in verb.children:
            if c.lower_ in {"not", "n't", "never", "n’t"}:
                return c
        return None

    def marks(self, verb: Token) -> set[str]:
        """Return the subordinating words of a clause ("if", "that", "to")."""
        return {c.lower_ for c in verb.children if c.dep_ == "mark"}

    def apply_mood(self, act: Act, verb: Token) -> Act | None:
        """Tense, negation, control and reported speech around a verb, applied to the act; None where it is no act."""
        aux = self.auxiliaries(verb)
        marks = self.marks(verb)
        if marks & CONDITION or any(
            c.lower_ in CONDITION for c in verb.children if c.dep_ in {"mark", "advmod", "cc"}
        ):
            return None
        first = self.doc[verb.left_edge.i].lower_
        if first in CONDITION and not any(c.dep_ in {"ccomp"} for c in verb.children) and verb.dep_ != "ROOT":
            return None
        if marks & {"of", "for", "without"} and verb.tag_ == "VBG":
            accusers = {
                "accuse",
                "suspect",
                "blame",
                "criticise",
                "criticize",
                "condemn",
                "denounce",
                "convict",
                "praise",
            }
            if "without" in marks or any(a.lemma_.lower() in accusers for a in verb.ancestors):
                return None  # "accused Chinese vessels of ramming its boats"
        would = "would" in aux
        reported = verb.dep_ in {"ccomp", "parataxis"} or (
            verb.dep_ == "conj" and verb.head.dep_ in {"ccomp", "parataxis"}
        )
        if aux & FUTURE or (would and reported):
            act.future = True
        elif aux & (MODALS - {"would"}) or would:
            return None
        if any(
            c.lower_ in {"due", "set", "expected", "scheduled", "slated", "poised"}
            for c in verb.children
            if c.dep_ in {"mark", "advmod", "aux", "amod", "cop"}
        ):
            act.future = True
        if "to" in marks and verb.dep_ in {"ROOT", "root"}:
            act.future = True
        if any(c.lower_ == "to" and c.dep_ in {"mark", "aux"} for c in verb.children) and verb.dep_ == "ROOT":
            act.future = True
        negation = self.negated(verb)
        if negation is not None:
            if act.future and act.event_type in {"CONSULT", "COOPERATE", "AID", "SUPPORT"}:
                act.event_type, act.mode, act.future = (
                    "REJECT",
                    {"CONSULT": "meet", "AID": "assist"}.get(act.event_type),
                    False,
                )
                act.symmetric = False
                if act.joint:
                    return None
            elif act.future:
                return None
            else:
                act.denied = True
                act.status_words.append(self.span(negation))
        node = verb
        for _ in range(6):
            head = node.head
            if head.i == node.i:
                break
            relation = node.dep_
            lemma = head.lemma_.lower()
            if relation == "conj" and head.pos_ in {"VERB", "AUX"} and node.i == verb.i:
                if verb.tag_ == "VB" and "to" not in marks and aux == set():
                    node = head  # shares the governor of its twin ("agreed to meet and sign")
                    continue
                if head.dep_ not in {"ccomp", "xcomp"}:
                    break
                node = head
                continue
            if (
                relation in {"xcomp", "ccomp", "advcl", "acl", "parataxis", "csubj", "obl"}
                or relation == "conj"
            ):
                if any(c.lower_ in CONDITION for c in head.children if c.dep_ == "mark"):
                    return None
                control = relation in {"xcomp", "advcl"} or (relation == "ccomp" and "to" in self.marks(node))
                if relation in {"xcomp", "ccomp", "acl"} or (
                    relation == "advcl" and "to" in self.marks(node)
                ):
                    if lemma in DENY:
                        act.denied = True
                        act.status_words.append(self.span(head))
                    elif lemma in REFUSE and control:
                        mode = {"CONSULT": "meet", "AID": "assist", "RETREAT": "yield", "CONCEDE": "yield"}
                        act.event_type, act.mode = "REJECT", mode.get(act.event_type, "change")
                        act.symmetric = False
                        act.trigger.append(self.span(head))
                    elif lemma in THREATEN and act.event_type in HARM | {"THREATEN"} and control:
                        act.future = True
                        act.trigger.append(self.span(head))
                    elif lemma in _PROMISE and (control or lemma != "propose"):
                        if relation == "ccomp" and not act.future:
                            pass
                        else:
                            act.future = True
                        act.trigger.append(self.span(head))
                    elif (
                        (lemma in _PLAN and (control or relation == "acl"))
                        or lemma in READY
                        or (lemma in {"leave", "depart", "head"} and relation == "advcl")
                    ):
                        act.future = True
                    elif (
                        (lemma in WISH and control)
                        or (lemma == "have" and any(c.lower_ == "yet" for c in head.children))
                        or (lemma in REQUEST and relation != "advcl")
                        or lemma
                        in {
                            "force",
                            "allow",
                            "order",
                            "enable",
                            "let",
                            "ban",
                            "prevent",
                            "stop",
                            "avoid",
                            "oppose",
                            "accuse",
                            "suspect",
                            "criticise",
                            "criticize",
                            "blame",
                            "condemn",
                            "denounce",
                        }
                    ):
                        return None
                if relation == "advcl" and lemma in {
                    "accuse",
                    "condemn",
                    "criticise",
                    "criticize",
                    "blame",
                    "denounce",
                    "suspect",
                    "slam",
                    "praise",
                    "thank",
                }:
                    if self.marks(node) & {"of", "for", "over"}:
                        return None
                if relation == "acl" and self.unit(head).kind == "party" and "to" in self.marks(node):
                    act.future = True  # "Saudi crown prince to visit India"
                    break
                if relation == "acl" and head.pos_ == "NOUN" and "to" in self.marks(node):
                    noun = self.lemma(head)
                    if noun in {
                        "plan",
                        "agreement",
                        "deal",
                        "decision",
                        "pledge",
                        "promise",
                        "offer",
                        "intention",
                        "vow",
                    }:
                        act.future = noun not in {"decision"} or act.future
                    elif noun in {"threat"}:
                        act.future = True
                    else:
                        return None
                if (relation in {"ccomp", "parataxis"} and (lemma in SAY or lemma in DENY)) or (
                    relation == "ccomp" and lemma == "accord"
                ):
                    return self.attribute(act, head)
                if relation == "advcl" and self.marks(node) & {"before", "until"}:
                    act.future = False
            elif relation == "acl:relcl":
                break
            else:
                break
            node = head
        # «..., he said»: the saying verb hangs below the told clause
        for child in verb.children:
            if (
                child.dep_ in {"parataxis", "advcl"}
                and child.lemma_.lower() in SAY
                and self.parties_of_subject(child)
            ):
                return self.attribute(act, child)
            if child.dep_ == "obl" and self.case(child) == "according":
                speakers = self.things(child)
                if speakers:
                    return self.blame_or_tell(act, speakers[0])
        return act

    def parties_of_subject(self, verb: Token) -> list[Ref]:
        """Return the parties that are the subject of a verb, or own it."""
        found = self.subjects(verb)
        return self.parties(found[0]) or self.owners(found[0]) if found else []

    def attribute(self, act: Act, say: Token) -> Act | None:
        """Give an act to whoever says it: told, alleged or denied."""
        speakers = self.parties_of_subject(say)
        if say.lemma_.lower() in DENY or (self.negated(say) is not None and say.lemma_.lower() != "say"):
            act.denied = True
            act.status_words.append(self.span(say))
            if speakers:
                act.attributed = speakers[0]
            return act
        if not speakers:
            return act
        return self.blame_or_tell(act, speakers[0])

    def blame_or_tell(self, act: Act, speaker: Ref) -> Act | None:
        """A harmful act that one party tells of another is alleged: ACCUSE, not the deed."""
        act.attributed = speaker
        doers = {r.code for r in act.sources}
        if act.event_type in HARM and not act.future and not act.denied and speaker.code not in doers:
            sources = [r for r in act.sources if r.code != speaker.code]
            if not sources or act.joint:
                return None
            return replace(
                act,
                event_type="ACCUSE",
                mode="allege",
                symmetric=False,
                sources=[speaker],
                targets=sources,
                score=act.score * 0.85,
            )
        return act

    def scope(self, verb: Token, trigger: Sequence[Span], event_type: str) -> frozenset[int]:
        """Units of the act's own clause, without its topics ("about a war in Syria") and other clauses."""
        words = set(trigger)
        inside: set[int] = set()
        roots = [t for t in self.doc if self.span(t) in words] or [verb]

        def walk(token: Token, *, top: bool) -> None:
            inside.add(token.i)
            for child in token.children:
                if child.dep_ == "advcl" and child.tag_ == "VBG" and child.lemma_.lower() in _AT_PLACE:
                    walk(child, top=False)
                    continue
                if child.dep_ in {"ccomp", "parataxis", "advcl", "csubj"} or (
                    child.dep_ == "conj" and child.pos_ == "VERB"
                ):
                    continue
                if child.dep_ == "acl:relcl" and not (top and token.pos_ == "NOUN"):
                    continue
                if (
                    self.case(child) in _TOPIC
                    and self.span(child) not in words
                    and self.unit(child).kind != "party"
                ):
                    continue
                if (
                    child.dep_ == "obj"
                    and self.span(child) not in words
                    and event_type not in HARM | {"RETREAT"}
                ):
                    continue
                if child.dep_ in {"nsubj", "nsubj:pass"} and self.span(child) not in words and not top:
                    continue
                walk(child, top=self.span(child) in words)

        for root in roots:
            walk(root, top=True)
        # "in Brussels, where the Union imposed sanctions"
        for root in (*roots, verb):
            clause = root.head if root.dep_ == "conj" else root
            if clause.dep_ == "acl:relcl" and any(c.lower_ == "where" for c in clause.children):
                inside.add(clause.head.i)
        if verb.i not in inside:
            for child in verb.children:
                if child.dep_.startswith("obl") and self.case(child) not in _TOPIC:
                    walk(child, top=False)
        return frozenset(inside)

    def claimed_by(self, verb: Token) -> Ref | None:
        """Return the party that is said to say what a verb tells, in a clause that hangs on the saying ("Kyiv said ...")."""
        node = verb
        for _ in range(6):
            head = node.head
            if head.i == node.i:
                return None
            if node.dep_ == "ccomp" and head.lemma_.lower() in SAY and head.i < node.i:
                found = self.parties_of_subject(head)
                return found[0] if found else None
            if node.dep_ not in {"conj", "xcomp", "ccomp", "obj", "nsubj"}:
                return None
            node = head
        return None

    def speaker_of(self, verb: Token) -> Ref | None:
        """Return the party that tells what a verb tells ("..., Seoul said"); None where the outlet does."""
        node = verb
        for _ in range(8):
            for child in node.children:
                if child.dep_ in {"parataxis", "advcl"} and child.lemma_.lower() in SAY:
                    if found := self.parties_of_subject(child):
                        return found[0]
                if child.dep_ == "obl" and self.case(child) == "according":
                    if found := self.things(child):
                        return found[0]
            head = node.head
            if head.i == node.i:
                return None
            if node.dep_ in {"ccomp", "parataxis"} and head.lemma_.lower() in SAY | DENY:
                found = self.parties_of_subject(head)
                return found[0] if found else None
            node = head
        return None

    def particle(self, verb: Token) -> str:
        """Return the particle of a verb ("down" in "shot down"), "" without one."""
        for c in verb.children:
            if c.dep_ == "compound:prt" or (
                c.dep_ == "advmod"
                and c.lower_ in {"out", "down", "back", "off", "up", "over", "home", "away"}
                and c.i == verb.i + 1
            ):
                return str(c.lower_)
        after = self.doc[verb.i + 1].lower_ if verb.i + 1 < len(self.doc) else ""
        return (
            after
            if after in {"out", "down", "up", "off", "back"} and verb_classes(verb.lemma_.lower(), after)
            else ""
        )
