"""What holds the processes of one run together, from its start to its end."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from domed.executors import cgroup_runs
from domed.executors.cgroup import RunGroups
from domed.executors.cgroup_runs import Groups
from domed.executors.port import Containment
from packages.domed.tests.executors.cgroup_fake import FakeCgroups
from packages.domed.tests.executors.grouped import invocation

DAEMON = 4711


@dataclass
class Held:
    """Groups in memory."""

    kernel: FakeCgroups
    groups: Groups

    def names(self) -> list[str]:
        return [name for name in self.kernel.below("") if name.startswith("run-")]


@pytest.fixture
def held() -> Held:
    kernel = FakeCgroups()
    kernel.live(DAEMON)
    opened = RunGroups.open(kernel, daemon_pid=DAEMON)
    return Held(kernel, Groups(lambda: opened))


async def test_without_groups_nothing_is_held(tmp_path: Path) -> None:
    groups = Groups(lambda: None)
    assert await groups.containment() == Containment()
    hold = await groups.hold(invocation(tmp_path, run_processes_max=3), launched=True)
    hold.move_later(1)
    assert (hold.entered, await hold.group(), await hold.accounts()) == (None, None, None)
    await hold.end()
    assert dict(await groups.left()) == {}


async def test_what_can_be_held_is_told(held: Held) -> None:
    assert await held.groups.containment() == Containment(group=True, memory=True, processes=True)


async def test_a_run_through_the_launcher_enters_a_group_that_goes_with_it(held: Held, tmp_path: Path) -> None:
    asked = invocation(tmp_path)
    hold = await held.groups.hold(asked, launched=True)
    assert held.names() == [f"run-{asked.job_id}"]
    assert await hold.group() is hold.entered is not None
    counted = await hold.accounts()
    assert counted is not None
    await hold.end()
    assert held.names() == []


async def test_a_limit_is_reason_enough_for_the_launcher(held: Held, tmp_path: Path) -> None:
    asked = invocation(tmp_path, run_processes_max=3)
    hold = await held.groups.hold(asked, launched=False)
    assert hold.entered is not None
    assert held.kernel.read(f"run-{asked.job_id}", "pids.max") == "3\n"
    await hold.end()


async def test_a_limit_that_cannot_be_held_is_none(tmp_path: Path) -> None:
    kernel = FakeCgroups(controllers=["memory"])
    opened = RunGroups.open(kernel, daemon_pid=kernel.live(DAEMON))
    hold = await Groups(lambda: opened).hold(invocation(tmp_path, run_processes_max=3), launched=False)
    assert hold.entered is None


class Full(FakeCgroups):
    """No more groups fit in."""

    def make(self, group: str) -> None:
        if group.startswith("run-"):
            raise OSError(11, os.strerror(11))
        super().make(group)


async def test_only_limits_make_a_group_that_cannot_be_made_a_failure(tmp_path: Path) -> None:
    kernel = Full()
    opened = RunGroups.open(kernel, daemon_pid=kernel.live(DAEMON))
    groups = Groups(lambda: opened)
    assert (await groups.hold(invocation(tmp_path), launched=True)).entered is None
    with pytest.raises(BlockingIOError):
        await groups.hold(invocation(tmp_path, run_processes_max=3), launched=True)


async def test_a_run_that_lasts_is_moved_and_one_that_is_over_is_not(held: Held, tmp_path: Path) -> None:
    asked = invocation(tmp_path)
    hold = await held.groups.hold(asked, launched=False)
    assert hold.entered is None
    hold.move_later(held.kernel.live(77))
    # The loop comes to the move first: it was asked for before.
    await asyncio.sleep(cgroup_runs.MOVE_AFTER_S)
    group = await hold.group()
    assert group is not None
    assert list(group.members()) == [77]
    assert await hold.accounts() is None
    held.kernel.end(77)
    await hold.end()
    over = await held.groups.hold(asked, launched=False)
    over.move_later(held.kernel.live(78))
    over.stay()
    await asyncio.sleep(cgroup_runs.MOVE_AFTER_S)
    assert await over.group() is None
    await over.end()
    assert held.names() == []


async def test_the_first_question_is_the_only_search(tmp_path: Path) -> None:
    searches = []

    def search() -> None:
        searches.append(1)

    groups = Groups(search)
    await asyncio.gather(groups.containment(), groups.left(), groups.hold(invocation(tmp_path), launched=False))
    assert searches == [1]


def test_a_machine_that_delegates_nothing_is_told_of_and_used_as_it_is(tmp_path: Path) -> None:
    assert cgroup_runs.find(tmp_path) is None
