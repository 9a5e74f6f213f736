"""The records that travel through the house, their JSON keys and their Arrow schemas.

    Article  ->  Report (one act told by one article, with its words)  ->  Event (the act, told by all)
    Selection: what the analyst looks at; Judgement, Note, View, Watch: what the analyst leaves behind

Party codes are ISO 3166-1 alpha-3, `XKX`, ISO 3166-3 for former states, or a code of an organisation.
Intensity is PLOVER's scale, -10 (conflict) to +10 (cooperation). Dates are ISO 8601 strings, times UTC.
Offsets count characters of `Article.text`, half open: `text[start:end]`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from events.errors import InputError

__all__ = [
    "ARTICLE_SCHEMA",
    "ASSIGNMENT_SCHEMA",
    "EVIDENCE_FIELDS",
    "JUDGEMENT_SCHEMA",
    "REPORT_SCHEMA",
    "Actor",
    "Article",
    "Assignment",
    "CodedArticle",
    "Event",
    "Issue",
    "Judgement",
    "Note",
    "Opinion",
    "Place",
    "Quantity",
    "Report",
    "Selection",
    "Span",
    "View",
    "Watch",
    "article_id_of",
    "report_id_of",
]

DatePrecision = Literal["day", "week", "month", "year"]
DateBasis = Literal["text", "publication"]
PlacePrecision = Literal["site", "city", "region", "state"]
Side = Literal["source", "target", "third"]
Status = Literal["occurred", "denied", "background"]
Action = Literal["accept", "edit", "reject", "add", "doubt", "merge", "split", "undo"]

EVIDENCE_FIELDS = ("source", "target", "event_type", "date", "place", "status")
"""The fields of a report whose words are kept under `evidence`; actors, issues and quantities carry their own."""

CONFIDENCE_FIELDS = (*EVIDENCE_FIELDS, "actors", "issues")


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8"), digest_size=10).hexdigest()


def article_id_of(text: str, reprinted_by: str | None = None) -> str:
    """Return the id of an article: 20 hex digits of its canonical text (NFKC, case folded, letters and digits only).

    Where another outlet has printed the same text before, `reprinted_by` tells the outlet's own article from that.
    """
    canonical = " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
    return _digest("article", canonical, *([reprinted_by] if reprinted_by else []))


def report_id_of(article_id: str, anchor: str, dyad: Iterable[str], ordinal: int) -> str:
    """Return the id of a report: article, anchor sentence, unordered dyad and ordinal, never a coded value.

    Coding again with a better version thus keeps judgements attached.
    """
    return _digest("report", article_id, " ".join(anchor.split()), *sorted(dyad), str(ordinal))


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an article: `article.text[start:end] == text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One news article as we keep it; `text` holds the title, a newline and the body (or the body alone)."""

    article_id: str
    text: str
    title: str = ""
    published: str | None = None  # ISO date, or date and time with zone
    url: str | None = None
    outlet: str | None = None
    outlet_country: str | None = None
    language: str | None = None  # ISO 639-1
    retrieved: str | None = None  # ISO time, UTC
    origin: str = ""  # how it came: a file's name, "paste", "samples", an URL

    @classmethod
    def of(
        cls,
        body: str,
        *,
        title: str = "",
        published: str | None = None,
        url: str | None = None,
        outlet: str | None = None,
        outlet_country: str | None = None,
        language: str | None = None,
        retrieved: str | None = None,
        origin: str = "",
    ) -> Article:
        """Build an article from title and body; the id follows from its text."""
        text = f"{title}\n{body}" if title else body
        return cls(
            article_id=article_id_of(text),
            text=text,
            title=title,
            published=published,
            url=url,
            outlet=outlet,
            outlet_country=outlet_country,
            language=language,
            retrieved=retrieved,
            origin=origin,
        )

    @property
    def body_start(self) -> int:
        """Offset of the first character of the body in `text`."""
        return len(self.title) + 1 if self.title and self.text.startswith(f"{self.title}\n") else 0

    def span(self, start: int, end: int) -> Span:
        """Return the span of these characters with its words."""
        return Span(start, end, self.text[start:end])


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act took place; coordinates in degrees, `precision` says how far to trust them."""

    name: str
    country: str | None
    lat: float | None
    lon: float | None
    precision: PlacePrecision


@dataclass(frozen=True, slots=True)
class Actor:
    """A named person or body on a side of the act."""

    name: str
    role: str | None
    organisation: str | None
    country: str | None  # party code; None for a transnational body
    sector: str | None
    side: Side
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Issue:
    """What the act is about, with the words that say so."""

    issue: str
    domain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number told of the act: people killed, troops sent, money given (unit is then the ISO 4217 currency)."""

    kind: str
    value: float
    unit: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Report:
    """One act told by one article: every coded value with its words and our confidence in it."""

    report_id: str
    article_id: str
    source: str
    target: str
    symmetric: bool
    event_type: str
    mode: str | None
    quad_class: str
    intensity: float
    status: Status
    planned_for: str | None
    date: str | None
    date_precision: DatePrecision
    date_basis: DateBasis
    place: Place | None
    actors: tuple[Actor, ...]
    issues: tuple[Issue, ...]
    quantities: tuple[Quantity, ...]
    attributed_to: str | None
    evidence: Mapping[str, tuple[Span, ...]]
    sentence: Span
    confidence: float | None  # None where it was never measured: imported data
    confidence_by_field: Mapping[str, float]
    extractor: str
    extractor_version: str
    article: str = ""  # the id that the input gave the article; "" where it gave none
    flags: tuple[str, ...] = ()  # why an imported report is doubtful: codes of data/codebook/flags.csv

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object with the keys of the published format, in its order.

        `flags` follow where there are any.
        """
        values = asdict(self)
        order = ["report_id", "article_id", "article", *[f.name for f in fields(self)[2:-2]]]
        order += ["flags"] if self.flags else []
        values["evidence"] = {name: values["evidence"].get(name, ()) for name in EVIDENCE_FIELDS}
        return {name: values[name] for name in order}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Report:
        """Return the report that `to_json` wrote; raises InputError naming a missing or unknown key."""
        known = {f.name for f in fields(cls)}
        if missing := known - {"article", "flags"} - set(values):
            raise InputError(f"a report lacks {', '.join(sorted(missing))}")
        if unknown := set(values) - known - {"dataset"}:
            raise InputError(f"a report has unknown keys {', '.join(sorted(unknown))}")
        plain = {name: value for name, value in values.items() if name in known}
        place = plain["place"]
        plain["place"] = Place(**place) if place else None
        plain["actors"] = tuple(Actor(**item) for item in plain["actors"])
        plain["issues"] = tuple(Issue(**item) for item in plain["issues"])
        plain["quantities"] = tuple(Quantity(**item) for item in plain["quantities"])
        plain["evidence"] = {
            name: tuple(Span(**item) for item in spans or ()) for name, spans in plain["evidence"].items()
        }
        plain["sentence"] = Span(**plain["sentence"])
        plain["flags"] = tuple(plain.get("flags") or ())
        plain["confidence_by_field"] = {
            name: value for name, value in plain["confidence_by_field"].items() if value is not None
        }
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class CodedArticle:
    """An article with its reports, or with the reason why it was not coded."""

    article: Article
    reports: tuple[Report, ...] = ()
    skipped: str | None = None  # e.g. "language: Russian; only English is coded"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second coder read in one article; kept beside the reports of the first, and counted in no chart.

    `refused` says for each value that was dropped why; `failed` why the article could not be read at all.
    """

    article_id: str
    coder: str  # as the reports' `extractor`
    version: str
    reports: tuple[Report, ...] = ()
    refused: tuple[str, ...] = ()
    failed: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    counted: bool = True  # whether the server counted the tokens, or we guessed them from the characters
    seconds: float = 0.0  # that the server took
    cached: bool = False  # whether nothing was asked, since an earlier answer was kept
    cost: float | None = None  # None where no price is known; what was paid when the answer was made
    currency: str | None = None
    when: str = ""  # ISO time, UTC


@dataclass(frozen=True, slots=True)
class Assignment:
    """A report belongs to an event, because `reason`; the newest assignment of a report counts.

    `grounds` says the reason to a program, as JSON values: `rule` ("founded", "same act", "same text", "kept",
    "merged", "split", "undone"), and what that rule saw (`report`, `days_apart`, `place`, `share`, ...).
    """

    report_id: str
    event_id: str
    reason: str  # a sentence to read
    by: str  # "rules", or who decided
    when: str  # ISO time, UTC
    grounds: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One act as all its reports tell it; `event_id` is the id of the report that founded it."""

    event_id: str
    report: Report  # the agreed values, in the founding report's shape
    report_ids: tuple[str, ...]
    article_ids: tuple[str, ...]
    outlets: tuple[str, ...]
    first_reported: str | None  # ISO date of the earliest article


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on a report: a line of an append-only log, never an edit of the coded table.

    `action` is accept, edit (of one `field`), reject, add, merge, split, undo, or doubt (a second reader gives another
    value of a field: the report is asked again, nothing changes). `old` is the value as coded then,
    `new` the person's (JSON; of an accept all values as they then stood), `spans` the words marked for it, `coded`
    the whole report as the coder gave it then. `refers` is the commit that an undo takes back, or the store version
    by which a merge or split moved the reports.
    """

    report_id: str
    event_id: str  # the event that the report was in
    article_id: str
    dataset: str
    action: Action
    by: str
    when: str  # ISO time, UTC
    why: str = ""
    field: str | None = None
    old: str | None = None
    new: str | None = None
    spans: str | None = None
    coder: str = ""  # extractor and its version
    coded: str | None = None
    sample: str | None = None  # the random sample that the report was shown for
    refers: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """An analyst's words on a date, a dyad or an event; travels with exports."""

    text: str
    by: str
    when: str
    date: str | None = None
    dyad: tuple[str, str] | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What the analyst looks at: the sidebar, the URL, the query's parameters and the caption, in one object.

    Empty tuples and None mean "no restriction". `start` and `end` are included. `dyad` is a pair in the
    order in which it is shown; `direction` says whose acts count: both, only A's, or only B's. With `members`, an
    organisation among parties and dyad stands for its member states too, each for the days of its membership.
    """

    parties: tuple[str, ...] = ()
    dyad: tuple[str, str] | None = None
    direction: Literal["both", "a_to_b", "b_to_a"] = "both"
    members: bool = False
    start: date | None = None
    end: date | None = None
    event_types: tuple[str, ...] = ()
    quad_classes: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ("occurred", "background")
    attributed_to: str | None = None
    min_confidence: float = 0.0
    min_outlets: int = 1
    outlet_countries: tuple[str, ...] = ()  # only events that an outlet of these countries reports
    outlet_kinds: tuple[str, ...] = ()  # only events that an outlet of these kinds reports
    states_only: bool = False
    flagged: tuple[str, ...] = ()  # only imported events with one of these flags
    unflagged: tuple[str, ...] = ()  # no event with one of these flags
    search: str = ""
    dataset: str | None = None  # None: real articles where there are any, else the samples
    store_version: int | None = None  # None: the latest
    as_coded: bool = False  # the coder's values, without what people corrected

    def __post_init__(self) -> None:
        if self.start and self.end and self.start > self.end:
            raise InputError(f"the period ends before it starts: {self.start} to {self.end}")
        if not 0.0 <= self.min_confidence <= 1.0:
            raise InputError(f"minimum confidence lies between 0 and 1, not {self.min_confidence}")


@dataclass(frozen=True, slots=True)
class View:
    """A named page with its Selection, to come back to or to mail as a small file.

    `state` holds the page's other parameters of the URL in their order: ("measure", "share of conflict"), or
    ("period", "90 d") where the period moves with the newest event.
    """

    name: str
    page: str
    selection: Selection
    by: str
    when: str
    state: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """A Selection with the number of new events from which it calls."""

    name: str
    selection: Selection
    threshold: int = field(default=1)
    by: str = ""
    when: str = ""


# Arrow: the shape of the tables in the store and of the frames that queries answer with.

_SPAN = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())])
_PLACE = pa.struct(
    [
        ("name", pa.string()),
        ("country", pa.string()),
        ("lat", pa.float64()),
        ("lon", pa.float64()),
        ("precision", pa.string()),
    ]
)
_ACTOR = pa.struct(
    [
        ("name", pa.string()),
        ("role", pa.string()),
        ("organisation", pa.string()),
        ("country", pa.string()),
        ("sector", pa.string()),
        ("side", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
    ]
)
_ISSUE = pa.struct(
    [("issue", pa.string()), ("domain", pa.string()), ("start", pa.int32()), ("end", pa.int32())]
)
_QUANTITY = pa.struct(
    [
        ("kind", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
    ]
)

ARTICLE_SCHEMA = pa.schema(
    [
        ("article_id", pa.string()),
        ("dataset", pa.string()),
        ("title", pa.string()),
        ("published", pa.string()),
        ("outlet", pa.string()),
        ("outlet_country", pa.string()),
        ("language", pa.string()),
        ("url", pa.string()),
        ("retrieved", pa.string()),
        ("origin", pa.string()),
        ("skipped", pa.string()),
        ("text", pa.string()),
    ]
)
"""Table `articles`: one row an article; `skipped` says why it was not coded, null where it was."""

REPORT_SCHEMA = pa.schema(
    [
        ("report_id", pa.string()),
        ("article_id", pa.string()),
        ("dataset", pa.string()),
        ("source", pa.string()),
        ("target", pa.string()),
        ("symmetric", pa.bool_()),
        ("event_type", pa.string()),
        ("mode", pa.string()),
        ("quad_class", pa.string()),
        ("intensity", pa.float64()),
        ("status", pa.string()),
        ("planned_for", pa.date32()),
        ("date", pa.date32()),
        ("date_precision", pa.string()),
        ("date_basis", pa.string()),
        ("place", _PLACE),
        ("actors", pa.list_(_ACTOR)),
        ("issues", pa.list_(_ISSUE)),
        ("quantities", pa.list_(_QUANTITY)),
        ("attributed_to", pa.string()),
        ("evidence", pa.struct([(name, pa.list_(_SPAN)) for name in EVIDENCE_FIELDS])),
        ("sentence", _SPAN),
        ("confidence", pa.float64()),
        ("confidence_by_field", pa.struct([(name, pa.float64()) for name in CONFIDENCE_FIELDS])),
        ("extractor", pa.string()),
        ("extractor_version", pa.string()),
        ("article", pa.string()),
        ("outlet", pa.string()),
        ("published", pa.string()),
        ("flags", pa.list_(pa.string())),
        ("year", pa.int32()),
    ]
)
"""Table `reports`: one row a report; `outlet`, `published` repeat the article's, `year` (0 if undated) partitions."""

ASSIGNMENT_SCHEMA = pa.schema(
    [
        ("report_id", pa.string()),
        ("event_id", pa.string()),
        ("reason", pa.string()),
        ("by", pa.string()),
        ("when", pa.string()),
        ("grounds", pa.string()),
    ]
)
"""Table `assignments`: which report belongs to which event, append only; `grounds` is a JSON object."""

JUDGEMENT_SCHEMA = pa.schema(
    [
        ("commit", pa.int64()),
        ("line", pa.int32()),
        *((item.name, pa.int64() if item.name == "refers" else pa.string()) for item in fields(Judgement)),
    ]
)
"""Table `judgements`: append only; `commit` is the store version that brought the row, `line` its place in that."""
