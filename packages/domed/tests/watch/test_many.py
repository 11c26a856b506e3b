"""However many watchers, the writer and retention interleave, each sees each change once, and none is left behind."""

import asyncio
import random
from typing import Any

import pytest

from domed.bell import CHANGES
from domed.errors import EventsGone
from domed.ledger import JobLedger
from domed.store.port import Changes, JobStore
from domed.store.sqlite import SqliteStore
from domed.watch import Batch, Feed
from packages.domed.tests.values import CountingIds
from packages.domed.tests.watch.rig import LIMIT_S, Rig, encode, revisions, until

INTERLEAVINGS = 200

WATCHERS = 300


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
