"""Documents among the tools."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import ToolKind
from packages.domed.tests.catalog.loading import accepted, rejected

WriteTool = Callable[..., Path]


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
