"""Who carries a run out: one process at a time, on a lock that the kernel lets go with the process, however it ends.

So a run whose process was killed can be resumed at once, and one that is under way cannot be taken away.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.dispatch.errors import LeaseLost, RunHeld
from dome_spec.kernel import Clock, NotJson, read_json, timestamp

_NAME: Final = "lease"
_BYTES_MAX: Final = 4096


class Lease:
    """The right to carry out one run, held until `release`."""

    def __init__(self, descriptor: int, path: Path, run_id: str) -> None:
        self._descriptor = descriptor
        self._path = path
        self._run_id = run_id

    @classmethod
    def take(cls, directory: Path, run_id: str, holder: Effector, clock: Clock) -> Self:
        """The lease of the run. Raises RunHeld, which names the holder, while another process has it."""
        path = directory / _NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _locked(descriptor):
                raise RunHeld(run_id, *_read(descriptor))
            said = canonical_bytes({"acquire_time": timestamp(clock.now()), "holder": holder.to_value()})
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, said, 0)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor, path, run_id)

    def check(self) -> None:
        """Whether the file that is locked is still the one that others would lock. Raises LeaseLost."""
        held = os.fstat(self._descriptor)
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            raise LeaseLost(self._run_id, self._path) from None
        if (held.st_dev, held.st_ino) != (found.st_dev, found.st_ino):
            raise LeaseLost(self._run_id, self._path)

    def release(self) -> None:
        """Let others have it. The file stays: a lock on one that was removed would be nobody's."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


@contextmanager
def if_free(directory: Path) -> Iterator[bool]:
    """Whether nobody carries the run out; if so, nobody does until the end. It names no holder."""
    descriptor = os.open(directory / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(descriptor)
    finally:
        os.close(descriptor)


def is_held(directory: Path) -> bool:
    """Whether some process carries the run out at this moment."""
    try:
        descriptor = os.open(directory / _NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _tried(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether the lock is this process's own. Whoever only looks has it shared for a moment, and is waited for."""
    while not _tried(descriptor, fcntl.LOCK_EX):
        if not _tried(descriptor, fcntl.LOCK_SH):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _tried(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int) -> tuple[Effector | None, str]:
    """Who holds it and since when; nobody where the holder has not written it yet."""
    try:
        value = read_json(os.pread(descriptor, _BYTES_MAX, 0))
        return Effector.from_value(value["holder"]), str(value["acquire_time"])
    except (NotJson, KeyError, TypeError, ValueError):
        return None, ""
