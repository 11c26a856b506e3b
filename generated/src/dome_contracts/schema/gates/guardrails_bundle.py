# @generated from contracts/jsonschema/gates/v1/guardrails_bundle.json. Do not edit: change the source, then run `just gen`.
"""Guards over transitions, in one version."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    ActionKind,
    Count,
    EffectorKind,
    EvidenceKind,
    Line,
    PathGlob,
    PolicyReasonCode,
    Prose,
    SemanticVersion,
    Severity,
    Sha256,
    Slug,
    TargetKind,
    Transition,
)

GuardId = TypeAliasType(
    "GuardId", Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}(\\.[a-z][a-z0-9_]{0,31}){0,3}$", title="GuardId")]
)
"""Names a guard within its bundle: lower-case words joined by dots, such as `repo.clean`."""


class GuardClass(StrEnum):
    """What a refusal by the guard means, in the order of evaluation: the run ends, the approach is wrong, the attempt can be mended, a person should look."""

    STOP = "stop"
    STRUCTURAL = "structural"
    REPAIRABLE = "repairable"
    ADVISORY = "advisory"


class BundleRef(Contract):
    """A guardrails bundle in one version, by digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    bundle_id: Slug
    """Names the bundle."""
    version: SemanticVersion
    digest: Sha256
    """Digest of the bundle's canonical bytes."""


class UnknownsPolicy(Contract):
    """What follows from something unknown. It is always a refusal; the fields say so to whoever reads the bundle without its rules."""

    model_config = ConfigDict(
        extra="forbid",
    )
    on_unknown_state: Literal["DENY"]
    """A state that the bundle does not name."""
    on_unknown_transition: Literal["DENY"]
    """A transition that the bundle does not name."""
    on_unknown_result: Literal["DENY"]
    """A guard that cannot be evaluated."""
    policy_reason_code: PolicyReasonCode
    """The code that such a refusal sets."""


class NextStep(StrEnum):
    """What to do after the refusal."""

    RETRY = "retry"
    ROLLBACK = "rollback"
    ESCALATE = "escalate"
    HOLD = "hold"


PathGlobs = TypeAliasType("PathGlobs", Annotated[list[PathGlob], Field(max_length=64, min_length=1, title="PathGlobs")])
"""Patterns of paths."""


class EvidencePresent(Contract):
    """The required evidence is there, and its bytes have its digests. Where no kind is required: all the evidence that there is."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["evidence_present"]
    """Kind of the predicate."""


class WorktreeClean(Contract):
    """The working tree equals its commit."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["worktree_clean"]
    """Kind of the predicate."""


class PathsWithin(Contract):
    """Every changed path matches a pattern."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["paths_within"]
    """Kind of the predicate."""
    globs: PathGlobs


class PathsOutside(Contract):
    """No changed path matches a pattern."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["paths_outside"]
    """Kind of the predicate."""
    globs: PathGlobs


class DiffWithin(Contract):
    """The change is no larger than this."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["diff_within"]
    """Kind of the predicate."""
    files_max: Count
    """Most files that may be changed."""
    lines_max: Count
    """Most lines that may be added and deleted together."""


class AttemptsWithin(Contract):
    """The task has not been attempted too often within its run."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["attempts_within"]
    """Kind of the predicate."""
    attempts_max: Annotated[int, Field(ge=1, le=1000)]
    """Most attempts."""


class GateApproved(Contract):
    """A gate has approved the same task."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["gate_approved"]
    """Kind of the predicate."""
    gate_id: Slug
    """The gate."""


class EffectorAmong(Contract):
    """Whoever acts is of one of these kinds."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["effector_among"]
    """Kind of the predicate."""
    effector_kinds: Annotated[list[EffectorKind], Field(min_length=1)]
    """The kinds."""


class ToolConforms(Contract):
    """The newest standard report of the tool, in the version that acts, says PASS."""

    model_config = ConfigDict(
        extra="forbid",
    )
    kind: Literal["tool_conforms"]
    """Kind of the predicate."""


class AppliesTo(Contract):
    """Where a guard applies. What is left out does not limit it; elsewhere its evaluation is SKIP."""

    model_config = ConfigDict(
        extra="forbid",
    )
    transitions: Annotated[list[Transition], Field(max_length=64, min_length=1)]
    """Transitions that it guards."""
    action_kinds: Annotated[list[ActionKind] | None, Field(min_length=1)] = None
    """Actions that it guards."""
    target_kinds: Annotated[list[TargetKind] | None, Field(min_length=1)] = None
    """Targets that it guards."""
    prescribed: Literal[True] | None = None
    """Only tasks that a prior has placed first."""


class Feedback(Contract):
    """What is told to whoever was refused."""

    model_config = ConfigDict(
        extra="forbid",
    )
    severity: Severity
    message: Line
    """What was refused, and why."""
    hint: Line
    """What would let it pass."""
    next_step: NextStep


Predicate = TypeAliasType(
    "Predicate",
    Annotated[
        EvidencePresent
        | WorktreeClean
        | PathsWithin
        | PathsOutside
        | DiffWithin
        | AttemptsWithin
        | GateApproved
        | EffectorAmong
        | ToolConforms,
        Field(discriminator="kind", title="Predicate"),
    ],
)
"""What a guard asks. Each kind has one implementation."""


class Guard(Contract):
    """One guard: where it applies, what it asks, and what it answers when it refuses."""

    model_config = ConfigDict(
        extra="forbid",
    )
    guard_class: GuardClass
    applies_to: AppliesTo
    predicate: Predicate
    required_evidence: list[EvidenceKind]
    """Kinds of evidence without which the guard cannot be evaluated."""
    policy_reason_code: PolicyReasonCode
    """The code that a refusal sets. It never replaces a failure reason."""
    feedback: Feedback


class GuardrailsBundle(Contract):
    """Guards over transitions, in one version. People write it, or a pin brings it; guards are evaluated by it before a transition, and every evaluation names it by digest."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    bundle_id: Slug
    """Names the bundle in all its versions."""
    version: SemanticVersion
    title: Line
    """Name for people."""
    description: Prose | None = None
    """What the bundle protects, and from what."""
    transitions: Annotated[list[Transition], Field(max_length=64, min_length=1)]
    """The transitions that exist. Any other, and any state that none of them names, is unknown."""
    unknowns_policy: UnknownsPolicy
    guards: Annotated[dict[GuardId, Guard], Field(max_length=64, min_length=1)]
    """The guards by id. They are evaluated in the order of their class, then of their id."""
