"""The store in one SQLite file: WAL, one writing connection in one thread, one reading connection in another."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Self

from dome_contracts.ids import JobId
from domed.clock import Ids
from domed.errors import JobNotFound
from domed.faults import SeqTaken, StartError
from domed.jobs.idempotency import METHOD
from domed.jobs.model import TERMINAL, Job, KeyBinding, StoredEvent
from domed.store import rows
from domed.store.migrate import migrate, shipped
from domed.store.ownership import check_ours, make_private
from domed.store.port import Begun, JobQuery
from domed.store.sqlite_approvals import SqliteApprovals
from domed.store.sqlite_artifacts import SqliteArtifacts, artifact_rows, insert_artifacts
from domed.store.sqlite_changes import SqliteChanges
from domed.store.sqlite_output import SqliteOutput, keep_output
from domed.store.sqlite_refusals import SqliteRefusals
from domed.store.writer import Writer

BUSY_TIMEOUT_S: Final = 5.0
CHECKPOINT_PAGES: Final = 4000
_NOT_FOLLOWING: Final = "an event follows the last one"

_BIND_KEY: Final = """
INSERT INTO idempotency_key (uid, method, key, job_id, request_digest, create_time)
VALUES (:uid, :method, :key, :job_id, :request_digest, :create_time) ON CONFLICT DO NOTHING"""
_BINDING: Final = """
SELECT job_id, request_digest, create_time,
       EXISTS (SELECT 1 FROM expired WHERE expired.job_id = idempotency_key.job_id)
FROM idempotency_key
WHERE uid = :uid AND method = :method AND key = :key"""
_INSERT_JOB: Final = """
INSERT INTO job (job_id, state, skill_id, run_id, create_time, request, accepted, standing)
VALUES (:job_id, :state, :skill_id, :run_id, :create_time, :request, :accepted, :standing)"""
_INSERT_INPUT: Final = "INSERT INTO input (job_id, payload) VALUES (:job_id, :payload)"
_INSERT_LABEL: Final = "INSERT INTO label (job_id, name, value) VALUES (:job_id, :name, :value)"
_INSERT_EVENT: Final = "INSERT INTO event (job_id, last_seq, seq, data) VALUES (:job_id, :last_seq, :seq, :data)"
_UPDATE_JOB: Final = "UPDATE job SET state = :state, standing = :standing WHERE job_id = :job_id"
_PAYLOAD: Final = "SELECT payload FROM input WHERE job_id = :job_id"
_EVENTS: Final = """
SELECT seq, last_seq, data FROM event WHERE job_id = :job_id AND last_seq > :since_seq ORDER BY last_seq"""
_LAST_EVENT: Final = "SELECT data FROM event WHERE job_id = :job_id AND last_seq = :last_seq"
_SELECT_JOB: Final = """
SELECT job_id, state, create_time, request, accepted, standing,
       (SELECT max(last_seq) FROM event WHERE event.job_id = job.job_id) AS last_seq
FROM job WHERE """
_ONE_JOB: Final = _SELECT_JOB + "job_id = :job_id"
_FILTERS: Final = """
    (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
AND (:skill_id = '' OR skill_id = :skill_id)
AND (:run_id = '' OR run_id = :run_id)
AND (:create_time_min IS NULL OR create_time >= :create_time_min)
AND (:create_time_max IS NULL OR create_time < :create_time_max)
AND (:labels IS NULL OR NOT EXISTS (
        SELECT 1 FROM json_each(:labels) AS wanted WHERE NOT EXISTS (
            SELECT 1 FROM label WHERE label.job_id = job.job_id AND name = wanted.key AND label.value = wanted.value)))
AND job_id < :before
ORDER BY job_id DESC LIMIT :limit"""
_HAS_LABEL: Final = """
job_id IN (SELECT job_id FROM label WHERE name = :name AND value = :value) AND """
_AFTER_EVERY_ID: Final = "~"
# Several texts of one query, because SQLite chooses an index by the text: these conditions have one of their own.
_JOBS: Final = _SELECT_JOB + _FILTERS
_LIVE_JOBS: Final = _SELECT_JOB + "state < 3 AND " + _FILTERS
_JOBS_OF_RUN: Final = _SELECT_JOB + "run_id = :run_id AND " + _FILTERS
_JOBS_OF_SKILL: Final = _SELECT_JOB + "skill_id = :skill_id AND " + _FILTERS
_LABELLED_JOBS: Final = _SELECT_JOB + _HAS_LABEL + _FILTERS


class SqliteStore(SqliteApprovals, SqliteArtifacts, SqliteChanges, SqliteRefusals, SqliteOutput):
    """Fulfils `domed.store.port.JobStore`. Make one with `open`."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection, store_id: str) -> None:
        super().__init__(writer, reader)
        self._store_id = store_id

    @classmethod
    def open(cls, path: Path, ids: Ids, *, connection: type[sqlite3.Connection] = sqlite3.Connection) -> Self:
        """Open the store at `path`, or make it there, readable by its owner only. Raises StartError.

        `connection` is what stands between the store and SQLite. Blocks: for the start of the program.
        """
        try:
            make_private(path)
            writing = _connect(path, connection)
            try:
                store_id = _prepare(writing, ids)
                reading = _connect(path, connection)
            except BaseException:
                writing.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise StartError(
                f"The store {path} cannot be opened: {error}. Check the file and its directory."
            ) from error
        reading.execute("PRAGMA query_only = ON")
        reading.row_factory = sqlite3.Row
        return cls(Writer(writing), reading, store_id)

    @property
    def store_id(self) -> str:
        return self._store_id

    def create(
        self, job: Job, payload: bytes, event: StoredEvent, *, begun: Begun | None = None
    ) -> asyncio.Future[KeyBinding | None]:
        row = rows.whole(job)
        standing = rows.standing(begun.job) if begun is not None else None
        events = [event] if begun is None else [event, begun.event]
        labels = [{"job_id": job.job_id, "name": name, "value": value} for name, value in job.submission.labels.items()]
        key = _key(job)

        def operation(connection: sqlite3.Connection) -> KeyBinding | None:
            if key is not None and connection.execute(_BIND_KEY, key).rowcount == 0:
                return _binding(connection, key)
            connection.execute(_INSERT_JOB, row)
            connection.execute(_INSERT_INPUT, {"job_id": job.job_id, "payload": payload})
            if labels:
                connection.executemany(_INSERT_LABEL, labels)
            _insert_events(connection, job.job_id, events)
            if standing is not None:
                connection.execute(_UPDATE_JOB, standing)
            return None

        size = len(payload) + sum(len(each.data) for each in events)
        return self._writer.write(operation, size=size, of=job.job_id, when_full="refuse")

    def append(self, job: Job, events: Sequence[StoredEvent], *, row: bool = True) -> asyncio.Future[None]:
        standing = rows.standing(job) if row else None
        artifacts = artifact_rows(job) if row else []

        def operation(connection: sqlite3.Connection) -> None:
            _insert_events(connection, job.job_id, events)
            if standing is not None:
                connection.execute(_UPDATE_JOB, standing)
            if artifacts:
                insert_artifacts(connection, artifacts)
            if job.end_time is not None:
                keep_output(connection, job.job_id, end_time=job.end_time)

        return self._writer.write(operation, size=sum(len(event.data) for event in events), of=job.job_id)

    async def job(self, job_id: JobId) -> Job | None:
        return await self._read(lambda reader: _job(reader, job_id))

    async def binding(self, uid: int, key: str) -> KeyBinding | None:
        wanted = {"uid": uid, "method": METHOD, "key": key}
        return await self._read(lambda reader: _binding(reader, wanted))

    async def payload(self, job_id: JobId) -> bytes:
        found = await self._read(lambda reader: reader.execute(_PAYLOAD, {"job_id": job_id}).fetchone())
        if found is None:
            raise JobNotFound(job_id)
        payload: bytes = found["payload"]
        return payload

    async def jobs(self, query: JobQuery) -> Sequence[Job]:
        sql, parameters = _listing(query)
        return await self._read(lambda reader: _jobs(reader, sql, parameters))

    async def events(self, job_id: JobId, *, since_seq: int, bytes_max: int) -> Sequence[StoredEvent]:
        def read(reader: sqlite3.Connection) -> list[StoredEvent]:
            found: list[StoredEvent] = []
            size = 0
            with closing(reader.execute(_EVENTS, {"job_id": job_id, "since_seq": since_seq})) as cursor:
                for seq, last_seq, data in cursor:
                    size += len(data)
                    if found and size > bytes_max:
                        break
                    found.append(StoredEvent(seq, last_seq, data))
            return found

        return await self._read(read)


def _connect(path: Path, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    # Each connection is used by one thread at a time; which one changes after it was opened.
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, factory=factory
    )
    try:
        check_ours(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, ids: Ids) -> str:
    migrate(connection, shipped())
    connection.execute("PRAGMA wal_autocheckpoint = " + str(CHECKPOINT_PAGES))
    connection.execute(
        "INSERT INTO store (only, store_id) VALUES (1, :store_id) ON CONFLICT DO NOTHING",
        {"store_id": ids.new_store_id()},
    )
    (store_id,) = connection.execute("SELECT store_id FROM store").fetchone()
    return str(store_id)


def _insert_events(connection: sqlite3.Connection, job_id: JobId, events: Sequence[StoredEvent]) -> None:
    try:
        connection.executemany(
            _INSERT_EVENT,
            [{"job_id": job_id, "last_seq": e.last_seq, "seq": e.seq, "data": e.data} for e in events],
        )
    except sqlite3.IntegrityError as error:
        if str(error) == _NOT_FOLLOWING:
            raise SeqTaken(f"the store has another event {events[0].seq} of {job_id}") from error
        raise


def _job(reader: sqlite3.Connection, job_id: JobId) -> Job | None:
    found = next(iter(_jobs(reader, _ONE_JOB, {"job_id": job_id})), None)
    if found is None or found.outcome is None:
        return found
    # No transaction over the two: nothing follows the last event of a job that has ended.
    last = reader.execute(_LAST_EVENT, {"job_id": job_id, "last_seq": found.last_seq}).fetchone()
    return rows.with_result(found, last["data"])


def _jobs(reader: sqlite3.Connection, sql: str, parameters: dict[str, Any]) -> list[Job]:
    return [rows.job(row) for row in reader.execute(sql, parameters).fetchall()]


def _key(job: Job) -> dict[str, Any] | None:
    if not job.submission.idempotency_key:
        return None
    return {
        "uid": job.submission.requester.uid,
        "method": METHOD,
        "key": job.submission.idempotency_key,
        "job_id": job.job_id,
        "request_digest": job.submission.request_digest,
        "create_time": rows.micros(job.create_time),
    }


def _binding(connection: sqlite3.Connection, key: dict[str, Any]) -> KeyBinding | None:
    found = connection.execute(_BINDING, key).fetchone()
    if found is None:
        return None
    job_id, digest, create_time, expired = found
    return KeyBinding(JobId(job_id), digest, rows.from_micros(create_time), expired=bool(expired))


def _listing(query: JobQuery) -> tuple[str, dict[str, Any]]:
    name, value = next(iter(query.labels.items()), (None, None))
    parameters = {
        "states": json.dumps(sorted(int(state) for state in query.states)) if query.states else None,
        "skill_id": query.skill_id,
        "run_id": query.run_id,
        "labels": json.dumps(dict(query.labels)) if query.labels else None,
        "name": name,
        "value": value,
        "create_time_min": None if query.create_time_min is None else rows.micros(query.create_time_min),
        "create_time_max": None if query.create_time_max is None else rows.micros(query.create_time_max),
        "before": query.before or _AFTER_EVERY_ID,
        "limit": query.limit,
    }
    return _text(query), parameters


def _text(query: JobQuery) -> str:
    if query.states and not query.states & TERMINAL:
        return _LIVE_JOBS
    if query.labels:
        return _LABELLED_JOBS
    if query.run_id:
        return _JOBS_OF_RUN
    return _JOBS_OF_SKILL if query.skill_id else _JOBS
