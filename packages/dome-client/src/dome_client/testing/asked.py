"""What the fake runtime was asked to run, and the same once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dome_contracts import ids
from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.runtime.v1 import Correlation, Job, JobState, Submitted, ToolSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    skill_id: str
    data: bytes
    request_digest: str
    pins: Sequence[str | None] = ()
    """Version and digest of the tool that is meant."""
    working_directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    correlation: Correlation = field(default_factory=Correlation)
    retry_of_job_id: str = ""

    @classmethod
    def of(
        cls,
        skill_id: str,
        data: bytes,
        *,
        pins: Sequence[str | None],
        working_directory: str,
        environment: Mapping[str, str] | None,
        priority: int,
        labels: Mapping[str, str] | None,
        correlation: Correlation | None,
    ) -> "Asked":
        """A request with an input."""
        variables = dict(environment or {})
        return cls(
            skill_id=skill_id,
            data=data,
            request_digest=digest([skill_id, list(pins), digest_bytes(data), working_directory, variables]),
            pins=pins,
            working_directory=working_directory,
            environment=variables,
            priority=priority,
            labels=dict(labels or {}),
            correlation=correlation or Correlation(),
        )

    def again(
        self,
        job_id: str,
        *,
        pins: Sequence[str | None],
        labels: Mapping[str, str] | None,
        correlation: Correlation | None,
    ) -> "Asked":
        """The retry of the job that this request became."""
        said, first = correlation or Correlation(), self.correlation
        return replace(
            self,
            request_digest=retry_digest(job_id, pins),
            pins=pins,
            labels={**self.labels, **(labels or {})},
            correlation=replace(
                said,
                run_id=said.run_id or first.run_id,
                task_id=said.task_id or first.task_id,
                work_package_id=said.work_package_id or first.work_package_id,
                parent_job_id=said.parent_job_id or job_id,
            ),
            retry_of_job_id=job_id,
        )

    def job(self, body: ids.Body, summary: ToolSummary, key: str) -> Job:
        """The job as it is accepted."""
        return Job(
            job_id=ids.job_id(body),
            skill_id=self.skill_id,
            tool_version=summary.version,
            tool_digest=summary.tool_digest,
            state=JobState.QUEUED,
            labels=dict(self.labels),
            priority=self.priority,
            working_directory=self.working_directory,
            request_digest=self.request_digest,
            idempotency_key=key,
            correlation=self.correlation,
            retry_of_job_id=self.retry_of_job_id,
        )

    def submitted(self, summary: ToolSummary) -> Submitted:
        """The first fact of the job."""
        return Submitted(
            skill_id=self.skill_id,
            tool_version=summary.version,
            tool_digest=summary.tool_digest,
            input_hash=digest_bytes(self.data),
            request_digest=self.request_digest,
            correlation=self.correlation,
            retry_of_job_id=self.retry_of_job_id,
        )


def retry_digest(job_id: str, pins: Sequence[str | None]) -> str:
    """What an idempotency key of a retry is bound to."""
    return digest([job_id, list(pins)])
