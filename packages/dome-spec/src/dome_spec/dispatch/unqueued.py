"""Runs without a queue: whoever asks for their jobs tells how each ended, and it is learnt of like any other.

The directory of such a run has its log and its documents, and no queue: nothing of it is for dispatch to go on with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.runtime.v1 import Job
from dome_contracts.schema.control.event_envelope import Correlation
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.control.work_queue import QueueAttempt
from dome_contracts.schema.knowledge.fact import Fact
from dome_contracts.schema.planning.plan import PlannedTask
from dome_contracts.schema.shared.definitions import AttemptStatus, Effector, Lineage
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch.decide.identity import group_id
from dome_spec.dispatch.job.evidence import gather, keep_refusal, members_of
from dome_spec.dispatch.job.result import Assignment, denied, job_result, unseen_result
from dome_spec.dispatch.job.story import read_story
from dome_spec.dispatch.ports import RuntimePlane
from dome_spec.dispatch.record import RunRecord, Topic
from dome_spec.dispatch.refusals import Refused
from dome_spec.dispatch.run.opening import Opening
from dome_spec.dispatch.wrap import Attempted, capsule_bytes, run_fact, wrap
from dome_spec.kernel import Clock, Ids, timestamp
from dome_spec.kernel.durable import create_file
from dome_spec.planning import task_id

_WAVE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UnqueuedRun:
    """One such run."""

    record: RunRecord
    repository_id: str
    opening: Opening
    plan_hash: str
    """Digest of what says which jobs there are."""
    store: EvidenceStore
    clock: Clock
    ids: Ids
    holder: Effector

    @classmethod
    def prepared(cls, runs_dir: Path, run_id: str, plan: Mapping[str, Any], **more: Any) -> "UnqueuedRun":
        """The run, whose directory is there and says what it is for. Raises RecordUnwritable, RunUnknown."""
        record = RunRecord.prepare(runs_dir, run_id)
        create_file(record.unqueued_path, canonical_bytes(dict(plan)))
        return cls(record=record, plan_hash=digest(dict(plan)), **more)

    def begun(self) -> list[Fact]:
        """That the run began: as it was said first."""
        log = self.record.log
        opened = log.last(Topic.OPENED) or log.append(
            Topic.OPENED, self.opening.payload(), clock=self.clock, ids=self.ids, effector=self.holder
        )
        return [run_fact(opened, repository_id=self.repository_id, plan_hash=self.plan_hash)]

    def group_id(self, task: PlannedTask) -> str:
        """The name of the attempt at a task that is due: the one after those that were refused."""
        return self._attempt(task).group_id

    async def ended(self, plane: RuntimePlane, task: PlannedTask, job: Job, *, store_id: str) -> list[Fact]:
        """What a job that has ended comes to; its evidence is copied."""
        assignment, story = self._assignment(task, job.job_id), await read_story(plane, job)
        members = await gather(plane, story, self.store)
        result = self.record.keep(job_result(assignment, story, [member.evidence for member in members]))
        return self._facts(
            Attempted(
                repository_id=self.repository_id,
                opening=self.opening,
                task=task,
                result=result,
                members=members,
                lineage=story.lineage(self.record.run_id),
                store_id=store_id,
            )
        )

    def refused(self, task: PlannedTask, refusal: Refused, *, tool_version: str) -> list[Fact]:
        """What a request that the daemon refused comes to."""
        assignment = self._assignment(task, None)
        payload = {
            "message": refusal.message,
            "policy_reason_code": refusal.policy_reason_code,
            "rpc_reason": refusal.rpc_reason,
        }
        about = Correlation(task_id=assignment.task_id, group_id=assignment.group_id)
        event = self.record.log.append(
            Topic.REFUSED, payload, clock=self.clock, ids=self.ids, effector=self.holder, correlation=about
        )
        member = keep_refusal(refusal.message, refusal.rpc_reason, assignment.group_id, self.store)
        result = unseen_result(
            assignment,
            denied(refusal.policy_reason_code),
            message=refusal.message,
            end_time=self.clock.now(),
            rpc_reason=refusal.rpc_reason,
        )
        kept = self.record.keep(result.model_copy(update={"evidence": [member.evidence]}))
        return self._facts(
            Attempted(
                repository_id=self.repository_id,
                opening=self.opening,
                task=task,
                result=kept,
                members=members_of(kept, self.store),
                lineage=Lineage(event_id=event.event_id, sequence=event.sequence, run_id=event.run_id),
                store_id="",
                version_found=tool_version,
            )
        )

    def _attempt(self, task: PlannedTask) -> QueueAttempt:
        number = 1
        while True:
            named = group_id(self.record.run_id, task_id(task.spec), number)
            kept = self.record.kept(TaskResult, named)
            if kept is None or kept.outcome.status is not AttemptStatus.DENIED:
                return QueueAttempt(attempt=number, group_id=named, create_time=timestamp(self.clock.now()))
            number += 1

    def _assignment(self, task: PlannedTask, job_id: str | None) -> Assignment:
        more = {} if job_id is None else {"job_id": job_id}
        return Assignment(
            run_id=self.record.run_id,
            plan_hash=self.plan_hash,
            repository_id=self.repository_id,
            task_id=task_id(task.spec),
            task=task,
            wave=_WAVE,
            attempt=self._attempt(task).model_copy(update=more),
            working_directory=self.opening.working_directory,
            effector=self.holder,
        )

    def _facts(self, attempted: Attempted) -> list[Fact]:
        wrapped = wrap(attempted)
        self.store.put(capsule_bytes(wrapped.capsule))
        self.record.keep(wrapped.capsule)
        if wrapped.wrapper is not None:
            self.record.keep(wrapped.wrapper)
        return list(wrapped.facts)
