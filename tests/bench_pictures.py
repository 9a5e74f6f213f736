"""Speed of pictures: cold start of Chrome, then warm PNG, SVG and PDF of each kind of chart, in a frame.

    python tests/bench_pictures.py             (make bench runs it)

A made-up store of 100,000 events; slides of 3200 × 1800 pixels. Warm: the median of seven after one that is not
counted; the figure is made before, as its questions are those of the bench of the store. Beside the time of a PNG
stands the processor time that Chrome and this process took for it, which other work on the machine does not change.
Memory is that of Chrome with its children, its shared pages counted once (PSS).
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

EVENTS, ROUNDS = 100_000, 7
WANTED = {"map": 1.0}  # seconds of a warm PNG; all others 0.5
KINDS = ("map", "timeline", "index", "matrix", "network", "issues", "treemap", "types")


def chrome_folders() -> Iterator[Path]:
    """The folders of Chrome's processes, none where the system has no /proc."""
    from events.briefing import pictures

    leader = pictures._service._session.browser.subprocess.pid
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(stat(folder)[3]) == leader:  # the number of its session
                yield folder


def stat(folder: Path) -> list[str]:
    return (folder / "stat").read_text().rsplit(")", 1)[1].split()


def chrome_mb() -> float:
    """Memory of the running Chrome in MB."""
    total = 0.0
    for folder in chrome_folders():
        with suppress(OSError):
            lines = (folder / "smaps_rollup").read_text().splitlines()
            total += sum(float(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return total


def processor() -> float:
    """Processor time of Chrome and of this process so far, in seconds."""
    ticks = 0
    for folder in chrome_folders():
        with suppress(OSError):
            ticks += sum(map(int, stat(folder)[11:15]))
    return time.process_time() + (ticks / os.sysconf("SC_CLK_TCK") if ticks else 0)


def bench(folder: Path) -> None:
    from events.briefing import frames, kinds, pictures
    from events.queries import Queries
    from events.schema import Selection
    from events.store import Store
    from tests.large_store import make

    if pictures.chrome() is None:
        print("pictures: no Chrome or Chromium is installed")
        return
    if not folder.exists():
        make(folder, EVENTS)
    queries = Queries(Store(folder))
    busiest = queries.by_dyad(Selection(), 1).iloc[0]
    pair = Selection(dyad=(str(busiest["a"]), str(busiest["b"])))
    drawn = {
        kind: kinds.chart(kind, queries, pair if kind in {"index", "types"} else Selection()).framed
        for kind in KINDS
    }
    began = time.perf_counter()
    frames.picture(drawn["timeline"], "png")
    print(
        f"\npictures of {EVENTS:,} events: Chrome and the first PNG {time.perf_counter() - began:.1f} s, then warm"
    )
    print(
        f"{'chart':10} {'PNG s':>8} {'wanted':>7} {'proc. s':>8} {'SVG s':>8} {'PDF s':>8} {'PNG KB':>8} {'SVG KB':>8} {'PDF KB':>8}"
    )
    for kind, framed in drawn.items():
        times, sizes, work = [], [], []
        for ending in pictures.KINDS:
            made = frames.picture(framed, ending)
            rounds = []
            before = processor()
            for _ in range(ROUNDS):
                began = time.perf_counter()
                made = frames.picture(framed, ending)
                rounds.append(time.perf_counter() - began)
            times.append(statistics.median(rounds))
            work.append((processor() - before) / ROUNDS)
            sizes.append(len(made) / 1000)
        wanted = WANTED.get(kind, 0.5)
        mark = "" if times[0] <= wanted else "  too slow"
        print(
            f"{kind:10} {times[0]:8.2f} {wanted:7.1f} {work[0]:8.2f} {times[1]:8.2f} {times[2]:8.2f} "
            + " ".join(f"{size:8.0f}" for size in sizes)
            + mark
        )
    began = time.perf_counter()
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: frames.picture(drawn["timeline"], "png"), range(20)))
    print(f"twenty at once {time.perf_counter() - began:.1f} s; memory of Chrome {chrome_mb():.0f} MB")
    pictures.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        bench(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch) / "store")
