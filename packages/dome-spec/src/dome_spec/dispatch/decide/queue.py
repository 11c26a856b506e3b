"""The queue of a run as a fold: what happened makes another queue, and nothing else does.

The table below is the whole of it: status of a task x what happened -> status. Pure; when to do what is decided in
`steps`, and what the end of an attempt means in `verdict`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from dome_contracts.schema.control.work_queue import (
    BlockReason,
    EntryStatus,
    QueueAttempt,
    QueueEntry,
    QueueLease,
    QueueState,
    WorkQueue,
)
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import AttemptOutcome, Effector
from dome_spec.dispatch.decide.identity import group_id
from dome_spec.dispatch.decide.verdict import GivenUp, Succeeded, TryAgain, Verdict
from dome_spec.kernel import timestamp

LEASE_S: Final = 600.0
"""How long a task is held at a time. Whoever holds the run's lease may take it before."""

QUEUED, CLAIMED, RUNNING = EntryStatus.QUEUED, EntryStatus.CLAIMED, EntryStatus.RUNNING
DONE, BLOCKED = EntryStatus.DONE, EntryStatus.BLOCKED
OVER: Final = frozenset({DONE, BLOCKED})
OPEN: Final = frozenset({CLAIMED, RUNNING})


@dataclass(frozen=True, slots=True)
class Claimed:
    """An attempt is about to be dispatched."""

    task_id: str
    holder: Effector


@dataclass(frozen=True, slots=True)
class Accepted:
    """The daemon has accepted the request."""

    task_id: str
    job_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The attempt has ended, and its result is kept."""

    task_id: str
    outcome: AttemptOutcome
    verdict: Verdict
    result_digest: str
    end_time: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """The task will not run."""

    task_id: str
    reason: BlockReason
    blocked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The success of another task made this one needless."""

    task_id: str
    left_out_for: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody goes on with the run, and takes over what is open."""

    holder: Effector


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nobody goes on with the run: until it is resumed, or for good."""

    state: QueueState


TaskChange = Claimed | Accepted | Ended | Blocked | LeftOut
Change = TaskChange | Resumed | Stopped

TRANSITIONS: Final[Mapping[tuple[EntryStatus, type[TaskChange]], Mapping[type[Verdict] | None, EntryStatus]]] = {
    (QUEUED, Claimed): {None: CLAIMED},
    (QUEUED, Blocked): {None: BLOCKED},
    (QUEUED, LeftOut): {None: DONE},
    (CLAIMED, Accepted): {None: RUNNING},
    # A request that is repeated gives the same job.
    (RUNNING, Accepted): {None: RUNNING},
    # Refused before there was a job, or its end was not seen.
    (CLAIMED, Ended): {Succeeded: DONE, TryAgain: QUEUED, GivenUp: BLOCKED},
    (RUNNING, Ended): {Succeeded: DONE, TryAgain: QUEUED, GivenUp: BLOCKED},
}
"""Status x what happened -> status, by the verdict where there is one. What is not here cannot happen."""

STATES: Final[Mapping[QueueState, frozenset[QueueState]]] = {
    QueueState.ACTIVE: frozenset({QueueState.ACTIVE, *QueueState}),
    QueueState.RESUMABLE: frozenset({QueueState.ACTIVE}),
    QueueState.ABANDONED: frozenset(),
    QueueState.FINISHED: frozenset(),
}
"""State of the run -> the states that may follow. A run that was killed is ACTIVE on disk, and is taken over so."""


class ChangeRefused(ValueError):
    """What is said to have happened cannot have, as the queue stands: a defect of whoever says so."""


def opened(plan: Plan, *, plan_hash: str, run_id: str, now: datetime) -> WorkQueue:
    """The queue of a run that begins."""
    waves = {task_id: number for number, wave in enumerate(plan.waves, 1) for task_id in wave}
    return WorkQueue(
        schema_version="1",
        run_id=run_id,
        plan_hash=plan_hash,
        repository_id=plan.repository.repository_id,
        revision=1,
        update_time=timestamp(now),
        state=QueueState.ACTIVE,
        entries={task_id: QueueEntry(wave=waves[task_id], status=QUEUED, attempts=[]) for task_id in plan.tasks},
    )


def advance(queue: WorkQueue, *changes: Change, now: datetime) -> WorkQueue:
    """The queue after what happened, at the next revision; itself where nothing did. Raises ChangeRefused."""
    if not changes:
        return queue
    for change in changes:
        queue = _after(queue, change, now)
    return queue.model_copy(update={"revision": queue.revision + 1, "update_time": timestamp(now)})


def _after(queue: WorkQueue, change: Change, now: datetime) -> WorkQueue:
    match change:
        case Resumed(holder):
            _check_state(queue, QueueState.ACTIVE)
            held = {
                task_id: _with(entry, lease=_lease(queue, holder, now)) if entry.status in OPEN else entry
                for task_id, entry in queue.entries.items()
            }
            return queue.model_copy(update={"state": QueueState.ACTIVE, "entries": held})
        case Stopped(state):
            _check_state(queue, state)
            return queue.model_copy(update={"state": state})
    if queue.state is not QueueState.ACTIVE:
        raise ChangeRefused(f"the run {queue.run_id} is {queue.state}: {change}")
    entry = _entry(queue, queue.entries[change.task_id], change, now)
    update: dict[str, Any] = {"entries": {**queue.entries, change.task_id: entry}}
    if isinstance(change, Claimed):
        update["wave"] = max(entry.wave, queue.wave or 1)
    return queue.model_copy(update=update)


def _check_state(queue: WorkQueue, state: QueueState) -> None:
    if state not in STATES[queue.state]:
        raise ChangeRefused(f"the run {queue.run_id} is {queue.state} and cannot become {state}")


def _entry(queue: WorkQueue, entry: QueueEntry, change: TaskChange, now: datetime) -> QueueEntry:
    rule = TRANSITIONS.get((entry.status, type(change)))
    if rule is None:
        raise ChangeRefused(f"a task that is {entry.status} was not {type(change).__name__.lower()}")
    match change:
        case Claimed(task_id, holder):
            number = len(entry.attempts) + 1
            group = group_id(queue.run_id, task_id, number)
            attempts = [*entry.attempts, QueueAttempt(attempt=number, group_id=group, create_time=timestamp(now))]
            return _with(entry, status=rule[None], attempts=attempts, lease=_lease(queue, holder, now))
        case Accepted(_, job_id):
            if (known := entry.attempts[-1].job_id) not in (None, job_id):
                raise ChangeRefused(f"the attempt has the job {known}, and not {job_id}")
            return _with(entry, status=rule[None], attempts=_last(entry, job_id=job_id))
        case Ended(_, outcome, verdict, result_digest, end_time):
            ended = _last(entry, result_digest=result_digest, end_time=end_time, outcome=outcome)
            reason = {"block_reason": verdict.reason} if isinstance(verdict, GivenUp) else {}
            return _with(entry, status=rule[type(verdict)], attempts=ended, **reason)
        case Blocked(_, reason, blocked_by):
            by = {"blocked_by": list(blocked_by)} if blocked_by else {}
            return _with(entry, status=rule[None], block_reason=reason, **by)
        case LeftOut(_, left_out_for):
            return _with(entry, status=rule[None], left_out_for=left_out_for)


def _with(entry: QueueEntry, **changed: Any) -> QueueEntry:
    """The entry with fields changed; one that nobody holds has no lease."""
    fields = {name: getattr(entry, name) for name in entry.model_fields_set} | changed
    if fields["status"] not in OPEN:
        fields.pop("lease", None)
    return QueueEntry(**fields)


def _last(entry: QueueEntry, **changed: Any) -> list[QueueAttempt]:
    return [*entry.attempts[:-1], entry.attempts[-1].model_copy(update=changed)]


def _lease(queue: WorkQueue, holder: Effector, now: datetime) -> QueueLease:
    """A lease whose token is higher than that of every earlier one: the revision that it belongs to."""
    return QueueLease(
        holder=holder,
        token=queue.revision + 1,
        acquire_time=timestamp(now),
        expire_time=timestamp(now + timedelta(seconds=LEASE_S)),
    )
