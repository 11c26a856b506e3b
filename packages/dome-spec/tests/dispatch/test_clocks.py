"""Clocks that were set: what follows of a run for times that contradict each other."""

from datetime import UTC, datetime, timedelta

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.control.work_queue import WorkQueue
from dome_contracts.schema.shared.definitions import AttemptOutcome, AttemptStatus, Effector, EffectorKind
from dome_spec.dispatch.decide.policy import DispatchPolicy, Retry
from dome_spec.dispatch.decide.queue import Accepted, Claimed, Ended, advance, opened
from dome_spec.dispatch.decide.steps import Claim, Wait, next_steps, remaining_s
from dome_spec.dispatch.decide.verdict import TryAgain
from dome_spec.kernel import timestamp
from tests.planned import NO_DIGEST, RUN_ID, Wish, planned

BEGIN = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
POLICY = DispatchPolicy(retry=Retry(backoff_s=4, backoff_s_max=8, retried=frozenset({"TESTS.HUNG"})))
GIVEN = planned({"a": Wish()}, attempts_max=3)
TASK = GIVEN.ids["a"]


def ended_at(end: datetime) -> WorkQueue:
    """A run whose only task failed, and is tried again."""
    hung = AttemptOutcome(status=AttemptStatus.FAILED, failure_reason_code="TESTS.HUNG", policy_reason_code="NONE")
    queue = opened(GIVEN.plan, plan_hash=digest(GIVEN.plan.to_value()), run_id=RUN_ID, now=BEGIN)
    changes = (
        Claimed(TASK, Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")),
        Accepted(TASK, "job-01hy2y66b0shfbrs31a249v0nf"),
        Ended(TASK, hung, TryAgain(), NO_DIGEST, timestamp(end)),
    )
    return advance(queue, *changes, now=BEGIN)


@pytest.mark.parametrize(
    ("now_s", "waits_until_s"),
    [(1, 4), (3.9, 4), (4, None), (-1, 4), (-4, 4), (-4.1, None), (-3600, None), (-86_400 * 400, None)],
)
def test_a_clock_that_was_set_back_by_more_than_the_wait_delays_no_attempt(
    now_s: float, waits_until_s: float | None
) -> None:
    queue, now = ended_at(BEGIN), BEGIN + timedelta(seconds=now_s)
    (step,) = next_steps(queue, GIVEN.plan, GIVEN.plan.budgets, now, policy=POLICY)
    expected = Claim(TASK) if waits_until_s is None else Wait(BEGIN + timedelta(seconds=waits_until_s))
    assert step == expected


@pytest.mark.parametrize("now_s", [-86_400, -1, 0, 10, 86_400])
def test_of_a_runs_time_there_is_never_more_left_than_all_of_it_nor_less_than_none(now_s: float) -> None:
    budgets = GIVEN.plan.budgets
    left = remaining_s(ended_at(BEGIN), budgets, BEGIN + timedelta(seconds=now_s))
    assert left == min(max(budgets.duration_s_max - now_s, 0.0), budgets.duration_s_max)
