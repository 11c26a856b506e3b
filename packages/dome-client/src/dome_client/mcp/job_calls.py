"""The tools that run tools and look after jobs: run, status, wait, events, cancel.

A call answers within its time whatever the job does: with the job's end, or with its id to go on with.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from dome_client.client import TERMINAL
from dome_client.errors import DomeError
from dome_client.mcp import event_view, job_view
from dome_client.mcp.answers import Answer, failure, out_of_time, refusal
from dome_client.mcp.arguments import Arguments
from dome_client.mcp.background import Background
from dome_client.mcp.catalog_calls import may_run_unasked
from dome_client.mcp.origin import Origin
from dome_client.mcp.runtime import Runtime
from dome_client.mcp.surface import RUN
from dome_client.mcp.tasks import TaskHandle
from dome_client.mcp.times import Times
from dome_contracts.canonical import NotCanonical, canonical_bytes
from dome_contracts.runtime.v1 import Job, ToolSummary, ToolTrust

T = TypeVar("T")

CANCEL_REASON: Final = "The client cancelled the call that waited for it."
_AGAIN_S: Final = 0.1
_UNAVAILABLE: Final = 14
_LOGGER: Final = logging.getLogger(__name__)

Report = Callable[[Job], Awaitable[None]]
"""Tells the client how far a job is."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be run."""

    tool_id: str
    tool_input: bytes
    """As canonical JSON."""
    working_directory: str
    idempotency_key: str = ""
    tool_digest: str | None = None
    """Runs nothing else than this."""
    wait_s: float | None = None
    """None: as long as calls wait that say nothing."""


@dataclass(frozen=True, slots=True)
class JobCaller:
    """Who asks for a run, and what the client of this call takes."""

    origin: Origin
    report: Report | None = None
    as_task: bool = False
    """Whether a job that goes on may be given back as a task."""


class JobCalls:
    """Runs and follows jobs of one daemon."""

    def __init__(self, runtime: Runtime, background: Background, times: Times) -> None:
        self._runtime = runtime
        self._background = background
        self._times = times

    async def run_read_only(self, request: Request, caller: JobCaller) -> Answer | TaskHandle:
        """Run a tool that only reads and is trusted. Refuses any other, and what it becomes in the meantime."""
        end = _now() + self._times.answer_s
        described = await _in_time(
            self._runtime.tool(request.tool_id, working_directory=request.working_directory), end=end
        )
        summary = described.summary or ToolSummary()
        _check_read_only(summary)
        return await self.run(replace(request, tool_digest=summary.tool_digest), caller, end=end)

    async def run(self, request: Request, caller: JobCaller, *, end: float | None = None) -> Answer | TaskHandle:
        """Run a tool and wait for its end. Where the client cancels this call, the job is cancelled."""
        end = end if end is not None else _now() + self._times.answer_s
        wait_s = self._times.task_after_s if caller.as_task else self._times.wait_s
        deadline = _now() + (wait_s if request.wait_s is None else request.wait_s)
        submission = self._background.start(self._submit(request, caller.origin))
        try:
            job = await _in_time(asyncio.shield(submission), end=end)
            if caller.as_task:
                return await self._ended_or_task(job, deadline=deadline, end=end, report=caller.report)
            return await self._waited(job, deadline=deadline, end=end, report=caller.report)
        except asyncio.CancelledError:
            if not self._background.closing:
                self._background.start(self._give_up(submission))
            raise

    async def ended_or_not(self, job_id: str) -> tuple[Job, Answer | None]:
        """A job, and the answer to who waited for it, where it has ended."""
        end = _now() + self._times.answer_s
        job = await _in_time(self._runtime.status(job_id), end=end)
        return job, await self._answer(job, end=end) if job.state in TERMINAL else None

    async def ask_for_end(self, job_id: str, *, reason: str) -> None:
        """Ask for the end of a job. Nothing happens to one that has ended."""
        await _in_time(self._runtime.cancel(job_id, reason=reason), end=_now() + self._times.answer_s)

    async def status(self, arguments: Arguments) -> Answer:
        """How a job stands."""
        job = await self._runtime.status(arguments.text("job_id"))
        return job_view.standing(job, result_offset=arguments.integer("result_offset"))

    async def wait(self, arguments: Arguments, report: Report | None) -> Answer:
        """The end of a job, where it comes in time. Where the client cancels this call, the job goes on."""
        end, deadline = _now() + self._times.answer_s, _now() + arguments.seconds("wait_s", self._times.wait_s)
        job = await _in_time(self._runtime.status(arguments.text("job_id")), end=end)
        return await self._waited(job, deadline=deadline, end=end, report=report)

    async def events(self, arguments: Arguments) -> Answer:
        """A page of what happened."""
        job = await self._runtime.status(arguments.text("job_id"))
        page = await event_view.read_page(
            self._runtime, job, after=arguments.integer("after"), wait_s=arguments.seconds("wait_s", 0)
        )
        ended = job.state in TERMINAL
        at_end = ended and page.next_after >= job.last_seq
        content = {
            "job_id": job.job_id,
            "state": job.state.name or str(int(job.state)),
            "message": _page_message(len(page.lines), at_end=at_end),
            "events": page.lines,
            "more": page.more or (ended and not at_end),
            "next_after": page.next_after,
        }
        return Answer(content, meta={"dome/job_id": job.job_id})

    async def cancel(self, arguments: Arguments) -> Answer:
        """Ask for the end, and look for it for a moment."""
        job_id = arguments.text("job_id")
        job = await self._runtime.cancel(job_id, reason=arguments.text("reason"))
        if job.state not in TERMINAL:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._times.cancel_s):
                    job = await self._runtime.wait(job_id)
        return job_view.standing(job)

    def _submit(self, request: Request, origin: Origin) -> Coroutine[Any, Any, Job]:
        return self._runtime.execute(
            request.tool_id,
            request.tool_input,
            idempotency_key=request.idempotency_key or origin.idempotency_key,
            tool_digest=request.tool_digest,
            working_directory=request.working_directory,
            correlation=origin.correlation(),
        )

    async def _waited(self, job: Job, *, deadline: float, end: float, report: Report | None) -> Answer:
        """The job after the wait. What goes wrong from here on is told together with its id."""
        try:
            job = await self._until(job, deadline=deadline, end=end, report=report)
            return await self._answer(job, end=end)
        except DomeError as error:
            answer = failure(error, job_id=job.job_id, state=job.state.name)
            after = "The job was accepted and is the daemon's: ask for it with job_wait or job_status."
            return Answer({**answer.content, "next": after}, is_error=True, meta=job_view.job_meta(job))

    async def _ended_or_task(
        self, job: Job, *, deadline: float, end: float, report: Report | None
    ) -> Answer | TaskHandle:
        """The end of the job where it comes in time, else the job as a task: it was accepted, whatever comes now."""
        try:
            job = await self._until(job, deadline=deadline, end=end, report=report)
            return await self._answer(job, end=end) if job.state in TERMINAL else TaskHandle(job)
        except DomeError as error:
            _LOGGER.info("a job goes on as a task: %s", error)
            return TaskHandle(job)

    async def _answer(self, job: Job, *, end: float) -> Answer:
        """The job as it stands, with the end of its output where it has no result that says more."""
        tail: list[str] = []
        next_after = None
        if job.outcome is None or not job.outcome.result or job.outcome.failure_reason_code != "NONE":
            tail, next_after = await _in_time(event_view.read_tail(self._runtime, job), end=end)
        return job_view.handle(job, tail=tail, next_after=next_after)

    async def _until(self, job: Job, *, deadline: float, end: float, report: Report | None) -> Job:
        """The job when it has ended, or as it stands at the deadline."""
        reporting = self._background.start_endless(self._report(job.job_id, report)) if report is not None else None
        try:
            async with asyncio.timeout_at(min(deadline, end)):
                return await self._ended(job)
        except TimeoutError:
            return await _in_time(self._runtime.status(job.job_id), end=end)
        finally:
            if reporting is not None:
                reporting.cancel()

    async def _ended(self, job: Job) -> Job:
        while job.state not in TERMINAL:
            try:
                job = await self._runtime.wait(job.job_id)
            except DomeError as error:
                if error.grpc_status != _UNAVAILABLE:
                    raise
                # The status starts the daemon where it may be started; the job is then what became of it.
                job = await self._runtime.status(job.job_id)
                await asyncio.sleep(_AGAIN_S)
        return job

    async def _report(self, job_id: str, report: Report) -> None:
        while True:
            await asyncio.sleep(self._times.progress_s)
            with suppress(DomeError):  # the wait beside this one meets it, too, and answers it
                await report(await self._runtime.status(job_id))

    async def _give_up(self, submission: "asyncio.Task[Job]") -> None:
        job = await submission
        if job.state not in TERMINAL:
            await self._runtime.cancel(job.job_id, reason=CANCEL_REASON)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _in_time(work: Awaitable[T], *, end: float) -> T:
    """What comes of the work before the end of the call. Raises DomeError where nothing does."""
    try:
        async with asyncio.timeout_at(end):
            return await work
    except TimeoutError:
        raise out_of_time(
            "The daemon did not answer in time. Whether it took the request is not known; the same call asks again."
        ) from None


def encoded(tool_input: Mapping[str, Any]) -> bytes:
    """An input as it is sent. Raises DomeError where it is outside of what JSON promises to all readers."""
    try:
        return canonical_bytes(tool_input)
    except NotCanonical as error:
        raise refusal("INVALID_REQUEST", f"The input cannot be sent: {error}.", field="input") from error


def request_of(arguments: Arguments, *, directory: str) -> Request:
    """What the arguments of the run tools ask for."""
    return Request(
        arguments.text("tool_id"),
        encoded(arguments.value("input")),
        arguments.text("working_directory") or directory,
        idempotency_key=arguments.text("idempotency_key"),
        wait_s=arguments.seconds("wait_s", 0) if arguments.has("wait_s") else None,
    )


def _check_read_only(summary: ToolSummary) -> None:
    """Raises DomeError where a client would have to ask a person first."""
    if may_run_unasked(summary):
        return
    if summary.trust is not ToolTrust.TRUSTED:
        raise refusal(
            "TOOL_UNTRUSTED",
            f"The user has not approved {summary.tool_id!r}, so it cannot be run.",
            skill_id=summary.tool_id,
            digest=summary.tool_digest,
            command=f"dome tools trust {summary.tool_id} --digest {summary.tool_digest}",
        )
    error = refusal(
        "INVALID_REQUEST",
        f"{summary.tool_id!r} is not read-only: it may change things, so it is not run without asking.",
        field="tool_id",
    )
    error.remedy = f"Call {RUN.name} with the same arguments."
    raise error


def _page_message(count: int, *, at_end: bool) -> str:
    if count:
        return f"{count} lines; this is the end of the record." if at_end else f"{count} lines."
    return "Nothing after this; the job has ended." if at_end else "Nothing after this yet."
