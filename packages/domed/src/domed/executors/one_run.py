"""One run of a program, from its start to the record of its end: what is heard of it, why it is ended, how it ended.

Knows no ledger and decides nothing about the job's state.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any

from dome_contracts.runtime.v1 import OutputStream, ResourceUsage, SignalCause
from domed.executors import kernel_limits
from domed.executors.capture import Activity, Backlog, Budget, Declared, record_output
from domed.executors.cgroup_accounts import GroupAccounts
from domed.executors.cgroup_runs import Hold
from domed.executors.ladder import Ladder
from domed.executors.output import OutputLimit
from domed.executors.port import (
    Canceled,
    Emit,
    End,
    Exit,
    Exited,
    Invocation,
    Observation,
    OutputLimitReached,
    RunLimits,
    SpawnFailed,
    TimedOut,
)
from domed.executors.spawn import Accounts, Child
from domed.executors.start_fault import not_launched


class Cause(Enum):
    """Why a program is ended. The value is what the record says of its signals."""

    CANCEL = SignalCause.CANCELLATION
    RUN_TIMEOUT = SignalCause.RUN_TIMEOUT
    IDLE_TIMEOUT = SignalCause.IDLE_TIMEOUT
    OUTPUT_LIMIT = SignalCause.OUTPUT_LIMIT


class Run:
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
        self._ladder = Ladder(child, invocation.job_id, hold=hold, grace_s=invocation.limits.grace_s)

    async def to_end(self) -> Exit:
        over = False
        try:
            async with asyncio.TaskGroup() as tasks:
                self._listen(tasks)
                tell = partial(self._tell, tasks)
                helpers = [tasks.create_task(self._heed_stop())]
                if self._child.stdin is not None:
                    helpers.append(tasks.create_task(self._child.stdin.write()))
                cause = await self._watch()
                if cause is not None:
                    await self._ladder.end_program(cause.value, tell)
                self._hold.stay()
                await self._ladder.end_others(tell)
                for helper in helpers:
                    helper.cancel()
                for source in (self._child.stdout, self._child.stderr, self._child.channel):
                    source.finish()
                if not self._child.channel.is_silent:
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

    def _tell(self, tasks: asyncio.TaskGroup, observations: Sequence[Observation]) -> None:
        """Have recorded what was done, beside whatever is done next."""
        _begin(tasks, partial(self._emit, observations))

    def _listen(self, tasks: asyncio.TaskGroup) -> None:
        """Have everything recorded that the program says. What stays silent, as most do, costs no task."""
        recorded = partial(
            record_output,
            limit=self._limit,
            activity=self._activity,
            backlog=Backlog(self._activity, tasks, self._budget),
            limit_reached=self._child.changed,
        )
        stdout, stderr, channel = self._child.stdout, self._child.stderr, self._child.channel
        for source, record in (
            (stdout, partial(recorded, stdout, OutputStream.STDOUT)),
            (stderr, partial(recorded, stderr, OutputStream.STDERR)),
            (channel, partial(self._declared.record, channel, tasks)),
        ):
            source.when_heard(partial(_begin, tasks, record))

    async def _heed_stop(self) -> None:
        await self._stop.wait()
        self._child.changed.set()

    async def _watch(self) -> Cause | None:
        """Wait until the program has exited, or there is a cause to end it. What is seen first counts."""
        while True:
            self._child.changed.clear()
            if self._child.exited:
                return None
            if self._stop.is_set():
                return Cause.CANCEL
            if self._limits.kill_on_output_limit and self._limit.reached:
                return Cause.OUTPUT_LIMIT
            now = asyncio.get_running_loop().time()
            deadline, cause = self._deadline(self._limits)
            if now >= deadline:
                return cause
            try:
                async with asyncio.timeout_at(deadline):
                    await self._child.changed.wait()
            except TimeoutError:
                continue

    def _deadline(self, limits: RunLimits) -> tuple[float, Cause]:
        run_end = self._start + limits.run_timeout_s
        if limits.idle_timeout_s is not None and (idle_end := self._activity.last + limits.idle_timeout_s) < run_end:
            return idle_end, Cause.IDLE_TIMEOUT
        return run_end, Cause.RUN_TIMEOUT

    def _reap(self) -> Accounts | None:
        # A program that outlived even the final signal cannot be waited for.
        return self._child.reap() if self._child.exited else None

    def _exit(self, cause: Cause | None, together: GroupAccounts | None) -> Exit:
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


def _begin(tasks: asyncio.TaskGroup, record: Callable[[], Coroutine[Any, Any, None]]) -> None:
    recording = record()
    try:
        tasks.create_task(recording)
    except RuntimeError:
        # The run is being broken off, and nobody hears of it any more.
        recording.close()


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


def _end(cause: Cause | None, accounts: Accounts | None) -> End:
    exit_code = accounts.exit_code if accounts else None
    number = accounts.signal if accounts else None
    match cause:
        case None:
            return Exited(exit_code, number)
        case Cause.CANCEL:
            return Canceled(exit_code, number)
        case Cause.RUN_TIMEOUT:
            return TimedOut("run", exit_code, number)
        case Cause.IDLE_TIMEOUT:
            return TimedOut("idle", exit_code, number)
        case Cause.OUTPUT_LIMIT:
            return OutputLimitReached(exit_code, number)
