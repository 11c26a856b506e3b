"""What is done to the disk for artifacts, one method a step. A test puts another in its place that fails or dies."""

import errno
import os
from pathlib import Path
from typing import Final

from dome_contracts.canonical import Digester

PIECE_BYTES: Final = 1024 * 1024
_UNABLE: Final = frozenset({errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM})
"""What the kernel says where it cannot copy between two files by itself."""


class Disk:
    """The real one. Every method blocks, and raises OSError."""

    def make_folder(self, path: Path) -> None:
        """A private folder in one that is there. Harmless where it is there itself."""
        path.mkdir(mode=0o700, exist_ok=True)

    def create(self, path: Path) -> int:
        """A private file for writing and reading, which must not be there."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def copy(self, source: int, target: int, *, bytes_max: int) -> tuple[str, int]:
        """Copy to the end, or until there is one byte more than allowed. The digest and the size of the copy.

        Where the file system can share the bytes of the two files, they are not copied. The digest is that of the
        copy as it is, whatever happens to the source meanwhile.
        """
        digester, size = Digester(), 0
        while size <= bytes_max and (piece := _moved(source, target, size, min(PIECE_BYTES, bytes_max + 1 - size))):
            digester.update(piece)
            size += len(piece)
        return digester.digest(), size

    def sync(self, descriptor: int) -> None:
        """Have the bytes of a file survive a loss of power."""
        os.fsync(descriptor)

    def link(self, path: Path, other: Path) -> None:
        """Give a file another name. One that has the name loses it."""
        other.unlink(missing_ok=True)
        os.link(path, other)

    def move(self, path: Path, other: Path) -> None:
        """Give a file another name instead of its own, in place of whatever has that name."""
        path.replace(other)

    def sync_folder(self, path: Path) -> None:
        """Have the names in a folder survive a loss of power."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        """Take a name away. Harmless where it is gone."""
        path.unlink(missing_ok=True)


def _moved(source: int, target: int, position: int, size: int) -> bytes:
    """Copy the next bytes, and read them back from the copy. Empty at the end."""
    if hasattr(os, "copy_file_range"):
        try:
            count = os.copy_file_range(source, target, size)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
        else:
            if count:
                return os.pread(target, count, position)
            # At the end, or in one of the file systems whose files have no size and are read all the same.
    piece = os.read(source, size)
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(target, rest) :]
    return piece
