# @generated from contracts/jsonschema/governance/v1/charter.json. Do not edit: change the source, then run `just gen`.
"""What a repository has bound itself to: which doctrine is active, and the policies beyond it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    Accountable,
    GitRef,
    Line,
    Prose,
    RepositoryPath,
    SemanticVersion,
    Sha256,
    Share,
    Slug,
    Timestamp,
)


class Demand(StrEnum):
    """How strongly something is asked for."""

    REQUIRED = "required"
    ADVISED = "advised"


class SubjectStyle(StrEnum):
    """Form of the first line of a commit's message: any line, or `type(scope)!: what` of the conventional commits."""

    PLAIN = "plain"
    CONVENTIONAL = "conventional"


class CommitPolicy(Contract):
    """What is asked of commits. A commit of Dome that is not so is not made."""

    model_config = ConfigDict(
        extra="forbid",
    )
    subject: SubjectStyle | None = None
    signature: Demand | None = None
    """Whether commits are signed. Dome signs none, so where it is required it makes none."""
    subject_characters_max: Annotated[int | None, Field(ge=20, le=120)] = None
    """Length of the first line."""


class IntegrationMethod(StrEnum):
    """How a mission's branch comes into its destination. It is told; people merge, and a conflict always stops it."""

    MERGE = "merge"
    FAST_FORWARD = "fast_forward"
    SQUASH = "squash"


class ReviewPolicy(Contract):
    """What is asked of reviews. An approval that is not enough by it is recorded, and the package waits for another reviewer."""

    model_config = ConfigDict(
        extra="forbid",
    )
    approvals_min: Annotated[int | None, Field(ge=1, le=9)] = None
    """Approvals that a work package needs, each by another reviewer. Absent: one."""
    independence: Demand | None = None
    """Whether a reviewer may have had no part in the implementation, whatever the table of the mission says."""
    human: Demand | None = None
    """Whether a person must be among those who approve."""


class AuditStrictness(StrEnum):
    """Before the steps of a manager, or before every step."""

    MEDIUM = "medium"
    MAX = "max"


class Adoption(Contract):
    """Who put the charter into force, and when."""

    model_config = ConfigDict(
        extra="forbid",
    )
    accountable: Accountable
    time: Timestamp


class Activation(Contract):
    """Which documents of the doctrine are active, by kind. A kind that is absent: all that the layers offer. An empty list: none. A list: exactly these."""

    model_config = ConfigDict(
        extra="forbid",
    )
    directives: list[Slug] | None = None
    """Active directives."""
    tactics: list[Slug] | None = None
    """Active tactics."""
    agent_profiles: list[Slug] | None = None
    """Active agent profiles."""
    mission_types: list[Slug] | None = None
    """Active mission types."""
    step_contracts: list[Slug] | None = None
    """Active step contracts."""


class CharterProse(Contract):
    """The charter in prose, for people. It binds nobody."""

    model_config = ConfigDict(
        extra="forbid",
    )
    path: RepositoryPath
    digest: Sha256
    """Digest of the file when the charter was adopted."""


class TestingPolicy(Contract):
    """What is asked of tests. It is told, and reviewers judge by it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    coverage_min: Share | None = None
    """Share of lines that tests must reach."""
    tests_first: Demand | None = None
    """Whether a test that fails comes before the change."""


class BranchPolicy(Contract):
    """What is asked of branches."""

    model_config = ConfigDict(
        extra="forbid",
    )
    protected: list[GitRef] | None = None
    """References that only an integration may move."""
    destination_ref: GitRef | None = None
    """Where missions land that name nothing else."""
    integration: IntegrationMethod | None = None


class AuditPolicy(Contract):
    """Before which steps of a run the accountable person is asked. Absent: before none. A run keeps what held when it began."""

    model_config = ConfigDict(
        extra="forbid",
    )
    strictness: AuditStrictness


class Policies(Contract):
    """What is asked of all work, beyond directives. What is absent is not asked. Every effector is told all of it; what is more than told says so."""

    model_config = ConfigDict(
        extra="forbid",
    )
    testing: TestingPolicy | None = None
    commits: CommitPolicy | None = None
    branches: BranchPolicy | None = None
    reviews: ReviewPolicy | None = None
    audits: AuditPolicy | None = None


class Charter(Contract):
    """What a repository has bound itself to: which doctrine is active, and the policies beyond it. The accountable person writes it; every governance context begins with it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    version: SemanticVersion
    """Version of this charter."""
    title: Line
    """Name for people."""
    purpose: Prose
    """What the repository is for and how its people want to work."""
    adopted: Adoption
    activation: Activation
    policies: Policies
    default_mission_type: Slug | None = None
    """Type of a mission that is created without one."""
    doctrine_folder: RepositoryPath | None = None
    """Where the repository's own doctrine stands. Absent: it has none."""
    prose: CharterProse | None = None
