"""`dome run repo.commit` through a real daemon: one commit for an operation, refusals with their reason, provenance."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.dome_home import Done, Home, a_home

OPERATION = "op-01jd8x3k5m7q9r2t4v6w8y0z1b"
OTHER_OPERATION = "op-01jd8x3k5m7q9r2t4v6w8y0z1c"


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        git(made, "init", "-q", "-b", "main")
        git(made, "config", "user.name", "Ada")
        git(made, "config", "user.email", "ada@example.org")
        (made.work / "a.txt").write_text("a\n")
        git(made, "add", ".")
        git(made, "commit", "-qm", "first")
        yield made


def git(home: Home, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=home.work, env=home.environ(), check=True, capture_output=True)
    return done.stdout.decode().rstrip("\n")


def commit(home: Home, *paths: str, operation_id: str, head: str) -> Done:
    """One use of the tool, with the operation as key."""
    target = {
        "worktree_root": str(home.work),
        "git_common_dir": str(home.work / ".git"),
        "destination_ref": "refs/heads/main",
        "head": head,
        "protection": "open",
    }
    document = {"target": target, "operation_id": operation_id, "message": {"subject": "Change"}, "paths": paths}
    (home.root / "request.json").write_text(json.dumps(document))
    return home.dome("run", "repo.commit", "--json", "--key", operation_id, "--input", str(home.root / "request.json"))


def finished(done: Done) -> dict[str, Any]:
    return dict(done.documents()[-1]["finished"])


def test_an_operation_is_committed_once_and_found_again(home: Home) -> None:
    (home.work / "a.txt").write_text("changed\n")
    (home.work / "staged.txt").write_text("staged\n")
    git(home, "add", "staged.txt")
    head = git(home, "rev-parse", "HEAD")
    first = commit(home, "a.txt", operation_id=OPERATION, head=head)
    assert first.code == 0, first.err
    made = git(home, "rev-parse", "HEAD")
    assert git(home, "log", "-1", "--format=%P %(trailers:key=Dome-Operation,valueonly)").split() == [head, OPERATION]
    assert git(home, "status", "--porcelain") == "A  staged.txt"
    # The same key is the same job; without what the daemon remembers, the trailer is found.
    assert commit(home, "a.txt", operation_id=OPERATION, head=head).out == first.out
    fresh = home.dome("run", "repo.commit", "--json", "--input", str(home.root / "request.json"))
    assert (fresh.code, git(home, "rev-parse", "HEAD")) == (0, made)
    job_id = next(line for line in first.err.splitlines() if line.startswith("job-"))
    (record,) = home.dome("provenance", job_id, "--format", "json").documents()
    assert record["result_digest"].startswith("sha256:")


def test_a_refusal_has_its_reason_and_remedy(home: Home) -> None:
    (home.work / "a.txt").write_text("changed\n")
    head = git(home, "rev-parse", "HEAD")
    git(home, "commit", "-q", "--allow-empty", "-m", "in between")
    done = commit(home, "a.txt", operation_id=OTHER_OPERATION, head=head)
    assert done.code != 0
    assert finished(done)["outcome"]["failure_reason_code"] == "COMMIT.HEAD_MOVED"
    assert "probe again" in finished(done)["outcome"]["message"]
    assert git(home, "status", "--porcelain") == " M a.txt"
