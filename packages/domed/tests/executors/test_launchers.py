"""Launchers are there when they are needed, whatever becomes of their server, and nothing of a run stays with it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domed.executors import launch, launch_server, launchers, survivors
from domed.executors.launch import Kind
from domed.executors.launch_server import PACKAGES
from domed.executors.launchers import Launchers
from domed.executors.local_process import NO_JOB, LocalProcessExecutor
from domed.executors.port import Canceled, Executor, Exit, Exited, Invocation, SpawnFailed
from domed.executors.start_fault import SpawnError
from packages.domed.tests.executors.confined_run import found
from packages.domed.tests.executors.confining import READS
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="launchers are for Linux")
VARIABLE = f"DOME_JOB_ID={NO_JOB}"
DYING_SERVER = """
import os, sys
sys.path.append(sys.argv.pop(1))
from domed.launcher import kernel, program
born = kernel.sibling
def sibling(flags, group=None):
    pid = born(flags, group=group)
    if pid:
        os.kill(os.getpid(), 9)
    return pid
kernel.sibling = sibling
program.main(sys.argv[1:])
"""


@pytest.fixture
async def pool() -> AsyncIterator[Launchers]:
    made = Launchers(variable=VARIABLE)
    yield made
    made.close()


@pytest.fixture
def executor() -> Iterator[LocalProcessExecutor]:
    known = found()
    if not known.landlock_abi and not known.namespaces:
        pytest.skip("this kernel holds nothing (Linux 5.13, and `landlock` among the LSMs of the boot)")
    made = LocalProcessExecutor(find_abilities=lambda: known)
    yield made
    made.close()


def an_invocation(scratch: Path, *argv: str, **changes: Any) -> Invocation:
    invocation = Invocation(
        job_id=fresh_job_id(),
        argv=argv,
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=scratch,
        limits=limits(),
        effects=READS,
    )
    return replace(invocation, **changes)


async def run(executor: Executor, invocation: Invocation, record: Record | None = None) -> Exit:
    async with asyncio.timeout(2 * WAIT_S):
        return await executor.run(invocation, emit=record or Record(), stop=asyncio.Event())


def server_pid(executor: LocalProcessExecutor) -> int:
    return server_of(executor.launchers)


def server_of(pool: Launchers) -> int:
    pid = pool.server_pid
    assert pid is not None
    return pid


def kind() -> Kind:
    return Kind.VIEW_WITHOUT_NETWORK if found().namespaces else Kind.PLAIN


def is_alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/fd/0")


class TestTheirServer:
    async def test_it_is_started_by_the_first_run_that_needs_it(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        assert executor.launchers.server_pid is None
        assert (await run(executor, an_invocation(tmp_path, "true"))).end == Exited(0, None)
        assert executor.launchers.server_pid is not None

    async def test_a_killed_one_is_replaced(self, executor: LocalProcessExecutor, tmp_path: Path) -> None:
        await run(executor, an_invocation(tmp_path, "true"))
        first = server_pid(executor)
        await until_ready(executor.launchers, kind())
        os.kill(first, signal.SIGKILL)
        for _ in range(3):
            assert (await run(executor, an_invocation(tmp_path, "true"))).end == Exited(0, None)
        assert server_pid(executor) != first
        assert not is_alive(first)

    async def test_a_run_outlives_the_server(self, executor: LocalProcessExecutor, tmp_path: Path) -> None:
        record = Record()
        async with asyncio.TaskGroup() as tasks:
            argv = ("sh", "-c", "echo up; read line; echo $line; exit 3")
            invocation = an_invocation(tmp_path, *argv, payload=b"x" * 70_000 + b"\n")
            running = tasks.create_task(run(executor, invocation, record))
            await record.until(lambda record: record.written().startswith(b"up\n"))
            os.kill(server_pid(executor), signal.SIGKILL)
        assert running.result().end == Exited(3, None)

    async def test_one_that_does_not_answer_is_ended_and_the_run_not_started(
        self, pool: Launchers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await pool.greeting()
        pid = server_of(pool)
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(launchers, "ANSWER_WAIT_S", 0.1)
        with pytest.raises(SpawnError, match="did not answer"):
            await pool.take(Kind.PLAIN)
        assert not is_alive(pid)
        monkeypatch.undo()
        (await pool.take(Kind.PLAIN)).dismiss()

    async def test_whoever_waits_while_it_is_killed_gets_a_launcher_of_the_next(self, pool: Launchers) -> None:
        await pool.greeting()
        pid = server_of(pool)
        os.kill(pid, signal.SIGSTOP)
        waiting = asyncio.ensure_future(pool.take(Kind.PLAIN))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        (await waiting).dismiss()
        assert pool.server_pid != pid

    async def test_one_that_was_killed_before_it_answered_leaves_no_process_behind(
        self, pool: Launchers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = children()
        monkeypatch.setattr(launch_server, "COMMAND", (sys.executable, "-I", "-S", "-c", DYING_SERVER, str(PACKAGES)))
        with pytest.raises(SpawnError, match="ended without a word"):
            await pool.take(Kind.PLAIN)
        assert children() <= before

    async def test_it_ends_with_the_daemon_and_so_do_those_that_wait(self, pool: Launchers) -> None:
        launcher = await pool.take(Kind.PLAIN)
        pid = server_of(pool)
        # What the kernel does when the daemon is killed.
        launcher.orders.close()
        await until(lambda: not is_alive(launcher.pid))
        launcher.dismiss()
        pool.close()
        assert not is_alive(pid)

    async def test_it_holds_nothing_of_an_order(self, executor: LocalProcessExecutor, tmp_path: Path) -> None:
        secret = os.urandom(16).hex()
        environment = {"PATH": "/usr/bin:/bin", "KEY": secret}
        record = Record()
        await run(executor, an_invocation(tmp_path, "sh", "-c", "echo $KEY", environment=environment), record)
        assert record.written().decode().strip() == secret
        assert secret.encode() not in memory(server_pid(executor))
        assert b"/usr/bin:/bin" not in memory(server_pid(executor))

    async def test_it_and_those_that_wait_have_no_descriptor_of_anything_else(
        self, pool: Launchers, tmp_path: Path
    ) -> None:
        with (tmp_path / "mine").open("wb") as mine:
            os.set_inheritable(mine.fileno(), True)
            launcher = await pool.take(Kind.PLAIN)
            await until_ready(pool, Kind.PLAIN)
            # Their own socket, and what is nothing.
            for pid in (server_of(pool), launcher.pid):
                await until(partial(is_at_rest, pid))
                assert set(opened(pid)) == {"/dev/null", "socket"}
        launcher.dismiss()


class TestTheOnesThatWait:
    async def test_one_is_made_ahead(self, pool: Launchers) -> None:
        first = await pool.take(Kind.PLAIN)
        await until_ready(pool, Kind.PLAIN)
        second = await pool.take(Kind.PLAIN)
        assert first.pid != second.pid
        for launcher in (first, second):
            launcher.dismiss()

    async def test_one_that_was_killed_is_passed_over(self, executor: LocalProcessExecutor, tmp_path: Path) -> None:
        before = children()
        await run(executor, an_invocation(tmp_path, "true"))
        await until_ready(executor.launchers, kind())
        (ready,) = children() - before - {server_pid(executor)}
        os.kill(ready, signal.SIGKILL)
        await until(lambda: not is_alive(ready))
        assert (await run(executor, an_invocation(tmp_path, "true"))).end == Exited(0, None)
        assert ready not in children()

    async def test_a_run_that_is_given_up_while_it_waits_leaves_its_launcher_to_the_next(self, pool: Launchers) -> None:
        await pool.greeting()
        waiting = asyncio.ensure_future(pool.take(Kind.PLAIN))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        await until_ready(pool, Kind.PLAIN)

    async def test_what_they_show_is_the_job_from_the_order_on(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        """A daemon that was killed in the middle of a start finds it."""
        record = Record()
        invocation = an_invocation(tmp_path, "sh", "-c", "tr '\\0' '\\n' </proc/$$/environ")
        await run(executor, invocation, record)
        assert f"DOME_JOB_ID={invocation.job_id}\n".encode() in record.written()
        assert survivors.of_jobs([invocation.job_id]) == []


class TestOrders:
    async def test_one_that_is_too_large_is_refused(self, executor: LocalProcessExecutor, tmp_path: Path) -> None:
        scratch = tmp_path
        writes = [str(scratch / ("x" * 200)) for _ in range(launch.WORDS_BYTES_MAX // 100)]
        with pytest.raises(OSError, match="too long"):
            launch.words(writes, variable=VARIABLE, directory="/")
        for argv in (["true", "x" * 3_000_000], ["true", *["y" * 100_000] * 100]):
            end = (await run(executor, an_invocation(scratch, *argv))).end
            assert isinstance(end, SpawnFailed)
            assert "too long" in end.message
        assert (await run(executor, an_invocation(scratch, "true"))).end == Exited(0, None)

    async def test_the_arguments_and_the_environment_arrive_as_they_are(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        record = Record()
        odd = ["", "a b", "\udcff", "-", "--", "--view", "new\nline", ""]
        code = "import os, sys; os.write(1, ascii(sys.argv[1:] + [os.environ['ODD']]).encode())"
        argv = (sys.executable, "-I", "-S", "-c", code, *odd)
        environment = {"PATH": "/usr/bin:/bin", "ODD": "a=b\n\udcff"}
        await run(executor, an_invocation(tmp_path, *argv, environment=environment), record)
        assert record.written().decode() == ascii([*odd, "a=b\n\udcff"])

    @pytest.mark.parametrize("name", ["A=B", "", "A\0"])
    async def test_a_variable_that_none_can_be_called_is_refused(
        self, executor: LocalProcessExecutor, tmp_path: Path, name: str
    ) -> None:
        end = (await run(executor, an_invocation(tmp_path, "true", environment={name: "x"}))).end
        assert isinstance(end, SpawnFailed)

    async def test_a_directory_that_has_gone_is_told_as_such(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        end = (await run(executor, an_invocation(tmp_path, "true", working_directory=tmp_path / "gone"))).end
        assert isinstance(end, SpawnFailed)
        assert "working directory" in end.message


class TestRuns:
    async def test_two_at_a_time_have_no_power_over_each_other(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        if not found().namespaces:
            pytest.skip("this kernel gives no user namespaces to this user (sysctl user.max_user_namespaces)")
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        record, stop = Record(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            first = an_invocation(tmp_path / "one", "sh", "-c", "echo $$; echo mine >file; sleep 600")
            running = tasks.create_task(executor.run(first, emit=record, stop=stop))
            await record.until(lambda record: record.written().endswith(b"\n"))
            pid = record.written().decode().strip()
            seen = Record()
            script = (
                f"cat /proc/{pid}/environ; ls -L /proc/{pid}/root; echo x >/proc/{pid}/cwd/file; echo x >../one/file"
            )
            await run(executor, an_invocation(tmp_path / "two", "sh", "-c", script), seen)
            stop.set()
        assert isinstance(running.result().end, Canceled)
        assert seen.written() == b""
        assert (tmp_path / "one" / "file").read_text() == "mine\n"

    async def test_a_stop_before_the_program_is_there_ends_it(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        stop = asyncio.Event()
        stop.set()
        for _ in range(10):
            invocation = an_invocation(tmp_path, "sh", "-c", "sleep 600")
            async with asyncio.timeout(2 * WAIT_S):
                exit_ = await executor.run(invocation, emit=Record(), stop=stop)
            assert exit_.end == Canceled(None, signal.SIGTERM)
            assert survivors.of_jobs([invocation.job_id]) == []

    async def test_a_call_that_is_cancelled_at_whatever_moment_leaves_nothing(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        jobs = []
        for steps in range(12):
            invocation = an_invocation(tmp_path, "sh", "-c", "trap '' TERM; sleep 600")
            jobs.append(invocation.job_id)
            running = asyncio.ensure_future(run(executor, invocation))
            for _ in range(steps):
                await asyncio.sleep(0.0005 * (steps % 4))
            running.cancel()
            await asyncio.wait([running], timeout=WAIT_S)
            assert running.cancelled()
        assert survivors.of_jobs(jobs) == []

    async def test_many_leave_no_descriptor_and_no_process(
        self, executor: LocalProcessExecutor, tmp_path: Path
    ) -> None:
        others = children()
        await asyncio.gather(*(run(executor, an_invocation(tmp_path, "true")) for _ in range(8)))
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            exits = await asyncio.gather(*(run(executor, an_invocation(tmp_path, "true")) for _ in range(10)))
            assert {exit_.end for exit_ in exits} == {Exited(0, None)}
        executor.close()
        assert len(os.listdir("/proc/self/fd")) <= before
        assert children() <= others


async def until(happened: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + WAIT_S
    while not happened():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.001)


async def until_ready(pool: Launchers, kind: Kind) -> None:
    await until(lambda: pool.ready(kind) > 0)


def is_at_rest(pid: int) -> bool:
    return opened(pid).count("socket") == 1


def opened(pid: int) -> list[str]:
    """What a process has open beside standard error, without numbers."""
    folder = f"/proc/{pid}/fd"
    return [os.readlink(f"{folder}/{number}").partition(":")[0] for number in os.listdir(folder) if number != "2"]


def children() -> set[int]:
    """Of this process, the ended ones too that nobody has buried."""
    return {int(pid) for task in os.listdir("/proc/self/task") for pid in children_of(task)}


def children_of(task: str) -> list[str]:
    return Path("/proc/self/task", task, "children").read_text().split()


def memory(pid: int) -> bytes:
    """What a process has written to its memory."""
    held = b""
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            span, rights, *_ = line.split()
            start, end = (int(each, 16) for each in span.split("-"))
            if rights.startswith("rw"):
                mem.seek(start)
                held += mem.read(end - start)
    return held
