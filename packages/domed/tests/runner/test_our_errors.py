"""An error of ours is an outcome of the job, and ends nothing else."""

import asyncio

import pytest

from dome_contracts.runtime.v1 import JobState, OutcomeCause, Progress
from domed.executors.port import Emit, Exit, Invocation
from domed.faults import StoreError
from packages.domed.tests.runner.conftest import WAIT_S, Daemon


class TestOurErrors:
    async def test_an_error_of_ours_ends_the_job_with_its_id_in_the_log(
        self, running: Daemon, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def broken_run(invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
            raise ZeroDivisionError("ours")

        running.executor.run = broken_run  # type: ignore[method-assign]
        running.tool("demo.locked", locks=["db"])
        job_id = await running.submit("demo.locked")
        job = await running.end(job_id)
        assert job.outcome is not None
        assert (job.state, job.outcome.cause) == (JobState.FAILED, OutcomeCause.INTERNAL)
        assert job.outcome.failure_reason_code == "DAEMON.FAILED"
        (logged,) = caplog.records
        assert logged.exc_info is not None
        assert logged.exc_info[0] is ZeroDivisionError
        assert logged.domed_fields["error_id"] in job.outcome.message  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        assert running.locks.state() == []

    async def test_the_runner_goes_on_after_an_error(self, running: Daemon) -> None:
        run = running.executor.run

        async def broken_once(invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
            running.executor.run = run  # type: ignore[method-assign]
            raise ZeroDivisionError

        running.executor.run = broken_once  # type: ignore[method-assign]
        await running.end(await running.submit("demo.true"))
        assert (await running.end(await running.submit("demo.true"))).state is JobState.SUCCEEDED

    async def test_a_store_that_fails_ends_the_runner(self, daemon: Daemon) -> None:
        async def failing_run(invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
            await daemon.store.close()
            await emit([Progress(done=1)])
            raise AssertionError("the record took it")

        daemon.executor.run = failing_run  # type: ignore[method-assign]
        await daemon.submit("demo.true")
        async with asyncio.timeout(WAIT_S):
            with pytest.raises(StoreError):
                await daemon.runner.run()
            await daemon.runner.drain(0)
