"""What the end of an attempt means for its task: it is done, it is tried again, or it is given up.

Pure. The cause decides: a refusal is never tried again, a lost job always is while attempts are left, and a failure if
the policy names it.
"""

from dataclasses import dataclass
from typing import assert_never

from dome_contracts.schema.control.work_queue import BlockReason, QueueEntry
from dome_contracts.schema.planning.packet import Budgets
from dome_contracts.schema.planning.plan import PlannedTask
from dome_contracts.schema.shared.definitions import AttemptOutcome, AttemptStatus
from dome_spec.dispatch.decide.policy import LOST, DispatchPolicy


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The task is done."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Another attempt follows."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The task will not run any more."""

    reason: BlockReason


Verdict = Succeeded | TryAgain | GivenUp


def verdict(
    outcome: AttemptOutcome,
    entry: QueueEntry,
    task: PlannedTask,
    *,
    budgets: Budgets,
    policy: DispatchPolicy,
    requirement_missing: bool = False,
) -> Verdict:
    """What follows from the end of the entry's last attempt."""
    match outcome.status:
        case AttemptStatus.SUCCEEDED:
            return Succeeded()
        case AttemptStatus.DENIED:
            return GivenUp(BlockReason.REQUIREMENT_MISSING if requirement_missing else BlockReason.GUARD_DENIED)
        case AttemptStatus.CANCELED:
            return GivenUp(BlockReason.CANCELED)
        case AttemptStatus.FAILED:
            retried = outcome.failure_reason_code == LOST or outcome.failure_reason_code in policy.retry.retried
            left = len(entry.attempts) < attempts_max(task, budgets)
            return TryAgain() if retried and left else GivenUp(BlockReason.ATTEMPTS_EXHAUSTED)
        case _:
            assert_never(outcome.status)


def attempts_max(task: PlannedTask, budgets: Budgets) -> int:
    """Most attempts at the task: its own limit, or the plan's where that is lower."""
    return min(task.attempts_max or budgets.attempts_max, budgets.attempts_max)
