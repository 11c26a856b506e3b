"""A family that promises stability has a writer and a reader, and these are what they are said to be."""

from pathlib import Path

import pytest
import yaml

from ci.gates import used
from ci.gates.__main__ import ROOT
from ci.gates.registries import FAMILIES
from tests.ci.gate_trees import said, write

MANIFEST = {
    "family": "runtime/tool_manifest",
    "form": "json_schema",
    "tier": "experimental",
    "writers": ["tools/manifest.yaml"],
    "readers": ["domed.catalog.manifest"],
}
READER = "packages/domed/src/domed/catalog/manifest.py"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    write(tmp_path, "tools/manifest.yaml", "")
    write(tmp_path, READER, 'documents.schema("runtime", "tool_manifest")\n')
    return tmp_path


def complaints(tree: Path, **changed: object) -> str:
    write(tree, FAMILIES, yaml.safe_dump({"families": [MANIFEST | changed]}))
    return said(used.check(tree))


def test_a_family_with_a_writer_and_a_reader_passes(tree: Path) -> None:
    assert complaints(tree) == ""


@pytest.mark.parametrize("end", ["writers", "readers"])
def test_a_family_that_nobody_uses_stays_internal(tree: Path, end: str) -> None:
    assert f"runtime/tool_manifest is stable and has no {end}" in complaints(tree, tier="stable", **{end: []})
    assert complaints(tree, tier="internal", writers=[], readers=[]) == ""


@pytest.mark.parametrize("place", ["domed.catalog.mislaid", "tools/mislaid.yaml"])
def test_an_end_that_does_not_exist_is_found(tree: Path, place: str) -> None:
    assert f"{place}, of the readers of runtime/tool_manifest, does not exist" in complaints(tree, readers=[place])


def test_a_module_that_does_not_use_the_family_is_no_reader(tree: Path) -> None:
    write(tree, READER, "documents.schema('runtime', 'runtime_config')\n")
    assert "domed.catalog.manifest does not name runtime/tool_manifest" in complaints(tree)


@pytest.mark.parametrize(
    "text",
    [
        "from dome_contracts.schema.runtime.tool_manifest import ToolManifest",
        'documents.schema("runtime", "tool_manifest")',
        '"""Writes documents of the family `runtime/tool_manifest`."""',
    ],
)
def test_models_schema_and_name_are_uses(tree: Path, text: str) -> None:
    write(tree, READER, text)
    assert complaints(tree) == ""


@pytest.mark.parametrize("text", ["RunProvenance()", "job.run_provenance", "from dome_contracts.runtime.v1 import Job"])
def test_a_message_is_used_by_its_name_its_field_or_its_package(tree: Path, text: str) -> None:
    write(tree, READER, text)
    proto = {"family": "dome.runtime.v1.RunProvenance", "form": "proto"}
    assert complaints(tree, **proto) == ""
    write(tree, READER, "from dome_contracts.errors.v1 import ErrorReason")
    assert "does not name dome.runtime.v1.RunProvenance" in complaints(tree, **proto)


def test_every_family_of_this_repository_that_promises_something_is_used() -> None:
    assert used.check(ROOT) == []
