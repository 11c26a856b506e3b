"""The store of missions in one SQLite file, with a rollback journal: reading leaves every byte and time as it was."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.kernel import MissionName
from dome_spec.kernel.sqlite import Journal, StoreDamaged, open_database, open_read_only, told, writing
from dome_spec.missions.status.port import Batch, Checkpoint, Stream
from dome_spec.missions.status.reduce import merge
from dome_spec.missions.status.refusals import StreamMoved
from dome_spec.missions.store import sqlite_checkpoints
from dome_spec.missions.store.memory import stream_name, stream_of

APPLICATION_ID: Final = 0x444D4D53
"""Says that a file is a store of missions."""
_REPLACED: Final = """
CREATE TRIGGER event_is_new BEFORE INSERT ON event
WHEN EXISTS (SELECT 1 FROM event WHERE event_id = NEW.event_id OR rowid = NEW.rowid)
BEGIN SELECT raise(ABORT, 'events are never changed'); END;
"""
"""A row that REPLACE puts in the place of another is for the other triggers neither removed nor changed."""
MIGRATIONS: Final = (
    """
CREATE TABLE mission (
    mission_id TEXT PRIMARY KEY,
    slug TEXT NOT NULL,
    number INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    event_id TEXT PRIMARY KEY,
    mission_id TEXT NOT NULL,
    package TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX event_by_stream ON event (mission_id, package, version, event_id);
CREATE TABLE document (
    digest TEXT PRIMARY KEY,
    family TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE run (
    mission_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'events are never removed'); END;
CREATE TRIGGER event_is_fixed BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'events are never changed'); END;
""",
    sqlite_checkpoints.TABLE + _REPLACED,
)
"""How a file comes to have the form that is written here, from nothing or from an earlier one."""


class SqliteStore:
    """Missions in a file."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    def append(self, batch: Batch) -> None:
        with told(self._path), writing(self._connection):
            for stream, expected in batch.expected.items():
                found = self._count(stream)
                if found != expected:
                    raise StreamMoved(stream_name(stream), expected=expected, found=found)
            self._keep(batch.events)
            self._connection.executemany(
                "INSERT INTO document (digest, family, body) VALUES (:digest, :family, :body) ON CONFLICT DO NOTHING",
                [{"digest": digest_bytes(data), "family": family, "body": data} for family, data in batch.documents],
            )
            if batch.name is not None:
                self._name(batch.name)
            if batch.checkpoint is not None:
                sqlite_checkpoints.put(self._connection, batch.checkpoint)

    def merge(self, events: Sequence[StatusEvent], *, name: MissionName) -> int:
        with told(self._path), writing(self._connection):
            self._name(name)
            return self._keep(events)

    def events(self, mission_id: str) -> tuple[StatusEvent, ...]:
        return self._read(
            "SELECT body FROM event WHERE mission_id = :mission ORDER BY package, version, event_id",
            {"mission": mission_id},
        )

    def position(self, mission_id: str) -> int:
        with told(self._path):
            (found,) = self._connection.execute(
                "SELECT max(rowid) FROM event WHERE mission_id = :mission", {"mission": mission_id}
            ).fetchone()
        return int(found or 0)

    def streams(self, mission_id: str) -> tuple[str | None, ...]:
        with told(self._path):
            rows = self._connection.execute(
                "SELECT DISTINCT package FROM event WHERE mission_id = :mission ORDER BY package",
                {"mission": mission_id},
            ).fetchall()
        return tuple(name or None for (name,) in rows)

    def stream(self, stream: Stream, *, until: int | None = None) -> tuple[StatusEvent, ...]:
        return self._read(
            "SELECT body FROM event INDEXED BY event_by_stream WHERE mission_id = :mission AND package = :package"
            " AND (:until IS NULL OR rowid <= :until) ORDER BY version, event_id",
            {"mission": stream[0], "package": stream[1] or "", "until": until},
        )

    def tail(self, mission_id: str, *, after: int, until: int) -> tuple[StatusEvent, ...]:
        return self._read(
            "SELECT body FROM event INDEXED BY event_by_place"
            " WHERE mission_id = :mission AND rowid > :after AND rowid <= :until ORDER BY rowid",
            {"mission": mission_id, "after": after, "until": until},
        )

    def count(self, mission_id: str, *, after: int, until: int) -> int:
        with told(self._path):
            (found,) = self._connection.execute(
                "SELECT count(*) FROM event INDEXED BY event_by_place"
                " WHERE mission_id = :mission AND rowid > :after AND rowid <= :until",
                {"mission": mission_id, "after": after, "until": until},
            ).fetchone()
        return int(found)

    def checkpoint(self, mission_id: str, key: str) -> Checkpoint | None:
        with told(self._path):
            return sqlite_checkpoints.get(self._connection, mission_id, key)

    def document(self, digest: str) -> bytes | None:
        with told(self._path):
            row = self._connection.execute(
                "SELECT body FROM document WHERE digest = :digest", {"digest": digest}
            ).fetchone()
        if row is not None and digest_bytes(row[0]) != digest:
            raise _damaged(self._path, f"the document {digest} has other bytes than it was kept with")
        return None if row is None else bytes(row[0])

    def missions(self) -> tuple[MissionName, ...]:
        with told(self._path):
            rows = self._connection.execute(
                "SELECT mission_id, slug, number FROM mission ORDER BY mission_id"
            ).fetchall()
        return tuple(MissionName(*row) for row in rows)

    def run(self, mission_id: str) -> tuple[bytes, int] | None:
        with told(self._path):
            row = self._connection.execute(
                "SELECT body, revision FROM run WHERE mission_id = :mission", {"mission": mission_id}
            ).fetchone()
        return None if row is None else (bytes(row[0]), int(row[1]))

    def put_run(self, mission_id: str, body: bytes, *, expected: int) -> None:
        with told(self._path), writing(self._connection):
            known = self._connection.execute(
                "SELECT revision FROM run WHERE mission_id = :mission", {"mission": mission_id}
            ).fetchone()
            found = 0 if known is None else int(known[0])
            if found != expected:
                raise StreamMoved(f"the run of {mission_id}", expected=expected, found=found)
            self._connection.execute(
                "INSERT INTO run (mission_id, revision, body) VALUES (:mission, 1, :body)"
                " ON CONFLICT (mission_id) DO UPDATE SET revision = revision + 1, body = excluded.body",
                {"mission": mission_id, "body": body},
            )

    def close(self) -> None:
        self._connection.close()

    def _read(self, statement: str, given: Mapping[str, str | int | None]) -> tuple[StatusEvent, ...]:
        with told(self._path):
            # All at once: a reader that takes its time would keep writers from committing.
            rows = self._connection.execute(statement, given).fetchall()
        try:
            return tuple(StatusEvent.from_json(body) for (body,) in rows)
        except ValidationError as error:
            raise _damaged(self._path, "an event is not what was kept") from error

    def _keep(self, events: Sequence[StatusEvent]) -> int:
        """Insert the events that are not there; how many they are. Raises MergeRefused."""
        count = 0
        for event in events:
            known = self._event(event.event_id)
            if known is not None:
                merge([event], [known])
                continue
            mission_id, package = stream_of(event)
            self._connection.execute(
                "INSERT INTO event (event_id, mission_id, package, version, body)"
                " VALUES (:event_id, :mission_id, :package, :version, :body)",
                {
                    "event_id": event.event_id,
                    "mission_id": mission_id,
                    "package": package or "",
                    "version": event.stream_version,
                    "body": canonical_bytes(event.to_value()),
                },
            )
            count += 1
        return count

    def _event(self, event_id: str) -> StatusEvent | None:
        row = self._connection.execute(
            "SELECT body FROM event WHERE event_id = :event_id", {"event_id": event_id}
        ).fetchone()
        return None if row is None else StatusEvent.from_json(row[0])

    def _count(self, stream: Stream) -> int:
        (found,) = self._connection.execute(
            "SELECT count(*) FROM event WHERE mission_id = :mission AND package = :package",
            {"mission": stream[0], "package": stream[1] or ""},
        ).fetchone()
        return int(found)

    def _name(self, name: MissionName) -> None:
        self._connection.execute(
            "INSERT INTO mission (mission_id, slug, number) VALUES (:mission_id, :slug, :number)"
            " ON CONFLICT DO NOTHING",
            {"mission_id": name.mission_id, "slug": name.slug, "number": name.number},
        )


def _damaged(path: Path | None, why: str) -> StoreDamaged:
    hint = "Move it away, and take in what was exported: `dome mission import FILE`"
    return StoreDamaged(f"{path} is damaged", why=why, hint=hint)


def open_missions(path: Path | None) -> SqliteStore:
    """The store for one who writes; it is made where it is not there. In memory where no path is given.

    Raises StoreForeign, StoreDamaged, StoreBusy, StoreUnusable.
    """
    connection = open_database(path, MIGRATIONS, application_id=APPLICATION_ID, journal=Journal.ROLLBACK)
    return SqliteStore(connection, path)


def read_missions(path: Path) -> SqliteStore | None:
    """The store for one who reads; None where there is none. Raises as `open_missions`."""
    try:
        return SqliteStore(open_read_only(path, MIGRATIONS, application_id=APPLICATION_ID), path)
    except FileNotFoundError:
        return None
