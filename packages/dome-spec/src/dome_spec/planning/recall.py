"""What the planner takes from the memory's answers: failures that somebody could mend, seen not too long ago.

Pure, over the rows of the view. Whether a failure is there still is found out by the plan itself.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.shared.definitions import ActionKind, Target, TargetKind
from dome_spec.planning.knowledge import KnownFailure, ordered_failures

HORIZON_S: Final = 30 * 24 * 3600
"""A failure that was last seen longer ago is not taken for one that is known."""
_MENDABLE_CLASSES: Final = frozenset({"tests", "checks"})
_MENDABLE: Final = frozenset({"PROCESS.EXIT_NONZERO", "PROCESS.SIGNALED", "TIME.RUN_TIMEOUT", "TOOL.FAILED"})
_LOOKING: Final = frozenset({ActionKind.OBSERVE, ActionKind.VALIDATE})
_MICROSECONDS: Final = 1_000_000


class Columns(Protocol):
    """The part of a row that names the TaskSpec."""

    @property
    def target_kind(self) -> str: ...

    @property
    def target_id(self) -> str: ...

    @property
    def action_kind(self) -> str: ...


class FailureLine(Protocol):
    """A row of the view of recent failures."""

    @property
    def task(self) -> Columns: ...

    @property
    def failure_reason_code(self) -> str: ...

    @property
    def last_seen_us(self) -> int: ...


def known_failures(
    rows: Iterable[FailureLine], strategies: ControlStrategies, *, now_us: int
) -> tuple[KnownFailure, ...]:
    """What was seen to fail by something that looks, and can be mended: each target and code once.

    What a worker failed at is no failure of what it worked on, and a lost job says nothing of what it looked at.
    """
    oldest = now_us - HORIZON_S * _MICROSECONDS
    found = []
    for row in rows:
        is_looking = row.task.action_kind in _LOOKING and row.task.target_kind in set(TargetKind)
        if is_looking and oldest <= row.last_seen_us <= now_us and is_mendable(row.failure_reason_code, strategies):
            target = Target(kind=TargetKind(row.task.target_kind), id=row.task.target_id)
            found.append(KnownFailure(target, row.failure_reason_code))
    return ordered_failures(found)


def is_mendable(code: str, strategies: ControlStrategies) -> bool:
    """Whether a change of the repository may end such failures, or the strategies name an answer."""
    if code in strategies.responses:
        return True
    if code not in set(FailureReason):
        return False
    return code in _MENDABLE or FAILURE_REASONS[FailureReason(code)].failure_class in _MENDABLE_CLASSES
