"""The beginning of a run, or its taking up again: under the lease, on what is kept.

One way for both: a run that was begun is gone on with, one that was not is begun, and one that is over is only shown.
"""

from collections.abc import Iterator
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
from dome_spec.dispatch.errors import PlanDiffers, RecordDamaged, RunOver, RunUnknown
from dome_spec.dispatch.record import Lease, RunRecord, Topic
from dome_spec.dispatch.record.run_record import document_digest
from dome_spec.kernel import Clock, DocumentInvalid, Ids, read_document


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


def opening_of(record: RunRecord) -> Opening:
    """How the run began. Raises RecordDamaged."""
    first = next((event for event in record.log.events if event.topic == Topic.OPENED), None)
    if first is None:
        raise RecordDamaged(f"The log of {record.run_id} does not say how it began")
    return Opening.of(first)


@contextmanager
def open_run(
    runs_dir: Path, run_id: str, *, plan: Plan | None, opening: Opening | None, holder: Effector, clock: Clock, ids: Ids
) -> Iterator[Opened]:
    """The run, for as long as this process carries it out. Without a plan it has to have been begun.

    Raises RunHeld, RunUnknown, RunOver, PlanDiffers, RecordDamaged.
    """
    begins = plan is not None and opening is not None
    record = RunRecord.prepare(runs_dir, run_id) if begins else RunRecord.find(runs_dir, run_id)
    with Lease.take(record.directory, run_id, holder, clock):
        if record.exists:
            yield _resumed(record, plan, holder=holder, clock=clock, ids=ids)
        elif plan is not None and opening is not None:
            yield _begun(record, plan, opening, holder=holder, clock=clock, ids=ids)
        else:
            raise RunUnknown(run_id)


def _begun(record: RunRecord, plan: Plan, opening: Opening, *, holder: Effector, clock: Clock, ids: Ids) -> Opened:
    record.keep_plan(plan)
    _check_plan(record, document_digest(record.plan()), plan)
    if record.log.last(Topic.OPENED) is None:
        record.log.append(Topic.OPENED, opening.payload(), clock=clock, ids=ids, effector=holder)
    queue = opened(plan, plan_hash=document_digest(plan), run_id=record.run_id, now=clock.now())
    record.save_queue(queue)
    return Opened(record, plan, queue, opening_of(record))


def _resumed(record: RunRecord, plan: Plan | None, *, holder: Effector, clock: Clock, ids: Ids) -> Opened:
    queue = record.queue()
    if plan is not None:
        _check_plan(record, queue.plan_hash, plan)
    kept, opening = record.plan(), opening_of(record)
    match queue.state:
        case QueueState.ABANDONED:
            raise RunOver(record.run_id)
        case QueueState.FINISHED:
            return Opened(record, kept, queue, opening)
        case QueueState.ACTIVE | QueueState.RESUMABLE:
            record.log.append(Topic.RESUMED, {"revision": queue.revision}, clock=clock, ids=ids, effector=holder)
            queue = advance(queue, Resumed(holder), now=clock.now())
            record.save_queue(queue)
            return Opened(record, kept, queue, opening)


def _check_plan(record: RunRecord, begun_with: str, plan: Plan) -> None:
    if (given := document_digest(plan)) != begun_with:
        raise PlanDiffers(record.run_id, begun_with=begun_with, given=given)
