"""From a model's events to reports: nothing is believed but what the article's own words bear out.

Every value comes with a quotation. Its place in the article is looked up here; a value whose words are not there is dropped,
and with it the whole event where it is one that an event cannot do without: a party, the act, a status other than
"occurred". Codes are the codebook's; a party must be one that its words, or at least the article, name. Days, places,
people, numbers and issues are read from the quoted words by our own rules, so that both coders mean the same by them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar, get_args

from events import codebook
from events.errors import UnknownCode
from events.extract.actors import Unit, sector_of
from events.extract.dates import DateMention, dates_in
from events.extract.issues import issues_in
from events.extract.llm.prompt import KINDS
from events.extract.llm.quotes import Quotes
from events.extract.quantities import quantities_in
from events.extract.rules import Coding
from events.gazetteer import Gazetteer, is_state, party_code, sovereign_of
from events.schema import (
    Actor,
    Article,
    DateBasis,
    DatePrecision,
    Issue,
    Place,
    Quantity,
    Report,
    Side,
    Span,
    Status,
    report_id_of,
)

__all__ = ["Checked", "Checker"]

MOST_EVENTS = 60  # of a part of an article; the densest of the samples has a third of that
MOST_ITEMS = 20  # actors, issues or quantities of an event
LONGEST = 240  # characters of the words behind one value: a paragraph is no evidence
_SHOWN = 80  # characters of a model's words in the reason for a refusal

Range = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Checked:
    """What an answer came to: reports, and for each value that was refused a sentence that says why."""

    reports: tuple[Report, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where an act is told: the first character of its words, and their sentence."""

    act: int
    sentence: Any


class _Refused(Exception):
    """An event, or a value of it, that the article does not bear out."""


class Checker:
    """One article with its names, ready to check answers about it; `coder` and `version` sign the reports."""

    def __init__(self, article: Article, gaz: Gazetteer, *, coder: str, version: str) -> None:
        self.article = article
        self.gaz = gaz
        self._coder, self._version = coder, version
        self._quotes = Quotes(article.text)
        self._coding = Coding(article, gaz)
        self._coding.prepare()
        self._named = {sovereign_of(c) for m in self._coding.mentions for c in m.codes} | {
            sovereign_of(c) for s in self._coding.all for unit in s.units for c in unit.codes
        }
        self._refusals: list[str] = []

    def check(self, events: Iterable[Any]) -> Checked:
        """Return the reports that the article bears out, in the order of the text."""
        self._refusals = []
        given = list(events)
        if len(given) > MOST_EVENTS:
            self._refusals.append(f"{len(given) - MOST_EVENTS} events more than an article can tell")
        reports: dict[tuple[Any, ...], Report] = {}
        for event in given[:MOST_EVENTS]:
            try:
                report = self._report(event)
            except _Refused as why:
                self._refusals.append(f"event: {why}")
                continue
            key = (
                report.sentence.start, report.source, report.target, report.symmetric, report.event_type, report.mode,
                report.status, report.evidence["event_type"],
            )  # fmt: skip
            reports.setdefault(key, report)
        found = sorted(reports.values(), key=lambda r: (r.sentence.start, r.evidence["event_type"][0].start))
        return Checked(tuple(self._numbered(found)), tuple(self._refusals))

    def _numbered(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Yield the reports with their ids; acts of one dyad in one sentence are told apart by their order.

        The coder is part of the id: no report of the first coder has the same, and a judgement on one is not on the other.
        """
        ordinals: Counter[tuple[int, frozenset[str]]] = Counter()
        for report in reports:
            dyad = frozenset({report.source, report.target})
            number = ordinals[report.sentence.start, dyad]
            ordinals[report.sentence.start, dyad] += 1
            name = report_id_of(
                f"{self.article.article_id} {self._coder}", report.sentence.text, dyad, number
            )
            yield replace(report, report_id=name)

    # -- one event

    def _report(self, event: Any) -> Report:
        if not isinstance(event, dict):
            raise _Refused("is no object")
        kind, mode = self._type(event)
        told = self._quotes.find(event.get("sentence"))
        act = self._quoted(event, "event_type_words", near=told[0] if told else None, within=told)
        sentence = self._sentence(act)
        at = _Anchor(act[0], sentence)
        source, source_words = self._party(event, "source", at)
        target, target_words = self._party(event, "target", at)
        if source == target:
            raise _Refused(f"{source} acts on itself")
        status, status_words = self._status(event, at)
        evidence: dict[str, tuple[Span, ...]] = {
            "source": (self._span(source_words),),
            "target": (self._span(target_words),),
            "event_type": (self._span(act),),
            "status": (self._span(status_words),) if status_words else (),
        }
        day, precision, basis, date_words = self._date(event, kind, at)
        evidence["date"] = (self._span(date_words),) if date_words else ()
        planned = self._planned(event, at)
        if planned is not None and not evidence["date"]:
            evidence["date"] = (self._span((planned.start, planned.end)),)
        if (
            status == "occurred"
            and basis == "text"
            and day is not None
            and self._coding.long_ago(day, precision)
        ):
            status = "background"
        if status == "background" and basis == "publication":
            day = None  # recalled, and nobody says of when
        place, place_words = self._place(event, at, {source, target})
        evidence["place"] = (self._span(place_words),) if place_words else ()
        symmetric = event.get("symmetric") is True
        swapped = symmetric and source > target
        actors = self._actors(event, at, source, target)
        if swapped:
            source, target = target, source
            evidence["source"], evidence["target"] = evidence["target"], evidence["source"]
            turned: dict[Side, Side] = {"source": "target", "target": "source", "third": "third"}
            actors = tuple(replace(actor, side=turned[actor.side]) for actor in actors)
        entry = codebook.event_type(kind)
        return Report(
            report_id="",
            article_id=self.article.article_id,
            source=source,
            target=target,
            symmetric=symmetric,
            event_type=kind,
            mode=mode,
            quad_class=entry.quad_class,
            intensity=codebook.intensity(kind, mode),
            status=status,
            planned_for=planned.day.isoformat() if planned else None,
            date=day.isoformat() if day else None,
            date_precision=precision,
            date_basis=basis,
            place=place,
            actors=actors,
            issues=self._issues(event, at),
            quantities=self._quantities(event, at),
            attributed_to=self._attributed(event, at),
            evidence=evidence,
            sentence=self._span((sentence.start, sentence.end)),
            confidence=None,
            confidence_by_field={},
            extractor=self._coder,
            extractor_version=self._version,
        )

    @staticmethod
    def _type(event: dict[str, Any]) -> tuple[str, str | None]:
        name, mode = event.get("event_type"), event.get("mode")
        if not isinstance(name, str) or name not in codebook.event_types():
            raise _Refused(f"{_quoted(name)} is no event type of the codebook")
        # a mode is a refinement: a wrong one leaves the type as it is
        return name, mode if isinstance(mode, str) and mode in codebook.event_types()[name].modes else None

    def _party(self, event: dict[str, Any], side: str, at: _Anchor) -> tuple[str, Range]:
        given = event.get(side)
        try:
            code = sovereign_of(party_code(given)) if isinstance(given, str) else ""
        except UnknownCode:
            code = ""
        if not code:
            raise _Refused(f"{side} {_quoted(given)} is no party")
        words = self._words(event, f"{side}_words", at)
        said = self._codes(words)
        if said and code not in said:
            raise _Refused(
                f"{side} {code}: its words {_quoted(self.article.text[slice(*words)])} name {', '.join(sorted(said))}"
            )
        if not said and code not in self._named:
            raise _Refused(f"{side} {code} is not named in the article")
        return code, words

    def _codes(self, words: Range) -> set[str]:
        """Return the parties that the words name or stand for."""
        found = {
            sovereign_of(code)
            for unit in self._units(words)
            for code, span in zip(unit.codes, unit.spans, strict=False)
            if _meet(span, words) or (unit.named and _meet((unit.named.start, unit.named.end), words))
        }
        return found or {
            sovereign_of(code)
            for mention in self._coding.mentions
            if _meet((mention.start, mention.end), words)
            for code in mention.codes
        }

    def _units(self, words: Range) -> list[Unit]:
        return [
            unit
            for sentence in self._coding.all
            if _meet((sentence.start, sentence.end), words)
            for unit in sentence.units
            if _meet((unit.start, unit.end), words)
        ]

    def _status(self, event: dict[str, Any], at: _Anchor) -> tuple[Status, Range | None]:
        status: Any = event.get("status")
        if status not in get_args(Status):
            raise _Refused(f"{_quoted(status)} is no status of the codebook")
        if status == "occurred":
            return "occurred", None
        # without it a denial would turn into a deed
        return status, self._words(event, "status_words", at)

    def _date(
        self, event: dict[str, Any], kind: str, at: _Anchor
    ) -> tuple[date | None, DatePrecision, DateBasis, Range | None]:
        today = self._coding.today
        found = self._try("date", lambda: self._day(event, "date_words", at))
        if found is not None and found.precision == "day" and today is not None and found.day > today:
            self._refusals.append(f"date of {kind}: {found.day} lies after the article")
            found = None
        if found is not None:
            return found.day, found.precision, "text", (found.start, found.end)
        line = self._coding.dateline
        return today, "day", "publication", line.date_span if line and today else None

    def _planned(self, event: dict[str, Any], at: _Anchor) -> DateMention | None:
        found = self._try("planned for", lambda: self._day(event, "planned_for_words", at, future=True))
        today = self._coding.today
        return found if found is not None and (today is None or found.day >= today) else None

    def _day(
        self, event: dict[str, Any], name: str, at: _Anchor, *, future: bool = False
    ) -> DateMention | None:
        if not event.get(name):
            return None
        words = self._words(event, name, at)
        line = self._coding.dateline
        if line and line.date_span and line.date_span[0] <= words[0] < line.date_span[1]:
            return None  # the day of publication
        sentence = self._sentence(words)
        # without a day to count from only full dates tell anything, as for the rules
        reference = self._coding.today or date.max.replace(year=2000)
        if future:
            mentions = dates_in(self.article.text, sentence.start, sentence.end, reference, future=True)
        else:
            mentions = self._coding.dates_in(sentence)
        for mention in mentions:
            if _meet((mention.start, mention.end), words):
                return mention
        raise _Refused(f"{_quoted(self.article.text[slice(*words)])} is no day that can be told")

    def _place(
        self, event: dict[str, Any], at: _Anchor, parties: set[str]
    ) -> tuple[Place | None, Range | None]:
        if not event.get("place_words"):
            return None, None
        words = self._try("place", lambda: self._words(event, "place_words", at))
        if words is None:
            return None, None
        line = self._coding.dateline
        if line and line.start <= words[0] < line.end:
            self._refusals.append("place: the place of reporting is not that of the act")
            return None, None
        sentence = self._try("place", lambda: self._sentence(words))
        for spot in self._coding.spots_in(sentence) if sentence else ():
            if _meet((spot.start, spot.end), words):
                return spot.place, (spot.start, spot.end)
        name = self.article.text[slice(*words)]
        known = self.gaz.place(name, near=self._named | parties)
        if known is not None:
            return self.gaz.as_written(known, name), words
        for code in sorted(self._codes(words)):
            state = self.gaz.state_place(code)
            if state is not None:
                return state, words
        if not name[:1].isupper():
            self._refusals.append(f"place: {_quoted(name)} is no name of a place")
            return None, None
        return Place(" ".join(name.split()), None, None, None, "site"), words

    def _actors(self, event: dict[str, Any], at: _Anchor, source: str, target: str) -> tuple[Actor, ...]:
        found: dict[tuple[str, str], Actor] = {}
        for item in self._items(event, "actors"):
            actor = self._try("actor", lambda item=item: self._actor(item, at, source, target))  # type: ignore[misc]
            if actor is not None:
                found.setdefault((actor.name, actor.side), actor)
        return tuple(found.values())

    def _actor(self, item: dict[str, Any], at: _Anchor, source: str, target: str) -> Actor:
        side: Any = item.get("side")
        if side not in get_args(Side):
            raise _Refused(f"{_quoted(side)} is no side")
        words = self._words(item, "name_words", at)
        text = self.article.text[slice(*words)]
        code = {"source": source, "target": target}.get(side)
        said = self._codes(words)
        if code is None:
            code = min(said) if len(said) == 1 else None
        elif said and code not in said:
            raise _Refused(f"{_quoted(text)} stands for {', '.join(sorted(said))}, not for {code}")
        for unit in self._units(words):
            if unit.named is not None and code and _meet((unit.named.start, unit.named.end), words):
                return Coding.actor(unit.named, code, side)
        if not any(letter.isupper() for letter in text):
            raise _Refused(f"{_quoted(text)} names nobody")
        role = None
        if item.get("role_words"):
            role_words = self._try(
                "role", lambda: self._words(item, "role_words", _Anchor(words[0], at.sentence))
            )
            role = " ".join(self.article.text[slice(*role_words)].split()) if role_words else None
        name = " ".join(text.split())
        sector = sector_of(role or name) if code and is_state(code) else "IGO" if code else None
        return Actor(name, role, None, code, sector, side, *words)

    def _issues(self, event: dict[str, Any], at: _Anchor) -> tuple[Issue, ...]:
        found: dict[str, Issue] = {}
        for item in self._items(event, "issues"):
            issue = self._try("issue", lambda item=item: self._issue(item, at))  # type: ignore[misc]
            if issue is not None:
                found.setdefault(issue.issue, issue)
        return tuple(found.values())

    def _issue(self, item: dict[str, Any], at: _Anchor) -> Issue:
        domain = item.get("domain")
        if not isinstance(domain, str) or domain not in codebook.domains():
            raise _Refused(f"{_quoted(domain)} is no domain of the codebook")
        words = self._words(item, "words", at)
        named = [issue for issue in issues_in(self.article.text, *words) if issue.domain == domain]
        return named[0] if named else Issue(codebook.general_issue(domain), domain, *words)

    def _quantities(self, event: dict[str, Any], at: _Anchor) -> tuple[Quantity, ...]:
        found: dict[tuple[str, float], Quantity] = {}
        for item in self._items(event, "quantities"):
            amount = self._try("quantity", lambda item=item: self._quantity(item, at))  # type: ignore[misc]
            if amount is not None:
                found.setdefault((amount.kind, amount.value), amount)
        return tuple(found.values())

    def _quantity(self, item: dict[str, Any], at: _Anchor) -> Quantity:
        kind = item.get("kind")
        if kind not in KINDS:
            raise _Refused(f"{_quoted(kind)} is no kind of quantity")
        words = self._words(item, "words", at)
        sentence = self._sentence(words)
        for amount in quantities_in(self.article.text, sentence.start, sentence.end):
            if amount.kind == kind and _meet((amount.start, amount.end), words):
                return amount
        raise _Refused(f"{_quoted(self.article.text[slice(*words)])} is no number of {kind}")

    def _attributed(self, event: dict[str, Any], at: _Anchor) -> str | None:
        if not event.get("attributed_to"):
            return None
        found = self._try("attributed to", lambda: self._party(event, "attributed_to", at))
        return found[0] if found else None

    # -- words

    def _words(self, item: dict[str, Any], name: str, at: _Anchor) -> Range:
        """Return where the article has the quoted words: in the sentence of the act if they are there, else nearest to it."""
        return self._quoted(item, name, near=at.act, within=(at.sentence.start, at.sentence.end))

    def _quoted(self, item: dict[str, Any], name: str, *, near: int | None, within: Range | None) -> Range:
        given = item.get(name)
        what = name.removesuffix("words").rstrip("_").replace("_", " ") or "words"
        if not isinstance(given, str) or not given.strip():
            raise _Refused(f"{what} comes without words")
        if len(given) > LONGEST:
            raise _Refused(f"{what}: {len(given)} characters are no evidence")
        found = self._quotes.find(given, start=within[0], end=within[1], near=near) if within else None
        found = found or self._quotes.find(given, near=near)
        if found is None:
            raise _Refused(f"{what}: {_quoted(given)} is not in the article")
        return found

    def _sentence(self, words: Range) -> Any:
        for sentence in self._coding.all:
            if sentence.start <= words[0] < sentence.end:
                return sentence
        raise _Refused(
            f"{_quoted(self.article.text[slice(*words)])} stands outside the text, in a date line or beside it"
        )

    @staticmethod
    def _items(event: dict[str, Any], name: str) -> list[dict[str, Any]]:
        given = event.get(name)
        return (
            [item for item in given if isinstance(item, dict)][:MOST_ITEMS] if isinstance(given, list) else []
        )

    def _try(self, what: str, read: Callable[[], T]) -> T | None:
        """Return what `read` does; where it is refused, note that and return None: the event stands without it."""
        try:
            return read()
        except _Refused as why:
            self._refusals.append(f"{what}: {why}")
            return None

    def _span(self, words: Range) -> Span:
        return self.article.span(*words)


def _meet(a: Range, b: Range) -> bool:
    return a[0] < b[1] and a[1] > b[0]


def _quoted(value: object) -> str:
    """Return a model's words as they may stand in a reason: on one line, short."""
    line = " ".join(str(value).split())
    return f"“{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}”"
