"""What the kernel holds a program to, from its first instruction, and how its end is told."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from domed.executors import kernel_limits
from domed.executors.confinement import Confined
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import CpuLimitReached, Effects, Exit, Exited, Invocation, SpawnFailed
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

MIB = 1024 * 1024
SPIN = "while True: pass"
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
            **({} if effects is None else {"effects": effects}),
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
    # The kernel counts by ticks for the limit, and exactly for the usage: the two may differ.
    assert exit_.usage.user_cpu_us + exit_.usage.system_cpu_us >= 500_000


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
