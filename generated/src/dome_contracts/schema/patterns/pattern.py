# @generated from contracts/jsonschema/patterns/v1/pattern.json. Do not edit: change the source, then run `just gen`.
"""A plan template under a name: steps that become TaskSpecs when a packet fills its parameters."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..planning.plan import Layer
from ..shared.definitions import (
    Action,
    Line,
    Prose,
    SemanticVersion,
    Sha256,
    SideEffects,
    SkillRequirement,
    Slug,
    TargetKind,
)


class PatternCategory(StrEnum):
    """What the pattern is about."""

    REPAIR = "repair"
    VERIFICATION = "verification"
    EXPLORATION = "exploration"
    TRANSFORMATION = "transformation"
    ORCHESTRATION = "orchestration"
    MEMORY = "memory"


class PatternRuntime(StrEnum):
    """Who carries it out: waves of a plan, or the map-reduce runtime."""

    WAVES = "waves"
    MAP_REDUCE = "map_reduce"


ParameterName = TypeAliasType(
    "ParameterName", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$", title="ParameterName")]
)
"""Names a parameter within its pattern."""


class ParameterKind(StrEnum):
    """Which value serves."""

    TEXT = "text"
    INTEGER = "integer"
    PATH_GLOBS = "path_globs"
    CHECK = "check"
    JSON = "json"


class Parameter(Contract):
    """A value that the user of the pattern supplies."""

    model_config = ConfigDict(
        extra="forbid",
    )
    description: Line
    """What it is."""
    kind: Annotated[ParameterKind, Field(title="ParameterKind")]
    """Which value serves."""
    required: bool | None = None
    """Whether the pattern cannot be used without it."""


StepName = TypeAliasType("StepName", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$", title="StepName")])
"""Names a step within its pattern."""


class PatternSource(Contract):
    """Where the idea was described."""

    model_config = ConfigDict(
        extra="forbid",
    )
    url: Annotated[str, Field(pattern="^https://[!-~]{1,2000}$")]
    """Address of the description."""
    retrieved_digest: Sha256
    """Digest of the description as it was read."""


class PatternStep(Contract):
    """A step, from which one TaskSpec is made."""

    model_config = ConfigDict(
        extra="forbid",
    )
    step: StepName
    layer: Layer
    target_kind: TargetKind
    action: Action
    goal: Line
    """Goal of the TaskSpec. `{name}` stands for a parameter."""
    skill: SkillRequirement
    input: dict[str, Any] | None = None
    """Input of the skill. A text that is `{name}` alone stands for the parameter's value."""
    side_effects: SideEffects | None = None
    depends_on: Annotated[list[StepName] | None, Field(max_length=64)] = None
    """Steps that have to succeed first."""


class Pattern(Contract):
    """A plan template under a name: steps that become TaskSpecs when a packet fills its parameters. Written by people; resolved by the planner."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    pattern_id: Slug
    """Names the pattern."""
    version: SemanticVersion
    title: Line
    """Name for people."""
    category: Annotated[PatternCategory, Field(title="PatternCategory")]
    """What the pattern is about."""
    summary: Prose
    """What it does, when to use it and when not."""
    runtime: Annotated[PatternRuntime | None, Field(title="PatternRuntime")] = None
    """Who carries it out: waves of a plan, or the map-reduce runtime."""
    parameters: Annotated[dict[ParameterName, Parameter] | None, Field(max_length=32)] = None
    """What a packet has to fill, by name."""
    steps: Annotated[list[PatternStep], Field(max_length=64, min_length=1)]
    """The steps; each names those that it waits for."""
    source: PatternSource | None = None
    tags: Annotated[list[Slug] | None, Field(max_length=16)] = None
    """Words to find it by."""
