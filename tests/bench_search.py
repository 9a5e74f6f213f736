"""Speed of searching and of the page of events over a large store: median times of several calls.

    python tests/bench_search.py FOLDER [ROUNDS]

FOLDER is a store, such as one that `tests/large_store.py` makes. The index of words is built first where it is
missing, and its size and time are told. Every call is asked of the store: no answer is kept from the call before.
The last column is the same question as a scan: DuckDB reads every title and text and looks for the words there.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from events import queries
from events.queries import Queries
from events.schema import Selection
from events.search import index_of
from events.store import Store

SEARCHES = ("tariffs geneva", '"would go ahead"', "ruiz", "sanction*", "sentence:ruiz", "minister -geneva")


def median(job: Callable[[], object], rounds: int) -> float:
    """Return the median of so many calls in milliseconds, the first left out."""
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        job()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times[1:])


def main() -> None:
    store = Store(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    snapshot, index, ask = store.snapshot(), index_of(store), Queries(store)
    for kind in ("articles", "reports"):
        began = time.perf_counter()
        new = index.update(snapshot, kind)
        print(f"{kind}: {new:,} rows indexed in {time.perf_counter() - began:.1f} s")
    size = sum(path.stat().st_size for path in Path(store.location).glob(".search.sqlite3*"))
    print(
        f"index {size / 1e6:,.0f} MB, {snapshot.articles:,} articles, {snapshot.reports:,} reports; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {rounds}, ms"
    )

    def fresh(job: Callable[[], object], *, kept: bool) -> Callable[[], object]:
        def run() -> object:
            if not kept:
                index._answers.clear()
                queries._matches.clear()
            return job()

        return run

    print(f"{'search':22}{'events':>9}{'find':>7}{'count':>7}{'again':>7}{'page':>7}{'scan':>8}")
    cursor = store.connect(snapshot)
    for words in SEARCHES:
        asked = Selection(search=words)
        found = ask.count(asked).events
        plain = [word.strip('"*-') for word in words.removeprefix("sentence:").split()]
        where = " AND ".join("contains(lower(text), ?)" for _ in plain)
        sql = f"SELECT count(*) FROM articles WHERE {where}"
        cells = (
            median(fresh(lambda w=words: index.find(w, snapshot), kept=False), rounds),
            median(fresh(lambda a=asked: ask.count(a), kept=False), rounds),
            median(fresh(lambda a=asked: ask.count(a), kept=True), rounds),
            median(fresh(lambda a=asked: ask.events(a, limit=50), kept=True), rounds),
        )
        scan = median(lambda s=sql, p=plain: cursor.execute(s, p).fetchall(), 1)
        print(
            f"{words:22}{found:>9,}" + "".join(f"{cell:>7.0f}" for cell in cells) + f"{scan:>8.0f}",
            flush=True,
        )
    everything = Selection()
    print("the page of events, nothing searched:")
    for name, job in {
        "first page by date": lambda: ask.events(everything, limit=50),
        "by intensity": lambda: ask.events(everything, limit=50, order="intensity", descending=False),
        "by confidence": lambda: ask.events(everything, limit=50, order="confidence"),
        "by outlets": lambda: ask.events(everything, limit=50, order="outlets"),
        "page 18,000": lambda: ask.events(everything, limit=50, offset=899_950),
        "one dyad": lambda: ask.events(Selection(dyad=("RUS", "UKR")), limit=50),
        "count": lambda: ask.count(everything),
    }.items():
        print(f"  {name:22}{median(job, rounds):>7.0f}", flush=True)


if __name__ == "__main__":
    main()
