"""The end of an attempt as a task result. Pure: the same job gives the same bytes, whoever asks and whenever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.runtime.v1 import Job, JobState, Outcome, OutcomeCause
from dome_contracts.schema.control.task_result import (
    AttemptDurations,
    CriterionFinding,
    CriterionResult,
    JobEnd,
    JobEndCause,
    TaskResult,
)
from dome_contracts.schema.control.work_queue import QueueAttempt
from dome_contracts.schema.planning.plan import Layer, PlannedTask
from dome_contracts.schema.shared.definitions import ArtifactRef, AttemptOutcome, AttemptStatus, Effector, EvidenceRef
from dome_spec.dispatch.job.story import JobStory
from dome_spec.kernel import timestamp

_MESSAGE_CHARACTERS_MAX: Final = 2000
_NONE_FAILED: Final = FailureReason.NONE.value
_NONE_DENIED: Final = PolicyReason.NONE.value
_STATUSES: Final = {
    JobState.SUCCEEDED: AttemptStatus.SUCCEEDED,
    JobState.FAILED: AttemptStatus.FAILED,
    JobState.CANCELED: AttemptStatus.CANCELED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One attempt, and all that it is carried out with."""

    run_id: str
    plan_hash: str
    repository_id: str
    task_id: str
    task: PlannedTask
    wave: int
    attempt: QueueAttempt
    working_directory: str
    effector: Effector

    @property
    def group_id(self) -> str:
        """Names the attempt; also its key."""
        return self.attempt.group_id

    def identity(self) -> dict[str, Any]:
        """The fields that every document of the attempt begins with."""
        return {
            "schema_version": "1",
            "run_id": self.run_id,
            "task_id": self.task_id,
            "group_id": self.group_id,
            "attempt": self.attempt.attempt,
            "plan_hash": self.plan_hash,
        }


def outcome_of(job: Job) -> AttemptOutcome:
    """How the job ended, in the words of attempts: the failure observed and the refusal apart."""
    ended = job.outcome or Outcome()
    status = _STATUSES[job.state]
    code = ended.failure_reason_code or (
        _NONE_FAILED if status is AttemptStatus.SUCCEEDED else FailureReason.DAEMON_FAILED.value
    )
    if ended.cause is OutcomeCause.DENIED:
        # The daemon did not start it: what it observed stays, beside the refusal.
        denied = PolicyReason.GUARD_DENIED.value
        return AttemptOutcome(status=AttemptStatus.DENIED, failure_reason_code=code, policy_reason_code=denied)
    return AttemptOutcome(status=status, failure_reason_code=code, policy_reason_code=_NONE_DENIED)


def denied(policy_reason_code: str) -> AttemptOutcome:
    """A refusal before anything ran: no failure was observed."""
    return AttemptOutcome(
        status=AttemptStatus.DENIED, failure_reason_code=_NONE_FAILED, policy_reason_code=policy_reason_code
    )


def lost() -> AttemptOutcome:
    """A job whose end nobody saw."""
    return AttemptOutcome(
        status=AttemptStatus.FAILED,
        failure_reason_code=FailureReason.PROCESS_LOST.value,
        policy_reason_code=_NONE_DENIED,
    )


def job_result(assignment: Assignment, story: JobStory, evidence: Sequence[EvidenceRef]) -> TaskResult:
    """The result of an attempt whose job has ended."""
    job, outcome = story.job, outcome_of(story.job)
    ended = job.outcome or Outcome()
    more: dict[str, Any] = {}
    if ended.message:
        more["message"] = ended.message[:_MESSAGE_CHARACTERS_MAX]
    if job.start_time is not None:
        more["start_time"] = timestamp(job.start_time)
        more["durations"] = _durations(job, job.start_time)
    if criteria := _criteria(assignment.task, outcome, ended.cause):
        more["criteria"] = criteria
    return TaskResult(
        **assignment.identity(),
        outcome=outcome,
        job=_job_end(story, ended),
        effector=assignment.effector,
        artifacts=[
            ArtifactRef(name=each.name, digest=each.digest, size_bytes=each.size_bytes, media_type=each.media_type)
            for each in job.artifacts
        ],
        evidence=list(evidence),
        create_time=_create_time(assignment),
        end_time=timestamp(job.end_time) if job.end_time is not None else _create_time(assignment),
        **more,
    )


def unseen_result(
    assignment: Assignment, outcome: AttemptOutcome, *, message: str, end_time: datetime, rpc_reason: str = ""
) -> TaskResult:
    """The result of an attempt without a job, or of one whose job nobody can be asked about."""
    more: dict[str, Any] = {"rpc_reason": rpc_reason} if rpc_reason else {}
    return TaskResult(
        **assignment.identity(),
        outcome=outcome,
        message=message[:_MESSAGE_CHARACTERS_MAX],
        effector=assignment.effector,
        artifacts=[],
        evidence=[],
        create_time=_create_time(assignment),
        end_time=timestamp(end_time),
        **more,
    )


def _create_time(assignment: Assignment) -> str:
    if assignment.attempt.create_time is None:
        raise ValueError(f"the attempt {assignment.group_id} was never dispatched")
    return assignment.attempt.create_time


def _job_end(story: JobStory, ended: Outcome) -> JobEnd:
    job = story.job
    more: dict[str, Any] = {}
    if ended.exit_code is not None:
        more["exit_code"] = ended.exit_code
    if ended.signal:
        more["signal"] = ended.signal
    if ended.result:
        more["result_digest"] = digest_bytes(ended.result)
    if story.chain_head:
        more["chain_head"] = story.chain_head
    return JobEnd(
        job_id=job.job_id,
        skill_id=job.skill_id,
        tool_version=job.tool_version,
        tool_digest=job.tool_digest,
        last_seq=job.last_seq,
        cause=JobEndCause(ended.cause.name or JobEndCause.INTERNAL),
        **more,
    )


def _durations(job: Job, start: datetime) -> AttemptDurations:
    run_s = (job.end_time - start).total_seconds() if job.end_time is not None else 0.0
    queue_s = (start - job.create_time).total_seconds() if job.create_time is not None else 0.0
    # Clocks may be set back while a job runs.
    return AttemptDurations(queue_s=max(queue_s, 0.0), run_s=max(run_s, 0.0))


def _criteria(task: PlannedTask, outcome: AttemptOutcome, cause: OutcomeCause) -> list[CriterionResult]:
    """What the task's own check decides of its criteria. What another check or a person decides is not judged here."""
    # A check that did not come to its own end has decided nothing.
    decides = task.layer is Layer.VERIFY and cause is OutcomeCause.EXITED
    decided = CriterionFinding.MET if outcome.status is AttemptStatus.SUCCEEDED else CriterionFinding.NOT_MET
    return [
        CriterionResult(
            criterion_id=each.criterion_id,
            finding=decided if decides and each.check is not None else CriterionFinding.NOT_JUDGED,
        )
        for each in task.spec.acceptance_criteria
    ]
