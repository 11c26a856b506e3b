"""The gate on `__init__` modules: they are the promise of a package, and hold no logic."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from ci.gates.sources import Module, modules

OWN_USE: Final = ("__future__", "typing")


def check(tree: Path) -> list[Finding]:
    """What is in an `__init__` beside docstring, imports and `__all__`, and names that one of them lacks."""
    inits = (module for module in modules(tree) if module.path.endswith("/__init__.py"))
    return [found for module in inits for found in _in_module(module)]


def _in_module(module: Module) -> Iterator[Finding]:
    for node in module.syntax.body:
        if not _allowed(node):
            yield Finding(module.place(node), "logic in an `__init__`", "Move it to a module of its own.")
    visible, promised = _visible(module.syntax.body), _promised(module.syntax)
    for name in sorted(visible - promised):
        yield Finding(module.path, f"{name} is visible and not in `__all__`", "Promise it there, or do not import it.")
    for name in sorted(promised - visible):
        yield Finding(module.path, f"`__all__` promises {name}, which is not there", "Import it, or drop it.")


def _allowed(node: ast.stmt) -> bool:
    """Docstring, imports, `__all__`, `__version__`; and the lazy form: imports for types, and a `__getattr__`."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in {"__all__", "__version__"}
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body, orelse=[]):
            return all(_allowed(part) for part in body)
        case ast.FunctionDef(name="__getattr__"):
            return True
        case _:
            return False


def _visible(body: list[ast.stmt]) -> set[str]:
    """Names that the imports bring in; those from `typing` serve the module itself."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.If):
            names |= _visible(node.body)
        elif isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module not in OWN_USE):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return {name for name in names if not name.startswith("_")}


def _promised(syntax: ast.Module) -> set[str]:
    for node in syntax.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple() as value)
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.List() | ast.Tuple() as value)
            ):
                return {str(item.value) for item in value.elts if isinstance(item, ast.Constant)}
    return set()
