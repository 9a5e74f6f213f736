"""Other people's data into the store: the way that the CLI and the dashboard share.

Part of the roof: it hands what the importers of the west wing made to the store of the east wing. Each import is
a data set of its own. A batch is committed whole; a run that was stopped is run again, and rows that are stored
are left out by their ids.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Full, Queue
from threading import Event as Signal
from threading import Thread
from typing import TextIO

from events import codebook
from events.errors import InputError
from events.export import csv_cell
from events.importers import Coded, Paper, Rejected, batched, read
from events.importers.batch import identified
from events.importers.coding import assembled
from events.importers.files import unread
from events.importers.source import Head
from events.reference import SIDECAR
from events.sidecar import origins
from events.store import Store

__all__ = ["Imported", "Progress", "bring"]

# Reports a commit: about a second of work and 300 MB at its peak; a kill loses at most so many, uncommitted.
BATCH = 50_000
# Rows of a file after which a commit is made even where few of them are kept.
BATCH_ROWS = 1_000_000
# Rejected rows and unknown codes that a summary holds; the file of rejected rows holds all.
LISTED = 200
# Bad rows and unknown codes that are told one by one.
SHOWN = 10
# Blocks that are read ahead while a batch is written.
AHEAD = 3

# Data sets that hold what Entente codes itself.
OURS = ("articles", "samples")

_NAME = re.compile(r"[\w][\w .-]{0,59}")


@dataclass(slots=True)
class Imported:
    """What an import of one data set came to."""

    paper: Paper
    dataset: str
    files: list[str] = field(default_factory=list)
    rows: int = 0
    reports: int = 0  # new ones
    events: int = 0  # that these founded
    articles: int = 0
    stored: int = 0  # rows whose report is stored already, or stands twice in the files
    left: Counter[str] = field(
        default_factory=Counter
    )  # sound rows that are no act between two parties, by reason
    flags: Counter[str] = field(default_factory=Counter)  # of new reports
    rejected: int = 0
    examples: list[Rejected] = field(default_factory=list)  # the first rejected rows
    unknown: list[Rejected] = field(
        default_factory=list
    )  # the first codes that nobody knows, in rows that were kept
    unknown_codes: int = 0
    refused: list[InputError] = field(
        default_factory=list
    )  # files that could not be read, or not to their end
    alarms: list[str] = field(default_factory=list)  # columns emptier than expected, columns nobody knows
    filled: Counter[str] = field(default_factory=Counter)
    origins: list[str] = field(default_factory=list)  # what the descriptions beside our own exports say
    version: int = 0
    seconds: float = 0.0

    def told(self) -> list[str]:
        """Return the summary as lines to read: counts, what was left out and why, flags, alarms, unknown codes."""
        lines = [
            f"{self.dataset} ({self.paper.name}): {self.rows:,} rows read, {self.reports:,} reports in "
            f"{self.events:,} events added"
            + (f", {self.stored:,} there already" if self.stored else "")
            + f"; {sum(self.left.values()):,} left out, {self.rejected:,} bad. Store version {self.version}, "
            f"{self.seconds:.1f} s, {self.rows / max(self.seconds, 1e-9):,.0f} rows/s"
        ]
        lines += [f"  {origin}" for origin in self.origins]
        lines += [f"  refused: {error}" for error in self.refused]
        lines += [f"  left out: {number:,} {reason}" for reason, number in self.left.most_common()]
        names = codebook.flags()
        lines += [
            f"  flagged: {number:,} {names[code].name.lower()}" for code, number in self.flags.most_common()
        ]
        lines += [f"  alarm: {alarm}" for alarm in self.alarms]
        if self.unknown_codes:
            lines += [f"  {self.unknown_codes:,} unknown codes in rows that were kept"]
        lines += [f"  {at.file}, line {at.line}: {at.reason}" for at in self.unknown[:SHOWN]]
        lines += [
            f"  {at.file}{f', line {at.line}' if at.line else ''}: {at.reason}"
            for at in self.examples[:SHOWN]
        ]
        if (more := self.rejected - SHOWN) > 0:
            lines.append(f"  and {more:,} bad rows more")
        return lines


Progress = Callable[[Imported], None]
Block = tuple[Paper, Head, Coded] | InputError


def bring(
    paths: Sequence[Path],
    store: Store,
    *,
    wanted: str | None = None,
    dataset: str | None = None,
    rejected_to: Path | None = None,
    progress: Progress | None = None,
) -> list[Imported]:
    """Import files of other data sets; returns a summary for each data set they went to.

    `wanted` is a format, None for whatever each file is; `dataset` the name of the data set, None for that of the
    paper. Bad rows are written to `rejected_to` (CSV: file, row, reason, text), which is made where there are any.
    A file that is none of the formats or breaks off is told in the summary, and the others are imported. Raises
    InputError where no file could be read; batches committed before any error stand.
    """
    name = _checked(dataset)
    if not (paths := [path for path in paths if not path.name.endswith(SIDECAR)]):
        raise InputError("a description is no table; name the file that it stands beside")
    done: dict[str, Imported] = {}
    with ExitStack() as stack:
        rejects = stack.enter_context(_rejects(rejected_to))
        blocks = stack.enter_context(_ahead(read(paths, wanted)))
        waiting: list[Coded] = []
        at: Imported | None = None
        began = time.monotonic()
        refused: list[InputError] = []
        for block in blocks:
            if isinstance(block, InputError):
                refused.append(block)
                continue
            told, head, coded = block
            target = name or told.dataset
            now = done.get(target)
            if now is None:
                now = done[target] = Imported(told, target, version=store.version())
            elif now.paper.format != told.format:
                if not any(error.source == coded.file for error in refused):
                    refused.append(
                        InputError(
                            f"is {told.name}, and data set {target!r} takes in {now.paper.name} by the same command; "
                            "import each format by itself",
                            source=coded.file,
                        )
                    )
                continue
            if at is not None and at is not now:
                _commit(store, at, waiting)
                waiting, began = [], time.monotonic()
            at = now
            _count(now, coded, head)
            rejects(coded.rejected)
            waiting.append(coded)
            if sum(c.table.num_rows for c in waiting) >= BATCH or sum(c.rows for c in waiting) >= BATCH_ROWS:
                _commit(store, at, waiting)
                waiting = []
            at.seconds = time.monotonic() - began
            if progress is not None:
                progress(at)
        if at is not None:
            _commit(store, at, waiting)
            at.seconds = time.monotonic() - began
    if refused and not done:
        raise refused[0]
    if at is not None:
        at.refused = refused
    for summary in done.values():
        summary.alarms += summary.paper.unfilled(summary.rows, dict(summary.filled))
        if summary.paper.format == "entente":
            _tell_origins(summary, paths)
    return list(done.values())


def _tell_origins(summary: Imported, paths: Sequence[Path]) -> None:
    """Add what stands beside our own exports: whence they come, and whether they are still as they were exported."""
    for path in paths:
        for origin in origins(path):
            if origin.file in summary.files:
                summary.origins += [f"{origin.file}: {origin.said}"] if origin.said else []
                summary.alarms += [f"{origin.file} {origin.fault}"] if origin.fault else []


def _checked(dataset: str | None) -> str | None:
    if dataset is None:
        return None
    if not _NAME.fullmatch(dataset):
        raise InputError(f"a data set is named by letters, digits, spaces, dots and hyphens, not {dataset!r}")
    if dataset in OURS:
        raise InputError(
            f"data set {dataset!r} holds what Entente codes itself; give the import another name"
        )
    return dataset


def _count(now: Imported, coded: Coded, head: Head) -> None:
    if coded.file not in now.files:
        now.files.append(coded.file)
        if columns := unread(now.paper, head):
            now.alarms.append(f"{coded.file} has columns that nobody reads: {', '.join(columns[:12])}")
    now.rows += coded.rows
    now.left += coded.left
    now.rejected += len(coded.rejected)
    now.examples += coded.rejected[: max(0, LISTED - len(now.examples))]
    now.unknown_codes += len(coded.unknown)
    now.unknown += coded.unknown[: max(0, LISTED - len(now.unknown))]
    now.filled += Counter(coded.filled)


def _commit(store: Store, now: Imported, waiting: Sequence[Coded]) -> None:
    """Put the rows of these blocks into the store, whole."""
    rows = assembled(waiting)
    if not rows.num_rows:
        return
    marked = identified(rows, now.paper, now.dataset)
    with store.writing():  # nobody commits between looking for the events to join and joining them
        fresh = store.unstored(marked)
        now.stored += rows.num_rows - fresh.num_rows
        if not fresh.num_rows:
            return
        known = None if not store.version() else store.founders(fresh, dataset=now.dataset)
        batch = batched(fresh, known, now.paper, now.dataset)
        action = f"import {now.paper.format}"
        added = store.load(
            batch.articles, batch.reports, dataset=now.dataset, action=action, by=f"import {now.paper.format}"
        )
    now.reports += added.reports
    now.articles += added.articles
    now.events += batch.events
    now.flags += batch.flags
    now.version = added.version


@contextmanager
def _ahead(blocks: Iterator[Block]) -> Iterator[Iterator[Block]]:
    """Give the blocks, read in a thread of its own while batches are written; the thread ends with this."""
    queue: Queue[Block | Exception | None] = Queue(AHEAD)
    stop = Signal()

    def hand(item: Block | Exception | None) -> None:
        while not stop.is_set():
            try:
                queue.put(item, timeout=0.1)
            except Full:
                continue
            return

    def fill() -> None:
        try:
            for block in blocks:
                hand(block)
                if stop.is_set():
                    return
        except Exception as error:  # noqa: BLE001 raised anew where the blocks are used
            hand(error)
        hand(None)

    def taken() -> Iterator[Block]:
        while (block := queue.get()) is not None:
            if isinstance(block, Exception) and not isinstance(block, InputError):
                raise block
            yield block

    thread = Thread(target=fill, daemon=True, name="import")
    thread.start()
    try:
        yield taken()
    finally:
        stop.set()
        thread.join()


@contextmanager
def _rejects(path: Path | None) -> Iterator[Callable[[Sequence[Rejected]], None]]:
    """Give what writes rejected rows to a CSV file, which is made with the first of them and kept on an error."""
    handle: TextIO | None = None

    def write(rows: Sequence[Rejected]) -> None:
        nonlocal handle
        if not rows or path is None:
            return
        if handle is None:
            try:
                handle = path.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise InputError(
                    f"cannot be written ({error.strerror}); choose another place", source=str(path)
                ) from error
            csv.writer(handle).writerow(["file", "row", "reason", "text"])
        csv.writer(handle).writerows(
            [csv_cell(row.file), row.line, csv_cell(row.reason), csv_cell(row.text)] for row in rows
        )

    try:
        yield write
    finally:
        if handle is not None:
            handle.close()
