"""A change that breaks a reader of a blessed schema is red with a document; one that keeps the promise is green."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from ci.gates import compatibility
from ci.gates.__main__ import ROOT
from tests.ci.gate_trees import copy, said, write

MANIFEST: Final = "runtime/v1/tool_manifest.json"
PACKET: Final = "planning/v1/packet.json"

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """A repository whose contracts are its baseline: one experimental family, one internal, what they refer to."""
    for name in (MANIFEST, PACKET, "shared/v1/definitions.json"):
        text = (ROOT / "contracts/jsonschema" / name).read_text()
        write(tmp_path, f"contracts/jsonschema/{name}", text)
        write(tmp_path, f"contracts/baseline/jsonschema/{name}", text)
    return tmp_path


def complaints(contracts: Path, name: str, change: Change) -> str:
    path = contracts / "contracts/jsonschema" / name
    schema = json.loads(path.read_text())
    change(schema)
    path.write_text(json.dumps(schema, indent=2))
    return said(compatibility.check(contracts))


def test_contracts_as_they_were_blessed_pass(contracts: Path) -> None:
    assert compatibility.check(contracts) == []


def test_an_optional_field_passes(contracts: Path) -> None:
    field = {"description": "Where it is documented.", "type": "string"}
    assert complaints(contracts, MANIFEST, lambda schema: schema["properties"].update(homepage=field)) == ""


def test_a_field_made_required_is_red_with_the_document_that_shows_it(contracts: Path) -> None:
    found = complaints(contracts, MANIFEST, lambda schema: schema["required"].append("limits"))
    assert "INCOMPATIBLE [required.tightened], backward" in found
    assert 'old accepts and new refuses {"' in found
    assert "contracts/jsonschema/runtime/v1/tool_manifest.json:" in found


def test_what_an_internal_family_may_change_is_its_meaning_only(contracts: Path) -> None:
    assert complaints(contracts, PACKET, lambda schema: schema.update(description="Something else altogether.")) == ""
    found = complaints(contracts, PACKET, lambda schema: schema["required"].append("odd"))
    assert "planning/packet" in found
    assert "INCOMPATIBLE" in found


def test_a_removed_family_that_promised_something_is_red(contracts: Path) -> None:
    (contracts / "contracts/jsonschema" / MANIFEST).unlink()
    assert "runtime/tool_manifest is in the baseline, and gone" in said(compatibility.check(contracts))


def test_a_schema_that_cannot_be_read_is_red(contracts: Path) -> None:
    write(contracts, f"contracts/jsonschema/{MANIFEST}", "{")
    assert MANIFEST in said(compatibility.check(contracts))


def test_a_baseline_that_was_edited_by_hand_is_red(tmp_path: Path) -> None:
    copy(tmp_path, "contracts/baseline", "CHANGELOG.md", "docs/adr")
    assert compatibility.blessed(tmp_path) == []
    path = f"contracts/baseline/jsonschema/{MANIFEST}"
    write(tmp_path, path, (tmp_path / path).read_text() + "\n")
    assert f"{path}: it is not what was blessed" in said(compatibility.blessed(tmp_path))


def test_the_contracts_of_this_repository_keep_what_was_promised() -> None:
    assert compatibility.check(ROOT) == []
    assert compatibility.blessed(ROOT) == []
