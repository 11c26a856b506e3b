"""Killed at every named moment under load: nothing acknowledged is lost, nothing runs twice, every stream is whole."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import JobState, OutcomeCause
from tests.e2e.calls import Seen, execute, processes_of, seen, status
from tests.e2e.crash_load import DEATH_S, Load
from tests.e2e.daemon_process import Daemon, Place, a_place
from tests.e2e.dying_daemon import POINTS, VARIABLE

ROOT = Path(__file__).parents[2]
SETTINGS = "[jobs]\nparallel_max = 6\ndrain_timeout_s = 0\ngrace_s = 0.2\n"
CYCLES = int(os.environ.get("CRASH_CYCLES", "200"))
"""How many deaths the long form takes. `./just crash-matrix N` sets it."""


def dying(place: Place, moment: str) -> Daemon:
    command = ["env", f"{VARIABLE}={moment}", sys.executable, "-m", "tests.e2e.dying_daemon"]
    return place.start(command=command, cwd=ROOT)


async def die(load: Load, moment: str) -> None:
    """One daemon, from its start to its death at a moment."""
    daemon = dying(load.place, moment)
    if await asyncio.to_thread(daemon.heard, "READY=1"):
        # Where there was nothing to migrate or to recover, it is killed from outside, at any moment.
        passed = moment.startswith(("migration.", "recovery."))
        by_itself = await load.until_death(daemon, patience_s=load.chance.random() if passed else DEATH_S)
        assert by_itself or passed, f"{moment} never came"
    code, log = await asyncio.to_thread(daemon.ended)
    load.deaths.append(time.time())
    assert code == -signal.SIGKILL, log
    assert "Traceback" not in log


async def settled(load: Load) -> None:
    """A daemon that lives: it settles everything, and then all that is promised holds."""
    daemon = load.place.ready()
    await load.check(daemon, await load.settle(daemon))
    code, log = await asyncio.to_thread(daemon.stop)
    assert code == 0, log


def nth(point: str, chance: random.Random) -> int:
    """Some migrations, transactions or programs into the daemon's life."""
    match point.partition(".")[0]:
        case "migration":
            return chance.randrange(1, 4)
        case "recovery":
            return 1
        case "commit" | "transaction":
            return chance.randrange(1, 60)
        case "signal" | "reap" | "spawn":
            return chance.randrange(1, 4)
        case _:
            return chance.randrange(1, 12)


@pytest.mark.parametrize(
    "moments",
    [
        [
            "migration.inside:3",
            "commit.after:9",
            "spawn.after:2",
            "recovery.after:1",
            "signal.before:1",
            "reap.after:2",
        ],
        pytest.param([f"{point}:1" for point in POINTS], marks=pytest.mark.slow),
        pytest.param([f"{point}:3" for point in POINTS], marks=pytest.mark.slow),
    ],
    ids=["some", "every", "every-third"],
)
async def test_killed_at_named_moments_the_daemon_keeps_every_promise(moments: Sequence[str]) -> None:
    """One state directory, one death after the other, then everything is settled. All: fifteen seconds."""
    with a_place() as place:
        place.configure(SETTINGS)
        load = Load(place, random.Random(1))
        for moment in moments:
            await die(load, moment)
        await settled(load)


@pytest.mark.slow
async def test_killed_at_chance_moments_again_and_again_the_daemon_keeps_every_promise() -> None:
    """`CRASH_CYCLES` deaths (200: about five minutes), settled after every twelve."""
    for seed in range(-(-CYCLES // 12)):
        chance = random.Random(seed)
        with a_place() as place:
            place.configure(SETTINGS)
            load = Load(place, chance)
            moments = [f"{point}:{nth(point, chance)}" for point in chance.choices(POINTS[3:], k=12)]
            if chance.random() < 0.3:
                moments.insert(0, f"{chance.choice(POINTS[:3])}:{nth('migration', chance)}")
            for moment in moments:
                await die(load, moment)
            await settled(load)


async def test_killed_with_twenty_running_jobs_all_are_classified_and_nothing_survives() -> None:
    with a_place() as place:
        place.configure("[jobs]\nparallel_max = 20\ngrace_s = 0.2\n")
        daemon = place.ready()
        channel = daemon.channel()
        script = "echo $0; setsid sleep 600 & exec sleep 600"
        keys = [f"key-{number}" for number in range(20)]
        jobs = await asyncio.gather(*(execute(channel, "sh", "-c", script, key, key=key) for key in keys))
        queued = await execute(channel, "sh", "-c", "echo ran", key="queued")
        readers = [Seen(job.job_id) for job in jobs]
        await asyncio.gather(*(reader.follow(channel, until=b"key-") for reader in readers))
        running = {job.job_id for job in jobs}
        assert len(processes_of(running)) >= 40
        assert (await status(channel, queued.job_id)).state is JobState.QUEUED
        daemon.signal(signal.SIGKILL)
        channel.close()
        await asyncio.to_thread(daemon.ended)

        again = place.ready()
        assert processes_of(running) == []
        channel = again.channel()
        for key, reader in zip(keys, readers, strict=True):
            job = await execute(channel, "sh", "-c", script, key, key=key)
            assert (job.job_id, job.state) == (reader.job_id, JobState.FAILED)
            assert job.outcome is not None
            assert (job.outcome.cause, job.outcome.failure_reason_code) == (OutcomeCause.LOST, "PROCESS.LOST")
            await reader.follow(channel)
            assert reader.ended
            assert reader.stdout == f"{key}\n".encode()
        assert (await seen(channel, queued.job_id)).stdout == b"ran\n"
        channel.close()
        assert again.stop()[0] == 0
