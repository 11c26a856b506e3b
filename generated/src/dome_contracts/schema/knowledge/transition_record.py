# @generated from contracts/jsonschema/knowledge/v1/transition_record.json. Do not edit: change the source, then run `just gen`.
"""That a transition of a task was attempted, and what the guards together decided."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..gates.guardrails_bundle import BundleRef
from ..shared.definitions import (
    Effector,
    FailureReasonCode,
    GroupId,
    GuardDecision,
    PolicyReasonCode,
    RunId,
    Sha256,
    TaskId,
    Timestamp,
    Transition,
)


class TransitionRecord(Contract):
    """That a transition of a task was attempted, and what the guards together decided. Dispatch writes it for denied transitions as for allowed ones; the binder and the view of guard denials read it. It moves nothing: a mission's status has events of its own."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId | None = None
    """The attempt; left out where the transition stood before any."""
    transition: Transition
    bundle: BundleRef
    guard_evaluations: Annotated[list[Sha256], Field(max_length=64)]
    """Digests of the evaluations, in the order in which the guards were evaluated. Empty where the transition is unknown."""
    decision: GuardDecision
    failure_reason_code: FailureReasonCode
    """The failure of the attempt as it stood."""
    policy_reason_code: PolicyReasonCode
    """The code of the first guard that refused."""
    effector: Effector
    """Who wanted the transition."""
    attempt_time: Timestamp
    """When it was attempted."""
