"""A path that is none to commit is refused with a reason of its own; a refusal changes nothing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import canonical
from packages.domed.tests.tools.commits import OTHER_OPERATION, Git, Repository, made

Run = Callable[..., Any]
Refused = Callable[..., str]


def odd_places(root: Path, git: Git) -> None:
    (root / "link").symlink_to(root.parent)
    (root / "to_sub").symlink_to("sub")
    (root / "out").symlink_to("../outside")
    (root / "absolute").symlink_to("/etc/passwd")
    (root / "chain").symlink_to("out")
    (root / "to_git").symlink_to(".git/config")
    (root.parent / "outside").write_text("x")
    (root / "ignored.log").write_text("x")
    (root / ".gitignore").write_text("*.log\n:odd\n")
    (root / ":odd").write_text("x")
    os.mkfifo(root / "pipe")
    made(root / "inner", git).commit({"i.txt": "i"})
    (root / "folder").mkdir()
    (root / "folder/f.txt").write_text("f")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere", "UNKNOWN"),
        ("nowhere/x", "UNKNOWN"),
        ("a.txt/x", "UNKNOWN"),
        (".git/config", "IN_GIT"),
        ("sub/.GIT/x", "IN_GIT"),
        (".git ./x", "IN_GIT"),
        ("git~1", "IN_GIT"),
        ("link/outside", "LINK_OUTSIDE"),
        ("to_sub/c.txt", "LINK_OUTSIDE"),
        ("out", "LINK_OUTSIDE"),
        ("absolute", "LINK_OUTSIDE"),
        ("chain", "LINK_OUTSIDE"),
        ("to_git", "LINK_OUTSIDE"),
        ("ignored.log", "IGNORED"),
        (":odd", "IGNORED"),
        ("pipe", "NOT_A_FILE"),
        ("folder", "NOT_A_FILE"),
        ("sub", "NOT_A_FILE"),
        ("sub/", "OUTSIDE"),
        ("x\n/../../outside", "OUTSIDE"),
        ("inner", "SUBMODULE"),
        ("inner/i.txt", "SUBMODULE"),
        ("inner/.git/config", "IN_GIT"),
    ],
)
def test_a_path_that_is_none_to_commit(
    repository: Repository, refused: Refused, git: Git, path: str, reason: str
) -> None:
    odd_places(repository.root, git)
    refused(f"COMMIT.PATH_{reason}", repository.request("a.txt", path))


@pytest.mark.parametrize("path", ["/a.txt", "../outside", "sub/../../x", "a//b", "./a.txt", ""])
def test_a_path_that_leaves_is_no_input(repository: Repository, built_in: Any, path: str) -> None:
    tool = built_in("repo.commit")
    assert tool.input_violations(canonical.canonical_bytes(repository.request("a.txt"))) == ()
    assert tool.input_violations(canonical.canonical_bytes(repository.request(path)))


def test_a_submodule(repository: Repository, refused: Refused, git: Git, tmp_path: Path) -> None:
    made(tmp_path / "library", git).commit({"l.txt": "l"})
    origin = str(tmp_path / "library")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", origin, "library")
    refused("COMMIT.PATH_SUBMODULE", repository.request("library"))
    repository.git("commit", "-qam", "with a submodule")
    repository.write({"library/l.txt": "changed", "a.txt": "again\n"})
    for path in ("library", "library/l.txt"):
        refused("COMMIT.PATH_SUBMODULE", repository.request("a.txt", path))
    shutil.rmtree(repository.root / "library")
    refused("COMMIT.PATH_SUBMODULE", repository.request("a.txt", "library"))


def test_a_path_outside_of_a_sparse_checkout(repository: Repository, refused: Refused) -> None:
    repository.git("checkout", "-q", "a.txt")
    repository.git("sparse-checkout", "set", "--no-cone", "/a.txt")
    repository.write({"a.txt": "changed\n"})
    refused("COMMIT.PATH_SPARSE", repository.request("a.txt", "b.txt"))


def test_what_makes_room_must_be_named_too(repository: Repository, refused: Refused) -> None:
    shutil.rmtree(repository.root / "sub")
    repository.write({"sub": "a file", "b.txt": None, "b.txt/x": "in a folder"})
    assert "sub/c.txt" in refused("COMMIT.PATH_CONFLICT", repository.request("sub"))
    assert "b.txt" in refused("COMMIT.PATH_CONFLICT", repository.request("b.txt/x"))


def test_what_was_staged_in_spite_of_a_rule_is_meant(repository: Repository, run_tool: Run) -> None:
    repository.write({".gitignore": "*.log\n", "forced.log": "x\n"})
    repository.git("add", "-f", "forced.log")
    request = repository.request("forced.log", operation_id=OTHER_OPERATION)
    assert run_tool("repo.commit", request, repository.root).exit_code == 0
    assert repository.changed() == ["A forced.log"]
