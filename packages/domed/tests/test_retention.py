"""A sweep removes what is beyond the limits; followers are told what is gone, and keys never run again."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from domed.artifacts import Artifacts, KeepLimits, Workplace
from domed.bell import Bell
from domed.config import RetentionLimits
from domed.errors import EventsGone, IdempotentResultExpired
from domed.executors.port import DeclaredArtifact
from domed.ledger import JobLedger, Recent
from domed.retention import JOBS_MAX, SLICE_BYTES_MAX, Retention
from domed.store.memory import MemoryStore
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from domed.tail import tail
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stdout, submission

KEEP_ALL: dict[str, Any] = {
    "output_age_s": 3600.0, "output_jobs_max": 1000, "output_bytes_max": 10**9, "artifacts_bytes_max": 10**9,
    "changes_max": 1000,
}  # fmt: skip
KEEP = KeepLimits(artifact_bytes_max=10**6, artifacts_bytes_max=10**6)
LIMIT_S = 20.0


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory")
        if request.param == "memory"
        else SqliteStore.open(tmp_path / "domed.sqlite", CountingIds())
    )
    yield store
    await store.close()


class Rig:
    def __init__(self, store: JobStore, root: Path) -> None:
        self.store = store
        self.root = root / "artifacts"
        self.artifacts = Artifacts(self.root, total_bytes_max=10**9)
        self.work = root / "work"
        self.work.mkdir()
        self.clock = FixedClock()
        self.bell = Bell()
        self.ledger = JobLedger(store, self.bell, clock=self.clock, ids=CountingIds(), recent=Recent(bytes_max=0))

    def retention(self, **limits: Any) -> Retention:
        limited = RetentionLimits(**(KEEP_ALL | limits))
        return Retention(self.store, self.bell, self.ledger.refusals, self.artifacts, limits=limited, clock=self.clock)

    async def run(self, *, lines: int = 3, key: str = "") -> JobId:
        """Submitted, Started, one seq a line, Finished."""
        job_id = (await self.ledger.submit(submission(idempotency_key=key), b"{}")).job.job_id
        await self.ledger.start(job_id, started())
        await self.ledger.record(job_id, [stdout(b"x\n") for _ in range(lines)])
        await self.ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
        return job_id

    async def produce(self, *contents: bytes) -> JobId:
        """The same with artifacts."""
        job_id = (await self.ledger.submit(submission(), b"{}")).job.job_id
        await self.ledger.start(job_id, started())
        declared = []
        for number, content in enumerate(contents):
            (self.work / str(number)).write_bytes(content)
            declared.append(DeclaredArtifact(str(number), str(number), "text/plain"))
        kept = await self.artifacts.keep(declared, Workplace(self.work, self.work), label=job_id, limits=KEEP)
        await self.ledger.record(job_id, [stdout(b"x\n"), *kept.artifacts])
        await self.artifacts.settle(kept)
        await self.ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
        return job_id

    async def artifact(self, content: bytes) -> str:
        """Whether the content is there as a file, and what the ledger says of it."""
        digest = digest_bytes(content)
        digits = digest.removeprefix("sha256:")
        is_there = (self.root / digits[:2] / digits).exists()
        assert is_there is await self.ledger.names_artifact(digest)
        return "kept" if is_there else "gone" if await self.ledger.artifact_gone(digest) else "unknown"

    async def seqs(self, job_id: JobId, *, since_seq: int = 0, follow: bool = True) -> list[int]:
        batches: Any = tail(
            self.ledger, self.bell, job_id, since_seq=since_seq, follow=follow, heartbeat_s=60, bytes_max=10**6
        )
        async with asyncio.timeout(LIMIT_S), aclosing(batches):
            return [event.last_seq async for batch in batches for event in batch.records]

    async def has_output(self, job_id: JobId) -> bool:
        return await self.ledger.oldest_seq(job_id) == 1


@pytest.fixture
def rig(store: JobStore, tmp_path: Path) -> Rig:
    return Rig(store, tmp_path)


async def test_nothing_goes_within_the_limits(rig: Rig) -> None:
    jobs = [await rig.run() for _ in range(3)]
    assert await rig.retention().sweep() == 0
    assert [await rig.has_output(job_id) for job_id in jobs] == [True] * 3


async def test_output_goes_when_it_is_old(rig: Rig) -> None:
    old = await rig.run()
    rig.clock.advance(3599)
    young = await rig.run()
    rig.clock.advance(2)
    assert await rig.retention().sweep() == 1
    assert [await rig.has_output(job_id) for job_id in (old, young)] == [False, True]


async def test_output_goes_when_there_is_too_much(rig: Rig) -> None:
    jobs = [await rig.run() for _ in range(5)]
    assert await rig.retention(output_jobs_max=2).sweep() == 3
    assert [await rig.has_output(job_id) for job_id in jobs] == [False] * 3 + [True] * 2
    assert await rig.retention(output_bytes_max=1).sweep() == 1
    assert [await rig.has_output(job_id) for job_id in jobs] == [False] * 4 + [True]


async def test_a_sweep_takes_more_jobs_than_it_looks_for_at_a_time(rig: Rig) -> None:
    for _ in range(JOBS_MAX + 3):
        await rig.run(lines=1)
    assert await rig.retention(output_jobs_max=1).sweep() == JOBS_MAX + 2


async def test_a_job_larger_than_a_portion_goes_whole(rig: Rig) -> None:
    job_id = (await rig.ledger.submit(submission(), b"{}")).job.job_id
    await rig.ledger.start(job_id, started())
    for _ in range(9):
        await rig.ledger.record(job_id, [stdout(b"x" * (SLICE_BYTES_MAX // 2 - 1000) + b"\n")])
    await rig.ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
    rig.clock.advance(3601)
    assert await rig.retention().sweep() == 1
    assert await rig.seqs(job_id, since_seq=11) == [12]


async def test_what_is_gone_is_refused_with_the_oldest_that_is_kept(rig: Rig) -> None:
    job_id = await rig.run(lines=3)
    rig.clock.advance(3601)
    await rig.retention().sweep()
    for since_seq in (0, 1, 2, 3, 4):
        with pytest.raises(EventsGone) as gone:
            await rig.seqs(job_id, since_seq=since_seq)
        assert gone.value.metadata == {
            "job_id": job_id, "requested": str(since_seq), "oldest": "6", "latest": "6",
        }  # fmt: skip
    assert await rig.seqs(job_id, since_seq=5) == [6]
    assert await rig.seqs(job_id, since_seq=6) == []


async def test_a_job_that_wrote_nothing_stays_readable(rig: Rig) -> None:
    job_id = await rig.run(lines=0)
    rig.clock.advance(3601)
    assert await rig.retention().sweep() == 1
    assert await rig.seqs(job_id) == [1, 2, 3]


async def test_a_running_job_keeps_its_output_whatever_the_limits(rig: Rig) -> None:
    job_id = (await rig.ledger.submit(submission(), b"{}")).job.job_id
    await rig.ledger.start(job_id, started())
    await rig.ledger.record(job_id, [stdout(b"x\n")])
    rig.clock.advance(10**6)
    assert await rig.retention(output_jobs_max=1, output_bytes_max=1).sweep() == 0
    assert await rig.seqs(job_id, follow=False) == [1, 2, 3]


async def test_a_key_whose_output_went_runs_nothing_again(rig: Rig) -> None:
    job_id = await rig.run(key="key")
    rig.clock.advance(3601)
    await rig.retention().sweep()
    with pytest.raises(IdempotentResultExpired) as expired:
        await rig.ledger.submit(submission(idempotency_key="key"), b"{}")
    assert expired.value.metadata == {"key": "key", "first_job": job_id}
    with pytest.raises(IdempotentResultExpired):
        await rig.ledger.known(1000, "key", request_digest=submission().request_digest)
    assert (await rig.ledger.job(job_id)).outcome is not None
    assert rig.ledger.queued_count() == 0


async def test_artifacts_go_with_the_output_of_their_job(rig: Rig) -> None:
    await rig.produce(b"old")
    rig.clock.advance(3000)
    await rig.produce(b"young")
    assert [await rig.artifact(each) for each in (b"old", b"young", b"other")] == ["kept", "kept", "unknown"]
    rig.clock.advance(1000)
    assert await rig.retention().sweep() == 1
    assert [await rig.artifact(each) for each in (b"old", b"young")] == ["gone", "kept"]
    assert rig.artifacts.total_bytes == 5


async def test_an_artifact_that_a_kept_job_has_stays(rig: Rig) -> None:
    jobs = [await rig.produce(b"shared", b"first"), await rig.produce(b"shared", b"second"), await rig.run()]
    await rig.retention(output_jobs_max=2).sweep()
    assert [await rig.artifact(each) for each in (b"shared", b"first", b"second")] == ["kept", "gone", "kept"]
    await rig.retention(output_jobs_max=1).sweep()
    assert [await rig.artifact(each) for each in (b"shared", b"first", b"second")] == ["gone"] * 3
    assert await rig.has_output(jobs[2])
    await rig.produce(b"shared")
    assert await rig.artifact(b"shared") == "kept"


async def test_output_of_jobs_with_artifacts_goes_when_these_are_too_large_together(rig: Rig) -> None:
    jobs = [await rig.run(), await rig.produce(b"x" * 50), await rig.produce(b"x" * 50), await rig.produce(b"y" * 70)]
    assert await rig.retention(artifacts_bytes_max=120).sweep() == 0
    assert await rig.retention(artifacts_bytes_max=119).sweep() == 2
    assert [await rig.has_output(job_id) for job_id in jobs] == [True, False, False, True]
    assert [await rig.artifact(each) for each in (b"x" * 50, b"y" * 70)] == ["gone", "kept"]
    assert await rig.retention(artifacts_bytes_max=1).sweep() == 0
    assert await rig.artifact(b"y" * 70) == "kept"


async def test_artifacts_that_cannot_be_removed_cost_no_others(rig: Rig) -> None:
    class Stuck(Artifacts):
        async def forget(self, orphans: Mapping[str, int], *, is_named: Any) -> Sequence[str]:
            return ()

    for content in (b"a", b"b", b"c"):
        await rig.produce(content)
    stuck = Stuck(rig.root, total_bytes_max=10**9)
    await stuck.open(is_named=rig.ledger.names_artifact, total_bytes=3)
    limits = RetentionLimits(**(KEEP_ALL | {"artifacts_bytes_max": 1}))
    retention = Retention(rig.store, rig.bell, rig.ledger.refusals, stuck, limits=limits, clock=rig.clock)
    assert await retention.sweep() == 1
    assert await rig.store.names_artifact(digest_bytes(b"b"))
    # They are still to be removed, and the next look does it.
    assert await rig.retention().sweep() == 0
    assert [await rig.artifact(each) for each in (b"a", b"b", b"c")] == ["gone", "kept", "kept"]


async def test_changes_go_by_count(rig: Rig) -> None:
    for _ in range(4):
        await rig.run()
    await rig.retention(changes_max=5).sweep()
    known = await rig.ledger.changes(since_revision=0, limit=100)
    assert (known.oldest, known.latest) == (8, 12)


async def test_it_looks_at_once_and_ends_when_it_is_told_to(rig: Rig) -> None:
    looked = asyncio.Event()

    class Seen(Retention):
        async def sweep(self) -> int:
            count = await super().sweep()
            looked.set()
            return count

    jobs = [await rig.run() for _ in range(2)]
    limits = RetentionLimits(**(KEEP_ALL | {"output_jobs_max": 1}))
    retention = Seen(rig.store, rig.bell, rig.ledger.refusals, rig.artifacts, limits=limits, clock=rig.clock)
    running = asyncio.create_task(retention.run())
    async with asyncio.timeout(LIMIT_S):
        await looked.wait()
    running.cancel()
    await asyncio.wait([running])
    assert [await rig.has_output(job_id) for job_id in jobs] == [False, True]
