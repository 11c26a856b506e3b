"""A client of a door that sends what it likes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, ResponseReceived, StreamEnded, StreamReset, TrailersReceived

from packages.domed.tests.rpc.kit import Served

STATUS = "/dome.runtime.v1.RuntimeService/GetJobStatus"

HEADERS = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", STATUS),
    (":authority", "localhost"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
]


class Raw:
    """A client that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.h2 = H2Connection(
            H2Configuration(
                client_side=True,
                header_encoding="utf-8",
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.h2.initiate_connection()

    async def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()

    async def call(self, headers: list[tuple[str, str]], body: bytes = b"\0\0\0\0\0", *, end: bool = True) -> int:
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, headers)
        self.h2.send_data(stream_id, body, end_stream=end)
        await self.flush()
        return stream_id

    async def answer(self, stream_id: int) -> dict[str, str]:
        """Headers and trailers, joined; empty where the connection ended without."""
        found: dict[str, str] = {}
        async with asyncio.timeout(10):
            while data := await self.reader.read(65536):
                for event in self._events(data):
                    if getattr(event, "stream_id", None) != stream_id:
                        continue
                    if isinstance(event, ResponseReceived | TrailersReceived):
                        found.update((str(name), str(value)) for name, value in event.headers)
                    elif isinstance(event, DataReceived):
                        self.h2.acknowledge_received_data(event.flow_controlled_length, stream_id)
                    elif isinstance(event, StreamEnded | StreamReset):
                        return found
                await self.flush()
        return found

    def _events(self, data: bytes) -> list[Event]:
        return self.h2.receive_data(data)


@asynccontextmanager
async def raw(door: Served) -> AsyncIterator[Raw]:
    ours, theirs = socket.socketpair()
    await door.server.connect(theirs)
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()
