"""The bridge: the listing of tools, and what a call of each does. Knows no SDK of the protocol and no transport."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from dome_client.errors import DomeError
from dome_client.mcp import catalog_calls, exposure
from dome_client.mcp.answers import Answer, failure, out_of_time, reason_of, refusal
from dome_client.mcp.arguments import Arguments
from dome_client.mcp.background import Background
from dome_client.mcp.exposure import Exposed, Exposure
from dome_client.mcp.job_calls import JobCaller, JobCalls, Report, Request, encoded, request_of
from dome_client.mcp.origin import Origin
from dome_client.mcp.runtime import Connect
from dome_client.mcp.surface import (
    CANCEL,
    DEFINITIONS,
    DESCRIBE,
    EVENTS,
    RUN,
    RUN_READ_ONLY,
    SEARCH,
    STATUS,
    WAIT,
    Definition,
)
from dome_client.mcp.tasks import CANCEL_REASON, TaskHandle
from dome_client.mcp.times import TIMES, Times
from dome_contracts.runtime.v1 import Job

CALLS_MAX: Final = 64
"""Most calls at a time. A model makes a few; each that waits holds a connection to the daemon."""
_LOGGER: Final = logging.getLogger(__name__)
_BY_NAME: Final = {each.name: each for each in DEFINITIONS}
_NOTHING: Final = Exposure({}, ())


class UnknownTool(Exception):
    """No tool of the listing has this name."""


class Bridge:
    """One client's view of one daemon."""

    def __init__(self, connect: Connect, *, directory: str, exposed: Sequence[str] = (), times: Times = TIMES) -> None:
        self.times = times
        self._connect = connect
        self._directory = directory
        self._patterns = tuple(exposed)
        self._exposure = _NOTHING
        self.background = Background(grace_s=times.close_s)
        """What was begun here and is not waited for."""
        self._calls = 0
        self.complete = not self._patterns
        """Whether the listing holds what the patterns name. Not so while the daemon cannot be asked."""

    def close(self) -> None:
        """The client has left: from here on a cancelled call says nothing about its job."""
        self.background.closing = True

    async def aclose(self) -> None:
        """End what still runs here. Jobs go on."""
        await self.background.aclose()

    async def definitions(self) -> Sequence[Definition]:
        """The listing, which never fails: without the daemon it is that of the last time, or the eight alone."""
        if self._patterns:
            try:
                async with asyncio.timeout(self.times.listing_s):
                    self._exposure = await exposure.expose(self._connect(), self._patterns, directory=self._directory)
                self.complete = True
                for report in self._exposure.reports:
                    _LOGGER.warning("%s", report)
            except DomeError as error:
                _LOGGER.warning("the tools to expose are not known yet: %s", error)
            except TimeoutError:
                _LOGGER.warning("the tools to expose are not known yet: the daemon does not answer")
        return [*DEFINITIONS, *(each.definition for each in self._exposure.tools.values())]

    async def call(
        self,
        name: str,
        given: Mapping[str, Any],
        origin: Origin,
        *,
        report: Report | None = None,
        as_task: bool = False,
    ) -> Answer | TaskHandle:
        """What a call comes back with, in time. `as_task`: a job that goes on may be a task. Raises UnknownTool."""
        if not self._is_known(name) and self._patterns:
            await self.definitions()  # the client has the name from a listing of another bridge
        if not self._is_known(name):
            raise UnknownTool(name)
        try:
            with self._counted():
                return await self._answer(name, given, JobCaller(origin, report, as_task=as_task))
        except DomeError as error:
            return self._failed(error, name)

    async def task(self, task_id: str) -> tuple[Job, Answer | None]:
        """A job, and what the call that waits for it would come back with, where it has ended. Raises DomeError."""
        with self._counted():
            return await self._jobs().ended_or_not(task_id)

    async def cancel_task(self, task_id: str) -> None:
        """Ask for the end of a job, and do not look for it. Raises DomeError."""
        with self._counted():
            await self._jobs().ask_for_end(task_id, reason=CANCEL_REASON)

    def _is_known(self, name: str) -> bool:
        return name in _BY_NAME or name in self._exposure.tools

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """One of the calls at a time. Raises DomeError where there are too many."""
        if self._calls >= CALLS_MAX:
            raise refusal("LIMIT_EXCEEDED", f"{CALLS_MAX} calls are on their way already.", limit="calls")
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    def _jobs(self) -> JobCalls:
        return JobCalls(self._connect(), self.background, self.times)

    async def _answer(self, name: str, given: Mapping[str, Any], caller: JobCaller) -> Answer | TaskHandle:
        jobs = self._jobs()
        if (tool := self._exposure.tools.get(name)) is not None:
            return await jobs.run(self._exposed_request(tool, given), caller)
        arguments = Arguments(_BY_NAME[name], given)
        match name:
            case RUN_READ_ONLY.name:
                return await jobs.run_read_only(request_of(arguments, directory=self._directory), caller)
            case RUN.name:
                return await jobs.run(request_of(arguments, directory=self._directory), caller)
            case WAIT.name:
                return await jobs.wait(arguments, caller.report)
        try:
            async with asyncio.timeout(self.times.answer_s):
                return await self._ask(name, arguments, jobs)
        except TimeoutError:
            raise out_of_time("The daemon did not answer in time.") from None

    async def _ask(self, name: str, arguments: Arguments, jobs: JobCalls) -> Answer:
        match name:
            case SEARCH.name:
                reports = self._exposure.reports
                return await catalog_calls.search_tools(
                    self._connect(), arguments, directory=self._directory, reports=reports
                )
            case DESCRIBE.name:
                return await catalog_calls.describe_tool(self._connect(), arguments, directory=self._directory)
            case STATUS.name:
                return await jobs.status(arguments)
            case EVENTS.name:
                return await jobs.events(arguments)
        assert name == CANCEL.name
        return await jobs.cancel(arguments)

    def _exposed_request(self, tool: Exposed, given: Mapping[str, Any]) -> Request:
        return Request(tool.tool_id, encoded(given), self._directory, tool_digest=tool.tool_digest)

    def _failed(self, error: DomeError, name: str) -> Answer:
        answer = failure(error)
        if name in self._exposure.tools and reason_of(error) == "MANIFEST_CHANGED":
            self.complete = False
            after = "The tool changed since it was listed. List the tools again, or use search_tools and run_tool."
            return Answer({**answer.content, "next": after}, is_error=True)
        return answer
