"""A job that is cancelled ends, wherever it is."""

import asyncio

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState
from packages.domed.tests.executors.acts import FLOOD
from packages.domed.tests.runner.conftest import WAIT_S, Daemon


class TestCancellation:
    async def test_a_running_job_is_cancelled(self, running: Daemon) -> None:
        job_id = await running.submit("demo.hang")
        await running.started(job_id)
        await running.cancel(job_id)
        job = await running.end(job_id)
        assert job.outcome is not None
        assert (job.state, job.outcome.failure_reason_code) == (JobState.CANCELED, "CANCEL.REQUESTED")
        assert await running.kinds(job_id) == ["Submitted", "Started", "CancelRequested", "Signaled", "Finished"]

    async def test_a_job_that_floods_is_cancelled(self, running: Daemon) -> None:
        running.tool("demo.flood", FLOOD)
        job_id = await running.submit("demo.flood")
        await running.started(job_id)
        await running.cancel(job_id)
        assert (await running.end(job_id)).state is JobState.CANCELED

    async def test_a_queued_job_that_is_cancelled_never_starts(self, running: Daemon) -> None:
        busy = [await running.submit("demo.hang") for _ in range(2)]
        for each in busy:
            await running.started(each)
        job_id = await running.submit("demo.true")
        await running.until(job_id, lambda job: job.last_seq == 2)
        await running.cancel(job_id)
        for each in busy:
            await running.cancel(each)
            await running.end(each)
        assert await running.kinds(job_id) == ["Submitted", "Waiting", "CancelRequested", "Finished"]
        assert len(running.executor.invocations) == 2

    async def test_a_job_that_is_cancelled_while_it_is_made_ready_never_starts(self, daemon: Daemon) -> None:
        asked: list[JobId] = []
        payload = daemon.ledger.payload

        async def cancelling_payload(job_id: JobId) -> bytes:
            asked.append(job_id)
            await daemon.cancel(job_id)
            return await payload(job_id)

        daemon.ledger.payload = cancelling_payload  # type: ignore[method-assign]
        job_id = await daemon.submit("demo.true")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.end(job_id)
            await daemon.runner.drain(WAIT_S)
        assert asked == [job_id]
        assert daemon.executor.invocations == []
        assert await daemon.kinds(job_id) == ["Submitted", "CancelRequested", "Finished"]
