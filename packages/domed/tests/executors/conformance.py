"""What every executor must do. Its test module subclasses `ExecutorConformance` and gives `executor` and `program`."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import ids
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Output, OutputStream, Progress, Signaled, Truncated
from domed.executors.channel import ARTIFACTS_MAX
from domed.executors.output import LINE_BYTES_MAX, PAGE_BYTES_MAX
from domed.executors.port import (
    Canceled,
    Emit,
    Executor,
    Exit,
    Exited,
    Invocation,
    Observation,
    OutputLimitReached,
    RunLimits,
    SpawnFailed,
    TimedOut,
    WhenOver,
    nothing_more,
)
from packages.domed.tests.executors.acts import (
    COPY,
    FLOOD,
    HANG,
    IGNORE_TERM,
    TALK,
    Act,
    complain,
    declare,
    give,
    leave,
    write,
)

WAIT_S = 20.0
START_S = 1.0
"""A program that has not said anything for so long has had time to start, on a busy machine too."""
OUT = OutputStream.STDOUT
ERR = OutputStream.STDERR
MIB = 1024 * 1024


def fresh_job_id() -> JobId:
    """An id that no test elsewhere on this machine has: processes are found by it."""
    return ids.job_id(ids.body(time_ms=1, entropy=os.urandom(ids.ENTROPY_BYTES)))


Program = Callable[[Sequence[Act]], list[str]]


TAKEN_AHEAD_BYTES_MAX = 8 * 1024 * 1024
"""More than this no executor may have taken from a program and not recorded. A flood writes it in a moment."""


class Record:
    """Takes what is observed, and lets a test wait for it."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self._changed = asyncio.Event()

    async def __call__(self, observations: Sequence[Observation]) -> None:
        self.observations += observations
        self._changed.set()

    async def until(self, happened: Callable[["Record"], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not happened(self):
                self._changed.clear()
                await self._changed.wait()

    def of(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.observations if isinstance(each, kind)]

    def pages(self, stream: OutputStream = OUT) -> list[Output]:
        return [each for each in self.observations if isinstance(each, Output) and each.stream is stream]

    def written(self, stream: OutputStream = OUT) -> bytes:
        return b"".join(page.data for page in self.pages(stream))

    @property
    def signals(self) -> list[int]:
        return [each.signal for each in self.observations if isinstance(each, Signaled)]


def limits(**changes: Any) -> RunLimits:
    return RunLimits(**({"run_timeout_s": WAIT_S, "grace_s": WAIT_S, "output_bytes_max": 256 * MIB} | changes))


class ExecutorConformance:
    """The suite."""

    start_s = START_S
    """An executor whose programs are no processes can do with less."""

    @pytest.fixture
    def record(self) -> Record:
        return Record()

    @pytest.fixture
    def run(
        self, executor: Executor, program: Program, record: Record, tmp_path: Path
    ) -> Callable[..., Awaitable[Exit]]:
        async def run(
            *acts: Act,
            argv: Sequence[str] = (),
            payload: bytes = b"",
            stop: asyncio.Event | None = None,
            emit: Emit = record,
            when_over: WhenOver = nothing_more,
            **limit: Any,
        ) -> Exit:
            invocation = Invocation(
                job_id=fresh_job_id(),
                argv=argv or program(acts),
                payload=payload,
                environment={"PATH": "/usr/bin:/bin"},
                working_directory=None,
                scratch=tmp_path,
                limits=limits(**limit),
                when_over=when_over,
            )
            async with asyncio.timeout(2 * WAIT_S):
                return await executor.run(invocation, emit=emit, stop=stop or asyncio.Event())

        return run

    async def test_the_exit_code_is_told(self, run: Any) -> None:
        assert (await run(leave(3))).end == Exited(3, None)

    async def test_a_program_that_does_nothing_is_observed_to_do_nothing(self, run: Any, record: Record) -> None:
        assert (await run()).end == Exited(0, None)
        assert record.observations == []

    async def test_bytes_come_as_they_were_written(self, run: Any, record: Record) -> None:
        data = b"one\r\ntwo\0\xff\xfe\xc3\n\n\rno end"
        await run(write(data), complain(data))
        assert record.written(OUT) == record.written(ERR) == data

    async def test_only_the_last_record_of_a_page_lacks_its_newline(self, run: Any, record: Record) -> None:
        await run(write(b"a\nb\nc"))
        assert all(page.ends_partial != page.data.endswith(b"\n") for page in record.pages())

    async def test_pages_and_records_are_limited(self, run: Any, record: Record) -> None:
        data = b"x" * (3 * LINE_BYTES_MAX + 5) + b"\n" + b"y\n" * PAGE_BYTES_MAX
        await run(COPY, payload=data)
        assert record.written() == data
        assert all(len(page.data) <= PAGE_BYTES_MAX for page in record.pages())
        assert all(len(line) <= LINE_BYTES_MAX for page in record.pages() for line in page.data.splitlines(True))

    async def test_a_line_without_its_end_is_shown_while_the_program_goes_on(self, run: Any, record: Record) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(run(write(b"Password: "), HANG, stop=stop))
            await record.until(lambda record: record.written() == b"Password: ")
            stop.set()
            await running
        assert [page.ends_partial for page in record.pages()] == [True]

    async def test_a_large_input_is_given_whole(self, run: Any, record: Record) -> None:
        payload = bytes(range(256)) * (8 * MIB // 256)
        assert (await run(COPY, payload=payload)).end == Exited(0, None)
        assert record.written() == payload

    async def test_a_program_need_not_read_its_input(self, run: Any) -> None:
        assert (await run(leave(0), payload=bytes(8 * MIB))).end == Exited(0, None)

    async def test_a_stop_ends_the_program_politely(self, run: Any, record: Record) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(run(write(b"up\n"), HANG, stop=stop))
            await record.until(lambda record: record.written() == b"up\n")
            stop.set()
        assert running.result().end == Canceled(None, 15)
        assert record.signals == [15]

    async def test_a_program_that_ignores_the_polite_signal_gets_the_final_one(self, run: Any, record: Record) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(run(IGNORE_TERM, write(b"up\n"), HANG, stop=stop, grace_s=0.1))
            await record.until(lambda record: record.written() == b"up\n")
            stop.set()
        assert running.result().end == Canceled(None, 9)
        assert record.signals == [15, 9]

    async def test_a_program_is_ended_after_its_time(self, run: Any, record: Record) -> None:
        assert (await run(HANG, run_timeout_s=0.1)).end == TimedOut("run", None, 15)
        assert record.signals == [15]

    async def test_a_program_that_says_nothing_is_ended(self, run: Any) -> None:
        assert (await run(HANG, idle_timeout_s=0.1)).end == TimedOut("idle", None, 15)

    async def test_a_program_that_talks_is_not_idle(self, run: Any) -> None:
        exit_ = await run(TALK, idle_timeout_s=self.start_s, run_timeout_s=2 * self.start_s, output_bytes_max=100)
        assert exit_.end == TimedOut("run", None, 15)

    async def test_output_over_the_limit_is_left_out_and_counted(self, run: Any, record: Record) -> None:
        data = b"0123456789\n" * 100
        assert (await run(write(data), output_bytes_max=25)).end == Exited(0, None)
        assert record.written() == data[:25]
        assert record.observations[-1] == Truncated(stream=OUT, bytes=len(data) - 25, lines=98)

    async def test_output_exactly_at_the_limit_is_whole(self, run: Any, record: Record) -> None:
        await run(write(b"12345"), output_bytes_max=5)
        assert record.written() == b"12345"
        assert record.of(Truncated) == []

    async def test_the_limit_is_over_both_streams(self, run: Any, record: Record) -> None:
        await run(write(b"a\n" * 10), complain(b"b\n" * 10), output_bytes_max=15)
        left_out = {each.stream: each.bytes for each in record.of(Truncated)}
        assert len(record.written(OUT)) + len(record.written(ERR)) == 15
        assert sum(left_out.values()) == 25

    async def test_a_program_over_its_limit_can_be_ended(self, run: Any, record: Record) -> None:
        exit_ = await run(FLOOD, output_bytes_max=1000, kill_on_output_limit=True)
        assert exit_.end == OutputLimitReached(None, 15)
        assert len(record.written()) == 1000
        assert record.of(Truncated)

    async def test_a_result_is_told(self, run: Any) -> None:
        exit_ = await run(declare(b'{"type":"result","value":{"files":[1,2.5,null]}}\n'))
        assert exit_.result == b'{"files":[1,2.5,null]}'
        assert exit_.channel_error == ""

    async def test_a_large_result_is_told(self, run: Any) -> None:
        exit_ = await run(give(7 * MIB))
        assert len(exit_.result) == 7 * MIB + 2

    async def test_a_result_that_is_too_large_is_an_error_of_the_channel(self, run: Any) -> None:
        exit_ = await run(give(9 * MIB))
        assert "bytes" in exit_.channel_error
        assert exit_.result == b""

    async def test_the_newest_progress_is_told(self, run: Any, record: Record) -> None:
        lines = b"".join(b'{"type":"progress","done":%d,"total":1000,"unit":"files"}\n' % done for done in range(1001))
        await run(declare(lines))
        told = record.of(Progress)
        assert told[-1] == Progress(done=1000, total=1000, unit="files")
        assert len(told) < 500
        assert [progress.done for progress in told] == sorted(progress.done for progress in told)

    async def test_a_failure_is_told_in_the_tools_words(self, run: Any) -> None:
        exit_ = await run(declare(b'{"type":"failure","reason":"TESTS.FAILED","message":"2 of 3"}\n'), leave(1))
        assert (exit_.end, exit_.failure_reason_code, exit_.failure_message) == (
            Exited(1, None),
            "TESTS.FAILED",
            "2 of 3",
        )

    async def test_a_broken_channel_is_told_with_the_first_offence(self, run: Any) -> None:
        exit_ = await run(declare(b"nonsense\nmore\n"), declare(b'{"type":"result","value":1}\n'))
        assert "nonsense" in exit_.channel_error
        assert exit_.result == b""

    async def test_declared_artifacts_are_told_in_order(self, run: Any) -> None:
        lines = b"".join(b'{"type":"artifact","name":"%d","path":"out/%d"}\n' % (n, n) for n in range(3))
        exit_ = await run(declare(lines), leave(1))
        assert [(each.name, each.path) for each in exit_.artifacts] == [(str(n), f"out/{n}") for n in range(3)]

    async def test_a_name_belongs_to_one_artifact_of_a_run(self, run: Any) -> None:
        exit_ = await run(declare(2 * b'{"type":"artifact","name":"a","path":"x"}\n'))
        assert "second artifact 'a'" in exit_.channel_error
        assert len(exit_.artifacts) == 1

    async def test_artifacts_are_counted(self, run: Any) -> None:
        lines = (b'{"type":"artifact","name":"%d","path":"x"}\n' % n for n in range(ARTIFACTS_MAX + 1))
        exit_ = await run(declare(b"".join(lines)))
        assert f"more than {ARTIFACTS_MAX} artifacts" in exit_.channel_error
        assert len(exit_.artifacts) == ARTIFACTS_MAX

    async def test_the_end_of_all_processes_is_told_once_with_what_was_declared(self, run: Any) -> None:
        told: list[list[str]] = []
        lines = b"".join(b'{"type":"artifact","name":"%d","path":"x"}\n' % n for n in range(2))
        exit_ = await run(
            write(b"x\n"),
            declare(lines),
            leave(1),
            when_over=lambda artifacts: told.append([each.name for each in artifacts]),
        )
        assert told == [["0", "1"]]
        assert exit_.end == Exited(1, None)

    async def test_a_program_that_does_not_exist_is_not_spawned(self, run: Any, record: Record) -> None:
        end = (await run(argv=["dome-there-is-no-such-program"])).end
        assert isinstance(end, SpawnFailed)
        assert "does not exist" in end.message
        assert record.observations == []

    async def test_an_error_of_the_record_ends_the_run_and_is_raised(self, run: Any) -> None:
        async def emit(_: Sequence[Observation]) -> None:
            raise ConnectionAbortedError("the record is gone")

        with pytest.raises(ConnectionAbortedError):
            await run(write(b"up\n"), HANG, emit=emit)

    async def test_a_program_waits_for_the_record(self, run: Any) -> None:
        first = asyncio.Event()
        release = asyncio.Event()
        taken = 0

        async def emit(observations: Sequence[Observation]) -> None:
            nonlocal taken
            taken += sum(len(each.data) for each in observations if isinstance(each, Output))
            first.set()
            await release.wait()

        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(run(FLOOD, emit=emit, stop=stop, idle_timeout_s=self.start_s))
            await first.wait()
            # Longer than the idle limit: whoever is held back is not idle.
            done, _ = await asyncio.wait([running], timeout=1.2 * self.start_s)
            assert not done
            assert taken <= TAKEN_AHEAD_BYTES_MAX
            stop.set()
            release.set()
        assert isinstance(running.result().end, Canceled)

    async def test_what_was_written_before_the_end_comes_however_slow_the_record_is(self, run: Any) -> None:
        sizes: list[int] = []

        async def emit(observations: Sequence[Observation]) -> None:
            await asyncio.sleep(0.1)
            sizes.extend(len(each.data) for each in observations if isinstance(each, Output))

        lines = b"line\n" * 4000
        await run(write(lines[:5]), write(lines), complain(lines), emit=emit)
        assert sum(sizes) == 5 + 2 * len(lines)

    async def test_nothing_is_observed_after_the_end(self, run: Any, record: Record) -> None:
        await run(write(b"a\nb"), complain(b"c"), declare(b'{"type":"progress","done":1}\n'))
        count = len(record.observations)
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(record.observations) == count
