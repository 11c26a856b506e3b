"""Groups of the kernel hold the processes of one run together, whatever these do."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import OutputStream, SignalCause, Signaled
from domed.executors import cgroup_runs, survivors
from domed.executors.cgroup import GroupLimits, RunGroups
from domed.executors.confinement import Confined
from domed.executors.launch import Kind
from domed.executors.launch_server import Launcher
from domed.executors.launchers import Launchers
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Canceled, Exited, Invocation
from domed.executors.start_fault import SpawnError
from packages.domed.tests.executors.cgroup_real import RealProcesses, a_directory, files
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id
from packages.domed.tests.executors.grouped import invocation


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
