"""Whether another program laid this process's view as it was asked to: it follows links, which a tool can put there.

A place is right if it is a mount of its own, by its own name, of the very file that was looked at. Knows no rules.
"""

import errno
import os
from collections.abc import Sequence

_ESCAPES = ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\"))


def check(places: Sequence[tuple[str, int, int]]) -> None:
    """Each place, its device and its inode: what was looked at lies there and nowhere else. Raises OSError."""
    points = _points()
    for path, device, inode in places:
        # By one descriptor: what is asked of it is of one file, whatever becomes of the name meanwhile.
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            found = os.fstat(descriptor)
            # A mount counts once: of so many as were asked for, none lies elsewhere then.
            point = points.pop(_mount(descriptor), "")
        finally:
            os.close(descriptor)
        if (point, found.st_dev, found.st_ino) != (path, device, inode):
            raise OSError(errno.ELOOP, "symbolic links or other files took its place since it was looked at", path)


def _mount(descriptor: int) -> int:
    """The number of the mount that an open file lies in."""
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as info:
        return next(int(line.split()[1]) for line in info if line.startswith("mnt_id:"))


def _points() -> dict[int, str]:
    """Where the mounts lie that this process sees, by number."""
    points: dict[int, str] = {}
    with open("/proc/self/mountinfo", "rb") as mounts:
        for line in mounts:
            number, _, _, _, point, *_ = line.split(b" ")
            for escape, character in _ESCAPES:
                point = point.replace(escape, character)
            points[int(number)] = os.fsdecode(point)
    return points
