"""Events told as sentences, written from their coded fields: plain English, none of it quoted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from events.charts import words
from events.codebook import domains
from events.gazetteer import gazetteer, party_name

__all__ = ["LOW_CONFIDENCE", "Entry", "entry", "people", "prose_name", "tell"]

# States whose names take an article in running text.
_WITH_ARTICLE = frozenset(
    """Bahamas|British Virgin Islands|Cayman Islands|Central African Republic|Comoros|Cook Islands|DR Congo|
    Dominican Republic|Falkland Islands|Faroe Islands|Gambia|Isle of Man|Maldives|Marshall Islands|Netherlands|
    Netherlands Antilles|Northern Mariana Islands|Philippines|Pitcairn Islands|Seychelles|Solomon Islands|Soviet Union|
    Turks and Caicos Islands|US Virgin Islands|United Arab Emirates|United Kingdom|United States|Vatican|
    Åland Islands""".replace("\n    ", "").split("|")
)

# Organisations that are called by their bare name: their abbreviations are said as words.
_BARE = frozenset(
    """NATO ASEAN OPEC OPEC_PLUS OAPEC BRICS INTERPOL EUROPOL AUKUS ANZUS APEC ASEM SAARC BIMSTEC ECOWAS IGAD SADC
    MERCOSUR CELAC UNASUR CARICOM CERN BENELUX COMECON SEATO IRENA GUAM COMESA ALBA PETROCARIBE PROSUR MIKTA EFTA
    CEFTA""".split()
)


def prose_name(code: str) -> str:
    """Return a party as running text names it: Russia, the United States, NATO, the EU, the Arab League."""
    name = party_name(code)
    if code in gazetteer().states():
        return f"the {name}" if name in _WITH_ARTICLE else name
    return name if code in _BARE else f"the {name}"


# What one party does to another ({a}, {b}), by type and mode; then what joins the issues to it.
_ONE_WAY: Mapping[str, tuple[str, str]] = {
    "AGREE": ("{a} declared its readiness to cooperate with {b}", "on"),
    "AGREE meet": ("{a} agreed to meet {b}", "for talks on"),
    "AGREE cooperate": ("{a} agreed to cooperate with {b}", "on"),
    "AGREE aid": ("{a} promised aid to {b}", "concerning"),
    "AGREE settle": ("{a} offered to settle a dispute with {b}", "over"),
    "AGREE yield": ("{a} promised to give way to {b}", "over"),
    "CONSULT": ("{a} consulted {b}", "on"),
    "CONSULT visit": ("A delegation from {a} visited {b}", "for talks on"),
    "CONSULT third-party": ("{a} consulted {b} on the ground of a third party", "about"),
    "CONSULT multilateral": ("{a} consulted {b} in a multilateral meeting", "about"),
    "CONSULT phone": ("{a} telephoned {b}", "about"),
    "SUPPORT": ("{a} expressed support for {b}", "over"),
    "CONCEDE": ("{a} made a concession to {b}", "over"),
    "COOPERATE": ("{a} worked together with {b}", "on"),
    "AID": ("{a} gave aid to {b}", "concerning"),
    "RETREAT": ("{a} eased its measures towards {b}", "concerning"),
    "RETREAT withdraw": ("{a} pulled back from {b}", "concerning"),
    "RETREAT release": ("{a} released persons or property of {b}", "concerning"),
    "RETREAT disarm": ("{a} gave up arms towards {b}", "concerning"),
    "RETREAT ceasefire": ("{a} ceased fire towards {b}", "concerning"),
    "RETREAT access": ("{a} granted access to {b}", "concerning"),
    "RETREAT resign": ("A leader or official of {a} stepped down under pressure from {b}", "over"),
    "REQUEST": ("{a} made a request of {b}", "concerning"),
    "REQUEST assist": ("{a} asked {b} for help", "with"),
    "REQUEST change": ("{a} called on {b} to change its policy", "on"),
    "REQUEST yield": ("{a} demanded that {b} give way", "over"),
    "REQUEST meet": ("{a} asked {b} for a meeting", "on"),
    "ACCUSE": ("{a} accused {b}", "over"),
    "ACCUSE disapprove": ("{a} criticised {b}", "over"),
    "ACCUSE investigate": ("{a} investigated {b}", "over"),
    "ACCUSE allege": ("{a} accused {b} of a wrong", "concerning"),
    "REJECT": ("{a} turned down {b}", "over"),
    "REJECT assist": ("{a} refused to help {b}", "with"),
    "REJECT change": ("{a} refused to change its policy towards {b}", "on"),
    "REJECT yield": ("{a} refused to give way to {b}", "over"),
    "REJECT meet": ("{a} refused to meet {b}", "on"),
    "THREATEN": ("{a} threatened {b}", "over"),
    "THREATEN restrict": ("{a} threatened {b} with restrictions", "over"),
    "THREATEN arrest": ("{a} threatened {b} with arrests", "over"),
    "THREATEN relations": ("{a} threatened to cut relations with {b}", "over"),
    "THREATEN expel": ("{a} threatened to expel people of {b}", "over"),
    "THREATEN territory": ("{a} threatened to occupy territory of {b}", "over"),
    "THREATEN violence": ("{a} threatened {b} with force", "over"),
    "PROTEST": ("People in {a} protested against {b}", "over"),
    "PROTEST demo": ("People in {a} demonstrated against {b}", "over"),
    "PROTEST riot": ("People in {a} rioted against {b}", "over"),
    "PROTEST strike": ("Workers in {a} went on strike against {b}", "over"),
    "PROTEST hunger": ("People in {a} went on hunger strike against {b}", "over"),
    "PROTEST boycott": ("People in {a} boycotted {b}", "over"),
    "PROTEST obstruct": ("People in {a} blocked roads or sites in protest at {b}", "over"),
    "PROTEST vandalize": ("People in {a} damaged property of {b}", "over"),
    "SANCTION": ("{a} imposed sanctions on {b}", "over"),
    "SANCTION expel": ("{a} expelled diplomats or nationals of {b}", "over"),
    "SANCTION withdraw": ("{a} left a treaty or body that it shared with {b}", "over"),
    "SANCTION discontinue": ("{a} suspended aid, trade or talks with {b}", "over"),
    "SANCTION convict": ("A court of {a} ruled against {b}", "over"),
    "MOBILIZE": ("{a} readied forces against {b}", "over"),
    "MOBILIZE troops": ("{a} moved troops against {b}", "over"),
    "MOBILIZE weapons": ("{a} deployed weapons against {b}", "over"),
    "MOBILIZE police": ("{a} reinforced its police or border guards against {b}", "over"),
    "MOBILIZE militia": ("{a} raised irregular forces against {b}", "over"),
    "COERCE": ("{a} used coercion against {b}", "over"),
    "COERCE seize": ("{a} seized property of {b}", "over"),
    "COERCE restrict": ("{a} restricted people or goods of {b}", "over"),
    "COERCE censor": ("{a} silenced media of {b}", "over"),
    "COERCE curfew": ("{a} imposed a curfew on people of {b}", "over"),
    "COERCE martial-law": ("{a} declared martial law against {b}", "over"),
    "COERCE arrest": ("{a} arrested nationals of {b}", "over"),
    "COERCE deport": ("{a} deported nationals of {b}", "over"),
    "COERCE withhold": ("{a} withheld what was due to {b}", "concerning"),
    "COERCE misinformation": ("{a} spread falsehoods against {b}", "about"),
    "COERCE cyber": ("{a} attacked computer networks of {b}", "over"),
    "ASSAULT": ("{a} attacked {b}", "over"),
    "ASSAULT abduct": ("{a} abducted nationals of {b}", "over"),
    "ASSAULT beat": ("{a} beat nationals of {b}", "over"),
    "ASSAULT torture": ("{a} mistreated captives of {b}", "over"),
    "ASSAULT sexual": ("{a} used sexual violence against people of {b}", "over"),
    "ASSAULT targeted": ("{a} carried out a targeted killing against {b}", "over"),
    "ASSAULT destroy": ("{a} destroyed property of {b}", "over"),
    "ASSAULT primitive": ("{a} attacked {b} with simple weapons", "over"),
    "ASSAULT firearms": ("{a} fired on {b}", "over"),
    "ASSAULT explosives": ("{a} attacked {b} with explosives", "over"),
    "ASSAULT suicide": ("{a} attacked {b} by a suicide bombing", "over"),
    "ASSAULT aerial": ("{a} attacked {b} from the air", "over"),
    "ASSAULT drone": ("{a} attacked {b} with drones", "over"),
    "ASSAULT heavy-weapons": ("{a} attacked {b} with heavy weapons", "over"),
    "ASSAULT crowd-control": ("{a} used force on a crowd of {b}", "over"),
    "ASSAULT unconventional": ("{a} attacked {b} with unconventional weapons", "over"),
}

# What both do at once. Where a type has none, each did to the other what one does to another.
_BOTH: Mapping[str, tuple[str, str]] = {
    "AGREE": ("{a} and {b} declared their readiness to cooperate", "on"),
    "AGREE meet": ("{a} and {b} agreed to meet", "for talks on"),
    "AGREE cooperate": ("{a} and {b} agreed to cooperate", "on"),
    "AGREE aid": ("{a} and {b} agreed on aid", "concerning"),
    "AGREE settle": ("{a} and {b} agreed to settle a dispute", "over"),
    "AGREE yield": ("{a} and {b} agreed to give way", "over"),
    "CONSULT": ("{a} and {b} held talks", "on"),
    "CONSULT visit": ("{a} and {b} met during a visit", "for talks on"),
    "CONSULT third-party": ("{a} and {b} met on the ground of a third party", "about"),
    "CONSULT multilateral": ("{a} and {b} met in a multilateral meeting", "about"),
    "CONSULT phone": ("{a} and {b} spoke by telephone", "about"),
    "SUPPORT": ("{a} and {b} signed an agreement or strengthened their ties", "on"),
    "COOPERATE": ("{a} and {b} worked together", "on"),
    "RETREAT resign": ("Officials of {a} and {b} stepped down", "over"),
    "REQUEST yield": ("{a} and {b} each demanded that the other give way", "over"),
    "RETREAT": ("{a} and {b} eased their measures against each other", "concerning"),
    "RETREAT withdraw": ("{a} and {b} pulled back their forces", "concerning"),
    "RETREAT release": ("{a} and {b} exchanged persons or property", "concerning"),
    "RETREAT disarm": ("{a} and {b} gave up arms", "concerning"),
    "RETREAT ceasefire": ("{a} and {b} ceased fire", "concerning"),
    "ASSAULT": ("{a} and {b} fought each other", "over"),
    "MOBILIZE": ("{a} and {b} readied forces against each other", "over"),
    "SANCTION": ("{a} and {b} imposed sanctions on each other", "over"),
    "SANCTION expel": ("{a} and {b} expelled each other’s diplomats or nationals", "over"),
    "SANCTION withdraw": ("{a} and {b} left a treaty or body that they had shared", "over"),
    "SANCTION convict": ("Courts of {a} and {b} ruled against each other’s side", "over"),
    "REJECT": ("{a} and {b} turned each other down", "over"),
    "CONCEDE": ("{a} and {b} made concessions to each other", "over"),
    "REQUEST": ("{a} and {b} made requests of each other", "concerning"),
    "ASSAULT targeted": ("{a} and {b} carried out targeted killings against each other", "over"),
    "ASSAULT suicide": ("{a} and {b} attacked each other by suicide bombings", "over"),
    "ASSAULT crowd-control": ("{a} and {b} used force on each other’s crowds", "over"),
    "ASSAULT abduct": ("{a} and {b} abducted each other’s nationals", "over"),
    "ASSAULT beat": ("{a} and {b} beat each other’s nationals", "over"),
    "ASSAULT torture": ("{a} and {b} mistreated each other’s captives", "over"),
    "ASSAULT sexual": ("{a} and {b} used sexual violence against each other’s people", "over"),
    "ASSAULT destroy": ("{a} and {b} destroyed each other’s property", "over"),
    "COERCE seize": ("{a} and {b} seized each other’s property", "over"),
    "COERCE restrict": ("{a} and {b} restricted each other’s people or goods", "over"),
    "COERCE censor": ("{a} and {b} silenced each other’s media", "over"),
    "COERCE curfew": ("{a} and {b} imposed curfews on each other’s people", "over"),
    "COERCE arrest": ("{a} and {b} arrested each other’s nationals", "over"),
    "COERCE deport": ("{a} and {b} deported each other’s nationals", "over"),
    "COERCE withhold": ("{a} and {b} withheld what they owed each other", "concerning"),
    "COERCE cyber": ("{a} and {b} attacked each other’s computer networks", "over"),
    "THREATEN expel": ("{a} and {b} threatened to expel each other’s people", "over"),
    "THREATEN territory": ("{a} and {b} threatened to occupy each other’s territory", "over"),
    "THREATEN relations": ("{a} and {b} threatened to cut their relations", "over"),
    "PROTEST vandalize": ("People in {a} and {b} damaged each other’s property", "over"),
    "REJECT change": ("{a} and {b} refused to change their policies towards each other", "on"),
    "REQUEST change": ("{a} and {b} called on each other to change their policies", "on"),
}


def tell(event: Any, *, issues: int = 2, place: bool = True) -> str:
    """Return an event as one sentence: who did what to whom, on what, where, named people in brackets.

    `event` has the attributes of a row of `queries.events`. At most `issues` issues and four people are named.
    """
    a, b = prose_name(event.source), prose_name(event.target)
    has_mode = isinstance(event.mode, str)  # a frame may hold NaN for "none"
    key = f"{event.event_type} {event.mode}" if has_mode else event.event_type
    one_way, joint = _ONE_WAY.get(key) or _ONE_WAY[event.event_type]
    if not event.symmetric:
        told = one_way.format(a=a, b=b)
    elif key in _BOTH:
        both, joint = _BOTH[key]
        told = both.format(a=a, b=b)
    else:
        told = one_way.format(a=f"{a} and {b}", b="each other").replace(" its ", " their ")
    if event.status == "denied":
        told = f"It was denied that {told if one_way.startswith('{a}') else told[0].lower() + told[1:]}"
    if about := _about(event.issues, issues):
        told += f" {joint} {about}"
    where = event.place_name if place and isinstance(event.place_name, str) else ""
    if where and where.casefold() not in {party_name(event.target).casefold(), b.casefold()}:
        told += f" in {where}"
    if named := people(event.actors):
        told += f" ({named})"
    return f"{told[0].upper()}{told[1:]}."


LOW_CONFIDENCE = 0.5
"""Below it an event is marked in a chronology: more such events are misread than read rightly."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a chronology: when, where ("" if unknown), the act as a sentence, and what to know of it."""

    when: str
    where: str
    told: str
    caveats: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line: "23 Aug 2016, Minsk. Russia and Belarus held talks on migration control (Zas)."."""
        noted = f" [{'; '.join(self.caveats)}]" if self.caveats else ""
        return f"{self.when}{f', {self.where}' if self.where else ''}. {self.told}{noted}"


def entry(event: Any, *, corrected: bool = False, planned: bool = False) -> Entry:
    """Return an event as a line of a chronology; `corrected` says that an analyst has decided on it.

    `event` has the attributes of a row of `queries.events`. With `planned` the line is dated by the day for which
    the act is planned. Denied, recalled, corrected and doubtful events carry it as a caveat.
    """
    plan = (
        event.planned_for
        if isinstance(event.planned_for, date) and event.planned_for == event.planned_for
        else None
    )
    told = tell(event, place=False)
    if plan is not None and not planned:
        told = f"{told.removesuffix('.')}, planned for {words.day(plan)}."
    where = event.place_name if isinstance(event.place_name, str) else ""
    caveats = [
        "denied" if event.status == "denied" else "",
        "recalled by a later article" if event.status == "background" else "",
        "corrected by an analyst" if corrected else "",
        f"low confidence, {event.confidence:.2f}" if event.confidence < LOW_CONFIDENCE else "",
    ]
    when = words.day(plan) if planned else words.imprecise_day(event.date, event.date_precision)
    return Entry(when[0].upper() + when[1:], where, told, tuple(filter(None, caveats)))


def people(actors: Iterable[Mapping[str, Any]], *, most: int = 4) -> str:
    """Return the named people of both sides in their order: "Vladimir Putin, Recep Tayyip Erdoğan"."""
    names = dict.fromkeys(
        str(actor["name"]) for actor in actors if actor["side"] != "third" and actor["name"] and actor["role"]
    )
    return words.listing(names, keep=most)


# What an event is about where only the field is known.
_FIELDS: Mapping[str, str] = {
    "conflict": "war and peace",
    "cyber": "cyberspace",
    "diplomacy": "their relations",
    "rights": "human rights",
    "wmd": "weapons of mass destruction",
    "multilateral": "multilateral affairs",
    "humanitarian": "humanitarian affairs",
    "law": "legal matters",
}


def _about(issues: Sequence[str], most: int) -> str:
    """Return the first issues, joined; fields without a specific issue only where there is no other."""
    general = {f"{name}, in general": name for name in domains()}
    named = [name for name in issues if name not in general]
    every = named or [_FIELDS.get(general[name], general[name]) for name in issues]
    shown, rest = every[:most], len(every) - most
    if rest > 0 and shown:
        shown = [*shown, words.plural(rest, "other issue")]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)
