"""A tool that changed since it was asked for is not run."""

import asyncio
from dataclasses import replace

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import JobState, OutcomeCause
from packages.domed.tests.executors.acts import leave
from packages.domed.tests.runner.conftest import WAIT_S, Daemon


class TestChangedTools:
    async def denied(self, daemon: Daemon, job_id: JobId) -> str:
        job = await daemon.end(job_id)
        assert job.outcome is not None
        assert (job.state, job.outcome.cause) == (JobState.FAILED, OutcomeCause.DENIED)
        assert job.outcome.failure_reason_code == "ADMISSION.TOOL_CHANGED"
        assert job.start_time is None
        assert daemon.executor.invocations == []
        return job.outcome.message

    async def test_one_that_is_swapped_while_its_record_is_made_never_starts(self, running: Daemon) -> None:
        payload = running.ledger.payload

        async def swapping_payload(job_id: JobId) -> bytes:
            running.tool("demo.true", leave(0), title="another")
            return await payload(job_id)

        running.ledger.payload = swapping_payload  # type: ignore[method-assign]
        job_id = await running.submit("demo.true")
        assert "changed" in await self.denied(running, job_id)

    async def test_a_tool_that_changed_is_not_run(self, running: Daemon) -> None:
        assert "changed" in await self.denied(running, await running.submit("demo.true", tool_digest="sha256:00"))

    async def test_a_tool_that_went_is_not_run(self, running: Daemon) -> None:
        job_id = await running.submit("demo.true", skill_id="demo.gone")
        assert "no longer" in await self.denied(running, job_id)

    async def test_a_tool_that_lost_its_approval_is_not_run(self, daemon: Daemon) -> None:
        view = daemon.catalog.view()
        untrusted = replace(view.require("demo.true"), trusted=False)
        later = replace(view, _by_id={"demo.true": untrusted})
        daemon.catalog.view = lambda working_directory="": later  # type: ignore[method-assign]
        job_id = await daemon.submit("demo.true")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            assert "approval" in await self.denied(daemon, job_id)
            await daemon.runner.drain(WAIT_S)
