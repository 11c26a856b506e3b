# @generated from contracts/jsonschema/knowledge/v1/guard_evaluation.json. Do not edit: change the source, then run `just gen`.
"""What one guard found when it was asked about one transition."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..gates.guardrails_bundle import BundleRef, GuardId
from ..shared.definitions import (
    EvidenceKind,
    FailureReasonCode,
    GroupId,
    GuardDecision,
    GuardStatus,
    Line,
    PolicyReasonCode,
    RunId,
    Sha256,
    TaskId,
    Timestamp,
    Transition,
)
from .evidence_capsule import EvidenceMember


class GuardEvaluation(Contract):
    """What one guard found when it was asked about one transition. The evaluation of guardrails writes it, whatever the answer: a refusal stops the act, never the record. The fact store keeps it, gates take it into account, `dome gate explain` shows it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId | None = None
    """The attempt; left out where the guard stood before any."""
    bundle: BundleRef
    guard_id: GuardId
    transition: Transition
    status: GuardStatus
    decision: GuardDecision
    failure_reason_code: FailureReasonCode
    """The failure of the attempt as it stood. The evaluation never changes it."""
    policy_reason_code: PolicyReasonCode
    evidence: Annotated[list[EvidenceMember], Field(max_length=64)]
    """Evidence that the guard looked at."""
    missing_evidence: list[EvidenceKind]
    """Kinds of evidence that the guard asks for and did not find, sorted."""
    unknowns: Annotated[list[Line], Field(max_length=64)]
    """What else could not be known, sorted."""
    inputs_digest: Sha256
    """Digest of all that the predicate was given: the same digest gives the same status."""
    evaluate_time: Timestamp
    """When the guard was evaluated."""
