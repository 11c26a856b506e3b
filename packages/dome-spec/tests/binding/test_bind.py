"""The binder as a function of facts: how the contributions of one key add up, and that no order changes anything."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Tally, bind
from tests import histories
from tests.histories import a_failure, a_member, a_policy, a_run, a_success, a_task, a_wrapper, key, outcome
from tests.suite import tried

POLICY = a_policy()


def learnt(*told: Sequence[Fact]) -> Tally:
    """The one capsule of a history."""
    (found,) = bind([fact for story in told for fact in story], POLICY).tallies
    return found


def counts(tally: Tally) -> tuple[int, int, int]:
    return tally.support_count, tally.contradiction_count, tally.sighting_count


@settings(max_examples=tried(500, few=40))
@given(histories.retold())
def test_neither_order_nor_repetition_changes_what_follows(retold: tuple[list[Fact], list[list[Fact]]]) -> None:
    history, pieces = retold
    assert bind([fact for piece in pieces for fact in piece], POLICY) == bind(history, POLICY)


@settings(max_examples=tried(500, few=40))
@given(histories.histories)
def test_every_count_is_the_number_of_its_source_rows(history: list[Fact]) -> None:
    bound = bind(history, POLICY)
    assert len({(each.run_id, each.task_id, each.group_id) for each in bound.contributions}) == len(bound.contributions)
    for tally in bound.tallies:
        own = [each for each in bound.contributions if each.capsule_id == tally.capsule_id]
        assert sum(counts(tally)) == len(own)


def test_a_failure_before_any_success_is_a_sighting_and_after_one_a_contradiction() -> None:
    told = [a_failure(second=1), a_success(attempt=2, second=2), a_failure(attempt=3, second=3)]
    assert counts(learnt(*told)) == (1, 1, 1)


def test_a_success_that_comes_late_makes_contradictions_of_what_were_sightings() -> None:
    failures = [a_failure(attempt=2, second=5), a_failure(attempt=3, second=6)]
    assert counts(learnt(*failures)) == (0, 0, 2)
    assert counts(learnt(*failures, a_success(attempt=1, second=1))) == (1, 2, 0)


def test_two_attempts_that_end_at_once_stand_in_the_order_of_their_jobs() -> None:
    first, second = a_success(run=0, second=1), a_failure(run=1, second=1)
    assert counts(learnt(first, second)) == (1, 1, 0)
    first, second = a_failure(run=0, second=1), a_success(run=1, second=1)
    assert counts(learnt(first, second)) == (1, 0, 1)


def test_a_task_that_addresses_no_failure_contributes_to_the_one_observed() -> None:
    assert learnt(a_failure(task_key=key(failure="NONE"))).task.failure_reason_code == "TESTS.FAILED"


def test_a_cancelled_attempt_says_nothing() -> None:
    canceled = outcome("CANCELED", "NONE")
    assert (
        bind([a_task(result=canceled), a_wrapper(result=canceled, signal="promoted_evidence")], POLICY).contributions
        == ()
    )


def test_a_success_that_nothing_shows_supports_nothing_until_something_does() -> None:
    run, bare = a_run(mode="lenient"), a_task(result=outcome("SUCCEEDED", "NONE"))
    assert bind([run, bare], POLICY).tallies == ()
    (found,) = bind([run, bare, a_member()], POLICY).tallies
    assert counts(found) == (1, 0, 0)


def test_a_sealed_evidence_capsule_shows_a_success() -> None:
    (found,) = bind([a_run(mode="lenient"), a_task(result=outcome("SUCCEEDED", "NONE"), sealed=True)], POLICY).tallies
    assert found.support_count == 1


def test_a_success_for_which_nothing_ran_supports_nothing() -> None:
    told = [a_task(result=outcome("SUCCEEDED", "NONE"), ran=False), a_wrapper(signal="task_succeeded")]
    assert bind(told, POLICY).contributions == ()


def test_the_gate_that_fails_makes_a_failure_of_a_success() -> None:
    rejected = a_wrapper(signal="gate_failure", second=2)
    assert counts(learnt(a_success(), [rejected])) == (0, 0, 1)


@pytest.mark.parametrize("status", ["SUCCEEDED", "DENIED"])
def test_a_gate_that_rejects_for_reasons_of_policy_alone_refuses(status: str) -> None:
    policy = "GUARD.DENIED" if status == "DENIED" else "NONE"
    task = a_task(7, second=7, result=outcome(status, "NONE", policy))
    shown = [task, a_wrapper(7, signal="gate_failure", second=7, result=outcome(status, "NONE", "GUARD.DENIED"))]
    bound = learnt(a_success(), shown)
    assert (bound.refusals_since, bound.contradiction_count) == (1, 0)


def test_what_was_denied_stays_a_refusal_whatever_a_gate_misses() -> None:
    denied = a_task(7, second=7, result=outcome("DENIED", "NONE", "GUARD.DENIED"))
    missed = a_wrapper(7, signal="gate_failure", second=8, result=outcome("DENIED", "TESTS.FAILED", "GUARD.DENIED"))
    bound = learnt(a_success(), [denied, missed])
    assert (bound.refusals_since, bound.contradiction_count) == (1, 0)


def test_a_wrapper_without_its_attempt_contributes_when_the_attempt_comes() -> None:
    task, wrapper = a_failure()
    assert bind([wrapper], POLICY).tallies == ()
    assert counts(learnt([wrapper, task])) == (0, 0, 1)


def test_of_two_facts_on_one_attempt_the_one_that_ended_first_counts() -> None:
    late = a_task(second=9, result=outcome("CANCELED", "NONE"), source="another")
    (line,) = bind([late, *a_failure(second=1)], POLICY).contributions
    assert line.end_us == bind(a_failure(second=1), POLICY).contributions[0].end_us


@pytest.mark.parametrize("seed", range(3))
def test_the_remedy_is_what_succeeded_last(seed: int) -> None:
    told = [*a_success(attempt=1, second=1, template="old"), *a_success(attempt=2, second=2, template="new")]
    Random(seed).shuffle(told)
    bound = bind(told, POLICY)
    last = bound.contributions[-1]
    assert bound.tallies[0].last_support == last.order
    assert last.template_digest == histories.sha("template", "new")


@given(st.integers(min_value=0, max_value=50), st.integers(min_value=0, max_value=50))
def test_confidence_grows_with_support_and_falls_with_contradiction(supports: int, contradictions: int) -> None:
    from dome_spec.binding import confidence

    rule = POLICY.document.confidence
    here = confidence(supports, contradictions, rule)
    assert 0 <= here <= 1
    assert here <= confidence(supports + 1, contradictions, rule)
    assert here >= confidence(supports, contradictions + 1, rule)


def test_a_policy_is_confident_after_six_supports_and_no_contradiction() -> None:
    from dome_spec.binding import confidence

    rule = POLICY.document.confidence
    assert confidence(2, 0, rule) == 0.342372
    assert confidence(5, 0, rule) < rule.prescriptive_min < confidence(6, 0, rule)
