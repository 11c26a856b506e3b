"""The port to git, against repositories that git made."""

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_spec.kernel import (
    CommittedFile,
    FileTooLarge,
    LinkOutside,
    NotARepository,
    NotInCommit,
    RefAmbiguous,
    RefNotFound,
    Repository,
    RepositoryUnreadable,
    VcsError,
)

Git = Any
A = {"a.json": "{}", "sub/b.json": '{"b": 1}', "sub/deep/c.json": "[]"}


@pytest.fixture(scope="module")
def told(new_git: Callable[[Path], Git], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Three commits on main, a side branch that was merged, and tags: where they are, to be copied, and their ids."""
    git = new_git(tmp_path_factory.mktemp("history"))
    git.run("init", "-q", "-b", "main")
    ids = {"first": git.commit("first", A)}
    git.run("tag", "v1")
    ids["second"] = git.commit("second", {"a.json": '{"a": 2}'})
    git.run("tag", "-a", "v2", "-m", "annotated")
    git.run("checkout", "-q", "-b", "side/branch", "HEAD~1")
    ids["side"] = git.commit("side", {"side.json": "{}"})
    git.run("checkout", "-q", "main")
    git.run("merge", "-q", "--no-ff", "-m", "merge", "side/branch")
    ids["merge"] = git.run("rev-parse", "HEAD")
    return git.root, ids


@pytest.fixture
def history(git: Git, told: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """The repository has that history."""
    root, ids = told
    shutil.copytree(root, git.root, dirs_exist_ok=True)
    return ids


@pytest.mark.parametrize(
    "revision",
    [
        "HEAD", "@", "main", "heads/main", "refs/heads/main", "HEAD~1", "HEAD~", "HEAD^", "HEAD^1", "HEAD^2", "HEAD~2",
        "v1", "v2", "tags/v2", "v2^{}", "v2^{commit}", "v2~1", "side/branch", "HEAD^2~1", "HEAD^0", "HEAD~0", "main^^",
    ],
)  # fmt: skip
def test_a_revision_names_what_it_names_to_git(git: Git, history: dict[str, str], revision: str) -> None:
    with Repository.find(git.root) as repository:
        assert repository.resolve(revision) == git.run("rev-parse", f"{revision}^{{commit}}")


@pytest.mark.parametrize("packed", [False, True])
def test_short_and_full_ids_are_found_loose_and_packed(git: Git, history: dict[str, str], *, packed: bool) -> None:
    if packed:
        git.run("gc", "-q", "--prune=now")
        assert (git.root / ".git" / "packed-refs").is_file()
    with Repository.find(git.root) as repository:
        for commit_id in history.values():
            assert repository.resolve(commit_id) == commit_id
            assert repository.resolve(commit_id.upper()) == commit_id
            assert repository.resolve(commit_id[:10]) == commit_id
        assert repository.resolve("v2") == history["second"]
        assert repository.resolve("side/branch") == history["side"]
        assert repository.read(history["first"], "sub/b.json") == b'{"b": 1}'


@pytest.mark.parametrize(
    "revision",
    ["nowhere", "HEAD~99", "HEAD^3", "v9", "0" * 40, "abcd", "", ":/second", "HEAD@{1}", "a..b", "../../etc/passwd",
     "HEAD:a.json", "-n", "refs/heads/../../HEAD", "main~999999999"],
)  # fmt: skip
def test_a_revision_that_names_no_commit_is_a_typed_error(git: Git, history: dict[str, str], revision: str) -> None:
    with Repository.find(git.root) as repository, pytest.raises(RefNotFound) as raised:
        repository.resolve(revision)
    assert raised.value.revision == revision
    assert raised.value.remedy


def test_a_branch_named_like_an_id_is_the_branch(git: Git, history: dict[str, str]) -> None:
    git.run("branch", "deadbeef", "HEAD~1")
    with Repository.find(git.root) as repository:
        assert repository.resolve("deadbeef") == git.run("rev-parse", "refs/heads/deadbeef")


def test_a_short_id_that_begins_several_commits_is_ambiguous(git: Git) -> None:
    # Commits of fixed content and date have the same ids everywhere; of a thousand some begin alike.
    commit = "commit refs/heads/many\ncommitter A <a@example.org> 0 +0000\ndata <<E\n{}\nE\n"
    git.run("fast-import", "--quiet", said="".join(commit.format(number) for number in range(1000)))
    by_start: dict[str, list[str]] = {}
    for each in git.run("rev-list", "many").splitlines():
        by_start.setdefault(each[:4], []).append(each)
    start, several = next((start, found) for start, found in by_start.items() if len(found) > 1)
    with Repository.find(git.root) as repository, pytest.raises(RefAmbiguous) as raised:
        repository.resolve(start)
    assert raised.value.candidates == tuple(sorted(several))


def test_files_are_those_of_git_in_order(git: Git, history: dict[str, str]) -> None:
    with Repository.find(git.root) as repository:
        listed = repository.files(history["merge"])
        assert [each.path for each in listed] == git.run("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        assert [each.path for each in repository.files(history["merge"], "sub/")] == ["sub/b.json", "sub/deep/c.json"]
        assert [each.path for each in repository.files(history["merge"], "./sub/deep")] == ["sub/deep/c.json"]
        assert [each.path for each in repository.files(history["merge"], "a.json")] == ["a.json"]
        assert all(each.kind == "file" and len(each.blob_id) == 40 for each in listed)


@pytest.mark.parametrize("path", ["nowhere.json", "sub", "", "sub/b.json/c", "a.json/..", "../a.json"])
def test_what_is_no_file_of_the_commit_cannot_be_read(git: Git, history: dict[str, str], path: str) -> None:
    with Repository.find(git.root) as repository, pytest.raises(NotInCommit):
        repository.read(history["first"], path)


def test_a_folder_that_the_commit_lacks_cannot_be_listed(git: Git, history: dict[str, str]) -> None:
    with Repository.find(git.root) as repository, pytest.raises(NotInCommit):
        repository.files(history["first"], "missing")


def test_a_file_beyond_the_limit_is_not_read(git: Git, history: dict[str, str]) -> None:
    with Repository.find(git.root) as repository, pytest.raises(FileTooLarge) as raised:
        repository.read(history["first"], "sub/b.json", bytes_max=3)
    assert (raised.value.size_bytes, raised.value.bytes_max) == (8, 3)


def test_links_are_followed_inside_and_refused_outside(git: Git) -> None:
    git.write("sub/b.json", "{}")
    (git.root / "inside.json").symlink_to("sub/b.json")
    (git.root / "sub" / "up.json").symlink_to("../sub/b.json")
    (git.root / "outside.json").symlink_to("../../secret.json")
    (git.root / "absolute.json").symlink_to("/etc/passwd")
    (git.root / "circle.json").symlink_to("circle.json")
    commit_id = git.commit("links")
    with Repository.find(git.root) as repository:
        assert repository.read(commit_id, "inside.json") == b"{}"
        assert repository.read(commit_id, "sub/up.json") == b"{}"
        assert {each.kind for each in repository.files(commit_id) if each.path != "sub/b.json"} == {"symlink"}
        for path in ("outside.json", "absolute.json"):
            with pytest.raises(LinkOutside):
                repository.read(commit_id, path)
        with pytest.raises(NotInCommit, match="without end"):
            repository.read(commit_id, "circle.json")


def test_equal_contents_have_equal_ids(git: Git) -> None:
    commit_id = git.commit("twice", {"one.json": "{}", "two.json": "{}"})
    with Repository.find(git.root) as repository:
        one, two = repository.files(commit_id)
    assert one == CommittedFile("one.json", two.blob_id, "file")


def test_a_repository_is_found_from_below(git: Git, history: dict[str, str]) -> None:
    with Repository.find(git.root / "sub" / "deep" / "c.json") as repository:
        assert repository.root == git.root
        assert repository.resolve("HEAD") == history["merge"]


def test_a_worktree_has_its_own_head_and_the_refs_of_all(git: Git, history: dict[str, str], tmp_path: Path) -> None:
    git.run("worktree", "add", "-q", "--detach", str(tmp_path / "other"), "v1")
    assert (tmp_path / "other" / ".git").is_file()
    with Repository.find(tmp_path / "other" / "sub") as repository:
        assert repository.root == tmp_path / "other"
        assert repository.resolve("HEAD") == history["first"]
        assert repository.resolve("main") == history["merge"]
        assert repository.read(repository.resolve("v2"), "a.json") == b'{"a": 2}'


def test_a_bare_repository_has_no_working_tree(git: Git, history: dict[str, str], tmp_path: Path) -> None:
    git.run("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    with Repository.find(tmp_path / "bare.git") as repository:
        assert repository.root is None
        assert repository.resolve("main") == history["merge"]
        assert repository.name == str(tmp_path / "bare.git")


def test_objects_of_alternates_are_read(git: Git, history: dict[str, str], tmp_path: Path) -> None:
    git.run("clone", "-q", "--shared", ".", str(tmp_path / "borrower"))
    assert (tmp_path / "borrower" / ".git" / "objects" / "info" / "alternates").is_file()
    with Repository.find(tmp_path / "borrower") as repository:
        assert repository.resolve("origin/main") == history["merge"]
        assert repository.resolve("origin") == history["merge"]
        assert repository.read(history["first"], "a.json") == b"{}"


def test_the_end_of_a_shallow_history_is_told(git: Git, history: dict[str, str], tmp_path: Path) -> None:
    git.run("clone", "-q", "--depth", "1", git.root.as_uri(), str(tmp_path / "shallow"))
    with Repository.find(tmp_path / "shallow") as repository, pytest.raises(RefNotFound, match="shallow"):
        repository.resolve("HEAD~1")


def test_submodules_are_left_out(git: Git, history: dict[str, str], new_repository: Callable[[str], Git]) -> None:
    outer = new_repository("outer")
    outer.write("own.json", "{}")
    outer.run("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(git.root), "inner")
    commit_id = outer.commit("with a submodule")
    with Repository.find(outer.root) as repository:
        assert [each.path for each in repository.files(commit_id)] == [".gitmodules", "own.json"]
        with pytest.raises(NotInCommit):
            repository.read(commit_id, "inner")


def test_a_repository_without_commits_has_no_head(git: Git) -> None:
    with Repository.find(git.root) as repository, pytest.raises(RefNotFound, match="no commit yet"):
        repository.resolve("HEAD")


@pytest.mark.parametrize("place", ["", "missing"])
def test_a_path_outside_of_any_repository_is_a_typed_error(tmp_path: Path, place: str) -> None:
    with pytest.raises(NotARepository):
        Repository.find(tmp_path / place)


@pytest.mark.parametrize("damage", [b"", b"garbage", zlib.compress(b"blob 3\0abc"), zlib.compress(b"tree 4\0abcd")])
def test_a_damaged_object_is_a_typed_error(git: Git, history: dict[str, str], damage: bytes) -> None:
    tree = git.run("rev-parse", "v1^{tree}")
    path = git.root / ".git" / "objects" / tree[:2] / tree[2:]
    os.chmod(path, 0o644)
    path.write_bytes(damage)
    with Repository.find(git.root) as repository, pytest.raises(RepositoryUnreadable):
        repository.files(history["first"])


def test_a_missing_object_is_a_typed_error(git: Git, history: dict[str, str]) -> None:
    blob = git.run("rev-parse", "v1:sub/b.json")
    (git.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with Repository.find(git.root) as repository, pytest.raises(RepositoryUnreadable, match="missing"):
        repository.read(history["first"], "sub/b.json")


def test_an_unknown_format_is_a_typed_error(git: Git, history: dict[str, str]) -> None:
    git.run("config", "core.repositoryformatversion", "7")
    with pytest.raises(RepositoryUnreadable, match="format"):
        Repository.find(git.root)


def test_nothing_of_a_repository_is_run_or_written(git: Git, history: dict[str, str], tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hooks = git.root / ".git" / "hooks"
    shutil.rmtree(hooks, ignore_errors=True)
    hooks.mkdir()
    for name in ("post-checkout", "pre-commit", "reference-transaction", "fsmonitor"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    git.write(".gitattributes", "*.json filter=evil diff=evil text eol=crlf\n")
    for key in (
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "core.fsmonitor",
        "diff.evil.textconv",
    ):
        git.run("config", key, f"touch {mark}; cat")
    before = {path: path.stat().st_mtime_ns for path in sorted(git.root.rglob("*"))}
    with Repository.find(git.root) as repository:
        commit_id = repository.resolve("HEAD")
        assert [repository.read(commit_id, each.path) for each in repository.files(commit_id)]
    assert not mark.exists()
    assert {path: path.stat().st_mtime_ns for path in sorted(git.root.rglob("*"))} == before


def test_every_error_says_what_to_do() -> None:
    assert all(issubclass(each, VcsError) for each in (NotARepository, RefAmbiguous, RefNotFound, FileTooLarge))
