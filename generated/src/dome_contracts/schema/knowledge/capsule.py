# @generated from contracts/jsonschema/knowledge/v1/capsule.json. Do not edit: change the source, then run `just gen`.
"""What was learnt of one TaskSpec key under one fingerprint: how often a remedy held, how often it was contradicted, and when last."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    Count,
    EvidenceRef,
    GroupId,
    JobId,
    Line,
    RunId,
    SemanticVersion,
    Sha256,
    Share,
    Slug,
    TaskId,
    TaskKey,
    Timestamp,
    ToolId,
    VersionContext,
)

BinderVersion = TypeAliasType(
    "BinderVersion", Annotated[str, Field(pattern="^v[1-9][0-9]{0,5}$", title="BinderVersion")]
)
"""Version of the binder. Another one derives beside it, under keys of its own."""


class ContributionEffect(StrEnum):
    """Which count it raised."""

    SUPPORT = "support"
    CONTRADICTION = "contradiction"
    SIGHTING = "sighting"


class CapsuleUse(StrEnum):
    """Whether it may be applied, or only shown."""

    PRESCRIPTIVE = "prescriptive"
    ADVISORY = "advisory"


class EligibilityCode(StrEnum):
    """Which condition does not hold."""

    CONFIDENCE_LOW = "confidence_low"
    CONTRADICTED = "contradicted"
    EVIDENCE_UNRESOLVED = "evidence_unresolved"
    FINGERPRINT_DIFFERS = "fingerprint_differs"
    POLICY_INCOMPATIBLE = "policy_incompatible"
    REMEDY_MISSING = "remedy_missing"
    ROLLOUT_STAGE = "rollout_stage"
    STALE = "stale"
    SUPPORT_LOW = "support_low"
    TOOL_NONCONFORMING = "tool_nonconforming"
    TOOL_NONDETERMINISTIC = "tool_nondeterministic"


class FingerprintInput(Contract):
    """What the fingerprint is the digest of: the circumstances under which results compare. Nothing that differs from run to run is in it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    gates: Annotated[list[Slug], Field(max_length=64)]
    """Gates of the task, sorted."""
    versions: VersionContext


class CapsuleKey(Contract):
    """The key under which contributions add up. Its failure reason is the one that the tasks addressed, or the one observed where they addressed none."""

    model_config = ConfigDict(
        extra="forbid",
    )
    task: TaskKey
    fingerprint_hash: Sha256
    """Digest of the fingerprint's canonical bytes."""
    binder_version: BinderVersion


class ContributionKey(Contract):
    """The key under which an attempt contributes once."""

    model_config = ConfigDict(
        extra="forbid",
    )
    run_id: RunId
    task_id: TaskId
    group_id: GroupId
    binder_version: BinderVersion


class Contribution(Contract):
    """What one attempt contributed."""

    model_config = ConfigDict(
        extra="forbid",
    )
    key: ContributionKey
    effect: ContributionEffect
    job_id: JobId | None = None
    """The job that was the attempt; left out where nothing ran."""
    end_time: Timestamp
    """When the attempt ended."""


class EligibilityReason(Contract):
    """One reason why a capsule may only be shown."""

    model_config = ConfigDict(
        extra="forbid",
    )
    code: EligibilityCode
    limit: float | None = None
    """What the policy asks, where it is a number."""
    actual: float | None = None
    """What was found, where it is a number."""
    detail: Line | None = None
    """What else there is to say."""


class Remedy(Contract):
    """What last succeeded."""

    model_config = ConfigDict(
        extra="forbid",
    )
    template_digest: Sha256
    """Digest of the TaskSpec template."""
    skill_id: ToolId
    """Tool that ran."""
    tool_version: SemanticVersion
    group_id: GroupId
    """The attempt that succeeded."""
    evidence: Annotated[list[EvidenceRef], Field(max_length=64, min_length=1)]
    """What shows it."""


class Eligibility(Contract):
    """Whether the capsule may be applied at a moment, and if not, every reason why."""

    model_config = ConfigDict(
        extra="forbid",
    )
    use: CapsuleUse
    evaluate_time: Timestamp
    """The moment for which it holds."""
    reasons: Annotated[list[EligibilityReason], Field(max_length=16)]
    """Why it may only be shown, in the order of the codes."""


class Capsule(Contract):
    """What was learnt of one TaskSpec key under one fingerprint: how often a remedy held, how often it was contradicted, and when last. The binder derives it from facts and can always do so again; the planner reads it as a prior."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    capsule_id: Sha256
    """Digest of the key."""
    key: CapsuleKey
    fingerprint: FingerprintInput
    support_count: Count
    """Successes of tasks that addressed the key."""
    contradiction_count: Count
    """Failures after a success."""
    sighting_count: Count
    """Failures before any success, and refusals."""
    confidence: Share
    """Lower bound of the share of successes, by the binder policy."""
    binder_policy: Sha256
    """Digest of the binder policy."""
    first_seen_ts: Timestamp
    """End of the first contribution."""
    last_seen_ts: Timestamp
    """End of the last contribution."""
    last_support_ts: Timestamp | None = None
    """End of the last success of a task that addressed the key: its age is what makes a capsule stale. Absent where nothing has succeeded."""
    remedy: Remedy | None = None
    latest_contributions: Annotated[list[Contribution], Field(max_length=16, min_length=1)]
    """The last contributions, in the order of end time and job; the ledger has them all."""
    eligibility: Eligibility | None = None
    """Left out in the store, since it depends on the moment of asking."""
