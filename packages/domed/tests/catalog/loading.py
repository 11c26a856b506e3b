"""A folder as the catalog takes it: a tool or a document, or why it is none."""

from pathlib import Path

from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolOrigin
from domed.catalog import Tool
from domed.catalog.manifest import Rules, load


def loaded(folder: Path) -> Tool | CatalogProblem | None:
    return load(folder, origin=ToolOrigin.USER, rules=Rules()).entry


def rejected(folder: Path) -> CatalogProblem:
    entry = loaded(folder)
    assert isinstance(entry, CatalogProblem), entry
    assert entry.kind is CatalogProblemKind.REJECTED
    assert entry.origin is ToolOrigin.USER
    bytes(entry)  # it can be sent
    return entry


def accepted(folder: Path) -> Tool:
    entry = loaded(folder)
    assert isinstance(entry, Tool), entry
    return entry
