"""A writer that is killed anywhere in a write leaves the state before or the state after, never one between.

Each write is tried in a process of its own that ends: by itself before its n-th statement, for every n until the write
goes through; and at the byte at which a file would grow over a limit, for limits from nothing to more than it needs.
The second ends it in the middle of a commit, with some pages of the file written and others not.
"""

import os
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.missions.status_event import NoteAdded, StatusEvent
from dome_spec.kernel import MissionName
from dome_spec.kernel.sqlite import Journal, open_database
from dome_spec.missions.status import Batch
from dome_spec.missions.status.checkpoint import EVENTS_MIN, key_of
from dome_spec.missions.store import MemoryStore, SqliteStore, open_missions, read_missions
from dome_spec.missions.store.sqlite import APPLICATION_ID, MIGRATIONS
from tests.missions_made import ADA, MISSION_ID, TABLE, begun, ids, loaded, move
from tests.suite import tried

_NEVER = 1_000_000
NAME = MissionName(MISSION_ID, "tried")
NOTE = NoteAdded(kind="note_added", text="So it is.")
Rows = dict[str, list[tuple[object, ...]]]
Write = Callable[[SqliteStore], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A write, and what is there before it."""

    before: Callable[[SqliteStore], None]
    write: Write


def _begun(store: SqliteStore) -> None:
    begun(store)


def _long(store: SqliteStore) -> None:
    """So long a log that the next writer makes a checkpoint."""
    status = begun(store)
    for _ in range(EVENTS_MIN):
        status.state("WP01", NOTE, ADA)
    status.save()


def _run(store: SqliteStore) -> None:
    begun(store)
    store.put_run(MISSION_ID, b"one" * 3_000, expected=0)


def _claim(store: SqliteStore) -> None:
    status = loaded(store, maker=ids(50_000))
    move(status, "claim")
    status.state(None, NOTE, ADA)
    status.save()


@cache
def _elsewhere() -> tuple[StatusEvent, ...]:
    """What came about in two other places, with a fork."""
    found: list[StatusEvent] = []
    for start in (50_000, 60_000):
        other = MemoryStore()
        begun(other)
        status = loaded(other, maker=ids(start))
        move(status, "claim")
        for _ in range(5):
            status.state("WP01", NOTE, ADA)
        status.save()
        found += other.events(MISSION_ID)
    return tuple(found)


def _merge(store: SqliteStore) -> None:
    store.merge(_elsewhere(), name=NAME)


def _nothing(store: SqliteStore) -> None:
    del store


CASES = {
    "append: a mission begins": Case(before=_nothing, write=_begun),
    "append: a claim and a note": Case(before=_begun, write=_claim),
    "append: with a checkpoint": Case(before=_long, write=_claim),
    "append: a document of many pages": Case(
        before=_begun, write=lambda store: store.append(Batch(documents=(("a/b", b'"' + b"a" * 50_000 + b'"'),)))
    ),
    "merge: into nothing": Case(before=_nothing, write=_merge),
    "merge: with what is there": Case(before=_begun, write=_merge),
    "put_run: the first": Case(
        before=_begun, write=lambda store: store.put_run(MISSION_ID, b"one" * 3_000, expected=0)
    ),
    "put_run: another": Case(before=_run, write=lambda store: store.put_run(MISSION_ID, b"two" * 9_000, expected=1)),
}
WRITERS = {"append", "merge", "put_run"}
"""The methods of the store that write."""


def rows(path: Path) -> Rows:
    """All that a file holds, as whoever reads it next finds it."""
    reader = read_missions(path)
    if reader is None:
        return {}
    try:
        connection = reader._connection
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found: Rows = {}
        for name in names:
            found[name] = sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608 - our own tables
        found["schema"] = sorted(connection.execute("SELECT type, name, sql FROM sqlite_schema"), key=repr)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return found
    finally:
        reader.close()


def ended(work: Callable[[], None]) -> bool:
    """Do it in a process of its own; whether that came to its end. Only a signal may end it before."""
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            work()
            os._exit(0)
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) in {signal.SIGKILL, signal.SIGXFSZ}
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def killed_before(nth: int, path: Path, write: Write) -> Callable[[], None]:
    """The write, by a process that kills itself before its n-th statement."""

    def work() -> None:
        store = open_missions(path)
        seen = count(1)

        def statement(_: str) -> None:
            if next(seen) == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        store._connection.set_trace_callback(statement)
        write(store)

    return work


def killed_beyond(limit: int, work: Callable[[], None]) -> Callable[[], None]:
    """The work, by a process that is killed at the first byte of a file that lies beyond the limit."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        work()

    return limited


def made(path: Path, case: Case) -> Path:
    store = open_missions(path)
    case.before(store)
    store.close()
    return path


def copied(path: Path, name: str) -> Path:
    """The file in a folder of its own, without what lies beside it."""
    folder = path.parent / name
    folder.mkdir()
    return Path(shutil.copy(path, folder))


def test_property_08_every_method_that_writes_is_tried() -> None:
    assert {each.partition(":")[0] for each in CASES} == WRITERS
    source = Path(str(SqliteStore.append.__code__.co_filename)).read_text()
    writing = {part.partition("(")[0] for part in source.split("    def ")[1:] if "writing(self._connection)" in part}
    assert writing == WRITERS


def states(path: Path, case: Case) -> tuple[Rows, Rows]:
    """What the file holds before the write, and after one that nothing disturbed."""
    done = copied(path, "done")
    store = open_missions(done)
    case.write(store)
    store.close()
    before, after = rows(path), rows(done)
    assert before != after
    return before, after


@pytest.mark.parametrize("name", CASES)
def test_property_08_killed_before_any_statement_a_file_holds_what_was_before_or_what_is_after(
    tmp_path: Path, name: str
) -> None:
    case = CASES[name]
    path = made(tmp_path / "missions.sqlite", case)
    before, after = states(path, case)
    is_done, last = False, path
    for nth in count(1):
        one = copied(path, f"at-{nth}")
        has_ended = ended(killed_before(nth, one, case.write))
        found = rows(one)
        assert found == after if has_ended or is_done else found in (before, after)
        if has_ended:
            break
        is_done = found == after
        last = last if is_done else one
    assert nth > 2
    # Whoever was killed at the last of these can begin again, and comes to the same.
    store = open_missions(last)
    case.write(store)
    store.close()
    assert rows(last) == after


@pytest.mark.parametrize("name", CASES)
def test_property_08_killed_at_any_byte_a_file_holds_what_was_before_or_what_is_after(
    tmp_path: Path, name: str
) -> None:
    case = CASES[name]
    path = made(tmp_path / "missions.sqlite", case)
    before, after = states(path, case)
    step = (tmp_path / "done" / path.name).stat().st_size // tried(61, few=13)
    torn = 0
    for nth in count():
        one = copied(path, f"at-{nth}")
        has_ended = ended(killed_beyond(nth * step, killed_before(_NEVER, one, case.write)))
        torn += not has_ended and one.read_bytes() != path.read_bytes()
        found = rows(one)
        assert found == after if has_ended else found in (before, after)
        if has_ended:
            break
    assert nth > 1
    # At some of these bytes the file itself was neither the one nor the other: whoever read it next took that back.
    assert torn


@pytest.mark.parametrize("forms", [0, 1], ids=["made", "brought on"])
def test_property_08_killed_at_any_byte_of_opening_a_file_has_its_old_form_or_the_other(
    tmp_path: Path, forms: int
) -> None:
    path = tmp_path / "missions.sqlite"
    first = open_database(path, MIGRATIONS[:forms], application_id=APPLICATION_ID, journal=Journal.ROLLBACK)
    known = MemoryStore()
    if forms:
        store = SqliteStore(first, path)
        begun(known)
        store.append(Batch(events=known.events(MISSION_ID), name=NAME))
    first.close()
    for nth in count():
        one = copied(path, f"at-{nth}")
        has_ended = ended(killed_beyond(nth * tried(1_024, few=4_000), partial(_opened, one)))
        version = _version(one)
        assert version == len(MIGRATIONS) if has_ended else version in {forms, len(MIGRATIONS)}
        opened = open_missions(one)
        assert opened.events(MISSION_ID) == known.events(MISSION_ID)
        assert opened.checkpoint(MISSION_ID, key_of(digest(TABLE.to_value()))) is None
        opened.close()
        if has_ended:
            break
    assert nth > 1


def _opened(path: Path) -> None:
    open_missions(path).close()


def _version(path: Path) -> int:
    """The form of the file, once what was begun is taken back."""
    connection = sqlite3.connect(path)
    try:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        return int(found)
    finally:
        connection.close()
