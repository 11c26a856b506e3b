"""The gate on licences: what the planes need at run time is not copyleft. Reads the installed packages' own words."""

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from ci.gates.finding import Finding

LOCKS: Final = ("domed-otel", "spec", "client-mcp", "client-top")
COPYLEFT: Final = re.compile(
    r"\b(A?GPL|LGPL|MPL|EUPL|CDDL|EPL|OSL|SSPL)|General Public|Mozilla Public|Affero", re.IGNORECASE
)
FREE: Final = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|CC0|0BSD", re.IGNORECASE)
SAID_MAX: Final = 60


def check(tree: Path) -> list[Finding]:
    """Packages in the planes' locks whose licence is copyleft, unknown, or cannot be read."""
    return [found for name in LOCKS for found in _in_lock(f"requirements/{name}.lock", tree)]


def _in_lock(place: str, tree: Path) -> Iterator[Finding]:
    path = tree / place
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for line in lines:
        if not re.match(r"[A-Za-z0-9]", line):
            continue
        wanted = Requirement(line.rstrip("\\ ").split(" --hash")[0])
        # What this machine does not install is judged on a machine that does.
        if wanted.marker is None or wanted.marker.evaluate():
            yield from _package(place, wanted.name)


def _package(place: str, name: str) -> Iterator[Finding]:
    try:
        said = licence(importlib.metadata.metadata(name))
    except importlib.metadata.PackageNotFoundError:
        yield Finding(place, f"{name} is not installed, so its licence cannot be read", "Set up with `./just`.")
        return
    if COPYLEFT.search(said) and not re.search(r"\bOR\b", said):
        yield Finding(place, f"{name} is copyleft: {said[:SAID_MAX]}", "Use another package at run time.")
    elif not FREE.search(said):
        yield Finding(place, f"the licence of {name} is not known: {said[:SAID_MAX]!r}", "Read it, then decide.")


def licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """What the package says: the expression if there is one, else its classifiers, else its free text."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classified = [
        row.rpartition("::")[2].strip() for row in metadata.get_all("Classifier") or [] if row.startswith("License ::")
    ]
    free_text = metadata.get_all("License") or [""]
    return " AND ".join(classified) or free_text[0].strip().split("\n")[0]
