"""A world in which tests fail, and answers mend them or do not. It knows nothing of plans, memories or binders.

All of it follows from a seed, and is the same for every contender: what fails when and why, and whether an answer holds
at its n-th attempt. Three kinds of targets are there to mislead: those that mend themselves in the beginning, so that
whatever was tried looks like a remedy; those whose usual cause becomes another one halfway; and one that nothing mends.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ANSWERS: Final = ("rebuild", "reinstall", "correct", "regenerate", "revert")
"""The answers in the order in which a team without experience tries them. Each mends one cause."""
DURATIONS_S: Final = {"rebuild": 40.0, "reinstall": 90.0, "correct": 20.0, "regenerate": 60.0, "revert": 30.0}
LOOK_S: Final = 15.0
"""A run of the test: the look before, and the proof after each answer."""
NOTHING: Final = "nothing"
"""The cause that no answer mends."""
_HOLDS: Final = 0.95
_USUAL: Final = 0.88
_RARE: Final = 0.05
_ITSELF: Final = 6
"""So many failures of a misleading target mend themselves."""


class Kind(StrEnum):
    """What is to be learnt of a target."""

    STEADY = "steady"
    MISLEADING = "misleading"
    CHANGING = "changing"
    HOPELESS = "hopeless"


KINDS: Final = (*[Kind.STEADY] * 4, *[Kind.MISLEADING] * 2, *[Kind.CHANGING] * 2, Kind.HOPELESS)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one target."""

    number: int
    target: str
    kind: Kind
    cause: str
    mends_itself: bool


@dataclass(frozen=True, slots=True)
class World:
    """What fails, one failure after the other."""

    seed: int
    failures: tuple[Failure, ...]

    def holds(self, failure: Failure, answer: str, attempt: int) -> bool:
        """Whether the test passes after the answer. The same question has the same answer."""
        if failure.mends_itself:
            return True
        luck = random.Random(f"{self.seed} {failure.number} {answer} {attempt}").random()
        return answer == failure.cause and luck < _HOLDS


def a_world(seed: int, count: int) -> World:
    """A world with so many failures."""
    chance = random.Random(seed)
    targets = [(f"tests/test_{number}.py::test_it", kind) for number, kind in enumerate(KINDS)]
    usual = {target: _causes(chance, kind) for target, kind in targets}
    seen: dict[str, int] = {}
    failures = []
    for number in range(count):
        target, kind = chance.choice(targets)
        seen[target] = seen.get(target, 0) + 1
        early, late = usual[target]
        cause = early if number < count // 2 else late
        draw = chance.random()
        if kind is not Kind.HOPELESS and draw > _USUAL:
            cause = NOTHING if draw > 1 - _RARE else chance.choice(ANSWERS)
        itself = kind is Kind.MISLEADING and seen[target] <= _ITSELF
        failures.append(Failure(number, target, kind, cause, itself))
    return World(seed, tuple(failures))


def _causes(chance: random.Random, kind: Kind) -> Sequence[str]:
    """The usual cause of a target's failures in the first half, and in the second."""
    match kind:
        case Kind.HOPELESS:
            return NOTHING, NOTHING
        case Kind.CHANGING:
            return chance.sample(ANSWERS[1:], 2)
        case Kind.MISLEADING:
            return [chance.choice(ANSWERS[2:])] * 2
        case Kind.STEADY:
            return [chance.choice(ANSWERS)] * 2
