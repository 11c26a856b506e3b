"""Runs as text and as JSON. Pure; both say the same."""

from collections import Counter
from typing import Any, Final

from dome_contracts.canonical import PREFIX
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.work_queue import BlockReason, EntryStatus, QueueEntry, QueueState, WorkQueue
from dome_contracts.schema.planning.plan import Plan, PlannedTask
from dome_spec.dispatch import EndKind, RunEnd, succeeded

_SHORT: Final = 8
_BLOCKED: Final = {
    BlockReason.DEPENDENCY_FAILED: "a task that it depends on has failed",
    BlockReason.ATTEMPTS_EXHAUSTED: "failed",
    BlockReason.GUARD_DENIED: "refused",
    BlockReason.BUDGET_EXHAUSTED: "a limit of the run was reached",
    BlockReason.REQUIREMENT_MISSING: "what it requires is not there",
    BlockReason.CANCELED: "cancelled",
}
_MARKS: Final = {
    EntryStatus.QUEUED: "waits",
    EntryStatus.CLAIMED: "asked",
    EntryStatus.RUNNING: "runs",
    EntryStatus.DONE: "done",
    EntryStatus.BLOCKED: "blocked",
}


def task_name(task_id: str, task: PlannedTask) -> str:
    """A task for people: what is done to what, with which skill."""
    spec = task.spec
    short = task_id.removeprefix(PREFIX)[:_SHORT]
    return f"{spec.action.kind} {spec.target.id} ({spec.requires.skill.skill_id}, {short})"


def entry_line(task_id: str, entry: QueueEntry, task: PlannedTask) -> str:
    """Where a task stands."""
    return f"{_MARKS[entry.status]:<8} {task_name(task_id, task)}{_detail(entry)}"


def _detail(entry: QueueEntry) -> str:
    parts = []
    if entry.left_out_for is not None:
        parts.append("left out, as another task has done it")
    if entry.block_reason is not None:
        parts.append(_BLOCKED[entry.block_reason])
    if entry.attempts:
        last = entry.attempts[-1]
        codes = [last.outcome.failure_reason_code, last.outcome.policy_reason_code] if last.outcome else []
        parts += [code for code in codes if code != "NONE"]
        parts += [f"attempt {last.attempt}"] if last.attempt > 1 else []
        parts += [last.job_id] if last.job_id else []
    return f": {', '.join(parts)}" if parts else ""


def run_lines(queue: WorkQueue, plan: Plan, *, is_held: bool) -> list[str]:
    """A run with its tasks, in their order."""
    order = [task_id for wave in plan.waves for task_id in wave]
    return [
        *(entry_line(task_id, queue.entries[task_id], plan.tasks[task_id]) for task_id in order),
        run_line(queue, is_held=is_held),
    ]


def run_line(queue: WorkQueue, *, is_held: bool) -> str:
    """A run in one line."""
    counts = Counter(entry.status for entry in queue.entries.values())
    told = ", ".join(f"{counts[status]} {mark}" for status, mark in _MARKS.items() if counts[status])
    return f"{queue.run_id}  {state_of(queue, is_held=is_held)}  {told}"


def state_of(queue: WorkQueue, *, is_held: bool) -> QueueState:
    """Where the run stands. One that is said to be active, and that nobody carries out, was cut short."""
    return QueueState.RESUMABLE if queue.state is QueueState.ACTIVE and not is_held else queue.state


def run_document(queue: WorkQueue, plan: Plan, *, is_held: bool) -> dict[str, Any]:
    """A run for programs: the queue as it is kept, and what follows from it."""
    state = state_of(queue, is_held=is_held)
    return {
        "kind": "run",
        "run_id": queue.run_id,
        "state": state.value,
        "held": is_held,
        "succeeded": state is QueueState.FINISHED and succeeded(queue, plan),
        "resume": resume_command(queue.run_id) if state is QueueState.RESUMABLE and not is_held else None,
        "queue": queue.to_value(),
    }


def entry_document(task_id: str, entry: QueueEntry, queue: WorkQueue) -> dict[str, Any]:
    """A change of a task for programs."""
    return {"kind": "task", "run_id": queue.run_id, "task_id": task_id, "entry": entry.to_value()}


def resume_command(run_id: str, endpoint: str | None = None) -> str:
    """What goes on with a run."""
    named = f"--endpoint {endpoint} " if endpoint else ""
    return f"dome {named}plan resume {run_id}"


def exit_code(end: RunEnd, plan: Plan) -> int:
    """What the command ends with."""
    match end.kind:
        case EndKind.DETACHED:
            return Exit.INTERRUPTED
        case EndKind.CANCELED:
            return Exit.CANCELED
        case EndKind.DAEMON_LOST:
            return Exit.UNAVAILABLE
        case EndKind.OVER:
            return _over(end.queue, plan)


def _over(queue: WorkQueue, plan: Plan) -> int:
    if succeeded(queue, plan):
        return Exit.OK
    reasons = {entry.block_reason for entry in queue.entries.values()}
    for reason, code in (
        (BlockReason.ATTEMPTS_EXHAUSTED, Exit.FAILED),
        (BlockReason.GUARD_DENIED, Exit.PRECONDITION),
        (BlockReason.REQUIREMENT_MISSING, Exit.PRECONDITION),
        (BlockReason.BUDGET_EXHAUSTED, Exit.LIMIT),
        (BlockReason.CANCELED, Exit.CANCELED),
    ):
        if reason in reasons:
            return code
    return Exit.FAILED


def ending_lines(end: RunEnd, plan: Plan, *, endpoint: str | None = None) -> list[str]:
    """What people are told last: how it ended, and what to do next."""
    resume = resume_command(end.queue.run_id, endpoint)
    match end.kind:
        case EndKind.DETACHED:
            return ["dome: interrupted; the jobs go on without this command.", f"  Go on with it: {resume}"]
        case EndKind.CANCELED:
            return ["dome: the run was cancelled, and its jobs with it."]
        case EndKind.DAEMON_LOST:
            return [
                f"dome: the daemon is lost: {end.message}",
                f"  The run is RESUMABLE; nothing of it is run twice. Go on with it: {resume}",
            ]
        case EndKind.OVER:
            return _limit_lines(end)


def _limit_lines(end: RunEnd) -> list[str]:
    """Of a limit that kept something from being begun; one that the last task has just reached did not."""
    reasons = {entry.block_reason for entry in end.queue.entries.values()}
    if end.limit is None or BlockReason.BUDGET_EXHAUSTED not in reasons:
        return []
    return [f"dome: the run ended early: {end.limit.value}."]
