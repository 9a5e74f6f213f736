"""Which of the dates of a sentence is the day of an act: the one that hangs on its words, its clause or who tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from spacy.tokens import Token

from events.extract.clauses import FUTURE, SAY, Act, Clauses
from events.extract.dates import DateMention

__all__ = ["Bound", "ago", "announced", "bind", "closeness", "of_the_telling"]

# Clauses that tell of another time than the one they hang on.
_OTHER_TIME = frozenset(
    "after before since until when once as while following ahead because although though if".split()
)
_REPORTS = frozenset({"report", "write", "quote", "cite"})
_HAPPEN = frozenset("take hold happen occur begin start open end conclude last follow continue".split())
_SHARED = frozenset(
    {"xcomp", "ccomp", "conj", "parataxis", "csubj", "root", "ROOT", "aux", "cop", "dep", "discourse"}
)
_THINGS = frozenset(
    {
        "nsubj",
        "nsubj:pass",
        "obj",
        "iobj",
        "obl",
        "nmod",
        "compound",
        "appos",
        "obl:agent",
        "amod",
        "nmod:poss",
    }
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A date with how closely it hangs on the act; `plan` where it is the day of what the act announces."""

    mention: DateMention
    score: float
    plan: bool = False


def bind(clauses: Clauses, act: Act, mentions: Sequence[DateMention]) -> list[Bound]:
    """Return the dates that may be the act's, the closest first; dates of other clauses and of things are left out."""
    found = [b for m in mentions if (b := _bound(clauses, act, m)) is not None]
    if (
        not found
        and len(mentions) == 1
        and mentions[0].precision == "day"
        and _of_the_story(clauses, act, mentions[0])
    ):
        found = [Bound(mentions[0], 0.3)]  # the only day named, hung elsewhere by the parser
    return sorted(found, key=lambda b: (-b.score, abs(b.mention.start - act.trigger[0][0])))


def announced(clauses: Clauses, act: Act) -> bool:
    """Whether the very word of the act points ahead ("will visit"), so that its day is that of the plan."""
    word = clauses.doc[act.head]
    if word.pos_ not in {"VERB", "AUX"}:
        return act.future and word.lemma_.lower() in {
            "visit",
            "talk",
            "meeting",
            "summit",
            "trip",
            "exercise",
            "drill",
        }
    return bool(clauses.auxiliaries(word) & (FUTURE | {"would", "to"}) or "to" in clauses.marks(word))


def _of_the_story(clauses: Clauses, act: Act, mention: DateMention) -> bool:
    """Whether an act stands in the main line of its sentence and the date is not that of a thing."""
    at = _token(clauses, mention)
    if at is None or clauses.case(clauses.doc[at]) in {
        "of",
        "since",
        "until",
        "by",
        "before",
        "after",
        "from",
    }:
        return False
    verb = next((t for t in clauses.doc[at].ancestors if t.pos_ in {"VERB", "AUX"}), None)
    if verb is not None and verb.lemma_.lower() in SAY | _REPORTS and verb.i != act.head:
        return False  # the day of the telling
    mine = clauses.doc[act.head]
    for _ in range(12):
        marks = clauses.marks(mine) | {clauses.case(mine)}
        if marks & _OTHER_TIME or mine.dep_ in {"acl:relcl", "acl"}:
            return False
        if mine.head.i == mine.i:
            return True
        mine = mine.head
    return False


def _by_others(clauses: Clauses, verb: Token, act: Act) -> bool:
    """Whether a deed is told by somebody who is no party to it."""
    speakers = clauses.parties_of_subject(verb)
    return not {r.code for r in speakers} & {r.code for r in act.participants}


def _token(clauses: Clauses, mention: DateMention) -> int | None:
    inside = [
        i for i, unit in enumerate(clauses.units) if unit.start < mention.end and mention.start < unit.end
    ]
    for i in inside:  # the word of the date that hangs on another
        if clauses.doc[i].head.i not in inside:
            if clauses.doc[i].dep_ == "case" and len(inside) > 1:
                continue
            return i
    return inside[-1] if inside else None


def _bound(clauses: Clauses, act: Act, mention: DateMention) -> Bound | None:
    at = _token(clauses, mention)
    found = closeness(clauses, act, at) if at is not None else None
    if found is None:
        return None
    score, plan = found
    return Bound(mention, score, plan=plan)


def closeness(clauses: Clauses, act: Act, at: int, *, things: bool = False) -> tuple[float, bool] | None:
    """Return how closely the phrase of word `at` hangs on the act, and whether only on what the act announces.

    None where it belongs to another clause, or to a thing ("the festivities of 19 July") unless `things` count.
    """
    doc = clauses.doc
    triggers = {i for i, unit in enumerate(clauses.units) if (unit.start, unit.end) in act.trigger} | {
        act.head
    }
    # up from the date to the verb that it hangs on
    node = doc[at]
    case = clauses.case(node)
    for _ in range(12):
        if node.i in triggers:
            return 3.0, False
        head = node.head
        if head.i == node.i:
            break
        if (
            head.pos_ in {"NOUN", "PROPN"}
            and head.i not in triggers
            and node.dep_ in {"nmod", "nmod:poss", "nmod:unmarked", "amod"}
        ):
            if not things and (case in {"of", "from", "since"} or node.dep_ == "nmod:poss"):
                return None  # "the festivities of 19 July"
        node = head
        if node.pos_ in {"VERB", "AUX"}:
            break
    verb = node
    if verb.i in triggers:
        return 3.0, False
    # up from the act to that verb
    mine = doc[act.head]
    score = 2.5 if mine.pos_ not in {"VERB", "AUX"} else 2.2
    for _ in range(12):
        head = mine.head
        if head.i == mine.i:
            break
        relation = mine.dep_
        marks = clauses.marks(mine) | {clauses.case(mine)}
        if marks & _OTHER_TIME and relation not in {"nsubj", "obj"}:
            return None
        if relation == "advcl" and mine.tag_ != "VBG" and "to" not in marks:
            return None
        if relation in {"acl:relcl", "acl"} and mine.tag_ != "VBG":
            return None
        if relation not in _SHARED | _THINGS | {"advcl", "acl", "acl:relcl"}:
            score -= 0.3
        mine = head
        score -= 0.15
        if mine.i == verb.i:
            tells = verb.lemma_.lower() in SAY
            if tells and act.event_type not in {"AGREE", "THREATEN", "REQUEST"}:
                if verb.lemma_.lower() in _REPORTS or _by_others(clauses, verb, act):
                    return None  # "released, the Red Cross said on Tuesday": the day of the telling
                score = min(score, 1.2)
            return score, False
    # down from the act: "agreed to meet on Friday", "signed a treaty and left on Tuesday"
    down = verb
    for _ in range(6):
        if down.head.i in triggers:
            if down.dep_ in {"xcomp", "ccomp", "acl", "advcl"}:
                return (2.0, True) if act.event_type in {"AGREE", "THREATEN", "REQUEST", "REJECT"} else None
            if down.dep_ in {"acl:relcl", "acl"} and down.lemma_.lower() in _HAPPEN:
                return 2.5, False  # "the consultations that took place in Minsk"
            if down.dep_ == "conj":
                return 0.8, False
            if down.dep_ in {"parataxis"} and down.lemma_.lower() in SAY:
                return 1.0, False
            return None
        if down.head.i == down.i:
            break
        down = down.head
    # both hang on one verb
    if down.pos_ == "VERB" and any(t.i == down.i for t in doc[act.head].ancestors):
        return 0.5, False
    return None


def of_the_telling(clauses: Clauses, act: Act, mention: DateMention) -> bool:
    """Whether a date is that of a report about the act ("the agency reported on Tuesday")."""
    at = _token(clauses, mention)
    if at is None:
        return False
    verb = next((t for t in clauses.doc[at].ancestors if t.pos_ in {"VERB", "AUX"}), None)
    return verb is not None and verb.lemma_.lower() in _REPORTS and verb.i != act.head


def ago(mention: DateMention, today: date | None) -> str:
    """Return roughly how long before the article a date lies."""
    if today is None:
        return "?"
    days = (today - mention.day).days
    steps = ((0, "ahead"), (1, "today"), (2, "yesterday"), (8, "week"), (32, "month"), (370, "year"))
    return next((name for most, name in steps if days < most), "long")
