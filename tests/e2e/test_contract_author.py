"""A contract author changes this repository's contracts in a dozen ways; the gates that the change can turn red judge.

Each change is made in a copy of the tracked files. Who reads a finding learns what is wrong, why, and what to do.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from ci import examples
from ci.gates.__main__ import ROOT, chosen
from ci.gates.finding import Finding
from ci.gates.registry import GATES
from ci.gates.run import run

MANIFEST: Final = "contracts/jsonschema/runtime/v1/tool_manifest.json"
RUN_MANIFEST: Final = "contracts/jsonschema/runtime/v1/run_manifest.json"

Edit = Callable[[Any], None]


# What the gates that watch contracts look at.
LOOKED_AT: Final = ("contracts", "generated", "ci", "buf.yaml", "buf.gen.yaml", "CHANGELOG.md", "docs/adr")
# Most of the files: of the examples, only those of this context are changed here.
EXAMPLES: Final = Path("contracts/examples")
CHANGED: Final = "runtime"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The tracked files that contracts and their gates stand on, as they are now."""
    shared = [path.name for path in sorted((ROOT / EXAMPLES).iterdir()) if path.name != CHANGED]
    (tmp_path / EXAMPLES).mkdir(parents=True)
    for name in shared:
        (tmp_path / EXAMPLES / name).symlink_to(ROOT / EXAMPLES / name)
    looked_at = (*LOOKED_AT, *(f":!{EXAMPLES}/{name}" for name in shared))
    listed = subprocess.run(["git", "ls-files", "-z", *looked_at], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def edit(repository: Path, path: str, change: Edit) -> None:
    document = json.loads((repository / path).read_text())
    change(document)
    assert (repository / path).resolve().is_relative_to(repository.resolve()), f"{path} is shared"
    (repository / path).write_text(json.dumps(document, indent=2) + "\n")


def replace(repository: Path, path: str, before: str, after: str) -> None:
    text = (repository / path).read_text()
    assert before in text, f"{path} has no {before!r}"
    (repository / path).write_text(text.replace(before, after, 1))


def judged(repository: Path, changed: str, *only: str) -> dict[str, tuple[Finding, ...]]:
    """What each gate that watches the changed file says."""
    gates = chosen(GATES, only or None, [changed])
    assert gates, f"no gate watches {changed}"
    return {verdict.gate: verdict.findings for verdict in run(gates, repository)}


def complaint(repository: Path, changed: str, gate: str) -> str:
    """What one gate complains of; it says where, what and how to repair it."""
    findings = judged(repository, changed, gate)[gate]
    assert findings, f"{gate} is green"
    assert all(found.place and found.what and found.remedy for found in findings)
    return "\n".join(map(str, findings))


def test_an_optional_field_may_be_added(repository: Path) -> None:
    def change(schema: Any) -> None:
        schema["properties"]["homepage"] = {"description": "Where the tool is documented.", "type": "string"}

    edit(repository, MANIFEST, change)
    assert judged(repository, MANIFEST, "schema-compatibility") == {"schema-compatibility": ()}


def test_a_field_made_required_is_refused_with_a_document_that_shows_it(repository: Path) -> None:
    edit(repository, MANIFEST, lambda schema: schema["required"].append("limits"))
    said = complaint(repository, MANIFEST, "schema-compatibility")
    assert "limits" in said
    assert "required" in said
    assert '"manifest_version":"1"' in said


def test_a_narrowed_pattern_is_refused_with_a_document(repository: Path) -> None:
    path = "contracts/jsonschema/shared/v1/definitions.json"
    edit(repository, path, lambda schema: schema["$defs"]["ToolId"].update(pattern="^[a-z][a-z0-9_]{0,31}$"))
    said = complaint(repository, path, "schema-compatibility")
    assert "pattern" in said
    assert "runtime/tool_manifest" in said


def test_an_enum_value_that_old_readers_receive_is_refused_for_that_direction(repository: Path) -> None:
    edit(repository, RUN_MANIFEST, lambda schema: schema["properties"]["state"]["enum"].append("ABANDONED"))
    said = complaint(repository, RUN_MANIFEST, "schema-compatibility")
    assert "forward" in said
    assert "ABANDONED" in said


def test_a_changed_default_is_a_changed_meaning(repository: Path) -> None:
    def change(schema: Any) -> None:
        field = next(value for value in schema["properties"].values() if "default" in value)
        field["default"] = not field["default"] if isinstance(field["default"], bool) else "something else"

    edit(repository, MANIFEST, change)
    said = complaint(repository, MANIFEST, "schema-compatibility")
    assert "MEANING_CHANGED" in said
    assert "default" in said


def test_a_copied_family_is_refused_and_the_original_is_named(repository: Path) -> None:
    copied = "contracts/jsonschema/planning/v1/work_item.json"

    def rename(schema: Any) -> None:
        schema["title"] = "WorkItem"
        schema["$id"] = "https://dome.dev/schemas/planning/v1/work_item.json"
        schema["properties"] = dict(reversed(schema["properties"].items()))

    shutil.copyfile(repository / "contracts/jsonschema/planning/v1/task_spec.json", repository / copied)
    edit(repository, copied, rename)
    assert "planning/task_spec" in complaint(repository, copied, "reuse-only")


def test_an_unregistered_family_is_refused(repository: Path) -> None:
    path = "contracts/jsonschema/planning/v1/odd_thing.json"
    (repository / path).write_text('{"type": "object"}\n')
    assert "planning/odd_thing has no row" in complaint(repository, path, "families")


def test_a_broken_example_is_refused(repository: Path) -> None:
    (example,) = sorted((repository / "contracts/examples/runtime/tool_manifest/valid").glob("*.json"))[:1]
    path = example.relative_to(repository).as_posix()
    edit(repository, path, lambda document: document.pop("version"))
    assert path in "\n".join(map(str, examples.check(repository, [path])))


def test_a_changed_type_of_a_wire_field_is_refused(repository: Path) -> None:
    path = "contracts/proto/dome/runtime/v1/job.proto"
    replace(repository, path, "uint64 last_seq = 6;", "string last_seq = 6;")
    assert "last_seq" in complaint(repository, path, "proto-breaking")


def test_a_removed_reason_is_refused(repository: Path) -> None:
    path = "contracts/reasons.yaml"
    replace(repository, path, "code: TESTS.FAILED", "code: TESTS.BROKEN")
    assert "TESTS.FAILED" in complaint(repository, path, "reasons")


@pytest.mark.slow
def test_an_edited_generated_file_is_refused(repository: Path) -> None:
    path = "generated/src/dome_contracts/exit_codes.py"
    (repository / path).write_text((repository / path).read_text() + "\nEXTRA = 1\n")
    said = complaint(repository, path, "codegen-drift")
    assert path in said
    assert "just gen" in said
