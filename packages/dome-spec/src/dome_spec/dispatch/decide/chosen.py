"""What a run chooses to learn from, by its fallback mode and its plan alone. Pure.

A refusal always is. Of what ended by itself, in lenient mode everything is; else what the plan singles out: an answer
to a failure, the proof of one, and what a criterion, a gate or required evidence rests on. What is left, such as a
search or a look, is for the triggers of the binder to name.
"""

from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.schema.planning.plan import PlannedTask
from dome_contracts.schema.shared.definitions import AttemptStatus, FallbackMode, WrapperSignal

_ENDED: Final = {
    AttemptStatus.SUCCEEDED: WrapperSignal.TASK_SUCCEEDED,
    AttemptStatus.FAILED: WrapperSignal.TASK_FAILED,
}
"""Of an attempt that somebody cancelled nothing is learnt."""


def signal_of(status: AttemptStatus, task: PlannedTask, mode: FallbackMode) -> WrapperSignal | None:
    """As what an attempt that ended so is wrapped; None where it is not."""
    if status is AttemptStatus.DENIED:
        return WrapperSignal.GUARD_DENIAL
    return _ENDED.get(status) if mode is FallbackMode.LENIENT or is_chosen(task) else None


def is_chosen(task: PlannedTask) -> bool:
    """Whether the plan says that something rests on how the task ends."""
    spec = task.spec
    answers = spec.failure_reason_code != FailureReason.NONE.value
    decides = any(each.check is not None for each in spec.acceptance_criteria)
    return answers or task.proves is not None or decides or bool(spec.gates) or bool(spec.required_evidence)
