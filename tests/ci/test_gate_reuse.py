"""A second family for a concept that has one is refused, however it is disguised, unless the register justifies it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.gates import reuse
from ci.gates.__main__ import ROOT
from tests.ci.gate_trees import copy, said, write

ORIGINAL = "contracts/jsonschema/planning/v1/task_spec.json"
COPIED = "contracts/jsonschema/planning/v1/work_item.json"

Disguise = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    return copy(tmp_path, "contracts")


def renamed(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"title": "WorkItem", "$id": "https://dome.dev/schemas/planning/v1/work_item.json"}


def reordered(schema: dict[str, Any]) -> dict[str, Any]:
    return renamed(schema) | {"properties": dict(reversed(schema["properties"].items())), "description": "Other words."}


def in_part(schema: dict[str, Any]) -> dict[str, Any]:
    kept = dict(list(schema["properties"].items())[::2])
    return renamed(schema) | {"properties": kept | {"colour": {"type": "string"}}, "required": []}


def with_the_same_id(schema: dict[str, Any]) -> dict[str, Any]:
    return {"$id": schema["$id"], "type": "object", "properties": {"colour": {"type": "string"}}}


@pytest.mark.parametrize("disguise", [renamed, reordered, in_part, with_the_same_id])
def test_a_repeated_family_is_refused_and_the_original_is_named(contracts: Path, disguise: Disguise) -> None:
    write(contracts, COPIED, json.dumps(disguise(json.loads((contracts / ORIGINAL).read_text()))))
    (found,) = [found for found in reuse.check(contracts) if found.place == COPIED]
    assert "planning/task_spec" in found.what
    assert "Use planning/task_spec" in found.remedy


def test_a_family_of_the_same_name_in_another_context_is_refused(contracts: Path) -> None:
    write(contracts, "contracts/jsonschema/control/v1/task_spec.json", '{"properties": {"colour": {"type": "string"}}}')
    assert "control/task_spec has the name of planning/task_spec" in said(reuse.check(contracts))


def test_a_likeness_that_is_justified_passes(contracts: Path) -> None:
    write(contracts, COPIED, json.dumps(renamed(json.loads((contracts / ORIGINAL).read_text()))))
    deltas = yaml.safe_load((contracts / reuse.DELTAS).read_text())
    deltas["deltas"][0]["justifies"] = [["planning/task_spec", "planning/work_item"]]
    write(contracts, reuse.DELTAS, yaml.safe_dump(deltas))
    assert COPIED not in said(reuse.check(contracts))


def test_a_justified_likeness_of_no_family_is_refused(contracts: Path) -> None:
    deltas = yaml.safe_load((contracts / reuse.DELTAS).read_text())
    deltas["deltas"][0]["justifies"] = [["planning/task_spec", "planning/mislaid"]]
    write(contracts, reuse.DELTAS, yaml.safe_dump(deltas))
    assert "planning/mislaid is justified, which is no family" in said(reuse.check(contracts))


def test_the_families_of_this_repository_repeat_nothing() -> None:
    assert reuse.check(ROOT) == []
