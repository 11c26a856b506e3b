"""Patterns: steps that become tasks when a packet fills their parameters."""

from typing import Any

import pytest

from dome_spec.planning import (
    PacketRefused,
    PatternRefused,
    PlanningRefused,
    check_pattern,
    check_plan,
    document_digest,
)
from tests.plans_made import HALF_EVEN, a_packet, a_pattern, pattern_steps, place, plan_of, seen


def using(version_range: str = "*", **arguments: Any) -> Any:
    use = {"pattern_id": "mend-failing-test", "version_range": version_range, "arguments": arguments}
    return a_packet(pattern=use)


def test_a_pattern_takes_the_place_of_the_work_for_the_goal() -> None:
    packet, pattern = using(test=HALF_EVEN), a_pattern()
    plan = plan_of(packet, patterns=[pattern])
    assert check_plan(plan, packet) == ()
    assert plan.inputs.pattern_digest == document_digest(pattern)
    named = [each for wave in seen(plan) for each in wave]
    assert f"transform {HALF_EVEN} (ledger.mend)" in named
    assert "transform interest-rounding (codex.exec)" not in named
    mend = next(task for name, task in plan.tasks.items() if place(plan, name).startswith("transform"))
    assert [place(plan, each) for each in mend.depends_on] == [f"observe {HALF_EVEN} (repo.search)"]
    assert mend.spec.goal == f"{HALF_EVEN} passes."
    assert mend.spec.input == {"prompt": HALF_EVEN}
    assert mend.spec.side_effects.paths == ["src/**"]
    for wave in plan.waves[2:]:
        assert all(task.depends_on for task in (plan.tasks[each] for each in wave))


def test_a_field_that_stands_for_a_parameter_without_a_value_is_left_out() -> None:
    def look(packet: Any) -> dict[str, Any]:
        plan = plan_of(packet, patterns=[a_pattern()])
        found = (task.spec for name, task in plan.tasks.items() if place(plan, name).startswith("observe " + HALF_EVEN))
        return next(each.input for each in found if each.requires.skill.skill_id == "repo.search")

    assert look(using(test=HALF_EVEN)) == {"pattern": HALF_EVEN}
    assert look(using(test=HALF_EVEN, paths=["*.py"])) == {"pattern": HALF_EVEN, "globs": ["*.py"]}


def test_the_highest_version_that_serves_is_taken() -> None:
    older, newer = a_pattern(version="1.9.0"), a_pattern(version="1.10.0")
    beyond = a_pattern(version="2.0.0")
    plan = plan_of(using(">=1.0.0,<2.0.0", test="t"), patterns=[newer, beyond, older])
    assert plan.inputs.pattern_digest == document_digest(newer)
    coming, built = a_pattern(version="1.11.0-rc.1"), a_pattern(version="1.11.0+build.7")
    for patterns in ([coming, built, newer], [newer, built, coming]):
        assert plan_of(using("*", test="t"), patterns=patterns).inputs.pattern_digest == document_digest(built)


@pytest.mark.parametrize(
    ("packet", "places"),
    [
        (using(">=2.0.0", test="t"), ["/pattern/version_range"]),
        (using(), ["/pattern/arguments/test"]),
        (using(test=3), ["/pattern/arguments/test"]),
        (using(test="t", paths="src"), ["/pattern/arguments/paths"]),
        (using(test="t", other=1), ["/pattern/arguments/other"]),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_their_places(packet: Any, places: list[str]) -> None:
    with pytest.raises(PacketRefused) as refused:
        plan_of(packet, patterns=[a_pattern()])
    assert [each.place for each in refused.value.problems] == places


def test_a_pattern_that_is_not_there_is_refused() -> None:
    with pytest.raises(PacketRefused) as refused:
        plan_of(using(test="t"))
    assert [each.place for each in refused.value.problems] == ["/pattern/pattern_id"]


def changed(index: int, **members: Any) -> list[dict[str, Any]]:
    steps = pattern_steps()
    steps[index] |= members
    return steps


@pytest.mark.parametrize(
    ("steps", "changes", "place_of"),
    [
        (changed(0, depends_on=["mend"]), {}, "/steps/0/depends_on"),
        (changed(1, depends_on=["nobody"]), {}, "/steps/1/depends_on/0"),
        (changed(1, step="look", depends_on=[]), {}, "/steps/1/step"),
        (changed(1, goal="{nothing} passes."), {}, "/steps/1/goal"),
        (changed(0, input={"deep": [{"a": "{nothing}"}]}), {}, "/steps/0/input"),
        (pattern_steps(), {"runtime": "map_reduce"}, "/runtime"),
    ],
)
def test_steps_that_are_no_order_are_refused_with_their_places(
    steps: list[dict[str, Any]], changes: dict[str, Any], place_of: str
) -> None:
    pattern = a_pattern(*steps, **changes)
    assert [each.place for each in check_pattern(pattern)] == [place_of]
    with pytest.raises(PatternRefused):
        plan_of(using(test="t"), patterns=[pattern])


def test_a_step_that_would_change_more_than_the_packet_allows_is_refused() -> None:
    steps = changed(1, side_effects={"mode": "repository", "paths": ["src/**", "deploy/**"]})
    with pytest.raises(PlanningRefused) as refused:
        plan_of(using(test="t"), patterns=[a_pattern(*steps)])
    assert [each.place for each in refused.value.problems] == ["/steps/1/side_effects/paths/1"]


def test_the_patterns_of_the_contracts_examples_are_orders() -> None:
    assert check_pattern(a_pattern()) == ()
