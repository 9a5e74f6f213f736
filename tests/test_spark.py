"""Spark in local-cluster mode, two workers: it codes what we code here, and answers what DuckDB answers."""

from __future__ import annotations

import inspect
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from events import codebook, intake, pipeline, review, spark
from events.engines import ENGINE
from events.errors import InputError, SparkError, StoreError
from events.queries import Queries
from events.read import read
from events.reference import data_path
from events.schema import Actor, Article, CodedArticle, Issue, Place, Selection
from events.store import Store
from tests.store_helpers import full_report, make_article, make_report, own, simple
from tests.test_facts import ISSUES, PARTIES, UNITS, filled, move, same

LACKING = spark.missing()

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(LACKING is not None, reason=str(LACKING)),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pyspark.*"),
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark.*"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # pyspark leaves its sockets to the collector
]

# Spark for tiny data (after splink): few partitions, no code generated for a query that runs once.
CONF = """
spark.ui.enabled false
spark.sql.shuffle.partitions 2
spark.default.parallelism 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.rdd.compress false
spark.shuffle.compress false
spark.executor.memory 1g
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The one session of the run: a cluster of two workers, each a process with a Python of its own."""
    home = tmp_path_factory.mktemp("spark")
    (home / "spark-defaults.conf").write_text(CONF)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(spark.MASTER, "local-cluster[2,1,1024]")
        patch.setenv("SPARK_CONF_DIR", str(home))
        patch.setenv("SPARK_WORKER_DIR", str(home / "work"))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_LOCAL_DIRS", str(home / "local"))
        patch.setenv("SPARK_SCALA_VERSION", "2.13")
        import pyspark

        patch.setenv("SPARK_HOME", str(Path(pyspark.__file__).parent))
        made = spark.session()
        assert made.sparkContext.master == "local-cluster[2,1,1024]"
        yield made
        made.stop()


# Coding


def samples(number: int) -> list[Article]:
    items = read([data_path("samples/articles.jsonl")])
    return [item for item in items if isinstance(item, Article)][:number]


def given() -> list[Article]:
    """Articles with all that a run meets: one twice, one in Russian, one printed by another outlet, one empty of events."""
    some = samples(36)
    return [
        *some[:20],
        some[3],
        Article.of("Анкара и Афины договорились о переговорах.", published="2024-03-01", language="ru"),
        Article.of("Greece met Turkey in Athens on Monday.", published="2024-01-02", outlet="Daily"),
        *some[20:],
        Article.of("Greece met Turkey in Athens on Monday.", published="2024-01-02", outlet="Herald"),
        Article.of("It rained “all day” long.\n\x0bNothing else happened 🙂.", published=None),
    ]


ALL_TABLES = ("articles", "reports", "assignments", "facts", "cells")


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All that a store holds but times: its tables, each in an order of its own."""
    times = {"retrieved", "when", "commit"}
    cursor = store.connect()
    held = {}
    for table in ALL_TABLES:
        rows = cursor.sql(f"FROM {table}").to_arrow_table()
        rows = rows.drop_columns([name for name in rows.column_names if name in times])
        held[table] = sorted(rows.to_pylist(), key=repr)
    return held


def hold_the_same(one: Store, other: Store, tables: tuple[str, ...] = ALL_TABLES) -> None:
    mine, theirs = content(one), content(other)
    for table in tables:
        assert len(mine[table]) == len(theirs[table]), table
        for a, b in zip(mine[table], theirs[table], strict=True):
            assert {k: (a[k], b[k]) for k in a if a[k] != b[k]} == {}, table


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Store:
    """The store that this process makes of the articles."""
    store = Store(tmp_path_factory.mktemp("local") / "store")
    intake.take_in(given(), store)
    return store


@pytest.fixture
def small_tasks(monkeypatch):
    """Tasks of five articles, jobs of forty: the samples are few."""
    monkeypatch.setattr(pipeline, "TASK", 5)


@pytest.mark.usefixtures("small_tasks")
def test_spark_makes_the_store_that_we_make_here(session, local, tmp_path):
    store = Store(tmp_path / "store")
    told = []
    summary = intake.take_in_on_spark(
        given(), store, commit=intake.BATCH, cluster=pipeline.Cluster(session), progress=told.append
    )
    assert (summary.read, summary.coded, summary.duplicates, len(summary.uncoded)) == (41, 39, 1, 1)
    assert told
    hold_the_same(store, local)
    again = intake.take_in_on_spark(given(), store, cluster=pipeline.Cluster(session))
    assert (again.coded, again.reports, again.version) == (0, 0, store.version())
    hold_the_same(store, local)


class Stopped(Exception):
    """What ends a run between two commits."""


@pytest.mark.usefixtures("small_tasks")
def test_a_run_that_was_stopped_goes_on(session, local, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "TASKS_A_CORE", 1)  # jobs of ten articles
    store, seen = Store(tmp_path / "store"), []

    def stop(summary: intake.Summary) -> None:
        seen.append(summary.coded)
        if len(seen) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        intake.take_in_on_spark(given(), store, commit=5, cluster=pipeline.Cluster(session), progress=stop)
    kept = len(content(store)["articles"])
    assert 0 < kept < 40
    summary = intake.take_in_on_spark(given(), store, commit=5, cluster=pipeline.Cluster(session))
    assert summary.duplicates >= kept
    hold_the_same(store, local, ("articles", "reports"))


def executors(session) -> dict[int, int]:
    """The process of each executor of this application, by its number."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if session.sparkContext.applicationId in words and "--executor-id" in words:
            found[int(words[words.index("--executor-id") + 1])] = int(folder.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc")
@pytest.mark.usefixtures("small_tasks")
def test_a_killed_worker_loses_nothing_and_doubles_nothing(session, local, tmp_path):
    tracker = session.sparkContext.statusTracker()
    store, killed, before = Store(tmp_path / "store"), [], executors(session)
    assert len(before) == 2

    def kill() -> None:
        """Kill a worker when some tasks are done and others run."""
        until = time.monotonic() + 120
        while not killed and time.monotonic() < until:
            for stage in map(tracker.getStageInfo, tracker.getActiveStageIds()):
                if stage and stage.numCompletedTasks >= 1 and stage.numActiveTasks == 2:
                    os.kill(before[max(before)], signal.SIGKILL)
                    killed.append((stage.stageId, stage.numCompletedTasks))
                    return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    intake.take_in_on_spark(given(), store, commit=intake.BATCH, cluster=pipeline.Cluster(session))
    killer.join()
    assert killed, "no task was running: nothing was tested"
    assert tracker.getStageInfo(killed[0][0]).numFailedTasks >= 1  # and was done again
    assert max(executors(session)) > max(before)  # another has taken its place
    hold_the_same(store, local)


def test_a_job_that_spark_gives_up_is_told(session, monkeypatch):
    monkeypatch.setattr(pipeline, "_code_frames", lambda frames: (1 / 0 for _ in frames))
    cluster = pipeline.Cluster(session)
    with pytest.raises(SparkError, match="goes on from there"):
        cluster.begin([make_article("Greece met Turkey.")]).result()
    cluster.close()


# Questions

NAMES = (
    ("Recep Tayyip Erdoğan", "president", "TUR"), ("recep tayyip erdogan", "President", "TUR"),
    ("İsmail Ünal-Çelik", "minister", "TUR"), ("Ελένη Παπαδοπούλου", None, "GRC"), ("  Zoë  O'Neill\\", "envoy", None),
    ("ελένη παπαδοπουλου", "spokeswoman", "GRC"), ("Đỗ Văn Ngọc", "general", "VNM"), ("김정은", None, "PRK"),
    ("Vladimir Putin", "president", "RUS"), ("Владимир Путин", "president", "RUS"), ("'; --", None, None),
)  # fmt: skip


def with_people(number: int, dice: random.Random) -> CodedArticle:
    """An article whose two acts name people in all spellings, with odd places, flags, modes and days."""
    day = f"2023-{1 + number % 12:02}-{1 + number % 28:02}"
    text = f"Envoys {number} met, \x22they\x22 said: 100% 'new'\\.\n\tTalks {number} go on; é_X 🙂."
    article = make_article(text, day, dice.choice(("Daily", "Ça Ira", None)), f"Talks\u2028{number}")
    reports = []
    for ordinal, kind in enumerate(("CONSULT", dice.choice(("ACCUSE", "ASSAULT", "AID")))):
        source, target = dice.sample(PARTIES, 2)
        actors = tuple(
            Actor(name, role, dice.choice((None, "Cabinet", "Общество")), country, dice.choice(("GOV", "MIL", None)), side, 0, 1)
            for (name, role, country), side in zip(dice.sample(NAMES, 3), ("source", "target", "third"), strict=True)
        )  # fmt: skip
        issues = tuple(Issue(name, codebook.issues()[name].domain, 0, 1) for name in dice.sample(ISSUES, 2))
        reports.append(
            make_report(
                article, source, target, kind, ordinal=ordinal, symmetric=dice.random() < 0.4, date=day,
                date_precision=dice.choice(("day", "week", "month", "year")), mode=dice.choice((None, "visit")),
                planned_for=dice.choice((None, "2025-01-05")), confidence=round(dice.random(), 3), actors=actors,
                issues=issues, attributed_to=dice.choice((None, "UKR")),
                intensity=dice.choice((-9.9, -0.1, 0.3, 7.7)), flags=tuple(dice.sample(sorted(codebook.flags()), 2)),
                place=dice.choice((None, Place("Kyïv, 'the old'", None, None, None, "site"), Place("Kyiv", "UKR", 50.4, 30.5, "city"))),
            )
        )  # fmt: skip
    return CodedArticle(article, tuple(reports))


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> Store:
    """A store with all that can be: merges, splits, events that lack their founder, judgements, two data sets."""
    dice = random.Random(7)
    store = Store(tmp_path_factory.mktemp("moved") / "the store")
    filled(store, dice, 4)
    people = [with_people(number, dice) for number in range(24)]
    store.add(people, own(*people))
    article = make_article("Everything at once.", "2023-12-25T10:00:00+03:00")
    whole = CodedArticle(article, (full_report(article),))
    store.add([whole], own(whole))
    store.add([CodedArticle(make_article("Nichts."), (), "written in German")], [])
    move(store, dice)
    move(store, dice)
    simples = [simple(number) for number in range(5)]
    store.add(simples, own(*simples), dataset="samples")
    for number, report in enumerate(report for item in people[:9] for report in item.reports):
        if number % 3 == 0:  # judged by people: laid over the tables when asked
            review.reject(store, report.report_id, by="Ana", why="told twice")
        elif number % 3 == 1:
            review.edit(
                store, report.report_id, {"event_type": "AID", "date": "2022-12-31"}, by="Ana", why="misread"
            )
        else:
            review.accept(store, report.report_id, by="Ana")
    return store


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Store:
    """A store in which nothing was moved: questions take shorter ways there."""
    dice = random.Random(8)
    store = Store(tmp_path_factory.mktemp("plain") / "store")
    for batch in range(2):
        people = [with_people(12 * batch + number, dice) for number in range(12)]
        store.add(people, own(*people))
    return store


EVERYTHING = Selection(statuses=())
SELECTIONS = (
    Selection(dyad=("USA", "RUS"), direction="a_to_b"),
    Selection(start=date(2022, 3, 5), end=date(2024, 2, 11), domains=("trade", "defence")),
    Selection(parties=("EU", "USA"), members=True, sectors=("GOV",)),
    Selection(min_outlets=2, min_confidence=0.2),
    Selection(search="talks", issues=("tariffs", "terrorism")),
    Selection(unflagged=(min(codebook.flags()),), states_only=True),
    Selection(attributed_to="UKR", quad_classes=("verbal conflict", "verbal cooperation"), end=date(2024, 6, 30)),
    Selection(as_coded=True),
    Selection(store_version=3, event_types=("CONSULT", "ASSAULT")),
    Selection(dataset="samples"),
    Selection(flagged=tuple(sorted(codebook.flags())[:3]), dyad=("RUS", "USA"), direction="b_to_a", members=True),
)  # fmt: skip

DYADS = (("RUS", "USA"), ("EU", "CHN"), ("NATO", "FRA"))
PUTIN, ELENI = "Vladimir Putin", "ελενη παπαδοπουλου|GRC"

Asked = tuple[str, dict[str, Any]]
QUESTIONS: tuple[Asked, ...] = (
    ("events", {}),
    ("events", {"limit": 7, "offset": 3, "order": "outlets"}),
    ("events", {"limit": 5, "descending": False}),
    ("events", {"limit": 9, "offset": 2, "order": "confidence"}),
    ("position", {"event_id": "EVENT", "order": "intensity"}),
    ("coming", {"today": date(2025, 1, 1)}),
    ("count", {}),
    ("headline", {}),
    ("new", {"since": 2, "limit": 6}),
    ("count_new", {"since": 2}),
    ("spread", {}),
    ("dyad_spread", {}),
    ("dyad_types", {"dyads": DYADS}),
    ("dyad_issues", {"dyads": DYADS}),
    ("dyad_periods", {"dyads": DYADS, "unit": "week"}),
    *(("to_review", {"by": by, "limit": 9}) for by in ("confidence", "impact", "divided", "random")),
    ("to_review", {"by": "random", "limit": 2, "each": True, "skip": ["EVENT"]}),
    *(("tellers", {"by": by}) for by in ("country", "kind", "outlet")),
    ("by_state", {}),
    ("by_dyad", {"limit": 6}),
    ("partners", {"party": "RUS"}),
    *(("by_period", {"unit": unit}) for unit in UNITS),
    ("by_day", {}),
    ("by_type", {}),
    ("by_domain", {}),
    ("by_direction", {}),
    ("by_direction", {"among": PARTIES[:4]}),
    ("by_issue", {}),
    ("by_dyad_topic", {"dyads": DYADS}),
    ("by_dyad_topic", {"dyads": DYADS, "topic": "issue"}),
    ("parties", {}),
    ("actors", {}),
    ("actors", {"search": "PÚTIN"}),
    ("actors", {"search": "envoy", "limit": 3}),
    ("actor_names", {"actor": PUTIN}),
    ("actor_names", {"actor": ELENI}),
    ("actor_posts", {"actor": PUTIN}),
    ("actor_counterparts", {"actor": PUTIN}),
    ("actor_parties", {"actor": ELENI}),
    ("actor_types", {"actor": PUTIN}),
    ("actor_events", {"actor": PUTIN, "limit": 5}),
    ("series", {}),
    ("series", {"unit": "week"}),
    ("coverage", {"unit": "quarter"}),
    ("by_lane", {"lane": "type", "unit": "month"}),
    ("by_lane", {"lane": "issue"}),
    ("by_lane", {"lane": "domain", "unit": "year"}),
    ("salient", {"limit": 8}),
    ("salient", {"limit": 4, "strongest": False}),
    ("sources", {"event_ids": ["EVENT"]}),
    ("meetings", {}),
    ("by_place", {}),
    ("newest", {"party": "RUS", "place": ("Kyiv", "UKR", "city")}),
    ("newest", {"place": ("Kyïv, 'the old'", None, "site")}),
    ("by_flag", {}),
    ("datasets", {}),
    ("dataset", {}),
    ("articles", {}),
    ("articles", {"coding": "events", "limit": 5, "offset": 2}),
    ("articles", {"outlet": "Ça Ira", "search": "talks"}),
    ("outlets", {}),
    ("uncoded", {}),
    ("article", {"article_id": "ARTICLE"}),
    ("titles", {"article_ids": ["ARTICLE"]}),
    ("coded", {"article_ids": ["ARTICLE", "none"]}),
    ("to_read", {"limit": 9}),
    ("to_read", {"without": ["ARTICLE"]}),
    ("event", {"event_id": "EVENT"}),
    ("memberships", {"event_id": "EVENT"}),
    ("reports", {}),
)

NO_QUESTIONS = {"version", "progress", "interrupt", "close"}


def test_every_question_is_asked():
    public = {name for name, _ in inspect.getmembers(Queries) if not name.startswith("_")}
    assert {question for question, _ in QUESTIONS} == public - NO_QUESTIONS


def ask(queries: Queries, question: str, arguments: dict[str, Any], selection: Selection) -> Any:
    """The answer to a question: a frame where it comes in batches."""
    if "selection" in inspect.signature(getattr(queries, question)).parameters:
        if question == "meetings" and not selection.dyad:
            selection = replace(selection, dyad=("EU", "RUS"), parties=())
        arguments = arguments | {"selection": selection}
    answer = getattr(queries, question)(**arguments)
    if question != "reports":
        return answer
    rows = [row for batch in answer for row in batch.to_pylist()]
    return pd.DataFrame(rows, dtype=object)


@cache
def answers(store: Store, engine: str, reports_alone: bool) -> Queries:
    queries = Queries(store, engine=engine)
    if reports_alone:  # as in a store of an earlier version
        queries.snapshot = replace(queries.snapshot, facts_version=None)
    return queries


@cache
def told(store: Store) -> dict[str, str]:
    """An event that several reports tell, and one of its articles."""
    event = answers(store, "duckdb", True).salient(limit=1).iloc[0]
    return {"EVENT": event["event_id"], "ARTICLE": event["article_id"]}


def named(store: Store, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with the event and the article in the place of their names."""
    names = told(store)

    def one(value: Any) -> Any:
        return names.get(value, value) if isinstance(value, str) else value

    return {
        key: [one(each) for each in value] if isinstance(value, list) else one(value)
        for key, value in arguments.items()
    }


def selections(at: int) -> list[Selection]:
    """Everything, and one or two selections in turn, so that questions and selections meet in many ways."""
    turns = (at, 7 * at + 3) if at % 3 == 0 else (at,)
    return [EVERYTHING, *(SELECTIONS[turn % len(SELECTIONS)] for turn in turns)]


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def engine(request):
    if request.param == "spark":
        request.getfixturevalue("session")
    return request.param


IDS = [f"{question}-{number}" for number, (question, _) in enumerate(QUESTIONS)]


@pytest.mark.parametrize("at", range(len(QUESTIONS)), ids=IDS)
def test_both_engines_answer_alike(engine, moved, at):
    question, arguments = QUESTIONS[at]
    arguments = named(moved, arguments)
    for selection in selections(at):
        expected = ask(answers(moved, "duckdb", True), question, arguments, selection)
        same(ask(answers(moved, engine, False), question, arguments, selection), expected)


@pytest.mark.parametrize("at", range(0, len(QUESTIONS), 4), ids=IDS[::4])
def test_without_facts_and_without_moves_too(engine, moved, plain, at):
    question, arguments = QUESTIONS[at]
    for store, reports_alone in ((moved, True), (plain, True), (plain, False)):
        selection = SELECTIONS[at % 3]
        given = named(store, arguments)
        expected = ask(answers(store, "duckdb", not reports_alone), question, given, selection)
        same(ask(answers(store, engine, reports_alone), question, given, selection), expected)


def test_an_empty_store_answers_on_spark(session, tmp_path):
    assert session
    nothing = Queries(Store(tmp_path / "none"), engine="spark")
    assert nothing.events().columns.tolist() == Queries(Store(tmp_path / "none")).events().columns.tolist()
    assert nothing.count().events == 0
    assert nothing.by_dyad().empty


def test_questions_of_several_threads_do_not_meet(session, moved):
    assert session
    asked = Queries(moved, engine="spark")
    expected = {dyad: Queries(moved).events(Selection(dyad=dyad), limit=3) for dyad in DYADS[:2]}
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda dyad: (dyad, asked.events(Selection(dyad=dyad), limit=3)), expected)
        for dyad, frame in found:
            same(frame, expected[dyad])


def test_a_question_is_interrupted(session, moved):
    asked, threads = Queries(moved, engine="spark"), []
    slow = "SELECT max(sha2(cast(id AS string), 512)) AS n FROM range(0, 100000000, 1, 2)"

    def forever() -> None:
        threads.append(threading.get_ident())
        asked._everything().engine.answer(slow, pa.schema([("n", pa.string())]))

    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(forever)
        while not session.sparkContext.statusTracker().getActiveStageIds():
            time.sleep(0.05)
        asked.interrupt(threads[0])
        with pytest.raises(StoreError, match="Spark could not answer"):
            job.result(timeout=60)


def test_the_environment_chooses_the_engine(monkeypatch, moved, session):
    assert session
    monkeypatch.setenv(ENGINE, "Spark")
    assert type(Queries(moved)._everything().engine).__name__ == "_Spark"
    monkeypatch.setenv(ENGINE, "spork")
    with pytest.raises(InputError, match="duckdb or spark"):
        Queries(moved)
