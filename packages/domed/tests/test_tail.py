"""Following a job: nothing lost, nothing doubled, in order, however the readers and the writer interleave."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, Output
from domed.bell import Bell
from domed.errors import JobNotFound, SeqAhead
from domed.faults import StoreError
from domed.jobs import encoding
from domed.jobs.model import StoredEvent
from domed.jobs.paging import records
from domed.ledger import JobLedger, Recent
from domed.store.memory import MemoryStore
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from domed.tail import Batch, tail
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stdout, submission

INTERLEAVINGS = 300
NEVER_S = 60.0
SOON_S = 0.01
BATCH_BYTES = 1024 * 1024


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory")
        if request.param == "memory"
        else SqliteStore.open(tmp_path / "domed.sqlite", CountingIds())
    )
    yield store
    await store.close()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture(params=[Recent(bytes_max=0), None], ids=["from the store", "from memory"])
def ledger(request: pytest.FixtureRequest, store: JobStore, bell: Bell) -> JobLedger:
    recent: Recent | None = request.param
    return JobLedger(store, bell, clock=FixedClock(), ids=CountingIds(), recent=recent)


async def run(ledger: JobLedger) -> JobId:
    job_id = (await ledger.submit(submission(), b"{}")).job.job_id
    await ledger.start(job_id, started())
    return job_id


async def end(ledger: JobLedger, job_id: JobId) -> None:
    await ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)


def follow(ledger: JobLedger, bell: Bell, job_id: JobId, **changes: Any) -> AsyncIterator[Batch]:
    options: dict[str, Any] = {
        "since_seq": 0,
        "follow": True,
        "heartbeat_s": NEVER_S,
        "bytes_max": BATCH_BYTES,
    }
    return tail(ledger, bell, job_id, **(options | changes))


async def gather(batches: AsyncIterator[Batch]) -> list[StoredEvent]:
    return [event async for batch in batches for event in batch.records]


def lines(events: list[StoredEvent]) -> list[bytes]:
    pages = [encoding.decode(event.data).output for event in events]
    return [record for page in pages if page is not None for record in records(page)]


def assert_gapless(events: list[StoredEvent], *, since_seq: int, last_seq: int) -> None:
    position = since_seq
    for event in events:
        assert event.seq == position + 1
        position = event.last_seq
    assert position == last_seq


async def test_a_follower_gets_everything_up_to_the_end(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    following = asyncio.create_task(gather(follow(ledger, bell, job_id)))
    for number in range(20):
        await ledger.record(job_id, [stdout(b"%d\n" % number)])
    await end(ledger, job_id)
    events = await following
    assert_gapless(events, since_seq=0, last_seq=23)
    assert lines(events) == [b"%d\n" % number for number in range(20)]
    assert encoding.decode(events[-1].data).finished is not None


async def test_what_is_there_is_given_and_no_more_without_follow(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    await ledger.record(job_id, [stdout(b"a\n")])
    assert_gapless(await gather(follow(ledger, bell, job_id, follow=False)), since_seq=0, last_seq=3)
    assert await gather(follow(ledger, bell, job_id, follow=False, since_seq=3)) == []
    assert await gather(follow(ledger, bell, job_id, follow=False, since_seq=9)) == []


@pytest.mark.parametrize("since_seq", range(7))
async def test_a_reader_resumes_anywhere_also_inside_a_page(ledger: JobLedger, bell: Bell, since_seq: int) -> None:
    job_id = await run(ledger)
    page = stdout(b"a\nb\nc")
    await ledger.record(job_id, [page])
    await end(ledger, job_id)
    events = await gather(follow(ledger, bell, job_id, since_seq=since_seq))
    assert_gapless(events, since_seq=since_seq, last_seq=6)
    assert lines(events) == records(page)[max(0, since_seq - 2) :]


async def test_a_position_beyond_the_end_of_a_live_job_waits(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    following = asyncio.create_task(gather(follow(ledger, bell, job_id, since_seq=4)))
    await ledger.record(job_id, [stdout(b"a\nb\nc\n")])
    await end(ledger, job_id)
    events = await following
    assert_gapless(events, since_seq=4, last_seq=6)
    assert lines(events) == [b"c\n"]


async def test_a_position_beyond_the_end_of_an_ended_job_is_refused(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    await end(ledger, job_id)
    assert await gather(follow(ledger, bell, job_id, since_seq=3)) == []
    with pytest.raises(SeqAhead) as refused:
        await gather(follow(ledger, bell, job_id, since_seq=4))
    assert refused.value.metadata == {"job_id": job_id, "requested": "4", "latest": "3"}


async def test_a_position_that_the_job_never_reached_is_refused_at_its_end(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    following = asyncio.create_task(gather(follow(ledger, bell, job_id, since_seq=50)))
    await end(ledger, job_id)
    with pytest.raises(SeqAhead):
        await following


async def test_an_unknown_job_is_not_found(ledger: JobLedger, bell: Bell) -> None:
    with pytest.raises(JobNotFound):
        await gather(follow(ledger, bell, CountingIds().new_job_id()))


async def test_a_heartbeat_says_where_the_reader_stands_when_nothing_happens(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    batches = follow(ledger, bell, job_id, heartbeat_s=SOON_S)
    assert [len((await anext(batches)).records) for _ in range(3)] == [2, 0, 0]
    assert await anext(batches) == Batch((), 2)
    await ledger.record(job_id, [stdout(b"a\n")])
    assert (await anext(batches)).position == 3


async def test_batches_keep_to_their_size_and_the_first_one_is_small(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    page = stdout(b"x" * 65_535 + b"\n")
    for _ in range(40):
        await ledger.record(job_id, [page])
    sizes = [
        sum(len(event.data) for event in batch.records) async for batch in follow(ledger, bell, job_id, follow=False)
    ]
    assert sizes[0] <= 128 * 1024
    assert max(sizes) <= BATCH_BYTES
    assert len(sizes) <= 5


async def test_a_slow_reader_holds_nothing_and_loses_nothing(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    batches = follow(ledger, bell, job_id)
    first = await anext(batches)
    for number in range(500):
        await ledger.record(job_id, [stdout(b"%d\n" % number)])
    # All that waits for the reader is one ring.
    (listener,) = bell._listeners[job_id]
    assert listener.rung.is_set()
    await end(ledger, job_id)
    events = [*first.records, *await gather(batches)]
    assert_gapless(events, since_seq=0, last_seq=503)


async def test_a_reader_that_leaves_is_forgotten(ledger: JobLedger, bell: Bell) -> None:
    job_id = await run(ledger)
    batches: Any = follow(ledger, bell, job_id)
    await anext(batches)
    await batches.aclose()
    assert bell._listeners == {}


async def test_a_follower_hears_that_the_store_failed(bell: Bell) -> None:
    class Breaking(MemoryStore):
        def append(self, *args: Any, **options: Any) -> asyncio.Future[None]:
            failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            failed.set_exception(StoreError("the disk is gone"))
            return failed

    ledger = JobLedger(Breaking("store-memory"), bell, clock=FixedClock(), ids=CountingIds())
    job_id = (await ledger.submit(submission(), b"{}")).job.job_id
    batches = follow(ledger, bell, job_id)
    await anext(batches)
    following = asyncio.create_task(gather(batches))
    with pytest.raises(StoreError):
        await ledger.start(job_id, started())
    with pytest.raises(StoreError):
        await following


async def test_no_event_is_lost_or_doubled_in_any_interleaving(ledger: JobLedger, bell: Bell) -> None:
    for seed in range(INTERLEAVINGS):
        await _interleave(ledger, bell, random.Random(seed))


async def _interleave(ledger: JobLedger, bell: Bell, chance: random.Random) -> None:
    async def dawdle() -> None:
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)

    async def write(job_id: JobId, pages: list[Output]) -> None:
        for page in pages:
            await dawdle()
            await ledger.record(job_id, [page])
        await dawdle()
        await end(ledger, job_id)

    async def read(job_id: JobId, since_seq: int) -> list[StoredEvent]:
        await dawdle()
        events: list[StoredEvent] = []
        bytes_max = chance.choice([1, 300, BATCH_BYTES])
        async for batch in follow(ledger, bell, job_id, since_seq=since_seq, bytes_max=bytes_max):
            events += batch.records
            await dawdle()
        return events

    job_id = await run(ledger)
    pages = [stdout(b"x\n" * chance.randrange(1, 4)) for _ in range(chance.randrange(6))]
    last_seq = 3 + sum(page.data.count(b"\n") for page in pages)
    starts = [chance.randrange(last_seq + 1) for _ in range(3)]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write(job_id, pages))
        readers = [tasks.create_task(read(job_id, start)) for start in starts]
    for start, reader in zip(starts, readers, strict=True):
        assert_gapless(reader.result(), since_seq=start, last_seq=last_seq)
