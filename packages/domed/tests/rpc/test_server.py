"""The server ends in bounded time, whatever its clients do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from grpclib.exceptions import GRPCError, StreamTerminatedError

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    GetJobStatusResponse,
    JobEvent,
    RuntimeServiceStub,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from packages.domed.tests.rpc.kit import Scripted, served

BOUND_S = 10
"""Far more than an end takes."""
NEVER_S = 3600.0
"""A timeout that no end may need."""


async def test_an_idle_client_does_not_hold_up_the_end(door_path: Path | None) -> None:
    async with served([Scripted()], path=door_path, close_timeout_s=NEVER_S) as door:
        await door.stub().get_job_status(GetJobStatusRequest())
        async with asyncio.timeout(BOUND_S):
            await door.server.end()


async def test_a_follower_does_not_hold_up_the_end(door_path: Path | None) -> None:
    service = Scripted()

    async def follow(message: StreamJobEventsRequest) -> AsyncIterator[StreamJobEventsResponse]:
        yield StreamJobEventsResponse()
        await asyncio.Event().wait()

    service.on_stream = follow  # type: ignore[assignment]
    async with served([service], path=door_path, close_timeout_s=NEVER_S) as door:
        stream = door.stub().stream_job_events(StreamJobEventsRequest())
        await anext(stream)
        async with asyncio.timeout(BOUND_S):
            await door.edge.end_calls(NEVER_S)
            await door.server.end()
        # A client of this library that reads only after the connection is gone sees the end and no status.
        with pytest.raises((GRPCError, StreamTerminatedError, StopAsyncIteration)):
            await anext(stream)


async def test_a_call_that_is_answered_during_the_end_keeps_its_answer(door_path: Path | None) -> None:
    service, entered, leave = Scripted(), asyncio.Event(), asyncio.Event()

    async def hold() -> GetJobStatusResponse:
        entered.set()
        await leave.wait()
        return GetJobStatusResponse()

    service.on_status = lambda _: hold()
    async with served([service], path=door_path) as door:
        call = asyncio.ensure_future(door.stub().get_job_status(GetJobStatusRequest()))
        await entered.wait()
        door.server.stop_listening()
        door.edge.drain()
        leave.set()
        assert await call == GetJobStatusResponse()


async def test_a_server_that_stopped_listening_refuses_connections(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    async with served([Scripted()], path=path) as door:
        await door.stub().get_job_status(GetJobStatusRequest())
        door.server.stop_listening()
        with pytest.raises(ConnectionError):
            await asyncio.open_unix_connection(str(path))


async def test_a_client_that_does_not_read_is_cut_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service, path = Scripted(), tmp_path / "d.sock"

    async def flood(message: StreamJobEventsRequest) -> AsyncIterator[StreamJobEventsResponse]:
        while True:
            yield StreamJobEventsResponse(events=[JobEvent(job_id="x" * 60_000)])

    service.on_stream = flood  # type: ignore[assignment]
    async with served([service], path=path, close_timeout_s=0.05) as door:
        channel = door.channel()
        stream = RuntimeServiceStub(channel).stream_job_events(StreamJobEventsRequest())
        await anext(stream)
        protocol = await channel.__connect__()
        protocol.connection._transport.pause_reading()
        (connection,) = door.server._open
        async with asyncio.timeout(BOUND_S):
            while not connection.transport.get_write_buffer_size():  # noqa: ASYNC110 - a full socket is no event
                await asyncio.sleep(0)
            await door.server.end()
        assert door.server.connection_count() == 0
    assert "connections were not read to their end" in caplog.text


async def test_a_call_that_ignores_its_end_is_left_behind(door_path: Path | None) -> None:
    service, entered, leave = Scripted(), asyncio.Event(), asyncio.Event()

    async def stubborn() -> GetJobStatusResponse:
        entered.set()
        while not leave.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await leave.wait()
        return GetJobStatusResponse()

    service.on_status = lambda _: stubborn()
    async with served([service], path=door_path, close_timeout_s=0.05) as door:
        call = asyncio.ensure_future(door.stub().get_job_status(GetJobStatusRequest()))
        await entered.wait()
        async with asyncio.timeout(BOUND_S):
            await door.server.end()
        leave.set()
        with pytest.raises((GRPCError, StreamTerminatedError)):
            await call
