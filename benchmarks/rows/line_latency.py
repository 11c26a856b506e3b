"""Row `line-latency`: from the moment a program writes a line to the moment a follower has it."""

import asyncio
import subprocess
import sys
import time
from contextlib import AsyncExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import work
from benchmarks.daemon import PARALLEL_JOBS_MAX, a_daemon
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from dome_client import Client

LATENCY: Final = Metric("written to seen", "ms")
JOBS: Final = PARALLEL_JOBS_MAX
LINES_A_SECOND: Final = 200
START_S: Final = 1.0
"""Time for all programs to be ready before the first of them writes."""
PIPE: Final = Contender("asyncio pipe", Role.LIMIT, "nothing is kept")
TICKING: Final = Path(__file__).resolve().parents[1] / "programs" / "ticking.py"


def _command(count: int) -> list[str]:
    begin_ns = time.monotonic_ns() + int(START_S * 1e9)
    return [sys.executable, "-I", "-S", str(TICKING), str(begin_ns), str(LINES_A_SECOND), str(count)]


def _ages(data: bytes) -> list[float]:
    """Milliseconds since each line of a page was written."""
    seen_ns = time.monotonic_ns()
    return [(seen_ns - int(line)) / 1e6 for line in data.split()]


async def _by_dome(client: Client, *, count: int) -> Samples:
    argv = _command(count)
    jobs = [await work.submit(client, argv) for _ in range(JOBS)]
    return {LATENCY: _joined(await asyncio.gather(*(_followed(client, job_id, count=count) for job_id in jobs)))}


async def _followed(client: Client, job_id: str, *, count: int) -> list[float]:
    ages: list[float] = []
    async with aclosing(client.events(job_id)) as events:
        async for event in events:
            if event.output is not None:
                ages += _ages(event.output.data)
    if len(ages) != count:
        raise work.WorkFailed(f"{job_id} gave {len(ages)} of {count} lines.")
    return ages


async def _by_pipe(*, count: int) -> Samples:
    argv = _command(count)
    return {LATENCY: _joined(await asyncio.gather(*(_piped(argv) for _ in range(JOBS))))}


async def _piped(argv: list[str]) -> list[float]:
    process = await asyncio.create_subprocess_exec(*argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    ages: list[float] = []
    while line := await process.stdout.readline():
        ages += _ages(line)
    await process.wait()
    return ages


def _joined(lists: list[list[float]]) -> list[float]:
    return [each for some in lists for each in some]


async def _measure(setting: Setting) -> tuple[Part, ...]:
    count = setting.many(5 * LINES_A_SECOND, quick=LINES_A_SECOND // 2)
    async with AsyncExitStack() as stack:
        daemon = stack.enter_context(a_daemon(setting.folder / "daemon"))
        client = await stack.enter_async_context(daemon.client())
        turns = [Turn(DOME, partial(_by_dome, client, count=count)), Turn(PIPE, partial(_by_pipe, count=count))]
        series = await in_turns(turns, rounds=setting.rounds, warm_rounds=setting.many(1, quick=0))
        return (Part(series=series, facts=(("lines of each job", f"all {count:,}, {LINES_A_SECOND} a second"),)),)


ROW: Final = Row(
    name="line-latency",
    work=f"A line of one of {JOBS} jobs with {LINES_A_SECOND} lines a second each, from written to seen.",
    aim="p99 <= 10 ms",
    measure=_measure,
)
