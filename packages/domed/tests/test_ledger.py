"""What the ledger promises its two callers, over both stores."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import chain
from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    CancelRequested,
    Correlation,
    Finished,
    JobEvent,
    JobState,
    OutcomeCause,
    OutputStream,
    OutputTotals,
    Progress,
    RunProvenance,
    Waiting,
)
from domed.bell import QUEUE, Bell
from domed.errors import IdempotencyKeyReused, IdempotentResultExpired, InvalidTransition, JobNotFound
from domed.faults import StoreError
from domed.jobs import encoding
from domed.jobs.model import Job, KeyBinding, StoredEvent, Submission
from domed.ledger import JobLedger
from domed.ledger.opening import OPEN_JOBS_MAX
from domed.store.memory import MemoryStore
from domed.store.port import Begun, JobQuery, JobStore
from domed.store.sqlite import SqliteStore
from packages.domed.tests.values import NOON, CountingIds, FixedClock, exited, started, stderr, stdout, submission

SOON_S = 0.01
CANCEL = CancelRequested(reason="enough")


@pytest.fixture
def ids() -> CountingIds:
    return CountingIds()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, ids: CountingIds) -> AsyncIterator[JobStore]:
    store: JobStore = (
        MemoryStore("store-memory") if request.param == "memory" else SqliteStore.open(tmp_path / "domed.sqlite", ids)
    )
    yield store
    await store.close()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def ledger(store: JobStore, bell: Bell, ids: CountingIds) -> JobLedger:
    return JobLedger(store, bell, clock=FixedClock(), ids=ids)


async def submit(ledger: JobLedger, **changes: Any) -> JobId:
    return (await ledger.submit(submission(**changes), b"{}")).job.job_id


async def run(ledger: JobLedger, **changes: Any) -> JobId:
    job_id = await submit(ledger, **changes)
    await ledger.start(job_id, started())
    return job_id


async def succeed(ledger: JobLedger, job_id: JobId) -> Job:
    return await ledger.finish(job_id, JobState.SUCCEEDED, exited(), provenance=None)


async def stored(ledger: JobLedger, job_id: JobId) -> Sequence[StoredEvent]:
    return await ledger.events(job_id, since_seq=0, bytes_max=10**9)


async def messages(ledger: JobLedger, job_id: JobId) -> list[JobEvent]:
    return [encoding.decode(event.data) for event in await stored(ledger, job_id)]


async def kinds(ledger: JobLedger, job_id: JobId) -> list[str]:
    return [type(encoding.fact_of(message)).__name__ for message in await messages(ledger, job_id)]


async def test_a_submitted_job_is_queued_and_durable(ledger: JobLedger, store: JobStore) -> None:
    accepted = await ledger.submit(submission(labels={"a": "b"}), b"[1]")
    job = accepted.job
    assert (job.state, job.last_seq, job.create_time, accepted.deduplicated) == (JobState.QUEUED, 1, NOON, False)
    assert await store.job(job.job_id) == await ledger.job(job.job_id) == ledger.live(job.job_id) == job
    assert await ledger.payload(job.job_id) == b"[1]"
    assert list(await ledger.jobs(JobQuery())) == [job]
    assert await kinds(ledger, job.job_id) == ["Submitted"]


async def test_a_short_input_is_at_hand_and_a_long_one_is_read_from_the_store(
    ledger: JobLedger, store: JobStore
) -> None:
    read: list[JobId] = []
    payload = store.payload

    async def counted(job_id: JobId) -> bytes:
        read.append(job_id)
        return await payload(job_id)

    store.payload = counted  # type: ignore[method-assign]
    short = (await ledger.submit(submission(), b"[1]")).job.job_id
    long = (await ledger.submit(submission(), bytes(1_000_000))).job.job_id
    assert await ledger.payload(short) == b"[1]"
    assert await ledger.payload(long) == bytes(1_000_000)
    assert read == [long]


async def test_submitted_says_what_was_accepted(ledger: JobLedger) -> None:
    asked = submission()
    (message,) = await messages(ledger, await submit(ledger))
    fact = message.submitted
    assert fact is not None
    assert (fact.skill_id, fact.tool_version, fact.tool_digest) == ("process.run", "1.0.0", asked.tool_digest)
    assert (fact.input_hash, fact.request_digest) == (asked.input_hash, asked.request_digest)
    assert (fact.correlation, fact.requester) == (asked.correlation, asked.requester)


async def test_a_job_without_a_run_gets_one_of_its_own(ledger: JobLedger) -> None:
    asked = submission(correlation=Correlation(task_id="task"))
    job = (await ledger.submit(asked, b"{}")).job
    assert job.submission.correlation.run_id.startswith("run-")
    assert job.submission.correlation.task_id == "task"
    assert asked.correlation.run_id == ""


async def test_a_job_goes_from_the_queue_through_its_run_to_its_end(ledger: JobLedger) -> None:
    job_id = await submit(ledger)
    await ledger.record(job_id, [Waiting()])
    assert (await ledger.start(job_id, started())).state is JobState.RUNNING
    await ledger.record(job_id, [stdout(b"a\nb\n"), Progress(done=1), Artifact(name="x"), stderr(b"oops")])
    job = await succeed(ledger, job_id)
    assert (job.state, job.last_seq, job.artifacts) == (JobState.SUCCEEDED, 9, (Artifact(name="x"),))
    assert await ledger.job(job_id) == job
    assert await kinds(ledger, job_id) == [
        *("Submitted", "Waiting", "Started", "Output", "Progress", "ArtifactProduced", "Output", "Finished")
    ]
    seqs = [(event.seq, event.last_seq) for event in await stored(ledger, job_id)]
    assert seqs == [(1, 1), (2, 2), (3, 3), (4, 5), (6, 6), (7, 7), (8, 8), (9, 9)]


async def test_the_end_has_the_totals_of_the_output_and_the_head_of_the_chain(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    await ledger.record(job_id, [stdout(b"a\nb\n"), stderr(b"\0\xff")])
    await ledger.record(job_id, [stdout(b"c")])
    assert ledger.output_digests(job_id) == (digest_bytes(b"a\nb\nc"), digest_bytes(b"\0\xff"))
    await ledger.finish(job_id, JobState.FAILED, exited(1), provenance=RunProvenance(repo="/r"))
    *before, last = await stored(ledger, job_id)
    head = chain.genesis(job_id)
    for event in before:
        head = chain.link(head, event.data)
    assert encoding.fact_of(encoding.decode(last.data)) == Finished(
        state=JobState.FAILED,
        outcome=exited(1),
        output_totals=[
            OutputTotals(stream=OutputStream.STDOUT, bytes=5, records=3),
            OutputTotals(stream=OutputStream.STDERR, bytes=2, records=1),
        ],
        provenance=RunProvenance(repo="/r"),
        chain_head=head,
    )


async def test_a_job_that_has_ended_leaves_memory(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    assert [job.job_id for job in ledger.running()] == [job_id]
    await succeed(ledger, job_id)
    assert ledger.live(job_id) is None
    assert list(ledger.running()) == []
    with pytest.raises(JobNotFound):
        ledger.output_digests(job_id)


async def test_a_job_that_has_ended_accepts_nothing(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    await succeed(ledger, job_id)
    for late in (
        ledger.start(job_id, started()),
        ledger.record(job_id, [stdout(b"late\n")]),
        succeed(ledger, job_id),
    ):
        with pytest.raises(InvalidTransition) as refused:
            await late
        assert refused.value.metadata["state"] == "SUCCEEDED"
    assert await kinds(ledger, job_id) == ["Submitted", "Started", "Finished"]


async def test_a_job_that_is_ending_accepts_nothing(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    results = await asyncio.gather(
        succeed(ledger, job_id), ledger.record(job_id, [stdout(b"late\n")]), return_exceptions=True
    )
    assert isinstance(results[1], InvalidTransition)
    assert await kinds(ledger, job_id) == ["Submitted", "Started", "Finished"]


async def test_of_observations_that_do_not_fit_none_is_recorded(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    with pytest.raises(InvalidTransition):
        await ledger.record(job_id, [stdout(b"a\n"), Waiting()])
    await ledger.record(job_id, [])
    await ledger.record(job_id, [stdout(b"b\n")])
    assert ledger.output_digests(job_id)[0] == digest_bytes(b"b\n")
    assert await kinds(ledger, job_id) == ["Submitted", "Started", "Output"]


async def test_nobody_knows_an_unknown_job(ledger: JobLedger, ids: CountingIds) -> None:
    job_id = ids.new_job_id()
    calls: list[Callable[[], Any]] = [
        lambda: ledger.job(job_id),
        lambda: ledger.payload(job_id),
        lambda: ledger.events(job_id, since_seq=0, bytes_max=1),
        lambda: ledger.start(job_id, started()),
        lambda: ledger.record(job_id, [stdout(b"x\n")]),
        lambda: ledger.cancel(job_id, CANCEL),
        lambda: succeed(ledger, job_id),
    ]
    for call in calls:
        with pytest.raises(JobNotFound):
            await call()
    assert ledger.live(job_id) is None


async def test_many_records_in_flight_keep_their_order(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    await asyncio.gather(*(ledger.record(job_id, [stdout(b"%d\n" % number)]) for number in range(200)))
    await succeed(ledger, job_id)
    pages = [message.output for message in await messages(ledger, job_id) if message.output is not None]
    assert b"".join(page.data for page in pages) == b"".join(b"%d\n" % number for number in range(200))
    assert [event.seq for event in await stored(ledger, job_id)] == list(range(1, 204))


async def test_a_caller_that_goes_away_leaves_a_whole_job(ledger: JobLedger, bell: Bell) -> None:
    with bell.listen(QUEUE) as listener:
        call = asyncio.create_task(ledger.submit(submission(), b"{}"))
        await asyncio.sleep(0)
        call.cancel()
        assert await listener.wait(5)
    (job,) = ledger.queued()
    assert await ledger.job(job.job_id) == job
    record = asyncio.create_task(ledger.start(job.job_id, started()))
    await asyncio.sleep(0)
    record.cancel()
    await ledger.record(job.job_id, [stdout(b"x\n")])
    assert await kinds(ledger, job.job_id) == ["Submitted", "Started", "Output"]


# --- the queue --------------------------------------------------------------------------------------------------------


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


# --- cancel -----------------------------------------------------------------------------------------------------------


async def test_a_queued_job_ends_with_its_cancellation(ledger: JobLedger) -> None:
    job_id = await submit(ledger)
    job = await ledger.cancel(job_id, CANCEL)
    assert (job.state, job.cancel_requested, job.end_time) == (JobState.CANCELED, True, NOON)
    assert job.outcome is not None
    assert (job.outcome.cause, job.outcome.failure_reason_code) == (OutcomeCause.CANCELED, "CANCEL.REQUESTED")
    assert await kinds(ledger, job_id) == ["Submitted", "CancelRequested", "Finished"]
    with pytest.raises(InvalidTransition):
        await ledger.start(job_id, started())


async def test_a_running_job_goes_on_until_its_program_is_gone(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    job = await ledger.cancel(job_id, CANCEL)
    assert (job.state, job.cancel_requested) == (JobState.RUNNING, True)
    await ledger.record(job_id, [stdout(b"last words\n")])
    await ledger.finish(job_id, JobState.CANCELED, exited(), provenance=None)
    assert await kinds(ledger, job_id) == ["Submitted", "Started", "CancelRequested", "Output", "Finished"]


async def test_canceling_twice_is_canceling_once(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    answers = await asyncio.gather(*(ledger.cancel(job_id, CANCEL) for _ in range(5)))
    assert all(answer.cancel_requested for answer in answers)
    assert await kinds(ledger, job_id) == ["Submitted", "Started", "CancelRequested"]


async def test_canceling_what_has_ended_changes_nothing(ledger: JobLedger) -> None:
    job_id = await run(ledger)
    ended = await succeed(ledger, job_id)
    assert await ledger.cancel(job_id, CANCEL) == ended
    assert await kinds(ledger, job_id) == ["Submitted", "Started", "Finished"]


async def test_of_cancel_and_finish_the_first_one_wins(ledger: JobLedger) -> None:
    finished_first, canceled_first = await run(ledger), await run(ledger)
    await asyncio.gather(succeed(ledger, finished_first), ledger.cancel(finished_first, CANCEL))
    assert await kinds(ledger, finished_first) == ["Submitted", "Started", "Finished"]
    await asyncio.gather(ledger.cancel(canceled_first, CANCEL), succeed(ledger, canceled_first))
    assert await kinds(ledger, canceled_first) == ["Submitted", "Started", "CancelRequested", "Finished"]
    assert (await ledger.job(canceled_first)).state is JobState.SUCCEEDED


async def test_of_cancel_and_start_the_first_one_wins(ledger: JobLedger) -> None:
    job_id = await submit(ledger)
    results = await asyncio.gather(
        ledger.cancel(job_id, CANCEL), ledger.start(job_id, started()), return_exceptions=True
    )
    assert isinstance(results[1], InvalidTransition)
    assert (await ledger.job(job_id)).state is JobState.CANCELED
    other = await submit(ledger)
    _, job = await asyncio.gather(ledger.start(other, started()), ledger.cancel(other, CANCEL))
    assert job.state is JobState.RUNNING


async def test_a_queued_job_may_fail_without_a_start(ledger: JobLedger) -> None:
    job_id = await submit(ledger)
    assert (await ledger.finish(job_id, JobState.FAILED, exited(1), provenance=None)).state is JobState.FAILED
    assert list(ledger.queued()) == []


# --- idempotency ------------------------------------------------------------------------------------------------------


async def test_of_many_callers_with_one_key_one_makes_the_job(ledger: JobLedger) -> None:
    asked = submission(idempotency_key="key")
    answers = await asyncio.gather(*(ledger.submit(asked, b"{}") for _ in range(50)))
    assert len({answer.job.job_id for answer in answers}) == 1
    assert [answer.deduplicated for answer in answers].count(False) == 1
    assert len(await ledger.jobs(JobQuery())) == len(ledger.queued()) == 1


async def test_a_retry_gets_the_job_as_it_stands(ledger: JobLedger) -> None:
    job_id = await run(ledger, idempotency_key="key")
    answer = await ledger.submit(submission(idempotency_key="key"), b"{}")
    assert (answer.job.job_id, answer.job.state, answer.deduplicated) == (job_id, JobState.RUNNING, True)
    ended = await succeed(ledger, job_id)
    assert (await ledger.submit(submission(idempotency_key="key"), b"{}")).job == ended


async def test_who_hears_of_a_job_through_its_key_can_cancel_it_at_once(ledger: JobLedger) -> None:
    async def retry() -> Job:
        answer = await ledger.submit(submission(idempotency_key="key"), b"{}")
        return await ledger.cancel(answer.job.job_id, CANCEL)

    answers = await asyncio.gather(*(retry() for _ in range(10)))
    assert {answer.state for answer in answers} == {JobState.CANCELED}
    assert await kinds(ledger, answers[0].job_id) == ["Submitted", "CancelRequested", "Finished"]


async def test_a_key_of_another_request_is_refused_with_both_digests(ledger: JobLedger) -> None:
    first = await submit(ledger, idempotency_key="key", request_digest=digest_bytes(b"1"))
    with pytest.raises(IdempotencyKeyReused) as refused:
        await submit(ledger, idempotency_key="key", request_digest=digest_bytes(b"2"))
    assert refused.value.metadata == {
        "key": "key",
        "first_digest": digest_bytes(b"1"),
        "this_digest": digest_bytes(b"2"),
        "first_job": first,
    }
    assert len(await ledger.jobs(JobQuery())) == 1


async def test_what_was_accepted_before_is_found_by_its_key_alone(ledger: JobLedger) -> None:
    job_id = await run(ledger, idempotency_key="key")
    wanted = {"request_digest": submission().request_digest}
    found = await ledger.known(1000, "key", **wanted)
    assert found is not None
    assert (found.job.job_id, found.job.state, found.deduplicated) == (job_id, JobState.RUNNING, True)
    for uid, key in ((1000, "other"), (1001, "key"), (1000, "")):
        assert await ledger.known(uid, key, **wanted) is None
    with pytest.raises(IdempotencyKeyReused):
        await ledger.known(1000, "key", request_digest=digest_bytes(b"other"))


async def test_a_key_whose_job_is_gone_never_executes_again(bell: Bell, ids: CountingIds) -> None:
    class WithoutJobs(MemoryStore):
        async def job(self, job_id: JobId) -> Job | None:
            return None

    store = WithoutJobs("store-memory")
    await submit(JobLedger(store, bell, clock=FixedClock(), ids=ids), idempotency_key="key")
    with pytest.raises(IdempotentResultExpired):
        await submit(JobLedger(store, bell, clock=FixedClock(), ids=ids), idempotency_key="key")


# --- restart and failure ----------------------------------------------------------------------------------------------


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


class HeldStore(MemoryStore):
    """A store whose disk can be held and can fail."""

    def __init__(self) -> None:
        super().__init__("store-held")
        self.error: Exception | None = None
        self._held: list[Callable[[], None]] | None = []

    def hold(self) -> None:
        self._held = []

    def let_through(self) -> None:
        held, self._held = self._held or [], None
        for write in held:
            write()

    def create(
        self, job: Job, payload: bytes, event: StoredEvent, *, begun: Begun | None = None
    ) -> asyncio.Future[KeyBinding | None]:
        create = super().create
        return self._write(lambda: create(job, payload, event, begun=begun))

    def append(self, job: Job, events: Sequence[StoredEvent], *, row: bool = True) -> asyncio.Future[None]:
        append = super().append
        return self._write(lambda: append(job, events, row=row))

    def _write(self, write: Callable[[], asyncio.Future[Any]]) -> asyncio.Future[Any]:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def perform() -> None:
            if self.error is not None:
                done.set_exception(self.error)
            else:
                done.set_result(write().result())

        if self._held is None:
            perform()
        else:
            self._held.append(perform)
        return done


async def test_a_job_that_ends_without_a_start_ends_with_the_record_that_is_made_of_its_request(
    store: JobStore, bell: Bell, ids: CountingIds
) -> None:
    def unstarted(asked: Submission) -> RunProvenance:
        return RunProvenance(input_hash=asked.input_hash, working_directory="nowhere")

    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids, unstarted=unstarted)
    canceled, refused = await submit(ledger), await submit(ledger)
    await ledger.cancel(canceled, CancelRequested())
    await ledger.finish(refused, JobState.FAILED, exited(1), provenance=None)
    for job_id in (canceled, refused):
        record = (await ledger.job(job_id)).provenance
        assert record == RunProvenance(input_hash=digest_bytes(b"{}"), working_directory="nowhere")
        event = (await ledger.events(job_id, since_seq=0, bytes_max=10**6))[-1]
        finished = encoding.decode(event.data).finished
        assert finished is not None
        assert finished.provenance == record


async def test_a_run_whose_end_says_nothing_more_ends_with_the_record_of_its_start_and_what_came_out(
    ledger: JobLedger,
) -> None:
    job_id = await submit(ledger)
    await ledger.start(job_id, replace(started(), provenance=RunProvenance(repo="/r")))
    await ledger.record(job_id, [stdout(b"x\n"), Artifact(name="a")])
    ended = await ledger.finish(job_id, JobState.FAILED, exited(1), provenance=None)
    assert ended.provenance == RunProvenance(
        repo="/r",
        stdout_digest=digest_bytes(b"x\n"),
        stderr_digest=digest_bytes(b""),
        artifacts=[Artifact(name="a")],
    )
