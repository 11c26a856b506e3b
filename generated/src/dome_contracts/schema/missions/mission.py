# @generated from contracts/jsonschema/missions/v1/mission.json. Do not edit: change the source, then run `just gen`.
"""What is to be achieved, on what it builds and where it lands: identity, requirements, and the type and table of transitions that it keeps."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..governance.directive import DoctrinePin
from ..shared.definitions import (
    Accountable,
    CommitSha,
    Effector,
    GitRef,
    Line,
    MissionId,
    PathGlob,
    Prose,
    RepositoryId,
    RepositoryPath,
    Sha256,
    Slug,
    Timestamp,
    ToolId,
)


class Purpose(Contract):
    """What the mission is for."""

    model_config = ConfigDict(
        extra="forbid",
    )
    summary: Line
    """In a sentence."""
    context: Prose | None = None
    """What one has to know to understand it."""


RequirementId = TypeAliasType(
    "RequirementId", Annotated[str, Field(pattern="^(FR|NFR|C)-[0-9]{3,4}$", title="RequirementId")]
)
"""Identifies a requirement within its mission: functional `FR-001`, of quality `NFR-001`, or a constraint `C-001`."""


class Priority(StrEnum):
    """Whether the mission may be accepted without it: never, with a reason, or freely."""

    MUST = "must"
    SHOULD = "should"
    COULD = "could"


class Requirement(Contract):
    """Something that the mission must bring about or keep."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: RequirementId
    priority: Priority
    text: Prose
    """What is required."""


InvariantId = TypeAliasType("InvariantId", Annotated[str, Field(pattern="^NI-[0-9]{3,4}$", title="InvariantId")])
"""Identifies a negative invariant within its mission."""


class AbsenceSearch(Contract):
    """A search that has to find nothing."""

    model_config = ConfigDict(
        extra="forbid",
    )
    skill_id: ToolId
    """Tool that searches."""
    query: Line
    """What it searches for."""
    paths: Annotated[list[PathGlob], Field(min_length=1)]
    """Where it searches."""


class MissionBase(Contract):
    """What the mission was planned upon."""

    model_config = ConfigDict(
        extra="forbid",
    )
    ref: GitRef
    commit: CommitSha
    """Commit that the reference named."""


class AuthoredText(Contract):
    """A text that somebody wrote, by place and digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    path: RepositoryPath
    digest: Sha256
    """Digest of the file's bytes."""


class NegativeInvariant(Contract):
    """Something that must not be true when the mission is accepted."""

    model_config = ConfigDict(
        extra="forbid",
    )
    id: InvariantId
    text: Prose
    """What must be absent."""
    search: AbsenceSearch | None = None


class Mission(Contract):
    """What is to be achieved, on what it builds and where it lands: identity, requirements, and the type and table of transitions that it keeps. `dome mission new` is to write it; finalisation, status and runs read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    mission_id: MissionId
    slug: Slug
    """Short name, for people and for folders."""
    title: Line
    """Name for people."""
    purpose: Purpose
    repository_id: RepositoryId
    mission_type: DoctrinePin
    """Type of the mission, as it was when the mission was created."""
    transition_table: DoctrinePin
    """Table of transitions that the mission keeps for its whole life."""
    requirements: Annotated[list[Requirement], Field(min_length=1)]
    """What is required."""
    negative_invariants: list[NegativeInvariant]
    """What must not be true at the end."""
    base: MissionBase
    destination_ref: GitRef
    """Reference on which the mission finally lands."""
    accountable: Accountable
    creator: Effector
    """Who created the mission."""
    create_time: Timestamp
    number: Annotated[int | None, Field(ge=1, le=999999)] = None
    """Number for people. It identifies nothing, and two missions may have the same."""
    follows: MissionId | None = None
    """Mission that this one follows up."""
    authored: AuthoredText | None = None
