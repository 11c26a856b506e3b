import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_client.calling import Patience
from dome_client.client import Client
from dome_client.connection import connect
from dome_client.endpoint import Endpoint
from dome_client.errors import DaemonUnreachable, DomeError, StreamBroken
from dome_contracts.google.rpc import BadRequest, BadRequestFieldViolation, ErrorInfo
from dome_contracts.runtime import v1

Serve = Callable[[v1.RuntimeServiceBase, str], AbstractContextManager[Any]]
QUICK = Patience(call_timeout_s=5, retry_s=2, reconnect_s=2, silence_s=5, delay_min_s=0.001, delay_max_s=0.01)
IMPATIENT = Patience(call_timeout_s=0.05, retry_s=0.05, reconnect_s=0.05, silence_s=0.05, delay_max_s=0.01)


def line(seq: int, *, last_seq: int | None = None) -> v1.JobEvent:
    output = v1.Output(stream=v1.OutputStream.STDOUT, data=b"x\n" * ((last_seq or seq) - seq + 1))
    return v1.JobEvent(job_id="job-a", seq=seq, last_seq=last_seq or seq, output=output)


def end(seq: int) -> v1.JobEvent:
    return v1.JobEvent(job_id="job-a", seq=seq, last_seq=seq, finished=v1.Finished(state=v1.JobState.SUCCEEDED))


class Streams(v1.RuntimeServiceBase):
    """Answers each request for events with the next of its scripts: events to send, or an error to raise."""

    def __init__(self, *scripts: Sequence[v1.JobEvent | Exception]) -> None:
        self._scripts = list(scripts)
        self.since_seqs: list[int] = []

    async def stream_job_events(self, message: v1.StreamJobEventsRequest) -> AsyncIterator[v1.StreamJobEventsResponse]:
        self.since_seqs.append(message.since_seq)
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield v1.StreamJobEventsResponse(events=[step])

    async def get_job_status(self, message: v1.GetJobStatusRequest) -> v1.GetJobStatusResponse:
        return v1.GetJobStatusResponse(job=v1.Job(job_id=message.job_id, state=v1.JobState.RUNNING))


class Executes(v1.RuntimeServiceBase):
    """Answers each execution with the next of its answers."""

    def __init__(self, *answers: v1.Job | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[v1.SkillExecuteRequest] = []

    async def skill_execute(self, message: v1.SkillExecuteRequest) -> v1.SkillExecuteResponse:
        self.requests.append(message)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return v1.SkillExecuteResponse(job=answer)


def going_away() -> GRPCError:
    return GRPCError(Status.UNAVAILABLE, "stopping", [ErrorInfo(reason="SHUTTING_DOWN", domain="dome.runtime")])


async def seqs(path: str, *, patience: Patience = QUICK) -> list[tuple[int, int]]:
    async with (
        connect(path, environ={}, patience=patience) as client,
        aclosing(client.events("job-a")) as events,
    ):
        return [(event.seq, event.last_seq) async for event in events]


async def test_streams_one_after_another_share_a_connection_and_one_left_early_does_not(
    serve: Any, short_directory: Path
) -> None:
    serving = serve(Streams(*[[line(1), end(2)]] * 4), path := str(short_directory / "s"))

    async def read(client: Client, *, whole: bool) -> None:
        async with aclosing(client.events("job-a")) as events:
            async for _ in events:
                if not whole:
                    break

    with serving:
        async with connect(path, environ={}, patience=QUICK) as client:
            await read(client, whole=True)
            await read(client, whole=True)
            assert serving.server.connection_count() == 1
            await read(client, whole=False)
            await read(client, whole=True)
            assert serving.server.connection_count() == 2


async def test_what_a_retry_says_of_locks_is_sent_and_else_nothing(serve: Serve, short_directory: Path) -> None:
    service = Executes(v1.Job(job_id="job-b"), v1.Job(job_id="job-c"))
    with serve(service, path := str(short_directory / "s")):
        async with connect(path, environ={}, patience=QUICK) as client:
            await client.retry("job-a")
            await client.retry("job-a", lock_wait=v1.LockWait.REFUSE)
    assert [each.lock_wait for each in service.requests] == [v1.LockWait.UNSPECIFIED, v1.LockWait.REFUSE]


@pytest.mark.parametrize("name", ["a\nb: c", "naïve", "x" * 129])
def test_a_client_cannot_have_every_name(name: str) -> None:
    with pytest.raises(ValueError, match="client_name"):
        connect("/nowhere", environ={}, client_name=name)


async def test_a_stream_goes_on_with_the_event_after_the_last_one(serve: Serve, short_directory: Path) -> None:
    service = Streams([line(1), line(2, last_seq=4), going_away()], [line(5)], [line(6), end(7)])
    with serve(service, path := str(short_directory / "s")):
        assert await seqs(path) == [(1, 1), (2, 4), (5, 5), (6, 6), (7, 7)]
    assert service.since_seqs == [0, 4, 5]


async def test_a_stream_goes_on_with_a_daemon_that_was_started_again(serve: Serve, short_directory: Path) -> None:
    path = str(short_directory / "s")
    found = []
    async with connect(path, environ={}, patience=QUICK) as client:
        with serve(Streams([line(1), line(2), going_away()]), path):
            events = client.events("job-a")
            found.append(await anext(events))
            found.append(await anext(events))
        with serve(Streams([line(3), end(4)]), path):
            found += [event async for event in events]
    assert [event.seq for event in found] == [1, 2, 3, 4]


async def test_a_gap_in_a_stream_is_an_error_and_never_passed_on(serve: Serve, short_directory: Path) -> None:
    broken = pytest.raises(StreamBroken, match="After event 1 of job-a came event 3")
    with serve(Streams([line(1), line(3)]), path := str(short_directory / "s")), broken:
        await seqs(path)


async def test_a_stream_gives_up_when_the_daemon_stays_away(serve: Serve, short_directory: Path) -> None:
    service = Streams(*[[going_away()] for _ in range(100)])
    with serve(service, path := str(short_directory / "s")), pytest.raises(DomeError) as raised:
        await seqs(path, patience=IMPATIENT)
    assert raised.value.reason == "SHUTTING_DOWN"


async def test_an_execution_is_repeated_with_the_key_that_it_made(serve: Serve, short_directory: Path) -> None:
    service = Executes(going_away(), going_away(), v1.Job(job_id="job-a"))
    with serve(service, path := str(short_directory / "s")):
        async with connect(path, environ={}, patience=QUICK) as client:
            assert (await client.execute("a.tool", {"b": 1, "a": 2})).job_id == "job-a"
    assert len({request.idempotency_key for request in service.requests}) == 1
    assert service.requests[0].idempotency_key.startswith("key-")
    assert service.requests[0].input == b'{"a":2,"b":1}'


async def test_a_refusal_is_not_repeated_and_says_where_the_input_is_wrong(serve: Serve, short_directory: Path) -> None:
    violations = BadRequest(field_violations=[BadRequestFieldViolation(field="input/pattern", description="required")])
    info = ErrorInfo(reason="INVALID_REQUEST", domain="dome.runtime", metadata={"field": "input/pattern"})
    service = Executes(GRPCError(Status.INVALID_ARGUMENT, "input/pattern: required", [info, violations]))
    with serve(service, path := str(short_directory / "s")):
        async with connect(path, environ={}, patience=QUICK) as client:
            with pytest.raises(DomeError) as raised:
                await client.execute("a.tool", {})
    error = raised.value
    assert (error.reason, error.grpc_status, error.retryable) == ("INVALID_REQUEST", 3, False)
    assert [(each.field, each.description) for each in error.violations] == [("input/pattern", "required")]
    assert error.metadata == {"field": "input/pattern"}
    assert error.remedy == "Mend the fields that the violations name."


async def test_a_daemon_that_does_not_answer_in_time_is_an_error(serve: Serve, short_directory: Path) -> None:
    class Silent(v1.RuntimeServiceBase):
        async def list_capabilities(self, message: v1.ListCapabilitiesRequest) -> v1.ListCapabilitiesResponse:
            await asyncio.Event().wait()
            raise AssertionError

    with serve(Silent(), path := str(short_directory / "s")):
        async with connect(path, environ={}, patience=IMPATIENT) as client:
            with pytest.raises(DomeError, match="did not answer in time") as raised:
                await client.capabilities()
    assert raised.value.grpc_status == 4


async def test_a_daemon_is_started_when_nothing_answers_and_the_call_goes_on(
    serve: Serve, short_directory: Path
) -> None:
    path = str(short_directory / "s")
    server = serve(Executes(v1.Job(job_id="job-a")), path)
    starts = []

    async def start() -> None:
        starts.append(1)
        server.__enter__()

    endpoint = Endpoint(path, source="a test", explicit=False)
    try:
        async with Client(endpoint, make_key=lambda: "key", environ={}, start=start, patience=QUICK) as client:
            assert (await client.execute("a.tool")).job_id == "job-a"
    finally:
        server.__exit__(None, None, None)
    assert starts == [1]


async def unreachable(path: str, environ: Mapping[str, str]) -> DaemonUnreachable:
    async with connect(path, environ=environ, patience=IMPATIENT) as client:
        with pytest.raises(DaemonUnreachable) as raised:
            await client.capabilities()
    return raised.value


async def test_a_named_endpoint_without_a_daemon_is_said_at_once(short_directory: Path) -> None:
    error = await unreachable(str(short_directory / "s"), {})
    assert error.os_error is not None
    assert error.os_error.errno == errno.ENOENT
    assert "there is no socket" in str(error)
    assert error.grpc_status == 14
    assert f"domed --socket {short_directory / 's'}" in error.remedy


async def test_a_socket_that_was_left_behind_is_told_from_a_missing_one(short_directory: Path) -> None:
    import socket

    path = str(short_directory / "s")
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(path)
    assert "left behind" in str(await unreachable(path, {}))
    (short_directory / "file").write_text("")
    assert "is no socket" in str(await unreachable(str(short_directory / "file"), {}))


def test_the_sandbox_of_codex_is_recognised_and_explained() -> None:
    from dome_client.failures import from_exception

    endpoint = Endpoint("/s", source="the argument", explicit=True)
    refused = PermissionError(errno.EPERM, "Operation not permitted")
    inside = from_exception(refused, endpoint, {"CODEX_SANDBOX_NETWORK_DISABLED": "1"})
    outside = from_exception(refused, endpoint, {})
    assert "codex sandbox" in inside.message
    assert "network_access=true" in inside.remedy
    assert "codex" not in outside.message


def test_every_name_of_the_package_is_there() -> None:
    import dome_client

    for name in dome_client.__all__:
        assert getattr(dome_client, name).__name__ == name


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    from dome_client.version import VERSION

    assert version("dome-client") == VERSION


async def test_a_connection_that_breaks_as_soon_as_it_is_made_is_a_lost_one(short_directory: Path) -> None:
    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    path = str(short_directory / "s")
    # The loss is to be told, and not that a machine with other work took long to tell it.
    patience = replace(IMPATIENT, call_timeout_s=10.0)
    async with await asyncio.start_unix_server(hang_up, path):
        for _ in range(30):
            async with connect(path, environ={}, patience=patience) as client:
                with pytest.raises(DaemonUnreachable) as raised:
                    await client.capabilities()
            assert raised.value.connection_lost


async def test_a_call_that_meets_a_stopping_daemon_starts_the_next_one(serve: Serve, short_directory: Path) -> None:
    path = str(short_directory / "s")
    first = serve(Executes(*[going_away() for _ in range(1000)]), path)
    second = serve(Executes(v1.Job(job_id="job-a")), path)
    first.__enter__()

    async def start() -> None:
        second.__enter__()

    endpoint = Endpoint(path, source="a test", explicit=False)
    try:
        async with Client(endpoint, make_key=lambda: "key", environ={}, start=start, patience=QUICK) as client:
            call = asyncio.create_task(client.execute("a.tool"))
            await asyncio.to_thread(first.__exit__, None, None, None)
            assert (await call).job_id == "job-a"
    finally:
        second.__exit__(None, None, None)
