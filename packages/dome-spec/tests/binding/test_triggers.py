"""Anomaly triggers: what they name, and that a fact which comes late is judged as if it had come in time."""

from contextlib import closing
from itertools import permutations

import pytest

from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import bind, open_memory
from tests.histories import (
    a_failure,
    a_member,
    a_policy,
    a_run,
    a_success,
    a_task,
    a_verdict,
    a_wrapper,
    an_evaluation,
    group_id,
    key,
    outcome,
)

POLICY = a_policy()
STORM, UNSEEN, AGAIN = "keen@1.0.0:storm@1.0.0", "keen@1.0.0:unseen@1.0.0", "keen@1.0.0:again@1.0.0"
DENIED = outcome("DENIED", "TESTS.FAILED", "GUARD.DENIED")
SUCCEEDED = outcome("SUCCEEDED", "NONE")


def named(*told: Fact) -> dict[str, str]:
    """By the attempt's group, what let it in."""
    return {line.group_id: line.admitted_by for line in bind(told, POLICY).contributions}


def test_a_storm_is_named_from_the_attempt_that_makes_it_one() -> None:
    other = key(failure="NONE")
    told = [a_task(attempt=number, second=number, task_key=key(number)) for number in (1, 2, 3, 4)]
    told += [a_task(task=1, second=2, task_key=other)]
    assert named(*told) == {group_id(0, 0, 3): STORM, group_id(0, 0, 4): STORM}


def test_attempts_that_lie_apart_are_no_storm() -> None:
    assert named(*(a_task(attempt=number, second=number * 201, task_key=key(number)) for number in (1, 2, 3))) == {}
    assert named(*(a_task(attempt=number, second=number * 200, task_key=key(number)) for number in (1, 2, 3))) != {}


def test_a_denial_is_named_where_none_was_seen_for_long() -> None:
    told = [
        a_task(number, second=second, task_key=key(number), result=DENIED)
        for number, second in enumerate((0, 200, 401))
    ]
    assert named(*told) == {group_id(0, 0, 1): UNSEEN, group_id(2, 0, 1): UNSEEN}


def test_the_same_failure_in_a_row_is_named_and_a_success_ends_the_row() -> None:
    told = [a_task(0, second=1), a_task(1, second=2), a_task(2, second=3, result=DENIED)]
    assert named(*told) == {group_id(1, 0, 1): AGAIN, group_id(2, 0, 1): UNSEEN}
    assert named(*told, a_task(0, 1, second=1.5, result=SUCCEEDED)) == {group_id(2, 0, 1): UNSEEN}


@pytest.mark.parametrize(
    "changes", [{"version": 1}, {"result": outcome(failure="OUTPUT.RESULT_INVALID")}, {"second": 302}]
)
def test_another_fingerprint_failure_or_time_is_no_row(changes: dict[str, object]) -> None:
    assert named(a_task(0, second=1), a_task(1, **{"second": 2, **changes})) == {}  # type: ignore[arg-type]


def test_what_somebody_chose_is_not_named_by_a_trigger() -> None:
    assert named(a_task(0, second=1), *a_failure(1, second=2)) == {group_id(1, 0, 1): "task_failed"}


STORIES = {
    "a storm": [a_task(attempt=number, second=number, task_key=key(number)) for number in (1, 2, 3, 4)],
    "a slow storm": [
        a_task(attempt=number, second=second, task_key=key(number)) for number, second in enumerate((0, 300, 500), 1)
    ],
    "a row": [a_task(number, second=number) for number in (0, 1, 2)] + [a_task(3, second=1.5, result=SUCCEEDED)],
    "a row that jumps": [
        *(a_task(number, second=number + 1) for number in (0, 1, 2)),
        a_task(0, second=700, source="again"),
    ],
    "a row that is left": [
        a_task(0, second=50),
        a_task(1, second=51),
        a_task(2, second=10, result=SUCCEEDED),
        a_task(0, second=5, source="again"),
    ],
    "denials": [a_task(number, second=number * 150, result=DENIED, task_key=key(number)) for number in (0, 1, 2, 3)],
    "evidence": [a_run(mode="lenient"), a_task(result=SUCCEEDED), a_member(), a_member(name="log")],
    "modes": [a_run(mode="strict", second=3), a_run(mode="lenient", second=1), a_task(), a_wrapper(signal="anomaly")],
    "one attempt twice": [
        a_task(second=5),
        a_task(second=4, source="again", result=SUCCEEDED, sealed=True),
        a_run(),
        a_wrapper(),
    ],
    "gates": [a_verdict(), a_task(), a_verdict(gate="lint"), a_wrapper(task_key=key(1))],
    "refusals": [
        an_evaluation(),
        a_task(result=DENIED),
        an_evaluation(guard="b", second=2),
        a_wrapper(signal="guard_denial", result=DENIED),
    ],
    "contradictions": [*a_success(second=2), *a_failure(attempt=2, second=3)],
}


@pytest.mark.parametrize("story", STORIES)
def test_in_whatever_order_facts_come_one_by_one_the_same_follows(story: str) -> None:
    told = STORIES[story]
    expected = bind(told, POLICY)
    for order in permutations(told):
        with closing(open_memory(None, POLICY)) as memory:
            for fact in order:
                memory.append([fact])
            assert memory.derived() == expected
