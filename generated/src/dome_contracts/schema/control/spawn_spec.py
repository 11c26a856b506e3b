# @generated from contracts/jsonschema/control/v1/spawn_spec.json. Do not edit: change the source, then run `just gen`.
"""Everything that one attempt is started with, resolved: the tool by digest, the input by digest, the bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..planning.task_spec import TaskLimits
from ..shared.definitions import EnvironmentName, GroupId, RunId, Sha256, SideEffects, Slug, TaskId, ToolId
from .task_result import AttemptNumber


class SpawnSpec(Contract):
    """Everything that one attempt is started with, resolved: the tool by digest, the input by digest, the bounds. Written by dispatch before it sends the request; nothing reads it yet."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    attempt: AttemptNumber
    plan_hash: Sha256 | None = None
    """Digest of the canonical bytes of the plan."""
    wave: Annotated[int | None, Field(ge=1, le=10000)] = None
    """Wave of the plan, from 1."""
    skill_id: ToolId
    tool_digest: Sha256
    """Digest of the tool, to which the request is pinned."""
    input_hash: Sha256
    """Digest of the input bytes as sent."""
    profile: Slug | None = None
    """Agent profile that the attempt follows."""
    limits: TaskLimits | None = None
    side_effects: SideEffects
    environment_names: Annotated[list[EnvironmentName] | None, Field(max_length=64)] = None
    """Names of the variables that the request sets."""
