"""Row `views`: what planning waits for when it asks a memory that has been kept for long."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Final

from benchmarks.facts import ATTEMPTS_OF_A_KEY, attempts, decisions, facts
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import (
    LIMIT_MAX,
    CapsuleFilter,
    DenialFilter,
    FailureFilter,
    GateFilter,
    Memory,
    default_policy,
    open_memory,
)

PIECE: Final = 20_000
"""Facts that are appended at a time."""
FACTS_OF_AN_ATTEMPT: Final = 3
Asked = Callable[[Memory, str], object]

QUESTIONS: Final[dict[Metric, tuple[Asked, ...]]] = {
    Metric("recent failures", "ms"): (
        lambda memory, _: memory.recent_failures(limit=LIMIT_MAX),
        lambda memory, test: memory.recent_failures(FailureFilter(target_id=test), limit=LIMIT_MAX),
        lambda memory, _: memory.recent_failures(FailureFilter(failure_reason_code="TESTS.FAILED"), limit=LIMIT_MAX),
        lambda memory, _: memory.recent_failures(FailureFilter(failure_reason_code="TOOL.CRASHED"), limit=LIMIT_MAX),
    ),
    Metric("gate rollup", "ms"): (
        lambda memory, _: memory.gate_rollup(limit=LIMIT_MAX),
        lambda memory, test: memory.gate_rollup(GateFilter(target_id=test), limit=LIMIT_MAX),
        lambda memory, _: memory.gate_rollup(GateFilter(failure_reason_code="TESTS.FAILED"), limit=LIMIT_MAX),
        lambda memory, _: memory.gate_rollup(GateFilter(gate_id="unit-tests"), limit=LIMIT_MAX),
    ),
    Metric("guard denials", "ms"): (
        lambda memory, _: memory.guard_denials(limit=LIMIT_MAX),
        lambda memory, test: memory.guard_denials(DenialFilter(target_id=test), limit=LIMIT_MAX),
        lambda memory, _: memory.guard_denials(DenialFilter(policy_reason_code="GUARD.DENIED"), limit=LIMIT_MAX),
    ),
    Metric("capsules", "ms"): (
        lambda memory, _: memory.capsules(limit=LIMIT_MAX),
        lambda memory, test: memory.capsules(CapsuleFilter(target_id=test), limit=LIMIT_MAX),
    ),
}


def _history(first: int, last: int, keys: int) -> Iterator[Fact]:
    yield from facts(attempts(first, last, keys=keys))
    yield from facts(decisions(first, last, keys=keys))


async def _asked(memory: Memory, keys: int, count: int) -> Samples:
    samples: dict[Metric, list[float]] = {metric: [] for metric in QUESTIONS}
    for number in range(count):
        test = f"tests/test_{number * 31 % keys}.py"
        for metric, questions in QUESTIONS.items():
            for ask in questions:
                began = time.perf_counter()
                ask(memory, test)
                samples[metric].append((time.perf_counter() - began) * 1000)
    return samples


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    path = setting.folder / "memory.sqlite"
    sizes = (10_000, 100_000) if setting.quick else (10_000, 100_000, 1_000_000)
    keys = max(1, sizes[-1] // FACTS_OF_AN_ATTEMPT // ATTEMPTS_OF_A_KEY)
    with closing(open_memory(path, default_policy())) as memory:
        done = 0
        for size in sizes:
            history = _history(done, size // FACTS_OF_AN_ATTEMPT, keys)
            while piece := list(islice(history, PIECE)):
                memory.append(piece)
            done = size // FACTS_OF_AN_ATTEMPT
            turn = Turn(DOME, partial(_asked, memory, keys, setting.many(50, quick=5)))
            told = (("file", f"{path.stat().st_size / 1_000_000:,.0f} MB"),)
            parts.append(Part(await in_turns([turn], rounds=setting.rounds), size, told))
    return tuple(parts)


ROW: Final = Row(
    name="views",
    work="Ask each view for 200 rows: without a filter, and by each filter that it has an index for.",
    aim="p99 <= 10 ms at 1,000,000 facts",
    measure=_measure,
    size="facts",
)
