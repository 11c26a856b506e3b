"""Wherever the daemon ends, an artifact that an event names is there, and one that none names is gone."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from domed.artifacts.disk import Disk
from packages.domed.tests.artifact_keeper import STEP_COUNT, EndingDisk, check, keep_two, opened, retain, stored

ROOT = Path(__file__).parents[4]
REMOVAL_STEPS = 4
EVERY_STEP = [(step, when) for step in range(1, STEP_COUNT + 1) for when in ("before", "after")]


class End(BaseException):
    """The daemon is gone: nothing is cleaned up."""


def end() -> None:
    raise End


async def test_the_steps_are_as_many_as_the_tests_take(tmp_path: Path) -> None:
    disk = EndingDisk(end, step=0, when="never")
    async with opened(tmp_path / "state", disk) as (ledger, artifacts):
        await keep_two(ledger, artifacts, tmp_path / "state")
    assert disk.count == STEP_COUNT
    assert await check(tmp_path / "state") == 2


@pytest.mark.parametrize("earlier", [0, 1])
@pytest.mark.parametrize(("step", "when"), EVERY_STEP)
async def test_an_end_at_any_step_is_settled_by_the_next_daemon(
    tmp_path: Path, step: int, when: str, earlier: int
) -> None:
    state = tmp_path / "state"
    for _ in range(earlier):
        async with opened(state, EndingDisk(end, step=0, when="never")) as (ledger, artifacts):
            await keep_two(ledger, artifacts, state)
    async with opened(state, EndingDisk(end, step=step, when=when)) as (ledger, artifacts):
        with contextlib.suppress(End):
            await keep_two(ledger, artifacts, state)
    assert await check(state) >= 2 * earlier
    async with opened(state, EndingDisk(end, step=0, when="never")) as (ledger, artifacts):
        await keep_two(ledger, artifacts, state)
    assert await check(state) >= 2 + earlier


@pytest.mark.parametrize(
    ("step", "when"), [(step, when) for step in range(1, REMOVAL_STEPS + 1) for when in ("before", "after")]
)
async def test_an_end_while_retention_removes_artifacts_leaves_nothing_for_ever(
    tmp_path: Path, step: int, when: str
) -> None:
    state = tmp_path / "state"
    for _ in range(3):
        async with opened(state, Disk()) as (ledger, artifacts):
            await keep_two(ledger, artifacts, state)
    async with stored(state, EndingDisk(end, step=step, when=when)) as (ledger, artifacts, store):
        with pytest.raises(End):
            await retain(ledger, artifacts, store)
    async with stored(state, Disk()) as (ledger, artifacts, store):
        await retain(ledger, artifacts, store)
        assert await store.orphans(limit=10) == {}
    assert await check(state) == 2


async def test_the_steps_of_a_removal_are_as_many_as_the_tests_take(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for _ in range(3):
        async with opened(state, Disk()) as (ledger, artifacts):
            await keep_two(ledger, artifacts, state)
    disk = EndingDisk(end, step=0, when="never")
    async with stored(state, disk) as (ledger, artifacts, store):
        await retain(ledger, artifacts, store)
    assert disk.count == REMOVAL_STEPS
    assert await check(state) == 2


async def test_an_end_while_the_next_daemon_settles_is_settled_by_the_one_after(tmp_path: Path) -> None:
    for step in range(1, 4):
        state = tmp_path / str(step)
        async with opened(state, EndingDisk(end, step=STEP_COUNT - 2, when="after")) as (ledger, artifacts):
            with pytest.raises(End):
                await keep_two(ledger, artifacts, state)
        with pytest.raises(End):
            async with opened(state, EndingDisk(end, step=step, when="before")):
                pass
        await check(state)


@pytest.mark.parametrize(
    ("step", "when"),
    [pytest.param(*each, marks=() if each[0] in {7, 12, 20} else pytest.mark.slow) for each in EVERY_STEP],
)
def test_a_kill_at_any_step_is_settled_by_the_next_daemon(tmp_path: Path, step: int, when: str) -> None:
    state = tmp_path / "state"
    done = subprocess.run(
        [sys.executable, "-m", "packages.domed.tests.artifact_keeper", str(state), str(step), when],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    asyncio.run(check(state))
