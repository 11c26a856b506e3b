"""Connections to one daemon: one for calls, and one for each stream that is open at a time.

A stream has its own connection because streams that share one also share its flow control and its limit of open
streams: one reader that stops reading would hold up the others, and calls behind them.
"""

import errno
from asyncio import BaseTransport, Transport
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self, cast

import betterproto2
from grpclib.client import Channel, Handler
from grpclib.const import Status
from grpclib.encoding.base import CodecBase, StatusDetailsCodecBase
from grpclib.protocol import H2Protocol

from dome_client.endpoint import Endpoint
from dome_client.errors import EndpointInvalid
from dome_client.listener import refuse_foreign
from dome_client.version import CLIENT_KEY, CLIENT_NAME
from dome_client.waking import Waking
from dome_contracts.google.protobuf import Any as AnyMessage
from dome_contracts.google.rpc import Status as StatusMessage
from dome_contracts.parsing import parse
from dome_contracts.runtime.v1 import RuntimeServiceStub, StreamJobEventsRequest
from dome_contracts.transport.cork import Cork
from dome_contracts.transport.header_memo import remember_headers
from dome_contracts.wire import encode

if TYPE_CHECKING:
    from dome_client.loopback import Announcement

AUTHORIZATION: Final = "authorization"

_STREAM_JOB_EVENTS: Final = "/dome.runtime.v1.RuntimeService/StreamJobEvents"
_EVENTS: Final = 1
"""Number of the field of StreamJobEventsResponse that holds the events."""


class DetailsCodec(StatusDetailsCodecBase):
    """Error details as messages of `google.rpc`, both ways. Details of unknown types are left out."""

    def encode(self, status: Status, message: str | None, details: Any) -> bytes:
        packed = [AnyMessage.pack(each) for each in details or ()]
        return bytes(StatusMessage(code=status.value, message=message or "", details=packed))

    def decode(self, status: Status, message: str | None, data: bytes) -> Sequence[betterproto2.Message]:
        return [detail for each in StatusMessage.parse(data).details if (detail := _unpacked(each)) is not None]


def _unpacked(packed: AnyMessage) -> betterproto2.Message | None:
    try:
        return packed.unpack()
    except TypeError:  # a type that this version does not know
        return None


class QuickCodec(CodecBase):
    """Messages of the runtime contract, made and read quickly. Those of others have ways of their own."""

    __content_subtype__ = "proto"

    def encode(self, message: Any, message_type: Any) -> bytes:
        return encode(message)

    def decode(self, data: bytes, message_type: Any) -> Any:
        if message_type is StoredEvents:
            return StoredEvents.FromString(data)
        try:
            return parse(message_type, data)
        except (ValueError, IndexError, OverflowError):
            # Bytes that are no message: what is said of them is for the library.
            return message_type.FromString(data)


class QuickProtocol(H2Protocol):
    """Sends headers and message of a call at once, and makes and reads the headers of all calls only once."""

    waking: Waking | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        self.socket = transport.get_extra_info("socket")
        super().connection_made(cast("BaseTransport", Cork(cast("Transport", transport))))
        remember_headers(self.connection._connection)  # the library's own classes share it so

    def connection_lost(self, exc: BaseException | None) -> None:
        if self.waking is not None:
            self.waking.disconnected()
        super().connection_lost(exc)


class LiveChannel(Channel):
    """Notices a connection that broke while it was being made, where the library would go on without one."""

    def __init__(self, *, waking: Waking | None = None, **where: Any) -> None:
        super().__init__(codec=QuickCodec(), status_details_codec=DetailsCodec(), **where)
        self._waking = waking

    def _protocol_factory(self) -> H2Protocol:
        return QuickProtocol(Handler(), self._config, self._h2_config)

    async def _create_connection(self) -> H2Protocol:
        if self._waking is not None:
            await self._waking.before_connecting()
        protocol = await super()._create_connection()
        if self._path is not None and isinstance(protocol, QuickProtocol):
            try:
                refuse_foreign(protocol.socket, self._path)
            except BaseException:
                protocol.processor.close()
                raise
            if self._waking is not None:
                self._waking.connected()
                protocol.waking = self._waking
        return protocol

    async def __connect__(self) -> H2Protocol:
        protocol = await super().__connect__()
        if protocol.connection.is_closing():
            raise ConnectionResetError
        return protocol


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """A `StreamJobEventsResponse` whose events are left in their bytes: decoded and encoded again, they may differ."""

    events: Sequence[bytes]

    @classmethod
    def FromString(cls, data: bytes) -> Self:  # noqa: N802 - the name that the transport calls
        """The message in the bytes."""
        return cls([part.value for part in betterproto2.parse_fields(data) if part.number == _EVENTS])


class LoopbackChannel(LiveChannel):
    """Connects to where the daemon's door is announced at that moment: after a restart it may be elsewhere."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._door = endpoint

    async def _create_connection(self) -> H2Protocol:
        from dome_client.loopback import split_address

        self._host, self._port = split_address(_announced_for(self._door).endpoint)
        return await super()._create_connection()


def _announced_for(endpoint: Endpoint) -> "Announcement":
    """The announcement that an endpoint on TCP stands on.

    Raises ConnectionRefusedError where no daemon's door is open, and EndpointInvalid where it is another door than the
    one that was named: its token is not for whoever listens there.
    """
    from dome_client.loopback import read_announcement

    file = endpoint.announced
    found = None if file is None else read_announcement(file)
    if found is None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, f"no daemon announces a door in {file}")
    if found.endpoint != endpoint.tcp and not endpoint.follows_announcement:
        problem = f"the daemon of this state directory listens on {found.endpoint}, and there is no token for another"
        raise EndpointInvalid(endpoint.tcp, endpoint.source, problem)
    return found


class RuntimeStub(RuntimeServiceStub):
    """The calls of the contract, and one that has an answer of its own."""

    def stored_events(self, message: StreamJobEventsRequest) -> AsyncIterator[StoredEvents]:
        """StreamJobEvents, with the events in the bytes in which they were sent."""
        answer: Any = StoredEvents  # the library asks for a message, and uses no more of it than is there
        return self._unary_stream(_STREAM_JOB_EVENTS, message, answer)


class Channels:
    """The open connections of one client. They are made when they are first needed, and again after they broke."""

    def __init__(self, endpoint: Endpoint, *, client_name: str = "", waking: Waking | None = None) -> None:
        self._endpoint = endpoint
        self._waking = waking
        self._client_name = client_name or CLIENT_NAME
        self._calls: Channel | None = None
        self._streams: set[Channel] = set()
        self._spare: Channel | None = None

    def calls(self) -> RuntimeStub:
        """For calls with one answer."""
        if self._calls is None:
            self._calls = self._open()
        return RuntimeStub(self._calls, metadata=self._metadata())

    @contextmanager
    def stream(self) -> Iterator[RuntimeStub]:
        """For one stream. Its connection serves the next one, or is closed where the block ends by an exception."""
        channel, self._spare = self._spare or self._open(), None
        self._streams.add(channel)
        whole = False
        try:
            yield RuntimeStub(channel, metadata=self._metadata())
            whole = True
        finally:
            self._streams.discard(channel)
            if whole and self._spare is None:
                self._spare = channel
            else:
                channel.close()

    def close(self) -> None:
        """Close everything, streams that were abandoned among them."""
        for channel in (self._calls, self._spare, *self._streams):
            if channel is not None:
                channel.close()
        self._calls = self._spare = None
        self._streams.clear()

    def _metadata(self) -> dict[str, str]:
        """What goes with a call. Over TCP the token of the moment: each start of a daemon makes another one."""
        said = {CLIENT_KEY: self._client_name}
        if self._endpoint.announced is None:
            return said
        return said | {AUTHORIZATION: f"Bearer {_announced_for(self._endpoint).token}"}

    def _open(self) -> Channel:
        if self._endpoint.announced is not None:
            return LoopbackChannel(self._endpoint)
        return LiveChannel(path=self._endpoint.path, waking=self._waking)
