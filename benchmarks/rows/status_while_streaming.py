"""Row `status-while-streaming`: a question about a job while its lines flow to somebody else."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import work
from benchmarks.daemon import Daemon, a_daemon
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DURABLE, Part, Row, Setting
from dome_client import Client

LINES: Final = 100_000
LATENCY: Final = Metric("GetJobStatus", "ms")
STREAMING: Final = Contender("dome, streaming", Role.DOME, DURABLE)
IDLE: Final = Contender("dome, idle", Role.LIMIT, DURABLE)
REPOSITORY: Final = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Flood:
    """A follower in a process of its own that runs and reads one job after another."""

    process: asyncio.subprocess.Process
    jobs: int = 0
    complete: int = 0

    async def job(self) -> str:
        """Let it submit its next job; gives the id."""
        await self._say(b"next\n")
        return await self._heard()

    async def verdict(self) -> None:
        """Wait until it has read its job to the end, and count whether the lines came complete and in order."""
        self.jobs += 1
        self.complete += await self._heard() == "complete"

    async def _say(self, text: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        await self.process.stdin.drain()

    async def _heard(self) -> str:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise work.WorkFailed("The follower in a process of its own ended early.")
        return line.decode().strip()


@asynccontextmanager
async def a_flood(daemon: Daemon, lines: Path) -> AsyncIterator[Flood]:
    """A follower process for the length of a block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.programs.flood", str(daemon.home.socket), str(lines)),
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Flood(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _streaming(client: Client, flood: Flood, *, jobs: int) -> Samples:
    times: list[float] = []
    for _ in range(jobs):
        job_id = await flood.job()
        verdict = asyncio.ensure_future(flood.verdict())
        while not verdict.done():
            times.append(await _asked(client, job_id))
        await verdict
    return {LATENCY: times}


async def _idle(client: Client, job_id: str, *, count: int) -> Samples:
    return {LATENCY: [await _asked(client, job_id) for _ in range(count)]}


async def _asked(client: Client, job_id: str) -> float:
    began = time.perf_counter()
    await client.status(job_id)
    return (time.perf_counter() - began) * 1000


async def _measure(setting: Setting) -> tuple[Part, ...]:
    lines = setting.folder / "lines"
    work.write_lines(lines, LINES)
    async with AsyncExitStack() as stack:
        daemon = stack.enter_context(a_daemon(setting.folder / "daemon"))
        client = await stack.enter_async_context(daemon.client())
        flood = await stack.enter_async_context(a_flood(daemon, lines))
        known = await work.submit(client, work.TRUE)
        turns = [
            Turn(STREAMING, partial(_streaming, client, flood, jobs=setting.many(20, quick=2))),
            Turn(IDLE, partial(_idle, client, known, count=setting.many(500, quick=20))),
        ]
        series = await in_turns(turns, rounds=setting.rounds)
        fact = (f"jobs whose {LINES:,} lines came complete and in order", f"{flood.complete} of {flood.jobs}")
        return (Part(series=series, facts=(fact,)),)


ROW: Final = Row(
    name="status-while-streaming",
    work=f"GetJobStatus by one client while {LINES:,} lines of that job stream to another.",
    aim="p99 < 50 ms, all lines complete and in order",
    measure=_measure,
)
