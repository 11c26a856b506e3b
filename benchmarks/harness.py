"""Lets contenders take turns, and runs rows one after another. Knows neither Dome nor its peers."""

import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import Contender, Metric, Series
from benchmarks.row import CannotRun, Missing, Result, Row, Setting

T = TypeVar("T")
Samples = Mapping[Metric, Sequence[float]]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a contender does in one round; gives its samples."""

    contender: Contender
    take: Callable[[], Awaitable[Samples]]


async def in_turns(turns: Sequence[Turn], *, rounds: int, warm_rounds: int = 1) -> tuple[Series, ...]:
    """The series of all contenders, who take turns round by round, so that a mood of the machine meets all of them.

    Each round begins with another contender. The first `warm_rounds` are taken and thrown away.
    """
    taken: dict[Contender, dict[Metric, list[tuple[float, ...]]]] = {turn.contender: {} for turn in turns}
    for number in range(-warm_rounds, rounds):
        first = number % len(turns)
        for turn in (*turns[first:], *turns[:first]):
            samples = await turn.take()
            if number >= 0:
                for metric, values in samples.items():
                    taken[turn.contender].setdefault(metric, []).append(tuple(values))
    return tuple(
        Series(contender, metric, tuple(rounds_taken))
        for contender, metrics in taken.items()
        for metric, rounds_taken in metrics.items()
    )


@dataclass(frozen=True, slots=True)
class Entrants:
    """Who can take part, and what the others lack. What was begun for a contender ends with the stack."""

    stack: AsyncExitStack
    turns: list[Turn] = field(default_factory=list)
    lacking: list[Missing] = field(default_factory=list)

    async def enter(self, name: str, begun: AbstractAsyncContextManager[T]) -> T | None:
        """Begin something that a contender needs. Where it is not here, that is noted, and None is the answer."""
        try:
            return await self.stack.enter_async_context(begun)
        except CannotRun as error:
            self.lacking.append(Missing(name, error.what, error.remedy))
            return None

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Who takes no part."""
        return tuple(self.lacking)


async def run(rows: Sequence[Row], *, base: Path, quick: bool, rounds: int, tell: Told) -> list[Result]:
    """Run each row in a folder of its own below `base`, which is removed after it. Progress goes to `tell`."""
    results = []
    for row in rows:
        tell(f"{row.name}: {row.work}")
        folder = base / row.name
        folder.mkdir()
        try:
            results.append(await _one(row, Setting(folder=folder, quick=quick, rounds=rounds)))
        finally:
            shutil.rmtree(folder)
        for absent in _absent(results[-1]):
            tell(f"{row.name}: MISSING {absent.name}: {absent.what} {absent.remedy}")
    return results


async def _one(row: Row, setting: Setting) -> Result:
    began = time.monotonic()
    try:
        parts = await row.measure(setting)
    except CannotRun as error:
        lack = Missing(row.name, error.what, error.remedy)
        return Result(row=row, parts=(), seconds=time.monotonic() - began, missing=(lack,))
    return Result(row=row, parts=parts, seconds=time.monotonic() - began)


def _absent(result: Result) -> tuple[Missing, ...]:
    return (*result.missing, *dict.fromkeys(lack for part in result.parts for lack in part.missing))
