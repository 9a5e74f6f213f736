"""The analyst's desk: saved views, watches, notes and last visits, kept with the store.

    <store>/desk/desk.sqlite3      for a store in a folder; it travels with the folder
    $ENTENTE_DESK, else data/store/desk/desk.sqlite3      for a store at an object-store URL

Views, watches and notes are rows of one append-only log; the newest row of an id counts, an empty one means
deleted, and undoing a deletion appends the old row again: nothing is ever overwritten. SQLite makes each write
all or nothing and lets several processes take turns. What a localhost link cannot do, mail a view to a
colleague, a small JSON file does: `export` writes it and `take_in` reads it, checking every word.

**Who visits.** Streamlit gives a script no place in the browser to remember a reader by. So a visit belongs to
a *profile*: the account that has logged in, else a name that the reader gives, else that of the computer's
user. Visits of a profile less than half an hour apart are one, so that reloading the page does not make
everything old.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from events.errors import InputError, StoreError
from events.queries import validate
from events.reference import beside, default_store
from events.schema import Note, Selection, View, Watch

__all__ = ["Desk", "Record", "Taken", "Visit", "selection_from", "selection_values"]

Record = View | Watch | Note

KINDS: dict[str, type[Record]] = {"view": View, "watch": Watch, "note": Note}
FORMAT = "entente desk"
VERSION = 1
GAP = timedelta(minutes=30)
"""A longer silence ends a visit."""

MAX_FILE = 2_000_000  # bytes of a file to take in: some thousand views
MAX_NAME = 120
MAX_TEXT = 4_000
MAX_ITEMS = 5_000
LOCKED = 20.0  # seconds to wait for another process's write

_TABLES = """
CREATE TABLE IF NOT EXISTS log (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, record TEXT, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_id ON log (id, number);
CREATE TABLE IF NOT EXISTS visits (
    profile TEXT PRIMARY KEY, since_version INTEGER, since TEXT, seen_version INTEGER NOT NULL, seen TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a profile had seen before this visit: the store version, and when; None on the first visit."""

    version: int | None
    when: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What `Desk.take_in` did: how many records were new, and how many were there already."""

    added: int
    known: int


class Desk:
    """Views, watches, notes and visits of one store. Opening creates nothing; threads may share an instance."""

    def __init__(self, store: str | None = None) -> None:
        self.path = beside(store or default_store()) / "desk" / "desk.sqlite3"

    # Records

    def views(self) -> dict[str, View]:
        """Return the saved views by id, by name."""
        return self._sorted("view", lambda view: (view.name.casefold(), view.when))

    def watches(self) -> dict[str, Watch]:
        """Return the watches by id, by name."""
        return self._sorted("watch", lambda watch: (watch.name.casefold(), watch.when))

    def notes(self) -> dict[str, Note]:
        """Return the notes by id, the newest first."""
        return dict(reversed(self._sorted("note", lambda note: note.when).items()))

    def unreadable(self) -> dict[str, str]:
        """Return why records cannot be shown, by id: another version of Entente, or of the codebook, wrote them.

        They stay in the log, and are there again for a version that knows their words.
        """
        with self._reading() as db:
            return (
                {key: why.message for key, why in self._kept(db) if isinstance(why, InputError)} if db else {}
            )

    def note_frame(self, selection: Selection | None = None) -> pd.DataFrame:
        """Return the notes that have a date, for a chart, by date.

        Columns: date (datetime64), text, by, when, dyad ("A–B" or ""), event_id ("" where it has none), id. With a selection, only those in its period and, where it names parties, on one of their dyads or on none.
        """
        asked = selection or Selection()
        wanted = {*asked.parties, *(asked.dyad or ())}
        rows = [
            (note.date, note.text, note.by, note.when, "–".join(note.dyad or ()), note.event_id or "", key)
            for key, note in self.notes().items()
            if note.date
            and not (asked.start and note.date < asked.start.isoformat())
            and not (asked.end and note.date > asked.end.isoformat())
            and not (wanted and note.dyad and not _meets(note.dyad, asked))
        ]
        names = ["date", "text", "by", "when", "dyad", "event_id", "id"]
        frame = pd.DataFrame(sorted(rows), columns=names)
        return frame.assign(date=pd.to_datetime(frame["date"]))

    def keep(self, record: Record) -> str:
        """Add a record and return its id; a view's or watch's name that is taken gets a number.

        Raises InputError where a name or text is missing or too long.
        """
        checked = _checked(record)
        with self._writing() as db:
            key = uuid.uuid4().hex[:16]
            self._append(db, key, self._named(db, checked))
        return key

    def rename(self, key: str, name: str) -> str:
        """Give a view or watch another name and return the name it has now; raises InputError where it is gone."""
        with self._writing() as db:
            kept = self._newest(db).get(key)
            if not isinstance(kept, View | Watch):
                raise InputError("this is no longer saved; look at the list again")
            named = self._named(db, _checked(replace(kept, name=name)), but=key)
            self._append(db, key, named)
        return str(getattr(named, "name", ""))

    def drop(self, key: str) -> None:
        """Delete a record; `restore` brings it back."""
        with self._writing() as db:
            kept = self._newest(db).get(key)
            if kept is not None:
                self._append(db, key, None, kind=_kind(kept))

    def restore(self, key: str) -> bool:
        """Bring back what was deleted as it was; return whether there was something to bring back."""
        with self._writing() as db:
            row = db.execute(
                "SELECT record FROM log WHERE id = ? AND record IS NOT NULL ORDER BY number DESC LIMIT 1",
                (key,),
            ).fetchone()
            if row is None:
                return False
            if key not in self._newest(db):
                self._append(db, key, self._named(db, _read(json.loads(row[0]))))
            return True

    # Files

    def export(self, keys: set[str] | None = None) -> str:
        """Return these records (None: all) as the JSON text of a file."""
        with self._reading() as db:
            kept = self._newest(db) if db else {}
        chosen = [record for key, record in kept.items() if keys is None or key in keys]
        told = {"format": FORMAT, "version": VERSION, "records": [_values(record) for record in chosen]}
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def take_in(self, text: str | bytes, *, source: str = "the file") -> Taken:
        """Add the records of an exported file; those that are here already are left as they are.

        All or nothing: raises InputError that says what is wrong and with which record, and adds nothing then.
        """
        records = read_file(text, source=source)
        added = 0
        with self._writing() as db:
            known = {_same(record) for record in self._newest(db).values()}
            for record in records:
                if _same(record) in known:
                    continue
                known.add(_same(record))
                self._append(db, uuid.uuid4().hex[:16], self._named(db, record))
                added += 1
        return Taken(added, len(records) - added)

    # Visits

    def visit(self, profile: str, version: int, now: datetime | None = None) -> Visit:
        """Note that a profile looks at this store version, and return what it had seen before this visit."""
        moment = now or datetime.now(UTC)
        with self._writing() as db:
            row = db.execute(
                "SELECT since_version, since, seen_version, seen FROM visits WHERE profile = ?", (profile,)
            ).fetchone()
            before = Visit(None, None)
            if row is not None:
                goes_on = moment - datetime.fromisoformat(row[3]) < GAP
                before = Visit(row[0], row[1]) if goes_on else Visit(row[2], row[3])
            if before.version is not None and before.version > version:
                before = Visit(version, before.when)  # the store was made anew
            self._seen(db, profile, before, version, moment)
        return before

    def seen(self, profile: str, version: int, now: datetime | None = None) -> Visit:
        """Note that a profile has seen everything up to this version, and return that as its last visit."""
        moment = now or datetime.now(UTC)
        until = Visit(version, moment.isoformat(timespec="seconds"))
        with self._writing() as db:
            self._seen(db, profile, until, version, moment)
        return until

    def profiles(self) -> list[str]:
        """Return the names of all profiles that ever visited."""
        with self._reading() as db:
            rows = db.execute("SELECT profile FROM visits ORDER BY profile").fetchall() if db else []
        return [name for (name,) in rows]

    # How it is done

    @staticmethod
    def _seen(db: sqlite3.Connection, profile: str, before: Visit, version: int, moment: datetime) -> None:
        db.execute(
            "INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?, ?)",
            (profile, before.version, before.when, version, moment.isoformat(timespec="seconds")),
        )

    def _sorted(self, kind: str, by: Any) -> dict[str, Any]:
        with self._reading() as db:
            kept = self._newest(db) if db else {}
        chosen = [(key, record) for key, record in kept.items() if isinstance(record, KINDS[kind])]
        return dict(sorted(chosen, key=lambda item: by(item[1])))

    @classmethod
    def _newest(cls, db: sqlite3.Connection) -> dict[str, Record]:
        """Return what is kept now and can be read, by id, in the order in which it came."""
        return {key: kept for key, kept in cls._kept(db) if not isinstance(kept, InputError)}

    @staticmethod
    def _kept(db: sqlite3.Connection) -> Iterator[tuple[str, Record | InputError]]:
        """Yield what is kept now with its id, in the order in which it came; why, where it cannot be read."""
        rows = db.execute(
            "SELECT l.id, l.record FROM log l JOIN (SELECT id, max(number) AS last, min(number) AS first "
            "FROM log GROUP BY id) n ON l.number = n.last WHERE l.record IS NOT NULL ORDER BY n.first"
        )
        for key, record in rows:
            try:
                yield key, _read(json.loads(record))
            except InputError as error:  # one view of a code that is gone must not hide all the others
                yield key, error

    def _named(self, db: sqlite3.Connection, record: Record, *, but: str = "") -> Record:
        """Return the record with a name that no other of its kind has."""
        if isinstance(record, Note):
            return record
        taken = {
            other.name
            for key, other in self._newest(db).items()
            if type(other) is type(record) and key != but and not isinstance(other, Note)
        }
        name, number = record.name, 2
        while name in taken:
            name, number = f"{record.name} ({number})", number + 1
        return replace(record, name=name)

    @staticmethod
    def _append(db: sqlite3.Connection, key: str, record: Record | None, *, kind: str = "") -> None:
        text = None if record is None else json.dumps(_values(record), ensure_ascii=False)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        db.execute(
            "INSERT INTO log (id, kind, record, at) VALUES (?, ?, ?, ?)",
            (key, kind or _kind(record), text, at),
        )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection, None where nothing was ever kept."""
        if not self.path.is_file():
            yield None
            return
        with self._errors("read"), closing(sqlite3.connect(self.path, timeout=LOCKED)) as db:
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that holds the write lock; commit where all went well, else roll back."""
        with self._errors("write"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=LOCKED, isolation_level=None)) as db:
                db.executescript(_TABLES)
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"cannot {what} the saved views and notes in {self.path}: {error}; try again, or see who may write there"
            ) from error
        except (sqlite3.DatabaseError, ValueError) as error:
            raise StoreError(
                f"the saved views and notes in {self.path} are damaged: {error}; "
                "move that file away or bring it back from a backup"
            ) from error
        except OSError as error:
            raise StoreError(
                f"cannot {what} the saved views and notes in {self.path}: {error.strerror or error}"
            ) from error


# Records as JSON and back


def selection_values(selection: Selection) -> dict[str, Any]:
    """Return what differs from the default Selection as JSON values: dates ISO, tuples as lists."""
    default = Selection()
    told = {}
    for field in fields(Selection):
        value = getattr(selection, field.name)
        if value != getattr(default, field.name):
            told[field.name] = (
                value.isoformat()
                if isinstance(value, date)
                else list(value)
                if isinstance(value, tuple)
                else value
            )
    return told


def selection_from(values: object) -> Selection:
    """Return the Selection of these JSON values; raises InputError for unknown names, wrong kinds, unknown codes."""
    if not isinstance(values, dict):
        raise InputError("a selection is an object of filters")
    default = Selection()
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in Selection.__dataclass_fields__:
            raise InputError(f"there is no filter {name!r}; a newer Entente may have written the file")
        found[name] = _filter(name, value, getattr(default, name))
    made = Selection(**found)
    validate(made)
    if made.dyad and made.dyad[0] == made.dyad[1]:
        raise InputError("a dyad is two different parties")
    return made


def _filter(name: str, value: object, default: object) -> Any:
    wrong = InputError(f"the filter {name!r} cannot be {value!r:.80}")
    if name in {"start", "end"}:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise wrong from None
    if name == "direction":
        good = value in {"both", "a_to_b", "b_to_a"}
    elif name == "dyad":
        good = _texts(value) and len(value) == 2  # type: ignore[arg-type]
    elif isinstance(default, tuple):
        good = _texts(value) and len(value) <= 500  # type: ignore[arg-type]
    elif isinstance(default, bool):
        good = isinstance(value, bool)
    elif name == "min_confidence":
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    elif name in {"min_outlets", "store_version"}:
        good = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9
    else:
        good = isinstance(value, str) and len(value) <= 200
    if not good:
        raise wrong
    return tuple(value) if isinstance(value, list) else value


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _kind(record: Record | None) -> str:
    return next((name for name, made in KINDS.items() if isinstance(record, made)), "")


def _values(record: Record) -> dict[str, Any]:
    told = {"kind": _kind(record), **asdict(record)}
    if not isinstance(record, Note):
        told["selection"] = selection_values(record.selection)
    return {name: value for name, value in told.items() if value is not None and value != ()}


def _read(values: object) -> Record:
    """Return the record of these JSON values; raises InputError saying what is wrong."""
    if not isinstance(values, dict) or values.get("kind") not in KINDS:
        raise InputError("this is no view, watch or note")
    kind = KINDS[str(values["kind"])]
    known = {field.name for field in fields(kind)}
    if unknown := set(values) - known - {"kind"}:
        raise InputError(f"unknown words: {', '.join(sorted(map(str, unknown)))}")
    plain = {name: value for name, value in values.items() if name != "kind"}
    if "selection" in known:
        plain["selection"] = selection_from(plain.get("selection"))
    for name in ("state", "dyad"):
        if name in plain:
            plain[name] = _pairs(name, plain[name])
    try:
        return _checked(kind(**plain))
    except TypeError:
        raise InputError(f"it lacks {', '.join(sorted(known - set(values)))}") from None


def _pairs(name: str, value: object) -> tuple[Any, ...]:
    wrong = InputError(f"{name!r} is not written as it should be")
    if not isinstance(value, list | tuple):
        raise wrong
    if name == "dyad":
        if len(value) != 2 or not all(isinstance(code, str) for code in value):
            raise wrong
        validate(Selection(dyad=(value[0], value[1])))
        return tuple(value)
    if len(value) > 50 or not all(
        isinstance(item, list | tuple)
        and len(item) == 2
        and all(isinstance(x, str) and len(x) <= 500 for x in item)
        for item in value
    ):
        raise wrong
    return tuple((str(item[0]), str(item[1])) for item in value)


def _checked(record: Record) -> Record:
    """Return the record with its name or text stripped; raises InputError where a value cannot be."""
    for name, most in (("by", MAX_NAME), ("when", 40), ("page", 60)):
        value = getattr(record, name, "")
        if not isinstance(value, str) or len(value) > most:
            raise InputError(f"{name!r} is not written as it should be")
    if isinstance(record, Note):
        for name in ("date", "event_id"):
            value = getattr(record, name)
            if value is not None and (not isinstance(value, str) or len(value) > 40):
                raise InputError(f"{name!r} is not written as it should be")
        if record.date is not None:
            try:
                date.fromisoformat(record.date)
            except ValueError:
                raise InputError(f"a note's date is written YYYY-MM-DD, not {record.date!r:.40}") from None
        return replace(record, text=_line(record.text, "a note's text", MAX_TEXT))
    if isinstance(record, Watch) and not (
        isinstance(record.threshold, int)
        and not isinstance(record.threshold, bool)
        and 0 < record.threshold < 10**6
    ):
        raise InputError("a watch calls from one new event on: its threshold is a whole number")
    return replace(record, name=_line(record.name, "a name", MAX_NAME))


def _line(value: object, what: str, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{what} is missing")
    if len(value) > most:
        raise InputError(f"{what} has at most {most:,} characters, this one {len(value):,}")
    return value.strip().encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _same(record: Record) -> str:
    """Return what makes two records one: all but who made them when."""
    told: Mapping[str, Any] = _values(record)
    return json.dumps({k: v for k, v in told.items() if k not in {"when", "by"}}, sort_keys=True)


def _meets(dyad: tuple[str, str], asked: Selection) -> bool:
    if asked.dyad and set(asked.dyad) != set(dyad):
        return False
    return not asked.parties or bool(set(asked.parties) & set(dyad))


def read_file(text: str | bytes, *, source: str) -> list[Record]:
    """Return the records of an exported file; raises InputError saying what is wrong and where."""
    if len(text) > MAX_FILE:
        raise InputError(f"more than {MAX_FILE // 10**6} MB: this is no file of views", source=source)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("this is no file of views: it is not JSON", source=source) from None
    if (
        not isinstance(told, dict)
        or told.get("format") != FORMAT
        or not isinstance(told.get("records"), list)
    ):
        raise InputError("this is no file of views; choose one that Entente exported", source=source)
    if told.get("version") != VERSION:
        raise InputError("a newer Entente wrote this file; update, and try again", source=source)
    if len(told["records"]) > MAX_ITEMS:
        raise InputError(f"more than {MAX_ITEMS:,} records", source=source)
    records = []
    for number, values in enumerate(told["records"], start=1):
        try:
            records.append(_read(values))
        except InputError as error:
            raise InputError(
                f"record {number}: {error.message}; nothing was taken in", source=source
            ) from None
    return records
