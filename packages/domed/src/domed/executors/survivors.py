"""Finds processes of a job and sends them signals, without ever meeting another process by a reused pid.

A process belongs to a job if it is in the session of the job's program or carries the job's id in the environment
that it was started with. A process that left the session *and* emptied its environment is not found. Reads
`/proc`; where there is none, nothing is found.
"""

import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from dome_contracts.ids import JobId
from domed.executors.spawn import JOB_VARIABLE

COMMAND_CHARACTERS_MAX: Final = 200
READ_BYTES: Final = 16 * 1024
"""Enough for everything that is read here but a long environment."""
READ_BYTES_MAX: Final = 2 * 1024 * 1024
"""An environment may be so long; the kernel gives it in one read."""
NEIGHBOURS_MAX: Final = 64
"""So many pids are looked at on the loop."""
SCANS_MAX: Final = 8
"""A scan is repeated for processes that were started during it, so many times."""
EMPTY_READS_MAX: Final = 3
"""A process in the middle of `exec` shows an empty environment for a moment."""

_PROC: Final = "/proc"
_MARK: Final = f"{JOB_VARIABLE}=".encode()


@dataclass(frozen=True, slots=True)
class Process:
    """One living process, told apart from a later one with the same pid by the time of its start."""

    pid: int
    start_ticks: int
    group: int
    session: int
    job_id: JobId
    """The job that its environment names; empty where it names none."""

    def send(self, number: signal.Signals) -> bool:
        """Send a signal. False where the process has gone."""
        if not hasattr(os, "pidfd_open"):
            return self._send_by_pid(number)
        try:
            pidfd = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            # The descriptor is of whoever has the pid at this moment; from here on it cannot become another.
            if not self.is_alive():
                return False
            signal.pidfd_send_signal(pidfd, number)
        except (ProcessLookupError, PermissionError):
            return False
        finally:
            os.close(pidfd)
        return True

    def is_alive(self) -> bool:
        """Whether this very process has not ended."""
        stat = _stat(self.pid)
        return stat is not None and stat.start_ticks == self.start_ticks

    def command(self) -> str:
        """Its command, shortened. Empty where it has gone."""
        line = _read(f"{self.pid}/cmdline")
        return line.replace(b"\0", b" ").decode("utf-8", "replace").strip()[:COMMAND_CHARACTERS_MAX]

    def _send_by_pid(self, number: signal.Signals) -> bool:
        if not self.is_alive():
            return False
        try:
            os.kill(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Stat:
    group: int
    session: int
    start_ticks: int


@cache
def visible() -> bool:
    """Whether this system shows its processes here."""
    return bool(_read("self/stat"))


def near(job_id: JobId, *, leader: int) -> Sequence[Process] | None:
    """The living processes of a run, other than its program, whose pid is or just was `leader`.

    Looks only at the pids given out since, which is right as long as the run is so short that the pids have not
    come round. None where they are too many, or cannot be known: then look `everywhere`.
    """
    found: list[Process] = []
    seen = leader
    for _ in range(SCANS_MAX):
        newest = _newest_pid()
        if newest is None or not 0 <= newest - leader <= NEIGHBOURS_MAX:
            return None
        if newest == seen:
            return found
        # Repeated, because a process may have started another and gone while it was looked at.
        found += _matching(range(seen + 1, newest + 1), _belongs_to(job_id, leader))
        seen = newest
    return None


def everywhere(job_id: JobId, *, leader: int) -> Sequence[Process]:
    """The living processes of a run, other than its program. Takes milliseconds: not on the loop."""
    belongs = _belongs_to(job_id, leader)
    seen = _newest_pid()
    found = {process.pid: process for process in _matching(_listed(), belongs) if process.pid != leader}
    for _ in range(SCANS_MAX):
        newest = _newest_pid()
        if seen is None or newest is None or not 0 < newest - seen <= NEIGHBOURS_MAX:
            break
        found |= {process.pid: process for process in _matching(range(seen + 1, newest + 1), belongs)}
        seen = newest
    return list(found.values())


def of_jobs(job_ids: Collection[JobId]) -> Sequence[Process]:
    """The living processes that name one of the jobs in their environment. Takes milliseconds: not on the loop."""
    return list(_matching(_listed(), lambda process: process.job_id in job_ids))


def _belongs_to(job_id: JobId, leader: int) -> Callable[[Process], bool]:
    return lambda process: process.session == leader or process.job_id == job_id


def _matching(pids: Iterable[int], belongs: Callable[[Process], bool]) -> Iterator[Process]:
    own = os.getpid()
    for pid in pids:
        if pid == own or (stat := _stat(pid)) is None:
            continue
        process = Process(
            pid=pid, start_ticks=stat.start_ticks, group=stat.group, session=stat.session, job_id=_job_id(pid)
        )
        if belongs(process) and _is_process(pid):
            yield process


def _stat(pid: int) -> _Stat | None:
    """What the kernel says of a process; None where there is none, or only its exit status is left."""
    if not (text := _read(f"{pid}/stat")):
        return None
    # The name before the last parenthesis may hold anything. Fields after it are counted from the state, field 3.
    fields = text[text.rfind(b")") + 2 :].split()
    if fields[0] in {b"Z", b"X", b"x"}:
        return None
    return _Stat(group=int(fields[2]), session=int(fields[3]), start_ticks=int(fields[19]))


def _is_process(pid: int) -> bool:
    """Whether the pid is a process: threads have numbers of the same kind."""
    return f"\nTgid:\t{pid}\n".encode() in _read(f"{pid}/status")


def _job_id(pid: int) -> JobId:
    for entry in _environment(pid).split(b"\0"):
        if entry.startswith(_MARK):
            return JobId(entry[len(_MARK) :].decode("ascii", "replace"))
    return JobId("")


def _environment(pid: int) -> bytes:
    for _ in range(EMPTY_READS_MAX):
        if environment := _read(f"{pid}/environ"):
            # To make room for a long one costs more than to read a short one.
            return environment if len(environment) < READ_BYTES else _read(f"{pid}/environ", READ_BYTES_MAX)
    return b""


def _newest_pid() -> int | None:
    """The pid given out last on this machine; None where it cannot be known."""
    fields = _read("loadavg").split()
    return int(fields[4]) if len(fields) > 4 else None


def _listed() -> Iterable[int]:
    try:
        names = os.listdir(_PROC)
    except OSError:
        return ()
    return [int(name) for name in names if name.isdecimal()]


def _read(name: str, bytes_max: int = READ_BYTES) -> bytes:
    """The beginning of a file below `/proc`; empty where it is gone, or another user's."""
    try:
        descriptor = os.open(f"{_PROC}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, bytes_max)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
