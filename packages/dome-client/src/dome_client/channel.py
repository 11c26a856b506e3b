"""Connections to one daemon: one for calls, and one for each stream that is open at a time.

A stream has its own connection because streams that share one also share its flow control and its limit of open
streams: one reader that stops reading would hold up the others, and calls behind them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import betterproto2
from grpclib.client import Channel
from grpclib.const import Status
from grpclib.encoding.base import StatusDetailsCodecBase
from grpclib.protocol import H2Protocol

from dome_client.endpoint import Endpoint
from dome_client.version import VERSION
from dome_contracts.google.protobuf import Any as AnyMessage
from dome_contracts.google.rpc import Status as StatusMessage
from dome_contracts.runtime.v1 import RuntimeServiceStub

CLIENT_KEY: Final = "dome-client"
"""Metadata key under which a client says its name and version. (`user-agent` is the transport library's own.)"""


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


class LiveChannel(Channel):
    """Notices a connection that broke while it was being made, where the library would go on without one."""

    async def __connect__(self) -> H2Protocol:
        protocol = await super().__connect__()
        if protocol.connection.is_closing():
            raise ConnectionResetError
        return protocol


class Channels:
    """The open connections of one client. They are made when they are first needed, and again after they broke."""

    def __init__(self, endpoint: Endpoint, *, client_name: str = "") -> None:
        self._endpoint = endpoint
        self._metadata = {CLIENT_KEY: client_name or f"dome-client/{VERSION}"}
        self._calls: Channel | None = None
        self._streams: set[Channel] = set()
        self._spare: Channel | None = None

    def calls(self) -> RuntimeServiceStub:
        """For calls with one answer."""
        if self._calls is None:
            self._calls = self._open()
        return RuntimeServiceStub(self._calls, metadata=self._metadata)

    @contextmanager
    def stream(self) -> Iterator[RuntimeServiceStub]:
        """For one stream. Its connection serves the next one, or is closed where the block ends by an exception."""
        channel, self._spare = self._spare or self._open(), None
        self._streams.add(channel)
        whole = False
        try:
            yield RuntimeServiceStub(channel, metadata=self._metadata)
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

    def _open(self) -> Channel:
        return LiveChannel(path=self._endpoint.path, status_details_codec=DetailsCodec())
