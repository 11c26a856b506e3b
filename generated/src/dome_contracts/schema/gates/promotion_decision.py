# @generated from contracts/jsonschema/gates/v1/promotion_decision.json. Do not edit: change the source, then run `just gen`.
"""The verdict on bringing a commit to its destination, resting on gate decisions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    ArtifactRef,
    CommitSha,
    Effector,
    GitRef,
    Line,
    MissionId,
    RunId,
    Sha256,
    Timestamp,
    Verdict,
)
from .gate_decision import FailureReasonCodes, PolicyReasonCodes


class ConfirmationAnswer(StrEnum):
    """The person's answer."""

    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"


class PromotionSubject(Contract):
    """What is promoted, and where to."""

    model_config = ConfigDict(
        extra="forbid",
    )
    commit_sha: CommitSha
    destination: GitRef
    """Reference that shall name the commit."""
    artifacts: Annotated[list[ArtifactRef] | None, Field(max_length=64)] = None
    """Artifacts that go with it."""


class HumanConfirmation(Contract):
    """What a person said when asked."""

    model_config = ConfigDict(
        extra="forbid",
    )
    effector: Effector
    """The person."""
    answer: ConfirmationAnswer
    shown_digest: Sha256
    """Digest of what the person was shown: the gate decisions in their order."""
    statement: Line | None = None
    """What the person said, in their words."""
    confirm_time: Timestamp
    """When the person answered."""


class PromotionDecision(Contract):
    """The verdict on bringing a commit to its destination, resting on gate decisions. Promotion writes it when it decides, with the confirmation of a person where the policy asks for one; integration reads it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    run_id: RunId
    mission_id: MissionId | None = None
    """The mission that the commit serves, where there is one."""
    subject: PromotionSubject
    verdict: Verdict
    gate_decisions: Annotated[list[Sha256], Field(max_length=4096, min_length=1)]
    """Digests of the gate decisions that it rests on, sorted."""
    policy_digest: Sha256
    """Digest of the promotion policy."""
    human_confirmation_required: bool
    """Whether the policy asks for a person."""
    human_confirmation: HumanConfirmation | None = None
    failure_reason_codes: FailureReasonCodes
    policy_reason_codes: PolicyReasonCodes
    effector: Effector
    """Who decided."""
    decide_time: Timestamp
    """When it was decided."""
