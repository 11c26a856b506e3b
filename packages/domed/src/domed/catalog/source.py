"""Reads the files of one tool folder, within limits, and remembers what it read so that a later edit is seen.

Never reads outside the folder: symbolic links are followed and then have to end inside it. Knows nothing of what
the files mean.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from dome_contracts.canonical import Digester, digest
from domed.catalog.rejection import Rejected

CHUNK_BYTES: Final = 1024 * 1024
COVERED_FILES_MAX: Final = 1000
COVERED_BYTES_MAX: Final = 64 * 1024 * 1024
"""Of the files of one tool: the daemon reads each byte when it first sees the tool, and does nothing else meanwhile."""
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


class Source:
    """The files of one folder. Every path that is asked for leaves a stamp, also when there is nothing there."""

    def __init__(self, folder: Path) -> None:
        self._stamps = {str(folder): Stamp(str(folder), signature_of(str(folder)), _content_of(str(folder)))}
        self.folder = Path(os.path.realpath(folder))

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """What was asked for so far."""
        return tuple(self._stamps.values())

    def has(self, name: str) -> bool:
        """Whether there is something at this path of the folder."""
        path = str(self.folder / name)
        signature = signature_of(path)
        self._stamps.setdefault(path, Stamp(path, signature, _content_of(path)))
        return signature != ABSENT

    def read(self, name: str, *, bytes_max: int) -> bytes:
        """The bytes of one file. Raises Rejected."""
        data = bytearray()
        self._digest(name, bytes_max=bytes_max, into=data)
        return bytes(data)

    def covered(self, name: str) -> dict[str, str]:
        """Digest of the file at this path, or of every file below the folder at this path. Raises Rejected.

        Folders named `__pycache__` below it are left out: their files are derived from the others.
        """
        self._inside(name)
        digests: dict[str, str] = {}
        size = 0
        for file in self._files(os.path.normpath(self.folder / name)):
            if len(digests) >= COVERED_FILES_MAX:
                raise Rejected(
                    f"it has more than {COVERED_FILES_MAX} files, and an approval covers each. Keep fewer there.",
                    path=name,
                )
            size += _size_of(file)
            if size > COVERED_BYTES_MAX:
                raise Rejected(
                    f"its files have more than {COVERED_BYTES_MAX} bytes, and an approval covers each. Keep less.",
                    path=name,
                )
            relative = os.path.relpath(file, self.folder)
            digests[relative] = self._digest(relative, bytes_max=COVERED_BYTES_MAX)
        return digests

    def _files(self, path: str) -> Iterator[str]:
        if not os.path.isdir(path):
            yield path
            return
        for folder, folders, files in os.walk(path, onerror=_unreadable):
            self._stamps[folder] = Stamp(folder, signature_of(folder), _content_of(folder))
            folders[:] = sorted(found for found in folders if found != DERIVED_FOLDER)
            # A link to a folder is not walked by os.walk; it has to lead somewhere inside, where it is covered or not.
            linked = [found for found in folders if os.path.islink(os.path.join(folder, found))]
            if linked:
                name = os.path.relpath(os.path.join(folder, linked[0]), self.folder)
                raise Rejected("it is a link to a folder. Replace it by the files.", path=name)
            yield from (os.path.join(folder, file) for file in sorted(files))

    def _inside(self, name: str) -> str:
        """The real path. Raises Rejected when it lies outside the folder."""
        path = os.path.realpath(self.folder / name)
        if path != str(self.folder) and not path.startswith(f"{self.folder}{os.sep}"):
            raise Rejected("it leads outside the tool's folder. Put the file into the folder.", path=name)
        return path

    def _digest(self, name: str, *, bytes_max: int, into: bytearray | None = None) -> str:
        """Read one file to its end, leave its stamp, and return its digest. Raises Rejected."""
        # By the path as it is named, so that a link that is changed is seen, and before the reading: an edit in
        # between changes the signature and is seen the next time.
        named = str(self.folder / name)
        signature = signature_of(named)
        self._stamps[named] = Stamp(named, signature, "")
        digester = Digester()
        for chunk in _chunks(self._inside(name), name, bytes_max=bytes_max):
            digester.update(chunk)
            if into is not None:
                into += chunk
        self._stamps[named] = Stamp(named, signature, digester.digest())
        return digester.digest()


def _unreadable(error: OSError) -> NoReturn:
    raise Rejected(f"the folder {error.filename!r} cannot be read ({error.strerror}). Make it readable.") from error


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
            return digest(sorted(os.fsencode(name).hex() for name in os.listdir(path)))
        digester = Digester()
        for chunk in _chunks(path, path, bytes_max=COVERED_BYTES_MAX):
            digester.update(chunk)
        return digester.digest()
    except (OSError, ValueError, Rejected):
        return ""
