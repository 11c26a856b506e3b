"""The values that describe a job: what was accepted, where it stands, what happened.

Facts and records that cross the socket are the generated types of `dome_contracts.runtime.v1`; they are
built once and never changed. This module knows no store, no process and no transport.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    ArtifactProduced,
    CancelRequested,
    Correlation,
    Finished,
    JobState,
    LockWait,
    Outcome,
    Output,
    Progress,
    Requester,
    RunProvenance,
    Signaled,
    Started,
    Submitted,
    SurvivorFound,
    Truncated,
    Waiting,
)

Fact = (
    Submitted
    | Waiting
    | Started
    | Output
    | Progress
    | ArtifactProduced
    | CancelRequested
    | Signaled
    | SurvivorFound
    | Truncated
    | Finished
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A request as it was accepted. Immutable, durable before the caller hears of it."""

    skill_id: str
    tool_version: str
    tool_digest: str
    input_hash: str
    """`sha256:<hex>` of the input bytes; the bytes themselves stay in the store."""
    request_digest: str
    """What the idempotency key is bound to."""
    working_directory: str
    """Absolute and resolved; empty for a scratch directory."""
    correlation: Correlation
    requester: Requester
    idempotency_key: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    lock_wait: LockWait = LockWait.WAIT
    deadline: timedelta | None = None
    """From acceptance to end; None where the caller set none."""
    grace: timedelta | None = None
    output_bytes_max: int | None = None
    retry_of_job_id: str = ""
    """The job whose request it repeats; empty where it repeats none."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands after its first `last_seq` seqs."""

    job_id: JobId
    submission: Submission
    create_time: datetime
    state: JobState = JobState.QUEUED
    last_seq: int = 0
    start_time: datetime | None = None
    end_time: datetime | None = None
    cancel_requested: bool = False
    attempt: int = 0
    progress: Progress | None = None
    outcome: Outcome | None = None
    artifacts: tuple[Artifact, ...] = ()
    provenance: RunProvenance | None = None


TERMINAL: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED})
"""States that nothing leaves."""


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """What an idempotency key is bound to. It outlives its job."""

    job_id: JobId
    request_digest: str
    create_time: datetime
    expired: bool = False
    """Whether retention has removed the job's output: then it is a tombstone."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event in the bytes in which it is stored and streamed: an encoded `JobEvent`."""

    seq: int
    last_seq: int
    data: bytes
