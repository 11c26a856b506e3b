"""A second family for a concept that has one is refused, however it is disguised, unless the register justifies it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci.gates import reuse
from ci.gates.__main__ import ROOT
from ci.gates.registries import DELTAS, load
from tests.ci.gate_trees import contracts_with, said, write

ORIGINAL = "contracts/jsonschema/planning/v1/task_spec.json"
COPIED = "contracts/jsonschema/planning/v1/work_item.json"

Disguise = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    return contracts_with(tmp_path, "jsonschema", "deltas.yaml")


def renamed(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"title": "WorkItem", "$id": "https://dome.dev/schemas/planning/v1/work_item.json"}


def reordered(schema: dict[str, Any]) -> dict[str, Any]:
    return renamed(schema) | {"properties": dict(reversed(schema["properties"].items())), "description": "Other words."}


def in_part(schema: dict[str, Any]) -> dict[str, Any]:
    kept = dict(list(schema["properties"].items())[::2])
    return renamed(schema) | {"properties": kept | {"colour": {"type": "string"}}, "required": []}


def with_a_third_replaced(schema: dict[str, Any]) -> dict[str, Any]:
    names = list(schema["properties"])
    kept = {name: value for index, (name, value) in enumerate(schema["properties"].items()) if index % 3}
    added = {f"colour_{index}": {"type": "string"} for index in range(len(names) - len(kept))}
    return renamed(schema) | {"properties": kept | added, "required": []}


def with_the_same_id(schema: dict[str, Any]) -> dict[str, Any]:
    return {"$id": schema["$id"], "type": "object", "properties": {"colour": {"type": "string"}}}


@pytest.mark.parametrize("disguise", [renamed, reordered, in_part, with_the_same_id])
def test_a_repeated_family_is_refused_and_the_original_is_named(contracts: Path, disguise: Disguise) -> None:
    write(contracts, COPIED, json.dumps(disguise(json.loads((contracts / ORIGINAL).read_text()))))
    (found,) = [found for found in reuse.check(contracts) if found.place == COPIED]
    assert "planning/task_spec" in found.what
    assert "Use planning/task_spec" in found.remedy


@pytest.mark.parametrize("family", ["governance/v1/tactic", "runtime/v1/run_manifest", "gates/v1/gate_decision"])
def test_a_copy_with_a_third_of_its_fields_replaced_is_refused(contracts: Path, family: str) -> None:
    original = json.loads((contracts / f"contracts/jsonschema/{family}.json").read_text())
    write(contracts, COPIED, json.dumps(with_a_third_replaced(original)))
    assert family.replace("/v1/", "/") in said([found for found in reuse.check(contracts) if found.place == COPIED])


def test_a_copy_inside_of_an_earlier_family_is_told_of_the_one_that_was_edited(contracts: Path) -> None:
    package = json.loads((contracts / "contracts/jsonschema/missions/v1/work_package.json").read_text())
    path = "contracts/jsonschema/missions/v1/mission.json"
    mission = json.loads((contracts / path).read_text())
    mission["properties"]["copied"] = {key: value for key, value in package.items() if key not in ("$id", "$schema")}
    write(contracts, path, json.dumps(mission))
    (found,) = reuse.check(contracts)
    assert found.place == path
    assert "Use missions/work_package" in found.remedy


def test_a_family_of_the_same_name_in_another_context_is_refused(contracts: Path) -> None:
    write(contracts, "contracts/jsonschema/control/v1/task_spec.json", '{"properties": {"colour": {"type": "string"}}}')
    assert "control/task_spec has the name of planning/task_spec" in said(reuse.check(contracts))


def test_a_likeness_that_is_justified_passes(contracts: Path) -> None:
    write(contracts, COPIED, json.dumps(renamed(json.loads((contracts / ORIGINAL).read_text()))))
    deltas = load(contracts, DELTAS)
    deltas["deltas"][0]["justifies"] = [["planning/task_spec", "planning/work_item"]]
    write(contracts, DELTAS, json.dumps(deltas))
    assert COPIED not in said(reuse.check(contracts))


def test_a_justified_likeness_of_no_family_is_refused(contracts: Path) -> None:
    deltas = load(contracts, DELTAS)
    deltas["deltas"][0]["justifies"] = [["planning/task_spec", "planning/mislaid"]]
    write(contracts, DELTAS, json.dumps(deltas))
    assert "planning/mislaid is justified, which is no family" in said(reuse.check(contracts))


def test_the_families_of_this_repository_repeat_nothing() -> None:
    assert reuse.check(ROOT) == []
