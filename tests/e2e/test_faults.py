"""A world that fails: a full disk, a store that cannot be written, files that are not the daemon's own."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
from grpclib.exceptions import GRPCError

from dome_contracts.runtime.v1 import JobState, ListJobsRequest, RuntimeServiceStub
from tests.e2e.calls import Seen, cancel, execute, processes_of, seen, status
from tests.e2e.daemon_process import DOMED, Place, a_place, reason
from tests.e2e.small_disk import SmallDisk, a_small_disk

DEAF = "trap '' TERM; echo up; while :; do sleep 1; done"
COUNT = "i=0; until [ -e stop ]; do echo line $i; i=$((i+1)); sleep 0.002; done"


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        made.configure("[jobs]\ngrace_s = 0.5\ndrain_timeout_s = 5\n")
        yield made


@pytest.fixture
def disk(place: Place) -> Iterator[SmallDisk]:
    place.state.mkdir(parents=True, mode=0o700)
    with a_small_disk(place.state, size="8m") as made:
        yield made


async def test_on_a_full_disk_new_work_is_refused_and_running_jobs_wait_and_go_on(
    place: Place, disk: SmallDisk
) -> None:
    daemon = place.ready(command=disk.inside(*DOMED))
    channel = daemon.channel()
    work = {"working_directory": str(place.work)}
    counting = await execute(channel, "sh", "-c", COUNT, **work)
    held = await execute(channel, "sh", "-c", "echo up; exec sleep 600", **work)
    deaf = await execute(channel, "sh", "-c", DEAF, **work)
    reader, other, third = (Seen(each.job_id) for each in (counting, held, deaf))
    ups = (each.follow(channel, until=b"up\n") for each in (other, third))
    await asyncio.gather(reader.follow(channel, until=b"line 20\n"), *ups)
    disk.fill()
    with pytest.raises(GRPCError) as full:
        for number in range(10_000):
            await execute(channel, "sh", "-c", "echo ran >> witness", key=f"key-{number}", **work)
    assert reason(full.value.details) == "STORAGE_FULL"
    assert "Free space" in (full.value.message or "")
    # Who reads is served. Who wants a job's end has it: the program goes in its time, the answer comes with the record.
    job = await status(channel, counting.job_id)
    assert job.state is JobState.RUNNING, job.outcome
    assert (await RuntimeServiceStub(channel).list_jobs(ListJobsRequest())).jobs
    following = asyncio.create_task(reader.follow(channel))
    cancelling = asyncio.gather(*(cancel(channel, each.job_id) for each in (held, deaf)))
    async with asyncio.timeout(20):
        while processes_of({held.job_id, deaf.job_id}):
            await asyncio.to_thread(os.sched_yield)
    assert not cancelling.done()
    assert processes_of({counting.job_id}), "a program that finds no room is held back, not ended"

    disk.free()
    assert [each.cancel_requested for each in await cancelling] == [True, True]
    (place.work / "stop").touch()
    await following
    await asyncio.gather(other.follow(channel), third.follow(channel))
    signals = [event.signaled.signal for event in third.events if event.signaled is not None]
    assert signals == [signal.SIGTERM, signal.SIGKILL]
    lines = reader.stdout.decode().splitlines()
    assert lines == [f"line {number}" for number in range(len(lines))]
    assert [(await status(channel, each)).state for each in (counting.job_id, held.job_id)] == [
        JobState.SUCCEEDED,
        JobState.CANCELED,
    ]
    again = await execute(channel, "sh", "-c", "echo ran >> witness", key=f"key-{number}", **work)
    await seen(channel, again.job_id)
    assert (place.work / "witness").read_text() == "ran\n" * (number + 1)
    channel.close()
    code, log = await asyncio.to_thread(daemon.stop)
    assert code == 0, log
    assert (log.count("the disk is full") >= 1, "there is space on the disk again" in log) == (True, True)


async def test_killed_on_a_full_disk_the_daemon_loses_nothing_that_it_acknowledged(
    place: Place, disk: SmallDisk
) -> None:
    daemon = place.ready(command=disk.inside(*DOMED))
    channel = daemon.channel()
    reader = Seen((await execute(channel, "sh", "-c", COUNT, key="one", working_directory=str(place.work))).job_id)
    await reader.follow(channel, until=b"line 20\n")
    disk.fill()
    following = asyncio.create_task(reader.follow(channel))
    with pytest.raises(GRPCError):
        for number in range(10_000):
            await execute(channel, "true", key=f"key-{number}")
    daemon.signal(signal.SIGKILL)
    await asyncio.gather(following, return_exceptions=True)
    channel.close()
    await asyncio.to_thread(daemon.ended)

    # The next one ends what was left, and waits for space to say so before it is ready.
    again = place.start(command=disk.inside(*DOMED))
    async with asyncio.timeout(20):
        while processes_of({reader.job_id}):
            await asyncio.to_thread(os.sched_yield)
    disk.free()
    assert again.heard("READY=1"), again.ended()
    channel = again.channel()
    await reader.follow(channel)
    assert reader.ended
    lines = reader.stdout.decode().splitlines()
    assert lines == [f"line {number}" for number in range(len(lines))]
    job = await execute(channel, "sh", "-c", COUNT, key="one", working_directory=str(place.work))
    assert (job.job_id, job.state) == (reader.job_id, JobState.FAILED)
    for before in range(number):
        assert (await seen(channel, (await execute(channel, "true", key=f"key-{before}")).job_id)).ended
    assert processes_of({reader.job_id}) == []
    channel.close()
    assert again.stop()[0] == 0
