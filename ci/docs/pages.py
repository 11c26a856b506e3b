"""Which reference pages there are, and whether the committed ones are current. Writes no Markdown itself."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ci.docs import (
    catalogue,
    cli,
    compatibility,
    correspondence,
    deltas,
    enforcement,
    gates,
    missions,
    registry,
    rpc,
    schema,
    states,
)

FOLDER: Final = "docs/reference"
# What people wrote there stays: it is not in this table.
PAGES: Final[dict[str, Callable[[Path], str]]] = {
    "rpc.md": rpc.page,
    "reasons.md": catalogue.reasons,
    "exit-codes.md": catalogue.exit_codes,
    "families.md": registry.families,
    "reuse-matrix.md": registry.reuse_matrix,
    "deltas.md": deltas.register,
    "dependencies.md": deltas.dependencies,
    "handoff.md": deltas.handoff,
    "correlation.md": correspondence.correlation,
    "mappings.md": correspondence.mappings,
    "configuration.md": schema.configuration,
    "manifest.md": schema.manifest,
    "job-states.md": states.page,
    "missions.md": missions.page,
    "cli.md": cli.page,
    "gates.md": gates.page,
    "enforcement.md": enforcement.page,
    "compatibility-rules.md": compatibility.page,
}


def render(tree: Path) -> dict[str, str]:
    """Every page, by name."""
    return {name: page(tree) for name, page in PAGES.items()}


def write(pages: Mapping[str, str], folder: Path) -> None:
    """Write the pages that differ."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, _ in compare(pages, folder):
        (folder / name).write_text(pages[name], encoding="utf-8")


def compare(pages: Mapping[str, str], folder: Path) -> list[tuple[str, str]]:
    """Name and verdict of each page that is not as it is rendered."""
    found = []
    for name, text in sorted(pages.items()):
        path = folder / name
        if not path.is_file():
            found.append((name, "missing"))
        elif path.read_text(encoding="utf-8") != text:
            found.append((name, "not what contracts and code say"))
    return found
