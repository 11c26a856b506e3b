"""Reading leaves everything as it was, a killed writer a state before or after, and an old file is brought on."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dome_contracts.canonical import digest
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.missions.status_event import NoteAdded
from dome_spec.kernel.sqlite import Journal, StoreBusy, StoreForeign, open_database
from dome_spec.missions.status import Batch, Checkpoint, MissionStatus, Table
from dome_spec.missions.status.checkpoint import EVENTS_MIN, key_of
from dome_spec.missions.status.reduce import Folded, folded
from dome_spec.missions.store import MemoryStore, SqliteStore, open_missions, read_missions
from dome_spec.missions.store.sqlite import APPLICATION_ID, MIGRATIONS
from tests.missions_made import ADA, MISSION_ID, TABLE, begun, ids, loaded, move

NOTE = NoteAdded(kind="note_added", text="So it is.")
KEY = key_of(digest(TABLE.to_value()))

_WRITER = """
import sys
from pathlib import Path
from dome_spec.missions.store import open_missions
from tests.missions_made import begun, move, loaded, ids
store = open_missions(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    number += 10
    status = loaded(store, maker=ids(number))
    move(status, "release" if status.lane("WP01").value == "claimed" else "claim")
    status.save()
    print(status.package("WP01").version, flush=True)
"""


def _state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()}


def test_property_11_reading_leaves_every_byte_and_time_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    writer = open_missions(path)
    begun(writer)
    writer.close()
    before, folder = _state(tmp_path), tmp_path.stat().st_mtime_ns
    reader = read_missions(path)
    assert reader is not None
    assert len(reader.events(MISSION_ID)) == 3
    assert [each.slug for each in reader.missions()] == ["tried"]
    reader.close()
    assert (_state(tmp_path), tmp_path.stat().st_mtime_ns) == (before, folder)


def test_where_there_is_no_store_reading_makes_none(tmp_path: Path) -> None:
    assert read_missions(tmp_path / "missions.sqlite") is None
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    begun(open_missions(path))
    reader = read_missions(path)
    assert reader is not None
    status = loaded(reader)
    move(status, "claim")
    with pytest.raises(Exception, match="cannot be opened"):
        status.save()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 7")
    other.close()
    with pytest.raises(StoreForeign):
        read_missions(path)


def test_property_08_a_writer_that_is_killed_from_outside_leaves_the_state_before_or_after(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    begun(open_missions(path))
    command = [sys.executable, "-c", _WRITER, str(path), "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}) as writer:
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(3)]
        writer.send_signal(signal.SIGKILL)
        seen += [int(line) for line in writer.stdout.read().split()]
    reader = read_missions(path)
    assert reader is not None
    version = loaded(reader).package("WP01").version
    assert version in {seen[-1], seen[-1] + 1}


def long(path: Path, count: int = EVENTS_MIN) -> MissionStatus:
    """A mission in a file, so long that the next writer makes a checkpoint: as that writer has loaded it."""
    store = open_missions(path)
    status = begun(store)
    for _ in range(count):
        status.state("WP01", NOTE, ADA)
    status.save()
    store.close()
    return loaded(open_missions(path), maker=ids(50_000))


def whole(path: Path) -> Folded:
    reader = read_missions(path)
    assert reader is not None
    return folded(reader.events(MISSION_ID), Table(TABLE))


def checkpoint(path: Path) -> Checkpoint | None:
    reader = read_missions(path)
    assert reader is not None
    return reader.checkpoint(MISSION_ID, KEY)


def test_property_11_a_reader_makes_no_checkpoint_however_long_the_log_is(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    long(path)
    before = _state(tmp_path)
    reader = read_missions(path)
    assert reader is not None
    assert loaded(reader).package("WP01").version == EVENTS_MIN + 1
    reader.close()
    assert _state(tmp_path) == before
    assert checkpoint(path) is None


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM event", "never removed"),
        ("DELETE FROM event WHERE package = 'WP01' AND version = 1", "never removed"),
        ("UPDATE event SET body = x'7b7d'", "never changed"),
        ("UPDATE event SET version = version + 1 WHERE package = 'WP01'", "never changed"),
        ("UPDATE event SET event_id = 'evt-0' WHERE package = ''", "never changed"),
        ("REPLACE INTO event SELECT event_id, mission_id, package, version, x'7b7d' FROM event", "never changed"),
        ("REPLACE INTO event SELECT * FROM event", "never changed"),
        (
            "INSERT OR REPLACE INTO event (rowid, event_id, mission_id, package, version, body)"
            " SELECT rowid, 'evt-0', mission_id, package, version, body FROM event",
            "never changed",
        ),
        ("INSERT INTO event SELECT * FROM event WHERE true ON CONFLICT (event_id) DO UPDATE SET version = 9", "never"),
    ],
)
def test_an_event_is_neither_changed_nor_removed_by_whoever_opens_the_file(
    tmp_path: Path, statement: str, told: str
) -> None:
    path = tmp_path / "missions.sqlite"
    begun(open_missions(path))
    before = open_missions(path).events(MISSION_ID)
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=told):
        other.execute(statement)
    other.commit()
    other.close()
    assert open_missions(path).events(MISSION_ID) == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE checkpoint SET body = zeroblob(length(body))",
        "UPDATE checkpoint SET body = substr(body, 1, 100)",
        "UPDATE checkpoint SET body = x''",
        "UPDATE checkpoint SET position = position - 1",
        "UPDATE checkpoint SET position = position + 1000",
        "UPDATE checkpoint SET event_id = 'evt-00000000000000000000000000'",
        "UPDATE checkpoint SET digest = 'sha256:0'",
        "UPDATE checkpoint SET key = 'sha256:0'",
        "DELETE FROM checkpoint",
    ],
)
def test_a_checkpoint_that_was_damaged_or_replaced_changes_nothing(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "missions.sqlite"
    status = long(path)
    status.state("WP01", NOTE, ADA)
    status.save()
    assert checkpoint(path) is not None
    other = sqlite3.connect(path)
    other.execute(damage)
    other.commit()
    other.close()
    assert checkpoint(path) is None
    reader = read_missions(path)
    assert reader is not None
    assert loaded(reader).snapshot == whole(path).snapshot
    # Whoever writes next makes another one.
    again = loaded(open_missions(path), maker=ids(60_000))
    again.state("WP01", NOTE, ADA)
    again.save()
    assert checkpoint(path) is not None


def test_a_file_of_the_first_form_is_brought_on_with_all_that_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    first = open_database(path, MIGRATIONS[:1], application_id=APPLICATION_ID, journal=Journal.ROLLBACK)
    known = MemoryStore()
    begun(known)
    store = SqliteStore(first, path)
    store.append(Batch(events=known.events(MISSION_ID), name=known.missions()[0]))
    store.close()
    reader = read_missions(path)
    assert reader is not None
    assert reader.events(MISSION_ID) == known.events(MISSION_ID)
    assert reader.checkpoint(MISSION_ID, KEY) is None
    reader.close()
    assert open_missions(path).position(MISSION_ID) == 3


def test_a_file_of_a_newer_form_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    open_missions(path).close()
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    other.close()
    before = _state(tmp_path)
    for opening in (open_missions, read_missions):
        with pytest.raises(StoreForeign, match="newer one"):
            opening(path)
    assert _state(tmp_path) == before


@pytest.mark.parametrize(("begin", "is_reading"), [("BEGIN IMMEDIATE", False), ("BEGIN EXCLUSIVE", True)])
def test_who_waits_too_long_for_another_process_is_told_which_and_writes_nothing(
    tmp_path: Path, begin: str, *, is_reading: bool
) -> None:
    path = tmp_path / "missions.sqlite"
    store = open_missions(path)
    begun(store)
    store.close()
    ready, told = os.pipe()
    over, end = os.pipe()
    holder = os.fork()
    if holder == 0:
        os.close(end)
        held = sqlite3.connect(path, isolation_level=None)
        held.execute(begin)
        os.write(told, b".")
        os.read(over, 1)
        os._exit(0)
    assert os.read(ready, 1) == b"."
    try:
        with pytest.raises(StoreBusy) as refused:
            _add_one(path, is_reading=is_reading)
    finally:
        for each in (ready, told, over, end):
            os.close(each)
        os.waitpid(holder, 0)
    assert refused.value.metadata["holder"].startswith(f"process {holder} (")
    assert refused.value.exit_code == Exit.TRY_AGAIN
    assert str(holder) in refused.value.why
    _add_one(path, is_reading=False)
    assert len(whole(path).counts) == 2


def _add_one(path: Path, *, is_reading: bool) -> None:
    """Add a note, or only read, without waiting long for others."""
    connection = sqlite3.connect(path, timeout=0.05, isolation_level=None)
    store = SqliteStore(connection, path)
    try:
        status = loaded(store, maker=ids(70_000))
        if not is_reading:
            status.state("WP01", NOTE, ADA)
            status.save()
    finally:
        store.close()
