"""What is known of a session of pytest, from the reporter's lines as they come. Pure: starts and writes nothing.

{"type": "python", "version": ..., "executable": ...}     the interpreter runs
{"type": "pytest", "version": ...}                        and has a pytest;
{"type": "no_pytest", "message": ...}                     or none that can be used
{"type": "session", "root": ...}                          the configuration was read
{"type": "collecting", "node_id": ...}                    then `collection_error`, `collection_skipped` or neither
{"type": "deselected", "count": ...}
{"type": "collected", "count": ...}                       `worker_collected` from pytest-xdist
{"type": "started", "node_id": ...}                       a test; one line `phase` for each of its phases; `finished`
{"type": "warning", ...}
{"type": "interrupted", "message": ...}                   also `internal_error`, `worker_died`
{"type": "session_end", "stopped": ...}
{"type": "end", "exit_status": ...}                       pytest returned; `raised` if it did not
"""

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FAULTS_MAX: Final = 200
"""Most failures, and most errors of the collection, that are kept with their tracebacks."""
WARNINGS_MAX: Final = 20
Event = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """One session."""

    python_version: str | None = None
    pytest_version: str | None = None
    no_pytest: str | None = None
    """Why there is no pytest."""
    root: str | None = None
    """The folder that node ids and paths are relative to; None as long as the configuration was not read."""
    collecting: str = ""
    """What was looked through last."""
    collected: int | None = None
    distributed: bool = False
    """Whether workers of pytest-xdist ran the tests."""
    deselected: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    running: dict[str, None] = field(default_factory=dict)
    """Tests that have begun and are not over, in the order of their beginning."""
    failures: list[Event] = field(default_factory=list)
    collection_errors: list[Event] = field(default_factory=list)
    warnings: list[Event] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """How many lines of each type came."""
    interrupted: str = ""
    internal_error: str = ""
    worker_died: str = ""
    raised: str = ""
    stopped: str = ""
    exit_status: int | None = None
    """What pytest returned; None if it did not return."""
    _durations_s: dict[str, float] = field(default_factory=dict)
    _uncollected: set[str] = field(default_factory=set)
    _over: set[str] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """Count a line in."""
        kind = event["type"]
        self.counts[kind] += 1
        match kind:
            case "collecting" | "collected" | "worker_collected" | "collection_error" | "deselected":
                self._collect(event)
            case "started" | "phase" | "finished":
                self._run(event)
            case "interrupted" | "internal_error" | "worker_died" | "raised" | "no_pytest":
                setattr(self, kind, event["message"] or kind)
            case "python":
                self.python_version = event["version"]
            case "pytest":
                self.pytest_version = event["version"]
            case "session":
                self.root = event["root"]
            case "warning" if len(self.warnings) < WARNINGS_MAX:
                self.warnings.append(event)
            case "session_end":
                self.stopped = event["stopped"]
            case "end":
                self.exit_status = event["exit_status"]

    def slowest(self, number: int) -> list[tuple[str, float]]:
        """Tests with their seconds in all phases, longest first."""
        return heapq.nlargest(number, self._durations_s.items(), key=lambda item: item[1])

    @property
    def session_ended(self) -> bool:
        """Whether no test is to come."""
        return self.counts["session_end"] > 0

    @property
    def failed(self) -> int:
        """Failures of tests, of setup and teardown, of workers."""
        return sum(self.outcomes[name] for name in ("failed", "error", "crashed"))

    @property
    def done(self) -> int:
        """Tests that are over. One that is run again counts once."""
        return len(self._over)

    @property
    def uncollected(self) -> int:
        """Files and other collectors that could not be looked through."""
        return len(self._uncollected)

    def _collect(self, event: Event) -> None:
        match event["type"]:
            case "collecting":
                self.collecting = event["node_id"]
            case "deselected":
                self.deselected += event["count"]
            case "collection_error" if event["node_id"] not in self._uncollected:
                # Each worker of pytest-xdist reports it.
                self._uncollected.add(event["node_id"])
                if len(self.collection_errors) < FAULTS_MAX:
                    self.collection_errors.append(event)
            case "collected" | "worker_collected":
                self.collected = event["count"]
                self.distributed = event["type"] == "worker_collected"

    def _run(self, event: Event) -> None:
        node_id = event["node_id"]
        match event["type"]:
            case "started":
                self.running[node_id] = None
            case "finished":
                self._finish(node_id)
            case "phase":
                self._durations_s[node_id] = self._durations_s.get(node_id, 0.0) + event["duration_s"]
                if not event["outcome"]:
                    return
                self.outcomes[event["outcome"]] += 1
                if event["outcome"] == "crashed":
                    self._finish(node_id)
                if "message" in event and len(self.failures) < FAULTS_MAX:
                    self.failures.append(event)

    def _finish(self, node_id: str) -> None:
        self.running.pop(node_id, None)
        self._over.add(node_id)
