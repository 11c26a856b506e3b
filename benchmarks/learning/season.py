"""One contender through all failures of one world, and what is counted of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks.learning.contenders import Contender, Planning, Try
from benchmarks.learning.world import DURATIONS_S, LOOK_S, Failure, Kind, World

BEGAN: Final = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
_APART: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Attempted:
    """What was tried about one failure."""

    failure: Failure
    tries: tuple[Try, ...]
    held: bool
    """Whether the last of them held."""
    duration_s: float


@dataclass(frozen=True, slots=True)
class Season:
    """All of it, for one contender in one world."""

    contender: str
    seed: int
    attempted: tuple[Attempted, ...]
    demotions: int
    """How often the stage of the rollout was taken back or given again."""

    @property
    def selection(self) -> tuple[tuple[str, ...], ...]:
        """What was tried, failure by failure."""
        return tuple(tuple(each.answer for each in attempted.tries) for attempted in self.attempted)

    @property
    def mended(self) -> int:
        """Failures after which the test passed."""
        return sum(each.held for each in self.attempted)

    def attempts(self, kind: Kind | None = None) -> int:
        """Attempts in all, or about targets of a kind."""
        return sum(len(each.tries) for each in self.attempted if kind in (None, each.failure.kind))

    @property
    def duration_s(self) -> float:
        """Time of all attempts and the looks between them."""
        return sum(each.duration_s for each in self.attempted)

    @property
    def prescribed(self) -> tuple[int, int]:
        """How often a remedy was prescribed, and how often it did not hold then."""
        used = [(each, index) for each in self.attempted for index, one in enumerate(each.tries) if one.is_prescribed]
        return len(used), sum(not (each.held and index == len(each.tries) - 1) for each, index in used)

    @property
    def prescribed_again(self) -> int:
        """How often a remedy was prescribed that had not held the last time when it was tried about that target."""
        last: dict[tuple[str, str], bool] = {}
        count = 0
        for each in self.attempted:
            for index, one in enumerate(each.tries):
                key = (each.failure.target, one.answer)
                count += one.is_prescribed and last.get(key) is False
                last[key] = each.held and index == len(each.tries) - 1
        return count


def season(name: str, contender: Contender, world: World) -> Season:
    """Go through the failures, one after the other; each is over before the next one comes."""
    attempted = []
    for failure in world.failures:
        now = BEGAN + failure.number * _APART
        attempted.append(_one(contender, failure, world, now))
    changes = contender.stage_changes if isinstance(contender, Planning) else 0
    return Season(name, world.seed, tuple(attempted), changes)


def _one(contender: Contender, failure: Failure, world: World, now: datetime) -> Attempted:
    at = now + timedelta(seconds=LOOK_S)
    done: list[tuple[Try, bool, datetime]] = []
    tried: Counter[str] = Counter()
    for each in contender.tries(failure, now):
        tried[each.answer] += 1
        at += timedelta(seconds=DURATIONS_S[each.answer] + LOOK_S)
        holds = world.holds(failure, each.answer, tried[each.answer])
        done.append((each, holds, at))
        if holds:
            break
    contender.hear(failure, done)
    return Attempted(failure, tuple(each for each, _, _ in done), done[-1][1], (at - now).total_seconds())
