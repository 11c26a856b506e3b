"""An operation of `repo.commit` is committed once, and says how far it is."""

from pathlib import Path

from packages.domed.tests.tools.commits import OPERATION, Repository
from packages.domed.tests.tools.repo_commit.conftest import Run


def test_the_same_operation_twice_gives_one_commit(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n", "b.txt": "y\n"})
    request = repository.request("a.txt", "old.txt")
    first = run_tool("repo.commit", request, repository.root).result
    repository.git("add", "b.txt")
    second = run_tool("repo.commit", request, repository.root).result
    assert second == {**first, "was_already_committed": True}
    repository.git("commit", "-qm", "by hand")
    third = run_tool("repo.commit", {**request, "target": repository.target()}, repository.root).result
    assert third == second
    assert repository.git("rev-list", "--count", "HEAD") == "3"


def test_a_commit_of_the_operation_on_another_branch_is_not_the_answer(repository: Repository, run_tool: Run) -> None:
    repository.git("switch", "-qc", "side")
    repository.write({"a.txt": "x\n"})
    assert run_tool("repo.commit", repository.request("a.txt"), repository.root).exit_code == 0
    repository.git("switch", "-q", "main")
    repository.write({"a.txt": "x\n"})
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    assert not ran.result["was_already_committed"]


def test_words_in_a_message_make_no_commit_that_of_an_operation(repository: Repository, run_tool: Run) -> None:
    repository.commit({"b.txt": "1"}, f"Speaks of it\n\nDome-Operation: {OPERATION}\n\nand goes on")
    repository.commit({"b.txt": "2"}, f"Another\n\nDome-Operation: {OPERATION[:-1]}\nX-Dome-Operation: {OPERATION}")
    repository.write({"a.txt": "x\n"})
    assert not run_tool("repo.commit", repository.request("a.txt"), repository.root).result["was_already_committed"]


def test_nothing_from_outside_leads_git_elsewhere(repository: Repository, tmp_path: Path, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n"})
    names = ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "CONFIG_GLOBAL", "NAMESPACE", "TRACE", "ASKPASS")
    outside = {f"GIT_{name}": str(tmp_path / "elsewhere") for name in names}
    outside |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgSign", "GIT_CONFIG_VALUE_0": "true"}
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root, **outside)
    assert ran.exit_code == 0, ran.stderr
    assert (repository.changed(), repository.status()) == (["M a.txt"], [])
    assert list(tmp_path.glob("elsewhere*")) == []


def test_it_says_how_far_it_is(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n"})
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    said = [(message["done"], message["total"]) for message in ran.messages if message["type"] == "progress"]
    assert said == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert ran.stdout.decode() == f"[main {ran.result['commit'][:12]}] The change\n"
