"""A job is cancelled once, in the queue or while it runs; of two that end it the first wins."""

import asyncio

import pytest

from dome_contracts.runtime.v1 import JobState, OutcomeCause
from domed.errors import InvalidTransition
from domed.ledger import JobLedger
from packages.domed.tests.ledger.conftest import CANCEL, kinds, run, submit, succeed
from packages.domed.tests.values import NOON, exited, started, stdout


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
