"""The places that a sentence names, as distinct from actors; `fields` chooses which of them is that of an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from events.extract.actors import Unit
from events.extract.clauses import SAY, Act, Clauses
from events.gazetteer import Gazetteer
from events.schema import Place

__all__ = ["Spot", "of_a_thing", "spots", "told_there"]

_PREPOSITIONS = frozenset("in at near inside outside off to around over above along across".split())
_DEEDS = frozenset("ASSAULT COERCE MOBILIZE PROTEST AID COOPERATE RETREAT SANCTION".split())
_MISSIONS = frozenset(
    "embassy consulate consul ambassador mission envoy diplomat representative chargé attaché".split()
)
_TOPICS = frozenset("about on over regarding concerning of against for".split())
_NO_PLACES = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December Parliament Congress Senate Council Court Ministry Ramadan Easter Christmas "
    "Eastern Western Northern Southern Central Middle Europe Asia Africa America Latin Pacific "
    "Eid Exercise Operation God English French Russian Cup League Games Series Week Day Summit".split()
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a sentence names."""

    place: Place
    start: int
    end: int
    at: int  # the unit that it hangs on the sentence by
    preposition: str  # before it, "" where there is none
    kind: str  # "state", "capital", "known" or "unknown" to the gazetteer


def spots(text: str, units: Sequence[Unit], gaz: Gazetteer, doc: Doc | None = None) -> list[Spot]:
    """Return the places that a sentence names, in order.

    A state counts behind a preposition of place only. A name behind such a preposition that the gazetteer does not
    know is a place without coordinates (where the sentence was parsed).
    """
    found: dict[tuple[int, int], Spot] = {}
    countries = {code for unit in units for code in unit.codes}
    for i, unit in enumerate(units):
        before = units[i - 1].form.lower() if i else ""
        word = units[i - 2].form.lower() if before == "the" and i > 1 else before
        preposition = word if word in _PREPOSITIONS else "of" if word in {"of", "from"} else ""
        kind = "known"
        named: tuple[Place, int, int] | None = None
        if preposition and preposition != "of":
            named = _named(text, units, i, unit, countries, gaz)
            if named is None and doc is not None:
                named = _unknown(text, units, doc, i)
                kind = "unknown"
        elif unit.kind == "party" and unit.via == "capital":
            named = _named(text, units, i, unit, countries, gaz)
        elif unit.kind == "word" and unit.form[:1].isupper() and i:
            named = _longest(text, units, i, countries, gaz)
        if named is None:
            continue
        place, start, end = named
        at = max(j for j, u in enumerate(units) if u.start < end)
        if units[at].kind == "party":
            kind = units[at].via if units[at].via in {"capital", "state"} else kind
        known = found.get((start, end))
        if known is None or (preposition and not known.preposition):
            found[start, end] = Spot(place, start, end, at, preposition, kind)
    inner = {s for s in found for o in found if s != o and o[0] <= s[0] and s[1] <= o[1]}
    return [found[s] for s in sorted(found) if s not in inner]


def of_a_thing(clauses: Clauses, act: Act, at: int, preposition: str) -> bool:
    """Whether a place tells where a mission or a topic is rather than where the act was ("its consulate in Narva")."""
    node = clauses.doc[at]
    head = node.head
    if head.i in {act.head, node.i} or head.pos_ in {"VERB", "AUX"}:
        return False
    noun = clauses.lemma(head)
    if noun in _MISSIONS and act.event_type not in {"PROTEST", "ASSAULT"}:
        return True
    if act.event_type in _DEEDS:
        return False
    # a topic of talk: "discussed the war in Syria"
    return (
        head.dep_ in {"obl", "nmod"}
        and clauses.case(head) in _TOPICS
        and preposition in {"in", "near", "off", "around"}
    )


def told_there(clauses: Clauses, act: Act, at: int) -> bool:
    """Whether a place is that of who tells of the act ("..., an official said in Goma")."""
    verb = next((t for t in clauses.doc[at].ancestors if t.pos_ in {"VERB", "AUX"}), None)
    return verb is not None and verb.lemma_.lower() in SAY and verb.i != act.head


def _unknown(text: str, units: Sequence[Unit], doc: Doc, i: int) -> tuple[Place, int, int] | None:
    """As in "at Merdare": a proper name behind a preposition of place that the gazetteer does not know."""
    if units[i].kind != "word" or units[i - 1].form.lower() not in {
        "in",
        "at",
        "near",
        "off",
        "outside",
        "over",
        "around",
    }:
        return None
    j = i
    while (
        j < len(units)
        and units[j].kind == "word"
        and units[j].form[:1].isupper()
        and doc[j].tag_.startswith("NNP")
    ):
        if (
            not units[j].form.replace("-", "").replace("'", "").replace("’", "").isalpha()
            or units[j].form in _NO_PLACES
        ):
            return None
        j += 1
    if j == i or j - i > 4 or len(units[i].form) < 3:
        return None
    s, e = units[i].start, units[j - 1].end
    return Place(text[s:e], None, None, None, "site"), s, e


def _named(
    text: str, units: Sequence[Unit], i: int, unit: Unit, countries: set[str], gaz: Gazetteer
) -> tuple[Place, int, int] | None:
    if unit.kind == "party" and unit.via == "capital":
        place = gaz.place(text[unit.start : unit.end], near=unit.codes)
        return (place, unit.start, unit.end) if place else None
    if unit.kind == "party" and unit.via == "state":
        nxt = units[i + 1].form if i + 1 < len(units) else ""
        if nxt in {"'s", "’s", "'", "’"}:
            return None
        place = gaz.state_place(unit.codes[0])
        return (place, unit.start, unit.end) if place else None
    if unit.kind == "adjective" and i + 1 < len(units) and units[i + 1].form.lower() == "capital":
        state = gaz.states().get(unit.codes[0])
        place = gaz.place(state.capital, near=unit.codes) if state else None
        return (place, unit.start, units[i + 1].end) if place else None
    if unit.kind == "adjective":  # "in the Turkish city of Antalya", "in Russian-held Crimea"
        for j in range(i + 1, min(i + 6, len(units))):
            if units[j].kind == "word" and units[j].form[:1].isupper():
                return _longest(text, units, j, countries | set(unit.codes), gaz)
        return None
    if unit.kind == "word" and unit.form[:1].isupper():
        return _longest(text, units, i, countries, gaz)
    if unit.kind == "word":  # "in the port city of Sochi", "in southern Lebanon"
        for j in range(i, min(i + 5, len(units))):
            u = units[j]
            if u.kind == "word" and u.form[:1].isupper():
                return _longest(text, units, j, countries, gaz)
            if (
                u.kind == "party"
                and u.via in {"state", "capital"}
                and all(
                    w.form.lower()
                    in {
                        "northern",
                        "southern",
                        "eastern",
                        "western",
                        "north",
                        "south",
                        "east",
                        "west",
                        "central",
                        "neighbouring",
                        "neighboring",
                        "nearby",
                        "northeastern",
                        "northwestern",
                        "southeastern",
                        "southwestern",
                    }
                    for w in units[i:j]
                )
            ):
                return _named(text, units, j, u, countries, gaz)
            if u.form in {",", ".", ";"} or u.kind == "party":
                return None
    return None


def _longest(
    text: str, units: Sequence[Unit], i: int, countries: set[str], gaz: Gazetteer
) -> tuple[Place, int, int] | None:
    """The longest run of words from unit i that is a known place ("New York", "Sharm el-Sheikh")."""
    for length in (5, 4, 3, 2, 1):
        j = i + length
        if j > len(units):
            continue
        if any(u.kind != "word" for u in units[i:j]):
            continue
        s, e = units[i].start, units[j - 1].end
        # a country behind a comma settles namesakes: "Moscow, Idaho" is hidden as a trap, "Tripoli, Lebanon" is not
        near = set(countries)
        if j + 1 < len(units) and units[j].form == "," and units[j + 1].kind == "party":
            near = set(units[j + 1].codes)
        place = gaz.place(text[s:e], near=near)
        if place is not None:
            return gaz.as_written(place, text[s:e]), s, e
    return None
