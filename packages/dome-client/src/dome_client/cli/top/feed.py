"""Brings what happens at the daemon to the screen, and goes on when the daemon was away. Draws nothing."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, Protocol

from dome_client.cli.top.board import JOBS_MAX
from dome_client.client import TERMINAL
from dome_client.errors import DaemonUnreachable, DomeError
from dome_contracts.runtime.v1 import (
    CatalogProblem,
    Job,
    JobChange,
    JobEvent,
    ListJobsResponse,
    ListLocksResponse,
    ListToolsResponse,
    Lock,
)

TAIL_EVENTS: Final = 500
"""How many of the last events of a job are read when it is chosen."""
LOCKS_EVERY_S: Final = 2.0
CATALOG_EVERY_LOOKS: Final = 5
_DELAY_MIN_S: Final = 0.25
_DELAY_MAX_S: Final = 4.0


class Runtime(Protocol):
    """What is asked of a daemon. `dome_client.Client` has it."""

    async def listing(self, *, limit: int = ...) -> ListJobsResponse: ...

    def watch(self, *, since_revision: int = ...) -> AsyncGenerator[JobChange, None]: ...

    def events(self, job_id: str, *, since_seq: int = ..., follow: bool = ...) -> AsyncGenerator[JobEvent, None]: ...

    async def cancel(self, job_id: str, *, reason: str = ...) -> Job: ...

    async def locks(self) -> ListLocksResponse: ...

    async def tools(self, query: str = ..., *, working_directory: str = ...) -> ListToolsResponse: ...


class Screen(Protocol):
    """Who is told."""

    def jobs_are(self, jobs: Sequence[Job]) -> None:
        """All jobs, as they stand."""

    def job_is(self, job: Job) -> None:
        """One of them, as it stands by now."""

    def tail_has(self, event: JobEvent) -> None:
        """What happened in the chosen job."""

    def tail_failed(self, error: DomeError) -> None:
        """Its events cannot be read."""

    def locks_are(self, locks: Sequence[Lock]) -> None:
        """The locks that are held or waited for."""

    def problems_are(self, problems: Sequence[CatalogProblem]) -> None:
        """What the catalog leaves out."""

    def daemon_lost(self, error: DomeError) -> None:
        """The daemon does not answer, or not as it should."""

    def daemon_back(self) -> None:
        """It does."""


class Feed:
    """Three endless tasks, and one for each job that is chosen."""

    def __init__(
        self,
        runtime: Runtime,
        screen: Screen,
        *,
        directory: str = "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._runtime = runtime
        self._screen = screen
        self._directory = directory
        self._sleep = sleep

    async def jobs(self) -> None:
        """The jobs as they stand, then each change."""
        delay_s = _DELAY_MIN_S
        while True:
            try:
                listing = await self._runtime.listing(limit=JOBS_MAX)
                self._screen.daemon_back()
                self._screen.jobs_are(listing.jobs)
                delay_s = _DELAY_MIN_S
                async with aclosing(self._runtime.watch(since_revision=listing.revision)) as changes:
                    async for change in changes:
                        if change.job is not None:
                            self._screen.job_is(change.job)
            except DomeError as error:
                self._screen.daemon_lost(error)
            await self._sleep(delay_s)
            delay_s = min(delay_s * 2, _DELAY_MAX_S)

    async def surroundings(self) -> None:
        """The locks, and less often the catalog."""
        looks = 0
        while True:
            try:
                self._screen.locks_are((await self._runtime.locks()).locks)
                if looks % CATALOG_EVERY_LOOKS == 0:
                    found = await self._runtime.tools(working_directory=self._directory)
                    self._screen.problems_are(found.problems)
                looks += 1
            except DomeError:  # who watches the jobs has the same trouble, and tells it
                looks = 0
            await self._sleep(LOCKS_EVERY_S)

    async def tail(self, job: Job) -> None:
        """The last events of a job, then what happens in it until it has ended."""
        position = max(job.last_seq - TAIL_EVENTS, 0)
        delay_s = _DELAY_MIN_S
        while True:
            try:
                async with aclosing(self._runtime.events(job.job_id, since_seq=position, follow=True)) as events:
                    async for event in events:
                        position = event.last_seq
                        delay_s = _DELAY_MIN_S
                        self._screen.tail_has(event)
                return
            except DaemonUnreachable:
                await self._sleep(delay_s)
                delay_s = min(delay_s * 2, _DELAY_MAX_S)
            except DomeError as error:
                self._screen.tail_failed(error)
                return

    async def cancel(self, job_id: str) -> None:
        """Ask for the end of a job."""
        try:
            job = await self._runtime.cancel(job_id, reason="asked for in dome top")
        except DomeError as error:
            self._screen.tail_failed(error)
            return
        if job.state not in TERMINAL:
            self._screen.job_is(job)
