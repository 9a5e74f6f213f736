"""Where an act took place: a place named behind "in", "at", "near" in its clause or sentence, as distinct from actors."""

from __future__ import annotations

from collections.abc import Sequence

from events.extract.actors import Unit
from events.extract.predicates import Act
from events.gazetteer import Gazetteer
from events.schema import Place

__all__ = ["place_of"]

_PREPOSITIONS = frozenset({"in", "at", "near", "inside", "outside", "off", "to", "around"})
_MOVING = frozenset({"visit"})


def place_of(text: str, units: Sequence[Unit], act: Act, gaz: Gazetteer) -> tuple[Place, int, int] | None:
    """Return the place of the act with the offsets of its name; None where its clause names none.

    A city wins over a region, a region over a state; "to" counts only for visits; topics of talks do not count.
    """
    countries = {ref.code for ref in (*act.sources, *act.targets)}
    countries |= {code for unit in units for code in unit.codes}
    best: tuple[int, Place, int, int] | None = None
    rank = {"site": 0, "city": 1, "region": 2, "state": 3}
    trigger = act.trigger[0][0]
    for i, unit in enumerate(units):
        if i == 0 or (
            units[i - 1].form.lower() not in _PREPOSITIONS
            and not (
                units[i - 1].form.lower() == "the" and i > 1 and units[i - 2].form.lower() in _PREPOSITIONS
            )
        ):
            continue
        preposition = (
            units[i - 1].form.lower() if units[i - 1].form.lower() != "the" else units[i - 2].form.lower()
        )
        if preposition == "to" and act.mode not in _MOVING:
            continue
        found = _named(text, units, i, unit, countries, gaz)
        if found is None:
            continue
        place, s, e = found
        if i not in act.scope and not any(
            units[j].start >= s and units[j].end <= e for j in act.scope if j < len(units)
        ):
            continue
        score = rank[place.precision] * 1000 + abs(s - trigger)
        if best is None or score < best[0]:
            best = (score, place, s, e)
    if best is None and act.mode == "visit":
        for ref in act.targets:
            if ref.unit is not None and ref.unit.via == "capital":
                place_found = gaz.place(text[ref.start : ref.end], near=[ref.code])
                if place_found is not None:
                    return place_found, ref.start, ref.end
            place_found = gaz.state_place(ref.code)
            if place_found is not None and ref.unit is not None and ref.unit.via == "state":
                return place_found, ref.start, ref.end
    return best[1:] if best else None


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
            return place, s, e
    return None
