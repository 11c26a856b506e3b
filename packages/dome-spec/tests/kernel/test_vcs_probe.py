"""What a working tree looks like."""

import subprocess
from pathlib import Path

import pytest

from dome_spec.kernel import NotARepository, Repository
from dome_spec.kernel.vcs_probe import NO_COMMIT, commit_with_line, is_ancestor, probe, working_trees


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.txt").write_text("a\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "First\n\nDome-Operation: op-1")
    return root


def test_a_working_tree_says_its_branch_its_commit_and_what_is_staged(repository: Path) -> None:
    (repository / "b.txt").write_text("b\n")
    (repository / "a.txt").write_text("changed\n")
    git(repository, "add", "b.txt")
    seen = probe(repository)
    assert (seen.tree.root, seen.tree.branch) == (repository, "refs/heads/main")
    assert seen.tree.head == git(repository, "rev-parse", "HEAD")
    assert seen.staged_paths == ("b.txt",)
    assert seen.git_common_dir == repository / ".git"


def test_a_repository_without_a_commit_stands_at_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.txt").write_text("a\n")
    git(tmp_path, "add", ".")
    seen = probe(tmp_path)
    assert (seen.tree.head, seen.staged_paths) == (NO_COMMIT, ("a.txt",))


def test_a_head_that_names_a_commit_has_no_branch(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert probe(repository).tree.branch is None


def test_all_working_trees_are_seen_from_each_of_them(repository: Path) -> None:
    other = repository.parent / "other"
    git(repository, "worktree", "add", "-q", str(other), "-b", "side")
    gone = repository.parent / "gone"
    git(repository, "worktree", "add", "-q", str(gone), "-b", "gone")
    for path in sorted(gone.rglob("*"), reverse=True):
        path.unlink()
    gone.rmdir()
    seen = working_trees(other)
    assert seen == working_trees(repository)
    assert [(each.root, each.branch) for each in seen] == [
        (repository, "refs/heads/main"),
        (other, "refs/heads/side"),
    ]
    assert probe(other).git_common_dir == repository / ".git"


def test_a_commit_is_found_by_a_line_of_its_message_and_lies_before_what_follows(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "-qm", "Second", "--allow-empty")
    head = git(repository, "rev-parse", "HEAD")
    with Repository.find(repository) as opened:
        assert commit_with_line(opened, head, "Dome-Operation: op-1") == first
        assert commit_with_line(opened, head, "Dome-Operation: op-2") is None
        assert is_ancestor(opened, first, head)
        assert not is_ancestor(opened, head, first)


def test_outside_of_a_repository_there_is_nothing_to_see(tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        probe(tmp_path)


def test_the_main_tree_is_seen_also_where_git_keeps_its_folder_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    git(root, "init", "-q", "--separate-git-dir", str(tmp_path / "elsewhere"))
    git(root, "commit", "-q", "--allow-empty", "-m", "First")
    git(root, "worktree", "add", "-q", str(tmp_path / "other"), "-b", "side")
    assert [each.root for each in working_trees(root)] == [root, tmp_path / "other"]
