"""The door on loopback TCP: bound to this machine, announced with its token in a file that its user alone can read.

Every user of the machine can connect to it, so who calls is known by the token. The file is locked for as long as the
door stands open: a client that can lock it knows that nobody of its user listens at that port any more.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domed.config.loopback import LoopbackAddress
from domed.faults import StartError
from domed.host.instance import make_private

FILE_NAME: Final = "endpoint"
"""Two lines: the endpoint as clients write it, and the token."""


@dataclass(slots=True)
class LoopbackDoor:
    """A socket that is bound, and not yet announced."""

    listening: socket.socket
    address: LoopbackAddress
    """With the port that it got."""
    file: Path
    _descriptor: int | None = None

    def __str__(self) -> str:
        return str(self.address)

    def announce(self, token: str) -> None:
        """Have clients find the door. Whoever accepts from its socket does so by now. Raises StartError."""
        beside = self.file.with_name(f".{self.file.name}.part")
        try:
            beside.unlink(missing_ok=True)
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            self._descriptor = descriptor
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(descriptor, f"tcp://{self.address}\n{token}\n".encode())
            beside.replace(self.file)
        except OSError as error:
            raise StartError(f"The file {self.file} cannot be written: {error.strerror}.") from error

    def withdraw(self) -> None:
        """Have clients find it no more. Before the port is given up, which another program may then take."""
        if self._descriptor is not None:
            self.file.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def loopback_door(address: LoopbackAddress | None, directory: Path) -> Iterator[LoopbackDoor | None]:
    """A door at the address; without one, none. The state directory must be held. Raises StartError."""
    file = directory / FILE_NAME
    with suppress(FileNotFoundError, NotADirectoryError):
        file.unlink()  # an earlier daemon may not have come to it
    if address is None:
        yield None
        return
    make_private(directory, what="directory of the loopback endpoint")
    with _bound(address) as listening:
        host, port, *_ = listening.getsockname()
        door = LoopbackDoor(listening, LoopbackAddress(host, port), file)
        try:
            yield door
        finally:
            door.withdraw()


def _bound(address: LoopbackAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        # Connections of a daemon that has ended hold a port for a while that nobody listens at.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address.host, address.port))
        made.listen()  # until then another program could take the port away
    except OSError as error:
        made.close()
        raise StartError(f"The daemon cannot listen on {address}: {error.strerror}. Name another port.") from error
    return made
