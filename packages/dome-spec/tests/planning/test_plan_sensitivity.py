"""What changes a plan, and where: at the place that a person would name, and nowhere else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.control.control_strategies import PriorsUse
from dome_contracts.schema.planning.plan import Plan
from dome_spec.planning import MemorySnapshot
from tests.plans_made import (
    HALF_EVEN,
    a_check,
    a_criterion,
    a_failure,
    a_packet,
    a_prior,
    an_answer,
    place,
    places,
    plan_of,
    seen,
    some_facts,
    some_strategies,
)

CHECKS = {
    "interest": a_check("tests/test_interest.py"),
    "fees": a_check("tests/test_fees.py"),
    "unit": a_check(),
    "search": a_check(skill_id="repo.search", pattern="half_even"),
}
TARGETS = {
    "interest": "tests/test_interest.py (repo.test)",
    "fees": "tests/test_fees.py (repo.test)",
    "unit": "pytest:. (repo.test)",
    "search": "repo.search (repo.search)",
    None: "difference (process.run)",
}
CRITERIA = st.lists(st.sampled_from(list(TARGETS)), min_size=1, max_size=6)
FAILING = st.sets(
    st.sampled_from([f"tests/test_{part}.py::test_{name}" for part in ("interest", "fees") for name in "abcd"]),
    max_size=4,
)
MENDING = {"responses": {"NONE": [an_answer("codex.exec", prompt="{instruction}", sandbox="workspace-write")]}}


def packet(criteria: list[str | None], **changes: Any) -> Any:
    stated = [a_criterion(number, check) for number, check in enumerate(criteria, 1)]
    return a_packet(criteria=stated, checks=CHECKS, **changes)


def layer_of(check: str | None) -> str:
    return "gate_inputs" if check is None else "verify"


@given(CRITERIA, FAILING, st.data())
def test_another_criterion_changes_what_judges_it_and_the_work_for_the_goal(
    criteria: list[str | None], failing: set[str], data: st.DataObject
) -> None:
    failures = [a_failure(each) for each in failing]
    index = data.draw(st.integers(0, len(criteria) - 1))
    stated = [a_criterion(number, check) for number, check in enumerate(criteria, 1)]
    stated[index] = {**stated[index], "statement": "Something else holds."}
    before = plan_of(packet(criteria), failures=failures)
    after = plan_of(a_packet(criteria=stated, checks=CHECKS), failures=failures)
    expected = {f"{layer_of(criteria[index])} {TARGETS[criteria[index]]}", "transform interest-rounding (codex.exec)"}
    assert places(after, but=before) == places(before, but=after) == expected


@given(CRITERIA, FAILING, st.data())
def test_one_more_criterion_adds_what_judges_it_and_changes_the_work_for_the_goal(
    criteria: list[str | None], failing: set[str], data: st.DataObject
) -> None:
    check = data.draw(st.sampled_from(list(TARGETS)))
    failures = [a_failure(each) for each in failing]
    before = plan_of(packet(criteria), failures=failures)
    after = plan_of(packet([*criteria, check]), failures=failures)
    goal, judged = "transform interest-rounding (codex.exec)", f"{layer_of(check)} {TARGETS[check]}"
    looked = {f"observe {TARGETS[check]}"} if check is not None and check not in criteria else set()
    assert places(after, but=before) == {goal, judged} | looked
    # A suite of the repository that the check repeats gives way to it.
    replaced = {"observe tests (repo.test)", "verify tests (repo.test)"} if check == "unit" else set()
    assert places(before, but=after) - replaced <= {goal, judged}


@given(FAILING, st.data())
def test_a_failing_test_adds_its_look_its_answer_and_its_proof_and_nothing_else(
    failing: set[str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(f"tests/test_interest.py::test_{each}" for each in "xyz")))
    failures = [a_failure(each) for each in failing]
    before = plan_of(failures=failures)
    after = plan_of(failures=[*failures, a_failure(name)])
    assert places(before, but=after) == set()
    assert places(after, but=before) == {
        f"observe {name} (repo.test)",
        f"diagnose {name} (repo.search)",
        f"transform {name} (codex.exec)",
        f"verify {name} (repo.test)",
    }


def test_a_failure_that_no_check_would_see_changes_nothing() -> None:
    elsewhere = a_failure("tests/test_fees.py::test_a")
    checked = a_packet(criteria=[a_criterion(1, "interest")], constraints={"allowed_paths": ["docs/**"]})
    assert plan_of(checked, failures=[elsewhere]).tasks == plan_of(checked).tasks


def test_work_for_the_goal_is_left_out_where_all_that_is_asked_for_is_what_fails() -> None:
    asked = a_packet(criteria=[a_criterion(1, "half_even")], checks={"half_even": a_check(HALF_EVEN)})
    before, after = plan_of(asked), plan_of(asked, failures=[a_failure()])
    assert "transform interest-rounding (codex.exec)" in places(before, but=after)
    assert f"transform {HALF_EVEN} (codex.exec)" in places(after, but=before)
    assert f"verify {HALF_EVEN} (repo.test)" in [each for wave in seen(after) for each in wave]


@given(st.sampled_from(PriorsUse), st.booleans(), FAILING)
def test_a_prior_changes_what_is_done_about_its_failure_and_nothing_else(
    mode: PriorsUse, is_prescriptive: bool, failing: set[str]
) -> None:
    strategies = some_strategies(**MENDING, planner={"priors": mode.value})
    failures = [a_failure(HALF_EVEN), *(a_failure(each) for each in failing)]
    prior = a_prior(skill_id="codex.exec", prompt="as before", reasons=[] if is_prescriptive else ["stale"])
    before = plan_of(strategies=strategies, failures=failures)
    after = plan_of(strategies=strategies, failures=failures, priors=[prior])
    changed = places(after, but=before) | places(before, but=after)
    about = {f"transform {HALF_EVEN} (codex.exec)", f"verify {HALF_EVEN} (repo.test)"}
    match mode, is_prescriptive:
        case PriorsUse.SHADOW, _:
            assert changed == set()
        case PriorsUse.PRESCRIPTIVE, True:
            assert changed == about
        case _:
            assert changed == {f"transform {HALF_EVEN} (codex.exec)"}


@given(st.sampled_from(PriorsUse))
def test_a_prior_of_something_that_does_not_fail_changes_nothing(mode: PriorsUse) -> None:
    strategies = some_strategies(planner={"priors": mode.value})
    other = a_prior("tests/test_fees.py::test_other")
    before = plan_of(strategies=strategies, failures=[a_failure()])
    after = plan_of(strategies=strategies, failures=[a_failure()], priors=[other])
    assert (after.tasks, after.waves, after.priors) == (before.tasks, before.waves, before.priors)


def effects(plan: Plan) -> list[tuple[str, str, str | None]]:
    return [(each.use.value, each.effect.value, each.withheld and each.withheld.value) for each in plan.priors]


def test_what_a_mode_withholds_is_recorded_as_what_would_have_been() -> None:
    said = {}
    for mode in PriorsUse:
        strategies = some_strategies(planner={"priors": mode.value})
        plan = plan_of(strategies=strategies, failures=[a_failure()], priors=[a_prior(skill_id="codex.exec")])
        said[mode.value] = effects(plan)
    assert said == {
        "shadow": [("prescriptive", "none", "placed_first")],
        "guided": [("prescriptive", "suggested", "placed_first")],
        "prescriptive": [("prescriptive", "placed_first", None)],
    }


def test_the_memorys_own_stage_holds_back_what_the_strategies_would_let() -> None:
    prior = a_prior(skill_id="codex.exec", reasons=["rollout_stage"])
    for stage, effect in ((PriorsUse.SHADOW, "none"), (PriorsUse.GUIDED, "suggested")):
        plan = plan_of(memory=MemorySnapshot((a_failure(),), (prior,), stage))
        assert effects(plan) == [("advisory", effect, "placed_first")]


def order(plan: Plan) -> list[str]:
    """The skills of the answers to the failing test, in their order."""
    return [each.split("(")[1] for wave in seen(plan) for each in wave if each.startswith(f"transform {HALF_EVEN}")]


def test_advice_moves_the_answer_that_held_before_to_the_front() -> None:
    answers = [an_answer("codex.exec", prompt="{instruction}"), an_answer("ledger.mend", test="{target}")]
    strategies = some_strategies(responses={"TESTS.FAILED": answers}, planner={"priors": "guided"})
    advice = a_prior(skill_id="ledger.mend", reasons=["support_low"])
    assert order(plan_of(strategies=strategies, failures=[a_failure()])) == ["codex.exec)", "ledger.mend)"]
    told = plan_of(strategies=strategies, failures=[a_failure()], priors=[advice])
    assert order(told) == ["ledger.mend)", "codex.exec)"]
    assert effects(told) == [("advisory", "suggested", None)]


def test_where_a_change_may_go_decides_which_suites_of_the_repository_are_run() -> None:
    asked = {"criteria": [a_criterion(1)], "checks": {"search": CHECKS["search"]}}
    code = plan_of(a_packet(**asked))
    documents = plan_of(a_packet(**asked, constraints={"allowed_paths": ["docs/**"]}))
    assert "verify tests (repo.test)" in places(code, but=documents)
    assert "observe documents (repo.search)" in places(documents, but=code)


def test_a_file_that_is_named_is_looked_for_and_one_that_is_yet_to_be_made_is_not() -> None:
    card = {"why": "Two customers have written.", "what": "Mend `src/ledger/interest.py`, write `src/ledger/round.py`."}
    named = plan_of(a_packet(plan_card=card))
    assert places(named, but=plan_of()) == {
        "diagnose src/ledger/interest.py (repo.search)",
        "transform interest-rounding (codex.exec)",
    }


def test_a_repository_without_tests_has_no_suite_to_run() -> None:
    bare = some_facts(["src/ledger/interest.py"])
    asked = a_packet(criteria=[a_criterion(1)], checks={"search": CHECKS["search"]})
    assert "repo.test" not in str(seen(plan_of(asked, bare)))


def test_the_closest_failure_is_answered_first_and_the_wider_one_looked_at_again() -> None:
    plan = plan_of(failures=[a_failure("tests"), a_failure("tests/test_interest.py"), a_failure(HALF_EVEN)])
    waves = {place(plan, name): number for number, wave in enumerate(plan.waves) for name in wave}
    order = [waves[f"transform {name} (codex.exec)"] for name in (HALF_EVEN, "tests/test_interest.py", "tests")]
    assert order == sorted(order)
    again = next(
        task
        for task in plan.tasks.values()
        if task.layer.value == "observe" and task.spec.target.id == "tests" and task.after
    )
    assert any(plan.tasks[each].spec.target.id == "tests/test_interest.py" for each in again.after or [])


def test_one_target_that_fails_in_two_ways_has_a_chain_for_each() -> None:
    plan = plan_of(failures=[a_failure(), a_failure(code="TESTS.HUNG")])
    codes = [
        task.spec.failure_reason_code for task in plan.tasks.values() if place_of(task) == f"transform {HALF_EVEN}"
    ]
    assert sorted(codes) == ["TESTS.FAILED", "TESTS.HUNG"]


def place_of(task: Any) -> str:
    return f"{task.layer.value} {task.spec.target.id}"


def test_of_several_priors_that_prescribe_the_surest_comes_first_and_alone() -> None:
    priors = [a_prior(skill_id=skill, confidence=sure) for skill, sure in (("ledger.mend", 0.7), ("ledger.fix", 0.8))]
    plan = plan_of(failures=[a_failure()], priors=priors)
    assert [task.spec.requires.skill.skill_id for task in plan.tasks.values() if task.attempts_max == 1] == [
        "ledger.fix"
    ]
    assert sorted(each.effect.value for each in plan.priors) == ["placed_first", "suggested"]


def test_a_remedy_of_which_nothing_is_kept_is_said_so_and_not_placed() -> None:
    plan = plan_of(failures=[a_failure()], priors=[a_prior(skill_id="codex.exec", is_kept=False)])
    [prior] = plan.priors
    assert (prior.effect.value, prior.use.value) == ("suggested", "prescriptive")
    assert [each.code.value for each in prior.reasons or []] == ["remedy_missing"]


def test_a_remedy_speaks_of_the_packet_at_hand_and_not_of_the_one_it_came_from() -> None:
    prior = a_prior(skill_id="codex.exec", prompt="You may change everything.", sandbox="workspace-write")
    plan = plan_of(failures=[a_failure()], priors=[prior])
    [remedy] = [task.spec for task in plan.tasks.values() if task.attempts_max == 1]
    assert remedy.input["sandbox"] == "workspace-write"
    assert "You may change: src/**, tests/**. Nothing else." in remedy.input["prompt"]
    assert remedy.constraints is not None
    assert remedy.constraints.allowed_paths == ["src/**", "tests/**"]
