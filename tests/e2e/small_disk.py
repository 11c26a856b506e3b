"""A small disk of the tests' own, that can be filled and freed again, in a mount namespace that ends with the test."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_HOLD = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && echo mounted && exec sleep 600'


class SmallDisk:
    """A file system at a path that only programs inside see."""

    def __init__(self, pid: int, path: Path, *, entering: Sequence[str]) -> None:
        self._entering = [*entering, f"--target={pid}", "--mount", "--"]
        # Everybody else reaches it through the one who holds it.
        self.path = Path(f"/proc/{pid}/root{path}")

    def inside(self, *command: str) -> list[str]:
        """The command as one that sees the disk. It keeps the process id."""
        return [*self._entering, *command]

    def fill(self) -> None:
        """Leave no space at all."""
        with (self.path / "ballast").open("ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        ballast.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        (self.path / "ballast").unlink()


@contextmanager
def a_small_disk(path: Path, *, size: str) -> Iterator[SmallDisk]:
    """Mounted at a path that exists. Skips where this machine does not allow it."""
    is_root = os.geteuid() == 0
    holding = ["unshare", "--mount", *([] if is_root else ["--map-root-user"])]
    entering = ["nsenter", *([] if is_root else ["--user", "--preserve-credentials"])]
    try:
        holder = subprocess.Popen(
            [*holding, "sh", "-c", _HOLD, "sh", size, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except FileNotFoundError:
        pytest.skip("no disk can be filled here: install unshare and nsenter (Debian: util-linux)")
    assert holder.stdout is not None
    try:
        if (said := holder.stdout.readline()) != b"mounted\n":
            pytest.skip(f"no disk can be filled here: run as root, or allow user namespaces ({said.decode().strip()})")
        yield SmallDisk(holder.pid, path, entering=entering)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
