"""Jobs as tasks of the Tasks extension (SEP-2663): what a task says is read from its job each time, and kept nowhere.

The id of a task is the id of its job. Pure functions of the job; knows no SDK of the protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from dome_client.mcp.answers import Answer
from dome_client.mcp.job_view import message_of
from dome_contracts.runtime.v1 import Job, JobState, OutcomeCause

POLL_INTERVAL_MS: Final = 1_000
"""How often a client is asked to look. Who looks more often is answered, too."""
CANCEL_REASON: Final = "The client cancelled the task."
_INTERNAL_ERROR: Final = -32603
_NOT_CARRIED_OUT: Final = frozenset(
    {OutcomeCause.LOST, OutcomeCause.INTERNAL, OutcomeCause.SPAWN_FAILED, OutcomeCause.OUTPUT_INVALID}
)
"""Ends in which the tool neither gave a result nor said that it failed: the call itself was not carried out."""


@dataclass(frozen=True, slots=True)
class TaskHandle:
    """What a call comes back with whose job goes on, where the client takes tasks."""

    job: Job


@dataclass(frozen=True, slots=True)
class Ended:
    """How a task ended: by the answer that the call would have had, or by an error of the protocol."""

    status: str
    answer: Answer | None = None
    error: Mapping[str, Any] | None = None


def task_content(job: Job, *, status: str = "working") -> dict[str, Any]:
    """What every task says of itself. Jobs are kept without end, so that no time is named after which it is gone."""
    created = job.create_time
    updated = job.end_time or job.start_time or created
    return {
        "taskId": job.job_id,
        "status": status,
        "statusMessage": message_of(job),
        "createdAt": _moment(created),
        "lastUpdatedAt": _moment(updated),
        "ttlMs": None,
        "pollIntervalMs": POLL_INTERVAL_MS,
    }


def ended(job: Job, answer: Answer) -> Ended:
    """How the task of a job ended that has. `answer`: what a call that waited for it would have come back with."""
    if job.state is JobState.CANCELED:
        return Ended("cancelled")
    if job.state is JobState.FAILED and job.outcome is not None and job.outcome.cause in _NOT_CARRIED_OUT:
        error = {"code": _INTERNAL_ERROR, "message": str(answer.content["message"]), "data": dict(answer.content)}
        return Ended("failed", error=error)
    return Ended("completed", answer=answer)


def _moment(time: datetime | None) -> str:
    known = time if time is not None else datetime.fromtimestamp(0, UTC)
    return known.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
