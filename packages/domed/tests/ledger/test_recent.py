"""What is kept of the newest events is what the store would say, or nothing."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.ids import JobId
from domed.jobs.model import Job, StoredEvent
from domed.ledger.recent import OVERHEAD_BYTES, Recent
from domed.store.memory import MemoryStore
from packages.domed.tests.values import NOON, CountingIds, submission

IDS = CountingIds()
A, B = IDS.new_job_id(), IDS.new_job_id()
WIDTHS = st.lists(st.tuples(st.sampled_from([A, B]), st.integers(1, 4), st.integers(0, 3000)), max_size=30)


def page(job_id: JobId, *, after: int, width: int, size: int) -> StoredEvent:
    return StoredEvent(after + 1, after + width, bytes([job_id == A]) * size)


@given(WIDTHS, st.sampled_from([A, B]), st.integers(0, 60), st.integers(0, 5000))
def test_what_is_kept_is_what_the_store_would_answer(
    pages: list[tuple[JobId, int, int]], job_id: JobId, since_seq: int, bytes_max: int
) -> None:
    async def compare() -> None:
        store = MemoryStore("store-memory")
        recent = Recent(bytes_max=16_000, job_bytes_max=9_000)
        jobs = {each: Job(each, submission(), NOON, last_seq=1) for each in (A, B)}
        for job in jobs.values():
            first = StoredEvent(1, 1, b"")
            await store.create(job, b"", first)
            recent.add(job, [first])
        for each, width, size in pages:
            event = page(each, after=jobs[each].last_seq, width=width, size=size)
            jobs[each] = Job(each, submission(), NOON, last_seq=event.last_seq)
            await store.append(jobs[each], [event])
            recent.add(jobs[each], [event])
        kept = recent.events(job_id, since_seq=since_seq, bytes_max=bytes_max)
        assert kept is None or kept == await store.events(job_id, since_seq=since_seq, bytes_max=bytes_max)
        assert recent.job(job_id) in (None, jobs[job_id])

    asyncio.run(compare())


def fill(recent: Recent, job_id: JobId, *, count: int) -> None:
    for seq in range(1, count + 1):
        recent.add(Job(job_id, submission(), NOON, last_seq=seq), [StoredEvent(seq, seq, b"x" * 488)])


def test_of_a_job_that_says_much_the_newest_is_kept() -> None:
    recent = Recent(job_bytes_max=10_000)
    fill(recent, A, count=1000)
    assert recent.events(A, since_seq=0, bytes_max=10**6) is None
    kept = recent.events(A, since_seq=995, bytes_max=10**6)
    assert kept is not None
    assert [event.seq for event in kept] == [996, 997, 998, 999, 1000]


def test_an_event_larger_than_all_that_is_kept_is_kept_until_the_next_one() -> None:
    recent = Recent(job_bytes_max=1000)
    recent.add(Job(A, submission(), NOON, last_seq=1), [StoredEvent(1, 1, b"x" * 5000)])
    assert recent.events(A, since_seq=0, bytes_max=1) == [StoredEvent(1, 1, b"x" * 5000)]


def test_jobs_that_said_nothing_for_longest_are_forgotten_first() -> None:
    recent = Recent(bytes_max=3 * (OVERHEAD_BYTES + 488))
    fill(recent, A, count=1)
    fill(recent, B, count=1)
    job = recent.job(A)
    assert job is not None
    recent.add(job, [])
    fill(recent, IDS.new_job_id(), count=2)
    assert recent.job(B) is None
    assert recent.job(A) == job
    assert recent.events(B, since_seq=0, bytes_max=1) is None
