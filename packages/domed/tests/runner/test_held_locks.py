"""A job waits for the locks that it declares, and holds them while it runs."""

import asyncio
from typing import Any

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, WaitCause
from domed.jobs.model import Job, KeyBinding, StoredEvent
from domed.locks import Rank
from packages.domed.tests.executors.acts import HANG, leave
from packages.domed.tests.runner.children import child_of
from packages.domed.tests.runner.conftest import WAIT_S, Daemon, waits
from packages.domed.tests.values import submission


class TestLocks:
    async def test_two_jobs_with_one_lock_run_one_after_the_other(self, running: Daemon) -> None:
        running.tool("demo.locked", HANG, locks=["db"])
        first, second = [await running.submit("demo.locked") for _ in range(2)]
        await running.until(second, lambda job: job.last_seq == 2)
        assert waits(await running.facts(second)) == [(WaitCause.LOCK, "db", first)]
        assert [state.name for state in running.locks.state()] == ["db"]
        await running.cancel(first)
        await running.started(second)

    async def test_a_job_that_waits_for_a_lock_takes_no_seat(self, running: Daemon) -> None:
        running.tool("demo.locked", HANG, locks=["db"])
        _, second = [await running.submit("demo.locked") for _ in range(2)]
        await running.until(second, lambda job: job.last_seq == 2)
        await running.end(await running.submit("demo.true"))

    async def test_a_child_does_not_wait_for_a_lock_of_its_parent(self, running: Daemon) -> None:
        running.tool("demo.locked", HANG, locks=["db"])
        running.tool("demo.child", locks=["db"])
        parent = await running.submit("demo.locked")
        await running.started(parent)
        child = await running.submit("demo.child", **child_of(parent))
        assert (await running.end(child)).state is JobState.SUCCEEDED

    async def test_the_one_that_gets_a_lock_next_is_told_of_each_holder(self, running: Daemon) -> None:
        running.tool("demo.locked", HANG, locks=["db"])
        first, second, third, fourth = [await running.submit("demo.locked") for _ in range(4)]
        for job_id in (second, third, fourth):
            await running.until(job_id, lambda job: job.last_seq == 2)
        await running.cancel(first)
        await running.until(third, lambda job: job.last_seq == 3)
        assert waits(await running.facts(third)) == [(WaitCause.LOCK, "db", first), (WaitCause.LOCK, "db", second)]
        assert waits(await running.facts(fourth)) == [(WaitCause.LOCK, "db", first)]

    async def test_a_job_that_is_being_accepted_keeps_the_locks_that_it_was_promised(self, daemon: Daemon) -> None:
        daemon.tool("demo.locked", locks=["db"])
        written = asyncio.Event()
        create = daemon.store.create

        def slow_create(
            job: Job, payload: bytes, event: StoredEvent, **options: Any
        ) -> asyncio.Future[KeyBinding | None]:
            async def later() -> KeyBinding | None:
                await written.wait()
                return await create(job, payload, event, **options)

            return asyncio.ensure_future(later())

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            daemon.store.create = slow_create  # type: ignore[method-assign]
            asked = submission(skill_id="demo.locked", tool_digest=daemon.catalog.view().require("demo.locked").digest)

            def reserve(job_id: JobId) -> None:
                assert daemon.locks.reserve(["db"], Rank.of(job_id, priority=0)) is None

            accepting = tasks.create_task(daemon.ledger.submit(asked, b"{}", named=reserve))
            for _ in range(5):
                daemon.look_again()
                await asyncio.sleep(0)
            assert [state.name for state in daemon.locks.state()] == ["db"]
            written.set()
            await daemon.end((await accepting).job.job_id)
            await daemon.runner.drain(WAIT_S)
        assert daemon.locks.state() == []

    async def test_a_cancelled_waiter_keeps_no_lock_from_others(self, running: Daemon) -> None:
        running.tool("demo.locked", HANG, locks=["db"])
        running.tool("demo.both", locks=["db", "net"])
        running.tool("demo.net", locks=["net"])
        await running.started(await running.submit("demo.locked"))
        waiter = await running.submit("demo.both")
        await running.until(waiter, lambda job: job.last_seq == 2)
        blocked = await running.submit("demo.net")
        await running.until(blocked, lambda job: job.last_seq == 2)
        assert waits(await running.facts(blocked)) == [(WaitCause.LOCK, "net", waiter)]
        await running.cancel(waiter)
        running.look_again()
        await running.end(blocked)

    async def test_locks_are_free_after_every_kind_of_end(self, running: Daemon) -> None:
        running.tool("demo.locked", leave(1), locks=["db"])
        for _ in range(3):
            await running.end(await running.submit("demo.locked"))
        await running.end(await running.submit("demo.locked", tool_digest="sha256:00"))
        await asyncio.sleep(0)
        assert running.locks.state() == []
