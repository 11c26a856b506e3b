"""What is accepted as a tool, and how everything else is reported."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import ToolKind
from packages.domed.tests.catalog.loading import accepted, loaded, rejected

WriteTool = Callable[..., Path]


def test_a_valid_folder_is_a_tool(tmp_path: Path, write_tool: WriteTool) -> None:
    tool = accepted(write_tool(tmp_path / "echo", {"locks": ["a", "b"], "failure_reasons": {"3": "TESTS.FAILED"}}))
    assert (tool.tool_id, tool.version, tool.kind, tool.trusted) == ("demo.echo", "1.2.3", ToolKind.TOOL, False)
    assert tool.argv() == ["sh", f"{tmp_path}/echo/run.sh"]
    assert (tool.locks, tool.failure_reasons, tool.backend) == (("a", "b"), {3: "TESTS.FAILED"}, "local-process")
    assert tool.input_schema_ref is not None
    assert tool.input_schema_ref.schema_id == "demo.echo/input.json"


def test_a_folder_without_manifest_and_document_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing to see")
    assert loaded(tmp_path) is None


MANIFEST_BREACHES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"hints": None}, '"hints" is a required property', []),
    ({"version": 1.0}, "/version", ["/version"]),
    ({"tool_id": "Not An Id"}, "/tool_id", ["/tool_id"]),
    ({"tool_id": "python"}, "'python' is reserved", ["/tool_id"]),
    ({"surprise": 1}, "surprise", []),
    ({"effects": {"filesystem": "some", "network": "none", "starts_processes": True}}, "some", ["/effects/filesystem"]),
    ({"locks": ["a", "a"]}, "/locks", ["/locks"]),
    ({"input_schema": "../input.json"}, "/input_schema", ["/input_schema"]),
    ({"executor": {"backend": "local-process", "command": []}}, "names no program", ["/executor/command"]),
    (
        {"executor": {"backend": "local-process", "command": ["sh", "{home}/x"]}},
        "{home} is no placeholder",
        ["/executor/command/1"],
    ),
    (
        {"executor": {"backend": "local-process", "command": ["./run.sh"]}},
        "caller's directory",
        ["/executor/command/0"],
    ),
]


@pytest.mark.parametrize(("changes", "said", "pointers"), MANIFEST_BREACHES)
def test_a_breach_of_the_contract_is_reported_with_its_place(
    tmp_path: Path, write_tool: WriteTool, changes: dict[str, Any], said: str, pointers: list[str]
) -> None:
    problem = rejected(write_tool(tmp_path / "echo", changes))
    assert said in problem.message
    assert problem.pointers == pointers
    assert problem.path == f"{tmp_path}/echo/tool.yaml"
    assert problem.tool_id == changes.get("tool_id", "demo.echo")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tool_id: a\ntool_id: b\n", "the key 'tool_id' in line 2 stands twice"),
        ("a: &x [1]\nb: *x\n", "anchor"),
        ("a: !!binary aGk=\n", "tag"),
        ("a: !!python/object/apply:os.system [true]\n", "tag"),
        ("1: one\n", "put it in quotes"),
        ("a: [\n", "line"),
        ("--- {}\n--- {}\n", "more than one document"),
        ("[" * 100_000, "nested more than 32 deep"),
        ("a: " + "{b: " * 40 + "1" + "}" * 40, "nested more than 32 deep"),
        ("- a\n", "no mapping"),
        ("", "no mapping"),
        (b"a: \xff\n", "UTF-8"),
        (b"a: \x00\n", "YAML"),
        ("a: 1e999\n", "too large"),
        ("a: " + "9" * 5000, "YAML"),
        ("# " + "x" * 300_000, "at most 262144"),
    ],
)
def test_a_manifest_that_is_no_plain_yaml_is_reported(tmp_path: Path, text: str | bytes, said: str) -> None:
    (tmp_path / "tool.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said in rejected(tmp_path).message


def test_plain_words_are_read_as_json_reads_them(tmp_path: Path, write_tool: WriteTool) -> None:
    tool = accepted(write_tool(tmp_path / "echo", {}, None))
    manifest = tmp_path / "echo" / "tool.yaml"
    manifest.write_text(
        manifest.read_text().replace("title: Echo", "title: no").replace("Says what", "2024-01-01 what")
    )
    assert accepted(tmp_path / "echo").title == "no"
    assert tool.title == "Echo"


def test_an_unquoted_manifest_version_is_reported_with_its_place(tmp_path: Path, write_tool: WriteTool) -> None:
    problem = rejected(write_tool(tmp_path / "echo", {"manifest_version": 1}))
    assert problem.pointers == ["/manifest_version"]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "array"}, '"type": "object"'),
        ({}, '"type": "object"'),
        (True, '"type": "object"'),
        ({"type": "object", "properties": {"a": {"type": "objekt"}}}, "objekt"),
        ({"type": "object", "pattern": "("}, "regex"),
        ({"type": "object", "$ref": "#/$defs/missing"}, "missing"),
        ({"type": "object", "$ref": "http://127.0.0.1:9/x.json"}, "127.0.0.1"),
        ({"type": "object", "$ref": "file:///etc/passwd"}, "etc/passwd"),
        ({"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"}, "dialect"),
        ({"type": "object", "$schema": 7}, "dialect"),
        ({"type": "object", "maxProperties": 2**60}, "canonical"),
        (b'{"type": "object", "type": "object"}', "stands twice"),
        (b'{"type": "object", "default": NaN}', "NaN"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "nested"),
        (b'{"type": "object", "title": "\\ud800"}', "surrogate"),
        (b" " * 1_100_000, "at most 1048576"),
    ],
)
@pytest.mark.parametrize("name", ["input.json", "output.json"])
def test_a_schema_that_cannot_be_used_is_reported(
    tmp_path: Path, write_tool: WriteTool, name: str, schema: Any, said: str
) -> None:
    problem = rejected(write_tool(tmp_path / "echo", files={name: schema}))
    assert said in problem.message
    assert problem.path == f"{tmp_path}/echo/{name}"


def test_a_missing_schema_is_reported(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "echo")
    (folder / "output.json").unlink()
    assert "no such file" in rejected(folder).message


@pytest.mark.parametrize("name", ["tool.yaml", "input.json", "run.sh"])
def test_a_link_out_of_the_folder_is_reported(tmp_path: Path, write_tool: WriteTool, name: str) -> None:
    folder = write_tool(tmp_path / "echo")
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to("../elsewhere")
    assert "outside the tool's folder" in rejected(folder).message


def test_a_link_within_the_folder_is_followed(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "echo", files={"link.sh": "cat\n"})
    digest = accepted(folder).digest
    (folder / "link.sh").unlink()
    (folder / "link.sh").symlink_to("run.sh")
    assert accepted(folder).digest == digest


def test_the_tools_folder_itself_may_be_a_link(tmp_path: Path, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    assert accepted(tmp_path / "link").location == tmp_path / "real"


def test_a_pipe_by_the_name_of_a_manifest_holds_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tool.yaml")
    assert "no regular file" in rejected(tmp_path).message


def test_a_folder_by_the_name_of_a_manifest_is_reported(tmp_path: Path) -> None:
    (tmp_path / "tool.yaml").mkdir()
    assert "no regular file" in rejected(tmp_path).message


def test_a_command_that_names_a_missing_file_is_reported(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "echo")
    (folder / "run.sh").unlink()
    problem = rejected(folder)
    assert "no such file" in problem.message
    assert problem.path == f"{folder}/run.sh"


def test_a_misnamed_manifest_is_reported(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "echo")
    (folder / "tool.yaml").rename(folder / "tool.yml")
    assert "Rename it" in rejected(folder).message


def test_a_path_that_is_no_text_can_be_reported(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    (folder / "tool.yaml").write_text("[]")
    assert rejected(folder).path.endswith("\\xff/tool.yaml")
