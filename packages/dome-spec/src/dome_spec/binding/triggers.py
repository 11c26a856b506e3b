"""Anomaly triggers: rules with a version of their own by which attempts without a wrapper are anomalies.

A trigger looks at a sequence of attempts, in order, and at no more of it than the few before the one it judges. So one
more attempt can change the judgement of itself and of a few after it, whenever it comes: `span` says of how many.

- *retry storm*: attempts at one task of one run; from the `attempts_min`th within the window on.
- *unseen guard denial*: attempts of the repository with one policy reason; one with none before it within the lookback.
- *repeated identical failure*: ended attempts of one TaskSpec key and fingerprint; from the `failures_min`th in a row
  with the same failure within the window on. Refused and cancelled attempts are not in the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

from dome_contracts.schema.knowledge.anomaly_triggers import (
    AnomalyTriggers,
    RepeatedIdenticalFailure,
    RetryStorm,
    Trigger,
    UnseenGuardDenial,
)
from dome_spec.binding.values import NONE, Attempt

SECOND_US: Final = 1_000_000
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED"})


@dataclass(frozen=True, slots=True)
class Watched:
    """Attempts that a trigger looks at together: those with the same parts."""

    kind: str
    parts: tuple[str, ...]


def sequence_of(attempt: Attempt, trigger: Trigger) -> Watched | None:
    """The sequence of a trigger that an attempt stands in, where it stands in one."""
    match trigger:
        case RetryStorm():
            return Watched(trigger.kind, (attempt.run_id, attempt.task_id))
        case UnseenGuardDenial():
            return Watched(trigger.kind, (attempt.policy,)) if attempt.policy != NONE else None
        case RepeatedIdenticalFailure():
            if attempt.status not in _ENDED:
                return None
            task = attempt.task
            return Watched(
                trigger.kind,
                (
                    task.scope,
                    task.target_kind,
                    task.target_id,
                    task.action_kind,
                    task.failure_reason_code,
                    attempt.fingerprint_hash,
                ),
            )
        case _:
            assert_never(trigger)


def span(trigger: Trigger) -> int:
    """How many attempts before one its judgement takes into account."""
    match trigger:
        case RetryStorm():
            return trigger.attempts_min - 1
        case UnseenGuardDenial():
            return 1
        case RepeatedIdenticalFailure():
            return trigger.failures_min - 1
        case _:
            assert_never(trigger)


class Ended(Protocol):
    """What a trigger looks at of an attempt."""

    @property
    def end_us(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def failure(self) -> str: ...


def fires(trigger: Trigger, attempt: Ended, before: Sequence[Ended]) -> bool:
    """Whether a trigger names an attempt, given the `span` attempts right before it in its sequence, in order."""
    match trigger:
        case RetryStorm():
            return len(before) >= trigger.attempts_min - 1 and _within(
                before[-(trigger.attempts_min - 1)], attempt, trigger.window_s
            )
        case UnseenGuardDenial():
            return not before or not _within(before[-1], attempt, trigger.lookback_s)
        case RepeatedIdenticalFailure():
            row = before[-(trigger.failures_min - 1) :]
            return (
                attempt.status == "FAILED"
                and len(row) == trigger.failures_min - 1
                and all(each.status == "FAILED" and each.failure == attempt.failure for each in row)
                and _within(row[0], attempt, trigger.window_s)
            )
        case _:
            assert_never(trigger)


def named(triggers: AnomalyTriggers, trigger: Trigger) -> str:
    """How a trigger is referred to: document and rule, each with its version."""
    return f"{triggers.triggers_id}@{triggers.version}:{trigger.trigger_id}@{trigger.version}"


def _within(first: Ended, last: Ended, seconds: int) -> bool:
    return last.end_us - first.end_us <= seconds * SECOND_US
