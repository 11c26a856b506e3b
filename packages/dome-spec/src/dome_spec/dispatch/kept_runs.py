"""A run that is kept here, as ingestion reads it: what each attempt was for, and what is known without a daemon."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId, event_id
from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule, EvidenceMember
from dome_contracts.schema.knowledge.fact import CheckpointSource, Fact, ProofState
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import AttemptStatus, Effector, EffectorKind, Lineage
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch.decide.policy import DispatchPolicy
from dome_spec.dispatch.decide.proof import shows, unproven
from dome_spec.dispatch.decide.verdict import attempts_max
from dome_spec.dispatch.errors import RecordDamaged
from dome_spec.dispatch.job.change import change_shown
from dome_spec.dispatch.job.evidence import members_of
from dome_spec.dispatch.job.result import Assignment
from dome_spec.dispatch.promoted import promoted_facts, promoted_groups
from dome_spec.dispatch.record import RunRecord, Topic
from dome_spec.dispatch.run.opening import Opening, opening_of
from dome_spec.dispatch.wrap import Attempted, Wrapped, capsule_bytes, replaced_fact, run_fact, wrap
from dome_spec.gates import GateRecord

DISPATCH: Final = Effector(kind=EffectorKind.SERVICE, id="dispatch", tool="dome-spec")


class KeptRun:
    """The record of one run."""

    def __init__(self, runs_dir: Path, run_id: str, *, store: EvidenceStore) -> None:
        """Raises RunUnknown, RecordDamaged."""
        self.record = RunRecord.find(runs_dir, run_id)
        self.opening: Opening = opening_of(self.record)
        self.store = store
        self._groups: dict[str, Assignment] = {}
        self._queue = self.record.queue()
        self.plan: Plan = self.record.plan_of(self._queue)
        self._read_groups()

    def assignment(self, group_id: str) -> Assignment | None:
        """What an attempt was for; None where the run has none of this name."""
        if group_id not in self._groups:
            self.read_again()
        return self._groups.get(group_id)

    def assignments(self) -> tuple[Assignment, ...]:
        """What every attempt was for."""
        return tuple(self._groups.values())

    def store_of(self, group_id: str) -> str:
        """Store of the daemon that an attempt was asked of; empty where none was."""
        checked = self.record.log.last_of_attempt(Topic.REQUIREMENTS_CHECKED, group_id)
        if checked is None:
            return ""
        found = [
            str(each.payload["store_id"])
            for each in self.record.log.events[: checked.sequence]
            if each.topic == Topic.STORE_FOUND
        ]
        return found[-1] if found else ""

    def is_proven(self, task_id: str) -> bool:
        """Whether another task shows if this one held: then what is learnt of it waits for that one."""
        return any(task.proves == task_id for task in self.plan.tasks.values())

    def proved_by(self, proof: Assignment, result: TaskResult) -> Assignment | None:
        """The attempt that a proof shows to have held or not; None for no proof, or one that is tried again."""
        answer_id = proof.task.proves
        if answer_id is None or not shows(result.outcome):
            return None
        code, policy = result.outcome.failure_reason_code, DispatchPolicy.of(self.opening.strategies)
        if proof.attempt.attempt < attempts_max(proof.task, self.plan.budgets) and code in policy.retry.retried:
            return None
        return self._last_attempt(answer_id)

    def facts(self, is_known: Callable[[str], bool] = lambda _: False) -> Iterator[Fact]:
        """That the run began, what was judged in it, and how attempts ended that no job of theirs says it of.

        Judgements that are known, by the names of facts, are left out. Raises RecordDamaged, JudgementDamaged,
        EvidenceMissing, EvidenceDamaged.
        """
        events = self.record.log.events
        opened = next((event for event in events if event.topic == Topic.OPENED), None)
        if opened is None:
            raise RecordDamaged(f"The log of {self.record.run_id} does not say how it began")
        yield run_fact(opened, repository_id=self.repository_id, plan_hash=self._queue.plan_hash)
        for event in events:
            if event.topic in (Topic.REFUSED, Topic.LOST) and event.correlation is not None:
                yield from self.unseen(event, event.correlation.group_id or "")
        for answer_id, state in unproven(self._queue, self.plan).items():
            if (answer := self._last_attempt(answer_id)) is not None:
                yield from self._unproven(answer, state)
        yield from GateRecord(self.record.directory).facts(self.repository_id, is_known)
        yield from self.promoted()

    def promoted(self) -> Iterator[Fact]:
        """Which attempts approved promotions rest on. Raises RecordDamaged, JudgementDamaged, EvidenceMissing."""
        for promotion, group_id in promoted_groups(GateRecord(self.record.directory)):
            attempted, capsule = self._kept(group_id), self.record.kept(EvidenceCapsule, group_id)
            if attempted is not None and capsule is not None:
                yield from promoted_facts(promotion, attempted, capsule)

    def wrapped(self, attempted: Attempted) -> Wrapped:
        """What an attempt comes to; the documents that its facts name are kept before."""
        shown = change_shown(attempted.members, attempted.task.spec.requires.skill.skill_id, self.store.read)
        wrapped = wrap(replace(attempted, change=shown))
        self.store.put(capsule_bytes(wrapped.capsule))
        self.record.keep(wrapped.capsule)
        if wrapped.wrapper is not None:
            self.record.keep(wrapped.wrapper)
        return wrapped

    def unseen(self, event: EventEnvelope, group_id: str) -> Iterator[Fact]:
        """What an attempt without a job to be asked about comes to, by the event that says how it ended."""
        result, assignment = self.record.kept(TaskResult, group_id), self.assignment(group_id)
        if result is None or assignment is None or result.job is not None:
            return
        lineage = Lineage(event_id=event.event_id, sequence=event.sequence, run_id=event.run_id)
        yield from self.wrapped(self._attempted(assignment, result, lineage)).facts
        job_id, store_id = assignment.attempt.job_id, event.payload.get("store_id", "")
        if job_id is not None and store_id:
            source = CheckpointSource(origin="checkpoint", store_id=store_id, revision=0)
            yield replaced_fact(job_id, source, repository_id=self.repository_id, occur_time=event.occur_time)

    def copied(self, assignment: Assignment) -> tuple[EvidenceMember, ...] | None:
        """The evidence of an attempt with a job as it was copied when that ended; None where some of it is not here."""
        result = self.record.kept(TaskResult, assignment.group_id)
        if result is None or result.job is None or not result.evidence:
            return None
        if not all(self.store.has(each.digest) for each in result.evidence):
            return None
        return members_of(result, self.store)

    def read_again(self) -> None:
        """Take note of what was changed since."""
        self._queue = self.record.queue()
        self.record.log.read_again()
        self._read_groups()

    def _unproven(self, answer: Assignment, state: ProofState) -> Iterator[Fact]:
        """What an answer comes to whose proof shows nothing: that it was given, and its own word, marked as that."""
        attempted = self.kept_attempt(answer)
        if attempted is not None and attempted.result.outcome.status is AttemptStatus.SUCCEEDED:
            # No event of a store says it: it follows from what the run has kept.
            yield from self.wrapped(replace(attempted, unproven=state, store_id="")).facts

    def kept_attempt(self, assignment: Assignment) -> Attempted | None:
        """An attempt with a job, from what is kept here alone, and of the store that had it; None without its end."""
        result = self.record.kept(TaskResult, assignment.group_id)
        if result is None or result.job is None:
            return None
        job = JobId(result.job.job_id)
        last = event_id(job, result.job.last_seq)
        lineage = Lineage(event_id=last, sequence=result.job.last_seq, run_id=result.run_id, job_id=job)
        return replace(self._attempted(assignment, result, lineage), store_id=self.store_of(assignment.group_id))

    def _attempted(self, assignment: Assignment, result: TaskResult, lineage: Lineage) -> Attempted:
        checked = self.record.log.last_of_attempt(Topic.REQUIREMENTS_CHECKED, assignment.group_id)
        return Attempted(
            repository_id=self.repository_id,
            opening=self.opening,
            task=assignment.task,
            result=result,
            members=members_of(result, self.store),
            lineage=lineage,
            store_id="",
            version_found=str(checked.payload.get("tool_version", "")) if checked is not None else "",
        )

    def _kept(self, group_id: str) -> Attempted | None:
        assignment = self._groups.get(group_id)
        return None if assignment is None else self.kept_attempt(assignment)

    def _last_attempt(self, task_id: str) -> Assignment | None:
        attempts = [each for each in self._groups.values() if each.task_id == task_id]
        return max(attempts, key=lambda each: each.attempt.attempt, default=None)

    @property
    def repository_id(self) -> str:
        """The repository that the run is of."""
        return self._queue.repository_id

    def _read_groups(self) -> None:
        queue = self._queue
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
                effector=entry.lease.holder if entry.lease is not None else DISPATCH,
            )
            for task_id, entry in queue.entries.items()
            for attempt in entry.attempts
        }
