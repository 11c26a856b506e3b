"""Output goes by age, count and bytes, in every store; what happened in the job stays, and its key never runs again."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import CancelRequested, Finished, JobState, Progress
from domed.errors import JobNotFound
from domed.jobs import encoding
from domed.jobs.model import Fact, Job, StoredEvent
from domed.store.memory import MemoryStore
from domed.store.port import JobStore, OutputLimits
from domed.store.sqlite import SqliteStore
from packages.domed.tests.store.conformance import a_job, append, create, event
from packages.domed.tests.values import NOON, CountingIds, exited, started, stderr, stdout

SECOND = timedelta(seconds=1)
ALL = 10**9
KEEP_ALL = OutputLimits(end_time_min=NOON - SECOND, jobs_max=1000, bytes_max=ALL)


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


async def ended(store: JobStore, *facts: Fact, after: timedelta = timedelta(), key: str = "", size: int = 2) -> Job:
    """A job that ended so long after noon."""
    job = a_job(idempotency_key=key)
    await create(store, job, b"x" * size)
    job = await append(store, job, started(), *facts)
    outcome = exited()
    done = replace(job, state=JobState.SUCCEEDED, last_seq=job.last_seq + 1, end_time=NOON + after, outcome=outcome)
    await store.append(done, [event(job, Finished(state=JobState.SUCCEEDED, outcome=outcome))])
    return done


async def events(store: JobStore, job: Job) -> list[StoredEvent]:
    return list(await store.events(job.job_id, since_seq=0, bytes_max=ALL))


async def kinds(store: JobStore, job: Job) -> list[str]:
    return [type(encoding.fact_of(encoding.decode(each.data))).__name__ for each in await events(store, job)]


async def expire(store: JobStore, job: Job, *, bytes_max: int = ALL) -> int:
    """Remove all of it; in how many portions."""
    count = 1
    while not await store.expire(job.job_id, bytes_max=bytes_max):
        count += 1
    return count


async def test_nothing_expires_within_the_limits(store: JobStore) -> None:
    for _ in range(3):
        await ended(store, stdout(b"a\n"))
    await create(store, a_job())
    assert list(await store.expiring(KEEP_ALL, limit=10)) == []


async def test_what_expires_goes_by_age_count_and_bytes_the_first_to_end_first(store: JobStore) -> None:
    jobs = [await ended(store, stdout(b"x" * 99 + b"\n"), after=number * SECOND, size=10_000) for number in range(4)]
    ids = [job.job_id for job in jobs]
    for limits, expected in (
        (replace(KEEP_ALL, end_time_min=NOON + 2 * SECOND), ids[:2]),
        (replace(KEEP_ALL, jobs_max=1), ids[:3]),
        (replace(KEEP_ALL, bytes_max=25_000), ids[:2]),
        (replace(KEEP_ALL, bytes_max=1), ids[:3]),
        (replace(KEEP_ALL, end_time_min=NOON + 9 * SECOND), ids),
    ):
        assert list(await store.expiring(limits, limit=10)) == expected, limits
        assert list(await store.expiring(limits, limit=1)) == expected[:1]


async def test_a_job_that_runs_never_expires(store: JobStore) -> None:
    job = a_job()
    await create(store, job)
    await append(store, job, started(), stdout(b"a\n"))
    limits = OutputLimits(end_time_min=NOON + 1000 * SECOND, jobs_max=1, bytes_max=1)
    assert list(await store.expiring(limits, limit=10)) == []


async def test_output_progress_and_input_go_and_every_other_fact_stays(store: JobStore) -> None:
    facts = (stdout(b"a\nb\n"), Progress(done=1), stderr(b"c\n"), CancelRequested(reason="enough"), stdout(b"d"))
    job = await ended(store, *facts)
    before = await store.job(job.job_id)
    await expire(store, job)
    assert await kinds(store, job) == ["Submitted", "Started", "CancelRequested", "Finished"]
    assert await store.job(job.job_id) == before == job
    with pytest.raises(JobNotFound):
        await store.payload(job.job_id)
    limits = replace(KEEP_ALL, end_time_min=NOON + SECOND)
    assert list(await store.expiring(limits, limit=10)) == []


async def test_output_goes_in_portions_from_the_oldest_on(store: JobStore) -> None:
    pages = [stdout(b"x" * 999 + b"\n") for _ in range(10)]
    job = await ended(store, *pages)
    limits = replace(KEEP_ALL, end_time_min=NOON + SECOND)
    assert not await store.expire(job.job_id, bytes_max=4000)
    assert await store.oldest_seq(job.job_id) == 6
    # A daemon that died here goes on with it.
    assert list(await store.expiring(limits, limit=10)) == [job.job_id]
    assert await expire(store, job, bytes_max=4000) == 3
    assert await store.oldest_seq(job.job_id) == job.last_seq == 13
    assert list(await store.expiring(limits, limit=10)) == []
    assert await expire(store, job) == 1


async def test_a_page_that_is_larger_than_a_portion_goes_alone(store: JobStore) -> None:
    job = await ended(store, *(stdout(b"x" * 999 + b"\n") for _ in range(3)))
    assert await expire(store, job, bytes_max=1) == 3


async def test_without_output_nothing_is_missing(store: JobStore) -> None:
    job = await ended(store)
    await expire(store, job)
    assert await store.oldest_seq(job.job_id) == 1
    assert await kinds(store, job) == ["Submitted", "Started", "Finished"]


async def test_the_key_of_a_job_whose_output_went_is_a_tombstone(store: JobStore) -> None:
    job = await ended(store, stdout(b"a\n" * 10), stdout(b"b\n" * 10), key="key")
    other = await ended(store, key="other")
    await store.expire(job.job_id, bytes_max=1)
    binding = await store.binding(1000, "key")
    assert binding is not None
    assert (binding.job_id, binding.expired) == (job.job_id, True)
    again = await create(store, a_job(idempotency_key="key"))
    assert again == binding
    kept = await store.binding(1000, "other")
    assert kept is not None
    assert (kept.job_id, kept.expired) == (other.job_id, False)


async def test_events_of_other_jobs_stay(store: JobStore) -> None:
    first, second = await ended(store, stdout(b"a\n")), await ended(store, stdout(b"b\n"))
    before = await events(store, second)
    await expire(store, first)
    assert await events(store, second) == before


async def test_what_is_left_of_a_job_survives_a_restart(path: Path) -> None:
    store = SqliteStore.open(path, CountingIds())
    job = await ended(store, stdout(b"a\n"), key="key")
    await expire(store, job)
    await store.close()
    again = SqliteStore.open(path, CountingIds())
    binding = await again.binding(1000, "key")
    assert binding is not None
    assert binding.expired
    assert await kinds(again, job) == ["Submitted", "Started", "Finished"]
    await again.close()


@pytest.mark.parametrize("chosen", [1, 2, 5], ids=["submitted", "page of a job that is kept", "finished"])
async def test_the_file_itself_lets_only_chosen_output_go(path: Path, chosen: int) -> None:
    store = SqliteStore.open(path, CountingIds())
    job = await ended(store, stdout(b"a\nb\n"))
    with closing(sqlite3.connect(path)) as connection:
        row = {"job_id": job.job_id, "last_seq": chosen}
        if chosen != 2:
            connection.execute("INSERT INTO expired (job_id) VALUES (:job_id)", row)
        connection.execute("INSERT INTO event_removal (job_id, last_seq) VALUES (:job_id, :last_seq)", row)
        with pytest.raises(sqlite3.IntegrityError, match="never removed"):
            connection.execute("DELETE FROM event WHERE job_id = :job_id AND last_seq = :last_seq", row)
    await store.close()
