"""Ends the processes of a run: a polite signal, a time of grace, the final signal, and then a look whether all went.

The final signal goes to the run's control group, where there is one, and so reaches all at once. Nothing waits for
the record, which waits for space where the disk is full. Knows processes and signals, not why a run is ended.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import SignalCause, Signaled, SurvivorFound
from domed.executors import survivors
from domed.executors.cgroup import RunGroup
from domed.executors.cgroup_runs import Hold
from domed.executors.port import Observation
from domed.executors.spawn import Child
from domed.executors.survivors import Process

SETTLE_S: Final = 0.1
"""Processes that the program leaves behind have so long to end by themselves, such as the end of a pipeline."""
KILL_WAIT_S: Final = 5.0
"""So long a process may take to go after the final signal."""
KILL_ROUNDS_MAX: Final = 8
"""Processes that start others faster than they are ended are chased so many times."""
SHORT_RUN_S: Final = 1.0
"""In so short a time the system's process ids do not come round."""
POLL_S: Final = 0.005

Tell = Callable[[Sequence[Observation]], None]
"""Takes what was done, and keeps nobody waiting."""


class Ladder:
    """The end of one run's processes."""

    def __init__(self, child: Child, job_id: JobId, *, hold: Hold, grace_s: float) -> None:
        self._child = child
        self._hold = hold
        self._job_id = job_id
        self._grace_s = grace_s
        self._start = asyncio.get_running_loop().time()
        self._grace_end: float | None = None
        self._known: Sequence[Process] = ()

    async def end_program(self, cause: SignalCause, tell: Tell) -> None:
        """End the program, which runs, and tell everything that it started. Returns when the program has exited."""
        loop = asyncio.get_running_loop()
        others = [process for process in await self._others() if process.group != self._child.pid]
        self._grace_end = loop.time() + self._grace_s
        self._child.signal_group(signal.SIGTERM)
        # A stopped program could not heed the signal.
        self._child.signal_group(signal.SIGCONT)
        _send_politely(others)
        tell([Signaled(signal=signal.SIGTERM, cause=cause)])
        if not await self._child.exit_by(self._grace_end):
            await self._kill_group()
            self._child.signal_group(signal.SIGKILL)
            tell([Signaled(signal=signal.SIGKILL, cause=cause)])
            await self._child.exit_by(loop.time() + KILL_WAIT_S)
            # Others of the group were sent it, too, and take a moment to go: they are not left behind.
            self._grace_end = loop.time() + SETTLE_S

    async def end_others(self, tell: Tell) -> None:
        """End what the program, which has exited, has left. What does not go is reported."""
        if not survivors.visible():
            await self._end_group_unseen(tell)
            return
        others = await self._others()
        if others and self._grace_end is None:
            others = await self._ask_others(others, tell)
        if not others:
            return
        assert self._grace_end is not None
        await _gone(others, self._grace_end)
        for round_ in range(KILL_ROUNDS_MAX):
            if not (others := await self._others()):
                return
            await self._kill_group()
            _send(others, signal.SIGKILL)
            if round_ == 0:
                tell([Signaled(signal=signal.SIGKILL, cause=SignalCause.LEFT_BEHIND)])
            if not await _gone(others, asyncio.get_running_loop().time() + KILL_WAIT_S):
                break
        tell([_survivor_found(process) for process in await self._others()])

    async def _ask_others(self, others: Sequence[Process], tell: Tell) -> Sequence[Process]:
        """Let them end by themselves, then ask those that have not."""
        loop = asyncio.get_running_loop()
        if await _gone(others, loop.time() + SETTLE_S) and not (others := await self._others()):
            return ()
        self._grace_end = loop.time() + self._grace_s
        if _send_politely(others):
            tell([Signaled(signal=signal.SIGTERM, cause=SignalCause.LEFT_BEHIND)])
        return others

    async def _end_group_unseen(self, tell: Tell) -> None:
        """All that can be done where the system does not show its processes."""
        if self._child.signal_group(signal.SIGKILL):
            tell([Signaled(signal=signal.SIGKILL, cause=SignalCause.LEFT_BEHIND)])

    async def kill(self) -> None:
        """End everything at once and say nothing of it."""
        loop = asyncio.get_running_loop()
        await self._kill_group()
        if not self._child.exited:
            self._child.signal_group(signal.SIGKILL)
            await self._child.exit_by(loop.time() + KILL_WAIT_S)
        for _ in range(KILL_ROUNDS_MAX):
            if not (others := await self._others()):
                return
            _send(others, signal.SIGKILL)
            await _gone(others, loop.time() + KILL_WAIT_S)

    async def _others(self) -> Sequence[Process]:
        # One that is about to be gone shows no environment any more, and is still there.
        known = [process for process in self._known if process.is_alive()]
        found = await self._found()
        if (group := await self._hold.group()) is not None:
            found = [*found, *await asyncio.to_thread(self._members, group)]
        pids = {process.pid for process in known}
        self._known = [*known, *{process.pid: process for process in found if process.pid not in pids}.values()]
        return self._known

    def _members(self, group: RunGroup) -> Sequence[Process]:
        # Most runs leave nothing, and that is told by one short file.
        if not group.is_populated():
            return ()
        pids = [pid for pid in group.members() if pid != self._child.pid]
        return survivors.living(pids, job_id=self._job_id)

    async def _kill_group(self) -> None:
        """Send the final signal to whatever is in the group, those that are being started, too."""
        if (group := await self._hold.group()) is not None:
            await asyncio.to_thread(group.kill)

    async def _found(self) -> Sequence[Process]:
        if asyncio.get_running_loop().time() - self._start < SHORT_RUN_S:
            found = survivors.near(self._job_id, leader=self._child.pid, first_pid=self._child.first_pid)
            if found is not None:
                return found
        return await asyncio.to_thread(survivors.everywhere, self._job_id, leader=self._child.pid)


async def end_all(
    look: Callable[[], Sequence[Process]], *, grace_s: float
) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
    """End processes whose program was no child of this daemon. Gives, by job, what was done and what is left.

    `look` finds them, in a thread. It is asked until it finds none: one that was being started while another was ended
    is found by the next look.
    """
    facts: dict[JobId, list[Signaled | SurvivorFound]] = {}
    for round_ in range(KILL_ROUNDS_MAX):
        if not (found := await asyncio.to_thread(look)):
            break
        done = await _end(found, grace_s=0.0 if round_ else grace_s)
        for job_id, said in done.items():
            facts.setdefault(job_id, []).extend(said)
        if any(isinstance(each, SurvivorFound) for said in done.values() for each in said):
            break
    return facts


async def _end(processes: Sequence[Process], *, grace_s: float) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
    loop = asyncio.get_running_loop()
    facts: dict[JobId, list[Signaled | SurvivorFound]] = {process.job_id: [] for process in processes}
    for number, wait_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, KILL_WAIT_S)):
        left = [process for process in processes if process.is_alive()]
        if number is signal.SIGTERM:
            _send_politely(left)
        else:
            _send(left, number)
        for job_id in {process.job_id for process in left}:
            facts[job_id].append(Signaled(signal=number, cause=SignalCause.OUTLIVED_DAEMON))
        await _gone(left, loop.time() + wait_s)
    for process in processes:
        if process.is_alive():
            facts[process.job_id].append(_survivor_found(process))
    return facts


def _survivor_found(process: Process) -> SurvivorFound:
    return SurvivorFound(pid=process.pid, command=process.command())


def _send_politely(processes: Sequence[Process]) -> bool:
    heard = _send(processes, signal.SIGTERM)
    _send(processes, signal.SIGCONT)
    return heard


def _send(processes: Sequence[Process], number: signal.Signals) -> bool:
    heard = [process for process in processes if process.send(number)]
    return bool(heard)


async def _gone(processes: Sequence[Process], deadline: float) -> bool:
    """Wait until the processes have gone, at most until `deadline`. Whether they have."""
    loop = asyncio.get_running_loop()
    pause_s = POLL_S
    while any(process.is_alive() for process in processes):
        if (left_s := deadline - loop.time()) <= 0:
            return False
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 2, 20 * POLL_S)
    return True
