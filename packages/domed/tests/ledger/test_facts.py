"""What happens to a job is recorded, in order, whole and durable, whoever goes away."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dome_contracts import chain
from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    Correlation,
    Finished,
    JobState,
    OutputStream,
    OutputTotals,
    Progress,
    RunProvenance,
    Waiting,
)
from domed.bell import QUEUE, Bell
from domed.errors import InvalidTransition, JobNotFound
from domed.jobs import encoding
from domed.ledger import JobLedger
from domed.store.port import JobQuery, JobStore
from packages.domed.tests.ledger.conftest import CANCEL, kinds, messages, run, stored, submit, succeed
from packages.domed.tests.values import NOON, CountingIds, exited, started, stderr, stdout, submission


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
