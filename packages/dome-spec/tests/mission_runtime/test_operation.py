"""A transition and its commit as one unit: cut off anywhere, it is settled to both or to neither."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.missions.status_event import NoteAdded, StatusEvent, TransitionAborted
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, Lane, LaneOperation
from dome_spec.kernel import Runtime
from dome_spec.kernel.vcs_probe import Probed, WorkingTree
from dome_spec.mission_runtime import (
    Commit,
    CommitRefused,
    OperationPending,
    TargetMoved,
    commit_transition,
    recover,
    verified_target,
)
from dome_spec.missions.status import (
    Batch,
    Force,
    Given,
    MissionStatus,
    StaleArtefact,
    StreamInvalid,
    Table,
    TransitionRefused,
    Wish,
    reduce,
)
from dome_spec.missions.store import MemoryStore
from tests.missions_made import ADA, AGENT, COMMIT, PERSON, REPOSITORY_ID, TABLE, TOLD, begun, ids, loaded, move

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

    async def execute(self, skill_id: str, data: bytes, *, idempotency_key: str, working_directory: str) -> Any:
        assert (skill_id, working_directory) == ("repo.commit", "/repository")
        self.step()
        if self.answers:
            raise Answer(self.answers)
        request = digest(json.loads(data))
        known = self.keys.setdefault(idempotency_key, (request, len(self.jobs)))
        if known[0] != request:
            raise Answer("IDEMPOTENCY_KEY_REUSED", first_job=_job(known[1]))
        if known[1] == len(self.jobs):
            self.jobs.append(self._commit(json.loads(data)))
        self.step()
        return SimpleNamespace(job_id=_job(known[1]))

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
        status, wanted or wish(status), a_commit(), runtime=cast("Runtime", world), reference=world, seen=SEEN
    )


async def recovered(store: MemoryStore, world: World) -> Any:
    status = loaded(store, maker=ids(60_000))
    return await recover(status, ADA, runtime=cast("Runtime", world), reference=world, worktree_root="/repository")


def agree(store: MemoryStore, world: World) -> None:
    """The package moved if, and only if, the commit is on the branch."""
    state = loaded(store).package("WP01")
    assert state.prepared is None
    assert state.lane is (Lane.FOR_REVIEW if world.commits else Lane.IN_PROGRESS)
    assert (state.receipt is not None and state.receipt.commit == MADE) == bool(world.commits)


@pytest.mark.parametrize("is_lost", [False, True])
@pytest.mark.parametrize("cut", range(9))
async def test_property_08_cut_off_anywhere_a_transition_and_its_commit_are_both_or_neither(
    cut: int, is_lost: bool
) -> None:
    store, world = CutStore(), World(is_lost=is_lost)
    status = started(store)
    store.world = world
    world.cut = cut
    try:
        await committed(status, world)
    except Killed:
        assert cut < 7
    world.cut = 1_000
    await recovered(store, world)
    agree(store, world)
    assert await recovered(store, world) == []


@pytest.mark.parametrize("cut", range(8))
@pytest.mark.parametrize("first", range(1, 7))
async def test_property_08_recovering_may_be_cut_off_as_well(first: int, cut: int) -> None:
    store, world = CutStore(), World()
    status = started(store)
    store.world = world
    world.cut = first
    with pytest.raises(Killed):
        await committed(status, world)
    world.cut = cut
    with suppress(Killed):
        await recovered(store, world)
    world.cut = 1_000
    await recovered(store, world)
    agree(store, world)


async def test_what_an_interruption_leaves_says_the_same_as_what_was_not_interrupted() -> None:
    states = []
    for cut in (1_000, 4):
        store, world = CutStore(), World()
        status = started(store)
        store.world = world
        world.cut = cut
        try:
            await committed(status, world)
        except Killed:
            world.cut = 1_000
            await recovered(store, world)
        states.append(loaded(store).package("WP01"))
    straight, settled = states
    assert straight.evidence == settled.evidence is not None
    assert straight.implementers == settled.implementers == (AGENT,)
    assert straight.receipt is not None
    assert settled.receipt is not None
    assert straight.receipt.commit == settled.receipt.commit


async def test_a_process_that_wakes_up_after_recovery_makes_no_commit_any_more() -> None:
    store, world = CutStore(), World()
    status = started(store)
    status.prepare(wish(status, evidence=_work()), _prepared())
    status.save()
    (found,) = await recovered(store, world)
    assert isinstance(found[1], TransitionAborted)
    with pytest.raises(Answer, match="IDEMPOTENCY_KEY_REUSED"):
        await world.execute("repo.commit", b"{}", idempotency_key=OPERATION, working_directory="/repository")
    assert world.commits == {}
    agree(store, world)


@pytest.mark.parametrize("answer", ["LIMIT_EXCEEDED", "SKILL_NOT_FOUND", "TOOL_UNTRUSTED", "SHUTTING_DOWN"])
async def test_while_the_key_cannot_be_taken_nothing_is_given_up(answer: str) -> None:
    store, world = CutStore(), World(answers=answer)
    status = started(store)
    status.prepare(wish(status, evidence=_work()), _prepared())
    status.save()
    with pytest.raises(OperationPending):
        await recovered(store, world)
    assert loaded(store).package("WP01").prepared is not None


async def test_a_job_that_is_forgotten_has_ended() -> None:
    store, world = CutStore(), World(silent="JOB_NOT_FOUND")
    status = started(store)
    status.prepare(wish(status, evidence=_work()), _prepared())
    status.save()
    await recovered(store, world)
    agree(store, world)


@pytest.mark.parametrize("answer", ["UNAUTHENTICATED", "SHUTTING_DOWN", "JOB_NOT_FOUND"])
async def test_who_is_not_told_how_it_ended_gives_nothing_up(answer: str) -> None:
    store, world = CutStore(), World(silent=answer)
    status = started(store)
    with pytest.raises(OperationPending):
        await committed(status, world)
    assert loaded(store).package("WP01").prepared is not None
    world.silent = ""
    await recovered(store, world)
    agree(store, world)


async def test_a_tool_that_died_after_the_branch_moved_has_committed() -> None:
    store, world = CutStore(), World(is_lost=True)
    receipt = await committed(started(store), world)
    assert receipt.commit == world.head
    agree(store, world)


async def test_a_refused_commit_leaves_the_package_where_it_stood() -> None:
    store, world = CutStore(), World(head="6" * 40)
    with pytest.raises(CommitRefused, match="HEAD_MOVED"):
        await committed(started(store), world)
    agree(store, world)


async def test_property_25_a_tree_that_moved_begins_nothing() -> None:
    store, world = CutStore(), World()
    status = started(store)
    moved = Probed(tree=WorkingTree(TREE.root, BRANCH, "6" * 40), git_common_dir=SEEN.git_common_dir, staged_paths=())
    with pytest.raises(TargetMoved):
        await commit_transition(
            status, wish(status), a_commit(), runtime=cast("Runtime", world), reference=world, seen=moved
        )
    assert loaded(store).package("WP01").prepared is None


async def test_nothing_is_added_to_a_package_whose_commit_is_under_way() -> None:
    store = CutStore()
    status = started(store)
    status.prepare(wish(status, evidence=_work()), _prepared())
    status.save()
    for again in (status, loaded(store)):
        with pytest.raises(TransitionRefused) as refused:
            again.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
        assert refused.value.reason == "PACKAGE_PENDING"


async def test_a_log_in_which_something_else_moved_the_package_meanwhile_is_refused() -> None:
    store, world = CutStore(), World()
    status = started(store)
    await committed(status, world)
    events = store.events(status.mission.mission_id)
    value = events[-1].to_value()
    for receipt in ({**value["fact"]["receipt"], "operation_id": OPERATION[:-1] + "1"}, None):
        value["fact"]["receipt"] = receipt
        if receipt is None:
            del value["fact"]["receipt"]
        with pytest.raises(StreamInvalid, match="waits for operation"):
            reduce([*events[:-1], StatusEvent.from_value(value)], Table(TABLE))


async def test_what_an_interruption_would_lose_goes_with_no_commit() -> None:
    store, world = CutStore(), World()
    status = started(store)
    forced = Force(accountable=PERSON, reason="The house is on fire.")
    for wanted in (
        wish(status, reason="So it is."),
        wish(status, evidence=_work()),
        wish(status, "block", reason="So it is."),
    ):
        with pytest.raises(TransitionRefused, match="with a commit is refused"):
            await committed(status, world, wanted)
    skipped = Wish(
        package="WP01", effector=AGENT, operation=LaneOperation.APPROVE, given=wish(status, force=forced).given,
        to=Lane.APPROVED,
    )  # fmt: skip
    with pytest.raises(TransitionRefused, match="with a commit is refused"):
        await committed(status, world, skipped)
    assert (world.jobs, loaded(store).package("WP01").version) == ([], 3)


async def test_property_25_a_commit_needs_a_current_artefact_whatever_the_table_asks_for() -> None:
    store, world = CutStore(), World()
    status = started(store)
    version = status.package("WP01").version
    for witness in (
        None,
        ArtefactWitness(digest=TOLD, stream_version=version - 1),
        ArtefactWitness(digest="sha256:" + "9" * 64, stream_version=version),
    ):
        wanted = Wish(package="WP01", effector=AGENT, operation=LaneOperation.SUBMIT, given=Given(witness=witness))
        with pytest.raises(StaleArtefact):
            await committed(status, world, wanted)
    assert (world.jobs, loaded(store).package("WP01").prepared) == ([], None)


async def test_nobody_takes_a_package_with_a_commit() -> None:
    store, world = CutStore(), World()
    status = begun(store)
    with pytest.raises(TransitionRefused, match="with a commit is refused"):
        await committed(status, world, wish(status, "claim"))


async def test_who_was_overtaken_by_a_recovery_is_told() -> None:
    store, world = CutStore(), World()
    status = started(store)

    async def overtaken(job_id: str, *, follow: bool) -> AsyncIterator[None]:
        del job_id, follow
        world.events = World.events.__get__(world)  # type: ignore[method-assign]
        await recovered(store, world)
        yield None

    world.events = overtaken  # type: ignore[method-assign]
    with pytest.raises(OperationPending, match="settled by somebody else"):
        await committed(status, world)
    agree(store, world)


def _job(number: int) -> str:
    return f"job-{number:026d}"


def _work() -> Any:
    from dome_contracts.schema.missions.review_result import CommitRange

    return CommitRange(kind="commits", base=COMMIT, head=COMMIT)


def _prepared() -> dict[str, Any]:
    return {
        "operation_id": OPERATION,
        "paths": ["src/wp01/a.py"],
        "destination_ref": BRANCH,
        "parent": COMMIT,
    }
