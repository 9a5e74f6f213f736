"""Where questions are answered: by threads of their own, once each, and no longer than somebody waits.

A page's script cannot do anything while DuckDB works for it. So a question goes to a thread, and the script
waits in short steps: it says what is being read, how far DuckDB has come, and stops waiting where the analyst
has changed a filter meanwhile (Streamlit then ends the run as soon as it shows something). A question that
nobody waits for any more is interrupted.
"""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from events.queries import Queries
from events.store import Store

__all__ = ["Questions"]

KEPT = 256  # answers kept for all sessions together; most are a few kilobytes
KEPT_ROWS = 20_000  # a longer table is not kept: it is a download
THREADS = 4  # two cores answer two questions at full speed; the others are short ones of other sessions
STEP = 0.2  # seconds between two looks at whether anybody still waits
LINGER = 0.5  # seconds that a question goes on alone: the next run often asks it again
AHEAD = 5.0  # seconds that a question asked ahead waits for the page to come to it
VERSIONS = 3  # store versions whose cursors are kept

Key = tuple[str, int, str, str]


@dataclass(slots=True)
class _Job:
    queries: Queries
    answer: Future[Any] = field(default_factory=Future)
    thread: int | None = None
    waiting: int = 0


class Questions:
    """Answers kept by store, version and question, and the threads that find them. Threads may share it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="question")
        self._guard = threading.Lock()
        self._answers: OrderedDict[Key, Any] = OrderedDict()
        self._jobs: dict[Key, _Job] = {}
        self._queries: OrderedDict[tuple[str, int], Queries] = OrderedDict()
        atexit.register(self.close)

    def close(self) -> None:
        """Let go of threads and cursors."""
        self._pool.shutdown(cancel_futures=True)
        for queries in self._queries.values():
            queries.close()
        self._queries.clear()
        self._jobs.clear()

    def ask(
        self,
        store: Store,
        version: int,
        question: str,
        arguments: dict[str, Any],
        waiting: Callable[[float, float | None], None] = lambda _seconds, _share: None,
    ) -> Any:
        """Return the answer of `Queries` to a question; raises what that raises.

        `waiting` is called every fifth of a second with the seconds so far and the share that DuckDB has read
        (None where it cannot tell). Where it raises, the question is given up.
        """
        key = _key(store, version, question, arguments)
        with self._guard:
            if key in self._answers:
                self._answers.move_to_end(key)
                return _own(self._answers[key])
        job = self._join(key, store, version, question, arguments)
        seconds = 0.0
        try:
            while not wait([job.answer], timeout=STEP).done:
                seconds += STEP
                waiting(seconds, self._share(job))
            return _own(job.answer.result())
        finally:
            self._leave(key, job)

    def ahead(self, store: Store, version: int, questions: list[tuple[str, dict[str, Any]]]) -> None:
        """Begin to answer questions that are about to be asked, beside each other.

        One that nobody has come to wait for within some seconds is given up.
        """
        for question, arguments in questions:
            key = _key(store, version, question, arguments)
            with self._guard:
                known = key in self._answers or key in self._jobs
            if not known:
                job = self._join(key, store, version, question, arguments)
                self._leave(key, job, AHEAD)

    def _join(self, key: Key, store: Store, version: int, question: str, arguments: dict[str, Any]) -> _Job:
        """Return the job of a question, a new one unless somebody waits for the same."""
        queries = self._at(store, version)
        with self._guard:
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job(queries)
                self._pool.submit(self._work, key, job, question, arguments)
            job.waiting += 1
            return job

    def _at(self, store: Store, version: int) -> Queries:
        key = (store.location, version)
        with self._guard:
            if key in self._queries:
                self._queries.move_to_end(key)
                return self._queries[key]
        queries = Queries(store, version)
        with self._guard:
            while len(self._queries) >= VERSIONS:
                self._queries.popitem(last=False)
            return self._queries.setdefault(key, queries)

    def _work(self, key: Key, job: _Job, question: str, arguments: dict[str, Any]) -> None:
        if not job.answer.set_running_or_notify_cancel():
            return
        with self._guard:
            job.thread = threading.get_ident()
        answer: Any = None
        error: BaseException | None = None
        try:
            answer = getattr(job.queries, question)(**arguments)
        except BaseException as problem:  # noqa: BLE001 whoever asked gets it
            error = problem
        with self._guard:
            job.thread = None
            if self._jobs.get(key) is job:
                del self._jobs[key]
            if error is None and not (isinstance(answer, pd.DataFrame) and len(answer) > KEPT_ROWS):
                self._answers[key] = answer
                while len(self._answers) > KEPT:
                    self._answers.popitem(last=False)
        if error is None:
            job.answer.set_result(answer)
        else:
            job.answer.set_exception(error)

    def _share(self, job: _Job) -> float | None:
        with self._guard:
            return None if job.thread is None else job.queries.progress(job.thread)

    def _leave(self, key: Key, job: _Job, linger: float | None = None) -> None:
        with self._guard:
            job.waiting -= 1
            if job.waiting or job.answer.done():
                return
        self._later(key, job, linger)

    def _later(self, key: Key, job: _Job, linger: float | None = None) -> None:
        later = threading.Timer(linger or LINGER, self._give_up, (key, job))
        later.daemon = True
        later.start()

    def _give_up(self, key: Key, job: _Job) -> None:
        with self._guard:
            if job.waiting or job.answer.done():
                return
            if self._jobs.get(key) is job:
                del self._jobs[key]
            if job.thread is None and job.answer.cancel():
                return
            if job.thread is not None:
                job.queries.interrupt(job.thread)
        self._later(key, job)  # between two statements there is nothing to interrupt: look again


def _key(store: Store, version: int, question: str, arguments: dict[str, Any]) -> Key:
    return store.location, version, question, repr(sorted(arguments.items()))


def _own(answer: Any) -> Any:
    """Return a frame's copy, so that nobody changes the one that is kept; other answers do not change."""
    return answer.copy() if isinstance(answer, pd.DataFrame) else answer
