"""The control groups of an executor's runs, for the loop: what blocks is done in threads.

A run that is started through the launcher enters its group before the program begins, so nothing of it is ever
elsewhere. One that is started directly is moved after its first moment, with what is found of it then: what it
started before and hid from every mark stays outside. Short runs are over by then and pay nothing.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId
from domed.executors import cgroup_place, survivors
from domed.executors.cgroup import MEMORY, PROCESSES, GroupLimits, GroupsUnusable, RunGroup, RunGroups
from domed.executors.cgroup_accounts import GroupAccounts
from domed.executors.cgroup_files import KernelCgroupFiles
from domed.executors.port import Containment, Invocation, RunLimits
from domed.executors.survivors import Process
from domed.telemetry import Log

MOVE_AFTER_S: Final = 0.1
"""A directly started run that lasts so long gets a group."""
MOVE_ROUNDS_MAX: Final = 8
"""Processes that start others while they are moved are followed so many times."""
REMOVE_ROUNDS_MAX: Final = 40
REMOVE_PAUSE_S: Final = 0.025
"""A process that was ended stays a member for a moment."""

_LOG = Log("executors")


def no_groups() -> RunGroups | None:
    """Of an executor that makes none."""
    return None


def find(named: Path | None = None, *, owns: bool = False) -> RunGroups | None:
    """The groups that this daemon may make, in which it settles; None where it may not.

    `named` and `owns`: see `cgroup_place`.
    """
    place = cgroup_place.find(named, owns=owns)
    if place.root is None:
        _log_absence(place.problem, wanted=owns or named is not None)
        return None
    try:
        groups = RunGroups.open(KernelCgroupFiles(place.root), daemon_pid=os.getpid())
    except GroupsUnusable as error:
        _log_absence(str(error), wanted=True)
        return None
    _LOG.info("control groups", directory=place.root, controllers=sorted(groups.controllers), missing=groups.missing)
    return groups


class Groups:
    """Where the runs of one executor get their groups."""

    def __init__(self, find_groups: Callable[[], RunGroups | None]) -> None:
        self._find = find_groups
        self._finding: asyncio.Future[RunGroups | None] | None = None

    async def found(self) -> RunGroups | None:
        """The groups, found at the first question; None where there are none."""
        if self._find is no_groups:
            return None
        if self._finding is None:
            self._finding = asyncio.get_running_loop().run_in_executor(None, self._find)
        # Shielded: one run that is cancelled meanwhile must not take the answer from the others.
        return await asyncio.shield(self._finding)

    async def containment(self) -> Containment:
        """How far runs as a whole are held."""
        groups = await self.found()
        if groups is None:
            return Containment()
        return Containment(group=True, memory=MEMORY in groups.controllers, processes=PROCESSES in groups.controllers)

    async def hold(self, invocation: Invocation, *, launched: bool) -> "Hold":
        """The hold on a run that is about to be started. `launched`: it goes through the launcher anyway.

        Where it is to enter a group by itself, `entered` of the hold is that group. Raises OSError where a group that
        has to hold limits cannot be made.
        """
        groups = await self.found()
        if groups is None:
            return Hold(None, invocation.job_id)
        limits = _held(invocation.limits, groups)
        if not launched and limits == GroupLimits():
            return Hold(groups, invocation.job_id)
        try:
            group = await asyncio.to_thread(groups.make, invocation.job_id, limits)
        except OSError as error:
            if limits != GroupLimits():
                raise
            _LOG.warning("a run has no control group", job_id=invocation.job_id, error=error)
            return Hold(None, invocation.job_id)
        return Hold(groups, invocation.job_id, entered=group)

    async def left(self) -> Mapping[JobId, RunGroup]:
        """The groups of runs that are there. At the start of a daemon: those that an earlier one left."""
        groups = await self.found()
        return {} if groups is None else await asyncio.to_thread(groups.left)


class Hold:
    """What holds the processes of one run together."""

    def __init__(self, groups: RunGroups | None, job_id: JobId, *, entered: RunGroup | None = None) -> None:
        self.entered: Final = entered
        """The group that the run enters before its program begins. None: it is started elsewhere."""
        self._groups = groups
        self._job_id = job_id
        self._timer: asyncio.TimerHandle | None = None
        self._moved: asyncio.Future[RunGroup | None] | None = None

    def move_later(self, leader: int) -> None:
        """Move a run that was started elsewhere, once it has lasted a moment. Raises nothing; does not wait."""
        if self._groups is not None and self.entered is None:
            self._timer = asyncio.get_running_loop().call_later(MOVE_AFTER_S, self._move, self._groups, leader)

    def stay(self) -> None:
        """Move the run no more: its program has exited, and another may get its pid."""
        if self._timer is not None:
            self._timer.cancel()

    def _move(self, groups: RunGroups, leader: int) -> None:
        loop = asyncio.get_running_loop()
        self._moved = loop.run_in_executor(None, _moved, groups, self._job_id, leader)

    async def group(self) -> RunGroup | None:
        """The group that the run is in, as soon as a move that began has ended; None where it is in none."""
        if self.entered is not None or self._moved is None:
            return self.entered
        # Shielded: who asks may be cancelled, and the next one asks again.
        return await asyncio.shield(self._moved)

    async def accounts(self) -> GroupAccounts | None:
        """What all processes of the run did; None where they were not in the group from their first moment."""
        return None if self.entered is None else await asyncio.to_thread(self.entered.accounts)

    async def end(self) -> None:
        """Remove the group. A process that is still in it was reported; what cannot be removed is left for recovery."""
        self.stay()
        group = await self.group()
        if group is not None and not await gone(group):
            _LOG.warning("control group cannot be removed", job_id=self._job_id)


async def gone(group: RunGroup) -> bool:
    """Remove a group whose processes were ended. Whether that could be done."""
    for _ in range(REMOVE_ROUNDS_MAX):
        if await asyncio.to_thread(group.remove):
            return True
        await asyncio.sleep(REMOVE_PAUSE_S)
    return False


def members(groups: Mapping[JobId, RunGroup]) -> list[Process]:
    """The living processes in groups of runs, each with the job whose group it is in. Blocks."""
    return [process for job_id, group in groups.items() for process in survivors.living(group.members(), job_id=job_id)]


def _held(limits: RunLimits, groups: RunGroups) -> GroupLimits:
    """What can be held of what is asked for."""
    return GroupLimits(
        memory_bytes_max=limits.run_memory_bytes_max if MEMORY in groups.controllers else None,
        processes_max=limits.run_processes_max if PROCESSES in groups.controllers else None,
    )


def _moved(groups: RunGroups, job_id: JobId, leader: int) -> RunGroup | None:
    """Make a group and move the program and what is found of it. None where that cannot be, or it has gone."""
    try:
        group = groups.make(job_id, GroupLimits())
        if not group.enter(leader):
            group.remove()
            return None
        for _ in range(MOVE_ROUNDS_MAX):
            found = {process.pid for process in survivors.everywhere(job_id, leader=leader)}
            # Not those that stand elsewhere: whoever moved them there had a reason.
            if not (beside := found & groups.beside()):
                break
            for pid in beside:
                group.enter(pid)
    except OSError as error:
        _LOG.warning("a run has no control group", job_id=job_id, error=error)
        return None
    return group


def _log_absence(problem: str, *, wanted: bool) -> None:
    (_LOG.warning if wanted else _LOG.info)("no control groups", problem=problem)
