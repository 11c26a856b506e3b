"""The suite that every runtime passes: the fake, and a daemon through the client.

Subclass `RuntimeConformance` in a test module and give it a fixture `rig`.
"""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from functools import reduce

from dome_client.client import TERMINAL
from dome_client.testing.retries import RetryConformance
from dome_client.testing.rig import Request, Rig, changes_to_the_end, collect, output, read, refusal, until_ready
from dome_contracts import chain
from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import of_outcome
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Artifact, ArtifactProduced, JobEvent, JobState, OutputStream, ToolTrust

__all__ = ("Request", "Rig", "RuntimeConformance")


class RuntimeConformance(RetryConformance):
    """What a client may rely on."""

    async def test_a_job_is_accepted_in_queued_and_ends_in_succeeded(self, rig: Rig) -> None:
        accepted = await rig.runtime.execute(*rig.printing(3))
        assert accepted.state is JobState.QUEUED
        ended = await rig.runtime.wait(accepted.job_id)
        assert ended.state is JobState.SUCCEEDED
        assert ended.outcome is not None
        assert ended.outcome.exit_code == 0
        assert ended.outcome.failure_reason_code == "NONE"

    async def test_events_count_from_1_without_gaps_and_end_with_the_only_terminal_one(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.printing(50))
        events = await collect(rig, job.job_id)
        position = 0
        for event in events:
            assert event.seq == position + 1
            assert event.last_seq >= event.seq
            position = event.last_seq
        assert events[0].submitted is not None
        assert [event.finished is not None for event in events] == [False] * (len(events) - 1) + [True]

    async def test_output_pages_joined_are_what_the_program_wrote(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.printing(50))
        assert output(await collect(rig, job.job_id)) == b"".join(b"line %d\n" % n for n in range(1, 51))

    async def test_every_position_is_a_place_to_resume_from(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.printing(5))
        whole = await collect(rig, job.job_id)
        for since_seq in range(whole[-1].last_seq + 1):
            rest = await collect(rig, job.job_id, since_seq=since_seq)
            assert [event.seq for event in rest][:1] == ([since_seq + 1] if since_seq < whole[-1].last_seq else [])
            assert (rest[-1].finished is not None) if rest else since_seq == whole[-1].last_seq

    async def test_the_stored_bytes_give_the_head_that_the_end_holds(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.printing(5))
        await rig.runtime.wait(job.job_id)
        async with aclosing(rig.runtime.stored_events(job.job_id)) as events:
            *before, last = [data async for data in events]
        finished = JobEvent.parse(last).finished
        assert finished is not None
        assert finished.chain_head == reduce(chain.link, before, chain.genesis(JobId(job.job_id)))

    async def test_resuming_beyond_the_end_of_an_ended_job_is_refused(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.printing(1))
        ended = await rig.runtime.wait(job.job_id)
        error = await refusal(collect(rig, job.job_id, since_seq=ended.last_seq + 1))
        assert (error.reason, error.metadata["latest"]) == ("SEQ_AHEAD", str(ended.last_seq))

    async def test_a_failure_keeps_its_exit_code_and_its_words(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.failing(7))
        ended = await rig.runtime.wait(job.job_id)
        assert ended.state is JobState.FAILED
        assert ended.outcome is not None
        assert of_outcome(ended.outcome.cause.name, exit_code=ended.outcome.exit_code) == 7
        assert output(await collect(rig, job.job_id), OutputStream.STDERR) == b"oops\n"

    async def test_the_same_key_and_request_give_the_same_job(self, rig: Rig) -> None:
        first = await rig.runtime.execute(*rig.printing(1), idempotency_key="same")
        again = await rig.runtime.execute(*rig.printing(1), idempotency_key="same")
        assert again.job_id == first.job_id

    async def test_the_same_key_with_another_input_is_refused_and_names_both_digests(self, rig: Rig) -> None:
        first = await rig.runtime.execute(*rig.printing(1), idempotency_key="reused")
        error = await refusal(rig.runtime.execute(*rig.printing(2), idempotency_key="reused"))
        assert error.reason == "IDEMPOTENCY_KEY_REUSED"
        assert error.metadata["first_job"] == first.job_id
        assert error.metadata["first_digest"] == first.request_digest != error.metadata["this_digest"]

    async def test_an_unknown_tool_and_an_unknown_job_are_refused_with_a_remedy(self, rig: Rig) -> None:
        tool = await refusal(rig.runtime.execute("no.such", {}))
        job = await refusal(rig.runtime.status("job-00000000000000000000000000"))
        assert (tool.reason, job.reason) == ("SKILL_NOT_FOUND", "JOB_NOT_FOUND")
        assert tool.remedy
        assert job.remedy

    async def test_a_tool_runs_as_long_as_its_digest_is_approved(self, rig: Rig) -> None:
        tool_id, tool_input = rig.untrusted()
        await rig.runtime.untrust(tool_id)
        described = await rig.runtime.tool(tool_id)
        assert described.summary is not None
        digest = described.summary.tool_digest
        error = await refusal(rig.runtime.execute(tool_id, tool_input))
        assert (error.reason, error.metadata["digest"]) == ("TOOL_UNTRUSTED", digest)
        assert error.metadata["command"] == f"dome tools trust {tool_id} --digest {digest}"
        assert (await rig.runtime.trust(tool_id, digest)).trust is ToolTrust.TRUSTED
        assert [(each.tool_id, each.tool_digest) for each in await rig.runtime.approvals()] == [(tool_id, digest)]
        ended = await rig.runtime.wait((await rig.runtime.execute(tool_id, tool_input)).job_id)
        assert ended.state is JobState.SUCCEEDED
        answer = await rig.runtime.untrust(tool_id)
        assert [each.tool_digest for each in answer.revoked] == [digest]
        assert answer.tool is not None
        assert answer.tool.trust is ToolTrust.UNTRUSTED
        assert await rig.runtime.approvals() == []
        assert (await refusal(rig.runtime.execute(tool_id, tool_input))).reason == "TOOL_UNTRUSTED"

    async def test_a_digest_that_the_tool_does_not_have_is_not_approved(self, rig: Rig) -> None:
        tool_id, _ = rig.untrusted()
        error = await refusal(rig.runtime.trust(tool_id, "sha256:" + "0" * 64))
        assert error.reason == "MANIFEST_CHANGED"
        assert (await refusal(rig.runtime.trust("no.such", "sha256:" + "0" * 64))).reason == "SKILL_NOT_FOUND"

    async def test_a_cancelled_job_ends_as_canceled_and_cancelling_again_changes_nothing(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.endless())
        await until_ready(rig, job.job_id)
        asked = await rig.runtime.cancel(job.job_id, reason="enough")
        assert asked.cancel_requested
        ended = await rig.runtime.wait(job.job_id)
        assert ended.state is JobState.CANCELED
        assert (await rig.runtime.cancel(job.job_id)).last_seq == ended.last_seq

    async def test_events_without_follow_end_while_the_job_runs(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.endless())
        await until_ready(rig, job.job_id)
        events = await collect(rig, job.job_id, follow=False)
        assert output(events) == b"ready\n"
        assert events[-1].finished is None
        await rig.runtime.cancel(job.job_id)

    async def test_jobs_are_listed_newest_first_and_by_state_and_label(self, rig: Rig) -> None:
        made = [await rig.runtime.execute(*rig.printing(1), labels={"suite": str(n)}) for n in range(3)]
        for job in made:
            await rig.runtime.wait(job.job_id)
        listed = [job.job_id for job in await rig.runtime.jobs(limit=3)]
        assert listed == [job.job_id for job in reversed(made)]
        labelled = await rig.runtime.jobs(labels={"suite": "1"})
        assert [job.job_id for job in labelled] == [made[1].job_id]
        assert all(job.state in TERMINAL for job in await rig.runtime.jobs(states=[JobState.SUCCEEDED]))

    async def test_a_watch_after_a_listing_shows_each_change_of_a_job_once_and_in_order(self, rig: Rig) -> None:
        before = (await rig.runtime.listing(limit=1)).revision
        job = await rig.runtime.wait((await rig.runtime.execute(*rig.printing(3))).job_id)
        assert job.correlation is not None
        whole = await changes_to_the_end(rig, since_revision=before, run_id=job.correlation.run_id)
        states = [change.job.state for change in whole if change.job is not None]
        assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
        assert before < whole[0].revision < whole[1].revision < whole[2].revision
        assert whole[2].job == replace(job, outcome=job.outcome and replace(job.outcome, result=b""))
        for position, change in enumerate(whole[:2], start=1):
            rest = await changes_to_the_end(rig, since_revision=change.revision, run_id=job.correlation.run_id)
            assert rest == whole[position:]

    async def test_a_watch_sees_what_happens_after_it_began(self, rig: Rig) -> None:
        before = (await rig.runtime.listing(limit=1)).revision
        async with aclosing(rig.runtime.watch(since_revision=before, labels={"suite": "watched"})) as changes:
            seen = asyncio.ensure_future(anext(changes))
            await rig.runtime.wait((await rig.runtime.execute(*rig.printing(1))).job_id)
            assert not seen.done()
            job = await rig.runtime.execute(*rig.printing(1), labels={"suite": "watched"})
            change = await seen
            assert change.job is not None
            assert (change.job.job_id, change.job.state) == (job.job_id, JobState.QUEUED)

    async def test_watching_from_a_revision_that_the_store_has_not_reached_is_refused(self, rig: Rig) -> None:
        latest = (await rig.runtime.listing(limit=1)).revision
        error = await refusal(changes_to_the_end(rig, since_revision=latest + 1000))
        assert error.reason == "EVENTS_GONE"

    async def test_an_artifact_is_a_fact_before_the_end_and_is_read_by_its_digest(self, rig: Rig) -> None:
        data = b"0123456789" * 50
        job = await rig.runtime.execute(*rig.producing("report.txt", data))
        ended = await rig.runtime.wait(job.job_id)
        events = await collect(rig, job.job_id)
        artifact = Artifact(name="report.txt", digest=digest_bytes(data), size_bytes=500, media_type="text/plain")
        assert ended.artifacts == [artifact]
        assert [event.artifact_produced for event in events if event.artifact_produced is not None] == [
            ArtifactProduced(artifact=artifact)
        ]
        for offset in (0, 1, 499, 500):
            assert await read(rig, artifact.digest, offset) == data[offset:]

    async def test_an_artifact_of_no_bytes_is_one(self, rig: Rig) -> None:
        job = await rig.runtime.execute(*rig.producing("empty", b""))
        (artifact,) = (await rig.runtime.wait(job.job_id)).artifacts
        assert artifact.size_bytes == 0
        assert await read(rig, artifact.digest) == b""

    async def test_an_unknown_artifact_and_an_offset_beyond_the_end_are_refused(self, rig: Rig) -> None:
        unknown = await refusal(read(rig, digest_bytes(b"nobody made this")))
        assert (unknown.reason, bool(unknown.remedy)) == ("ARTIFACT_NOT_FOUND", True)
        await rig.runtime.wait((await rig.runtime.execute(*rig.producing("short", b"short"))).job_id)
        beyond = await refusal(read(rig, digest_bytes(b"short"), 6))
        assert (beyond.reason, beyond.metadata["field"]) == ("INVALID_REQUEST", "offset")

    async def test_tools_are_ordered_and_each_can_be_described(self, rig: Rig) -> None:
        listing = await rig.runtime.tools()
        ids = [tool.tool_id for tool in listing.tools]
        assert ids == sorted(ids)
        assert rig.printing(1)[0] in ids
        for tool in listing.tools:
            assert (await rig.runtime.tool(tool.tool_id)).summary == tool
