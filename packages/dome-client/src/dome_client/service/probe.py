"""Whether a daemon answers at a socket, and which process it is. Changes nothing."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from dome_client.endpoint import Endpoint, state_directory
from dome_client.listener import listener_of
from dome_client.loopback import split_address
from dome_client.service import systemd

_CONNECT_TIMEOUT_S: Final = 1.0
_UNKNOWN_PID: Final = 0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon."""

    pid: int
    command: tuple[str, ...]


def is_answering(endpoint: Endpoint) -> bool:
    """Whether a process accepts connections at the endpoint."""
    return _listener(endpoint) is not None


def why_unreachable(endpoint: Endpoint) -> OSError | None:
    """What the system says of a connection to the endpoint. None where there is one."""
    try:
        _connect(endpoint).close()
    except BlockingIOError:
        return None
    except OSError as error:
        return error
    return None


def is_waiting(endpoint: Endpoint) -> bool:
    """Whether a service manager listens there for a daemon that does not run. `is_answering` would start it.

    Raises ManagerSilent.
    """
    return not endpoint.explicit and systemd.is_waiting(Path(endpoint.path).parent.parent)


def is_asleep(endpoint: Endpoint) -> bool:
    """The same, or it is about to end: a connection that is made meanwhile would start the daemon again.

    What a manager does not say in time is taken for that: who asks waits, and asks again.
    """
    try:
        return not endpoint.explicit and systemd.is_asleep(Path(endpoint.path).parent.parent)
    except systemd.ManagerSilent:
        return True


def find_daemon(endpoint: Endpoint, environ: Mapping[str, str]) -> Daemon | None:
    """The daemon behind the socket. None where nothing answers, or where what answers cannot be told to be a daemon.

    A socket that a service manager opened belongs to the manager as far as the kernel knows. The lock file in the state
    directory names the daemon then; a named process counts only while it is one, and for the socket that it names.
    """
    listener = _listener(endpoint)
    if listener is None:
        return None
    if (command := _command(listener)) is not None and is_daemon(command):
        return Daemon(listener, command)
    if (holder := state_holder(environ)) is None:
        return None
    daemon, socket_path = holder
    return daemon if endpoint.tcp or _is_one_file(socket_path, endpoint.path) else None


def state_holder(environ: Mapping[str, str]) -> tuple[Daemon, str] | None:
    """The daemon that holds the state directory, and the socket on which it listens. None where none does.

    Reads what it wrote into the lock and looks whether that process is one. The lock itself is not tried: a daemon that
    starts in that moment would take this client for another one.
    """
    try:
        text = (state_directory(environ) / "lock").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    pid, _, socket_path = text.strip().partition("\n")
    if not pid.isdecimal() or (command := _command(int(pid))) is None or not is_daemon(command):
        return None
    return Daemon(int(pid), command), socket_path


def silent_daemon(endpoint: Endpoint, environ: Mapping[str, str]) -> Daemon | None:
    """The daemon of this endpoint that holds the state directory while nothing answers: a second one would be refused.

    It begins, it ends, or its socket was removed. A process that has the lock file open is meant, and no other that was
    given the number of one which has died.
    """
    holder = state_holder(environ)
    if holder is None or holder[1] != endpoint.path:
        return None
    daemon, lock = holder[0], state_directory(environ) / "lock"
    return daemon if any(_is_one_file(file, lock) for file in Path("/proc", str(daemon.pid)).glob("fd/*")) else None


def _is_one_file(one: str | Path, other: str | Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def _listener(endpoint: Endpoint) -> int | None:
    try:
        with _connect(endpoint) as probe:
            if endpoint.tcp:
                return _UNKNOWN_PID
            found = listener_of(probe)
            return _UNKNOWN_PID if found is None else found.pid
    except BlockingIOError:
        return _UNKNOWN_PID  # somebody listens, and does not keep up with those who connect
    except OSError:
        return None


def _connect(endpoint: Endpoint) -> socket.socket:
    """Raises OSError."""
    if endpoint.tcp:
        return socket.create_connection(split_address(endpoint.tcp), timeout=_CONNECT_TIMEOUT_S)
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    probe.settimeout(_CONNECT_TIMEOUT_S)
    try:
        probe.connect(endpoint.path)
    except OSError:
        probe.close()
        raise
    return probe


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
