# @generated from contracts/reasons.yaml. Do not edit: change the source, then run `just gen`.
"""Why a guard can refuse. Never seen by the daemon; says nothing of failures: that is `failure_reasons`."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final, Mapping, NamedTuple


class PolicyReason(StrEnum):
    """Why it was refused. The value travels as `policy_reason_code`."""

    NONE = "NONE"
    """No guard refused."""
    GUARD_UNKNOWN = "GUARD.UNKNOWN"
    """A guard could not be evaluated, and unknown means refused."""
    GUARD_DENIED = "GUARD.DENIED"
    """A guard was evaluated and refused."""
    BUDGET_EXHAUSTED = "BUDGET.EXHAUSTED"
    """The run has used up what it was allowed."""
    SCOPE_PATH_FORBIDDEN = "SCOPE.PATH_FORBIDDEN"
    """The change touches a path that it must leave alone."""
    SCOPE_DIFF_TOO_LARGE = "SCOPE.DIFF_TOO_LARGE"
    """The change is larger than allowed."""
    SCOPE_EFFECTS_TOO_WIDE = "SCOPE.EFFECTS_TOO_WIDE"
    """The tool declares effects that the task may not have."""
    REPOSITORY_DIRTY = "REPOSITORY.DIRTY"
    """The working tree has changes that no commit holds."""
    STATE_AMBIGUOUS = "STATE.AMBIGUOUS"
    """It cannot be told in which state the work is, and unknown means refused."""
    EVIDENCE_MISSING = "EVIDENCE.MISSING"
    """Evidence that the transition needs is missing."""
    GATE_NEEDS_HUMAN = "GATE.NEEDS_HUMAN"
    """A person has to judge what no check and no guard decides."""
    PROMOTION_DECLINED = "PROMOTION.DECLINED"
    """A person was asked to confirm the promotion and declined it."""


class Policy(NamedTuple):
    """What the catalogue says of one reason."""

    code: PolicyReason
    meaning: str
    remedy: str


POLICY_REASONS: Final[Mapping[PolicyReason, Policy]] = MappingProxyType(
    {
        PolicyReason.NONE: Policy(PolicyReason.NONE, "No guard refused.", "Nothing to do."),
        PolicyReason.GUARD_UNKNOWN: Policy(
            PolicyReason.GUARD_UNKNOWN,
            "A guard could not be evaluated, and unknown means refused.",
            "Supply the evidence that the guard asks for.",
        ),
        PolicyReason.GUARD_DENIED: Policy(
            PolicyReason.GUARD_DENIED,
            "A guard was evaluated and refused.",
            "See the evaluation for the rule and its evidence.",
        ),
        PolicyReason.BUDGET_EXHAUSTED: Policy(
            PolicyReason.BUDGET_EXHAUSTED,
            "The run has used up what it was allowed.",
            "Let a person decide whether it goes on with more.",
        ),
        PolicyReason.SCOPE_PATH_FORBIDDEN: Policy(
            PolicyReason.SCOPE_PATH_FORBIDDEN,
            "The change touches a path that it must leave alone.",
            "Leave the path as it is, or have the task's constraints changed.",
        ),
        PolicyReason.SCOPE_DIFF_TOO_LARGE: Policy(
            PolicyReason.SCOPE_DIFF_TOO_LARGE, "The change is larger than allowed.", "Split the task."
        ),
        PolicyReason.SCOPE_EFFECTS_TOO_WIDE: Policy(
            PolicyReason.SCOPE_EFFECTS_TOO_WIDE,
            "The tool declares effects that the task may not have.",
            "Let the tool declare less, or the task allow more, then plan anew.",
        ),
        PolicyReason.REPOSITORY_DIRTY: Policy(
            PolicyReason.REPOSITORY_DIRTY,
            "The working tree has changes that no commit holds.",
            "Commit them, or put them aside, and try again.",
        ),
        PolicyReason.STATE_AMBIGUOUS: Policy(
            PolicyReason.STATE_AMBIGUOUS,
            "It cannot be told in which state the work is, and unknown means refused.",
            "Supply what tells the possible states apart.",
        ),
        PolicyReason.EVIDENCE_MISSING: Policy(
            PolicyReason.EVIDENCE_MISSING,
            "Evidence that the transition needs is missing.",
            "Produce the evidence that the evaluation names.",
        ),
        PolicyReason.GATE_NEEDS_HUMAN: Policy(
            PolicyReason.GATE_NEEDS_HUMAN,
            "A person has to judge what no check and no guard decides.",
            "Look at what the gates decided, then confirm or decline it.",
        ),
        PolicyReason.PROMOTION_DECLINED: Policy(
            PolicyReason.PROMOTION_DECLINED,
            "A person was asked to confirm the promotion and declined it.",
            "Do what the person's statement asks for, then ask again.",
        ),
    }
)
"""The whole catalogue, in its order."""
