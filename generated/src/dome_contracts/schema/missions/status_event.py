# @generated from contracts/jsonschema/missions/v1/status_event.json. Do not edit: change the source, then run `just gen`.
"""One fact of a mission or of a work package, in the one envelope that all of them share; it names the event that it follows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..governance.agent_profile import AgentRole
from ..governance.mission_type import LaneGuard
from ..shared.definitions import (
    Accountable,
    ArtefactWitness,
    CommitSha,
    Effector,
    EventId,
    EvidenceRef,
    GitRef,
    JobId,
    Lane,
    LaneOperation,
    Line,
    MissionId,
    OperationId,
    Prose,
    RepositoryPath,
    RunId,
    Sequence,
    Sha256,
    Timestamp,
    WorkPackageId,
)
from .acceptance import AcceptanceVerdict
from .review_result import ReviewResult, ReviewVerdict, WorkProduct
from .work_package import SubtaskId, TrackId


class StatusSubject(Contract):
    """Whose stream it is: that of a work package, or without one that of the mission."""

    model_config = ConfigDict(
        extra="forbid",
    )
    mission_id: MissionId
    work_package_id: WorkPackageId | None = None


class ImportFormat(StrEnum):
    """Form of the log that it came from."""

    UPSTREAM_STATUS_EVENTS = "upstream_status_events"
    DOME_EXPORT = "dome_export"


class LaneMove(Contract):
    """A change of lane, by an edge of the mission's table."""

    model_config = ConfigDict(
        extra="forbid",
    )
    operation: LaneOperation
    from_: Annotated[Lane, Field(alias="from")]
    """Lane that is left."""
    to: Lane
    """Lane that is entered."""


class Override(Contract):
    """An override of the table. Who overrode is the event's effector; it is counted."""

    model_config = ConfigDict(
        extra="forbid",
    )
    accountable: Accountable
    reason: Prose
    """Why."""
    guards: list[LaneGuard]
    """Guards that were not satisfied. Empty: the table has no such edge."""


class ReviewReference(Contract):
    """The review that a transition stands on."""

    model_config = ConfigDict(
        extra="forbid",
    )
    review_event: EventId
    """Event that recorded the review."""
    verdict: ReviewVerdict


class SubtaskStatus(StrEnum):
    """Where a subtask stands. One that was never mentioned is open."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"


class AbortCause(StrEnum):
    """Why a prepared transition was given up."""

    REFERENCE_MOVED = "reference_moved"
    WITNESS_STALE = "witness_stale"
    STREAM_MOVED = "stream_moved"
    COMMIT_REFUSED = "commit_refused"
    COMMIT_FAILED = "commit_failed"
    RECOVERED_WITHOUT_COMMIT = "recovered_without_commit"


class ReceiptSource(StrEnum):
    """How the commit was found: in the job's answer, by the operation's key at the daemon, by its trailer on the destination, as the one with which an accepted commit came to lie there, or as the one with which the destination came to hold the same changes."""

    ANSWER = "answer"
    IDEMPOTENCY_KEY = "idempotency_key"
    TRAILER = "trailer"
    ANCESTRY = "ancestry"
    CONTENT = "content"


class ConflictRule(StrEnum):
    """Why one event holds: rejections and cancellations go before all others; among equals, the lower event id."""

    REJECTION_WINS = "rejection_wins"
    CANCELLATION_WINS = "cancellation_wins"
    LOWER_EVENT_ID = "lower_event_id"


class MissionCreated(Contract):
    """The mission exists."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["mission_created"]
    """Says which it is."""
    mission_digest: Sha256
    """Digest of the mission document."""


class MissionFinalized(Contract):
    """The work packages are fixed; packages are seeded after it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["mission_finalized"]
    """Says which it is."""
    packages: Annotated[dict[WorkPackageId, Sha256], Field(min_length=1)]
    """Digest of each work package document, by id."""


class MissionAccepted(Contract):
    """The mission was judged."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["mission_accepted"]
    """Says which it is."""
    acceptance_digest: Sha256
    """Digest of the acceptance document."""
    verdict: AcceptanceVerdict


class MissionReopened(Contract):
    """A mission that had ended goes on."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["mission_reopened"]
    """Says which it is."""
    accountable: Accountable
    reason: Prose
    """Why."""


class MissionCanceled(Contract):
    """The mission is given up."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["mission_canceled"]
    """Says which it is."""
    accountable: Accountable
    reason: Prose
    """Why."""


class PackageSeeded(Contract):
    """The package's stream begins; it stands in the first lane of the table."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["package_seeded"]
    """Says which it is."""
    work_package_digest: Sha256
    """Digest of the work package document."""
    lane: Lane
    """First lane of the table."""


class PackageReleased(Contract):
    """The holder gave the package back."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["package_released"]
    """Says which it is."""
    move: LaneMove
    reason: Prose
    """Why."""


class EffectorUnbound(Contract):
    """Nobody acts on the package in a role any more."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["effector_unbound"]
    """Says which it is."""
    role: AgentRole


class NoteAdded(Contract):
    """Somebody said something of the package. It changes nothing."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["note_added"]
    """Says which it is."""
    text: Prose
    """What was said."""


class TransitionPrepared(Contract):
    """A transition and its commit are under way as one. The package waits until the operation has ended or was aborted."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["transition_prepared"]
    """Says which it is."""
    operation_id: OperationId
    move: LaneMove
    witness: ArtefactWitness
    paths: Annotated[list[RepositoryPath], Field(min_length=1)]
    """Paths that the commit takes."""
    expected_version: Sequence
    """Version of the stream that the transition must find, this event included."""
    destination_ref: GitRef
    """Reference that the commit moves."""
    parent: CommitSha
    """Commit that the reference must name; zeros where it must name none."""


class TransitionAborted(Contract):
    """A prepared transition was given up; its commit never came to be."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["transition_aborted"]
    """Says which it is."""
    operation_id: OperationId
    cause_of_abort: AbortCause
    reason: Line
    """What was found."""


class ConflictRecorded(Contract):
    """Two or more events follow the same one. The package waits until somebody acknowledges it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["conflict_recorded"]
    """Says which it is."""
    parent: EventId
    """Event that they follow; of events that follow none, as the first of a stream do, the one that holds."""
    children: Annotated[list[EventId], Field(min_length=2)]
    """Events that follow it."""
    winner: EventId
    """Event that holds."""
    rule: ConflictRule
    tips: Annotated[list[EventId] | None, Field(min_length=1)] = None
    """Events with which the other sides ended when this was recorded. A side that goes on is shown again. Absent: the other sides were their first events."""


class ConflictAcknowledged(Contract):
    """Somebody looked at a conflict, and the package goes on."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["conflict_acknowledged"]
    """Says which it is."""
    conflict: EventId
    """Event that recorded the conflict."""
    reason: Line
    """What was decided."""


class ImportOrigin(Contract):
    """Where an event came from that was not born here."""

    model_config = ConfigDict(
        extra="forbid",
    )
    format: ImportFormat
    event_id: Line
    """How it was identified there."""
    digest: Sha256
    """Digest of its line as it stood there."""


class WorkspaceRef(Contract):
    """Where the holder works."""

    model_config = ConfigDict(
        extra="forbid",
    )
    branch: GitRef
    base: CommitSha
    """Commit on which the work begins."""
    track: TrackId | None = None


class CommitReceipt(Contract):
    """A commit that was made, as it was found."""

    model_config = ConfigDict(
        extra="forbid",
    )
    operation_id: OperationId
    commit: CommitSha
    parent: CommitSha
    """Commit that the reference named before; zeros where it named none."""
    destination_ref: GitRef
    """Reference that was moved."""
    found_by: ReceiptSource
    job_id: JobId | None = None
    """Job that made it."""


class MissionIntegrated(Contract):
    """The mission landed on its destination."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["mission_integrated"]
    """Says which it is."""
    receipt: CommitReceipt


class PackageClaimed(Contract):
    """An effector took the package, to implement or to review it, and showed what it had been told."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["package_claimed"]
    """Says which it is."""
    move: LaneMove
    witness: ArtefactWitness
    workspace: WorkspaceRef | None = None


class PackageTransitioned(Contract):
    """The package changed its lane."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["package_transitioned"]
    """Says which it is."""
    move: LaneMove
    reason: Prose | None = None
    """Why, where the table asks for it."""
    force: Override | None = None
    review: ReviewReference | None = None
    evidence: WorkProduct | None = None
    """What the work left."""
    checks: Annotated[list[JobId] | None, Field(min_length=1)] = None
    """Jobs whose results were looked at."""
    receipt: CommitReceipt | None = None


class EffectorBound(Contract):
    """Who really acts on the package in a role, whatever was recommended. The last one holds."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["effector_bound"]
    """Says which it is."""
    role: AgentRole
    bound: Effector
    """Who acts."""


class SubtaskChanged(Contract):
    """A subtask has another status."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["subtask_changed"]
    """Says which it is."""
    subtask_id: SubtaskId
    status: SubtaskStatus
    note: Line | None = None
    """What there is to say of it."""


class CommitRecorded(Contract):
    """A commit was made for the package without a change of its lane."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["commit_recorded"]
    """Says which it is."""
    receipt: CommitReceipt


class ReviewOverridden(Contract):
    """A person decided against a review. The review itself stays as it was."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["review_overridden"]
    """Says which it is."""
    review_event: EventId
    """Event that recorded the review."""
    accountable: Accountable
    reason: Prose
    """Why."""
    evidence: Annotated[list[EvidenceRef] | None, Field(min_length=1)] = None
    """What there is to see for it."""


class ReviewRecorded(Contract):
    """A reviewer said something. It stands until the package leaves the review again."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["review_recorded"]
    """Says which it is."""
    review: ReviewResult
    """What the reviewer said."""


class StatusEvent(Contract):
    """One fact of a mission or of a work package, in the one envelope that all of them share; it names the event that it follows. The status of missions is to write it; the reducer, the board, exports and recovery read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    event_id: EventId
    subject: StatusSubject
    stream_version: Sequence
    """Place in the subject's stream. Two events of one place are a fork."""
    occur_time: Timestamp
    """When the effector's clock said it was. It orders nothing."""
    effector: Effector
    """Who brought it about."""
    fact: Annotated[
        MissionCreated
        | MissionFinalized
        | MissionAccepted
        | MissionIntegrated
        | MissionReopened
        | MissionCanceled
        | PackageSeeded
        | PackageClaimed
        | PackageReleased
        | PackageTransitioned
        | EffectorBound
        | EffectorUnbound
        | SubtaskChanged
        | NoteAdded
        | TransitionPrepared
        | TransitionAborted
        | CommitRecorded
        | ReviewRecorded
        | ReviewOverridden
        | ConflictRecorded
        | ConflictAcknowledged,
        Field(discriminator="kind"),
    ]
    """What happened."""
    cause: EventId | None = None
    """Event of the same stream that it follows. Absent for the first."""
    run_id: RunId | None = None
    """Run in which it happened."""
    job_id: JobId | None = None
    """Job that brought it about."""
    imported_from: ImportOrigin | None = None
