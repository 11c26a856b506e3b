"""Rows of the job table and the values they hold. Knows columns and no SQL."""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from dome_contracts.ids import JobId
from dome_contracts.parsing import parse
from dome_contracts.runtime.v1 import (
    Correlation,
    ExecuteConstraints,
    JobState,
    LockWait,
    Outcome,
    Requester,
    SkillExecuteRequest,
    Submitted,
)
from dome_contracts.runtime.v1 import Job as WireJob
from dome_contracts.wire import EPOCH, encode
from domed.jobs.encoding import decode
from domed.jobs.facts import submitted
from domed.jobs.model import Job, Submission

_MICROSECOND: Final = timedelta(microseconds=1)
# What the decoder, which is made for bytes of this daemon, raises for others.
_UNREADABLE: Final = (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, EOFError)


def micros(time: datetime) -> int:
    """Microseconds since 1970."""
    return (time - EPOCH) // _MICROSECOND


def from_micros(time_us: int) -> datetime:
    """The time that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=time_us)


def standing(job: Job) -> dict[str, Any]:
    """The columns that change. The result stays out: the last event has it, and lists must not load it."""
    message = WireJob(
        start_time=job.start_time,
        end_time=job.end_time,
        cancel_requested=job.cancel_requested,
        attempt=job.attempt,
        progress=job.progress,
        outcome=without_result(job.outcome),
        artifacts=list(job.artifacts),
        provenance=job.provenance,
    )
    return {"job_id": job.job_id, "state": int(job.state), "standing": encode(message)}


def whole(job: Job) -> dict[str, Any]:
    """All columns."""
    submission = job.submission
    return standing(job) | {
        "skill_id": submission.skill_id,
        "run_id": submission.correlation.run_id,
        "create_time": micros(job.create_time),
        "request": encode(_request(submission)),
        "accepted": encode(submitted(submission)),
    }


def without_result(outcome: Outcome | None) -> Outcome | None:
    """The outcome as lists have it."""
    return replace(outcome, result=b"") if outcome is not None and outcome.result else outcome


def with_result(job: Job, last_event: bytes) -> Job:
    """The job with the result that its last event has, if any.

    One that was changed from outside and cannot be read has none: the job is shown all the same, and its events as they
    are, so that whoever verifies the record can say what is wrong with it.
    """
    try:
        finished = decode(last_event).finished
    except _UNREADABLE:
        return job
    if job.outcome is None or finished is None or finished.outcome is None:
        return job
    return replace(job, outcome=replace(job.outcome, result=finished.outcome.result))


def job(row: sqlite3.Row) -> Job:
    """The job of a row that has all columns and `last_seq`, without its result."""
    message = parse(WireJob, row["standing"])
    return Job(
        job_id=JobId(row["job_id"]),
        submission=_submission(parse(SkillExecuteRequest, row["request"]), parse(Submitted, row["accepted"])),
        create_time=from_micros(row["create_time"]),
        state=JobState(row["state"]),
        last_seq=row["last_seq"],
        start_time=message.start_time,
        end_time=message.end_time,
        cancel_requested=message.cancel_requested,
        attempt=message.attempt,
        progress=message.progress,
        outcome=message.outcome,
        artifacts=tuple(message.artifacts),
        provenance=message.provenance,
    )


def _request(submission: Submission) -> SkillExecuteRequest:
    return SkillExecuteRequest(
        idempotency_key=submission.idempotency_key,
        working_directory=submission.working_directory,
        environment=_mutable(submission.environment),
        labels=_mutable(submission.labels),
        priority=submission.priority,
        lock_wait=submission.lock_wait,
        constraints=ExecuteConstraints(
            deadline=submission.deadline,
            grace=submission.grace,
            output_bytes_max=submission.output_bytes_max or 0,
        ),
    )


def _submission(request: SkillExecuteRequest, accepted: Submitted) -> Submission:
    constraints = request.constraints or ExecuteConstraints()
    return Submission(
        skill_id=accepted.skill_id,
        tool_version=accepted.tool_version,
        tool_digest=accepted.tool_digest,
        input_hash=accepted.input_hash,
        request_digest=accepted.request_digest,
        working_directory=request.working_directory,
        correlation=accepted.correlation or Correlation(),
        requester=accepted.requester or Requester(),
        idempotency_key=request.idempotency_key,
        environment=request.environment,
        labels=request.labels,
        priority=request.priority,
        lock_wait=LockWait(request.lock_wait),
        deadline=constraints.deadline,
        grace=constraints.grace,
        output_bytes_max=constraints.output_bytes_max or None,
        retry_of_job_id=accepted.retry_of_job_id,
    )


def _mutable(values: Mapping[str, str]) -> dict[str, str]:
    return values if isinstance(values, dict) else dict(values)
