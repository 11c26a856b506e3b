"""The executor backend `local-process`: one program, started on this machine by its argument list.

Puts the parts together: spawn, capture, watch, end. Knows no ledger and decides nothing about the job's state.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    EffectsEnforcement,
    OutputStream,
    ResourceUsage,
    SignalCause,
    Signaled,
    SurvivorFound,
)
from domed.executors import abilities, cgroup_runs, confinement, kernel_limits, survivors
from domed.executors.capture import Activity, Backlog, Budget, Declared, record_output
from domed.executors.cgroup import RunGroups
from domed.executors.cgroup_accounts import GroupAccounts
from domed.executors.cgroup_runs import Groups, Hold
from domed.executors.confinement import Abilities, Confined
from domed.executors.ladder import Ladder, end_all
from domed.executors.launchers import Launchers
from domed.executors.output import OutputLimit
from domed.executors.port import (
    Canceled,
    Containment,
    Effects,
    Emit,
    End,
    Exit,
    Exited,
    Invocation,
    OutputLimitReached,
    RunLimits,
    SpawnFailed,
    TimedOut,
)
from domed.executors.spawn import JOB_VARIABLE, Accounts, Child
from domed.executors.start import start
from domed.executors.start_fault import SpawnError, not_launched
from domed.executors.survivors import Process
from domed.executors.writes import places

VERSION: Final = "1"
NOTHING: Final = Abilities()
NO_JOB: Final = JobId("-" * len("job-00000000000000000000000000"))
"""In the place of a job's id, in a process that waits for a job."""


class LocalProcessExecutor:
    """Runs programs as children of the daemon."""

    backend: Final = "local-process"
    version: Final = VERSION

    def __init__(
        self,
        *,
        hide: Sequence[Path] = (),
        find_abilities: Callable[[], Abilities] | None = None,
        find_groups: Callable[[], RunGroups | None] = cgroup_runs.no_groups,
    ) -> None:
        """`hide`: directories with sockets through which a tool could have others do what it did not declare."""
        self._hide = tuple(hide)
        self._budget = Budget()
        self._groups = Groups(find_groups)
        self.launchers: Final = Launchers(variable=f"{JOB_VARIABLE}={NO_JOB}")
        self._find_abilities = find_abilities
        self._finding: asyncio.Future[Abilities] | None = None

    def close(self) -> None:
        """End what was started to start programs with. Runs go on."""
        self.launchers.close()

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        if confinement.is_unbounded(effects):
            return confinement.enforcement(effects, NOTHING)
        return confinement.enforcement(effects, await self.abilities())

    async def abilities(self) -> Abilities:
        """What the kernel lets this user do. Tried at the first question, then known."""
        if self._finding is None:
            self._finding = asyncio.ensure_future(self._found())
        # Shielded: one run that is cancelled meanwhile must not take the answer from the others.
        return await asyncio.shield(self._finding)

    async def _found(self) -> Abilities:
        if self._find_abilities is not None:
            return self._find_abilities()
        return await abilities.find(self.launchers)

    async def containment(self) -> Containment:
        return await self._groups.containment()

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        try:
            confined = await self._confined(invocation)
        except SpawnError as error:
            return Exit(end=SpawnFailed(str(error), error.exit_code))
        try:
            hold = await self._groups.hold(invocation, launched=confined is not None)
        except OSError as error:
            why = f"The run cannot be held to its limits: its control group cannot be made: {error.strerror}."
            return Exit(end=SpawnFailed(why))
        try:
            async with await self._start(invocation, confined, hold) as child:
                run = _Run(child, invocation, hold=hold, budget=self._budget, emit=emit, stop=stop)
                return await run.to_end()
        except SpawnError as error:
            return Exit(end=SpawnFailed(str(error), error.exit_code))
        finally:
            await hold.end()

    async def _start(self, invocation: Invocation, confined: Confined | None, hold: Hold) -> Child:
        """Start the program, in the group that it is to be born in. Raises SpawnError."""
        group = None if hold.entered is None else hold.entered.open()
        try:
            return await start(invocation, confined, launchers=self.launchers, group=group)
        finally:
            if group is not None:
                os.close(group)

    async def _confined(self, invocation: Invocation) -> Confined | None:
        """How the run is held. Raises SpawnError."""
        confined = None
        if not confinement.is_unbounded(invocation.effects):
            known = await self.abilities()
            writes = await asyncio.to_thread(places, invocation) if invocation.effects.writes else []
            confined = confinement.confined(invocation, known, hide=self._hide, writes=writes)
        return kernel_limits.limited(confined, invocation.limits)

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        left = await self._groups.left()

        def look() -> Sequence[Process]:
            found = cgroup_runs.members(left)
            seen = {process.pid for process in found}
            return (
                [*found, *(each for each in survivors.of_jobs(job_ids) if each.pid not in seen)] if job_ids else found
            )

        facts = await end_all(look, grace_s=grace_s)
        for group in left.values():
            await asyncio.to_thread(group.kill)
            await cgroup_runs.gone(group)
        # What is left of a job that has its outcome already is ended all the same, and nothing is said of it.
        return {job_id: said for job_id, said in facts.items() if job_id in job_ids}


class _Cause(Enum):
    """Why a program is ended. The value is what the record says of its signals."""

    CANCEL = SignalCause.CANCELLATION
    RUN_TIMEOUT = SignalCause.RUN_TIMEOUT
    IDLE_TIMEOUT = SignalCause.IDLE_TIMEOUT
    OUTPUT_LIMIT = SignalCause.OUTPUT_LIMIT


class _Run:
    """One program, from its start to the record of its end."""

    def __init__(
        self, child: Child, invocation: Invocation, *, hold: Hold, budget: Budget, emit: Emit, stop: asyncio.Event
    ) -> None:
        self._child = child
        self._hold = hold
        self._budget = budget
        self._invocation = invocation
        self._limits = invocation.limits
        self._emit = emit
        self._stop = stop
        self._start = asyncio.get_running_loop().time()
        self._limit = OutputLimit(invocation.limits.output_bytes_max)
        self._activity = Activity(emit)
        self._declared = Declared(self._activity)
        hold.move_later(child.pid)
        self._ladder = Ladder(child, invocation.job_id, hold=hold, grace_s=invocation.limits.grace_s, emit=emit)

    async def to_end(self) -> Exit:
        over = False
        try:
            async with asyncio.TaskGroup() as tasks:
                self._listen(tasks)
                helpers = [tasks.create_task(self._heed_stop())]
                if self._child.stdin is not None:
                    helpers.append(tasks.create_task(self._child.stdin.write()))
                cause = await self._watch()
                if cause is not None:
                    await self._ladder.end_program(cause.value)
                self._hold.stay()
                await self._ladder.end_others()
                for helper in helpers:
                    helper.cancel()
                for source in (self._child.stdout, self._child.stderr, self._child.channel):
                    source.finish()
                await self._declared.read.wait()
                self._invocation.when_over(tuple(self._declared.artifacts.values()))
            over = True
        except BaseExceptionGroup as group:
            # The record failed under one of the tasks: that is what the caller has to hear.
            raise group.exceptions[0] from group
        finally:
            if not over:
                self._hold.stay()
                await self._ladder.kill()
                self._reap()
        if left_out := self._limit.left_out():
            await self._emit(left_out)
        return self._exit(cause, await self._hold.accounts())

    def _listen(self, tasks: asyncio.TaskGroup) -> None:
        backlog = Backlog(self._activity, tasks, self._budget)
        for source, stream in (
            (self._child.stdout, OutputStream.STDOUT),
            (self._child.stderr, OutputStream.STDERR),
        ):
            tasks.create_task(
                record_output(
                    source,
                    stream,
                    limit=self._limit,
                    activity=self._activity,
                    backlog=backlog,
                    limit_reached=self._child.changed,
                )
            )
        tasks.create_task(self._declared.record(self._child.channel, tasks))

    async def _heed_stop(self) -> None:
        await self._stop.wait()
        self._child.changed.set()

    async def _watch(self) -> _Cause | None:
        """Wait until the program has exited, or there is a cause to end it. What is seen first counts."""
        while True:
            self._child.changed.clear()
            if self._child.exited:
                return None
            if self._stop.is_set():
                return _Cause.CANCEL
            if self._limits.kill_on_output_limit and self._limit.reached:
                return _Cause.OUTPUT_LIMIT
            now = asyncio.get_running_loop().time()
            deadline, cause = self._deadline(self._limits)
            if now >= deadline:
                return cause
            try:
                async with asyncio.timeout_at(deadline):
                    await self._child.changed.wait()
            except TimeoutError:
                continue

    def _deadline(self, limits: RunLimits) -> tuple[float, _Cause]:
        run_end = self._start + limits.run_timeout_s
        if limits.idle_timeout_s is not None and (idle_end := self._activity.last + limits.idle_timeout_s) < run_end:
            return idle_end, _Cause.IDLE_TIMEOUT
        return run_end, _Cause.RUN_TIMEOUT

    def _reap(self) -> Accounts | None:
        # A program that outlived even the final signal cannot be waited for.
        return self._child.reap() if self._child.exited else None

    def _exit(self, cause: _Cause | None, together: GroupAccounts | None) -> Exit:
        """`together`: what all processes of the run did, where they were counted."""
        accounts = self._reap()
        declared = self._declared
        end = _end(cause, accounts)
        if isinstance(end, Exited) and accounts is not None:
            end = kernel_limits.explained(
                end, self._limits, usage=accounts.usage, together=together, has_reason=declared.failure is not None
            )
        if isinstance(end, Exited) and (launch := self._child.launch()) is not None:
            failure = not_launched(launch, self._invocation)
            end = end if failure is None else SpawnFailed(str(failure), failure.exit_code)
        return Exit(
            end=end,
            result=declared.result.data if declared.result else b"",
            failure_reason_code=declared.failure.reason_code if declared.failure else "",
            failure_message=declared.failure.message if declared.failure else "",
            channel_error=declared.error.message if declared.error else "",
            artifacts=tuple(declared.artifacts.values()),
            usage=_usage(accounts.usage, together) if accounts else None,
        )


def _usage(usage: ResourceUsage, together: GroupAccounts | None) -> ResourceUsage:
    """Of the whole run, where it was counted; else of the program and what it waited for."""
    if together is None:
        return usage
    return replace(
        usage,
        user_cpu_us=together.user_cpu_us,
        system_cpu_us=together.system_cpu_us,
        run_memory_bytes_max=together.memory_bytes_max,
        run_processes_max=together.processes_max,
    )


def _end(cause: _Cause | None, accounts: Accounts | None) -> End:
    exit_code = accounts.exit_code if accounts else None
    number = accounts.signal if accounts else None
    match cause:
        case None:
            return Exited(exit_code, number)
        case _Cause.CANCEL:
            return Canceled(exit_code, number)
        case _Cause.RUN_TIMEOUT:
            return TimedOut("run", exit_code, number)
        case _Cause.IDLE_TIMEOUT:
            return TimedOut("idle", exit_code, number)
        case _Cause.OUTPUT_LIMIT:
            return OutputLimitReached(exit_code, number)
