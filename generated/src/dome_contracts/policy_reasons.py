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
    }
)
"""The whole catalogue, in its order."""
