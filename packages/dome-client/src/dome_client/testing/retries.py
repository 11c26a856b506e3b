"""The part of the suite for runtimes that is about running something once more."""

from dome_client.testing.rig import Rig, collect, output, refusal, until_ready
from dome_contracts.runtime.v1 import Correlation, JobState


class RetryConformance:
    """What a client may rely on when it retries a job."""

    async def test_a_retry_is_a_job_of_its_own_with_the_same_input(self, rig: Rig) -> None:
        first = await rig.runtime.wait((await rig.runtime.execute(*rig.printing(3))).job_id)
        again = await rig.runtime.retry(first.job_id)
        assert again.job_id != first.job_id
        assert (again.state, again.retry_of_job_id) == (JobState.QUEUED, first.job_id)
        ended = await rig.runtime.wait(again.job_id)
        assert ended.state is JobState.SUCCEEDED
        assert (ended.skill_id, ended.tool_digest) == (first.skill_id, first.tool_digest)
        events = await collect(rig, again.job_id)
        assert output(events) == b"line 1\nline 2\nline 3\n"
        assert events[0].submitted is not None
        assert events[0].submitted.retry_of_job_id == first.job_id
        assert ended.provenance is not None
        assert first.provenance is not None
        assert ended.provenance.retry_of_job_id == first.job_id
        assert ended.provenance.input_hash == first.provenance.input_hash

    async def test_a_retry_belongs_to_the_same_run_and_comes_from_the_job_that_it_retries(self, rig: Rig) -> None:
        work = Correlation(task_id="task", work_package_id="WP01", group_id="attempt-1", client_call_id="call-1")
        first = await rig.runtime.execute(*rig.printing(1), labels={"suite": "retry", "kept": "yes"}, correlation=work)
        ended = await rig.runtime.wait(first.job_id)
        again = await rig.runtime.retry(ended.job_id, labels={"suite": "again"})
        assert ended.correlation is not None
        assert again.labels == {"suite": "again", "kept": "yes"}
        assert again.correlation == Correlation(
            run_id=ended.correlation.run_id, task_id="task", work_package_id="WP01", parent_job_id=ended.job_id
        )

    async def test_a_job_that_failed_is_retried_and_so_is_its_retry(self, rig: Rig) -> None:
        first = await rig.runtime.wait((await rig.runtime.execute(*rig.failing(7))).job_id)
        second = await rig.runtime.wait((await rig.runtime.retry(first.job_id)).job_id)
        third = await rig.runtime.wait((await rig.runtime.retry(second.job_id)).job_id)
        assert (second.state, third.state) == (JobState.FAILED, JobState.FAILED)
        assert (second.retry_of_job_id, third.retry_of_job_id) == (first.job_id, second.job_id)

    async def test_a_job_that_has_not_ended_is_not_retried(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.endless())
        await until_ready(rig, job.job_id)
        error = await refusal(rig.runtime.retry(job.job_id))
        assert (error.reason, error.metadata["job_id"]) == ("INVALID_TRANSITION", job.job_id)
        assert error.metadata["state"] == "RUNNING"
        await rig.runtime.cancel(job.job_id)
        await rig.runtime.wait(job.job_id)
        await rig.runtime.cancel((await rig.runtime.retry(job.job_id)).job_id)

    async def test_a_job_that_is_not_there_is_not_retried(self, rig: Rig) -> None:
        error = await refusal(rig.runtime.retry("job-00000000000000000000000000"))
        assert error.reason == "JOB_NOT_FOUND"

    async def test_one_key_gives_one_retry(self, rig: Rig) -> None:
        jobs = [await rig.runtime.wait((await rig.runtime.execute(*rig.printing(1))).job_id) for _ in range(2)]
        first = await rig.runtime.retry(jobs[0].job_id, idempotency_key="retry")
        assert (await rig.runtime.retry(jobs[0].job_id, idempotency_key="retry")).job_id == first.job_id
        assert (await rig.runtime.retry(jobs[0].job_id)).job_id != first.job_id
        error = await refusal(rig.runtime.retry(jobs[1].job_id, idempotency_key="retry"))
        assert (error.reason, error.metadata["first_job"]) == ("IDEMPOTENCY_KEY_REUSED", first.job_id)

    async def test_a_retry_that_pins_the_tool_runs_that_tool_or_none(self, rig: Rig) -> None:
        first = await rig.runtime.wait((await rig.runtime.execute(*rig.printing(1))).job_id)
        again = await rig.runtime.retry(first.job_id, tool_digest=first.tool_digest)
        assert again.tool_digest == first.tool_digest
        error = await refusal(rig.runtime.retry(first.job_id, tool_digest="sha256:" + "0" * 64))
        assert (error.reason, error.metadata["current"]) == ("MANIFEST_CHANGED", first.tool_digest)

    async def test_a_feature_that_the_runtime_lacks_is_named_in_the_refusal(self, rig: Rig) -> None:
        call = rig.runtime.execute(*rig.printing(1), required_features=["no.such"])
        error = await refusal(call)
        assert (error.reason, error.metadata["capability"]) == ("CAPABILITY_MISSING", "no.such")
