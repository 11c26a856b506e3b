"""Why a job is not made, shown or changed."""

from dome_contracts.errors.v1 import ErrorReason
from domed.errors.base import DomedError


class JobNotFound(DomedError):
    """No job has this id."""

    reason = ErrorReason.JOB_NOT_FOUND

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id!r}.", {"job_id": job_id})


class InvalidTransition(DomedError):
    """The job's state does not allow the fact."""

    reason = ErrorReason.INVALID_TRANSITION

    def __init__(self, job_id: str, *, state: str, fact: str) -> None:
        metadata = {"job_id": job_id, "state": state, "fact": fact}
        super().__init__(f"The job {job_id!r} is {state}; {fact} does not fit.", metadata)


class IdempotencyKeyReused(DomedError):
    """The idempotency key belongs to another request."""

    reason = ErrorReason.IDEMPOTENCY_KEY_REUSED

    def __init__(self, key: str, *, first_digest: str, this_digest: str, first_job: str) -> None:
        super().__init__(
            f"The key {key!r} belongs to another request: {first_digest} (job {first_job}), this one is {this_digest}.",
            {"key": key, "first_digest": first_digest, "this_digest": this_digest, "first_job": first_job},
        )


class IdempotentResultExpired(DomedError):
    """The output of the key's job has been removed by retention."""

    reason = ErrorReason.IDEMPOTENT_RESULT_EXPIRED

    def __init__(self, key: str, *, first_job: str) -> None:
        super().__init__(f"The job {first_job} of the key {key!r} is gone.", {"key": key, "first_job": first_job})


class InputGone(DomedError):
    """The input of the job that was to be retried has been removed by retention."""

    reason = ErrorReason.INPUT_GONE

    def __init__(self, job_id: str) -> None:
        super().__init__(f"The input of the job {job_id} is no longer kept.", {"job_id": job_id})


class LockConflict(DomedError):
    """A lock is held and the request asked not to wait."""

    reason = ErrorReason.LOCK_CONFLICT

    def __init__(self, lock: str, *, holder_job: str) -> None:
        super().__init__(f"The lock {lock!r} is held by {holder_job}.", {"lock": lock, "holder_job": holder_job})
