"""What a tool declares, against what a task may do to the world: what is not known to be within is beyond."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.shared.definitions import SideEffects
from dome_spec.planning import PatternRefused, check_packet
from dome_spec.planning.reach import Reach, beyond, side_effects_for
from dome_spec.planning.skills import SKILLS
from tests.plans_made import (
    HALF_EVEN,
    a_check,
    a_failure,
    a_packet,
    a_pattern,
    a_prior,
    an_answer,
    packet_value,
    pattern_steps,
    plan_of,
    some_strategies,
)

READS = Reach("read", "none", starts_processes=False)
EVERYTHING = Reach("write", "any", starts_processes=True)
LISTED = {"mode": "declared", "paths": [], "hosts": [], "programs": []}


def writing(*places: str) -> Reach:
    return Reach("write", "none", starts_processes=False, writes=places)


def reaching(network: Any) -> Reach:
    return Reach("none", network, starts_processes=False)


STARTS = Reach("read", "none", starts_processes=True)
MODES: list[tuple[dict[str, Any], Reach, list[str]]] = [
    ({"mode": "none"}, READS, []),
    ({"mode": "none"}, STARTS, []),
    ({"mode": "none"}, writing(), ["it writes files"]),
    ({"mode": "none"}, reaching("loopback"), ["it reaches services of this machine"]),
    ({"mode": "scratch"}, writing(), []),
    ({"mode": "scratch"}, STARTS, []),
    ({"mode": "scratch"}, writing("out/"), ["it writes out/"]),
    ({"mode": "scratch"}, EVERYTHING, ["it writes files anywhere", "it reaches any host"]),
    ({"mode": "repository", "paths": ["src/**", "a.txt"]}, writing("src/", "src/b/", "a.txt"), []),
    ({"mode": "repository", "paths": ["src/**"]}, writing("src/", "docs/", "."), ["it writes docs/", "it writes ."]),
    ({"mode": "repository", "paths": ["**"]}, writing("."), []),
    ({"mode": "repository", "paths": ["**"]}, EVERYTHING, ["it reaches any host"]),
    ({"mode": "repository", "paths": ["src/**"]}, EVERYTHING, ["it writes files anywhere", "it reaches any host"]),
    ({"mode": "repository", "paths": []}, STARTS, []),
    (
        {"mode": "repository", "paths": [], "programs": ["git"]},
        STARTS,
        ["it starts programs, and does not say which"],
    ),
    ({"mode": "repository", "paths": [], "programs": ["*"]}, STARTS, []),
    (LISTED, READS, []),
    (LISTED, STARTS, ["it starts programs, and does not say which"]),
    ({**LISTED, "hosts": ["localhost"]}, reaching("loopback"), []),
    ({**LISTED, "hosts": ["localhost"]}, reaching("any"), ["it reaches any host"]),
    ({**LISTED, "hosts": ["api.example.org:443"]}, reaching("any"), ["it reaches any host"]),
    ({**LISTED, "hosts": ["*"]}, reaching("loopback"), []),
    ({"mode": "declared", "paths": ["**"], "hosts": ["*"], "programs": ["*"]}, EVERYTHING, []),
]


@pytest.mark.parametrize(("allowed", "reach", "excess"), MODES)
def test_a_mode_allows_what_its_lists_name_and_nothing_else(
    allowed: dict[str, Any], reach: Reach, excess: list[str]
) -> None:
    stated = a_packet(checks={"unit": {**packet_value()["checks"]["unit"], "side_effects": allowed}, **OTHER})
    assert list(beyond(reach, stated.checks["unit"].side_effects or SideEffects.from_value(LISTED))) == excess


OTHER = {"interest": packet_value()["checks"]["interest"]}
PLACES = st.lists(st.sampled_from([".", "src/", "src/a", "out/", "a.txt"]), max_size=3, unique=True)
REACHES = st.builds(
    Reach,
    st.sampled_from(["none", "read", "write"]),
    st.sampled_from(["none", "loopback", "any"]),
    starts_processes=st.booleans(),
    writes=st.one_of(st.none(), PLACES.map(tuple)),
)


@given(REACHES)
def test_what_a_task_has_to_allow_a_tool_allows_it_all_and_is_of_its_form(reach: Reach) -> None:
    allowed = side_effects_for(reach)
    assert beyond(reach, allowed) == ()
    check = {**packet_value()["checks"]["unit"], "side_effects": allowed.to_value()}
    assert a_packet(checks={"unit": check, **OTHER}).checks["unit"].side_effects == allowed


@given(REACHES, st.sampled_from(["none", "scratch"]))
def test_nothing_that_writes_or_reaches_out_passes_where_nothing_is_listed(reach: Reach, mode: str) -> None:
    is_kept = reach.network == "none" and (reach.filesystem != "write" or (mode == "scratch" and reach.writes == ()))
    assert (beyond(reach, SideEffects.from_value({"mode": mode})) == ()) is is_kept


def test_the_skills_that_come_with_the_daemon_are_allowed_what_they_declare() -> None:
    assert {name: beyond(each.reach, each.side_effects) for name, each in SKILLS.items()} == dict.fromkeys(SKILLS, ())
    assert SKILLS["repo.search"].side_effects.to_value() == {"mode": "none"}
    assert SKILLS["repo.commit"].side_effects.hosts == []


ANYWHERE = {"mode": "declared", "paths": ["**"], "hosts": ["*"], "programs": ["*"]}
OUT = {"mode": "declared", "paths": ["out/**"], "hosts": ["*"], "programs": []}


def allowed_to(plan: Any, skill_id: str) -> list[Any]:
    """The side effects of the tasks with a skill, each once."""
    found = [task.spec.side_effects.to_value() for task in plan.tasks.values()
             if task.spec.requires.skill.skill_id == skill_id]  # fmt: skip
    return [each for index, each in enumerate(found) if each not in found[:index]]


def test_a_plan_says_of_each_tool_how_far_it_may_reach() -> None:
    checks = {"unit": a_check(), "interest": a_check(skill_id="lint.run")}
    answers = {"NONE": [an_answer("codex.exec", prompt="{instruction}")], "TESTS.FAILED": [an_answer("ledger.mend")]}
    plan = plan_of(a_packet(checks=checks), failures=[a_failure()], strategies=some_strategies(responses=answers))
    assert allowed_to(plan, "repo.test") == [ANYWHERE]
    assert allowed_to(plan, "codex.exec") == [ANYWHERE]
    assert allowed_to(plan, "repo.search") == [{"mode": "none"}]
    assert allowed_to(plan, "lint.run") == [{"mode": "scratch"}]
    assert allowed_to(plan, "ledger.mend") == [{"mode": "repository", "paths": ["src/**", "tests/**"]}]


def test_what_a_check_and_an_answer_say_of_their_reach_holds_for_all_their_tasks() -> None:
    checks = {"unit": a_check(), "interest": {**a_check(skill_id="lint.run"), "side_effects": OUT}}
    answer = {**an_answer("ledger.mend", test="{target}"), "side_effects": ANYWHERE}
    plan = plan_of(
        a_packet(checks=checks),
        failures=[a_failure()],
        priors=[a_prior()],
        strategies=some_strategies(responses={"TESTS.FAILED": [answer]}),
    )
    assert [task.attempts_max for task in plan.tasks.values()].count(1) == 1
    assert allowed_to(plan, "lint.run") == [OUT]
    assert allowed_to(plan, "ledger.mend") == [ANYWHERE]


def test_less_than_a_tool_of_the_daemon_declares_is_refused_before_it_is_planned() -> None:
    checks = {"unit": {**a_check(), "side_effects": {"mode": "scratch"}}, **OTHER}
    (problem,) = check_packet(a_packet(checks=checks))
    assert problem.place == "/checks/unit/side_effects"
    assert "it writes files anywhere, it reaches any host" in problem.what
    look, mend = pattern_steps()
    use = {"pattern_id": "mend-failing-test", "version_range": "*", "arguments": {"test": HALF_EVEN}}
    mend["skill"] = {"skill_id": "codex.exec", "version_range": "*"}
    with pytest.raises(PatternRefused) as refused:
        plan_of(a_packet(pattern=use), patterns=[a_pattern(look, mend)])
    assert [each.place for each in refused.value.problems] == ["/steps/1/side_effects"]
    plan = plan_of(a_packet(pattern=use), patterns=[a_pattern(look, {**mend, "side_effects": ANYWHERE})])
    assert allowed_to(plan, "codex.exec") == [ANYWHERE]
