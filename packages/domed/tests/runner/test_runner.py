"""Jobs are carried out: in turn, once, to an outcome, whatever happens."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    CancelRequested,
    Correlation,
    JobState,
    OutcomeCause,
    Progress,
    RepositoryState,
    WaitCause,
)
from domed.executors.port import Emit, Exit, Invocation
from domed.faults import StoreError
from domed.jobs.model import Job, KeyBinding, StoredEvent
from domed.locks import Rank
from packages.domed.tests.executors.acts import (
    COPY,
    FLOOD,
    HANG,
    complain,
    declare,
    leave,
    write,
)
from packages.domed.tests.runner.conftest import WAIT_S, Daemon, waits
from packages.domed.tests.values import submission

SLOT = (WaitCause.SLOT, "", "")


def child_of(parent: JobId) -> dict[str, Any]:
    return {"correlation": Correlation(run_id="run-one", parent_job_id=parent)}


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
