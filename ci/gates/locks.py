"""The gate on locks: versions and hashes for everything, and no address of a place to download from."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates import node_packages
from ci.gates.finding import Finding

FOLDER: Final = "requirements"
EXPECTED: Final = (
    *("bootstrap", "codex", "node", "dev"),
    *("domed", "domed-otel", "spec", "client", "client-mcp", "client-top"),
)
PIN: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)(\[[\w,-]+\])?==\S+")
PLACE: Final = re.compile(r"://|\bfile:|^(-|\.|/)|--(extra-)?index-url|--find-links", re.MULTILINE)
REMEDY: Final = "Run `./just lock`; an address belongs to the configuration of a machine."


def check(tree: Path) -> list[Finding]:
    """Missing locks, lines with an address, pins without a hash, lock files of other tools that hold addresses."""
    locks = [found for name in EXPECTED for found in _lock(tree, f"{FOLDER}/{name}.lock")]
    return [*locks, *node_packages.check(tree, address=PLACE), *_others(tree)]


def _lock(tree: Path, place: str) -> Iterator[Finding]:
    path = tree / place
    if not path.is_file():
        yield Finding(place, "the lock is missing", "Run `./just lock`.")
        return
    for number, line in _logical_lines(path.read_text(encoding="utf-8")):
        if PLACE.search(line):
            yield Finding(f"{place}:{number}", "the line names a place", REMEDY)
        elif not (pin := PIN.match(line)):
            yield Finding(f"{place}:{number}", f"no exact version: {line.split()[0]}", "Run `./just lock`.")
        elif "--hash=sha256:" not in line:
            yield Finding(f"{place}:{number}", f"{pin[1]} has no hash", "Run `./just lock`.")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Requirement lines with their continuations, without comments, numbered by their first line."""
    started, collected = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not collected and (not stripped or stripped.startswith("#")):
            continue
        started = started if collected else number
        collected = f"{collected} {stripped.removesuffix(chr(92))}".strip()
        if not stripped.endswith("\\"):
            yield started, collected
            collected = ""


def _others(tree: Path) -> Iterator[Finding]:
    """`uv.lock` and npm's lock name download hosts."""
    for name in ("uv.lock", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"):
        for path in (tree / name, *sorted(tree.glob(f"*/{name}")), *sorted(tree.glob(f"packages/*/{name}"))):
            if path.is_file() and re.search(r"https?://", path.read_text(encoding="utf-8")):
                place = path.relative_to(tree).as_posix()
                if not _ignored(tree, name):
                    yield Finding(place, "the lock holds addresses", "Keep it out of git, or strip them.")


def _ignored(tree: Path, name: str) -> bool:
    path = tree / ".gitignore"
    return path.is_file() and name in path.read_text(encoding="utf-8").split()
