"""The page of what enforces each rule: gate, rule, classes of change, and the tests that plant a violation."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ci.docs.deltas import links
from ci.docs.markdown import code, head, table
from ci.gates.gate import SAMPLES, ChangeClass
from ci.gates.registry import GATES
from ci.gates.sources import imported

TESTS: Final = "tests/ci"


def page(tree: Path) -> str:
    """Gates by class of change, then every gate with its evidence."""
    intro = (
        "A rule that nothing enforces is a wish. Each gate with its rule, the classes of change that it judges, and\n"
        "the tests that plant a violation. `./just gates --class schema` runs those of one class.\n"
    )
    classes = table(("class of change", "such as", "gates"), map(_class, ChangeClass))
    evidence = _evidence(tree)
    rows = (
        (
            code(gate.name),
            (gate.check.__doc__ or "").split("\n\n")[0],
            ", ".join(gate.classes) or "code",
            links([_path(gate.check.__module__), *evidence.get(gate.check.__module__, ())]),
        )
        for gate in GATES
    )
    gates = table(("gate", "rule: it finds", "classes", "evidence"), rows)
    parts = (head("Enforcement", "ci/gates/registry.py"), intro, "## Classes\n", classes, "## Rules\n", gates)
    return "\n".join(parts)


def _class(each: ChangeClass) -> tuple[str, str, str]:
    gates = ", ".join(code(gate.name) for gate in GATES if each in gate.classes)
    return code(each.value), ", ".join(code(path) for path in SAMPLES[each]), gates


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _evidence(tree: Path) -> Mapping[str, list[str]]:
    """Tests by the module of the gate that they import."""
    found: dict[str, list[str]] = {}
    for path in sorted((tree / TESTS).glob("test_*.py")):
        for module in _modules(path):
            tests = found.setdefault(module, [])
            if path.relative_to(tree).as_posix() not in tests:
                tests.append(path.relative_to(tree).as_posix())
    return found


def _modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for name in imported(node):
            # `from ci.gates import families` names the module, `from ci.gates.bless import bless` something in it.
            yield name
            yield name.rpartition(".")[0]
