"""One parsed sentence -> the acts it tells: type, parties with their words, tense, negation, who says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Doc, Token

from events.extract.actors import Unit
from events.extract.clauses import (
    CONDITION,
    DENY,
    FUTURE,
    HARM,
    MODALS,
    READY,
    REFUSE,
    REQUEST,
    SAY,
    SIDES,
    THREATEN,
    WISH,
    Act,
    Clauses,
    Focus,
    Ref,
    Span,
    distinct,
)
from events.extract.lexicon import Frame, compose, nominal, noun_classes, verb_classes, verb_frames
from events.gazetteer import gazetteer

__all__ = ["Act", "Focus", "Ref", "misread", "read_sentence"]

_PEOPLE_NOUNS = frozenset(
    "protester demonstrator student farmer activist crowd resident people worker".split()
)
_BOXES = frozenset(
    "package round series set wave raft list tranche batch cable message letter word campaign".split()
)
_FIGHTERS = frozenset(
    "militant fighter rebel terrorist insurgent extremist jihadist jihadi gunman smuggler member commander leader person".split()
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
_HAPPEN = frozenset(
    "take begin start continue open end conclude resume hold occur follow wrap kick happen run last".split()
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


class _Reader(Clauses):
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
        sources, targets = distinct(sources), distinct(targets)
        joint = False
        if direction == "symmetric":
            everyone = distinct([*sources, *targets])
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

    def memberships(self) -> Iterator[Act]:
        """As in "Finland became a member of NATO"."""
        for token in self.doc:
            if token.lemma_.lower() != "member" or not any(
                t.lemma_.lower() == "become" for t in (token.head, *token.children)
            ):
                continue
            clubs = [
                r
                for c in token.children
                if c.dep_ == "nmod" and self.case(c) == "of"
                for r in self.parties(c)
                if r.unit and r.unit.via == "organisation"
            ]
            subject = self.subjects(token) or self.subjects(token.head)
            act = self.make(
                token,
                ("SUPPORT", None, "directed"),
                self.source_refs(subject, thing=False),
                clubs,
                [self.span(token)],
            )
            if act is not None:
                judged = self.apply_mood(act, token.head if token.head.lemma_ == "become" else token)
                if judged is not None and (done := self.finish(judged)) is not None:
                    yield done

    def read(self) -> list[Act]:
        acts: list[Act] = list(self.memberships())
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
        if lemma in SAY | {"complain", "blame"} and not self.negated(verb):
            # "Moscow says Kyiv staged a provocation": harm told of another, whoever suffered it
            for told in verb.children:
                if (
                    told.dep_ != "ccomp"
                    or told.lemma_.lower() not in _MISDEEDS
                    or self.auxiliaries(told) & (MODALS | FUTURE)
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
            ends = [r for r in distinct(ends) if r.code not in {m.code for m in middle}]
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
        if lemma in {"respond", "retaliate", "react", "hit"} and self.auxiliaries(verb) & (
            FUTURE | {"would"}
        ):
            # "would respond to any attack": a threat, whatever form the answer takes
            foes = [
                r
                for name in ("to", "against", "for")
                for t in self.slot(verb, name, objects)
                for r in self.things(t)
            ]
            act = self.make(
                verb,
                ("THREATEN", "violence", "directed"),
                self.source_refs(subjects),
                foes,
                [self.span(verb)],
            )
            if act is not None and lemma != "hit":
                return act
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
        if lemma in {"call", "summon"} and objects and self.lemma(objects[0]) in _ENVOYS:
            own = any(c.lower_ in {"its", "their", "his", "her"} for o in objects for c in o.children)
            if own and any(c.lower_ in {"home", "back", "consultations"} for c in verb.subtree):
                hosts = [
                    r
                    for name in ("to", "in", "from")
                    for t in self.slot(verb, name, objects)
                    for r in self.parties(t)
                ]
                return self.make(
                    verb,
                    ("SANCTION", "withdraw", "directed"),
                    self.source_refs(subjects),
                    hosts,
                    [self.span(verb)],
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
        # "a package of sanctions", "a message of condolence": what the box holds
        nouns = [
            inner
            for noun in nouns
            for inner in (
                *(
                    c
                    for c in noun.children
                    if noun.lemma_.lower() in _BOXES and c.dep_ == "nmod" and self.case(c) == "of"
                ),
                noun,
            )
        ]
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
        if event_type == "PROTEST" and not self.people_sources(subjects):
            event_type, mode = "ASSAULT", "destroy"  # an embassy bombed, not stormed by a crowd
        trigger = [self.span(verb), self.span(noun)]
        if noun_class not in {"talks", "call", "view", "exercise"} and direction != "symmetric":
            targets = self.composite_targets(verb, noun, noun_class, event_type, objects, sources)
            act = self.make(verb, (event_type, mode, "directed"), sources, targets, trigger)
            act = act or self.together(verb, event_type, mode, sources, trigger)
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
            and len(distinct(targets)) >= 2
        ):
            hosted = self.make(verb, ("CONSULT", "third-party", "directed"), sources, targets, trigger)
            if hosted is not None:
                hosted.symmetric = True
            both = self.make(verb, ("CONSULT", None, "symmetric"), targets, [], trigger)
            return [act for act in (hosted, both) if act is not None]
        act = self.make(verb, (event_type, mode, direction), sources, targets, trigger)
        return [act] if act is not None else []

    def together(
        self, verb: Token, event_type: str, mode: str | None, sources: list[Ref], trigger: list[Span]
    ) -> Act | None:
        """As in "Colombia and Venezuela reopened their border": an act of several towards each other."""
        if event_type in {"RETREAT", "SUPPORT", "AGREE", "COOPERATE"} and len(distinct(sources)) > 1:
            return self.make(verb, (event_type, mode, "symmetric"), sources, [], trigger)
        return None

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
        if event_type in {"REJECT", "ACCUSE"}:
            refs = [r for r in self.owners(noun) if r.code not in doers]
            if refs:
                return refs
        for other in objects:  # "gave Ukraine weapons", "hit Iran with sanctions"
            if other.i != noun.i:
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
        if lemma == "call" and kind == "REQUEST":
            after = self.doc[verb.i + 1].lower_ if verb.i + 1 < len(self.doc) else ""
            if after not in {"on", "upon", "for", "again", "repeatedly", "once"}:
                return None  # "called it an assault on sovereignty"
        if any(t.lower_ in {"nobody", "none", "neither"} for t in subjects):
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
                if (
                    not refs
                    and kind == "REQUEST"
                    and token.lemma_.lower() in {"party", "faction", "side", "rival", "people"}
                ):
                    refs = self.owners(token)
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
                    if not refs and token.lemma_.lower() not in _FIGHTERS:
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
                and len(distinct(sources)) < 2
                and self.focus.pair
                and any(t.lemma_.lower() in SIDES or t.lower_ in {"they", "both"} for t in subjects)
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
        glemma = governor.lemma_.lower() if governor.i != noun.i else ""
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
        if (
            not sources
            and not targets
            and frame.event_type == "CONSULT"
            and case in {"at", "during", "after", "following"}
        ):
            both = self.parties_of_subject(governor) if governor.pos_ == "VERB" else []
            sources = both if len(both) > 1 else []  # "A and B stressed at a meeting"
        if not sources and lemma in {"visit", "trip", "tour"} and any(c.dep_ == "cop" for c in noun.children):
            sources = self.parties_of_subject(noun)  # "who is on a state visit to China"
        if not sources and glemma in READY and case == "for":
            sources = self.parties_of_subject(governor)
        if (
            frame.direction == "directed"
            and not sources
            and governor.pos_ == "VERB"
            and case in {"during", "on", "after", "in", "for"}
        ):
            if lemma in {"visit", "trip", "tour"}:
                sources = self.parties_of_subject(governor)
        act = self.make(
            governor if governor.i != noun.i else noun,
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
                    aux & FUTURE
                    or "to" in self.marks(verb)
                    or glemma in {"schedule", "expect", "plan", "set", "due"}
                ):
                    act.future = True
                elif aux & (MODALS):
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
                if aux & FUTURE:
                    act.future = True
                elif aux & MODALS:
                    return []
            elif relation in {"obl", "nmod"} and glemma in READY and case == "for":
                act.future = True
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
                if frame.event_type in HARM and case not in {"after", "following", "in", "since", "amid"}:
                    return []
            elif relation == "ROOT" and not self.headline and not act.joint and frame.event_type in HARM:
                return []
        if verb.dep_ == "xcomp" and verb.head.lemma_.lower() in REFUSE | WISH | THREATEN | REQUEST:
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
        return distinct(found)

    def apply_mood_of_noun(self, act: Act, verb: Token, relation: str) -> Act | None:
        if self.marks(verb) & CONDITION:
            return None
        if relation in {"nsubj", "nsubj:pass", "obj"} and verb.dep_ in {"ccomp", "parataxis"}:
            head = verb.head
            if head.lemma_.lower() in SAY | DENY:
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


_FINITE = frozenset({"ROOT", "ccomp", "advcl", "conj", "parataxis", "acl:relcl"})


def misread(doc: Doc, units: Sequence[Unit]) -> dict[int, tuple[str, str]]:
    """Return where listed verbs right behind a party were taken for adjectives or nouns, and what would help.

    The value is an auxiliary to put before the verb and the form of the verb behind it: "Honduras established
    relations" reads right as "has established", "Niger expels French ambassador" as "does expel".
    """
    found: dict[int, tuple[str, str]] = {}
    verbless = not any(t.dep_ == "ROOT" and t.pos_ in {"VERB", "AUX"} for t in doc)
    for i in range(1, len(units) - 1):
        token = doc[i]
        low = token.lower_
        if units[i].kind != "word" or units[i - 1].kind != "party" or doc[i + 1].lower_ in {"by", "to"}:
            continue
        finite = token.pos_ == "VERB" and token.dep_ in _FINITE
        if finite and token.tag_ in {"VBD", "VBP", "VBZ"}:
            continue
        stem = next((stem for stem in _stems(low) if verb_frames(stem) or verb_classes(stem)), None)
        if stem is None:
            continue
        if low.endswith("ed") or low in _PAST_FORMS:
            found[i] = ("has", token.text)
        elif verbless and low.endswith("s") and low not in {"forces", "troops", "officials"} and stem != low:
            if (
                not noun_classes(stem)
                or units[i + 1].kind != "word"
                or doc[i + 1].pos_ in {"DET", "NUM", "ADJ", "PROPN"}
            ):
                found[i] = ("does", stem)
        elif (
            verbless
            and stem == low
            and i > 1
            and (units[i - 2].kind == "party" or doc[i - 2].lower_ == "and")
        ):
            found[i] = ("do", stem)
    return found


def read_sentence(
    doc: Doc, units: Sequence[Unit], focus: Focus, *, headline: bool = False
) -> tuple[Clauses, list[Act]]:
    """Return one parsed sentence with its acts; `focus` is read for pronouns and moved on for the next sentence.

    `doc` has one token for each unit, in order.
    """
    reader = _Reader(doc, units, replace(focus), headline=headline)
    acts = reader.read()
    clauses = Clauses(doc, units, reader.focus, headline=headline)
    reader.focus = focus
    reader.move_focus()
    for act in acts:
        if not act.symmetric and act.event_type not in {"ACCUSE", "REQUEST", "SUPPORT", "REJECT"}:
            focus.doer = act.sources[0]
        pair = distinct([*act.sources, *act.targets])
        if len(pair) == 2:
            focus.pair = (pair[0], pair[1])
    return clauses, acts
