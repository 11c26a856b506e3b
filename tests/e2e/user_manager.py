"""A real `systemd --user` for a user of the tests, on a machine that systemd need not have started.

The manager gets a cgroup and a mount namespace of its own, in which it sees what it insists on; its sockets and files
are in the user's directories, so that everybody else stays outside. Needs root, and says so where something is missing.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.dome_home import DOME, Done, Home, finish

MANAGERS = (Path("/usr/lib/systemd/systemd"), Path("/lib/systemd/systemd"))
TIMEOUT_S = 20.0
# The manager asks for `/run/systemd/system`, writes to the console, and wants all cgroups that it sees for itself.
SETTING = """
set -eu
echo $$ > "$2/cgroup.procs"
exec unshare --mount --cgroup --propagation private sh -euc '
touch "$1/console"
mount --bind "$1/console" /dev/console
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir /sys/fs/cgroup/manager
echo $$ > /sys/fs/cgroup/manager/cgroup.procs
touch "$1/manager-set"
exec "$3" --user
' sh "$@"
"""


class UserManager:
    """A manager that runs."""

    def __init__(self, home: Home, pid: int) -> None:
        self._home = home
        self._pid = pid

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """A command of the user, on a machine that systemd has booted as far as the command can see."""
        inside = ["nsenter", f"--target={self._pid}", "--mount", "--", "sh", "-c", 'cd "$0" && exec "$@"']
        return subprocess.Popen(
            [*inside, str(self._home.work), *command],
            env=self._home.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def dome(self, *words: str) -> Done:
        """One use of the command."""
        return finish(self.start_dome(*words))

    def start_dome(self, *words: str) -> "subprocess.Popen[bytes]":
        """The command as a process, which the caller ends."""
        return self.start(*DOME, *words)

    def systemctl(self, *words: str) -> str:
        """What it answers."""
        done = finish(self.start("systemctl", "--user", *words))
        assert done.code == 0, (words, done)
        return done.out.decode().strip()

    def value(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.systemctl("show", f"--property={name}", "--value", unit)

    def install(self) -> None:
        """Make the daemon a service of the user."""
        done = self.dome("service", "install")
        assert done.code == 0, done.err

    def daemon(self) -> int:
        """The process of the service; 0 where it does not run."""
        return int(self.value("domed.service", "MainPID"))

    def restarts(self) -> int:
        """How often the manager has started the service again by itself."""
        return int(self.value("domed.service", "NRestarts"))

    def change(self, text: str) -> None:
        """Settings of the user for the service, as `systemctl --user edit` writes them."""
        folder = self._home.root / "config" / "systemd" / "user" / "domed.service.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "own.conf").write_text(f"[Service]\n{text}\n")
        self.systemctl("daemon-reload")


def missing() -> str:
    """What this machine lacks for a manager. Empty where one can be started."""
    if os.geteuid() != 0:
        return "root, who may make namespaces and cgroups"
    lacking = [program for program in ("unshare", "nsenter", "systemctl", "mount") if shutil.which(program) is None]
    if not any(path.exists() for path in MANAGERS):
        lacking.append("systemd")
    if lacking:
        return ", ".join(lacking)
    hierarchy = _hierarchy()
    if hierarchy is None or not os.access(hierarchy, os.W_OK):
        return "a cgroup2 hierarchy that can be written to"
    return ""


@contextmanager
def a_user_manager(home: Home) -> Iterator[UserManager]:
    """The manager of this user, which ends with everything that it started."""
    if lacking := missing():
        pytest.skip(f"no `systemd --user` can be started here; missing: {lacking}")
    hierarchy = _hierarchy()
    assert hierarchy is not None
    cgroup = hierarchy / home.root.name
    cgroup.mkdir()
    program = next(path for path in MANAGERS if path.exists())
    log = home.root / "manager.log"
    with log.open("wb") as output, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
        hears.bind(str(home.root / "notify"))
        hears.setblocking(False)
        process = subprocess.Popen(
            ["sh", "-c", SETTING, "sh", str(home.root), str(cgroup), str(program)],
            env=home.environ(NOTIFY_SOCKET=str(home.root / "notify")),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            until(lambda: process.poll() is not None or _is_ready(hears))
            if not (home.root / "manager-set").exists():
                pytest.skip(f"no `systemd --user` can be started here; it may not be set up: {log.read_text()}")
            assert process.poll() is None, log.read_text() + (home.root / "console").read_text()
            yield UserManager(home, process.pid)
        finally:
            _end(process, cgroup)


def _end(process: "subprocess.Popen[bytes]", cgroup: Path) -> None:
    """End the manager, and what it did not end."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _remove(cgroup)


def _is_ready(hears: socket.socket) -> bool:
    try:
        return b"READY=1" in hears.recv(4096)
    except BlockingIOError:
        return False


def until(holds: Callable[[], bool]) -> None:
    """Wait for what nobody tells, within limits."""
    end_s = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < end_s, "it does not come true"
        time.sleep(0.01)


def _hierarchy() -> Path | None:
    """Where the machine has its cgroups of version 2."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split(" ")
        if kind == "cgroup2":
            return Path(place)
    return None


def _remove(cgroup: Path) -> None:
    groups = sorted((path.parent for path in cgroup.rglob("cgroup.procs")), key=lambda path: len(path.parts))
    for group in groups:
        for pid in (group / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
    for group in reversed(groups):
        until(partial(_is_empty, group))
        group.rmdir()


def _is_empty(group: Path) -> bool:
    return not (group / "cgroup.procs").read_text()
