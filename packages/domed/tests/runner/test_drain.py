"""The runner ends: what runs is ended and what waits is kept."""

import asyncio
from datetime import timedelta

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobState
from domed.executors.port import Emit, Exit, Invocation
from packages.domed.tests.runner.conftest import WAIT_S, Daemon


class TestDrain:
    async def test_running_jobs_may_end_and_queued_ones_stay_queued(self, daemon: Daemon) -> None:
        release = asyncio.Event()
        run = daemon.executor.run

        async def waiting_run(invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
            await release.wait()
            return await run(invocation, emit=emit, stop=stop)

        daemon.executor.run = waiting_run  # type: ignore[method-assign]
        jobs = [await daemon.submit("demo.true") for _ in range(3)]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.started(jobs[1])
            draining = tasks.create_task(daemon.runner.drain(WAIT_S))
            await asyncio.sleep(0)
            release.set()
            await draining
        states = [(await daemon.ledger.job(job_id)).state for job_id in jobs]
        assert states == [JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.QUEUED]

    async def test_jobs_that_do_not_end_in_time_are_cancelled(self, daemon: Daemon) -> None:
        job_id = await daemon.submit("demo.hang")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.started(job_id)
            await daemon.runner.drain(0)
        job = await daemon.ledger.job(job_id)
        assert job.outcome is not None
        assert job.state is JobState.CANCELED
        assert job.outcome.message == "Ended because the daemon was stopped."
        facts = await daemon.facts(job_id)
        assert [fact.reason for fact in facts if isinstance(fact, CancelRequested)] == ["the daemon was stopped"]

    async def test_a_job_that_somebody_else_cancelled_is_not_blamed_on_the_stop(self, daemon: Daemon) -> None:
        job_id = await daemon.submit("demo.hang")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.started(job_id)
            await daemon.cancel(job_id)
            await daemon.runner.drain(0)
        outcome = await daemon.outcome(job_id)
        assert outcome.message == "Ended because a cancellation was asked for."

    async def test_a_job_that_is_made_ready_when_the_stop_comes_stays_queued(self, daemon: Daemon) -> None:
        payload = daemon.ledger.payload
        draining: list[asyncio.Task[None]] = []

        async def draining_payload(job_id: JobId) -> bytes:
            draining.append(asyncio.ensure_future(daemon.runner.drain(WAIT_S)))
            await asyncio.sleep(0)
            return await payload(job_id)

        daemon.ledger.payload = draining_payload  # type: ignore[method-assign]
        job_id = await daemon.submit("demo.true")
        await daemon.runner.run()
        await draining[0]
        assert daemon.executor.invocations == []
        assert (await daemon.ledger.job(job_id)).state is JobState.QUEUED

    async def test_a_job_whose_wait_is_over_is_left_to_the_next_daemon(self, daemon: Daemon) -> None:
        busy = [await daemon.submit("demo.hang") for _ in range(2)]
        late = await daemon.submit("demo.true", deadline=timedelta(seconds=1))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.started(busy[1])
            draining = tasks.create_task(daemon.runner.drain(WAIT_S))
            await asyncio.sleep(0)
            daemon.clock.advance(5)
            for job_id in busy:
                await daemon.cancel(job_id)
            await draining
        assert (await daemon.ledger.job(late)).state is JobState.QUEUED

    async def test_drain_may_be_asked_for_twice(self, daemon: Daemon) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.runner.drain(WAIT_S)
            await daemon.runner.drain(0)
