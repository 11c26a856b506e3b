"""Facts that follow from other values: nobody observes them."""

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.runtime.v1 import Outcome, OutcomeCause, Submitted
from domed.jobs.model import Submission


def submitted(submission: Submission) -> Submitted:
    """What the first event says of an accepted request."""
    return Submitted(
        skill_id=submission.skill_id,
        tool_version=submission.tool_version,
        tool_digest=submission.tool_digest,
        input_hash=submission.input_hash,
        request_digest=submission.request_digest,
        correlation=submission.correlation,
        requester=submission.requester,
        retry_of_job_id=submission.retry_of_job_id,
    )


def canceled_before_start() -> Outcome:
    """How a job ends whose cancellation was asked for while it waited."""
    return Outcome(
        cause=OutcomeCause.CANCELED,
        failure_reason_code=FailureReason.CANCEL_REQUESTED,
        message="Canceled before its program was started.",
    )
