"""Named locks: held by a job from before its start to its end, and waited for in the order of the queue.

In memory only: a lock ends with the daemon, as its jobs do. Knows no job states and wakes nobody.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from dome_contracts.ids import JobId

_PROMISED: Final = -1_000_000
"""Goes before every priority."""


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """A place in the queue: the highest priority first, then the oldest. Lower ranks go before."""

    priority_reversed: int
    job_id: JobId
    """Ids sort by age."""

    @classmethod
    def of(cls, job_id: JobId, *, priority: int) -> "Rank":
        """The place of a job."""
        return cls(-priority, job_id)

    @classmethod
    def before_all(cls, job_id: JobId) -> "Rank":
        """The place of a job that was promised its locks."""
        return cls(_PROMISED, job_id)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a job does not get its locks."""

    lock: str
    holder: JobId
    """The job that holds the lock, or goes before in waiting for it."""


@dataclass(frozen=True, slots=True)
class LockState:
    """One lock that is held or waited for."""

    name: str
    holders: Sequence[JobId]
    """One job, and those of its descendants that took the lock too."""
    waiters: Sequence[JobId]
    """In the order in which they will get it."""


class Locks:
    """All locks of the daemon."""

    def __init__(self) -> None:
        self._holders: dict[str, list[JobId]] = {}
        self._waiting: dict[JobId, tuple[Rank, frozenset[str]]] = {}

    def try_acquire(self, names: Collection[str], rank: Rank, *, ancestors: Collection[JobId] = ()) -> Blocked | None:
        """Take all of the locks or none. None when they were taken; else the job waits for them from now on.

        A free lock is kept for the waiter of the lowest rank. A job waits for nothing that an ancestor holds, and
        for nothing that is merely kept: the one it is kept for may wait for that very ancestor.
        """
        known, _ = self._waiting.get(rank.job_id, (rank, None))
        rank = min(known, rank)
        if blocked := self.blocked(names, rank, ancestors=ancestors):
            self._waiting[rank.job_id] = (rank, frozenset(names))
            return blocked
        self._waiting.pop(rank.job_id, None)
        for name in names:
            self._holders.setdefault(name, []).append(rank.job_id)
        return None

    def reserve(self, names: Collection[str], rank: Rank, *, ancestors: Collection[JobId] = ()) -> Blocked | None:
        """Keep all of the locks for the job, before every other waiter, or none. None when they are kept.

        Then `try_acquire` is blocked by nothing but jobs that wait for nothing that is kept: see there.
        """
        if blocked := self.blocked(names, rank, ancestors=ancestors):
            return blocked
        self._waiting[rank.job_id] = (Rank.before_all(rank.job_id), frozenset(names))
        return None

    def blocked(self, names: Collection[str], rank: Rank, *, ancestors: Collection[JobId] = ()) -> Blocked | None:
        """What `try_acquire` would answer. Changes nothing."""
        for name in sorted(names):
            for holder in self._holders.get(name, ()):
                if holder not in ancestors:
                    return Blocked(name, holder)
            if ancestors:
                continue
            for waiter, wanted in self._waiting.values():
                if waiter < rank and name in wanted and waiter.job_id != rank.job_id:
                    return Blocked(name, waiter.job_id)
        return None

    def release(self, job_id: JobId) -> None:
        """Give back what the job holds and forget what it waits for. Harmless when repeated."""
        self._waiting.pop(job_id, None)
        for name in [name for name, holders in self._holders.items() if job_id in holders]:
            self._holders[name].remove(job_id)
            if not self._holders[name]:
                del self._holders[name]

    def give_up(self, job_ids: Collection[JobId]) -> None:
        """Forget what these wait for: they will not be jobs."""
        for job_id in job_ids:
            self._waiting.pop(job_id, None)

    def keep_waiting(self, job_ids: Collection[JobId]) -> None:
        """Forget every waiter but these: the others have left the queue."""
        for job_id in self._waiting.keys() - set(job_ids):
            del self._waiting[job_id]

    def state(self) -> Sequence[LockState]:
        """Every lock that is held or waited for, by name."""
        names = set(self._holders).union(*(wanted for _, wanted in self._waiting.values()))
        return [
            LockState(
                name=name,
                holders=tuple(self._holders.get(name, ())),
                waiters=tuple(rank.job_id for rank, wanted in self._in_order() if name in wanted),
            )
            for name in sorted(names)
        ]

    def _in_order(self) -> Sequence[tuple[Rank, frozenset[str]]]:
        return sorted(self._waiting.values(), key=lambda waiting: waiting[0])
