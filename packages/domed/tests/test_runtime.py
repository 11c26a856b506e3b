"""What the daemon promises, over memory and over a socket: the same calls, the same answers."""

import asyncio
import importlib.util
import json
import os
import py_compile
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from betterproto2 import Message
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.google.rpc import BadRequest, ErrorInfo
from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    Correlation,
    ExecuteConstraints,
    GetJobStatusRequest,
    GetToolRequest,
    Job,
    JobState,
    ListCapabilitiesRequest,
    ListJobsRequest,
    ListLocksRequest,
    ListToolsRequest,
    LockWait,
    OutcomeCause,
    Permission,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    ToolKind,
    ToolTrust,
)
from domed.catalog.live import GIVEN_MAX
from domed.config import Config
from packages.domed.tests.runtime_suite import Running, a_config, kinds, running, write_document, write_tool

HELLO = "echo hello; echo oops >&2"
HANG = "echo up; exec sleep 60"
LARGE_RESULT = """
{
    printf '{"type":"result","value":{"text":"'
    head -c 8388000 /dev/zero | tr '\\0' x
    printf '"}}'
} >"/dev/fd/$DOME_CHANNEL_FD"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    tools = tmp_path / "tools"
    write_tool(tools, "user.hello", HELLO)
    write_tool(tools, "user.hang", HANG)
    write_tool(tools, "user.locked", HANG, locks=["port"])
    write_tool(tools, "user.here", "pwd", working_directory="required")
    write_tool(tools, "user.variable", 'echo "$GREETING"', environment={"from_caller": ["GREETING"]})
    write_tool(tools, "user.limited", HELLO, limits={"grace_s": 0.5, "output_bytes_max": 1000})
    write_tool(tools, "user.untrusted", HELLO)
    write_tool(tools, "user.once", HELLO)
    write_tool(tools, "user.result", 'echo \'{"type": "result", "value": {"n": 1}}\' >"/dev/fd/$DOME_CHANNEL_FD"')
    write_tool(tools, "user.large", LARGE_RESULT)
    write_tool(tools, "user.sourcing", '. "${0%/*}/part.sh"')
    (tools / "user.sourcing" / "part.sh").write_text("echo good")
    by_python = {"backend": "local-process", "command": ["{python}", "{tool}/main.py"]}
    isolated = {"backend": "local-process", "command": ["{python}", "-I", "-B", "{tool}/main.py"]}
    start = "import os, sys; sys.path.insert(0, os.path.dirname(__file__)); import part"
    for tool_id, executor in (("user.python", by_python), ("user.isolated", isolated)):
        write_tool(tools, tool_id, "", executor=executor)
        (tools / tool_id / "main.py").write_text(start)
        (tools / tool_id / "part.py").write_text("print('good')")
    write_tool(tools, "user.lines", "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done")
    write_document(tools, "writing_commits")
    return a_config(tmp_path)


@pytest.fixture(params=["memory", "socket"])
async def dome(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Running]:
    async with running(config, over=request.param) as made:
        yield made


async def refusal(awaitable: Any) -> tuple[Status, str, dict[str, str]]:
    with pytest.raises(GRPCError) as caught:
        async with asyncio.timeout(20):
            await awaitable
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    assert info.domain == "dome.runtime"
    return caught.value.status, info.reason, info.metadata


async def violations(awaitable: Any) -> list[str]:
    with pytest.raises(GRPCError) as caught:
        await awaitable
    [found] = [detail for detail in caught.value.details if isinstance(detail, BadRequest)]
    return [violation.field for violation in found.field_violations]


async def test_a_job_is_accepted_run_and_recorded(dome: Running) -> None:
    accepted = await dome.execute("user.hello", labels={"a": "b"}, priority=5)
    assert accepted.state is JobState.QUEUED
    assert accepted.last_seq == 1
    assert accepted.correlation is not None
    assert accepted.correlation.run_id.startswith("run-")
    events = await dome.events(accepted.job_id)
    assert [event.seq for event in events] == [1, *[event.last_seq + 1 for event in events[:-1]]]
    assert kinds(events)[0] == "submitted"
    assert kinds(events)[-1] == "finished"
    assert {event.output.data for event in events if event.output} == {b"hello\n", b"oops\n"}
    job = await dome.status(accepted.job_id)
    assert job.state is JobState.SUCCEEDED
    assert job.last_seq == events[-1].last_seq
    assert (job.labels, job.priority) == ({"a": "b"}, 5)
    assert job.outcome is not None
    assert (job.outcome.cause, job.outcome.exit_code) == (OutcomeCause.EXITED, 0)
    assert job.provenance is not None
    assert job.provenance.contract_hashes.keys() == {"jsonschema", "proto"}


async def test_a_stream_resumes_after_any_seq_without_gap_or_repetition(dome: Running) -> None:
    job_id = (await dome.execute("user.lines")).job_id
    whole = await dome.events(job_id)
    last = whole[-1].last_seq
    lines = b"".join(event.output.data for event in whole if event.output).splitlines(keepends=True)
    assert len(lines) == 300
    for since in (0, 1, 2, 100, 150, last - 1):
        rest = await dome.events(job_id, since_seq=since)
        assert rest[0].seq == since + 1
        assert rest[-1].last_seq == last
        assert rest[-1].finished is not None
    assert await dome.events(job_id, since_seq=last) == []
    status, reason, metadata = await refusal(dome.events(job_id, since_seq=last + 1))
    assert (status, reason) == (Status.OUT_OF_RANGE, "SEQ_AHEAD")
    assert metadata["latest"] == str(last)


async def test_the_first_answer_comes_before_the_job_ends(dome: Running) -> None:
    job_id = (await dome.execute("user.hang")).job_id
    stream = dome.stub.stream_job_events(StreamJobEventsRequest(job_id=job_id, follow=True))
    seen: list[str] = []
    async with asyncio.timeout(20):
        while "output" not in seen:
            seen += kinds((await anext(stream)).events)
    await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))
    async with asyncio.timeout(20):
        async for answer in stream:
            seen += kinds(answer.events)
    assert seen[-1] == "finished"


async def test_suppressed_output_is_left_out_and_said_to_be(dome: Running) -> None:
    job_id = (await dome.execute("user.hello")).job_id
    answers = await dome.answers(job_id, suppress_output=True)
    events = [event for answer in answers for event in answer.events]
    assert "output" not in kinds(events)
    assert kinds(events)[-1] == "finished"
    assert any(answer.heartbeat and answer.heartbeat.output_suppressed for answer in answers)


async def test_without_follow_a_stream_ends_with_what_is_there(dome: Running) -> None:
    job_id = (await dome.execute("user.hang")).job_id
    await dome.reached(job_id, JobState.RUNNING)
    assert kinds(await dome.events(job_id, follow=False))[:2] == ["submitted", "started"]


async def test_a_running_job_is_cancelled_once(dome: Running) -> None:
    job_id = (await dome.execute("user.hang")).job_id
    await dome.reached(job_id, JobState.RUNNING)
    for _ in range(2):
        answer = await dome.stub.cancel_job(CancelJobRequest(job_id=job_id, reason="enough"))
        assert answer.job is not None
        assert answer.job.cancel_requested
    events = await dome.events(job_id)
    assert kinds(events).count("cancel_requested") == 1
    job = await dome.status(job_id)
    assert job.state is JobState.CANCELED
    late = await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))
    assert late.job is not None
    assert late.job.last_seq == job.last_seq


async def test_a_key_gives_the_first_job_and_refuses_another_request(dome: Running) -> None:
    first = await dome.execute("user.hello", {"count": 1}, idempotency_key="k")
    again = await dome.stub.skill_execute(
        SkillExecuteRequest(
            skill_id="user.hello", input=b'{"count": 1}', idempotency_key="k", labels={"not": "part of it"}
        )
    )
    assert again.deduplicated
    assert again.job is not None
    assert again.job.job_id == first.job_id
    status, reason, metadata = await refusal(dome.execute("user.hello", {"count": 2}, idempotency_key="k"))
    assert (status, reason) == (Status.FAILED_PRECONDITION, "IDEMPOTENCY_KEY_REUSED")
    assert metadata["first_job"] == first.job_id


async def change_nothing(dome: Running, tools: Path, here: Path) -> None:
    pass


async def fill_the_queue(dome: Running, tools: Path, here: Path) -> None:
    await dome.reached((await dome.execute("user.hang")).job_id, JobState.RUNNING)
    await dome.execute("user.hang")
    assert (await refusal(dome.execute("user.hang")))[1] == "LIMIT_EXCEEDED"


async def remove_the_tool(dome: Running, tools: Path, here: Path) -> None:
    shutil.rmtree(tools / "user.once")
    assert (await refusal(dome.execute("user.once")))[1] == "SKILL_NOT_FOUND"


async def edit_the_tool(dome: Running, tools: Path, here: Path) -> None:
    (tools / "user.once" / "run.sh").write_text("echo other")
    assert (await refusal(dome.execute("user.once")))[1] == "TOOL_UNTRUSTED"


async def narrow_the_input(dome: Running, tools: Path, here: Path) -> None:
    (tools / "user.once" / "input.json").write_text('{"type": "object", "maxProperties": 0}')


async def reject_the_tool(dome: Running, tools: Path, here: Path) -> None:
    (tools / "user.once" / "tool.yaml").write_text("no mapping")


async def remove_the_directory(dome: Running, tools: Path, here: Path) -> None:
    os.rmdir(here)
    status, reason, _ = await refusal(dome.execute("user.once", working_directory=str(here)))
    assert (status, reason) == (Status.INVALID_ARGUMENT, "WORKING_DIRECTORY_INVALID")


@pytest.mark.parametrize("over", ["memory", "socket"])
@pytest.mark.parametrize(
    "change",
    [
        change_nothing,
        fill_the_queue,
        remove_the_tool,
        edit_the_tool,
        narrow_the_input,
        reject_the_tool,
        remove_the_directory,
    ],
)
async def test_a_retry_finds_its_job_whatever_has_happened_since(
    config: Config, tmp_path: Path, over: str, change: Callable[[Running, Path, Path], Awaitable[None]]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    asked: dict[str, Any] = {
        "skill_id": "user.once",
        "input": b'{"count": 1}',
        "idempotency_key": "k",
        "working_directory": str(here),
    }
    async with running(replace(config, parallel_jobs_max=1, queued_jobs_max=1), over=over) as dome:
        first = (await dome.stub.skill_execute(SkillExecuteRequest(**asked))).job
        assert first is not None
        await dome.ended(first.job_id)
        await change(dome, tmp_path / "tools", here)
        again = await dome.stub.skill_execute(SkillExecuteRequest(**asked))
        assert again.deduplicated
        assert again.job is not None
        assert (again.job.job_id, again.job.state) == (first.job_id, JobState.SUCCEEDED)
        checked = await dome.stub.skill_execute(SkillExecuteRequest(**asked, validate_only=True))
        assert (checked.job, checked.request_digest) == (None, again.request_digest)
        for validate_only in (False, True):
            other = SkillExecuteRequest(**{**asked, "input": b'{"count": 2}'}, validate_only=validate_only)
            status, reason, metadata = await refusal(dome.stub.skill_execute(other))
            assert (status, reason) == (Status.FAILED_PRECONDITION, "IDEMPOTENCY_KEY_REUSED")
            assert metadata["first_job"] == first.job_id
            assert metadata["first_digest"] == again.request_digest


async def test_a_retry_finds_its_job_when_trust_is_gone(config: Config) -> None:
    async with running(config) as dome:
        first = await dome.execute("user.hello", idempotency_key="k")
        await dome.ended(first.job_id)
    async with running(replace(config, trusted_digests=frozenset())) as dome:
        assert (await dome.execute("user.hello", idempotency_key="k")).job_id == first.job_id
        assert (await refusal(dome.execute("user.hello", idempotency_key="other")))[1] == "TOOL_UNTRUSTED"


async def test_a_retry_while_the_first_request_fills_the_queue_finds_its_job(config: Config) -> None:
    async with running(replace(config, parallel_jobs_max=1, queued_jobs_max=1)) as dome:
        await dome.reached((await dome.execute("user.hang")).job_id, JobState.RUNNING)
        jobs = await asyncio.gather(*(dome.execute("user.hang", idempotency_key="k") for _ in range(16)))
        assert len({job.job_id for job in jobs}) == 1


async def test_a_file_beside_the_program_is_part_of_what_was_approved(dome: Running, tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "user.sourcing"
    said = (await dome.execute("user.sourcing")).job_id
    assert any(event.output and event.output.data == b"good\n" for event in await dome.events(said))
    (folder / "part.sh").write_text("echo evil")
    assert (await refusal(dome.execute("user.sourcing")))[:2] == (Status.FAILED_PRECONDITION, "TOOL_UNTRUSTED")


def plant(folder: Path) -> None:
    """A compiled file that says otherwise than its source, and that Python takes without a look at the source."""
    part = folder / "part.py"
    part.write_text("print('evil')")
    py_compile.compile(
        str(part),
        importlib.util.cache_from_source(str(part)),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    part.write_text("print('good')")


@pytest.mark.parametrize("tool_id", ["user.python", "user.isolated"])
async def test_a_compiled_file_that_is_planted_makes_another_tool(dome: Running, tmp_path: Path, tool_id: str) -> None:
    said = (await dome.execute(tool_id)).job_id
    assert [event.output.data for event in await dome.events(said) if event.output] == [b"good\n"]
    # The run itself leaves nothing that counts.
    assert (await dome.execute(tool_id)).job_id
    plant(tmp_path / "tools" / tool_id)
    assert (await refusal(dome.execute(tool_id)))[1] == "TOOL_UNTRUSTED"


async def test_a_compiled_file_that_was_approved_with_a_tool_is_not_read(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "user.python"
    plant(folder)
    async with running(a_config(tmp_path)) as dome:
        said = (await dome.execute("user.python")).job_id
        assert [event.output.data for event in await dome.events(said) if event.output] == [b"good\n"]
    assert len(list((folder / "__pycache__").iterdir())) == 1


async def test_a_refused_request_does_not_use_its_key_up(dome: Running) -> None:
    await refusal(dome.execute("user.hello", {"count": 0}, idempotency_key="k"))
    assert (await dome.execute("user.hello", {"count": 1}, idempotency_key="k")).job_id


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


async def test_a_held_lock_is_waited_for_or_refused_as_asked(dome: Running) -> None:
    holder = (await dome.execute("user.locked")).job_id
    await dome.reached(holder, JobState.RUNNING)
    status, reason, metadata = await refusal(dome.execute("user.locked", lock_wait=LockWait.REFUSE))
    assert (status, reason) == (Status.ABORTED, "LOCK_CONFLICT")
    assert metadata == {"lock": "port", "holder_job": holder}
    waiter = (await dome.execute("user.locked")).job_id
    async with asyncio.timeout(20):
        async for answer in dome.stub.stream_job_events(StreamJobEventsRequest(job_id=waiter, follow=True)):
            if "waiting" in kinds(answer.events):
                break
    [lock] = (await dome.stub.list_locks(ListLocksRequest())).locks
    assert lock.waiter_count == 1
    assert (lock.name, lock.holder_job_id, lock.waiter_job_ids) == ("port", holder, [waiter])
    for job_id in (waiter, holder):
        await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))


async def test_of_many_at_once_that_must_not_wait_one_is_accepted_and_gets_the_lock(config: Config) -> None:
    async with running(replace(config, parallel_jobs_max=1)) as dome:
        busy = (await dome.execute("user.hang")).job_id
        await dome.reached(busy, JobState.RUNNING)  # no seat is free, so nobody holds the lock yet
        asked = [dome.execute("user.locked", lock_wait=LockWait.REFUSE) for _ in range(10)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        [accepted] = [answer.job_id for answer in answers if isinstance(answer, Job)]
        refused = [answer for answer in answers if isinstance(answer, GRPCError)]
        assert len(refused) == 9
        infos = [detail for error in refused for detail in error.details or () if isinstance(detail, ErrorInfo)]
        assert {(info.reason, info.metadata["holder_job"]) for info in infos} == {("LOCK_CONFLICT", accepted)}
        later = (await dome.execute("user.locked", priority=100)).job_id
        await dome.stub.cancel_job(CancelJobRequest(job_id=busy))
        assert (await dome.reached(accepted, JobState.RUNNING)).state is JobState.RUNNING
        for job_id in (accepted, later):
            await dome.stub.cancel_job(CancelJobRequest(job_id=job_id))


async def test_a_retry_of_a_request_that_must_not_wait_gives_its_job_and_keeps_no_lock(dome: Running) -> None:
    asked: dict[str, Any] = {"idempotency_key": "k", "lock_wait": LockWait.REFUSE}
    first = (await dome.execute("user.locked", **asked)).job_id
    assert (await dome.execute("user.locked", **asked)).job_id == first
    await dome.stub.cancel_job(CancelJobRequest(job_id=first))
    await dome.ended(first)
    assert (await dome.execute("user.locked", **asked)).job_id == first
    # The lock of the first is let go after its end is recorded; a lock that the retry had taken would stay.
    async with asyncio.timeout(10):
        while (await dome.stub.list_locks(ListLocksRequest())).locks:
            pass


async def test_a_full_queue_refuses_by_name(config: Config) -> None:
    async with running(replace(config, parallel_jobs_max=1, queued_jobs_max=1)) as dome:
        first = (await dome.execute("user.hang")).job_id
        await dome.reached(first, JobState.RUNNING)
        await dome.execute("user.hang")
        status, reason, metadata = await refusal(dome.execute("user.hang"))
    assert (status, reason, metadata["limit"]) == (Status.RESOURCE_EXHAUSTED, "LIMIT_EXCEEDED", "queued_jobs_max")


async def test_jobs_are_listed_newest_first_and_page_by_page(dome: Running) -> None:
    made = [(await dome.execute("user.hello", labels={"n": str(n % 2)})).job_id for n in range(5)]
    for job_id in made:
        await dome.ended(job_id)
    request = ListJobsRequest(page_size=2)
    found: list[str] = []
    while True:
        page = await dome.stub.list_jobs(request)
        found += [job.job_id for job in page.jobs]
        if not page.next_page_token:
            break
        request = ListJobsRequest(page_size=2, page_token=page.next_page_token)
    assert found == made[::-1]
    labelled = await dome.stub.list_jobs(ListJobsRequest(labels={"n": "1"}, states=[JobState.SUCCEEDED]))
    assert [job.job_id for job in labelled.jobs] == [made[3], made[1]]
    assert (await dome.stub.list_jobs(ListJobsRequest(skill_id="other"))).jobs == []
    token = (await dome.stub.list_jobs(ListJobsRequest(page_size=1))).next_page_token
    for wrong in (
        ListJobsRequest(page_token=token, skill_id="user.hello"),
        ListJobsRequest(page_token="nonsense"),
        ListJobsRequest(page_token="AAAA"),
    ):
        assert await violations(dome.stub.list_jobs(wrong)) == ["page_token"]
    assert await violations(dome.stub.list_jobs(ListJobsRequest(page_size=1001))) == ["page_size"]
    many = ListJobsRequest(labels={str(n): "" for n in range(33)})
    assert await violations(dome.stub.list_jobs(many)) == ["labels"]


async def test_no_answer_is_larger_than_a_client_was_told_to_be_ready_for(dome: Running) -> None:
    limits = (await dome.stub.list_capabilities(ListCapabilitiesRequest())).limits
    assert limits is not None
    accepted = await dome.execute("user.large")
    ended = await dome.ended(accepted.job_id)
    assert ended.outcome is not None
    assert 8_000_000 < len(ended.outcome.result) <= 8 * 1024 * 1024
    answers: list[Message] = [
        await dome.stub.get_job_status(GetJobStatusRequest(job_id=accepted.job_id)),
        *await dome.answers(accepted.job_id),
    ]
    sizes = [len(bytes(answer)) for answer in answers]
    assert max(sizes) > len(ended.outcome.result)
    assert max(sizes) <= limits.answer_bytes_max


async def test_a_page_of_jobs_stays_below_what_every_client_takes(dome: Running) -> None:
    labels = {f"{n:02}{chr(0x1F600) * 100}": chr(0x1F600) * 128 for n in range(32)}
    made = [(await dome.execute("user.hello", labels=labels)).job_id for n in range(120)]
    found: list[str] = []
    request, pages = ListJobsRequest(page_size=1000), 0
    while request.page_token or not pages:
        page = await dome.stub.list_jobs(request)
        assert len(bytes(page)) < 4 * 1024 * 1024
        found += [job.job_id for job in page.jobs]
        request, pages = replace(request, page_token=page.next_page_token), pages + 1
    assert (found, pages) == (made[::-1], 2)


async def test_a_listed_job_has_its_outcome_without_the_result(dome: Running) -> None:
    ended = await dome.ended((await dome.execute("user.result")).job_id)
    assert ended.outcome is not None
    assert ended.outcome.result == b'{"n":1}'
    (listed,) = (await dome.stub.list_jobs(ListJobsRequest())).jobs
    assert listed == replace(ended, outcome=replace(ended.outcome, result=b""))


async def test_tools_are_listed_in_order_filtered_and_paged(dome: Running) -> None:
    listed = await dome.stub.list_tools(ListToolsRequest())
    found = [tool.tool_id for tool in listed.tools]
    assert found == sorted(found)
    assert {"process.run", "repo.search", "user.hello", "writing_commits"} <= set(found)
    trust = {tool.tool_id: tool.trust for tool in listed.tools}
    assert trust["user.untrusted"] is ToolTrust.UNTRUSTED
    assert trust["user.hello"] is ToolTrust.TRUSTED
    documents = await dome.stub.list_tools(ListToolsRequest(kind=ToolKind.DOCUMENT, query="COMMIT good"))
    assert [tool.tool_id for tool in documents.tools] == ["writing_commits"]
    first = await dome.stub.list_tools(ListToolsRequest(page_size=2))
    second = await dome.stub.list_tools(ListToolsRequest(page_size=2, page_token=first.next_page_token))
    assert [tool.tool_id for tool in (*first.tools, *second.tools)] == found[:4]
    other = ListToolsRequest(page_size=2, query="user", page_token=first.next_page_token)
    assert await violations(dome.stub.list_tools(other)) == ["page_token"]
    status, reason, _ = await refusal(dome.stub.list_tools(ListToolsRequest(working_directory="/no/such")))
    assert (status, reason) == (Status.INVALID_ARGUMENT, "WORKING_DIRECTORY_INVALID")


async def test_the_pages_of_one_listing_are_those_of_one_catalog(dome: Running, tmp_path: Path) -> None:
    whole = (await dome.stub.list_tools(ListToolsRequest())).tools
    page = await dome.stub.list_tools(ListToolsRequest(page_size=3))
    found, revision = list(page.tools), page.catalog_revision
    write_tool(tmp_path / "tools", "user.a_later_one", HELLO)
    (tmp_path / "tools" / "user.lines" / "run.sh").unlink()
    while page.next_page_token:
        page = await dome.stub.list_tools(ListToolsRequest(page_size=3, page_token=page.next_page_token))
        assert page.catalog_revision == revision
        found += page.tools
    assert found == whole
    anew = await dome.stub.list_tools(ListToolsRequest())
    assert anew.catalog_revision != revision
    changed = {tool.tool_id for tool in anew.tools} ^ {tool.tool_id for tool in whole}
    assert changed == {"user.a_later_one", "user.lines"}


async def test_a_page_token_ends_with_its_catalog_where_that_is_no_longer_kept(dome: Running, tmp_path: Path) -> None:
    first = await dome.stub.list_tools(ListToolsRequest(page_size=1))
    for number in range(GIVEN_MAX):
        write_tool(tmp_path / "tools", f"user.later{number}", HELLO)
        await dome.stub.list_tools(ListToolsRequest(page_size=1))
    stale = ListToolsRequest(page_size=1, page_token=first.next_page_token)
    assert await violations(dome.stub.list_tools(stale)) == ["page_token"]


async def test_a_search_lists_the_best_match_first_and_pages_through_it(dome: Running) -> None:
    best = (await dome.stub.list_tools(ListToolsRequest(query="TOOL here"))).tools[0]
    assert best.tool_id == "user.here"
    ranked = [tool.tool_id for tool in (await dome.stub.list_tools(ListToolsRequest(query="user"))).tools]
    page = await dome.stub.list_tools(ListToolsRequest(query="user", page_size=2))
    found = [tool.tool_id for tool in page.tools]
    while page.next_page_token:
        page = await dome.stub.list_tools(ListToolsRequest(query="user", page_size=2, page_token=page.next_page_token))
        found += [tool.tool_id for tool in page.tools]
    assert found == ranked


async def test_a_rejected_manifest_is_listed_with_its_reason(dome: Running, tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "user.broken", HELLO, version="not a version")
    problems = (await dome.stub.list_tools(ListToolsRequest())).problems
    assert any("user.broken" in problem.path for problem in problems)
    with pytest.raises(GRPCError, match=r"Its manifest was rejected: tool\.yaml: .*/version"):
        await dome.execute("user.broken")


async def test_a_tool_is_described_in_full(dome: Running) -> None:
    tool = (await dome.stub.get_tool(GetToolRequest(tool_id="process.run"))).tool
    assert tool is not None
    assert tool.summary is not None
    assert json.loads(tool.input_schema_document)["type"] == "object"
    assert Permission.PROCESS in tool.permissions
    document = (await dome.stub.get_tool(GetToolRequest(tool_id="writing_commits"))).tool
    assert document is not None
    assert "# Text" in document.description
    assert (await refusal(dome.stub.get_tool(GetToolRequest(tool_id="no.tool"))))[1] == "SKILL_NOT_FOUND"


async def test_capabilities_name_versions_contracts_limits_and_store(dome: Running) -> None:
    answer = await dome.stub.list_capabilities(ListCapabilitiesRequest())
    assert answer.api_versions == ["dome.runtime.v1"]
    assert answer.executor_backends == ["local-process"]
    assert answer.schema_versions["runtime/tool_manifest"] == "v1"
    assert answer.limits is not None
    assert answer.limits.message_bytes_max > answer.limits.input_bytes_max
    assert answer.store_id
    assert answer.catalog_revision


@pytest.mark.parametrize("job_id", ["job-01m7vt2890pq6bwrh695awehtf", "no id", "job-\n" * 1000])
async def test_an_unknown_job_is_not_found(dome: Running, job_id: str) -> None:
    for call in (
        dome.stub.get_job_status(GetJobStatusRequest(job_id=job_id)),
        dome.stub.cancel_job(CancelJobRequest(job_id=job_id)),
        dome.events(job_id),
    ):
        assert (await refusal(call))[:2] == (Status.NOT_FOUND, "JOB_NOT_FOUND")
    assert await violations(dome.stub.get_job_status(GetJobStatusRequest())) == ["job_id"]


async def test_jobs_keys_and_streams_survive_a_restart(config: Config) -> None:
    async with running(config) as dome:
        first = await dome.execute("user.hello", idempotency_key="k")
        before = await dome.events(first.job_id)
    async with running(config) as dome:
        assert await dome.events(first.job_id) == before
        again = await dome.execute("user.hello", idempotency_key="k")
        assert again.job_id == first.job_id


async def test_the_end_of_the_daemon_cancels_what_still_runs(config: Config) -> None:
    async with running(config) as dome:
        job_id = (await dome.execute("user.hang")).job_id
        await dome.reached(job_id, JobState.RUNNING)
    async with running(config) as dome:
        assert (await dome.status(job_id)).state is JobState.CANCELED
