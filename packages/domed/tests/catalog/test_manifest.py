"""What is accepted as a tool, and how everything else is reported."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolKind, ToolOrigin
from domed.catalog import Tool
from domed.catalog.manifest import Rules, load

WriteTool = Callable[..., Path]


def loaded(folder: Path) -> Tool | CatalogProblem | None:
    return load(folder, origin=ToolOrigin.USER, rules=Rules()).entry


def rejected(folder: Path) -> CatalogProblem:
    entry = loaded(folder)
    assert isinstance(entry, CatalogProblem), entry
    assert entry.kind is CatalogProblemKind.REJECTED
    assert entry.origin is ToolOrigin.USER
    bytes(entry)  # it can be sent
    return entry


def accepted(folder: Path) -> Tool:
    entry = loaded(folder)
    assert isinstance(entry, Tool), entry
    return entry


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


def test_a_document_is_listed_with_what_its_front_matter_says(tmp_path: Path) -> None:
    text = "---\nname: PDF-Forms\ndescription: Fills forms.\n---\n# How\n"
    (tmp_path / "SKILL.md").write_text(text)
    document = accepted(tmp_path)
    assert (document.kind, document.tool_id, document.title) == (ToolKind.DOCUMENT, "pdf_forms", "PDF-Forms")
    assert (document.short_description, document.text, document.version) == ("Fills forms.", text, "")
    assert (document.argv(), document.input_schema, document.manifest) == ([], b"", None)


def test_a_document_without_front_matter_is_named_after_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "code-review"
    folder.mkdir()
    (folder / "SKILL.md").write_text("Look twice.\n")
    assert accepted(folder).tool_id == "code_review"


@pytest.mark.parametrize(
    ("text", "said"),
    [(b"\xff", "UTF-8"), (b"---\na: [\n---\n", "front matter"), (b"---\nname: 9lives\n---\n", "makes no id")],
)
def test_a_document_that_cannot_be_listed_is_reported(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "SKILL.md").write_bytes(text)
    assert said in rejected(tmp_path).message


def test_a_document_beside_a_manifest_makes_a_tool(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "echo", files={"SKILL.md": "# How"})
    assert accepted(folder).kind is ToolKind.TOOL
