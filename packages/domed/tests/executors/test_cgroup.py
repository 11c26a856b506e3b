"""The control groups of the daemon's runs: what is made, held, ended and left."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from domed.executors.cgroup import GroupLimits, GroupsUnusable, RunGroup, RunGroups
from packages.domed.tests.executors.cgroup_fake import FakeCgroups
from packages.domed.tests.executors.cgroup_real import RealProcesses, a_directory, files

DAEMON = 4711
JOB = JobId("job-1")
NO_LIMITS = GroupLimits()


@pytest.fixture
def kernel() -> FakeCgroups:
    fake = FakeCgroups()
    fake.live(DAEMON)
    return fake


@pytest.fixture
def groups(kernel: FakeCgroups) -> RunGroups:
    return RunGroups.open(kernel, daemon_pid=DAEMON)


@pytest.fixture
def group(groups: RunGroups) -> RunGroup:
    return groups.make(JOB, NO_LIMITS)


def test_the_daemon_stands_in_a_group_of_its_own_and_runs_are_held(kernel: FakeCgroups, groups: RunGroups) -> None:
    assert kernel.read(f"domed-{DAEMON}", "cgroup.procs") == f"{DAEMON}\n"
    assert groups.controllers == {"memory", "pids"}
    assert groups.missing == {}
    assert kernel.read("", "cgroup.subtree_control") == "memory pids\n"


def test_what_the_daemon_started_before_is_taken_along() -> None:
    kernel = FakeCgroups()
    for pid in (DAEMON, 4712):
        kernel.live(pid, "")
    RunGroups.open(kernel, daemon_pid=DAEMON)
    assert kernel.read("", "cgroup.procs") == ""
    assert kernel.read(f"domed-{DAEMON}", "cgroup.procs") == f"{DAEMON}\n4712\n"


def test_a_directory_whose_controllers_cannot_be_read_is_told_as_unusable() -> None:
    class Unreadable(FakeCgroups):
        def read(self, group: str, file: str) -> str:
            if file == "cgroup.controllers":
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            return super().read(group, file)

    kernel = Unreadable()
    kernel.live(DAEMON)
    with pytest.raises(GroupsUnusable, match="cannot be read: No such device"):
        RunGroups.open(kernel, daemon_pid=DAEMON)


def test_a_controller_that_is_not_there_is_missing_with_its_reason() -> None:
    kernel = FakeCgroups(controllers=["pids"])
    kernel.live(DAEMON)
    groups = RunGroups.open(kernel, daemon_pid=DAEMON)
    assert groups.controllers == {"pids"}
    assert groups.missing == {"memory": "the directory does not have it"}
    groups.make(JOB, GroupLimits(memory_bytes_max=1 << 30, processes_max=7))
    assert kernel.read("run-job-1", "pids.max") == "7\n"


class Crowded(FakeCgroups):
    """Somebody keeps starting processes in the directory itself."""

    def write(self, group: str, file: str, text: str) -> None:
        if file == "cgroup.subtree_control":
            self.live(99, "")
        super().write(group, file, text)


def test_a_directory_with_other_processes_holds_nothing() -> None:
    kernel = Crowded()
    kernel.live(DAEMON)
    groups = RunGroups.open(kernel, daemon_pid=DAEMON)
    assert groups.controllers == frozenset()
    assert set(groups.missing.values()) == {"other processes stand in the directory"}


class Foreign(FakeCgroups):
    """A directory of another user."""

    def make(self, group: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def test_a_directory_that_takes_no_groups_is_unusable() -> None:
    with pytest.raises(GroupsUnusable, match="Permission denied"):
        RunGroups.open(Foreign(), daemon_pid=DAEMON)


def test_a_directory_belongs_to_one_daemon(kernel: FakeCgroups) -> None:
    RunGroups.open(kernel, daemon_pid=DAEMON)
    kernel.live(5000)
    with pytest.raises(GroupsUnusable, match="4711 uses the same directory"):
        RunGroups.open(kernel, daemon_pid=5000)


def test_what_a_dead_daemon_left_of_itself_is_ended(kernel: FakeCgroups) -> None:
    RunGroups.open(kernel, daemon_pid=DAEMON)
    helper = kernel.start_from(DAEMON, 4713)
    kernel.end(DAEMON)
    kernel.live(5000)
    RunGroups.open(kernel, daemon_pid=5000)
    assert helper not in kernel.alive
    assert kernel.below("") == ["domed-5000"]


def test_limits_are_set_before_anything_enters(kernel: FakeCgroups, groups: RunGroups) -> None:
    groups.make(JOB, GroupLimits(memory_bytes_max=1 << 30, processes_max=7))
    assert {
        file: kernel.read("run-job-1", file).strip() for file in ("memory.max", "memory.oom.group", "pids.max")
    } == {
        "memory.max": str(1 << 30),
        "memory.oom.group": "1",
        "pids.max": "7",
    }
    assert kernel.read("run-job-1", "memory.swap.max") == "0\n"


def test_a_run_without_limits_is_held_to_none(kernel: FakeCgroups, group: RunGroup) -> None:
    assert kernel.read("run-job-1", "memory.max") == kernel.read("run-job-1", "pids.max") == "max\n"


class WithoutSwap(FakeCgroups):
    """A kernel that does not count swap."""

    def write(self, group: str, file: str, text: str) -> None:
        if file == "memory.swap.max":
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        super().write(group, file, text)


def test_memory_is_limited_where_swap_cannot_be() -> None:
    kernel = WithoutSwap()
    kernel.live(DAEMON)
    RunGroups.open(kernel, daemon_pid=DAEMON).make(JOB, GroupLimits(memory_bytes_max=1 << 30))
    assert kernel.read("run-job-1", "memory.max") == f"{1 << 30}\n"


def test_a_limit_that_the_kernel_refuses_leaves_no_group(kernel: FakeCgroups, groups: RunGroups) -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        groups.make(JOB, GroupLimits(processes_max=-1))
    assert dict(groups.left()) == {}


def test_members_are_those_below_it_too_and_what_they_start(kernel: FakeCgroups, group: RunGroup) -> None:
    kernel.live(1, "run-job-1")
    kernel.make("run-job-1/own")
    kernel.live(2, "run-job-1/own")
    kernel.start_from(2, 3)
    assert sorted(group.members()) == [1, 2, 3]
    assert group.is_populated()
    assert group.kill()
    assert not group.is_populated()
    assert kernel.alive == {DAEMON}


def test_a_group_is_removed_with_what_the_run_made_in_it(kernel: FakeCgroups, groups: RunGroups) -> None:
    group = groups.make(JOB, NO_LIMITS)
    for name in ("run-job-1/a", "run-job-1/a/b", "run-job-1/c"):
        kernel.make(name)
    kernel.live(1, "run-job-1/a/b")
    assert not group.remove()
    kernel.end(1)
    assert group.remove()
    assert dict(groups.left()) == {}
    assert group.remove()
    assert (list(group.members()), group.is_populated()) == ([], False)


def test_a_process_that_has_gone_does_not_enter(kernel: FakeCgroups, group: RunGroup) -> None:
    kernel.live(1)
    assert group.enter(1)
    kernel.end(1)
    assert not group.enter(1)


class Old(FakeCgroups):
    """A kernel before 5.14."""

    def write(self, group: str, file: str, text: str) -> None:
        if file == "cgroup.kill":
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        super().write(group, file, text)


def test_an_old_kernel_says_that_it_cannot_end_a_group_at_once() -> None:
    kernel = Old()
    kernel.live(DAEMON)
    assert not RunGroups.open(kernel, daemon_pid=DAEMON).make(JOB, NO_LIMITS).kill()


def test_what_an_earlier_daemon_left_is_found_by_its_job(kernel: FakeCgroups, group: RunGroup) -> None:
    kernel.live(7, "run-job-1")
    kernel.end(DAEMON)
    kernel.live(5000)
    ((job_id, left),) = RunGroups.open(kernel, daemon_pid=5000).left().items()
    assert (job_id, list(left.members())) == (JOB, [7])


def test_a_group_that_was_left_empty_is_made_anew(kernel: FakeCgroups, groups: RunGroups, group: RunGroup) -> None:
    group.hold(GroupLimits(processes_max=1), controllers=groups.controllers)
    groups.make(JOB, NO_LIMITS)
    assert kernel.read("run-job-1", "pids.max") == "max\n"
    kernel.live(1, "run-job-1")
    with pytest.raises(FileExistsError):
        groups.make(JOB, NO_LIMITS)


def test_the_accounts_say_what_the_kernel_counted_and_refused(kernel: FakeCgroups, group: RunGroup) -> None:
    kernel.count("run-job-1", memory_peak=4096, pids_peak=3)
    kernel.refuse_start("run-job-1")
    kernel.live(1, "run-job-1")
    kernel.out_of_memory("run-job-1")
    counted = group.accounts()
    assert (counted.memory_bytes_max, counted.processes_max) == (4096, 3)
    assert (counted.out_of_memory, counted.starts_refused) == (True, 1)


def test_processes_beside_the_daemon_are_those_in_its_group(kernel: FakeCgroups, groups: RunGroups) -> None:
    kernel.start_from(DAEMON, 8)
    kernel.live(9)
    assert groups.beside() == {DAEMON, 8}


@pytest.fixture
def directory() -> Iterator[Path]:
    with a_directory() as made:
        yield made


def test_the_kernel_ends_a_real_group_and_lets_it_be_removed(directory: Path) -> None:
    processes = RealProcesses()
    try:
        # Not the test itself: it would stand in a group that is to be removed.
        groups = RunGroups.open(files(directory), daemon_pid=processes.start())
        group = groups.make(JOB, NO_LIMITS)
        pids = [processes.start(), processes.start()]
        assert all(group.enter(pid) for pid in pids)
        assert sorted(group.members()) == sorted(pids)
        assert not group.remove()
        assert group.kill()
        assert all(processes.ended_by_kernel(pid) for pid in pids)
        assert not group.is_populated()
        assert group.remove()
        assert groups.missing.keys() | groups.controllers == {"memory", "pids"}
    finally:
        processes.end_all()
