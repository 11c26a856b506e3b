"""A retry is the request of a job that has ended, once more: what it takes from that job, and when it is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.canonical import digest_bytes
from dome_contracts.google.rpc import BadRequest, ErrorInfo
from dome_contracts.runtime.v1 import (
    Correlation,
    ExecuteConstraints,
    Job,
    JobState,
    ListCapabilitiesRequest,
    LockWait,
    SkillExecuteRequest,
    TrustToolRequest,
)
from domed.config import Config
from domed.store.port import RefusalQuery
from packages.domed.tests.runtime_suite import INPUT_SCHEMA, Running, a_config, kinds, running, write_tool

UNKNOWN = "job-00000000000000000000000000"
TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    tools = tmp_path / "tools"
    write_tool(tools, "user.hello", "cat; pwd")
    write_tool(tools, "user.count", "wc -c")
    (tools / "user.count" / "input.json").write_text(json.dumps({**INPUT_SCHEMA, **TEXT}))
    write_tool(tools, "user.variable", 'echo "$GREETING"', environment={"from_caller": ["GREETING"]})
    write_tool(tools, "user.hang", "echo up; exec sleep 60")
    return a_config(tmp_path)


@pytest.fixture
async def dome(config: Config) -> AsyncIterator[Running]:
    async with running(config) as made:
        yield made


async def refusal(awaitable: Any) -> tuple[Status, str, dict[str, str]]:
    with pytest.raises(GRPCError) as caught:
        await awaitable
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    return caught.value.status, info.reason, info.metadata


async def violations(awaitable: Any) -> list[str]:
    with pytest.raises(GRPCError) as caught:
        await awaitable
    [found] = [detail for detail in caught.value.details if isinstance(detail, BadRequest)]
    return [violation.field for violation in found.field_violations]


async def retry(dome: Running, job: Job, **fields: Any) -> Job:
    return await dome.execute("", retry_of_job_id=job.job_id, **fields)


async def said(dome: Running, job: Job) -> bytes:
    return b"".join(event.output.data for event in await dome.events(job.job_id) if event.output)


async def test_input_and_working_directory_are_those_of_the_job(dome: Running, tmp_path: Path) -> None:
    first = await dome.execute("user.hello", {"count": 3}, working_directory=str(tmp_path))
    again = await retry(dome, await dome.ended(first.job_id))
    assert await said(dome, again) == b'{"count": 3}' + f"{tmp_path}\n".encode()
    ended = await dome.status(again.job_id)
    assert (ended.skill_id, ended.retry_of_job_id) == ("user.hello", first.job_id)
    assert ended.working_directory == str(tmp_path)


async def test_no_input_stays_no_input(dome: Running) -> None:
    first = await dome.ended((await dome.execute("user.hello")).job_id)
    again = await dome.ended((await retry(dome, first)).job_id)
    assert first.provenance is not None
    assert again.provenance is not None
    assert again.provenance.input_hash == first.provenance.input_hash == digest_bytes(b"")


async def test_an_input_of_8_mib_is_read_from_the_store(dome: Running) -> None:
    text = {"text": "x" * (8 * 1024 * 1024 - 100)}
    first = await dome.ended((await dome.execute("user.count", text)).job_id)
    assert await said(dome, await retry(dome, first)) == f"{len(json.dumps(text))}\n".encode()


async def test_environment_limits_labels_and_priority_are_those_of_the_job(dome: Running) -> None:
    limits = ExecuteConstraints(deadline=timedelta(seconds=50), grace=timedelta(seconds=1), output_bytes_max=99)
    first = await dome.execute(
        "user.variable", environment={"GREETING": "hi"}, priority=7, labels={"a": "1", "b": "2"}, constraints=limits,
        lock_wait=LockWait.REFUSE,
    )  # fmt: skip
    await dome.ended(first.job_id)
    again = await retry(dome, first, labels={"b": "3"}, constraints=ExecuteConstraints(grace=timedelta(seconds=0.5)))
    assert (again.priority, again.labels) == (7, {"a": "1", "b": "3"})
    assert await said(dome, again) == b"hi\n"
    accepted = (await dome.daemon.ledger.job(again.job_id)).submission  # type: ignore[arg-type]
    assert (accepted.deadline, accepted.grace, accepted.output_bytes_max) == (
        timedelta(seconds=50), timedelta(seconds=0.5), 99,
    )  # fmt: skip
    assert accepted.lock_wait is LockWait.REFUSE


async def test_labels_are_no_more_than_a_job_can_have_with_those_of_the_job(dome: Running) -> None:
    first = await dome.execute("user.hello", labels={f"a{number}": "" for number in range(31)})
    await dome.ended(first.job_id)
    assert await violations(retry(dome, first, labels={"b": "", "c": ""})) == ["labels"]
    assert len((await retry(dome, first, labels={"a1": "other", "b": ""})).labels) == 32


async def test_the_work_stays_the_same_and_the_job_is_its_parent(dome: Running) -> None:
    work = Correlation(run_id="run-1", task_id="task", group_id="first", work_package_id="WP1", client_call_id="c1")
    first = await dome.ended((await dome.execute("user.hello", correlation=work)).job_id)
    again = await retry(dome, first, correlation=Correlation(group_id="second", client_call_id="c2"))
    assert again.correlation == Correlation(
        run_id="run-1", task_id="task", group_id="second", work_package_id="WP1", parent_job_id=first.job_id,
        client_call_id="c2",
    )  # fmt: skip
    named = await retry(dome, first, correlation=Correlation(run_id="run-2", parent_job_id=UNKNOWN))
    assert named.correlation is not None
    assert (named.correlation.run_id, named.correlation.parent_job_id) == ("run-2", UNKNOWN)


async def test_the_tool_is_the_one_of_today_unless_it_is_pinned(dome: Running, tmp_path: Path) -> None:
    first = await dome.ended((await dome.execute("user.hello")).job_id)
    (tmp_path / "tools/user.hello/run.sh").write_text("echo changed")
    status, reason, found = await refusal(retry(dome, first))
    assert (status, reason) == (Status.FAILED_PRECONDITION, "TOOL_UNTRUSTED")
    await dome.stub.trust_tool(TrustToolRequest(tool_id="user.hello", tool_digest=found["digest"]))
    again = await retry(dome, first)
    assert again.tool_digest == found["digest"] != first.tool_digest
    assert await said(dome, again) == b"changed\n"
    status, reason, metadata = await refusal(retry(dome, first, tool_digest=first.tool_digest))
    assert (status, reason) == (Status.FAILED_PRECONDITION, "MANIFEST_CHANGED")
    assert metadata["current"] == found["digest"]


async def test_what_the_tool_no_longer_takes_is_refused(dome: Running, tmp_path: Path) -> None:
    first = await dome.ended((await dome.execute("user.hello", {"count": 3})).job_id)
    schema = tmp_path / "tools/user.hello/input.json"
    schema.write_text(schema.read_text().replace('"minimum": 1', '"minimum": 4'))
    _, _, found = await refusal(retry(dome, first))
    await dome.stub.trust_tool(TrustToolRequest(tool_id="user.hello", tool_digest=found["digest"]))
    assert await violations(retry(dome, first)) == ["input/count"]


async def test_a_job_that_has_not_ended_is_not_retried(dome: Running) -> None:
    job = await dome.reached((await dome.execute("user.hang")).job_id, JobState.RUNNING)
    status, reason, metadata = await refusal(retry(dome, job))
    assert (status, reason) == (Status.FAILED_PRECONDITION, "INVALID_TRANSITION")
    assert metadata == {"job_id": job.job_id, "state": "RUNNING", "fact": "a retry"}


async def test_an_unknown_job_and_a_text_that_is_none_are_not_found(dome: Running) -> None:
    for name in (UNKNOWN, "nonsense"):
        call = dome.execute("", retry_of_job_id=name)
        assert (await refusal(call))[:2] == (Status.NOT_FOUND, "JOB_NOT_FOUND")


async def test_what_the_job_decides_must_be_left_out(dome: Running) -> None:
    first = await dome.ended((await dome.execute("user.hello")).job_id)
    request = SkillExecuteRequest(
        retry_of_job_id=first.job_id, skill_id="user.hello", input=b"{}", input_media_type="application/json",
        working_directory="/", environment={"A": "1"},
    )  # fmt: skip
    found = await violations(dome.stub.skill_execute(request))
    assert found == ["skill_id", "input", "input_media_type", "working_directory", "environment"]


async def test_a_directory_that_is_gone_is_refused(dome: Running, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    first = await dome.ended((await dome.execute("user.hello", working_directory=str(place))).job_id)
    place.rmdir()
    assert (await refusal(retry(dome, first)))[1] == "WORKING_DIRECTORY_INVALID"


async def test_an_input_that_retention_removed_is_gone_and_a_retry_from_before_is_found(config: Config) -> None:
    async with running(config) as dome:
        first = await dome.ended((await dome.execute("user.hello")).job_id)
        before = await retry(dome, first, idempotency_key="before")
        await dome.ended(before.job_id)
    limits = replace(config.retention, output_jobs_max=1)
    async with running(replace(config, retention=limits)) as dome:
        await dome.daemon.retention.sweep()
        status, reason, metadata = await refusal(retry(dome, first))
        assert (status, reason, metadata) == (Status.FAILED_PRECONDITION, "INPUT_GONE", {"job_id": first.job_id})
        assert (await retry(dome, first, idempotency_key="before")).job_id == before.job_id
        assert (await retry(dome, before)).state is JobState.QUEUED


async def test_a_refused_retry_is_audited_with_its_tool_and_uses_no_key_up(dome: Running, tmp_path: Path) -> None:
    first = await dome.ended((await dome.execute("user.hello")).job_id)
    script = tmp_path / "tools/user.hello/run.sh"
    text = script.read_text()
    script.write_text("echo changed")
    await refusal(retry(dome, first, idempotency_key="k"))
    (audited,) = await dome.daemon.store.refusals(RefusalQuery())
    assert audited.skill_id == "user.hello"
    script.write_text(text)
    assert (await retry(dome, first, idempotency_key="k")).retry_of_job_id == first.job_id


async def test_validate_only_checks_a_retry_and_stores_nothing(dome: Running) -> None:
    first = await dome.ended((await dome.execute("user.hello")).job_id)
    request = SkillExecuteRequest(retry_of_job_id=first.job_id, validate_only=True)
    answer = await dome.stub.skill_execute(request)
    assert answer.job is None
    assert answer.request_digest.startswith("sha256:")
    call = dome.stub.skill_execute(replace(request, tool_version="9.9.9"))
    assert (await refusal(call))[1] == "MANIFEST_CHANGED"


async def test_a_retry_survives_a_restart_with_what_it_retries(config: Config) -> None:
    async with running(config) as dome:
        first = await dome.ended((await dome.execute("user.hello")).job_id)
        again = await dome.ended((await retry(dome, first)).job_id)
    async with running(config) as dome:
        assert await dome.status(again.job_id) == again
        events = await dome.events(again.job_id)
        assert kinds(events)[0] == "submitted"
        assert events[0].submitted is not None
        assert events[0].submitted.retry_of_job_id == first.job_id


async def test_a_feature_that_is_required_is_there_or_named(dome: Running) -> None:
    flags = (await dome.stub.list_capabilities(ListCapabilitiesRequest())).feature_flags
    assert "job.retry" in flags
    assert (await dome.execute("user.hello", required_features=flags)).job_id
    status, reason, metadata = await refusal(dome.execute("user.hello", required_features=[*flags, "no.such"]))
    assert (status, reason, metadata) == (Status.FAILED_PRECONDITION, "CAPABILITY_MISSING", {"capability": "no.such"})
    for many in (["x"] * 33, ["x" * 257]):
        assert await violations(dome.execute("user.hello", required_features=many)) == ["required_features"]
