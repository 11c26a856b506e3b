"""A door with a service of the test's own behind it, over a socket pair or a Unix socket."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grpclib.client import Channel
from grpclib.exceptions import GRPCError
from grpclib.protocol import H2Protocol

from dome_contracts.google.rpc import BadRequest, ErrorInfo, RetryInfo
from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    GetJobStatusResponse,
    Job,
    RuntimeServiceBase,
    RuntimeServiceStub,
    SkillExecuteRequest,
    SkillExecuteResponse,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from domed.clock import SystemClock, SystemIds
from domed.rpc.details import DetailsCodec
from domed.rpc.edge import Edge, trailers
from domed.rpc.memory import InProcessChannel
from domed.rpc.server import CLOSE_TIMEOUT_S, DrainingServer
from domed.rpc.streams import StreamSafe
from domed.rpc.wire import WireLimits

T = TypeVar("T")
LIMITS = WireLimits(message_bytes_max=1024 * 1024, incoming_bytes_max=4 * 1024 * 1024)


class Scripted(StreamSafe, RuntimeServiceBase):
    """Answers as the test says."""

    def __init__(self) -> None:
        self.on_status: Callable[[GetJobStatusRequest], Any] = lambda _: GetJobStatusResponse(job=Job(job_id="job-x"))
        self.on_stream: Callable[[StreamJobEventsRequest], AsyncGenerator[StreamJobEventsResponse, None]] | None = None
        self.executed: list[SkillExecuteRequest] = []

    async def get_job_status(self, message: GetJobStatusRequest) -> GetJobStatusResponse:
        answer = self.on_status(message)
        if asyncio.iscoroutine(answer):
            answer = await answer
        assert isinstance(answer, GetJobStatusResponse)
        return answer

    async def skill_execute(self, message: SkillExecuteRequest) -> SkillExecuteResponse:
        self.executed.append(message)
        return SkillExecuteResponse(request_digest=str(len(message.input)))

    async def stream_job_events(self, message: StreamJobEventsRequest) -> AsyncGenerator[StreamJobEventsResponse, None]:
        assert self.on_stream is not None
        async for answer in self.on_stream(message):
            yield answer


class LiveChannel(Channel):
    """Notices a connection that broke while it was being made, where the library would go on without one."""

    async def __connect__(self) -> H2Protocol:
        protocol = await super().__connect__()
        if protocol.connection.is_closing():
            raise ConnectionResetError
        return protocol


@dataclass(slots=True)
class Served:
    edge: Edge
    server: DrainingServer
    path: Path | None
    channels: list[Channel]

    def channel(self) -> Channel:
        """Another connection."""
        made: Channel = (
            InProcessChannel(self.server)
            if self.path is None
            else LiveChannel(path=str(self.path), status_details_codec=DetailsCodec(), codec=self.server._codec)
        )
        self.channels.append(made)
        return made

    def stub(self) -> RuntimeServiceStub:
        return RuntimeServiceStub(self.channel())


@asynccontextmanager
async def served(
    services: Sequence[Any],
    *,
    path: Path | None = None,
    limits: WireLimits = LIMITS,
    uid: int | None = None,
    new_work: Sequence[str] = (),
    close_timeout_s: float = CLOSE_TIMEOUT_S,
) -> AsyncIterator[Served]:
    clock = SystemClock()
    edge = Edge(
        services,
        uid=os.getuid() if uid is None else uid,
        clock=clock,
        ids=SystemIds(clock),
        open_calls_max=limits.open_calls_max,
        new_work=new_work,
    )
    server = DrainingServer(
        [edge], limits=limits, refusal=trailers, seldom=edge.seldom, close_timeout_s=close_timeout_s
    )
    if path is not None:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(path))
        server.listen(listening)
    made = Served(edge, server, path, [])
    try:
        yield made
    finally:
        async with asyncio.timeout(15):
            await server.end()
        for channel in made.channels:
            channel.close()


def reason(error: GRPCError) -> str:
    return info(error).reason


def info(error: GRPCError) -> ErrorInfo:
    return detail(error, ErrorInfo)


def retry(error: GRPCError) -> RetryInfo | None:
    found = [each for each in error.details or () if isinstance(each, RetryInfo)]
    return found[0] if found else None


def fields(error: GRPCError) -> list[str]:
    return [violation.field for violation in detail(error, BadRequest).field_violations]


def detail(error: GRPCError, kind: type[T]) -> T:
    found = [each for each in error.details or () if isinstance(each, kind)]
    assert len(found) == 1, f"{kind.__name__} once in {error.details!r}"
    return found[0]
