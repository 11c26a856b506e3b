"""`repo.commit` refuses, with a reason of its own, whatever is not as it was probed; a refusal changes nothing."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import canonical
from dome_contracts.failure_reasons import FailureReason
from domed.catalog import BUILT_IN_ROOT
from packages.domed.tests.tools.commits import OPERATION, Git, Repository, made

Run = Callable[..., Any]
Refused = Callable[..., str]


def test_every_reason_that_the_tool_gives_is_in_the_catalogue_and_the_other_way_round() -> None:
    source = "".join(path.read_text() for path in (BUILT_IN_ROOT / "repo_commit").glob("*.py"))
    given = set(re.findall(r'"(COMMIT\.[A-Z_]+)"', source))
    assert given == {reason.value for reason in FailureReason if reason.value.startswith("COMMIT.")}


def test_another_commit_than_the_probed_one(repository: Repository, refused: Refused) -> None:
    request = repository.request("a.txt")
    repository.git("commit", "-q", "--allow-empty", "-m", "in between")
    assert repository.head() in refused("COMMIT.HEAD_MOVED", request)
    refused("COMMIT.HEAD_MOVED", {**request, "target": repository.target(head="0" * 40)})
    refused("COMMIT.HEAD_MOVED", {**request, "target": repository.target(head="1" * 64)})


def test_another_branch_or_none(repository: Repository, refused: Refused) -> None:
    request = repository.request("a.txt")
    repository.git("switch", "-qc", "side")
    assert "refs/heads/side" in refused("COMMIT.BRANCH_CHANGED", request)
    for ref in ("refs/heads/main~0", "refs/heads/", "refs/heads/../main", "refs/heads/none"):
        refused("COMMIT.BRANCH_CHANGED", {**request, "target": repository.target(destination_ref=ref)})
    repository.git("switch", "-q", "--detach")
    refused("COMMIT.HEAD_DETACHED", request)


def test_a_working_tree_that_is_gone_or_another_one(repository: Repository, refused: Refused, git: Git) -> None:
    linked = Repository(repository.root.parent / "linked", repository.run)
    repository.git("worktree", "add", "-q", "-b", "side", str(linked.root))
    linked.write({"a.txt": "x"})
    request = linked.request("a.txt")
    shutil.rmtree(linked.root)
    refused("COMMIT.WORKTREE_GONE", request)
    linked.root.mkdir()
    refused("COMMIT.REPOSITORY_CHANGED", request)
    made(linked.root, git).commit({"a.txt": "another repository"})
    assert str(linked.root) in refused("COMMIT.REPOSITORY_CHANGED", request)
    inside = repository.request("a.txt")
    for root in (repository.root / "sub", repository.root / ".git"):
        refused("COMMIT.REPOSITORY_CHANGED", {**inside, "target": repository.target(worktree_root=str(root))})


def test_a_repository_that_git_does_not_trust(repository: Repository, refused: Refused) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    request = repository.request("a.txt")
    for path in (repository.root, repository.root / ".git"):
        os.chown(path, 12345, 12345)
    assert "safe.directory" in refused("COMMIT.REPOSITORY_UNSAFE", request)


@pytest.mark.parametrize("begin", ["merge", "rebase", "cherry-pick", "revert"])
def test_something_is_under_way(repository: Repository, refused: Refused, begin: str) -> None:
    repository.git("checkout", "-q", "a.txt")
    repository.git("switch", "-qc", "side")
    repository.commit({"b.txt": "side\n"})
    repository.git("switch", "-q", "main")
    repository.commit({"b.txt": "main\n"})
    repository.commit({"b.txt": "main again\n"})
    other = "HEAD~1" if begin == "revert" else "side"
    repository.git(begin, *(["--no-edit"] if begin == "revert" else []), other, accepted=(1,))
    request = repository.request("a.txt", target=repository.target(staged_paths=[]))
    refused("COMMIT.OPERATION_IN_PROGRESS", request)
    if begin == "merge":
        (repository.root / ".git/MERGE_HEAD").unlink()
        assert "b.txt" in refused("COMMIT.OPERATION_IN_PROGRESS", request)


def test_a_protected_branch_takes_no_ordinary_work(repository: Repository, refused: Refused, run_tool: Run) -> None:
    request = repository.request("a.txt")
    refused("COMMIT.REF_PROTECTED", {**request, "target": repository.target(protection="protected")})
    target = repository.target(protection="protected", capability="operator")
    assert run_tool("repo.commit", {**request, "target": target}, repository.root).exit_code == 0


def test_a_lock_of_somebody_else(repository: Repository, refused: Refused, run_tool: Run) -> None:
    request = repository.request("a.txt")
    lock = repository.root / ".git/index.lock"
    lock.write_bytes(b"")
    assert str(lock) in refused("COMMIT.INDEX_LOCKED", request)
    lock.unlink()
    (repository.root / ".git/refs/heads/main.lock").write_bytes(b"")
    refused("COMMIT.REF_LOCKED", request)
    (repository.root / ".git/refs/heads/main.lock").unlink()
    assert run_tool("repo.commit", request, repository.root).exit_code == 0
    lock.write_bytes(b"")
    assert run_tool("repo.commit", request, repository.root).result["was_already_committed"]


def test_another_staging_than_the_probed_one(repository: Repository, refused: Refused, run_tool: Run) -> None:
    request = repository.request("a.txt")
    repository.write({"b.txt": "staged\n"})
    repository.git("add", "b.txt")
    refused("COMMIT.STAGING_CHANGED", request)
    repository.write({"odd\udcff.txt": "cannot be told in a target\n"})
    repository.git("add", ".")
    target = repository.target(staged_paths=["a.txt", "b.txt"])
    assert run_tool("repo.commit", {**request, "target": target}, repository.root).exit_code == 0


def test_a_target_that_was_altered(repository: Repository, refused: Refused) -> None:
    request = repository.request("a.txt")
    for change in ({"head": "1" * 40}, {"protection": "protected"}, {"worktree_root": "/ü\n\x7f"}):
        refused("COMMIT.TARGET_ALTERED", {**request, "target": {**request["target"], **change}})


def test_a_target_may_leave_out_what_is_not_to_be_compared(repository: Repository, run_tool: Run) -> None:
    needed = ("worktree_root", "git_common_dir", "destination_ref", "head", "protection")
    target = {name: value for name, value in repository.target().items() if name in needed}
    assert run_tool("repo.commit", {**repository.request("a.txt"), "target": target}, repository.root).exit_code == 0


def test_the_witness_is_that_of_the_canonical_bytes(tmp_path: Path) -> None:
    from domed.tools.repo_commit.request import witness

    target = {"worktree_root": f'{tmp_path}/ü\U0001f600\u2028\x01\x7f"\\', "staged_paths": ["b", "a", "é"], "head": ""}
    assert witness({**target, "witness": "x", "probe_time": "y"}) == canonical.digest(target)


@pytest.mark.parametrize(
    "message",
    [
        {"subject": "x", "body": f"a\n\nDome-Operation: {OPERATION}"},
        {"subject": "x", "body": " dome-operation : y"},
        {"subject": "Dome-Operation: z"},
    ],
)
def test_a_message_that_claims_an_operation(repository: Repository, refused: Refused, message: dict[str, str]) -> None:
    refused("COMMIT.MESSAGE_INVALID", repository.request("a.txt", message=message))


def test_an_operation_that_committed_something_else(repository: Repository, refused: Refused, run_tool: Run) -> None:
    assert run_tool("repo.commit", repository.request("a.txt"), repository.root).exit_code == 0
    repository.write({"b.txt": "x\n"})
    refused("COMMIT.OPERATION_REUSED", repository.request("b.txt"))


def test_nobody_is_guessed(repository: Repository, refused: Refused) -> None:
    repository.git("config", "--unset", "user.email")
    assert "user.email" in refused("COMMIT.IDENTITY_MISSING", repository.request("a.txt"), EMAIL="ada@example.org")


@pytest.mark.parametrize("value", ["true", "1", "no boolean"])
def test_a_signature_is_asked_for(repository: Repository, refused: Refused, value: str) -> None:
    repository.git("config", "commit.gpgSign", value)
    refused("COMMIT.SIGNING_REQUIRED", repository.request("a.txt"))


@pytest.mark.parametrize(
    ("hook", "body"),
    [
        ("pre-commit", "exit 1"),
        ("pre-commit", "echo x > b.txt; git add b.txt"),
        ("pre-commit", "git read-tree HEAD"),
        ("commit-msg", "exit 3"),
        ("commit-msg", 'echo without > "$1"'),
        ("reference-transaction", "exit 1"),
    ],
)
def test_a_hook_that_refuses(repository: Repository, run_tool: Run, hook: str, body: str) -> None:
    path = repository.root / ".git/hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    before = repository.head()
    ran = run_tool("repo.commit", repository.request("a.txt", hooks="run"), repository.root)
    assert ran.failure[0] == "COMMIT.HOOK_REFUSED"
    assert (repository.head(), repository.staged()) == (before, [])


def test_content_that_git_does_not_take(repository: Repository, refused: Refused) -> None:
    repository.write({".gitattributes": "*.txt filter=broken\n"})
    for name, value in (("clean", "false"), ("required", "true")):
        repository.git("config", f"filter.broken.{name}", value)
    request = repository.request("a.txt", target=repository.target(staged_paths=[]))
    assert "filter" in refused("COMMIT.CONTENT_REFUSED", request)


def test_nothing_to_commit(repository: Repository, refused: Refused) -> None:
    refused("COMMIT.NOTHING_TO_COMMIT", repository.request("b.txt", "sub/c.txt"))
