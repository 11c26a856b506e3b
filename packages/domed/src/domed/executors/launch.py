"""What the launcher tells of one start: whether the tool was held and started, and how it ended. Pure."""

import errno
import os
from dataclasses import dataclass
from typing import Final

STATUS_BYTES_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Launch:
    """What was told until the end."""

    held: bool = False
    """The launcher had given up everything and turned to the tool."""
    fault: str = ""
    """Why it could not."""
    exec_errno: int = 0
    """Why the tool could not be started. 0: it was."""
    wait_status: int | None = None
    """How the tool ended, where that was not for the daemon to see."""


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
    held, fault, exec_errno, wait_status = False, "", 0, None
    for line in told.decode("utf-8", "replace").splitlines():
        word, _, rest = line.partition(" ")
        match word:
            case "held":
                held = True
            case "failed":
                fault = rest
            case "exec" if rest.isdecimal():
                exec_errno = int(rest) or errno.ENOEXEC
            case "ended" if rest.isdecimal():
                wait_status = int(rest)
            case _:
                pass
    return Launch(held=held, fault=fault, exec_errno=exec_errno, wait_status=wait_status)
