"""Numbers told of an act: people killed, injured, detained, expelled; troops; sums of money with their currency."""

from __future__ import annotations

import re

from events.schema import Quantity

__all__ = ["quantities_in"]

_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "a dozen": 12,
    "hundred": 100,
}
_SCALE = {
    "hundred": 100,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "m": 1e6,
    "bn": 1e9,
    "mn": 1e6,
    "k": 1e3,
}
_N = (
    r"(?P<n>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|a dozen|"
    + "|".join(sorted((w for w in _WORDS if w not in {"a dozen", "zero"}), key=len, reverse=True))
    + r")(?:\s*-?(?P<s>hundred|thousand|million|billion|trillion|bn|mn|m|k)\b)?"
)
_CURRENCY = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "dollar": "USD",
    "dollars": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "pound": "GBP",
    "pounds": "GBP",
    "yuan": "CNY",
    "yen": "JPY",
    "rouble": "RUB",
    "roubles": "RUB",
    "ruble": "RUB",
    "rubles": "RUB",
    "rupees": "INR",
    "lira": "TRY",
    "won": "KRW",
    "francs": "CHF",
    "kronor": "SEK",
}
_PEOPLE = (
    r"(?:[\w-]+\s+){0,3}?(?:people|civilians?|soldiers?|troops|diplomats?|officials?|citizens?|nationals?|"
    r"fishermen|sailors?|persons?|prisoners?|detainees|hostages|members|personnel|servicemen|children|staff|"
    r"workers|men|women|police officers?|officers?|agents?|journalists?|migrants|captives|embassy staff)"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "killed",
        re.compile(
            rf"\bkill(?:ed|ing)\s+(?:at least |about |some |around |more than |nearly )?{_N}\b", re.IGNORECASE
        ),
    ),
    (
        "killed",
        re.compile(
            rf"\b{_N}\s+(?:{_PEOPLE}\s+)?(?:were |was |had been |have been )?(?:killed|dead|died)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "injured",
        re.compile(
            rf"\b(?:injur|wound)(?:ed|ing)\s+(?:at least |about |some |around |more than )?{_N}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "injured",
        re.compile(
            rf"\b{_N}\s+(?:{_PEOPLE}\s+)?(?:were |was |others? (?:were )?)?(?:injured|wounded|hurt)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "expelled",
        re.compile(
            rf"\bexpel(?:led|s|ling)?\s+(?:at least |about |another )?{_N}\s+{_PEOPLE}", re.IGNORECASE
        ),
    ),
    ("expelled", re.compile(rf"\bexpulsion of\s+{_N}\s+{_PEOPLE}", re.IGNORECASE)),
    (
        "expelled",
        re.compile(
            rf"\b{_N}\s+{_PEOPLE}\s+(?:were |was |had been |have been |to be )?expelled\b", re.IGNORECASE
        ),
    ),
    (
        "detained",
        re.compile(
            rf"\b(?:detain|arrest|captur|jail)(?:ed|s|ing)?\s+(?:at least |about )?{_N}\s+{_PEOPLE}",
            re.IGNORECASE,
        ),
    ),
    (
        "detained",
        re.compile(
            rf"\b{_N}\s+{_PEOPLE}\s+(?:were |was |had been |have been )?(?:detained|arrested|captured|jailed)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "released",
        re.compile(
            rf"\b(?:releas|free|repatriat|swap)(?:p?ed|s|p?ing|d)?\s+(?:at least |about )?{_N}\s+{_PEOPLE}",
            re.IGNORECASE,
        ),
    ),
    (
        "troops",
        re.compile(
            rf"\b{_N}\s+(?:[\w-]+\s+){{0,3}}?(?:troops|soldiers|servicemen|military personnel|marines)\b",
            re.IGNORECASE,
        ),
    ),
)
_MONEY = (
    re.compile(rf"(?P<c>US\$|[$€£¥₹₽])\s?{_N}", re.IGNORECASE),
    re.compile(
        rf"\b{_N}\s+(?:[a-z]+\s+)?(?P<c>dollars?|euros?|pounds?|yuan|yen|r(?:o)?ubles?|rupees|lira|won|francs|kronor)\b",
        re.IGNORECASE,
    ),
)


def _value(m: re.Match[str]) -> float:
    raw = m["n"].lower().replace(",", "")
    value = float(_WORDS[raw]) if raw in _WORDS else float(raw)
    return value * _SCALE[m["s"].lower()] if m["s"] else value


def quantities_in(text: str, start: int, end: int) -> list[Quantity]:
    """Return the quantities of `text[start:end]`; people counted as killed are not counted again as troops."""
    found: list[Quantity] = []
    taken: set[int] = set()
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(text, start, end):
            if m.start("n") not in taken:
                taken.add(m.start("n"))
                found.append(Quantity(kind, _value(m), None, m.start(), m.end()))
    for pattern in _MONEY:
        for m in pattern.finditer(text, start, end):
            if m.start("n") not in taken:
                taken.add(m.start("n"))
                found.append(
                    Quantity(
                        "money",
                        _value(m),
                        _CURRENCY[m["c"].lower() if m["c"].isalpha() else m["c"].upper()],
                        m.start(),
                        m.end(),
                    )
                )
    return sorted(found, key=lambda q: q.start)
