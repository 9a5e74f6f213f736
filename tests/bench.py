"""Speed and memory of coding, beside an ungated parse of the same text by the same model in the same run.

    make bench                             (or: python tests/bench.py)
    python tests/bench.py --clustering     near-duplicate articles and events alone

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


def newsroom(number: int, words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield articles of some 400 words: of ten, one is a wire story, one cuts it, one adds a rubric to it."""
    from random import Random

    random = Random(number)
    story = ""
    for at in range(number):
        if at % 10 in {0, *range(3, 10)}:
            starts = (random.randrange(len(words) - 8) for _ in range(WORDS // 8))
            text = " ".join(word for start in starts for word in words[start : start + 8])
            story = text if at % 10 == 0 else story
        else:
            cut = story.split()
            text = " ".join(cut[: len(cut) * 6 // 10] if at % 10 == 1 else ["Agency", "copy", *cut])
        yield f"a{at}", text


def printings(number: int, library: str) -> None:
    """Print how fast one process finds the articles of one text among so many, and what it needs."""
    from events import cluster
    from events.read import read
    from events.reference import data_path
    from events.schema import Article

    items = [item for item in read([data_path("samples/articles.jsonl")]) if isinstance(item, Article)]
    words = [word for item in items for word in item.text.split()]
    found, wanted, before = 0, 0, peak_mb()
    spent = 0.0
    copies = cluster.Copies()
    if library == "datasketch":
        import datasketch

        index = datasketch.MinHashLSH(num_perm=192, params=(64, 3))
    for at, (name, text) in enumerate(newsroom(number, words)):
        began = time.perf_counter()
        if library == "datasketch":
            tokens = text.casefold().split()
            signature = datasketch.MinHash(192)
            signature.update_batch([" ".join(tokens[i : i + 4]).encode() for i in range(len(tokens) - 3)])
            of = index.query(signature)
            index.insert(name, signature)
        else:
            of = [copies.add(name, cluster.sketch(text)).of]
        spent += time.perf_counter() - began
        if at % 10 in {1, 2}:
            wanted += 1
            found += f"a{at - at % 10}" in of
    print(f"  {library:11} {number:7,} articles {number / spent:7.0f} articles/s; peak memory {before:.0f} -> "
          f"{peak_mb():.0f} MB; {found / max(1, wanted):.1%} of the printings found")  # fmt: skip


def near_duplicates() -> None:
    """Print the speed and memory of near-duplicate detection, each run in a process of its own."""
    print(
        "\nArticles of one text, 400 words, in ten one cut and one with a rubric; the same run with datasketch:",
        flush=True,
    )
    for library, number in (("entente", 10_000), ("entente", 100_000), ("datasketch", 10_000)):
        subprocess.run([sys.executable, __file__, "--printings", library, str(number)], check=True)


def acts() -> None:
    """Print how fast reports are put into events, for one dyad and type on which every outlet reports daily."""
    from datetime import date, timedelta

    from events import cluster
    from tests.store_helpers import make_article, make_report

    print("\nReports of one dyad and type, twenty a day of four cities, put into events:")
    from events.schema import Place

    places = [Place(f"City {n}", "UKR", 45.0 + n, 30.0, "city") for n in range(4)]
    for number in (5_000, 20_000):
        reports = []
        for at in range(number):
            day = str(date(2000, 1, 1) + timedelta(days=2 * (at // 20)))
            article = make_article(f"Report {at} of the strike on City {at % 4}.", day, f"Outlet {at % 20}")
            reports.append(make_report(article, "RUS", "UKR", "ASSAULT", date=day, place=places[at % 4]))
        began = time.perf_counter()
        made = cluster.assign(reports)
        events = len({assignment.event_id for assignment in made})
        print(
            f"  {number:7,} reports {number / (time.perf_counter() - began):7.0f} reports/s, {events:,} events"
        )


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
    if sys.argv[1:2] == ["--printings"]:
        printings(int(sys.argv[3]), sys.argv[2])
    elif sys.argv[1:2] == ["--clustering"]:
        near_duplicates()
        acts()
    else:
        main()
        near_duplicates()
        acts()
