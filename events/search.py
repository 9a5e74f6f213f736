"""Full-text search beside the store: an index of words, kept in one SQLite file (FTS5) in the store's folder.

    <store>/.search.sqlite3   words of article texts (titles included) and of the sentences that tell events

**What can be asked.** `grain deal` finds both words in any order, `"grain deal"` the phrase, `sanction*` each word
that begins so, `grain -corn` leaves out, `grain OR wheat` takes either. A search that begins with `title:` or
`sentence:` looks there alone; any other looks in titles and texts, and an event's sentence is part of its text.
Case and accents do not count: `turkiye` finds Türkiye, `lodz` Łódź. Everything else in a search is punctuation
between words, so no input is an error: `problem` says in words why a search can find nothing.

**How it is kept.** The store only ever adds rows, so the index only grows: it notes which Parquet files it has
read and, when asked about a version, reads the files of that version that are new to it. It may thus know more
than the version asked; the caller joins the ids found with that version's tables. It holds nothing of its own:
delete the file, and it is built again. Processes take turns at building by a lock file (`.search.lock`), readers
wait for nobody (WAL), and a killed build goes on where it stood. An object store, or a folder that may not be
written, is indexed in a private database that ends with the process.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
import unicodedata
import uuid
from collections import OrderedDict
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from events.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.store import Snapshot, Store

__all__ = ["Index", "Query", "fold", "index_of", "parse", "problem"]

Kind = Literal["articles", "reports"]

KEYS: dict[Kind, str] = {"articles": "article_id", "reports": "report_id"}
SCOPES = ("title", "sentence")

FORMAT = 1  # raise it where the tables or `fold` change: an index of another format is built anew
BATCH = 5_000  # rows a commit of the index: a kill loses so many, and other processes wait as long
MOST_TERMS = 30
KEPT = 16  # answers kept: every question of a page asks for the same one
LOCK_TIMEOUT = 600.0  # a first build of a million articles takes minutes

_LETTERS = str.maketrans(
    {
        **dict(zip("øłđıħŧðɓɗ", "oldihtdbd", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        # marks that stand in a word without being part of it: soft hyphen, joiners, directions, tatweel
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u0640", ""),
    }
)
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+")
# Scripts written without spaces: each sign is a word, and a run of them is looked for as a phrase.
_SIGNS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def fold(text: str) -> str:
    """Return the text as it is compared: without case, accents, and marks within words."""
    text = text.replace("\x00", " ")
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _SIGNS.sub(r" \g<0> ", _MARKS.sub("", plain).translate(_LETTERS))


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase: `words` folded, whether the last is a beginning only, whether it must be absent."""

    words: str
    prefix: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was understood: alternatives of terms, and where to look ("" for everywhere)."""

    groups: tuple[tuple[Term, ...], ...]
    scope: str = ""
    problem: str | None = None  # why it finds nothing, in words

    @property
    def kind(self) -> Kind:
        """The table whose rows are looked for."""
        return "reports" if self.scope == "sentence" else "articles"

    def match(self) -> str:
        """Return the search in FTS5's words; each term is quoted, so nothing in it is an operator."""
        groups = []
        for group in self.groups:
            wanted = " AND ".join(_quoted(term) for term in group if not term.absent)
            absent = " OR ".join(_quoted(term) for term in group if term.absent)
            groups.append(f"(({wanted}) NOT ({absent}))" if absent else f"({wanted})")
        found = " OR ".join(groups)
        return f"{{title}} : ({found})" if self.scope == "title" else found


def _quoted(term: Term) -> str:
    return f'"{term.words}"{" *" if term.prefix else ""}'


_ITEM = re.compile(r'(-?)(?:"([^"]*)("?)|([^\s"]+))')


def parse(search: str) -> Query:
    """Return how a search is understood; never raises, a search that can find nothing has a `problem`."""
    text = search.encode("utf-8", "ignore").decode().translate(str.maketrans("“”„«»", '"""""')).strip()
    scope = next((name for name in SCOPES if text.casefold().startswith(f"{name}:")), "")
    text = text[len(scope) + 1 :] if scope else text
    groups: list[list[Term]] = [[]]
    count = 0
    for item in _ITEM.finditer(text):
        absent, phrase, _, word = item.groups()
        if word == "OR" and not absent:
            groups.append([])
            continue
        said = phrase if phrase is not None else word
        words = " ".join(_words(fold(said)))
        if not words:
            continue
        count += 1
        if count > MOST_TERMS:
            return Query((), scope, f"A search takes {MOST_TERMS} words at most; leave some out.")
        prefix = said.rstrip().endswith("*") or text[item.end() : item.end() + 1] == "*"
        groups[-1].append(Term(words, prefix, bool(absent)))
    filled = tuple(tuple(group) for group in groups if group)
    if not filled:
        return Query((), scope, f"“{search.strip()[:40]}” holds no word to look for.")
    if any(all(term.absent for term in group) for group in filled):
        return Query((), scope, "A word to leave out needs one to look for beside it.")
    return Query(filled, scope)


def _words(folded: str) -> list[str]:
    """Return the words as FTS5's tokenizer cuts them: runs of letters, digits and private signs."""
    cut = "".join(c if (c.isascii() and c.isalnum()) or _is_letter(c) else " " for c in folded)
    return cut.split()


def _is_letter(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] in "LN" or category == "Co"


def problem(search: str) -> str | None:
    """Return why this search can find nothing, as a sentence; None where it can, or where it is empty."""
    return parse(search).problem if search.strip() else None


class Index:
    """The index of one store. Threads may share it; get it from `index_of`.

    Every method raises StoreError where the index can neither be read nor built.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.progress = (0, 0)  # rows looked at, of how many, while a build is at work
        self.path = Path(store.location, ".search.sqlite3") if store.is_local else None
        self._guard = threading.RLock()
        self._private: sqlite3.Connection | None = None
        self._forget("")

    def find(self, search: str, snapshot: Snapshot) -> tuple[str, pa.Table]:
        """Return the ids of the articles (for a `sentence:` search, of the reports) that hold the words.

        First the name of the ids, `article_id` or `report_id`, then a table of that one column, each id once.
        Rows of later versions may be among them; rows of `snapshot` are never missing.
        """
        query = parse(search)
        key = KEYS[query.kind]
        if query.problem or not snapshot.version:
            return key, pa.table({key: pa.array([], pa.string())})
        asked = (query.kind, query.match(), snapshot.version, snapshot.when)
        with self._guard, self._told():
            if asked not in self._answers:
                with self._open() as database:
                    self._bring(database, snapshot, query.kind)
                    numbers = self._numbers(database, query)
                found = self._ids[query.kind].take(pa.array(numbers - 1))
                self._answers[asked] = pa.table({key: found})
            self._answers.move_to_end(asked)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return key, self._answers[asked]

    def update(self, snapshot: Snapshot, kind: Kind = "articles") -> int:
        """Bring the index up to `snapshot`; returns how many rows were new to it."""
        if not snapshot.version:
            return 0
        with self._guard, self._told(), self._open() as database:
            return self._bring(database, snapshot, kind)

    def is_ready(self, snapshot: Snapshot, kind: Kind = "articles") -> bool:
        """Return whether this process has seen the index reach `snapshot`; asks nothing and waits for nobody."""
        return not snapshot.version or (kind, snapshot.version, snapshot.when) in self._covered

    # How it is done

    def _numbers(self, database: sqlite3.Connection, query: Query) -> np.ndarray:
        """Return the numbers of the rows found, from 1; one string carries them faster than a row each."""
        said = database.execute(
            f"SELECT group_concat(rowid) FROM {query.kind} WHERE {query.kind} MATCH ?",  # noqa: S608 a name of ours
            (query.match(),),
        ).fetchone()[0]
        found = np.fromstring(said or "", dtype=np.int64, sep=",")
        if len(found) and found.max() > len(self._ids[query.kind]):
            self._learn(database, query.kind)  # another process has added rows in the meantime
        return found

    def _bring(self, database: sqlite3.Connection, snapshot: Snapshot, kind: Kind) -> int:
        mark = (kind, snapshot.version, snapshot.when)
        if mark in self._covered:
            return 0
        self._learn(database, kind)
        before = len(self._ids[kind])
        if self._unread(database, kind, snapshot):
            with self._turn():
                self._learn(database, kind)
                self._read(database, kind, snapshot)
        self._covered.add(mark)
        return len(self._ids[kind]) - before

    def _read(self, database: sqlite3.Connection, kind: Kind, snapshot: Snapshot) -> None:
        names = self._unread(database, kind, snapshot)
        before = len(self._ids[kind])
        total = sum(pq.read_metadata(self._file(name)).num_rows for name in names if name)
        seen = 0
        try:
            for name in names:
                for batch in self._batches(kind, name, snapshot):
                    self.progress = (seen, total)
                    self._add(database, kind, batch)
                    seen += batch.num_rows
                with database:
                    database.execute("INSERT OR IGNORE INTO files VALUES (?)", (name,))
        finally:
            self.progress = (0, 0)
        if len(self._ids[kind]) - before > 20 * BATCH:  # many small trees, each of which a search would visit
            with database:
                database.execute(f"INSERT INTO {kind}({kind}) VALUES ('optimize')")  # noqa: S608 a name of ours

    def _file(self, name: str) -> str:
        return str(Path(self.store.location, name))

    def _unread(self, database: sqlite3.Connection, kind: Kind, snapshot: Snapshot) -> list[str]:
        """Return the files to read, relative to the store; "" stands for the whole of a remote table."""
        if not self.store.is_local:
            return [""]
        read = {name for (name,) in database.execute("SELECT name FROM files")}
        root = Path(self.store.location)
        names = (Path(path).relative_to(root).as_posix() for path in self.store.files(kind, snapshot.version))
        return [name for name in names if name not in read]

    def _batches(self, kind: Kind, name: str, snapshot: Snapshot) -> Iterator[pa.RecordBatch]:
        """Yield the rows as id and texts: title and text of articles, the sentence of reports."""
        columns = ["article_id", "title", "text"] if kind == "articles" else ["report_id", "sentence.text"]
        if not name:
            sql = f"SELECT {', '.join(columns)} FROM {kind}"  # noqa: S608 names of ours
            yield from self.store.connect(snapshot).sql(sql).to_arrow_reader(BATCH)
            return
        for batch in pq.ParquetFile(self._file(name)).iter_batches(BATCH, columns=columns):
            texts = [
                pc.struct_field(column, "text") if pa.types.is_struct(column.type) else column
                for column in batch.columns[1:]
            ]
            yield pa.RecordBatch.from_arrays([batch.column(0), *texts], names=columns)

    def _add(self, database: sqlite3.Connection, kind: Kind, batch: pa.RecordBatch) -> None:
        """Index those rows of the batch that are new, and commit."""
        rows = batch.filter(pc.invert(pc.is_in(batch.column(0), value_set=self._ids[kind])))
        if not rows.num_rows:
            return
        first = len(self._ids[kind]) + 1
        ids = rows.column(0)
        texts = zip(*(column.to_pylist() for column in rows.columns[1:]), strict=True)
        named = "title, text" if kind == "articles" else "text"
        marks = ", ".join("?" * rows.num_columns)
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                f"INSERT INTO {kind}(rowid, {named}) VALUES ({marks})",  # noqa: S608 names of ours
                ((number, *(fold(text or "") for text in row)) for number, row in enumerate(texts, first)),
            )
            database.execute("INSERT INTO ids VALUES (?, ?, ?)", (kind, first, json.dumps(ids.to_pylist())))
        self._ids[kind] = pa.concat_arrays([self._ids[kind], ids.cast(pa.string())])

    def _learn(self, database: sqlite3.Connection, kind: Kind) -> None:
        """Take in the ids that are in the file but not yet in memory; the n-th belongs to row n."""
        rows = database.execute(
            "SELECT ids FROM ids WHERE kind = ? AND first > ? ORDER BY first", (kind, len(self._ids[kind]))
        ).fetchall()
        if rows:
            more = [pa.array(json.loads(ids), pa.string()) for (ids,) in rows]
            self._ids[kind] = pa.concat_arrays([self._ids[kind], *more])

    # The file

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to the index; what was remembered of a file that is gone is forgotten."""
        if self._private is not None:
            yield self._private
            return
        if self.path is None or not os.access(self.path.parent, os.W_OK):
            self._private = _connect("")
            self._forget(_prepare(self._private))
            yield self._private
            return
        with closing(self._mended(self.path)) as database:
            yield database

    def _mended(self, path: Path) -> sqlite3.Connection:
        """Open the file; one that is damaged is deleted and begun anew."""
        for attempt in (1, 2):
            database = _connect(str(path))
            try:
                made = _prepare(database)
            except sqlite3.DatabaseError as error:
                database.close()
                if isinstance(error, sqlite3.OperationalError) or attempt == 2:
                    raise
                with self._turn():
                    self._discard(path)
                continue
            if made != self.made:
                self._forget(made)
            return database
        raise AssertionError

    @staticmethod
    def _discard(path: Path) -> None:
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)

    def _forget(self, made: str) -> None:
        self.made = made  # names the build that answers: another one after the file was harmed
        self._ids: dict[Kind, pa.Array] = {kind: pa.array([], pa.string()) for kind in KEYS}
        self._covered: set[tuple[Kind, int, str]] = set()
        self._answers: OrderedDict[tuple[Kind, str, int, str], pa.Table] = OrderedDict()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until no other process builds."""
        if self._private is not None or self.path is None:
            yield
            return
        try:
            with FileLock(self.path.with_name(".search.lock"), timeout=LOCK_TIMEOUT):
                yield
        except Timeout:
            raise StoreError(
                f"another process has been building the search index {self.path} for {LOCK_TIMEOUT:g} seconds; "
                "wait until it has ended, or end it, and search again"
            ) from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the libraries raise into a StoreError that says what to do."""
        try:
            yield
        except (sqlite3.Error, OSError, pa.ArrowException) as error:
            raise StoreError(
                f"the search index {self.path or 'of this process'} failed: {error}; check the disk (space, "
                "permission); the file holds nothing of its own, so it may be deleted and is then built anew"
            ) from error


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=60, check_same_thread=False)


_TABLES = """
CREATE VIRTUAL TABLE articles USING fts5(title, text, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE reports USING fts5(text, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0');
CREATE TABLE ids(kind TEXT, first INTEGER, ids TEXT, PRIMARY KEY (kind, first)) WITHOUT ROWID;
CREATE TABLE files(name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE made(id TEXT);
"""


def _prepare(database: sqlite3.Connection) -> str:
    """Make the tables where they are missing or of another format; returns the name of this build."""
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(
        "PRAGMA synchronous = NORMAL"
    )  # a power cut may lose the last batches, which are read again
    if database.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
        with database:
            database.execute("BEGIN IMMEDIATE")
            if database.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                for name in (*KEYS, "ids", "files", "made"):
                    database.execute(f"DROP TABLE IF EXISTS {name}")
                for statement in filter(str.strip, _TABLES.split(";")):
                    database.execute(statement)
                database.execute("INSERT INTO made VALUES (?)", (uuid.uuid4().hex,))
                database.execute(f"PRAGMA user_version = {FORMAT}")
    return str(database.execute("SELECT id FROM made").fetchone()[0])


_open_indexes: dict[tuple[int, str], Index] = {}
_opening = threading.Lock()


def index_of(store: Store) -> Index:
    """Return this process's index of the store."""
    with _opening:
        return _open_indexes.setdefault((os.getpid(), store.location), Index(store))
