"""What can go wrong in a call, as one type: DomeError, told apart by its reason.

    DomeError                a call failed; `reason` is of the contract's catalogue, or empty where none came
    ├── DaemonUnreachable    nothing answers at the endpoint, or the connection broke and did not come back
    │   └── StartFailed      a daemon was started on demand and did not become ready
    ├── EndpointInvalid      the endpoint that was named is none
    ├── ListenerForeign      a process of another user listens where the daemon should
    ├── StreamBroken         events arrived that do not follow each other: the daemon breaks the contract
    ├── WatchBroken          the same of changes
    ├── ArtifactDamaged      bytes arrived that have another digest than was asked for: the daemon breaks the contract
    └── AnswerIncomplete     an answer lacks what it must have: the daemon breaks the contract

Loads nothing of a transport: how a failed call becomes one of these is in `dome_client.failures`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_INVALID_ARGUMENT: Final = 3
_INTERNAL: Final = 13
_PERMISSION_DENIED: Final = 7
_UNAVAILABLE: Final = 14
_DATA_LOSS: Final = 15


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One place of a request that breaks a rule: a field, then a JSON pointer where it holds a document."""

    field: str
    description: str


class DomeError(Exception):
    """A call failed. `str()` of it is the sentence for people; the remedy stands apart."""

    def __init__(
        self,
        message: str,
        *,
        grpc_status: int,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[FieldViolation] = (),
        retryable: bool = False,
        remedy: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.grpc_status = grpc_status
        """Number of the gRPC status."""
        self.reason = reason
        """Name of an `ErrorReason` without its prefix. Empty where the failure did not come from a daemon."""
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retryable = retryable
        """Whether the same call may succeed later."""
        self.remedy = remedy
        """What to do. Empty where nothing is known to help."""
        self.retry_after_s = retry_after_s
        """How long the daemon asks to wait before a retry."""


class DaemonUnreachable(DomeError):
    """Nothing answers at the endpoint. Says why, as far as can be known from here."""

    def __init__(self, message: str, *, remedy: str = "", cause: OSError | None = None) -> None:
        super().__init__(message, grpc_status=_UNAVAILABLE, retryable=True, remedy=remedy)
        self.os_error = cause
        """What the system said when the connection was tried. None where an open connection broke."""

    @property
    def connection_lost(self) -> bool:
        """Whether there was a connection: the call may have reached the daemon."""
        return self.os_error is None


class StartFailed(DaemonUnreachable):
    """A daemon was to be started on demand, and that did not work."""


class EndpointInvalid(DomeError):
    """The endpoint that was named is none that this client can use."""

    def __init__(self, text: str, source: str, problem: str) -> None:
        super().__init__(f"{text!r} (from {source}) is no usable endpoint: {problem}.", grpc_status=_INVALID_ARGUMENT)


class ListenerForeign(DomeError):
    """Somebody else's process listens where the daemon should. Nothing was said to it."""

    def __init__(self, path: str, *, uid: int) -> None:
        super().__init__(
            f"The process that listens at {path} belongs to the user {uid}, and not to you.",
            grpc_status=_PERMISSION_DENIED,
            remedy="Make the directory of the socket your own (mode 0700), or name another one with DOMED_ENDPOINT.",
        )
        self.uid = uid


class StreamBroken(DomeError):
    """Events do not follow each other."""

    def __init__(self, job_id: str, *, position: int, seq: int) -> None:
        super().__init__(
            f"After event {position} of {job_id} came event {seq}.",
            grpc_status=_INTERNAL,
            remedy="Read the job again from the start; if it happens again, report it with the daemon's log.",
        )


class WatchBroken(DomeError):
    """Changes do not follow each other."""

    def __init__(self, *, position: int, revision: int) -> None:
        super().__init__(
            f"After the change {position} came the change {revision}.",
            grpc_status=_INTERNAL,
            remedy="List the jobs and watch them again; if it happens again, report it with the daemon's log.",
        )


class ArtifactDamaged(DomeError):
    """The bytes that arrived are not those of the artifact."""

    def __init__(self, digest: str, *, found: str) -> None:
        super().__init__(
            f"The bytes that came for the artifact {digest} have the digest {found}.",
            grpc_status=_DATA_LOSS,
            reason="ARTIFACT_CORRUPT",
            metadata={"digest": digest},
            remedy="Throw away what came; if it happens again, report it with the daemon's log.",
        )


class AnswerIncomplete(DomeError):
    """An answer lacks what it must have."""

    def __init__(self, call: str) -> None:
        super().__init__(
            f"The daemon's answer to {call} is incomplete.",
            grpc_status=_INTERNAL,
            remedy="Another version of the daemon may run than this client expects: `dome doctor`.",
        )
