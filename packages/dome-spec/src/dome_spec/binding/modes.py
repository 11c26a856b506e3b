"""Fallback modes: which attempts count towards what is learnt, and which of them may be the first of a capsule.

- *strict*: attempts that somebody wrapped. A capsule begins with a wrapper of a failure or of a refusal.
- *hybrid*: also attempts that a trigger names. A capsule begins with any of them, a success only where it addresses a
  failure.
- *lenient*: every attempt, by the same heuristic: a failure, a refusal, or a success that addresses a failure begins
  one.

A wrapper that a trigger made is no choice of anybody: in strict mode it does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from dome_contracts.schema.shared.definitions import FallbackMode, WrapperSignal
from dome_spec.binding.values import Wrapping

FAILURES: Final = frozenset({WrapperSignal.TASK_FAILED.value, WrapperSignal.GATE_FAILURE.value})
DENIALS: Final = frozenset({WrapperSignal.GUARD_DENIAL.value})
STRICT: Final = FallbackMode.STRICT.value
LENIENT: Final = FallbackMode.LENIENT.value
_STRICTEST_FIRST: Final = (STRICT, FallbackMode.HYBRID.value, LENIENT)


class Result(IntEnum):
    """What an attempt says of the key it contributes to."""

    SUCCESS = 0
    FAILURE = 1
    REFUSAL = 2


@dataclass(frozen=True, slots=True)
class Admission:
    """That an attempt counts."""

    by: str
    """What let it in: the signals of its wrappers, the triggers that name it, or the mode itself."""
    begins: bool
    """Whether a capsule may begin with it."""


def mode_of(stated: str | None, wrappings: Sequence[Wrapping], default: str) -> str:
    """The mode that holds for an attempt: the run's; else the strictest that its wrappers name; else the default."""
    if stated is not None:
        return stated
    if len(wrappings) == 1:
        return wrappings[0].mode
    named = {each.mode for each in wrappings}
    return next((mode for mode in _STRICTEST_FIRST if mode in named), default)


def admit(
    mode: str, result: Result, *, addresses: bool, wrappings: Sequence[Wrapping], named: Sequence[str]
) -> Admission | None:
    """Whether an attempt counts in a mode, given its wrappers and the triggers that name it."""
    chosen = {each.signal for each in wrappings if not each.is_triggered}
    begins = result is not Result.SUCCESS or addresses
    if mode == STRICT:
        return Admission(_told(chosen), bool(chosen & (FAILURES | DENIALS))) if chosen else None
    if chosen:
        return Admission(_told(chosen), begins)
    triggered = {*named, *(each.signal for each in wrappings if each.is_triggered)}
    if triggered:
        return Admission(_told(triggered), begins)
    return Admission(mode, begins) if mode == LENIENT else None


def _told(words: set[str]) -> str:
    return " ".join(sorted(words))
