"""The writer thread: order, groups, and who is told of which error."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domed.errors import StorageFull
from domed.faults import StoreClosed, StoreError
from domed.store.writer import GROUP_BYTES_MAX, GROUP_OPERATIONS_MAX, Writer

WAIT_S = 10.0


class CountingConnection(sqlite3.Connection):
    """Counts transactions, and fails the commits that it is told to fail."""

    commits = 0
    commit_error: sqlite3.Error | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.failed = threading.Semaphore(0)
        """Released by each commit that fails."""

    def execute(self, sql: str, parameters: object = ()) -> sqlite3.Cursor:
        if sql == "COMMIT":
            self.commits += 1
            if self.commit_error is not None:
                self.failed.release()
                raise self.commit_error
        return super().execute(sql, parameters)  # type: ignore[arg-type]


@pytest.fixture
async def connection(tmp_path: Path) -> CountingConnection:
    connection = sqlite3.connect(
        tmp_path / "x.sqlite", isolation_level=None, check_same_thread=False, factory=CountingConnection
    )
    connection.execute("CREATE TABLE number (value INTEGER PRIMARY KEY) STRICT")
    return connection


@pytest.fixture
async def writer(connection: CountingConnection) -> AsyncIterator[Writer]:
    writer = Writer(connection)
    yield writer
    await writer.close()


def insert(writer: Writer, value: int, *, size: int = 1) -> asyncio.Future[int]:
    def operation(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO number VALUES (:value)", {"value": value})
        return value

    return writer.write(operation, size=size)


async def values(writer: Writer) -> list[int]:
    return await writer.write(
        lambda connection: [value for (value,) in connection.execute("SELECT value FROM number")], size=0
    )


class Gate:
    """Holds the writer thread inside an operation, so that what is asked for meanwhile becomes one group."""

    def __init__(self, writer: Writer) -> None:
        self._open = threading.Event()
        self.passed = writer.write(lambda _: self._open.wait(WAIT_S), size=0)

    def open(self) -> None:
        self._open.set()


async def test_what_is_asked_for_during_a_transaction_becomes_the_next_one(
    writer: Writer, connection: CountingConnection
) -> None:
    gate = Gate(writer)
    writes = [insert(writer, value) for value in range(100)]
    gate.open()
    assert await asyncio.gather(*writes) == list(range(100))
    assert connection.commits <= 2


async def test_a_group_has_a_limit(writer: Writer, connection: CountingConnection) -> None:
    gate = Gate(writer)
    writes = [insert(writer, value) for value in range(2 * GROUP_OPERATIONS_MAX)]
    large = [insert(writer, 10_000 + value, size=3 * 1024 * 1024) for value in range(4)]
    gate.open()
    await asyncio.gather(*writes, *large)
    # By count alone there would be three, by size alone two.
    assert connection.commits >= 4


async def test_little_passes_much_of_others_and_nothing_passes_its_own(writer: Writer) -> None:
    done: list[str] = []

    def ask(name: str, of: str, *, size: int) -> asyncio.Future[None]:
        return writer.write(lambda _: done.append(name), size=size, of=of)

    gate = Gate(writer)
    much = GROUP_BYTES_MAX // 2 + 1
    asked = [ask(f"flood {number}", "flood", size=much) for number in range(3)]
    asked += [ask("quiet 0", "quiet", size=1), ask("flood 3", "flood", size=1), ask("quiet 1", "quiet", size=1)]
    gate.open()
    await asyncio.gather(*asked)
    assert done == ["flood 0", "quiet 0", "quiet 1", "flood 1", "flood 2", "flood 3"]


async def test_what_was_passed_is_written_before_the_end(writer: Writer) -> None:
    gate = Gate(writer)
    asked = [insert(writer, value, size=GROUP_BYTES_MAX) for value in range(3)]
    closing = asyncio.create_task(writer.close())
    gate.open()
    await closing
    assert await asyncio.gather(*asked) == [0, 1, 2]


async def test_a_bad_operation_fails_alone(writer: Writer) -> None:
    gate = Gate(writer)
    writes = [insert(writer, value) for value in (1, 2, 1, 3)]
    gate.open()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [int, int, sqlite3.IntegrityError, int]
    assert await values(writer) == [1, 2, 3]


async def test_an_operation_that_is_no_sql_fails_alone_too(writer: Writer) -> None:
    def operation(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO number VALUES (9)")
        raise LookupError("no")

    results = await asyncio.gather(insert(writer, 1), writer.write(operation, size=0), return_exceptions=True)
    assert isinstance(results[1], LookupError)
    assert await values(writer) == [1]


async def test_a_commit_that_fails_is_the_end(writer: Writer, connection: CountingConnection) -> None:
    await insert(writer, 1)
    connection.commit_error = sqlite3.OperationalError("disk I/O error")
    results = await asyncio.gather(insert(writer, 2), insert(writer, 3), return_exceptions=True)
    assert all(isinstance(result, StoreError) and "disk I/O error" in str(result) for result in results)
    connection.commit_error = None
    with pytest.raises(StoreError, match="disk I/O error"):
        await insert(writer, 4)


def full() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


async def test_on_a_full_disk_what_cannot_wait_is_refused_and_the_rest_waits_in_its_order(
    writer: Writer, connection: CountingConnection
) -> None:
    connection.commit_error = full()
    waiting: list[asyncio.Future[Any]] = [insert(writer, 1)]
    assert await asyncio.to_thread(connection.failed.acquire, timeout=WAIT_S)
    for value in (10, 11):
        with pytest.raises(StorageFull):
            await writer.write(lambda _: 0, size=1, when_full="refuse")
        waiting.append(insert(writer, value))
    waiting.append(writer.write(lambda found: found.execute("UPDATE number SET value = 5 WHERE value = 1"), size=1))
    assert await asyncio.to_thread(connection.failed.acquire, timeout=WAIT_S)
    assert not any(write.done() for write in waiting)
    connection.commit_error = None
    await asyncio.gather(*waiting)
    assert await values(writer) == [5, 10, 11]


async def test_a_large_write_on_a_nearly_full_disk_does_not_refuse_a_small_one(
    writer: Writer, connection: CountingConnection
) -> None:
    def large(_: sqlite3.Connection) -> None:
        raise full()

    gate = Gate(writer)
    writes: list[asyncio.Future[Any]] = [
        insert(writer, 1),
        writer.write(large, size=1, when_full="refuse"),
        insert(writer, 2),
    ]
    gate.open()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [int, StorageFull, int]


async def test_a_store_that_is_closed_on_a_full_disk_says_what_was_never_written(
    writer: Writer, connection: CountingConnection
) -> None:
    connection.commit_error = full()
    write = insert(writer, 1)
    await writer.close()
    with pytest.raises(StoreClosed):
        await write


async def test_a_cancelled_caller_does_not_take_the_write_back(writer: Writer) -> None:
    gate = Gate(writer)
    write = insert(writer, 1)
    write.cancel()
    gate.open()
    await gate.passed
    assert await values(writer) == [1]


async def test_closing_finishes_what_was_asked_for(writer: Writer) -> None:
    writes = [insert(writer, value) for value in range(50)]
    await writer.close()
    assert await asyncio.gather(*writes) == list(range(50))
    with pytest.raises(StoreClosed):
        insert(writer, 51)


async def test_a_writer_that_never_wrote_closes(connection: CountingConnection) -> None:
    writer = Writer(connection)
    await writer.close()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")
