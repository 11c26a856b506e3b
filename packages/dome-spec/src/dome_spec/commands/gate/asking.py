"""A run as gates look at it: its attempts with what is known of them, under the lease, and what is kept of the answers.

The effects around `dome_spec.gates`: reads evidence, writes judgements, tells the log and the memory. Decides nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.control_event import ControlTopic
from dome_contracts.schema.control.event_envelope import Correlation, EventEnvelope
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.control.work_queue import WorkQueue
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, Transition, Verdict
from dome_spec.binding import EvidenceDamaged, EvidenceMissing, EvidenceStore, open_memory, repository_policy
from dome_spec.commands.surroundings import Surroundings, here, this_process
from dome_spec.dispatch import KeptRun, Lease, RunRecord, control_events, is_prescribed
from dome_spec.gates import (
    GateRecord,
    Shown,
    asks_for_clean_tree,
    last_decisions,
    read_bundle,
    repository_guardrails,
)
from dome_spec.governance import Guardrails
from dome_spec.kernel import InfraContext, NotARepository, Refusal, Repository
from dome_spec.standards import StandardReports, known_status

GATES: Final = Effector(kind=EffectorKind.SERVICE, id="gates", tool="dome-spec")
"""Who acts where a gate decides: the rules, whoever has called them up."""


class EvidenceForeign(Refusal):
    """What is kept as the evidence of an attempt is that of another one."""

    code = "EVIDENCE_FOREIGN"
    exit_code = Exit.INVALID


class EvidenceNotSealed(Refusal):
    """An attempt has ended, and its evidence was not taken in yet."""

    code = "EVIDENCE_NOT_SEALED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One run that gates are asked about."""

    scene: Surroundings
    infra: InfraContext
    record: RunRecord
    plan: Plan
    queue: WorkQueue
    kept: GateRecord
    store: EvidenceStore
    reports: StandardReports
    guardrails: Guardrails

    def last_attempt(self, task_id: str) -> str | None:
        """The name of the last attempt at a task, where it has ended."""
        attempts = self.queue.entries[task_id].attempts
        return attempts[-1].group_id if attempts and attempts[-1].outcome is not None else None

    def is_left_out(self, task_id: str) -> bool:
        """Whether the success of another task made this one needless."""
        return self.queue.entries[task_id].left_out_for is not None

    def shown(
        self,
        group_id: str,
        transition: Transition,
        *,
        effector: Effector | None = None,
        approvals: Mapping[str, Verdict] | None = None,
    ) -> Shown:
        """An attempt with all that is known of it. Raises EvidenceNotSealed, EvidenceForeign, RecordDamaged."""
        capsule, result = self.record.kept(EvidenceCapsule, group_id), self.record.kept(TaskResult, group_id)
        if capsule is None or result is None:
            raise EvidenceNotSealed(
                f"The evidence of the attempt {group_id} was not taken in yet",
                why="or it waits for the task that proves whether it held",
                hint="`dome memory ingest --runtime` takes in what the daemon has run",
            )
        self._refuse_foreign(group_id, capsule, result)
        spec, job = self.plan.tasks[capsule.task_id].spec, result.job
        report = None if job is None else self.reports.newest(job.skill_id, tool_digest=job.tool_digest)
        clean = self.is_worktree_clean() if asks_for_clean_tree(self.guardrails, transition) else None
        return Shown(
            spec=spec,
            capsule=capsule,
            effector=effector or result.effector or GATES,
            attempts=result.attempt,
            evidence_intact={each.evidence.digest: self._is_intact(each.evidence.digest) for each in capsule.members},
            tool_status=None if report is None else known_status(report),
            standard_report=None if report is None else digest(report.to_value()),
            is_prescribed=is_prescribed(self.plan, capsule.task_id),
            is_worktree_clean=clean,
            approvals=approvals or {},
        )

    def approvals(self, group_id: str) -> dict[str, Verdict]:
        """What gates have decided of an attempt."""
        return {gate: each.verdict for (group, gate), each in self.decided().items() if group == group_id}

    def is_worktree_clean(self) -> bool | None:
        """Whether the working tree equals its commit; None outside of git."""
        return worktree_is_clean(self.infra.root)

    def decided(self) -> Mapping[tuple[str, str], GateDecision]:
        """By attempt and gate, what was decided last."""
        return last_decisions(self.kept.judgements(), control_events(self.record))

    def tell(
        self,
        topic: ControlTopic,
        payload: Mapping[str, Any],
        *,
        by: Effector = GATES,
        about: Mapping[str, str] | None = None,
    ) -> EventEnvelope:
        """Write a control event down."""
        correlation = None if about is None else Correlation.from_value(dict(about))
        return self.record.log.append(
            topic, payload, clock=self.scene.clock, ids=self.scene.ids, effector=by, correlation=correlation
        )

    def remember(self) -> None:
        """Take everything that was judged and promoted in the run into the memory; what is known is kept once."""
        memory = open_memory(self.infra.memory_path, repository_policy(self.infra.root))
        try:
            memory.append(self.kept.facts(self.queue.repository_id, memory.knows))
            run = KeptRun(self.infra.runs_dir, self.record.run_id, store=self.store)
            memory.append(run.promoted())
        finally:
            memory.close()

    def _refuse_foreign(self, group_id: str, *documents: EvidenceCapsule | TaskResult) -> None:
        """What shows an attempt has to say that it does: of this run, of its task, under its name."""
        task_id = next((each for each in self.queue.entries if self._is_of(each, group_id)), None)
        for each in documents:
            found = (each.run_id, each.task_id, each.group_id)
            if found != (self.record.run_id, task_id, group_id):
                raise EvidenceForeign(
                    f"What is kept of the attempt {group_id} is of another one",
                    why=f"it is of the run {found[0]}, the task {found[1]} and the attempt {found[2]}",
                    hint="Put back what `dome memory ingest --runtime` made of the attempt, or run the task again",
                )

    def _is_of(self, task_id: str, group_id: str) -> bool:
        return any(each.group_id == group_id for each in self.queue.entries[task_id].attempts)

    def _is_intact(self, evidence: str) -> bool:
        try:
            self.store.check(evidence)
        except (EvidenceMissing, EvidenceDamaged):
            return False
        return True


@contextmanager
def asking(run_id: str, overlay: Path | None) -> Iterator[Asking]:
    """The run, which nobody carries out meanwhile.

    Raises RunUnknown, RunHeld, OverlayDiffers, DocumentInvalid, BundleUnfit, and what the record raises.
    """
    scene = here()
    infra = scene.infra()
    record = RunRecord.find(infra.runs_dir, run_id)
    with Lease.take(record.directory, run_id, this_process(), scene.clock):
        kept, queue = GateRecord(record.directory), record.queue()
        added = kept.overlay(None if overlay is None else read_bundle(overlay))
        yield Asking(
            scene=scene,
            infra=infra,
            record=record,
            plan=record.plan_of(queue),
            queue=queue,
            kept=kept,
            store=EvidenceStore(infra.evidence_dir),
            reports=StandardReports(infra.state_dir),
            guardrails=repository_guardrails(infra.root, overlay=added),
        )


def worktree_is_clean(root: Path) -> bool | None:
    """Whether the working tree equals its commit in all that git tracks; None outside of git."""
    try:
        with Repository.find(root) as repository:
            return not repository.staged_paths() and not repository.edited_paths()
    except NotARepository:
        return None
