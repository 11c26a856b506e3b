"""Runs whose record lies on a disk that fills up after any change that was kept, or that is write-protected."""

from pathlib import Path

import pytest

from dome_client.testing import FakeRuntime
from dome_contracts.schema.control.work_queue import EntryStatus, WorkQueue
from dome_spec.dispatch import RecordUnwritable, Silent
from tests.contract.dispatch_rig import Scene, tool, well
from tests.e2e.small_disk import SmallDisk, a_small_disk
from tests.planned import RUN_ID, Wish, planned


class Filling(Silent):
    """Fills the disk as soon as a change was kept for the so-many-th time."""

    def __init__(self, disk: SmallDisk, *, life: int) -> None:
        self._disk = disk
        self._left = life

    def queue_changed(self, queue: WorkQueue) -> None:
        self._left -= 1
        if self._left == 0:
            self._disk.fill()


@pytest.mark.parametrize("life", [1, 2, 3, 4])
async def test_what_cannot_be_kept_ends_the_run_with_a_reason_and_it_goes_on_once_there_is_room(
    tmp_path: Path, life: int
) -> None:
    fake = FakeRuntime([tool(well)])
    given = planned({"a": Wish(), "b": Wish(depends_on=("a",))})
    with a_small_disk(tmp_path, size="2M") as disk:
        scene = Scene(disk.path, fake)
        with pytest.raises(RecordUnwritable) as caught:
            await scene.run(given, listener=Filling(disk, life=life))
        assert f"dome plan resume {RUN_ID}" in caught.value.hint
        assert str(disk.path) in caught.value.what
        disk.free()
        end = await scene.run(None)
    assert {each.status for each in end.queue.entries.values()} == {EntryStatus.DONE}
    keys = [job.idempotency_key for job in await fake.jobs()]
    assert len(keys) == len(set(keys)) == 2


async def test_nothing_is_asked_for_where_nothing_can_be_kept(tmp_path: Path) -> None:
    fake = FakeRuntime([tool(well)])
    given = planned({"a": Wish()})
    with a_small_disk(tmp_path, size="2M") as disk:
        assert disk.remount("ro")
        with pytest.raises(RecordUnwritable, match="Read-only"):
            await Scene(disk.path, fake).run(given)
        assert await fake.jobs() == []
        disk.remount("rw")
        await Scene(disk.path, fake).run(given)
    assert len(await fake.jobs()) == 1
