"""Row `followers`: how soon 300 followers of one job have a line while one more reads nothing of what it asked for."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.const import Cardinality

from benchmarks import work
from benchmarks.daemon import Daemon, a_daemon
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from dome_client import Client
from dome_contracts.runtime.v1 import StreamJobEventsRequest, StreamJobEventsResponse

LATENCY: Final = Metric("written to seen", "ms")
LINES_A_SECOND: Final = 10
CONNECTIONS: Final = 10
"""The followers share so many, as the processes of a machine would have more and one process fewer."""
BURST_BYTES: Final = 4_000_000
"""Written first, so that the one who does not read has something that it does not read."""
START_S: Final = 1.5
WINDOW_BYTES: Final = 65_536
STREAM: Final = "/dome.runtime.v1.RuntimeService/StreamJobEvents"
TICKING: Final = Path(__file__).resolve().parents[1] / "programs" / "ticking.py"
SCRIPT: Final = 'head -c "$1" /dev/zero | tr "\\0" "\\n"; echo begin; shift; exec "$@"'


def _command(count: int) -> list[str]:
    begin_ns = time.monotonic_ns() + int(START_S * 1e9)
    ticking = [sys.executable, "-I", "-S", str(TICKING), str(begin_ns), str(LINES_A_SECOND), str(count)]
    return ["/bin/sh", "-c", SCRIPT, "sh", str(BURST_BYTES), *ticking]


async def _by_dome(clients: list[Client], daemon: Daemon, peaks: list[int], *, followers: int, count: int) -> Samples:
    job_id = await work.submit(clients[0], _command(count))
    position = await _burst(clients[0], job_id)
    async with _stalled(daemon, job_id):
        daemon.forget_peak()
        before = daemon.resident_bytes()
        waiting = (
            _followed(clients[number % len(clients)], job_id, since_seq=position, count=count)
            for number in range(followers)
        )
        lists = await asyncio.gather(*waiting)
        peaks.append(daemon.resident_bytes_max() - before)
    return {LATENCY: [each for ages in lists for each in ages]}


async def _burst(client: Client, job_id: str) -> int:
    """Where the lines begin that are measured."""
    async with aclosing(client.events(job_id)) as events:
        async for event in events:
            if event.output is not None and b"begin\n" in event.output.data:
                return event.seq + event.output.data[: event.output.data.index(b"begin\n")].count(b"\n")
    raise work.WorkFailed(f"{job_id} ended before it began.")


async def _followed(client: Client, job_id: str, *, since_seq: int, count: int) -> list[float]:
    ages: list[float] = []
    async with aclosing(client.events(job_id, since_seq=since_seq)) as events:
        async for event in events:
            if event.output is not None:
                seen_ns = time.monotonic_ns()
                ages += [(seen_ns - int(line)) / 1e6 for line in event.output.data.split()]
    if len(ages) != count:
        raise work.WorkFailed(f"A follower of {job_id} has {len(ages)} of {count} lines.")
    return ages


@asynccontextmanager
async def _stalled(daemon: Daemon, job_id: str) -> AsyncIterator[None]:
    """One who asks for everything and reads none of it."""
    windows = Configuration(http2_connection_window_size=WINDOW_BYTES, http2_stream_window_size=WINDOW_BYTES)
    async with Channel(path=str(daemon.home.socket), config=windows) as channel:
        call = channel.request(STREAM, Cardinality.UNARY_STREAM, StreamJobEventsRequest, StreamJobEventsResponse)
        async with call as stream:
            await stream.send_message(StreamJobEventsRequest(job_id=job_id, follow=True), end=True)
            yield
            await stream.cancel()


async def _measure(setting: Setting) -> tuple[Part, ...]:
    followers = setting.many(300, quick=20)
    count = setting.many(5 * LINES_A_SECOND, quick=LINES_A_SECOND)
    peaks: list[int] = []
    async with AsyncExitStack() as stack:
        daemon = stack.enter_context(a_daemon(setting.folder / "daemon"))
        clients = [await stack.enter_async_context(daemon.client()) for _ in range(CONNECTIONS)]
        turn = Turn(DOME, partial(_by_dome, clients, daemon, peaks, followers=followers, count=count))
        series = await in_turns([turn], rounds=setting.rounds, warm_rounds=setting.many(1, quick=0))
    facts = (
        ("lines of each follower", f"all {count}, {LINES_A_SECOND} a second"),
        ("daemon grew by at most", f"{max(peaks) / 1e6:.1f} MB while they followed"),
    )
    return (Part(series=series, size=followers, facts=facts),)


ROW: Final = Row(
    name="followers",
    work=f"A line of a job with {LINES_A_SECOND} lines a second, from written to seen; one more follower is stalled.",
    aim="p99 <= 50 ms with 300, memory flat",
    measure=_measure,
    size="followers",
)
