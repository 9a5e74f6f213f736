"""The engines that answer the expressions of `queries` over one version of a store: DuckDB, or Spark.

Both see the same tables by the same names: `articles`, `reports` (each with the event that it is in), `assignments`,
and where the version keeps them `facts` and `cells`. An engine is used by one thread. What the two say differently
is told here and nowhere else: how a text loses its accents, and how different numbers are counted.

Spark is asked for by the environment variable ENTENTE_ENGINE ("spark"; see `events.spark` for where it runs).
"""

from __future__ import annotations

import os
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal, Protocol

import duckdb
import ibis
import pyarrow as pa

from events import spark
from events.errors import InputError, StoreError
from events.store import DERIVED, PARTITIONED, STORED, TABLES, Overlay, Snapshot, Store

__all__ = ["ENGINE", "Engine", "EngineName", "engine", "engine_name", "strip_accents"]

ENGINE = "ENTENTE_ENGINE"
"""Environment variable that names the engine which answers: "duckdb" (the default) or "spark"."""

EngineName = Literal["duckdb", "spark"]


class Engine(Protocol):
    """What answers the expressions of one thread over one version of a store."""

    @staticmethod
    def sql(question: Any) -> str:
        """Return an ibis expression in the engine's SQL."""
        ...

    def register(self, name: str, rows: pa.Table) -> None:
        """Make these rows a table of this name, in the place of one of the name."""
        ...

    def unregister(self, name: str) -> None:
        """Forget the rows registered as this name."""
        ...

    def answer(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Answer the engine's SQL; `schema` is what the expression behind it promises.

        Raises StoreError where a file is gone, or memory runs out.
        """
        ...

    def batches(self, sql: str, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
        """Answer SQL in batches of at most so many rows, in order, without holding all of them."""
        ...

    def different(self, number: Any, last: int) -> Any:
        """Return the expression that counts the different ones of numbers from 0 to `last`."""
        ...

    def progress(self) -> float | None:
        """Return the share (0 to 1) that is done of what runs now, None where the engine cannot tell."""
        ...

    def interrupt(self) -> None:
        """Make what runs now end with an error; called from another thread."""
        ...


def engine_name() -> EngineName:
    """Return the engine that ENTENTE_ENGINE names, else "duckdb"; raises InputError for a name that is none."""
    named = os.environ.get(ENGINE, "").strip().lower() or "duckdb"
    if named == "duckdb":
        return "duckdb"
    if named == "spark":
        return "spark"
    raise InputError(f"{ENGINE} is {named!r}; it names an engine: duckdb or spark")


def engine(name: EngineName, store: Store, snapshot: Snapshot, *, corrected: bool = True) -> Engine:
    """Return a new engine over this version of the store, for the thread that calls; raises SparkError, StoreError.

    What people judged is laid over its tables where they are to be `corrected`.
    """
    made = _Spark if name == "spark" else _DuckDB
    return made(store, snapshot, corrected=corrected)


class _DuckDB:
    """DuckDB in this process."""

    def __init__(self, store: Store, snapshot: Snapshot, *, corrected: bool) -> None:
        self._cursor: Any = store.connect(snapshot, corrected=corrected)

    @staticmethod
    def sql(question: Any) -> str:
        return str(ibis.to_sql(question, dialect="duckdb"))

    def register(self, name: str, rows: pa.Table) -> None:
        self._cursor.register(name, rows)

    def unregister(self, name: str) -> None:
        self._cursor.unregister(name)

    def answer(self, sql: str, schema: pa.Schema) -> pa.Table:
        with self._told():
            answer = self._cursor.sql(sql).to_arrow_table()
        # DuckDB adds up whole numbers as 128 bits, which Arrow has as decimals, and has a bare 1 in 32
        numbers = {f.name: f for f in schema if f.type in {pa.int64(), pa.float64()}}
        fields = [numbers.get(f.name, f) for f in answer.schema]
        fields = [pa.field(f.name, pa.int64()) if pa.types.is_decimal(f.type) else f for f in fields]
        return answer.cast(pa.schema(fields))

    def batches(self, sql: str, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
        with self._told():
            for batch in self._cursor.sql(sql).to_arrow_reader(rows):
                yield pa.Table.from_batches([batch]).cast(schema).combine_chunks().to_batches()[0]

    def different(self, number: Any, last: int) -> Any:
        # a bit for each, as articles are numbered without gaps: quicker than a set
        return _bits(_bit_of(number, 0, last)).fill_null(0)

    def progress(self) -> float | None:
        share = float(self._cursor.query_progress())
        return share / 100 if 0 <= share <= 100 else None

    def interrupt(self) -> None:
        self._cursor.interrupt()

    @staticmethod
    @contextmanager
    def _told() -> Iterator[None]:
        try:
            yield
        except duckdb.IOException as error:
            raise StoreError(
                f"cannot read the store's files: {error}; if a vacuum deleted them, ask for a newer version"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                f"the question needs more memory than it may take ({error}); narrow the period or the parties, or "
                "set the environment variable ENTENTE_MEMORY higher, such as 4GB"
            ) from error


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def strip_accents(text: str) -> str:  # type: ignore[empty-body]
    """Return the text without accents: DuckDB's own function, a table of letters in Spark."""


@ibis.udf.agg.builtin(name="bitstring_agg")  # type: ignore[untyped-decorator]
def _bit_of(number: int, first: int, last: int) -> str:  # type: ignore[empty-body]
    """DuckDB's string of bits with those of these numbers set."""


@ibis.udf.scalar.builtin(name="bit_count")  # type: ignore[untyped-decorator]
def _bits(bits: str) -> int:  # type: ignore[empty-body]
    """DuckDB's number of bits that are set."""


@cache
def _compiler() -> Any:
    """Return ibis's compiler for Spark, with what it says otherwise than Spark can by now."""
    from ibis.backends.sql.compilers.base import SQLGlotCompiler  # noqa: PLC0415  half a second, for Spark alone
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler  # noqa: PLC0415

    _ = ibis.pyspark  # ibis learns the options of this dialect when its backend is first looked at

    class Compiler(PySparkCompiler):  # type: ignore[misc]
        # Spark has OFFSET since 3.4; ibis numbers rows in its place, in no order that Spark would promise
        rewrites = SQLGlotCompiler.rewrites

        def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802 ibis's name
            # ibis adds up the condition, which is null, not 0, where there is nothing or nothing known
            return (
                super().visit_CountStar(op, arg=arg, where=None) if where is None else self.f.count_if(where)
            )

        def visit_ScalarUDF(self, op: Any, **given: Any) -> Any:  # noqa: N802 ibis's name
            if op.__func_name__ != "strip_accents":
                return super().visit_ScalarUDF(op, **given)
            return self.f.translate(*given.values(), *accents())

    return Compiler()


@cache
def accents() -> tuple[str, str]:
    """Return all letters with an accent, then all marks; and the letters without, in the same order.

    `translate` of SQL takes the two: it leaves out what the second has no letter for. So the two engines call one
    name by one id.
    """
    bare = {c: _bare(c) for c in map(chr, range(0xC0, 0x30000)) if not "\ud800" <= c <= "\udfff"}
    letters = {c: plain for c, plain in bare.items() if len(plain) == 1 and plain != c}
    return "".join([*letters, *(c for c, plain in bare.items() if not plain)]), "".join(letters.values())


def _bare(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return unicodedata.normalize(
        "NFC", "".join(c for c in parts if not unicodedata.category(c).startswith("M"))
    )


class _Spark:
    """Spark, which reads the files that the version lists; its session is shared, its names are this thread's."""

    def __init__(self, store: Store, snapshot: Snapshot, *, corrected: bool) -> None:
        self._session = spark.session().newSession()
        self._tag = f"entente-{uuid.uuid4().hex}"
        for key, value in (
            ("spark.sql.session.timeZone", "UTC"),
            ("spark.sql.ansi.enabled", "false"),  # an item that a list lacks is null, as in DuckDB
            ("spark.sql.execution.arrow.maxRecordsPerBatch", "10000"),
        ):
            self._session.conf.set(key, value)
        for table in STORED | DERIVED if snapshot.summed else STORED:
            self._view(store, snapshot, table)
        if corrected and (overlay := store.overlay(snapshot)) is not None:
            self._lay(overlay)

    def _lay(self, overlay: Overlay) -> None:
        """Lay what people judged over the views, as the store does in DuckDB."""
        laid = {
            "reports": ("report_id", overlay.judged),
            "facts": ("event_id", overlay.touched),
            "cells": None,
        }
        for table, instead in laid.items():
            if table != "reports" and not overlay.snapshot.summed:
                continue
            frame = self._session.table(table)
            if instead is not None:
                key, gone = instead
                frame = frame.join(self._session.createDataFrame(gone), key, "left_anti").select(
                    *frame.columns
                )
            rows = self._session.createDataFrame(getattr(overlay, table))
            frame.unionByName(rows.select(*frame.columns)).createOrReplaceTempView(table)

    def _view(self, store: Store, snapshot: Snapshot, table: Any) -> None:
        schema = TABLES[table]
        nothing = self._session.createDataFrame(schema.empty_table())
        frame = nothing
        if paths := [_hadoop(path) for path in store.files(table, snapshot.version)]:
            reader = self._session.read.schema(nothing.schema)
            if table in PARTITIONED:  # the year stands in the folders' names alone
                reader = reader.option("basePath", _hadoop(f"{store.location}/{table}"))
            frame = reader.parquet(*paths).select(*schema.names)
        frame.createOrReplaceTempView(f"stored_{table}" if table in STORED else table)
        if table in DERIVED:
            return
        folded = f"SELECT * FROM stored_{table}"  # noqa: S608 a name of ours
        if table == "reports" and snapshot.moves:
            others = ", ".join(f"r.{name}" for name in schema.names if name != "event_id")
            self._view(store, snapshot, "assignments")
            folded = (
                f"SELECT {others}, coalesce(m.moved_to, r.event_id) AS event_id "  # noqa: S608 names are ours
                "FROM stored_reports r LEFT JOIN (SELECT report_id, max_by(event_id, commit) AS moved_to "
                "FROM stored_assignments WHERE moved GROUP BY report_id) m ON r.report_id = m.report_id"
            )
        self._session.sql(folded).createOrReplaceTempView(table)

    @staticmethod
    def sql(question: Any) -> str:
        return str(_compiler().to_sqlglot(question.unbind()).sql(dialect="spark"))

    def register(self, name: str, rows: pa.Table) -> None:
        self._session.createDataFrame(rows).createOrReplaceTempView(name)

    def unregister(self, name: str) -> None:
        self._session.catalog.dropTempView(name)

    def answer(self, sql: str, schema: pa.Schema) -> pa.Table:
        with self._asking():
            return self._session.sql(sql).toArrow().select(schema.names).cast(schema)

    def batches(self, sql: str, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
        held: list[dict[str, Any]] = []
        with self._asking():
            for row in self._session.sql(sql).toLocalIterator(prefetchPartitions=True):
                held.append(row.asDict(recursive=True))
                if len(held) == rows:
                    yield pa.RecordBatch.from_pylist(held, schema)
                    held = []
        if held:
            yield pa.RecordBatch.from_pylist(held, schema)

    def different(self, number: Any, last: int) -> Any:  # noqa: ARG002 a set needs no bound
        return number.nunique()

    def progress(self) -> float | None:
        return None

    def interrupt(self) -> None:
        self._session.sparkContext.cancelJobsWithTag(self._tag)  # a session's own tags are one thread's

    @contextmanager
    def _asking(self) -> Iterator[None]:
        self._session.sparkContext.addJobTag(self._tag)
        try:
            yield
        except spark.failures() as error:
            told = str(error).strip().splitlines()[0]
            raise StoreError(
                f"Spark could not answer: {told}; if files are missing because of a vacuum, ask for a newer version"
            ) from error
        finally:
            self._session.sparkContext.removeJobTag(self._tag)


def _hadoop(path: str) -> str:
    """Return a path or address as Spark reads it: no pattern, and S3 by the name of its Hadoop file system."""
    if "://" not in path:
        return "file://" + "".join(f"\\{c}" if c in "*?{}" else c for c in path)
    return path.replace("s3://", "s3a://", 1) if path.startswith("s3://") else path
