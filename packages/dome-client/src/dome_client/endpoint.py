"""Where the daemon is found: an argument, `DOMED_ENDPOINT`, the user's socket, or the door on loopback TCP.

The rule for the socket, which daemon and client keep independently and a contract test holds together:

1. `$XDG_RUNTIME_DIR/dome/domed.sock`, where the variable is an absolute path;
2. `/run/user/<uid>/dome/domed.sock`, where `/run/user/<uid>` is a directory (agents strip the variable);
3. `<state directory>/run/domed.sock`, private to the user.

The state directory is `$XDG_STATE_HOME/dome`, or `~/.local/state/dome`. Where there is no such socket and a daemon has
announced a door on loopback TCP in the state directory, that one is taken. Looks at names, directories and that
announcement: it does not connect, start or create anything.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_client.errors import EndpointInvalid

VARIABLE: Final = "DOMED_ENDPOINT"
SOCKET_NAME: Final = "domed.sock"
SOCKET_PATH_BYTES_MAX: Final = 107
"""What the kernel takes as the path of a Unix socket."""
USER_RUNTIME_ROOT: Final = Path("/run/user")
TCP_SCHEME: Final = "tcp:"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The door of a daemon, and how it was chosen."""

    path: str
    """The socket. Empty for a door on TCP."""
    source: str
    """What named it, for people: `the argument`, `DOMED_ENDPOINT`, `XDG_RUNTIME_DIR`, a directory or a file."""
    explicit: bool
    """Whether somebody named it. A daemon is never started on demand for such an endpoint."""
    tcp: str = ""
    """`tcp://HOST:PORT` on loopback, or empty."""
    announced: Path | None = None
    """Where the daemon says its address and the token for TCP. None for a socket."""

    @property
    def follows_announcement(self) -> bool:
        """Whether the address is the one that is announced at the moment, whatever it was before."""
        return self.announced is not None and self.source == str(self.announced)

    def __str__(self) -> str:
        return self.tcp or f"unix:{self.path}"


def resolve(
    explicit: str | None, environ: Mapping[str, str], *, user_runtime_root: Path = USER_RUNTIME_ROOT
) -> Endpoint:
    """The endpoint to use. Raises EndpointInvalid where a name was given that is none.

    Raises it, too, where others could have written the announcement of a door on TCP.
    """
    if explicit is not None:
        return _named(explicit, "the argument", environ)
    if named := environ.get(VARIABLE, ""):
        return _named(named, VARIABLE, environ)
    directory, source = _runtime_directory(environ, user_runtime_root)
    path = _short_enough(str(directory / SOCKET_NAME), source)
    if not os.path.lexists(path) and (door := _announced_door(environ)) is not None:
        return door
    return Endpoint(path, source=source, explicit=False)


def state_directory(environ: Mapping[str, str]) -> Path:
    """Where the daemon of this user keeps what must last: its store, its lock, the log of one started on demand."""
    base = environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else home_directory(environ) / ".local" / "state") / "dome"


def announcement(environ: Mapping[str, str]) -> Path:
    """The file in which a daemon announces its door on loopback TCP."""
    return state_directory(environ) / "loopback" / "endpoint"


def _runtime_directory(environ: Mapping[str, str], user_runtime_root: Path) -> tuple[Path, str]:
    named = environ.get("XDG_RUNTIME_DIR", "")
    if named.startswith("/"):
        return Path(named) / "dome", "XDG_RUNTIME_DIR"
    by_uid = user_runtime_root / str(os.getuid())
    if by_uid.is_dir():
        return by_uid / "dome", str(by_uid)
    return state_directory(environ) / "run", "the state directory"


def home_directory(environ: Mapping[str, str]) -> Path:
    """The user's home directory."""
    named = environ.get("HOME", "")
    return Path(named) if named.startswith("/") else Path(pwd.getpwuid(os.getuid()).pw_dir)


def _announced_door(environ: Mapping[str, str]) -> Endpoint | None:
    file = announcement(environ)
    if not file.exists():
        return None
    from dome_client.loopback import read_announcement

    found = read_announcement(file)
    if found is None:
        return None
    # Nobody is asked to start a daemon there: whoever announced it runs one.
    return Endpoint("", source=str(file), explicit=True, tcp=found.endpoint, announced=file)


def _named(text: str, source: str, environ: Mapping[str, str]) -> Endpoint:
    if text.startswith(TCP_SCHEME):
        from dome_client.loopback import check_address

        file = announcement(environ)
        return Endpoint("", source=source, explicit=True, tcp=check_address(text, source), announced=file)
    return Endpoint(_path(text, source), source=source, explicit=True)


def _path(text: str, source: str) -> str:
    path = text.removeprefix("unix:")
    if path.startswith("//"):
        path = path[2:]
    if not path.startswith("/") or "\0" in path:
        raise EndpointInvalid(
            text, source, "an endpoint is `unix:/absolute/path`, the absolute path alone, or `tcp://127.0.0.1:PORT`"
        )
    return _short_enough(path, source)


def _short_enough(path: str, source: str) -> str:
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES_MAX:
        raise EndpointInvalid(path, source, f"the path of a Unix socket holds at most {SOCKET_PATH_BYTES_MAX} bytes")
    return path
