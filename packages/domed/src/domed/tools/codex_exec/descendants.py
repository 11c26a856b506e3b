"""The processes that a process has started, and those that they have: codex gives each command a session of its own.

Where there is no `/proc`, none are found; what is left then, the daemon finds by the job's id.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PARENT_FIELD: Final = 1
_START_FIELD: Final = 19

Known = frozenset[tuple[int, str]]
"""Processes by their number and their start, for a number is given again."""


def of(pid: int) -> Known:
    """All that are below it now."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        if entry.name.isdecimal() and (stat := _stat(int(entry.name))) is not None:
            parent, start = stat
            parents.setdefault(parent, []).append((int(entry.name), start))
    found: set[tuple[int, str]] = set()
    waiting = [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found.update(below)
        waiting += [number for number, _ in below]
    return frozenset(found)


def kill(known: Known) -> None:
    """End those of them that still run."""
    for pid, start in known:
        stat = _stat(pid)
        if stat is not None and stat[1] == start:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _stat(pid: int) -> tuple[int, str] | None:
    """Parent and start; None where it is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The name of the program, in parentheses, may hold anything.
    fields = text.rpartition(")")[2].split()
    return int(fields[_PARENT_FIELD]), fields[_START_FIELD]
