"""Speed and memory of coding, beside an ungated parse of the same text by the same model in the same run.

    make bench            (or: python tests/bench.py)

One process, one thread, warm; the samples are the corpus. Peak memory is the resident set of this process.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROUNDS = 3


def peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def best(job: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        job()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    began = time.perf_counter()
    from events import intake, pipeline
    from events.extract.rules import sentences_of
    from events.language import parse, tokenize
    from events.read import read
    from events.reference import data_path
    from events.schema import Article
    from events.store import Store

    extractor = pipeline.default_extractor()
    list(parse([[("Warm", True), ("up", False)]]))
    start = time.perf_counter() - began
    articles = [item for item in read([data_path("samples/articles.jsonl")]) if isinstance(item, Article)]
    words = sum(len(a.text.split()) for a in articles)

    def ungated() -> None:
        sentences = (
            [(word, space) for word, _, _, space in tokenize(article.text[s:e])]
            for article in articles
            for s, e in sentences_of(article.text, 0, len(article.text))
        )
        for _ in parse(s for s in sentences if s):
            pass

    coded: list[int] = []
    code_time = best(lambda: coded.append(sum(len(c.reports) for c in pipeline.code(articles, extractor))))
    parse_time = best(ungated)
    coding_peak = peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        summary = intake.take_in(articles, Store(folder))
        add_time = time.perf_counter() - began
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, one thread; {ROUNDS} rounds, the best counts"
    )
    print(f"Corpus: {len(articles)} sample articles, {words} words, {coded[0]} reports")
    print(f"Start (imports, names, model)      {start:8.2f} s")
    print(
        f"Coding                             {len(articles) / code_time:8.1f} articles/s   {words / code_time:9.0f} words/s"
    )
    print(
        f"Ungated parse, same text and model {len(articles) / parse_time:8.1f} articles/s   {words / parse_time:9.0f} words/s"
    )
    print(f"Coding / ungated parse             {parse_time / code_time:8.2f} times as fast")
    print(f"Adding to an empty store           {summary.read / add_time:8.1f} articles/s (coding included)")
    print(f"Peak memory: coding {coding_peak:.0f} MB, with the store {peak_mb():.0f} MB")


if __name__ == "__main__":
    main()
