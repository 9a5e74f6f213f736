"""Names in text -> states, organisations, their bodies, officials in office on a date, and places.

One pass of multi-pattern matching (Aho-Corasick, leftmost longest) over a text finds every name that the
reference data know. A longer phrase that only contains a name ("Washington Post", "New Mexico", "Brazil
nuts") is known too and hides it. What stays ambiguous is settled by the rest of the text (`settle`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

import ahocorasick_rs
import pycountry

from events.errors import UnknownCode
from events.reference import column_list, table
from events.schema import Place

__all__ = [
    "Gazetteer",
    "Mention",
    "Official",
    "Organisation",
    "State",
    "gazetteer",
    "is_state",
    "party_code",
    "party_name",
    "sovereign_of",
]

MentionKind = Literal[
    "state", "adjective", "demonym", "capital", "seat", "organisation", "body", "group", "official", "trap"
]


@dataclass(frozen=True, slots=True)
class State:
    """A state, territory or former state; coordinates are its capital's."""

    code: str
    kind: str  # state | territory | former
    name: str
    official_name: str
    capital: str
    lat: float | None
    lon: float | None
    region: str
    subregion: str
    sovereign: str  # its own code for states


@dataclass(frozen=True, slots=True)
class Organisation:
    """An intergovernmental organisation or format; coordinates are its seat's, None where it has none."""

    code: str
    kind: str
    name: str
    seat: str
    seat_country: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Official:
    """One term of one office; `to` is None while it lasts."""

    name: str
    family_names: tuple[str, ...]
    party: str
    organisation: str
    role: str
    sector: str
    start: date
    end: date | None

    def in_office(self, day: date) -> bool:
        """Say whether the term covers this day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text. `codes` are the parties it may stand for, the likeliest first."""

    start: int
    end: int
    text: str
    kind: MentionKind
    codes: tuple[str, ...]
    sector: str | None = None
    officials: tuple[Official, ...] = ()
    place: str | None = None  # for a trap that is really a place: the country it lies in

    @property
    def code(self) -> str:
        """The likeliest party."""
        return self.codes[0]


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _plain(name: str) -> str:
    """Return the name without accents, as many newsrooms write it."""
    stripped = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return stripped.replace("ı", "i").replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L")


@cache
def _states() -> dict[str, State]:
    return {
        row["code"]: State(
            row["code"],
            row["kind"],
            row["name"],
            row["official_name"],
            row["capital"],
            _number(row["lat"]),
            _number(row["lon"]),
            row["region"],
            row["subregion"],
            row["sovereign"] or row["code"],
        )
        for row in table("gazetteer/states.csv")
    }


@cache
def _organisations() -> dict[str, Organisation]:
    return {
        row["code"]: Organisation(
            row["code"],
            row["kind"],
            row["name"],
            row["seat"],
            row["seat_country"],
            _number(row["lat"]),
            _number(row["lon"]),
        )
        for row in table("gazetteer/organisations.csv")
    }


def is_state(code: str) -> bool:
    """Say whether the party is a state (or territory, or former state) rather than an organisation."""
    return code in _states()


def sovereign_of(code: str) -> str:
    """Return the state for which a territory acts; any other party is its own."""
    entry = _states().get(code)
    return entry.sovereign if entry else code


def party_name(code: str) -> str:
    """Return the name of a party as a briefing writes it; raises UnknownCode."""
    if code in _states():
        return _states()[code].name
    if code in _organisations():
        entry = _organisations()[code]
        return entry.name if "_" in code else code
    raise UnknownCode("party code", code, hint="ISO 3166-1 alpha-3, XKX, or a code of organisations.csv")


@cache
def _codes_by_name() -> dict[str, str]:
    """Return party codes by every name that means one party only, in lower case."""
    names: dict[str, set[str]] = defaultdict(set)
    for row in table("gazetteer/states.csv"):
        for name in {row["name"], row["official_name"], *column_list(row["aliases"])}:
            names[_plain(name).lower()].add(row["code"])
    for row in table("gazetteer/organisations.csv"):
        for name in {row["name"], *column_list(row["aliases"])}:
            names[_plain(name).lower()].add(row["code"])
    return {name: next(iter(codes)) for name, codes in names.items() if len(codes) == 1}


def party_code(text: str) -> str:
    """Return the party that a person means by a code (GRC, gr, nato) or a name ("Greece", "Turkiye").

    Raises UnknownCode, also for names of several parties ("Congo").
    """
    wanted = text.strip()
    if wanted.upper() in _states() or wanted.upper() in _organisations():
        return wanted.upper()
    if len(wanted) == 2 and (country := pycountry.countries.get(alpha_2=wanted.upper())) is not None:
        return str(country.alpha_3)
    found = _codes_by_name().get(_plain(wanted).lower())
    if found is None:
        raise UnknownCode("party", text, hint="give a code (GRC, NATO) or a name that means one party")
    return found


@cache
def _members() -> dict[str, list[tuple[str, date, date | None]]]:
    members: dict[str, list[tuple[str, date, date | None]]] = defaultdict(list)
    for row in table("gazetteer/members.csv"):
        members[row["organisation"]].append(
            (
                row["state"],
                date.fromisoformat(row["from"]) if row["from"] else date.min,
                date.fromisoformat(row["to"]) if row["to"] else None,
            )
        )
    return dict(members)


@cache
def _officials() -> tuple[tuple[Official, tuple[str, ...]], ...]:
    return tuple(
        (
            Official(
                row["name"],
                tuple(column_list(row["family_name"])),
                row["party"],
                row["organisation"],
                row["role"],
                row["sector"],
                date.fromisoformat(row["from"]),
                date.fromisoformat(row["to"]) if row["to"] else None,
            ),
            tuple(column_list(row["aliases"])),
        )
        for row in table("gazetteer/officials.csv")
    )


# Names that people bear as given or family names: a capitalised neighbour makes them a person.
_PERSON_LIKE = frozenset(
    "Jordan Chad Georgia Israel Paris London India Kenya Malta Holland Ireland Sydney Victoria Lima Florence "
    "Santiago Vienna Washington Lincoln Georgetown Berlin Sofia Wellington Havana Cairo Brasilia Kingston "
    "England Ireland Montserrat Martinique Dominica Chile Cuba France Kuwait".split()
)
# Words that may stand before or after a country's name without making it a person.
_NEIGHBOURS = frozenset(
    "President Prime Foreign Defence Defense Minister Interior Finance Trade Energy Ambassador King Queen Crown Prince "
    "Princess Government Parliament Army Navy Air Armed Forces Embassy Ministry Supreme Court Central Bank North South "
    "East West Northern Southern Eastern Western Mr Ms Mrs Dr The A An In On At From To Of For And But As By With After "
    "Before While When Where Since Until If Although Though Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February March April May June July August September October November December Secretary General Deputy "
    "Vice State National Security Council Special Envoy Police Border Coast Guard Customs Chief Chairman Premier "
    "Chancellor Emir Sultan Gulf Arab African Asian European Neighbouring Neighboring Today Yesterday Both Its His Her "
    "Their Nor Or Via Against Between Under Near Inside Outside Toward Towards Into Over Amid Following Despite "
    "Meanwhile Earlier Later Last Next Like Unlike Even That This These Those Only Also Republic Kingdom Islamic".split()
)
_CONTEXT_CLUES: dict[str, dict[str, str]] = {
    # ambiguous name -> {words elsewhere in the text: the party they speak for}
    "COG": {"Brazzaville": "COG", "Sassou": "COG"},
    "COD": {"Kinshasa": "COD", "Goma": "COD", "Tshisekedi": "COD", "Kabila": "COD", "Kivu": "COD"},
    "DMA": {"Roseau": "DMA", "Skerrit": "DMA", "Dominica": "DMA"},
    "DOM": {"Santo Domingo": "DOM", "Haiti": "DOM"},
    "PRK": {"North Korea": "PRK", "Pyongyang": "PRK", "Kim Jong": "PRK"},
    "KOR": {"South Korea": "KOR", "Seoul": "KOR"},
}
_US_GEORGIA = re.compile(
    r"\b(?:Atlanta|Savannah|Augusta, Georgia|Fulton County|Brian Kemp|Raffensperger|(?:US|U\.S\.) state of Georgia|"
    r"Georgia (?:governor|Senate|voters|Republicans|Democrats|primary|Bulldogs|Tech))\b"
)
_GEORGIA = re.compile(r"\b(?:Tbilisi|Georgians?|Caucasus|South Ossetia|Abkhazia|Batumi)\b")

# "the Security Council" is the UN's, with a country before it the country's own.
_COUNCILS = frozenset({"Security Council"})
_OF_THE_UN = re.compile(r"(?:^|[^\w\s]\s*|\b(?:[Tt]he|[Aa]t|[Tt]o|[Ii]n|[Oo]f|[Uu]rged|[Aa]sked|[Aa]nd)\s+)$")
_NATIONAL_COUNCIL = re.compile(
    r"(?:National|Supreme) Security Council|Security Council (?:Secretary|Deputy|chief)"
)
_HALF = re.compile(
    r"\b[Tt]he (North|South)(?=(?:['’]s)?(?: [a-z]|[,.;:”\"]|$))|(?<=[a-z] )(North|South)$", re.MULTILINE
)

# Bodies whose bare name could be another state's count only beside a name of that state.
_BEFORE = re.compile(r"([^\W\d_][\w'’.-]*)\s+$")
_AFTER = re.compile(r"^\s+([^\W\d_][\w'’-]*)")
_WORD = re.compile(r"\w")


class Gazetteer:
    """All names of the reference data, ready to be found in texts; make it once (`gazetteer()`)."""

    def __init__(self) -> None:
        entries: dict[str, list[Mention]] = defaultdict(list)

        def add(
            name: str,
            kind: MentionKind,
            code: str,
            *,
            sector: str | None = None,
            officials: tuple[Official, ...] = (),
            place: str | None = None,
        ) -> None:
            for form in {name, _plain(name)}:
                entries[form].append(
                    Mention(0, 0, form, kind, (code,) if code else (), sector, officials, place)
                )

        for row in table("gazetteer/states.csv"):
            code = row["code"]
            if code == "ATA":
                continue  # nobody acts for Antarctica
            for name in {row["name"], row["official_name"], *column_list(row["aliases"])} - {""}:
                add(name, "state", code)
                if len(name) > 3 and row["kind"] == "state":
                    add(name.upper(), "state", code)
            for name in column_list(row["adjectives"]):
                add(name, "adjective", code)
            for name in column_list(row["demonyms"]):
                add(name, "demonym", code)
            if row["kind"] == "state":
                for name in {row["capital"], *column_list(row["capital_aliases"])} - {""}:
                    add(name, "capital", code)
                for name in column_list(row["seats"]):
                    add(name, "seat", code, sector="GOV")
        for row in table("gazetteer/organisations.csv"):
            for name in {row["name"], *column_list(row["aliases"]), *column_list(row["organs"])} - {""}:
                add(name, "organisation", row["code"], sector="IGO")
        for row in table("gazetteer/bodies.csv"):
            if row["needs_context"] == "yes":
                continue
            for name in {row["name"], *column_list(row["aliases"])} - {""}:
                add(name, "body", row["party"], sector=row["sector"])
        for row in table("gazetteer/armed_groups.csv"):
            for name in {row["name"], *column_list(row["aliases"])} - {""}:
                add(name, "group" if row["party"] else "trap", row["party"], sector=row["sector"])
        for row in table("gazetteer/not_parties.csv"):
            add(row["phrase"], "trap", "", place=row["country"] or None)

        terms: dict[str, list[Official]] = defaultdict(list)
        self._family: dict[str, list[Official]] = defaultdict(list)
        for official, aliases in _officials():
            for name in {official.name, *aliases}:
                for form in {name, _plain(name)}:
                    terms[form].append(official)
            for name in official.family_names:
                for form in {name, _plain(name)}:
                    self._family[form].append(official)
        for name, officials in terms.items():
            entries[name].append(
                Mention(0, 0, name, "official", (officials[0].party,), officials[0].sector, tuple(officials))
            )

        self._names = list(entries)
        self._entries = [self._merge(entries[name]) for name in self._names]
        self._matcher = ahocorasick_rs.AhoCorasick(
            self._names, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        self._cities = _load_places()

    @staticmethod
    def _merge(found: list[Mention]) -> Mention:
        """Join the readings of one name: a trap hides the others, a state's name wins over a capital's."""
        rank = (
            "trap",
            "organisation",
            "state",
            "adjective",
            "demonym",
            "capital",
            "seat",
            "body",
            "group",
            "official",
        )
        found = sorted(found, key=lambda m: rank.index(m.kind))
        best = found[0]
        if best.kind == "trap":
            return best
        codes = tuple(dict.fromkeys(c for m in found if m.kind == best.kind for c in m.codes))
        officials = tuple(dict.fromkeys(o for m in found for o in m.officials))
        return replace(best, codes=codes, officials=officials)

    def find(self, text: str) -> list[Mention]:
        """Return the names in the text, in order, not overlapping; traps are left in so that callers see them.

        Names that are only part of a word, or of a person's name ("Michael Jordan"), are left out.
        """
        mentions = []
        for index, start, end in self._matcher.find_matches_as_indexes(text, overlapping=False):
            if (start and _WORD.match(text[start - 1])) or (end < len(text) and _WORD.match(text[end])):
                mentions.extend(self._shorter(text, start, end))
                continue
            mentions.append(replace(self._entries[index], start=start, end=end, text=text[start:end]))
        return [m for m in mentions if not self._part_of_person(text, m)]

    def _shorter(self, text: str, start: int, end: int) -> list[Mention]:
        """Look inside a match that broke a word ("Malians" for "Mali") for names that do not."""
        found = []
        for index, begin, stop in self._matcher.find_matches_as_indexes(
            text[start : end + 24], overlapping=False
        ):
            s, e = begin + start, stop + start
            if s >= end or (s, e) == (start, end):
                continue
            if (s and _WORD.match(text[s - 1])) or (e < len(text) and _WORD.match(text[e])):
                continue
            found.append(replace(self._entries[index], start=s, end=e, text=text[s:e]))
        return found

    @staticmethod
    def _part_of_person(text: str, mention: Mention) -> bool:
        if mention.kind not in {"state", "capital"} or mention.text not in _PERSON_LIKE:
            return False
        before = _BEFORE.search(text[max(0, mention.start - 40) : mention.start])
        if before:
            word = before.group(1)
            first = mention.start - len(before.group(0)) <= 0 or text[
                : mention.start - len(before.group(0))
            ].rstrip()[-1:] in {".", "!", "?", "\n", "", "“", '"'}
            if word[0].isupper() and word.rstrip(".") not in _NEIGHBOURS and not word.endswith(("’s", "'s")):
                return not first or mention.text in {"Jordan", "Chad", "Washington", "London"}
        after = _AFTER.match(text[mention.end : mention.end + 40])
        return bool(
            after
            and after.group(1)[0].isupper()
            and after.group(1) not in _NEIGHBOURS
            and mention.kind == "state"
            and mention.text in {"Jordan", "Chad", "Georgia", "Paris", "India", "Kenya", "Israel"}
            and after.group(1) not in {"Defense", "Defence", "Aerospace", "Railways", "Airlines"}
            and not text[mention.start - 2 : mention.start].endswith(", ")
        )

    def settle(self, mentions: Sequence[Mention], text: str) -> list[Mention]:
        """Choose among the readings of ambiguous names by the rest of the text; traps are dropped.

        "Congo" is COD unless Brazzaville is spoken of, "Korean" the only Korea that the text names,
        "Georgia" is no party in a text about Atlanta. What stays open ("Korean" where both are named) is left out.
        """
        named = {m.code for m in mentions if m.kind != "trap" and len(m.codes) == 1}
        us_georgia = bool(_US_GEORGIA.search(text)) and not _GEORGIA.search(text)
        settled = []
        ends = {m.end for m in mentions if m.kind in {"adjective", "state", "demonym"}}
        own_council = any(m.text in _COUNCILS and m.start - 1 in ends for m in mentions) or bool(
            _NATIONAL_COUNCIL.search(text)
        )
        union = not any(m.codes[0] == "BEL" and m.kind != "capital" for m in mentions if m.codes)
        mentions = (
            [*mentions, *_halves(mentions, text)] if "Korea" in text or "Pyongyang" in text else mentions
        )
        for found in mentions:
            brussels = union and found.kind == "capital" and found.text == "Brussels"
            mention = (
                replace(found, codes=("EU",)) if brussels else found
            )  # the city, where the text speaks of the Union
            if mention.kind == "trap" or not mention.codes:
                continue
            if mention.text in _COUNCILS and (
                own_council or not _OF_THE_UN.search(text[max(0, mention.start - 12) : mention.start])
            ):
                continue  # "the Russian Security Council"
            if us_georgia and mention.codes[0] == "GEO" and mention.kind == "state":
                continue
            if len(mention.codes) == 1:
                settled.append(mention)
                continue
            clued = [
                code
                for code in mention.codes
                if code in named
                or any(re.search(rf"\b{word}\b", text) for word in _CONTEXT_CLUES.get(code, {}))
            ]
            if len(clued) == 1:
                settled.append(replace(mention, codes=(clued[0],)))
            elif mention.text not in {"Korea", "Korean", "Koreans"}:
                first = (
                    "COD" if "COD" in mention.codes else "DOM" if "DOM" in mention.codes else mention.codes[0]
                )
                settled.append(
                    replace(mention, codes=(clued[0] if len(clued) > 1 and first not in clued else first,))
                )
        return settled

    def official(self, mention: Mention, day: date | None) -> Official | None:
        """Return the term of the named official on this day: in office, else the latest before, else the first."""
        if not mention.officials:
            return None
        return _term(mention.officials, day)

    def is_family_name(self, word: str) -> bool:
        """Say whether an official bears this name, at whatever time."""
        return word in self._family

    def by_family_name(self, name: str, day: date | None) -> Official | None:
        """Return the one official of this family name in office on the day; None where there is none or several."""
        found = {o.name: o for o in self._family.get(name, ()) if day is not None and o.in_office(day)}
        if len(found) == 1:
            return next(iter(found.values()))
        top = [o for o in found.values() if o.role in {"president", "prime minister", "chancellor", "king"}]
        return top[0] if len(top) == 1 else None

    def by_family_name_in(self, name: str, party: str, day: date | None) -> Official | None:
        """Return the official of this family name who serves the party (on the day, or nearest to it)."""
        terms = tuple(o for o in self._family.get(name, ()) if o.party == party)
        return _term(terms, day) if terms else None

    def holder(self, party: str, role: str, day: date | None) -> Official | None:
        """Return who holds the role ("foreign minister") for the party on the day, where we know it."""
        for official, _ in _officials():
            if official.party == party and official.role == role and day and official.in_office(day):
                return official
        return None

    def place(self, name: str, *, near: Iterable[str] = ()) -> Place | None:
        """Return the place of this name; `near` are countries that the text speaks of, to choose among namesakes.

        Without such a hint the most populous namesake is taken, and only if it has over 100,000 inhabitants.
        """
        options = self._cities.get(name) or self._cities.get(_plain(name))
        if not options:
            return None
        near = set(near)
        local = [place for place, _ in options if place.country in near or place.country is None]
        if local:
            return local[0]
        place, population = options[0]
        return place if population >= 100_000 else None

    @staticmethod
    def as_written(place: Place, words: str) -> Place:
        """Return the place under the text's own spelling where that differs by accents only ("Bouaké")."""
        return (
            replace(place, name=words)
            if words != place.name and _plain(words) == _plain(place.name)
            else place
        )

    def state_place(self, code: str) -> Place | None:
        """Return a state as a place (precision "state", coordinates of its capital)."""
        state = _states().get(code)
        return Place(state.name, code, state.lat, state.lon, "state") if state else None

    @staticmethod
    def states() -> dict[str, State]:
        """Return all states by code."""
        return _states()

    @staticmethod
    def organisations() -> dict[str, Organisation]:
        """Return all organisations by code."""
        return _organisations()

    @staticmethod
    def members(organisation: str, day: date) -> frozenset[str]:
        """Return the members of an organisation on a day (empty where the list is not kept)."""
        return frozenset(
            code
            for code, start, end in _members().get(organisation, ())
            if start <= day and (end is None or day <= end)
        )

    @staticmethod
    def memberships(organisation: str) -> tuple[tuple[str, date, date | None], ...]:
        """Return state, first day and last day (None: still) of each membership that is kept."""
        return tuple(_members().get(organisation, ()))


def _halves(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """As in "the North", "the South" in a text about one Korea."""
    if not any({"KOR", "PRK"} & set(m.codes) for m in mentions):
        return []
    found = []
    for m in _HALF.finditer(text):
        group = 1 if m.group(1) else 2
        start, end = m.span(group)
        if any(x.start < end and start < x.end for x in mentions):
            continue
        found.append(
            Mention(start, end, m.group(group), "state", ("PRK" if m.group(group) == "North" else "KOR",))
        )
    return found


def _term(officials: Sequence[Official], day: date | None) -> Official:
    if day is None:
        return officials[-1]
    for official in officials:
        if official.in_office(day):
            return official
    past = [o for o in officials if o.end is not None and o.end < day]
    return max(past, key=lambda o: o.end or date.min) if past else officials[0]


def _load_places() -> dict[str, list[tuple[Place, int]]]:
    """Return places by name, the most populous first; regions and sites count as populous."""
    places: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for row in table("gazetteer/regions.csv"):
        precision: Literal["site", "region"] = "site" if row["kind"] == "site" else "region"
        place = Place(
            row["name"], row["country"] or None, _number(row["lat"]), _number(row["lon"]), precision
        )
        for name in {row["name"], *column_list(row["aliases"])}:
            for form in {name, _plain(name)}:
                places[form].append((place, 10_000_000))
    for row in table("gazetteer/places.csv"):
        population = int(row["population"] or 100_000)  # empty: chosen by hand, small but named in diplomacy
        kind: Literal["site", "city"] = "site" if row["kind"] == "site" else "city"
        place = Place(row["name"], row["country"], _number(row["lat"]), _number(row["lon"]), kind)
        for name in {row["name"], row["ascii"], *column_list(row["aliases"])} - {""}:
            for form in {name, _plain(name)}:
                places[form].append((place, population))
    for state in _states().values():
        if state.kind == "state" and state.capital:
            place = Place(state.capital, state.code, state.lat, state.lon, "city")
            places[state.capital].insert(0, (place, 20_000_000))
    for options in places.values():
        options.sort(key=lambda option: -option[1])
    return dict(places)


@cache
def people() -> dict[str, str]:
    """Return the official's name by each way of writing it: lower case, with, without and with some accents.

    Names that officials of different names bear are left out, so that nobody is taken for another.
    """
    bearers: dict[str, set[str]] = defaultdict(set)
    for official, aliases in _officials():
        for form in {official.name, *aliases}:
            bare = "".join(c for c in unicodedata.normalize("NFKD", form) if not unicodedata.combining(c))
            for written in (form, bare, _plain(form)):
                bearers[written.lower()].add(official.name)
    return {written: next(iter(names)) for written, names in bearers.items() if len(names) == 1}


@cache
def gazetteer() -> Gazetteer:
    """Return the one gazetteer of this process (built on first use, about a second)."""
    return Gazetteer()
