"""The Python modules of a tree, parsed once. Judges nothing."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

PRODUCTION: Final = ("packages/domed/src", "packages/dome-spec/src", "packages/dome-client/src")
OURS: Final = (*PRODUCTION, "ci", "benchmarks")


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its path in the tree, its dotted name, its text and syntax."""

    path: str
    name: str
    text: str
    syntax: ast.Module

    def place(self, node: ast.AST) -> str:
        """Path and line of a node."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    @property
    def plane(self) -> str:
        """The top-level package."""
        return self.name.split(".", maxsplit=1)[0]


def modules(tree: Path, roots: Iterable[str] = PRODUCTION) -> Iterator[Module]:
    """Every module below these folders, in the order of paths. Raises SyntaxError for what is no Python."""
    for root in roots:
        base = tree / root
        for path in sorted(base.rglob("*.py")):
            named_from = base if root.endswith("/src") else tree
            parts = path.relative_to(named_from).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text, syntax = _parsed(path.resolve(), path.stat().st_mtime_ns)
            yield Module(path.relative_to(tree).as_posix(), name, text, syntax)


@lru_cache(maxsize=4096)
def _parsed(path: Path, _changed_ns: int) -> tuple[str, ast.Module]:
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text, filename=str(path))


def imported(node: ast.AST) -> list[str]:
    """The full names that an import statement brings in; none for other nodes."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module)):
            return [f"{module}.{alias.name}" for alias in node.names]
        case _:
            return []


def dotted(node: ast.AST) -> str:
    """`os.path.join` for that expression; empty for what is no chain of names."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            base = dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        case _:
            return ""
