"""The SQLite store is a store, in a file that keeps what it promises by itself."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import JobState
from domed.errors import StorageFull
from domed.faults import SeqTaken, StartError, StoreError
from domed.store.ownership import APPLICATION_ID
from domed.store.port import JobQuery, JobStore
from domed.store.sqlite import SqliteStore, _listing
from packages.domed.tests.store.conformance import StoreConformance, a_job, append, create, event
from packages.domed.tests.values import CountingIds, started, stdout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "domed.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[JobStore]:
    store = SqliteStore.open(path, CountingIds())
    yield store
    await store.close()


class TestSqliteStore(StoreConformance):
    pass


async def test_a_reopened_store_is_the_same_store(path: Path) -> None:
    ids = CountingIds()
    first = SqliteStore.open(path, ids)
    job = a_job(idempotency_key="key")
    await create(first, job)
    await first.close()
    second = SqliteStore.open(path, ids)
    assert second.store_id == first.store_id
    assert await second.job(job.job_id) == job
    assert await create(second, a_job(idempotency_key="key")) is not None
    await second.close()


@pytest.fixture
def public_path(path: Path) -> Path:
    path.touch(mode=0o644)
    return path


async def test_only_the_owner_can_read_the_files(public_path: Path) -> None:
    store = SqliteStore.open(public_path, CountingIds())
    await create(store, a_job())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in public_path.parent.iterdir()}
    assert modes == {"domed.sqlite": 0o600, "domed.sqlite-wal": 0o600, "domed.sqlite-shm": 0o600}
    await store.close()


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE event SET data = x'00'", "never changed"),
        ("DELETE FROM event", "never removed"),
        ("INSERT INTO event (job_id, last_seq, seq, data) VALUES ('job', 2, 2, x'00')", "follows"),
        ("INSERT INTO event (job_id, last_seq, seq, data) VALUES ('job', 0, 1, x'00')", "constraint"),
    ],
    ids=["change", "removal", "gap", "no seqs"],
)
async def test_the_file_itself_refuses_to_spoil_events(
    path: Path, store: JobStore, statement: str, complaint: str
) -> None:
    await create(store, a_job())
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match=complaint):
        connection.execute(statement)


async def test_a_commit_is_synced(store: JobStore) -> None:
    assert isinstance(store, SqliteStore)
    pragma = await store._writer.write(
        lambda connection: [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
        ],
        size=0,
    )
    assert pragma == [2, "wal"]


async def test_live_jobs_are_found_without_reading_the_others(path: Path, store: JobStore) -> None:
    await create(store, a_job())
    with closing(sqlite3.connect(path)) as connection:
        sql, parameters = _listing(JobQuery(states=frozenset({JobState.QUEUED, JobState.RUNNING})))
        plan = " ".join(str(row) for row in connection.execute("EXPLAIN QUERY PLAN " + sql, parameters))
    assert "job_live" in plan
    assert "TEMP B-TREE" not in plan


async def test_a_bad_event_among_good_ones_stores_none_of_its_write(store: JobStore) -> None:
    job = a_job()
    await create(store, job)
    good = event(job, started())
    with pytest.raises(SeqTaken):
        await store.append(job, [good, good])
    assert len(await store.events(job.job_id, since_seq=0, bytes_max=10**6)) == 1
    assert (await append(store, job, stdout(b"x\n"))).last_seq == 2


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)
    path.chmod(0o640)
    with pytest.raises(StartError, match=r"it is no SQLite database\. Move it away"):
        SqliteStore.open(path, CountingIds())
    assert path.read_bytes() == b"this is no database" * 100
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("script", "application_id"),
    [("CREATE TABLE theirs (x)", "0x0"), ("PRAGMA application_id = 7; CREATE TABLE theirs (x)", "0x7")],
)
def test_a_database_of_another_program_is_refused_and_left_as_it_is(
    path: Path, script: str, application_id: str
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    before = path.read_bytes()
    with pytest.raises(StartError, match=f"another program .application id {application_id},"):
        SqliteStore.open(path, CountingIds())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_a_database_that_nobody_wrote_to_becomes_a_store(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    store = SqliteStore.open(path, CountingIds())
    assert await create(store, a_job()) is None
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_place_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be opened"):
        SqliteStore.open(tmp_path / "missing" / "domed.sqlite", CountingIds())


async def test_a_store_that_cannot_write_says_so_for_good(path: Path, store: JobStore) -> None:
    await create(store, a_job())
    assert isinstance(store, SqliteStore)
    await store._writer.write(lambda connection: connection.execute("PRAGMA query_only = ON").fetchone(), size=0)
    with pytest.raises(StoreError, match="readonly"):
        await create(store, a_job())
    with pytest.raises(StoreError, match="readonly"):
        await create(store, a_job())


async def test_on_a_full_disk_a_job_is_refused_and_once_there_is_space_it_is_not(store: JobStore) -> None:
    assert isinstance(store, SqliteStore)

    # A limit of the file's own size is what a full disk looks like to SQLite.
    def resize(pages: int) -> asyncio.Future[object]:
        pragma = f"PRAGMA max_page_count = {pages}"
        return store._writer.write(lambda connection: connection.execute(pragma).fetchone(), size=0)

    await resize(1)
    job = a_job(idempotency_key="one")
    with pytest.raises(StorageFull):
        await create(store, job, b"x" * 10**6)
    assert await store.job(job.job_id) is None
    assert await store.binding(job.submission.requester.uid, "one") is None
    await resize(10**6)
    assert await create(store, job, b"x" * 10**6) is None
