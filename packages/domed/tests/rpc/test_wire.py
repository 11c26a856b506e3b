"""Limits of a connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from h2.connection import H2Connection

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    GetJobStatusResponse,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from packages.domed.tests.rpc.kit import LIMITS, Scripted, info, reason, served
from packages.domed.tests.rpc.raw import HEADERS, raw


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
