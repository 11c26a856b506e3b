"""The scratch directory of one run: private, empty at the start, gone at the end. Knows no processes.

Making and removing block, and on a disk that is being synced for long: not on the loop.
"""

import asyncio
import os
import shutil
import stat
from pathlib import Path
from typing import Self

from dome_contracts.ids import JobId
from domed.telemetry import Log

_LOG = Log("executors")


def place(root: Path, job_id: JobId) -> Path:
    """Where the directory of a job is."""
    return root / job_id


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


class Lent:
    """The directory of one run for a block. It is made and removed in a thread while other things are recorded."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._loop = asyncio.get_running_loop()
        self._removed: asyncio.Future[None] | None = None
        self.made = self._loop.run_in_executor(None, make, directory)
        """Done when it is there. Raises OSError."""

    async def __aenter__(self) -> Self:
        return self

    def give_back(self) -> None:
        """Begin to remove it: the run is over. The block waits for it when it ends."""
        # One that was cancelled with the daemon itself may be made all the same: the next one removes it.
        if self._removed is None and not self.made.cancelled() and self.made.exception() is None:
            self._removed = self._loop.run_in_executor(None, remove, self._directory)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.wait([self.made])
        self.give_back()
        if self._removed is not None:
            await self._removed


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
