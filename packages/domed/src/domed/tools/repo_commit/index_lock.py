"""The lock of the index, as git takes it: while `index.lock` exists, no other git changes index, HEAD or branch here.

The lock names its operation and is held with `flock`, which ends with the process: a lock that was left behind is told
from one that is in use, taken away, and its operation is told to whoever took it.
"""

import fcntl
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from dome_contracts.tool import ToolFailure

FOREIGN_WAIT_S: Final = 1.0
"""How long another program's lock is waited for. Git holds it for moments, or for as long as an editor is open."""
OWN_WAIT_S: Final = 30.0
"""How long another commit of this tool is waited for."""
POLL_S: Final = 0.02
PREFIX: Final = b"dome-lock-"
_MARK: Final = re.compile(rb"dome repo\.commit (op-[0-9a-z]{26})\n")
_MARK_BYTES_MAX: Final = 100


class _InUse(Exception):
    """Somebody holds the lock: another commit of this tool, or another program."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


@contextmanager
def held(index: bytes, operation_id: str) -> Iterator[str | None]:
    """Hold the lock. Gives the operation that a lock was left behind by, if there was one.

    Raises ToolFailure COMMIT.INDEX_LOCKED where others hold it too long.
    """
    lock = index + b".lock"
    descriptor, path = _marked(os.path.dirname(index), operation_id)
    try:
        try:
            abandoned = _link(path, lock)
        finally:
            os.unlink(path)
        try:
            yield abandoned
        finally:
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                    os.unlink(lock)
    finally:
        os.close(descriptor)


def _marked(folder: bytes, operation_id: str) -> tuple[int, bytes]:
    """A file that says whose it is and is locked, to become the lock in one step."""
    descriptor, path = tempfile.mkstemp(prefix=PREFIX, dir=folder)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, f"dome repo.commit {operation_id}\n".encode())
    return descriptor, path


def _link(path: bytes, lock: bytes) -> str | None:
    """Make the file the lock."""
    abandoned: str | None = None
    began_at_s = time.monotonic()
    while True:
        try:
            os.link(path, lock)
        except FileExistsError:
            try:
                abandoned = _remove_abandoned(lock) or abandoned
            except _InUse as in_use:
                if time.monotonic() - began_at_s > in_use.wait_s:
                    what = f"{os.fsdecode(lock)} exists: another git process works here, or ended without removing it."
                    raise ToolFailure(
                        "COMMIT.INDEX_LOCKED", f"{what} Wait until it has ended; remove the file if there is none."
                    ) from None
                time.sleep(POLL_S)
        else:
            return abandoned


def _remove_abandoned(lock: bytes) -> str | None:
    """Take away a lock whose holder is dead, and give its operation. None: it is gone already. Raises _InUse."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _InUse(FOREIGN_WAIT_S) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mark = _MARK.fullmatch(os.read(descriptor, _MARK_BYTES_MAX))
        if mark is None:
            raise _InUse(FOREIGN_WAIT_S)
        # Whoever takes a lock away holds it by then, so it is still the same file unless a person removed it.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                os.unlink(lock)
        return mark[1].decode()
    except BlockingIOError as error:
        raise _InUse(OWN_WAIT_S) from error
    finally:
        os.close(descriptor)
