# @generated from contracts/jsonschema/planning/v1/wave_spec.json. Do not edit: change the source, then run `just gen`.
"""One wave of a plan, fixed when it is dispatched: which tasks go out together, and in which order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import Sha256, TaskId

TaskOrder = TypeAliasType("TaskOrder", Annotated[list[TaskId], Field(max_length=1024, min_length=1, title="TaskOrder")])
"""Tasks in the order of their dispatch: first those that most others wait for."""


class WaveSpec(Contract):
    """One wave of a plan, fixed when it is dispatched: which tasks go out together, and in which order. Written by the planner; read by dispatch. It says nothing of how they fare: that is the work queue."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    plan_hash: Sha256
    """Digest of the canonical bytes of the plan."""
    wave: Annotated[int, Field(ge=1, le=10000)]
    """Place of the wave in the plan, from 1."""
    task_ids: TaskOrder
    parallel_max: Annotated[int | None, Field(ge=1, le=256)] = None
    """Most tasks of the wave in execution at a time. Left out: the plan's budget decides."""
