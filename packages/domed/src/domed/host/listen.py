"""The listening socket: private, ours alone, and never taken from a daemon that lives.

A stale socket is replaced under a lock of its own beside it: daemons of several state directories may share a path.
"""

import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from domed.faults import StartError
from domed.host.instance import held, make_private

PATH_BYTES_MAX: Final = 107
"""What the kernel takes as the path of a Unix socket."""
PROBE_TIMEOUT_S: Final = 1.0
LOCK_SUFFIX: Final = ".lock"


@contextmanager
def listening(path: Path, *, descriptor: int | None = None) -> Iterator[socket.socket]:
    """A socket to accept from. At the end it is removed, if it is still the one that was made here.

    `descriptor` is a listening socket that a service manager made; it owns the path and keeps it. Raises StartError.
    """
    if descriptor is not None:
        with inherited(descriptor) as handed_over:
            yield handed_over
        return
    _check_length(path)
    make_private(path.parent, what="socket directory")
    with _held(path), _bound(path) as made:
        identity = _identity(path)
        try:
            yield made
        finally:
            if _identity(path) == identity:
                path.unlink(missing_ok=True)


def inherited(descriptor: int) -> socket.socket:
    """The listening Unix socket behind a descriptor. Raises StartError for anything else."""
    try:
        handed_over = socket.socket(fileno=descriptor)
        accepts = handed_over.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise StartError(
            f"Descriptor {descriptor} was handed over as a socket and is none: {error.strerror}."
        ) from error
    if handed_over.family != socket.AF_UNIX or handed_over.type != socket.SOCK_STREAM or not accepts:
        handed_over.close()
        raise StartError(f"Descriptor {descriptor} is no listening Unix stream socket. Use ListenStream= with a path.")
    handed_over.set_inheritable(False)
    handed_over.setblocking(False)  # noqa: FBT003
    return handed_over


def _held(path: Path) -> AbstractContextManager[None]:
    lock = path.with_name(path.name + LOCK_SUFFIX)
    refusal = (
        f"Another daemon listens on {path}, or is about to. Use that one, end it, or name another path with --socket."
    )
    return held(lock, said=f"{os.getpid()}\n".encode(), refusal=lambda _: refusal)


def _check_length(path: Path) -> None:
    if len(os.fsencode(path)) > PATH_BYTES_MAX:
        raise StartError(
            f"The path {path} is too long for a socket: at most {PATH_BYTES_MAX} bytes. Name a shorter one."
        )


def _bound(path: Path) -> socket.socket:
    _remove_stale(path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    before = os.umask(0o177)
    try:
        made.bind(os.fspath(path))
    except OSError as error:
        made.close()
        raise StartError(f"The socket {path} cannot be made: {error.strerror}.") from error
    finally:
        os.umask(before)
    return made


def _remove_stale(path: Path) -> None:
    """Remove a socket that nobody accepts from. Raises StartError for one that lives, and for anything else."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise StartError(f"{path} is in the way and is no socket. Remove it, or name another path with --socket.")
    if _is_alive(path):
        raise StartError(f"Another daemon listens on {path}. Use that one, end it, or name another path with --socket.")
    path.unlink(missing_ok=True)


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_TIMEOUT_S)
        code = probe.connect_ex(os.fspath(path))
    # Whatever else the kernel says, somebody may be there.
    return code not in {errno.ECONNREFUSED, errno.ENOENT}


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
