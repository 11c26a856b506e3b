"""A daemon and a branch whose users can be cut off at any step, and a mission that commits with them."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import Correlation
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, Lane, LaneOperation
from dome_spec.kernel import Runtime
from dome_spec.kernel.vcs_probe import Probed, WorkingTree
from dome_spec.mission_runtime import (
    Commit,
    commit_transition,
    recover,
    verified_target,
)
from dome_spec.mission_runtime.commit_job import Asking
from dome_spec.missions.status import (
    Batch,
    Given,
    MissionStatus,
    Wish,
)
from dome_spec.missions.store import MemoryStore
from tests.missions_made import ADA, AGENT, COMMIT, REPOSITORY_ID, TOLD, begun, ids, loaded, move

PARENT = "job-01hy2y63cm7n59a7hdtrjvmwd0"
"""The job that asks for commits."""
OPERATION = "op-01hy2y63cm7n59a7hdtrjvmwd0"
MADE = "7" * 40
BRANCH = "refs/heads/work"
TREE = WorkingTree(Path("/repository"), BRANCH, COMMIT)
SEEN = Probed(tree=TREE, git_common_dir=Path("/repository/.git"), staged_paths=())


class Killed(BaseException):
    """The process is gone."""


class Answer(Exception):
    """An error of a daemon."""

    def __init__(self, reason: str, **metadata: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.metadata = metadata


@dataclass
class World:
    """A daemon and a branch; `cut` counts the steps down after which a process is killed."""

    cut: int = 1_000
    head: str = COMMIT
    commits: dict[str, tuple[str, str]] = field(default_factory=dict)
    jobs: list[dict[str, str]] = field(default_factory=list)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    answers: str = ""
    """What the daemon answers to every request, where it takes none."""
    silent: str = ""
    """What it answers to who asks for the end of a job."""
    is_lost: bool = False
    """Whether the tool dies after it moved the branch."""

    def step(self) -> None:
        self.cut -= 1
        if self.cut < 0:
            raise Killed

    async def execute(
        self, skill_id: str, data: bytes, *, idempotency_key: str, working_directory: str, correlation: Correlation
    ) -> Any:
        assert (skill_id, working_directory) == ("repo.commit", "/repository")
        assert correlation == Correlation(parent_job_id=PARENT), "whoever asks from within a job names it"
        self.step()
        if self.answers:
            raise Answer(self.answers)
        request = digest(json.loads(data))
        known = self.keys.setdefault(idempotency_key, (request, len(self.jobs)))
        if known[0] != request:
            raise Answer("IDEMPOTENCY_KEY_REUSED", first_job=job_name(known[1]))
        if known[1] == len(self.jobs):
            self.jobs.append(self._commit(json.loads(data)))
        self.step()
        return SimpleNamespace(job_id=job_name(known[1]))

    def _commit(self, asked: dict[str, Any]) -> dict[str, str]:
        if asked["target"]["git_common_dir"] != "/repository/.git":
            return {"reason": "COMMIT.REPOSITORY_CHANGED"}
        if asked["target"]["head"] != self.head:
            return {"reason": "COMMIT.HEAD_MOVED"}
        made = MADE
        self.commits[asked["operation_id"]] = (made, self.head)
        parent, self.head = self.head, made
        return (
            {"reason": "PROCESS.LOST"} if self.is_lost else {"result": json.dumps({"commit": made, "parent": parent})}
        )

    async def events(self, job_id: str, *, follow: bool) -> AsyncIterator[None]:
        assert follow
        self.step()
        if self.silent:
            raise Answer(self.silent)
        yield None

    async def status(self, job_id: str) -> Any:
        job = self.jobs[int(job_id.removeprefix("job-"))]
        return SimpleNamespace(
            outcome=SimpleNamespace(
                result=job.get("result", "").encode(), failure_reason_code=job.get("reason", ""), message=""
            )
        )

    def commit_of(self, destination_ref: str, operation_id: str) -> tuple[str, str] | None:
        assert destination_ref == BRANCH
        return self.commits.get(operation_id)


class CutStore(MemoryStore):
    """A store whose writer may be killed before or after each write."""

    world: World

    def append(self, batch: Batch) -> None:
        if not hasattr(self, "world"):
            super().append(batch)
            return
        self.world.step()
        super().append(batch)
        self.world.step()


def wish(status: MissionStatus, operation: str = "submit", who: Effector = AGENT, **more: Any) -> Wish:
    version = status.package("WP01").version
    given = Given(witness=ArtefactWitness(digest=TOLD, stream_version=version), **more)
    return Wish(package="WP01", effector=who, operation=LaneOperation(operation), given=given)


def started(store: MemoryStore) -> MissionStatus:
    status = begun(store)
    move(status, "claim")
    move(status, "start")
    status.save()
    return loaded(store, maker=ids(30_000))


def a_commit(seen: Probed = SEEN) -> Commit:
    target = verified_target(seen, BRANCH, repository_id=REPOSITORY_ID, protected=(), probe_time="2026-01-02T03:04:05Z")
    return Commit(operation_id=OPERATION, target=target, paths=("src/wp01/a.py",), message={"subject": "It works"})


async def committed(status: MissionStatus, world: World, wanted: Wish | None = None) -> Any:
    return await commit_transition(
        status,
        wanted or wish(status),
        a_commit(),
        asking=Asking(cast("Runtime", world), PARENT),
        reference=world,
        seen=SEEN,
    )


async def recovered(store: MemoryStore, world: World) -> Any:
    status = loaded(store, maker=ids(60_000))
    return await recover(
        status, ADA, asking=Asking(cast("Runtime", world), PARENT), reference=world, worktree_root="/repository"
    )


def agree(store: MemoryStore, world: World) -> None:
    """The package moved if, and only if, the commit is on the branch."""
    state = loaded(store).package("WP01")
    assert state.prepared is None
    assert state.lane is (Lane.FOR_REVIEW if world.commits else Lane.IN_PROGRESS)
    assert (state.receipt is not None and state.receipt.commit == MADE) == bool(world.commits)


def job_name(number: int) -> str:
    return f"job-{number:026d}"


def work_on_it() -> CommitRange:
    return CommitRange(kind="commits", base=COMMIT, head=COMMIT)


def a_preparation() -> dict[str, Any]:
    return {
        "operation_id": OPERATION,
        "paths": ["src/wp01/a.py"],
        "destination_ref": BRANCH,
        "parent": COMMIT,
    }
