# @generated from contracts/jsonschema/knowledge/v1/evidence_capsule.json. Do not edit: change the source, then run `just gen`.
"""The sealed evidence of one attempt: what shows its outcome, by digest and kind, complete enough to verify it later."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    AttemptOutcome,
    CommitSha,
    Count,
    EvidenceKind,
    EvidenceRef,
    GroupId,
    JobId,
    RepositoryId,
    RepositoryPath,
    RunId,
    Sha256,
    Slug,
    TaskId,
    Timestamp,
)


class CheckStatus(StrEnum):
    """How a check ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"


class ChangeSummary(Contract):
    """What the attempt changed in the repository."""

    model_config = ConfigDict(
        extra="forbid",
    )
    paths: Annotated[list[RepositoryPath], Field(max_length=1024)]
    """Changed paths, sorted."""
    lines_added: Count
    """Lines added."""
    lines_deleted: Count
    """Lines deleted."""


class EvidenceMember(Contract):
    """One piece of evidence: what it shows, and where its bytes are."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: EvidenceKind
    evidence: EvidenceRef
    size_bytes: Count
    """Size in bytes."""


class EvidenceCheck(Contract):
    """One check of the attempt, and the member that shows its result."""

    model_config = ConfigDict(
        extra="forbid",
    )
    check: Slug
    """Name of the check, such as `unit-tests`."""
    status: CheckStatus
    evidence: Sha256
    """Digest of a member."""


class EvidenceCapsule(Contract):
    """The sealed evidence of one attempt: what shows its outcome, by digest and kind, complete enough to verify it later. Dispatch writes it when an attempt ends, into the spec plane's own store; gates and `dome memory verify` read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    repository_id: RepositoryId
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    job_id: JobId | None = None
    """The job that was the attempt; left out where nothing ran."""
    outcome: AttemptOutcome
    base_commit: CommitSha | None = None
    """Commit that the attempt started from; left out outside git."""
    run_manifest: Sha256 | None = None
    """Digest of the job's run manifest, which holds its provenance."""
    checks: Annotated[list[EvidenceCheck], Field(max_length=64)]
    """What was checked, in the order of the names."""
    change: ChangeSummary | None = None
    members: Annotated[list[EvidenceMember], Field(max_length=256, min_length=1)]
    """The evidence, in the order of kind and digest."""
    seal_time: Timestamp
    """When the last member was copied into the store."""
