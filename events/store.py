"""The store: articles, reports and assignments as Delta tables in one folder or object-store URL.

    <store>/articles      one row an article
    <store>/reports       one row a report, by year; `event_id` is the event it was first put in
    <store>/assignments   which report belongs to which event; append only, the newest counts
    <store>/judgements    what people judge of reports; append only, laid over the reports when asked
    <store>/facts         what follows from these for quick answers: one row a report, with its event's values
    <store>/cells         and events by month, dyad, type and status; see `events.facts`
    <store>/commits       one row a commit, naming the version of each table above

**A commit row makes a batch visible.** Readers take the newest row of `commits` and open the tables at the
versions it names: a batch over all tables is all or nothing. What a killed writer left without its commit
row is rolled back by the next writer. Writers on a local folder take turns by a lock file; on an object store
(s3://, az://, gs://, abfss://) there is no lock: **let one writer at a time write there**.
"""

from __future__ import annotations

import json
import os
import platform
import re
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError
from filelock import FileLock, Timeout

from events.errors import StoreError
from events.facts import CELL_SCHEMA, FACT_SCHEMA, cells_of, facts_of, joined_facts, summed_cells
from events.judgements import fold, stand
from events.reference import default_store, store_folder
from events.schema import (
    ARTICLE_SCHEMA,
    ASSIGNMENT_SCHEMA,
    CONFIDENCE_FIELDS,
    EVIDENCE_FIELDS,
    JUDGEMENT_SCHEMA,
    REPORT_SCHEMA,
    Article,
    Assignment,
    CodedArticle,
    Judgement,
    Report,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Added", "Snapshot", "Store", "TableName"]

TableName = Literal["articles", "reports", "assignments", "facts", "cells", "judgements"]

STORED: dict[str, pa.Schema] = {
    "articles": ARTICLE_SCHEMA,
    # `event_id` repeats the assignment made on the day: a report that was never moved needs no join.
    "reports": REPORT_SCHEMA.append(pa.field("event_id", pa.string())),
    # `commit` is the store version that brought the row: it orders assignments of one second.
    # `moved` marks those of a report that was stored before.
    "assignments": ASSIGNMENT_SCHEMA.append(pa.field("commit", pa.int64())).append(
        pa.field("moved", pa.bool_())
    ),
}
DERIVED: dict[str, pa.Schema] = {"facts": FACT_SCHEMA, "cells": CELL_SCHEMA}
"""The tables that follow from the others: a store that lacks them is read without, and gets them when written."""

LOGS: dict[str, pa.Schema] = {"judgements": JUDGEMENT_SCHEMA}
"""Tables that a store of an earlier version lacks until something is written to them."""

TABLES = STORED | DERIVED | LOGS
PARTITIONED = ("reports", "facts")  # by year

COMMIT_SCHEMA = pa.schema(
    [
        ("version", pa.int64()),
        ("when", pa.string()),
        ("action", pa.string()),
        ("articles", pa.int64()),
        ("reports", pa.int64()),
        ("articles_version", pa.int64()),
        ("reports_version", pa.int64()),
        ("assignments_version", pa.int64()),
        ("moves", pa.int64()),
        ("orphans", pa.int64()),
        ("facts_version", pa.int64()),
        ("cells_version", pa.int64()),
        ("numbered", pa.int64()),
        ("judgements_version", pa.int64()),
    ]
)
# Columns that came with a later version, by table, with DuckDB's type: files written before read as null there.
LATER = {
    "assignments": {"grounds": "VARCHAR"},
    "reports": {"flags": "VARCHAR[]"},
    "facts": {"flag_names": "VARCHAR"},
}

# A commit of 1,000 articles takes well under a second, a compaction of a large store about a minute.
LOCK_TIMEOUT = 300.0

# Files below this size are worth merging; `optimize` writes files of about 100 MB.
SMALL_FILE_BYTES = 32 * 1024 * 1024

# Measured here, 2 cores: a table of 520 small files opens in 13 ms and answers in 60 ms, compacted in 5 ms;
# compacting costs 160 ms. At 64 files a question loses about 8 ms, and each add pays 3 ms towards the merge.
MAX_SMALL_FILES = 64

# The history stays readable until `vacuum`, so the log must not forget it after Delta's 30 days.
TABLE_CONFIGURATION = {"delta.logRetentionDuration": "interval 36500 days"}

# Tried one by one on Linux: the library takes the path for an address, and these break it.
UNREADABLE = frozenset("%[]^|\\")

# Row groups are what DuckDB shares out to its threads and skips where a dyad cannot be in them.
WRITER = WriterProperties(compression="ZSTD", max_row_group_size=131_072)

_BY_FOLDER = ", hive_partitioning = true, hive_types = {'year': 'INTEGER'}"
_BY_NAME = ", hive_partitioning = false, filename = true"

# What DuckDB may hold before it spills to disk; the process itself needs some 400 MB beside it.
MEMORY_LIMIT = "900MB"

# Store versions of which what people judged is kept ready to be laid over.
OVERLAYS = 4

# Rows of a batch that goes from DuckDB to Delta.
STREAM = 100_000


@dataclass(frozen=True, slots=True)
class Added:
    """What `Store.add` did: the store version that shows it, and how many were new or there before."""

    version: int
    articles: int
    reports: int
    duplicates: int  # articles left out since they are stored


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One row of `commits`: a store version and the Delta version of each table in it."""

    version: int
    when: str
    action: str
    articles: int
    reports: int
    articles_version: int
    reports_version: int
    assignments_version: int
    moves: int  # assignments so far that moved a stored report to another event
    orphans: int  # assignments so far to an event whose founding report is not in it
    facts_version: int | None = None  # None: written by a version of Entente that kept no facts
    cells_version: int | None = None
    numbered: int | None = 0  # articles that facts have given a number
    judgements_version: int | None = None  # None: nobody has judged a report yet

    def table_version(self, table: TableName) -> int:
        """Return the Delta version of `table` in this snapshot."""
        return int(getattr(self, f"{table}_version") or 0)

    @property
    def summed(self) -> bool:
        """Whether facts and cells are kept."""
        return self.facts_version is not None and self.cells_version is not None

    @property
    def plain(self) -> bool:
        """Whether every report sits where it was first put, in an event that has its founding report."""
        return not self.moves and not self.orphans


EMPTY = Snapshot(0, "", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What judgements change of a snapshot: rows to lay over its views, and what they take the place of."""

    snapshot: Snapshot  # the one that the corrected views answer to
    judged: pa.Table  # report_id of the reports that are replaced or gone
    touched: pa.Table  # event_id of the events whose facts are replaced
    reports: pa.Table
    facts: pa.Table
    cells: pa.Table  # to be added to those of the table


class Store:
    """A store of coded articles at a folder or an object-store URL.

    Opening reads and creates nothing; the first `add` creates the folder. Threads may share
    an instance.
    On object stores there is no lock between writers: run one at a time. Credentials come from the
    environment, as the `deltalake` package reads them (AWS_ACCESS_KEY_ID, ...).
    """

    def __init__(self, path: str | Path | None = None, *, lock_timeout: float = LOCK_TIMEOUT) -> None:
        text = str(path if path is not None else default_store())
        folder = store_folder(text)
        self.is_local = folder is not None
        self.location = text.rstrip("/") if folder is None else str(folder.resolve())
        self.lock_timeout = lock_timeout
        if self.is_local and (odd := set(Path(self.location).as_posix()) & UNREADABLE):
            raise StoreError(
                f"the store's folder {self.location} has {' '.join(sorted(odd))} in its path, which the "
                "Delta library cannot open; choose another folder"
            )
        self._guard = threading.Lock()
        self._laying = threading.Lock()
        self._held = threading.local()
        self._datasets: dict[tuple[int, str], dict[str, int]] = {}
        self._files: dict[tuple[str, int], list[str]] = {}
        self._lacking: dict[tuple[str, int], list[str]] = {}
        self._mixed: dict[str, bool] = {}
        self._logs: dict[int, list[dict[str, Any]]] = {}
        self._stood: dict[
            tuple[Any, ...], dict[str, Any]
        ] = {}  # judged reports as rows, for the next overlay
        self._overlays: dict[tuple[int | None, ...], Overlay] = {}
        self._coded: dict[tuple[int, int], dict[str, dict[str, Any]]] = {}

    def __repr__(self) -> str:
        return f"Store({self.location!r})"

    # Reading

    def snapshot(self, version: int | None = None) -> Snapshot:
        """Return the newest snapshot, or that of `version`; version 0 is the empty store.

        Raises StoreError where the folder is no store or has no such version.
        """
        if version == 0:
            return EMPTY
        with self._errors("read"):
            newest = self._newest()
            if version is None or version == newest.version:
                return newest
            for row in self._commit_rows():
                if row["version"] == version:
                    return Snapshot(**row)
        raise StoreError(
            f"the store {self.location} has no version {version}; its newest is {newest.version}"
        )

    def version(self) -> int:
        """Return the number of the newest commit, 0 for an empty store."""
        return self.snapshot().version

    def is_empty(self) -> bool:
        """Return whether nothing was ever committed."""
        return self.version() == 0

    def versions(self) -> pd.DataFrame:
        """Return the commits, oldest first: version, when (UTC), action, articles and reports added."""
        with self._errors("read"):
            rows = self._commit_rows()
        frame: pd.DataFrame = pa.Table.from_pylist(rows, schema=COMMIT_SCHEMA).to_pandas()
        frame["when"] = pd.to_datetime(frame["when"], utc=True, format="ISO8601")
        return frame[["version", "when", "action", "articles", "reports"]]

    def datasets(self, version: int | Snapshot | None = None) -> dict[str, int]:
        """Return the number of stored articles by dataset, in the order of the names."""
        snapshot = version if isinstance(version, Snapshot) else self.snapshot(version)
        key = (snapshot.version, snapshot.when)
        known = self._datasets.get(key)
        if known is None:
            with self._errors("read"):
                rows = self.connect(snapshot).execute(
                    "SELECT dataset, count(*) FROM articles GROUP BY dataset ORDER BY dataset"
                )
                known = {str(name): int(number) for name, number in rows.fetchall()}
            with self._guard:
                self._datasets = {key: known}
        return dict(known)

    def has_articles(self, ids: Iterable[str]) -> set[str]:
        """Return which of these article ids are stored."""
        return set(self.outlets(ids))

    def outlets(self, ids: Iterable[str]) -> dict[str, str | None]:
        """Return the outlet (None where unknown) of those of these articles that are stored."""
        return self._of_articles("outlet", ids)

    def has_urls(self, urls: Iterable[str]) -> set[str]:
        """Return which of these addresses are those of stored articles."""
        wanted = pa.table({"url": pa.array(sorted(set(urls)), pa.string())})
        if not wanted.num_rows:
            return set()
        with self._errors("read"):
            cursor = self.connect()
            cursor.register("wanted", wanted)
            return {
                url
                for (url,) in cursor.execute(
                    "SELECT DISTINCT url FROM articles SEMI JOIN wanted USING (url)"
                ).fetchall()
            }

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the text of those of these articles that are stored."""
        return {key: text or "" for key, text in self._of_articles("text", ids).items()}

    def _of_articles(self, column: str, ids: Iterable[str]) -> dict[str, str | None]:
        wanted = pa.table({"article_id": pa.array(sorted(set(ids)), pa.string())})
        if not wanted.num_rows:
            return {}
        with self._errors("read"):
            cursor = self.connect()
            cursor.register("wanted", wanted)
            rows = cursor.execute(
                f"SELECT article_id, {column} FROM articles SEMI JOIN wanted USING (article_id)"  # noqa: S608 ours
            )
            return dict(rows.fetchall())

    def candidates(
        self, windows: Iterable[tuple[str, str, date, date]], *, dataset: str = "articles"
    ) -> list[tuple[Report, str | None, str]]:
        """Return the stored reports that may tell an act of these, with their outlet and their event.

        A window is a dyad in any order with its first and last day. Reports dated to a month or a year come
        where that began in the window's first year or later. Undated reports never come. Only reports of
        `dataset` come: an event lies within one dataset. Ordered by date and report_id.
        """
        asked = sorted({(min(a, b), max(a, b), first, last) for a, b, first, last in windows})
        snapshot = self.snapshot()
        if not asked or not snapshot.version:
            return []
        names = ", ".join(f"r.{name}" for name in REPORT_SCHEMA.names)
        columns = zip(("a", "b", "first", "last"), zip(*asked, strict=True), strict=True)
        with self._errors("read"):
            cursor = self.connect(snapshot)
            cursor.register("windows", pa.table({name: list(values) for name, values in columns}))
            rows = cursor.sql(
                f"SELECT {names}, r.event_id FROM reports r SEMI JOIN windows w "  # noqa: S608 names are ours
                "ON least(r.source, r.target) = w.a AND greatest(r.source, r.target) = w.b AND r.date <= w.last "
                "AND (r.date >= w.first OR r.date_precision IN ('month', 'year') "
                "AND r.date >= date_trunc('year', w.first)) "
                "WHERE r.dataset = $dataset AND r.year BETWEEN $low AND $high ORDER BY r.date, r.report_id",
                params={
                    "dataset": dataset,
                    "low": min(first.year for _, _, first, _ in asked),
                    "high": max(last.year for _, _, _, last in asked),
                },
            ).to_arrow_table()
        return [(report_of(row), row["outlet"], row["event_id"]) for row in rows.to_pylist()]

    def files(self, table: TableName, version: int | None = None) -> list[str]:
        """Return the Parquet paths (or URLs) that make up `table` at a store version.

        Reading them plainly is correct: a table with deletion vectors or column mapping is refused.
        The column `year` of reports stands in the folder names alone (`year=2024/`).
        """
        with self._errors("read"):
            return self._paths(table, self.snapshot(version))

    def connect(
        self, version: int | Snapshot | None = None, *, corrected: bool = False
    ) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB cursor of its own with the views `articles`, `reports` and `assignments`.

        `reports` carries `event_id`, the event it belongs to in that version. Where the version keeps them,
        the views `facts` and `cells` too. As coded, or with what people have judged laid over: `corrected` then
        gives the snapshot that the views answer to. Use it in one thread only.
        """
        snapshot = version if isinstance(version, Snapshot) else self.snapshot(version)
        cursor = _database(os.getpid()).cursor()
        # progress is measured, so that it can be asked for, but not printed
        cursor.execute("SET enable_progress_bar_print = false")
        cursor.execute("SET enable_progress_bar = true")
        with self._errors("read"):
            for table in STORED | DERIVED if snapshot.summed else STORED:
                self._view(cursor, table, snapshot)  # type: ignore[arg-type]
                if table in DERIVED:
                    cursor.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS FROM stored_{table}")
            folded = (
                "SELECT * FROM stored_reports"
                if not snapshot.moves
                else "SELECT r.* REPLACE (coalesce(m.moved_to, r.event_id) AS event_id) "
                "FROM stored_reports r LEFT JOIN (SELECT report_id, arg_max(event_id, commit) AS moved_to "
                "FROM stored_assignments WHERE moved GROUP BY report_id) m USING (report_id)"
            )
            overlay = self.overlay(snapshot) if corrected else None
            if overlay is not None:
                folded = _lay(cursor, overlay, folded)
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW reports AS {folded}")
            cursor.execute("CREATE OR REPLACE TEMP VIEW articles AS SELECT * FROM stored_articles")
            cursor.execute("CREATE OR REPLACE TEMP VIEW assignments AS SELECT * FROM stored_assignments")
        return cursor

    def corrected(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot that the views of `connect(snapshot, corrected=True)` answer to."""
        overlay = self.overlay(snapshot)
        return snapshot if overlay is None else overlay.snapshot

    def judgements(self, version: int | Snapshot | None = None) -> list[dict[str, Any]]:
        """Return the log of judgements, the oldest first, as dicts with the columns of `JUDGEMENT_SCHEMA`."""
        snapshot = version if isinstance(version, Snapshot) else self.snapshot(version)
        at = snapshot.judgements_version
        if not at:
            return []
        known = self._logs.get(at)
        if known is None:
            with self._errors("read"):
                cursor = _database(os.getpid()).cursor()
                self._view(cursor, "judgements", snapshot)
                rows = cursor.sql("FROM stored_judgements ORDER BY commit, line").to_arrow_table()
            known = rows.to_pylist()
            with self._guard:
                self._logs = {at: known}
        return known

    def coded_reports(self, report_ids: Iterable[str]) -> dict[str, Report]:
        """Return these reports of the newest version as the coder gave them, by id; unknown ones are left out."""
        snapshot = self.snapshot()
        if not snapshot.version:
            return {}
        with self._errors("read"):
            rows = self._coded_rows(self.connect(snapshot), snapshot, set(report_ids))
        return {key: report_of(row) for key, row in rows.items()}

    def whereabouts(self, report_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return the event and the data set of those of these reports that are stored, by id."""
        with self._errors("read"):
            return self._events_of(self.snapshot(), sorted(set(report_ids)))

    def dataset_of(self, article_id: str) -> str | None:
        """Return the data set of a stored article, None where it is not stored."""
        return self._of_articles("dataset", [article_id]).get(article_id)

    def overlay(self, snapshot: Snapshot) -> Overlay | None:
        """Return what the judgements of this snapshot change; None where there are none."""
        if not snapshot.judgements_version:
            return None
        key = (
            snapshot.judgements_version, snapshot.reports_version, snapshot.assignments_version,
            snapshot.articles_version, snapshot.facts_version,
        )  # fmt: skip
        with self._laying:  # the questions of a page come together: one of them lays, the others wait
            known = self._overlays.get(key)
            if known is None:
                with self._errors("read"):
                    known = self._laid(snapshot)
                while len(self._overlays) >= OVERLAYS:
                    self._overlays.pop(next(iter(self._overlays)))
                self._overlays[key] = known
        return replace(known, snapshot=replace(
            snapshot, orphans=known.snapshot.orphans, numbered=known.snapshot.numbered
        ))  # fmt: skip

    def _laid(self, snapshot: Snapshot) -> Overlay:
        standings = fold(self.judgements(snapshot))
        cursor = self.connect(snapshot)
        coded = self._coded_rows(cursor, snapshot, set(standings))
        missing = [
            s for key, s in standings.items() if key not in coded and s.told and s.verdict != "rejected"
        ]
        founders = self._coded_rows(cursor, snapshot, {s.event_id for s in missing})
        about = self._article_heads(cursor, {s.article_id for s in missing})
        stood: dict[tuple[Any, ...], dict[str, Any]] = {}
        touched: set[str] = {row["event_id"] for row in coded.values()}
        for key, standing in standings.items():
            if standing.verdict == "rejected":
                continue
            row, head = coded.get(key), about.get(standing.article_id)
            said = repr((standing.verdict, standing.given, standing.spans))
            at = (key, said, snapshot.reports_version, row and row["event_id"])
            if row is not None and (kept := self._stood.get(at)) is not None:
                stood[at] = kept
                continue
            told = report_of(row) if row else standing.told
            if row is not None:
                dataset, event_id = row["dataset"], row["event_id"]
            elif head is not None:
                founder = founders.get(standing.event_id)
                dataset, event_id = head["dataset"], founder["event_id"] if founder else standing.event_id
            if told is None or (about_it := row or head) is None:
                continue  # its article is not in this version
            article = Article(told.article_id, "", outlet=about_it["outlet"], published=about_it["published"])
            touched.add(event_id)
            stood[at] = _report_row(article, stand(told, standing), dataset, event_id)
        self._stood = stood
        schema = STORED["reports"]
        made = Overlay(
            snapshot,
            judged=pa.table({"report_id": pa.array(sorted(standings), pa.string())}),
            touched=pa.table({"event_id": pa.array(sorted(touched), pa.string())}),
            reports=pa.Table.from_pylist(list(stood.values()), schema=schema),
            facts=FACT_SCHEMA.empty_table(),
            cells=CELL_SCHEMA.empty_table(),
        )
        cursor.register("laid_reports", made.reports)
        cursor.register("touched", made.touched)
        if not snapshot.summed:
            return replace(
                made, snapshot=replace(snapshot, orphans=snapshot.orphans + 1)
            )  # founders may be gone
        return self._with_facts(made, cursor, snapshot)

    def _with_facts(self, made: Overlay, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> Overlay:
        """Return the overlay with the facts of the touched events made anew, and what that changes in the cells."""
        old = cursor.sql("FROM facts SEMI JOIN touched USING (event_id)").to_arrow_table()
        judged = set(made.judged.column("report_id").to_pylist())
        others = set(old.column("report_id").to_pylist()) - judged
        rest = [row for key, row in self._coded_rows(cursor, snapshot, others).items() if key in others]
        told = pa.concat_tables([made.reports, pa.Table.from_pylist(rest, schema=made.reports.schema)])
        numbers = dict(
            zip(old.column("article_id").to_pylist(), old.column("article_no").to_pylist(), strict=True)
        )
        unnumbered = pa.table({"article_id": pc.unique(told.column("article_id"))})
        numbers |= self._article_numbers(snapshot, unnumbered)
        numbered = snapshot.numbered or 0
        for article in sorted(set(unnumbered.column("article_id").to_pylist()) - set(numbers)):
            numbers[article] = numbered
            numbered += 1
        cursor.register("old", old)
        cursor.register("told_now", told)
        cursor.register("numbers", _numbers(numbers))
        new = (
            cursor.sql(facts_of(_LED.format("told_now"), "FROM told_now")).to_arrow_table().cast(FACT_SCHEMA)
        )
        cursor.register("new", new)
        cells = cursor.sql(summed_cells(f"{cells_of('FROM new')} UNION ALL {cells_of('FROM old', -1)}"))
        events, ids = (set(new.column(name).to_pylist()) for name in ("event_id", "report_id"))
        return replace(
            made,
            snapshot=replace(snapshot, orphans=snapshot.orphans + len(events - ids), numbered=numbered),
            facts=new,
            cells=cells.to_arrow_table().cast(CELL_SCHEMA),
        )

    def _coded_rows(
        self, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot, ids: set[str]
    ) -> dict[str, dict[str, Any]]:
        """Return the rows of `reports`, as coded, of those of these reports that are stored, by id."""
        key = (snapshot.reports_version, snapshot.assignments_version)
        known = self._coded.get(key, {})
        asked = ids - set(known)
        if asked:
            cursor.register("asked", pa.table({"report_id": pa.array(sorted(asked), pa.string())}))
            years = ""
            if snapshot.summed:  # where they are is quickly known; all the years' reports are slow to search
                found = cursor.sql("SELECT DISTINCT report_year FROM facts SEMI JOIN asked USING (report_id)")
                listed = ", ".join(str(row[0]) for row in found.fetchall()) or "NULL"
                years = f"WHERE year IN ({listed})"
            rows = cursor.sql(f"SELECT * FROM reports SEMI JOIN asked USING (report_id) {years}")  # noqa: S608
            fresh = {row["report_id"]: row for row in rows.to_arrow_table().to_pylist()}
            with self._guard:
                self._coded = {key: known | fresh}
            known = known | fresh
        return {name: known[name] for name in ids if name in known}

    @staticmethod
    def _article_heads(cursor: duckdb.DuckDBPyConnection, ids: set[str]) -> dict[str, dict[str, Any]]:
        """Return outlet, published and dataset of these articles."""
        if not ids:
            return {}
        cursor.register("heads_asked", pa.table({"article_id": pa.array(sorted(ids), pa.string())}))
        rows = cursor.sql(
            "SELECT article_id, outlet, published, dataset FROM articles SEMI JOIN heads_asked USING (article_id)"
        ).to_arrow_table()
        return {row["article_id"]: row for row in rows.to_pylist()}

    # Writing

    def add(
        self, coded: Sequence[CodedArticle], assignments: Sequence[Assignment], *, dataset: str = "articles"
    ) -> Added:
        """Commit coded articles with their reports and the events these belong to, all or nothing.

        Articles already stored are left out with their reports, so a run that was cut off is run again.
        Every report needs an assignment; of several the newest counts. An assignment of a report that is
        stored already moves it to another event. Raises StoreError, and then nothing was added.
        """
        newest = _newest_assignments(assignments)
        _check(coded, newest)
        with self._writing():
            base = self._heal()
            known = self.has_articles(item.article.article_id for item in coded) if base.version else set()
            fresh = {item.article.article_id: item for item in reversed(coded)}
            items = [
                fresh[key] for key in dict.fromkeys(i.article.article_id for i in coded) if key not in known
            ]
            reports = [(item.article, report) for item in items for report in item.reports]
            ours = {report.report_id for _, report in reports}
            coded_ids = {report.report_id for item in coded for report in item.reports}
            moved = self._moves(base, [a for key, a in newest.items() if key not in coded_ids])
            joined = {key: newest[key].event_id for key in ours}
            orphans = self._orphans(base, joined, [a.event_id for a in moved], dataset)
            added = Added(base.version, len(items), len(reports), len(coded) - len(items))
            if not items and not moved:
                return added
            version = base.version + 1
            told = _arrow("reports", [_report_row(a, r, dataset, joined[r.report_id]) for a, r in reports])
            self._append("reports", told)
            self._append(
                "assignments",
                _arrow(
                    "assignments",
                    [
                        _assignment_row(newest[key], version, moved=is_moved)
                        for group, is_moved in ((sorted(ours), False), ([a.report_id for a in moved], True))
                        for key in group
                    ],
                ),
            )
            self._append("articles", _arrow("articles", [_article_row(item, dataset) for item in items]))
            numbered = self._add_facts(base, told, moved)
            done = self._commit(base, "add", len(items), len(reports), len(moved), orphans, numbered=numbered)
            if any(self._small_files(table) > MAX_SMALL_FILES for table in self._there()):
                self._compact(done)
            return Added(version, added.articles, added.reports, added.duplicates)

    def stored_articles(self, dataset: str) -> Iterator[list[Article]]:
        """Yield the articles of a data set that have a text, in batches of 500."""
        with self._errors("read"):
            cursor = self.connect()
            rows = cursor.sql(
                "SELECT * FROM articles WHERE dataset = $dataset AND text <> '' ORDER BY article_id",
                params={"dataset": dataset},
            ).to_arrow_reader(500)
            for batch in rows:
                yield [article_of(row).article for row in batch.to_pylist()]

    def recode(
        self, batches: Iterable[tuple[Sequence[CodedArticle], Sequence[Assignment]]], *, dataset: str
    ) -> Added:
        """Put another coding of a data set in the place of its reports, all or nothing.

        A report that was stored keeps the event it is in; the others need an assignment. What people judged holds to
        the reports' ids and stays. Older versions of the store show the earlier coding. Raises StoreError, and then
        nothing was changed, where reports of the data set have no text to be coded from, as imported ones have none.
        """
        with self._writing():
            base = self._heal()
            before = self._count_reports(base, dataset)
            self._check_texts(base, dataset)
            name = dataset.replace("'", "''")
            self._open("reports").delete(f"dataset = '{name}'", writer_properties=WRITER)
            number = articles = 0
            seen: set[str] = set()
            for coded, assignments in batches:
                given = _newest_assignments(assignments)
                reports = [(item.article, report) for item in coded for report in item.reports]
                events = {
                    key: event
                    for key, (event, _) in self._events_of(base, [r.report_id for _, r in reports]).items()
                }
                fresh = {r.report_id for _, r in reports} - set(events)
                if lacking := fresh - set(given):
                    raise StoreError(f"report {min(lacking)} has no assignment; cluster before recoding")
                if twice := {r.report_id for _, r in reports} & seen:
                    raise StoreError(f"report {min(twice)} comes with two articles; code them anew")
                seen |= fresh | set(events)
                joined = events | {key: given[key].event_id for key in fresh}
                rows = [_report_row(a, r, dataset, joined[r.report_id]) for a, r in reports]
                self._append("reports", _arrow("reports", rows))
                told = [_assignment_row(given[key], base.version + 1, moved=False) for key in sorted(fresh)]
                self._append("assignments", _arrow("assignments", told))
                number, articles = number + len(rows), articles + len(coded)
            written = replace(
                base,
                reports_version=self._open("reports").version(),
                assignments_version=self._open("assignments").version(),
                facts_version=None,
            )
            (lost,) = (
                self.connect(written)
                .sql(
                    "SELECT count(*) FROM (SELECT event_id FROM reports GROUP BY event_id "
                    "HAVING NOT bool_or(report_id = event_id))"
                )
                .fetchall()[0]
            )
            done = self._sum_up(replace(written, orphans=int(lost)), action="recode", reports=number - before)
            return Added(done.version, articles, number, 0)

    def _count_reports(self, base: Snapshot, dataset: str) -> int:
        rows = self.connect(base).execute("SELECT count(*) FROM facts WHERE dataset = $1", [dataset])
        return int(rows.fetchall()[0][0])

    def _check_texts(self, base: Snapshot, dataset: str) -> None:
        """Raise StoreError where reports of a data set would be lost, as nothing could code them again."""
        rows = self.connect(base).execute(
            "SELECT count(*) FROM facts SEMI JOIN (SELECT article_id FROM articles "
            "WHERE dataset = $1 AND coalesce(text, '') = '') USING (article_id)",
            [dataset],
        )
        if lost := int(rows.fetchall()[0][0]):
            raise StoreError(
                f"{lost:,} reports of data set {dataset!r} have no text to be coded from again, as imported ones "
                'have none; name a data set of articles, such as "articles"'
            )

    def unstored(self, reports: pa.Table) -> pa.Table:
        """Return the rows of a table with the column `report_id` whose report is not stored, in their order."""
        base = self.snapshot()
        if not base.version or not reports.num_rows:
            return reports
        with self._errors("read"):
            cursor = self.connect(base)
            cursor.register("batch", reports.select(["report_id"]))
            table = "facts" if base.summed else "reports"
            found = cursor.sql(f"SELECT report_id FROM {table} SEMI JOIN batch USING (report_id)")  # noqa: S608
            stored = found.to_arrow_table().column("report_id")
        if not len(stored):
            return reports
        return reports.filter(pc.invert(pc.is_in(reports.column("report_id"), value_set=stored)))

    def founders(self, reports: pa.Table, *, dataset: str) -> pa.Table:
        """Return the stored events of a dataset that have a day and a dyad of these reports (any direction).

        `reports` has the columns date, source, target. Columns: event_id, date, source, target, symmetric,
        event_type, mode, article_id, place_name, place_country.
        """
        names = ", ".join(
            f'f."{name}"'
            for name in (
                "event_id",
                "date",
                "source",
                "target",
                "symmetric",
                "event_type",
                "mode",
                "article_id",
            )
        )
        base = self.snapshot()
        with self._errors("read"):
            cursor = self.connect(base)
            table = "facts" if base.summed else "(SELECT *, report_id = event_id AS founds FROM reports)"
            cursor.register("batch", reports.select(["date", "source", "target"]))
            days = pc.min_max(reports.column("date")).as_py()
            return cursor.sql(
                f"SELECT {names}, place.name AS place_name, place.country AS place_country "  # noqa: S608
                f"FROM {table} f SEMI JOIN batch b ON f.date = b.date AND least(f.source, f.target) = "
                "least(b.source, b.target) AND greatest(f.source, f.target) = greatest(b.source, b.target) "
                "WHERE founds AND dataset = $dataset AND f.date BETWEEN $first AND $last ORDER BY event_id",
                params={"dataset": dataset, "first": days["min"], "last": days["max"]},
            ).to_arrow_table()

    def load(self, articles: pa.Table, reports: pa.Table, *, dataset: str, action: str, by: str) -> Added:
        """Commit a batch of another data set's reports, all or nothing: many rows at once, as tables.

        `articles` has the columns of table `articles`, `reports` those of `reports`, `event_id` and `reason` (why it
        is in that event). Reports that are stored are left out; articles too, with their reports kept. An event is
        founded by a report of the batch or stored in this dataset. Raises StoreError, and then nothing was added.
        """
        with self._writing():
            base = self._heal()
            fresh = self.unstored(reports)
            duplicates = reports.num_rows - fresh.num_rows
            if not fresh.num_rows:
                return Added(base.version, 0, 0, duplicates)
            fresh = self._rejoined(base, reports, fresh)
            keys = fresh.column("report_id").to_pylist()
            joined = dict(zip(keys, fresh.column("event_id").to_pylist(), strict=True))
            if len(joined) < len(keys):
                raise StoreError("two reports of a batch have one id; give each its own")
            orphans = self._orphans(base, joined, [], dataset)
            known = self._article_numbers(base, fresh)
            stored = self.has_articles(articles.column("article_id").to_pylist()) if base.version else set()
            mask = pa.array([key not in stored for key in articles.column("article_id").to_pylist()])
            new = articles.filter(mask).select(ARTICLE_SCHEMA.names).cast(ARTICLE_SCHEMA)
            version, now = base.version + 1, datetime.now(UTC).isoformat()
            told = fresh.select(STORED["reports"].names).cast(STORED["reports"])
            self._append("reports", told)
            number = told.num_rows
            given: dict[str, Any] = {
                "report_id": told.column("report_id"),
                "event_id": told.column("event_id"),
                "reason": fresh.column("reason"),
                "by": pa.repeat(by, number),
                "when": pa.repeat(now, number),
                "grounds": pa.repeat('{"rule": "imported"}', number),
                "commit": pa.repeat(pa.scalar(version, pa.int64()), number),
                "moved": pa.repeat(False, number),
            }
            schema = STORED["assignments"]
            self._append("assignments", pa.table(given).select(schema.names).cast(schema))
            self._append("articles", new)
            numbered = self._add_facts(base, told, (), known)
            done = self._commit(base, action, new.num_rows, number, 0, orphans, numbered=numbered)
            if any(self._small_files(table) > MAX_SMALL_FILES for table in self._there()):
                self._compact(done)
            return Added(version, new.num_rows, number, duplicates)

    def _rejoined(self, base: Snapshot, reports: pa.Table, fresh: pa.Table) -> pa.Table:
        """Return fresh reports in the events that stored reports of the batch are in by now."""
        if fresh.num_rows == reports.num_rows:
            return fresh
        ours = pc.is_in(fresh.column("event_id"), value_set=fresh.column("report_id"))
        led = pc.unique(fresh.filter(pc.invert(ours)).column("event_id")).to_pylist()
        current = self._events_of(base, led)
        events = [
            current[event][0] if event in current else event for event in fresh.column("event_id").to_pylist()
        ]
        place = fresh.column_names.index("event_id")
        return fresh.set_column(place, "event_id", pa.array(events, pa.string()))

    def _article_numbers(self, base: Snapshot, reports: pa.Table) -> dict[str, int]:
        """Return the numbers of those of the reports' articles that have one."""
        if not base.version:
            return {}
        cursor = self.connect(base)
        cursor.register("wanted", pa.table({"article_id": pc.unique(reports.column("article_id"))}))
        rows = cursor.execute(
            "SELECT article_id, any_value(article_no) FROM facts SEMI JOIN wanted USING (article_id) GROUP BY 1"
        )
        return dict(rows.fetchall())

    def move(self, assignments: Sequence[Assignment], *, action: str) -> int:
        """Commit assignments of stored reports to other events, as `action`; return the store version.

        The newest version where they change nothing. Raises StoreError where a report is not stored, or would
        come into an event of another dataset; then nothing was moved.
        """
        with self._writing():
            base = self._heal()
            moved = self._moves(base, list(_newest_assignments(assignments).values()))
            if not moved:
                return base.version
            datasets = self._events_of(base, sorted({k for a in moved for k in (a.report_id, a.event_id)}))
            for a in moved:
                if a.event_id in datasets and datasets[a.event_id][1] != datasets[a.report_id][1]:
                    raise StoreError(
                        f"report {a.report_id} and event {a.event_id} lie in two data sets; an event lies in one"
                    )
            rows = [_assignment_row(a, base.version + 1, moved=True) for a in moved]
            self._append("assignments", _arrow("assignments", rows))
            self._add_facts(base, STORED["reports"].empty_table(), moved)
            return self._commit(base, action, moves=len(moved)).version

    def judge(self, judgements: Sequence[Judgement], *, action: str = "judge") -> int:
        """Append judgements to the log, as one commit; return the store version that shows them.

        Raises StoreError where the store is empty; whether they make sense is for `events.review` to say.
        """
        with self._writing():
            base = self._heal()
            if not base.version:
                raise StoreError(f"the store {self.location} is empty; there is nothing to judge")
            self._make_table("judgements")
            rows = [
                asdict(item) | {"commit": base.version + 1, "line": line}
                for line, item in enumerate(judgements)
            ]
            self._append("judgements", pa.Table.from_pylist(rows, schema=JUDGEMENT_SCHEMA))
            done = self._commit(base, action)
            if any(self._small_files(table) > MAX_SMALL_FILES for table in ("judgements", "commits")):
                self._compact(done)
            return done.version

    def assignments(self, report_ids: Iterable[str], version: int | None = None) -> pd.DataFrame:
        """Return every assignment of these reports, the oldest first.

        Columns: report_id, event_id, reason, by, when (ISO, UTC), grounds (JSON; "" where an older version wrote
        none), commit (the store version that brought it), moved (whether the report was stored before).
        """
        snapshot = self.snapshot(version)
        with self._errors("read"):
            cursor = self.connect(snapshot)
            cursor.register("wanted", pa.table({"report_id": pa.array(sorted(set(report_ids)), pa.string())}))
            frame: pd.DataFrame = cursor.sql(
                "SELECT * REPLACE (coalesce(grounds, '') AS grounds) FROM assignments "
                "SEMI JOIN wanted USING (report_id) ORDER BY commit, report_id"
            ).df()
        return frame

    def moved(self, version: int) -> list[str]:
        """Return the reports that the commit of this version moved to another event."""
        with self._errors("read"):
            rows = self.connect().execute(
                "SELECT report_id FROM assignments WHERE moved AND commit = $1 ORDER BY report_id", [version]
            )
            return [str(row[0]) for row in rows.fetchall()]

    def compact(self) -> int:
        """Merge small files, as a commit of its own; returns how many files were replaced.

        Older versions stay readable. `add` does this by itself when small files become many.
        """
        with self._writing():
            return self._compact(self._heal())

    def bring_up_to_date(self) -> bool:
        """Make the tables that a store of an earlier version of Entente lacks; returns whether it lacked any.

        The next `add` would do it too; until then such a store answers from its reports, more slowly.
        """
        if self.is_empty() or self.snapshot().summed:
            return False
        with self._writing():
            self._heal()
        return True

    def vacuum(self, retention_hours: int = 168) -> int:
        """Delete files that the newest version does not need and that are older than this; returns how many.

        Versions that needed them can no longer be read. Readers at work on a recent version are safe as
        long as `retention_hours` covers them; 0 deletes all but the newest version.
        """
        with self._writing():
            base = self._heal()
            deleted = 0
            for table in self._there():
                deleted += len(
                    self._open(table).vacuum(
                        retention_hours, dry_run=False, enforce_retention_duration=False, full=True
                    )
                )
            self._commit(base, "vacuum")
            return deleted

    # How it is done

    def _uri(self, table: str) -> str:
        return f"{self.location}/{table}"

    def _open(self, table: str, version: int | None = None) -> DeltaTable:
        opened = DeltaTable(self._uri(table), version=version)
        protocol = opened.protocol()
        if protocol.min_reader_version > 1:
            raise StoreError(
                f"table {table} of {self.location} was changed by another program to Delta reader version "
                f"{protocol.min_reader_version} (deletion vectors or column mapping), which Entente does not "
                "read; write it anew without these features"
            )
        return opened

    def _exists(self, table: str) -> bool:
        return bool(DeltaTable.is_deltatable(self._uri(table)))

    def _there(self) -> list[str]:
        """Return the names of the tables that the store has."""
        return [table for table in (*TABLES, "commits") if table not in LOGS or self._exists(table)]

    def _paths(self, table: str, snapshot: Snapshot) -> list[str]:
        if not snapshot.version:
            return []
        version = snapshot.table_version(table)  # type: ignore[arg-type]
        key = (table, version)
        for attempt in (1, 2):
            paths = self._files.get(key)
            if paths is None:
                paths = self._listed(self._open(table, version), table)
                with self._guard:
                    while len(self._files) >= 64:
                        self._files.pop(next(iter(self._files)))
                    self._files[key] = paths
            if not self.is_local:
                return paths
            missing = next((path for path in paths if not Path(path).exists()), None)
            if missing is None:
                return paths
            with self._guard:
                self._files.pop(key, None)
            if attempt == 2:
                raise StoreError(
                    f"version {snapshot.version} of the store {self.location} lacks the file {missing}: if a "
                    "vacuum deleted it, ask for a newer version; if not, bring the folder back from a backup"
                )
        raise AssertionError

    def _listed(self, opened: DeltaTable, table: str) -> list[str]:
        if not self.is_local:
            return list(opened.file_uris())
        folder = Path(self.location, table)
        actions = pa.table(opened.get_add_actions(flatten=True))
        return [str(folder / unquote(path)) for path in actions.column("path").to_pylist()]

    def _view(self, cursor: duckdb.DuckDBPyConnection, table: TableName, snapshot: Snapshot) -> None:
        schema = TABLES[table]
        paths = self._paths(table, snapshot)
        if not paths:
            cursor.register(f"stored_{table}", schema.empty_table())
        elif self.is_local:
            listed = ", ".join("'" + _glob_safe(path).replace("'", "''") + "'" for path in paths)
            options = self._partitions() if table in PARTITIONED else ""
            later = self._later(table, snapshot)
            source = f"read_parquet([{listed}]{options}{', union_by_name = true' if later else ''})"
            if options == _BY_NAME:
                source = f"(SELECT *, regexp_extract(filename, 'year=([0-9]+)/[^/]*$', 1)::INTEGER AS year FROM {source})"  # noqa: S608
            if later:
                source = f"(SELECT {later} FROM {source})"  # noqa: S608
            names = ", ".join(f'"{name}"' for name in schema.names)
            read = f"SELECT {names} FROM {source}"  # noqa: S608 names and paths are quoted
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW stored_{table} AS {read}")
        else:  # DuckDB's own object-store reader is an extension to download; pyarrow reads there too
            dataset = self._open(table, snapshot.table_version(table)).to_pyarrow_dataset()
            cursor.register(f"read_{table}", dataset)
            columns = self._later(table, snapshot) or "*"
            cursor.execute(
                f"CREATE OR REPLACE TEMP VIEW stored_{table} AS SELECT {columns} FROM read_{table}"  # noqa: S608
            )

    def _partitions(self) -> str:
        """Return the option by which DuckDB finds a row's year.

        In a folder that itself looks like a partition ("year=3") DuckDB would take that for the year when it
        leaves out files, so there the year is read from the name of each file.
        """
        return _BY_NAME if "year=" in self.location else _BY_FOLDER

    def _later(self, table: TableName, snapshot: Snapshot) -> str:
        """Return what to select from a table whose files may lack later columns, "" where none can lack any."""
        if table not in LATER:
            return ""
        if table not in self._mixed:  # made with these columns: no file lacks any
            made = {field.name for field in self._open(table, 0).schema().fields}
            self._mixed[table] = not made >= set(LATER[table])
        if not self._mixed[table]:
            return ""
        key = (table, snapshot.table_version(table))
        if key not in self._lacking:
            opened = self._open(table, snapshot.table_version(table))
            has = {field.name for field in opened.schema().fields}
            self._lacking[key] = [name for name in LATER[table] if name not in has]
        return ", ".join(["*", *(f"NULL::{LATER[table][name]} AS {name}" for name in self._lacking[key])])

    def _newest(self) -> Snapshot:
        if not self._exists("commits"):
            self._check_folder()
            return EMPTY
        opened = self._open("commits")
        if self.is_local:
            actions = pa.table(opened.get_add_actions(flatten=True))
            if not actions.num_rows:
                return EMPTY
            newest = max(
                actions.select(["max.version", "path"]).to_pylist(), key=lambda row: row["max.version"]
            )
            rows = self._read_files([str(Path(self.location, "commits", unquote(newest["path"])))])
        else:
            rows = opened.to_pyarrow_dataset().to_table().to_pylist()
        return Snapshot(**max(rows, key=lambda row: int(row["version"]))) if rows else EMPTY

    def _commit_rows(self) -> list[dict[str, Any]]:
        if not self._exists("commits"):
            self._check_folder()
            return []
        opened = self._open("commits")
        if self.is_local:
            rows = self._read_files(self._listed(opened, "commits"))
        else:
            rows = opened.to_pyarrow_dataset().to_table().to_pylist()
        return sorted(rows, key=lambda row: int(row["version"]))

    @staticmethod
    def _read_files(paths: Sequence[str]) -> list[dict[str, Any]]:
        return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]

    def _check_folder(self) -> None:
        """Raise StoreError where the folder is something else than a store or an empty place for one."""
        if not self.is_local or not os.path.lexists(self.location):
            return
        folder = Path(self.location)
        if not folder.is_dir():
            raise StoreError(f"{folder} is a file, not a store; name a folder")
        visible = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
        ours = {
            *TABLES,
            "commits",
            "desk",
            "watch",
        }  # these two may be there first: events.views, events.watch
        if visible and not any(entry.name in ours or (entry / "_delta_log").is_dir() for entry in visible):
            raise StoreError(
                f"{folder} is not a store: it holds other files ({visible[0].name}, ...); name an empty one"
            )
        filled = any(self._exists(name) and DeltaTable(self._uri(name)).version() > 0 for name in STORED)
        if filled and not self._exists("commits"):  # asked again: another process may just have made it
            raise StoreError(
                f"the store {folder} has lost its table `commits`; bring that folder back from a backup"
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of a local store over several calls, so that no other writer commits between them.

        `add` and its like may be called inside. Object stores have no lock: one writer at a time. Raises
        StoreError where the lock cannot be had within `lock_timeout` seconds.
        """
        with self._writing():
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lock of a local store, with its folder and tables made; holding it again is free."""
        if getattr(self._held, "depth", 0):
            yield
            return
        with self._lock():
            self._held.depth = 1
            try:
                yield
            finally:
                self._held.depth = 0

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._errors("write"):
            if not self.is_local:
                self._make_tables()
                yield
                return
            if not self._exists("commits"):
                self._check_folder()
            folder = Path(self.location)
            folder.mkdir(parents=True, exist_ok=True)
            holder = folder / ".lock-holder"
            lock = FileLock(folder / ".lock", timeout=self.lock_timeout)
            try:
                lock.acquire()
            except Timeout:
                who = holder.read_text(encoding="utf-8") if holder.is_file() else "another process"
                raise StoreError(
                    f"the store {folder} has been locked for {self.lock_timeout:g} seconds, last by {who}; "
                    "wait until that run has ended, or end it, and try again"
                ) from None
            try:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                holder.write_text(f"process {os.getpid()} on {platform.node()} at {now}", encoding="utf-8")
                self._make_tables()
                yield
            finally:
                lock.release()

    def _make_tables(self) -> None:
        if self._exists("commits"):
            return
        self._check_folder()
        for table in (*STORED, *DERIVED, "commits"):
            self._make_table(table)

    def _make_table(self, table: str) -> None:
        if not self._exists(table):
            DeltaTable.create(
                self._uri(table),
                schema=COMMIT_SCHEMA if table == "commits" else TABLES[table],
                partition_by=["year"] if table in PARTITIONED else None,
                configuration=TABLE_CONFIGURATION,
            )

    def _heal(self) -> Snapshot:
        """Roll back what a killed writer left without its commit row; returns the newest snapshot.

        A store that keeps no facts yet gets them, by a commit of its own.
        """
        base = self._newest()
        for table in DERIVED:
            self._make_table(table)
        logs = [table for table in LOGS if self._exists(table)]
        for table in (*STORED, *(DERIVED if base.summed else ()), *logs):
            opened = self._open(table)
            committed = base.table_version(table)
            if opened.version() > committed:
                opened.restore(committed)
            elif opened.version() < committed:
                raise StoreError(
                    f"table {table} of {self.location} stands at Delta version {opened.version()} but was "
                    f"committed at {committed}: files were lost; bring it back from a backup"
                )
        return base if base.summed else self._sum_up(base)

    def _append(self, table: TableName, data: pa.Table) -> None:
        if not data.num_rows:
            return
        if table == "reports":
            data = data.sort_by([("source", "ascending"), ("target", "ascending"), ("date", "ascending")])
        opened = self._open(table)
        has = {field.name for field in opened.schema().fields}
        write_deltalake(
            opened,
            data,
            mode="append",
            writer_properties=WRITER,
            schema_mode=None if has >= set(data.column_names) else "merge",
        )

    def _commit(
        self,
        base: Snapshot,
        action: str,
        articles: int = 0,
        reports: int = 0,
        moves: int = 0,
        orphans: int = 0,
        *,
        numbered: int | None = None,
    ) -> Snapshot:
        done = Snapshot(
            version=base.version + 1,
            when=datetime.now(UTC).isoformat(timespec="milliseconds"),
            action=action,
            articles=articles,
            reports=reports,
            articles_version=self._open("articles").version(),
            reports_version=self._open("reports").version(),
            assignments_version=self._open("assignments").version(),
            moves=base.moves + moves,
            orphans=base.orphans + orphans,
            facts_version=self._open("facts").version(),
            cells_version=self._open("cells").version(),
            numbered=base.numbered if numbered is None else numbered,
            judgements_version=self._open("judgements").version() if self._exists("judgements") else None,
        )
        row = pa.Table.from_pylist([asdict(done)], schema=COMMIT_SCHEMA)
        # merge: the table may have been made by a version of Entente that named fewer tables in a commit
        write_deltalake(
            self._open("commits"), row, mode="append", schema_mode="merge", writer_properties=WRITER
        )
        return done

    # Facts and cells: what follows from the reports

    def _add_facts(
        self,
        base: Snapshot,
        told: pa.Table,
        moved: Sequence[Assignment],
        known: Mapping[str, int] | None = None,
    ) -> int:
        """Bring facts and cells up to reports just appended and moves; returns how many articles have numbers.

        `known` holds the numbers of those articles of the reports that are stored already.

        An event that no stored report was in takes its facts from the batch, one that is led by its founding
        report lends its values to those that join; any other event touched is done anew from its reports.
        """
        current = self._events_of(base, [a.report_id for a in moved])
        changed = {a.event_id for a in moved} | {event for event, _ in current.values()}
        joined = pc.unique(told.column("event_id")).to_pylist()
        articles = pc.unique(told.column("article_id"))
        numbered = base.numbered or 0
        cursor = self.connect(base)
        cursor.register("batch", told)
        # an event founded in the batch is new, unless others joined it before its founding report came
        new_here = set() if base.orphans else set(told.column("report_id").to_pylist())
        wanted = sorted(changed | (set(joined) - new_here))
        cursor.register("wanted", pa.table({"event_id": pa.array(wanted, pa.string())}))
        old = cursor.sql("SELECT * FROM facts SEMI JOIN wanted USING (event_id)").to_arrow_table()
        cursor.register("old", old)
        led = "SELECT * FROM old WHERE founds AND report_id = event_id"
        stored = set(pc.unique(old.column("event_id")).to_pylist())
        firm = set(cursor.sql(led).to_arrow_table().column("event_id").to_pylist()) - changed
        anew = (changed | stored) - firm
        fresh_articles = [key for key in articles.to_pylist() if key not in (known or {})]
        numbers = (
            {key: numbered + i for i, key in enumerate(fresh_articles)}
            | dict(known or {})
            | dict(
                zip(old.column("article_id").to_pylist(), old.column("article_no").to_pylist(), strict=True)
            )
        )
        fresh = sorted(set(joined) - stored - anew)
        for name, events in (("fresh", fresh), ("firm", sorted(firm)), ("anew", sorted(anew))):
            cursor.register(name, pa.table({"event_id": pa.array(events, pa.string())}))
        if anew:
            self._retell(base, cursor, old, sorted(anew))
        else:
            cursor.register("retold", STORED["reports"].empty_table())
        cursor.register("numbers", _numbers(numbers))
        fresh_told = "FROM batch SEMI JOIN fresh USING (event_id)"
        new = pa.concat_tables(
            cursor.sql(sql).to_arrow_table().cast(FACT_SCHEMA)
            for sql in (
                facts_of(_LED.format(f"({fresh_told})"), fresh_told),
                joined_facts(
                    "FROM old SEMI JOIN firm USING (event_id)", "FROM batch SEMI JOIN firm USING (event_id)"
                ),
                facts_of(_LED.format("retold"), "FROM retold"),
            )
        )
        cursor.register("new", new)
        gone = "FROM old SEMI JOIN anew USING (event_id)"
        cells = cursor.sql(
            summed_cells(f"{cells_of('FROM new')} UNION ALL {cells_of(gone, -1)}")
        ).to_arrow_table()
        if retired := cursor.sql(gone).to_arrow_table():
            self._retire(retired)
        self._append("facts", new)
        self._append("cells", cells.cast(CELL_SCHEMA))
        return numbered + len(fresh_articles)

    def _retell(
        self, base: Snapshot, cursor: duckdb.DuckDBPyConnection, old: pa.Table, events: list[str]
    ) -> None:
        """Register as `retold` all reports that these events have now."""
        written = replace(
            base,
            version=base.version + 1,
            reports_version=self._open("reports").version(),
            assignments_version=self._open("assignments").version(),
            articles_version=base.articles_version,
            moves=base.moves + 1,  # so that moves are looked up
            facts_version=None,
        )
        reading = self.connect(written)
        years = sorted({int(year) for year in pc.unique(old.column("report_year")).to_pylist()})
        batch = pc.unique(cursor.sql("SELECT year FROM batch").to_arrow_table().column("year")).to_pylist()
        reading.register("anew", pa.table({"event_id": pa.array(events, pa.string())}))
        listed = ", ".join(map(str, sorted({*years, *batch}))) or "NULL"
        retold = reading.sql(
            f"FROM reports SEMI JOIN anew USING (event_id) WHERE year IN ({listed})"
        ).to_arrow_table()
        cursor.register("retold", retold)

    def _retire(self, facts: pa.Table) -> None:
        """Take these facts out of the table."""
        years = sorted(int(year) for year in pc.unique(facts.column("year")).to_pylist())
        events = ", ".join(
            "'" + str(event).replace("'", "''") + "'"
            for event in pc.unique(facts.column("event_id")).to_pylist()
        )
        self._open("facts").delete(
            f"year IN ({', '.join(map(str, years))}) AND event_id IN ({events})", writer_properties=WRITER
        )

    def _sum_up(self, base: Snapshot, *, action: str = "sum up", reports: int = 0) -> Snapshot:
        """Make facts and cells anew from all reports, a year at a time; a commit of its own."""
        for table in DERIVED:
            write_deltalake(
                self._open(table), TABLES[table].empty_table(), mode="overwrite", writer_properties=WRITER
            )
        cursor = self.connect(base)
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE numbers AS "
            "SELECT article_id, (row_number() OVER () - 1)::INTEGER AS number FROM articles"
        )
        own = "report_id, event_id, article_id, outlet, published, year"
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE joiners AS SELECT {own}, confidence FROM reports "  # noqa: S608
            "WHERE report_id <> event_id"
        )
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE leaders AS SELECT report_id FROM "
            "(SELECT * FROM joiners ANTI JOIN (SELECT report_id AS event_id FROM reports "
            "WHERE report_id = event_id) USING (event_id)) "
            "QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY confidence DESC, report_id) = 1"
        )
        years = [
            int(row[0])
            for row in cursor.execute("SELECT DISTINCT year FROM reports ORDER BY year").fetchall()
        ]
        for year in years:
            heads = (
                f"SELECT * FROM reports WHERE year = {year} "  # noqa: S608 a number of ours
                "AND (report_id = event_id OR report_id IN (FROM leaders))"
            )
            told = (
                f"SELECT {own} FROM heads UNION ALL (SELECT {own} FROM joiners "  # noqa: S608
                "SEMI JOIN heads USING (event_id) ANTI JOIN leaders USING (report_id))"
            )
            self._stream(cursor, facts_of(heads, told), "facts")
        whole = replace(
            base,
            facts_version=self._open("facts").version(),
            cells_version=self._open("cells").version(),
            numbered=0,
        )
        reading = self.connect(whole)
        self._stream(reading, summed_cells(cells_of("FROM facts")), "cells")
        (numbered,) = cursor.execute("SELECT count(*) FROM numbers").fetchall()[0]
        return self._commit(base, action, reports=reports, numbered=int(numbered))

    def _stream(
        self, cursor: duckdb.DuckDBPyConnection, sql: str, table: TableName, year: int | None = None
    ) -> None:
        """Write what `sql` answers to a derived table: append it, or put it in the place of a year's rows."""
        schema = TABLES[table]
        batches = (
            batch
            for answer in cursor.sql(sql).to_arrow_reader(STREAM)
            for batch in pa.Table.from_batches([answer]).cast(schema).to_batches()
        )
        write_deltalake(
            self._open(table),
            pa.RecordBatchReader.from_batches(schema, batches),
            mode="append" if year is None else "overwrite",
            schema_mode="merge",
            predicate=None if year is None else f"year = {year}",
            writer_properties=WRITER,
        )

    def _small_files(self, table: str) -> int:
        """Count the files of `table` that a compaction would merge: small ones beyond one a partition."""
        return sum(number - 1 for number in self._small_by_year(table).values())

    def _small_by_year(self, table: str) -> dict[int, int]:
        """Return how many small files each partition has (0: of a table without), where there are any."""
        actions = pa.table(self._open(table).get_add_actions(flatten=True))
        small = actions.filter(pc.less(actions.column("size_bytes"), SMALL_FILE_BYTES))
        years = small.column("partition.year").to_pylist() if table in PARTITIONED else [0] * small.num_rows
        return dict(Counter(int(year) for year in years))

    def _compact(self, base: Snapshot) -> int:
        replaced = 0
        for table in (name for name in self._there() if name not in DERIVED):
            metrics = self._open(table).optimize.compact(writer_properties=WRITER)
            replaced += int(metrics["numFilesRemoved"])
        replaced += self._compact_derived(base)
        if replaced:
            self._commit(base, "compact")
        return replaced

    def _compact_derived(self, base: Snapshot) -> int:
        """Sort each year's facts by dyad and day again, and add up cells; returns how many files were replaced."""
        before = sum(len(self._paths(table, base)) for table in DERIVED)
        cursor = self.connect(base)
        many = {year for year, number in self._small_by_year("facts").items() if number > 1}
        for year in sorted(many):
            ordered = f"FROM facts WHERE year = {year} ORDER BY source, target, date"
            self._stream(cursor, ordered, "facts", year)
        if self._small_files("cells"):
            data = cursor.sql(summed_cells("FROM cells")).to_arrow_table().cast(CELL_SCHEMA)
            write_deltalake(self._open("cells"), data, mode="overwrite", writer_properties=WRITER)
        elif not many:
            return 0
        after = sum(len(self._open(table).file_uris()) for table in DERIVED)
        return max(before - after, 1)

    def _moves(self, base: Snapshot, others: list[Assignment]) -> list[Assignment]:
        """Return those assignments of stored reports that change their event."""
        if not others:
            return []
        current = self._events_of(base, [a.report_id for a in others])
        for assignment in others:
            if assignment.report_id not in current:
                raise StoreError(
                    f"an assignment names report {assignment.report_id}, which is neither in this batch nor "
                    "stored; add it together with its article"
                )
        return [a for a in others if current[a.report_id][0] != a.event_id]

    def _orphans(self, base: Snapshot, joined: Mapping[str, str], also: list[str], dataset: str) -> int:
        """Count the joined events that lack their founding report; StoreError for one of another dataset."""
        outside = {event for event in (*joined.values(), *also) if joined.get(event) != event}
        founders = self._events_of(base, sorted(outside)) if outside else {}
        orphans = 0
        for event in outside:
            current, found_in = founders.get(event, ("", dataset))
            if found_in != dataset and event in set(joined.values()):
                raise StoreError(
                    f"a report of dataset {dataset!r} is assigned to event {event} of dataset {found_in!r}; "
                    "cluster each dataset by itself"
                )
            orphans += current != event
        return orphans

    def _events_of(self, base: Snapshot, report_ids: list[str]) -> dict[str, tuple[str, str]]:
        """Return the current event and the dataset of those of these reports that are stored."""
        if not base.version:
            return {}
        if not report_ids:
            return {}
        cursor = self.connect(base)
        cursor.register("wanted", pa.table({"report_id": pa.array(report_ids, pa.string())}))
        table = "facts" if base.summed else "reports"
        rows = cursor.execute(
            f"SELECT report_id, event_id, dataset FROM {table} SEMI JOIN wanted USING (report_id)"  # noqa: S608 ours
        )
        return {str(key): (str(event), str(dataset)) for key, event, dataset in rows.fetchall()}

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """Turn what the libraries raise into a StoreError that says what to do."""
        try:
            yield
        except PermissionError as error:
            raise StoreError(
                f"no permission to {what} the store {self.location} ({error}); check who owns the folder, or "
                "set ENTENTE_STORE to another one"
            ) from error
        except FileNotFoundError as error:
            if what == "write" and not Path(self.location).is_dir():
                raise StoreError(
                    f"cannot make the folder {self.location} ({error}); name another one"
                ) from error
            raise StoreError(
                f"a file of the store {self.location} is missing ({error}); bring the folder back from a "
                "backup, or ask for a newer version if it was vacuumed"
            ) from error
        except (DeltaError, OSError, duckdb.IOException, pa.ArrowInvalid) as error:
            raise StoreError(
                f"cannot {what} the store {self.location}: {error}; check the disk (space, permission) and, "
                "for an object store, the address and the credentials"
            ) from error


# The SQL of the reports that lead their events, of a table of all their reports.
_LED = (
    "SELECT * FROM {0} QUALIFY row_number() OVER "
    "(PARTITION BY event_id ORDER BY report_id <> event_id, confidence DESC, report_id) = 1"
)


def _numbers(numbers: Mapping[str, int]) -> pa.Table:
    return pa.table({
        "article_id": pa.array(numbers.keys(), pa.string()),
        "number": pa.array(numbers.values(), pa.int32()),
    })  # fmt: skip


def _lay(cursor: duckdb.DuckDBPyConnection, overlay: Overlay, reports: str) -> str:
    """Lay what people judged over the views `facts` and `cells`; return the SQL that does so for `reports`."""
    for name in ("judged", "touched", "reports", "facts", "cells"):
        cursor.register(f"laid_{name}", getattr(overlay, name))
    if overlay.snapshot.summed:
        cursor.execute(
            "CREATE OR REPLACE TEMP VIEW facts AS SELECT * FROM stored_facts ANTI JOIN laid_touched USING (event_id) "
            "UNION ALL BY NAME FROM laid_facts"
        )
        cursor.execute(
            "CREATE OR REPLACE TEMP VIEW cells AS FROM stored_cells UNION ALL BY NAME FROM laid_cells"
        )
    return f"SELECT * FROM ({reports}) ANTI JOIN laid_judged USING (report_id) UNION ALL BY NAME FROM laid_reports"  # noqa: S608


@cache
def _database(pid: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001 a forked process must not use its parent's
    """Return this process's in-memory database; nothing is asked of it but cursors."""
    home = Path(default_store())
    spill = home / ".spill" if home.is_dir() else Path(tempfile.gettempdir(), "entente-spill")
    # no extension is fetched, and a name in SQL never means a variable of the calling code
    return duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": os.environ.get("ENTENTE_MEMORY") or MEMORY_LIMIT,
            "temp_directory": str(spill),
            "preserve_insertion_order": "false",
        }
    )


def _arrow(table: TableName, rows: list[dict[str, Any]]) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=STORED[table])
    except (pa.ArrowException, UnicodeError, OverflowError) as error:
        raise StoreError(
            f"a row for table {table} does not fit and nothing was added: {error}; mend its article"
        ) from error


def _glob_safe(path: str) -> str:
    """Return the path with the characters that DuckDB would take for a pattern escaped."""
    return re.sub(r"([*?])", r"[\1]", path)


def _newest_assignments(assignments: Sequence[Assignment]) -> dict[str, Assignment]:
    newest: dict[str, Assignment] = {}
    for assignment in assignments:
        before = newest.get(assignment.report_id)
        if before is None or assignment.when >= before.when:
            newest[assignment.report_id] = assignment
    return newest


def _check(coded: Sequence[CodedArticle], assigned: Mapping[str, Assignment]) -> None:
    seen: dict[str, str] = {}
    for item in coded:
        for report in item.reports:
            key, article = report.report_id, item.article.article_id
            if report.article_id != article:
                raise StoreError(
                    f"report {key} names article {report.article_id} but comes with {article}; code anew"
                )
            if key not in assigned:
                raise StoreError(
                    f"report {key} of article {article} has no assignment; cluster before adding"
                )
            if seen.setdefault(key, article) != article:
                raise StoreError(
                    f"report {key} comes with two articles, {seen[key]} and {article}; code them anew"
                )
        if len({report.report_id for report in item.reports}) < len(item.reports):
            raise StoreError(f"two reports of article {item.article.article_id} have one id; code it anew")


def _day(value: str | None, report_id: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise StoreError(f"report {report_id} has the date {value!r}; it must be YYYY-MM-DD") from None


def _assignment_row(assignment: Assignment, commit: int, *, moved: bool) -> dict[str, Any]:
    grounds = json.dumps(dict(assignment.grounds), ensure_ascii=False, sort_keys=True)
    return asdict(assignment) | {"grounds": grounds, "commit": commit, "moved": moved}


def _article_row(item: CodedArticle, dataset: str) -> dict[str, Any]:
    return asdict(item.article) | {"dataset": dataset, "skipped": item.skipped}


def _report_row(article: Article, report: Report, dataset: str, event_id: str) -> dict[str, Any]:
    if unknown := (set(report.evidence) - set(EVIDENCE_FIELDS)) | (
        set(report.confidence_by_field) - set(CONFIDENCE_FIELDS)
    ):
        raise StoreError(
            f"report {report.report_id} has evidence or confidence for {', '.join(sorted(unknown))}, which "
            "the tables do not keep"
        )
    day = _day(report.date, report.report_id)
    return asdict(report) | {
        "dataset": dataset,
        "date": day,
        "planned_for": _day(report.planned_for, report.report_id),
        "outlet": article.outlet,
        "published": article.published,
        "year": day.year if day else 0,
        "event_id": event_id,
    }


def article_of(row: Mapping[str, Any], reports: Iterable[Report] = ()) -> CodedArticle:
    """Return the coded article of a row of `articles`, with these reports."""
    names = [name for name in ARTICLE_SCHEMA.names if name not in {"dataset", "skipped"}]
    return CodedArticle(Article(**{name: row[name] for name in names}), tuple(reports), row["skipped"])


def report_of(row: Mapping[str, Any]) -> Report:
    """Return the report of a row of `reports`, just as it was added."""
    names = [name for name in REPORT_SCHEMA.names if name not in {"dataset", "outlet", "published", "year"}]
    values = {name: row[name] for name in names}
    for name in ("date", "planned_for"):
        values[name] = values[name].isoformat() if values[name] else None
    values["evidence"] = {name: spans for name, spans in values["evidence"].items() if spans is not None}
    return Report.from_json(values)
