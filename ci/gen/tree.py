"""The written tree as a value: path to bytes. Compares, writes and heads files; knows nothing of what is in them."""

import shutil
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

COMMAND: Final = "just gen"
PACKAGE: Final = "src/dome_contracts"
DIFF_LINES_MAX: Final = 12
# Made by interpreters and installers beside the files, never by the generator.
BYPRODUCTS: Final = ("__pycache__", ".egg-info", ".dist-info")

Tree = dict[str, bytes]


class GenerationError(Exception):
    """A contract cannot be turned into code. The message names the source, the fault and the remedy."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as the generator writes it."""

    path: str
    verdict: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.verdict}" + (f"\n{self.detail}" if self.detail else "")


def header(source: str) -> str:
    """The first line of a generated text file: where it comes from and how to change it."""
    return f"# @generated from {source}. Do not edit: change the source, then run `{COMMAND}`.\n"


def merge(*trees: Tree) -> Tree:
    """All files of all trees. Two steps that write the same file are a fault of the generator."""
    merged: Tree = {}
    for tree in trees:
        if twice := sorted(merged.keys() & tree.keys()):
            raise GenerationError(f"written by two steps: {', '.join(twice)}. Rename one of the sources.")
        merged |= tree
    return merged


def read(folder: Path) -> Tree:
    """What is there, without what interpreters leave behind."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if not _byproduct(path)}


def write(tree: Tree, folder: Path) -> None:
    """Make the folder hold exactly this tree. Files that are right already are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    present = read(folder)
    for path in sorted(present.keys() - tree.keys()):
        (folder / path).unlink()
    for path, content in sorted(tree.items()):
        if present.get(path) != content:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    _remove_empty_folders(folder)


def compare(expected: Tree, folder: Path) -> list[Difference]:
    """Every file that is edited, missing or surplus, in the order of paths."""
    present = read(folder)
    found = []
    for path in sorted(expected.keys() | present.keys()):
        if path not in present:
            found.append(Difference(path, "missing"))
        elif path not in expected:
            found.append(Difference(path, "surplus: no contract writes it"))
        elif expected[path] != present[path]:
            found.append(Difference(path, "differs", _diff(present[path], expected[path])))
    return found


def _diff(present: bytes, expected: bytes) -> str:
    """The first lines of the difference, for text; nothing for binary files."""
    try:
        before, after = present.decode().splitlines(), expected.decode().splitlines()
    except UnicodeDecodeError:
        return ""
    lines = list(unified_diff(before, after, "present", "generated", lineterm="", n=0))
    more = [f"... {len(lines) - DIFF_LINES_MAX} more lines"] if len(lines) > DIFF_LINES_MAX else []
    return "\n".join(f"    {line}" for line in lines[:DIFF_LINES_MAX] + more)


def _byproduct(path: Path) -> bool:
    return any(part.endswith(BYPRODUCTS) for part in path.parts)


def _remove_empty_folders(folder: Path) -> None:
    """Folders without a generated file, together with the byte code that a removed module left in them."""
    for path in sorted(path for path in folder.rglob("*") if path.is_dir()):
        if path.is_dir() and not _byproduct(path) and not read(path):
            shutil.rmtree(path)
