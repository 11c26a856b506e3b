"""What can go wrong in a call, as one type: DomeError, told apart by its reason.

    DomeError                a call failed; `reason` is of the contract's catalogue, or empty where none came
    ├── DaemonUnreachable    nothing answers at the endpoint, or the connection broke and did not come back
    │   └── StartFailed      a daemon was started on demand and did not become ready
    ├── EndpointInvalid      the endpoint that was named is none
    ├── StreamBroken         events arrived that do not follow each other: the daemon breaks the contract
    ├── WatchBroken          the same of changes
    ├── ArtifactDamaged      bytes arrived that have another digest than was asked for: the daemon breaks the contract
    └── AnswerIncomplete     an answer lacks what it must have: the daemon breaks the contract

The one place where gRPC status and lost connections become errors of this package.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from dome_contracts.rpc_errors import DOMAIN, RPC_ERRORS

CALL_FAILURES: Final = (GRPCError, ProtocolError, StreamTerminatedError, OSError)
"""What a call may raise that is no defect; `from_exception` knows them all. OSError holds TimeoutError."""

_INVALID_ARGUMENT: Final = 3
_DEADLINE_EXCEEDED: Final = 4
_INTERNAL: Final = 13
_UNAVAILABLE: Final = 14
_DATA_LOSS: Final = 15


class Place(Protocol):
    """What an error says of an endpoint."""

    @property
    def path(self) -> str:
        """Path of the socket. Empty for a door on TCP."""
        ...

    @property
    def tcp(self) -> str:
        """The address of a door on TCP, or empty."""
        ...

    @property
    def source(self) -> str:
        """What named it."""
        ...

    @property
    def explicit(self) -> bool:
        """Whether somebody named it."""
        ...


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


def from_exception(error: Exception, endpoint: Place, environ: Mapping[str, str]) -> DomeError:
    """The error that a caller is told for one of CALL_FAILURES."""
    match error:
        case GRPCError():
            return _from_status(error)
        case TimeoutError():
            return DomeError(
                "The daemon did not answer in time.",
                grpc_status=_DEADLINE_EXCEEDED,
                retryable=True,
                remedy="See whether it is busy: `dome doctor`.",
            )
        case OSError() if not isinstance(error, (ConnectionResetError, BrokenPipeError)):
            return _unreachable(error, endpoint, environ)
    return DaemonUnreachable(
        f"The connection to the daemon at {endpoint.tcp or endpoint.path} broke.",
        remedy="See whether it still runs: `dome service status`.",
    )


def _from_status(error: GRPCError) -> DomeError:
    from dome_contracts.google.rpc import BadRequest, ErrorInfo, RetryInfo

    details = error.details if isinstance(error.details, Sequence) else ()
    reason = ""
    metadata: dict[str, str] = {}
    violations: list[FieldViolation] = []
    retry_after_s = None
    for detail in details:
        match detail:
            case ErrorInfo() if detail.domain == DOMAIN:
                reason, metadata = detail.reason, dict(detail.metadata)
            case BadRequest():
                violations += [FieldViolation(each.field, each.description) for each in detail.field_violations]
            case RetryInfo() if detail.retry_delay is not None:
                retry_after_s = detail.retry_delay.total_seconds()
    known = RPC_ERRORS.get(reason)
    return DomeError(
        error.message or (known.meaning if known else f"The call ended with {error.status.name}."),
        grpc_status=error.status.value,
        reason=reason,
        metadata=metadata,
        violations=violations,
        retryable=known.retryable if known else error.status.value == _UNAVAILABLE,
        remedy=known.remedy if known else "",
        retry_after_s=retry_after_s,
    )


def _unreachable(error: OSError, endpoint: Place, environ: Mapping[str, str]) -> DaemonUnreachable:
    denied = error.errno in (errno.EPERM, errno.EACCES)
    if denied and environ.get("CODEX_SANDBOX_NETWORK_DISABLED") == "1":
        return DaemonUnreachable(
            "The daemon cannot be reached: this shell runs in a codex sandbox without network, which forbids Unix "
            "sockets and loopback, too.",
            remedy="Let codex run with `-c sandbox_workspace_write.network_access=true`, or run the command outside.",
            cause=error,
        )
    if denied:
        return DaemonUnreachable(
            f"{endpoint.tcp or f'The socket {endpoint.path}'} may not be opened: {error.strerror}.",
            remedy="It belongs to another user, or a sandbox forbids sockets. `dome doctor` looks closer.",
            cause=error,
        )
    if endpoint.tcp:
        what = f"No daemon answers at {endpoint.tcp} (from {endpoint.source}): {error.strerror or error}."
    elif error.errno == errno.ENOENT:
        what = f"No daemon listens: there is no socket {endpoint.path} (from {endpoint.source})."
    elif error.errno == errno.ECONNREFUSED and not Path(endpoint.path).is_socket():
        what = f"No daemon listens: {endpoint.path} (from {endpoint.source}) is no socket."
    elif error.errno == errno.ECONNREFUSED:
        what = f"No daemon listens: the socket {endpoint.path} was left behind by one that has ended."
    else:
        what = f"The daemon at {endpoint.path} cannot be reached: {error.strerror or error}."
    remedy = "Start a daemon there." if endpoint.explicit else "Start it with `dome service start`."
    return DaemonUnreachable(what, remedy=remedy, cause=error)
