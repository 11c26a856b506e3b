# @generated from contracts/jsonschema/control/v1/control_strategies.json. Do not edit: change the source, then run `just gen`.
"""How the planner and dispatch choose: what a failure is answered with, how candidates rank, which ties break how, and when to stop."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..planning.plan import Layer
from ..shared.definitions import (
    Action,
    FailureReasonCode,
    SemanticVersion,
    Share,
    SideEffects,
    SkillRequirement,
    Slug,
    ToolId,
)


class TieBreaker(StrEnum):
    """An order of tasks."""

    MOST_BLOCKING = "most_blocking"
    RAREST_SKILL = "rarest_skill"
    FEWEST_ATTEMPTS = "fewest_attempts"
    SMALLEST_SCOPE = "smallest_scope"
    TASK_ID = "task_id"


class PriorsUse(StrEnum):
    """What the planner does with what was learnt: it only records what it would have done, it takes it as a suggestion, or it places an eligible remedy first."""

    SHADOW = "shadow"
    GUIDED = "guided"
    PRESCRIPTIVE = "prescriptive"


class RankingWeights(Contract):
    """How much each aspect counts when candidates are ranked; only their proportion matters."""

    model_config = ConfigDict(
        extra="forbid",
    )
    reliability: Share
    """Share of earlier attempts that succeeded."""
    cost: Share
    """What it costs. Nothing says so yet: it counts by leaving less to reliability."""
    latency: Share
    """How long it takes. Nothing says so of an answer yet: it counts by leaving less to reliability."""
    change_size: Share
    """How much of the repository it changes. Nothing says so of an answer yet: it counts by leaving less to reliability."""


class FailureResponse(Contract):
    """An answer to a failure: an action and the skill that carries it out."""

    model_config = ConfigDict(
        extra="forbid",
    )
    action: Action
    layer: Layer
    skill: SkillRequirement
    input: dict[str, Any] | None = None
    """Input of the skill. A text that is `{target}` alone stands for the name of what failed, one that is `{instruction}` alone for the work in words: goal, criteria and bounds."""
    side_effects: SideEffects | None = None
    """How far the skill may reach. Left out: as far as the manifest of a skill says that comes with the daemon; any other one may write what the packet allows to change, and reach no host."""
    attempts_max: Annotated[int | None, Field(ge=1, le=100)] = None
    """Most attempts at this answer before the next one is taken."""


FailureResponses = TypeAliasType(
    "FailureResponses", Annotated[list[FailureResponse], Field(max_length=8, min_length=1, title="FailureResponses")]
)
"""The answers to one failure, in order of preference."""


class RetryPolicy(Contract):
    """When an attempt is followed by another without a change. How many there may be is the packet's budget."""

    model_config = ConfigDict(
        extra="forbid",
    )
    backoff_s: Annotated[float, Field(ge=0.0, le=3600.0)]
    """Wait before the second attempt, in seconds; it doubles from there."""
    backoff_s_max: Annotated[float, Field(ge=0.0, le=86400.0)]
    """Longest wait, in seconds."""
    retried: Annotated[list[FailureReasonCode], Field(max_length=256)]
    """Observed failures after which the same task is tried again."""
    lost_daemon_s: Annotated[float | None, Field(ge=0.0, le=86400.0)] = None
    """How long the same requests are repeated when the daemon does not answer, in seconds."""


class StopThresholds(Contract):
    """When the run ends though tasks are left."""

    model_config = ConfigDict(
        extra="forbid",
    )
    consecutive_failures_max: Annotated[int, Field(ge=1, le=1000)]
    """Most tasks that may fail one after the other."""
    failed_share_max: Share
    """Largest share of the tasks that may fail."""
    repeated_failure_max: Annotated[int | None, Field(ge=1, le=1000)] = None
    """Most times that one failure may be observed for one target."""


class PlannerSettings(Contract):
    """Limits and habits of the planner."""

    model_config = ConfigDict(
        extra="forbid",
    )
    priors: PriorsUse
    tasks_max: Annotated[int, Field(ge=1, le=1024)]
    """Most tasks of a plan."""
    wave_tasks_max: Annotated[int, Field(ge=1, le=1024)]
    """Most tasks of a wave."""
    priors_max: Annotated[int | None, Field(ge=1, le=200)] = None
    """Most priors that are consulted for one task."""
    layers: list[Layer] | None = None
    """Layers that a plan has for every criterion, needed or not."""


class ControlStrategies(Contract):
    """How the planner and dispatch choose: what a failure is answered with, how candidates rank, which ties break how, and when to stop. Written by people; read by the planner, which keeps its digest in the plan."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    strategies_id: Slug
    """Names the set of strategies."""
    version: SemanticVersion
    ranking: RankingWeights
    tie_breakers: list[TieBreaker]
    """What decides between equals, one after the other. The task id is among them, so that nothing is left to chance."""
    tool_preferences: Annotated[dict[ToolId, Share] | None, Field(max_length=256)] = None
    """How much a skill is preferred to others that serve as well. One that is left out has 0.5."""
    responses: Annotated[dict[FailureReasonCode, FailureResponses], Field(max_length=256)]
    """What is done about a failure, by its code, in order of preference. Under `NONE`: how the goal is worked for where nothing is known to fail."""
    retry: RetryPolicy
    stop: StopThresholds
    planner: PlannerSettings
