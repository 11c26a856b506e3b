"""Files that are there as a whole or not at all, also after a crash: written beside, synchronised, then named.

For files of this plane's own state: nobody but the user can read them. Knows nothing of what they hold.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

_MARK: Final = ".writing-"
_FILE_MODE: Final = 0o600
_DIRECTORY_MODE: Final = 0o700


def make_directory(path: Path) -> None:
    """The directory and those above it, for this user alone as far as they are made here."""
    for each in (*reversed(path.parents), path):
        # One by one: the mode of those that are made on the way would be the umask's.
        if not each.is_dir():
            each.mkdir(exist_ok=True, mode=_DIRECTORY_MODE)


def replace_file(path: Path, data: bytes) -> None:
    """Give the file this content, in one step: readers see the old content or the new one."""
    scratch = write_beside(path, (data,))
    try:
        os.replace(scratch, path)
    except OSError:
        _remove(scratch)
        raise
    sync_directory(path.parent)


def create_file(path: Path, data: bytes) -> bool:
    """Make the file, unless there is one: then False, and that one stays."""
    scratch = write_beside(path, (data,))
    try:
        os.link(scratch, path)
    except FileExistsError:
        return False
    finally:
        _remove(scratch)
    sync_directory(path.parent)
    return True


def write_beside(path: Path, chunks: Iterable[bytes]) -> Path:
    """A synchronised file with this content in the same directory, under a name of its own."""
    scratch = path.with_name(f"{_MARK}{path.name[:64]}.{os.getpid()}.{os.urandom(6).hex()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _remove(scratch)
        raise
    return scratch


def sweep(directory: Path, *, older_than: datetime) -> int:
    """Remove what writers that were killed left beside their files; how many. Those of living writers are younger."""
    removed = 0
    for path in directory.glob(f"{_MARK}*"):
        if path.is_file() and path.stat().st_mtime < older_than.timestamp():
            _remove(path)
            removed += 1
    return removed


def sync_directory(path: Path) -> None:
    """Make durable which names are in the directory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
