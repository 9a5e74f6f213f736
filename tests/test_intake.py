"""From articles to the store: nothing twice, nothing lost, every refusal with its reason."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from events import intake
from events.errors import StoreError
from events.intake import BATCH, SAMPLES, take_in
from events.queries import Queries
from events.read import Rejected, read
from events.schema import Article, CodedArticle, Report, Selection
from events.store import Store
from tests.store_helpers import make_article, make_report, own

ROOT = Path(__file__).resolve().parents[1]
ALL = ("occurred", "denied", "background")
RUSSIAN = (
    "Министр иностранных дел России прибыл во вторник в Анкару, где провёл переговоры со своим турецким коллегой. "
    "Стороны обсудили торговлю, энергетику и положение в Сирии, сообщила пресс-служба министерства."
)


class OneReport:
    """Codes every article as the same act of 14 May 2024."""

    name, version = "double", "1"

    def stream(self, articles: Iterable[Article]) -> Iterator[list[Report]]:
        for article in articles:
            yield [make_report(article, "TUR", "GRC", "SANCTION", date="2024-05-14")]


def articles(n: int, *, first: int = 0, outlet: str = "Daily") -> list[Article]:
    return [make_article(f"Article {first + i} of {outlet}.", "2024-05-15", outlet) for i in range(n)]


def events(store: Store, dataset: str = "articles") -> int:
    return Queries(store).count(Selection(dataset=dataset, statuses=ALL)).events


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def test_articles_reports_and_events_are_counted(store):
    summary = take_in(articles(3), store, extractor=OneReport())
    assert (summary.read, summary.coded, summary.reports, summary.duplicates) == (3, 3, 3, 0)
    assert (summary.uncoded, summary.rejected, summary.version) == ([], [], 1)
    assert store.datasets() == {"articles": 3}
    assert events(store) == 1  # three outlets tell one act


def test_the_same_articles_again_change_nothing(store):
    take_in(articles(3), store, extractor=OneReport())
    before, version = Queries(store).events(), store.version()
    again = take_in(articles(3), store, extractor=OneReport())
    assert (again.read, again.coded, again.reports, again.duplicates) == (3, 0, 0, 3)
    assert store.version() == again.version == version
    assert Queries(store).events().equals(before)


def test_an_article_twice_in_a_batch_is_kept_once(store):
    summary = take_in([*articles(2), *articles(2)], store, extractor=OneReport())
    assert (summary.read, summary.coded, summary.duplicates) == (4, 2, 2)
    assert store.datasets() == {"articles": 2}


def test_the_same_words_in_other_case_and_space_are_a_duplicate(store):
    take_in([make_article("Ankara and Athens talked.")], store, extractor=OneReport())
    summary = take_in([make_article("  ANKARA and Athens\n talked!")], store, extractor=OneReport())
    assert (summary.coded, summary.duplicates) == (0, 1)


def test_a_refused_item_leaves_the_good_ones_beside_it(store):
    bad = Rejected("in.jsonl", 2, "it has no text")
    summary = take_in([*articles(1), bad, *articles(2, first=1)], store, extractor=OneReport())
    assert (summary.read, summary.coded, summary.rejected) == (3, 3, [bad])
    assert store.datasets() == {"articles": 3}


def test_refused_items_alone_write_nothing(store):
    summary = take_in([Rejected("a.pdf", None, "it is empty")], store, extractor=OneReport())
    assert (summary.read, summary.version, len(summary.rejected)) == (0, 0, 1)
    assert store.is_empty()
    assert take_in([], store, extractor=OneReport()).version == 0


def test_a_run_over_several_batches_commits_each_and_tells_its_progress(store):
    told = []
    summary = take_in(
        articles(2 * BATCH + 1),
        store,
        extractor=OneReport(),
        progress=lambda s: told.append((s.read, s.version)),
    )
    assert told == [(BATCH, 1), (2 * BATCH, 2), (2 * BATCH + 1, 3)]
    assert store.datasets() == {"articles": summary.coded} == {"articles": 2 * BATCH + 1}
    assert events(store) == 1  # later batches join the event of the first


def test_what_was_committed_stands_when_the_source_breaks_off(store):
    def breaking():
        yield from articles(BATCH + 5)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        take_in(breaking(), store, extractor=OneReport())
    assert store.datasets() == {"articles": BATCH}
    assert take_in(articles(BATCH + 5), store, extractor=OneReport()).duplicates == BATCH
    assert store.datasets() == {"articles": BATCH + 5}


def test_an_act_told_in_a_later_run_joins_its_event(store):
    take_in(articles(1), store, extractor=OneReport())
    take_in(articles(1, outlet="Herald"), store, extractor=OneReport())
    (event,) = Queries(store).events().itertuples()
    assert (event.reports, event.outlets, list(event.outlet_names)) == (2, 2, ["Daily", "Herald"])


def test_an_act_told_in_a_later_run_of_another_data_set_joins_its_event_there(store):
    take_in(articles(1), store, dataset=SAMPLES, extractor=OneReport())
    take_in(articles(1, outlet="Herald"), store, dataset=SAMPLES, extractor=OneReport())
    assert events(store, SAMPLES) == 1


def test_events_of_two_data_sets_stay_apart(store):
    take_in(articles(1), store, extractor=OneReport())
    take_in(articles(1, outlet="Herald"), store, dataset=SAMPLES, extractor=OneReport())
    assert (events(store), events(store, SAMPLES)) == (1, 1)
    assert list(Queries(store).events(Selection(dataset=SAMPLES)).outlets) == [1]


def test_a_russian_article_is_kept_uncoded_with_the_reason(tmp_path, store):
    path = tmp_path / "in.jsonl"
    rows = [{"text": RUSSIAN, "title": "Визит"}, {"text": "Ankara expelled two Greek diplomats on Tuesday."}]
    path.write_text(
        "".join(json.dumps(r | {"published": "2024-05-15"}) + "\n" for r in rows), encoding="utf-8"
    )
    summary = take_in(read([path]), store)
    ((origin, why),) = summary.uncoded
    assert "in.jsonl" in origin
    assert why == "written in Russian; only English is coded. Add a translation to code it."
    assert (summary.read, summary.coded) == (2, 1)
    assert store.datasets() == {"articles": 2}
    kept = Queries(store).articles(search="Анкару")
    assert list(kept.skipped) == [why]
    assert list(kept.reports) == [0]
    assert take_in(read([path]), store).duplicates == 2


def test_the_rules_code_what_is_taken_in(store):
    take_in([make_article("Ankara expelled two Greek diplomats on Tuesday.", "2024-05-15")], store)
    (event,) = Queries(store).events().itertuples()
    assert (event.source, event.target, event.event_type) == ("TUR", "GRC", "SANCTION")
    assert event.date.date() == date(2024, 5, 14)


NAMES = ("Kenya", "Norway", "Peru", "Japan", "Ghana", "Chile", "Latvia", "Oman", "Nepal", "Cuba")


def write_load(path: Path, n: int) -> None:
    """Write `n` short articles, all different."""
    with path.open("w", encoding="utf-8") as handle:
        for i in range(n):
            a, b = NAMES[i % 10], NAMES[(i % 10 + 1 + i // 10 % 9) % 10]
            day = date(2020, 1, 1) + timedelta(days=i)
            text = f"{a} summoned the ambassador of {b} on {day:%A} over case {i}."
            row = {"id": f"load-{i}", "title": f"Dispute number {i}", "text": text, "published": f"{day}"}
            handle.write(json.dumps(row) + "\n")


def add(source: Path, store: Store) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "events", "add", str(source), "--store", store.location],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def ids(store: Store) -> set[str]:
    return set(Queries(store).articles().article_id)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_killed_run_loses_nothing_that_was_committed_and_running_again_completes_it(tmp_path, store):
    source = tmp_path / "load.jsonl"
    write_load(source, 1000)
    kept: set[str] = set()
    for versions in (3, 4):  # killed in its fourth batch, then again in the fifth of the second run
        reached = store.version() + versions
        run = add(source, store)
        deadline = time.monotonic() + 120
        while store.version() < reached:
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < deadline, "the run does not commit"
            time.sleep(0.05)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        assert run.returncode == -signal.SIGKILL
        committed = ids(store)
        assert kept < committed
        assert reached * BATCH <= len(committed) < 1000
        assert len(committed) % BATCH == 0
        kept = committed
    last = add(source, store)
    _, told = last.communicate(timeout=120)
    assert last.returncode == 0, told
    assert f"{len(kept)} already there" in " ".join(told.split())
    assert store.datasets() == {"articles": 1000}
    assert kept < ids(store)
    counts = Queries(store).count(Selection(statuses=ALL))
    assert (counts.articles, counts.reports, counts.events) == (1000, 1000, 1000)


class Dated(OneReport):
    """Codes an article as the same act, on the day of its publication."""

    def stream(self, articles: Iterable[Article]) -> Iterator[list[Report]]:
        for article in articles:
            yield [make_report(article, "TUR", "GRC", "SANCTION", date=str(article.published))]


@pytest.mark.parametrize("days", [(9, 8, 7, 6), (6, 7, 8, 9), (7, 9, 6, 8)])
def test_days_do_not_chain_over_commits(tmp_path, days):
    store = Store(tmp_path / "store")
    for day in days:
        article = make_article(f"Told on the {day}th.", f"2024-07-0{day}", "Daily")
        take_in([article], store, extractor=Dated())
    found = Queries(store).events(Selection())
    assert len(found) >= 2  # no event holds more than two days in a row
    assert max(found["reports"]) <= 2


def test_a_second_writer_waits_until_an_act_has_found_its_event(tmp_path, monkeypatch):
    store, other = Store(tmp_path / "store"), Store(tmp_path / "store")
    take_in(articles(1), store, extractor=OneReport())
    looked = intake._known
    threads = []

    def meanwhile(*args):
        if not threads:
            thread = threading.Thread(
                target=take_in,
                args=(articles(1, first=20, outlet="Evening"), other),
                kwargs={"extractor": OneReport()},
            )
            threads.append(thread)
            thread.start()
            thread.join(timeout=0.5)
            assert thread.is_alive()
        return looked(*args)

    monkeypatch.setattr(intake, "_known", meanwhile)
    take_in(articles(1, first=10, outlet="Morning"), store, extractor=OneReport())
    threads[0].join()
    assert events(store) == 1


def test_imported_reports_are_not_lost_by_coding_again(store):
    article = replace(make_article("Words that are not kept.", "2024-05-15"), text="")
    coded = CodedArticle(article, (make_report(article, "TUR", "GRC", sentence=article.span(0, 0)),))
    store.add([coded], own(coded), dataset="GDELT")
    take_in(articles(1), store, extractor=OneReport())
    version = store.version()
    with pytest.raises(StoreError, match="no text to be coded from again"):
        intake.recode(store, dataset="GDELT", extractor=OneReport())
    assert store.version() == version
    assert events(store, "GDELT") == 1
    assert intake.recode(store, extractor=OneReport()).reports == 1
