"""Where the daemon is found: an argument, `DOMED_ENDPOINT`, or the socket in the user's runtime directory.

The rule for the socket, which daemon and client keep independently and a contract test holds together:

1. `$XDG_RUNTIME_DIR/dome/domed.sock`, where the variable is an absolute path;
2. `/run/user/<uid>/dome/domed.sock`, where `/run/user/<uid>` is a directory (agents strip the variable);
3. `<state directory>/run/domed.sock`, private to the user.

The state directory is `$XDG_STATE_HOME/dome`, or `~/.local/state/dome`. Looks at names and directories only: it does
not connect, start or create anything.
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


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The socket of a daemon, and how it was chosen."""

    path: str
    source: str
    """What named it, for people: `the argument`, `DOMED_ENDPOINT`, `XDG_RUNTIME_DIR`, a directory."""
    explicit: bool
    """Whether somebody named it. A daemon is never started on demand for such an endpoint."""

    def __str__(self) -> str:
        return f"unix:{self.path}"


def resolve(
    explicit: str | None, environ: Mapping[str, str], *, user_runtime_root: Path = USER_RUNTIME_ROOT
) -> Endpoint:
    """The endpoint to use. Raises EndpointInvalid where a name was given that is none."""
    if explicit is not None:
        return Endpoint(_path(explicit, "the argument"), source="the argument", explicit=True)
    if named := environ.get(VARIABLE, ""):
        return Endpoint(_path(named, VARIABLE), source=VARIABLE, explicit=True)
    directory, source = _runtime_directory(environ, user_runtime_root)
    return Endpoint(_short_enough(str(directory / SOCKET_NAME), source), source=source, explicit=False)


def state_directory(environ: Mapping[str, str]) -> Path:
    """Where the daemon of this user keeps what must last: its store, its lock, the log of one started on demand."""
    base = environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else home_directory(environ) / ".local" / "state") / "dome"


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


def _path(text: str, source: str) -> str:
    if text.startswith("tcp:"):
        raise EndpointInvalid(text, source, "this client speaks to Unix sockets only, so far")
    path = text.removeprefix("unix:")
    if path.startswith("//"):
        path = path[2:]
    if not path.startswith("/") or "\0" in path:
        raise EndpointInvalid(text, source, "an endpoint is `unix:/absolute/path` or the absolute path alone")
    return _short_enough(path, source)


def _short_enough(path: str, source: str) -> str:
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES_MAX:
        raise EndpointInvalid(path, source, f"the path of a Unix socket holds at most {SOCKET_PATH_BYTES_MAX} bytes")
    return path
