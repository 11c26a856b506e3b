"""What was kept is read back as it was, or not at all."""

import asyncio
import os
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from domed.artifacts.artifacts import PIECE_BYTES
from domed.errors import ArtifactCorrupt, ArtifactNotFound, InvalidRequest
from packages.domed.tests.artifacts.bench import Bench, where


@given(data=st.binary(max_size=5000), offset=st.integers(0, 5000), piece=st.integers(1, 900))
@settings(deadline=None, max_examples=60)
def test_reading_from_anywhere_gives_the_rest(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, offset: int, piece: int
) -> None:
    async def check() -> None:
        bench = Bench(tmp_path_factory.mktemp("bench"))
        (artifact,) = (await bench.keep(bench.declare("a", data))).artifacts
        assert artifact.digest == digest_bytes(data)
        if offset <= len(data):
            assert await bench.read(artifact.digest, offset) == data[offset:]
        else:
            with pytest.raises(InvalidRequest):
                await bench.read(artifact.digest, offset)

    asyncio.run(check())


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7])
async def test_a_large_file_comes_in_pieces_and_whole(bench: Bench, size: int) -> None:
    data = os.urandom(size)
    (artifact,) = (await bench.keep(bench.declare("a", data))).artifacts
    async with aclosing(bench.artifacts.read(artifact.digest, offset=0)) as pieces:
        read = [piece async for piece in pieces]
    assert b"".join(read) == data
    assert all(0 < len(piece) <= PIECE_BYTES for piece in read)


@pytest.mark.parametrize("position", [0, PIECE_BYTES + 1, -1])
async def test_a_damaged_file_is_never_read_to_its_end(bench: Bench, position: int) -> None:
    data = os.urandom(2 * PIECE_BYTES + 5)
    (artifact,) = (await bench.keep(bench.declare("a", data))).artifacts
    damaged = bytearray(data)
    damaged[position] ^= 1
    (bench.root / where(artifact.digest)).write_bytes(damaged)
    for offset in (0, len(data) - 3):
        read = b""
        with pytest.raises(ArtifactCorrupt):
            async with aclosing(bench.artifacts.read(artifact.digest, offset=offset)) as pieces:
                async for piece in pieces:
                    read += piece
        assert len(read) < len(data) - offset


@pytest.mark.parametrize("change", [-1, 1])
async def test_a_file_of_another_length_is_damaged(bench: Bench, change: int) -> None:
    (artifact,) = (await bench.keep(bench.declare("a", b"data"))).artifacts
    (bench.root / where(artifact.digest)).write_bytes(b"data!"[: 4 + change])
    with pytest.raises(ArtifactCorrupt):
        await bench.read(artifact.digest)


async def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    with pytest.raises(ArtifactNotFound):
        await bench.read(digest_bytes(b"never"))


async def test_a_reader_that_leaves_closes_the_file(bench: Bench) -> None:
    (artifact,) = (await bench.keep(bench.declare("a", os.urandom(3 * PIECE_BYTES)))).artifacts
    before = len(os.listdir("/proc/self/fd"))
    async with aclosing(bench.artifacts.read(artifact.digest, offset=0)) as pieces:
        await anext(pieces)
        assert len(os.listdir("/proc/self/fd")) == before + 1
    assert len(os.listdir("/proc/self/fd")) == before
