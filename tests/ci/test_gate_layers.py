"""Planted imports are refused: across planes, against the layers, and from modules in no layer. Every rule is tried."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from ci.gates.__main__ import ROOT
from ci.gates.layers import check
from tests.ci.gate_trees import PLANES, copy, said, source, write


class Plant(NamedTuple):
    """An import where it must not be; which rule refuses it; and what that rule says of it."""

    contract: str
    plane: str
    module: str
    text: str
    found: str


PLANTS = (
    Plant("planes", "dome_spec", "kernel/clock.py", "import domed\n", "dome_spec.kernel.clock -> domed"),
    Plant("planes", "domed", "app.py", "import dome_client\n", "domed.app -> dome_client"),
    Plant("domed-layers", "domed", "errors.py", "import domed.runner\n", "domed.errors -> domed.runner"),
    Plant("domed-layers", "domed", "extras.py", "", "extras"),
    Plant("domed-tools", "domed", "runner.py", "import domed.tools\n", "domed.runner -> domed.tools"),
    Plant("domed-tools-stdlib", "domed", "tools/search.py", "import yaml\n", "domed.tools.search -> yaml"),
    Plant("domed-launcher", "domed", "app.py", "import domed.launcher\n", "domed.app -> domed.launcher"),
    Plant(
        "domed-launcher-stdlib",
        "domed",
        "launcher/order.py",
        "import dome_contracts\n",
        "domed.launcher.order -> dome_contracts",
    ),
    Plant(
        "domed-launcher-stdlib",
        "domed",
        "launcher/order.py",
        "import dataclasses\n",
        "domed.launcher.order -> dataclasses",
    ),
    Plant(
        "daemon-knows-no-policy",
        "domed",
        "ledger.py",
        "from dome_contracts.schema.gates import decision\n",
        "domed.ledger -> dome_contracts.schema.gates.decision",
    ),
    Plant(
        "daemon-knows-no-policy",
        "domed",
        "runner.py",
        "from dome_contracts import policy_reasons\n",
        "domed.runner -> dome_contracts.policy_reasons",
    ),
    Plant("processes", "domed", "executors.py", "import ctypes\n", "domed.executors -> ctypes"),
    Plant("spec-cannot-execute", "dome_spec", "gates.py", "import subprocess\n", "dome_spec.gates -> subprocess"),
    Plant("spec-git", "dome_spec", "planning.py", "import dulwich\n", "dome_spec.planning -> dulwich"),
    Plant("spec-yaml", "dome_spec", "governance.py", "import yaml\n", "dome_spec.governance -> yaml"),
    Plant("sqlite", "domed", "ledger.py", "import sqlite3\n", "domed.ledger -> sqlite3"),
    Plant("spec-sqlite", "dome_spec", "binding/bind.py", "import sqlite3\n", "dome_spec.binding.bind -> sqlite3"),
    Plant(
        "spec-layers",
        "dome_spec",
        "missions/__init__.py",
        "import dome_spec.gates\n",
        "dome_spec.missions -> dome_spec.gates",
    ),
    Plant("spec-layers", "dome_spec", "helpers.py", "", "helpers"),
    Plant(
        "spec-contracts",
        "dome_spec",
        "contracts/check.py",
        "import dome_spec.binding\n",
        "dome_spec.contracts.check -> dome_spec.binding",
    ),
    Plant(
        "spec-beside-contracts",
        "dome_spec",
        "binding/facts.py",
        "import dome_spec.contracts\n",
        "dome_spec.binding.facts -> dome_spec.contracts",
    ),
    Plant(
        "mission-status",
        "dome_spec",
        "gates.py",
        "import dome_spec.missions.status.fold\n",
        "dome_spec.gates -> dome_spec.missions.status.fold",
    ),
    Plant(
        "contracts-layers",
        "dome_spec",
        "contracts/layout.py",
        "import dome_spec.contracts.check\n",
        "dome_spec.contracts.layout -> dome_spec.contracts.check",
    ),
    Plant("client-layers", "dome_client", "errors.py", "import dome_client.client\n", "errors -> dome_client.client"),
    Plant("client-layers", "dome_client", "extras.py", "", "extras"),
    Plant(
        "cli-layers",
        "dome_client",
        "cli/render.py",
        "import dome_client.cli.main\n",
        "dome_client.cli.render -> dome_client.cli.main",
    ),
    Plant("cli-layers", "dome_client", "cli/helpers.py", "", "helpers"),
    Plant("thin-client", "dome_client", "client.py", "import pydantic\n", "dome_client.client -> pydantic"),
)
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
CONTRACTS = {each["id"]: each["name"] for each in RULES}


def made(tree: Path, plants: Iterable[Plant]) -> Path:
    """The least that the contracts of import-linter speak of: the planes, empty, and the names they must not import."""
    copy(tree, "pyproject.toml")
    for plane in PLANES:
        write(tree, source(plane, "__init__.py"), "")
    for name in ("tools", "launcher"):
        write(tree, source("domed", f"{name}/__init__.py"), "")
    for name in ("contracts", "binding", "kernel", "missions", "missions/status"):
        write(tree, source("dome_spec", f"{name}/__init__.py"), "")
    write(tree, source("dome_spec", "missions/status/fold.py"), "")
    for name in ("__init__", "main"):
        write(tree, source("dome_client", f"cli/{name}.py"), "")
    policy = ("families", "pinned_reasons", "policy_reasons")
    for name in ("__init__", *policy, "schema/__init__", "schema/gates/__init__", "schema/gates/decision"):
        write(tree, f"generated/src/dome_contracts/{name}.py", "")
    for each in plants:
        path = tree / source(each.plane, each.module)
        write(tree, source(each.plane, each.module), (path.read_text() if path.exists() else "") + each.text)
    return tree


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the gate says of each rule where all of this is planted at once."""
    found: dict[str, str] = {}
    for each in check(made(tmp_path_factory.mktemp("planted"), PLANTS)):
        found[each.place] = f"{found.get(each.place, '')}\n{each}"
    return found


def test_a_tree_that_keeps_the_layers_has_no_findings(tmp_path: Path) -> None:
    tree = made(tmp_path, ())
    write(tree, source("domed", "errors.py"), "import dome_contracts\n")
    write(tree, source("domed", "ledger.py"), "import domed.errors\n")
    assert check(tree) == []


def test_a_planted_import_alone_is_refused_by_its_rule_alone(tmp_path: Path) -> None:
    (plant,) = (each for each in PLANTS if each.contract == "spec-git")
    found = check(made(tmp_path, [plant]))
    assert {each.place for each in found} == {CONTRACTS["spec-git"]}
    assert plant.found in said(found)


def test_property_29_every_rule_on_imports_has_a_violation_planted() -> None:
    assert Counter(each.contract for each in PLANTS).keys() == CONTRACTS.keys()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda each: f"{each.contract}: {each.found}")
def test_property_29_every_rule_on_imports_refuses_what_is_planted_against_it(
    report: dict[str, str], plant: Plant
) -> None:
    assert plant.found in report[CONTRACTS[plant.contract]]


@pytest.mark.parametrize(
    "rule",
    [each for each in RULES if "containers" in each],
    ids=lambda each: each["id"] if isinstance(each, dict) else "",
)
def test_property_29_every_layer_that_a_rule_names_is_there(rule: dict[str, list[str]]) -> None:
    """Modules in no layer are refused by the rules themselves; this is the other way round."""
    named = {name for layer in rule["layers"] for name in re.findall(r"\w+", layer)}
    for container in rule["containers"]:
        plane, _, inner = container.partition(".")
        folder = ROOT / "packages" / PLANES[plane] / "src" / plane / inner
        there = {each.stem for each in folder.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()}
        assert named <= there
