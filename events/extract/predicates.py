"""One parsed sentence -> the acts it tells: type, parties with their words, tense, negation, who says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from spacy.tokens import Doc, Token

from events.extract.actors import Unit
from events.extract.lexicon import Frame, compose, nominal, noun_classes, verb_classes, verb_frames
from events.gazetteer import gazetteer, sovereign_of

__all__ = ["Act", "Focus", "Ref", "misread", "read_sentence"]

Span = tuple[int, int]

_SAY = frozenset(
    "say tell announce report state claim declare add note confirm insist allege reveal maintain argue believe stress "
    "emphasise emphasize underline disclose acknowledge explain suggest indicate write tweet post remark comment".split()
)
_DENY = frozenset({"deny", "refute", "disavow"})
_PLAN = frozenset("plan intend prepare schedule expect set due slate decide".split())
_PROMISE = frozenset("agree pledge promise vow offer commit propose undertake volunteer".split())
_WISH = frozenset(
    "apply want hope seek consider wish aim try attempt mull weigh discuss contemplate fail hesitate need".split()
)
_REFUSE = frozenset("refuse decline reject".split())
_THREATEN = frozenset("threaten warn vow".split())
_REQUEST = frozenset(
    "urge ask demand call request press appeal order tell invite exhort implore pressure push beg".split()
)
_TRANSPARENT = frozenset("begin start continue resume help manage proceed keep go come".split())
_MODALS = frozenset("could may might can should must would".split())
_FUTURE = frozenset("will shall 'll wo ’ll".split())
_CONDITION = frozenset("if unless whether lest".split())
_SIDES = frozenset(
    "side sides country countries party parties nation nations both two counterpart pair duo "
    "state states leader leaders minister ministers president presidents official officials "
    "delegation delegations neighbour neighbours neighbor neighbors diplomat diplomats expert experts "
    "ally allies capital capitals government governments foe foes".split()
)
_HARM = frozenset({"ASSAULT", "COERCE", "MOBILIZE", "SANCTION", "PROTEST"})
_PEOPLE_NOUNS = frozenset(
    "protester demonstrator student farmer activist crowd resident people worker".split()
)
_MISDEEDS = frozenset(
    "violate breach stage break interfere meddle provoke attack shell strike fire bomb kill invade hack spy sponsor "
    "arm fail sabotage undermine destabilise destabilize fuel incite harbour harbor shelter lie cheat threaten "
    "poison abduct torture occupy annex plot orchestrate target intrude enter cross smuggle finance".split()
)
_ENVOYS = frozenset(
    "ambassador diplomat envoy representative consul chargé charge attaché attache official officer staff embassy "
    "mission correspondent journalist".split()
)
_PLACE_PREPOSITIONS = frozenset({"in", "at", "near", "inside", "outside", "around", "across", "off"})
_AT_PLACE = frozenset("meet speak gather visit sit stand appear talk address arrive".split())
_TOPIC = frozenset("about on over regarding concerning against of for by from".split())
_HAPPEN = frozenset(
    "take begin start continue open end conclude resume hold occur follow wrap kick happen run last".split()
)
_MANY = frozenset(
    "thousand thousands hundred hundreds dozen dozens number group crowd million million member members scores "
    "series couple handful majority".split()
)


_BETWEEN = frozenset(
    "has have had was is also later then since again on again formally publicly strongly immediately ,".split()
)
_PAST_FORMS = frozenset(
    "cut put left met told held struck hit shot won sent gave took drove fought beat sank spoke withdrew froze rang".split()
)


def _stems(word: str) -> Iterator[str]:
    """Lemmas that a verb form may have."""
    if word.endswith(("ied", "ies")):
        yield word[:-3] + "y"
    if word.endswith("ed"):
        yield word[:-1]
        yield word[:-2]
        if len(word) > 4 and word[-3] == word[-4]:
            yield word[:-3]
    elif word.endswith("es"):
        yield word[:-1]
        yield word[:-2]
    elif word.endswith("s"):
        yield word[:-1]
    else:
        yield {
            "met": "meet",
            "told": "tell",
            "held": "hold",
            "struck": "strike",
            "shot": "shoot",
            "sent": "send",
            "gave": "give",
            "fought": "fight",
            "sank": "sink",
            "spoke": "speak",
            "withdrew": "withdraw",
            "froze": "freeze",
            "rang": "ring",
        }.get(word, word)


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


@dataclass(slots=True)
class Focus:
    """What the article spoke of last, for pronouns and "the two sides"."""

    person: Ref | None = None
    party: Ref | None = None
    pair: tuple[Ref, Ref] | None = None
    doer: Ref | None = None  # source of the last act


def _distinct(refs: Iterable[Ref]) -> list[Ref]:
    seen: dict[str, Ref] = {}
    for ref in refs:
        code = sovereign_of(ref.code)
        seen.setdefault(code, ref if code == ref.code else replace(ref, code=code))
    return list(seen.values())


class _Reader:
    def __init__(self, doc: Doc, units: Sequence[Unit], focus: Focus, *, headline: bool) -> None:
        self.doc = doc
        self.units = units
        self.focus = focus
        self.headline = headline
        self.used: set[int] = set()

    # -- tokens

    def unit(self, token: Token) -> Unit:
        return self.units[token.i]

    def span(self, token: Token) -> Span:
        return (self.unit(token).start, self.unit(token).end)

    def lemma(self, token: Token) -> str:
        unit = self.unit(token)
        return unit.noun if unit.kind == "party" and unit.noun else token.lemma_.lower()

    def case(self, token: Token) -> str:
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
            if t.lemma_.lower() in _SIDES and self.unit(t).kind == "word":
                found.extend(self.sides(t))
            if t.lemma_.lower() in _MANY:
                for child in t.children:
                    if child.dep_ == "nmod" and self.case(child) == "of":
                        found.extend(self.parties(child))
            for child in t.children:
                if child.dep_ in {"appos", "flat"} and self.unit(child).kind == "party":
                    found.extend(self.refs_of_unit(self.unit(child)))
        return _distinct(found)

    def pronoun(self, token: Token) -> list[Ref]:
        low = token.lower_
        s, e = self.span(token)
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

    def parties_plain(self, token: Token) -> list[Ref]:
        return _distinct(
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
        return _distinct(found)

    def possessor(self, token: Token) -> list[Ref]:
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
                return [verb.head]
            return own[:1]
        bare = [
            c
            for c in verb.children
            if c.dep_ in {"obl:unmarked", "nmod:unmarked", "dislocated"}
            and c.i < verb.i
            and (self.unit(c).kind == "party" or c.lemma_.lower() in _SIDES)
        ]
        if bare:
            return bare[:1]  # "the two sides exchanged views", with the subject read as a time
        head = verb.head
        if verb.dep_ == "conj" and head.pos_ in {"VERB", "AUX", "ADJ"}:
            return self.subjects(head, depth + 1)
        if verb.dep_ == "xcomp":
            if head.lemma_.lower() in _REQUEST | {
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
        return [
            c for c in verb.children if c.dep_ == "obl:agent" or (c.dep_ == "obl" and self.case(c) == "by")
        ]

    def objects(self, verb: Token) -> list[Token]:
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
                if t is not noun:
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
        own = {c.lower_ for c in verb.children if c.dep_ in {"aux", "aux:pass"}}
        if not own and verb.dep_ == "conj" and verb.head.pos_ == "VERB" and verb.tag_ in {"VB", "VBN"}:
            return self.auxiliaries(verb.head)
        return own

    def negated(self, verb: Token) -> Token | None:
        for c in verb.children:
            if c.lower_ in {"not", "n't", "never", "n’t"}:
                return c
        return None

    def marks(self, verb: Token) -> set[str]:
        return {c.lower_ for c in verb.children if c.dep_ == "mark"}

    def apply_mood(self, act: Act, verb: Token) -> Act | None:
        """Tense, negation, control and reported speech around a verb, applied to the act; None where it is no act."""
        aux = self.auxiliaries(verb)
        marks = self.marks(verb)
        if marks & _CONDITION or any(
            c.lower_ in _CONDITION for c in verb.children if c.dep_ in {"mark", "advmod", "cc"}
        ):
            return None
        first = self.doc[verb.left_edge.i].lower_
        if (
            first in _CONDITION
            and not any(c.dep_ in {"ccomp"} for c in verb.children)
            and verb.dep_ != "ROOT"
        ):
            return None
        would = "would" in aux
        reported = verb.dep_ in {"ccomp", "parataxis"} or (
            verb.dep_ == "conj" and verb.head.dep_ in {"ccomp", "parataxis"}
        )
        if aux & _FUTURE or (would and reported):
            act.future = True
        elif aux & (_MODALS - {"would"}) or would:
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
            if head is node:
                break
            relation = node.dep_
            lemma = head.lemma_.lower()
            if relation == "conj" and head.pos_ in {"VERB", "AUX"} and node is verb:
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
                if any(c.lower_ in _CONDITION for c in head.children if c.dep_ == "mark"):
                    return None
                control = relation in {"xcomp", "advcl"} or (relation == "ccomp" and "to" in self.marks(node))
                if relation in {"xcomp", "ccomp", "acl"} or (
                    relation == "advcl" and "to" in self.marks(node)
                ):
                    if lemma in _DENY:
                        act.denied = True
                        act.status_words.append(self.span(head))
                    elif lemma in _REFUSE and control:
                        mode = {"CONSULT": "meet", "AID": "assist", "RETREAT": "yield", "CONCEDE": "yield"}
                        act.event_type, act.mode = "REJECT", mode.get(act.event_type, "change")
                        act.symmetric = False
                        act.trigger.append(self.span(head))
                    elif lemma in _THREATEN and act.event_type in _HARM | {"THREATEN"} and control:
                        act.future = True
                        act.trigger.append(self.span(head))
                    elif lemma in _PROMISE and (control or lemma != "propose"):
                        if relation == "ccomp" and not act.future:
                            pass
                        else:
                            act.future = True
                        act.trigger.append(self.span(head))
                    elif lemma in _PLAN and (control or relation == "acl"):
                        act.future = True
                    elif (
                        (lemma in _WISH and control)
                        or (lemma == "have" and any(c.lower_ == "yet" for c in head.children))
                        or (lemma in _REQUEST and relation != "advcl")
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
                if (relation in {"ccomp", "parataxis"} and (lemma in _SAY or lemma in _DENY)) or (
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
                and child.lemma_.lower() in _SAY
                and self.parties_of_subject(child)
            ):
                return self.attribute(act, child)
            if child.dep_ == "obl" and self.case(child) == "according":
                speakers = self.things(child)
                if speakers:
                    return self.blame_or_tell(act, speakers[0])
        return act

    def parties_of_subject(self, verb: Token) -> list[Ref]:
        found = self.subjects(verb)
        return self.parties(found[0]) or self.owners(found[0]) if found else []

    def attribute(self, act: Act, say: Token) -> Act | None:
        speakers = self.parties_of_subject(say)
        if say.lemma_.lower() in _DENY or (self.negated(say) is not None and say.lemma_.lower() != "say"):
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
        if act.event_type in _HARM and not act.future and not act.denied and speaker.code not in doers:
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

    # -- acts

    def finish(self, act: Act) -> Act | None:
        """Turn a future deed into the words that announce it."""
        if not act.future:
            return act
        kind = act.event_type
        if kind == "CONSULT":
            act.event_type, act.mode = "AGREE", "meet"
        elif kind in {"COOPERATE", "SUPPORT"}:
            act.event_type, act.mode = "AGREE", "cooperate"
        elif kind == "AID":
            act.event_type, act.mode = "AGREE", "aid"
        elif kind in {"RETREAT", "CONCEDE"}:
            act.event_type, act.mode = "AGREE", "settle" if act.mode == "ceasefire" else "yield"
        elif kind == "SANCTION":
            mode = {"expel": "expel", "withdraw": "relations"}.get(act.mode or "", "restrict")
            act.event_type, act.mode = "THREATEN", mode
        elif kind == "COERCE":
            act.event_type, act.mode = "THREATEN", "arrest" if act.mode == "arrest" else "restrict"
        elif kind in {"ASSAULT", "MOBILIZE"}:
            act.event_type, act.mode = "THREATEN", "violence"
        elif kind in {"ACCUSE", "REQUEST", "REJECT", "PROTEST"}:
            return None
        return act

    def make(
        self,
        verb: Token,
        frame: tuple[str, str | None, str],
        sources: list[Ref],
        targets: list[Ref],
        trigger: list[Span],
        *,
        score: float = 0.8,
        is_nominal: bool = False,
        start: Span | None = None,
    ) -> Act | None:
        event_type, mode, direction = frame
        sources, targets = _distinct(sources), _distinct(targets)
        joint = False
        if direction == "symmetric":
            everyone = _distinct([*sources, *targets])
            if len(everyone) < 2:
                return None
            if not targets or not sources or {r.code for r in sources} == {r.code for r in targets}:
                joint = True
                sources, targets = everyone, everyone
            targets = [t for t in targets if joint or t.code not in {s.code for s in sources}] or targets
        elif not joint:
            targets = [t for t in targets if t.code not in {s.code for s in sources}]
            if not sources or not targets:
                return None
        where = start or self.clause(verb)
        if event_type == "CONSULT" and mode is None:
            words = {t.lower_ for t in verb.subtree}
            if words & {"phone", "telephone", "telephoned", "videoconference", "video"}:
                mode = "phone"
        return Act(
            event_type,
            mode,
            direction == "symmetric",
            sources,
            targets,
            trigger,
            *where,
            score=score,
            nominal=is_nominal,
            joint=joint,
            participants=[*sources, *targets],
            scope=self.scope(verb, trigger, event_type),
        )

    def scope(self, verb: Token, trigger: list[Span], event_type: str) -> frozenset[int]:
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
                    and event_type not in _HARM | {"RETREAT"}
                ):
                    continue
                if child.dep_ in {"nsubj", "nsubj:pass"} and self.span(child) not in words and not top:
                    continue
                walk(child, top=self.span(child) in words)

        for root in roots:
            walk(root, top=True)
        if verb.i not in inside:
            for child in verb.children:
                if child.dep_.startswith("obl") and self.case(child) not in _TOPIC:
                    walk(child, top=False)
        return frozenset(inside)

    def source_refs(self, tokens: Sequence[Token], *, thing: bool = True) -> list[Ref]:
        found: list[Ref] = []
        for token in tokens:
            refs = self.parties(token)
            if not refs and thing:
                refs = self.owners(token)
            found.extend(refs)
        return found

    def people_sources(self, tokens: Sequence[Token]) -> list[Ref]:
        found = []
        for token in tokens:
            unit = self.unit(token)
            if unit.kind == "party" and (unit.via == "people" or unit.noun in _PEOPLE_NOUNS):
                found.extend(self.refs_of_unit(unit))
                continue
            crowd = [token, *(c for c in token.children if c.dep_ == "nmod" and self.case(c) == "of")]
            for t in crowd:
                if self.unit(t).via == "people" or self.unit(t).noun in _PEOPLE_NOUNS:
                    found.extend(self.refs_of_unit(self.unit(t)))
                elif t.lemma_.lower() in _PEOPLE_NOUNS:
                    found.extend(self.owners(t) or self.where())
        return found

    def where(self) -> list[Ref]:
        """The state in which the sentence is set ("in Baghdad"): whose people a crowd without a country is."""
        for i, unit in enumerate(self.units):
            if (
                i
                and self.doc[i - 1].lower_ in _PLACE_PREPOSITIONS
                and unit.kind == "party"
                and unit.via in {"state", "capital"}
            ):
                return self.refs_of_unit(unit)
        return []

    def read(self) -> list[Act]:
        acts: list[Act] = []
        for token in self.doc:
            unit = self.unit(token)
            if unit.kind != "word":
                continue
            if token.pos_ in {"VERB", "AUX"} or (
                token.dep_ == "ROOT" and verb_frames(token.lemma_.lower()) and token.pos_ != "NOUN"
            ):
                acts.extend(self.read_verb(token))
        for token in self.doc:
            if (
                self.unit(token).kind == "word"
                and token.pos_ in {"NOUN", "PROPN"}
                and token.i not in self.used
            ):
                acts.extend(self.read_nominal(token))
        seen = {span for act in acts for span in act.trigger}
        for token in self.doc:
            if self.unit(token).kind == "word" and self.span(token) not in seen:
                acts.extend(self.read_surface(token))
        return acts

    # -- the second reader: order of words, for what the parser missed

    def read_surface(self, token: Token) -> list[Act]:
        """As in "X accused Y", "X called on Y": a listed verb right between two parties, whatever the parser made of it."""
        low = token.lower_
        if token.pos_ == "VERB" and token.dep_ not in {"amod", "acl", "compound"}:
            return []  # the parser read it as a verb, and its clause was judged
        if not (low.endswith(("ed", "s")) or low in _PAST_FORMS) or (
            token.tag_ in {"NNS"} and low not in _PAST_FORMS
        ):
            return []
        frames: tuple[Frame, ...] = ()
        for lemma in _stems(low):
            frames = verb_frames(lemma)
            if frames:
                break
        if not frames:
            return []
        left = token.i - 1
        while (
            left >= 0
            and self.units[left].kind == "word"
            and (self.doc[left].lower_ in _BETWEEN or self.doc[left].pos_ == "ADV")
        ):
            left -= 1
        if left < 0 or self.units[left].kind != "party":
            return []
        before = self.doc[left - 1].lower_ if left else ""
        if before in {
            "by",
            "with",
            "of",
            "in",
            "to",
            "from",
            "for",
            "on",
            "against",
            "between",
            "at",
            "as",
            "than",
        }:
            return []
        sources = self.refs_of_unit(self.units[left])
        if before == "and" and left > 1 and self.units[left - 2].kind == "party":
            sources = [*self.refs_of_unit(self.units[left - 2]), *sources]
        for frame in frames:
            if frame.source[:1] != ("subj",) or frame.mode == "visit":
                continue
            for name in frame.target:
                right = token.i + 1
                if name != "obj":
                    if right >= len(self.doc) or self.doc[right].lower_ != name:
                        continue
                    right += 1
                steps = 0
                while (
                    right < len(self.doc)
                    and self.units[right].kind == "word"
                    and steps < 3
                    and self.doc[right].pos_ in {"DET", "NUM", "ADJ", "ADV"}
                ):
                    right += 1
                    steps += 1
                if right >= len(self.doc) or self.units[right].kind not in {"party", "adjective"}:
                    continue
                if any(
                    t.lower_ in {"will", "would", "could", "may", "might", "should", "if", "not", "to"}
                    for t in self.doc[left + 1 : token.i]
                ):
                    return []
                targets = self.refs_of_unit(self.units[right])
                act = self.make(
                    token,
                    (frame.event_type, frame.mode, frame.direction),
                    sources,
                    targets,
                    [self.span(token)],
                    score=0.65,
                )
                if act is not None:
                    return [act]
        return []

    def particle(self, verb: Token) -> str:
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

    def read_verb(self, verb: Token) -> list[Act]:
        lemma = verb.lemma_.lower()
        particle = self.particle(verb)
        subjects, objects = self.roles(verb)
        trigger = [self.span(verb)]
        found: list[Act] = []
        for event in self.compositions(verb, lemma, particle, subjects, objects):
            settled = self.apply_mood(event, verb)
            if settled is not None and (done := self.finish(settled)) is not None:
                found.append(done)
        if found:
            return found
        special = self.special(verb, lemma, subjects, objects)
        if special is not None:
            judged = self.apply_mood(special, verb)
            finished = self.finish(judged) if judged is not None else None
            return [finished] if finished is not None else []
        for frame in verb_frames(lemma, particle) or (verb_frames(lemma) if particle else ()):
            read = self.frame_act(verb, lemma, frame, subjects, objects, trigger)
            if read is None:
                continue
            settled = self.apply_mood(read, verb)
            if settled is not None and (done := self.finish(settled)) is not None:
                return [done]
            return []
        return []

    def special(self, verb: Token, lemma: str, subjects: list[Token], objects: list[Token]) -> Act | None:
        """Turns of phrase that no single verb carries."""
        if lemma in {"receive", "get", "obtain", "accept"} and not self.passive(verb):
            # "received tanks from Poland": the giver stands behind "from"
            for o in objects:
                if "aid" in noun_classes(self.lemma(o)):
                    givers = [r for t in self.slot(verb, "from", objects) for r in self.things(t)]
                    return self.make(
                        verb,
                        ("AID", None, "directed"),
                        givers,
                        self.source_refs(subjects, thing=False),
                        [self.span(verb), self.span(o)],
                    )
        if lemma in {"tell", "order", "give", "ask"}:
            # "told the ambassador to leave", "were given 48 hours to leave"
            leaving = [
                t
                for t in verb.subtree
                if t.lemma_.lower() in {"leave", "depart", "go"} and t.tag_ == "VB" and t.i > verb.i
            ]
            if leaving and leaving[0].dep_ in {"xcomp", "acl", "advcl", "ccomp"}:
                people = [
                    o
                    for o in objects
                    if self.unit(o).kind == "party" and self.unit(o).noun in _ENVOYS | {"person"}
                ]
                if people:
                    sources = self.source_refs(subjects)
                    if not sources:
                        sources = [r for t in leaving for a in self.agents(t) for r in self.parties(a)]
                    targets = [r for o in people for r in self.refs_of_unit(self.unit(o))]
                    return self.make(
                        verb,
                        ("SANCTION", "expel", "directed"),
                        sources,
                        targets,
                        [self.span(verb), self.span(leaving[0])],
                    )
        if lemma in _SAY | {"complain", "blame"} and not self.negated(verb):
            # "Moscow says Kyiv staged a provocation": harm told of another, whoever suffered it
            for told in verb.children:
                if (
                    told.dep_ != "ccomp"
                    or told.lemma_.lower() not in _MISDEEDS
                    or self.auxiliaries(told) & (_MODALS | _FUTURE)
                ):
                    continue
                others = [r for t in self.subjects(told) for r in self.parties(t)]
                speakers = self.source_refs(subjects)
                if speakers and others and not self.negated(told):
                    return self.make(
                        verb,
                        ("ACCUSE", "allege", "directed"),
                        speakers,
                        others,
                        [self.span(verb), self.span(told)],
                        score=0.7,
                    )
        if lemma in {"broker", "mediate", "facilitate"}:
            # "a truce brokered by Qatar between A and B": the go-between consulted with both
            middle = self.source_refs(subjects, thing=False)
            ends = [r for t in self.slot(verb, "between", objects) for r in self.things(t)]
            ends = ends or [r for o in objects for r in self.owners(o)]
            ends = [r for r in _distinct(ends) if r.code not in {m.code for m in middle}]
            if len(ends) < 2:
                return None
            act = self.make(verb, ("CONSULT", "third-party", "directed"), middle, ends, [self.span(verb)])
            if act is not None:
                act.symmetric = True
            return act
        if lemma in {"leave", "quit", "exit", "join"}:
            clubs = [r for o in objects for r in self.parties(o) if r.unit and r.unit.via == "organisation"]
            states = [r for r in self.source_refs(subjects, thing=False) if r.unit and r.unit.via != "person"]
            if clubs and states:
                kind = (
                    ("SUPPORT", None, "directed") if lemma == "join" else ("SANCTION", "withdraw", "directed")
                )
                return self.make(verb, kind, states, clubs, [self.span(verb)])
        if lemma == "apply":
            clubs = [
                r
                for child in verb.children
                if child.dep_ in {"xcomp", "advcl"}
                for o in self.objects(child)
                for r in self.parties(o)
            ]
            return self.make(
                verb, ("REQUEST", None, "directed"), self.source_refs(subjects), clubs, [self.span(verb)]
            )
        if lemma == "declare" and any(c.lower_ == "persona" for c in verb.subtree):
            envoys = [
                t for t in verb.subtree if self.unit(t).kind == "party" and self.unit(t).noun in _ENVOYS
            ]
            targets = [r for t in envoys for r in self.refs_of_unit(self.unit(t))]
            return self.make(
                verb,
                ("SANCTION", "expel", "directed"),
                self.source_refs(subjects),
                targets,
                [self.span(verb)],
            )
        if lemma in {"put", "place"} and any(c.lower_ == "alert" for c in verb.subtree):
            foes = [
                r
                for name in ("against", "near", "along")
                for t in self.slot(verb, name, objects)
                for r in self.things(t)
            ]
            return self.make(
                verb, ("MOBILIZE", "troops", "directed"), self.source_refs(subjects), foes, [self.span(verb)]
            )
        if lemma == "bring":
            pair = [r for o in objects for r in self.parties(o)]
            together = any(c.lower_ in {"together", "table"} for c in verb.subtree)
            if together and len(pair) > 1:
                act = self.make(
                    verb,
                    ("CONSULT", "third-party", "directed"),
                    self.source_refs(subjects, thing=False),
                    pair,
                    [self.span(verb)],
                )
                if act is not None:
                    act.symmetric = True
                return act
        if lemma == "put":
            nouns = {self.lemma(o) for o in objects}
            if nouns & {"blame", "responsibility"}:
                for token in self.slot(verb, "on", objects):
                    return self.make(
                        verb,
                        ("ACCUSE", "allege", "directed"),
                        self.source_refs(subjects),
                        self.things(token),
                        [self.span(verb), *[self.span(o) for o in objects]],
                    )
        return None

    def compositions(
        self, verb: Token, lemma: str, particle: str, subjects: list[Token], objects: list[Token]
    ) -> Iterator[Act]:
        classes = verb_classes(lemma, particle)
        if not classes:
            return
        nouns = [t for o in objects for t in self.coordinated(o)]
        # "hit Iran with sanctions", "agreed on a ceasefire", "took part in talks with"
        for preposition in ("with", "on", "in", "to", "for"):
            if lemma in {
                "hit",
                "slap",
                "agree",
                "take",
                "engage",
                "strike",
                "call",
                "appeal",
                "join",
                "participate",
                "push",
            }:
                nouns.extend(
                    c for c in verb.children if c.dep_.startswith("obl") and self.case(c) == preposition
                )
        for noun in nouns:
            for option in compose(classes, noun_classes(self.lemma(noun))):
                made = self.composed(verb, noun, option, lemma, subjects, objects)
                if made:
                    self.used.add(noun.i)
                    yield from made
                    return

    def composed(
        self,
        verb: Token,
        noun: Token,
        option: tuple[str, str | None, str, str],
        lemma: str,
        subjects: list[Token],
        objects: list[Token],
    ) -> list[Act]:
        """The act that a light verb and its object make, if the clause names its parties."""
        event_type, mode, direction, noun_class = option
        sources = self.source_refs(subjects)
        trigger = [self.span(verb), self.span(noun)]
        if noun_class not in {"talks", "call", "view", "exercise"} and direction != "symmetric":
            targets = self.composite_targets(verb, noun, noun_class, event_type, objects, sources)
            act = self.make(verb, (event_type, mode, "directed"), sources, targets, trigger)
            return [act] if act is not None else []
        targets = []
        for name in ("with", "between", "among"):
            for token in self.slot(verb, name, [noun]):
                targets.extend(self.things(token))
        if not targets:
            targets = self.owners(noun)
            if len(targets) == 1 and sources and targets[0].code == sources[0].code:
                targets = []
        if (
            event_type in {"CONSULT", "SUPPORT"}
            and lemma in {"host", "convene"}
            and len(_distinct(targets)) >= 2
        ):
            hosted = self.make(verb, ("CONSULT", "third-party", "directed"), sources, targets, trigger)
            if hosted is not None:
                hosted.symmetric = True
            both = self.make(verb, ("CONSULT", None, "symmetric"), targets, [], trigger)
            return [act for act in (hosted, both) if act is not None]
        act = self.make(verb, (event_type, mode, direction), sources, targets, trigger)
        return [act] if act is not None else []

    def composite_targets(
        self,
        verb: Token,
        noun: Token,
        noun_class: str,
        event_type: str,
        objects: list[Token],
        sources: list[Ref],
    ) -> list[Ref]:
        """Whom the act of a light verb and its object reaches."""
        doers = {r.code for r in sources}
        order = {
            "SANCTION": ("on", "against", "to", "with", "from", "over"),
            "AID": ("to", "for", "with"),
            "RETREAT": ("on", "from", "against", "to", "with"),
            "MOBILIZE": ("near", "against", "with", "to", "along", "around", "toward", "towards"),
            "ASSAULT": ("on", "against", "into", "at", "in", "inside"),
            "ACCUSE": ("against", "over", "about", "at", "to", "with", "into", "of", "by", "on"),
            "REQUEST": ("from", "of", "by", "on", "to", "with"),
            "REJECT": ("with", "from", "by", "to", "of"),
            "AGREE": ("to", "with", "for", "on"),
            "SUPPORT": ("to", "with", "for", "by", "between", "of"),
            "THREATEN": ("on", "against", "to", "with"),
            "CONCEDE": ("to", "from", "by", "for"),
            "CONSULT": ("to", "with"),
            "COERCE": ("from", "of"),
        }.get(event_type, ("to", "on", "against", "with", "from"))
        if self.unit(noun).kind == "party":
            direct = [r for r in self.refs_of_unit(self.unit(noun)) if r.code not in doers]
            if direct:
                return direct
        for other in objects:  # "gave Ukraine weapons", "hit Iran with sanctions"
            if other is not noun:
                refs = [r for r in self.parties(other) if r.code not in doers]
                if refs:
                    return refs
        if noun_class in {
            "captive",
            "property",
            "diplomat",
            "embassy",
            "criticism",
            "proposal",
            "demand",
            "airspace",
            "visit",
        }:
            refs = [r for r in self.owners(noun) if r.code not in doers]
            if refs:
                return refs
        for name in order:
            for token in self.slot(verb, name, [noun]):
                refs = [r for r in self.things(token) if r.code not in doers]
                if refs:
                    return refs
        owners = [r for r in self.owners(noun) if r.code not in doers]
        if (
            not owners
            and noun_class in {"relations", "embassy", "talks", "ceasefire", "border"}
            and self.focus.pair
            and sources
        ):
            rest = [r for r in self.focus.pair if r.code not in doers]
            if len(rest) == 1:
                s, e = self.span(noun)
                return [replace(rest[0], start=s, end=e)]
        return owners

    def frame_act(
        self,
        verb: Token,
        lemma: str,
        frame: Frame,
        subjects: list[Token],
        objects: list[Token],
        trigger: list[Span],
    ) -> Act | None:
        kind = frame.event_type
        if frame.source[:1] == ("people",):
            sources = self.people_sources(subjects)
        elif frame.source[:1] == ("obj",):
            sources = self.source_refs(objects, thing=False)
        else:
            sources = self.source_refs(
                subjects, thing=kind in {"ASSAULT", "COERCE", "MOBILIZE", "ACCUSE", "REQUEST", "SANCTION"}
            )
        if lemma in {"receive", "host", "greet", "welcome"} and frame.direction == "guest-first":
            guests = [
                r for o in objects for r in self.parties(o) if r.unit and r.unit.via in {"person", "body"}
            ]
            return self.make(
                verb, (kind, frame.mode, "directed"), guests, self.source_refs(subjects, thing=False), trigger
            )
        if (
            lemma == "call"
            and frame.target == ("obj",)
            and not any(self.unit(o).via == "person" or self.unit(o).counterpart for o in objects)
        ):
            return None  # "called the move a mistake"
        if lemma == "call" and any(c.dep_ == "xcomp" for c in verb.children) and frame.target == ("obj",):
            return None
        targets: list[Ref] = []
        score = 0.8
        if (kind, frame.mode) == ("CONSULT", "visit"):
            if not any(r.unit and r.unit.via in {"person", "body", "people"} for r in sources):
                return None
            for name in frame.target:
                tokens = objects if name == "obj" else self.slot(verb, name)
                for token in tokens:
                    targets.extend(self.hosts(token, sources))
                if targets:
                    break
            return self.make(verb, (kind, frame.mode, "directed"), sources, targets[:1], trigger)
        for name in frame.target:
            if name == "obj":
                tokens = objects
            elif name == "subj":
                tokens = subjects
            else:
                tokens = self.slot(verb, name, objects)
            for token in tokens:
                refs = self.parties(token)
                if not refs and (
                    kind
                    in {
                        "ASSAULT",
                        "COERCE",
                        "SANCTION",
                        "ACCUSE",
                        "SUPPORT",
                        "REJECT",
                        "RETREAT",
                        "PROTEST",
                        "AID",
                        "CONCEDE",
                        "THREATEN",
                    }
                    or name == "on"
                ):
                    refs = self.owners(token)
                if not refs and kind == "ASSAULT" and name in {"obj", "on", "at"}:
                    refs = self.place_target(token, sources)
                    if not refs:
                        refs = [
                            r
                            for inner in self.slot(verb, "in", [token])
                            for r in self.parties(inner)
                            if r.unit and r.unit.via in {"state", "capital"}
                        ]
                if not refs and kind in {"ACCUSE", "SUPPORT", "REJECT"} and name == "obj":
                    for inner in token.children:
                        if inner.dep_ == "nmod" and self.case(inner) in {"by", "of", "from", "in"}:
                            refs = refs or self.things(inner)
                targets.extend(refs)
            if [t for t in targets if t.code not in {s.code for s in sources}]:
                break
        if kind == "REQUEST" and not targets:
            for child in verb.children:
                if child.dep_ in {"ccomp", "xcomp"}:
                    for subject in self.subjects(child):
                        if subject.i > verb.i:
                            targets.extend(self.parties(subject) or self.owners(subject))
        if kind in {"ACCUSE", "REJECT"} and not targets and sources:
            targets = self.understood(objects, sources)
            score = 0.55
        if frame.direction == "symmetric":
            if (
                not targets
                and len(_distinct(sources)) < 2
                and self.focus.pair
                and any(t.lemma_.lower() in _SIDES or t.lower_ in {"they", "both"} for t in subjects)
            ):
                sources = list(self.focus.pair)
            return self.make(verb, (kind, frame.mode, "symmetric"), sources, targets, trigger)
        return self.make(verb, (kind, frame.mode, "directed"), sources, targets, trigger, score=score)

    def understood(self, objects: list[Token], sources: list[Ref]) -> list[Ref]:
        """As in "Athens condemned the plan": what was done just before, by the party that did it."""
        other = self.focus.doer
        if other is None or other.code in {r.code for r in sources}:
            return []
        for token in objects:
            words = {c.lower_ for c in token.children if c.dep_ in {"det", "nmod:poss"}}
            if token.lower_ in {"it", "this", "that"} or words & {
                "the",
                "this",
                "these",
                "those",
                "its",
                "their",
                "that",
            }:
                s, e = self.span(token)
                return [replace(other, start=s, end=e)]
        return []

    def hosts(self, token: Token, sources: list[Ref]) -> list[Ref]:
        """The state visited: a state or capital named, or the state in which the place lies."""
        doers = {r.code for r in sources}
        refs = [
            r
            for r in self.parties(token)
            if r.code not in doers and r.unit and r.unit.via in {"state", "capital", "organisation", "seat"}
        ]
        if refs:
            return refs
        unit = self.unit(token)
        if unit.kind == "word" and token.text[:1].isupper():
            place = gazetteer().place(token.text)
            if place and place.country and place.country not in doers:
                return [Ref(place.country, unit.start, unit.end)]
        return [r for r in self.owners(token) if r.code not in doers]

    def place_target(self, token: Token, sources: list[Ref]) -> list[Ref]:
        """A city or region struck stands for its state, unless it is the attacker's own."""
        found = []
        for t in self.coordinated(token):
            unit = self.unit(t)
            for child in [t, *t.children]:
                u = self.unit(child)
                if u.kind == "word" and child.text[:1].isupper() and child.pos_ == "PROPN":
                    place = gazetteer().place(child.text)
                    if place and place.country and place.country not in {r.code for r in sources}:
                        found.append(Ref(place.country, u.start, u.end))
                        break
            else:
                for child in t.children:
                    if child.dep_ == "nmod" and self.case(child) in {"in", "of", "near"}:
                        found.extend(self.parties(child) or self.place_target(child, sources))
            del unit
        return found

    # -- nominals

    def read_nominal(self, noun: Token) -> list[Act]:
        lemma = noun.lemma_.lower()
        frame = nominal(lemma)
        if frame is None:
            return []
        case = self.case(noun)
        governor = noun.head
        glemma = governor.lemma_.lower() if governor is not noun else ""
        sources: list[Ref] = []
        targets: list[Ref] = []
        for name in frame.target:
            for child in noun.children:
                if child.dep_.startswith("nmod") and self.case(child) == name:
                    refs = self.things(child)
                    if not refs and frame.event_type == "ASSAULT":
                        refs = self.place_target(child, sources)
                    targets.extend(refs)
            if targets:
                break
        if not targets and noun.i + 2 < len(self.doc) and self.doc[noun.i + 1].lower_ in frame.target:
            targets = self.listed(noun.i + 2)
        if "poss" in frame.source:
            for child in noun.children:
                unit = self.unit(child)
                if child.dep_ in {"amod", "compound", "nmod:poss", "flat"} or unit.kind == "pair":
                    if unit.kind in {"adjective", "party", "pair"}:
                        sources.extend(self.refs_of_unit(unit))
                    elif child.dep_ == "nmod:poss":
                        sources.extend(self.possessor(child))
            if not sources and noun.i and self.units[noun.i - 1].kind in {"adjective", "pair"}:
                sources.extend(self.refs_of_unit(self.units[noun.i - 1]))
            if noun.i > 1 and self.units[noun.i - 2].kind == "pair" and not sources:
                sources.extend(self.refs_of_unit(self.units[noun.i - 2]))
        for name in frame.source:
            if name in {"poss", "subj"} or (
                name == "of" and frame.event_type in {"ASSAULT", "SANCTION"} and targets == []
            ):
                continue
            # "the expulsion of diplomats by Turkey": "by" may hang on the diplomats
            within = noun.subtree if name == "by" else noun.children
            for child in within:
                if child.dep_.startswith("nmod") and self.case(child) == name:
                    sources.extend(self.things(child))
        if not sources and frame.direction == "symmetric" and targets and governor.pos_ in {"VERB", "AUX"}:
            sources = self.parties_of_subject(governor)
        if not sources and lemma in {"visit", "trip", "tour"} and any(c.dep_ == "cop" for c in noun.children):
            sources = self.parties_of_subject(noun)  # "who is on a state visit to China"
        if (
            frame.direction == "directed"
            and not sources
            and governor.pos_ == "VERB"
            and case in {"during", "on", "after", "in", "for"}
        ):
            if lemma in {"visit", "trip", "tour"}:
                sources = self.parties_of_subject(governor)
        act = self.make(
            governor if governor is not noun else noun,
            (frame.event_type, frame.mode, frame.direction),
            sources,
            targets,
            [self.span(noun)],
            score=0.7,
            is_nominal=True,
            start=self.clause(governor),
        )
        if act is None:
            return []
        if case in {"before", "until", "pending"}:
            act.future = True
        # what is said of the noun
        relation = "nsubj" if noun.dep_ == "nsubj:outer" else noun.dep_
        verb = governor
        if relation in {
            "nsubj",
            "nsubj:pass",
            "obj",
            "ROOT",
            "obl",
            "nmod",
            "appos",
            "conj",
            "dep",
            "parataxis",
        }:
            if relation in {"nsubj", "nsubj:pass"} and verb.pos_ in {"VERB", "AUX", "ADJ"}:
                aux = self.auxiliaries(verb)
                if (
                    aux & _FUTURE
                    or "to" in self.marks(verb)
                    or glemma in {"schedule", "expect", "plan", "set", "due"}
                ):
                    act.future = True
                elif aux & (_MODALS):
                    return []
                made = compose(verb_classes(glemma, self.particle(verb)), noun_classes(lemma))
                if made and self.passive(verb) and made[0][0] != frame.event_type:
                    act.event_type, act.mode = made[0][0], made[0][1]
                    act.symmetric = False
                    if act.joint:
                        return []
                    act.trigger.append(self.span(verb))
                if self.negated(verb) is not None and glemma in _HAPPEN:
                    act.denied = True
            elif relation == "obj" and verb.pos_ == "VERB":
                if glemma in {
                    "condemn",
                    "denounce",
                    "criticise",
                    "criticize",
                    "praise",
                    "welcome",
                    "demand",
                    "urge",
                    "seek",
                    "want",
                    "reject",
                    "oppose",
                    "expect",
                    "consider",
                    "fear",
                    "deny",
                    "avoid",
                    "prevent",
                    "allege",
                    "discuss",
                    "propose",
                    "offer",
                    "support",
                    "back",
                    "plan",
                    "threaten",
                    "lift",
                    "ease",
                    "suspend",
                    "describe",
                    "postpone",
                    "cancel",
                    "see",
                    "face",
                    "blame",
                    "request",
                    "call",
                    "investigate",
                    "protest",
                    "slam",
                    "hail",
                    "accuse",
                    "mention",
                    "mull",
                    "need",
                    "remove",
                    "end",
                    "stop",
                    "halt",
                }:
                    return []
                aux = self.auxiliaries(verb)
                if aux & _FUTURE:
                    act.future = True
                elif aux & _MODALS:
                    return []
            elif relation in {"obl", "nmod"}:
                if case in {
                    "on",
                    "over",
                    "about",
                    "of",
                    "against",
                    "for",
                    "despite",
                    "to",
                    "by",
                    "from",
                    "into",
                    "without",
                    "as",
                    "than",
                    "like",
                } and not (case == "for" and frame.event_type == "CONSULT"):
                    return []
                if frame.event_type in _HARM and case not in {"after", "following", "in", "since", "amid"}:
                    return []
            elif relation == "ROOT" and not self.headline and not act.joint and frame.event_type in _HARM:
                return []
        if verb.dep_ == "xcomp" and verb.head.lemma_.lower() in _REFUSE | _WISH | _THREATEN | _REQUEST:
            return []
        if relation == "nsubj" and verb.lemma_ == "be" and any(c.dep_ == "xcomp" for c in verb.children):
            act.future = True  # "talks are to resume"
        if relation == "nsubj" and "to" in self.marks(verb) and verb.tag_ == "VB":
            act.future = True
        if verb.pos_ == "VERB" and relation != "ROOT":
            settled = self.apply_mood_of_noun(act, verb, relation)
            if settled is None:
                return []
            act = settled
        done = self.finish(act)
        return [done] if done is not None else []

    def listed(self, i: int) -> list[Ref]:
        """Parties in a row from unit i: "Armenia and Azerbaijan", "Kenya, Uganda and Rwanda"."""
        found: list[Ref] = []
        while i < len(self.units):
            unit = self.units[i]
            if unit.kind == "party":
                found.extend(self.refs_of_unit(unit))
                i += 1
                if i + 1 < len(self.units) and self.doc[i].lower_ in {"and", ",", "&"}:
                    i += 1
                    if self.doc[i].lower_ == "and":
                        i += 1
                    continue
            elif self.doc[i].lower_ in {"the", "his", "her", "their"} and i + 1 < len(self.units):
                i += 1
                continue
            break
        return _distinct(found)

    def apply_mood_of_noun(self, act: Act, verb: Token, relation: str) -> Act | None:
        if self.marks(verb) & _CONDITION:
            return None
        if relation in {"nsubj", "nsubj:pass", "obj"} and verb.dep_ in {"ccomp", "parataxis"}:
            head = verb.head
            if head.lemma_.lower() in _SAY | _DENY:
                return self.attribute(act, head)
        return act

    # -- the focus that the next sentence inherits

    def move_focus(self) -> None:
        for token in self.doc:
            unit = self.unit(token)
            if unit.kind != "party" or len(unit.codes) != 1:
                continue
            ref = self.refs_of_unit(unit)[0]
            if token.dep_ in {"nsubj", "nsubj:pass"} or self.focus.party is None:
                if unit.via == "person":
                    self.focus.person = ref
                self.focus.party = ref
            elif unit.via == "person" and self.focus.person is None:
                self.focus.person = ref


def misread(doc: Doc, units: Sequence[Unit]) -> list[int]:
    """Positions of listed verbs right behind a party that the parser took for an adjective or a noun.

    "Honduras established diplomatic relations" is a small parser's trap: with "has" before the verb it reads right.
    """
    found = []
    for i in range(1, len(units) - 1):
        token = doc[i]
        low = token.lower_
        if units[i].kind != "word" or units[i - 1].kind != "party" or doc[i + 1].lower_ in {"by", "to"}:
            continue
        if not (low.endswith("ed") or low in _PAST_FORMS):
            continue
        finite = token.pos_ == "VERB" and token.dep_ in {
            "ROOT",
            "ccomp",
            "advcl",
            "conj",
            "parataxis",
            "acl:relcl",
        }
        if finite and token.tag_ in {"VBD", "VBP", "VBZ"}:
            continue
        if any(verb_frames(stem) or verb_classes(stem) for stem in _stems(low)):
            found.append(i)
    return found


def read_sentence(doc: Doc, units: Sequence[Unit], focus: Focus, *, headline: bool = False) -> list[Act]:
    """Return the acts of one parsed sentence; `focus` is read for pronouns and moved on for the next sentence.

    `doc` has one token for each unit, in order.
    """
    reader = _Reader(doc, units, focus, headline=headline)
    acts = reader.read()
    reader.move_focus()
    for act in acts:
        if not act.symmetric and act.event_type not in {"ACCUSE", "REQUEST", "SUPPORT", "REJECT"}:
            focus.doer = act.sources[0]
        pair = _distinct([*act.sources, *act.targets])
        if len(pair) == 2:
            focus.pair = (pair[0], pair[1])
    return acts


ActStatus = Literal["occurred", "denied", "background"]
