"""Where a task stands: a fold over events that knows every step and refuses the others."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.control_event import ControlEvent, ControlTopic
from dome_contracts.schema.shared.definitions import Verdict
from dome_spec.gates import TaskState, TransitionUnknown, task_states
from dome_spec.gates.states import TRANSITIONS, Signal
from tests.judged import AT, RUN_ID, TASK_ID


def event(sequence: int, signal: Signal, task_id: str | None = TASK_ID) -> ControlEvent:
    topic, verdict = signal if isinstance(signal, tuple) else (signal, None)
    needed: dict[ControlTopic, dict[str, object]] = {
        ControlTopic.TASK_BLOCKED: {"block_reason": "dependency_failed"},
        ControlTopic.TASK_FINISHED: {
            "outcome": {"status": "SUCCEEDED", "failure_reason_code": "NONE", "policy_reason_code": "NONE"}
        },
    }
    return ControlEvent.from_value(
        {
            "schema_version": "1",
            "event_id": f"evt-01hy2y62e0njx2am9103w0{sequence:04d}",
            "sequence": sequence,
            "topic": topic,
            "run_id": RUN_ID,
            "occur_time": AT,
            "effector": {"kind": "service", "id": "dome-spec"},
            **({} if task_id is None else {"correlation": {"task_id": task_id}}),
            "payload": {**needed.get(topic, {}), **({} if verdict is None else {"verdict": verdict})},
        }
    )


def walked(signals: Sequence[Signal]) -> TaskState:
    return task_states([TASK_ID], [event(place, each) for place, each in enumerate(signals, 1)])[TASK_ID]


DISPATCHED, FINISHED, BLOCKED = ControlTopic.TASK_DISPATCHED, ControlTopic.TASK_FINISHED, ControlTopic.TASK_BLOCKED
APPROVED, REJECTED = (ControlTopic.GATE_DECIDED, Verdict.APPROVE), (ControlTopic.GATE_DECIDED, Verdict.REJECT)
PROMOTED = (ControlTopic.PROMOTION_DECIDED, Verdict.APPROVE)


def test_a_task_goes_from_dispatch_over_its_gate_to_done() -> None:
    way: list[Signal] = [DISPATCHED, FINISHED, APPROVED, PROMOTED]
    assert [walked(way[:n]) for n in range(5)] == [
        TaskState.QUEUED,
        TaskState.RUNNING,
        TaskState.RUNNING,
        TaskState.GATED,
        TaskState.DONE,
    ]


def test_a_rejected_task_can_be_attempted_again_and_approved() -> None:
    assert walked([DISPATCHED, FINISHED, REJECTED]) is TaskState.BLOCKED
    assert walked([DISPATCHED, FINISHED, REJECTED, DISPATCHED, FINISHED, APPROVED]) is TaskState.GATED


def test_a_promotion_moves_the_gated_tasks_and_leaves_the_blocked_ones() -> None:
    other = digest_bytes(b"other")
    events = [event(1, DISPATCHED), event(2, FINISHED), event(3, APPROVED), event(4, BLOCKED, other)]
    events.append(event(5, PROMOTED, None))
    assert dict(task_states([TASK_ID, other], events)) == {TASK_ID: TaskState.DONE, other: TaskState.BLOCKED}


def test_what_cannot_follow_is_named() -> None:
    with pytest.raises(TransitionUnknown, match="queued"):
        walked([APPROVED])


def test_what_is_done_stays_done() -> None:
    for signal in {signal for _, signal in TRANSITIONS}:
        if isinstance(signal, tuple) and signal[0] is ControlTopic.PROMOTION_DECIDED:
            assert walked([DISPATCHED, FINISHED, APPROVED, PROMOTED, signal]) is TaskState.DONE
        else:
            with pytest.raises(TransitionUnknown, match="done"):
                walked([DISPATCHED, FINISHED, APPROVED, PROMOTED, signal])


@given(st.lists(st.sampled_from([DISPATCHED, FINISHED, BLOCKED, APPROVED, REJECTED, PROMOTED]), max_size=12), st.data())
def test_every_walk_obeys_the_table_and_no_order_of_arrival_matters(signals: list[Signal], data: st.DataObject) -> None:
    state, allowed = TaskState.QUEUED, list[Signal]()
    for signal in signals:
        promotes_nothing = signal == PROMOTED and state not in {TaskState.GATED, TaskState.BLOCKED}
        following = state if promotes_nothing else TRANSITIONS.get((state, signal))
        if following is not None:
            allowed.append(signal)
            state = following
    events = [event(place, each) for place, each in enumerate(allowed, 1)]
    assert task_states([TASK_ID], data.draw(st.permutations(events)))[TASK_ID] is state
