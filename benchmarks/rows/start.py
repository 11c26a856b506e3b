"""Row `start`: from the start of the process to a daemon that answers, and what it holds while idle."""

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.daemon import Home, a_home, serving
from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.machine import REPOSITORY
from benchmarks.row import DOME, Part, Row, Setting
from benchmarks.spawn import Programs

READY: Final = Metric("start to READY", "ms")
RESIDENT: Final = Metric("idle RSS", "MB")
IDLE_S: Final = 0.5
"""Time that a daemon has to settle before its memory is read."""
IMPORTS: Final = Contender("python: import asyncio, sqlite3", Role.LIMIT, "does nothing")


async def _started(home: Home) -> Samples:
    with serving(home) as daemon:
        await asyncio.sleep(IDLE_S)
        return {READY: [daemon.ready_s * 1000], RESIDENT: [daemon.resident_bytes() / 1e6]}


async def _imported(programs: Programs) -> Samples:
    began = time.perf_counter()
    await programs.run(sys.executable, "-c", "import asyncio, sqlite3")
    return {READY: [(time.perf_counter() - began) * 1000]}


async def _filled(home: Home, *, jobs: int) -> None:
    home.state.mkdir(mode=0o700)
    environ = {**home.environ, "PYTHONPATH": str(REPOSITORY)}
    await Programs(environ).output(sys.executable, "-m", "benchmarks.programs.fill_store", str(home.state), str(jobs))


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    for jobs in (0, 1_000) if setting.quick else (0, 1_000, 100_000):
        async with AsyncExitStack() as stack:
            home = stack.enter_context(a_home(setting.folder / str(jobs)))
            if jobs:
                await _filled(home, jobs=jobs)
            turns = [
                Turn(DOME, partial(_started, home)),
                Turn(IMPORTS, partial(_imported, Programs(home.environ))),
            ]
            series = await in_turns(turns, rounds=setting.rounds)
            stored = sum(path.stat().st_size for path in _files(home.state)) / 1e6
            parts.append(Part(series=series, size=jobs, facts=(("state directory", f"{stored:.1f} MB"),)))
    return tuple(parts)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


ROW: Final = Row(
    name="start",
    work="Start of the daemon until it says READY or its socket answers, with stored jobs; then its idle memory.",
    aim="0.3 s and 60 MB with 100,000 stored jobs",
    measure=_measure,
    size="stored jobs",
)
