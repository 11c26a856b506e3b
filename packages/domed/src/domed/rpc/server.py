"""The server: accepts connections within its limits, and ends without hanging and without losing an answer.

Mends the transport library, whose own end depends on the Python it runs on (one loses connections that are being
accepted, another waits without limit for clients to go away) and cancels calls before they have answered. Knows
nothing of the calls themselves.
"""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any, Final

from grpclib.config import Configuration
from grpclib.protocol import H2Protocol
from grpclib.server import Handler, Server

from domed.rpc.accept import Acceptor
from domed.rpc.codec import StrictCodec
from domed.rpc.details import DetailsCodec
from domed.rpc.seldom import Seldom
from domed.rpc.token import Token
from domed.rpc.wire import Door, Incoming, LimitedProtocol, Refusal, WireLimits
from domed.telemetry import Log

CLOSE_TIMEOUT_S: Final = 2.0
"""Longest wait for calls that were told to end, and for connections to be flushed."""

log = Log("rpc.server")


class DrainingServer(Server):
    """A gRPC server on one listening socket, or on none: `connect` hands it a connection directly."""

    def __init__(
        self,
        services: Sequence[Any],
        *,
        limits: WireLimits,
        refusal: Refusal,
        seldom: Seldom,
        token: Token | None = None,
        close_timeout_s: float = CLOSE_TIMEOUT_S,
    ) -> None:
        super().__init__(
            services,
            codec=StrictCodec(),
            status_details_codec=DetailsCodec(),
            config=Configuration(
                http2_connection_window_size=limits.window_bytes, http2_stream_window_size=limits.window_bytes
            ),
        )
        self._open: set[LimitedProtocol] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()
        self._acceptor: Acceptor | None = None
        self._close_timeout_s = close_timeout_s
        self._limits = limits
        self._door = Door(
            limits=limits,
            incoming=Incoming(limits),
            methods=frozenset(self._mapping),
            refusal=refusal,
            connections=self,
            seldom=seldom,
            token=token,
        )

    def opened(self, connection: LimitedProtocol) -> bool:
        if len(self._open) >= self._limits.connections_max:
            allowed = self._limits.connections_max
            self._door.seldom.warning(log, "connection refused", limit="connections_max", allowed=allowed)
            return False
        self._open.add(connection)
        self._none_open.clear()
        return True

    def lost(self, connection: LimitedProtocol) -> None:
        self._open.discard(connection)
        if not self._open:
            self._none_open.set()

    def connection_count(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def listen(self, listening: socket.socket) -> None:
        """Accept connections from a socket, which then belongs to the server."""
        self._acceptor = Acceptor(listening, self.connect)

    async def connect(self, connected: socket.socket) -> None:
        """Serve one connection that was accepted, or came another way, such as one end of a socket pair."""
        await asyncio.get_running_loop().connect_accepted_socket(self._protocol_factory, connected)

    def stop_listening(self) -> None:
        """Accept no further connection. Those that are open, or accepted, go on."""
        if self._acceptor is not None:
            self._acceptor.close()

    async def end(self) -> None:
        """End calls that still run, flush and close all connections. Takes at most twice `close_timeout_s`."""
        self.stop_listening()
        if self._acceptor is not None:
            await self._acceptor.settled()
        handlers = list(self._handlers)
        for handler in handlers:
            handler.close()
        ending = [asyncio.ensure_future(handler.wait_closed()) for handler in handlers]
        if ending:
            _, stuck = await asyncio.wait(ending, timeout=self._close_timeout_s)
            for waiting in stuck:
                log.warning("a call did not end", connections=len(self._open))
                waiting.cancel()
        for connection in list(self._open):
            connection.transport.close()
        try:
            await asyncio.wait_for(self._none_open.wait(), self._close_timeout_s)
        except TimeoutError:
            log.warning("connections were not read to their end", connections=len(self._open))
            for connection in list(self._open):
                connection.transport.abort()
            await self._none_open.wait()

    def _protocol_factory(self) -> H2Protocol:
        self.__gc_step__()
        handler = Handler(self._mapping, self._codec, self._status_details_codec, self.__dispatch__)
        self._handlers.add(handler)
        return LimitedProtocol(handler, self._config, self._h2_config, self._door)
