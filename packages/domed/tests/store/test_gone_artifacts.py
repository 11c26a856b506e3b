"""Artifacts go with the output of their jobs, in every store: what no other has is an orphan until it is settled."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import Artifact, ArtifactProduced, Finished, JobState
from domed.jobs.model import Job
from domed.store.memory import MemoryStore
from domed.store.migrate import migrate, shipped
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.store.conformance import a_job, append, create, event
from packages.domed.tests.values import NOON, CountingIds, exited, started

ALL = 10**9
ONE, TWO, THREE = (
    Artifact(name=name, digest=digest_bytes(name.encode()), size_bytes=size)
    for name, size in (("one", 1), ("two", 20), ("three", 300))
)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory")
        if request.param == "memory"
        else SqliteStore.open(tmp_path / "domed.sqlite", CountingIds())
    )
    yield store
    await store.close()


async def running(store: JobStore, *artifacts: Artifact) -> Job:
    job = a_job()
    await create(store, job)
    job = await append(store, job, started(), *(ArtifactProduced(artifact=each) for each in artifacts))
    produced = replace(job, artifacts=artifacts, last_seq=job.last_seq)
    if artifacts:
        # The row follows with the next event that changes it.
        moved = replace(produced, last_seq=job.last_seq + 1)
        await store.append(moved, [event(job, started())])
        return moved
    return produced


async def ended(store: JobStore, *artifacts: Artifact) -> Job:
    job = await running(store, *artifacts)
    done = replace(job, state=JobState.SUCCEEDED, last_seq=job.last_seq + 1, end_time=NOON + timedelta(seconds=1))
    await store.append(done, [event(job, Finished(state=JobState.SUCCEEDED, outcome=exited()))])
    return done


async def expire(store: JobStore, job: Job) -> None:
    while not await store.expire(job.job_id, bytes_max=ALL):
        pass


async def named(store: JobStore) -> list[bool]:
    return [await store.names_artifact(each.digest) for each in (ONE, TWO, THREE)]


async def gone(store: JobStore) -> list[bool]:
    return [await store.artifact_gone(each.digest) for each in (ONE, TWO, THREE)]


async def test_what_no_kept_job_has_is_an_orphan_until_it_is_settled(store: JobStore) -> None:
    job = await ended(store, ONE, TWO)
    assert (await named(store), await gone(store)) == ([True, True, False], [False] * 3)
    await expire(store, job)
    assert (await named(store), await gone(store)) == ([False] * 3, [True, True, False])
    assert await store.orphans(limit=10) == {ONE.digest: 1, TWO.digest: 20}
    assert len(await store.orphans(limit=1)) == 1
    assert await store.artifact_bytes() == 21
    await store.settle_orphans([ONE.digest])
    assert await store.orphans(limit=10) == {TWO.digest: 20}
    assert await store.artifact_bytes() == 20
    assert await gone(store) == [True, True, False]


async def test_what_another_job_has_stays_until_the_last_of_them_goes(store: JobStore) -> None:
    first, second = await ended(store, ONE, TWO), await ended(store, TWO)
    live = await running(store, ONE)
    await expire(store, first)
    assert (await named(store), await store.orphans(limit=10)) == ([True, True, False], {})
    await expire(store, second)
    assert await named(store) == [True, False, False]
    assert await store.orphans(limit=10) == {TWO.digest: 20}
    assert live.artifacts == (ONE,)


async def test_what_is_produced_again_is_named_again_and_an_orphan_no_more_once_it_is_settled(store: JobStore) -> None:
    await expire(store, await ended(store, ONE))
    again = await ended(store, ONE)
    assert (await named(store))[0]
    assert await store.artifact_bytes() == 1
    await store.settle_orphans([ONE.digest])
    assert (await named(store))[0]
    await expire(store, again)
    assert await store.orphans(limit=10) == {ONE.digest: 1}


async def test_the_job_itself_and_its_list_of_artifacts_stay(store: JobStore) -> None:
    job = await ended(store, ONE, TWO)
    await expire(store, job)
    found = await store.job(job.job_id)
    assert found is not None
    assert found.artifacts == (ONE, TWO)


async def test_holders_are_ended_jobs_with_artifacts_in_the_order_of_their_ends(store: JobStore) -> None:
    await ended(store)
    jobs = [await ended(store, ONE), await ended(store, ONE, TWO), await ended(store, THREE)]
    await running(store, THREE)
    holders: Sequence[str] = await store.artifact_holders(limit=10)
    assert list(holders) == [job.job_id for job in jobs]
    await expire(store, jobs[0])
    assert list(await store.artifact_holders(limit=1)) == [jobs[1].job_id]


async def test_removing_again_changes_nothing(store: JobStore) -> None:
    job = await ended(store, ONE)
    await expire(store, job)
    await store.settle_orphans([ONE.digest])
    await expire(store, job)
    assert await store.orphans(limit=10) == {}


def test_a_store_from_before_gives_up_the_artifacts_of_jobs_whose_output_is_gone() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, shipped()[:5])
        rows = [("sha256:a", "job-1", 1), ("sha256:b", "job-1", 2), ("sha256:b", "job-2", 2), ("sha256:c", "job-2", 3)]
        connection.executemany("INSERT INTO artifact (digest, job_id, size_bytes) VALUES (?, ?, ?)", rows)
        connection.execute("INSERT INTO expired (job_id) VALUES ('job-1')")
        migrate(connection, shipped())
        assert connection.execute("SELECT digest, job_id FROM artifact").fetchall() == [
            ("sha256:b", "job-2"), ("sha256:c", "job-2"),
        ]  # fmt: skip
        assert connection.execute("SELECT digest, size_bytes, on_disk FROM artifact_gone").fetchall() == [
            ("sha256:a", 1, 1)
        ]
