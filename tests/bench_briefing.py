"""Speed of briefings over a large store: seconds for slides and a document of one dyad, and for warm pictures.

    python tests/bench_briefing.py [FOLDER [A-B]]

FOLDER is a store; without it one of 100,000 events is made in a temporary folder. The dyad is the busiest unless it is
named. The first file is made before the clock starts, so that Chrome and the libraries are loaded. Told are the seconds
on the wall and of this process's own work: on a busy machine the first wait for others. Fails above the limits.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from events.briefing import pictures, writer
from events.briefing.recipe import standard
from events.queries import Queries
from events.schema import Selection
from events.store import Store
from tests.large_store import make

EVENTS = 100_000
LIMITS = {"pptx": 8.0, "docx": 8.0}
"""Seconds of own work in which a file of a dyad must be ready."""


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds on the wall and of this process."""
    wall, own = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - wall, time.process_time() - own


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(sys.argv[1]) if len(sys.argv) > 1 else make(folder, EVENTS)
        dyads = Queries(store).by_dyad(limit=1)
        pair = (
            tuple(sys.argv[2].split("-")) if len(sys.argv) > 2 else (dyads["a"].iloc[0], dyads["b"].iloc[0])
        )
        recipe = standard(Selection(dyad=pair))
        counts = Queries(store).count(recipe.selection)
        whole = Queries(store).count()
        print(
            f"{pair[0]}-{pair[1]}: {counts.events:,} of {whole.events:,} events; Chrome "
            f"{'found' if pictures.chrome() else 'missing'}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )
        writer.make(recipe, store, "pptx")
        slow = []
        for kind in ("pptx", "docx", "html", "xlsx"):
            wall, own = timed(lambda kind=kind: writer.make(recipe, store, kind))
            print(f"{kind:6}{wall:7.2f} s on the wall{own:7.2f} s own work", flush=True)
            if min(wall, own) > LIMITS.get(kind, float("inf")):
                slow.append(kind)
        pictures.close()
    if slow:
        raise SystemExit(f"too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
