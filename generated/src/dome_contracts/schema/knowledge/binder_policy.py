# @generated from contracts/jsonschema/knowledge/v1/binder_policy.json. Do not edit: change the source, then run `just gen`.
"""Every number and choice by which the binder turns facts into capsules and judges whether they may be applied."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import Count, FallbackMode, SemanticVersion, Share, Slug
from .anomaly_triggers import TriggersRef
from .capsule import BinderVersion


class StalenessRule(Contract):
    """How old is stale."""

    model_config = ConfigDict(
        extra="forbid",
    )
    horizon_s: Annotated[int, Field(ge=1, le=315576000)]
    """Age of the last support from which on a capsule is stale, in seconds. Contradictions and refusals make nothing fresh."""


class SupportRule(Contract):
    """How much support is enough."""

    model_config = ConfigDict(
        extra="forbid",
    )
    minimum_count: Annotated[int, Field(ge=1, le=1000000)]
    """Least supports that prescribe."""


class RolloutStage(StrEnum):
    """`shadow` records what would have been advised, `guided` shows it, `prescriptive` applies it."""

    SHADOW = "shadow"
    GUIDED = "guided"
    PRESCRIPTIVE = "prescriptive"


class ConfidenceRule(Contract):
    """How confident is confident."""

    model_config = ConfigDict(
        extra="forbid",
    )
    method: Literal["wilson_lower_bound"]
    """Lower bound of the Wilson score interval over supports and contradictions."""
    z: Annotated[float, Field(gt=0.0, le=10.0)]
    """Quantile of the normal distribution: 1.96 stands for 95 percent."""
    prescriptive_min: Share
    """Least confidence that prescribes."""


class ContradictionRule(Contract):
    """How many contradictions are too many."""

    model_config = ConfigDict(
        extra="forbid",
    )
    share_max: Share
    """Highest share of contradictions among supports and contradictions."""
    consecutive_max: Count
    """Most contradictions since the last support."""


class DemotionRule(Contract):
    """When a stage falls back to the one before."""

    model_config = ConfigDict(
        extra="forbid",
    )
    window_count: Annotated[int, Field(ge=1, le=1000000)]
    """Number of the last attempts that are compared with their counterfactuals."""
    success_drop_max: Share
    """Most by which the share of successes may be lower than without what is learnt."""


class Rollout(Contract):
    """How far what is learnt may reach, and when it is taken back."""

    model_config = ConfigDict(
        extra="forbid",
    )
    stage: RolloutStage
    demotion: DemotionRule


class BinderPolicy(Contract):
    """Every number and choice by which the binder turns facts into capsules and judges whether they may be applied. People write it; the binder and the planner's priors read it, and each capsule names it by digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    policy_id: Slug
    """Names the policy in all its versions."""
    version: SemanticVersion
    binder_version: BinderVersion
    """The binder that the policy is for."""
    default_fallback_mode: FallbackMode
    """Mode of a run that states none. The mode of each run is stored with the run."""
    anomaly_triggers: TriggersRef | None = None
    """Triggers of hybrid mode."""
    confidence: ConfidenceRule
    staleness: StalenessRule
    contradiction: ContradictionRule
    support: SupportRule
    rollout: Rollout
