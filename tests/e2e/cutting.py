"""A socket between a client and its daemon that cuts connections in the middle of a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class Cutting:
    """A socket before the daemon's: passes requests on, and cuts the first connections without an answer."""

    def __init__(self, path: Path, daemon: Path, *, cuts: int) -> None:
        self.path = path
        self.connections = 0
        self.may_cut = asyncio.Event()
        self._daemon = daemon
        self._cuts = cuts
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._connected, self.path)
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.create_task(self._serve(reader, writer, is_cut=self.connections <= self._cuts)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_cut: bool) -> None:
        from_daemon, to_daemon = await asyncio.open_unix_connection(self._daemon)
        forth = asyncio.create_task(_copy(reader, to_daemon))
        try:
            if is_cut:
                await self.may_cut.wait()
            else:
                await _copy(from_daemon, writer)
        finally:
            forth.cancel()
            writer.close()
            to_daemon.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
