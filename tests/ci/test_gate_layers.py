"""Planted imports are refused: across planes, against the layers, and from modules in no layer."""

from pathlib import Path

import pytest

from ci.gates.layers import check
from tests.ci.gate_trees import PLANES, copy, said, source, write


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The least that the contracts of import-linter speak of: the planes, empty, and the names they must not import."""
    copy(tmp_path, "pyproject.toml")
    for plane in PLANES:
        write(tmp_path, source(plane, "__init__.py"), "")
    write(tmp_path, source("domed", "tools/__init__.py"), "")
    write(tmp_path, source("domed", "launcher/__init__.py"), "")
    write(tmp_path, source("dome_spec", "contracts/__init__.py"), "")
    write(tmp_path, source("dome_spec", "binding/__init__.py"), "")
    write(tmp_path, source("dome_client", "cli/__init__.py"), "")
    policy = ("families", "pinned_reasons", "policy_reasons")
    for name in ("__init__", *policy, "schema/__init__", "schema/gates/__init__", "schema/gates/decision"):
        write(tmp_path, f"generated/src/dome_contracts/{name}.py", "")
    return tmp_path


def test_a_tree_that_keeps_the_layers_has_no_findings(tree: Path) -> None:
    write(tree, source("domed", "errors.py"), "import dome_contracts\n")
    write(tree, source("domed", "ledger.py"), "import domed.errors\n")
    assert check(tree) == []


@pytest.mark.parametrize(
    ("plane", "module", "text", "complaint"),
    [
        ("dome_spec", "kernel.py", "import domed\n", "The planes do not know each other"),
        ("domed", "app.py", "import dome_client\n", "The planes do not know each other"),
        ("domed", "app.py", "from dome_contracts.schema.gates import decision\n", "The daemon knows no policy"),
        ("domed", "runner.py", "from dome_contracts import policy_reasons\n", "The daemon knows no policy"),
        ("domed", "extras.py", "", "Layers of domed"),
        ("dome_spec", "kernel.py", "import subprocess\n", "The spec plane cannot execute"),
        ("dome_spec", "binding/bind.py", "import sqlite3\n", "SQL of dome_spec lives in its kernel and its stores"),
        (
            "dome_spec",
            "contracts/check.py",
            "import dome_spec.binding\n",
            "dome_spec.contracts stands on the kernel only",
        ),
        ("dome_spec", "binding/bind.py", "import dome_spec.contracts\n", "No context stands on dome_spec.contracts"),
        ("domed", "errors.py", "import domed.runner\n", "Layers of domed"),
        ("domed", "app.py", "import domed.launcher\n", "The launcher is run, never imported"),
        ("domed", "launcher/order.py", "import dome_contracts\n", "The launcher needs what loads fast"),
        ("domed", "launcher/order.py", "import dataclasses\n", "The launcher needs what loads fast"),
        ("domed", "executors.py", "import ctypes\n", "Processes start in"),
        ("dome_client", "client.py", "import pydantic\n", "The client stays thin"),
    ],
)
def test_a_planted_import_is_refused(tree: Path, plane: str, module: str, text: str, complaint: str) -> None:
    if "domed.runner" in text:
        write(tree, source("domed", "runner.py"), "")
    write(tree, source(plane, module), text)
    assert complaint in said(check(tree))
