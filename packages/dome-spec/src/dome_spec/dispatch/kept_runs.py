"""A run that is kept here, as ingestion reads it: what each attempt was for, and what is known without a daemon."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceMember
from dome_contracts.schema.knowledge.fact import CheckpointSource, Fact
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import AttemptStatus, Effector, EffectorKind, EvidenceKind, Lineage
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch.decide.policy import LOST, DispatchPolicy
from dome_spec.dispatch.decide.verdict import attempts_max
from dome_spec.dispatch.errors import RecordDamaged
from dome_spec.dispatch.job.change import change_shown
from dome_spec.dispatch.job.result import Assignment
from dome_spec.dispatch.record import RunRecord, Topic
from dome_spec.dispatch.run.opening import Opening, opening_of
from dome_spec.dispatch.wrap import Attempted, Wrapped, capsule_bytes, replaced_fact, run_fact, wrap
from dome_spec.gates import GateRecord

_DISPATCH = Effector(kind=EffectorKind.SERVICE, id="dispatch", tool="dome-spec")


class KeptRun:
    """The record of one run."""

    def __init__(self, runs_dir: Path, run_id: str, *, store: EvidenceStore) -> None:
        """Raises RunUnknown, RecordDamaged."""
        self.record = RunRecord.find(runs_dir, run_id)
        self.opening: Opening = opening_of(self.record)
        self.plan: Plan = self.record.plan()
        self._store = store
        self._groups: dict[str, Assignment] = {}
        self._read_queue()

    def assignment(self, group_id: str) -> Assignment | None:
        """What an attempt was for; None where the run has none of this name."""
        if group_id not in self._groups:
            self._read_queue()
        return self._groups.get(group_id)

    def is_proven(self, task_id: str) -> bool:
        """Whether another task shows if this one held: then what is learnt of it waits for that one."""
        return any(task.proves == task_id for task in self.plan.tasks.values())

    def proved_by(self, proof: Assignment, result: TaskResult) -> Assignment | None:
        """The attempt that a proof shows to have held or not; None for no proof, or one that is tried again."""
        answer_id = proof.task.proves
        if answer_id is None or result.outcome.status not in (AttemptStatus.SUCCEEDED, AttemptStatus.FAILED):
            return None
        code, policy = result.outcome.failure_reason_code, DispatchPolicy.of(self.opening.strategies)
        left = proof.attempt.attempt < attempts_max(proof.task, self.plan.budgets)
        if left and (code == LOST or code in policy.retry.retried):
            return None
        attempts = [each for each in self._groups.values() if each.task_id == answer_id]
        return max(attempts, key=lambda each: each.attempt.attempt, default=None)

    def facts(self, is_known: Callable[[str], bool] = lambda _: False) -> Iterator[Fact]:
        """That the run began, what was judged in it, and how attempts ended that have no job to be asked about.

        Judgements that are known, by the names of facts, are left out.
        """
        events = self.record.log.events
        opened = next((event for event in events if event.topic == Topic.OPENED), None)
        if opened is None:
            raise RecordDamaged(f"The log of {self.record.run_id} does not say how it began")
        yield run_fact(opened, repository_id=self._repository_id, plan_hash=self._plan_hash)
        for event in events:
            if event.topic in (Topic.REFUSED, Topic.LOST) and event.correlation is not None:
                yield from self._unseen(event, event.correlation.group_id or "")
        yield from GateRecord(self.record.directory).facts(self._repository_id, is_known)

    def wrapped(self, attempted: Attempted) -> Wrapped:
        """What an attempt comes to; the documents that its facts name are kept before."""
        shown = change_shown(attempted.members, attempted.task.spec.requires.skill.skill_id, self._store.read)
        wrapped = wrap(replace(attempted, change=shown))
        self._store.put(capsule_bytes(wrapped.capsule))
        self.record.keep(wrapped.capsule)
        if wrapped.wrapper is not None:
            self.record.keep(wrapped.wrapper)
        return wrapped

    def _unseen(self, event: EventEnvelope, group_id: str) -> Iterator[Fact]:
        result, assignment = self.record.kept(TaskResult, group_id), self.assignment(group_id)
        if result is None or assignment is None or result.job is not None:
            return
        attempted = Attempted(
            repository_id=self._repository_id,
            opening=self.opening,
            task=assignment.task,
            result=result,
            members=[self._member(result)],
            lineage=Lineage(event_id=event.event_id, sequence=event.sequence, run_id=event.run_id),
            store_id="",
        )
        yield from self.wrapped(attempted).facts
        job_id, store_id = assignment.attempt.job_id, event.payload.get("store_id", "")
        if job_id is not None and store_id:
            source = CheckpointSource(origin="checkpoint", store_id=store_id, revision=0)
            yield replaced_fact(job_id, source, repository_id=self._repository_id, occur_time=event.occur_time)

    def _member(self, result: TaskResult) -> EvidenceMember:
        evidence = result.evidence[0]
        is_refusal = result.outcome.status is AttemptStatus.DENIED
        kind = EvidenceKind.REFUSAL if is_refusal else EvidenceKind.TELEMETRY
        size_bytes = self._store.path(evidence.digest).stat().st_size
        return EvidenceMember(kind=kind, evidence=evidence, size_bytes=size_bytes)

    def _read_queue(self) -> None:
        queue = self.record.queue()
        self._repository_id, self._plan_hash = queue.repository_id, queue.plan_hash
        self._groups = {
            attempt.group_id: Assignment(
                run_id=queue.run_id,
                plan_hash=queue.plan_hash,
                repository_id=queue.repository_id,
                task_id=task_id,
                task=self.plan.tasks[task_id],
                wave=entry.wave,
                attempt=attempt,
                working_directory=self.opening.working_directory,
                effector=entry.lease.holder if entry.lease is not None else _DISPATCH,
            )
            for task_id, entry in queue.entries.items()
            for attempt in entry.attempts
        }
