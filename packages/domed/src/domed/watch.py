"""Follows the changes of state of all jobs: listen, read, yield, wait.

What all watchers are sent is read and encoded once, and the newest of it is kept for them in bounded memory; a watcher
that is behind reads the store. Between two batches nothing is held for a watcher, so a slow one costs nothing and
loses nothing. Knows nothing of how a batch is sent.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from domed.bell import CHANGES, Bell
from domed.clock import Clock
from domed.errors import EventsGone
from domed.jobs.model import Job
from domed.ledger import JobLedger
from domed.store.port import JobChange

BATCH_MAX: Final = 256
"""Most changes of one batch."""
BATCH_BYTES_MAX: Final = 512 * 1024
"""Most bytes of the changes of one batch. One change may have more; it goes alone."""
KEPT_MAX: Final = 1024
"""Most changes that are kept in memory for all watchers."""
KEPT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Most bytes of those."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A change, and the bytes in which it is sent."""

    change: JobChange
    data: bytes


class Feed:
    """The changes after any revision. One for the daemon."""

    def __init__(
        self, ledger: JobLedger, bell: Bell, *, encode: Callable[[JobChange], bytes], kept_max: int = KEPT_MAX
    ) -> None:
        self._ledger = ledger
        self._encode = encode
        self._kept_max = kept_max
        self._kept: deque[Encoded] = deque()
        self._kept_bytes = 0
        self._read_to: int | None = None
        """Up to here the store was read; unless the bell rang since, there is nothing after it."""
        self._rung = bell.listen(CHANGES).rung
        self._reading = asyncio.Lock()

    async def begin(self, since_revision: int) -> int:
        """Where a watcher stands that has everything up to a revision; 0 stands before the oldest that is kept.

        Raises EventsGone for one that is older than what is kept, or that the store has not reached.
        """
        known = await self._ledger.changes(since_revision=0, limit=0)
        if since_revision == 0:
            return known.oldest - 1
        if not known.oldest - 1 <= since_revision <= known.latest:
            raise EventsGone(requested=since_revision, oldest=known.oldest, latest=known.latest)
        return since_revision

    async def after(self, revision: int) -> Sequence[Encoded]:
        """The changes that follow a revision, as many as a batch has; empty where there is none yet.

        Raises EventsGone where some of them were removed meanwhile.
        """
        self._ledger.check()
        if kept := self._from_kept(revision):
            return kept
        if self._read_to is not None and revision < self._read_to:
            return _batch(await self._read(revision))
        async with self._reading:
            # Whoever waited here finds what the one before has read.
            if (kept := self._from_kept(revision)) or self._is_latest(revision):
                return kept
            self._rung.clear()
            try:
                found = await self._read(revision)
            except BaseException:
                self._rung.set()  # nobody has seen what it rang for
                raise
            self._keep(revision, found)
        return _batch(found)

    def _from_kept(self, revision: int) -> Sequence[Encoded]:
        """Empty where nothing is kept that follows."""
        if not self._kept or not self._kept[0].change.revision <= revision + 1 <= self._kept[-1].change.revision:
            return ()
        first = revision + 1 - self._kept[0].change.revision
        return _batch(islice(self._kept, first, first + BATCH_MAX))

    def _is_latest(self, revision: int) -> bool:
        """Whether nothing follows. True only while nobody reads, who would have heard the bell for all."""
        return self._read_to == revision and not self._rung.is_set()

    async def _read(self, revision: int) -> Sequence[Encoded]:
        found = await self._ledger.changes(since_revision=revision, limit=BATCH_MAX)
        if revision + 1 < found.oldest:
            raise EventsGone(requested=revision, oldest=found.oldest, latest=found.latest)
        return [Encoded(change, self._encode(change)) for change in found.changes]

    def _keep(self, revision: int, found: Sequence[Encoded]) -> None:
        if len(found) == BATCH_MAX:
            self._rung.set()  # there may be more
        if revision != self._read_to:
            self._kept.clear()
            self._kept_bytes = 0
        self._read_to = found[-1].change.revision if found else revision
        self._kept.extend(found)
        self._kept_bytes += sum(len(each.data) for each in found)
        while len(self._kept) > self._kept_max or self._kept_bytes > KEPT_BYTES_MAX:
            self._kept_bytes -= len(self._kept.popleft().data)


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes that follow those of the batch before, but for those that the watcher does not want."""

    changes: Sequence[Encoded]
    revision: int
    """The watcher has everything up to here."""


async def watch(
    feed: Feed,
    bell: Bell,
    *,
    clock: Clock,
    since_revision: int,
    wanted: Callable[[Job], bool],
    heartbeat_s: float,
) -> AsyncIterator[Batch]:
    """Every change after `since_revision` that is `wanted`, in order and once, for as long as the watcher stays.

    The first batch comes at once. One without changes comes after `heartbeat_s` in which there was nothing to say.
    Raises EventsGone where retention is ahead of the watcher.
    """
    with bell.listen(CHANGES) as listener:
        position = await feed.begin(since_revision)
        told_s = None
        while True:
            found = await feed.after(position)
            if found:
                position = found[-1].change.revision
            now_s = clock.monotonic()
            chosen = [each for each in found if wanted(each.change.job)]
            if chosen or told_s is None or now_s - told_s >= heartbeat_s:
                told_s = now_s
                yield Batch(chosen, position)
            elif found:
                await asyncio.sleep(0)  # nothing to send is no reason to keep the loop from others
            else:
                await listener.wait(told_s + heartbeat_s - now_s)


def _batch(found: "Sequence[Encoded] | islice[Encoded]") -> Sequence[Encoded]:
    chosen: list[Encoded] = []
    size = 0
    for each in found:
        size += len(each.data)
        if chosen and size > BATCH_BYTES_MAX:
            break
        chosen.append(each)
    return chosen
