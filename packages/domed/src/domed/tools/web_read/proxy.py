"""The only way of the browser into the network: a SOCKS 5 proxy that connects to what may be reached, and counts.

It resolves each name once, judges the addresses, and connects to the very address that it judged, so that no redirect,
frame, script, socket or second answer of a name server leads elsewhere. Bytes beyond the limit are not passed on.

It listens on a port of this machine, to which every user can connect, and serves its own user only: others would get
into the network in that user's name, use up what may be received, and have the result name places they asked for.
"""

import asyncio
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from typing import Final

from domed.tools.web_read.addresses import Address, Place, Reach
from domed.tools.web_read.callers import is_of

CONNECT_TIMEOUT_S: Final = 15.0
CONNECTIONS_MAX: Final = 256
CHUNK_BYTES: Final = 64 * 1024
UNREACHED_MAX: Final = 200
_VERSION: Final = 5
_CONNECT: Final = 1
_NO_QUESTIONS: Final = b"\x05\x00"
_ANSWER_REST: Final = b"\x00\x01\x00\x00\x00\x00\x00\x00"
_FAILED, _NOT_ALLOWED, _UNREACHABLE, _NOT_SUPPORTED = 1, 2, 4, 7


class _Unreached(Exception):
    """There is no connection: the code of the protocol, and why in words."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Proxy:
    """Serves one browser."""

    def __init__(self, reach: Reach, *, bytes_max: int) -> None:
        self._reach = reach
        self._bytes_max = bytes_max
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections = asyncio.Semaphore(CONNECTIONS_MAX)
        self.received_bytes = 0
        self.is_cut = False
        """Whether more would have been received than allowed."""
        self.refused: dict[Place, str] = {}
        """What was asked for and may not be reached, with the address that decided it."""
        self.unreached: dict[Place, str] = {}
        """What could not be reached, and why."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Serve as long as the context lasts, on the port that it gives."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def check(self, place: Place) -> None:
        """Note at once that a place may not be reached, or has no address, without connecting to it."""
        with suppress(_Unreached):
            await self._addresses(place)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
                caller, here = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
                if caller is not None and is_of(os.getuid(), caller, here):  # else it has left already
                    async with self._connections:
                        await self._connect(reader, writer)
        finally:
            self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(_NO_QUESTIONS)
        try:
            outer_reader, outer_writer = await self._outside(await _asked(reader))
        except _Unreached as error:
            writer.write(bytes((_VERSION, error.code)) + _ANSWER_REST)
            return
        with closing(outer_writer):
            writer.write(bytes((_VERSION, 0)) + _ANSWER_REST)
            ways = [
                asyncio.create_task(_pass_on(reader, outer_writer, may_pass=bool)),
                asyncio.create_task(_pass_on(outer_reader, writer, may_pass=self._has_room_for)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _outside(self, place: Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.is_cut:
            raise _Unreached(_FAILED, "no more bytes are received")
        why = "it has no address"
        for address in await self._addresses(place):
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    return await asyncio.open_connection(str(address), place.port)
            except TimeoutError:
                why = f"no answer within {CONNECT_TIMEOUT_S:.0f} s"
            except OSError as error:
                why = os.strerror(error.errno) if error.errno else str(error)
        raise self._noted(self.unreached, place, _Unreached(_UNREACHABLE, why))

    async def _addresses(self, place: Place) -> Sequence[Address]:
        """The addresses of the place that may be reached, which are not none. Raises _Unreached."""
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            why = f"its name has no address ({getattr(error, 'strerror', None) or error})"
            raise self._noted(self.unreached, place, _Unreached(_UNREACHABLE, why)) from None
        found = [ipaddress.ip_address(answer[4][0]) for answer in answers]
        if not (allowed := [each for each in found if self._reach.allows(place, each)]):
            why = ", ".join(sorted(map(str, found)))
            raise self._noted(self.refused, place, _Unreached(_NOT_ALLOWED, why))
        return allowed

    def _has_room_for(self, data: bytes) -> bool:
        self.received_bytes += len(data)
        self.is_cut = self.is_cut or self.received_bytes > self._bytes_max
        return not self.is_cut

    @staticmethod
    def _noted(notes: dict[Place, str], place: Place, error: _Unreached) -> _Unreached:
        if len(notes) < UNREACHED_MAX:
            notes[place] = str(error)
        return error


async def _asked(reader: asyncio.StreamReader) -> Place:
    """What the browser wants to be connected to. Raises _Unreached for anything but a connection."""
    version, command, _, kind = await reader.readexactly(4)
    match kind:
        case 1:
            host = str(ipaddress.IPv4Address(await reader.readexactly(4)))
        case 3:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode("ascii", "replace")
        case 4:
            host = str(ipaddress.IPv6Address(await reader.readexactly(16)))
        case _:
            raise _Unreached(_NOT_SUPPORTED, "no address of this kind is known")
    port = int.from_bytes(await reader.readexactly(2), "big")
    if (version, command) != (_VERSION, _CONNECT):
        raise _Unreached(_NOT_SUPPORTED, "only connections are made")
    return Place(host.lower().strip("[]"), port)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, may_pass: Callable[[bytes], bool]
) -> None:
    """Pass on what comes until one side has closed, or something may not pass."""
    with suppress(OSError):
        while (data := await reader.read(CHUNK_BYTES)) and may_pass(data):
            writer.write(data)
            await writer.drain()
