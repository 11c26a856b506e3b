"""Row `missions`: what the status of a large mission costs, with its events parsed, in process."""

import time
from functools import partial
from typing import Final

from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.missions import events, mission, mission_type, packages, table
from benchmarks.row import DOME, Part, Row, Setting
from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.mission_runtime import NextQuery, board, decide_next
from dome_spec.missions.status import Standing, Table, reduce

PACKAGES: Final = 200
REDUCE: Final = Metric("reduce", "ms")
NEXT: Final = Metric("next", "ms")
BOARD: Final = Metric("board", "ms")
_TOLD: Final = digest_bytes(b"told")


async def _once(log: list[StatusEvent], count: int) -> Samples:
    rules, named = Table(table()), packages(PACKAGES)
    samples: dict[Metric, list[float]] = {REDUCE: [], NEXT: [], BOARD: []}
    for _ in range(count):
        began = time.perf_counter()
        snapshot = reduce(log, rules)
        samples[REDUCE].append((time.perf_counter() - began) * 1000)
        standing = Standing(mission=mission(), packages=named, table=rules, snapshot=snapshot)
        query = NextQuery(
            standing=standing,
            mission_type=mission_type(),
            run=None,
            effector=None,
            artefact_of=lambda action, package: _TOLD,
            contracts={},
        )
        for metric, ask in ((NEXT, partial(decide_next, query, is_query=True)), (BOARD, partial(board, standing))):
            began = time.perf_counter()
            ask()
            samples[metric].append((time.perf_counter() - began) * 1000)
    return samples


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    for size in (1_000, 10_000) if setting.quick else (1_000, 10_000, 100_000):
        log = list(events(size, PACKAGES))
        turn = Turn(DOME, partial(_once, log, setting.many(5, quick=2)))
        parts.append(Part(await in_turns([turn], rounds=setting.rounds), size, ()))
    return tuple(parts)


ROW: Final = Row(
    name="missions",
    work=f"Reduce the parsed events of a mission of {PACKAGES} packages; ask what comes next; make the board.",
    aim="100,000 events: reduce <= 1 s; next, board <= 100 ms",
    measure=_measure,
    size="events",
)
