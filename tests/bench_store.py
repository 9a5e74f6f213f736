"""Speed of the dashboard on large made-up stores, beside pandas in memory answering the same in the same run.

    python tests/bench_store.py            1,000,000 events
    python tests/bench_store.py --large    10,000,000 too (5 GB of disk, some minutes to make)
    python tests/bench_store.py --keep DIR make the stores there, or use those that are there

Each question is asked for many filters: median and 95th percentile over them, each asked once on a warm store, as
after a filter change. pandas holds one row an event, texts as categories. Peak memory is the resident set of the
process that asks. The pages are the real script by AppTest: its server side, without a browser. The cold start is
`streamlit run` and headless Chromium to the first drawn chart, with the samples. Load is told, as it slows all.
Then `tests/bench_search.py` asks the same store for words.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

PATIENT = 12.0  # seconds after which a question is not asked for further filters


def filters() -> list[tuple[str, object]]:
    """Return the filters by name: nothing, and what an analyst would change."""
    from events.schema import Selection

    return [
        ("nothing", Selection()),
        ("dyad", Selection(dyad=("RUS", "UKR"))),
        ("other dyad", Selection(dyad=("CHN", "USA"), direction="a_to_b")),
        ("party", Selection(parties=("USA",))),
        ("small party", Selection(parties=("KEN", "PER"))),
        ("a year", Selection(start=date(2024, 1, 2), end=date(2024, 12, 31))),
        ("ten odd years", Selection(start=date(2014, 3, 5), end=date(2024, 2, 11))),
        ("class", Selection(quad_classes=("material conflict",))),
        ("types", Selection(event_types=("CONSULT", "AID"))),
        ("states only", Selection(states_only=True)),
        ("not recalled", Selection(statuses=("occurred",))),
        ("domain", Selection(domains=("trade",))),
        ("issue", Selection(issues=("tariffs",))),
        ("sector", Selection(sectors=("GOV",))),
        ("confidence", Selection(min_confidence=0.7)),
        ("outlets", Selection(min_outlets=2)),
    ]


QUESTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "count": ("count", {}),
    "headline": ("headline", {}),
    "by_state": ("by_state", {}),
    "by_dyad": ("by_dyad", {}),
    "by_month": ("by_period", {"unit": "month"}),
    "by_week": ("by_period", {"unit": "week"}),
    "by_type": ("by_type", {}),
    "by_domain": ("by_domain", {}),
    "by_direction": ("by_direction", {}),
    "by_domain_month": ("by_lane", {"lane": "domain", "unit": "month"}),
    "by_issue": ("by_issue", {}),
    "page of 50": ("events", {"limit": 50}),
    "salient": ("salient", {"limit": 5}),
    "series": ("series", {"unit": "week"}),
    "coverage": ("coverage", {"unit": "week"}),
    "by_place": ("by_place", {"limit": 200}),
    "parties": ("parties", {}),
    "coming": ("coming", {"today": date(2025, 1, 20)}),
    "articles": ("articles", {"limit": 500}),
    "actors": ("actors", {"limit": 100}),
    "by_day": ("by_day", {}),
    "outlets": ("outlets", {}),
    "tellers": ("tellers", {"by": "country"}),
    "tellers one by one": ("tellers", {"by": "outlet"}),
}

# The pages, what each is opened with, and filters that an analyst changes there one after the other.
PAGES: dict[str, dict[str, object]] = {
    "overview": {}, "timeline": {}, "map": {}, "events": {}, "dyad": {"a": "RUS", "b": "UKR"},
}  # fmt: skip
CHANGES: tuple[tuple[str, object], ...] = (
    ("class", ["material conflict"]), ("class", []), ("period", "1 y"), ("sure", 0.5), ("period", "All"),
)  # fmt: skip


def peak_mb() -> float:
    """Return the most memory that this process has held. Linux hands `ru_maxrss` down from whoever began it."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def timed(job: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds: with other work on the machine, the second tells more."""
    began, busy = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - began, time.process_time() - busy


def ask_all(folder: str) -> dict[str, object]:
    """Ask every question for every filter; runs in a process of its own."""
    from events.queries import Queries
    from events.store import Store

    ask = Queries(Store(folder))
    ask.count()
    times: dict[str, dict[str, tuple[float, float]]] = {}
    for name, (question, arguments) in QUESTIONS.items():
        times[name] = {}
        for label, asked in filters():
            took = timed(lambda q=question, a=asked, v=arguments: getattr(ask, q)(a, **v))
            times[name][label] = took
            if took[0] > PATIENT:
                break
    return {"times": times, "peak": peak_mb()}


def pandas_all(folder: str) -> dict[str, object]:
    """Answer the same counts from a frame in memory; runs in a process of its own."""
    import pandas as pd

    from events.facts import MARK
    from events.queries import CONFLICT, state_codes
    from events.store import Store

    columns = (
        'event_id, source, target, "symmetric", event_type, quad_class, intensity, status, date, confidence, domains, '
        "issue_names, sectors, reports, articles, outlets, planned_for"
    )
    began = time.perf_counter()
    table = Store(folder).connect().sql(
        f"SELECT {columns} FROM facts JOIN (SELECT event_id, count(*) AS reports, "
        "count(DISTINCT article_id) AS articles, count(DISTINCT outlet) AS outlets FROM facts GROUP BY event_id) "
        "USING (event_id) WHERE founds"
    ).to_arrow_table()  # fmt: skip
    for name in (
        "source",
        "target",
        "event_type",
        "quad_class",
        "status",
        "domains",
        "issue_names",
        "sectors",
    ):
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(name).dictionary_encode())
    frame = table.to_pandas(date_as_object=False)
    del table
    loaded = time.perf_counter() - began
    frame["conflict"] = frame["quad_class"].isin(CONFLICT)
    states = sorted(state_codes())

    def held(column: str, name: str) -> pd.Series:
        kept = [value for value in frame[column].cat.categories if f"{MARK}{name}{MARK}" in value]
        return frame[column].isin(kept)

    def picked(asked: object) -> pd.DataFrame:
        s = asked
        met = frame["status"].isin(s.statuses) & ((frame["status"] != "background") | frame["date"].notna())
        if s.dyad:
            a, b = s.dyad
            forth = (frame["source"] == a) & (frame["target"] == b)
            back = (frame["source"] == b) & (frame["target"] == a)
            met &= forth | back if s.direction == "both" else forth | (frame["symmetric"] & back)
        if s.parties:
            met &= frame["source"].isin(s.parties) | frame["target"].isin(s.parties)
        if s.start:
            met &= frame["date"] >= pd.Timestamp(s.start)
        if s.end:
            met &= frame["date"] <= pd.Timestamp(s.end)
        if s.quad_classes:
            met &= frame["quad_class"].isin(s.quad_classes)
        if s.event_types:
            met &= frame["event_type"].isin(s.event_types)
        if s.states_only:
            met &= frame["source"].isin(states) & frame["target"].isin(states)
        for column, names in (("domains", s.domains), ("issue_names", s.issues), ("sectors", s.sectors)):
            for name in names:
                met &= held(column, name)
        if s.min_confidence:
            met &= frame["confidence"] >= s.min_confidence
        if s.min_outlets > 1:
            met &= frame["outlets"] >= s.min_outlets
        return frame[met]

    def count(f: pd.DataFrame) -> object:
        pairs = f.groupby(["source", "target"], observed=True).size().index
        dyads = {tuple(sorted(pair)) for pair in pairs}
        return len(f), f["reports"].sum(), f["date"].min(), f["date"].max(), len(dyads)

    def sums(f: pd.DataFrame, keys: list) -> object:
        groups = f.groupby(keys, observed=True)
        return groups.agg(n=("intensity", "size"), mean=("intensity", "mean"), share=("conflict", "mean"))

    def by_state(f: pd.DataFrame) -> object:
        sides = [
            f[["intensity", "conflict"]].assign(party=f[side].astype(str)) for side in ("source", "target")
        ]
        return sums(pd.concat(sides), ["party"])

    def by_names(f: pd.DataFrame, column: str) -> object:
        sets = sums(f, [column]).reset_index()
        return (
            sets.assign(name=sets[column].astype(str).str.strip(MARK).str.split(MARK))
            .explode("name")
            .groupby("name")["n"]
            .sum()
        )

    jobs: dict[str, Callable[[pd.DataFrame], object]] = {
        "count": count,
        "headline": lambda f: (len(f), f["intensity"].mean(), f["conflict"].mean()),
        "by_state": by_state,
        "by_dyad": lambda f: sums(f, ["source", "target", "symmetric"]),
        "by_month": lambda f: f.groupby([f["date"].dt.to_period("M"), "quad_class"], observed=True).size(),
        "by_week": lambda f: f.groupby([f["date"].dt.to_period("W"), "quad_class"], observed=True).size(),
        "by_type": lambda f: sums(f, ["event_type", "quad_class"]),
        "by_domain": lambda f: by_names(f, "domains"),
        "by_direction": lambda f: sums(f, ["source", "target"]),
        "by_issue": lambda f: by_names(f, "issue_names"),
        "page of 50": lambda f: f.nlargest(50, "date"),
        "coming": lambda f: f[f["planned_for"] >= pd.Timestamp("2025-01-20")].sort_values("planned_for"),
    }
    times = {
        name: {label: timed(lambda j=job, s=asked: j(picked(s))) for label, asked in filters()}
        for name, job in jobs.items()
    }
    return {"times": times, "peak": peak_mb(), "loaded": loaded}


def page(folder: str) -> dict[str, object]:
    """Run the overview by AppTest, change filters, look at the figures; runs in a process of its own."""
    os.environ["ENTENTE_STORE"] = folder
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_file(str(ROOT / "events/dashboard/main.py"), default_timeout=300)
    times = [timed(at.run)]
    largest = 0
    for key, value in (
        ("party", ["RUS"]), ("party", ["USA", "CHN"]), ("class", ["material conflict"]), ("class", []),
        ("party", []), ("type", ["AID"]), ("type", []), ("about", ["trade"]), ("about", []), ("period", "1 y"),
        ("period", "90 d"), ("period", "All"), ("sure", 0.5), ("sure", 0.0), ("states", True), ("party", ["FRA"]),
    ):  # fmt: skip
        at.session_state[key] = value
        times.append(timed(at.run))
        if at.exception:
            raise RuntimeError(at.exception[0].message)
        largest = max([largest, *(len(chart.proto.spec) for chart in at.get("plotly_chart"))])
    return {"first": times[0], "times": times[1:], "figure": largest, "peak": peak_mb()}


def pages(folder: str) -> dict[str, object]:
    """Open each page by AppTest in a session of its own and change filters; runs in a process of its own."""
    os.environ["ENTENTE_STORE"] = folder
    from streamlit.testing.v1 import AppTest

    told: dict[str, object] = {}
    for name, opened in PAGES.items():
        at = AppTest.from_file(str(ROOT / "events/dashboard/main.py"), default_timeout=300)
        at.switch_page(f"app_pages/{name}.py")
        for key, value in opened.items():
            at.query_params[key] = value
        times = [timed(at.run)]
        for key, value in CHANGES:
            at.session_state[key] = value
            times.append(timed(at.run))
            if at.exception:
                raise RuntimeError(f"{name}, {key} {value}: {at.exception[0].message}")
        told[name] = times
    return {"times": told, "peak": peak_mb()}


def cold_start() -> str:
    """Start the dashboard on the samples as a user would, and wait for its first chart in headless Chromium."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return "not measured: the package playwright is not installed"
    browser_path = os.environ.get("BROWSER_PATH") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser_path is None:
        return "not measured: no Chromium is installed"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        environment = os.environ | {"ENTENTE_STORE": f"{folder}/store"}
        subprocess.run([sys.executable, "-m", "events", "samples"], env=environment, cwd=ROOT, check=True, capture_output=True)  # fmt: skip
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        took = []
        for _ in range(3):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            began = time.perf_counter()
            server = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port), "--server.headless", "true"],
                cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                opened = browser.new_page()
                while True:
                    try:
                        opened.goto(f"http://127.0.0.1:{port}/")
                        break
                    except Error:
                        time.sleep(0.05)
                opened.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
                took.append(time.perf_counter() - began)
                opened.close()
            finally:
                server.terminate()
                server.wait()
        browser.close()
    return f"{statistics.median(took):.1f} s (streamlit run, headless Chromium; the median of {len(took)})"


JOBS = {"ask": ask_all, "pandas": pandas_all, "page": page, "pages": pages}


def apart(job: str, folder: str) -> dict[str, object]:
    """Run one of the jobs above in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--job", job, folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def spread(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{1000 * statistics.median(ordered):8.0f} {1000 * ordered[int(0.95 * (len(ordered) - 1) + 0.5)]:8.0f}"


def tell(events: int, folder: Path) -> None:
    """Make the store where it is not there, and print its table."""
    if not folder.exists():
        from tests.large_store import make

        began = time.perf_counter()
        make(folder, events)
        print(f"made {events:,} events in {time.perf_counter() - began:.0f} s")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e9
    print(
        f"\n{events:,} events, {size:.2f} GB; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; milliseconds"
    )
    ours, theirs = apart("ask", str(folder)), apart("pandas", str(folder))
    print(
        f"{'question':16} {'median':>8} {'p95':>8} {'cpu':>8} {'slowest filter':>22} | pandas {'median':>8} {'p95':>8}  ratio"
    )
    for name, by_filter in ours["times"].items():
        mine = [wall for wall, _ in by_filter.values()]
        busy = [cpu for _, cpu in by_filter.values()]
        slowest = max(by_filter, key=lambda label, f=by_filter: f[label][0])
        line = f"{name:16} {spread(mine)} {1000 * statistics.median(busy):8.0f} {slowest:>22} |"
        if name in theirs["times"]:
            other = [wall for wall, _ in theirs["times"][name].values()]
            line += f"        {spread(other)} {statistics.median(other) / statistics.median(mine):6.1f}"
        print(
            line + ("" if len(by_filter) == len(filters()) else f"  stopped after {len(by_filter)} filters")
        )
    print(
        f"peak memory {ours['peak']:.0f} MB; pandas {theirs['peak']:.0f} MB, loaded in {theirs['loaded']:.1f} s"
    )
    shown = apart("page", str(folder))
    walls, cpus = zip(*shown["times"], strict=True)
    print(
        f"overview by AppTest: first {shown['first'][0]:.1f} s; filter change {spread(list(walls)).strip()} ms (median, "
        f"p95), {1000 * statistics.median(cpus):.0f} ms of processor time; largest figure {shown['figure'] / 1e6:.2f} MB; "
        f"peak memory {shown['peak']:.0f} MB"
    )
    opened = apart("pages", str(folder))
    print(
        f"{'whole page':16} {'first':>8} {'cpu':>8} {'change':>8} {'cpu':>8} {'longest':>8}   n = {len(CHANGES)} changes"
    )
    for name, ((first, busy), *changes) in opened["times"].items():
        walls, cpus = zip(*changes, strict=True)
        numbers = (first, busy, statistics.median(walls), statistics.median(cpus), max(walls))
        print(f"{name:16}" + "".join(f" {1000 * value:8.0f}" for value in numbers))
    print("\nsearch", flush=True)
    subprocess.run([sys.executable, ROOT / "tests/bench_search.py", folder], cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--job", choices=tuple(JOBS))
    parser.add_argument("folder", nargs="?")
    given = parser.parse_args()
    if given.job:
        print(json.dumps(JOBS[given.job](given.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        for events in (1_000_000, *([10_000_000] if given.large else [])):
            tell(events, (given.keep or Path(scratch)) / f"{events}")
    print(f"\ncold start to the first chart, samples: {cold_start()}")


if __name__ == "__main__":
    main()
