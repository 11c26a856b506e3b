"""`repo.search` of a commit: its files, whatever lies in the working tree, and the same answer each time."""

from pathlib import Path

import pytest

from packages.domed.tests.tools.repo_search.conftest import Git, Run, write


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    """A commit with a few files, and a working tree that has gone on."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    write(root, {"a.txt": "needle\n", "sub/b.txt": "hay\nneedle\n", "sub/ü\n.txt": "needle\n", "picture": b"needle\0"})
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    git(root, "tag", "first")
    git(root, "rm", "-q", "a.txt")
    write(root, {"sub/b.txt": "hay\n", "c.txt": "needle\n", ".gitattributes": "*.txt binary\npicture diff\n"})
    git(root, "add", ".")
    git(root, "commit", "-qm", "second")
    write(root, {"sub/d.txt": "needle\n"})
    return root


def test_a_commit_is_searched_whatever_lies_in_the_working_tree(repository: Path, git: Git, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "needle", "revision": "first"}, repository)
    assert ran.stdout == b'a.txt:1:needle\nsub/b.txt:2:needle\n"sub/\\303\\274\\n.txt":1:needle\n'
    assert [each["path"] for each in ran.result["matches"]] == ["a.txt", "sub/b.txt", "sub/ü\n.txt"]
    commit, tree = (git(repository, "rev-parse", name).decode().strip() for name in ("first", "first^{tree}"))
    assert ran.result["revision"] == {"commit": commit, "tree": tree}
    git(repository, "switch", "-q", "--detach", "first")
    assert run_tool("repo.search", {"pattern": "needle", "revision": commit}, repository).result == ran.result


def test_attributes_and_replacements_of_the_user_change_no_answer(repository: Path, git: Git, run_tool: Run) -> None:
    before = run_tool("repo.search", {"pattern": "needle", "revision": "HEAD"}, repository)
    assert before.stdout == b'c.txt:1:needle\n"sub/\\303\\274\\n.txt":1:needle\n'
    git(repository, "replace", "HEAD", "first")
    write(repository, {".gitattributes": "* -text\n"})
    again = run_tool(
        "repo.search",
        {"pattern": "needle", "revision": git(repository, "rev-parse", "HEAD").decode().strip()},
        repository,
    )
    assert again.result["matches"] == before.result["matches"]


def test_paths_and_globs_choose_in_the_commit(repository: Path, run_tool: Run) -> None:
    def found(folder: Path = repository, **more: list[str]) -> bytes:
        ran = run_tool("repo.search", {"pattern": "needle", "revision": "first", **more}, folder)
        return bytes(ran.stdout)

    assert found(paths=["a.txt"]) == b"a.txt:1:needle\n"
    assert found(paths=["sub"], globs=["b.*"]) == b"sub/b.txt:2:needle\n"
    assert found(globs=["*.txt"], exclude_globs=["sub/**"]) == b"a.txt:1:needle\n"
    assert found(repository / "sub", globs=["b.txt"]) == b"b.txt:2:needle\n"
    ran = run_tool("repo.search", {"pattern": "x", "revision": "first", "paths": ["c.txt"]}, repository)
    assert ran.failure == ("TOOL.FAILED", "There is no 'c.txt' in what is searched. Correct `paths`.")


def test_what_is_no_commit_is_a_failure_that_says_so(repository: Path, tmp_path: Path, run_tool: Run) -> None:
    for name in ("no-such", "-h", "HEAD:a", "first^{tree}"):
        ran = run_tool("repo.search", {"pattern": "x", "revision": name}, repository)
        assert ran.failure == ("TOOL.FAILED", f"There is no commit {name!r} in this repository. Correct `revision`.")
    (repository / "fresh").mkdir()
    ran = run_tool("repo.search", {"pattern": "x", "revision": "first"}, repository / "fresh")
    assert "has no folder 'fresh/'" in ran.failure[1]
    plain = tmp_path / "plain"
    plain.mkdir()
    assert "no commits" in run_tool("repo.search", {"pattern": "x", "revision": "first"}, plain).failure[1]


def test_a_file_that_is_missing_in_the_clone_fails_the_search(repository: Path, git: Git, run_tool: Run) -> None:
    blob = git(repository, "rev-parse", "first:sub/b.txt").decode().strip()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    ran = run_tool("repo.search", {"pattern": "needle", "revision": "first"}, repository)
    assert ran.failure[0] == "TOOL.FAILED"
    assert f"unable to read {blob}" in ran.failure[1]
    assert run_tool("repo.search", {"pattern": "needle", "revision": "first", "globs": ["a.txt"]}, repository).result


def test_binary_files_of_a_commit_are_searched_when_asked_for(repository: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "needle", "revision": "first", "include_binary": True}, repository)
    assert "picture" in {each["path"] for each in ran.result["matches"]}


def test_the_locale_of_who_searches_changes_no_answer(repository: Path, git: Git, run_tool: Run) -> None:
    write(repository, {"e.txt": "n\u00e9dle\n"})
    git(repository, "add", "e.txt")
    git(repository, "commit", "-qm", "third")
    wanted = {"pattern": "^n.dle$", "revision": "HEAD"}
    answers = [run_tool("repo.search", wanted, repository, LC_ALL=each).stdout for each in ("C", "C.UTF-8")]
    assert answers == ["e.txt:1:n\u00e9dle\n".encode()] * 2
