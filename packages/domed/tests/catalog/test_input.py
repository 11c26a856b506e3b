"""How the input of a tool reaches its program, and which schemas assure that it can."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import CatalogProblem, ToolOrigin
from domed.catalog import Tool
from domed.catalog.manifest import Rules, load
from packages.domed.tests.catalog.loading import accepted, rejected

WriteTool = Callable[..., Path]

WORDS = {"type": "array", "items": {"type": "string"}}

TAKES = {"backend": "local-process", "command": ["run"], "arguments_from": "/in~1put/words"}


def words_schema(words: Any, *, required: bool = True) -> dict[str, Any]:
    inner = {"type": "object", "required": ["words"] if required else [], "properties": {"words": words}}
    return {"type": "object", "required": ["in/put"], "properties": {"in/put": inner, "text": {"type": "string"}}}


def test_arguments_and_standard_input_come_from_the_input(tmp_path: Path, write_tool: WriteTool) -> None:
    executor = TAKES | {"standard_input_from": "/text"}
    tool = accepted(write_tool(tmp_path / "echo", {"executor": executor}, {"input.json": words_schema(WORDS)}))
    payload = '{"in/put": {"words": ["{tool}", "", "ü"]}, "text": "hé"}'.encode()
    assert tool.argv(payload) == ["run", "{tool}", "", "ü"]
    assert tool.standard_input(payload) == "hé".encode()
    assert tool.standard_input(b'{"in/put": {"words": []}}') == b""


def test_without_a_pointer_standard_input_is_the_input(tmp_path: Path, write_tool: WriteTool) -> None:
    assert accepted(write_tool(tmp_path / "echo")).standard_input(b'{"said": "x"}') == b'{"said": "x"}'


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        words_schema(WORDS, required=False),
        words_schema({"type": "array"}),
        words_schema({"type": "string"}),
        words_schema({"type": "array", "items": {"type": "integer"}}),
        words_schema({"type": "array", "items": {"type": "string"}, "prefixItems": [{"type": "null"}]}),
        words_schema({"$ref": "#/properties/text"}),
        {"type": "object", "required": ["in/put"], "properties": {"in/put": True}},
        {"type": "object", "required": ["in/put"], "properties": {"in/put": {"properties": {"words": WORDS}}}},
    ],
)
def test_arguments_that_the_schema_does_not_assure_are_reported(
    tmp_path: Path, write_tool: WriteTool, schema: dict[str, Any]
) -> None:
    problem = rejected(write_tool(tmp_path / "echo", {"executor": TAKES}, {"input.json": schema}))
    assert "input.json does not require an array of strings" in problem.message
    assert problem.pointers == ["/executor/arguments_from"]


def test_a_standard_input_that_may_be_no_text_is_reported(tmp_path: Path, write_tool: WriteTool) -> None:
    executor = {"backend": "local-process", "command": ["run"], "standard_input_from": "/a~1b~0c"}
    problem = rejected(write_tool(tmp_path / "echo", {"executor": executor}))
    assert problem.pointers == ["/executor/standard_input_from"]


@pytest.mark.parametrize("words", [WORDS, WORDS | {"minItems": 1}])
def test_only_what_is_shipped_may_leave_the_program_to_the_input(
    tmp_path: Path, write_tool: WriteTool, words: dict[str, Any]
) -> None:
    changes = {"executor": TAKES | {"command": []}}
    folder = write_tool(tmp_path / "echo", changes, {"input.json": words_schema(words)})
    assert rejected(folder).pointers == ["/executor/command"]
    shipped = load(folder, origin=ToolOrigin.BUILT_IN, rules=Rules()).entry
    if "minItems" in words:
        assert isinstance(shipped, Tool)
        assert shipped.argv(b'{"in/put": {"words": ["true"]}}') == ["true"]
    else:
        assert isinstance(shipped, CatalogProblem)
        assert "`minItems` of at least 1" in shipped.message
