"""Which articles tell one act: pairs and B-cubed over hand-written stories, from text to event.

    python tests/evaluation/acts.py                       both parts
    python tests/evaluation/acts.py --part dev --errors   which pairs go wrong (dev only)

`acts.tsv` holds an article a line: story, kind of story, dyad and type of its news, act ("a", "b"), day, outlet,
text. Articles of one story and act tell the same act; all pairs within a story are judged, and B-cubed is taken
over all articles (Bagga and Baldwin 1998). Stories are parted into dev and test by a hash of their id. An article
that the coder finds no report of its dyad in is alone: it costs recall. The second line of figures leaves these
articles out, and so judges clustering by itself.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))
sys.path.insert(0, str(HERE))

from gate import part_of

from events import cluster, pipeline
from events.schema import Article, Report

GOLD = HERE / "acts.tsv"


@dataclass(frozen=True)
class Told:
    """An article of a story, and the event that it was put in (None: the coder found no report of the dyad)."""

    story: str
    kind: str
    act: str
    text: str
    event: str | None

    @property
    def alone(self) -> str:
        return self.event or f"{self.story}/{self.text}"


def digest() -> str:
    """Return the SHA-256 of the gold."""
    return hashlib.sha256(GOLD.read_bytes()).hexdigest()


def news(reports: tuple[Report, ...], dyad: set[str], kind: str) -> Report | None:
    """The report of an article's news: of its dyad, rather of its type, rather new than recalled, the first."""
    mine = [r for r in reports if {r.source, r.target} == dyad]
    return min(
        mine,
        key=lambda r: (r.event_type != kind, r.status == "background", r.sentence.start),
        default=None,
    )


@cache
def told(part: str) -> tuple[Told, ...]:
    """Return the articles of a part, coded and put into events in the order of the file, as one batch."""
    rows = [line.split("\t") for line in GOLD.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if part_of(row[0]) == part]
    articles = [
        Article.of(text, published=day, outlet=outlet, language="en") for *_, day, outlet, text in rows
    ]
    coded = list(pipeline.code(articles))
    copies = cluster.Copies()
    for article in articles:
        copies.add(article.article_id, cluster.sketch(article.text))
    made = cluster.assign(
        [report for item in coded for report in item.reports],
        copies=copies,
        outlets={article.article_id: article.outlet for article in articles},
    )
    events = {assignment.report_id: assignment.event_id for assignment in made}
    found = []
    for (story, kind, dyad, event_type, act, _, _, text), item in zip(rows, coded, strict=True):
        report = news(item.reports, set(dyad.split("-")), event_type)
        found.append(Told(story, kind, act, text, events[report.report_id] if report else None))
    return tuple(found)


def pairs(articles: tuple[Told, ...]) -> list[tuple[Told, Told, bool, bool]]:
    """Return the pairs within stories, whether they are one act in the gold, and whether they came out as one."""
    stories = defaultdict(list)
    for article in articles:
        stories[article.story].append(article)
    return [
        (a, b, a.act == b.act, a.alone == b.alone)
        for members in stories.values()
        for a, b in combinations(members, 2)
    ]


def measures(articles: tuple[Told, ...]) -> dict[str, float]:
    """Return precision, recall and F1 of pairs, and of B-cubed."""
    counts = Counter((gold, found) for *_, gold, found in pairs(articles))
    right = counts[True, True]
    values = {
        "pairs precision": right / max(1, right + counts[False, True]),
        "pairs recall": right / max(1, right + counts[True, False]),
    }
    gold, found = defaultdict(set), defaultdict(set)
    for at, article in enumerate(articles):
        gold[article.story, article.act].add(at)
        found[article.alone].add(at)
    both = [
        (len(gold[a.story, a.act] & found[a.alone]), len(found[a.alone]), len(gold[a.story, a.act]))
        for a in articles
    ]
    values["B-cubed precision"] = sum(n / size for n, size, _ in both) / max(1, len(both))
    values["B-cubed recall"] = sum(n / size for n, _, size in both) / max(1, len(both))
    for name in ("pairs", "B-cubed"):
        p, r = values[f"{name} precision"], values[f"{name} recall"]
        values[f"{name} F1"] = 2 * p * r / (p + r) if p + r else 0.0
    return values


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--part", choices=("dev", "test"))
    parser.add_argument("--errors", action="store_true", help="show the pairs that go wrong (dev only)")
    chosen = parser.parse_args(arguments)
    if chosen.errors and chosen.part != "dev":
        parser.error("errors are shown of dev alone: nobody looks at the errors of test")
    print(f"Gold {digest()[:12]}")
    for part in (chosen.part,) if chosen.part else ("dev", "test"):
        articles = told(part)
        coded = tuple(a for a in articles if a.event)
        for name, some in (("from text to event", articles), ("coded articles alone", coded)):
            same = sum(gold for *_, gold, _ in pairs(some))
            print(
                f"{part}, {name}: {len(some)} articles, {len(pairs(some))} pairs, {same} of one act\n  "
                + "  ".join(f"{key} {value:.3f}" for key, value in measures(some).items())
            )
        if chosen.errors:
            for a, b, gold, found in pairs(articles):
                if gold != found:
                    lost = "" if a.event and b.event else " (not coded)"
                    verdict = "missed" if gold else "wrongly joined"
                    print(f"{a.story} {a.kind}: {verdict}{lost}\n    {a.text}\n    {b.text}")


if __name__ == "__main__":
    main()
