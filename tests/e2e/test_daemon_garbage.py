"""What comes over the socket never costs the daemon its memory or its life."""

import contextlib
import os
import socket
from collections.abc import Iterator

import grpc
import pytest

from dome_contracts.runtime.v1 import (
    ListCapabilitiesRequest,
    ListCapabilitiesResponse,
    SkillExecuteRequest,
    SkillExecuteResponse,
)
from tests.e2e.daemon_process import Daemon, a_place, details_of, reason

MIB = 1024 * 1024
EXECUTE = "/dome.runtime.v1.RuntimeService/SkillExecute"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\x04\0\0\0\0\0"
GROWTH_BYTES_MAX = 24 * MIB
"""What the daemon may grow by while 50 MiB are thrown at it."""


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with a_place() as place:
        made = place.ready()
        answers(made)
        yield made
        answers(made)
        code, log = made.stop()
        assert code == 0, log
        assert "Traceback" not in log


def answers(daemon: Daemon) -> None:
    with grpc.insecure_channel(f"unix:{daemon.place.socket}") as channel:
        call = channel.unary_unary(
            "/dome.runtime.v1.RuntimeService/ListCapabilities",
            request_serializer=bytes,
            response_deserializer=ListCapabilitiesResponse.parse,
        )
        assert call(ListCapabilitiesRequest(), timeout=10).store_id


@pytest.mark.parametrize("beginning", [b"", PREFACE, PREFACE + SETTINGS], ids=["nothing", "preface", "settings"])
def test_fifty_mebibytes_of_chance_are_hung_up_on(daemon: Daemon, beginning: bytes) -> None:
    before = daemon.resident_bytes_max()
    piece = os.urandom(MIB)
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        client.settimeout(20)
        client.connect(str(daemon.place.socket))
        client.sendall(beginning)
        for _ in range(50):
            client.sendall(piece)
        while client.recv(65536):
            pass
    assert daemon.resident_bytes_max() - before < GROWTH_BYTES_MAX


def test_a_message_of_fifty_mebibytes_is_refused_by_name(daemon: Daemon) -> None:
    before = daemon.resident_bytes_max()
    with grpc.insecure_channel(f"unix:{daemon.place.socket}") as channel:
        execute = channel.unary_unary(
            EXECUTE, request_serializer=bytes, response_deserializer=SkillExecuteResponse.parse
        )
        with pytest.raises(grpc.RpcError) as caught:
            execute(SkillExecuteRequest(skill_id="process.run", input=bytes(50 * MIB)), timeout=30)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        details = details_of(caught.value)
        assert reason(details) == "TOO_LARGE"
    assert daemon.resident_bytes_max() - before < GROWTH_BYTES_MAX


def test_many_calls_that_never_finish_sending_hold_little(daemon: Daemon) -> None:
    before = daemon.resident_bytes_max()

    def slowly() -> Iterator[bytes]:
        yield bytes(8 * MIB)
        raise RuntimeError("the client gives up")

    with grpc.insecure_channel(f"unix:{daemon.place.socket}") as channel:
        call = channel.stream_unary(EXECUTE, request_serializer=bytes, response_deserializer=bytes)
        for _ in range(20):
            with pytest.raises(grpc.RpcError):
                call(slowly(), timeout=10)
    assert daemon.resident_bytes_max() - before < 3 * GROWTH_BYTES_MAX


def test_hundreds_of_silent_connections_do_not_keep_others_out(daemon: Daemon) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.settimeout(10)
            client.connect(str(daemon.place.socket))
        answers(daemon)
