"""Whose turn it is."""

from datetime import timedelta

from dome_contracts.ids import JobId
from domed.jobs.model import Job
from domed.locks import Rank
from domed.runner.turn import Seat, Wish, seat, wish
from packages.domed.tests.values import NOON, submission

A, B, C, D = (JobId(f"job-{letter}") for letter in "abcd")


def wanted(*, tool_id: str = "t", concurrency_max: int | None = None) -> Wish:
    return Wish(Rank.of(D, priority=0), tool_id, locks=(), concurrency_max=concurrency_max, expire_time=None)


def own(tool_id: str = "t") -> Seat:
    return Seat(tool_id, lender=None)


def borrowed(lender: JobId) -> Seat:
    return Seat("t", lender=lender)


def test_a_free_seat_is_taken() -> None:
    assert seat(wanted(), seated={A: own()}, ancestors=[], parallel_jobs_max=2) == own()


def test_when_all_seats_are_taken_a_job_waits() -> None:
    assert seat(wanted(), seated={A: own(), B: own()}, ancestors=[], parallel_jobs_max=2) is None


def test_a_child_borrows_the_seat_of_its_nearest_ancestor_that_has_one_to_lend() -> None:
    seated = {A: own(), B: own()}
    assert seat(wanted(), seated=seated, ancestors=[B, A], parallel_jobs_max=2) == borrowed(B)
    assert seat(wanted(), seated={**seated, C: borrowed(B)}, ancestors=[B, A], parallel_jobs_max=2) == borrowed(A)


def test_a_seat_is_lent_to_one_child_at_a_time() -> None:
    assert seat(wanted(), seated={A: own(), C: borrowed(A)}, ancestors=[A], parallel_jobs_max=1) is None


def test_a_borrower_lends_on() -> None:
    seated = {A: own(), B: borrowed(A)}
    assert seat(wanted(), seated=seated, ancestors=[B, A], parallel_jobs_max=1) == borrowed(B)


def test_a_borrowed_seat_stays_taken_when_its_lender_has_ended() -> None:
    assert seat(wanted(), seated={B: borrowed(A)}, ancestors=[], parallel_jobs_max=1) is None


def test_a_tool_has_seats_of_its_own_number() -> None:
    one = wanted(concurrency_max=1)
    assert seat(one, seated={A: own("t")}, ancestors=[], parallel_jobs_max=9) is None
    assert seat(one, seated={A: own("other")}, ancestors=[], parallel_jobs_max=9) == own()


def test_an_ancestor_of_the_same_tool_does_not_count_against_its_child() -> None:
    assert seat(wanted(concurrency_max=1), seated={A: own()}, ancestors=[A], parallel_jobs_max=9) == own()


def test_a_job_without_a_deadline_may_wait_for_ever() -> None:
    assert wish(Job(A, submission(), create_time=NOON), None).expire_time is None


def test_a_deadline_counts_from_acceptance() -> None:
    job = Job(A, submission(deadline=timedelta(seconds=5)), create_time=NOON)
    assert wish(job, None).expire_time == NOON + timedelta(seconds=5)
