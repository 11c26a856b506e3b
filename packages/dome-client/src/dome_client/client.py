"""The SDK: one object for all calls to one daemon.

Answers are messages of the contract, errors are DomeError by reason. Repeats what is safe to repeat: calls that change
nothing, cancellation, and execution, because each has an idempotency key. A stream of events or changes goes on after
a lost connection, also across a restart of the daemon, with the one after the last. Starts no daemon by itself: see
`dome_client.connection`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from dome_client.calling import PATIENT, Caller, Patience, Starter
from dome_client.catalog import PAGE_SIZE, ToolCalls, present
from dome_client.endpoint import Endpoint
from dome_client.errors import ArtifactDamaged
from dome_client.trace import in_trace
from dome_client.waking import Waking
from dome_contracts.canonical import Digester, canonical_bytes
from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    Correlation,
    ExecuteConstraints,
    GetJobStatusRequest,
    Job,
    JobChange,
    JobEvent,
    JobState,
    ListCapabilitiesResponse,
    ListJobsRequest,
    ListJobsResponse,
    ListLocksResponse,
    LockWait,
    ReadArtifactRequest,
    SkillExecuteRequest,
    SkillExecuteResponse,
    StreamJobEventsRequest,
    WatchJobsRequest,
)

T = TypeVar("T")

TERMINAL: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED})
"""The states that a job does not leave."""


class Client(ToolCalls):
    """Calls one daemon. Connects with the first call; close it, or use it in `async with`."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        make_key: Callable[[], str],
        environ: Mapping[str, str],
        start: Starter | None = None,
        patience: Patience = PATIENT,
        client_name: str = "",
        waking: Waking | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._make_key = make_key
        self._environ = environ
        self._caller = Caller(
            endpoint, environ=environ, start=start, patience=patience, client_name=client_name, waking=waking
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections. Jobs go on."""
        self._caller.close()
        await asyncio.sleep(0)  # transports close in the turn after they are told to

    async def capabilities(self) -> ListCapabilitiesResponse:
        """What the daemon is and can do."""
        return await self._caller.call(lambda stub, timeout_s: stub.list_capabilities(timeout=timeout_s))

    async def execute(
        self,
        skill_id: str,
        tool_input: Mapping[str, Any] | bytes = b"",
        *,
        idempotency_key: str = "",
        tool_version: str | None = None,
        tool_digest: str | None = None,
        working_directory: str = "",
        environment: Mapping[str, str] | None = None,
        constraints: ExecuteConstraints | None = None,
        priority: int = 0,
        lock_wait: LockWait = LockWait.UNSPECIFIED,
        labels: Mapping[str, str] | None = None,
        correlation: Correlation | None = None,
        required_features: Sequence[str] = (),
    ) -> Job:
        """Ask for one execution; the answer comes before the tool has run, and the job is durable by then.

        The input is sent as canonical JSON, or as it is where it is bytes. Without a key the call makes one, so that a
        repetition after a lost connection gives the same job. A daemon without one of the features refuses.
        """
        request = SkillExecuteRequest(
            skill_id=skill_id,
            tool_version=tool_version,
            tool_digest=tool_digest,
            input=tool_input if isinstance(tool_input, bytes) else canonical_bytes(tool_input),
            constraints=constraints,
            idempotency_key=idempotency_key,
            working_directory=working_directory,
            environment=dict(environment or {}),
            priority=priority,
            lock_wait=lock_wait,
            labels=dict(labels or {}),
            correlation=correlation,
            required_features=list(required_features),
        )
        return present((await self.execute_request(request)).job, "SkillExecute")

    async def execute_request(self, request: SkillExecuteRequest) -> SkillExecuteResponse:
        """The same with the whole request and the whole answer of the contract.

        Without a trace of its own it continues the one that this program is part of.
        """
        traced = replace(request, correlation=in_trace(request.correlation, self._environ))
        keyed = traced if traced.idempotency_key else replace(traced, idempotency_key=self._make_key())
        return await self._caller.call(lambda stub, timeout_s: stub.skill_execute(keyed, timeout=timeout_s))

    async def retry(
        self,
        job_id: str,
        *,
        idempotency_key: str = "",
        tool_version: str | None = None,
        tool_digest: str | None = None,
        constraints: ExecuteConstraints | None = None,
        lock_wait: LockWait = LockWait.UNSPECIFIED,
        labels: Mapping[str, str] | None = None,
        correlation: Correlation | None = None,
    ) -> Job:
        """Ask for what a job that has ended was asked for, once more: same input, directory and environment.

        The tool is the one that has the id by now; pin the digest of the job's where it has to be the same. What is not
        said here is as in that job's request. Otherwise as `execute`.
        """
        request = SkillExecuteRequest(
            retry_of_job_id=job_id,
            tool_version=tool_version,
            tool_digest=tool_digest,
            constraints=constraints,
            idempotency_key=idempotency_key,
            lock_wait=lock_wait,
            labels=dict(labels or {}),
            correlation=correlation,
        )
        return present((await self.execute_request(request)).job, "SkillExecute")

    async def status(self, job_id: str) -> Job:
        """One job as it stands."""
        request = GetJobStatusRequest(job_id=job_id)
        answer = await self._caller.call(lambda stub, timeout_s: stub.get_job_status(request, timeout=timeout_s))
        return present(answer.job, "GetJobStatus")

    async def jobs(
        self,
        *,
        states: Sequence[JobState] = (),
        skill_id: str = "",
        run_id: str = "",
        labels: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> Sequence[Job]:
        """The newest jobs that fit, newest first, at most `limit`. Without their results: see `status`."""
        listed = await self.listing(states=states, skill_id=skill_id, run_id=run_id, labels=labels, limit=limit)
        return listed.jobs

    async def listing(
        self,
        *,
        states: Sequence[JobState] = (),
        skill_id: str = "",
        run_id: str = "",
        labels: Mapping[str, str] | None = None,
        include_refused: bool = False,
        limit: int = 100,
    ) -> ListJobsResponse:
        """The same, with the revision after which `watch` goes on; also refused requests where they are asked for."""
        request = ListJobsRequest(
            states=list(states),
            skill_id=skill_id,
            run_id=run_id,
            labels=dict(labels or {}),
            include_refused=include_refused,
            page_size=min(PAGE_SIZE, limit),
        )
        whole = await self._list_jobs(request)
        while whole.next_page_token and (missing := limit - len(whole.jobs) - len(whole.refused)) > 0:
            page_size = min(PAGE_SIZE, missing)
            page = await self._list_jobs(replace(request, page_size=page_size, page_token=whole.next_page_token))
            whole = replace(
                whole,
                jobs=[*whole.jobs, *page.jobs],
                refused=[*whole.refused, *page.refused],
                next_page_token=page.next_page_token,
            )
        return whole

    async def cancel(self, job_id: str, *, reason: str = "") -> Job:
        """Ask for the end of a job. It has not ended by the answer: wait for it, or follow its events."""
        request = CancelJobRequest(job_id=job_id, reason=reason)
        answer = await self._caller.call(lambda stub, timeout_s: stub.cancel_job(request, timeout=timeout_s))
        return present(answer.job, "CancelJob")

    async def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> AsyncGenerator[JobEvent, None]:
        """The events after `since_seq`, in order and without gaps; with `follow`, until the job has ended.

        Goes on by itself after a lost connection. Close it (`contextlib.aclosing`) where you leave it early.
        """
        request = StreamJobEventsRequest(job_id=job_id, since_seq=since_seq, follow=follow)
        async with aclosing(self._caller.follow(request)) as responses:
            async for response in responses:
                for event in response.events:
                    yield event

    async def stored_events(self, job_id: str, *, since_seq: int = 0) -> AsyncGenerator[bytes, None]:
        """The events of a job, each in the bytes in which it is stored, and unchecked: the record may be broken.

        Does not go on by itself after a lost connection. The hash chain covers these bytes.
        """
        request = StreamJobEventsRequest(job_id=job_id, since_seq=since_seq)
        async with aclosing(self._caller.stored(request)) as events:
            async for data in events:
                yield data

    async def wait(self, job_id: str) -> Job:
        """The job when it has ended."""
        job = await self.status(job_id)
        if job.state in TERMINAL:
            return job
        request = StreamJobEventsRequest(job_id=job_id, since_seq=job.last_seq, follow=True, suppress_output=True)
        async with aclosing(self._caller.follow(request)) as responses:
            async for _ in responses:
                pass
        return await self.status(job_id)

    async def locks(self) -> ListLocksResponse:
        """The named locks that are held or waited for, ordered by name."""
        return await self._caller.call(lambda stub, timeout_s: stub.list_locks(timeout=timeout_s))

    async def watch(
        self,
        *,
        since_revision: int = 0,
        states: Sequence[JobState] = (),
        skill_id: str = "",
        run_id: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[JobChange, None]:
        """State changes of all jobs that fit, after a revision or from the oldest that is kept, without end.

        Goes on by itself after a lost connection, also with the next daemon of the same store. Close it
        (`contextlib.aclosing`) when you leave it. To begin with the jobs as they stand, `listing` has the revision.
        """
        request = WatchJobsRequest(
            since_revision=since_revision,
            states=list(states),
            skill_id=skill_id,
            run_id=run_id,
            labels=dict(labels or {}),
        )
        async with aclosing(self._caller.watch(request)) as responses:
            async for response in responses:
                for change in response.changes:
                    yield change

    async def artifact(self, digest: str, *, offset: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes of an artifact from `offset` on, in pieces. Goes on by itself after a lost connection.

        Whatever ends without an error is whole: the daemon checks the digest, and from the beginning so does this.
        Raises ArtifactDamaged where what came has another digest.
        """
        digester = Digester()
        request = ReadArtifactRequest(digest=digest, offset=offset)
        async with aclosing(self._caller.read(request)) as pieces:
            async for piece in pieces:
                digester.update(piece)
                yield piece
        if not offset and digester.digest() != digest:
            raise ArtifactDamaged(digest, found=digester.digest())

    async def _list_jobs(self, request: ListJobsRequest) -> ListJobsResponse:
        return await self._caller.call(lambda stub, timeout_s: stub.list_jobs(request, timeout=timeout_s))
