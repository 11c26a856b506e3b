"""Streams end cleanly and leave the loop to others."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    Heartbeat,
    JobEvent,
    Output,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from packages.domed.tests.rpc.kit import Scripted, served


async def test_the_finally_of_a_stream_runs_when_its_reader_leaves(door_path: Path | None) -> None:
    service = Scripted()
    ended = [asyncio.Event() for _ in range(3)]
    page = StreamJobEventsResponse(events=[JobEvent(output=Output(data=bytes(100_000)))])

    async def flood(message: StreamJobEventsRequest) -> AsyncIterator[StreamJobEventsResponse]:
        try:
            while True:
                yield page
        finally:
            ended[message.since_seq].set()

    service.on_stream = flood  # type: ignore[assignment]
    async with served([service], path=door_path) as door:
        for number, event in enumerate(ended):
            stream = door.stub().stream_job_events(StreamJobEventsRequest(since_seq=number))
            await anext(stream)
            await stream.aclose()  # type: ignore[attr-defined]
            async with asyncio.timeout(5):
                await event.wait()


async def test_a_stream_that_always_has_more_lets_other_calls_in(door_path: Path | None) -> None:
    service = Scripted()

    async def flood(message: StreamJobEventsRequest) -> AsyncIterator[StreamJobEventsResponse]:
        while True:
            yield StreamJobEventsResponse(heartbeat=Heartbeat(position=1))

    service.on_stream = flood  # type: ignore[assignment]
    async with served([service], path=door_path) as door:
        stub = door.stub()
        stream = stub.stream_job_events(StreamJobEventsRequest())
        await anext(stream)
        durations = []
        for _ in range(5):
            started = time.monotonic()
            await door.stub().get_job_status(GetJobStatusRequest())
            durations.append(time.monotonic() - started)
        await stream.aclose()  # type: ignore[attr-defined]
    assert sorted(durations)[2] < 1.0
