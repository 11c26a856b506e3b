"""A transition and its commit as one unit, with the real daemon and git: settled by what the branch says."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dome_client import connect
from dome_client.errors import DomeError
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import CommitReceipt, TransitionAborted
from dome_contracts.schema.shared.definitions import ArtefactWitness, Lane, LaneOperation
from dome_spec.kernel.vcs_probe import probe
from dome_spec.mission_runtime import Commit, CommitRefused, GitReference, commit_transition, recover, verified_target
from dome_spec.mission_runtime.commit_job import Asking, commit_job
from dome_spec.mission_runtime.operation import request
from dome_spec.missions.status import Given, MissionStatus, Wish
from dome_spec.missions.store import open_missions
from tests.e2e.dome_home import Home, a_home
from tests.missions_made import ADA, AGENT, REPOSITORY_ID, TOLD, begun, ids, loaded, move

BRANCH = "refs/heads/work"
OPERATION = "op-01hy2y63cm7n59a7hdtrjvmwd0"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        assert made.dome("service", "start").code == 0
        yield made


@pytest.fixture
def repository(home: Home, tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q", "-b", "work")
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    (root / "a.txt").write_text("a\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "a.txt").write_text("changed\n")
    (root / "staged.txt").write_text("staged\n")
    git(root, "add", "staged.txt")
    (root / "staged.txt").write_text("staged and changed\n")
    return root


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)
    return done.stdout.decode().rstrip("\n")


def looks(root: Path) -> dict[str, Any]:
    """Every byte that a user sees: the tree, the index, the references."""
    files = {each.name: each.read_bytes() for each in root.iterdir() if each.is_file()}
    return {"files": files, "index": (root / ".git/index").read_bytes(), "refs": git(root, "show-ref")}


def started(path: Path) -> MissionStatus:
    status = begun(open_missions(path))
    move(status, "claim")
    move(status, "start")
    status.save()
    return again(path, 30_000)


def again(path: Path, start: int) -> MissionStatus:
    return loaded(open_missions(path), maker=ids(start))


def wish(status: MissionStatus, **more: Any) -> Wish:
    shown = ArtefactWitness(digest=TOLD, stream_version=status.package("WP01").version)
    return Wish(
        package="WP01", effector=AGENT, operation=LaneOperation.SUBMIT, given=Given(witness=shown, **more)
    )  # fmt: skip


def a_commit(root: Path, operation_id: str) -> Commit:
    target = verified_target(
        probe(root), BRANCH, repository_id=REPOSITORY_ID, protected=(), probe_time="2026-01-02T03:04:05Z"
    )
    return Commit(operation_id=operation_id, target=target, paths=("a.txt",), message={"subject": "It works"})


def prepared(status: MissionStatus, commit: Commit) -> None:
    """As a process that dies right after it said what it is about to do."""
    head = commit.target.document.head
    about = {"operation_id": commit.operation_id, "paths": ["a.txt"], "destination_ref": BRANCH, "parent": head}
    status.prepare(wish(status, evidence=CommitRange(kind="commits", base=head, head=head)), about)
    status.save()


async def settled(home: Home, root: Path, path: Path, start: int) -> Any:
    async with connect(environ=home.environ()) as runtime:
        return await recover(
            again(path, start), ADA, asking=Asking(runtime), reference=GitReference(root), worktree_root=str(root)
        )


async def test_property_26_what_a_user_staged_survives_a_commit(home: Home, repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    status, head = started(path), git(repository, "rev-parse", "HEAD")
    commit = a_commit(repository, "op-01hy2y63cm7n59a7hdtrjvmwd1")
    async with connect(environ=home.environ()) as runtime:
        receipt = await commit_transition(
            status,
            wish(status),
            commit,
            asking=Asking(runtime),
            reference=GitReference(repository),
            seen=probe(repository),
        )
    assert (receipt.commit, receipt.parent) == (git(repository, "rev-parse", "HEAD"), head)
    assert git(repository, "show", "--format=", "--name-only", "HEAD") == "a.txt"
    assert git(repository, "show", ":staged.txt") == "staged"
    assert git(repository, "status", "--porcelain") == "AM staged.txt"
    assert again(path, 40_000).lane("WP01") is Lane.FOR_REVIEW


async def test_property_26_a_refused_commit_leaves_every_byte(home: Home, repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    status, commit = started(path), a_commit(repository, "op-01hy2y63cm7n59a7hdtrjvmwd2")
    seen = probe(repository)
    git(repository, "commit", "-q", "--allow-empty", "--only", "-m", "in between")
    before = looks(repository)
    async with connect(environ=home.environ()) as runtime:
        with pytest.raises(CommitRefused, match="HEAD_MOVED"):
            await commit_transition(
                status, wish(status), commit, asking=Asking(runtime), reference=GitReference(repository), seen=seen
            )
    assert looks(repository) == before
    assert again(path, 40_000).lane("WP01") is Lane.IN_PROGRESS


async def test_what_was_only_prepared_is_given_up_and_is_never_committed_later(
    home: Home, repository: Path, tmp_path: Path
) -> None:
    path, commit = tmp_path / "missions.sqlite", a_commit(repository, "op-01hy2y63cm7n59a7hdtrjvmwd3")
    prepared(started(path), commit)
    before = looks(repository)
    ((_, found),) = await settled(home, repository, path, 40_000)
    assert isinstance(found, TransitionAborted)
    assert again(path, 50_000).lane("WP01") is Lane.IN_PROGRESS
    assert looks(repository) == before
    # The process was only slow, and sends its request after all: the key is no longer its own.
    async with connect(environ=home.environ()) as runtime:
        with pytest.raises(DomeError) as refused:
            await runtime.execute(
                "repo.commit", request(commit), idempotency_key=commit.operation_id, working_directory=str(repository)
            )
        assert refused.value.reason == "IDEMPOTENCY_KEY_REUSED"
        assert refused.value.metadata["first_job"].startswith("job-")
        late = await commit_job(Asking(runtime), request(commit), commit.operation_id, str(repository))
    assert (late.commit, late.reason) == (None, "COMMIT.REPOSITORY_CHANGED")
    assert looks(repository) == before


@pytest.mark.parametrize("is_remembered", [True, False])
async def test_what_was_committed_goes_on_whoever_knows_of_it(
    home: Home, repository: Path, tmp_path: Path, is_remembered: bool
) -> None:
    path = tmp_path / "missions.sqlite"
    number = 4 + is_remembered
    commit = a_commit(repository, f"op-01hy2y63cm7n59a7hdtrjvmwd{number}")
    prepared(started(path), commit)
    async with connect(environ=home.environ()) as runtime:
        # Without the key nobody but the branch itself knows of the commit.
        key = commit.operation_id if is_remembered else f"{commit.operation_id}-lost"
        done = await commit_job(Asking(runtime), {**request(commit)}, key, str(repository))
    assert done.commit == git(repository, "rev-parse", "HEAD")
    ((_, found),) = await settled(home, repository, path, 40_000)
    assert isinstance(found, CommitReceipt)
    assert found.commit == done.commit
    assert again(path, 50_000).lane("WP01") is Lane.FOR_REVIEW
    assert await settled(home, repository, path, 60_000) == []
