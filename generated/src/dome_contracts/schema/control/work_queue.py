# @generated from contracts/jsonschema/control/v1/work_queue.json. Do not edit: change the source, then run `just gen`.
"""The live state of one run of one plan: where each task stands, who holds it, and its attempts so far."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    AttemptOutcome,
    Effector,
    GroupId,
    JobId,
    RepositoryId,
    RunId,
    Sha256,
    TaskId,
    Timestamp,
)
from .task_result import AttemptNumber


class QueueState(StrEnum):
    """Where the run stands: it dispatches, it stopped and can be resumed, it was given up, or every task is done or blocked."""

    ACTIVE = "ACTIVE"
    RESUMABLE = "RESUMABLE"
    ABANDONED = "ABANDONED"
    FINISHED = "FINISHED"


class EntryStatus(StrEnum):
    """Where a task stands: it waits, somebody holds it, its job runs, it has succeeded, or it will not run."""

    QUEUED = "QUEUED"
    CLAIMED = "CLAIMED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    BLOCKED = "BLOCKED"


class BlockReason(StrEnum):
    """Why a task will not run."""

    DEPENDENCY_FAILED = "dependency_failed"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    GUARD_DENIED = "guard_denied"
    BUDGET_EXHAUSTED = "budget_exhausted"
    REQUIREMENT_MISSING = "requirement_missing"
    CANCELED = "canceled"


class QueueAttempt(Contract):
    """One attempt at a task."""

    model_config = ConfigDict(
        extra="forbid",
    )
    attempt: AttemptNumber
    group_id: GroupId
    """Digest of run, task and attempt; also the idempotency key of the request."""
    job_id: JobId | None = None
    """Job that carries it out. Left out until the daemon has accepted the request."""
    result_digest: Sha256 | None = None
    """Digest of the task result. Left out until the attempt has ended."""
    create_time: Timestamp | None = None
    """When the attempt was dispatched. The budget of time counts from the earliest of the run."""
    end_time: Timestamp | None = None
    """When the attempt ended; the wait before another one counts from here. Left out until then."""
    outcome: AttemptOutcome | None = None
    """How the attempt ended, as its result says. Left out until then."""


class QueueLease(Contract):
    """Who holds a task, and until when."""

    model_config = ConfigDict(
        extra="forbid",
    )
    holder: Effector
    token: Annotated[int, Field(ge=1, le=9007199254740991)]
    """Grows with each lease of the task; a holder with a lower one is refused."""
    acquire_time: Timestamp | None = None
    """When it was taken."""
    expire_time: Timestamp
    """When others may take the task."""


class QueueEntry(Contract):
    """A task and where it stands."""

    model_config = ConfigDict(
        extra="forbid",
    )
    wave: Annotated[int, Field(ge=1, le=10000)]
    """Wave to which it belongs, from 1."""
    status: EntryStatus
    attempts: Annotated[list[QueueAttempt], Field(max_length=1000)]
    """Attempts so far, in their order."""
    lease: QueueLease | None = None
    block_reason: BlockReason | None = None
    blocked_by: Annotated[list[TaskId] | None, Field(max_length=256)] = None
    """Tasks whose failure blocks it."""
    left_out_for: TaskId | None = None
    """Task whose success made this one needless: it counts as succeeded without an attempt. Left out where it was not left out."""


class WorkQueue(Contract):
    """The live state of one run of one plan: where each task stands, who holds it, and its attempts so far. Written by dispatch with each change, read by it when it resumes. What is to be done stands in the plan; this says how far it got."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    plan_hash: Sha256
    """Digest of the canonical bytes of the plan that is carried out."""
    repository_id: RepositoryId
    revision: Annotated[int, Field(ge=1, le=9007199254740991)]
    """Counts the changes of this document; a writer that read another revision is refused."""
    update_time: Timestamp
    """When it last changed."""
    state: QueueState
    wave: Annotated[int | None, Field(ge=1, le=10000)] = None
    """Wave in execution, from 1. Left out before the first."""
    entries: Annotated[dict[TaskId, QueueEntry], Field(max_length=1024, min_length=1)]
    """State of each task of the plan, by its id."""
