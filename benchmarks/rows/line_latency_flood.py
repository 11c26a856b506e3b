"""Row `line-latency-flood`: a quiet job's lines while 8 others write as fast as they are let."""

import sys
import time
from contextlib import AsyncExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import work
from benchmarks.daemon import PARALLEL_JOBS_MAX, Home, a_home, serving
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from dome_client import Client

LATENCY: Final = Metric("written to seen", "ms")
FLOODS: Final = PARALLEL_JOBS_MAX
LINES_A_SECOND: Final = 100
START_S: Final = 0.5
TICKING: Final = Path(__file__).resolve().parents[1] / "programs" / "ticking.py"
FLOOD: Final = ("/usr/bin/env", "yes", "x" * 99)


async def _by_dome(client: Client, written: list[int], *, count: int) -> Samples:
    floods = [await work.submit(client, FLOOD) for _ in range(FLOODS)]
    try:
        began = time.monotonic()
        ages = await _quiet(client, count=count)
    finally:
        for job_id in floods:
            await client.cancel(job_id)
    ended = [await client.wait(job_id) for job_id in floods]
    lines = sum(job.last_seq for job in ended)
    written.append(round(lines / (time.monotonic() - began)))
    return {LATENCY: ages}


async def _quiet(client: Client, *, count: int) -> list[float]:
    begin_ns = time.monotonic_ns() + int(START_S * 1e9)
    argv = [sys.executable, "-I", "-S", str(TICKING), str(begin_ns), str(LINES_A_SECOND), str(count)]
    job_id = await work.submit(client, argv)
    ages: list[float] = []
    async with aclosing(client.events(job_id)) as events:
        async for event in events:
            if event.output is not None:
                seen_ns = time.monotonic_ns()
                ages += [(seen_ns - int(line)) / 1e6 for line in event.output.data.split()]
    if len(ages) != count:
        raise work.WorkFailed(f"{job_id} gave {len(ages)} of {count} lines.")
    return ages


def _with_a_seat_more(home: Home) -> None:
    # The quiet one must not wait for a flood to end.
    text = f"[jobs]\nparallel_max = {FLOODS + 1}\noutput_bytes_max = 1099511627776\n"
    (home.folder / "config" / "dome" / "domed.toml").write_text(text, encoding="utf-8")


async def _measure(setting: Setting) -> tuple[Part, ...]:
    count = setting.many(2 * LINES_A_SECOND, quick=LINES_A_SECOND // 2)
    written: list[int] = []
    async with AsyncExitStack() as stack:
        home = stack.enter_context(a_home(setting.folder / "daemon"))
        _with_a_seat_more(home)
        daemon = stack.enter_context(serving(home))
        client = await stack.enter_async_context(daemon.client())
        turn = Turn(DOME, partial(_by_dome, client, written, count=count))
        series = await in_turns([turn], rounds=setting.rounds, warm_rounds=setting.many(1, quick=0))
    facts = (
        ("lines of the quiet job", f"all {count}, {LINES_A_SECOND} a second"),
        ("lines of the others", f"{min(written):,} to {max(written):,} a second recorded"),
    )
    return (Part(series=series, facts=facts),)


ROW: Final = Row(
    name="line-latency-flood",
    work=f"A line of a job with {LINES_A_SECOND} lines a second, from written to seen, while {FLOODS} others flood.",
    aim="p99 <= 50 ms",
    measure=_measure,
)
