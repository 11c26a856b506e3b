"""A repository with every kind of file that a search meets."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Git = Callable[..., bytes]
Run = Callable[..., Any]
GREP = ("grep", "-nE", "--untracked")


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))


def ignores(root: Path, git: Git) -> None:
    """Nested ignore rules, tracked but ignored files, excludes of the repository itself."""
    write(
        root,
        {
            "kept.txt": "needle\n",
            "forced.log": "needle tracked although ignored\n",
            "build/out.txt": "needle in an ignored folder\n",
            "sub/.gitignore": "*.tmp\n!keep.tmp\n",
            "sub/a.tmp": "needle\n",
            "sub/keep.tmp": "needle kept\n",
            "sub/deep/b.tmp": "needle\n",
            "private.txt": "needle\n",
            ".gitignore": "*.log\nbuild/\n",
            ".hidden/x": "needle hidden\n",
        },
    )
    git(root, "add", "-f", "forced.log", ".gitignore")
    git(root, "commit", "-qm", "x")
    (root / ".git/info/exclude").write_text("private.txt\n")


def names(root: Path, git: Git) -> None:
    """Names that need quoting, and such that could be taken for something else."""
    odd = [
        "with space",
        "ünï",
        "new\nline",
        'quo"te',
        "back\\slash",
        "tab\t",
        "a:1:b",
        "-n",
        ":(top)x",
        "*",
        "\x01\x7f",
        "odd\udcff",
    ]
    write(root, {f"{name}/{name}": f"needle in {name!a}\n" for name in odd})
    git(root, "add", "./ünï")


def content(root: Path, git: Git) -> None:
    """Line ends, no line end, long lines, no UTF-8, nothing."""
    write(
        root,
        {
            "crlf.txt": "needle\r\nhay\r\nneedle\r\n",
            "mixed.txt": "a needle\rb\n\n\nneedle",
            "empty.txt": "",
            "long.txt": "x" * 3_000_000 + "needle" + "y" * 500_000 + "\nneedle\n",
            "latin.txt": b"caf\xe9 needle \xff\xfe\n",
            "late_nul.txt": b"x\n" * 10_000 + b"needle \0 nul\n",
            "utf8.txt": "nädel needle 針\n",
            "colon.txt": "needle:1:needle\n",
            "many.txt": "needle\n" * 500,
        },
    )


def links(root: Path, git: Git) -> None:
    """Links to files, to folders, to nothing, out of the repository; a repository within."""
    write(root, {"real/a.txt": "needle\n"})
    (root / "file_link").symlink_to("real/a.txt")
    (root / "folder_link").symlink_to("real")
    (root / "dangling").symlink_to("nowhere")
    (root / "needle").symlink_to("/etc")
    (root / "inner").mkdir()
    git(root / "inner", "init", "-q")
    write(root / "inner", {"b.txt": "needle in another repository\n"})
    os.mkfifo(root / "pipe")


def deleted(root: Path, git: Git) -> None:
    """Tracked files that are gone or differ from what was committed."""
    write(root, {"gone.txt": "needle\n", "changed.txt": "hay\n", "folder/x": "needle\n"})
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    (root / "gone.txt").unlink()
    write(root, {"changed.txt": "needle\n"})


@pytest.fixture(params=[ignores, names, content, links, deleted])
def repository(tmp_path: Path, git: Git, request: pytest.FixtureRequest) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    request.param(root, git)
    return root
