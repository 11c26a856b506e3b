"""Watching all jobs: each change once, in order, without gaps, however watchers, writer and retention interleave."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState
from domed.bell import CHANGES, Bell
from domed.errors import EventsGone
from domed.faults import StoreError
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.store.memory import MemoryStore
from domed.store.port import Changes, JobChange, JobStore
from domed.store.sqlite import SqliteStore
from domed.watch import BATCH_BYTES_MAX, BATCH_MAX, Batch, Feed, watch
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stdout, submission

INTERLEAVINGS = 200
WATCHERS = 300
LIMIT_S = 30.0
NEVER_S = 60.0
SOON_S = 0.01


def encode(change: JobChange) -> bytes:
    return b"%d %s" % (change.revision, change.job.state.name.encode())


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
    """A ledger, and watchers of its jobs."""

    def __init__(self, store: JobStore, *, kept_max: int = 1024) -> None:
        self.store = store
        self.bell = Bell()
        self.clock = FixedClock()
        self.ledger = JobLedger(store, self.bell, clock=self.clock, ids=CountingIds())
        self.feed = Feed(self.ledger, self.bell, encode=encode, kept_max=kept_max)

    async def submit(self, **changes: Any) -> JobId:
        return (await self.ledger.submit(submission(**changes), b"{}")).job.job_id

    async def run(self, **changes: Any) -> JobId:
        """A job to its end: three changes, and output, which is none."""
        job_id = await self.submit(**changes)
        await self.ledger.start(job_id, started())
        await self.ledger.record(job_id, [stdout(b"a\n")])
        await self.ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)
        return job_id

    def watch(
        self, since_revision: int = 0, *, wanted: Callable[[Job], bool] = lambda _: True, heartbeat_s: float = NEVER_S
    ) -> AsyncIterator[Batch]:
        return watch(
            self.feed,
            self.bell,
            clock=self.clock,
            since_revision=since_revision,
            wanted=wanted,
            heartbeat_s=heartbeat_s,
        )


@pytest.fixture
def rig(store: JobStore) -> Rig:
    return Rig(store)


async def until(batches: AsyncIterator[Batch], revision: int) -> list[JobChange]:
    """Everything that comes until the watcher has the revision."""
    found: list[JobChange] = []
    async with asyncio.timeout(LIMIT_S):
        async for batch in batches:
            found += [each.change for each in batch.changes]
            if batch.revision >= revision:
                return found
    raise AssertionError("the stream ended")


def revisions(changes: list[JobChange]) -> list[int]:
    return [change.revision for change in changes]


async def test_a_watcher_sees_each_change_of_state_once_and_no_output(rig: Rig) -> None:
    watching = asyncio.create_task(until(rig.watch(), 6))
    first = await rig.run()
    second = await rig.run()
    found = await watching
    assert [(change.revision, change.job.job_id, change.job.state.name) for change in found] == [
        (revision, job_id, state)
        for revision, (job_id, state) in enumerate(
            ((job_id, state) for job_id in (first, second) for state in ("QUEUED", "RUNNING", "SUCCEEDED")), start=1
        )
    ]


async def test_a_change_has_the_job_as_it_left_it(rig: Rig) -> None:
    job_id = await rig.run()
    queued, running, ended = await until(rig.watch(), 3)
    assert [(each.job.last_seq, each.job.attempt) for each in (queued, running, ended)] == [(1, 0), (2, 1), (4, 1)]
    assert ended.job == await rig.ledger.job(job_id)


async def test_a_cancelled_queued_job_changes_once(rig: Rig) -> None:
    job_id = await rig.submit()
    await rig.ledger.cancel(job_id, CancelRequested())
    assert [each.job.state for each in await until(rig.watch(), 2)] == [JobState.QUEUED, JobState.CANCELED]


@pytest.mark.parametrize("since_revision", range(1, 10))
async def test_a_watcher_resumes_after_any_revision(rig: Rig, since_revision: int) -> None:
    for _ in range(3):
        await rig.run()
    assert revisions(await until(rig.watch(since_revision), 9)) == list(range(since_revision + 1, 10))


async def test_the_first_batch_comes_at_once_and_says_where_the_watcher_stands(rig: Rig) -> None:
    assert await anext(rig.watch()) == Batch([], 0)
    await rig.run()
    assert await anext(rig.watch(3)) == Batch([], 3)


async def test_a_heartbeat_comes_when_nothing_happens(rig: Rig) -> None:
    await rig.run()
    batches = rig.watch(heartbeat_s=SOON_S)
    assert len((await anext(batches)).changes) == 3

    async def pass_time() -> None:
        while True:
            rig.clock.advance(SOON_S)
            await asyncio.sleep(0)

    passing = asyncio.create_task(pass_time())
    assert [await anext(batches) for _ in range(3)] == [Batch([], 3)] * 3
    passing.cancel()


async def test_what_a_filter_leaves_out_moves_the_position_and_heartbeats_come_in_time(rig: Rig) -> None:
    batches = rig.watch(wanted=lambda job: job.submission.skill_id == "repo.search", heartbeat_s=10)
    assert await anext(batches) == Batch([], 0)
    following = asyncio.ensure_future(anext(batches))
    await rig.run()
    rig.clock.advance(6)
    await rig.run()
    assert not following.done()
    # The 10 seconds count from what was sent, not from what was left out.
    rig.clock.advance(5)
    await rig.submit()
    heartbeat = await asyncio.wait_for(following, LIMIT_S)
    assert (list(heartbeat.changes), heartbeat.revision >= 6) == ([], True)
    wanted = await rig.submit(skill_id="repo.search")
    [change] = (await anext(batches)).changes
    assert (change.change.revision, change.change.job.job_id) == (8, wanted)


async def test_a_revision_that_is_no_longer_kept_is_gone(rig: Rig) -> None:
    for _ in range(3):
        await rig.run()
    await rig.store.trim_changes(kept_max=4)
    assert revisions(await until(rig.watch(), 9)) == [6, 7, 8, 9]
    assert revisions(await until(rig.watch(5), 9)) == [6, 7, 8, 9]
    for since_revision in (1, 4):
        with pytest.raises(EventsGone) as gone:
            await anext(rig.watch(since_revision))
        assert gone.value.metadata == {
            "job_id": "", "requested": str(since_revision), "oldest": "6", "latest": "9",
        }  # fmt: skip


@pytest.mark.parametrize("since_revision", [4, 2**63, 2**64 - 1])
async def test_a_revision_that_the_store_has_not_reached_is_none_of_it(rig: Rig, since_revision: int) -> None:
    await rig.run()
    with pytest.raises(EventsGone):
        await anext(rig.watch(since_revision))


async def test_a_watcher_that_retention_overtakes_is_told(store: JobStore) -> None:
    rig = Rig(store, kept_max=2)
    await rig.run()
    batches = rig.watch()
    assert (await anext(batches)).revision == 3
    for _ in range(3):
        await rig.run()
    await until(rig.watch(3), 12)
    await store.trim_changes(kept_max=3)
    with pytest.raises(EventsGone):
        await anext(batches)


async def test_what_is_kept_in_memory_outlives_what_retention_removes(rig: Rig) -> None:
    for _ in range(3):
        await rig.run()
    batches = rig.watch(1)
    await until(rig.watch(), 9)
    await anext(batches)
    assert revisions([each.change for each in await rig.feed.after(5)]) == [6, 7, 8, 9]


async def test_three_hundred_watchers_see_the_same_and_the_store_is_read_once(store: JobStore) -> None:
    class Counting(JobLedger):
        reads = 0

        async def changes(self, *, since_revision: int, limit: int) -> Changes:
            Counting.reads += limit > 0
            return await super().changes(since_revision=since_revision, limit=limit)

    rig = Rig(store)
    rig.ledger = Counting(store, rig.bell, clock=rig.clock, ids=CountingIds())
    rig.feed = Feed(rig.ledger, rig.bell, encode=encode)
    stalled = rig.watch()
    assert await anext(stalled) == Batch([], 0)
    watching = [asyncio.create_task(until(rig.watch(), 30)) for _ in range(WATCHERS)]
    for _ in range(10):
        await rig.run()
    seen = await asyncio.gather(*watching)
    assert [revisions(each) for each in seen] == [list(range(1, 31))] * WATCHERS
    # One read for each ring at most, and one for the start.
    assert Counting.reads <= 31
    # All that waits for the one who does not read is one ring.
    assert revisions(await until(stalled, 30)) == list(range(1, 31))


async def test_a_watcher_that_leaves_takes_no_ring_with_it(rig: Rig) -> None:
    """Cancelled while it reads for all: the next one reads again."""
    await anext(rig.watch())
    job_id = await rig.submit()
    leaving = asyncio.ensure_future(rig.feed.after(0))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert [each.change.job.job_id for each in await rig.feed.after(0)] == [job_id]


async def test_a_watcher_that_leaves_is_forgotten(rig: Rig) -> None:
    listening = len(rig.bell._listeners[CHANGES])
    batches: Any = rig.watch()
    await anext(batches)
    assert len(rig.bell._listeners[CHANGES]) == listening + 1
    await batches.aclose()
    assert len(rig.bell._listeners[CHANGES]) == listening


async def test_a_watcher_hears_that_the_store_failed() -> None:
    class Breaking(MemoryStore):
        def append(self, *args: Any, **options: Any) -> asyncio.Future[None]:
            failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            failed.set_exception(StoreError("the disk is gone"))
            return failed

    rig = Rig(Breaking("store-memory"))
    job_id = await rig.submit()
    watching = [asyncio.create_task(until(rig.watch(), 9)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(StoreError):
        await rig.ledger.start(job_id, started())
    assert {type(each) for each in await asyncio.gather(*watching, return_exceptions=True)} == {StoreError}


async def test_batches_keep_to_their_count_and_size(rig: Rig) -> None:
    for _ in range(BATCH_MAX + 3):
        await rig.submit()
    assert [len((await anext(batches)).changes) for batches in [rig.watch()] for _ in range(2)] == [BATCH_MAX, 3]
    large = Feed(rig.ledger, rig.bell, encode=lambda _: bytes(BATCH_BYTES_MAX // 2 - 1))
    assert [len(await large.after(position)) for position in (0, 2)] == [2, 2]
    alone = Feed(rig.ledger, rig.bell, encode=lambda _: bytes(BATCH_BYTES_MAX + 1))
    assert [len(await alone.after(position)) for position in (0, 1)] == [1, 1]


@pytest.mark.parametrize("kept_max", [0, 3, 1024])
async def test_no_change_is_lost_or_doubled_in_any_interleaving(store: JobStore, kept_max: int) -> None:
    rig = Rig(store, kept_max=kept_max)
    for seed in range(INTERLEAVINGS // 10 if isinstance(store, SqliteStore) else INTERLEAVINGS):
        await _interleave(rig, random.Random(seed))


async def _interleave(rig: Rig, chance: random.Random) -> None:
    async def dawdle() -> None:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)

    async def write(jobs: int) -> None:
        for _ in range(jobs):
            await dawdle()
            await rig.run()

    async def read(since_revision: int, last: int) -> list[int]:
        await dawdle()
        found: list[int] = []
        async with asyncio.timeout(LIMIT_S):
            async for batch in rig.watch(since_revision):
                found += [each.change.revision for each in batch.changes]
                assert not found or batch.revision == found[-1]
                await dawdle()
                if batch.revision >= last:
                    break
        return found

    before = (await rig.store.changes(since_revision=0, limit=0)).latest
    writers = [chance.randrange(3) for _ in range(3)]
    last = before + 3 * sum(writers)
    starts = [chance.randrange(max(before - 5, 1), before + 1) if before else 0 for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for jobs in writers:
            tasks.create_task(write(jobs))
        readers = [tasks.create_task(read(start, last)) for start in starts]
    for start, reader in zip(starts, readers, strict=True):
        assert reader.result() == list(range(start + 1, last + 1))
