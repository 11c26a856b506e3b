"""Limits of a connection, and answers to what is not a call."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, ResponseReceived, StreamEnded, StreamReset, TrailersReceived
from h2.exceptions import ProtocolError

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    GetJobStatusResponse,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from packages.domed.tests.rpc.kit import LIMITS, Scripted, Served, info, reason, served

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


async def test_a_message_over_the_limit_is_refused_before_it_is_read(door_path: Path | None) -> None:
    limits = replace(LIMITS, message_bytes_max=100_000)
    service = Scripted()
    async with served([service], path=door_path, limits=limits) as door:
        stub = door.stub()
        with pytest.raises((GRPCError, StreamTerminatedError)) as caught:
            await stub.skill_execute(SkillExecuteRequest(input=bytes(5_000_000)))
        if isinstance(caught.value, GRPCError):
            assert (reason(caught.value), info(caught.value).metadata["limit"]) == (
                "TOO_LARGE",
                "message_bytes_max",
            )
        answer = await stub.skill_execute(SkillExecuteRequest(input=bytes(90_000)))
    assert answer.request_digest == "90000"
    assert len(service.executed) == 1


async def test_the_answer_to_an_announced_giant_comes_at_once() -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        stream_id = await client.call(HEADERS, b"\0" + (50 * 1024 * 1024).to_bytes(4, "big") + bytes(100), end=False)
        answer = await client.answer(stream_id)
    assert answer["grpc-status"] == str(Status.INVALID_ARGUMENT.value)
    assert "message_bytes_max" in answer["grpc-message"]


async def test_large_messages_under_way_are_limited_together() -> None:
    limits = replace(LIMITS, message_bytes_max=200_000, incoming_bytes_max=300_000)
    async with served([Scripted()], limits=limits) as door, raw(door) as client:
        announced = b"\0" + (190_000).to_bytes(4, "big")
        await client.call(HEADERS, announced, end=False)
        second = await client.call(HEADERS, announced, end=False)
        answer = await client.answer(second)
    assert "incoming_bytes_max" in answer["grpc-message"]


async def test_a_header_that_is_not_ascii_ends_its_connection_and_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        stream_id = await client.call([*HEADERS, ("authorization", "Bearer \u00e4")])
        assert await client.answer(stream_id) == {}
        assert (await door.stub().get_job_status(GetJobStatusRequest(job_id="job-x"))).job is not None
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_a_refused_stream_still_sends_does_not_stop_the_connection() -> None:
    async with served([Scripted()], limits=replace(LIMITS, message_bytes_max=100)) as door, raw(door) as client:
        stream_id = await client.call(HEADERS, b"\0" + (10**6).to_bytes(4, "big"), end=False)
        for _ in range(40):
            try:
                client.h2.send_data(stream_id, bytes(10_000))
            except ProtocolError:
                break
            await client.flush()
        await client.answer(stream_id)
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({":path": "/no.Such/Call"}, Status.UNIMPLEMENTED, "/no.Such/Call"),
        ({":method": "GET"}, Status.INVALID_ARGUMENT, "headers/content-type"),
        ({"content-type": "application/json"}, Status.INVALID_ARGUMENT, "headers/content-type"),
        ({"te": "gzip"}, Status.INVALID_ARGUMENT, "headers/te"),
        ({"grpc-timeout": "soon"}, Status.INVALID_ARGUMENT, "headers/grpc-timeout"),
        ({"grpc-timeout": "9" * 400 + "H"}, Status.INVALID_ARGUMENT, "headers/grpc-timeout"),
        ({"grpc-timeout": "0S"}, Status.DEADLINE_EXCEEDED, "no time left"),
        ({"some-bin": "a"}, Status.INVALID_ARGUMENT, "headers/metadata"),
    ],
)
async def test_illegal_headers_are_answered(changed: dict[str, str], status: Status, says: str) -> None:
    headers = list({**dict(HEADERS), **changed}.items())
    async with served([Scripted()]) as door, raw(door) as client:
        answer = await client.answer(await client.call(headers))
        assert answer["grpc-status"] == str(status.value)
        assert says in answer["grpc-message"]
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"


@pytest.mark.parametrize("missing", [":method", ":path", "te", "content-type"])
async def test_missing_headers_are_answered(missing: str) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        answer = await client.answer(await client.call([pair for pair in HEADERS if pair[0] != missing]))
    assert answer["grpc-status"] in {"3", "12"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", Status.INVALID_ARGUMENT),
        (b"\0\0", Status.INVALID_ARGUMENT),
        (b"\0\0\0\0\x09abc", Status.INVALID_ARGUMENT),
        (b"\0\0\0\0\x03abc", Status.INVALID_ARGUMENT),
        (b"\x01\0\0\0\0", Status.UNIMPLEMENTED),
    ],
)
async def test_a_body_that_is_no_message_is_answered(
    body: bytes, status: Status, caplog: pytest.LogCaptureFixture
) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        answer = await client.answer(await client.call(HEADERS, body))
    assert answer["grpc-status"] == str(status.value)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_frame_of_an_unknown_type_is_ignored() -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        await client.flush()
        client.writer.write(b"\0\0\x02\x21\0\0\0\0\0hi")
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 4096, b"\x16\x03\x01\x02\0", b"hello\n" * 999])
async def test_something_else_than_http2_is_hung_up_on(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        client.writer.write(garbage)
        async with asyncio.timeout(10):
            try:
                while await client.reader.read(65536):
                    pass
            except ConnectionResetError:
                pass
        assert (await door.stub().get_job_status(GetJobStatusRequest())).job is not None
    assert [record for record in caplog.records if record.exc_info] == []


async def test_garbage_after_the_preface_harms_only_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    chance = [bytes((i * 7 + k * 31) % 256 for i in range(3000)) for k in range(60)]
    async with served([Scripted()]) as door:
        stub = door.stub()
        for garbage in chance:
            async with raw(door) as client:
                await client.flush()
                client.writer.write(garbage)
                client.writer.write(os.urandom(3000))
                client.writer.write_eof()
                async with asyncio.timeout(10):
                    try:
                        while await client.reader.read(65536):
                            pass
                    except ConnectionResetError:
                        pass
        assert (await stub.get_job_status(GetJobStatusRequest())).job is not None
        assert door.server.connection_count() == 1
    assert [record for record in caplog.records if record.exc_info] == []


async def test_one_connection_carries_more_streams_than_the_librarys_hundred(door_path: Path | None) -> None:
    service, release = Scripted(), asyncio.Event()

    async def follow(message: StreamJobEventsRequest) -> AsyncIterator[StreamJobEventsResponse]:
        yield StreamJobEventsResponse()
        await release.wait()

    service.on_stream = follow  # type: ignore[assignment]
    async with served([service], path=door_path) as door:
        stub = door.stub()
        streams = [stub.stream_job_events(StreamJobEventsRequest()) for _ in range(150)]
        async with asyncio.timeout(20):
            for stream in streams:
                await anext(stream)
            assert door.edge.open_calls() == 150
            assert isinstance(await stub.get_job_status(GetJobStatusRequest()), GetJobStatusResponse)
            release.set()
            for stream in streams:
                assert [each async for each in stream] == []


async def test_connections_beyond_the_limit_are_closed(door_path: Path | None) -> None:
    async with served([Scripted()], path=door_path, limits=replace(LIMITS, connections_max=2)) as door:
        first, second = door.stub(), door.stub()
        await first.get_job_status(GetJobStatusRequest())
        await second.get_job_status(GetJobStatusRequest())
        async with asyncio.timeout(5), raw(door) as third:
            assert b"connections_max" in await third.reader.read()
        await first.get_job_status(GetJobStatusRequest())
        door.channels[1].close()
        async with asyncio.timeout(5):
            while door.server.connection_count() > 1:  # noqa: ASYNC110 - nothing tells that one is gone
                await asyncio.sleep(0)
        await door.stub().get_job_status(GetJobStatusRequest())


async def test_calls_that_are_reset_at_once_leave_nothing_behind() -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        await client.answer(await client.call(HEADERS))
        (connection,) = door.server._open
        for _ in range(200):
            stream_id = client.h2.get_next_available_stream_id()
            client.h2.send_headers(stream_id, HEADERS)
            client.h2.reset_stream(stream_id)
        await client.flush()
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"
        assert connection.processor.streams == {}


async def test_calls_that_were_reset_count_until_they_have_ended() -> None:
    service, asked = Scripted(), 0

    def count(_: GetJobStatusRequest) -> GetJobStatusResponse:
        nonlocal asked
        asked += 1
        return GetJobStatusResponse()

    service.on_status = count
    async with served([service], limits=replace(LIMITS, streams_max=20)) as door, raw(door) as client:
        await client.flush()
        for _ in range(20):
            stream_id = client.h2.get_next_available_stream_id()
            client.h2.send_headers(stream_id, HEADERS)
            client.h2.reset_stream(stream_id)
        answer = await client.answer(await client.call(HEADERS))
        assert "streams_max" in answer["grpc-message"]
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"
    assert asked == 1


async def test_who_does_not_read_is_not_read_either() -> None:
    pings = b"\0\0\x08\x06\0\0\0\0\0\0\0\0\0\0\0\0\0" * 60_000
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    async with served([Scripted()]) as door, asyncio.timeout(30):
        await door.server.connect(theirs)
        (connection,) = door.server._open
        client = H2Connection()
        client.initiate_connection()
        await loop.sock_sendall(ours, client.data_to_send())
        sending = asyncio.create_task(loop.sock_sendall(ours, pings * 4))
        while connection.transport.is_reading():  # noqa: ASYNC110 - nothing tells that it is not read any more
            await asyncio.sleep(0)
        assert connection.transport.get_write_buffer_size() < 1024 * 1024
        while not sending.done():
            await loop.sock_recv(ours, 65536)
        ours.close()


async def test_a_connection_that_says_nothing_is_ended(door_path: Path | None) -> None:
    limits = replace(LIMITS, connections_max=1, greeting_timeout_s=0.05)
    async with served([Scripted()], path=door_path, limits=limits) as door, raw(door) as silent:
        silent.writer.write(b"PRI * HTTP/2.0")
        async with asyncio.timeout(10):
            assert b"greeting_timeout_s" in await silent.reader.read()
        assert (await door.stub().get_job_status(GetJobStatusRequest())).job is not None
