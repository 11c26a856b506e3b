"""The scratch directory of one run: private, empty at the start, gone at the end. Knows no processes.

Making and removing block, and on a disk that is being synced for long: not on the loop.
"""

import os
import shutil
import stat
from pathlib import Path

from domed.telemetry import Log

_LOG = Log("executors")


def make(scratch: Path) -> None:
    """Make the directory, in place of one that an earlier daemon left. Raises OSError."""
    try:
        scratch.mkdir(mode=0o700)
    except FileNotFoundError:
        scratch.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch.mkdir(mode=0o700)
    except FileExistsError:
        _remove_tree(scratch)
        scratch.mkdir(mode=0o700)


def remove(scratch: Path) -> None:
    """Remove the directory with all it holds. What cannot be removed is logged."""
    try:
        if not _removed_empty(scratch):
            _remove_tree(scratch)
    except OSError as error:
        _LOG.warning("scratch directory cannot be removed", path=scratch, error=error)


def _removed_empty(directory: Path) -> bool:
    try:
        directory.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _remove_tree(directory: Path) -> None:
    try:
        shutil.rmtree(directory)
    except PermissionError:
        # A directory without its write bit keeps what it holds. It was made by the run, so it is ours to change.
        _open_up(directory)
        shutil.rmtree(directory)


def _open_up(directory: Path) -> None:
    directory.chmod(stat.S_IRWXU)
    for _, names, _, fd in os.fwalk(directory):
        for name in names:
            if stat.S_ISDIR(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode):
                os.chmod(name, stat.S_IRWXU, dir_fd=fd)
