"""Directories and files: that they can be used, that nobody else reaches them, that there is room."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dome_client.doctor.finding import Finding, problem, warning, well
from dome_client.doctor.scene import Scene
from dome_client.service import configuration_fault

REMOTE: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "fuse.gvfsd-fuse"}
)
FLEETING: Final = frozenset({"tmpfs", "ramfs"})
FREE_BYTES_MIN: Final = 64 * 1024 * 1024
FREE_BYTES_ENOUGH: Final = 1024 * 1024 * 1024
_MIB: Final = 1024 * 1024


def state(scene: Scene) -> Iterator[Finding]:
    """Whether the state directory can be used, or made."""
    nearest = _nearest(scene.state)
    kind = file_system(scene, nearest)
    if os.statvfs(nearest).f_flag & os.ST_RDONLY:
        yield problem(
            f"{nearest} is on a file system that is read-only, at least in this shell",
            why="A daemon that is started from here keeps its jobs there, so it cannot start.",
            repair="In a sandbox that is meant so: the daemon runs outside of it. Else set XDG_STATE_HOME.",
        )
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield problem(
            f"{nearest} cannot be written to",
            why="The daemon keeps its jobs there and does not start without it.",
            repair=f"`chmod u+rwx {nearest}`, or set XDG_STATE_HOME to a directory of yours.",
        )
    elif kind in REMOTE:
        yield problem(
            f"{nearest} is on a network file system ({kind})",
            why="Locks and durable writes do not hold there, so jobs may be lost.",
            repair="Set XDG_STATE_HOME to a directory on a local disk.",
        )
    elif kind in FLEETING:
        yield warning(
            f"{nearest} is in memory ({kind})",
            why="Jobs, events and approvals are gone when the machine is switched off.",
            repair="Set XDG_STATE_HOME to a directory on a disk, if they shall last.",
        )
    else:
        yield well(f"{scene.state} on {kind or 'a local file system'}")


def space(scene: Scene) -> Iterator[Finding]:
    """Whether there is room for what is yet to be written."""
    nearest = _nearest(scene.state)
    yield room(shutil.disk_usage(nearest).free, nearest)


def room(free_bytes: int, place: Path) -> Finding:
    """Whether so much is enough."""
    said = f"{free_bytes // _MIB:,} MiB are free where {place} is"
    repair = "Free space there, or set lower limits in the sections `retention` and `artifacts` of domed.toml."
    if free_bytes < FREE_BYTES_MIN:
        return problem(
            said,
            why="The daemon refuses new jobs when the disk is full, and running ones wait for space.",
            repair=repair,
        )
    if free_bytes < FREE_BYTES_ENOUGH:
        return warning(said, why="The output of one job may be larger than that.", repair=repair)
    return well(said)


def state_privacy(scene: Scene) -> Iterator[Finding]:
    """Whether nobody else reaches the state directory."""
    if os.path.lexists(scene.state):
        yield privacy(scene.state)


def configuration(scene: Scene) -> Iterator[Finding]:
    """Whether the daemon can read its configuration, and nobody else writes it."""
    file = scene.configuration / "domed.toml"
    fault = configuration_fault(scene.environ)
    if fault:
        yield problem(
            fault,
            why="The daemon does not start with it.",
            repair="Mend what it names; every setting with its default is in docs/reference/configuration.md.",
        )
    elif not file.exists():
        yield well(f"there is no {file}: every setting has its default")
    elif (found := file.stat()).st_mode & 0o022 or found.st_uid not in {os.getuid(), 0}:
        yield warning(
            f"{file} can be changed by others",
            why="Whoever can write it can approve tools.",
            repair=f"`chmod go-w {file}`, and look who owns it.",
        )
    else:
        yield well(str(file))


def secrets(scene: Scene) -> Iterator[Finding]:
    """Whether nobody else reads the files of secrets."""
    directory = scene.configuration / "secrets"
    if not os.path.lexists(directory):
        return
    yield (found := privacy(directory))
    if found.repair or not directory.is_dir():
        return
    for file in sorted(directory.iterdir()):
        mode = stat.S_IMODE(file.lstat().st_mode)
        if stat.S_ISREG(file.lstat().st_mode) and mode & 0o077:
            why = "Others would read it if they came to the directory."
            yield warning(f"{file} has mode {mode:04o}", why=why, repair=f"`chmod 600 {file}`")


def privacy(directory: Path) -> Finding:
    """Whether a directory is its owner's alone."""
    found = directory.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        return problem(
            f"{directory} is a symbolic link",
            why="The daemon does not follow one there, so it does not start.",
            repair=f"Name the directory that it leads to, {directory.resolve()}, or put a directory in its place.",
        )
    if found.st_uid != os.getuid():
        return problem(
            f"{directory} belongs to uid {found.st_uid}",
            why="The daemon does not use what another user can change.",
            repair="Remove it, or choose another directory.",
        )
    if mode & 0o077:
        why = "Other users may enter it, so the daemon does not use it."
        return problem(f"{directory} has mode {mode:04o}", why=why, repair=f"`chmod 700 {directory}`")
    return well(f"{directory} is yours alone")


def file_system(scene: Scene, path: Path) -> str:
    """The type of the file system that holds the path. Empty where the system does not say."""
    real = path.resolve()
    best = ("", "")
    for line in scene.setting("proc/self/mounts").splitlines():
        point, kind = line.split(" ")[1:3]
        # The last one that is mounted at a place is the one that is seen there.
        if real.is_relative_to(point.replace("\\040", " ")) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def _nearest(path: Path) -> Path:
    """The path, or the closest directory above it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())
