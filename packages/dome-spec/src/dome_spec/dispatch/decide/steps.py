"""What to do next with a run: a pure function of the plan, the queue and the time.

It says what ought to be under way, not what to begin: an attempt that is open is carried on whether this process opened
it or one that was killed. So there is no second way for a run that is resumed.

The rules, in their order:
  open attempts are carried on;
  a task whose dependency will not succeed is blocked; one that another's success made needless is left out;
  at a limit of the run nothing is begun any more, and what was not begun is blocked;
  tasks of the first wave that is not over are claimed in the plan's order, as far as there are places;
  a run without tasks that wait or run is finished.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dome_contracts.schema.control.work_queue import BlockReason, QueueEntry, QueueState, WorkQueue
from dome_contracts.schema.planning.packet import Budgets
from dome_contracts.schema.planning.plan import Plan, PlannedTask
from dome_contracts.schema.shared.definitions import AttemptStatus
from dome_spec.dispatch.decide.limits import Limit, begin_time, limit_reached, retry_time
from dome_spec.dispatch.decide.policy import DispatchPolicy
from dome_spec.dispatch.decide.queue import BLOCKED, DONE, OPEN, OVER, QUEUED
from dome_spec.planning import decisive

_DEFAULT = DispatchPolicy()
_UNBOUNDED = 1 << 30


@dataclass(frozen=True, slots=True)
class Carry:
    """An attempt that is open: ask for its job with its key, or follow the job."""

    task_id: str
    attempt: int
    group_id: str
    job_id: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Begin the next attempt at a task."""

    task_id: str


@dataclass(frozen=True, slots=True)
class Block:
    """A task will not run."""

    task_id: str
    reason: BlockReason
    blocked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """A task is needless."""

    task_id: str
    left_out_for: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing more can be begun before a moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """The run is over."""


Step = Carry | Claim | Block | LeaveOut | Wait | Close


def next_steps(
    queue: WorkQueue, plan: Plan, budgets: Budgets, now: datetime, *, policy: DispatchPolicy = _DEFAULT
) -> tuple[Step, ...]:
    """What ought to be under way now. The same queue, plan and time give the same steps."""
    if queue.state is not QueueState.ACTIVE:
        return ()
    order = [task_id for wave in plan.waves for task_id in wave]
    if all(queue.entries[task_id].status in OVER for task_id in order):
        return (Close(),)
    carried = [
        Carry(task_id, entry.attempts[-1].attempt, entry.attempts[-1].group_id, entry.attempts[-1].job_id)
        for task_id in order
        if (entry := queue.entries[task_id]).status in OPEN
    ]
    settled = list(_settled(queue, plan, order, limit_reached(queue, plan, budgets, now, policy=policy)))
    if settled:
        # What is settled changes what may be begun; that is decided on the queue which holds it.
        return (*carried, *settled)
    jobs_left = (budgets.jobs_max or _UNBOUNDED) - sum(len(entry.attempts) for entry in queue.entries.values())
    places = min(budgets.parallel_max - len(carried), jobs_left)
    return (*carried, *_begun(queue, plan, now, policy=policy, places=places))


def _settled(queue: WorkQueue, plan: Plan, order: Sequence[str], limit: Limit | None) -> Iterator[Step]:
    """What is known of tasks that were not begun: they will not run, or need not."""
    for task_id in order:
        task = plan.tasks[task_id]
        if queue.entries[task_id].status is not QUEUED:
            continue
        failed = tuple(sorted(each for each in task.depends_on if queue.entries[each].status is BLOCKED))
        useful = [each for each in task.unless or () if queue.entries[each].status is DONE]
        # What it is there instead of is waited for first: else it would matter which of two ends came earlier.
        if useful and _all_over(queue, task.unless):
            yield LeaveOut(task_id, min(useful))
        elif failed and _all_over(queue, task.unless):
            yield Block(task_id, BlockReason.DEPENDENCY_FAILED, failed)
        elif limit is not None:
            yield Block(task_id, BlockReason.BUDGET_EXHAUSTED)


def _begun(queue: WorkQueue, plan: Plan, now: datetime, *, policy: DispatchPolicy, places: int) -> Iterator[Step]:
    """Claims of the wave in execution; or until when there are none, where only time is in the way."""
    wave = next((each for each in plan.waves if any(queue.entries[task_id].status not in OVER for task_id in each)), [])
    waits: list[datetime] = []
    for task_id in wave:
        entry = queue.entries[task_id]
        if entry.status is not QUEUED or not _may_begin(queue, plan.tasks[task_id]):
            continue
        if (due := retry_time(entry, policy.retry, now)) is not None and due > now:
            waits.append(due)
        elif places > 0:
            places -= 1
            yield Claim(task_id)
    if waits:
        yield Wait(min(waits))


def _may_begin(queue: WorkQueue, task: PlannedTask) -> bool:
    """Whether all that it depends on has succeeded, and all that it comes after is over."""
    entries = queue.entries
    return all(entries[each].status is DONE for each in task.depends_on) and _all_over(
        queue, [*(task.after or ()), *(task.unless or ())]
    )


def _all_over(queue: WorkQueue, task_ids: Sequence[str] | None) -> bool:
    return all(queue.entries[each].status in OVER for each in task_ids or ())


def remaining_s(queue: WorkQueue, budgets: Budgets, now: datetime) -> float:
    """How much of the run's time is left, in seconds; from none to all of it, also after a clock was set back."""
    begin = begin_time(queue)
    passed = timedelta(0) if begin is None else max(now - begin, timedelta(0))
    return max(budgets.duration_s_max - passed.total_seconds(), 0.0)


def succeeded(queue: WorkQueue, plan: Plan) -> bool:
    """Whether the work is done: every task of it, but for those that another one was there to make up for, and did.

    What judges the work in the end decides (see `planning.decisive`): a failure that was observed before is why there
    is some, and an answer that did not hold is followed by another.
    """
    made_up_for = {
        instead
        for task_id, task in plan.tasks.items()
        for instead in task.unless or ()
        if _succeeded_itself(queue.entries[task_id])
    }
    return all(queue.entries[task_id].status is DONE or task_id in made_up_for for task_id in decisive(plan))


def _succeeded_itself(entry: QueueEntry) -> bool:
    last = entry.attempts[-1].outcome if entry.attempts else None
    return entry.status is DONE and last is not None and last.status is AttemptStatus.SUCCEEDED
