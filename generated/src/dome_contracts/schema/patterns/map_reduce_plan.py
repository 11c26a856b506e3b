# @generated from contracts/jsonschema/patterns/v1/map_reduce_plan.json. Do not edit: change the source, then run `just gen`.
"""A secure map-reduce: one isolated job for each item, a schema that every map output has to satisfy, and a deterministic reducer that sees nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..runtime.tool_manifest import Effects
from ..shared.definitions import EvidenceRef, Line, Sha256, SkillRequirement

FieldName = TypeAliasType("FieldName", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$", title="FieldName")])
"""Name of a field of a map output."""


class OutputSchema(Contract):
    """The closed schema of a map output, by digest: unknown keys are refused, texts have a greatest length."""

    model_config = ConfigDict(
        extra="forbid",
    )
    digest: Sha256
    """Digest of the canonical bytes of the schema."""
    fields: Annotated[list[FieldName], Field(max_length=64, min_length=1)]
    """The fields that reach the reducer."""


class ReduceOrder(StrEnum):
    """In which order validated outputs reach the reducer."""

    ITEM_ID = "item_id"
    PLAN = "plan"


class MapReduceBudget(Contract):
    """What the whole may cost. Over it, nothing is dispatched."""

    model_config = ConfigDict(
        extra="forbid",
    )
    fan_out_max: Annotated[int, Field(ge=1, le=10000)]
    """Most map jobs."""
    parallel_max: Annotated[int, Field(ge=1, le=256)]
    """Most map jobs at a time."""
    duration_s_max: Annotated[float, Field(gt=0.0, le=2592000.0)]
    """Longest time from the first dispatch to the reduced value, in seconds."""
    output_bytes_max: Annotated[int | None, Field(ge=1, le=1099511627776)] = None
    """Most bytes of all map outputs together."""


class InvalidOutputPolicy(Contract):
    """What becomes of an output that its schema refuses. It is quarantined in any case and never reaches the reducer."""

    model_config = ConfigDict(
        extra="forbid",
    )
    quarantined_max: Annotated[int, Field(ge=0, le=10000)]
    """Most quarantined outputs with which the reducer still runs."""


class MapItem(Contract):
    """One item, by content."""

    model_config = ConfigDict(
        extra="forbid",
    )
    item_id: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    """Names the item within the plan."""
    content: EvidenceRef
    """The item's bytes. They are data to the map job, never instructions to anything after it."""


class MapStage(Contract):
    """What is done with each item, in a job of its own that sees this item alone."""

    model_config = ConfigDict(
        extra="forbid",
    )
    skill: SkillRequirement
    input: dict[str, Any] | None = None
    """Input that all map jobs share, beside their item."""
    output_schema: OutputSchema
    effects: Effects
    """The farthest effects that the skill's manifest may declare."""
    output_bytes_max: Annotated[int | None, Field(ge=1, le=8388608)] = None
    """Most bytes of one map output."""
    run_timeout_s: Annotated[float | None, Field(gt=0.0, le=604800.0)] = None
    """Longest time of one map job, in seconds."""


class ReduceStage(Contract):
    """How the validated outputs become one value. The skill's manifest has to declare itself deterministic."""

    model_config = ConfigDict(
        extra="forbid",
    )
    skill: SkillRequirement
    order: ReduceOrder
    effects: Effects | None = None
    """The farthest effects that the skill's manifest may declare. Left out: it reads files and no more."""
    fields: Annotated[list[FieldName] | None, Field(max_length=64, min_length=1)] = None
    """The fields of an output that it sees. Left out: all that the schema names."""


class MapReducePlan(Contract):
    """A secure map-reduce: one isolated job for each item, a schema that every map output has to satisfy, and a deterministic reducer that sees nothing else. Written by the planner; read by the map-reduce runtime, which refuses it before dispatch when it is over its budget."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    goal: Line
    """What the reduced value says."""
    items: Annotated[list[MapItem], Field(max_length=10000, min_length=1)]
    """What is mapped. The order is that of the reducer's input."""
    map: MapStage
    reduce: ReduceStage
    budget: MapReduceBudget
    on_invalid: InvalidOutputPolicy
