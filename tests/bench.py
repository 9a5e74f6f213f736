"""Speed and memory of coding, beside an ungated parse of the same text by the same model in the same run.

    make bench            (or: python tests/bench.py)

Two corpora of articles of some 400 words: dense diplomatic copy (the bundled samples, joined) and general news
(tests/bench_general.jsonl, joined), of which the run prints how many sentences name two states. Warm, one thread;
the best of three rounds. Peak memory is the resident set of this process; growth is told for ten times the text.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROUNDS = 3
WORDS = 400


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


def joined(articles: list) -> Iterator[object]:
    """Yield articles of some 400 words, made of shorter ones."""
    from events.schema import Article

    held, size = [], 0
    for article in articles:
        held.append(article)
        size += len(article.text.split())
        if size >= WORDS - 60:
            body = "\n\n".join(a.text[a.body_start :] for a in held)
            yield Article.of(body, title=held[0].title, published=held[0].published, language="en")
            held, size = [], 0


def start_seconds() -> float:
    """Return the seconds that a fresh process needs to import, load and code a first short text."""
    program = (
        "from events import pipeline; from events.schema import Article;"
        "pipeline.code_article(Article.of('Greece met Turkey.', published='2024-01-02'))"
    )
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).resolve().parents[1])
    return time.perf_counter() - began


def main() -> None:
    from events import intake, pipeline
    from events.extract.rules import RuleExtractor, sentences_of
    from events.gazetteer import gazetteer
    from events.language import parse, tokenize
    from events.read import read
    from events.reference import data_path
    from events.schema import Article
    from events.store import Store

    extractor = RuleExtractor()
    extractor.warm_up()
    samples = [item for item in read([data_path("samples/articles.jsonl")]) if isinstance(item, Article)]
    general = [
        item for item in read([Path(__file__).with_name("bench_general.jsonl")]) if isinstance(item, Article)
    ]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, one thread; the best of {ROUNDS} rounds"
    )
    print(f"Start of a fresh process, to its first report: {min(start_seconds() for _ in range(2)):.1f} s")
    for title, articles in (
        ("diplomatic copy", list(joined(samples))),
        ("general news", list(joined(general))),
    ):
        spans = [(a, s, e) for a in articles for s, e in sentences_of(a.text, 0, len(a.text))]
        two = sum(len({m.code for m in gazetteer().find(a.text[s:e]) if m.codes}) > 1 for a, s, e in spans)

        def ungated(spans: list = spans) -> None:
            sentences = ([(word, space) for word, _, _, space in tokenize(a.text[s:e])] for a, s, e in spans)
            for _ in parse(s for s in sentences if s):
                pass

        def coding(articles: list = articles) -> int:
            return sum(len(c.reports) for c in pipeline.code(articles, extractor))

        reports = coding()
        code_time, parse_time = best(coding), best(ungated)
        words = sum(len(a.text.split()) for a in articles)
        print(f"\n{title}: {len(articles)} articles, {words} words, {two / len(spans):.0%} of sentences name two parties, "
              f"{reports} reports")  # fmt: skip
        print(
            f"  coding          {len(articles) / code_time:7.1f} articles/s {words / code_time:8.0f} words/s"
        )
        print(
            f"  ungated parse   {len(articles) / parse_time:7.1f} articles/s {words / parse_time:8.0f} words/s"
        )
        print(f"  coding is {parse_time / code_time:.2f} times as fast")
    before = peak_mb()
    many = samples * 10
    began = time.perf_counter()
    sum(len(c.reports) for c in pipeline.code(many, extractor))
    print(f"\nTen times the samples: {len(many) / (time.perf_counter() - began):.1f} articles/s; "
          f"peak memory {before:.0f} -> {peak_mb():.0f} MB")  # fmt: skip
    began = time.perf_counter()
    sum(len(c.reports) for c in pipeline.code(many, processes=2))
    print(
        f"The same in two processes, their start included: {len(many) / (time.perf_counter() - began):.1f} articles/s"
    )
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        summary = intake.take_in(samples, Store(folder))
        print(f"Adding to an empty store: {summary.read / (time.perf_counter() - began):.1f} sample articles/s; "
              f"peak memory {peak_mb():.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main()
