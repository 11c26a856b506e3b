"""A user of a machine for tests: directories of their own, the `dome` command, and a daemon that ends with the test."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

from tests.e2e.warm_python import TIMEOUT_S, Done, warm_python

__all__ = ["DOME", "TIMEOUT_S", "Done", "Home", "a_home", "finish"]

DOME = [sys.executable, "-c", "import sys; from dome_client.cli.entry import main; sys.exit(main())"]


class Home:
    """One user."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.work = root / "work"
        self.config = root / "config" / "dome"
        self.state = root / "state" / "dome"
        self.socket = root / "run" / "dome" / "domed.sock"
        for directory in (self.work, self.config, root / "run"):
            directory.mkdir(parents=True)

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "HOME": str(self.root),
            "PATH": os.environ["PATH"],
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "XDG_CONFIG_HOME": str(self.root / "config"),
            "XDG_RUNTIME_DIR": str(self.root / "run"),
            "XDG_STATE_HOME": str(self.root / "state"),
            **more,
        }

    def start(self, *words: str, environ: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        """The command as a process, which the caller ends."""
        return subprocess.Popen(
            [*DOME, *words],
            cwd=self.work,
            env=environ or self.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def dome(self, *words: str, environ: Mapping[str, str] | None = None) -> Done:
        """One use of the command; with an environment of its own it loads Python itself."""
        if environ is not None:
            return finish(self.start(*words, environ=environ))
        return warm_python().run(*words, cwd=self.work, environ=self.environ())

    def configure(self, text: str) -> None:
        """Write the daemon's configuration."""
        (self.config / "domed.toml").write_text(text)

    def daemons(self) -> list[int]:
        """The processes of daemons of this user."""
        return [pid for pid, argv in self._processes() if ("-m", "domed") in pairwise(argv)]

    def stop(self, *, timeout_s: float = TIMEOUT_S) -> None:
        """Ask every daemon to end, as `dome service stop` does, and wait until it has."""
        for pid in self.daemons():
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            try:
                signal.pidfd_send_signal(handle, signal.SIGTERM)
                assert select.select([handle], [], [], timeout_s)[0], f"the daemon {pid} did not end in {timeout_s} s"
            finally:
                os.close(handle)

    def end_all(self) -> None:
        """End what still runs in this home, by process id."""
        for pid, _ in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _processes(self) -> Iterator[tuple[int, Sequence[str]]]:
        mark = f"XDG_RUNTIME_DIR={self.root / 'run'}".encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    argv = (entry / "cmdline").read_bytes().split(b"\0")
                    yield int(entry.name), [os.fsdecode(word) for word in argv]
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue


def finish(process: "subprocess.Popen[bytes]", *, timeout_s: float = TIMEOUT_S) -> Done:
    """Wait for the end of a command."""
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"no end within {timeout_s} s; it wrote {out[-500:]!r} and {err[-500:]!r}") from None
    return Done(process.returncode, out, err.decode())


@contextmanager
def a_home(*, inside: str | None = None) -> Iterator[Home]:
    """A user, whose daemon is stopped in the end and leaves nothing behind; below `/tmp` or another directory."""
    # The path of a Unix socket is short, so not below pytest's own directory.
    root = Path(tempfile.mkdtemp(prefix="dome-e2e-", dir=inside))
    home = Home(root)
    try:
        yield home
        home.stop()
        assert home.daemons() == []
    finally:
        home.end_all()
        shutil.rmtree(root, ignore_errors=True)
