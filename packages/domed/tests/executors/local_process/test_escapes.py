"""Nothing escapes the local process that leaves a trace."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Output, SignalCause, Signaled, SurvivorFound
from domed.executors import ladder, limit_mark, survivors
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Canceled, Exited, Observation, TimedOut
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id
from packages.domed.tests.executors.local_process.conftest import JOB, linux, run

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

    @pytest.mark.parametrize("limit_s", [None, 0.2], ids=["stopped", "out of time"])
    async def test_the_deaf_are_ended_in_their_time_though_nothing_can_be_recorded(
        self, invoke: Any, limit_s: float | None
    ) -> None:
        """As on a full disk."""
        space, stop, over, up, taken = (*(asyncio.Event() for _ in range(4)), Record())

        async def emit(observations: Sequence[Observation]) -> None:
            if not any(isinstance(each, Signaled) for each in observations):
                up.set()
            else:
                await space.wait()
            await taken(observations)

        prelude = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        changes = {"grace_s": 0.1, "run_timeout_s": limit_s or WAIT_S, "when_over": lambda _: over.set()}
        deaf = invoke(python=f"import signal\n{prelude}\n{daemon(prelude=prelude, after='time.sleep(600)')}", **changes)
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(WAIT_S):
            running = tasks.create_task(LocalProcessExecutor().run(deaf, emit=emit, stop=stop))
            await up.wait()
            if limit_s is None:
                stop.set()
            await over.wait()
            assert survivors.of_jobs([JOB]) == []
            assert not running.done()
            space.set()
        expected = Canceled(None, 9) if limit_s is None else TimedOut("run", None, 9)
        assert (running.result().end, taken.signals) == (expected, [15, 9, 9])

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
