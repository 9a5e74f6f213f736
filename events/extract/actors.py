"""From the tokens of a sentence to units: names, titles and appositions joined, each with the party it stands for.

"Turkish Foreign Minister Hakan Fidan" is one unit that stands for Türkiye; the parser then sees one word
where a newsroom wrote five. A country's adjective before anything else ("Syrian territory") stays a unit of
its own that only says whose thing it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from events.gazetteer import Gazetteer, Mention, Official, is_state, party_name

__all__ = ["Memory", "Named", "Token", "Unit", "sector_of", "units_of"]

UnitKind = Literal["word", "party", "adjective", "pair"]
Via = Literal["state", "capital", "seat", "organisation", "body", "person", "group", "people", ""]


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the article: its text, character offsets and whether a space follows."""

    text: str
    start: int
    end: int
    space: bool


@dataclass(slots=True)
class Named:
    """Who is named in a unit: person or body."""

    name: str
    role: str | None
    organisation: str | None
    sector: str | None
    start: int
    end: int


@dataclass(slots=True)
class Unit:
    """One word for the parser. `spans` pairs each party code with the offsets of the words that give it."""

    start: int
    end: int
    form: str
    kind: UnitKind = "word"
    codes: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    via: Via = ""
    noun: str = ""  # lower-case head noun of a body or role ("ministry", "delegation")
    named: Named | None = None  # of a word: a stranger, whom it ends
    space: bool = True
    counterpart: bool = False


@dataclass(slots=True)
class Memory:
    """What an article has named so far: surname -> person and party."""

    people: dict[str, tuple[str, tuple[int, int], Named]] = field(default_factory=dict)
    roles: dict[str, tuple[str, Named | None]] = field(
        default_factory=dict
    )  # "president" -> last party so named
    shared: dict[str, set[str]] = field(default_factory=dict)  # "president" -> all parties so named

    def holds(self, noun: str, code: str, named: Named | None) -> None:
        """Remember that a party has been named with this role or body."""
        self.roles[noun] = (code, named)
        self.shared.setdefault(noun, set()).add(code)


# Nouns for people and bodies that act for a state (singular; plurals are folded).
_ROLES = frozenset(
    "president premier chancellor minister pm king queen emir sultan prince secretary commissioner ambassador envoy "
    "diplomat spokesman spokeswoman spokesperson official leader general admiral colonel commander adviser advisor "
    "negotiator chief head lawmaker senator deputy governor mayor judge prosecutor director chairman chairwoman "
    "chairperson speaker delegate representative counterpart colleague officer attache attaché consul mp chair "
    "vice-president monarch ruler taoiseach ayatollah congressman legislator parliamentarian dignitary interlocutor "
    "chargé charge d'affaires d’affaires "
    "coordinator statesman strongman dictator marshal lieutenant-general mediator".split()
)
_BODIES = frozenset(
    "government administration ministry army military navy force troop soldier police guard parliament senate congress "
    "duma court embassy consulate delegation side authority regime leadership council service agency bank fleet jet "
    "warplane aircraft warship artillery cabinet presidency office department staff command bloc alliance commission "
    "legislature assembly chamber inspector serviceman fighter peacekeeper coastguard air-force intelligence junta "
    "monarchy executive committee gendarmerie commando tank submarine helicopter bomber frigate destroyer "
    "paratrooper airman marine sailor rebel militant insurgent militia politician kremlin state-media watchdog regulator "
    "hacker vessel ship boat plane drone missile tanker trawler cruiser lawmakers "
    "company firm lender giant carrier team expert mission bureau corps gunboat interior defence defense treasury".split()
)
_PEOPLE = frozenset(
    "protester demonstrator student farmer citizen national fisherman worker trucker driver crowd resident activist "
    "people fan motorist".split()
)
_MODS = frozenset(
    "foreign prime defence defense interior finance trade energy economy economic justice health agriculture home "
    "vice deputy assistant acting interim former then ex outgoing incoming newly elected top senior chief high ranking "
    "supreme special permanent security national federal state presidential parliamentary military naval army air "
    "coast border police intelligence counterintelligence central union joint armed general investigative migration "
    "customs nuclear space cyber diplomatic political opposition ruling de facto transitional caretaker first second "
    "third royal crown key lead main both two three four five six seven eight nine ten several many dozens hundreds "
    "thousands of affairs relations and external public policy - – rapid special-forces ground land missile rocket "
    "fighter drone combat elite paramilitary revolutionary republican presidential government cabinet european "
    "industry commerce environment climate transport culture education science tourism water oil gas petroleum "
    "press media internal veteran long-time longtime hardline new current 's staff maritime commercial budget development "
    "strategic command war reconnaissance surveillance armoured armored spy constitutional high-level senior-level "
    "most-senior business private state-owned state-run state-backed unidentified unnamed some nine local regional "
    "visiting late".split()
)
# What a ministry, its head or a staff is of or for: "of Foreign Affairs", "for Public Health".
_PORTFOLIOS = frozenset(
    "foreign defence defense state interior finance justice health trade energy economy economic internal external home "
    "national staff representatives commons lords deputies security general ministers affairs culture emergency "
    "emergencies agriculture public labour labor industry education transport environment environmental water social "
    "welfare rural mines mining petroleum oil gas communications information tourism science technology higher women "
    "lands fisheries commerce planning development cooperation co-operation immigration migration integration housing "
    "infrastructure investment international situations civil aviation maritime marine forests forestry natural "
    "resources climate change digital innovation sports youth religious parliamentary veterans population employment "
    "human rights".split()
)
_LOCAL = frozenset(
    {
        "ministry",
        "government",
        "presidency",
        "court",
        "prosecutor",
        "judge",
        "police",
        "authority",
        "official",
    }
)
# Things and crowds that act for a state but are no body of a name.
_NAMELESS = frozenset(
    "side jet troop soldier warplane aircraft warship fleet vessel ship boat plane drone missile tanker trawler cruiser "
    "bomber frigate destroyer tank submarine helicopter gunboat artillery carrier serviceman fighter peacekeeper sailor "
    "marine paratrooper airman team expert company firm lender giant hacker militant rebel insurgent politician inspector".split()
)
_ACCREDITED = frozenset(
    {"ambassador", "envoy", "representative", "consul", "attache", "attaché", "mission", "embassy"}
)
_PARTICLES = frozenset("al el bin ben ibn von van der den de da di del dos la le abu ould bint ter".split())
_ARTICLED = re.compile(r"(?:al|el|ul|ut|ad|as|ash|bin|ibn)[-‑][A-Z]")
_POSSESSIVE = frozenset({"'s", "’s", "'", "’"})
_NOT_NAMES = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September October November December I The A An In On At It He She They We You This That But And Or As If When "
    "While After Before Both Its His Her Their Our My There Here Who What Which Mr Mrs Ms Dr Sir Lord EU UN".split()
)
# Family names of officials that are also English words: alone they need a full name before them.
_WORDS_TOO = frozenset(
    "Ban Bar Benedict Bio Borne Brown Burns Cannon Cleverly Coats Cousin Craft Dan Don Drew Dung Earnest English Fall "
    "Friday Gates Green He Hill Holder Hung Hunt Key Little Long Luna Major Mark May Mills Moon No Park Paul Power Price "
    "Rice Rose Sang Sessions Short Son Song Stock Store Straw Tan Tax Tong Yen You Young Younger".split()
)

_SECTOR_WORDS = (
    (
        "MIL",
        "army navy troop soldier force military general admiral colonel commander warship jet warplane fleet artillery "
        "serviceman marine submarine bomber frigate destroyer paratrooper airman coastguard guard corps sailor".split(),
    ),
    ("SPY", "intelligence spy counterintelligence".split()),
    (
        "LEG",
        "parliament senate congress duma lawmaker senator mp legislature assembly legislator parliamentarian speaker "
        "congressman".split(),
    ),
    ("JUD", "court judge prosecutor".split()),
    ("REB", "rebel militant insurgent militia".split()),
    ("BUS", "company firm lender giant bank business".split()),
    (
        "CVL",
        "protester demonstrator student farmer citizen national fisherman worker crowd resident activist people".split(),
    ),
    ("OPP", "opposition".split()),
)


_SHORT = {
    "USA": "America",
    "GBR": "Britain",
    "ARE": "Emirates",
    "PRK": "Korea",
    "COD": "Congo",
    "COG": "Congo",
    "UN": "UNESCO",
    "EU": "NATO",
}


def proper(code: str) -> str:
    """Return a one-word proper noun for a party: what the parser reads in place of a ministry or a fleet."""
    if code in _SHORT:
        return _SHORT[code]
    if is_state(code):
        return re.sub(r"[^\w]", "", party_name(code).split()[-1])
    return code if code.isalpha() else "NATO"


@lru_cache(maxsize=50_000)
def singular(word: str) -> str:
    """Return the lower-case singular of a common noun, good enough for the lists above."""
    low = word.lower()
    if low in {"d'affaires", "d’affaires", "charge", "charges"}:
        return "chargé"
    for known in (_ROLES, _BODIES, _PEOPLE):
        if low in known:
            return low
    if low.endswith("ies") and low[:-3] + "y" in _BODIES | _ROLES:
        return low[:-3] + "y"
    if low.endswith("men"):
        return low[:-3] + "man"
    if low.endswith("s") and not low.endswith("ss"):
        return low[:-1]
    return low


@lru_cache(maxsize=50_000)
def _may_begin(word: str) -> bool:
    """Whether a unit of more than one word can begin here: a capital, a particle of names, a role or a body."""
    low = word.lower()
    return word[:1].isupper() or low in _PARTICLES or low in _MODS or singular(word) in _ROLES | _BODIES


def _plural(word: str) -> bool:
    low = word.lower()
    return low != singular(low) or low in {"police", "people"}


def sector_of(words: str) -> str:
    """Return the sector of a role or body named by these words; the executive where nothing else is said."""
    found = {singular(w) for w in re.findall(r"[\w-]+", words.lower())}
    if found & {
        "minister",
        "ministry",
        "president",
        "secretary",
        "ambassador",
        "embassy",
        "council",
        "adviser",
    }:
        return "SPY" if "intelligence" in found and not found & {"minister"} else "GOV"
    for sector, nouns in _SECTOR_WORDS:
        if found & set(nouns):
            return sector
    return "GOV"


class _Scanner:
    """One sentence being joined into units."""

    def __init__(
        self,
        tokens: Sequence[Token],
        mentions: Sequence[Mention],
        memory: Memory,
        gaz: Gazetteer,
        day: date | None,
    ) -> None:
        self.tokens = tokens
        self.memory = memory
        self.gaz = gaz
        self.day = day
        starts = {t.start: i for i, t in enumerate(tokens)}
        ends = {t.end: i + 1 for i, t in enumerate(tokens)}
        self.at: dict[int, tuple[Mention, int]] = {
            starts[m.start]: (m, ends[m.end]) for m in mentions if m.start in starts and m.end in ends
        }
        self.n = len(tokens)
        self.strangers: dict[int, Named] = {}  # by the last word

    def stranger(self, i: int, j: int, name: str, role: str | None) -> None:
        """Remember a person or body of which nothing here says whose it is."""
        start, end = self.tokens[i].start, self.tokens[j - 1].end
        self.strangers[j - 1] = Named(name, role, None, sector_of(role or name), start, end)

    def text(self, i: int) -> str:
        return self.tokens[i].text if i < self.n else ""

    def mention(self, i: int) -> tuple[Mention, int] | None:
        return self.at.get(i)

    # -- pieces

    def modifier(self, i: int) -> tuple[list[tuple[str, int, int]], int] | None:
        """A country before a noun: "Turkish", "Iran's", "US", "Russian and Belarusian"; (code, start, end) and end."""
        found: list[tuple[str, int, int]] = []
        j = i
        while True:
            here = self.mention(j)
            if here is None or here[0].kind in {"official", "seat"}:
                return None
            m, k = here
            possessive = self.text(k) in _POSSESSIVE
            attributive = m.kind in {
                "adjective",
                "demonym",
                "state",
                "organisation",
                "body",
                "capital",
                "group",
            }
            if not attributive:
                return None
            found.append((m.code, m.start, m.end))
            if possessive:
                k += 1
            low = self.text(k).lower()
            following = self.mention(k + 1)
            if following is not None and low in {"and", "or", ","}:
                kinds = {m.kind, following[0].kind}
                # "Australian, Indian and US": adjectives in a row; a bare name only ends it
                if (len(kinds) == 1 and low != ",") or (
                    kinds <= {"adjective", "state"} and m.kind == "adjective"
                ):
                    j = k + 1
                    continue
            return found, k

    def noun_phrase(self, i: int, *, bare: bool = False) -> int | None:
        """End of the longest role or body phrase that starts at token i; None where there is none.

        `bare` phrases have no country before them and must begin with a known word.
        """
        last: int | None = None
        j = i
        while j < min(self.n, i + 9):
            word = self.text(j)
            low = word.lower()
            one = singular(word)
            if one in _ROLES or one in _BODIES or one in _PEOPLE:
                last = j + 1
                k = self.portfolio(j + 1)
                if k > j + 1:
                    last = j = k
                    continue
                j += 1
                continue
            if low in _MODS and low != "and":
                if low == "of" and self.text(j - 1).lower() not in {
                    "dozens",
                    "hundreds",
                    "thousands",
                    "number",
                }:
                    break
                j += 1
                continue
            if low == "and" and self.text(j + 1).lower() in _MODS and last is None:
                j += 1
                continue
            here = self.mention(j)
            if here is not None:
                # a body's own name with a name in it ("Russian Black Sea Fleet"), never a new party
                if here[0].kind == "body" and not bare:
                    last = here[1]
                    j = here[1]
                    continue
                break
            if (
                word[:1].isupper()
                and word[1:2].islower()
                and not bare
                and last is None
                and word not in _NOT_NAMES
            ):
                j += 1
                continue
            break
        return last

    def portfolio(self, i: int) -> int:
        """End of what an office or body is of, from token i: "of Foreign Affairs", "of State for Trade", "of the General Staff"."""
        end = i
        while self.text(end) in {"of", "for"}:
            k = end + 1
            while not self.mention(k) and (
                self.text(k).lower() in _PORTFOLIOS or self.text(k) in {"the", "and", ",", "&"}
            ):
                k += 1
            while self.text(k - 1) in {"the", "and", ",", "&"}:
                k -= 1
            if k <= end + 1:
                break
            end = k
        return end

    def head(self, i: int, end: int) -> int:
        """The word of a role or body phrase that says what it is: "Minister" of "Minister of Defence"."""
        nouns = [x for x in range(i, end) if singular(self.text(x)) in _ROLES | _BODIES | _PEOPLE]
        for x in nouns:
            if self.portfolio(x + 1) > x + 1:
                return x
        return nouns[-1] if nouns else end - 1

    def person(self, i: int) -> tuple[int, str, Official | None] | None:
        """A person's name at token i: (end, name, official); known officials, or two to four capitalised words."""
        here = self.mention(i)
        if here and here[0].kind == "official":
            m, k = here
            return k, m.text, self.gaz.official(m, self.day)
        j = i
        words = 0
        while j < self.n and j - i < 6:
            word = self.text(j)
            here = self.mention(j)
            if here and here[0].kind in {"adjective", "state", "organisation", "capital", "demonym", "seat"}:
                break
            if here and here[0].kind == "official" and j > i:
                break
            if word[:1].isupper() and word not in _NOT_NAMES and word[1:2] != "":
                words += 1
                j += 1
            elif words and word.lower() in _PARTICLES and self.text(j + 1)[:1].isupper():
                j += 1
            elif (
                words
                and {word.lower(), self.text(j + 1).lower()} <= _PARTICLES
                and self.text(j + 2)[:1].isupper()
            ):
                j += 2  # "van der Maat"
            elif words and _ARTICLED.match(word):
                j += 1  # "al-Aiban"
            elif words and word in {"-", "–"} and not self.tokens[j].space and self.text(j + 1)[:1].isalpha():
                j += 1
                if self.text(j)[:1].islower() and self.text(j).lower() not in _PARTICLES:
                    j += 1
            elif (not words and word.lower() in _PARTICLES and self.text(j + 1)[:1].isupper()) or (
                words and len(word) == 2 and word[0].isupper() and word[1] == "."
            ):
                j += 1
            else:
                break
        if not words:
            return None
        name = self.raw(i, j)
        if singular(self.text(i)) in _ROLES | _BODIES or self.text(i).lower() in _MODS:
            return None
        return j, name, None

    def raw(self, i: int, j: int) -> str:
        return "".join(t.text + (" " if t.space else "") for t in self.tokens[i:j]).strip()

    # -- units

    def unit(
        self,
        i: int,
        j: int,
        form: str,
        parties: Sequence[tuple[str, int, int]],
        via: Via,
        *,
        noun: str = "",
        named: Named | None = None,
    ) -> Unit:
        unique: dict[str, tuple[int, int]] = {}
        for code, s, e in parties:
            unique.setdefault(code, (s, e))
        if (
            via in {"body", "capital", "seat", "organisation", "group", "state"}
            and parties
            and form != "bilateral"
        ):
            form = proper(parties[0][0]) if len(unique) == 1 else "Americans"
        if noun and via == "body" and len(unique) == 1:
            self.memory.holds(noun, parties[0][0], named)
        return Unit(
            self.tokens[i].start,
            self.tokens[j - 1].end,
            form,
            "party",
            tuple(unique),
            tuple(unique.values()),
            via,
            noun,
            named,
            self.tokens[j - 1].space,
            counterpart=noun == "counterpart",
        )

    def remember(
        self, name: str, family: Sequence[str], code: str, span: tuple[int, int], named: Named
    ) -> None:
        for surname in {*family, name.rsplit(maxsplit=1)[-1]}:
            self.memory.people.setdefault(surname, (code, span, named))

    def person_unit(
        self,
        i: int,
        j: int,
        name_at: tuple[int, int],
        official: Official | None,
        party: tuple[str, int, int] | None,
        role: str | None,
        organisation: str | None,
    ) -> Unit | None:
        """A unit for a person; the party is the one the text gives, else the office's."""
        start, end = self.tokens[name_at[0]].start, self.tokens[name_at[1] - 1].end
        name = self.raw(*name_at)
        if party is None and official is not None:
            party = (official.party, start, end)
        if party is None:
            known = self.memory.people.get(name.split()[-1])
            if known is None:
                return None
            party = (known[0], start, end)
        same = official is not None and official.party == party[0]
        words = role or (official.role if official and same else None)
        named = Named(
            name=official.name if official and same else name,
            role=words,
            organisation=organisation or (official.organisation if official and same else None),
            sector=(official.sector if official and same else None) or (sector_of(words) if words else "GOV"),
            start=start,
            end=end,
        )
        family = official.family_names if official and same else ()
        self.remember(name, family, party[0], (party[1], party[2]), named)
        if words:
            self.memory.holds(singular(words.split()[-1]), party[0], named)
        form = next((w for w in reversed(name.split()) if w[:1].isupper()), name.split()[-1])
        return self.unit(
            i, j, re.sub(r"[^\w]", "", form) or form, [party], "person", noun="person", named=named
        )

    def scan(self) -> list[Unit]:
        out: list[Unit] = []
        i = 0
        while i < self.n:
            unit, j = self.step(i)
            if (
                unit.kind == "party"
                and out
                and out[-1].kind == "word"
                and out[-1].form.lower() in {"the", "a", "an", "visiting"}
            ):
                out.pop()  # the parser reads a proper noun here, which has no article
            out.append(unit)
            i = j
        return out

    def step(self, i: int) -> tuple[Unit, int]:
        if i not in self.at and not _may_begin(self.text(i)):
            return self.word(i), i + 1
        for rule in (
            self.pair,
            self.modified,
            self.role_of,
            self.role_name,
            self.bare_role,
            self.name_first,
            self.plain,
            self.surname,
        ):
            found = rule(i)
            if found is not None:
                return found
        return self.word(i), i + 1

    def word(self, i: int) -> Unit:
        """A token that is no party's; one that ends the name of a stranger holds it."""
        token = self.tokens[i]
        return Unit(token.start, token.end, token.text, named=self.strangers.get(i), space=token.space)

    def pair(self, i: int) -> tuple[Unit, int] | None:
        """As in "Russian-Belarusian", "US-China": two parties as one adjective."""
        here = self.mention(i)
        if not here or here[0].kind not in {"adjective", "state", "organisation", "capital"}:
            return None
        m, k = here
        parties = [(m.code, m.start, m.end)]
        while self.text(k) in {"-", "–", "/"} and (nxt := self.mention(k + 1)):
            if nxt[0].kind not in {"adjective", "state", "organisation", "capital"}:
                break
            if self.text(k) == "–" and self.tokens[k - 1].space:
                break
            parties.append((nxt[0].code, nxt[0].start, nxt[0].end))
            k = nxt[1]
        if len(parties) < 2:
            return None
        unit = self.unit(i, k, "bilateral", parties, "state")
        unit.kind = "pair"
        return unit, k

    def modified(self, i: int) -> tuple[Unit, int] | None:
        """A country before a role or body, with the name that follows."""
        found = self.modifier(i)
        if found is None:
            return None
        parties, k = found
        end = self.noun_phrase(k)
        if end is None:
            if len(parties) == 1 and self.text(i + 1) not in _POSSESSIVE:
                # "US Fed chair": nothing; "Chinese leader": handled; name straight behind ("Spain's Sanchez")
                pass
            if self.text(k - 1) in _POSSESSIVE and len(parties) == 1:
                name = self.person(k)
                if name is not None and name[2] is not None and name[2].party == parties[0][0]:
                    unit = self.person_unit(i, name[0], (k, name[0]), name[2], parties[0], None, None)
                    if unit is not None:
                        return unit, name[0]
                surname = self.memory.people.get(self.text(k))
                family = self.gaz.by_family_name_in(self.text(k), parties[0][0], self.day)
                if family or (surname and surname[0] == parties[0][0]):
                    unit = self.person_unit(i, k + 1, (k, k + 1), family, parties[0], None, None)
                    if unit is not None:
                        return unit, k + 1
            return None
        head = self.text(self.head(k, end))
        noun = singular(head)
        role_words = self.raw(k, end)
        stop = end
        if len(parties) > 1 and not _plural(head) and noun not in {"side"}:
            parties = parties[-1:] if noun in _ROLES else parties
        # "ambassador to China" is accredited to, not acting for
        if noun in _ACCREDITED - {"embassy"} and self.text(stop).lower() in {"to", "in", "at", "for"}:
            x = stop + 1
            if self.text(x).lower() == "the":
                x += 1
            if (there := self.mention(x)) is not None and there[0].kind in {
                "state",
                "organisation",
                "capital",
                "adjective",
            }:
                stop = there[1]
        if noun in _ROLES and len(parties) == 1:
            found_unit = self._named_after(i, stop, parties[0], role_words)
            if found_unit is not None:
                return found_unit
        named = None
        sector = sector_of(role_words)
        if noun in _BODIES and noun not in _NAMELESS:
            named = Named(
                self.raw(i, end).removesuffix("’s").removesuffix("'s"),
                None,
                None,
                sector,
                self.tokens[i].start,
                self.tokens[end - 1].end,
            )
        elif noun in {"delegation", "side"}:
            named = Named(
                self.raw(i, end), None, None, sector, self.tokens[i].start, self.tokens[end - 1].end
            )
        elif noun in _ROLES and len(parties) == 1 and not _plural(head):
            holder = self.gaz.holder(parties[0][0], role_words.lower(), self.day)
            named = Named(
                holder.name if holder else self.raw(i, end),
                role_words,
                None,
                sector,
                self.tokens[i].start,
                self.tokens[end - 1].end,
            )
        via: Via = "people" if noun in _PEOPLE else "body"
        return self.unit(i, stop, head, parties, via, noun=noun, named=named), stop

    def _named_after(self, i: int, k: int, party: tuple[str, int, int], role: str) -> tuple[Unit, int] | None:
        """A person's name behind a role: straight, or between commas."""
        if (name := self.person(k)) is not None:
            unit = self.person_unit(i, name[0], (k, name[0]), name[2], party, role, None)
            if unit is not None:
                return unit, self._skip_aside(name[0])
        surname = self.text(k)
        if surname in self.memory.people and self.memory.people[surname][0] == party[0]:
            unit = self.person_unit(i, k + 1, (k, k + 1), None, party, role, None)
            if unit is not None:
                return unit, k + 1
        if self.text(k) == "," and (name := self.person(k + 1)) is not None:
            closing = self.text(name[0])
            if closing in {",", ".", "", "”", ";"} and (name[2] is not None or name[0] - k - 1 >= 2):
                if name[2] is not None and name[2].party != party[0]:
                    return None
                unit = self.person_unit(i, name[0], (k + 1, name[0]), name[2], party, role, None)
                if unit is not None:
                    return unit, name[0] + (closing == ",")
        return None

    def _skip_aside(self, k: int) -> int:
        return k

    def role_of(self, i: int) -> tuple[Unit, int] | None:
        """As in "the president of Ukraine", "Secretary of the Belarusian Security Council Stanislav Zas"."""
        if self.mention(i) or (
            singular(self.text(i)) not in _ROLES | _BODIES and self.text(i).lower() not in _MODS
        ):
            return None
        if self.text(i).lower() in {"and", "of", "'s", "-", "–", "both"}:
            return None
        end = self.noun_phrase(i, bare=True)
        if end is None:
            return None
        head = self.text(self.head(i, end))
        noun = singular(head)
        x = end
        if self.text(x).lower() not in {"of", "for", "from", "in"}:
            return None
        link = self.text(x).lower()
        if link == "in" and noun in _LOCAL and (local := self.local_body(i, end, x + 1, noun)) is not None:
            return local
        if link in {"from", "in"} and noun not in {
            "counterpart",
            "colleague",
            "delegation",
            "authority",
            "official",
        }:
            return None
        if link == "for" and noun not in {
            "minister",
            "secretary",
            "commissioner",
            "representative",
            "spokesman",
            "spokeswoman",
            "spokesperson",
        }:
            return None
        x += 1
        if self.text(x).lower() == "the":
            x += 1
        parties: list[tuple[str, int, int]] = []
        stop = x
        inner = self.modifier(x)
        if inner is not None and (deep := self.noun_phrase(inner[1])) is not None:
            parties, stop = inner[0], deep
        else:
            while (there := self.mention(stop)) is not None and there[0].kind in {
                "state",
                "organisation",
                "body",
                "group",
            }:
                if self.text(there[1]) in _POSSESSIVE:
                    return None
                parties.append((there[0].code, there[0].start, there[0].end))
                stop = there[1]
                if _plural(head) and self.text(stop) in {",", "and"}:
                    nxt = stop + 1 + (self.text(stop + 1).lower() == "the")
                    if self.text(stop) == "," and self.text(stop + 1) == "and":
                        nxt += 1
                    following = self.mention(nxt)
                    if following is not None and following[0].kind in {"state", "organisation"}:
                        stop = nxt
                        continue
                break
        if not parties:
            return None
        role_words = self.raw(i, end)
        if noun in _ROLES and len(parties) == 1:
            found = self._named_after(i, stop, parties[0], role_words)
            if found is not None:
                return found
        named = None
        if len(parties) == 1:
            sector = sector_of(self.raw(i, stop))
            if noun in _BODIES:
                named = Named(
                    self.raw(i, stop), None, None, sector, self.tokens[i].start, self.tokens[stop - 1].end
                )
            elif not _plural(head):
                holder = self.gaz.holder(parties[0][0], role_words.lower(), self.day)
                named = Named(
                    holder.name if holder else self.raw(i, stop),
                    role_words,
                    None,
                    sector,
                    self.tokens[i].start,
                    self.tokens[stop - 1].end,
                )
        return self.unit(i, stop, head, parties, "body", noun=noun, named=named), stop

    def local_body(self, i: int, end: int, x: int, noun: str) -> tuple[Unit, int] | None:
        """As in "a court in Istanbul", "officials in Georgetown": bodies of the state in which the place lies."""
        there = self.mention(x)
        if there is not None and there[0].kind in {"state", "capital"}:
            party, stop = (there[0].code, there[0].start, there[0].end), there[1]
        else:
            if not self.text(x)[:1].isupper() or there is not None:
                return None
            stop = x + 1
            while stop < min(self.n, x + 3) and self.text(stop)[:1].isupper() and not self.mention(stop):
                stop += 1
            place = self.gaz.place(self.raw(x, stop))
            if place is None or place.country is None:
                return None
            party = (place.country, self.tokens[x].start, self.tokens[stop - 1].end)
        sector = sector_of(self.raw(i, end))
        named = None
        if not _plural(self.text(end - 1)):
            named = Named(
                self.raw(i, stop), None, None, sector, self.tokens[i].start, self.tokens[stop - 1].end
            )
        return self.unit(i, stop, self.text(end - 1), [party], "body", noun=noun, named=named), stop

    def role_name(self, i: int) -> tuple[Unit, int] | None:
        """As in "Foreign Minister Wang Yi", "President Vladimir Putin": the party comes from the office."""
        if self.mention(i) or (singular(self.text(i)) not in _ROLES and self.text(i).lower() not in _MODS):
            return None
        if self.text(i).lower() in {"and", "of", "'s", "-", "–", "both"}:
            return None
        end = self.noun_phrase(i, bare=True)
        if end is None:
            return None
        head = self.text(self.head(i, end))
        if singular(head) not in _ROLES:
            return None
        name_at = end + 1 if self.text(end) == "," else end
        if _plural(head):
            return None  # "the foreign ministers, Sergei Lavrov of Russia and ..."
        name = self.person(name_at)
        if name is None:
            return None
        stop, text, official = name
        if official is None and name_at == end:
            official = self.gaz.by_family_name(text.split()[-1], self.day)
            if official is not None and " " in text and official.name[:1] != text[:1]:
                official = None  # somebody else of that name
            there = self.mention(stop + 1 + (self.text(stop + 1).lower() == "the"))
            if self.text(stop) == "of" and there is not None and there[0].kind == "state":
                party = (there[0].code, there[0].start, there[0].end)
                unit = self.person_unit(i, there[1], (name_at, stop), official, party, self.raw(i, end), None)
                if unit is not None:
                    return unit, there[1]
        if official is None and (name_at != end or text.split()[-1] not in self.memory.people):
            if name_at == end or stop - name_at > 1:
                self.stranger(name_at, stop, self.raw(name_at, stop), self.raw(i, end))
            return None
        unit = self.person_unit(i, stop, (name_at, stop), official, None, self.raw(i, end), None)
        if unit is None:
            return None
        return unit, stop + (name_at != end and self.text(stop) == ",")

    def bare_role(self, i: int) -> tuple[Unit, int] | None:
        """As in "The president", "the foreign ministry": the one that the article named before."""
        if i == 0 or self.text(i - 1).lower() not in {"the", "its", "their"} or self.mention(i):
            return None
        end = self.noun_phrase(i, bare=True)
        if end is None or self.text(end).lower() in {"of", "for", "from"}:
            return None
        head = self.text(self.head(i, end))
        if _plural(head):
            return None
        noun = singular(head)
        if noun in _BODIES - _NAMELESS:
            self.stranger(i, end, self.raw(i, end), None)
        if self.text(i - 1).lower() != "the":
            return None
        if noun not in {
            "president",
            "premier",
            "minister",
            "chancellor",
            "king",
            "emir",
            "ministry",
            "secretary",
            "ambassador",
            "spokesman",
            "spokeswoman",
            "spokesperson",
            "government",
            "embassy",
            "envoy",
            "delegation",
            "kremlin",
        }:
            return None
        known = self.memory.roles.get(noun)
        if known is None or len(self.memory.shared.get(noun, ())) > 1:
            return None  # nobody yet, or more than one: "the president" is then anybody's guess
        code, named = known
        start, stop = self.tokens[i].start, self.tokens[end - 1].end
        if named is not None:
            named = Named(named.name, named.role, named.organisation, named.sector, start, stop)
        return self.unit(i, end, head, [(code, start, stop)], "body", noun=noun, named=named), end

    def name_first(self, i: int) -> tuple[Unit, int] | None:
        """As in "Hakan Fidan, the Turkish foreign minister,", "Sergei Lavrov", "Lavrov of Russia"."""
        token = self.text(i)
        if not token[:1].isupper() and token.lower() not in _PARTICLES:
            return None
        here = self.mention(i)
        if here and here[0].kind != "official":
            return None
        name = self.person(i)
        if name is None:
            return None
        stop, _, official = name
        # an apposition gives the country
        x = stop
        if self.text(x) == "," and (official is not None or stop - i >= 2):
            y = x + 1 + (self.text(x + 1).lower() in {"the", "a", "an", "its", "his"})
            inner = self.modifier(y)
            if inner is not None and (deep := self.noun_phrase(inner[1])) is not None:
                noun = singular(self.text(self.head(inner[1], deep)))
                if noun in _ROLES:
                    role = self.raw(inner[1], deep)
                    if (
                        noun in _ACCREDITED
                        and self.text(deep).lower() in {"to", "in"}
                        and self.mention(deep + 1 + (self.text(deep + 1) == "the"))
                    ):
                        deep = self.mention(deep + 1 + (self.text(deep + 1) == "the"))[1]  # type: ignore[index]
                    unit = self.person_unit(i, deep, (i, stop), official, inner[0][0], role, None)
                    if unit is not None:
                        return unit, deep + (self.text(deep) == ",")
            bare = self.noun_phrase(y, bare=True)
            if (
                bare is not None
                and singular(self.text(self.head(y, bare))) in _ROLES
                and self.text(bare) in {"of", "for"}
            ):
                z = bare + 1 + (self.text(bare + 1).lower() == "the")
                there = self.mention(z)
                if there is not None and there[0].kind in {"state", "organisation", "body"}:
                    party = (there[0].code, there[0].start, there[0].end)
                    unit = self.person_unit(i, there[1], (i, stop), official, party, self.raw(y, bare), None)
                    if unit is not None:
                        return unit, there[1] + (self.text(there[1]) == ",")
        if self.text(stop) == "of" and stop - i >= 1:
            there = self.mention(stop + 1)
            if there is not None and there[0].kind == "state" and (official or stop - i >= 2):
                party = (there[0].code, there[0].start, there[0].end)
                if official is not None or self.text(i - 1).lower() in {"and", ",", "with"}:
                    unit = self.person_unit(i, there[1], (i, stop), official, party, None, None)
                    if unit is not None:
                        return unit, there[1]
        if official is None:
            return None
        unit = self.person_unit(i, stop, (i, stop), official, None, None, None)
        return (unit, stop) if unit is not None else None

    def plain(self, i: int) -> tuple[Unit, int] | None:
        """A party's own name; an adjective left over says only whose thing the next word is."""
        here = self.mention(i)
        if here is None:
            return None
        m, k = here
        span = (m.code, m.start, m.end)
        if m.kind == "adjective":
            unit = self.unit(i, k, m.text.split()[-1], [span], "state")
            unit.kind = "adjective"
            unit.form = m.text.split()[-1]
            return unit, k
        if m.kind == "official":
            return None
        form = self.text(k - 1)
        via: dict[str, Via] = {
            "state": "state",
            "capital": "capital",
            "seat": "seat",
            "organisation": "organisation",
            "body": "body",
            "group": "group",
            "demonym": "people",
        }
        named = None
        if m.kind in {"body", "group", "seat"}:
            named = Named(m.text, None, None, m.sector, m.start, m.end)
        return self.unit(i, k, form, [span], via[m.kind], named=named), k

    def surname(self, i: int) -> tuple[Unit, int] | None:
        """A surname alone: of somebody named before, or of the one official of that name in office."""
        word = self.text(i)
        if not word[:1].isupper() or word in _NOT_NAMES or self.mention(i):
            return None
        stop = i + 1
        for length in (3, 2, 1):
            joined = self.raw(i, i + length)
            if i + length <= self.n and joined in self.memory.people:
                stop = i + length
                code, _, named = self.memory.people[joined]
                start, end = self.tokens[i].start, self.tokens[stop - 1].end
                again = Named(named.name, named.role, named.organisation, named.sector, start, end)
                form = re.sub(r"[^\w]", "", joined.split()[-1]) or joined
                return self.unit(
                    i, stop, form, [(code, start, end)], "person", noun="person", named=again
                ), stop
        official = self.gaz.by_family_name(word, self.day)
        if official is None or len(word) < 2 or word in _WORDS_TOO:
            return None
        before, after = self.text(i - 1) if i else "", self.text(stop)
        if (
            before[:1].isupper() and before not in _NOT_NAMES and singular(before) not in _ROLES
        ) or before.lower() in _PARTICLES:
            return None  # somebody else's family name
        if after[:1].isupper() and after not in _NOT_NAMES:
            return None
        unit = self.person_unit(i, stop, (i, stop), official, None, None, None)
        return (unit, stop) if unit is not None else None


def units_of(
    tokens: Sequence[Token], mentions: Sequence[Mention], memory: Memory, gaz: Gazetteer, day: date | None
) -> list[Unit]:
    """Return the units of a sentence in order; every token belongs to exactly one of them.

    `memory` is read and filled: call sentence by sentence, or once over the whole article beforehand so that
    a headline's surname finds the full name below.
    """
    return _Scanner(tokens, mentions, memory, gaz, day).scan()
