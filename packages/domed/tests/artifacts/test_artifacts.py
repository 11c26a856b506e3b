"""Files are kept by content, within limits, and read back as they were or not at all."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from domed.artifacts import Artifacts, KeepLimits, Kept, UnkeptKind, Workplace
from domed.artifacts.artifacts import PIECE_BYTES
from domed.artifacts.disk import PIECE_BYTES as COPIED_BYTES
from domed.artifacts.disk import Disk
from domed.errors import ArtifactCorrupt, ArtifactNotFound, InvalidRequest
from domed.executors.port import DeclaredArtifact

LIMITS = KeepLimits(artifact_bytes_max=10**9, artifacts_bytes_max=10**9)


class Bench:
    """Artifacts, and a run that may have some."""

    def __init__(self, root: Path, *, disk: Disk | None = None, total_bytes_max: int = 10**9) -> None:
        self.root = root / "state" / "artifacts"
        self.place = Workplace(root / "work", root / "scratch")
        for directory in (self.place.directory, self.place.scratch, self.root.parent):
            directory.mkdir(exist_ok=True)
        self.artifacts = Artifacts(self.root, total_bytes_max=total_bytes_max, disk=disk)
        self._labels = 0

    def declare(self, name: str, data: bytes) -> DeclaredArtifact:
        (self.place.scratch / name).write_bytes(data)
        return DeclaredArtifact(name, str(self.place.scratch / name), "text/plain")

    async def keep(self, *declared: DeclaredArtifact, limits: KeepLimits = LIMITS) -> Kept:
        self._labels += 1
        return await self.artifacts.keep(declared, self.place, label=f"job-{self._labels}", limits=limits)

    async def read(self, digest: str, offset: int = 0) -> bytes:
        async with aclosing(self.artifacts.read(digest, offset=offset)) as pieces:
            return b"".join([piece async for piece in pieces])

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}

    def shelf(self) -> set[str]:
        return {name for name in self.files() if not name.startswith("incoming/")}


def where(digest: str) -> str:
    digits = digest.removeprefix("sha256:")
    return f"{digits[:2]}/{digits}"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.artifacts.close()


@pytest.fixture
def on(tmp_path: Path) -> Callable[..., Bench]:
    return lambda disk=None, **options: Bench(tmp_path, disk=disk, **options)


async def test_a_kept_file_is_found_under_its_digest(bench: Bench) -> None:
    kept = await bench.keep(bench.declare("a.txt", b"hello"))
    (artifact,) = kept.artifacts
    assert (artifact.name, artifact.size_bytes, artifact.media_type) == ("a.txt", 5, "text/plain")
    assert artifact.digest == digest_bytes(b"hello")
    assert kept.unkept is None
    assert bench.shelf() == {where(artifact.digest)}
    assert await bench.read(artifact.digest) == b"hello"


async def test_only_the_owner_can_read_what_is_kept(bench: Bench) -> None:
    (bench.place.scratch / "x").write_bytes(b"x")
    (bench.place.scratch / "x").chmod(0o777)
    await bench.keep(DeclaredArtifact("x", "../scratch/x", "text/plain"))
    for path in (bench.root, *bench.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


async def test_nothing_declared_costs_nothing(bench: Bench) -> None:
    assert await bench.keep() == Kept()
    assert not bench.root.exists()


async def test_equal_files_are_kept_once(bench: Bench) -> None:
    first = await bench.keep(bench.declare("a", b"same"), bench.declare("b", b"same"))
    second = await bench.keep(bench.declare("c", b"same"))
    digests = {artifact.digest for artifact in [*first.artifacts, *second.artifacts]}
    await bench.artifacts.settle(first)
    await bench.artifacts.settle(second)
    assert len(digests) == 1
    assert bench.files() == {where(digest_bytes(b"same"))}


async def test_a_damaged_file_is_whole_again_when_its_like_is_kept(bench: Bench) -> None:
    (artifact,) = (await bench.keep(bench.declare("a", b"good"))).artifacts
    (bench.root / where(artifact.digest)).write_bytes(b"evil")
    await bench.keep(bench.declare("b", b"good"))
    assert await bench.read(artifact.digest) == b"good"


async def test_one_that_cannot_be_kept_does_not_keep_the_others(bench: Bench) -> None:
    missing = DeclaredArtifact("m", "missing", "text/plain")
    outside = DeclaredArtifact("o", "/etc/passwd", "text/plain")
    kept = await bench.keep(bench.declare("a", b"1"), missing, outside, bench.declare("b", b"2"))
    assert [artifact.name for artifact in kept.artifacts] == ["a", "b"]
    assert kept.unkept is not None
    assert kept.unkept.kind is UnkeptKind.INVALID
    assert "The artifact 'm' is not kept: its path 'missing'" in kept.unkept.message


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (KeepLimits(artifact_bytes_max=4, artifacts_bytes_max=99), "artifact_bytes_max, 4"),
        (KeepLimits(artifact_bytes_max=99, artifacts_bytes_max=8), "artifacts_bytes_max, 8, leaves for it: 3"),
    ],
)
async def test_a_file_over_a_limit_is_not_kept_and_the_limit_is_named(
    bench: Bench, limits: KeepLimits, words: str
) -> None:
    kept = await bench.keep(bench.declare("a", b"12345"), bench.declare("b", b"1234"), limits=limits)
    assert kept.unkept is not None
    assert kept.unkept.kind is UnkeptKind.TOO_LARGE
    assert words in kept.unkept.message
    assert len(kept.artifacts) == 1
    assert len(bench.shelf()) == 1


async def test_a_file_exactly_at_its_limit_is_kept(bench: Bench) -> None:
    limits = KeepLimits(artifact_bytes_max=5, artifacts_bytes_max=5)
    assert (await bench.keep(bench.declare("a", b"12345"), limits=limits)).unkept is None


async def test_everything_together_has_a_limit_in_which_equal_files_count_once(on: Callable[..., Bench]) -> None:
    bench = on(total_bytes_max=10)
    assert (await bench.keep(bench.declare("a", b"12345678"))).unkept is None
    refused = (await bench.keep(bench.declare("b", b"123"))).unkept
    assert refused is not None
    assert "artifacts.total_bytes_max, 10, leaves for it: 2" in refused.message
    assert (await bench.keep(bench.declare("c", b"12"))).unkept is None


async def test_a_new_daemon_counts_what_is_there(on: Callable[..., Bench]) -> None:
    async def is_named(_: str) -> bool:
        return True

    bench = on(total_bytes_max=10)
    await bench.artifacts.open(is_named=is_named, total_bytes=8)
    assert (await bench.keep(bench.declare("b", b"123"))).unkept is not None


async def test_a_file_that_grows_while_it_is_copied_stays_within_its_limit(on: Callable[..., Bench]) -> None:
    class Growing(Disk):
        def copy(self, source: int, target: int, *, bytes_max: int) -> tuple[str, int]:
            with open(f"/proc/self/fd/{source}", "ab") as file:
                file.write(b"x" * 100)
            return super().copy(source, target, bytes_max=bytes_max)

    bench = on(Growing())
    limits = KeepLimits(artifact_bytes_max=10, artifacts_bytes_max=99)
    kept = await bench.keep(bench.declare("a", b"1"), limits=limits)
    assert kept.unkept is not None
    assert kept.unkept.kind is UnkeptKind.TOO_LARGE
    assert bench.files() == set()


@pytest.mark.parametrize("step", ["make_folder", "create", "copy", "sync", "link", "move", "sync_folder"])
async def test_a_disk_that_fails_is_told_and_leaves_no_file_in_use(on: Callable[..., Bench], step: str) -> None:
    class Full(Disk):
        broken = True

    def fail(self: Full, *arguments: Any, **options: Any) -> Any:
        if self.broken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return getattr(Disk, step)(self, *arguments, **options)

    setattr(Full, step, fail)
    disk = Full()
    bench = on(disk)
    kept = await bench.keep(bench.declare("a", b"data"))
    assert kept.unkept is not None
    assert kept.unkept.kind is UnkeptKind.STORAGE
    assert "No space left" in kept.unkept.message
    assert kept.artifacts == []
    disk.broken = False
    (artifact,) = (await bench.keep(bench.declare("a", b"data"))).artifacts
    assert await bench.read(artifact.digest) == b"data"


async def test_the_bytes_are_durable_before_their_place_and_the_place_before_the_answer(
    on: Callable[..., Bench],
) -> None:
    steps: list[str] = []

    class Noting(Disk):
        pass

    for name in ("make_folder", "create", "copy", "sync", "link", "move", "sync_folder", "remove"):
        original = getattr(Disk, name)

        def note(self: Noting, *arguments: Any, _name: str = name, _original: Any = original, **options: Any) -> Any:
            steps.append(_name)
            return _original(self, *arguments, **options)

        setattr(Noting, name, note)
    bench = on(Noting())
    kept = await bench.keep(bench.declare("a", b"data"))
    assert steps == [
        *("make_folder", "make_folder", "sync_folder", "sync_folder"),
        *("remove", "create", "copy", "sync"),
        *("make_folder", "sync_folder", "link", "move", "sync_folder"),
    ]
    await bench.artifacts.settle(kept)
    assert steps[-1] == "remove"


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


@pytest.mark.parametrize("code", [errno.EXDEV, errno.ENOSYS, errno.EINVAL])
async def test_bytes_are_copied_where_the_kernel_cannot_do_it_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "copy_file_range", refuse)
    data = os.urandom(2 * COPIED_BYTES + 3)
    (artifact,) = (await bench.keep(bench.declare("a", data))).artifacts
    assert await bench.read(artifact.digest) == data


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file without a size; /proc is not mounted here")
async def test_a_file_without_a_size_is_read_to_its_end(bench: Bench) -> None:
    place = Workplace(Path("/proc"), bench.place.scratch)
    declared = DeclaredArtifact("version", "version", "text/plain")
    (artifact,) = (await bench.artifacts.keep([declared], place, label="job", limits=LIMITS)).artifacts
    assert (await bench.read(artifact.digest)).startswith(b"Linux version ")
