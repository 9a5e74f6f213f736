"""Spark in local-cluster mode, two workers: it codes what we code here, and answers what DuckDB answers."""

from __future__ import annotations

import inspect
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from events import intake, merges, pipeline, spark
from events.errors import SparkError
from events.export import csv_of
from events.queries import Queries
from events.read import read
from events.reference import data_path
from events.schema import Actor, Article, CodedArticle, Issue, Place, Selection
from events.store import Store
from tests.store_helpers import full_report, make_article, make_report, own, simple

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


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a store holds but times: its tables, each in an order of its own."""
    times = {"retrieved", "when", "commit"}
    cursor = store.connect()
    held = {}
    for table in ("articles", "reports", "assignments", "facts", "cells"):
        rows = cursor.sql(f"FROM {table}").to_arrow_table()
        rows = rows.drop_columns([name for name in rows.column_names if name in times])
        held[table] = sorted(repr(row) for row in rows.to_pylist())
    return held


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
    assert content(store) == content(local)
    again = intake.take_in_on_spark(given(), store, cluster=pipeline.Cluster(session))
    assert (again.coded, again.reports, again.version) == (0, 0, store.version())
    assert content(store) == content(local)


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
        intake.take_in_on_spark(
            given(), store, commit=5, cluster=pipeline.Cluster(session), progress=stop
        )
    kept = len(content(store)["articles"])
    assert 0 < kept < 40
    summary = intake.take_in_on_spark(given(), store, commit=5, cluster=pipeline.Cluster(session))
    assert summary.duplicates >= kept
    for table in ("articles", "reports"):
        assert content(store)[table] == content(local)[table]


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
                if stage and stage.numCompletedTasks >= 1 and stage.numActiveTasks >= 2:
                    os.kill(before[max(before)], signal.SIGKILL)
                    killed.append((stage.stageId, stage.numCompletedTasks))
                    return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    intake.take_in_on_spark(given(), store, commit=intake.BATCH, cluster=pipeline.Cluster(session))
    killer.join()
    assert killed, "no task was running: nothing was tested"
    failed = tracker.getStageInfo(killed[0][0])
    assert failed is None or failed.numFailedTasks >= 1
    assert max(executors(session)) > max(before)  # another has taken its place
    assert content(store) == content(local)


def test_a_job_that_spark_gives_up_is_told(session, monkeypatch):
    monkeypatch.setattr(pipeline, "_code_frames", lambda frames: (1 / 0 for _ in frames))
    cluster = pipeline.Cluster(session)
    with pytest.raises(SparkError, match="goes on from there"):
        cluster.begin([make_article("Greece met Turkey.")]).result()
    cluster.close()
