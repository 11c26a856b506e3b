"""One SQLite file that is written by one thread and read by another. Knows no table."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from domed.faults import StoreClosed, StoreError
from domed.store.writer import Writer

T = TypeVar("T")


class SqliteFile:
    """What every part of the store stands on."""

    def __init__(self, writer: Writer, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._closed = False

    async def close(self) -> None:
        """Finish what was asked for, then close."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._reading, self._reader.close)
        self._reading.shutdown(wait=False)
        await self._writer.close()

    def answers(self) -> asyncio.Future[None]:
        """Change nothing. Done when the writer has come to it."""
        return self._writer.write(lambda _: None, size=0, when_full="refuse")

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise StoreClosed("the store is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, read, self._reader)
        except sqlite3.Error as error:
            raise StoreError(f"the store cannot be read: {error}") from error
