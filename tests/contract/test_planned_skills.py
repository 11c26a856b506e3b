"""What the planner says of the daemon's tools is what their manifests say; what it plans is input that they take."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from dome_spec.planning import (
    SKILL_VERSIONS,
    check_packet,
    check_pattern,
    default_strategies,
    packet_example,
    packet_from,
)
from dome_spec.planning.skills import SKILLS
from tests.plans_made import (
    BASE,
    HALF_EVEN,
    a_check,
    a_criterion,
    a_failure,
    a_packet,
    a_prior,
    plan_of,
    some_strategies,
)

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "packages/domed/src/domed/tools"
MANIFESTS = {
    manifest["tool_id"]: (manifest, path.parent)
    for path in sorted(TOOLS.glob("*/tool.yaml"))
    for manifest in [yaml.safe_load(path.read_text())]
}


def test_every_tool_of_the_daemon_is_known_and_nothing_else() -> None:
    assert {tool_id: manifest["version"] for tool_id, (manifest, _) in MANIFESTS.items()} == SKILL_VERSIONS


@pytest.mark.parametrize("skill_id", sorted(SKILLS))
def test_the_effects_that_are_known_are_those_that_the_manifest_declares(skill_id: str) -> None:
    declared = MANIFESTS[skill_id][0]["effects"]
    assert {name: declared[name] for name in SKILLS[skill_id].effects} == SKILLS[skill_id].effects


@pytest.mark.parametrize("skill_id", sorted(SKILLS))
def test_the_field_for_words_is_one_that_the_input_has(skill_id: str) -> None:
    field = SKILLS[skill_id].instruction_field
    assert field is None or field in input_schema(skill_id)["properties"]


def input_schema(skill_id: str) -> dict[str, Any]:
    manifest, folder = MANIFESTS[skill_id]
    schema: dict[str, Any] = json.loads((folder / manifest["input_schema"]).read_text())
    return schema


VALIDATORS = {skill_id: validator_for(input_schema(skill_id)) for skill_id in SKILLS}
STATEMENTS = st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=100)


@given(STATEMENTS, STATEMENTS, st.sampled_from([["observe", "diagnose", "verify", "gate_inputs"], []]))
def test_all_that_is_planned_is_input_that_the_tools_take(goal: str, statement: str, layers: list[str]) -> None:
    packet = a_packet(
        goal=goal,
        criteria=[a_criterion(1, "unit", statement), a_criterion(2, None, f"`{statement}` holds.")],
        checks={"unit": a_check()},
    )
    plan = plan_of(
        packet,
        failures=[a_failure(), a_failure("tests/test_fees.py")],
        priors=[a_prior(skill_id="codex.exec", prompt="x")],
        strategies=some_strategies(planner={"layers": layers}),
    )
    for task in plan.tasks.values():
        VALIDATORS[task.spec.requires.skill.skill_id].validate(task.spec.input)


@given(st.builds(str.__add__, st.sampled_from(["", "tests/", "tests/a.py::"]), st.text(min_size=1, max_size=80)))
def test_whatever_is_said_to_fail_becomes_no_option_and_no_way_out(name: str) -> None:
    plan = plan_of(failures=[a_failure(name)])
    for task in plan.tasks.values():
        VALIDATORS[task.spec.requires.skill.skill_id].validate(task.spec.input)


@pytest.mark.parametrize("name", ["-p evil", "/etc/passwd", "@args", "tests/../../x", "..", "a\nb", "tests/..::x"])
def test_a_name_that_no_test_has_is_not_run(name: str) -> None:
    assert plan_of(failures=[a_failure(name)]).tasks == plan_of().tasks


def test_what_the_shipped_strategies_answer_with_is_input_that_the_tools_take() -> None:
    for answers in default_strategies().responses.values():
        for each in answers:
            VALIDATORS[each.skill.skill_id].validate(each.input or {})


def test_the_example_packet_checks_with_input_that_the_tools_take() -> None:
    packet = packet_from(yaml.safe_load(packet_example()), BASE)
    assert check_packet(packet) == ()
    for check in packet.checks.values():
        VALIDATORS[check.skill.skill_id].validate(check.input)


@pytest.mark.parametrize("path", sorted((ROOT / "contracts/examples/patterns/pattern/valid").glob("*.json")))
def test_the_examples_of_patterns_are_orders_of_steps(path: Path) -> None:
    from dome_contracts.schema.patterns.pattern import Pattern
    from dome_spec.kernel import read_document

    pattern = read_document(Pattern, path.read_bytes())
    expected = ["/runtime"] if pattern.runtime == "map_reduce" else []
    assert [each.place for each in check_pattern(pattern)] == expected


def test_a_test_is_looked_at_by_its_own_node_id() -> None:
    plan = plan_of(failures=[a_failure()])
    looks = [task.spec.input for task in plan.tasks.values() if task.spec.target.id == HALF_EVEN]
    assert {"paths": [HALF_EVEN]} in looks
