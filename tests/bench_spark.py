"""What coding on a cluster costs, by its parts, in processor seconds on one core; needs no Spark.

    python tests/bench_spark.py

Coding is the workers' part, on articles of some 400 words (the corpora of `bench.py`). What Spark carries there and back
is each side's. Folding reports into events and storing them is the driver's alone: it says how many cores one driver
keeps busy. Processor seconds, since a core of a cluster does nothing else.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.bench import ROUNDS, joined

COPIES = 11  # of the samples: 2,002 articles to fold
COMMITS = (50, 1_000)


def seconds(job: Callable[[], object]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began


def earlier(day: str | None, days: int) -> str | None:
    return day and (date.fromisoformat(day[:10]) - timedelta(days=days)).isoformat()


def copies(coded: list) -> list:
    """Return the coded articles many times over, each time of other days, so that they tell other acts."""
    from events.schema import Article, CodedArticle, report_id_of

    made = []
    for turn in range(COPIES):
        for item in coded:
            text = f"{item.article.text}\n{turn}"
            key = Article.of(text).article_id
            article = replace(
                item.article, text=text, article_id=key, outlet=f"Outlet {turn}",
                published=earlier(item.article.published, 37 * turn),
            )  # fmt: skip
            reports = [
                replace(
                    report, article_id=key, date=earlier(report.date, 37 * turn),
                    report_id=report_id_of(key, report.sentence.text, (report.source, report.target), number),
                )
                for number, report in enumerate(item.reports)
            ]  # fmt: skip
            made.append(CodedArticle(article, tuple(reports)))
    return made


def main() -> None:
    from events import intake, pipeline
    from events.read import read
    from events.reference import data_path
    from events.schema import Article, Report
    from events.store import Store

    loading = seconds(lambda: pipeline.default_extractor().warm_up())
    extractor = pipeline.default_extractor()
    print(f"A worker loads the model in {loading:.1f} s")
    samples = [item for item in read([data_path("samples/articles.jsonl")]) if isinstance(item, Article)]
    general = [
        item for item in read([Path(__file__).with_name("bench_general.jsonl")]) if isinstance(item, Article)
    ]
    for title, articles in (
        ("diplomatic copy", list(joined(samples))),
        ("general news", list(joined(general))),
    ):
        found = sum(len(done.reports) for done in pipeline.code(articles, extractor))
        spent = min(seconds(lambda a=articles: list(pipeline.code(a, extractor))) for _ in range(ROUNDS))
        print(f"Coding {title}: {len(articles) / spent:.1f} articles/s, {found / len(articles):.2f} reports each; "
              f"100 million in {1e8 * spent / len(articles) / 3600:,.0f} core-hours")  # fmt: skip
    coded = copies(list(pipeline.code(samples, extractor)))
    reports = sum(len(done.reports) for done in coded)
    there: list[str] = []
    back: list[str] = []
    spent = (
        seconds(lambda: there.extend(json.dumps(asdict(done.article)) for done in coded)),
        seconds(lambda: back.extend(json.dumps([asdict(each) for each in done.reports]) for done in coded)),
        seconds(lambda: [[Report.from_json(each) for each in json.loads(line)] for line in back]),
    )
    print(f"The way through Spark, {reports / len(coded):.1f} reports an article: {sum(map(len, there)) / len(coded):,.0f} bytes "
          f"there, {sum(map(len, back)) / len(coded):,.0f} back; {1e3 * sum(spent) / len(coded):.2f} ms an article")  # fmt: skip
    for commit in COMMITS:
        some = coded[: 40 * commit]
        told = sum(len(done.reports) for done in some)
        with tempfile.TemporaryDirectory() as folder:
            store, sketches = Store(folder), intake.Sketches()
            spent_folding = seconds(
                lambda s=some, c=commit, st=store, sk=sketches: [
                    intake.save(st, s[at : at + c], sketches=sk) for at in range(0, len(s), c)
                ]
            )
        print(f"Folding and storing, {commit} articles a commit: {len(some) / spent_folding:.0f} articles/s, "
              f"{1e3 * spent_folding / told:.2f} ms a report")  # fmt: skip


if __name__ == "__main__":
    main()
