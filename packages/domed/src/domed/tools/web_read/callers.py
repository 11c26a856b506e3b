"""Whose a connection on this machine's loopback is, as the kernel says: every user of the machine can make one."""

import socket
import struct
import sys
from pathlib import Path
from typing import Final

TABLE: Final = Path("/proc/self/net/tcp")
"""A line for each socket: its own address, the other one, and in further columns its user and its inode."""
_LOCAL, _REMOTE, _UID, _INODE = 1, 2, 7, 9
_NOBODYS: Final = "0"
"""The inode of a socket that no process has any more. What stands there as its user says nothing."""

Place = tuple[str, int]
"""An address of version 4 and a port."""


def is_of(uid: int, caller: Place, here: Place) -> bool:
    """Whether the socket that called from one place the other one is this user's. Only Linux says; else everybody's."""
    if sys.platform != "linux":
        return True
    return owner(TABLE.read_text(encoding="ascii"), caller, here) == uid


def owner(table: str, caller: Place, here: Place) -> int | None:
    """The user whose socket has these addresses. None where there is none, or no process has it any more."""
    wanted = [_written(caller), _written(here)]
    for line in table.splitlines():
        columns = line.split()
        if columns[_LOCAL : _REMOTE + 1] == wanted and columns[_INODE] != _NOBODYS:
            return int(columns[_UID])
    return None


def _written(place: Place) -> str:
    """As the kernel writes it: the address as a number in the byte order of the machine."""
    host, port = place
    (number,) = struct.unpack("=I", socket.inet_aton(host))
    return f"{number:08X}:{port:04X}"
