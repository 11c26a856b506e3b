"""`--check` refuses everything in `generated/` that no contract wrote, and a contract that is none is named."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from ci.gen import families, proto, reasons, schemas
from ci.gen.__main__ import ROOT, main
from ci.gen.tree import PACKAGE, GenerationError, Tree, compare, read, write
from tests.ci.gate_trees import contracts_with, replace, share

Check = Callable[[], int]


@pytest.fixture(scope="module")
def tree() -> Tree:
    """What is generated from this repository. The gate `codegen-drift` says that it is what the contracts give."""
    return read(ROOT / "generated")


@pytest.fixture
def repository(tmp_path: Path, tree: Tree) -> Path:
    """A copy of the sources with `generated/` as the generator writes it."""
    contracts_with(tmp_path, "jsonschema", "proto", "families.yaml", "reasons.yaml")
    share(tmp_path, "ci/gen/support", "buf.yaml", "buf.gen.yaml")
    write(tree, tmp_path / "generated")
    return tmp_path


@pytest.fixture
def check(repository: Path, tree: Tree) -> Check:
    """Runs `--check` on the copy, with what the same contracts gave before."""
    return lambda: main(["--check", "--root", str(repository)], generate=lambda _: tree)


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


def test_alternatives_with_a_constant_of_their_own_are_told_apart_by_it(tree: Tree) -> None:
    facts = tree[f"{PACKAGE}/schema/knowledge/fact.py"].decode()
    assert 'Field(discriminator="kind", title="FactBody")' in facts
    assert 'Field(discriminator="origin", title="FactSource")' in facts


def test_the_check_agrees_with_a_fresh_tree(check: Check) -> None:
    assert check() == 0


def test_the_check_ignores_what_interpreters_leave_behind(repository: Path, check: Check) -> None:
    cache = repository / "generated" / PACKAGE / "__pycache__"
    cache.mkdir()
    (cache / "ids.cpython-311.pyc").write_bytes(b"\0")
    assert check() == 0


def test_the_check_refuses_an_edited_file(repository: Path, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    edited = repository / "generated" / PACKAGE / "families.py"
    edited.write_text(edited.read_text() + "EXTRA = 1\n")
    assert check() == 1
    said = capsys.readouterr().err
    assert f"generated/{PACKAGE}/families.py: differs" in said
    assert "-EXTRA = 1" in said
    assert "just gen" in said


def test_the_check_refuses_a_missing_file(repository: Path, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "generated" / PACKAGE / "descriptors.binpb").unlink()
    assert check() == 1
    assert f"generated/{PACKAGE}/descriptors.binpb: missing" in capsys.readouterr().err


def test_the_check_refuses_a_surplus_file(repository: Path, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "generated" / PACKAGE / "handmade.py").write_text("")
    assert check() == 1
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
        ("reasons.yaml", "grpc: NOT_FOUND", "grpc: LOST", "/rpc_errors/3/grpc: .LOST. is not one of"),
        ("reasons.yaml", "code: TESTS.FAILED", "code: NONE", "NONE twice"),
        ("reasons.yaml", "domain: dome.runtime", "", '"domain" is a required property'),
        ("reasons.yaml", "class: tests", "class: fate", "refused by contracts/jsonschema/control/v1/reason_codes.json"),
        ("reasons.yaml", "code: LINT_FAILED", "code: TESTS_FAILED", "pinned_reasons has xtrlv2 TESTS_FAILED twice"),
        ("reasons.yaml", "failure_reason_code: LINT.FAILED", "failure_reason_code: REPOSITORY.DIRTY", "does not have"),
        ("families.yaml", "runtime_config.json", "nowhere.json", "nowhere.json does not exist"),
        ("families.yaml", "    owner:", "    possessor:", "missing or unknown: owner, possessor"),
        ("jsonschema/runtime/v1/tool_manifest.json", "#/$defs/ToolId", "x#/$defs/ToolId", "leads nowhere"),
        ("jsonschema/runtime/v1/tool_manifest.json", "v1/tool_manifest.json", "v1/run_manifest.json", "of its own"),
        ("proto/dome/errors/v1/errors.proto", "syntax", "sintax", "buf build failed"),
    ],
)
def test_a_faulty_contract_is_named(
    repository: Path, tree: Tree, name: str, before: str, after: str, complaint: str
) -> None:
    replace(repository, f"contracts/{name}", before, after)
    with pytest.raises(GenerationError, match=complaint.replace("(", r"\(")):
        _generate_from(name, repository, tree)


def test_a_schema_in_the_wrong_place_is_named(repository: Path, tree: Tree) -> None:
    (repository / "contracts/jsonschema/loose.json").write_text("{}")
    with pytest.raises(GenerationError, match=r"loose\.json: a schema stands at"):
        _generate_from("jsonschema/loose.json", repository, tree)


def test_a_faulty_contract_ends_the_command(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "contracts/proto/dome/errors/v1/errors.proto").write_text("sintax")
    assert main(["--root", str(repository)]) == 1
    assert "generation failed: " in capsys.readouterr().err


def _generate_from(name: str, repository: Path, tree: Tree) -> None:
    """The one step of generation that reads this contract."""
    scratch = repository / "scratch"
    scratch.mkdir()
    match name.split("/")[0]:
        case "reasons.yaml":
            reasons.generate(repository, tree[f"{PACKAGE}/descriptors.binpb"])
        case "families.yaml":
            families.generate(repository)
        case "jsonschema":
            schemas.generate(repository, scratch)
        case "proto":
            proto.generate(repository, scratch)
        case other:
            pytest.fail(f"no step reads {other}")


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
        case _:
            return []
