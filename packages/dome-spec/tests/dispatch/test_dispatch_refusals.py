"""What each error of the daemon means for a request of dispatch."""

import pytest

from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.rpc_errors import RPC_ERRORS
from dome_spec.dispatch.refusals import END_UNKNOWN, REFUSED, TRANSIENT, EndUnknown, Refused, Unavailable, failure_of

ELSEWHERE = {
    # Answered where they are met: the key, what is gone of events or artifacts.
    "IDEMPOTENCY_KEY_REUSED",
    "EVENTS_GONE",
    "ARTIFACT_NOT_FOUND",
    "ARTIFACT_GONE",
    "ARTIFACT_CORRUPT",
    # No request of dispatch can meet them, so meeting one is a defect.
    "INVALID_TRANSITION",
    "SEQ_AHEAD",
    "UNSUPPORTED",
    "INTERNAL",
    "INPUT_GONE",
}


class Failed(Exception):
    """As clients raise it."""

    def __init__(self, reason: str, grpc_status: int = 0) -> None:
        super().__init__("told")
        self.reason = reason
        self.grpc_status = grpc_status


def test_every_reason_of_the_contract_is_answered_in_one_place() -> None:
    places = [set(REFUSED), set(TRANSIENT), set(END_UNKNOWN), ELSEWHERE]
    assert set().union(*places) == set(RPC_ERRORS)
    assert sum(map(len, places)) == len(RPC_ERRORS)


@pytest.mark.parametrize("reason", sorted(REFUSED))
def test_a_refusal_has_a_policy_reason_and_says_what_the_daemon_said(reason: str) -> None:
    assert failure_of(Failed(reason)) == Refused(reason, REFUSED[reason].value, "told")
    assert REFUSED[reason] is not PolicyReason.NONE


def test_what_may_be_accepted_later_is_asked_again() -> None:
    assert failure_of(Failed("LIMIT_EXCEEDED")) == Unavailable("told", answered=True)
    assert failure_of(Failed("SHUTTING_DOWN")) == Unavailable("told", answered=False)
    assert failure_of(Failed("", 14)) == Unavailable("told", answered=False)


def test_a_job_that_nobody_knows_any_more_has_an_unknown_end() -> None:
    assert failure_of(Failed("JOB_NOT_FOUND")) == EndUnknown("JOB_NOT_FOUND", "told")


@pytest.mark.parametrize("error", [Failed("", 13), Failed("INTERNAL", 13), ValueError("no call"), Failed("NEW_ONE")])
def test_anything_else_is_no_answer(error: Exception) -> None:
    assert failure_of(error) is None
