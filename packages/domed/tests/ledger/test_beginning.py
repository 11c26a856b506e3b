"""A job that begins with its acceptance: both are one transaction, and nothing runs before it is durable."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState, Started
from domed.bell import QUEUE, Bell
from domed.errors import StorageFull
from domed.jobs import encoding
from domed.jobs.model import Job, KeyBinding, StoredEvent
from domed.ledger import Beginning, JobLedger
from domed.store.memory import MemoryStore
from domed.store.port import Begun
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, submission


class SlowStore(MemoryStore):
    """A store whose disk takes its time, or is full."""

    def __init__(self) -> None:
        super().__init__("store-slow")
        self.waiting: list[Callable[[], None]] | None = None
        self.error: Exception | None = None

    def create(
        self, job: Job, payload: bytes, event: StoredEvent, *, begun: Begun | None = None
    ) -> asyncio.Future[KeyBinding | None]:
        create = super().create
        done: asyncio.Future[KeyBinding | None] = asyncio.get_running_loop().create_future()

        def write() -> None:
            if self.error is not None:
                done.set_exception(self.error)
            else:
                done.set_result(create(job, payload, event, begun=begun).result())

        if self.waiting is None:
            write()
        else:
            self.waiting.append(write)
        return done


class Beginner:
    """Begins every job, and notes what comes of it."""

    def __init__(self, ledger: JobLedger) -> None:
        self.ledger = ledger
        self.told: list[str] = []
        self.job_id = JobId("")

    @property
    def started(self) -> Started:
        return started()

    def go(self) -> None:
        self.told.append("go")

    def give_up(self) -> None:
        self.told.append("give up")

    def __call__(self, job: Job) -> Beginning:
        assert job.state is JobState.QUEUED
        self.job_id = job.job_id
        return self


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def ledger(store: SlowStore, bell: Bell) -> JobLedger:
    return JobLedger(store, bell, clock=FixedClock(), ids=CountingIds())


@pytest.fixture
def beginner(ledger: JobLedger) -> Beginner:
    return Beginner(ledger)


async def submit(ledger: JobLedger, beginner: Beginner, **changes: Any) -> Job:
    return (await ledger.submit(submission(**changes), b"{}", begin=beginner)).job


async def test_the_start_is_recorded_with_the_acceptance(ledger: JobLedger, beginner: Beginner, bell: Bell) -> None:
    with bell.listen(QUEUE) as queue:
        answer = await submit(ledger, beginner)
        assert not queue.rung.is_set()
    assert (answer.state, answer.last_seq) == (JobState.QUEUED, 1)
    job = await ledger.job(answer.job_id)
    assert (job.state, job.last_seq, job.attempt, job.start_time) == (JobState.RUNNING, 2, 1, job.create_time)
    assert beginner.told == ["go"]
    assert list(ledger.queued()) == []
    assert list(ledger.running()) == [job]
    events = await ledger.events(job.job_id, since_seq=0, bytes_max=1 << 20)
    facts = [type(encoding.fact_of(encoding.decode(event.data))).__name__ for event in events]
    assert facts == ["Submitted", "Started"]
    assert (await ledger.finish(job.job_id, JobState.SUCCEEDED, exited(), provenance=None)).last_seq == 3


async def test_nothing_goes_before_it_is_durable(ledger: JobLedger, store: SlowStore, beginner: Beginner) -> None:
    store.waiting = []
    call = asyncio.create_task(submit(ledger, beginner))
    await asyncio.sleep(0)
    assert (beginner.told, ledger.queued_count(), len(store.waiting)) == ([], 0, 1)
    store.waiting.pop()()
    await call
    assert beginner.told == ["go"]


async def test_a_known_key_begins_nothing(ledger: JobLedger, beginner: Beginner) -> None:
    first = await submit(ledger, beginner, idempotency_key="key")
    again = await ledger.submit(submission(idempotency_key="key"), b"{}", begin=beginner)
    assert (again.deduplicated, again.job.job_id) == (True, first.job_id)
    assert beginner.told == ["go", "give up"]
    assert ledger.live(beginner.job_id) is None


async def test_a_full_disk_begins_nothing(ledger: JobLedger, store: SlowStore, beginner: Beginner) -> None:
    store.error = StorageFull()
    with pytest.raises(StorageFull):
        await submit(ledger, beginner)
    assert beginner.told == ["give up"]
    assert list(ledger.running()) == []
    assert not ledger.failed.is_set()


async def test_one_that_is_cancelled_while_it_is_accepted_begins_and_hears_of_it(
    ledger: JobLedger, store: SlowStore, beginner: Beginner
) -> None:
    store.waiting = []
    call = asyncio.create_task(submit(ledger, beginner))
    await asyncio.sleep(0)
    cancelling = asyncio.create_task(ledger.cancel(beginner.job_id, CancelRequested()))
    await asyncio.sleep(0)
    store.waiting.pop()()
    await call
    job = await cancelling
    assert (job.state, job.cancel_requested, job.last_seq) == (JobState.RUNNING, True, 3)
