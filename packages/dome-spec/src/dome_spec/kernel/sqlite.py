"""How a SQLite file of this plane is opened: its pragmas, its migrations, its transactions. Knows no table.

A store is one file with full synchronisation: what a transaction committed is there after a crash of the process or of
the machine. Its journal is a write-ahead log, unless a store asks for the other one.
"""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.kernel.lock_holder import holder_of
from dome_spec.kernel.refusal import Refusal

BUSY_TIMEOUT_S: Final = 30.0
"""How long a writer waits for another one."""
CACHE_KIB: Final = 65_536
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MISSING: Final = ("no such table", "no such index", "no such column")
"""What a statement of a store finds missing in a file only where somebody took it away."""
_LET_IN: Final = "Let this user read and write the file and its directory"
_MAKE_ANEW: Final = "Move it away, then take in again what was exported or what it was made from"
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class StoreForeign(Refusal):
    """The file is a store of another kind, or of a newer version."""

    code = "STORE_FOREIGN"


class StoreDamaged(Refusal):
    """The file is no database, or a damaged one."""

    code = "STORE_DAMAGED"
    exit_code = Exit.INVALID


class StoreBusy(Refusal):
    """Another process has been writing for too long."""

    code = "STORE_BUSY"
    exit_code = Exit.TRY_AGAIN

    def __init__(self, path: Path | None, holder: str | None) -> None:
        who = holder or "another process"
        super().__init__(
            f"{path} is in use",
            why=f"{who} has held it for longer than is waited for",
            hint="Let it end, or end it, and give the command again",
        )
        self.holder = holder

    @property
    def metadata(self) -> Mapping[str, str]:
        return {} if self.holder is None else {"holder": self.holder}


class StoreUnusable(Refusal):
    """The file cannot be read or written: permissions, a full disk, an error of the device."""

    code = "STORE_UNUSABLE"


class Journal(StrEnum):
    """How a file keeps what a transaction may have to take back."""

    WAL = "WAL"
    """Beside the file, also between transactions: readers never wait, and leave files of their own."""
    ROLLBACK = "DELETE"
    """Beside the file, during a transaction only: a reader leaves every byte as it was."""


def open_database(
    path: Path | None, migrations: Sequence[str], *, application_id: int, journal: Journal = Journal.WAL
) -> sqlite3.Connection:
    """A connection to the store, brought up to date; to one in memory where no path is given.

    Each migration is a script that is carried out once, in order, in one transaction; the number of those done is the
    version of the file. Transactions are begun by `writing` and `reading`, never by themselves.
    Raises StoreForeign, StoreDamaged, StoreBusy, StoreUnusable.
    """
    with told(path):
        connection = _connect(path, journal)
        try:
            _migrate(connection, migrations, application_id, path)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that may write: all of it, or nothing. It waits for other writers before it reads."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Also where the commit itself failed, on a full disk or behind readers: the lock is not kept.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One snapshot: all that is read inside belongs together. Within a transaction that is open it is part of that."""
    is_outermost = not connection.in_transaction
    if is_outermost:
        connection.execute("BEGIN")
    try:
        yield
    finally:
        if is_outermost and connection.in_transaction:
            connection.execute("COMMIT")


@contextmanager
def told(path: Path | None) -> Iterator[None]:
    """What SQLite raises inside, as a refusal."""
    try:
        yield
    except sqlite3.Error as error:
        refusal = _refusal(error, path)
        if refusal is None:
            raise
        raise refusal from error
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be used", why=error.strerror or str(error), hint=_LET_IN) from error


def open_read_only(path: Path, migrations: Sequence[str], *, application_id: int) -> sqlite3.Connection:
    """A connection to a store with a rollback journal that leaves its file, its directory and its times as they were.

    Where a writer was killed, what it had begun is taken back first, and a file of an earlier form is brought up to
    date: only then is something written. A file that was made and never filled is no store.
    Raises StoreForeign, StoreDamaged, StoreBusy, StoreUnusable; FileNotFoundError where there is no store.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    with told(path):
        try:
            connection, done = _reader(path, migrations, application_id)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            connection, done = _mended(path, migrations, application_id)
        if done not in {0, len(migrations)}:
            connection.close()
            connection, done = _mended(path, migrations, application_id)
    if done == 0:
        connection.close()
        raise FileNotFoundError(path)
    return connection


def open_unwritable(path: Path, migrations: Sequence[str], *, application_id: int) -> sqlite3.Connection:
    """A connection to a store where this user can write nothing: to what its file holds, without any lock.

    Raises StoreUnusable where it can be written after all, or where its log holds what the file does not; StoreForeign.
    """
    with told(path):
        if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
            why, hint = "it can be written, and not opened", "Give the command again: its writer may just have ended"
            raise StoreUnusable(f"{path} cannot be used", why=why, hint=hint)
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            what = "it was not closed, and its log can only be taken in where it can be written"
            raise StoreUnusable(f"{path} cannot be read", why=what, hint=_LET_IN)
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True, isolation_level=None)
        try:
            connection.execute("PRAGMA temp_store = MEMORY")
            if _refuse_foreign(connection, migrations, application_id, path) != len(migrations):
                what = "it has an earlier form, and cannot be brought up to date where it cannot be written"
                raise StoreUnusable(f"{path} cannot be read", why=what, hint=_LET_IN)
        except BaseException:
            connection.close()
            raise
        return connection


def _mended(path: Path, migrations: Sequence[str], application_id: int) -> tuple[sqlite3.Connection, int]:
    open_database(path, migrations, application_id=application_id, journal=Journal.ROLLBACK).close()
    return _reader(path, migrations, application_id)


def _reader(path: Path, migrations: Sequence[str], application_id: int) -> tuple[sqlite3.Connection, int]:
    """A connection that only reads, and how many migrations were done to the file."""
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        done = _refuse_foreign(connection, migrations, application_id, path)
    except BaseException:
        connection.close()
        raise
    return connection, done


def _connect(path: Path | None, journal: Journal) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made before SQLite opens it, so that nobody else can read it for a moment.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path or ":memory:", timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute(f"PRAGMA journal_mode = {journal.value}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str], application_id: int, path: Path | None) -> None:
    if _version(connection) == (application_id, len(migrations)):
        return
    with writing(connection):
        done = _refuse_foreign(connection, migrations, application_id, path)
        for script in migrations[done:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {application_id:d}")
        connection.execute(f"PRAGMA user_version = {len(migrations):d}")


def _refuse_foreign(
    connection: sqlite3.Connection, migrations: Sequence[str], application_id: int, path: Path | None
) -> int:
    """How many migrations were done. Raises StoreForeign."""
    found, done = _version(connection)
    is_new = (found, done) == (0, 0) and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    if not is_new and (found != application_id or done > len(migrations)):
        if found != application_id:
            why = f"it is a file of something else: it is marked {found}, and a store of this kind {application_id}"
            hint = "Move it away, or put back the file that belongs there; a new one is made where none is"
        else:
            why = f"its form is {done}, and this version of dome knows forms up to {len(migrations)}"
            hint = "Install the version of dome that wrote it, or a newer one"
        raise StoreForeign(f"{path} cannot be read", why=why, hint=hint)
    return done


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (done,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found), int(done)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit before it begins."""
    pending = ""
    for part in re.split(r"(?<=;)", script):
        pending += part
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending


def _refusal(error: sqlite3.Error, path: Path | None) -> Refusal | None:
    """The refusal that stands for an error, None for what is a defect of a statement."""
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    match code & 0xFF:
        case primary if primary in _DAMAGED:
            return StoreDamaged(f"{path} is damaged", why=str(error), hint=_MAKE_ANEW)
        case sqlite3.SQLITE_ERROR if path is not None and str(error).startswith(_MISSING):
            return StoreDamaged(f"{path} is damaged", why=str(error), hint=_MAKE_ANEW)
        case primary if primary in _BUSY:
            return StoreBusy(path, holder_of(path))
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreUnusable(f"{path} cannot be opened", why=str(error), hint=_LET_IN)
        case sqlite3.SQLITE_FULL:
            return StoreUnusable(f"{path} cannot be written", why=str(error), hint="Make room on its disk")
        case sqlite3.SQLITE_IOERR:
            hint = "Look at the device that it lies on, and give the command again"
            return StoreUnusable(f"{path} cannot be read or written", why=str(error), hint=hint)
        case _:
            return None
