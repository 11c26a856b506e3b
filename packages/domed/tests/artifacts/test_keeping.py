"""Files are kept by content, within limits, whatever disk and kernel do."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from domed.artifacts import KeepLimits, Kept, UnkeptKind, Workplace
from domed.artifacts.disk import PIECE_BYTES as COPIED_BYTES
from domed.artifacts.disk import Disk
from domed.executors.port import DeclaredArtifact
from packages.domed.tests.artifacts.bench import LIMITS, Bench, where


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
