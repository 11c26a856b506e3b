"""Every door, with what no client of ours would send: a typed error or an answer, nothing lost, and no crash."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from dome_contracts.runtime.v1 import (
    Correlation,
    ExecuteConstraints,
    RuntimeServiceBase,
    SkillExecuteRequest,
    SkillExecuteResponse,
)
from tests.e2e.daemon_process import Daemon, a_place, details_of, reason

SERVICE = "/dome.runtime.v1.RuntimeService/"
TEXTS = ["", "x" * 300_000, "\0", "../" * 50, "job-" + "0" * 26, "\u202e", "a b", "sha256:" + "f" * 64, "-1", "%s%n"]
BYTES = [b"", b"\xff\xfe", b"{" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"argv":["true"]}', b"null", b"1e999999"]
NUMBERS = [0, 1, 2**31 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]
TIMEOUT_S = 1.0
ROUNDS = 40
DEEP = 200


def doors() -> list[tuple[str, bool]]:
    """Every call: its path, and whether it answers with a stream."""
    handlers = RuntimeServiceBase().__mapping__()
    return [(path, handler.cardinality.server_streaming) for path, handler in sorted(handlers.items())]


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number: int, kind: int, value: bytes) -> bytes:
    return varint(number << 3 | kind) + value


def a_message(chance: random.Random, depth: int = 0) -> bytes:
    """Bytes that are often a message: fields of any number and kind, with values at the edge of what they may be."""
    parts = []
    for _ in range(chance.randrange(6)):
        number = chance.choice([*range(1, 22), 2**29 - 1])
        match chance.randrange(6):
            case 0:
                parts.append(field(number, 0, varint(chance.choice(NUMBERS))))
            case 1:
                parts.append(field(number, 1, chance.randbytes(8)))
            case 2:
                text = chance.choice(TEXTS).encode()
                parts.append(field(number, 2, varint(len(text)) + text))
            case 3:
                data = chance.choice([*BYTES, chance.randbytes(20)])
                parts.append(field(number, 2, varint(len(data)) + data))
            case 4 if depth < 4:
                inner = a_message(chance, depth + 1)
                parts.append(field(number, 2, varint(len(inner)) + inner))
            case _:
                parts.append(field(number, 5, chance.randbytes(4)))
    whole = b"".join(parts)
    return whole[: chance.randrange(len(whole) + 1)] if chance.random() < 0.2 else whole


def nested(depth: int) -> bytes:
    """One message inside the other."""
    message = b""
    for _ in range(depth):
        message = field(3, 2, varint(len(message)) + message)
    return message


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with a_place() as place:
        place.configure('[log]\nlevel = "warning"\n')
        made = place.ready()
        yield made
        code, log = made.stop()
        assert code == 0, log
        assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def channel(daemon: Daemon) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"unix:{daemon.place.socket}") as made:
        yield made


def knock(channel: grpc.Channel, path: str, message: bytes, *, is_stream: bool) -> str:
    """What a raw message is answered with: empty, or the reason of the error."""
    try:
        if is_stream:
            stream = channel.unary_stream(path, request_serializer=bytes, response_deserializer=bytes)
            next(stream(message, timeout=TIMEOUT_S), None)
        else:
            channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)(message, timeout=TIMEOUT_S)
    except grpc.RpcError as error:
        code = error.code()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            assert is_stream, "a call was not answered"
            return ""
        with contextlib.suppress(KeyError):
            return reason(details_of(error))
        raise AssertionError(f"{path} answered {code} without a reason: {error}") from None
    return ""


@pytest.mark.parametrize(("path", "is_stream"), doors(), ids=[path.rpartition("/")[2] for path, _ in doors()])
def test_a_door_answers_whatever_comes_with_an_answer_or_a_reason(
    channel: grpc.Channel, path: str, *, is_stream: bool
) -> None:
    chance = random.Random(path)
    messages = [a_message(chance) for _ in range(ROUNDS)]
    messages += [chance.randbytes(chance.randrange(1, 200)) for _ in range(ROUNDS)]
    messages += [nested(DEEP), b"\x0a\xff\xff\xff\xff\x7f"]
    for message in messages:
        assert knock(channel, path, message, is_stream=is_stream) not in {"INTERNAL", "UNSUPPORTED"}, message[:200]


@pytest.mark.parametrize("text", TEXTS, ids=[repr(text[:12]) for text in TEXTS])
def test_a_request_with_fields_at_the_edge_is_accepted_or_refused_by_name(channel: grpc.Channel, text: str) -> None:
    execute = channel.unary_unary(
        SERVICE + "SkillExecute", request_serializer=bytes, response_deserializer=SkillExecuteResponse.parse
    )
    good = SkillExecuteRequest(skill_id="process.run", input=b'{"argv":["true"]}', idempotency_key="good")
    first = execute(good, timeout=10)
    edges: list[dict[str, Any]] = [
        {"skill_id": text},
        {"working_directory": text},
        {"tool_version": text},
        {"environment": {text: text}},
        {"labels": {text: text}},
        {"correlation": Correlation(run_id=text, task_id=text, parent_job_id=text, traceparent=text)},
        {"constraints": ExecuteConstraints(output_bytes_max=2**63)},
        {"idempotency_key": text},
        {"priority": -(2**31)},
        *({"input": data} for data in BYTES),
    ]
    for fields in edges:
        request = SkillExecuteRequest(**({"skill_id": "process.run", "input": b'{"argv":["true"]}'} | fields))
        answer = knock(channel, SERVICE + "SkillExecute", bytes(request), is_stream=False)
        assert answer not in {"INTERNAL", "UNSUPPORTED"}, fields
    again = execute(good, timeout=10)
    assert again.deduplicated
    assert again.request_digest == first.request_digest
