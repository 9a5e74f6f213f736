"""Speed and memory of imports, beside pandas.read_csv of the same file.

    python tests/bench_import.py               1,000,000 rows of GDELT 2.0, made up
    python tests/bench_import.py 10000000      ten million (4 GB of disk)
    python tests/bench_import.py 1000000 DIR   with the file kept in DIR

Each runs in a process of its own; peak memory is its resident set. Entente reads, maps, flags, folds and commits;
pandas only reads, the columns as text, a hundred thousand rows at a time (whole, it would hold the file in memory).
Memory is told after each tenth of the file, to show that it does not grow with it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def entente(path: Path) -> None:
    from events.imports import Imported, bring
    from events.store import Store

    marks: list[tuple[int, float]] = []

    def mark(summary: Imported) -> None:
        marks.append((summary.rows, peak_mb()))

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        began, busy = time.perf_counter(), time.process_time()
        (done,) = bring([path], Store(f"{folder}/store"), progress=mark)
        took, worked = time.perf_counter() - began, time.process_time() - busy
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file()) / 1e6
    steps = [next(mb for rows, mb in marks if rows >= done.rows * tenth / 10) for tenth in range(1, 11)]
    print(
        f"  Entente          {done.rows / took:10,.0f} rows/s {took:8.1f} s, {worked:.0f} s of processor; peak {peak_mb():5.0f} MB; "
        f"{done.reports:,} reports in {done.events:,} events, store {size:,.0f} MB"
    )
    print(f"    peak by tenths of the file, MB: {', '.join(f'{mb:.0f}' for mb in steps)}")


def pandas(path: Path) -> None:
    import pandas as pd

    began, busy = time.perf_counter(), time.process_time()
    rows = sum(
        len(chunk)
        for chunk in pd.read_csv(
            path, sep="\t", header=None, dtype=str, quoting=3, keep_default_na=False, chunksize=100_000
        )
    )
    took, worked = time.perf_counter() - began, time.process_time() - busy
    print(
        f"  pandas.read_csv  {rows / took:10,.0f} rows/s {took:8.1f} s, {worked:.0f} s of processor; peak {peak_mb():5.0f} MB"
    )


def main(rows: int = 1_000_000, keep: str | None = None) -> None:
    """Make the file where it is not there, and print both."""
    from tests.made_files import many_gdelt

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(keep or scratch) / f"gdelt-{rows}.export.CSV"
        if not path.exists():
            many_gdelt(path, rows)
        print(
            f"\nImport of {rows:,} rows of GDELT 2.0 ({path.stat().st_size / 1e6:,.0f} MB, made up); "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores:",
            flush=True,
        )
        for job in ("entente", "pandas"):
            subprocess.run([sys.executable, __file__, "--job", job, str(path)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        {"entente": entente, "pandas": pandas}[sys.argv[2]](Path(sys.argv[3]))
    else:
        main(*(int(value) if at == 0 else value for at, value in enumerate(sys.argv[1:3])))
