"""Jobs stand in the queue when they are durable, and whoever waits hears of what is durable only."""

import asyncio

import pytest

from dome_contracts.runtime.v1 import Correlation, JobState
from domed.bell import QUEUE, Bell
from domed.faults import StoreError
from domed.ledger import JobLedger
from packages.domed.tests.ledger.conftest import CANCEL, SOON_S, HeldStore, run, submit, succeed
from packages.domed.tests.values import CountingIds, FixedClock, started, stdout, submission


async def test_the_highest_priority_is_first_then_the_oldest(ledger: JobLedger) -> None:
    first, urgent, third, late = [await submit(ledger, priority=priority) for priority in (0, 5, 0, -1)]
    assert [job.job_id for job in ledger.queued()] == [urgent, first, third, late]
    assert ledger.queued_count() == 4
    await ledger.start(first, started())
    await ledger.cancel(late, CANCEL)
    assert [job.job_id for job in ledger.queued()] == [urgent, third]


async def test_a_request_that_is_on_its_way_to_the_queue_counts(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    calls = [asyncio.create_task(submit(ledger, idempotency_key="one")) for _ in range(3)]
    await asyncio.sleep(0)
    assert ledger.queued_count() == 3
    store.let_through()
    await asyncio.gather(*calls)
    assert ledger.queued_count() == 1


async def test_a_job_stands_in_the_queue_when_it_is_durable_and_not_before(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    call = asyncio.create_task(submit(ledger))
    await asyncio.sleep(0)
    assert list(ledger.queued()) == []
    store.let_through()
    job_id = await call
    assert [job.job_id for job in ledger.queued()] == [job_id]


async def test_the_bell_rings_when_an_event_is_durable(ledger: JobLedger, bell: Bell) -> None:
    with bell.listen(QUEUE) as queue:
        job_id = await submit(ledger)
        assert await queue.wait(SOON_S)
        with bell.listen(job_id) as listener:
            await ledger.start(job_id, started())
            assert await listener.wait(SOON_S)
            await ledger.record(job_id, [stdout(b"x\n")])
            assert await listener.wait(SOON_S)
            assert not await queue.wait(SOON_S)
            await succeed(ledger, job_id)
            assert await listener.wait(SOON_S)
            assert not await queue.wait(SOON_S), "whoever runs it says when its place is free"


async def test_readers_see_what_is_durable_only(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    store.let_through()
    job_id = await submit(ledger)
    store.hold()
    start = asyncio.create_task(ledger.start(job_id, started()))
    await asyncio.sleep(0)
    newest = ledger.live(job_id)
    assert newest is not None
    assert newest.state is JobState.RUNNING
    assert (await ledger.job(job_id)).state is JobState.QUEUED
    assert list(await ledger.events(job_id, since_seq=1, bytes_max=100)) == []
    store.let_through()
    assert (await start).state is (await ledger.job(job_id)).state is JobState.RUNNING


async def test_a_retry_finds_a_first_request_that_is_on_its_way_to_the_disk(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    asked = submission(idempotency_key="key")
    first = asyncio.create_task(ledger.submit(asked, b"{}"))
    await asyncio.sleep(0)
    retry = asyncio.create_task(ledger.known(1000, "key", request_digest=asked.request_digest))
    assert await ledger.known(1000, "other", request_digest=asked.request_digest) is None
    assert not retry.done()
    store.let_through()
    found = await retry
    assert found is not None
    assert found.job.job_id == (await first).job.job_id


async def test_the_ancestors_of_a_job_are_those_that_run(ledger: JobLedger) -> None:
    def child_of(parent: str) -> Correlation:
        return Correlation(run_id="run-one", parent_job_id=parent)

    oldest = await run(ledger)
    waiting = await submit(ledger, correlation=child_of(oldest))
    youngest = await run(ledger, correlation=child_of(waiting))
    assert ledger.ancestors(child_of(youngest)) == [youngest, oldest]
    assert ledger.ancestors(child_of("")) == ledger.ancestors(child_of("job-unknown")) == []
    await succeed(ledger, youngest)
    assert ledger.ancestors(child_of(youngest)) == []


async def test_what_the_ledger_is_asked_after_the_store_failed_is_refused(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    store.let_through()
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    ledger.check()
    store.error = StoreError("the disk is full")
    with pytest.raises(StoreError):
        await submit(ledger)
    with pytest.raises(StoreError, match="the disk is full"):
        ledger.check()
