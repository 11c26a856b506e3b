"""Evidence that a packet requires: a gate asks each of it of some task, or the packet is refused at its place."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Layer, Plan
from dome_contracts.schema.shared.definitions import EvidenceKind
from dome_spec.planning import PacketRefused, RepositoryFacts, check_packet, check_plan
from dome_spec.planning.evidence import shown_by
from tests.plans_made import PATHS, a_check, a_criterion, a_failure, a_packet, plan_of, some_facts, some_strategies

NODE = {"package.json": '{"scripts": {"test": "node --test"}}'}
OF_NODE = some_facts(["README.md", "index.js", "package.json"], NODE)
OF_DOCUMENTS = {"constraints": {"allowed_paths": ["docs/**"]}}
CHECKS = {"unit": a_check(), "spare": a_check("tests/test_fees.py"), "lint": a_check(skill_id="lint.run")}
NOTHING_ANSWERS = some_strategies(responses={})


def asking(*required: dict[str, Any], **changes: Any) -> Packet:
    given = {"criteria": [a_criterion(1, "unit")], "checks": {"unit": a_check()}, **changes}
    return a_packet(**given, required_evidence=list(required))


def asked_of(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """What a gate asks for, by what the task is about."""
    specs = [task.spec for task in plan.tasks.values() if task.spec.gates and task.spec.required_evidence]
    return {spec.target.id: [each.to_value() for each in spec.required_evidence or ()] for spec in specs}


def places(packet: Packet, facts: RepositoryFacts | None = None) -> list[str]:
    return [each.place for each in check_packet(packet, facts)]


@st.composite
def requirements(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = st.sampled_from([each.value for each in EvidenceKind])
    drawn = st.fixed_dictionaries(
        {"kind": kinds}, optional={"check": st.sampled_from(sorted(CHECKS)), "count_min": st.sampled_from([1, 2])}
    )
    return draw(st.lists(drawn, min_size=1, max_size=4, unique_by=lambda each: tuple(sorted(each.items()))))


@given(
    requirements(),
    st.sampled_from(["unit", "lint", None]),
    st.sets(st.sampled_from(sorted(CHECKS)), min_size=1),
    st.sampled_from([some_facts(), OF_NODE, some_facts(PATHS[:2])]),
    st.sampled_from([some_strategies(), NOTHING_ANSWERS]),
    st.sampled_from([{}, OF_DOCUMENTS]),
)
def test_each_requirement_of_an_accepted_packet_stands_in_a_task_that_a_gate_judges(
    required: list[dict[str, Any]],
    deciding: str | None,
    named: set[str],
    facts: RepositoryFacts,
    strategies: Any,
    changes: dict[str, Any],
) -> None:
    checks = {name: CHECKS[name] for name in sorted(named | ({deciding} if deciding else set()))}
    packet = asking(*required, checks=checks, criteria=[a_criterion(1, deciding)], **changes)
    problems = check_packet(packet, facts)
    if problems:
        with pytest.raises(PacketRefused) as refused:
            plan_of(packet, facts, strategies=strategies)
        assert refused.value.problems == problems
        assert all(each.place.startswith("/required_evidence/") and each.remedy for each in problems)
        return
    plan = plan_of(packet, facts, strategies=strategies)
    assert check_plan(plan, packet) == ()
    asked = [each for them in asked_of(plan).values() for each in them]
    assert all(each.to_value() in asked for each in packet.required_evidence)
    for task in plan.tasks.values():
        for each in task.spec.required_evidence or ():
            by_itself = task.layer is Layer.VERIFY and each.kind is shown_by(task.spec.requires.skill.skill_id)
            assert by_itself or task.layer is Layer.GATE_INPUTS or each.kind is EvidenceKind.REVIEW


def test_a_review_and_what_the_change_shows_are_asked_for_where_the_change_is_recorded() -> None:
    kinds = ("diff", "review", "result", "provenance")
    plan = plan_of(asking(*({"kind": each} for each in kinds)))
    assert asked_of(plan) == {"difference": [{"kind": each} for each in kinds]}


def test_evidence_of_the_change_is_asked_for_though_nothing_is_changed() -> None:
    plan = plan_of(asking({"kind": "diff"}, {"kind": "review"}), strategies=NOTHING_ANSWERS)
    assert asked_of(plan) == {"difference": [{"kind": "diff"}, {"kind": "review"}]}
    unchanged = plan_of(asking({"kind": "test_report"}), strategies=NOTHING_ANSWERS)
    assert [task.layer for task in unchanged.tasks.values()] == [Layer.VERIFY]


def test_a_report_of_tests_from_any_source_is_asked_of_every_judge_that_shows_one() -> None:
    plan = plan_of(asking({"kind": "test_report"}, checks={"unit": a_check(), "lint": a_check(skill_id="lint.run")}))
    assert asked_of(plan) == {"pytest:.": [{"kind": "test_report"}]}


def test_a_check_that_nothing_else_uses_is_run_for_the_evidence_that_it_shows() -> None:
    checks = {"lint": a_check(skill_id="lint.run"), "unit": a_check("tests/test_fees.py")}
    packet = asking({"kind": "test_report"}, checks=checks, criteria=[a_criterion(1, "lint")], **OF_DOCUMENTS)
    plan = plan_of(packet)
    assert asked_of(plan) == {"tests/test_fees.py": [{"kind": "test_report"}]}


def test_a_suite_that_the_change_does_not_reach_is_run_for_the_evidence_that_it_shows() -> None:
    checks = {"lint": a_check(skill_id="lint.run")}
    packet = asking({"kind": "test_report"}, checks=checks, criteria=[a_criterion(1, "lint")], **OF_DOCUMENTS)
    suite = next(task for task in plan_of(packet).tasks.values() if task.spec.gates == ["test-report"])
    assert suite.spec.requires.skill.skill_id == "repo.test"
    assert "Evidence that is required comes from it." in (suite.because or [""])[0]


def test_a_report_of_tests_that_nothing_here_shows_is_refused_with_what_would() -> None:
    checks = {"npm": a_check(skill_id="process.run", argv=["npm", "test"])}
    packet = asking({"kind": "test_report"}, checks=checks, criteria=[a_criterion(1, "npm")])
    assert places(packet) == []
    (problem,) = check_packet(packet, OF_NODE)
    assert problem.place == "/required_evidence/0"
    assert "repo.test" in problem.remedy


@pytest.mark.parametrize(
    ("required", "place", "words"),
    [
        ({"kind": "lint_report", "check": "lint"}, "", "Ask it for a result"),
        ({"kind": "test_report", "check": "lint"}, "", "Ask it for a result"),
        ({"kind": "result", "check": "unit"}, "", "Leave `check` out"),
        ({"kind": "diff", "check": "unit"}, "", "Leave `check` out"),
        ({"kind": "coverage_report"}, "", "The packet has the checks: lint, unit"),
        ({"kind": "standard_report"}, "", "by the task that records the change"),
        ({"kind": "refusal"}, "", "test_report"),
        ({"kind": "diff", "count_min": 2}, "/count_min", "Leave it out"),
        ({"kind": "review", "count_min": 2}, "/count_min", "Leave it out"),
    ],
)
def test_evidence_that_no_task_leaves_behind_is_refused_with_the_kinds_that_are(
    required: dict[str, Any], place: str, words: str
) -> None:
    packet = asking(required, checks={name: CHECKS[name] for name in ("unit", "lint")})
    (problem,) = check_packet(packet)
    assert problem.place == f"/required_evidence/0{place}"
    assert words in problem.remedy


def test_a_plan_that_drops_required_evidence_or_lets_no_gate_ask_for_it_is_told() -> None:
    packet = asking({"kind": "review"}, {"kind": "test_report", "check": "unit"})
    plan = plan_of(packet, failures=[a_failure()])
    for member, index in (("required_evidence", 1), ("gates", 0), ("gates", 1)):
        value = copy.deepcopy(plan.to_value())
        for task in value["tasks"].values():
            if packet.required_evidence[index].to_value() in task["spec"].get("required_evidence", []):
                del task["spec"][member]
        kind = packet.required_evidence[index].kind.value
        told = f"no task that a gate judges asks for the {kind} of /required_evidence/{index}"
        assert ("/tasks", told) in [(each.place, each.what) for each in check_plan(Plan.from_value(value), packet)]
