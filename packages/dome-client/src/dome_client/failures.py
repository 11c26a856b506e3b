"""How a failed call becomes a DomeError: the one place where gRPC status and lost connections are read."""

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError

from dome_client.errors import DaemonUnreachable, DomeError, FieldViolation
from dome_client.waking import Asleep
from dome_contracts.rpc_errors import DOMAIN, RPC_ERRORS

CALL_FAILURES: Final = (GRPCError, ProtocolError, StreamTerminatedError, OSError)
"""What a call may raise that is no defect; `from_exception` knows them all. OSError holds TimeoutError."""

_DEADLINE_EXCEEDED: Final = 4
_UNAVAILABLE: Final = 14


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
    if isinstance(error, Asleep):
        return DaemonUnreachable(
            f"The daemon does not run: systemd listens at {endpoint.path}, and starts it for the next command.",
            remedy=_how_to_start(endpoint),
            cause=error,
        )
    denied = error.errno in (errno.EPERM, errno.EACCES)
    if denied and environ.get("CODEX_SANDBOX_NETWORK_DISABLED") == "1":
        return DaemonUnreachable(
            "The daemon cannot be reached: this shell runs in a codex sandbox without network, which forbids Unix "
            "sockets and loopback, too.",
            remedy="Use the tools of the MCP server `dome`, which runs outside of the sandbox (a person enters it with "
            "`dome mcp install codex`), or let codex run with `-c sandbox_workspace_write.network_access=true`.",
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
        return DaemonUnreachable(
            f"No daemon listens: {endpoint.path} (from {endpoint.source}) is no socket.",
            remedy="None can listen there. Name the path of a socket, or none: then a daemon is found, or started.",
            cause=error,
        )
    elif error.errno == errno.ECONNREFUSED:
        what = f"No daemon listens: the socket {endpoint.path} was left behind by one that has ended."
    else:
        what = f"The daemon at {endpoint.path} cannot be reached: {error.strerror or error}."
    return DaemonUnreachable(what, remedy=_how_to_start(endpoint), cause=error)


def _how_to_start(endpoint: Place) -> str:
    if not endpoint.explicit:
        return "Start it with `dome service start`."
    option = f"--tcp {endpoint.tcp.removeprefix('tcp://')}" if endpoint.tcp else f"--socket {endpoint.path}"
    return f"Start one there (`domed {option}`), or name no endpoint: then a daemon is found, or started."
