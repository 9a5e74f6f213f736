"""Equivariance: with other countries in their place, a text must give the same reports but for the names.

    python tests/evaluation/equivariance.py [--part dev|test] [--rounds 2]

States, their adjectives, peoples and capitals are exchanged for those of other states; officials for those who hold
the same office there on that day. Texts whose names cannot all be exchanged (a ministry of its own name, an
official without a peer, a city of its own) are left out and counted.
Prints the share of reports that come out the same and the states that do worst.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))
sys.path.insert(0, str(HERE))

from gate import load

from events import pipeline
from events.gazetteer import gazetteer, sovereign_of
from events.read import article_from_json
from events.reference import column_list, table
from events.schema import Article, Report

# States with one adjective, one demonym in -s and no namesake, from all regions.
RING = (
    "BRA KEN NOR PAK CHL POL EGY CAN HUN AUS JPN IND ITA ROU UGA PER MAR DZA KOR GHA CUB IRN ZMB COL".split()
)
PLACE = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
FORMS = {row["code"]: row for row in table("gazetteer/states.csv")}


def form(code: str, kind: str, plural: bool) -> str | None:
    """Return the name of a state in this use; None where it has none."""
    row = FORMS[code]
    if kind == "state":
        return row["name"]
    if kind == "capital":
        return row["capital"] or None
    options = column_list(row["adjectives" if kind == "adjective" else "demonyms"])
    if kind == "adjective":
        return options[0] if options else None
    fit = [o for o in options if o.endswith("s") == plural]
    return fit[0] if fit else None


def exchanged(article: Article, rng: random.Random) -> tuple[Article, dict[str, str]] | None:
    """Return the article with other states in it and the exchange made; None where it cannot be made."""
    gaz = gazetteer()
    day = date.fromisoformat(article.published[:10]) if article.published else None
    mentions = gaz.settle(gaz.find(article.text), article.text)
    codes = list(dict.fromkeys(c for m in mentions for c in m.codes[:1] if c in FORMS))
    free = [c for c in RING if c not in codes]
    rng.shuffle(free)
    if len(codes) < 2 or len(codes) > len(free) or any(sovereign_of(c) != c for c in codes):
        return None
    other = dict(zip(codes, free, strict=False))
    named = [(m.start, m.end) for m in mentions]
    for m in PLACE.finditer(article.text):
        if any(s < m.end() and m.start() < e for s, e in named):
            continue
        words = m.group().split()
        runs = {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
        if any((place := gaz.place(run, near=codes)) and place.country for run in runs):
            return None  # its cities would stay where they are
    pieces = []
    at = 0
    for m in sorted(mentions, key=lambda m: m.start):
        code = m.codes[0]
        if m.kind == "organisation":
            continue
        if m.kind in {"state", "adjective", "demonym", "capital"} and code in other:
            new = form(other[code], m.kind, m.text.endswith("s"))
        elif m.kind == "official":
            official = gaz.official(m, day)
            peer = gaz.holder(other.get(code, ""), official.role, day) if official and code in other else None
            new = None
            if peer is not None and official is not None:
                new = peer.name if " " in m.text else peer.family_names[0] if peer.family_names else None
        else:
            new = None
        if new is None:
            return None
        if m.text.isupper() and len(m.text) > 3:
            new = new.upper()
        pieces += [article.text[at : m.start], new]
        at = m.end
    text = "".join([*pieces, article.text[at:]])
    title, _, body = text.partition("\n") if article.title else ("", "", text)
    return Article.of(body, title=title, published=article.published, language="en"), other


def shape(r: Report, other: dict[str, str]) -> tuple:
    """What must stay the same, with the codes exchanged."""
    a, b = other.get(r.source, r.source), other.get(r.target, r.target)
    if r.symmetric:
        a, b = sorted((a, b))
    return (a, b, r.symmetric, r.event_type, r.mode, r.status)


@dataclass
class Audit:
    """What came of the exchanges: reports that stayed the same, of how many, and where they did not."""

    exchanges: int = 0
    left_out: int = 0
    same: int = 0
    told: int = 0
    worst: Counter = field(default_factory=Counter)
    seen: Counter = field(default_factory=Counter)


def audit(part: str, rounds: int) -> Audit:
    """Exchange the states of all texts of a part, `rounds` times each, and compare the reports."""
    found = Audit()
    before, after = [], []
    for item in load(part):
        article = replace(article_from_json(item.values)[0], language="en")
        for n in range(rounds):
            made = exchanged(article, random.Random(f"{item.values['id']} {n}"))
            if made is None:
                found.left_out += 1
                continue
            before.append((article, made[1]))
            after.append(made[0])
    first = list(pipeline.code([a for a, _ in before]))
    second = list(pipeline.code(after))
    for (_, other), old, new in zip(before, first, second, strict=True):
        new_codes = set(other.values())
        stayed = any(c in FORMS and c not in other for r in old.reports for c in (r.source, r.target))
        if stayed or any(
            c in FORMS and c not in new_codes for r in new.reports for c in (r.source, r.target)
        ):
            found.left_out += 1  # a surname or a city that stayed where it was
            continue
        found.exchanges += 1
        want = Counter(shape(r, other) for r in old.reports)
        have = Counter(shape(r, {}) for r in new.reports)
        found.same += sum((want & have).values())
        found.told += max(want.total(), have.total())
        for k in (want - have) + (have - want):
            found.worst.update(k[:2])
        for k in want + have:
            found.seen.update(k[:2])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", default="dev", choices=("dev", "test"))
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    a = audit(args.part, args.rounds)
    print(f"{a.exchanges} exchanges, {a.left_out} left out, {a.told} reports")
    print(f"the same in all (dyad, direction, type, mode, status): {a.same / max(1, a.told):.3f}")
    print("states that do worst: " + ", ".join(
        f"{c} {a.worst[c]}/{a.seen[c]}" for c in sorted(a.seen, key=lambda c: -a.worst[c] / max(8, a.seen[c]))[:8]))  # fmt: skip


if __name__ == "__main__":
    main()
