"""Reads the JSON and YAML of a tree for gates. What cannot be read is told with its own place, by each gate alike."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from ci.gates.finding import Finding, GateFailed
from dome_spec.kernel import NotJson, read_json
from dome_spec.kernel.yaml_text import NotYaml, read_yaml


class Unreadable(GateFailed):
    """A file is not what its name says. It is one finding, at the place where reading stopped."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def json_at(tree: Path, path: str | Path) -> Any:
    """The value of a JSON file, named from the tree or absolute. Raises Unreadable."""
    try:
        return read_json((tree / path).read_bytes())
    except NotJson as error:
        line = f":{error.position.line}" if error.position else ""
        raise Unreadable(Finding(f"{_place(tree, path)}{line}", error.what, error.remedy)) from error


def yaml_at(tree: Path, path: str | Path) -> Any:
    """The value of a YAML file, named from the tree or absolute. Raises Unreadable."""
    try:
        return read_yaml((tree / path).read_bytes())
    except NotYaml as error:
        what = str(error).replace('"<unicode string>"', "this file")
        line = next((f":{word.rstrip(':,')}" for word in _after(what, "line")), "")
        raise Unreadable(Finding(f"{_place(tree, path)}{line}", what, "Mend the syntax.")) from error


def all_json(tree: Path, folder: str) -> dict[Path, Any]:
    """Every JSON file below a folder, by its path. Raises Unreadable for the first one that is none."""
    return {path: json_at(tree, path) for path in sorted((tree / folder).rglob("*.json"))}


def _after(text: str, word: str) -> list[str]:
    """What follows a word, where it is a number."""
    words = text.split()
    return [each for before, each in pairwise(words) if before == word and each[:1].isdecimal()]


def _place(tree: Path, path: str | Path) -> str:
    return (tree / path).relative_to(tree).as_posix()
