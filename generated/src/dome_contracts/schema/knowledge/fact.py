# @generated from contracts/jsonschema/knowledge/v1/fact.json. Do not edit: change the source, then run `just gen`.
"""One thing that happened, kept for good."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..gates.gate_decision import GateDecision
from ..missions.review_result import ReviewFinding
from ..shared.definitions import (
    AttemptOutcome,
    CommitSha,
    Count,
    Effector,
    EventId,
    EvidenceRef,
    FallbackMode,
    FamilyName,
    GroupId,
    JobId,
    JsonPointer,
    Line,
    Lineage,
    MissionId,
    Prose,
    RepositoryId,
    RunId,
    SemanticVersion,
    Sequence,
    Sha256,
    TaskId,
    TaskKey,
    Timestamp,
    ToolId,
    WorkPackageId,
)
from .capsule import FingerprintInput
from .evidence_capsule import EvidenceMember
from .guard_evaluation import GuardEvaluation
from .transition_record import TransitionRecord
from .wrapper_envelope import WrapperEnvelope

StoreId = TypeAliasType(
    "StoreId", Annotated[str, Field(pattern="^store-[0-7][0-9a-hjkmnp-tv-z]{25}$", title="StoreId")]
)
"""Identifies a daemon's store. Another store counts its jobs anew."""


class JobEventSource(Contract):
    """An event of a job."""

    model_config = ConfigDict(
        extra="forbid",
    )
    origin: Literal["job_event"]
    """Kind of the source."""
    store_id: StoreId
    lineage: Lineage


class DocumentSource(Contract):
    """A document that was handed in."""

    model_config = ConfigDict(
        extra="forbid",
    )
    origin: Literal["document"]
    """Kind of the source."""
    family: FamilyName
    """Family of the document, or the one that it claims to be of."""
    digest: Sha256
    """Digest of the document's bytes."""
    lineage: Lineage | None = None
    """The event that caused the document, where one did."""


class CheckpointSource(Contract):
    """The ingestion itself, at a position."""

    model_config = ConfigDict(
        extra="forbid",
    )
    origin: Literal["checkpoint"]
    """Kind of the source."""
    store_id: StoreId
    revision: Count
    """Revision of the daemon's jobs up to which it had read."""


class RunFact(Contract):
    """A run began."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["run"]
    """Kind of the fact."""
    run_id: RunId
    fallback_mode: FallbackMode
    """The mode of the run. It holds for all that is derived from the run."""
    binder_policy: Sha256
    """Digest of the binder policy that held."""
    plan: Sha256 | None = None
    """Digest of the plan that is run; left out where there is none."""
    mission_id: MissionId | None = None
    """The mission that the run serves, where there is one."""
    base_commit: CommitSha | None = None
    """Commit that the run started from; left out outside git."""


class ProofState(StrEnum):
    """Why a proof shows nothing: it was not executed, or it came to no end of its own. Then the outcome is the attempt's own word, and nothing is learnt of it."""

    NOT_EXECUTED = "not_executed"
    INCONCLUSIVE = "inconclusive"


class QuarantineCause(StrEnum):
    """Why a document was refused."""

    NOT_JSON = "not_json"
    FAMILY_UNKNOWN = "family_unknown"
    SCHEMA_INVALID = "schema_invalid"
    ALIAS_CONFLICT = "alias_conflict"
    LINEAGE_INVALID = "lineage_invalid"
    EVIDENCE_UNRESOLVED = "evidence_unresolved"
    REASON_UNKNOWN = "reason_unknown"
    TIME_IN_FUTURE = "time_in_future"
    TOO_LARGE = "too_large"


class Violation(Contract):
    """One thing that is wrong."""

    model_config = ConfigDict(
        extra="forbid",
    )
    place: JsonPointer
    message: Line
    """What is wrong there."""


class QuarantineResolution(StrEnum):
    """How a document left the quarantine: `accepted` as it was, `repaired` in another form, `dismissed` for good."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired"
    DISMISSED = "dismissed"


class GapCause(StrEnum):
    """Why events are missing: the daemon's retention removed them, or its store was replaced."""

    EVENTS_GONE = "events_gone"
    STORE_REPLACED = "store_replaced"


class PackageFailure(StrEnum):
    """How a work package failed."""

    REJECTED = "rejected"
    BLOCKED = "blocked"
    CANCELED = "canceled"


FactSource = TypeAliasType(
    "FactSource",
    Annotated[JobEventSource | DocumentSource | CheckpointSource, Field(discriminator="origin", title="FactSource")],
)
"""Where a fact came from; the key of its uniqueness."""


class TaskFact(Contract):
    """An attempt at a task ended."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["task"]
    """Kind of the fact."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    attempt: Annotated[int, Field(ge=1, le=1000)]
    """Which attempt within the run, from 1."""
    task: TaskKey
    """The key of the TaskSpec. Its failure reason is the one addressed."""
    template_digest: Sha256
    """Digest of the TaskSpec template: what remains of the TaskSpec without its run."""
    outcome: AttemptOutcome
    """How it ended. Its failure reason is the one observed."""
    proof: ProofState | None = None
    """What became of the task that was to show whether the attempt held. Absent where it showed that, as the outcome says, or where none was to."""
    fingerprint: FingerprintInput
    job_id: JobId | None = None
    """The job that was the attempt; left out where nothing ran."""
    skill_id: ToolId
    """Tool that was asked for."""
    tool_version: SemanticVersion | None = None
    """Version of the tool that ran; left out where nothing ran."""
    evidence_capsule: Sha256 | None = None
    """Digest of the evidence capsule."""
    effector: Effector | None = None
    """Who acted."""
    start_time: Timestamp | None = None
    """When the program started; left out where nothing ran."""
    end_time: Timestamp
    """When the attempt ended."""


class EvidenceMemberFact(Contract):
    """A piece of evidence was copied into the store."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["evidence_member"]
    """Kind of the fact."""
    group_id: GroupId
    """The attempt that it is evidence of."""
    member: EvidenceMember


class QuarantineFact(Contract):
    """A document was refused and put aside."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["quarantine"]
    """Kind of the fact."""
    cause: QuarantineCause
    document: EvidenceRef
    """The document's bytes, as they came."""
    named_family: FamilyName | None = None
    """Family that whoever handed the document in said it is of, and under which it is tried again. Absent where the document had to show it."""
    violations: Annotated[list[Violation], Field(max_length=64, min_length=1)]
    """What is wrong with it, in the order of the places."""


class ReleaseFact(Contract):
    """A document left the quarantine. Its source is that of the quarantine."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["release"]
    """Kind of the fact."""
    quarantine: Sha256
    """Identifies the fact by which the document was put aside."""
    resolution: QuarantineResolution
    document: Sha256 | None = None
    """Digest of the bytes that were taken in; left out where none were."""


class GapFact(Contract):
    """Events of a job are missing for good."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["gap"]
    """Kind of the fact."""
    job_id: JobId
    """The job whose events are missing."""
    cause: GapCause
    first_sequence: Sequence
    """First event that is missing."""
    last_sequence: Sequence | None = None
    """Last event that is missing; left out where it is not known."""


class PackageFact(Contract):
    """A work package failed in a mission: a review rejected it, somebody blocked it, or it was given up. Its source is the status event."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["package"]
    """Kind of the fact."""
    mission_id: MissionId
    work_package_id: WorkPackageId
    event_id: EventId
    """Event of the mission that says so."""
    failure: PackageFailure
    effector: Effector
    """Who said so."""
    implementers: Annotated[list[Effector] | None, Field(min_length=1)] = None
    """Who had a part in what was rejected. Absent: nobody is known."""
    findings: Annotated[list[ReviewFinding] | None, Field(min_length=1)] = None
    """What the review found. Absent: it was no review."""
    reason: Prose | None = None
    """Why it was blocked or given up. Absent: it was no such thing."""


class GateFact(Contract):
    """A gate decided."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["gate"]
    """Kind of the fact."""
    decision: GateDecision


class GuardEvaluationFact(Contract):
    """A guard was evaluated."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["guard_evaluation"]
    """Kind of the fact."""
    evaluation: GuardEvaluation


class TransitionFact(Contract):
    """A transition was attempted."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["transition"]
    """Kind of the fact."""
    record: TransitionRecord


class EvidenceGroupFact(Contract):
    """An attempt was marked as worth learning from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["evidence_group"]
    """Kind of the fact."""
    wrapper: WrapperEnvelope


FactBody = TypeAliasType(
    "FactBody",
    Annotated[
        RunFact
        | TaskFact
        | GateFact
        | GuardEvaluationFact
        | TransitionFact
        | EvidenceGroupFact
        | EvidenceMemberFact
        | QuarantineFact
        | ReleaseFact
        | GapFact
        | PackageFact,
        Field(discriminator="kind", title="FactBody"),
    ],
)
"""What happened, by kind."""


class Fact(Contract):
    """One thing that happened, kept for good. Ingestion appends it once under its source; the binder and the views are derived from facts alone. What another family says is embedded as it was said."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    fact_id: Sha256
    """Digest of source and kind; of a piece of evidence also of its digest, and of a gap of its job, since one source may tell of several. What is ingested twice is kept once."""
    repository_id: RepositoryId
    occur_time: Timestamp
    """When it happened, by whoever observed it. Not when it was ingested."""
    source: FactSource
    body: FactBody
