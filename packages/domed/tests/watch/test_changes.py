"""Watching all jobs: each change once, in order, without gaps."""

import asyncio
from typing import Any

import pytest

from dome_contracts.runtime.v1 import CancelRequested, JobState
from domed.errors import EventsGone
from domed.faults import StoreError
from domed.store.memory import MemoryStore
from domed.watch import BATCH_BYTES_MAX, BATCH_MAX, Batch, Feed
from packages.domed.tests.values import started
from packages.domed.tests.watch.rig import LIMIT_S, Rig, revisions, until

SOON_S = 0.01


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


async def test_what_is_kept_in_memory_outlives_what_retention_removes(rig: Rig) -> None:
    for _ in range(3):
        await rig.run()
    batches = rig.watch(1)
    await until(rig.watch(), 9)
    await anext(batches)
    assert revisions([each.change for each in await rig.feed.after(5)]) == [6, 7, 8, 9]


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
