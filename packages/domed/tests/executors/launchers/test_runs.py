"""What a launcher is ordered to run runs, and nothing of a run stays with the server."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from domed.executors import launch, survivors
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Canceled, Exited, SpawnFailed
from packages.domed.tests.executors.confined_run import found
from packages.domed.tests.executors.conformance import WAIT_S, Record
from packages.domed.tests.executors.launching import (
    VARIABLE,
    an_invocation,
    children,
    run,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="launchers are for Linux")


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
