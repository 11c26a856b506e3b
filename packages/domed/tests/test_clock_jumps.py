"""A time of day that jumps: order, waits and limits do not follow it, and nothing is removed because of it.

The daemon's clock is handed in. What a set clock does to a whole machine is not tried here: the kernel has no
namespace for the time of day.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import ExecuteConstraints, JobState, OutcomeCause, StreamJobEventsRequest
from domed.app import alive, build
from domed.clock import SystemClock, SystemIds
from domed.retention import SURE_S, Present
from domed.rpc.memory import InProcessChannel
from packages.domed.tests.runtime_suite import Running, a_config, kinds, write_tool
from packages.domed.tests.values import FixedClock

DAY = timedelta(days=1)


class SetClock:
    """A clock that somebody sets; durations are as they are."""

    def __init__(self) -> None:
        self._true = SystemClock()
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._true.now() + self.ahead

    def monotonic(self) -> float:
        return self._true.monotonic()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@asynccontextmanager
async def running(root: Path, clock: SetClock, **changes: Any) -> AsyncIterator[Running]:
    write_tool(root / "tools", "user.wait", f"echo up; until [ -e {root}/go ]; do sleep 0.02; done; echo done")
    write_tool(root / "tools", "user.hang", "echo up; exec sleep 60", limits={"run_timeout_s": 1})
    config = a_config(root, **changes)
    config.state_directory.mkdir(mode=0o700, parents=True)
    daemon = build(config, clock=clock, ids=SystemIds(clock))
    async with alive(daemon):
        with closing(InProcessChannel(daemon.frontend.server)) as channel:
            yield Running(daemon, channel)


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_seqs_ids_and_streams_keep_their_order(tmp_path: Path, clock: SetClock, jump: timedelta) -> None:
    async with running(tmp_path, clock) as dome:
        first = (await dome.execute("user.wait")).job_id
        await dome.reached(first, JobState.RUNNING)
        clock.ahead = jump
        second = (await dome.execute("user.wait")).job_id
        (tmp_path / "go").touch()
        for job_id in (first, second):
            events = await dome.events(job_id)
            position = 0
            for event in events:
                assert event.seq == position + 1
                position = event.last_seq
            assert (await dome.status(job_id)).state is JobState.SUCCEEDED
        assert first < second
        # What is said of a moment is what the clock said then.
        times = [event.occur_time for event in await dome.events(first) if event.occur_time is not None]
        assert abs((times[-1] - times[0]) - jump) < timedelta(hours=1)


async def said_to_wait(dome: Running, job_id: str) -> None:
    async for answer in dome.stub.stream_job_events(StreamJobEventsRequest(job_id=job_id, follow=True)):
        if "waiting" in kinds(answer.events):
            return


async def test_a_job_waits_as_long_as_it_may_wherever_the_clock_is_set(tmp_path: Path, clock: SetClock) -> None:
    async with running(tmp_path, clock, parallel_jobs_max=1) as dome:
        holder = (await dome.execute("user.wait")).job_id
        await dome.reached(holder, JobState.RUNNING)
        patient = await dome.execute("user.wait", constraints=ExecuteConstraints(deadline=timedelta(hours=1)))
        short = await dome.execute("user.wait", constraints=ExecuteConstraints(deadline=timedelta(seconds=1)))
        clock.ahead = DAY
        # Who comes makes the runner look at everybody.
        await said_to_wait(dome, (await dome.execute("user.wait")).job_id)
        assert (await dome.status(patient.job_id)).state is JobState.QUEUED
        clock.ahead = -DAY
        ended = await dome.ended(short.job_id)
        assert ended.outcome is not None
        assert ended.outcome.cause is OutcomeCause.TIMEOUT, "a clock that was set back makes nobody wait for ever"
        clock.ahead = DAY
        (tmp_path / "go").touch()
        assert (await dome.ended(patient.job_id)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_a_program_runs_as_long_as_it_may_wherever_the_clock_is_set(
    tmp_path: Path, clock: SetClock, jump: timedelta
) -> None:
    async with running(tmp_path, clock) as dome:
        began = asyncio.get_running_loop().time()
        hanging = (await dome.execute("user.hang")).job_id
        waiting = (await dome.execute("user.wait")).job_id
        await dome.reached(hanging, JobState.RUNNING)
        clock.ahead = jump
        ended = await dome.ended(hanging)
        assert ended.outcome is not None
        assert ended.outcome.cause is OutcomeCause.TIMEOUT
        assert 1 <= asyncio.get_running_loop().time() - began < 30
        (tmp_path / "go").touch()
        assert (await dome.ended(waiting)).state is JobState.SUCCEEDED


def test_a_clock_that_jumps_ahead_makes_nothing_old_until_it_has_stood() -> None:
    clock = FixedClock()
    present = Present(clock)
    clock.advance(600)
    true = clock.time
    assert present.now() == true
    clock.time += 100 * DAY
    assert present.now() == true
    clock.advance(3600)
    assert present.now() == true + timedelta(hours=1)
    # It was a mistake.
    clock.time -= 100 * DAY
    assert present.now() == clock.time
    clock.time += 100 * DAY
    assert present.now() < clock.time - 99 * DAY
    clock.advance(SURE_S)
    assert present.now() == clock.time


def test_a_clock_that_is_set_back_makes_nothing_older() -> None:
    clock = FixedClock()
    present = Present(clock)
    clock.time -= 100 * DAY
    assert present.now() == clock.time
    # And set right again, it has to stand as every other.
    clock.time += 100 * DAY
    assert present.now() == clock.time - 100 * DAY
