"""A ledger goes on where the one before ended, and ends when its store fails."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dome_contracts import chain
from dome_contracts.runtime.v1 import JobState, Progress
from domed.bell import Bell
from domed.faults import StoreError
from domed.ledger import JobLedger
from domed.ledger.opening import OPEN_JOBS_MAX
from domed.store.port import JobQuery, JobStore
from packages.domed.tests.ledger.conftest import CANCEL, SOON_S, HeldStore, messages, run, stored, submit, succeed
from packages.domed.tests.values import CountingIds, FixedClock, exited, stderr, stdout


async def test_a_ledger_that_opens_goes_on_where_the_one_before_ended(
    ledger: JobLedger, store: JobStore, bell: Bell, ids: CountingIds
) -> None:
    queued, urgent, ended = await submit(ledger), await submit(ledger, priority=1), await run(ledger)
    await succeed(ledger, ended)
    running = await run(ledger)
    await ledger.record(running, [stdout(b"a\nb"), stderr(b"e\n"), Progress(done=1)])

    again = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    await again.open()
    assert [job.job_id for job in again.queued()] == [urgent, queued]
    assert list(again.running()) == list(ledger.running())
    assert again.live(ended) is None
    assert again.output_digests(running) == ledger.output_digests(running)
    await again.record(running, [stdout(b"c\n")])
    await again.finish(running, JobState.FAILED, exited(1), provenance=None)
    *before, last = await messages(again, running)
    head = chain.genesis(running)
    for event in (await stored(again, running))[:-1]:
        head = chain.link(head, event.data)
    assert last.finished is not None
    assert last.finished.chain_head == head
    assert [(each.bytes, each.records) for each in last.finished.output_totals] == [(5, 3), (2, 1)]
    assert before[-1].last_seq + 1 == last.seq
    assert (await again.cancel(queued, CANCEL)).state is JobState.CANCELED


async def test_more_jobs_than_are_read_at_a_time_are_all_taken_up(
    store: JobStore, bell: Bell, ids: CountingIds
) -> None:
    first = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    jobs = await asyncio.gather(*(submit(first) for _ in range(OPEN_JOBS_MAX + 1)))
    again = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    await again.open()
    assert [job.job_id for job in again.queued()] == jobs


async def test_a_store_that_fails_ends_the_ledger(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    store.let_through()
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    job_id = await run(ledger)
    store.error = StoreError("the disk is gone")
    with bell.listen(job_id) as listener:
        with pytest.raises(StoreError, match="disk is gone"):
            await ledger.record(job_id, [stdout(b"x\n")])
        assert await listener.wait(SOON_S)
    assert ledger.failed.is_set()
    store.error = None
    calls: list[Callable[[], Any]] = [
        lambda: submit(ledger),
        lambda: ledger.job(job_id),
        lambda: ledger.jobs(JobQuery()),
        lambda: ledger.events(job_id, since_seq=0, bytes_max=1),
        lambda: ledger.record(job_id, [stdout(b"x\n")]),
        lambda: ledger.cancel(job_id, CANCEL),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="disk is gone"):
            await call()


async def test_a_job_that_could_not_be_stored_was_never_there(bell: Bell, ids: CountingIds) -> None:
    store = HeldStore()
    store.let_through()
    store.error = LookupError("not this one")
    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids)
    with pytest.raises(LookupError):
        await submit(ledger)
    store.error = None
    assert not ledger.failed.is_set()
    job_id = await submit(ledger)
    assert [job.job_id for job in ledger.queued()] == [job_id]
