"""Launchers are there when they are needed, whatever becomes of their server."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from domed.executors import launch_server, launchers, survivors
from domed.executors.launch import Kind
from domed.executors.launch_server import PACKAGES
from domed.executors.launchers import Launchers
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Exited
from domed.executors.start_fault import SpawnError
from packages.domed.tests.executors.conformance import Record
from packages.domed.tests.executors.launching import (
    an_invocation,
    children,
    is_alive,
    is_at_rest,
    kind,
    memory,
    opened,
    run,
    server_of,
    server_pid,
    until,
    until_ready,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="launchers are for Linux")

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
