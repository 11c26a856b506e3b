"""The local process is an executor, and nothing escapes it that leaves a trace."""

import asyncio
import os
import resource
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Output, SignalCause, Signaled, SurvivorFound
from domed.executors import ladder, limit_mark, survivors
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import (
    Canceled,
    DeclaredArtifact,
    Executor,
    Exit,
    Exited,
    Invocation,
    Observation,
    SpawnFailed,
)
from packages.domed.tests.executors import acts
from packages.domed.tests.executors.conformance import (
    WAIT_S,
    ExecutorConformance,
    Program,
    Record,
    fresh_job_id,
    limits,
)

JOB = fresh_job_id()
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class TestLocalProcessExecutor(ExecutorConformance):
    @pytest.fixture
    def executor(self) -> Executor:
        return LocalProcessExecutor()

    @pytest.fixture
    def program(self) -> Program:
        return acts.program


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def invoke(tmp_path: Path) -> Callable[..., Invocation]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def invoke(*argv: str, script: str = "", python: str = "", **changes: Any) -> Invocation:
        command = ["sh", "-c", script] if script else [sys.executable, "-I", "-S", "-c", python] if python else argv
        limit = {name: changes.pop(name) for name in ("grace_s", "run_timeout_s") if name in changes}
        values: dict[str, Any] = {
            "job_id": JOB,
            "argv": command,
            "payload": b"",
            "environment": {"PATH": os.environ["PATH"], "SEEN": "yes"},
            "working_directory": None,
            "scratch": scratch,
            "limits": limits(**limit),
        }
        return Invocation(**(values | changes))

    return invoke


@pytest.fixture(autouse=True)
def no_process_or_descriptor_is_left() -> Iterator[None]:
    before = set(os.listdir("/proc/self/fd")) if sys.platform == "linux" else set()
    yield
    if sys.platform == "linux":
        assert survivors.of_jobs([JOB]) == []
        assert len(os.listdir("/proc/self/fd")) <= len(before) + 4


async def run(invocation: Invocation, record: Record, stop: asyncio.Event | None = None) -> Exit:
    async with asyncio.timeout(2 * WAIT_S):
        return await LocalProcessExecutor().run(invocation, emit=record, stop=stop or asyncio.Event())


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


DAEMONISE = """
import os, signal, sys, time
def daemonise():
    if os.fork(): os.wait(); return
    os.setsid()
    if os.fork(): os._exit(0)
    {prelude}
    os.write({ready}, b"daemon %d\\n" % os.getpid())
    {close}
    while True: time.sleep(60)
daemonise()
{after}
"""


def daemon(*, prelude: str = "pass", close: str = "pass", after: str = "pass", ready: int = 1) -> str:
    return DAEMONISE.format(prelude=prelude, close=close, after=after, ready=ready)


HIDDEN = """
import os, resource, sys
if os.fork(): os.wait(); sys.exit()
os.setsid()
if os.fork(): os._exit(0)
{unmark}
os.write(1, b'daemon %d\\n' % os.getpid())
os.execve('/bin/sleep', ['sleep', '600'], {{}})
"""
CLOSE_ALL = "os.closerange(0, 64)"


@linux
class TestEscapes:
    def is_alive(self, record: Record) -> bool:
        pids = [int(line.split()[1]) for line in record.written().splitlines() if line.startswith(b"daemon")]
        assert pids
        return any(survivors._stat(pid) is not None for pid in pids)

    def is_soon_gone(self, record: Record) -> bool:
        end = time.monotonic() + WAIT_S
        while self.is_alive(record) and time.monotonic() < end:
            time.sleep(0.01)
        return not self.is_alive(record)

    async def test_a_daemon_with_closed_descriptors_is_found_and_ended(self, invoke: Any, record: Record) -> None:
        after = "sys.stdin.read(); time.sleep(0.1)"
        exit_ = await run(invoke(python=daemon(close=CLOSE_ALL, after=after)), record)
        assert exit_.end == Exited(0, None)
        assert not self.is_alive(record)
        assert record.of(Signaled) == [Signaled(signal=15, cause=SignalCause.LEFT_BEHIND)]

    async def test_a_daemon_that_ignores_the_polite_signal_is_ended(self, invoke: Any, record: Record) -> None:
        prelude = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        await run(invoke(python=daemon(prelude=prelude, after="time.sleep(0.2)"), grace_s=0.1), record)
        assert not self.is_alive(record)
        assert record.signals == [15, 9]

    async def test_a_daemon_that_holds_the_pipes_open_does_not_hold_up_the_end(
        self, invoke: Any, record: Record
    ) -> None:
        exit_ = await run(invoke(python=daemon(after="time.sleep(0.2)")), record)
        assert exit_.end == Exited(0, None)
        assert not self.is_alive(record)

    async def test_a_process_that_left_the_session_and_emptied_its_environment_is_found_and_ended(
        self, invoke: Any, record: Record
    ) -> None:
        exit_ = await run(invoke(python=HIDDEN.format(unmark="pass")), record)
        assert exit_.end == Exited(0, None)
        assert not self.is_alive(record)
        assert record.of(Signaled) == [Signaled(signal=15, cause=SignalCause.LEFT_BEHIND)]

    async def test_one_that_hides_in_a_long_run_is_found(
        self, invoke: Any, record: Record, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ladder, "SHORT_RUN_S", 0.0)
        await run(invoke(python=HIDDEN.format(unmark="pass")), record)
        assert not self.is_alive(record)

    async def test_one_that_hides_from_an_earlier_daemon_is_found(self, invoke: Any, record: Record) -> None:
        job_id = fresh_job_id()
        with limit_mark.on_what_is_started(limit_mark.number(job_id)):
            hidden = await asyncio.create_subprocess_exec("sleep", "600", env={}, start_new_session=True)
        assert [each.job_id for each in survivors.of_jobs([JOB, job_id])] == [job_id]
        await LocalProcessExecutor().end_survivors([job_id], grace_s=WAIT_S)
        assert await hidden.wait() == -signal.SIGTERM

    async def test_what_the_daemon_starts_beside_a_run_is_none_of_its_processes(
        self, invoke: Any, record: Record
    ) -> None:
        invocation = invoke(script="sleep 0.1")
        with limit_mark.on_what_is_started(limit_mark.number(invocation.job_id)):
            helper = await asyncio.create_subprocess_exec("sleep", "600")
        await run(invocation, record)
        assert helper.returncode is None
        helper.kill()
        await helper.wait()
        assert record.signals == []

    async def test_a_process_that_nothing_marks_does_not_hold_up_the_end(self, invoke: Any, record: Record) -> None:
        """It rid itself of every mark: it cannot be found, yet it holds the pipes."""
        unmark = "resource.setrlimit(resource.RLIMIT_RTTIME, (-1, -1))"
        exit_ = await run(invoke(python=HIDDEN.format(unmark=unmark)), record)
        assert exit_.end == Exited(0, None)
        await record.until(lambda record: b"\n" in record.written())
        os.kill(int(record.written().split()[1]), signal.SIGKILL)

    async def test_a_background_process_of_the_group_is_ended(self, invoke: Any, record: Record) -> None:
        exit_ = await run(invoke(script="sleep 600 & echo daemon $!"), record)
        assert exit_.end == Exited(0, None)
        assert not self.is_alive(record)

    async def test_where_processes_are_not_shown_the_group_is_ended_unseen(
        self, invoke: Any, record: Record, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(survivors, "visible", lambda: False)
        exit_ = await run(invoke(script="sleep 600 & echo daemon $!"), record)
        assert exit_.end == Exited(0, None)
        assert record.signals == [9]
        assert await asyncio.to_thread(self.is_soon_gone, record)

    async def test_a_long_run_is_looked_through_everywhere(
        self, invoke: Any, record: Record, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ladder, "SHORT_RUN_S", 0.0)
        await run(invoke(python=daemon(close=CLOSE_ALL, after="time.sleep(0.1)")), record)
        assert not self.is_alive(record)

    async def test_the_end_of_a_pipeline_may_finish(self, invoke: Any, record: Record) -> None:
        await run(invoke(script="(sleep 0.02; echo late) & exit 0"), record)
        assert record.written() == b"late\n"
        assert record.signals == []

    async def test_a_stop_reaches_a_daemon_too(self, invoke: Any, record: Record) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            python = daemon(close=CLOSE_ALL, after="time.sleep(600)")
            running = tasks.create_task(run(invoke(python=python), record, stop))
            await record.until(lambda record: record.written().endswith(b"\n"))
            stop.set()
        assert running.result().end == Canceled(None, 15)
        assert not self.is_alive(record)

    async def test_a_program_that_closes_its_streams_and_lives_is_waited_for(self, invoke: Any, record: Record) -> None:
        python = "import os, time; os.closerange(0, 64); time.sleep(0.1); os._exit(5)"
        assert (await run(invoke(python=python), record)).end == Exited(5, None)

    async def test_a_family_that_grows_while_it_is_ended_is_ended(self, invoke: Any, record: Record) -> None:
        python = (
            "import os, signal, time\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "if os.fork(): time.sleep(0.1); os._exit(0)\n"
            "end = time.monotonic() + 20\n"
            "while time.monotonic() < end:\n"
            "    if os.fork() == 0: time.sleep(20); os._exit(0)\n"
            "    time.sleep(0.01)\n"
        )
        await run(invoke(python=python, grace_s=0.1), record)
        assert record.of(SurvivorFound) == []

    async def test_fifty_megabytes_without_a_newline(self, invoke: Any) -> None:
        size = 0

        async def emit(observations: Any) -> None:
            nonlocal size
            assert all(len(page.data) <= 64 * 1024 and page.ends_partial for page in observations)
            size += sum(len(page.data) for page in observations)

        async with asyncio.timeout(2 * WAIT_S):
            await LocalProcessExecutor().run(
                invoke("head", "-c", "50000000", "/dev/zero"), emit=emit, stop=asyncio.Event()
            )
        assert size == 50_000_000

    async def test_a_cancelled_call_ends_the_program_at_once(self, invoke: Any, record: Record) -> None:
        prelude = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        python = daemon(prelude=prelude, after=f"{prelude}; time.sleep(600)")
        running = asyncio.ensure_future(run(invoke(python=python), record))
        await record.until(lambda record: record.written().endswith(b"\n"))
        running.cancel()
        await asyncio.wait([running], timeout=WAIT_S)
        assert running.cancelled()
        assert not self.is_alive(record)

    async def test_what_an_earlier_daemon_left_is_ended(self, invoke: Any, record: Record, tmp_path: Path) -> None:
        read, write = os.pipe()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            "-c",
            daemon(ready=write, after="pass"),
            env={"DOME_JOB_ID": JOB},
            pass_fds=[write],
        )
        await process.wait()
        os.close(write)
        await record([Output(data=os.read(read, 100))])
        os.close(read)
        facts = await LocalProcessExecutor().end_survivors([JOB, JobId("job-other")], grace_s=WAIT_S)
        assert facts == {JOB: [Signaled(signal=15, cause=SignalCause.OUTLIVED_DAEMON)]}
        assert survivors.of_jobs([JOB]) == []
