"""Runs whose record is damaged, edited, taken away or cannot be written: named, and nobody else's loss."""

import asyncio
import errno
import json
import os
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from dome_client.testing import End, FakeRuntime, Hold
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.work_queue import WorkQueue
from dome_contracts.schema.knowledge.fact import TaskFact
from dome_spec.binding import Memory
from dome_spec.dispatch import (
    Ingested,
    LeaseLost,
    RecordDamaged,
    RecordUnwritable,
    RunHeld,
    RunRecord,
    Silent,
    WorktreeDirty,
)
from tests.contract.dispatch_rig import Scene, all_facts, entry, tool, well
from tests.planned import RUN_ID, Wish, planned

Harm = Callable[[Path], None]


def cut(name: str) -> Harm:
    def harm(directory: Path) -> None:
        path = directory / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] + b"\n")

    return harm


def edit_the_plan(directory: Path) -> None:
    plan = json.loads((directory / "plan.json").read_bytes())
    plan["budgets"]["attempts_max"] += 1
    (directory / "plan.json").write_text(json.dumps(plan))


def take_the_queue_away(directory: Path) -> None:
    (directory / "queue.json").unlink()


def of_another_run(directory: Path) -> None:
    queue = json.loads((directory / "queue.json").read_bytes())
    (directory / "queue.json").write_text(json.dumps(queue | {"run_id": "run-another"}))


def told_of(memory: Memory) -> set[str]:
    """The runs of which the end of an attempt is known."""
    return {fact.body.run_id for fact in all_facts(memory) if isinstance(fact.body, TaskFact)}


HARMS = {
    "queue": cut("queue.json"),
    "plan": cut("plan.json"),
    "log": cut("events.jsonl"),
    "plan edited": edit_the_plan,
    "queue of another run": of_another_run,
    "queue gone": take_the_queue_away,
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
async def test_a_damaged_run_is_named_the_others_are_taken_in_and_it_is_once_it_is_mended(
    tmp_path: Path, memory: Memory, harm: Harm
) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    for name in "abc":
        await scene.run(planned({name: Wish()}), run_id=f"run-{name}")
    directory = scene.record("run-b").directory
    whole = {path: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    harm(directory)
    taken = await scene.ingest(memory)
    (damaged,) = taken.damaged
    assert (damaged.run_id, damaged.refusal.code) == ("run-b", "RECORD_DAMAGED")
    assert str(directory) in f"{damaged.refusal}"
    assert damaged.refusal.hint
    assert taken.jobs == 2
    assert told_of(memory) == {"run-a", "run-c"}
    again = await scene.ingest(memory)
    assert (again.facts_new, len(again.damaged)) == (0, 1)
    for path, data in whole.items():
        path.write_bytes(data)
    mended = await scene.ingest(memory)
    assert mended.damaged == ()
    assert told_of(memory) == {"run-a", "run-b", "run-c"}
    assert (await scene.ingest(memory)).jobs == 0


async def test_following_goes_on_beside_a_damaged_run(tmp_path: Path, memory: Memory) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    await scene.run(planned({"a": Wish()}), run_id="run-a")
    take_the_queue_away(scene.record("run-a").directory)
    given = planned({"b": Wish()})
    async with aclosing(scene.ingesting(memory, follow=True)) as steps, asyncio.timeout(10):
        taken = Ingested()
        async for taken in steps:
            if taken.damaged and not taken.jobs:
                await scene.run(given, run_id="run-b")
            if taken.jobs:
                break
    assert [each.run_id for each in taken.damaged] == ["run-a"]
    assert told_of(memory) == {"run-b"}


async def test_evidence_that_is_gone_is_the_loss_of_its_run_alone(tmp_path: Path, memory: Memory) -> None:
    scene = Scene(tmp_path, FakeRuntime([tool(well)]))
    await scene.run(planned({"a": Wish(skill_id="no.such")}), run_id="run-a")
    await scene.run(planned({"b": Wish()}), run_id="run-b")
    (result,) = scene.record("run-a").directory.glob("task_results/*.json")
    digest = json.loads(result.read_bytes())["evidence"][0]["digest"]
    scene.store.path(digest).unlink()
    taken = await scene.ingest(memory)
    assert taken.damaged == ()
    assert told_of(memory) == {"run-a", "run-b"}


@pytest.mark.parametrize("harm", [edit_the_plan, cut("plan.json"), cut("queue.json")])
async def test_a_run_whose_plan_was_edited_or_cut_is_not_gone_on_with(tmp_path: Path, harm: Harm) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    await scene.run(given)
    harm(scene.record().directory)
    with pytest.raises(RecordDamaged) as caught:
        await scene.run(None)
    assert caught.value.hint
    assert len(await fake.jobs()) == 1


class Filling(Silent):
    """Fills the disk, as it were, as soon as a change was kept: what is to be written next cannot be."""

    def __init__(self, record: Callable[[], RunRecord]) -> None:
        self._record = record

    def queue_changed(self, queue: WorkQueue) -> None:
        folder = self._record().directory / "task_results"
        if folder.is_dir():
            folder.rmdir()
            folder.write_bytes(b"")


async def test_a_record_that_cannot_be_written_ends_the_run_with_what_to_do_and_it_is_gone_on_with_later(
    tmp_path: Path,
) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    with pytest.raises(RecordUnwritable) as caught:
        await scene.run(given, listener=Filling(scene.record))
    assert f"dome plan resume {RUN_ID}" in caught.value.hint
    folder = scene.record().directory / "task_results"
    folder.unlink()
    folder.mkdir()
    end = await scene.run(None)
    assert entry(end, given, "a").status == "DONE"
    assert len(await fake.jobs()) == 1


async def test_runs_that_cannot_be_kept_anywhere_are_refused_before_anything_is_asked_for(tmp_path: Path) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    scene.runs_dir.write_bytes(b"")
    with pytest.raises(RecordUnwritable) as caught:
        await scene.run(planned({"a": Wish()}))
    assert os.strerror(errno.EEXIST) in str(caught.value) or os.strerror(errno.ENOTDIR) in str(caught.value)
    assert await fake.jobs() == []


class Thief(Silent):
    """Takes the lease's file away as soon as a change was kept, and puts one of its own there."""

    def __init__(self, record: Callable[[], RunRecord], *, puts_another: bool) -> None:
        self._record = record
        self._puts_another = puts_another

    def queue_changed(self, queue: WorkQueue) -> None:
        path = self._record().directory / "lease"
        path.unlink(missing_ok=True)
        if self._puts_another:
            path.with_name("other").write_bytes(b"{}")
            path.with_name("other").rename(path)


@pytest.mark.parametrize("puts_another", [False, True])
async def test_who_has_lost_the_lease_changes_nothing_any_more(tmp_path: Path, *, puts_another: bool) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish(), "b": Wish(depends_on=("a",))})
    with pytest.raises(LeaseLost) as caught:
        await scene.run(given, listener=Thief(scene.record, puts_another=puts_another))
    assert caught.value.exit_code is Exit.TRY_AGAIN
    assert scene.record().queue().revision == 2
    end = await scene.run(None)
    assert {each.status for each in end.queue.entries.values()} == {"DONE"}
    keys = [job.idempotency_key for job in await fake.jobs()]
    assert len(keys) == len(set(keys)) == 2


async def test_of_two_runners_of_one_run_one_carries_it_out_and_the_other_is_told_who(tmp_path: Path) -> None:
    fake = FakeRuntime([tool(lambda _: [Hold(), End()])])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish()})
    async with aclosing(fake.watch()) as changes:
        first = asyncio.create_task(scene.run(given))
        job = (await anext(changes)).job
    assert job is not None
    with pytest.raises(RunHeld, match="pid-1@tests"):
        await scene.run(given)
    fake.release(job.job_id)
    assert entry(await first, given, "a").status == "DONE"
    assert len(await fake.jobs()) == 1


CHANGED: list[tuple[tuple[str, ...] | None, str]] = [(("src/a.py", "src/b.py"), "src/a.py"), (None, "no git")]
CLEAN = {"constraints": {"allowed_paths": ["src/**"], "clean_tree_required": True}}


@pytest.mark.parametrize(("changed", "told"), CHANGED)
async def test_a_plan_that_asks_for_a_clean_tree_begins_nothing_in_another(
    tmp_path: Path, changed: tuple[str, ...] | None, told: str
) -> None:
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    given = planned({"a": Wish(spec=CLEAN)})
    scene.changed_paths = changed
    with pytest.raises(WorktreeDirty, match=told) as caught:
        await scene.run(given)
    assert (caught.value.code, caught.value.policy_reason_code) == ("WORKTREE_DIRTY", "REPOSITORY.DIRTY")
    assert "stash" in caught.value.hint
    assert await fake.jobs() == []
    assert not scene.runs_dir.exists()
    await scene.run(planned({"a": Wish()}), run_id="run-that-does-not-ask")
    scene.changed_paths = ()
    assert entry(await scene.run(given), given, "a").status == "DONE"


async def test_what_the_run_itself_has_changed_does_not_stop_it_from_going_on(tmp_path: Path) -> None:
    interrupted = FakeRuntime([tool(lambda _: [Hold(), End()])])
    scene = Scene(tmp_path, interrupted)
    given = planned({"a": Wish(spec=CLEAN)})
    async with aclosing(interrupted.watch()) as changes:
        first = asyncio.create_task(scene.run(given))
        job = (await anext(changes)).job
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    scene.changed_paths = ("src/a.py",)
    assert job is not None
    interrupted.release(job.job_id)
    assert entry(await scene.run(None), given, "a").status == "DONE"
