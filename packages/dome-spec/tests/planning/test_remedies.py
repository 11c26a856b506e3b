"""A remedy that is placed first: what it is judged by, and what the ordinary plan is after it."""

from dome_contracts.schema.planning.plan import Plan
from dome_spec.planning import MemorySnapshot, OfferedPrior
from tests.plans_made import a_failure, a_prior, an_answer, plan_of, some_strategies

ANSWERS = [an_answer("team.rebuild"), an_answer("ledger.mend", test="interest"), an_answer("team.look", how="hard")]


def tried(plan: Plan) -> list[str]:
    """The answers in the order in which they wait for each other."""
    return [
        plan.tasks[task_id].spec.requires.skill.skill_id
        for wave in plan.waves
        for task_id in wave
        if plan.tasks[task_id].layer.value == "transform" and plan.tasks[task_id].spec.failure_reason_code != "NONE"
    ]


def planned(*priors: OfferedPrior) -> Plan:
    return plan_of(
        failures=[a_failure()], priors=priors, strategies=some_strategies(responses={"TESTS.FAILED": ANSWERS})
    )


def test_an_answer_that_does_what_the_remedy_did_comes_last() -> None:
    assert tried(planned()) == ["team.rebuild", "ledger.mend", "team.look"]
    assert tried(planned(a_prior(test="interest"))) == ["ledger.mend", "team.rebuild", "team.look", "ledger.mend"]


def test_the_same_skill_with_another_input_keeps_its_place() -> None:
    found = tried(planned(a_prior(test="fees")))
    assert found == ["ledger.mend", "team.rebuild", "ledger.mend", "team.look"]


def test_the_remedy_has_one_attempt_and_the_answers_are_needless_once_it_is_proved() -> None:
    plan = planned(a_prior(test="interest"))
    [(remedy_id, remedy)] = [(name, task) for name, task in plan.tasks.items() if task.attempts_max == 1]
    [proof_id] = [name for name, task in plan.tasks.items() if task.proves == remedy_id]
    answers = [
        task
        for task in plan.tasks.values()
        if task.layer.value == "transform" and task is not remedy and task.spec.failure_reason_code != "NONE"
    ]
    assert all(proof_id in (task.unless or ()) for task in answers)


def test_a_capsule_counts_as_it_was_judged_under_its_own_circumstances() -> None:
    own, elsewhere = a_prior(test="interest"), a_prior(test="interest", reasons=["fingerprint_differs"])
    assert tried(planned(elsewhere, own)) == tried(planned(own, elsewhere)) == tried(planned(own))
    # Of judgements under the same circumstances the more careful counts.
    doubted = a_prior(test="interest", reasons=["stale"])
    assert tried(planned(own, doubted)) == tried(planned(doubted)) == ["ledger.mend", "team.rebuild", "team.look"]
    assert MemorySnapshot((), (own, elsewhere)).digest == MemorySnapshot((), (own,)).digest
