"""What every call meets before and after its handler."""

import asyncio
import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from grpclib.testing import ChannelFor

from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    GetJobStatusResponse,
    ListLocksRequest,
    RuntimeServiceStub,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from domed.clock import SystemClock, SystemIds
from domed.errors import FieldViolation, InvalidRequest, JobNotFound, LimitExceeded, ShuttingDown, TooLarge
from domed.rpc.codec import StrictCodec
from domed.rpc.context import current_call
from domed.rpc.details import DetailsCodec
from domed.rpc.edge import Edge
from packages.domed.tests.rpc.kit import LIMITS, Scripted, fields, info, reason, retry, served

STATUS = "/dome.runtime.v1.RuntimeService/GetJobStatus"
EXECUTE = "/dome.runtime.v1.RuntimeService/SkillExecute"


async def refused(coroutine: object) -> GRPCError:
    with pytest.raises(GRPCError) as caught:
        async with asyncio.timeout(10):
            await coroutine  # type: ignore[misc]
    return caught.value


async def test_an_error_has_status_reason_domain_metadata_and_remedy(door_path: Path | None) -> None:
    service = Scripted()

    def fail(message: GetJobStatusRequest) -> GetJobStatusResponse:
        raise JobNotFound(message.job_id)

    service.on_status = fail
    async with served([service], path=door_path) as door:
        error = await refused(door.stub().get_job_status(GetJobStatusRequest(job_id="job-7")))
    assert error.status is Status.NOT_FOUND
    assert info(error) == ErrorInfo(reason="JOB_NOT_FOUND", domain="dome.runtime", metadata={"job_id": "job-7"})
    assert error.message == "There is no job 'job-7'. List the jobs with `dome jobs`."


async def test_an_invalid_request_names_its_fields(door_path: Path | None) -> None:
    service = Scripted()

    def fail(message: GetJobStatusRequest) -> GetJobStatusResponse:
        raise InvalidRequest([FieldViolation("input/pattern", "is missing"), FieldViolation("priority", "is 200")])

    service.on_status = fail
    async with served([service], path=door_path) as door:
        error = await refused(door.stub().get_job_status(GetJobStatusRequest()))
    assert error.status is Status.INVALID_ARGUMENT
    assert fields(error) == ["input/pattern", "priority"]


async def test_a_retry_is_offered_where_it_can_help() -> None:
    service = Scripted()
    for failure, helps in (
        (LimitExceeded("queued_jobs_max", allowed=1, asked=2), True),
        (LimitExceeded("incoming_bytes_max", allowed=1, asked=2), True),
        (TooLarge("message_bytes_max", allowed=1, asked=2), False),
        (ShuttingDown(), True),
        (JobNotFound("job-7"), False),
    ):

        def fail(message: GetJobStatusRequest, failure: Exception = failure) -> GetJobStatusResponse:
            raise failure

        service.on_status = fail
        async with served([service]) as door:
            error = await refused(door.stub().get_job_status(GetJobStatusRequest()))
        assert (retry(error) is not None) is helps, failure


async def test_a_defect_becomes_internal_with_an_id_that_is_in_the_log_once(
    door_path: Path | None, caplog: pytest.LogCaptureFixture
) -> None:
    service = Scripted()

    def fail(message: GetJobStatusRequest) -> GetJobStatusResponse:
        raise ZeroDivisionError("a secret of the handler")

    service.on_status = fail
    with caplog.at_level(logging.ERROR):
        async with served([service], path=door_path) as door:
            error = await refused(door.stub().get_job_status(GetJobStatusRequest()))
    assert error.status is Status.INTERNAL
    assert "secret" not in (error.message or "")
    error_id = info(error).metadata["error_id"]
    [record] = caplog.records
    assert record.domed_fields["error_id"] == error_id  # type: ignore[attr-defined]
    assert record.exc_info is not None


async def test_a_call_that_nobody_wrote_is_unsupported(door_path: Path | None) -> None:
    async with served([Scripted()], path=door_path) as door:
        error = await refused(door.stub().list_locks(ListLocksRequest()))
    assert (error.status, reason(error)) == (Status.UNIMPLEMENTED, "UNSUPPORTED")


async def test_a_path_that_nobody_serves_is_unsupported(door_path: Path | None) -> None:
    async with served([Scripted()], path=door_path) as door:
        stub = door.stub()
        error = await refused(
            stub._unary_unary("/dome.runtime.v1.RuntimeService/Nonsense", ListLocksRequest(), GetJobStatusResponse)
        )
    assert (error.status, reason(error)) == (Status.UNIMPLEMENTED, "UNSUPPORTED")


async def test_another_user_is_denied_and_logged(door_path: Path | None, caplog: pytest.LogCaptureFixture) -> None:
    service = Scripted()
    with caplog.at_level(logging.WARNING):
        async with served([service], path=door_path, uid=4242) as door:
            error = await refused(door.stub().skill_execute(SkillExecuteRequest()))
    assert (error.status, reason(error)) == (Status.PERMISSION_DENIED, "PEER_DENIED")
    assert service.executed == []
    assert "peer denied" in caplog.text


async def test_a_handler_knows_who_calls(door_path: Path | None) -> None:
    service = Scripted()
    seen = []

    def remember(message: GetJobStatusRequest) -> GetJobStatusResponse:
        seen.append(current_call())
        return GetJobStatusResponse()

    service.on_status = remember
    async with served([service], path=door_path) as door:
        stub = door.stub()
        await stub.get_job_status(GetJobStatusRequest(), metadata={"dome-client": "probe/1.2"})
        await stub.get_job_status(GetJobStatusRequest())
    first, second = seen
    assert (first.requester.uid, first.requester.pid) == (os.getuid(), os.getpid())
    assert first.requester.client == "probe/1.2"
    assert second.requester.client.startswith("grpc-python-grpclib/")
    assert (first.method, second.number) == ("GetJobStatus", first.number + 1)


async def test_the_edge_works_over_the_librarys_own_memory_channel() -> None:
    clock = SystemClock()
    service = Scripted()
    edge = Edge([service], uid=os.getuid(), clock=clock, ids=SystemIds(clock), open_calls_max=10)
    async with ChannelFor([edge], codec=StrictCodec(), status_details_codec=DetailsCodec()) as channel:
        answer = await RuntimeServiceStub(channel).get_job_status(GetJobStatusRequest())
    assert answer.job is not None
    assert answer.job.job_id == "job-x"


async def test_calls_beyond_the_limit_are_refused_by_name(door_path: Path | None) -> None:
    service, entered, leave = Scripted(), asyncio.Event(), asyncio.Event()

    async def hold() -> GetJobStatusResponse:
        entered.set()
        await leave.wait()
        return GetJobStatusResponse()

    service.on_status = lambda _: hold()
    async with served([service], path=door_path, limits=replace(LIMITS, open_calls_max=1)) as door:
        stub = door.stub()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stub.get_job_status(GetJobStatusRequest()))
            await entered.wait()
            error = await refused(stub.get_job_status(GetJobStatusRequest()))
            leave.set()
        assert (reason(error), info(error).metadata["limit"]) == ("LIMIT_EXCEEDED", "open_calls_max")
        await stub.get_job_status(GetJobStatusRequest())


async def test_a_deadline_ends_the_handler(door_path: Path | None) -> None:
    service, ended = Scripted(), asyncio.Event()

    async def hold() -> GetJobStatusResponse:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return GetJobStatusResponse()

    service.on_status = lambda _: hold()
    async with served([service], path=door_path) as door:
        with pytest.raises((GRPCError, TimeoutError)):
            await door.stub().get_job_status(GetJobStatusRequest(), timeout=0.05)
        async with asyncio.timeout(5):
            await ended.wait()
        async with asyncio.timeout(5):
            while door.edge.open_calls():  # noqa: ASYNC110 - nothing tells that a call is over
                await asyncio.sleep(0)


async def test_new_work_is_refused_while_draining_and_the_rest_is_served(door_path: Path | None) -> None:
    service = Scripted()
    async with served([service], path=door_path, new_work=[EXECUTE]) as door:
        stub = door.stub()
        await stub.skill_execute(SkillExecuteRequest())
        door.edge.drain()
        error = await refused(stub.skill_execute(SkillExecuteRequest()))
        assert (error.status, reason(error)) == (Status.UNAVAILABLE, "SHUTTING_DOWN")
        assert retry(error) is not None
        await stub.get_job_status(GetJobStatusRequest())
    assert len(service.executed) == 1


async def test_open_streams_end_with_shutting_down(door_path: Path | None) -> None:
    service, ended = Scripted(), asyncio.Event()

    async def follow(message: StreamJobEventsRequest) -> object:
        try:
            yield StreamJobEventsResponse()
            await asyncio.Event().wait()
        finally:
            ended.set()

    service.on_stream = follow  # type: ignore[assignment]
    async with served([service], path=door_path) as door:
        stream = door.stub().stream_job_events(StreamJobEventsRequest(job_id="job-7"))
        await anext(stream)
        await door.edge.end_calls(5)
        assert ended.is_set()
        error = await refused(anext(stream))
    assert (error.status, reason(error)) == (Status.UNAVAILABLE, "SHUTTING_DOWN")
