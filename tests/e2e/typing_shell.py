"""A shell at a terminal, as a user has it: it reads its start-up file, and somebody types and presses Tab."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.e2e.dome_home import Home

TIMEOUT_S = 20.0
TAKE_BACK = "\x15"
PROMPT = "ready> "
ROWS_AND_COLUMNS = (50, 200)
PROGRAM = "#!{python}\nimport sys\nfrom dome_client.cli.entry import main\nsys.exit(main())\n"
SHELLS: Mapping[str, tuple[str, str, list[str]]] = {
    # Where the script of `dome completions` goes, what the start-up file says, how it is started.
    "bash": (".dome-completion", f"PS1='{PROMPT}'; source ~/.dome-completion\n", ["--rcfile", ".rc", "-i"]),
    "zsh": (
        "functions/_dome",
        f"PS1='{PROMPT}'; fpath=(~/functions $fpath); autoload -Uz compinit && compinit -u\n",
        ["-i"],
    ),
    "fish": (
        "config/fish/completions/dome.fish",
        f"function fish_prompt; echo -n '{PROMPT}'; end\nset fish_greeting\n",
        ["-i"],
    ),
}
START_UP = {"bash": ".rc", "zsh": ".zshrc", "fish": "config/fish/config.fish"}
_CONTROL = re.compile(rb"\x1b(\[[0-9;?>=]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>78]|[()][A-Z0-9])|[\r\x07]")


class TypingShell:
    """A shell that waits for what is typed."""

    def __init__(self, name: str, terminal: int) -> None:
        self._terminal = terminal
        # Where there is a choice, bash shows it at the second one only.
        self._tabs = "\t\t" if name == "bash" else "\t"
        self._shown = b""

    def completes(self, line: str, *expected: str) -> None:
        """Type a line and press Tab: all that is expected comes to be seen. Then take the line back."""
        assert not any(each in line for each in expected)
        self._type(line + ("\t" if len(expected) == 1 else self._tabs))
        self._wait_for(*expected)
        self._type(TAKE_BACK)

    def wait(self) -> None:
        """Wait for the prompt."""
        self._wait_for(PROMPT.rstrip())

    def _type(self, keys: str) -> None:
        self._shown = b""
        os.write(self._terminal, keys.encode())

    def _wait_for(self, *expected: str) -> None:
        end_s = time.monotonic() + TIMEOUT_S
        while not all(each in self._text() for each in expected):
            left_s = end_s - time.monotonic()
            if left_s <= 0 or not select.select([self._terminal], [], [], left_s)[0]:
                raise AssertionError(f"{expected} did not come to be seen, but {self._text()!r}")
            self._shown += os.read(self._terminal, 65_536)

    def _text(self) -> str:
        return _CONTROL.sub(b"", self._shown).decode(errors="replace")


@contextmanager
def a_shell(name: str, home: Home) -> Iterator[TypingShell]:
    """A shell of a user who did what `dome completions --help` says. It is killed in the end."""
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} on this machine: install the package {name} (Debian: apt install {name})")
    script, start_up, options = SHELLS[name]
    _install(home, name, script=script, start_up=start_up)
    process, terminal = _start([name, *options], home)
    try:
        shell = TypingShell(name, terminal)
        shell.wait()
        yield shell
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _install(home: Home, name: str, *, script: str, start_up: str) -> None:
    program = home.root / "bin" / "dome"
    program.parent.mkdir(exist_ok=True)
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    done = home.dome("completions", name)
    assert done.code == 0, done.err
    for path, text in ((script, done.out.decode()), (START_UP[name], start_up)):
        (home.root / path).parent.mkdir(parents=True, exist_ok=True)
        (home.root / path).write_text(text)


def _start(argv: list[str], home: Home) -> "tuple[subprocess.Popen[bytes], int]":
    ours, its = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", *ROWS_AND_COLUMNS, 0, 0))
    environ = home.environ(PATH=f"{home.root / 'bin'}:{os.environ['PATH']}", TERM="xterm", LANG="C.UTF-8")
    # A session whose terminal it is, as everybody's shell has it.
    process = subprocess.Popen(
        ["setsid", "--ctty", *argv], cwd=home.root, env=environ, stdin=its, stdout=its, stderr=its
    )
    os.close(its)
    return process, ours
