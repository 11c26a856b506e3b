"""What changes the digest of a tool, and what does not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import ToolOrigin
from domed.catalog import Tool, source
from domed.catalog.manifest import Rules, load

WriteTool = Callable[..., Path]


def digest_of(folder: Path, *, origin: ToolOrigin = ToolOrigin.USER) -> str:
    entry = load(folder, origin=origin, rules=Rules()).entry
    assert isinstance(entry, Tool), entry
    return entry.digest


def command(*arguments: str) -> dict[str, object]:
    return {"executor": {"backend": "local-process", "command": list(arguments)}}


def test_place_and_times_are_not_part_of_it(tmp_path: Path, write_tool: WriteTool) -> None:
    first, second = write_tool(tmp_path / "a"), write_tool(tmp_path / "b" / "c")
    os.utime(second / "run.sh", (0, 0))
    assert digest_of(first) == digest_of(second)


@pytest.mark.parametrize("name", ["tool.yaml", "part.py", "deep/part.py", ".hidden", "part.pyc"])
def test_every_file_is_part_of_it_whether_the_command_names_it_or_not(
    tmp_path: Path, write_tool: WriteTool, name: str
) -> None:
    folder = write_tool(tmp_path / "a")
    before = digest_of(folder)
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    # A comment of a manifest may be code to a program.
    file.write_text((file.read_text() if file.exists() else "") + "\n# added\n")
    added = digest_of(folder)
    assert added != before
    file.write_text(file.read_text() + "# changed\n")
    assert digest_of(folder) not in {before, added}


def test_a_named_file_is_covered_also_where_derived_files_lie(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "a", command("sh", "{tool}/__pycache__/x.sh"), {"__pycache__/x.sh": "1"})
    before = digest_of(folder)
    (folder / "__pycache__/x.sh").write_text("2")
    assert digest_of(folder) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tool.yaml", "title: Echo", "title: Ohce"),
        ("input.json", "5", "6"),
        ("output.json", "}", ', "title": "x"}'),
        ("run.sh", "cat", "tac"),
    ],
)
def test_manifest_schemas_and_named_files_are_part_of_it(
    tmp_path: Path, write_tool: WriteTool, name: str, old: str, new: str
) -> None:
    folder = write_tool(tmp_path / "a")
    before = digest_of(folder)
    (folder / name).write_text((folder / name).read_text().replace(old, new))
    assert digest_of(folder) != before


@pytest.mark.parametrize("named", ["{tool}", "{tool}/", "{tool}/src", "--path={tool}/src"])
def test_a_named_folder_is_covered_with_everything_below_it(tmp_path: Path, write_tool: WriteTool, named: str) -> None:
    folder = write_tool(tmp_path / "a", command("{python}", named), {"src/deep/part.py": "1"})
    before = digest_of(folder)
    (folder / "src/deep/part.py").write_text("2")
    changed = digest_of(folder)
    assert changed != before
    (folder / "src/added.py").write_text("")
    assert digest_of(folder) != changed


def test_compiled_files_are_part_of_it(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "a", command("{python}", "-I", "{tool}/src"), {"src/part.py": "1"})
    before = digest_of(folder)
    (folder / "src/__pycache__").mkdir()
    planted = folder / "src/__pycache__/part.cpython-311.pyc"
    planted.write_text("one")
    one = digest_of(folder)
    planted.write_text("two")
    assert len({before, one, digest_of(folder)}) == 3


def test_compiled_files_of_a_built_in_tool_are_not_part_of_its_digest(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "a", command("{python}", "{tool}/src"), {"src/part.py": "1"})
    before = digest_of(folder, origin=ToolOrigin.BUILT_IN)
    (folder / "src/__pycache__").mkdir()
    (folder / "src/__pycache__/part.cpython-311.pyc").write_text("derived")
    assert digest_of(folder, origin=ToolOrigin.BUILT_IN) == before != digest_of(folder)


def test_a_folder_of_too_many_files_is_refused(
    tmp_path: Path, write_tool: WriteTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "COVERED_FILES_MAX", 5)
    folder = write_tool(tmp_path / "a", files={"one": "", "two": ""})
    problem = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert "more than 5 files, and an approval covers each" in getattr(problem, "message", "")


def test_a_folder_of_too_many_bytes_is_refused_before_they_are_read(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "a")
    for name in ("one", "two"):
        with (folder / name).open("wb") as file:
            file.truncate(source.COVERED_BYTES_MAX // 2 + 1)
    problem = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert f"more than {source.COVERED_BYTES_MAX} bytes, and an approval covers each" in getattr(problem, "message", "")


def test_links_below_a_named_folder_must_stay_inside(tmp_path: Path, write_tool: WriteTool) -> None:
    (tmp_path / "elsewhere.py").write_text("")
    folder = write_tool(tmp_path / "a", command("{python}", "{tool}/src"), {"src/part.py": "1"})
    (folder / "src/out.py").symlink_to(tmp_path / "elsewhere.py")
    problem = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert "outside the tool's folder" in getattr(problem, "message", "")


@pytest.mark.parametrize("named", ["{tool}/../other.sh", "{tool}/..", "{tool}/src/../../x"])
def test_a_command_cannot_name_what_lies_outside(tmp_path: Path, write_tool: WriteTool, named: str) -> None:
    (tmp_path / "other.sh").write_text("")
    folder = write_tool(tmp_path / "a", command("sh", named))
    problem = load(folder, origin=ToolOrigin.USER, rules=Rules()).entry
    assert "outside the tool's folder" in getattr(problem, "message", "")


def test_a_file_whose_name_is_no_text_is_covered(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "a", command("{python}", "{tool}"))
    before = digest_of(folder)
    (folder / "odd\udcff").write_text("")
    assert digest_of(folder) != before
