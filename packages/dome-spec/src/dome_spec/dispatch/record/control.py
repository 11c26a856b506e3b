"""A run as control events, in one order: what its queue says of the attempts, and what its log has of gates.

The queue is the truth of what was dispatched, so nothing of it is written down a second time. Events that follow from
it have ids that are derived; those of gates and promotions are as they were kept.
"""

from collections.abc import Iterator
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.control.control_event import ControlEvent, ControlTopic
from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.work_queue import EntryStatus, QueueEntry, WorkQueue
from dome_contracts.schema.shared.definitions import Effector, EffectorKind
from dome_spec.dispatch.record.run_record import RunRecord
from dome_spec.kernel import derived_id, micros

_DISPATCH: Final = Effector(kind=EffectorKind.SERVICE, id="dispatch", tool="dome-spec")
_KEPT: Final = frozenset(
    {
        ControlTopic.GATE_ASKED,
        ControlTopic.GATE_DECIDED,
        ControlTopic.PROMOTION_ASKED,
        ControlTopic.PROMOTION_DECIDED,
    }
)
"""Topics that the log has."""
_ORDER: Final = {
    ControlTopic.TASK_DISPATCHED: 0,
    ControlTopic.TASK_FINISHED: 1,
    ControlTopic.TASK_BLOCKED: 2,
}
"""Which of a task's events comes first of those at one moment."""


def control_events(record: RunRecord) -> tuple[ControlEvent, ...]:
    """Everything that happened in a run, by time, numbered from 1. Raises RecordDamaged."""
    kept = [_of_log(event) for event in record.log.events if event.topic in _KEPT]
    found = [*_of_queue(record.queue()), *kept]
    # What is kept stands in the order in which it was written, also where a clock was set back between.
    places = {event.event_id: place for place, event in enumerate(kept)}
    latest, times = 0, dict[str, int]()
    for event in kept:
        latest = max(latest, micros(event.occur_time))
        times[event.event_id] = latest
    found.sort(
        key=lambda each: (
            times.get(each.event_id, micros(each.occur_time)),
            each.event_id in places,
            places[each.event_id] if each.event_id in places else _ORDER[each.topic],
        )
    )
    return tuple(event.model_copy(update={"sequence": number}) for number, event in enumerate(found, 1))


def _of_log(event: EventEnvelope) -> ControlEvent:
    return ControlEvent.from_value(event.to_value())


def _of_queue(queue: WorkQueue) -> Iterator[ControlEvent]:
    for task_id, entry in queue.entries.items():
        for attempt in entry.attempts:
            group_id = attempt.group_id
            began = attempt.create_time or queue.update_time
            yield _event(queue, ControlTopic.TASK_DISPATCHED, task_id, group_id=group_id, at=began)
            if attempt.outcome is not None:
                told: dict[str, Any] = {"outcome": attempt.outcome.to_value()}
                end = _not_before(attempt.end_time or queue.update_time, began)
                yield _event(queue, ControlTopic.TASK_FINISHED, task_id, group_id=group_id, at=end, payload=told)
        if entry.status is EntryStatus.BLOCKED and entry.block_reason is not None:
            told = {"block_reason": entry.block_reason.value}
            yield _event(queue, ControlTopic.TASK_BLOCKED, task_id, at=_blocked(queue, entry), payload=told)


def _blocked(queue: WorkQueue, entry: QueueEntry) -> str:
    """A task that was attempted is blocked with the end of its last attempt."""
    if not entry.attempts:
        return queue.update_time
    last = entry.attempts[-1]
    return _not_before(last.end_time or queue.update_time, last.create_time or queue.update_time)


def _not_before(moment: str, other: str) -> str:
    """The daemon's clock may say of an end what dispatch's says of the time before the beginning."""
    return moment if micros(moment) >= micros(other) else other


def _event(
    queue: WorkQueue,
    topic: ControlTopic,
    task_id: str,
    *,
    at: str,
    group_id: str | None = None,
    payload: dict[str, Any] | None = None,
) -> ControlEvent:
    about = {"task_id": task_id, **({} if group_id is None else {"group_id": group_id})}
    named = canonical_bytes({"run_id": queue.run_id, "topic": topic.value, **about})
    return ControlEvent.from_value(
        {
            "schema_version": "1",
            "event_id": derived_id("evt", named),
            "sequence": 1,
            "topic": topic.value,
            "run_id": queue.run_id,
            "occur_time": at,
            "effector": _DISPATCH.to_value(),
            "correlation": about,
            "payload": payload or {},
        }
    )
