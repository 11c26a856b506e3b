"""Generation is repeatable, and `--check` refuses everything in `generated/` that no contract wrote."""

import ast
import shutil
from pathlib import Path

import pytest
from ci.gen.__main__ import ROOT, main
from ci.gen.build import build
from ci.gen.tree import PACKAGE, GenerationError, Tree, compare, write


@pytest.fixture(scope="module")
def tree() -> Tree:
    return build(ROOT)


@pytest.fixture
def repository(tmp_path: Path, tree: Tree) -> Path:
    """A copy of the sources with `generated/` as the generator writes it."""
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    shutil.copytree(ROOT / "ci/gen/support", tmp_path / "ci/gen/support")
    for name in ("buf.yaml", "buf.gen.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    write(tree, tmp_path / "generated")
    return tmp_path


def check(repository: Path) -> int:
    return main(["--check", "--root", str(repository)])


def test_the_same_contracts_give_the_same_bytes(tree: Tree) -> None:
    assert build(ROOT) == tree


def test_every_generated_module_names_its_source_and_the_command(tree: Tree) -> None:
    for path, content in tree.items():
        if path.endswith((".py", ".toml", ".md")):
            first_line = content.decode().splitlines()[0]
            assert "@generated from" in first_line and "`just gen`" in first_line, path


def test_every_generated_module_has_a_docstring(tree: Tree) -> None:
    assert [
        path for path, text in tree.items() if path.endswith(".py") and not ast.get_docstring(ast.parse(text))
    ] == []


def test_no_generated_module_imports_google_protobuf(tree: Tree) -> None:
    imported = {
        alias
        for path, text in tree.items()
        if path.endswith(".py")
        for node in ast.walk(ast.parse(text))
        for alias in _imported(node)
    }
    assert "dome_contracts.google" in imported
    assert [name for name in imported if name.split(".")[0] == "google"] == []


def test_the_check_agrees_with_a_fresh_tree(repository: Path) -> None:
    assert check(repository) == 0


def test_the_check_ignores_what_interpreters_leave_behind(repository: Path) -> None:
    cache = repository / "generated" / PACKAGE / "__pycache__"
    cache.mkdir()
    (cache / "ids.cpython-311.pyc").write_bytes(b"\0")
    assert check(repository) == 0


def test_the_check_refuses_an_edited_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited = repository / "generated" / PACKAGE / "families.py"
    edited.write_text(edited.read_text() + "EXTRA = 1\n")
    assert check(repository) == 1
    said = capsys.readouterr().err
    assert f"generated/{PACKAGE}/families.py: differs" in said
    assert "-EXTRA = 1" in said
    assert "just gen" in said


def test_the_check_refuses_a_missing_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "generated" / PACKAGE / "descriptors.binpb").unlink()
    assert check(repository) == 1
    assert f"generated/{PACKAGE}/descriptors.binpb: missing" in capsys.readouterr().err


def test_the_check_refuses_a_surplus_file(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "generated" / PACKAGE / "handmade.py").write_text("")
    assert check(repository) == 1
    assert f"generated/{PACKAGE}/handmade.py: surplus" in capsys.readouterr().err


def test_generation_removes_what_no_contract_writes(tmp_path: Path, tree: Tree) -> None:
    write({**tree, f"{PACKAGE}/schema/gone/family.py": b"", "stray.txt": b""}, tmp_path)
    write(tree, tmp_path)
    assert compare(tree, tmp_path) == []
    assert not (tmp_path / PACKAGE / "schema/gone").exists()


@pytest.mark.parametrize(
    ("name", "before", "after", "complaint"),
    [
        ("reasons.yaml", "reason: JOB_NOT_FOUND", "reason: JOB_MISLAID", "declares JOB_NOT_FOUND; add a row"),
        ("reasons.yaml", "grpc: NOT_FOUND", "grpc: LOST", "LOST is no gRPC status"),
        ("reasons.yaml", "code: TESTS.FAILED", "code: NONE", "NONE twice"),
        ("reasons.yaml", "domain: dome.runtime", "", "has no `domain`"),
        ("families.yaml", "runtime_config.json", "nowhere.json", "nowhere.json does not exist"),
        ("families.yaml", "    owner:", "    possessor:", "missing or unknown: owner, possessor"),
        ("jsonschema/runtime/v1/tool_manifest.json", "#/$defs/ToolId", "x#/$defs/ToolId", "leads nowhere"),
        ("jsonschema/runtime/v1/tool_manifest.json", "v1/tool_manifest.json", "v1/run_manifest.json", "of its own"),
        ("proto/dome/errors/v1/errors.proto", "syntax", "sintax", "buf build failed"),
    ],
)
def test_a_faulty_contract_is_named(repository: Path, name: str, before: str, after: str, complaint: str) -> None:
    path = repository / "contracts" / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(GenerationError, match=complaint.replace("(", r"\(")):
        build(repository)


def test_a_schema_in_the_wrong_place_is_named(repository: Path) -> None:
    (repository / "contracts/jsonschema/loose.json").write_text("{}")
    with pytest.raises(GenerationError, match=r"loose\.json: a schema stands at"):
        build(repository)


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
        case _:
            return []
