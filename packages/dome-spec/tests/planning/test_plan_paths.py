"""Paths of packets and plans: what leads out of the repository, or can match nothing in it, is told at its place."""

import copy
from typing import Any

import pytest

from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import Target, TargetKind
from dome_spec.kernel import DocumentInvalid, read_document
from dome_spec.planning import PacketRefused, check_packet, check_plan, make_plan, packet_from, target_fault
from tests.plans_made import (
    a_check,
    a_criterion,
    a_failure,
    a_packet,
    packet_value,
    plan_of,
    some_facts,
    some_strategies,
)

OUTSIDE = [
    ("..", "`..`"),
    ("../b", "`..`"),
    ("src/../../b", "`..`"),
    ("src/..", "`..`"),
    ("~/b", "`~`"),
    ("~root/b", "`~`"),
    ("./src", "`.`"),
    ("src/./a", "`.`"),
    ("src//a", "empty"),
    ("src/", "empty"),
    ("src/\n", "printed"),
    ("src/\x7f", "printed"),
]
BY_SCHEMA = ["", "/etc/passwd", "src\\a", "src/\x00"]
FIELDS = ["allowed_paths", "forbidden_paths"]


def with_paths(field: str, *paths: str) -> dict[str, Any]:
    bounds = packet_value()["constraints"] | {field: list(paths)}
    return packet_value(constraints=bounds)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(("path", "told"), OUTSIDE)
def test_a_path_that_leads_out_or_matches_nothing_is_refused_at_its_place(field: str, path: str, told: str) -> None:
    packet = packet_from(with_paths(field, "src/a.py", path), {})
    (problem,) = [each for each in check_packet(packet) if each.place == f"/constraints/{field}/1"]
    assert told in problem.what
    assert "root of the repository" in problem.remedy
    with pytest.raises(PacketRefused) as caught:
        make_plan(packet, some_facts(), strategies=some_strategies(), evaluate_time="2024-05-17T09:30:00Z")
    assert f"/constraints/{field}/1" in {each.place for each in caught.value.violations}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("path", BY_SCHEMA)
def test_a_path_that_is_none_by_its_form_is_refused_at_its_place(field: str, path: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        packet_from(with_paths(field, "src/a.py", path), {})
    assert {each.place for each in caught.value.violations} == {f"/constraints/{field}/1"}


@pytest.mark.parametrize("field", FIELDS)
def test_a_path_that_is_there_twice_is_refused(field: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        packet_from(with_paths(field, "src/a.py", "src/a.py"), {})
    assert [each.place for each in caught.value.violations] == [f"/constraints/{field}"]


@pytest.mark.parametrize("path", ["src/**", "**", "a b/ü.py", "...", "..a/b", "src/~", ".github/**", "*.py", "a/[x]"])
def test_other_paths_are_none_of_this(path: str) -> None:
    assert check_packet(packet_from(with_paths("allowed_paths", path), {})) == ()


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("../tests", "/checks/unit/input/paths/0"),
        ("/tests::a", "/checks/unit/input/paths/0"),
        ("tests/", ""),
        (".", ""),
    ],
)
def test_the_paths_that_the_daemons_own_tools_are_given_stay_within_too(path: str, place: str) -> None:
    packet = a_packet(checks={"unit": a_check(path)}, criteria=[a_criterion(1, "unit")])
    found = {each.place for each in check_packet(packet) if each.place.startswith("/checks")}
    assert found == ({place} if place else set())


def test_a_plan_with_such_a_path_does_not_hold_together() -> None:
    plan = plan_of(failures=[a_failure()]).to_value()
    name, task = next((name, each) for name, each in plan["tasks"].items() if each["spec"]["side_effects"].get("paths"))
    edited = copy.deepcopy(plan)
    spec = edited["tasks"][name]["spec"]
    spec["side_effects"]["paths"] = ["../b"]
    spec["constraints"] = {**(task["spec"].get("constraints") or {}), "allowed_paths": ["src/**", "src/../../b"]}
    spec["target"] = {"kind": "path", "id": "/etc/passwd"}
    places = {each.place for each in check_plan(read_document(Plan, edited))}
    spec_place = f"/tasks/{name}/spec"
    assert {
        f"{spec_place}/side_effects/paths/0",
        f"{spec_place}/constraints/allowed_paths/1",
        f"{spec_place}/target/id",
    } <= places


@pytest.mark.parametrize(
    ("kind", "name", "is_fine"),
    [
        (TargetKind.PATH, "src/a.py", True),
        (TargetKind.PATH, "src/", True),
        (TargetKind.PATH, "../a.py", False),
        (TargetKind.TEST, "tests/test_a.py::test_b[../x]", True),
        (TargetKind.TEST, "../test_a.py::test_b", False),
        (TargetKind.TEST, "SomeTest.test_b", True),
        (TargetKind.COMPONENT, "../anything", True),
    ],
)
def test_a_target_that_names_a_path_names_one_of_the_repository(kind: TargetKind, name: str, *, is_fine: bool) -> None:
    assert (target_fault(Target(kind=kind, id=name)) == "") is is_fine
