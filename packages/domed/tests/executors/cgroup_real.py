"""A directory of real control groups for a test, or the reason why there is none. What is in it ends with the test."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from domed.executors import cgroup_place
from domed.executors.cgroup_files import KernelCgroupFiles

NEED = (
    "run the tests as root where control groups of version 2 are mounted, or as a service that a user manager "
    "started with `Delegate=yes`"
)
GONE_S = 5.0


def _parent() -> Path | None:
    """The nearest directory above our own group, or itself, in which groups can be made."""
    try:
        mounts, own = Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text()
    except OSError:
        return None
    found = cgroup_place.own_directory(mounts, own)
    return found if found is not None and os.access(found, os.W_OK) else None


@contextmanager
def a_directory() -> Iterator[Path]:
    """A directory of our own in the hierarchy."""
    if (parent := _parent()) is None:
        pytest.skip(f"no directory of control groups can be written to; {NEED}")
    directory = parent / f"dome-test-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        directory.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made in {parent} ({error.strerror}); {NEED}")
    try:
        yield directory
    finally:
        with suppress(OSError):
            (directory / "cgroup.kill").write_text("1")
        for path in sorted((path for path in directory.rglob("*") if path.is_dir()), reverse=True):
            _remove(path)
        _remove(directory)


def _remove(path: Path) -> None:
    deadline = time.monotonic() + GONE_S
    while True:
        try:
            path.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def need_controllers(directory: Path, *wanted: str) -> None:
    """Skip unless runs below the directory can be held by these."""
    offered = (directory / "cgroup.controllers").read_text().split()
    if missing := sorted(set(wanted) - set(offered)):
        pytest.skip(
            f"the control groups of this machine lack the controllers {', '.join(missing)} (version 1 has them, or the "
            "directory above does not pass them on). Boot with `systemd.unified_cgroup_hierarchy=1`, or "
            "`cgroup_no_v1=all` without systemd, and " + NEED
        )


class RealProcesses:
    """Processes that sleep."""

    def __init__(self) -> None:
        self._started: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> int:
        process = subprocess.Popen(["/bin/sleep", "600"])
        self._started[process.pid] = process
        return process.pid

    def end(self, pid: int) -> None:
        self._started[pid].kill()
        self._started[pid].wait()

    def ended_by_kernel(self, pid: int) -> bool:
        """Waits for it."""
        return self._started[pid].wait(GONE_S) == -9

    def end_all(self) -> None:
        for process in self._started.values():
            process.kill()
            process.wait()


def files(directory: Path) -> KernelCgroupFiles:
    return KernelCgroupFiles(directory)
