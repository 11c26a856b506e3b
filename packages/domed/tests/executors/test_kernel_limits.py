"""What the kernel holds a program to, from its first instruction, and how its end is told."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import ResourceUsage
from domed.executors import kernel_limits
from domed.executors.cgroup_accounts import GroupAccounts
from domed.executors.confinement import Confined
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import (
    UNBOUNDED,
    CpuLimitReached,
    Effects,
    Exit,
    Exited,
    Invocation,
    MemoryLimitReached,
    ProcessLimitReached,
    SpawnFailed,
)
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

MIB = 1024 * 1024
SPIN = "while True: pass"
TELL = """
import os, resource, signal
signal.setitimer(signal.ITIMER_PROF, 100)
before = resource.getrusage(resource.RUSAGE_SELF)
def tell(*_):
    print(100 - signal.getitimer(signal.ITIMER_PROF)[0], before.ru_utime + before.ru_stime, flush=True)
    os._exit(0)
signal.signal(signal.SIGXCPU, tell)
while True: pass
"""
"""On the polite signal it says what the kernel had counted since a moment, and about how much before it."""
TICKS_S = 0.2
"""What was counted before the moment is known by the other count only; a tick is 10 ms at most."""
SHOW = """
import resource, sys
print(*(resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in sys.argv[1:]))
"""
READING_NOTHING = Effects(filesystem="none", network="none", starts_processes=False)
linux = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is for Linux")


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def run(record: Record, tmp_path: Path) -> Callable[..., Awaitable[Exit]]:
    async def run(*argv: str, effects: Effects | None = None, **limit: Any) -> Exit:
        invocation = Invocation(
            job_id=fresh_job_id(),
            argv=argv,
            payload=b"",
            environment={"PATH": "/usr/bin:/bin"},
            working_directory=None,
            scratch=tmp_path,
            limits=limits(**limit),
            effects=UNBOUNDED if effects is None else effects,
        )
        async with asyncio.timeout(WAIT_S):
            return await LocalProcessExecutor().run(invocation, emit=record, stop=asyncio.Event())

    return run


def python(script: str, *words: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", script, *words]


def test_a_run_without_limits_is_started_as_ever() -> None:
    assert kernel_limits.limited(None, limits()) is None
    held = Confined(words=("--landlock",), wrapper=(), environment={})
    assert kernel_limits.limited(held, limits()) is held


def test_limits_come_on_top_of_what_else_is_held() -> None:
    held = Confined(words=("--landlock",), wrapper=("bwrap",), environment={"A": "1"})
    both = kernel_limits.limited(held, limits(open_files_max=64))
    assert both == Confined(
        words=("--landlock", "--limit", "NOFILE", "64", "64"), wrapper=("bwrap",), environment={"A": "1"}
    )


@linux
@pytest.mark.parametrize("effects", [None, READING_NOTHING])
async def test_every_limit_holds_from_the_start(run: Any, record: Record, effects: Effects | None) -> None:
    exit_ = await run(
        *python(SHOW, "CPU", "AS", "NOFILE", "NPROC"),
        effects=effects,
        cpu_s_max=7,
        memory_bytes_max=512 * MIB,
        open_files_max=64,
        user_processes_max=4000,
        grace_s=2.5,
    )
    assert exit_.end == Exited(0, None), record.written()
    assert record.written() == f"(7, 10) ({512 * MIB}, {512 * MIB}) (64, 64) (4000, 4000)\n".encode()


@linux
async def test_a_program_that_uses_more_processor_time_is_ended_and_that_is_told(run: Any) -> None:
    exit_ = await run(*python(SPIN), cpu_s_max=1)
    assert exit_.end == CpuLimitReached(None, signal.SIGXCPU)
    assert exit_.usage is not None
    # How much, nothing promises: the limit is on another count, see the next test.
    assert exit_.usage.user_cpu_us > 0


@linux
async def test_processor_time_is_counted_as_the_kernel_counts_for_its_timers(run: Any, record: Record) -> None:
    """The timer and the limit are on one count, of ticks; the usage is on another, which may be far behind."""
    exit_ = await run(*python(TELL), cpu_s_max=1)
    assert exit_.end == Exited(0, None)
    counted_s, before_s = map(float, record.written().split())
    assert 1 - before_s - TICKS_S <= counted_s <= 1 + TICKS_S


@linux
async def test_a_program_that_uses_less_processor_time_goes_on(run: Any) -> None:
    half = "import signal\nsignal.setitimer(signal.ITIMER_PROF, 0.5)\n"
    # The timer of the program itself ends it.
    assert (await run(*python(half + SPIN), cpu_s_max=1)).end == Exited(None, signal.SIGPROF)


@linux
@pytest.mark.slow
async def test_a_program_that_does_not_heed_the_kernel_is_killed_by_it(run: Any) -> None:
    ignoring = f"import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n{SPIN}"
    assert (await run(*python(ignoring), cpu_s_max=1, grace_s=0.5)).end == CpuLimitReached(None, signal.SIGKILL)


async def test_a_signal_of_somebody_else_is_not_taken_for_the_kernels(run: Any) -> None:
    for number in (signal.SIGXCPU, signal.SIGKILL):
        assert (await run("/bin/sh", "-c", f"kill -{int(number)} $$")).end == Exited(None, number)


@linux
async def test_a_program_that_is_killed_early_has_not_reached_its_limit(run: Any) -> None:
    assert (await run("/bin/sh", "-c", "kill -9 $$", cpu_s_max=5)).end == Exited(None, signal.SIGKILL)


@linux
async def test_memory_beyond_the_limit_is_not_given(run: Any, record: Record) -> None:
    hungry = "b = bytearray(600_000_000)"
    exit_ = await run(*python(hungry), memory_bytes_max=512 * MIB)
    assert exit_.end == Exited(1, None)
    assert b"MemoryError" in b"".join(page.data for page in record.observations if hasattr(page, "data"))


@linux
async def test_the_smallest_memory_is_enough_to_start(run: Any) -> None:
    assert (await run("/bin/true", memory_bytes_max=16 * MIB)).end == Exited(0, None)


@linux
async def test_files_beyond_the_limit_are_not_opened(run: Any, record: Record) -> None:
    opening = "import os\nfor _ in range(100): os.open('/dev/null', os.O_RDONLY)"
    assert (await run(*python(opening), open_files_max=32)).end == Exited(1, None)
    assert b"Too many open files" in b"".join(page.data for page in record.observations if hasattr(page, "data"))


@linux
async def test_children_are_held_as_well(run: Any, record: Record) -> None:
    assert (await run("/bin/sh", "-c", "sh -c 'ulimit -n'", open_files_max=48)).end == Exited(0, None)
    assert record.written() == b"48\n"


@linux
async def test_a_program_that_does_not_exist_is_told_as_ever(run: Any, record: Record) -> None:
    end = (await run("dome-there-is-no-such-program", open_files_max=64)).end
    assert isinstance(end, SpawnFailed)
    assert (end.exit_code, "does not exist" in end.message) == (127, True)
    assert record.observations == []


@linux
async def test_limits_alone_take_no_privileges(run: Any, record: Record) -> None:
    show = "print([line for line in open('/proc/self/status') if line.startswith('NoNewPrivs')])"
    await run(*python(show), open_files_max=64)
    assert b"NoNewPrivs:\\t0" in record.written()


@pytest.mark.parametrize(
    ("together", "exit_code", "has_reason", "expected"),
    [
        (None, 1, False, Exited),
        (GroupAccounts(), 1, False, Exited),
        (GroupAccounts(out_of_memory=True), None, False, MemoryLimitReached),
        (GroupAccounts(out_of_memory=True), 0, True, MemoryLimitReached),
        (GroupAccounts(starts_refused=1), 1, False, ProcessLimitReached),
        (GroupAccounts(starts_refused=1), None, False, ProcessLimitReached),
        (GroupAccounts(starts_refused=1), 1, True, Exited),
        (GroupAccounts(starts_refused=1), 0, False, Exited),
        (GroupAccounts(starts_refused=1, out_of_memory=True), 1, False, MemoryLimitReached),
    ],
)
def test_the_limits_of_the_whole_run_explain_its_end(
    together: GroupAccounts | None, exit_code: int | None, has_reason: bool, expected: type
) -> None:
    end = Exited(exit_code, 9 if exit_code is None else None)
    found = kernel_limits.explained(end, limits(), usage=ResourceUsage(), together=together, has_reason=has_reason)
    assert found == expected(end.exit_code, end.signal)


@pytest.mark.parametrize(
    ("number", "used_s", "expected"),
    [
        (signal.SIGXCPU, 0, CpuLimitReached),
        (signal.SIGKILL, 8, CpuLimitReached),
        (signal.SIGKILL, 1, Exited),
        (signal.SIGTERM, 20, Exited),
    ],
)
def test_the_kernels_final_signal_is_known_by_what_was_used(number: int, used_s: int, expected: type) -> None:
    usage = ResourceUsage(user_cpu_us=used_s * 1_000_000)
    end = Exited(None, number)
    held, free = limits(cpu_s_max=10), limits()
    assert kernel_limits.explained(end, held, usage=usage, together=None, has_reason=False) == expected(None, number)
    assert kernel_limits.explained(end, free, usage=usage, together=None, has_reason=False) is end
