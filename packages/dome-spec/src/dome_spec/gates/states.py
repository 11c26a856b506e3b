"""Where a task of a run stands between dispatch and promotion: one table, and a fold over the run's control events.

    queued -> running -> gated -> done
                 |         |
                 +-> blocked <-+        a blocked task that is dispatched again is running again

Nothing is stored: the state is what the events say. The same states name the transitions that guards guard.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dome_contracts.schema.control.control_event import ControlEvent, ControlTopic
from dome_contracts.schema.shared.definitions import Verdict


class TaskState(StrEnum):
    """Where a task stands. The values are state names of guardrails."""

    QUEUED = "queued"
    RUNNING = "running"
    GATED = "gated"
    DONE = "done"
    BLOCKED = "blocked"


Signal = ControlTopic | tuple[ControlTopic, Verdict]
"""A topic, with the verdict where the topic is a decision."""

_DECIDED: Final = ControlTopic.GATE_DECIDED
_PROMOTED: Final = ControlTopic.PROMOTION_DECIDED

TRANSITIONS: Final[Mapping[tuple[TaskState, Signal], TaskState]] = MappingProxyType(
    {
        (TaskState.QUEUED, ControlTopic.TASK_DISPATCHED): TaskState.RUNNING,
        (TaskState.QUEUED, ControlTopic.TASK_BLOCKED): TaskState.BLOCKED,
        (TaskState.RUNNING, ControlTopic.TASK_DISPATCHED): TaskState.RUNNING,  # another attempt
        (TaskState.RUNNING, ControlTopic.TASK_FINISHED): TaskState.RUNNING,  # its gates have yet to decide
        (TaskState.RUNNING, ControlTopic.TASK_BLOCKED): TaskState.BLOCKED,
        (TaskState.RUNNING, (_DECIDED, Verdict.APPROVE)): TaskState.GATED,
        (TaskState.RUNNING, (_DECIDED, Verdict.NEEDS_HUMAN)): TaskState.GATED,  # a person is asked at promotion
        (TaskState.RUNNING, (_DECIDED, Verdict.REJECT)): TaskState.BLOCKED,
        (TaskState.GATED, ControlTopic.TASK_DISPATCHED): TaskState.RUNNING,
        (TaskState.GATED, (_DECIDED, Verdict.APPROVE)): TaskState.GATED,
        (TaskState.GATED, (_DECIDED, Verdict.NEEDS_HUMAN)): TaskState.GATED,
        (TaskState.GATED, (_DECIDED, Verdict.REJECT)): TaskState.BLOCKED,
        (TaskState.GATED, (_PROMOTED, Verdict.APPROVE)): TaskState.DONE,
        (TaskState.GATED, (_PROMOTED, Verdict.NEEDS_HUMAN)): TaskState.GATED,
        (TaskState.GATED, (_PROMOTED, Verdict.REJECT)): TaskState.BLOCKED,
        (TaskState.BLOCKED, ControlTopic.TASK_DISPATCHED): TaskState.RUNNING,
        (TaskState.BLOCKED, ControlTopic.TASK_BLOCKED): TaskState.BLOCKED,
        (TaskState.BLOCKED, (_DECIDED, Verdict.APPROVE)): TaskState.GATED,  # the same attempt, by other evidence
        (TaskState.BLOCKED, (_DECIDED, Verdict.NEEDS_HUMAN)): TaskState.GATED,
        (TaskState.BLOCKED, (_DECIDED, Verdict.REJECT)): TaskState.BLOCKED,
        (TaskState.BLOCKED, (_PROMOTED, Verdict.APPROVE)): TaskState.BLOCKED,  # promoted without it
        (TaskState.BLOCKED, (_PROMOTED, Verdict.NEEDS_HUMAN)): TaskState.BLOCKED,
        (TaskState.BLOCKED, (_PROMOTED, Verdict.REJECT)): TaskState.BLOCKED,
    }
)


class TransitionUnknown(ValueError):
    """The event cannot follow in this state. Says which and where."""

    def __init__(self, state: TaskState, signal: Signal, event: ControlEvent) -> None:
        super().__init__(f"event {event.sequence} of {event.run_id}: {signal} cannot follow in state {state}")
        self.state = state
        self.signal = signal


_ASKS: Final = frozenset(
    {ControlTopic.PLAN_MADE, ControlTopic.PLAN_REFUSED, ControlTopic.WAVE_DISPATCHED, ControlTopic.GATE_ASKED}
)
"""Topics that move no task."""


def task_states(task_ids: Iterable[str], events: Iterable[ControlEvent]) -> Mapping[str, TaskState]:
    """The state of each task after these events, in their order of sequence. Raises TransitionUnknown.

    An event of a task moves it; a decision on promotion moves every task that was gated or blocked.
    """
    states = dict.fromkeys(task_ids, TaskState.QUEUED)
    for event in sorted(events, key=lambda each: each.sequence):
        if event.topic in _ASKS or event.topic is ControlTopic.PROMOTION_ASKED:
            continue
        for task_id in _moved(event, states):
            states[task_id] = _next(states[task_id], event)
    return MappingProxyType(states)


def _moved(event: ControlEvent, states: Mapping[str, TaskState]) -> Iterable[str]:
    if event.topic is _PROMOTED:
        return [each for each, state in states.items() if state in {TaskState.GATED, TaskState.BLOCKED}]
    task_id = None if event.correlation is None else event.correlation.task_id
    return [task_id] if task_id in states and task_id is not None else []


def _next(state: TaskState, event: ControlEvent) -> TaskState:
    verdict = event.payload.verdict
    signal: Signal = event.topic if verdict is None else (event.topic, verdict)
    try:
        return TRANSITIONS[state, signal]
    except KeyError:
        raise TransitionUnknown(state, signal, event) from None
