"""Where a run may have put its files, and how one of them is opened: never a way out of there.

A path is followed folder by folder, each opened in the one before and none through a symbolic link, so nothing that
is renamed or linked meanwhile leads elsewhere. Only regular files are opened: what is none might block, or answer.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from domed.artifacts.unkept import NotKept, UnkeptKind

_FOLDER: Final = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Workplace:
    """The directories of one run. Absolute."""

    directory: Path
    """Where the program was started."""
    scratch: Path
    reads_directory: bool = True
    """Whether the tool may read more than its scratch directory. The daemon reads nothing for it that it may not."""

    def open(self, path: str) -> int:
        """A descriptor of the file that a tool named. Raises NotKept."""
        wanted = PurePosixPath(os.path.normpath(os.path.join(self.directory, path)))
        for root in self._roots():
            if wanted.is_relative_to(root):
                return _opened(root, wanted.relative_to(root).parts, said=path)
        if not self.reads_directory:
            raise _invalid(path, "lies outside of the scratch directory, and the tool declares to read nothing else")
        raise _invalid(path, "lies neither in the scratch directory nor in the working directory of the run")

    def _roots(self) -> Iterator[PurePosixPath]:
        """The deeper one first: it decides where they overlap. As they are called, and as a program finds them."""
        for root in (self.scratch, self.directory) if self.reads_directory else (self.scratch,):
            yield PurePosixPath(root)
            yield PurePosixPath(os.path.realpath(root))


def _opened(root: PurePosixPath, parts: Sequence[str], *, said: str) -> int:
    if not parts:
        raise _invalid(said, "is a directory of the run itself")
    # The way to the root is ours, and may lead through links.
    folder = _step(os.path.realpath(root), None, _FOLDER, said=said)
    try:
        for part in parts[:-1]:
            deeper = _step(part, folder, _FOLDER, said=said)
            os.close(folder)
            folder = deeper
        return _file(parts[-1], folder, said=said)
    finally:
        os.close(folder)


def _file(name: str, folder: int, *, said: str) -> int:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        raise _invalid(said, f"cannot be read: {error.strerror}") from None
    # Looked at before it is opened: to open a device may be to use it.
    _check_regular(found.st_mode, said=said)
    descriptor = _step(name, folder, _FILE, said=said)
    try:
        _check_regular(os.fstat(descriptor).st_mode, said=said)
    except NotKept:
        os.close(descriptor)
        raise
    return descriptor


def _step(name: str, folder: int | None, flags: int, *, said: str) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except NotADirectoryError:
        raise _invalid(said, f"leads through {name!r}, which is no folder, or a symbolic link") from None
    except OSError as error:
        raise _invalid(said, f"cannot be read: {error.strerror}") from None


def _check_regular(mode: int, *, said: str) -> None:
    if stat.S_ISLNK(mode):
        raise _invalid(said, "is a symbolic link; name the file itself")
    if not stat.S_ISREG(mode):
        raise _invalid(said, "is no regular file")


def _invalid(said: str, problem: str) -> NotKept:
    return NotKept(UnkeptKind.INVALID, f"its path {said!r} {problem}")
