"""The process that makes launchers, as the daemon has it: a socket to ask on, and what comes back.

It hears no order: to whom an order goes is its copy. Knows nothing of runs.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domed.executors import limit_mark

BOOT: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from domed.launcher.program import main; main(sys.argv[1:])"
)
PACKAGES: Final = Path(__file__).parents[2]
COMMAND: Final = (sys.executable, "-I", "-S", "-c", BOOT, str(PACKAGES))
"""The launcher as a program."""
UMASK: Final = 0o077
END_WAIT_S: Final = 0.5
"""A server that has not ended after so long is made to."""
MESSAGE_BYTES_MAX: Final = 512


class LauncherGone(Exception):
    """A launcher or its server has ended, and heard no order."""


@dataclass(frozen=True, slots=True)
class Launcher:
    """A child of this process that waits for one order."""

    pid: int
    pidfd: int
    orders: socket.socket

    def order(self, words: bytes, descriptors: Sequence[int]) -> None:
        """Give the order: from here on it is the run's process. Raises LauncherGone; then it is dismissed."""
        try:
            socket.send_fds(self.orders, [words], descriptors)
        except OSError as error:
            self.dismiss()
            raise LauncherGone from error
        self.orders.close()

    def dismiss(self) -> None:
        """End it without an order."""
        self.orders.close()
        os.close(self.pidfd)
        bury(self.pid)


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the server found out about the kernel, as it says when it is ready."""

    landlock_abi: int
    yama_scope: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request."""

    number: int
    launcher: Launcher | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Born:
    """What a copy says of itself."""

    number: int
    pid: int


class Server:
    """One started server. It ends when the socket is closed."""

    def __init__(self, *, variable: str) -> None:
        """`variable`: the one that names the job in a run's environment, in the length that it has there.

        Raises OSError.
        """
        self._born: dict[int, int] = {}
        """By request without an answer: the process that was made for it."""
        self._answered = 0
        """The last request with one. They are answered in the order of their numbers."""
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        name, _, value = variable.partition("=")
        try:
            with limit_mark.on_what_is_started(limit_mark.WAITING):
                self._process: subprocess.Popen[bytes] = subprocess.Popen(
                    [*COMMAND, "serve"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    cwd="/",
                    env={name: value},
                    start_new_session=True,
                    umask=UMASK,
                )
        except OSError:
            self.socket.close()
            raise
        finally:
            theirs.close()
        self.socket.settimeout(0)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, number: int, kind: str, *, group: int | None = None) -> None:
        """Ask for a launcher. Raises LauncherGone."""
        try:
            socket.send_fds(self.socket, [f"{number} {kind}".encode()], [] if group is None else [group])
        except OSError as error:
            raise LauncherGone from error

    def answers(self) -> Iterator[Greeting | Answer]:
        """What it has said since. Raises LauncherGone where it has ended."""
        while True:
            try:
                message, descriptors, _, _ = socket.recv_fds(self.socket, MESSAGE_BYTES_MAX, 1, socket.MSG_CMSG_CLOEXEC)
            except BlockingIOError:
                return
            except OSError as error:
                raise LauncherGone from error
            if not message:
                raise LauncherGone
            said = _understood(message, descriptors)
            if isinstance(said, _Born):
                # It may come after the answer, and then it is somebody's.
                if said.number > self._answered:
                    self._born[said.number] = said.pid
                continue
            if isinstance(said, Answer):
                self._answered = said.number
                self._born.pop(said.number, None)
            yield said

    def end(self) -> None:
        """End it, and the launchers that it made and nobody has heard of. Those that wait go on waiting."""
        with contextlib.suppress(OSError):
            # It finishes what it is at, so that no launcher is made that nobody hears of.
            self.socket.shutdown(socket.SHUT_WR)
        try:
            self._process.wait(timeout=END_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(LauncherGone):
            for said in self.answers():
                if isinstance(said, Answer) and said.launcher is not None:
                    said.launcher.dismiss()
        self.socket.close()
        while self._born:
            # It was killed before it could answer.
            bury(self._born.popitem()[1])


def bury(pid: int) -> None:
    """End a child of this process and let the kernel forget it."""
    with contextlib.suppress(ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _understood(message: bytes, descriptors: Sequence[int]) -> Greeting | Answer | _Born:
    first, second, *rest = message.decode("utf-8", "replace").split(" ", 3)
    if first == "hello":
        return Greeting(int(second), int(rest[0]))
    if first == "born":
        return _Born(int(second), int(rest[0]))
    number, pid = int(first), int(second)
    if not descriptors:
        if pid:
            bury(pid)
        return Answer(number, None, rest[-1])
    orders = socket.socket(fileno=descriptors[0])
    try:
        pidfd = os.pidfd_open(pid)
    except OSError as error:
        orders.close()
        bury(pid)
        return Answer(number, None, f"it cannot be watched: {error.strerror}")
    return Answer(number, Launcher(pid, pidfd, orders))
