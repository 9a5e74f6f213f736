"""What second coders read: an append-only log beside the store's tables, which no chart counts.

    <store>/opinions/opinions.sqlite3      for a store in a folder; it travels with the folder
    <store>/opinions/replies/              the answers of language models that were paid for

One row is one reading of one article by one coder and version, also where it found nothing or failed. The newest reading
of an article that did not fail counts. SQLite makes each write all or nothing and lets several processes take turns.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from events.errors import StoreError
from events.reference import beside, default_store
from events.schema import Opinion, Report

__all__ = ["Opinions"]

LOCKED = 20.0  # seconds to wait for another process's write
ASKED = 500  # ids in one question

_TABLE = """
CREATE TABLE IF NOT EXISTS readings (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL, coder TEXT NOT NULL, version TEXT NOT NULL,
    failed TEXT, reports TEXT NOT NULL, refused TEXT NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
    counted INTEGER NOT NULL, seconds REAL NOT NULL, cached INTEGER NOT NULL, cost REAL, currency TEXT, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS readings_of ON readings (coder, article_id, number);
"""
_COLUMNS = (
    "article_id, coder, version, failed, reports, refused, tokens_in, tokens_out, counted, seconds, cached, cost, "
    "currency, at"
)
# The newest reading of each article that did not fail.
_NEWEST = "SELECT max(number) FROM readings WHERE coder = ? AND failed IS NULL GROUP BY article_id"


class Opinions:
    """The log of second coders of one store. Opening creates nothing; threads may share an instance."""

    def __init__(self, store: str | None = None) -> None:
        self.folder = beside(store or default_store()) / "opinions"
        self.path = self.folder / "opinions.sqlite3"

    @property
    def replies(self) -> Path:
        """The folder where a language model's answers are kept."""
        return self.folder / "replies"

    @property
    def version(self) -> int:
        """The number of the newest row, 0 for none: what was computed from the log holds as long as it stays."""
        if not self.path.is_file():
            return 0
        with self._open() as log:
            return int(log.execute("SELECT coalesce(max(number), 0) FROM readings").fetchone()[0])

    def add(self, opinions: Iterable[Opinion]) -> None:
        """Append readings, all or none; raises StoreError."""
        rows = [
            (
                o.article_id, o.coder, o.version, o.failed,
                json.dumps([r.to_json() for r in o.reports], ensure_ascii=False),
                json.dumps(o.refused, ensure_ascii=False), o.tokens_in, o.tokens_out, o.counted, o.seconds, o.cached,
                o.cost, o.currency, o.when,
            )
            for o in opinions
        ]  # fmt: skip
        if rows:
            with self._open(create=True) as log, log:
                marks = ", ".join("?" * len(rows[0]))
                log.executemany(f"INSERT INTO readings ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608 ours

    def coders(self) -> pd.DataFrame:
        """Return what each coder has read, the one that read last first.

        Columns: coder, version (its newest), articles, reports, refused (values), failed (articles whose every reading
        failed), tokens_in, tokens_out, seconds, cost (None where no price was known; of all that was asked), currency,
        last (ISO time). Reports and refused values are those of the newest readings.
        """
        if not self.path.is_file():
            return pd.DataFrame(columns=_CODERS)
        with self._open() as log:
            names = [
                name
                for (name,) in log.execute(
                    "SELECT coder FROM readings GROUP BY coder ORDER BY max(number) DESC"
                )
            ]
            return pd.DataFrame([self._coder(log, name) for name in names], columns=_CODERS)

    @staticmethod
    def _coder(log: sqlite3.Connection, coder: str) -> tuple[Any, ...]:
        articles, reports, refused = log.execute(
            "SELECT count(*), coalesce(sum(json_array_length(reports)), 0), coalesce(sum(json_array_length(refused)), 0) "
            "FROM readings WHERE number IN (" + _NEWEST + ")",
            (coder,),
        ).fetchone()
        every, tokens_in, tokens_out, seconds, cost, currency, last = log.execute(
            "SELECT count(DISTINCT article_id), sum(CASE cached WHEN 0 THEN tokens_in ELSE 0 END), "
            "sum(CASE cached WHEN 0 THEN tokens_out ELSE 0 END), sum(CASE cached WHEN 0 THEN seconds ELSE 0 END), "
            "sum(CASE cached WHEN 0 THEN cost END), max(currency), max(at) FROM readings WHERE coder = ?",
            (coder,),
        ).fetchone()
        (version,) = log.execute(
            "SELECT version FROM readings WHERE coder = ? ORDER BY number DESC LIMIT 1", (coder,)
        ).fetchone()
        return (coder, version, articles, reports, refused, every - articles, tokens_in, tokens_out, seconds, cost, currency, last)  # fmt: skip

    def has_read(self, coder: str, version: str) -> set[str]:
        """Return the ids of the articles that this version of a coder has read without failing."""
        return {
            key
            for (key,) in self._rows(
                "SELECT DISTINCT article_id FROM readings WHERE coder = ? AND version = ? AND failed IS NULL",
                (coder, version),
            )
        }

    def read(self, coder: str, article_ids: Collection[str] | None = None) -> dict[str, Opinion]:
        """Return the coder's newest reading of each of these articles (None: all) that it has read, by id of the article."""
        newest = f"SELECT {_COLUMNS} FROM readings WHERE number IN ({_NEWEST})"  # noqa: S608 ours
        if article_ids is None:
            return {row[0]: _opinion(row) for row in self._rows(newest, (coder,))}
        ids, found = sorted(article_ids), {}
        for at in range(0, len(ids), ASKED):
            some = ids[at : at + ASKED]
            marks = ", ".join("?" * len(some))
            for row in self._rows(f"{newest} AND article_id IN ({marks})", (coder, *some)):
                found[row[0]] = _opinion(row)
        return found

    def report(self, report_id: str) -> Report | None:
        """Return a report of the newest readings of any coder by its id; None where there is none."""
        asked = (
            "SELECT reports FROM readings WHERE number IN (SELECT max(number) FROM readings WHERE failed IS NULL "
            "GROUP BY coder, article_id) AND instr(reports, ?) ORDER BY number DESC"
        )
        for (reports,) in self._rows(asked, (json.dumps(report_id),)):
            for values in json.loads(reports):
                if values["report_id"] == report_id:
                    return Report.from_json(values)
        return None

    def failures(self, coder: str) -> dict[str, str]:
        """Return why articles could not be read, for those that no later reading of the coder read, by id of the article."""
        asked = (
            f"SELECT article_id, failed FROM readings WHERE coder = ? AND failed IS NOT NULL AND article_id NOT IN "  # noqa: S608
            f"(SELECT article_id FROM readings WHERE number IN ({_NEWEST})) ORDER BY number"
        )
        return dict(self._rows(asked, (coder, coder)))

    def pace(self, coder: str) -> dict[str, float] | None:
        """Return what reading took a coder so far, None before it has read five articles that were not kept.

        Sums over them: articles, tokens_in, tokens_out, seconds, reports.
        """
        rows = list(
            self._rows(
                "SELECT count(*), sum(tokens_in), sum(tokens_out), sum(seconds), sum(json_array_length(reports)) "
                "FROM readings WHERE coder = ? AND failed IS NULL AND cached = 0",
                (coder,),
            )
        )
        if not rows or rows[0][0] < 5:
            return None
        return dict(
            zip(
                ("articles", "tokens_in", "tokens_out", "seconds", "reports"),
                map(float, rows[0]),
                strict=True,
            )
        )

    def _rows(self, sql: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if not self.path.is_file():
            return
        with self._open() as log:
            yield from log.execute(sql, values).fetchall()

    @contextmanager
    def _open(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if create:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=LOCKED)) as log:
                if create:
                    log.executescript(_TABLE)
                yield log
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"the second opinions in {self.path} cannot be {'written' if create else 'read'} ({error}); check who owns "
                "the file and whether the disk is full"
            ) from error


_CODERS = [
    "coder", "version", "articles", "reports", "refused", "failed", "tokens_in", "tokens_out", "seconds", "cost",
    "currency", "last",
]  # fmt: skip


def _opinion(row: tuple[Any, ...]) -> Opinion:
    (
        article_id,
        coder,
        version,
        failed,
        reports,
        refused,
        tokens_in,
        tokens_out,
        counted,
        seconds,
        cached,
        cost,
        currency,
        at,
    ) = row
    return Opinion(
        article_id=article_id,
        coder=coder,
        version=version,
        reports=tuple(Report.from_json(values) for values in json.loads(reports)),
        refused=tuple(json.loads(refused)),
        failed=failed,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        counted=bool(counted),
        seconds=seconds,
        cached=bool(cached),
        cost=cost,
        currency=currency,
        when=at,
    )
