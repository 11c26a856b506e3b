"""Row `mcp`: what stands between an agent and a job."""

import asyncio
import importlib.util
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks import work
from benchmarks.daemon import Daemon, a_home, serving
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import CannotRun, Part, Row, Setting
from benchmarks.tools import write_tools
from dome_client import Client

FIRST: Final = Metric("process start to first answer", "ms")
CALL: Final = Metric("call of a tool", "ms")
RUN: Final = Metric("job of /bin/true", "ms")
BRIDGE: Final = Contender("dome mcp", Role.DOME, "call: the status of a durable job; answers are bounded")
BARE: Final = Contender("MCP SDK, one bare tool", Role.PEER, "call: gives a text back; nothing is kept")
DIRECT: Final = Contender("dome SDK, no bridge", Role.LIMIT, "the same calls of the daemon")
TOOLS: Final = 200
BARE_SERVER: Final = Path(__file__).resolve().parents[1] / "programs" / "bare_mcp.py"
DOME: Final = Path(sys.executable).with_name("dome")
HELLO: Final = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
LINE_BYTES_MAX: Final = 1024 * 1024


@dataclass(slots=True)
class Server:
    """A server of the protocol on the pipes of its process."""

    process: asyncio.subprocess.Process
    asked: int = 0

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """One question and its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.asked += 1
        message = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()
        line = await self.process.stdout.readline()
        answer = json.loads(line) if line else {}
        if "result" not in answer or answer["result"].get("isError"):
            raise work.WorkFailed(f"{method} was answered with {line[:500]!r}.")
        return answer["result"]

    async def call(self, name: str, **arguments: Any) -> Any:
        """One call of a tool."""
        return (await self.ask("tools/call", {"name": name, "arguments": arguments}))["structuredContent"]


@asynccontextmanager
async def a_server(daemon: Daemon, *argv: str) -> AsyncIterator[Server]:
    """A server that has given its first answer."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=daemon.home.folder,
        env=dict(daemon.home.environ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    server = Server(process)
    try:
        await server.ask("initialize", HELLO)
        assert process.stdin is not None
        process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _bridge(daemon: Daemon, server: Server, job_id: str, *, count: int) -> Samples:
    run = partial(server.call, "run_tool", tool_id=work.RUN, input={"argv": list(work.TRUE)})
    return {
        FIRST: [await _started(daemon, str(DOME), "mcp")],
        CALL: [await _timed(partial(server.call, "job_status", job_id=job_id)) for _ in range(count)],
        RUN: [await _timed(run) for _ in range(count // 5)],
    }


async def _bare(daemon: Daemon, server: Server, *argv: str, count: int) -> Samples:
    return {
        FIRST: [await _started(daemon, *argv)],
        CALL: [await _timed(partial(server.call, "echo", text="x")) for _ in range(count)],
    }


async def _direct(daemon: Daemon, client: Client, job_id: str, *, count: int) -> Samples:
    async def run() -> None:
        await client.wait(await work.submit(client, work.TRUE, working_directory=str(daemon.home.folder)))

    return {
        CALL: [await _timed(partial(client.status, job_id)) for _ in range(count)],
        RUN: [await _timed(run) for _ in range(count // 5)],
    }


async def _started(daemon: Daemon, *argv: str) -> float:
    began = time.perf_counter()
    async with a_server(daemon, *argv):
        return (time.perf_counter() - began) * 1000


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


async def _budgets(server: Server) -> tuple[tuple[str, str], ...]:
    listed = await server.ask("tools/list", {})
    found = await server.call("search_tools", query="")
    return (
        ("tools/list", f"{len(listed['tools'])} tools, {_characters(listed):,} characters, of at most 6,000"),
        ("search_tools without a query", f"{len(found['tools'])} tools, {_characters(found):,} of at most 8,000"),
    )


def _characters(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


async def _measure(setting: Setting) -> tuple[Part, ...]:
    if importlib.util.find_spec("mcp") is None or not DOME.exists():
        raise CannotRun("`dome mcp` is not installed beside this interpreter.", "Set up with `./just`.")
    bare = (sys.executable, str(BARE_SERVER))
    count = setting.many(200, quick=10)
    async with AsyncExitStack() as stack:
        home = stack.enter_context(a_home(setting.folder / "daemon"))
        write_tools(home.tools, TOOLS)
        daemon = stack.enter_context(serving(home))
        client = await stack.enter_async_context(daemon.client())
        known = await work.submit(client, work.TRUE)
        await client.wait(known)
        bridge = await stack.enter_async_context(a_server(daemon, str(DOME), "mcp"))
        peer = await stack.enter_async_context(a_server(daemon, *bare))
        turns = [
            Turn(BRIDGE, partial(_bridge, daemon, bridge, known, count=count)),
            Turn(BARE, partial(_bare, daemon, peer, *bare, count=count)),
            Turn(DIRECT, partial(_direct, daemon, client, known, count=count)),
        ]
        series = await in_turns(turns, rounds=setting.rounds)
        return (Part(series=series, facts=await _budgets(bridge)),)


ROW: Final = Row(
    name="mcp",
    work="An agent's way to a job: the first answer of the bridge, a call of a tool, a job of /bin/true.",
    aim="first answer <= 1.2x the bare SDK's; a job <= 2x one without a bridge; both listings in their budgets",
    measure=_measure,
)
