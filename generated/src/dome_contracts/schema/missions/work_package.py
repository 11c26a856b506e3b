# @generated from contracts/jsonschema/missions/v1/work_package.json. Do not edit: change the source, then run `just gen`.
"""A part of a mission that one effector can do: what it owns, what it depends on and what it has to satisfy."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..governance.agent_profile import AgentRole
from ..shared.definitions import (
    Lane,
    Line,
    MissionId,
    ModelName,
    PathGlob,
    Prose,
    RepositoryPath,
    Sequence,
    Slug,
    WorkPackageId,
)
from .mission import AuthoredText, RequirementId


class ProductKind(StrEnum):
    """What the package leaves: a change of the code, or documents alone."""

    CODE_CHANGE = "code_change"
    DOCUMENTS = "documents"


class PackageReach(StrEnum):
    """Whether the package keeps to its owned files, or reaches over the whole repository and therefore runs alone."""

    OWNED_FILES = "owned_files"
    REPOSITORY = "repository"


SubtaskId = TypeAliasType("SubtaskId", Annotated[str, Field(pattern="^T[0-9]{3,4}$", title="SubtaskId")])
"""Identifies a subtask within its mission, such as `T001`."""


class Subtask(Contract):
    """A piece of a work package that is ticked off."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: SubtaskId
    title: Line
    """What is to be done."""


TrackId = TypeAliasType("TrackId", Annotated[str, Field(pattern="^track-[0-9]{2,4}$", title="TrackId")])
"""Identifies a track: packages that share one branch and worktree because they share files."""


class PackageStanding(Contract):
    """Where a work package stands."""

    model_config = ConfigDict(
        extra="forbid",
    )
    work_package_id: WorkPackageId
    lane: Lane
    stream_version: Sequence
    """Version of the package's stream."""


class Recommendation(Contract):
    """Who would suit. It binds nobody: who really acts is a matter of events."""

    model_config = ConfigDict(
        extra="forbid",
    )
    role: AgentRole | None = None
    profile_ref: Slug | None = None
    """Agent profile that would suit."""
    model: ModelName | None = None


class WorkPackage(Contract):
    """A part of a mission that one effector can do: what it owns, what it depends on and what it has to satisfy. Finalisation is to write it, once; status, tracks and communication artefacts read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    mission_id: MissionId
    work_package_id: WorkPackageId
    title: Line
    """Name for people."""
    product: ProductKind
    goal: Prose
    """What is to be achieved."""
    authored: AuthoredText
    """The text as it was written, which effectors are given word for word."""
    dependencies: list[WorkPackageId]
    """Packages that must be approved or done before."""
    requirements: Annotated[list[RequirementId], Field(min_length=1)]
    """Requirements of the mission that the package satisfies, in part or whole."""
    owned_files: list[PathGlob]
    """Files that the package may change. Packages that may run at the same time own none in common."""
    reach: PackageReach
    subtasks: list[Subtask]
    """What the package consists of. Their status is a matter of events."""
    creates: Annotated[list[RepositoryPath] | None, Field(min_length=1)] = None
    """Owned paths that do not exist yet."""
    track: TrackId | None = None
    recommendation: Recommendation | None = None
