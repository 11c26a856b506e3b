"""The short way: what it serves is what the client gives, and what it cannot serve it leaves to the client."""

import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from betterproto2 import Message
from h2.config import H2Configuration
from h2.connection import H2Connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.endpoint import Endpoint
from dome_client.lean.call import ask
from dome_client.testing.conformance import RuntimeConformance
from dome_contracts.exit_codes import Exit
from dome_contracts.runtime import v1
from tests.scripted_tools import ScriptedRig

M = TypeVar("M", bound=Message)
NO_JOB = "job-00000000000000000000000000"
HEAVY = {"asyncio", "betterproto2", "dome_contracts.runtime.v1", "grpclib", "pydantic"}
COMMANDS = (
    ("jobs",),
    ("jobs", "--json"),
    ("jobs", "--state", "failed"),
    ("locks",),
    ("tools",),
    ("tools", "print", "--json"),
    ("tool", "test.print"),
)


class ShortClient(Client):
    """Asks by the short way first, as commands do, and counts how often that was enough."""

    served = 0

    async def status(self, job_id: str) -> v1.Job:
        answer = self._short(v1.GetJobStatusRequest(job_id=job_id), v1.GetJobStatusResponse)
        return answer.job if answer is not None and answer.job is not None else await super().status(job_id)

    async def cancel(self, job_id: str, *, reason: str = "") -> v1.Job:
        answer = self._short(v1.CancelJobRequest(job_id=job_id, reason=reason), v1.CancelJobResponse)
        return answer.job if answer is not None and answer.job is not None else await super().cancel(job_id)

    async def tool(self, tool_id: str, *, working_directory: str = "") -> v1.ToolDescriptor:
        answer = self._short(v1.GetToolRequest(tool_id=tool_id), v1.GetToolResponse)
        return answer.tool if answer is not None and answer.tool is not None else await super().tool(tool_id)

    async def _list_tools(self, request: v1.ListToolsRequest) -> v1.ListToolsResponse:
        answer = self._short(request, v1.ListToolsResponse)
        return answer if answer is not None else await super()._list_tools(request)

    async def _list_jobs(self, request: v1.ListJobsRequest) -> v1.ListJobsResponse:
        answer = self._short(request, v1.ListJobsResponse)
        return answer if answer is not None else await super()._list_jobs(request)

    def _short(self, request: Message, response: type[M]) -> M | None:
        answer = ask(self.endpoint.path, type(request).__name__.removesuffix("Request"), bytes(request))
        self.served += answer is not None
        return None if answer is None else response.parse(answer)


def short_client(path: str) -> ShortClient:
    numbers = count()
    endpoint = Endpoint(path, source="the test", explicit=True)
    return ShortClient(endpoint, make_key=lambda: f"key-{next(numbers)}", environ={})


class TestTheShortWay(RuntimeConformance):
    @pytest.fixture
    async def rig(self, served: str) -> AsyncIterator[ScriptedRig]:
        async with short_client(served) as client:
            yield ScriptedRig(client)


async def test_each_call_is_served_by_the_short_way(served: str) -> None:
    async with connect(served, environ={}) as client:
        job = await client.wait((await client.execute("test.print", {"lines": 1})).job_id)
    async with short_client(served) as short:
        assert await short.status(job.job_id) == await short.cancel(job.job_id) == job
        assert (await short.jobs())[0].job_id == job.job_id
        assert (await short.tool("test.print")).summary in (await short.tools()).tools
        assert short.served == 5


def test_a_refusal_is_left_to_the_client_who_tells_it(served: str, dome: Callable[..., tuple[int, bytes, str]]) -> None:
    assert ask(served, "GetJobStatus", bytes(v1.GetJobStatusRequest(job_id=NO_JOB))) is None
    assert ask(served, "NoSuchCall", b"") is None
    code, _, err = dome("job", NO_JOB)
    assert (code, err.split(":")[1].strip()) == (Exit.NOT_FOUND, "JOB_NOT_FOUND")


def test_nobody_who_listens_is_left_to_the_client(short_directory: Path) -> None:
    assert ask(str(short_directory / "nobody"), "ListJobs", b"") is None


def test_more_jobs_than_an_answer_holds_are_listed_by_the_client(dome: Callable[..., tuple[int, bytes, str]]) -> None:
    for _ in range(3):
        assert dome("run", "test.print", "--set", "lines=1", "--detach")[0] == Exit.OK
    assert len(dome("jobs", "--json")[1].splitlines()) == 3
    assert len(dome("jobs", "--json", "--limit", "2")[1].splitlines()) == 2


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_that_asks_once_loads_no_loop_and_no_stubs(served: str, words: tuple[str, ...]) -> None:
    program = (
        "import sys; from dome_client.cli.main import run\n"
        f"code = run({list(words)!r}, {{'DOMED_ENDPOINT': {served!r}}})\n"
        f"sys.exit(code or ' '.join({HEAVY!r} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[str]:
    """A listener that reads what it is sent first, says the bytes, and hangs up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield str(path)
        finally:
            thread.join(10)
            path.unlink()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.binary(max_size=200))
def test_whatever_answers_that_is_no_daemon_is_left_to_the_client(short_directory: Path, garbage: bytes) -> None:
    for answer in (garbage, settings_frame() + garbage):
        with answering(short_directory / "s", answer) as path:
            assert ask(path, "ListJobs", b"", timeout_s=2) is None


def settings_frame() -> bytes:
    """How a server begins: what follows is read as frames."""
    server = H2Connection(H2Configuration(client_side=False))
    server.initiate_connection()
    return server.data_to_send()


@pytest.mark.parametrize(
    ("status", "data"),
    [
        ("0", b""),
        ("0", b"\x00\x00\x00"),
        ("0", b"\x01\x00\x00\x00\x00"),
        ("0", b"\x00\x00\x00\x00\x05abc"),
        ("0", b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
        ("14", b"\x00\x00\x00\x00\x00"),
    ],
)
def test_an_answer_counts_only_as_one_whole_message_that_ended_well(
    short_directory: Path, status: str, data: bytes
) -> None:
    server = H2Connection(H2Configuration(client_side=False))
    server.initiate_connection()
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", "a")], True)
    server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "200"), ("content-type", "application/grpc")])
    server.send_data(1, data)
    server.send_headers(1, [("grpc-status", status)], end_stream=True)
    with answering(short_directory / "s", server.data_to_send()) as path:
        assert ask(path, "ListJobs", b"", timeout_s=2) is None
