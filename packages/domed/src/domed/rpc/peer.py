"""Who is at the other end of a connection, as the kernel says."""

import os
import socket
import struct
from dataclasses import dataclass
from typing import Final

from grpclib.protocol import Peer as Connection

from dome_contracts.runtime.v1 import RequesterProof

NO_USER: Final = 0xFFFF_FFFF
"""What the kernel calls no user."""
_CREDENTIALS: Final = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Peer:
    """A process that calls."""

    uid: int
    pid: int
    """Zero where the kernel does not say."""
    proof: RequesterProof = RequesterProof.PEER_CREDENTIALS
    """How this is known."""


STRANGER: Final = Peer(uid=NO_USER, pid=0, proof=RequesterProof.NONE)
"""Who came over TCP: of such a connection the kernel names nobody."""


def peer_of(connection: Connection) -> Peer:
    """The process that opened the connection. Without a socket it is this one: the call came through memory."""
    transport = connection._transport  # the library gives an address only, and a Unix socket has none
    opened: socket.socket | None = transport.get_extra_info("socket")
    if opened is None:
        return Peer(uid=os.getuid(), pid=os.getpid())
    return credentials(opened) if opened.family == socket.AF_UNIX else STRANGER


def credentials(opened: socket.socket) -> Peer:
    """What SO_PEERCRED says of a connected Unix socket."""
    raw = opened.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(raw)
    return Peer(uid=uid, pid=pid)
