"""An empty repository is one to git itself; what is edited in a working tree is seen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dome_spec.kernel import Repository
from dome_spec.kernel.vcs_scratch import empty_repository

Git = Any


def test_git_takes_it_for_a_repository_and_commits_there(tmp_path: Path, new_git: Callable[[Path], Git]) -> None:
    empty_repository(tmp_path)
    git = new_git(tmp_path)
    assert git.run("status", "--porcelain") == ""
    git.commit("first", {"a": "one\n"})
    assert git.run("fsck", "--strict") == ""
    with Repository.find(tmp_path) as repository:
        assert repository.resolve("main")
        assert repository.edited_paths() == repository.staged_paths() == []
        git.write("a", "another\n")
        assert repository.edited_paths() == ["a"]
    git.run("add", "a")
    with Repository.find(tmp_path) as repository:
        assert (repository.edited_paths(), repository.staged_paths()) == ([], ["a"])
