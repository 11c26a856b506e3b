"""Reports a pytest session as JSON lines, from inside the repository's own Python.

Runs in an interpreter that knows nothing of Dome: it needs Python 3.7, its standard library and the pytest that is
there. Only says what happens; what that means is decided by who reads it. The lines go to an inherited descriptor,
each with a `type`: see `tally`. What a line holds of a message or a traceback is bounded.
"""

from __future__ import annotations

import faulthandler
import json
import os
import platform
import sys
import threading
from typing import Any

PYTEST_MAJOR_MIN = 6
MESSAGE_CHARACTERS_MAX = 2000
TRACEBACK_CHARACTERS_MAX = 8000
WARNING_CHARACTERS_MAX = 500


class Wire:
    """The descriptor. Silent in processes that a test forks, and once nobody listens."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pipe = os.fstat(descriptor)
        self._process = os.getpid()
        self._lock = threading.Lock()

    def say(self, kind: str, **fields: Any) -> None:
        """Write one line."""
        if os.getpid() != self._process or self._descriptor < 0:
            return
        # An interrupt may cut a line short. What begins with a newline is whole all the same.
        rest = b"\n" + json.dumps({"type": kind, **fields}).encode() + b"\n"
        with self._lock:
            try:
                # A test may close what it did not open, and then the number may be that of a file of its own.
                while rest and os.path.samestat(os.fstat(self._descriptor), self._pipe):
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                # The reader is gone, or the descriptor is. The tests go on.
                self._descriptor = -1


class Reporter:
    """The plugin."""

    def __init__(self, wire: Wire) -> None:
        self._say = wire.say
        self._wire = wire

    def pytest_configure(self, config: Any) -> None:
        """Listen to the workers of pytest-xdist where it is there."""
        for name, plugin in (
            ("pytest_xdist_node_collection_finished", WorkerCollection(self._wire)),
            ("pytest_testnodedown", WorkerEnd(self._wire)),
        ):
            if hasattr(config.hook, name):
                config.pluginmanager.register(plugin)

    def pytest_sessionstart(self, session: Any) -> None:
        """The configuration was read."""
        self._say("session", root=str(getattr(session.config, "rootpath", None) or session.config.rootdir))

    def pytest_collectstart(self, collector: Any) -> None:
        """A folder, a file or a class is looked through."""
        self._say("collecting", node_id=collector.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        """It was looked through."""
        if report.failed:
            self._say("collection_error", node_id=report.nodeid, **trouble(report))
        elif report.skipped:
            self._say("collection_skipped", node_id=report.nodeid)

    def pytest_deselected(self, items: Any) -> None:
        """The selection left these out."""
        self._say("deselected", count=len(items))

    def pytest_collection_finish(self, session: Any) -> None:
        """These tests will run."""
        self._say("collected", count=len(session.items))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self._say("started", node_id=nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test is through one of its phases."""
        told = trouble(report) if report.failed else {}
        # What has no such outcome or duration is of a plugin's own kind, and is counted as none.
        duration_s = getattr(report, "duration", 0.0)
        self._say(
            "phase", node_id=report.nodeid, phase=report.when, outcome=outcome(report), duration_s=duration_s, **told
        )

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test is over."""
        self._say("finished", node_id=nodeid)

    def pytest_warning_recorded(self, warning_message: Any, nodeid: str) -> None:
        """A warning was shown."""
        self._say(
            "warning",
            category=warning_message.category.__name__,
            message=str(warning_message.message)[:WARNING_CHARACTERS_MAX],
            path=warning_message.filename,
            line=warning_message.lineno,
            node_id=nodeid,
        )

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        """The session is broken off."""
        self._say("interrupted", message=excinfo.exconly()[:MESSAGE_CHARACTERS_MAX])

    def pytest_internalerror(self, excrepr: Any, excinfo: Any) -> None:
        """Pytest or a plugin failed."""
        self._say("internal_error", message=excinfo.exconly()[:MESSAGE_CHARACTERS_MAX], **tail(str(excrepr)))

    def pytest_sessionfinish(self, session: Any) -> None:
        """Nothing more will run."""
        self._say("session_end", stopped=str(session.shouldstop or "")[:MESSAGE_CHARACTERS_MAX])


class WorkerCollection:
    """What the controller of pytest-xdist hears of its workers' collection: it collects nothing itself."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def pytest_xdist_node_collection_finished(self, ids: Any) -> None:
        """A worker has collected. Each of them collects the same."""
        self._wire.say("worker_collected", count=len(ids))


class WorkerEnd:
    """What the controller of pytest-xdist hears of its workers' end."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def pytest_testnodedown(self, error: Any) -> None:
        """A worker has ended, with an error if it was not asked to."""
        if error:
            self._wire.say("worker_died", message=str(error)[:MESSAGE_CHARACTERS_MAX])


def outcome(report: Any) -> str:
    """What a phase adds to the outcomes, in the words of pytest; nothing where it only passed on to the next one."""
    if hasattr(report, "wasxfail"):
        return {"skipped": "xfailed", "passed": "xpassed"}.get(report.outcome, "failed")
    if report.outcome == "failed":
        # Of a test whose worker died, pytest-xdist reports a phase of an unknown name.
        return {"call": "failed", "???": "crashed"}.get(report.when, "error")
    if type(report).__name__.lower() == "subtestreport":
        # A part of a test that is counted itself.
        return ""
    if report.outcome == "passed":
        return "passed" if report.when == "call" else ""
    return "skipped" if report.outcome == "skipped" else ""


def trouble(report: Any) -> dict[str, Any]:
    """Where and why something failed."""
    text = report.longreprtext
    crash = getattr(report.longrepr, "reprcrash", None)
    location = getattr(report, "location", None) or (report.fspath, None)
    message = crash.message if crash else heading(text)
    line = crash.lineno if crash else location[1] + 1 if location[1] is not None else None
    return {
        "path": str(crash.path if crash else location[0]),
        "line": line,
        "message": message[:MESSAGE_CHARACTERS_MAX],
        "message_truncated": len(message) > MESSAGE_CHARACTERS_MAX,
        **tail(text),
    }


def tail(text: str) -> dict[str, Any]:
    """The end of a traceback, where what matters stands."""
    return {
        "traceback": text[-TRACEBACK_CHARACTERS_MAX:],
        "traceback_truncated": len(text) > TRACEBACK_CHARACTERS_MAX,
    }


def heading(text: str) -> str:
    """The last line that pytest marks as the error, else the last that says anything."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (marked or lines or [""])[-1]


def main(words: list[str]) -> int:
    """Run pytest with the arguments after the first three: descriptor of the lines, descriptor and signal of stacks."""
    lines_fd, stack_fd, stack_signal = (int(word) for word in words[:3])
    for descriptor in (lines_fd, stack_fd):
        os.set_inheritable(descriptor, False)
    faulthandler.register(stack_signal, file=stack_fd, all_threads=True)
    wire = Wire(lines_fd)
    wire.say("python", version=platform.python_version(), executable=sys.executable)
    # The working directory can be imported from, as it can in `python -m pytest`.
    sys.path.insert(0, os.getcwd())
    try:
        import pytest
    except BaseException as error:
        wire.say("no_pytest", message=described(error))
        raise
    wire.say("pytest", version=pytest.__version__)
    if int(pytest.__version__.split(".")[0]) < PYTEST_MAJOR_MIN:
        wire.say("no_pytest", message=f"pytest {pytest.__version__} is older than {PYTEST_MAJOR_MIN}")
        return 1
    sys.argv[:] = [os.path.join(os.path.dirname(pytest.__file__), "__main__.py"), *words[3:]]
    try:
        status = int(pytest.main(words[3:], plugins=[Reporter(wire)]))
    except BaseException as error:
        wire.say("raised", message=described(error))
        raise
    wire.say("end", exit_status=status)
    return status


def described(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"[:MESSAGE_CHARACTERS_MAX]
