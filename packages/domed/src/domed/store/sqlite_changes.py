"""The table of changes: read with the jobs that changed, trimmed from the oldest on. The file's triggers write it."""

import asyncio
import sqlite3
from typing import Final

from domed.store import rows
from domed.store.port import Changes, JobChange
from domed.store.sqlite_file import SqliteFile

# CROSS JOIN keeps SQLite from beginning with the jobs.
_CHANGES: Final = """
SELECT revision, job.job_id, job_change.state, create_time, request, accepted, job_change.last_seq,
       coalesce(job_change.standing, job.standing) AS standing
FROM job_change CROSS JOIN job ON job.job_id = job_change.job_id
WHERE revision > :since_revision ORDER BY revision LIMIT :limit"""
# Two subqueries, because SQLite takes one minimum or maximum from an index and reads the table for both.
_BOUNDS: Final = """
SELECT coalesce((SELECT min(revision) FROM job_change), 1), coalesce((SELECT max(revision) FROM job_change), 0)"""
_TRIM: Final = "DELETE FROM job_change WHERE revision <= (SELECT max(revision) FROM job_change) - :kept_max"


class SqliteChanges(SqliteFile):
    """Fulfils `domed.store.port.ChangeStore`."""

    async def changes(self, *, since_revision: int, limit: int) -> Changes:
        wanted = {"since_revision": since_revision, "limit": limit}
        return await self._read(lambda reader: _changes(reader, wanted))

    def trim_changes(self, *, kept_max: int) -> asyncio.Future[int]:
        kept = {"kept_max": max(kept_max, 1)}
        return self._writer.write(lambda connection: connection.execute(_TRIM, kept).rowcount, size=0)


def _changes(reader: sqlite3.Connection, wanted: dict[str, int]) -> Changes:
    reader.execute("BEGIN")  # bounds and changes of one moment
    try:
        oldest, latest = reader.execute(_BOUNDS).fetchone()
        found = reader.execute(_CHANGES, wanted).fetchall()
    finally:
        reader.execute("COMMIT")
    return Changes(oldest, latest, [JobChange(row["revision"], rows.job(row)) for row in found])
