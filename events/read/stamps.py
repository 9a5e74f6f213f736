"""Calendar dates as newsrooms print them: complete dates with or without a clock time, strictly read.

A number such as 03/04/2021 may be 3 April or 4 March; it is read only where the caller knows the order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MONTH", "WEEKDAY", "Order", "Stamp", "check", "month_of", "normalise", "order_of", "stamps_in"]

Order = Literal["day", "month"]

# No newspaper is older (Strasbourg's Relation, 1605): an earlier year is a slip.
EARLIEST_YEAR = 1605

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?"
)
WEEKDAY = (
    r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|"
    r"Mon|Tues|Tue|Wed|Thurs|Thu|Fri|Sat|Sun)\b\.?"
)

_ZONE = r"(?:(?:UTC|GMT)(?:\s?[+-]\d{1,2}(?::?\d{2})?)?|Z|[+-]\d{2}:?\d{2})(?![\w:])"
_CLOCK = (
    rf"(?P<hour>[0-2]?\d)[:.](?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d)(?:[.,]\d+)?)?(?!\d)"
    rf"(?:\s*(?P<half>[ap])\.?m\b\.?)?(?:\s*\(?(?P<zone>{_ZONE})\)?|\s+(?P<other>(?-i:[A-Z]{{2,5}}))\b)?"
)
_AFTER = re.compile(rf"(?:T|,?\s+(?:at\s+)?|\s*[|·•–—-]\s*){_CLOCK}", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<!\d){_CLOCK}(?:,?\s+|\s*[|·•–—-]\s*)(?:on\s+)?$", re.IGNORECASE)
_DAY = re.compile(
    rf"(?<![\w/.-])(?:{WEEKDAY},?\s+)?(?:"
    r"(?P<y1>\d{4})(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]\s*(?P<m2>{MONTH}),?[\s-]\s*(?P<y2>\d{{4}})"
    rf"|(?P<m3>{MONTH})\s*(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y3>\d{{4}})"
    r"|(?P<a4>\d{1,2})(?P<s4>[-/.])(?P<b4>\d{1,2})(?P=s4)(?P<y4>\d{4})"
    r")(?!\d|[-/.]\d)",
    re.IGNORECASE,
)
# What may stand around a date that is given as one: a label, the name of its zone in brackets.
_LABELS = re.compile(
    r"\W*(?:(?:first |last )?(?:published|updated|posted|modified|date|on|at)\W*)*(?:\([\w /+-]{2,40}\))?\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A complete date in a text: offsets, the day, and the clock time where one stands beside it."""

    start: int
    end: int
    day: date
    clock: time | None = None
    zone: timezone | None = None

    def iso(self) -> str:
        """Return the date in ISO 8601; with the time only where its zone is known."""
        if self.clock is None or self.zone is None:
            return self.day.isoformat()
        return datetime.combine(self.day, self.clock, self.zone).isoformat()


def month_of(name: str) -> int:
    """Return the number of a month's English name or short form; raises KeyError for any other word."""
    return _MONTHS[name.rstrip(".").lower()]


def order_of(value: str) -> Order | None:
    """Return which comes first in a numeric date such as 25/12/2021, None where the numbers do not tell."""
    found = re.match(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", value)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    return "day" if first > 12 >= second else "month" if second > 12 >= first else None


def _day(found: re.Match[str], order: Order | None) -> date | None:
    if found["y1"]:
        year, month, day = int(found["y1"]), int(found["m1"]), int(found["d1"])
    elif found["y2"]:
        year, month, day = int(found["y2"]), month_of(found["m2"]), int(found["d2"])
    elif found["y3"]:
        year, month, day = int(found["y3"]), month_of(found["m3"]), int(found["d3"])
    else:
        first, second, year = int(found["a4"]), int(found["b4"]), int(found["y4"])
        # Dots are written day first wherever they are written; slashes and dashes follow the country.
        way = "day" if found["s4"] == "." or first == second else order_of(found[0]) or order
        if way is None:
            return None
        day, month = (first, second) if way == "day" else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _zone(words: str | None) -> timezone | None:
    if not words:
        return None
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", words)
    if found is None:
        return UTC
    shift = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-shift if found[1] == "-" else shift) if shift < timedelta(hours=15) else None


def _clock(found: re.Match[str]) -> time | None:
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0)) if hour < 24 else None


def stamps_in(text: str, *, order: Order | None = None) -> Iterator[Stamp]:
    """Yield the complete dates of a short text, left to right, each with the clock time beside it."""
    for found in _DAY.finditer(text):
        day = _day(found, order)
        if day is None:
            continue
        after = _AFTER.match(text, found.end())
        if after is not None and (clock := _clock(after)) is not None:
            yield Stamp(found.start(), after.end(), day, clock, _zone(after["zone"]))
            continue
        before = _BEFORE.search(text, 0, found.start())
        if before is not None and (clock := _clock(before)) is not None:
            yield Stamp(before.start(), found.end(), day, clock, _zone(before["zone"]))
            continue
        yield Stamp(found.start(), found.end(), day)


def normalise(value: str, today: date, *, order: Order | None = None) -> str:
    """Return a publication date as ISO date, or as ISO date and time where its zone is known.

    Raises ValueError with a message that says how to mend the date: unknown form, doubtful order,
    no such day, more than a day after `today`, or older than newspapers.
    """
    if len(value) > 80:  # the longest forms, with weekday, zone and its name, have about 60
        raise ValueError("the date is too long to be one; write it as year-month-day, such as 2021-03-05")
    words = re.sub(r"^(\d{4})(\d{2})(\d{2})(?=T|$)", r"\1-\2-\3", " ".join(value.split()))
    stamp = next(stamps_in(words, order=order), None)
    rest = words if stamp is None else words[: stamp.start] + words[stamp.end :]
    if stamp is None or not _LABELS.fullmatch(rest):
        found = _DAY.search(words)
        if stamp is None and found and found["a4"] and int(found["a4"]) <= 12 and int(found["b4"]) <= 12:
            raise ValueError(
                f"the date {value!r} may be day first or month first; write it as year-month-day, "
                f"such as {found['y4']}-{int(found['b4']):02}-{int(found['a4']):02}"
            )
        raise ValueError(
            f"the date {value!r} is not understood; write it as year-month-day, such as 2021-03-05"
        )
    check(stamp.day, today)
    return stamp.iso()


def check(day: date, today: date) -> None:
    """Raise ValueError with advice if an article cannot have been published on this day."""
    if day > today + timedelta(days=1):
        raise ValueError(
            f"the date of publication {day} lies in the future (today is {today}); correct it or leave it out"
        )
    if day.year < EARLIEST_YEAR:
        raise ValueError(
            f"the date of publication {day} is older than any newspaper; correct it or leave it out"
        )
