"""What a row of the benchmark is, and what comes out of one. Says nothing of how it is measured or printed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Contender, Role, Series

DURABLE = "durable, ordered, resumable"
"""What Dome guarantees of jobs and their events."""

DOME = Contender("dome", Role.DOME, DURABLE)


class CannotRun(Exception):
    """Something that a row or a contender needs is not here, or does not do its part."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Missing:
    """A contender that took no part, or a row that did not run."""

    name: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Setting:
    """How a row is to be measured."""

    folder: Path
    """An empty folder of the row's own, on the file system whose durability is measured."""
    quick: bool
    """Fewer samples and smaller sizes: shows that the harness works, gives no figure to quote."""
    rounds: int
    """How many times each contender takes its turn."""

    def many(self, full: int, quick: int) -> int:
        """A number of samples or a size: the one of a full run or of a quick one."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Part:
    """What was measured at one size of the work."""

    series: tuple[Series, ...]
    size: int | None = None
    facts: tuple[tuple[str, str], ...] = ()
    """What was counted or checked beside the times: name and finding."""
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of work whose cost is measured."""

    name: str
    work: str
    """What is done, in one sentence."""
    aim: str
    """What Dome wants to reach, for the reader to compare; nothing checks it."""
    measure: Callable[[Setting], Awaitable[tuple[Part, ...]]]
    size: str = ""
    """What the sizes of the parts count. Empty where the work has no size."""


@dataclass(frozen=True, slots=True)
class Result:
    """A row that was run."""

    row: Row
    parts: tuple[Part, ...]
    seconds: float
    missing: tuple[Missing, ...] = ()
    """Why the row as a whole did not run, where it did not."""
