"""Rows `job-latency` and `job-rate-8`: a program that does nothing, from submission to the terminal event."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from benchmarks import limits, work
from benchmarks.daemon import a_home, serving
from benchmarks.figures import Better, Contender, Metric, Role
from benchmarks.harness import Entrants, Samples, Turn, in_turns
from benchmarks.peers import TASK_SPOOLER, TaskSpooler, task_spooler
from benchmarks.row import DURABLE, Part, Row, Setting
from benchmarks.tools import approve, write_tools

LATENCY: Final = Metric("latency", "ms")
RATE: Final = Metric("rate", "jobs/s", Better.MORE)
AT_A_TIME: Final = 8
DOME: Final = Contender("dome, process.run", Role.DOME, DURABLE)
TOOL: Final = Contender("dome, own tool", Role.DOME, f"{DURABLE}; /bin/true stands in its manifest")

Job = Callable[[], Awaitable[None]]
Take = Callable[[Job], Awaitable[Samples]]


async def one_by_one(job: Job, *, count: int) -> Samples:
    """The time of each of so many jobs, one after another."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        await job()
        times.append((time.perf_counter() - began) * 1000)
    return {LATENCY: times}


async def together(job: Job, *, count: int) -> Samples:
    """How many jobs a second end while eight are always on their way."""
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await job()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_A_TIME):
            tasks.create_task(worker())
    return {RATE: [count / (time.perf_counter() - began)]}


async def _compared(setting: Setting, take: Take, *, slots: int) -> tuple[Part, ...]:
    async with AsyncExitStack() as stack:
        entrants = Entrants(stack)
        outside = setting.folder / "outside"
        outside.mkdir()
        home = stack.enter_context(a_home(setting.folder / "daemon"))
        (tool_id,) = write_tools(home.tools, 1)
        await approve(home)
        daemon = stack.enter_context(serving(home))
        client = await stack.enter_async_context(daemon.client())

        run = partial(work.run, client, work.TRUE, working_directory=str(outside))
        tool = partial(work.run_tool, client, tool_id, working_directory=str(outside))
        entrants.turns.extend([Turn(DOME, partial(take, run)), Turn(TOOL, partial(take, tool))])
        spooler = await entrants.enter(TASK_SPOOLER.name, task_spooler(setting.folder / "tsp", slots=slots))
        if spooler is not None:
            entrants.turns.append(Turn(TASK_SPOOLER, partial(_spooled, take, spooler)))
        entrants.turns.append(Turn(limits.CHILD, partial(take, partial(limits.child, *work.TRUE))))
        series = await in_turns(entrants.turns, rounds=setting.rounds)
        return (Part(series=series, missing=entrants.missing),)


async def _spooled(take: Take, spooler: TaskSpooler) -> Samples:
    samples = await take(partial(spooler.run, *work.TRUE))
    await spooler.forget()
    return samples


async def _latency(setting: Setting) -> tuple[Part, ...]:
    count = setting.many(100, quick=10)
    return await _compared(setting, partial(one_by_one, count=count), slots=1)


async def _rate(setting: Setting) -> tuple[Part, ...]:
    count = setting.many(400, quick=40)
    return await _compared(setting, partial(together, count=count), slots=AT_A_TIME)


LATENCY_ROW: Final = Row(
    name="job-latency",
    work="Run /bin/true outside a repository, one after another: submission to the terminal event, seen by the client.",
    aim="p50 <= 1.3x task-spooler, <= 3.7x the bare subprocess",
    measure=_latency,
)

RATE_ROW: Final = Row(
    name="job-rate-8",
    work="The same, 8 at a time.",
    aim=">= 0.8x task-spooler",
    measure=_rate,
)
