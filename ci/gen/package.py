"""What makes a distribution of the generated modules: project file, README, `__init__` modules, support modules."""

import ast
from pathlib import Path, PurePosixPath
from typing import Final

from ci.gen.tree import COMMAND, PACKAGE, Tree, header

SUPPORT: Final = "ci/gen/support"
PROJECT: Final = """\
[build-system]
requires = ["uv_build>=0.13,<0.14"]
build-backend = "uv_build"

[project]
name = "dome-contracts"
version = "0.0.1"
description = "The contracts of Dome as Python types: generated, never edited."
readme = "README.md"
requires-python = ">=3.11,<3.14"
license = "Apache-2.0"
dependencies = [
    "betterproto2==0.10.0",
    "grpclib==0.4.9",
    "h2>=4.3,<5",
    "rfc8785>=0.1.4,<0.2",
]

[project.optional-dependencies]
schema = ["pydantic>=2.12,<3"]

[tool.uv.build-backend]
module-name = "dome_contracts"
"""
README: Final = """\
<!-- {head} -->
# dome-contracts

Everything in this folder is written by `{command}` from `contracts/` and `ci/gen/support/`. Do not edit it: change the
source and run the command. `python -m ci.gen --check` fails where folder and sources disagree.

| module | what it holds |
|---|---|
{rows}
"""


def generate(root: Path, modules: Tree) -> Tree:
    """The project around `modules`, support modules included."""
    tree = _support(root)
    tree |= _packages({**modules, **tree})
    tree[f"{PACKAGE}/py.typed"] = b""
    tree["pyproject.toml"] = (header("ci/gen/package.py") + PROJECT).encode()
    head = header("contracts/").removeprefix("# ").strip()
    rows = "\n".join(_rows({**modules, **tree}))
    tree["README.md"] = README.format(head=head, command=COMMAND, rows=rows).encode()
    return tree


def _support(root: Path) -> Tree:
    """The templates as they are, each under its header."""
    tree: Tree = {}
    for path in sorted([*(root / SUPPORT).rglob("*.py"), *(root / SUPPORT).rglob("*.sh")]):
        place = path.relative_to(root / SUPPORT).as_posix()
        if path.name != "__init__.py":
            tree[f"{PACKAGE}/{place}"] = (header(f"{SUPPORT}/{place}") + path.read_text()).encode()
    return tree


def _packages(modules: Tree) -> Tree:
    """An `__init__` with one line for each folder of modules that has none."""
    folders = {parent for path in modules if path.endswith(".py") for parent in PurePosixPath(path).parents}
    tree: Tree = {}
    for folder in sorted(folders):
        place = f"{folder}/__init__.py"
        if folder.is_relative_to(PACKAGE) and place not in modules:
            name = ".".join(folder.relative_to(PurePosixPath(PACKAGE).parent).parts)
            doc = "The contracts of Dome." if name == "dome_contracts" else f"Modules below `{name}`."
            tree[place] = f'{header("contracts/")}"""{doc}"""\n'.encode()
    return tree


def _rows(modules: Tree) -> list[str]:
    """One row for each module that somebody imports, with the first sentence of its docstring."""
    rows = []
    for path in sorted(modules):
        module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if not path.endswith(".py") or "._" in module:
            continue
        doc = (ast.get_docstring(ast.parse(modules[path])) or "").split("\n\n")[0]
        if not doc.startswith("Modules below"):
            rows.append(f"| `{module}` | {' '.join(doc.split()).replace('|', chr(92) + '|')} |")
    return rows
