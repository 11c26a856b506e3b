"""The gate on use: a family above `internal` has a writer and a reader on a real path; no path uses one it hides.

A path is a production module, or a file that people write. A module uses a family if it names what was generated
from it: its document models, its schema, its message, or the field or the package that the message stands in.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.registries import FAMILIES as REGISTRY
from ci.gates.registries import load

ENDS: Final = ("writers", "readers")
MODULES: Final = ("packages/*/src/{}.py", "packages/*/src/{}/__init__.py", "{}.py", "{}/__init__.py")
REMEDY: Final = f"Name the module that does it in {REGISTRY}; until one does, the tier is `internal`."


def check(tree: Path) -> list[Finding]:
    """Families that promise stability without a writer or a reader, and ends that are none."""
    rows = load(tree, REGISTRY)["families"]
    return [found for row in rows for found in _row(tree, row)]


def _row(tree: Path, row: dict[str, Any]) -> Iterator[Finding]:
    name = row["family"]
    for end in ENDS:
        if row["tier"] != "internal" and not row.get(end):
            yield Finding(REGISTRY, f"{name} is {row['tier']} and has no {end}", REMEDY)
        for place in row.get(end, ()):
            path = _path(tree, place)
            if path is None:
                yield Finding(REGISTRY, f"{place}, of the {end} of {name}, does not exist", REMEDY)
            elif path.suffix == ".py" and not _names(row).search(path.read_text(encoding="utf-8")):
                yield Finding(REGISTRY, f"{place} does not name {name}, whose {end} it is said to be of", REMEDY)


def _path(tree: Path, place: str) -> Path | None:
    """The file of a module in dots, or of a path from the root."""
    if "/" in place:
        return tree / place if (tree / place).exists() else None
    for pattern in MODULES:
        for path in tree.glob(pattern.format(place.replace(".", "/"))):
            return path
    return None


def _names(row: dict[str, Any]) -> re.Pattern[str]:
    """What a module that uses the family holds."""
    if row["form"] == "proto":
        package, _, message = row["family"].rpartition(".")
        field = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", message).lower()
        module = package.replace("dome.", "dome_contracts.", 1)
        return re.compile(rf"\b({re.escape(message)}(Base|Stub)?|{field}s?|{re.escape(module)} import)\b")
    context, _, family = row["family"].partition("/")
    called = rf"""["']{context}["'],\s*["']{family}["']"""
    return re.compile(rf"schema\.{context}\.{family}\b|{called}|\b{context}/{family}\b")
