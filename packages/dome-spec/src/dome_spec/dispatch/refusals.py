"""What a failed call to the daemon means for an attempt: it was refused, nobody answered, or something is defective.

The table says it for each reason of the contract that a request of dispatch can meet. Whatever is not in it is no
answer to the request, and is raised on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dome_contracts.policy_reasons import PolicyReason

_UNAVAILABLE: Final = 14
"""Number of the gRPC status of a call that reached nobody."""

REFUSED: Final[Mapping[str, PolicyReason]] = MappingProxyType(
    {
        # What the request needs cannot be shown to be there.
        "SKILL_NOT_FOUND": PolicyReason.GUARD_UNKNOWN,
        "NOT_RUNNABLE": PolicyReason.GUARD_UNKNOWN,
        "CAPABILITY_MISSING": PolicyReason.GUARD_UNKNOWN,
        "WORKING_DIRECTORY_INVALID": PolicyReason.GUARD_UNKNOWN,
        # It is there, and it may not be used so.
        "TOOL_UNTRUSTED": PolicyReason.GUARD_DENIED,
        "MANIFEST_CHANGED": PolicyReason.GUARD_DENIED,
        "INVALID_REQUEST": PolicyReason.GUARD_DENIED,
        "CONSTRAINT_LOOSENED": PolicyReason.GUARD_DENIED,
        "TOO_LARGE": PolicyReason.GUARD_DENIED,
        "PEER_DENIED": PolicyReason.GUARD_DENIED,
        "UNAUTHENTICATED": PolicyReason.GUARD_DENIED,
    }
)
"""Refusals by the daemon, and the policy reason that stands for each."""
TRANSIENT: Final = frozenset({"SHUTTING_DOWN", "LIMIT_EXCEEDED", "LOCK_CONFLICT", "STORAGE_FULL"})
"""The same request may be accepted later: a request that is refused does not use up its key."""
END_UNKNOWN: Final = frozenset({"JOB_NOT_FOUND", "IDEMPOTENT_RESULT_EXPIRED"})
"""There was a job, and how it ended is not known any more."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The daemon has answered, and the answer is no."""

    rpc_reason: str
    policy_reason_code: str
    message: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nobody answers, or not now."""

    message: str
    answered: bool
    """Whether a daemon said so: then it is there."""


@dataclass(frozen=True, slots=True)
class EndUnknown:
    """Nobody can say any more how the job ended."""

    rpc_reason: str
    message: str


Failure = Refused | Unavailable | EndUnknown


def failure_of(error: Exception) -> Failure | None:
    """What the error of a call means; None where it is no answer that dispatch knows: it is raised on."""
    reason, message = getattr(error, "reason", None), str(error)
    if not isinstance(reason, str):
        return None
    if reason in REFUSED:
        return Refused(reason, REFUSED[reason].value, message)
    if reason in TRANSIENT:
        return Unavailable(message, answered=reason != "SHUTTING_DOWN")
    if reason in END_UNKNOWN:
        return EndUnknown(reason, message)
    if not reason and getattr(error, "grpc_status", None) == _UNAVAILABLE:
        return Unavailable(message, answered=False)
    return None
