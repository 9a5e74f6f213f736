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
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
# not "Covid-19", "no one", "$10" (money has its own pattern) nor a part of a number word
_FREE = r"(?<![\w$€£¥-])(?<!\bno )(?<!\bnot )"
_NUMBER = (
    r"(?P<n>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|a dozen|one hundred(?: and [a-z-]+)?|"
    rf"(?:{_TENS})[- ](?:{_UNITS})|"
    + "|".join(sorted((w for w in _WORDS if w not in {"a dozen", "zero"}), key=len, reverse=True))
    + r")(?![\w-]*\d)(?:\s*-?(?P<s>hundred|thousand|million|billion|trillion|bn|mn|m|k)\b)?"
)
_N = _FREE + _NUMBER
_CURRENCY = {
    "$": "USD",
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "canadian dollars": "CAD",
    "australian dollars": "AUD",
    "new zealand dollars": "NZD",
    "hong kong dollars": "HKD",
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
    re.compile(
        rf"(?<!\w)(?P<c>(?:US|AU|CA|NZ|HK|[ACS])?\$|[€£¥₹₽])\s?{_NUMBER}(?!\s?[-–]\s?\d)", re.IGNORECASE
    ),
    re.compile(
        rf"\b{_N}\s+(?P<c>(?:canadian |australian |new zealand |hong kong )?dollars?|euros?|pounds?|yuan|yen|"
        r"r(?:o)?ubles?|rupees|lira|won|francs|kronor)\b",
        re.IGNORECASE,
    ),
)


def _number(words: str) -> float:
    """Return the value of digits or of number words ("twenty-five", "one hundred and fifty")."""
    if words in _WORDS:
        return float(_WORDS[words])
    if words.startswith("one hundred"):
        rest = words.removeprefix("one hundred").removeprefix(" and ").strip()
        return 100 + (_number(rest) if rest and all(w in _WORDS for w in re.split("[- ]", rest)) else 0)
    parts = re.split("[- ]", words)
    if len(parts) == 2 and all(part in _WORDS for part in parts):
        return float(sum(_WORDS[part] for part in parts))
    return float(words)


def _value(m: re.Match[str]) -> float:
    value = _number(m["n"].lower().replace(",", ""))
    return value * _SCALE[m["s"].lower()] if m["s"] else value


def _is_year(m: re.Match[str], text: str) -> bool:
    """Say whether a number is a year, as in "In 2019 soldiers were killed"."""
    raw = m["n"]
    return bool(
        raw.isdigit()
        and len(raw) == 4
        and raw[:2] in {"19", "20"}
        and re.search(r"\b(?:[Ii]n|[Ss]ince|[Bb]y)\s$", text[: m.start("n")])
    )


def quantities_in(text: str, start: int, end: int) -> list[Quantity]:
    """Return the quantities of `text[start:end]`; people counted as killed are not counted again as troops."""
    found: list[Quantity] = []
    taken: set[int] = set()
    for kind, pattern in _PATTERNS:
        for m in pattern.finditer(text, start, end):
            if m.start("n") not in taken and not _is_year(m, text):
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
                        _CURRENCY[
                            m["c"].lower() if m["c"][0].isalpha() and "$" not in m["c"] else m["c"].upper()
                        ],
                        m.start(),
                        m.end(),
                    )
                )
    return sorted(found, key=lambda q: q.start)
