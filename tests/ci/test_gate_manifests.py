"""Manifests of built-in tools that break their contract are refused."""

from pathlib import Path

import pytest

from ci.gates.manifests import TOOLS, check
from tests.ci.gate_trees import replace, said, write

MANIFEST = f"{TOOLS}/sample_echo/tool.yaml"
GOOD = """\
manifest_version: "1"
tool_id: sample.echo
version: 1.0.0
title: Echo
short_description: Says what it hears.
executor:
  backend: local-process
  command: ["cat"]
input_schema: input.json
output_schema: input.json
hints: {read_only: true, destructive: false, idempotent: true, open_world: false}
effects: {filesystem: none, network: none, starts_processes: false}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    write(tmp_path, MANIFEST, GOOD)
    write(tmp_path, f"{TOOLS}/sample_echo/input.json", '{"type": "object"}')
    return tmp_path


def test_a_manifest_that_keeps_its_contract_passes(tree: Path) -> None:
    assert check(tree) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("title: Echo\n", "", '"title" is a required property'),
        ("version: 1.0.0", "version: one", '"one" does not match'),
        ("title: Echo", "title: Echo\nshell: true", "'shell' was unexpected"),
        ("tool_id: sample.echo", "tool_id: sample.other", "tool_id is not that of the folder"),
        ("tool_id: sample.echo", "tool_id: python", "'python' is reserved"),
        ("input_schema: input.json", "input_schema: absent.json", "there is no such file"),
    ],
)
def test_a_broken_manifest_is_found(tree: Path, before: str, after: str, complaint: str) -> None:
    replace(tree, MANIFEST, before, after)
    assert complaint in said(check(tree))


def test_a_schema_that_is_none_is_found(tree: Path) -> None:
    write(tree, f"{TOOLS}/sample_echo/input.json", '{"type": "object", "maxProperties": "x"}')
    assert "input.json" in said(check(tree))


def test_code_without_a_manifest_is_found(tree: Path) -> None:
    write(tree, f"{TOOLS}/orphan/__main__.py", "")
    assert "there is no manifest" in said(check(tree))
