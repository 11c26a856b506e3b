"""The one thread that writes to SQLite: group commit over one connection.

Whatever is asked for while a transaction is on its way to the disk becomes the next transaction. So one
writer alone waits for no timer, and many share the cost of a sync. Knows no SQL but that of transactions.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar, cast

from domed.faults import StoreClosed, StoreError

GROUP_OPERATIONS_MAX: Final = 500
GROUP_BYTES_MAX: Final = 4 * 1024 * 1024

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

_OWN_ERRORS: Final = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
"""What SQLite raises because of one operation. Its other errors say something about the store."""


@dataclass(slots=True)
class _Write:
    operation: Operation[Any]
    size: int
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs operations in order, each in a transaction, and says so when they are durable."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """The connection is in autocommit mode, and from here on the writer's alone."""
        self._connection = connection
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._failure: StoreError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def write(self, operation: Operation[T], *, size: int) -> asyncio.Future[T]:
        """Ask for one operation. `size` is about how many bytes it writes."""
        if self._closed:
            raise StoreClosed("the store is closed")
        loop = self._running()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Write(operation, size, cast("asyncio.Future[Any]", future)))
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
            if group:
                self._commit(group)
                try:
                    loop.call_soon_threadsafe(_settle, group)
                except RuntimeError:  # The loop is gone, and with it everybody who could be told.
                    last = True
        self._connection.close()

    def _next_group(self) -> tuple[list[_Write], bool]:
        group: list[_Write] = []
        size = 0
        write = self._queue.get()
        while write is not None:
            group.append(write)
            size += write.size
            if len(group) >= GROUP_OPERATIONS_MAX or size >= GROUP_BYTES_MAX:
                return group, False
            try:
                write = self._queue.get_nowait()
            except Empty:
                return group, False
        return group, True

    def _commit(self, group: list[_Write]) -> None:
        if not self._transaction(group) and self._failure is None:
            for write in group:
                self._transaction([write])
        if self._failure is not None:
            for write in group:
                write.error = write.error or self._failure

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
            if isinstance(error, sqlite3.Error) and not isinstance(error, _OWN_ERRORS):
                self._fail(error)
            else:
                write.error = error
            self._roll_back()
            return False
        return True

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


def _settle(group: list[_Write]) -> None:
    for write in group:
        if write.future.cancelled():
            continue
        if write.error is not None:
            write.future.set_exception(write.error)
        else:
            write.future.set_result(write.result)
