"""Checkpoints in the store: kept by writers as part of what they write, checked by readers before they are used."""

import sqlite3
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_spec.missions.status.port import Checkpoint

TABLE: Final = """
CREATE INDEX event_by_place ON event (mission_id);
CREATE TABLE checkpoint (
    mission_id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
"""


def put(connection: sqlite3.Connection, made: Checkpoint) -> None:
    """Keep it with the transaction that is open, unless a sound one that is good for the same reaches as far."""
    at, kept = _event_at(connection, made), get(connection, made.mission_id, made.key)
    if at is None or (kept is not None and kept.position >= made.position):
        return
    connection.execute(
        "INSERT INTO checkpoint (mission_id, key, position, event_id, digest, body)"
        " VALUES (:mission, :key, :position, :event, :digest, :body)"
        " ON CONFLICT (mission_id) DO UPDATE SET key = excluded.key, position = excluded.position,"
        " event_id = excluded.event_id, digest = excluded.digest, body = excluded.body",
        {
            "mission": made.mission_id,
            "key": made.key,
            "position": made.position,
            "event": at,
            "digest": _digest(made, at),
            "body": made.body,
        },
    )


def get(connection: sqlite3.Connection, mission_id: str, key: str) -> Checkpoint | None:
    """The one for the key; None where there is none, or its bytes are others, or the event that it ends with is."""
    row = connection.execute(
        "SELECT position, event_id, digest, body FROM checkpoint WHERE mission_id = :mission AND key = :key",
        {"mission": mission_id, "key": key},
    ).fetchone()
    if row is None:
        return None
    position, event_id, said, body = row
    found = Checkpoint(mission_id=mission_id, key=key, position=position, body=bytes(body))
    is_whole = said == _digest(found, event_id) and event_id == _event_at(connection, found)
    return found if is_whole else None


def _event_at(connection: sqlite3.Connection, at: Checkpoint) -> str | None:
    """The event of the mission at the place."""
    row = connection.execute(
        "SELECT event_id FROM event WHERE rowid = :place AND mission_id = :mission",
        {"place": at.position, "mission": at.mission_id},
    ).fetchone()
    return None if row is None else str(row[0])


def _digest(made: Checkpoint, event_id: str) -> str:
    named = "\0".join((made.mission_id, made.key, str(made.position), event_id))
    return digest_bytes(named.encode() + b"\0" + made.body)
