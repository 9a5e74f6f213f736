"""Where an act took place: a place named behind "in", "at", "near" in its clause or sentence, as distinct from actors."""

from __future__ import annotations

from collections.abc import Sequence

from events.extract.actors import Unit
from events.extract.clauses import SAY, Act, Clauses
from events.extract.when import closeness
from events.gazetteer import Gazetteer
from events.schema import Place

__all__ = ["place_of"]

_PREPOSITIONS = frozenset("in at near inside outside off to around over above along across".split())
_MOVING = frozenset({"visit"})
_RANK = {"city": 0.0, "region": 0.3, "site": 0.1, "state": 1.0}
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


def place_of(text: str, clauses: Clauses, act: Act, gaz: Gazetteer) -> tuple[Place, int, int] | None:
    """Return the place of the act with the offsets of its name; None where its clause names none.

    A city wins over a region, a region over a state; "to" counts only for visits; topics of talks do not count.
    A name behind a preposition that the gazetteer does not know is a place without coordinates.
    """
    units = clauses.units
    countries = {ref.code for ref in (*act.sources, *act.targets)}
    countries |= {code for unit in units for code in unit.codes}
    best: tuple[float, Place, int, int] | None = None
    for i in range(1, len(units)):
        before = units[i - 1].form.lower()
        preposition = units[i - 2].form.lower() if before == "the" and i > 1 else before
        if preposition not in _PREPOSITIONS or (preposition == "to" and act.mode not in _MOVING):
            continue
        found = _named(text, units, i, units[i], countries, gaz) or _unknown(text, clauses, i)
        if found is None:
            continue
        place, s, e = found
        at = max(j for j, unit in enumerate(units) if unit.start < e)
        near = closeness(clauses, act, at, things=True)
        if near is None or near[1] or _of_a_thing(clauses, act, at, preposition):
            continue
        if near[0] < 2.0 and act.event_type in _DEEDS and _told_there(clauses, act, at):
            continue  # "..., an official said in Goma": where it was told
        if place.country is None and place.precision == "region" and act.event_type not in _DEEDS:
            continue  # "the build-up in Eastern Europe"
        score = near[0] - _RANK[place.precision]
        if best is None or score > best[0]:
            best = (score, place, s, e)
    if best is not None:
        return best[1:]
    return _of_the_host(text, clauses, act, gaz)


def _of_the_host(text: str, clauses: Clauses, act: Act, gaz: Gazetteer) -> tuple[Place, int, int] | None:
    """The capital or state visited, the capital or city that hosts."""
    if act.mode == "visit":
        for ref in act.targets:
            if ref.unit is not None and ref.unit.via == "capital":
                found = gaz.place(text[ref.start : ref.end], near=[ref.code])
                if found is not None:
                    return found, ref.start, ref.end
    if clauses.doc[act.head].lemma_.lower() in {"host", "convene"} or act.event_type == "PROTEST":
        for ref in act.sources:
            if ref.unit is not None and ref.unit.via == "capital":
                found = gaz.place(text[ref.start : ref.end], near=[ref.code])
                if found is not None:
                    return found, ref.start, ref.end
    return None


def _of_a_thing(clauses: Clauses, act: Act, at: int, preposition: str) -> bool:
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


def _told_there(clauses: Clauses, act: Act, at: int) -> bool:
    verb = next((t for t in clauses.doc[at].ancestors if t.pos_ in {"VERB", "AUX"}), None)
    return verb is not None and verb.lemma_.lower() in SAY and verb.i != act.head


def _unknown(text: str, clauses: Clauses, i: int) -> tuple[Place, int, int] | None:
    """As in "at Merdare": a proper name behind a preposition of place that the gazetteer does not know."""
    units = clauses.units
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
        and clauses.doc[j].tag_.startswith("NNP")
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
