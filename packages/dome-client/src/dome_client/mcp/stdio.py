"""The transport: standard input and output of this process, as streams of messages.

While it serves, descriptor 0 reads nothing and descriptor 1 is standard error, so that no stray word breaks the
protocol.
"""

import asyncio
import logging
import os
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from dome_client.mcp.framing import CHUNK_BYTES
from dome_client.mcp.wire import Wire

_LAST_WORDS_S: Final = 0.5
"""How long a client that said its last may wait for answers, and take to read them."""
_LOGGER: Final = logging.getLogger(__name__)

Incoming = MemoryObjectReceiveStream[SessionMessage | Exception]
Outgoing = MemoryObjectSendStream[SessionMessage]


class Writer(asyncio.BaseProtocol):
    """Writes to a descriptor: without blocking where that can be, else as files are written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._transport: asyncio.WriteTransport | None = None
        self._empty = asyncio.Event()
        self._empty.set()
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.set_write_buffer_limits(0)  # what was written has left this process, or the writer waits
        self._transport = transport

    def pause_writing(self) -> None:
        self._empty.clear()

    def resume_writing(self) -> None:
        self._empty.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._gone = True
        self._empty.set()

    async def write(self, data: bytes) -> None:
        """Return when the client has taken it. Raises OSError where nobody reads any more."""
        if self._transport is None:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            return
        if not self._gone:
            self._transport.write(data)
            await self._empty.wait()
        if self._gone:
            raise BrokenPipeError

    def close(self) -> None:
        """Throw away what nobody reads."""
        if self._transport is not None and not self._gone:
            self._transport.abort()


@asynccontextmanager
async def standard_streams(*, on_end: Callable[[], None]) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """Serve the client of this process. `on_end` is called when it leaves, before anything is cancelled for that."""
    wire_in, wire_out = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    async with streams(wire_in, wire_out, on_end=on_end) as pair:
        yield pair


@asynccontextmanager
async def streams(
    wire_in: int, wire_out: int, *, on_end: Callable[[], None]
) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """The same on other descriptors, which it takes over."""
    writer = await _writer(wire_out)
    reader, source = await _reader(wire_in)
    wire = Wire(reader, writer)
    read_send, read_receive = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write_send, write_receive = anyio.create_memory_object_stream[SessionMessage](0)
    written = asyncio.Event()

    async def read() -> None:
        async with read_send:
            try:
                await wire.read(read_send)
                with anyio.move_on_after(_LAST_WORDS_S):
                    await wire.settled()
            except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
                _LOGGER.info("the client has left: %r", error)
            on_end()

    async def write() -> None:
        try:
            await wire.write(write_receive)
        except OSError as error:
            _LOGGER.info("the client reads no more: %r", error)
            on_end()
            read_receive.close()
        finally:
            written.set()

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            tasks.start_soon(write)
            yield read_receive, write_send
            with anyio.move_on_after(_LAST_WORDS_S):
                await written.wait()
            tasks.cancel_scope.cancel()
    finally:
        source.close()
        writer.close()


async def _reader(descriptor: int) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    if not _is_waitable(descriptor):
        descriptor = _pumped(descriptor)
    reader = asyncio.StreamReader(limit=CHUNK_BYTES)
    file = os.fdopen(descriptor, "rb", buffering=0)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return reader, transport


async def _writer(descriptor: int) -> Writer:
    writer = Writer(descriptor)
    if _is_waitable(descriptor):
        file = os.fdopen(descriptor, "wb", buffering=0)
        await asyncio.get_running_loop().connect_write_pipe(lambda: writer, file)
    return writer


def _is_waitable(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _pumped(source: int) -> int:
    """A pipe of what a terminal or a file holds: those cannot be waited for, or are shared with others."""
    read_end, write_end = os.pipe()

    def pump() -> None:
        try:
            while data := os.read(source, CHUNK_BYTES):
                os.write(write_end, data)
        except OSError:
            pass  # the other end is closed, or the terminal is gone: both end the input
        finally:
            os.close(write_end)

    threading.Thread(target=pump, daemon=True).start()
    return read_end
