"""Strangers at the socket: who asks what there is, who sends what nobody understands, and another user."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpclib.client import Channel
from grpclib.exceptions import GRPCError
from grpclib.protocol import H2Protocol

from dome_contracts.grpc.health.v1 import HealthCheckRequest, HealthCheckResponse
from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    RuntimeServiceStub,
)
from tests.e2e.daemon_process import Daemon, Details, a_place, reason

SERVICE = "dome.runtime.v1.RuntimeService"
BUF = Path(sys.executable).parent / "buf"
ECHO = json.dumps({"argv": ["echo", "hello"]}).encode()


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with a_place() as place:
        made = place.ready()
        yield made
        assert made.stop()[0] == 0


def buf(daemon: Daemon, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(BUF), "curl", "--protocol", "grpc", "--unix-socket", str(daemon.place.socket), *arguments],
        env=daemon.place.environ(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def documents(text: str) -> Iterator[dict[str, object]]:
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].lstrip()


def test_buf_lists_what_can_be_called(daemon: Daemon) -> None:
    listed = buf(daemon, "--list-methods", "http://localhost").stdout.split()
    assert f"{SERVICE}/SkillExecute" in listed
    assert "grpc.health.v1.Health/Watch" in listed


def test_buf_checks_health(daemon: Daemon) -> None:
    done = buf(daemon, "-d", json.dumps({"service": SERVICE}), "http://localhost/grpc.health.v1.Health/Check")
    assert json.loads(done.stdout) == {"status": "SERVING"}


def test_buf_submits_and_follows_without_schema_files(daemon: Daemon) -> None:
    request = {"skillId": "process.run", "input": base64.b64encode(ECHO).decode()}
    done = buf(daemon, "-d", json.dumps(request), f"http://localhost/{SERVICE}/SkillExecute")
    job_id = json.loads(done.stdout)["job"]["jobId"]
    follow = json.dumps({"jobId": job_id, "follow": True})
    done = buf(daemon, "-d", follow, f"http://localhost/{SERVICE}/StreamJobEvents")
    assert done.returncode == 0, done.stderr
    events = [event for answer in documents(done.stdout) for event in answer.get("events", [])]  # type: ignore[attr-defined]
    assert events[-1]["finished"]["state"] == "JOB_STATE_SUCCEEDED"
    assert base64.b64decode(next(event for event in events if "output" in event)["output"]["data"]) == b"hello\n"


def test_grpcio_sees_deadlines_unknown_calls_and_malformed_messages(daemon: Daemon) -> None:
    with grpc.insecure_channel(f"unix:{daemon.place.socket}") as channel:

        def code(path: str, data: bytes, *, timeout_s: float = 10) -> grpc.StatusCode:
            call = channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)
            with pytest.raises(grpc.RpcError) as caught:
                call(data, timeout=timeout_s)
            found = caught.value.code()
            assert isinstance(found, grpc.StatusCode)
            return found

        assert code(f"/{SERVICE}/NoSuchCall", b"") is grpc.StatusCode.UNIMPLEMENTED
        assert code(f"/{SERVICE}/GetJobStatus", b"\xff\xff\xff") is grpc.StatusCode.INVALID_ARGUMENT
        assert code(f"/{SERVICE}/SkillExecute", b"\x12\x011\x1a\x01d") is grpc.StatusCode.INVALID_ARGUMENT
        watch = channel.unary_stream(
            "/grpc.health.v1.Health/Watch", request_serializer=bytes, response_deserializer=HealthCheckResponse.parse
        )
        with pytest.raises(grpc.RpcError) as caught:
            list(watch(HealthCheckRequest(), timeout=0.3))
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


class AsUser(Channel):
    """Connects as another user: the kernel says so to the daemon."""

    def __init__(self, path: Path, uid: int) -> None:
        super().__init__(path=str(path), status_details_codec=Details())
        self._uid = uid

    async def _create_connection(self) -> H2Protocol:
        before = os.geteuid()
        os.seteuid(self._uid)
        try:
            return await super()._create_connection()
        finally:
            os.seteuid(before)


@pytest.mark.skipif(
    os.getuid() != 0, reason="only root can connect as somebody else: run the tests as root in a container"
)
async def test_another_user_on_the_socket_is_denied(daemon: Daemon) -> None:
    opened = [daemon.place.root, daemon.place.root / "run", daemon.place.socket.parent, daemon.place.socket]
    before = [path.stat().st_mode for path in opened]
    channel = AsUser(daemon.place.socket, 4242)
    try:
        for path in opened:
            path.chmod(0o777)
        with pytest.raises(GRPCError) as caught:
            await RuntimeServiceStub(channel).get_job_status(GetJobStatusRequest(job_id="x"))
    finally:
        channel.close()
        for path, mode in zip(opened, before, strict=True):
            path.chmod(mode)
    assert reason(caught.value.details) == "PEER_DENIED"
