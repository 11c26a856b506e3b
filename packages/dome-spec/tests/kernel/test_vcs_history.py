"""The contents of a file over the commits of a repository, found without reading them."""

from typing import Any

from dome_spec.kernel import Repository
from dome_spec.kernel.vcs_history import changes, every_version


def test_each_content_is_found_once_and_changes_follow_the_first_parents(git: Any) -> None:
    git.commit("before")
    first = git.commit("one", {"a/b.txt": "1"})
    git.run("checkout", "-q", "-b", "side")
    side = git.commit("side", {"a/b.txt": "side"})
    git.run("checkout", "-q", "main")
    git.commit("elsewhere", {"c.txt": "x"})
    second = git.commit("two", {"a/b.txt": "2"})
    git.run("merge", "-q", "-s", "ours", "-m", "merged", "side")
    with Repository.find(git.root) as repository:
        assert {each.commit_id for each in every_version(repository, "a/b.txt")} >= {side}
        assert len(list(every_version(repository, "a/b.txt"))) == 3
        followed = list(changes(repository, "a/b.txt"))
        contents = [each.blob_id for each in followed]
        assert [repository.read(each.commit_id, "a/b.txt") for each in followed[:2]] == [b"2", b"1"]
        assert contents[2:] == [""]
        assert len(list(every_version(repository, "a/b.txt", commits_max=1))) == 1
        assert list(every_version(repository, "nowhere")) == []
    assert first != second


def test_a_folder_in_the_place_of_the_file_is_no_content(git: Any) -> None:
    git.commit("one", {"a/b": "1"})
    (git.root / "a/b").unlink()
    git.commit("two", {"a/b/c": "2"})
    with Repository.find(git.root) as repository:
        assert [bool(each.blob_id) for each in changes(repository, "a/b")] == [False, True]
