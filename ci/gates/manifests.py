"""The gate on built-in tools: the catalog takes each of them, under the name of its folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from dome_contracts.runtime.v1 import CatalogProblem, ToolOrigin
from domed.catalog.manifest import Rules, load

TOOLS: Final = "packages/domed/src/domed/tools"
REMEDY: Final = "docs/reference/manifest.md has every field"


def check(tree: Path) -> list[Finding]:
    """Built-in tools that the catalog would leave out or list under another name than their folder's."""
    folders = [path for path in sorted((tree / TOOLS).glob("*/")) if any(path.glob("*.py")) or any(path.glob("*.yaml"))]
    return [found for folder in folders for found in _tool(tree, folder)]


def _tool(tree: Path, folder: Path) -> Iterator[Finding]:
    entry = load(folder, origin=ToolOrigin.BUILT_IN, rules=Rules()).entry
    place = folder.relative_to(tree).as_posix()
    if isinstance(entry, CatalogProblem):
        yield Finding(Path(entry.path).relative_to(tree).as_posix(), entry.message.rstrip("."), REMEDY)
    elif entry is None or entry.manifest is None:
        yield Finding(place, "there is no manifest", "Add it: without one the folder is no tool.")
    elif entry.tool_id.replace(".", "_") != folder.name:
        yield Finding(place, "its tool_id is not that of the folder", "Write the dot as an underscore.")
