"""A request reaches its program, or is refused with its reason and with all that is wrong with it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, JobState, ListJobsRequest, SkillExecuteRequest
from domed.config import Config
from packages.domed.tests.runtime.conftest import refusal, violations
from packages.domed.tests.runtime_suite import Running, running


async def test_validate_only_stores_nothing(dome: Running) -> None:
    answer = await dome.stub.skill_execute(SkillExecuteRequest(skill_id="user.hello", validate_only=True))
    assert answer.job is None
    assert answer.request_digest.startswith("sha256:")
    assert (await dome.stub.list_jobs(ListJobsRequest())).jobs == []


@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        ({"skill_id": "user.helo"}, Status.NOT_FOUND, "SKILL_NOT_FOUND"),
        ({"skill_id": "writing_commits"}, Status.FAILED_PRECONDITION, "NOT_RUNNABLE"),
        ({"skill_id": "user.untrusted"}, Status.FAILED_PRECONDITION, "TOOL_UNTRUSTED"),
        ({"skill_id": "user.hello", "tool_version": "9.0.0"}, Status.FAILED_PRECONDITION, "MANIFEST_CHANGED"),
        ({"skill_id": "user.hello", "tool_digest": "sha256:0"}, Status.FAILED_PRECONDITION, "MANIFEST_CHANGED"),
        (
            {"skill_id": "user.limited", "constraints": ExecuteConstraints(output_bytes_max=1001)},
            Status.INVALID_ARGUMENT,
            "CONSTRAINT_LOOSENED",
        ),
        (
            {"skill_id": "user.limited", "constraints": ExecuteConstraints(grace=timedelta(seconds=1))},
            Status.INVALID_ARGUMENT,
            "CONSTRAINT_LOOSENED",
        ),
        ({"skill_id": "user.here", "working_directory": "rel"}, Status.INVALID_ARGUMENT, "WORKING_DIRECTORY_INVALID"),
        ({"skill_id": "user.here", "working_directory": "/no/x"}, Status.INVALID_ARGUMENT, "WORKING_DIRECTORY_INVALID"),
        (
            {"skill_id": "user.hello", "constraints": ExecuteConstraints(output_bytes_max=2**53)},
            Status.INVALID_ARGUMENT,
            "INVALID_REQUEST",
        ),
        (
            {"skill_id": "user.hello", "input": b"{" + b" " * 9_000_000 + b"}"},
            Status.INVALID_ARGUMENT,
            "TOO_LARGE",
        ),
    ],
)
async def test_a_request_is_refused_with_its_reason(
    dome: Running, request_: dict[str, Any], status: Status, reason: str
) -> None:
    found = await refusal(dome.stub.skill_execute(SkillExecuteRequest(**request_)))
    assert found[:2] == (status, reason)
    assert (await dome.stub.list_jobs(ListJobsRequest())).jobs == []


async def test_an_unknown_tool_is_answered_with_similar_ones(dome: Running) -> None:
    with pytest.raises(GRPCError, match=r"user\.hello"):
        await dome.execute("user.helo")


async def test_all_faults_of_a_request_are_named_at_once(dome: Running) -> None:
    wrong = SkillExecuteRequest(
        priority=101,
        input_media_type="text/plain",
        idempotency_key="ü",
        labels={"": "x"},
        correlation=Correlation(run_id="no run", parent_job_id="no job", traceparent="00-0-0-0"),
    )
    assert await violations(dome.stub.skill_execute(wrong)) == [
        "skill_id",
        "input_media_type",
        "idempotency_key",
        "priority",
        "labels/",
        "correlation.run_id",
        "correlation.parent_job_id",
        "correlation.traceparent",
    ]


async def test_an_input_that_breaks_the_schema_is_named_by_pointer(dome: Running) -> None:
    assert await violations(dome.execute("user.hello", {"count": "x"})) == ["input/count"]
    assert await violations(dome.stub.skill_execute(SkillExecuteRequest(skill_id="user.hello", input=b"{"))) == [
        "input"
    ]


async def test_what_the_tool_does_not_take_from_callers_is_refused(dome: Running) -> None:
    assert await violations(dome.execute("user.variable", environment={"LD_PRELOAD": "x"})) == [
        "environment/LD_PRELOAD"
    ]
    assert await violations(dome.execute("user.here")) == ["working_directory"]


async def test_environment_and_directory_reach_the_program(dome: Running, tmp_path: Path) -> None:
    said = (await dome.execute("user.variable", environment={"GREETING": "hi"})).job_id
    assert any(event.output and event.output.data == b"hi\n" for event in await dome.events(said))
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    job = await dome.execute("user.here", working_directory=str(tmp_path / "link"))
    assert job.working_directory == str(tmp_path / "there")
    data = f"{tmp_path}/there\n".encode()
    assert any(event.output and event.output.data == data for event in await dome.events(job.job_id))


async def test_a_full_queue_refuses_by_name(config: Config) -> None:
    async with running(replace(config, parallel_jobs_max=1, queued_jobs_max=1)) as dome:
        first = (await dome.execute("user.hang")).job_id
        await dome.reached(first, JobState.RUNNING)
        await dome.execute("user.hang")
        status, reason, metadata = await refusal(dome.execute("user.hang"))
    assert (status, reason, metadata["limit"]) == (Status.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", "queued_jobs_max")
