"""What one connection may do: how large a message, how many calls at a time, what a request needs to be one.

Mends the transport library, which knows no limits, leaves calls without legal headers unanswered, ends a connection
at a frame that it does not know and keeps calls that are reset as they come. Knows nothing of the calls themselves.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from grpclib.const import Status
from grpclib.metadata import Deadline, decode_metadata
from grpclib.protocol import AbstractHandler, Connection, EventsProcessor, H2Protocol, Stream
from grpclib.server import Handler
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, RemoteSettingsChanged, RequestReceived
from h2.settings import SettingCodes

from dome_contracts.transport.cork import Cork
from dome_contracts.transport.header_memo import remember_headers
from domed.errors import (
    DomedError,
    FieldViolation,
    InvalidRequest,
    LimitExceeded,
    TooLarge,
    Unauthenticated,
    Unsupported,
)
from domed.rpc.seldom import Seldom
from domed.rpc.status import PlainRefusal
from domed.rpc.token import AUTHORIZATION, Token
from domed.telemetry import Log

Headers = list[tuple[str, str]]

_SMALL_BYTES: Final = 64 * 1024
"""Up to this size a message is not counted against what may be under way."""
_DEADLINE_S_MIN: Final = 0.001
"""A call with less time than this is over before it reaches its handler."""

log = Log("rpc.wire")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireLimits:
    """Limits of the door. Each has this name in TOO_LARGE or LIMIT_EXCEEDED."""

    message_bytes_max: int
    """Most bytes of one request message, known before any of them is read."""
    incoming_bytes_max: int
    """Most bytes of large messages that are under way at a time, over all connections."""
    streams_max: int = 1000
    """Most calls of one connection at a time. One that was reset counts until it has ended."""
    connections_max: int = 512
    """Most connections at a time."""
    open_calls_max: int = 8192
    """Most calls at a time, over all connections."""
    window_bytes: int = 1024 * 1024
    """Most bytes that a connection or a call may send before they are read."""
    greeting_timeout_s: float = 10.0
    """Longest time until a connection has said that it speaks HTTP/2: silent ones must not keep others out."""


class Incoming:
    """Counts the bytes of large messages that are under way."""

    __slots__ = ("_bytes", "_limits")

    def __init__(self, limits: WireLimits) -> None:
        self._limits = limits
        self._bytes = 0

    def take(self, size: int) -> None:
        """Let `size` bytes come in. Raises TooLarge or LimitExceeded before the first is read."""
        if size > self._limits.message_bytes_max:
            raise TooLarge("message_bytes_max", allowed=self._limits.message_bytes_max, asked=size)
        if size <= _SMALL_BYTES:
            return
        if self._bytes + size > self._limits.incoming_bytes_max:
            raise LimitExceeded("incoming_bytes_max", allowed=self._limits.incoming_bytes_max, asked=self._bytes + size)
        self._bytes += size

    def release(self, size: int) -> None:
        """They were taken, and are read or will not be."""
        if size > _SMALL_BYTES:
            self._bytes -= size


Refusal = Callable[[DomedError | PlainRefusal], Headers]
"""Makes the headers that answer a call which no handler sees."""


class Connections(Protocol):
    """Where connections report themselves."""

    def opened(self, connection: "LimitedProtocol") -> bool:
        """Whether the connection may stay."""
        ...

    def lost(self, connection: "LimitedProtocol") -> None:
        """The connection is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What all connections of a server share."""

    limits: WireLimits
    incoming: Incoming
    methods: Collection[str]
    refusal: Refusal
    connections: Connections
    seldom: Seldom
    """Takes the warnings that whoever connects can cause."""
    token: Token | None = None
    """What every call has to show before it is told anything else. None: nothing."""


class LimitedStream(Stream):
    """Reads no more than it may. The library asks for a message's header, then for as many bytes as that says."""

    incoming: Incoming

    async def recv_data(self, size: int) -> bytes:
        self.incoming.take(size)
        try:
            return await super().recv_data(size)
        finally:
            self.incoming.release(size)

    async def send_headers(self, headers: Headers, end_stream: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's
        """An answer that is complete is not held until the next turn."""
        await super().send_headers(headers, end_stream)
        if end_stream:
            cast("Cork", self._transport).flush()


class LimitedProcessor(EventsProcessor):
    """Accepts calls whose headers are legal, and answers the others."""

    def __init__(self, handler: AbstractHandler, connection: Connection, door: Door) -> None:
        super().__init__(handler, connection)
        self._door = door
        self._h2: H2Connection = connection._connection  # the library's own classes share it so
        self._transport: asyncio.Transport = connection._transport
        self.greeted = False

    def process(self, event: Event) -> None:
        """Ignore what the library has no handler for: HTTP/2 asks to ignore frames of unknown types."""
        if event.__class__ in getattr(self, "processors", ()):
            super().process(event)

    def process_request_received(self, event: RequestReceived) -> None:
        headers = cast("Headers", event.headers)
        refused = self._problem(headers) or self._crowded()
        if refused is not None:
            self._answer(event, self._stranger(headers) or refused)
            return
        stream = LimitedStream(self.connection, self._h2, self._transport, stream_id=event.stream_id)
        stream.incoming = self._door.incoming
        release = self.register(stream)
        handler = cast("Handler", self.handler)
        handler.accept(stream, headers, release)
        # A call that is reset before its first step never runs, so it does not release its stream.
        handler._tasks[stream].add_done_callback(lambda _: release())

    def register(self, stream: Stream) -> Callable[[], None]:
        """The library's own, for a release that may come twice."""
        release = super().register(stream)
        return lambda: release() if stream.id in self.streams else None

    def process_remote_settings_changed(self, event: RemoteSettingsChanged) -> None:
        self.greeted = True
        super().process_remote_settings_changed(event)

    def _stranger(self, headers: Headers) -> Unauthenticated | None:
        """Whoever may not call learns nothing of what can be called, nor how."""
        token = self._door.token
        if token is None or token.opens(dict(headers).get(AUTHORIZATION)):
            return None
        self._door.seldom.warning(log, "call without the token")
        return Unauthenticated()

    def _crowded(self) -> LimitExceeded | None:
        calls, allowed = len(self.streams), self._door.limits.streams_max
        return LimitExceeded("streams_max", allowed=allowed, asked=calls + 1) if calls >= allowed else None

    def _problem(self, headers: Headers) -> DomedError | PlainRefusal | None:
        fields = dict(headers)
        if fields.get(":method") != "POST" or not fields.get("content-type", "").startswith("application/grpc"):
            return _illegal("content-type", "must be a POST of application/grpc")
        if fields.get("te") != "trailers":
            return _illegal("te", "must be trailers")
        path = fields.get(":path", "")
        if path not in self._door.methods:
            return Unsupported(f"the call {path[:200]}")
        try:
            decode_metadata(headers)
        except ValueError:
            return _illegal("metadata", "has a binary value that is not base64")
        try:
            deadline = Deadline.from_headers(headers)
        except (ValueError, OverflowError):
            return _illegal("grpc-timeout", "is no timeout")
        if deadline is not None and deadline.time_remaining() < _DEADLINE_S_MIN:
            return PlainRefusal(Status.DEADLINE_EXCEEDED, "The call had no time left when it came.")
        return None

    def _answer(self, event: RequestReceived, error: DomedError | PlainRefusal) -> None:
        """Answer at once. What the client sent or ended in the same breath is known to h2 already."""
        stream = self._h2.streams.get(event.stream_id)
        if stream is None or stream.closed:
            return
        self._h2.send_headers(event.stream_id, self._door.refusal(error), end_stream=True)
        if not stream.closed:
            self._h2.reset_stream(event.stream_id, ErrorCodes.NO_ERROR)


def _illegal(header: str, problem: str) -> InvalidRequest:
    return InvalidRequest([FieldViolation(f"headers/{header}", problem)])


class LimitedProtocol(H2Protocol):
    """One connection, with its limits announced and kept."""

    transport: asyncio.Transport

    def __init__(self, handler: AbstractHandler, config: Any, h2_config: Any, door: Door) -> None:
        super().__init__(handler, config, h2_config)
        self._door = door
        self._greeting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", Cork(cast("asyncio.Transport", transport)))
        super().connection_made(self.transport)
        remember_headers(self.connection._connection)
        if not self._door.connections.opened(self):
            self._hang_up(ErrorCodes.ENHANCE_YOUR_CALM, "connections_max")
            return
        limits = self._door.limits
        self.processor = LimitedProcessor(self.handler, self.connection, self._door)
        self.connection._connection.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: limits.streams_max})
        self.connection.flush()
        loop = asyncio.get_running_loop()
        self._greeting = loop.call_later(limits.greeting_timeout_s, self._end_unless_greeted)

    def data_received(self, data: bytes) -> None:
        try:
            super().data_received(data)
        except UnicodeDecodeError:  # the library takes no header beyond ASCII, and leaves it at that
            self._door.seldom.warning(log, "connection ended", problem="a header that is not ASCII")
            self._hang_up(ErrorCodes.PROTOCOL_ERROR, "headers must be ASCII")

    def pause_writing(self) -> None:
        """Who does not read is not read: answers to whatever else they send would pile up."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.transport.resume_reading()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._greeting is not None:
            self._greeting.cancel()
        self._door.connections.lost(self)
        super().connection_lost(exc)

    def _end_unless_greeted(self) -> None:
        if not cast("LimitedProcessor", self.processor).greeted:
            self._hang_up(ErrorCodes.SETTINGS_TIMEOUT, "greeting_timeout_s")

    def _hang_up(self, code: ErrorCodes, why: str) -> None:
        if not self.transport.is_closing():
            self.connection._connection.close_connection(code, additional_data=why.encode())
            self.connection.flush()
            self.processor.close(why)
