"""Digests in the examples are those of what they name: an edited example cannot point at what it no longer holds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"


def valid(family: str) -> list[Any]:
    """The valid examples of a family, each with its name for the report."""
    paths = sorted((EXAMPLES / family / "valid").glob("*.json"))
    return [pytest.param(json.loads(path.read_text()), id=path.stem) for path in paths]


def attempts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that names a group, its task and which attempt it is."""
    if isinstance(value, dict):
        if {"group_id", "task_id", "run_id", "attempt"} <= value.keys():
            yield value
        for below in value.values():
            yield from attempts(below)
    elif isinstance(value, list):
        for below in value:
            yield from attempts(below)


@pytest.mark.parametrize("plan", valid("planning/plan"))
def test_a_plan_names_each_task_by_the_digest_of_its_spec(plan: dict[str, Any]) -> None:
    assert {task_id: digest(task["spec"]) for task_id, task in plan["tasks"].items()} == {
        task_id: task_id for task_id in plan["tasks"]
    }


@pytest.mark.parametrize("result", valid("control/task_result"))
def test_a_group_is_the_digest_of_run_task_and_attempt(result: dict[str, Any]) -> None:
    found = list(attempts(result))
    assert found
    for each in found:
        named = {name: each[name] for name in ("run_id", "task_id", "attempt")}
        assert each["group_id"] == digest(named)
