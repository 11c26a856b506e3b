"""A job of the daemon is recorded, streamed, cancelled and ended, over memory and over a socket."""

import asyncio

import pytest
from grpclib.const import Status

from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    GetJobStatusRequest,
    JobState,
    OutcomeCause,
    StreamJobEventsRequest,
)
from domed.config import Config
from packages.domed.tests.runtime.conftest import refusal, violations
from packages.domed.tests.runtime_suite import Running, kinds, running


async def test_a_job_is_accepted_run_and_recorded(dome: Running) -> None:
    accepted = await dome.execute("user.hello", labels={"a": "b"}, priority=5)
    assert accepted.state is JobState.QUEUED
    assert accepted.last_seq == 1
    assert accepted.correlation is not None
    assert accepted.correlation.run_id.startswith("run-")
    events = await dome.events(accepted.job_id)
    assert [event.seq for event in events] == [1, *[event.last_seq + 1 for event in events[:-1]]]
    assert kinds(events)[0] == "submitted"
    assert kinds(events)[-1] == "finished"
    assert {event.output.data for event in events if event.output} == {b"hello\n", b"oops\n"}
    job = await dome.status(accepted.job_id)
    assert job.state is JobState.SUCCEEDED
    assert job.last_seq == events[-1].last_seq
    assert (job.labels, job.priority) == ({"a": "b"}, 5)
    assert job.outcome is not None
    assert (job.outcome.cause, job.outcome.exit_code) == (OutcomeCause.EXITED, 0)
    assert job.provenance is not None
    assert job.provenance.contract_hashes.keys() == {"jsonschema", "proto"}


async def test_a_stream_resumes_after_any_seq_without_gap_or_repetition(dome: Running) -> None:
    job_id = (await dome.execute("user.lines")).job_id
    whole = await dome.events(job_id)
    last = whole[-1].last_seq
    lines = b"".join(event.output.data for event in whole if event.output).splitlines(keepends=True)
    assert len(lines) == 300
    for since in (0, 1, 2, 100, 150, last - 1):
        rest = await dome.events(job_id, since_seq=since)
        assert rest[0].seq == since + 1
        assert rest[-1].last_seq == last
        assert rest[-1].finished is not None
    assert await dome.events(job_id, since_seq=last) == []
    status, reason, metadata = await refusal(dome.events(job_id, since_seq=last + 1))
    assert (status, reason) == (Status.OUT_OF_RANGE, "SEQ_AHEAD")
    assert metadata["latest"] == str(last)


async def test_the_first_answer_comes_before_the_job_ends(dome: Running) -> None:
    job_id = (await dome.execute("user.hang")).job_id
    stream = dome.stub.stream_job_events(StreamJobEventsRequest(job_id=job_id, follow=True))
    seen: list[str] = []
    async with asyncio.timeout(20):
        while "output" not in seen:
            seen += kinds((await anext(stream)).events)
    await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))
    async with asyncio.timeout(20):
        async for answer in stream:
            seen += kinds(answer.events)
    assert seen[-1] == "finished"


async def test_suppressed_output_is_left_out_and_said_to_be(dome: Running) -> None:
    job_id = (await dome.execute("user.hello")).job_id
    answers = await dome.answers(job_id, suppress_output=True)
    events = [event for answer in answers for event in answer.events]
    assert "output" not in kinds(events)
    assert kinds(events)[-1] == "finished"
    assert any(answer.heartbeat and answer.heartbeat.output_suppressed for answer in answers)


async def test_without_follow_a_stream_ends_with_what_is_there(dome: Running) -> None:
    job_id = (await dome.execute("user.hang")).job_id
    await dome.reached(job_id, JobState.RUNNING)
    assert kinds(await dome.events(job_id, follow=False))[:2] == ["submitted", "started"]


async def test_a_running_job_is_cancelled_once(dome: Running) -> None:
    job_id = (await dome.execute("user.hang")).job_id
    await dome.reached(job_id, JobState.RUNNING)
    for _ in range(2):
        answer = await dome.stub.cancel_job(CancelJobRequest(job_id=job_id, reason="enough"))
        assert answer.job is not None
        assert answer.job.cancel_requested
    events = await dome.events(job_id)
    assert kinds(events).count("cancel_requested") == 1
    job = await dome.status(job_id)
    assert job.state is JobState.CANCELED
    late = await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))
    assert late.job is not None
    assert late.job.last_seq == job.last_seq


@pytest.mark.parametrize("job_id", ["job-01m7vt2890pq6bwrh695awehtf", "no id", "job-\n" * 1000])
async def test_an_unknown_job_is_not_found(dome: Running, job_id: str) -> None:
    for call in (
        dome.stub.get_job_status(GetJobStatusRequest(job_id=job_id)),
        dome.stub.cancel_job(CancelJobRequest(job_id=job_id)),
        dome.events(job_id),
    ):
        assert (await refusal(call))[:2] == (Status.NOT_FOUND, "JOB_NOT_FOUND")
    assert await violations(dome.stub.get_job_status(GetJobStatusRequest())) == ["job_id"]


async def test_jobs_keys_and_streams_survive_a_restart(config: Config) -> None:
    async with running(config) as dome:
        first = await dome.execute("user.hello", idempotency_key="k")
        before = await dome.events(first.job_id)
    async with running(config) as dome:
        assert await dome.events(first.job_id) == before
        again = await dome.execute("user.hello", idempotency_key="k")
        assert again.job_id == first.job_id


async def test_the_end_of_the_daemon_cancels_what_still_runs(config: Config) -> None:
    async with running(config) as dome:
        job_id = (await dome.execute("user.hang")).job_id
        await dome.reached(job_id, JobState.RUNNING)
    async with running(config) as dome:
        assert (await dome.status(job_id)).state is JobState.CANCELED
