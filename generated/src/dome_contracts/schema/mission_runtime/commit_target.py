# @generated from contracts/jsonschema/mission_runtime/v1/commit_target.json. Do not edit: change the source, then run `just gen`.
"""A working tree and the reference that a commit in it moves, as one value made of what a probe saw; the pair cannot disagree because the reference stands here once."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict

from dome_contracts.schema.base import Contract

from ..shared.definitions import CommitSha, GitRef, RepositoryId, RepositoryPath, Sha256, Timestamp
from .execution_context import AbsolutePath


class Protection(StrEnum):
    """Whether the charter protects the reference."""

    OPEN = "open"
    PROTECTED = "protected"


class CommitCapability(StrEnum):
    """What the caller declares to be doing: ordinary work, the bookkeeping of an integration, or what a person ordered by name."""

    STANDARD = "standard"
    INTEGRATION = "integration"
    OPERATOR = "operator"


class CommitTarget(Contract):
    """A working tree and the reference that a commit in it moves, as one value made of what a probe saw; the pair cannot disagree because the reference stands here once. The probe's constructor writes it; the unit of transition and commit reads it and probes again."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    repository_id: RepositoryId
    worktree_root: AbsolutePath
    """Root of the working tree."""
    git_common_dir: AbsolutePath
    """Folder that all working trees of the repository share."""
    destination_ref: GitRef
    """Reference that the tree's HEAD names, and that the commit moves."""
    head: CommitSha
    """Commit that the reference named; zeros where it named none yet."""
    protection: Protection
    capability: CommitCapability
    staged_paths: list[RepositoryPath]
    """Paths that the user had staged; they stay staged."""
    witness: Sha256
    """Digest of the canonical bytes of this document without witness and time; the second probe must give the same."""
    probe_time: Timestamp
