"""The evidence store: bytes under their digest, copied here so that they outlive whatever they were copied from.

A file is there as a whole or not at all; it is written once and never changed. Knows nothing of what evidence shows.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dome_contracts import canonical
from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Refusal
from dome_spec.kernel.durable import make_directory, sweep, sync_directory, write_beside

EVIDENCE_BYTES_MAX: Final = 256 * 1024 * 1024
"""Largest piece of evidence."""
CHUNK_BYTES: Final = 1024 * 1024
FOLDER: Final = "evidence"
"""What locations within the store begin with."""
_FAN_OUT: Final = 2
_NAME_LENGTH: Final = 64


class EvidenceTooLarge(Refusal):
    """A piece of evidence is larger than what is kept."""

    code = "EVIDENCE_TOO_LARGE"
    exit_code = Exit.INVALID


class EvidenceMissing(Refusal):
    """The store has no bytes of this digest."""

    code = "EVIDENCE_MISSING"
    exit_code = Exit.NOT_FOUND


class EvidenceDamaged(Refusal):
    """The bytes in the store are not those that the digest stands for."""

    code = "EVIDENCE_DAMAGED"
    exit_code = Exit.INVALID


class EvidenceDiffers(Refusal):
    """What was found under a location has another digest than the one that was stated."""

    code = "EVIDENCE_DIFFERS"
    exit_code = Exit.INVALID


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of evidence in the store."""

    digest: str
    size_bytes: int
    location: str
    """Path within the state of the repository, as documents refer to it."""


def location_of(digest: str) -> str:
    """Where evidence of a digest lies, as documents refer to it."""
    name = digest.removeprefix(canonical.PREFIX)
    return f"{FOLDER}/{name[:_FAN_OUT]}/{name}"


class EvidenceStore:
    """The evidence of one repository, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._root = str(directory)

    def put(self, data: bytes | Iterable[bytes], *, expect: str = "") -> Kept:
        """Keep the bytes. Durable before the answer; the same bytes are kept once.

        Raises EvidenceDiffers where they have another digest than the expected one, and EvidenceTooLarge.
        """
        if isinstance(data, bytes) and (digest := canonical.digest_bytes(data)) and self.has(digest):
            return self._expected(Kept(digest, len(data), location_of(digest)), expect)
        counted = _Counted((data,) if isinstance(data, bytes) else data)
        make_directory(self._directory)
        scratch = write_beside(self._directory / "incoming", counted)
        try:
            kept = Kept(counted.digest, counted.size_bytes, location_of(counted.digest))
            self._name(scratch, self._expected(kept, expect))
        finally:
            scratch.unlink(missing_ok=True)
        return kept

    def put_all(self, several: Iterable[bytes]) -> None:
        """Keep several pieces. Durable before the answer, and quicker than one after the other."""
        folders: set[Path] = set()
        for data in several:
            digest = canonical.digest_bytes(data)
            if not self.has(digest):
                make_directory(self._directory)
                path = self._path(digest)
                folders |= {path.parent} if path.parent.is_dir() else {path.parent, self._directory}
                make_directory(path.parent)
                os.replace(write_beside(self._directory / "incoming", (data,)), path)
        for folder in sorted(folders):
            sync_directory(folder)

    def has(self, digest: str) -> bool:
        """Whether there are bytes of this digest. Does not read them: see `check`."""
        return os.path.isfile(self._path_text(digest))

    def read(self, digest: str, *, bytes_max: int = EVIDENCE_BYTES_MAX) -> bytes:
        """The bytes, checked. Raises EvidenceMissing, EvidenceDamaged, EvidenceTooLarge."""
        data = b"".join(self.chunks(digest, bytes_max=bytes_max))
        if canonical.digest_bytes(data) != digest:
            raise self._damaged(digest)
        return data

    def check(self, digest: str) -> None:
        """Read the bytes and compare their digest. Raises EvidenceMissing, EvidenceDamaged."""
        if canonical.digest_stream(self.chunks(digest)) != digest:
            raise self._damaged(digest)

    def digests(self) -> Iterator[str]:
        """What is kept, sorted."""
        for folder in sorted(self._directory.glob("[0-9a-f]" * _FAN_OUT)):
            for path in sorted(folder.iterdir()):
                if len(path.name) == _NAME_LENGTH:
                    yield f"{canonical.PREFIX}{path.name}"

    def path(self, digest: str) -> Path:
        """The file. Raises EvidenceMissing."""
        path = self._path(digest)
        if not path.is_file():
            raise EvidenceMissing(
                f"There is no evidence {digest}",
                why=f"{path} is not there",
                hint="Ingest it again from where it was made",
            )
        return path

    def sweep(self, *, older_than: datetime) -> int:
        """Remove what was being copied when a program was killed; how many pieces."""
        return sweep(self._directory, older_than=older_than) if self._directory.is_dir() else 0

    def chunks(self, digest: str, *, bytes_max: int = EVIDENCE_BYTES_MAX) -> Iterator[bytes]:
        """The bytes as they are, in pieces. Raises EvidenceMissing, EvidenceTooLarge."""
        size_bytes = 0
        with open(self.path(digest), "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                size_bytes += len(chunk)
                _bounded(size_bytes, bytes_max)
                yield chunk

    def _path(self, digest: str) -> Path:
        return Path(self._path_text(digest))

    def _path_text(self, digest: str) -> str:
        name = digest.removeprefix(canonical.PREFIX)
        if len(name) != _NAME_LENGTH or not name.isalnum():
            raise ValueError(f"{digest!r} is no digest")
        return f"{self._root}/{name[:_FAN_OUT]}/{name}"

    def _name(self, scratch: Path, kept: Kept) -> None:
        """Give the written file its name; another writer's file of this name has the same bytes."""
        path = self._path(kept.digest)
        if path.is_file():
            return
        is_first = not path.parent.is_dir()
        make_directory(path.parent)
        os.replace(scratch, path)
        sync_directory(path.parent)
        if is_first:
            sync_directory(self._directory)

    def _expected(self, kept: Kept, expect: str) -> Kept:
        if expect and kept.digest != expect:
            raise EvidenceDiffers(
                f"The bytes are not the evidence {expect}",
                why=f"their digest is {kept.digest}",
                hint="State the digest of the bytes as they are, or give the bytes that were meant",
            )
        return kept

    def _damaged(self, digest: str) -> EvidenceDamaged:
        return EvidenceDamaged(
            f"The evidence {digest} is damaged",
            why=f"the bytes of {self._path(digest)} have another digest",
            hint="Remove the file, and ingest the evidence again from where it was made",
        )


class _Counted:
    """Chunks on their way, with their size and digest."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._digester = canonical.Digester()
        self.size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size_bytes += len(chunk)
            _bounded(self.size_bytes, EVIDENCE_BYTES_MAX)
            self._digester.update(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        return self._digester.digest()


def _bounded(size_bytes: int, bytes_max: int) -> None:
    if size_bytes > bytes_max:
        raise EvidenceTooLarge(f"More than {bytes_max} bytes are no evidence that is kept", hint="Split it")
