"""What holds the processes of one run together, from its start to its end."""

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import OutputStream, SignalCause, Signaled
from domed.executors import cgroup_runs, survivors
from domed.executors.cgroup import GroupLimits, RunGroups
from domed.executors.cgroup_runs import Groups
from domed.executors.confinement import Confined
from domed.executors.launch import Kind
from domed.executors.launch_server import Launcher
from domed.executors.launchers import Launchers
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Canceled, Containment, Exited, Invocation
from domed.executors.start_fault import SpawnError
from packages.domed.tests.executors.cgroup_fake import FakeCgroups
from packages.domed.tests.executors.cgroup_real import RealProcesses, a_directory, files
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

DAEMON = 4711


@dataclass
class Held:
    """Groups in memory."""

    kernel: FakeCgroups
    groups: Groups

    def names(self) -> list[str]:
        return [name for name in self.kernel.below("") if name.startswith("run-")]


@pytest.fixture
def held() -> Held:
    kernel = FakeCgroups()
    kernel.live(DAEMON)
    opened = RunGroups.open(kernel, daemon_pid=DAEMON)
    return Held(kernel, Groups(lambda: opened))


def invocation(tmp_path: Path, *argv: str, **limit: Any) -> Invocation:
    return Invocation(
        job_id=fresh_job_id(),
        argv=argv,
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=tmp_path,
        limits=limits(**limit),
    )


async def test_without_groups_nothing_is_held(tmp_path: Path) -> None:
    groups = Groups(lambda: None)
    assert await groups.containment() == Containment()
    hold = await groups.hold(invocation(tmp_path, run_processes_max=3), launched=True)
    hold.move_later(1)
    assert (hold.entered, await hold.group(), await hold.accounts()) == (None, None, None)
    await hold.end()
    assert dict(await groups.left()) == {}


async def test_what_can_be_held_is_told(held: Held) -> None:
    assert await held.groups.containment() == Containment(group=True, memory=True, processes=True)


async def test_a_run_through_the_launcher_enters_a_group_that_goes_with_it(held: Held, tmp_path: Path) -> None:
    asked = invocation(tmp_path)
    hold = await held.groups.hold(asked, launched=True)
    assert held.names() == [f"run-{asked.job_id}"]
    assert await hold.group() is hold.entered is not None
    counted = await hold.accounts()
    assert counted is not None
    await hold.end()
    assert held.names() == []


async def test_a_limit_is_reason_enough_for_the_launcher(held: Held, tmp_path: Path) -> None:
    asked = invocation(tmp_path, run_processes_max=3)
    hold = await held.groups.hold(asked, launched=False)
    assert hold.entered is not None
    assert held.kernel.read(f"run-{asked.job_id}", "pids.max") == "3\n"
    await hold.end()


async def test_a_limit_that_cannot_be_held_is_none(tmp_path: Path) -> None:
    kernel = FakeCgroups(controllers=["memory"])
    opened = RunGroups.open(kernel, daemon_pid=kernel.live(DAEMON))
    hold = await Groups(lambda: opened).hold(invocation(tmp_path, run_processes_max=3), launched=False)
    assert hold.entered is None


class Full(FakeCgroups):
    """No more groups fit in."""

    def make(self, group: str) -> None:
        if group.startswith("run-"):
            raise OSError(11, os.strerror(11))
        super().make(group)


async def test_only_limits_make_a_group_that_cannot_be_made_a_failure(tmp_path: Path) -> None:
    kernel = Full()
    opened = RunGroups.open(kernel, daemon_pid=kernel.live(DAEMON))
    groups = Groups(lambda: opened)
    assert (await groups.hold(invocation(tmp_path), launched=True)).entered is None
    with pytest.raises(BlockingIOError):
        await groups.hold(invocation(tmp_path, run_processes_max=3), launched=True)


async def test_a_run_that_lasts_is_moved_and_one_that_is_over_is_not(held: Held, tmp_path: Path) -> None:
    asked = invocation(tmp_path)
    hold = await held.groups.hold(asked, launched=False)
    assert hold.entered is None
    hold.move_later(held.kernel.live(77))
    # The loop comes to the move first: it was asked for before.
    await asyncio.sleep(cgroup_runs.MOVE_AFTER_S)
    group = await hold.group()
    assert group is not None
    assert list(group.members()) == [77]
    assert await hold.accounts() is None
    held.kernel.end(77)
    await hold.end()
    over = await held.groups.hold(asked, launched=False)
    over.move_later(held.kernel.live(78))
    over.stay()
    await asyncio.sleep(cgroup_runs.MOVE_AFTER_S)
    assert await over.group() is None
    await over.end()
    assert held.names() == []


async def test_the_first_question_is_the_only_search(tmp_path: Path) -> None:
    searches = []

    def search() -> None:
        searches.append(1)

    groups = Groups(search)
    await asyncio.gather(groups.containment(), groups.left(), groups.hold(invocation(tmp_path), launched=False))
    assert searches == [1]


def test_a_machine_that_delegates_nothing_is_told_of_and_used_as_it_is(tmp_path: Path) -> None:
    assert cgroup_runs.find(tmp_path) is None


@dataclass
class Real:
    """An executor with groups of the kernel."""

    directory: Path
    groups: RunGroups
    executor: LocalProcessExecutor

    def names(self) -> list[str]:
        return [path.name for path in self.directory.iterdir() if path.name.startswith("run-")]


@pytest.fixture
def real() -> Iterator[Real]:
    with a_directory() as directory:
        processes = RealProcesses()
        try:
            # In the place of the daemon stands another: the tests would not come out of the directory again.
            groups = RunGroups.open(files(directory), daemon_pid=processes.start())
            yield Real(directory, groups, LocalProcessExecutor(find_groups=lambda: groups))
        finally:
            processes.end_all()


HIDE = """
import os, sys, time
time.sleep(float(sys.argv[1]))
reader, writer = os.pipe()
if os.fork():
    os.close(writer)
    os.read(reader, 1)
    os.wait()
    sys.exit()
os.setsid()
if os.fork():
    os._exit(0)
os.write(1, b"%d\\n" % os.getpid())
os.closerange(0, writer)
os.closerange(writer + 1, 256)
os.execve("/bin/sleep", ["sleep", "600"], {})
"""
"""Starts a process that leaves the session and empties its environment: nothing but its group marks it."""


async def test_a_process_that_nothing_marks_is_found_by_its_group_and_ended(real: Real, tmp_path: Path) -> None:
    record = Record()
    late = str(5 * cgroup_runs.MOVE_AFTER_S)
    asked = invocation(tmp_path, sys.executable, "-I", "-S", "-c", HIDE, late, grace_s=5.0)
    async with asyncio.timeout(WAIT_S):
        exit_ = await real.executor.run(asked, emit=record, stop=asyncio.Event())
    assert exit_.end == Exited(0, None)
    assert record.of(Signaled) == [Signaled(signal=15, cause=SignalCause.LEFT_BEHIND)]
    assert survivors.living([int(record.written())], job_id=asked.job_id) == []
    assert real.names() == []


async def test_a_cancellation_ends_the_whole_group_at_once(real: Real, tmp_path: Path) -> None:
    record, stop = Record(), asyncio.Event()
    bomb = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(%f)
for _ in range(5):
    os.fork()
os.setsid() if os.getpid() != os.getsid(0) else None
os.write(1, b".")
time.sleep(600)
"""
    asked = invocation(tmp_path, sys.executable, "-I", "-S", "-c", bomb % (3 * cgroup_runs.MOVE_AFTER_S), grace_s=0.1)
    async with asyncio.timeout(WAIT_S), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(real.executor.run(asked, emit=record, stop=stop))
        await record.until(lambda record: len(record.written()) == 32)
        stop.set()
    assert running.result().end == Canceled(None, 9)
    assert record.signals == [15, 9]
    assert real.names() == []


async def test_what_a_dead_daemon_left_in_its_groups_is_ended_and_told_of(real: Real) -> None:
    processes = RealProcesses()
    try:
        lost, over = fresh_job_id(), fresh_job_id()
        pids = {}
        for job_id in (lost, over):
            pids[job_id] = processes.start()
            real.groups.make(job_id, GroupLimits()).enter(pids[job_id])
        real.groups.make(JobId("job-empty"), GroupLimits())
        done = await real.executor.end_survivors([lost], grace_s=WAIT_S)
        assert {job_id: list(facts) for job_id, facts in done.items()} == {
            lost: [Signaled(signal=15, cause=SignalCause.OUTLIVED_DAEMON)]
        }
        assert real.names() == []
        assert await real.executor.end_survivors([], grace_s=0) == {}
    finally:
        processes.end_all()


WHERE = "import os; print(open('/proc/self/cgroup').read()); print(*os.listdir('/proc/self/fd'))"


class Wrapped(LocalProcessExecutor):
    """Starts held runs through another program, as through bubblewrap."""

    async def _confined(self, invocation: Invocation) -> Confined | None:
        confined = await super()._confined(invocation)
        assert confined is not None
        return replace(confined, words=(*confined.words, "--wait"), wrapper=("/usr/bin/env", "LC_ALL=C"))


@pytest.mark.parametrize("kind", [LocalProcessExecutor, Wrapped])
async def test_a_run_that_is_held_is_born_in_its_group(
    real: Real, tmp_path: Path, kind: type[LocalProcessExecutor]
) -> None:
    executor = kind(find_groups=lambda: real.groups)
    record = Record()
    asked = invocation(tmp_path, sys.executable, "-I", "-S", "-c", WHERE, open_files_max=64)
    async with asyncio.timeout(WAIT_S):
        exit_ = await executor.run(asked, emit=record, stop=asyncio.Event())
    assert exit_.end == Exited(0, None), record.written(OutputStream.STDERR)
    group, descriptors = record.written().decode().strip().rsplit("\n", 1)
    assert f"/{real.directory.name}/run-{asked.job_id}\n" in f"{group}\n"
    # The standard ones, the channel, and the one that the listing needs.
    assert len(descriptors.split()) == 5
    assert exit_.usage is not None
    assert exit_.usage.user_cpu_us + exit_.usage.system_cpu_us > 0
    assert real.names() == []


async def test_a_run_that_is_held_and_hides_at_once_is_found_all_the_same(real: Real, tmp_path: Path) -> None:
    record = Record()
    asked = invocation(tmp_path, sys.executable, "-I", "-S", "-c", HIDE, "0", open_files_max=256)
    async with asyncio.timeout(WAIT_S):
        exit_ = await real.executor.run(asked, emit=record, stop=asyncio.Event())
    assert exit_.end == Exited(0, None)
    assert record.signals == [15]
    assert survivors.living([int(record.written())], job_id=asked.job_id) == []


async def test_where_nobody_is_born_in_a_group_a_launcher_is_moved_before_its_order(
    real: Real, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Launchers.take

    async def refusing(self: Launchers, kind: Kind, *, group: int | None = None) -> Launcher:
        if group is not None:
            raise SpawnError("Function not implemented")
        return await take(self, kind)

    monkeypatch.setattr(Launchers, "take", refusing)
    record = Record()
    asked = invocation(tmp_path, sys.executable, "-I", "-S", "-c", WHERE, open_files_max=64)
    async with asyncio.timeout(WAIT_S):
        exit_ = await real.executor.run(asked, emit=record, stop=asyncio.Event())
    assert exit_.end == Exited(0, None)
    assert f"/run-{asked.job_id}\n".encode() in record.written()
