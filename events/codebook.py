"""PLOVER event types, modes, intensities and quad classes; the CAMEO crosswalk; sectors; issues and domains.

The tables lie in `data/codebook/`. Types, modes and intensities follow the PLOVER manual 2.0 (January 2023)
with the sign of ACCUSE mended; where our coding rules differ, they win (163 is SANCTION, for one).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from events.errors import UnknownCode
from events.reference import column_list, table

__all__ = [
    "QUAD_CLASSES",
    "Domain",
    "EventType",
    "Flag",
    "IssueEntry",
    "Mode",
    "cameo_to_plover",
    "domains",
    "event_type",
    "event_types",
    "flags",
    "general_issue",
    "intensity",
    "issues",
    "sectors",
]

QUAD_CLASSES = ("material cooperation", "verbal cooperation", "verbal conflict", "material conflict")
"""PLOVER's four quad classes, in the order in which charts stack them."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A finer kind of an event type; intensity from -10 to +10."""

    name: str
    intensity: float
    definition: str


@dataclass(frozen=True, slots=True)
class EventType:
    """One of PLOVER's sixteen types; intensity from -10 to +10."""

    name: str
    quad_class: str
    intensity: float
    definition: str
    modes: dict[str, Mode]


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the 22 fields that issues belong to."""

    name: str
    label: str
    family: str  # security | order | economy | society
    description: str


@dataclass(frozen=True, slots=True)
class IssueEntry:
    """A specific issue with the terms that name it in a text (lower case)."""

    name: str
    domain: str
    terms: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason to doubt an imported report."""

    code: str
    name: str
    definition: str


@cache
def event_types() -> dict[str, EventType]:
    """Return the sixteen event types by name, in the codebook's order."""
    modes: dict[str, dict[str, Mode]] = {}
    for row in table("codebook/modes.csv"):
        modes.setdefault(row["event_type"], {})[row["mode"]] = Mode(
            row["mode"], float(row["intensity"]), row["definition"]
        )
    return {
        row["event_type"]: EventType(
            row["event_type"],
            row["quad_class"],
            float(row["intensity"]),
            row["definition"],
            modes.get(row["event_type"], {}),
        )
        for row in table("codebook/types.csv")
    }


def event_type(name: str) -> EventType:
    """Return the event type of this name; raises UnknownCode."""
    try:
        return event_types()[name]
    except KeyError:
        raise UnknownCode("event type", name, hint=f"one of {', '.join(event_types())}") from None


def intensity(type_name: str, mode: str | None = None) -> float:
    """Return PLOVER's intensity, -10 to +10, refined by the mode where it has its own; raises UnknownCode."""
    entry = event_type(type_name)
    if mode is None:
        return entry.intensity
    if mode not in entry.modes:
        raise UnknownCode(f"mode of {type_name}", mode, hint=f"one of {', '.join(entry.modes) or 'none'}")
    return entry.modes[mode].intensity


@cache
def _crosswalk() -> dict[str, tuple[str | None, str | None]]:
    return {
        row["cameo"]: (row["event_type"] or None, row["mode"] or None) for row in table("codebook/cameo.csv")
    }


def cameo_to_plover(code: str) -> tuple[str | None, str | None]:
    """Return (event type, mode) of a CAMEO code given as text ("0231"); the type is None for mere comments.

    Raises UnknownCode for a code that the crosswalk does not list.
    """
    try:
        return _crosswalk()[code]
    except KeyError:
        raise UnknownCode("CAMEO code", code, hint="codes are text with their leading zero") from None


@cache
def domains() -> dict[str, Domain]:
    """Return the 22 domains by name, in the codebook's order."""
    return {
        row["domain"]: Domain(row["domain"], row["name"], row["family"], row["description"])
        for row in table("codebook/domains.csv")
    }


@cache
def issues() -> dict[str, IssueEntry]:
    """Return the issues by name; the list is open: add a row to `data/codebook/issues.csv`."""
    return {
        row["issue"]: IssueEntry(
            row["issue"], row["domain"], tuple(column_list(row["terms"])), row["description"]
        )
        for row in table("codebook/issues.csv")
    }


def general_issue(domain: str) -> str:
    """Return the issue of a domain that stands where no more specific one is named; raises UnknownCode."""
    name = f"{domain}, in general"
    if name not in issues():
        raise UnknownCode("domain", domain, hint=f"one of {', '.join(domains())}")
    return name


@cache
def sectors() -> dict[str, str]:
    """Return the names of the actors' sectors by code (GOV, MIL, ...)."""
    return {row["sector"]: row["name"] for row in table("codebook/sectors.csv")}


@cache
def flags() -> dict[str, Flag]:
    """Return the flags on doubtful imported reports by code, in the order in which they are shown."""
    return {
        row["flag"]: Flag(row["flag"], row["name"], row["definition"]) for row in table("codebook/flags.csv")
    }
