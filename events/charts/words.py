"""Numbers, dates, names and filters in words, as a briefing writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from events.accuracy import caution
from events.codebook import domains, event_types, flags, sectors
from events.gazetteer import party_name
from events.schema import Selection

__all__ = [
    "act",
    "caption",
    "confidence",
    "count_word",
    "data",
    "dataset",
    "day",
    "duration",
    "dyad",
    "filters",
    "imprecise_day",
    "intensity",
    "listing",
    "marked_act",
    "money",
    "narrowed",
    "number",
    "parse_day",
    "percent",
    "place",
    "plural",
    "short_id",
    "short_name",
    "shorten",
    "showing",
    "span",
    "time_of",
    "times",
    "weak_note",
    "weak_types",
    "weakness",
]

MINUS = "−"
DOUBT = "≈"  # stands after a type that is often misread, wherever its events are listed

# Names that are too long for a map's label or a row; the full name stands wherever there is room.
_SHORT = {
    "USA": "US",
    "GBR": "UK",
    "COD": "DR Congo",
    "CAF": "CAR",
    "ARE": "UAE",
    "BIH": "Bosnia",
    "PRK": "North Korea",
    "KOR": "South Korea",
    "MKD": "North Macedonia",
}


def number(value: float) -> str:
    """Write a count: 12,481; from 100,000 on in millions (0.1 million, 10.2 million)."""
    return f"{value:,.0f}" if abs(value) < 100_000 else f"{value / 1e6:,.1f} million"


def quantity(value: float) -> str:
    """Write a quantity as exactly as it was told: 1.5, 250,000, 1.25 billion."""
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{value / size:,.2f}".rstrip("0").rstrip(".") + f" {name}"
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"


OUTLET_KINDS = {
    "state": "state outlets",
    "public": "public broadcasters",
    "agency": "news agencies",
    "private": "private outlets",
}


def outlet_kind(kind: str) -> str:
    """Write a kind of outlets in the plural: "state outlets"; "other outlets" for those that are not registered."""
    return OUTLET_KINDS.get(kind, "other outlets")


def outlets(count: int) -> str:
    """Write how many outlets told of something; "outlet unknown" where the articles name none."""
    return plural(count, "outlet") if count else "outlet unknown"


def plural(count: float, one: str, many: str | None = None) -> str:
    """Write a count with its noun: 1 event, 12,481 events."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def count_word(count: int) -> str:
    """Write a count below ten as a word that begins a sentence: Four; others as a number."""
    names = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return names[count] if 0 <= count < len(names) else number(count)


def times(count: int) -> str:
    """Write how often: once, twice, 12 times."""
    return {1: "once", 2: "twice"}.get(count) or f"{number(count)} times"


def percent(share: float | None) -> str:
    """Write a share in 0..1 as whole percent, "–" where there is none."""
    return "–" if _missing(share) else f"{100 * float(share or 0):.0f}%"


def intensity(value: float | None, digits: int = 1) -> str:
    """Write an intensity, balance or change with its sign: −6.9, +2.5, 0.0; "–" where there is none."""
    if _missing(value):
        return "–"
    rounded = round(float(value or 0), digits)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):.{digits}f}"


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)


def day(value: date | None, *, year: bool = True, long: bool = False) -> str:
    """Write a date: 23 Aug 2016, 23 Aug, or 23 August 2016; "no date" for None or NaT."""
    if value is None or value != value:  # noqa: PLR0124 - NaT differs from itself
        return "no date"
    month = f"{value:%B}" if long else f"{value:%b}"
    return f"{value.day} {month} {value.year}" if year else f"{value.day} {month}"


def imprecise_day(value: date | None, precision: str) -> str:
    """Write a date no more exactly than it is known: 23 Aug 2016, about 23 Aug 2016, Aug 2016, 2016."""
    if value is None or value != value:  # noqa: PLR0124 - NaT differs from itself
        return "no date"
    if precision == "year":
        return str(value.year)
    if precision == "month":
        return f"{value:%b %Y}"
    return ("about " if precision == "week" else "") + day(value)


def parse_day(stamp: str | None) -> date | None:
    """Return the day of an ISO date or time, None for None or what is neither."""
    try:
        return date.fromisoformat(stamp[:10]) if stamp else None
    except ValueError:
        return None


def place(name: str, country: str | None) -> str:
    """Write a place with its country: "Minsk, Belarus"; the country alone once."""
    if not country or short_name(country) == name or party_name(country) == name:
        return name
    return f"{name}, {short_name(country)}"


def span(start: date | None, end: date | None, *, long: bool = False) -> str:
    """Write a period with an en dash and the year once: 25 Aug – 22 Nov 2026; "all dates" if open."""
    if start is None and end is None:
        return "all dates"
    if start is None:
        return f"until {day(end, long=long)}"
    if end is None:
        return f"since {day(start, long=long)}"
    if start == end:
        return day(start, long=long)
    return f"{day(start, year=start.year != end.year, long=long)} – {day(end, long=long)}"


def short_name(code: str) -> str:
    """Return the short name of a party for labels and rows: US, UK, DR Congo."""
    return _SHORT.get(code) or party_name(code)


def dyad(source: str, target: str, *, symmetric: bool, names: bool = True) -> str:
    """Write two parties: "Russia → Türkiye" for a directed act, "Russia – Türkiye" for one of both sides."""
    left, right = (short_name(source), short_name(target)) if names else (source, target)
    return f"{left} {'–' if symmetric else '→'} {right}"


def act(event_type: str, mode: str | None = None) -> str:
    """Write an event type as a word: Consult, or Consult (visit)."""
    word = event_type.capitalize()
    return f"{word} ({mode.replace('-', ' ')})" if mode else word


def marked_act(event: Any) -> str:
    """Write the type of an event (a row of `queries.events`) as `act` does, with ≈ where it is a weak one."""
    return f"{act(event.event_type)}\u00a0{DOUBT}" if weakness(event) else act(event.event_type)


def weakness(event: Any) -> str:
    """Return what was measured of an event's type where that is weak, else ""; nothing was of imported events."""
    own = event.confidence is not None and not math.isnan(event.confidence)
    return caution(event.event_type) if own else ""


def weak_note(events: Iterable[Any]) -> str:
    """Return what ≈ means in a list of events: "≈ Aid and Coerce are often misread: read the words"; "" if all are firm."""
    return _misread(event.event_type for event in events if weakness(event))


def weak_types() -> str:
    """Return what ≈ means, with every weak type."""
    return _misread(name for name in event_types() if caution(name))


def _misread(types: Iterable[str]) -> str:
    weak = [act(name) for name in dict.fromkeys(types)]
    if not weak:
        return ""
    names = " and ".join(filter(None, (", ".join(weak[:-1]), weak[-1])))
    return f"{DOUBT} {names} {'is' if len(weak) == 1 else 'are'} often misread: read the words"


def listing(items: Iterable[str], *, keep: int = 3) -> str:
    """Write a list, cut after `keep` items: "a, b, c +4"."""
    every = list(items)
    rest = len(every) - keep
    return ", ".join(every[:keep]) + (f" +{rest}" if rest > 0 else "")


def shorten(text: str, most: int) -> str:
    """Return the text, cut at a word with … where it is longer than `most` characters."""
    if len(text) <= most:
        return text
    cut = text[: most - 1].rsplit(" ", 1)[0] if " " in text[: most - 1] else text[: most - 1]
    return f"{cut.rstrip(' ,;:')}…"


def confidence(value: float | None) -> str:
    """Write a report's confidence: "confidence 0.71"; imported data have none."""
    return "confidence not known" if value is None else f"confidence {value:.2f}"


def short_id(record_id: str) -> str:
    """Write the beginning of an id of ours; whole where it names a row of another data set, "GDELT:881990836"."""
    return record_id if ":" in record_id else record_id[:8]


def dataset(name: str) -> str:
    """Write a data set's name: "Articles", "GDELT"."""
    return name if any(letter.isupper() for letter in name) else name.capitalize()


def showing(shown: int, of: int, noun: str, many: str | None = None) -> str:
    """Write what a list shows: "Showing 5 of 38 dyads", or "All 5 dyads"."""
    return (
        f"Showing {shown:,} of {plural(of, noun, many)}"
        if shown < of
        else f"All {plural(of, noun, many)}"
        if of > 1
        else ""
    )


def filters(selection: Selection) -> list[tuple[str, str, str]]:
    """Return what differs from the default: (filter, value in words, its fields separated by |)."""
    default = Selection()
    found: list[tuple[str, str, str]] = []
    if selection.start or selection.end:
        found.append(("Period", span(selection.start, selection.end), "start|end"))
    if selection.dyad:
        arrow = {"both": "–", "a_to_b": "→", "b_to_a": "←"}[selection.direction]
        names = f" {arrow} ".join(short_name(code) for code in selection.dyad)
        found.append(("Dyad", names, "dyad|direction"))
    if selection.parties:
        found.append(("Parties", listing(map(short_name, selection.parties)), "parties"))
    if selection.members:
        found.append(("Organisations", "with their members", "members"))
    if selection.states_only:
        found.append(("Parties", "states only", "states_only"))
    if selection.quad_classes:
        found.append(("Class", listing(selection.quad_classes, keep=2), "quad_classes"))
    if selection.event_types:
        found.append(("Type", listing(map(act, selection.event_types)), "event_types"))
    if selection.domains:
        labels = [domains()[name].label if name in domains() else name for name in selection.domains]
        found.append(("Domain", listing(labels), "domains"))
    if selection.issues:
        found.append(("Issue", listing(selection.issues, keep=2), "issues"))
    if selection.sectors:
        found.append(("Sector", listing(sectors().get(s, s) for s in selection.sectors), "sectors"))
    if selection.attributed_to:
        found.append(("Attributed to", short_name(selection.attributed_to), "attributed_to"))
    if selection.statuses != default.statuses:
        found.append(("Status", listing(selection.statuses) or "any", "statuses"))
    if selection.min_confidence > 0:
        found.append(("Confidence", f"≥ {selection.min_confidence:.2f}", "min_confidence"))
    if selection.as_coded:
        found.append(("Values", "as coded", "as_coded"))
    if selection.min_outlets > 1:
        found.append(("Outlets", f"≥ {selection.min_outlets}", "min_outlets"))
    if selection.outlet_countries:
        where = listing(map(short_name, selection.outlet_countries))
        found.append(("Reported from", where, "outlet_countries"))
    if selection.outlet_kinds:
        found.append(("Reported by", listing(map(outlet_kind, selection.outlet_kinds)), "outlet_kinds"))
    if selection.flagged:
        found.append(
            ("Only flagged", listing((flags()[f].name.lower() for f in selection.flagged), keep=2), "flagged")
        )
    if selection.unflagged:
        found.append(
            ("Without", listing((flags()[f].name.lower() for f in selection.unflagged), keep=2), "unflagged")
        )
    if selection.search:
        found.append(("Words", f"“{selection.search}”", "search"))
    return found


def narrowed(selection: Selection) -> str:
    """Write the filters in a line, as a caption has them: "class verbal conflict, confidence ≥ 0.50"; not the period."""
    return ", ".join(f"{name.lower()} {value}" for name, value, _ in filters(selection) if name != "Period")


def caption(
    selection: Selection,
    dates: tuple[date | None, date | None],
    n: int,
    *,
    of: str = "",
    showing: str = "",
    marks: str = "",
) -> list[str]:
    """Return what a caption says before its source: period, n and of what, filters, what was cut, marks.

    `dates` are those of the first and the last event, told where the selection leaves the period open.
    """
    return [
        span(selection.start or dates[0], selection.end or dates[1]) if n else "",
        f"n = {plural(n, 'event')}{f' {of}' if of else ''}",
        narrowed(selection),
        showing,
        marks,
    ]


def data(selection: Selection) -> list[tuple[str, str, str]]:
    """Return which data are shown where that was chosen: (name, value in words, its field), as `filters` does."""
    found: list[tuple[str, str, str]] = []
    if selection.dataset:
        found.append(("Dataset", selection.dataset, "dataset"))
    if selection.store_version is not None:
        found.append(("Store version", str(selection.store_version), "store_version"))
    return found


def time_of(stamp: str) -> str:
    """Write an ISO time, of whatever zone, as "22 Nov 2026, 18:40 UTC"; a date alone without the time."""
    moment = datetime.fromisoformat(stamp)
    if "T" not in stamp and " " not in stamp:
        return day(moment)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{day(moment)}, {moment:%H:%M} UTC"


def money(value: float, currency: str | None) -> str:
    """Return a sum as "0.42 USD"; below a hundredth two digits that count."""
    shown = f"{value:,.2f}" if value >= 0.01 or value == 0 else f"{value:.2g}"
    return f"{shown} {currency}" if currency else shown


def duration(seconds: float) -> str:
    """Return a time as "40 s", "12 min" or "3.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
