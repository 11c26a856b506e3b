"""The tables of artifacts: those that events of kept jobs name, filled with the events, and those that are given up."""

import asyncio
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from dome_contracts.ids import JobId
from domed.jobs.model import Job
from domed.store.sqlite_file import SqliteFile

_INSERT: Final = """
INSERT INTO artifact (digest, job_id, size_bytes) VALUES (:digest, :job_id, :size_bytes) ON CONFLICT DO NOTHING"""
_NAMED: Final = "SELECT EXISTS (SELECT 1 FROM artifact WHERE digest = :digest)"
_GONE: Final = "SELECT EXISTS (SELECT 1 FROM artifact_gone WHERE digest = :digest)"
_BYTES: Final = """
SELECT (SELECT coalesce(sum(size_bytes), 0)
        FROM (SELECT max(size_bytes) AS size_bytes FROM artifact GROUP BY digest))
     + (SELECT coalesce(sum(size_bytes), 0) FROM artifact_gone
        WHERE on_disk = 1 AND NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.digest = artifact_gone.digest))"""
_HOLDERS: Final = """
SELECT job_id FROM kept_output
WHERE EXISTS (SELECT 1 FROM artifact WHERE artifact.job_id = kept_output.job_id)
ORDER BY place LIMIT :limit"""
_ORPHANS: Final = "SELECT digest, size_bytes FROM artifact_gone WHERE on_disk = 1 ORDER BY digest LIMIT :limit"
_SETTLE: Final = "UPDATE artifact_gone SET on_disk = 0 WHERE digest = :digest"
_GIVE_UP: Final = """
INSERT INTO artifact_gone (digest, size_bytes, on_disk)
SELECT digest, size_bytes, 1 FROM artifact
WHERE job_id = :job_id AND NOT EXISTS (
    SELECT 1 FROM artifact AS other WHERE other.digest = artifact.digest AND other.job_id <> artifact.job_id)
ON CONFLICT (digest) DO UPDATE SET on_disk = 1"""
_FORGET: Final = "DELETE FROM artifact WHERE job_id = :job_id"


class SqliteArtifacts(SqliteFile):
    """Fulfils `domed.store.port.ArtifactStore`."""

    async def names_artifact(self, digest: str) -> bool:
        return bool(await self._read(lambda reader: reader.execute(_NAMED, {"digest": digest}).fetchone()[0]))

    async def artifact_gone(self, digest: str) -> bool:
        return bool(await self._read(lambda reader: reader.execute(_GONE, {"digest": digest}).fetchone()[0]))

    async def artifact_bytes(self) -> int:
        return int(await self._read(lambda reader: reader.execute(_BYTES).fetchone()[0]))

    async def artifact_holders(self, *, limit: int) -> Sequence[JobId]:
        found = await self._read(lambda reader: reader.execute(_HOLDERS, {"limit": limit}).fetchall())
        return [JobId(row["job_id"]) for row in found]

    async def orphans(self, *, limit: int) -> Mapping[str, int]:
        found = await self._read(lambda reader: reader.execute(_ORPHANS, {"limit": limit}).fetchall())
        return {row["digest"]: row["size_bytes"] for row in found}

    def settle_orphans(self, digests: Collection[str]) -> asyncio.Future[None]:
        rows = [{"digest": digest} for digest in digests]

        def operation(connection: sqlite3.Connection) -> None:
            connection.executemany(_SETTLE, rows)

        return self._writer.write(operation, size=0)


def artifact_rows(job: Job) -> list[dict[str, Any]]:
    """One row for each artifact of a job."""
    return [{"digest": each.digest, "job_id": job.job_id, "size_bytes": each.size_bytes} for each in job.artifacts]


def insert_artifacts(connection: sqlite3.Connection, artifacts: list[dict[str, Any]]) -> None:
    """Write the rows that are not there yet."""
    connection.executemany(_INSERT, artifacts)


def give_up_artifacts(connection: sqlite3.Connection, job_id: JobId) -> None:
    """A job's artifacts are no longer kept for it; what no other job has is to be removed."""
    job = {"job_id": job_id}
    connection.execute(_GIVE_UP, job)
    connection.execute(_FORGET, job)
