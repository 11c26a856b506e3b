"""How a commit came to lie on a branch: by ancestry, or by all that it changed; and what is no proof."""

from typing import Any

import pytest

from dome_spec.kernel import Repository
from dome_spec.kernel.vcs_landed import Landed, Proof, changed, holds_all, landed

LINES = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def work(git: Any) -> Any:
    """A branch with two commits that change, add, move and remove files; main stands where it began."""
    git.commit("first", {"a.txt": LINES, "deep/down/b.txt": "b\n", "gone.txt": "gone\n", "mode.sh": "true\n"})
    git.run("switch", "-q", "-c", "work")
    git.commit("one", {"a.txt": LINES.replace("line 20\n", "line twenty\n"), "new/c.txt": "c\n"})
    (git.root / "gone.txt").unlink()
    (git.root / "mode.sh").chmod(0o755)
    git.commit("two", {"deep/down/b.txt": "b\nmore\n"})
    git.run("switch", "-q", "main")
    return git


def looked(git: Any, accepted: str = "work", tip: str = "main") -> Landed | None:
    with Repository.find(git.root) as repository:
        return landed(repository, repository.resolve(accepted), repository.resolve(tip))


def head(git: Any, revision: str = "HEAD") -> str:
    said: str = git.run("rev-parse", revision)
    return said


def squash(git: Any, branch: str = "work") -> str:
    git.run("merge", "-q", "--squash", branch)
    git.run("commit", "-qm", "squashed")
    return head(git)


def by_content(git: Any, commit: str) -> Landed:
    return Landed(commit, head(git, f"{commit}^"), Proof.CONTENT)


def test_what_did_not_land_is_not_shown(work: Any) -> None:
    assert looked(work) is None
    work.commit("elsewhere", {"other.txt": "other\n"})
    assert looked(work) is None


@pytest.mark.parametrize("later", [0, 5])
def test_a_merge_is_told_by_ancestry_with_the_commit_that_brought_it(work: Any, later: int) -> None:
    before = work.commit("meanwhile", {"other.txt": "other\n"})
    work.run("merge", "-q", "--no-ff", "-m", "merge", "work")
    merge = head(work)
    for number in range(later):
        work.commit(f"later {number}")
    assert looked(work) == Landed(merge, before, Proof.ANCESTRY)


def test_a_merge_without_a_commit_of_its_own_is_told_by_ancestry(work: Any) -> None:
    work.run("merge", "-q", "--ff-only", "work")
    assert looked(work) == Landed(head(work), head(work, "HEAD^"), Proof.ANCESTRY)


def test_a_squash_is_told_by_what_it_left(work: Any) -> None:
    commit = squash(work)
    assert looked(work) == by_content(work, commit)


def test_a_squash_is_found_behind_what_came_before_and_after_it(work: Any) -> None:
    work.commit("meanwhile", {"other.txt": "other\n"})
    commit = squash(work)
    work.commit("later", {"a.txt": "replaced\n", "new/c.txt": "replaced\n"})
    assert looked(work) == by_content(work, commit)


def test_a_squash_onto_a_file_that_had_gone_on_elsewhere_is_told_by_the_same_changes(work: Any) -> None:
    work.commit("meanwhile", {"a.txt": LINES.replace("line 2\n", "line two\n")})
    commit = squash(work)
    assert (work.root / "a.txt").read_text() == LINES.replace("line 2\n", "line two\n").replace("20", "twenty")
    assert looked(work) == by_content(work, commit)


def test_commits_that_were_brought_over_one_by_one_are_told_with_the_last(work: Any) -> None:
    work.commit("meanwhile", {"other.txt": "other\n"})
    work.run("cherry-pick", "main..work")
    assert looked(work) == by_content(work, head(work))


@pytest.mark.parametrize(
    "altered",
    [
        {"new/c.txt": "not c\n"},
        {"a.txt": LINES.replace("line 20\n", "line twenty\nand more\n")},
        {"deep/down/b.txt": "b\n"},
        {"gone.txt": "gone\n"},
    ],
    ids=["another addition", "another change", "a change left out", "a file kept"],
)
def test_a_squash_that_was_altered_is_no_proof(work: Any, altered: dict[str, str]) -> None:
    work.run("merge", "-q", "--squash", "work")
    work.commit("squashed", altered)
    assert looked(work) is None


def test_a_squash_without_a_change_of_mode_is_no_proof(work: Any) -> None:
    work.run("merge", "-q", "--squash", "work")
    (work.root / "mode.sh").chmod(0o644)
    work.commit("squashed")
    assert looked(work) is None


def test_a_commit_that_changes_nothing_has_no_content_to_be_found(git: Any) -> None:
    git.commit("first", {"a.txt": "a\n"})
    git.run("switch", "-q", "-c", "work")
    git.commit("nothing")
    git.run("switch", "-q", "main")
    assert looked(git) is None


def test_histories_that_share_nothing_prove_nothing(work: Any) -> None:
    work.run("switch", "-q", "--orphan", "apart")
    work.commit("apart", {"new/c.txt": "c\n"})
    assert looked(work, tip="apart") is None


def test_bytes_that_are_no_text_and_names_that_are_no_words_are_compared_as_they_are(git: Any) -> None:
    (git.root / "first").write_bytes(b"\0first")
    git.commit("first")
    git.run("switch", "-q", "-c", "work")
    (git.root / "first").write_bytes(b"\0second")
    strange = bytes(git.root) + b"/a line\nand \xff \xfe"
    with open(strange, "wb") as file:
        file.write(b"c\n")
    git.commit("work")
    git.run("switch", "-q", "main")
    commit = squash(git)
    assert looked(git) == by_content(git, commit)
    with Repository.find(git.root) as repository:
        assert set(changed(repository, head(git, "main^"), head(git, "work"))) == {b"first", b"a line\nand \xff \xfe"}


def test_a_file_that_becomes_a_directory_and_the_reverse_are_changes_of_both(git: Any) -> None:
    git.commit("first", {"a": "a\n", "b/c": "c\n"})
    git.run("switch", "-q", "-c", "work")
    (git.root / "a").unlink()
    (git.root / "b/c").unlink()
    (git.root / "b").rmdir()
    git.commit("work", {"a/d": "d\n", "b": "b\n"})
    git.run("switch", "-q", "main")
    with Repository.find(git.root) as repository:
        assert set(changed(repository, head(git, "main"), head(git, "work"))) == {b"a", b"a/d", b"b", b"b/c"}
    commit = squash(git)
    assert looked(git) == by_content(git, commit)


def test_two_branches_that_were_squashed_one_after_the_other_are_both_there(work: Any) -> None:
    work.run("switch", "-q", "-c", "other", "main")
    work.commit("other", {"other.txt": "other\n"})
    work.run("switch", "-q", "main")
    heads = [head(work, "work^"), head(work, "work"), head(work, "other")]

    def are_held() -> bool:
        with Repository.find(work.root) as repository:
            return holds_all(repository, heads, repository.resolve("main"))

    squash(work, "work")
    assert not are_held()
    squash(work, "other")
    assert are_held()
    work.run("branch", "-qD", "work", "other")
    work.run("gc", "-q")
    assert are_held()


def test_a_branch_that_took_in_the_destination_is_compared_with_what_it_took_in_last(work: Any) -> None:
    work.run("branch", "old")  # joined late, it makes the beginning of both look near to the end
    work.commit("meanwhile", {"other.txt": "one\n"})
    work.run("switch", "-q", "work")
    work.run("merge", "-q", "-m", "take in", "main")
    work.run("switch", "-q", "old")
    work.commit("old", {"old.txt": "old\n"})
    work.run("switch", "-q", "main")
    for number in range(3):
        work.commit(f"later {number}", {"other.txt": f"later {number}\n"})
    work.run("merge", "-q", "-m", "join", "old")
    commit = squash(work)
    assert looked(work) == by_content(work, commit)
