"""What the layers and the documents of missions promise is what code and data say."""

import re
import tomllib
from pathlib import Path

import pytest

from ci.docs import missions
from ci.gates.layers import check
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import LaneGuard, MissionType
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.missions.status.guards import GUARDS
from tests.ci.gate_trees import PLANES, copy, said, source, write

ROOT = Path(__file__).parents[2]
CONTEXTS = ("kernel", "governance", "missions", "mission_runtime", "commands")
"""Of missions, the lowest first."""


def layers() -> list[str]:
    """The contexts of the spec plane, the lowest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (found,) = [each["layers"] for each in contracts if each["id"] == "spec-layers"]
    return [name for line in reversed(found) for name in re.findall(r"\w+", line)]


def test_property_29_the_table_of_layers_has_every_context_and_no_other() -> None:
    folder = ROOT / "packages/dome-spec/src/dome_spec"
    packages = {each.parent.name for each in folder.glob("*/__init__.py")}
    assert packages - {"contracts"} <= set(layers())
    assert set(CONTEXTS) <= packages
    assert [each for each in layers() if each in CONTEXTS] == list(CONTEXTS)


@pytest.mark.parametrize("place", range(len(CONTEXTS) - 1))
def test_property_29_an_import_of_a_higher_context_of_missions_is_found(tmp_path: Path, place: int) -> None:
    copy(tmp_path, "pyproject.toml")
    for plane in PLANES:
        write(tmp_path, source(plane, "__init__.py"), "")
    for name in ("domed/tools", "domed/launcher", "dome_spec/contracts", "dome_client/cli"):
        plane, _, package = name.partition("/")
        write(tmp_path, source(plane, f"{package}/__init__.py"), "")
    for name in ("__init__", "families", "pinned_reasons", "policy_reasons", "schema/__init__"):
        write(tmp_path, f"generated/src/dome_contracts/{name}.py", "")
    for name in CONTEXTS:
        write(tmp_path, source("dome_spec", f"{name}/__init__.py"), "")
    assert check(tmp_path) == []
    lower, higher = CONTEXTS[place], CONTEXTS[place + 1]
    write(tmp_path, source("dome_spec", f"{lower}/planted.py"), f"import dome_spec.{higher}\n")
    assert "Layers of dome_spec" in said(check(tmp_path))


def test_property_30_the_page_of_missions_says_what_tables_and_schemas_say() -> None:
    page = (ROOT / "docs/reference/missions.md").read_text()
    assert page == missions.page(ROOT)
    doctrine = lay(built_in_sources())
    for name in doctrine.ids(DoctrineKind.MISSION_TYPE):
        document = doctrine.document((DoctrineKind.MISSION_TYPE, name))
        assert isinstance(document, MissionType)
        for edge in document.transition_table.edges:
            row = f"| `{edge.operation.value}` | `{edge.from_.value}` | `{edge.to.value}` |"
            assert row in page
    assert all(f"`{each.value}`" in page for each in Lane)


def test_property_30_every_word_of_the_tables_has_code_and_every_guard_refuses_in_words() -> None:
    assert set(GUARDS) == set(LaneGuard)
    types = [each.value for each in built_in_sources() if each.kind is DoctrineKind.MISSION_TYPE]
    edges = [edge for each in types for edge in each["transition_table"]["edges"]]
    assert {edge["operation"] for edge in edges} == set(LaneOperation)
    glossary = (ROOT / "docs/explanation/glossary.md").read_text()
    for word in ("charter", "mission", "work package", "effector", "lane", "track", "artefact", "witness", "operation"):
        assert f"| {word} |" in glossary
