"""The process of pytest: started with the reporter in it, listened to, ended. Knows no outcomes."""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure
from domed.tools.repo_test import interpreter

READ_BYTES: Final = 64 * 1024
REPORTER: Final = Path(__file__).with_name("reporter.py")
# The reporter is read from its file, so that nothing is installed and no search path grows. What `-c` puts in front of
# the search path is taken away first: a module of the repository must not stand in for one of the standard library.
START: Final = """\
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("_dome_pytest_reporter", sys.argv[1])
reporter = module_from_spec(spec)
spec.loader.exec_module(reporter)
sys.exit(reporter.main(sys.argv[2:]))
"""
# Tests use the signals that have names of their own.
STACK_SIGNAL: Final = int(signal.SIGRTMAX) - 2 if hasattr(signal, "SIGRTMAX") else int(signal.SIGUSR2)
STACK_WAIT_S: Final = 1.0
STACK_POLL_S: Final = 0.02
STACK_BYTES_MAX: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended: by itself with a code, or by a signal."""

    exit_code: int | None
    signal: int | None


class Child:
    """Pytest, in a process group of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", lines_fd: int, stack_file: BinaryIO) -> None:
        self._process = process
        self._lines_fd = lines_fd
        self._stack_file = stack_file
        self._held = b""
        self._is_open = True

    def events(self, wait_s: float) -> Iterator[dict[str, Any]]:
        """What the reporter says next. Waits so long for it at most."""
        if not self._is_open:
            time.sleep(wait_s)
            return
        if not self._is_readable(wait_s):
            return
        data = os.read(self._lines_fd, READ_BYTES)
        self._is_open = bool(data)
        *lines, self._held = (self._held + data).split(b"\n")
        for line in lines:
            if line and (event := _event(line)) is not None:
                yield event

    def has_more(self) -> bool:
        """Whether the reporter has said more. Something that pytest left behind may hold its descriptor open."""
        return self._is_open and self._is_readable(0)

    def has_ended(self) -> bool:
        """Whether the process is gone. Where the system can tell without reaping it, its ids stay its own."""
        if hasattr(os, "waitid"):
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        return self._process.poll() is not None

    def end(self) -> Ended:
        """Reap the process, which has ended."""
        code = self._process.wait()
        return Ended(code, None) if code >= 0 else Ended(None, -code)

    def interrupt(self) -> None:
        """Ask pytest to break off, as Ctrl-C does: fixtures clean up."""
        self._signal(os.kill, signal.SIGINT)

    def signal_group(self, number: signal.Signals) -> None:
        """Tell pytest and all that it started in its group."""
        self._signal(os.killpg, number)

    def stack(self) -> tuple[str, bool]:
        """What each thread of pytest does, and whether that is only the end of it. Empty if it cannot be told."""
        self._signal(os.kill, STACK_SIGNAL)
        deadline = time.monotonic() + STACK_WAIT_S
        size, before = 0, -1
        while time.monotonic() < deadline and not (size and size == before):
            time.sleep(STACK_POLL_S)
            size, before = os.fstat(self._stack_file.fileno()).st_size, size
        self._stack_file.seek(max(0, size - STACK_BYTES_MAX))
        return self._stack_file.read().decode("utf-8", "replace"), size > STACK_BYTES_MAX

    def _signal(self, send: Callable[[int, int], None], number: int) -> None:
        # Not by Popen, which would reap the process first. Some systems refuse to signal what has ended.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                send(self._process.pid, number)

    def _is_readable(self, wait_s: float) -> bool:
        return bool(select.select([self._lines_fd], [], [], wait_s)[0])


@contextmanager
def started(python: Path, arguments: Sequence[str], *, folder: Path, environ: Mapping[str, str]) -> Iterator[Child]:
    """Start pytest. When the context ends, however it ends, so have the processes of its group.

    Its output goes where this program's goes, unbuffered. Raises ToolFailure where the Python cannot be started.
    """
    lines_fd, theirs_fd = os.pipe()
    with TemporaryFile() as stack_file, open(lines_fd, "rb", buffering=0):
        passed = (theirs_fd, stack_file.fileno())
        words = [str(REPORTER), *map(str, passed), str(STACK_SIGNAL), *arguments]
        try:
            process = subprocess.Popen(
                [str(python), "-u", "-c", START, *words], cwd=folder, env=interpreter.environment(python, environ),
                stdin=subprocess.DEVNULL, pass_fds=passed, process_group=0,
            )  # fmt: skip
        except OSError as error:
            message = f"{str(python)!r} cannot be started: {error.strerror}. {interpreter.REMEDY}"
            raise ToolFailure(FailureReason.TESTS_RUNNER_MISSING, message) from error
        finally:
            os.close(theirs_fd)
        child = Child(process, lines_fd, stack_file)
        try:
            yield child
        finally:
            child.signal_group(signal.SIGKILL)
            process.wait()


def _event(line: bytes) -> dict[str, Any] | None:
    """A line of the reporter; None for one that an interrupt cut short."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
