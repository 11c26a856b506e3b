"""The daemon under test: a real process with state, configuration and socket of its own, stopped by its id."""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.row import CannotRun
from dome_client import Client, DomeError, connect

READY_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 20.0
LOOK_S: Final = 0.002
"""Time between two looks at the socket while the daemon starts."""
LOG_CHARACTERS_SHOWN: Final = 2000
PARALLEL_JOBS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Home:
    """Where one daemon keeps everything: nothing of the user's own is read or written."""

    folder: Path
    runtime: Path
    """Apart from `folder`, because the path of a socket must be short."""

    @property
    def state(self) -> Path:
        """The daemon's state directory."""
        return self.folder / "state" / "dome"

    @property
    def tools(self) -> Path:
        """A root of tools, as a user has one."""
        return self.folder / "config" / "dome" / "tools"

    @property
    def socket(self) -> Path:
        """Where the daemon listens."""
        return self.runtime / "dome" / "domed.sock"

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the daemon and of commands that look for it. Bytecode is cached, as in an installation."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon that answers."""

    home: Home
    process: subprocess.Popen[bytes]
    ready_s: float
    """From the start of the process until it said READY=1 or its socket answered, whichever came first."""

    def resident_bytes(self) -> int:
        """What it holds in memory at this moment."""
        return self._status_bytes("VmRSS")

    def resident_bytes_max(self) -> int:
        """The most that it held since its start or since `forget_peak`."""
        return self._status_bytes("VmHWM")

    def forget_peak(self) -> None:
        """Let the kernel count the peak anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def cpu_s(self) -> float:
        """Processor time that it has used, its children not counted."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def client(self) -> Client:
        """A client of this daemon and no other."""
        return connect(f"unix:{self.home.socket}", environ=self.home.environ)

    def _status_bytes(self, name: str) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise CannotRun(f"/proc/{self.process.pid}/status has no {name}.", "Measure memory on Linux.")


@contextmanager
def a_home(folder: Path) -> Iterator[Home]:
    """An empty home in a folder that must not exist."""
    with tempfile.TemporaryDirectory(prefix="dome-") as runtime:
        home = Home(folder=folder, runtime=Path(runtime))
        for path in (folder / "state", home.tools):
            path.mkdir(parents=True, mode=0o700)
        configure(home)
        yield home


def configure(home: Home, *, trusted: Sequence[str] = ()) -> None:
    """Write the configuration that the next daemon of this home reads, with approval of these digests."""
    text = f"[jobs]\nparallel_max = {PARALLEL_JOBS_MAX}\n\n[trust]\ndigests = {json.dumps(list(trusted))}\n"
    (home.folder / "config" / "dome" / "domed.toml").write_text(text, encoding="utf-8")


@contextmanager
def serving(home: Home) -> Iterator[Daemon]:
    """A daemon in a home for the length of a block. It is gone after the block, whatever happens."""
    log = home.folder / "domed.log"
    notify = home.runtime / "notify"
    with log.open("ab") as out, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notified:
        notified.bind(os.fspath(notify))
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "domed"],
            cwd="/",
            env={**home.environ, "NOTIFY_SOCKET": str(notify)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            _await_ready(process, home, notified, log=log)
            yield Daemon(home=home, process=process, ready_s=time.monotonic() - began)
        except DomeError as error:
            raise CannotRun(f"{error}\n{_end_of(log)}", "Repair the daemon.") from error
        finally:
            _stop(process)
            notify.unlink()


@contextmanager
def a_daemon(folder: Path) -> Iterator[Daemon]:
    """A daemon in an empty home."""
    with a_home(folder) as home, serving(home) as daemon:
        yield daemon


def _await_ready(process: subprocess.Popen[bytes], home: Home, notified: socket.socket, *, log: Path) -> None:
    """Block until the daemon is ready: nothing else is to run while its start is measured."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if select.select([notified], [], [], LOOK_S)[0] and b"READY=1" in notified.recv(4096).split(b"\n"):
            return
        if _answers(home.socket):
            return
        if process.poll() is not None:
            raise CannotRun(
                f"The daemon ended with {process.returncode}:\n{_end_of(log)}", "Repair it: `python -m domed`."
            )
    raise CannotRun(f"The daemon was not ready within {READY_TIMEOUT_S:.0f} s:\n{_end_of(log)}", "Repair it.")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-LOG_CHARACTERS_SHOWN:]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, suppress(FileNotFoundError, ConnectionRefusedError):
        probe.connect(os.fspath(path))
        return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        print(f"The daemon (process {process.pid}) did not stop within {STOP_TIMEOUT_S:.0f} s.", file=sys.stderr)
