"""Inputs and results against a tool's schemas."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import ToolOrigin
from domed.catalog import Tool
from domed.catalog.manifest import Rules, load

WriteTool = Callable[..., Path]


@pytest.fixture
def tool(tmp_path: Path, write_tool: WriteTool) -> Tool:
    entry = load(write_tool(tmp_path / "echo"), origin=ToolOrigin.USER, rules=Rules()).entry
    assert isinstance(entry, Tool)
    return entry


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (b'{"said": "hello"}', []),
        (b'{"said": "toolong"}', ["input/said"]),
        (b'{"said": 1, "a/b~c": "x"}', ["input/a~1b~0c", "input/said"]),
        (b'{"said": "a", "more": 1}', ["input"]),
        (b"", ["input"]),
        (b"[]", ["input"]),
        (b"{", ["input"]),
        (b'{"said": "a", "said": "b"}', ["input"]),
        (b'{"said": NaN}', ["input"]),
        (b'{"said": "a", "a/b~c": 1e99999}', ["input"]),
        (b'{"said": "\\ud800"}', ["input"]),
        (b'{"said": "\xff"}', ["input"]),
        (b"[" * 100_000, ["input"]),
        (b"[" * 400 + b"]" * 400, ["input"]),
        (b'{"said": "a", "a/b~c": ' + b"9" * 5000 + b"}", ["input"]),
    ],
)
def test_an_input_is_answered_with_the_places_that_break_the_schema(
    tool: Tool, payload: bytes, fields: list[str]
) -> None:
    found = tool.input_violations(payload)
    assert sorted(violation.field for violation in found) == fields
    assert all(len(violation.description) <= 600 and violation.description for violation in found)


def test_a_result_that_was_not_declared_is_the_empty_one(tool: Tool) -> None:
    assert tool.output_violations(b"") == ()
    assert [violation.field for violation in tool.output_violations(b"[]")] == ["result"]


@pytest.mark.parametrize(("text_length", "places"), [(600, 20), (10_000, 1)])
def test_violations_and_their_texts_are_bounded(
    tmp_path: Path, write_tool: WriteTool, text_length: int, places: int
) -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    folder = write_tool(tmp_path / "echo", files={"input.json": schema})
    entry = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert isinstance(entry, Tool)
    payload = "{" + ",".join(f'"k{number}": "{"x" * text_length}"' for number in range(25)) + "}"
    found = entry.input_violations(payload.encode())
    assert len(found) == places
    assert all(len(violation.description) <= 500 for violation in found)


def test_formats_are_asserted(tmp_path: Path, write_tool: WriteTool) -> None:
    schema = {"type": "object", "properties": {"when": {"type": "string", "format": "date"}}}
    folder = write_tool(tmp_path / "echo", files={"input.json": schema})
    entry = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert isinstance(entry, Tool)
    assert [violation.field for violation in entry.input_violations(b'{"when": "today"}')] == ["input/when"]


def test_an_input_that_is_wrong_in_a_million_places_is_refused_for_the_first(
    tmp_path: Path, write_tool: WriteTool
) -> None:
    schema = {"type": "object", "properties": {"words": {"type": "array", "items": {"type": "string"}}}}
    folder = write_tool(tmp_path / "echo", files={"input.json": schema})
    entry = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert isinstance(entry, Tool)
    found = entry.input_violations(b'{"words": [' + b"1," * 1_000_000 + b"1]}")
    assert [violation.field for violation in found] == ["input/words/0"]
