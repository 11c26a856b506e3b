"""What is wrong with a request by itself, or with what it asks of this daemon."""

from collections.abc import Sequence

from dome_contracts.errors.v1 import ErrorReason
from domed.errors.base import DomedError, FieldViolation


class InvalidRequest(DomedError):
    """The request does not satisfy the contract or the tool's input schema."""

    reason = ErrorReason.INVALID_REQUEST

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        more = f" (and {len(self.violations) - 1} more)" if len(self.violations) > 1 else ""
        super().__init__(f"{first.field}: {first.description.removesuffix('.')}{more}.", {"field": first.field})


class ConstraintLoosened(DomedError):
    """A constraint of the request is looser than the manifest's."""

    reason = ErrorReason.CONSTRAINT_LOOSENED

    def __init__(self, constraint: str, *, asked: str, allowed: str) -> None:
        super().__init__(
            f"The request asks for {constraint} {asked}; the tool allows at most {allowed}.",
            {"constraint": constraint, "asked": asked, "allowed": allowed},
        )


class WorkingDirectoryInvalid(DomedError):
    """The working directory cannot be used."""

    reason = ErrorReason.WORKING_DIRECTORY_INVALID

    def __init__(self, path: str, *, problem: str) -> None:
        super().__init__(f"The working directory {path!r} {problem}.", {"path": path, "problem": problem})


class CapabilityMissing(DomedError):
    """The daemon lacks something that the tool or the request needs."""

    reason = ErrorReason.CAPABILITY_MISSING

    def __init__(self, capability: str, *, why: str = "") -> None:
        """`why` says it in words, where the name alone does not."""
        super().__init__(why or f"This daemon lacks {capability}.", {"capability": capability})


class TooLarge(DomedError):
    """A part of the request is larger than the daemon takes: waiting does not help."""

    reason = ErrorReason.TOO_LARGE

    def __init__(self, limit: str, *, allowed: int, asked: int) -> None:
        super().__init__(
            f"The request is too large: {limit} is {allowed}, and it comes to {asked}.",
            {"limit": limit, "allowed": str(allowed), "asked": str(asked)},
        )


class Unsupported(DomedError):
    """The daemon does not offer the call or the option."""

    reason = ErrorReason.UNSUPPORTED

    def __init__(self, feature: str) -> None:
        super().__init__(f"This daemon does not offer {feature}.", {"feature": feature})
