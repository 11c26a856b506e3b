"""What a working tree looks like."""

import subprocess
from pathlib import Path

import pytest

from dome_spec.kernel import MainTreeUnknown, NotARepository, Repository, resolve_infra
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


@pytest.fixture
def submodule(repository: Path) -> Path:
    """The working tree of a submodule, in a directory with a blank in its name."""
    outer = repository.parent / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "the library")
    git(outer, "commit", "-qm", "With it")
    return outer / "the library"


@pytest.mark.parametrize("more", [(), ("sparse-checkout", "init", "--cone")], ids=["plain", "settings of each tree"])
def test_a_submodule_and_its_linked_trees_are_seen_from_each_of_them(submodule: Path, more: tuple[str, ...]) -> None:
    other = submodule.parents[1] / "other"
    git(submodule, "worktree", "add", "-q", str(other), "-b", "side")
    if more:
        git(submodule, *more)
    (other / "a.txt").write_text("changed\n")
    git(other, "add", "a.txt")
    seen = working_trees(other)
    assert seen == working_trees(submodule)
    assert [(each.root, each.branch) for each in seen] == [
        (submodule, "refs/heads/main"),
        (other, "refs/heads/side"),
    ]
    assert (probe(other).tree.root, probe(other).staged_paths) == (other, ("a.txt",))
    assert (probe(submodule).tree.root, probe(submodule).staged_paths) == (submodule, ())
    with Repository.find(other) as opened:
        assert (opened.root, opened.edited_paths()) == (other, [])
    here, there = (resolve_infra(each, {"HOME": str(other.parent)}) for each in (other, submodule))
    assert (here.git_common_dir, here.repository_root) == (there.git_common_dir, other)


def test_a_linked_tree_that_does_not_lead_to_the_main_one_is_refused(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    git(root, "init", "-q", "--separate-git-dir", str(tmp_path / "elsewhere"))
    git(root, "commit", "-q", "--allow-empty", "-m", "First")
    git(root, "worktree", "add", "-q", str(other), "-b", "side")
    with pytest.raises(MainTreeUnknown, match=r"core\.worktree"):
        working_trees(other)
    # As the remedy says: once it is noted, it is known.
    git(root, "config", "core.worktree", str(root))
    assert working_trees(other) == working_trees(root)
    root.rename(tmp_path / "moved")
    with pytest.raises(MainTreeUnknown, match="not it any more"):
        working_trees(other)


def test_a_submodule_whose_place_was_taken_by_another_repository_is_not_mistaken_for_it(submodule: Path) -> None:
    other = submodule.parents[1] / "other"
    git(submodule, "worktree", "add", "-q", str(other), "-b", "side")
    submodule.rename(submodule.parent / "moved")
    submodule.mkdir()
    git(submodule, "init", "-q")
    with pytest.raises(MainTreeUnknown):
        working_trees(other)


@pytest.mark.parametrize("folder", ["bare.git", "project/.git"])
def test_a_bare_repository_has_no_main_tree_wherever_it_lies(repository: Path, folder: str) -> None:
    bare, other = repository.parent / folder, repository.parent / "other"
    git(repository.parent, "clone", "-q", "--bare", str(repository), str(bare))
    git(bare, "worktree", "add", "-q", str(other), "main")
    assert [each.root for each in working_trees(other)] == [other]
    with pytest.raises(NotARepository, match="no working tree"):
        probe(bare if folder == "bare.git" else bare.parent)
