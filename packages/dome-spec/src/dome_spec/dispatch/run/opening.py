"""The beginning of a run, or its taking up again: under the lease, on what is kept.

One way for both: a run that was begun is gone on with, one that was not is begun, and one that is over is only shown.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.work_queue import QueueState, WorkQueue
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import Effector, FallbackMode
from dome_spec.dispatch.decide.queue import Resumed, advance, opened
from dome_spec.dispatch.errors import PlanDiffers, RecordDamaged, RunOver, RunUnknown, WorktreeDirty, keeping
from dome_spec.dispatch.record import Lease, RunRecord, Topic
from dome_spec.dispatch.record.run_record import document_digest
from dome_spec.kernel import Clock, DocumentInvalid, Ids, read_document

ChangedPaths = Callable[[], Sequence[str] | None]
"""Gives the paths whose content differs from the commit; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The circumstances in which a run begins. They hold for all of it."""

    working_directory: str
    fallback_mode: FallbackMode
    binder_policy: str
    """Digest of the binder policy that holds."""
    environment_class: str
    strategies: ControlStrategies
    """When an attempt is followed by another, and when the run ends early."""
    base_commit: str = ""
    """Commit that the run starts from; empty outside of git."""

    def payload(self) -> dict[str, Any]:
        """The circumstances as the log has them."""
        return {
            "base_commit": self.base_commit,
            "binder_policy": self.binder_policy,
            "environment_class": self.environment_class,
            "fallback_mode": self.fallback_mode.value,
            "strategies": self.strategies.to_value(),
            "working_directory": self.working_directory,
        }

    @classmethod
    def of(cls, event: EventEnvelope) -> "Opening":
        """The circumstances that the log has. Raises RecordDamaged."""
        said = event.payload
        try:
            return cls(
                working_directory=said["working_directory"],
                fallback_mode=FallbackMode(said["fallback_mode"]),
                binder_policy=said["binder_policy"],
                environment_class=said["environment_class"],
                strategies=read_document(ControlStrategies, said["strategies"]),
                base_commit=said["base_commit"],
            )
        except (KeyError, ValueError, DocumentInvalid) as error:
            raise RecordDamaged(f"The log of {event.run_id} does not say how it began", why=str(error)) from error


@dataclass(frozen=True, slots=True)
class Opened:
    """A run that this process may carry out."""

    record: RunRecord
    plan: Plan
    queue: WorkQueue
    opening: Opening
    lease: Lease


def opening_of(record: RunRecord) -> Opening:
    """How the run began. Raises RecordDamaged."""
    first = next((event for event in record.log.events if event.topic == Topic.OPENED), None)
    if first is None:
        raise RecordDamaged(
            f"The log of {record.run_id} does not say how it began",
            hint=f"Put {record.directory} back from a copy, or begin another run",
        )
    return Opening.of(first)


@contextmanager
def open_run(
    runs_dir: Path,
    run_id: str,
    *,
    plan: Plan | None,
    opening: Opening | None,
    holder: Effector,
    clock: Clock,
    ids: Ids,
    changed_paths: ChangedPaths,
) -> Iterator[Opened]:
    """The run, for as long as this process carries it out. Without a plan it has to have been begun.

    `changed_paths` is asked where the plan wants a working tree without changes, and nothing of it was begun yet.
    Raises WorktreeDirty before anything is kept; RunHeld, RunUnknown, RunOver, PlanDiffers, RecordDamaged,
    RecordUnwritable.
    """
    if plan is not None and opening is not None:
        if not RunRecord.is_begun(runs_dir, run_id):
            refuse_dirty(plan, changed_paths)
        record = RunRecord.prepare(runs_dir, run_id)
    else:
        record = RunRecord.find(runs_dir, run_id)
    with _lease(record, holder, clock) as lease:
        by = _By(holder, clock, ids, lease)
        if record.exists:
            yield _resumed(record, plan, by, changed_paths)
        elif plan is not None and opening is not None:
            yield _begun(record, plan, opening, by)
        else:
            raise RunUnknown(run_id)


@dataclass(frozen=True, slots=True)
class _By:
    """Who opens the run, and with what."""

    holder: Effector
    clock: Clock
    ids: Ids
    lease: Lease


def refuse_dirty(plan: Plan, changed_paths: ChangedPaths) -> None:
    """Refuse a working tree with changes, where a task of the plan asks for one without. Raises WorktreeDirty.

    It is a condition on where the work starts: what the plan's own tasks change later is what they are there for.
    """
    bounds = [task.spec.constraints for task in plan.tasks.values()]
    if any(each is not None and each.clean_tree_required for each in bounds):
        changed = changed_paths()
        if changed is None or changed:
            raise WorktreeDirty(changed)


@contextmanager
def _lease(record: RunRecord, holder: Effector, clock: Clock) -> Iterator[Lease]:
    with keeping(record.run_id, record.directory):
        lease = Lease.take(record.directory, record.run_id, holder, clock)
    with lease:
        yield lease


def _begun(record: RunRecord, plan: Plan, opening: Opening, by: _By) -> Opened:
    record.keep_plan(plan)
    _check_plan(record, document_digest(record.plan()), plan)
    if record.log.last(Topic.OPENED) is None:
        record.log.append(Topic.OPENED, opening.payload(), clock=by.clock, ids=by.ids, effector=by.holder)
    queue = opened(plan, plan_hash=document_digest(plan), run_id=record.run_id, now=by.clock.now())
    record.save_queue(queue)
    return Opened(record, plan, queue, opening_of(record), by.lease)


def _resumed(record: RunRecord, plan: Plan | None, by: _By, changed_paths: ChangedPaths) -> Opened:
    queue = record.queue()
    if plan is not None:
        _check_plan(record, queue.plan_hash, plan)
    kept, opening = record.plan_of(queue), opening_of(record)
    match queue.state:
        case QueueState.ABANDONED:
            raise RunOver(record.run_id)
        case QueueState.FINISHED:
            return Opened(record, kept, queue, opening, by.lease)
        case QueueState.ACTIVE | QueueState.RESUMABLE:
            if not any(entry.attempts for entry in queue.entries.values()):
                refuse_dirty(kept, changed_paths)
            said = {"revision": queue.revision}
            record.log.append(Topic.RESUMED, said, clock=by.clock, ids=by.ids, effector=by.holder)
            queue = advance(queue, Resumed(by.holder), now=by.clock.now())
            record.save_queue(queue)
            return Opened(record, kept, queue, opening, by.lease)


def _check_plan(record: RunRecord, begun_with: str, plan: Plan) -> None:
    if (given := document_digest(plan)) != begun_with:
        raise PlanDiffers(record.run_id, begun_with=begun_with, given=given)
