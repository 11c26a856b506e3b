"""The control groups of one part of the kernel's hierarchy (version 2), as files in directories.

Knows names and texts, not what they are for. Every call blocks, for milliseconds while processes move: not on the loop.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

READ_BYTES: Final = 64 * 1024


class CgroupFiles(Protocol):
    """A directory of control groups. A group is named by its path in it; the empty name is the directory itself.

    What the kernel refuses is an OSError with its number: ENOENT of a group or file that is not there, EEXIST of one
    that is, EBUSY of a group that has members or groups below it, ESRCH of a process that has gone.
    """

    def make(self, group: str) -> None:
        """Make a group in one that exists. It has no members."""
        ...

    def remove(self, group: str) -> None:
        """Remove a group without members, that of ended processes does not count, and without groups below it."""
        ...

    def below(self, group: str) -> Sequence[str]:
        """The names of the groups directly below it, as paths; sorted."""
        ...

    def read(self, group: str, file: str) -> str:
        """The text of one of its files."""
        ...

    def write(self, group: str, file: str, text: str) -> None:
        """Write the text to one of its files, in one call. A pid to `cgroup.procs` moves that process here."""
        ...

    def open(self, group: str) -> int:
        """A descriptor of the group, by which a process enters it: of its directory, not inherited."""
        ...


class KernelCgroupFiles:
    """The directories of the kernel."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def make(self, group: str) -> None:
        (self.root / group).mkdir(mode=0o755)

    def remove(self, group: str) -> None:
        (self.root / group).rmdir()

    def below(self, group: str) -> Sequence[str]:
        with os.scandir(self.root / group) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        return sorted(f"{group}/{name}" if group else name for name in names)

    def read(self, group: str, file: str) -> str:
        descriptor = os.open(self.root / group / file, os.O_RDONLY | os.O_CLOEXEC)
        try:
            parts = []
            while part := os.read(descriptor, READ_BYTES):
                parts.append(part)
        finally:
            os.close(descriptor)
        return b"".join(parts).decode("ascii", "replace")

    def write(self, group: str, file: str, text: str) -> None:
        # Not made where it is missing: the kernel would say something else of that than that it is not there.
        descriptor = os.open(self.root / group / file, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, text.encode("ascii"))
        finally:
            os.close(descriptor)

    def open(self, group: str) -> int:
        return os.open(self.root / group, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
