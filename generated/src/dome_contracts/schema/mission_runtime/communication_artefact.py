# @generated from contracts/jsonschema/mission_runtime/v1/communication_artefact.json. Do not edit: change the source, then run `just gen`.
"""Everything that an effector is given for one step, as one value with one digest: intent, governance, execution, and what it may do next."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..governance.charter import Policies
from ..governance.directive import DoctrineTarget
from ..governance.mission_type import LaneEdge
from ..missions.mission import AuthoredText, Requirement
from ..missions.review_result import ReviewFinding
from ..missions.status_event import ReviewReference, SubtaskStatus
from ..missions.work_package import Subtask
from ..shared.definitions import (
    Accountable,
    Effector,
    Line,
    PathGlob,
    Prose,
    SemanticVersion,
    Sequence,
    Sha256,
    SkillRequirement,
    ToolId,
)
from .execution_context import ExecutionIdentity

Argument = TypeAliasType("Argument", Annotated[str, Field(pattern="^[^\\u0000]{1,4096}$", title="Argument")])
"""One argument of a command; no shell reads it."""


class PriorStanding(StrEnum):
    """How far a prior may be leant on."""

    PRESCRIPTIVE = "prescriptive"
    ADVISORY = "advisory"


class SubtaskView(Contract):
    """A subtask and where it stands."""

    model_config = ConfigDict(
        extra="forbid",
    )
    subtask: Subtask
    status: SubtaskStatus


class AllowedOperation(Contract):
    """An operation that the table allows from here, to this effector."""

    model_config = ConfigDict(
        extra="forbid",
    )
    edge: LaneEdge
    skill_id: ToolId
    """Tool that performs it."""


class TextBlock(Contract):
    """Something to read."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["text"]
    """Says which it is."""
    title: Line
    text: Prose


class GuidanceBlock(Contract):
    """A document of the doctrine, as it is told."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["guidance"]
    """Says which it is."""
    source: DoctrineTarget
    version: SemanticVersion
    text: Prose


class FeedbackBlock(Contract):
    """Findings of the last review."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["feedback"]
    """Says which it is."""
    findings: Annotated[list[ReviewFinding], Field(min_length=1)]
    """The findings."""


class CommandBlock(Contract):
    """A command to run."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["command"]
    """Says which it is."""
    title: Line
    """What it does."""
    argv: Annotated[list[Argument], Field(min_length=1)]
    """Program and arguments."""


class FileBlock(Contract):
    """A file to read, as it was."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["file"]
    """Says which it is."""
    title: Line
    """What it is."""
    file: AuthoredText


class Prior(Contract):
    """What was learnt from earlier tasks."""

    model_config = ConfigDict(
        extra="forbid",
    )
    capsule: Sha256
    """Digest of the capsule that says it."""
    standing: PriorStanding
    text: Prose
    """What it says, as it is told."""


class Priors(Contract):
    """What was learnt, attached with a digest of its own: it may change without making the artefact stale."""

    model_config = ConfigDict(
        extra="forbid",
    )
    digest: Sha256
    """Digest of the canonical bytes of the items."""
    items: Annotated[list[Prior], Field(min_length=1)]
    """The priors, the best first."""


Content = TypeAliasType(
    "Content",
    Annotated[TextBlock | GuidanceBlock | FeedbackBlock | CommandBlock | FileBlock, Field(discriminator="kind")],
)


class Intent(Contract):
    """What is to be achieved."""

    model_config = ConfigDict(
        extra="forbid",
    )
    goal: Prose
    """What is to be achieved."""
    requirements: Annotated[list[Requirement], Field(min_length=1)]
    """Requirements that it serves, in full."""
    subtasks: list[SubtaskView]
    """Subtasks with their status."""
    authored: AuthoredText | None = None
    """The work package's text, which is given word for word."""
    owned_files: list[PathGlob] | None = None
    """Files that may be changed."""
    review: ReviewReference | None = None
    """Review whose findings are to be answered."""


class CommunicationArtefact(Contract):
    """Everything that an effector is given for one step, as one value with one digest: intent, governance, execution, and what it may do next. The assembly of artefacts writes it; effectors read it as text or JSON, and a claim shows its digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    digest: Sha256
    """Digest of the canonical bytes of intent, governance_digest, effector, execution and stream_version, and of nothing else."""
    intent: Intent
    governance_digest: Sha256
    """Digest of the governance context."""
    effector: Effector
    """Who is addressed."""
    accountable: Accountable
    execution: ExecutionIdentity
    """Where and against what the effector works; neither its working directory nor the time."""
    stream_version: Sequence
    """Version of the stream of the work package, or without one of the mission, that the artefact shows."""
    allowed_operations: Annotated[list[AllowedOperation], Field(max_length=16)]
    """What the effector may do next, computed from the transition table and its guards."""
    content: Annotated[list[Content], Field(min_length=1)]
    """What the effector reads, in this order."""
    priors: Priors | None = None
    policies: Policies | None = None
    """What the charter asks of all work. Absent: nothing."""
    tools: list[SkillRequirement] | None = None
    """Tools that the effector may use, by its profile. Absent: it has no profile."""
    approvals: Annotated[list[Effector] | None, Field(min_length=1)] = None
    """Who has approved the work as it stands. Absent: nobody."""
    deferred: Annotated[list[DoctrineTarget] | None, Field(min_length=1)] = None
    """Doctrine that is not included; it is fetched when it is needed."""
