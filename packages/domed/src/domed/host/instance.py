"""One daemon a state directory: the directory is private, and its lock is held for as long as the daemon lives.

A lock is the kernel's: it is given back when the process ends, however it ends. A file that is left behind means
nothing, and is never removed, since somebody may be about to lock it.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from domed.faults import StartError

LOCK_NAME: Final = "lock"
_HOLDER_BYTES_MAX: Final = 8192


def make_private(directory: Path, *, what: str) -> None:
    """Make the directory, for its owner only, or check that it is so. Raises StartError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise StartError(f"The {what} {directory} cannot be made: {error.strerror}.") from error
    if stat.S_ISLNK(found.st_mode):
        raise StartError(f"The {what} {directory} is a symbolic link. Name the directory that it leads to.")
    if not stat.S_ISDIR(found.st_mode):
        raise StartError(f"The {what} {directory} is not a directory. Name another one.")
    if found.st_uid != os.getuid():
        raise StartError(f"The {what} {directory} belongs to the user {found.st_uid}. Name one of your own.")
    if found.st_mode & 0o077:
        raise StartError(f"Others may enter the {what} {directory}. Run `chmod 700 {directory}`.")


@contextmanager
def only_instance(state_directory: Path, socket_path: Path) -> Iterator[None]:
    """Hold the state directory. Raises StartError where another daemon does."""
    make_private(state_directory, what="state directory")
    said = f"{os.getpid()}\n{socket_path}\n".encode(errors="surrogateescape")
    with held(state_directory / LOCK_NAME, said=said, refusal=lambda holder: _refusal(state_directory, holder)):
        yield


@contextmanager
def held(lock: Path, *, said: bytes, refusal: Callable[[bytes], str]) -> Iterator[None]:
    """Hold a lock that is a file. Raises StartError where another process does, with what `refusal` makes of its words.

    `said` is what this holder says of itself.
    """
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"The lock {lock} cannot be opened: {error.strerror}. Remove what is there.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(refusal(os.read(descriptor, _HOLDER_BYTES_MAX))) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, said, 0)
        yield
    finally:
        os.close(descriptor)


def _refusal(state_directory: Path, holder: bytes) -> str:
    pid, _, socket_path = holder.decode(errors="replace").strip().partition("\n")
    if not pid.isdigit():
        return f"Another daemon is about to use the state directory {state_directory}. Use that one."
    return (
        f"The daemon with process id {pid} uses the state directory {state_directory} and listens on {socket_path}. "
        f"Use that one, end it with `kill {pid}`, or name another directory with --state-directory."
    )
