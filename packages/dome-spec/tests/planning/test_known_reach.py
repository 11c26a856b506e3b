"""What nobody would execute is told before a daemon is asked: in strategies, and in plans of an earlier planner."""

from typing import Any

import pytest

from dome_contracts.schema.planning.plan import Plan
from dome_spec.kernel import read_document
from dome_spec.planning import PLANNER_VERSION, StrategiesRefused, check_plan, check_strategies, default_strategies
from tests.planned import Wish, planned
from tests.plans_made import a_failure, an_answer, plan_of, some_strategies


def narrow(side_effects: dict[str, Any]) -> Any:
    """Strategies whose second answer allows a built-in tool only so much."""
    answer = {**an_answer("process.run", command=["make"]), "side_effects": side_effects}
    return some_strategies(responses={"TESTS.FAILED": [an_answer("team.mend"), answer]})


def test_an_answer_that_allows_a_tool_less_than_it_declares_is_refused_with_its_place() -> None:
    strategies = narrow({"mode": "repository", "paths": ["src/**"]})
    (problem,) = check_strategies(strategies)
    assert problem.place == "/responses/TESTS.FAILED/1/side_effects"
    assert "it writes files anywhere" in problem.what
    with pytest.raises(StrategiesRefused) as refused:
        plan_of(failures=[a_failure()], strategies=strategies)
    assert refused.value.problems == (problem,)


def test_answers_that_say_nothing_or_enough_or_of_tools_nobody_knows_are_taken() -> None:
    everything = {"mode": "declared", "paths": ["**"], "hosts": ["*"], "programs": ["*"]}
    assert check_strategies(narrow(everything)) == ()
    assert check_strategies(default_strategies()) == ()


@pytest.mark.parametrize(("version", "count"), [("1.0.0", 1), (PLANNER_VERSION, 0)])
def test_a_plan_of_an_earlier_planner_that_nobody_would_execute_says_so(version: str, count: int) -> None:
    narrowed = {"side_effects": {"mode": "scratch"}}
    value = planned({"a": Wish(skill_id="repo.test", spec=narrowed)}).plan.to_value() | {"planner_version": version}
    problems = [each for each in check_plan(read_document(Plan, value)) if each.place == "/planner_version"]
    assert len(problems) == count
    for each in problems:
        assert each.what.startswith("made by planner 1.0.0")
        assert "dome plan new" in each.remedy


def test_a_plan_of_an_earlier_planner_that_can_be_executed_is_taken() -> None:
    assert check_plan(planned({"a": Wish()}).plan) == ()
