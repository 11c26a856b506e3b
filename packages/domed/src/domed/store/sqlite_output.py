"""Output that retention may remove: of which jobs there is some, and how it goes, a slice in each transaction."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dome_contracts.ids import JobId
from domed.jobs import encoding
from domed.store.port import OutputLimits
from domed.store.rows import micros
from domed.store.sqlite_artifacts import give_up_artifacts
from domed.store.sqlite_file import SqliteFile

SLICE_EVENTS_MAX: Final = 1000
"""Most events that one transaction removes: others wait for it."""

_KEEP: Final = """
INSERT INTO kept_output (job_id, end_time, size_bytes)
VALUES (:job_id, :end_time, (SELECT sum(length(data)) FROM event WHERE job_id = :job_id)
                            + coalesce((SELECT length(payload) FROM input WHERE job_id = :job_id), 0))"""
_EXPIRING: Final = """
SELECT job_id FROM (
    SELECT job_id, end_time, row_number() OVER newest AS place, sum(size_bytes) OVER newest AS total
    FROM kept_output WINDOW newest AS (ORDER BY kept_output.place DESC))
WHERE end_time < :end_time_min OR place > :jobs_max OR (total > :bytes_max AND place > 1)
ORDER BY place DESC LIMIT :limit"""
_TOMBSTONE: Final = "INSERT INTO expired (job_id) VALUES (:job_id) ON CONFLICT DO NOTHING"
_REMOVE_INPUT: Final = "DELETE FROM input WHERE job_id = :job_id"
_EVENTS: Final = "SELECT last_seq, data FROM event WHERE job_id = :job_id ORDER BY last_seq"
_CHOOSE: Final = "INSERT INTO event_removal (job_id, last_seq) VALUES (:job_id, :last_seq)"
_REMOVE: Final = "DELETE FROM event WHERE job_id = :job_id AND last_seq = :last_seq"
_REMOVED: Final = "DELETE FROM kept_output WHERE job_id = :job_id"
# The last event that does not follow the one before it in the table.
_OLDEST: Final = """
SELECT coalesce(max(seq), 1) FROM event WHERE job_id = :job_id AND seq > 1 AND NOT EXISTS (
    SELECT 1 FROM event AS earlier WHERE earlier.job_id = event.job_id AND earlier.last_seq = event.seq - 1)"""


class SqliteOutput(SqliteFile):
    """Fulfils `domed.store.port.OutputStore`."""

    async def expiring(self, limits: OutputLimits, *, limit: int) -> Sequence[JobId]:
        parameters = {
            "end_time_min": micros(limits.end_time_min),
            "jobs_max": limits.jobs_max,
            "bytes_max": limits.bytes_max,
            "limit": limit,
        }
        found = await self._read(lambda reader: reader.execute(_EXPIRING, parameters).fetchall())
        return [JobId(row["job_id"]) for row in found]

    def expire(self, job_id: JobId, *, bytes_max: int) -> asyncio.Future[bool]:
        return self._writer.write(lambda connection: _expire(connection, job_id, bytes_max), size=bytes_max, of=job_id)

    async def oldest_seq(self, job_id: JobId) -> int:
        (found,) = await self._read(lambda reader: reader.execute(_OLDEST, {"job_id": job_id}).fetchone())
        return int(found)


def keep_output(connection: sqlite3.Connection, job_id: JobId, *, end_time: datetime) -> None:
    """A job has ended: its output counts from here on."""
    connection.execute(_KEEP, {"job_id": job_id, "end_time": micros(end_time)})


def _expire(connection: sqlite3.Connection, job_id: JobId, bytes_max: int) -> bool:
    job = {"job_id": job_id}
    connection.execute(_TOMBSTONE, job)
    connection.execute(_REMOVE_INPUT, job)
    give_up_artifacts(connection, job_id)
    chosen, whole = _chosen(connection, job_id, bytes_max)
    connection.executemany(_CHOOSE, chosen)
    connection.executemany(_REMOVE, chosen)
    if whole:
        connection.execute(_REMOVED, job)
    return whole


def _chosen(connection: sqlite3.Connection, job_id: JobId, bytes_max: int) -> tuple[list[dict[str, object]], bool]:
    """What goes next, from the oldest on, and whether that is the rest."""
    chosen: list[dict[str, object]] = []
    size = 0
    for last_seq, data in connection.execute(_EVENTS, {"job_id": job_id}):
        if not encoding.is_bulk(data):
            continue
        if len(chosen) >= SLICE_EVENTS_MAX or (chosen and size + len(data) > bytes_max):
            return chosen, False
        chosen.append({"job_id": job_id, "last_seq": last_seq})
        size += len(data)
    return chosen, True
