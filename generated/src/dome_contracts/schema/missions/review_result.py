# @generated from contracts/jsonschema/missions/v1/review_result.json. Do not edit: change the source, then run `just gen`.
"""What a reviewer said of a work package: verdict, what was looked at, and the findings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    ArtefactWitness,
    CommitSha,
    Effector,
    EvidenceRef,
    JobId,
    MissionId,
    Prose,
    RepositoryPath,
    Severity,
    Slug,
    Timestamp,
    WorkPackageId,
)
from .mission import RequirementId


class ReviewVerdict(StrEnum):
    """What the reviewer says."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"


class CommitRange(Contract):
    """Commits after one, up to and with another."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["commits"]
    """Says which it is."""
    base: CommitSha
    """Commit before the first."""
    head: CommitSha
    """Last commit."""


class FindingWeight(StrEnum):
    """Whether the package can be approved with it."""

    BLOCKS = "blocks"
    SUGGESTS = "suggests"


class ReviewFinding(Contract):
    """One thing that a reviewer found."""

    model_config = ConfigDict(
        extra="forbid",
    )
    weight: FindingWeight
    severity: Severity
    text: Prose
    """What was found."""
    remedy: Prose | None = None
    """What would mend it."""
    path: RepositoryPath | None = None
    """File that it is about."""
    line: Annotated[int | None, Field(ge=1, le=10000000)] = None
    """Line of the file, from 1."""
    requirement: RequirementId | None = None
    """Requirement that it touches."""
    directive: Slug | None = None
    """Directive that it breaks."""


class Documents(Contract):
    """Documents, where the work is no commit."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["documents"]
    """Says which it is."""
    documents: Annotated[list[EvidenceRef], Field(min_length=1)]
    """The documents."""


WorkProduct = TypeAliasType(
    "WorkProduct", Annotated[CommitRange | Documents, Field(discriminator="kind", title="WorkProduct")]
)
"""What work left: commits, or documents where there is none."""


class ReviewResult(Contract):
    """What a reviewer said of a work package: verdict, what was looked at, and the findings. A reviewer is to write it through `dome mission review`; guards, rework and acceptance read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    mission_id: MissionId
    work_package_id: WorkPackageId
    cycle: Annotated[int, Field(ge=1, le=999)]
    """Which review of the package it is."""
    reviewer: Effector
    """Who reviewed. None of those who implemented the package."""
    implementers: Annotated[list[Effector], Field(min_length=1)]
    """Who implemented what was reviewed."""
    witness: ArtefactWitness
    """What the reviewer was told."""
    reviewed: WorkProduct
    """What was looked at."""
    verdict: ReviewVerdict
    findings: list[ReviewFinding]
    """What was found. A change that is requested has at least one that blocks."""
    review_time: Timestamp
    feedback: EvidenceRef | None = None
    """The feedback in full, as it was written."""
    checks: Annotated[list[JobId] | None, Field(min_length=1)] = None
    """Jobs whose results the reviewer looked at."""
