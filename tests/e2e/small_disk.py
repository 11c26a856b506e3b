"""Small disks of the tests' own, in a mount namespace that ends with the test: to fill, to write-protect, to break."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

TIMEOUT_S = 20.0
_HOLD = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && echo mounted && exec sleep 600'
# Without a journal, which would keep the error on the disk.
_HOLD_A_REAL_ONE = """
truncate -s "$1" "$3" && mkfs.ext4 -q -m 0 -O ^has_journal "$3" && mount -o loop,errors=remount-ro "$3" "$2" &&
chmod 700 "$2" && echo mounted && exec sleep 600
"""


class SmallDisk:
    """A file system at a path that only programs inside see."""

    def __init__(self, pid: int, path: Path, *, entering: Sequence[str]) -> None:
        self._entering = [*entering, f"--target={pid}", "--mount", "--"]
        self._at = path
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

    def remount(self, how: str) -> bool:
        """`ro` or `rw`. Whether the kernel did: the first it refuses while a file is open to be written to."""
        command = self.inside("mount", "-o", f"remount,{how}", str(self._at))
        return subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S).returncode == 0


class BreakableDisk(SmallDisk):
    """A real file system, which protects itself from being written to when it finds an error."""

    def __init__(self, pid: int, path: Path, *, image: Path) -> None:
        super().__init__(pid, path, entering=["nsenter"])
        self._mounts = Path(f"/proc/{pid}/mountinfo")
        self._image = image

    def fail(self) -> None:
        """Find an error. From here on nothing can be written, not even to files that are open."""
        mounts = [line.split() for line in self._mounts.read_text().splitlines()]
        fields = next(line for line in mounts if line[4] == str(self._at))
        device = Path(fields[fields.index("-") + 2])
        # It says so to whoever makes it find one, too.
        with suppress(OSError), Path("/sys/fs/ext4", device.name, "trigger_fs_error").open("w") as trigger:
            trigger.write("a test")

    def mend(self) -> None:
        """Mount it again, as nothing has it open any more."""
        again = 'umount "$1" && mount -o loop,errors=remount-ro "$2" "$1"'
        command = self.inside("sh", "-c", again, "sh", str(self._at), str(self._image))
        subprocess.run(command, check=True, timeout=TIMEOUT_S)


@contextmanager
def a_breakable_disk(path: Path, *, image: Path) -> Iterator[BreakableDisk]:
    """Mounted at a path that exists, from a file that does not. Skips where this machine does not allow it."""
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None or not Path("/dev/loop-control").exists():
        pytest.skip("no disk can break here: run as root, with loop devices, and install mkfs.ext4 (Debian: e2fsprogs)")
    command = ["unshare", "--mount", "sh", "-c", _HOLD_A_REAL_ONE, "sh", "16M", str(path), str(image)]
    with _holder(command) as pid:
        yield BreakableDisk(pid, path, image=image)


@contextmanager
def a_small_disk(path: Path, *, size: str) -> Iterator[SmallDisk]:
    """Mounted at a path that exists. Skips where this machine does not allow it."""
    is_root = os.geteuid() == 0
    holding = ["unshare", "--mount", *([] if is_root else ["--map-root-user"])]
    entering = ["nsenter", *([] if is_root else ["--user", "--preserve-credentials"])]
    with _holder([*holding, "sh", "-c", _HOLD, "sh", size, str(path)]) as pid:
        yield SmallDisk(pid, path, entering=entering)


@contextmanager
def _holder(command: Sequence[str]) -> Iterator[int]:
    """The process that holds a disk, for as long as it is needed."""
    try:
        holder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        pytest.skip("no disk can be filled here: install unshare and nsenter (Debian: util-linux)")
    assert holder.stdout is not None
    try:
        if (said := holder.stdout.readline()) != b"mounted\n":
            pytest.skip(f"no disk can be filled here: run as root, or allow user namespaces ({said.decode().strip()})")
        yield holder.pid
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
