"""Dates in a sentence, resolved against the day of the article: "on Tuesday", "August 21", "last week", "in 2014"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from events.read.stamps import month_of
from events.schema import DatePrecision

__all__ = ["DateMention", "dates_in"]

_WEEKDAYS = {
    name: number
    for number, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())
}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"a": 1, "an": 1}
# A day without a year that lies at most so many days ahead is to come, else it was.
SOON = 45
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = rf"(?P<m>{_MONTHS})"
_M = (
    rf"(?P<m>{_MONTHS}|"
    r"Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept\.?|Sep\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_DAY = r"(?P<d>[0-3]?\d)(?:st|nd|rd|th)?"
_TO = r"(?:\s*(?:-|–|—|to|and|till|until)\s*[0-3]?\d(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_WD = r"(?P<wd>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date named in the text: offsets, the day (first day of a month or year), and how exact it is.

    `counted` is "after" where it dates what its clause tells ("a day after they met"), "other" where it counts from
    another date ("the next day", "two weeks earlier"), else empty.
    """

    start: int
    end: int
    day: date
    precision: DatePrecision
    counted: str = ""


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, ref: date, *, future: bool) -> date | None:
    """The year that a newsroom leaves out: that of the nearest such day, plans ahead and what is told behind."""
    options = [d for y in (ref.year - 1, ref.year, ref.year + 1) if (d := _safe(y, month, day))]
    if future:
        ahead = [d for d in options if d >= ref]
        return ahead[0] if ahead else None
    told = [d for d in options if d <= ref + timedelta(days=SOON)]
    return told[-1] if told else None


def _day_month_year(m: re.Match[str], _ref: date, _future: bool) -> tuple[date, DatePrecision] | None:
    found = _safe(int(m["y"]), month_of(m["m"]), int(m["d"]))
    return (found, "day") if found else None


def _iso(m: re.Match[str], _ref: date, _future: bool) -> tuple[date, DatePrecision] | None:
    found = _safe(int(m["y"]), int(m["m0"]), int(m["d"]))
    return (found, "day") if found else None


def _day_month(m: re.Match[str], ref: date, future: bool) -> tuple[date, DatePrecision] | None:
    found = _nearest(month_of(m["m"]), int(m["d"]), ref, future=future)
    return (found, "day") if found else None


def _month_year(m: re.Match[str], _ref: date, _future: bool) -> tuple[date, DatePrecision] | None:
    return date(int(m["y"]), month_of(m["m"]), 1), "month"


def _month(m: re.Match[str], ref: date, future: bool) -> tuple[date, DatePrecision] | None:
    month = month_of(m["m"])
    which = (m["which"] or "").lower()
    year = ref.year
    if m["of"]:
        year = ref.year - (m["of"].lower() == "last")
    elif which == "last":
        year = ref.year if month < ref.month else ref.year - 1
    elif which == "next" or future:
        year = ref.year if month >= ref.month else ref.year + 1
    elif month > ref.month:
        year = ref.year - 1
    return date(year, month, 1), "month"


def _year(m: re.Match[str], _ref: date, _future: bool) -> tuple[date, DatePrecision] | None:
    return date(int(m["y"]), 1, 1), "year"


def _weekday(m: re.Match[str], ref: date, future: bool) -> tuple[date, DatePrecision] | None:
    number = _WEEKDAYS[m["wd"].lower()]
    which = (m["which"] or "").lower()
    if which == "next" or (future and which not in {"last", "this past"}):
        return ref + timedelta(days=(number - ref.weekday() - 1) % 7 + 1), "day"
    if m["of"]:  # "Tuesday of last week"
        return ref - timedelta(days=ref.weekday() - number + 7), "day"
    back = (ref.weekday() - number) % 7
    if which == "last" and back == 0:
        back = 7
    return ref - timedelta(days=back), "day"


def _word(m: re.Match[str], ref: date, _future: bool) -> tuple[date, DatePrecision] | None:
    word = re.sub(r"\s+", " ", m["w"].lower())
    days = {
        "today": 0,
        "tonight": 0,
        "yesterday": -1,
        "tomorrow": 1,
        "overnight": 0,
        "last night": -1,
        "this morning": 0,
        "this afternoon": 0,
        "this evening": 0,
        "the day before yesterday": -2,
        "the day after tomorrow": 2,
    }
    if word in days:
        return ref + timedelta(days=days[word]), "day"
    first = ref.replace(day=1)
    if "weekend" in word:  # begins on Saturday
        return ref - timedelta(days=(ref.weekday() - 5) % 7), "day"
    if "week" in word:
        if "next" in word or "coming" in word:
            return ref + timedelta(days=7), "week"
        return (ref - timedelta(days=7) if "last" in word or "previous" in word else ref), "week"
    if "month" in word:
        if "next" in word:
            return (first + timedelta(days=32)).replace(day=1), "month"
        return (
            (first - timedelta(days=1)).replace(day=1) if "last" in word or "previous" in word else first
        ), "month"
    if "year" in word:
        step = 1 if "next" in word else -1 if "last" in word or "previous" in word else 0
        return date(ref.year + step, 1, 1), "year"
    return None


def _feast(m: re.Match[str], ref: date, future: bool) -> tuple[date, DatePrecision] | None:
    month, day = _FEASTS[re.sub(r"\s+", " ", m["f"].lower()).replace("’", "'")]
    found = _nearest(month, day, ref, future=future)
    return (found, "day") if found else None


def _back(raw: str, unit: str, ref: date, *, ahead: bool = False) -> tuple[date, DatePrecision] | None:
    """So many days, weeks, months or years before a day, or ahead of it."""
    n = int(raw) if raw.isdigit() else _NUMBERS.get(raw.lower(), 0)
    unit = unit.lower()
    if not n or n * {"day": 1, "week": 7, "month": 31, "year": 366}[unit] > 366 * 1000:
        return None  # "5000 years ago" dates no act of a state
    n = -n if ahead else n
    if unit == "day":
        return ref - timedelta(days=n), "day"
    if unit == "week":
        return ref - timedelta(days=7 * n), "week"
    if unit == "month":
        months = ref.year * 12 + ref.month - 1 - n
        return date(months // 12, months % 12 + 1, 1), "month"
    return date(ref.year - n, 1, 1), "year"


def _ago(m: re.Match[str], ref: date, _future: bool) -> tuple[date, DatePrecision] | None:
    return _back(m["n"], m["u"], ref)


def _counted(m: re.Match[str], anchor: date) -> tuple[date, DatePrecision] | None:
    """A day that is counted from another, or from what the clause tells ("a day after they met")."""
    if m["n"]:
        return _back(m["n"], m["u"], anchor, ahead=m["how"].lower() == "later")
    words = m.group().lower()
    if "week" in words:
        return anchor - timedelta(days=7), "week"
    step = (
        1
        if re.match(r"(?:the )?(?:next|following)", words)
        else 0
        if re.match(r"the same|that", words)
        else -1
    )
    return anchor + timedelta(days=step), "day"


_WORDS = (
    r"\b(?P<w>the day before yesterday|the day after tomorrow|yesterday|today|tonight|tomorrow|last night|"
    r"this (?:morning|afternoon|evening)|(?:last|this|(?:at|over|during|until) the) weekend|overnight|"
    r"(?:this|last|next|the previous|earlier this|later this|the coming)\s+(?:week|month|year))\b(?!['’]s)"
)
_FEASTS = {
    "new year's day": (1, 1),
    "new year's eve": (12, 31),
    "christmas day": (12, 25),
    "christmas eve": (12, 24),
}
_FEAST = rf"\b(?P<f>{'|'.join(_FEASTS)})\b".replace("'", "['’]")
_N = (
    r"\b(?P<n>\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\s+"
    r"(?P<u>day|week|month|year)s?\s+"
)
_PART = r"(?:day|morning|afternoon|evening|night)"
# Counted from another date: the day of the sentence, or the last one named before it.
_COUNTED = re.compile(
    rf"{_N}(?P<how>earlier|before|previously|later|after)\b|"
    rf"\b(?:the (?:day|night|evening|week) before|the previous (?:day|night|evening)|the week earlier|"
    rf"(?:the )?next (?:day|morning)|the following {_PART}|(?:the|that) same {_PART}|that {_PART}|"
    r"(?P<then>the day after))\b(?!\s+(?:yesterday|tomorrow)|['’]s)",
    re.IGNORECASE,
)
# Those that mean nothing without a day before them.
_ONWARD = re.compile(r"later$|^(?:the )?(?:next|following|same)|^that", re.IGNORECASE)
# Before a month that stands for a thing's or an act's time: "the July award".
_OF_THINGS = r"\b(?:[Tt]he|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er)\s+"
_IN_MONTH = (
    r"\b(?:(?:[Ii]n|[Ss]ince|[Bb]y|[Uu]ntil|[Ff]rom|[Dd]uring|[Tt]hrough|[Tt]hroughout|[Ee]arly|[Ll]ate|[Mm]id-|of|this)"
    rf"\s*(?P<which>last|next)?\s*{_M}(?P<of>))(?!\s+(?:of\s+)?(?:last|this)\s+year)(?![\w.]*\s*\d)"
)
_IN_YEAR = (
    r"\b(?:[Ii]n|[Ss]ince|[Bb]y|[Uu]ntil|[Dd]uring|of|[Ee]arly|[Ll]ate)\s+(?:early\s+|late\s+|mid-|the\s+)?"
    rf"(?:(?:spring|summer|autumn|fall|winter)\s+(?:of\s+)?)?{_YEAR}\b"
)
_Resolver = Callable[[re.Match[str], date, bool], "tuple[date, DatePrecision] | None"]
_PATTERNS: tuple[tuple[re.Pattern[str], _Resolver], ...] = tuple(
    (re.compile(pattern, flags), resolve)
    for pattern, flags, resolve in (
        (
            rf"\b(?:(?:on\s+)?{_WD},?\s+)?(?:the\s+)?{_DAY}{_TO}\s+(?:of\s+)?{_M},?\s+{_YEAR}\b",
            0,
            _day_month_year,
        ),
        (rf"\b(?:(?:on\s+)?{_WD},?\s+)?{_M}\s+{_DAY}{_TO},?\s+{_YEAR}\b", 0, _day_month_year),
        (r"\b(?P<y>(?:19|20)\d\d)-(?P<m0>\d\d)-(?P<d>\d\d)\b", 0, _iso),
        (
            rf"\b(?:(?:on\s+)?{_WD},?\s+)?(?:the\s+)?{_DAY}{_TO}\s+(?:of\s+)?{_M}(?![\w]|\.?,?\s+(?:19|20)\d\d)",
            0,
            _day_month,
        ),
        (rf"\b(?:(?:on\s+)?{_WD},?\s+)?{_M}\s+{_DAY}{_TO}\b(?!,?\s+(?:19|20)\d\d)(?![,.]?\d)", 0, _day_month),
        (rf"(?<!\d\s)\b{_M},?\s+(?:of\s+)?{_YEAR}\b", 0, _month_year),
        (
            rf"\b(?:on\s+)?(?:(?P<which>last|next|this\s+past)\s+)?{_WD}\b(?P<of>\s+(?:of\s+)?last\s+week\b)?",
            0,
            _weekday,
        ),
        (rf"(?:\b[Ii]n\s+)?\b(?P<which>){_M}\s+(?:of\s+)?(?P<of>last|this)\s+year\b", 0, _month),
        (
            _WORDS,
            re.IGNORECASE,
            _word,
        ),
        (rf"{_N}ago\b", re.IGNORECASE, _ago),
        (_FEAST, re.IGNORECASE, _feast),
        (rf"\b(?P<which>last|next)\s+{_M}(?P<of>)(?![\w.]*\s*\d)", 0, _month),
        (_IN_MONTH, 0, _month),
        (rf"{_OF_THINGS}(?P<which>){_MONTH}(?P<of>)(?=\s+[a-z])", 0, _month),
        (_IN_YEAR, 0, _year),
    )
)


def dates_in(
    text: str, start: int, end: int, ref: date, *, future: bool = False, last: date | None = None
) -> list[DateMention]:
    """Return the dates named in `text[start:end]`, in order, resolved against `ref`, the article's day.

    `future` is for plans: a weekday or a day without a year is then the next one to come. `last` is the day that was
    named last before: "the next day" counts from it where its sentence names no other ("a day earlier" from `ref`).
    """
    found: list[DateMention] = []
    taken: list[tuple[int, int]] = []
    for pattern, resolve in _PATTERNS:
        for m in pattern.finditer(text, start, end):
            if any(m.start() < e and s < m.end() for s, e in taken):
                continue
            resolved = resolve(m, ref, future)
            if resolved is None:
                continue
            taken.append((m.start(), m.end()))
            found.append(DateMention(m.start(), m.end(), resolved[0], resolved[1]))
    days = sorted((d.start, d.day) for d in found if d.precision == "day")
    for m in _COUNTED.finditer(text, start, end):
        if any(m.start() < e and s < m.end() for s, e in taken):
            continue
        before = [day for at, day in days if at < m.start()]
        if _ONWARD.search(m.group()):
            anchor = before[-1] if before else last
        else:
            anchor = before[-1] if before else days[0][1] if days else ref
        resolved = _counted(m, anchor) if anchor else None
        if resolved is not None:
            counted = "after" if m["then"] or (m["how"] or "").lower() == "after" else "other"
            found.append(DateMention(m.start(), m.end(), *resolved, counted))
    return sorted(found, key=lambda d: d.start)
