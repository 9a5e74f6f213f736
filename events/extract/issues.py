"""What an act is about: issues of the codebook by their terms, and domains that are heard without one.

Whether an act belongs to a domain is asked of a logistic regression (`data/models/reader/fields.json`, fitted by
`tests/evaluation/calibrate.py`) over what the network hears and what is named in its sentence, next to it, in the title
and in the whole article, and over how often acts of its kind belong to the domain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import log

import ahocorasick_rs

from events import codebook
from events.schema import Issue

__all__ = ["NEAR", "Heard", "domain_features", "issues_in", "whole"]

# Sentences before and behind that are listened to.
NEAR = 2
MANY = 3  # domains that a sentence names one after the other are a list of what was talked about
QUIET, LOUD = 0.03, 0.97  # what is heard less or more is as good as that

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


@dataclass(slots=True)
class Heard:
    """What one sentence is about: probability and word (as offsets) of each domain, issues by their terms."""

    title: bool
    named: list[Issue]
    topics: dict[str, tuple[float, int, int]] = field(default_factory=dict)

    def loud(self, domain: str) -> bool:
        """Whether a domain is heard rather than not."""
        return domain in self.topics and self.topics[domain][0] > 1 / 2

    def sure(self, domain: str) -> float:
        """Return the log odds of a domain, 0 where nothing is heard of it."""
        p = min(max(self.topics[domain][0], QUIET), LOUD) if domain in self.topics else QUIET
        return log(p / (1 - p)) - log(QUIET / (1 - QUIET))


def whole(heard: Sequence[Heard]) -> dict[str, tuple[float, float]]:
    """Return of each domain its share of the issues that an article names, and its mean log odds where any is heard."""
    named = Counter(i.domain for h in heard for i in h.named)
    total = sum(named.values()) or 1
    listened = [h for h in heard if h.topics]
    return {
        domain: (named[domain] / total, sum(h.sure(domain) for h in listened) / max(len(listened), 1))
        for domain in codebook.domains()
    }


def domain_features(
    heard: Sequence[Heard],
    at: int,
    clause: tuple[int, int],
    kind: str,
    implied: str | None,
    prior: Mapping[str, float],
    article: Mapping[str, tuple[float, float]],
) -> dict[str, dict[str, float]]:
    """Return the features of each domain for an act of sentence `at`.

    `kind` is "TYPE.mode" or "TYPE", `clause` the offsets from its words to the end of their clause, `implied` the domain
    that such acts always have, `prior` holds "prior KIND DOMAIN", `article` is the `whole` of what is heard.
    """
    own = heard[at]
    around = {"before": heard[max(0, at - NEAR) : at], "after": heard[at + 1 : at + 1 + NEAR]}
    around["title"] = [h for i, h in enumerate(heard) if h.title and i != at]
    named_around = {name: {i.domain for h in others for i in h.named} for name, others in around.items()}
    counts = Counter(i.domain for i in own.named)
    told_of = {i.domain for i in own.named if clause[0] <= i.start < clause[1]}
    many = len(told_of) >= MANY
    event_type = kind.partition(".")[0]
    out = {}
    for domain in codebook.domains():
        count = counts[domain]
        sure = own.sure(domain)
        in_clause = float(domain in told_of)
        told = {
            "all": 1.0,
            f"domain {domain}": 1.0,
            "prior": prior.get(f"prior {kind} {domain}", prior.get(f"prior {event_type} {domain}", -3.0)),
            "own": sure,
            "own named": float(count > 0),
            "own named twice": float(count > 1),
            "clause named": in_clause,
            "clause named of many": in_clause * many,
            f"clause named {event_type}": in_clause,
            f"own named {event_type}": float(count > 0),
            "own heard and named": sure * (count > 0),
            "implied": float(implied == domain),
            "article": article[domain][0],
            "article heard": article[domain][1],
        }
        for name, others in around.items():
            told[name] = max((h.sure(domain) for h in others), default=0.0)
            told[f"{name} named"] = float(domain in named_around[name])
        out[domain] = told
    return out
