"""Jobs are carried out in turn, as many at a time as there are seats."""

import asyncio
from datetime import timedelta

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, OutcomeCause, WaitCause
from packages.domed.tests.executors.acts import HANG
from packages.domed.tests.runner.children import child_of
from packages.domed.tests.runner.conftest import WAIT_S, Daemon, waits

SLOT = (WaitCause.SLOT, "", "")


class TestTheQueue:
    async def test_no_more_jobs_run_at_a_time_than_there_are_seats(self, running: Daemon) -> None:
        jobs = [await running.submit("demo.hang") for _ in range(3)]
        for job_id in jobs[:2]:
            await running.started(job_id)
        await running.until(jobs[2], lambda job: job.last_seq == 2)
        assert [job.job_id for job in running.ledger.running()] == jobs[:2]
        await running.cancel(jobs[0])
        await running.started(jobs[2])

    async def test_what_a_job_waits_for_is_recorded_once(self, running: Daemon) -> None:
        jobs = [await running.submit("demo.hang") for _ in range(3)]
        await running.until(jobs[2], lambda job: job.last_seq == 2)
        for _ in range(5):
            running.look_again()
            await asyncio.sleep(0)
        assert waits(await running.facts(jobs[2])) == [SLOT]

    async def test_a_higher_priority_goes_first(self, running: Daemon) -> None:
        busy = [await running.submit("demo.hang") for _ in range(2)]
        for job_id in busy:
            await running.started(job_id)
        late = [await running.submit("demo.true", priority=priority) for priority in (0, 5, 1)]
        for job_id in busy[:1]:
            await running.cancel(job_id)
        for job_id in late:
            await running.end(job_id)
        order = [invocation.job_id for invocation in running.executor.invocations[2:]]
        assert order == [late[1], late[2], late[0]]

    async def test_a_tool_runs_no_more_often_at_a_time_than_it_says(self, running: Daemon) -> None:
        running.tool("demo.one", HANG, limits={"concurrency_max": 1})
        first, second = [await running.submit("demo.one") for _ in range(2)]
        await running.until(second, lambda job: job.last_seq == 2)
        assert waits(await running.facts(second)) == [SLOT]
        other = await running.submit("demo.true")
        await running.end(other)
        await running.cancel(first)
        await running.started(second)

    async def test_a_child_does_not_wait_for_the_seat_of_its_parent(self, running: Daemon) -> None:
        parents = [await running.submit("demo.hang") for _ in range(2)]
        await running.started(parents[1])
        child = await running.submit("demo.hang", **child_of(parents[1]))
        await running.started(child)
        grandchild = await running.submit("demo.true", **child_of(child))
        assert (await running.end(grandchild)).state is JobState.SUCCEEDED
        stranger = await running.submit("demo.true", **child_of(JobId("job-nobody")))
        await running.until(stranger, lambda job: job.last_seq == 2)
        assert waits(await running.facts(stranger)) == [SLOT]

    async def test_a_job_that_waited_too_long_is_ended(self, running: Daemon) -> None:
        running.tool("demo.soon", limits={"queue_timeout_s": 5})
        for _ in range(2):
            await running.started(await running.submit("demo.hang"))
        job_id = await running.submit("demo.soon")
        await running.until(job_id, lambda job: job.last_seq == 2)
        running.clock.advance(5)
        running.look_again()
        job = await running.end(job_id)
        assert job.outcome is not None
        assert (job.state, job.outcome.failure_reason_code) == (JobState.FAILED, "TIME.QUEUE_TIMEOUT")
        assert job.start_time is None

    async def test_a_wait_that_ends_by_itself_wakes_the_runner(self, running: Daemon) -> None:
        for _ in range(2):
            await running.started(await running.submit("demo.hang"))
        job_id = await running.submit("demo.true", deadline=timedelta(seconds=0.05))
        await running.until(job_id, lambda job: job.last_seq == 2)
        running.clock.advance(0.05)
        assert (await running.outcome(job_id)).cause is OutcomeCause.TIMEOUT

    async def test_jobs_that_are_there_already_are_taken(self, daemon: Daemon) -> None:
        job_id = await daemon.submit("demo.true")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await daemon.end(job_id)
            await daemon.runner.drain(WAIT_S)
