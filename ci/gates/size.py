"""The gate on size: modules, functions, and gates themselves stay small enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from ci.gates.sources import OURS, Module, modules

MODULE_LINES_MAX: Final = 300
FUNCTION_LINES_MAX: Final = 60
GATE_LINES_MAX: Final = 80
GATES: Final = "ci/gates/"
# No gate: it grows by two lines with each.
TABLE: Final = "ci/gates/registry.py"


def check(tree: Path) -> list[Finding]:
    """Modules and functions that are too long to have one responsibility."""
    return [found for module in modules(tree, OURS) for found in _in_module(module)]


def _in_module(module: Module) -> Iterator[Finding]:
    lines, allowed = len(module.text.splitlines()), MODULE_LINES_MAX
    if module.path.startswith(GATES) and module.path != TABLE:
        allowed = GATE_LINES_MAX
    if lines > allowed:
        yield Finding(module.path, f"{lines} lines, at most {allowed}", "Split it by responsibility.")
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (span := _span(node)) > FUNCTION_LINES_MAX:
            what = f"{node.name} has {span} lines, at most {FUNCTION_LINES_MAX}"
            yield Finding(module.place(node), what, "Take a step out of it and name it.")


def _span(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from signature to end, without the docstring."""
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total
