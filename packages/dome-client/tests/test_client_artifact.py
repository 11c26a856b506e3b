"""Reading an artifact with the SDK: whole or an error, over broken connections too."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_client.calling import Patience
from dome_client.connection import connect
from dome_client.errors import ArtifactDamaged, DomeError
from dome_contracts.canonical import digest_bytes
from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime import v1

DATA = b"abcdefghij"
DIGEST = digest_bytes(DATA)
QUICK = Patience(call_timeout_s=5, retry_s=2, reconnect_s=2, silence_s=5, delay_min_s=0.001, delay_max_s=0.01)
Step = bytes | Exception


class Reads(v1.RuntimeServiceBase):
    """Answers each call with the next of its scripts."""

    def __init__(self, *scripts: list[Step]) -> None:
        self._scripts = list(scripts)
        self.offsets: list[int] = []

    async def read_artifact(self, message: v1.ReadArtifactRequest) -> AsyncIterator[v1.ReadArtifactResponse]:
        self.offsets.append(message.offset)
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield v1.ReadArtifactResponse(data=step)


def failure(status: Status, reason: str) -> GRPCError:
    return GRPCError(status, "no", [ErrorInfo(reason=reason, domain="dome.runtime")])


async def read(path: str, *, offset: int = 0) -> bytes:
    async with (
        connect(path, environ={}, patience=QUICK) as client,
        aclosing(client.artifact(DIGEST, offset=offset)) as pieces,
    ):
        return b"".join([piece async for piece in pieces])


@pytest.fixture
def path(short_directory: Path) -> str:
    return str(short_directory / "s")


async def test_pieces_joined_are_the_artifact(serve: Any, path: str) -> None:
    with serve(Reads([DATA[:3], DATA[3:]]), path):
        assert await read(path) == DATA


async def test_a_daemon_that_goes_away_is_asked_for_the_rest(serve: Any, path: str) -> None:
    going = failure(Status.UNAVAILABLE, "SHUTTING_DOWN")
    service = Reads([DATA[:3], going], [going], [DATA[3:5], going], [DATA[5:]])
    with serve(service, path):
        assert await read(path) == DATA
    assert service.offsets == [0, 3, 3, 5]


@pytest.mark.parametrize("pieces", [[DATA[:-1]], [DATA, b"!"], [b"ABCDEFGHIJ"], []])
async def test_other_bytes_than_the_digest_says_are_an_error(serve: Any, path: str, pieces: list[Step]) -> None:
    with serve(Reads(pieces), path), pytest.raises(ArtifactDamaged) as caught:
        await read(path)
    assert caught.value.reason == "ARTIFACT_CORRUPT"


async def test_a_refusal_is_not_tried_again(serve: Any, path: str) -> None:
    service = Reads([DATA[:3], failure(Status.DATA_LOSS, "ARTIFACT_CORRUPT")])
    with serve(service, path), pytest.raises(DomeError) as caught:
        await read(path)
    assert caught.value.reason == "ARTIFACT_CORRUPT"
    assert service.offsets == [0]


async def test_a_part_is_read_from_its_offset(serve: Any, path: str) -> None:
    service = Reads([DATA[4:]])
    with serve(service, path):
        assert await read(path, offset=4) == DATA[4:]
    assert service.offsets == [4]
