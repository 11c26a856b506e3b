"""The gate on tests: every module with logic has a test of its own, or is used by a module that has one."""

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from ci.gates.sources import Module, imported, modules

TESTS: Final = ("packages/domed/tests", "packages/dome-spec/tests", "packages/dome-client/tests", "tests")
# Tests across packages speak for all of them.
ACROSS: Final = "tests"


def check(tree: Path) -> list[Finding]:
    """Modules with logic that no test is named after or imports, and that no module with such a test uses."""
    present = list(modules(tree))
    files, names = _tests(tree)
    tested = [module for module in present if _own_files(module) & files or _is_named(module, names)]
    # What a test imports from a package is the module that the package has it from.
    promised = _imports(module for module in tested if module.path.endswith("/__init__.py"))
    tested += [module for module in present if _is_named(module, promised)]
    used = _imports([*tested, *_neighbours(tested, present)]) | {module.name for module in tested}
    return [
        Finding(
            module.path,
            "no test is named after it or imports it, and no tested module uses it",
            f"Add test_{module.name.rpartition('.')[2].strip('_')}.py to the package's tests.",
        )
        for module in present
        if _has_logic(module) and not _is_named(module, used)
    ]


def _neighbours(tested: list[Module], present: list[Module]) -> list[Module]:
    """What tested modules use in their own package, and what that uses there: one unit, tested at its surface."""
    reached = list(tested)
    for module in reached:
        package, names = module.name.rpartition(".")[0], _imports([module])
        inside = [other for other in present if "." in package and other.name.startswith(f"{package}.")]
        reached += [other for other in inside if other not in reached and _is_named(other, names)]
    return reached


def _tests(tree: Path) -> tuple[set[str], set[str]]:
    """Folder and file name of each test without `test_`, and the full names that tests import."""
    files: set[str] = set()
    names: set[str] = set()
    for root in TESTS:
        for module in modules(tree, [root]):
            files.add(f"{root}:{Path(module.path).stem.removeprefix('test_').strip('_')}")
            names |= _imports([module])
    return files, names


def _own_files(module: Module) -> set[str]:
    """Tests that are named after the module, or after the package it stands in."""
    parts = [part.strip("_") for part in module.name.split(".")[1:]]
    names = {*parts[-2:], "_".join(parts), "_".join(parts[-2:])}
    home = "/".join(module.path.split("/")[:2])
    return {f"{root}:{name}" for root in (f"{home}/tests", ACROSS) for name in names}


def _imports(chosen: Iterable[Module]) -> set[str]:
    return {name for module in chosen for node in ast.walk(module.syntax) for name in imported(node)}


def _is_named(module: Module, names: set[str]) -> bool:
    return any(name == module.name or name.startswith(f"{module.name}.") for name in names)


def _has_logic(module: Module) -> bool:
    """Whether some function does more than promise. Ports and values need no test; a `__main__` is run."""
    if module.path.endswith(("/__init__.py", "/__main__.py")):
        return False
    functions = (node for node in ast.walk(module.syntax) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    bodies = (part for function in functions for part in function.body)
    return any(not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)) for part in bodies)
