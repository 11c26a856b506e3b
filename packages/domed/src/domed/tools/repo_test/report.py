"""The result of the tool, from the tally of a session. Pure. Bounded: what is left out is counted."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domed.tools.repo_test.tally import Event, Tally

FAULTS_BYTES_MAX: Final = 3 * 1024 * 1024
"""Most bytes of `failures`, and of `collection_errors`: a result may have 8 MiB."""
SLOWEST_MAX: Final = 10
RUNNING_MAX: Final = 100
OUTCOMES: Final = ("passed", "failed", "error", "crashed", "skipped", "xfailed", "xpassed")
FAULT_FIELDS: Final = ("path", "line", "message", "message_truncated", "traceback", "traceback_truncated")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the tally does not know."""

    python: Path
    folder: Path
    duration_s: float
    running: list[str]
    """Tests that ran when the session ended, or was ended."""
    exit_code: int | None
    signal: int | None
    stack: str
    stack_truncated: bool


def report(tally: Tally, seen: Circumstances) -> Json:
    """The result."""
    failures = _fitting(_failure(event, tally, seen.folder) for event in tally.failures)
    errors = _fitting(_error(event, tally, seen.folder) for event in tally.collection_errors)
    return {
        "totals": _totals(tally),
        "tests_collected": tally.collected,
        "tests_done": tally.done,
        "failures": failures,
        "failures_omitted": tally.failed - len(failures),
        "collection_errors": errors,
        "collection_errors_omitted": tally.uncollected - len(errors),
        "running": seen.running[:RUNNING_MAX],
        "stack": seen.stack,
        "stack_truncated": seen.stack_truncated,
        "slowest": [{"node_id": name, "duration_s": round(spent_s, 6)} for name, spent_s in tally.slowest(SLOWEST_MAX)],
        "warnings": [_warning(event, tally, seen.folder) for event in tally.warnings],
        "warnings_count": tally.counts["warning"],
        "duration_s": round(seen.duration_s, 3),
        "python": {"path": str(seen.python), "version": tally.python_version},
        "pytest": {"version": tally.pytest_version, "exit_status": tally.exit_status, "distributed": tally.distributed},
        "exit_code": seen.exit_code,
        "signal": seen.signal,
    }


def _totals(tally: Tally) -> Json:
    counted: Json = {name: tally.outcomes[name] for name in OUTCOMES}
    counted["skipped"] += tally.counts["collection_skipped"]
    # Workers do not tell their controller.
    return {**counted, "deselected": None if tally.distributed else tally.deselected}


def _failure(event: Event, tally: Tally, folder: Path) -> Json:
    return {
        "node_id": event["node_id"],
        "outcome": event["outcome"],
        "phase": event["phase"] if event["outcome"] != "crashed" else None,
        "duration_s": round(event["duration_s"], 6),
        **_fault(event, tally, folder),
    }


def _error(event: Event, tally: Tally, folder: Path) -> Json:
    return {"node_id": event["node_id"], **_fault(event, tally, folder)}


def _warning(event: Event, tally: Tally, folder: Path) -> Json:
    kept = {name: event[name] for name in ("category", "message", "line", "node_id")}
    return {**kept, "path": _path(event["path"], tally, folder)}


def _fault(event: Event, tally: Tally, folder: Path) -> Json:
    return {**{name: event[name] for name in FAULT_FIELDS}, "path": _path(event["path"], tally, folder)}


def _path(told: str, tally: Tally, folder: Path) -> str:
    """Relative to the folder where it lies in it, else absolute."""
    path = os.path.normpath(os.path.join(tally.root or folder, told))
    inside = os.path.relpath(path, folder)
    return path if inside.split(os.sep)[0] == os.pardir else inside


def _fitting(values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first ones that fit."""
    kept: list[Mapping[str, Any]] = []
    left = FAULTS_BYTES_MAX
    for value in values:
        left -= len(json.dumps(value)) + 1
        if left < 0:
            break
        kept.append(value)
    return kept
