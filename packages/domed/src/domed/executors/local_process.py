"""The executor backend `local-process`: one program, started on this machine by its argument list.

Puts the parts together: spawn, capture, watch, end. Knows no ledger and decides nothing about the job's state.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import EffectsEnforcement, OutputStream, SignalCause, Signaled, SurvivorFound
from domed.executors import abilities, confinement, kernel_limits, survivors
from domed.executors.capture import Activity, Backlog, Declared, record_output
from domed.executors.confinement import Abilities
from domed.executors.ladder import Ladder, end_all
from domed.executors.output import OutputLimit
from domed.executors.port import (
    Canceled,
    CpuLimitReached,
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
from domed.executors.spawn import Accounts, Child, spawn
from domed.executors.start_fault import SpawnError, not_launched

VERSION: Final = "1"
NOTHING: Final = Abilities()


class LocalProcessExecutor:
    """Runs programs as children of the daemon."""

    backend: Final = "local-process"
    version: Final = VERSION

    def __init__(self, *, hide: Sequence[Path] = (), find_abilities: Callable[[], Abilities] = abilities.find) -> None:
        """`hide`: directories with sockets through which a tool could have others do what it did not declare."""
        self._hide = tuple(hide)
        self._find_abilities = find_abilities
        self._finding: asyncio.Future[Abilities] | None = None

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        if confinement.is_unbounded(effects):
            return confinement.enforcement(effects, NOTHING)
        return confinement.enforcement(effects, await self.abilities())

    async def abilities(self) -> Abilities:
        """What the kernel lets this user do. Tried at the first question, then known."""
        if self._finding is None:
            self._finding = asyncio.get_running_loop().run_in_executor(None, self._find_abilities)
        # Shielded: one run that is cancelled meanwhile must not take the answer from the others.
        return await asyncio.shield(self._finding)

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        confined = None
        if not confinement.is_unbounded(invocation.effects):
            confined = confinement.confined(invocation, await self.abilities(), hide=self._hide)
        confined = kernel_limits.limited(confined, invocation.limits)
        try:
            async with spawn(invocation, confined) as child:
                return await _Run(child, invocation, emit=emit, stop=stop).to_end()
        except SpawnError as error:
            return Exit(end=SpawnFailed(str(error), error.exit_code))

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        return await end_all(await asyncio.to_thread(survivors.of_jobs, job_ids), grace_s=grace_s)


class _Cause(Enum):
    """Why a program is ended. The value is what the record says of its signals."""

    CANCEL = SignalCause.CANCELLATION
    RUN_TIMEOUT = SignalCause.RUN_TIMEOUT
    IDLE_TIMEOUT = SignalCause.IDLE_TIMEOUT
    OUTPUT_LIMIT = SignalCause.OUTPUT_LIMIT


class _Run:
    """One program, from its start to the record of its end."""

    def __init__(self, child: Child, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> None:
        self._child = child
        self._invocation = invocation
        self._limits = invocation.limits
        self._emit = emit
        self._stop = stop
        self._start = asyncio.get_running_loop().time()
        self._limit = OutputLimit(invocation.limits.output_bytes_max)
        self._activity = Activity(emit)
        self._declared = Declared(self._activity)
        self._ladder = Ladder(child, invocation.job_id, grace_s=invocation.limits.grace_s, emit=emit)

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
                await self._ladder.end_others()
                for helper in helpers:
                    helper.cancel()
                for source in (self._child.stdout, self._child.stderr, self._child.channel):
                    source.finish()
            over = True
        except BaseExceptionGroup as group:
            # The record failed under one of the tasks: that is what the caller has to hear.
            raise group.exceptions[0] from group
        finally:
            if not over:
                await self._ladder.kill()
                self._reap()
        if left_out := self._limit.left_out():
            await self._emit(left_out)
        return self._exit(cause)

    def _listen(self, tasks: asyncio.TaskGroup) -> None:
        backlog = Backlog(self._activity, tasks)
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
        tasks.create_task(self._declared.record(self._child.channel))

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

    def _exit(self, cause: _Cause | None) -> Exit:
        accounts = self._reap()
        declared = self._declared
        end = _end(cause, accounts)
        if isinstance(end, Exited) and self._ended_for_cpu(accounts):
            end = CpuLimitReached(end.exit_code, end.signal)
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
            usage=accounts.usage if accounts else None,
        )

    def _ended_for_cpu(self, accounts: Accounts | None) -> bool:
        if accounts is None:
            return False
        cpu_s = (accounts.usage.user_cpu_us + accounts.usage.system_cpu_us) / 1_000_000
        return kernel_limits.ended_for_cpu(self._limits, number=accounts.signal, cpu_s=cpu_s)


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
