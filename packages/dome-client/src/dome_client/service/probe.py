"""Whether a daemon answers at a socket, and which process it is. Changes nothing."""

import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from dome_client.endpoint import Endpoint, state_directory
from dome_client.service import systemd

_CREDENTIALS: Final = struct.Struct("3i")
_CONNECT_TIMEOUT_S: Final = 1.0
_UNKNOWN_PID: Final = 0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon."""

    pid: int
    command: tuple[str, ...]


def is_answering(endpoint: Endpoint) -> bool:
    """Whether a process accepts connections at the socket."""
    return _listener(endpoint) is not None


def is_waiting(endpoint: Endpoint) -> bool:
    """Whether a service manager listens there for a daemon that does not run. `is_answering` would start it."""
    return not endpoint.explicit and systemd.is_waiting(Path(endpoint.path).parent.parent)


def find_daemon(endpoint: Endpoint, environ: Mapping[str, str]) -> Daemon | None:
    """The daemon behind the socket. None where nothing answers, or where what answers cannot be told to be a daemon.

    A socket that a service manager opened belongs to the manager as far as the kernel knows. The lock file in the state
    directory names the daemon then; a named process counts only while it is one.
    """
    listener = _listener(endpoint)
    if listener is None:
        return None
    for pid in (listener, _lock_holder(state_directory(environ))):
        if pid is not None and (command := _command(pid)) is not None and is_daemon(command):
            return Daemon(pid, command)
    return None


def _listener(endpoint: Endpoint) -> int | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_TIMEOUT_S)
        try:
            probe.connect(endpoint.path)
        except BlockingIOError:
            return _UNKNOWN_PID  # somebody listens, and does not keep up with those who connect
        except OSError:
            return None
        pid, _, _ = _CREDENTIALS.unpack(probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        return int(pid)


def _lock_holder(directory: Path) -> int | None:
    try:
        words = (directory / "lock").read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return None
    return next((int(word) for word in words if word.isdecimal()), None)


def _command(pid: int) -> tuple[str, ...] | None:
    try:
        raw = Path("/proc", str(pid), "cmdline").read_bytes()
    except OSError:
        return None
    return tuple(os.fsdecode(word) for word in raw.split(b"\0")[:-1])


def is_daemon(command: tuple[str, ...]) -> bool:
    """Whether a process with this command line is a daemon."""
    as_module = any(pair == ("-m", "domed") for pair in pairwise(command))
    return as_module or any(Path(word).name == "domed" for word in command[:2])
