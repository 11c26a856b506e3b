"""Runs as they are kept once they are over, made by hand: attempts with their results and sealed evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.control.work_queue import BlockReason, QueueState
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, FallbackMode
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch import Opening, RunRecord
from dome_spec.dispatch.decide.queue import Accepted, Claimed, Ended, Stopped, advance, opened
from dome_spec.dispatch.decide.verdict import GivenUp, Succeeded
from dome_spec.dispatch.record import Topic
from dome_spec.dispatch.record.run_record import document_digest
from dome_spec.kernel import FixedClock, Ids, InfraContext, timestamp
from dome_spec.planning import default_strategies
from tests.planned import NO_DIGEST, Planned, Wish, planned

BEGIN = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
HOLDER = Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")
JOB = "job-01hy2y66b0shfbrs31a249v0n"


@dataclass(frozen=True, slots=True)
class Ending:
    """How the only attempt at a task ended."""

    failure: str = "NONE"
    change: Mapping[str, Any] | None = None
    is_sealed: bool = True


def a_run_that_is_over(
    infra: InfraContext, run_id: str, wishes: Mapping[str, Wish], endings: Mapping[str, Ending]
) -> Planned:
    """A run whose tasks were attempted once each, as dispatch and ingestion leave it behind."""
    repository_id = infra.state_dir.name
    given = planned(wishes, repository_id=repository_id)
    record, store = RunRecord.prepare(infra.runs_dir, run_id), EvidenceStore(infra.evidence_dir)
    record.keep_plan(given.plan)
    clock = FixedClock(BEGIN)
    opening = Opening(
        working_directory=str(infra.root),
        fallback_mode=FallbackMode.STRICT,
        binder_policy=NO_DIGEST,
        environment_class="linux-x86_64-python3.11",
        strategies=default_strategies(),
    )
    record.log.append(Topic.OPENED, opening.payload(), clock=clock, ids=Ids(clock), effector=HOLDER)
    queue = opened(given.plan, plan_hash=document_digest(given.plan), run_id=run_id, now=BEGIN)
    for number, name in enumerate(wishes):
        ending, task_id = endings.get(name, Ending()), given.ids[name]
        at = BEGIN + timedelta(seconds=number)
        job_id = f"{JOB}{number}"
        queue = advance(queue, Claimed(task_id, HOLDER), Accepted(task_id, job_id), now=at)
        attempt = queue.entries[task_id].attempts[-1]
        kept = _keep(record, store, _Attempt(task_id, attempt.group_id, job_id, timestamp(at), repository_id), ending)
        verdict = Succeeded() if ending.failure == "NONE" else GivenUp(BlockReason.ATTEMPTS_EXHAUSTED)
        queue = advance(queue, Ended(task_id, kept.outcome, verdict, document_digest(kept), timestamp(at)), now=at)
    record.save_queue(advance(queue, Stopped(QueueState.FINISHED), now=BEGIN + timedelta(minutes=1)))
    return given


@dataclass(frozen=True, slots=True)
class _Attempt:
    task_id: str
    group_id: str
    job_id: str
    at: str
    repository_id: str


def _keep(record: RunRecord, store: EvidenceStore, attempt: _Attempt, ending: Ending) -> TaskResult:
    status = "SUCCEEDED" if ending.failure == "NONE" else "FAILED"
    outcome = {"status": status, "failure_reason_code": ending.failure, "policy_reason_code": "NONE"}
    identity = {
        "schema_version": "1",
        "run_id": record.run_id,
        "task_id": attempt.task_id,
        "group_id": attempt.group_id,
        "outcome": outcome,
    }
    kept = store.put(canonical_bytes({"job_id": attempt.job_id}))
    evidence = {"digest": kept.digest, "location": kept.location, "media_type": "application/json"}
    job = {
        "job_id": attempt.job_id, "skill_id": "work.do", "tool_version": "1.0.0", "tool_digest": NO_DIGEST,
        "last_seq": 3, "cause": "EXITED", "exit_code": 0 if ending.failure == "NONE" else 1,
    }  # fmt: skip
    result = TaskResult.from_value(
        {
            **identity,
            "attempt": 1,
            "job": job,
            "effector": HOLDER.to_value(),
            "artifacts": [],
            "evidence": [evidence],
            "create_time": attempt.at,
            "end_time": attempt.at,
        }
    )
    record.keep(result)
    if ending.is_sealed:
        change = {} if ending.change is None else {"change": dict(ending.change)}
        members = [{"kind": "provenance", "evidence": evidence, "size_bytes": kept.size_bytes}]
        sealed = {
            "repository_id": attempt.repository_id,
            "job_id": attempt.job_id,
            "checks": [],
            "members": members,
            "run_manifest": kept.digest,
        }
        record.keep(EvidenceCapsule.from_value({**identity, **sealed, **change, "seal_time": attempt.at}))
    return result
