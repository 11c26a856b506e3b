"""One run of the tool: starts pytest, follows it, ends it when time is over or its end is asked for, and reports."""

import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from dome_contracts.tool import Session
from domed.tools.repo_test import interpreter
from domed.tools.repo_test.child import Child, Ended, started
from domed.tools.repo_test.report import Circumstances, report
from domed.tools.repo_test.tally import Tally
from domed.tools.repo_test.verdict import Stop, verdict

DEFAULTS: Final[Mapping[str, Any]] = {
    "python": None,
    "paths": [],
    "select": None,
    "markers": None,
    "max_failures": None,
    "live_output": False,
    "timeout_s": 3600,
    "idle_timeout_s": 600,
}
POLL_S: Final = 0.1
PROGRESS_INTERVAL_S: Final = 0.2
NODE_ID_CHARACTERS_MAX: Final = 200
INTERRUPT_GRACE_S: Final = 3.0
"""After the interrupt fixtures have so long to clean up."""
TERMINATE_GRACE_S: Final = 1.0


def test(dome: Session, folder: Path, environ: Mapping[str, str], *, is_asked_to_end: Callable[[], bool]) -> None:
    """Run the tests that the session's input asks for and give the result. Raises ToolFailure."""
    wanted = {**DEFAULTS, **(dome.input or {})}
    python = interpreter.find(folder, environ, wanted=wanted["python"])
    with TemporaryDirectory(prefix="dome-pytest-", dir=environ.get("DOME_SCRATCH")) as scratch:
        command = arguments(wanted, cache=Path(scratch))
        with started(python, command, folder=folder, environ=environ) as child:
            run = Run(dome, child, wanted, is_asked_to_end=is_asked_to_end)
            ended = run.follow()
    failure = verdict(run.tally, ended, stop=run.stop, running=run.running)
    if run.tally.pytest_version is not None:
        dome.result(report(run.tally, run.circumstances(python, folder, ended)))
    if failure is not None:
        raise failure


def arguments(wanted: Mapping[str, Any], *, cache: Path) -> list[str]:
    """What pytest is told beside the repository's configuration."""
    # The cache plugin stays, since options of the configuration may need it; what it writes goes elsewhere.
    told = ["-o", f"cache_dir={cache}"]
    # Joined, so that an expression may begin with a dash.
    told += [f"-{letter}{wanted[name]}" for letter, name in (("k", "select"), ("m", "markers")) if wanted[name]]
    told += [f"--maxfail={wanted['max_failures']}"] if wanted["max_failures"] else []
    told += ["--capture=no"] if wanted["live_output"] else []
    return [*told, *wanted["paths"]]


class Run:
    """Pytest as it runs."""

    def __init__(
        self, dome: Session, child: Child, wanted: Mapping[str, Any], *, is_asked_to_end: Callable[[], bool]
    ) -> None:
        self.tally = Tally()
        self.stop: Stop | None = None
        self.running: list[str] = []
        self._dome = dome
        self._child = child
        self._is_asked_to_end = is_asked_to_end
        self._start = self._last_event = time.monotonic()
        self._end = self._start + wanted["timeout_s"]
        self._idle_timeout_s: float = wanted["idle_timeout_s"]
        self._steps: list[tuple[float, Callable[[], None]]] = []
        self._stack = ("", False)
        self._told_at = self._start
        self._untold = False

    def follow(self) -> Ended:
        """Listen until pytest has ended."""
        while not self._child.has_ended():
            self._listen(POLL_S)
            if self.stop is None and (cause := self._cause()) is not None:
                self._begin_to_end(cause)
            self._go_on_ending()
        while self._child.has_more():
            self._listen(0)
        if self.stop is None:
            # Who asks for the end may have asked pytest as well.
            self.stop = Stop.CANCEL if self._is_asked_to_end() else None
            self.running = list(self.tally.running)
        if self.stop is not None:
            self._child.signal_group(signal.SIGKILL)
        self._tell()
        return self._child.end()

    def circumstances(self, python: Path, folder: Path, ended: Ended) -> Circumstances:
        """What was seen beside the reporter's lines."""
        stack, stack_truncated = self._stack
        return Circumstances(
            python=python,
            folder=folder,
            duration_s=time.monotonic() - self._start,
            running=self.running,
            exit_code=ended.exit_code,
            signal=ended.signal,
            stack=stack,
            stack_truncated=stack_truncated,
        )

    def _listen(self, wait_s: float) -> None:
        """Take in what comes, and tell how far it is, though not too often."""
        for event in self._child.events(wait_s):
            self.tally.take(event)
            self._last_event = time.monotonic()
            self._untold = True
        if self._untold and time.monotonic() - self._told_at >= PROGRESS_INTERVAL_S:
            self._tell()

    def _tell(self) -> None:
        tally = self.tally
        node_id = next(reversed(tally.running), "") if tally.collected is not None else tally.collecting
        doing = node_id[:NODE_ID_CHARACTERS_MAX] if tally.collected is not None else f"collecting {node_id}".strip()
        message = ", ".join(filter(None, [f"{tally.failed} failed" if tally.failed else "", doing]))
        if tally.collected is None:
            self._dome.progress(message)
        else:
            self._dome.progress(message, done=min(tally.done, tally.collected), total=tally.collected, unit="tests")
        self._told_at, self._untold = time.monotonic(), False

    def _cause(self) -> Stop | None:
        now = time.monotonic()
        if self._is_asked_to_end():
            return Stop.CANCEL
        if now >= self._end:
            return Stop.TIMEOUT
        return Stop.IDLE if now - self._last_event >= self._idle_timeout_s else None

    def _begin_to_end(self, cause: Stop) -> None:
        self.stop = cause
        self.running = list(self.tally.running)
        if cause is not Stop.CANCEL:
            self._stack = self._child.stack()
        now = time.monotonic()
        self._child.interrupt()
        self._steps = [
            (now + INTERRUPT_GRACE_S, lambda: self._child.signal_group(signal.SIGTERM)),
            (now + INTERRUPT_GRACE_S + TERMINATE_GRACE_S, lambda: self._child.signal_group(signal.SIGKILL)),
        ]

    def _go_on_ending(self) -> None:
        if self._steps and time.monotonic() >= self._steps[0][0]:
            self._steps.pop(0)[1]()
