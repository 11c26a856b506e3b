"""A file that cannot be read is one finding at its own line, from every gate that reads it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ci import examples
from ci.gates import compatibility, families, reasons, reuse, schema, schema_rules
from ci.gates.__main__ import ROOT
from ci.gates.finding import Finding
from ci.gates.gate import Gate
from ci.gates.reading import Unreadable, json_at, yaml_at
from ci.gates.run import run
from tests.ci.gate_trees import contracts_with, copy, write

PLAN = "contracts/jsonschema/planning/v1/plan.json"


def findings(tree: Path, check: Callable[[Path], list[Finding]]) -> list[Finding]:
    (verdict,) = run([Gate("it", check, ())], tree)
    return list(verdict.findings)


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    return contracts_with(tmp_path, "jsonschema", "families.yaml", "reasons.yaml")


@pytest.mark.parametrize(
    "check",
    [schema.metaschema, schema.lint, schema.form, schema_rules.check, families.check, reuse.check, examples.check],
)
def test_a_schema_that_is_no_json_is_told_with_its_line(
    contracts: Path, check: Callable[[Path], list[Finding]]
) -> None:
    write(contracts, PLAN, (contracts / PLAN).read_text().replace('"type": "object",', '"type": "object"', 1))
    (found,) = findings(contracts, check)
    assert found.place.startswith(f"{PLAN}:")
    assert found.remedy == "Mend the syntax."


def test_compatibility_tells_it_before_what_follows_from_it(contracts: Path) -> None:
    write(contracts, PLAN, '{"$defs": {')
    assert compatibility.check(contracts)[0].place.startswith(f"{PLAN}:1")


def test_an_example_that_is_no_json_is_told(tmp_path: Path) -> None:
    copy(tmp_path, "contracts/jsonschema", "contracts/examples/planning")
    path = "contracts/examples/planning/plan/valid/one_task.json"
    write(tmp_path, path, '{"a": 1,\n}')
    assert findings(tmp_path, lambda tree: examples.check(tree, [path]))[0].place == f"{path}:2"


@pytest.mark.parametrize(("path", "check"), [("families", families.check), ("reasons", reasons.check)])
def test_a_register_that_is_no_yaml_is_told_with_its_line(
    contracts: Path, path: str, check: Callable[[Path], list[Finding]]
) -> None:
    place = f"contracts/{path}.yaml"
    lines = (contracts / place).read_text().count("\n")
    write(contracts, place, (contracts / place).read_text() + "  - [\n")
    (found,) = findings(contracts, check)
    assert int(found.place.removeprefix(f"{place}:")) > lines
    assert "unicode string" not in found.what


def test_members_named_twice_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, "a.json", '{"a": 1,\n "a": 2}')
    write(tmp_path, "a.yaml", "a: 1\na: 2\n")
    for read, path in ((json_at, "a.json"), (yaml_at, "a.yaml")):
        with pytest.raises(Unreadable) as raised:
            read(tmp_path, path)
        assert raised.value.finding.place == f"{path}:2"


def test_what_can_be_read_is_read() -> None:
    assert json_at(ROOT, PLAN)["title"] == "Plan"
    assert yaml_at(ROOT, "contracts/families.yaml")["families"]
