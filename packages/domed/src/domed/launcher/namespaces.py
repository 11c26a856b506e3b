"""Leaves the machine's network and its writable files for a view that is this process's own.

An ordinary user may do so in a user namespace, in which the process keeps its user and group. Knows no rules on files.
"""

import os
from collections.abc import Sequence

from domed.launcher import kernel

SHARED_MEMORY = "/dev/shm"
_HIDDEN = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC


def enter(*, new_network: bool, read_only: bool, write: Sequence[str], hide: Sequence[str]) -> None:
    """Enter namespaces of its own. What is below `write` stays writable, what is in `hide` is seen empty.

    Raises OSError, after which the process is in an undefined state.
    """
    here = os.getcwd()
    flags = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | (kernel.CLONE_NEWNET if new_network else 0)
    if os.geteuid() == 0:
        _unshare_with_all_ids(flags)
    else:
        _unshare_with_own_id(flags)
    kernel.change_mounts(propagation=kernel.MS_PRIVATE)
    if read_only:
        kept = [(path, kernel.clone_mount(path)) for path in write]
        kernel.change_mounts(attributes=kernel.MOUNT_ATTR_RDONLY)
        for path, mount in kept:
            kernel.move_mount(mount, path)
            os.close(mount)
        if os.path.isdir(SHARED_MEMORY):
            kernel.mount_tmpfs(SHARED_MEMORY, flags=kernel.MS_NOSUID | kernel.MS_NODEV, options="mode=1777")
    for path in hide:
        if os.path.isdir(path):
            kernel.mount_tmpfs(path, flags=_HIDDEN, options="mode=0700,size=4k")
    # The directory of the process is still the one below the new mounts.
    os.chdir(here)
    kernel.no_administration()


def _unshare_with_own_id(flags: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(flags)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def _unshare_with_all_ids(flags: int) -> None:
    """Root keeps its reach over the files of others, which it has only over ids that its namespace knows.

    So many ids may only be given from outside the namespace: by a process that stays there for it.
    """
    asked, ask = os.pipe()
    process = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.close(ask)
        os._exit(0 if os.read(asked, 1) and _gave_all_ids(process) else 1)
    os.close(asked)
    try:
        kernel.unshare(flags)
        os.write(ask, b"\n")
    finally:
        os.close(ask)
        _, status = os.waitpid(helper, 0)
    if status != 0:
        raise PermissionError("the ids of a user namespace cannot be set")


def _gave_all_ids(process: int) -> bool:
    try:
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/self/{name}", encoding="ascii") as known:
                lines = [f"{line.split()[0]} {line.split()[0]} {line.split()[2]}\n" for line in known]
            _write(f"/proc/{process}/{name}", "".join(lines))
    except OSError:
        return False
    return True


def _write(path: str, text: str) -> None:
    # The kernel takes the whole of it in one call or not at all.
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)
