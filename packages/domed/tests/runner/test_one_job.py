"""One job is carried out, to an outcome, whatever happens."""

import asyncio

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import JobState, OutcomeCause, RepositoryState
from packages.domed.tests.executors.acts import COPY, HANG, complain, declare, leave, write
from packages.domed.tests.runner.conftest import WAIT_S, Daemon


class TestOneJob:
    async def test_a_job_is_carried_out(self, running: Daemon) -> None:
        running.tool("demo.work", write(b"one\n"), complain(b"two\n"), declare(b'{"type":"result","value":{"n":1}}\n'))
        job_id = await running.submit("demo.work")
        job = await running.end(job_id)
        assert job.state is JobState.SUCCEEDED
        assert job.attempt == 1
        assert job.outcome is not None
        assert (job.outcome.cause, job.outcome.exit_code, job.outcome.result) == (OutcomeCause.EXITED, 0, b'{"n":1}')
        assert await running.kinds(job_id) == ["Submitted", "Started", "Output", "Output", "Finished"]

    async def test_the_record_is_begun_at_the_start_and_completed_at_the_end(self, running: Daemon) -> None:
        running.tool("demo.work", write(b"one\n"), declare(b'{"type":"result","value":{"n":1}}\n'))
        job_id = await running.submit("demo.work")
        job = await running.end(job_id)
        facts = await running.facts(job_id)
        started, finished = facts[1], facts[-1]
        assert started.provenance.stdout_digest == ""  # type: ignore[union-attr]
        assert started.provenance.repository_state is RepositoryState.NONE  # type: ignore[union-attr]
        assert finished.provenance == job.provenance  # type: ignore[union-attr]
        assert job.provenance is not None
        assert job.provenance.stdout_digest == digest_bytes(b"one\n")
        assert job.provenance.stderr_digest == digest_bytes(b"")
        assert job.provenance.result_digest == digest_bytes(b'{"n":1}')
        assert job.provenance.tool_versions["demo.work"] == "1.0.0"

    async def test_the_program_gets_the_input(self, running: Daemon) -> None:
        running.tool("demo.copy", COPY)
        job_id = await running.submit("demo.copy")
        await running.end(job_id)
        facts = await running.facts(job_id)
        assert [fact.data for fact in facts if type(fact).__name__ == "Output"] == [b'{"a":1}']  # type: ignore[union-attr]

    async def test_a_result_that_breaks_its_schema_is_no_success(self, running: Daemon) -> None:
        schema = {"type": "object", "properties": {"n": {"type": "string"}}}
        running.tool("demo.work", declare(b'{"type":"result","value":{"n":1}}\n'), output=schema)
        outcome = await running.outcome(await running.submit("demo.work"))
        assert (outcome.cause, outcome.failure_reason_code) == (OutcomeCause.OUTPUT_INVALID, "OUTPUT.RESULT_INVALID")
        assert "result/n" in outcome.message

    async def test_a_missing_result_is_no_success_where_the_schema_asks_for_one(self, running: Daemon) -> None:
        running.tool("demo.work", output={"type": "object", "required": ["n"]})
        outcome = await running.outcome(await running.submit("demo.work"))
        assert outcome.failure_reason_code == "OUTPUT.RESULT_MISSING"

    async def test_a_failing_program_fails_the_job(self, running: Daemon) -> None:
        running.tool("demo.work", leave(3), failure_reasons={"3": "TESTS.FAILED"})
        job = await running.end(await running.submit("demo.work"))
        assert job.outcome is not None
        assert (job.state, job.outcome.failure_reason_code) == (JobState.FAILED, "TESTS.FAILED")

    async def test_a_program_that_cannot_be_spawned_fails_the_job(self, running: Daemon) -> None:
        running.tool("demo.work", executor={"backend": "local-process", "command": ["no-such-program"]})
        outcome = await running.outcome(await running.submit("demo.work"))
        assert outcome.cause is OutcomeCause.SPAWN_FAILED

    async def test_its_scratch_directory_is_there_while_it_runs_and_gone_afterwards(self, daemon: Daemon) -> None:
        job_id = await daemon.submit("demo.hang")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            await asyncio.wait_for(daemon.executor.invoked.wait(), WAIT_S)
            scratch = daemon.executor.invocations[0].scratch
            assert scratch.parent == daemon.config.scratch_root
            assert await asyncio.to_thread(scratch.is_dir)
            await daemon.cancel(job_id)
            await daemon.runner.drain(WAIT_S)
        assert not await asyncio.to_thread(scratch.exists)

    async def test_without_a_scratch_directory_it_is_not_started(self, running: Daemon) -> None:
        running.config.state_directory.mkdir(parents=True, exist_ok=True)
        running.config.scratch_root.write_text("")
        outcome = await running.outcome(await running.submit("demo.true"))
        assert outcome.cause is OutcomeCause.SPAWN_FAILED
        assert "scratch directory" in outcome.message

    async def test_a_program_is_ended_after_its_time(self, running: Daemon) -> None:
        running.tool("demo.slow", HANG, limits={"run_timeout_s": 0.05})
        job_id = await running.submit("demo.slow")
        assert (await running.outcome(job_id)).failure_reason_code == "TIME.RUN_TIMEOUT"
        assert await running.kinds(job_id) == ["Submitted", "Started", "Signaled", "Finished"]
