"""Packets and plans that are refused: each fault with its place, as a JSON pointer."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from dome_contracts.schema.planning.plan import Plan
from dome_spec.kernel import DocumentInvalid
from dome_spec.planning import PacketRefused, check_packet, check_plan, task_id
from tests.plans_made import a_check, a_criterion, a_failure, a_packet, a_prior, plan_of, some_facts

PLAN = plan_of(failures=[a_failure()], priors=[a_prior()])
LAST = PLAN.waves[-1][0]
FIRST = PLAN.waves[0][0]
NOBODY = "sha256:" + "0" * 64
Change = Callable[[dict[str, Any]], Any]


def changed(change: Change) -> Plan:
    value = copy.deepcopy(PLAN.to_value())
    change(value)
    return Plan.from_value(value)


def problems(change: Change) -> list[tuple[str, str]]:
    return [(each.place, each.what) for each in check_plan(changed(change))]


def test_a_plan_that_holds_together_has_no_problem() -> None:
    assert check_plan(PLAN, a_packet()) == ()


def test_a_circle_is_told_with_its_way() -> None:
    found = problems(lambda plan: plan["tasks"][FIRST].update(depends_on=[LAST]))
    places = [place for place, _ in found]
    circle = next(what for _, what in found if "circle" in what)
    assert any(place.startswith("/tasks/") and place.endswith(("depends_on", "after", "unless")) for place in places)
    assert circle.split(": ")[1].split(" -> ")[0] == circle.split(" -> ")[-1]


@pytest.mark.parametrize("kind", ["depends_on", "after", "unless"])
def test_a_task_that_waits_for_nobody_the_plan_knows_is_told(kind: str) -> None:
    assert (f"/tasks/{LAST}/{kind}/0", f"the plan has no task {NOBODY[:19]}...") in problems(
        lambda plan: plan["tasks"][LAST].update({kind: [NOBODY]})
    )


def test_a_task_spec_that_was_edited_in_its_plan_is_told() -> None:
    found = problems(lambda plan: plan["tasks"][FIRST]["spec"].update(goal="Something else."))
    assert [place for place, _ in found] == [f"/tasks/{FIRST}/spec"]


def test_a_task_in_no_wave_in_two_waves_or_too_early_is_told() -> None:
    assert (f"/tasks/{LAST}", "the task stands in no wave") in problems(lambda plan: plan["waves"][-1].remove(LAST))
    assert ("/waves/1/1", "the task stands in the waves twice") in problems(lambda plan: plan["waves"][1].append(FIRST))
    early = [what for place, what in problems(lambda plan: plan["waves"].reverse()) if place.startswith("/waves/0")]
    assert early
    assert all("is in no wave before it" in what for what in early)


def test_a_wave_that_does_not_begin_with_what_most_others_wait_for_is_told() -> None:
    wave = [*PLAN.waves[0], LAST]
    found = problems(lambda plan: plan["waves"].__setitem__(0, [LAST, *PLAN.waves[0]]))
    assert ("/waves/0/1", "more tasks wait for it than for the one before it") in found
    assert wave


def test_a_wrong_count_a_strange_proof_and_a_prior_of_no_task_are_told() -> None:
    assert [place for place, _ in problems(lambda plan: plan["tasks"][LAST].update(blocks_count=7))] == [
        f"/tasks/{LAST}/blocks_count"
    ]
    assert (f"/tasks/{LAST}/proves", "what a task proves is not among what it depends on") in problems(
        lambda plan: plan["tasks"][LAST].update(proves=FIRST)
    )
    assert [place for place, _ in problems(lambda plan: plan["priors"][0].update(task_id=NOBODY))] == [
        "/priors/0/task_id"
    ]


def test_a_plan_of_another_packet_or_one_that_leaves_a_criterion_out_is_told() -> None:
    other = a_packet(goal="Something else.")
    assert [each.place for each in check_plan(PLAN, other)] == ["/inputs/packet_digest"]
    judging = next(each for each in PLAN.waves[-2] if PLAN.tasks[each].spec.acceptance_criteria)

    def drop(plan: dict[str, Any]) -> None:
        plan["tasks"][judging]["spec"]["acceptance_criteria"] = []

    left_out = PLAN.tasks[judging].spec.acceptance_criteria[0].criterion_id
    assert ("/tasks", f"no task serves {left_out}") in [
        (each.place, each.what) for each in check_plan(changed(drop), a_packet())
    ]


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"criteria": [a_criterion(1, "lint")]}, ["/criteria/0/check"]),
        ({"criteria": [a_criterion(1), a_criterion(1, "unit")]}, ["/criteria/1/criterion_id"]),
        ({"required_evidence": [{"kind": "diff", "check": "no"}]}, ["/required_evidence/0/check"]),
        (
            {"constraints": {"allowed_paths": ["docs/**", "src/ledger/**"], "forbidden_paths": ["src/**"]}},
            ["/constraints/allowed_paths/1"],
        ),
        (
            {"criteria": [a_criterion(1, "x"), a_criterion(2, "y")]},
            ["/criteria/0/check", "/criteria/1/check"],
        ),
    ],
)  # fmt: skip
def test_a_packet_whose_names_lead_nowhere_is_refused_with_their_places(
    changes: dict[str, Any], places: list[str]
) -> None:
    packet = a_packet(**changes)
    assert [each.place for each in check_packet(packet)] == places
    with pytest.raises(PacketRefused) as refused:
        plan_of(packet)
    assert [each.place for each in refused.value.violations] == places
    assert all(each.remedy for each in refused.value.problems)


def test_facts_of_another_commit_are_refused() -> None:
    with pytest.raises(PacketRefused) as refused:
        plan_of(facts=some_facts(commit="1" * 40))
    assert [each.place for each in refused.value.problems] == ["/repository/base_commit"]


def test_a_packet_against_its_schema_is_refused_with_pointers() -> None:
    with pytest.raises(DocumentInvalid) as refused:
        a_packet(checks={"unit": {**a_check(), "skill": {"skill_id": "Repo Test", "version_range": "*"}}}, criteria=[])
    assert [each.place for each in refused.value.violations] == ["/checks/unit/skill/skill_id", "/criteria"]


def test_the_id_of_a_task_is_the_digest_of_its_spec() -> None:
    assert all(task_id(task.spec) == name for name, task in PLAN.tasks.items())
