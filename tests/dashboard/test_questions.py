"""Questions are answered once, kept, told about while they run, and given up with their last waiter."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest

from events.dashboard import markup, questions
from events.dashboard.questions import Questions
from events.errors import UnknownCode
from events.queries import Queries
from events.schema import Selection
from events.store import Store
from tests.dashboard.test_pages import run
from tests.store_helpers import own, simple


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = Store(tmp_path_factory.mktemp("desk") / "store")
    made.add([simple(n) for n in range(5)], own(*(simple(n) for n in range(5))))
    return made


@pytest.fixture
def slow(monkeypatch):
    """A question that keeps DuckDB busy for minutes; returns the list of its starts."""
    starts = []

    def forever(self):
        starts.append(time.monotonic())
        counted = (
            "SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE hash(a.range + b.range) = 1"
        )
        return self._everything().engine.answer(counted, pa.schema([("n", pa.int64())]))

    monkeypatch.setattr(Queries, "forever", forever, raising=False)
    monkeypatch.setattr(questions, "STEP", 0.02)
    monkeypatch.setattr(questions, "LINGER", 0.1)
    return starts


def test_an_answer_is_found_once_and_each_gets_its_own(store, monkeypatch):
    asked = []
    by_type = Queries.by_type
    monkeypatch.setattr(
        Queries, "by_type", lambda self, **values: (asked.append(1), by_type(self, **values))[1]
    )
    at = questions.Questions()
    with ThreadPoolExecutor(8) as threads:
        answers = [
            done.result()
            for done in [
                threads.submit(at.ask, store, 1, "by_type", {"selection": Selection()}) for _ in range(8)
            ]
        ]
    answers[0].loc[0, "events"] = -1
    assert asked == [1]
    assert at.ask(store, 1, "by_type", {"selection": Selection()})["events"].tolist() == [5, 5]
    assert at.ask(store, 1, "by_type", {"selection": Selection(parties=("FRA",))}).empty
    assert len(asked) == 2


def test_errors_reach_who_asked_and_are_not_kept(store):
    at = questions.Questions()
    for _ in range(2):
        with pytest.raises(UnknownCode):
            at.ask(store, 1, "count", {"selection": Selection(parties=("Turkey",))})


def test_a_long_table_is_not_kept(store, monkeypatch):
    monkeypatch.setattr(questions, "KEPT_ROWS", 3)
    at = questions.Questions()
    assert len(at.ask(store, 1, "events", {})) == 10
    assert not at._answers


def test_a_question_that_nobody_waits_for_is_interrupted(store, slow):
    at = questions.Questions()
    shares = []

    class Rerun(BaseException):
        pass

    def waiting(seconds, share):
        shares.append(share)
        if seconds > 0.5:
            raise Rerun

    with pytest.raises(Rerun):
        at.ask(store, 1, "forever", {}, waiting)
    assert any(share is not None and 0 <= share <= 1 for share in shares)
    began = time.monotonic()
    while any(job for job in at._jobs.values()) and time.monotonic() - began < 5:
        time.sleep(0.01)
    assert not at._jobs
    assert at.ask(store, 1, "count", {}).events == 10  # the thread's cursor still answers
    assert len(slow) == 1


def test_who_comes_back_in_time_finds_the_question_running(store, slow, monkeypatch):
    monkeypatch.setattr(questions, "LINGER", 30)
    at = questions.Questions()

    def leave(_seconds, _share):
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            at.ask(store, 1, "forever", {}, leave)
    assert len(slow) == 1
    job = next(iter(at._jobs.values()))
    monkeypatch.setattr(questions, "LINGER", 0.1)
    at._give_up(next(iter(at._jobs)), job)
    with pytest.raises(duckdb.InterruptException):
        job.answer.result(timeout=30)


def test_another_one_waiting_keeps_the_question_alive(store, slow):
    at = questions.Questions()
    gone = threading.Event()
    seen = []

    def first(_seconds, _share):
        raise KeyboardInterrupt

    def second(seconds, _share):
        seen.append(seconds)
        if gone.is_set() and seconds > 1:
            raise KeyboardInterrupt

    def wait():
        with pytest.raises(KeyboardInterrupt):
            at.ask(store, 1, "forever", {}, second)

    patient = threading.Thread(target=wait)
    patient.start()
    while not slow:
        time.sleep(0.01)
    with pytest.raises(KeyboardInterrupt):
        at.ask(store, 1, "forever", {}, first)
    time.sleep(0.3)
    assert at._jobs
    gone.set()
    patient.join()
    assert len(slow) == 1
    assert seen


def test_what_is_asked_ahead_is_found_once_and_given_up_unless_asked_for(store, slow, monkeypatch):
    monkeypatch.setattr(questions, "AHEAD", 0.5)
    at = questions.Questions()
    at.ahead(store, 1, [("by_type", {}), ("forever", {}), ("by_type", {})])
    assert len(at._jobs) <= 2
    assert at.ask(store, 1, "by_type", {})["events"].tolist() == [5, 5]
    began = time.monotonic()
    while at._jobs and time.monotonic() - began < 10:
        time.sleep(0.01)
    assert not at._jobs
    assert len(at._answers) == len(slow) == 1


def test_what_a_long_question_says():
    assert "Reading 15.7 million reports, 41%" in markup.reading(15_702_285, 0.41)
    assert "Reading 12,481 reports<" in markup.reading(12_481, None)
    assert "Spark is reading 9 reports; the first page" in markup.reading(9, None, spark=True)


@pytest.mark.parametrize("path", ["overview", "timeline", "dyad"])
def test_a_page_asks_ahead_only_for_what_it_comes_to_ask(tmp_path, monkeypatch, path):
    monkeypatch.setenv("ENTENTE_STORE", str(tmp_path / "pages"))
    coded = [simple(n) for n in range(5)]
    Store(tmp_path / "pages").add(coded, own(*coded))
    early, asked = set(), set()
    ahead, ask = Questions.ahead, Questions.ask

    def note_ahead(self, store, version, wanted):
        early.update((question, repr(sorted(arguments.items()))) for question, arguments in wanted)
        ahead(self, store, version, wanted)

    def note_ask(self, store, version, question, arguments, *waiting):
        asked.add((question, repr(sorted(arguments.items()))))
        return ask(self, store, version, question, arguments, *waiting)

    monkeypatch.setattr(Questions, "ahead", note_ahead)
    monkeypatch.setattr(Questions, "ask", note_ask)
    assert not run("" if path == "overview" else path).exception
    assert early
    assert early <= asked
