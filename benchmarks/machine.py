"""On what the figures were taken: machine, interpreter, file system, load, version of the sources."""

import os
import platform
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
BUSY_LOAD: Final = 0.5
"""Load, by processor, above which a figure says more of the neighbours than of the program."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader must know before comparing a figure with one of another run."""

    system: str
    processor: str
    processors: int
    python: str
    sqlite: str
    file_system: str
    load_before: float
    """Processes that wanted to run, on average over the last minute."""
    sources: str
    """Commit, and whether files differ from it."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the figures of this run should not be quoted."""
        found = []
        if self.load_before > BUSY_LOAD * self.processors:
            found.append(f"The machine is busy (load {self.load_before:.1f} on {self.processors} processors).")
        if self.file_system in IN_MEMORY:
            found.append(f"{self.file_system} keeps nothing: durability costs nothing there. Use --folder on a disk.")
        return tuple(found)


def look(folder: Path) -> Machine:
    """The machine, with `folder` as the place where things are made durable."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        processors=len(os.sched_getaffinity(0)),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=sqlite3.sqlite_version,
        file_system=file_system_of(folder.resolve(), Path("/proc/mounts").read_text(encoding="utf-8")),
        load_before=round(os.getloadavg()[0], 2),
        sources=_sources(),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def file_system_of(folder: Path, mounts: str) -> str:
    """The type of the file system that holds a folder, by a table in the form of `/proc/mounts`.

    The longest mount point above it wins, then the last. `unknown` where there is none, as in a changed root.
    """
    found, longest = "unknown", -1
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split()
        if folder.is_relative_to(point) and len(point) >= longest:
            found, longest = kind, len(point)
    return found


def _sources() -> str:
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return f"{commit}, with changes" if _git("status", "--porcelain") else commit
    except (OSError, subprocess.CalledProcessError):
        return "not a git repository"


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", REPOSITORY, *words], check=True, capture_output=True, text=True).stdout.strip()
