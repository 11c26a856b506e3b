"""The fake runtime behind the wire of the contract, served by a thread, as a daemon would serve it."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.protocol import H2Protocol
from grpclib.server import Server

from dome_client.channel import DetailsCodec
from dome_client.errors import DomeError
from dome_client.testing import FakeRuntime
from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.rpc_errors import DOMAIN
from dome_contracts.runtime import v1


class Serving(v1.RuntimeServiceBase):
    """A runtime behind the wire of the contract, as a daemon has it."""

    def __init__(self, runtime: FakeRuntime) -> None:
        self.runtime = runtime
        self.refused = [v1.RefusedRequest(refusal_id="ref-0", reason=ErrorReason.TOOL_UNTRUSTED, skill_id="a.tool")]

    async def list_capabilities(self, message: v1.ListCapabilitiesRequest) -> v1.ListCapabilitiesResponse:
        return await self.runtime.capabilities()

    async def list_tools(self, message: v1.ListToolsRequest) -> v1.ListToolsResponse:
        listed = await self.runtime.tools(message.query, kind=message.kind)
        if message.include_approvals:
            listed.approvals = list(await self.runtime.approvals())
        return listed

    async def trust_tool(self, message: v1.TrustToolRequest) -> v1.TrustToolResponse:
        with refusals():
            if message.decision is v1.TrustDecision.REVOKE:
                return await self.runtime.untrust(message.tool_id, tool_digest=message.tool_digest)
            return v1.TrustToolResponse(tool=await self.runtime.trust(message.tool_id, message.tool_digest))

    async def get_tool(self, message: v1.GetToolRequest) -> v1.GetToolResponse:
        with refusals():
            return v1.GetToolResponse(tool=await self.runtime.tool(message.tool_id))

    async def skill_execute(self, message: v1.SkillExecuteRequest) -> v1.SkillExecuteResponse:
        with refusals():
            job = await (self._retried(message) if message.retry_of_job_id else self._executed(message))
            return v1.SkillExecuteResponse(job=job, request_digest=job.request_digest)

    async def _executed(self, message: v1.SkillExecuteRequest) -> v1.Job:
        return await self.runtime.execute(
            message.skill_id,
            message.input,
            idempotency_key=message.idempotency_key,
            tool_version=message.tool_version,
            tool_digest=message.tool_digest,
            working_directory=message.working_directory,
            labels=message.labels,
            correlation=message.correlation,
            required_features=message.required_features,
        )

    async def _retried(self, message: v1.SkillExecuteRequest) -> v1.Job:
        return await self.runtime.retry(
            message.retry_of_job_id,
            idempotency_key=message.idempotency_key,
            tool_version=message.tool_version,
            tool_digest=message.tool_digest,
            lock_wait=message.lock_wait,
            labels=message.labels,
            correlation=message.correlation,
        )

    async def get_job_status(self, message: v1.GetJobStatusRequest) -> v1.GetJobStatusResponse:
        with refusals():
            return v1.GetJobStatusResponse(job=await self.runtime.status(message.job_id))

    async def list_jobs(self, message: v1.ListJobsRequest) -> v1.ListJobsResponse:
        listing = await self.runtime.listing(
            states=message.states, skill_id=message.skill_id, labels=message.labels, limit=1000
        )
        found = listing.jobs
        start = int(message.page_token or 0)
        end = start + min(message.page_size or 100, 2)
        return v1.ListJobsResponse(
            jobs=list(found[start:end]),
            next_page_token=str(end) if end < len(found) else "",
            refused=self.refused if message.include_refused and not start else [],
            revision=0 if start else listing.revision,
        )

    async def list_locks(self, message: v1.ListLocksRequest) -> v1.ListLocksResponse:
        return await self.runtime.locks()

    async def cancel_job(self, message: v1.CancelJobRequest) -> v1.CancelJobResponse:
        with refusals():
            return v1.CancelJobResponse(job=await self.runtime.cancel(message.job_id, reason=message.reason))

    async def read_artifact(self, message: v1.ReadArtifactRequest) -> AsyncIterator[v1.ReadArtifactResponse]:
        with refusals():
            async with aclosing(self.runtime.artifact(message.digest, offset=message.offset)) as pieces:
                async for piece in pieces:
                    yield v1.ReadArtifactResponse(data=piece)

    async def stream_job_events(self, message: v1.StreamJobEventsRequest) -> AsyncIterator[v1.StreamJobEventsResponse]:
        with refusals():
            events = self.runtime.events(message.job_id, since_seq=message.since_seq, follow=message.follow)
            async with aclosing(events):
                async for event in events:
                    if message.suppress_output and event.output is not None:
                        heartbeat = v1.Heartbeat(position=event.last_seq, output_suppressed=True)
                        yield v1.StreamJobEventsResponse(heartbeat=heartbeat)
                    else:
                        yield v1.StreamJobEventsResponse(events=[event])

    async def watch_jobs(self, message: v1.WatchJobsRequest) -> AsyncIterator[v1.WatchJobsResponse]:
        with refusals():
            changes = self.runtime.watch(
                since_revision=message.since_revision,
                states=message.states,
                skill_id=message.skill_id,
                run_id=message.run_id,
                labels=message.labels,
            )
            async with aclosing(changes):
                async for change in changes:
                    yield v1.WatchJobsResponse(changes=[change], revision=change.revision, store_id="fake")


class refusals:  # noqa: N801 - reads as a statement
    """Turns refusals of the fake into what travels."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if isinstance(error, DomeError):
            info = ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
            raise GRPCError(Status(error.grpc_status), error.message, [info]) from error


class ClosingServer(Server):
    """Cuts its connections when it stops, as the end of a process does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._transports: list[Any] = []

    def connection_count(self) -> int:
        """How many connections were made so far."""
        return len(self._transports)

    def _protocol_factory(self) -> H2Protocol:
        protocol = super()._protocol_factory()
        connection_made = protocol.connection_made

        def keep(transport: asyncio.BaseTransport) -> None:
            self._transports.append(transport)
            connection_made(transport)

        protocol.connection_made = keep  # type: ignore[method-assign]
        return protocol

    async def stop(self, path: str) -> None:
        # asyncio forgets a connection that it is just accepting when a server closes, and its peer waits for ever.
        # So first nobody can connect any more, then those that could are accepted, then it closes.
        os.unlink(path)
        await turns()
        self.close()
        for transport in self._transports:
            transport.abort()  # close() would wait for a reader that may be gone
        await asyncio.wait_for(self.wait_closed(), 5)
        await turns()


async def turns() -> None:
    """Let the loop do what it has to do already: accept, make connections, close transports."""
    for _ in range(10):
        await asyncio.sleep(0)


class serving:  # noqa: N801 - reads as a statement
    """Serves from a thread with a loop of its own while the block runs."""

    server: ClosingServer

    def __init__(self, service: v1.RuntimeServiceBase, path: str) -> None:
        self._service = service
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve)
        self._ready = threading.Event()
        self._stop = asyncio.Event()

    def __enter__(self) -> Callable[..., Any]:
        self._thread.start()
        assert self._ready.wait(10)
        return self._loop.call_soon_threadsafe

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._until_stopped())
        self._loop.close()

    async def _until_stopped(self) -> None:
        self.server = server = ClosingServer([self._service], status_details_codec=DetailsCodec())
        await server.start(path=self._path)
        self._ready.set()
        await self._stop.wait()
        await server.stop(self._path)
