"""`dome top` in a real terminal, with a real daemon that goes away and comes back."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from fcntl import ioctl
from struct import pack
from termios import TIOCSWINSZ

import pytest

from tests.e2e.dome_home import DOME, Home, a_home

TIMEOUT_S = 60.0
CONTROLS = re.compile(rb"\x1b(\[[0-9;?<>=]*[a-zA-Z]|\][^\x07]*\x07|P.*?\x1b\\|[()=>][0-9A-Z]?)")


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


class Terminal:
    """A program on a terminal, and what it drew so far without the controls."""

    def __init__(self, home: Home, *words: str) -> None:
        self._controller, terminal = pty.openpty()
        ioctl(terminal, TIOCSWINSZ, pack("HHHH", 40, 140, 0, 0))
        self.process = subprocess.Popen(
            [*DOME, *words],
            cwd=home.work,
            env=home.environ(TERM="xterm-256color", NO_COLOR="1"),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self.drawn = b""

    def press(self, keys: str) -> None:
        os.write(self._controller, keys.encode())

    def until(self, text: str) -> None:
        """Read until the text was drawn after the last one that was waited for."""
        end_s = time.monotonic() + TIMEOUT_S
        while (at := (plain := CONTROLS.sub(b"", self.drawn)).find(text.encode())) < 0:
            assert time.monotonic() < end_s, f"no {text!r} in {plain[-2000:]!r}"
            self._read()
        self.drawn = plain[at + len(text.encode()) :]

    def ended(self) -> int:
        """Read until the program has ended. Its exit code."""
        end_s = time.monotonic() + TIMEOUT_S
        while self.process.poll() is None:
            assert time.monotonic() < end_s, f"no end after {self.drawn[-2000:]!r}"
            self._read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._controller)

    def _read(self) -> None:
        if select.select([self._controller], [], [], 0.1)[0]:
            try:
                self.drawn += os.read(self._controller, 1 << 16)
            except OSError:  # the program has closed the terminal
                time.sleep(0.01)


@pytest.mark.slow
def test_top_shows_a_job_survives_its_daemon_and_leaves_by_q(home: Home) -> None:
    job_id = home.dome("run", "process.run", "--detach", "--", "echo", "hello from the job").lines()[0]
    assert home.dome("wait", job_id).code == 0
    top = Terminal(home, "top")
    try:
        top.until(job_id)
        top.until("hello from the job")
        (daemon,) = home.daemons()
        os.kill(daemon, signal.SIGKILL)
        top.until("LOST, trying again")
        second = home.dome("run", "process.run", "--detach", "--", "echo", "after the loss").lines()[0]
        top.until(second)
        top.press("q")
        assert top.ended() == 0
    finally:
        top.close()
