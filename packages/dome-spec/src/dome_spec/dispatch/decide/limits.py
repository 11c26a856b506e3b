"""Limits of a run: its time, its jobs, and how much of it may fail. Pure; reads all of it from the queue."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from dome_contracts.schema.control.work_queue import BlockReason, QueueEntry, WorkQueue
from dome_contracts.schema.planning.packet import Budgets
from dome_contracts.schema.planning.plan import Layer, Plan
from dome_contracts.schema.shared.definitions import AttemptStatus
from dome_spec.dispatch.decide.policy import DispatchPolicy, Retry
from dome_spec.dispatch.decide.queue import BLOCKED, DONE
from dome_spec.kernel import moment

_FAILED = frozenset({BlockReason.ATTEMPTS_EXHAUSTED, BlockReason.GUARD_DENIED, BlockReason.REQUIREMENT_MISSING})


class Limit(StrEnum):
    """Why nothing is begun any more. The value is told to people."""

    TIME = "the time of the run is used up"
    JOBS = "the run has had as many jobs as it may"
    CONSECUTIVE = "as many tasks as may have failed one after the other"
    SHARE = "a larger share of the tasks than may has failed"
    REPEATED = "one failure was observed for one target as often as it may be"


def limit_reached(
    queue: WorkQueue, plan: Plan, budgets: Budgets, now: datetime, *, policy: DispatchPolicy
) -> Limit | None:
    """The limit that the run has reached, or None."""
    begin = begin_time(queue)
    if begin is not None and now - begin >= timedelta(seconds=budgets.duration_s_max):
        return Limit.TIME
    if (
        budgets.jobs_max is not None
        and sum(len(entry.attempts) for entry in queue.entries.values()) >= budgets.jobs_max
    ):
        return Limit.JOBS
    stop = policy.stop
    work = [queue.entries[task_id] for task_id in plan.tasks if task_id not in _expected_to_fail(plan)]
    failed = [entry for entry in work if _has_failed(entry)]
    if stop.consecutive_failures_max is not None and _failures_last(work) >= stop.consecutive_failures_max:
        return Limit.CONSECUTIVE
    if stop.failed_share_max is not None and len(failed) > stop.failed_share_max * len(plan.tasks):
        return Limit.SHARE
    if stop.repeated_failure_max is not None and _repeated_most(queue, plan) >= stop.repeated_failure_max:
        return Limit.REPEATED
    return None


def begin_time(queue: WorkQueue) -> datetime | None:
    """When the first attempt of the run was dispatched; None before."""
    times = [attempt.create_time for entry in queue.entries.values() for attempt in entry.attempts]
    return min((moment(time) for time in times if time is not None), default=None)


def retry_time(entry: QueueEntry, retry: Retry, now: datetime) -> datetime | None:
    """Before when no further attempt is begun; None where there was none before.

    None too where the last one ends later than the wait is long: the clock was set back, and nothing is known of it.
    """
    if not entry.attempts or (end := entry.attempts[-1].end_time) is None:
        return None
    wait = timedelta(seconds=retry.wait_s(len(entry.attempts)))
    return moment(end) + wait if moment(end) - now <= wait else None


def _expected_to_fail(plan: Plan) -> frozenset[str]:
    """Tasks whose failure says nothing of how the run goes: they only look, or another answer follows them."""
    looks = {task_id for task_id, task in plan.tasks.items() if task.layer in (Layer.OBSERVE, Layer.DIAGNOSE)}
    followed = {each for task in plan.tasks.values() for each in task.unless or ()}
    proved = {proves for each in followed if (proves := plan.tasks[each].proves) is not None}
    return frozenset(looks | followed | proved)


def _has_failed(entry: QueueEntry) -> bool:
    return entry.status is BLOCKED and entry.block_reason in _FAILED


def _failures_last(work: Sequence[QueueEntry]) -> int:
    """How many tasks have failed since one succeeded."""
    ended = [
        (moment(end), entry)
        for entry in work
        if entry.attempts and (end := entry.attempts[-1].end_time) and (entry.status is DONE or _has_failed(entry))
    ]
    newest_first = [entry for _, entry in sorted(ended, key=lambda each: each[0], reverse=True)]
    return sum(1 for _ in takewhile(_has_failed, newest_first))


def _repeated_most(queue: WorkQueue, plan: Plan) -> int:
    """How often the failure that was observed most often for one target was."""
    seen = Counter(
        (target.kind, target.id, attempt.outcome.failure_reason_code)
        for task_id, entry in queue.entries.items()
        for target in [plan.tasks[task_id].spec.target]
        for attempt in entry.attempts
        if attempt.outcome is not None and attempt.outcome.status is AttemptStatus.FAILED
    )
    return max(seen.values(), default=0)
