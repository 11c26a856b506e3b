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
    target.write_text(text)
    return target


def source(plane: str, module: str) -> str:
    """Where a module of a plane stands: `source("domed", "rpc/edge.py")`."""
    return f"packages/{PLANES[plane]}/src/{plane}/{module}"


def copy(tree: Path, *paths: str) -> Path:
    """The same files and folders as in this repository."""
    for path in paths:
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, tree / path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)
    return tree


def replace(tree: Path, path: str, before: str, after: str) -> None:
    """Change one place of a copied file."""
    text = (tree / path).read_text()
    assert before in text, f"{path} has no {before!r}"
    (tree / path).write_text(text.replace(before, after, 1))


def said(findings: list[Finding]) -> str:
    """All findings as text."""
    return "\n".join(map(str, findings))
