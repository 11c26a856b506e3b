"""Who listens at a Unix socket, by the word of the kernel. A daemon serves its own user, so it is that user's."""

import os
import socket
import struct
from typing import Final, NamedTuple

from dome_client.errors import ListenerForeign

_CREDENTIALS: Final = struct.Struct("3i")


class Listener(NamedTuple):
    """The process that listens."""

    pid: int
    uid: int


def listener_of(connected: socket.socket) -> Listener | None:
    """Who listens at the other end; None where the system has no word for it. Raises OSError."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    pid, uid, _ = _CREDENTIALS.unpack(connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return Listener(pid, uid)


def refuse_foreign(connected: socket.socket, path: str) -> None:
    """Say nothing to a process of another user. Raises ListenerForeign, OSError."""
    found = listener_of(connected)
    if found is not None and found.uid != os.geteuid():
        raise ListenerForeign(path, uid=found.uid)
