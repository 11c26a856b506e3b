"""A job begins at once where neither it nor anybody else has to wait, and in its turn otherwise."""

import asyncio
from datetime import timedelta
from typing import Any

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from packages.domed.tests.executors.acts import HANG
from packages.domed.tests.runner.conftest import Daemon
from packages.domed.tests.values import submission


async def accept(daemon: Daemon, name: str, **changes: Any) -> JobId:
    """Submit a job as admission does."""
    tool = daemon.catalog.view().require(name)
    asked = submission(**({"skill_id": name, "tool_digest": tool.digest} | changes))
    payload = b'{"a":1}'
    begun = await daemon.ledger.submit(asked, payload, begin=lambda job: daemon.runner.begin(job, tool, payload))
    return begun.job.job_id


async def begun(daemon: Daemon, job_id: JobId) -> bool:
    """Whether the job's start was recorded with its acceptance."""
    job = await daemon.ledger.job(job_id)
    return job.start_time is not None and (await daemon.kinds(job_id))[:2] == ["Submitted", "Started"]


async def hangs(daemon: Daemon) -> JobId:
    job_id = await accept(daemon, "demo.hang")
    assert await begun(daemon, job_id)
    return job_id


async def test_a_free_seat_is_taken_at_once(running: Daemon) -> None:
    await asyncio.sleep(0)  # the runner has begun
    job_id = await hangs(running)
    await running.cancel(job_id)
    assert (await running.end(job_id)).state is JobState.CANCELED
    again = await accept(running, "demo.true")
    assert await begun(running, again)
    assert (await running.end(again)).state is JobState.SUCCEEDED


async def test_without_a_seat_it_waits(running: Daemon) -> None:
    await asyncio.sleep(0)
    busy = [await hangs(running) for _ in range(2)]
    late = await accept(running, "demo.true")
    await running.until(late, lambda job: job.last_seq == 2)
    assert await running.kinds(late) == ["Submitted", "Waiting"]
    await running.cancel(busy[0])
    assert (await running.end(late)).state is JobState.SUCCEEDED
    assert await running.kinds(late) == ["Submitted", "Waiting", "Started", "Finished"]


async def test_nobody_is_overtaken(running: Daemon) -> None:
    await asyncio.sleep(0)
    running.tool("demo.locked", HANG, locks=["door"])
    first = await accept(running, "demo.locked")
    assert await begun(running, first)
    second = await accept(running, "demo.locked")
    # There is a seat, and the one that waits for the lock came before.
    third = await accept(running, "demo.true")
    assert not await begun(running, second)
    assert not await begun(running, third)
    assert (await running.end(third)).state is JobState.SUCCEEDED
    await running.cancel(first)
    await running.started(second)


async def test_a_key_that_is_known_takes_neither_seat_nor_lock(running: Daemon) -> None:
    await asyncio.sleep(0)
    running.tool("demo.locked", locks=["door"])
    first = await accept(running, "demo.locked", idempotency_key="key")
    await running.end(first)
    for _ in range(3):
        assert await accept(running, "demo.locked", idempotency_key="key") == first
    assert list(running.locks.state()) == []
    for job_id in [await hangs(running) for _ in range(2)]:
        await running.cancel(job_id)
        await running.end(job_id)
    assert len(running.executor.invocations) == 3


async def test_without_its_locks_it_waits(running: Daemon) -> None:
    await asyncio.sleep(0)
    running.tool("demo.locked", HANG, locks=["door"])
    holder, waiter = [await accept(running, "demo.locked") for _ in range(2)]
    await running.until(waiter, lambda job: job.last_seq == 2)
    assert await running.kinds(waiter) == ["Submitted", "Waiting"]
    await running.cancel(holder)
    await running.started(waiter)


async def test_a_daemon_that_stops_begins_nothing(daemon: Daemon) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.runner.run())
        await asyncio.sleep(0)
        await daemon.runner.drain(0)
        job_id = await accept(daemon, "demo.true")
    assert (await daemon.ledger.job(job_id)).state is JobState.QUEUED
    assert daemon.executor.invocations == []


async def test_one_whose_deadline_is_over_is_not_begun(running: Daemon) -> None:
    await asyncio.sleep(0)
    job_id = await accept(running, "demo.true", deadline=timedelta())
    assert (await running.end(job_id)).start_time is None
