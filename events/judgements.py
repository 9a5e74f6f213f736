"""What people judge of reports, and the reports as they then stand: pure functions over the log.

    accept   every value is right                edit   one value is replaced
    reject   the text tells no such act          add    an act that the coder missed
    doubt    a second reader differs             undo     takes an earlier commit back
    merge, split   the log's note of what `events.merges` moved

**The coded tables are never rewritten.** `fold` reads the log into a `Standing` for each judged report, and
`stand` gives the report as it then stands; the store lays these over its tables when it answers. A judgement holds
to the report's id, which is never of coded values. Coding again keeps it: what a person accepted or replaced goes
over the newer coding, an accepted report that a newer coder no longer finds stays. Only where the coder now says
something that is neither what it said then nor what the person says is it asked again (`reopened`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Literal

from events import codebook
from events.errors import InputError, UnknownCode
from events.gazetteer import gazetteer, party_code
from events.schema import EVIDENCE_FIELDS, Actor, Article, Issue, Place, Report, Span

__all__ = [
    "FIELDS",
    "Standing",
    "Verdict",
    "checked",
    "fold",
    "reopened",
    "same",
    "stand",
    "undone",
    "value_of",
]

Verdict = Literal["accepted", "edited", "rejected", "added"]

FIELDS = (
    "source", "target", "symmetric", "event_type", "mode", "status", "date", "date_precision", "planned_for",
    "place", "attributed_to", "issues", "actors",
)  # fmt: skip
"""What a person can judge; quad class and intensity follow from type and mode, the basis of a date from the date."""

_KEY = ("source", "target", "symmetric", "event_type")
"""What makes a report another claim: a rejected one is asked again where one of these has changed."""

_VERDICTS: dict[str, Verdict] = {
    "accept": "accepted", "reject": "rejected", "add": "added", "edit": "edited",
}  # fmt: skip
_PRECISIONS = ("day", "week", "month", "year")
_PLACES = ("site", "city", "region", "state")
_STATUSES = ("occurred", "denied", "background")
_SIDES = ("source", "target", "third")


@dataclass(slots=True)
class Standing:
    """How a report stands after the log: the last verdict, and the values that people gave."""

    report_id: str
    event_id: str
    article_id: str
    dataset: str
    verdict: Verdict
    by: str
    when: str
    commit: int
    coder: str = ""
    sample: str | None = None
    why: str = ""
    added: bool = False
    given: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    original: str | None = None  # the report as the coder gave it at the last verdict, JSON; read by few

    @property
    def coded(self) -> dict[str, Any] | None:
        """The report as the coder gave it at the last verdict (of an added one: as added), as JSON values."""
        told: dict[str, Any] | None = json.loads(self.original) if self.original else None
        return told

    @property
    def told(self) -> Report | None:
        """The report as coded then (of an added one: as added); None where an older log kept none."""
        coded = self.coded
        return None if coded is None else Report.from_json(coded)


def value_of(report: Report, name: str) -> Any:
    """Return the value of one of `FIELDS` as JSON has it."""
    value = getattr(report, name)
    if isinstance(value, tuple):
        return [asdict(item) for item in value]
    return asdict(value) if isinstance(value, Place) else value


def undone(rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the commits that count no longer; an undo that was itself undone takes nothing back."""
    gone: set[int] = set()
    for row in sorted(rows, key=_place, reverse=True):
        if row["action"] == "undo" and row["commit"] not in gone and row["refers"] is not None:
            gone.add(int(row["refers"]))
    return gone


def _place(row: Mapping[str, Any]) -> tuple[int, int]:
    return int(row["commit"]), int(row["line"])


def fold(rows: Sequence[Mapping[str, Any]], *, by: str | None = None) -> dict[str, Standing]:
    """Return how each judged report stands, by its id; with `by`, after what this person alone has said.

    `rows` are rows of the table `judgements`. The newest word on a value counts.
    """
    gone = undone(rows)
    found: dict[str, Standing] = {}
    for row in sorted(rows, key=_place):
        action = row["action"]
        if row["commit"] in gone or action not in _VERDICTS or (by is not None and row["by"] != by):
            continue
        key = str(row["report_id"])
        before = found.get(key)
        now = Standing(
            key,
            event_id=row["event_id"],
            article_id=row["article_id"],
            dataset=row["dataset"],
            verdict=_VERDICTS[action],
            by=row["by"],
            when=row["when"],
            commit=int(row["commit"]),
            coder=row["coder"] or "",
            sample=row["sample"],
            why=row["why"] or "",
            added=action == "add" or (before is not None and before.added),
            given=dict(before.given) if before else {},
            spans=dict(before.spans) if before else {},
            original=before.original if before and before.added else row["coded"],
        )
        if action == "edit":
            now.given[row["field"]] = json.loads(row["new"])
            if row["spans"]:
                now.spans[row["field"]] = tuple(Span(**item) for item in json.loads(row["spans"]))
        elif action in {"accept", "add"}:
            now.given = json.loads(row["new"])
        found[key] = now
    return found


def stand(report: Report, standing: Standing) -> Report:
    """Return the report with the values that people gave; what follows from them is made anew.

    Of a report that was accepted or added every confidence is 1, of an edited one those of the edited fields.
    """
    given = standing.given
    changes: dict[str, Any] = {}
    for name, value in given.items():
        if not same(name, value, value_of(report, name)):
            changes[name] = _typed(name, value)
    made = replace(report, **changes)
    if "event_type" in changes or "mode" in changes:
        modes = codebook.event_type(made.event_type).modes
        mode = made.mode if made.mode in modes else None
        made = replace(
            made,
            mode=mode,
            quad_class=codebook.event_type(made.event_type).quad_class,
            intensity=codebook.intensity(made.event_type, mode),
        )
    if "date" in changes:
        made = replace(made, date_basis="text")
    if standing.spans:
        made = replace(made, evidence={**made.evidence, **standing.spans})
    sure = dict(made.confidence_by_field)
    if standing.verdict in {"accepted", "added"}:
        return replace(made, confidence=1.0, confidence_by_field=dict.fromkeys(sure, 1.0))
    return replace(made, confidence_by_field=sure | {name: 1.0 for name in given if name in sure})


def reopened(standing: Standing, coded: Report) -> list[str]:
    """Return the fields of a judged report that are to be asked again, now that it is coded like this.

    Those where the coder says neither what it said at the time of the judgement nor what the person says; of a
    rejected report, those that make it another claim.
    """
    before = None if standing.added else standing.coded
    if before is None:
        return []
    found = []
    for name in _KEY if standing.verdict == "rejected" else FIELDS:
        now = value_of(coded, name)
        if same(name, now, before.get(name)):
            continue
        if standing.verdict == "rejected" or (
            name in standing.given and not same(name, now, standing.given[name])
        ):
            found.append(name)
    return found


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field say the same: issues and actors as sets, whatever words bear them."""
    return bool(_plain(name, one) == _plain(name, other))


def _plain(name: str, value: Any) -> Any:
    if name == "issues":
        return {item["issue"] for item in value or ()}
    if name == "actors":
        return {
            (a["name"], a["role"], a["organisation"], a["country"], a["sector"], a["side"])
            for a in value or ()
        }
    if name == "place" and value:
        return value["name"], value["country"], value["precision"]
    return value


def _typed(name: str, value: Any) -> Any:
    if name == "place":
        return Place(**value) if value else None
    if name == "issues":
        return tuple(Issue(**item) for item in value)
    if name == "actors":
        return tuple(Actor(**item) for item in value)
    return value


# What may be written


def checked(report: Report, values: Mapping[str, Any], article: Article) -> dict[str, Any]:
    """Return the values as the log keeps them; raises UnknownCode or InputError that says which is wrong.

    Parties may be given by name. `report` holds the values that are not given: a mode must be one of the type's.
    """
    given = {name: _checked(name, value, article) for name, value in values.items()}
    told = {name: value_of(report, name) for name in ("source", "target", "event_type", "mode")} | given
    if told["source"] == told["target"]:
        raise InputError(f"source and target are both {told['source']}; an event is between two parties")
    modes = codebook.event_type(told["event_type"]).modes
    if given.get("mode") and given["mode"] not in modes:
        raise UnknownCode(
            f"mode of {told['event_type']}", given["mode"], hint=f"one of {', '.join(modes) or 'none'}"
        )
    if "event_type" in given and told["mode"] not in modes:
        given["mode"] = None
    if "date" in given and given["date"] is None:
        given["date_precision"] = "day"
    return given


def _checked(name: str, value: Any, article: Article) -> Any:
    if name in {"source", "target"}:
        return party_code(str(value or ""))
    if name == "attributed_to":
        return party_code(str(value)) if value else None
    if name == "event_type":
        return codebook.event_type(str(value)).name
    if name == "symmetric":
        if not isinstance(value, bool):
            raise InputError(f"symmetric is yes or no, not {value!r}")
        return value
    if name in {"date", "planned_for"}:
        return _day(name, value)
    known = {"date_precision": _PRECISIONS, "status": _STATUSES}
    if name in known:
        return _one_of(name, value, known[name])
    if name == "mode":
        return str(value) if value else None
    if name == "place":
        return _place_of(value)
    if name == "issues":
        return [_issue(item, article) for item in value or ()]
    if name == "actors":
        return [_actor(item, article) for item in value or ()]
    raise InputError(f"there is no field {name!r} to judge; the fields are {', '.join(FIELDS)}")


def _one_of(name: str, value: Any, known: Sequence[str]) -> Any:
    if value not in known:
        raise UnknownCode(name.replace("_", " "), str(value), hint=f"one of {', '.join(known)}")
    return value


def _day(name: str, value: Any) -> str | None:
    if value in {None, ""}:
        return None
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{name} is a day written YYYY-MM-DD, not {value!r}") from None
    if not 1800 <= day.year <= 2199:
        raise InputError(f"{name} lies between 1800 and 2199, not in {day.year}")
    return day.isoformat()[:10]


def _place_of(value: Any) -> dict[str, Any] | None:
    if not value or not str(value.get("name") or "").strip():
        return None
    name = str(value["name"]).strip()
    country = party_code(str(value["country"])) if value.get("country") else None
    lat, lon, precision = value.get("lat"), value.get("lon"), value.get("precision")
    if lat is None and lon is None:  # a place that the gazetteer knows need not be found on a map by hand
        known = gazetteer().place(name, near=[country] if country else [])
        if known is not None and (country is None or known.country == country):
            lat, lon, country, precision = known.lat, known.lon, known.country, precision or known.precision
    if (lat is None) != (lon is None) or (lat is not None and not (-90 <= lat <= 90 and -180 <= lon <= 180)):
        raise InputError(f"latitude and longitude of {name!r} are given together, -90 to 90 and -180 to 180")
    return {
        "name": name,
        "country": country,
        "lat": lat,
        "lon": lon,
        "precision": _one_of("precision of a place", precision or "city", _PLACES),
    }


def inside(article: Article, start: Any, end: Any) -> Span:
    """Return the words at these offsets; raises InputError where they lie outside the article's text."""
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(article.text)):
        raise InputError(
            f"the words {start} to {end} lie outside the article, which has {len(article.text)} characters"
        )
    return article.span(start, end)


def words_at(article: Article, words: str, *, near: int = 0) -> Span:
    """Return where these words stand in the article, that place which is nearest to the offset `near`.

    Raises InputError where the article does not have them, letter by letter.
    """
    wanted = words.strip()
    found = []
    at = article.text.find(wanted) if wanted else -1
    while at >= 0:
        found.append(at)
        at = article.text.find(wanted, at + 1)
    if not found:
        raise InputError(f"the article does not say {words!r}; copy the words letter by letter")
    start = min(found, key=lambda place: abs(place - near))
    return article.span(start, start + len(wanted))


def _issue(item: Any, article: Article) -> dict[str, Any]:
    told = {"issue": item} if isinstance(item, str) else dict(item)
    entry = codebook.issues().get(str(told["issue"]))
    if entry is None:
        raise UnknownCode("issue", str(told["issue"]), hint="see data/codebook/issues.csv")
    span = _words(told, article)
    return {"issue": entry.name, "domain": entry.domain, "start": span[0], "end": span[1]}


def _actor(item: Any, article: Article) -> dict[str, Any]:
    name = str(item.get("name") or "").strip()
    if not name:
        raise InputError("an actor has no name")
    sector = item.get("sector") or None
    if sector is not None and sector not in codebook.sectors():
        raise UnknownCode("sector", str(sector), hint=f"one of {', '.join(codebook.sectors())}")
    told = dict(item)
    if told.get("start") is None and (at := article.text.find(name)) >= 0:
        told |= {"start": at, "end": at + len(name)}
    start, end = _words(told, article)
    return {
        "name": name,
        "role": item.get("role") or None,
        "organisation": item.get("organisation") or None,
        "country": party_code(str(item["country"])) if item.get("country") else None,
        "sector": sector,
        "side": _one_of("side", item.get("side"), _SIDES),
        "start": start,
        "end": end,
    }


def _words(told: Mapping[str, Any], article: Article) -> tuple[int, int]:
    """Return the offsets of an issue or an actor; 0, 0 where a person names what the text says in no words."""
    if not told.get("end"):
        return 0, 0
    if not article.text:
        return int(told["start"]), int(told["end"])
    span = inside(article, told["start"], told["end"])
    return span.start, span.end


def checked_spans(spans: Mapping[str, Sequence[Span]], article: Article) -> dict[str, tuple[Span, ...]]:
    """Return the words marked for each field; raises InputError where they lie outside the text or differ from it."""
    found = {}
    for name, marked in spans.items():
        if name not in EVIDENCE_FIELDS:
            raise InputError(f"words are marked for {', '.join(EVIDENCE_FIELDS)}, not for {name!r}")
        for span in marked:
            if inside(article, span.start, span.end).text != span.text:
                raise InputError(f"the article does not say {span.text!r} at {span.start}")
        found[name] = tuple(marked)
    return found
