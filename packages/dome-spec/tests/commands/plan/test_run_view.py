"""What `dome plan run` ends with, and what it says last."""

from datetime import UTC, datetime

import pytest

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.work_queue import BlockReason, QueueState, WorkQueue
from dome_spec.commands.plan import view
from dome_spec.dispatch import EndKind, Limit, RunEnd
from dome_spec.dispatch.decide.queue import Blocked, LeftOut, Stopped, advance, opened
from tests.planned import NO_DIGEST, RUN_ID, Wish, planned

NOW = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
GIVEN = planned({"a": Wish(), "b": Wish()})


def over(*reasons: BlockReason) -> WorkQueue:
    """A run that is over: tasks that were blocked for these reasons, and the others left out."""
    queue = opened(GIVEN.plan, plan_hash=NO_DIGEST, run_id=RUN_ID, now=NOW)
    for place, task_id in enumerate(GIVEN.ids.values()):
        change = Blocked(task_id, reasons[place]) if place < len(reasons) else LeftOut(task_id, task_id)
        queue = advance(queue, change, now=NOW)
    return advance(queue, Stopped(QueueState.FINISHED), now=NOW)


ENDS = [
    ((), Exit.OK),
    ((BlockReason.ATTEMPTS_EXHAUSTED,), Exit.FAILED),
    ((BlockReason.GUARD_DENIED,), Exit.PRECONDITION),
    ((BlockReason.REQUIREMENT_MISSING, BlockReason.DEPENDENCY_FAILED), Exit.PRECONDITION),
    ((BlockReason.BUDGET_EXHAUSTED,), Exit.LIMIT),
    ((BlockReason.CANCELED,), Exit.CANCELED),
    ((BlockReason.BUDGET_EXHAUSTED, BlockReason.ATTEMPTS_EXHAUSTED), Exit.FAILED),
]


@pytest.mark.parametrize(("reasons", "code"), ENDS)
def test_the_gravest_of_what_happened_is_the_exit_code(reasons: tuple[BlockReason, ...], code: Exit) -> None:
    assert view.exit_code(RunEnd(EndKind.OVER, over(*reasons)), GIVEN.plan) == code


STOPS = [
    (EndKind.DETACHED, Exit.INTERRUPTED),
    (EndKind.CANCELED, Exit.CANCELED),
    (EndKind.DAEMON_LOST, Exit.UNAVAILABLE),
]


@pytest.mark.parametrize(("kind", "code"), STOPS)
def test_who_stopped_the_run_decides_before_how_far_it_came(kind: EndKind, code: Exit) -> None:
    assert view.exit_code(RunEnd(kind, over()), GIVEN.plan) == code


def test_what_goes_on_is_told_with_the_endpoint_that_was_named() -> None:
    end = RunEnd(EndKind.DAEMON_LOST, over(), message="Nobody listens.")
    told = "\n".join(view.ending_lines(end, GIVEN.plan, endpoint="unix:/run/d.sock"))
    assert "Nobody listens." in told
    assert f"dome --endpoint unix:/run/d.sock plan resume {RUN_ID}" in told


def test_the_limit_that_ended_a_run_is_named() -> None:
    end = RunEnd(EndKind.OVER, over(BlockReason.BUDGET_EXHAUSTED), limit=Limit.JOBS)
    assert view.ending_lines(end, GIVEN.plan) == [f"dome: the run ended early: {Limit.JOBS.value}."]


def test_a_run_that_is_active_and_held_by_nobody_can_be_resumed() -> None:
    queue = opened(GIVEN.plan, plan_hash=NO_DIGEST, run_id=RUN_ID, now=NOW)
    assert view.run_line(queue, is_held=False).split()[1] == "RESUMABLE"
    assert view.run_line(queue, is_held=True).split()[1] == "ACTIVE"
    document = view.run_document(queue, GIVEN.plan, is_held=False)
    assert document["resume"] == f"dome plan resume {RUN_ID}"


def test_a_limit_is_told_where_it_kept_something_from_being_begun() -> None:
    early = RunEnd(EndKind.OVER, over(BlockReason.BUDGET_EXHAUSTED), Limit.JOBS)
    assert view.ending_lines(early, GIVEN.plan) == [f"dome: the run ended early: {Limit.JOBS.value}."]
    just_enough = RunEnd(EndKind.OVER, over(), Limit.JOBS)
    assert view.ending_lines(just_enough, GIVEN.plan) == []
