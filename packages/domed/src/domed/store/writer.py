"""The one thread that writes to SQLite: group commit over one connection.

Whatever is asked for while a transaction is on its way to the disk becomes the next transaction. So one
writer alone waits for no timer, and many share the cost of a sync. Much output goes in several transactions, and lets
little things of others pass: a quiet program does not wait for a flood. Knows no SQL but that of transactions.

A full disk is no failure: what can be refused is refused, and what cannot waits until there is space. So a program
whose output finds no room is held back by its pipe, and goes on where it was.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final, Literal, TypeVar, cast

from domed.errors import StorageFull
from domed.faults import StoreClosed, StoreError
from domed.telemetry import Log

GROUP_OPERATIONS_MAX: Final = 500
GROUP_BYTES_MAX: Final = 512 * 1024
"""About so much goes in one transaction; one write may be larger."""
LARGE_BYTES: Final = 32 * 1024
"""A write of more lets smaller ones of others pass."""
FULL_PAUSE_S: Final = 0.25
"""Between two tries while the disk is full."""

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

_OWN_ERRORS: Final = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
"""What SQLite raises because of one operation. Its other errors say something about the store."""
_FULL: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""No space for the write, or for the index of the log: nothing was written, and nothing that was synced is in doubt."""

_LOG = Log("store.writer")


@dataclass(slots=True)
class _Write:
    operation: Operation[Any]
    size: int
    of: str
    future: "asyncio.Future[Any]"
    when_full: Literal["wait", "refuse"]
    result: Any = None
    error: BaseException | None = None

    def waits_for_space(self) -> bool:
        return self.when_full == "wait" and isinstance(self.error, StorageFull)


class Writer:
    """Runs operations, those of one owner in order, each in a transaction, and says so when they are durable."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """The connection is in autocommit mode, and from here on the writer's alone."""
        self._connection = connection
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._failure: StoreError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._held: deque[_Write | None] = deque()
        """What was asked for and has to wait for space or for its turn. It comes before what is in the queue."""
        self._full = False

    def write(
        self, operation: Operation[T], *, size: int, of: str = "", when_full: Literal["wait", "refuse"] = "wait"
    ) -> asyncio.Future[T]:
        """Ask for one operation. `size` is about how many bytes it writes. One that is refused raises StorageFull.

        `of`: its owner, such as a job. Operations of one owner take effect in the order of the calls.
        """
        if self._closed:
            raise StoreClosed("the store is closed")
        loop = self._running()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Write(operation, size, of, cast("asyncio.Future[Any]", future), when_full))
        return future

    async def close(self) -> None:
        """Finish what was asked for and close the connection."""
        if self._closed:
            return
        self._closed = True
        if self._thread is None:
            self._connection.close()
            return
        self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            # A daemon thread: what was acknowledged is on the disk, and nothing else keeps a process alive.
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name="store-writer", daemon=True)
            self._thread.start()
        return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        last = False
        while not last:
            group, last = self._next_group()
            done = self._commit(group)
            if self._full and self._held:
                done += self._given_up() if last else self._refused()
            last = not _tell(loop, done) or last
        self._connection.close()

    def _next_group(self) -> tuple[list[_Write], bool]:
        """What is written next, and whether that is the last."""
        if not self._held:
            self._held.append(self._queue.get())
        with suppress(Empty):
            while True:
                self._held.append(self._queue.get_nowait())
        asked = [write for write in self._held if write is not None]
        # Nothing is asked for after the end.
        ends = len(asked) < len(self._held)
        group, later = _in_turn(asked)
        self._held = deque([*later, None] if ends and later else later)
        return group, ends and not later

    def _commit(self, group: list[_Write]) -> list[_Write]:
        """Those of the group whose answer is known. Where the disk is full, the others are held."""
        if group and not self._transaction(group) and self._failure is None:
            for number, write in enumerate(group):
                if not self._transaction([write]) and write.waits_for_space():
                    self._held.extendleft(reversed(group[number:]))
                    return group[:number]
        if self._failure is not None:
            for write in group:
                write.error = write.error or self._failure
        return group

    def _refused(self) -> list[_Write]:
        """Pause while the disk is full. Those of what is held, or comes meanwhile, that need not wait for space."""
        with suppress(Empty):
            self._held.append(self._queue.get(timeout=FULL_PAUSE_S))
        refused = [write for write in self._held if write is not None and write.when_full == "refuse"]
        self._held = deque(write for write in self._held if write is None or write.when_full == "wait")
        for write in refused:
            write.error = StorageFull()
        return refused

    def _given_up(self) -> list[_Write]:
        """The store is closed before there is space: what waits was never written."""
        left = [write for write in self._held if write is not None]
        self._held.clear()
        for write in left:
            write.error = StoreClosed("the store was closed while the disk was full")
        return left

    def _transaction(self, group: list[_Write]) -> bool:
        """Run the group in one transaction. False: rolled back, and the last write that ran has the error."""
        if self._failure is not None:
            return False
        write = group[0]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for write in group:
                write.error = None
                write.result = write.operation(self._connection)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 an operation may raise anything, and its caller is told
            if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) in _FULL:
                self._note_full(error)
                write.error = StorageFull()
            elif isinstance(error, sqlite3.Error) and not isinstance(error, _OWN_ERRORS):
                self._fail(error)
            else:
                write.error = error
            self._roll_back()
            return False
        if self._full:
            self._full = False
            _LOG.warning("there is space on the disk again: what waited is written")
        return True

    def _note_full(self, error: sqlite3.Error) -> None:
        if not self._full:
            self._full = True
            _LOG.failure("the disk is full: what cannot wait is refused until there is space", error)

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._fail(error)

    def _fail(self, error: sqlite3.Error) -> None:
        # A commit that failed is not tried again: after a failed sync the kernel may have dropped what it held.
        if self._failure is None:
            self._failure = StoreError(f"the store failed: {type(error).__name__}: {error}")
            self._failure.__cause__ = error


def _in_turn(asked: Sequence[_Write]) -> tuple[list[_Write], list[_Write]]:
    """What goes into the next transaction, and what comes after it.

    Each time the first goes, whatever it is, so that nobody is passed for ever.
    """
    group: list[_Write] = []
    later: list[_Write] = []
    waiting: set[str] = set()
    size = 0
    for write in asked:
        is_too_much = write.size > LARGE_BYTES and size + write.size > GROUP_BYTES_MAX
        if group and (write.of in waiting or is_too_much or len(group) >= GROUP_OPERATIONS_MAX):
            later.append(write)
            waiting.add(write.of)
        else:
            group.append(write)
            size += write.size
    return group, later


def _tell(loop: asyncio.AbstractEventLoop, group: list[_Write]) -> bool:
    """False: the loop is gone, and with it everybody who could be told."""
    try:
        loop.call_soon_threadsafe(_settle, group)
    except RuntimeError:
        return False
    return True


def _settle(group: list[_Write]) -> None:
    for write in group:
        if write.future.cancelled():
            continue
        if write.error is not None:
            write.future.set_exception(write.error)
        else:
            write.future.set_result(write.result)
