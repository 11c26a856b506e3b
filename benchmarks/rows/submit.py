"""Row `submit`: a request for an execution until it is acknowledged, by when it is durable."""

import time
from contextlib import AsyncExitStack
from functools import partial
from sqlite3 import Connection
from typing import Final

from benchmarks import limits
from benchmarks.daemon import a_home, serving
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from benchmarks.tools import approve, write_tools
from dome_client import Client

LATENCY: Final = Metric("acknowledged", "ms")
FACT: Final = b"x" * 600
"""About as many bytes as the first event of a job and its row."""


async def _by_dome(client: Client, tool_id: str, *, count: int) -> Samples:
    times = []
    job_id = ""
    for _ in range(count):
        began = time.perf_counter()
        job_id = (await client.execute(tool_id)).job_id
        times.append((time.perf_counter() - began) * 1000)
    await client.wait(job_id)
    return {LATENCY: times}


async def _by_commit(connection: Connection, *, count: int) -> Samples:
    return {LATENCY: [limits.commit(connection, FACT) * 1000 for _ in range(count)]}


async def _measure(setting: Setting) -> tuple[Part, ...]:
    count = setting.many(500, quick=20)
    async with AsyncExitStack() as stack:
        home = stack.enter_context(a_home(setting.folder / "daemon"))
        (tool_id,) = write_tools(home.tools, 1)
        await approve(home)
        daemon = stack.enter_context(serving(home))
        client = await stack.enter_async_context(daemon.client())
        connection = stack.enter_context(limits.commits(setting.folder / "limit.sqlite"))
        turns = [
            Turn(DOME, partial(_by_dome, client, tool_id, count=count)),
            Turn(limits.COMMIT, partial(_by_commit, connection, count=count)),
        ]
        return (Part(series=await in_turns(turns, rounds=setting.rounds)),)


ROW: Final = Row(
    name="submit",
    work="SkillExecute of a tool that is /bin/true, until its answer, one after another, while earlier ones run.",
    aim="p50 <= 2 ms, p99 <= 15 ms",
    measure=_measure,
)
