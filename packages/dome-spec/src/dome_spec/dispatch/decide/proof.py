"""Whether a task that was to show if another one held has shown it. Pure; reads it from the queue and the plan."""

from collections.abc import Sequence

from dome_contracts.schema.control.work_queue import QueueEntry, WorkQueue
from dome_contracts.schema.knowledge.fact import ProofState
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import AttemptOutcome, AttemptStatus
from dome_spec.dispatch.decide.policy import LOST
from dome_spec.dispatch.decide.queue import OVER


def shows(outcome: AttemptOutcome) -> bool:
    """Whether the end of a proof says something of what it proves: it came to an end of its own."""
    is_seen = outcome.status in (AttemptStatus.SUCCEEDED, AttemptStatus.FAILED)
    return is_seen and outcome.failure_reason_code != LOST


def unproven(queue: WorkQueue, plan: Plan) -> dict[str, ProofState]:
    """The tasks whose proofs are all over and show nothing, with the reason."""
    proofs: dict[str, list[QueueEntry]] = {}
    for task_id, task in plan.tasks.items():
        if task.proves is not None:
            proofs.setdefault(task.proves, []).append(queue.entries[task_id])
    states = {answer: _state(entries) for answer, entries in proofs.items()}
    return {answer: state for answer, state in states.items() if state is not None}


def _state(entries: Sequence[QueueEntry]) -> ProofState | None:
    """None while one of them is not over, and where one of them shows something."""
    if any(entry.status not in OVER for entry in entries):
        return None
    ends = [outcome for entry in entries for each in entry.attempts[-1:] if (outcome := each.outcome) is not None]
    if any(shows(each) for each in ends):
        return None
    began = [each for each in ends if each.status is not AttemptStatus.DENIED]
    return ProofState.INCONCLUSIVE if began else ProofState.NOT_EXECUTED
