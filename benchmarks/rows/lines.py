"""Row `lines`: the output of one job, durable and received by a follower."""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import limits, work
from benchmarks.daemon import Daemon, a_daemon
from benchmarks.figures import Better, Metric
from benchmarks.harness import Entrants, Samples, Turn, in_turns
from benchmarks.peers import TASK_SPOOLER, TaskSpooler, task_spooler
from benchmarks.row import DOME, Part, Row, Setting
from dome_client import Client

TIME: Final = Metric("time", "ms")
RATE: Final = Metric("rate", "lines/s", Better.MORE)
PEAK: Final = Metric("daemon peak", "MB")
CPU: Final = Metric("daemon CPU", "ms")
SPOOLER_ATTEMPTS: Final = 20
"""task-spooler answers with nothing, and with success, where it is asked before the program has its output file."""


@dataclass(slots=True)
class _Count:
    """How many followers got exactly what the program wrote, in order."""

    complete: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class _Lines:
    """One size: the file that a job prints."""

    path: Path
    count: int
    checked: _Count = field(default_factory=_Count)

    def samples(self, seconds: float) -> dict[Metric, list[float]]:
        return {TIME: [seconds * 1000], RATE: [self.count / seconds]}

    async def by_dome(self, daemon: Daemon, client: Client) -> Samples:
        daemon.forget_peak()
        used, began = daemon.cpu_s(), time.perf_counter()
        followed = await work.follow(client, await work.submit(client, ("/bin/cat", str(self.path))))
        seconds = time.perf_counter() - began
        self.checked.taken += 1
        self.checked.complete += followed.in_order and b"".join(followed.pages) == self.path.read_bytes()
        measured = {PEAK: [daemon.resident_bytes_max() / 1e6], CPU: [(daemon.cpu_s() - used) * 1000]}
        return self.samples(seconds) | measured

    async def by_spooler(self, spooler: TaskSpooler) -> Samples:
        began = time.perf_counter()
        number, received = await spooler.submit("cat", str(self.path)), 0
        for _ in range(SPOOLER_ATTEMPTS):
            if received := await spooler.follow(number):
                break
        seconds = time.perf_counter() - began
        if received != self.path.stat().st_size:
            raise work.WorkFailed(f"task-spooler gave {received} of {self.path.stat().st_size} bytes.")
        await spooler.forget()
        return self.samples(seconds)

    async def by_cat(self) -> Samples:
        return self.samples(await limits.cat(self.path, self.path.with_suffix(".copy")))


async def _measure(setting: Setting) -> tuple[Part, ...]:
    async with AsyncExitStack() as stack:
        entrants = Entrants(stack)
        daemon = stack.enter_context(a_daemon(setting.folder / "daemon"))
        client = await stack.enter_async_context(daemon.client())
        spooler = await entrants.enter(TASK_SPOOLER.name, task_spooler(setting.folder / "tsp"))
        parts = []
        for count in (10_000, 100_000, setting.many(1_000_000, quick=200_000)):
            lines = _Lines(setting.folder / f"{count}.lines", count)
            work.write_lines(lines.path, count)
            turns = [Turn(DOME, partial(lines.by_dome, daemon, client))]
            if spooler is not None:
                turns.append(Turn(TASK_SPOOLER, partial(lines.by_spooler, spooler)))
            turns.append(Turn(limits.CAT, lines.by_cat))
            series = await in_turns(turns, rounds=setting.rounds)
            found = f"{lines.checked.complete} of {lines.checked.taken} followers"
            fact = ("received byte for byte and in order", found)
            parts.append(Part(series=series, size=count, facts=(fact,), missing=entrants.missing))
        return tuple(parts)


ROW: Final = Row(
    name="lines",
    work=f"Lines of {work.LINE_BYTES} bytes of one job: durable, and received by a follower.",
    aim="1,000,000 lines in <= 0.8 s, daemon peak < 100 MB",
    measure=_measure,
    size="lines",
)
