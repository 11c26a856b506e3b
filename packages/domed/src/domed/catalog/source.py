"""Reads the files of one tool folder, within limits, and remembers what it read so that a later edit is seen.

Never reads outside the folder: symbolic links are followed and then have to end inside it. Knows nothing of what
the files mean.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from dome_contracts.canonical import Digester, digest_bytes
from domed.catalog.rejection import Rejected

CHUNK_BYTES: Final = 1024 * 1024
COVERED_FILES_MAX: Final = 1000
COVERED_BYTES_MAX: Final = 64 * 1024 * 1024
"""Of the files of one tool: the daemon reads each byte when it first sees the tool."""
OLD_S: Final = 60.0
"""Longer than clocks of one network differ."""
DERIVED_FOLDER: Final = "__pycache__"

Signature = tuple[int, ...]
ABSENT: Final[Signature] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one path was when it was read: its state in the file system, and a digest of what it held."""

    path: str
    signature: Signature
    content: str

    def is_current(self) -> bool:
        """Whether the path looks as it did. Costs one look at the file system."""
        return signature_of(self.path) == self.signature

    def holds_the_same(self) -> bool:
        """Whether the path holds what it held, by reading it again.

        Needed once per stamp: an edit within the clock tick of the first reading leaves the signature as it is.
        """
        return _content_of(self.path) == self.content


def signature_of(path: str) -> Signature:
    """What changes when the file or folder at the end of the path changes. ABSENT where there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ABSENT
    return (found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def is_old(signature: Signature, now: datetime) -> bool:
    """Whether the path was last changed so long ago that an edit from now on gives it another signature.

    That takes a clock which tells about the same time as the file system's.
    """
    return all(changed_ns < (now.timestamp() - OLD_S) * 1e9 for changed_ns in signature[-2:])


@dataclass(frozen=True, slots=True)
class Covered:
    """One file that a digest covers."""

    digest: str
    size_bytes: int


class Source:
    """The files of one folder. Every path that is asked for leaves a stamp, also when there is nothing there."""

    def __init__(self, folder: Path) -> None:
        self._stamps: dict[str, Stamp] = {}
        self._sizes: dict[str, int] = {}
        named = str(folder)
        self._stamps[named] = Stamp(named, signature_of(named), _content_of(named))
        self._base = os.path.realpath(folder)
        self.folder = Path(self._base)

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """What was asked for so far."""
        return tuple(self._stamps.values())

    def has(self, name: str) -> bool:
        """Whether there is something at this path of the folder."""
        path = os.path.join(self._base, name)
        signature = signature_of(path)
        self._stamps.setdefault(path, Stamp(path, signature, _content_of(path)))
        return signature != ABSENT

    def read(self, name: str, *, bytes_max: int) -> bytes:
        """The bytes of one file. Raises Rejected."""
        data = bytearray()
        self._digest(name, bytes_max=bytes_max, into=data)
        return bytes(data)

    def covered(self, name: str, *, without_derived: bool = False) -> dict[str, Covered]:
        """The file at this path, or every file below the folder at this path. Raises Rejected.

        A file that was read counts with the bytes that were read. `without_derived` leaves out folders named
        `__pycache__` below it.
        """
        self._inside(name)
        found: dict[str, Covered] = {}
        size = 0
        for file in self._files(os.path.normpath(os.path.join(self._base, name)), without_derived=without_derived):
            if len(found) >= COVERED_FILES_MAX:
                raise Rejected(
                    f"it has more than {COVERED_FILES_MAX} files, and an approval covers each. Keep fewer there.",
                    path=name,
                )
            relative = os.path.relpath(file, self._base)
            known = self._sizes.get(file)
            size += _size_of(file) if known is None else known
            if size > COVERED_BYTES_MAX:
                raise Rejected(
                    f"its files have more than {COVERED_BYTES_MAX} bytes, and an approval covers each. Keep less.",
                    path=name,
                )
            if known is None:
                self._digest(relative, bytes_max=COVERED_BYTES_MAX)
            found[relative] = Covered(self._stamps[file].content, self._sizes[file])
        return found

    def _files(self, path: str, *, without_derived: bool) -> Iterator[str]:
        if not os.path.isdir(path):
            yield path
            return
        pending = [path]
        while pending:
            folder = pending.pop()
            # Before the listing, of which it keeps the names: what is added in between changes the signature.
            signature = signature_of(folder)
            entries = _entries(folder)
            self._stamps[folder] = Stamp(folder, signature, _names_digest([entry.name for entry in entries]))
            for entry in entries:
                if without_derived and entry.name == DERIVED_FOLDER and entry.is_dir():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif entry.is_dir():
                    name = os.path.relpath(entry.path, self._base)
                    raise Rejected("it is a link to a folder. Replace it by the files.", path=name)
                else:
                    yield entry.path

    def _inside(self, name: str) -> str:
        """The real path. Raises Rejected when it lies outside the folder."""
        path = os.path.join(self._base, name)
        if os.sep not in name and name not in {os.curdir, os.pardir} and not os.path.islink(path):
            return path
        path = os.path.realpath(path)
        if path != self._base and not path.startswith(f"{self._base}{os.sep}"):
            raise Rejected("it leads outside the tool's folder. Put the file into the folder.", path=name)
        return path

    def _digest(self, name: str, *, bytes_max: int, into: bytearray | None = None) -> None:
        """Read one file to its end and leave its stamp with its digest. Raises Rejected."""
        # By the path as it is named, so that a link that is changed is seen, and before the reading: an edit in
        # between changes the signature and is seen the next time.
        named = os.path.join(self._base, name)
        signature = signature_of(named)
        self._stamps[named] = Stamp(named, signature, "")
        digester = Digester()
        size = 0
        for chunk in _chunks(self._inside(name), name, bytes_max=bytes_max):
            digester.update(chunk)
            size += len(chunk)
            if into is not None:
                into += chunk
        self._stamps[named] = Stamp(named, signature, digester.digest())
        self._sizes[named] = size


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    """What a folder holds, by name. Raises Rejected."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise Rejected(f"the folder {folder!r} cannot be read ({error.strerror}). Make it readable.") from error


def _chunks(path: str, name: str, *, bytes_max: int) -> Iterator[bytes]:
    """The bytes of a regular file. Raises Rejected."""
    try:
        # Without waiting: a pipe by the name of a file must not hold the daemon.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Rejected("there is no such file. Write it, or correct its name.", path=name) from None
    except OSError as error:
        raise Rejected(f"it cannot be read ({error.strerror}). Make it readable.", path=name) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise Rejected("it is no regular file. Replace it by one.", path=name)
    with open(descriptor, "rb", buffering=0) as file:
        if found.st_size > bytes_max:
            raise Rejected(f"it has {found.st_size} bytes; at most {bytes_max} are read. Make it smaller.", path=name)
        rest = bytes_max
        while chunk := file.read(min(CHUNK_BYTES, rest + 1)):
            rest -= len(chunk)
            if rest < 0:
                raise Rejected(f"it grows beyond {bytes_max} bytes while it is read. Make it smaller.", path=name)
            yield chunk


def _size_of(path: str) -> int:
    """Bytes of the file at the end of the path; nothing where there is none, which its reading will say."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _content_of(path: str) -> str:
    """Digest of what a path holds: the bytes of a file, the names in a folder. Empty where neither can be read."""
    try:
        if os.path.isdir(path):
            return _names_digest(os.listdir(path))
        digester = Digester()
        for chunk in _chunks(path, path, bytes_max=COVERED_BYTES_MAX):
            digester.update(chunk)
        return digester.digest()
    except (OSError, ValueError, Rejected):
        return ""


def _names_digest(names: Sequence[str]) -> str:
    return digest_bytes(b"\0".join(sorted(map(os.fsencode, names))))
