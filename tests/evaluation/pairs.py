"""Active and passive, verb and noun: how often two wordings of one act are coded alike.

    python tests/evaluation/pairs.py

`pairs.tsv` holds two wordings a line. They agree when dyad, direction and type are the same and there is one.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))
sys.path.insert(0, str(HERE))

from gate import directed

from events import pipeline
from events.schema import Article


def share() -> tuple[float, list[str]]:
    """Return the share of pairs that agree, and those that do not."""
    lines = [line.split("\t") for line in (HERE / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    articles = [Article.of(text, published="2026-01-14", language="en") for line in lines for text in line]
    keys = [frozenset(directed(r.to_json()) for r in c.reports) for c in pipeline.code(articles)]
    wrong = [
        f"{' / '.join(line)}: {sorted(a)} {sorted(b)}"
        for line, a, b in zip(lines, keys[::2], keys[1::2], strict=True)
        if a != b or not a
    ]
    return 1 - len(wrong) / len(lines), wrong


if __name__ == "__main__":
    agreed, wrong = share()
    print(f"{agreed:.3f} of the pairs agree", *wrong, sep="\n")
