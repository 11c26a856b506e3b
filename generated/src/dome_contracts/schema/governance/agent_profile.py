# @generated from contracts/jsonschema/governance/v1/agent_profile.json. Do not edit: change the source, then run `just gen`.
"""Who an effector is to be: its roles, what it is able and allowed to do, and what it is told of itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import LaneOperation, Line, ModelName, Prose, SemanticVersion, SkillRequirement, Slug
from .directive import AppliesTo, DoctrineReference


class AgentRole(StrEnum):
    """Part that an effector plays in a mission."""

    IMPLEMENTER = "implementer"
    REVIEWER = "reviewer"
    PLANNER = "planner"
    ARCHITECT = "architect"
    RESEARCHER = "researcher"
    CURATOR = "curator"
    MANAGER = "manager"


class ForceAuthority(StrEnum):
    """Whether an effector may override the transition table: never, or with the name of an accountable person."""

    NEVER = "never"
    ACCOUNTABLE = "accountable"


class Routing(Contract):
    """How packages are offered to effectors of the profile."""

    model_config = ConfigDict(
        extra="forbid",
    )
    priority: Annotated[int, Field(ge=0, le=100)]
    """Those with a higher one are offered a package first."""
    packages_max: Annotated[int | None, Field(ge=1, le=64)] = None
    """Packages of a mission that one effector may hold at a time."""


class Effort(StrEnum):
    """How much thought a model spends."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Authority(Contract):
    """What an effector may do to work packages."""

    model_config = ConfigDict(
        extra="forbid",
    )
    operations: list[LaneOperation]
    """Operations that it may perform, where the transition table and its guards allow them."""
    force: ForceAuthority


class Specialization(Contract):
    """What an effector of the profile is good at and keeps away from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    focus: Line
    """What it is for, above all."""
    aware_of: Annotated[list[Line] | None, Field(max_length=16)] = None
    """What it keeps an eye on beside its focus."""
    avoids: Annotated[list[Line] | None, Field(max_length=16)] = None
    """What it leaves to others."""
    succeeds_when: Line | None = None
    """How one sees that it did well."""


class Collaboration(Contract):
    """Profiles that an effector of this one works with."""

    model_config = ConfigDict(
        extra="forbid",
    )
    takes_from: list[Slug] | None = None
    """Profiles whose results it begins with."""
    hands_to: list[Slug] | None = None
    """Profiles that go on with its results."""
    works_with: list[Slug] | None = None
    """Profiles that work at its side."""


class ModelHint(Contract):
    """A model that suits."""

    model_config = ConfigDict(
        extra="forbid",
    )
    model: ModelName
    effort: Effort | None = None
    reason: Line | None = None
    """Why it suits."""


class AgentProfile(Contract):
    """Who an effector is to be: its roles, what it is able and allowed to do, and what it is told of itself. People write it; governance contexts resolve it and claims are checked against it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    id: Slug
    """Names the profile; effectors refer to it."""
    version: SemanticVersion
    title: Line
    """Name for people."""
    purpose: Prose
    """What the profile is for."""
    roles: Annotated[list[AgentRole], Field(min_length=1)]
    """Roles in which an effector of this profile may act."""
    capabilities: list[Slug]
    """What an effector must be able to do to take the profile, such as `python` or `threat-modelling`."""
    allowed_tools: list[SkillRequirement]
    """Tools that it may use. Empty: none."""
    authority: Authority
    text: Prose
    """What an effector of this profile is told of itself."""
    scope: AppliesTo | None = None
    """Where the profile is offered. Absent: everywhere."""
    specialization: Specialization | None = None
    collaboration: Collaboration | None = None
    routing: Routing | None = None
    model_hints: Annotated[list[ModelHint] | None, Field(max_length=16)] = None
    """Models that suit the profile, the best first. A hint binds nobody."""
    references: list[DoctrineReference] | None = None
    """Other documents of the doctrine that it stands in relation to."""
