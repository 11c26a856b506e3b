"""Directories of control groups: the kernel's, and the one in memory that stands for it in other tests."""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from domed.executors.cgroup_files import CgroupFiles
from packages.domed.tests.executors.cgroup_fake import FakeCgroups
from packages.domed.tests.executors.cgroup_real import RealProcesses, a_directory, files


@dataclass
class Machine:
    """A directory, and processes that can enter it."""

    files: CgroupFiles
    start: Callable[[], int]
    end: Callable[[int], None]
    ended_by_kernel: Callable[[int], bool]

    def members(self, group: str) -> set[int]:
        return {int(pid) for pid in self.files.read(group, "cgroup.procs").split()}

    def populated(self, group: str) -> bool:
        return "populated 1\n" in self.files.read(group, "cgroup.events")


def in_memory() -> Iterator[Machine]:
    fake, pids = FakeCgroups(), count(1000)
    yield Machine(
        fake, start=lambda: fake.live(next(pids)), end=fake.end, ended_by_kernel=lambda pid: pid not in fake.alive
    )


def of_the_kernel() -> Iterator[Machine]:
    with a_directory() as directory:
        processes = RealProcesses()
        try:
            yield Machine(
                files(directory),
                start=processes.start,
                end=processes.end,
                ended_by_kernel=processes.ended_by_kernel,
            )
        finally:
            processes.end_all()


@pytest.fixture(params=[in_memory, of_the_kernel], ids=["memory", "kernel"])
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    yield from request.param()


def refused(number: int) -> "pytest.RaisesExc[OSError]":
    return pytest.raises(OSError, check=lambda error: error.errno == number)


def test_groups_are_made_listed_and_removed(machine: Machine) -> None:
    machine.files.make("a")
    machine.files.make("a/b")
    machine.files.make("c")
    assert list(machine.files.below("")) == ["a", "c"]
    assert list(machine.files.below("a")) == ["a/b"]
    machine.files.remove("a/b")
    assert list(machine.files.below("a")) == []


def test_a_group_is_made_once_and_in_one_that_exists(machine: Machine) -> None:
    machine.files.make("a")
    with refused(errno.EEXIST):
        machine.files.make("a")
    with refused(errno.ENOENT):
        machine.files.make("b/c")


def test_a_group_that_is_not_there_is_told(machine: Machine) -> None:
    for ask in (machine.files.below, machine.files.remove, machine.files.open):
        with refused(errno.ENOENT):
            ask("a")
    with refused(errno.ENOENT):
        machine.files.read("a", "cgroup.procs")


def test_a_file_that_is_not_there_is_told(machine: Machine) -> None:
    machine.files.make("a")
    with refused(errno.ENOENT):
        machine.files.read("a", "memory.max")


def test_a_process_is_moved_with_its_pid(machine: Machine) -> None:
    pid = machine.start()
    for group in ("a", "b"):
        machine.files.make(group)
        assert not machine.populated(group)
        machine.files.write(group, "cgroup.procs", str(pid))
    assert (machine.members("a"), machine.members("b")) == (set(), {pid})
    assert (machine.populated("a"), machine.populated("b")) == (False, True)


def test_a_process_that_has_gone_is_not_moved(machine: Machine) -> None:
    machine.files.make("a")
    pid = machine.start()
    machine.end(pid)
    with refused(errno.ESRCH):
        machine.files.write("a", "cgroup.procs", str(pid))


def test_a_group_counts_as_populated_by_what_is_below_it(machine: Machine) -> None:
    machine.files.make("a")
    machine.files.make("a/b")
    machine.files.write("a/b", "cgroup.procs", str(machine.start()))
    assert machine.populated("a")
    assert machine.members("a") == set()


def test_a_group_with_members_or_groups_below_it_stays(machine: Machine) -> None:
    machine.files.make("a")
    machine.files.make("a/b")
    with refused(errno.EBUSY):
        machine.files.remove("a")
    pid = machine.start()
    machine.files.write("a/b", "cgroup.procs", str(pid))
    with refused(errno.EBUSY):
        machine.files.remove("a/b")
    machine.end(pid)
    machine.files.remove("a/b")


def test_the_final_signal_reaches_all_that_is_inside(machine: Machine) -> None:
    machine.files.make("a")
    machine.files.make("a/b")
    pids = [machine.start() for _ in range(3)]
    for pid, group in zip(pids, ("a", "a", "a/b"), strict=True):
        machine.files.write(group, "cgroup.procs", str(pid))
    machine.files.write("a", "cgroup.kill", "1")
    assert all(machine.ended_by_kernel(pid) for pid in pids)
    assert not machine.populated("a")


def test_accounts_of_processor_time_need_no_controller(machine: Machine) -> None:
    machine.files.make("a")
    assert "user_usec 0\n" in machine.files.read("a", "cpu.stat")


def test_a_controller_that_is_not_offered_is_not_enabled(machine: Machine) -> None:
    with refused(errno.EINVAL):
        machine.files.write("", "cgroup.subtree_control", "+nonsense")
    machine.files.make("a")
    assert machine.files.read("a", "cgroup.controllers").split() == []
    with refused(errno.ENOENT):
        machine.files.write("a", "cgroup.subtree_control", "+memory")


def test_a_descriptor_of_a_group_is_not_inherited(machine: Machine) -> None:
    machine.files.make("a")
    descriptor = machine.files.open("a")
    try:
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)
