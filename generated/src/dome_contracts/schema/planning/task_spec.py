# @generated from contracts/jsonschema/planning/v1/task_spec.json. Do not edit: change the source, then run `just gen`.
"""One unit of intent: what is to be done to which target, why, within which bounds, and what proves it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..runtime.tool_manifest import Effects
from ..shared.definitions import (
    Action,
    FailureReasonCode,
    Line,
    Scope,
    SideEffects,
    SkillRequirement,
    Slug,
    Target,
    Transition,
    VersionContext,
)
from .packet import ChangeConstraints, Criterion, EvidenceRequirement


class TaskLimits(Contract):
    """Limits of the job, tighter than the tool's own or the same."""

    model_config = ConfigDict(
        extra="forbid",
    )
    run_timeout_s: Annotated[float | None, Field(gt=0.0, le=604800.0)] = None
    """Longest time from start to end, in seconds."""
    grace_s: Annotated[float | None, Field(ge=0.0, le=600.0)] = None
    """Time between the polite signal and the final one, in seconds."""
    output_bytes_max: Annotated[int | None, Field(ge=1, le=1099511627776)] = None
    """Most bytes of output that are recorded."""


Capability = TypeAliasType("Capability", Annotated[str, Field(pattern="^[a-z][a-z0-9_.-]{0,63}$")])


class Requirements(Contract):
    """What has to be there before the task is executed. Dispatch checks it against the daemon's capabilities and tools, and records what it found."""

    model_config = ConfigDict(
        extra="forbid",
    )
    skill: SkillRequirement
    """The skill that the task uses, and the versions of it that serve."""
    capabilities: Annotated[list[Capability] | None, Field(max_length=64)] = None
    """Feature flags that the daemon has to show."""
    effects: Effects | None = None
    """The farthest effects that the skill's manifest may declare."""


class TaskSpec(Contract):
    """One unit of intent: what is to be done to which target, why, within which bounds, and what proves it. Written by the planner; read by dispatch, by gates and by the binder, which files what is learnt under its first four fields."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    scope: Scope
    target: Target
    action: Action
    failure_reason_code: FailureReasonCode
    """The failure that the task addresses; `NONE` where it addresses none. What is observed when it runs stands in the task's result. Readers of input take `reason_code` as an alias; it is never written."""
    goal: Line
    """What shall be true when the task has succeeded."""
    acceptance_criteria: Annotated[list[Criterion], Field(max_length=64)]
    """What decides whether it has succeeded. Empty where the tool's own outcome decides."""
    constraints: ChangeConstraints | None = None
    """What a change by this task may touch; no looser than the packet's."""
    limits: TaskLimits | None = None
    side_effects: SideEffects
    versions: VersionContext | None = None
    """Versions under which the task was planned, for people. The planner leaves it out: it asks no daemon, and says in `requires` which versions serve. What is learnt compares under the versions in which an attempt was executed; its fact has them."""
    transition: Transition | None = None
    """Step of the work's state machine that the task takes when it succeeds, for people. The planner leaves it out, and nothing moves by it: a task of a run moves by its dispatch and its gates, a work package by its mission."""
    required_evidence: Annotated[list[EvidenceRequirement] | None, Field(max_length=32)] = None
    """Evidence that the task has to leave behind."""
    gates: Annotated[list[Slug] | None, Field(max_length=32)] = None
    """Gates that judge the task's outcome, by name."""
    requires: Requirements
    input: dict[str, Any]
    """Input of the skill; the skill's own schema judges it before anything is executed."""
