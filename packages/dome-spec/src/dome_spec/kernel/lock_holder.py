"""Which process has a file locked, as far as the system says: for the words of a refusal, never for a decision."""

import os
from pathlib import Path
from typing import Final

_LOCKS: Final = Path("/proc/locks")
"""A line for each lock: number, POSIX, kind, WRITE or READ, process, device:inode, range. Only Linux has it."""
_FIELDS: Final = 6


def holder_of(path: Path | None) -> str | None:
    """The process that has a lock on the file, a writer before readers; None where nothing says.

    The file is not opened: closing it again would let go of the locks that this process has on it.
    """
    if path is None:
        return None
    try:
        status = path.stat()
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return None
    name = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    found = [fields for line in lines if len(fields := line.split()) >= _FIELDS and fields[5] == name]
    # Of a process that another container runs it says 0, and -1 where a lock belongs to none.
    others = [(fields[3] != "WRITE", pid) for fields in found if (pid := int(fields[4])) > 0 and pid != os.getpid()]
    return _told(min(others)[1]) if others else None


def _told(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return f"process {pid}"
    return f"process {pid} ({command})"
