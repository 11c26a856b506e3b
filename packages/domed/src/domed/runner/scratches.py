"""Scratch directories at hand: made before they are needed and removed after, many at a time and beside the loop.

A private and empty directory for every run is a promise; that every run waits for the disk twice is not. One that comes
back untouched is as good as new: most runs need none. Knows no processes.
"""

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from dome_contracts.ids import JobId
from domed.executors import scratch

SPARES_MAX: Final = 32
"""So many empty directories are kept at hand once jobs run."""
SPARES_MIN: Final = 8
"""Fewer, and others are made."""
SWEEP_S: Final = 0.05
"""Directories of runs that are over wait so long for each other: each turn of another thread is dear."""


@dataclass(frozen=True, slots=True)
class Spare:
    """An empty directory."""

    directory: Path
    stamp: tuple[int, ...]
    """What changes with every change of the directory, but for two within one tick of the clock."""

    def is_untouched(self) -> bool:
        """Whether it is as it was made."""
        return _stamp(self.directory) == self.stamp and not os.listdir(self.directory)


class Lent:
    """The directory of one run for a block."""

    def __init__(
        self, scratches: "Scratches", directory: Path, made: asyncio.Future[None], *, spare: Spare | None = None
    ) -> None:
        self.directory = directory
        self.made = made
        """Done when it is there. Raises OSError."""
        self._scratches = scratches
        self._spare = spare
        self._given_back = False

    async def __aenter__(self) -> Self:
        return self

    def give_back(self) -> None:
        """Have it removed: the run is over, or will not be. Harmless when repeated."""
        if not self._given_back:
            self._given_back = True
            if self.made.done():
                self._take_back(self.made)
            else:
                self.made.add_done_callback(self._take_back)

    async def __aexit__(self, *_: object) -> None:
        self.give_back()

    def _take_back(self, made: "asyncio.Future[None]") -> None:
        # One that was cancelled with the daemon itself may be made all the same: the next one removes it.
        if not made.cancelled() and made.exception() is None:
            self._scratches.take_back(self.directory, self._spare)


class Scratches:
    """The scratch directories of all runs below one root, which belongs to them. For one event loop."""

    def __init__(self, root: Path) -> None:
        # Whoever holds a run to its own places takes a link for one that was put there meanwhile.
        self._root = Path(os.path.realpath(root))
        self._spares: deque[Spare] = deque()
        self._used: list[Path] = []
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._closed = False

    def lend(self, job_id: JobId) -> Lent:
        """A directory that is there already, or is being made: private, empty, and nobody else's."""
        loop = asyncio.get_running_loop()
        if len(self._spares) <= SPARES_MIN:
            self._sweep_soon()
        if self._spares and _stamp(self._spares[0].directory):
            spare = self._spares.popleft()
            there: asyncio.Future[None] = loop.create_future()
            there.set_result(None)
            return Lent(self, spare.directory, there, spare=spare)
        self._spares.clear()
        # Never one that was lent before: that one may be about to be removed.
        directory = self._root / f"{job_id}-{self._number}"
        self._number += 1
        return Lent(self, directory, loop.run_in_executor(None, scratch.make, directory))

    def take_back(self, directory: Path, spare: Spare | None = None) -> None:
        """Keep a directory that was not touched, and have any other removed with all it holds."""
        if self._closed:
            # Nobody sweeps any more, and the loop has nothing else to do.
            _remove([directory])
            return
        if spare is not None and len(self._spares) < SPARES_MAX and spare.is_untouched():
            self._spares.append(spare)
            return
        self._used.append(directory)
        self._sweep_soon()

    async def close(self) -> None:
        """Remove everything. Nothing is lent any more, and what comes back is removed at once."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sweeping is not None:
            await self._sweeping
        await asyncio.to_thread(_remove, [*self._used, *(spare.directory for spare in self._spares)])
        self._used.clear()
        self._spares.clear()

    def _sweep_soon(self) -> None:
        if self._timer is None and self._sweeping is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(SWEEP_S, self._begin_sweep)

    def _begin_sweep(self) -> None:
        self._timer = None
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep())

    async def _sweep(self) -> None:
        used, self._used = self._used, []
        wanted = SPARES_MAX - len(self._spares) if len(self._spares) < SPARES_MIN else 0
        names = [self._root / str(self._number + number) for number in range(wanted)]
        self._number += wanted
        try:
            self._spares.extend(await asyncio.to_thread(_removed_and_made, used, names))
        finally:
            self._sweeping = None
        if self._used:
            self._sweep_soon()


def _remove(directories: Sequence[Path]) -> None:
    for directory in directories:
        scratch.remove(directory)


def _stamp(directory: Path) -> tuple[int, ...]:
    """Empty where there is none."""
    try:
        found = os.stat(directory)
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, found.st_mode, found.st_uid, found.st_mtime_ns, found.st_ctime_ns)


def _removed_and_made(used: Sequence[Path], wanted: Sequence[Path]) -> list[Spare]:
    """In a thread. Gives those that could be made: a run that finds none has its own made, and is told why not."""
    _remove(used)
    made = []
    for directory in wanted:
        try:
            scratch.make(directory)
        except OSError:
            break
        made.append(Spare(directory, _stamp(directory)))
    return made
