"""The edge: every call passes here once, in memory and over sockets alike.

Checks the peer, counts the call, gives it a context, has refusals taken down, and turns errors into gRPC status.
Nothing else in the daemon makes one. Knows no service: it wraps whatever handlers it is given.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, cast

from grpclib import GRPCError
from grpclib.const import Handler, Status
from grpclib.encoding.base import GRPC_CONTENT_TYPE
from grpclib.exceptions import StreamTerminatedError
from grpclib.metadata import encode_bin_value, encode_grpc_message
from grpclib.server import Stream
from h2.exceptions import StreamClosedError

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.runtime.v1 import Requester, RequesterProof
from domed.clock import Clock, Ids
from domed.errors import (
    DomedError,
    FieldViolation,
    InternalError,
    InvalidRequest,
    LimitExceeded,
    PeerDenied,
    ShuttingDown,
    Unauthenticated,
    Unsupported,
)
from domed.faults import StoreError
from domed.rpc.context import Call, current_subject, enter
from domed.rpc.details import DetailsCodec
from domed.rpc.peer import Peer, peer_of
from domed.rpc.seldom import Seldom
from domed.rpc.status import PlainRefusal, answer_of
from domed.rpc.token import AUTHORIZATION, Token
from domed.rpc.wire import Headers
from domed.telemetry import Log, bound

CLIENT_LENGTH_MAX: Final = 128
CLIENT_KEY: Final = "dome-client"
"""Metadata in which a client names itself; without it, `user-agent` counts."""

Serve = Callable[[Any], Awaitable[None]]


class Audit(Protocol):
    """Takes down which calls were refused."""

    async def record(
        self, *, method: str, reason: ErrorReason, requester: Requester, skill_id: str, request_digest: str
    ) -> None:
        """Done when it is durable, or counted."""
        ...


log = Log("rpc.edge")
_details = DetailsCodec()


class Edge:
    """Wraps services. `new_work` are the calls that a daemon which is stopping refuses.

    Without a `token` nobody is served who came over TCP.
    """

    def __init__(
        self,
        services: Sequence[Any],
        *,
        uid: int,
        clock: Clock,
        ids: Ids,
        open_calls_max: int,
        new_work: Collection[str] = (),
        audit: Audit | None = None,
        token: Token | None = None,
    ) -> None:
        self._services = tuple(services)
        self._uid = uid
        self._clock = clock
        self._ids = ids
        self._open_calls_max = open_calls_max
        self._new_work = frozenset(new_work)
        self._audit = audit
        self._token = token
        self.seldom = Seldom(clock)
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._draining = False
        self._ending = False
        self.last_call_end_s = clock.monotonic()

    def __mapping__(self) -> dict[str, Handler]:
        """The handlers of all services, wrapped."""
        wrapped: dict[str, Handler] = {}
        for service in self._services:
            for path, handler in service.__mapping__().items():
                wrapped[path] = handler._replace(func=self._guard(path, handler.func))
        return wrapped

    def open_calls(self) -> int:
        """How many calls are being served."""
        return len(self._tasks)

    @property
    def is_draining(self) -> bool:
        """Whether new work is refused."""
        return self._draining

    def drain(self) -> None:
        """Refuse new work from here on. Other calls are served."""
        self._draining = True

    async def end_calls(self, timeout_s: float, *, settle_s: float = 0.0) -> None:
        """Answer every open call with SHUTTING_DOWN, after `settle_s` in which it may still end by itself."""
        self.drain()
        if self._tasks and settle_s:
            await asyncio.wait(self._tasks, timeout=settle_s)
        self._ending = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
        self.seldom.tell_rest()

    def _guard(self, path: str, serve: Serve) -> Serve:
        method = path.rpartition("/")[2]

        async def guarded(stream: "Stream[Any, Any]") -> None:
            number = next(self._numbers)
            started_s = self._clock.monotonic()
            task = cast("asyncio.Task[Any]", asyncio.current_task())
            with bound(call=number, method=method):
                call: Call | None = None
                refused: DomedError | PlainRefusal | None = None
                try:
                    try:
                        call = Call(number=number, method=method, requester=self._requester(stream))
                        enter(call)
                        self._check_known(call.requester)
                        self._check_open(path)
                        self._tasks.add(task)
                        await serve(stream)
                    except Exception as error:  # noqa: BLE001 - the one place that answers for everything
                        refused = self._refused(error, stream, method=method)
                        # Its frames hold the message, which may be large, and the audit takes a commit.
                        refused.__traceback__ = refused.__context__ = refused.__cause__ = None
                    if refused is not None:
                        raise _as_grpc(await self._taken_down(call, refused))
                except asyncio.CancelledError:
                    if not self._ending:
                        raise  # the client went away, or its deadline passed
                    task.uncancel()
                    raise _as_grpc(ShuttingDown()) from None
                finally:
                    self._tasks.discard(task)
                    self.last_call_end_s = self._clock.monotonic()
                    log.debug("call ended", duration_s=self.last_call_end_s - started_s)

        return guarded

    def _refused(self, error: Exception, stream: "Stream[Any, Any]", *, method: str) -> DomedError | PlainRefusal:
        """What the caller is told."""
        match error:
            case DomedError() | PlainRefusal():
                refused: DomedError | PlainRefusal = error
            case StreamTerminatedError() | StreamClosedError():
                refused = PlainRefusal(Status.CANCELLED, "The client is gone.")
            case GRPCError(status=Status.UNIMPLEMENTED):
                refused = Unsupported(method)  # a generated method that nobody wrote
            case NotImplementedError():
                refused = Unsupported("compressed messages")
            # The library and the generated code assert that a whole message came; a client decides whether it does.
            case AssertionError() if not stream._messages_received:
                refused = InvalidRequest([FieldViolation("message", "the call ended before the whole message came")])
            case _:
                return self._internal(error)
        _log_refusal(refused)
        return refused

    def _internal(self, error: Exception) -> InternalError:
        error_id = self._ids.new_error_id()
        log.failure("call failed", error, error_id=error_id)
        if isinstance(error, StoreError):
            return InternalError(error_id, what="The daemon cannot write its record any more, and ends")
        return InternalError(error_id)

    async def _taken_down(self, call: Call | None, refused: DomedError | PlainRefusal) -> DomedError | PlainRefusal:
        """What is answered once the audit has it. Without a call the peer was denied, which is in the log."""
        if self._audit is None or call is None or isinstance(refused, PlainRefusal | InternalError):
            return refused
        subject = current_subject()
        requester = replace(
            call.requester, client_session_id=subject.client_session_id, client_call_id=subject.client_call_id
        )
        try:
            await self._audit.record(
                method=call.method,
                reason=refused.reason,
                requester=requester,
                skill_id=subject.skill_id,
                request_digest=subject.request_digest,
            )
        except StoreError as error:
            return self._internal(error)
        return refused

    def _requester(self, stream: "Stream[Any, Any]") -> Requester:
        """Who calls. Peer first: whoever may not call learns nothing else."""
        peer = peer_of(stream.peer)
        if peer.proof is RequesterProof.NONE:
            shown = stream.metadata.get(AUTHORIZATION) if stream.metadata is not None else None
            if self._token is not None and self._token.opens(shown):
                peer = Peer(uid=self._uid, pid=0, proof=RequesterProof.LOOPBACK_TOKEN)
        elif peer.uid != self._uid:
            self.seldom.warning(log, "peer denied", uid=peer.uid, pid=peer.pid)
            raise PeerDenied(peer.uid)
        return _requester(peer, stream)

    def _check_known(self, requester: Requester) -> None:
        if requester.proof is RequesterProof.NONE:
            self.seldom.warning(log, "call without the token", client=requester.client)
            raise Unauthenticated

    def _check_open(self, path: str) -> None:
        """Raises the error that says why no call of this kind is served at the moment."""
        if self._ending or (self._draining and path in self._new_work):
            raise ShuttingDown
        if len(self._tasks) >= self._open_calls_max:
            raise LimitExceeded("open_calls_max", allowed=self._open_calls_max, asked=len(self._tasks) + 1)


def trailers(error: DomedError | PlainRefusal) -> Headers:
    """The whole answer to a call that is refused before it has a handler."""
    answer = answer_of(error)
    packed = _details.encode(answer.status, answer.message, answer.details)
    return [
        (":status", "200"),
        ("content-type", f"{GRPC_CONTENT_TYPE}+proto"),
        ("grpc-status", str(answer.status.value)),
        ("grpc-message", encode_grpc_message(answer.message)),
        ("grpc-status-details-bin", encode_bin_value(packed).decode("ascii")),
    ]


def _as_grpc(error: DomedError | PlainRefusal) -> GRPCError:
    answer = answer_of(error)
    return GRPCError(answer.status, answer.message, answer.details)


def _log_refusal(error: DomedError | PlainRefusal) -> None:
    if isinstance(error, Unauthenticated):
        return  # it has a line of its own, of which strangers cannot have as many as they like
    if isinstance(error, DomedError):
        log.info("refused", reason=error.reason.name, why=error.message)
    else:
        log.info("refused", status=error.status.name, why=error.message)


def _requester(peer: Peer, stream: "Stream[Any, Any]") -> Requester:
    said = stream.metadata.get(CLIENT_KEY) if stream.metadata is not None else None
    named = str(said or stream.user_agent or "")
    if not named.isprintable():
        named = "".join(filter(str.isprintable, named))
    client = named[:CLIENT_LENGTH_MAX]
    return Requester(uid=peer.uid, pid=peer.pid, client=client, proof=peer.proof)
