"""Control groups in memory: a directory that behaves as the kernel's do, as far as `cgroup_conformance` looks.

Processes are numbers here. A test says which live, what they start and what the kernel does to them.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domed.executors.cgroup_files import CgroupFiles

_OF = {
    "memory": {"memory.max": "max", "memory.swap.max": "max", "memory.oom.group": "0", "memory.peak": "0"},
    "pids": {"pids.max": "max", "pids.peak": "0"},
}


@dataclass
class _Group:
    files: dict[str, str]
    members: set[int] = field(default_factory=set)
    enabled: set[str] = field(default_factory=set)
    killed_by_memory: int = 0
    starts_refused: int = 0


class FakeCgroups(CgroupFiles):
    """The directory."""

    def __init__(self, controllers: Sequence[str] = ("memory", "pids")) -> None:
        self._controllers = set(controllers)
        self._groups = {"": _Group({})}
        self.alive: set[int] = set()
        """Processes that live, in a group of ours or elsewhere."""
        self.moves: list[tuple[int, str]] = []

    def live(self, pid: int, group: str | None = None) -> int:
        """A process that lives, elsewhere or in a group."""
        self.alive.add(pid)
        if group is not None:
            self._found(group).members.add(pid)
        return pid

    def end(self, pid: int) -> None:
        """It ends."""
        self.alive.discard(pid)
        for group in self._groups.values():
            group.members.discard(pid)

    def start_from(self, parent: int, pid: int) -> int:
        """A process starts another, which is born where it is."""
        return self.live(pid, next((name for name, group in self._groups.items() if parent in group.members), None))

    def out_of_memory(self, name: str) -> None:
        """The kernel ends the group for its memory."""
        self._found(name).killed_by_memory += 1
        self._kill(name)

    def refuse_start(self, name: str) -> None:
        """The kernel refuses the group another process."""
        self._found(name).starts_refused += 1

    def count(self, name: str, **files: int) -> None:
        """What the kernel has counted: `memory_peak=4096`."""
        self._found(name).files |= {file.replace("_", "."): f"{value}\n" for file, value in files.items()}

    def make(self, group: str) -> None:
        parent = group.rpartition("/")[0]
        if group in self._groups:
            raise _refused(errno.EEXIST)
        files = {"cpu.stat": "usage_usec 0\nuser_usec 0\nsystem_usec 0\n"}
        for controller in self._found(parent).enabled:
            files |= {name: f"{value}\n" for name, value in _OF[controller].items()}
        self._groups[group] = _Group(files)

    def remove(self, group: str) -> None:
        if self._found(group).members or self.below(group):
            raise _refused(errno.EBUSY)
        del self._groups[group]

    def below(self, group: str) -> Sequence[str]:
        self._found(group)
        return sorted(name for name in self._groups if name and name.rpartition("/")[0] == group)

    def read(self, group: str, file: str) -> str:
        found = self._found(group)
        match file:
            case "cgroup.procs":
                return "".join(f"{pid}\n" for pid in sorted(found.members))
            case "cgroup.events":
                populated = any(self._groups[name].members for name in self._inside(group))
                return f"populated {int(populated)}\nfrozen 0\n"
            case "cgroup.controllers":
                return " ".join(sorted(self._offered(group))) + "\n"
            case "cgroup.subtree_control":
                return " ".join(sorted(found.enabled)) + "\n"
            case "memory.events" if "memory.max" in found.files:
                return f"low 0\nhigh 0\nmax 0\noom 0\noom_kill {found.killed_by_memory}\n"
            case "pids.events" if "pids.max" in found.files:
                return f"max {found.starts_refused}\n"
            case name if name in found.files:
                return found.files[name]
        raise _refused(errno.ENOENT)

    def write(self, group: str, file: str, text: str) -> None:
        found = self._found(group)
        match file:
            case "cgroup.procs":
                self._move(int(text), group)
            case "cgroup.kill":
                self._kill(group)
            case "cgroup.subtree_control":
                self._enable(group, text.removeprefix("+"))
            case name if name in found.files:
                if text != "max" and not text.isdecimal():
                    raise _refused(errno.EINVAL)
                found.files[name] = f"{text}\n"
            case _:
                raise _refused(errno.ENOENT)

    def open(self, group: str) -> int:
        self._found(group)
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def _move(self, pid: int, name: str) -> None:
        if pid not in self.alive:
            raise _refused(errno.ESRCH)
        if self._groups[name].enabled:
            raise _refused(errno.EBUSY)
        for group in self._groups.values():
            group.members.discard(pid)
        self._groups[name].members.add(pid)
        self.moves.append((pid, name))

    def _enable(self, name: str, controller: str) -> None:
        if controller not in _OF:
            raise _refused(errno.EINVAL)
        if controller not in self._offered(name):
            raise _refused(errno.ENOENT)
        if self._groups[name].members:
            raise _refused(errno.EBUSY)
        self._groups[name].enabled.add(controller)

    def _offered(self, name: str) -> set[str]:
        return self._groups[name.rpartition("/")[0]].enabled if name else self._controllers

    def _kill(self, name: str) -> None:
        for inside in self._inside(name):
            for pid in tuple(self._groups[inside].members):
                self.end(pid)

    def _inside(self, name: str) -> Iterator[str]:
        return (other for other in tuple(self._groups) if not name or other == name or other.startswith(f"{name}/"))

    def _found(self, name: str) -> _Group:
        if name not in self._groups:
            raise _refused(errno.ENOENT)
        return self._groups[name]


def _refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))
