"""Finds processes of a job and sends them signals, without ever meeting another process by a reused pid.

A process belongs to a job if it is in the session of the job's program, has the job's mark among its limits, or
carries the job's id in the environment that it was started with. One that rid itself of all three is not found here:
the run's control group shows it, where there is one. Reads `/proc`; where there is none, nothing is found.
"""

import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from dome_contracts.ids import JobId
from domed.executors import limit_mark
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
    """The job that it is of."""

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


_JobOf = Callable[[int, _Stat], JobId | None]
"""Whose process it is; None where it is none of those that are looked for."""


@cache
def visible() -> bool:
    """Whether this system shows its processes here."""
    return bool(_read("self/stat"))


def near(job_id: JobId, *, leader: int, first_pid: int) -> Sequence[Process] | None:
    """The living processes of a run, other than its program, whose pid is or just was `leader`.

    Looks only at the pids given out since `first_pid`, which is right as long as the run is so short that the pids have
    not come round. None where they are too many, or cannot be known: then look `everywhere`.
    """
    found: list[Process] = []
    seen = first_pid
    for _ in range(SCANS_MAX):
        newest = newest_pid()
        if newest is None or not 0 <= newest - first_pid <= NEIGHBOURS_MAX:
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
    seen = newest_pid()
    found = {process.pid: process for process in _matching(_listed(), belongs) if process.pid != leader}
    for _ in range(SCANS_MAX):
        newest = newest_pid()
        if seen is None or newest is None or not 0 < newest - seen <= NEIGHBOURS_MAX:
            break
        found |= {process.pid: process for process in _matching(range(seen + 1, newest + 1), belongs)}
        seen = newest
    return list(found.values())


def of_jobs(job_ids: Collection[JobId]) -> Sequence[Process]:
    """The living processes that are marked as one of the jobs'. Takes milliseconds: not on the loop."""
    marks = {limit_mark.number(job_id): job_id for job_id in job_ids}

    def job_of(pid: int, _: _Stat) -> JobId | None:
        if mark := limit_mark.of(pid):
            return marks.get(mark)
        job_id = _job_id(pid)
        return job_id if job_id in job_ids else None

    return list(_matching(_listed(), job_of))


def living(pids: Iterable[int], *, job_id: JobId) -> Sequence[Process]:
    """Those of the pids that are living processes, as processes of this job whatever their marks say."""
    return list(_matching(pids, lambda _pid, _stat: job_id))


def _belongs_to(job_id: JobId, leader: int) -> _JobOf:
    own_session, wanted = os.getsid(0), limit_mark.number(job_id)

    def job_of(pid: int, stat: _Stat) -> JobId | None:
        if stat.session == leader:
            return job_id
        if stat.session == own_session:
            # No process of a run comes back to the daemon's session. It is one of the daemon's helpers, which may
            # have been started in the moment in which a run was.
            return None
        # The environment, which takes long to read, counts where there is no other mark.
        if mark := limit_mark.of(pid):
            return job_id if mark == wanted else None
        return job_id if _job_id(pid) == job_id else None

    return job_of


def _matching(pids: Iterable[int], job_of: _JobOf) -> Iterator[Process]:
    own = os.getpid()
    for pid in pids:
        if pid == own or (stat := _stat(pid)) is None:
            continue
        if (job_id := job_of(pid, stat)) is not None and _is_process(pid):
            yield Process(pid=pid, start_ticks=stat.start_ticks, group=stat.group, session=stat.session, job_id=job_id)


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


def newest_pid() -> int | None:
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
