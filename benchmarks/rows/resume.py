"""Row `resume`: the first line after somebody continues in the middle of a long output."""

import time
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import Final

from benchmarks import work
from benchmarks.daemon import a_daemon
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from dome_client import Client

LATENCY: Final = Metric("first line", "ms")
STRIDE: Final = 7919
"""Distance of the places of two resumptions, in lines: prime, so that they fall anywhere in a page."""


async def _by_dome(client: Client, job_id: str, *, lines: int, count: int) -> Samples:
    return {LATENCY: [await _resumed(client, job_id, lines // 4 + i * STRIDE % (lines // 2)) for i in range(count)]}


async def _resumed(client: Client, job_id: str, since_seq: int) -> float:
    began = time.perf_counter()
    async with aclosing(client.events(job_id, since_seq=since_seq)) as events:
        first = await anext(events)
        seconds = time.perf_counter() - began
    if first.seq != since_seq + 1 or first.output is None:
        raise work.WorkFailed(f"After seq {since_seq} of {job_id} came {first.seq}.")
    return seconds * 1000


async def _measure(setting: Setting) -> tuple[Part, ...]:
    async with AsyncExitStack() as stack:
        daemon = stack.enter_context(a_daemon(setting.folder / "daemon"))
        client = await stack.enter_async_context(daemon.client())
        parts = []
        for lines in (1_000, 10_000, 100_000) if setting.quick else (10_000, 100_000, 1_000_000):
            path = setting.folder / f"{lines}.lines"
            work.write_lines(path, lines)
            job_id = await work.submit(client, ("/bin/cat", str(path)))
            await work.follow(client, job_id)
            take = partial(_by_dome, client, job_id, lines=lines, count=setting.many(100, quick=5))
            series = await in_turns([Turn(DOME, take)], rounds=setting.rounds)
            parts.append(Part(series=series, size=lines))
        return tuple(parts)


ROW: Final = Row(
    name="resume",
    work="Continue a finished job's events somewhere in its middle half: call to first line, connection included.",
    aim="<= 10 ms at 1,000,000 lines",
    measure=_measure,
    size="lines",
)
