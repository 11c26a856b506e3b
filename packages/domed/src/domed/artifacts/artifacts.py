"""Keeps what runs declared, within limits, and reads it back. Knows no jobs: who keeps something records it.

Kept means durable, and marked as unsettled until whoever keeps it says that a durable event names it.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from dome_contracts.canonical import Digester
from dome_contracts.runtime.v1 import Artifact
from domed.artifacts.disk import Disk
from domed.artifacts.shelf import Copied, Mark, Shelf
from domed.artifacts.unkept import KeepLimits, NotKept, Unkept, UnkeptKind
from domed.artifacts.workplace import Workplace
from domed.errors import ArtifactCorrupt, ArtifactNotFound, FieldViolation, InvalidRequest
from domed.executors.port import DeclaredArtifact
from domed.telemetry import Log

KEEPERS_MAX: Final = 2
"""So many runs have their files copied at a time; others wait for their turn, not for a thread of everybody's."""
PIECE_BYTES: Final = 512 * 1024
"""Of an artifact that is read."""

_LOG = Log("artifacts")


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the files that a run declared."""

    artifacts: Sequence[Artifact] = ()
    """Those that are kept, in the order of their declaration."""
    unkept: Unkept | None = None
    """The first that is not, if any."""
    marks: Sequence[Mark] = ()


class Artifacts:
    """The artifacts of all jobs. One for the daemon."""

    def __init__(self, root: Path, *, total_bytes_max: int, disk: Disk | None = None) -> None:
        self._shelf = Shelf(root, disk or Disk())
        self._total_bytes_max = total_bytes_max
        self._keepers = ThreadPoolExecutor(KEEPERS_MAX, thread_name_prefix="artifacts")
        self._counting = Lock()
        self._total_bytes = 0

    async def open(self, *, is_named: Callable[[str], Awaitable[bool]], total_bytes: int) -> int:
        """Settle what an earlier daemon left, before anything is kept or read. How many artifacts were removed.

        `is_named` says whether a durable event names a digest, `total_bytes` how large all those together are, and all
        that are to be forgotten.
        """
        self._total_bytes = total_bytes
        removed = 0
        for mark in await asyncio.to_thread(lambda: list(self._shelf.left_behind())):
            if await is_named(mark.digest):
                await asyncio.to_thread(self._shelf.release, mark)
            else:
                removed += await asyncio.to_thread(self._shelf.remove, mark)
        return removed

    async def keep(
        self, declared: Sequence[DeclaredArtifact], workplace: Workplace, *, label: str, limits: KeepLimits
    ) -> Kept:
        """Keep the files that a run declared, as they are: its processes have ended. Raises nothing of what they are.

        The label is the run's alone. One that cannot be kept does not keep the others from it.
        """
        if not declared:
            return Kept()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._keepers, self._keep, declared, workplace, label, limits)

    async def settle(self, kept: Kept) -> None:
        """Durable events name what was kept. An error of the disk is logged: the next daemon settles what is left."""
        if kept.marks:
            await asyncio.get_running_loop().run_in_executor(self._keepers, self._settle, kept.marks)

    @property
    def total_bytes(self) -> int:
        """How large all artifacts together are that are on the disk."""
        with self._counting:
            return self._total_bytes

    async def forget(self, orphans: Mapping[str, int], *, is_named: Callable[[str], Awaitable[bool]]) -> Sequence[str]:
        """Remove artifacts, which are given with their sizes, unless an event names one again.

        Gives those that are settled: durably removed, or named. The others are just being produced anew, or the disk
        has an error, which is logged: try again later.
        """
        leaving = await asyncio.to_thread(lambda: [digest for digest in orphans if self._shelf.leave(digest)])
        # Asked after that: who produces it from here on puts it back, and who did before has its event by now.
        named = [digest for digest in leaving if await is_named(digest)]
        return await asyncio.to_thread(self._forget, orphans, leaving, frozenset(named))

    async def read(self, digest: str, *, offset: int) -> AsyncGenerator[bytes, None]:
        """The bytes from `offset` on. All of them are checked, and the last piece comes only when they are right.

        Raises ArtifactNotFound, ArtifactCorrupt, and InvalidRequest for an offset beyond the end.
        """
        descriptor = await asyncio.to_thread(self._shelf.open, digest)
        if descriptor is None:
            _LOG.warning("an artifact is missing", digest=digest)
            raise ArtifactNotFound(digest)
        try:
            size = os.fstat(descriptor).st_size
            if offset > size:
                raise InvalidRequest([FieldViolation("offset", f"lies beyond the end, which is at {size}")])
            digester, position, held = Digester(), 0, b""
            while piece := await asyncio.to_thread(_next_piece, descriptor, position, digester, digest):
                if held:
                    yield held
                held = piece[max(0, offset - position) :]
                position += len(piece)
            if digester.digest() != digest:
                raise _corrupt(digest)
            if held:
                yield held
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Start nothing more. What is being copied is left to the next daemon."""
        self._keepers.shutdown(wait=False, cancel_futures=True)

    def _keep(self, declared: Sequence[DeclaredArtifact], workplace: Workplace, label: str, limits: KeepLimits) -> Kept:
        artifacts: list[Artifact] = []
        marks: list[Mark] = []
        unkept: Unkept | None = None
        left_bytes = limits.artifacts_bytes_max
        for number, each in enumerate(declared, start=1):
            try:
                copied = self._copied(each, workplace, f"{label}.{number}", limits=limits, left_bytes=left_bytes)
                marks.append(self._placed(copied))
            except (NotKept, OSError) as error:
                unkept = unkept or _told(each.name, error)
                continue
            left_bytes -= copied.size_bytes
            artifacts.append(
                Artifact(name=each.name, digest=copied.digest, size_bytes=copied.size_bytes, media_type=each.media_type)
            )
        return Kept(artifacts, unkept, marks)

    def _copied(
        self, declared: DeclaredArtifact, workplace: Workplace, label: str, *, limits: KeepLimits, left_bytes: int
    ) -> Copied:
        source = workplace.open(declared.path)
        try:
            with self._counting:
                total_left_bytes = self._total_bytes_max - self._total_bytes
            allowed, limit = min(
                (limits.artifact_bytes_max, f"artifact_bytes_max, {limits.artifact_bytes_max}"),
                (left_bytes, f"what artifacts_bytes_max, {limits.artifacts_bytes_max}, leaves for it: {left_bytes}"),
                (
                    total_left_bytes,
                    f"what artifacts.total_bytes_max, {self._total_bytes_max}, leaves for it: {total_left_bytes}",
                ),
            )
            size = os.fstat(source).st_size
            if size > allowed:
                raise NotKept(UnkeptKind.TOO_LARGE, f"it has {size} bytes, more than {limit}")
            copied = self._shelf.copy(source, label=label, bytes_max=allowed)
        finally:
            os.close(source)
        if copied.size_bytes > allowed:
            self._shelf.discard(copied)
            raise NotKept(UnkeptKind.TOO_LARGE, f"it has more bytes than {limit}")
        return copied

    def _placed(self, copied: Copied) -> Mark:
        mark, is_new = self._shelf.place(copied)
        if is_new:
            with self._counting:
                self._total_bytes += copied.size_bytes
        return mark

    def _forget(self, orphans: Mapping[str, int], leaving: Sequence[str], named: frozenset[str]) -> Sequence[str]:
        settled = []
        for digest in leaving:
            if digest in named:
                self._shelf.stay(digest)
                settled.append(digest)
                continue
            try:
                if not self._shelf.drop(digest):
                    continue
            except OSError as error:
                _LOG.warning("an artifact cannot be removed", digest=digest, error=error)
                continue
            with self._counting:
                self._total_bytes -= orphans[digest]
            settled.append(digest)
        return settled

    def _settle(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            try:
                self._shelf.release(mark)
            except OSError as error:
                _LOG.warning("a mark cannot be removed", path=mark.path, error=error)


def _told(name: str, error: NotKept | OSError) -> Unkept:
    if isinstance(error, NotKept):
        return Unkept(error.unkept.kind, f"The artifact {name!r} is not kept: {error.unkept.message}.")
    _LOG.warning("an artifact cannot be stored", name=name, error=error)
    return Unkept(UnkeptKind.STORAGE, f"The artifact {name!r} cannot be stored: {error.strerror or error}.")


def _next_piece(descriptor: int, position: int, digester: Digester, digest: str) -> bytes:
    """The bytes at a position, taken into the digest.

    By position, because a reader that leaves lets go of the descriptor in the middle of this: whatever has its number
    then must not be moved.
    """
    try:
        piece = os.pread(descriptor, PIECE_BYTES, position)
    except OSError as error:
        _LOG.warning("an artifact cannot be read", digest=digest, error=error)
        raise ArtifactCorrupt(digest) from error
    digester.update(piece)
    return piece


def _corrupt(digest: str) -> ArtifactCorrupt:
    _LOG.warning("an artifact does not have its digest", digest=digest)
    return ArtifactCorrupt(digest)
