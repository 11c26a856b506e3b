"""What gates said of the work of a package: whether its checks passed. Pure, over the run's control events."""

from collections.abc import Iterable

from dome_contracts.schema.control.control_event import ControlEvent, ControlTopic
from dome_contracts.schema.shared.definitions import Verdict


def checks_passed(events: Iterable[ControlEvent]) -> bool | None:
    """Whether every gate that decided last approved; None where none has decided. What is left to a person has not."""
    last: dict[str | None, Verdict | None] = {}
    for event in sorted(events, key=lambda each: each.sequence):
        if event.topic is ControlTopic.GATE_DECIDED:
            task = None if event.correlation is None else event.correlation.task_id
            last[task] = event.payload.verdict
    return all(each is Verdict.APPROVE for each in last.values()) if last else None
