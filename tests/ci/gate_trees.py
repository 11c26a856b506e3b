"""Small trees for the tests of gates: written files, and the parts of this repository that a tool must have."""

import shutil
from pathlib import Path

from ci.gates.__main__ import ROOT
from ci.gates.finding import Finding

PLANES = {"domed": "domed", "dome_spec": "dome-spec", "dome_client": "dome-client"}


def write(tree: Path, path: str, text: str) -> Path:
    """One file of a tree."""
    target = tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    assert target.resolve().is_relative_to(tree.resolve()), f"{path} is shared with this repository: copy it"
    target.write_text(text)
    return target


def source(plane: str, module: str) -> str:
    """Where a module of a plane stands: `source("domed", "rpc/edge.py")`."""
    return f"packages/{PLANES[plane]}/src/{plane}/{module}"


def copy(tree: Path, *paths: str) -> Path:
    """The same files and folders as in this repository, to be changed."""
    for path in paths:
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, tree / path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)
    return tree


def share(tree: Path, *paths: str) -> Path:
    """The files and folders of this repository themselves, to be read only."""
    for path in paths:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).symlink_to(ROOT / path)
    return tree


def contracts_with(tree: Path, *parts: str) -> Path:
    """The contracts, of which these parts are to be changed and all others read only."""
    for path in sorted((ROOT / "contracts").iterdir()):
        (copy if path.name in parts else share)(tree, path.relative_to(ROOT).as_posix())
    return tree


def replace(tree: Path, path: str, before: str, after: str) -> None:
    """Change one place of a copied file."""
    text = (tree / path).read_text()
    assert before in text, f"{path} has no {before!r}"
    write(tree, path, text.replace(before, after, 1))


def said(findings: list[Finding]) -> str:
    """All findings as text."""
    return "\n".join(map(str, findings))
