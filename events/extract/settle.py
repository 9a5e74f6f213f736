"""The two readers' findings -> acts: the network says what and who, the rules add how it hangs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from events.extract.clauses import FUTURE, HARM, Act, Clauses, Ref
from events.extract.learned import Network, Reading, Sentence, network

__all__ = ["settle"]

# Where the rules read the same act in the same words, the network need be only so sure.
AGREED = 0.25


def _roles(reading: Reading, least: float) -> dict[str, tuple[Ref, int, float]]:
    """Return for each party the words that stand for it best, its role (1 source, 2 target, 3 both) and how likely that is."""
    best: dict[str, tuple[Ref, int, float]] = {}
    for participant, row in reading.roles:
        sure = float(1 - row[0])
        if sure < least:
            continue
        role = int(row[1:].argmax()) + 1
        for ref in participant.refs:
            if ref.code not in best or sure > best[ref.code][2]:
                best[ref.code] = (ref, role, sure)
    return best


def _future(clauses: Clauses, token: int) -> bool:
    """Whether the words of an announced act point ahead ("will visit", "agreed to meet"), so that its day is to come."""
    word = clauses.doc[token]
    near = {c.lower_ for t in (word, *word.children) for c in (t, *t.children) if c.dep_ in {"aux", "mark"}}
    return bool(near & (FUTURE | {"to", "would"})) or word.pos_ != "VERB"


def _danger(clauses: Clauses, token: int) -> bool:
    """Whether a threat is no act but a danger: "threats to both countries", "the threat from the north"."""
    word, behind = clauses.doc[token], clauses.doc[token + 1 : token + 3]
    return (
        word.lemma_.lower() == "threat"
        and word.pos_ == "NOUN"
        and len(behind) > 1
        and (
            behind[0].lower_ == "from" or (behind[0].lower_ == "to" and behind[1].pos_ not in {"VERB", "AUX"})
        )
    )


def _merged(sentence: Sentence, readings: Sequence[Reading]) -> list[Reading]:
    """Return the readings with one for "held" and "call" in "held a call": either word may carry the act.

    That one of the two does is likelier than that each does; the roles are those of the likelier word.
    """
    doc = sentence.clauses.doc
    kept = {r.token: r for r in readings}
    for reading in readings:
        word = doc[reading.token]
        above = kept.get(word.head.i)
        if above is None or above.token == reading.token or above.event_type != reading.event_type:
            continue
        if word.dep_ not in {"obj", "xcomp"} or reading.token not in kept:
            continue
        best = max(above, reading, key=lambda r: r.score)
        kept[above.token] = replace(
            best,
            token=above.token,
            mode=above.mode or reading.mode,
            score=1 - (1 - above.score) * (1 - reading.score),
        )
        del kept[reading.token]
    return [kept[r.token] for r in readings if r.token in kept]


def settle(
    sentence: Sentence,
    readings: Sequence[Reading],
    net: Network | None = None,
) -> list[Act]:
    """Return the acts of a sentence.

    The rules' own act of the same words and type lends its clause, its words and who tells it.
    """
    net = net or network()
    clauses = sentence.clauses
    acts: list[Act] = []
    for reading in _merged(sentence, readings):
        if _danger(clauses, reading.token):
            continue
        word = clauses.doc[reading.token]
        span = clauses.span(word)
        twin = next(
            (a for a in sentence.acts if span in a.trigger and a.event_type == reading.event_type),
            None,
        )
        if reading.score < (net.threshold * AGREED if twin else net.threshold):
            continue
        roles = _roles(reading, net.role_threshold)
        both = [entry for entry in roles.values() if entry[1] == 3]
        left = [entry for entry in roles.values() if entry[1] == 1]
        right = [entry for entry in roles.values() if entry[1] == 2]
        symmetric = len(both) > 1 or (len(both) == 1 and not (left and right) and bool(left or right))
        if symmetric:
            left = right = list(roles.values())
        elif not left or not right:
            continue
        if reading.event_type in HARM and not symmetric:
            accuser = clauses.claimed_by(word)
            if accuser is not None and accuser.code not in {e[0].code for e in left}:
                continue  # "Kyiv said Russian forces had shelled a school": alleged, and the saying is its own act
        trigger = list(twin.trigger) if twin else [span]
        start, end = (twin.start, twin.end) if twin else clauses.clause(word)
        act = Act(
            reading.event_type,
            reading.mode,
            symmetric,
            [e[0] for e in left],
            [e[0] for e in right],
            trigger,
            start,
            end,
            future=twin.future if twin else _future(clauses, reading.token),
            denied=reading.status == "denied",
            background=reading.status == "background",
            attributed=twin.attributed if twin else clauses.speaker_of(word),
            score=reading.score,
            sure={ref.code: sure for ref, _, sure in (*left, *right)},
            nominal=word.pos_ not in {"VERB", "AUX"},
            status_words=list(twin.status_words) if twin else [],
            scope=twin.scope if twin else clauses.scope(word, trigger, reading.event_type),
            joint=symmetric,
            participants=[e[0] for e in (*left, *right)],
            head=reading.token,
        )
        acts.extend(_mediated(act))
    return acts


def _mediated(act: Act) -> list[Act]:
    """Return a mediator's act with several as one act of both with each of them; any other as it is."""
    if act.symmetric or (act.event_type, act.mode) != ("CONSULT", "third-party"):
        return [act]
    return [
        replace(act, symmetric=True, joint=True, sources=[a, b], targets=[a, b], participants=[a, b])
        for a in act.sources
        for b in act.targets
    ]
