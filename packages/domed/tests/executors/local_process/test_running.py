"""The local process is an executor: what its program is given, and how its end is told."""

import asyncio
import os
import resource
import signal
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Canceled, DeclaredArtifact, Executor, Exited, Invocation, Observation, SpawnFailed
from packages.domed.tests.executors import acts
from packages.domed.tests.executors.conformance import WAIT_S, ExecutorConformance, Program, Record, fresh_job_id
from packages.domed.tests.executors.local_process.conftest import JOB, linux, run


class TestLocalProcessExecutor(ExecutorConformance):
    @pytest.fixture
    def executor(self) -> Executor:
        return LocalProcessExecutor()

    @pytest.fixture
    def program(self) -> Program:
        return acts.program


async def test_the_environment_is_the_given_one_and_what_the_executor_needs(invoke: Any, record: Record) -> None:
    invocation = invoke("env")
    await run(invocation, record)
    names = dict(line.split("=", 1) for line in record.written().decode().splitlines())
    assert names.keys() == {"PATH", "SEEN", "DOME_JOB_ID", "DOME_SCRATCH", "DOME_CHANNEL_FD"}
    assert names["DOME_JOB_ID"] == JOB


async def test_the_program_runs_in_its_scratch_directory(invoke: Any, record: Record) -> None:
    invocation = invoke(script='pwd; touch "$DOME_SCRATCH/file"')
    await run(invocation, record)
    assert record.written().decode() == f"{invocation.scratch}\n"
    assert os.listdir(invocation.scratch) == ["file"]


async def test_the_program_runs_where_it_was_told_to(invoke: Any, record: Record, tmp_path: Path) -> None:
    await run(invoke("pwd", working_directory=tmp_path), record)
    assert record.written().decode() == f"{tmp_path}\n"


async def test_files_of_the_program_are_private(invoke: Any, record: Record, tmp_path: Path) -> None:
    await run(invoke("touch", "made", working_directory=tmp_path), record)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600


@linux
async def test_the_program_has_its_streams_and_its_channel_and_no_other_descriptor(
    invoke: Any, record: Record, tmp_path: Path
) -> None:
    with (tmp_path / "open").open("wb") as mine:
        os.set_inheritable(mine.fileno(), True)
        await run(invoke(script='echo "$DOME_CHANNEL_FD"; exec ls /proc/self/fd'), record)
    channel, *descriptors = record.written().decode().split()
    # One more: `ls` has the directory open that it lists.
    assert {"0", "1", "2", channel} <= set(descriptors)
    assert len(descriptors) == 5


async def test_the_program_leads_a_session_of_its_own(invoke: Any, record: Record) -> None:
    await run(invoke(python="import os; print(os.getpid() == os.getsid(0) == os.getpgid(0))"), record)
    assert record.written() == b"True\n"


async def test_what_the_program_used_is_told(invoke: Any, record: Record) -> None:
    # A peak is told when it is above that of this process, which depends on the tests that ran before.
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + 50_000_000
    exit_ = await run(invoke(python=f"x = bytearray({size}); sum(range(1_000_000))"), record)
    assert exit_.usage is not None
    assert exit_.usage.user_cpu_us > 1000
    assert exit_.usage.resident_bytes_max >= size


async def test_a_signal_that_we_did_not_send_is_told_as_such(invoke: Any, record: Record) -> None:
    assert (await run(invoke(script="kill -9 $$"), record)).end == Exited(None, 9)


async def test_a_program_that_traps_the_polite_signal_may_say_goodbye(invoke: Any, record: Record) -> None:
    stop = asyncio.Event()
    script = "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done"
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(invoke(script=script), record, stop))
        await record.until(lambda record: record.written() == b"up\n")
        stop.set()
    assert running.result().end == Canceled(7, None)
    assert record.written() == b"up\nbye\n"


async def test_the_end_of_all_processes_is_told_though_the_record_waits_for_it(invoke: Any) -> None:
    """As on a disk that the run has filled, and of which its scratch directory takes the most."""
    over = asyncio.Event()
    told: list[str] = []

    async def emit(observations: Sequence[Observation]) -> None:
        await over.wait()

    def when_over(artifacts: Sequence[DeclaredArtifact]) -> None:
        told.extend(each.name for each in artifacts)
        over.set()

    python = """
import os, time
os.write(1, b"out\\n")
os.write(2, b"err\\n")
channel = int(os.environ["DOME_CHANNEL_FD"])
os.write(channel, b'{"type":"progress","done":1}\\n')
time.sleep(0.2)
os.write(channel, b'{"type":"progress","done":2}\\n{"type":"artifact","name":"a","path":"x"}\\n')
"""
    asked = invoke(python=python, when_over=when_over)
    async with asyncio.timeout(WAIT_S):
        exit_ = await LocalProcessExecutor().run(asked, emit=emit, stop=asyncio.Event())
    assert (exit_.end, told) == (Exited(0, None), ["a"])


async def test_a_stopped_program_can_be_ended(invoke: Any, record: Record) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(invoke(script="echo up; kill -STOP $$"), record, stop))
        await record.until(lambda record: record.written() == b"up\n")
        stop.set()
    assert running.result().end == Canceled(None, signal.SIGTERM)


class TestNotSpawned:
    async def message(self, invocation: Invocation, record: Record) -> str:
        end = (await run(invocation, record)).end
        assert isinstance(end, SpawnFailed)
        assert record.observations == []
        return end.message

    async def test_a_missing_program(self, invoke: Any, record: Record) -> None:
        assert "'/no/such' does not exist" in await self.message(invoke("/no/such"), record)

    async def test_a_file_that_is_not_executable(self, invoke: Any, record: Record, tmp_path: Path) -> None:
        (tmp_path / "plain").write_text("text")
        assert "not executable" in await self.message(invoke(str(tmp_path / "plain")), record)

    async def test_a_missing_interpreter(self, invoke: Any, record: Record, tmp_path: Path) -> None:
        (tmp_path / "script").write_text("#!/no/such/interpreter\n")
        (tmp_path / "script").chmod(0o755)
        assert "interpreter" in await self.message(invoke(str(tmp_path / "script")), record)

    async def test_a_file_in_no_known_format(self, invoke: Any, record: Record, tmp_path: Path) -> None:
        (tmp_path / "odd").write_bytes(b"\0\1\2")
        (tmp_path / "odd").chmod(0o755)
        assert "no format" in await self.message(invoke(str(tmp_path / "odd")), record)

    async def test_a_missing_working_directory(self, invoke: Any, record: Record, tmp_path: Path) -> None:
        invocation = invoke("true", working_directory=tmp_path / "gone")
        assert "working directory" in await self.message(invocation, record)

    async def test_arguments_that_are_too_long(self, invoke: Any, record: Record) -> None:
        assert "too long" in await self.message(invoke("true", "x" * 3_000_000), record)

    async def test_an_argument_with_a_nul(self, invoke: Any, record: Record) -> None:
        assert "null byte" in await self.message(invoke("true", "a\0b"), record)


class TestWithoutProcessDescriptors:
    """Systems that have no pidfd wait in a thread."""

    @pytest.fixture(autouse=True)
    def no_pidfd(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(os, "pidfd_open", raising=False)

    async def test_the_exit_is_seen(self, invoke: Any, record: Record) -> None:
        assert (await run(invoke(script="echo hi; exit 3"), record)).end == Exited(3, None)
        assert record.written() == b"hi\n"

    async def test_many_are_waited_for_at_a_time(self, invoke: Any, record: Record) -> None:
        jobs = [fresh_job_id() for _ in range(20)]
        exits = await asyncio.gather(*(run(invoke(script="sleep 0.1", job_id=job), record) for job in jobs))
        assert {exit_.end for exit_ in exits} == {Exited(0, None)}

    async def test_a_stop_ends_the_program_and_what_it_left(self, invoke: Any, record: Record) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            script = "(trap '' TERM; exec sleep 600) & echo up; sleep 600"
            running = tasks.create_task(run(invoke(script=script, grace_s=0.1), record, stop))
            await record.until(lambda record: record.written() == b"up\n")
            stop.set()
        assert running.result().end == Canceled(None, 15)
