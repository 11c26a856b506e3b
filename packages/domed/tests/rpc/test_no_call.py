"""Answers to what is not a call."""

import asyncio
import os
from dataclasses import replace

import pytest
from grpclib.const import Status
from h2.exceptions import ProtocolError

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
)
from packages.domed.tests.rpc.kit import LIMITS, Scripted, served
from packages.domed.tests.rpc.raw import HEADERS, raw


async def test_a_header_that_is_not_ascii_ends_its_connection_and_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        stream_id = await client.call([*HEADERS, ("authorization", "Bearer \u00e4")])
        assert await client.answer(stream_id) == {}
        assert (await door.stub().get_job_status(GetJobStatusRequest(job_id="job-x"))).job is not None
    assert not [record for record in caplog.records if record.exc_info]


async def test_what_a_refused_stream_still_sends_does_not_stop_the_connection() -> None:
    async with served([Scripted()], limits=replace(LIMITS, message_bytes_max=100)) as door, raw(door) as client:
        stream_id = await client.call(HEADERS, b"\0" + (10**6).to_bytes(4, "big"), end=False)
        for _ in range(40):
            try:
                client.h2.send_data(stream_id, bytes(10_000))
            except ProtocolError:
                break
            await client.flush()
        await client.answer(stream_id)
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({":path": "/no.Such/Call"}, Status.UNIMPLEMENTED, "/no.Such/Call"),
        ({":method": "GET"}, Status.INVALID_ARGUMENT, "headers/content-type"),
        ({"content-type": "application/json"}, Status.INVALID_ARGUMENT, "headers/content-type"),
        ({"te": "gzip"}, Status.INVALID_ARGUMENT, "headers/te"),
        ({"grpc-timeout": "soon"}, Status.INVALID_ARGUMENT, "headers/grpc-timeout"),
        ({"grpc-timeout": "9" * 400 + "H"}, Status.INVALID_ARGUMENT, "headers/grpc-timeout"),
        ({"grpc-timeout": "0S"}, Status.DEADLINE_EXCEEDED, "no time left"),
        ({"some-bin": "a"}, Status.INVALID_ARGUMENT, "headers/metadata"),
    ],
)
async def test_illegal_headers_are_answered(changed: dict[str, str], status: Status, says: str) -> None:
    headers = list({**dict(HEADERS), **changed}.items())
    async with served([Scripted()]) as door, raw(door) as client:
        answer = await client.answer(await client.call(headers))
        assert answer["grpc-status"] == str(status.value)
        assert says in answer["grpc-message"]
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"


@pytest.mark.parametrize("missing", [":method", ":path", "te", "content-type"])
async def test_missing_headers_are_answered(missing: str) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        answer = await client.answer(await client.call([pair for pair in HEADERS if pair[0] != missing]))
    assert answer["grpc-status"] in {"3", "12"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", Status.INVALID_ARGUMENT),
        (b"\0\0", Status.INVALID_ARGUMENT),
        (b"\0\0\0\0\x09abc", Status.INVALID_ARGUMENT),
        (b"\0\0\0\0\x03abc", Status.INVALID_ARGUMENT),
        (b"\x01\0\0\0\0", Status.UNIMPLEMENTED),
    ],
)
async def test_a_body_that_is_no_message_is_answered(
    body: bytes, status: Status, caplog: pytest.LogCaptureFixture
) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        answer = await client.answer(await client.call(HEADERS, body))
    assert answer["grpc-status"] == str(status.value)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_frame_of_an_unknown_type_is_ignored() -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        await client.flush()
        client.writer.write(b"\0\0\x02\x21\0\0\0\0\0hi")
        assert (await client.answer(await client.call(HEADERS)))["grpc-status"] == "0"


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0" * 4096, b"\x16\x03\x01\x02\0", b"hello\n" * 999])
async def test_something_else_than_http2_is_hung_up_on(garbage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with served([Scripted()]) as door, raw(door) as client:
        client.writer.write(garbage)
        async with asyncio.timeout(10):
            try:
                while await client.reader.read(65536):
                    pass
            except ConnectionResetError:
                pass
        assert (await door.stub().get_job_status(GetJobStatusRequest())).job is not None
    assert [record for record in caplog.records if record.exc_info] == []


async def test_garbage_after_the_preface_harms_only_its_connection(caplog: pytest.LogCaptureFixture) -> None:
    chance = [bytes((i * 7 + k * 31) % 256 for i in range(3000)) for k in range(60)]
    async with served([Scripted()]) as door:
        stub = door.stub()
        for garbage in chance:
            async with raw(door) as client:
                await client.flush()
                client.writer.write(garbage)
                client.writer.write(os.urandom(3000))
                client.writer.write_eof()
                async with asyncio.timeout(10):
                    try:
                        while await client.reader.read(65536):
                            pass
                    except ConnectionResetError:
                        pass
        assert (await stub.get_job_status(GetJobStatusRequest())).job is not None
        assert door.server.connection_count() == 1
    assert [record for record in caplog.records if record.exc_info] == []
