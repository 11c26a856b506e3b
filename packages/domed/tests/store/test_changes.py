"""Every change of state of a job has a revision: gapless, durable with the change, trimmed from the oldest on."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import CancelRequested, Finished, JobState, RunProvenance
from domed.faults import SeqTaken, StoreClosed
from domed.jobs.model import Job
from domed.store.memory import MemoryStore
from domed.store.migrate import shipped
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.store.conformance import a_job, append, create, event
from packages.domed.tests.values import NOON, CountingIds, exited, started, stdout

ALL = 10**6


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "domed.sqlite"


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory") if request.param == "memory" else SqliteStore.open(path, CountingIds())
    )
    yield store
    await store.close()


async def start(store: JobStore, job: Job) -> Job:
    running = replace(
        job, state=JobState.RUNNING, last_seq=job.last_seq + 1, start_time=NOON, provenance=RunProvenance(repo="/r")
    )
    await store.append(running, [event(job, started())])
    return running


async def end(store: JobStore, job: Job, *, result: bytes = b"") -> Job:
    outcome = replace(exited(), result=result)
    ended = replace(job, state=JobState.SUCCEEDED, last_seq=job.last_seq + 1, end_time=NOON, outcome=outcome)
    await store.append(ended, [event(job, Finished(state=JobState.SUCCEEDED, outcome=outcome))])
    return ended


async def test_a_store_without_jobs_has_no_changes(store: JobStore) -> None:
    found = await store.changes(since_revision=0, limit=ALL)
    assert (found.oldest, found.latest, list(found.changes)) == (1, 0, [])


async def test_each_change_of_state_is_there_as_it_left_the_job(store: JobStore) -> None:
    queued = a_job(labels={"a": "b"})
    await create(store, queued)
    running = await start(store, queued)
    written = await append(store, running, stdout(b"a\n"), stdout(b"b\n"))
    ended = await end(store, written, result=b"{}")
    found = await store.changes(since_revision=0, limit=ALL)
    assert (found.oldest, found.latest) == (1, 3)
    assert [change.revision for change in found.changes] == [1, 2, 3]
    assert ended.outcome is not None
    listed = replace(ended, outcome=replace(ended.outcome, result=b""))
    assert [change.job for change in found.changes] == [queued, running, listed]


async def test_what_changes_no_state_has_no_revision(store: JobStore) -> None:
    running = await start(store, await _created(store))
    asked = replace(running, cancel_requested=True, last_seq=running.last_seq + 1)
    await store.append(asked, [event(running, CancelRequested())])
    await append(store, asked, stdout(b"a\n"))
    assert (await store.changes(since_revision=0, limit=ALL)).latest == 2


async def test_two_facts_in_one_write_are_one_change(store: JobStore) -> None:
    queued = await _created(store)
    asked = event(queued, CancelRequested())
    finished = event(replace(queued, last_seq=2), Finished(state=JobState.CANCELED))
    canceled = replace(queued, state=JobState.CANCELED, last_seq=3, cancel_requested=True)
    await store.append(canceled, [asked, finished])
    found = await store.changes(since_revision=1, limit=ALL)
    assert [change.job for change in found.changes] == [canceled]


async def test_a_portion_begins_after_the_revision_and_has_a_limit(store: JobStore) -> None:
    for _ in range(6):
        await _created(store)
    for since, limit, expected in ((0, 2, [1, 2]), (3, 9, [4, 5, 6]), (6, 9, []), (9, 9, [])):
        found = await store.changes(since_revision=since, limit=limit)
        assert [change.revision for change in found.changes] == expected
        assert (found.oldest, found.latest) == (1, 6)


async def test_a_refused_write_takes_no_revision(store: JobStore) -> None:
    job = await _created(store)
    with pytest.raises(SeqTaken):
        await store.append(replace(job, state=JobState.RUNNING), [event(replace(job, last_seq=5), started())])
    await create(store, first := a_job(idempotency_key="key"))
    assert await create(store, a_job(idempotency_key="key")) is not None
    found = await store.changes(since_revision=1, limit=ALL)
    assert [(change.revision, change.job.job_id) for change in found.changes] == [(2, first.job_id)]


async def test_trimming_removes_the_oldest_and_the_revisions_go_on(store: JobStore) -> None:
    for _ in range(5):
        await _created(store)
    assert await store.trim_changes(kept_max=2) == 3
    assert await store.trim_changes(kept_max=2) == 0
    found = await store.changes(since_revision=0, limit=ALL)
    assert (found.oldest, found.latest, [change.revision for change in found.changes]) == (4, 5, [4, 5])
    assert await store.trim_changes(kept_max=1) == 1
    await _created(store)
    assert (await store.changes(since_revision=0, limit=ALL)).latest == 6


async def test_a_closed_store_tells_no_changes(store: JobStore) -> None:
    await store.close()
    with pytest.raises(StoreClosed):
        await store.changes(since_revision=0, limit=1)
    with pytest.raises(StoreClosed):
        store.trim_changes(kept_max=1)


async def test_revisions_go_on_after_a_restart(path: Path) -> None:
    ids = CountingIds()
    first = SqliteStore.open(path, ids)
    running = await start(first, await _created(first))
    await first.trim_changes(kept_max=1)
    await first.close()
    second = SqliteStore.open(path, ids)
    await end(second, running)
    found = await second.changes(since_revision=2, limit=ALL)
    assert [(change.revision, change.job.state) for change in found.changes] == [(3, JobState.SUCCEEDED)]
    await second.close()


async def test_jobs_of_an_older_store_have_the_change_into_their_state(path: Path) -> None:
    # Written by a store of today, copied into one as the first migration left it.
    today = SqliteStore.open(path.with_name("today.sqlite"), CountingIds())
    queued = await _created(today)
    running = await start(today, await _created(today))
    ended = await end(today, await start(today, await _created(today)))
    await today.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(shipped()[0].sql)
        connection.execute("ATTACH :today AS today", {"today": str(path.with_name("today.sqlite"))})
        connection.executescript(
            """
            INSERT INTO store (only, store_id) SELECT only, store_id FROM today.store;
            INSERT INTO event (job_id, last_seq, seq, data) SELECT job_id, last_seq, seq, data FROM today.event
            ORDER BY job_id, last_seq;
            INSERT INTO job (job_id, state, skill_id, run_id, create_time, request, accepted, standing)
            SELECT job_id, state, skill_id, run_id, create_time, request, accepted, standing FROM today.job;
            """
        )
    reopened = SqliteStore.open(path, CountingIds())
    found = await reopened.changes(since_revision=0, limit=ALL)
    assert [change.job for change in found.changes] == [queued, running, ended]
    assert [change.revision for change in found.changes] == [1, 2, 3]
    await end(reopened, running)
    assert (await reopened.changes(since_revision=3, limit=ALL)).changes[0].job.state is JobState.SUCCEEDED
    await reopened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE job_change SET state = 5 WHERE revision = 1",
        "DELETE FROM job_change WHERE revision = 3",
        "DELETE FROM job_change WHERE revision = 2",
        "DELETE FROM job_change",
    ],
    ids=["change", "newest", "from the middle", "all"],
)
async def test_the_file_itself_refuses_to_spoil_changes(path: Path, statement: str) -> None:
    store = SqliteStore.open(path, CountingIds())
    for _ in range(3):
        await _created(store)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="changes are"):
        connection.execute(statement)
    assert (await store.changes(since_revision=0, limit=ALL)).oldest == 1
    await store.close()


async def _created(store: JobStore) -> Job:
    job = a_job()
    await create(store, job)
    return job
