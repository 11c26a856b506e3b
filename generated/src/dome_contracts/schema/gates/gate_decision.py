# @generated from contracts/jsonschema/gates/v1/gate_decision.json. Do not edit: change the source, then run `just gen`.
"""The verdict of one gate on one attempt."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    EvidenceKind,
    FailureReasonCode,
    GroupId,
    PolicyReasonCode,
    RunId,
    Sha256,
    Slug,
    TaskId,
    Verdict,
)


class GateInputs(Contract):
    """Everything that the verdict depends on, by digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    task_spec: TaskId
    """The TaskSpec."""
    guardrails: Sha256
    """The guardrails bundle."""
    invariants: Sha256
    """The invariants of the repository."""
    overlay: Sha256 | None = None
    """The run's own additions to the guardrails; left out where there are none. They may tighten, never loosen."""
    standard_report: Sha256 | None = None
    """The standard report on the tool of the attempt, as it was when the gate was asked; left out where nobody had checked the tool."""
    evidence: Annotated[list[Sha256], Field(max_length=64)]
    """The evidence capsules, sorted."""


FailureReasonCodes = TypeAliasType(
    "FailureReasonCodes", Annotated[list[FailureReasonCode], Field(max_length=64, title="FailureReasonCodes")]
)
"""What went wrong, sorted. Never a refusal."""


PolicyReasonCodes = TypeAliasType(
    "PolicyReasonCodes", Annotated[list[PolicyReasonCode], Field(max_length=64, title="PolicyReasonCodes")]
)
"""What was refused, or left to a person, and why, sorted. Never a failure."""


class GateDecision(Contract):
    """The verdict of one gate on one attempt. The gate writes it from its inputs alone, without a clock: the same inputs give the same bytes, and its digest is its name. Promotion and the binder read it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    gate_id: Slug
    """The gate that decided."""
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    verdict: Verdict
    inputs: GateInputs
    policy_digest: Sha256
    """Digest of the rules by which the verdict follows from the inputs."""
    guard_evaluations: Annotated[list[Sha256], Field(max_length=64)]
    """Digests of the guard evaluations that were taken into account, sorted."""
    missing_evidence: list[EvidenceKind] | None = None
    """Kinds of evidence that were required and not there, sorted."""
    failure_reason_codes: FailureReasonCodes
    policy_reason_codes: PolicyReasonCodes
