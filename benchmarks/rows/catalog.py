"""Row `catalog`: what a client waits for when it looks at many tools."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing
from functools import partial
from typing import Final

from benchmarks.daemon import a_home, serving
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, CannotRun, Part, Row, Setting
from benchmarks.tools import write_tools
from dome_client.channel import Channels
from dome_client.endpoint import resolve
from dome_contracts.runtime.v1 import GetToolRequest, ListToolsRequest, RuntimeServiceStub

LISTED: Final = Metric("first page of 100", "ms")
DESCRIBED: Final = Metric("describe one", "ms")
PAGE_SIZE: Final = 100


async def _looked(stub: RuntimeServiceStub, ids: list[str], *, count: int) -> Samples:
    listed = [await _timed(lambda: stub.list_tools(ListToolsRequest(page_size=PAGE_SIZE))) for _ in range(count)]
    wanted = [GetToolRequest(tool_id=ids[number * len(ids) // count]) for number in range(count)]
    return {LISTED: listed, DESCRIBED: [await _timed(partial(stub.get_tool, request)) for request in wanted]}


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    for count in (10, 100, 1_000):
        async with AsyncExitStack() as stack:
            home = stack.enter_context(a_home(setting.folder / str(count)))
            ids = write_tools(home.tools, count)
            daemon = stack.enter_context(serving(home))
            channels = stack.enter_context(closing(Channels(resolve(str(home.socket), home.environ))))
            stub = channels.calls()
            page = await stub.list_tools(ListToolsRequest(page_size=PAGE_SIZE, query="nothing"))
            if len(page.tools) < min(count, PAGE_SIZE):
                problems = "; ".join(problem.message for problem in page.problems[:3])
                raise CannotRun(f"The catalog lists {len(page.tools)} of {count} tools: {problems}", "Mend MANIFEST.")
            take = partial(_looked, stub, ids, count=setting.many(50, quick=5))
            series = await in_turns([Turn(DOME, take)], rounds=setting.rounds)
            facts = (("start to READY with these tools", f"{daemon.ready_s * 1000:.0f} ms"),)
            parts.append(Part(series=series, size=count, facts=facts))
    return tuple(parts)


ROW: Final = Row(
    name="catalog",
    work="ListTools, first page of 100, and GetTool, with many tools of the user's own.",
    aim="first page <= 20 ms, describe <= 5 ms at 1,000 tools",
    measure=_measure,
    size="tools",
)
