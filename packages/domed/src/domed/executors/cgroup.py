"""The control groups of the daemon's runs: made for a run, entered by its processes, removed with it.

Below one directory the daemon has a group of its own and one for each run. A process that entered a group cannot
leave it unless it may write to the directory, and what it starts is born in it: so a run's processes are all there,
whatever they did to their session, their parents and their environment.

Every call blocks, for milliseconds while processes move: not on the loop.
"""

import errno
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from dome_contracts.ids import JobId
from domed.executors.cgroup_accounts import GroupAccounts, accounts, pairs
from domed.executors.cgroup_files import CgroupFiles

MEMORY: Final = "memory"
PROCESSES: Final = "pids"
CONTROLLERS: Final = (MEMORY, PROCESSES)
MEMBERS: Final = "cgroup.procs"
_RUN: Final = "run-"
_DAEMON: Final = "domed-"
_DEPTH_MAX: Final = 32
"""So deep groups are looked for that a run made in its own."""


class GroupsUnusable(Exception):
    """No groups can be made here. The message says why."""


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """What all processes of a run are held to together."""

    memory_bytes_max: int | None = None
    processes_max: int | None = None


class RunGroup:
    """The control group of one run."""

    def __init__(self, files: CgroupFiles, name: str) -> None:
        self._files = files
        self._name = name

    def open(self) -> int:
        """A descriptor of the group, for a process that is to enter it before it becomes the program."""
        return self._files.open(self._name)

    def enter(self, pid: int) -> bool:
        """Move a process here. False where it has gone."""
        try:
            self._files.write(self._name, MEMBERS, str(pid))
        except ProcessLookupError:
            return False
        return True

    def members(self) -> Sequence[int]:
        """The living processes in it and in groups that the run made below it."""
        return [pid for group in self._all() for pid in _members(self._files, group)]

    def is_populated(self) -> bool:
        """Whether a process lives in it or below it."""
        try:
            return pairs(self._files.read(self._name, "cgroup.events")).get("populated", 0) > 0
        except FileNotFoundError:
            return False

    def kill(self) -> bool:
        """Send the final signal to all members at once, those that are being started too. False: the kernel cannot."""
        try:
            self._files.write(self._name, "cgroup.kill", "1")
        except OSError:
            return False
        return True

    def accounts(self) -> GroupAccounts:
        """What its processes did. May be asked after they ended."""
        return accounts(
            cpu_stat=self._text("cpu.stat"),
            memory_peak=self._text("memory.peak"),
            memory_events=self._text("memory.events"),
            pids_peak=self._text("pids.peak"),
            pids_events=self._text("pids.events"),
        )

    def remove(self) -> bool:
        """Remove it with what the run made below it. False where a process still lives in it."""
        for group in reversed(self._all()):
            try:
                self._files.remove(group)
            except FileNotFoundError:
                continue
            except OSError:
                return False
        return True

    def hold(self, limits: GroupLimits, *, controllers: frozenset[str]) -> None:
        """Hold what enters it to the limits, as far as there are controllers. Raises OSError."""
        if limits.memory_bytes_max is not None and MEMORY in controllers:
            self._files.write(self._name, "memory.max", str(limits.memory_bytes_max))
            # The run as a whole ends with its reason, rather than one process of it without.
            self._files.write(self._name, "memory.oom.group", "1")
            with suppress(FileNotFoundError):
                # Without it the limit is one on the speed of the disk.
                self._files.write(self._name, "memory.swap.max", "0")
        if limits.processes_max is not None and PROCESSES in controllers:
            self._files.write(self._name, "pids.max", str(limits.processes_max))

    def _all(self) -> Sequence[str]:
        """This group and those below it, each after the one that it is in."""
        found, level = [self._name], [self._name]
        for _ in range(_DEPTH_MAX):
            level = [name for group in level for name in _below(self._files, group)]
            found += level
        return found

    def _text(self, file: str) -> str:
        try:
            return self._files.read(self._name, file)
        except OSError:
            return ""


class RunGroups:
    """The control groups of one daemon."""

    def __init__(
        self, files: CgroupFiles, *, own: str, controllers: frozenset[str], missing: Mapping[str, str]
    ) -> None:
        self._files = files
        self._own = own
        self.controllers: Final = controllers
        """What runs can be held to."""
        self.missing: Final = missing
        """Why not to the others, by controller."""

    @classmethod
    def open(cls, files: CgroupFiles, *, daemon_pid: int) -> "RunGroups":
        """Settle in: the daemon enters a group of its own, since limits are for groups without members beside them.

        Raises GroupsUnusable.
        """
        own = f"{_DAEMON}{daemon_pid}"
        try:
            _forget_daemons(files, daemon_pid)
            with suppress(FileExistsError):
                files.make(own)
            # Those that were started before it, too: they must not stand where the limits are.
            for pid in (daemon_pid, *_members(files, "")):
                with suppress(ProcessLookupError):
                    files.write(own, MEMBERS, str(pid))
        except OSError as error:
            raise GroupsUnusable(f"the daemon cannot enter a group of its own: {error.strerror}") from error
        try:
            there = files.read("", "cgroup.controllers").split()
        except OSError as error:
            raise GroupsUnusable(f"what the directory holds runs to cannot be read: {error.strerror}") from error
        missing = {name: why for name in CONTROLLERS if (why := _enable(files, name, there))}
        return cls(files, own=own, controllers=frozenset(CONTROLLERS) - missing.keys(), missing=missing)

    def make(self, job_id: JobId, limits: GroupLimits) -> RunGroup:
        """A group for a run, empty, with its limits set. Raises OSError."""
        group = RunGroup(self._files, f"{_RUN}{job_id}")
        try:
            self._files.make(f"{_RUN}{job_id}")
        except FileExistsError:
            # Of a daemon that was ended in the middle; nothing of it lives, or recovery would have ended it.
            if not group.remove():
                raise
            self._files.make(f"{_RUN}{job_id}")
        try:
            group.hold(limits, controllers=self.controllers)
        except OSError:
            group.remove()
            raise
        return group

    def beside(self) -> frozenset[int]:
        """The processes beside the daemon: in its own group, in which what it starts is born."""
        return frozenset(_members(self._files, self._own))

    def left(self) -> Mapping[JobId, RunGroup]:
        """The groups of runs that are there, by job. At the start of a daemon: those that an earlier one left."""
        names = [name for name in _below(self._files, "") if name.startswith(_RUN)]
        return {JobId(name.removeprefix(_RUN)): RunGroup(self._files, name) for name in names}


def _forget_daemons(files: CgroupFiles, daemon_pid: int) -> None:
    """End what earlier daemons left in their own groups. Raises GroupsUnusable where one of them lives."""
    for name in _below(files, ""):
        number = name.removeprefix(_DAEMON)
        if not name.startswith(_DAEMON) or number == str(daemon_pid):
            continue
        if number.isdecimal() and int(number) in _members(files, name):
            raise GroupsUnusable(f"the daemon with the process id {number} uses the same directory")
        group = RunGroup(files, name)
        group.kill()
        group.remove()


def _enable(files: CgroupFiles, controller: str, there: Collection[str]) -> str:
    """Have the groups of runs held by a controller. Why that cannot be; empty where it is."""
    if controller not in there:
        return "the directory does not have it"
    try:
        files.write("", "cgroup.subtree_control", f"+{controller}")
    except OSError as error:
        if error.errno == errno.EBUSY:
            return "other processes stand in the directory"
        return error.strerror or os.strerror(error.errno or 0)
    return ""


def _members(files: CgroupFiles, group: str) -> Sequence[int]:
    try:
        return [int(pid) for pid in files.read(group, MEMBERS).split()]
    except FileNotFoundError:
        return ()


def _below(files: CgroupFiles, group: str) -> Sequence[str]:
    try:
        return files.below(group)
    except FileNotFoundError:
        return ()
