"""Turns the words of jobs into the words of knowledge: results become facts, wrappers and evidence capsules.

Pure: the same record and the same job give the same facts, whoever wraps them and however often. A refusal sets the
policy reason alone, as its task result does; what was observed stays what it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.schema.base import Contract
from dome_contracts.schema.control.event_envelope import EventEnvelope
from dome_contracts.schema.control.task_result import CriterionFinding, JobEndCause, TaskResult
from dome_contracts.schema.knowledge.evidence_capsule import (
    ChangeSummary,
    CheckStatus,
    EvidenceCapsule,
    EvidenceCheck,
    EvidenceMember,
)
from dome_contracts.schema.knowledge.fact import (
    CheckpointSource,
    DocumentSource,
    EvidenceGroupFact,
    EvidenceMemberFact,
    Fact,
    FactBody,
    FactSource,
    GapCause,
    GapFact,
    JobEventSource,
    ProofState,
    RunFact,
    TaskFact,
)
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.planning.plan import Layer, PlannedTask
from dome_contracts.schema.shared.definitions import AttemptOutcome, AttemptStatus, EvidenceKind, Lineage
from dome_spec.binding import fact_id, make_fact
from dome_spec.dispatch.decide.chosen import signal_of
from dome_spec.dispatch.job.evidence import result_kind
from dome_spec.dispatch.job.story import Gap
from dome_spec.dispatch.run.opening import Opening
from dome_spec.kernel import moment
from dome_spec.planning import fingerprint_input, task_key, template_digest

ENVELOPE: Final = "control/event_envelope"
RESULT: Final = "control/task_result"
_NO_COMMIT: Final = "0"
EVIDENCE_MAX: Final = 64
"""How many pieces of evidence a wrapper names. All of an attempt's are facts of their own, under its group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """An attempt that ended, and all that is known of it."""

    repository_id: str
    opening: Opening
    task: PlannedTask
    result: TaskResult
    members: Sequence[EvidenceMember]
    """Never empty; in the order of kind and digest."""
    lineage: Lineage
    store_id: str
    """Store of the daemon whose event caused it; empty where dispatch itself did."""
    change: ChangeSummary | None = None
    """What it changed, where its evidence says so."""
    proof: AttemptOutcome | None = None
    """How the task ended that shows whether this one held; None where none does. A worker's own word does not count."""

    unproven: ProofState | None = None
    """Why the task that should show whether this one held shows nothing: then nothing is learnt of it."""
    version_found: str = ""
    """Version of the tool that was there when its requirements were checked; empty where none was."""

    @property
    def outcome(self) -> AttemptOutcome:
        """What is to be learnt of it: the outcome of its proof where there is one, else its own."""
        return self.proof or self.result.outcome


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What an attempt comes to."""

    facts: tuple[Fact, ...]
    capsule: EvidenceCapsule
    wrapper: WrapperEnvelope | None


def run_fact(event: EventEnvelope, *, repository_id: str, plan_hash: str) -> Fact:
    """That the run began, from the event of its log that says so."""
    opening = Opening.of(event)
    more: dict[str, Any] = {} if not opening.base_commit.strip(_NO_COMMIT) else {"base_commit": opening.base_commit}
    body = RunFact(
        kind="run",
        run_id=event.run_id,
        fallback_mode=opening.fallback_mode,
        binder_policy=opening.binder_policy,
        plan=plan_hash,
        **more,
    )
    lineage = Lineage(event_id=event.event_id, sequence=event.sequence, run_id=event.run_id)
    source = DocumentSource(origin="document", family=ENVELOPE, digest=_digest(event), lineage=lineage)
    return make_fact(body, source=source, repository_id=repository_id, occur_time=moment(event.occur_time))


def wrap(attempted: Attempted) -> Wrapped:
    """The facts of an attempt, and the documents that they name."""
    capsule = _capsule(attempted)
    wrapper = _wrapper(attempted)
    result = attempted.result
    bodies: list[FactBody] = [
        EvidenceMemberFact(kind="evidence_member", group_id=result.group_id, member=member)
        for member in attempted.members
    ]
    bodies.append(_task_fact(attempted, _digest(capsule)))
    if wrapper is not None:
        bodies.append(EvidenceGroupFact(kind="evidence_group", wrapper=wrapper))
    source, end = _source(attempted), moment(result.end_time)
    facts = [make_fact(body, source=source, repository_id=attempted.repository_id, occur_time=end) for body in bodies]
    return Wrapped(tuple(facts), capsule, wrapper)


def task_fact_id(attempted: Attempted) -> str:
    """The name of the fact that the attempt ended."""
    return fact_id(_source(attempted), _task_fact(attempted, _digest(_capsule(attempted))))


def gap_fact(job_id: str, gap: Gap, source: CheckpointSource, *, repository_id: str, occur_time: str) -> Fact:
    """That events of a job are not kept any more."""
    body = GapFact(
        kind="gap",
        job_id=job_id,
        cause=GapCause.EVENTS_GONE,
        first_sequence=gap.first_sequence,
        last_sequence=gap.last_sequence,
    )
    return make_fact(body, source=source, repository_id=repository_id, occur_time=moment(occur_time))


def replaced_fact(job_id: str, source: CheckpointSource, *, repository_id: str, occur_time: str) -> Fact:
    """That the store with the events of a job was replaced by another."""
    body = GapFact(kind="gap", job_id=job_id, cause=GapCause.STORE_REPLACED, first_sequence=1)
    return make_fact(body, source=source, repository_id=repository_id, occur_time=moment(occur_time))


def capsule_bytes(capsule: EvidenceCapsule) -> bytes:
    """The bytes that the digest of an evidence capsule is of."""
    return canonical_bytes(capsule.to_value())


def _source(attempted: Attempted) -> FactSource:
    if attempted.store_id:
        return JobEventSource(origin="job_event", store_id=attempted.store_id, lineage=attempted.lineage)
    return DocumentSource(origin="document", family=RESULT, digest=_digest(attempted.result), lineage=attempted.lineage)


def _task_fact(attempted: Attempted, capsule_digest: str) -> TaskFact:
    result, spec, job = attempted.result, attempted.task.spec, attempted.result.job
    skill_id = spec.requires.skill.skill_id
    more: dict[str, Any] = {}
    if job is not None:
        more |= {"job_id": job.job_id, "tool_version": job.tool_version}
    if result.effector is not None:
        more["effector"] = result.effector
    if attempted.unproven is not None:
        more["proof"] = attempted.unproven
    if result.start_time is not None:
        more["start_time"] = result.start_time
    # What was refused, or lost, compares with what ran: by the tool that it would have run with.
    version = attempted.version_found if job is None else job.tool_version
    versions = {skill_id: version} if version else {}
    return TaskFact(
        kind="task",
        run_id=result.run_id,
        task_id=result.task_id,
        group_id=result.group_id,
        attempt=result.attempt,
        task=task_key(spec),
        template_digest=template_digest(spec),
        outcome=attempted.outcome,
        fingerprint=fingerprint_input(spec, versions, attempted.opening.environment_class),
        skill_id=skill_id,
        evidence_capsule=capsule_digest,
        end_time=result.end_time,
        **more,
    )


def _wrapper(attempted: Attempted) -> WrapperEnvelope | None:
    result = attempted.result
    mode = attempted.opening.fallback_mode
    signal = signal_of(attempted.outcome.status, attempted.task, mode)
    if signal is None or attempted.unproven is not None:
        return None
    return WrapperEnvelope(
        schema_version="1",
        run_id=result.run_id,
        task_id=result.task_id,
        group_id=result.group_id,
        signal=signal,
        wrapper_policy=mode,
        task=task_key(attempted.task.spec),
        outcome=attempted.outcome,
        evidence=[member.evidence for member in attempted.members[:EVIDENCE_MAX]],
        lineage=attempted.lineage,
        # The moment of what is wrapped, not of the wrapping: whoever wraps it again says the same.
        wrap_time=result.end_time,
    )


def _capsule(attempted: Attempted) -> EvidenceCapsule:
    result = attempted.result
    more: dict[str, Any] = {}
    manifests = [member.evidence.digest for member in attempted.members if member.kind is EvidenceKind.PROVENANCE]
    if result.job is not None and manifests:
        more |= {"job_id": result.job.job_id, "run_manifest": manifests[0]}
    if attempted.opening.base_commit.strip(_NO_COMMIT):
        more["base_commit"] = attempted.opening.base_commit
    if attempted.change is not None:
        more["change"] = attempted.change
    return EvidenceCapsule(
        schema_version="1",
        repository_id=attempted.repository_id,
        run_id=result.run_id,
        task_id=result.task_id,
        group_id=result.group_id,
        outcome=attempted.outcome,
        checks=_checks(attempted),
        members=list(attempted.members),
        seal_time=result.end_time,
        **more,
    )


def _checks(attempted: Attempted) -> list[EvidenceCheck]:
    """What was found of the task's checks, each with the member that shows it."""
    spec = attempted.task.spec
    shown = [m for m in attempted.members if m.kind is result_kind(spec.requires.skill.skill_id)]
    if not shown:
        return []
    names = {each.criterion_id: each.check for each in spec.acceptance_criteria if each.check is not None}
    statuses = {CriterionFinding.MET: CheckStatus.PASS, CriterionFinding.NOT_MET: CheckStatus.FAIL}
    found = {
        names[each.criterion_id].replace("_", "-"): statuses[each.finding]
        for each in attempted.result.criteria or ()
        if each.criterion_id in names and each.finding in statuses
    }
    job = attempted.result.job
    if attempted.task.layer is Layer.VERIFY and job is not None and job.cause is JobEndCause.EXITED:
        passed = attempted.result.outcome.status is AttemptStatus.SUCCEEDED
        # A check may be there for its evidence alone: then no criterion speaks of it.
        for name in {each.check for each in spec.required_evidence or () if each.check is not None}:
            found.setdefault(name.replace("_", "-"), CheckStatus.PASS if passed else CheckStatus.FAIL)
    return [EvidenceCheck(check=name, status=found[name], evidence=shown[0].evidence.digest) for name in sorted(found)]


def _digest(document: Contract) -> str:
    return digest(document.to_value())
