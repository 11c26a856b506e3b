"""Refusals are observed: every one is in the audit before it is answered, and uses no key up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Cardinality, Status
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime.v1 import (
    Correlation,
    GetJobStatusRequest,
    GetToolRequest,
    Job,
    ListCapabilitiesRequest,
    ListJobsRequest,
    ListJobsResponse,
    RefusedRequest,
    SkillExecuteRequest,
)
from domed.config import Config
from domed.ledger.refusals import BURST_MAX
from domed.store.port import RefusalQuery
from packages.domed.tests.runtime_suite import Running, a_config, running, write_tool

PATH = "/dome.runtime.v1.RuntimeService/SkillExecute"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_tool(tmp_path / "tools", "user.hello", "echo hello")
    write_tool(tmp_path / "tools", "user.untrusted", "echo hello")
    return a_config(tmp_path)


@pytest.fixture(params=["memory", "socket"])
async def dome(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Running]:
    async with running(config, over=request.param) as made:
        yield made


async def refuse(call: Any) -> str:
    with pytest.raises(GRPCError) as caught:
        await call
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    return info.reason


async def listing(dome: Running, **fields: Any) -> ListJobsResponse:
    return await dome.stub.list_jobs(ListJobsRequest(include_refused=True, **fields))


async def refused(dome: Running, **fields: Any) -> list[RefusedRequest]:
    return (await listing(dome, **fields)).refused


async def test_a_refused_execution_is_a_row_with_who_what_and_why(dome: Running) -> None:
    correlation = Correlation(client_session_id="session", client_call_id="call")
    assert await refuse(dome.execute("user.untrusted", correlation=correlation)) == "TOOL_UNTRUSTED"
    [row] = await refused(dome)
    assert (row.skill_id, row.method, row.reason) == ("user.untrusted", "SkillExecute", ErrorReason.TOOL_UNTRUSTED)
    assert row.refusal_id.startswith("ref-")
    assert row.request_digest.startswith("sha256:")
    assert row.occur_time is not None
    assert row.requester is not None
    assert (row.requester.client_session_id, row.requester.client_call_id) == ("session", "call")
    assert row.requester.pid > 0


async def test_the_digest_is_that_of_the_request_when_it_is_accepted(dome: Running) -> None:
    await refuse(dome.stub.skill_execute(SkillExecuteRequest(skill_id="no.such", idempotency_key="k")))
    checked = await dome.stub.skill_execute(SkillExecuteRequest(skill_id="user.hello", validate_only=True))
    await refuse(dome.stub.skill_execute(SkillExecuteRequest(skill_id="user.hello", tool_version="9.9.9")))
    first, second = reversed(await refused(dome))
    assert (first.reason, second.reason) == (ErrorReason.SKILL_NOT_FOUND, ErrorReason.MANIFEST_CHANGED)
    assert len({first.request_digest, second.request_digest, checked.request_digest}) == 3


async def test_every_call_that_is_refused_is_there(dome: Running) -> None:
    await refuse(dome.stub.get_job_status(GetJobStatusRequest(job_id="job-01m7vt2890pq6bwrh695awehtf")))
    await refuse(dome.stub.get_tool(GetToolRequest(tool_id="no.such")))
    await refuse(dome.events("job-01m7vt2890pq6bwrh695awehtf"))
    rows = [(row.method, row.skill_id, row.reason.name) for row in await refused(dome)]
    assert rows == [
        ("StreamJobEvents", "", "JOB_NOT_FOUND"),
        ("GetTool", "no.such", "SKILL_NOT_FOUND"),
        ("GetJobStatus", "", "JOB_NOT_FOUND"),
    ]


async def test_a_request_that_is_not_legal_is_there_without_a_digest(dome: Running) -> None:
    await refuse(dome.execute("user.hello", priority=1000))
    [row] = await refused(dome)
    assert (row.skill_id, row.reason, row.request_digest) == ("user.hello", ErrorReason.INVALID_REQUEST, "")


async def test_bytes_that_are_no_request_are_there_too(dome: Running) -> None:
    class Raw(CodecBase):
        __content_subtype__ = "proto"

        def encode(self, message: Any, message_type: Any) -> bytes:
            return bytes(message)

        def decode(self, data: bytes, message_type: Any) -> Any:
            return data

    dome.channel._codec = Raw()
    async with dome.channel.request(PATH, Cardinality.UNARY_UNARY, bytes, bytes) as stream:
        await stream.send_message(b"\xff\xff", end=True)
        with pytest.raises(GRPCError) as caught:
            await stream.recv_message()
            await stream.recv_trailing_metadata()
    assert caught.value.status is Status.INVALID_ARGUMENT
    [row] = await dome.daemon.ledger.refusals.newest(RefusalQuery())
    assert (row.method, row.skill_id, row.reason) == ("SkillExecute", "", ErrorReason.INVALID_REQUEST)


async def test_a_refused_request_does_not_use_its_key_up(dome: Running) -> None:
    request = SkillExecuteRequest(skill_id="user.hello", idempotency_key="key", input=b'{"count":0}')
    assert await refuse(dome.stub.skill_execute(request)) == "INVALID_REQUEST"
    answer = await dome.execute("user.hello", {"count": 1}, idempotency_key="key")
    assert answer.idempotency_key == "key"
    assert await refuse(dome.stub.skill_execute(request)) == "IDEMPOTENCY_KEY_REUSED"
    assert [row.reason.name for row in await refused(dome)] == ["IDEMPOTENCY_KEY_REUSED", "INVALID_REQUEST"]


async def test_pages_hold_jobs_and_refusals_in_one_order(dome: Running) -> None:
    expected: list[str] = []
    for number in range(7):
        if number % 3:
            await refuse(dome.execute("no.such"))
            expected.append((await refused(dome, page_size=1))[0].refusal_id)
        else:
            expected.append((await dome.execute("user.hello")).job_id)
    expected.reverse()
    for page_size in (1, 2, 3, 100):
        seen: list[str] = []
        token = ""
        while not seen or token:
            page = await listing(dome, page_size=page_size, page_token=token)
            entries: list[Job | RefusedRequest] = [*page.jobs, *page.refused]
            assert len(entries) <= page_size
            ids = [each.job_id if isinstance(each, Job) else each.refusal_id for each in entries]
            seen += sorted(ids, key=lambda name: name.partition("-")[2], reverse=True)
            token = page.next_page_token
        assert seen == expected


async def test_tool_and_times_restrict_refusals_and_only_who_asks_sees_them(dome: Running) -> None:
    await refuse(dome.execute("no.such"))
    await refuse(dome.execute("no.other"))
    job = await dome.execute("user.hello")
    assert [row.skill_id for row in await refused(dome, skill_id="no.such")] == ["no.such"]
    assert await refused(dome, create_time_min=job.create_time) == []
    assert len(await refused(dome, create_time_max=job.create_time)) == 2
    assert (await dome.stub.list_jobs(ListJobsRequest())).refused == []


async def test_a_page_token_of_the_one_listing_is_none_of_the_other(dome: Running) -> None:
    for _ in range(2):
        await refuse(dome.execute("no.such"))
    token = (await listing(dome, page_size=1)).next_page_token
    assert token
    assert await refuse(dome.stub.list_jobs(ListJobsRequest(page_size=1, page_token=token))) == "INVALID_REQUEST"


async def test_refusals_survive_a_restart(config: Config) -> None:
    async with running(config) as dome:
        await refuse(dome.execute("no.such"))
    async with running(config) as dome:
        await refuse(dome.execute("no.other"))
        assert [row.skill_id for row in await refused(dome)] == ["no.other", "no.such"]


async def test_a_flood_is_answered_and_counted(config: Config) -> None:
    count = BURST_MAX + 400
    async with running(config) as dome:
        for _ in range(count // 100):
            reasons = await asyncio.gather(*(refuse(dome.execute("no.such")) for _ in range(100)))
            assert set(reasons) == {"SKILL_NOT_FOUND"}
    async with running(config) as dome:
        rows = await refused(dome, page_size=1000)
        assert len(rows) + sum(row.omitted_count for row in rows) == count
        assert BURST_MAX <= len(rows) < count


async def test_the_feature_is_listed(dome: Running) -> None:
    flags = (await dome.stub.list_capabilities(ListCapabilitiesRequest())).feature_flags
    assert {"job.refused", "job.watch"} <= set(flags)
