"""Rollout and priors: what would have been advised, when a stage is taken back, and what planning is told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.schema.knowledge.binder_policy import BinderPolicy, RolloutStage
from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_contracts.schema.knowledge.fact import Fact
from dome_contracts.schema.shared.definitions import TaskKey
from dome_spec.binding import (
    LIMIT_MAX,
    Attempts,
    Conformance,
    LimitOutOfRange,
    Memory,
    MemoryModel,
    Policy,
    Prior,
    Remedy,
    Result,
    TaskColumns,
    counterfactuals,
    open_memory,
    priors,
    rollout,
)
from dome_spec.binding.eligibility import by_facts
from tests import histories
from tests.histories import (
    NOON,
    a_failure,
    a_policy,
    a_success,
    a_task,
    a_wrapper,
    fingerprint,
    key,
    outcome,
    sha,
)
from tests.suite import tried

NOW = NOON + timedelta(seconds=1_000)
TASK = TaskKey.from_value(key())
HERE = FingerprintInput.from_value(fingerprint())


class Verified:
    """Verifies everything."""

    def resolves(self, digest: str) -> bool:
        return True

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return Conformance.CONFORMS

    def refusal(self, task: TaskColumns, remedy: Remedy) -> str | None:
        return None


def remembered(told: list[Fact], policy: Policy) -> MemoryModel:
    memory = MemoryModel(policy)
    memory.append(told)
    return memory


def learning(count: int = 6) -> list[Fact]:
    """As many successes as make a capsule prescriptive."""
    return [fact for number in range(count) for fact in a_success(number, second=number, template="good")]


def test_what_would_have_been_advised_stands_beside_each_attempt() -> None:
    told = [*learning(), *a_success(10, second=10, template="other"), *a_failure(11, second=11, template="other")]
    last, before, *first = counterfactuals(remembered(told, a_policy(stage="shadow")), a_policy(stage="shadow"))
    assert (before.advised, before.is_followed) == (sha("template", "good"), False)
    assert (last.advised, last.is_followed, last.is_success) == (sha("template", "other"), True, False)
    assert [each.advised for each in first] == [None] * 6


def test_a_regression_takes_the_stage_back_by_one() -> None:
    told = learning(30)
    # What was advised fails again and again, and what is done beside it succeeds.
    for number in range(30, 60, 3):
        told += a_success(number, second=number, template="good")
        told += a_failure(number + 1, second=number + 1, template="good")
        told += a_success(number + 2, second=number + 2, template="good")
    for stage, below in (("prescriptive", RolloutStage.GUIDED), ("guided", RolloutStage.SHADOW)):
        policy = a_policy(stage=stage, window=10)
        evidence = rollout(remembered(told, policy))
        assert evidence.is_demoted
        assert evidence.effective_stage is below
        assert evidence.followed.count == evidence.others.count == 10
        assert (evidence.others.share or 0) > (evidence.followed.share or 0)


def test_a_drop_that_is_just_permitted_takes_nothing_back() -> None:
    told = learning(8)
    told += [fact for number in range(20, 32) for fact in a_success(number, second=number, template="other")]
    for number in range(40, 59):
        told += a_success(number, second=number, template="good")
    one_failure = a_failure(59, second=59, template="good")
    # Of the last 20 that followed advice 19 succeeded, of the others all: a drop of 0.05, which is what is permitted.
    evidence = rollout(remembered([*told, *one_failure], a_policy(window=20)))
    assert (evidence.followed.count, evidence.followed.share, evidence.others.share) == (20, 0.95, 1.0)
    assert not evidence.is_demoted
    second = [*a_success(60, second=60, template="good"), *a_failure(61, second=61, template="good")]
    assert rollout(remembered([*told, *one_failure, *second], a_policy(window=20))).is_demoted


def test_a_refusal_is_no_attempt_that_advice_is_measured_by() -> None:
    denied = outcome("DENIED", "TESTS.FAILED", "GUARD.DENIED")
    told = learning()
    before = rollout(remembered(told, a_policy()))
    told += [a_task(9, second=9, result=denied), a_wrapper(9, signal="guard_denial", second=9, result=denied)]
    after = rollout(remembered(told, a_policy()))
    assert (after.followed, after.others, after.counterfactuals) == (
        before.followed,
        before.others,
        before.counterfactuals,
    )


def test_a_window_that_is_not_full_takes_nothing_back() -> None:
    told = [*learning(), *a_failure(9, second=9, template="good")]
    evidence = rollout(remembered(told, a_policy(window=10)))
    assert (evidence.effective_stage, evidence.followed.count) == (RolloutStage.PRESCRIPTIVE, 1)


def test_a_stage_is_judged_once_a_window_has_followed_advice_and_one_attempt_has_not() -> None:
    followed = [fact for number in range(8, 12) for fact in a_failure(number, second=number, template="good")]
    policy = a_policy(window=3)
    other, few = rollout(remembered(learning(6), policy)), rollout(remembered([*learning(6), *followed[:2]], policy))
    assert (other.followed.count, other.others.count, other.is_judged) == (0, 3, False)
    assert (few.followed.count, few.is_judged, few.success_drop, few.is_demoted) == (1, False, None, False)
    # Nothing but what was advised, in all that is looked at: there is nothing that it could be worse than.
    alone = replace(few, followed=Attempts(3, 0), others=Attempts(0, 0))
    assert (alone.is_judged, alone.success_drop) == (False, None)
    full = rollout(remembered(learning(10), policy))
    assert (full.followed.count, full.is_judged, full.success_drop, full.is_demoted) == (3, True, 0.0, False)


def test_advice_that_holds_keeps_its_stage() -> None:
    evidence = rollout(remembered(learning(40), a_policy(window=10)))
    assert not evidence.is_demoted
    assert evidence.followed.share == 1.0


@settings(max_examples=tried(100, few=10))
@given(histories.retold())
def test_the_evidence_is_the_same_in_any_memory_of_the_facts(retold: tuple[list[Fact], list[list[Fact]]]) -> None:
    history, pieces = retold
    policy = a_policy(window=2)
    memory = open_memory(None, policy)
    try:
        for piece in pieces:
            memory.append(piece)
        assert rollout(memory) == rollout(remembered(history, policy))
    finally:
        memory.close()


def one_by_one(memory: Memory, policy: Policy) -> tuple[tuple[str, str | None], ...]:
    """What was advised of each attempt, by asking of each alone what its capsule was right before it."""
    found = []
    for each in memory.contributions(limit=LIMIT_MAX):
        if each.addresses and each.result is not Result.REFUSAL:
            learnt = memory.learnt(each.capsule_id, before=each.order)
            holds = learnt is not None and not any(by_facts(learnt.tally, policy, now_us=each.end_us))
            found.append((each.group_id, learnt.remedy.template_digest if holds and learnt and learnt.remedy else None))
    return tuple(found)


def easily_advised() -> Policy:
    """A policy under which one success is enough, so that small histories have advice of every kind."""
    strict = a_policy(window=2)
    value = strict.document.to_value()
    value["support"] = {"minimum_count": 1}
    value["confidence"] = {**value["confidence"], "prescriptive_min": 0.1}
    value["contradiction"] = {"consecutive_max": 1, "share_max": 0.6}
    return Policy(BinderPolicy.from_value(value), strict.triggers)


@settings(max_examples=tried(200, few=20))
@given(histories.retold(), st.integers(1, 12))
def test_one_pass_over_the_last_attempts_finds_what_asking_of_each_alone_finds(
    retold: tuple[list[Fact], list[list[Fact]]], count: int
) -> None:
    policy = easily_advised()
    model, sqlite = remembered(retold[0], policy), open_memory(None, policy)
    try:
        for piece in retold[1]:
            sqlite.append(piece)
        every = one_by_one(model, policy)
        last = {each.group_id for each in model.contributions(limit=count)}
        for memory in (model, sqlite):
            found = counterfactuals(memory, policy)
            assert tuple((each.contribution.group_id, each.advised) for each in found) == every
            some = counterfactuals(memory, policy, count=count)
            assert tuple((each.contribution.group_id, each.advised) for each in some) == tuple(
                each for each in every if each[0] in last
            )
        assert sqlite.latest(count) == model.latest(count)
    finally:
        sqlite.close()


def told_of(
    memory: MemoryModel, task: TaskKey = TASK, here: FingerprintInput = HERE, **changes: Any
) -> tuple[Prior, ...]:
    return priors(memory, task, here, now=NOW, verifier=Verified(), **changes)


def test_the_shadow_stage_says_what_it_would_prescribe_and_prescribes_nothing() -> None:
    (prior,) = told_of(remembered(learning(), a_policy(stage="shadow")))
    assert prior.would_prescribe
    assert not prior.is_prescriptive
    assert prior.stage is RolloutStage.SHADOW


def test_a_prior_prescribes_in_the_last_stage() -> None:
    (prior,) = told_of(remembered(learning(), a_policy()))
    assert prior.is_prescriptive
    assert prior.capsule.remedy is not None
    assert prior.capsule.remedy.template_digest == sha("template", "good")
    assert prior.capsule.eligibility == prior.eligibility


def test_what_was_learnt_elsewhere_comes_after_and_only_advises() -> None:
    told = [*learning(), *a_failure(9, second=9, version=1)]
    here, elsewhere = told_of(remembered(told, a_policy()), here=FingerprintInput.from_value(fingerprint(1)))
    assert (here.capsule.sighting_count, elsewhere.capsule.support_count) == (1, 6)
    assert [each.code.value for each in elsewhere.eligibility.reasons] == ["fingerprint_differs"]


def test_a_task_that_addresses_nothing_is_told_what_went_wrong_with_it() -> None:
    memory = remembered(list(a_failure(task_key=key(action="validate", failure="NONE"))), a_policy())
    (prior,) = told_of(memory, TaskKey.from_value(key(action="validate", failure="NONE")))
    assert prior.capsule.key.task.failure_reason_code == "TESTS.FAILED"
    assert not prior.is_prescriptive
    assert told_of(memory, TaskKey.from_value(key(1, action="validate", failure="NONE"))) == ()


def test_priors_are_bounded() -> None:
    told = [fact for number in range(5) for fact in a_failure(number, second=number, version=number)]
    memory = remembered(told, a_policy())
    assert len(told_of(memory, limit=3)) == 3
    with pytest.raises(LimitOutOfRange):
        told_of(memory, limit=0)


def test_a_demotion_reaches_what_planning_is_told() -> None:
    told = learning(30)
    for number in range(30, 60, 3):
        told += a_failure(number, second=number, template="good")
        told += [*a_success(number + 1, second=number + 1, template="good"), *a_success(number + 2, second=number + 2)]
    told += [fact for number in range(60, 90) for fact in a_success(number, second=number, template=number)]
    evidence = rollout(remembered(told, a_policy(window=30)))
    (prior,) = told_of(remembered(told, a_policy(window=30)))
    assert prior.stage is evidence.effective_stage
