"""Row `rollout`: what planning waits for before it asks for any prior, and what one attempt more costs."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.facts import ATTEMPTS_OF_A_KEY, attempts, facts
from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import DOME, Part, Row, Setting
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Memory, default_policy, open_memory, rollout

PIECE: Final = 20_000
"""Facts that are appended at a time."""
FACTS_OF_AN_ATTEMPT: Final = 2
SHAPES: Final = ("at one key", "100 at a key")


async def _asked(memories: Mapping[str, tuple[Memory, Iterator[Fact]]], count: int) -> Samples:
    samples: dict[Metric, list[float]] = {}
    for _ in range(count):
        for shape, (memory, more) in memories.items():
            began = time.perf_counter()
            rollout(memory)
            between = time.perf_counter()
            memory.append(islice(more, FACTS_OF_AN_ATTEMPT))
            ended = time.perf_counter()
            samples.setdefault(Metric(f"stage, {shape}", "ms"), []).append((between - began) * 1000)
            samples.setdefault(Metric(f"one more, {shape}", "ms"), []).append((ended - between) * 1000)
    return samples


def _filled(path: Path, size: int, keys: int) -> Memory:
    memory = open_memory(path, default_policy())
    history = facts(attempts(0, size, keys=keys))
    while piece := list(islice(history, PIECE)):
        memory.append(piece)
    return memory


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    count = setting.many(20, quick=3)
    for size in (1_000, 10_000) if setting.quick else (1_000, 10_000, 100_000):
        with ExitStack() as opened:
            memories = {}
            for shape, keys in zip(SHAPES, (1, max(1, size // ATTEMPTS_OF_A_KEY)), strict=True):
                memory = opened.enter_context(closing(_filled(setting.folder / f"{size}-{keys}.sqlite", size, keys)))
                memories[shape] = memory, facts(attempts(size, 2 * size, keys=keys))
            turn = Turn(DOME, partial(_asked, memories, count))
            parts.append(Part(await in_turns([turn], rounds=setting.rounds), size))
    return tuple(parts)


ROW: Final = Row(
    name="rollout",
    work="Say which stage of the rollout holds, and take in one attempt more with its wrapper.",
    aim="both cost the same, however many attempts are remembered",
    measure=_measure,
    size="attempts",
)
