"""The daemon as a process of its own, in directories of its own, that ends with the test."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
from grpclib.client import Channel
from grpclib.const import Status
from grpclib.encoding.base import StatusDetailsCodecBase

from dome_client.service import ALLOCATOR
from dome_contracts.google import rpc
from dome_contracts.google.protobuf import Any as AnyMessage
from dome_contracts.google.rpc import ErrorInfo

TIMEOUT_S = 30.0
DOMED = [sys.executable, "-m", "domed"]


class Details(StatusDetailsCodecBase):
    """Details as a client reads them."""

    def encode(self, status: Status, message: str | None, details: object) -> bytes:
        raise NotImplementedError

    def decode(self, status: Status, message: str | None, data: bytes) -> list[object]:
        return unpacked(data)


def unpacked(data: bytes) -> list[object]:
    """The messages in the bytes of a status."""
    return [AnyMessage.unpack(each) for each in rpc.Status.parse(data).details]


def details_of(error: grpc.RpcError) -> list[object]:
    """The details that grpcio hands over as they came."""
    trailing: Any = error
    return unpacked(dict(trailing.trailing_metadata())["grpc-status-details-bin"])


def reason(details: Sequence[object]) -> str:
    """The reason of an error."""
    [info] = [detail for detail in details if isinstance(detail, ErrorInfo)]
    return info.reason


class Daemon:
    """One process."""

    def __init__(
        self, place: "Place", process: "subprocess.Popen[bytes]", manager: socket.socket, *, log: Path
    ) -> None:
        self.place = place
        self.process = process
        self._manager = manager
        self._log = log

    @property
    def pid(self) -> int:
        return self.process.pid

    def heard(self, what: str, *, timeout_s: float = TIMEOUT_S) -> bool:
        """Whether the service manager was told; False when the process ended without."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            if select.select([self._manager], [], [], 0.05)[0]:
                if what in self._manager.recv(4096).decode():
                    return True
            elif self.process.poll() is not None:
                return False
        raise AssertionError(f"{what} was not heard within {timeout_s} s")

    def channel(self) -> Channel:
        """A connection; the caller closes it."""
        return Channel(path=str(self.place.socket), status_details_codec=Details())

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, *, timeout_s: float = TIMEOUT_S) -> tuple[int, str]:
        """Exit code and log."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the daemon did not end within {timeout_s} s; its log:\n{self.log()}") from None
        return self.process.returncode, self.log()

    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text()

    def stop(self) -> tuple[int, str]:
        """Ask for the end and wait for it."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def resident_bytes_max(self) -> int:
        """Largest resident set so far."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmHWM")


class Place:
    """Where a user's daemon lives."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.socket = root / "run" / "dome" / "domed.sock"
        self.state = root / "state" / "dome"
        self.config = root / "config" / "dome" / "domed.toml"
        self.work = root / "work"
        for directory in (root / "run", self.config.parent, self.work):
            directory.mkdir(parents=True, mode=0o700)
        self._daemons: list[Daemon] = []

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "HOME": str(self.root),
            "PATH": os.environ["PATH"],
            "XDG_CONFIG_HOME": str(self.root / "config"),
            "XDG_RUNTIME_DIR": str(self.root / "run"),
            "XDG_STATE_HOME": str(self.root / "state"),
            **ALLOCATOR,
            **more,
        }

    def configure(self, text: str) -> None:
        self.config.write_text(text)
        self.config.chmod(0o600)

    def start(self, *arguments: str, command: Sequence[str] = DOMED, **popen: object) -> Daemon:
        """Start a daemon, ready or not."""
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = self.root / f"notify-{len(self._daemons)}"
        manager.bind(str(name))
        # A pipe that nobody reads while the daemon runs would hold it up when it is full.
        log = self.root / f"log-{len(self._daemons)}"
        with log.open("wb") as writing:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [*command, *arguments],
                env=self.environ(NOTIFY_SOCKET=str(name)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=writing,
                **popen,  # type: ignore[call-overload]
            )
        daemon = Daemon(self, process, manager, log=log)
        self._daemons.append(daemon)
        return daemon

    def ready(self, *arguments: str, command: Sequence[str] = DOMED, **popen: object) -> Daemon:
        """Start a daemon that answers calls."""
        daemon = self.start(*arguments, command=command, **popen)
        if not daemon.heard("READY=1"):
            raise AssertionError(f"the daemon ended: {daemon.ended()}")
        return daemon

    def end_all(self) -> None:
        for daemon in self._daemons:
            if daemon.process.poll() is None:
                daemon.process.kill()
            daemon.process.wait()
            daemon._manager.close()
        for pid in self._left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _left(self) -> Iterator[int]:
        """Processes of runs that no daemon has ended, because the test failed before."""
        mark = f"HOME={self.root}".encode()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdecimal() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


@contextmanager
def a_place() -> Iterator[Place]:
    """Directories that are removed, with a short path: a socket's has at most 107 bytes."""
    root = Path(tempfile.mkdtemp(prefix="domed-e2e-"))
    place = Place(root)
    try:
        yield place
    finally:
        place.end_all()
        shutil.rmtree(root, ignore_errors=True)
