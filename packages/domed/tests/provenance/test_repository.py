"""What files say of a repository is what git says."""

import os
from pathlib import Path

import pytest

from domed.provenance.repository import PACKED_BYTES_MAX, Head, Repository, Unreadable, find, read_head
from packages.domed.tests.provenance.conftest import Git


def found(directory: Path) -> Repository:
    repository = find(directory)
    assert repository is not None
    return repository


def head(git: Git) -> Head:
    return read_head(found(git.root))


def test_a_branch_and_its_commit(git: Git) -> None:
    assert head(git) == Head(commit="", branch="main")
    commit = git.commit()
    assert head(git) == Head(commit=commit, branch="main")


def test_a_branch_with_slashes(git: Git) -> None:
    commit = git.commit()
    git("checkout", "--quiet", "-b", "feature/deep/one")
    assert head(git) == Head(commit=commit, branch="feature/deep/one")


def test_a_directory_far_below(git: Git) -> None:
    (git.root / "a" / "b").mkdir(parents=True)
    assert found(git.root / "a" / "b").root == git.root


def test_detached(git: Git) -> None:
    commit = git.commit()
    git("checkout", "--quiet", "--detach")
    assert head(git) == Head(commit=commit, branch="")


def test_packed_refs(git: Git) -> None:
    commit = git.commit()
    git("branch", "xmain")
    git("tag", "-a", "-m", "t", "v1")
    git("pack-refs", "--all")
    assert not (git.root / ".git/refs/heads/main").exists()
    assert head(git) == Head(commit=commit, branch="main")


def test_a_loose_ref_goes_before_a_packed_one(git: Git) -> None:
    git.commit()
    git("pack-refs", "--all")
    commit = git.commit("second")
    assert head(git).commit == commit


def test_a_branch_that_names_another(git: Git) -> None:
    commit = git.commit()
    git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git("symbolic-ref", "HEAD", "refs/heads/alias")
    assert head(git) == Head(commit=commit, branch="alias")


def test_a_linked_working_tree_has_its_own_head(git: Git, tmp_path: Path) -> None:
    git.commit()
    git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    side = Git(tmp_path / "side")
    commit = side.commit("there")
    assert head(side) == Head(commit=commit, branch="side")
    assert found(side.root).common_dir == git.root / ".git"
    git("pack-refs", "--all")
    assert head(side).commit == commit


def test_a_submodule(git: Git, tmp_path: Path) -> None:
    outer_root = tmp_path / "outer"
    outer_root.mkdir()
    outer = Git(outer_root)
    outer("init", "--quiet")
    commit = git.commit()
    outer("submodule", "--quiet", "add", str(git.root), "inner")
    repository = found(outer_root / "inner")
    assert repository.root == outer_root / "inner"
    assert read_head(repository).commit == commit


def test_sha256_commits(tmp_path: Path) -> None:
    git = Git(tmp_path)
    git("init", "--quiet", "--object-format", "sha256", "--initial-branch", "main")
    commit = git.commit()
    assert len(commit) == 64
    assert head(git).commit == commit


def test_no_repository(tmp_path: Path) -> None:
    assert find(tmp_path) is None


def test_a_bare_repository_has_no_working_tree(tmp_path: Path) -> None:
    Git(tmp_path)("init", "--quiet", "--bare", "bare.git")
    assert find(tmp_path / "bare.git" / "refs") is None


def test_inside_the_repositorys_own_files_there_is_no_working_tree(git: Git) -> None:
    assert find(git.root / ".git" / "refs") is None


def test_a_directory_that_only_looks_like_a_repository_is_passed_over(git: Git) -> None:
    (git.root / "sub" / ".git").mkdir(parents=True)
    assert found(git.root / "sub").root == git.root


@pytest.mark.parametrize(
    ("head_text", "words"),
    [
        ("garbage", "holds no commit"),
        ("", "holds no commit"),
        ("ref: ../../etc/passwd", "odd ref"),
        ("ref: refs/heads/../../config", "odd ref"),
        ("ref: refs/heads/a\0b", "holds what is no text"),
        ("ref: refs/heads/" + 300 * "a", "File name too long"),
        ("ref: refs/heads/loop", "odd ref"),
        ("ref: refs/heads/broken", "holds no commit"),
    ],
)
def test_what_makes_no_sense_is_said(git: Git, head_text: str, words: str) -> None:
    (git.root / ".git/refs/heads/loop").write_text("ref: refs/heads/loop\n")
    (git.root / ".git/refs/heads/broken").write_text("0123\n")
    (git.root / ".git/HEAD").write_text(head_text)
    with pytest.raises(Unreadable, match=words):
        head(git)


def test_a_pointer_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /no/such/place\n")
    with pytest.raises(Unreadable, match="cannot be read"):
        read_head(found(tmp_path))
    for nonsense, words in (("a\0b", "holds what is no text"), (300 * "a", "File name too long")):
        (tmp_path / ".git").write_text(f"gitdir: {nonsense}\n")
        with pytest.raises(Unreadable, match=words):
            find(tmp_path)
    (tmp_path / ".git").write_text("something else\n")
    with pytest.raises(Unreadable, match="does not say where"):
        find(tmp_path)


def test_refs_in_a_reftable_are_not_guessed(git: Git) -> None:
    (git.root / ".git/reftable").mkdir()
    (git.root / ".git/HEAD").write_text("ref: refs/heads/.invalid\n")
    with pytest.raises(Unreadable, match="reftable"):
        head(git)


@pytest.mark.parametrize("name", ["HEAD", "packed-refs"])
@pytest.mark.parametrize("kind", ["pipe", "endless"])
def test_what_could_be_read_for_ever_is_not_read(git: Git, name: str, kind: str) -> None:
    git.commit()
    git("pack-refs", "--all")
    place = git.root / ".git" / name
    place.rename(place.with_name("moved"))
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/zero")
    with pytest.raises(Unreadable, match="no regular file"):
        head(git)


def test_a_packed_refs_beyond_all_measure_is_not_read(git: Git) -> None:
    git.commit()
    git("pack-refs", "--all")
    os.truncate(git.root / ".git" / "packed-refs", PACKED_BYTES_MAX + 1)
    with pytest.raises(Unreadable, match="more than"):
        head(git)
