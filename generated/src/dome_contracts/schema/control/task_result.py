# @generated from contracts/jsonschema/control/v1/task_result.json. Do not edit: change the source, then run `just gen`.
"""How one attempt at a task ended: the failure observed and the refusal, each with its own code, and what proves it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..planning.packet import CriterionId
from ..shared.definitions import (
    ArtifactRef,
    AttemptOutcome,
    Effector,
    EvidenceRef,
    GroupId,
    JobId,
    Prose,
    RunId,
    SemanticVersion,
    Sequence,
    Sha256,
    TaskId,
    Timestamp,
    ToolId,
)

AttemptNumber = TypeAliasType("AttemptNumber", Annotated[int, Field(ge=1, le=1000, title="AttemptNumber")])
"""Which attempt at a task it is within a run, from 1."""


class JobEndCause(StrEnum):
    """How the job ended, as the daemon says."""

    EXITED = "EXITED"
    SIGNALED = "SIGNALED"
    TIMEOUT = "TIMEOUT"
    CANCELED = "CANCELED"
    SPAWN_FAILED = "SPAWN_FAILED"
    OUTPUT_INVALID = "OUTPUT_INVALID"
    LIMIT = "LIMIT"
    LOST = "LOST"
    DENIED = "DENIED"
    INTERNAL = "INTERNAL"


class JobEnd(Contract):
    """The job that carried out the attempt, and its end."""

    model_config = ConfigDict(
        extra="forbid",
    )
    job_id: JobId
    skill_id: ToolId
    tool_version: SemanticVersion
    tool_digest: Sha256
    """Digest of the tool that was executed."""
    last_seq: Sequence
    """Number of its last event."""
    cause: JobEndCause
    exit_code: Annotated[int | None, Field(ge=-2147483648, le=2147483647)] = None
    """Exit code of the program. Left out where it did not exit by itself."""
    signal: Annotated[int | None, Field(ge=1, le=64)] = None
    """Number of the signal that ended the program. Left out where none did."""
    result_digest: Sha256 | None = None
    """Digest of the result. Left out where there is none."""
    chain_head: Sha256 | None = None
    """Head of the hash chain over the job's stored events before the last."""


class CriterionFinding(StrEnum):
    """Whether a criterion was found to hold."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    NOT_JUDGED = "NOT_JUDGED"


class CriterionResult(Contract):
    """What was found of one criterion."""

    model_config = ConfigDict(
        extra="forbid",
    )
    criterion_id: CriterionId
    finding: CriterionFinding
    evidence_digests: Annotated[list[Sha256] | None, Field(max_length=64)] = None
    """Pieces of the evidence that show it."""


class AttemptDurations(Contract):
    """How long the attempt took, in parts."""

    model_config = ConfigDict(
        extra="forbid",
    )
    queue_s: Annotated[float | None, Field(ge=0.0, le=604800.0)] = None
    """Time from acceptance to start, in seconds."""
    lock_wait_s: Annotated[float | None, Field(ge=0.0, le=604800.0)] = None
    """Part of it that was spent waiting for locks, in seconds."""
    run_s: Annotated[float, Field(ge=0.0, le=604800.0)]
    """Time from start to end, in seconds."""


class TaskResult(Contract):
    """How one attempt at a task ended: the failure observed and the refusal, each with its own code, and what proves it. One that ended by itself has a job; one that was lost has it where somebody can still be asked. Written by dispatch; read by the work queue, by gates and by ingest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    attempt: AttemptNumber
    plan_hash: Sha256 | None = None
    """Digest of the canonical bytes of the plan. Left out for a task outside a plan."""
    outcome: AttemptOutcome
    message: Prose | None = None
    """What happened, for people."""
    job: JobEnd | None = None
    rpc_reason: Annotated[str | None, Field(pattern="^[A-Z][A-Z0-9_]{0,63}$")] = None
    """Reason of the error with which the daemon refused the request, from the catalogue of RPC errors. Left out where it accepted it."""
    effector: Effector | None = None
    """Who carried it out."""
    criteria: Annotated[list[CriterionResult] | None, Field(max_length=64)] = None
    """What was found of the task's acceptance criteria."""
    artifacts: Annotated[list[ArtifactRef], Field(max_length=1000)]
    """What the job left behind."""
    evidence: Annotated[list[EvidenceRef], Field(max_length=1000)]
    """What proves the outcome."""
    create_time: Timestamp
    """When the attempt was dispatched."""
    start_time: Timestamp | None = None
    """When the program was started. Left out where none was."""
    end_time: Timestamp
    """When the attempt ended."""
    durations: AttemptDurations | None = None
