"""The door of a daemon on loopback TCP: its address, and the announcement that holds the token for it.

The announcement is a file of two lines, address and token, locked by the daemon for as long as its door is open. It is
used only where nobody but this user can have written or read it, and while the lock is held: a port that a daemon gave
up may belong to anybody, who shall be told nothing.
"""

import fcntl
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dome_client.errors import EndpointInvalid

_ADDRESS: Final = re.compile(r"tcp:(?://)?(127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})")
_PORT_MAX: Final = 65535
_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a daemon says of its door."""

    endpoint: str
    """`tcp://HOST:PORT`."""
    token: str = field(repr=False)


def check_address(text: str, source: str) -> str:
    """The address as `tcp://HOST:PORT`. Raises EndpointInvalid for one beyond this machine."""
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > _PORT_MAX:
        problem = "over TCP a daemon is reached on this machine only, as `tcp://127.0.0.1:PORT` or `tcp://[::1]:PORT`"
        raise EndpointInvalid(text, source, problem)
    return f"tcp://{found[1]}:{found[2]}"


def split_address(endpoint: str) -> tuple[str, int]:
    """Host and port of an endpoint that was checked."""
    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    return host.strip("[]"), int(port)


def read_announcement(file: Path) -> Announcement | None:
    """What is announced. None where no daemon's door is open. Raises EndpointInvalid for a file that others reach."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file, f"it cannot be read: {error.strerror}") from error
    try:
        _check_private(file, os.fstat(descriptor))
        if not _is_locked(descriptor):
            return None  # left behind by a daemon that was killed
        text = os.read(descriptor, _BYTES_MAX).decode("ascii", errors="replace")
    finally:
        os.close(descriptor)
    endpoint, _, token = text.rstrip("\n").partition("\n")
    if not token.isalnum():
        raise _unusable(file, "it does not hold an address and a token")
    return Announcement(check_address(endpoint, str(file)), token)


def _check_private(file: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _unusable(file, "it is no file")
    if found.st_uid != os.getuid():
        raise _unusable(file, f"it belongs to the user {found.st_uid}")
    if mode := stat.S_IMODE(found.st_mode) & 0o077:
        raise _unusable(file, f"others may reach it (mode {stat.S_IMODE(found.st_mode):04o}); {mode:03o} is too much")


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _unusable(file: Path, problem: str) -> EndpointInvalid:
    return EndpointInvalid(str(file), "the state directory", f"{problem}; remove it and restart the daemon")
