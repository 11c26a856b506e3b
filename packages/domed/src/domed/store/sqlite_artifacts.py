"""The table of artifacts that events name: filled with the events themselves, asked by digest."""

import sqlite3
from typing import Any, Final

from domed.jobs.model import Job
from domed.store.sqlite_file import SqliteFile

_INSERT: Final = """
INSERT INTO artifact (digest, job_id, size_bytes) VALUES (:digest, :job_id, :size_bytes) ON CONFLICT DO NOTHING"""
_NAMED: Final = "SELECT EXISTS (SELECT 1 FROM artifact WHERE digest = :digest)"
_BYTES: Final = """
SELECT coalesce(sum(size_bytes), 0) FROM (SELECT max(size_bytes) AS size_bytes FROM artifact GROUP BY digest)"""


class SqliteArtifacts(SqliteFile):
    """Fulfils `domed.store.port.ArtifactStore`."""

    async def names_artifact(self, digest: str) -> bool:
        return bool(await self._read(lambda reader: reader.execute(_NAMED, {"digest": digest}).fetchone()[0]))

    async def artifact_bytes(self) -> int:
        return int(await self._read(lambda reader: reader.execute(_BYTES).fetchone()[0]))


def artifact_rows(job: Job) -> list[dict[str, Any]]:
    """One row for each artifact of a job."""
    return [{"digest": each.digest, "job_id": job.job_id, "size_bytes": each.size_bytes} for each in job.artifacts]


def insert_artifacts(connection: sqlite3.Connection, artifacts: list[dict[str, Any]]) -> None:
    """Write the rows that are not there yet."""
    connection.executemany(_INSERT, artifacts)
