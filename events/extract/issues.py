"""What an act is about: issues of the codebook, found by their terms in the act's own sentences first."""

from __future__ import annotations

import re
from functools import cache

import ahocorasick_rs

from events import codebook
from events.schema import Issue

__all__ = ["issues_in"]

_WORD = re.compile(r"\w")


@cache
def _matcher() -> tuple[ahocorasick_rs.AhoCorasick, list[str]]:
    """Return the matcher over all terms (plural forms of the last word included) and the issue of each."""
    forms: dict[str, str] = {}
    for issue in codebook.issues().values():
        for term in issue.terms:
            low = term.lower()
            for form in (low, *_plurals(low)):
                forms.setdefault(form, issue.name)
                if "-" in form:
                    forms.setdefault(form.replace("-", " "), issue.name)
                if "’" in form or "'" in form:
                    forms.setdefault(form.replace("'", "’"), issue.name)
    names = list(forms)
    return ahocorasick_rs.AhoCorasick(names, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest), [
        forms[name] for name in names
    ]


def _plurals(term: str) -> tuple[str, ...]:
    if term.endswith("s"):
        return (f"{term}es",) if term.endswith("ss") else ()
    if term.endswith("y") and term[-2:-1] not in "aeiou":
        return (term[:-1] + "ies",)
    if term.endswith(("ch", "sh", "x")):
        return (f"{term}es",)
    return (f"{term}s",)


def issues_in(text: str, start: int, end: int) -> list[Issue]:
    """Return the issues named in `text[start:end]`, each once, at its first words."""
    matcher, names = _matcher()
    part = text[start:end].lower()
    if len(part) != end - start:  # a few letters change their length in lower case
        part = "".join(c.lower() if len(c.lower()) == 1 else c for c in text[start:end])
    found: dict[str, Issue] = {}
    for index, s, e in matcher.find_matches_as_indexes(part):
        if (s and _WORD.match(part[s - 1])) or (e < len(part) and _WORD.match(part[e])):
            continue
        name = names[index]
        found.setdefault(name, Issue(name, codebook.issues()[name].domain, start + s, start + e))
    return list(found.values())
