"""A retry: the request of a job that has ended, once more, as a request of its own.

What the retry says itself counts; what it leaves out is taken from the job. Whether it may run is decided afterwards,
as for every request.
"""

from dataclasses import replace

from dome_contracts import ids
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, LockWait, SkillExecuteRequest
from domed.errors import InputGone, InvalidTransition, JobNotFound
from domed.jobs.model import TERMINAL, Job, Submission
from domed.ledger import JobLedger
from domed.rpc import fields
from domed.rpc.admission import Asked, real_path


async def repeated(asked: Asked, ledger: JobLedger) -> Asked:
    """The request with what it takes from the job that it retries; one that retries none as it is.

    Its digest stays that of what was sent. Raises JobNotFound, InvalidTransition for a job that has not ended,
    InputGone, and InvalidRequest where it has too many labels with those of the job.
    """
    if not asked.request.retry_of_job_id:
        return asked
    job = await _ended(asked.request.retry_of_job_id, ledger)
    try:
        payload = await ledger.payload(job.job_id)
    except JobNotFound:
        raise InputGone(job.job_id) from None
    request = _filled(asked.request, job, payload)
    fields.check_label_count(request.labels)
    return replace(
        asked,
        request=request,
        working_directory=real_path(job.submission.working_directory),
        # Of what was sent then, where nothing stands for the empty object.
        input_hash=job.submission.input_hash,
    )


async def _ended(text: str, ledger: JobLedger) -> Job:
    try:
        job = await ledger.job(ids.parse_job_id(text))
    except ids.InvalidId:
        raise JobNotFound(text) from None
    if job.state not in TERMINAL:
        raise InvalidTransition(job.job_id, state=job.state.name or str(job.state), fact="a retry")
    return job


def _filled(request: SkillExecuteRequest, job: Job, payload: bytes) -> SkillExecuteRequest:
    first = job.submission
    return replace(
        request,
        skill_id=first.skill_id,
        input=payload,
        working_directory=first.working_directory,
        environment=dict(first.environment),
        constraints=_constraints(request.constraints or ExecuteConstraints(), first),
        priority=request.priority or first.priority,
        lock_wait=first.lock_wait if request.lock_wait is LockWait.UNSPECIFIED else request.lock_wait,
        labels={**first.labels, **request.labels},
        correlation=_correlation(request.correlation or Correlation(), job),
    )


def _constraints(said: ExecuteConstraints, first: Submission) -> ExecuteConstraints:
    return ExecuteConstraints(
        deadline=said.deadline or first.deadline,
        grace=said.grace or first.grace,
        output_bytes_max=said.output_bytes_max or first.output_bytes_max or 0,
    )


def _correlation(said: Correlation, job: Job) -> Correlation:
    """The work stays the same. The group does not: it is the digest of one attempt; nor do caller and call."""
    first = job.submission.correlation
    return replace(
        said,
        run_id=said.run_id or first.run_id,
        task_id=said.task_id or first.task_id,
        work_package_id=said.work_package_id or first.work_package_id,
        parent_job_id=said.parent_job_id or job.job_id,
    )
