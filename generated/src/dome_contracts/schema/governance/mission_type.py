# @generated from contracts/jsonschema/governance/v1/mission_type.json. Do not edit: change the source, then run `just gen`.
"""What missions of one kind consist of: steps, artefacts, and the table of transitions with its guards."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    Lane,
    LaneOperation,
    Line,
    MediaType,
    MissionAction,
    Prose,
    RepositoryPath,
    SemanticVersion,
    Slug,
)
from .agent_profile import AgentRole
from .directive import DoctrineReference


class MissionSize(StrEnum):
    """`small`: one step serves several actions, for a change that needs no plan of its own."""

    FULL = "full"
    SMALL = "small"


class MissionStep(Contract):
    """A step of a run."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names the step within the type."""
    title: Line
    """Name for people."""
    actions: Annotated[list[MissionAction], Field(min_length=1)]
    """Actions that the step serves; more than one in a small type."""
    role: AgentRole
    """Part that the effector of the step plays."""
    contract: Slug | None = None
    """Step contract that says how it is carried out. Absent: the one of the first action."""
    after: list[Slug] | None = None
    """Steps that must be done before."""
    reads: list[Slug] | None = None
    """Artefacts that must exist before. Until then the step is not handed out."""
    writes: list[Slug] | None = None
    """Artefacts that exist afterwards. Until then the step is not done."""


class ArtefactAuthority(StrEnum):
    """Whether people and effectors write it, or it is rendered from what the store knows."""

    AUTHORED = "authored"
    DERIVED = "derived"


class LaneGuard(StrEnum):
    """What must hold before a work package changes its lane."""

    DEPENDENCIES_SATISFIED = "dependencies_satisfied"
    ARTEFACT_CURRENT = "artefact_current"
    WORKSPACE_RESOLVED = "workspace_resolved"
    HOLDER_ONLY = "holder_only"
    REASON_GIVEN = "reason_given"
    SUBTASKS_COMPLETE = "subtasks_complete"
    EVIDENCE_PRESENT = "evidence_present"
    CHECKS_PASSED = "checks_passed"
    REVIEW_RECORDED = "review_recorded"
    VERDICT_APPROVES = "verdict_approves"
    VERDICT_REQUESTS_CHANGES = "verdict_requests_changes"
    REVIEWER_INDEPENDENT = "reviewer_independent"
    REVIEW_REFERENCED = "review_referenced"
    PRIOR_LANE = "prior_lane"
    INTEGRATION_VERIFIED = "integration_verified"
    APPROVALS_COMPLETE = "approvals_complete"


class LaneEdge(Contract):
    """A legal transition."""

    model_config = ConfigDict(
        extra="forbid",
    )
    operation: LaneOperation
    from_: Annotated[Lane, Field(alias="from")]
    """Lane that is left."""
    to: Lane
    """Lane that is entered."""
    guards: list[LaneGuard]
    """What must hold, all of it."""


class ForceRule(Contract):
    """What an override of the table may not override."""

    model_config = ConfigDict(
        extra="forbid",
    )
    leaves: list[Lane]
    """Lanes that an override may leave."""
    guards: list[LaneGuard]
    """Guards that an override has to satisfy all the same."""


class TransitionTable(Contract):
    """Which transitions of work packages are legal and what each demands. A mission names its table by version and keeps it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names the table."""
    version: SemanticVersion
    initial: Lane
    """Lane of a package that was just seeded."""
    terminal: Annotated[list[Lane], Field(min_length=1)]
    """Lanes that no edge leaves."""
    satisfying: Annotated[list[Lane], Field(min_length=1)]
    """Lanes in which a package satisfies those that depend on it."""
    edges: Annotated[list[LaneEdge], Field(min_length=1)]
    """The legal transitions."""
    force: ForceRule


class MissionArtefact(Contract):
    """A document of a mission."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: Slug
    """Names the artefact within the type."""
    title: Line
    """Name for people."""
    path: RepositoryPath
    """Where it stands within the mission's folder."""
    media_type: MediaType
    authority: ArtefactAuthority | None = None


class MissionType(Contract):
    """What missions of one kind consist of: steps, artefacts, and the table of transitions with its guards. People write it; missions name it, status and runs judge by it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    id: Slug
    """Names it within its kind."""
    version: SemanticVersion
    title: Line
    """Name for people."""
    purpose: Prose
    """What missions of this type are for."""
    size: MissionSize
    steps: Annotated[list[MissionStep], Field(min_length=1)]
    """Steps of a run. Their order is that of their dependencies, then of this list."""
    artefacts: list[MissionArtefact]
    """Documents that a mission of this type has."""
    transition_table: TransitionTable
    references: list[DoctrineReference] | None = None
    """Other documents of the doctrine that it stands in relation to."""
