"""Leaves the machine's network and its writable files for a view that is this process's own.

An ordinary user may do so in a user namespace, in which the process keeps its user and group. Each process gets one
of its own, so that those of one run have no rights over those of another. Knows no rules on files.
"""

import os
from collections.abc import Sequence

from domed.launcher import kernel

SHARED_MEMORY = "/dev/shm"
_HIDDEN = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC


def lay(*, read_only: bool, write: Sequence[str], hide: Sequence[str]) -> None:
    """Change the view. What is below `write` stays writable, what is in `hide` is seen empty.

    Paths in `write` are real ones: a link in one was put there since somebody looked, and is an error. Raises OSError,
    after which the process is in an undefined state.
    """
    kernel.unshare(kernel.CLONE_NEWNS)
    if read_only:
        places = [kernel.open_real(path) for path in write]
        kept = [kernel.clone_mount(place) for place in places]
        kernel.change_mounts(attributes=kernel.MOUNT_ATTR_RDONLY, propagation=kernel.MS_PRIVATE)
        for place, mount in zip(places, kept, strict=True):
            kernel.move_mount(mount, place)
            os.close(mount)
            os.close(place)
        if os.path.isdir(SHARED_MEMORY):
            kernel.mount_tmpfs(SHARED_MEMORY, flags=kernel.MS_NOSUID | kernel.MS_NODEV, options="mode=1777")
    else:
        kernel.change_mounts(propagation=kernel.MS_PRIVATE)
    for path in hide:
        if os.path.isdir(path):
            kernel.mount_tmpfs(path, flags=_HIDDEN, options="mode=0700,size=4k")
    kernel.no_administration()


class Ids:
    """The ids of this process, for those that it makes in user namespaces below its own."""

    def __init__(self) -> None:
        uid, gid = os.geteuid(), os.getegid()
        # Root keeps its reach over the files of others, which it has only over ids that its namespace knows: all.
        maps = [(name, _known(name)) for name in ("uid_map", "gid_map")]
        own = [("setgroups", b"deny"), ("uid_map", b"%d %d 1" % (uid, uid)), ("gid_map", b"%d %d 1" % (gid, gid))]
        self._files = maps if uid == 0 else own

    def give(self, process: int) -> None:
        """Let a process keep them, which has none yet. Raises OSError."""
        for name, text in self._files:
            # The kernel takes the whole of it in one call or not at all.
            descriptor = os.open(f"/proc/{process}/{name}", os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(descriptor, text)
            finally:
                os.close(descriptor)


def _known(name: str) -> bytes:
    """The ids of this namespace, each to be itself in another."""
    with open(f"/proc/self/{name}", "rb") as known:
        return b"".join(b"%b %b %b\n" % (first, first, count) for first, _, count in map(bytes.split, known))
