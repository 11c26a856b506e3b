# @generated from contracts/jsonschema/mission_runtime/v1/execution_context.json. Do not edit: change the source, then run `just gen`.
"""The one answer to where and against what an action works: mission, package, workspace, base and destination."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..missions.mission import MissionBase
from ..missions.work_package import PackageStanding, TrackId
from ..shared.definitions import (
    CommitSha,
    GitRef,
    MissionAction,
    MissionId,
    PathGlob,
    RepositoryId,
    RunId,
    Sha256,
    Slug,
    Timestamp,
)


class WorkspaceKind(StrEnum):
    """Whether the work happens in the main checkout or in a worktree of its own."""

    MAIN = "main"
    WORKTREE = "worktree"


AbsolutePath = TypeAliasType(
    "AbsolutePath",
    Annotated[
        str,
        Field(
            max_length=4096,
            pattern="^(/([^/.\\u0000][^/\\u0000]*|\\.[^/.\\u0000][^/\\u0000]*|\\.\\.[^/\\u0000]+))+$",
            title="AbsolutePath",
        ),
    ],
)
"""An absolute path of this machine, without `.`, `..` or an empty part."""


class ExecutionObservation(Contract):
    """From where and when it was asked. It is in no digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    working_directory: AbsolutePath
    time: Timestamp
    head: CommitSha | None = None
    """Commit that the working tree's branch named."""


class Workspace(Contract):
    """Where the work happens."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: WorkspaceKind
    root: AbsolutePath
    """Root of the working tree."""
    branch: GitRef
    head: CommitSha | None = None
    """Commit that the branch named, where the branch is that of the package's track. Absent where the tree is shared: what others commit there is not the package's."""
    track: TrackId | None = None
    writable: list[PathGlob] | None = None
    """What may be changed there. Absent: everything."""


class ExecutionIdentity(Contract):
    """What is the same from the main checkout and from every worktree, now and later."""

    model_config = ConfigDict(
        extra="forbid",
    )
    action: MissionAction
    repository_id: RepositoryId
    mission_id: MissionId
    mission_slug: Slug
    base: MissionBase
    """What the work builds upon."""
    destination_ref: GitRef
    """Reference that commits of the action move."""
    workspace: Workspace
    readiness: list[PackageStanding]
    """Where the packages stand that the package depends on, by id."""
    package: PackageStanding | None = None
    """The work package, where the action has one."""
    run_id: RunId | None = None
    step_id: Slug | None = None
    """Step of the mission type."""


class ExecutionContext(Contract):
    """The one answer to where and against what an action works: mission, package, workspace, base and destination. The resolver of action contexts writes it; artefacts, runs and commits read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    digest: Sha256
    """Digest of the canonical bytes of the identity."""
    identity: ExecutionIdentity
    observation: ExecutionObservation
