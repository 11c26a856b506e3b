"""The talk with a launcher about one start: the order it is given, and what it tells of how it went. Pure.

The launcher's side of it is in `domed.launcher`, which is run and never imported: a test holds both together.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STATUS_BYTES_MAX: Final = 4096
WORDS_BYTES_MAX: Final = 128 * 1024
"""A launcher takes no more."""


class Kind(StrEnum):
    """What a launcher is born in."""

    PLAIN = "plain"
    """The namespaces of the daemon."""
    VIEW = "view"
    """A user namespace of its own, in which it may change how it sees the mounts."""
    VIEW_WITHOUT_NETWORK = "view-without-network"
    """The same, and a network of its own with nothing in it."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What was told until the end."""

    held: bool = False
    """The launcher had given up everything and turned to the tool."""
    fault: str = ""
    """Why it could not."""
    directory_errno: int = 0
    """Why the working directory could not be entered. 0: it could."""
    exec_errno: int = 0
    """Why the tool could not be started. 0: it was."""
    wait_status: int | None = None
    """How the tool ended, where that was not for the daemon to see."""


def words(held: Sequence[str], *, variable: str, directory: str) -> bytes:
    """The words of an order. `variable`: the one that names the job in the environment. Raises OSError."""
    text = _joined([*held, "--job", variable, "--directory", directory])
    if len(text) > WORDS_BYTES_MAX:
        raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
    return text


def program(argv: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """What the tool is started with, as the launcher reads it. Raises ValueError."""
    if any("=" in name or not name for name in environment):
        raise ValueError("illegal environment variable name")
    variables = [f"{name}={value}" for name, value in environment.items()]
    return _joined([str(len(argv)), *argv, *variables])


def read(descriptor: int) -> Launch:
    """What was written, without waiting for more."""
    os.set_blocking(descriptor, False)
    try:
        told = os.read(descriptor, STATUS_BYTES_MAX)
    except BlockingIOError:
        # Nothing was told, and a process that was left behind could still tell it.
        told = b""
    return parse(told)


def parse(told: bytes) -> Launch:
    """What the lines say; of one that says nothing known, nothing."""
    held, fault, wait_status = False, "", None
    errors = {"directory": 0, "exec": 0}
    for line in told.decode("utf-8", "replace").splitlines():
        word, _, rest = line.partition(" ")
        match word:
            case "held":
                held = True
            case "failed":
                fault = rest
            case "directory" | "exec" if rest.isdecimal():
                errors[word] = int(rest) or errno.ENOEXEC
            case "ended" if rest.isdecimal():
                wait_status = int(rest)
            case _:
                pass
    return Launch(
        held=held,
        fault=fault,
        directory_errno=errors["directory"],
        exec_errno=errors["exec"],
        wait_status=wait_status,
    )


def _joined(fields: Sequence[str]) -> bytes:
    if any("\0" in field for field in fields):
        raise ValueError("embedded null byte")
    return b"\0".join(map(os.fsencode, fields))
